//! The rules as text, and when which of them were in force.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::RulesVersion;

/// The text of a set of rules, from which the same rules can be made again years later (handreiking 4.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesText {
    /// A hash over the files.
    pub version: RulesVersion,
    /// Names, relative to the rules folder, and contents.
    pub files: Vec<(String, String)>,
}

/// Something that happened to the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulebookLine {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: RulebookEvent,
}

/// What happened to the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RulebookEvent {
    /// These are in force from then on.
    InForce(RulesVersion),
    /// New ones had this many mistakes; those before stayed in force.
    Refused {
        /// How many.
        mistakes: u32,
    },
}

/// How the rulebook stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rulebook {
    /// The rules in force.
    pub in_force: Option<RulesVersion>,
    /// Whether the last that were brought were refused.
    pub refused: bool,
}

impl Rulebook {
    /// How it stands after these lines, oldest first.
    #[must_use]
    pub fn of<'l>(lines: impl IntoIterator<Item = &'l RulebookLine>) -> Self {
        let mut rulebook = Self::default();
        lines.into_iter().for_each(|line| rulebook.note(line));
        rulebook
    }

    /// Adds a line.
    pub fn note(&mut self, line: &RulebookLine) {
        match &line.what {
            RulebookEvent::InForce(version) => {
                *self = Self {
                    in_force: Some(version.clone()),
                    refused: false,
                };
            }
            RulebookEvent::Refused { .. } => self.refused = true,
        }
    }
}

/// Rules that were brought and could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRules {
    /// How many mistakes are in them.
    pub mistakes: usize,
    /// Where the first of them are, such as `caseloads.toml:12`.
    pub places: Vec<String>,
    /// Where to tell it.
    pub admin: Option<String>,
}
