//! The end-to-end figure: messages a second from a Dovecot mailbox over TLS to committed tasks, letters queued and
//! mails marked, beside the raw `UID FETCH` of the same mailbox by the same library in the same run; and beside the
//! ceiling, which is that and marking everything, with nothing in between.
//!
//! `cargo bench --bench end_to_end` prints one line of JSON. `MESSAGES=1000` takes another number than 10,000.

#![expect(clippy::unwrap_used, reason = "what cannot be set up has failed")]

mod notice;
mod processor;
#[path = "../tests/support/mod.rs"]
mod support;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use koppelwacht::store::Store;
use koppelwacht::store::sqlite::SqliteStore;
use notice::mail;
use support::dovecot::Dovecot;
use support::stage::settings;

/// How many runs of each kind; the best of each is compared.
const RUNS: usize = 3;
/// What the daemon puts on messages.
const MARK: &str = "$Koppelwacht";

#[tokio::main]
async fn main() {
    let messages: usize = std::env::var("MESSAGES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(10_000);
    let server = Dovecot::start();
    server.fill(messages, mail);
    // The first reader builds Dovecot's index; nobody's figure should pay for that.
    raw_fetch(&server, messages).await;

    let (mut raw, mut ceiling, mut whole) = (0.0_f64, 0.0_f64, 0.0_f64);
    let (mut cost, mut peak) = (f64::INFINITY, 0_u64);
    for _ in 0..RUNS {
        raw = raw.max(raw_fetch(&server, messages).await);
        ceiling = ceiling.max(read_and_mark(&server, messages).await);
        let run = daemon(&server, messages).await;
        whole = whole.max(run.rate);
        cost = cost.min(run.processor_us);
        peak = peak.max(run.memory);
    }
    println!(
        "{{\"messages\":{messages},\"raw_fetch_per_s\":{raw:.0},\"ceiling_per_s\":{ceiling:.0},\
         \"end_to_end_per_s\":{whole:.0},\"share\":{:.2},\"processor_us\":{cost:.0},\"peak_mb\":{peak}}}",
        whole / raw
    );
}

/// Messages a second of a bare `UID FETCH` of everything, bodies thrown away.
async fn raw_fetch(server: &Dovecot, messages: usize) -> f64 {
    let mut colleague = server.colleague().await;
    let began = Instant::now();
    let read = colleague.read_everything("INBOX", 200).await;
    let took = began.elapsed();
    assert_eq!(read, messages);
    rate(messages, took)
}

/// Messages a second of the same, and of marking all of them at once, by somebody who does nothing else.
async fn read_and_mark(server: &Dovecot, messages: usize) -> f64 {
    let mut colleague = server.colleague().await;
    colleague.unmark("INBOX", MARK).await;
    let began = Instant::now();
    let read = colleague.read_everything("INBOX", 200).await;
    colleague.mark("INBOX", MARK).await;
    let took = began.elapsed();
    assert_eq!(read, messages);
    rate(messages, took)
}

/// A run of the daemon.
struct Run {
    /// Messages a second.
    rate: f64,
    /// What a message costs it of the processors, in microseconds.
    processor_us: f64,
    /// Its peak memory in MB.
    memory: u64,
}

/// The daemon, from its start until everything is committed and marked.
async fn daemon(server: &Dovecot, messages: usize) -> Run {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("koppelwacht.toml");
    // Nobody takes letters here: they are queued, and wait.
    std::fs::write(
        &config,
        settings(server, "host = \"localhost\"\nport = 9\ntls = \"implicit\"\n"),
    )
    .unwrap();
    server.colleague().await.unmark("INBOX", MARK).await;
    let ledger = dir.path().join("ledger.sqlite");
    let store = SqliteStore::open(&ledger).await.unwrap();

    let began = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_koppelwacht"))
        .args(["run", "--log", "error", "--config"])
        .arg(&config)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let took = loop {
        let books = store.books().await.unwrap();
        if books.messages == messages as u64 && books.unmarked == 0 {
            break began.elapsed();
        }
        assert!(child.try_wait().unwrap().is_none(), "the daemon ended early");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let (processor, memory) = (processor::time_of(child.id()), peak_memory(child.id()));
    child.kill().unwrap();
    child.wait().unwrap();
    let books = store.books().await.unwrap();
    assert_eq!(books.with_task, messages as u64, "every mail became a task");
    // Somebody may be asked besides about what should have come after them.
    let letters = books.letters_waiting + books.letters_sent;
    assert!(letters >= books.with_task, "every task has its letter");
    Run {
        rate: rate(messages, took),
        processor_us: 1e6 / rate(messages, processor),
        memory,
    }
}

fn rate(messages: usize, took: Duration) -> f64 {
    f64::from(u32::try_from(messages).unwrap()) / took.as_secs_f64()
}

/// Peak resident memory of a process in MB (`VmHWM` of /proc/PID/status).
fn peak_memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}
