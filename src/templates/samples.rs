//! Invented letters: every combination of facts that a template can tell apart.

use jiff::civil::date;

use crate::domain::{Caution, Content, Facts, Occasion, Role, TaskId, Tried, WhyNot};

const ROLES: [Role; 4] = [Role::Holder, Role::Deputy, Role::Lead, Role::Functional];
const CAUTIONS: [Option<Caution>; 3] = [None, Some(Caution::Unchecked), Some(Caution::Forged)];
const BOTH: [bool; 2] = [true, false];

/// All of them; about fifteen hundred for each occasion.
pub(super) fn all() -> impl Iterator<Item = Content> {
    Occasion::ALL.into_iter().flat_map(|occasion| {
        combinations().map(move |facts| Content { occasion, facts })
    })
}

fn combinations() -> impl Iterator<Item = Facts> {
    ROLES.into_iter().flat_map(|role| {
        CAUTIONS.into_iter().flat_map(move |caution| {
            // Five independent yes-or-no facts are the bits of a number.
            (0_u8..32).map(move |bits| {
                let [critical, overdue, named, next, tried] = [1, 2, 4, 8, 16].map(|bit| bits & bit != 0);
                Facts {
                    task: TaskId(17),
                    title: "Nieuwe koppeling".to_owned(),
                    instruction: "Plan een gesprek.".to_owned(),
                    critical,
                    caseload: "Inburgering Noord".to_owned(),
                    name: named.then(|| "Sanne de Boer".to_owned()),
                    role,
                    received: date(2026, 11, 24).at(9, 30, 0, 0),
                    due: date(2026, 11, 26).at(17, 0, 0, 0),
                    overdue,
                    next: next.then(|| date(2026, 11, 25).at(11, 30, 0, 0)),
                    tried: if tried { everybody() } else { Vec::new() },
                    caution,
                }
            })
        })
    })
}

/// Told and skipped for every reason, in every role, with and without a name.
fn everybody() -> Vec<Tried> {
    let fates = [
        (Some(date(2026, 11, 24).at(9, 31, 0, 0)), None),
        (None, Some(WhyNot::Nobody)),
        (None, Some(WhyNot::Absent)),
        (None, Some(WhyNot::AlreadyTold)),
    ];
    let mut tried = Vec::new();
    for role in ROLES {
        for named in BOTH {
            tried.extend(fates.map(|(told, skipped)| Tried {
                role,
                name: named.then(|| "Karim Bakker".to_owned()),
                told,
                skipped,
            }));
        }
    }
    tried
}
