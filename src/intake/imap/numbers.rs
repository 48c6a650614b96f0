//! The numbers (UIDs) of a folder: which messages are in the ledger, and which of those are not marked.
//!
//! As a rule the ledger says so when a visit begins. But a server that is restored from a backup without a new UIDVALIDITY
//! hands out numbers a second time, and the ledger knows them of other messages. UIDNEXT shows it: no message can have had
//! that number, or a higher one. Then no number in the ledger can be trusted. All that lies in the folder is read again:
//! the desk knows old messages by their fingerprints, and what is new under an old number gets its task. What was entered
//! since is kept here from visit to visit, so that a folder is read again once, and not whenever a connection ends.
//!
//! What we accept: a server that has handed out as many numbers as it had lost before we look cannot be told from one
//! that lost none, and new messages under old numbers are not read. The same holds when the program ends before it has
//! read them, and is started after the numbering has passed the old top. A program that is started before reads all again.

use std::collections::{BTreeSet, HashSet};

use super::super::Trouble;
use super::super::entry::note_marked;
use super::stumbles::Stumbles;
use crate::desk::Desk;
use crate::domain::FolderRef;

/// A numbering, as the server tells of it when a folder is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbering {
    /// UIDVALIDITY.
    pub(super) epoch: u32,
    /// UIDNEXT, which a server may leave out (RFC 3501 section 6.3.1).
    pub(super) next: Option<u32>,
}

/// What is remembered of the messages of one numbering.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    epoch: u32,
    /// Numbers were handed out a second time: what follows is of this program, and not of the ledger.
    anew: bool,
    /// What is in the ledger, or is left alone, as far as it may still lie in the folder.
    known: HashSet<u32>,
    /// What is in the ledger and not marked.
    unmarked: BTreeSet<u32>,
    /// The highest that was known at any time.
    top: u32,
    /// What connections broke at.
    pub(super) stumbles: Stumbles,
}

impl Numbers {
    /// A visit begins: asks the ledger once what it knows of the folder.
    pub(super) async fn begin(
        &mut self,
        desk: &Desk,
        folder: &FolderRef,
        next: Option<u32>,
    ) -> Result<(), Trouble> {
        if self.epoch != folder.epoch {
            *self = Self {
                epoch: folder.epoch,
                ..Self::default()
            };
        }
        if !self.anew {
            let number = |item: &String| item.parse::<u32>().ok();
            self.known = desk.known(folder).await?.iter().filter_map(number).collect();
            self.unmarked = desk.unmarked(folder).await?.iter().filter_map(number).collect();
            self.top = self.known.iter().copied().max().unwrap_or_default();
        }
        if next.is_some_and(|next| next <= self.top) {
            tracing::warn!(
                mailbox = folder.mailbox,
                folder = folder.folder,
                "the server hands out numbers of messages a second time, as after a restored backup; all that lies in \
                 the folder is read again"
            );
            self.start_over(desk, folder).await?;
        }
        Ok(())
    }

    /// Trusts no number any more. What the ledger has as unmarked may be another message now, which must not be marked,
    /// or moved away, before it is entered: that debt is written off. Whatever is entered from now on is marked.
    async fn start_over(&mut self, desk: &Desk, folder: &FolderRef) -> Result<(), Trouble> {
        let owed: Vec<String> = self.unmarked.iter().map(u32::to_string).collect();
        *self = Self {
            epoch: self.epoch,
            anew: true,
            ..Self::default()
        };
        note_marked(desk, folder, &owed).await?;
        Ok(())
    }

    /// Whether a message is in the ledger, or is left alone.
    pub(super) fn knows(&self, uid: u32) -> bool {
        self.known.contains(&uid)
    }

    /// These lie in the folder, and no others.
    pub(super) fn retain(&mut self, there: &BTreeSet<u32>) {
        self.known.retain(|uid| there.contains(uid));
        self.stumbles.retain(there);
    }

    /// This one is left alone.
    pub(super) fn left_alone(&mut self, uid: u32) {
        self.known.insert(uid);
        self.top = self.top.max(uid);
    }

    /// This one was entered.
    pub(super) fn entered(&mut self, uid: u32) {
        self.left_alone(uid);
        self.unmarked.insert(uid);
    }

    /// This one is marked.
    pub(super) fn marked(&mut self, uid: u32) {
        self.unmarked.remove(&uid);
    }

    /// What is in the ledger and not marked.
    pub(super) fn unmarked(&self) -> &BTreeSet<u32> {
        &self.unmarked
    }
}
