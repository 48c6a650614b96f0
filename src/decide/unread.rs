//! An answer that was not understood: somebody has to read it, until its writer answers again.
//!
//! Guarantee: nothing that a colleague wrote is lost, and nobody is asked to read what its writer said again by taking the
//! task or telling that it is handled: they know that nothing is left of what they wrote. What somebody wrote who passed it
//! on, or said what it is about, is for others to read. The history of the task that the answer is about names the task by
//! which it is read.

use jiff::Timestamp;

use crate::domain::{
    Answer, Change, Classification, Happening, Person, PersonId, Signal, Snapshot, Task, TaskId, TypeId,
};

use super::Office;
use super::act::{finish, line};

/// An answer that somebody has to read.
pub(super) struct Unread {
    /// Why.
    why: &'static str,
    /// The task that it is about, or says to be.
    pub(super) task: Option<TaskId>,
    /// Who wrote it, where that is certain.
    by: Option<PersonId>,
}

impl Unread {
    pub(super) fn new(snapshot: &Snapshot, answer: &Answer, by: Option<&Person>, why: &'static str) -> Self {
        Self {
            why,
            task: answer.task.filter(|task| snapshot.tasks.contains_key(task)),
            by: by.map(|person| person.id.clone()),
        }
    }

    /// What its mail is taken for.
    pub(super) fn classify(&self, classification: Classification) -> Classification {
        let kind = TypeId::unknown();
        let signal = Signal {
            rule: format!("{kind}/answer"),
            kind,
            target_group: None,
        };
        let mut grounds = classification.why;
        grounds.push(self.why.to_owned());
        grounds.extend(self.task.map(|task| format!("about task {task}")));
        grounds.extend(self.by.as_ref().map(|by| format!("written by {by}")));
        Classification {
            signals: vec![signal],
            why: grounds,
        }
    }

    /// The task that it is about says that it is read with this one.
    pub(super) fn noted(&self, office: Office<'_>, triage: TaskId) -> Option<Change> {
        let (task, by) = self.task.zip(self.by.as_ref())?;
        Some(line(office, task, by, Happening::AnswerUnclear { triage }))
    }
}

/// What they wrote about this task before needs nobody any more who reads it: they do the task, said so since, and were
/// understood. So it is they who handled it.
pub(super) fn is_answered_again(
    office: Office<'_>,
    snapshot: &Snapshot,
    task: TaskId,
    by: &PersonId,
    received: Timestamp,
) -> Vec<Change> {
    let history = snapshot.history.get(&task).into_iter().flatten();
    let read_with = history.filter_map(|line| match line.what {
        Happening::AnswerUnclear { triage } if line.by.as_ref() == Some(by) => snapshot.tasks.get(&triage),
        _ => None,
    });
    read_with
        .filter(|triage| is_still_to_be_read(triage) && triage.received <= received)
        .filter_map(|triage| {
            let over = line(office, triage.id, by, Happening::AnsweredAgain { task });
            finish(office, snapshot, triage.clone(), by, over, None).ok()
        })
        .flatten()
        .collect()
}

/// Whether it still is the task of somebody who reads an answer, and nothing else by now.
fn is_still_to_be_read(triage: &Task) -> bool {
    triage.is_open() && triage.kind == TypeId::unknown()
}
