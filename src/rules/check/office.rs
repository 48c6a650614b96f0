//! Partners, people, caseloads, ladders and routes.

use std::collections::{BTreeMap, BTreeSet};

use super::super::raw::{Named, Raw, RawCaseload, RawLadder};
use super::names::Names;
use crate::domain::{
    Absence, Caseload, CaseloadId, Ladder, LadderId, Person, PersonId, Route, Rung, Source, SourceId, TypeId,
};
use crate::findings::{Finding, Findings, Spot};

pub(super) fn sources(raw: &Raw, place: &str, findings: &mut Findings) -> Vec<Source> {
    if raw.sources.is_empty() {
        findings.push(
            Finding::about(place, "there is no `[[source]]`")
                .help("write in `sources.toml` which partners send notices"),
        );
    }
    let mut taken: BTreeMap<String, &Spot> = BTreeMap::new();
    let mut sources = Vec::new();
    for source in &raw.sources {
        let Some(domains) = &source.domains else { continue };
        if domains.value.is_empty() {
            findings.push(
                Finding::error(&domains.spot, "a source without domains sends nothing")
                    .help("name its mail domains"),
            );
        }
        for domain in &domains.value {
            let name = domain.value.as_str();
            let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c);
            if !name.contains('.') || !name.chars().all(allowed) {
                findings.push(
                    Finding::error(&domain.spot, "this is no mail domain")
                        .help("write what stands behind the @, in small letters, as \"tvs.coa.nl\""),
                );
            }
            if let Some(first) = taken.insert(domain.value.clone(), &domain.spot) {
                findings.push(
                    Finding::error(&domain.spot, "this domain belongs to a source already")
                        .help(format!("see {first}")),
                );
            }
        }
        if let Some(id) = &source.id {
            sources.push(Source {
                id: SourceId::new(&id.value.0),
                domains: domains.value.iter().map(|domain| domain.value.clone()).collect(),
                names: source.names.clone(),
            });
        }
    }
    sources
}

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
        };
        people.push((id, person, address.spot.clone()));
    }
    people
}

pub(super) fn absences(raw: &Raw, names: &Names<'_>, findings: &mut Findings) -> Vec<Absence> {
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
        absences.push(Absence {
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

pub(super) fn ladders(raw: &Raw, findings: &mut Findings) -> BTreeMap<LadderId, Ladder> {
    let mut ladders = BTreeMap::new();
    for ladder in &raw.ladders {
        check_rungs(ladder, findings);
        let Some(id) = &ladder.id else { continue };
        let id = LadderId::new(&id.value.0);
        let rung = |(role, wait)| Rung { role, wait };
        let rungs = ladder
            .rungs
            .iter()
            .filter_map(|raw| Some(rung((raw.role?, raw.wait))));
        let read = Ladder {
            id: id.clone(),
            rungs: rungs.collect(),
            hold: ladder.hold,
        };
        ladders.insert(id, read);
    }
    ladders
}

fn check_rungs(ladder: &RawLadder, findings: &mut Findings) {
    let Some((last, others)) = ladder.rungs.split_last() else {
        findings.push(
            Finding::error(&ladder.spot, "this ladder has no rungs")
                .help("add `[[ladder.rung]]` with `tell` and `wait`"),
        );
        return;
    };
    for rung in others.iter().filter(|rung| rung.wait.is_none()) {
        findings.push(
            Finding::error(&rung.spot, "nobody is told after this rung: it has no `wait`")
                .help("say how long they have before the next rung is told, as `wait = \"2 wu\"`"),
        );
    }
    if last.wait.is_none() {
        findings.push(
            Finding::warning(&last.spot, "after the last rung this ladder is silent for ever")
                .help("give it a `wait`: after how long it is told again"),
        );
    }
    let mut roles = BTreeSet::new();
    for rung in &ladder.rungs {
        if let Some(role) = rung.role
            && !roles.insert(format!("{role:?}"))
        {
            findings.push(
                Finding::error(&rung.spot, "this ladder goes round: the same role is told twice")
                    .help("tell each role once; the last rung repeats by its `wait`"),
            );
        }
    }
}

pub(super) fn routes(raw: &Raw, names: &Names<'_>, place: &str, findings: &mut Findings) -> Vec<Route> {
    let mut routes = Vec::new();
    for route in &raw.routes {
        for kind in &route.types {
            names.types.expect(kind, findings);
        }
        let Some(caseload) = &route.caseload else { continue };
        names.caseloads.expect(caseload, findings);
        routes.push(Route {
            recipients: route.recipients.iter().map(|address| address.0.clone()).collect(),
            types: route
                .types
                .iter()
                .map(|kind| TypeId::new(&kind.value.0))
                .collect(),
            target_group: route.target_group,
            caseload: CaseloadId::new(&caseload.value.0),
        });
    }
    let fits_all = |route: &&super::super::raw::RawRoute| {
        route.recipients.is_empty() && route.types.is_empty() && route.target_group.is_none()
    };
    match raw.routes.split_last() {
        None => findings.push(
            Finding::about(place, "there is no `[[route]]`: no task would reach anybody")
                .help("write in `caseloads.toml` which caseload gets which tasks"),
        ),
        Some((last, _)) if !fits_all(&last) => findings.push(
            Finding::error(
                &last.spot,
                "the last route does not fit everything: some tasks would reach nobody",
            )
            .help("end with a `[[route]]` that has only a `caseload`"),
        ),
        Some((_, others)) => {
            for route in others.iter().filter(fits_all) {
                findings.push(
                    Finding::warning(
                        &route.spot,
                        "this route fits everything: those after it are never used",
                    )
                    .help("put it last"),
                );
            }
        }
    }
    routes
}
