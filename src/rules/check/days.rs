//! Days and hours.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::super::raw::{Raw, RawDay};
use crate::domain::Calendar;
use crate::findings::{Finding, Findings};

pub(super) fn calendar(raw: &Raw, place: &str, findings: &mut Findings) -> Option<Calendar> {
    let equated = days(&raw.equated, findings);
    let local = days(&raw.closed, findings);
    let Some(calendar) = raw.calendars.first() else {
        findings.push(
            Finding::about(place, "there is no `[calendar]`")
                .help("write one in `calendar.toml`: `zone`, `opens` and `closes`"),
        );
        return None;
    };
    for second in &raw.calendars[1..] {
        findings.push(
            Finding::error(&second.spot, "there is a second `[calendar]`")
                .help(format!("the first is at {}; keep one", calendar.spot)),
        );
    }
    let zone = calendar.zone.as_ref().and_then(|zone| {
        let known = TimeZone::get(&zone.value);
        if known.is_err() {
            findings.push(
                Finding::error(&zone.spot, format!("there is no time zone `{}`", zone.value))
                    .help("write `zone = \"Europe/Amsterdam\"`"),
            );
        }
        known.ok()
    });
    let (opens, closes) = (calendar.opens.as_ref()?, calendar.closes.as_ref()?);
    if opens.value.0 >= closes.value.0 {
        findings.push(
            Finding::error(&closes.spot, "the office closes before it opens")
                .help("`closes` must be later than `opens`"),
        );
        return None;
    }
    Some(Calendar::new(
        zone?,
        opens.value.0,
        closes.value.0,
        equated,
        local,
    ))
}

fn days(raw: &[RawDay], findings: &mut Findings) -> BTreeMap<Date, String> {
    let mut days = BTreeMap::new();
    for entry in raw {
        let (Some(day), Some(name)) = (&entry.day, &entry.name) else {
            continue;
        };
        if days.insert(day.value, name.clone()).is_some() {
            findings.push(
                Finding::warning(&day.spot, format!("{} is listed twice", day.value))
                    .help("take one of the two away"),
            );
        }
    }
    days
}
