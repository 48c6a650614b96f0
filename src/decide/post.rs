//! What became of a letter.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{
    About, Bounce, Change, Climb, Delivery, Happening, HistoryLine, LetterId, LetterTried, LostMail, Outcome,
    Snapshot, Task, TaskState, Told,
};

use super::escalate::{call_upwards, next_letter};
use super::{Office, absence, drill};

/// The first wait after a failed attempt; it doubles each time.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(30);
/// The longest wait: a mail server that is back gets its letters within this time.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(15);

/// How long a letter is tried whose recipient cannot be reached (RFC 5321 section 4.5.4.1: at least 4 or 5 days). A
/// mailbox that is full for longer is read by nobody. Time in which our server took nothing counts along.
const GIVEN_UP: SignedDuration = SignedDuration::from_hours(5 * 24);

/// A letter that leaves later than this after it was written was kept waiting.
const WAITED_LONG: SignedDuration = SignedDuration::from_mins(5);

/// A letter was tried.
pub(super) fn letter_tried(office: Office<'_>, snapshot: &Snapshot, tried: &LetterTried) -> Vec<Change> {
    let outcome = office.outcome(tried);
    let mut changes = vec![Change::Settled {
        letter: tried.letter,
        outcome: outcome.clone(),
    }];
    if let About::Task { task, told } = tried.about
        && let Some(task) = snapshot.tasks.get(&task)
    {
        changes.extend(match &outcome {
            Outcome::Sent { .. } if tried.attempts > 0 => late(office, task, told, tried.queued),
            Outcome::Sent { .. } | Outcome::Again { .. } | Outcome::GivenBack { .. } => Vec::new(),
            Outcome::Refused { code, .. } => {
                let (code, call) = (code.clone(), Some(told));
                let what = Happening::LetterRefused { code, call };
                lost(office, snapshot, (task, told), what, snapshot.next.letter)
            }
        });
    }
    if tried.about == About::Drill {
        match &outcome {
            Outcome::Sent { .. } => changes.extend(drill::left(office, snapshot, tried.letter)),
            Outcome::Again { .. } | Outcome::GivenBack { .. } => {}
            Outcome::Refused { .. } => {
                changes.extend(drill::lost(office, snapshot, tried.letter, LostMail::Returned));
            }
        }
    }
    changes
}

/// A letter that left long after it was written, because the mail server did not take it at first: its reader has the whole
/// time of the rung from now on, unless the task has moved on since.
fn late(office: Office<'_>, task: &Task, told: Told, queued: Timestamp) -> Vec<Change> {
    match &task.state {
        TaskState::Waiting(climb)
            if climb.call() == told && office.now.duration_since(queued) > WAITED_LONG =>
        {
            let next = office.time_left(task, climb);
            let climb = Climb {
                next,
                ..climb.clone()
            };
            vec![Change::Moved(Box::new(task.clone().climb(climb)))]
        }
        _ => Vec::new(),
    }
}

/// A letter did not arrive: the next rung that can be told is told at once, unless the task has moved on since. When
/// there is none above, the ladder starts anew at the stored moment, or when the office opens next where none is stored.
pub(super) fn lost(
    office: Office<'_>,
    snapshot: &Snapshot,
    (task, told): (&Task, Told),
    what: Happening,
    letter: LetterId,
) -> Vec<Change> {
    let line = HistoryLine {
        task: task.id,
        at: office.now,
        by: None,
        what,
    };
    let mut history = snapshot.history.get(&task.id).cloned().unwrap_or_default();
    history.push(line.clone());
    let mut changes = vec![Change::Noted(line)];
    if let TaskState::Waiting(climb) = &task.state
        && climb.call() == told
    {
        if let Some(call) = call_upwards(office, task, &history, climb, letter) {
            changes.push(Change::Moved(Box::new(task.clone().climb(call.climb))));
            changes.extend(call.changes);
        } else if climb.next.is_none() {
            let climb = Climb {
                next: Some(office.next_opening()),
                ..climb.clone()
            };
            changes.push(Change::Moved(Box::new(task.clone().climb(climb))));
        }
    }
    changes
}

