//! Changes become a batch: sorted by table, letters put into words.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Office;
use crate::domain::{
    About, Batch, Change, Drill, Expectation, Letter, LetterId, Overtaken, Refusal, Sealed, Task, TaskId,
};
use crate::templates::{ReplyTo, bare};

/// Sorts changes by table, puts letters into words, and keeps of each task and absence its last state.
pub(super) fn sort(changes: Vec<Change>, office: &Office) -> (Batch, Vec<Refusal>) {
    let mut batch = Batch::default();
    let (mut moved, mut absences) = (BTreeMap::new(), BTreeMap::new());
    let mut refusals = Vec::new();
    let mut overtaken = Vec::new();
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
            Change::Queued(letter) => batch.letters.push(seal(*letter, office)),
            Change::Overtaken { task, at } => {
                // Those queued so far do not hold any more, those that follow do.
                overtaken.push((batch.letters.len(), task, at));
            }
            Change::Settled { letter, outcome } => batch.settled.push((letter, outcome)),
            Change::Refused(refusal) => refusals.push(refusal),
        }
    }
    place_moved(&mut batch, moved);
    batch.absences = absences.into_values().collect();
    let overtaken = overtaken.into_iter();
    batch.overtaken = overtaken
        .map(|(queued, task, at)| Overtaken {
            task,
            at,
            before: batch.letters.get(queued).map(|letter| letter.id),
        })
        .collect();
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

/// Puts a letter into words. Words that fail at run time, though every template was tried with samples at the start,
/// are replaced by bare ones: a plain letter is better than none.
fn seal(letter: Letter, office: &Office) -> Sealed {
    let token = format!("{:016x}", rand::random::<u64>());
    let reply_to = ReplyTo {
        address: &office.trust.own_address,
        token: &token,
    };
    let rendered = office.templates.render(&letter.content, &reply_to);
    let words = rendered.unwrap_or_else(|error| {
        tracing::error!(%error, letter = %letter.id, "a bare letter goes out instead");
        bare::section(&letter.content, &reply_to)
    });
    Sealed {
        id: letter.id,
        about: letter.about,
        message_id: message_id(letter.about, letter.id, &token, &office.trust.letter_domain),
        to: letter.to,
        name: letter.name,
        occasion: letter.content.name().to_owned(),
        queued: letter.queued,
        not_before: match letter.about {
            About::Drill => letter.queued,
            About::Task { .. } | About::Office => gathered(letter.queued, office.rules.letters.gather),
        },
        words,
        attempts: 0,
    }
}

/// Answers and bounces are recognised by it: its first part tells what they are about, the second cannot be guessed.
fn message_id(about: About, letter: LetterId, token: &str, domain: &str) -> String {
    match about {
        About::Task { task, .. } => format!("task-{task}.{token}@{domain}"),
        About::Office | About::Drill => format!("letter-{letter}.{token}@{domain}"),
    }
}

/// When a letter may leave that was queued then: at the end of the interval of so many minutes on the clock, so that
/// letters queued in one interval leave together.
fn gathered(queued: Timestamp, minutes: u32) -> Timestamp {
    let interval = i64::from(minutes) * 60;
    let Some(passed) = queued.as_second().checked_rem_euclid(interval) else {
        return queued;
    };
    Timestamp::from_second(queued.as_second() - passed + interval).unwrap_or(queued)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_queued_in_one_interval_leave_together_at_its_end() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        for (queued, minutes, leaves) in [
            ("2026-11-24T08:31:00.5Z", 1, "2026-11-24T08:32:00Z"),
            ("2026-11-24T08:31:59.9Z", 1, "2026-11-24T08:32:00Z"),
            ("2026-11-24T08:32:00Z", 1, "2026-11-24T08:33:00Z"),
            ("2026-11-24T08:31:00Z", 15, "2026-11-24T08:45:00Z"),
            ("2026-11-24T08:31:00.5Z", 0, "2026-11-24T08:31:00.5Z"),
            ("1969-12-31T23:59:58.5Z", 1, "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(
                gathered(at(queued), minutes),
                at(leaves),
                "{queued}, {minutes} minutes"
            );
        }
        assert_eq!(gathered(Timestamp::MAX, 1), Timestamp::MAX, "the end of time");
    }
}
