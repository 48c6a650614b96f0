//! Partners and ladders.

use std::collections::{BTreeMap, BTreeSet};

use super::super::raw::{Raw, RawLadder, RawRung, RawSource};
use crate::domain::{Ladder, LadderId, Role, Rung, Source, SourceId};
use crate::findings::{Finding, Findings, Spot};

/// Domains from which anybody can have an address: a mail server vouches for them, and that means nothing.
const ANYBODYS: [&str; 16] = [
    "gmail.com",
    "googlemail.com",
    "hotmail.com",
    "hotmail.nl",
    "icloud.com",
    "kpnmail.nl",
    "live.com",
    "live.nl",
    "me.com",
    "outlook.com",
    "outlook.nl",
    "proton.me",
    "protonmail.com",
    "yahoo.com",
    "xs4all.nl",
    "ziggo.nl",
];

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
            if ANYBODYS.contains(&name) {
                findings.push(
                    Finding::error(&domain.spot, format!("anybody can send from {name}")).help(
                        "name the organisation's own domain; its notices never come from such an address",
                    ),
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
                names: source.names.iter().map(|name| name.value.clone()).collect(),
            });
        }
    }
    check_display_names(&raw.sources, findings);
    sources
}

/// Two partners of one name could not be told from each other's impostors.
fn check_display_names(sources: &[RawSource], findings: &mut Findings) {
    let mut taken: BTreeMap<String, &Spot> = BTreeMap::new();
    for name in sources.iter().flat_map(|source| &source.names) {
        if let Some(first) = taken.insert(name.value.to_lowercase(), &name.spot) {
            findings.push(
                Finding::warning(&name.spot, "this display name is listed already")
                    .help(format!("see {first}; take one of the two away")),
            );
        }
    }
}

pub(super) fn ladders(raw: &Raw, findings: &mut Findings) -> BTreeMap<LadderId, Ladder> {
    let mut ladders = BTreeMap::new();
    for ladder in &raw.ladders {
        check_rungs(ladder, findings);
        check_on_call(ladder, raw, findings);
        let Some(id) = &ladder.id else { continue };
        let id = LadderId::new(&id.value.0);
        let rung = |raw: &RawRung| {
            Some(Rung {
                role: raw.role?,
                wait: raw.wait,
                letter: raw.letter.as_ref().map(|name| name.value.0.clone()),
            })
        };
        let rungs = ladder.rungs.iter().filter_map(rung);
        let read = Ladder {
            id: id.clone(),
            rungs: rungs.collect(),
            hold: ladder.hold,
            hand_on: ladder.hand_on,
        };
        ladders.insert(id, read);
    }
    ladders
}

/// A rung for whoever is on call, where nobody ever is.
fn check_on_call(ladder: &RawLadder, raw: &Raw, findings: &mut Findings) {
    let of_teams = raw.teams.iter().filter_map(|team| team.rota.as_ref());
    let mut rotas = of_teams.chain(raw.caseloads.iter().filter_map(|load| load.rota.as_ref()));
    let is_on_call = |rung: &&RawRung| rung.role == Some(Role::OnCall);
    if let Some(rung) = ladder.rungs.iter().find(is_on_call)
        && rotas.next().is_none()
    {
        findings.push(
            Finding::warning(
                &rung.spot,
                "nobody is on call for any caseload: this rung is always skipped",
            )
            .help("add a `[[rota]]` and name it as `rota` of a team or a caseload, or take this rung away"),
        );
    }
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
