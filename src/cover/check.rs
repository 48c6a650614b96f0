//! What a proof means for an admin: rules that cannot keep their promise, and weeks in which the cover is thin.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::{CaseloadId, LatestRead, PersonId, TypeId};
use crate::findings::{Finding, Findings, Spot, listed};
use crate::rules::Rules;

use super::{Cover, Proof};

impl Proof {
    /// Notes what breaks the promise of the rules, with the fewest people whose absence does it, and weeks in which one
    /// illness suffices to leave a notice to a functional address: once a caseload.
    pub fn check(&self, rules: &Rules, findings: &mut Findings) {
        let mut caseloads: BTreeMap<&CaseloadId, Vec<&Cover>> = BTreeMap::new();
        for cover in &self.covers {
            caseloads.entry(&cover.caseload).or_default().push(cover);
        }
        for (caseload, covers) in caseloads {
            let Some(place) = rules.place_of(caseload) else {
                continue;
            };
            let promised_at = rules.place_of_the_promise().unwrap_or(place);
            let broken = rules
                .promise
                .within
                .and_then(|within| broken(rules, &covers, within, promised_at));
            let thin = [
                (0, "a critical notice reaches nobody by name"),
                (
                    1,
                    "one illness suffices for a critical notice to reach nobody by name",
                ),
            ];
            let thin = thin.map(|(most, what)| thin_weeks(&covers, most, what, place));
            for finding in broken.into_iter().chain(thin.into_iter().flatten()) {
                findings.push(finding);
            }
        }
    }
}

/// The promise, and what breaks it in a caseload: with the fewest people away, and of those the worst.
fn broken(rules: &Rules, covers: &[&Cover], within: u32, place: &Spot) -> Option<Finding> {
    let first_broken = |cover: &&Cover| {
        let mut promised = cover.worst.iter().take(rules.promise.absent + 1);
        let worst = promised.find(|worst| worst.after > within)?.clone();
        Some((cover.types.clone(), cover.ladder.clone(), worst))
    };
    let (types, ladder, worst) = covers
        .iter()
        .filter_map(first_broken)
        .min_by_key(|(_, _, worst)| (worst.away.len(), Reverse(worst.after)))?;
    let message = format!(
        "{} in `{}` may lie unread for {} office hours, and {} are promised",
        listed(&types.iter().map(TypeId::as_str).collect::<Vec<_>>()),
        covers.first()?.caseload,
        in_hours(worst.after),
        in_hours(within)
    );
    Some(Finding::error(place, message).help(format!(
        "{}; name a deputy who is there then, shorten the waits of `{ladder}`, or promise less",
        story(rules, &worst)
    )))
}

/// The weeks in which so few people more have to be away that nobody by name reads a notice.
fn thin_weeks(covers: &[&Cover], most: usize, what: &str, place: &Spot) -> Option<Finding> {
    let weeks = covers.iter().flat_map(|cover| &cover.weeks);
    let thin: BTreeSet<Date> = weeks
        .filter(|week| {
            let nobody = week.nobody_by_name.as_ref();
            nobody.is_some_and(|read| read.away.len() == most)
        })
        .map(|week| week.first)
        .collect();
    let message = format!("{} {what} here", in_weeks(&thin)?);
    Some(
        Finding::warning(place, message)
            .help("only the functional address is told then: name one more deputy, or move somebody's leave"),
    )
}

/// `in week 52`, `in weeks 30-32, 52`; nothing when there are none.
fn in_weeks(weeks: &BTreeSet<Date>) -> Option<String> {
    let mut runs: Vec<(Date, Date)> = Vec::new();
    for week in weeks {
        match runs.last_mut() {
            Some((_, last)) if last.duration_until(*week).as_hours() <= 24 * 7 => *last = *week,
            _ => runs.push((*week, *week)),
        }
    }
    let number = |day: Date| day.iso_week_date().week();
    let numbers = runs.iter().map(|(first, last)| {
        if first == last {
            number(*first).to_string()
        } else {
            format!("{}-{}", number(*first), number(*last))
        }
    });
    let plural = if weeks.len() == 1 { "" } else { "s" };
    let numbers = numbers.collect::<Vec<_>>().join(", ");
    (!weeks.is_empty()).then(|| format!("in week{plural} {numbers}"))
}

/// What happens to a notice that waits longest.
fn story(rules: &Rules, worst: &LatestRead) -> String {
    let at = |instant: Timestamp| {
        rules
            .calendar
            .zoned(instant)
            .strftime("%Y-%m-%d %H:%M")
            .to_string()
    };
    let reader = worst
        .reader
        .as_ref()
        .map_or("the functional address", PersonId::as_str);
    format!(
        "it arrives at {}{}, and {reader} reads it at {}",
        at(worst.arrives),
        while_away(worst),
        at(worst.reads)
    )
}

/// ` while a (unknown) and b are away`; nothing when nobody is.
fn while_away(worst: &LatestRead) -> String {
    let names: Vec<String> = worst
        .away
        .iter()
        .map(|(person, is_known)| {
            let how = if *is_known { "" } else { ", which nobody knows" };
            format!("{person} is away{how}")
        })
        .collect();
    if names.is_empty() {
        String::new()
    } else {
        format!(" while {}", names.join(" and "))
    }
}

/// Minutes as hours and minutes: `8:30`.
#[must_use]
pub fn in_hours(minutes: u32) -> String {
    format!("{}:{:02}", minutes / 60, minutes % 60)
}
