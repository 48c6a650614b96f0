//! What a letter is about: the facts for its words.

use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::domain::{
    Caution, Content, Deceit, Drill, EarlierNotice, Facts, Happening, HistoryLine, NoticeBefore, Occasion,
    Person, PersonId, Role, Rung, Skip, Task, Tried, WhyNot,
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

    /// Whether they work for another organisation, and must not read names.
    fn is_external(&self) -> bool {
        matches!(self, Self::Person(person) if person.external)
    }

    pub(super) fn name(&self) -> Option<String> {
        match self {
            Self::Person(person) => Some(person.name.clone()),
            Self::Functional(_) => None,
        }
    }
}

/// A call to be put into words.
pub(super) struct Calling<'a> {
    pub(super) occasion: Occasion,
    pub(super) rung: &'a Rung,
    pub(super) target: &'a Target<'a>,
    /// When the next one is told.
    pub(super) next: Option<Timestamp>,
    /// Whether that is sooner than the ladder says.
    pub(super) hurried: bool,
}

/// What is told about a task.
pub(super) fn content(
    office: Office<'_>,
    task: &Task,
    history: &[HistoryLine],
    calling: &Calling<'_>,
) -> Content {
    let (caution, deceit) = caution(history);
    let origin = origin(history);
    let is_colleague = !calling.target.is_external();
    let before = match calling.occasion {
        Occasion::HandedOn | Occasion::Declined => had_it_before(history),
        _ => None,
    };
    let facts = Facts {
        task: task.id,
        title: task.title.clone(),
        instruction: if task.drill {
            Drill::INSTRUCTION.to_owned()
        } else {
            office.rules.kind(&task.kind).instruction.clone()
        },
        came_of: task.cause.came_of(),
        origin: origin.map(|notice| NoticeBefore {
            task: notice.task,
            title: notice.title.clone(),
            received: office.civil(notice.received),
        }),
        retyped: was_retyped_by(calling.target, history),
        drill: task.drill,
        critical: task.critical,
        caseload: office.rules.caseload(&task.caseload).title.clone(),
        role: calling.rung.role,
        received: office.civil(task.received),
        due: office.civil(task.due),
        overdue: task.due < office.now,
        next: calling.next.map(|at| office.civil(at)),
        hurried: calling.hurried,
        from: before
            .filter(|_| is_colleague)
            .map(|(person, _)| office.name(person)),
        gone: before.map(|(_, why)| why),
        tried: tried(office, history, is_colleague),
        caution,
        deceit,
    };
    Content::Task {
        occasion: calling.occasion,
        own: calling.rung.letter.clone(),
        facts,
    }
}

/// Whether whoever is told now said what the mail is, since when nobody else was told.
fn was_retyped_by(target: &Target<'_>, history: &[HistoryLine]) -> bool {
    let skips = |line: &&HistoryLine| matches!(line.what, Happening::Skipped { .. });
    let last = history.iter().rev().find(|line| !skips(line));
    last.is_some_and(|line| {
        matches!(line.what, Happening::Retyped { .. }) && line.by.is_some() && line.by == target.person()
    })
}

/// Who had the task until it was handed on or passed on, and why they do not have it any more.
fn had_it_before(history: &[HistoryLine]) -> Option<(&PersonId, WhyNot)> {
    history.iter().rev().find_map(|line| match &line.what {
        Happening::HandedOn { from, unreachable } => {
            let why = if *unreachable {
                WhyNot::Unreachable
            } else {
                WhyNot::Absent
            };
            Some((from, why))
        }
        Happening::Declined => Some((line.by.as_ref()?, WhyNot::Declined)),
        _ => None,
    })
}

/// Who was told before, or could not be; without names for those who must not know them.
pub(super) fn tried(office: Office<'_>, history: &[HistoryLine], with_names: bool) -> Vec<Tried> {
    let mut all: Vec<Tried> = Vec::new();
    for (at, line) in history.iter().enumerate() {
        match &line.what {
            Happening::Told { role, person, .. } => all.push(Tried {
                role: *role,
                name: person.as_ref().map(|id| office.name(id)),
                told: Some(office.civil(line.at)),
                lost: letter_is_lost(history, at),
                skipped: None,
            }),
            Happening::Skipped { role, reason } => all.extend(office.missed(*role, reason)),
            _ => {}
        }
    }
    let mut shown = all.split_off(all.len().saturating_sub(SHOWN));
    if !with_names {
        for tried in &mut shown {
            tried.name = None;
        }
    }
    shown
}

/// Whether the letter of the call that stands on this line of the history did not arrive, as the lines after it tell. Where
/// these do not say which call they are about, it is the last before them.
pub(super) fn letter_is_lost(history: &[HistoryLine], at: usize) -> bool {
    let Some((Happening::Told { rung, round, .. }, later)) = history[at..]
        .split_first()
        .map(|(line, later)| (&line.what, later))
    else {
        return false;
    };
    let is_told = |line: &HistoryLine| matches!(line.what, Happening::Told { .. });
    let next = later.iter().position(is_told).unwrap_or(later.len());
    later.iter().enumerate().any(|(after, line)| match &line.what {
        Happening::LetterRefused { call, .. } | Happening::LetterBounced { call, .. } => match (call, rung) {
            (Some(call), Some(rung)) => (call.rung, call.round) == (*rung, *round),
            _ => after < next,
        },
        Happening::NotSent => after < next,
        _ => false,
    })
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

/// The notice by which it is seen whom something expected is about.
fn origin(history: &[HistoryLine]) -> Option<&EarlierNotice> {
    history.iter().find_map(|line| match &line.what {
        Happening::Opened { origin, .. } => origin.as_ref(),
        _ => None,
    })
}

impl Office<'_> {
    /// An instant as the clock on the wall shows it.
    pub(super) fn civil(self, at: Timestamp) -> DateTime {
        self.rules.calendar.zoned(at).datetime()
    }

    /// Each of those who could not be told, as a letter shows it.
    fn missed(self, role: Role, reason: &Skip) -> Vec<Tried> {
        let missed = |name, why| Tried {
            role,
            name,
            told: None,
            lost: false,
            skipped: Some(why),
        };
        match reason {
            Skip::Nobody => vec![missed(None, WhyNot::Nobody)],
            Skip::Each { people } => people
                .iter()
                .map(|each| missed(Some(self.name(&each.person)), each.why))
                .collect(),
        }
    }

    pub(super) fn name(self, id: &PersonId) -> String {
        self.rules
            .people
            .get(id)
            .map_or_else(|| id.to_string(), |person| person.name.clone())
    }
}
