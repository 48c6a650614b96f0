//! Rules are brought: in force from now on, or refused.

use crate::domain::{
    About, Change, Content, Letter, Outdated, RefusedRules, RulebookEvent, RulebookLine, RulesRefused,
    RulesText, Snapshot,
};

use std::sync::Arc;

use super::{Office, routine};

/// Rules were loaded. Nothing is written when they are in force already and nobody tried others since.
pub(super) fn loaded(office: Office<'_>, snapshot: &Snapshot, text: &Arc<RulesText>) -> Vec<Change> {
    let mut changes = Vec::new();
    if snapshot.rulebook.refused {
        changes.push(mended(office));
    }
    if snapshot.rulebook.in_force.as_ref() != Some(&text.version) || snapshot.rulebook.refused {
        changes.push(Change::RulesKept(Arc::clone(text)));
        changes.push(Change::RulebookNoted(RulebookLine {
            at: office.now,
            what: RulebookEvent::InForce(text.version.clone()),
        }));
    }
    changes.extend(routine::planned(office, snapshot));
    changes
}

/// Rules could not be used; the admin is told, of what is wrong in these and not of what was before.
pub(super) fn refused(office: Office<'_>, snapshot: &Snapshot, refused: &RefusedRules) -> Vec<Change> {
    let noted = Change::RulebookNoted(RulebookLine {
        at: office.now,
        what: RulebookEvent::Refused {
            mistakes: u32::try_from(refused.mistakes).unwrap_or(u32::MAX),
        },
    });
    let mut changes = vec![noted, mended(office)];
    if let Some(admin) = &refused.admin {
        changes.push(Change::Queued(Box::new(Letter {
            id: snapshot.next.letter,
            about: About::Office,
            to: admin.clone(),
            name: None,
            queued: office.now,
            content: Content::RulesRefused(RulesRefused {
                at: office.civil(office.now),
                mistakes: refused.mistakes,
                places: refused.places.clone(),
                in_force: office.rules.version.to_string(),
            }),
        })));
    }
    changes
}

/// A letter about a refusal that waits tells of mistakes that are gone, or are told anew.
fn mended(office: Office<'_>) -> Change {
    Change::Overtaken {
        what: Outdated::RefusedRules,
        at: office.now,
    }
}
