//! The intake: watches mailboxes and carries every message to the desk, once.
//!
//! What it guarantees:
//! * **The ledger first, the mailbox second.** A message is marked in its mailbox only after the desk has said that it
//!   is in the ledger. Whatever dies in between, the next run finds the message known and unmarked, and marks it.
//! * **Found by number, never by a flag.** What is new is what lies in the folder and is not in the ledger. That a
//!   colleague has read a message, or unread it, changes nothing. Nothing is ever deleted or expunged.
//! * **No message holds up another.** One that the server will not hand out, or that the ledger does not take, is set
//!   aside, counted as backlog and tried again; everything behind it goes on.
//! * **Silence is not proof.** A folder is *proven* when a list of everything in it was compared with the ledger.
//!   A wake-up by the server (IDLE, inotify) only makes that happen sooner than the sweep that comes anyway.
//! * **What a human must mend is said once and clearly.** Before a folder was opened for the first time it ends
//!   [`watch()`]; after that, and after any later start, a mailbox is never given up: it is tried again for ever, ever
//!   less often, its trouble stands in the books, and all others go on. Only a ledger that cannot be used ends it then too:
//!   nothing can be entered, or stand there.
//!
//! What we accept: a message that is delivered and deleted by somebody else between two looks was never seen by us.
//! A crash between entering and marking lets a message look unhandled in the mailbox until the next start. While the
//! ledger cannot be written, its batch is held in memory and the connection may time out; both start afresh. A mail server
//! that hands out numbers a second time may have done so for too long to be found out (`imap/numbers.rs`).
//!
//! The program trusts the municipality's own mail server to speak IMAP, as far as memory goes: the parser below us
//! allocates what a server announces (up to 512 MiB) and recurses over body structures, which is why none is ever
//! asked for and why no message is asked for beyond its first 32 MiB.

mod entry;
mod imap;
mod logbook;
mod maildir;
mod persist;

pub use entry::mail_of;
pub use maildir::check as check_maildir;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::logbook::Logbook;
use crate::desk::{Desk, DeskError, Watched};
use crate::mail::attest::Witness;
use crate::settings::{Access, Mailbox, Secret};
use crate::wire::WireError;

/// How much of a message is read, in bytes. A mail of 25 MB with its attachments encoded fits; of what is longer, the
/// header and the texts come first.
const LONGEST: usize = 32 << 20;
/// Messages that are entered together: the fastest stride of UID FETCH over TLS, and of the ledger.
const BATCH: usize = 200;
/// Bytes that are entered together, unless one message alone has more.
const BUNDLE: usize = 8 << 20;

/// The folders of these mailboxes.
pub fn folders(mailboxes: &[Mailbox]) -> impl Iterator<Item = Watched> {
    mailboxes.iter().flat_map(|mailbox| {
        let folders = match &mailbox.access {
            Access::Imap(account) => account.folders.clone(),
            Access::Maildir { .. } => vec![maildir::FOLDER.to_owned()],
        };
        folders.into_iter().map(|folder| Watched {
            mailbox: mailbox.name.clone(),
            folder,
        })
    })
}

/// Watches a mailbox until `stop`, carrying its messages to `desk`; `witness` looks at their
/// signatures before they are read. `progress` shows how far it is, per folder.
///
/// # Errors
/// The ledger cannot be used, or something stands in the way that only a human can mend, and a folder of the mailbox was
/// never read: not since this began, and not before, as far as the ledger knows. Everything else is tried again.
pub async fn watch(
    mailbox: Mailbox,
    desk: Arc<Desk>,
    witness: Option<Arc<Witness>>,
    stop: CancellationToken,
    progress: watch::Sender<Progress>,
) -> Result<(), IntakeError> {
    let logbook = |folder: &str| {
        let progress = progress.clone();
        Logbook::new(
            Arc::clone(&desk),
            witness.clone(),
            &mailbox.name,
            folder,
            progress,
        )
    };
    let mut folders = JoinSet::new();
    match &mailbox.access {
        Access::Imap(account) => {
            let account = Arc::new(account.clone());
            for folder in &account.folders {
                let watcher = imap::Folder::new(Arc::clone(&account), folder, mailbox.first_day());
                folders.spawn(persist::persist(watcher, logbook(folder)));
            }
        }
        Access::Maildir { path } => {
            let watcher = maildir::Maildir::new(path, mailbox.first_day());
            folders.spawn(persist::persist(watcher, logbook(maildir::FOLDER)));
        }
    }
    let ended = tokio::select! {
        biased;
        () = stop.cancelled() => None,
        ended = folders.join_next() => ended,
    };
    folders.shutdown().await;
    match ended {
        None => Ok(()),
        Some(Ok(error)) => Err(error),
        Some(Err(defect)) => std::panic::resume_unwind(defect.into_panic()),
    }
}

