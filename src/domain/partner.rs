//! What partners send: how much of it on which day, how long they may be silent, and when what they send is recognised so
//! seldom that somebody must hear of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use super::SourceId;

/// How partners are watched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartnerWatch {
    /// How long each may be silent; those that are not watched are not in it.
    pub patience: BTreeMap<SourceId, Patience>,
    /// How that is learned.
    pub silence: SilencePolicy,
    /// When what a partner sends is recognised too seldom.
    pub drift: DriftPolicy,
}

/// How long a partner may be silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// For fewer than so many working days.
    Days(u16),
    /// As long as it was before, as its own history tells.
    Learned,
}

/// How it is learned how long a partner may be silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SilencePolicy {
    /// How often in a year somebody may be asked about a partner with whom nothing is the matter.
    pub false_alarms: u32,
    /// How many working days it may be while too little is known.
    pub until_learned: u16,
}

impl SilencePolicy {
    /// The most false alarms a year: a task each month that means nothing is one that nobody reads.
    pub const MOST_FALSE_ALARMS: u32 = 12;
}

impl Default for SilencePolicy {
    fn default() -> Self {
        Self {
            false_alarms: 1,
            until_learned: 10,
        }
    }
}

/// When what a partner sends is recognised so seldom that it must have changed how it writes: all of this at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DriftPolicy {
    /// At least so many mails were not recognised ...
    pub mails: u32,
    /// ... in the last so many working days, today among them,
    pub within: u16,
    /// which is at least so many of a hundred,
    pub percent: u32,
    /// and at least so many times what is usual: the share in the middle one of the weeks before.
    pub times: u32,
}

impl DriftPolicy {
    /// The most working days that are looked at together: after a month it is no news.
    pub const MOST_DAYS: u16 = 20;
    /// The largest growth that can be asked for.
    pub const MOST_TIMES: u32 = 10;
}

impl Default for DriftPolicy {
    fn default() -> Self {
        Self {
            mails: 3,
            within: 5,
            percent: 20,
            times: 2,
        }
    }
}

/// What a partner sent on one day, as far as the municipality's own mail server vouches for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerDay {
    /// Who.
    pub source: SourceId,
    /// The day on which it was received.
    pub day: Date,
    /// How many mails.
    pub mails: u32,
    /// How many of them the rules did not recognise.
    pub unrecognised: u32,
    /// When the last of them was received.
    pub last: Timestamp,
}

impl PartnerDay {
    /// Adds what else came on the same day.
    pub fn add(&mut self, other: &Self) {
        self.mails = self.mails.saturating_add(other.mails);
        self.unrecognised = self.unrecognised.saturating_add(other.unrecognised);
        self.last = self.last.max(other.last);
    }

    /// Adds it to what is known, where it belongs.
    pub fn add_to(self, known: &mut Vec<Self>) {
        let is_same = |other: &&mut Self| other.source == self.source && other.day == self.day;
        match known.iter_mut().find(is_same) {
            Some(other) => other.add(&self),
            None => known.push(self),
        }
    }
}

/// What the ledger knows of partners.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Partners {
    /// Since when mail is taken in; none before the first rules came in force.
    pub since: Option<Timestamp>,
    /// What they sent in the last year, in no certain order.
    pub days: Vec<PartnerDay>,
    /// When it was last told of each that what it sends is not recognised.
    pub told: BTreeMap<SourceId, Timestamp>,
    /// About whose silence a task is open.
    pub silent: BTreeSet<SourceId>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn what_comes_on_one_day_from_one_partner_is_one() {
        let at = |minute: i64| Timestamp::from_second(minute * 60).unwrap();
        let one = |source: &str, day, unrecognised, minute| PartnerDay {
            source: SourceId::new(source),
            day,
            mails: 1,
            unrecognised,
            last: at(minute),
        };
        let (monday, tuesday) = (date(2026, 11, 23), date(2026, 11, 24));
        let mut known = Vec::new();
        for day in [
            one("coa", monday, 0, 5),
            one("duo", monday, 1, 1),
            one("coa", tuesday, 0, 9),
            one("coa", monday, 1, 3),
        ] {
            day.add_to(&mut known);
        }
        let together = PartnerDay {
            mails: 2,
            ..one("coa", monday, 1, 5)
        };
        assert_eq!(
            known,
            [together, one("duo", monday, 1, 1), one("coa", tuesday, 0, 9)]
        );
    }
}
