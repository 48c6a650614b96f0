//! What is expected, at scale: the mornings of an office with a hundred thousand dossiers, in each of which three things
//! are expected.
//!
//! `cargo bench --bench expected` prints one line of JSON a figure. `DOSSIERS=10000` takes another number than 100,000.
//! A morning is everything that the daemon does then about what is expected: find what is due, open a task for each, tell
//! the first who can be told, and write that durably. They come due over three years of working days.

#![expect(clippy::unwrap_used, reason = "a measurement that fails is none")]

#[path = "../tests/store/samples.rs"]
mod samples;

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use koppelwacht::app::Installation;
use koppelwacht::clock::Clock;
use koppelwacht::desk::Desk;
use koppelwacht::domain::{
    Batch, Dossier, DossierId, Expectation, ExpectationId, ExpectationState, ExpectedId, Filing, MessageId,
    PersonId, PersonKey, Subject, TaskState,
};
use koppelwacht::findings::Findings;
use koppelwacht::store::Store;
use koppelwacht::store::sqlite::SqliteStore;
use koppelwacht::vault::Vault;
use serde_json::json;

/// Dossiers a transaction while the ledger is filled.
const FILLED_AT_ONCE: i64 = 5_000;
/// What is expected in each dossier.
const RULES: [&str; 3] = [
    "verhuizing-na-koppeling",
    "leerroute-wisselen",
    "einde-inburgeringstermijn",
];
/// Mornings on which something comes due.
const MORNINGS: i64 = 3 * 255;
/// Mornings that are measured.
const MEASURED: i64 = 21;

#[tokio::main]
async fn main() {
    let dossiers = std::env::var("DOSSIERS").ok();
    let dossiers: i64 = dossiers.and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(&folder.path().join("ledger.db")).await.unwrap());
    let mut first = 1;
    while first <= dossiers {
        let last = dossiers.min(first + FILLED_AT_ONCE - 1);
        let mut transaction = store.begin().await.unwrap();
        transaction.apply(&lives(first, last)).await.unwrap();
        transaction.commit().await.unwrap();
        first = last + 1;
    }

    let installation = Installation::load(None, &mut Findings::default()).unwrap();
    let clock = Clock::manual(morning(0));
    let vault = Vault::with_key(include_str!("../tests/support/vault.key")).unwrap();
    let desk = Desk::new(store.clone(), installation.office, vault, clock.clone());

    let mut quiet = Vec::new();
    let mut busy = Vec::new();
    let mut asked = 0;
    for number in 0..MEASURED {
        clock.move_to(morning(number) - SignedDuration::from_mins(1));
        // What was asked the morning before went up its ladder since: that is none of this.
        desk.tick().await.unwrap();
        quiet.push(took(async || assert_eq!(desk.tick().await.unwrap(), 0)).await);
        clock.move_to(morning(number));
        busy.push(took(async || asked += desk.tick().await.unwrap()).await);
    }
    tell("a night on which nothing comes due", dossiers, 0, quiet);
    tell(
        "a morning",
        dossiers,
        asked / usize::try_from(MEASURED).unwrap(),
        busy,
    );
}

/// The moment on which those of one morning come due. Weekends are left out of this calendar: a month holds as many.
fn morning(number: i64) -> Timestamp {
    samples::minute(60) + SignedDuration::from_hours(24 * (1 + number))
}

/// Dossiers with a koppeling that somebody has handled, and what is expected since.
fn lives(first: i64, last: i64) -> Batch {
    let mut batch = samples::batch(first, last);
    batch.letters.clear();
    for task in &mut batch.opened {
        task.state = TaskState::Done {
            by: Some(PersonId::new("f.elamrani")),
            at: task.opened,
        };
    }
    for number in first..=last {
        batch.filed.push(Filing {
            task: koppelwacht::domain::TaskId(number),
            dossier: Dossier {
                id: DossierId(number),
                caseload: None,
            },
            keys: vec![PersonKey(u128::try_from(number).unwrap().to_be_bytes())],
            absorbs: None,
        });
        batch
            .expectations
            .extend((0..3).map(|which| expected(number, which)));
    }
    batch
}

/// Spread over all mornings, and over the whole ledger.
fn expected(dossier: i64, which: i64) -> Expectation {
    let number = 3 * dossier + which;
    let asks = morning((number * 7919) % MORNINGS);
    Expectation {
        id: ExpectationId(number),
        rule: ExpectedId::new(RULES[usize::try_from(which).unwrap()]),
        about: Subject::Dossier(DossierId(dossier)),
        caseload: samples::task(dossier).caseload,
        message: Some(MessageId(dossier)),
        since: samples::minute(dossier),
        until: asks + SignedDuration::from_hours(24 * 28),
        state: ExpectationState::Open { asks },
    }
}

async fn took(mut work: impl AsyncFnMut()) -> Duration {
    let began = Instant::now();
    work().await;
    began.elapsed()
}

/// The middle one and the slowest.
fn tell(figure: &str, dossiers: i64, asked: usize, mut times: Vec<Duration>) {
    times.sort_unstable();
    let ms = |time: Duration| (time.as_secs_f64() * 1e5).round() / 100.0;
    let (middle, slowest) = (ms(times[times.len() / 2]), ms(times[times.len() - 1]));
    println!(
        "{}",
        json!({ "figure": figure, "dossiers": dossiers, "asked": asked, "ms": middle, "slowest_ms": slowest })
    );
}
