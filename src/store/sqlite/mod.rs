//! The ledger in one SQLite file.
//!
//! # What it must guarantee
//! The port's promises (see [`crate::store`]), on a machine that may lose power at any moment, with a disk that may be
//! full, and with other processes (the commands, a backup) that open the same file.
//!
//! # Design
//! * **One connection writes, a few read.** In WAL mode (<https://www.sqlite.org/wal.html>) readers see the last
//!   committed state and never wait for the writer, nor it for them. Readers are opened for writing all the same, with
//!   `query_only` on: a connection that is strictly read-only cannot recover the log after a crash.
//! * **`synchronous=FULL`**: a commit returns once the log is on the disk. `NORMAL` would lose the last commits with the
//!   power, and the mail they were made from is by then marked in the mailbox.
//! * **`BEGIN IMMEDIATE`**: the write lock is taken first, so that what was loaded is still true when it is written,
//!   between processes too. A transaction that starts by reading and then wants to write would be refused at once
//!   (`SQLITE_BUSY_SNAPSHOT`), however long it is willing to wait.
//! * **A letter is claimed by moving its moment on.** A claim that ran out is therefore due again by itself.
//!
//! # Traps
//! * When the disk is full or fails, SQLite may undo the whole transaction on its own, after which `ROLLBACK` is an
//!   error. sqlx then believes for ever that a transaction is open on that connection and refuses every `BEGIN`. So a
//!   connection that still counts as being in a transaction when it comes back is closed and replaced.
//! * After such an undoing, further statements would each be committed by themselves; and after a failed statement the
//!   ones before it could still be committed. So a transaction in which a call failed, or was dropped halfway, refuses
//!   everything from then on.
//! * Two processes that open a new file at once would both set it up. So that happens under the write lock too.
//!
//! # What we accept
//! * If the future of a commit is dropped, or the power fails during it, it may have happened or not. Whoever reads the
//!   mailbox finds out: what is in the ledger is known, the rest is taken in again.
//! * Moments are kept to the microsecond.
//!
//! # How fast
//! A message with its task, two lines of history and a letter of 5 KB costs about 40 µs of processor time in a batch of
//! 200, and 10 KB of log, of which a third is pages of the index over fingerprints. The disk decides, then: see
//! `benches/ledger.rs`.

mod absences;
mod birth;
mod dossiers;
mod drills;
mod expectations;
mod fault;
mod partners;
mod read;
mod record;
mod routines;
mod rules;
mod snapshot;
mod sql;
mod tasks;
mod transaction;
mod write;

use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _, SqlStr, Sqlite};

use self::fault::{Fault, LedgerFile};
use self::transaction::Writing;
use super::{Books, DossierFile, DrillFile, Store, StoreError, TaskFile, TaskFilter, Transaction};
use crate::domain::{
    Absence, FolderRef, Kept, KeyId, LetterId, Message, MessageId, Moment, Partners, PersonKey, RulebookLine,
    RulesText, RulesVersion, Task, TaskId,
};

/// The steps that make a ledger, oldest first. A step that was released is never changed.
const STEPS: [(i64, &str, &str); 1] = [(
    1,
    "ledger",
    include_str!("../../../migrations/sqlite/0001_ledger.sql"),
)];

/// Connections for questions. Pages and commands ask little and seldom.
const READERS: u32 = 4;

/// 16 MiB of pages in memory: a batch of some hundred messages changes more than SQLite's usual 2 MiB, and what does not
/// fit goes to the log twice.
const CACHE_KIB: &str = "-16384";

/// The log is worked into the file when it has 4,000 pages (16 MiB). Fingerprints fall on the pages of their index like
/// rain: the longer the log, the more of them share one writing of a page.
const LOG_PAGES: &str = "4000";

/// What is kept of the log's file after an unusually large transaction: 64 MiB.
const LOG_BYTES: &str = "67108864";

/// How long to wait for one's turn to set up a new file.
const TURN: Duration = Duration::from_millis(20);

/// The ledger in one SQLite file.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
    file: LedgerFile,
}

