//! Deployment settings: servers, files, secrets. What the office does is not here but in the rules.
//!
//! `systemd/koppelwacht.toml` shows every key with its meaning. Settings that could lose mail, speak to a server in
//! the clear or hold a password are refused.

mod folders;
mod identity;
mod load;
mod secret;
mod server;
mod smime;

use std::path::PathBuf;

use jiff::civil::Date;

use crate::findings::{Finding, Findings, Located, Spot};

pub use secret::SecretError;

/// The settings of one installation, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Who we are to the outside.
    pub identity: Identity,
    /// How it is found out who sent a message.
    pub verify: Verify,
    /// Where the ledger lies.
    pub ledger: PathBuf,
    /// The key with which its content is sealed.
    pub vault: Secret,
    /// The folder with rules files; none: the rules that come with the program.
    pub rules: Option<PathBuf>,
    /// A folder with templates that replace those that come with the program.
    pub templates: Option<PathBuf>,
    /// A calendar file, or a folder with them, that tells who is away; none: nobody is by a calendar.
    pub calendars: Option<PathBuf>,
    /// The mailboxes to watch; never empty.
    pub mailboxes: Vec<Mailbox>,
    /// How letters leave.
    pub letters: Letters,
    /// Certificates and the key for S/MIME.
    pub smime: SmimeFiles,
    /// Where the files that the service needs are named.
    pub places: Places,
}

/// Where the files that the service needs are named in the settings file.
#[derive(Debug, Clone)]
pub struct Places {
    /// The ledger.
    pub ledger: Spot,
    /// The key of the vault.
    pub vault: Spot,
    /// Each mailbox, in their order.
    pub mailboxes: Vec<Spot>,
    /// How letters leave.
    pub letters: Spot,
    /// The calendars, where there are any.
    pub calendars: Option<Spot>,
}

/// Certificates and the key for S/MIME.
#[derive(Debug, Clone, Default)]
pub struct SmimeFiles {
    /// The certificates (DER) that are believed.
    pub trusted: Vec<Vec<u8>>,
    /// Whom encrypted mail is for; none: it stays closed.
    pub recipient: Option<Recipient>,
}

/// Whom encrypted mail is for.
#[derive(Debug, Clone)]
pub struct Recipient {
    /// The certificate (DER).
    pub certificate: Vec<u8>,
    /// Where the private key is read when the service starts.
    pub key: Secret,
    /// Where the settings say so.
    pub spot: Spot,
}

/// Who we are to the outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The municipality, as letters name it.
    pub municipality: String,
    /// The address that letters come from.
    pub address: String,
    /// The municipality's own mail domains.
    pub domains: Vec<String>,
    /// The authserv-id (RFC 8601) that the municipality's own mail server stamps.
    pub authserv_id: String,
    /// The domain in the Message-IDs of letters.
    pub letter_domain: String,
    /// Who is told what is wrong with the rules, and what they no longer recognise; none: only the log and `status` tell.
    pub admin: Option<String>,
}

/// How it is found out who sent a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verify {
    /// By what the municipality's own mail server stamped.
    #[default]
    Stamp,
    /// By the stamp, and by the message's own signatures where the stamp is silent.
    StampThenLocal,
    /// By the message's own signatures alone.
    Local,
}

/// A mailbox to watch.
#[derive(Debug, Clone)]
pub struct Mailbox {
    /// Its name in the ledger and in logs.
    pub name: String,
    /// How it is read.
    pub access: Access,
    /// What was received before this day is left alone; none: everything is a notice, however old.
    pub since: Option<Located<Date>>,
}

impl Mailbox {
    /// The first day of which anything is read.
    #[must_use]
    pub fn first_day(&self) -> Option<Date> {
        self.since.as_ref().map(|since| since.value)
    }

    /// The same, while it lies ahead: until then nothing is read.
    #[must_use]
    pub fn first_day_ahead(&self, today: Date) -> Option<Date> {
        self.first_day().filter(|since| *since > today)
    }
}

impl Settings {
    /// Warns of days that were written down wrong, by what day it is.
    pub fn check_dates(&self, today: Date, findings: &mut Findings) {
        let ahead = self
            .mailboxes
            .iter()
            .filter(|mailbox| mailbox.first_day_ahead(today).is_some());
        for since in ahead.filter_map(|mailbox| mailbox.since.as_ref()) {
            findings.push(
                Finding::warning(
                    &since.spot,
                    format!("nothing that comes before {} is read", since.value),
                )
                .help("name a day that has come, or make sure that somebody reads the mailbox until then"),
            );
        }
    }
}

/// How a mailbox is read.
#[derive(Debug, Clone)]
pub enum Access {
    /// Over IMAP (`IMAP4rev1`, RFC 3501), always encrypted.
    Imap(Imap),
    /// A Maildir on this machine.
    Maildir {
        /// The folder that holds `new`, `cur` and `tmp`.
        path: PathBuf,
    },
}

/// An IMAP account.
#[derive(Debug, Clone)]
pub struct Imap {
    /// Where the server is.
    pub server: Server,
    /// The folders to watch; never empty.
    pub folders: Vec<String>,
    /// What tells other readers of the mailbox that a message is in the ledger.
    pub mark: Mark,
    /// Seconds between unconditional sweeps, besides IDLE.
    pub sweep_seconds: u32,
}

/// What tells other readers of the mailbox that a message is in the ledger. Never deletes, never touches `\Seen`
/// unless told to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// Nothing.
    Nothing,
    /// A keyword (RFC 3501 section 2.3.2), such as `$Koppelwacht`.
    Keyword(String),
    /// `\Seen`, for offices that want the message to look read.
    Seen,
    /// A move to another folder.
    Move(String),
}

/// A server with an account on it.
#[derive(Debug, Clone)]
pub struct Server {
    /// Host name; the certificate must bear it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// A file with certificates to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// The account; none where the server asks for none.
    pub account: Option<Account>,
}

/// How a connection is encrypted. There is no way to leave it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte.
    Implicit,
    /// After STARTTLS; refused when the server does not offer it.
    StartTls,
}

/// An account.
#[derive(Debug, Clone)]
pub struct Account {
    /// The user name.
    pub user: String,
    /// Where the password is read when it is needed.
    pub password: Secret,
}

/// Where a secret is; the secret itself is never kept here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secret {
    /// A file that only the service can read.
    File(PathBuf),
    /// A systemd credential (`LoadCredential=`), by name.
    Credential(String),
}

/// How letters leave.
#[derive(Debug, Clone)]
pub enum Letters {
    /// By SMTP, always encrypted.
    Smtp(Server),
    /// Into a folder, a file each.
    Directory(PathBuf),
}
