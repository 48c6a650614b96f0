//! The one writing transaction.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::Sqlite;
use sqlx::sqlite::SqliteConnection;

use super::fault::{Fault, LedgerFile};
use super::{read, snapshot, write};
use crate::domain::{Batch, FolderRef, Needs, Sealed, Snapshot};
use crate::store::{Reading, StoreError, Transaction, Watched};

/// The one writing transaction. sqlx undoes it when it is dropped.
pub(super) struct Writing {
    pub(super) connection: sqlx::Transaction<'static, Sqlite>,
    pub(super) file: LedgerFile,
    /// Why it can no longer be used.
    pub(super) spoiled: Option<StoreError>,
}

impl Writing {
    /// Starts a call: until it has ended well, the transaction counts as spoiled.
    fn start(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        if let Some(error) = &self.spoiled {
            return Err(error.clone());
        }
        self.spoiled = Some(StoreError::Later(
            "a call in this transaction was broken off; drop it and start again".to_owned(),
        ));
        Ok(&mut self.connection)
    }

    /// Ends a call.
    fn end<T>(&mut self, result: Result<T, Fault>) -> Result<T, StoreError> {
        let result = result.map_err(|fault| self.file.judge(fault));
        self.spoiled = result.as_ref().err().cloned();
        result
    }
}

#[async_trait]
impl Transaction for Writing {
    async fn load(&mut self, needs: &Needs, now: Timestamp) -> Result<Snapshot, StoreError> {
        let result = snapshot::load(self.start()?, needs, now).await;
        self.end(result)
    }

    async fn claim(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Sealed>, StoreError> {
        let connection = self.start()?;
        let result = async {
            let letters = read::waiting_letters(connection, now, limit).await?;
            write::claim(connection, &letters, until).await?;
            Ok(letters)
        };
        let result = result.await;
        self.end(result)
    }

    async fn apply(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let result = write::batch(self.start()?, batch).await;
        self.end(result)
    }

    async fn mark(&mut self, folder: &FolderRef, items: &[String]) -> Result<(), StoreError> {
        let result = write::mark(self.start()?, folder, items).await;
        self.end(result)
    }

    async fn watch(&mut self, folders: &[Watched]) -> Result<(), StoreError> {
        let result = write::watched(self.start()?, folders).await;
        self.end(result)
    }

    async fn note_reading(&mut self, reading: &Reading) -> Result<(), StoreError> {
        let result = write::reading(self.start()?, reading).await;
        self.end(result)
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        self.start()?;
        let Self { connection, file, .. } = *self;
        connection.commit().await.map_err(|error| file.judge(error))
    }
}
