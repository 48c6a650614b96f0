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
//! After a restart there is no last good reading of a file that is broken. Then what the ledger knows from calendars of
//! its owner, or of everybody when the name of the file tells of none, is added to what was read, until it could be read
//! once. Whatever ended meanwhile ends later: the smaller evil.
//!
//! # What we accept
//!
//! A share that hangs holds up the calendars and `koppelwacht check`, and nothing else. Told to stop, we leave it alone: a
//! read that the system does not end goes on in its thread, and ends with the program.
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
use crate::desk::{Desk, DeskError, Patience};
use crate::domain::{Away, Origin, PersonId};
use crate::lookout::{self, Interest, Lookout};
use files::{Basis, Reader, Stamp, Trouble};
use judge::in_words;

/// Pause between two looks while nothing tells of a change.
const SWEEP: Duration = Duration::from_mins(1);
/// How long an export may take to replace its files.
const SETTLE: Duration = Duration::from_secs(1);

/// Keeps the ledger up to date until it is told to stop. Without calendars nobody is away by one.
///
/// # Errors
/// The ledger cannot be used.
pub(super) async fn watch(
    path: Option<&Path>,
    desk: &Desk,
    clock: &Clock,
    stop: &CancellationToken,
) -> Result<(), DeskError> {
    let changed = Arc::new(Notify::new());
    let _lookout = match path {
        None => None,
        Some(path) => tokio::select! {
            () = stop.cancelled() => return Ok(()),
            lookout = look_out(path, &changed) => lookout,
        },
    };
    let mut shelf = Shelf::default();
    let mut told = None;
    let mut patience = Patience::about("to write down who is away by the calendars");
    loop {
        if let Some(path) = path {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                looked = look(shelf, path, desk) => shelf = looked,
            }
        }
        patience.hear(tell(&shelf, desk, &mut told).await)?;
        let calendar = &desk.office().rules.calendar;
        let tomorrow = calendar
            .day(clock.now())
            .tomorrow()
            .map(|day| calendar.start_of(day));
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = settled(&changed) => {}
            () = clock.sleep_until(tomorrow.unwrap_or(Timestamp::MAX)) => {}
            () = tokio::time::sleep(SWEEP) => {}
        }
    }
}

