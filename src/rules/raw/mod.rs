//! What stands in the rules files, with the places where it stands, before anybody asks whether it makes sense.
//!
//! Whatever could not be read is left out here and was noted; names are kept even of things with mistakes in them, so
//! that one mistake does not make every reference to the thing a second one.

mod chore;
mod expected;
mod partners;
mod staff;
mod telling;

use jiff::civil::Date;

use super::value::{Clock, Mailbox, Name};
use crate::domain::{Kind, TargetGroup, Term};
use crate::findings::{Findings, Located, Spot, Table};

pub(super) use chore::RawChore;
pub(super) use expected::{RawEvent, RawExpected};
pub(super) use partners::{RawDrift, RawSilence, Silence};
pub(super) use staff::{RawAbsence, RawCaseload, RawPerson, RawRota, RawTeam};
pub(super) use telling::{RawCover, RawDrill, RawLadder, RawLetters, RawOutOfOffice, RawRung};

/// A name that other places refer to.
pub(super) type Named = Located<Name>;

/// A list of names that other places define.
pub(super) type Names = Vec<Named>;

/// Everything that stands in the rules files.
#[derive(Debug, Default)]
pub(super) struct Raw {
    pub(super) calendars: Vec<RawCalendar>,
    pub(super) equated: Vec<RawDay>,
    pub(super) closed: Vec<RawDay>,
    pub(super) groups: Vec<RawGroup>,
    pub(super) sources: Vec<RawSource>,
    pub(super) types: Vec<RawType>,
    pub(super) caseloads: Vec<RawCaseload>,
    pub(super) routes: Vec<RawRoute>,
    pub(super) people: Vec<RawPerson>,
    pub(super) teams: Vec<RawTeam>,
    pub(super) rotas: Vec<RawRota>,
    pub(super) absences: Vec<RawAbsence>,
    pub(super) out_of_office: Vec<RawOutOfOffice>,
    pub(super) ladders: Vec<RawLadder>,
    pub(super) letters: Vec<RawLetters>,
    pub(super) covers: Vec<RawCover>,
    pub(super) drills: Vec<RawDrill>,
    pub(super) events: Vec<RawEvent>,
    pub(super) expected: Vec<RawExpected>,
    pub(super) chores: Vec<RawChore>,
    pub(super) silences: Vec<RawSilence>,
    pub(super) drifts: Vec<RawDrift>,
}

#[derive(Debug)]
pub(super) struct RawCalendar {
    pub(super) spot: Spot,
    pub(super) zone: Option<Located<String>>,
    pub(super) opens: Option<Located<Clock>>,
    pub(super) closes: Option<Located<Clock>>,
}

#[derive(Debug)]
pub(super) struct RawDay {
    pub(super) day: Option<Located<Date>>,
    pub(super) name: Option<String>,
}

#[derive(Debug)]
pub(super) struct RawGroup {
    pub(super) spot: Spot,
    pub(super) group: Option<TargetGroup>,
    pub(super) words: Vec<Located<String>>,
}

#[derive(Debug)]
pub(super) struct RawSource {
    pub(super) id: Option<Named>,
    pub(super) domains: Option<Located<Vec<Located<String>>>>,
    pub(super) names: Vec<Located<String>>,
    pub(super) silence: Option<Located<Silence>>,
}

#[derive(Debug)]
pub(super) struct RawType {
    pub(super) id: Option<Named>,
    pub(super) title: Option<Located<String>>,
    pub(super) kind: Option<Kind>,
    pub(super) critical: bool,
    pub(super) instruction: Option<Located<String>>,
    /// False for messages about our own letters, which open no task.
    pub(super) task: bool,
    pub(super) due: Option<Located<Term>>,
    pub(super) ladder: Option<Named>,
    pub(super) target_group: Option<TargetGroup>,
    /// Phrases that keep every block from fitting.
    pub(super) never: Vec<Located<String>>,
    pub(super) recognise: Vec<Draft>,
}

/// When a block is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rank {
    /// Before codes and everything else: a correction names the code that it corrects.
    First,
    /// With the others.
    Ordinary,
    /// Only when no other fits.
    Last,
}

/// A `[[notification.recognise]]` block.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) spot: Spot,
    pub(super) name: Option<Named>,
    pub(super) source: Option<Named>,
    pub(super) rank: Rank,
    pub(super) codes: Vec<Located<String>>,
    pub(super) literal: Vec<Located<String>>,
    pub(super) any: Vec<Located<String>>,
    pub(super) all: Vec<Located<String>>,
    pub(super) none: Vec<Located<String>>,
    pub(super) subject_any: Vec<Located<String>>,
    pub(super) subject_none: Vec<Located<String>>,
}

#[derive(Debug)]
pub(super) struct RawRoute {
    pub(super) spot: Spot,
    pub(super) recipients: Vec<Mailbox>,
    pub(super) types: Names,
    pub(super) target_group: Option<TargetGroup>,
    pub(super) caseload: Option<Named>,
}

const GROUPS: [(&str, TargetGroup); 2] = [("asiel", TargetGroup::Asiel), ("gezin", TargetGroup::Gezin)];
const KINDS: [(&str, Kind); 2] = [("actie", Kind::Actie), ("info", Kind::Info)];
const RANKS: [(&str, Rank); 2] = [("first", Rank::First), ("last", Rank::Last)];

