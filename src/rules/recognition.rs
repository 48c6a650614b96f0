//! How a notice is recognised: the `[[notification.recognise]]` blocks of the rules, compiled.
//!
//! A block belongs to one type and one source. It claims signal codes, or describes the words of a notice, or both:
//! codes are looked at first, words only in a mail without codes. `literal` is the partner's own description of
//! a code, word for word; it says more than `any`, `all`, `none`, `subject_any` and `subject_none`, which are loose words.

use std::collections::BTreeMap;

use super::phrase::{Found, NoPhrase, Phrase, PhraseBook, PhraseId, PhraseList};
use super::raw::{Draft, Rank, RawGroup};
use crate::domain::{SourceId, TargetGroup, TypeId};
use crate::findings::{Finding, Findings, Located, Spot};

/// A block, ready for use.
#[derive(Debug, Clone)]
pub struct Recogniser {
    /// The type that it recognises.
    pub kind: TypeId,
    /// Type and block, such as `coa.koppeling/gekoppeld`.
    pub rule: String,
    /// When it is looked at.
    pub rank: Rank,
    source: SourceId,
    literal: Vec<PhraseId>,
    any: Vec<PhraseId>,
    all: Vec<PhraseId>,
    none: Vec<PhraseId>,
    never: Vec<PhraseId>,
    subject_any: Vec<PhraseId>,
    subject_none: Vec<PhraseId>,
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
    subject: Found,
    all: Found,
}

/// All blocks of a rules set.
#[derive(Debug, Clone)]
pub struct Recognition {
    book: PhraseBook,
    recognisers: Vec<Recogniser>,
    codes: BTreeMap<SourceId, BTreeMap<String, usize>>,
    groups: Vec<(TargetGroup, Vec<PhraseId>)>,
    /// Literals that stand within another one, by phrase.
    within: BTreeMap<PhraseId, Vec<PhraseId>>,
}

