//! What must come after what, in the adopted process: the terms that start by themselves or with what a colleague tells.

use serde::Serialize;

use crate::domain::{Ahead, Asks, EventId, Expected, Sign, Term, TypeId};
use crate::rules::Rules;
use crate::templates::term_in_words;

/// What the document says about something expected.
#[derive(Debug, Serialize)]
pub(super) struct Awaited {
    id: String,
    title: String,
    instruction: String,
    after: Vec<String>,
    comes: Vec<String>,
    cancelled_by: Vec<String>,
    moved_by: Vec<String>,
    within: String,
    /// When somebody is asked; none: when the time is over.
    task_comes: Option<String>,
    ladder: String,
}

pub(super) fn awaited(rules: &Rules) -> Vec<Awaited> {
    rules.expected.iter().map(|rule| one(rules, rule)).collect()
}

fn one(rules: &Rules, rule: &Expected) -> Awaited {
    let id = TypeId::expected(&rule.id);
    let kind = rules.kind(&id);
    let named = |signs: &[Sign]| signs.iter().map(|sign| in_words(rules, sign)).collect();
    Awaited {
        id: id.to_string(),
        title: kind.title.clone(),
        instruction: kind.instruction.clone(),
        after: named(&rule.after),
        comes: named(&rule.comes),
        cancelled_by: named(&rule.cancelled_by),
        moved_by: rule
            .moved_by
            .iter()
            .map(|event| event_in_words(rules, event))
            .collect(),
        within: term_in_words(rule.within),
        task_comes: match rule.asks {
            Asks::Late => None,
            Asks::AtOnce => Some("meteen".to_owned()),
            Asks::Ahead(ahead) => Some(format!("{} voor het einde", term_in_words(term(ahead)))),
        },
        ladder: rules.ladder(&id).id.to_string(),
    }
}

fn term(ahead: Ahead) -> Term {
    match ahead {
        Ahead::WorkingDays(days) => Term::WorkingDays(days),
        Ahead::Calendar(period) => Term::Statutory(period),
    }
}

/// What happened, as the rules call it.
fn in_words(rules: &Rules, sign: &Sign) -> String {
    match sign {
        Sign::Notice(kind) => format!("{} ({kind})", rules.kind(kind).title),
        Sign::Event(event) => event_in_words(rules, event),
    }
}

fn event_in_words(rules: &Rules, event: &EventId) -> String {
    let title = rules.events.get(event).map_or("", String::as_str);
    format!("{title} (gemeld als {event})")
}
