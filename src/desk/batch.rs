//! Changes become a batch: sorted by table, letters put into words.

use std::collections::BTreeMap;

use super::Office;
use super::sealing::seal_all;
use crate::domain::{Batch, Change, Drill, Expectation, Overtaken, Refusal, Task, TaskId};

/// Sorts changes by table, puts letters into words, and keeps of each task and absence its last state.
pub(super) fn sort(changes: Vec<Change>, office: &Office) -> (Batch, Vec<Refusal>) {
    let mut batch = Batch::default();
    let (mut moved, mut absences) = (BTreeMap::new(), BTreeMap::new());
    let mut refusals = Vec::new();
    let (mut letters, mut overtaken) = (Vec::new(), Vec::new());
    for change in changes {
        match change {
            Change::Recorded(message) => batch.messages.push(*message),
            Change::SeenAgain { place, message, at } => batch.again.push((place, message, at)),
            Change::Kept(message, kept) => batch.kept.push((message, kept)),
            Change::Filed(filing) => batch.filed.push(filing),
            Change::RulesKept(text) => batch.rules.push(text),
            Change::RulebookNoted(line) => batch.rulebook.push(line),
            Change::AbsenceNoted(absence) => drop(absences.insert(absence.id, *absence)),
            Change::DrillNoted(drill) => place_drill(&mut batch, *drill),
            Change::ExpectationNoted(expectation) => place_expectation(&mut batch, *expectation),
            Change::Reported(report) => batch.reported.push(report),
            Change::RoutineSet { routine, next } => batch.routines.push((routine, next)),
            Change::OutlookNoted(outlook) => batch.outlook = Some(outlook),
            Change::Counted(day) => day.add_to(&mut batch.partner_days),
            Change::DriftTold { source, at } => batch.drifts.push((source, at)),
            Change::Opened(task) => batch.opened.push(*task),
            Change::Moved(task) => drop(moved.insert(task.id, *task)),
            Change::Noted(line) => batch.history.push(line),
            Change::Queued(letter) => letters.push(*letter),
            Change::Overtaken { what, at } => {
                // Those queued so far do not hold any more, those that follow do.
                overtaken.push((letters.len(), what, at));
            }
            Change::Settled { letter, outcome } => batch.settled.push((letter, outcome)),
            Change::Refused(refusal) => refusals.push(refusal),
        }
    }
    place_moved(&mut batch, moved);
    batch.absences = absences.into_values().collect();
    let overtaken = overtaken.into_iter();
    batch.overtaken = overtaken
        .map(|(queued, what, at)| Overtaken {
            what,
            at,
            before: letters.get(queued).map(|letter| letter.id),
        })
        .collect();
    batch.letters = seal_all(letters, office);
    (batch, refusals)
}

/// A task that was opened in this batch is written once, as it stands in the end.
fn place_moved(batch: &mut Batch, mut moved: BTreeMap<TaskId, Task>) {
    for task in &mut batch.opened {
        if let Some(later) = moved.remove(&task.id) {
            *task = later;
        }
    }
    batch.moved = moved.into_values().collect();
}

fn place_expectation(batch: &mut Batch, expectation: Expectation) {
    let all = &mut batch.expectations;
    match all.iter_mut().find(|other| other.id == expectation.id) {
        Some(other) => *other = expectation,
        None => all.push(expectation),
    }
}

fn place_drill(batch: &mut Batch, drill: Drill) {
    match batch.drills.iter_mut().find(|other| other.letter == drill.letter) {
        Some(other) => *other = drill,
        None => batch.drills.push(drill),
    }
}
