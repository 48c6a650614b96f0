//! Working days as admins write them: `ma`, `ma-do`, `wo 09:00-12:30`, `vr even`, `vr 13:00-17:00 oneven`.

use jiff::civil::{Time, Weekday};
use serde_json::Value as Json;

use crate::domain::{Shift, Weeks};
use crate::findings::{Finding, Findings, Readable, Value, schema};

/// The days of the week, from Monday on, as Dutch shortens them.
const DAYS: [(&str, Weekday); 7] = [
    ("ma", Weekday::Monday),
    ("di", Weekday::Tuesday),
    ("wo", Weekday::Wednesday),
    ("do", Weekday::Thursday),
    ("vr", Weekday::Friday),
    ("za", Weekday::Saturday),
    ("zo", Weekday::Sunday),
];

/// Shifts that are written together: `ma-do 09:00-17:00` are four. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shifts(pub(super) Vec<Shift>);

impl Readable for Shifts {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        const WANTED: &str = "days and hours, as \"ma-do\", \"wo 09:00-12:30\", \"vr even\" (in even weeks) or \
                              \"vr 13:00-17:00 oneven\" (in odd weeks)";
        let shifts = parse(value.text(WANTED, findings)?);
        if shifts.is_none() {
            findings.push(
                Finding::error(
                    &value.spot(),
                    format!("`{}` has no working day here", value.key()),
                )
                .help(format!("write {WANTED}")),
            );
        }
        shifts.map(Self)
    }

    fn schema() -> Json {
        schema::text(
            "^\\s*(ma|di|wo|do|vr|za|zo)(-(ma|di|wo|do|vr|za|zo))?(\\s+[0-9]{1,2}:[0-9]{2}-[0-9]{1,2}:[0-9]{2})?(\\s+(even|oneven))?\\s*$",
        )
    }
}

/// Nothing when it does not say on which days, ends before it starts, or says more.
fn parse(text: &str) -> Option<Vec<Shift>> {
    let mut words = text.split_whitespace().peekable();
    let days = days(words.next()?)?;
    let hours = match words.next_if(|word| word.contains(':')) {
        Some(written) => Some(hours(written)?),
        None => None,
    };
    let weeks = match words.next() {
        None => Weeks::Every,
        Some("even") => Weeks::Even,
        Some("oneven") => Weeks::Odd,
        Some(_) => return None,
    };
    let shift = |(_, day): &(&str, Weekday)| Shift {
        day: *day,
        hours,
        weeks,
    };
    words.next().is_none().then(|| days.iter().map(shift).collect())
}

/// `ma` or `ma-do`.
fn days(written: &str) -> Option<&'static [(&'static str, Weekday)]> {
    let place = |word: &str| DAYS.iter().position(|(short, _)| *short == word);
    let (first, last) = written.split_once('-').unwrap_or((written, written));
    DAYS.get(place(first)?..=place(last)?)
        .filter(|days| !days.is_empty())
}

/// `09:00-17:00`.
fn hours(written: &str) -> Option<(Time, Time)> {
    let time = |text: &str| Time::strptime("%H:%M", text).ok();
    let (from, until) = written.split_once('-')?;
    let hours = (time(from)?, time(until)?);
    (hours.0 < hours.1).then_some(hours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::time;

    fn shift(day: Weekday, hours: Option<(Time, Time)>, weeks: Weeks) -> Shift {
        Shift { day, hours, weeks }
    }

    #[test]
    fn days_and_hours_are_read_as_a_roster_writes_them() {
        let morning = Some((time(9, 0, 0, 0), time(12, 30, 0, 0)));
        for (written, shifts) in [
            ("ma", vec![shift(Weekday::Monday, None, Weeks::Every)]),
            (
                " wo  09:00-12:30 ",
                vec![shift(Weekday::Wednesday, morning, Weeks::Every)],
            ),
            ("vr even", vec![shift(Weekday::Friday, None, Weeks::Even)]),
            (
                "do-vr 9:00-12:30 oneven",
                vec![
                    shift(Weekday::Thursday, morning, Weeks::Odd),
                    shift(Weekday::Friday, morning, Weeks::Odd),
                ],
            ),
        ] {
            assert_eq!(parse(written), Some(shifts), "{written}");
        }
        assert_eq!(parse("ma-zo").map(|shifts| shifts.len()), Some(7));
    }

    #[test]
    fn what_names_no_day_or_no_time_is_refused() {
        for written in [
            "",
            "maandag",
            "mo",
            "vr-ma",
            "ma-",
            "ma,di",
            "ma 17:00-09:00",
            "ma 09:00-09:00",
            "ma 09:00",
            "ma 9-17",
            "ma 09:00-24:00",
            "ma -10:00-12:00",
            "ma even 09:00-12:00",
            "ma soms",
            "ma even week",
            "09:00-17:00",
        ] {
            assert_eq!(parse(written), None, "{written}");
        }
    }
}
