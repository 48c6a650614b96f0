//! Invented letters: every combination of facts that a template can tell apart.

use jiff::civil::date;
use serde_json::Value;

use crate::domain::{Caution, Content, Deceit, Facts, Occasion, Role, TaskId, Tried, WhyNot};

const ROLES: [Role; 4] = [Role::Holder, Role::Deputy, Role::Lead, Role::Functional];
const CAUTIONS: [Option<Caution>; 3] = [None, Some(Caution::Unchecked), Some(Caution::Forged)];

/// All of them, a few hundred. Only combinations that the office can write: a template may rely on that.
pub(super) fn all() -> impl Iterator<Item = Content> {
    Occasion::ALL
        .into_iter()
        .flat_map(|occasion| combinations().map(move |facts| Content { occasion, facts }))
}

fn combinations() -> impl Iterator<Item = Facts> {
    ROLES.into_iter().flat_map(|role| {
        CAUTIONS.into_iter().flat_map(move |caution| {
            // Four independent yes-or-no facts are the bits of a number.
            (0_u8..16).map(move |bits| {
                let [critical, overdue, next, tried] = [1, 2, 4, 8].map(|bit| bits & bit != 0);
                Facts {
                    task: TaskId(17),
                    title: "Nieuwe koppeling".to_owned(),
                    instruction: "Plan een gesprek.".to_owned(),
                    critical,
                    caseload: "Inburgering Noord".to_owned(),
                    // Only a functional address has no name.
                    name: (role != Role::Functional).then(|| "Sanne de Boer".to_owned()),
                    role,
                    received: date(2026, 11, 24).at(9, 30, 0, 0),
                    due: date(2026, 11, 26).at(17, 0, 0, 0),
                    overdue,
                    next: next.then(|| date(2026, 11, 25).at(11, 30, 0, 0)),
                    tried: if tried { everybody() } else { Vec::new() },
                    caution,
                    deceit: deceit(caution, bits),
                }
            })
        })
    })
}

/// Every ground comes by while the other facts change; an old task has none.
fn deceit(caution: Option<Caution>, bits: u8) -> Option<Deceit> {
    (caution == Some(Caution::Forged))
        .then(|| {
            Deceit::ALL
                .get(usize::from(bits) % (Deceit::ALL.len() + 1))
                .copied()
        })
        .flatten()
}

/// Told and skipped for every reason, as the office can report it.
fn everybody() -> Vec<Tried> {
    let told = Some(date(2026, 11, 24).at(9, 31, 0, 0));
    [
        (Role::Holder, Some("Karim Bakker"), told, None),
        (Role::Deputy, None, None, Some(WhyNot::Nobody)),
        (Role::Deputy, Some("Femke Visser"), None, Some(WhyNot::Absent)),
        (Role::Lead, Some("Karim Bakker"), None, Some(WhyNot::AlreadyTold)),
        (Role::Functional, None, told, None),
    ]
    .map(|(role, name, told, skipped)| Tried {
        role,
        name: name.map(str::to_owned),
        told,
        skipped,
    })
    .to_vec()
}

/// The names that templates can use, the fields of a list with those of the letter.
pub(super) fn fields() -> Vec<String> {
    let letter = combinations().next().map(serde_json::to_value);
    let attempt = everybody().first().map(serde_json::to_value);
    let mut fields: Vec<String> = Vec::new();
    for value in [letter, attempt].into_iter().flatten() {
        let names = value
            .ok()
            .as_ref()
            .and_then(Value::as_object)
            .map(|object| object.keys().cloned().collect());
        for name in names.unwrap_or_else(Vec::new) {
            if !fields.contains(&name) {
                fields.push(name);
            }
        }
    }
    fields
}
