//! What must be so after every step, whatever happened.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use koppelwacht::domain::{
    About, Absence, AbsenceId, AbsenceState, Away, Batch, Fingerprint, Happening, HistoryLine, MessageId,
    PersonId, Role, Sealed, Task, TaskId, TaskState, Term, Told,
};
use koppelwacht::rules::Rules;

use super::bound::Unread;
use super::tally::{Tally, Violation};
use super::words::clock_time;
use super::world::{World, first_there};

/// A task as it was seen.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) task: Task,
    pub(crate) history: Vec<HistoryLine>,
    /// How many read of it.
    pub(crate) readers: usize,
    /// Held against the proof, as long as nobody read of it.
    pub(crate) unread: Option<Unread>,
}

/// Whoever looks on.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) rules: Arc<Rules>,
    /// Whether the proof is held against what happens, and by these rules.
    pub(crate) proved_by: Option<Arc<Rules>>,
    pub(crate) tasks: BTreeMap<TaskId, Seen>,
    absences: BTreeMap<AbsenceId, Absence>,
    /// Absences that changed since the office last came to rest.
    changed: BTreeSet<AbsenceId>,
    messages: HashSet<Fingerprint>,
    items: BTreeMap<MessageId, String>,
    called: HashSet<(TaskId, Told)>,
    pub(crate) tally: Tally,
}

impl Watch {
    pub(crate) fn new(rules: Arc<Rules>) -> Self {
        Self {
            rules,
            proved_by: None,
            tasks: BTreeMap::new(),
            absences: BTreeMap::new(),
            changed: BTreeSet::new(),
            messages: HashSet::new(),
            items: BTreeMap::new(),
            called: HashSet::new(),
            tally: Tally::default(),
        }
    }

    pub(crate) fn violation(&self, task: TaskId, what: &str) -> Violation {
        let seen = self.tasks.get(&task);
        let lines = seen.into_iter().flat_map(|seen| &seen.history);
        Violation {
            what: format!("task {task}: {what}"),
            history: lines
                .map(|line| format!("{} {:?}", clock_time(line.at), line.what))
                .collect(),
        }
    }

    /// Who is known to be away, and when.
    pub(crate) fn known_away(&self) -> Vec<Away> {
        let known = self.absences.values().filter(|absence| !is_over(absence));
        known.map(|absence| absence.away.clone()).collect()
    }

    /// Something came between that the proof does not speak of.
    pub(crate) fn disturb(&mut self) {
        self.tasks.values_mut().for_each(|seen| seen.unread = None);
    }

    /// A task that is critical and open.
    pub(crate) fn critical_open(&self) -> Option<TaskId> {
        let mut tasks = self.tasks.values().map(|seen| &seen.task);
        tasks
            .find(|task| task.critical && task.is_open())
            .map(|task| task.id)
    }

    /// Whether something critical came of the mail in a place.
    pub(crate) fn has_critical_of(&self, item: &str) -> bool {
        let mut tasks = self.tasks.values().map(|seen| &seen.task);
        tasks.any(|task| task.critical && self.item_of(task.id) == Some(item))
    }

    /// Where the mail of a task lies.
    pub(crate) fn item_of(&self, task: TaskId) -> Option<&str> {
        let message = self.tasks.get(&task)?.task.message()?;
        self.items.get(&message).map(String::as_str)
    }

    pub(crate) fn is_open(&self, task: TaskId) -> bool {
        self.tasks.get(&task).is_some_and(|seen| seen.task.is_open())
    }

    /// A batch was written.
    pub(crate) fn see(&mut self, batch: &Batch, now: Timestamp, is_calm: bool) -> Result<(), Violation> {
        self.see_absences(batch);
        for message in &batch.messages {
            if !self.messages.insert(message.fingerprint) {
                return Err(Violation {
                    what: format!("message {} is in the ledger twice", message.id),
                    history: Vec::new(),
                });
            }
            self.items.insert(message.id, message.place.item.clone());
            self.tally.mails += 1;
        }
        for task in &batch.opened {
            let known_away = self.known_away();
            let is_proved =
                is_calm && task.critical && task.received == now && self.rules.letters.gather == 0;
            let unread = self.proved_by.as_ref().filter(|_| is_proved);
            let unread = unread.map(|rules| Unread::new(Arc::clone(rules), known_away, now));
            self.tally.tasks += 1;
            self.tasks.insert(
                task.id,
                Seen {
                    task: task.clone(),
                    history: Vec::new(),
                    readers: 0,
                    unread,
                },
            );
        }
        for task in &batch.moved {
            let Some(seen) = self.tasks.get_mut(&task.id) else {
                return Err(self.violation(task.id, "moved, and was never opened"));
            };
            seen.task = task.clone();
        }
        self.see_history(batch, now)?;
        for task in batch.opened.iter().chain(&batch.moved) {
            self.see_moment(task, now)?;
            self.has_their_time(task, batch, now)?;
        }
        Ok(())
    }

