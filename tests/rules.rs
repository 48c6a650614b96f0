//! Rules folders with a mistake in them, and what is said about each. A case in `tests/rules/` holds the files that
//! differ from the rules that come with the program; `tests/snapshots/` holds the findings.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::fs;
use std::path::Path;

use jiff::civil::{date, time};
use koppelwacht::domain::{CaseloadId, PersonId, SourceId};
use koppelwacht::findings::Findings;
use koppelwacht::rules::{Part, Rank, Rules};
use regex::{Captures, Regex};
use tempfile::TempDir;

/// The shipped rules in a folder, with the files of `overlay` instead or besides.
fn rules_with(overlay: Option<&Path>) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in Rules::shipped_files() {
        write(&dir.path().join(name), text.as_bytes());
    }
    if let Some(overlay) = overlay {
        copy(overlay, dir.path());
    }
    dir
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            write(&target, &fs::read(&path).unwrap());
        }
    }
}

fn write(path: &Path, content: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn load(dir: &TempDir) -> (Option<Rules>, Findings) {
    let mut findings = Findings::new();
    let rules = Rules::load(dir.path(), &mut findings);
    (rules, findings)
}

/// The same without line numbers of shipped notification types: those change with every phrase, the findings do not.
fn without_lines_of_shipped(text: &str, case: &Path) -> String {
    let place = Regex::new(r"rules/(notifications/[a-z]+\.toml):\d+(:\d+)?").unwrap();
    place
        .replace_all(text, |found: &Captures<'_>| {
            let own = case.join(&found[1]).exists();
            if own {
                found[0].to_owned()
            } else {
                format!("rules/{}:_", &found[1])
            }
        })
        .into_owned()
}

#[test]
fn whoever_leads_their_own_work_may_have_a_deputy_of_their_own() {
    let dir = rules_with(Some(Path::new("tests/rules/lead-of-their-own-work")));
    let alone = "no colleague stands in";
    assert!(load(&dir).1.to_string().contains(alone));
    let file = dir.path().join("people.toml");
    let people = fs::read_to_string(&file).unwrap();
    let own = "id = \"f.elamrani\"\n";
    let people = people.replacen(own, &format!("{own}deputies = [\"l.yilmaz\"]\n"), 1);
    write(&file, people.as_bytes());
    let findings = load(&dir).1;
    assert!(!findings.to_string().contains(alone), "{findings}");
}

#[test]
fn every_mistake_is_told_with_its_place_and_a_way_out() {
    let mut cases: Vec<_> = fs::read_dir("tests/rules")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    assert!(cases.len() >= 60, "some cases are gone: {}", cases.len());
    for case in cases {
        let dir = rules_with(Some(&case));
        let (rules, findings) = load(&dir);
        assert!(!findings.is_empty(), "{} passes", case.display());
        assert_eq!(rules.is_none(), findings.errors() > 0, "{}", case.display());
        let text = findings
            .to_string()
            .replace(&dir.path().display().to_string(), "rules");
        let text = without_lines_of_shipped(&text, &case);
        for finding in findings.iter() {
            assert!(finding.help.is_some(), "no way out: {finding}");
        }
        insta::assert_snapshot!(case.file_name().unwrap().to_str().unwrap(), text);
    }
}

#[test]
fn the_shipped_rules_are_loaded_from_a_folder_without_a_word_and_under_the_same_version() {
    let dir = rules_with(None);
    let (rules, findings) = load(&dir);
    assert_eq!(findings.to_string(), "");
    let rules = rules.unwrap();
    assert_eq!(rules.version, Rules::shipped().version);
    assert_eq!(rules.version.as_str().len(), 12);
    let of_notices = rules.types.keys().filter(|kind| kind.is_of_a_notice());
    assert_eq!((of_notices.count(), rules.chores.len()), (56, 2));
}

