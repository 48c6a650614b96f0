//! Names that are defined and never used: forgotten, or misspelt where they should have been.

use std::collections::BTreeSet;

use super::super::raw::{Named, Raw};
use crate::findings::{Finding, Findings};

pub(super) fn unused(raw: &Raw, findings: &mut Findings) {
    let caseloads = raw.caseloads.iter();
    let called = caseloads.flat_map(|load| load.owner.iter().chain(&load.deputies).chain(&load.lead));
    note(
        raw.people.iter().filter_map(|person| person.id.as_ref()),
        called,
        "is in no caseload: no task ever goes to them",
        "make them `owner`, deputy or `lead` of a caseload, or take them away",
        findings,
    );
    note(
        raw.ladders.iter().filter_map(|ladder| ladder.id.as_ref()),
        raw.types.iter().filter_map(|kind| kind.ladder.as_ref()),
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
