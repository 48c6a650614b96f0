//! Trying again while the ledger is busy or full, and not when it is broken: the one way in which anybody waits for it.
//!
//! Guarantees: however often something is tried, the log says once that it waits, and once that it waits no more. What
//! stays undone because the ledger cannot be used is an error, which ends the daemon: a watch that cannot write must not
//! look like one that goes on.

use std::borrow::Cow;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::DeskError;

/// How long to wait before a ledger is asked again that could not be written.
const PAUSE: Duration = Duration::from_millis(500);

/// How somebody waits who tries the same again and again.
#[derive(Debug)]
pub struct Patience {
    what: Cow<'static, str>,
    /// What the log knows: that the ledger can be tried again later, or that it does not take this.
    told: Option<bool>,
}

impl Patience {
    /// Of whoever does `what`; nothing stands in the way yet.
    #[must_use]
    pub fn about(what: impl Into<Cow<'static, str>>) -> Self {
        Self {
            what: what.into(),
            told: None,
        }
    }

    /// What was done; nothing when it is to be tried again.
    ///
    /// # Errors
    /// The ledger cannot be used: a human has to look.
    pub fn hear<T>(&mut self, tried: Result<T, DeskError>) -> Result<Option<T>, DeskError> {
        match tried {
            Ok(done) => {
                self.done();
                Ok(Some(done))
            }
            Err(error) if error.is_broken() => Err(error),
            Err(error) => {
                self.tell(&error);
                Ok(None)
            }
        }
    }

    /// It was tried in vain.
    pub(super) fn tell(&mut self, error: &DeskError) {
        let is_later = error.retry_helps();
        if self.told.replace(is_later) == Some(is_later) {
            return;
        }
        if is_later {
            tracing::warn!(%error, "this waits for the ledger: {}", self.what);
        } else {
            tracing::error!(%error, "this waits for the ledger: {}", self.what);
        }
    }

    /// It waits no more.
    pub(super) fn done(&mut self) {
        if self.told.take().is_some() {
            tracing::info!("this waits for the ledger no more: {}", self.what);
        }
    }
}

/// Does this until the ledger takes it: what would be lost otherwise. Told to stop, it is tried once more.
///
/// # Errors
/// The ledger cannot be used, or does not take this; or it could not be written until it was told to stop.
pub async fn until_written<T, F: Future<Output = Result<T, DeskError>>>(
    what: &'static str,
    stop: &CancellationToken,
    write: impl Fn() -> F,
) -> Result<T, DeskError> {
    let mut patience = Patience::about(what);
    loop {
        match write().await {
            Err(error) if error.retry_helps() && !stop.is_cancelled() => {
                patience.tell(&error);
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(PAUSE) => {}
                }
            }
            ended => {
                if ended.is_ok() {
                    patience.done();
                }
                return ended;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::store::StoreError;

    fn later() -> DeskError {
        StoreError::Later("busy".to_owned()).into()
    }

    fn broken() -> DeskError {
        StoreError::Broken("torn".to_owned()).into()
    }

    #[test]
    fn what_passes_is_waited_for_and_a_broken_ledger_is_not() {
        let mut patience = Patience::about("it");
        let unwritable = DeskError::from(StoreError::Unwritable("odd".to_owned()));
        for (tried, heard) in [
            (Err(later()), Ok(None)),
            (Err(unwritable), Ok(None)),
            (Ok(7), Ok(Some(7))),
            (Err(broken()), Err(broken())),
        ] {
            assert_eq!(patience.hear(tried), heard);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_done_again_until_it_is_done_or_no_use() {
        for (end, times) in [(Ok(()), 3), (Err(broken()), 3)] {
            let asked = Cell::new(0);
            let write = || {
                asked.set(asked.get() + 1);
                std::future::ready(if asked.get() < times {
                    Err(later())
                } else {
                    end.clone()
                })
            };
            let stop = CancellationToken::new();
            assert_eq!(until_written("it", &stop, write).await, end);
            assert_eq!(asked.get(), times);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_told_to_stop_tries_once_more() {
        let asked = Cell::new(0);
        let stop = CancellationToken::new();
        let write = || {
            asked.set(asked.get() + 1);
            if asked.get() == 2 {
                stop.cancel();
            }
            std::future::ready(Err::<(), _>(later()))
        };
        assert_eq!(until_written("it", &stop, write).await, Err(later()));
        assert_eq!(asked.get(), 2);
    }
}
