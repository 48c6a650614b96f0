//! The outbox: takes messages that the desk has put together, sends them, and reports what became of each.
//!
//! It must guarantee that a letter in the ledger leaves at least once, and that each attempt is reported exactly as
//! it went. It knows nothing of tasks or ladders, and not how letters become messages: which leave together, and when
//! to try again, is the desk's decision. What became of a message became of every letter in it.
//!
//! How: a claim's worth of messages goes over one connection, one after the other. Three kinds of failure are kept
//! apart, because they have different remedies:
//! * *this message, for good* (a 5xx answer about the recipient or the message): reported as refused;
//! * *this message, not now* (a 4xx answer, a connection that breaks off): reported as deferred, and the next message
//!   is tried, so that no letter blocks another. An answer that speaks of the recipient is reported as such: some full
//!   mailboxes are never read again, and the desk gives up after some days;
//! * *all messages* (no connection, an untrusted certificate, a wrong password, our address refused as sender, at
//!   whatever command a server chooses to say so): a [`Trouble`], told to the log once, and every letter of the claim is
//!   deferred.
//!
//! A connection that breaks off twice in a row, or a server that takes all the time there is, may be the one or the
//! other. It is told as a trouble, and no more of the claim is tried; but the messages whose turn did not come are
//! given back as they were. So they are tried before those that broke the connection, which have to wait, and a server
//! that breaks off at everything is asked twice every half second.
//!
//! Known races, accepted. A connection that ends after the message went out and before the answer came leaves the
//! outcome open: the letters in it are sent again, alone with the same Message-ID, so that a colleague may see them twice
//! but never not at all; letters that share a message may share another one then (`desk::parcels`). The same happens when the process is killed between sending and reporting. A claim is sent within
//! [`PATIENCE`], which is shorter than the time for which the desk keeps claimed letters from others.

mod folder;
mod message;
mod mission;
mod no;
mod smtp;
mod starttls;
mod trouble;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

pub use trouble::Trouble;

use crate::desk::{Desk, DeskError, Patience, until_written};
use crate::domain::{Delivery, Parcel};
use crate::settings::{Identity, Letters};
use message::Sender;
use mission::Mission;

/// How many letters one connection takes.
const CLAIM: u32 = 50;
/// How long a claim's worth of letters may take altogether.
const PATIENCE: Duration = Duration::from_mins(5);
/// How long a file may take that is written when it is told to stop.
const LEAVE: Duration = Duration::from_secs(2);
/// How long a folder may take to answer whoever asks whether it can be written.
const ANSWER: Duration = Duration::from_secs(10);
/// How long to wait before asking the ledger again, when it was busy or had nothing after all.
const PAUSE: Duration = Duration::from_millis(500);

/// Why the outbox stopped.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// The ledger cannot be used. Letters are safe in it; a human has to look before they can leave.
    #[error("letters cannot be sent, because {0}")]
    Desk(#[from] DeskError),
}

/// What became of messages that were tried together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// What became of each, in the order in which they were given.
    pub deliveries: Vec<Delivery>,
    /// What kept all or the last of them from leaving.
    pub trouble: Option<Trouble>,
}

/// Sends letters until it is told to stop.
///
/// # Errors
/// The ledger is broken. A mail server that does not work is no error: letters wait for it.
pub async fn run(
    desk: Arc<Desk>,
    letters: Letters,
    identity: Identity,
    stop: CancellationToken,
) -> Result<(), OutboxError> {
    let mut told = None;
    let mut patience = Patience::about("to take up letters that may leave");
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(()),
            due = desk.letter_due() => due?,
        }
        let claimed = patience
            .hear(desk.claim_letters(CLAIM).await)?
            .unwrap_or_default();
        if claimed.is_empty() {
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        let round = send(&letters, &identity, &claimed, &stop).await;
        tell(&mut told, &claimed, &round);
        let in_trouble = round.trouble.is_some();
        let tried: Vec<_> = claimed.into_iter().zip(round.deliveries).collect();
        report(&desk, &tried, &stop).await?;
        if in_trouble {
            // Thousands may wait: a server that is down is asked twice a second, not as fast as it refuses.
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }
}

/// Tries messages over one connection. When `stop` is cancelled, the one at hand is finished and the others are not
/// tried.
pub async fn send(
    letters: &Letters,
    identity: &Identity,
    batch: &[Parcel],
    stop: &CancellationToken,
) -> Round {
    let sender = match Sender::new(identity) {
        Ok(sender) => sender,
        Err(trouble) => {
            return Round {
                deliveries: vec![deferred(trouble.word()); batch.len()],
                trouble: Some(trouble),
            };
        }
    };
    match letters {
        Letters::Smtp(server) => {
            let mut mission = Mission::new(server, &sender, &identity.letter_domain);
            let ended = tokio::time::timeout(PATIENCE, mission.send_all(batch, stop)).await;
            mission.round(batch.len(), ended.is_err())
        }
        Letters::Directory(folder) => into_folder(folder, sender, batch, stop).await,
    }
}

