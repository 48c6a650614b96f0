//! Entering: bytes from a mailbox become arrivals at the desk.

use std::sync::Arc;

use jiff::Timestamp;

use super::Trouble;
use super::persist::Backoff;
use crate::desk::{Desk, DeskError, StoreError};
use crate::domain::{Arrival, FolderRef, Place};
use crate::mail;

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

/// What became of a parcel.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entered {
    /// All are in the ledger.
    All(Vec<String>),
    /// The ledger does not take them, now or later.
    None(String),
}

/// Enters messages; all are in the ledger, with their tasks and letters, once this returns [`Entered::All`]. While the
/// ledger cannot be written, waits.
///
/// # Errors
/// The ledger cannot be used.
pub(super) async fn enter(desk: &Desk, arrivals: &[Arc<Arrival>]) -> Result<Entered, Trouble> {
    let items = arrivals
        .iter()
        .map(|arrival| arrival.place.item.clone())
        .collect();
    let mut pause = Backoff::default();
    loop {
        match desk.receive(arrivals).await {
            Ok(()) => return Ok(Entered::All(items)),
            Err(error) if error.retry_helps() => {
                let wait = pause.next();
                tracing::warn!(
                    messages = arrivals.len(),
                    again_in_seconds = wait.as_secs(),
                    "messages wait to be entered: {error}"
                );
                tokio::time::sleep(wait).await;
            }
            Err(error @ DeskError::Store(StoreError::Unwritable(_))) => {
                return Ok(Entered::None(error.to_string()));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Decodes messages, which is work for a processor: done where it keeps no connection waiting.
///
/// # Errors
/// It was broken off.
pub(super) async fn read(
    desk: &Desk,
    folder: &FolderRef,
    parcel: Vec<Found>,
) -> Result<Vec<Arc<Arrival>>, Trouble> {
    let (trust, vault) = (desk.trust(), desk.vault());
    let folder = folder.clone();
    let now = desk.now();
    tokio::task::spawn_blocking(move || {
        parcel
            .into_iter()
            .map(|found| {
                let mail = mail::read(&found.bytes, &trust);
                Arc::new(Arrival {
                    place: Place {
                        folder: folder.clone(),
                        item: found.item,
                    },
                    received: found.received.unwrap_or(now),
                    people: vault.people(&mail.references),
                    kept: Arc::new(vault.keep(mail.fingerprint, &found.bytes, &mail.references)),
                    mail,
                })
            })
            .collect()
    })
    .await
    .map_err(|_| Trouble::Passing("reading a batch of messages was broken off".to_owned()))
}
