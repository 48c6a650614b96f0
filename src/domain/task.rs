//! A task and the ways it can go. Transitions consume the task, so that no state is ever half left behind.

use jiff::Timestamp;

use super::{
    AbsenceId, CameOf, CaseloadId, EventId, ExpectationId, MessageId, PersonId, RulesVersion, SourceId,
    TaskId, Told, TypeId,
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

/// Why a transition cannot be made. Says what the person can do instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such task.
    #[error("there is no task {0}; `koppelwacht task list` shows those that are open")]
    NoSuchTask(TaskId),
    /// It is done already.
    #[error(
        "task {task} was done by {by} at {at}; was that a mistake? `koppelwacht task reopen {task}` opens it again"
    )]
    AlreadyDone {
        /// The task.
        task: TaskId,
        /// Who did it.
        by: PersonId,
        /// When.
        at: Timestamp,
    },
    /// It is open, so it cannot be opened again.
    #[error("task {0} is still open; `koppelwacht task show {0}` tells who has it")]
    StillOpen(TaskId),
    /// A drill only asks for an answer.
    #[error("task {0} was a drill, and is not opened again; `koppelwacht drill` holds another")]
    DrillAgain(TaskId),
    /// What it was about came, or is not expected any more.
    #[error(
        "task {0} is not needed any more: what it was about came, or is not expected; `koppelwacht dossier` shows what still \
         is"
    )]
    NotNeeded(TaskId),
    /// Somebody is asked about the same already.
    #[error("task {task} is about the same as task {open}, which is open: go on with that one")]
    AnotherOpen {
        /// The task that was to be opened again.
        task: TaskId,
        /// The one that is open.
        open: TaskId,
    },
    /// Nobody told that.
    #[error(
        "`{0}` was not told of this person on that day; `koppelwacht dossier` shows what was told, and of which day"
    )]
    NotTold(EventId),
    /// What it waited for came.
    #[error("task {0} is over: what it waited for came after all; nothing is left to do")]
    CameAfterAll(TaskId),
    /// Nothing came about these numbers.
    #[error("nothing is known about either number; check them, or wait for the first notice")]
    NobodyKnown,
    /// Not an event in the rules.
    #[error("`{0}` is not an event in the rules; `koppelwacht rules print` lists them")]
    UnknownEvent(EventId),
    /// That day is still to come.
    #[error(
        "`{0}` cannot have happened on a day that is still to come; name the day with `--on`, or tell it when it has happened"
    )]
    NotYet(EventId),
    /// A new last day that is over already, as today is when no day was said.
    #[error("`{0}` gives a term another last day: say which with `--on`; it lies after today")]
    NoLastDay(EventId),
    /// It names nobody, so that nothing can follow from it.
    #[error("task {0} names nobody, so that no term can start with it; close it without `--event`")]
    NoDossier(TaskId),
    /// It did not come of a notice, so there is nothing that it could have been taken for wrongly.
    #[error(
        "task {0} did not come of a mail, so that it has no other type; `koppelwacht task reassign` gives it to somebody else"
    )]
    NoNotice(TaskId),
    /// It was a drill, and is over.
    #[error(
        "task {0} was a drill that nobody answered in time; it is over, and `koppelwacht drill` holds another"
    )]
    DrillOver(TaskId),
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
    /// The type of a chore, or of what is expected: they come by themselves, and no mail is of it.
    #[error(
        "`{0}` is not a type of notice: chores and what is expected come by themselves; `koppelwacht rules print` lists the types"
    )]
    TypeOfNoNotice(TypeId),
    /// A type of which no task is opened.
    #[error("of that type no task is opened; if nothing is to be done, use `koppelwacht task done`")]
    OpensNoTask,
    /// No such absence, or it is over.
    #[error("there is no absence {0} that is not over; `koppelwacht absence list` shows them")]
    NoSuchAbsence(AbsenceId),
    /// It is written down elsewhere, and would come back.
    #[error("absence {absence} stands in the {written}: change it there")]
    AbsenceElsewhere {
        /// The absence.
        absence: AbsenceId,
        /// Where it stands: `rules`, `calendar`.
        written: &'static str,
    },
    /// It ends before it starts, or has ended already.
    #[error("that absence ends before it starts, or is over already; the end is the last day of absence")]
    AbsenceOver,
    /// Somebody of another organisation, who must not see numbers of persons.
    #[error(
        "`{0}` works for another organisation and is not shown whom a task is about; ask somebody of the municipality"
    )]
    External(PersonId),
    /// Not a name in the rules.
    #[error(
        "`{0}` is not a person in the rules; write a name from people.toml (your own goes behind `--as`), or add them \
         there"
    )]
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