#[test]
fn the_version_changes_with_a_comma_and_with_the_name_of_a_file() {
    let shipped = Rules::shipped().version;
    let commented = rules_with(None);
    let path = commented.path().join("people.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text + "#\n").unwrap();
    assert_ne!(load(&commented).0.unwrap().version, shipped);
    let renamed = rules_with(None);
    fs::rename(
        renamed.path().join("people.toml"),
        renamed.path().join("mensen.toml"),
    )
    .unwrap();
    assert_ne!(load(&renamed).0.unwrap().version, shipped);
}

#[test]
fn hidden_files_and_other_files_are_not_read() {
    let dir = rules_with(None);
    write(&dir.path().join(".people.toml.swp"), b"\xff");
    write(&dir.path().join(".git/config.toml"), b"not toml");
    write(&dir.path().join("LEESMIJ.md"), b"# Regels");
    let (rules, findings) = load(&dir);
    assert_eq!(findings.to_string(), "");
    assert_eq!(rules.unwrap().version, Rules::shipped().version);
}

#[test]
fn an_empty_folder_and_none_at_all_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let mut findings = Findings::new();
    assert!(Rules::load(dir.path(), &mut findings).is_none());
    assert!(
        findings.to_string().contains("holds no rules files"),
        "{findings}"
    );
    let mut findings = Findings::new();
    assert!(Rules::load(&dir.path().join("gone"), &mut findings).is_none());
    assert!(findings.to_string().contains("cannot be searched"), "{findings}");
}

#[test]
fn a_letter_address_that_is_watched_is_refused_when_it_is_known() {
    let rules = Rules::shipped();
    let mut findings = Findings::new();
    rules.check_addresses(&["inburgering@gemeente-voorbeeld.nl".to_owned()], &mut findings);
    assert_eq!(findings.to_string(), "");
    rules.check_addresses(
        &[
            "Team-Inburgering@gemeente-voorbeeld.nl".to_owned(),
            "n.bakker@maatwerk-inburgering.nl".to_owned(),
        ],
        &mut findings,
    );
    assert_eq!(findings.errors(), 2, "{findings}");
    let told = findings.to_string();
    assert!(
        told.contains("rules/caseloads.toml:") && told.contains("rules/people.toml:"),
        "{told}"
    );
}

#[test]
fn a_rung_with_a_letter_of_its_own_is_refused_until_its_templates_are_written() {
    let dir = rules_with(None);
    let path = dir.path().join("ladders.toml");
    let text = fs::read_to_string(&path).unwrap();
    let rung = "tell = \"lead\"\nwait = \"2 wu\"\n";
    assert!(text.contains(rung));
    fs::write(
        &path,
        text.replacen(rung, &format!("{rung}letter = \"spoed\"\n"), 1),
    )
    .unwrap();
    let (rules, findings) = load(&dir);
    assert_eq!(findings.to_string(), "");
    let rules = rules.unwrap();
    let mut findings = Findings::new();
    rules.check_letters(&|letter| letter == "spoed", &mut findings);
    assert_eq!(findings.to_string(), "");
    rules.check_letters(&|_| false, &mut findings);
    assert_eq!(findings.errors(), 1);
    let told = findings.to_string();
    assert!(
        told.contains("ladders.toml:") && told.contains("`spoed.subject.hbs`"),
        "{told}"
    );
}

