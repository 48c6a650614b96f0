//! How partners are watched, as it stands in the files.

use serde_json::{Value as Json, json};

use crate::domain::{Patience, Term};
use crate::findings::{Finding, Findings, Located, Readable, Spot, Table, Value};

/// How long a partner may be silent: working days, or `"learn"`.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Silence(pub(in super::super) Patience);

/// A term in working days.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct WorkingDays(pub(in super::super) u16);

#[derive(Debug)]
pub(in super::super) struct RawSilence {
    pub(in super::super) spot: Spot,
    pub(in super::super) false_alarms_a_year: Option<Located<u32>>,
    pub(in super::super) until_learned: Option<WorkingDays>,
}

#[derive(Debug)]
pub(in super::super) struct RawDrift {
    pub(in super::super) spot: Spot,
    pub(in super::super) mails: Option<Located<u32>>,
    pub(in super::super) within: Option<Located<WorkingDays>>,
    pub(in super::super) percent: Option<Located<u32>>,
    pub(in super::super) times: Option<Located<u32>>,
}

/// What is written for `"learn"`.
const LEARN: &str = "learn";

impl Readable for Silence {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        if value.as_text() == Some(LEARN) {
            return Some(Self(Patience::Learned));
        }
        let WorkingDays(days) = working_days(value, "\"6 wd\" (working days), or \"learn\"", findings)?;
        Some(Self(Patience::Days(days)))
    }

    fn schema() -> Json {
        json!({ "anyOf": [{ "const": LEARN }, WorkingDays::schema()] })
    }
}

impl Readable for WorkingDays {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        working_days(value, "\"6 wd\" (working days)", findings)
    }

    fn schema() -> Json {
        crate::findings::schema::text("^\\s*\\+?[0-9]+\\s+wd\\s*$")
    }
}

fn working_days(value: Value<'_>, wanted: &str, findings: &mut Findings) -> Option<WorkingDays> {
    let (spot, key) = (value.spot(), value.key());
    let written = value.text(wanted, findings)?;
    if let Some(Term::WorkingDays(days)) = super::super::term::parse(written) {
        return Some(WorkingDays(days));
    }
    findings.push(
        Finding::error(&spot, format!("`{key}` is counted in working days")).help(format!("write {wanted}")),
    );
    None
}

pub(super) fn read_silence(table: &mut Table<'_>, findings: &mut Findings) -> RawSilence {
    RawSilence {
        spot: table.spot(),
        false_alarms_a_year: table.optional("false_alarms_a_year", findings),
        until_learned: table.optional("until_learned", findings),
    }
}

pub(super) fn read_drift(table: &mut Table<'_>, findings: &mut Findings) -> RawDrift {
    RawDrift {
        spot: table.spot(),
        mails: table.optional("mails", findings),
        within: table.optional("within", findings),
        percent: table.optional("percent", findings),
        times: table.optional("times", findings),
    }
}
