//! Routes: which task goes where, and whether each can be reached.

use std::collections::BTreeSet;

use super::super::raw::{Raw, RawRoute, RawType};
use super::names::Names;
use crate::domain::{CaseloadId, Route, TypeId};
use crate::findings::{Finding, Findings};

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
    check_last(raw, place, findings);
    for (index, route) in raw.routes.iter().enumerate() {
        check_reached(route, &raw.routes[..index], findings);
        check_types(route, &raw.types, findings);
    }
    routes
}

fn fits_all(route: &RawRoute) -> bool {
    route.recipients.is_empty() && route.types.is_empty() && route.target_group.is_none()
}

/// Whether every task finds a route.
fn check_last(raw: &Raw, place: &str, findings: &mut Findings) {
    match raw.routes.split_last() {
        None => findings.push(
            Finding::about(place, "there is no `[[route]]`: no task would reach anybody")
                .help("write in `caseloads.toml` which caseload gets which tasks"),
        ),
        Some((last, _)) if !fits_all(last) => findings.push(
            Finding::error(
                &last.spot,
                "the last route does not fit everything: some tasks would reach nobody",
            )
            .help("end with a `[[route]]` that has only a `caseload`"),
        ),
        Some((_, others)) => {
            for route in others.iter().filter(|route| fits_all(route)) {
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
}

/// Whether an earlier route takes every task that this one could take.
fn check_reached(route: &RawRoute, earlier: &[RawRoute], findings: &mut Findings) {
    fn covers<T: PartialEq>(wide: &[T], narrow: &[T]) -> bool {
        wide.is_empty() || (!narrow.is_empty() && narrow.iter().all(|one| wide.contains(one)))
    }
    let names = |route: &RawRoute| -> Vec<_> { route.types.iter().map(|kind| kind.value.clone()).collect() };
    let takes_all = |other: &&RawRoute| {
        !fits_all(other)
            && covers(&other.recipients, &route.recipients)
            && covers(&names(other), &names(route))
            && (other.target_group.is_none() || other.target_group == route.target_group)
    };
    if let Some(other) = earlier.iter().find(takes_all) {
        findings.push(
            Finding::warning(
                &route.spot,
                "this route is never reached: an earlier one fits first",
            )
            .help(format!(
                "see {}; put the narrower route first, or take one away",
                other.spot
            )),
        );
    }
}

/// Types that cannot take the route that names them.
fn check_types(route: &RawRoute, types: &[RawType], findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for name in &route.types {
        if !seen.insert(&name.value) {
            findings.push(
                Finding::warning(
                    &name.spot,
                    format!("`{}` is named twice in this route", name.value.0),
                )
                .help("take one of the two away"),
            );
        }
        let Some(kind) = types
            .iter()
            .find(|kind| kind.id.as_ref().is_some_and(|id| id.value == name.value))
        else {
            continue;
        };
        if !kind.task {
            findings.push(
                Finding::warning(
                    &name.spot,
                    format!("`{}` opens no task: it never takes a route", name.value.0),
                )
                .help("take it away"),
            );
        }
        if let (Some(asked), Some(own)) = (route.target_group, kind.target_group)
            && asked != own
        {
            findings.push(
                Finding::warning(
                    &name.spot,
                    format!(
                        "`{}` is about another target group: it never takes this route",
                        name.value.0
                    ),
                )
                .help("take the type or the `target_group` of the route away"),
            );
        }
    }
}
