//! The one clock. Everybody else is told what time it is, or asks here; a lint forbids every other way.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::time::Instant;

/// The longest sleep before the clock is looked at again: a machine that was suspended, or whose time was set,
/// must not sleep on past a stored moment.
const LONGEST_NAP: Duration = Duration::from_secs(30);
/// How often it is looked whether somebody set the clock back: a wrong time may be shown for a moment only.
const LOOK: Duration = Duration::from_secs(5);

/// A source of time that can also be waited on.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Runs faster than the machine's, from a chosen start. For the demo and for trying out rules.
    Fast {
        /// What it showed when it was started.
        start: Timestamp,
        /// When it was started.
        began: Instant,
        /// How many of its seconds pass in one.
        speed: u32,
    },
    /// Stands still until it is moved. For tests.
    Manual(watch::Sender<Timestamp>),
}

impl Clock {
    /// A clock that starts at `start` now and runs `speed` times as fast as the machine's.
    #[must_use]
    pub fn fast(start: Timestamp, speed: u32) -> Self {
        Self::Fast {
            start,
            began: Instant::now(),
            speed: speed.max(1),
        }
    }

    /// A clock that shows `start` until it is moved.
    #[must_use]
    pub fn manual(start: Timestamp) -> Self {
        Self::Manual(watch::Sender::new(start))
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that may ask")]
            Self::System => Timestamp::now(),
            Self::Fast { start, began, speed } => {
                let passed = began.elapsed().saturating_mul(*speed);
                let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
                start.checked_add(passed).unwrap_or(Timestamp::MAX)
            }
            Self::Manual(time) => *time.borrow(),
        }
    }

    /// Returns once it is `at` or later; at once when it is already.
    pub async fn sleep_until(&self, at: Timestamp) {
        match self {
            Self::System => self.nap_until(at, 1).await,
            Self::Fast { speed, .. } => self.nap_until(at, *speed).await,
            Self::Manual(time) => {
                let mut time = time.subscribe();
                // The sender lives in `self`, so waiting cannot fail.
                let _ = time.wait_for(|now| *now >= at).await;
            }
        }
    }

    /// Returns once it shows a time more than `by` before the `latest` that it showed: somebody set it back. Until then
    /// `latest` goes along with it.
    pub async fn set_back(&self, latest: &mut Timestamp, by: SignedDuration) {
        let mut is_back = |now: Timestamp| {
            *latest = now.max(*latest);
            latest.duration_since(now) > by
        };
        if let Self::Manual(time) = self {
            let mut time = time.subscribe();
            // The sender lives in `self`, so waiting cannot fail.
            let _ = time.wait_for(|now| is_back(*now)).await;
            return;
        }
        while !is_back(self.now()) {
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn nap_until(&self, at: Timestamp, speed: u32) {
        loop {
            let left = at.duration_since(self.now());
            let Ok(left) = Duration::try_from(left) else {
                return;
            };
            if left.is_zero() {
                return;
            }
            // A millisecond more than asked: waking too early would only mean another round.
            tokio::time::sleep((left / speed + Duration::from_millis(1)).min(LONGEST_NAP)).await;
        }
    }

    /// Sets a manual clock to `at`, also back, as somebody does who corrects a wrong one. Other clocks stay as they are.
    pub fn set_to(&self, at: Timestamp) {
        if let Self::Manual(time) = self {
            time.send_replace(at);
        }
    }

    /// Moves a manual clock forward to `at`; it never goes back. Other clocks move by themselves.
    pub fn move_to(&self, at: Timestamp) {
        if let Self::Manual(time) = self {
            time.send_if_modified(|now| {
                let forward = at > *now;
                *now = at.max(*now);
                forward
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn a_manual_clock_wakes_whoever_waits_for_the_moment_it_is_moved_to() {
        let clock = Clock::manual(at("2026-11-24T09:00:00Z"));
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move {
                clock.sleep_until(at("2026-11-24T11:00:00Z")).await;
                clock.now()
            }
        });
        clock.move_to(at("2026-11-24T10:00:00Z"));
        assert!(!sleeper.is_finished());
        clock.move_to(at("2026-11-24T12:00:00Z"));
        assert_eq!(sleeper.await.unwrap(), at("2026-11-24T12:00:00Z"));
    }

    #[tokio::test]
    async fn that_a_clock_was_set_back_is_noticed_and_a_small_correction_is_not() {
        let clock = Clock::manual(at("2026-11-24T09:00:00Z"));
        let mut latest = clock.now();
        let by = SignedDuration::from_mins(10);
        let noticed = tokio::spawn({
            let clock = clock.clone();
            async move {
                clock.set_back(&mut latest, by).await;
                latest
            }
        });
        for time in ["2026-12-01T09:00:00Z", "2026-12-01T08:50:00Z"] {
            clock.set_to(at(time));
            tokio::task::yield_now().await;
            assert!(!noticed.is_finished(), "{time}");
        }
        clock.set_to(at("2026-11-24T09:01:00Z"));
        assert_eq!(noticed.await.unwrap(), at("2026-12-01T09:00:00Z"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_fast_clock_passes_an_hour_in_a_second() {
        let clock = Clock::fast(at("2026-11-24T09:00:00Z"), 3600);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(clock.now(), at("2026-11-24T10:00:00Z"));
        clock.sleep_until(at("2026-11-24T11:00:00Z")).await;
        assert!(clock.now() >= at("2026-11-24T11:00:00Z"));
    }
}
