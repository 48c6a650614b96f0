//! Watching a Maildir on this machine (<https://cr.yp.to/proto/maildir.html>).
//!
//! A message is known by the unique part of its file name, which stays the same when other readers move the file from
//! `new` to `cur` or change the flags behind the colon. Moving it from `new` to `cur`, flags untouched, is also the
//! mark. Files come and go while we look: one that vanished between listing and reading was renamed by somebody, so
//! the folder is looked at again at once; if it was deleted, that look does not find it and all is well. If it is
//! listed once more under the same name and not there once more, it was never renamed: it is a link that leads nowhere,
//! or the disk is out of order, and counts as a file that cannot be read.

mod files;

use std::collections::{BTreeMap, HashSet};
use std::convert::Infallible;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use tokio::sync::Notify;

use super::entry::{Bundle, Entered, Found, enter, note_marked, read as read_mails};
use super::logbook::Logbook;
use super::persist::Watcher;
use super::{IntakeError, Trouble};
use crate::domain::FolderRef;
use crate::lookout::{self, Interest};

/// What the ledger calls the one folder of a Maildir.
pub(super) const FOLDER: &str = "INBOX";
/// Pause between two looks while nothing announces a message.
const SWEEP: Duration = Duration::from_mins(1);

/// A Maildir.
#[derive(Debug)]
pub(super) struct Maildir {
    path: PathBuf,
    since: Option<Date>,
}

impl Maildir {
    /// The Maildir at this path; what was received before `since` is left alone.
    pub(super) fn new(path: &Path, since: Option<Date>) -> Self {
        Self {
            path: path.to_owned(),
            since,
        }
    }

    async fn watch(&self, logbook: &mut Logbook) -> Result<Infallible, Trouble> {
        check(&self.path)?;
        let arrived = Arc::new(Notify::new());
        // Without it (no inotify on this file system, too many watches) the looks of every minute remain.
        let _lookout = lookout::over(&self.path.join("new"), Interest::Arrivals, Arc::clone(&arrived))
            .inspect_err(|error| tracing::warn!("arrivals are noticed once a minute only: {error}"));
        let folder = logbook.reference(0);
        let desk = Arc::clone(logbook.desk());
        let since = self.since.map(|day| desk.office().rules.calendar.start_of(day));
        let mut round = Round {
            since,
            known: desk.known(&folder).await?,
            unmarked: desk.unmarked(&folder).await?.into_iter().collect(),
            vanished: Vanished::new(),
            folder,
        };
        logbook.opened();
        loop {
            let look_again = round.sweep(&self.path, logbook).await?;
            if !look_again {
                // An answer or the passing of a minute: both mean to look.
                let _ = tokio::time::timeout(SWEEP, arrived.notified()).await;
            }
        }
    }
}

impl Watcher for Maildir {
    async fn visit(&mut self, logbook: &mut Logbook) -> Trouble {
        match self.watch(logbook).await {
            Err(trouble) => trouble,
        }
    }
}

/// Whether this is a Maildir.
///
/// # Errors
/// It says what is not as it should be.
pub fn check(path: &Path) -> Result<(), IntakeError> {
    for part in ["new", "cur", "tmp"] {
        let unusable = |reason| IntakeError::NotAMaildir {
            path: path.to_owned(),
            reason,
        };
        match path.join(part).metadata() {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Err(unusable(format!("`{part}` is not a folder"))),
            Err(error) => return Err(unusable(format!("`{part}`: {error}"))),
        }
    }
    Ok(())
}

/// Files that were listed and then not there, with the messages that they are known by.
type Vanished = BTreeMap<PathBuf, String>;

/// What is kept between the looks of one visit.
struct Round {
    /// What was received before this is left alone.
    since: Option<Timestamp>,
    folder: FolderRef,
    known: HashSet<String>,
    unmarked: HashSet<String>,
    /// At the last look.
    vanished: Vanished,
}

impl Round {
    /// Looks once. Says whether to look again at once.
    async fn sweep(&mut self, path: &Path, logbook: &mut Logbook) -> Result<bool, Trouble> {
        let since = logbook.desk().now();
        let there = blocking({
            let (path, wanted) = (path.to_owned(), self.since);
            move || files::list(&path, wanted)
        })
        .await?
        .map_err(|error| Trouble::Passing(format!("{} cannot be listed: {error}", path.display())))?;
        self.known.retain(|item| there.contains_key(item));
        let missing: Vec<(String, PathBuf)> = there
            .iter()
            .filter(|(item, _)| !self.known.contains(*item))
            .map(|(item, path)| (item.clone(), path.clone()))
            .collect();
        logbook.behind(missing.len()).await;
        let mut look = self.carry(logbook, missing).await?;
        let unmarkable = self.mark(path, logbook, &there).await?;
        if self.was_renamed(&mut look) {
            return Ok(true);
        }
        match look.left {
            Some((left, reason)) => logbook.short_of(left, &reason).await,
            None => logbook.caught_up(since, unmarkable).await,
        }
        Ok(false)
    }

