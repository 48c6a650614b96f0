//! Time passing is just another thing that comes in: sleeps until the next stored moment, then tells the desk.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::desk::Desk;

/// How long to wait before asking a ledger again that could not be written.
const PAUSE: Duration = Duration::from_secs(2);

/// Escalates what is due until stopped. The moments are in the ledger, so nothing is lost by stopping.
pub async fn run(desk: Arc<Desk>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = desk.moment_due() => {}
        }
        match desk.tick().await {
            Ok(tasks) => tracing::debug!(tasks, "moments came"),
            Err(error) => {
                tracing::error!(%error, "tasks that are due cannot be escalated yet");
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(PAUSE) => {}
                }
            }
        }
    }
}
