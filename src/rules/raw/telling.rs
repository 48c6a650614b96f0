//! Ladders, letters, what is promised and what is made of out-of-office answers, as they stand in the files.

use super::super::term::Pause;
use super::super::value::{Daily, Mailbox};
use super::Named;
use crate::domain::{Recurrence, Role, Term};
use crate::findings::{Findings, Located, Spot, Table};

#[derive(Debug)]
pub(in super::super) struct RawLadder {
    pub(in super::super) spot: Spot,
    pub(in super::super) id: Option<Named>,
    pub(in super::super) hold: Option<Term>,
    pub(in super::super) hand_on: bool,
    pub(in super::super) rungs: Vec<RawRung>,
}

#[derive(Debug)]
pub(in super::super) struct RawRung {
    pub(in super::super) spot: Spot,
    pub(in super::super) role: Option<Role>,
    pub(in super::super) wait: Option<Term>,
    pub(in super::super) letter: Option<Named>,
}

#[derive(Debug)]
pub(in super::super) struct RawLetters {
    pub(in super::super) spot: Spot,
    pub(in super::super) gather_minutes: Option<Located<u32>>,
    pub(in super::super) overview: Option<Daily>,
}

#[derive(Debug)]
pub(in super::super) struct RawOutOfOffice {
    pub(in super::super) spot: Spot,
    pub(in super::super) counts_for: Option<Term>,
}

#[derive(Debug)]
pub(in super::super) struct RawCover {
    pub(in super::super) spot: Spot,
    pub(in super::super) within: Option<Located<Term>>,
    pub(in super::super) absent: Option<Located<u32>>,
    pub(in super::super) nightly: Option<Daily>,
    pub(in super::super) ahead_weeks: Option<Located<u32>>,
}

#[derive(Debug)]
pub(in super::super) struct RawDrill {
    pub(in super::super) spot: Spot,
    pub(in super::super) to: Option<Located<Mailbox>>,
    pub(in super::super) at: Option<Located<Recurrence>>,
    pub(in super::super) arrives_within: Option<Term>,
    pub(in super::super) answered_within: Option<Term>,
}

const ROLES: [(&str, Role); 5] = [
    ("holder", Role::Holder),
    ("deputy", Role::Deputy),
    ("on_call", Role::OnCall),
    ("lead", Role::Lead),
    ("functional", Role::Functional),
];

pub(super) fn read_ladder(table: &mut Table<'_>, findings: &mut Findings) -> RawLadder {
    RawLadder {
        spot: table.spot(),
        id: table.required("id", findings),
        hold: pause(table, "hold", findings),
        hand_on: table.optional("hand_on", findings).unwrap_or(false),
        rungs: table.tables("rung", "a rung", findings, |table, findings| RawRung {
            spot: table.spot(),
            role: table.choice("tell", &ROLES, findings),
            wait: pause(table, "wait", findings),
            letter: table.optional("letter", findings),
        }),
    }
}

pub(super) fn read_letters(table: &mut Table<'_>, findings: &mut Findings) -> RawLetters {
    RawLetters {
        spot: table.spot(),
        gather_minutes: table.optional("gather_minutes", findings),
        overview: table.optional("overview", findings),
    }
}

pub(super) fn read_cover(table: &mut Table<'_>, findings: &mut Findings) -> RawCover {
    RawCover {
        spot: table.spot(),
        within: table.optional("within", findings).map(
            |Located {
                 value: Pause(value),
                 spot,
             }| Located { value, spot },
        ),
        absent: table.optional("absent", findings),
        nightly: table.optional("nightly", findings),
        ahead_weeks: table.optional("ahead_weeks", findings),
    }
}

pub(super) fn read_drill(table: &mut Table<'_>, findings: &mut Findings) -> RawDrill {
    RawDrill {
        spot: table.spot(),
        to: table.optional("to", findings),
        at: table.optional("at", findings),
        arrives_within: pause(table, "arrives_within", findings),
        answered_within: pause(table, "answered_within", findings),
    }
}

pub(super) fn read_out_of_office(table: &mut Table<'_>, findings: &mut Findings) -> RawOutOfOffice {
    RawOutOfOffice {
        spot: table.spot(),
        counts_for: pause(table, "counts_for", findings),
    }
}

fn pause(table: &mut Table<'_>, key: &'static str, findings: &mut Findings) -> Option<Term> {
    table.optional(key, findings).map(|Pause(term)| term)
}
