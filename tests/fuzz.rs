//! No bytes can hurt: sample mails that are changed at random, and noise, are read and classified.
//!
//! Looked at: `cargo-fuzz` and `fuzzcheck` need a nightly compiler; `bolero` works on stable but pins the exact version
//! of a crate that ours need newer; `afl` and `honggfuzz` need a C toolchain of their own on every machine that tests.
//! Taken: `proptest`, which is here already. It knows nothing of coverage, so the changes are those that mail breaks
//! by (lines doubled, parts nested, boundaries broken) and start from real mail; and it shrinks what it finds.
//!
//! In the suite a run is short and always the same. A long one: `PROPTEST_CASES=1000000 cargo test --release --test
//! fuzz`. What it finds goes into `tests/fuzz/corpus/` as the mail it is, and is read in every run from then on.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

#[path = "fuzz/changes.rs"]
mod changes;

use std::path::Path;
use std::sync::{LazyLock, Mutex, Once};

use changes::{Change, apply};
use koppelwacht::decide::classify;
use koppelwacht::domain::{Classification, Flaw, Mail, Trust, TypeId, Verdict};
use koppelwacht::mail;
use koppelwacht::rules::Rules;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

static RULES: LazyLock<Rules> = LazyLock::new(Rules::shipped);

static TRUST: LazyLock<Trust> = LazyLock::new(|| Trust {
    authserv_id: "mx.gemeente-voorbeeld.nl".to_owned(),
    own_domains: vec!["gemeente-voorbeeld.nl".to_owned()],
    guests: Vec::new(),
    own_address: "koppelwacht@gemeente-voorbeeld.nl".to_owned(),
    letter_domain: "koppelwacht.gemeente-voorbeeld.nl".to_owned(),
    smime: koppelwacht::domain::Smime::default(),
    sources: RULES.sources.clone(),
});

/// The sample mails but for the few that are large on purpose.
static MAILS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mails = files("tests/mails")
        .into_iter()
        .filter(|bytes| bytes.len() < 20_000);
    mails.collect()
});

fn files(folder: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(folder)
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// Notices of a koppeling that COA itself sent, cut behind their heads.
static KOPPELINGEN: LazyLock<Vec<(Vec<u8>, Vec<u8>)>> = LazyLock::new(|| {
    let is_koppeling = |bytes: &Vec<u8>| {
        let (mail, said) = judge(bytes);
        matches!(mail.sender.verdict, Verdict::Partner(_)) && said.signals[0].kind.as_str() == "coa.koppeling"
    };
    let cut = |bytes: &Vec<u8>| {
        let end = |mark: &[u8]| {
            let at = bytes.windows(mark.len()).position(|window| window == mark)?;
            Some(at + mark.len())
        };
        let at = end(b"\r\n\r\n").or_else(|| end(b"\n\n")).unwrap();
        (bytes[..at].to_vec(), bytes[at..].to_vec())
    };
    MAILS
        .iter()
        .filter(|bytes| is_koppeling(bytes))
        .map(cut)
        .collect()
});

fn judge(bytes: &[u8]) -> (Mail, Classification) {
    let mail = mail::read(bytes, &TRUST);
    let classification = classify(&RULES, &mail);
    (mail, classification)
}

/// Where code of ours panicked. `mail::read` catches that, so nobody would know.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn note_panics_of_ours() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            if place.starts_with("src/") {
                PANICS.lock().unwrap().push(place);
            } else if !place.contains("mail-parser") {
                report(panic);
            }
        }));
    });
}

/// Where our code stumbled over bytes that these came from, if it did.
fn panics() -> Vec<String> {
    std::mem::take(&mut *PANICS.lock().unwrap())
}

