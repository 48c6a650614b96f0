//! How long a partner may be silent, learned from what it sent: held against years that are made by the same chance.

use jiff::civil::{Date, date};
use koppelwacht::decide::{Ground, History, Watched, watched};
use koppelwacht::domain::{PartnerDay, Partners, Patience, SourceId};
use koppelwacht::rules::Rules;

const TODAY: Date = Date::constant(2026, 11, 24);

/// Numbers that look like chance and are the same each time (`SplitMix`, Steele and others, 2014).
struct Chance(u64);

impl Chance {
    /// Whether something happens that does so many times in a million.
    fn says(&mut self, in_a_million: u64) -> bool {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % 1_000_000 < in_a_million
    }
}

fn rules(false_alarms: u32) -> Rules {
    let mut rules = Rules::shipped();
    rules.partners.patience = [(SourceId::new("coa"), Patience::Learned)].into();
    rules.partners.silence.false_alarms = false_alarms;
    rules
}

/// The working days of the year before today, or of its end.
fn working_days(rules: &Rules, count: usize) -> Vec<Date> {
    let back = std::iter::successors(TODAY.yesterday().ok(), |day| day.yesterday().ok());
    let mut days: Vec<Date> = back
        .filter(|day| rules.calendar.day_off(*day).is_none())
        .take(count)
        .collect();
    days.reverse();
    days
}

fn sent(rules: &Rules, days: impl IntoIterator<Item = Date>) -> Partners {
    let days = days.into_iter().map(|day| PartnerDay {
        source: SourceId::new("coa"),
        day,
        mails: 2,
        unrecognised: 0,
        last: rules.calendar.at(day, jiff::civil::time(11, 0, 0, 0)),
    });
    Partners {
        days: days.collect(),
        ..Partners::default()
    }
}

fn at(rules: &Rules, day: Date, partners: &Partners) -> Watched {
    let now = rules.calendar.at(day, jiff::civil::time(9, 0, 0, 0));
    watched(rules, partners, now).remove(0)
}

/// What is learned of a year in which mail comes by chance.
fn learned(rules: &Rules, year: &[Date], in_a_million: u64, chance: &mut Chance) -> Watched {
    let days = year.iter().copied().filter(|_| chance.says(in_a_million));
    let days: Vec<Date> = days.collect();
    at(rules, TODAY, &sent(rules, days))
}

/// How many silences of so many days there are in so many days on which mail comes by chance.
fn silences(limit: u16, days: u32, in_a_million: u64, chance: &mut Chance) -> u32 {
    let (mut silent, mut count) = (0, 0);
    for _ in 0..days {
        silent = if chance.says(in_a_million) { 0 } else { silent + 1 };
        count += u32::from(silent == limit);
    }
    count
}

#[test]
fn what_is_learned_alarms_no_more_often_than_was_asked_for() {
    const HISTORIES: u32 = 40;
    const YEARS: u32 = 20;
    for false_alarms in [1, 4] {
        let rules = rules(false_alarms);
        let year = working_days(&rules, 255);
        let mut chance = Chance(7);
        for in_a_million in [120_000, 250_000, 500_000, 750_000, 950_000] {
            let mut alarms = 0;
            for _ in 0..HISTORIES {
                let learned = learned(&rules, &year, in_a_million, &mut chance);
                if let Ground::Learned(_) = learned.ground {
                    alarms += silences(learned.limit, YEARS * 260, in_a_million, &mut chance);
                }
            }
            let allowed = false_alarms * HISTORIES * YEARS;
            assert!(
                alarms <= allowed,
                "{alarms} alarms in {HISTORIES} times {YEARS} years, {false_alarms} a year are allowed, \
                 mail on {in_a_million} days of a million"
            );
        }
    }
}

