//! How drills are held.

use super::super::raw::Raw;
use super::letters::only_once;
use crate::domain::DrillPolicy;
use crate::findings::{Finding, Findings};

pub(super) fn policy(raw: &Raw, findings: &mut Findings) -> DrillPolicy {
    only_once("[drill]", raw.drills.iter().map(|drill| &drill.spot), findings);
    let usual = DrillPolicy::default();
    let Some(written) = raw.drills.first() else {
        return usual;
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
    DrillPolicy {
        to: written.to.as_ref().map(|to| to.0.clone()),
        at: written.at.as_ref().map(|at| at.value.clone()),
        arrives_within: written.arrives_within.unwrap_or(usual.arrives_within),
        answered_within: written.answered_within.unwrap_or(usual.answered_within),
    }
}