/// How a ledger is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// How long to wait for others that write.
    pub patience: Duration,
    /// How large the ledger may grow, in pages of 4 KiB; none: as large as the disk allows.
    pub max_pages: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(5),
            max_pages: None,
        }
    }
}

impl SqliteStore {
    /// Opens the ledger at `path`; makes it, readable by its owner only, when it is not there; brings an older one up
    /// to date.
    ///
    /// # Errors
    /// [`StoreError::Later`] when somebody else is writing or the disk is full, [`StoreError::Broken`] when the file is
    /// no ledger, is empty, was written by a newer version, or may not be written.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, &Options::default()).await
    }

    /// The same, in another way than usual.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub async fn open_with(path: &Path, options: &Options) -> Result<Self, StoreError> {
        let file = LedgerFile {
            path: path.to_owned(),
            patience: options.patience,
        };
        birth::see_to(path, &file).await?;
        let connect = SqliteConnectOptions::new()
            .filename(path)
            .foreign_keys(true)
            .busy_timeout(options.patience)
            .disable_statement_logging();
        let writer = patient_writer(&connect, options, &file).await?;
        migrate(&writer, &file).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(options.patience)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_lazy_with(connect.pragma("query_only", "ON"));
        Ok(Self {
            writer,
            readers,
            file,
        })
    }

    /// Closes all connections once they are no longer used. The last process to do so leaves a single file behind.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// A connection for questions.
    async fn reader(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        self.readers
            .acquire()
            .await
            .map_err(|error| self.file.judge(error))
    }

    /// Passes an answer on, or says what to do about the lack of one.
    fn answer<T>(&self, answer: Result<T, Fault>) -> Result<T, StoreError> {
        answer.map_err(|fault| self.file.judge(fault))
    }
}

/// The writing connection. Turning a new file to WAL is refused at once, without waiting, while another process does the
/// same, so that is tried until it is somebody's turn.
async fn patient_writer(
    connect: &SqliteConnectOptions,
    options: &Options,
    file: &LedgerFile,
) -> Result<SqlitePool, StoreError> {
    let until = Instant::now() + options.patience;
    loop {
        match writer(connect, options).await.map_err(|error| file.judge(error)) {
            Err(StoreError::Later(_)) if Instant::now() < until => tokio::time::sleep(TURN).await,
            opened => return opened,
        }
    }
}

async fn writer(connect: &SqliteConnectOptions, options: &Options) -> Result<SqlitePool, sqlx::Error> {
    let mut connect = connect
        .clone()
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("cache_size", CACHE_KIB)
        .pragma("wal_autocheckpoint", LOG_PAGES)
        .pragma("journal_size_limit", LOG_BYTES)
        .pragma("temp_store", "MEMORY");
    if let Some(pages) = options.max_pages {
        connect = connect.pragma("max_page_count", pages.to_string());
    }
    SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(options.patience)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .after_release(|connection, _| Box::pin(is_at_rest(connection)))
        .connect_with(connect)
        .await
}

