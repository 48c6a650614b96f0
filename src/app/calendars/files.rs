//! The calendar files on disk: which there are, and what each says.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use crate::agenda::{self, Agenda, LONGEST, NoAgenda, Reading};
use crate::desk::Office;
use crate::domain::{PersonId, RulesVersion};

/// How many days of the future are read.
const AHEAD: i64 = 366;

/// By what it shows that a file was written again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            modified: metadata.modified().ok(),
            length: metadata.len(),
        }
    }
}

/// Why a file says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Trouble {
    /// The system does not give it.
    #[error("it cannot be read: {0}; let the service read it")]
    Unreadable(io::ErrorKind),
    /// It is no whole calendar.
    #[error(transparent)]
    NoAgenda(#[from] NoAgenda),
}

/// The calendar files of a folder, or the one file that was named instead. Files of which the name starts with a dot are
/// still being brought by a program that copies.
///
/// # Errors
/// The folder or file is not there, or cannot be looked into.
pub(super) fn list(path: &Path) -> io::Result<BTreeMap<PathBuf, Stamp>> {
    let metadata = path.metadata()?;
    if !metadata.is_dir() {
        return Ok(BTreeMap::from([(path.to_owned(), Stamp::of(&metadata))]));
    }
    let mut files = BTreeMap::new();
    for entry in path.read_dir()? {
        let file = entry?.path();
        let is_calendar = file
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("ics"))
            && !name_of(&file).starts_with('.');
        if !is_calendar {
            continue;
        }
        match file.metadata() {
            Ok(metadata) if metadata.is_file() => {
                files.insert(file, Stamp::of(&metadata));
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(files)
}

/// What a file is called, without its ending.
pub(super) fn name_of(file: &Path) -> &str {
    file.file_stem().and_then(OsStr::to_str).unwrap_or_default()
}

/// What a reading depends on besides the file: what was read by other rules, or on another day, is read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Basis {
    day: Date,
    rules: RulesVersion,
}

/// Reads calendar files as they are to be read on one day by one set of rules.
pub(super) struct Reader<'a> {
    office: &'a Office,
    day: Date,
    names: HashMap<String, Option<PersonId>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(office: &'a Office, now: Timestamp) -> Self {
        let mut names = HashMap::new();
        for person in office.rules.people.values() {
            for name in [person.id.as_str(), &person.address, &person.name] {
                let known = names
                    .entry(name.to_lowercase())
                    .or_insert_with(|| Some(person.id.clone()));
                // Of two of one name it is neither.
                known.take_if(|known| *known != person.id);
            }
        }
        Self {
            day: office.rules.calendar.day(now),
            names,
            office,
        }
    }

    pub(super) fn basis(&self) -> Basis {
        Basis {
            day: self.day,
            rules: self.office.rules.version.clone(),
        }
    }

    /// Whose a file is by its name.
    pub(super) fn owner(&self, file: &Path) -> Option<PersonId> {
        self.known(&name_of(file).to_lowercase())
    }

    fn known(&self, name: &str) -> Option<PersonId> {
        self.names.get(name)?.clone()
    }

    /// What a file says.
    ///
    /// # Errors
    /// It cannot be read, or is no whole calendar.
    pub(super) fn read(&self, file: &Path) -> Result<Agenda, Trouble> {
        let bytes = bytes(file).map_err(|error| Trouble::Unreadable(error.kind()))?;
        let reading = Reading {
            calendar: &self.office.rules.calendar,
            from: self.day,
            until: self.day.saturating_add(Span::new().days(AHEAD)),
            name: name_of(file),
            known: &|name| self.known(name),
        };
        Ok(agenda::read(&bytes, &reading)?)
    }
}

/// One byte more than is read of a calendar shows that it is too long.
fn bytes(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?
        .take(LONGEST as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
