//! Days and hours.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::super::raw::{Raw, RawDay};
use super::letters::only_once;
use crate::domain::{Calendar, DayOff};
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
    only_once(
        "[calendar]",
        raw.calendars.iter().map(|calendar| &calendar.spot),
        findings,
    );
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
    let (zone, opens, closes) = (zone?, opens.value.0, closes.value.0);
    let without = Calendar::new(zone.clone(), opens, closes, BTreeMap::new(), BTreeMap::new());
    note_needless(raw, &without, findings);
    Some(Calendar::new(zone, opens, closes, equated, local))
}

/// Days that do not count anyway, or are both equated and closed.
fn note_needless(raw: &Raw, without: &Calendar, findings: &mut Findings) {
    let equated = |day: Date| {
        raw.equated
            .iter()
            .any(|other| other.day.as_ref().is_some_and(|d| d.value == day))
    };
    for (is_local, entry) in raw
        .equated
        .iter()
        .map(|entry| (false, entry))
        .chain(raw.closed.iter().map(|entry| (true, entry)))
    {
        let Some(day) = &entry.day else { continue };
        let reason = match without.day_off(day.value) {
            Some(DayOff::Weekend) => "is in a weekend".to_owned(),
            Some(DayOff::Holiday(name) | DayOff::LocalClosing(name)) => format!("is {name}"),
            None if is_local && equated(day.value) => "is equated with a holiday".to_owned(),
            None => continue,
        };
        findings.push(
            Finding::warning(
                &day.spot,
                format!("{} does not count anyway: it {reason}", day.value),
            )
            .help("check the date; when it is right, take this entry away"),
        );
    }
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
