//! Watching a Maildir on this machine (<https://cr.yp.to/proto/maildir.html>).
//!
//! A message is known by the unique part of its file name, which stays the same when other readers move the file from
//! `new` to `cur` or change the flags behind the colon. Moving it from `new` to `cur`, flags untouched, is also the
//! mark. Files come and go while we look: one that vanished between listing and reading was renamed by somebody, so
//! the folder is looked at again at once; if it was deleted, that look does not find it and all is well.
//!
//! File names are bytes. Those that are not UTF-8 are entered with `%` escapes, which are never taken back: a file is
//! found by listing, not by name.

use std::collections::{BTreeMap, HashSet};
use std::convert::Infallible;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use notify::event::{EventKind, ModifyKind, RenameMode};
use notify::{RecommendedWatcher, RecursiveMode};
use tokio::sync::Notify;

use super::entry::{Entered, Found, enter, read as read_mails};
use super::logbook::Logbook;
use super::persist::Watcher;
use super::{BATCH, IntakeError, LONGEST, PARCEL, Trouble};
use crate::domain::FolderRef;

/// What the ledger calls the one folder of a Maildir.
pub(super) const FOLDER: &str = "INBOX";
/// Pause between two looks while nothing announces a message.
const SWEEP: Duration = Duration::from_mins(1);

/// A Maildir.
#[derive(Debug)]
pub(super) struct Maildir {
    path: PathBuf,
}

