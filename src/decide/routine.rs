//! What comes again and again: each has one stored moment, the next.

use jiff::Timestamp;

use crate::domain::{Change, Routine, Snapshot};

use super::Office;

/// When a routine comes next, where that is not what is stored. One that is late still comes: it is made up for once.
pub(super) fn planned(
    office: Office<'_>,
    snapshot: &Snapshot,
    routine: Routine,
    next: Option<Timestamp>,
) -> Option<Change> {
    let stored = snapshot.routines.get(&routine).copied();
    let is_late = stored.is_some_and(|at| at <= office.now);
    (stored != next && !(is_late && next.is_some())).then_some(Change::RoutineSet { routine, next })
}

/// The stored moment of a routine, when it has come.
pub(super) fn due(office: Office<'_>, snapshot: &Snapshot, routine: Routine) -> Option<Timestamp> {
    let stored = snapshot.routines.get(&routine).copied();
    stored.filter(|at| *at <= office.now)
}
