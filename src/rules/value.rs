//! Values that only rules have: names, mail addresses, times of day and moments.

use jiff::civil::{DateTime, Time};
use serde_json::{Value as Json, json};

use crate::findings::{Finding, Findings, Readable, Value, is_mail_address, schema};

/// A name: what commands, the ledger and other files refer to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name(pub(super) String);

impl Readable for Name {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        let name = value.text("a name in double quotes", findings)?;
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        if !name.is_empty() && name.len() <= 64 && name.chars().all(allowed) {
            return Some(Self(name.to_owned()));
        }
        findings.push(
            Finding::error(&value.spot(), format!("`{}` is no name", value.key()))
                .help("use small letters, digits, `.`, `-` and `_`, without spaces"),
        );
        None
    }

    fn schema() -> Json {
        schema::text("^[a-z0-9._-]{1,64}$")
    }
}

/// A mail address, lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mailbox(pub(super) String);

impl Readable for Mailbox {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        let address = value
            .text("a mail address in double quotes", findings)?
            .to_lowercase();
        if is_mail_address(&address) {
            return Some(Self(address));
        }
        findings.push(
            Finding::error(&value.spot(), format!("`{}` is no mail address", value.key()))
                .help("write the address alone, as \"j.hendriks@gemeente-voorbeeld.nl\""),
        );
        None
    }

    fn schema() -> Json {
        schema::text("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$")
    }
}

/// A time of day, as `"09:00"`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock(pub(super) Time);

impl Readable for Clock {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        time(value, "a time, as \"09:00\"", findings).map(Self)
    }

    fn schema() -> Json {
        schema::text("^[0-9]{1,2}:[0-9]{1,2}$")
    }
}

/// A time at which something is done every working day, or `"never"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Daily(pub(super) Option<Time>);

impl Readable for Daily {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        if value.as_text() == Some("never") {
            return Some(Self(None));
        }
        let time = time(value, "a time, as \"08:30\", or \"never\"", findings)?;
        Some(Self(Some(time)))
    }

    fn schema() -> Json {
        schema::text("^(never|[0-9]{1,2}:[0-9]{1,2})$")
    }
}

fn time(value: Value<'_>, wanted: &str, findings: &mut Findings) -> Option<Time> {
    let time = Time::strptime("%H:%M", value.text(wanted, findings)?);
    if time.is_err() {
        findings.push(
            Finding::error(&value.spot(), format!("`{}` is no time", value.key()))
                .help(format!("write {wanted}")),
        );
    }
    time.ok()
}

/// A day and a time of day in the zone of the calendar, as `2026-11-23 10:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment(pub(super) DateTime);

impl Readable for Moment {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        const WANTED: &str = "a day and a time, as \"2026-11-23 10:00\"";
        let moment = DateTime::strptime("%Y-%m-%d %H:%M", value.text(WANTED, findings)?);
        if moment.is_err() {
            findings.push(
                Finding::error(&value.spot(), format!("`{}` is no moment", value.key()))
                    .help(format!("write {WANTED}")),
            );
        }
        moment.ok().map(Self)
    }

    fn schema() -> Json {
        schema::text("^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{1,2}:[0-9]{1,2}$")
    }
}

/// One name, or a list of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OneOrMore<T>(pub(super) Vec<T>);

impl<T: Readable> Readable for OneOrMore<T> {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        if value.as_text().is_some() {
            return T::read(value, findings).map(|one| Self(vec![one]));
        }
        Vec::read(value, findings).map(Self)
    }

    fn schema() -> Json {
        json!({ "anyOf": [T::schema(), schema::list(&T::schema())] })
    }
}
