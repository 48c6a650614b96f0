//! Time passing is just another thing that comes in: sleeps until the next stored moment, then tells the desk.

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
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            due = desk.moment_due() => due?,
        }
        if let Some(tasks) = patience.hear(desk.tick().await)? {
            tracing::debug!(tasks, "moments came");
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}
