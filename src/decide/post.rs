//! What became of a letter.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{
    Change, Delivery, Happening, HistoryLine, LetterId, Outcome, Snapshot, Task, TaskId, TaskState,
};

use super::Office;
use super::escalate::climb_on;

/// The first wait after a failed attempt; it doubles each time.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(30);
/// The longest wait: a mail server that is back gets its letters within this time.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(15);

/// A letter was tried.
pub(super) fn letter_tried(
    office: Office<'_>,
    snapshot: &Snapshot,
    letter: LetterId,
    task: TaskId,
    attempts: u32,
    delivery: &Delivery,
) -> Vec<Change> {
    match delivery {
        Delivery::Accepted => vec![Change::Settled {
            letter,
            outcome: Outcome::Sent { at: office.now },
        }],
        Delivery::Deferred { reason } => {
            let outcome = Outcome::Again {
                at: office.retry_at(attempts),
                reason: reason.clone(),
            };
            vec![Change::Settled { letter, outcome }]
        }
        Delivery::Refused { code } => {
            let outcome = Outcome::Refused {
                at: office.now,
                code: code.clone(),
            };
            let mut changes = vec![Change::Settled { letter, outcome }];
            if let Some(task) = snapshot.tasks.get(&task) {
                changes.extend(refused(office, snapshot, task, code));
            }
            changes
        }
    }
}

/// Somebody cannot be reached: the next rung is told at once. Not when the last rung is refused: it is told again at
/// its stored moment, or a refusing server would be asked without end.
fn refused(office: Office<'_>, snapshot: &Snapshot, task: &Task, code: &str) -> Vec<Change> {
    let what = Happening::LetterRefused {
        code: code.to_owned(),
    };
    let mut changes = vec![Change::Noted(HistoryLine {
        task: task.id,
        at: office.now,
        by: None,
        what,
    })];
    if let TaskState::Waiting(climb) = &task.state
        && usize::from(climb.rung) + 1 < office.ladder(task).rungs.len()
    {
        let history = snapshot.history.get(&task.id).map_or(&[][..], Vec::as_slice);
        changes.extend(climb_on(office, task, history, *climb, snapshot.next.letter));
    }
    changes
}

impl Office<'_> {
    fn retry_at(self, attempts: u32) -> Timestamp {
        let wait = 2_i32
            .checked_pow(attempts)
            .and_then(|factor| FIRST_WAIT.checked_mul(factor))
            .map_or(LONGEST_WAIT, |wait| wait.min(LONGEST_WAIT));
        self.now.checked_add(wait).unwrap_or(Timestamp::MAX)
    }
}
