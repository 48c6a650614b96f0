//! Letters: what is told to whom. The words are in the templates; here is only what they are about.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Answered, Back, Caution, Deceit, Drift, LetterId, LostMail, Overview, Role, TaskId, Thin, WhyNot,
};

/// A letter that the office decided to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its number.
    pub id: LetterId,
    /// Why there is one.
    pub about: About,
    /// Where it goes.
    pub to: String,
    /// Whom it greets by name; nobody when several people read it.
    pub name: Option<String>,
    /// When it was decided.
    pub queued: Timestamp,
    /// What it is about.
    pub content: Content,
}

/// Why there is a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// It calls somebody to a task.
    Task {
        /// The task.
        task: TaskId,
        /// The rung that it tells.
        told: Told,
    },
    /// It is about the office as a whole.
    Office,
    /// It is the mail of a drill.
    Drill,
}

impl About {
    /// The task it is about, when it is about one.
    #[must_use]
    pub const fn task(&self) -> Option<TaskId> {
        match self {
            Self::Task { task, .. } => Some(*task),
            Self::Office | Self::Drill => None,
        }
    }

    /// The call that it carries, when it carries one.
    #[must_use]
    pub const fn call(&self) -> Option<(TaskId, Told)> {
        match self {
            Self::Task { task, told } => Some((*task, *told)),
            Self::Office | Self::Drill => None,
        }
    }
}

/// Which call of a ladder a letter carries: a refusal means something only while the task still stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Told {
    /// The rung, counted from 0.
    pub rung: u16,
    /// The round it belongs to.
    pub round: u32,
}

/// What a letter is about: the occasion, and the facts its words are made of. No personal data of the newcomer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Somebody is called to a task.
    Task {
        /// On what occasion.
        occasion: Occasion,
        /// The municipality's own letter for it, by the name of its templates; none: the usual one.
        own: Option<String>,
        /// The facts.
        facts: Facts,
    },
    /// A lead is shown which critical tasks are open. Comes every working day, also when there are none.
    Overview(Overview),
    /// A lead is told ahead of weeks in which too few people are there.
    Thin(Thin),
    /// Somebody is back, and is shown what was handed on meanwhile.
    Back(Back),
    /// Somebody answered a letter, and is told what was understood.
    Answered(Answered),
    /// New rules were refused; the old ones stay in force.
    RulesRefused(RulesRefused),
    /// What a partner sends is not recognised as often as before.
    Drift(Drift),
    /// The mail of a drill, as it comes in at the watched mailbox.
    Drill(DrillMail),
    /// A lead is told that a drill did not reach anybody.
    DrillFailed(DrillFailed),
}

impl Content {
    /// Whether it must say that it is about a drill.
    #[must_use]
    pub const fn is_drill(&self) -> bool {
        match self {
            Self::Task { facts, .. } => facts.drill,
            Self::Drill(_) | Self::DrillFailed(_) => true,
            Self::Overview(_)
            | Self::Thin(_)
            | Self::Back(_)
            | Self::Answered(_)
            | Self::RulesRefused(_)
            | Self::Drift(_) => false,
        }
    }

    /// The name of its templates: `new_task.subject.hbs`, `.txt.hbs`, `.html.hbs`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Task { own: Some(own), .. } => own,
            Self::Task { occasion, .. } => occasion.name(),
            Self::Overview(_) => Overview::NAME,
            Self::Thin(_) => "thin",
            Self::Back(_) => "back",
            Self::Answered(_) => Answered::NAME,
            Self::RulesRefused(_) => RulesRefused::NAME,
            Self::Drift(_) => "drift",
            Self::Drill(_) => "drill",
            Self::DrillFailed(_) => "drill_failed",
        }
    }
}

/// A template sees the facts, whatever the letter.
impl Serialize for Content {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Task { facts, .. } => facts.serialize(serializer),
            Self::Overview(facts) => facts.serialize(serializer),
            Self::Thin(facts) => facts.serialize(serializer),
            Self::Back(facts) => facts.serialize(serializer),
            Self::Answered(facts) => facts.serialize(serializer),
            Self::RulesRefused(facts) => facts.serialize(serializer),
            Self::Drift(facts) => facts.serialize(serializer),
            Self::Drill(facts) => facts.serialize(serializer),
            Self::DrillFailed(facts) => facts.serialize(serializer),
        }
    }
}

/// New rules that were refused, as their letter tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RulesRefused {
    /// When, in civil time.
    pub at: jiff::civil::DateTime,
    /// How many mistakes are in them.
    pub mistakes: usize,
    /// Where the first of them are, such as `caseloads.toml:12`.
    pub places: Vec<String>,
    /// The version that stays in force.
    pub in_force: String,
}

impl RulesRefused {
    /// The name of its templates.
    pub const NAME: &'static str = "rules_refused";
}

/// The mail of a drill, as it comes in at the watched mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DrillMail {
    /// When the drill was started, in civil time.
    pub at: jiff::civil::DateTime,
}

