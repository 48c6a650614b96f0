//! Settings files with a mistake in them, and what is said about each: `tests/settings/` and `tests/snapshots/`.

use std::fs;
use std::path::Path;

use koppelwacht::findings::{Findings, SourceFile};
use koppelwacht::settings::{Settings, Verify};

/// Reads settings as if they stood in `/etc/koppelwacht`.
fn read(name: &str, text: &str) -> (Option<Settings>, Findings) {
    let mut findings = Findings::new();
    let file = SourceFile::new(name, text);
    let settings = Settings::read(&file, Path::new("/etc/koppelwacht"), &mut findings);
    (settings, findings)
}

#[test]
fn every_mistake_is_told_with_its_place_and_a_way_out_and_no_password() {
    let mut cases: Vec<_> = fs::read_dir("tests/settings")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    assert!(cases.len() >= 15, "the cases are gone");
    for case in cases {
        let text = fs::read_to_string(&case).unwrap();
        let (settings, findings) = read("koppelwacht.toml", &text);
        assert!(!findings.is_empty(), "{} passes", case.display());
        assert_eq!(settings.is_none(), findings.errors() > 0, "{}", case.display());
        for finding in findings.iter() {
            assert!(finding.help.is_some(), "no way out: {finding}");
        }
        let json = serde_json::to_string(&findings.iter().collect::<Vec<_>>()).unwrap();
        for told in [
            findings.to_string(),
            findings.render(100, false),
            findings.render(100, true),
            json,
        ] {
            assert!(
                !told.contains("hunter2"),
                "{} shows a password:\n{told}",
                case.display()
            );
        }
        insta::assert_snapshot!(case.file_stem().unwrap().to_str().unwrap(), findings);
    }
}

#[test]
fn a_terminal_sees_the_line_the_caret_and_a_masked_password() {
    let text = fs::read_to_string("tests/settings/inline-password-and-typo.toml").unwrap();
    let (_, findings) = read("koppelwacht.toml", &text);
    insta::assert_snapshot!("rendered", findings.render(100, false));
}

#[test]
fn files_that_cannot_be_read_are_findings_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let latin = folder.path().join("latin.toml");
    fs::write(&latin, b"# caf\xe9\npassword = \"hunter2\xe9\"\n").unwrap();
    for (path, expected) in [
        (folder.path().join("gone.toml"), "cannot be read"),
        (latin, "latin.toml:1:6: error: this is not UTF-8 from byte 5 on"),
        (folder.path().to_owned(), "cannot be read"),
    ] {
        let mut findings = Findings::new();
        assert!(Settings::load(&path, &mut findings).is_none());
        assert!(findings.to_string().contains(expected), "{findings}");
        assert!(
            !findings.render(80, false).contains("hunter2"),
            "a password is shown"
        );
    }
}

#[test]
fn who_sent_a_message_is_found_out_by_the_stamp_unless_told_otherwise() {
    let verify = |line: &str| {
        let text = Settings::example_text().replace("# verify = \"stamp\"", line);
        read("koppelwacht.toml", &text).0.unwrap().verify
    };
    assert_eq!(verify(""), Verify::Stamp);
    assert_eq!(verify("verify = \"stamp\""), Verify::Stamp);
    assert_eq!(verify("verify = \"stamp-then-local\""), Verify::StampThenLocal);
    assert_eq!(verify("verify = \"local\""), Verify::Local);
}

#[test]
fn no_text_makes_it_panic() {
    proptest::proptest!(|(at in 0..Settings::example_text().len(), junk in "[\\PC\\n]{0,20}")| {
        let mut text = Settings::example_text().to_owned();
        text.insert_str(text.floor_char_boundary(at), &junk);
        let (settings, findings) = read("koppelwacht.toml", &text);
        proptest::prop_assert_eq!(settings.is_none(), findings.errors() > 0);
        proptest::prop_assert!(!findings.render(80, false).is_empty());
    });
}
