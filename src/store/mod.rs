//! The ledger's port: what the office needs of a database, and nothing else.
//!
//! Guarantees that every sibling keeps (the conformance suite in `tests/store.rs` runs over each of them):
//! * a [`Transaction`] that was committed survives a power cut; one that was dropped leaves no trace;
//! * transactions that write are one after the other, also between processes: what [`Transaction::load`] returned is
//!   still true when [`Transaction::apply`] writes, and numbers are never handed out twice;
//! * a place is entered once: entering it again changes nothing;
//! * every question about what is due is answered from an index.

pub mod lock;
pub mod sqlite;

use std::collections::{BTreeMap, HashSet};

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;

use crate::domain::{
    Absence, Batch, CaseloadId, ChoreId, Drill, Expectation, FolderRef, HistoryLine, Kept, KeyId, LetterId,
    Message, MessageId, Moment, Needs, Partners, PersonId, PersonKey, RulebookLine, RulesText, RulesVersion,
    Sealed, Snapshot, Task, TaskId,
};

/// The ledger.
#[async_trait]
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Starts the one writing transaction; waits a few seconds for another to end.
    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError>;

    /// The items of this folder that the ledger knows.
    async fn known(&self, folder: &FolderRef) -> Result<HashSet<String>, StoreError>;

    /// The items of this folder that are in the ledger and not yet marked in the mailbox.
    async fn unmarked(&self, folder: &FolderRef) -> Result<Vec<String>, StoreError>;

    /// What has a moment at `now` or before: absences first, then tasks, drills, expectations and routines, each the earliest first. The
    /// proof of cover is not among these; see [`Store::next_proof`].
    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Moment>, StoreError>;

    /// The earliest stored moment of anything that [`Store::due`] knows, past ones included.
    async fn next_moment(&self) -> Result<Option<Timestamp>, StoreError>;

    /// When the cover of the coming weeks is proved next, past moments included.
    async fn next_proof(&self) -> Result<Option<Timestamp>, StoreError>;

    /// The earliest moment at which a waiting letter may be tried, past ones included.
    async fn next_letter(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Absences that are not over, those that start first first; with those that are over when asked.
    async fn absences(&self, over_too: bool) -> Result<Vec<Absence>, StoreError>;

    /// Tasks that fit the filter, those that are due first.
    async fn tasks(&self, filter: &TaskFilter) -> Result<Vec<Task>, StoreError>;

    /// Makes this the ledger of one key: content is sealed with it, and with no other, from now on and for ever.
    ///
    /// # Errors
    /// [`StoreError::Broken`] when the ledger is of another key.
    async fn belong_to(&self, key: KeyId) -> Result<(), StoreError>;

    /// Messages with a number above `after`, in the order in which they were recorded.
    async fn recorded(&self, after: MessageId, limit: u32) -> Result<Vec<Message>, StoreError>;

    /// What is kept of a message; nothing when there is no such message, or nothing was kept of it.
    async fn kept(&self, message: MessageId) -> Result<Kept, StoreError>;

    /// What is known of partners at `now`.
    async fn partners(&self, now: Timestamp) -> Result<Partners, StoreError>;

    /// Everything that happened to the rules, oldest line first.
    async fn rulebook(&self) -> Result<Vec<RulebookLine>, StoreError>;

    /// The text of rules that were once in force.
    async fn rules(&self, version: &RulesVersion) -> Result<Option<RulesText>, StoreError>;

    /// A task with its message and history, oldest line first.
    async fn task(&self, id: TaskId) -> Result<Option<TaskFile>, StoreError>;

    /// Everything about the person whom these keys are of.
    async fn about(&self, person: &[PersonKey]) -> Result<DossierFile, StoreError>;

    /// How drills went, the oldest first: all of them, or the one with this letter.
    async fn drills(&self, only: Option<LetterId>) -> Result<Vec<DrillFile>, StoreError>;

    /// The state of the books.
    async fn books(&self) -> Result<Books, StoreError>;
}

/// One writing transaction. Dropping it undoes it.
///
/// After an error, or after a call whose future was dropped before it ended, it can only be dropped: every further
/// call, [`Transaction::commit`] included, is answered with an error. Half a batch is never made durable.
#[async_trait]
pub trait Transaction: Send {
    /// What the ledger knows of this at `now`, who is away soon, and the next free numbers.
    async fn load(&mut self, needs: &Needs, now: Timestamp) -> Result<Snapshot, StoreError>;

    /// Takes waiting letters whose moment is `now` or before, those that have waited longest first, so that nobody
    /// else takes them before `until`.
    async fn claim(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Sealed>, StoreError>;

    /// Writes a batch. A letter that is settled already stays as it is.
    async fn apply(&mut self, batch: &Batch) -> Result<(), StoreError>;

    /// Remembers that these items are marked in the mailbox. Items that the ledger does not know are passed over.
    async fn mark(&mut self, folder: &FolderRef, items: &[String]) -> Result<(), StoreError>;

    /// From now on these folders are watched. What is known of reading others is forgotten; of those that are new it is
    /// known that they never were read.
    async fn watch(&mut self, folders: &[Watched]) -> Result<(), StoreError>;

    /// Remembers how reading a folder went. A reading without proof leaves the last proof standing.
    async fn note_reading(&mut self, reading: &Reading) -> Result<(), StoreError>;

    /// Makes everything durable.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// A folder that is watched.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Watched {
    /// The mailbox, as the settings name it.
    pub mailbox: String,
    /// The folder in it.
    pub folder: String,
}

/// Which tasks to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// Those that are done as well.
    pub done_too: bool,
    /// Drills as well.
    pub drills_too: bool,
    /// Of one caseload.
    pub caseload: Option<CaseloadId>,
    /// Taken by, or assigned to, one person.
    pub person: Option<PersonId>,
    /// At most this many; none: all.
    pub limit: Option<u32>,
}

