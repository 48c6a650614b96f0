//! The composition root: reads what people wrote, wires the rooms, starts and stops them.

mod logging;
mod process;
mod rehearse;
mod run;
mod start;

use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::desk::{Desk, Office};
use crate::domain::Trust;
use crate::findings::Findings;
use crate::rules::Rules;
use crate::settings::{Access, Identity, SecretError, Settings};
use crate::store::sqlite::SqliteStore;
use crate::store::{Store as _, StoreError};
use crate::templates::Templates;
use crate::vault::{NoKey, Vault};

pub use crate::intake::Progress;
pub use logging::start as start_logging;
pub use process::{Approval, Form};
pub use run::{RunError, run};
pub use start::{Beginning, Newcomer, Pile, SETTINGS, StartError};

/// An installation: settings, and the office they lead to.
#[derive(Debug)]
pub struct Installation {
    /// The settings.
    pub settings: Settings,
    /// Rules, templates, and whom we trust.
    pub office: Office,
}

/// Why an installation cannot be opened. A human has to look.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The ledger cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key cannot be read.
    #[error("the key of the vault: {0}")]
    Secret(#[from] SecretError),
    /// What was read is no key.
    #[error(transparent)]
    NoKey(#[from] NoKey),
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
        let trust = Arc::new(trust(&settings.identity, &rules));
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
    /// The ledger cannot be opened, or not with this key.
    pub async fn desk(self, clock: Clock) -> Result<(Settings, Arc<Desk>), OpenError> {
        let vault = Vault::with_key(&Zeroizing::new(self.settings.vault.read()?))?;
        let store = SqliteStore::open(&self.settings.ledger).await?;
        store.belong_to(vault.key_id()).await?;
        Ok((
            self.settings,
            Arc::new(Desk::new(Arc::new(store), self.office, vault, clock)),
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
fn trust(identity: &Identity, rules: &Rules) -> Trust {
    Trust {
        authserv_id: identity.authserv_id.clone(),
        own_domains: identity.domains.clone(),
        own_address: identity.address.clone(),
        letter_domain: identity.letter_domain.clone(),
        sources: rules.sources.clone(),
    }
}
