//! Days and hours: which days count, when the office is open, when a term ends.
//!
//! Guarantees: every answer is an instant that exists (both edges of summer time included), working time never
//! advances while the office is closed, and each due date can name the days it skipped and why.
//! Sources: Algemene termijnenwet art. 3 for the holidays; internal terms count from the day of receipt, which is
//! day 0, or the next working day when a notice comes in after hours (our own choice, see the rules files).

use std::collections::BTreeMap;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use serde::{Deserialize, Serialize};

/// How long something may take, in the units the rules use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Term {
    /// Working days; ends at closing time of the last.
    WorkingDays(u16),
    /// Minutes in which the office is open.
    WorkingMinutes(u32),
    /// Minutes on the clock.
    ClockMinutes(u32),
}

/// Why a day does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DayOff {
    /// Saturday or Sunday.
    Weekend,
    /// A general public holiday, or a day equated with one; its Dutch name.
    Holiday(String),
    /// The municipality itself is closed; its own name for the day.
    LocalClosing(String),
}

/// When a term ends, and how that was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The last moment.
    pub at: Timestamp,
    /// Days between receipt and end that did not count, with the reason.
    pub skipped: Vec<(Date, DayOff)>,
}

/// The municipality's calendar.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    zone: TimeZone,
    opens: Time,
    closes: Time,
    equated: BTreeMap<Date, String>,
    local: BTreeMap<Date, String>,
}

impl Calendar {
    /// A calendar with these opening hours (`opens` before `closes`), days equated with holidays, and local closing
    /// days.
    #[must_use]
    pub fn new(
        zone: TimeZone,
        opens: Time,
        closes: Time,
        equated: BTreeMap<Date, String>,
        local: BTreeMap<Date, String>,
    ) -> Self {
        debug_assert!(opens < closes, "the rules room checks this");
        Self {
            zone,
            opens,
            closes,
            equated,
            local,
        }
    }

    /// When the office opens and closes on a working day.
    #[must_use]
    pub fn hours(&self) -> (Time, Time) {
        (self.opens, self.closes)
    }

    /// The days that are equated with holidays, and those on which only the municipality is closed.
    #[must_use]
    pub fn listed_days(&self) -> (&BTreeMap<Date, String>, &BTreeMap<Date, String>) {
        (&self.equated, &self.local)
    }

