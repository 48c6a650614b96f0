//! People, caseloads and absence.

use std::collections::{BTreeMap, BTreeSet};

use super::super::raw::{Named, Raw, RawAbsence, RawCaseload, RawPerson};
use super::names::Names;
use crate::domain::{Caseload, CaseloadId, Leave, Person, PersonId};
use crate::findings::{Finding, Findings, Spot};

pub(super) fn people(raw: &Raw, findings: &mut Findings) -> Vec<(PersonId, Person, Spot)> {
    let mut people = Vec::new();
    let mut addresses: BTreeMap<&str, &Spot> = BTreeMap::new();
    for person in &raw.people {
        let (Some(id), Some(name), Some(address)) = (&person.id, &person.name, &person.address) else {
            continue;
        };
        if let Some(first) = addresses.insert(&address.value.0, &address.spot) {
            findings.push(
                Finding::error(&address.spot, "two people have this address")
                    .help(format!("see {first}; an answer must tell who wrote it")),
            );
        }
        let id = PersonId::new(&id.value.0);
        let person = Person {
            id: id.clone(),
            name: name.clone(),
            address: address.value.0.clone(),
            function: None,
            week: None,
            deputies: Vec::new(),
            team: None,
            external: false,
        };
        people.push((id, person, address.spot.clone()));
    }
    people
}

pub(super) fn absences(raw: &Raw, names: &Names<'_>, findings: &mut Findings) -> Vec<Leave> {
    check_overlaps(&raw.absences, findings);
    let mut absences = Vec::new();
    for absence in &raw.absences {
        if let Some(person) = &absence.person {
            names.people.expect(person, findings);
        }
        let (Some(person), Some(from)) = (&absence.person, absence.from) else {
            continue;
        };
        if let Some(until) = absence.until.as_ref().filter(|until| until.value < from) {
            findings.push(
                Finding::error(&until.spot, "this absence ends before it starts")
                    .help("`until` is the last day of absence; leave it out when nobody knows"),
            );
        }
        absences.push(Leave {
            person: PersonId::new(&person.value.0),
            from,
            until: absence.until.as_ref().map(|until| until.value),
        });
    }
    absences
}

pub(super) fn caseloads(
    raw: &Raw,
    names: &Names<'_>,
    findings: &mut Findings,
) -> BTreeMap<CaseloadId, Caseload> {
    let used: BTreeSet<&str> = raw
        .routes
        .iter()
        .filter_map(|route| Some(route.caseload.as_ref()?.value.0.as_str()))
        .collect();
    let mut caseloads = BTreeMap::new();
    for caseload in &raw.caseloads {
        check_readers(caseload, names, findings);
        check_functional(caseload, &raw.people, findings);
        let (Some(id), Some(title)) = (&caseload.id, &caseload.title) else {
            continue;
        };
        if !used.contains(id.value.0.as_str()) {
            findings.push(
                Finding::warning(
                    &id.spot,
                    format!("nothing is routed to the caseload `{}`", id.value.0),
                )
                .help("add a `[[route]]` with this caseload, or take it away"),
            );
        }
        let person = |name: &Named| PersonId::new(&name.value.0);
        let id = CaseloadId::new(&id.value.0);
        let read = Caseload {
            id: id.clone(),
            title: title.clone(),
            owner: caseload.owner.as_ref().map(person),
            deputies: caseload.deputies.iter().map(person).collect(),
            lead: caseload.lead.as_ref().map(person),
            functional: caseload
                .functional
                .as_ref()
                .map(|address| address.value.0.clone()),
            rota: None,
        };
        caseloads.insert(id, read);
    }
    caseloads
}

/// Whether the people of a caseload exist, and whether there is anybody at all.
fn check_readers(caseload: &RawCaseload, names: &Names<'_>, findings: &mut Findings) {
    let people = caseload
        .owner
        .iter()
        .chain(&caseload.deputies)
        .chain(&caseload.lead);
    for person in people {
        names.people.expect(person, findings);
    }
    if !caseload.names_somebody {
        findings.push(
            Finding::error(&caseload.spot, "nobody reads this caseload")
                .help("add an `owner`, `deputies`, a `lead` or a `functional` address"),
        );
    }
    if let (Some(lead), Some(owner)) = (&caseload.lead, &caseload.owner)
        && lead.value == owner.value
    {
        findings.push(
            Finding::warning(
                &lead.spot,
                format!(
                    "`{}` is the lead of their own work: one rung of the ladder is empty",
                    lead.value.0
                ),
            )
            .help("name somebody else as `lead`, or leave it out"),
        );
    }
    let mut seen = BTreeSet::new();
    for person in caseload.owner.iter().chain(&caseload.deputies) {
        if !seen.insert(&person.value) {
            findings.push(
                Finding::warning(
                    &person.spot,
                    format!("`{}` stands in for nobody but themselves", person.value.0),
                )
                .help("name somebody else as deputy"),
            );
        }
    }
}

