//! Days and hours: which days count, when the office is open, when a term ends.
//!
//! # What it guarantees
//! Every answer is an instant that exists (both edges of summer time included), working time never advances while the
//! office is closed, and each due date can name the days it skipped and why. Nothing loops longer than the term is, and
//! at the ends of time answers stop there instead of failing.
//!
//! # How
//! A day counts or it does not: [`holiday()`] knows the days of the law, the rules files add the days equated with them
//! and the days on which only this municipality is closed. On top of that stand the opening hours ([`hours`]) and the
//! terms ([`term`]). Civil days and times become instants in one place, [`Calendar::at`].
//!
//! # Sources
//! Algemene termijnenwet art. 3 for the holidays, and the other articles for statutory terms (see [`term`]). Internal
//! terms count from the day of receipt, which is day 0, or the next working day when a notice comes in after hours: our
//! own choice, see the rules files.
//!
//! # What we accept
//! An office that opens or closes within the hour that summer time repeats is taken to be open all through it.
//! A civil day that a zone left out altogether (Samoa, 30 December 2011) counts as a day.
//!
//! Crates that were looked at: `business-days` and `bdays` know the days of other countries, `business` brings none, and the
//! Dutch calendar of `RustQuant_time` is one for finance, on another crate for time.

mod holiday;
mod hours;
mod term;

use std::collections::BTreeMap;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Serialize};

use holiday::holiday;
pub use term::{Due, Period, Term};

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

    /// The zone of its days.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
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

    /// A civil time as an instant. In the hour that summer time skips: the first moment after it; in the hour that
    /// comes twice: the first of the two.
    #[must_use]
    pub fn at(&self, day: Date, time: Time) -> Timestamp {
        let civil = self.zone.to_ambiguous_timestamp(day.to_datetime(time));
        let instant = match civil.offset() {
            // Read by the clock of after the gap, the time lies before it: what follows is the gap itself.
            AmbiguousOffset::Gap { .. } => civil
                .earlier()
                .ok()
                .and_then(|before| self.zone.following(before).next())
                .map(|gap| gap.timestamp()),
            AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => civil.earlier().ok(),
        };
        // Civil days reach a little further than instants do, on both sides.
        instant.unwrap_or(if day.year() < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        })
    }

    /// The first instant of a civil day.
    #[must_use]
    pub fn start_of(&self, day: Date) -> Timestamp {
        self.at(day, Time::midnight())
    }

    /// Why this day does not count, or nothing when it does.
    #[must_use]
    pub fn day_off(&self, day: Date) -> Option<DayOff> {
        weekend(day).or_else(|| self.closed_for(day))
    }

    /// The holiday on this day, or what only this municipality is closed for; also when it falls in a weekend.
    #[must_use]
    pub fn closed_for(&self, day: Date) -> Option<DayOff> {
        self.holiday_on(day).or_else(|| {
            self.local
                .get(&day)
                .map(|name| DayOff::LocalClosing(name.clone()))
        })
    }

    /// The first working day after `day`.
    #[must_use]
    pub fn next_working_day(&self, day: Date) -> Date {
        next_day(day, |day| self.day_off(day).is_none())
    }

    /// The same for everybody in the country: what the municipality itself closes for does not matter to the law.
    fn day_off_by_law(&self, day: Date) -> Option<DayOff> {
        weekend(day).or_else(|| self.holiday_on(day))
    }

    /// The holiday of the law on this day, or the day equated with one.
    fn holiday_on(&self, day: Date) -> Option<DayOff> {
        holiday(day)
            .map(str::to_owned)
            .or_else(|| self.equated.get(&day).cloned())
            .map(DayOff::Holiday)
    }
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn weekend(day: Date) -> Option<DayOff> {
    is_weekend(day).then_some(DayOff::Weekend)
}

fn days(first: Date, last: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), |day| day.tomorrow().ok()).take_while(move |day| *day <= last)
}

/// `day`, the day before it, and so on.
fn days_back(day: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(day), |day| day.yesterday().ok())
}

/// The first day after `day` that counts. A calendar of a hundred years without one does not exist: weekends end.
fn next_day(day: Date, counts: impl Fn(Date) -> bool) -> Date {
    let mut after = days(day, Date::MAX).skip(1);
    after.find(|day| counts(*day)).unwrap_or(Date::MAX)
}
