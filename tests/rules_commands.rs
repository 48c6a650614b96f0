//! What an admin types: `init`, `check`, `explain`, `rules print` and `rules schema`.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use jiff::civil::date;
use koppelwacht::app::{Approval, Form, Installation};
use koppelwacht::domain::{Effect, Period, PersonId, Recurrence, Rota, RotaId, Term, TypeId};
use koppelwacht::findings::Findings;
use serde_json::Value as Json;

fn koppelwacht(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_koppelwacht"))
        .args(arguments)
        .env("NO_COLOR", "1")
        .env_remove("KOPPELWACHT_CONFIG")
        .output()
        .unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The answers of a municipality with three caseloads.
const ANSWERS: [&str; 20] = [
    "--municipality",
    "Gemeente \"Zuid\" aan Zee",
    "--domain",
    "zuidaanzee.nl",
    "--person",
    "a.smit=Anna Smit",
    "--person",
    "b.bos=Bas Bos <bas.bos@zuidaanzee.nl>",
    "--person",
    "c.kok=Chris Kok",
    "--caseload",
    "status=a.smit,b.bos",
    "--caseload",
    "gezin-en-overig=b.bos,a.smit",
    "--caseload",
    "voordeur=b.bos,a.smit",
    "--functional-address",
    "team@zuidaanzee.nl",
    "--lead",
    "c.kok",
];

fn init(dir: &Path, answers: &[&str]) -> Output {
    let dir = dir.display().to_string();
    let arguments: Vec<&str> = ["init", &dir]
        .into_iter()
        .chain(answers.iter().copied())
        .collect();
    koppelwacht(&arguments)
}

#[test]
fn what_init_writes_passes_check_with_all_its_tests_and_without_a_word() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("nieuw");
    let output = init(&dir, &ANSWERS);
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(
        out(&output).contains("koppelwacht check --config"),
        "{}",
        out(&output)
    );
    let config = dir.join("koppelwacht.toml").display().to_string();
    let output = koppelwacht(&["check", "--config", &config]);
    assert_eq!(code(&output), 0, "{}", out(&output));
    let said = out(&output);
    assert!(
        said.starts_with("rules ")
            && said
                .contains("56 notification types, 3 caseloads, 3 people, 54 tests run\nfiles: not here yet")
            && said.contains("\nsilence: nobody is asked when nothing comes from coa or duo; ")
            && said.contains("\ncover from "),
        "{said}"
    );
    let settings = fs::read_to_string(&config).unwrap();
    assert!(
        settings.contains("rules = \"rules\"") && !settings.contains("voorbeeld"),
        "{settings}"
    );
    assert!(
        settings.contains("\n# admin = "),
        "nobody's address is made up: {settings}"
    );
    let drills = fs::read_to_string(dir.join("rules/drills.toml")).unwrap();
    assert!(
        drills.contains("\n# to = \"inburgering@zuidaanzee.nl\"\n"),
        "a drill is not sent to the example municipality: {drills}"
    );
    insta::assert_snapshot!(
        "init_people",
        fs::read_to_string(dir.join("rules/people.toml")).unwrap()
    );
    insta::assert_snapshot!(
        "init_caseloads",
        fs::read_to_string(dir.join("rules/caseloads.toml")).unwrap()
    );
    let tests = fs::read_to_string(dir.join("rules/tests/coa.toml")).unwrap();
    assert!(tests.contains("caseload = \"status\"") && !tests.contains("\"asiel\""));
}

