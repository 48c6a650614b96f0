//! Looking things up in checked rules, also for what an older set of rules left in the ledger: a task whose type,
//! caseload or ladder the rules no longer name is treated like unknown mail, never dropped.
//!
//! Rules that lack what is fallen back on do not load, so none of these lookups can fail.

use crate::domain::{Caseload, CaseloadId, Effect, Expected, ExpectedId, Ladder, NotificationType, TypeId};

use super::Rules;

impl Rules {
    /// The type with this id; that of unknown mail when the rules no longer have it.
    #[must_use]
    #[expect(
        clippy::missing_panics_doc,
        reason = "rules that would make it fail do not load"
    )]
    pub fn kind(&self, id: &TypeId) -> &NotificationType {
        self.types
            .get(id)
            .or_else(|| self.types.get(&TypeId::unknown()))
            .expect("rules without mail.onbekend do not load")
    }

    /// What is expected by the rule of this name; none when the rules no longer have it.
    #[must_use]
    pub fn expected(&self, id: &ExpectedId) -> Option<&Expected> {
        self.expected.iter().find(|expected| expected.id == *id)
    }

    /// The caseload with this id; that of the last route, which fits everything, when the rules no longer have it.
    #[must_use]
    #[expect(
        clippy::missing_panics_doc,
        reason = "rules that would make it fail do not load"
    )]
    pub fn caseload(&self, id: &CaseloadId) -> &Caseload {
        self.caseloads
            .get(id)
            .or_else(|| self.caseloads.get(&self.routes.last()?.caseload))
            .expect("rules without a last route to a known caseload do not load")
    }

    /// The ladder of tasks of this type.
    #[must_use]
    #[expect(
        clippy::missing_panics_doc,
        reason = "rules that would make it fail do not load"
    )]
    pub fn ladder(&self, id: &TypeId) -> &Ladder {
        [id, &TypeId::unknown()]
            .into_iter()
            .find_map(|id| match &self.kind(id).effect {
                Effect::Task { ladder, .. } => self.ladders.get(ladder),
                Effect::Recorded => None,
            })
            .expect("rules whose mail.onbekend has no ladder do not load")
    }
}
