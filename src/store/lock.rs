//! One daemon per ledger. The ledger itself allows several processes (the daemon and the commands); two *daemons*
//! would both read the mailboxes and both climb the ladders.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often a lock that is held is tried again, and after how long: somebody who only looks lets go at once.
const LOOKS: u32 = 5;
const LOOK: Duration = Duration::from_millis(20);

/// The lock, held until it is dropped, or until the process ends in whatever way.
///
/// It is a lock of the operating system on a file beside the ledger, not the existence of that file: a daemon that
/// was killed leaves the file and no lock. The file is never removed, because removing it would let a third daemon
/// lock a new file while a second still waits on the old one.
#[derive(Debug)]
pub struct DaemonLock {
    _file: File,
    path: PathBuf,
}

/// Why the lock is not held.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another daemon runs on this ledger: end it, or do not start this one.
    #[error(
        "another daemon{} runs on this ledger and holds {}; stop that one first (`systemctl stop koppelwacht`), or give \
         this one a ledger of its own",
        holder.map(|pid| format!(" (process {pid})")).unwrap_or_default(),
        path.display()
    )]
    Held {
        /// The lock file.
        path: PathBuf,
        /// The process that holds it, where it can be told.
        holder: Option<u32>,
    },
    /// The folder that the ledger is to lie in does not exist.
    #[error("the folder {} is not there; make it, or name another `ledger` in the settings", .0.display())]
    NoFolder(PathBuf),
    /// The lock file cannot be used: a human has to look.
    #[error("{} cannot be locked ({source}); may this user write in that folder?", path.display())]
    Unusable {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl DaemonLock {
    /// Takes the lock on this ledger, without waiting.
    ///
    /// # Errors
    /// Another process holds it, or the file cannot be opened.
    pub fn take(ledger: &Path) -> Result<Self, LockError> {
        let path = ledger.with_added_extension("lock");
        if let Some(folder) = path.parent().filter(|folder| is_missing(folder)) {
            return Err(LockError::NoFolder(folder.to_owned()));
        }
        let unusable = |source| LockError::Unusable {
            path: path.clone(),
            source,
        };
        let mut file = open(&path).map_err(unusable)?;
        match patiently(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = holder(&mut file);
                return Err(LockError::Held { path, holder });
            }
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        file.set_len(0)
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(unusable)?;
        Ok(Self { _file: file, path })
    }

    /// Whether a daemon runs on this ledger; none when it cannot be told, as when the lock file belongs to another user.
    #[must_use]
    pub fn is_held(ledger: &Path) -> Option<bool> {
        match File::open(ledger.with_added_extension("lock")) {
            // Let go of at once. A daemon that starts in that moment tries again.
            Ok(file) => match file.try_lock_shared() {
                Ok(()) => Some(false),
                Err(TryLockError::WouldBlock) => Some(true),
                Err(TryLockError::Error(_)) => None,
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some(false),
            Err(_) => None,
        }
    }

    /// The lock file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Takes the lock, past a command that only looks whether somebody has it.
fn patiently(file: &File) -> Result<(), TryLockError> {
    for _ in 0..LOOKS {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOOK),
            taken => return taken,
        }
    }
    file.try_lock()
}

/// Whether a folder does not exist; one that is named by nothing is the current one.
fn is_missing(folder: &Path) -> bool {
    !folder.as_os_str().is_empty() && matches!(folder.try_exists(), Ok(false))
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The process that wrote its number into the file. Only a hint: it may be writing just now.
fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_daemon_on_one_ledger_is_told_which_process_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("ledger.db");
        let first = DaemonLock::take(&ledger).unwrap();
        assert_eq!(first.path(), folder.path().join("ledger.db.lock"));

        let refusal = DaemonLock::take(&ledger).unwrap_err();
        assert!(
            matches!(&refusal, LockError::Held { holder: Some(pid), .. } if *pid == std::process::id()),
            "{refusal}"
        );
        assert!(refusal.to_string().contains("ledger.db.lock"), "{refusal}");

        drop(first);
        DaemonLock::take(&ledger).expect("the lock ends with the daemon, although its file stays");
    }

    #[test]
    fn a_lock_file_that_a_killed_daemon_left_is_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("ledger.db");
        std::fs::write(
            folder.path().join("ledger.db.lock"),
            "4194304 and some longer text\n",
        )
        .unwrap();
        let lock = DaemonLock::take(&ledger).unwrap();
        let left = std::fs::read_to_string(lock.path()).unwrap();
        assert_eq!(left, format!("{}\n", std::process::id()));
    }

    #[test]
    fn whoever_looks_sees_whether_a_daemon_runs_and_stops_none_from_starting() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("ledger.db");
        assert_eq!(DaemonLock::is_held(&ledger), Some(false), "none ever ran");
        assert!(
            !folder.path().join("ledger.db.lock").exists(),
            "looking leaves nothing"
        );
        let daemon = DaemonLock::take(&ledger).unwrap();
        assert_eq!(DaemonLock::is_held(&ledger), Some(true));
        drop(daemon);
        assert_eq!(DaemonLock::is_held(&ledger), Some(false), "its file stays");

        let looking = File::open(folder.path().join("ledger.db.lock")).unwrap();
        looking.try_lock_shared().unwrap();
        let seen = std::thread::scope(|scope| {
            let start = scope.spawn(|| DaemonLock::take(&ledger));
            drop(looking);
            start.join().unwrap()
        });
        assert!(seen.is_ok(), "{seen:?}");
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let refusal = DaemonLock::take(Path::new("/nowhere/at/all/ledger.db")).unwrap_err();
        assert!(matches!(refusal, LockError::NoFolder(_)));
        assert_eq!(
            refusal.to_string(),
            "the folder /nowhere/at/all is not there; make it, or name another `ledger` in the settings"
        );
    }
}
