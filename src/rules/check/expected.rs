//! What must come after something else: do the names exist, can it come, and is somebody asked in time?

use std::collections::BTreeMap;

use super::super::raw::{Named, Raw, RawExpected};
use super::names::Names;
use super::terms::{monday, out_of_reach};
use super::types::read_type;
use crate::domain::{Asks, Calendar, EventId, Expected, ExpectedId, NotificationType, Sign, Term, TypeId};
use crate::findings::{Finding, Findings};

/// What colleagues can tell about a dossier, with what it is called.
pub(super) fn events(raw: &Raw, findings: &mut Findings) -> BTreeMap<EventId, String> {
    let mut events = BTreeMap::new();
    for event in &raw.events {
        let Some(id) = &event.id else { continue };
        if id.value.0.contains('.') {
            findings.push(
                Finding::error(&id.spot, "the name of an event has no dot in it")
                    .help("names with a dot are types of notices; write `-` or `_` instead"),
            );
        }
        if !raw
            .expected
            .iter()
            .any(|expected| names_in(expected).any(|name| name.value == id.value))
        {
            findings.push(
                Finding::warning(&id.spot, format!("nothing follows from `{}`", id.value.0))
                    .help("name it in an `[[expectation]]`, or take it away"),
            );
        }
        if let Some(title) = &event.title {
            events.insert(EventId::new(&id.value.0), title.value.clone());
        }
    }
    events
}

/// Every sign that it names, but for those that move it.
fn signs_in(expected: &RawExpected) -> impl Iterator<Item = &Named> {
    let after = expected.after.iter().flat_map(|after| &after.value);
    after
        .chain(&expected.comes)
        .chain(&expected.cancelled_by)
        .chain(&expected.only_if)
        .chain(&expected.unless)
}

fn names_in(expected: &RawExpected) -> impl Iterator<Item = &Named> {
    signs_in(expected).chain(&expected.moved_by)
}

/// What is expected, and the types of the tasks by which somebody is asked.
pub(super) fn expected(
    raw: &Raw,
    names: &Names<'_>,
    calendar: Option<&Calendar>,
    types: &mut BTreeMap<TypeId, NotificationType>,
    findings: &mut Findings,
) -> Vec<Expected> {
    let mut all = Vec::new();
    for written in &raw.expected {
        check_one(written, raw, names, findings);
        if let Some(calendar) = calendar {
            check_time(written, calendar, findings);
        }
        if let Some((expected, kind)) = read(written) {
            types.insert(kind.id.clone(), kind);
            all.push(expected);
        }
    }
    all
}

fn read(written: &RawExpected) -> Option<(Expected, NotificationType)> {
    let id = ExpectedId::new(&written.kind.id.as_ref()?.value.0);
    let within = written.within.as_ref()?;
    let asks = written.ask.as_ref().map_or(Asks::Late, |ask| ask.value.0);
    // Unless somebody is asked when it is late, the term itself says when the task is due.
    let kind = read_type(TypeId::expected(&id), &written.kind, Some(within.value))?;
    let signs = |names: &[Named]| names.iter().map(|name| Sign::named(&name.value.0)).collect();
    let expected = Expected {
        id,
        after: signs(&written.after.as_ref()?.value),
        comes: signs(&written.comes),
        cancelled_by: signs(&written.cancelled_by),
        moved_by: written
            .moved_by
            .iter()
            .map(|name| EventId::new(&name.value.0))
            .collect(),
        only_if: signs(&written.only_if),
        unless: signs(&written.unless),
        within: within.value,
        day_counts: written.day_counts.as_ref().is_some_and(|day| day.value),
        early: written.early,
        asks,
        restarts: written.restarts,
    };
    Some((expected, kind))
}

