//! A person acts on a task.

use crate::domain::{
    Act, Change, Happening, HistoryLine, Occasion, PersonId, Refusal, Snapshot, Task, TaskId,
};

use super::Office;
use super::escalate::{NOT_CALLED_YET, Start, call, next_round};

/// What is written because a person acted; a [`Change::Refused`] when that cannot be.
pub(super) fn person_acted(
    office: Office<'_>,
    snapshot: &Snapshot,
    by: &PersonId,
    id: TaskId,
    act: &Act,
) -> Vec<Change> {
    let outcome = office.known(by).and_then(|()| {
        let task = snapshot.tasks.get(&id).cloned().ok_or(Refusal::NoSuchTask(id))?;
        match act {
            Act::Take => take(office, task, by),
            Act::Done { remark } => done(office, task, by, remark.clone()),
            Act::Reassign { to } => reassign(office, snapshot, task, by, to),
        }
    });
    outcome.unwrap_or_else(|refusal| vec![Change::Refused(refusal)])
}

fn take(office: Office<'_>, task: Task, by: &PersonId) -> Result<Vec<Change>, Refusal> {
    let until = office.hold(&task);
    let line = line(office, &task, by, Happening::Taken);
    let task = task.take(by.clone(), office.now, until)?;
    Ok(vec![Change::Moved(Box::new(task)), line])
}

fn done(
    office: Office<'_>,
    task: Task,
    by: &PersonId,
    remark: Option<String>,
) -> Result<Vec<Change>, Refusal> {
    let line = line(office, &task, by, Happening::Done { remark });
    let task = task.finish(by.clone(), office.now)?;
    Ok(vec![Change::Moved(Box::new(task)), line])
}

fn reassign(
    office: Office<'_>,
    snapshot: &Snapshot,
    task: Task,
    by: &PersonId,
    to: &PersonId,
) -> Result<Vec<Change>, Refusal> {
    office.known(to)?;
    let handed = line(office, &task, by, Happening::Reassigned { to: to.clone() });
    let history = snapshot.history.get(&task.id).map_or(&[][..], Vec::as_slice);
    let task = task.reassign(to.clone(), NOT_CALLED_YET)?;
    let start = Start {
        rung: 0,
        round: next_round(history),
        occasion: Occasion::Reassigned,
    };
    let call = call(office, &task, history, start, snapshot.next.letter);
    let mut changes = vec![Change::Moved(Box::new(task.climb(call.climb))), handed];
    changes.extend(call.changes);
    Ok(changes)
}

fn line(office: Office<'_>, task: &Task, by: &PersonId, what: Happening) -> Change {
    Change::Noted(HistoryLine {
        task: task.id,
        at: office.now,
        by: Some(by.clone()),
        what,
    })
}

impl Office<'_> {
    fn known(self, person: &PersonId) -> Result<(), Refusal> {
        if self.rules.people.contains_key(person) {
            Ok(())
        } else {
            Err(Refusal::UnknownPerson(person.clone()))
        }
    }
}
