//! How fast messages enter the ledger, each with its task, two lines of history and a letter, durably.
//!
//! `cargo bench --bench ledger`; the folder is on the disk of `TMPDIR`.

#![expect(clippy::unwrap_used, reason = "a measurement that fails is none")]

#[path = "../tests/store/samples.rs"]
mod samples;

use std::cell::Cell;

use divan::Bencher;
use divan::counter::ItemsCount;
use koppelwacht::domain::{Needs, TaskId};
use koppelwacht::store::Store;
use koppelwacht::store::sqlite::SqliteStore;
use tempfile::TempDir;
use tokio::runtime::Runtime;

fn main() {
    divan::main();
}

/// A new ledger on a runtime like the daemon's.
fn new_ledger() -> (TempDir, Runtime, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    let store = runtime
        .block_on(SqliteStore::open(&folder.path().join("ledger.db")))
        .unwrap();
    (folder, runtime, store)
}

/// Messages a transaction. The ledger grows while this runs.
#[divan::bench(args = [1, 200, 1_000], sample_count = 100)]
fn commit(bencher: Bencher<'_, '_>, messages: i64) {
    let (_folder, runtime, store) = new_ledger();
    let next = Cell::new(1);
    bencher
        .counter(ItemsCount::new(messages.unsigned_abs()))
        .with_inputs(|| {
            let first = next.replace(next.get() + messages);
            samples::batch(first, first + messages - 1)
        })
        .bench_local_values(|batch| {
            runtime.block_on(async {
                let mut transaction = store.begin().await.unwrap();
                transaction.apply(&batch).await.unwrap();
                transaction.commit().await.unwrap();
            });
        });
}

/// What is asked before 200 messages are decided on, in a ledger of 20,000.
#[divan::bench]
fn load_200(bencher: Bencher<'_, '_>) {
    let (_folder, runtime, store) = new_ledger();
    runtime.block_on(async {
        let mut transaction = store.begin().await.unwrap();
        transaction.apply(&samples::batch(1, 20_000)).await.unwrap();
        transaction.commit().await.unwrap();
    });
    let needs = Needs {
        fingerprints: (19_901..=20_100).map(samples::fingerprint).collect(),
        tasks: (9_001..=9_200).map(TaskId).collect(),
        ..Needs::default()
    };
    bencher.counter(ItemsCount::new(200_u32)).bench_local(|| {
        runtime.block_on(async {
            store
                .begin()
                .await
                .unwrap()
                .load(&needs, jiff::Timestamp::UNIX_EPOCH)
                .await
                .unwrap()
        })
    });
}
