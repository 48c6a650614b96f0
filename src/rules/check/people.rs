//! People: who they are, when they work, who stands in for them, and their leave.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Weekday;

use super::super::raw::{Named, Names as RawNames, Raw, RawAbsence, RawPerson};
use super::super::week::Shifts;
use super::names::Names;
use crate::domain::{Leave, Person, PersonId, Shift, Weeks, WorkWeek, standing_in};
use crate::findings::{Finding, Findings, Located, Spot, listed};

/// The people, and where the address of each stands.
pub(super) fn people(raw: &Raw, names: &Names<'_>, findings: &mut Findings) -> Vec<(Person, Spot)> {
    let mut people = Vec::new();
    let mut addresses: BTreeMap<&str, &Spot> = BTreeMap::new();
    for person in &raw.people {
        check_references(person, names, findings);
        let week = person.works.as_ref().map(|works| week(works, findings));
        let (Some(id), Some(name), Some(address)) = (&person.id, &person.name, &person.address) else {
            continue;
        };
        if let Some(first) = addresses.insert(&address.value.0, &address.spot) {
            findings.push(
                Finding::error(&address.spot, "two people have this address")
                    .help(format!("see {first}; an answer must tell who wrote it")),
            );
        }
        let person = Person {
            id: PersonId::new(&id.value.0),
            name: name.clone(),
            address: address.value.0.clone(),
            function: person.function.clone(),
            week,
            deputies: ids(&person.deputies),
            external: person.external,
        };
        people.push((person, address.spot.clone()));
    }
    people
}

/// The people that these names mean.
pub(super) fn ids(names: &RawNames) -> Vec<PersonId> {
    names.iter().map(|name| PersonId::new(&name.value.0)).collect()
}

fn check_references(person: &RawPerson, names: &Names<'_>, findings: &mut Findings) {
    for deputy in &person.deputies {
        names.people.expect(deputy, findings);
        if person.id.as_ref().is_some_and(|own| own.value == deputy.value) {
            findings.push(
                Finding::warning(
                    &deputy.spot,
                    format!("`{}` stands in for nobody but themselves", deputy.value.0),
                )
                .help("name somebody else as deputy"),
            );
        }
    }
}

fn week(works: &Located<Vec<Located<Shifts>>>, findings: &mut Findings) -> WorkWeek {
    if works.value.is_empty() {
        findings.push(
            Finding::error(&works.spot, "whoever works on no day is never told of anything").help(
                "name the days, as [\"ma-do\", \"vr 09:00-12:30\"]; leave `works` out for who is there whenever the office is open",
            ),
        );
    }
    let mut shifts: Vec<Shift> = Vec::new();
    for written in &works.value {
        let Shifts(more) = &written.value;
        if more
            .iter()
            .any(|shift| shifts.iter().any(|earlier| overlap(shift, earlier)))
        {
            findings.push(
                Finding::warning(&written.spot, "these hours are in this list already")
                    .help("take one of the two away"),
            );
        }
        if more
            .iter()
            .all(|shift| matches!(shift.day, Weekday::Saturday | Weekday::Sunday))
        {
            findings.push(
                Finding::warning(&written.spot, "in a weekend no time counts: nobody is told then")
                    .help("name days from Monday to Friday"),
            );
        }
        shifts.extend(more.iter().cloned());
    }
    WorkWeek(shifts)
}

fn overlap(one: &Shift, other: &Shift) -> bool {
    let meet = match (one.hours, other.hours) {
        (Some((from, until)), Some((start, end))) => from < end && start < until,
        _ => true,
    };
    let same_week = one.weeks == other.weeks || one.weeks == Weeks::Every || other.weeks == Weeks::Every;
    one.day == other.day && same_week && meet
}

/// People who stand in for each other, with nobody outside their circle who stands in for one of them.
pub(super) fn circles(raw: &Raw, people: &BTreeMap<PersonId, Person>, findings: &mut Findings) {
    let reach = |id: &PersonId| -> BTreeSet<PersonId> {
        let all = standing_in([id], None, people);
        all.into_iter().map(|person| person.id.clone()).collect()
    };
    let mut told: BTreeSet<PersonId> = BTreeSet::new();
    for written in raw.people.iter().filter_map(|person| person.id.as_ref()) {
        let circle = reach(&PersonId::new(&written.value.0));
        let is_closed = circle.len() > 1 && circle.iter().all(|id| reach(id) == circle);
        if is_closed && told.is_disjoint(&circle) {
            let names: Vec<&str> = circle.iter().map(PersonId::as_str).collect();
            findings.push(
                Finding::warning(
                    &written.spot,
                    format!("{} only stand in for each other", listed(&names)),
                )
                .help("name somebody outside this circle among the `deputies` of one of them"),
            );
            told.extend(circle);
        }
    }
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
