//! What comes again and again by the clock on the wall: `0 10 * * Mon`, as cron(8) writes it.
//!
//! The crate `cron` reads the expression; when it comes next is found here, on civil days and times, which become instants
//! in [`Calendar::at`]. The crate's own answer is wrong where summer time starts or ends: it skips a time in the hour that
//! is left out, and gives one in the hour that comes twice two times.

use std::str::FromStr as _;

use cron::{Schedule, TimeUnitSpec};
use jiff::civil::{Date, Time, Weekday};
use jiff::{SignedDuration, Timestamp};

use super::Calendar;

/// Whoever asks for 29 February on a Monday waits forty years at most, and what does not come by then never does.
const LONGEST: usize = 41 * 366;

/// No office is closed for longer than this.
const LONGEST_CLOSING: SignedDuration = SignedDuration::from_hours(24 * 21);

/// Moments that come again and again. A moment in the hour that summer time skips is the first after it; in the hour that
/// comes twice, the first of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence(Schedule);

/// Why a text is no recurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRecurrence {
    /// There are not five fields.
    Fields(usize),
    /// A number for a day of the week: some count Sunday as 0, some as 1, some as 7.
    NumberedWeekday,
    /// This field, counted from 0, does not say anything that is known.
    Unknown(usize),
    /// It is no date that there ever is, such as 31 February.
    Never,
}

impl Recurrence {
    /// Reads five fields: minute, hour, day of the month, month, day of the week by its name.
    ///
    /// # Errors
    /// See [`NoRecurrence`].
    pub fn parse(text: &str) -> Result<Self, NoRecurrence> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields.as_slice() else {
            return Err(NoRecurrence::Fields(fields.len()));
        };
        if weekday.contains(|c: char| c.is_ascii_digit()) {
            return Err(NoRecurrence::NumberedWeekday);
        }
        // The crate wants seconds first.
        let schedule = Schedule::from_str(&format!("0 {minute} {hour} {day} {month} {weekday}"));
        let recurrence = Self(schedule.map_err(|_| NoRecurrence::Unknown(unknown(&fields)))?);
        let mut days = days_from(Date::constant(2000, 1, 1));
        if days.any(|day| recurrence.is_on(day)) {
            Ok(recurrence)
        } else {
            Err(NoRecurrence::Never)
        }
    }

    /// The first moment after `at`; nothing at the end of time.
    #[must_use]
    pub fn next_after(&self, at: Timestamp, calendar: &Calendar) -> Option<Timestamp> {
        let civil = calendar.zoned(at).datetime();
        days_from(civil.date())
            .filter(|day| self.is_on(*day))
            .flat_map(|day| self.times().map(move |time| day.to_datetime(time)))
            .filter(|moment| *moment >= civil)
            .map(|moment| calendar.at(moment.date(), moment.time()))
            .find(|moment| *moment > at)
    }

    /// The first moment after `at` at which the office does what comes so. What falls on a day that does not count moves
    /// to the next working day, at the same time; in a weekend only when no day of the week is named. What was to come on
    /// a day before that of `at` may have moved to a day that is still ahead. Nothing at the end of time.
    #[must_use]
    pub fn next_held_after(&self, at: Timestamp, calendar: &Calendar) -> Option<Timestamp> {
        let next = |after: &Timestamp| self.next_after(*after, calendar);
        let start = at.checked_sub(LONGEST_CLOSING).unwrap_or(Timestamp::MIN);
        let mut first: Option<Timestamp> = None;
        for moment in std::iter::successors(next(&start), next) {
            if first.is_some_and(|first| first <= moment) {
                break;
            }
            let held = self.held_at(moment, calendar);
            if held > at {
                first = Some(first.map_or(held, |first| first.min(held)));
            }
        }
        first
    }

    /// When that is done which is to come at this moment: then, or on the next working day.
    fn held_at(&self, moment: Timestamp, calendar: &Calendar) -> Timestamp {
        let zoned = calendar.zoned(moment);
        let day = zoned.date();
        let is_closed = calendar.closed_for(day).is_some();
        if !is_closed && (self.names_weekdays() || calendar.day_off(day).is_none()) {
            return moment;
        }
        calendar.at(calendar.next_working_day(day), zoned.time())
    }

    /// How often it comes on a day on which it comes.
    #[must_use]
    pub fn times_a_day(&self) -> usize {
        self.times().count()
    }

    /// Whether it names days of the week, rather than taking any.
    fn names_weekdays(&self) -> bool {
        !self.0.days_of_week().is_all()
    }

    /// Both the day of the month and the day of the week must fit. (With cron(8) one of them is enough.)
    fn is_on(&self, day: Date) -> bool {
        let number = |part: i8| u32::from(part.unsigned_abs());
        self.0.months().includes(number(day.month()))
            && self.0.days_of_month().includes(number(day.day()))
            && self.is_on_weekday(day.weekday())
    }

    /// The crate counts from Sunday, which is 1.
    fn is_on_weekday(&self, day: Weekday) -> bool {
        let number = day.to_sunday_one_offset();
        self.0.days_of_week().includes(u32::from(number.unsigned_abs()))
    }

    /// The months that it names; none: any.
    #[must_use]
    pub fn months(&self) -> Option<Vec<u32>> {
        named(self.0.months())
    }

    /// The days of the month that it names; none: any.
    #[must_use]
    pub fn days_of_month(&self) -> Option<Vec<u32>> {
        named(self.0.days_of_month())
    }

    /// The days of the week that it names, Monday first; none: any.
    #[must_use]
    pub fn weekdays(&self) -> Option<Vec<Weekday>> {
        let all = Weekday::Monday.cycle_forward().take(7);
        self.names_weekdays()
            .then(|| all.filter(|day| self.is_on_weekday(*day)).collect())
    }

    /// The times of a day, in order.
    pub fn times(&self) -> impl Iterator<Item = Time> + '_ {
        self.0.hours().iter().flat_map(move |hour| {
            let minutes = self.0.minutes();
            let minutes: Vec<u32> = minutes.iter().collect();
            minutes.into_iter().filter_map(move |minute| {
                Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()
            })
        })
    }
}

