//! The daily overview: each lead is shown every critical task that is open, also when there is none. A lead who gets no
//! overview knows that the watch itself is down.

use crate::domain::{
    AwayToday, CaseloadId, Change, Content, OpenTask, Origin, Overview, Person, Pile, Routine, Snapshot,
    Task, TaskState, Term, WhyNot,
};

use super::leads::Keeps;
use super::{Office, routine};

/// How many tasks an overview names.
const NAMED: usize = 20;

/// It is time: one letter to each lead.
pub(super) fn moment_came(office: Office<'_>, snapshot: &Snapshot) -> Vec<Change> {
    let Some(next) = routine::come(office, snapshot, Routine::Overview) else {
        return Vec::new();
    };
    let mut changes = vec![next];
    changes.extend(
        office.tell_leads(Keeps::Today, snapshot.next.letter, |caseloads| {
            Some(Content::Overview(office.overview(snapshot, caseloads)))
        }),
    );
    changes
}

impl Office<'_> {
    fn overview(self, snapshot: &Snapshot, caseloads: &[&CaseloadId]) -> Overview {
        // What lies in a caseload that the rules do not have any more lies where its ladder is.
        let is_theirs = |stored: &CaseloadId| caseloads.contains(&&self.rules.caseload(stored).id);
        let piles = snapshot.piles.iter().filter(|(stored, _)| is_theirs(stored));
        let piles: Vec<&Pile> = piles.map(|(_, pile)| pile).collect();
        let open = piles.iter().map(|pile| pile.open).sum();
        let mut first: Vec<&Task> = piles.iter().flat_map(|pile| &pile.first).collect();
        first.sort_unstable_by_key(|task| (task.due, task.id));
        first.truncate(NAMED);
        Overview {
            at: self.civil(self.now),
            caseloads: caseloads
                .iter()
                .map(|id| self.rules.caseload(id).title.clone())
                .collect(),
            open,
            overdue: piles.iter().map(|pile| pile.overdue).sum(),
            more: open.saturating_sub(u64::try_from(first.len()).unwrap_or(u64::MAX)),
            tasks: first.into_iter().map(|task| self.listed(task)).collect(),
            read: snapshot.read.map(|at| self.civil(at)),
            away: self.away_today(caseloads),
        }
    }

    fn listed(self, task: &Task) -> OpenTask {
        OpenTask {
            task: task.id,
            title: task.title.clone(),
            caseload: self.rules.caseload(&task.caseload).title.clone(),
            received: self.civil(task.received),
            due: self.civil(task.due),
            overdue: task.due < self.now,
            taken: matches!(task.state, TaskState::Taken { .. }),
            holder: task.with().map(|id| self.name(id)),
        }
    }

    /// Who of the people behind these caseloads is not there today.
    fn away_today(self, caseloads: &[&CaseloadId]) -> Vec<AwayToday> {
        let evening = self.rules.calendar.due(self.now, Term::WorkingDays(0)).at;
        let is_news = |why: &WhyNot| matches!(why, WhyNot::Absent | WhyNot::Unreachable);
        self.people_behind(caseloads)
            .into_iter()
            .filter_map(|person| {
                let why = self.why_not_there(person, evening, false).filter(is_news)?;
                Some(AwayToday {
                    name: person.name.clone(),
                    why,
                    until: self.last_day_away(person, why),
                })
            })
            .collect()
    }

    /// The last day of the absence that is now.
    fn last_day_away(self, person: &Person, why: WhyNot) -> Option<jiff::civil::Date> {
        let is_it = |origin: &Origin| (*origin == Origin::Bounced) == (why == WhyNot::Unreachable);
        let mut now = self
            .absences_of(&person.id)
            .filter(|absence| is_it(&absence.origin));
        let until = now.find(|absence| absence.covers(self.now))?.away.until?;
        Some(self.rules.calendar.last_day(until))
    }
}
