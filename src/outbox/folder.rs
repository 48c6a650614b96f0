//! Letters as files, for those who deliver them in another way or want to look first.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Round;
use super::message::{Sender, occasion};
use super::trouble::Trouble;
use crate::domain::{Delivery, Parcel};

/// Makes sure that letters can be written.
pub(super) fn probe(folder: &Path) -> Result<(), Trouble> {
    let written = fs::create_dir_all(folder).and_then(|()| {
        let probe = folder.join(".probe.tmp");
        File::create(&probe)?.sync_all()?;
        fs::remove_file(&probe)
    });
    written.map_err(|error| trouble(folder, &error))
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

pub(super) fn trouble(folder: &Path, error: &dyn std::error::Error) -> Trouble {
    Trouble::Folder {
        path: folder.to_owned(),
        reason: error.to_string(),
    }
}
