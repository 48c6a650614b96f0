//! Who leads what, who reads what a lead is told, and which people it is about.

use std::collections::BTreeMap;

use crate::domain::{CaseloadId, Person, PersonId, Term};

use super::Office;
use super::tell::Target;

impl<'a> Office<'a> {
    /// Each lead with their caseloads; nobody for caseloads without one.
    pub(super) fn leads(self) -> BTreeMap<Option<&'a PersonId>, Vec<&'a CaseloadId>> {
        let mut leads: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for caseload in self.rules.caseloads.values() {
            leads
                .entry(caseload.lead.as_ref())
                .or_default()
                .push(&caseload.id);
        }
        leads
    }

    /// Who reads what a lead is told: the lead, whoever stands in for them today, or a functional address. Nobody of
    /// another organisation: it names colleagues.
    pub(super) fn reader_of(
        self,
        lead: Option<&'a PersonId>,
        caseloads: &[&CaseloadId],
    ) -> Option<Target<'a>> {
        let evening = self.rules.calendar.due(self.now, Term::WorkingDays(0)).at;
        let people = self.with_deputies(lead);
        let is_there =
            |person: &&Person| !person.external && self.why_not_there(person, evening, false).is_none();
        let functional = || {
            let mut piles = caseloads.iter();
            piles.find_map(|id| self.rules.caseload(id).functional.as_deref())
        };
        let person = people.into_iter().find(is_there);
        person
            .map(Target::Person)
            .or_else(|| functional().map(Target::Functional))
    }

    /// Everybody who may be told of what lies in these caseloads, whoever is on call left out.
    pub(super) fn people_behind(self, caseloads: &[&CaseloadId]) -> Vec<&'a Person> {
        let piles = caseloads.iter().map(|id| self.rules.caseload(id));
        let named = piles.flat_map(|pile| pile.owner.iter().chain(&pile.deputies).chain(&pile.lead));
        self.with_deputies(named)
    }
}
