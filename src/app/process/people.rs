//! The people of the adopted process: who does what, when they work, and who is there when nobody else is.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde::Serialize;

use crate::domain::{Caseload, Person, PersonId, Rota};
use crate::rules::Rules;
use crate::templates::{day_in_words, shift_in_words};

/// For how many weeks it is written out who is on call.
const WEEKS: i64 = 8;

/// What the document says about people.
#[derive(Debug, Serialize)]
pub(super) struct People {
    caseloads: Vec<Pile>,
    colleagues: Vec<Colleague>,
    rotas: Vec<OnCall>,
    absences: Vec<Away>,
}

#[derive(Debug, Serialize)]
struct Pile {
    title: String,
    owner: Option<String>,
    deputies: Vec<String>,
    on_call: Option<String>,
    lead: Option<String>,
    functional: Option<String>,
}

#[derive(Debug, Serialize)]
struct Colleague {
    name: String,
    function: Option<String>,
    external: bool,
    /// None: whenever the office is open.
    works: Option<Vec<String>>,
    deputies: Vec<String>,
}

#[derive(Debug, Serialize)]
struct OnCall {
    id: String,
    turns: Vec<String>,
    weeks: Vec<Week>,
}

#[derive(Debug, Serialize)]
struct Week {
    monday: String,
    name: String,
}

#[derive(Debug, Serialize)]
struct Away {
    name: String,
    from: String,
    until: Option<String>,
}

impl People {
    pub(super) fn of(rules: &Rules, today: Date) -> Self {
        Self {
            caseloads: rules
                .caseloads
                .values()
                .map(|caseload| pile(rules, caseload))
                .collect(),
            colleagues: rules
                .people
                .values()
                .map(|person| colleague(rules, person))
                .collect(),
            rotas: rules
                .rotas
                .values()
                .map(|rota| on_call(rules, rota, today))
                .collect(),
            absences: rules
                .absences
                .iter()
                .filter(|absence| absence.until.is_none_or(|until| until >= today))
                .map(|absence| Away {
                    name: name(rules, &absence.person),
                    from: day_in_words(absence.from),
                    until: absence.until.map(day_in_words),
                })
                .collect(),
        }
    }
}

fn pile(rules: &Rules, caseload: &Caseload) -> Pile {
    Pile {
        title: caseload.title.clone(),
        owner: caseload.owner.as_ref().map(|id| name(rules, id)),
        deputies: names(rules, &caseload.deputies),
        on_call: caseload.rota.as_ref().map(ToString::to_string),
        lead: caseload.lead.as_ref().map(|id| name(rules, id)),
        functional: caseload.functional.clone(),
    }
}

fn colleague(rules: &Rules, person: &Person) -> Colleague {
    let week = person.week.as_ref();
    Colleague {
        name: person.name.clone(),
        function: person.function.clone(),
        external: person.external,
        works: week.map(|week| week.0.iter().map(shift_in_words).collect()),
        deputies: names(rules, &person.deputies),
    }
}

fn on_call(rules: &Rules, rota: &Rota, today: Date) -> OnCall {
    let since_monday = i64::from(today.weekday().to_monday_zero_offset());
    let monday = today.saturating_sub(since_monday.days());
    let weeks = (0..WEEKS)
        .map(|week| monday.saturating_add(Span::new().weeks(week)))
        .filter_map(|monday| {
            Some(Week {
                monday: day_in_words(monday),
                name: name(rules, rota.on_call(monday)?),
            })
        });
    OnCall {
        id: rota.id.to_string(),
        turns: names(rules, &rota.turns),
        weeks: weeks.collect(),
    }
}

fn names(rules: &Rules, ids: &[PersonId]) -> Vec<String> {
    ids.iter().map(|id| name(rules, id)).collect()
}

fn name(rules: &Rules, id: &PersonId) -> String {
    rules
        .people
        .get(id)
        .map_or_else(|| id.to_string(), |person| person.name.clone())
}
