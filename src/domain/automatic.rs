//! What comes back because of our letters: they were not delivered, or a colleague answers.

use jiff::civil::Date;
use serde::Serialize;

use super::{LetterId, TaskId};

/// A letter of ours that was not delivered, or not yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bounce {
    /// The recipient that was not reached, lower case.
    pub recipient: Option<String>,
    /// Whether the server has given up.
    pub permanent: bool,
    /// Why, as far as it matters for what helps.
    pub reason: Undelivered,
    /// The enhanced status code (RFC 3463), where there is one.
    pub status: Option<StatusCode>,
    /// The task that the letter was about, where the report says so.
    pub task: Option<TaskId>,
    /// The letter itself, where the report brings its Message-ID back: only whoever got the letter can.
    pub letter: Option<LetterName>,
}

/// A letter of ours, as its Message-ID names it: `task-1042.55aa@` when it is about one task, `letter-45.55aa@` when it
/// is about none or several.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LetterName {
    /// The task that it is about, or the letter's own number.
    pub of: LetterOf,
    /// The part that cannot be guessed.
    pub token: String,
}

/// By what a letter is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LetterOf {
    /// By the task that it is about.
    Task(TaskId),
    /// By its own number.
    Number(LetterId),
}

/// Why a letter was not delivered, by what helps. Never the words of the report: they name people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Undelivered {
    /// There is no such mailbox: the address must be corrected.
    UnknownUser,
    /// The mailbox is full: its owner must tidy up, and does not read mail meanwhile.
    MailboxFull,
    /// The other server, a filter or the reader calls our letters spam or forbids them.
    Refused,
    /// The letter is too long for the other server.
    TooBig,
    /// There is no such mail domain, or it takes no mail.
    HostUnknown,
    /// The other server could not be reached, yet or in time.
    Expired,
    /// Something else, or the report does not say.
    #[default]
    Other,
}

/// An enhanced mail system status code (RFC 3463), such as `5.1.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatusCode {
    /// 2: success, 4: not now, 5: never.
    pub class: u8,
    /// What it is about: 1 addressing, 2 mailbox, 3 system, 4 network, 5 protocol, 6 content, 7 policy.
    pub subject: u16,
    /// What exactly.
    pub detail: u16,
}

impl StatusCode {
    /// Reads `5.1.1`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split('.');
        let mut next = || {
            numbers
                .next()
                .filter(|digits| {
                    (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
                })
                .and_then(|digits| digits.parse::<u16>().ok())
        };
        let (class, subject, detail) = (u8::try_from(next()?).ok()?, next()?, next()?);
        (matches!(class, 2 | 4 | 5) && numbers.next().is_none()).then_some(Self {
            class,
            subject,
            detail,
        })
    }

    /// Whether it says nothing but "not delivered" (`5.0.0`).
    #[must_use]
    pub fn is_vague(self) -> bool {
        self.subject == 0 || (self.subject == 5 && self.detail == 0)
    }
}

impl std::fmt::Display for StatusCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// A person's answer to a letter of ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The task it is about, where it says so.
    pub task: Option<TaskId>,
    /// The letter, where the answer names it: only whoever got it can.
    pub letter: Option<LetterName>,
    /// What the writer wants, where the first lines say so without a doubt.
    pub intent: Option<Intent>,
}

/// What the writer of an answer wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// "Opgepakt": I do this.
    Take,
    /// "Afgehandeld": this is handled.
    Done {
        /// What they said about it, as they wrote it.
        remark: Option<String>,
        /// The days that they name in it.
        days: DaysNamed,
    },
    /// "Niet van mij": somebody else has to do this.
    NotMine,
    /// "Overdragen aan ...": this person has to do this.
    HandOver {
        /// The person, as they wrote it.
        to: String,
    },
    /// "Soort ...": this is something else than Koppelwacht thought.
    SetType {
        /// The type, as they wrote it.
        kind: String,
    },
}

/// The days that a remark names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DaysNamed {
    /// Those on which something happened or will, each once, as they stand there.
    pub on: Vec<Date>,
    /// Those that are the last of a time: `tot 8 februari`.
    pub until: Vec<Date>,
    /// Whether it speaks of one that cannot be read: `31 november`, `vorige week`.
    pub unread: bool,
}

impl Intent {
    /// The word used in `explain --json`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Take => "take",
            Self::Done { .. } => "done",
            Self::NotMine => "not_mine",
            Self::HandOver { .. } => "hand_over",
            Self::SetType { .. } => "set_type",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_code_is_three_numbers_of_a_known_class() {
        assert_eq!(
            StatusCode::parse("5.1.1").map(|code| code.to_string()).as_deref(),
            Some("5.1.1")
        );
        for text in [
            "", "5", "5.1", "5.1.1.1", "3.1.1", "5.x.1", "5.1.1000", "256.1.1", "5..1", "+5.1.1",
        ] {
            assert_eq!(StatusCode::parse(text), None, "{text}");
        }
    }
}
