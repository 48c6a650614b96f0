//! A task and the ways it can go. Transitions consume the task, so that no state is ever half left behind.

use jiff::Timestamp;

use super::{
    CameOf, CaseloadId, ExpectationId, MessageId, PersonId, Refusal, RulesVersion, SourceId, TaskId, Told,
    TypeId,
};

/// Something that a human must do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its number.
    pub id: TaskId,
    /// What it came of.
    pub cause: Cause,
    /// Its type.
    pub kind: TypeId,
    /// What happened, in Dutch, as the rules said when it was opened.
    pub title: String,
    /// Whether it must be picked up, guaranteed.
    pub critical: bool,
    /// Whether it is a drill: it is told like any other, and counted apart.
    pub drill: bool,
    /// The pile it lies on.
    pub caseload: CaseloadId,
    /// Whom it was handed to by name, instead of the caseload's owner.
    pub assignee: Option<PersonId>,
    /// When the notice was received, or the time for it came.
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

/// What a task came of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// A notice.
    Notice(MessageId),
    /// Something that was expected and did not come, or must be done by a certain day.
    Expectation {
        /// What.
        expectation: ExpectationId,
        /// The message that it was expected after; none when it was several, or none of them named anybody.
        message: Option<MessageId>,
    },
    /// Something that is to be done again and again; its type tells what.
    Chore,
    /// No mail at all came from this partner for a long time.
    Silence(SourceId),
}

impl Cause {
    /// The same without saying which, as letters tell it.
    #[must_use]
    pub const fn came_of(&self) -> CameOf {
        match self {
            Self::Notice(_) => CameOf::Notice,
            Self::Expectation { .. } => CameOf::Expectation,
            Self::Chore => CameOf::Chore,
            Self::Silence(_) => CameOf::Silence,
        }
    }
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
        /// Who said so; nobody when it was a drill that nobody answered, or what it waited for came after all.
        by: Option<PersonId>,
        /// When.
        at: Timestamp,
    },
}

/// How far up the ladder a waiting task is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Climb {
    /// The rung that was told last, counted from 0.
    pub rung: u16,
    /// Who was told on it; nobody when that is a functional address, or nobody could be told.
    pub told: Option<PersonId>,
    /// How often the ladder was climbed or its last rung repeated; 0 the first time.
    pub round: u32,
    /// When the next rung is told; none when the ladder ends for good (never for a critical task).
    pub next: Option<Timestamp>,
}

impl Climb {
    /// Which call of the ladder this is.
    #[must_use]
    pub const fn call(&self) -> Told {
        Told {
            rung: self.rung,
            round: self.round,
        }
    }
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

    /// The message that it came of, at once or by way of what was expected after it.
    #[must_use]
    pub fn message(&self) -> Option<MessageId> {
        match self.cause {
            Cause::Notice(message) => Some(message),
            Cause::Expectation { message, .. } => message,
            Cause::Chore | Cause::Silence(_) => None,
        }
    }

    /// Whether anybody still has to do something.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !matches!(self.state, TaskState::Done { .. })
    }

    /// Whoever has it now: who took it, or was told of it last.
    #[must_use]
    pub fn with(&self) -> Option<&PersonId> {
        match &self.state {
            TaskState::Waiting(climb) => climb.told.as_ref(),
            TaskState::Taken { by, .. } => Some(by),
            TaskState::Done { .. } => None,
        }
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
                state: TaskState::Done { by: Some(by), at },
                ..self
            }),
            TaskState::Done { .. } => Err(self.already_done()),
        }
    }

    /// It is over without anybody: a drill that nobody answered, or what it waited for came. A task that is done stays as
    /// it is.
    #[must_use]
    pub fn lapse(self, at: Timestamp) -> Self {
        match self.state {
            TaskState::Waiting(_) | TaskState::Taken { .. } => Self {
                state: TaskState::Done { by: None, at },
                ..self
            },
            TaskState::Done { .. } => self,
        }
    }

    /// It was handled by mistake: the ladder starts again, with whoever had it last.
    ///
    /// # Errors
    /// It is open, was a drill, or is over because it was not needed any more.
    pub fn reopen(self, climb: Climb) -> Result<Self, Refusal> {
        match self.state {
            TaskState::Waiting(_) | TaskState::Taken { .. } => Err(Refusal::StillOpen(self.id)),
            TaskState::Done { .. } if self.drill => Err(Refusal::DrillAgain(self.id)),
            TaskState::Done { by: None, .. } => Err(Refusal::NotNeeded(self.id)),
            TaskState::Done { by: Some(_), .. } => Ok(Self {
                state: TaskState::Waiting(climb),
                ..self
            }),
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

    /// Whoever has it is not the one to do it: it is nobody's, and goes on up the ladder.
    ///
    /// # Errors
    /// It is done already.
    pub fn let_go(self, climb: Climb) -> Result<Self, Refusal> {
        match self.state {
            TaskState::Waiting(_) | TaskState::Taken { .. } => Ok(Self {
                assignee: None,
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
                cause: self.cause,
                drill: self.drill,
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

    /// It wants attention at this moment, wherever it stands. A task that is done wants none.
    #[must_use]
    pub fn due_for_attention(mut self, at: Timestamp) -> Self {
        match &mut self.state {
            TaskState::Waiting(climb) => climb.next = Some(at),
            TaskState::Taken { until, .. } => *until = Some(at),
            TaskState::Done { .. } => {}
        }
        self
    }

    fn already_done(self) -> Refusal {
        let TaskState::Done { by, at } = self.state else {
            unreachable!("only asked of a task that is done");
        };
        match by {
            Some(by) => Refusal::AlreadyDone {
                task: self.id,
                by,
                at,
            },
            None if self.drill => Refusal::DrillOver(self.id),
            None => Refusal::CameAfterAll(self.id),
        }
    }
}
