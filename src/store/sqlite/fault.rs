//! What went wrong inside, and what the caller is to do about it.
//!
//! SQLite's own messages name tables and columns but never values, so they may be passed on.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::MigrateError;

use crate::store::StoreError;

/// What went wrong, before anybody has judged it.
#[derive(Debug)]
pub(super) enum Fault {
    /// SQLite or sqlx says so.
    Sql(sqlx::Error),
    /// A row holds a value that means nothing to this program.
    Row {
        table: &'static str,
        row: i64,
        column: &'static str,
    },
    /// A batch is about a row that is not there.
    Missing { table: &'static str },
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

/// The file the ledger lies in: what every message to a human starts from.
#[derive(Debug, Clone)]
pub(super) struct LedgerFile {
    pub(super) path: PathBuf,
    pub(super) patience: Duration,
}

impl LedgerFile {
    /// Says what the caller does next.
    pub(super) fn judge(&self, fault: impl Into<Fault>) -> StoreError {
        let path = self.path.display();
        match fault.into() {
            Fault::Sql(error) => self.judge_sql(&error),
            Fault::Row { table, row, column } => StoreError::Broken(format!(
                "{path}: table {table}, row {row}: `{column}` holds a value that this version does not know; was the \
                 ledger written by a newer version, or changed by hand?"
            )),
            Fault::Missing { table } => StoreError::Unwritable(format!(
                "{path}: the batch changes a {table} that is not in the ledger"
            )),
        }
    }

    /// When its content is sealed with a key that is not ours.
    pub(super) fn of_another_key(&self) -> StoreError {
        StoreError::Broken(format!(
            "{} is sealed with another key than the one in `[vault]`; name the key that it was made with, or start a new \
             ledger",
            self.path.display()
        ))
    }

    /// The same for the steps that bring an older ledger up to date.
    pub(super) fn judge_migration(&self, error: MigrateError) -> StoreError {
        let path = self.path.display();
        match error {
            MigrateError::VersionMissing(version) => StoreError::Broken(format!(
                "{path} was written by a newer version of koppelwacht (its step {version} is not known here); install \
                 that version, or restore the copy made before the upgrade"
            )),
            MigrateError::VersionMismatch(version) => StoreError::Broken(format!(
                "{path} was set up by another build of koppelwacht (its step {version} differs from ours); install the \
                 version that made it"
            )),
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                match self.judge_sql(&error) {
                    later @ StoreError::Later(_) => later,
                    StoreError::Broken(what) | StoreError::Unwritable(what) => {
                        StoreError::Broken(format!("bringing it up to date failed and was undone: {what}"))
                    }
                }
            }
            other => StoreError::Broken(format!("{path} cannot be brought up to date: {other}")),
        }
    }

    /// When there is nothing in the file.
    pub(super) fn is_empty(&self) -> StoreError {
        StoreError::Broken(format!(
            "{} is empty, which no ledger is: a copy or a restore went wrong; put the backup there, or remove the file if \
             there was never a ledger",
            self.path.display()
        ))
    }

    /// When the file cannot even be created.
    pub(super) fn judge_creation(&self, error: &std::io::Error) -> StoreError {
        let text = format!(
            "{} cannot be opened ({error}); does its folder exist, and may this user write in it?",
            self.path.display()
        );
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StoreError::Later(text),
            _ => StoreError::Broken(text),
        }
    }

    fn judge_sql(&self, error: &sqlx::Error) -> StoreError {
        let path = self.path.display();
        match error {
            sqlx::Error::Database(error) => {
                // SQLite's extended result code, https://www.sqlite.org/rescode.html
                let code = error
                    .code()
                    .and_then(|code| code.parse().ok())
                    .unwrap_or(SQLITE_ERROR);
                self.judge_code(code, error.message())
            }
            sqlx::Error::PoolTimedOut => self.busy("another part of this program"),
            sqlx::Error::Io(error) => StoreError::Later(format!("{path}: {error}")),
            sqlx::Error::WorkerCrashed | sqlx::Error::PoolClosed | sqlx::Error::BeginFailed => {
                StoreError::Later(format!("{path}: the connection was closed ({error})"))
            }
            sqlx::Error::Migrate(error) => StoreError::Broken(format!("{path}: {error}")),
            _ => StoreError::Broken(format!("{path}: {error}; this is a defect, please report it")),
        }
    }

