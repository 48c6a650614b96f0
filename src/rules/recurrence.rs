//! What comes again and again, as admins write it: `0 10 * * Mon`.

use serde_json::Value as Json;

use crate::domain::{NoRecurrence, Recurrence};
use crate::findings::{Finding, Findings, Readable, Value, schema};

/// What to write.
const WANTED: &str = "minute, hour, day of the month, month and day of the week, as \"0 10 * * Mon\": ten o'clock every Monday";

impl Readable for Recurrence {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        let written = value.text(WANTED, findings)?;
        let wrong = match Self::parse(written) {
            Ok(recurrence) => return Some(recurrence),
            Err(wrong) => wrong,
        };
        let key = value.key();
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
            NoRecurrence::Unknown => (
                format!("`{key}` has a part that says nothing"),
                format!(
                    "write {WANTED}; `*` is any, `1,15` two of them, `Mon-Fri` a row, `*/2` every other one"
                ),
            ),
            NoRecurrence::Never => (
                format!("`{key}` never comes: there is no such day"),
                format!("both the day of the month and the day of the week must fit; write {WANTED}"),
            ),
        };
        findings.push(Finding::error(&value.spot(), message).help(help));
        None
    }

    fn schema() -> Json {
        schema::text("^\\s*(\\S+\\s+){4}[^\\s0-9]+\\s*$")
    }
}
