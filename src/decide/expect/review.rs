//! What is stored of an expectation is brought into line with what happened in its dossier.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{
    Asks, Change, DossierId, Effect, Expectation, ExpectationId, ExpectationState, Expected, Happening,
    Lives, Occurrence, Subject, TypeId,
};

use super::course::{Course, End, course};
use super::{Office, Tasks, close, noted};

/// Whatever changes for one rule in one dossier.
pub(super) fn review(
    office: Office<'_>,
    rule: &Expected,
    lives: &Lives,
    dossier: DossierId,
    tasks: &Tasks<'_>,
    next: &mut ExpectationId,
) -> Vec<Change> {
    let life = lives.occurrences.get(&dossier).map_or(&[][..], Vec::as_slice);
    let stored: Vec<&Expectation> = lives
        .of_dossier(dossier)
        .filter(|expectation| expectation.rule == rule.id)
        .collect();
    let settled: Vec<Timestamp> = stored.iter().filter_map(|known| known.settled()).collect();
    let course = course(rule, &office.rules.calendar, life, &settled);
    let (open, surplus) = open_one(&stored, course.as_ref());
    let mut changes: Vec<Change> = surplus
        .iter()
        .flat_map(|other| undo(office, tasks, other))
        .collect();
    changes.extend(match (course, open) {
        (None, None) => stored.iter().filter_map(|ended| never_was(ended)).collect(),
        (None, Some(open)) => undo(office, tasks, open),
        (Some(course), Some(open)) => go_on(office, rule, tasks, open, &course),
        (Some(course), None) => {
            let over = |known: &&&Expectation| known.settled().is_some_and(|at| at >= course.since);
            let mut over = stored.iter().filter(over);
            if let Some(ended) = over.clone().find(|known| known.since == course.since) {
                return rejudge(office, ended, &course).into_iter().collect();
            }
            if over.next().is_some() {
                return Vec::new();
            }
            begin(office, rule, (dossier, life), tasks, &course, next)
                .into_iter()
                .collect()
        }
    });
    changes
}

/// The one that goes on. Two dossiers that become one may each bring one: then that which the whole life tells of.
fn open_one<'e>(
    stored: &[&'e Expectation],
    course: Option<&Course>,
) -> (Option<&'e Expectation>, Vec<&'e Expectation>) {
    let mut open: Vec<&Expectation> = stored.iter().copied().filter(|known| known.is_open()).collect();
    open.sort_by_key(|known| course.is_none_or(|course| course.since != known.since));
    let surplus = open.split_off(open.len().min(1));
    (open.pop(), surplus)
}

/// Something became known that happened before it ended. What somebody said is stored as it is.
fn rejudge(office: Office<'_>, ended: &Expectation, course: &Course) -> Option<Change> {
    let end = course.end.as_ref().filter(|end| **end != End::Settled)?;
    let open = Expectation {
        state: ExpectationState::Open { asks: ended.until },
        ..ended.clone()
    };
    let judged = ended.clone().ended(&settle(office, open, end));
    (judged != *ended).then(|| noted(judged))
}

/// It ended like this.
fn settle(office: Office<'_>, open: Expectation, end: &End) -> Expectation {
    match end {
        End::Met(came) => {
            let at = came.at.max(open.since);
            open.meet(at)
        }
        End::Settled => open.meet(office.now),
        End::Cancelled(by) => open.cancel(by.at),
    }
}

/// It is expected from now on, or was and came already.
fn begin(
    office: Office<'_>,
    rule: &Expected,
    (dossier, life): (DossierId, &[Occurrence]),
    tasks: &Tasks<'_>,
    course: &Course,
    next: &mut ExpectationId,
) -> Option<Change> {
    let task = tasks.beginning(rule, life, course)?;
    let (until, asks) = times(office, rule, course);
    let expectation = Expectation {
        id: *next,
        rule: rule.id.clone(),
        about: Subject::Dossier(dossier),
        caseload: task.caseload.clone(),
        message: task.message(),
        since: course.since,
        until,
        state: ExpectationState::Open { asks },
    };
    *next = next.next();
    Some(noted(match &course.end {
        None => expectation,
        Some(end) => settle(office, expectation, end),
    }))
}

