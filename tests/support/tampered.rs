//! A real ledger that somebody tampers with: it refuses, fails, forgets or writes something else than it was given.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use koppelwacht::domain::{
    Absence, Batch, FolderRef, Kept, KeyId, LetterId, Message, MessageId, Moment, Needs, Partners, PersonKey,
    RulebookLine, RulesText, RulesVersion, Sealed, Snapshot, Task, TaskId,
};
use koppelwacht::store::sqlite::SqliteStore;
use koppelwacht::store::{
    Books, DossierFile, DrillFile, Reading, Store, StoreError, TaskFile, TaskFilter, Transaction, Watched,
};

/// What is done to a ledger. As it stands, nothing is.
pub trait Tamper: Debug + Send + Sync {
    /// Before a transaction starts.
    fn begin(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// What is written instead of a batch.
    fn write<'b>(&self, batch: &'b Batch) -> Result<Cow<'b, Batch>, StoreError> {
        Ok(Cow::Borrowed(batch))
    }

    /// What is made of a transaction that wants to commit.
    fn commit(&self) -> Fate {
        Fate::Kept
    }

    /// These batches are in the ledger now.
    fn written(&self, _batches: Vec<Batch>) {}

    /// Which of the moments that came are answered.
    fn due(&self, moments: Vec<Moment>) -> Vec<Moment> {
        moments
    }
}

/// What becomes of a transaction that wants to commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is kept, and the answer says so.
    Kept,
    /// It is undone, for this reason.
    Undone(StoreError),
    /// It is kept, and the answer is lost.
    AnswerLost(StoreError),
}

/// What no value can be made to do today, and some defect may do tomorrow: the ledger does not take what lies at this
/// place in a mailbox, not even without its content.
#[derive(Debug)]
pub struct NotTaken(pub &'static str);

impl Tamper for NotTaken {
    fn write<'b>(&self, batch: &'b Batch) -> Result<Cow<'b, Batch>, StoreError> {
        if batch.messages.iter().any(|message| message.place.item == self.0) {
            return Err(StoreError::Unwritable("picky".to_owned()));
        }
        Ok(Cow::Borrowed(batch))
    }
}

/// A ledger that somebody tampers with.
#[derive(Debug)]
pub struct Tampered<T> {
    pub ledger: SqliteStore,
    pub tamper: Arc<T>,
}

struct TamperedTransaction<T> {
    transaction: Box<dyn Transaction>,
    tamper: Arc<T>,
    batches: Vec<Batch>,
}

#[async_trait]
impl<T: Tamper + 'static> Store for Tampered<T> {
    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError> {
        self.tamper.begin()?;
        Ok(Box::new(TamperedTransaction {
            transaction: self.ledger.begin().await?,
            tamper: Arc::clone(&self.tamper),
            batches: Vec::new(),
        }))
    }

    async fn known(&self, folder: &FolderRef) -> Result<HashSet<String>, StoreError> {
        self.ledger.known(folder).await
    }

    async fn unmarked(&self, folder: &FolderRef) -> Result<Vec<String>, StoreError> {
        self.ledger.unmarked(folder).await
    }

    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Moment>, StoreError> {
        Ok(self.tamper.due(self.ledger.due(now, limit).await?))
    }

    async fn next_moment(&self) -> Result<Option<Timestamp>, StoreError> {
        self.ledger.next_moment().await
    }

    async fn next_proof(&self) -> Result<Option<Timestamp>, StoreError> {
        self.ledger.next_proof().await
    }

    async fn next_letter(&self) -> Result<Option<Timestamp>, StoreError> {
        self.ledger.next_letter().await
    }

    async fn absences(&self, over_too: bool) -> Result<Vec<Absence>, StoreError> {
        self.ledger.absences(over_too).await
    }

    async fn tasks(&self, filter: &TaskFilter) -> Result<Vec<Task>, StoreError> {
        self.ledger.tasks(filter).await
    }

    async fn belong_to(&self, key: KeyId) -> Result<(), StoreError> {
        self.ledger.belong_to(key).await
    }

    async fn recorded(&self, after: MessageId, limit: u32) -> Result<Vec<Message>, StoreError> {
        self.ledger.recorded(after, limit).await
    }

    async fn partners(&self, now: Timestamp) -> Result<Partners, StoreError> {
        self.ledger.partners(now).await
    }

    async fn rulebook(&self) -> Result<Vec<RulebookLine>, StoreError> {
        self.ledger.rulebook().await
    }

    async fn rules(&self, version: &RulesVersion) -> Result<Option<RulesText>, StoreError> {
        self.ledger.rules(version).await
    }

    async fn kept(&self, message: MessageId) -> Result<Kept, StoreError> {
        self.ledger.kept(message).await
    }

    async fn task(&self, id: TaskId) -> Result<Option<TaskFile>, StoreError> {
        self.ledger.task(id).await
    }

    async fn about(&self, person: &[PersonKey]) -> Result<DossierFile, StoreError> {
        self.ledger.about(person).await
    }

    async fn drills(&self, only: Option<LetterId>) -> Result<Vec<DrillFile>, StoreError> {
        self.ledger.drills(only).await
    }

    async fn books(&self) -> Result<Books, StoreError> {
        self.ledger.books().await
    }
}

#[async_trait]
impl<T: Tamper> Transaction for TamperedTransaction<T> {
    async fn load(&mut self, needs: &Needs, now: Timestamp) -> Result<Snapshot, StoreError> {
        self.transaction.load(needs, now).await
    }

    async fn claim(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Sealed>, StoreError> {
        self.transaction.claim(now, until, limit).await
    }

    async fn apply(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let batch = self.tamper.write(batch)?;
        self.transaction.apply(&batch).await?;
        self.batches.push(batch.into_owned());
        Ok(())
    }

    async fn mark(&mut self, folder: &FolderRef, items: &[String]) -> Result<(), StoreError> {
        self.transaction.mark(folder, items).await
    }

    async fn watch(&mut self, folders: &[Watched]) -> Result<(), StoreError> {
        self.transaction.watch(folders).await
    }

    async fn note_reading(&mut self, reading: &Reading) -> Result<(), StoreError> {
        self.transaction.note_reading(reading).await
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let fate = self.tamper.commit();
        if let Fate::Undone(error) = fate {
            return Err(error);
        }
        self.transaction.commit().await?;
        self.tamper.written(self.batches);
        match fate {
            Fate::AnswerLost(error) => Err(error),
            Fate::Kept | Fate::Undone(_) => Ok(()),
        }
    }
}