fn check_one(written: &RawExpected, raw: &Raw, names: &Names<'_>, findings: &mut Findings) {
    if let Some(ladder) = &written.kind.ladder {
        names.ladders.expect(ladder, findings);
    }
    if let Some(id) = &written.kind.id
        && id.value.0.contains('.')
    {
        findings.push(
            Finding::error(&id.spot, "the name of an expectation has no dot in it")
                .help("write `-` instead: its tasks are called `verwacht.` and this name"),
        );
    }
    let after = written.after.as_ref();
    if let Some(after) = after.filter(|after| after.value.is_empty()) {
        findings.push(
            Finding::error(&after.spot, "nothing starts this")
                .help("name the types of notices or the events after which it is expected"),
        );
    }
    let after = after.map_or(&[][..], |after| &after.value);
    for name in signs_in(written) {
        check_sign(name, raw, names, findings);
    }
    for name in &written.moved_by {
        if names.types.has(&name.value.0) {
            findings.push(
                Finding::error(
                    &name.spot,
                    "a notice does not say until when: it cannot move a term",
                )
                .help("name an event: a colleague tells it with the new last day"),
            );
        } else {
            names.events.expect(name, findings);
        }
    }
    for (list, what) in [
        (&written.comes, "also what is waited for"),
        (&written.cancelled_by, "also what makes it needless"),
    ] {
        for name in list
            .iter()
            .filter(|name| after.iter().any(|start| start.value == name.value))
        {
            findings.push(
                Finding::error(
                    &name.spot,
                    format!("`{}` starts this, and is {what}", name.value.0),
                )
                .help("take it away from one of the two"),
            );
        }
    }
}

/// A type of notice that is filed in dossiers, or an event.
fn check_sign(name: &Named, raw: &Raw, names: &Names<'_>, findings: &mut Findings) {
    let id = name.value.0.as_str();
    if !id.contains('.') {
        names.events.expect(name, findings);
        return;
    }
    if !names.types.expect(name, findings) {
        return;
    }
    let opens_none = |kind: &super::super::raw::RawType| {
        !kind.task && kind.id.as_ref().is_some_and(|other| other.value == name.value)
    };
    if !TypeId::new(id).is_about_a_person() || raw.types.iter().any(opens_none) {
        findings.push(
            Finding::error(
                &name.spot,
                format!("`{id}` is not about a person, so that nothing can be expected of it"),
            )
            .help("name types of notices of COA or DUO, or events"),
        );
    }
}

fn check_time(written: &RawExpected, calendar: &Calendar, findings: &mut Findings) {
    let Some(within) = &written.within else { return };
    if let Some(day) = out_of_reach(calendar, within.value) {
        findings.push(
            Finding::error(
                &within.spot,
                format!("with these opening hours this term ends on {day}"),
            )
            .help("correct `opens` and `closes` of the `[calendar]`, or count in working days (`wd`)"),
        );
        return;
    }
    if let Some(counts) = written.day_counts.as_ref().filter(|counts| counts.value)
        && !matches!(within.value, Term::Statutory(_))
    {
        findings.push(
            Finding::error(&counts.spot, "the first day counts in a term of the law only")
                .help("write `within` as \"10 weken\" or \"3 jaar\", or take `day_counts` away"),
        );
    }
    let asks = written.ask.as_ref().map_or(Asks::Late, |ask| ask.value.0);
    match (&written.ask, asks) {
        (Some(ask), Asks::Ahead(ahead)) => {
            let end = calendar.due(monday(), within.value).at;
            if calendar.ahead_of(end, ahead) <= monday() {
                findings.push(
                    Finding::error(&ask.spot, "somebody would be asked before the term even starts")
                        .help("ask later, or write `ask = \"at_once\"`"),
                );
            }
        }
        (_, Asks::Late) if written.kind.due.is_none() => {
            findings.push(
                Finding::error(&written.spot, "somebody is asked when it is late, and it is not said how long they have")
                    .help("add `due`, as `due = \"2 wd\"`; or ask earlier: `ask = \"at_once\"` or `ask = \"10 wd\"`"),
            );
        }
        _ => {}
    }
    if let Some(due) = &written.kind.due
        && asks != Asks::Late
    {
        findings.push(
            Finding::error(&due.spot, "the term itself says when this is due")
                .help("take `due` away: it is for what somebody is asked when it is late"),
        );
    }
}
