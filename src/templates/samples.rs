//! Invented letters: every combination of facts that a template can tell apart.

use jiff::civil::date;
use serde_json::Value;

use crate::domain::{Caution, Content, Deceit, Facts, Occasion, Role, RulesRefused, TaskId, Tried, WhyNot};

const ROLES: [Role; 4] = [Role::Holder, Role::Deputy, Role::Lead, Role::Functional];
const CAUTIONS: [Option<Caution>; 3] = [None, Some(Caution::Unchecked), Some(Caution::Forged)];

/// All of them, a few hundred. Only combinations that the office can write: a template may rely on that.
pub(super) fn all() -> impl Iterator<Item = Content> {
    let calls = Occasion::ALL.into_iter().flat_map(|occasion| {
        combinations().map(move |facts| Content::Task {
            occasion,
            own: None,
            facts,
        })
    });
    calls.chain(refusals().map(Content::RulesRefused))
}

fn refusals() -> impl Iterator<Item = RulesRefused> {
    [
        (1, vec!["caseloads.toml:12"]),
        (40, vec!["people.toml:3", "rules"]),
        (1, Vec::new()),
    ]
    .into_iter()
    .map(|(mistakes, places)| RulesRefused {
        at: date(2026, 11, 24).at(9, 30, 0, 0),
        mistakes,
        places: places.into_iter().map(str::to_owned).collect(),
        in_force: "9f86d081884c".to_owned(),
    })
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
                    role,
                    received: date(2026, 11, 24).at(9, 30, 0, 0),
                    due: date(2026, 11, 26).at(17, 0, 0, 0),
                    overdue,
                    hurried: critical && tried,
                    from: (tried && next).then(|| "Femke Visser".to_owned()),
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
        lost: told.is_some() && name.is_none(),
        skipped,
    })
    .to_vec()
}

/// The names that the templates of a letter can use, the fields of a list with those of the letter.
pub(super) fn fields(letter: &str) -> Vec<String> {
    let mut fields = Vec::new();
    for sample in all().filter(|sample| sample.name() == letter) {
        collect(&serde_json::to_value(sample).unwrap_or_default(), &mut fields);
    }
    fields
}

fn collect(value: &Value, fields: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                if !fields.contains(name) {
                    fields.push(name.clone());
                }
                collect(value, fields);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| collect(value, fields)),
        _ => {}
    }
}