/// What holds for any bytes.
fn check(bytes: &[u8]) -> Result<Mail, TestCaseError> {
    note_panics_of_ours();
    let (mail, said) = judge(bytes);
    prop_assert_eq!(&judge(bytes), &(mail.clone(), said.clone()));
    prop_assert_eq!(panics(), Vec::<String>::new());
    prop_assert!(!said.signals.is_empty());
    let is_stamped = bytes
        .to_ascii_lowercase()
        .windows(22)
        .any(|window| window == b"authentication-results");
    let is_believed = matches!(mail.sender.verdict, Verdict::Partner(_) | Verdict::Colleague);
    prop_assert!(is_stamped || !is_believed);
    if matches!(mail.sender.verdict, Verdict::Forged(_)) {
        prop_assert!(
            said.signals
                .iter()
                .all(|signal| signal.kind == TypeId::suspicious())
        );
    }
    // What a forwarder wrote above the original is searched, but not kept; nor is one without a From address.
    if mail.forwarder.is_none() && !mail.flaws.contains(&Flaw::NoSender) {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let all = [digits(&mail.subject), digits(&mail.text)];
        let people = mail.references.v_nummers.iter().chain(&mail.references.bsns);
        for number in people.chain(&mail.codes) {
            let number = number.trim_start_matches("SS");
            prop_assert!(all.iter().any(|digits| digits.contains(number)), "{}", number);
        }
    }
    Ok(mail)
}

fn config() -> ProptestConfig {
    let asked = ProptestConfig::default();
    let is_long = std::env::var_os("PROPTEST_CASES").is_some();
    ProptestConfig {
        rng_seed: if is_long {
            asked.rng_seed
        } else {
            RngSeed::Fixed(2026)
        },
        failure_persistence: None,
        ..asked
    }
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    vec(any::<Change>(), 1..8)
}

#[test]
fn what_was_found_once_does_not_hurt_again() {
    let found = files("tests/fuzz/corpus");
    for bytes in found.iter().chain(MAILS.iter()) {
        check(bytes).unwrap();
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn noise_is_read(bytes in vec(any::<u8>(), 0..2000)) {
        check(&bytes)?;
    }

    #[test]
    fn any_mail_is_read_however_it_is_changed(number in any::<prop::sample::Index>(), changes in changes()) {
        check(&apply(number.get(MAILS.as_slice()).as_slice(), &changes))?;
    }

    #[test]
    fn a_forged_partner_stays_forged_whatever_follows(
        number in any::<prop::sample::Index>(),
        changes in changes(),
        noise in vec(any::<u8>(), 0..100),
    ) {
        let head = b"Authentication-Results: mx.gemeente-voorbeeld.nl; dmarc=fail header.from=coa.nl\r\n\
                     From: COA <plaatsing@coa.nl>\r\nMIME-Version: 1.0\r\n";
        let rest = apply(number.get(MAILS.as_slice()).as_slice(), &changes);
        let (_, said) = judge(&[head, noise.as_slice(), &rest].concat());
        let safe = [TypeId::suspicious(), TypeId::unknown()];
        prop_assert!(said.signals.iter().all(|signal| safe.contains(&signal.kind)), "{:?}", said);
    }

    #[test]
    fn a_koppeling_that_is_damaged_below_its_head_is_still_read_by_a_human(
        number in any::<prop::sample::Index>(),
        changes in changes(),
    ) {
        let (head, body) = number.get(KOPPELINGEN.as_slice());
        let bytes = [head.as_slice(), &apply(body, &changes)].concat();
        let mail = check(&bytes)?;
        let said = classify(&RULES, &mail);
        let silent = [TypeId::own(), TypeId::undeliverable(), TypeId::absence(), TypeId::answer()];
        prop_assert!(said.signals.iter().all(|signal| !silent.contains(&signal.kind)), "{:?}", said);
        let words = format!("{} {}", mail.subject, mail.text).to_lowercase();
        let is_said = words.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == "gekoppeld");
        let is_critical = said.signals.iter().any(|signal| RULES.types[&signal.kind].critical);
        prop_assert!(is_critical || !is_said, "{:?}", said);
    }
}
