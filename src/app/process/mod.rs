//! The adopted process as a document: what the rules say, in words that a manager can sign.
//!
//! Everything in it comes from checked rules, so it cannot say anything else than what the program does.

mod chores;
mod people;
mod terms;

use jiff::civil::Date;
use serde::Serialize;

use self::chores::Duty;
use self::people::People;
use self::terms::Awaited;

use super::Installation;
use crate::domain::{
    Effect, Kind, Ladder, NotificationType, Recurrence, Role, Route, Rung, TargetGroup, Term,
};
use crate::rules::Rules;
use crate::templates::{TemplateError, day_in_words, document, recurrence_in_words, term_in_words};

/// In which form the document is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Markdown.
    Markdown,
    /// A page for a browser.
    Html,
}

/// Who adopted these rules, and when.
#[derive(Debug, Clone, Default)]
pub struct Approval {
    /// Who.
    pub by: Option<String>,
    /// When.
    pub on: Option<Date>,
}

#[derive(Debug, Serialize)]
struct Process {
    municipality: String,
    version: String,
    printed: String,
    approved_by: Option<String>,
    approved_on: Option<String>,
    parts: Vec<Part>,
    expected: Vec<Awaited>,
    chores: Vec<Duty>,
    people: People,
    ladders: Vec<Steps>,
    overview: Option<String>,
    drills: Option<Drills>,
    assumed_absence: String,
    opens: String,
    closes: String,
    /// Whether some term is one of the law, which counts otherwise.
    statutory: bool,
    equated: Vec<Day>,
    closed: Vec<Day>,
}

/// When drills are held by themselves.
#[derive(Debug, Serialize)]
struct Drills {
    at: When,
    within: String,
}

/// When something comes again and again.
#[derive(Debug, Serialize)]
struct When {
    /// None: that takes more words than it is worth.
    words: Option<String>,
    /// As it is written in the rules.
    written: String,
}

impl When {
    fn of(at: &Recurrence) -> Self {
        Self {
            words: recurrence_in_words(at),
            written: at.to_string(),
        }
    }
}

/// The types of one partner.
#[derive(Debug, Serialize)]
struct Part {
    source: String,
    types: Vec<Type>,
}

#[derive(Debug, Serialize)]
struct Type {
    id: String,
    title: String,
    action: bool,
    critical: bool,
    instruction: String,
    due: Option<String>,
    ladder: Option<String>,
    routes: Vec<Way>,
}

/// A way that tasks can go. `group` and `sent_to` are conditions; without any it is where all others go.
#[derive(Debug, Serialize)]
struct Way {
    group: Option<&'static str>,
    sent_to: Vec<String>,
    caseload: String,
    first: bool,
}

#[derive(Debug, Serialize)]
struct Steps {
    id: String,
    rungs: Vec<Step>,
    hold: Option<String>,
    hand_on: bool,
}

#[derive(Debug, Serialize)]
struct Step {
    role: Role,
    wait: Option<String>,
    last: bool,
}

#[derive(Debug, Serialize)]
struct Day {
    day: String,
    name: String,
}

impl Installation {
    /// The adopted process in words.
    ///
    /// # Errors
    /// A defect in the template.
    pub fn process(&self, approval: &Approval, today: Date, form: Form) -> Result<String, TemplateError> {
        let name = match form {
            Form::Markdown => "process/process.md",
            Form::Html => "process/process.html",
        };
        let municipality = self.settings.identity.municipality.clone();
        document(name, &process(&self.office.rules, municipality, approval, today))
    }
}