    fn judge_code(&self, code: i32, said: &str) -> StoreError {
        let path = self.path.display();
        let folder = self.path.parent().unwrap_or(Path::new("/")).display();
        // The low byte is the kind of error, the rest says more.
        match code & 0xff {
            SQLITE_BUSY | SQLITE_LOCKED | SQLITE_PROTOCOL => {
                self.busy("another process (a command, a backup?)")
            }
            SQLITE_FULL => StoreError::Later(format!(
                "there is no room for {path} to grow; make room on the disk (`df -h {folder}`)"
            )),
            SQLITE_IOERR => StoreError::Later(format!(
                "{path} cannot be read or written ({said}, code {code}); look at the disk (`df -h {folder}`, `dmesg`)"
            )),
            SQLITE_NOMEM | SQLITE_INTERRUPT | SQLITE_SCHEMA | SQLITE_ABORT => {
                StoreError::Later(format!("{path}: {said} (code {code})"))
            }
            SQLITE_CONSTRAINT | SQLITE_TOOBIG | SQLITE_MISMATCH => {
                StoreError::Unwritable(format!("{path}: {said} (code {code})"))
            }
            SQLITE_NOTADB => StoreError::Broken(format!(
                "{path} is no ledger; name another file as `ledger` in the settings, or move this one away"
            )),
            SQLITE_CORRUPT => StoreError::Broken(format!(
                "{path} is damaged ({said}, code {code}); stop the daemon, keep the file, and restore the newest backup"
            )),
            SQLITE_CANTOPEN | SQLITE_PERM | SQLITE_READONLY | SQLITE_AUTH => StoreError::Broken(format!(
                "{path} cannot be opened for writing ({said}, code {code}); does this user own it and its folder, and \
                 is the disk mounted writable?"
            )),
            _ => StoreError::Broken(format!(
                "{path}: {said} (code {code}); this is a defect, please report it"
            )),
        }
    }

    fn busy(&self, who: &str) -> StoreError {
        StoreError::Later(format!(
            "{who} has been writing to {path} for more than {seconds} s; `fuser -v {path}` shows which processes have \
             it open",
            path = self.path.display(),
            seconds = self.patience.as_secs_f32(),
        ))
    }
}

// https://www.sqlite.org/rescode.html
const SQLITE_ERROR: i32 = 1;
const SQLITE_PERM: i32 = 3;
const SQLITE_ABORT: i32 = 4;
const SQLITE_BUSY: i32 = 5;
const SQLITE_LOCKED: i32 = 6;
const SQLITE_NOMEM: i32 = 7;
const SQLITE_READONLY: i32 = 8;
const SQLITE_INTERRUPT: i32 = 9;
const SQLITE_IOERR: i32 = 10;
const SQLITE_CORRUPT: i32 = 11;
const SQLITE_FULL: i32 = 13;
const SQLITE_CANTOPEN: i32 = 14;
const SQLITE_PROTOCOL: i32 = 15;
const SQLITE_SCHEMA: i32 = 17;
const SQLITE_TOOBIG: i32 = 18;
const SQLITE_CONSTRAINT: i32 = 19;
const SQLITE_MISMATCH: i32 = 20;
const SQLITE_AUTH: i32 = 23;
const SQLITE_NOTADB: i32 = 26;

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(code: i32) -> StoreError {
        let file = LedgerFile {
            path: "/var/lib/koppelwacht/ledger.db".into(),
            patience: Duration::from_secs(5),
        };
        file.judge_code(code, "said")
    }

    #[test]
    fn every_result_of_sqlite_says_what_to_do_next_and_where() {
        const SQLITE_IOERR_FSYNC: i32 = SQLITE_IOERR | (4 << 8);
        const SQLITE_BUSY_SNAPSHOT: i32 = SQLITE_BUSY | (2 << 8);
        const SQLITE_CONSTRAINT_CHECK: i32 = SQLITE_CONSTRAINT | (1 << 8);
        const SQLITE_READONLY_DIRECTORY: i32 = SQLITE_READONLY | (6 << 8);

        for later in [
            SQLITE_BUSY,
            SQLITE_BUSY_SNAPSHOT,
            SQLITE_LOCKED,
            SQLITE_FULL,
            SQLITE_IOERR_FSYNC,
        ] {
            assert!(matches!(judged(later), StoreError::Later(_)), "{later}");
        }
        for broken in [
            SQLITE_NOTADB,
            SQLITE_CORRUPT,
            SQLITE_READONLY_DIRECTORY,
            SQLITE_CANTOPEN,
            SQLITE_ERROR,
        ] {
            assert!(matches!(judged(broken), StoreError::Broken(_)), "{broken}");
        }
        for unwritable in [SQLITE_CONSTRAINT_CHECK, SQLITE_TOOBIG] {
            assert!(
                matches!(judged(unwritable), StoreError::Unwritable(_)),
                "{unwritable}"
            );
        }
        for code in 1..=26 {
            let said = judged(code).to_string();
            assert!(said.contains("/var/lib/koppelwacht/ledger.db"), "{code}: {said}");
        }
        assert!(
            judged(SQLITE_FULL)
                .to_string()
                .contains("df -h /var/lib/koppelwacht")
        );
    }
}
