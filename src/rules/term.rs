//! Terms as admins write them: `2 wd`, `4 wu`, `30 min`, or as a law counts, `10 weken`.

use serde_json::Value as Json;

use crate::domain::{Ahead, Asks, Period, Term};
use crate::findings::{Finding, Findings, Readable, Value, schema};

/// The terms of the office itself.
const OWN: &str = "\"2 wd\" (working days), \"4 wu\" (working hours) or \"30 min\" (minutes on the clock)";

impl Readable for Term {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        let wanted =
            format!("{OWN}; or, as a law counts, \"14 dagen\", \"10 weken\", \"3 maanden\" or \"3 jaar\"");
        read(value, &wanted, findings)
    }

    fn schema() -> Json {
        schema::text("^\\s*\\+?[0-9]+\\s+(wd|wu|min|dag|dagen|week|weken|maand|maanden|jaar)\\s*$")
    }
}

/// How long somebody has before somebody else is told: a term of the office itself. A statutory one ends at midnight,
/// and nobody reads a letter then.
pub(super) struct Pause(pub(super) Term);

impl Readable for Pause {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        let (spot, key) = (value.spot(), value.key());
        let term = read(value, OWN, findings)?;
        if matches!(term, Term::Statutory(_)) {
            findings.push(
                Finding::error(
                    &spot,
                    format!("`{key}` cannot be a statutory term: that ends at midnight, when nobody reads a letter"),
                )
                .help(format!("write {OWN}; only `due` counts as a law does")),
            );
            // It is kept: that there is no term at all would be a second complaint about the same.
        }
        Some(Self(term))
    }

    fn schema() -> Json {
        schema::text("^\\s*\\+?[0-9]+\\s+(wd|wu|min)\\s*$")
    }
}

/// When somebody is asked to see to what is expected.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking(pub(super) Asks);

impl Readable for Asking {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        let wanted = "\"late\" (when the time is over), \"at_once\", or how long before the end: \"10 wd\", \"8 weken\"";
        let asks = match value.text(wanted, findings)? {
            "late" => Some(Asks::Late),
            "at_once" => Some(Asks::AtOnce),
            text => parse(text).and_then(ahead),
        };
        if asks.is_none() {
            findings.push(
                Finding::error(&value.spot(), format!("`{}` says no moment", value.key()))
                    .help(format!("write {wanted}")),
            );
        }
        asks.map(Self)
    }

    fn schema() -> Json {
        schema::text("^(late|at_once|\\s*\\+?[0-9]+\\s+(wd|dag|dagen|week|weken|maand|maanden|jaar)\\s*)$")
    }
}

/// Hours are of no use ahead of a day.
fn ahead(term: Term) -> Option<Asks> {
    match term {
        Term::WorkingDays(days) => Some(Asks::Ahead(Ahead::WorkingDays(days))),
        Term::Statutory(period) => Some(Asks::Ahead(Ahead::Calendar(period))),
        Term::WorkingMinutes(_) | Term::ClockMinutes(_) => None,
    }
}

fn read(value: Value<'_>, wanted: &str, findings: &mut Findings) -> Option<Term> {
    let term = parse(value.text(wanted, findings)?);
    if term.is_none() {
        findings.push(
            Finding::error(&value.spot(), format!("`{}` is no term", value.key()))
                .help(format!("write {wanted}")),
        );
    }
    term
}

/// Nothing when it is no term, is no time at all, or is longer than a year of working or ten years of the calendar.
pub(super) fn parse(text: &str) -> Option<Term> {
    let (number, unit) = text.trim().split_once(' ')?;
    let number: u16 = number.parse().ok().filter(|number| *number > 0)?;
    let (most, term) = match unit.trim_start() {
        "wd" => (260, Term::WorkingDays(number)),
        "wu" => (2_000, Term::WorkingMinutes(u32::from(number) * 60)),
        "min" => (u16::MAX, Term::ClockMinutes(u32::from(number))),
        "dag" | "dagen" => (3_660, Term::Statutory(Period::Days(number))),
        "week" | "weken" => (520, Term::Statutory(Period::Weeks(number))),
        "maand" | "maanden" => (120, Term::Statutory(Period::Months(number))),
        "jaar" => (10, Term::Statutory(Period::Years(number))),
        _ => return None,
    };
    (number <= most).then_some(term)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_as_they_are_said() {
        for (written, term) in [
            ("2 wd", Term::WorkingDays(2)),
            ("4 wu", Term::WorkingMinutes(240)),
            ("30 min", Term::ClockMinutes(30)),
            ("1 dag", Term::Statutory(Period::Days(1))),
            ("14 dagen", Term::Statutory(Period::Days(14))),
            ("1 week", Term::Statutory(Period::Weeks(1))),
            ("10 weken", Term::Statutory(Period::Weeks(10))),
            ("1 maand", Term::Statutory(Period::Months(1))),
            (" 3  maanden ", Term::Statutory(Period::Months(3))),
            ("10 jaar", Term::Statutory(Period::Years(10))),
        ] {
            assert_eq!(parse(written), Some(term), "{written}");
        }
    }

    #[test]
    fn what_is_no_time_is_no_term() {
        for text in [
            "0 wd",
            "-1 wd",
            "2",
            "wd",
            "2wd",
            "2 weeks",
            "99999 wd",
            "261 wd",
            "2001 wu",
            "",
            "2.5 wu",
            "2  ",
            "0 dagen",
            "3661 dagen",
            "521 weken",
            "121 maanden",
            "11 jaar",
            "1,5 jaar",
            "3 jaren",
            "10 WEKEN",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
