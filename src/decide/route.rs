//! Which caseload a task goes to.

use crate::domain::{CaseloadId, Mail, Route, Signal};
use crate::rules::Rules;

/// Where a signal goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routed {
    /// The caseload.
    pub caseload: CaseloadId,
    /// Why.
    pub why: String,
    /// Whether the rules know where it belongs; not when only the route for everything else fitted.
    pub is_certain: bool,
}

/// The caseload for a signal, and why. The first route that fits; the check of the rules sees to it that the last one
/// always does. Pure.
#[must_use]
pub fn route(rules: &Rules, mail: &Mail, signal: &Signal) -> Routed {
    let total = rules.routes.len();
    let fitting = rules.routes.iter().enumerate().find_map(|(index, route)| {
        let grounds = fits(route, mail, signal)?;
        let is_certain = !grounds.is_empty();
        let grounds = if is_certain { &grounds } else { "fits everything" };
        Some(Routed {
            caseload: route.caseload.clone(),
            why: format!("route {} of {total}: {grounds}", index + 1),
            is_certain,
        })
    });
    // The check of the rules refuses a set without a route for everything; a task must land somewhere even so.
    fitting.unwrap_or_else(|| {
        let any = rules.caseloads.keys().next().cloned();
        Routed {
            caseload: any.unwrap_or_else(|| CaseloadId::new("none")),
            why: "no route fits".to_owned(),
            is_certain: false,
        }
    })
}

/// What a route fits by, which is nothing in words for a route that fits everything; or nothing at all when it does not fit. Never names an address: it may be a person's.
fn fits(route: &Route, mail: &Mail, signal: &Signal) -> Option<String> {
    let mut grounds = Vec::new();
    if !route.recipients.is_empty() {
        let sent_to = |address: &String| mail.recipients.iter().any(|to| to.eq_ignore_ascii_case(address));
        route
            .recipients
            .iter()
            .any(sent_to)
            .then(|| grounds.push("sent to one of its addresses".to_owned()))?;
    }
    if !route.types.is_empty() {
        route
            .types
            .contains(&signal.kind)
            .then(|| grounds.push(format!("type {}", signal.kind)))?;
    }
    if let Some(group) = route.target_group {
        (signal.target_group == Some(group))
            .then(|| grounds.push(format!("target group {group:?}").to_lowercase()))?;
    }
    Some(grounds.join(", "))
}