/// A drill that did not reach anybody, as its letter tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DrillFailed {
    /// When it was started, or when its mail came in if it did, in civil time.
    pub at: jiff::civil::DateTime,
    /// The task that nobody took; none when the mail never came in.
    pub task: Option<TaskId>,
    /// What became of its mail: `unsent`, `returned` or `missing`; none when it came in.
    pub lost: Option<LostMail>,
    /// The caseload, in Dutch.
    pub caseload: String,
    /// The address that its mail was to come in at; none when it came in.
    pub to: Option<String>,
    /// Who was told, or skipped, and why; oldest first.
    pub tried: Vec<Tried>,
}

/// On what occasion somebody is called to a task; each has its own templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// A new task.
    NewTask,
    /// Nobody took a task in time.
    Escalation,
    /// Somebody took a task and it is still not handled.
    HoldEnded,
    /// A task was handed to you.
    Reassigned,
    /// A task is yours because whoever had it is away, or cannot be reached.
    HandedOn,
    /// Whoever had a task says that somebody else has to do it.
    Declined,
    /// A task was handled by mistake, and is open again.
    Reopened,
}

impl Occasion {
    /// Every occasion, for tests and checks that must not forget one.
    pub const ALL: [Self; 7] = [
        Self::NewTask,
        Self::Escalation,
        Self::HoldEnded,
        Self::Reassigned,
        Self::HandedOn,
        Self::Declined,
        Self::Reopened,
    ];

    /// The name of its templates: `new_task.subject.hbs`, `.txt.hbs`, `.html.hbs`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NewTask => "new_task",
            Self::Escalation => "escalation",
            Self::HoldEnded => "hold_ended",
            Self::Reassigned => "reassigned",
            Self::HandedOn => "handed_on",
            Self::Declined => "declined",
            Self::Reopened => "reopened",
        }
    }
}

/// The facts of a letter, named as templates use them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a template asks for each by its name"
)]
pub struct Facts {
    /// The task's number.
    pub task: TaskId,
    /// What happened, in Dutch.
    pub title: String,
    /// What to do, in Dutch.
    pub instruction: String,
    /// What it came of: `notice`, `expectation`, `chore` or `silence`.
    pub came_of: CameOf,
    /// Something expected: the notice by which it is seen whom it is about; none when nobody is known.
    pub origin: Option<NoticeBefore>,
    /// Whether the reader said of what type it is, and it is theirs because of that.
    pub retyped: bool,
    /// Whether it is a drill.
    pub drill: bool,
    /// Whether it must be picked up, guaranteed.
    pub critical: bool,
    /// The caseload, in Dutch.
    pub caseload: String,
    /// In which role they are told.
    pub role: Role,
    /// When the notice was received, or the time for it came, in civil time: `2026-11-24T09:30:00`.
    pub received: jiff::civil::DateTime,
    /// When it must be handled, in civil time.
    pub due: jiff::civil::DateTime,
    /// Whether the due moment has passed.
    pub overdue: bool,
    /// When somebody else is told if nobody acts, in civil time.
    pub next: Option<jiff::civil::DateTime>,
    /// Whether there is less time for that than usual, because the due date is near.
    pub hurried: bool,
    /// Who had it before, when it was handed on; none when the reader must not know.
    pub from: Option<String>,
    /// Why they do not have it any more: `absent`, `unreachable` or `declined`; none when nobody had it.
    pub gone: Option<WhyNot>,
    /// Who was told before, or skipped, and why; oldest first.
    pub tried: Vec<Tried>,
    /// What is to be known about the sender: `unchecked`, `forged`; none when there is nothing.
    pub caution: Option<Caution>,
    /// What gives a false sender away; none when nothing does, or when that was not written down.
    pub deceit: Option<Deceit>,
}

/// A notice that was told before, as a letter names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoticeBefore {
    /// Its task.
    pub task: TaskId,
    /// What happened, in Dutch.
    pub title: String,
    /// When it was received, in civil time.
    pub received: jiff::civil::DateTime,
}

/// What a task came of, as far as a letter has other words for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CameOf {
    /// A notice.
    Notice,
    /// Something that was expected, and did not come or must be done.
    Expectation,
    /// Something that is to be done again and again.
    Chore,
    /// The silence of a partner.
    Silence,
}

impl CameOf {
    /// Every one, for tests and samples that must not forget one.
    pub const ALL: [Self; 4] = [Self::Notice, Self::Expectation, Self::Chore, Self::Silence];
}

/// Somebody who was told before, or could not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tried {
    /// In which role.
    pub role: Role,
    /// Their name; none for a functional address or nobody, and in letters to people outside of the municipality.
    pub name: Option<String>,
    /// When they were told, in civil time; none when they were skipped.
    pub told: Option<jiff::civil::DateTime>,
    /// Whether that letter did not arrive.
    pub lost: bool,
    /// Why they were skipped; none when told.
    pub skipped: Option<WhyNot>,
}
