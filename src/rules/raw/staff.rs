//! People, teams, who is on call, absence and caseloads as they stand in the files.

use jiff::civil::Date;

use super::super::value::Mailbox;
use super::super::week::Shifts;
use super::{Named, Names};
use crate::findings::{Findings, Located, Spot, Table};

#[derive(Debug)]
pub(in super::super) struct RawPerson {
    pub(in super::super) id: Option<Named>,
    pub(in super::super) name: Option<String>,
    pub(in super::super) address: Option<Located<Mailbox>>,
    pub(in super::super) function: Option<String>,
    /// When they work; not written: whenever the office is open.
    pub(in super::super) works: Option<Located<Vec<Located<Shifts>>>>,
    pub(in super::super) deputies: Names,
    pub(in super::super) external: bool,
}

#[derive(Debug)]
pub(in super::super) struct RawTeam {
    pub(in super::super) id: Option<Named>,
    pub(in super::super) title: Option<String>,
    pub(in super::super) lead: Option<Named>,
    pub(in super::super) functional: Option<Located<Mailbox>>,
    pub(in super::super) rota: Option<Named>,
}

#[derive(Debug)]
pub(in super::super) struct RawRota {
    pub(in super::super) id: Option<Named>,
    pub(in super::super) from: Option<Located<Date>>,
    pub(in super::super) turns: Option<Located<Names>>,
    pub(in super::super) swaps: Vec<RawSwap>,
}

#[derive(Debug)]
pub(in super::super) struct RawSwap {
    pub(in super::super) week: Option<Located<Date>>,
    pub(in super::super) person: Option<Named>,
}

#[derive(Debug)]
pub(in super::super) struct RawAbsence {
    pub(in super::super) spot: Spot,
    pub(in super::super) person: Option<Named>,
    pub(in super::super) from: Option<Date>,
    pub(in super::super) until: Option<Located<Date>>,
}

#[derive(Debug)]
pub(in super::super) struct RawCaseload {
    pub(in super::super) spot: Spot,
    /// Whether it names anybody itself, rightly or not.
    pub(in super::super) names_somebody: bool,
    pub(in super::super) id: Option<Named>,
    pub(in super::super) title: Option<String>,
    pub(in super::super) team: Option<Named>,
    pub(in super::super) owner: Option<Named>,
    pub(in super::super) deputies: Names,
    pub(in super::super) lead: Option<Named>,
    pub(in super::super) functional: Option<Located<Mailbox>>,
    pub(in super::super) rota: Option<Named>,
}

pub(super) fn read_person(table: &mut Table<'_>, findings: &mut Findings) -> RawPerson {
    RawPerson {
        id: table.required("id", findings),
        name: table.required("name", findings),
        address: table.required("address", findings),
        function: table.optional("function", findings),
        works: table.optional("works", findings),
        deputies: table.optional("deputies", findings).unwrap_or_default(),
        external: table.optional("external", findings).unwrap_or(false),
    }
}

pub(super) fn read_team(table: &mut Table<'_>, findings: &mut Findings) -> RawTeam {
    RawTeam {
        id: table.required("id", findings),
        title: table.required("title", findings),
        lead: table.optional("lead", findings),
        functional: table.optional("functional", findings),
        rota: table.optional("rota", findings),
    }
}

pub(super) fn read_rota(table: &mut Table<'_>, findings: &mut Findings) -> RawRota {
    RawRota {
        id: table.required("id", findings),
        from: table.required("from", findings),
        turns: table.required("turns", findings),
        swaps: table.tables("swap", "a swap", findings, |table, findings| RawSwap {
            week: table.required("week", findings),
            person: table.required("person", findings),
        }),
    }
}

pub(super) fn read_absence(table: &mut Table<'_>, findings: &mut Findings) -> RawAbsence {
    RawAbsence {
        spot: table.spot(),
        person: table.required("person", findings),
        from: table.required("from", findings),
        until: table.optional("until", findings),
    }
}

pub(super) fn read_caseload(table: &mut Table<'_>, findings: &mut Findings) -> RawCaseload {
    RawCaseload {
        spot: table.spot(),
        names_somebody: ["owner", "deputies", "lead", "functional", "rota"]
            .iter()
            .any(|key| table.has(key)),
        id: table.required("id", findings),
        title: table.required("title", findings),
        team: table.optional("team", findings),
        owner: table.optional("owner", findings),
        deputies: table.optional("deputies", findings).unwrap_or_default(),
        lead: table.optional("lead", findings),
        functional: table.optional("functional", findings),
        rota: table.optional("rota", findings),
    }
}
