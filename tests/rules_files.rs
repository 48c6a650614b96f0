//! The rules files as admins meet them: the schema in their editor, the examples in the explanation, the tests that they
//! write, and whatever bytes an editor leaves behind.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use koppelwacht::app::Installation;
use koppelwacht::findings::Findings;
use koppelwacht::rules::{Rules, schema, test_schema};
use proptest::prelude::*;
use serde_json::Value as Json;
use tempfile::TempDir;

/// An installation with the shipped rules in a folder of its own, tests too, and the files of `overlay` besides.
fn installation_with(overlay: Option<&Path>) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in Rules::shipped_folder() {
        write(&dir.path().join("rules").join(name), bytes);
    }
    let settings = fs::read_to_string("systemd/koppelwacht.toml").unwrap();
    let settings = settings.replace("# rules = \"rules\"", "rules = \"rules\"");
    write(&dir.path().join("koppelwacht.toml"), settings.as_bytes());
    if let Some(overlay) = overlay {
        copy(overlay, &dir.path().join("rules"));
    }
    dir
}

fn write(path: &Path, content: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn copy(from: &Path, to: &Path) {
    for path in entries(from) {
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            write(&target, &fs::read(&path).unwrap());
        }
    }
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    entries
}

/// Checks settings and rules and runs the tests; says how many there were.
fn check(dir: &TempDir) -> (usize, Findings) {
    let mut findings = Findings::new();
    let installation = Installation::load(Some(&dir.path().join("koppelwacht.toml")), &mut findings);
    let tests = installation.map_or(0, |installation| installation.rehearse(&mut findings));
    (tests, findings)
}

fn plain(findings: &Findings, dir: &TempDir) -> String {
    findings
        .to_string()
        .replace(&format!("{}/", dir.path().display()), "")
}

/// TOML as an editor hands it to a schema: days are texts.
fn as_json(value: toml::Value) -> Json {
    match value {
        toml::Value::Datetime(moment) => Json::String(moment.to_string()),
        toml::Value::Array(items) => items.into_iter().map(as_json).collect(),
        toml::Value::Table(table) => table
            .into_iter()
            .map(|(key, value)| (key, as_json(value)))
            .collect(),
        other => serde_json::to_value(other).unwrap(),
    }
}

fn objections(schema: &Validator, text: &str) -> Vec<String> {
    let document = as_json(toml::Value::Table(toml::from_str(text).unwrap()));
    let errors = schema.iter_errors(&document);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

fn is_toml(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|extension| extension == "toml")
}

fn is_test(name: &str) -> bool {
    name.starts_with("tests/")
}

#[test]
fn the_shipped_schemas_are_those_that_the_readers_give() {
    for (file, schema) in [
        ("rules/schema.json", schema()),
        ("rules/tests/schema.json", test_schema()),
    ] {
        let shipped: Json = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        assert_eq!(
            shipped, schema,
            "write it anew: koppelwacht rules schema > {file}"
        );
    }
}

#[test]
fn every_shipped_file_satisfies_its_schema_and_names_it() {
    let (rules, tests) = (
        jsonschema::validator_for(&schema()).unwrap(),
        jsonschema::validator_for(&test_schema()).unwrap(),
    );
    let mut seen = 0;
    for (name, bytes) in Rules::shipped_folder() {
        if !is_toml(name) {
            continue;
        }
        let text = std::str::from_utf8(bytes).unwrap();
        let schema = if is_test(name) { &tests } else { &rules };
        assert_eq!(objections(schema, text), [""; 0], "{name}");
        let hint = text.lines().next().unwrap().strip_prefix("#:schema ").unwrap();
        let folder = Path::new("rules").join(name);
        assert!(
            folder.parent().unwrap().join(hint).is_file(),
            "{name} names no schema"
        );
        seen += 1;
    }
    assert!(seen >= 11, "{seen}");
}

#[test]
fn fixtures_without_errors_satisfy_the_schema() {
    let schema = jsonschema::validator_for(&schema()).unwrap();
    let mut sound = 0;
    for case in entries(Path::new("tests/rules")) {
        let dir = installation_with(Some(&case));
        let mut findings = Findings::new();
        if Rules::load(&dir.path().join("rules"), &mut findings).is_none() {
            continue;
        }
        for file in entries(&case).into_iter().filter(|file| file.is_file()) {
            let text = fs::read_to_string(&file).unwrap();
            assert_eq!(objections(&schema, &text), [""; 0], "{}", file.display());
            sound += 1;
        }
    }
    assert!(sound >= 15, "{sound}");
}

