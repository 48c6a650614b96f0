//! What is particular to the SQLite ledger: its file, its disk, and whoever else opens it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use koppelwacht::domain::TaskId;
use koppelwacht::store::sqlite::{Options, SqliteStore};
use koppelwacht::store::{Store, StoreError};
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tempfile::TempDir;

use crate::Ledger;
use crate::samples::{batch, inbox};

/// A ledger in a folder that is removed afterwards.
pub(crate) struct TemporaryFile {
    folder: TempDir,
}

impl TemporaryFile {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("ledger.db")
    }

    /// Opens it without Koppelwacht, as an administrator would.
    async fn by_hand(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.path());
        SqliteConnection::connect_with(&options).await.unwrap()
    }
}

#[async_trait]
impl Ledger for TemporaryFile {
    async fn open(&self) -> Arc<dyn Store> {
        // Many tests on few processors: patience must not run out before the machine does.
        let options = Options {
            patience: Duration::from_mins(1),
            ..Options::default()
        };
        Arc::new(SqliteStore::open_with(&self.path(), &options).await.unwrap())
    }
}

async fn write(store: &SqliteStore, first: i64, last: i64) -> Result<(), StoreError> {
    let mut transaction = store.begin().await?;
    transaction.apply(&batch(first, last)).await?;
    transaction.commit().await
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

fn impatient() -> Options {
    Options {
        patience: Duration::from_millis(500),
        ..Options::default()
    }
}

#[tokio::test]
async fn a_new_ledger_can_be_read_by_its_owner_only() {
    let file = TemporaryFile::new();
    let store = SqliteStore::open(&file.path()).await.unwrap();
    write(&store, 1, 1).await.unwrap();
    for suffix in ["", "-wal", "-shm"] {
        let path = PathBuf::from(format!("{}{suffix}", file.path().display()));
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    store.close().await;
    let left: Vec<_> = std::fs::read_dir(file.folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "whoever closes last tidies up: {left:?}");
}

#[tokio::test]
async fn processes_that_make_a_ledger_at_the_same_time_make_one() {
    let file = TemporaryFile::new();
    let mut openings = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let path = file.path();
        openings.spawn(async move { SqliteStore::open(&path).await });
    }
    for opened in openings.join_all().await {
        opened.unwrap();
    }
}

#[tokio::test]
async fn what_was_committed_survives_a_power_cut_and_nothing_else_does() {
    let file = TemporaryFile::new();
    let store = SqliteStore::open(&file.path()).await.unwrap();
    write(&store, 1, 50).await.unwrap();
    let mut halfway = store.begin().await.unwrap();
    halfway.apply(&batch(51, 90)).await.unwrap();

    // The disk as it is at this moment, without anybody having closed anything.
    let after = TemporaryFile::new();
    for suffix in ["", "-wal"] {
        let from = format!("{}{suffix}", file.path().display());
        std::fs::copy(from, format!("{}{suffix}", after.path().display())).unwrap();
    }
    let survivor = SqliteStore::open(&after.path()).await.unwrap();
    assert_eq!(survivor.known(&inbox()).await.unwrap().len(), 50);
    assert_eq!(survivor.books().await.unwrap().letters_waiting, 50);
    write(&survivor, 51, 90).await.expect("and goes on from there");
}

#[tokio::test]
async fn a_full_disk_is_waited_out() {
    let file = TemporaryFile::new();
    let small = Options {
        max_pages: Some(150),
        ..Options::default()
    };
    let store = SqliteStore::open_with(&file.path(), &small).await.unwrap();
    write(&store, 1, 20).await.unwrap();
    for _ in 0..3 {
        let full = write(&store, 21, 220).await.unwrap_err();
        assert!(matches!(full, StoreError::Later(_)), "{full}");
        assert!(full.to_string().contains("df -h"), "{full}");
        assert!(full.to_string().contains("ledger.db"), "{full}");
    }
    assert_eq!(
        store.known(&inbox()).await.unwrap().len(),
        20,
        "nothing of it was written"
    );
    write(&store, 21, 25).await.expect("what still fits goes in");

    let roomy = SqliteStore::open(&file.path()).await.unwrap();
    write(&roomy, 26, 220)
        .await
        .expect("and the rest once there is room");
}

#[tokio::test]
async fn a_ledger_that_others_hold_is_tried_again_later() {
    let file = TemporaryFile::new();
    let store = SqliteStore::open_with(&file.path(), &impatient()).await.unwrap();
    let other = SqliteStore::open(&file.path()).await.unwrap();

    let theirs = other.begin().await.unwrap();
    let busy = store.begin().await.err().unwrap();
    assert!(
        matches!(&busy, StoreError::Later(text) if text.contains("another process")),
        "{busy}"
    );
    let busy = SqliteStore::open_with(&file.path(), &impatient())
        .await
        .unwrap_err();
    assert!(matches!(busy, StoreError::Later(_)), "{busy}");
    drop(theirs);

    // The rollback happens in the background, so this may have to wait for it.
    let patient = SqliteStore::open(&file.path()).await.unwrap();
    write(&patient, 1, 1).await.unwrap();

    let ours = store.begin().await.unwrap();
    let busy = store.begin().await.err().unwrap();
    assert!(
        matches!(&busy, StoreError::Later(text) if text.contains("this program")),
        "{busy}"
    );
    drop(ours);
    write(&patient, 2, 2).await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_ledger_is_left_alone() {
    let file = TemporaryFile::new();
    let text = "Notulen van de vergadering van dinsdag. ".repeat(300);
    std::fs::write(file.path(), &text).unwrap();
    let broken = SqliteStore::open(&file.path()).await.unwrap_err();
    assert!(matches!(broken, StoreError::Broken(_)), "{broken}");
    assert!(broken.to_string().contains("is no ledger"), "{broken}");
    assert_eq!(std::fs::read_to_string(file.path()).unwrap(), text);
}

#[tokio::test]
async fn an_empty_file_is_a_restore_that_failed_and_no_new_ledger() {
    let place = TemporaryFile::new();
    std::fs::write(place.path(), "").unwrap();
    let refused = SqliteStore::open(&place.path()).await.unwrap_err();
    assert!(
        matches!(&refused, StoreError::Broken(why) if why.contains("is empty") && why.contains("backup")),
        "{refused}"
    );
    assert_eq!(
        std::fs::metadata(place.path()).unwrap().len(),
        0,
        "it is left alone"
    );

    // One that we make is never empty, also when the power fails before anything else is written; what is left over of
    // that disturbs nobody.
    std::fs::remove_file(place.path()).unwrap();
    std::fs::write(place.folder.path().join("ledger.db.0123456789abcdef.new"), "").unwrap();
    let store = SqliteStore::open(&place.path()).await.unwrap();
    write(&store, 1, 2).await.unwrap();
    store.close().await;
    let files = std::fs::read_dir(place.folder.path()).unwrap();
    let mut names: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["ledger.db", "ledger.db.0123456789abcdef.new"]);
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_for_a_human() {
    let broken = SqliteStore::open(Path::new("/nowhere/at/all/ledger.db"))
        .await
        .unwrap_err();
    assert!(matches!(broken, StoreError::Broken(_)), "{broken}");
    assert!(
        broken.to_string().contains("/nowhere/at/all/ledger.db"),
        "{broken}"
    );
}

#[tokio::test]
async fn a_ledger_of_a_newer_version_is_not_touched() {
    let file = TemporaryFile::new();
    SqliteStore::open(&file.path()).await.unwrap().close().await;
    let mut hand = file.by_hand().await;
    sqlx::raw_sql(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (999, 'from the future', 1, x'00', 0)",
    )
    .execute(&mut hand)
    .await
    .unwrap();
    let broken = SqliteStore::open(&file.path()).await.unwrap_err();
    assert!(
        matches!(&broken, StoreError::Broken(text) if text.contains("newer version")),
        "{broken}"
    );
}

#[tokio::test]
async fn a_damaged_ledger_is_for_a_human() {
    let file = TemporaryFile::new();
    let store = SqliteStore::open(&file.path()).await.unwrap();
    write(&store, 1, 200).await.unwrap();
    store.close().await;
    let mut bytes = std::fs::read(file.path()).unwrap();
    bytes[4096..].fill(0xa5);
    std::fs::write(file.path(), bytes).unwrap();
    let broken = SqliteStore::open(&file.path()).await.unwrap_err();
    assert!(
        matches!(&broken, StoreError::Broken(text) if text.contains("restore")),
        "{broken}"
    );
}

#[tokio::test]
async fn a_row_that_means_nothing_is_reported_with_its_number() {
    let file = TemporaryFile::new();
    let store = SqliteStore::open(&file.path()).await.unwrap();
    write(&store, 1, 3).await.unwrap();
    let mut hand = file.by_hand().await;
    for (damage, said) in [
        (
            "UPDATE task SET state = 'lost' WHERE id = 2",
            "table task, row 2: `state`",
        ),
        (
            "UPDATE task SET state = 'waiting', rung = 65536 WHERE id = 2",
            "table task, row 2: `rung`",
        ),
        (
            "UPDATE task SET rung = 0, due = 9223372036854775807 WHERE id = 2",
            "table task, row 2: `due`",
        ),
        (
            "UPDATE task SET due = 0; UPDATE history SET what = '{}' WHERE id = 4",
            "table history, row 4: `what`",
        ),
        (
            "UPDATE history SET what = '{\"what\":\"taken\"}'; UPDATE message SET kinds = 'x' WHERE id = 2",
            "table message, row 2: `kinds`",
        ),
    ] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
            "PRAGMA ignore_check_constraints = ON; {damage}"
        )))
        .execute(&mut hand)
        .await
        .unwrap();
        let broken = store.task(TaskId(2)).await.unwrap_err();
        assert!(
            matches!(&broken, StoreError::Broken(text) if text.contains(said)),
            "{broken}"
        );
    }
    assert!(
        store.task(TaskId(1)).await.unwrap().is_some(),
        "other rows are as readable as before"
    );
}

#[tokio::test]
async fn the_books_show_what_was_changed_behind_our_back() {
    let file = TemporaryFile::new();
    let store = SqliteStore::open(&file.path()).await.unwrap();
    write(&store, 1, 3).await.unwrap();
    sqlx::raw_sql(
        "PRAGMA ignore_check_constraints = ON; UPDATE task SET next_at = NULL WHERE id = 1; \
         UPDATE message SET first_task = NULL WHERE id = 2",
    )
    .execute(&mut file.by_hand().await)
    .await
    .unwrap();
    let books = store.books().await.unwrap();
    assert_eq!(books.unguarded, 1);
    assert_ne!(books.messages, books.with_task + books.without_task);
}
