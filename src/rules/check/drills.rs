//! How drills are held.

use super::super::raw::Raw;
use super::letters::only_once;
use crate::domain::DrillPolicy;
use crate::findings::{Finding, Findings, Spot};

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
    if let Some(at) = &written.at
        && at.value.times_a_day() > 1
    {
        let times = at.value.times_a_day();
        findings.push(
            Finding::error(
                &at.spot,
                format!("a drill would be held {times} times on one day"),
            )
            .help("write one minute and one hour, as \"0 10 * * Mon\""),
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
