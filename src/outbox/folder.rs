//! Letters as files, for those who deliver them in another way or want to look first.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::Round;
use super::message::{Sender, occasion};
use super::trouble::Trouble;
use crate::domain::{Delivery, Parcel};

/// Makes sure that letters can be written, and leaves nothing behind. A folder that is not there is made with its first
/// letter, not by whoever looks: the account that looks may be another.
pub(super) fn probe(folder: &Path) -> Result<(), Trouble> {
    let place = folder.ancestors().find(|place| is_there(place));
    let written = if place == Some(folder) {
        // Where there is one, nothing is made: what stands in its place is told as it is of a letter.
        fs::create_dir_all(folder).and_then(|()| write_nothing(folder))
    } else {
        write_nothing(place.unwrap_or(Path::new(".")))
    };
    written.map_err(|error| trouble(folder, &error))
}

/// Writes a file and takes it away.
fn write_nothing(folder: &Path) -> io::Result<()> {
    let probe = folder.join(".probe.tmp");
    File::create(&probe)?.sync_all()?;
    match fs::remove_file(&probe) {
        // Somebody else looked at the same time.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// What may not be looked for is there, and so is a link to nothing: no folder can be made in its place.
fn is_there(place: &Path) -> bool {
    let found = fs::symlink_metadata(place);
    found.map_or_else(|error| error.kind() != ErrorKind::NotFound, |_| true)
}

/// Writes letters, each wholly or not at all, until it has to stop. A letter that is written again replaces itself.
pub(super) fn deliver(
    folder: &Path,
    sender: &Sender,
    batch: &[Parcel],
    has_to_stop: &dyn Fn() -> bool,
) -> Round {
    let mut failed = None;
    let deliveries = batch
        .iter()
        .map(|letter| match sender.write(letter) {
            _ if has_to_stop() => Delivery::NotTried,
            Err(unwritable) => Delivery::Refused {
                code: unwritable.code(),
            },
            Ok((_, bytes)) => match write(folder, &name(letter), &bytes) {
                Ok(()) => Delivery::Accepted,
                Err(error) => {
                    let trouble = trouble(folder, &error);
                    let reason = trouble.word();
                    failed = Some(trouble);
                    Delivery::Deferred { reason }
                }
            },
        })
        .collect();
    Round {
        deliveries,
        trouble: failed,
    }
}

/// The number keeps files in order and the occasion helps who looks; nobody is named.
fn name(letter: &Parcel) -> String {
    format!("{:06}-{}.eml", letter.id.0, occasion(letter))
}

/// Readers see the whole file or none, also after a power cut.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let unfinished: PathBuf = folder.join(format!(".{name}.tmp"));
    let mut file = File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, folder.join(name))?;
    File::open(folder)?.sync_all()
}

pub(super) fn trouble(folder: &Path, error: &io::Error) -> Trouble {
    Trouble::Folder {
        path: folder.to_owned(),
        is_denied: error.kind() == ErrorKind::PermissionDenied,
        reason: error.to_string(),
    }
}