#[test]
fn a_partner_that_writes_every_day_is_missed_soon_and_one_that_seldom_does_late() {
    let rules = rules(1);
    let year = working_days(&rules, 255);
    let mut chance = Chance(1);
    let limits = [950_000, 750_000, 500_000, 250_000, 120_000]
        .map(|in_a_million| learned(&rules, &year, in_a_million, &mut chance).limit);
    assert!(limits.is_sorted(), "{limits:?}");
    assert!(
        limits[0] <= 3 && (8..=12).contains(&limits[2]) && limits[4] > 20,
        "{limits:?}"
    );

    let every_day = at(&rules, TODAY, &sent(&rules, year));
    assert_eq!(every_day.limit, 2, "one day without is never a silence");
    let history = History {
        mails: 510,
        days: 254,
        of: 254,
    };
    assert_eq!(every_day.ground, Ground::Learned(history));
}

#[test]
fn more_false_alarms_buy_less_patience() {
    let patience = [1, 2, 4, 12].map(|false_alarms| {
        let rules = rules(false_alarms);
        let year = working_days(&rules, 255);
        learned(&rules, &year, 500_000, &mut Chance(3)).limit
    });
    assert!(patience.windows(2).all(|two| two[0] > two[1]), "{patience:?}");
}

#[test]
fn a_partner_that_closes_twice_a_year_is_not_judged_by_its_busy_weeks() {
    let rules = rules(1);
    let year = working_days(&rules, 255);
    let closed =
        |index: usize, weeks: &[usize]| weeks.iter().any(|start| (*start..start + 12).contains(&index));
    let with = |weeks: &[usize]| {
        let days = year
            .iter()
            .enumerate()
            .filter(|(index, _)| !closed(*index, weeks));
        let days: Vec<Date> = days.map(|(_, day)| *day).collect();
        at(&rules, TODAY, &sent(&rules, days)).limit
    };
    assert!(with(&[100]) < 12, "one such silence a year may be a false alarm");
    assert_eq!(with(&[60, 160]), 13, "two such silences were seen in the year");
}

#[test]
fn a_silence_does_not_excuse_itself() {
    let rules = rules(1);
    let year = working_days(&rules, 255);
    let before: Vec<Date> = year.iter().copied().take(200).collect();
    let then = at(&rules, year[200], &sent(&rules, before.clone()));
    let now = at(&rules, TODAY, &sent(&rules, before));
    assert_eq!((then.limit, then.ground), (now.limit, now.ground));
    assert_eq!((then.silent, now.silent), (0, 55));
    assert!(now.is_silent() && !then.is_silent());
}

#[test]
fn nothing_is_learned_from_too_little() {
    let rules = rules(1);
    let few_days = sent(&rules, working_days(&rules, 60));
    let short = at(&rules, TODAY, &few_days);
    let history = |days, of, mails| History { mails, days, of };
    assert_eq!(
        (short.limit, short.ground),
        (10, Ground::TooLittle(history(59, 59, 120)))
    );
    let enough = at(&rules, TODAY, &sent(&rules, working_days(&rules, 61)));
    assert!(matches!(enough.ground, Ground::Learned(_)));

    let year = working_days(&rules, 241);
    let seldom = sent(&rules, year.iter().copied().step_by(12).take(20));
    let seldom = at(&rules, TODAY, &seldom);
    assert_eq!(seldom.ground, Ground::TooLittle(history(19, 228, 40)));
    let oftener = sent(&rules, year.into_iter().step_by(12));
    assert!(matches!(at(&rules, TODAY, &oftener).ground, Ground::Learned(_)));

    let nothing = at(&rules, TODAY, &Partners::default());
    assert_eq!((nothing.last, nothing.silent, nothing.limit), (None, 0, 10));
}

#[test]
fn mail_of_a_weekend_counts_for_the_friday_before() {
    let rules = rules(1);
    let friday = at(&rules, TODAY, &sent(&rules, [date(2026, 11, 20)]));
    let sunday = at(&rules, TODAY, &sent(&rules, [date(2026, 11, 22)]));
    assert_eq!((friday.silent, sunday.silent), (1, 1), "only Monday");
    assert_eq!(friday.ground, sunday.ground);
}
