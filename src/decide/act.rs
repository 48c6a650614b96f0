//! A person acts on a task.

use jiff::civil::Date;

use crate::domain::{
    Act, Change, EventId, Happening, HistoryLine, Occasion, Outdated, People, PersonId, Refusal, Report,
    Skip, Snapshot, Task, TaskId, TaskState, WhyNot,
};

use super::escalate::{Call, NOT_CALLED_YET, Start, call_again};
use super::remark::names_somebody;
use super::retype::retype;
use super::take_back::reopen;
use super::{Office, dossier, drill, expect};

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
            Act::Take | Act::Retype(_) if task.drill => answer(office, snapshot, task, by),
            Act::Take => take(office, task, by),
            Act::Done { remark, event } => done(office, snapshot, task, by, remark.clone(), event.clone()),
            Act::Reopen { remark } => reopen(office, snapshot, task, by, remark.clone()),
            Act::Decline => decline(office, snapshot, task, by),
            Act::LookUp => looked_up(office, &[task.id], by),
            Act::Retype(retyping) => retype(office, snapshot, task, by, retyping),
            Act::Reassign { to } => reassign(office, snapshot, task, by, to),
        }
    });
    outcome.unwrap_or_else(|refusal| vec![Change::Refused(refusal)])
}

fn take(office: Office<'_>, task: Task, by: &PersonId) -> Result<Vec<Change>, Refusal> {
    let until = office.hold(&task);
    let line = line(office, task.id, by, Happening::Taken);
    let task = task.take(by.clone(), office.now, until)?;
    Ok(vec![
        overtaken(office, &task),
        Change::Moved(Box::new(task)),
        line,
    ])
}

/// Somebody answers a drill, which was all that was asked of them.
fn answer(
    office: Office<'_>,
    snapshot: &Snapshot,
    task: Task,
    by: &PersonId,
) -> Result<Vec<Change>, Refusal> {
    let line = line(office, task.id, by, Happening::Taken);
    finish(office, snapshot, task, by, line, None)
}

/// A task is handled, and this line says how. A drill is over with it, and so is what was expected, unless a new last day
/// was told.
pub(super) fn finish(
    office: Office<'_>,
    snapshot: &Snapshot,
    task: Task,
    by: &PersonId,
    line: Change,
    report: Option<Report>,
) -> Result<Vec<Change>, Refusal> {
    let over = task
        .drill
        .then(|| drill::note(office, &task, Happening::DrillAnswered));
    let task = task.finish(by.clone(), office.now)?;
    let settled = expect::handled(office, snapshot, &task, report.as_ref());
    let mut changes = vec![overtaken(office, &task), Change::Moved(Box::new(task)), line];
    changes.extend(over);
    changes.extend(settled);
    changes.extend(report.map(Change::Reported));
    Ok(changes)
}

fn done(
    office: Office<'_>,
    snapshot: &Snapshot,
    task: Task,
    by: &PersonId,
    remark: Option<String>,
    event: Option<(EventId, Date)>,
) -> Result<Vec<Change>, Refusal> {
    if remark.as_deref().is_some_and(names_somebody) {
        return Err(Refusal::PersonalData);
    }
    let report = event
        .clone()
        .map(|event| expect::report(office, snapshot, &task, event))
        .transpose()?;
    let line = line(office, task.id, by, Happening::Done { remark, event });
    finish(office, snapshot, task, by, line, report)
}

/// Somebody asks for all that is known about a person: the history of each task shows it.
pub(super) fn dossier_asked(office: Office<'_>, by: &PersonId, tasks: &[TaskId]) -> Vec<Change> {
    let outcome = office.known(by).and_then(|()| looked_up(office, tasks, by));
    outcome.unwrap_or_else(|refusal| vec![Change::Refused(refusal)])
}

/// Somebody tells what happened in the dossier of a task, open or done.
pub(super) fn told(
    office: Office<'_>,
    snapshot: &Snapshot,
    by: &PersonId,
    task: TaskId,
    event: &(EventId, Date),
) -> Vec<Change> {
    let allowed = office.known(by).and_then(|()| office.not_external(by));
    let report = allowed.and_then(|()| {
        let task = snapshot.tasks.get(&task).ok_or(Refusal::NoSuchTask(task))?;
        expect::report(office, snapshot, task, event.clone())
    });
    let report = match report {
        Ok(report) => report,
        Err(refusal) => return vec![Change::Refused(refusal)],
    };
    let event = event.clone();
    vec![
        line(office, task, by, Happening::Reported { event }),
        Change::Reported(report),
    ]
}

/// Somebody says that two numbers are of one person: what was expected after the one may have come under the other.
pub(super) fn same_person(
    office: Office<'_>,
    snapshot: &Snapshot,
    by: &PersonId,
    people: &People,
    tasks: &[TaskId],
) -> Vec<Change> {
    let allowed = office.known(by).and_then(|()| office.not_external(by));
    let Some(first) = allowed.is_ok().then(|| tasks.first()).flatten() else {
        let refusal = allowed.err().unwrap_or(Refusal::NobodyKnown);
        return vec![Change::Refused(refusal)];
    };
    let Some(filing) = dossier::made_one(snapshot, people, *first) else {
        return Vec::new();
    };
    let lines = tasks
        .iter()
        .map(|task| line(office, *task, by, Happening::SamePerson));
    std::iter::once(filing).chain(lines).collect()
}

