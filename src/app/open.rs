//! Opening what is installed: by the rules in force, or by those in the files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::{Installation, keys, office, reload};
use crate::clock::Clock;
use crate::desk::Desk;
use crate::domain::Rulebook;
use crate::findings::Findings;
use crate::rules::Rules;
use crate::settings::{SecretError, Settings};
use crate::store::lock::DaemonLock;
use crate::store::sqlite::SqliteStore;
use crate::store::{Store as _, StoreError};
use crate::templates::Templates;
use crate::vault::{NoKey, Vault};

/// Why an installation cannot be opened. A human has to look.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No daemon ever ran here. Made by a command, the ledger would belong to whoever typed it.
    #[error("there is no ledger at {} yet; start the service, which makes it", .0.display())]
    NoLedger(PathBuf),
    /// The ledger cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key cannot be read.
    #[error("the key of the vault: {0}")]
    Secret(#[from] SecretError),
    /// What was read is no key.
    #[error(transparent)]
    NoKey(#[from] NoKey),
    /// There are mistakes in what people wrote.
    #[error("{0}")]
    Mistakes(Findings),
}

impl Installation {
    /// What the daemon starts with. Rules that have mistakes, or that cannot keep their promise, are refused as they are when
    /// they are loaded anew: those in force stay, so that a restart in the middle of an edit, or after the power failed, does
    /// not end the watch. What is wrong becomes findings all the same.
    ///
    /// # Errors
    /// The settings have mistakes, or the rules and none were ever in force here; or the ledger cannot be read.
    pub async fn to_run(config: &Path, now: Timestamp, findings: &mut Findings) -> Result<Self, OpenError> {
        let loaded = Self::load(Some(config), findings).filter(|_| findings.errors() == 0);
        let promise = loaded
            .as_ref()
            .and_then(|loaded| loaded.prove(now, Vec::new(), findings));
        let loaded = match loaded {
            Some(loaded) if findings.errors() == 0 => return Ok(loaded),
            loaded => loaded,
        };
        let mut of_settings = Findings::new();
        let settings = Settings::load(config, &mut of_settings).filter(|_| of_settings.errors() == 0);
        let Some(settings) = settings else {
            return Err(OpenError::Mistakes(std::mem::take(findings)));
        };
        match (loaded, rules_in_force(&settings).await?) {
            // They kept it when they came into force. What became of that since is told every night.
            (Some(loaded), Some(rules))
                if promise.is_some() && loaded.office.rules.version == rules.version =>
            {
                Ok(loaded)
            }
            (_, Some(rules)) => Self::with_rules(rules, settings, config, findings),
            (_, None) => Err(OpenError::Mistakes(std::mem::take(findings))),
        }
    }

    /// With other rules than those in the files; with the words that come with the program, where there is something wrong
    /// with those of the municipality as well.
    fn with_rules(
        rules: Rules,
        settings: Settings,
        config: &Path,
        findings: &mut Findings,
    ) -> Result<Self, OpenError> {
        let mut other = Findings::new();
        let templates = Templates::load(settings.templates.as_deref(), &mut other);
        let templates = templates.or_else(|| Templates::load(None, &mut other));
        let smime = keys(&settings.smime, &mut other);
        let (Some(templates), Some(smime)) = (templates, smime) else {
            return Err(OpenError::Mistakes(std::mem::take(findings)));
        };
        Ok(Self {
            office: office(&settings, rules, templates, smime),
            refused: Some(reload::refused(findings, settings.identity.admin.clone())),
            config: Some(config.to_owned()),
            settings,
        })
    }
}

/// The desk of a running installation for one command: it works by the rules in force, whatever somebody is writing in
/// their files meanwhile.
///
/// # Errors
/// There is no ledger yet, it cannot be opened, or there are mistakes in the settings or templates.
pub async fn desk_in_force(config: &Path, clock: Clock) -> Result<Arc<Desk>, OpenError> {
    Ok(open_in_force(config, clock).await?.1)
}

/// The same with the settings, for a command that asks what else is installed.
///
/// # Errors
/// As [`desk_in_force`].
pub async fn open_in_force(config: &Path, clock: Clock) -> Result<(Settings, Arc<Desk>), OpenError> {
    let mut findings = Findings::new();
    let settings = Settings::load(config, &mut findings);
    let Some(settings) = settings.filter(|_| findings.errors() == 0) else {
        return Err(OpenError::Mistakes(findings));
    };
    if !settings.ledger.exists() {
        return Err(OpenError::NoLedger(settings.ledger));
    }
    let (store, vault) = open(&settings).await?;
    let rules = match in_force(&store).await? {
        Some(rules) => Some(rules),
        None => rules_on_disk(&settings, &mut findings),
    };
    let templates = Templates::load(settings.templates.as_deref(), &mut findings);
    let smime = keys(&settings.smime, &mut findings);
    let (Some(rules), Some(templates), Some(smime)) = (rules, templates, smime) else {
        return Err(OpenError::Mistakes(findings));
    };
    let office = office(&settings, rules, templates, smime);
    let desk = Desk::new(Arc::new(store), office, vault, clock);
    Ok((settings, Arc::new(desk)))
}

/// Whether a daemon runs on this ledger; none when this user cannot tell.
#[must_use]
pub fn is_watched(settings: &Settings) -> Option<bool> {
    DaemonLock::is_held(&settings.ledger)
}

/// The ledger and what opens it.
pub(super) async fn open(settings: &Settings) -> Result<(SqliteStore, Vault), OpenError> {
    let vault = Vault::with_key(&Zeroizing::new(settings.vault.read()?))?;
    let store = SqliteStore::open(&settings.ledger).await?;
    store.belong_to(vault.key_id()).await?;
    Ok((store, vault))
}

/// The rules in force at an installation that nobody has opened yet.
async fn rules_in_force(settings: &Settings) -> Result<Option<Rules>, OpenError> {
    if !settings.ledger.exists() {
        return Ok(None);
    }
    let (store, _) = open(settings).await?;
    let rules = in_force(&store).await?;
    store.close().await;
    Ok(rules)
}

/// The rules in force; none before the first start of the daemon, or when this program asks more of rules than the one
/// that took them.
async fn in_force(store: &SqliteStore) -> Result<Option<Rules>, StoreError> {
    let Some(version) = Rulebook::of(&store.rulebook().await?).in_force else {
        return Ok(None);
    };
    let text = store.rules(&version).await?;
    Ok(text.and_then(|text| Rules::of(&text, &mut Findings::new())))
}

pub(super) fn rules_on_disk(settings: &Settings, findings: &mut Findings) -> Option<Rules> {
    match &settings.rules {
        Some(dir) => Rules::load(dir, findings),
        None => Some(Rules::shipped()),
    }
}
