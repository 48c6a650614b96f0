//! What can be asked at the desk; nothing is written.

use std::collections::HashSet;

use super::{Books, Desk, DeskError, DrillFile, TaskFile, TaskFilter};
use crate::domain::{
    Absence, FolderRef, Kept, LetterId, Message, MessageId, Partners, Refusal, RulebookLine, RulesText,
    RulesVersion, Task, TaskId,
};

impl Desk {
    /// The items of this folder that the ledger knows.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn known(&self, folder: &FolderRef) -> Result<HashSet<String>, DeskError> {
        Ok(self.store.known(folder).await?)
    }

    /// The items in the ledger that are not yet marked in the mailbox.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn unmarked(&self, folder: &FolderRef) -> Result<Vec<String>, DeskError> {
        Ok(self.store.unmarked(folder).await?)
    }

    /// Tasks that fit the filter, those that are due first.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn tasks(&self, filter: &TaskFilter) -> Result<Vec<Task>, DeskError> {
        Ok(self.store.tasks(filter).await?)
    }

    /// Absences that are not over; with those that are over when asked.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn absences(&self, over_too: bool) -> Result<Vec<Absence>, DeskError> {
        Ok(self.store.absences(over_too).await?)
    }

    /// Everything about one task.
    ///
    /// # Errors
    /// There is no such task, or the ledger cannot be read.
    pub async fn task(&self, id: TaskId) -> Result<TaskFile, DeskError> {
        Ok(self.store.task(id).await?.ok_or(Refusal::NoSuchTask(id))?)
    }

    /// The state of the books.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn books(&self) -> Result<Books, DeskError> {
        Ok(self.store.books().await?)
    }

    /// How drills went, the oldest first: all of them, or one.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn drills(&self, only: Option<LetterId>) -> Result<Vec<DrillFile>, DeskError> {
        Ok(self.store.drills(only).await?)
    }

    /// What is known of partners.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn partners(&self) -> Result<Partners, DeskError> {
        Ok(self.store.partners(self.now()).await?)
    }

    /// Everything that happened to the rules, oldest line first.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn rulebook(&self) -> Result<Vec<RulebookLine>, DeskError> {
        Ok(self.store.rulebook().await?)
    }

    /// The text of rules that were once in force.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn rules(&self, version: &RulesVersion) -> Result<Option<RulesText>, DeskError> {
        Ok(self.store.rules(version).await?)
    }

    /// Messages with a number above `after`, in the order in which they were recorded.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn recorded(&self, after: MessageId, limit: u32) -> Result<Vec<Message>, DeskError> {
        Ok(self.store.recorded(after, limit).await?)
    }

    /// What is kept of a message.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn kept(&self, message: MessageId) -> Result<Kept, DeskError> {
        Ok(self.store.kept(message).await?)
    }
}
