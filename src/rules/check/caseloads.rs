//! Caseloads: who reads them, and whether anybody is there.

use std::collections::{BTreeMap, BTreeSet};

use super::super::raw::{Named, Raw, RawCaseload, RawPerson};
use super::super::value::Mailbox;
use super::names::Names;
use super::people::ids;
use crate::domain::{Caseload, CaseloadId, Leave, Person, PersonId, RotaId, Team, TeamId, standing_in};
use crate::findings::{Finding, Findings, Located, Spot};

/// A caseload with what it takes over from its team, and where it stands.
pub(super) type Pile<'r> = (Caseload, &'r Spot);

pub(super) fn caseloads<'r>(
    raw: &'r Raw,
    teams: &BTreeMap<TeamId, Team>,
    names: &Names<'_>,
    findings: &mut Findings,
) -> Vec<Pile<'r>> {
    let of_routes = raw.routes.iter().map(|route| &route.caseload);
    let of_chores = raw.chores.iter().map(|chore| &chore.caseload);
    let used: BTreeSet<&str> = of_routes
        .chain(of_chores)
        .filter_map(|caseload| Some(caseload.as_ref()?.value.0.as_str()))
        .collect();
    let mut piles = Vec::new();
    for caseload in &raw.caseloads {
        check_references(caseload, names, findings);
        let name = caseload.team.as_ref().map(|team| TeamId::new(&team.value.0));
        let team = name.as_ref().and_then(|name| teams.get(name));
        if team.is_none() && name.is_some() {
            // That is complained of; who reads this caseload is not known.
            continue;
        }
        check_readers(caseload, team, &raw.people, findings);
        if let Some(functional) = &caseload.functional {
            check_functional(functional, &raw.people, findings);
        }
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
        let id = CaseloadId::new(&id.value.0);
        piles.push((whole(id, title, caseload, team), &caseload.spot));
    }
    piles
}

/// A caseload, with what it does not say itself as its team has it.
fn whole(id: CaseloadId, title: &str, own: &RawCaseload, team: Option<&Team>) -> Caseload {
    let person = |name: &Named| PersonId::new(&name.value.0);
    let functional = own.functional.as_ref().map(|address| address.value.0.clone());
    let rota = own.rota.as_ref().map(|rota| RotaId::new(&rota.value.0));
    Caseload {
        id,
        title: title.to_owned(),
        owner: own.owner.as_ref().map(person),
        deputies: ids(&own.deputies),
        lead: own.lead.as_ref().map(person).or_else(|| team?.lead.clone()),
        functional: functional.or_else(|| team?.functional.clone()),
        rota: rota.or_else(|| team?.rota.clone()),
    }
}

fn check_references(caseload: &RawCaseload, names: &Names<'_>, findings: &mut Findings) {
    let people = caseload.owner.iter().chain(&caseload.deputies);
    for person in people.chain(&caseload.lead) {
        names.people.expect(person, findings);
    }
    if let Some(team) = &caseload.team {
        names.teams.expect(team, findings);
    }
    if let Some(rota) = &caseload.rota {
        names.rotas.expect(rota, findings);
    }
}

