//! The watch is taken up: by a daemon that starts, or because the clock was set back while one ran.
//!
//! Guarantees: nothing rests because of what nobody does any more, or of a time that never was. A machine that wakes up in
//! the wrong week has every open task come due in the minute before its clock is corrected; each is told once, and its next
//! moment lies a week off. Such a task is due at once: its course ends in what is still to come. Letters that were claimed
//! by whoever sent before, or that such a clock put off, may leave at once, and a letter a little early harms nobody. What
//! is done again and again is planned anew.
//!
//! Accepted: what was told too early stays told, and what began or ended by that clock stays so. A clock that lags behind
//! when a daemon starts makes everything look put off: then all that is open is told at once, which is noise and no
//! silence. That is why the service waits for the time to be set.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{Change, Outcome, Resting, Snapshot, Task};

use super::{Office, routine};

/// A clock that was further ahead than this was wrong. Less is set right by itself, and puts nothing off.
pub const AHEAD: SignedDuration = SignedDuration::from_mins(10);

/// What must not rest any longer.
pub(super) fn taken_up(office: Office<'_>, snapshot: &Snapshot) -> Vec<Change> {
    let mut put_off: Vec<&Task> = snapshot.tasks.values().collect();
    put_off.retain(|task| office.is_put_off(snapshot, task));
    put_off.sort_by_key(|task| task.id);
    let due = put_off
        .into_iter()
        .map(|task| Change::Moved(Box::new(task.clone().due_for_attention(office.now))));
    let given_back = snapshot.resting.iter().filter_map(|letter| {
        let at = office.may_leave(letter);
        let given_back = Change::Settled {
            letter: letter.id,
            outcome: Outcome::GivenBack { at },
        };
        (at < letter.next).then_some(given_back)
    });
    due.chain(given_back)
        .chain(routine::planned(office, snapshot))
        .collect()
}

