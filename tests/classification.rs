//! Sixty labelled mails, from bytes to type: what the mail room reads and the shipped rules make of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::fmt::Write as _;
use std::path::Path;

use koppelwacht::decide::classify;
use koppelwacht::domain::{Classification, Trust};
use koppelwacht::rules::Rules;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Label {
    file: String,
    /// A type, or `multi`.
    #[serde(rename = "type")]
    kind: String,
    /// With `multi`: a type for each signal, in order.
    #[serde(default)]
    types: Vec<String>,
    /// Other outcomes that are safe.
    acceptable: Vec<String>,
    why: String,
}

impl Label {
    fn accepts(&self, kinds: &[String]) -> bool {
        if kinds == self.types {
            return true;
        }
        matches!(kinds, [only] if *only == self.kind || self.acceptable.contains(only))
    }
}

fn labels() -> Vec<Label> {
    let text = std::fs::read_to_string("tests/mails/labels.jsonl").unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn trust(rules: &Rules) -> Trust {
    Trust {
        authserv_id: "mx.gemeente-voorbeeld.nl".to_owned(),
        own_domains: vec!["gemeente-voorbeeld.nl".to_owned()],
        own_address: "koppelwacht@gemeente-voorbeeld.nl".to_owned(),
        letter_domain: "koppelwacht.gemeente-voorbeeld.nl".to_owned(),
        sources: rules.sources.clone(),
        smime: koppelwacht::domain::Smime::default(),
    }
}

fn kinds(classification: &Classification) -> Vec<String> {
    classification
        .signals
        .iter()
        .map(|signal| signal.kind.to_string())
        .collect()
}

#[test]
fn every_labelled_mail_gets_its_type_or_a_safe_one() {
    let rules = Rules::shipped();
    let trust = trust(&rules);
    let labels = labels();
    let mut confusion = String::new();
    let mut safe = 0;
    for label in &labels {
        let bytes = std::fs::read(Path::new("tests/mails").join(&label.file)).unwrap();
        let classification = classify(&rules, &koppelwacht::mail::read(&bytes, &trust));
        let found = kinds(&classification);
        if !label.accepts(&found) {
            let (file, kind, types) = (&label.file, &label.kind, &label.types);
            let _ = writeln!(
                confusion,
                "{file} ({}): {kind} {types:?} became {found:?}",
                label.why
            );
            let _ = writeln!(confusion, "    {}", classification.why.join("; "));
        } else if found != [label.kind.clone()] && found != label.types {
            safe += 1;
            println!("{}: {} became {found:?}, which is safe", label.file, label.kind);
        }
    }
    println!("{} mails, {safe} safe but not the exact type", labels.len());
    assert_eq!(labels.len(), 60);
    assert!(confusion.is_empty(), "\n{confusion}");
    assert!(safe <= 4, "safe answers must not become a habit: {safe}");
}

#[test]
fn grounds_hold_no_personal_data() {
    let rules = Rules::shipped();
    let trust = trust(&rules);
    for label in labels() {
        let bytes = std::fs::read(Path::new("tests/mails").join(&label.file)).unwrap();
        let mail = koppelwacht::mail::read(&bytes, &trust);
        let grounds = classify(&rules, &mail).why.join("\n");
        for number in mail.references.v_nummers.iter().chain(&mail.references.bsns) {
            assert!(!grounds.contains(number.as_str()), "{}", label.file);
        }
        assert!(!grounds.contains('@'), "{}: {grounds}", label.file);
    }
}