    /// The civil day in which an instant falls.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> Date {
        self.zoned(at).date()
    }

    /// The instant with its civil date and time, for those who write it down.
    #[must_use]
    pub fn zoned(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.zone.clone())
    }

    /// Why this day does not count, or nothing when it does.
    #[must_use]
    pub fn day_off(&self, day: Date) -> Option<DayOff> {
        if matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            return Some(DayOff::Weekend);
        }
        if let Some(name) = holiday(day) {
            return Some(DayOff::Holiday(name.to_owned()));
        }
        if let Some(name) = self.equated.get(&day) {
            return Some(DayOff::Holiday(name.clone()));
        }
        self.local
            .get(&day)
            .map(|name| DayOff::LocalClosing(name.clone()))
    }

    /// Whether the office is open.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        let local = self.zoned(at);
        self.day_off(local.date()).is_none() && (self.opens..self.closes).contains(&local.time())
    }

    /// The first moment from `at` on at which the office is open: `at` itself when it is.
    #[must_use]
    pub fn next_open(&self, at: Timestamp) -> Timestamp {
        let local = self.zoned(at);
        let day = local.date();
        if self.day_off(day).is_none() {
            if local.time() < self.opens {
                return self.at(day, self.opens);
            }
            if local.time() < self.closes {
                return at;
            }
        }
        self.at(self.next_working_day(day), self.opens)
    }

    /// The end of a term that starts at `from`, with the days that were skipped on the way.
    #[must_use]
    pub fn due(&self, from: Timestamp, term: Term) -> Due {
        match term {
            Term::WorkingDays(days) => self.due_in_days(from, days),
            Term::WorkingMinutes(minutes) => {
                let at = self.after_open(from, SignedDuration::from_mins(i64::from(minutes)));
                Due {
                    at,
                    skipped: self.days_off_between(self.day(from), self.day(at)),
                }
            }
            Term::ClockMinutes(minutes) => Due {
                at: add(from, SignedDuration::from_mins(i64::from(minutes))),
                skipped: Vec::new(),
            },
        }
    }

    /// Day 0 is the day of receipt, or the next working day after hours; the term ends at the close of the day
    /// that is `days` working days later.
    fn due_in_days(&self, from: Timestamp, days: u16) -> Due {
        let received = self.day(from);
        let mut day = self.day(self.next_open(from));
        for _ in 0..days {
            day = self.next_working_day(day);
        }
        Due {
            at: self.at(day, self.closes),
            skipped: self.days_off_between(received, day),
        }
    }

    /// The instant at which the office has been open for `left` since `from`.
    fn after_open(&self, from: Timestamp, mut left: SignedDuration) -> Timestamp {
        let mut at = self.next_open(from);
        loop {
            let close = self.at(self.day(at), self.closes);
            let open_for = close.duration_since(at);
            // At the end of time itself the office no longer opens.
            if left <= open_for || !open_for.is_positive() {
                return add(at, left);
            }
            left -= open_for;
            at = self.next_open(close);
        }
    }

    /// The first working day after `day`. A calendar of a hundred years without one does not exist: weekends end.
    #[must_use]
    pub fn next_working_day(&self, day: Date) -> Date {
        let after = |day: Date| day.tomorrow().unwrap_or(Date::MAX);
        let mut next = after(day);
        while self.day_off(next).is_some() && next < Date::MAX {
            next = after(next);
        }
        next
    }

    fn days_off_between(&self, first: Date, last: Date) -> Vec<(Date, DayOff)> {
        std::iter::successors(Some(first), |day| day.tomorrow().ok())
            .take_while(|day| *day <= last)
            .filter_map(|day| Some((day, self.day_off(day)?)))
            .collect()
    }

    /// How long the office is open between two instants; nothing when the second is not later.
    #[must_use]
    pub fn open_between(&self, from: Timestamp, to: Timestamp) -> SignedDuration {
        let mut open = SignedDuration::ZERO;
        let mut at = self.next_open(from);
        while at < to {
            let close = self.at(self.day(at), self.closes);
            open += close.min(to).duration_since(at);
            let next = self.next_open(close);
            // At the end of time itself the office no longer opens.
            if next <= at {
                break;
            }
            at = next;
        }
        open
    }

    /// The first instant of a civil day.
    #[must_use]
    pub fn start_of(&self, day: Date) -> Timestamp {
        self.at(day, Time::midnight())
    }

    /// A civil time as an instant. In the hour that summer time skips: the first moment after it; in the hour that
    /// comes twice: the first of the two.
    #[must_use]
    pub fn at(&self, day: Date, time: Time) -> Timestamp {
        self.zone
            .to_ambiguous_timestamp(day.to_datetime(time))
            .compatible()
            .unwrap_or(Timestamp::MAX)
    }
}

/// Adds a duration, staying within what an instant can be.
fn add(at: Timestamp, duration: SignedDuration) -> Timestamp {
    at.checked_add(duration).unwrap_or(Timestamp::MAX)
}

/// The Dutch general public holidays on which terms do not end (Algemene termijnenwet art. 3), Goede Vrijdag included.
fn holiday(day: Date) -> Option<&'static str> {
    match (day.month(), day.day()) {
        (1, 1) => return Some("Nieuwjaarsdag"),
        (4, 27) if day.weekday() != Weekday::Sunday => return Some("Koningsdag"),
        (4, 26) if day.weekday() == Weekday::Saturday => return Some("Koningsdag"),
        (5, 5) => return Some("Bevrijdingsdag"),
        (12, 25) => return Some("Eerste Kerstdag"),
        (12, 26) => return Some("Tweede Kerstdag"),
        _ => {}
    }
    // Easter falls between 22 March and 25 April; nothing outside these months depends on it.
    if !(3..=6).contains(&day.month()) {
        return None;
    }
    match day.day_of_year() - easter(day.year())?.day_of_year() {
        -2 => Some("Goede Vrijdag"),
        1 => Some("Tweede Paasdag"),
        39 => Some("Hemelvaartsdag"),
        50 => Some("Tweede Pinksterdag"),
        _ => None,
    }
}

