//! What can happen to the office.

use std::sync::Arc;

use super::{
    About, Arrival, Classification, Delivery, Fingerprint, LetterId, Mail, PersonId, PersonKey, RefusedRules,
    RulesText, TaskId,
};

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
    /// Rules were loaded and checked out.
    RulesLoaded(Arc<RulesText>),
    /// Rules were brought and could not be used.
    RulesRefused(RefusedRules),
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
#[derive(Debug, Clone, PartialEq)]
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
    /// "This is about something else."
    Retype(Arc<Retyping>),
    /// "Somebody else does this."
    Reassign {
        /// Who.
        to: PersonId,
    },
}

/// What a task's mail is taken for from now on.
#[derive(Debug, Clone, PartialEq)]
pub struct Retyping {
    /// The mail, read again; [`Mail::unreadable`] where it was not kept.
    pub mail: Mail,
    /// What it is.
    pub classification: Classification,
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
    /// How the rulebook stands.
    pub rulebook: bool,
}

impl Event {
    /// Adds what this event needs to know.
    pub fn ask(&self, needs: &mut Needs) {
        match self {
            Self::MailArrived(arrival) => {
                needs.fingerprints.push(arrival.mail.fingerprint);
                needs.people.extend(arrival.people.keys());
            }
            Self::RulesLoaded(_) | Self::RulesRefused(_) => needs.rulebook = true,
            Self::MomentCame(task) | Self::PersonActed { task, .. } => needs.tasks.push(*task),
            Self::LetterTried(tried) => needs.tasks.extend(tried.about.task()),
        }
    }
}
