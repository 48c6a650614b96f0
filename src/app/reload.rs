//! Rules, templates and whom we trust, loaded anew while everything goes on.
//!
//! A set in which anything is wrong is refused as a whole: what was in force stays, the admin is told, and no mail waits
//! for it. Servers, mailboxes and the ledger of the settings are not taken over: those want a restart. So do our own
//! address and the domain of letters: whoever sends keeps those of the start, and an answer must come back to the same.
//!
//! Whoever asked for it is told at once that it is done, by systemd too. So while the ledger is busy or full, what was read
//! is kept, and written once it can be: new rules never come to nothing without a word.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::Installation;
use crate::desk::{Desk, DeskError, Office, until_written};
use crate::domain::{RefusedRules, RulebookEvent, Trust};
use crate::findings::{Finding, Findings, Severity};

/// Places that the letter to the admin names: one screen of a phone.
const SHOWN: usize = 10;

/// Loads whenever it is told to, until it is told to stop.
///
/// # Errors
/// The ledger cannot be used: new rules would come to nothing, and whoever brought them was told that it is done.
pub async fn when_told(
    desk: &Desk,
    config: Option<&Path>,
    told: &Notify,
    stop: &CancellationToken,
) -> Result<(), DeskError> {
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = told.notified() => {}
        }
        match load(desk, config, stop).await {
            Err(error) if error.is_broken() => return Err(error),
            Err(error) => tracing::error!(%error, "the rules stay as they were"),
            Ok(()) => {}
        }
    }
}

async fn load(desk: &Desk, config: Option<&Path>, stop: &CancellationToken) -> Result<(), DeskError> {
    let config = config.map(Path::to_owned);
    let now = desk.now();
    let loaded = tokio::task::spawn_blocking(move || {
        let mut findings = Findings::new();
        let installation = Installation::load_again(config.as_deref(), now, &mut findings);
        (installation, findings)
    });
    // A share that hangs must not keep us from stopping: its read ends with the program.
    let loaded = tokio::select! {
        () = stop.cancelled() => return Ok(()),
        loaded = loaded => loaded,
    };
    let Ok((installation, findings)) = loaded else {
        tracing::error!("loading the rules was broken off; they stay as they were");
        return Ok(());
    };
    let running = desk.office();
    let Some(installation) = installation else {
        let refused = refused(&findings, running.admin.clone());
        log(&refused);
        return until_written("that rules were refused", stop, || desk.refuse(refused.clone())).await;
    };
    let version = installation.office.rules.version.clone();
    let office = Arc::new(as_it_is_known(installation.office, &running.trust));
    until_written("the new rules", stop, || desk.enforce(Arc::clone(&office))).await?;
    tracing::info!(rules = %version, "the rules were loaded anew");
    Ok(())
}

/// The same office with the address and the domain of letters that it runs under.
fn as_it_is_known(office: Office, running: &Trust) -> Office {
    let known = |trust: &Trust| (trust.own_address.clone(), trust.letter_domain.clone());
    let (own_address, letter_domain) = known(running);
    if known(&office.trust) != known(running) {
        tracing::warn!("`address` and `letter_domain` in [identity] stay as they were until a restart");
    }
    let trust = Trust {
        own_address,
        letter_domain,
        ..Trust::clone(&office.trust)
    };
    Office {
        trust: Arc::new(trust),
        ..office
    }
}

/// Rules in which this is wrong, and who is told.
pub(super) fn refused(findings: &Findings, admin: Option<String>) -> RefusedRules {
    RefusedRules {
        mistakes: findings.errors(),
        places: places(findings),
        admin,
    }
}

/// The same at a start, where those in force go on. A service that is started again and again tells it once.
pub(super) async fn tell_once(desk: &Desk, refused: RefusedRules) -> Result<(), DeskError> {
    let last = desk.rulebook().await?.pop();
    if last.is_some_and(|line| matches!(line.what, RulebookEvent::Refused { .. })) {
        tracing::error!(
            mistakes = refused.mistakes,
            "the rules in the files are still refused"
        );
        return Ok(());
    }
    log(&refused);
    desk.refuse(refused).await
}

fn log(refused: &RefusedRules) {
    tracing::error!(
        mistakes = refused.mistakes,
        "the new rules are refused; `koppelwacht check --config FILE` shows why"
    );
}

/// Where mistakes are, by the name of the file alone: its folder tells nothing that the admin does not know.
fn places(findings: &Findings) -> Vec<String> {
    let place = |finding: &Finding| {
        let file = Path::new(&finding.file).file_name();
        let file = file.map_or_else(
            || finding.file.clone(),
            |name| name.to_string_lossy().into_owned(),
        );
        match finding.line {
            Some(line) => format!("{file}:{line}"),
            None => file,
        }
    };
    let mut places: Vec<String> = Vec::new();
    for finding in findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
    {
        let place = place(finding);
        if !places.contains(&place) && places.len() < SHOWN {
            places.push(place);
        }
    }
    places
}
