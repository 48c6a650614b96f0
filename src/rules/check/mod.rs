//! Whether the parts of a rules set fit together, and whether a critical task always has somebody to go to.
//!
//! The proof, for every critical type: each route that its tasks can take ends at a caseload with a functional address;
//! its ladder ends by telling that address and does so again and again; and a task that somebody took comes back. An
//! address needs no absence calendar, so there is always a next moment at which somebody is told.

mod days;
mod names;
mod office;
mod overlap;
mod people;
mod routes;
mod terms;
mod types;
mod usage;
mod wording;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::names::Names;
use super::Rules;
use super::compile::Builder;
use super::raw::Raw;
use super::timely::Dates;
use crate::domain::{LetterPolicy, RulesText, Term};
use crate::findings::Findings;

/// Checks everything and makes rules of it. Nothing when something needed is missing; the caller also refuses rules
/// with errors in them.
pub(super) fn check(raw: &Raw, text: RulesText, place: &str, findings: &mut Findings) -> Option<Rules> {
    let errors_before = findings.errors();
    let names = Names::collect(raw, findings);
    let calendar = days::calendar(raw, place, findings);
    let sources = office::sources(raw, place, findings);
    let staff = people::people(raw, findings);
    let absences = people::absences(raw, &names, findings);
    people::gaps(raw, &absences, findings);
    let caseloads = people::caseloads(raw, &names, findings);
    let ladders = office::ladders(raw, findings);
    let routes = routes::routes(raw, &names, place, findings);
    let mut builder = Builder::default();
    let types = types::types(raw, &names, place, &mut builder, findings);
    types::critical_types_reach_somebody(raw, findings);
    usage::unused(raw, findings);
    wording::words(raw, findings);
    wording::groups(raw, findings);
    for group in &raw.groups {
        builder.add_group(group, findings);
    }
    if let Some(calendar) = &calendar {
        terms::terms(raw, calendar, findings);
    }
    let addresses = staff
        .iter()
        .map(|(_, person, spot)| (person.address.clone(), spot.clone()))
        .chain(people::functional_addresses(raw))
        .collect();
    let people: BTreeMap<_, _> = staff.into_iter().map(|(id, person, _)| (id, person)).collect();
    let recognition = builder.finish(place, findings)?;
    if findings.errors() == errors_before {
        overlap::overlaps(raw, &recognition, findings);
    }
    Some(Rules {
        version: text.version.clone(),
        text: Arc::new(text),
        calendar: calendar?,
        sources,
        types,
        recognition,
        caseloads,
        routes,
        people,
        teams: BTreeMap::new(),
        rotas: BTreeMap::new(),
        absences,
        assumed_absence: Term::WorkingDays(1),
        letters: LetterPolicy::default(),
        ladders,
        addresses,
        dates: Dates::of(raw),
    })
}
