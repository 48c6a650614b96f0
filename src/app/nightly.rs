//! The cover of the coming weeks, proved again each night with what is known by then: somebody who goes on leave, or falls
//! ill, can open a hole that no rule shows.
//!
//! When it is time stands in the ledger, like every moment. It stays there until what was found is written down with the
//! letters about it, so that nothing is lost by a crash in between, and a night that was slept through is made up once.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::cover;
use crate::desk::{Desk, DeskError, Patience};

/// How long to wait before trying again what did not come off: a proof is work for a processor.
const PAUSE: Duration = Duration::from_mins(1);

/// Proves whenever it is time, until stopped.
///
/// # Errors
/// The ledger cannot be used.
pub(super) async fn run(desk: &Desk, stop: &CancellationToken) -> Result<(), DeskError> {
    let mut patience = Patience::about("to prove the cover of the coming weeks");
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            due = desk.proof_due() => due?,
        }
        match patience.hear(prove(desk).await)? {
            Some(Proof::WrittenDown) => continue,
            Some(Proof::BrokenOff) => {
                tracing::error!("the proof of the cover was broken off; please report this defect");
            }
            None => {}
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// How far a proof came.
enum Proof {
    WrittenDown,
    BrokenOff,
}

/// Proves by the rules in force, with everybody who is away by the ledger, whoever said so.
async fn prove(desk: &Desk) -> Result<Proof, DeskError> {
    let (office, now) = (desk.office(), desk.now());
    let absences = desk.absences(false).await?;
    let away: Vec<_> = absences.into_iter().map(|absence| absence.away).collect();
    let proof = tokio::task::spawn_blocking(move || cover::ahead(&office.rules, &away, now));
    let Ok(holes) = proof.await else {
        return Ok(Proof::BrokenOff);
    };
    let count = holes.len();
    desk.cover_proved(holes).await?;
    tracing::info!(holes = count, "the cover of the coming weeks was proved");
    Ok(Proof::WrittenDown)
}
