//! People, caseloads, absence and routes: who does the work.

use jiff::civil::Date;

use super::{CaseloadId, PersonId, TargetGroup, TypeId};

/// Somebody who handles tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The name used in rules and commands.
    pub id: PersonId,
    /// What letters call them.
    pub name: String,
    /// Where letters go.
    pub address: String,
}

/// A pile of work with the people behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caseload {
    /// Its name in the rules.
    pub id: CaseloadId,
    /// What letters call it, in Dutch.
    pub title: String,
    /// Who handles it first.
    pub owner: Option<PersonId>,
    /// Who stands in, in this order.
    pub deputies: Vec<PersonId>,
    /// The team lead.
    pub lead: Option<PersonId>,
    /// A functional address that several people read; the last rung.
    pub functional: Option<String>,
}

/// Days on which somebody is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// Who.
    pub person: PersonId,
    /// First day.
    pub from: Date,
    /// Last day; open when nobody knows yet.
    pub until: Option<Date>,
}

impl Absence {
    /// Whether the person is away on this day.
    #[must_use]
    pub fn covers(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|last| day <= last)
    }
}

/// Which caseload a task goes to. The first route that fits wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Fits when the mail was sent to one of these addresses; empty fits all.
    pub recipients: Vec<String>,
    /// Fits these types; empty fits all.
    pub types: Vec<TypeId>,
    /// Fits this group only.
    pub target_group: Option<TargetGroup>,
    /// Where the task goes.
    pub caseload: CaseloadId,
}
