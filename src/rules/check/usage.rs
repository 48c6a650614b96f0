//! Names that are defined and never used: forgotten, or misspelt where they should have been.

use std::collections::BTreeSet;

use super::super::raw::{Named, Raw};
use crate::findings::{Finding, Findings};

pub(super) fn unused(raw: &Raw, findings: &mut Findings) {
    note(
        raw.people.iter().filter_map(|person| person.id.as_ref()),
        called(raw),
        "is in no caseload, team or rota: no task ever goes to them",
        "name them in a caseload, a team or a rota, or as deputy of somebody, or take them away",
        findings,
    );
    note(
        raw.teams.iter().filter_map(|team| team.id.as_ref()),
        raw.caseloads.iter().filter_map(|load| load.team.as_ref()),
        "is the team of no caseload",
        "name it as `team` of a caseload, or take it away",
        findings,
    );
    let of_teams = raw.teams.iter().filter_map(|team| team.rota.as_ref());
    let of_caseloads = raw.caseloads.iter().filter_map(|load| load.rota.as_ref());
    note(
        raw.rotas.iter().filter_map(|rota| rota.id.as_ref()),
        of_teams.chain(of_caseloads),
        "says who is on call for nobody",
        "name it as `rota` of a team or a caseload, or take it away",
        findings,
    );
    note(
        raw.ladders.iter().filter_map(|ladder| ladder.id.as_ref()),
        raw.tasks().filter_map(|kind| kind.ladder.as_ref()),
        "is climbed by no type",
        "name it as `ladder` of a `[[notification]]`, or take it away",
        findings,
    );
    let blocks = raw.types.iter().flat_map(|kind| &kind.recognise);
    note(
        raw.sources.iter().filter_map(|source| source.id.as_ref()),
        blocks.filter_map(|block| block.source.as_ref()),
        "sends nothing that any block recognises",
        "name it as `source` of a `[[notification.recognise]]`, or take it away",
        findings,
    );
}

/// Everybody whom a ladder could ever call.
fn called(raw: &Raw) -> impl Iterator<Item = &Named> {
    let caseloads = raw.caseloads.iter();
    let of_caseloads = caseloads.flat_map(|load| load.owner.iter().chain(&load.deputies).chain(&load.lead));
    let leads = raw.teams.iter().filter_map(|team| team.lead.as_ref());
    let deputies = raw.people.iter().flat_map(|person| &person.deputies);
    let on_call = raw.rotas.iter().flat_map(|rota| {
        let turns = rota.turns.iter().flat_map(|turns| &turns.value);
        turns.chain(rota.swaps.iter().filter_map(|swap| swap.person.as_ref()))
    });
    of_caseloads.chain(leads).chain(deputies).chain(on_call)
}

fn note<'r>(
    defined: impl Iterator<Item = &'r Named>,
    used: impl Iterator<Item = &'r Named>,
    what: &str,
    help: &str,
    findings: &mut Findings,
) {
    let used: BTreeSet<&str> = used.map(|name| name.value.0.as_str()).collect();
    for name in defined.filter(|name| !used.contains(name.value.0.as_str())) {
        findings.push(Finding::warning(&name.spot, format!("`{}` {what}", name.value.0)).help(help));
    }
}
