//! The ladder: who is told next, and when the one after.
//!
//! Guarantees: a rung where nobody can read is skipped in the same decision and costs no time; the last rung that
//! repeats never goes quiet; when nobody on the whole ladder is there, the ladder starts again when the office next
//! opens. Moments are computed from `now`, not from the moment that was missed: after a week of downtime each overdue
//! task fires once, not once for every moment it slept through.

use jiff::Timestamp;

use crate::domain::{
    About, Change, Climb, Happening, HistoryLine, Ladder, Letter, LetterId, Occasion, PersonId, Role,
    Snapshot, Task, TaskId, TaskState, Term, Told,
};

use super::Office;
use super::tell::{Calling, content};

/// How long each has below the lead, in minutes, when a task is past its due date already.
const OVERDUE_WAIT: i64 = 15;

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
    told: None,
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
        TaskState::Waiting(climb) => climb_on(office, task, history, climb, snapshot.next.letter),
        TaskState::Taken { by, .. } => hold_ended(office, task, history, by, snapshot.next.letter),
        TaskState::Done { .. } => Vec::new(),
    }
}

/// The next rung of a waiting task is told; after the last, the last again.
pub(super) fn climb_on(
    office: Office<'_>,
    task: &Task,
    history: &[HistoryLine],
    climb: &Climb,
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
        told: None,
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
    climb: &Climb,
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

    /// Writes a letter, and that it was written.
    fn tell(&mut self, calling: &Calling<'_>, climb: &Climb, letter: LetterId) {
        let content = content(self.office, self.task, &self.history, calling);
        self.note(Happening::Told {
            role: calling.rung.role,
            person: climb.told.clone(),
            round: climb.round,
            hurried: calling.hurried,
        });
        self.changes.push(Change::Queued(Box::new(Letter {
            id: letter,
            about: About::Task {
                task: self.task.id,
                told: Told {
                    rung: climb.rung,
                    round: climb.round,
                },
            },
            to: calling.target.address().to_owned(),
            name: calling.target.name(),
            queued: self.office.now,
            content,
        })));
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
    for (index, round) in rungs {
        let rung = ladder.rungs.get(index)?;
        match office.target(task, &diary.history, rung, round) {
            Err(reason) => diary.note(Happening::Skipped {
                role: rung.role,
                reason,
            }),
            Ok(target) => {
                let (next, hurried) = office.time_on(task, ladder, index);
                let calling = Calling {
                    occasion,
                    rung,
                    target: &target,
                    next,
                    hurried,
                };
                let climb = Climb {
                    rung: u16::try_from(index).unwrap_or(u16::MAX),
                    told: target.person(),
                    round,
                    next,
                };
                diary.tell(&calling, &climb, letter);
                return Some(climb);
            }
        }
    }
    None
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

    /// When the rung after this one is told, and whether that is sooner than the ladder says. A critical task always has
    /// such a moment, whatever its ladder now says.
    fn time_on(self, task: &Task, ladder: &Ladder, index: usize) -> (Option<Timestamp>, bool) {
        let calendar = &self.rules.calendar;
        let wait = ladder.rungs.get(index).and_then(|rung| rung.wait);
        let Some(usual) = wait.map(|wait| calendar.due(self.now, wait).at) else {
            return (task.critical.then(|| self.next_opening()), false);
        };
        match self.hurry(task, ladder, index, usual) {
            Some(sooner) => (Some(sooner), true),
            None => (Some(usual), false),
        }
    }

    /// When the next rung must be told so that the lead is reached before the task is due, if the usual times are too
    /// long for that. What is left is shared out in the proportions of the ladder, with a share for the lead.
    fn hurry(self, task: &Task, ladder: &Ladder, index: usize, usual: Timestamp) -> Option<Timestamp> {
        let calendar = &self.rules.calendar;
        let top = ladder.rungs.len().saturating_sub(1);
        let lead = ladder
            .rungs
            .iter()
            .position(|rung| rung.role == Role::Lead)
            .unwrap_or(top);
        let below = ladder.rungs.get(index..lead).filter(|below| !below.is_empty())?;
        let reached = below
            .iter()
            .filter_map(|rung| rung.wait)
            .fold(self.now, |at, wait| calendar.due(at, wait).at);
        if reached < task.due {
            return None;
        }
        let minutes = |to| calendar.open_between(self.now, to).as_mins();
        let (left, all, own) = (minutes(task.due), minutes(reached), minutes(usual));
        let rungs = i64::try_from(below.len()).unwrap_or(i64::MAX);
        let share = if left == 0 {
            OVERDUE_WAIT
        } else {
            let shared = left.saturating_mul(rungs) / rungs.saturating_add(1);
            own.saturating_mul(shared).checked_div(all).unwrap_or(0).max(1)
        };
        let minutes = u32::try_from(share).unwrap_or(u32::MAX);
        let sooner = calendar.due(self.now, Term::WorkingMinutes(minutes)).at;
        (sooner < usual).then_some(sooner)
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
}
