//! The partners are looked at: each working day when the office opens, while the rules say how long one may be silent; and
//! at once when a mail is not recognised, or ends a silence that somebody was asked about.
//!
//! What comes from a partner is counted by day as it comes in, so that a look reads a few hundred numbers and not the mails
//! of a year. Only what the municipality's own mail server vouches for is counted: anybody can write a partner's name.
//!
//! Guarantees: a mail asks for one look, whatever else comes with it; a look that was asked for is made, also after a
//! restart; a second one finds nothing new.

use jiff::Timestamp;

use crate::domain::{
    Arrival, Change, Classification, PartnerDay, Routine, Snapshot, SourceId, TypeId, Verdict,
};

use super::{Office, drift, routine, silence};

/// A mail came in: counted when it is a partner's, and looked at soon when that may change what is known of them.
pub(super) fn mail_came(
    office: Office<'_>,
    snapshot: &Snapshot,
    arrival: &Arrival,
    classification: &Classification,
    received: Timestamp,
) -> Vec<Change> {
    let Verdict::Partner(source) = &arrival.mail.sender.verdict else {
        return Vec::new();
    };
    let is_recognised = classification
        .signals
        .iter()
        .any(|signal| signal.kind != TypeId::unknown());
    let counted = Change::Counted(PartnerDay {
        source: source.clone(),
        day: office.rules.calendar.day(received),
        mails: 1,
        unrecognised: u32::from(!is_recognised),
        last: received,
    });
    let is_news = !is_recognised || snapshot.partners.silent.contains(source);
    let stored = snapshot.routines.get(&Routine::Partners);
    let is_asked_for = stored.is_some_and(|at| *at <= office.now);
    let look = (is_news && !is_asked_for).then_some(Change::RoutineSet {
        routine: Routine::Partners,
        next: Some(office.now),
    });
    std::iter::once(counted).chain(look).collect()
}

/// It is time for a look.
pub(super) fn due(office: Office<'_>, snapshot: &Snapshot, admin: Option<&str>) -> Vec<Change> {
    let Some(next) = routine::come(office, snapshot, Routine::Partners) else {
        return Vec::new();
    };
    let mut ahead = snapshot.next;
    let mut changes = vec![next];
    changes.extend(silence::look(office, snapshot, &mut ahead));
    changes.extend(drift::look(office, snapshot, admin, &mut ahead));
    changes
}

impl Office<'_> {
    /// What a partner calls itself.
    pub(super) fn partner(self, id: &SourceId) -> String {
        silence::name(self.rules, id)
    }
}
