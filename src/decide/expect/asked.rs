//! What somebody who is asked is told, and is to tell.

use jiff::civil::Date;

use crate::domain::{
    AnswerTrouble, Cause, DaysNamed, EarlierNotice, EventId, Expectation, Occurrence, Sign, Snapshot, TaskId,
};

use super::Office;

/// The notice by which it is seen of whom something is expected: the one that started it, or the last one about this person.
/// None when nobody is known.
pub(super) fn origin(
    office: Office<'_>,
    snapshot: &Snapshot,
    expectation: &Expectation,
) -> Option<EarlierNotice> {
    let notices = snapshot.lives.of_life(expectation.dossier()?).iter();
    let notices = notices.filter(|known| matches!(known.sign, Sign::Notice(_)));
    let rule = office.rules.expected(&expectation.rule);
    let started = |known: &Occurrence| {
        known.at == expectation.since && rule.is_some_and(|rule| rule.after.contains(&known.sign))
    };
    let last = notices.max_by_key(|known| (started(known), known.at, known.task))?;
    let Sign::Notice(kind) = &last.sign else {
        return None;
    };
    Some(EarlierNotice {
        task: last.task,
        title: office.rules.kind(kind).title.clone(),
        received: last.at,
    })
}

/// Whether a task asks for something that a colleague tells as an event, with which a term starts or ends on another day.
pub(in crate::decide) fn waits_for_an_event(office: Office<'_>, snapshot: &Snapshot, task: TaskId) -> bool {
    let Some(Cause::Expectation { expectation, .. }) = snapshot.tasks.get(&task).map(|task| &task.cause)
    else {
        return false;
    };
    let expectation = snapshot.lives.expectations.get(expectation);
    let Some(rule) = expectation.and_then(|expectation| office.rules.expected(&expectation.rule)) else {
        return false;
    };
    let begins = |sign: &Sign| {
        office
            .rules
            .expected
            .iter()
            .any(|other| other.after.contains(sign))
    };
    let tells = |sign: &Sign| match sign {
        Sign::Event(event) => begins(sign) || office.moves(event),
        Sign::Notice(_) => false,
    };
    snapshot.lives.is_about_somebody(task) && (!rule.moved_by.is_empty() || rule.comes.iter().any(tells))
}

impl Office<'_> {
    /// The one day of an answer that is meant with an event: one that was, today where none is named; or the new last day
    /// where the event gives a term another one. A day that cannot be it is refused with the event itself.
    pub(in crate::decide) fn day_meant(
        self,
        event: &EventId,
        days: &DaysNamed,
    ) -> Result<Date, AnswerTrouble> {
        if self.moves(event) {
            return match days.until.as_slice() {
                [last] => Ok(*last),
                _ => Err(AnswerTrouble::NoLastDay),
            };
        }
        let today = self.rules.calendar.day(self.now);
        // Of a time that is over, nobody knows whether it happened when that began or when it ended.
        if days.unread || days.until.iter().any(|last| *last <= today) {
            return Err(AnswerTrouble::WhichDay);
        }
        let mut passed = days.on.iter().filter(|day| **day <= today);
        match (passed.next(), passed.next()) {
            (_, Some(_)) => Err(AnswerTrouble::WhichDay),
            (Some(day), None) => Ok(*day),
            (None, None) => Ok(days.on.first().copied().unwrap_or(today)),
        }
    }

    /// Whether an event gives a term another last day.
    pub(super) fn moves(self, event: &EventId) -> bool {
        let mut rules = self.rules.expected.iter();
        rules.any(|rule| rule.moved_by.contains(event))
    }
}
