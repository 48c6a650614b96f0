//! The worst mails of 10 MB: how long each takes to read and classify, and how much memory that takes at its peak.
//!
//! `cargo bench --bench worst` runs every case in a process of its own, prints a line of JSON for each, the slowest
//! last, and fails when a case takes more than a second or more than 200 MB. `cargo bench --bench worst -- digits`
//! runs the cases whose names hold that word.
//!
//! Time is what the processor worked on the case, the fastest of three, so that others may use the machine too. The
//! peak is what the kernel says (`VmHWM`) less what it was before the mail was there: the mail itself counts.

#![expect(clippy::unwrap_used, reason = "a measurement that fails is none")]

mod monsters;

use std::process::{Command, ExitCode};

use koppelwacht::app::Installation;
use koppelwacht::decide::classify;
use koppelwacht::findings::Findings;
use koppelwacht::mail;
use monsters::Monster;
use serde::{Deserialize, Serialize};

const SIZE: usize = 10 << 20;
const MOST_MILLISECONDS: f64 = 1000.0;
const MOST_MEGABYTES: f64 = 200.0;

/// How often a case is read; the fastest counts.
const TIMES: usize = 3;

/// The word in front of the name of the one case that a child is to run.
const ALONE: &str = "--alone";

/// What a case cost.
#[derive(Debug, Serialize, Deserialize)]
struct Cost {
    case: String,
    bytes: usize,
    milliseconds: f64,
    megabytes: f64,
    outcome: String,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.as_slice() {
        [first, name] if first == ALONE => {
            let monster = monsters::all()
                .into_iter()
                .find(|monster| monster.name == name)
                .unwrap();
            println!("{}", serde_json::to_string(&cost(monster)).unwrap());
            ExitCode::SUCCESS
        }
        _ => run_all(
            words
                .iter()
                .find(|word| !word.starts_with('-'))
                .map_or("", String::as_str),
        ),
    }
}

fn run_all(word: &str) -> ExitCode {
    let mut costs: Vec<Cost> = Vec::new();
    let mut is_within = true;
    for monster in monsters::all()
        .into_iter()
        .filter(|monster| monster.name.contains(word))
    {
        let output = Command::new(std::env::current_exe().unwrap())
            .args([ALONE, monster.name])
            .output()
            .unwrap();
        if let Ok(cost) = serde_json::from_slice(&output.stdout) {
            costs.push(cost);
        } else {
            eprintln!("{}: {}", monster.name, output.status);
            is_within = false;
        }
    }
    costs.sort_by(|one, other| one.milliseconds.total_cmp(&other.milliseconds));
    for cost in &costs {
        println!("{}", serde_json::to_string(cost).unwrap());
    }
    is_within &= costs
        .iter()
        .all(|cost| cost.milliseconds <= MOST_MILLISECONDS && cost.megabytes <= MOST_MEGABYTES);
    if is_within {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn cost(monster: Monster) -> Cost {
    let office = Installation::load(None, &mut Findings::default())
        .expect("what is shipped loads")
        .office;
    // What is compiled on first use is not the mail's fault.
    let small = mail::read(&monster.of(1000), &office.trust);
    let _ = classify(&office.rules, &small);
    let bytes = monster.of(SIZE);
    let before = resident_megabytes("VmRSS");
    forget_peak();
    let mut outcome = String::new();
    let mut milliseconds = f64::INFINITY;
    for _ in 0..TIMES {
        let start = milliseconds_worked();
        let mail = mail::read(&bytes, &office.trust);
        let classification = classify(&office.rules, &mail);
        milliseconds = milliseconds.min(milliseconds_worked() - start);
        outcome.clone_from(&classification.signals[0].rule);
    }
    #[expect(clippy::cast_precision_loss, reason = "a size in megabytes")]
    let mail_itself = bytes.len() as f64 / f64::from(1 << 20);
    Cost {
        case: monster.name.to_owned(),
        bytes: bytes.len(),
        milliseconds: milliseconds.round(),
        megabytes: (resident_megabytes("VmHWM") - before + mail_itself).round(),
        outcome,
    }
}

/// How long this thread has been running (kernel documentation, `sched-stats`).
fn milliseconds_worked() -> f64 {
    let status = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanoseconds: f64 = status.split(' ').next().unwrap().parse().unwrap();
    nanoseconds / 1_000_000.0
}

/// Sets the peak back to what is held now (proc(5), `clear_refs`).
fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

fn resident_megabytes(field: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}
