//! Years in the life of an office: everything happens at once, and after each step everything is still as promised.
//!
//! # What happens
//! Random rules, people, part-time weeks, leave, illness that nobody knows of, mails of all types, answers, automatic
//! answers, letters that are refused or come back, tasks that are taken and forgotten, or handled by mistake and opened again,
//! rules that change, outages, and a program that is killed between any two commits. All of it goes through the real desk, the real decisions and a real
//! ledger. Time is moved from one thing that happens to the next; nothing sleeps.
//!
//! # What must be so
//! See `watch`, after each step: every mail is in the ledger once; what is critical has a next moment, no further away than its rung; no rung
//! fires twice; nobody is told who is known not to be there; whoever is passed over costs no time; an absence takes from
//! somebody what they have; after *done* there is silence until it is opened again, and then somebody is told at once; and **no critical notice lies unread longer than the proof of
//! cover says**, of that day, with as many more people away as there are. And in the end: every koppeling became something
//! critical, somebody handled it, and the books are right.
//!
//! # How to run it
//! `cargo test --test years` lives through a hundred years. `YEARS=10000 SEED=7 cargo test --release --test years
//! -- --nocapture` through more, and others. What fails is told as a story, the shortest that was found.
#![expect(clippy::unwrap_used, reason = "what cannot be set up has failed")]

mod bound;
mod hand;
mod mails;
mod people;
mod plan;
mod program;
mod run;
#[path = "../support/mod.rs"]
mod support;
mod tally;
mod watch;
mod words;
mod world;

use std::cell::Cell;
use std::fmt;

use hand::Defect;
use plan::{Plan, plan as any_plan};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use tally::{Tally, Violation};
use tokio::runtime::Runtime;

fn number(name: &str, usual: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.map_or(usual, |text| text.parse().unwrap())
}

/// A plan that went wrong.
struct Failure {
    seed: u64,
    plan: Plan,
    violation: Violation,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            seed,
            plan,
            violation,
        } = self;
        write!(f, "{violation}in this story (YEARS=0 SEED={seed}):\n{plan}")
    }
}

/// Lives through the plan of this number; when that goes wrong, through ever shorter ones that go wrong as well.
fn live_through(
    runtime: &Runtime,
    seed: u64,
    defect: Option<Defect>,
    shrink: u32,
) -> Result<Tally, Box<Failure>> {
    let config = Config {
        cases: 1,
        max_shrink_iters: shrink,
        failure_persistence: None,
        ..Config::default()
    };
    let bytes: Vec<u8> = [seed, !seed].iter().flat_map(|half| half.to_le_bytes()).collect();
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::XorShift, &bytes));
    let tally = Cell::new(Tally::default());
    let outcome = runner.run(&any_plan(), |plan| {
        let lived = runtime.block_on(run::live(&plan, defect));
        let lived = lived.map_err(|violation| TestCaseError::fail(violation.what))?;
        tally.set(lived);
        Ok(())
    });
    match outcome {
        Ok(()) => Ok(tally.get()),
        Err(TestError::Fail(_, plan)) => {
            let lived = runtime.block_on(run::live(&plan, defect));
            let violation = lived.expect_err("it went wrong before");
            Err(Box::new(Failure {
                seed,
                plan,
                violation,
            }))
        }
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}

/// Lives through plan after plan until so many years have passed, or one goes wrong.
fn live_for(
    years: f64,
    first: u64,
    step: u64,
    defect: Option<Defect>,
    shrink: u32,
) -> Result<Tally, Box<Failure>> {
    // No sockets: a runtime that watches none is woken for less.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let mut all = Tally::default();
    let mut seed = first;
    loop {
        all.add(&live_through(&runtime, seed, defect, shrink)?);
        seed = seed.wrapping_add(step);
        if all.years() >= years {
            return Ok(all);
        }
    }
}

/// The same on every core, each with plans of its own.
fn live_on_all_cores(years: u64, first: u64) -> Result<Tally, Box<Failure>> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let share = f64::from(u32::try_from(years).unwrap()) / f64::from(u32::try_from(cores).unwrap());
    let mut all = Tally::default();
    std::thread::scope(|scope| {
        let lives: Vec<_> = (0..cores)
            .map(|core| scope.spawn(move || live_for(share, first.wrapping_add(core), cores, None, 400)))
            .collect();
        for life in lives {
            all.add(&life.join().unwrap()?);
        }
        Ok(all)
    })
}

#[test]
fn whatever_happens_every_promise_is_kept() {
    match live_on_all_cores(number("YEARS", 100), number("SEED", 1)) {
        Ok(tally) => println!("{tally}"),
        Err(failure) => panic!("{failure}"),
    }
}

#[test]
fn each_planted_defect_is_noticed() {
    for defect in Defect::ALL {
        match live_for(60.0, 1, 1, Some(defect), 0) {
            Ok(tally) => panic!("{defect:?} went unnoticed: {tally}"),
            Err(failure) => assert!(
                failure.violation.what.contains(defect.complaint()),
                "{defect:?}: {failure}"
            ),
        }
    }
}
