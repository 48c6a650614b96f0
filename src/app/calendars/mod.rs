//! Who is away by the calendar files, kept up to date in the ledger.
//!
//! # What it must guarantee
//!
//! What the files say is in the ledger soon after they say it, at the start, and again each day; and it stays there while
//! they cannot be read. Nobody is brought back to work by a file that breaks off, a share that is not mounted or a
//! restart, but by a calendar that no longer says they are away. No log has a name, a title or a file name, which is
//! often a person's: `koppelwacht check` shows which file is meant.
//!
//! # How
//!
//! Files are looked at when the system tells that one was written, and every minute: on a network share it tells
//! nothing. One is read when its time or length changed. Of each the last good reading is kept. Whatever of all of them
//! together is new goes to the desk as a whole, which writes down what differs.
//!
//! After a restart there is no last good reading of a file that is broken. Then what the ledger knows from calendars is
//! added to what was read, until each file could be read once. Whatever ended meanwhile ends later: the smaller evil.
//!
//! # What we accept
//!
//! A folder that is there and has no files in it says that nobody is away, although its share may be missing: name a
//! folder within the share, which is gone with it.

mod files;
mod judge;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::agenda::{self, Agenda};
use crate::clock::Clock;
use crate::desk::{Desk, DeskError};
use crate::domain::{Away, Origin};
use crate::lookout::{self, Interest};
use files::{Basis, Reader, Stamp, Trouble};
use judge::in_words;

/// Pause between two looks while nothing tells of a change.
const SWEEP: Duration = Duration::from_mins(1);
/// How long an export may take to replace its files.
const SETTLE: Duration = Duration::from_secs(1);

/// Keeps the ledger up to date until it is told to stop. Without calendars nobody is away by one.
pub(super) async fn watch(path: Option<&Path>, desk: &Desk, clock: &Clock, stop: &CancellationToken) {
    let changed = Arc::new(Notify::new());
    let folder = path.map(|path| {
        if path.is_dir() {
            path
        } else {
            path.parent().unwrap_or(path)
        }
    });
    let _lookout = folder.map(|folder| {
        lookout::over(folder, Interest::Contents, Arc::clone(&changed))
            .inspect_err(|error| tracing::warn!("calendars are looked at once a minute only: {error}"))
    });
    let mut shelf = Shelf::default();
    let mut told = None;
    loop {
        if let Some(path) = path {
            shelf = look(shelf, path, desk).await;
        }
        if let Err(error) = tell(&shelf, desk, &mut told).await {
            tracing::error!(%error, "who is away by the calendars is not written down yet");
        }
        let calendar = &desk.office().rules.calendar;
        let tomorrow = calendar
            .day(clock.now())
            .tomorrow()
            .map(|day| calendar.start_of(day));
        tokio::select! {
            () = stop.cancelled() => return,
            () = settled(&changed) => {}
            () = clock.sleep_until(tomorrow.unwrap_or(Timestamp::MAX)) => {}
            () = tokio::time::sleep(SWEEP) => {}
        }
    }
}

/// Returns a moment after something changed: who replaces a file by deleting it first has written it again by then.
async fn settled(changed: &Notify) {
    changed.notified().await;
    tokio::time::sleep(SETTLE).await;
}

