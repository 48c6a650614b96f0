//! The ladder: who is told, in which order, and how long each has before the next is called.

use serde::{Deserialize, Serialize};

use super::{LadderId, Term};

/// A ladder of the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder {
    /// Its name in the rules.
    pub id: LadderId,
    /// From the first who is told to the last; never empty.
    pub rungs: Vec<Rung>,
    /// How long a taken task may stay unhandled before it comes back on the ladder; none: it may stay for ever.
    pub hold: Option<Term>,
    /// Whether a task goes to somebody else at once when whoever has it is away. A critical task always does.
    pub hand_on: bool,
}

/// One step of a ladder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// Who is told.
    pub role: Role,
    /// How long they have. On the last rung: after how long they are told again.
    pub wait: Option<Term>,
    /// The municipality's own letter for this rung, by the name of its templates; none: the usual one.
    pub letter: Option<String>,
}

/// Whom a rung means; the caseload says who that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The holder: who the task is assigned to, or the caseload's owner.
    Holder,
    /// The first who stands in and is there: the caseload's deputies, then those of its holder, then theirs.
    Deputy,
    /// Who is on call this week (the *achterwacht*), or who stands in for them.
    OnCall,
    /// The team lead.
    Lead,
    /// The functional address.
    Functional,
}