/// A message of ours came back, with all letters in it. Only whoever got it knows its token: then its reader counts as
/// unreachable from now on. A report without it may be anybody's; all it does is to have the next rung told sooner.
pub(super) fn came_back(office: Office<'_>, snapshot: &Snapshot, bounce: &Bounce) -> Vec<Change> {
    if !bounce.permanent {
        return Vec::new();
    }
    let letter = bounce
        .letter
        .as_ref()
        .and_then(|name| snapshot.letters.get(&name.token));
    if let Some(letter) = letter.filter(|letter| letter.about == About::Drill) {
        return drill::lost(office, snapshot, letter.id, LostMail::Returned);
    }
    let reader = letter.and_then(|letter| office.person_at(&letter.to));
    let mut changes: Vec<Change> = reader
        .and_then(|person| absence::bounced(office, snapshot, &person.id))
        .into_iter()
        .collect();
    let told: Vec<(&Task, Told)> = match letter {
        // Behind a functional address others may have got it.
        Some(letter) if reader.is_none() && bounce.recipient.as_deref() != Some(&letter.to) => Vec::new(),
        Some(letter) => {
            let calls = letter.calls.iter();
            let known = calls.filter_map(|(task, told)| Some((snapshot.tasks.get(task)?, *told)));
            known.collect()
        }
        None => office.told_at(snapshot, bounce).into_iter().collect(),
    };
    let mut letter = snapshot.next.letter;
    for call in told {
        let what = Happening::LetterBounced {
            code: bounce.status.map(|status| status.to_string()),
            call: Some(call.1),
        };
        let lost = lost(office, snapshot, call, what, letter);
        letter = next_letter(&lost, letter);
        changes.extend(lost);
    }
    changes
}

impl Office<'_> {
    /// The call that a report without a token speaks of: whoever has the task now was not reached.
    fn told_at<'s>(self, snapshot: &'s Snapshot, bounce: &Bounce) -> Option<(&'s Task, Told)> {
        let task = snapshot.tasks.get(&bounce.task?)?;
        let TaskState::Waiting(climb) = &task.state else {
            return None;
        };
        let address = match &climb.told {
            Some(person) => &self.rules.people.get(person)?.address,
            None => self.rules.caseload(&task.caseload).functional.as_ref()?,
        };
        (bounce.recipient.as_ref() == Some(address)).then(|| (task, climb.call()))
    }

    /// How a letter stands after an attempt.
    fn outcome(self, tried: &LetterTried) -> Outcome {
        let at = self.now;
        match &tried.delivery {
            Delivery::Accepted => Outcome::Sent {
                at,
                together: tried.together,
            },
            Delivery::Deferred { reason } => Outcome::Again {
                at: self.retry_at(tried.attempts),
                reason: reason.clone(),
                put_off: None,
            },
            Delivery::PutOff { code } => {
                let since = tried.put_off.unwrap_or(at);
                if at.duration_since(since) >= GIVEN_UP {
                    Outcome::Refused {
                        at,
                        code: code.clone(),
                    }
                } else {
                    Outcome::Again {
                        at: self.retry_at(tried.attempts),
                        reason: code.clone(),
                        put_off: Some(since),
                    }
                }
            }
            Delivery::NotTried => Outcome::GivenBack { at },
            Delivery::Refused { code } => Outcome::Refused {
                at,
                code: code.clone(),
            },
        }
    }

    fn retry_at(self, attempts: u32) -> Timestamp {
        let wait = 2_i32
            .checked_pow(attempts)
            .and_then(|factor| FIRST_WAIT.checked_mul(factor))
            .map_or(LONGEST_WAIT, |wait| wait.min(LONGEST_WAIT));
        self.now.checked_add(wait).unwrap_or(Timestamp::MAX)
    }
}