#[test]
fn the_way_to_begin_that_the_explanation_shows_works_as_it_stands() {
    let explanation = fs::read_to_string("rules/README.md").unwrap();
    let blocks = explanation.split("```").map(str::trim);
    let example = blocks
        .into_iter()
        .find(|block| block.starts_with("koppelwacht init"));
    let place = tempfile::tempdir().unwrap();
    let program = format!("\"{}\" init", env!("CARGO_BIN_EXE_koppelwacht"));
    let output = Command::new("sh")
        .args(["-c", &example.unwrap().replacen("koppelwacht init", &program, 1)])
        .current_dir(place.path())
        .output()
        .unwrap();
    assert_eq!(code(&output), 0, "{}", err(&output));
    let config = place.path().join("koppelwacht-duinrand/koppelwacht.toml");
    let output = koppelwacht(&["check", "--config", &config.display().to_string()]);
    assert_eq!(
        (code(&output), err(&output)),
        (0, String::new()),
        "{}",
        out(&output)
    );
    assert!(
        out(&output).starts_with("rules "),
        "not a warning: {}",
        out(&output)
    );
    // Tom leads all caseloads, also the one whose tasks he handles first, and is told of each task once.
    let caseloads = fs::read_to_string(config.with_file_name("rules").join("caseloads.toml")).unwrap();
    assert_eq!(
        caseloads.matches("\nlead = \"t.maas\"\n").count(),
        3,
        "{caseloads}"
    );
    let config = config.display().to_string();
    let asked = [
        "--caseload",
        "gezin",
        "--at",
        "2026-12-22 10:00",
        "--config",
        &config,
    ];
    let output = koppelwacht(&[&["simulate", "--type", "coa.koppeling"][..], &asked].concat());
    let told = out(&output);
    assert_eq!(told.matches("told t.maas").count(), 1, "{told}");
    assert!(
        told.contains("skipped team lead: t.maas was told already"),
        "{told}"
    );
}

#[test]
fn the_one_who_looks_after_the_rules_can_be_named_at_the_start() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("nieuw");
    let mut answers = ANSWERS.to_vec();
    answers.extend(["--admin", "Beheer@zuidaanzee.nl"]);
    let output = init(&dir, &answers);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let settings = fs::read_to_string(dir.join("koppelwacht.toml")).unwrap();
    assert!(
        settings.contains("\nadmin = \"beheer@zuidaanzee.nl\"\n"),
        "{settings}"
    );
    let wrong = init(
        &place.path().join("ander"),
        &[&ANSWERS[..], &["--admin", "beheer"]].concat(),
    );
    assert_eq!(code(&wrong), 2, "{}", out(&wrong));
}

#[test]
fn init_writes_over_nothing_and_leaves_nothing_behind_when_the_answers_do_not_fit() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("brief.txt"), "van mij").unwrap();
    let output = init(place.path(), &ANSWERS);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("is not empty"), "{}", err(&output));
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);

    let dir = place.path().join("nieuw");
    let wrong = ANSWERS.map(|answer| answer.replace("status=a.smit", "status=a.smid"));
    let wrong: Vec<&str> = wrong.iter().map(String::as_str).collect();
    let output = init(&dir, &wrong);
    assert_eq!(code(&output), 2);
    assert!(
        err(&output).contains("there is no person `a.smid`")
            && err(&output).contains("did you mean `a.smit`?")
    );
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 0, "nothing is left");

    let wrong = ANSWERS.map(|answer| answer.replace("team@zuidaanzee.nl", "team"));
    let wrong: Vec<&str> = wrong.iter().map(String::as_str).collect();
    let output = init(&dir, &wrong);
    assert!(
        err(&output).contains("`team` is no mail address"),
        "{}",
        err(&output)
    );
    let output = init(&dir, &["--municipality", "X"]);
    assert_eq!(code(&output), 2, "clap asks for the rest");
}

#[test]
fn init_that_cannot_write_everything_leaves_nothing_behind() {
    let place = tempfile::tempdir().unwrap();
    // A folder so deep that its settings can be written, and not all of its rules: no path is longer than 4095 bytes.
    let wanted = 4095 - "/koppelwacht.toml".len();
    let mut dir = place.path().to_owned();
    while dir.as_os_str().len() < wanted {
        let rest = wanted - dir.as_os_str().len() - 1;
        // Whatever is left after this one holds a name too.
        dir.push("d".repeat(if rest > 250 { 200 } else { rest }));
    }
    assert_eq!(dir.as_os_str().len(), wanted);
    let output = init(&dir, &ANSWERS);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("cannot be written"), "{}", err(&output));
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 0, "nothing is left");
}

