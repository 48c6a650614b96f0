//! Every day of 2020 up to and including 2040, against the almanac.

use std::sync::LazyLock;

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use koppelwacht::domain::{Calendar, DayOff, Period, Term};

use super::almanac::{Almanac, CLOSED, EQUATED, length_of};
use super::office_with;

static ALMANAC: LazyLock<Almanac> = LazyLock::new(Almanac::new);

fn office() -> Calendar {
    let named = |days: &[(i16, usize, usize)], name: &str| {
        let date = |(year, month, day): &(i16, usize, usize)| civil(*year, *month, *day);
        days.iter().map(|day| (date(day), name.to_owned())).collect()
    };
    office_with(
        "Europe/Amsterdam",
        (9, 17),
        named(&EQUATED, "Gelijkgesteld"),
        named(&CLOSED, "Gesloten"),
    )
}

fn civil(year: i16, month: usize, day: usize) -> Date {
    Date::new(year, i8::try_from(month).unwrap(), i8::try_from(day).unwrap()).unwrap()
}

fn date(number: usize) -> Date {
    let (year, month, day) = ALMANAC.days[number].date;
    civil(year, month, day)
}

fn at(number: usize, hour: i64) -> Timestamp {
    Timestamp::from_second(ALMANAC.second(number, hour)).unwrap()
}

fn off(number: usize) -> bool {
    ALMANAC.days[number].off.is_some()
}

fn off_by_law(number: usize) -> bool {
    ALMANAC.days[number].by_law.is_some()
}

/// The days from `first` to `last` that are off, with what each is.
fn skipped(first: usize, last: usize, by_law: bool) -> Vec<(Date, DayOff)> {
    let why = |number: usize| {
        let day = &ALMANAC.days[number];
        if by_law {
            day.by_law.clone()
        } else {
            day.off.clone()
        }
    };
    (first..=last)
        .filter_map(|number| Some((date(number), why(number)?)))
        .collect()
}

#[test]
fn every_day_is_what_the_almanac_says_and_starts_when_it_says() {
    let office = office();
    for number in 0..ALMANAC.count() {
        let day = date(number);
        assert_eq!(office.day_off(day), ALMANAC.days[number].off, "{day}");
        assert_eq!(
            office.next_working_day(day),
            date(ALMANAC.next_working(number)),
            "{day}"
        );
        assert_eq!(office.start_of(day), at(number, 0), "{day}");
        assert_eq!(office.at(day, Time::constant(9, 0, 0, 0)), at(number, 9), "{day}");
        assert_eq!(office.day(at(number, 0)), day);
        assert_eq!(office.is_open(at(number, 12)), !off(number), "{day}");
    }
}

#[test]
fn five_may_and_goede_vrijdag_never_count() {
    let office = office();
    for year in 2020..=2040 {
        assert!(office.day_off(civil(year, 5, 5)).is_some(), "{year}");
        let spring = (ALMANAC.number(year, 3, 20)..ALMANAC.number(year, 4, 24)).map(date);
        let fridays: Vec<_> = spring
            .filter(|day| office.day_off(*day) == Some(DayOff::Holiday("Goede Vrijdag".to_owned())))
            .collect();
        assert_eq!(fridays.len(), 1, "{year}: {fridays:?}");
    }
}

#[test]
fn working_days_are_counted_as_somebody_with_an_almanac_would() {
    let office = office();
    for number in 0..ALMANAC.count() {
        let in_time = if off(number) {
            ALMANAC.next_working(number)
        } else {
            number
        };
        for (hour, first, most) in [(10, in_time, 12), (18, ALMANAC.next_working(number), 2)] {
            let mut last = first;
            for days in 0..=most {
                let due = office.due(at(number, hour), Term::WorkingDays(days));
                assert_eq!(due.at, at(last, 17), "{days} from {} {hour}:00", date(number));
                assert_eq!(
                    due.skipped,
                    skipped(number, last, false),
                    "{days} from {}",
                    date(number)
                );
                last = ALMANAC.next_working(last);
            }
        }
    }
}

/// The last day by the calendar alone.
fn calendar_end(number: usize, period: Period) -> usize {
    let (mut year, month, day) = ALMANAC.days[number].date;
    let months = match period {
        Period::Days(days) => return number + usize::from(days),
        Period::Weeks(weeks) => return number + 7 * usize::from(weeks),
        Period::Months(months) => usize::from(months),
        Period::Years(years) => 12 * usize::from(years),
    };
    let mut month = month + months;
    while month > 12 {
        (year, month) = (year + 1, month - 12);
    }
    ALMANAC.number(year, month, day.min(length_of(year, month)))
}

