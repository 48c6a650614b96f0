//! Who leads what, who reads what a lead is told, and which people it is about.

use std::collections::BTreeMap;

use crate::domain::{About, CaseloadId, Change, Content, Letter, LetterId, Person, PersonId, Term};

use super::Office;
use super::tell::Target;

/// How long what a lead is told is worth reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeps {
    /// Today: whoever is not there gets the next one.
    Today,
    /// Until it is read, since it is told once: where nobody is there who could, the lead reads it when back.
    UntilRead,
}

impl<'a> Office<'a> {
    /// Each lead with their caseloads; nobody for caseloads without one, of which each address gets its own.
    fn leads(self) -> impl Iterator<Item = (Option<&'a PersonId>, Vec<&'a CaseloadId>)> {
        let mut leads: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for caseload in self.rules.caseloads.values() {
            let lead = caseload.lead.as_ref();
            let address = caseload.functional.as_deref().filter(|_| lead.is_none());
            leads.entry((lead, address)).or_default().push(&caseload.id);
        }
        leads.into_iter().map(|((lead, _), caseloads)| (lead, caseloads))
    }

    /// A letter to each lead for whose caseloads there is something to say.
    pub(super) fn tell_leads(
        self,
        keeps: Keeps,
        mut letter: LetterId,
        say: impl Fn(&[&CaseloadId]) -> Option<Content>,
    ) -> Vec<Change> {
        let mut letters = Vec::new();
        for (lead, caseloads) in self.leads() {
            let told = say(&caseloads);
            let told = told.and_then(|content| self.tell_lead(lead, &caseloads, keeps, content, letter));
            if told.is_some() {
                letter = letter.next();
            }
            letters.extend(told);
        }
        letters
    }

    /// A letter to whoever reads today what this lead of these caseloads is told; nothing when nobody does.
    pub(super) fn tell_lead(
        self,
        lead: Option<&'a PersonId>,
        caseloads: &[&CaseloadId],
        keeps: Keeps,
        content: Content,
        letter: LetterId,
    ) -> Option<Change> {
        let when_back = || {
            lead.filter(|_| keeps == Keeps::UntilRead)
                .and_then(|lead| self.own(lead))
        };
        let reader = self.reader_of(lead, caseloads).or_else(when_back)?;
        Some(Change::Queued(Box::new(Letter {
            id: letter,
            about: About::Office,
            to: reader.address().to_owned(),
            name: reader.name(),
            queued: self.now,
            content,
        })))
    }

    /// Who reads what a lead is told: the lead, whoever stands in for them today, or a functional address. Nobody of
    /// another organisation: it names colleagues.
    fn reader_of(self, lead: Option<&'a PersonId>, caseloads: &[&CaseloadId]) -> Option<Target<'a>> {
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

    /// Somebody of our own organisation, there or not.
    fn own(self, person: &PersonId) -> Option<Target<'a>> {
        let person = self.rules.people.get(person)?;
        (!person.external).then_some(Target::Person(person))
    }

    /// Everybody who may be told of what lies in these caseloads, whoever is on call left out.
    pub(super) fn people_behind(self, caseloads: &[&CaseloadId]) -> Vec<&'a Person> {
        let piles = caseloads.iter().map(|id| self.rules.caseload(id));
        let named = piles.flat_map(|pile| pile.owner.iter().chain(&pile.deputies).chain(&pile.lead));
        self.with_deputies(named)
    }
}
