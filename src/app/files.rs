//! Whether the files are there that the service needs: the key, passwords, Maildirs, the folder of the ledger; and whether
//! letters that leave as files can be written.
//!
//! Settings are also written and checked where no service is to run. There none of these files is, and that is no mistake.
//! Credentials of systemd are only seen by the service itself, and are not looked for.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::Installation;
use crate::findings::{Finding, Findings, Spot};
use crate::intake;
use crate::outbox;
use crate::settings::{Access, Account, Letters, Secret, SecretError, Settings};
use crate::vault::Vault;

/// What to do where another account may do what this one may not.
const LOOK_AS_THE_SERVICE: &str =
    "run this as the account of the service: `sudo -u koppelwacht koppelwacht check`";

/// What was seen of the files that the service needs.
#[derive(Debug, PartialEq, Eq)]
pub enum Files {
    /// It was looked for each of them; what is wrong became findings.
    Looked,
    /// None of these is here: on this machine nothing is installed.
    NotInstalled(Vec<PathBuf>),
}

/// A file or folder that the service needs.
struct Need<'a> {
    what: What<'a>,
    path: &'a Path,
    spot: &'a Spot,
}

enum What<'a> {
    Key(&'a Secret),
    Password(&'a Secret),
    Maildir,
    LedgerFolder,
}

impl Installation {
    /// Looks for the files that the service needs; what is wrong with them becomes findings. The example has none.
    pub async fn look_for_files(&self, findings: &mut Findings) -> Files {
        if self.config.is_none() {
            return Files::Looked;
        }
        let needs = needs(&self.settings);
        // The folder of the settings is there wherever they are checked.
        let folder = self.config.as_deref().and_then(Path::parent).map(or_here);
        let tells = |need: &&Need<'_>| !matches!(need.what, What::LedgerFolder) || Some(need.path) != folder;
        let telling: Vec<&Need<'_>> = needs.iter().filter(tells).collect();
        if !telling.is_empty() && telling.iter().all(|need| need.is_missing()) {
            return Files::NotInstalled(telling.iter().map(|need| need.path.to_owned()).collect());
        }
        for finding in needs.iter().filter_map(Need::complaint) {
            findings.push(finding);
        }
        if let Some(finding) = unwritable_letters(&self.settings).await {
            findings.push(finding);
        }
        Files::Looked
    }
}

/// What keeps letters from leaving as files, in the words with which the service would refuse to start. Their folder is no
/// file that is needed: it is made when it is not there.
async fn unwritable_letters(settings: &Settings) -> Option<Finding> {
    let Letters::Directory(folder) = &settings.letters else {
        return None;
    };
    let trouble = outbox::probe_folder(folder).await.err()?;
    Some(no_letters(&settings.places.letters, &trouble))
}

fn no_letters(spot: &Spot, trouble: &outbox::Trouble) -> Finding {
    let finding = Finding::error(spot, trouble.to_string());
    match trouble {
        outbox::Trouble::Folder { is_denied: true, .. } => finding.only_warn().help(format!(
            "{LOOK_AS_THE_SERVICE}; if you are that account, nothing leaves until you may write there"
        )),
        waits if waits.retry_helps() => finding.only_warn(),
        _ => finding,
    }
}

fn needs(settings: &Settings) -> Vec<Need<'_>> {
    let places = &settings.places;
    let mut needs = vec![Need {
        what: What::LedgerFolder,
        path: settings.ledger.parent().map_or(Path::new("."), or_here),
        spot: &places.ledger,
    }];
    needs.extend(Need::secret(&settings.vault, What::Key, &places.vault));
    for (mailbox, spot) in settings.mailboxes.iter().zip(&places.mailboxes) {
        needs.extend(match &mailbox.access {
            Access::Imap(imap) => Need::password(imap.server.account.as_ref(), spot),
            Access::Maildir { path } => Some(Need {
                what: What::Maildir,
                path,
                spot,
            }),
        });
    }
    if let Letters::Smtp(server) = &settings.letters {
        needs.extend(Need::password(server.account.as_ref(), &places.letters));
    }
    needs
}

/// A folder that a path is in; a bare name is in the one we work in.
fn or_here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    }
}