    fn see_absences(&mut self, batch: &Batch) {
        for absence in &batch.absences {
            let before = self.absences.insert(absence.id, absence.clone());
            // That it starts or ends as it was known to is no news.
            if before.is_none_or(|before| before.away != absence.away) {
                self.disturb();
            }
            self.changed.insert(absence.id);
        }
    }

    /// Who was told, who was passed over, and the letters about it.
    fn see_history(&mut self, batch: &Batch, now: Timestamp) -> Result<(), Violation> {
        for line in &batch.history {
            let Some(seen) = self.tasks.get_mut(&line.task) else {
                return Err(self.violation(line.task, "has a history, and was never opened"));
            };
            let was_done = is_done(&seen.history);
            seen.history.push(line.clone());
            if let Happening::Reopened { .. } = line.what {
                self.is_told_again(line, was_done, batch)?;
            }
            if let Happening::Told { .. } = line.what {
                self.tally.calls += 1;
                if was_done {
                    return Err(self.violation(line.task, "somebody is told after it was done"));
                }
                self.somebody_there_is_told(line, now)?;
                self.has_a_reason(line)?;
            }
        }
        for letter in &batch.letters {
            self.is_no_second_call(letter)?;
        }
        let touched: BTreeSet<TaskId> = batch.history.iter().map(|line| line.task).collect();
        touched
            .into_iter()
            .try_for_each(|task| self.calls_are_whole(task, batch))
    }

    /// Only what was done is opened again, and then somebody is told in the same breath, or it is said that there is nobody.
    fn is_told_again(&mut self, line: &HistoryLine, was_done: bool, batch: &Batch) -> Result<(), Violation> {
        self.tally.reopened += 1;
        if !was_done {
            return Err(self.violation(line.task, "is opened again, and was not done"));
        }
        let mut lines = batch.history.iter().filter(|other| other.task == line.task);
        let calls =
            |other: &HistoryLine| matches!(other.what, Happening::Told { .. } | Happening::NobodyThere);
        if !lines.any(calls) || !self.is_open(line.task) {
            return Err(self.violation(line.task, "is opened again, and nobody is told"));
        }
        Ok(())
    }

    /// What is critical is not told from the first rung again without a reason.
    fn has_a_reason(&self, line: &HistoryLine) -> Result<(), Violation> {
        let seen = &self.tasks[&line.task];
        let round_of = |line: &HistoryLine| match line.what {
            Happening::Told { round, role, .. } => Some((round, role)),
            _ => None,
        };
        let mut before = seen.history.iter().rev().skip(1);
        let mut reasons = 0;
        let last = before.find_map(|line| {
            reasons += usize::from(!matches!(line.what, Happening::LookedUp | Happening::Told { .. }));
            round_of(line)
        });
        match (last, round_of(line)) {
            (Some((old, before)), Some((new, now))) if new > old && seen.task.critical && reasons == 0 => {
                // The last rung comes again and again, and under new rules another may be the last.
                if [before, now].contains(&Role::Functional) {
                    return Ok(());
                }
                Err(self.violation(line.task, "the ladder starts again without a reason"))
            }
            _ => Ok(()),
        }
    }

    /// A letter leaves.
    pub(crate) fn leaves(&self, letter: &Sealed) -> Result<(), Violation> {
        match letter.about.task() {
            Some(task) if !self.is_open(task) => {
                Err(self.violation(task, "a letter about it leaves after it was done"))
            }
            _ => Ok(()),
        }
    }

