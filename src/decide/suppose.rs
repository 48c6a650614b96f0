//! What would be written if a notice came in now: for those who want to see it before it happens.

use jiff::Timestamp;

use crate::domain::{
    CaseloadId, Change, Classification, Fingerprint, Mail, Refusal, Sender, Snapshot, TypeId, Verdict,
};
use crate::rules::Rules;

use super::open::{CameAs, Origin, plan};
use super::{Office, Routed, by_hand};

/// What a notice of this type would come to that arrives now from a partner who is believed: in this caseload, or in the
/// one that the routes give a mail that says nothing else.
///
/// # Errors
/// The rules have no such type, it is that of a chore, or it opens no task.
pub fn suppose(
    rules: &Rules,
    snapshot: &Snapshot,
    kind: &TypeId,
    caseload: Option<&CaseloadId>,
    now: Timestamp,
) -> Result<Vec<Change>, Refusal> {
    if !rules.types.contains_key(kind) {
        return Err(Refusal::UnknownType(kind.clone()));
    }
    if !kind.is_of_a_notice() {
        return Err(Refusal::TypeOfNoNotice(kind.clone()));
    }
    let office = Office {
        rules,
        absences: &snapshot.absences,
        now,
    };
    let mail = Mail::unreadable(Fingerprint([0; 32]));
    let classification = Classification {
        why: vec!["supposed".to_owned()],
        ..by_hand(rules, kind, &mail)
    };
    let plans = plan(rules, &mail, &classification, now, &|_| None);
    let mut plan = plans.into_iter().next().ok_or(Refusal::OpensNoTask)?;
    if let Some(caseload) = caseload {
        plan.route = Routed {
            caseload: caseload.clone(),
            why: "supposed".to_owned(),
            is_certain: true,
        };
    }
    let source = rules
        .sources
        .iter()
        .find(|source| kind.as_str().starts_with(source.id.as_str()));
    let sender = Sender {
        verdict: source.map_or(Verdict::Outsider, |source| Verdict::Partner(source.id.clone())),
        reason: "supposed".to_owned(),
        deceit: None,
    };
    let origin = Origin {
        message: snapshot.next.message,
        received: now,
        sender: &sender,
        classification: &classification,
        came_as: CameAs::Notice,
    };
    let mut ahead = snapshot.next;
    Ok(origin.open(office, &plan, &mut ahead))
}
