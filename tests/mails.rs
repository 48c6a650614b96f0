//! The example municipality's mails: what is read in each, against the labels beside them.
//!
//! All people in them are fictitious; the wording of COA and DUO is assumed. A label says what a task made from the
//! mail must carry (`v_nummers`, `bsns`, `codes`), which numbers are decoys, and who sent what sort of message.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use koppelwacht::domain::{
    Answer, Bounce, Flaw, Intent, Mail, Nature, Seal, Source, SourceId, Trust, Verdict,
};
use koppelwacht::mail;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Label {
    file: String,
    #[serde(rename = "type")]
    kind: String,
    acceptable: Vec<String>,
    v_nummers: Vec<String>,
    bsns: Vec<String>,
    codes: Vec<String>,
    #[serde(default)]
    decoys: Vec<String>,
    why: String,
    nature: String,
    verdict: String,
    task: Option<i64>,
    until: Option<jiff::civil::Date>,
    recipient: Option<String>,
    permanent: Option<bool>,
    forwarder: Option<String>,
    seal: Option<String>,
    /// What an answer asks for, and the type that it names.
    intent: Option<String>,
    set_type: Option<String>,
    /// The first day back of somebody who is away.
    back: Option<jiff::civil::Date>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mails")
}

fn labels() -> Vec<Label> {
    let text =
        std::fs::read_to_string(folder().join("labels.jsonl")).expect("the example mails are complete");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("the example mails are complete"))
        .collect()
}

fn source(id: &str, domains: &[&str], names: &[&str]) -> Source {
    let owned = |list: &[&str]| list.iter().map(ToString::to_string).collect();
    Source {
        id: SourceId::new(id),
        domains: owned(domains),
        names: owned(names),
    }
}

/// Whom the example municipality trusts.
fn trust() -> Trust {
    Trust {
        authserv_id: "mx.gemeente-voorbeeld.nl".to_owned(),
        own_domains: vec!["gemeente-voorbeeld.nl".to_owned()],
        guests: Vec::new(),
        own_address: "koppelwacht@gemeente-voorbeeld.nl".to_owned(),
        letter_domain: "koppelwacht.gemeente-voorbeeld.nl".to_owned(),
        sources: vec![
            source(
                "coa",
                &["coa.nl", "tvs.coa.nl"],
                &["COA", "Centraal Orgaan opvang asielzoekers", "TVS"],
            ),
            source(
                "duo",
                &["duo.nl", "portaal.duo.nl"],
                &["DUO", "Dienst Uitvoering Onderwijs"],
            ),
        ],
        smime: koppelwacht::domain::Smime::default(),
    }
}

fn read(file: &str) -> Mail {
    mail::read(
        &std::fs::read(folder().join(file)).expect("the example mails are complete"),
        &trust(),
    )
}

/// What is told apart here of a nature; the rest is for `tests/automatic.rs`.
fn shown_nature(nature: &Nature) -> Nature {
    match nature {
        Nature::Answer(answer) => Nature::Answer(Answer {
            task: answer.task,
            ..Answer::default()
        }),
        Nature::Bounce(bounce) => Nature::Bounce(Bounce {
            recipient: bounce.recipient.clone(),
            permanent: bounce.permanent,
            ..Bounce::default()
        }),
        other => other.clone(),
    }
}

fn expected_nature(label: &Label) -> Nature {
    match label.nature.as_str() {
        "notice" => Nature::Notice,
        "own" => Nature::Own,
        "receipt" => Nature::Receipt,
        "out_of_office" => Nature::OutOfOffice { until: label.until },
        "answer" => Nature::Answer(Answer {
            task: label.task.or(Some(1060)).map(koppelwacht::domain::TaskId),
            ..Answer::default()
        }),
        "bounce" => Nature::Bounce(Bounce {
            recipient: label.recipient.clone(),
            permanent: label.permanent.expect("the example mails are complete"),
            ..Bounce::default()
        }),
        "sealed" => Nature::Sealed(match label.seal.as_deref() {
            Some("portal") => Seal::Portal,
            Some("smime") => Seal::Smime,
            Some("pgp") => Seal::Pgp,
            other => panic!("{other:?}"),
        }),
        other => panic!("{other}"),
    }
}

