//! What is written down about reading one folder, in the books and for whoever watches the progress.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::watch;

use super::{FolderProgress, Progress, Standing, Trouble};
use crate::desk::{Desk, Reading};
use crate::domain::FolderRef;
use crate::mail::attest::Witness;

/// How often a backlog that is being worked off is written down, in messages. Each time costs a transaction.
const STRIDE: u64 = 5_000;

/// The logbook of a folder.
#[derive(Debug)]
pub(super) struct Logbook {
    desk: Arc<Desk>,
    witness: Option<Arc<Witness>>,
    mailbox: String,
    folder: String,
    progress: watch::Sender<Progress>,
    opened: bool,
    success: bool,
    proven: Option<Timestamp>,
    written_backlog: u64,
    told: Option<(u64, String)>,
}

impl Logbook {
    /// The logbook of a folder that is going to be watched.
    pub(super) fn new(
        desk: Arc<Desk>,
        witness: Option<Arc<Witness>>,
        mailbox: &str,
        folder: &str,
        progress: watch::Sender<Progress>,
    ) -> Self {
        progress.send_modify(|all| {
            all.folders.insert(folder.to_owned(), FolderProgress::default());
        });
        Self {
            desk,
            witness,
            mailbox: mailbox.to_owned(),
            folder: folder.to_owned(),
            progress,
            opened: false,
            success: false,
            proven: None,
            written_backlog: 0,
            told: None,
        }
    }

    pub(super) fn desk(&self) -> &Arc<Desk> {
        &self.desk
    }

    /// Who looks at signatures, when anybody does.
    pub(super) fn witness(&self) -> Option<&Arc<Witness>> {
        self.witness.as_ref()
    }

    pub(super) fn mailbox(&self) -> &str {
        &self.mailbox
    }

    pub(super) fn folder(&self) -> &str {
        &self.folder
    }

    /// The folder in a numbering.
    pub(super) fn reference(&self, epoch: u32) -> FolderRef {
        FolderRef {
            mailbox: self.mailbox.clone(),
            folder: self.folder.clone(),
            epoch,
        }
    }

    /// The folder could be opened: from now on it is never given up.
    pub(super) fn opened(&mut self) {
        self.opened = true;
    }

    /// Whether the folder could be opened at any time: since the start, or before it, when the ledger says that it was
    /// read. Settings that were right once are no slip of the pen.
    pub(super) async fn was_ever_opened(&mut self) -> bool {
        if !self.opened {
            self.opened = match self.desk.books().await {
                Ok(books) => books.folders.iter().any(|reading| self.was_read(reading)),
                // A ledger that is busy cannot say; the next attempt asks again.
                Err(error) if error.retry_helps() => return true,
                Err(_) => false,
            };
        }
        self.opened
    }

    fn was_read(&self, reading: &Reading) -> bool {
        reading.mailbox == self.mailbox && reading.folder == self.folder && reading.proven.is_some()
    }

    /// Whether the folder was read to its end since this was asked last.
    pub(super) fn take_success(&mut self) -> bool {
        std::mem::take(&mut self.success)
    }

    /// Messages were entered.
    pub(super) fn entered(&self, messages: usize) {
        self.show(|folder| {
            let messages = messages as u64;
            folder.entered += messages;
            folder.backlog = folder.backlog.saturating_sub(messages);
        });
    }

    /// So many messages wait. Written down when that has changed much.
    pub(super) async fn behind(&mut self, backlog: usize) {
        self.show(|folder| {
            folder.backlog = backlog as u64;
            if backlog > 0 {
                folder.standing = Standing::Behind;
            }
        });
        self.still_behind().await;
    }

    /// A backlog is being worked off.
    pub(super) async fn still_behind(&mut self) {
        let backlog = self.shown().backlog;
        if backlog.abs_diff(self.written_backlog) >= STRIDE {
            self.write(backlog, None).await;
        }
    }

    /// Everything that lay in the folder at `when` is in the ledger, though something may be wrong besides.
    pub(super) async fn caught_up(&mut self, when: Timestamp, trouble: Option<String>) {
        self.proven = Some(when);
        self.success = true;
        self.told = None;
        let standing = if trouble.is_none() {
            Standing::CaughtUp
        } else {
            Standing::Troubled
        };
        self.write(0, trouble).await;
        self.show(|folder| {
            folder.backlog = 0;
            folder.standing = standing;
        });
    }

    /// The folder was read, apart from so many messages. The log is told once, however often the folder is looked at.
    pub(super) async fn short_of(&mut self, backlog: usize, reason: &str) {
        let backlog = backlog as u64;
        self.success = true;
        let told = Some((backlog, reason.to_owned()));
        if self.told != told {
            tracing::warn!(
                mailbox = self.mailbox,
                folder = self.folder,
                backlog,
                "messages stay behind: {reason}"
            );
            self.told = told;
        }
        self.write(backlog, Some(reason.to_owned())).await;
        self.show(|folder| {
            folder.backlog = backlog;
            folder.standing = Standing::Troubled;
        });
    }

    /// The folder cannot be read.
    pub(super) async fn in_trouble(&mut self, trouble: &Trouble) {
        self.write(self.shown().backlog, Some(trouble.to_string())).await;
        self.show(|folder| folder.standing = Standing::Troubled);
    }

    async fn write(&mut self, backlog: u64, trouble: Option<String>) {
        self.written_backlog = backlog;
        let reading = Reading {
            mailbox: self.mailbox.clone(),
            folder: self.folder.clone(),
            proven: self.proven,
            backlog,
            trouble,
        };
        if let Err(error) = self.desk.note_reading(reading).await {
            tracing::warn!(
                mailbox = self.mailbox,
                folder = self.folder,
                "how reading went could not be written down: {error}"
            );
        }
    }

    fn shown(&self) -> FolderProgress {
        self.progress
            .borrow()
            .folders
            .get(&self.folder)
            .copied()
            .unwrap_or_default()
    }

    fn show(&self, change: impl FnOnce(&mut FolderProgress)) {
        self.progress
            .send_modify(|all| change(all.folders.entry(self.folder.clone()).or_default()));
    }
}
