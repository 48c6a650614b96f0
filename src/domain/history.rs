//! What happened to a task, line by line: kept for ever, read by many, and the ground of later decisions.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{EventId, PersonId, Sign, TaskId, Told, TypeId};

/// One line of a task's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryLine {
    /// The task.
    pub task: TaskId,
    /// When.
    pub at: Timestamp,
    /// Who did it; nobody when Koppelwacht did.
    pub by: Option<PersonId>,
    /// What happened.
    pub what: Happening,
}

/// A notice about which there was a task before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierNotice {
    /// Its task.
    pub task: TaskId,
    /// What happened, in Dutch.
    pub title: String,
    /// When it was received.
    pub received: Timestamp,
}

/// What happened to a task, in a form that can be read back and put into words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Happening {
    /// It was opened, on these grounds.
    Opened {
        /// The rule that recognised the notice.
        rule: String,
        /// The grounds in order: recognition, due date with skipped days, route.
        why: Vec<String>,
        /// What is to be known about the sender.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caution: Option<Caution>,
        /// What gives the sender away, when they are not who they claim to be.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deceit: Option<super::Deceit>,
        /// The notice by which it is seen whom it is about, when that is another than its own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<EarlierNotice>,
    },
    /// Somebody was told.
    Told {
        /// In which role.
        role: super::Role,
        /// Who, when it is a person.
        person: Option<PersonId>,
        /// On which rung; none: the line is older than that it was written down.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rung: Option<u16>,
        /// How often this ladder has come round.
        round: u32,
        /// Whether they have less time than the ladder says, because the due date is near.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        hurried: bool,
    },
    /// A rung was skipped at once.
    Skipped {
        /// The role that was to be told.
        role: super::Role,
        /// Why nobody was.
        reason: Skip,
    },
    /// Somebody took it.
    Taken,
    /// The hold of the person who had it ended.
    HoldEnded {
        /// Who had it.
        person: PersonId,
    },
    /// Whoever had it is away, or cannot be reached: it goes to somebody else.
    HandedOn {
        /// Who had it.
        from: PersonId,
        /// Whether they cannot be reached, rather than being away.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unreachable: bool,
    },
    /// The time for it came again while it was still open: there is no second task beside it.
    CameAgain {
        /// The grounds: when, and how that follows from the rules.
        why: Vec<String>,
    },
    /// Whoever had it says that somebody else has to do it.
    Declined,
    /// The letter about it was still waiting for the mail server when the time for it was over.
    NotSent,
    /// Nobody on the whole ladder could be told; it is tried again on the next working day.
    NobodyThere,
    /// It was a drill, and is over, because somebody answered.
    DrillAnswered,
    /// It was a drill, and is over, because nobody answered in time.
    DrillUnanswered,
    /// It was handed to somebody.
    Reassigned {
        /// To whom.
        to: PersonId,
    },
    /// It was handled.
    Done {
        /// What was said about it; never personal data.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remark: Option<String>,
        /// What happened with it, and on which day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        event: Option<(EventId, Date)>,
    },
    /// It was handled by mistake: it is open again, and whoever comes first on the ladder is told.
    Reopened {
        /// What was said about it; never personal data.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remark: Option<String>,
    },
    /// It turned out to be about something else.
    Retyped {
        /// What it was.
        from: TypeId,
        /// What it is.
        to: TypeId,
        /// Why.
        why: Vec<String>,
    },
    /// What it waited for came after all.
    CameAfterAll {
        /// What; none: it is not known which it was, only that it came.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sign: Option<Sign>,
    },
    /// What was expected is not needed any more.
    NotNeeded {
        /// Because of what; none: what started it turned out to be something else, or was taken back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sign: Option<Sign>,
    },
    /// The term has another last day, and somebody is asked about it later.
    TermMoved {
        /// The last day.
        last_day: Date,
    },
    /// Somebody said that two numbers are of one person: everything about either lies together from now on.
    SamePerson,
    /// Somebody told what happened in the dossier in which it lies.
    Reported {
        /// What, and on which day.
        event: (EventId, Date),
    },
    /// What was told with it did not happen, or not on that day.
    TakenBack {
        /// What, and on which day.
        event: (EventId, Date),
    },
    /// Somebody answered a letter about it, and was not understood.
    AnswerUnclear {
        /// The task by which somebody reads the answer.
        triage: TaskId,
    },
    /// It was there to read an answer; its writer answered again, and was understood.
    AnsweredAgain {
        /// The task that the answers are about.
        task: TaskId,
    },
    /// Somebody asked for the numbers of the people it is about.
    LookedUp,
    /// A letter about it was refused by the mail server.
    LetterRefused {
        /// The server's status code.
        code: String,
        /// The call that it carried; none: the line is older than that it was written down.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        call: Option<Told>,
    },
    /// A letter about it was taken by the mail server, and came back.
    LetterBounced {
        /// The status code, where the report has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// The call that it carried; none: the line is older than that it was written down.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        call: Option<Told>,
    },
}

impl Happening {
    /// How those are written down that are noted beside the course of a task, and settle no next moment of it.
    pub const ASIDE: [&str; 8] = [
        "answer_unclear",
        "came_again",
        "same_person",
        "reported",
        "taken_back",
        "looked_up",
        "letter_refused",
        "letter_bounced",
    ];

    /// Whether it is one of [`Happening::ASIDE`].
    #[must_use]
    pub const fn is_aside(&self) -> bool {
        matches!(
            self,
            Self::AnswerUnclear { .. }
                | Self::CameAgain { .. }
                | Self::SamePerson
                | Self::Reported { .. }
                | Self::TakenBack { .. }
                | Self::LookedUp
                | Self::LetterRefused { .. }
                | Self::LetterBounced { .. }
        )
    }
}

/// What is to be known about the sender of a notice before it is acted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Caution {
    /// The mail server said nothing about the sender.
    Unchecked,
    /// The sender is not who they claim to be.
    Forged,
}

/// Why a rung was skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "skip", rename_all = "snake_case")]
pub enum Skip {
    /// The caseload has nobody in this role.
    Nobody,
    /// None of those in this role can be told.
    Each {
        /// Each of them, and why.
        people: Vec<Missed>,
    },
}

/// Somebody who could not be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missed {
    /// Who.
    pub person: PersonId,
    /// Why.
    pub why: WhyNot,
}

/// Why somebody was not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNot {
    /// Nobody has this role.
    Nobody,
    /// They are away.
    Absent,
    /// They do not work within the time they would have.
    OffDuty,
    /// Letters to them come back.
    Unreachable,
    /// They said that somebody else has to do it.
    Declined,
    /// They were told already.
    AlreadyTold,
}

impl WhyNot {
    /// Every reason, for tests and samples that must not forget one.
    pub const ALL: [Self; 6] = [
        Self::Nobody,
        Self::Absent,
        Self::OffDuty,
        Self::Unreachable,
        Self::Declined,
        Self::AlreadyTold,
    ];
}
