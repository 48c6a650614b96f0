//! What keeps all letters from leaving, as opposed to one.

use std::path::PathBuf;

use crate::settings::{Secret, SecretError};
use crate::wire::WireError;

/// Why no letter can leave. Every letter waits and is tried again; most of these end only when a human acts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// There is no encrypted connection.
    #[error("letters cannot leave: {0}")]
    Wire(#[from] WireError),
    /// The server does not offer STARTTLS, or refused it.
    #[error(
        "letters cannot leave: {server} offers no encryption by STARTTLS; switch it on at the server, or set `tls` \
         to \"implicit\" with the port for that (usually 465)"
    )]
    NotEncrypted {
        /// Host and port.
        server: String,
    },
    /// Bytes came along with the answer to STARTTLS, outside the encryption.
    #[error(
        "letters cannot leave: {server} kept talking unencrypted after STARTTLS; somebody may be tampering with the \
         connection, ask the network administrator"
    )]
    Tampered {
        /// Host and port.
        server: String,
    },
    /// The password cannot be read.
    #[error("letters cannot leave: {0}")]
    Secret(#[from] SecretError),
    /// The server knows no way to log in that we know.
    #[error(
        "letters cannot leave: {server} offers neither AUTH PLAIN nor AUTH LOGIN; switch one on for our account, or \
         leave the account out of the settings if the server needs none"
    )]
    NoLogin {
        /// Host and port.
        server: String,
    },
    /// The server does not accept our account.
    #[error(
        "letters cannot leave: {server} refuses our account ({code}); check its user name and password{}",
        password.once_changed()
    )]
    Account {
        /// Host and port.
        server: String,
        /// Where the password is.
        password: Secret,
        /// Its status code.
        code: String,
    },
    /// The server does not accept our address as sender, or wants something else of us first.
    #[error(
        "letters cannot leave: {server} refuses us as sender ({code}); allow our account to send as the `address` in \
         the settings, or correct that address; if both are right, its administrator can see why it blocks us"
    )]
    Sender {
        /// Host and port.
        server: String,
        /// Its status code.
        code: String,
    },
    /// The server does not take a letter from our address to itself, for a reason that may be about us or about the
    /// letter: our address may be one that only sends.
    #[error(
        "letters may have to wait: {server} takes no letter from our `address` to itself ({code}); where that is an \
         address that only sends, nothing is wrong; else allow our account to send as it"
    )]
    Ourselves {
        /// Host and port.
        server: String,
        /// Its status code.
        code: String,
    },
    /// Our own address cannot stand in a letter.
    #[error("letters cannot leave: `{0}` is no mail address; correct `address` in the settings")]
    Address(String),
    /// The server does not want to talk to us at all.
    #[error(
        "letters cannot leave: {server} does not let us in ({code}); ask its administrator to admit this host"
    )]
    Unwelcome {
        /// Host and port.
        server: String,
        /// Its status code.
        code: String,
    },
    /// The server does not take letters now.
    #[error("letters wait: {server} takes none now ({reason}); they are tried again")]
    Busy {
        /// Host and port.
        server: String,
        /// Its status code, or what happened to the connection.
        reason: String,
    },
    /// The folder for letters cannot be written.
    #[error(
        "letters cannot leave: the folder {} cannot be written ({reason}); make room, give us the right to write, or \
         name another `directory` in [letters]",
        path.display()
    )]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Whether this account may not write there; another may.
        is_denied: bool,
        /// What the system said.
        reason: String,
    },
    /// The folder for letters does not answer.
    #[error("letters wait: the folder {} does not answer; look at the share that it lies on", .0.display())]
    FolderHangs(PathBuf),
}

impl Trouble {
    /// Whether letters may leave later without anybody changing anything.
    #[must_use]
    pub fn retry_helps(&self) -> bool {
        match self {
            Self::Wire(error) => error.retry_helps(),
            Self::Busy { .. } | Self::Ourselves { .. } | Self::FolderHangs(_) => true,
            _ => false,
        }
    }

    /// What a letter that waits for this is said to wait for.
    pub(super) fn word(&self) -> String {
        match self {
            Self::Wire(WireError::Unreachable { .. }) => "server not reachable".to_owned(),
            Self::Wire(WireError::Untrusted { .. }) => "certificate not trusted".to_owned(),
            Self::Wire(WireError::Settings(_)) | Self::Secret(_) | Self::Address(_) => {
                "settings wrong".to_owned()
            }
            Self::NotEncrypted { .. } | Self::Tampered { .. } => "no encryption".to_owned(),
            Self::NoLogin { .. } => "no way to log in".to_owned(),
            Self::Account { code, .. } => format!("{code} for our account"),
            Self::Sender { code, .. } | Self::Ourselves { code, .. } => format!("{code} for our address"),
            Self::Unwelcome { code, .. } => format!("{code} for us"),
            Self::Busy { reason, .. } => reason.clone(),
            Self::Folder { .. } => "folder not writable".to_owned(),
            Self::FolderHangs(_) => "folder does not answer".to_owned(),
        }
    }
}
