//! The ladder: who is told next, and when the one after.
//!
//! Guarantees: a rung where nobody can read is skipped in the same decision and costs no time; the last rung that
//! repeats never goes quiet; when nobody on the whole ladder is there, the ladder starts again when the office next
//! opens. Moments are computed from `now`, not from the moment that was missed: after a week of downtime each overdue
//! task fires once, not once for every moment it slept through.

use jiff::Timestamp;

use crate::domain::{
    About, Change, Climb, Happening, HistoryLine, Ladder, Letter, LetterId, Occasion, PersonId, Role, Skip,
    Snapshot, Task, TaskId, TaskState, Term, Told,
};

use super::Office;
use super::tell::{Target, content};

/// Where a climb starts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    /// The first rung to try.
    pub(super) rung: u16,
    /// The round it belongs to.
    pub(super) round: u32,
    /// What the letter says.
    pub(super) occasion: Occasion,
}

/// What calling somebody came to.
pub(super) struct Call {
    /// Where the task stands on the ladder now.
    pub(super) climb: Climb,
    /// History lines, and the letter.
    pub(super) changes: Vec<Change>,
}

impl Call {
    /// The number of the next letter, when `used` was free before.
    pub(super) fn next_letter(&self, used: LetterId) -> LetterId {
        let wrote = self
            .changes
            .iter()
            .any(|change| matches!(change, Change::Queued(_)));
        if wrote { used.next() } else { used }
    }
}

/// Where a task stands in the instant before its first call.
pub(super) const NOT_CALLED_YET: Climb = Climb {
    rung: 0,
    round: 0,
    next: None,
};

/// A stored moment of a task came.
pub(super) fn moment_came(office: Office<'_>, snapshot: &Snapshot, id: TaskId) -> Vec<Change> {
    let Some(task) = snapshot.tasks.get(&id) else {
        return Vec::new();
    };
    if task.next_moment().is_none_or(|moment| moment > office.now) {
        return Vec::new();
    }
    let history = snapshot.history.get(&id).map_or(&[][..], Vec::as_slice);
    match &task.state {
        TaskState::Waiting(climb) => climb_on(office, task, history, *climb, snapshot.next.letter),
        TaskState::Taken { by, .. } => hold_ended(office, task, history, by, snapshot.next.letter),
        TaskState::Done { .. } => Vec::new(),
    }
}

/// The next rung of a waiting task is told; after the last, the last again.
pub(super) fn climb_on(
    office: Office<'_>,
    task: &Task,
    history: &[HistoryLine],
    climb: Climb,
    letter: LetterId,
) -> Vec<Change> {
    let last = office.ladder(task).rungs.len().saturating_sub(1);
    let start = if usize::from(climb.rung) >= last && was_refused(history) {
        // Repeating the last rung would only ask the address that does not take letters.
        Start {
            rung: 0,
            round: next_round(history),
            occasion: Occasion::Escalation,
        }
    } else if usize::from(climb.rung) < last {
        Start {
            rung: climb.rung + 1,
            round: climb.round,
            occasion: Occasion::Escalation,
        }
    } else {
        Start {
            rung: climb.rung,
            round: climb.round + 1,
            occasion: Occasion::Escalation,
        }
    };
    let call = call(office, task, history, start, letter);
    let mut changes = vec![Change::Moved(Box::new(task.clone().climb(call.climb)))];
    changes.extend(call.changes);
    changes
}

/// Whether the letter to the one who was told last was refused.
fn was_refused(history: &[HistoryLine]) -> bool {
    history
        .iter()
        .rev()
        .find_map(|line| match line.what {
            Happening::LetterRefused { .. } => Some(true),
            Happening::Told { .. } => Some(false),
            _ => None,
        })
        .unwrap_or(false)
}

