//! Identifiers. Numbers are handed out by the ledger, names come from the rules files.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl $name {
            /// The identifier that follows this one.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0 + 1)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

macro_rules! name_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Wraps a name that was checked where it was read.
            #[must_use]
            pub fn new(name: &str) -> Self {
                Self(name.into())
            }

            /// The name as it is written in the rules files.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

number_id!(
    /// Something that is expected, in the ledger.
    ExpectationId
);
number_id!(
    /// A message in the ledger.
    MessageId
);
number_id!(
    /// A task, the number people use: `#17`.
    TaskId
);
number_id!(
    /// A letter in the outbox.
    LetterId
);
number_id!(
    /// A dossier: everything about one person.
    DossierId
);
number_id!(
    /// An absence: when somebody is not there.
    AbsenceId
);
name_id!(
    /// A notification type of the catalogue, such as `coa.koppeling`.
    TypeId
);
name_id!(
    /// A partner that sends notices, such as `coa`.
    SourceId
);
name_id!(
    /// A caseload: the pile of work that a task lands on.
    CaseloadId
);
name_id!(
    /// A person known to the rules.
    PersonId
);
name_id!(
    /// A team: people who work together.
    TeamId
);
name_id!(
    /// A rota: who is on call, week after week.
    RotaId
);
name_id!(
    /// A ladder: who is told, in which order, how long each has.
    LadderId
);
name_id!(
    /// Something that a colleague can tell about a dossier, such as `pip_vastgesteld`.
    EventId
);
name_id!(
    /// What must come after something else, by the rules.
    ExpectedId
);
name_id!(
    /// Something that is to be done again and again, such as `cbs-levering`.
    ChoreId
);
name_id!(
    /// The version of a rules set: a hash over its text.
    RulesVersion
);

/// The types that the code itself refers to; all others are known to the rules only.
impl TypeId {
    /// Fits nothing: a human reads it.
    #[must_use]
    pub fn unknown() -> Self {
        Self::new("mail.onbekend")
    }

    /// What somebody is asked to do about something that was expected.
    #[must_use]
    pub fn expected(rule: &ExpectedId) -> Self {
        Self::new(&format!("{}{rule}", Self::OF_EXPECTED))
    }

    /// What is to be done again and again.
    #[must_use]
    pub fn chore(chore: &ChoreId) -> Self {
        Self::new(&format!("{}{chore}", Self::OF_CHORES))
    }

    /// How the types of chores start.
    const OF_CHORES: &str = "terugkerend.";
    /// How the types of what is expected start.
    const OF_EXPECTED: &str = "verwacht.";

    /// Whether a mail can be of it: not when it is of a chore, or of what is expected.
    #[must_use]
    pub fn is_of_a_notice(&self) -> bool {
        ![Self::OF_CHORES, Self::OF_EXPECTED]
            .iter()
            .any(|start| self.as_str().starts_with(start))
    }

    /// Whether it says something about a person, rather than about a mail or the office itself.
    #[must_use]
    pub fn is_about_a_person(&self) -> bool {
        !self.as_str().starts_with("mail.") && self.is_of_a_notice()
    }

    /// Claims to be a partner and is not.
    #[must_use]
    pub fn suspicious() -> Self {
        Self::new("mail.verdacht")
    }

    /// Readable only in an outside portal, or encrypted.
    #[must_use]
    pub fn sealed() -> Self {
        Self::new("mail.beveiligd")
    }

    /// An out-of-office answer.
    #[must_use]
    pub fn absence() -> Self {
        Self::new("mail.afwezigheid")
    }

    /// A bounce.
    #[must_use]
    pub fn undeliverable() -> Self {
        Self::new("mail.onbestelbaar")
    }

    /// A colleague's answer to one of our letters.
    #[must_use]
    pub fn answer() -> Self {
        Self::new("mail.antwoord")
    }

    /// A partner from whom nothing came for a long time.
    #[must_use]
    pub fn silence() -> Self {
        Self::new("mail.stilte")
    }

    /// One of our own letters coming back.
    #[must_use]
    pub fn own() -> Self {
        Self::new("mail.eigen")
    }

    /// Somebody was gekoppeld to the municipality: what a drill pretends to be.
    #[must_use]
    pub fn koppeling() -> Self {
        Self::new("coa.koppeling")
    }

    /// A DUO signal without code or description.
    #[must_use]
    pub fn bare_signal() -> Self {
        Self::new("duo.signaal")
    }
}
