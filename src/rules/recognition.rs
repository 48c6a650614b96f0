//! How a notice is recognised: the `[[notification.recognise]]` blocks of the rules, compiled.
//!
//! A block belongs to one type and one source. It claims signal codes, or describes the words of a notice, or both:
//! codes are looked at first, words only in a mail without codes. `literal` is the partner's own description of
//! a code, word for word; it says more than `any`, `all`, `none`, `subject_any` and `subject_none`, which are loose words.

use std::collections::{BTreeMap, HashMap};

use super::book::{Found, PhraseBook, PhraseId};
use super::raw::Rank;
use crate::domain::{SourceId, TargetGroup, TypeId};

/// A block, ready for use.
#[derive(Debug, Clone)]
pub struct Recogniser {
    /// The type that it recognises.
    pub kind: TypeId,
    /// Type and block, such as `coa.koppeling/gekoppeld`.
    pub rule: String,
    /// When it is looked at.
    pub rank: Rank,
    pub(super) source: SourceId,
    pub(super) codes: Vec<String>,
    pub(super) literal: Vec<PhraseId>,
    pub(super) any: Vec<PhraseId>,
    pub(super) all: Vec<PhraseId>,
    pub(super) none: Vec<PhraseId>,
    pub(super) never: Vec<PhraseId>,
    pub(super) subject_any: Vec<PhraseId>,
    pub(super) subject_none: Vec<PhraseId>,
}

impl Recogniser {
    /// Whether the partner's own description stands in the mail.
    #[must_use]
    pub fn fits_literally(&self, words: &Words) -> bool {
        !self.is_denied(words) && self.literal.iter().any(|id| words.all.has(*id))
    }

    /// Whether its words stand in the mail.
    #[must_use]
    pub fn fits(&self, words: &Words) -> bool {
        self.is_said(words) && !self.is_denied(words)
    }

    fn is_said(&self, words: &Words) -> bool {
        let has = |id: &PhraseId| words.all.has(*id);
        let in_subject = |id: &PhraseId| words.subject.has(*id);
        let asks = !(self.any.is_empty() && self.all.is_empty() && self.subject_any.is_empty());
        asks && (self.any.is_empty() || self.any.iter().any(has))
            && self.all.iter().all(has)
            && (self.subject_any.is_empty() || self.subject_any.iter().any(in_subject))
    }

    /// The phrases of which at least one stands in every mail that it fits.
    pub(super) fn asks(&self) -> impl Iterator<Item = PhraseId> + '_ {
        let lists = [&self.literal, &self.any, &self.all, &self.subject_any];
        lists.into_iter().flatten().copied()
    }

    fn is_denied(&self, words: &Words) -> bool {
        self.is_doubted(words) || self.is_excluded(words)
    }

    /// Whether a word of the block itself speaks against it.
    fn is_doubted(&self, words: &Words) -> bool {
        self.none.iter().any(|id| words.all.has(*id))
            || self.subject_none.iter().any(|id| words.subject.has(*id))
    }

    /// Whether a word of `never` says that the mail is not of this type.
    fn is_excluded(&self, words: &Words) -> bool {
        self.never.iter().any(|id| words.all.has(*id))
    }
}

/// The phrases found in a mail.
#[derive(Debug, Clone)]
pub struct Words {
    pub(super) subject: Found,
    pub(super) all: Found,
    /// The blocks that ask for one of them, in the order of the rules: no other can fit.
    candidates: Vec<usize>,
}

/// All blocks of a rules set.
#[derive(Debug, Clone)]
pub struct Recognition {
    pub(super) book: PhraseBook,
    pub(super) recognisers: Vec<Recogniser>,
    pub(super) codes: BTreeMap<SourceId, BTreeMap<String, usize>>,
    pub(super) groups: Vec<(TargetGroup, Vec<PhraseId>)>,
    /// Literals that stand within another one, by phrase.
    pub(super) within: BTreeMap<PhraseId, Vec<PhraseId>>,
    /// The blocks that ask for a phrase, by phrase: with a thousand types, only a handful is looked at for a mail.
    pub(super) askers: HashMap<PhraseId, Vec<usize>>,
}

