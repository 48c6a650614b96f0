//! The cover week by week as a picture: its numbers are those of the proof, and it is written where somebody asked for it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use jiff::Timestamp;
use jiff::civil::{Date, date};
use koppelwacht::app::Installation;
use koppelwacht::cover::{Proof, Scope, in_hours, prove};
use koppelwacht::domain::{Away, CaseloadId, Leave, PersonId};
use koppelwacht::findings::Findings;
use regex::Regex;

fn installation() -> Installation {
    Installation::load(None, &mut Findings::new()).unwrap()
}

fn now() -> Timestamp {
    "2026-11-28T12:00:00Z".parse().unwrap()
}

/// Before Christmas two are on leave and the lead has a day off; in May two are away together.
fn leave(installation: &Installation) -> Vec<Away> {
    let calendar = &installation.office.rules.calendar;
    let leave = |person: &str, from, until| {
        Leave {
            person: PersonId::new(person),
            from,
            until: Some(until),
        }
        .away(calendar)
    };
    vec![
        leave("f.elamrani", date(2026, 12, 14), date(2027, 1, 1)),
        leave("j.hendriks", date(2026, 12, 21), date(2027, 1, 8)),
        leave("s.deboer", date(2026, 12, 24), date(2026, 12, 24)),
        leave("j.hendriks", date(2027, 5, 10), date(2027, 5, 14)),
        leave("s.deboer", date(2027, 5, 10), date(2027, 5, 14)),
    ]
}

fn proved(installation: &Installation, until: Date) -> Proof {
    let scope = Scope {
        from: date(2026, 11, 28),
        until,
        absent: 2,
    };
    prove(&installation.office.rules, &leave(installation), scope)
}

/// The numbers of a picture, page by page: of a week and a row.
fn numbers(picture: &str) -> Vec<BTreeMap<(String, String), String>> {
    let number = Regex::new(r#"<text data-row="([^"]+)" data-week="([^"]+)"[^>]*>([^<]*)</text>"#).unwrap();
    let pages = picture.split("<g transform=").skip(1);
    pages
        .map(|page| {
            let numbers = number.captures_iter(page);
            numbers
                .map(|hit| ((hit[2].to_owned(), hit[1].to_owned()), hit[3].trim().to_owned()))
                .collect()
        })
        .collect()
}

#[test]
fn every_number_of_the_picture_is_one_of_the_proof() {
    let installation = installation();
    let proof = proved(&installation, date(2027, 12, 4));
    let pages = numbers(&installation.chart(&proof, now()));
    assert_eq!(pages.len(), 3, "a page for each caseload");
    for ((caseload, weeks), page) in proof.weeks().into_iter().zip(pages) {
        let mut expected = BTreeMap::new();
        for week in &weeks {
            let mut number = |row: String, number| expected.insert((week.first.to_string(), row), number);
            for (absent, worst) in week.worst.iter().enumerate() {
                number(absent.to_string(), in_hours(worst.after));
            }
            let nobody = week.nobody_by_name.as_ref();
            let nobody = nobody.map_or("–".to_owned(), |read| read.away.len().to_string());
            number("nobody".to_owned(), nobody);
        }
        assert_eq!(page, expected, "{caseload}");
        assert_eq!(weeks.len(), 53, "{caseload}");
    }
    let worst_of_all = |weeks: &[koppelwacht::cover::Week], absent: usize| {
        weeks.iter().map(|week| week.worst[absent].after).max().unwrap()
    };
    for (caseload, weeks) in proof.weeks() {
        let covers = proof.covers.iter().filter(|cover| cover.caseload == *caseload);
        for absent in 0..=2 {
            let worst = covers
                .clone()
                .map(|cover| cover.worst[absent].after)
                .max()
                .unwrap();
            assert_eq!(
                worst_of_all(&weeks, absent),
                worst,
                "{caseload}: what arrives in no week?"
            );
        }
    }
}

#[test]
fn a_picture_of_some_weeks() {
    let mut installation = installation();
    let mut proof = proved(&installation, date(2027, 1, 4));
    proof.covers.retain(|cover| cover.caseload.as_str() == "asiel");
    let version = installation.office.rules.version.to_string();
    let picture = installation.chart(&proof, now());
    insta::assert_snapshot!("asiel", picture.replace(&version, "VERSION"));

    let caseloads = &mut installation.office.rules.caseloads;
    let asiel = caseloads.get_mut(&CaseloadId::new("asiel")).unwrap();
    asiel.title = "Noord & Zuid <b>\"1\"</b>".to_owned();
    let picture = installation.chart(&proof, now());
    assert!(picture.contains("Noord &amp; Zuid &lt;b&gt;"), "{picture}");
    assert!(!picture.contains("<b>"));
}

fn koppelwacht(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_koppelwacht");
    let command = &mut Command::new(program);
    command
        .args(arguments)
        .env_remove("KOPPELWACHT_CONFIG")
        .output()
        .unwrap()
}

#[test]
fn check_writes_the_picture_where_it_is_told_to_and_says_when_it_cannot() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vervanging.svg");
    let svg = |path: &Path| koppelwacht(&["check", "--no-tests", "--svg", path.to_str().unwrap()]);
    let written = svg(&file);
    assert_eq!(written.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&written.stdout).contains("cover from"));
    let picture = std::fs::read_to_string(&file).unwrap();
    assert!(picture.starts_with("<svg") && numbers(&picture).len() == 3);

    let nowhere = svg(&folder.path().join("weg/vervanging.svg"));
    assert_eq!(nowhere.status.code(), Some(2));
    let told = String::from_utf8_lossy(&nowhere.stderr);
    assert!(
        told.contains("the picture cannot be written to") && told.contains("weg/vervanging.svg"),
        "{told}"
    );
}

#[test]
fn rules_with_mistakes_are_not_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let (file, config) = (
        folder.path().join("vervanging.svg"),
        folder.path().join("koppelwacht.toml"),
    );
    std::fs::write(&config, "rules = \"weg\"\n").unwrap();
    let output = koppelwacht(&[
        "check",
        "--svg",
        file.to_str().unwrap(),
        "--config",
        config.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(!file.exists());
}
