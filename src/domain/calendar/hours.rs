//! Opening hours: whether the office is open, when it opens next, and for how long it is open.
//!
//! How long the office is open between two instants is computed, not walked through: the first and the last day as
//! they are, and every working day between them as long as the opening hours. So centuries cost no more than a week does.
//! Days on which the clock is put forward or back are looked at one by one, because the night is not shut everywhere.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::holiday::holidays;
use super::{Calendar, days, is_weekend};

impl Calendar {
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

    /// How long the office is open between two instants: no time at all when `to` is not later than `from`.
    #[must_use]
    pub fn open_between(&self, from: Timestamp, to: Timestamp) -> SignedDuration {
        if to <= from {
            return SignedDuration::ZERO;
        }
        let (first, last) = (self.day(from), self.day(to));
        let open_on = |day| self.open_on(day, from, to);
        let Some(second) = first.tomorrow().ok().filter(|_| first < last) else {
            return open_on(first);
        };
        let usual = self.closes.duration_since(self.opens);
        let shifted: SignedDuration = self
            .zone
            .following(from)
            .map(|shift| self.day(shift.timestamp()))
            .take_while(|day| *day < last)
            .filter(|day| *day > first && self.day_off(*day).is_none())
            .map(|day| open_on(day) - usual)
            .sum();
        open_on(first) + usual * self.working_days(second, last) + shifted + open_on(last)
    }

    /// The instant at which the office has been open for `left` since `from`.
    pub(super) fn after_open(&self, from: Timestamp, mut left: SignedDuration) -> Timestamp {
        let mut at = self.next_open(from);
        loop {
            let close = self.at(self.day(at), self.closes);
            let open_for = close.duration_since(at);
            // At the end of time itself the office no longer opens.
            if left <= open_for || !open_for.is_positive() {
                return at.checked_add(left).unwrap_or(Timestamp::MAX);
            }
            left -= open_for;
            at = self.next_open(close);
        }
    }

    /// How much of the opening hours of a day lies between two instants.
    fn open_on(&self, day: Date, from: Timestamp, to: Timestamp) -> SignedDuration {
        if self.day_off(day).is_some() {
            return SignedDuration::ZERO;
        }
        let (opens, closes) = (self.at(day, self.opens), self.at(day, self.closes));
        let open_for = closes.min(to).duration_since(opens.max(from));
        open_for.max(SignedDuration::ZERO)
    }

    /// How many working days there are from `first` on, before `end`.
    fn working_days(&self, first: Date, end: Date) -> i32 {
        let general = (first.year()..=end.year()).flat_map(holidays);
        let listed = self.equated.keys().chain(self.local.keys());
        let off: BTreeSet<Date> = general
            .chain(listed.copied())
            .filter(|day| (first..end).contains(day) && !is_weekend(*day))
            .collect();
        let off = i32::try_from(off.len()).unwrap_or(i32::MAX);
        weekdays(first, end).saturating_sub(off)
    }
}

/// How many days there are from `first` on, before `end`, that are in no weekend.
fn weekdays(first: Date, end: Date) -> i32 {
    let total = end.duration_since(first).as_hours() / 24;
    let (weeks, rest) = (total / 7, total % 7);
    let of_rest = days(first, end)
        .zip(0..rest)
        .filter(|(day, _)| !is_weekend(*day))
        .count();
    i32::try_from(weeks * 5).unwrap_or(i32::MAX) + i32::try_from(of_rest).unwrap_or_default()
}
