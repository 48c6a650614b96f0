//! What can happen to the office.

use std::sync::Arc;

use super::{About, Arrival, Delivery, Fingerprint, LetterId, PersonId, PersonKey, TaskId};

/// Something that came in.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A mail arrived.
    MailArrived(Arc<Arrival>),
    /// A stored moment of this task came.
    MomentCame(TaskId),
    /// A person acted.
    PersonActed {
        /// Who.
        by: PersonId,
        /// On which task.
        task: TaskId,
        /// What they did.
        act: Act,
    },
    /// A letter was sent, or was not.
    LetterTried(LetterTried),
}

/// An attempt to send a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterTried {
    /// The letter.
    pub letter: LetterId,
    /// Why there was one.
    pub about: About,
    /// How often it had been tried before.
    pub attempts: u32,
    /// What became of it.
    pub delivery: Delivery,
}

/// What a person can do with a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// "I do this."
    Take,
    /// "This is handled."
    Done {
        /// A remark for the history.
        remark: Option<String>,
    },
    /// "I need to know who this is about": told to them, and to the history.
    LookUp,
    /// "Somebody else does this."
    Reassign {
        /// Who.
        to: PersonId,
    },
}

/// What must be known before an event can be decided on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Messages that may have been seen before.
    pub fingerprints: Vec<Fingerprint>,
    /// People that messages are about.
    pub people: Vec<PersonKey>,
    /// Tasks with their history.
    pub tasks: Vec<TaskId>,
}

impl Event {
    /// Adds what this event needs to know.
    pub fn ask(&self, needs: &mut Needs) {
        match self {
            Self::MailArrived(arrival) => {
                needs.fingerprints.push(arrival.mail.fingerprint);
                needs.people.extend(arrival.people.keys());
            }
            Self::MomentCame(task) | Self::PersonActed { task, .. } => needs.tasks.push(*task),
            Self::LetterTried(tried) => needs.tasks.extend(tried.about.task()),
        }
    }
}
