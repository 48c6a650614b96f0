//! The composition root: reads what people wrote, wires the rooms, starts and stops them.

mod logging;
mod run;

use std::path::Path;
use std::sync::Arc;

use crate::clock::Clock;
use crate::desk::{Desk, Office};
use crate::domain::{Decryption, PrivateKey, Smime, Trust};
use crate::findings::{Finding, Findings};
use crate::mail;
use crate::rules::Rules;
use crate::settings::{Access, Identity, SecretError, Settings, SmimeFiles};
use crate::store::StoreError;
use crate::store::sqlite::SqliteStore;
use crate::templates::Templates;

pub use crate::intake::Progress;
pub use logging::start as start_logging;
pub use run::{RunError, run};

/// An installation: settings, and the office they lead to.
#[derive(Debug)]
pub struct Installation {
    /// The settings.
    pub settings: Settings,
    /// Rules, templates, and whom we trust.
    pub office: Office,
}

impl Installation {
    /// Reads the settings file and everything it names; without one: the example that comes with the program.
    /// Every mistake in any of the files becomes a finding.
    #[must_use]
    pub fn load(config: Option<&Path>, findings: &mut Findings) -> Option<Self> {
        let settings = match config {
            Some(path) => Settings::load(path, findings)?,
            None => Settings::example(),
        };
        let rules = match &settings.rules {
            Some(dir) => Rules::load(dir, findings),
            None => Some(Rules::shipped()),
        };
        let templates = Templates::load(settings.templates.as_deref(), findings);
        let (rules, templates) = (rules?, templates?);
        rules.check_addresses(&read_by_us(&settings), findings);
        let smime = keys(&settings.smime, findings)?;
        let trust = Arc::new(trust(&settings.identity, &rules, smime));
        Some(Self {
            settings,
            office: Office {
                rules,
                templates,
                trust,
            },
        })
    }

    /// The desk of this installation, for one command or for the whole daemon.
    ///
    /// # Errors
    /// The ledger cannot be opened.
    pub async fn desk(self, clock: Clock) -> Result<(Settings, Arc<Desk>), StoreError> {
        let store = SqliteStore::open(&self.settings.ledger).await?;
        Ok((
            self.settings,
            Arc::new(Desk::new(Arc::new(store), self.office, clock)),
        ))
    }
}

/// The addresses that letters must never go to: they would come back in.
fn read_by_us(settings: &Settings) -> Vec<String> {
    let accounts = settings
        .mailboxes
        .iter()
        .filter_map(|mailbox| match &mailbox.access {
            Access::Imap(imap) => imap.server.account.as_ref().map(|account| account.user.clone()),
            Access::Maildir { .. } => None,
        });
    accounts.chain([settings.identity.address.clone()]).collect()
}

/// What judging a sender needs: who we are, from the settings; who the partners are, from the rules.
fn trust(identity: &Identity, rules: &Rules, smime: Smime) -> Trust {
    Trust {
        authserv_id: identity.authserv_id.clone(),
        own_domains: identity.domains.clone(),
        own_address: identity.address.clone(),
        letter_domain: identity.letter_domain.clone(),
        sources: rules.sources.clone(),
        smime,
    }
}

/// Reads the key for encrypted mail. Outside of the service there are no credentials: a command then leaves encrypted mail
/// closed, and says so.
fn keys(files: &SmimeFiles, findings: &mut Findings) -> Option<Smime> {
    let mut smime = Smime {
        trusted: files.trusted.clone(),
        decryption: None,
    };
    let Some(recipient) = &files.recipient else {
        return Some(smime);
    };
    let decryption = match recipient.key.read_key() {
        Ok(key) => Decryption {
            certificate: recipient.certificate.clone(),
            key: PrivateKey::new(key),
        },
        Err(error) => {
            let is_elsewhere = matches!(error, SecretError::NoCredentials { .. });
            let finding = Finding::error(&recipient.spot, error.to_string())
                .help("until the key can be read, encrypted mail is left for a human");
            findings.push(if is_elsewhere {
                finding.only_warn()
            } else {
                finding
            });
            return is_elsewhere.then_some(smime);
        }
    };
    if !mail::can_decrypt(&decryption) {
        findings.push(
            Finding::error(
                &recipient.spot,
                "the key is no RSA key, or not the one of `certificate_file`",
            )
            .help("name the key and the certificate that were issued together"),
        );
        return None;
    }
    smime.decryption = Some(decryption);
    Some(smime)
}
