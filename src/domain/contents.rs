//! What letters tell besides calling somebody to a task, named as their templates use it.

use jiff::SignedDuration;
use serde::Serialize;

use super::{CameOf, Role, TaskId, WhyNot};

/// What is open, as a lead is shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Overview {
    /// When it was drawn up, in civil time.
    pub at: jiff::civil::DateTime,
    /// What the caseloads are called that it is about, in Dutch.
    pub caseloads: Vec<String>,
    /// How many critical tasks are open in these caseloads.
    pub open: u64,
    /// How many of them should have been done.
    pub overdue: u64,
    /// Those that are due first.
    pub tasks: Vec<OpenTask>,
    /// How many are not among `tasks`.
    pub more: u64,
    /// Until when every watched folder is known to have been read, in civil time; none when one never was.
    pub read: Option<jiff::civil::DateTime>,
    /// Who of the lead's people is away or cannot be reached today.
    pub away: Vec<AwayToday>,
}

impl Overview {
    /// The name of its templates.
    pub const NAME: &'static str = "overview";

    /// Whether notices may lie in the mailboxes that are not in it: they were not read to the end within the hour.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.read
            .is_none_or(|read| read.duration_until(self.at) > SignedDuration::from_hours(1))
    }
}

/// An open task in an overview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenTask {
    /// Its number.
    pub task: TaskId,
    /// What happened, in Dutch.
    pub title: String,
    /// Its caseload, in Dutch.
    pub caseload: String,
    /// When the notice was received, in civil time.
    pub received: jiff::civil::DateTime,
    /// When it must be handled, in civil time.
    pub due: jiff::civil::DateTime,
    /// Whether that has passed.
    pub overdue: bool,
    /// Whether somebody took it.
    pub taken: bool,
    /// The name of whoever took it or was told last; none when nobody could be told by name.
    pub holder: Option<String>,
}

/// Somebody who is not there today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AwayToday {
    /// Their name.
    pub name: String,
    /// Why nothing reaches them.
    pub why: WhyNot,
    /// The last day of it; none when nobody knows.
    pub until: Option<jiff::civil::Date>,
}

/// Weeks in which too few people are there, as a lead is told of them ahead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Thin {
    /// The numbers of the weeks, those that come first first; each once.
    pub numbers: Vec<i8>,
    /// Each of them with each caseload that is meant.
    pub weeks: Vec<ThinWeek>,
    /// How many are not among `weeks`.
    pub more: usize,
}

/// A week in which too few people are there for a caseload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ThinWeek {
    /// Its number.
    pub number: i8,
    /// Its Monday.
    pub first: jiff::civil::Date,
    /// Its Sunday.
    pub last: jiff::civil::Date,
    /// The caseload, in Dutch.
    pub caseload: String,
    /// Whether the lead was told before, and it became worse.
    pub worse: bool,
    /// With how many more people away nobody by name reads a notice; none when that takes too many.
    pub nobody: Option<usize>,
    /// How a notice is read later than is promised; none when it is not.
    pub late: Option<Late>,
    /// Who of the people behind the caseload is away then, as far as is known.
    pub away: Vec<AwayThen>,
}

/// How a notice is read later than is promised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Late {
    /// When it arrives, in civil time.
    pub arrives: jiff::civil::DateTime,
    /// The names of those who have to be away besides those who are known to be.
    pub away: Vec<String>,
    /// The name of whoever reads it; none when nobody by name.
    pub reader: Option<String>,
    /// When that is, in civil time.
    pub reads: jiff::civil::DateTime,
    /// For how long the office is open meanwhile.
    pub after: WorkTime,
    /// For how long it may be.
    pub promised: WorkTime,
}

/// Time in which the office is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct WorkTime {
    /// Whole hours.
    pub hours: u32,
    /// The minutes that are left.
    pub minutes: u32,
}

impl WorkTime {
    /// So many minutes.
    #[must_use]
    pub const fn of(minutes: u32) -> Self {
        Self {
            hours: minutes / 60,
            minutes: minutes % 60,
        }
    }
}

/// Somebody who is away in a week to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AwayThen {
    /// Their name.
    pub name: String,
    /// The first day of it.
    pub from: jiff::civil::Date,
    /// The last day of it; none when nobody knows.
    pub until: Option<jiff::civil::Date>,
}

/// What was handed on while somebody was away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Back {
    /// Since when they were away, in civil time.
    pub since: jiff::civil::DateTime,
    /// Each task that was handed on.
    pub tasks: Vec<HandedTask>,
}

/// A task that was handed on while somebody was away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HandedTask {
    /// Its number.
    pub task: TaskId,
    /// What happened, in Dutch.
    pub title: String,
    /// Whether it is done by now.
    pub done: bool,
    /// Who has it, or did it; none when nobody by name.
    pub holder: Option<String>,
}

impl Answered {
    /// The name of its templates.
    pub const NAME: &'static str = "answered";
}

