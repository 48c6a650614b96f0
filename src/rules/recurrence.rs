//! What comes again and again, as admins write it: `0 10 * * Mon`.

use std::ops::Range;

use serde_json::Value as Json;

use crate::domain::{NoRecurrence, Recurrence};
use crate::findings::{Finding, Findings, Readable, Value, schema};

/// What to write.
const WANTED: &str = "minute, hour, day of the month, month and day of the week, as \"0 10 * * Mon\": ten o'clock every Monday";

/// Where the day of the week stands, counted from 0.
const WEEKDAY: usize = 4;

/// Where a field stands in the text.
fn field(text: &str, index: usize) -> Range<usize> {
    let mut at = 0;
    for (number, field) in text.split_whitespace().enumerate() {
        let start = text[at..].find(field).map_or(at, |blanks| at + blanks);
        at = start + field.len();
        if number == index {
            return start..at;
        }
    }
    0..text.len()
}

impl Readable for Recurrence {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        let written = value.text(WANTED, findings)?;
        let wrong = match Self::parse(written) {
            Ok(recurrence) => return Some(recurrence),
            Err(wrong) => wrong,
        };
        let key = value.key();
        let spot = match wrong {
            NoRecurrence::Fields(_) | NoRecurrence::Never => value.spot(),
            NoRecurrence::NumberedWeekday => value.spot_within(field(written, WEEKDAY)),
            NoRecurrence::Unknown(index) => value.spot_within(field(written, index)),
        };
        let (message, help) = match wrong {
            NoRecurrence::Fields(count) => (
                format!("`{key}` has {count} parts, not five"),
                format!("write {WANTED}"),
            ),
            NoRecurrence::NumberedWeekday => (
                format!(
                    "`{key}` has a number for a day of the week: programs do not agree on which day that is"
                ),
                "write the name: Mon, Tue, Wed, Thu, Fri, Sat or Sun, as \"0 10 * * Mon\"".to_owned(),
            ),
            NoRecurrence::Unknown(_) => (
                format!("this part of `{key}` says nothing"),
                format!(
                    "write {WANTED}; `*` is any, `1,15` two of them, `Mon-Fri` a row, `*/2` every other one"
                ),
            ),
            NoRecurrence::Never => (
                format!("`{key}` never comes: there is no such day"),
                format!("both the day of the month and the day of the week must fit; write {WANTED}"),
            ),
        };
        findings.push(Finding::error(&spot, message).help(help));
        None
    }

    fn schema() -> Json {
        schema::text("^\\s*(\\S+\\s+){4}[^\\s0-9]+\\s*$")
    }
}