impl Office<'_> {
    fn is_ahead(self, at: Timestamp) -> bool {
        at.duration_since(self.now) > AHEAD
    }

    /// Whether the last step in the course of a task, and its next moment, are still to come.
    fn is_put_off(self, snapshot: &Snapshot, task: &Task) -> bool {
        let lines = snapshot.history.get(&task.id).into_iter().flatten();
        let last = lines.rev().find(|line| !line.what.is_aside());
        last.is_some_and(|line| self.is_ahead(line.at))
            && task.next_moment().is_some_and(|moment| self.is_ahead(moment))
    }

    /// When a letter that waits may be tried: once it was gathered with others, which takes no longer than the rules say.
    fn may_leave(self, letter: &Resting) -> Timestamp {
        let gathering = SignedDuration::from_mins(self.rules.letters.gather.into());
        if letter.leaves.duration_since(self.now) > gathering {
            return self.now;
        }
        letter.leaves.max(self.now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        CaseloadId, Cause, Climb, Happening, HistoryLine, LetterId, MessageId, PersonId, Routine,
        RulesVersion, TaskId, TaskState, TypeId,
    };
    use crate::rules::Rules;

    const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

    fn now() -> Timestamp {
        "2026-11-24T08:31:30Z".parse().unwrap()
    }

    /// A task to which something happened last at that moment, and which wants attention two hours later.
    fn told(number: i64, at: Timestamp) -> (Task, HistoryLine) {
        let task = Task {
            id: TaskId(number),
            cause: Cause::Notice(MessageId(1)),
            kind: TypeId::unknown(),
            title: "Nieuwe koppeling".to_owned(),
            critical: true,
            drill: false,
            caseload: CaseloadId::new("asiel"),
            assignee: None,
            received: now(),
            opened: now(),
            due: now(),
            rules: RulesVersion::new("0"),
            state: TaskState::Waiting(Climb {
                rung: 0,
                told: None,
                round: 0,
                next: at.checked_add(SignedDuration::from_hours(2)).ok(),
            }),
        };
        let line = HistoryLine {
            task: task.id,
            at,
            by: None,
            what: Happening::Taken,
        };
        (task, line)
    }

    fn taken_up(snapshot: &Snapshot) -> Vec<Change> {
        let mut rules = Rules::shipped();
        rules.chores.clear();
        super::taken_up(
            Office {
                rules: &rules,
                absences: &[],
                now: now(),
            },
            snapshot,
        )
    }

    #[test]
    fn a_task_whose_history_is_ahead_of_the_clock_is_due_at_once_and_no_other() {
        let mut snapshot = Snapshot::empty();
        let little = SignedDuration::from_mins(10);
        let held = |(task, line): (Task, HistoryLine)| {
            let by = PersonId::new("fatima");
            let until = task.next_moment();
            (task.take(by, now(), until).unwrap(), line)
        };
        // Somebody asked whom it is about when the clock was right again.
        let asked = HistoryLine {
            task: TaskId(2),
            at: now(),
            by: None,
            what: Happening::LookedUp,
        };
        for (task, line) in [
            told(1, now()),
            told(2, now() + WEEK),
            told(3, now() + little),
            held(told(4, now() + WEEK)),
        ] {
            snapshot.history.insert(task.id, vec![line]);
            snapshot.tasks.insert(task.id, task);
        }
        snapshot.history.entry(TaskId(2)).or_default().push(asked);
        // Done by that clock: it wants nothing any more.
        let (done, line) = told(5, now() + WEEK);
        snapshot.history.insert(done.id, vec![line]);
        let done = done.finish(PersonId::new("fatima"), now()).unwrap();
        snapshot.tasks.insert(done.id, done);

        let changes = taken_up(&snapshot);
        let due = changes.iter().filter_map(|change| match change {
            Change::Moved(task) => Some((task.id.0, task.next_moment())),
            _ => None,
        });
        assert_eq!(due.collect::<Vec<_>>(), [(2, Some(now())), (4, Some(now()))]);
        snapshot.absorb(&changes);
        assert_eq!(taken_up(&snapshot), [], "once is enough");
    }

    #[test]
    fn a_letter_that_rests_may_leave_once_it_was_gathered() {
        let at = |text: &str| format!("2026-11-24T{text}Z").parse::<Timestamp>().unwrap();
        let mut snapshot = Snapshot::empty();
        for (number, leaves, next) in [
            (1, at("08:31:00"), at("08:41:00")),
            (2, at("08:32:00"), at("08:32:00")),
            (3, at("08:32:00"), at("08:42:00")),
            (4, now() + WEEK, now() + WEEK),
            (5, at("08:31:00"), now() + WEEK),
        ] {
            snapshot.resting.push(Resting {
                id: LetterId(number),
                leaves,
                next,
            });
        }
        let changes = taken_up(&snapshot).into_iter();
        let given_back = changes.filter_map(|change| match change {
            Change::Settled {
                letter,
                outcome: Outcome::GivenBack { at },
            } => Some((letter.0, at)),
            _ => None,
        });
        assert_eq!(
            given_back.collect::<Vec<_>>(),
            [(1, now()), (3, at("08:32:00")), (4, now()), (5, now())],
            "the second is being gathered"
        );
    }

    #[test]
    fn what_is_done_again_and_again_is_planned_anew() {
        let mut snapshot = Snapshot::empty();
        let next = |changes: Vec<Change>| {
            changes.into_iter().find_map(|change| match change {
                Change::RoutineSet { routine, next } => (routine == Routine::Overview).then_some(next?),
                _ => None,
            })
        };
        let planned = next(taken_up(&snapshot));
        assert!(
            planned.is_some_and(|at| at.duration_since(now()) < WEEK),
            "{planned:?}"
        );
        snapshot.routines.insert(Routine::Overview, now() + WEEK);
        assert_eq!(next(taken_up(&snapshot)), planned);
    }
}