/// What a field names; none when it takes anything.
fn named(field: &impl TimeUnitSpec) -> Option<Vec<u32>> {
    (!field.is_all()).then(|| field.iter().collect())
}

/// As it was written, without the seconds that the crate wants.
impl std::fmt::Display for Recurrence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let source = self.0.source();
        f.write_str(source.strip_prefix("0 ").unwrap_or(source))
    }
}

/// Which field the crate does not understand: it takes the others alone.
fn unknown(fields: &[&str]) -> usize {
    let is_known = |index: usize| {
        let alone = (0..fields.len()).map(|other| if other == index { fields[index] } else { "*" });
        let alone: Vec<&str> = std::iter::once("0").chain(alone).collect();
        Schedule::from_str(&alone.join(" ")).is_ok()
    };
    (0..fields.len()).find(|index| !is_known(*index)).unwrap_or(0)
}

fn days_from(first: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), |day| day.tomorrow().ok()).take(LONGEST)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::tz::TimeZone;
    use jiff::{ToSpan as _, Zoned};

    use super::*;

    /// Whether a day is one of them.
    type Fits = fn(Date) -> bool;

    fn calendar() -> Calendar {
        let zone = TimeZone::get("Europe/Amsterdam").expect("the zone is bundled");
        let (opens, closes) = (Time::constant(9, 0, 0, 0), Time::constant(17, 0, 0, 0));
        Calendar::new(zone, opens, closes, BTreeMap::new(), BTreeMap::new())
    }

    fn recurrence(text: &str) -> Recurrence {
        Recurrence::parse(text).expect(text)
    }

    fn at(text: &str) -> Timestamp {
        let zoned: Zoned = format!("{text}[Europe/Amsterdam]").parse().expect("a moment");
        zoned.timestamp()
    }

    /// What comes after a moment, so many times, on the clock on the wall with its offset.
    fn after(text: &str, start: &str, count: usize) -> Vec<String> {
        let (calendar, recurrence) = (calendar(), recurrence(text));
        let next = |moment: &Timestamp| recurrence.next_after(*moment, &calendar);
        std::iter::successors(next(&at(start)), next)
            .take(count)
            .map(|moment| calendar.zoned(moment).strftime("%a %m-%d %H:%M %:z").to_string())
            .collect()
    }

    #[test]
    fn every_monday_at_ten_is_just_that() {
        assert_eq!(
            after("0 10 * * Mon", "2026-11-23T10:00", 2),
            ["Mon 11-30 10:00 +01:00", "Mon 12-07 10:00 +01:00"]
        );
        assert_eq!(
            after("30 9,16 * * Mon-Fri", "2026-11-20T12:00", 3),
            [
                "Fri 11-20 16:30 +01:00",
                "Mon 11-23 09:30 +01:00",
                "Mon 11-23 16:30 +01:00"
            ]
        );
        assert_eq!(
            after("0 10 1 1,7 *", "2026-11-20T12:00", 2),
            ["Fri 01-01 10:00 +01:00", "Thu 07-01 10:00 +02:00"]
        );
        assert_eq!(
            after("0 10 1-7 * Sun", "2026-11-20T12:00", 2),
            ["Sun 12-06 10:00 +01:00", "Sun 01-03 10:00 +01:00"],
            "the first Sunday of the month: both must fit"
        );
    }

    #[test]
    fn in_spring_what_falls_in_the_gap_comes_right_after_it_and_is_not_skipped() {
        assert_eq!(
            after("30 2 * * *", "2027-03-27T12:00", 2),
            ["Sun 03-28 03:00 +02:00", "Mon 03-29 02:30 +02:00"]
        );
        assert_eq!(
            after("*/20 2 * * *", "2027-03-27T12:00", 2),
            ["Sun 03-28 03:00 +02:00", "Mon 03-29 02:00 +02:00"],
            "three of them fall on one moment, which comes once"
        );
    }

    #[test]
    fn in_autumn_what_falls_in_the_hour_that_comes_twice_comes_once() {
        assert_eq!(
            after("30 2 * * *", "2026-10-24T12:00", 2),
            ["Sun 10-25 02:30 +02:00", "Mon 10-26 02:30 +01:00"]
        );
        let second: Timestamp = "2026-10-25T01:10:00Z".parse().expect("02:10, the second time");
        let next = recurrence("*/15 * * * *").next_after(second, &calendar());
        assert_eq!(next, Some(at("2026-10-25T03:00")));
    }

    #[test]
    fn every_day_of_some_years_is_found_as_a_plain_loop_finds_it() {
        let calendar = calendar();
        let cases: [(&str, Time, Fits); 4] = [
            ("30 2 * * *", Time::constant(2, 30, 0, 0), |_| true),
            ("0 10 * * Mon", Time::constant(10, 0, 0, 0), |day| {
                day.weekday() == Weekday::Monday
            }),
            ("59 23 31 * *", Time::constant(23, 59, 0, 0), |day| {
                day.day() == 31
            }),
            ("0 0 29 Feb *", Time::midnight(), |day| {
                day.month() == 2 && day.day() == 29
            }),
        ];
        let (first, last) = (Date::constant(2024, 1, 1), Date::constant(2028, 12, 31));
        for (text, time, fits) in cases {
            let recurrence = recurrence(text);
            let expected: Vec<Timestamp> = days_from(first)
                .take_while(|day| *day <= last)
                .filter(|day| fits(*day))
                .map(|day| calendar.at(day, time))
                .collect();
            let start = calendar.start_of(first) - 1.second();
            let next = |moment: &Timestamp| recurrence.next_after(*moment, &calendar);
            let found: Vec<Timestamp> = std::iter::successors(next(&start), next)
                .take_while(|moment| calendar.day(*moment) <= last)
                .collect();
            assert_eq!(found, expected, "{text}");
            assert!(!found.is_empty());
        }
    }

    #[test]
    fn what_is_no_recurrence_says_why_and_what_is_one_is_told_as_it_was_written() {
        for (text, wrong) in [
            ("", NoRecurrence::Fields(0)),
            ("@daily", NoRecurrence::Fields(1)),
            ("0 0 10 * * Mon", NoRecurrence::Fields(6)),
            ("0 10 * * 1", NoRecurrence::NumberedWeekday),
            ("0 10 * * Mon-5", NoRecurrence::NumberedWeekday),
            ("0 10 * * ma", NoRecurrence::Unknown(4)),
            ("60 10 * * Mon", NoRecurrence::Unknown(0)),
            ("0 24 * * Mon", NoRecurrence::Unknown(1)),
            ("0 10 0 * *", NoRecurrence::Unknown(2)),
            ("0 10 * Dubbel *", NoRecurrence::Unknown(3)),
            ("0 10 31 Feb *", NoRecurrence::Never),
            ("0 10 31 4,6,9,11 *", NoRecurrence::Never),
        ] {
            assert_eq!(Recurrence::parse(text), Err(wrong), "{text}");
        }
        assert_eq!(recurrence(" 0  10 * * Mon").to_string(), "0 10 * * Mon");
        assert!(recurrence("0 10 * * Mon").names_weekdays() && !recurrence("0 10 * * *").names_weekdays());
    }

    #[test]
    fn at_the_end_of_time_nothing_comes_any_more() {
        assert_eq!(
            recurrence("0 10 * * Mon").next_after(Timestamp::MAX, &calendar()),
            None
        );
    }
}
