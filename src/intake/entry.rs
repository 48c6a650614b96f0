//! Entering: bytes from a mailbox become arrivals at the desk.

use std::sync::Arc;

use jiff::Timestamp;

use super::persist::Backoff;
use super::{BATCH, BUNDLE, Trouble};
use crate::desk::{Desk, DeskError, Patience, StoreError};
use crate::domain::{
    Answer, Arrival, Attested, Earlier, FolderRef, Intent, Mail, Nature, Place, TaskId, Trust,
};
use crate::mail;
use crate::mail::attest::{PATIENCE, Witness};

/// A message as it was found.
#[derive(Debug)]
pub(super) struct Found {
    /// What the ledger knows it by within its folder.
    pub(super) item: String,
    /// When the municipality's server took it in, where it says so.
    pub(super) received: Option<Timestamp>,
    /// The message, or the beginning of it.
    pub(super) bytes: Vec<u8>,
}

/// Messages that are entered together, as they pile up.
#[derive(Debug, Default)]
pub(super) struct Bundle {
    found: Vec<Found>,
    bytes: usize,
}

impl Bundle {
    /// One more.
    pub(super) fn add(&mut self, found: Found) {
        self.bytes += found.bytes.len();
        self.found.push(found);
    }

    /// Whether it is to be entered before more are added.
    pub(super) fn is_full(&self) -> bool {
        self.found.len() >= BATCH || self.bytes >= BUNDLE
    }

    /// What is in it; it is empty then.
    pub(super) fn take(&mut self) -> Vec<Found> {
        self.bytes = 0;
        std::mem::take(&mut self.found)
    }
}

/// What became of a bundle.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entered {
    /// Those that are in the ledger.
    pub(super) items: Vec<String>,
    /// Why the ledger does not take the others, now or later; none when there are none.
    pub(super) refusal: Option<String>,
}

/// Enters messages; those in [`Entered::items`] are in the ledger, with their tasks and letters, once this returns.
/// While the ledger cannot be written, waits.
///
/// # Errors
/// The ledger cannot be used.
pub(super) async fn enter(desk: &Desk, arrivals: &[Arc<Arrival>]) -> Result<Entered, Trouble> {
    let items = |untaken: &[Place]| {
        let places = arrivals.iter().map(|arrival| &arrival.place);
        let taken = places.filter(|place| !untaken.contains(place));
        taken.map(|place| place.item.clone()).collect()
    };
    let mut pause = Backoff::default();
    let mut patience = Patience::about("to enter messages");
    loop {
        match desk.receive(arrivals).await {
            Err(DeskError::Untaken { places, why }) => {
                return Ok(Entered {
                    items: items(&places),
                    refusal: places.first().map(|first| untaken(first, &why)),
                });
            }
            tried => {
                if patience.hear(tried)?.is_some() {
                    return Ok(Entered {
                        items: items(&[]),
                        refusal: None,
                    });
                }
                tokio::time::sleep(pause.next()).await;
            }
        }
    }
}

/// Writes down that these are marked in the mailbox. Says whether it is: while the ledger cannot be written they count as
/// unmarked, and are marked a second time at the next sweep, which changes nothing.
///
/// # Errors
/// The ledger cannot be used.
pub(super) async fn note_marked(desk: &Desk, folder: &FolderRef, items: &[String]) -> Result<bool, Trouble> {
    match desk.marked(folder, items).await {
        Ok(()) => Ok(true),
        Err(error) if error.retry_helps() => {
            tracing::warn!(
                messages = items.len(),
                "that messages are marked could not be written down: {error}"
            );
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

fn untaken(place: &Place, why: &StoreError) -> String {
    let item = &place.item;
    format!(
        "message {item} cannot be entered: {why}; handle it by hand, move it elsewhere, and please report this defect"
    )
}

/// What the signatures of these messages are worth, where anybody looks. The whole bundle has the time that one message
/// has: name servers that are down must not hold up a mailbox.
async fn attest(witness: Option<&Witness>, trust: &Trust, bundle: &[Found]) -> Vec<Attested> {
    let Some(witness) = witness else {
        return vec![Attested::No; bundle.len()];
    };
    let looked = bundle
        .iter()
        .map(|found| tokio::time::timeout(2 * PATIENCE, witness.attest(&found.bytes, trust)));
    let looked = futures::future::join_all(looked).await;
    looked
        .into_iter()
        .map(|attested| attested.unwrap_or_else(|_| witness.nothing()))
        .collect()
}

/// Decodes messages, which is work for a processor: done where it keeps no connection waiting.
///
/// # Errors
/// It was broken off, or the ledger does not say what an answer is about.
pub(super) async fn read(
    desk: &Desk,
    witness: Option<&Witness>,
    folder: &FolderRef,
    bundle: Vec<Found>,
) -> Result<Vec<Arc<Arrival>>, Trouble> {
    let (trust, vault) = (desk.trust(), desk.vault());
    let folder = folder.clone();
    let now = desk.now();
    let attested = attest(witness, &trust, &bundle).await;
    let read = tokio::task::spawn_blocking(move || {
        let mut keeper = vault.keeper();
        bundle
            .into_iter()
            .zip(attested)
            .map(|(found, attested)| {
                let mail = mail::read_attested(&found.bytes, &trust, &attested);
                Arrival {
                    place: Place {
                        folder: folder.clone(),
                        item: found.item,
                    },
                    received: found.received.unwrap_or(now),
                    named: vault.named(&mail),
                    kept: Arc::new(keeper.keep(mail.fingerprint, &found.bytes, &mail.references)),
                    mail,
                    earlier: None,
                }
            })
            .collect::<Vec<Arrival>>()
    });
    let mut arrivals = read
        .await
        .map_err(|_| Trouble::Passing("reading a batch of messages was broken off".to_owned()))?;
    for arrival in &mut arrivals {
        if let Some(task) = wants_another_type(&arrival.mail) {
            arrival.earlier = match mail_of(desk, task).await {
                Ok(mail) => mail.map(Arc::new),
                // Anybody can name a task that there never was.
                Err(DeskError::Refused(_)) => None,
                Err(error) => return Err(error.into()),
            };
        }
    }
    Ok(arrivals.into_iter().map(Arc::new).collect())
}

/// The task to which an answer wants another type given.
fn wants_another_type(mail: &Mail) -> Option<TaskId> {
    match &mail.nature {
        Nature::Answer(Answer {
            task,
            intent: Some(Intent::SetType { .. }),
            ..
        }) => *task,
        _ => None,
    }
}

/// The mail that a task came of, read again; nothing where it was not kept, or there was none.
///
/// # Errors
/// There is no such task, or the ledger cannot be read.
pub async fn mail_of(desk: &Desk, task: TaskId) -> Result<Option<Earlier>, DeskError> {
    let Some(message) = desk.task(task).await?.message else {
        return Ok(None);
    };
    let kept = desk.kept(message.id).await?;
    let vault = desk.vault();
    Ok(vault.raw(message.fingerprint, &kept).ok().map(|raw| {
        let mail = mail::read(&raw, &desk.trust());
        let named = vault.named(&mail);
        Earlier { mail, named }
    }))
}
