//! What a mail costs before anything is written: read alone, and read and classified, over the sample mails.
//!
//! `cargo bench --bench recognise`. The `notice_` figures are for the one mail that `end_to_end` sends ten thousand
//! times, and for all that is decided about it.

#![expect(clippy::unwrap_used, reason = "a measurement that fails is none")]

mod notice;

use divan::Bencher;
use divan::counter::ItemsCount;
use jiff::Timestamp;
use koppelwacht::app::Installation;
use koppelwacht::decide::{classify, decide};
use koppelwacht::domain::{Arrival, Event, FolderRef, Named, Place, Snapshot};
use koppelwacht::findings::Findings;
use koppelwacht::mail;
use koppelwacht::rules::Rules;

fn main() {
    divan::main();
}

fn office() -> koppelwacht::desk::Office {
    Installation::load(None, &mut Findings::default())
        .expect("what is shipped loads")
        .office
}

/// The sample mails but for the few that are large on purpose: they would be all that is measured.
fn mails() -> Vec<Vec<u8>> {
    std::fs::read_dir("tests/mails")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .map(|path| std::fs::read(path).unwrap())
        .filter(|bytes| bytes.len() < 20_000)
        .collect()
}

#[divan::bench]
fn read(bencher: Bencher) {
    let (office, mails) = (office(), mails());
    bencher.counter(ItemsCount::new(mails.len())).bench_local(|| {
        for bytes in &mails {
            divan::black_box(mail::read(bytes, &office.trust));
        }
    });
}

/// What the MIME parser alone costs, set up as it comes: a floor for reading.
#[divan::bench]
fn mime_parser_alone(bencher: Bencher) {
    let mails = mails();
    bencher.counter(ItemsCount::new(mails.len())).bench_local(|| {
        for bytes in &mails {
            divan::black_box(mail_parser::MessageParser::default().parse(bytes));
        }
    });
}

#[divan::bench]
fn classify_alone(bencher: Bencher) {
    classify_with(bencher, &office().rules);
}

/// A large office: the shipped rules, and a thousand types of its own.
#[divan::bench]
fn classify_alone_with_1000_more_types(bencher: Bencher) {
    classify_with(bencher, &with_more_types(1000));
}

fn classify_with(bencher: Bencher, rules: &Rules) {
    let (trust, mails) = (office().trust, mails());
    let mails: Vec<_> = mails.iter().map(|bytes| mail::read(bytes, &trust)).collect();
    bencher.counter(ItemsCount::new(mails.len())).bench_local(|| {
        for mail in &mails {
            divan::black_box(classify(rules, mail));
        }
    });
}

/// The shipped rules and `count` generated types, through the loader that reads an admin's files. Each has a code, a
/// literal description and four loose phrases, built of words that stand in notices, so that they begin alike.
fn with_more_types(count: usize) -> Rules {
    const SUBJECTS: [&str; 10] = [
        "inburgeraar",
        "statushouder",
        "termijn",
        "traject",
        "leerroute",
        "examen",
        "vrijstelling",
        "ontheffing",
        "dossier",
        "klantprofiel",
    ];
    const EVENTS: [&str; 10] = [
        "gestart",
        "gewijzigd",
        "verlengd",
        "afgerond",
        "hervat",
        "opgeschort",
        "bevestigd",
        "overgedragen",
        "aangevraagd",
        "toegekend",
    ];
    const PLACES: [&str; 10] = [
        "het portaal",
        "de gemeente",
        "een school",
        "de toets",
        "het plan",
        "de regio",
        "de intake",
        "het register",
        "de termijn",
        "het gesprek",
    ];
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in Rules::shipped_files() {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let types = (0..count).map(|at| {
        let words = (SUBJECTS[at % 10], EVENTS[at / 10 % 10], PLACES[at / 100 % 10]);
        let (subject, event, place) = words;
        let source = ["coa", "duo"][at % 2];
        format!(
            "[[notification]]\nid = \"{source}.eigen{at}\"\ntitle = \"{subject} {event} {at}\"\nkind = \"info\"\n\
             do = \"Lezen\"\ndue = \"5 wd\"\nladder = \"gewoon\"\n[[notification.recognise]]\nname = \"woorden\"\n\
             source = \"{source}\"\nliteral = [\"De {subject} is {event} door {place} volgens {at}\"]\n\
             any = [\"{subject} {event} in {place} {at}\", \"{event} {subject}* van {place} {at}\",\n\
             \"in {place} is * {subject} {event} {at}\", \"het {subject} wordt {event} {at}\"]\n\n"
        )
    });
    std::fs::write(folder.path().join("eigen.toml"), types.collect::<String>()).unwrap();
    let mut findings = Findings::default();
    let rules = Rules::load(folder.path(), &mut findings);
    rules.unwrap_or_else(|| panic!("{findings}"))
}

#[divan::bench]
fn read_and_classify(bencher: Bencher) {
    let (office, mails) = (office(), mails());
    bencher.counter(ItemsCount::new(mails.len())).bench_local(|| {
        for bytes in &mails {
            let mail = mail::read(bytes, &office.trust);
            divan::black_box(classify(&office.rules, &mail));
        }
    });
}

/// Ten notices, so that every code and sender of theirs is in.
fn notices() -> Vec<Vec<u8>> {
    (0..10).map(|number| notice::mail(number).into_bytes()).collect()
}

#[divan::bench]
fn notice_read(bencher: Bencher) {
    let (office, mails) = (office(), notices());
    bencher.counter(ItemsCount::new(mails.len())).bench_local(|| {
        for bytes in &mails {
            divan::black_box(mail::read(bytes, &office.trust));
        }
    });
}

#[divan::bench]
fn notice_decide(bencher: Bencher) {
    let (office, snapshot) = (office(), Snapshot::empty());
    let received: Timestamp = "2026-11-24T09:00:00+01:00".parse().unwrap();
    let events: Vec<Event> = notices()
        .iter()
        .map(|bytes| arrival(mail::read(bytes, &office.trust), received))
        .collect();
    bencher.counter(ItemsCount::new(events.len())).bench_local(|| {
        for event in &events {
            divan::black_box(decide(&office.rules, &snapshot, event, received));
        }
    });
}

fn arrival(mail: koppelwacht::domain::Mail, received: Timestamp) -> Event {
    let folder = FolderRef {
        mailbox: "inburgering".to_owned(),
        folder: "INBOX".to_owned(),
        epoch: 1,
    };
    Event::MailArrived(std::sync::Arc::new(Arrival {
        place: Place {
            folder,
            item: "1".to_owned(),
        },
        received,
        mail,
        named: Named::default(),
        kept: std::sync::Arc::default(),
        earlier: None,
    }))
}
