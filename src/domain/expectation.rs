//! What should come, or must be done: after what, by when, and how that stands.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{
    CaseloadId, DossierId, EventId, ExpectationId, ExpectedId, MessageId, Occurrence, Period, Sign, TaskId,
    Term,
};

/// What the rules say must come after something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Its name in the rules.
    pub id: ExpectedId,
    /// Each of these starts it.
    pub after: Vec<Sign>,
    /// One of these is what is waited for.
    pub comes: Vec<Sign>,
    /// Each of these makes it needless.
    pub cancelled_by: Vec<Sign>,
    /// Each of these gives it another last day.
    pub moved_by: Vec<EventId>,
    /// Only in a life in which one of these happened; in any, when there are none.
    pub only_if: Vec<Sign>,
    /// Not in a life in which one of these happened.
    pub unless: Vec<Sign>,
    /// How long it may take.
    pub within: Term,
    /// Whether the day on which it starts is the first day of a term of the law, rather than the day before it.
    pub day_counts: bool,
    /// What came so shortly before counts as well; none: not a day before.
    pub early: Option<Term>,
    /// When somebody is asked.
    pub asks: Asks,
    /// Whether it starts again with what comes later, instead of running on from what came first.
    pub restarts: bool,
}

impl Expected {
    /// Whether it is for a life like this.
    #[must_use]
    pub fn is_for(&self, life: &[Occurrence]) -> bool {
        let has = |signs: &[Sign]| life.iter().any(|occurrence| signs.contains(&occurrence.sign));
        (self.only_if.is_empty() || has(&self.only_if)) && !has(&self.unless)
    }
}

/// When somebody is asked to see to what is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// When the time is over and it did not come.
    Late,
    /// As soon as it is expected: it is work, not waiting.
    AtOnce,
    /// So long before the time is over.
    Ahead(Ahead),
}

/// How long before the end of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ahead {
    /// So many working days.
    WorkingDays(u16),
    /// So much time on the calendar.
    Calendar(Period),
}

/// Something that is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// Its number.
    pub id: ExpectationId,
    /// By which rule.
    pub rule: ExpectedId,
    /// Of whom.
    pub about: Subject,
    /// Where its task goes.
    pub caseload: CaseloadId,
    /// The message that started it; none when it was started by several, or by none.
    pub message: Option<MessageId>,
    /// From when the time is counted.
    pub since: Timestamp,
    /// When the time is over.
    pub until: Timestamp,
    /// How it stands.
    pub state: ExpectationState,
}

/// Of whom something is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Of one person.
    Dossier(DossierId),
    /// Of nobody that is known: mails that name nobody can only be counted, week by week.
    Week {
        /// The Monday of the week.
        monday: Date,
        /// How many are to come after what came in this week.
        wanted: u32,
        /// How many of those came.
        came: u32,
        /// About how many that did not come somebody said that nothing more is to be done.
        excused: u32,
    },
}

/// How an expectation stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectationState {
    /// It is waited for.
    Open {
        /// When somebody is asked.
        asks: Timestamp,
    },
    /// Somebody was asked.
    Asked {
        /// By this task.
        task: TaskId,
    },
    /// Somebody handled the task by which they were asked.
    Handled {
        /// The task.
        task: TaskId,
        /// When.
        at: Timestamp,
    },
    /// It came.
    Met {
        /// When.
        at: Timestamp,
    },
    /// It is not needed any more.
    Cancelled {
        /// When.
        at: Timestamp,
    },
}

/// What is to be said about an expectation: always exactly one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// There is time.
    Open,
    /// The time is over.
    Overdue,
    /// It came, or was done.
    Met,
    /// It is not needed any more.
    Cancelled,
}

