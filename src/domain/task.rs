//! A task and the ways it can go. Transitions consume the task, so that no state is ever half left behind.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CaseloadId, MessageId, PersonId, RulesVersion, TaskId, TypeId};

/// Something that a human must do because a notice came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its number.
    pub id: TaskId,
    /// The message it came from.
    pub message: MessageId,
    /// Its type.
    pub kind: TypeId,
    /// What happened, in Dutch, as the rules said when it was opened.
    pub title: String,
    /// Whether it must be picked up, guaranteed.
    pub critical: bool,
    /// The pile it lies on.
    pub caseload: CaseloadId,
    /// Whom it was handed to by name, instead of the caseload's owner.
    pub assignee: Option<PersonId>,
    /// When the notice was received.
    pub received: Timestamp,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it must be handled.
    pub due: Timestamp,
    /// The rules under which it was opened.
    pub rules: RulesVersion,
    /// Where it stands.
    pub state: TaskState,
}

/// Where a task stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskState {
    /// Nobody has taken it; the ladder is being climbed.
    Waiting(Climb),
    /// Somebody has it.
    Taken {
        /// Who.
        by: PersonId,
        /// Since when.
        since: Timestamp,
        /// When the hold ends and the ladder starts again; none for tasks that may rest.
        until: Option<Timestamp>,
    },
    /// Handled.
    Done {
        /// Who said so.
        by: PersonId,
        /// When.
        at: Timestamp,
    },
}

/// How far up the ladder a waiting task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Climb {
    /// The rung that was told last, counted from 0.
    pub rung: u16,
    /// How often the ladder was climbed or its last rung repeated; 0 the first time.
    pub round: u32,
    /// When the next rung is told; none when the ladder ends for good (never for a critical task).
    pub next: Option<Timestamp>,
}

/// Why a transition cannot be made. Says what the person can do instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such task.
    #[error("there is no task {0}; `koppelwacht task list` shows those that are open")]
    NoSuchTask(TaskId),
    /// It is done already.
    #[error("task {task} was done by {by} at {at}; a task that is done stays done")]
    AlreadyDone {
        /// The task.
        task: TaskId,
        /// Who did it.
        by: PersonId,
        /// When.
        at: Timestamp,
    },
    /// Somebody else has it.
    #[error("task {task} was taken by {by}; `koppelwacht task reassign {task} --to YOU` moves it")]
    TakenBySomebodyElse {
        /// The task.
        task: TaskId,
        /// Who has it.
        by: PersonId,
    },
    /// A remark that names somebody; the history is kept for ever.
    #[error(
        "the remark has a number like a BSN or V-nummer; leave it out: the history is kept, and read by many"
    )]
    PersonalData,
    /// Not a type in the rules.
    #[error("`{0}` is not a type in the rules; `koppelwacht rules print` lists them")]
    UnknownType(TypeId),
    /// A type of which no task is opened.
    #[error("of that type no task is opened; if nothing is to be done, use `koppelwacht task done`")]
    OpensNoTask,
    /// Not a name in the rules.
    #[error("`{0}` is not a person in the rules; add them to people.toml or use one of the names there")]
    UnknownPerson(PersonId),
}

impl Task {
    /// The moment at which this task wants attention again.
    #[must_use]
    pub fn next_moment(&self) -> Option<Timestamp> {
        match &self.state {
            TaskState::Waiting(climb) => climb.next,
            TaskState::Taken { until, .. } => *until,
            TaskState::Done { .. } => None,
        }
    }

