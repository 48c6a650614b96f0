//! Drills: a koppeling that is no koppeling, sent through the real mail path to see how long it takes until somebody
//! answers.

use jiff::Timestamp;
use serde::Serialize;

use super::{LetterId, Recurrence, TaskId, Term};

/// A drill that was held. Its mail is a letter of ours, known by its Message-ID alone: what merely says to be a drill is
/// none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drill {
    /// Its mail, by which it is known.
    pub letter: LetterId,
    /// Where that was sent: an address of a watched mailbox.
    pub to: String,
    /// When it was started.
    pub started: Timestamp,
    /// Where it stands.
    pub state: DrillState,
}

/// Where a drill stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DrillState {
    /// Its mail did not leave yet.
    Waiting {
        /// When it must have left, and come in.
        until: Timestamp,
    },
    /// A mail server took its mail.
    Underway {
        /// When it must have come in.
        until: Timestamp,
    },
    /// Its mail came in and opened a task; how that went on is in the task.
    Arrived {
        /// The task.
        task: TaskId,
    },
    /// Its mail did not come in in time. When it still does, it opens its task all the same.
    Lost {
        /// When that was known.
        at: Timestamp,
        /// What became of the mail, as far as was known then.
        how: LostMail,
    },
}

/// What became of a mail that did not come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LostMail {
    /// No mail server took it in time.
    Unsent,
    /// A mail server refused it for good, or it came back.
    Returned,
    /// A mail server took it, and nothing more is known.
    Missing,
}

impl LostMail {
    /// Every one, for tests and samples that must not forget one.
    pub const ALL: [Self; 3] = [Self::Unsent, Self::Returned, Self::Missing];

    /// Its name in the ledger.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unsent => "unsent",
            Self::Returned => "returned",
            Self::Missing => "missing",
        }
    }
}

impl Drill {
    /// What titles of its task start with, wherever people read them.
    pub const MARK: &str = "OEFENING";

    /// The name of the rule by which its mail is known, among those of the type that it pretends to be.
    pub const RULE: &str = "drill";

    /// What to do about its task, in Dutch.
    pub const INSTRUCTION: &str =
        "Pak deze taak op, zoals altijd. Meer hoeft u niet te doen, ook niet in het portaal.";

    /// The moment at which it wants attention.
    #[must_use]
    pub const fn next_moment(&self) -> Option<Timestamp> {
        match self.state {
            DrillState::Waiting { until } | DrillState::Underway { until } => Some(until),
            DrillState::Arrived { .. } | DrillState::Lost { .. } => None,
        }
    }

    /// A mail server took its mail, which must come in by then. A drill whose mail did not wait stays as it is.
    #[must_use]
    pub fn leave(self, until: Timestamp) -> Self {
        let state = match self.state {
            DrillState::Waiting { .. } => DrillState::Underway { until },
            DrillState::Underway { .. } | DrillState::Arrived { .. } | DrillState::Lost { .. } => self.state,
        };
        Self { state, ..self }
    }

    /// Its mail has until another moment. A drill whose mail is not waited for stays as it is.
    #[must_use]
    pub fn postpone(self, until: Timestamp) -> Self {
        let state = match self.state {
            DrillState::Waiting { .. } => DrillState::Waiting { until },
            DrillState::Underway { .. } => DrillState::Underway { until },
            DrillState::Arrived { .. } | DrillState::Lost { .. } => self.state,
        };
        Self { state, ..self }
    }

    /// Its mail came in and opened this task. A drill of which it came in before stays as it is.
    #[must_use]
    pub fn arrive(self, task: TaskId) -> Self {
        let state = match self.state {
            DrillState::Waiting { .. } | DrillState::Underway { .. } | DrillState::Lost { .. } => {
                DrillState::Arrived { task }
            }
            DrillState::Arrived { .. } => self.state,
        };
        Self { state, ..self }
    }

    /// Its mail did not come in. A drill whose mail is not waited for stays as it is.
    #[must_use]
    pub fn lose(self, at: Timestamp, how: LostMail) -> Self {
        let state = match self.state {
            DrillState::Waiting { .. } | DrillState::Underway { .. } => DrillState::Lost { at, how },
            DrillState::Arrived { .. } | DrillState::Lost { .. } => self.state,
        };
        Self { state, ..self }
    }
}

/// How drills are held.
#[derive(Debug, Clone, PartialEq)]
pub struct DrillPolicy {
    /// Where their mail goes, where nobody says otherwise.
    pub to: Option<String>,
    /// When one is held by itself; none: never.
    pub at: Option<Recurrence>,
    /// Within which time their mail must come in.
    pub arrives_within: Term,
    /// After which time one ends by itself that nobody answered.
    pub answered_within: Term,
}

impl Default for DrillPolicy {
    fn default() -> Self {
        Self {
            to: None,
            at: None,
            arrives_within: Term::ClockMinutes(30),
            answered_within: Term::WorkingDays(2),
        }
    }
}