    /// Whoever was told by name is there within their time, as far as anybody knows.
    fn somebody_there_is_told(&self, line: &HistoryLine, now: Timestamp) -> Result<(), Violation> {
        let Happening::Told {
            role,
            person: Some(person),
            ..
        } = &line.what
        else {
            return Ok(());
        };
        let ladder = self.rules.ladder(&self.tasks[&line.task].task.kind);
        let waits = ladder.rungs.iter().filter(|rung| rung.role == *role);
        let longest = waits
            .filter_map(|rung| rung.wait)
            .map(|wait| self.ends(now, wait))
            .max();
        if self.is_there_until(person, *role == Role::OnCall, now, longest) {
            Ok(())
        } else {
            Err(self.violation(
                line.task,
                &format!("{person} is told, who is known not to be there"),
            ))
        }
    }

    /// Whether somebody is known to be there at some moment until then, or when the office next opens.
    fn is_there_until(
        &self,
        person: &PersonId,
        is_on_call: bool,
        now: Timestamp,
        until: Option<Timestamp>,
    ) -> bool {
        let calendar = &self.rules.calendar;
        let away = self.known_away();
        let own: Vec<&Away> = away.iter().filter(|away| away.person == *person).collect();
        let Some(who) = self.rules.people.get(person) else {
            return false;
        };
        let until = until.unwrap_or_else(|| self.ends(now, Term::WorkingDays(1)));
        let until = until.max(calendar.next_open(now) + SignedDuration::from_mins(1));
        first_there(calendar, who, &own, is_on_call, now).is_some_and(|there| there < until)
    }

    fn ends(&self, now: Timestamp, term: Term) -> Timestamp {
        self.rules.calendar.due(now, term).at
    }

    /// No rung fires twice.
    fn is_no_second_call(&mut self, letter: &Sealed) -> Result<(), Violation> {
        let About::Task { task, told } = letter.about else {
            return Ok(());
        };
        if self.called.insert((task, told)) {
            Ok(())
        } else {
            let what = format!("rung {} of round {} fires twice", told.rung, told.round);
            Err(self.violation(task, &what))
        }
    }

    /// Each call has its letter, and whoever is passed over costs no time: somebody is told in the same breath, or it is
    /// said that there is nobody.
    fn calls_are_whole(&self, task: TaskId, batch: &Batch) -> Result<(), Violation> {
        let lines = || batch.history.iter().filter(|line| line.task == task);
        let calls = lines()
            .filter(|line| matches!(line.what, Happening::Told { .. }))
            .count();
        let letters = batch
            .letters
            .iter()
            .filter(|letter| letter.about.task() == Some(task))
            .count();
        if calls != letters {
            return Err(self.violation(task, &format!("{calls} calls and {letters} letters")));
        }
        let last = lines().map(|line| &line.what).rfind(|what| {
            matches!(
                what,
                Happening::Skipped { .. } | Happening::Told { .. } | Happening::NobodyThere
            )
        });
        let was_retried = lines().any(|line| {
            matches!(
                line.what,
                Happening::LetterRefused { .. } | Happening::LetterBounced { .. }
            )
        });
        if matches!(last, Some(Happening::Skipped { .. })) && !was_retried {
            return Err(self.violation(task, "somebody is passed over, and nobody told instead"));
        }
        Ok(())
    }

    /// What is critical and open has a moment ahead, no further away than its rung or its holder's time.
    fn see_moment(&self, task: &Task, now: Timestamp) -> Result<(), Violation> {
        if !task.critical || !task.is_open() {
            return Ok(());
        }
        let Some(next) = task.next_moment() else {
            return Err(self.violation(task.id, "is critical, and has no next moment"));
        };
        if next <= now {
            return Err(self.violation(task.id, "its next moment has passed already"));
        }
        let ladder = self.rules.ladder(&task.kind);
        let (term, was_told) = match &task.state {
            TaskState::Waiting(climb) => {
                let rung = ladder.rungs.get(usize::from(climb.rung));
                let was_told = climb.told.is_some() || rung.is_some_and(|rung| rung.role == Role::Functional);
                (rung.and_then(|rung| rung.wait), was_told)
            }
            TaskState::Taken { .. } => (ladder.hold, true),
            TaskState::Done { .. } => (None, false),
        };
        let latest = term
            .filter(|_| was_told)
            .map_or(now, |term| self.ends(now, term))
            .max(self.next_opening(now));
        if next <= latest {
            return Ok(());
        }
        let what = format!("rests until {}, longer than its time", clock_time(next));
        Err(self.violation(task.id, &what))
    }