#[test]
fn one_caseload_and_one_person_are_enough_to_start() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("klein");
    let answers = [
        "--municipality",
        "Klein",
        "--domain",
        "klein.nl",
        "--person",
        "a=Anna 'de \\ Beer\"",
        "--caseload",
        "alles=a",
        "--functional-address",
        "team@klein.nl",
    ];
    let output = init(&dir, &answers);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let mut findings = Findings::new();
    let installation = Installation::load(Some(&dir.join("koppelwacht.toml")), &mut findings).unwrap();
    assert_eq!(
        installation.office.rules.people.values().next().unwrap().name,
        "Anna 'de \\ Beer\""
    );
}

#[test]
fn check_says_from_whom_silence_is_not_noticed_until_that_is_switched_on() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("nieuw");
    assert_eq!(code(&init(&dir, &ANSWERS)), 0);
    let config = dir.join("koppelwacht.toml").display().to_string();
    let sources = dir.join("rules/sources.toml");
    let check = || out(&koppelwacht(&["check", "--no-tests", "--config", &config]));
    let one = fs::read_to_string(&sources)
        .unwrap()
        .replace("# silence =", "silence =");
    fs::write(&sources, &one).unwrap();
    assert!(check().contains("nothing comes from coa; to be,"), "{}", check());
    let both = one.replace("id = \"coa\"\n", "id = \"coa\"\nsilence = \"6 wd\"\n");
    fs::write(&sources, both).unwrap();
    assert!(!check().contains("silence:"), "{}", check());
    let json = koppelwacht(&["check", "--no-tests", "--json", "--config", &config]);
    assert_eq!(
        (code(&json), out(&json)),
        (0, String::new()),
        "advice is no finding"
    );
}

#[test]
fn a_test_that_fails_fails_the_check_unless_tests_are_left_out() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("nieuw");
    assert_eq!(code(&init(&dir, &ANSWERS)), 0);
    let own = "[[test]]\nmail = \"mails/coa-koppeling.eml\"\nreceived = \"2026-11-24 10:00\"\ntype = \"coa.verhuizing\"\n";
    fs::write(dir.join("rules/tests/eigen.toml"), own).unwrap();
    let config = dir.join("koppelwacht.toml").display().to_string();
    let output = koppelwacht(&["check", "--json", "--config", &config]);
    assert_eq!(code(&output), 1);
    let finding: Json = serde_json::from_str(out(&output).lines().next().unwrap()).unwrap();
    assert_eq!(
        (&finding["line"], &finding["column"]),
        (&Json::from(4), &Json::from(8)),
        "{finding}"
    );
    assert_eq!(
        code(&koppelwacht(&["check", "--no-tests", "--config", &config])),
        0
    );
}

#[test]
fn explain_shows_what_was_read_what_was_tried_and_where_words_stand() {
    for (name, mail) in [
        ("explain_koppeling", "rules/tests/mails/coa-koppeling.eml"),
        ("explain_signal", "rules/tests/mails/duo-ss107.eml"),
        ("explain_nothing_fits", "rules/tests/mails/coa-geen-koppeling.eml"),
        ("explain_forged", "rules/tests/mails/nep-coa.eml"),
    ] {
        let output = koppelwacht(&["explain", mail]);
        assert_eq!(code(&output), 0, "{}", err(&output));
        insta::assert_snapshot!(name, out(&output));
    }
}

#[test]
fn matches_in_json_say_line_column_and_words() {
    let output = koppelwacht(&["explain", "--json", "rules/tests/mails/coa-koppeling.eml"]);
    let line: Json = serde_json::from_str(&out(&output)).unwrap();
    let keys: Vec<&String> = line.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "codes",
            "file",
            "matches",
            "references",
            "rule",
            "sender",
            "tasks",
            "types",
            "why"
        ],
        "what scripts read stays as it is"
    );
    assert!(
        out(&output).find("\"matches\"") > out(&output).find("\"why\""),
        "it comes after the others"
    );
    let found = line["matches"]
        .as_array()
        .unwrap()
        .iter()
        .find(|found| found["phrase"] == "gekoppeld" && found["fits"] == true);
    let found = found.unwrap();
    assert_eq!(
        (&found["fits"], &found["part"], &found["found"]),
        (&true.into(), &"text".into(), &"gekoppeld".into())
    );
    assert_eq!(
        (&found["line"], &found["column"]),
        (&Json::from(3), &Json::from(79))
    );
}

