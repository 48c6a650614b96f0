//! What must come after something else, as it stands in the files.

use super::super::term::Asking;
use super::{Named, Names, RawType};
use crate::domain::{Kind, Term};
use crate::findings::{Findings, Located, Spot, Table};

#[derive(Debug)]
pub(in super::super) struct RawEvent {
    pub(in super::super) id: Option<Named>,
    pub(in super::super) title: Option<Located<String>>,
}

#[derive(Debug)]
pub(in super::super) struct RawExpected {
    pub(in super::super) spot: Spot,
    /// What its task has in common with that of a notice; its name is that of the expectation.
    pub(in super::super) kind: RawType,
    pub(in super::super) after: Option<Located<Names>>,
    pub(in super::super) comes: Names,
    pub(in super::super) cancelled_by: Names,
    pub(in super::super) moved_by: Names,
    pub(in super::super) only_if: Names,
    pub(in super::super) unless: Names,
    pub(in super::super) within: Option<Located<Term>>,
    pub(in super::super) day_counts: Option<Located<bool>>,
    pub(in super::super) early: Option<Term>,
    pub(in super::super) ask: Option<Located<Asking>>,
    pub(in super::super) restarts: bool,
}

pub(super) fn read_event(table: &mut Table<'_>, findings: &mut Findings) -> RawEvent {
    RawEvent {
        id: table.required("id", findings),
        title: table.required("title", findings),
    }
}

pub(super) fn read_expected(table: &mut Table<'_>, findings: &mut Findings) -> RawExpected {
    table.forbidden(
        "critical",
        "what is expected is never critical: that is a promise about notices",
        "take it away, and name a faster `ladder` or ask earlier if it cannot wait",
        findings,
    );
    RawExpected {
        spot: table.spot(),
        kind: RawType {
            id: table.required("id", findings),
            title: table.required("title", findings),
            kind: Some(Kind::Actie),
            critical: false,
            instruction: table.required("do", findings),
            task: true,
            due: table.optional("due", findings),
            ladder: table.required("ladder", findings),
            target_group: None,
            never: Vec::new(),
            recognise: Vec::new(),
        },
        after: table.required("after", findings),
        comes: table.optional("comes", findings).unwrap_or_default(),
        cancelled_by: table.optional("cancelled_by", findings).unwrap_or_default(),
        moved_by: table.optional("moved_by", findings).unwrap_or_default(),
        only_if: table.optional("only_if", findings).unwrap_or_default(),
        unless: table.optional("unless", findings).unwrap_or_default(),
        within: table.required("within", findings),
        day_counts: table.optional("day_counts", findings),
        early: table.optional("early", findings),
        ask: table.optional("ask", findings),
        restarts: table.optional("restarts", findings).unwrap_or(false),
    }
}
