//! Days, hours and terms: stories of single days, and every day of twenty-one years.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::collections::BTreeMap;

use jiff::civil::{Date, Time, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use koppelwacht::domain::{Calendar, DayOff, Due, Period, Term};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

#[path = "calendar/almanac.rs"]
mod almanac;
#[path = "calendar/years.rs"]
mod years;

fn office_with(
    zone: &str,
    (opens, closes): (i8, i8),
    equated: BTreeMap<Date, String>,
    local: BTreeMap<Date, String>,
) -> Calendar {
    let hour = |hour| Time::new(hour, 0, 0, 0).unwrap();
    Calendar::new(
        TimeZone::get(zone).unwrap(),
        hour(opens),
        hour(closes),
        equated,
        local,
    )
}

fn office() -> Calendar {
    office_with(
        "Europe/Amsterdam",
        (9, 17),
        BTreeMap::from([(date(2026, 5, 15), "Dag na Hemelvaart".to_owned())]),
        BTreeMap::from([
            (date(2026, 12, 24), "Kerstsluiting".to_owned()),
            (date(2026, 12, 28), "Kerstsluiting".to_owned()),
        ]),
    )
}

/// Open through the night, where the clock goes from Thursday 24:00 to Friday 1:00 in spring, and back in autumn.
fn night_office() -> Calendar {
    office_with("Africa/Cairo", (0, 23), BTreeMap::new(), BTreeMap::new())
}

fn at(text: &str) -> Timestamp {
    format!("{text}[Europe/Amsterdam]")
        .parse::<Zoned>()
        .unwrap()
        .timestamp()
}

fn holiday(name: &str) -> DayOff {
    DayOff::Holiday(name.to_owned())
}

fn closing(name: &str) -> DayOff {
    DayOff::LocalClosing(name.to_owned())
}

fn by_law(from: &str, period: Period) -> Due {
    office().due(at(from), Term::Statutory(period))
}

#[test]
fn koningsdag_moves_to_saturday_when_it_falls_on_a_sunday() {
    let office = office();
    assert_eq!(office.day_off(date(2026, 4, 27)), Some(holiday("Koningsdag")));
    assert_eq!(office.day_off(date(2025, 4, 28)), None, "the Monday after");
    assert_eq!(
        office.day_off(date(2031, 4, 26)),
        Some(DayOff::Weekend),
        "a Saturday in any case"
    );
}

#[test]
fn a_day_that_is_two_holidays_is_counted_once() {
    let office = office();
    assert_eq!(office.day_off(date(2016, 5, 5)), Some(holiday("Bevrijdingsdag")));
    let open = office.open_between(at("2016-05-04T12:00"), at("2016-05-06T12:00"));
    assert_eq!(open, SignedDuration::from_hours(5 + 3));
}

#[test]
fn two_working_days_from_an_ordinary_monday_end_on_wednesday_at_closing_time() {
    let due = office().due(at("2026-11-23T10:00"), Term::WorkingDays(2));
    assert_eq!(
        due,
        Due {
            at: at("2026-11-25T17:00"),
            skipped: vec![]
        }
    );
}

#[test]
fn a_notice_on_friday_evening_counts_from_monday() {
    let due = office().due(at("2026-11-20T18:30"), Term::WorkingDays(1));
    assert_eq!(due.at, at("2026-11-24T17:00"));
    assert_eq!(
        due.skipped,
        [
            (date(2026, 11, 21), DayOff::Weekend),
            (date(2026, 11, 22), DayOff::Weekend)
        ]
    );
}

#[test]
fn christmas_names_each_day_it_skips() {
    let due = office().due(at("2026-12-23T16:00"), Term::WorkingDays(1));
    assert_eq!(due.at, at("2026-12-29T17:00"));
    assert_eq!(
        due.skipped,
        [
            (date(2026, 12, 24), closing("Kerstsluiting")),
            (date(2026, 12, 25), holiday("Eerste Kerstdag")),
            (date(2026, 12, 26), DayOff::Weekend),
            (date(2026, 12, 27), DayOff::Weekend),
            (date(2026, 12, 28), closing("Kerstsluiting")),
        ]
    );
}

#[test]
fn a_statutory_term_ends_with_its_last_day_and_the_hour_of_receipt_does_not_matter() {
    let due = Due {
        at: at("2026-12-08T00:00"),
        skipped: vec![],
    };
    assert_eq!(by_law("2026-11-23T00:00", Period::Days(14)), due);
    assert_eq!(by_law("2026-11-23T23:59", Period::Weeks(2)), due);
}

#[test]
fn a_statutory_term_that_ends_at_christmas_runs_to_the_next_day_and_our_own_closing_is_nothing_to_the_law() {
    let due = by_law("2026-10-16T10:00", Period::Weeks(10));
    assert_eq!(
        due.at,
        at("2026-12-29T00:00"),
        "the end of Monday the 28th, on which only we are closed"
    );
    assert_eq!(
        due.skipped,
        [
            (date(2026, 12, 25), holiday("Eerste Kerstdag")),
            (date(2026, 12, 26), DayOff::Weekend),
            (date(2026, 12, 27), DayOff::Weekend),
        ]
    );
}

#[test]
fn a_day_equated_with_a_holiday_moves_the_end_too() {
    let due = by_law("2026-05-01T10:00", Period::Weeks(2));
    assert_eq!(due.at, at("2026-05-19T00:00"));
    assert_eq!(due.skipped[0], (date(2026, 5, 15), holiday("Dag na Hemelvaart")));
}

#[test]
fn a_month_from_the_thirty_first_ends_on_the_last_day_of_a_shorter_month() {
    assert_eq!(
        by_law("2028-01-31T10:00", Period::Months(1)).at,
        at("2028-03-01T00:00"),
        "29 February"
    );
    assert_eq!(
        by_law("2027-01-29T10:00", Period::Months(1)).at,
        at("2027-03-02T00:00"),
        "28 February is a Sunday"
    );
    assert_eq!(
        by_law("2028-02-29T10:00", Period::Years(1)).at,
        at("2029-03-01T00:00"),
        "28 February"
    );
}

#[test]
fn long_terms_end_on_a_sunday_when_the_calendar_says_so() {
    let sunday = Due {
        at: at("2027-02-22T00:00"),
        skipped: vec![],
    };
    for (from, period) in [
        ("2026-11-22T10:00", Period::Days(91)),
        ("2026-11-22T10:00", Period::Weeks(13)),
        ("2026-10-21T10:00", Period::Months(4)),
        ("2026-02-21T10:00", Period::Years(1)),
    ] {
        assert_eq!(by_law(from, period), sunday, "{period:?}");
    }
    for (from, period) in [
        ("2026-11-23T10:00", Period::Days(90)),
        ("2026-11-29T10:00", Period::Weeks(12)),
        ("2026-11-21T10:00", Period::Months(3)),
    ] {
        assert_eq!(by_law(from, period).at, at("2027-02-23T00:00"), "{period:?}");
    }
}

#[test]
fn three_days_always_have_two_in_them_on_which_something_can_be_done() {
    let due = by_law("2026-11-20T10:00", Period::Days(3));
    assert_eq!(due.at, at("2026-11-25T00:00"), "Monday alone is not enough");
    assert_eq!(
        due.skipped,
        [
            (date(2026, 11, 21), DayOff::Weekend),
            (date(2026, 11, 22), DayOff::Weekend)
        ]
    );
    assert_eq!(
        by_law("2026-11-20T10:00", Period::Days(2)).at,
        at("2026-11-24T00:00"),
        "two days have no such claim"
    );
}

#[test]
fn working_hours_stop_at_night_and_go_on_in_the_morning() {
    let calendar = office();
    for (from, minutes, until) in [
        ("2026-11-23T16:00", 120, "2026-11-24T10:00"),
        ("2026-11-21T12:00", 120, "2026-11-23T11:00"),
        ("2026-11-23T16:00", 60, "2026-11-23T17:00"),
    ] {
        assert_eq!(
            calendar.due(at(from), Term::WorkingMinutes(minutes)).at,
            at(until)
        );
    }
}

#[test]
fn clock_time_does_not_care_about_weekends() {
    let due = office().due(at("2026-11-21T23:30"), Term::ClockMinutes(60));
    assert_eq!(due.at, at("2026-11-22T00:30"));
}

#[test]
fn a_time_that_summer_time_skips_is_the_moment_at_which_it_begins() {
    let half_past_two = Time::constant(2, 30, 0, 0);
    let office = office();
    assert_eq!(
        office.at(date(2026, 3, 29), half_past_two),
        at("2026-03-29T03:00")
    );
    assert_eq!(
        office.at(date(2026, 10, 25), half_past_two),
        at("2026-10-25T02:30+02:00"),
        "the first of the two"
    );
    let first = night_office().start_of(date(2026, 4, 24));
    assert_eq!(
        night_office().zoned(first).datetime(),
        date(2026, 4, 24).at(1, 0, 0, 0),
        "this day has no midnight"
    );
}

#[test]
fn an_office_that_is_open_at_night_loses_an_hour_in_spring_and_wins_one_in_autumn() {
    let office = night_office();
    let open = |from, until| office.open_between(office.start_of(from), office.start_of(until));
    let hours = SignedDuration::from_hours;
    assert_eq!(
        open(date(2026, 4, 24), date(2026, 4, 25)),
        hours(22),
        "the Friday alone"
    );
    assert_eq!(
        open(date(2026, 4, 22), date(2026, 4, 29)),
        hours(23 + 23 + 22 + 23),
        "27 April is Koningsdag"
    );
    assert_eq!(
        open(date(2026, 10, 28), date(2026, 10, 31)),
        hours(23 + 23 + 23),
        "its hour comes back when it is shut"
    );
}

#[test]
fn no_time_passes_backwards() {
    let (early, late) = (at("2026-11-23T10:00"), at("2026-11-25T10:00"));
    assert_eq!(office().open_between(late, early), SignedDuration::ZERO);
    assert_eq!(office().open_between(early, early), SignedDuration::ZERO);
}

#[test]
fn terms_at_the_ends_of_time_end() {
    for term in [
        Term::WorkingMinutes(600),
        Term::WorkingDays(3),
        Term::ClockMinutes(1),
        Term::Statutory(Period::Days(3)),
        Term::Statutory(Period::Weeks(u16::MAX)),
        Term::Statutory(Period::Months(1)),
        Term::Statutory(Period::Years(u16::MAX)),
    ] {
        assert!(
            office().due(Timestamp::MAX, term).at > at("9999-12-29T00:00"),
            "{term:?}"
        );
        assert!(office().due(Timestamp::MIN, term).at > Timestamp::MIN, "{term:?}");
    }
    assert_eq!(office().start_of(Date::MIN), Timestamp::MIN);
    assert_eq!(
        office().start_of(Date::MAX),
        Timestamp::MAX,
        "later than instants go"
    );
    assert_eq!(office().next_working_day(Date::MAX), Date::MAX);
}

#[test]
fn all_of_time_is_measured_without_walking_through_it() {
    let ever = office().open_between(Timestamp::MIN, Timestamp::MAX);
    let years = ever.as_hours() / 8 / 254;
    assert!(
        (19_900..20_300).contains(&years),
        "{years} years of some 254 working days"
    );
}

fn config() -> ProptestConfig {
    ProptestConfig {
        rng_seed: RngSeed::Fixed(2026),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Instants between 2020 and 2041, in seconds.
fn instants() -> impl Strategy<Value = Timestamp> {
    (1_577_836_800_i64..2_240_524_800).prop_map(|second| Timestamp::from_second(second).unwrap())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_office_has_been_open_for_as_long_as_the_term_when_the_term_ends(from in instants(), minutes in 0_u32..6_000) {
        for office in [office(), night_office()] {
            let end = office.due(from, Term::WorkingMinutes(minutes)).at;
            prop_assert_eq!(office.open_between(from, end), SignedDuration::from_mins(i64::from(minutes)));
        }
    }

    #[test]
    fn opening_time_adds_up(mut moments in [instants(), instants(), instants()]) {
        moments.sort();
        let [first, second, third] = moments;
        for office in [office(), night_office()] {
            let parts = office.open_between(first, second) + office.open_between(second, third);
            prop_assert_eq!(parts, office.open_between(first, third));
        }
    }
}
