//! Time passing is just another thing that comes in: sleeps until the next stored moment, then tells the desk. So is a
//! clock that is set back: what was put off to a time that never was must not wait for it.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::desk::{Desk, DeskError, Patience};

/// How long to wait before asking a ledger again that could not be written.
const PAUSE: Duration = Duration::from_secs(2);

/// Escalates what is due until stopped. The moments are in the ledger, so nothing is lost by stopping.
///
/// # Errors
/// The ledger cannot be used: nothing more is escalated until a human has looked.
pub async fn run(desk: Arc<Desk>, stop: CancellationToken) -> Result<(), DeskError> {
    let mut patience = Patience::about("to escalate what is due");
    let mut latest = desk.now();
    loop {
        let is_set_back = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            due = desk.moment_due() => due.map(|()| false)?,
            () = desk.clock_set_back(&mut latest) => true,
        };
        // What is done now is done by this time, however soon it is set back.
        latest = latest.max(desk.now());
        let done = if is_set_back {
            desk.take_up().await.map(|()| latest = desk.now())
        } else {
            let tasks = desk.tick().await;
            tasks.map(|tasks| tracing::debug!(tasks, "moments came"))
        };
        if patience.hear(done)?.is_some() {
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}
