//! Terms as admins write them: `2 wd`, `4 wu`, `30 min`.

use serde_json::Value as Json;

use crate::domain::Term;
use crate::findings::{Finding, Findings, Readable, Value, schema};

const WANTED: &str = "\"2 wd\" (working days), \"4 wu\" (working hours) or \"30 min\" (minutes on the clock)";

impl Readable for Term {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        let term = parse(value.text(WANTED, findings)?);
        if term.is_none() {
            findings.push(
                Finding::error(&value.spot(), format!("`{}` is no term", value.key()))
                    .help(format!("write {WANTED}")),
            );
        }
        term
    }

    fn schema() -> Json {
        schema::text("^\\s*\\+?[0-9]+\\s+(wd|wu|min)\\s*$")
    }
}

/// Nothing when it is no term, is no time at all, or is longer than a year.
fn parse(text: &str) -> Option<Term> {
    let (number, unit) = text.trim().split_once(' ')?;
    let number: u16 = number.parse().ok().filter(|number| *number > 0)?;
    match unit.trim_start() {
        "wd" if number <= 260 => Some(Term::WorkingDays(number)),
        "wu" if number <= 2_000 => Some(Term::WorkingMinutes(u32::from(number) * 60)),
        "min" => Some(Term::ClockMinutes(u32::from(number))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_as_they_are_said() {
        assert_eq!(parse("2 wd"), Some(Term::WorkingDays(2)));
        assert_eq!(parse("4 wu"), Some(Term::WorkingMinutes(240)));
        assert_eq!(parse("30 min"), Some(Term::ClockMinutes(30)));
    }

    #[test]
    fn what_is_no_time_is_no_term() {
        for text in [
            "0 wd", "-1 wd", "2", "wd", "2wd", "2 weken", "99999 wd", "261 wd", "", "2.5 wu", "2  ",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
