//! How long each has: on a rung, with a task that was taken, and when a task is due soon.

use jiff::Timestamp;

use crate::domain::{Climb, Ladder, Role, Task, Term};

use super::Office;

/// How long each has below the lead, in minutes, when a task is past its due date already.
const OVERDUE_WAIT: i64 = 15;

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

    /// When the rung after the one that was told is due, counted from now.
    pub(super) fn time_left(self, task: &Task, climb: &Climb) -> Option<Timestamp> {
        self.time_on(task, self.ladder(task), usize::from(climb.rung)).0
    }

    /// When the rung after this one is told, and whether that is sooner than the ladder says. A critical task and a drill
    /// always have such a moment, whatever their ladder now says.
    pub(super) fn time_on(self, task: &Task, ladder: &Ladder, index: usize) -> (Option<Timestamp>, bool) {
        let calendar = &self.rules.calendar;
        let wait = ladder.rungs.get(index).and_then(|rung| rung.wait);
        let Some(usual) = wait.map(|wait| calendar.due(self.now, wait).at) else {
            let never_rests = task.critical || task.drill;
            let next = never_rests.then(|| self.next_opening());
            return (next.map(|next| self.within_drill(task, next)), false);
        };
        let sooner = self.hurry(task, ladder, index, usual);
        let next = self.within_drill(task, sooner.unwrap_or(usual));
        (Some(next), sooner.is_some())
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
    pub(super) fn next_opening(self) -> Timestamp {
        let calendar = &self.rules.calendar;
        if calendar.is_open(self.now) {
            calendar.next_open(calendar.due(self.now, Term::WorkingDays(0)).at)
        } else {
            calendar.next_open(self.now)
        }
    }
}