/// Functional addresses with their places.
pub(super) fn functional_addresses(raw: &Raw) -> impl Iterator<Item = (String, Spot)> {
    let written = raw
        .caseloads
        .iter()
        .filter_map(|caseload| caseload.functional.as_ref());
    written.map(|address| (address.value.0.clone(), address.spot.clone()))
}

/// The last rung must not be one person's own address.
fn check_functional(caseload: &RawCaseload, people: &[RawPerson], findings: &mut Findings) {
    let Some(functional) = &caseload.functional else {
        return;
    };
    let owns = |person: &&RawPerson| {
        person
            .address
            .as_ref()
            .is_some_and(|own| own.value == functional.value)
    };
    if let Some(person) = people.iter().find(owns) {
        let name = person.id.as_ref().map_or("one person", |id| id.value.0.as_str());
        findings.push(
            Finding::warning(
                &functional.spot,
                format!("only `{name}` reads this functional address"),
            )
            .help("name an address that several people read"),
        );
    }
}

/// Two absences of one person that overlap: one of them was changed and the other forgotten.
fn check_overlaps(absences: &[RawAbsence], findings: &mut Findings) {
    for (index, later) in absences.iter().enumerate() {
        let overlaps = |earlier: &&RawAbsence| {
            let same = |name: &Named| {
                earlier
                    .person
                    .as_ref()
                    .is_some_and(|other| other.value == name.value)
            };
            later.person.as_ref().is_some_and(same) && share_a_day(earlier, later)
        };
        if let Some(earlier) = absences[..index].iter().find(overlaps) {
            findings.push(
                Finding::warning(
                    &later.spot,
                    "this absence overlaps another one of the same person",
                )
                .help(format!("see {}; make one of the two", earlier.spot)),
            );
        }
    }
}

fn share_a_day(one: &RawAbsence, other: &RawAbsence) -> bool {
    let starts_before_end = |a: &RawAbsence, b: &RawAbsence| match (a.from, b.until.as_ref()) {
        (Some(from), Some(until)) => from <= until.value,
        (from, _) => from.is_some(),
    };
    starts_before_end(one, other) && starts_before_end(other, one)
}

/// Days on which nobody of a caseload is there; two people who only replace each other.
pub(super) fn gaps(raw: &Raw, absences: &[Leave], findings: &mut Findings) {
    for caseload in &raw.caseloads {
        let staff: BTreeSet<&str> = staff(caseload).collect();
        let away = |person: &&str, day| {
            absences
                .iter()
                .any(|absence| absence.person.as_str() == *person && absence.covers(day))
        };
        let first = absences
            .iter()
            .map(|absence| absence.from)
            .filter(|day| !staff.is_empty() && staff.iter().all(|person| away(person, *day)))
            .min();
        if let Some(day) = first {
            findings.push(
                Finding::warning(
                    &caseload.spot,
                    format!("on {day} nobody of this caseload is there"),
                )
                .help("add a deputy, or move an absence: tasks go to the functional address at once"),
            );
        }
    }
    mutual(raw, findings);
}

/// Whom the ladder can call by name.
fn staff(caseload: &RawCaseload) -> impl Iterator<Item = &str> {
    let people = caseload
        .owner
        .iter()
        .chain(&caseload.deputies)
        .chain(&caseload.lead);
    people.map(|person| person.value.0.as_str())
}

/// A circle of deputies with nobody outside it: when both are away, nobody is told.
fn mutual(raw: &Raw, findings: &mut Findings) {
    for (index, caseload) in raw.caseloads.iter().enumerate() {
        let pair: BTreeSet<&str> = staff(caseload).collect();
        let closed = |other: &&RawCaseload| {
            other.owner.as_ref().map(|owner| &owner.value)
                != caseload.owner.as_ref().map(|owner| &owner.value)
                && other.functional.is_none()
                && staff(other).collect::<BTreeSet<_>>() == pair
        };
        if caseload.functional.is_some() || pair.len() < 2 {
            continue;
        }
        if let Some(other) = raw.caseloads[..index].iter().find(closed) {
            findings.push(
                Finding::warning(&caseload.spot, "the people of two caseloads only stand in for each other")
                    .help(format!(
                        "see {}; add a `lead` or a `functional` address: when all of them are away, nobody is told",
                        other.spot
                    )),
            );
        }
    }
}
