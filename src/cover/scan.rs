//! All arrivals in the window: from one stretch of minutes that are alike to the next.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};

use crate::domain::{CaseloadId, LadderId, LatestRead, Term, TypeId};
use crate::rules::Rules;

use super::office::{Staff, Stairs};
use super::timeline::{Minute, Timeline};
use super::walk::{Read, Walk};
use super::{Cover, Week};

/// What all covers are looked at with.
pub(super) struct Scan<'a> {
    pub(super) rules: &'a Rules,
    pub(super) line: &'a Timeline,
    pub(super) staff: &'a Staff,
    /// The first day of each week, and the day after the last.
    pub(super) mondays: &'a [Date],
    pub(super) absent: usize,
}

/// What a week came to so far: the worst for each number of people who are away.
struct Found {
    worst: Vec<Option<Read>>,
    /// With the fewest people away, and of those the worst.
    nobody_by_name: Option<Read>,
}

impl Scan<'_> {
    /// How notices are covered in a caseload that climb a ladder: of types that are alike, by their term.
    pub(super) fn covers(
        &self,
        caseload: &CaseloadId,
        ladder: &LadderId,
        types: BTreeMap<Term, Vec<TypeId>>,
    ) -> Vec<Cover> {
        let Some(stairs) = self.rules.ladders.get(ladder).map(|ladder| {
            let caseload = self.rules.caseload(caseload);
            Stairs::new(self.rules, caseload, ladder, self.staff, self.line)
        }) else {
            return Vec::new();
        };
        let covers = types.into_iter().map(|(due, types)| {
            let (worst, weeks) = self.all_weeks(&stairs, due);
            Cover {
                caseload: caseload.clone(),
                ladder: ladder.clone(),
                types,
                worst,
                weeks,
            }
        });
        covers.collect()
    }

    /// The worst of all weeks, and each of them.
    fn all_weeks(&self, stairs: &Stairs, due: Term) -> (Vec<LatestRead>, Vec<Week>) {
        let mut worst: Vec<Option<Read>> = vec![None; self.absent + 1];
        let mut weeks = Vec::new();
        for (first, from, until) in self.spans_of_weeks() {
            let found = self.week(stairs, due, from, until);
            weeks.push(Week {
                first,
                worst: self.all_in_words(&found.worst),
                nobody_by_name: found.nobody_by_name.map(|read| self.in_words(&read)),
            });
            for (all, own) in worst.iter_mut().zip(found.worst) {
                keep_worse(all, own);
            }
        }
        (self.all_in_words(&worst), weeks)
    }

    fn all_in_words(&self, reads: &[Option<Read>]) -> Vec<LatestRead> {
        reads.iter().flatten().map(|read| self.in_words(read)).collect()
    }

    /// Each week with the minutes at which notices arrive for it: it begins when the office closes for the last time before
    /// it, since what arrives in a weekend is handled after it. Weeks without such a minute are left out; what arrives
    /// after the last whole week is closed is for the week that comes next.
    fn spans_of_weeks(&self) -> Vec<(Date, Minute, Minute)> {
        let start_of = |day: &Date| self.line.minute(self.rules.calendar.start_of(*day));
        let (Some(from), Some(until)) = (self.mondays.first(), self.mondays.last()) else {
            return Vec::new();
        };
        let (from, until) = (start_of(from), start_of(until));
        let later = self.mondays.iter().skip(1);
        let starts = later.map(|day| match day.weekday() {
            Weekday::Monday => self.line.last_close(start_of(day)).max(from),
            _ => start_of(day),
        });
        let starts: Vec<Minute> = std::iter::once(from).chain(starts).collect();
        let ends = starts.iter().skip(1).copied().chain([until]);
        let spans = self.mondays.iter().zip(&starts).zip(ends);
        spans
            .map(|((first, start), end)| (*first, *start, end))
            .filter(|(_, start, end)| start < end)
            .collect()
    }

    /// All arrivals from one minute to another.
    fn week(&self, stairs: &Stairs, due: Term, from: Minute, until: Minute) -> Found {
        let mut found = Found {
            worst: vec![None; self.absent + 1],
            nobody_by_name: None,
        };
        let by_clock = stairs.by_clock(due);
        let mut at = from;
        while at < until {
            let same_for = self.arrival(stairs, due, at, &mut found).min(until - at);
            if by_clock {
                self.arrival(stairs, due, at + same_for - 1, &mut found);
            }
            at += same_for;
        }
        // With more people away it is no better: they need not be away.
        for more in 1..found.worst.len() {
            let fewer = found.worst.get(more - 1).copied().flatten();
            if let Some(worst) = found.worst.get_mut(more) {
                keep_worse(worst, fewer);
            }
        }
        found
    }

    /// A notice that arrives at this minute; says for how many minutes others fare the same.
    fn arrival(&self, stairs: &Stairs, due: Term, at: Minute, found: &mut Found) -> Minute {
        let by_clock = stairs.by_clock(due);
        let (due, same_for) = self.due(at, due);
        let mut walk = Walk {
            line: self.line,
            staff: self.staff,
            stairs,
            arrived: at,
            due,
            by_clock,
            absent: self.absent,
            found: |read: Read| {
                let missing = read.missing.len();
                if read.by.is_none() {
                    keep_likelier(&mut found.nobody_by_name, read);
                }
                if let Some(worst) = found.worst.get_mut(missing) {
                    keep_worse(worst, Some(read));
                }
            },
            same_for,
        };
        walk.run();
        walk.same_for
    }

    /// When a notice must be handled, and for how many minutes that is counted from the same day.
    fn due(&self, at: Minute, term: Term) -> (Minute, Minute) {
        if !matches!(term, Term::Statutory(_)) {
            return (self.line.due(at, term), Minute::MAX);
        }
        let calendar = &self.rules.calendar;
        let arrives = self.line.instant(at);
        let tomorrow = calendar.day(arrives).tomorrow().unwrap_or(Date::MAX);
        let midnight = self.line.minute(calendar.start_of(tomorrow));
        let due = self.line.minute(calendar.due(arrives, term).at);
        (due, midnight.saturating_sub(at).max(1))
    }

    fn in_words(&self, read: &Read) -> LatestRead {
        let id = |number| self.staff.id(number).cloned();
        LatestRead {
            arrives: self.line.instant(read.arrived),
            away: read
                .missing
                .iter()
                .filter_map(|(number, is_known)| Some((id(number)?, is_known)))
                .collect(),
            reader: read.by.and_then(id),
            reads: self.line.instant(read.at),
            after: read.after,
        }
    }
}

fn keep_worse(kept: &mut Option<Read>, other: Option<Read>) {
    if let Some(other) = other
        && kept.is_none_or(|kept| other.is_worse_than(&kept))
    {
        *kept = Some(other);
    }
}

/// With fewer people away, or with as many and worse.
fn keep_likelier(kept: &mut Option<Read>, other: Read) {
    let is_likelier = kept.is_none_or(|kept| {
        let (fewer, as_many) = (other.missing.len(), kept.missing.len());
        fewer < as_many || (fewer == as_many && other.is_worse_than(&kept))
    });
    if is_likelier {
        *kept = Some(other);
    }
}
