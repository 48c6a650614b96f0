//! Notification types, and the proof that critical ones reach somebody.

use std::collections::BTreeMap;

use super::super::catalogue::{CATALOGUE, NEEDED, OF_NO_MAIL};
use super::super::compile::Builder;
use super::super::raw::{Named, Raw, RawLadder, RawRoute, RawType};
use super::names::Names;
use crate::domain::{Caseload, CaseloadId, Effect, LadderId, NotificationType, Role, Term, TypeId};
use crate::findings::{Finding, Findings, listed, nearest};

pub(super) fn types(
    raw: &Raw,
    names: &Names<'_>,
    place: &str,
    builder: &mut Builder,
    findings: &mut Findings,
) -> BTreeMap<TypeId, NotificationType> {
    check_catalogue(names, place, findings);
    let sources: Vec<&str> = names.sources.all().collect();
    let mut types = BTreeMap::new();
    for kind in &raw.types {
        check_type(kind, names, findings);
        let Some(id) = &kind.id else { continue };
        let id = TypeId::new(&id.value.0);
        builder.add(&id, &kind.recognise, &kind.never, &sources, findings);
        if let Some(read) = read_type(id.clone(), kind, None) {
            types.insert(id, read);
        }
    }
    types
}

/// The type; `usual` is when its task is due where nothing else is written.
pub(super) fn read_type(id: TypeId, raw: &RawType, usual: Option<Term>) -> Option<NotificationType> {
    let effect = if raw.task {
        Effect::Task {
            due: raw.due.as_ref().map(|due| due.value).or(usual)?,
            ladder: LadderId::new(&raw.ladder.as_ref()?.value.0),
        }
    } else {
        Effect::Recorded
    };
    Some(NotificationType {
        id,
        title: raw.title.as_ref()?.value.clone(),
        kind: raw.kind?,
        critical: raw.critical,
        instruction: raw
            .instruction
            .as_ref()
            .map(|text| text.value.clone())
            .unwrap_or_default(),
        effect,
        target_group: raw.target_group,
    })
}

