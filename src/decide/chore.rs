//! Chores: the time for one came, so somebody is to do it.
//!
//! Guarantees: a time that was slept through is made up once, for the last of those that were missed, and its history tells
//! of the first. While the last task of a chore is open there is no second one beside it: two tasks for one piece of work are
//! each done by nobody. The open one notes that the time came again, and where its ladder had ended it is climbed anew, so
//! that it does not go on in silence.

use jiff::Timestamp;

use crate::domain::{
    Cause, Change, Chore, ChoreId, Effect, Happening, HistoryLine, Occasion, Routine, Snapshot, Task,
    TaskState, TypeId,
};

use super::escalate::{NOT_CALLED_YET, Start, call_again};
use super::open::{counted, open};
use super::{Office, routine};

/// It is time for a chore.
pub(super) fn moment_came(office: Office<'_>, snapshot: &Snapshot, id: &ChoreId) -> Vec<Change> {
    let routine = Routine::Chore(id.clone());
    let Some(stored) = routine::due(office, snapshot, &routine) else {
        return Vec::new();
    };
    let mut changes: Vec<Change> = routine::come(office, snapshot, routine).into_iter().collect();
    // One that went out of the rules is due no more.
    if let Some(chore) = office.rules.chores.get(id) {
        let come = office.come(chore, stored);
        changes.extend(match still_open(snapshot, id) {
            Some(task) => again(office, snapshot, task, come),
            None => office.open_chore(snapshot, chore, come),
        });
    }
    changes
}

/// How the time for a chore came.
struct Come {
    /// When it was to come; of several that were missed, the last.
    at: Timestamp,
    /// The grounds.
    why: Vec<String>,
}

/// The task of the last time, when it is not done yet.
fn still_open<'s>(snapshot: &'s Snapshot, id: &ChoreId) -> Option<&'s Task> {
    let kind = TypeId::chore(id);
    let is_it = |task: &&Task| task.cause == Cause::Chore && task.kind == kind && task.is_open();
    snapshot.tasks.values().filter(is_it).max_by_key(|task| task.id)
}

/// The time came while the last task is still open.
fn again(office: Office<'_>, snapshot: &Snapshot, task: &Task, come: Come) -> Vec<Change> {
    let what = Happening::CameAgain { why: come.why };
    let has_ended = matches!(&task.state, TaskState::Waiting(climb) if climb.next.is_none());
    if !has_ended {
        return vec![Change::Noted(HistoryLine {
            task: task.id,
            at: office.now,
            by: None,
            what,
        })];
    }
    let history = snapshot.history.get(&task.id).map_or(&[][..], Vec::as_slice);
    let start = Start::anew(history, Occasion::Escalation);
    call_again(office, task, history, what, None, start, snapshot.next.letter).changes
}

impl Office<'_> {
    /// How the time for a chore came that was to come at `stored`.
    fn come(self, chore: &Chore, stored: Timestamp) -> Come {
        let calendar = &self.rules.calendar;
        let wall = |at: Timestamp| calendar.zoned(at).strftime("%Y-%m-%d %H:%M").to_string();
        let next = |after: &Timestamp| chore.at.next_held_after(*after, calendar);
        let missed = std::iter::successors(Some(stored), next).take_while(|at| *at <= self.now);
        let (last, times) = missed.fold((stored, 0_usize), |(_, times), at| (at, times + 1));
        let mut why = vec![format!("it comes at `{}`: {}", chore.at, wall(last))];
        if times > 1 {
            why.push(format!(
                "the last of {times} that were missed since {}",
                wall(stored)
            ));
        } else if self.slept_through(last) {
            why.push("made up for, because nothing ran then".to_owned());
        }
        Come { at: last, why }
    }

    /// A task of its own.
    fn open_chore(self, snapshot: &Snapshot, chore: &Chore, come: Come) -> Vec<Change> {
        let kind = self.rules.kind(&TypeId::chore(&chore.id));
        let Effect::Task { due, .. } = &kind.effect else {
            return Vec::new();
        };
        let due = self.rules.calendar.due(come.at, *due);
        let mut why = come.why;
        why.push(counted(self.rules, &due));
        why.push(format!("caseload `{}`, as the rules say", chore.caseload));
        let mut ahead = snapshot.next;
        let task = Task {
            id: ahead.task,
            cause: Cause::Chore,
            kind: kind.id.clone(),
            title: kind.title.clone(),
            critical: false,
            drill: false,
            caseload: chore.caseload.clone(),
            assignee: None,
            received: come.at,
            opened: self.now,
            due: due.at,
            rules: self.rules.version.clone(),
            state: TaskState::Waiting(NOT_CALLED_YET),
        };
        let why = Happening::Opened {
            rule: format!("{}/at", kind.id),
            why,
            caution: None,
            deceit: None,
            origin: None,
        };
        open(self, task, why, &mut ahead)
    }
}
