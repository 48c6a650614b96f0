//! Invented letters about the watch itself: its rules, its drills, and what it recognises.

use jiff::civil::date;

use super::{MORNING, everybody};
use crate::domain::{Drift, DriftWeek, DrillFailed, LostMail, RulesRefused, TaskId};

pub(super) fn refusals() -> impl Iterator<Item = RulesRefused> {
    [
        (1, vec!["caseloads.toml:12"]),
        (40, vec!["people.toml:3", "rules"]),
        (1, Vec::new()),
    ]
    .into_iter()
    .map(|(mistakes, places)| RulesRefused {
        at: MORNING,
        mistakes,
        places: places.into_iter().map(str::to_owned).collect(),
        in_force: "9f86d081884c".to_owned(),
    })
}

/// In one day and in several, with weeks in which nothing came and weeks in which all was recognised.
pub(super) fn drifts() -> impl Iterator<Item = Drift> {
    [1, 5].into_iter().map(|days| Drift {
        partner: "DUO".to_owned(),
        unrecognised: 12,
        mails: 15,
        days,
        weeks: [(0, 0), (14, 0), (15, 12)]
            .map(|(mails, unrecognised)| DriftWeek {
                number: 48,
                first: date(2026, 11, 23),
                mails,
                unrecognised,
            })
            .to_vec(),
    })
}

pub(super) fn failures() -> impl Iterator<Item = DrillFailed> {
    let lost = LostMail::ALL.map(|how| (None, Some(how), Vec::new()));
    [
        (Some(TaskId(17)), None, everybody()),
        (Some(TaskId(17)), None, Vec::new()),
    ]
    .into_iter()
    .chain(lost)
    .map(|(task, lost, tried)| DrillFailed {
        at: MORNING,
        task,
        lost,
        caseload: "Inburgering Noord".to_owned(),
        to: lost.map(|_| "inburgering@gemeente.example".to_owned()),
        tried,
    })
}
