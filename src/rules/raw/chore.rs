//! Chores, as they stand in the files.

use super::{KINDS, Named, RawType};
use crate::domain::{Kind, Recurrence};
use crate::findings::{Findings, Located, Table};

#[derive(Debug)]
pub(in super::super) struct RawChore {
    /// What a chore has in common with a notice; its name is that of the chore.
    pub(in super::super) kind: RawType,
    pub(in super::super) at: Option<Located<Recurrence>>,
    pub(in super::super) caseload: Option<Named>,
}

pub(super) fn read_chore(table: &mut Table<'_>, findings: &mut Findings) -> RawChore {
    table.forbidden(
        "critical",
        "a chore is never critical: that is a promise about notices",
        "take it away, and name a faster `ladder` or a shorter `due` if it cannot wait",
        findings,
    );
    RawChore {
        kind: RawType {
            id: table.required("id", findings),
            title: table.required("title", findings),
            kind: table
                .optional_choice("kind", &KINDS, findings)
                .or(Some(Kind::Actie)),
            critical: false,
            instruction: table.required("do", findings),
            task: true,
            due: table.required("due", findings),
            ladder: table.required("ladder", findings),
            target_group: None,
            never: Vec::new(),
            recognise: Vec::new(),
        },
        at: table.required("at", findings),
        caseload: table.required("caseload", findings),
    }
}