/// Looks at the files where that keeps nobody waiting.
async fn look(mut shelf: Shelf, path: &Path, desk: &Desk) -> Shelf {
    let (path, office, now) = (path.to_owned(), desk.office(), desk.now());
    let looked = tokio::task::spawn_blocking(move || {
        shelf.look(&path, &Reader::new(&office, now));
        shelf
    });
    // A panic here is a defect of ours: to go on with an empty shelf would bring everybody back to work.
    looked
        .await
        .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

/// Has the desk write down who is away, when that is something else than it was `told`.
async fn tell(shelf: &Shelf, desk: &Desk, told: &mut Option<Vec<Away>>) -> Result<(), DeskError> {
    let mut away = shelf.away();
    if shelf.has_gaps() {
        let known = desk.absences(false).await?.into_iter();
        away.extend(
            known
                .filter(|absence| absence.origin == Origin::Calendar)
                .map(|absence| absence.away),
        );
    }
    let away = agenda::merged(away);
    if told.as_ref() != Some(&away) {
        desk.absences_read(Origin::Calendar, away.clone()).await?;
        *told = Some(away);
    }
    Ok(())
}

/// What all files said when they could last be read.
#[derive(Default)]
struct Shelf {
    files: BTreeMap<PathBuf, Calendar>,
    basis: Option<Basis>,
    /// Why the files cannot be listed.
    lost: Option<io::ErrorKind>,
}

/// A file.
struct Calendar {
    stamp: Stamp,
    said: Option<Agenda>,
    trouble: Option<Trouble>,
}

impl Shelf {
    /// Reads what is new. What cannot be read stays as it was, and is told of once.
    fn look(&mut self, path: &Path, reader: &Reader<'_>) {
        let there = match files::list(path) {
            Ok(there) => there,
            Err(error) => {
                if self.lost != Some(error.kind()) {
                    tracing::warn!("the calendars cannot be found, and stay as they were: {error}");
                }
                self.lost = Some(error.kind());
                return;
            }
        };
        let basis = Some(reader.basis());
        let is_other_basis = self.basis != basis;
        let mut is_new = is_other_basis || self.lost.is_some();
        (self.basis, self.lost) = (basis, None);
        let before = self.files.len();
        self.files.retain(|file, _| there.contains_key(file));
        is_new |= before != self.files.len();
        for (file, stamp) in there {
            let known = self.files.remove(&file);
            let is_read = |known: &Calendar| {
                known.stamp == stamp && !matches!(known.trouble, Some(Trouble::Unreadable(_)))
            };
            let calendar = match known {
                Some(known) if !is_other_basis && is_read(&known) => known,
                known => {
                    is_new = true;
                    Calendar::read(&file, stamp, known, reader)
                }
            };
            self.files.insert(file, calendar);
        }
        if is_new {
            self.log();
        }
    }

    fn log(&self) {
        let agendas = || self.files.values().filter_map(|calendar| calendar.said.as_ref());
        let absences: usize = agendas().map(|agenda| agenda.away.len()).sum();
        let doubtful = in_words(agendas().flat_map(|agenda| &agenda.doubts));
        tracing::info!(
            files = self.files.len(),
            absences,
            doubtful,
            "the calendars were read"
        );
    }

    /// Whether something was never read.
    fn has_gaps(&self) -> bool {
        let is_gap = |calendar: &Calendar| calendar.said.is_none();
        self.files.values().any(is_gap) || (self.lost.is_some() && self.basis.is_none())
    }

    fn away(&self) -> Vec<Away> {
        let agendas = self.files.values().filter_map(|calendar| calendar.said.as_ref());
        agendas.flat_map(|agenda| agenda.away.iter().cloned()).collect()
    }
}

impl Calendar {
    fn read(file: &Path, stamp: Stamp, known: Option<Self>, reader: &Reader<'_>) -> Self {
        let (said, trouble) = known.map_or((None, None), |known| (known.said, known.trouble));
        match reader.read(file) {
            Ok(agenda) => Self {
                stamp,
                said: Some(agenda),
                trouble: None,
            },
            Err(new) => {
                if trouble != Some(new) {
                    tracing::warn!(
                        "of a calendar file stays what it said before: {new}; `koppelwacht check` shows which"
                    );
                }
                Self {
                    stamp,
                    said,
                    trouble: Some(new),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::app::Installation;
    use crate::domain::PersonId;
    use crate::findings::Findings;

    const WHOLE: &str = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Verlof\nDTSTART;VALUE=DATE:20261207\nEND:VEVENT\n\
                         END:VCALENDAR\n";

    /// Who is away after a look on a day in November.
    fn seen(shelf: &mut Shelf, path: &Path) -> Vec<PersonId> {
        let installation = Installation::load(None, &mut Findings::new()).unwrap();
        let now = "2026-11-24T09:00:00Z".parse().unwrap();
        shelf.look(path, &Reader::new(&installation.office, now));
        shelf.away().into_iter().map(|away| away.person).collect()
    }

    #[test]
    fn a_share_that_is_gone_brings_nobody_back_to_work_and_one_that_was_never_there_leaves_gaps() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, elsewhere) = (dir.path().join("agendas"), dir.path().join("elders"));
        let mut shelf = Shelf::default();
        assert_eq!(seen(&mut shelf, &folder), []);
        assert!(shelf.has_gaps(), "the ledger knows more");

        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("f.elamrani.ics"), WHOLE).unwrap();
        let fatima = [PersonId::new("f.elamrani")];
        assert_eq!(seen(&mut shelf, &folder), fatima);
        assert!(!shelf.has_gaps());

        fs::rename(&folder, &elsewhere).unwrap();
        assert_eq!(seen(&mut shelf, &folder), fatima);
        fs::rename(&elsewhere, &folder).unwrap();
        fs::remove_file(folder.join("f.elamrani.ics")).unwrap();
        assert_eq!(seen(&mut shelf, &folder), []);
        assert!(!shelf.has_gaps(), "an empty folder says that nobody is away");
    }

    #[test]
    fn one_file_may_be_named_instead_of_a_folder() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("verlof.kalender");
        let invited = "SUMMARY:Verlof\nATTENDEE:mailto:J.Hendriks@gemeente-voorbeeld.nl";
        fs::write(&file, WHOLE.replace("SUMMARY:Verlof", invited)).unwrap();
        assert_eq!(seen(&mut Shelf::default(), &file), [PersonId::new("j.hendriks")]);
    }

    #[test]
    fn a_file_that_breaks_off_keeps_what_it_said_and_a_whole_one_replaces_it() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("f.elamrani.ics");
        let mut shelf = Shelf::default();
        fs::write(&file, &WHOLE[..40]).unwrap();
        assert_eq!(seen(&mut shelf, dir.path()), []);
        assert!(shelf.has_gaps());
        for (text, people) in [
            (WHOLE, 1),
            (&WHOLE[..40], 1),
            ("BEGIN:VCALENDAR\nEND:VCALENDAR\n", 0),
        ] {
            fs::write(&file, text).unwrap();
            assert_eq!(seen(&mut shelf, dir.path()).len(), people, "{text}");
            assert!(!shelf.has_gaps());
        }
    }
}
