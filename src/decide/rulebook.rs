//! Rules are brought: in force from now on, or refused.

use crate::domain::{
    About, Change, Content, Letter, RefusedRules, RulebookEvent, RulebookLine, RulesRefused, RulesText,
    Snapshot,
};

use std::sync::Arc;

use super::{Office, drill, overview};

/// Rules were loaded. Nothing is written when they are in force already and nobody tried others since.
pub(super) fn loaded(office: Office<'_>, snapshot: &Snapshot, text: &Arc<RulesText>) -> Vec<Change> {
    let mut changes = Vec::new();
    if snapshot.rulebook.in_force.as_ref() != Some(&text.version) || snapshot.rulebook.refused {
        changes.push(Change::RulesKept(Arc::clone(text)));
        changes.push(Change::RulebookNoted(RulebookLine {
            at: office.now,
            what: RulebookEvent::InForce(text.version.clone()),
        }));
    }
    changes.extend(overview::planned(office, snapshot));
    changes.extend(drill::planned(office, snapshot));
    changes
}

/// Rules could not be used; the admin is told.
pub(super) fn refused(office: Office<'_>, snapshot: &Snapshot, refused: &RefusedRules) -> Vec<Change> {
    let mut changes = vec![Change::RulebookNoted(RulebookLine {
        at: office.now,
        what: RulebookEvent::Refused {
            mistakes: u32::try_from(refused.mistakes).unwrap_or(u32::MAX),
        },
    })];
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
