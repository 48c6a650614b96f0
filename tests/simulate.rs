//! What a team lead asks before Christmas: what happens if a notice comes in then? Answered by the program, with the rules of
//! the example municipality.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::{Command, Output};

fn simulate(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_koppelwacht"))
        .arg("simulate")
        .args(arguments)
        .env_remove("KOPPELWACHT_CONFIG")
        .output()
        .unwrap()
}

/// A koppeling twenty minutes before the office closes for Christmas.
const CHRISTMAS_EVE: [&str; 4] = ["--type", "coa.koppeling", "--at", "2026-12-24 16:40"];

fn story(more: &[&str]) -> String {
    let output = simulate(&[&CHRISTMAS_EVE, more].concat());
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn nobody_acts_on_christmas_eve_while_two_are_away() {
    let told = story(&["--absent", "f.elamrani,j.hendriks", "--days", "6"]);
    insta::assert_snapshot!("nobody-acts", told);
}

#[test]
fn the_lead_takes_it_after_christmas_and_forgets_it() {
    let told = story(&["--acts", "s.deboer after 90h", "--days", "6"]);
    insta::assert_snapshot!("taken-and-forgotten", told);
}

#[test]
fn another_caseload_can_be_looked_at() {
    let told = story(&["--caseload", "triage", "--days", "1"]);
    assert!(
        told.starts_with("coa.koppeling in triage, due Tue 2026-12-29 17:00\n"),
        "{told}"
    );
    assert!(told.contains("told m.kuipers as holder"), "{told}");
}

#[test]
fn what_cannot_be_asked_is_said_in_one_line() {
    for (arguments, told) in [
        (
            &["--type", "coa.kopeling", "--at", "2026-12-24 16:40"][..],
            "is not a type in the rules",
        ),
        (
            &["--type", "mail.onbestelbaar", "--at", "2026-12-24 16:40"],
            "no task is opened",
        ),
        (&["--type", "coa.koppeling", "--at", "kerst"], "is no moment"),
        (
            &[&CHRISTMAS_EVE[..], &["--absent", "piet"]].concat(),
            "`piet` is not a person",
        ),
        (
            &[&CHRISTMAS_EVE[..], &["--absent", "m.kuipres"]].concat(),
            "did you mean `m.kuipers`?",
        ),
        (
            &[&CHRISTMAS_EVE[..], &["--acts", "piet after 3h"]].concat(),
            "`piet` is not a person",
        ),
        (
            &[&CHRISTMAS_EVE[..], &["--acts", "s.deboer straks"]].concat(),
            "s.deboer after 3h",
        ),
        (
            &[&CHRISTMAS_EVE[..], &["--caseload", "nergens"]].concat(),
            "no caseload `nergens`",
        ),
    ] {
        let output = simulate(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        let last = error.lines().last().unwrap();
        assert!(last.contains(told) && error.lines().count() == 2, "{error}");
    }
}

#[test]
fn mail_arrives_at_once_so_no_letter_waits_for_the_mail_server() {
    for at in ["2026-12-23 10:00", "2026-12-24 16:40", "2026-12-26 03:00"] {
        for absent in ["m.kuipers", "f.elamrani", "f.elamrani,j.hendriks"] {
            let output = simulate(&["--type", "coa.koppeling", "--at", at, "--absent", absent]);
            let told = String::from_utf8_lossy(&output.stdout);
            assert!(told.contains("as team lead"), "{told}");
            assert!(
                !told.contains("waits for the mail server"),
                "{absent} away at {at}: {told}"
            );
        }
    }
}
