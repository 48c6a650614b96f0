//! Mails that are made to cost a reader as much as their bytes allow: each is read, and none takes more memory than a
//! few times its size.
//!
//! Time is not looked at here, because a test that looks at time fails on a busy day: `cargo bench --bench worst`
//! reads the same mails at 10 MB and fails when one takes too long. What grows faster than the mail shows here in its
//! memory, or in a test that never ends.

#[path = "../benches/monsters/mod.rs"]
mod monsters;

use koppelwacht::decide::classify;
use koppelwacht::domain::{Flaw, Trust, TypeId};
use koppelwacht::mail;
use koppelwacht::rules::Rules;
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const SIZE: usize = 300_000;
/// Bytes that are held at most, the mail itself not counted. Thirty-five mails of this size make one of 10 MB, but past the
/// bounds of the mail room nothing grows any more.
const MOST: usize = 40 << 20;

fn trust(rules: &Rules) -> Trust {
    Trust {
        authserv_id: "mx.gemeente-voorbeeld.nl".to_owned(),
        own_domains: vec!["gemeente-voorbeeld.nl".to_owned()],
        own_address: "koppelwacht@gemeente-voorbeeld.nl".to_owned(),
        guests: Vec::new(),
        letter_domain: "koppelwacht.gemeente-voorbeeld.nl".to_owned(),
        smime: koppelwacht::domain::Smime::default(),
        sources: rules.sources.clone(),
    }
}

// One test, because the allocator counts for all threads together.
#[test]
fn a_monster_is_read_within_bounds_and_never_dropped_in_silence() {
    let rules = Rules::shipped();
    let trust = trust(&rules);
    let mut wrong = Vec::new();
    for monster in monsters::all() {
        let bytes = monster.of(SIZE);
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let mail = mail::read(&bytes, &trust);
        let kinds = classify(&rules, &mail).signals;
        let most = MEMORY.peak_usage() - before;
        if most > MOST {
            wrong.push(format!("{}: {} MB", monster.name, most >> 20));
        }
        let broke_the_reader = mail.flaws.contains(&Flaw::Unreadable) && bytes.starts_with(b"From");
        let kind = rules.types.get(&kinds.first().unwrap().kind).unwrap();
        if broke_the_reader || !(kind.critical || kind.id == TypeId::undeliverable()) {
            wrong.push(format!("{}: {} {:?}", monster.name, kind.id, mail.flaws));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
