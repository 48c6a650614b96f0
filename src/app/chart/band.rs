//! Half a year of weeks beside each other: a bar for each, and its numbers below it.

use super::pen::{Pen, Side, Size};
use super::{Length, MARGIN, away_in_words};
use crate::cover::{Week, in_hours};
use crate::rules::Rules;
use crate::templates::short_day_in_words;

/// Where the first week stands; what stands before it says what a row is.
const LEFT: Length = 520;
/// How much room a week has.
const ACROSS: Length = 86;
const BAR: Length = 50;
/// How high the bars can be.
const HEIGHT: Length = 420;
/// From the ground to the numbers of weeks, to their days, to the first row of the table; and from row to row.
const WEEK: Length = 54;
const DAY: Length = 94;
const TABLE: Length = 148;
const ROW: Length = 46;

/// How long each hour is drawn.
pub(super) struct Scale {
    /// Minutes from one rule to the next.
    step: u32,
    /// Minutes at the top.
    top: u32,
}

impl Scale {
    /// With room for so many minutes, and not more rules than can be told apart.
    pub(super) fn up_to(minutes: u32) -> Self {
        const HOURS: [u32; 8] = [1, 2, 4, 8, 16, 40, 80, 200];
        let fits = |hours: &u32| minutes <= hours * 60 * 6;
        let step = HOURS.into_iter().find(fits).unwrap_or(2_000) * 60;
        Self {
            step,
            top: minutes.div_ceil(step).max(1) * step,
        }
    }

    /// How high so many minutes are drawn.
    fn high(&self, minutes: u32) -> Length {
        let high = u64::from(minutes.min(self.top)) * u64::from(HEIGHT) / u64::from(self.top.max(1));
        Length::try_from(high).unwrap_or(HEIGHT)
    }
}

/// A band on a page.
pub(super) struct Band<'a> {
    pub(super) rules: &'a Rules,
    /// How many more people are thought away at most.
    pub(super) absent: usize,
    pub(super) scale: &'a Scale,
    /// Where it begins.
    pub(super) top: Length,
}

impl Band<'_> {
    pub(super) fn draw(&self, weeks: &[Week], pen: &mut Pen) {
        let count = Length::try_from(weeks.len()).unwrap_or_default();
        let right = LEFT + count * ACROSS;
        self.hours(right, pen);
        let mut month = None;
        for (place, week) in (0..).zip(weeks) {
            let middle = LEFT + place * ACROSS + ACROSS / 2;
            self.week(middle, week, pen);
            // The month once: there is little room.
            let day = if month.replace(week.first.month()) == Some(week.first.month()) {
                week.first.day().to_string()
            } else {
                short_day_in_words(week.first)
            };
            pen.text(middle, self.ground() + DAY, Side::Middle, Size::Tiny, &day);
        }
        if let Some(within) = self.rules.promise.within {
            pen.promise(LEFT, right, self.ground() - self.scale.high(within));
        }
        pen.ground(LEFT, right, self.ground());
        pen.rule(MARGIN, right, self.ground() + DAY + 16);
        self.words(pen);
    }

    fn ground(&self) -> Length {
        self.top + HEIGHT
    }

    /// The baseline of a row of the table.
    fn row(&self, row: usize) -> Length {
        self.ground() + TABLE + Length::try_from(row).unwrap_or_default() * ROW
    }

    /// A rule at each hour, or at each few.
    fn hours(&self, right: Length, pen: &mut Pen) {
        let marks = (0..=self.scale.top).step_by(usize::try_from(self.scale.step).unwrap_or(usize::MAX));
        for minutes in marks {
            let y = self.ground() - self.scale.high(minutes);
            pen.rule(LEFT, right, y);
            let hours = format!("{} uur", minutes / 60);
            pen.text(LEFT - 16, y + 10, Side::Right, Size::Small, &hours);
        }
    }

    /// What each row is.
    fn words(&self, pen: &mut Pen) {
        let mut say = |y, words: &str| pen.text(LEFT - 16, y, Side::Right, Size::Small, words);
        say(self.ground() + WEEK, "week");
        say(self.ground() + DAY, "vanaf");
        for absent in 0..=self.absent {
            say(self.row(absent), &away_in_words(absent));
        }
        say(self.row(self.absent + 1), "geen collega leest het bij");
    }

    /// The bar of a week, in pieces: what each person who is away besides makes it higher; and its numbers.
    fn week(&self, middle: Length, week: &Week, pen: &mut Pen) {
        let mut below = 0;
        for (absent, worst) in week.worst.iter().enumerate() {
            let high = self.scale.high(worst.after);
            if high > below {
                pen.bar(middle - BAR / 2, self.ground() - high, BAR, high - below, absent);
            }
            below = high.max(below);
        }
        let number = week.first.iso_week_date().week().to_string();
        pen.week(middle, self.ground() + WEEK, &number, week.is_thin(self.rules));
        self.numbers(middle, week, pen);
    }

    fn numbers(&self, middle: Length, week: &Week, pen: &mut Pen) {
        let monday = week.first.to_string();
        let within = self.rules.promise.within;
        for (absent, worst) in week.worst.iter().enumerate() {
            let is_promised = absent <= self.rules.promise.absent;
            let is_late = is_promised && within.is_some_and(|within| worst.after > within);
            let row = absent.to_string();
            let hours = in_hours(worst.after);
            pen.number((middle, self.row(absent)), (&monday, &row), &hours, is_late);
        }
        let nobody = week.nobody_by_name.as_ref().map(|read| read.away.len());
        let words = nobody.map_or_else(|| "–".to_owned(), |away| away.to_string());
        let is_thin = week.nobody().is_some();
        let at = (middle, self.row(self.absent + 1));
        pen.number(at, (&monday, "nobody"), &words, is_thin);
    }
}