#[test]
fn unknown_keys_wrong_types_and_missing_keys_are_refused_by_the_schema_and_by_the_reader() {
    let schema = jsonschema::validator_for(&schema()).unwrap();
    let person = "[[person]]\nid = \"p.jansen\"\nname = \"Petra\"\naddress = \"p@voorbeeld.nl\"\n";
    for (what, text) in [
        ("an unknown key", format!("{person}phone = \"06\"\n")),
        ("an unknown table", "[[persoon]]\nid = \"x\"\n".to_owned()),
        ("a number for a text", person.replace("\"Petra\"", "7")),
        ("a name with capitals", person.replace("p.jansen", "P Jansen")),
        ("no mail address", person.replace("p@voorbeeld.nl", "petra")),
        ("a missing key", person.replace("name = \"Petra\"\n", "")),
        ("one table for several", person.replace("[[person]]", "[person]")),
        ("no term", "[[ladder]]\nid = \"l\"\nhold = \"gauw\"\n[[ladder.rung]]\ntell = \"lead\"\n".to_owned()),
        ("no such role", "[[ladder]]\nid = \"l\"\n[[ladder.rung]]\ntell = \"baas\"\n".to_owned()),
        ("a task without a term", "[[notification]]\nid = \"coa.x\"\ntitle = \"X\"\nkind = \"info\"\ndo = \"Y\"\nladder = \"gewoon\"\n".to_owned()),
    ] {
        assert!(!objections(&schema, &text).is_empty(), "the schema takes {what}");
        let dir = installation_with(None);
        write(&dir.path().join("rules/zz.toml"), text.as_bytes());
        let mut findings = Findings::new();
        assert!(Rules::load(&dir.path().join("rules"), &mut findings).is_none(), "the reader takes {what}");
    }
    let recorded = "[[notification]]\nid = \"mail.eigen\"\ntitle = \"X\"\nkind = \"info\"\ntask = false\n";
    assert_eq!(objections(&schema, recorded), [""; 0], "no task, no term");
}

/// The blocks of TOML in the explanation, each with the file that it says it is of.
fn examples() -> Vec<(String, String)> {
    let text = fs::read_to_string("rules/README.md").unwrap();
    let mut blocks = text.split("```toml");
    blocks.next();
    blocks
        .map(|block| {
            let (file, rest) = block.split_once('\n').unwrap();
            let example = rest.split("```").next().unwrap().to_owned();
            // Before the others, because the first route that fits wins.
            let file = if file.trim().is_empty() {
                "aa-voorbeeld.toml"
            } else {
                file.trim()
            };
            (file.to_owned(), example)
        })
        .collect()
}

#[test]
fn every_example_of_the_explanation_works() {
    let (rules, tests) = (
        jsonschema::validator_for(&schema()).unwrap(),
        jsonschema::validator_for(&test_schema()).unwrap(),
    );
    let examples = examples();
    assert!(examples.len() >= 8, "{}", examples.len());
    for (file, example) in examples {
        let dir = installation_with(None);
        write(&dir.path().join("rules").join(&file), example.as_bytes());
        let (count, findings) = check(&dir);
        assert!(count >= 54, "{count}");
        // All that is said of them is that nobody has asked for them yet; and a new route makes tests of the old one
        // fail, as the explanation says.
        let mut expected = vec!["is in no caseload"];
        if example.contains("[[route]]") {
            expected.push("this test fails: another caseload");
        }
        for finding in findings.iter() {
            assert!(
                expected.iter().any(|text| finding.message.contains(text)),
                "{example}\n{finding}"
            );
        }
        let schema = if is_test(&file) { &tests } else { &rules };
        assert_eq!(objections(schema, &example), [""; 0], "{example}");
    }
}

#[test]
fn the_shipped_tests_pass_and_there_is_one_for_each_type_of_coa_and_duo() {
    let dir = installation_with(None);
    let (count, findings) = check(&dir);
    assert_eq!(findings.to_string(), "");
    let mut own = Findings::new();
    let installation = Installation::load(None, &mut own).unwrap();
    assert_eq!(
        installation.rehearse(&mut own),
        count,
        "the embedded tests are the same"
    );
    assert_eq!(own.to_string(), "");
    let rules = &installation.office.rules;
    let tests = rules.tests(None, &mut own);
    for kind in rules.types.keys().filter(|kind| kind.is_about_a_person()) {
        assert!(
            tests.iter().any(|test| test.types.value.contains(kind)),
            "{kind} has no test"
        );
    }
    for test in &tests {
        assert!(
            test.caseload.is_some() && test.due.is_some(),
            "{}",
            test.mail.value
        );
    }
}

