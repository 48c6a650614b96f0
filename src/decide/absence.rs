//! Somebody is not there: known from rules, calendars, colleagues, automatic answers and letters that came back.
//!
//! Guarantees: whatever the source, an absence is in the ledger with its origin before it means anything, and counts in
//! every decision from the moment it starts; when it starts, or turns out to be longer, every open critical task that the
//! person has, taken or not, goes to somebody else, and of the other tasks those whose ladder says so; when it ends, the
//! person is shown what was handed on. Each of these moments is stored: an absence that starts while the program is down
//! is acted on when it is up again, once.
//!
//! # Design
//! Hearing of an absence only writes it down, with its start as its next moment; what follows is decided when that moment
//! comes, which for an illness of today is at once. So a mail that tells of it needs nothing but itself, and a command of
//! a team lead works while the daemon is down.
//!
//! Rules and calendars are read as a whole, again and again. An absence in them is the same one when person and start are
//! the same; its end may move.
//!
//! # What we accept
//! * All open tasks of one person are handed on in one transaction: some hundreds at most, in practice.
//! * An hour off hands nothing on that its reader still sees in the time they have for it.
//! * Somebody whose mailbox answers without an end counts as away for a set time (`assumed`), then again when it answers
//!   the next letter.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::domain::{
    About, Absence, AbsenceId, AbsenceState, Away, Back, Change, Content, HandedTask, Letter, LetterId,
    Origin, Person, PersonId, Refusal, Role, Snapshot, Task, TaskId, TaskState, Term,
};

use super::Office;
use super::escalate::{hand_on, next_letter};

/// An automatic answer that names a day further away than this is misread, or a joke.
const LONGEST_ANSWERED: SignedDuration = SignedDuration::from_hours(24 * 366);

/// Somebody says when a colleague is not there. What was said by hand before and holds all of it is enough: a second one would
/// have to be ended too before they are asked again. An absence of another origin is not, since that may end by itself.
pub(super) fn entered(office: Office<'_>, snapshot: &Snapshot, by: &PersonId, away: &Away) -> Vec<Change> {
    let outcome = office
        .known(by)
        .and_then(|()| office.known(&away.person))
        .and_then(|()| {
            let ends = |until: Timestamp| until <= away.from || until <= office.now;
            if away.until.is_some_and(ends) {
                return Err(Refusal::AbsenceOver);
            }
            let mut known = office.absences_of(&away.person);
            let is_said = |known: &&Absence| matches!(known.origin, Origin::Entered { .. });
            if let Some(known) = known.find(|known| is_said(known) && known.away.holds(away)) {
                return Err(Refusal::AbsenceKnown {
                    person: away.person.clone(),
                    absence: known.id,
                    end: known.away.end(&office.rules.calendar),
                });
            }
            let origin = Origin::Entered { by: by.clone() };
            Ok(vec![noted(office, snapshot.next.absence, away.clone(), origin)])
        });
    outcome.unwrap_or_else(|refusal| vec![Change::Refused(refusal)])
}

/// Somebody says that a colleague is there again, or can be reached.
pub(super) fn ended(office: Office<'_>, snapshot: &Snapshot, by: &PersonId, id: AbsenceId) -> Vec<Change> {
    let outcome = office.known(by).and_then(|()| {
        let known = snapshot.absences.iter().find(|absence| absence.id == id);
        let absence = known
            .filter(|absence| absence.state != AbsenceState::Over)
            .ok_or(Refusal::NoSuchAbsence(id))?;
        match absence.origin {
            Origin::Rules | Origin::Calendar => Err(Refusal::AbsenceElsewhere {
                absence: id,
                written: absence.origin.word(),
            }),
            Origin::Entered { .. } | Origin::Answered | Origin::Bounced => Ok(end(office, snapshot, absence)),
        }
    });
    outcome.unwrap_or_else(|refusal| vec![Change::Refused(refusal)])
}

