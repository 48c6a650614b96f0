//! Drills: a koppeling that is no koppeling, sent through the real mail path to see how long it takes until somebody
//! answers.

use jiff::Timestamp;

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
    /// Its mail is under way.
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
    },
}

impl Drill {
    /// What titles of its task start with, wherever people read them.
    pub const MARK: &str = "OEFENING";

    /// What to do about its task, in Dutch.
    pub const INSTRUCTION: &str =
        "Pak deze taak op, zoals altijd. Meer hoeft u niet te doen, ook niet in het portaal.";

    /// The moment at which it wants attention.
    #[must_use]
    pub const fn next_moment(&self) -> Option<Timestamp> {
        match self.state {
            DrillState::Underway { until } => Some(until),
            DrillState::Arrived { .. } | DrillState::Lost { .. } => None,
        }
    }

    /// Its mail came in and opened this task. A drill of which it came in before stays as it is.
    #[must_use]
    pub fn arrive(self, task: TaskId) -> Self {
        let state = match self.state {
            DrillState::Underway { .. } | DrillState::Lost { .. } => DrillState::Arrived { task },
            DrillState::Arrived { .. } => self.state,
        };
        Self { state, ..self }
    }

    /// Its mail did not come in in time. A drill that is not under way stays as it is.
    #[must_use]
    pub fn lose(self, at: Timestamp) -> Self {
        let state = match self.state {
            DrillState::Underway { .. } => DrillState::Lost { at },
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
