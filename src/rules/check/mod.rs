//! Whether the parts of a rules set fit together, and whether a critical task always has somebody to go to.
//!
//! The proof, for every critical type: each route that its tasks can take ends at a caseload with a functional address;
//! its ladder ends by telling that address and does so again and again; and a task that somebody took comes back. An
//! address needs no absence calendar, so there is always a next moment at which somebody is told.

mod caseloads;
mod chores;
mod days;
mod drills;
mod expected;
mod letters;
mod names;
mod office;
mod overlap;
mod partners;
mod people;
mod routes;
mod teams;
mod terms;
mod types;
mod usage;
mod wording;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::names::Names;
use super::compile::Builder;
use super::raw::Raw;
use super::timely::Dates;
use super::{Places, Rules};
use crate::domain::RulesText;
use crate::findings::Findings;

/// Checks everything and makes rules of it. Nothing when something needed is missing; the caller also refuses rules
/// with errors in them.
pub(super) fn check(raw: &Raw, text: RulesText, place: &str, findings: &mut Findings) -> Option<Rules> {
    let errors_before = findings.errors();
    let names = Names::collect(raw, findings);
    let calendar = days::calendar(raw, place, findings);
    let sources = office::sources(raw, place, findings);
    let staff = people::people(raw, &names, findings);
    let addresses = staff
        .iter()
        .map(|(person, spot)| (person.address.clone(), spot.clone()))
        .chain(caseloads::functional_addresses(raw))
        .collect();
    let people: BTreeMap<_, _> = staff
        .into_iter()
        .map(|(person, _)| (person.id.clone(), person))
        .collect();
    people::circles(raw, &people, findings);
    let teams = teams::teams(raw, &names, findings);
    let rotas = teams::rotas(raw, &names, findings);
    let absences = people::absences(raw, &names, findings);
    let piles = caseloads::caseloads(raw, &teams, &names, findings);
    caseloads::gaps(&piles, &people, &absences, findings);
    let spots = piles
        .iter()
        .map(|(caseload, spot)| (caseload.id.clone(), (*spot).clone()))
        .collect();
    let caseloads: BTreeMap<_, _> = piles
        .into_iter()
        .map(|(caseload, _)| (caseload.id.clone(), caseload))
        .collect();
    let ladders = office::ladders(raw, findings);
    let letters = letters::policy(raw, findings);
    let (promise, promised_at) = letters::promise(raw, findings);
    let foresight = letters::foresight(raw, findings);
    let (drills, drilled_at) = drills::policy(raw, findings);
    let watch = partners::watch(raw, findings);
    let assumed_absence = letters::assumed_absence(raw, findings);
    let routes = routes::routes(raw, &names, place, findings);
    let mut builder = Builder::default();
    let mut types = types::types(raw, &names, place, &mut builder, findings);
    let events = expected::events(raw, findings);
    let expected = expected::expected(raw, &names, calendar.as_ref(), &mut types, findings);
    let chores = chores::chores(raw, &names, &mut types, findings);
    types::critical_types_reach_somebody(raw, &caseloads, findings);
    usage::unused(raw, findings);
    wording::words(raw, findings);
    wording::groups(raw, findings);
    for group in &raw.groups {
        builder.add_group(group, findings);
    }
    if let Some(calendar) = &calendar {
        terms::terms(raw, calendar, findings);
    }
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
        events,
        expected,
        recognition,
        caseloads,
        routes,
        people,
        teams,
        rotas,
        absences,
        assumed_absence,
        letters,
        drills,
        chores,
        partners: watch,
        promise,
        foresight,
        ladders,
        addresses,
        places: Places {
            promise: promised_at,
            drill: drilled_at,
            caseloads: spots,
        },
        own_letters: letters::own(raw),
        dates: Dates::of(raw),
    })
}