#[test]
fn every_mistake_in_a_test_is_told_and_so_is_every_test_that_fails() {
    let cases = entries(Path::new("tests/rehearsals"));
    assert!(cases.len() >= 9, "{}", cases.len());
    for case in cases {
        let dir = installation_with(None);
        fs::remove_dir_all(dir.path().join("rules/tests")).unwrap();
        let mails = dir.path().join("rules/tests/mails");
        for mail in ["coa-koppeling.eml", "duo-overzicht.eml"] {
            write(
                &mails.join(mail),
                &fs::read(Path::new("rules/tests/mails").join(mail)).unwrap(),
            );
        }
        copy(&case, &dir.path().join("rules"));
        let (_, findings) = check(&dir);
        assert!(!findings.is_empty(), "{} passes", case.display());
        for finding in findings.iter() {
            assert!(finding.help.is_some(), "no way out: {finding}");
        }
        insta::assert_snapshot!(
            case.file_name().unwrap().to_str().unwrap(),
            plain(&findings, &dir)
        );
    }
}

#[test]
fn a_failing_test_is_shown_with_its_line_what_was_expected_and_why_it_became_something_else() {
    let dir = installation_with(None);
    let coa = dir.path().join("rules/notifications/coa.toml");
    let text = fs::read_to_string(&coa).unwrap();
    fs::write(&coa, text.replace("\"gekoppeld\", \"nieuwe koppeling*\", ", "")).unwrap();
    let own = "[[test]]\nmail = \"mails/coa-koppeling.eml\"\nreceived = \"2026-11-24 10:00\"\ntype = \"coa.verhuizing\"\n";
    write(&dir.path().join("rules/tests/eigen.toml"), own.as_bytes());
    let (_, findings) = check(&dir);
    assert_eq!(findings.errors(), 1, "{findings}");
    let shown = findings
        .render(100, false)
        .replace(&format!("{}/", dir.path().display()), "");
    insta::assert_snapshot!("failing_test", shown);
}

#[test]
fn a_term_of_the_law_is_counted_to_the_end_of_a_day_and_names_the_days_that_moved_it() {
    let dir = installation_with(None);
    let coa = dir.path().join("rules/notifications/coa.toml");
    let text = fs::read_to_string(&coa).unwrap();
    let (before, klantprofiel) = text.split_at(text.find("id = \"coa.klantprofiel\"").unwrap());
    let klantprofiel = klantprofiel.replacen("due = \"5 wd\"", "due = \"10 weken\"", 1);
    fs::write(&coa, format!("{before}{klantprofiel}")).unwrap();
    let received_at = |due: &str| {
        let expectation = format!(
            "[[test]]\nmail = \"mails/coa-klantprofiel.eml\"\nreceived = \"2026-10-16 18:30\"\n\
             type = \"coa.klantprofiel\"\ndue = \"{due}\"\n"
        );
        write(&dir.path().join("rules/tests/coa.toml"), expectation.as_bytes());
        check(&dir).1
    };
    let right = received_at("2026-12-29 00:00");
    assert_eq!(right.errors(), 0, "{right}");
    let said = received_at("2026-12-25 17:00").to_string();
    assert!(
        said.contains(
            "due 2026-12-29 00:00, skipped 2026-12-25 (Eerste Kerstdag), 2026-12-26 (weekend), 2026-12-27 (weekend)"
        ),
        "{said}"
    );
}

/// The texts of all shipped rules files and tests.
fn shipped_texts() -> Vec<(&'static str, &'static [u8])> {
    let files = Rules::shipped_folder().into_iter();
    files.filter(|(name, _)| is_toml(name)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_bytes_in_a_rules_file_make_check_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let dir = installation_with(None);
        write(&dir.path().join("rules/zz.toml"), &bytes);
        write(&dir.path().join("rules/tests/zz.toml"), &bytes);
        let (_, findings) = check(&dir);
        prop_assert!(!findings.render(80, false).is_empty());
    }

    #[test]
    fn no_change_to_a_shipped_file_makes_check_panic(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        gone in 0_usize..60,
        junk in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..20),
            "[\\[\\]a-z=\"'\\n{}.,#*é0-9-]{0,20}".prop_map(String::into_bytes),
        ],
    ) {
        let files = shipped_texts();
        let (name, bytes) = which.get(&files);
        let mut bytes = bytes.to_vec();
        let start = at.index(bytes.len());
        let end = (start + gone).min(bytes.len());
        bytes.splice(start..end, junk);
        let dir = installation_with(None);
        fs::write(dir.path().join("rules").join(name), &bytes).unwrap();
        let (_, findings) = check(&dir);
        prop_assert!(!findings.render(80, false).is_empty());
    }
}
