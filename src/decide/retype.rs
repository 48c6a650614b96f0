//! A task turns out to be about something else: a person says so, or rules that were corrected.

use crate::domain::{Change, Happening, HistoryLine, Occasion, PersonId, Refusal, Retyping, Snapshot, Task};

use super::escalate::{Start, call, next_round};
use super::open::Origin;
use super::{Office, plan};

/// The task becomes the first of what the mail is now taken for, with its term and caseload, and its ladder starts
/// again; for every further signal a task is opened beside it.
pub(super) fn retype(
    office: Office<'_>,
    snapshot: &Snapshot,
    task: Task,
    by: &PersonId,
    retyping: &Retyping,
) -> Result<Vec<Change>, Refusal> {
    let Retyping { mail, classification } = retyping;
    let unknown = |kind| !office.rules.types.contains_key(kind);
    if let Some(signal) = classification.signals.iter().find(|signal| unknown(&signal.kind)) {
        return Err(Refusal::UnknownType(signal.kind.clone()));
    }
    let plans = plan(office.rules, mail, classification, task.received, &|_| None);
    let (first, others) = plans.split_first().ok_or(Refusal::OpensNoTask)?;
    let origin = Origin {
        message: task.message,
        received: task.received,
        sender: &mail.sender,
        classification,
    };
    let line = HistoryLine {
        task: task.id,
        at: office.now,
        by: Some(by.clone()),
        what: Happening::Retyped {
            from: task.kind.clone(),
            to: first.kind.id.clone(),
            why: origin.grounds(first),
        },
    };
    let other = origin.task(office, first, task.id);
    let task = task.become_another(other)?;
    let mut history = snapshot.history.get(&task.id).cloned().unwrap_or_default();
    history.push(line.clone());
    let start = Start {
        rung: 0,
        round: next_round(&history),
        occasion: Occasion::NewTask,
    };
    let mut ahead = snapshot.next;
    let call = call(office, &task, &history, start, ahead.letter);
    ahead.letter = call.next_letter(ahead.letter);
    let mut changes = vec![
        Change::Overtaken {
            task: task.id,
            at: office.now,
        },
        Change::Moved(Box::new(task.climb(call.climb))),
        Change::Noted(line),
    ];
    changes.extend(call.changes);
    for plan in others {
        changes.extend(origin.open(office, plan, &mut ahead));
    }
    Ok(changes)
}
