//! Terms: how long something may take, and when that time is over.
//!
//! # Internal terms
//! Working days and working minutes are the office's own: they run while it is open and end while it is open.
//!
//! # Statutory terms
//! A [`Period`] is counted as the Algemene termijnenwet counts, which is the same for everybody in the country. The day of
//! receipt does not count, whatever the hour; days are calendar days, and a month ends on the day of the same number, or
//! on the last day of a month that is too short. The term ends with its last day: the instant is the one at which the
//! next day starts.
//!
//! - Art. 1: a last day that is a Saturday, a Sunday or a general (or equated) holiday moves to the next day that is none.
//! - Art. 2: a term of at least three days has at least two days in it that are none.
//! - Art. 3: the holidays, see [`super::holiday()`]. Local closing days are none.
//! - Art. 4, under a: all this does not hold for terms set in more than 90 days, more than twelve weeks, more than three
//!   months, or in years; those end where the calendar says. What counts is how the term is written: `12 weken` moves,
//!   `91 dagen` and `1 jaar` do not.
//!
//! The wording of art. 2 and 4 was read second-hand, not in the official text: unverified. Terms in hours (also excepted
//! by art. 4) and terms that are counted back from a day (art. 1, second paragraph) are not terms here.

use jiff::civil::Date;
use jiff::{SignedDuration, Span, Timestamp};
use serde::{Deserialize, Serialize};

use super::super::Ahead;
use super::{Calendar, DayOff, days, days_back, next_day};

/// How long something may take, in the units the rules use. The order is that of the variants, not of length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Term {
    /// Working days; ends at closing time of the last.
    WorkingDays(u16),
    /// Minutes in which the office is open.
    WorkingMinutes(u32),
    /// Minutes on the clock.
    ClockMinutes(u32),
    /// As a law counts; ends with the last day.
    Statutory(Period),
}

/// How long something may take by law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Period {
    /// Calendar days.
    Days(u16),
    /// Weeks of seven calendar days.
    Weeks(u16),
    /// Calendar months.
    Months(u16),
    /// Calendar years.
    Years(u16),
}

/// When a term ends, and how that was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The last moment.
    pub at: Timestamp,
    /// Days between receipt and end that did not count, with the reason. In a statutory term every day counts: there
    /// it is the days that made it longer.
    pub skipped: Vec<(Date, DayOff)>,
}

impl Period {
    /// The last day of this period when `day` is the day before its first.
    fn end(self, day: Date) -> Date {
        self.span()
            .and_then(|span| day.checked_add(span))
            .unwrap_or(Date::MAX)
    }

    /// The day that lies so long before `day`.
    fn before(self, day: Date) -> Date {
        self.span()
            .and_then(|span| day.checked_sub(span))
            .unwrap_or(Date::MIN)
    }

    fn span(self) -> Result<Span, jiff::Error> {
        let none = Span::new();
        match self {
            Self::Days(days) => none.try_days(days),
            Self::Weeks(weeks) => none.try_weeks(weeks),
            Self::Months(months) => none.try_months(months),
            Self::Years(years) => none.try_years(years),
        }
    }

    /// Whether weekends and holidays can make it longer (art. 4).
    fn can_be_extended(self) -> bool {
        match self {
            Self::Days(days) => days <= 90,
            Self::Weeks(weeks) => weeks <= 12,
            Self::Months(months) => months <= 3,
            Self::Years(_) => false,
        }
    }
}

impl Calendar {
    /// The end of a term that starts at `from`, with the days that were skipped on the way.
    #[must_use]
    pub fn due(&self, from: Timestamp, term: Term) -> Due {
        match term {
            Term::WorkingDays(days) => self.due_in_days(from, days),
            Term::WorkingMinutes(minutes) => {
                let at = self.after_open(from, SignedDuration::from_mins(i64::from(minutes)));
                Due {
                    at,
                    skipped: skipped(self.day(from), self.day(at), |day| self.day_off(day)),
                }
            }
            Term::ClockMinutes(minutes) => Due {
                at: from
                    .checked_add(SignedDuration::from_mins(i64::from(minutes)))
                    .unwrap_or(Timestamp::MAX),
                skipped: Vec::new(),
            },
            Term::Statutory(period) => self.due_by_law(self.day(from), period),
        }
    }

    /// When the office opens on the working day that lies so long before the last day of a term, or on the one before that.
    #[must_use]
    pub fn ahead_of(&self, end: Timestamp, ahead: Ahead) -> Timestamp {
        let last = self.last_day(end);
        let (from, days) = match ahead {
            Ahead::WorkingDays(days) => (last, days),
            Ahead::Calendar(period) => (period.before(last), 0),
        };
        let mut counting = days_back(from).filter(|day| self.day_off(*day).is_none());
        let day = counting.nth(usize::from(days)).unwrap_or(Date::MIN);
        self.at(day, self.opens)
    }

    /// The last day of what is over at `end`: the day before, when that is the instant at which a day starts.
    #[must_use]
    pub fn last_day(&self, end: Timestamp) -> Date {
        self.day(end.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(end))
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
            skipped: skipped(received, day, |day| self.day_off(day)),
        }
    }

    /// The calendar says when it ends; where the law gives more time, the later of its two reasons counts.
    fn due_by_law(&self, received: Date, period: Period) -> Due {
        let end = period.end(received);
        if !period.can_be_extended() {
            return self.with_the_end_of(end, Vec::new());
        }
        let off = |day: Date| self.day_off_by_law(day);
        let ordinary = |day: Date| off(day).is_none();
        let moved = if ordinary(end) {
            end
        } else {
            next_day(end, ordinary)
        };
        let has_three_days = end.duration_since(received) >= SignedDuration::from_hours(3 * 24);
        let second_ordinary = next_day(next_day(received, ordinary), ordinary);
        if has_three_days && second_ordinary > moved {
            return self.with_the_end_of(second_ordinary, skipped(received, second_ordinary, off));
        }
        self.with_the_end_of(moved, skipped(end, moved, off))
    }

    fn with_the_end_of(&self, day: Date, skipped: Vec<(Date, DayOff)>) -> Due {
        Due {
            at: day
                .tomorrow()
                .map_or(Timestamp::MAX, |tomorrow| self.start_of(tomorrow)),
            skipped,
        }
    }
}

/// The days from `first` to `last` that are off, with the reason.
fn skipped(first: Date, last: Date, off: impl Fn(Date) -> Option<DayOff>) -> Vec<(Date, DayOff)> {
    days(first, last)
        .filter_map(|day| Some((day, off(day)?)))
        .collect()
}
