//! The desk (skeleton: signatures only, being written).

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::{Act, Arrival, Delivery, FolderRef, PersonId, Refusal, Sealed, TaskId, Trust};
use crate::store::{Reading, StoreError};

/// The desk.
#[derive(Debug)]
pub struct Desk {}

/// Why the desk did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeskError {
    /// Try again later; nothing was written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The person asked for something that cannot be.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl DeskError {
    /// Whether the same call may succeed later without anybody changing anything.
    #[must_use]
    pub fn retry_helps(&self) -> bool {
        matches!(self, Self::Store(StoreError::Later(_)))
    }
}

impl Desk {
    /// What is needed to judge senders, under the rules in force.
    #[must_use]
    pub fn trust(&self) -> Arc<Trust> {
        todo!()
    }
    /// What time it is at the desk.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        todo!()
    }
    /// Takes in mails: all are in the ledger, with tasks and letters, once this returns Ok. Call in batches.
    pub async fn receive(&self, arrivals: Vec<Arrival>) -> Result<(), DeskError> {
        let _ = arrivals;
        todo!()
    }
    /// The items of this folder that the ledger knows.
    pub async fn known(&self, folder: &FolderRef) -> Result<HashSet<String>, DeskError> {
        let _ = folder;
        todo!()
    }
    /// The items in the ledger that are not yet marked in the mailbox.
    pub async fn unmarked(&self, folder: &FolderRef) -> Result<Vec<String>, DeskError> {
        let _ = folder;
        todo!()
    }
    /// Remembers that these items are marked in the mailbox.
    pub async fn marked(&self, folder: &FolderRef, items: &[String]) -> Result<(), DeskError> {
        let _ = (folder, items);
        todo!()
    }
    /// Remembers how reading a folder went.
    pub async fn note_reading(&self, reading: Reading) -> Result<(), DeskError> {
        let _ = reading;
        todo!()
    }
    /// Takes waiting letters so that nobody else sends them for the coming minutes.
    pub async fn claim_letters(&self, limit: u32) -> Result<Vec<Sealed>, DeskError> {
        let _ = limit;
        todo!()
    }
    /// Reports what became of letters.
    pub async fn letters_tried(&self, tried: Vec<(Sealed, Delivery)>) -> Result<(), DeskError> {
        let _ = tried;
        todo!()
    }
    /// Returns when there may be a letter to send: one was queued, or a waiting one's moment came.
    pub async fn letter_due(&self) {
        todo!()
    }
    /// A person acts on a task.
    pub async fn act(&self, by: PersonId, task: TaskId, act: Act) -> Result<(), DeskError> {
        let _ = (by, task, act);
        todo!()
    }
}
