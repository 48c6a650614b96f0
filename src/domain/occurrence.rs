//! What happens in the life of a dossier: a notice came, or a colleague told of something.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{EventId, TaskId, TypeId};

/// Something that can happen in the life of a dossier.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum Sign {
    /// A notice of this type came.
    Notice(TypeId),
    /// A colleague told that this happened.
    Event(EventId),
}

impl Sign {
    /// The sign with this name: that of a type has a dot in it, that of an event has none.
    #[must_use]
    pub fn named(name: &str) -> Self {
        if name.contains('.') {
            Self::Notice(TypeId::new(name))
        } else {
            Self::Event(EventId::new(name))
        }
    }

    /// Its name in the rules.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Notice(kind) => kind.as_str(),
            Self::Event(event) => event.as_str(),
        }
    }
}

impl From<Sign> for String {
    fn from(sign: Sign) -> Self {
        sign.as_str().to_owned()
    }
}

impl From<String> for Sign {
    fn from(name: String) -> Self {
        Self::named(&name)
    }
}

/// Something that happened in the life of a dossier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// When: a notice when it was received, an event at the start of the day that was told.
    pub at: Timestamp,
    /// When that became known.
    pub told: Timestamp,
    /// What.
    pub sign: Sign,
    /// The task of the notice, or the one with which a colleague told it.
    pub task: TaskId,
}

/// A colleague told what happened, with a task and on which day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The task.
    pub task: TaskId,
    /// What happened.
    pub event: EventId,
    /// On which day; of an event that moves a term, its new last day.
    pub on: Date,
    /// The instant at which that day starts here.
    pub at: Timestamp,
    /// When that was told.
    pub told: Timestamp,
    /// Since when it does not count any more; none: it counts.
    pub taken_back: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_sets_a_type_of_notice_apart_from_an_event() {
        assert_eq!(Sign::named("duo.ss101"), Sign::Notice(TypeId::new("duo.ss101")));
        assert_eq!(
            Sign::named("pip_vastgesteld"),
            Sign::Event(EventId::new("pip_vastgesteld"))
        );
    }
}