impl Recognition {
    /// Which phrases of the rules stand in a mail; one pass over it.
    #[must_use]
    pub fn read(&self, subject: &str, text: &str) -> Words {
        let subject = self.book.find(subject);
        let all = self.book.find(text).and(&subject);
        let mut candidates: Vec<usize> = all
            .ids()
            .filter_map(|id| self.askers.get(&id))
            .flatten()
            .copied()
            .collect();
        candidates.sort_unstable();
        candidates.dedup();
        Words {
            subject,
            all,
            candidates,
        }
    }

    /// The block of this source that claims this code.
    #[must_use]
    pub fn by_code(&self, source: &SourceId, code: &str) -> Option<&Recogniser> {
        let index = *self.codes.get(source)?.get(code)?;
        self.recognisers.get(index)
    }

    /// Whether this source works with codes at all.
    #[must_use]
    pub fn uses_codes(&self, source: &SourceId) -> bool {
        self.codes.contains_key(source)
    }

    /// The blocks of this source and rank whose words, loose or literal, stand in the mail.
    #[must_use]
    pub fn by_words<'r>(&'r self, source: &SourceId, rank: Rank, words: &Words) -> Vec<&'r Recogniser> {
        self.candidates(source, words)
            .filter(|recogniser| recogniser.rank == rank)
            .filter(|recogniser| recogniser.fits(words) || recogniser.fits_literally(words))
            .collect()
    }

    /// The blocks of this source whose words stand in the mail beside words that speak against them, so that nobody can
    /// say without reading it. `never` settles what loose words mean; what goes before all others it only makes doubtful.
    pub fn doubtful<'r, 's>(
        &'r self,
        source: &'s SourceId,
        words: &'s Words,
    ) -> impl Iterator<Item = &'r Recogniser> + use<'r, 's> {
        self.candidates(source, words).filter(|recogniser| {
            let excluded = recogniser.is_excluded(words);
            recogniser.is_said(words)
                && match recogniser.rank {
                    Rank::First => excluded || recogniser.is_doubted(words),
                    Rank::Ordinary | Rank::Last => !excluded && recogniser.is_doubted(words),
                }
        })
    }

    /// The blocks of this source whose literal description stands in the mail, without those that only fit because
    /// a longer description begins like theirs.
    #[must_use]
    pub fn literally<'r>(&'r self, source: &SourceId, words: &Words) -> Vec<&'r Recogniser> {
        let is_part = |id: &PhraseId| {
            let longer = self.within.get(id).map(Vec::as_slice).unwrap_or_default();
            longer.iter().any(|longer| words.all.has(*longer))
        };
        self.candidates(source, words)
            .filter(|recogniser| recogniser.fits_literally(words))
            .filter(|recogniser| {
                recogniser
                    .literal
                    .iter()
                    .any(|id| words.all.has(*id) && !is_part(id))
            })
            .collect()
    }

    /// The one target group whose words stand in the mail.
    #[must_use]
    pub fn target_group(&self, words: &Words) -> Option<TargetGroup> {
        let mut named = self
            .groups
            .iter()
            .filter(|(_, ids)| ids.iter().any(|id| words.all.has(*id)));
        let (group, _) = named.next()?;
        named.next().is_none().then_some(*group)
    }

    /// The blocks of this source that could fit a mail with these words.
    fn candidates<'r, 's>(
        &'r self,
        source: &'s SourceId,
        words: &'s Words,
    ) -> impl Iterator<Item = &'r Recogniser> + use<'r, 's> {
        words
            .candidates
            .iter()
            .filter_map(|index| self.recognisers.get(*index))
            .filter(move |recogniser| recogniser.source == *source)
    }

    /// All blocks of this source.
    pub(super) fn of<'r, 's>(
        &'r self,
        source: &'s SourceId,
    ) -> impl Iterator<Item = &'r Recogniser> + use<'r, 's> {
        self.recognisers
            .iter()
            .filter(move |recogniser| recogniser.source == *source)
    }
}
