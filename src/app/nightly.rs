//! The cover of the coming weeks, proved again each night with what is known by then: somebody who goes on leave, or falls
//! ill, can open a hole that no rule shows.
//!
//! When it is time stands in the ledger, like every moment. It stays there until what was found is written down with the
//! letters about it, so that nothing is lost by a crash in between, and a night that was slept through is made up once.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::cover;
use crate::desk::{Desk, DeskError};

/// How long to wait before trying again what did not come off: a proof is work for a processor.
const PAUSE: Duration = Duration::from_mins(1);

/// Proves whenever it is time, until stopped.
pub(super) async fn run(desk: &Desk, stop: &CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = desk.proof_due() => {}
        }
        let Err(error) = prove(desk).await else {
            continue;
        };
        tracing::error!(%error, "the cover of the coming weeks is not proved yet");
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// Why the cover could not be proved.
#[derive(Debug, thiserror::Error)]
enum NotProved {
    #[error(transparent)]
    Desk(#[from] DeskError),
    #[error("the proof was broken off; please report this defect")]
    BrokenOff(#[from] tokio::task::JoinError),
}

/// Proves by the rules in force, with everybody who is away by the ledger, whoever said so.
async fn prove(desk: &Desk) -> Result<(), NotProved> {
    let (office, now) = (desk.office(), desk.now());
    let absences = desk.absences(false).await?;
    let away: Vec<_> = absences.into_iter().map(|absence| absence.away).collect();
    let proof = tokio::task::spawn_blocking(move || cover::ahead(&office.rules, &away, now));
    let holes = proof.await?;
    tracing::info!(holes = holes.len(), "the cover of the coming weeks was proved");
    Ok(desk.cover_proved(holes).await?)
}
