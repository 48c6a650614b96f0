//! The daily overview: each lead is shown every critical task that is open, also when there is none. A lead who gets no
//! overview knows that the watch itself is down.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::{
    About, AwayToday, CaseloadId, Change, Content, Letter, OpenTask, Origin, Overview, Person, PersonId,
    Pile, Routine, Snapshot, Task, TaskState, Term, WhyNot,
};

use super::tell::Target;
use super::{Office, routine};

/// How many tasks an overview names.
const NAMED: usize = 20;

/// When overviews are written next, where that is not what is stored.
pub(super) fn planned(office: Office<'_>, snapshot: &Snapshot) -> Option<Change> {
    routine::planned(office, snapshot, Routine::Overview, office.next_overview())
}

/// It is time: one letter to each lead. A time that was slept through is made up once.
pub(super) fn moment_came(office: Office<'_>, snapshot: &Snapshot) -> Vec<Change> {
    if routine::due(office, snapshot, Routine::Overview).is_none() {
        return Vec::new();
    }
    let mut changes = vec![Change::RoutineSet {
        routine: Routine::Overview,
        next: office.next_overview(),
    }];
    let mut letter = snapshot.next.letter;
    for (lead, caseloads) in office.leads() {
        let Some(target) = office.reader_of(lead, &caseloads) else {
            continue;
        };
        changes.push(Change::Queued(Box::new(Letter {
            id: letter,
            about: About::Office,
            to: target.address().to_owned(),
            name: target.name(),
            queued: office.now,
            content: Content::Overview(office.overview(snapshot, &caseloads)),
        })));
        letter = letter.next();
    }
    changes
}

impl<'a> Office<'a> {
    /// When overviews are written after now.
    fn next_overview(self) -> Option<Timestamp> {
        let time = self.rules.letters.overview?;
        let calendar = &self.rules.calendar;
        let today = calendar.day(self.now);
        let at = calendar.at(today, time);
        if calendar.day_off(today).is_none() && at > self.now {
            return Some(at);
        }
        Some(calendar.at(calendar.next_working_day(today), time))
    }

    /// Each lead with their caseloads; nobody for caseloads without one.
    fn leads(self) -> BTreeMap<Option<&'a PersonId>, Vec<&'a CaseloadId>> {
        let mut leads: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for caseload in self.rules.caseloads.values() {
            leads
                .entry(caseload.lead.as_ref())
                .or_default()
                .push(&caseload.id);
        }
        leads
    }

    /// Who reads what a lead is told: the lead, whoever stands in for them today, or a functional address. Nobody of another
    /// organisation: it names colleagues.
    pub(super) fn reader_of(
        self,
        lead: Option<&'a PersonId>,
        caseloads: &[&CaseloadId],
    ) -> Option<Target<'a>> {
        let evening = self.rules.calendar.due(self.now, Term::WorkingDays(0)).at;
        let people = self.with_deputies(lead);
        let is_there =
            |person: &&Person| !person.external && self.why_not_there(person, evening, false).is_none();
        let functional = || {
            let mut piles = caseloads.iter();
            piles.find_map(|id| self.rules.caseload(id).functional.as_deref())
        };
        let person = people.into_iter().find(is_there);
        person
            .map(Target::Person)
            .or_else(|| functional().map(Target::Functional))
    }

    fn overview(self, snapshot: &Snapshot, caseloads: &[&CaseloadId]) -> Overview {
        let piles: Vec<&Pile> = caseloads
            .iter()
            .filter_map(|id| snapshot.piles.get(*id))
            .collect();
        let open = piles.iter().map(|pile| pile.open).sum();
        let mut first: Vec<&Task> = piles.iter().flat_map(|pile| &pile.first).collect();
        first.sort_unstable_by_key(|task| (task.due, task.id));
        first.truncate(NAMED);
        Overview {
            at: self.civil(self.now),
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
        let piles = caseloads.iter().map(|id| self.rules.caseload(id));
        let named = piles.flat_map(|pile| pile.owner.iter().chain(&pile.deputies).chain(&pile.lead));
        let people = self.with_deputies(named);
        let evening = self.rules.calendar.due(self.now, Term::WorkingDays(0)).at;
        let is_news = |why: &WhyNot| matches!(why, WhyNot::Absent | WhyNot::Unreachable);
        people
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
        let last = until.checked_sub(jiff::SignedDuration::from_nanos(1)).ok()?;
        Some(self.rules.calendar.day(last))
    }
}