    /// Whoever was told in this batch has all the time of their rung, unless they are told that they have less.
    fn has_their_time(&self, task: &Task, batch: &Batch, now: Timestamp) -> Result<(), Violation> {
        let TaskState::Waiting(climb) = &task.state else {
            return Ok(());
        };
        let lines = batch.history.iter().filter(|line| line.task == task.id);
        let told = lines.rev().find_map(|line| match line.what {
            Happening::Told { hurried, .. } => Some(hurried),
            _ => None,
        });
        let rung = self.rules.ladder(&task.kind).rungs.get(usize::from(climb.rung));
        match (told, rung.and_then(|rung| rung.wait)) {
            (Some(false), Some(wait)) if climb.next != Some(self.ends(now, wait)) => Err(self.violation(
                task.id,
                "the next rung is told at another moment than its time ends",
            )),
            _ => Ok(()),
        }
    }

    fn next_opening(&self, now: Timestamp) -> Timestamp {
        let calendar = &self.rules.calendar;
        let closes = self.ends(now, Term::WorkingDays(0)).max(now);
        calendar.next_open(closes)
    }

    /// The office came to rest: nothing is left to do at this moment.
    pub(crate) fn at_rest(&mut self, now: Timestamp) -> Result<(), Violation> {
        let open = || {
            let critical = self.tasks.values().filter(|seen| seen.task.critical);
            critical.filter(|seen| seen.task.is_open())
        };
        for seen in self.tasks.values() {
            if seen.task.next_moment().is_some_and(|next| next <= now) {
                return Err(self.violation(seen.task.id, "its moment came, and nothing happened"));
            }
        }
        let is_forgotten = |absence: &&Absence| absence.next_moment().is_some_and(|at| at <= now);
        if let Some(absence) = self.absences.values().find(is_forgotten) {
            return Err(Violation {
                what: format!("absence {} starts or ends, and nothing happened", absence.id),
                history: Vec::new(),
            });
        }
        let changed: Vec<Absence> = self.changed.iter().map(|id| self.absences[id].clone()).collect();
        for absence in changed.iter().filter(|absence| absence.covers(now)) {
            let person = &absence.away.person;
            for seen in open().filter(|seen| seen.task.with() == Some(person)) {
                if !self.is_there_in_time(seen, now) {
                    let what = format!("stays with {person}, who is known to be away");
                    return Err(self.violation(seen.task.id, &what));
                }
            }
        }
        self.changed.clear();
        Ok(())
    }

    /// Whether whoever has a task is there within the time of its rung.
    fn is_there_in_time(&self, seen: &Seen, now: Timestamp) -> bool {
        let rung = match &seen.task.state {
            TaskState::Waiting(climb) => usize::from(climb.rung),
            TaskState::Taken { .. } | TaskState::Done { .. } => 0,
        };
        let rung = self.rules.ladder(&seen.task.kind).rungs.get(rung);
        let is_on_call = rung.is_some_and(|rung| rung.role == Role::OnCall);
        let until = rung.and_then(|rung| rung.wait).map(|wait| self.ends(now, wait));
        let holder = seen.task.with();
        holder.is_some_and(|holder| self.is_there_until(holder, is_on_call, now, until))
    }

    /// Somebody read of a task.
    pub(crate) fn read(&mut self, task: TaskId, world: &World, now: Timestamp) -> Result<(), Violation> {
        let Some(seen) = self.tasks.get_mut(&task) else {
            return Ok(());
        };
        seen.readers += 1;
        let Some(unread) = seen.unread.take() else {
            return Ok(());
        };
        let kept = unread.is_kept(&seen.task, world, now);
        let (after, bound) = match kept {
            None => return Ok(()),
            Some((_, None)) => return Err(self.violation(task, "the proof does not know of it")),
            Some((after, Some(bound))) => (after, bound),
        };
        self.tally.bounded += 1;
        self.tally.exact += u64::from(after == bound && bound > 0);
        self.tally.longest = self.tally.longest.max(after);
        if after <= bound {
            return Ok(());
        }
        let what = format!("lay unread for {after} office minutes, and the proof says {bound}");
        Err(self.violation(task, &what))
    }
}

/// Whether it was handled, and not opened again since.
fn is_done(history: &[HistoryLine]) -> bool {
    let last = history.iter().rev().find_map(|line| match line.what {
        Happening::Done { .. } => Some(true),
        Happening::Reopened { .. } => Some(false),
        _ => None,
    });
    last.unwrap_or(false)
}

fn is_over(absence: &Absence) -> bool {
    absence.state == AbsenceState::Over
}