#[test]
fn the_adopted_process_is_one_document_in_plain_dutch() {
    let installation = Installation::load(None, &mut Findings::new()).unwrap();
    let approval = Approval {
        by: Some("M. de Wit, teammanager".to_owned()),
        on: Some(date(2026, 11, 25)),
    };
    for (name, form) in [("process.md", Form::Markdown), ("process.html", Form::Html)] {
        let text = installation.process(&approval, date(2026, 11, 25), form).unwrap();
        let version = installation.office.rules.version.as_str();
        assert_eq!(text.matches(version).count(), 1, "the version is there");
        insta::assert_snapshot!(name, text.replace(version, "VERSIE"));
        for kind in installation.office.rules.types.values() {
            assert!(text.contains(kind.id.as_str()), "{} is not in {name}", kind.id);
        }
    }
    let unsigned = installation
        .process(&Approval::default(), date(2026, 11, 25), Form::Markdown)
        .unwrap();
    assert!(unsigned.contains("Nog niet vastgesteld."));
}

#[test]
fn the_adopted_process_says_how_a_law_counts_once_a_term_is_one_of_a_law() {
    let mut installation = Installation::load(None, &mut Findings::new()).unwrap();
    let kind = TypeId::new("coa.klantprofiel");
    let Effect::Task { due, .. } = &mut installation.office.rules.types.get_mut(&kind).unwrap().effect else {
        panic!("a task");
    };
    *due = Term::Statutory(Period::Weeks(11));
    for form in [Form::Markdown, Form::Html] {
        let text = installation
            .process(&Approval::default(), date(2026, 11, 25), form)
            .unwrap();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(text.matches("11 weken").count(), 1);
        assert_eq!(
            text.matches("komt uit een wet. Dan telt elke dag mee").count(),
            1,
            "{text}"
        );
    }
}

#[test]
fn the_adopted_process_tells_of_drills_once_they_are_planned() {
    let mut installation = Installation::load(None, &mut Findings::new()).unwrap();
    let said = "elke eerste maandag van de maand om 10:00 uur";
    for (times, words, expected) in [
        (None, said, 0),
        (Some("0 10 1-7 * Mon"), said, 1),
        (Some("0 10 8-14 * Mon"), "0 10 8-14 * Mon", 1),
    ] {
        installation.office.rules.drills.at = times.and_then(|times| Recurrence::parse(times).ok());
        for form in [Form::Markdown, Form::Html] {
            let text = installation
                .process(&Approval::default(), date(2026, 11, 25), form)
                .unwrap();
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(text.matches(words).count(), expected, "{text}");
            let told = "Pakt niemand de taak binnen 2 werkdagen op, dan krijgt de teamleider bericht.";
            assert_eq!(text.matches(told).count(), expected, "{text}");
        }
    }
}

#[test]
fn the_adopted_process_says_who_is_on_call_for_the_coming_weeks() {
    let mut installation = Installation::load(None, &mut Findings::new()).unwrap();
    let rules = &mut installation.office.rules;
    let id = RotaId::new("achterwacht");
    let rota = Rota {
        id: id.clone(),
        from: date(2026, 11, 30),
        turns: vec![PersonId::new("f.elamrani"), PersonId::new("j.hendriks")],
        swaps: [(date(2026, 12, 14), PersonId::new("s.deboer"))].into(),
    };
    rules.rotas.insert(id.clone(), rota);
    for caseload in rules.caseloads.values_mut() {
        caseload.rota = Some(id.clone());
    }
    let text = installation
        .process(&Approval::default(), date(2026, 11, 25), Form::Markdown)
        .unwrap();
    let start = text.find("### Achterwacht").unwrap();
    let end = text.find("## Als niemand").unwrap();
    insta::assert_snapshot!("process-rota.md", &text[start..end]);
}

