//! Who can be told: who has a role, and whether they read their mail within the time they would have.
//!
//! Guarantees: somebody who is away, does not work within that time, cannot be reached or has passed the task on is never
//! told, and the reason is named for each; who stands in for those who stand in is looked for as far as it goes, in the
//! order of the rules, and never round in a circle.
//!
//! Somebody counts as there when they work at any moment of the time they would have. When all of it lies outside
//! opening hours, as on a Saturday with a ladder in clock time, whoever is there when the office next opens counts.
//! Whoever is on call this week is there at all hours.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{
    Absence, AbsenceState, Calendar, Caseload, Happening, HistoryLine, Missed, Origin, Person, PersonId,
    Role, Rung, Skip, Task, Term, WhyNot, standing_in,
};
use crate::rules::Rules;

use super::Office;
use super::tell::Target;

impl<'a> Office<'a> {
    /// Who can be told of a task on this rung, or why nobody.
    pub(super) fn target(
        self,
        task: &Task,
        history: &[HistoryLine],
        rung: &Rung,
        round: u32,
    ) -> Result<Target<'a>, Skip> {
        let caseload = self.rules.caseload(&task.caseload);
        if rung.role == Role::Functional {
            return caseload
                .functional
                .as_deref()
                .map(Target::Functional)
                .ok_or(Skip::Nobody);
        }
        let until = self
            .rules
            .calendar
            .due(self.now, rung.wait.unwrap_or(Term::WorkingDays(1)));
        let told = told_in(history, round);
        let mut people = Vec::new();
        for person in self.candidates(task, rung.role) {
            let why = if has_declined(history, &person.id) {
                Some(WhyNot::Declined)
            } else {
                self.why_not_there(person, until.at, rung.role == Role::OnCall)
                    .or_else(|| told.contains(&&person.id).then_some(WhyNot::AlreadyTold))
            };
            match why {
                None => return Ok(Target::Person(person)),
                Some(why) => people.push(Missed {
                    person: person.id.clone(),
                    why,
                }),
            }
        }
        Err(if people.is_empty() {
            Skip::Nobody
        } else {
            Skip::Each { people }
        })
    }

    /// Everybody who has this role for a task, the first choice first.
    fn candidates(self, task: &Task, role: Role) -> Vec<&'a Person> {
        let caseload = self.rules.caseload(&task.caseload);
        candidates(self.rules, caseload, task.assignee.as_ref(), role, self.now)
    }

    /// These people, then their deputies, then theirs; each once.
    pub(super) fn with_deputies(self, first: impl IntoIterator<Item = &'a PersonId>) -> Vec<&'a Person> {
        standing_in(first, None, &self.rules.people)
    }

    /// Why somebody does not read their mail between now and `until`; nothing when they do.
    pub(super) fn why_not_there(self, person: &Person, until: Timestamp, is_on_call: bool) -> Option<WhyNot> {
        let absences: Vec<&Absence> = self.absences_of(&person.id).collect();
        if absences
            .iter()
            .any(|absence| absence.origin == Origin::Bounced && absence.covers(self.now))
        {
            return Some(WhyNot::Unreachable);
        }
        let opens = self.rules.calendar.next_open(self.now);
        let until = until.max(
            opens
                .checked_add(SignedDuration::from_mins(1))
                .unwrap_or(Timestamp::MAX),
        );
        let works = if is_on_call {
            vec![(self.now, until)]
        } else {
            shifts(&self.rules.calendar, person, self.now, until)
        };
        if works.is_empty() {
            return Some(WhyNot::OffDuty);
        }
        let is_there = works.iter().any(|(from, to)| !is_covered(&absences, *from, *to));
        (!is_there).then_some(WhyNot::Absent)
    }

    /// Absences of somebody that are not over.
    pub(super) fn absences_of(self, person: &PersonId) -> impl Iterator<Item = &'a Absence> {
        let person = person.clone();
        self.absences
            .iter()
            .filter(move |absence| absence.away.person == person && absence.state != AbsenceState::Over)
    }
}