/// Periods, and whether the law makes them longer.
const PERIODS: [(Period, bool); 17] = [
    (Period::Days(1), true),
    (Period::Days(2), true),
    (Period::Days(3), true),
    (Period::Days(4), true),
    (Period::Days(14), true),
    (Period::Days(90), true),
    (Period::Days(91), false),
    (Period::Weeks(1), true),
    (Period::Weeks(10), true),
    (Period::Weeks(12), true),
    (Period::Weeks(13), false),
    (Period::Months(1), true),
    (Period::Months(2), true),
    (Period::Months(3), true),
    (Period::Months(4), false),
    (Period::Years(1), false),
    (Period::Years(3), false),
];

#[test]
fn statutory_terms_end_where_the_law_says_from_every_day() {
    let office = office();
    for number in 0..ALMANAC.count() {
        for (period, longer) in PERIODS {
            let plain = calendar_end(number, period);
            let two_days = |last| (number + 1..=last).filter(|day| !off_by_law(*day)).count() >= 2;
            let mut last = plain;
            while longer && off_by_law(last) {
                last += 1;
            }
            let mut first_skipped = plain;
            while longer && plain - number >= 3 && (off_by_law(last) || !two_days(last)) {
                (first_skipped, last) = (number, last + 1);
            }
            let said = if longer {
                skipped(first_skipped, last, true)
            } else {
                Vec::new()
            };
            let hour = [0, 10, 23][number % 3];
            let due = office.due(at(number, hour), Term::Statutory(period));
            assert_eq!(due.at, at(last + 1, 0), "{period:?} from {}", date(number));
            assert_eq!(due.skipped, said, "{period:?} from {}", date(number));
        }
    }
}

#[test]
fn a_later_receipt_never_ends_earlier_and_nothing_ends_before_it_starts() {
    let office = office();
    let all_day: &[i64] = &[0, 10, 18];
    let own = [
        Term::WorkingDays(0),
        Term::WorkingDays(3),
        Term::WorkingMinutes(90),
        Term::WorkingMinutes(600),
        Term::ClockMinutes(30),
    ]
    .map(|term| (term, all_day));
    let by_law = PERIODS.map(|(period, _)| (Term::Statutory(period), &all_day[2..]));
    for (term, hours) in own.into_iter().chain(by_law) {
        let mut latest = Timestamp::MIN;
        for number in 0..ALMANAC.count() {
            for hour in hours {
                let from = at(number, *hour);
                let end = office.due(from, term).at;
                assert!(end > from, "{term:?} from {from} ends at {end}");
                assert!(
                    end >= latest,
                    "{term:?} from {from} ends at {end}, an earlier one at {latest}"
                );
                latest = end;
            }
        }
    }
}

#[test]
fn the_office_is_shut_in_the_nights_that_the_clock_changes_and_opens_at_nine_after_them() {
    let office = office();
    for year in 2020..=2040 {
        for month in [3, 10] {
            let sunday = ALMANAC.last_sunday(year, month);
            let monday = at(ALMANAC.next_working(sunday), 9);
            let change = at(sunday, 0) + SignedDuration::from_hours(if month == 3 { 2 } else { 3 });
            for seconds in [-3_600, -1, 0, 1, 3_600] {
                let moment = change + SignedDuration::from_secs(seconds);
                assert!(!office.is_open(moment), "{moment}");
                assert_eq!(office.next_open(moment), monday, "{moment}");
            }
            assert!(office.is_open(monday) && !office.is_open(monday - SignedDuration::from_secs(1)));
            assert_eq!(office.next_open(monday), monday);
        }
    }
}

#[test]
fn two_hours_of_work_are_two_hours_on_both_sides_of_every_change_of_the_clock() {
    let office = office();
    for year in 2020..=2040 {
        for month in [3, 10] {
            let sunday = ALMANAC.last_sunday(year, month);
            let before = (0..sunday).rev().find(|number| !off(*number)).unwrap();
            let after = ALMANAC.next_working(sunday);
            let (from, until) = (at(before, 16), at(after, 10));
            assert_eq!(
                office.due(from, Term::WorkingMinutes(120)).at,
                until,
                "{year}-{month}"
            );
            assert_eq!(
                office.open_between(from, until),
                SignedDuration::from_hours(2),
                "{year}-{month}"
            );
        }
    }
}

#[test]
fn the_office_is_open_eight_hours_on_each_working_day_and_never_else() {
    let office = office();
    let hours = |hours| SignedDuration::from_hours(hours);
    let mut open = SignedDuration::ZERO;
    for number in 0..ALMANAC.count() {
        let (day, works) = (date(number), !off(number));
        let (start, noon, end) = (at(number, 0), at(number, 12), at(number + 1, 0));
        let (morning, afternoon) = if works {
            (hours(3), hours(5))
        } else {
            (hours(0), hours(0))
        };
        assert_eq!(office.open_between(start, noon), morning, "the morning of {day}");
        assert_eq!(
            office.open_between(noon, end),
            afternoon,
            "the afternoon of {day}"
        );
        open += morning + afternoon;
        // From the first day on, and over all lengths; every day would take long.
        if number % 7 == 0 {
            assert_eq!(office.open_between(at(0, 0), end), open, "up to the end of {day}");
        }
    }
}