/// What the writer of an answer wants, and the type that they name.
fn shown_intent(nature: &Nature) -> (Option<String>, Option<String>) {
    let Nature::Answer(Answer { intent, .. }) = nature else {
        return (None, None);
    };
    let named = match intent {
        Some(Intent::SetType { kind }) => Some(kind.clone()),
        _ => None,
    };
    (intent.as_ref().map(|intent| intent.word().to_owned()), named)
}

fn expected_verdict(label: &Label) -> Verdict {
    match label.verdict.split_once(':') {
        Some(("partner", id)) => Verdict::Partner(SourceId::new(id)),
        Some(("unchecked", id)) => Verdict::Unchecked(SourceId::new(id)),
        Some(("forged", id)) => Verdict::Forged(SourceId::new(id)),
        _ => match label.verdict.as_str() {
            "colleague" => Verdict::Colleague,
            "forged_colleague" => Verdict::ForgedColleague,
            "outsider" => Verdict::Outsider,
            other => panic!("{other}"),
        },
    }
}

/// Every way in which a mail was read otherwise than its label says.
fn differences(label: &Label, mail: &Mail) -> Vec<String> {
    let mut found = Vec::new();
    let mut check = |what: &str, read: &dyn std::fmt::Debug, expected: &dyn std::fmt::Debug| {
        let (read, expected) = (format!("{read:?}"), format!("{expected:?}"));
        if read != expected {
            found.push(format!(
                "{} ({}): {what} is {read}, not {expected}",
                label.file, label.why
            ));
        }
    };
    check("v_nummers", &mail.references.v_nummers, &label.v_nummers);
    check("bsns", &mail.references.bsns, &label.bsns);
    check("codes", &mail.codes, &label.codes);
    check("nature", &shown_nature(&mail.nature), &expected_nature(label));
    if label.intent.is_some() {
        let wanted = (label.intent.clone(), label.set_type.clone());
        check("intent", &shown_intent(&mail.nature), &wanted);
    }
    if let (Some(back), Nature::OutOfOffice { until }) = (label.back, &mail.nature) {
        check(
            "first day back",
            &until.and_then(|until| until.tomorrow().ok()),
            &Some(back),
        );
    }
    check("verdict", &mail.sender.verdict, &expected_verdict(label));
    check(
        "forwarder",
        &mail.forwarder.as_ref().map(|who| &who.address),
        &label.forwarder.as_ref(),
    );
    for decoy in &label.decoys {
        let carried = mail.references.v_nummers.contains(decoy) || mail.references.bsns.contains(decoy);
        check("decoy carried", &carried, &false);
    }
    let may_be_read_by_a_human = |kind: &String| kind == "mail.onbekend";
    if !label
        .acceptable
        .iter()
        .chain([&label.kind])
        .any(may_be_read_by_a_human)
    {
        check(
            "a flaw that brings a human",
            &mail.flaws.iter().any(|flaw| flaw.touches_text()),
            &false,
        );
    }
    found
}