/// Whether there is anybody at all, and somebody else on the next rung.
fn check_readers(caseload: &RawCaseload, team: Option<&Team>, people: &[RawPerson], findings: &mut Findings) {
    let reads = |team: &Team| team.lead.is_some() || team.functional.is_some() || team.rota.is_some();
    if !caseload.names_somebody && !team.is_some_and(reads) {
        findings.push(
            Finding::error(&caseload.spot, "nobody reads this caseload")
                .help("add an `owner`, `deputies`, a `lead` or a `functional` address"),
        );
    }
    let lead = caseload
        .lead
        .as_ref()
        .map(|lead| (lead.value.0.as_str(), &lead.spot));
    let of_team = || Some((team?.lead.as_ref()?.as_str(), &caseload.team.as_ref()?.spot));
    if let (Some((lead, spot)), Some(owner)) = (lead.or_else(of_team), &caseload.owner)
        && lead == owner.value.0
        && caseload.deputies.is_empty()
        && !has_deputies(owner, people)
    {
        // With a deputy the ladder still goes to a colleague, and a lead who handles tasks gets the overview as any lead does.
        findings.push(
            Finding::warning(
                spot,
                format!("`{lead}` is the lead of their own work, and no colleague stands in"),
            )
            .help("name somebody in `deputies`, or somebody else as `lead`"),
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

/// Whether somebody stands in for a person, whatever the caseload.
fn has_deputies(person: &Named, people: &[RawPerson]) -> bool {
    let own = people
        .iter()
        .find(|other| other.id.as_ref().is_some_and(|id| id.value == person.value));
    own.is_some_and(|own| !own.deputies.is_empty())
}

/// Functional addresses with their places.
pub(super) fn functional_addresses(raw: &Raw) -> impl Iterator<Item = (String, Spot)> {
    let of_teams = raw.teams.iter().filter_map(|team| team.functional.as_ref());
    let of_caseloads = raw.caseloads.iter().filter_map(|pile| pile.functional.as_ref());
    of_teams
        .chain(of_caseloads)
        .map(|address| (address.value.0.clone(), address.spot.clone()))
}

/// The last rung must not be one person's own address.
pub(super) fn check_functional(functional: &Located<Mailbox>, people: &[RawPerson], findings: &mut Findings) {
    let owns = |person: &&RawPerson| {
        let own = person.address.as_ref();
        own.is_some_and(|own| own.value == functional.value)
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

/// Days on which nobody of a caseload is there; two caseloads whose people only replace each other.
pub(super) fn gaps(
    piles: &[Pile<'_>],
    people: &BTreeMap<PersonId, Person>,
    absences: &[Leave],
    findings: &mut Findings,
) {
    let away = |person: &PersonId, day| {
        absences
            .iter()
            .any(|absence| absence.person == *person && absence.covers(day))
    };
    for (caseload, spot) in piles {
        let staff = staff(caseload, people);
        let first = absences
            .iter()
            .map(|absence| absence.from)
            .filter(|day| !staff.is_empty() && staff.iter().all(|person| away(person, *day)))
            .min();
        if let Some(day) = first {
            findings.push(
                Finding::warning(spot, format!("on {day} nobody of this caseload is there"))
                    .help("add a deputy, or move an absence: tasks go to the functional address at once"),
            );
        }
    }
    mutual(piles, people, findings);
}

/// Whom the ladder can call by name, as far as deputies go; who is on call changes from week to week.
fn staff<'p>(caseload: &'p Caseload, people: &'p BTreeMap<PersonId, Person>) -> BTreeSet<&'p PersonId> {
    let named = caseload
        .owner
        .iter()
        .chain(&caseload.deputies)
        .chain(&caseload.lead);
    let all = standing_in(named, None, people);
    all.into_iter().map(|person| &person.id).collect()
}

/// A circle of deputies with nobody outside it: when both are away, nobody is told.
fn mutual(piles: &[Pile<'_>], people: &BTreeMap<PersonId, Person>, findings: &mut Findings) {
    let is_bare = |caseload: &Caseload| caseload.functional.is_none() && caseload.rota.is_none();
    for (index, (caseload, spot)) in piles.iter().enumerate() {
        let pair = staff(caseload, people);
        let closed = |(other, _): &&Pile<'_>| {
            other.owner != caseload.owner && is_bare(other) && staff(other, people) == pair
        };
        if !is_bare(caseload) || pair.len() < 2 {
            continue;
        }
        if let Some((_, other)) = piles[..index].iter().find(closed) {
            findings.push(
                Finding::warning(spot, "the people of two caseloads only stand in for each other")
                    .help(format!(
                        "see {other}; add a `lead` or a `functional` address: when all of them are away, nobody is told"
                    )),
            );
        }
    }
}