impl<'a> Need<'a> {
    fn secret(secret: &'a Secret, what: fn(&'a Secret) -> What<'a>, spot: &'a Spot) -> Option<Self> {
        let (what, path) = (what(secret), secret.file()?);
        Some(Self { what, path, spot })
    }

    fn password(account: Option<&'a Account>, spot: &'a Spot) -> Option<Self> {
        Self::secret(&account?.password, What::Password, spot)
    }

    /// What may not be looked for is not missing.
    fn is_missing(&self) -> bool {
        matches!(self.path.try_exists(), Ok(false))
    }

    /// What is wrong with it.
    fn complaint(&self) -> Option<Finding> {
        if self.is_missing() {
            let finding = Finding::error(self.spot, format!("the {self} is not there"));
            return Some(finding.help(self.way_out()));
        }
        match self.look() {
            Ok(()) if self.is_open_to_all() => {
                let finding = Finding::warning(
                    self.spot,
                    format!("everybody on this machine can read the {self}"),
                );
                Some(finding.help(format!("take that away: `chmod o= {}`", self.path.display())))
            }
            Ok(()) => None,
            Err(trouble) => Some(self.cannot_be_used(trouble)),
        }
    }

    fn cannot_be_used(&self, trouble: Trouble) -> Finding {
        match trouble {
            Trouble::Denied => Finding::warning(
                self.spot,
                format!("the {self} was not looked at: you may not read it"),
            )
            .help(format!(
                "{LOOK_AS_THE_SERVICE}; if you are that account: {}",
                self.way_in()
            )),
            Trouble::Wrong(reason) => Finding::error(self.spot, reason).help(self.way_out()),
        }
    }

    /// What gives the account of the service the right to read it.
    fn way_in(&self) -> String {
        let path = self.path.display();
        match self.what {
            What::Key(_) | What::Password(_) => {
                format!("give it to it, `chown root:koppelwacht {path}` and `chmod 0640 {path}`")
            }
            What::Maildir | What::LedgerFolder => "give it the right to read it".to_owned(),
        }
    }

    fn way_out(&self) -> String {
        let path = self.path.display();
        match self.what {
            What::Key(_) => format!(
                "put the key of the ledger there; for a new ledger make one with `koppelwacht key new {path}`"
            ),
            What::Password(_) => "write the password into that file, alone on the first line".to_owned(),
            What::Maildir => "name the folder that holds `new`, `cur` and `tmp`".to_owned(),
            What::LedgerFolder => {
                format!("make it: `install -d -m700 -o koppelwacht -g koppelwacht {path}`")
            }
        }
    }

    fn look(&self) -> Result<(), Trouble> {
        match self.what {
            What::Key(secret) => {
                let text = Zeroizing::new(secret.read()?);
                let unusable = |_| Trouble::Wrong(format!("{} holds no key of a vault", self.path.display()));
                Vault::with_key(&text).map(drop).map_err(unusable)
            }
            What::Password(secret) => {
                drop(Zeroizing::new(secret.read()?));
                Ok(())
            }
            What::Maildir => {
                fs::read_dir(self.path)?;
                intake::check_maildir(self.path).map_err(|error| Trouble::Wrong(error.to_string()))
            }
            What::LedgerFolder => match fs::metadata(self.path) {
                Ok(found) if found.is_dir() => Ok(()),
                Ok(_) => Err(Trouble::Wrong(format!("{} is no folder", self.path.display()))),
                Err(error) => Err(Trouble::from(error)),
            },
        }
    }

    /// Whether it is a secret that is none.
    #[cfg(unix)]
    fn is_open_to_all(&self) -> bool {
        use std::os::unix::fs::PermissionsExt as _;
        let is_secret = matches!(self.what, What::Key(_) | What::Password(_));
        let readable = |mode: u32| mode & 0o004 != 0;
        is_secret && fs::metadata(self.path).is_ok_and(|file| readable(file.permissions().mode()))
    }

    #[cfg(not(unix))]
    fn is_open_to_all(&self) -> bool {
        false
    }
}

impl fmt::Display for Need<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.what {
            What::Key(_) => "key of the vault",
            What::Password(_) => "password file",
            What::Maildir => "Maildir",
            What::LedgerFolder => "folder of the ledger",
        };
        write!(f, "{name} {}", self.path.display())
    }
}

/// Why it cannot be used.
enum Trouble {
    /// This user may not read it; another may.
    Denied,
    /// It is not what it should be.
    Wrong(String),
}

impl From<SecretError> for Trouble {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::Unreadable { is_denied: true, .. } => Self::Denied,
            other => Self::Wrong(other.to_string()),
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::PermissionDenied => Self::Denied,
            _ => Self::Wrong(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_only_another_account_may_read_is_no_mistake_for_whoever_checks() {
        let settings = Settings::example();
        let key = needs(&settings).pop().expect("the example names its key");
        let denied = SecretError::Unreadable {
            file: "/etc/koppelwacht/vault.key".into(),
            is_denied: true,
            reason: "Permission denied".to_owned(),
        };
        let mut findings = Findings::new();
        findings.push(key.cannot_be_used(Trouble::from(denied)));
        assert_eq!(findings.errors(), 0, "{findings}");
        let told = findings.to_string();
        assert!(told.contains("sudo -u koppelwacht"), "{told}");
        assert!(told.contains("chmod 0640 /etc/koppelwacht/vault.key"), "{told}");
    }

    #[test]
    fn a_folder_for_letters_that_only_another_account_may_write_or_that_hangs_is_no_mistake() {
        let settings = Settings::example();
        let complaint = |trouble| no_letters(&settings.places.letters, &trouble).to_string();
        let folder = |is_denied| outbox::Trouble::Folder {
            path: "/srv/brieven".into(),
            is_denied,
            reason: "so it is".to_owned(),
        };
        let denied = complaint(folder(true));
        assert!(
            denied.contains("warning: letters cannot leave: the folder /srv/brieven")
                && denied.contains("sudo -u koppelwacht"),
            "{denied}"
        );
        let hangs = complaint(outbox::Trouble::FolderHangs("/srv/brieven".into()));
        assert!(hangs.contains("warning: letters wait"), "{hangs}");
        let wrong = complaint(folder(false));
        assert!(wrong.contains("error: letters cannot leave"), "{wrong}");
    }

    #[test]
    fn credentials_are_not_looked_for() {
        let settings = Settings::example();
        let named: Vec<&Path> = needs(&settings).iter().map(|need| need.path).collect();
        assert_eq!(
            named,
            ["/var/lib/koppelwacht", "/etc/koppelwacht/vault.key"].map(Path::new)
        );
    }
}
