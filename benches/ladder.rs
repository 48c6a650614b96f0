//! The ladder at scale: what it takes to find what is due among a million open tasks, to escalate ten thousand of them in
//! one pass, each with its letter, durably, and to bring those letters to the point where they are sent.
//!
//! `cargo bench --bench ladder` prints one line of JSON a figure. `TASKS=100000` takes another number than 1,000,000.
//! The ledger of 1.5 GB is on the disk of `TMPDIR`. Cold means: a ledger just opened, with nothing of it in memory.

#![expect(clippy::unwrap_used, reason = "a measurement that fails is none")]

mod processor;
#[path = "../tests/store/samples.rs"]
mod samples;
mod town;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use koppelwacht::clock::Clock;
use koppelwacht::desk::Desk;
use koppelwacht::domain::{Away, Delivery, PersonId};
use koppelwacht::store::Store;
use koppelwacht::store::sqlite::SqliteStore;
use koppelwacht::vault::Vault;
use serde_json::json;
use town::{RUN, RUNS};

/// Messages a transaction while the ledger is filled.
const FILLED_AT_ONCE: i64 = 5_000;
/// How many letters the outbox claims at once.
const CLAIM: u32 = 50;
/// How often a question is asked of a ledger that is in memory; the middle answer counts.
const ASKED: usize = 101;

#[tokio::main]
async fn main() {
    let tasks = std::env::var("TASKS").ok();
    let tasks: i64 = tasks.and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger.db");
    fill(&ledger, tasks).await;
    ask(&ledger).await;

    let store = Arc::new(SqliteStore::open(&ledger).await.unwrap());
    let clock = Clock::manual(town::morning());
    let vault = Vault::with_key(include_str!("../tests/support/vault.key")).unwrap();
    let desk = Desk::new(store.clone(), town::office(), vault, clock.clone());
    desk.enforce(town::office().into()).await.unwrap();

    overview(&desk, &clock).await;
    for run in 0..2 * RUNS {
        let whom = if run % 2 == 0 { "many" } else { "few" };
        clock.move_to(town::moment((run + 1) * RUN - 1));
        per_second(&format!("escalations to {whom}"), RUN, &pass(&desk).await);
        warm("next letter", async || {
            let next = store.next_letter().await.unwrap();
            assert!(next.is_some_and(|at| at <= desk.now()));
        })
        .await;
        send_all(&format!("letters to {whom}"), &desk).await;
    }
    illness(&desk).await;
}

/// A ledger in which all these tasks are open.
async fn fill(ledger: &Path, tasks: i64) {
    let store = SqliteStore::open(ledger).await.unwrap();
    let mut took = Took::default();
    let mut first = 1;
    while first <= tasks {
        let last = tasks.min(first + FILLED_AT_ONCE - 1);
        let batch = town::open_tasks(first, last, tasks);
        took.add(async {
            let mut transaction = store.begin().await.unwrap();
            transaction.apply(&batch).await.unwrap();
            transaction.commit().await.unwrap();
        })
        .await;
        first = last + 1;
    }
    assert_eq!(store.books().await.unwrap().waiting, tasks.unsigned_abs());
    store.close().await;
    per_second("tasks filled in", tasks, &took);
}

/// What is due, and when something is due next.
async fn ask(ledger: &Path) {
    let now = town::moment(RUN - 1);
    for limit in [200, 10_000] {
        let figure = format!("{limit} tasks that are due");
        let store = &cold(ledger).await;
        let due = async move || assert_eq!(store.due(now, limit).await.unwrap().len(), limit as usize);
        cold_and_warm(&figure, due).await;
        store.close().await;
    }
    let store = &cold(ledger).await;
    cold_and_warm("next moment", async move || {
        assert_eq!(store.next_moment().await.unwrap(), Some(town::moment(0)));
    })
    .await;
    store.close().await;
}

/// The ledger, just opened, with nothing of it in memory.
async fn cold(ledger: &Path) -> SqliteStore {
    let forget = Command::new("dd")
        .arg(format!("of={}", ledger.display()))
        .args([
            "oflag=nocache",
            "conv=notrunc,fdatasync",
            "count=0",
            "status=none",
        ])
        .status();
    assert!(forget.unwrap().success());
    SqliteStore::open(ledger).await.unwrap()
}

