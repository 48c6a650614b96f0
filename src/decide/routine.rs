//! What is done again and again: when it is time, and when it is time next.
//!
//! Guarantees: a time that was slept through is made up once; an event that comes too early, or a second time, does nothing.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::domain::{Change, Routine, Snapshot};

use super::{Office, drill};

/// When each routine is due next, where that is not what is stored. One that is late still comes: it is made up for once.
pub(super) fn planned(office: Office<'_>, snapshot: &Snapshot) -> impl Iterator<Item = Change> {
    let chores = office.rules.chores.keys().cloned().map(Routine::Chore);
    // Chores that are stored and that the rules do not have any more are due no more.
    let stored = snapshot.routines.keys().cloned();
    let all: BTreeSet<Routine> = Routine::OWN.into_iter().chain(chores).chain(stored).collect();
    all.into_iter().filter_map(move |routine| {
        let stored = snapshot.routines.get(&routine).copied();
        let next = office.next(&routine);
        let is_late = stored.is_some_and(|at| at <= office.now);
        let stays = match routine {
            Routine::Drill => stored
                .zip(next)
                .is_some_and(|(stored, next)| drill::stays_planned(office, stored, next)),
            // A mail asked for it, whatever the rules plan.
            Routine::Partners => is_late,
            Routine::Overview | Routine::Cover | Routine::Chore(_) => false,
        };
        let is_news = stored != next && !stays && !(is_late && next.is_some());
        is_news.then_some(Change::RoutineSet { routine, next })
    })
}

/// The stored moment of a routine, when it has come.
pub(super) fn due(office: Office<'_>, snapshot: &Snapshot, routine: &Routine) -> Option<Timestamp> {
    let stored = snapshot.routines.get(routine).copied();
    stored.filter(|at| *at <= office.now)
}

/// When it is due next, once it is done now; nothing when it is not time for it.
pub(super) fn come(office: Office<'_>, snapshot: &Snapshot, routine: Routine) -> Option<Change> {
    due(office, snapshot, &routine).map(|_| Change::RoutineSet {
        next: office.next(&routine),
        routine,
    })
}

impl Office<'_> {
    /// When a routine is due after now; never when nobody wants it.
    pub(super) fn next(self, routine: &Routine) -> Option<Timestamp> {
        let calendar = &self.rules.calendar;
        let today = calendar.day(self.now);
        let works_today = calendar.day_off(today).is_none().then_some(today);
        let working_days = [works_today, Some(calendar.next_working_day(today))];
        let (time, days) = match routine {
            Routine::Overview => (self.rules.letters.overview?, working_days),
            Routine::Cover => (
                self.rules.foresight.nightly?,
                [Some(today), today.tomorrow().ok()],
            ),
            Routine::Drill => return self.next_drill(),
            Routine::Chore(chore) => {
                let chore = self.rules.chores.get(chore)?;
                return chore.at.next_held_after(self.now, calendar);
            }
            // What is not recognised asks for a look by itself; only what does not come needs one every day.
            Routine::Partners if self.rules.partners.patience.is_empty() => return None,
            Routine::Partners => (calendar.hours().0, working_days),
        };
        let mut moments = days.into_iter().flatten().map(|day| calendar.at(day, time));
        moments.find(|at| *at > self.now)
    }
}
