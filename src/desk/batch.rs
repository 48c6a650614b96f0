//! Changes become a batch: sorted by table, letters put into words.

use super::Office;
use crate::domain::{About, Absence, Batch, Change, Letter, Refusal, Sealed, Task};
use crate::templates;

/// Sorts changes by table, puts letters into words, and keeps of each task its last state.
pub(super) fn sort(changes: Vec<Change>, office: &Office) -> (Batch, Vec<Refusal>) {
    let mut batch = Batch::default();
    let mut refusals = Vec::new();
    for change in changes {
        match change {
            Change::Recorded(message) => batch.messages.push(*message),
            Change::SeenAgain { place, message, at } => batch.again.push((place, message, at)),
            Change::Kept(message, kept) => batch.kept.push((message, kept)),
            Change::Filed(filing) => batch.filed.push(filing),
            Change::RulesKept(text) => batch.rules.push(text),
            Change::RulebookNoted(line) => batch.rulebook.push(line),
            Change::AbsenceNoted(absence) => place_absence(&mut batch, *absence),
            Change::RoutineSet { routine, next } => batch.routines.push((routine, next)),
            Change::Opened(task) => batch.opened.push(*task),
            Change::Moved(task) => place_moved(&mut batch, *task),
            Change::Noted(line) => batch.history.push(line),
            Change::Queued(letter) => batch.letters.push(seal(*letter, office)),
            Change::Overtaken { task, at } => batch.overtaken.push((task, at)),
            Change::Settled { letter, outcome } => batch.settled.push((letter, outcome)),
            Change::Refused(refusal) => refusals.push(refusal),
        }
    }
    (batch, refusals)
}

fn place_moved(batch: &mut Batch, task: Task) {
    let written = batch
        .opened
        .iter_mut()
        .chain(&mut batch.moved)
        .find(|other| other.id == task.id);
    match written {
        Some(other) => *other = task,
        None => batch.moved.push(task),
    }
}

fn place_absence(batch: &mut Batch, absence: Absence) {
    match batch.absences.iter_mut().find(|other| other.id == absence.id) {
        Some(other) => *other = absence,
        None => batch.absences.push(absence),
    }
}

/// Puts a letter into words. Words that fail at run time, though every template was tried with samples at the start,
/// are replaced by bare ones: a plain letter is better than none.
fn seal(letter: Letter, office: &Office) -> Sealed {
    let words = office.templates.render(&letter.content).unwrap_or_else(|error| {
        tracing::error!(%error, letter = %letter.id, "a bare letter goes out instead");
        templates::bare(&letter.content)
    });
    let message_id = message_id(&letter, &office.trust.letter_domain);
    Sealed {
        id: letter.id,
        about: letter.about,
        to: letter.to,
        name: letter.name,
        occasion: letter.content.name().to_owned(),
        queued: letter.queued,
        not_before: letter.queued,
        message_id,
        words,
        attempts: 0,
    }
}

/// Answers and bounces are recognised by it: its first part tells what they are about, the second cannot be guessed.
fn message_id(letter: &Letter, domain: &str) -> String {
    let token = rand::random::<u64>();
    match letter.about {
        About::Task { task, .. } => format!("task-{task}.{token:016x}@{domain}"),
        About::Office => format!("letter-{}.{token:016x}@{domain}", letter.id),
    }
}
