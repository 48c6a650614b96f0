//! What a mail costs before anything is written: read alone, and read and classified, over the sample mails.
//!
//! `cargo bench --bench recognise`
#![expect(clippy::unwrap_used, reason = "what cannot be set up has failed")]

use divan::Bencher;
use divan::counter::ItemsCount;
use koppelwacht::app::Installation;
use koppelwacht::decide::classify;
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