#[test]
fn people_teams_and_rotas_become_what_decisions_ask() {
    let dir = rules_with(None);
    write(
        &dir.path().join("zz-rooster.toml"),
        b"[[rota]]
id = \"achterwacht\"
from = 2026-11-23
turns = [\"f.elamrani\", \"j.hendriks\"]

[[rota.swap]]
week = 2026-12-07
person = \"s.deboer\"

[[team]]
id = \"avond\"
title = \"Avondteam\"
rota = \"achterwacht\"

[[caseload]]
id = \"avond\"
title = \"Avond\"
team = \"avond\"

[[route]]
caseload = \"avond\"
",
    );
    let (_, findings) = load(&dir);
    // Everything but the caseload without functional address is in order.
    assert_eq!(findings.errors(), 1, "{findings}");
    let path = dir.path().join("zz-rooster.toml");
    let text = fs::read_to_string(&path).unwrap();
    let whole = text.replace(
        "title = \"Avondteam\"",
        "title = \"Avondteam\"\nfunctional = \"avond@gemeente-voorbeeld.nl\"",
    );
    fs::write(&path, whole).unwrap();
    let rules = load(&dir).0.unwrap();

    let caseload = &rules.caseloads[&CaseloadId::new("avond")];
    assert_eq!(
        caseload.functional.as_deref(),
        Some("avond@gemeente-voorbeeld.nl")
    );
    assert_eq!(caseload.lead, None);
    let rota = &rules.rotas[caseload.rota.as_ref().unwrap()];
    let on_call = |month, day| rota.on_call(date(2026, month, day)).unwrap().as_str();
    assert_eq!(
        [on_call(11, 27), on_call(12, 1), on_call(12, 9), on_call(12, 15)],
        ["f.elamrani", "j.hendriks", "s.deboer", "j.hendriks"]
    );
    let asiel = &rules.caseloads[&CaseloadId::new("asiel")];
    assert_eq!(asiel.lead.as_ref().unwrap().as_str(), "s.deboer");

    let leyla = &rules.people[&PersonId::new("l.yilmaz")];
    let week = leyla.week.as_ref().unwrap();
    let office = (time(9, 0, 0, 0), time(17, 0, 0, 0));
    let works = |month, day| week.on(date(2026, month, day), office).collect::<Vec<_>>();
    assert_eq!(works(11, 23), [office], "a Monday");
    assert_eq!(
        works(11, 26),
        [(time(9, 0, 0, 0), time(12, 30, 0, 0))],
        "a Thursday"
    );
    assert_eq!(works(11, 27), [office], "a Friday in an even week");
    assert_eq!(works(12, 4), [], "a Friday in an odd week");
    assert_eq!(leyla.deputies, [PersonId::new("n.bakker")]);
    assert!(rules.people[&PersonId::new("n.bakker")].external);
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_linked_into_itself_is_told_and_does_not_hang() {
    let dir = rules_with(None);
    std::os::unix::fs::symlink(dir.path(), dir.path().join("rond")).unwrap();
    let (rules, findings) = load(&dir);
    assert!(rules.is_none());
    assert!(findings.to_string().contains("cannot be searched"), "{findings}");
}

#[test]
fn what_admins_write_is_what_is_recognised() {
    let dir = rules_with(None);
    let own = r#"
        [[notification]]
        id = "coa.klacht"
        title = "Klacht van een bewoner"
        kind = "actie"
        do = "Bellen"
        due = "5 wd"
        ladder = "gewoon"
        never = ["geen klacht"]

        [[notification.recognise]]
        name = "onderwerp"
        source = "coa"
        subject_any = ["klacht*"]
        all = ["bewoner*", "azc"]
        none = ["afgehandeld"]
        subject_none = ["terugblik", "test"]
    "#;
    write(&dir.path().join("eigen/klachten.toml"), own.as_bytes());
    let (rules, findings) = load(&dir);
    assert_eq!(
        findings.to_string(),
        "",
        "a type of one's own is nothing to warn of"
    );
    let recognition = rules.unwrap().recognition;
    let is_complaint = |subject: &str, text: &str, source: &str| {
        let words = recognition.read(subject, text);
        let fitting = recognition.by_words(&SourceId::new(source), Rank::Ordinary, &words);
        fitting
            .iter()
            .any(|recogniser| recogniser.rule == "coa.klacht/onderwerp")
    };
    assert!(is_complaint("Klachten", "Van twee bewoners van het azc", "coa"));
    assert!(is_complaint(
        "Klachten",
        "Van twee bewoners van het azc, geen test",
        "coa"
    ));
    assert!(!is_complaint(
        "Test: klachten",
        "Van twee bewoners van het azc",
        "coa"
    ));
    assert!(
        !is_complaint("Klachten", "Van twee bewoners van het azc", "duo"),
        "another source"
    );
    assert!(
        !is_complaint("Bericht", "Klacht van een bewoner van het azc", "coa"),
        "not in the subject"
    );
    assert!(!is_complaint("Klacht", "Van een bewoner", "coa"), "not all words");
    assert!(
        !is_complaint("Klacht: terugblik", "Van een bewoner van het azc", "coa"),
        "forbidden in the subject"
    );
    assert!(
        is_complaint("Klacht", "Van een bewoner van het azc, een terugblik", "coa"),
        "forbidden in the subject only"
    );
    assert!(
        !is_complaint("Klacht", "Van een bewoner, azc: afgehandeld", "coa"),
        "one word too many"
    );
    assert!(
        !is_complaint("Klacht", "Er is geen klacht van een bewoner, azc", "coa"),
        "never"
    );
}

#[test]
fn what_grows_old_is_told_by_the_day_on_which_it_is_checked() {
    let on = |rules: &Rules, year, month, day| {
        let mut findings = Findings::new();
        rules.check_dates(jiff::civil::date(year, month, day), &mut findings);
        findings.to_string()
    };
    let shipped = Rules::shipped();
    assert_eq!(on(&shipped, 2028, 9, 30), "");
    let autumn = on(&shipped, 2028, 10, 1);
    assert!(
        autumn.starts_with("rules/calendar.toml:") && autumn.contains("no day of 2029"),
        "{autumn}"
    );
    let dir = rules_with(None);
    let absence = "[[absence]]\nperson = \"j.hendriks\"\nfrom = 2026-12-21\nuntil = 2027-01-01\n";
    write(&dir.path().join("verlof.toml"), absence.as_bytes());
    let rules = load(&dir).0.unwrap();
    assert_eq!(on(&rules, 2027, 1, 31), "");
    assert!(on(&rules, 2027, 2, 3).contains("verlof.toml:4:9: warning: this absence is over"));
}

#[test]
fn tests_beside_the_rules_are_no_part_of_them() {
    let dir = rules_with(None);
    write(
        &dir.path().join("tests/eigen.toml"),
        b"[[test]]\nmail = \"x.eml\"\n",
    );
    let (rules, findings) = load(&dir);
    assert_eq!(findings.to_string(), "");
    assert_eq!(rules.unwrap().version, Rules::shipped().version);
}

#[test]
fn it_is_told_where_the_words_of_a_rule_stand() {
    let rules = Rules::shipped();
    let text = "Geachte relatie,\nDe status\u{AD}houder is GEKOPPELD aan uw gemeente.";
    let trials = rules
        .recognition
        .trials(&SourceId::new("coa"), "Bericht", text, &[]);
    let fitting: Vec<_> = trials.iter().filter(|trial| trial.fits).collect();
    assert!(
        fitting.iter().all(|trial| trial.kind.as_str() == "coa.koppeling"),
        "{fitting:?}"
    );
    let hits = || fitting.iter().flat_map(|trial| &trial.hits);
    let hit = hits().find(|hit| hit.phrase == "gekoppeld").unwrap();
    assert_eq!(
        (hit.list, hit.part, &text[hit.span.clone()]),
        ("all", Part::Text, "GEKOPPELD")
    );
    let near = trials
        .iter()
        .find(|trial| trial.rule == "coa.koppeling/koppeling-van-mensen");
    assert_eq!(near.unwrap().missing, ["all: koppeling*"]);
    let withdrawn = rules
        .recognition
        .trials(&SourceId::new("coa"), "Niet langer gekoppeld", "", &[]);
    let koppeling = withdrawn
        .iter()
        .find(|trial| trial.rule == "coa.koppeling/gekoppeld")
        .unwrap();
    assert!(!koppeling.fits);
    assert!(
        koppeling
            .hits
            .iter()
            .any(|hit| hit.forbids && hit.list == "never" && hit.part == Part::Subject)
    );
    let coded = rules
        .recognition
        .trials(&SourceId::new("duo"), "Signaal SS 107", "", &["SS107".to_owned()]);
    let coded = coded
        .iter()
        .find(|trial| trial.fits && trial.rule == "duo.ss107/signaal")
        .unwrap();
    assert_eq!(coded.hits[0].list, "codes");
    assert_eq!(coded.hits[0].span, 8..14);
}