/// It goes on, with another last day perhaps, or ends.
fn go_on(
    office: Office<'_>,
    rule: &Expected,
    tasks: &Tasks<'_>,
    open: &Expectation,
    course: &Course,
) -> Vec<Change> {
    if let Some(end) = &course.end {
        return finish(office, tasks, open, end);
    }
    let (until, asks) = times(office, rule, course);
    if (open.since, open.until) == (course.since, until) {
        return Vec::new();
    }
    let last_day = office.rules.calendar.last_day(until);
    let mut changes = close(office, tasks, open, Happening::TermMoved { last_day });
    changes.push(noted(open.clone().wait_until(course.since, until, asks)));
    changes
}

/// It came, or is not needed any more: so is the task by which somebody was asked.
fn finish(office: Office<'_>, tasks: &Tasks<'_>, open: &Expectation, end: &End) -> Vec<Change> {
    let what = match end {
        End::Met(came) => Happening::CameAfterAll {
            sign: Some(came.sign.clone()),
        },
        End::Cancelled(by) => Happening::NotNeeded {
            sign: Some(by.sign.clone()),
        },
        End::Settled => return Vec::new(),
    };
    let mut changes = close(office, tasks, open, what);
    changes.push(noted(settle(office, open.clone(), end)));
    changes
}

/// What started it turned out to be something else, or it is not for a life like this: it never began, and so was over
/// before. What starts it once more, starts it anew.
fn undo(office: Office<'_>, tasks: &Tasks<'_>, open: &Expectation) -> Vec<Change> {
    let mut changes = close(office, tasks, open, Happening::NotNeeded { sign: None });
    changes.push(noted(open.clone().cancel(just_before(open.since))));
    changes
}

/// The same of one that ended before that became known.
fn never_was(ended: &Expectation) -> Option<Change> {
    let never = Expectation {
        state: ExpectationState::Cancelled {
            at: just_before(ended.since),
        },
        ..ended.clone()
    };
    let judged = ended.clone().ended(&never);
    (judged != *ended).then(|| noted(judged))
}

fn just_before(at: Timestamp) -> Timestamp {
    at.checked_sub(SignedDuration::from_micros(1)).unwrap_or(at)
}

/// When its time is over, and when somebody is asked.
fn times(office: Office<'_>, rule: &Expected, course: &Course) -> (Timestamp, Timestamp) {
    let moved = course.moved.map(|last_day| end_of(office, last_day));
    let until = moved.unwrap_or_else(|| until(office, rule, course.since));
    (until, asks(office, rule, until))
}

/// When the day is over on which something lies.
pub(super) fn end_of(office: Office<'_>, at: Timestamp) -> Timestamp {
    let calendar = &office.rules.calendar;
    let next = calendar.day(at).tomorrow();
    next.map_or(Timestamp::MAX, |next| calendar.start_of(next))
}

/// When the time is over of what is expected since then.
pub(super) fn until(office: Office<'_>, rule: &Expected, since: Timestamp) -> Timestamp {
    let calendar = &office.rules.calendar;
    let day_before = || Some(calendar.start_of(calendar.day(since).yesterday().ok()?));
    let from = rule.day_counts.then(day_before).flatten().unwrap_or(since);
    calendar.due(from, rule.within).at
}

/// When somebody is asked about what must be there by then.
pub(super) fn asks(office: Office<'_>, rule: &Expected, until: Timestamp) -> Timestamp {
    let calendar = &office.rules.calendar;
    match rule.asks {
        Asks::Late => calendar.next_open(until),
        Asks::AtOnce => office.now,
        Asks::Ahead(ahead) => calendar.ahead_of(until, ahead),
    }
}

/// When the task must be handled by which somebody is asked now.
pub(super) fn due(office: Office<'_>, rule: &Expected, until: Timestamp) -> Timestamp {
    match (rule.asks, &office.rules.kind(&TypeId::expected(&rule.id)).effect) {
        (Asks::Late, Effect::Task { due, .. }) => office.rules.calendar.due(office.now, *due).at,
        _ => until,
    }
}
