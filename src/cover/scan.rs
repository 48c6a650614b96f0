//! All arrivals in the window: from one stretch of minutes that are alike to the next.

use jiff::civil::Date;

use crate::domain::{CaseloadId, LadderId, Term, TypeId};
use crate::rules::Rules;

use super::office::{Staff, Stairs};
use super::timeline::{Minute, Timeline};
use super::walk::{Read, Walk};
use super::{Cover, Week, Worst};

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
    nobody_by_name: Option<usize>,
}

impl Scan<'_> {
    /// How notices of some types are covered in a caseload.
    pub(super) fn cover(
        &self,
        caseload: &CaseloadId,
        ladder: &LadderId,
        due: Term,
        types: Vec<TypeId>,
    ) -> Cover {
        let stairs = self.rules.ladders.get(ladder).map(|ladder| {
            let caseload = self.rules.caseload(caseload);
            Stairs::new(self.rules, caseload, ladder, self.staff, self.line)
        });
        let mut worst: Vec<Option<Read>> = vec![None; self.absent + 1];
        let mut weeks = Vec::new();
        for span in self.mondays.windows(2) {
            let (Some(stairs), [first, next]) = (&stairs, span) else {
                continue;
            };
            let found = self.week(stairs, due, *first, *next);
            weeks.push(Week {
                first: *first,
                nobody_by_name: found.nobody_by_name,
            });
            for (all, own) in worst.iter_mut().zip(found.worst) {
                keep_worse(all, own);
            }
        }
        Cover {
            caseload: caseload.clone(),
            ladder: ladder.clone(),
            types,
            worst: worst
                .into_iter()
                .flatten()
                .map(|read| self.in_words(&read))
                .collect(),
            weeks,
        }
    }

    /// All arrivals from the start of one day to that of another.
    fn week(&self, stairs: &Stairs, due: Term, first: Date, next: Date) -> Found {
        let calendar = &self.rules.calendar;
        let mut found = Found {
            worst: vec![None; self.absent + 1],
            nobody_by_name: None,
        };
        let end = self.line.minute(calendar.start_of(next));
        let mut at = self.line.minute(calendar.start_of(first));
        while at < end {
            let same_for = self.arrival(stairs, due, at, &mut found).min(end - at);
            if stairs.counts_by_clock {
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
        let (due, same_for) = self.due(at, due);
        let mut walk = Walk {
            line: self.line,
            staff: self.staff,
            stairs,
            arrived: at,
            due,
            absent: self.absent,
            found: |read: Read| {
                let missing = read.missing.len();
                if read.by.is_none() && found.nobody_by_name.is_none_or(|least| missing < least) {
                    found.nobody_by_name = Some(missing);
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

    fn in_words(&self, read: &Read) -> Worst {
        let id = |number| self.staff.id(number).cloned();
        Worst {
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
