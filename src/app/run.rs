//! The daemon: everything started together, everything stopped together.

use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::desk::DeskError;
use crate::intake::{self, IntakeError, Progress};
use crate::mail::attest::{SystemDns, Weight, Witness};
use crate::outbox::{self, OutboxError, Trouble};
use crate::settings::{Settings, Verify};
use crate::store::lock::{DaemonLock, LockError};
use crate::ticker;

use super::{Installation, OpenError, calendars, nightly, reload};

/// Why the daemon ended by itself. All of them want a human.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Another daemon works on this ledger.
    #[error(transparent)]
    Locked(#[from] LockError),
    /// The ledger cannot be used, or not with this key.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The ledger cannot be written at the start, or cannot be used any more.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// A mailbox cannot be watched.
    #[error("mailbox `{mailbox}`: {error}")]
    Intake {
        /// Which.
        mailbox: String,
        /// Why.
        error: IntakeError,
    },
    /// Letters cannot be sent.
    #[error(transparent)]
    Letters(Trouble),
    /// The signatures of messages cannot be checked.
    #[error(
        "`verify` in [identity] asks for the DNS, which cannot be used: {0}; correct /etc/resolv.conf, or set `verify = \"stamp\"`"
    )]
    Verify(String),
    /// What became of letters cannot be written down.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
}

/// How long a mail server may hold up the start: less than the 90 seconds after which systemd gives up.
const PROBE: Duration = Duration::from_secs(30);

/// What came in while nothing ran may answer what is due: it is read first, as far as that takes no longer than this.
const READ_FIRST: Duration = Duration::from_secs(30);

/// How the daemon is steered from outside.
#[derive(Debug, Clone, Default)]
pub struct Control {
    /// Cancelled: everything stops in order.
    pub stop: CancellationToken,
    /// Notified: the rules are loaded anew.
    pub reload: Arc<Notify>,
}

/// Watches, escalates and sends until it is stopped or something needs a human. `progress` is told about each
/// mailbox before it is watched, and how far its backlog is read.
///
/// # Errors
/// Something needs a human: everything else was stopped in order, and nothing is lost.
pub async fn run(
    installation: Installation,
    clock: Clock,
    control: Control,
    mut progress: impl FnMut(&str, watch::Receiver<Progress>),
) -> Result<(), RunError> {
    let _lock = DaemonLock::take(&installation.settings.ledger)?;
    can_send(&installation).await?;
    let rules = installation.office.rules.version.clone();
    let (config, refused) = (installation.config.clone(), installation.refused.clone());
    let (settings, desk) = installation.desk(clock.clone()).await?;
    match refused {
        None => desk.enforce(desk.office()).await?,
        Some(refused) => reload::tell_once(&desk, refused).await?,
    }
    desk.take_up().await?;
    desk.watches(&intake::folders(&settings.mailboxes).collect::<Vec<_>>())
        .await?;
    let Control { stop, reload } = control;
    tracing::info!(%rules, mailboxes = settings.mailboxes.len(), ledger = %settings.ledger.display(), "watching");

    let witness = witness(settings.verify).map_err(RunError::Verify)?;
    let mut parts: JoinSet<Result<(), RunError>> = JoinSet::new();
    let mut mailboxes = Vec::new();
    for mailbox in settings.mailboxes {
        let today = desk.office().rules.calendar.day(desk.now());
        if let Some(since) = mailbox.first_day_ahead(today) {
            tracing::warn!(mailbox = mailbox.name, %since, "nothing that comes before that day is watched");
        }
        let (sender, receiver) = watch::channel(Progress::default());
        mailboxes.push(receiver.clone());
        progress(&mailbox.name, receiver);
        let (desk, witness, stop) = (desk.clone(), witness.clone(), stop.clone());
        parts.spawn(async move {
            let name = mailbox.name.clone();
            let watched = intake::watch(mailbox, desk, witness, stop, sender).await;
            watched.map_err(|error| RunError::Intake { mailbox: name, error })
        });
    }
    parts.spawn({
        let (desk, stop) = (desk.clone(), stop.clone());
        async move {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                _ = tokio::time::timeout(READ_FIRST, looked_at(mailboxes)) => {}
            }
            Ok(ticker::run(desk, stop).await?)
        }
    });
    parts.spawn({
        let (desk, stop) = (desk.clone(), stop.clone());
        async move { Ok(nightly::run(&desk, &stop).await?) }
    });
    parts.spawn({
        let (desk, stop) = (desk.clone(), stop.clone());
        async move { Ok(calendars::watch(settings.calendars.as_deref(), &desk, &clock, &stop).await?) }
    });
    parts.spawn({
        let (desk, stop) = (desk.clone(), stop.clone());
        async move { Ok(outbox::run(desk, settings.letters, settings.identity, stop).await?) }
    });
    parts.spawn({
        let (desk, stop) = (desk.clone(), stop.clone());
        async move { Ok(reload::when_told(&desk, config.as_deref(), &reload, &stop).await?) }
    });
    parts.spawn(keep_watchdog_quiet(stop.clone()));
    let _ = sd_notify::notify(&[NotifyState::Ready]);

    let mut outcome = Ok(());
    while let Some(ended) = parts.join_next().await {
        let ended = ended.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        if outcome.is_ok() && ended.is_err() {
            outcome = ended;
        }
        stop.cancel();
    }
    tracing::info!("stopped");
    outcome
}

