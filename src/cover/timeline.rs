//! The window of a proof in whole minutes: when the office is open, when terms end and when each person is there.
//!
//! Moments are minutes since the start of the window. Everything is laid out once, so that a question costs a few steps in a
//! sorted list (`row`); what lies beyond the window ends at its end.

use jiff::{SignedDuration, Timestamp};

use crate::decide::shifts;
use crate::domain::{Away, Calendar, Person, Term};

use super::row::{Ends, Row};

/// Minutes since the start of the window.
pub(super) type Minute = u32;

/// A span of minutes, without its last.
pub(super) type Span = (Minute, Minute);

/// When the office is open, and when terms end.
#[derive(Debug)]
pub(super) struct Timeline {
    start: Timestamp,
    /// The end of the window.
    pub(super) end: Minute,
    /// Each working day: when it opens and closes, and for how many minutes the office was open before.
    days: Row<Day>,
}

#[derive(Debug, Clone, Copy)]
struct Day {
    opens: Minute,
    closes: Minute,
    before: Minute,
}

impl Ends for Day {
    fn end(&self) -> Minute {
        self.closes
    }
}

impl Ends for Span {
    fn end(&self) -> Minute {
        self.1
    }
}

impl Timeline {
    /// The window from `start`, which begins a minute, to `end`.
    pub(super) fn new(calendar: &Calendar, start: Timestamp, end: Timestamp) -> Self {
        let minute = |at: Timestamp| minutes_between(start, at);
        let (opens, closes) = calendar.hours();
        let days = std::iter::successors(Some(calendar.day(start)), |day| day.tomorrow().ok());
        let mut before = 0;
        let days = days
            .take_while(|day| calendar.start_of(*day) < end)
            .filter(|day| calendar.day_off(*day).is_none())
            .map(|day| (minute(calendar.at(day, opens)), minute(calendar.at(day, closes))))
            .filter(|(opens, closes)| opens < closes)
            .map(|(opens, closes)| {
                let day = Day {
                    opens,
                    closes,
                    before,
                };
                before += closes - opens;
                day
            })
            .collect();
        let end = minute(end);
        Self {
            start,
            end,
            days: Row::new(days, end),
        }
    }

    /// The instant of a minute.
    pub(super) fn instant(&self, minute: Minute) -> Timestamp {
        self.start
            .checked_add(SignedDuration::from_mins(i64::from(minute)))
            .unwrap_or(Timestamp::MAX)
    }

    /// The working day that is going on, or comes next.
    pub(super) fn day(&self, at: Minute) -> usize {
        self.days.next(at)
    }

    /// How many working days the window has.
    pub(super) fn days(&self) -> usize {
        self.days.len()
    }

    /// When the office opens on a working day.
    pub(super) fn opening(&self, day: usize) -> Minute {
        self.days.get(day).map_or(self.end, |day| day.opens)
    }

    /// `at` itself when the office is open, otherwise when it opens next.
    pub(super) fn next_open(&self, at: Minute) -> Minute {
        self.opening(self.day(at)).max(at)
    }

    /// When the office closed for the last time before a minute; the start of the window when that was before it.
    pub(super) fn last_close(&self, before: Minute) -> Minute {
        let last = self
            .day(before)
            .checked_sub(1)
            .and_then(|last| self.days.get(last));
        last.map_or(0, |day| day.closes)
    }

    /// For how many minutes the office was open from the start of the window to `at`.
    fn open_until(&self, at: Minute) -> Minute {
        self.days.get(self.day(at)).map_or_else(
            || {
                self.days
                    .last()
                    .map_or(0, |day| day.before + day.closes - day.opens)
            },
            |day| day.before + at.saturating_sub(day.opens),
        )
    }

    /// For how many minutes the office is open between two moments.
    pub(super) fn open_between(&self, from: Minute, until: Minute) -> Minute {
        self.open_until(until).saturating_sub(self.open_until(from))
    }

    /// When a term ends that starts at `from`; see [`Calendar::due`]. Statutory terms are no part of a ladder.
    pub(super) fn due(&self, from: Minute, term: Term) -> Minute {
        match term {
            Term::WorkingMinutes(minutes) => self.after_open(from, minutes),
            Term::ClockMinutes(minutes) => from.saturating_add(minutes).min(self.end),
            Term::WorkingDays(days) => {
                let last = self.day(from).saturating_add(usize::from(days));
                self.days.get(last).map_or(self.end, |day| day.closes)
            }
            Term::Statutory(_) => self.end,
        }
    }

    fn after_open(&self, from: Minute, minutes: Minute) -> Minute {
        let wanted = self.open_until(self.next_open(from)) + minutes;
        let later = (self.day(from)..).map_while(|day| self.days.get(day));
        later
            .into_iter()
            .find(|day| day.before + day.closes - day.opens >= wanted)
            .map_or(self.end, |day| day.opens + wanted - day.before)
    }

    /// The first moment after `at` at which the office opens or closes.
    pub(super) fn next_edge(&self, at: Minute) -> Minute {
        match self.days.get(self.day(at)) {
            Some(day) if at < day.opens => day.opens,
            Some(day) => day.closes,
            None => self.end,
        }
        .max(at + 1)
    }

    /// Whether the office closes at this moment: a term that ends here ends on the next working day when it is a minute
    /// longer.
    pub(super) fn is_close(&self, at: Minute) -> bool {
        let before = at
            .checked_sub(1)
            .and_then(|before| self.days.get(self.day(before)));
        before.is_some_and(|day| day.closes == at)
    }

    /// When somebody works and is not away.
    pub(super) fn presence(&self, calendar: &Calendar, person: &Person, away: &[&Away]) -> Vec<Span> {
        let works = shifts(calendar, person, self.start, self.instant(self.end));
        let spans = works
            .into_iter()
            .map(|(from, until)| (self.minute(from), self.minute(until)));
        self.without(&merged(spans.collect()), away)
    }

    /// When somebody is not away, whatever the hour.
    pub(super) fn not_away(&self, away: &[&Away]) -> Vec<Span> {
        self.without(&[(0, self.end)], away)
    }

    /// The minute of an instant, within the window.
    pub(super) fn minute(&self, at: Timestamp) -> Minute {
        minutes_between(self.start, at).min(self.end)
    }

    /// What absences leave of spans.
    fn without(&self, spans: &[Span], away: &[&Away]) -> Vec<Span> {
        let gone: Vec<Span> = away
            .iter()
            .map(|away| {
                let from = self.minute(away.from);
                (from, away.until.map_or(self.end, |until| self.minute(until)))
            })
            .collect();
        let gone = merged(gone);
        let mut left = Vec::new();
        for (from, until) in spans {
            let mut at = *from;
            for (start, end) in gone.iter().filter(|(start, end)| start < until && end > from) {
                if at < *start {
                    left.push((at, *start));
                }
                at = at.max(*end);
            }
            if at < *until {
                left.push((at, *until));
            }
        }
        left
    }
}

/// Whole minutes from one instant to a later one, a started one counting as whole.
fn minutes_between(from: Timestamp, to: Timestamp) -> Minute {
    let seconds = to.duration_since(from).as_secs().max(0);
    Minute::try_from((seconds + 59) / 60).unwrap_or(Minute::MAX)
}

/// Spans in order, with those that touch or overlap made one.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut all: Vec<Span> = Vec::with_capacity(spans.len());
    for (from, until) in spans {
        match all.last_mut() {
            Some((_, end)) if from <= *end => *end = until.max(*end),
            _ => all.push((from, until)),
        }
    }
    all
}
