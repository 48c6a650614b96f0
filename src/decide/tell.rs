//! What a letter is about: the facts for its words.

use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::domain::{
    Caution, Content, Deceit, Facts, Happening, HistoryLine, Occasion, Person, PersonId, Role, Skip, Task,
    Tried, WhyNot,
};

use super::Office;

/// How many earlier attempts a letter names: one screen of a phone.
const SHOWN: usize = 8;

/// Somebody who can be told.
pub(super) enum Target<'a> {
    /// A person.
    Person(&'a Person),
    /// An address that several people read.
    Functional(&'a str),
}

impl Target<'_> {
    pub(super) fn address(&self) -> &str {
        match self {
            Self::Person(person) => &person.address,
            Self::Functional(address) => address,
        }
    }

    pub(super) fn person(&self) -> Option<PersonId> {
        match self {
            Self::Person(person) => Some(person.id.clone()),
            Self::Functional(_) => None,
        }
    }

    fn name(&self) -> Option<String> {
        match self {
            Self::Person(person) => Some(person.name.clone()),
            Self::Functional(_) => None,
        }
    }
}

/// What is told to `target` about a task.
pub(super) fn content(
    office: Office<'_>,
    task: &Task,
    history: &[HistoryLine],
    occasion: Occasion,
    role: Role,
    target: &Target<'_>,
    next: Option<Timestamp>,
) -> Content {
    let (caution, deceit) = caution(history);
    let facts = Facts {
        task: task.id,
        title: task.title.clone(),
        instruction: office.rules.kind(&task.kind).instruction.clone(),
        critical: task.critical,
        caseload: office.rules.caseload(&task.caseload).title.clone(),
        name: target.name(),
        role,
        received: office.civil(task.received),
        due: office.civil(task.due),
        overdue: task.due < office.now,
        next: next.map(|at| office.civil(at)),
        tried: tried(office, history),
        caution,
        deceit,
    };
    Content::Task { occasion, facts }
}

fn tried(office: Office<'_>, history: &[HistoryLine]) -> Vec<Tried> {
    let all: Vec<Tried> = history.iter().filter_map(|line| office.attempt(line)).collect();
    all[all.len().saturating_sub(SHOWN)..].to_vec()
}

/// What is to be known about the sender, and what gives them away.
fn caution(history: &[HistoryLine]) -> (Option<Caution>, Option<Deceit>) {
    history
        .iter()
        .find_map(|line| match &line.what {
            Happening::Opened { caution, deceit, .. } => Some((*caution, *deceit)),
            _ => None,
        })
        .unwrap_or_default()
}

impl Office<'_> {
    /// An instant as the clock on the wall shows it.
    pub(super) fn civil(self, at: Timestamp) -> DateTime {
        self.rules.calendar.zoned(at).datetime()
    }

    /// A line of the history as an attempt to reach somebody, when it is one.
    fn attempt(self, line: &HistoryLine) -> Option<Tried> {
        match &line.what {
            Happening::Told { role, person, .. } => Some(Tried {
                role: *role,
                name: person.as_ref().map(|id| self.name(id)),
                told: Some(self.civil(line.at)),
                skipped: None,
            }),
            Happening::Skipped { role, reason } => {
                let (why, name) = match reason {
                    Skip::Nobody => (WhyNot::Nobody, None),
                    Skip::Absent { people } => (WhyNot::Absent, Some(self.names(people))),
                    Skip::AlreadyTold { person } => (WhyNot::AlreadyTold, Some(self.name(person))),
                };
                Some(Tried {
                    role: *role,
                    name,
                    told: None,
                    skipped: Some(why),
                })
            }
            _ => None,
        }
    }

    fn name(self, id: &PersonId) -> String {
        self.rules
            .people
            .get(id)
            .map_or_else(|| id.to_string(), |person| person.name.clone())
    }

    fn names(self, ids: &[PersonId]) -> String {
        ids.iter().map(|id| self.name(id)).collect::<Vec<_>>().join(", ")
    }
}
