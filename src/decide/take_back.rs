//! What was done by mistake is undone: a task that was handled is opened again, what was told is taken back.
//!
//! Guarantees: nothing is forgotten, the history says who undid what; a task that is opened again is told from the first rung
//! and guarded like a new one, with the due date that it had; what was told with its closing is taken back with it; and
//! nobody is asked about the same by two open tasks.

use jiff::civil::Date;

use crate::domain::{
    Cause, Change, EventId, Happening, HistoryLine, Occasion, PersonId, Refusal, Snapshot, Task, TaskId,
};

use super::act::line;
use super::escalate::{NOT_CALLED_YET, Start, call_again};
use super::remark::names_somebody;
use super::{Office, expect};

/// Somebody says that a task was not handled after all.
pub(super) fn reopen(
    office: Office<'_>,
    snapshot: &Snapshot,
    task: Task,
    by: &PersonId,
    remark: Option<String>,
) -> Result<Vec<Change>, Refusal> {
    if remark.as_deref().is_some_and(names_somebody) {
        return Err(Refusal::PersonalData);
    }
    let task = task.reopen(NOT_CALLED_YET)?;
    if let Some(open) = beside(snapshot, &task) {
        return Err(Refusal::AnotherOpen { task: task.id, open });
    }
    let asked = expect::asked_again(snapshot, &task)?;
    let history = snapshot.history.get(&task.id).map_or(&[][..], Vec::as_slice);
    let start = Start::anew(history, Occasion::Reopened);
    let what = Happening::Reopened { remark };
    let letter = snapshot.next.letter;
    let mut changes = call_again(office, &task, history, what, Some(by), start, letter).changes;
    changes.extend(asked);
    if let Some(event) = told_with_closing(history) {
        changes.extend(taken_back(office, snapshot, by, &[task.id], event));
    }
    // What it is about may have come while it was done: then there is nothing to open it for.
    let follows = expect::follow(office, snapshot, &changes);
    let ends = |change: &Change| matches!(change, Change::Moved(moved) if moved.id == task.id);
    if follows.iter().any(ends) {
        return Err(Refusal::NotNeeded(task.id));
    }
    Ok(changes)
}

/// The open task that came of the same chore or silence.
fn beside(snapshot: &Snapshot, task: &Task) -> Option<TaskId> {
    if !matches!(task.cause, Cause::Chore | Cause::Silence(_)) {
        return None;
    }
    let is_same = |other: &&Task| other.is_open() && (&other.cause, &other.kind) == (&task.cause, &task.kind);
    snapshot.tasks.values().find(is_same).map(|other| other.id)
}

/// What was told when the task was handled the last time.
fn told_with_closing(history: &[HistoryLine]) -> Option<&(EventId, Date)> {
    let closing = history.iter().rev().find_map(|line| match &line.what {
        Happening::Done { event, .. } => Some(event.as_ref()),
        _ => None,
    });
    closing.flatten()
}

/// Somebody says that something did not happen that was told with one of these tasks, or not on that day.
pub(super) fn report_taken_back(
    office: Office<'_>,
    snapshot: &Snapshot,
    by: &PersonId,
    tasks: &[TaskId],
    event: &(EventId, Date),
) -> Vec<Change> {
    let allowed = office.known(by).and_then(|()| office.not_external(by));
    let changes = allowed.and_then(|()| {
        let changes = taken_back(office, snapshot, by, tasks, event);
        if changes.is_empty() {
            return Err(Refusal::NotTold(event.0.clone()));
        }
        Ok(changes)
    });
    changes.unwrap_or_else(|refusal| vec![Change::Refused(refusal)])
}

/// What was told of this with these tasks does not count any more, and the history of each says so.
fn taken_back(
    office: Office<'_>,
    snapshot: &Snapshot,
    by: &PersonId,
    tasks: &[TaskId],
    event: &(EventId, Date),
) -> Vec<Change> {
    let reports = expect::taken_back(office, snapshot, tasks, event);
    let changes = reports.into_iter().flat_map(|report| {
        let event = event.clone();
        let line = line(office, report.task, by, Happening::TakenBack { event });
        [line, Change::Reported(report)]
    });
    changes.collect()
}
