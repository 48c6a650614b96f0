//! What cannot be done, and what the person can do instead.

use jiff::Timestamp;

use super::{AbsenceId, End, EventId, PersonId, TaskId, TypeId};

/// Why a transition cannot be made. Says what the person can do instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such task.
    #[error("there is no task {0}; `koppelwacht task list` shows those that are open")]
    NoSuchTask(TaskId),
    /// It is done already.
    #[error(
        "task {task} was done by {by} on {day}; was that a mistake? `koppelwacht task reopen {task}` opens it again",
        day = at.strftime("%Y-%m-%d")
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
    /// Somebody said so already.
    #[error(
        "`{person}` is away already, {end} (absence {absence}), so there is nothing to add; if they are back sooner, \
         type `koppelwacht absence end {absence}` once they are"
    )]
    AbsenceKnown {
        /// Who is away.
        person: PersonId,
        /// The absence that says so.
        absence: AbsenceId,
        /// When it ends.
        end: End,
    },
    /// Somebody of another organisation, who must not see numbers of persons.
    #[error(
        "`{0}` works for another organisation and is not shown whom a task is about; ask somebody of the municipality"
    )]
    External(PersonId),
    /// Not a name in the rules.
    #[error(
        "`{0}` is not a person in the rules; write an `id` from people.toml (your own goes behind `--as`), or add them there"
    )]
    UnknownPerson(PersonId),
}
