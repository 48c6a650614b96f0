//! The `[[notification.recognise]]` blocks of the rules files -> [`Recognition`].

use std::collections::{BTreeMap, HashMap};

use super::book::{PhraseId, PhraseList};
use super::phrase::{NoPhrase, Phrase};
use super::raw::{Draft, RawGroup};
use super::recognition::{Recogniser, Recognition};
use crate::domain::{SourceId, TargetGroup, TypeId};
use crate::findings::{Finding, Findings, Located, Spot};

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
        note_all_general(never, findings);
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
        // Without any source that is said once, and not again for every block.
        if !sources.is_empty() && !sources.contains(&source.value.0.as_str()) {
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
        note_general(draft, findings);
        let recogniser = Recogniser {
            kind: kind.clone(),
            rule: format!("{kind}/{name}"),
            rank: draft.rank,
            source,
            codes: draft.codes.iter().map(|code| code.value.clone()).collect(),
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
        note_all_general(&raw.words, findings);
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
        let mut askers: HashMap<PhraseId, Vec<usize>> = HashMap::new();
        for (index, recogniser) in self.recognisers.iter().enumerate() {
            for phrase in recogniser.asks() {
                askers.entry(phrase).or_default().push(index);
            }
        }
        Some(Recognition {
            book,
            askers,
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
        note_repeated(written, findings);
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
        note_repeated(written, findings);
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
        Err(NoPhrase::TooLong) => (
            "this is too long to look for in every mail",
            "write the part that sets the notice apart: at most 200 characters, with at most eight `*`",
        ),
        Err(NoPhrase::MisplacedStar) => (
            "a `*` cannot stand here",
            "put it at the end of a word (any ending), or alone between two words (any one word)",
        ),
    };
    findings.push(Finding::error(&text.spot, message).help(help));
    None
}

fn is_general(text: &Located<String>) -> bool {
    Phrase::parse(&text.value).is_ok_and(|phrase| phrase.is_general())
}

fn note_all_general(list: &[Located<String>], findings: &mut Findings) {
    for text in list.iter().filter(|text| is_general(text)) {
        findings.push(
            Finding::warning(&text.spot, "these words stand in nearly every mail")
                .help("add a word that only this notice has"),
        );
    }
}

/// Notes words that stand in nearly every mail. Beside other words that set the notice apart they may mean something:
/// `mevrouw` in a mail about a *koppeling* says that it is about somebody.
fn note_general(draft: &Draft, findings: &mut Findings) {
    let tells = |list: &[Located<String>]| !list.is_empty() && !list.iter().any(is_general);
    let all_tell = draft.all.iter().any(|text| !is_general(text));
    let beside_any = all_tell || tells(&draft.subject_any);
    let beside_subject = all_tell || tells(&draft.any);
    for (list, is_set_apart) in [
        (&draft.any, beside_any),
        (&draft.subject_any, beside_subject),
        (&draft.all, beside_any || beside_subject),
        (&draft.literal, false),
        (&draft.none, false),
        (&draft.subject_none, false),
    ] {
        if !is_set_apart {
            note_all_general(list, findings);
        }
    }
}

/// Notes a phrase that stands twice in one list, however it is written.
fn note_repeated(written: &[Located<String>], findings: &mut Findings) {
    let mut seen: BTreeMap<Phrase, &Spot> = BTreeMap::new();
    for text in written {
        let Ok(phrase) = Phrase::parse(&text.value) else {
            continue;
        };
        if let Some(first) = seen.insert(phrase, &text.spot) {
            findings.push(
                Finding::warning(&text.spot, "these words stand twice in this list").help(format!(
                    "see {first}; capitals, accents and punctuation make no difference"
                )),
            );
        }
    }
}
