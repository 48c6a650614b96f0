//! Absence: when somebody is not there, how that is known, and what was handed on because of it.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use super::{AbsenceId, Calendar, PersonId, TaskId};

/// Days of leave, as rules and people write them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leave {
    /// Who.
    pub person: PersonId,
    /// First day.
    pub from: Date,
    /// Last day; open when nobody knows yet.
    pub until: Option<Date>,
}

impl Leave {
    /// Whether the person is away on this day.
    #[must_use]
    pub fn covers(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|last| day <= last)
    }

    /// The same in instants: from the start of the first day to the end of the last.
    #[must_use]
    pub fn away(&self, calendar: &Calendar) -> Away {
        let after = |day: Date| day.tomorrow().unwrap_or(Date::MAX);
        Away {
            person: self.person.clone(),
            from: calendar.start_of(self.from),
            until: self.until.map(|last| calendar.start_of(after(last))),
        }
    }
}

/// A span in which somebody is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away {
    /// Who.
    pub person: PersonId,
    /// From this instant on.
    pub from: Timestamp,
    /// Until this instant, which is no longer part of it; open when nobody knows yet.
    pub until: Option<Timestamp>,
}

impl Away {
    /// Whether the other is of the same person and lies wholly within this one.
    #[must_use]
    pub fn holds(&self, other: &Self) -> bool {
        let ends_later = match (self.until, other.until) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(end), Some(other)) => other <= end,
        };
        self.person == other.person && self.from <= other.from && ends_later
    }

    /// Whether the same person is away by both at some instant.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let starts_before_end = |one: &Self, other: &Self| other.until.is_none_or(|end| one.from < end);
        self.person == other.person && starts_before_end(self, other) && starts_before_end(other, self)
    }

    /// When it ends, as people say it.
    #[must_use]
    pub fn end(&self, calendar: &Calendar) -> End {
        let Some(until) = self.until else {
            return End::Open;
        };
        let last = calendar.last_day(until);
        let is_whole = last.tomorrow().is_ok_and(|day| calendar.start_of(day) == until);
        if is_whole {
            End::Day(last)
        } else {
            End::Moment(calendar.zoned(until).datetime())
        }
    }

    /// Whether they are away at this instant.
    #[must_use]
    pub fn covers(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|end| at < end)
    }
}

/// The end of an absence, as people say it: whole days by the last of them, which is still part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The last day.
    Day(Date),
    /// The moment at which they are back.
    Moment(DateTime),
    /// Nobody knows yet.
    Open,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(last) => write!(f, "until {}", last.strftime("%a %Y-%m-%d")),
            Self::Moment(back) => write!(f, "until {}", back.strftime("%a %Y-%m-%d %H:%M")),
            Self::Open => f.write_str("until somebody ends it"),
        }
    }
}

/// An absence that the ledger knows of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// Its number.
    pub id: AbsenceId,
    /// Who, from when, until when.
    pub away: Away,
    /// How it is known.
    pub origin: Origin,
    /// When it became known.
    pub noted: Timestamp,
    /// How it goes.
    pub state: AbsenceState,
}

/// How an absence is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "origin", rename_all = "snake_case")]
pub enum Origin {
    /// It stands in the rules.
    Rules,
    /// It stands in a calendar file.
    Calendar,
    /// Somebody entered it.
    Entered {
        /// Who.
        by: PersonId,
    },
    /// Their mailbox answered a letter by itself.
    Answered,
    /// A letter to them came back: nobody is known to be away, but nobody can be told.
    Bounced,
}

impl Origin {
    /// The word for it, whoever said so.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::Calendar => "calendar",
            Self::Entered { .. } => "entered",
            Self::Answered => "answered",
            Self::Bounced => "bounced",
        }
    }
}

/// How an absence goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AbsenceState {
    /// It has not started, or nothing was handed on yet.
    Ahead,
    /// It is now.
    Running {
        /// The tasks that were handed on because of it.
        handed: Vec<TaskId>,
    },
    /// It is now, and what the person still has is to be looked at, at once: it turns out to be longer than was known, or
    /// starts where another one ended.
    Longer {
        /// The tasks that were handed on because of it.
        handed: Vec<TaskId>,
    },
    /// It is over, or was taken back.
    Over,
}

impl Absence {
    /// When something is to be done because of it: tasks are handed on at the start, and told of at the end.
    #[must_use]
    pub fn next_moment(&self) -> Option<Timestamp> {
        match self.state {
            AbsenceState::Ahead | AbsenceState::Longer { .. } => Some(self.away.from),
            AbsenceState::Running { .. } => self.away.until,
            AbsenceState::Over => None,
        }
    }

    /// The tasks that were handed on because of it.
    pub fn handed(&self) -> impl Iterator<Item = TaskId> + '_ {
        let handed = match &self.state {
            AbsenceState::Running { handed } | AbsenceState::Longer { handed } => handed.as_slice(),
            AbsenceState::Ahead | AbsenceState::Over => &[],
        };
        handed.iter().copied()
    }

    /// Whether it keeps them from reading at this instant.
    #[must_use]
    pub fn covers(&self, at: Timestamp) -> bool {
        self.state != AbsenceState::Over && self.away.covers(at)
    }

    /// It starts, or goes on, and these tasks are handed on. What is over stays over.
    #[must_use]
    pub fn start(self, more: impl IntoIterator<Item = TaskId>) -> Self {
        let mut handed = match self.state {
            AbsenceState::Over => return self,
            AbsenceState::Ahead => Vec::new(),
            AbsenceState::Running { handed } | AbsenceState::Longer { handed } => handed,
        };
        for task in more {
            if !handed.contains(&task) {
                handed.push(task);
            }
        }
        Self {
            state: AbsenceState::Running { handed },
            ..self
        }
    }

    /// These tasks were handed on because of another absence, which is over while this one goes on. What was to be done when
    /// this one started still is.
    #[must_use]
    pub fn take_over(self, handed: impl IntoIterator<Item = TaskId>) -> Self {
        let is_due = matches!(self.state, AbsenceState::Ahead | AbsenceState::Longer { .. });
        let mut taken = self.start(handed);
        if is_due && let AbsenceState::Running { handed } = taken.state {
            taken.state = AbsenceState::Longer { handed };
        }
        taken
    }

    /// It ends at another moment than was known; none: nobody knows when. What is over stays over.
    #[must_use]
    pub fn until(self, until: Option<Timestamp>) -> Self {
        let is_later = match (self.away.until, until) {
            (Some(known), Some(until)) => known < until,
            (Some(_), None) => true,
            (None, _) => false,
        };
        let state = match self.state {
            AbsenceState::Over => return self,
            AbsenceState::Running { handed } if is_later => AbsenceState::Longer { handed },
            state => state,
        };
        Self {
            away: Away { until, ..self.away },
            state,
            ..self
        }
    }

    /// It ends at this instant, or would have started later and is taken back.
    #[must_use]
    pub fn end(self, at: Timestamp) -> Self {
        let end = self.away.until.map_or(at, |until| until.min(at));
        Self {
            away: Away {
                until: Some(end.max(self.away.from)),
                ..self.away
            },
            state: AbsenceState::Over,
            ..self
        }
    }
}