/// All that the rules, or all that the calendars, now say: what is new is noted, what is gone ends.
pub(super) fn read(office: Office<'_>, snapshot: &Snapshot, origin: &Origin, all: &[Away]) -> Vec<Change> {
    let known = snapshot.absences.iter().filter(|known| known.origin == *origin);
    let known: Vec<_> = known.filter(|known| known.state != AbsenceState::Over).collect();
    // There may be thousands. Of two of one name the first counts.
    let said: BTreeMap<_, _> = all.iter().rev().map(|away| (name(away), away)).collect();
    let names: BTreeSet<_> = known.iter().map(|absence| name(&absence.away)).collect();
    let is_to_come = |away: &&Away| away.until.is_none_or(|until| until > office.now);
    let mut changes = Vec::new();
    for absence in known {
        match said.get(&name(&absence.away)) {
            Some(away) if away.until == absence.away.until => {}
            Some(away) => changes.push(moved(absence, away.until)),
            None if absence.state == AbsenceState::Ahead => {
                changes.push(Change::AbsenceNoted(Box::new(absence.clone().end(office.now))));
            }
            // Over from now on; what was handed on is told when its moment comes, which is at once.
            None => changes.push(moved(
                absence,
                Some(absence.away.until.unwrap_or(office.now).min(office.now)),
            )),
        }
    }
    let mut id = snapshot.next.absence;
    for away in all.iter().filter(is_to_come) {
        let is_known = names.contains(&name(away));
        if !is_known && office.rules.people.contains_key(&away.person) {
            changes.push(noted(office, id, away.clone(), origin.clone()));
            id = id.next();
        }
    }
    changes
}

/// What tells absences of one source apart.
fn name(away: &Away) -> (&PersonId, Timestamp) {
    (&away.person, away.from)
}

/// Somebody's mailbox answered by itself: they are away, until the day it names or for a set time.
pub(super) fn answered(
    office: Office<'_>,
    snapshot: &Snapshot,
    person: &PersonId,
    until: Option<Date>,
) -> Option<Change> {
    let calendar = &office.rules.calendar;
    let named = until
        .and_then(|last| last.tomorrow().ok())
        .map(|day| calendar.start_of(day));
    if named.is_some_and(|end| end <= office.now) {
        return None;
    }
    let is_likely = |end: &Timestamp| end.duration_since(office.now) <= LONGEST_ANSWERED;
    let end = named
        .filter(is_likely)
        .unwrap_or_else(|| calendar.due(office.now, office.rules.assumed_absence).at);
    let known = office
        .absences_of(person)
        .find(|absence| absence.origin == Origin::Answered);
    if let Some(absence) = known {
        return Some(moved(absence, Some(end)));
    }
    let away = Away {
        person: person.clone(),
        from: office.now,
        until: Some(end),
    };
    Some(noted(office, snapshot.next.absence, away, Origin::Answered))
}

/// A letter to somebody came back: nobody can tell them anything until mail of theirs arrives or somebody says so.
pub(super) fn bounced(office: Office<'_>, snapshot: &Snapshot, person: &PersonId) -> Option<Change> {
    let is_known = office
        .absences_of(person)
        .any(|absence| absence.origin == Origin::Bounced);
    let away = Away {
        person: person.clone(),
        from: office.now,
        until: None,
    };
    (!is_known).then(|| noted(office, snapshot.next.absence, away, Origin::Bounced))
}

/// Mail of somebody arrived: their mailbox works.
pub(super) fn reachable(office: Office<'_>, person: &PersonId) -> Option<Change> {
    let mut known = office.absences_of(person);
    let bounced = known.find(|absence| absence.origin == Origin::Bounced)?;
    Some(moved(bounced, Some(office.now)))
}

/// An absence starts or ends.
pub(super) fn moment_came(office: Office<'_>, snapshot: &Snapshot, id: AbsenceId) -> Vec<Change> {
    let known = snapshot.absences.iter().find(|absence| absence.id == id);
    let Some(absence) = known.filter(|absence| absence.next_moment().is_some_and(|at| at <= office.now))
    else {
        return Vec::new();
    };
    if absence.away.until.is_some_and(|until| until <= office.now) {
        return end(office, snapshot, absence);
    }
    start(office, snapshot, absence)
}