/// Somebody took the task and did not handle it: the ladder starts again, with them.
fn hold_ended(
    office: Office<'_>,
    task: &Task,
    history: &[HistoryLine],
    by: &PersonId,
    letter: LetterId,
) -> Vec<Change> {
    let line = HistoryLine {
        task: task.id,
        at: office.now,
        by: None,
        what: Happening::HoldEnded { person: by.clone() },
    };
    let mut history = history.to_vec();
    history.push(line.clone());
    let start = Start {
        rung: 0,
        round: next_round(&history),
        occasion: Occasion::HoldEnded,
    };
    let call = call(office, task, &history, start, letter);
    let mut changes = vec![
        Change::Moved(Box::new(task.clone().climb(call.climb))),
        Change::Noted(line),
    ];
    changes.extend(call.changes);
    changes
}

/// The first round that no line of the history belongs to.
pub(super) fn next_round(history: &[HistoryLine]) -> u32 {
    history
        .iter()
        .filter_map(|line| match &line.what {
            Happening::Told { round, .. } => Some(round + 1),
            _ => None,
        })
        .max()
        .unwrap_or(0)
}

/// Tells the first rung from `start` on at which somebody can read; those before are skipped at once. When the rest
/// of the ladder is empty, the whole of it is tried; when that is empty too, again when the office next opens.
pub(super) fn call(
    office: Office<'_>,
    task: &Task,
    history: &[HistoryLine],
    start: Start,
    letter: LetterId,
) -> Call {
    let mut diary = Diary::new(office, task, history);
    let top = office.ladder(task).rungs.len();
    let upwards = (usize::from(start.rung)..top).map(|rung| (rung, start.round));
    let around = (0..usize::from(start.rung)).map(|rung| (rung, start.round + 1));
    if let Some(climb) = tell_first(&mut diary, upwards.chain(around), start.occasion, letter) {
        return Call {
            climb,
            changes: diary.changes,
        };
    }
    diary.note(Happening::NobodyThere);
    let climb = Climb {
        rung: u16::try_from(top.saturating_sub(1)).unwrap_or(u16::MAX),
        round: start.round,
        next: Some(office.next_opening()),
    };
    Call {
        climb,
        changes: diary.changes,
    }
}

/// Tells the first rung above `climb` at which somebody can read; nothing when there is none. Never comes round to the
/// first again, so that a server that refuses every letter is asked once a rung and not without end.
pub(super) fn call_upwards(
    office: Office<'_>,
    task: &Task,
    history: &[HistoryLine],
    climb: Climb,
    letter: LetterId,
) -> Option<Call> {
    let mut diary = Diary::new(office, task, history);
    let above =
        (usize::from(climb.rung) + 1..office.ladder(task).rungs.len()).map(|rung| (rung, climb.round));
    let climb = tell_first(&mut diary, above, Occasion::Escalation, letter)?;
    Some(Call {
        climb,
        changes: diary.changes,
    })
}

/// What happens to a task while somebody is being found, as it will stand in its history.
struct Diary<'a> {
    office: Office<'a>,
    task: &'a Task,
    history: Vec<HistoryLine>,
    changes: Vec<Change>,
}

impl<'a> Diary<'a> {
    fn new(office: Office<'a>, task: &'a Task, history: &[HistoryLine]) -> Self {
        Self {
            office,
            task,
            history: history.to_vec(),
            changes: Vec::new(),
        }
    }

    fn note(&mut self, what: Happening) {
        let line = HistoryLine {
            task: self.task.id,
            at: self.office.now,
            by: None,
            what,
        };
        self.history.push(line.clone());
        self.changes.push(Change::Noted(line));
    }
}

/// Goes over rungs with the round they belong to, until somebody is told.
fn tell_first(
    diary: &mut Diary<'_>,
    rungs: impl Iterator<Item = (usize, u32)>,
    occasion: Occasion,
    letter: LetterId,
) -> Option<Climb> {
    let (office, task) = (diary.office, diary.task);
    let ladder = office.ladder(task);
    for (rung, round) in rungs {
        let step = ladder.rungs.get(rung)?;
        match office.target(task, step.role, &told_in(&diary.history, round)) {
            Err(reason) => diary.note(Happening::Skipped {
                role: step.role,
                reason,
            }),
            Ok(target) => {
                let next = office.next_after(task, step.wait);
                let rung = u16::try_from(rung).unwrap_or(u16::MAX);
                let content = content(office, task, &diary.history, occasion, step.role, &target, next);
                diary.note(Happening::Told {
                    role: step.role,
                    person: target.person(),
                    round,
                });
                diary.changes.push(Change::Queued(Box::new(Letter {
                    id: letter,
                    about: About::Task {
                        task: task.id,
                        told: Told { rung, round },
                    },
                    to: target.address().to_owned(),
                    queued: office.now,
                    content,
                })));
                return Some(Climb { rung, round, next });
            }
        }
    }
    None
}