impl Expectation {
    /// What is to be said about it.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> Standing {
        match self.state {
            ExpectationState::Handled { .. } | ExpectationState::Met { .. } => Standing::Met,
            ExpectationState::Cancelled { .. } => Standing::Cancelled,
            ExpectationState::Open { .. } | ExpectationState::Asked { .. } if self.until <= now => {
                Standing::Overdue
            }
            ExpectationState::Open { .. } | ExpectationState::Asked { .. } => Standing::Open,
        }
    }

    /// The moment at which somebody must be asked.
    #[must_use]
    pub fn next_moment(&self) -> Option<Timestamp> {
        match self.state {
            ExpectationState::Open { asks } => Some(asks),
            _ => None,
        }
    }

    /// The task by which somebody was asked, while it is not settled.
    #[must_use]
    pub fn task(&self) -> Option<TaskId> {
        match self.state {
            ExpectationState::Asked { task } => Some(task),
            _ => None,
        }
    }

    /// When it came, was done, or was not needed any more.
    #[must_use]
    pub fn settled(&self) -> Option<Timestamp> {
        match self.state {
            ExpectationState::Handled { at, .. }
            | ExpectationState::Met { at }
            | ExpectationState::Cancelled { at } => Some(at),
            ExpectationState::Open { .. } | ExpectationState::Asked { .. } => None,
        }
    }

    /// The dossier of whom it is expected; none when nobody is known.
    #[must_use]
    pub fn dossier(&self) -> Option<DossierId> {
        match self.about {
            Subject::Dossier(dossier) => Some(dossier),
            Subject::Week { .. } => None,
        }
    }

    /// Whether it is still waited for.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(
            self.state,
            ExpectationState::Open { .. } | ExpectationState::Asked { .. }
        )
    }

    /// Somebody was asked. What is settled stays as it is.
    #[must_use]
    pub fn ask(self, task: TaskId) -> Self {
        self.while_open(ExpectationState::Asked { task })
    }

    /// Whether it ended because somebody handled it, and not by what happened.
    #[must_use]
    pub fn is_handled(&self) -> bool {
        matches!(self.state, ExpectationState::Handled { .. })
    }

    /// Whether it turned out that it was never expected: then it was over before it began.
    #[must_use]
    pub fn never_was(&self) -> bool {
        self.settled().is_some_and(|at| at < self.since)
    }

    /// Somebody handled the task by which they were asked. What is settled stays as it is.
    #[must_use]
    pub fn handle(self, task: TaskId, at: Timestamp) -> Self {
        self.while_open(ExpectationState::Handled { task, at })
    }

    /// The task by which somebody was asked is open again, and so is this: nothing is excused. What happened settles it
    /// for good.
    #[must_use]
    pub fn ask_again(mut self, task: TaskId) -> Self {
        if !self.is_open() && !self.is_handled() {
            return self;
        }
        if let Subject::Week { excused, .. } = &mut self.about {
            *excused = 0;
        }
        Self {
            state: ExpectationState::Asked { task },
            ..self
        }
    }

    /// It came. What is settled stays as it is.
    #[must_use]
    pub fn meet(self, at: Timestamp) -> Self {
        self.while_open(ExpectationState::Met { at })
    }

    /// It is not needed any more. What is settled stays as it is.
    #[must_use]
    pub fn cancel(self, at: Timestamp) -> Self {
        self.while_open(ExpectationState::Cancelled { at })
    }

    /// It went otherwise than was thought: something became known later, or was taken back. What somebody handled stays as
    /// it is.
    #[must_use]
    pub fn turn_out(self, since: Timestamp, until: Timestamp, state: ExpectationState) -> Self {
        if self.is_handled() {
            return self;
        }
        Self {
            since,
            until,
            state,
            ..self
        }
    }

    /// It turned out that it was never expected. What somebody handled stays as it is.
    #[must_use]
    pub fn retract(self) -> Self {
        let before = self.since.checked_sub(SignedDuration::from_micros(1));
        let at = before.unwrap_or(Timestamp::MIN);
        let (since, until) = (self.since, self.until);
        self.turn_out(since, until, ExpectationState::Cancelled { at })
    }

    /// There is another last day, and nobody has to be asked before `asks`. What is settled stays as it is.
    #[must_use]
    pub fn wait_until(self, since: Timestamp, until: Timestamp, asks: Timestamp) -> Self {
        if !self.is_open() {
            return self;
        }
        Self {
            since,
            until,
            state: ExpectationState::Open { asks },
            ..self
        }
    }

    fn while_open(self, state: ExpectationState) -> Self {
        if self.is_open() {
            Self { state, ..self }
        } else {
            self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expectation() -> Expectation {
        let at = |second| Timestamp::from_second(second).unwrap();
        Expectation {
            id: ExpectationId(1),
            rule: ExpectedId::new("duo-na-koppeling"),
            about: Subject::Dossier(DossierId(1)),
            caseload: CaseloadId::new("asiel"),
            message: Some(MessageId(1)),
            since: at(0),
            until: at(100),
            state: ExpectationState::Open { asks: at(90) },
        }
    }

    #[test]
    fn the_last_moment_is_over_with_it() {
        let now = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(expectation().standing(now(99)), Standing::Open);
        assert_eq!(expectation().standing(now(100)), Standing::Overdue);
        let asked = expectation().ask(TaskId(3));
        assert_eq!((asked.task(), asked.next_moment()), (Some(TaskId(3)), None));
        assert_eq!(
            asked.standing(now(99)),
            Standing::Open,
            "somebody was asked ahead of time"
        );
    }

    #[test]
    fn what_is_settled_stays_as_it_is() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let met = expectation().ask(TaskId(3)).meet(at(50));
        assert_eq!(met.clone().meet(at(60)), met);
        assert_eq!(met.clone().cancel(at(60)), met);
        assert_eq!(met.clone().ask(TaskId(4)), met);
        assert_eq!(met.clone().wait_until(at(0), at(500), at(400)), met);
        assert_eq!(met.standing(at(1000)), Standing::Met);
    }

    #[test]
    fn what_somebody_handled_is_open_again_when_its_task_is_and_otherwise_stands() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let handled = expectation().ask(TaskId(3)).handle(TaskId(3), at(50));
        assert_eq!(handled.standing(at(1000)), Standing::Met);
        assert_eq!(handled.clone().retract(), handled);
        let met = ExpectationState::Met { at: at(20) };
        assert_eq!(handled.clone().turn_out(at(0), at(9), met), handled);
        let again = handled.ask_again(TaskId(3));
        assert_eq!(again, expectation().ask(TaskId(3)));
        let came = again.meet(at(60));
        assert_eq!(came.clone().ask_again(TaskId(3)), came, "it came in the meantime");
    }

    #[test]
    fn what_never_was_was_over_before_it_began() {
        let never = expectation().retract();
        assert!(never.never_was() && !expectation().never_was());
        assert_eq!(
            never.standing(Timestamp::from_second(50).unwrap()),
            Standing::Cancelled
        );
    }
}