/// Everything about one task.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskFile {
    /// The task.
    pub task: Task,
    /// The message it came of, at once or by way of what was expected after it.
    pub message: Option<Message>,
    /// Its history, oldest line first.
    pub history: Vec<HistoryLine>,
}

/// Everything about one person.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DossierFile {
    /// What came of notices and of what was expected, in the order in which it came.
    pub tasks: Vec<TaskFile>,
    /// What is or was expected, what must be there first first.
    pub expected: Vec<Expectation>,
}

/// How a drill went.
#[derive(Debug, Clone, PartialEq)]
pub struct DrillFile {
    /// The drill.
    pub drill: Drill,
    /// What became of its mail on our side.
    pub mail: DrillPost,
    /// Its task, once it has one.
    pub task: Option<Task>,
    /// When the first letter about that task was taken by a mail server.
    pub told: Option<Timestamp>,
}

/// What became of the mail of a drill on our side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DrillPost {
    /// It waits to be sent.
    Waiting {
        /// Why it did not leave at the last attempt; none when nobody tried.
        reason: Option<String>,
    },
    /// A mail server took it.
    Sent {
        /// When.
        at: Timestamp,
    },
    /// A mail server refused it for good.
    Refused {
        /// The server's status code.
        code: String,
    },
}

/// How reading a folder went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// The mailbox.
    pub mailbox: String,
    /// The folder.
    pub folder: String,
    /// When it was last proven that everything in it had been seen; none: never yet.
    pub proven: Option<Timestamp>,
    /// Messages that lay there and were not yet in the ledger.
    pub backlog: u64,
    /// What is wrong, in English and without personal data; none when all is well.
    pub trouble: Option<String>,
}

/// A letter that somebody may have to see to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LetterToSeeTo {
    /// Since when.
    pub at: Timestamp,
    /// The task that it is about; none when it is about the office as a whole, or a drill.
    pub task: Option<TaskId>,
    /// Why it did not leave; none when nobody tried. In English, without personal data.
    pub reason: Option<String>,
    /// Since when it is put off for its recipient's sake.
    pub put_off: Option<Timestamp>,
}

/// The state of the books: `messages` is the sum of `with_task`, `without_task` and `drills`; anything else is a defect.
/// Drills are counted apart. Letters about them are letters: they leave as all others do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Books {
    /// Per folder.
    pub folders: Vec<Reading>,
    /// Different messages in the ledger.
    pub messages: u64,
    /// Of those: messages that opened at least one task.
    pub with_task: u64,
    /// Of those: messages about our own letters, which open none.
    pub without_task: u64,
    /// Of those: messages that were drills.
    pub drills: u64,
    /// Further places in which a known message was found.
    pub duplicates: u64,
    /// Places in the ledger not yet marked in the mailbox.
    pub unmarked: u64,
    /// Of the drills: those that nobody answered yet, and whose time is not over.
    pub drills_open: u64,
    /// Tasks that wait for somebody.
    pub waiting: u64,
    /// Tasks that somebody has.
    pub taken: u64,
    /// Tasks that are done.
    pub done: u64,
    /// Open critical tasks that have no next moment. Always 0.
    pub unguarded: u64,
    /// Letters that wait to be sent.
    pub letters_waiting: u64,
    /// Letters that a server took.
    pub letters_sent: u64,
    /// Letters that a server refused for good.
    pub letters_refused: u64,
    /// Letters that were taken back before they left, because somebody acted.
    pub letters_overtaken: u64,
    /// Of the letters that wait: the one that could have left first, since when, and why it did not at the last attempt.
    pub longest_waiting: Option<LetterToSeeTo>,
    /// The last letter that was refused for good, when, and with what code.
    pub last_refused: Option<LetterToSeeTo>,
    /// The next stored moment of anything but the proof of cover.
    pub next_moment: Option<Timestamp>,
    /// When the cover of the coming weeks was last proved; none: never yet.
    pub proved: Option<Timestamp>,
    /// In how many weeks of caseloads too few people were there by that proof.
    pub holes: u64,
    /// When it is proved next; none when nobody wants it.
    pub next_proof: Option<Timestamp>,
    /// When each chore comes next, past moments included.
    pub chores: BTreeMap<ChoreId, Timestamp>,
    /// The last step in the course of any open task that has a next moment; none when there is no such task. It lies in the
    /// past, unless the clock was ahead then.
    pub last_step: Option<Timestamp>,
}

/// Why the ledger could not do what was asked, by what the caller does next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Somebody else is writing, or the disk is full: keep what you have and try again later.
    #[error("the ledger cannot be written now: {0}")]
    Later(String),
    /// The ledger cannot be used: a human has to look.
    #[error("the ledger cannot be used: {0}")]
    Broken(String),
    /// These values cannot be written; others can. Trying them again will not help.
    #[error("the ledger does not take this: {0}")]
    Unwritable(String),
}
