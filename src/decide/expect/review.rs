//! What is stored of an expectation is brought into line with what happened in its dossier.
//!
//! A life gives the courses that each rule takes in it ([`courses`]). Each course is one stored expectation ([`pair`]), and
//! what stands for none was never expected. So whatever becomes known, is joined or is taken back, what is stored is in the
//! end what it would be if only the rest had ever been known; but for what somebody said, which stands until they open its
//! task again.

use jiff::Timestamp;

use crate::domain::{
    Asks, Change, DossierId, Effect, Expectation, ExpectationId, ExpectationState, Expected, Happening,
    Lives, Occurrence, Subject, TypeId,
};

use super::course::{Course, End, courses};
use super::pair::{Pairs, pair};
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
    let life = lives.of_life(dossier);
    let before = tasks.snapshot.lives.of_life(dossier);
    let stored = lives.of_dossier(dossier).filter(|known| known.rule == rule.id);
    let stored: Vec<&Expectation> = stored.collect();
    let is_older = |start: &Occurrence| tasks.is_older(rule, life, start) && !has_started(&stored, start);
    let (said, derived): (Vec<&Expectation>, Vec<&Expectation>) = stored
        .iter()
        .copied()
        .partition(|known| was_said(rule, known, before, life));
    let said: Vec<Timestamp> = said.into_iter().filter_map(Expectation::settled).collect();
    let courses = courses(rule, &office.rules.calendar, life, &said, &is_older);
    let Pairs { of, rest } = pair(&courses, derived);
    let mut changes: Vec<Change> = rest
        .into_iter()
        .flat_map(|known| undo(office, tasks, known))
        .collect();
    let Some((last, older)) = courses.split_last() else {
        return changes;
    };
    for (course, known) in older.iter().zip(&of) {
        let ended = known.zip(course.ended());
        changes.extend(ended.and_then(|(known, ended)| judge(office, rule, known, course, ended)));
    }
    changes.extend(match of.last().copied().flatten() {
        Some(open) if open.is_open() => go_on(office, rule, tasks, open, last),
        Some(ended) if !ended.never_was() => {
            let state = last.ended().unwrap_or_else(|| open(office, rule, last));
            judge(office, rule, ended, last, state).into_iter().collect()
        }
        _ if said.iter().any(|at| *at >= last.since) && last.end.is_some() => Vec::new(),
        never => begin(office, rule, (dossier, life), tasks, (last, never), next)
            .into_iter()
            .collect(),
    });
    changes
}

/// Whether something started this once: it still does, also when the rule was away for a time.
fn has_started(stored: &[&Expectation], start: &Occurrence) -> bool {
    stored.iter().any(|known| known.since == start.at)
}

/// Whether it ended because somebody said so: the colleague who handled its task, or rules that have changed since. What did
/// not, ended by something that happens in the life, or happened in it until now.
fn was_said(rule: &Expected, known: &Expectation, before: &[Occurrence], life: &[Occurrence]) -> bool {
    let mut lived = before.iter().chain(life);
    match known.state {
        ExpectationState::Open { .. } | ExpectationState::Asked { .. } => false,
        ExpectationState::Handled { .. } => true,
        _ if known.never_was() => false,
        ExpectationState::Met { at } => {
            !lived.any(|came| rule.comes.contains(&came.sign) && came.at.max(known.since) == at)
        }
        ExpectationState::Cancelled { at } => {
            !lived.any(|by| rule.cancelled_by.contains(&by.sign) && by.at == at)
        }
    }
}

/// It went like this.
fn judge(
    office: Office<'_>,
    rule: &Expected,
    known: &Expectation,
    course: &Course,
    state: ExpectationState,
) -> Option<Change> {
    if (known.since, &known.state) == (course.since, &state) {
        return None;
    }
    let (until, _) = times(office, rule, course);
    Some(noted(known.clone().turn_out(course.since, until, state)))
}

/// It is waited for.
fn open(office: Office<'_>, rule: &Expected, course: &Course) -> ExpectationState {
    let (_, asks) = times(office, rule, course);
    ExpectationState::Open { asks }
}

/// It is expected from now on, or was and came already. What was thought to be never expected is so after all.
fn begin(
    office: Office<'_>,
    rule: &Expected,
    (dossier, life): (DossierId, &[Occurrence]),
    tasks: &Tasks<'_>,
    (course, never): (&Course, Option<&Expectation>),
    next: &mut ExpectationId,
) -> Option<Change> {
    let task = tasks.beginning(rule, life, course)?;
    let state = course.ended().unwrap_or_else(|| open(office, rule, course));
    if let Some(never) = never {
        return judge(office, rule, never, course, state);
    }
    let (until, _) = times(office, rule, course);
    let expectation = Expectation {
        id: *next,
        rule: rule.id.clone(),
        about: Subject::Dossier(dossier),
        caseload: task.caseload.clone(),
        message: task.message(),
        since: course.since,
        until,
        state,
    };
    *next = next.next();
    Some(noted(expectation))
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
        return finish(office, rule, tasks, open, (course, end));
    }
    let (until, asks) = times(office, rule, course);
    if (open.since, open.until) == (course.since, until) {
        // The last day that was told with its task is the one that was known.
        let closed = open.task().filter(|task| tasks.is_closed(*task));
        let handled = closed.map(|task| noted(open.clone().handle(task, office.now)));
        return handled.into_iter().collect();
    }
    if tasks.reopens(open) {
        let state = open.state.clone();
        return vec![noted(open.clone().turn_out(course.since, until, state))];
    }
    let last_day = office.rules.calendar.last_day(until);
    let mut changes = close(office, tasks, open, Happening::TermMoved { last_day });
    changes.push(noted(open.clone().wait_until(course.since, until, asks)));
    changes
}

/// It came, or is not needed any more: so is the task by which somebody was asked.
fn finish(
    office: Office<'_>,
    rule: &Expected,
    tasks: &Tasks<'_>,
    open: &Expectation,
    (course, end): (&Course, &End),
) -> Vec<Change> {
    let what = match end {
        End::Met(came) => Happening::CameAfterAll {
            sign: Some(came.sign.clone()),
        },
        End::Cancelled(by) => Happening::NotNeeded {
            sign: Some(by.sign.clone()),
        },
        End::Said => return Vec::new(),
    };
    let mut changes = close(office, tasks, open, what);
    let ended = course.ended();
    changes.extend(ended.and_then(|ended| judge(office, rule, open, course, ended)));
    changes
}

/// What started it turned out to be something else, was taken back, or is not for a life like this: it never began, and so
/// was over before.
fn undo(office: Office<'_>, tasks: &Tasks<'_>, known: &Expectation) -> Vec<Change> {
    let mut changes = close(office, tasks, known, Happening::NotNeeded { sign: None });
    let never = known.clone().retract();
    changes.extend((never != *known).then(|| noted(never)));
    changes
}

/// When its time is over, and when somebody is asked.
fn times(office: Office<'_>, rule: &Expected, course: &Course) -> (Timestamp, Timestamp) {
    let moved = course.moved.map(|last_day| end_of(office, last_day));
    let until = moved.unwrap_or_else(|| until(office, rule, course.since));
    (until, asks(office, rule, until))
}

/// When the day is over on which something lies.
fn end_of(office: Office<'_>, at: Timestamp) -> Timestamp {
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