/// Whether no transaction is open any more. Closing a connection on which one is undoes it.
async fn is_at_rest(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        // A dropped transaction has only asked for its rollback; this waits until that was tried.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

async fn migrate(writer: &SqlitePool, file: &LedgerFile) -> Result<(), StoreError> {
    let steps = STEPS.map(|(number, name, sql)| {
        Migration::new(
            number,
            name.into(),
            MigrationType::Simple,
            SqlStr::from_static(sql),
            false,
        )
    });
    let migrator = Migrator::with_migrations(steps.into());
    let mut transaction = writer
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(|error| file.judge(error))?;
    migrator
        .run_direct(None, &mut *transaction, false)
        .await
        .map_err(|error| file.judge_migration(error))?;
    transaction.commit().await.map_err(|error| file.judge(error))
}

#[async_trait]
impl Store for SqliteStore {
    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError> {
        let connection = self
            .writer
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(|error| self.file.judge(error))?;
        Ok(Box::new(Writing {
            connection,
            file: self.file.clone(),
            spoiled: None,
        }))
    }

    async fn known(&self, folder: &FolderRef) -> Result<HashSet<String>, StoreError> {
        let mut reader = self.reader().await?;
        self.answer(read::items(&mut reader, sql::KNOWN, folder).await)
    }

    async fn unmarked(&self, folder: &FolderRef) -> Result<Vec<String>, StoreError> {
        let mut reader = self.reader().await?;
        self.answer(read::items(&mut reader, sql::UNMARKED, folder).await)
    }

    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Moment>, StoreError> {
        let mut reader = self.reader().await?;
        self.answer(read::due(&mut reader, now, limit).await)
    }

    async fn next_moment(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut reader = self.reader().await?;
        self.answer(read::next_moment(&mut reader).await)
    }

    async fn next_proof(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut reader = self.reader().await?;
        self.answer(read::next_proof(&mut reader).await)
    }

    async fn next_letter(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut reader = self.reader().await?;
        self.answer(read::next_letter(&mut reader).await)
    }

    async fn absences(&self, over_too: bool) -> Result<Vec<Absence>, StoreError> {
        let mut reader = self.reader().await?;
        self.answer(absences::all(&mut reader, over_too).await)
    }

    async fn tasks(&self, filter: &TaskFilter) -> Result<Vec<Task>, StoreError> {
        let mut reader = self.reader().await?;
        self.answer(read::tasks(&mut reader, filter).await)
    }

    async fn belong_to(&self, key: KeyId) -> Result<(), StoreError> {
        let mut transaction = self
            .writer
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(|error| self.file.judge(error))?;
        let owner = self.answer(write::owner(&mut transaction, key).await)?;
        transaction
            .commit()
            .await
            .map_err(|error| self.file.judge(error))?;
        if owner == key {
            Ok(())
        } else {
            Err(self.file.of_another_key())
        }
    }

    async fn partners(&self, now: Timestamp) -> Result<Partners, StoreError> {
        // A transaction, so that what came and what was asked are of one moment.
        let mut reader = self
            .readers
            .begin()
            .await
            .map_err(|error| self.file.judge(error))?;
        self.answer(partners::known(&mut reader, now).await)
    }

    async fn rulebook(&self) -> Result<Vec<RulebookLine>, StoreError> {
        let mut reader = self.reader().await?;
        self.answer(rules::rulebook(&mut reader).await)
    }

    async fn rules(&self, version: &RulesVersion) -> Result<Option<RulesText>, StoreError> {
        let mut reader = self.reader().await?;
        self.answer(rules::text(&mut reader, version).await)
    }

    async fn recorded(&self, after: MessageId, limit: u32) -> Result<Vec<Message>, StoreError> {
        let mut reader = self.reader().await?;
        self.answer(read::recorded(&mut reader, after, limit).await)
    }

    async fn kept(&self, message: MessageId) -> Result<Kept, StoreError> {
        let mut reader = self.reader().await?;
        self.answer(read::kept(&mut reader, message).await)
    }

    async fn task(&self, id: TaskId) -> Result<Option<TaskFile>, StoreError> {
        // A transaction, so that task and history are of one moment.
        let mut reader = self
            .readers
            .begin()
            .await
            .map_err(|error| self.file.judge(error))?;
        self.answer(read::task_file(&mut reader, id).await)
    }

    async fn about(&self, person: &[PersonKey]) -> Result<DossierFile, StoreError> {
        let mut reader = self
            .readers
            .begin()
            .await
            .map_err(|error| self.file.judge(error))?;
        self.answer(dossiers::about(&mut reader, person).await)
    }

    async fn drills(&self, only: Option<LetterId>) -> Result<Vec<DrillFile>, StoreError> {
        // A transaction, so that a drill and its task are of one moment.
        let mut reader = self
            .readers
            .begin()
            .await
            .map_err(|error| self.file.judge(error))?;
        self.answer(drills::files(&mut reader, only).await)
    }

    async fn books(&self) -> Result<Books, StoreError> {
        let mut reader = self
            .readers
            .begin()
            .await
            .map_err(|error| self.file.judge(error))?;
        self.answer(read::books(&mut reader).await)
    }
}

#[cfg(test)]
mod tests;
