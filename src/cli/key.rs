//! `koppelwacht key`: the key of the vault.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::{Exit, fail, say};
use crate::vault::Vault;

#[derive(Debug, clap::Args)]
pub(super) struct Key {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make the key with which the ledger is sealed, in a new file that only you can read
    ///
    /// Keep a copy where no copy of the ledger is: without it nobody can read what the ledger keeps of a mail.
    New {
        /// The file to make
        file: PathBuf,
    },
}

impl Key {
    pub(super) fn run(self) -> Exit {
        let Action::New { file } = self.action;
        match write_new(&file) {
            Ok(()) => say(
                &format!(
                    "a new key is in {}; keep a copy apart from the ledger, and name it in `[vault]` of the settings\n",
                    file.display()
                ),
                Exit::Fine,
            ),
            Err(error) => fail(&format!(
                "no key was made in {}: {error}; a key that exists is never overwritten",
                file.display()
            )),
        }
    }
}

/// Writes a new key into a file that is not there yet.
///
/// # Errors
/// The file exists, or cannot be written.
pub(super) fn write_new(file: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut written = options.open(file)?;
    written.write_all(Vault::new_key().as_bytes())?;
    written.write_all(b"\n")?;
    written.sync_all()
}