/// Who was told in this round.
fn told_in(history: &[HistoryLine], wanted: u32) -> Vec<PersonId> {
    history
        .iter()
        .filter_map(|line| match &line.what {
            Happening::Told {
                person: Some(person),
                round,
                ..
            } if *round == wanted => Some(person.clone()),
            _ => None,
        })
        .collect()
}

impl<'a> Office<'a> {
    /// The ladder of a task's type. Rules that lost the type since still have that of unknown mail.
    pub(super) fn ladder(self, task: &Task) -> &'a Ladder {
        self.rules.ladder(&task.kind)
    }

    /// Until when somebody may hold a task without handling it. A critical task never rests for ever, even when the
    /// rules have changed since and its ladder now says so.
    pub(super) fn hold(self, task: &Task) -> Option<Timestamp> {
        let term = self
            .ladder(task)
            .hold
            .or(task.critical.then_some(Term::WorkingDays(1)));
        term.map(|term| self.rules.calendar.due(self.now, term).at)
    }

    /// When the next rung is told. A critical task always has such a moment, whatever its ladder now says.
    fn next_after(self, task: &Task, wait: Option<Term>) -> Option<Timestamp> {
        let term = wait.map(|wait| self.rules.calendar.due(self.now, wait).at);
        term.or_else(|| task.critical.then(|| self.next_opening()))
    }

    /// When the office opens the next time, later than now.
    fn next_opening(self) -> Timestamp {
        let calendar = &self.rules.calendar;
        if calendar.is_open(self.now) {
            calendar.next_open(calendar.due(self.now, Term::WorkingDays(0)).at)
        } else {
            calendar.next_open(self.now)
        }
    }

    /// Who can be told in this role, or why nobody.
    fn target(self, task: &Task, role: Role, told: &[PersonId]) -> Result<Target<'a>, Skip> {
        let caseload = self.rules.caseload(&task.caseload);
        let people = match role {
            Role::Functional => {
                return caseload
                    .functional
                    .as_deref()
                    .map(Target::Functional)
                    .ok_or(Skip::Nobody);
            }
            // An assignee whom the rules no longer know does not stand in the owner's way.
            Role::Holder => {
                let assignee = task
                    .assignee
                    .as_ref()
                    .filter(|id| self.rules.people.contains_key(*id));
                assignee
                    .or(caseload.owner.as_ref())
                    .into_iter()
                    .collect::<Vec<_>>()
            }
            Role::Deputy => caseload.deputies.iter().collect(),
            Role::Lead => caseload.lead.iter().collect(),
        };
        let known: Vec<_> = people
            .into_iter()
            .filter_map(|id| self.rules.people.get(id))
            .collect();
        let (present, absent): (Vec<_>, Vec<_>) =
            known.into_iter().partition(|person| self.is_there(&person.id));
        if let Some(person) = present.iter().find(|person| !told.contains(&person.id)) {
            return Ok(Target::Person(person));
        }
        Err(match (present.first(), absent.is_empty()) {
            (Some(person), _) => Skip::AlreadyTold {
                person: person.id.clone(),
            },
            (None, true) => Skip::Nobody,
            (None, false) => Skip::Absent {
                people: absent.iter().map(|person| person.id.clone()).collect(),
            },
        })
    }

    /// Whether somebody reads their mail today, or on the day the office next opens.
    fn is_there(self, person: &PersonId) -> bool {
        let calendar = &self.rules.calendar;
        let day = calendar.day(calendar.next_open(self.now));
        !self
            .rules
            .absences
            .iter()
            .any(|absence| absence.person == *person && absence.covers(day))
    }
}
