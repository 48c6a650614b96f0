//! How drills are held.

use super::super::raw::{Raw, RawType};
use super::letters::only_once;
use crate::domain::{DrillPolicy, Recurrence, TypeId};
use crate::findings::{Finding, Findings, Located, Spot};

/// How they are held, and where it stands to which address they go.
pub(super) fn policy(raw: &Raw, findings: &mut Findings) -> (DrillPolicy, Option<Spot>) {
    only_once("[drill]", raw.drills.iter().map(|drill| &drill.spot), findings);
    let usual = DrillPolicy::default();
    let Some(written) = raw.drills.first() else {
        return (usual, None);
    };
    if let Some(at) = &written.at
        && written.to.is_none()
    {
        findings.push(
            Finding::error(
                &at.spot,
                "a drill is to be held, and it is not said where its mail goes",
            )
            .help("add `to`: the address at which COA and DUO notify you"),
        );
    }
    if let Some(at) = &written.at {
        once_a_day(at, "a drill would be held", findings);
    }
    if let Some(spot) = [
        written.to.as_ref().map(|to| &to.spot),
        written.at.as_ref().map(|at| &at.spot),
    ]
    .into_iter()
    .flatten()
    .next()
        && !opens_a_task(raw)
    {
        let kind = TypeId::koppeling();
        findings.push(
            Finding::error(
                spot,
                format!("a drill is a `{kind}`, and the rules open no task for that"),
            )
            .help(format!(
                "write a `[[notification]]` for `{kind}`, without `task = false`; or leave out `to` and `at`"
            )),
        );
    }
    let policy = DrillPolicy {
        to: written.to.as_ref().map(|to| to.value.0.clone()),
        at: written.at.as_ref().map(|at| at.value.clone()),
        arrives_within: written.arrives_within.unwrap_or(usual.arrives_within),
        answered_within: written.answered_within.unwrap_or(usual.answered_within),
    };
    (policy, written.to.as_ref().map(|to| to.spot.clone()))
}

/// Notes what would come more than once on a day: whoever writes that meant something else.
pub(super) fn once_a_day(at: &Located<Recurrence>, it_would: &str, findings: &mut Findings) {
    let times = at.value.times_a_day();
    if times > 1 {
        findings.push(
            Finding::error(&at.spot, format!("{it_would} {times} times on one day"))
                .help("write one minute and one hour, as \"0 10 * * Mon\""),
        );
    }
}

/// Whether a notice of the type that a drill pretends to be opens a task.
fn opens_a_task(raw: &Raw) -> bool {
    let wanted = TypeId::koppeling();
    let is_wanted = |kind: &RawType| kind.id.as_ref().is_some_and(|id| id.value.0 == wanted.as_str());
    raw.types.iter().any(|kind| is_wanted(kind) && kind.task)
}
