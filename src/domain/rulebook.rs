//! The rules as text, and when which of them were in force.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ExpectedId, RulesVersion};

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

/// Since when each rule about what is expected is in force that was not there from the beginning: what lay in dossiers by
/// then does not start it. `expected` are the rules of each set that was in force; of a set that is not among them, nothing is
/// known, and so it makes nothing new. Lines come oldest first.
#[must_use]
pub fn newer_rules(
    lines: &[RulebookLine],
    expected: &BTreeMap<RulesVersion, BTreeSet<ExpectedId>>,
) -> BTreeMap<ExpectedId, Timestamp> {
    let mut sets = lines.iter().rev().filter_map(|line| match &line.what {
        RulebookEvent::InForce(version) => Some((line.at, version)),
        RulebookEvent::Refused { .. } => None,
    });
    let mut newer = BTreeMap::new();
    let Some((mut since, last)) = sets.next() else {
        return newer;
    };
    let mut old: Vec<&ExpectedId> = expected.get(last).into_iter().flatten().collect();
    for (at, version) in sets {
        if let Some(before) = expected.get(version) {
            let (known, new): (Vec<_>, Vec<_>) = old.into_iter().partition(|rule| before.contains(*rule));
            newer.extend(new.into_iter().map(|rule| (rule.clone(), since)));
            old = known;
        }
        since = at;
    }
    newer
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn in_force(second: i64, version: &str) -> RulebookLine {
        RulebookLine {
            at: at(second),
            what: RulebookEvent::InForce(RulesVersion::new(version)),
        }
    }

    fn sets(sets: &[(&str, &[&str])]) -> BTreeMap<RulesVersion, BTreeSet<ExpectedId>> {
        let ids = |ids: &[&str]| ids.iter().map(|id| ExpectedId::new(id)).collect();
        let sets = sets
            .iter()
            .map(|(version, rules)| (RulesVersion::new(version), ids(rules)));
        sets.collect()
    }

    #[test]
    fn a_rule_is_as_old_as_the_first_set_that_has_it_without_a_gap() {
        let sets = sets(&[
            ("a", &["always", "comes-back"]),
            ("b", &["always", "second"]),
            ("c", &["always", "second", "comes-back", "third"]),
        ]);
        let refused = RulebookLine {
            at: at(35),
            what: RulebookEvent::Refused { mistakes: 1 },
        };
        let lines = [in_force(10, "a"), in_force(20, "b"), in_force(30, "c"), refused];
        let newer = newer_rules(&lines, &sets);
        let newer: Vec<(&str, Timestamp)> = newer.iter().map(|(id, at)| (id.as_str(), *at)).collect();
        assert_eq!(
            newer,
            [("comes-back", at(30)), ("second", at(20)), ("third", at(30))]
        );
        assert!(
            newer_rules(&lines[..1], &sets).is_empty(),
            "the first set is as old as the ledger"
        );
        assert!(newer_rules(&[], &sets).is_empty());
    }

    #[test]
    fn a_set_that_cannot_be_read_makes_nothing_new() {
        let sets = sets(&[("a", &["old"]), ("c", &["old", "new"])]);
        let lines = [in_force(10, "a"), in_force(20, "b"), in_force(30, "c")];
        let newer = newer_rules(&lines, &sets);
        assert_eq!(
            newer.get(&ExpectedId::new("new")),
            Some(&at(20)),
            "it may have been in that set"
        );
        assert_eq!(newer.len(), 1);
    }
}
