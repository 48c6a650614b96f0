//! Teams, and who is on call for them.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::super::raw::{Raw, RawRota};
use super::caseloads::check_functional;
use super::names::Names;
use super::people::ids;
use crate::domain::{PersonId, Rota, RotaId, Team, TeamId};
use crate::findings::{Finding, Findings, Located};

pub(super) fn teams(raw: &Raw, names: &Names<'_>, findings: &mut Findings) -> BTreeMap<TeamId, Team> {
    let mut teams = BTreeMap::new();
    for team in &raw.teams {
        if let Some(lead) = &team.lead {
            names.people.expect(lead, findings);
        }
        if let Some(rota) = &team.rota {
            names.rotas.expect(rota, findings);
        }
        if let Some(functional) = &team.functional {
            check_functional(functional, &raw.people, findings);
        }
        let (Some(id), Some(title)) = (&team.id, &team.title) else {
            continue;
        };
        let id = TeamId::new(&id.value.0);
        let read = Team {
            id: id.clone(),
            title: title.clone(),
            lead: team.lead.as_ref().map(|lead| PersonId::new(&lead.value.0)),
            functional: team.functional.as_ref().map(|address| address.value.0.clone()),
            rota: team.rota.as_ref().map(|rota| RotaId::new(&rota.value.0)),
        };
        teams.insert(id, read);
    }
    teams
}

pub(super) fn rotas(raw: &Raw, names: &Names<'_>, findings: &mut Findings) -> BTreeMap<RotaId, Rota> {
    let mut rotas = BTreeMap::new();
    for rota in &raw.rotas {
        let swaps = swaps(rota, names, findings);
        let turns = rota.turns.as_ref();
        for person in turns.iter().flat_map(|turns| &turns.value) {
            names.people.expect(person, findings);
        }
        if let Some(turns) = turns.filter(|turns| turns.value.is_empty()) {
            findings.push(
                Finding::error(&turns.spot, "nobody is ever on call")
                    .help("name who has which week, as [\"f.elamrani\", \"j.hendriks\"]; after the last comes the first again"),
            );
        }
        if let Some(from) = &rota.from {
            check_monday(from, findings);
        }
        let (Some(id), Some(from), Some(turns)) = (&rota.id, &rota.from, turns) else {
            continue;
        };
        let id = RotaId::new(&id.value.0);
        let read = Rota {
            id: id.clone(),
            from: from.value,
            turns: ids(&turns.value),
            swaps,
        };
        rotas.insert(id, read);
    }
    rotas
}

fn swaps(rota: &RawRota, names: &Names<'_>, findings: &mut Findings) -> BTreeMap<Date, PersonId> {
    let mut swaps = BTreeMap::new();
    for swap in &rota.swaps {
        if let Some(person) = &swap.person {
            names.people.expect(person, findings);
        }
        let (Some(week), Some(person)) = (&swap.week, &swap.person) else {
            continue;
        };
        check_monday(week, findings);
        if rota.from.as_ref().is_some_and(|from| week.value < from.value) {
            findings.push(
                Finding::warning(&week.spot, "this week is before the first turn")
                    .help("correct the day, or take this swap away"),
            );
        }
        let person = PersonId::new(&person.value.0);
        if swaps.insert(week.value, person).is_some() {
            findings.push(
                Finding::error(&week.spot, "this week was swapped already")
                    .help("keep the swap that holds, and take the other away"),
            );
        }
    }
    swaps
}

/// Weeks are meant by their Monday; any other day could mean two of them.
fn check_monday(day: &Located<Date>, findings: &mut Findings) {
    if day.value.weekday() == Weekday::Monday {
        return;
    }
    let since = i64::from(day.value.weekday().to_monday_zero_offset());
    let monday = day.value.saturating_sub(since.days());
    findings.push(
        Finding::error(&day.spot, format!("{} is no Monday", day.value)).help(format!(
            "a week on call starts on Monday; that week starts on {monday}"
        )),
    );
}
