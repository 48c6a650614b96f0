//! Which names are defined, each once, and whether a reference means one of them.

use std::collections::BTreeMap;

use super::super::raw::{Named, Raw};
use crate::findings::{Finding, Findings, Spot};

/// The names that a rules set defines.
#[derive(Debug)]
pub(super) struct Names<'r> {
    pub(super) sources: Defined<'r>,
    pub(super) types: Defined<'r>,
    pub(super) caseloads: Defined<'r>,
    pub(super) people: Defined<'r>,
    pub(super) teams: Defined<'r>,
    pub(super) rotas: Defined<'r>,
    pub(super) ladders: Defined<'r>,
    pub(super) events: Defined<'r>,
}

/// The names of one sort of thing.
#[derive(Debug)]
pub(super) struct Defined<'r> {
    what: &'static str,
    places: BTreeMap<&'r str, &'r Spot>,
}

impl<'r> Names<'r> {
    pub(super) fn collect(raw: &'r Raw, findings: &mut Findings) -> Self {
        // Nothing refers to a chore or to what is expected, so that it is enough that each has a name of its own.
        let expected = raw.expected.iter().map(|expected| &expected.kind.id);
        Defined::collect("expectation", expected, findings);
        Defined::collect("chore", raw.chores.iter().map(|chore| &chore.kind.id), findings);
        Self {
            sources: Defined::collect("source", raw.sources.iter().map(|source| &source.id), findings),
            types: Defined::collect("notification", raw.types.iter().map(|kind| &kind.id), findings),
            caseloads: Defined::collect("caseload", raw.caseloads.iter().map(|load| &load.id), findings),
            people: Defined::collect("person", raw.people.iter().map(|person| &person.id), findings),
            teams: Defined::collect("team", raw.teams.iter().map(|team| &team.id), findings),
            rotas: Defined::collect("rota", raw.rotas.iter().map(|rota| &rota.id), findings),
            ladders: Defined::collect("ladder", raw.ladders.iter().map(|ladder| &ladder.id), findings),
            events: Defined::collect("event", raw.events.iter().map(|event| &event.id), findings),
        }
    }
}

impl<'r> Defined<'r> {
    fn collect(
        what: &'static str,
        names: impl Iterator<Item = &'r Option<Named>>,
        findings: &mut Findings,
    ) -> Self {
        let mut places: BTreeMap<&str, &Spot> = BTreeMap::new();
        for name in names.flatten() {
            let id = name.value.0.as_str();
            if let Some(first) = places.get(id) {
                findings.push(
                    Finding::error(&name.spot, format!("there are two {what}s called `{id}`")).help(format!(
                        "the first is at {first}; take one away or give it another name"
                    )),
                );
            } else {
                places.insert(id, &name.spot);
            }
        }
        Self { what, places }
    }

    /// Notes a name that is not defined, and says whether it is.
    pub(super) fn expect(&self, name: &Named, findings: &mut Findings) -> bool {
        let id = name.value.0.as_str();
        let known = self.places.contains_key(id);
        if !known {
            findings.push(
                Finding::error(&name.spot, format!("there is no {} `{id}`", self.what))
                    .did_you_mean(id, self.all()),
            );
        }
        known
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.places.contains_key(id)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &'r str> {
        self.places.keys().copied()
    }
}
