//! The proof that a critical notice is read in time, whoever else is away.
//!
//! # What it says
//! For every critical type, every caseload that it can reach and every minute of the coming weeks at which it may arrive:
//! when somebody who is there reads the letter about it, at the latest. Leave, part-time days, who is on call, opening
//! hours and holidays are as the rules and the ledger know them; besides, any `absent` people are away, the worst that
//! could be, each of them known to be away or not: who is not known to be away is written to, and their time passes.
//!
//! # What it rests on
//! * The program runs, letters arrive, and mail is read when it comes in. An outage is no absence: see `timing`.
//! * Who is there reads what reaches them. Who is told before they come reads it when they come.
//! * A functional address is read whenever the office is open. Nobody can prove who does; so it is said apart when nobody
//!   by name would read it.
//! * Whoever is away is so from before the notice arrives until it is read, and what is known of that does not change. When
//!   an absence becomes known meanwhile, the ladder goes on at once from the rung that was told. How long a notice then
//!   waits is not proved: somebody on a lower rung may have come to work since, whom it no longer asks.
//!
//! # How it is exact
//! Within a stretch of minutes in which nobody comes or leaves and no term ends otherwise, the same people are called in
//! the same order, and how long a notice waits falls or stays the same from one minute to the next; only where time runs
//! by the clock it may rise. So the first minute of each stretch, and with such times the last as well, stand for all of
//! it. Which people are away is not tried out among all people, but only among those whom the ladder meets (`walk`).
//! That this is what the decisions do is not believed: `tests/cover.rs` goes through every minute and every absence of
//! small offices with the decisions themselves.
//!
//! # What we accept
//! Terms that reach beyond the window by more than two months are taken to end there.

mod check;
mod holes;
mod office;
mod row;
mod scan;
mod timeline;
mod walk;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use crate::domain::{
    Away, CaseloadId, Effect, LadderId, LatestRead, NotificationType, Promise, Route, Term, TypeId,
};
use crate::rules::Rules;

use self::office::Staff;
use self::scan::Scan;
use self::timeline::Timeline;

pub use check::in_hours;
pub use holes::ahead;

/// How far beyond the last arrival the office is looked at.
const BEYOND_DAYS: i64 = 62;

/// Which days are proved, and how many people may be away besides those who are known to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// The first day.
    pub from: Date,
    /// The day after the last.
    pub until: Date,
    /// How many people, at most [`Promise::MOST_ABSENT`].
    pub absent: usize,
}

/// For how many weeks it is proved what is to come.
const WEEKS: i64 = 53;

impl Scope {
    /// The coming weeks, with as many people away as the rules promise for, and one at least.
    #[must_use]
    pub fn coming(rules: &Rules, now: Timestamp) -> Self {
        let from = rules.calendar.day(now);
        Self {
            from,
            until: from.saturating_add(Span::new().weeks(WEEKS)),
            absent: rules.promise.absent.max(holes::TOO_FEW),
        }
    }
}

/// What was proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Of which days.
    pub scope: Scope,
    /// For each caseload and each way to handle critical notices in it.
    pub covers: Vec<Cover>,
}

/// How notices of some types are covered in a caseload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    /// The caseload.
    pub caseload: CaseloadId,
    /// The ladder that they climb.
    pub ladder: LadderId,
    /// The types.
    pub types: Vec<TypeId>,
    /// The worst that can be with nobody away besides those who are known to be, with one, and so on.
    pub worst: Vec<LatestRead>,
    /// The same week by week.
    pub weeks: Vec<Week>,
}

/// How a week is covered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Week {
    /// Its Monday, or the first day of the window. What arrives after the office closed for the last time before it belongs
    /// to it.
    pub first: Date,
    /// The worst that can be with nobody away besides those who are known to be, with one, and so on.
    pub worst: Vec<LatestRead>,
    /// How it comes that nobody by name reads a notice, with the fewest people away; none: it takes more than were thought
    /// of.
    pub nobody_by_name: Option<LatestRead>,
}

/// Proves how critical notices are covered.
#[must_use]
pub fn prove(rules: &Rules, away: &[Away], scope: Scope) -> Proof {
    let absent = scope.absent.min(Promise::MOST_ABSENT);
    let scope = Scope { absent, ..scope };
    let calendar = &rules.calendar;
    let beyond = scope.until.saturating_add(Span::new().days(BEYOND_DAYS));
    let (start, end) = (calendar.start_of(scope.from), calendar.start_of(beyond));
    let line = Timeline::new(calendar, start, end);
    let staff = Staff::new(rules, away, &line);
    let mondays = weeks(&scope);
    let scan = Scan {
        rules,
        line: &line,
        staff: &staff,
        mondays: &mondays,
        absent,
    };
    let mut alike: BTreeMap<Key, BTreeMap<Term, Vec<TypeId>>> = BTreeMap::new();
    for (key, due, kind) in critical(rules) {
        let types = alike.entry(key).or_default().entry(due).or_default();
        types.push(kind);
    }
    let covers = alike
        .into_iter()
        .flat_map(|((caseload, ladder), types)| scan.covers(&caseload, &ladder, types));
    Proof {
        scope,
        covers: covers.collect(),
    }
}

/// The first day of each week, and the day after the last.
fn weeks(scope: &Scope) -> Vec<Date> {
    let monday = monday(scope.from).saturating_add(Span::new().weeks(1));
    let mondays = std::iter::successors(Some(monday), |day| day.checked_add(Span::new().weeks(1)).ok());
    std::iter::once(scope.from)
        .chain(mondays.take_while(|day| *day < scope.until))
        .chain([scope.until])
        .collect()
}

/// The Monday of the week of a day.
fn monday(day: Date) -> Date {
    day.saturating_sub(Span::new().days(i64::from(day.weekday().to_monday_zero_offset())))
}

/// What has the same stairs.
type Key = (CaseloadId, LadderId);

/// Every critical type with each caseload that its tasks can reach, and its term.
fn critical(rules: &Rules) -> impl Iterator<Item = (Key, Term, TypeId)> + '_ {
    rules
        .types
        .values()
        .filter(|kind| kind.critical)
        .filter_map(|kind| match &kind.effect {
            Effect::Task { due, ladder } => Some((kind, *due, ladder)),
            Effect::Recorded => None,
        })
        .flat_map(|(kind, due, ladder)| {
            reached(rules, kind)
                .into_iter()
                .map(move |caseload| ((caseload, ladder.clone()), due, kind.id.clone()))
        })
}

/// The caseloads that tasks of a type can go to: by each route up to the first that takes all that are left. What is
/// about a person goes where their dossier is, and that may be anywhere.
fn reached(rules: &Rules, kind: &NotificationType) -> BTreeSet<CaseloadId> {
    if kind.id.is_about_a_person() {
        return rules.routes.iter().map(|route| route.caseload.clone()).collect();
    }
    let fits = |route: &&Route| {
        let groups = route.target_group.zip(kind.target_group);
        (route.types.is_empty() || route.types.contains(&kind.id))
            && groups.is_none_or(|(one, other)| one == other)
    };
    let mut caseloads = BTreeSet::new();
    for route in rules.routes.iter().filter(fits) {
        caseloads.insert(route.caseload.clone());
        let takes_all = route.target_group.is_none() || route.target_group == kind.target_group;
        if takes_all && route.recipients.is_empty() {
            break;
        }
    }
    caseloads
}
