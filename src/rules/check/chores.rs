//! Chores: what is done again and again.

use std::collections::BTreeMap;

use super::super::raw::{Raw, RawChore};
use super::drills::once_a_day;
use super::names::Names;
use super::types::read_type;
use crate::domain::{CaseloadId, Chore, ChoreId, NotificationType, TypeId};
use crate::findings::{Finding, Findings};

/// The chores. What their tasks say and on which ladder they are is put with the types of notices.
pub(super) fn chores(
    raw: &Raw,
    names: &Names<'_>,
    types: &mut BTreeMap<TypeId, NotificationType>,
    findings: &mut Findings,
) -> BTreeMap<ChoreId, Chore> {
    let mut chores = BTreeMap::new();
    for written in &raw.chores {
        check_chore(written, names, findings);
        let Some((chore, kind)) = read_chore(written) else {
            continue;
        };
        types.insert(kind.id.clone(), kind);
        chores.insert(chore.id.clone(), chore);
    }
    chores
}

fn read_chore(written: &RawChore) -> Option<(Chore, NotificationType)> {
    let id = ChoreId::new(&written.kind.id.as_ref()?.value.0);
    let kind = read_type(TypeId::chore(&id), &written.kind, None)?;
    let chore = Chore {
        id,
        at: written.at.as_ref()?.value.clone(),
        caseload: CaseloadId::new(&written.caseload.as_ref()?.value.0),
    };
    Some((chore, kind))
}

fn check_chore(written: &RawChore, names: &Names<'_>, findings: &mut Findings) {
    if let Some(ladder) = &written.kind.ladder {
        names.ladders.expect(ladder, findings);
    }
    if let Some(caseload) = &written.caseload {
        names.caseloads.expect(caseload, findings);
    }
    if let Some(at) = &written.at {
        once_a_day(at, "this chore would come", findings);
    }
    if let Some(id) = &written.kind.id
        && id.value.0.contains('.')
    {
        let name = &id.value.0;
        findings.push(
            Finding::error(&id.spot, format!("the name of a chore has no dot: `{name}`")).help(format!(
                "write `{}`: the program puts `terugkerend.` before it",
                name.replace('.', "-")
            )),
        );
    }
}
