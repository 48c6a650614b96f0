//! The ladder: who is told next, and when the one after.
//!
//! Guarantees: a rung where nobody can read is skipped in the same decision and costs no time; the last rung that
//! repeats never goes quiet; when nobody on the whole ladder is there, the ladder starts again when the office next
//! opens. Moments are computed from `now`, not from the moment that was missed: after a week of downtime each overdue
//! task fires once, not once for every moment it slept through.

use crate::domain::{
    About, Absence, Change, Climb, Happening, HistoryLine, Letter, LetterId, Occasion, Origin, PersonId,
    Snapshot, Task, TaskId, TaskState, Told,
};

use super::act::overtaken;
use super::tell::{Calling, content, letter_is_lost};
use super::{Office, drill};

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

impl Start {
    /// From the first rung, in a round of its own.
    pub(super) fn anew(history: &[HistoryLine], occasion: Occasion) -> Self {
        Self {
            rung: 0,
            round: next_round(history),
            occasion,
        }
    }

    /// On from where a task stands, without whoever has it: from the rung that was told, so that nobody below it is asked
    /// again who had their time already. A task that somebody had taken starts from the first.
    pub(super) fn without_holder(task: &Task, history: &[HistoryLine], occasion: Occasion) -> Self {
        let rung = match &task.state {
            TaskState::Waiting(climb) => climb.rung,
            TaskState::Taken { .. } | TaskState::Done { .. } => 0,
        };
        Self {
            rung,
            ..Self::anew(history, occasion)
        }
    }
}

/// What calling somebody came to.
pub(super) struct Call {
    /// Where the task stands on the ladder now.
    pub(super) climb: Climb,
    /// History lines, and the letter.
    pub(super) changes: Vec<Change>,
}

/// The number that follows those of all letters in these changes; `free` when there are none.
pub(super) fn next_letter(changes: &[Change], free: LetterId) -> LetterId {
    let queued = changes.iter().filter_map(|change| match change {
        Change::Queued(letter) => Some(letter.id.next()),
        _ => None,
    });
    queued.max().unwrap_or(free)
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
    if task.is_open() && office.drill_ends(task).is_some_and(|ends| ends <= office.now) {
        return drill::end_put_off(office, task).map_or_else(
            || drill::unanswered(office, snapshot, task, history),
            |put_off| vec![put_off],
        );
    }
    match &task.state {
        TaskState::Waiting(climb) => {
            let is_unsent = snapshot.unsent.contains(&(id, climb.call()));
            climb_on(office, task, history, climb, is_unsent, snapshot.next.letter)
        }
        // Somebody took it and did not handle it: the ladder starts again, with them.
        TaskState::Taken { by, .. } => {
            let what = Happening::HoldEnded { person: by.clone() };
            let letter = snapshot.next.letter;
            let start = Start::anew(history, Occasion::HoldEnded);
            call_again(office, task, history, what, None, start, letter).changes
        }
        TaskState::Done { .. } => Vec::new(),
    }
}

/// The next rung of a waiting task is told; after the last, the last again. A call whose letter still waits for the mail
/// server does not count: the next rung is told. Where the last one cannot be reached, or nobody was there, the ladder
/// starts anew; letters that wait are taken back then, so that nobody gets the same call twice when the server is back.
fn climb_on(
    office: Office<'_>,
    task: &Task,
    history: &[HistoryLine],
    climb: &Climb,
    is_unsent: bool,
    letter: LetterId,
) -> Vec<Change> {
    let mut diary = Diary::new(office, task, history);
    if is_unsent {
        diary.note(Happening::NotSent);
    }
    let last = office.ladder(task).rungs.len().saturating_sub(1);
    let is_last = usize::from(climb.rung) >= last;
    // Repeating the last rung would only ask the address that does not take letters.
    let starts_anew = is_last && (is_unsent || reached_nobody(history));
    let (rung, round) = if starts_anew {
        (0, next_round(history))
    } else if is_last {
        (climb.rung, climb.round + 1)
    } else {
        (climb.rung + 1, climb.round)
    };
    let start = Start {
        rung,
        round,
        occasion: Occasion::Escalation,
    };
    let call = call(office, task, &diary.history, start, letter);
    let mut changes: Vec<Change> = starts_anew.then(|| overtaken(office, task)).into_iter().collect();
    changes.push(Change::Moved(Box::new(task.clone().climb(call.climb))));
    changes.extend(diary.changes);
    changes.extend(call.changes);
    changes
}

/// Whether the letter to the one who was told last did not arrive, or nobody was there to be told. A letter to somebody
/// who was told earlier, and that comes back late, says nothing of the last one.
fn reached_nobody(history: &[HistoryLine]) -> bool {
    let is_call = |line: &HistoryLine| matches!(line.what, Happening::Told { .. } | Happening::NobodyThere);
    history
        .iter()
        .rposition(is_call)
        .is_some_and(|last| history[last].what == Happening::NobodyThere || letter_is_lost(history, last))
}

/// Whoever has the task is away or cannot be reached: the ladder goes on without them.
pub(super) fn hand_on(
    office: Office<'_>,
    task: &Task,
    history: &[HistoryLine],
    absence: &Absence,
    letter: LetterId,
) -> Call {
    let what = Happening::HandedOn {
        from: absence.away.person.clone(),
        unreachable: absence.origin == Origin::Bounced,
    };
    let start = Start::without_holder(task, history, Occasion::HandedOn);
    call_again(office, task, history, what, None, start, letter)
}

/// Something happened because of which somebody else is called: a line of the history, the task where it now stands, and
/// the letter.
pub(super) fn call_again(
    office: Office<'_>,
    task: &Task,
    history: &[HistoryLine],
    what: Happening,
    by: Option<&PersonId>,
    start: Start,
    letter: LetterId,
) -> Call {
    let line = HistoryLine {
        task: task.id,
        at: office.now,
        by: by.cloned(),
        what,
    };
    let mut history = history.to_vec();
    history.push(line.clone());
    let called = call(office, task, &history, start, letter);
    let mut changes = vec![
        Change::Moved(Box::new(task.clone().climb(called.climb.clone()))),
        Change::Noted(line),
    ];
    changes.extend(called.changes);
    Call {
        climb: called.climb,
        changes,
    }
}

/// The first round that no line of the history belongs to.
fn next_round(history: &[HistoryLine]) -> u32 {
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
        next: Some(office.within_drill(task, office.next_opening())),
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
            rung: Some(climb.rung),
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
