//! Messages that connections break at.
//!
//! A message can break a connection each time its turn comes: a server that crashes on it, an answer that the parser
//! does not survive. It must not hold up those behind it. So whose turn it was when a visit ended badly is remembered
//! across connections. After the second time a message is asked for last and alone, after the fourth not at all until
//! the program is started anew; then it counts as left behind, and the books say which it is.

use std::collections::{BTreeMap, BTreeSet};

/// From this many on a message is asked for last and alone.
const ALONE: u32 = 2;
/// From this many on a message is not asked for.
const GIVEN_UP: u32 = 4;

/// How often connections broke at which message.
#[derive(Debug, Default)]
pub(super) struct Stumbles {
    next: Option<u32>,
    counts: BTreeMap<u32, u32>,
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
    pub(super) fn begin_anew(&mut self) {
        if let Some(uid) = self.next.take() {
            *self.counts.entry(uid).or_default() += 1;
        }
    }

    /// Forgets messages that are no longer there.
    pub(super) fn retain(&mut self, there: &BTreeSet<u32>) {
        self.counts.retain(|uid, _| there.contains(uid));
    }

    /// In which order to ask for these.
    pub(super) fn plan(&self, missing: &[u32]) -> Plan {
        let mut plan = Plan::default();
        for &uid in missing {
            match self.counts.get(&uid).copied().unwrap_or_default() {
                GIVEN_UP.. => {
                    plan.given_up = Some(format!(
                        "the connection broke {GIVEN_UP} times at the message with UID {uid}; look at it with a mail \
                         program and move it elsewhere"
                    ));
                }
                ALONE.. => plan.alone.push(uid),
                _ => plan.smooth.push(uid),
            }
        }
        plan
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broke_at(stumbles: &mut Stumbles, uid: u32) {
        stumbles.begin_anew();
        stumbles.comes_next(Some(uid));
        stumbles.begin_anew();
    }

    #[test]
    fn a_message_that_breaks_connections_comes_last_and_then_not_at_all() {
        let mut stumbles = Stumbles::default();
        broke_at(&mut stumbles, 2);
        assert_eq!(stumbles.plan(&[1, 2, 3]).smooth, [1, 2, 3], "once may be chance");
        broke_at(&mut stumbles, 2);
        let plan = stumbles.plan(&[1, 2, 3]);
        assert_eq!((plan.smooth, plan.alone), (vec![1, 3], vec![2]));
        broke_at(&mut stumbles, 2);
        broke_at(&mut stumbles, 2);
        let plan = stumbles.plan(&[1, 2, 3]);
        assert_eq!((plan.smooth, plan.alone), (vec![1, 3], vec![]));
        assert!(plan.given_up.is_some_and(|reason| reason.contains("UID 2")));
    }

    #[test]
    fn a_connection_that_breaks_while_nothing_was_asked_for_blames_nobody() {
        let mut stumbles = Stumbles::default();
        stumbles.comes_next(Some(2));
        stumbles.comes_next(None);
        stumbles.begin_anew();
        assert_eq!(stumbles.counts, BTreeMap::new());
    }
}