/// Writes messages as files. A share that hangs is waited for, since whoever tries again hangs too; but not by somebody who
/// stops.
async fn into_folder(folder: &Path, sender: Sender, batch: &[Parcel], stop: &CancellationToken) -> Round {
    let all = |delivery| Round {
        deliveries: vec![delivery; batch.len()],
        trouble: None,
    };
    let (place, parcels, ends) = (folder.to_owned(), batch.to_vec(), stop.clone());
    let writing = tokio::task::spawn_blocking(move || {
        folder::deliver(&place, &sender, &parcels, &|| ends.is_cancelled())
    });
    let hangs = async {
        stop.cancelled().await;
        tokio::time::sleep(LEAVE).await;
    };
    tokio::select! {
        written = writing => written.unwrap_or_else(|_| all(deferred("writing was broken off".to_owned()))),
        () = hangs => all(Delivery::NotTried),
    }
}

/// Makes sure that letters can leave, without sending one: connects, encrypts, logs in, and asks whether our address
/// is accepted as sender of a letter to itself; or sees whether the folder can be written. What may end by itself, or be no
/// trouble at all, is told by [`Trouble::retry_helps`].
///
/// # Errors
/// What keeps letters from leaving, and what to do about it.
pub async fn probe(letters: &Letters, identity: &Identity) -> Result<(), Trouble> {
    let sender = Sender::new(identity)?;
    match letters {
        Letters::Smtp(server) => smtp::probe(server, &sender, &identity.letter_domain).await,
        Letters::Directory(folder) => probe_folder(folder).await,
    }
}

/// Makes sure that letters can be written to a folder, and leaves nothing behind. One on a share that hangs is not waited
/// for.
///
/// # Errors
/// What keeps letters from being written, and what to do about it.
pub async fn probe_folder(folder: &Path) -> Result<(), Trouble> {
    let place = folder.to_owned();
    let probing = tokio::task::spawn_blocking(move || folder::probe(&place));
    match tokio::time::timeout(ANSWER, probing).await {
        Ok(probed) => probed.unwrap_or_else(|error| Err(folder::trouble(folder, &error.into()))),
        Err(_) => Err(Trouble::FolderHangs(folder.to_owned())),
    }
}

fn deferred(reason: String) -> Delivery {
    Delivery::Deferred { reason }
}

/// Tells the log what a human may want to know; the same trouble once, not at every attempt. What it is waited for
/// tells troubles apart: the whole of one may count the seconds since a certificate expired.
fn tell(told: &mut Option<String>, claimed: &[Parcel], round: &Round) {
    let fates = claimed.iter().zip(&round.deliveries);
    let fates = fates.flat_map(|(parcel, fate)| parcel.letters.iter().map(move |letter| (letter, fate)));
    for (letter, delivery) in fates {
        let (letter, task) = (letter.id.0, letter.about.task().map(|task| task.0));
        match delivery {
            Delivery::Accepted => tracing::debug!(letter, task, "letter taken"),
            Delivery::Deferred { reason } => tracing::debug!(letter, task, reason, "letter waits"),
            Delivery::PutOff { code } => {
                tracing::debug!(letter, task, code, "letter waits for its recipient");
            }
            Delivery::NotTried => tracing::debug!(letter, task, "letter waits for its turn"),
            Delivery::Refused { code } => tracing::warn!(letter, task, code, "letter refused for good"),
        }
    }
    let word = round.trouble.as_ref().map(Trouble::word);
    match &round.trouble {
        Some(_) if *told == word => {}
        Some(trouble) if trouble.retry_helps() => tracing::warn!("{trouble}"),
        Some(trouble) => tracing::error!("{trouble}"),
        None if told.is_some() && round.deliveries.contains(&Delivery::Accepted) => {
            tracing::info!("letters leave again");
        }
        // Without a trouble, but with none that left: whether it is over is not known yet.
        None => return,
    }
    *told = word;
}

/// Reports until the ledger has taken it, or it is told to stop: what is not reported is sent once more.
async fn report(
    desk: &Desk,
    tried: &[(Parcel, Delivery)],
    stop: &CancellationToken,
) -> Result<(), OutboxError> {
    match until_written("what became of letters", stop, || desk.letters_tried(tried)).await {
        Err(error) if !error.retry_helps() => Err(error.into()),
        _ => Ok(()),
    }
}