/// It starts, or turns out to be longer: what the person has goes to somebody else.
fn start(office: Office<'_>, snapshot: &Snapshot, absence: &Absence) -> Vec<Change> {
    let person = &absence.away.person;
    let mut tasks: Vec<&Task> = snapshot
        .tasks
        .values()
        .filter(|task| task.with() == Some(person))
        .filter(|task| task.critical || office.ladder(task).hand_on)
        .filter(|task| !office.is_back_in_time(person, task))
        .collect();
    tasks.sort_unstable_by_key(|task| (task.due, task.id));
    let mut letter = snapshot.next.letter;
    let mut changes = Vec::new();
    for task in &tasks {
        let history = snapshot.history.get(&task.id).map_or(&[][..], Vec::as_slice);
        let handed = hand_on(office, task, history, absence, letter);
        letter = next_letter(&handed.changes, letter);
        changes.extend(handed.changes);
    }
    let started = absence.clone().start(tasks.iter().map(|task| task.id));
    changes.push(Change::AbsenceNoted(Box::new(started)));
    changes
}

/// It ends: the person is shown what was handed on, unless something else keeps them away.
fn end(office: Office<'_>, snapshot: &Snapshot, absence: &Absence) -> Vec<Change> {
    let over = Change::AbsenceNoted(Box::new(absence.clone().end(office.now)));
    let handed: Vec<TaskId> = absence.handed().collect();
    let person = &absence.away.person;
    let still = office
        .absences_of(person)
        .find(|other| other.id != absence.id && other.covers(office.now));
    if handed.is_empty() {
        return vec![over];
    }
    if let Some(other) = still {
        return vec![
            over,
            Change::AbsenceNoted(Box::new(other.clone().take_over(handed))),
        ];
    }
    let mut changes = vec![over];
    changes.extend(office.back(snapshot, absence, &handed, snapshot.next.letter));
    changes
}

fn noted(office: Office<'_>, id: AbsenceId, away: Away, origin: Origin) -> Change {
    Change::AbsenceNoted(Box::new(Absence {
        id,
        away,
        origin,
        noted: office.now,
        state: AbsenceState::Ahead,
    }))
}

/// The same absence with another end.
fn moved(absence: &Absence, until: Option<Timestamp>) -> Change {
    Change::AbsenceNoted(Box::new(absence.clone().until(until)))
}

impl<'a> Office<'a> {
    /// Who has this address.
    pub(super) fn person_at(self, address: &str) -> Option<&'a Person> {
        let mut people = self.rules.people.values();
        people.find(|person| person.address.eq_ignore_ascii_case(address))
    }

    /// Whether somebody who has a task is there within the time that its rung gives, in spite of an absence.
    fn is_back_in_time(self, person: &PersonId, task: &Task) -> bool {
        let rung = match &task.state {
            TaskState::Waiting(climb) => usize::from(climb.rung),
            TaskState::Taken { .. } | TaskState::Done { .. } => 0,
        };
        let rung = self.ladder(task).rungs.get(rung);
        let wait = rung.and_then(|rung| rung.wait).unwrap_or(Term::WorkingDays(1));
        let until = self.rules.calendar.due(self.now, wait).at;
        let is_on_call = rung.is_some_and(|rung| rung.role == Role::OnCall);
        let person = self.rules.people.get(person);
        person.is_some_and(|person| self.why_not_there(person, until, is_on_call).is_none())
    }

    /// What somebody who is back is shown.
    fn back(
        self,
        snapshot: &Snapshot,
        absence: &Absence,
        handed: &[TaskId],
        letter: LetterId,
    ) -> Option<Change> {
        let person = self.rules.people.get(&absence.away.person)?;
        let tasks = handed
            .iter()
            .filter_map(|id| snapshot.tasks.get(id))
            .map(|task| HandedTask {
                task: task.id,
                title: task.title.clone(),
                done: !task.is_open(),
                holder: match &task.state {
                    TaskState::Done { by, .. } => by.as_ref(),
                    TaskState::Waiting(_) | TaskState::Taken { .. } => task.with(),
                }
                .filter(|_| !person.external)
                .map(|id| self.name(id)),
            })
            .collect();
        Some(Change::Queued(Box::new(Letter {
            id: letter,
            about: About::Office,
            to: person.address.clone(),
            name: Some(person.name.clone()),
            queued: self.now,
            content: Content::Back(Back {
                since: self.civil(absence.away.from),
                tasks,
            }),
        })))
    }
}
