//! The composition root: reads what people wrote, wires the rooms, starts and stops them.

mod calendars;
mod chart;
mod drills;
mod files;
mod logging;
mod nightly;
mod open;
mod process;
pub mod reading;
mod rehearse;
pub mod reload;
mod run;
mod start;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::clock::Clock;
use crate::cover::{Proof, Scope, prove};
use crate::desk::{Desk, Office};
use crate::domain::{Away, Decryption, PrivateKey, RefusedRules, Smime, Trust};
use crate::findings::{Finding, Findings};
use crate::mail;
use crate::rules::Rules;
use crate::settings::{Access, Identity, SecretError, Settings, SmimeFiles};
use crate::templates::Templates;

pub use crate::intake::Progress;
pub use drills::{NoDrill, address as drill_address};
pub use files::Files;
pub use logging::start as start_logging;
pub use open::{OpenError, desk_in_force, is_watched, open_in_force};
pub use process::{Approval, Form};
pub use run::{Control, RunError, run};
pub use start::{Beginning, Newcomer, Pile, SETTINGS, StartError};

/// An installation: settings, and the office they lead to.
#[derive(Debug)]
pub struct Installation {
    /// The settings.
    pub settings: Settings,
    /// Rules, templates, and whom we trust.
    pub office: Office,
    /// The settings file; none for the example that comes with the program.
    config: Option<PathBuf>,
    /// The rules in the files, when these could not be used and others are in force.
    refused: Option<RefusedRules>,
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
        let rules = open::rules_on_disk(&settings, findings);
        let templates = Templates::load(settings.templates.as_deref(), findings);
        let (rules, templates) = (rules?, templates?);
        rules.check_addresses(&read_by_us(&settings), findings);
        rules.check_letters(&|letter| templates.has(letter), findings);
        drills::check(&settings, &rules, findings);
        let smime = keys(&settings.smime, findings)?;
        let office = office(&settings, rules, templates, smime);
        Some(Self {
            settings,
            office,
            config: config.map(Path::to_owned),
            refused: None,
        })
    }

    /// The same installation as its files are now. Mistakes become findings, and so does a promise that these rules cannot
    /// keep.
    #[must_use]
    fn load_again(config: Option<&Path>, now: Timestamp, findings: &mut Findings) -> Option<Self> {
        let installation = Self::load(config, findings)?;
        installation.prove(now, Vec::new(), findings);
        (findings.errors() == 0).then_some(installation)
    }

    /// Proves how critical notices are covered in the coming weeks, with the leave in the rules and what is known besides.
    /// What the rules cannot keep becomes findings. Nothing when there are mistakes: what is proved of those is worth nothing.
    pub fn prove(&self, now: Timestamp, mut away: Vec<Away>, findings: &mut Findings) -> Option<Proof> {
        if findings.errors() > 0 {
            return None;
        }
        let rules = &self.office.rules;
        away.extend(rules.absences.iter().map(|leave| leave.away(&rules.calendar)));
        let proof = prove(rules, &away, Scope::coming(rules, now));
        proof.check(rules, findings);
        Some(proof)
    }

    /// The desk of this installation for the daemon: it works by the rules as they are in their files.
    ///
    /// # Errors
    /// The ledger cannot be opened, or not with this key.
    pub async fn desk(self, clock: Clock) -> Result<(Settings, Arc<Desk>), OpenError> {
        let (store, vault) = open::open(&self.settings).await?;
        let desk = Desk::new(Arc::new(store), self.office, vault, clock);
        Ok((self.settings, Arc::new(desk)))
    }
}

fn office(settings: &Settings, rules: Rules, templates: Templates, smime: Smime) -> Office {
    let trust = Arc::new(trust(&settings.identity, &rules, smime));
    Office {
        rules,
        templates: Arc::new(templates),
        trust,
        admin: settings.identity.admin.clone(),
    }
}

/// The addresses that letters must never go to: they would come back in.
fn read_by_us(settings: &Settings) -> Vec<String> {
    accounts(settings)
        .chain([settings.identity.address.clone()])
        .collect()
}

/// The accounts whose mailboxes are watched.
fn accounts(settings: &Settings) -> impl Iterator<Item = String> + '_ {
    let mailboxes = settings.mailboxes.iter();
    mailboxes.filter_map(|mailbox| match &mailbox.access {
        Access::Imap(imap) => imap.server.account.as_ref().map(|account| account.user.clone()),
        Access::Maildir { .. } => None,
    })
}

/// What judging a sender needs: who we are, from the settings; who the partners are, from the rules.
fn trust(identity: &Identity, rules: &Rules, smime: Smime) -> Trust {
    Trust {
        authserv_id: identity.authserv_id.clone(),
        own_domains: identity.domains.clone(),
        guests: rules
            .people
            .values()
            .filter(|person| person.external)
            .map(|person| person.address.clone())
            .collect(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::SourceFile;

    /// What comes of these lines in `[smime]`, and what is said about them.
    fn read(lines: &str) -> (Option<Smime>, Findings) {
        let text = format!("{}\n[smime]\n{lines}\n", Settings::example_text());
        let file = SourceFile::new("koppelwacht.toml", text);
        let mut findings = Findings::new();
        let settings = Settings::read(&file, Path::new("tests/mail_traps/smime"), &mut findings);
        let smime = settings.and_then(|settings| keys(&settings.smime, &mut findings));
        (smime, findings)
    }

    #[test]
    fn the_key_for_encrypted_mail_is_read_at_the_start() {
        let (smime, findings) =
            read("trusted = [\"ca.pem\"]\ncertificate_file = \"ours.pem\"\nkey_file = \"ours.key\"");
        assert_eq!(findings.to_string(), "");
        assert!(smime.is_some_and(|smime| smime.decryption.is_some() && smime.trusted.len() == 1));
    }

    #[test]
    fn a_key_that_is_not_there_or_not_the_certificates_is_an_error() {
        for (lines, told) in [
            (
                "certificate_file = \"coa.pem\"\nkey_file = \"ours.key\"",
                "not the one of `certificate_file`",
            ),
            (
                "certificate_file = \"ours.pem\"\nkey_file = \"gone.key\"",
                "cannot be read",
            ),
            (
                "certificate_file = \"ours.pem\"\nkey_file = \"ours.pem\"",
                "no private key",
            ),
        ] {
            let (smime, findings) = read(lines);
            assert!(smime.is_none() && findings.errors() == 1, "{findings}");
            assert!(findings.to_string().contains(told), "{findings}");
        }
    }

    #[test]
    fn a_command_outside_of_the_service_leaves_encrypted_mail_closed_and_says_so() {
        let (smime, findings) = read("certificate_file = \"ours.pem\"\nkey_credential = \"smime\"");
        assert!(smime.is_some_and(|smime| smime.decryption.is_none()));
        assert!(
            findings.errors() == 0 && findings.to_string().contains("LoadCredential"),
            "{findings}"
        );
    }
}