impl Maildir {
    /// The Maildir at this path.
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    async fn watch(&self, logbook: &mut Logbook) -> Result<Infallible, Trouble> {
        check(&self.path)?;
        let arrived = Arc::new(Notify::new());
        // Dropping the watcher ends the watching.
        let _watcher = announce(&self.path, Arc::clone(&arrived));
        let folder = logbook.reference(0);
        let desk = Arc::clone(logbook.desk());
        let mut round = Round {
            known: desk.known(&folder).await?,
            unmarked: desk.unmarked(&folder).await?.into_iter().collect(),
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

fn check(path: &Path) -> Result<(), IntakeError> {
    for part in ["new", "cur", "tmp"] {
        let hurdle = |reason| IntakeError::NotAMaildir {
            path: path.to_owned(),
            reason,
        };
        match path.join(part).metadata() {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Err(hurdle(format!("`{part}` is not a folder"))),
            Err(error) => return Err(hurdle(format!("`{part}`: {error}"))),
        }
    }
    Ok(())
}

/// Has `arrived` told when a file appears in `new`. Without it (no inotify on this file system, too many watches) the
/// looks of every minute remain.
fn announce(path: &Path, arrived: Arc<Notify>) -> Option<RecommendedWatcher> {
    let tell = move |event: notify::Result<notify::Event>| {
        // An error, an overflow for one, may have swallowed an arrival.
        let came = event.map_or(true, |event| {
            event.need_rescan()
                || matches!(
                    event.kind,
                    EventKind::Create(_)
                        | EventKind::Modify(ModifyKind::Name(RenameMode::To))
                        | EventKind::Other
                )
        });
        if came {
            arrived.notify_one();
        }
    };
    let watching = notify::recommended_watcher(tell).and_then(|mut watcher| {
        notify::Watcher::watch(&mut watcher, &path.join("new"), RecursiveMode::NonRecursive)?;
        Ok(watcher)
    });
    watching
        .inspect_err(|error| tracing::warn!("arrivals are noticed once a minute only: {error}"))
        .ok()
}

/// What is kept between the looks of one visit.
struct Round {
    folder: FolderRef,
    known: HashSet<String>,
    unmarked: HashSet<String>,
}

impl Round {
    /// Looks once. Says whether to look again at once.
    async fn sweep(&mut self, path: &Path, logbook: &mut Logbook) -> Result<bool, Trouble> {
        let since = logbook.desk().now();
        let there = blocking({
            let path = path.to_owned();
            move || list(&path)
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
        let look = self.carry(logbook, missing).await?;
        let unmarkable = self.mark(path, logbook, &there).await?;
        if look.vanished {
            return Ok(true);
        }
        match look.left {
            Some((left, reason)) => logbook.short_of(left, &reason).await,
            None => logbook.caught_up(since, unmarkable).await,
        }
        Ok(false)
    }

    async fn carry(
        &mut self,
        logbook: &mut Logbook,
        missing: Vec<(String, PathBuf)>,
    ) -> Result<Look, Trouble> {
        let mut look = Look::default();
        let mut waiting = missing.into_iter().peekable();
        while waiting.peek().is_some() {
            let (found, rest) = blocking(move || {
                let mut found = Parcel::default();
                while !found.is_full() {
                    let Some((item, path)) = waiting.next() else { break };
                    found.add(item, read(&path));
                }
                (found, waiting)
            })
            .await?;
            waiting = rest;
            look.vanished |= found.vanished;
            if let Some((count, reason)) = found.unreadable {
                look.leave(count, reason);
            }
            if found.messages.is_empty() {
                continue;
            }
            let count = found.messages.len();
            let arrivals = read_mails(logbook.desk(), &self.folder, found.messages).await?;
            match enter(logbook.desk(), arrivals).await? {
                Entered::All(items) => {
                    logbook.entered(items.len());
                    self.known.extend(items.iter().cloned());
                    self.unmarked.extend(items);
                }
                Entered::None(reason) => look.leave(count, reason),
            }
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
                match file.map_or(Ok(()), |file| settle(&file, &cur)) {
                    Ok(()) => marked.push(item),
                    Err(error) => {
                        refusal = Some(format!("messages cannot be moved to {}: {error}", cur.display()));
                    }
                }
            }
            (marked, refusal)
        })
        .await?;
        match logbook.desk().marked(&self.folder, &marked).await {
            Ok(()) => {
                for item in &marked {
                    self.unmarked.remove(item);
                }
            }
            Err(error) if error.retry_helps() => {
                tracing::warn!(
                    messages = marked.len(),
                    "that messages are marked could not be written down: {error}"
                );
            }
            Err(error) => return Err(error.into()),
        }
        Ok(refusal)
    }
}

/// What a look left undone.
#[derive(Debug, Default)]
struct Look {
    vanished: bool,
    left: Option<(usize, String)>,
}

impl Look {
    fn leave(&mut self, messages: usize, reason: String) {
        let before = self.left.take().map_or(0, |(count, _)| count);
        self.left = Some((before + messages, reason));
    }
}

/// Messages that are entered together, and what went wrong on the way.
#[derive(Default)]
struct Parcel {
    messages: Vec<Found>,
    bytes: usize,
    vanished: bool,
    unreadable: Option<(usize, String)>,
}

impl Parcel {
    fn is_full(&self) -> bool {
        self.messages.len() >= BATCH || self.bytes >= PARCEL
    }

    fn add(&mut self, item: String, read: io::Result<(Option<Timestamp>, Vec<u8>)>) {
        match read {
            Ok((received, bytes)) => {
                self.bytes += bytes.len();
                self.messages.push(Found {
                    item,
                    received,
                    bytes,
                });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.vanished = true,
            Err(error) => {
                let before = self.unreadable.take().map_or(0, |(count, _)| count);
                self.unreadable = Some((
                    before + 1,
                    format!("the file of message {item} cannot be read: {error}"),
                ));
            }
        }
    }
}

/// Every message by what the ledger knows it by. `new` first: what is moved to `cur` meanwhile is seen twice rather
/// than never, and `cur` has the last word.
fn list(maildir: &Path) -> io::Result<BTreeMap<String, PathBuf>> {
    let mut there = BTreeMap::new();
    for part in ["new", "cur"] {
        for entry in maildir.join(part).read_dir()? {
            let entry = entry?;
            let name = entry.file_name();
            if name.as_bytes().starts_with(b".") || entry.file_type()?.is_dir() {
                continue;
            }
            there.insert(item(&name), entry.path());
        }
    }
    Ok(there)
}

/// What the ledger knows a file by: the unique part of its name, bytes that are not UTF-8 escaped.
fn item(name: &OsStr) -> String {
    use std::fmt::Write;
    let unique = name
        .as_bytes()
        .split(|byte| *byte == b':')
        .next()
        .unwrap_or_default();
    let mut item = String::with_capacity(unique.len());
    for chunk in unique.utf8_chunks() {
        item.push_str(&chunk.valid().replace('%', "%25"));
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(item, "%{byte:02X}");
        }
    }
    item
}

/// When the file was delivered, and its beginning.
fn read(path: &Path) -> io::Result<(Option<Timestamp>, Vec<u8>)> {
    let file = File::open(path)?;
    let received = file
        .metadata()?
        .modified()
        .ok()
        .and_then(|time| Timestamp::try_from(time).ok());
    let mut bytes = Vec::new();
    file.take(LONGEST as u64).read_to_end(&mut bytes)?;
    Ok((received, bytes))
}

/// Moves a file from `new` to `cur`, as every reader does. Never onto another file.
fn settle(file: &Path, cur: &Path) -> io::Result<()> {
    let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else {
        return Ok(());
    };
    if !folder.ends_with("new") {
        return Ok(());
    }
    let mut target = name.to_owned();
    if !name.as_bytes().contains(&b':') {
        target.push(":2,");
    }
    let target = cur.join(target);
    if target.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    match std::fs::rename(file, target) {
        // Another reader was faster.
        Err(error) if error.kind() == io::ErrorKind::NotFound && !file.exists() => Ok(()),
        done => done,
    }
}

/// Runs what may wait for a disk where it keeps nobody waiting.
async fn blocking<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> Result<R, Trouble> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Trouble::Passing("reading the Maildir was broken off".to_owned()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    fn item_of(name: &[u8]) -> String {
        item(&std::ffi::OsString::from_vec(name.to_vec()))
    }

    #[test]
    fn a_message_keeps_its_name_when_other_readers_change_its_flags() {
        assert_eq!(item_of(b"1795.M1P2.host"), "1795.M1P2.host");
        assert_eq!(item_of(b"1795.M1P2.host:2,RS"), "1795.M1P2.host");
    }

    #[test]
    fn names_that_are_not_utf8_stay_different_from_each_other() {
        let names: [&[u8]; 4] = [b"caf\xe9", b"caf\xe8", b"caf%E9", "caf\u{e9}".as_bytes()];
        let items: HashSet<String> = names.iter().map(|name| item_of(name)).collect();
        assert_eq!(items.len(), names.len(), "{items:?}");
        assert_eq!(item_of(b"caf\xe9:2,S"), "caf%E9");
    }

    #[test]
    fn a_file_is_never_moved_onto_another() {
        let maildir = tempfile::tempdir().unwrap();
        for part in ["new", "cur"] {
            std::fs::create_dir(maildir.path().join(part)).unwrap();
        }
        let (new, cur) = (maildir.path().join("new/1.a"), maildir.path().join("cur"));
        std::fs::write(&new, "the one").unwrap();
        std::fs::write(cur.join("1.a:2,"), "the other").unwrap();
        let error = settle(&new, &cur).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_to_string(cur.join("1.a:2,")).unwrap(), "the other");
    }
}