/// What the catalogue knows and these rules do not.
fn check_catalogue(names: &Names<'_>, place: &str, findings: &mut Findings) {
    let missing = |ids: &[&'static str]| -> Vec<&'static str> {
        ids.iter().copied().filter(|id| !names.types.has(id)).collect()
    };
    let needed = missing(&NEEDED);
    if !needed.is_empty() {
        findings.push(
            Finding::about(
                place,
                format!("decisions need types that are not here: {}", listed(&needed)),
            )
            .help("add a `[[notification]]` for each"),
        );
    }
    let rest: Vec<&str> = missing(&CATALOGUE)
        .into_iter()
        .filter(|id| !NEEDED.contains(id))
        .collect();
    if !rest.is_empty() {
        findings.push(
            Finding::about(place, format!("types of the catalogue are not here: {}", listed(&rest)))
                .only_warn()
                .help("notices of these types will be read by a human as `mail.onbekend`; add a `[[notification]]` for each"),
        );
    }
}

fn check_type(kind: &RawType, names: &Names<'_>, findings: &mut Findings) {
    if let Some(ladder) = &kind.ladder {
        names.ladders.expect(ladder, findings);
    }
    let Some(id) = &kind.id else { return };
    let name = id.value.0.as_str();
    let is_about_mail = name.starts_with("mail.");
    if !TypeId::new(name).is_of_a_notice() {
        findings.push(
            Finding::error(
                &id.spot,
                format!("`{name}` would be a chore or something expected, and no mail is ever of one"),
            )
            .help(
                "write a `[[chore]]` for what is done again and again, an `[[expectation]]` for what must come, or \
                 give this another name",
            ),
        );
        return;
    }
    if !CATALOGUE.contains(&name) && !OF_NO_MAIL.contains(&name) {
        check_own(id, is_about_mail, names, findings);
    }
    if is_about_mail && let Some(block) = kind.recognise.first() {
        findings.push(
            Finding::error(&block.spot, format!("`{name}` is not recognised by words"))
                .help("take the block away: the program itself sees what sort of mail this is"),
        );
    }
    if !is_about_mail && kind.recognise.is_empty() {
        findings.push(
            Finding::warning(&id.spot, format!("no mail will ever be `{name}`"))
                .help("add a `[[notification.recognise]]` block"),
        );
    }
    if kind.critical && !kind.task {
        findings.push(
            Finding::error(&id.spot, format!("`{name}` is critical and opens no task"))
                .help("take `critical = true` or `task = false` away"),
        );
    }
}

/// A type that the catalogue does not have is a municipality's own, unless it is one of the catalogue's misspelt: then
/// that one is missing here.
fn check_own(id: &Named, is_about_mail: bool, names: &Names<'_>, findings: &mut Findings) {
    let name = id.value.0.as_str();
    let missing: Vec<&str> = CATALOGUE
        .into_iter()
        .filter(|known| !names.types.has(known))
        .collect();
    if let Some(meant) = nearest(name, &missing) {
        findings.push(
            Finding::warning(&id.spot, format!("the catalogue does not know the type `{name}`"))
                .help(format!("did you mean `{meant}`?")),
        );
    } else if is_about_mail {
        findings.push(
            Finding::warning(&id.spot, format!("the program sees no mail as `{name}`"))
                .help("take it away; a type of your own starts with the name of its source, as `coa.`"),
        );
    }
}

/// See the proof in the head of this module's parent.
pub(super) fn critical_types_reach_somebody(
    raw: &Raw,
    caseloads: &BTreeMap<CaseloadId, Caseload>,
    findings: &mut Findings,
) {
    let critical: Vec<&RawType> = raw
        .types
        .iter()
        .filter(|kind| kind.critical && kind.task)
        .collect();
    for ladder in &raw.ladders {
        let Some(id) = &ladder.id else { continue };
        let climbs = |kind: &&&RawType| kind.ladder.as_ref().is_some_and(|name| name.value == id.value);
        let names = named(critical.iter().filter(climbs).copied());
        if !names.is_empty() {
            check_critical_ladder(ladder, &names, findings);
        }
    }
    for route in &raw.routes {
        let Some(target) = &route.caseload else { continue };
        let caseload = caseloads.get(&CaseloadId::new(&target.value.0));
        if caseload.is_none_or(|caseload| caseload.functional.is_some()) {
            continue;
        }
        let names = named(critical.iter().filter(|kind| can_take(route, kind)).copied());
        if !names.is_empty() {
            findings.push(
                Finding::error(
                    &target.spot,
                    format!(
                        "critical tasks would go to a caseload without a functional address: {}",
                        listed(&names)
                    ),
                )
                .help(format!(
                    "give `{}` a `functional` address that several people read",
                    target.value.0
                )),
            );
        }
    }
}

fn named<'r>(kinds: impl Iterator<Item = &'r RawType>) -> Vec<&'r str> {
    kinds
        .filter_map(|kind| Some(kind.id.as_ref()?.value.0.as_str()))
        .collect()
}

fn check_critical_ladder(ladder: &RawLadder, critical: &[&str], findings: &mut Findings) {
    let Some(last) = ladder.rungs.last() else { return };
    if last.role.is_some_and(|role| role != Role::Functional) || last.wait.is_none() {
        findings.push(
            Finding::error(
                &last.spot,
                format!("critical tasks could end here with nobody told: {}", listed(critical)),
            )
            .help("end the ladder with `tell = \"functional\"` and a `wait`, so that it is told again and again"),
        );
    }
    if ladder.hold.is_none() {
        findings.push(
            Finding::error(
                &ladder.spot,
                format!(
                    "whoever takes a critical task may let it rest for ever: {}",
                    listed(critical)
                ),
            )
            .help("give the ladder a `hold`, as `hold = \"1 wd\"`: then it comes back"),
        );
    }
}

/// Whether tasks of this type can take this route. Earlier routes are not looked at: they depend on the mail.
fn can_take(route: &RawRoute, kind: &RawType) -> bool {
    let fits_type = route.types.is_empty()
        || kind
            .id
            .as_ref()
            .is_some_and(|id| route.types.iter().any(|named| named.value == id.value));
    let fits_group = match (route.target_group, kind.target_group) {
        (Some(route), Some(kind)) => route == kind,
        _ => true,
    };
    fits_type && fits_group
}