/// Easter Sunday in the Gregorian calendar (Meeus, Jones and Butcher; Astronomical Algorithms, chapter 8).
fn easter(year: i16) -> Option<Date> {
    let (golden, century, rest) = (i32::from(year) % 19, i32::from(year) / 100, i32::from(year) % 100);
    let moon = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - moon + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let march = epact + weekday - 7 * late + 114;
    Date::new(
        year,
        i8::try_from(march / 31).ok()?,
        i8::try_from(march % 31 + 1).ok()?,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn office() -> Calendar {
        Calendar::new(
            TimeZone::get("Europe/Amsterdam").unwrap(),
            Time::constant(9, 0, 0, 0),
            Time::constant(17, 0, 0, 0),
            BTreeMap::from([(date(2026, 5, 15), "Dag na Hemelvaart".to_owned())]),
            BTreeMap::from([(date(2026, 12, 24), "Kerstsluiting".to_owned())]),
        )
    }

    fn at(text: &str) -> Timestamp {
        format!("{text}[Europe/Amsterdam]")
            .parse::<Zoned>()
            .unwrap()
            .timestamp()
    }

    #[test]
    fn koningsdag_moves_to_saturday_when_it_falls_on_a_sunday() {
        assert_eq!(holiday(date(2025, 4, 26)), Some("Koningsdag"));
        assert_eq!(holiday(date(2025, 4, 27)), None);
        assert_eq!(holiday(date(2026, 4, 27)), Some("Koningsdag"));
        assert_eq!(holiday(date(2026, 4, 26)), None);
    }

    #[test]
    fn movable_holidays_follow_easter() {
        assert_eq!(easter(2026), Some(date(2026, 4, 5)));
        assert_eq!(easter(2038), Some(date(2038, 4, 25)));
        assert_eq!(holiday(date(2026, 4, 3)), Some("Goede Vrijdag"));
        assert_eq!(holiday(date(2026, 4, 6)), Some("Tweede Paasdag"));
        assert_eq!(holiday(date(2026, 5, 14)), Some("Hemelvaartsdag"));
        assert_eq!(holiday(date(2026, 5, 25)), Some("Tweede Pinksterdag"));
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
            due.skipped.iter().map(|(day, _)| *day).collect::<Vec<_>>(),
            [date(2026, 11, 21), date(2026, 11, 22)]
        );
    }

    #[test]
    fn christmas_names_each_day_it_skips() {
        let due = office().due(at("2026-12-23T16:00"), Term::WorkingDays(1));
        assert_eq!(due.at, at("2026-12-28T17:00"));
        assert_eq!(
            due.skipped,
            [
                (
                    date(2026, 12, 24),
                    DayOff::LocalClosing("Kerstsluiting".to_owned())
                ),
                (date(2026, 12, 25), DayOff::Holiday("Eerste Kerstdag".to_owned())),
                (date(2026, 12, 26), DayOff::Weekend),
                (date(2026, 12, 27), DayOff::Weekend),
            ]
        );
    }

    #[test]
    fn working_hours_stop_at_night_and_go_on_in_the_morning() {
        let calendar = office();
        assert_eq!(
            calendar.due(at("2026-11-23T16:00"), Term::WorkingMinutes(120)).at,
            at("2026-11-24T10:00")
        );
        assert_eq!(
            calendar.due(at("2026-11-21T12:00"), Term::WorkingMinutes(120)).at,
            at("2026-11-23T11:00")
        );
        assert_eq!(
            calendar.due(at("2026-11-23T16:00"), Term::WorkingMinutes(60)).at,
            at("2026-11-23T17:00")
        );
    }

    #[test]
    fn a_term_at_the_end_of_time_ends() {
        for term in [
            Term::WorkingMinutes(600),
            Term::WorkingDays(3),
            Term::ClockMinutes(1),
        ] {
            assert!(
                office().due(Timestamp::MAX, term).at > at("9999-12-29T00:00"),
                "{term:?}"
            );
        }
    }

    #[test]
    fn clock_time_does_not_care_about_weekends() {
        let due = office().due(at("2026-11-21T23:30"), Term::ClockMinutes(60));
        assert_eq!(due.at, at("2026-11-22T00:30"));
    }

    #[test]
    fn the_office_opens_at_nine_on_both_sides_of_summer_time() {
        let calendar = office();
        assert_eq!(calendar.next_open(at("2026-03-28T12:00")), at("2026-03-30T09:00"));
        assert_eq!(calendar.next_open(at("2026-10-24T12:00")), at("2026-10-26T09:00"));
        assert!(calendar.is_open(at("2026-10-26T09:00")));
        assert!(!calendar.is_open(at("2026-10-26T17:00")));
    }
}