impl Raw {
    /// Everything of which tasks are opened: notices, and chores.
    pub(super) fn tasks(&self) -> impl Iterator<Item = &RawType> {
        let chores = self.chores.iter().map(|chore| &chore.kind);
        let expected = self.expected.iter().map(|expected| &expected.kind);
        let notices = self.types.iter().filter(|kind| kind.task);
        notices.chain(chores).chain(expected)
    }

    /// Adds what stands in one file.
    pub(super) fn read(&mut self, top: &mut Table<'_>, findings: &mut Findings) {
        self.calendars
            .extend(top.table("calendar", "[calendar]", findings, |table, findings| {
                RawCalendar {
                    spot: table.spot(),
                    zone: table.required("zone", findings),
                    opens: table.required("opens", findings),
                    closes: table.required("closes", findings),
                }
            }));
        self.equated
            .extend(top.tables("equated", "a day equated with a holiday", findings, read_day));
        self.closed
            .extend(top.tables("closed", "a local closing day", findings, read_day));
        self.groups.extend(
            top.tables("target_group", "a target group", findings, |table, findings| {
                RawGroup {
                    spot: table.spot(),
                    group: table.choice("id", &GROUPS, findings),
                    words: table.required("words", findings).unwrap_or_default(),
                }
            }),
        );
        self.sources.extend(
            top.tables("source", "a source", findings, |table, findings| RawSource {
                id: table.required("id", findings),
                domains: table.required("domains", findings),
                names: table.optional("names", findings).unwrap_or_default(),
                silence: table.optional("silence", findings),
            }),
        );
        self.types
            .extend(top.tables("notification", "a notification", findings, read_type));
        self.caseloads
            .extend(top.tables("caseload", "a caseload", findings, staff::read_caseload));
        self.routes.extend(
            top.tables("route", "a route", findings, |table, findings| RawRoute {
                spot: table.spot(),
                recipients: table.optional("recipients", findings).unwrap_or_default(),
                types: table.optional("types", findings).unwrap_or_default(),
                target_group: table.optional_choice("target_group", &GROUPS, findings),
                caseload: table.required("caseload", findings),
            }),
        );
        self.people
            .extend(top.tables("person", "a person", findings, staff::read_person));
        self.teams
            .extend(top.tables("team", "a team", findings, staff::read_team));
        self.rotas
            .extend(top.tables("rota", "a rota", findings, staff::read_rota));
        self.absences
            .extend(top.tables("absence", "an absence", findings, staff::read_absence));
        self.out_of_office.extend(top.table(
            "out_of_office",
            "[out_of_office]",
            findings,
            telling::read_out_of_office,
        ));
        self.ladders
            .extend(top.tables("ladder", "a ladder", findings, telling::read_ladder));
        self.covers
            .extend(top.table("cover", "[cover]", findings, telling::read_cover));
        self.drills
            .extend(top.table("drill", "[drill]", findings, telling::read_drill));
        self.events
            .extend(top.tables("event", "an event", findings, expected::read_event));
        self.expected.extend(top.tables(
            "expectation",
            "something expected",
            findings,
            expected::read_expected,
        ));
        self.chores
            .extend(top.tables("chore", "a chore", findings, chore::read_chore));
        self.silences
            .extend(top.table("silence", "[silence]", findings, partners::read_silence));
        self.drifts
            .extend(top.table("drift", "[drift]", findings, partners::read_drift));
        self.letters
            .extend(top.table("letters", "[letters]", findings, telling::read_letters));
    }
}

fn read_day(table: &mut Table<'_>, findings: &mut Findings) -> RawDay {
    RawDay {
        day: table.required("day", findings),
        name: table.required("name", findings),
    }
}

fn read_type(table: &mut Table<'_>, findings: &mut Findings) -> RawType {
    let task = table.optional("task", findings).unwrap_or(true);
    RawType {
        id: table.required("id", findings),
        title: table.required("title", findings),
        kind: table.choice("kind", &KINDS, findings),
        critical: table.optional("critical", findings).unwrap_or(false),
        instruction: table.required_unless_off("task", task, "do", findings),
        task,
        due: table.required_unless_off("task", task, "due", findings),
        ladder: table.required_unless_off("task", task, "ladder", findings),
        target_group: table.optional_choice("target_group", &GROUPS, findings),
        never: table.optional("never", findings).unwrap_or_default(),
        recognise: table.tables("recognise", "a way to recognise", findings, read_recognise),
    }
}

fn read_recognise(table: &mut Table<'_>, findings: &mut Findings) -> Draft {
    Draft {
        spot: table.spot(),
        name: table.required("name", findings),
        source: table.required("source", findings),
        rank: table
            .optional_choice("priority", &RANKS, findings)
            .unwrap_or(Rank::Ordinary),
        codes: table.optional("codes", findings).unwrap_or_default(),
        literal: table.optional("literal", findings).unwrap_or_default(),
        any: table.optional("any", findings).unwrap_or_default(),
        all: table.optional("all", findings).unwrap_or_default(),
        none: table.optional("none", findings).unwrap_or_default(),
        subject_any: table.optional("subject_any", findings).unwrap_or_default(),
        subject_none: table.optional("subject_none", findings).unwrap_or_default(),
    }
}