    /// Whether a file vanished that may be there under another name. Those that vanished at the last look, too, are
    /// left.
    fn was_renamed(&mut self, look: &mut Look) -> bool {
        let before = std::mem::replace(&mut self.vanished, std::mem::take(&mut look.vanished));
        let (again, anew): (Vec<_>, Vec<_>) = self
            .vanished
            .iter()
            .partition(|(path, _)| before.contains_key(*path));
        for (_, item) in again {
            let why = "it is a link that leads nowhere, or the disk is out of order";
            look.leave(1, unreadable(item, why));
        }
        !anew.is_empty()
    }

    async fn carry(
        &mut self,
        logbook: &mut Logbook,
        missing: Vec<(String, PathBuf)>,
    ) -> Result<Look, Trouble> {
        let mut look = Look::default();
        let mut waiting = missing.into_iter().peekable();
        while waiting.peek().is_some() {
            let (mut found, rest) = blocking(move || {
                let mut found = Handful::default();
                while !found.messages.is_full() {
                    let Some((item, path)) = waiting.next() else { break };
                    let read = files::read(&path);
                    found.add(item, path, read);
                }
                (found, waiting)
            })
            .await?;
            waiting = rest;
            look.vanished.extend(found.vanished);
            if let Some((count, reason)) = found.unreadable {
                look.leave(count, reason);
            }
            let messages = found.messages.take();
            if messages.is_empty() {
                continue;
            }
            let arrivals = read_mails(
                logbook.desk(),
                logbook.witness().map(AsRef::as_ref),
                &self.folder,
                messages,
            )
            .await?;
            let Entered { items, refusal } = enter(logbook.desk(), &arrivals).await?;
            if let Some(reason) = refusal {
                look.leave(arrivals.len() - items.len(), reason);
            }
            logbook.entered(items.len());
            self.known.extend(items.iter().cloned());
            self.unmarked.extend(items);
            logbook.still_behind().await;
        }
        Ok(look)
    }

    /// Moves what is entered from `new` to `cur`. Returns why some could not be; they are tried again at the next look.
    async fn mark(
        &mut self,
        path: &Path,
        logbook: &Logbook,
        there: &BTreeMap<String, PathBuf>,
    ) -> Result<Option<String>, Trouble> {
        if self.unmarked.is_empty() {
            return Ok(None);
        }
        let cur = path.join("cur");
        let moves: Vec<(String, Option<PathBuf>)> = self
            .unmarked
            .iter()
            .map(|item| (item.clone(), there.get(item).cloned()))
            .collect();
        let (marked, refusal) = blocking(move || {
            let mut refusal = None;
            let mut marked = Vec::with_capacity(moves.len());
            for (item, file) in moves {
                match file.map_or(Ok(()), |file| files::settle(&file, &cur)) {
                    Ok(()) => marked.push(item),
                    Err(error) => {
                        refusal = Some(format!("messages cannot be moved to {}: {error}", cur.display()));
                    }
                }
            }
            (marked, refusal)
        })
        .await?;
        if note_marked(logbook.desk(), &self.folder, &marked).await? {
            for item in &marked {
                self.unmarked.remove(item);
            }
        }
        Ok(refusal)
    }
}

/// What a look left undone.
#[derive(Debug, Default)]
struct Look {
    vanished: Vanished,
    left: Option<(usize, String)>,
}

impl Look {
    fn leave(&mut self, messages: usize, reason: String) {
        let before = self.left.take().map_or(0, |(count, _)| count);
        self.left = Some((before + messages, reason));
    }
}

/// Files that were read together, and what went wrong on the way.
#[derive(Default)]
struct Handful {
    messages: Bundle,
    vanished: Vanished,
    unreadable: Option<(usize, String)>,
}

impl Handful {
    fn add(&mut self, item: String, path: PathBuf, read: io::Result<(Option<Timestamp>, Vec<u8>)>) {
        match read {
            Ok((received, bytes)) => self.messages.add(Found {
                item,
                received,
                bytes,
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => drop(self.vanished.insert(path, item)),
            Err(error) => {
                let before = self.unreadable.take().map_or(0, |(count, _)| count);
                self.unreadable = Some((before + 1, unreadable(&item, error)));
            }
        }
    }
}

fn unreadable(item: &str, why: impl std::fmt::Display) -> String {
    format!("the file of message {item} cannot be read: {why}; look at it, and mend it or move it elsewhere")
}

/// Runs what may wait for a disk where it keeps nobody waiting.
async fn blocking<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> Result<R, Trouble> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Trouble::Passing("reading the Maildir was broken off".to_owned()))
}
