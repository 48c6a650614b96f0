//! What became of a letter.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{
    About, Change, Delivery, Happening, HistoryLine, LetterTried, Outcome, Snapshot, Task, TaskState, Told,
};

use super::Office;
use super::escalate::call_upwards;

/// The first wait after a failed attempt; it doubles each time.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(30);
/// The longest wait: a mail server that is back gets its letters within this time.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(15);

/// A letter was tried.
pub(super) fn letter_tried(office: Office<'_>, snapshot: &Snapshot, tried: &LetterTried) -> Vec<Change> {
    let outcome = match &tried.delivery {
        Delivery::Accepted => Outcome::Sent { at: office.now },
        Delivery::Deferred { reason } => Outcome::Again {
            at: office.retry_at(tried.attempts),
            reason: reason.clone(),
        },
        Delivery::Refused { code } => Outcome::Refused {
            at: office.now,
            code: code.clone(),
        },
    };
    let mut changes = vec![Change::Settled {
        letter: tried.letter,
        outcome,
    }];
    if let (Delivery::Refused { code }, About::Task { task, told }) = (&tried.delivery, tried.about)
        && let Some(task) = snapshot.tasks.get(&task)
    {
        changes.extend(refused(office, snapshot, task, told, code));
    }
    changes
}

/// Somebody cannot be reached: the next rung that can be is told at once, unless the task has moved on since. When
/// there is none above, the stored moment stands, and the ladder starts anew then.
fn refused(office: Office<'_>, snapshot: &Snapshot, task: &Task, told: Told, code: &str) -> Vec<Change> {
    let line = HistoryLine {
        task: task.id,
        at: office.now,
        by: None,
        what: Happening::LetterRefused {
            code: code.to_owned(),
        },
    };
    let mut history = snapshot.history.get(&task.id).cloned().unwrap_or_default();
    history.push(line.clone());
    let mut changes = vec![Change::Noted(line)];
    if let TaskState::Waiting(climb) = &task.state
        && (climb.rung, climb.round) == (told.rung, told.round)
        && let Some(call) = call_upwards(office, task, &history, climb, snapshot.next.letter)
    {
        changes.push(Change::Moved(Box::new(task.clone().climb(call.climb))));
        changes.extend(call.changes);
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
