//! What is really so: who is there, whoever knows, and whether the mail server takes letters.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use koppelwacht::domain::{Away, Calendar, Delivery, Person, PersonId};

/// How many days ahead somebody is looked for.
const AHEAD: usize = 120;

/// What is really so.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) calendar: Calendar,
    pub(crate) people: BTreeMap<PersonId, Person>,
    /// When somebody is away, and whether their mailbox says so.
    pub(crate) away: Vec<(Away, bool)>,
    /// Until when the mail server takes no letters.
    pub(crate) post_is_down_until: Timestamp,
    /// Until when it refuses those to somebody.
    pub(crate) refused_until: BTreeMap<PersonId, Timestamp>,
    /// Until when somebody's mailbox is full.
    pub(crate) full_until: BTreeMap<PersonId, Timestamp>,
    /// Until when those to somebody come back.
    pub(crate) bouncing_until: BTreeMap<PersonId, Timestamp>,
}

impl World {
    /// Who has this address; nobody: a functional one.
    pub(crate) fn reader(&self, address: &str) -> Option<&PersonId> {
        let mut people = self.people.values();
        people
            .find(|person| person.address == address)
            .map(|person| &person.id)
    }

    /// When somebody reads what lies in their mailbox from now on.
    pub(crate) fn reads(&self, who: &PersonId, is_on_call: bool, from: Timestamp) -> Option<Timestamp> {
        let away: Vec<&Away> = self.absences_of(who).collect();
        first_there(&self.calendar, self.people.get(who)?, &away, is_on_call, from)
    }

    pub(crate) fn absences_of(&self, who: &PersonId) -> impl Iterator<Item = &Away> {
        let who = who.clone();
        let away = self.away.iter().map(|(away, _)| away);
        away.filter(move |away| away.person == who)
    }

    /// Somebody who is at work now.
    pub(crate) fn anybody_at_work(&self, now: Timestamp) -> Option<&PersonId> {
        let mut people = self.people.keys();
        people.find(|who| self.reads(who, false, now) == Some(now))
    }

    /// What the mail server does with a letter.
    pub(crate) fn takes(&self, to: &str, now: Timestamp) -> Delivery {
        if now < self.post_is_down_until {
            return Delivery::Deferred {
                reason: "no connection".to_owned(),
            };
        }
        let is_now = |until: &BTreeMap<PersonId, Timestamp>| {
            let until = self.reader(to).and_then(|who| until.get(who));
            until.is_some_and(|until| now < *until)
        };
        if is_now(&self.refused_until) {
            return Delivery::Refused {
                code: "550 5.1.1".to_owned(),
            };
        }
        if is_now(&self.full_until) {
            return Delivery::PutOff {
                code: "452 4.2.2".to_owned(),
            };
        }
        Delivery::Accepted
    }

    /// Whether a letter that was taken comes back.
    pub(crate) fn comes_back(&self, to: &str, now: Timestamp) -> bool {
        let until = self.reader(to).and_then(|who| self.bouncing_until.get(who));
        until.is_some_and(|until| now < *until)
    }

    /// Whether somebody's mailbox answers by itself now.
    pub(crate) fn answers_by_itself(&self, who: &PersonId, now: Timestamp) -> bool {
        let mut away = self.away.iter();
        away.any(|(away, answers)| *answers && away.person == *who && away.covers(now))
    }
}

/// When somebody is there, from a moment on, with these absences: at work, or, who is on call, at any hour.
pub(crate) fn first_there(
    calendar: &Calendar,
    person: &Person,
    away: &[&Away],
    is_on_call: bool,
    from: Timestamp,
) -> Option<Timestamp> {
    let mut at = from;
    loop {
        if !is_on_call {
            at = next_at_work(calendar, person, at)?;
        }
        let Some(covering) = away.iter().find(|away| away.covers(at)) else {
            return Some(at);
        };
        at = covering.until?;
    }
}

/// When somebody works, from a moment on, by their week.
fn next_at_work(calendar: &Calendar, person: &Person, at: Timestamp) -> Option<Timestamp> {
    let days = std::iter::successors(Some(calendar.day(at)), |day| day.tomorrow().ok()).take(AHEAD);
    for day in days.filter(|day| calendar.day_off(*day).is_none()) {
        let hours = match &person.week {
            None => vec![calendar.hours()],
            Some(week) => week.on(day, calendar.hours()).collect(),
        };
        let spans = hours
            .into_iter()
            .map(|(start, end)| (calendar.at(day, start), calendar.at(day, end)));
        let next = spans
            .filter(|(_, end)| *end > at)
            .map(|(start, _)| start.max(at))
            .min();
        if next.is_some() {
            return next;
        }
    }
    None
}

pub(crate) fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}