/// Has the system tell of changes, if it can; asking for that keeps nobody waiting either.
async fn look_out(path: &Path, changed: &Arc<Notify>) -> Option<Lookout> {
    let (path, changed) = (path.to_owned(), Arc::clone(changed));
    let asked = tokio::task::spawn_blocking(move || {
        let folder = if path.is_dir() {
            path.as_path()
        } else {
            path.parent().unwrap_or(&path)
        };
        lookout::over(folder, Interest::Contents, changed)
    });
    let lookout = asked
        .await
        .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
    lookout
        .inspect_err(|error| tracing::warn!("calendars are looked at once a minute only: {error}"))
        .ok()
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
        let known = known.filter(|absence| absence.origin == Origin::Calendar);
        away.extend(
            known
                .map(|absence| absence.away)
                .filter(|away| shelf.may_miss(&away.person)),
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
    /// When it was read; none: not yet.
    stamp: Option<Stamp>,
    /// Whose it is by its name.
    owner: Option<PersonId>,
    /// What it said when it could last be read; none: it was there at the start, and never could.
    said: Option<Agenda>,
    trouble: Option<Trouble>,
}

impl Shelf {
    /// Looks at the files. While they cannot be found they stay as they were, and that is told once.
    fn look(&mut self, path: &Path, reader: &Reader<'_>) {
        match files::list(path) {
            Ok(there) => {
                let was_lost = self.lost.take().is_some();
                if self.read(there, reader) || was_lost {
                    self.log();
                }
            }
            Err(error) => {
                if self.lost.replace(error.kind()) != Some(error.kind()) {
                    tracing::warn!("the calendars cannot be found, and stay as they were: {error}");
                }
            }
        }
    }

    /// Reads what is new, and says whether anything is.
    fn read(&mut self, there: BTreeMap<PathBuf, Stamp>, reader: &Reader<'_>) -> bool {
        let basis = Some(reader.basis());
        let is_other_basis = self.basis != basis;
        // What comes later than the first look has said nothing before, also when it is broken.
        let nothing = self.basis.is_some().then(Agenda::default);
        self.basis = basis;
        let mut known = std::mem::take(&mut self.files);
        let mut is_new = is_other_basis;
        for (file, stamp) in there {
            let before = known
                .remove(&file)
                .unwrap_or_else(|| Calendar::new(nothing.clone()));
            let calendar = if is_other_basis || before.wants_reading(stamp) {
                let calendar = before.read(&file, stamp, reader);
                is_new |= calendar.trouble.is_none();
                calendar
            } else {
                before
            };
            self.files.insert(file, calendar);
        }
        is_new || !known.is_empty()
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
        self.was_never_found() || self.files.values().any(|calendar| calendar.said.is_none())
    }

    /// Whether something was never read that may tell of this person.
    fn may_miss(&self, person: &PersonId) -> bool {
        let may_tell = |owner: &Option<PersonId>| owner.as_ref().is_none_or(|owner| owner == person);
        let mut unread = self.files.values().filter(|calendar| calendar.said.is_none());
        self.was_never_found() || unread.any(|calendar| may_tell(&calendar.owner))
    }

    fn was_never_found(&self) -> bool {
        self.lost.is_some() && self.basis.is_none()
    }

    fn away(&self) -> Vec<Away> {
        let agendas = self.files.values().filter_map(|calendar| calendar.said.as_ref());
        agendas.flat_map(|agenda| agenda.away.iter().cloned()).collect()
    }
}

impl Calendar {
    fn new(said: Option<Agenda>) -> Self {
        Self {
            stamp: None,
            owner: None,
            said,
            trouble: None,
        }
    }

    /// Whether it was written again, or could not be read for a reason that may pass without that.
    fn wants_reading(&self, stamp: Stamp) -> bool {
        self.stamp != Some(stamp) || matches!(self.trouble, Some(Trouble::Unreadable(_)))
    }

    /// The same as the file is now. While it cannot be read it stays as it was, and that is told once.
    fn read(self, file: &Path, stamp: Stamp, reader: &Reader<'_>) -> Self {
        let (said, trouble) = match reader.read(file) {
            Ok(agenda) => (Some(agenda), None),
            Err(trouble) => (self.said, Some(trouble)),
        };
        if let Some(trouble) = trouble.filter(|_| trouble != self.trouble) {
            tracing::warn!(
                "of a calendar file stays what it said before: {trouble}; `koppelwacht check` shows which"
            );
        }
        Self {
            stamp: Some(stamp),
            owner: reader.owner(file),
            said,
            trouble,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::app::Installation;
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
        let misses =
            |shelf: &Shelf| ["f.elamrani", "j.hendriks"].map(|person| shelf.may_miss(&PersonId::new(person)));
        assert_eq!(misses(&shelf), [true, false], "it is hers");
        for (text, people) in [
            (WHOLE, 1),
            (&WHOLE[..40], 1),
            ("BEGIN:VCALENDAR\nEND:VCALENDAR\n", 0),
        ] {
            fs::write(&file, text).unwrap();
            assert_eq!(seen(&mut shelf, dir.path()).len(), people, "{text}");
            assert!(!shelf.has_gaps());
        }

        fs::write(dir.path().join("team.ics"), &WHOLE[..40]).unwrap();
        assert_eq!(seen(&mut shelf, dir.path()), []);
        assert_eq!(misses(&shelf), [false, false], "a new file never said anything");
        let mut restarted = Shelf::default();
        assert_eq!(seen(&mut restarted, dir.path()), []);
        assert_eq!(misses(&restarted), [true, true], "it may be about anybody");
    }
}
