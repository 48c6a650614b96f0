//! An answer by nobody of the rules.
//!
//! Must guarantee: only who reads our letters already learns that there is an office here: the functional address that a
//! letter went to, and a colleague from the same domain who has the token of a letter that went there. The own server vouches
//! for both.

use crate::domain::{Answer, AnswerTrouble, Answered, Arrival, Snapshot, Verdict};

use super::Office;
use super::answer::{Heard, Writer, unheard, vouched};
use super::unread::Unread;

/// An answer by no person of the rules. Whoever reads a functional address is told how to answer: nobody knows who behind it
/// does the task.
pub(super) fn heard_from_nobody(
    office: Office<'_>,
    snapshot: &Snapshot,
    arrival: &Arrival,
    answer: &Answer,
) -> Heard {
    let reply = functional(office, snapshot, arrival, answer);
    Heard {
        changes: Vec::new(),
        unread: reply.is_none().then(|| {
            Unread::new(
                snapshot,
                answer,
                None,
                "an answer to a letter, by nobody in the rules",
            )
        }),
        reply,
    }
}

/// What is told to a functional address that answers, or to a colleague who reads it and is not in the rules: the own server
/// vouches for them, and they have the token of a letter that went there.
fn functional(
    office: Office<'_>,
    snapshot: &Snapshot,
    arrival: &Arrival,
    answer: &Answer,
) -> Option<(Writer, Answered)> {
    let from = arrival.mail.from.as_ref()?;
    let task = vouched(snapshot, answer)?;
    let letter = snapshot.letters.get(&answer.letter.as_ref()?.token)?;
    if arrival.mail.sender.verdict != Verdict::Colleague {
        return None;
    }
    let trouble = if letter.to.eq_ignore_ascii_case(&from.address) {
        AnswerTrouble::Functional
    } else if office.is_functional(&letter.to) && is_of_the_same_domain(&letter.to, &from.address) {
        AnswerTrouble::NotInRules
    } else {
        return None;
    };
    let reply = Answered {
        trouble: Some(trouble),
        // Whoever wrote it is one of several who read what is told.
        written: (trouble == AnswerTrouble::Functional).then(|| office.civil(arrival.received)),
        ..unheard(snapshot, answer, Some(task))
    };
    let writer = Writer {
        address: from.address.clone(),
        name: None,
    };
    Some((writer, reply))
}

fn is_of_the_same_domain(one: &str, other: &str) -> bool {
    let domain = |address: &str| Some(address.rsplit_once('@')?.1.to_ascii_lowercase());
    domain(one).is_some() && domain(one) == domain(other)
}

impl Office<'_> {
    /// Whether several people read this address.
    fn is_functional(self, address: &str) -> bool {
        let mut caseloads = self.rules.caseloads.values();
        caseloads.any(|caseload| {
            let functional = caseload.functional.as_deref();
            functional.is_some_and(|functional| functional.eq_ignore_ascii_case(address))
        })
    }
}
