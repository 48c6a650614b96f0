//! Messages that connections break at.
//!
//! A message can break a connection each time its turn comes: a server that crashes on it, an answer that the parser
//! does not survive. It must not hold up those behind it. So whose turn it was when a visit ended badly is remembered
//! across connections. After the second time a message is asked for last and alone, after the fourth once an hour: a
//! server that is ill breaks connections at messages that are not. Meanwhile it counts as left behind, and the books say
//! which it is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

/// From this many on a message is asked for last and alone.
const ALONE: u32 = 2;
/// From this many on a message is not asked for until it has rested.
const GIVEN_UP: u32 = 4;
/// How long a message that is given up rests before it is asked for once more.
const REST: SignedDuration = SignedDuration::from_hours(1);
/// What to do about a message that stays behind.
pub(super) const MOVE_IT: &str = "look at it with a mail program and move it elsewhere";

/// How often connections broke at which message.
#[derive(Debug, Default)]
pub(super) struct Stumbles {
    next: Option<u32>,
    counts: BTreeMap<u32, Stumble>,
}

/// How often connections broke at a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Stumble {
    times: u32,
    last: Timestamp,
}

impl Stumble {
    /// Whether the message is left alone now. A clock that was set back makes no rest longer.
    fn rests(self, now: Timestamp) -> bool {
        let rested = now.duration_since(self.last);
        self.times >= GIVEN_UP && !rested.is_negative() && rested < REST
    }
}

/// In which order to ask for messages.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// In batches.
    pub(super) smooth: Vec<u32>,
    /// One by one, after the others.
    pub(super) alone: Vec<u32>,
    /// Why some are not asked for.
    pub(super) given_up: Option<String>,
}

impl Stumbles {
    /// This message's turn comes next; none: nothing was asked for.
    pub(super) fn comes_next(&mut self, uid: Option<u32>) {
        self.next = uid;
    }

    /// A new connection begins: the one before broke at the message that came next, if one did.
    pub(super) fn begin_anew(&mut self, now: Timestamp) {
        if let Some(uid) = self.next.take() {
            let stumble = self.counts.entry(uid).or_default();
            stumble.times = stumble.times.saturating_add(1);
            stumble.last = now;
        }
    }

    /// Forgets messages that are no longer there.
    pub(super) fn retain(&mut self, there: &BTreeSet<u32>) {
        self.counts.retain(|uid, _| there.contains(uid));
    }

    /// In which order to ask for these.
    pub(super) fn plan(&self, missing: &[u32], now: Timestamp) -> Plan {
        let mut plan = Plan::default();
        for &uid in missing {
            let stumble = self.counts.get(&uid).copied().unwrap_or_default();
            if stumble.rests(now) {
                plan.given_up.get_or_insert_with(|| {
                    format!(
                        "the connection broke {GIVEN_UP} times at the message with UID {uid}, which is asked for once an \
                         hour now; {MOVE_IT}"
                    )
                });
            } else if stumble.times >= ALONE {
                plan.alone.push(uid);
            } else {
                plan.smooth.push(uid);
            }
        }
        plan
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A moment of a day, in minutes.
    fn minute(minute: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute)
    }

    fn broke_at(stumbles: &mut Stumbles, uid: u32, now: Timestamp) {
        stumbles.begin_anew(now);
        stumbles.comes_next(Some(uid));
        stumbles.begin_anew(now);
    }

    #[test]
    fn a_message_that_breaks_connections_comes_last_and_then_not_at_all() {
        let (mut stumbles, now) = (Stumbles::default(), minute(0));
        broke_at(&mut stumbles, 2, now);
        let plan = stumbles.plan(&[1, 2, 3], now);
        assert_eq!(plan.smooth, [1, 2, 3], "once may be chance");
        broke_at(&mut stumbles, 2, now);
        let plan = stumbles.plan(&[1, 2, 3], now);
        assert_eq!((plan.smooth, plan.alone), (vec![1, 3], vec![2]));
        broke_at(&mut stumbles, 2, now);
        broke_at(&mut stumbles, 2, now);
        let plan = stumbles.plan(&[1, 2, 3], now);
        assert_eq!((plan.smooth, plan.alone), (vec![1, 3], vec![]));
        assert!(plan.given_up.is_some_and(|reason| reason.contains("UID 2")));
    }

    #[test]
    fn a_message_that_was_given_up_is_asked_for_once_an_hour_and_alone() {
        let mut stumbles = Stumbles::default();
        for _ in 0..GIVEN_UP {
            broke_at(&mut stumbles, 2, minute(10));
        }
        let asked_alone = |stumbles: &Stumbles, now| {
            let plan = stumbles.plan(&[1, 2, 3], now);
            assert_eq!(plan.smooth, [1, 3]);
            assert_eq!(plan.alone.is_empty(), plan.given_up.is_some());
            plan.alone
        };
        assert_eq!(asked_alone(&stumbles, minute(69)), [0_u32; 0]);
        assert_eq!(asked_alone(&stumbles, minute(70)), [2]);
        broke_at(&mut stumbles, 2, minute(71));
        assert_eq!(asked_alone(&stumbles, minute(72)), [0_u32; 0]);
        assert_eq!(asked_alone(&stumbles, minute(131)), [2]);
        assert_eq!(asked_alone(&stumbles, minute(0)), [2], "the clock was set back");
    }

    #[test]
    fn a_connection_that_breaks_while_nothing_was_asked_for_blames_nobody() {
        let mut stumbles = Stumbles::default();
        stumbles.comes_next(Some(2));
        stumbles.comes_next(None);
        stumbles.begin_anew(minute(0));
        assert_eq!(stumbles.counts, BTreeMap::new());
    }
}
