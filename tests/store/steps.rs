//! What the stories do again and again.

use jiff::Timestamp;
use koppelwacht::domain::{Batch, LetterId, Needs, Outcome, PersonId, Snapshot, TaskId};
use koppelwacht::store::{Store, StoreError};

use crate::samples::minute;

/// Writes a batch in a transaction of its own.
pub(crate) async fn write(store: &dyn Store, batch: &Batch) -> Result<(), StoreError> {
    let mut transaction = store.begin().await?;
    transaction.apply(batch).await?;
    transaction.commit().await
}

/// What the ledger knows about these tasks.
pub(crate) async fn load(store: &dyn Store, tasks: impl IntoIterator<Item = i64>) -> Snapshot {
    let needs = Needs {
        tasks: tasks.into_iter().map(TaskId).collect(),
        ..Needs::default()
    };
    look(store, &needs).await
}

/// What the ledger knows of this.
pub(crate) async fn look(store: &dyn Store, needs: &Needs) -> Snapshot {
    look_at(store, needs, 0).await
}

/// What the ledger knows of this at that minute.
pub(crate) async fn look_at(store: &dyn Store, needs: &Needs, now: i64) -> Snapshot {
    let mut transaction = store.begin().await.unwrap();
    transaction.load(needs, minute(now)).await.unwrap()
}

/// Takes letters and keeps that.
pub(crate) async fn claim(store: &dyn Store, now: i64, until: i64, limit: u32) -> Vec<(i64, u32)> {
    let mut transaction = store.begin().await.unwrap();
    let letters = transaction
        .claim(minute(now), minute(until), limit)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    letters
        .iter()
        .map(|letter| (letter.id.0, letter.attempts))
        .collect()
}

pub(crate) async fn settle(store: &dyn Store, letter: i64, outcome: Outcome) {
    let tried = Batch {
        settled: vec![(LetterId(letter), outcome)],
        ..Batch::default()
    };
    write(store, &tried).await.unwrap();
}

/// It left then, alone in its message.
pub(crate) fn sent(at: Timestamp) -> Outcome {
    Outcome::Sent { at, together: None }
}

pub(crate) fn fatima() -> PersonId {
    PersonId::new("fatima")
}
