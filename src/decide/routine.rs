//! What is done again and again: when it is time, and when it is time next.
//!
//! Guarantees: a time that was slept through is made up once; an event that comes too early, or a second time, does nothing.

use jiff::Timestamp;

use crate::domain::{Change, Routine, Snapshot};

use super::Office;

/// When each routine is due next, where that is not what is stored.
pub(super) fn planned(office: Office<'_>, snapshot: &Snapshot) -> impl Iterator<Item = Change> {
    Routine::ALL.into_iter().filter_map(move |routine| {
        let stored = snapshot.routines.get(&routine).copied();
        let next = office.next(routine);
        let is_late = stored.is_some_and(|at| at <= office.now);
        (stored != next && !(is_late && next.is_some())).then_some(Change::RoutineSet { routine, next })
    })
}

/// When it is due next, once it is done now; nothing when it is not time for it.
pub(super) fn come(office: Office<'_>, snapshot: &Snapshot, routine: Routine) -> Option<Change> {
    let stored = snapshot.routines.get(&routine)?;
    let next = office.next(routine);
    (*stored <= office.now).then_some(Change::RoutineSet { routine, next })
}

impl Office<'_> {
    /// When a routine is due after now; never when nobody wants it.
    fn next(self, routine: Routine) -> Option<Timestamp> {
        let calendar = &self.rules.calendar;
        let today = calendar.day(self.now);
        let (time, days) = match routine {
            Routine::Overview => {
                let works_today = calendar.day_off(today).is_none();
                let next = calendar.next_working_day(today);
                (
                    self.rules.letters.overview?,
                    [works_today.then_some(today), Some(next)],
                )
            }
            Routine::Cover => (
                self.rules.foresight.nightly?,
                [Some(today), today.tomorrow().ok()],
            ),
        };
        let mut moments = days.into_iter().flatten().map(|day| calendar.at(day, time));
        moments.find(|at| *at > self.now)
    }
}
