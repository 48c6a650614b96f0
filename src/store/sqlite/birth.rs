//! How a ledger comes to be.
//!
//! It is made under another name and gets its own once SQLite has written its first page, in one step of the file system.
//! So a ledger without a byte in it was not made here, wherever the power failed: a copy or a restore went wrong. It is
//! refused, or all that the backup holds would be read and told once more as if it were new.
//!
//! Some file systems know no second name for a file (FAT, some network shares). There it is empty for a moment: when the
//! power fails in it, what lies there is refused as well, and a human takes it away.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{ConnectOptions as _, Connection as _};

use super::fault::LedgerFile;
use crate::store::StoreError;

/// Sees that the ledger is there and may be written; makes it when it is not.
pub(super) async fn see_to(path: &Path, file: &LedgerFile) -> Result<(), StoreError> {
    let found = OpenOptions::new().append(true).open(path);
    match found.and_then(|found| found.metadata()) {
        Ok(found) if found.len() == 0 => Err(file.is_empty()),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => make(path, file).await,
        Err(error) => Err(file.judge_creation(&error)),
    }
}

async fn make(path: &Path, file: &LedgerFile) -> Result<(), StoreError> {
    let unborn = path.with_added_extension(format!("{:016x}.new", rand::random::<u64>()));
    make_as(&unborn).map_err(|error| file.judge_creation(&error))?;
    let written = first_page(&unborn).await;
    let named = written.map_err(|error| file.judge(error)).and_then(|()| {
        // Another process may have been faster; then its ledger stands.
        let named = fs::hard_link(&unborn, path).or_else(|error| match error.kind() {
            ErrorKind::Unsupported | ErrorKind::PermissionDenied => make_as(path),
            _ => Err(error),
        });
        at_most_once(named).map_err(|error| file.judge_creation(&error))
    });
    // What stays behind is one page, and disturbs nobody.
    let _ = fs::remove_file(&unborn);
    named
}

/// A file that only its owner may read. SQLite makes its two further files (`-wal`, `-shm`) with the same permissions.
fn make_as(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

async fn first_page(path: &Path) -> Result<(), sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .disable_statement_logging();
    options.connect().await?.close().await
}

fn at_most_once(made: io::Result<()>) -> io::Result<()> {
    match made {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}
