//! The files of a Maildir.
//!
//! File names are bytes. Those that are not UTF-8 are entered with `%` escapes, which are never taken back: a file is
//! found by listing, not by name.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{DirEntry, File, Metadata};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::super::LONGEST;

/// Every message that was received `since` then, by what the ledger knows it by. `new` first: what is moved to `cur`
/// meanwhile is seen twice rather than never, and `cur` has the last word.
pub(super) fn list(maildir: &Path, since: Option<Timestamp>) -> io::Result<BTreeMap<String, PathBuf>> {
    let is_old = |entry: &DirEntry| {
        let received = since.and_then(|_| received(&entry.metadata().ok()?));
        since
            .zip(received)
            .is_some_and(|(since, received)| received < since)
    };
    let mut there = BTreeMap::new();
    for part in ["new", "cur"] {
        for entry in maildir.join(part).read_dir()? {
            let entry = entry?;
            let name = entry.file_name();
            if name.as_bytes().starts_with(b".") || entry.file_type()?.is_dir() || is_old(&entry) {
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

/// When the file was delivered, and its beginning. What is no file is not even opened: a pipe would keep us waiting.
pub(super) fn read(path: &Path) -> io::Result<(Option<Timestamp>, Vec<u8>)> {
    let metadata = path.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(LONGEST as u64).read_to_end(&mut bytes)?;
    Ok((received(&metadata), bytes))
}

/// When a file was delivered, where the file system says so.
fn received(metadata: &Metadata) -> Option<Timestamp> {
    Timestamp::try_from(metadata.modified().ok()?).ok()
}

/// Moves a file from `new` to `cur`, as every reader does. Never onto another file.
pub(super) fn settle(file: &Path, cur: &Path) -> io::Result<()> {
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
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
    fn what_is_no_file_is_told_and_not_waited_for() {
        let error = read(Path::new("/dev/null")).unwrap_err();
        assert_eq!(error.to_string(), "it is no file");
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