#[test]
fn every_mail_is_read_as_its_label_says() {
    let labels = labels();
    assert!(labels.len() >= 300, "the mails are gone");
    let differences: Vec<String> = labels
        .iter()
        .flat_map(|label| differences(label, &read(&label.file)))
        .collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn every_mail_has_a_fingerprint_of_its_own_although_some_share_a_message_id() {
    let mails: Vec<Mail> = labels().iter().map(|label| read(&label.file)).collect();
    let fingerprints: HashSet<_> = mails.iter().map(|mail| mail.fingerprint).collect();
    assert_eq!(fingerprints.len(), mails.len());
    assert_eq!(read("014.eml").message_id, read("016.eml").message_id);
}

#[test]
fn reading_twice_gives_the_same() {
    for label in labels() {
        assert_eq!(read(&label.file), read(&label.file), "{}", label.file);
    }
}

#[test]
fn the_keywords_are_legible_whatever_carries_them() {
    for (file, words) in [
        ("001.eml", "Koppeling aan gemeente Voorbeeld"),
        ("002.eml", "SS111\tPersoon is overleden\t999916932"),
        ("003.eml", "Bijgaand de koppeling van een statushouder"),
        ("006.eml", "Voor een inburgeringsplichtige in uw gemeente"),
        ("011.eml", "SS107"),
        ("020.eml", "nieuwe koppeling heeft ontvangen"),
        ("022.eml", "verhuist op 1 april vanuit het azc"),
        ("023.eml", "SS122 — vertrokken naar andere gemeente. BSN"),
        ("027.eml", "De ontkoppeling van V-nummer"),
        ("028.eml", "gekoppeld aan de gemeente Voorbeeld"),
        ("029.eml", "SS142 Niet-vrijstellende opleiding beëindigd"),
        ("035.eml", "Leerbaarheidstoets is afgenomen"),
        ("038.eml", "Aan uw gemeente is gekoppeld"),
        ("044.eml", "Log in met eHerkenning om het te bekijken."),
        ("051.eml", "Een statushouder is aan uw gemeente gekoppeld."),
        ("052.eml", "driegesprek"),
        ("053.eml", "in één keer aan uw gemeente gekoppeld"),
        ("055.eml", "staat een\nnareisprofiel in TVS"),
        ("056.eml", "gekoppeld aan uw gemeente."),
    ] {
        let text = read(file).text;
        assert!(text.contains(words), "{file}: {text:?}");
    }
    assert_eq!(read("059.eml").subject, "Correctie op één signaal: SS101");
    assert_eq!(read("020.eml").subject, "Bericht over een koppeling");
    assert_eq!(read("004.eml").subject, "SS140 - advies gevraagd (BIO)");
    assert_eq!(read("052.eml").attachments, ["Klantprofiel – één persoon.pdf"]);
}

#[test]
fn what_is_old_or_hidden_is_not_read() {
    for (file, words) in [
        ("007.eml", "gekoppeld"),
        ("050.eml", "Nieuwe koppeling"),
        ("033.eml", "Nieuwe koppeling voor uw gemeente"),
        ("003.eml", "Pakken jullie"),
        ("056.eml", "automatisch bericht"),
    ] {
        let text = read(file).text;
        assert!(!text.contains(words), "{file}: {text:?}");
    }
    assert_eq!(read("007.eml").text, "Opgepakt, groet Fatima");
}

#[test]
fn a_forward_is_read_as_the_notice_inside() {
    for file in ["003.eml", "038.eml"] {
        let mail = read(file);
        assert_eq!(
            mail.from.expect("the example mails are complete").address,
            "plaatsing@coa.nl",
            "{file}"
        );
        assert!(mail.subject.starts_with("Koppelbericht"), "{file}");
        assert_eq!(mail.sender.verdict, Verdict::Colleague, "{file}");
    }
}

#[test]
fn what_was_hard_is_told() {
    for (file, flaw) in [
        ("023.eml", Flaw::NoDate),
        ("027.eml", Flaw::Truncated),
        ("041.eml", Flaw::NoText),
        ("046.eml", Flaw::NoDate),
        ("048.eml", Flaw::BrokenStructure),
        ("051.eml", Flaw::BrokenEncoding),
    ] {
        let flaws = read(file).flaws;
        assert!(flaws.contains(&flaw), "{file}: {flaws:?}");
    }
    assert_eq!(read("045.eml").flaws, []);
}

#[test]
fn a_reason_names_no_person() {
    for label in labels() {
        let reason = read(&label.file).sender.reason;
        assert!(
            !reason.is_empty() && !reason.contains('@'),
            "{}: {reason}",
            label.file
        );
    }
}