fn looked_up(office: Office<'_>, tasks: &[TaskId], by: &PersonId) -> Result<Vec<Change>, Refusal> {
    office.not_external(by)?;
    let lines = tasks
        .iter()
        .map(|task| line(office, *task, by, Happening::LookedUp));
    Ok(lines.collect())
}

fn reassign(
    office: Office<'_>,
    snapshot: &Snapshot,
    task: Task,
    by: &PersonId,
    to: &PersonId,
) -> Result<Vec<Change>, Refusal> {
    office.known(to)?;
    let history = snapshot.history.get(&task.id).map_or(&[][..], Vec::as_slice);
    let task = task.reassign(to.clone(), NOT_CALLED_YET)?;
    let what = Happening::Reassigned { to: to.clone() };
    let start = Start::anew(history, Occasion::Reassigned);
    let letter = snapshot.next.letter;
    let call = call_again(office, &task, history, what.clone(), Some(by), start, letter);
    let Some(why) = passed_over(&call.changes, to) else {
        return Ok(with_overtaken(office, &task, call));
    };
    // Whoever is told instead must not read that it was given to them.
    let given = HistoryLine {
        task: task.id,
        at: office.now,
        by: Some(by.clone()),
        what,
    };
    let handed = Happening::HandedOn {
        from: to.clone(),
        unreachable: why == WhyNot::Unreachable,
    };
    let history = [history, std::slice::from_ref(&given)].concat();
    let start = Start::anew(&history, Occasion::HandedOn);
    let mut call = call_again(office, &task, &history, handed, None, start, letter);
    call.changes.insert(0, Change::Noted(given));
    Ok(with_overtaken(office, &task, call))
}

/// Why this person was not told in these changes; nothing when nobody looked at them, or they were.
pub(super) fn passed_over(changes: &[Change], person: &PersonId) -> Option<WhyNot> {
    changes.iter().find_map(|change| match change {
        Change::Noted(HistoryLine {
            what:
                Happening::Skipped {
                    reason: Skip::Each { people },
                    ..
                },
            ..
        }) => people
            .iter()
            .find(|missed| missed.person == *person)
            .map(|missed| missed.why),
        _ => None,
    })
}

/// Somebody says that the task is not theirs. Whoever comes next on the ladder is told at once when they are the one who
/// has it; otherwise the climb goes on as it is, without them.
fn decline(
    office: Office<'_>,
    snapshot: &Snapshot,
    task: Task,
    by: &PersonId,
) -> Result<Vec<Change>, Refusal> {
    if let TaskState::Taken { by: holder, .. } = &task.state
        && holder != by
    {
        return Err(Refusal::TakenBySomebodyElse {
            task: task.id,
            by: holder.clone(),
        });
    }
    if task.is_open() && task.with() != Some(by) {
        return Ok(vec![line(office, task.id, by, Happening::Declined)]);
    }
    let history = snapshot.history.get(&task.id).map_or(&[][..], Vec::as_slice);
    let start = Start::without_holder(&task, history, Occasion::Declined);
    let task = task.let_go(NOT_CALLED_YET)?;
    let letter = snapshot.next.letter;
    let call = call_again(
        office,
        &task,
        history,
        Happening::Declined,
        Some(by),
        start,
        letter,
    );
    Ok(with_overtaken(office, &task, call))
}

/// What a call that starts again writes, after taking back what still waits to be sent.
pub(super) fn with_overtaken(office: Office<'_>, task: &Task, call: Call) -> Vec<Change> {
    let mut changes = vec![overtaken(office, task)];
    changes.extend(call.changes);
    changes
}

/// It is over without anybody, and this line says why.
pub(super) fn over(office: Office<'_>, task: &Task, what: Happening) -> [Change; 3] {
    [
        overtaken(office, task),
        Change::Moved(Box::new(task.clone().lapse(office.now))),
        Change::Noted(HistoryLine {
            task: task.id,
            at: office.now,
            by: None,
            what,
        }),
    ]
}

/// Letters that wait for a mail server still say that nobody has the task; they must not leave any more.
pub(super) fn overtaken(office: Office<'_>, task: &Task) -> Change {
    Change::Overtaken {
        what: Outdated::Task(task.id),
        at: office.now,
    }
}

pub(super) fn line(office: Office<'_>, task: TaskId, by: &PersonId, what: Happening) -> Change {
    Change::Noted(HistoryLine {
        task,
        at: office.now,
        by: Some(by.clone()),
        what,
    })
}

impl Office<'_> {
    /// People of another organisation must not learn whom a task is about.
    pub(super) fn not_external(self, by: &PersonId) -> Result<(), Refusal> {
        let person = self.rules.people.get(by);
        if person.is_some_and(|person| person.external) {
            return Err(Refusal::External(by.clone()));
        }
        Ok(())
    }

    pub(super) fn known(self, person: &PersonId) -> Result<(), Refusal> {
        if self.rules.people.contains_key(person) {
            Ok(())
        } else {
            Err(Refusal::UnknownPerson(person.clone()))
        }
    }
}
