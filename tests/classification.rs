//! Every labelled mail, from bytes to type: what the mail room reads and the shipped rules make of it.
//!
//! Three questions, in the order of what a wrong answer costs: is anything critical read as something less, is a forged
//! mail believed, and does every mail get its type or one that is safe.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use koppelwacht::decide::classify;
use koppelwacht::domain::{Classification, Trust, TypeId};
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
    /// Who sent it: see `tests/mails.rs`.
    verdict: String,
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
        guests: Vec::new(),
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

/// A labelled mail and what became of it.
struct Outcome {
    label: Label,
    found: Vec<String>,
    why: String,
}

impl Outcome {
    fn is_exact(&self) -> bool {
        self.found == self.label.types || self.found == [self.label.kind.clone()]
    }

    /// Whether somebody must pick this up, guaranteed, and it became something that nobody must.
    fn is_played_down(&self, rules: &Rules) -> bool {
        let is_critical = |id: &&String| rules.kind(&TypeId::new(id)).critical;
        let expected = self.label.types.iter().chain([&self.label.kind]);
        // What a human reads anyway is not played down when it becomes more exact.
        let named = expected.filter(|id| !["multi", "mail.onbekend"].contains(&id.as_str()));
        self.found.iter().filter(is_critical).count() < named.filter(is_critical).count()
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Label {
            file,
            why,
            kind,
            types,
            ..
        } = &self.label;
        write!(
            f,
            "{file} ({why}): {kind} {types:?} became {:?}\n    {}",
            self.found, self.why
        )
    }
}

fn outcomes(rules: &Rules) -> Vec<Outcome> {
    let trust = trust(rules);
    let outcome = |label: Label| {
        let bytes = std::fs::read(Path::new("tests/mails").join(&label.file)).unwrap();
        let classification = classify(rules, &koppelwacht::mail::read(&bytes, &trust));
        Outcome {
            label,
            found: kinds(&classification),
            why: classification.why.join("; "),
        }
    };
    labels().into_iter().map(outcome).collect()
}

/// How often each type became which, for whoever reads the output of the tests.
fn confusion(outcomes: &[Outcome]) -> String {
    let mut counts: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for Outcome { label, found, .. } in outcomes {
        let became = if *found == label.types {
            "multi".to_owned()
        } else {
            found.join(" + ")
        };
        *counts.entry((&label.kind, became)).or_default() += 1;
    }
    counts
        .iter()
        .fold(String::new(), |mut table, ((kind, became), count)| {
            let mark = if kind == became { ' ' } else { '*' };
            let _ = writeln!(table, "{mark} {kind:24} {count:4}  {became}");
            table
        })
}

fn listed<'o>(outcomes: impl Iterator<Item = &'o Outcome>) -> String {
    outcomes.fold(String::new(), |mut list, outcome| {
        let _ = writeln!(list, "{outcome}");
        list
    })
}

#[test]
fn nothing_critical_is_read_as_something_less() {
    let rules = Rules::shipped();
    let outcomes = outcomes(&rules);
    let played_down = listed(outcomes.iter().filter(|outcome| outcome.is_played_down(&rules)));
    assert!(played_down.is_empty(), "\n{played_down}");
    let koppelingen = outcomes
        .iter()
        .filter(|outcome| outcome.label.kind == "coa.koppeling");
    assert!(koppelingen.count() >= 50, "the koppelingen are gone");
}

#[test]
fn no_forged_mail_is_believed() {
    let outcomes = outcomes(&Rules::shipped());
    let forged = || {
        outcomes
            .iter()
            .filter(|outcome| outcome.label.verdict.starts_with("forged"))
    };
    let believed =
        listed(forged().filter(|outcome| !matches!(&*outcome.found[0], "mail.verdacht" | "mail.onbekend")));
    assert!(believed.is_empty(), "\n{believed}");
    assert!(forged().count() >= 20, "the forgeries are gone");
}

#[test]
fn every_labelled_mail_gets_its_type_or_a_safe_one() {
    let outcomes = outcomes(&Rules::shipped());
    println!("{}", confusion(&outcomes));
    let wrong = listed(
        outcomes
            .iter()
            .filter(|outcome| !outcome.label.accepts(&outcome.found)),
    );
    assert!(wrong.is_empty(), "\n{wrong}");
    let safe: Vec<_> = outcomes.iter().filter(|outcome| !outcome.is_exact()).collect();
    println!(
        "{} mails, {} safe but not the exact type:",
        outcomes.len(),
        safe.len()
    );
    println!("{}", listed(safe.iter().copied()));
    assert!(outcomes.len() >= 300, "the mails are gone");
    assert!(
        safe.len() * 20 <= outcomes.len(),
        "safe answers must not become a habit: {}",
        safe.len()
    );
}

#[test]
fn every_type_of_the_rules_is_among_the_mails_three_times() {
    let mut counts: BTreeMap<String, usize> = Rules::shipped()
        .types
        .keys()
        // What is opened because nothing comes is the type of no mail.
        .filter(|id| id.is_of_a_notice() && id.as_str() != "mail.stilte")
        .map(|id| (id.to_string(), 0))
        .collect();
    for label in labels() {
        for kind in label.types.iter().chain([&label.kind]) {
            counts.entry(kind.clone()).and_modify(|count| *count += 1);
        }
    }
    counts.retain(|_, count| *count < 3);
    assert!(counts.is_empty(), "{counts:?}");
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
