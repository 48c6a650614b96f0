//! Which rules are newer than the ledger: what lay in dossiers before does not start them.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::{Desk, DeskError};
use crate::domain::{ExpectedId, Needs, RulebookEvent, RulesVersion, newer_rules};
use crate::rules::Rules;

/// Since when rules are in force that are newer than the ledger, as it is while a set of rules is.
#[derive(Debug)]
pub(super) struct Newer {
    under: RulesVersion,
    since: BTreeMap<ExpectedId, Timestamp>,
}

impl Desk {
    /// Since when rules are in force that are newer than the ledger, for events about what happens in dossiers. The texts of
    /// all sets of rules say so; they are read once, since nothing of it changes until others come in force.
    pub(super) async fn newer(
        &self,
        rules: &Rules,
        needs: &Needs,
    ) -> Result<BTreeMap<ExpectedId, Timestamp>, DeskError> {
        if needs.people.is_empty() && needs.lives_of.is_empty() {
            return Ok(BTreeMap::new());
        }
        if let Some(known) = self
            .newer
            .load_full()
            .filter(|known| known.under == rules.version)
        {
            return Ok(known.since.clone());
        }
        let lines = self.store.rulebook().await?;
        let mut expected = BTreeMap::new();
        for line in &lines {
            if let RulebookEvent::InForce(version) = &line.what
                && !expected.contains_key(version)
                && let Some(text) = self.store.rules(version).await?
                && let Some(names) = Rules::expected_in(&text)
            {
                expected.insert(version.clone(), names);
            }
        }
        let since = newer_rules(&lines, &expected);
        let under = rules.version.clone();
        self.newer.store(Some(Arc::new(Newer {
            under,
            since: since.clone(),
        })));
        Ok(since)
    }
}