/// What was made of somebody's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// The task they answered about, where that is clear.
    pub task: Option<TaskId>,
    /// What it is, in Dutch, where that is clear.
    pub title: Option<String>,
    /// The token of the letter that they answered, by which another answer finds the task; none when it is not known.
    pub letter: Option<String>,
    /// What the task came of, where that is clear.
    pub came_of: Option<CameOf>,
    /// When their answer came in, in civil time, where several people read what is told about it; none otherwise.
    pub written: Option<jiff::civil::DateTime>,
    /// What they asked for; none when it was not understood.
    pub asked: Option<Asked>,
    /// Whether that is a drill, which is over because of it.
    pub drill: bool,
    /// When it must be handled, in civil time; none when they did not take it, or that has passed.
    pub due: Option<jiff::civil::DateTime>,
    /// When they are asked again because it is not handled, in civil time; none when it is due before that.
    pub until: Option<jiff::civil::DateTime>,
    /// The name of the colleague, or the type, that it goes to now; none for answers that name neither.
    pub to: Option<String>,
    /// Who was told instead of the colleague that it goes to; none when that colleague was.
    pub instead: Option<Instead>,
    /// The name of whoever has the task, where it was not done because of that; none in letters to people outside of the
    /// municipality.
    pub holder: Option<String>,
    /// What else happened, as they wrote; none when they named no event, or the task was not done.
    pub event: Option<EventHeard>,
    /// Whether the task is done and waited for an event with which a term starts or ends on another day, and they named none.
    pub untold: bool,
    /// Why it was not done; none when it was.
    pub trouble: Option<AnswerTrouble>,
}

impl Answered {
    /// Whether another answer about the task is to be expected: a better one, or that it is handled.
    #[must_use]
    pub const fn expects_another(&self) -> bool {
        let is_open_to_them = match self.trouble {
            None => matches!(self.asked, Some(Asked::Take)) && !self.drill,
            Some(trouble) => !matches!(
                trouble,
                AnswerTrouble::NoLetter
                    | AnswerTrouble::NotInRules
                    | AnswerTrouble::AlreadyDone
                    | AnswerTrouble::TakenBySomebodyElse
            ),
        };
        self.letter.is_some() && is_open_to_them
    }
}

/// Who was told of a task that was given to somebody who cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Instead {
    /// Why that colleague was not told.
    pub why: WhyNot,
    /// In which role somebody else was; none when nobody was there.
    pub role: Option<Role>,
    /// Their name; none for a functional address or nobody, and in letters to people outside of the municipality.
    pub name: Option<String>,
    /// Whether it was whoever gave the task away.
    pub yours: bool,
}

/// An event that somebody told with an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventHeard {
    /// What happened, in Dutch.
    pub title: String,
    /// The day that was understood.
    pub on: jiff::civil::Date,
    /// Whether it is kept; not when nobody knows whom the task is about.
    pub kept: bool,
}

/// What an answer asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// "Opgepakt".
    Take,
    /// "Afgehandeld".
    Done,
    /// "Niet van mij".
    NotMine,
    /// "Overdragen aan ...".
    HandOver,
    /// "Soort ...".
    SetType,
}

impl Asked {
    /// Every one, for tests and samples that must not forget one.
    pub const ALL: [Self; 5] = [
        Self::Take,
        Self::Done,
        Self::NotMine,
        Self::HandOver,
        Self::SetType,
    ];
}

/// Why an answer was not acted on, by what its writer can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerTrouble {
    /// What they want is not clear; a colleague reads it.
    Unclear,
    /// It does not show which letter it answers; a colleague reads it.
    NoLetter,
    /// "Afgehandeld" without a word about how.
    NoReason,
    /// The remark has a number of a person in it.
    PersonalData,
    /// The day on which it happened is still to come.
    NotYet,
    /// A term has another last day, and they did not say which.
    NoLastDay,
    /// They named a day on which it happened that could not be read.
    WhichDay,
    /// They named two things that happened, and a task is done with one: none was kept.
    TwoEvents,
    /// It came from an address that several people read: nobody knows who wrote it.
    Functional,
    /// Their address is not in the rules, although they read a letter to an address that several people read.
    NotInRules,
    /// The task is done already.
    AlreadyDone,
    /// Somebody else took it.
    TakenBySomebodyElse,
    /// No colleague of that name is known, or several are.
    UnknownPerson,
    /// No such type is known, or it opens no task.
    UnknownType,
}

impl AnswerTrouble {
    /// Every one, for tests and samples that must not forget one.
    pub const ALL: [Self; 14] = [
        Self::Unclear,
        Self::NoLetter,
        Self::NoReason,
        Self::PersonalData,
        Self::NotYet,
        Self::NoLastDay,
        Self::WhichDay,
        Self::TwoEvents,
        Self::Functional,
        Self::NotInRules,
        Self::AlreadyDone,
        Self::TakenBySomebodyElse,
        Self::UnknownPerson,
        Self::UnknownType,
    ];
}

/// That what a partner sends is not recognised as often as before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// What the partner calls itself.
    pub partner: String,
    /// How many mails were not recognised ...
    pub unrecognised: u32,
    /// ... of how many that came ...
    pub mails: u32,
    /// ... in how many working days.
    pub days: u16,
    /// Week by week, the oldest first.
    pub weeks: Vec<DriftWeek>,
}

/// What of a partner's mail was not recognised in a week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DriftWeek {
    /// Its number.
    pub number: i8,
    /// Its Monday.
    pub first: jiff::civil::Date,
    /// How many mails came.
    pub mails: u32,
    /// How many of them were not recognised.
    pub unrecognised: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn an_overview_is_behind_when_the_mailboxes_were_not_read_within_the_hour() {
        let mut overview = Overview {
            at: date(2026, 11, 24).at(8, 30, 0, 0),
            caseloads: Vec::new(),
            open: 0,
            overdue: 0,
            tasks: Vec::new(),
            more: 0,
            read: None,
            away: Vec::new(),
        };
        assert!(overview.is_behind(), "one never was");
        overview.read = Some(date(2026, 11, 24).at(7, 30, 0, 0));
        assert!(!overview.is_behind());
        overview.read = Some(date(2026, 11, 24).at(7, 29, 59, 0));
        assert!(overview.is_behind());
    }
}