impl Recognition {
    /// Which phrases of the rules stand in a mail; one pass over it.
    #[must_use]
    pub fn read(&self, subject: &str, text: &str) -> Words {
        let subject = self.book.find(subject);
        let all = self.book.find(text).and(&subject);
        Words { subject, all }
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
        self.recognisers
            .iter()
            .filter(|recogniser| recogniser.rank == rank && recogniser.source == *source)
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
        self.of(source).filter(|recogniser| {
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
        self.of(source)
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

    fn of<'r, 's>(&'r self, source: &'s SourceId) -> impl Iterator<Item = &'r Recogniser> + use<'r, 's> {
        self.recognisers
            .iter()
            .filter(move |recogniser| recogniser.source == *source)
    }
}

/// Blocks being collected.
#[derive(Debug, Default)]
pub(super) struct Builder {
    list: PhraseList,
    recognisers: Vec<Recogniser>,
    codes: BTreeMap<SourceId, BTreeMap<String, usize>>,
    code_spots: BTreeMap<(SourceId, String), (TypeId, Spot)>,
    literals: Vec<(Phrase, PhraseId)>,
    groups: Vec<(TargetGroup, Vec<PhraseId>)>,
}

impl Builder {
    /// Adds the blocks of a type; none of them fits a mail in which one of the phrases of `never` stands. `sources` are
    /// the names that blocks may use.
    pub(super) fn add(
        &mut self,
        kind: &TypeId,
        drafts: &[Draft],
        never: &[Located<String>],
        sources: &[&str],
        findings: &mut Findings,
    ) {
        let never = self.phrases(never, findings);
        let mut names: BTreeMap<&str, &Spot> = BTreeMap::new();
        for draft in drafts {
            if let Some(name) = &draft.name
                && names.insert(&name.value.0, &name.spot).is_some()
            {
                findings.push(
                    Finding::error(
                        &name.spot,
                        format!("`{kind}` has two blocks called `{}`", name.value.0),
                    )
                    .help("give each its own name: it is how a decision says what it rests on"),
                );
            }
            self.add_one(kind, draft, &never, sources, findings);
        }
    }

    fn add_one(
        &mut self,
        kind: &TypeId,
        draft: &Draft,
        never: &[PhraseId],
        sources: &[&str],
        findings: &mut Findings,
    ) {
        let asks = [
            &draft.codes,
            &draft.literal,
            &draft.any,
            &draft.all,
            &draft.subject_any,
        ];
        if asks.iter().all(|list| list.is_empty()) {
            findings.push(
                Finding::error(&draft.spot, "this block recognises nothing")
                    .help("add `codes`, `literal`, `any`, `all` or `subject_any`"),
            );
        }
        let Some(source) = &draft.source else { return };
        if !sources.contains(&source.value.0.as_str()) {
            findings.push(
                Finding::error(&source.spot, format!("there is no source `{}`", source.value.0))
                    .did_you_mean(&source.value.0, sources.iter().copied()),
            );
        }
        let source = SourceId::new(&source.value.0);
        let index = self.recognisers.len();
        for code in &draft.codes {
            self.claim(kind, &source, code, index, findings);
        }
        let name = draft.name.as_ref().map_or("", |name| &name.value.0);
        let recogniser = Recogniser {
            kind: kind.clone(),
            rule: format!("{kind}/{name}"),
            rank: draft.rank,
            source,
            literal: self.literals(&draft.literal, findings),
            any: self.phrases(&draft.any, findings),
            all: self.phrases(&draft.all, findings),
            none: self.phrases(&draft.none, findings),
            never: never.to_vec(),
            subject_any: self.phrases(&draft.subject_any, findings),
            subject_none: self.phrases(&draft.subject_none, findings),
        };
        self.recognisers.push(recogniser);
    }

    /// Adds the words of a target group.
    pub(super) fn add_group(&mut self, raw: &RawGroup, findings: &mut Findings) {
        let words = self.phrases(&raw.words, findings);
        if let Some(group) = raw.group {
            self.groups.push((group, words));
        }
    }

    /// Makes the blocks ready for use; nothing when there are too many phrases.
    pub(super) fn finish(self, place: &str, findings: &mut Findings) -> Option<Recognition> {
        let mut within: BTreeMap<PhraseId, Vec<PhraseId>> = BTreeMap::new();
        for (short, id) in &self.literals {
            for (long, longer) in &self.literals {
                if id != longer && short.is_part_of(long) {
                    within.entry(*id).or_default().push(*longer);
                }
            }
        }
        let book = self
            .list
            .compile()
            .map_err(|error| {
                findings.push(
                    Finding::about(place, format!("the phrases cannot be compiled: {error}"))
                        .help("there are far too many, or very long ones; take some away"),
                );
            })
            .ok()?;
        Some(Recognition {
            book,
            recognisers: self.recognisers,
            codes: self.codes,
            groups: self.groups,
            within,
        })
    }

    fn claim(
        &mut self,
        kind: &TypeId,
        source: &SourceId,
        code: &Located<String>,
        index: usize,
        findings: &mut Findings,
    ) {
        let written = &code.value;
        let letters = written.chars().take_while(char::is_ascii_uppercase).count();
        let digits = written[letters..].len();
        if letters == 0 || digits == 0 || !written[letters..].chars().all(|c| c.is_ascii_digit()) {
            findings.push(
                Finding::error(&code.spot, "this is no signal code")
                    .help("write capitals and digits together, as \"SS101\""),
            );
            return;
        }
        let first = (kind.clone(), code.spot.clone());
        if let Some((other, spot)) = self.code_spots.insert((source.clone(), written.clone()), first) {
            findings.push(
                Finding::error(&code.spot, format!("`{written}` is claimed by `{other}` already"))
                    .help(format!("see {spot}; a code can mean one type only")),
            );
        }
        self.codes
            .entry(source.clone())
            .or_default()
            .insert(written.clone(), index);
    }

    fn literals(&mut self, written: &[Located<String>], findings: &mut Findings) -> Vec<PhraseId> {
        let mut ids = Vec::new();
        for text in written {
            if let Some(phrase) = read_phrase(text, findings) {
                let id = self.list.add(phrase.clone());
                self.literals.push((phrase, id));
                ids.push(id);
            }
        }
        ids
    }

    fn phrases(&mut self, written: &[Located<String>], findings: &mut Findings) -> Vec<PhraseId> {
        let read = written.iter().filter_map(|text| read_phrase(text, findings));
        read.map(|phrase| self.list.add(phrase)).collect()
    }
}

fn read_phrase(text: &Located<String>, findings: &mut Findings) -> Option<Phrase> {
    let (message, help) = match Phrase::parse(&text.value) {
        Ok(phrase) => return Some(phrase),
        Err(NoPhrase::Empty) => (
            "nothing can be looked for here",
            "write the words that stand in the mail",
        ),
        Err(NoPhrase::TooShort) => (
            "this is too short: it would be found in nearly every mail",
            "write three letters or more, better a few words",
        ),
        Err(NoPhrase::MisplacedStar) => (
            "a `*` cannot stand here",
            "put it at the end of a word (any ending), or alone between two words (any one word)",
        ),
    };
    findings.push(Finding::error(&text.spot, message).help(help));
    None
}