/// Everybody who has this role for what lies in a caseload at an instant, the first choice first. Something may be handed to
/// somebody by name.
#[must_use]
pub fn candidates<'a>(
    rules: &'a Rules,
    caseload: &'a Caseload,
    assignee: Option<&PersonId>,
    role: Role,
    at: Timestamp,
) -> Vec<&'a Person> {
    // An assignee whom the rules no longer know does not stand in the owner's way.
    let assignee = assignee.and_then(|id| rules.people.get(id));
    let holder = assignee.or_else(|| rules.people.get(caseload.owner.as_ref()?));
    match role {
        Role::Functional => Vec::new(),
        Role::Holder => holder.into_iter().collect(),
        Role::Deputy => {
            let own = holder.iter().flat_map(|holder| &holder.deputies);
            let except = holder.map(|holder| &holder.id);
            standing_in(caseload.deputies.iter().chain(own), except, &rules.people)
        }
        Role::OnCall => standing_in(on_call(rules, caseload, at), None, &rules.people),
        Role::Lead => standing_in(&caseload.lead, None, &rules.people),
    }
}

/// Who is on call for a caseload on the day on which the office is or next will be open.
fn on_call<'a>(rules: &'a Rules, caseload: &Caseload, at: Timestamp) -> Option<&'a PersonId> {
    let calendar = &rules.calendar;
    let rota = rules.rotas.get(caseload.rota.as_ref()?)?;
    rota.on_call(calendar.day(calendar.next_open(at)))
}

/// When somebody works between two instants, whatever absence there is.
#[must_use]
pub fn shifts(
    calendar: &Calendar,
    person: &Person,
    from: Timestamp,
    until: Timestamp,
) -> Vec<(Timestamp, Timestamp)> {
    let office = calendar.hours();
    let (first, last) = (calendar.day(from), calendar.day(until));
    let days = std::iter::successors(Some(first), |day| day.tomorrow().ok());
    days.take_while(|day| *day <= last)
        .filter(|day| calendar.day_off(*day).is_none())
        .flat_map(|day| {
            let hours: Vec<_> = match &person.week {
                None => vec![office],
                Some(week) => week.on(day, office).collect(),
            };
            hours
                .into_iter()
                .map(move |(start, end)| (calendar.at(day, start), calendar.at(day, end)))
        })
        .map(|(start, end)| (start.max(from), end.min(until)))
        .filter(|(start, end)| start < end)
        .collect()
}

/// Whether absences leave nothing of this span.
fn is_covered(absences: &[&Absence], from: Timestamp, until: Timestamp) -> bool {
    let mut at = from;
    while at < until {
        let covering = absences.iter().filter(|absence| absence.covers(at));
        match covering
            .map(|absence| absence.away.until.unwrap_or(Timestamp::MAX))
            .max()
        {
            Some(end) => at = end,
            None => return false,
        }
    }
    true
}

/// Who was told in this round.
fn told_in(history: &[HistoryLine], wanted: u32) -> Vec<&PersonId> {
    history
        .iter()
        .filter_map(|line| match &line.what {
            Happening::Told {
                person: Some(person),
                round,
                ..
            } if *round == wanted => Some(person),
            _ => None,
        })
        .collect()
}

/// Whether somebody said that the task is not theirs, and nobody has given it to them since. What they said of a task that
/// turned out to be about something else does not count.
fn has_declined(history: &[HistoryLine], person: &PersonId) -> bool {
    let said = history.iter().rev().find_map(|line| match &line.what {
        Happening::Declined if line.by.as_ref() == Some(person) => Some(true),
        Happening::Reassigned { to } if to == person => Some(false),
        Happening::Taken if line.by.as_ref() == Some(person) => Some(false),
        Happening::Retyped { .. } => Some(false),
        _ => None,
    });
    said.unwrap_or(false)
}
