//! Terms beside each other: can they be counted, and does the ladder end before the due date?

use jiff::Timestamp;

use super::super::raw::{Raw, RawLadder, RawType};
use crate::domain::{Calendar, Term};
use crate::findings::{Finding, Findings};

/// A term that takes longer than this has been written for other opening hours.
const LONGEST_DAYS: i64 = 400;

/// An ordinary Monday morning, before any office opens: terms are compared from here.
pub(super) fn monday() -> Timestamp {
    jiff::civil::date(2026, 1, 12)
        .at(6, 0, 0, 0)
        .to_zoned(jiff::tz::TimeZone::UTC)
        .map_or(Timestamp::UNIX_EPOCH, |at| at.timestamp())
}

pub(super) fn terms(raw: &Raw, calendar: &Calendar, findings: &mut Findings) {
    for kind in raw.tasks() {
        let Some(due) = &kind.due else { continue };
        if let Some(day) = out_of_reach(calendar, due.value) {
            findings.push(
                Finding::error(
                    &due.spot,
                    format!("with these opening hours this term ends on {day}"),
                )
                .help("correct `opens` and `closes` of the `[calendar]`, or count in working days (`wd`)"),
            );
            continue;
        }
        let ladder = raw.ladders.iter().find(|ladder| {
            let name = kind.ladder.as_ref().map(|name| &name.value);
            name.is_some() && ladder.id.as_ref().map(|id| &id.value) == name
        });
        if let Some(ladder) = ladder {
            check_ladder(kind, ladder, calendar, findings);
        }
    }
    for ladder in &raw.ladders {
        let waits = ladder
            .rungs
            .iter()
            .filter_map(|rung| Some((&rung.spot, rung.wait?)));
        let hold = ladder.hold.map(|hold| (&ladder.spot, hold));
        for (spot, term) in waits.chain(hold) {
            if let Some(day) = out_of_reach(calendar, term) {
                findings.push(
                    Finding::error(
                        spot,
                        format!("with these opening hours a wait or hold here ends on {day}"),
                    )
                    .help(
                        "correct `opens` and `closes` of the `[calendar]`, or count in working days (`wd`)",
                    ),
                );
            }
        }
    }
}

/// The day on which a term ends, when that is beyond all reason. Opening hours make no statutory term longer.
pub(super) fn out_of_reach(calendar: &Calendar, term: Term) -> Option<jiff::civil::Date> {
    if matches!(term, Term::Statutory(_)) {
        return None;
    }
    let end = calendar.due(monday(), term).at;
    let days = end.duration_since(monday()).as_hours() / 24;
    (days > LONGEST_DAYS).then(|| calendar.day(end))
}

fn check_ladder(kind: &RawType, ladder: &RawLadder, calendar: &Calendar, findings: &mut Findings) {
    let (Some(due), Some(name), Some(id)) = (&kind.due, &kind.ladder, &kind.id) else {
        return;
    };
    let end = calendar.due(monday(), due.value).at;
    let waits = ladder.rungs.split_last().map_or(&[][..], |(_, others)| others);
    let last_told = waits
        .iter()
        .filter_map(|rung| rung.wait)
        .fold(monday(), |at, wait| calendar.due(at, wait).at);
    if last_told > end {
        findings.push(
            Finding::warning(
                &due.spot,
                format!(
                    "the last rung of `{}` is told only when `{}` is past due",
                    name.value.0, id.value.0
                ),
            )
            .help(format!(
                "shorten the waits at {}, name a faster ladder, or give more time",
                ladder.spot
            )),
        );
    }
    let holds_past_due = |hold: Term| calendar.due(monday(), hold).at > end;
    if kind.critical && ladder.hold.is_some_and(holds_past_due) {
        findings.push(
            Finding::warning(
                &due.spot,
                format!("whoever takes `{}` may let it rest past its due date", id.value.0),
            )
            .help(format!("shorten the `hold` at {}", ladder.spot)),
        );
    }
}
