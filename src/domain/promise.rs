//! What the municipality promises about notices that must be picked up, and what may break that.

use std::cmp::Reverse;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use super::{CaseloadId, PersonId};

/// The promise: a critical notice is read in time by somebody who is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// Within how many minutes in which the office is open; none: nothing is promised, and the proof only tells.
    pub within: Option<u32>,
    /// Also when so many people are away besides those who are known to be.
    pub absent: usize,
}

impl Promise {
    /// The most people who are thought away: with each more there are many times more ways.
    pub const MOST_ABSENT: usize = 3;
}

impl Default for Promise {
    fn default() -> Self {
        Self {
            within: None,
            absent: 2,
        }
    }
}

/// When the promise is proved again, and how far ahead somebody is told what may break it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Foresight {
    /// When, each night; none: never.
    pub nightly: Option<Time>,
    /// How many weeks after the one that is going on.
    pub weeks: u32,
}

impl Foresight {
    /// The most weeks: a proof looks no further ahead.
    pub const MOST_WEEKS: u32 = 52;
}

impl Default for Foresight {
    fn default() -> Self {
        Self {
            nightly: Some(Time::constant(3, 30, 0, 0)),
            weeks: 4,
        }
    }
}

/// The latest that a notice is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatestRead {
    /// When it arrives.
    pub arrives: Timestamp,
    /// Who is away besides those who are known to be, and whether anybody knows that.
    pub away: Vec<(PersonId, bool)>,
    /// Who reads it; nobody by name: whoever reads the functional address.
    pub reader: Option<PersonId>,
    /// When it is read.
    pub reads: Timestamp,
    /// For how many minutes the office was open meanwhile.
    pub after: u32,
}

/// A week in which too few people are there for a caseload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hole {
    /// The caseload.
    pub caseload: CaseloadId,
    /// The Monday of the week.
    pub week: Date,
    /// How it comes that nobody by name reads a notice, with the fewest people away; none: that takes too many.
    pub nobody: Option<LatestRead>,
    /// How the promise is broken, with the fewest people away; none: it is kept.
    pub late: Option<LatestRead>,
}

impl Hole {
    /// Whether it is the same hole as another, of another night.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        (&self.caseload, self.week) == (&other.caseload, other.week)
    }

    /// Whether fewer people have to be away than before, or a notice is read later.
    #[must_use]
    pub fn is_worse_than(&self, before: &Self) -> bool {
        let fewer = |read: &LatestRead| Reverse(read.away.len());
        is_more(self.nobody.as_ref(), before.nobody.as_ref(), fewer)
            || is_more(self.late.as_ref(), before.late.as_ref(), |read| {
                (fewer(read), read.after)
            })
    }
}

/// Whether the first measures more; anything is more than nothing.
fn is_more<M: Ord>(
    one: Option<&LatestRead>,
    other: Option<&LatestRead>,
    measure: impl Fn(&LatestRead) -> M,
) -> bool {
    one.is_some_and(|one| other.is_none_or(|other| measure(one) > measure(other)))
}

/// What the last proof found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// When it was made.
    pub at: Timestamp,
    /// The holes in the coming weeks. Of each somebody was told.
    pub holes: Vec<Hole>,
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn read(away: usize, after: u32) -> LatestRead {
        LatestRead {
            arrives: Timestamp::UNIX_EPOCH,
            away: vec![(PersonId::new("fatima"), true); away],
            reader: None,
            reads: Timestamp::UNIX_EPOCH,
            after,
        }
    }

    fn hole(nobody: Option<LatestRead>, late: Option<LatestRead>) -> Hole {
        Hole {
            caseload: CaseloadId::new("asiel"),
            week: date(2026, 12, 21),
            nobody,
            late,
        }
    }

    #[test]
    fn a_hole_is_worse_when_fewer_suffice_or_a_notice_lies_longer() {
        let before = hole(Some(read(1, 120)), Some(read(2, 500)));
        for (now, is_worse) in [
            (before.clone(), false),
            (hole(Some(read(0, 60)), Some(read(2, 500))), true),
            (hole(Some(read(1, 240)), Some(read(2, 500))), false),
            (hole(None, Some(read(2, 501))), true),
            (hole(None, Some(read(1, 490))), true),
            (hole(Some(read(1, 120)), Some(read(2, 499))), false),
            (hole(Some(read(1, 120)), None), false),
        ] {
            assert_eq!(now.is_worse_than(&before), is_worse, "{now:?}");
        }
        assert!(before.is_worse_than(&hole(None, Some(read(2, 500)))));
        assert!(before.is_worse_than(&hole(Some(read(1, 120)), None)));
    }
}