#[test]
fn a_name_cannot_become_markup() {
    let mut installation = Installation::load(None, &mut Findings::new()).unwrap();
    installation.settings.identity.municipality = "<script>alert(1)</script>".to_owned();
    let page = installation
        .process(&Approval::default(), date(2026, 11, 25), Form::Html)
        .unwrap();
    assert!(!page.contains("<script>") && page.contains("&lt;script&gt;"));
}

#[test]
fn print_and_schema_answer_on_the_command_line() {
    let output = koppelwacht(&[
        "rules",
        "print",
        "--approved-by",
        "M. de Wit",
        "--approved-on",
        "2026-11-25",
    ]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(out(&output).contains("Vastgesteld door: M. de Wit, op woensdag 25 november 2026."));
    assert_eq!(
        code(&koppelwacht(&["rules", "print", "--approved-on", "2026-11-25"])),
        2,
        "by whom?"
    );
    assert!(out(&koppelwacht(&["rules", "print", "--html"])).starts_with("<!DOCTYPE html>"));
    for (arguments, file) in [
        (&["rules", "schema"][..], "rules/schema.json"),
        (&["rules", "schema", "--tests"], "rules/tests/schema.json"),
    ] {
        assert_eq!(out(&koppelwacht(arguments)), fs::read_to_string(file).unwrap());
    }
}

#[test]
fn a_reader_that_stops_early_is_no_defect() {
    let mail = "rules/tests/mails/duo-ss107.eml";
    for (arguments, noted) in [
        (&["check"][..], 1),
        (&["rules", "print"], 1),
        (&["rules", "schema"], 0),
        (&["explain", mail, mail], 1),
        (&["explain", "--json", mail], 1),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = Command::new(env!("CARGO_BIN_EXE_koppelwacht"))
            .args(arguments)
            .env_remove("KOPPELWACHT_CONFIG")
            .stdout(writer)
            .output()
            .unwrap();
        let said = err(&output);
        assert_eq!(
            (code(&output), said.lines().count()),
            (0, noted),
            "{arguments:?}: {said}"
        );
    }
}

#[test]
fn whoever_names_no_settings_gets_the_installed_ones_or_hears_that_it_is_the_example() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("nieuw");
    assert_eq!(code(&init(&dir, &ANSWERS)), 0);
    let config = dir.join("koppelwacht.toml");
    let notice = "rules/tests/mails/coa-koppeling.eml";
    let at = ["--type", "coa.koppeling", "--at", "2026-12-23 10:00"];
    for (arguments, own, example) in [
        (&["check", "--no-tests"][..], "status", "gezinsmigranten"),
        (&["explain", notice], "to      status", "to      asiel"),
        (
            &[&["simulate"][..], &at].concat(),
            "told a.smit",
            "told f.elamrani",
        ),
        (&["rules", "print"], "aan Zee", "Gemeente Voorbeeld"),
    ] {
        let installed = Command::new(env!("CARGO_BIN_EXE_koppelwacht"))
            .args(arguments)
            .env("KOPPELWACHT_CONFIG", &config)
            .output()
            .unwrap();
        assert_eq!(
            (code(&installed), err(&installed)),
            (0, String::new()),
            "{arguments:?}"
        );
        let said = out(&installed);
        assert!(
            said.contains(own) && !said.contains(example),
            "{arguments:?}: {said}"
        );

        let nowhere = koppelwacht(arguments);
        let (said, noted) = (out(&nowhere), err(&nowhere));
        assert_eq!(code(&nowhere), 0, "{noted}");
        assert!(
            said.contains(example) && !said.contains(own),
            "{arguments:?}: {said}"
        );
        assert!(
            noted.contains("this is about the example municipality") && noted.lines().count() == 1,
            "{arguments:?}: {noted}"
        );
    }
    let broken = fs::read_to_string(dir.join("rules/people.toml")).unwrap() + "\n[people.x]\n";
    fs::write(dir.join("rules/people.toml"), broken).unwrap();
    let check = Command::new(env!("CARGO_BIN_EXE_koppelwacht"))
        .args(["check", "--no-tests"])
        .env("KOPPELWACHT_CONFIG", &config)
        .output()
        .unwrap();
    assert_eq!(code(&check), 1, "one's own rules are looked at: {}", out(&check));
}