    /// Whether anybody still has to do something.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !matches!(self.state, TaskState::Done { .. })
    }

    /// Somebody takes it, until `until`, and is its holder from now on. Taking what one has already renews the hold.
    ///
    /// # Errors
    /// It is done, or somebody else has it.
    pub fn take(self, by: PersonId, at: Timestamp, until: Option<Timestamp>) -> Result<Self, Refusal> {
        match &self.state {
            TaskState::Taken { by: holder, .. } if *holder != by => Err(Refusal::TakenBySomebodyElse {
                task: self.id,
                by: holder.clone(),
            }),
            TaskState::Waiting(_) | TaskState::Taken { .. } => Ok(Self {
                assignee: Some(by.clone()),
                state: TaskState::Taken { by, since: at, until },
                ..self
            }),
            TaskState::Done { .. } => Err(self.already_done()),
        }
    }

    /// Somebody has handled it, whoever had it.
    ///
    /// # Errors
    /// It is done already.
    pub fn finish(self, by: PersonId, at: Timestamp) -> Result<Self, Refusal> {
        match self.state {
            TaskState::Waiting(_) | TaskState::Taken { .. } => Ok(Self {
                state: TaskState::Done { by, at },
                ..self
            }),
            TaskState::Done { .. } => Err(self.already_done()),
        }
    }

    /// It goes to another person, who has not taken it yet: the ladder starts again with them.
    ///
    /// # Errors
    /// It is done already.
    pub fn reassign(self, to: PersonId, climb: Climb) -> Result<Self, Refusal> {
        match self.state {
            TaskState::Waiting(_) | TaskState::Taken { .. } => Ok(Self {
                assignee: Some(to),
                state: TaskState::Waiting(climb),
                ..self
            }),
            TaskState::Done { .. } => Err(self.already_done()),
        }
    }

    /// It was about something else all along: `other` says what, and nobody has it any more.
    ///
    /// # Errors
    /// It is done already.
    pub fn become_another(self, other: Self) -> Result<Self, Refusal> {
        match self.state {
            TaskState::Waiting(_) | TaskState::Taken { .. } => Ok(Self {
                id: self.id,
                message: self.message,
                opened: self.opened,
                ..other
            }),
            TaskState::Done { .. } => Err(self.already_done()),
        }
    }

    /// The ladder is climbed on, or started again after a hold that ended. A task that is done stays as it is.
    #[must_use]
    pub fn climb(self, climb: Climb) -> Self {
        match self.state {
            TaskState::Waiting(_) | TaskState::Taken { .. } => Self {
                state: TaskState::Waiting(climb),
                ..self
            },
            TaskState::Done { .. } => self,
        }
    }

    fn already_done(self) -> Refusal {
        let TaskState::Done { by, at } = self.state else {
            unreachable!("only asked of a task that is done");
        };
        Refusal::AlreadyDone {
            task: self.id,
            by,
            at,
        }
    }
}

/// One line of a task's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryLine {
    /// The task.
    pub task: TaskId,
    /// When.
    pub at: Timestamp,
    /// Who did it; nobody when Koppelwacht did.
    pub by: Option<PersonId>,
    /// What happened.
    pub what: Happening,
}

/// What happened to a task, in a form that can be read back and put into words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Happening {
    /// It was opened, on these grounds.
    Opened {
        /// The rule that recognised the notice.
        rule: String,
        /// The grounds in order: recognition, due date with skipped days, route.
        why: Vec<String>,
        /// What is to be known about the sender.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caution: Option<Caution>,
        /// What gives the sender away, when they are not who they claim to be.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deceit: Option<super::Deceit>,
    },
    /// Somebody was told.
    Told {
        /// In which role.
        role: super::Role,
        /// Who, when it is a person.
        person: Option<PersonId>,
        /// How often this ladder has come round.
        round: u32,
    },
    /// A rung was skipped at once.
    Skipped {
        /// The role that was to be told.
        role: super::Role,
        /// Why nobody was.
        reason: Skip,
    },
    /// Somebody took it.
    Taken,
    /// The hold of the person who had it ended.
    HoldEnded {
        /// Who had it.
        person: PersonId,
    },
    /// Nobody on the whole ladder could be told; it is tried again on the next working day.
    NobodyThere,
    /// It was handed to somebody.
    Reassigned {
        /// To whom.
        to: PersonId,
    },
    /// It was handled.
    Done {
        /// What was said about it; never personal data.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remark: Option<String>,
    },
    /// It turned out to be about something else.
    Retyped {
        /// What it was.
        from: TypeId,
        /// What it is.
        to: TypeId,
        /// Why.
        why: Vec<String>,
    },
    /// Somebody asked for the numbers of the people it is about.
    LookedUp,
    /// A letter about it was refused by the mail server.
    LetterRefused {
        /// The server's status code.
        code: String,
    },
}

/// What is to be known about the sender of a notice before it is acted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Caution {
    /// The mail server said nothing about the sender.
    Unchecked,
    /// The sender is not who they claim to be.
    Forged,
}

/// Why a rung was skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "skip", rename_all = "snake_case")]
pub enum Skip {
    /// The caseload has nobody in this role.
    Nobody,
    /// Everybody in this role is away.
    Absent {
        /// Who.
        people: Vec<PersonId>,
    },
    /// The person was told already on an earlier rung.
    AlreadyTold {
        /// Who.
        person: PersonId,
    },
}
