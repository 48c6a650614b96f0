//! The coming weeks in which too few people are there, for whoever can still do something about it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::{Span, Timestamp};

use crate::domain::{Away, CaseloadId, Hole, LatestRead};
use crate::rules::Rules;

use super::{Proof, Scope, Week, monday, prove};

/// With so few more people away nobody by name may read a notice: one is ill on most days.
pub(super) const TOO_FEW: usize = 1;

impl Scope {
    /// This week and so many whole weeks as the rules want to be told ahead. Only whole weeks: a hole does not become
    /// worse from one night to the next because one more day of its week is looked at.
    fn ahead(rules: &Rules, now: Timestamp) -> Self {
        let from = rules.calendar.day(now);
        let weeks = Span::new().weeks(i64::from(rules.foresight.weeks) + 1);
        Self {
            from,
            until: monday(from).saturating_add(weeks),
            absent: rules.promise.absent.max(TOO_FEW),
        }
    }
}

/// Proves how critical notices are covered in the coming weeks, and returns each week of each caseload in which they are not.
#[must_use]
pub fn ahead(rules: &Rules, away: &[Away], now: Timestamp) -> Vec<Hole> {
    prove(rules, away, Scope::ahead(rules, now)).holes(rules)
}

impl Proof {
    /// The cover of each caseload week by week, whatever the type of the notice: the worst of all.
    #[must_use]
    pub fn weeks(&self) -> BTreeMap<&CaseloadId, Vec<Week>> {
        let mut all: BTreeMap<&CaseloadId, Vec<Week>> = BTreeMap::new();
        for cover in &self.covers {
            // Of the week after the last only a weekend was looked at.
            let weeks = cover.weeks.iter().filter(|week| week.first < self.scope.until);
            let known = all.entry(&cover.caseload).or_default();
            if known.is_empty() {
                known.extend(weeks.cloned());
            } else {
                known
                    .iter_mut()
                    .zip(weeks)
                    .for_each(|(known, week)| known.add(week));
            }
        }
        all
    }

    /// Each week of each caseload in which it is known now that too few people are there: one illness would leave a notice
    /// to a functional address, or the promise would be broken.
    fn holes(&self, rules: &Rules) -> Vec<Hole> {
        let caseloads = self.weeks().into_iter();
        let holes = caseloads.flat_map(|(caseload, weeks)| {
            let thin = weeks.into_iter().filter(|week| week.is_thin(rules));
            thin.map(|week| Hole {
                caseload: caseload.clone(),
                week: monday(week.first),
                nobody: week.nobody().cloned(),
                late: week.late(rules).cloned(),
            })
        });
        holes.collect()
    }
}

impl Week {
    /// Makes it the worst of both. They are of the same days.
    fn add(&mut self, other: &Self) {
        for (known, worst) in self.worst.iter_mut().zip(&other.worst) {
            if worst.after > known.after {
                *known = worst.clone();
            }
        }
        keep_likelier(&mut self.nobody_by_name, other.nobody_by_name.as_ref());
    }

    /// Whether too few people are there: see [`Week::nobody`] and [`Week::late`].
    #[must_use]
    pub fn is_thin(&self, rules: &Rules) -> bool {
        self.nobody().is_some() || self.late(rules).is_some()
    }

    /// How it comes that nobody by name reads a notice, when too few have to be away for it.
    #[must_use]
    pub fn nobody(&self) -> Option<&LatestRead> {
        let read = self.nobody_by_name.as_ref();
        read.filter(|read| read.away.len() <= TOO_FEW)
    }

    /// How the promise is broken, with the fewest people away; never with more than it is made for.
    #[must_use]
    pub fn late(&self, rules: &Rules) -> Option<&LatestRead> {
        let within = rules.promise.within?;
        let mut promised = self.worst.iter().take(rules.promise.absent + 1);
        promised.find(|worst| worst.after > within)
    }
}

/// With fewer people away, or with as many and later.
fn keep_likelier(kept: &mut Option<LatestRead>, other: Option<&LatestRead>) {
    let rank = |read: &LatestRead| (Reverse(read.away.len()), read.after);
    if let Some(other) = other
        && kept.as_ref().is_none_or(|kept| rank(other) > rank(kept))
    {
        *kept = Some(other.clone());
    }
}
