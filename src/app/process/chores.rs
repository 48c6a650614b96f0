//! The chores of the adopted process: what comes without a notice, and when.

use serde::Serialize;

use super::When;
use crate::domain::{Chore, Effect, TypeId};
use crate::rules::Rules;
use crate::templates::term_in_words;

/// What the document says about a chore.
#[derive(Debug, Serialize)]
pub(super) struct Duty {
    id: String,
    title: String,
    instruction: String,
    at: When,
    due: Option<String>,
    caseload: String,
    ladder: String,
}

pub(super) fn duties(rules: &Rules) -> Vec<Duty> {
    rules.chores.values().map(|chore| duty(rules, chore)).collect()
}

fn duty(rules: &Rules, chore: &Chore) -> Duty {
    let id = TypeId::chore(&chore.id);
    let kind = rules.kind(&id);
    let due = match kind.effect {
        Effect::Task { due, .. } => Some(term_in_words(due)),
        Effect::Recorded => None,
    };
    Duty {
        id: id.to_string(),
        title: kind.title.clone(),
        instruction: kind.instruction.clone(),
        at: When::of(&chore.at),
        due,
        caseload: rules.caseload(&chore.caseload).title.clone(),
        ladder: rules.ladder(&id).id.to_string(),
    }
}
