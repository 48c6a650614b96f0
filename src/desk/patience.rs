//! Writing while the ledger is busy or full: again and again, until it is written.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::DeskError;

/// How long to wait before a ledger is asked again that could not be written.
const PAUSE: Duration = Duration::from_millis(500);

/// Does this until the ledger takes it. While it does not, the log says once that `what` is not written down yet.
///
/// # Errors
/// The ledger cannot be used, or does not take this; or it could not be written until it was told to stop.
pub async fn until_written<T, F: Future<Output = Result<T, DeskError>>>(
    what: &'static str,
    stop: &CancellationToken,
    write: impl Fn() -> F,
) -> Result<T, DeskError> {
    let mut is_told = false;
    loop {
        match write().await {
            Err(error) if error.retry_helps() && !stop.is_cancelled() => {
                if !std::mem::replace(&mut is_told, true) {
                    tracing::warn!(%error, "{what} cannot be noted yet");
                }
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(PAUSE) => {}
                }
            }
            ended => return ended,
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

    #[tokio::test(start_paused = true)]
    async fn it_is_done_again_until_it_is_done_or_no_use() {
        for (end, times) in [
            (Ok(()), 3),
            (Err(StoreError::Broken("torn".to_owned()).into()), 3),
        ] {
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