/// A question to a cold ledger, and to one that was asked before.
async fn cold_and_warm(figure: &str, ask: impl AsyncFn()) {
    let began = Instant::now();
    ask().await;
    milliseconds(&format!("{figure}, cold"), began.elapsed());
    warm(figure, ask).await;
}

async fn warm(figure: &str, ask: impl AsyncFn()) {
    let mut times = Vec::new();
    for _ in 0..ASKED {
        let began = Instant::now();
        ask().await;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    milliseconds(&format!("{figure}, warm"), times[ASKED / 2]);
}

/// The leads are shown what is open.
async fn overview(desk: &Desk, clock: &Clock) {
    clock.move_to(town::overview());
    let began = Instant::now();
    assert_eq!(desk.tick().await.unwrap(), 1);
    milliseconds("the overview", began.elapsed());
    assert_eq!(desk.books().await.unwrap().letters_waiting, 1);
}

/// Somebody calls in ill: all that they have goes to somebody else.
async fn illness(desk: &Desk) {
    let away = Away {
        person: town::colleague(7),
        from: desk.now(),
        until: Some(desk.now() + SignedDuration::from_hours(72)),
    };
    desk.enter_absence(PersonId::new("s.deboer"), away).await.unwrap();
    let began = Instant::now();
    assert_eq!(desk.tick().await.unwrap(), 1);
    let took = began.elapsed();
    let handed = desk.books().await.unwrap().letters_waiting;
    milliseconds(&format!("an illness of somebody with {handed} tasks"), took);
}

/// A pass over all that is due.
async fn pass(desk: &Desk) -> Took {
    let before = desk.books().await.unwrap();
    let mut took = Took::default();
    let escalated = took.add(desk.tick()).await.unwrap();
    let after = desk.books().await.unwrap();
    assert_eq!(escalated, usize::try_from(RUN).unwrap());
    assert_eq!(after.letters_waiting - before.letters_waiting, RUN.unsigned_abs());
    took
}

/// Claims all letters, as the outbox does, and reports that they were sent; by a server that takes them in no time.
async fn send_all(figure: &str, desk: &Desk) {
    let (mut letters, mut messages) = (0, 0);
    let (mut claiming, mut reporting) = (Took::default(), Took::default());
    loop {
        let parcels = claiming.add(desk.claim_letters(CLAIM)).await.unwrap();
        if parcels.is_empty() {
            break;
        }
        messages += parcels.len();
        letters += parcels.iter().map(|parcel| parcel.letters.len()).sum::<usize>();
        let tried: Vec<_> = parcels
            .into_iter()
            .map(|parcel| (parcel, Delivery::Accepted))
            .collect();
        reporting.add(desk.letters_tried(&tried)).await.unwrap();
    }
    let letters = i64::try_from(letters).unwrap();
    per_second(
        &format!("{figure}, put in {messages} messages"),
        letters,
        &claiming,
    );
    per_second(&format!("{figure}, reported as sent"), letters, &reporting);
}

fn milliseconds(figure: &str, took: Duration) {
    let ms = (took.as_secs_f64() * 1e5).round() / 100.0;
    println!("{}", json!({ "figure": figure, "ms": ms }));
}

fn per_second(figure: &str, count: i64, took: &Took) {
    let each = f64::from(u32::try_from(count).unwrap());
    let (rate, processor) = (
        each / took.time.as_secs_f64(),
        took.processor.as_secs_f64() * 1e6 / each,
    );
    println!(
        "{}",
        json!({ "figure": figure, "count": count, "per_s": rate.round(), "processor_us": processor.round() })
    );
}

/// What something took: on the clock, and of the processors, which says more when others use them too.
#[derive(Default)]
struct Took {
    time: Duration,
    processor: Duration,
}

impl Took {
    /// Adds what this takes.
    async fn add<T>(&mut self, work: impl Future<Output = T>) -> T {
        let (began, processor) = (Instant::now(), processor::time_of(std::process::id()));
        let done = work.await;
        self.time += began.elapsed();
        self.processor += processor::time_of(std::process::id()).saturating_sub(processor);
        done
    }
}
