//! What the proof says about one notice, held against what happened to it.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{Timestamp, ToSpan};
use koppelwacht::cover::{Scope, prove};
use koppelwacht::domain::{Away, PersonId, Promise, Task};
use koppelwacht::rules::Rules;

use super::world::World;

/// A critical notice that nobody has read.
#[derive(Debug)]
pub(crate) struct Unread {
    /// The rules that the proof goes by.
    rules: Arc<Rules>,
    /// Who was known to be away when it arrived, and when.
    known: Vec<Away>,
    arrived: Timestamp,
}

impl Unread {
    pub(crate) fn new(rules: Arc<Rules>, known: Vec<Away>, arrived: Timestamp) -> Self {
        Self {
            rules,
            known,
            arrived,
        }
    }

    /// It is read: for how many office minutes it lay, and for how many it may have, by what the proof says of that day with
    /// as many more people away as really were; none when it says nothing. Nothing when that were more people than a proof
    /// thinks of.
    pub(crate) fn is_kept(&self, task: &Task, world: &World, now: Timestamp) -> Option<(u32, Option<u32>)> {
        let calendar = &self.rules.calendar;
        let absent = self.secretly_away(world, now).len();
        if absent > Promise::MOST_ABSENT {
            return None;
        }
        let from = calendar.day(self.arrived);
        let scope = Scope {
            from,
            until: from.saturating_add(1.days()),
            absent,
        };
        let proof = prove(&self.rules, &self.known, scope);
        let mut covers = proof.covers.iter();
        let cover = covers.find(|cover| cover.caseload == task.caseload && cover.types.contains(&task.kind));
        // What the proof does not know of may not lie at all.
        let worst = cover.and_then(|cover| cover.worst.get(absent).or(cover.worst.last()));
        let after = calendar.open_between(self.arrived, now).as_mins();
        let bound = worst.map(|worst| worst.after);
        Some((u32::try_from(after).ok()?, bound))
    }

    /// Who was away at some moment since it arrived, without that being known.
    fn secretly_away(&self, world: &World, now: Timestamp) -> BTreeSet<PersonId> {
        let is_secret = |away: &&Away| {
            let from = away.from.max(self.arrived);
            let until = away.until.unwrap_or(Timestamp::MAX).min(now);
            from <= until && away.from <= now && !self.is_known(away, from, until)
        };
        let away = world.away.iter().map(|(away, _)| away);
        away.filter(is_secret).map(|away| away.person.clone()).collect()
    }

    fn is_known(&self, away: &Away, from: Timestamp, until: Timestamp) -> bool {
        let mut own = self.known.iter().filter(|known| known.person == away.person);
        own.any(|known| known.from <= from && known.until.is_none_or(|end| until <= end))
    }
}
