//! A partner that writes in other words, decided on paper with time that is moved.

use jiff::civil::date;
use koppelwacht::domain::{Content, Drift, DriftWeek, Event, Routine};

use crate::support::on_paper::Office;
use crate::{ADMIN, DUO, NEW_WORDS, sends};

/// An office to which DUO has written three mails on each working day of November, all of them in words that the rules know.
fn office() -> Office {
    let mut office = Office::at("2026-11-02T09:00");
    office.admin = Some(ADMIN.to_owned());
    work_on(&mut office, "2026-11-23", [DUO, DUO, DUO]);
    assert_eq!(letters(&office), [] as [&Drift; 0]);
    office
}

/// DUO sends these mails on each working day before this one, in the morning. Nobody does anything with the tasks.
fn work_on(office: &mut Office, until: &str, mails: [(&str, &str); 3]) {
    let until: jiff::civil::Date = until.parse().unwrap();
    let calendar = office.rules.calendar.clone();
    let mut day = calendar.day(office.now);
    if calendar.day_off(day).is_some() {
        day = calendar.next_working_day(day);
    }
    while day < until {
        office.now = office.now.max(calendar.at(day, jiff::civil::time(9, 0, 0, 0)));
        for mail in mails {
            sends(office, mail);
        }
        office.snapshot.tasks.clear();
        day = calendar.next_working_day(day);
    }
    office.now = calendar.at(until, jiff::civil::time(9, 0, 0, 0));
}

/// The letters about other words.
fn letters(office: &Office) -> Vec<&Drift> {
    let letters = office.letters.iter();
    letters
        .filter_map(|letter| match &letter.content {
            Content::Drift(drift) => Some((letter, drift)),
            _ => None,
        })
        .map(|(letter, drift)| {
            assert_eq!(letter.to, ADMIN);
            drift
        })
        .collect()
}

#[test]
fn fifty_mails_in_other_words_are_one_letter_and_at_once() {
    let mut office = office();
    sends(&mut office, NEW_WORDS);
    sends(&mut office, NEW_WORDS);
    assert_eq!(letters(&office).len(), 0, "two may be chance");
    sends(&mut office, NEW_WORDS);
    let week = |number, day, mails, unrecognised| DriftWeek {
        number,
        first: day,
        mails,
        unrecognised,
    };
    let told = Drift {
        partner: "DUO".to_owned(),
        unrecognised: 3,
        mails: 15,
        days: 5,
        weeks: vec![
            week(43, date(2026, 10, 19), 0, 0),
            week(44, date(2026, 10, 26), 0, 0),
            week(45, date(2026, 11, 2), 15, 0),
            week(46, date(2026, 11, 9), 15, 0),
            week(47, date(2026, 11, 16), 15, 0),
            week(48, date(2026, 11, 23), 3, 3),
        ],
    };
    assert_eq!(letters(&office), [&told], "a fifth of what came since Tuesday");
    let sent_at = office
        .letters
        .iter()
        .find(|letter| letter.to == ADMIN)
        .unwrap()
        .queued;
    assert_eq!(sent_at, office.now, "not on the next morning");

    for _ in 0..47 {
        sends(&mut office, NEW_WORDS);
    }
    assert_eq!(letters(&office).len(), 1);
    office.snapshot.tasks.clear();
    work_on(&mut office, "2026-12-07", [NEW_WORDS, NEW_WORDS, DUO]);
    assert_eq!(letters(&office).len(), 1, "it goes on, and that was told");
}

#[test]
fn new_rules_are_silence_and_the_next_change_is_told_again() {
    let mut office = office();
    work_on(&mut office, "2026-11-25", [NEW_WORDS; 3]);
    assert_eq!(letters(&office).len(), 1);
    // The rules know the new words from Wednesday on.
    work_on(&mut office, "2027-01-11", [DUO; 3]);
    assert_eq!(letters(&office).len(), 1);
    work_on(&mut office, "2027-01-12", [NEW_WORDS; 3]);
    assert_eq!(letters(&office).len(), 2, "they changed again");
}

#[test]
fn a_share_that_wavers_around_the_limit_is_told_once_in_those_days() {
    let mut office = office();
    sends(&mut office, NEW_WORDS);
    sends(&mut office, NEW_WORDS);
    sends(&mut office, NEW_WORDS);
    // Enough known mail to go below a fifth, and then some unknown again.
    work_on(&mut office, "2026-11-25", [DUO; 3]);
    sends(&mut office, NEW_WORDS);
    sends(&mut office, NEW_WORDS);
    assert_eq!(letters(&office).len(), 1);
}

#[test]
fn what_was_always_so_is_no_news() {
    // A third is not recognised, week after week: nobody was told at first, because there was nobody to tell.
    let mut office = Office::at("2026-11-02T09:00");
    work_on(&mut office, "2026-11-23", [DUO, DUO, NEW_WORDS]);
    assert!(
        office.snapshot.partners.told.is_empty(),
        "and nothing counts as told"
    );
    office.admin = Some(ADMIN.to_owned());
    work_on(&mut office, "2026-11-27", [DUO, DUO, NEW_WORDS]);
    assert_eq!(letters(&office).len(), 0, "not twice as much as before");
    work_on(&mut office, "2026-12-04", [NEW_WORDS; 3]);
    assert_eq!(letters(&office).len(), 1);
}

#[test]
fn few_of_many_are_no_news() {
    let mut office = office();
    for _ in 0..20 {
        sends(&mut office, DUO);
    }
    for _ in 0..7 {
        sends(&mut office, NEW_WORDS);
    }
    assert_eq!(letters(&office).len(), 0, "7 of 39 is less than a fifth");
    sends(&mut office, NEW_WORDS);
    assert_eq!(letters(&office).len(), 1, "8 of 40 is a fifth");
}

#[test]
fn rules_that_are_loaded_meanwhile_do_not_forget_that_a_look_was_asked_for() {
    let mut office = office();
    for _ in 0..3 {
        office.mails += 1;
        let arrival = crate::notice(office.mails, office.now, NEW_WORDS);
        office.happens(&Event::MailArrived(std::sync::Arc::new(arrival)));
    }
    assert_eq!(office.snapshot.routines[&Routine::Partners], office.now);
    let loaded = Event::RulesLoaded(office.rules.text.clone());
    office.happens(&loaded);
    let now = office.zoned();
    office.time_passes_until(&now);
    assert_eq!(letters(&office).len(), 1);
    assert!(!office.snapshot.routines.contains_key(&Routine::Partners));
}
