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
use koppelwacht::domain::{Arrival, Event, FolderRef, People, Place, Snapshot};
use koppelwacht::findings::Findings;
use koppelwacht::mail;

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
        people: People::default(),
        kept: std::sync::Arc::default(),
    }))
}
