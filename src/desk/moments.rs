//! What is due: waited for, and done when its time has come.

use std::sync::PoisonError;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;

use super::{Desk, DeskError, Patience, StoreError};
use crate::decide::AHEAD;
use crate::domain::{Event, Moment, Routine};

/// How many tasks one transaction escalates.
const TICK_BATCH: u32 = 200;
/// How often to look for what other processes wrote; they cannot wake us.
const LOOK_AROUND: Duration = Duration::from_secs(10);

impl Desk {
    /// Escalates every task whose moment came; says how many.
    ///
    /// # Errors
    /// The ledger cannot be written; the moments stay stored.
    pub async fn tick(&self) -> Result<usize, DeskError> {
        let mut count = 0;
        loop {
            let due = self.store.due(self.now(), TICK_BATCH).await?;
            if due.is_empty() {
                self.tell_stuck(&[]);
                return Ok(count);
            }
            let events: Vec<Event> = due.iter().map(|moment| self.comes(moment)).collect();
            let failed = self.settle_apart(&events).await?;
            let failed: Vec<_> = due
                .iter()
                .zip(&events)
                .filter_map(|(moment, event)| {
                    let found = failed.iter().find(|(failed, _)| std::ptr::eq(*failed, event));
                    found.map(|(_, why)| (moment, why))
                })
                .collect();
            self.tell_stuck(&failed);
            count += events.len() - failed.len();
            if failed.len() == events.len() {
                let reason = format!(
                    "{} tasks that are due cannot be escalated; please report this defect",
                    failed.len()
                );
                return Err(StoreError::Unwritable(reason).into());
            }
        }
    }

    /// Tells of each moment that the ledger does not take what follows from it, and of those before that it does now, or
    /// that they are due no more: both once, though the ticker tries again every other second.
    fn tell_stuck(&self, failed: &[(&Moment, &StoreError)]) {
        let mut stuck = self.stuck.lock().unwrap_or_else(PoisonError::into_inner);
        stuck.retain(|moment, patience| {
            let still = failed.iter().any(|(failed, _)| *failed == moment);
            if !still {
                patience.done();
            }
            still
        });
        for (moment, why) in failed {
            let patience = stuck
                .entry(Moment::clone(moment))
                .or_insert_with(|| Patience::about(what_follows(moment)));
            patience.tell(&DeskError::from(StoreError::clone(why)));
        }
    }

    /// Takes up the watch: what rests because of somebody who sends no more, or of a clock that was ahead, does not rest
    /// any longer. For the one daemon of a ledger, when it starts and when its clock was set back.
    ///
    /// # Errors
    /// The ledger cannot be written; everything stays as it was.
    pub async fn take_up(&self) -> Result<(), DeskError> {
        let office = self.office.load_full();
        let (batch, _) = self.settle_by(&office, &[Event::WatchTakenUp]).await?;
        let (tasks, letters) = (batch.moved.len(), batch.settled.len());
        if tasks > 0 {
            tracing::warn!(
                tasks,
                "the clock was ahead when these were told last; they are due at once"
            );
        }
        tracing::debug!(letters, "letters that rested may leave");
        Ok(())
    }

    /// Returns once the clock is set back from the `latest` time that it showed, which goes along with it until then, by
    /// more than any correction of a right one.
    pub async fn clock_set_back(&self, latest: &mut Timestamp) {
        self.clock.set_back(latest, AHEAD).await;
    }

    /// What happens because a moment came.
    fn comes(&self, moment: &Moment) -> Event {
        match moment {
            Moment::Routine(Routine::Partners) => Event::PartnersDue {
                admin: self.office.load().admin.clone(),
            },
            moment => Event::MomentCame(moment.clone()),
        }
    }

    /// Returns when a stored moment of a task has come.
    ///
    /// # Errors
    /// The ledger cannot be used, so that nobody knows when that is.
    pub async fn moment_due(&self) -> Result<(), DeskError> {
        self.wait_for(&self.moment_stored, || self.store.next_moment())
            .await
    }

    /// Returns when the cover of the coming weeks is to be proved.
    ///
    /// # Errors
    /// The ledger cannot be used.
    pub async fn proof_due(&self) -> Result<(), DeskError> {
        self.wait_for(&self.proof_planned, || self.store.next_proof())
            .await
    }

    /// Returns when a letter may be sent.
    ///
    /// # Errors
    /// The ledger cannot be used.
    pub async fn letter_due(&self) -> Result<(), DeskError> {
        self.wait_for(&self.letter_queued, || self.store.next_letter())
            .await
    }

    /// Returns when the stored moment that `next` answers has come.
    async fn wait_for<F>(&self, stored: &Notify, next: impl Fn() -> F) -> Result<(), DeskError>
    where
        F: Future<Output = Result<Option<Timestamp>, StoreError>>,
    {
        let mut patience = Patience::about("to see what is due");
        loop {
            let moment = match patience.hear(next().await.map_err(DeskError::from))?.flatten() {
                Some(moment) if moment <= self.now() => return Ok(()),
                moment => moment.unwrap_or(Timestamp::MAX),
            };
            tokio::select! {
                () = stored.notified() => {}
                () = self.clock.sleep_until(moment) => {}
                () = tokio::time::sleep(LOOK_AROUND) => {}
            }
        }
    }
}

/// What is to be done when this moment comes, as the log names it: by its number.
fn what_follows(moment: &Moment) -> String {
    match moment {
        Moment::Absence { absence, .. } => format!("to do what absence {absence} asks for"),
        Moment::Task(task) => format!("to escalate task {task}"),
        Moment::Drill(letter) => format!("to see what became of drill {letter}"),
        Moment::Expectation(expectation) => format!("to ask about expectation {expectation}"),
        Moment::Routine(routine) => format!("to do what comes again and again (`{}`)", routine.name()),
    }
}