fn process(rules: &Rules, municipality: String, approval: &Approval, today: Date) -> Process {
    let (opens, closes) = rules.calendar.hours();
    let (equated, local) = rules.calendar.listed_days();
    let days = |days: &std::collections::BTreeMap<Date, String>| {
        let upcoming = days.range(today..);
        upcoming
            .map(|(day, name)| Day {
                day: day_in_words(*day),
                name: name.clone(),
            })
            .collect()
    };
    Process {
        municipality,
        version: rules.version.to_string(),
        printed: day_in_words(today),
        approved_by: approval.by.clone(),
        approved_on: approval.on.map(day_in_words),
        parts: parts(rules),
        expected: terms::awaited(rules),
        chores: chores::duties(rules),
        people: People::of(rules, today),
        ladders: rules.ladders.values().map(steps).collect(),
        overview: rules.letters.overview.map(|at| at.strftime("%H:%M").to_string()),
        drills: rules.drills.at.as_ref().map(|at| Drills {
            at: When::of(at),
            within: term_in_words(rules.drills.answered_within),
        }),
        assumed_absence: term_in_words(rules.assumed_absence),
        opens: opens.strftime("%H:%M").to_string(),
        closes: closes.strftime("%H:%M").to_string(),
        statutory: rules.types.values().any(|kind| {
            matches!(
                kind.effect,
                Effect::Task {
                    due: Term::Statutory(_),
                    ..
                }
            )
        }),
        equated: days(equated),
        closed: days(local),
    }
}

fn steps(ladder: &Ladder) -> Steps {
    let step = |(index, rung): (usize, &Rung)| Step {
        role: rung.role,
        wait: rung.wait.map(term_in_words),
        last: index + 1 == ladder.rungs.len(),
    };
    Steps {
        id: ladder.id.to_string(),
        rungs: ladder.rungs.iter().enumerate().map(step).collect(),
        hold: ladder.hold.map(term_in_words),
        hand_on: ladder.hand_on,
    }
}

/// The types by partner, in the order of their ids; what mails can be besides comes last.
fn parts(rules: &Rules) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for kind in rules.types.values().filter(|kind| kind.id.is_of_a_notice()) {
        let source = kind.id.as_str().split('.').next().unwrap_or_default();
        if parts.last().is_none_or(|part| part.source != source) {
            parts.push(Part {
                source: source.to_owned(),
                types: Vec::new(),
            });
        }
        if let Some(part) = parts.last_mut() {
            part.types.push(type_in_words(rules, kind));
        }
    }
    parts.sort_by_key(|part| part.source == "mail");
    parts
}

fn type_in_words(rules: &Rules, kind: &NotificationType) -> Type {
    let (due, ladder) = match &kind.effect {
        Effect::Task { due, ladder } => (Some(*due), Some(ladder.to_string())),
        Effect::Recorded => (None, None),
    };
    Type {
        id: kind.id.to_string(),
        title: kind.title.clone(),
        action: kind.kind == Kind::Actie,
        critical: kind.critical,
        instruction: kind.instruction.clone(),
        due: due.map(|due: Term| term_in_words(due)),
        ladder,
        routes: ways(rules, kind),
    }
}

/// The ways that tasks of a type can go, up to the first that takes all that are left.
fn ways(rules: &Rules, kind: &NotificationType) -> Vec<Way> {
    let can_take = |route: &&Route| {
        (route.types.is_empty() || route.types.contains(&kind.id))
            && (route.target_group.is_none()
                || kind.target_group.is_none()
                || route.target_group == kind.target_group)
    };
    let mut ways: Vec<Way> = Vec::new();
    for route in rules.routes.iter().filter(can_take) {
        let group = route.target_group.filter(|_| kind.target_group.is_none());
        ways.push(Way {
            group: group.map(group_in_words),
            sent_to: route.recipients.clone(),
            caseload: rules.caseload(&route.caseload).title.clone(),
            first: ways.is_empty(),
        });
        if group.is_none() && route.recipients.is_empty() {
            break;
        }
    }
    ways
}

fn group_in_words(group: TargetGroup) -> &'static str {
    match group {
        TargetGroup::Asiel => "een asielstatushouder",
        TargetGroup::Gezin => "een gezinsmigrant of overige migrant",
    }
}