/// How far the folders of a mailbox are, by name. A folder is in it from the moment it is watched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Per folder.
    pub folders: BTreeMap<String, FolderProgress>,
}

/// How far a folder is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FolderProgress {
    /// How it stands.
    pub standing: Standing,
    /// Messages that were entered since the start.
    pub entered: u64,
    /// Messages that lie there and are not in the ledger, as far as known.
    pub backlog: u64,
}

/// How a folder stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Standing {
    /// It has not been read yet.
    #[default]
    New,
    /// There are messages to enter and to mark.
    Behind,
    /// All that was there when it was last looked at is in the ledger and marked.
    CaughtUp,
    /// Something is wrong; the books say what. It is tried again.
    Troubled,
}

impl Progress {
    /// Whether nothing is left to do in any folder.
    #[must_use]
    pub fn is_caught_up(&self) -> bool {
        !self.folders.is_empty()
            && self
                .folders
                .values()
                .all(|folder| folder.standing == Standing::CaughtUp)
    }

    /// Whether every folder was looked at: nothing is left to do in it, or something is wrong with it.
    #[must_use]
    pub fn was_looked_at(&self) -> bool {
        let is_known =
            |folder: &FolderProgress| matches!(folder.standing, Standing::CaughtUp | Standing::Troubled);
        !self.folders.is_empty() && self.folders.values().all(is_known)
    }

    /// Messages that were entered since the start.
    #[must_use]
    pub fn entered(&self) -> u64 {
        self.folders.values().map(|folder| folder.entered).sum()
    }

    /// Messages that wait to be entered, as far as known.
    #[must_use]
    pub fn backlog(&self) -> u64 {
        self.folders.values().map(|folder| folder.backlog).sum()
    }
}

/// Why a mailbox cannot be watched until a human does something. One line that says what.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// No connection that can be trusted.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The server does not encrypt on this port.
    #[error(
        "{host}:{port} does not offer STARTTLS, and a password is never sent in the open; set `tls = \"implicit\"` with \
         the port for it (993), or have STARTTLS switched on"
    )]
    NotEncrypted {
        /// The server.
        host: String,
        /// Its port.
        port: u16,
    },
    /// The settings have no usable account.
    #[error("{0}")]
    Settings(String),
    /// The server does not let the account in.
    #[error(
        "{host} refuses the login ({code}); check `user` and the password file{}, and whether the account may use IMAP \
         with a password",
        password.once_changed()
    )]
    LoginRefused {
        /// The server.
        host: String,
        /// Where the password is.
        password: Secret,
        /// The server's response code (RFC 5530), or `NO`.
        code: String,
    },
    /// There is no such folder, or the account may not open it.
    #[error(
        "the server does not open folder `{folder}` ({code}); check its spelling, capitals and separators included, \
         and the account's rights"
    )]
    NoFolder {
        /// The folder's name, decoded.
        folder: String,
        /// The server's response code (RFC 5530), or `NO`.
        code: String,
    },
    /// The mark of the settings cannot be made there.
    #[error(
        "messages in folder `{folder}` cannot be marked: {reason}; set another `mark`, or have it changed on the server"
    )]
    CannotMark {
        /// The folder's name, decoded.
        folder: String,
        /// Why.
        reason: String,
    },
    /// The folder is not a Maildir, or cannot be read.
    #[error(
        "{} cannot be read as a Maildir ({reason}); it must hold `new`, `cur` and `tmp`, and the service must be allowed \
         to read them",
        path.display()
    )]
    NotAMaildir {
        /// The folder that was looked at.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The ledger cannot be used.
    #[error(transparent)]
    Ledger(DeskError),
}

impl IntakeError {
    fn is_broken_ledger(&self) -> bool {
        matches!(self, Self::Ledger(error) if error.is_broken())
    }
}

/// Why a visit to a folder ended, by what helps.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Trouble {
    /// Time. In English, without personal data.
    Passing(String),
    /// A human.
    Human(IntakeError),
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Passing(reason) => f.write_str(reason),
            Self::Human(error) => error.fmt(f),
        }
    }
}

impl From<IntakeError> for Trouble {
    fn from(error: IntakeError) -> Self {
        Self::Human(error)
    }
}

impl From<WireError> for Trouble {
    fn from(error: WireError) -> Self {
        if error.retry_helps() {
            Self::Passing(error.to_string())
        } else {
            Self::Human(error.into())
        }
    }
}

impl From<DeskError> for Trouble {
    fn from(error: DeskError) -> Self {
        if error.retry_helps() {
            Self::Passing(error.to_string())
        } else {
            Self::Human(IntakeError::Ledger(error))
        }
    }
}
