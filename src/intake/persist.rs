//! Trying again: for ever, but ever less often.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;

use super::logbook::Logbook;
use super::{IntakeError, Trouble};

/// The pause after a first failure.
const SHORTEST: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST: Duration = Duration::from_mins(5);

/// Something that watches a folder for as long as it can.
pub(super) trait Watcher: Send {
    /// Opens the folder and watches it until something goes wrong. Tells `logbook` when it is open.
    fn visit(&mut self, logbook: &mut Logbook) -> impl Future<Output = Trouble> + Send;
}

/// Visits again and again. Returns what only a human can mend, if the folder was never read, before the start or since, or
/// the ledger is broken.
pub(super) async fn persist(mut watcher: impl Watcher, mut logbook: Logbook) -> IntakeError {
    let mut pause = Backoff::default();
    loop {
        // A parser below us panics on some things that no server should say. That is the end of a connection, not of
        // the watch; a watcher keeps nothing across visits that a visit could leave half done.
        let trouble = AssertUnwindSafe(watcher.visit(&mut logbook))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| {
                Trouble::Passing("reading broke off at something unreadable from the server".to_owned())
            });
        let trouble = match trouble {
            Trouble::Human(error) if error.is_broken_ledger() || !logbook.was_ever_opened().await => {
                return error;
            }
            trouble => trouble,
        };
        if logbook.take_success() {
            pause = Backoff::default();
        }
        let wait = pause.next();
        tracing::warn!(
            mailbox = logbook.mailbox(),
            folder = logbook.folder(),
            again_in_seconds = wait.as_secs(),
            "the folder cannot be read: {trouble}"
        );
        logbook.in_trouble(&trouble).await;
        tokio::time::sleep(wait).await;
    }
}

/// Pauses that double from one second to five minutes. Each is shortened by up to a half at random, so that a server
/// that comes back is not met by everybody at once.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The next pause.
    pub(super) fn next(&mut self) -> Duration {
        let full = SHORTEST
            .saturating_mul(1_u32.checked_shl(self.failures).unwrap_or(u32::MAX))
            .min(LONGEST);
        self.failures = self.failures.saturating_add(1).min(u32::BITS);
        full.mul_f64(rand::random_range(0.5..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_from_a_second_to_five_minutes_and_stay_there() {
        let mut pause = Backoff::default();
        let expected = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].into_iter();
        for full in expected.chain(std::iter::repeat_n(300, 100)) {
            let wait = pause.next();
            let full = Duration::from_secs(full);
            assert!(
                full / 2 <= wait && wait <= full,
                "{wait:?} is not within half of {full:?}"
            );
        }
    }

    #[test]
    fn pauses_are_not_the_same_for_everybody() {
        let first: Vec<_> = (0..20).map(|_| Backoff::default().next()).collect();
        assert!(first.iter().any(|wait| *wait != first[0]));
    }
}