/// Returns once every mailbox was looked at. One that cannot be read is not waited for.
async fn looked_at(mailboxes: Vec<watch::Receiver<Progress>>) {
    for mut mailbox in mailboxes {
        // One that is watched no more ends the daemon, which says why.
        let _ = mailbox.wait_for(Progress::was_looked_at).await;
    }
}

/// Who looks at the signatures of messages, if the settings want that.
fn witness(verify: Verify) -> Result<Option<Arc<Witness>>, String> {
    let weight = match verify {
        Verify::Stamp => return Ok(None),
        Verify::StampThenLocal => Weight::WhereSilent,
        Verify::Local => Weight::Instead,
    };
    let witness = Witness::new(Box::new(SystemDns::new()?), weight)?;
    Ok(Some(Arc::new(witness)))
}

/// Finds out at the start what would keep letters from leaving until a human mends it. A mail server that is only away
/// is no reason not to watch, nor is one that hangs: letters wait for it.
async fn can_send(installation: &Installation) -> Result<(), RunError> {
    let Settings {
        letters, identity, ..
    } = &installation.settings;
    let probed = tokio::time::timeout(PROBE, outbox::probe(letters, identity)).await;
    let Ok(probed) = probed else {
        tracing::warn!("the mail server does not answer; letters will wait");
        return Ok(());
    };
    match probed {
        Err(trouble) if !trouble.retry_helps() => Err(RunError::Letters(trouble)),
        Err(trouble) => {
            tracing::warn!("{trouble}");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// Tells systemd twice per watchdog period that the runtime still turns.
async fn keep_watchdog_quiet(stop: CancellationToken) -> Result<(), RunError> {
    let Some(period) = sd_notify::watchdog_enabled() else {
        stop.cancelled().await;
        let _ = sd_notify::notify(&[NotifyState::Stopping]);
        return Ok(());
    };
    loop {
        tokio::select! {
            () = stop.cancelled() => {
                let _ = sd_notify::notify(&[NotifyState::Stopping]);
                return Ok(());
            }
            () = tokio::time::sleep(period / 2) => {
                let _ = sd_notify::notify(&[NotifyState::Watchdog]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Findings;
    use crate::settings::{Letters, Server, Tls};

    #[tokio::test(start_paused = true)]
    async fn a_mail_server_that_hangs_holds_up_a_start_for_half_a_minute() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut installation = Installation::load(None, &mut Findings::new()).unwrap();
        installation.settings.letters = Letters::Smtp(Server {
            host: "127.0.0.1".to_owned(),
            port: silent.local_addr().unwrap().port(),
            tls: Tls::StartTls,
            ca_file: None,
            account: None,
        });
        let before = tokio::time::Instant::now();
        can_send(&installation).await.unwrap();
        assert!(before.elapsed() <= PROBE, "{:?}", before.elapsed());
    }
}
