//! How a mail was recognised, told to a person: which blocks were tried, and which of their words stand where.
//!
//! Deciding looks at a folded text and only asks *whether*. This looks again, slowly, with a folding that remembers
//! where each letter came from; a test holds the two foldings against each other.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::book::PhraseId;
use super::phrase::{Phrase, is_invisible};
use super::raw::Rank;
use super::recognition::{Recogniser, Recognition, Words};
use crate::domain::{SourceId, TypeId};

/// A part of a mail that is looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The subject.
    Subject,
    /// The newest text.
    Text,
}

/// Words of a block that stand in a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The list of the block: `any`, `all`, `none`, `subject_any`, `subject_none`, `literal` or `codes`; or `never` of
    /// its type.
    pub list: &'static str,
    /// Whether these words speak against the block.
    pub forbids: bool,
    /// The words as the block has them.
    pub phrase: String,
    /// Where they stand.
    pub part: Part,
    /// The bytes of that part.
    pub span: Range<usize>,
}

/// What became of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// Type and block, such as `coa.koppeling/gekoppeld`.
    pub rule: String,
    /// The type that it recognises.
    pub kind: TypeId,
    /// When it is looked at.
    pub rank: Rank,
    /// Whether it fits.
    pub fits: bool,
    /// Which of its words stand in the mail, in the order of the lists.
    pub hits: Vec<Hit>,
    /// What it asks for and the mail does not have.
    pub missing: Vec<String>,
}

/// A mail as it is looked through.
struct Reading<'m> {
    parts: [(Part, Folded); 2],
    codes: &'m [String],
    words: Words,
}

impl Recognition {
    /// What became of each block of this source, in the order of the rules. `codes` are those found in the mail.
    #[must_use]
    pub fn trials(&self, source: &SourceId, subject: &str, text: &str, codes: &[String]) -> Vec<Trial> {
        let reading = Reading {
            parts: [
                (Part::Subject, Folded::of(subject)),
                (Part::Text, Folded::of(text)),
            ],
            codes,
            words: self.read(subject, text),
        };
        self.of(source).map(|block| self.trial(block, &reading)).collect()
    }

    fn trial(&self, block: &Recogniser, reading: &Reading<'_>) -> Trial {
        let claimed: Vec<&String> = block
            .codes
            .iter()
            .filter(|code| reading.codes.contains(code))
            .collect();
        let mut hits: Vec<Hit> = claimed.iter().filter_map(|code| reading.code(code)).collect();
        for (list, ids) in [
            ("literal", &block.literal),
            ("any", &block.any),
            ("all", &block.all),
            ("subject_any", &block.subject_any),
            ("none", &block.none),
            ("never", &block.never),
            ("subject_none", &block.subject_none),
        ] {
            hits.extend(ids.iter().filter_map(|id| self.hit(list, *id, reading)));
        }
        Trial {
            rule: block.rule.clone(),
            kind: block.kind.clone(),
            rank: block.rank,
            fits: !claimed.is_empty() || block.fits(&reading.words) || block.fits_literally(&reading.words),
            missing: self.missing(block, &reading.words),
            hits,
        }
    }

    fn hit(&self, list: &'static str, id: PhraseId, reading: &Reading<'_>) -> Option<Hit> {
        let parts = if list.starts_with("subject_") {
            &reading.parts[..1]
        } else {
            &reading.parts[..]
        };
        Reading::find(list, self.book.phrase(id)?, parts)
    }

    fn missing(&self, block: &Recogniser, words: &Words) -> Vec<String> {
        let name = |id: &PhraseId| self.book.phrase(*id).map(ToString::to_string).unwrap_or_default();
        let absent = block.all.iter().filter(|id| !words.all.has(**id));
        let mut missing: Vec<String> = absent.map(|id| format!("all: {}", name(id))).collect();
        if !block.any.is_empty() && !block.any.iter().any(|id| words.all.has(*id)) {
            missing.push("any".to_owned());
        }
        if !block.subject_any.is_empty() && !block.subject_any.iter().any(|id| words.subject.has(*id)) {
            missing.push("subject_any".to_owned());
        }
        missing
    }
}

impl Reading<'_> {
    fn find(list: &'static str, phrase: &Phrase, parts: &[(Part, Folded)]) -> Option<Hit> {
        parts.iter().find_map(|(part, folded)| {
            Some(Hit {
                list,
                forbids: matches!(list, "none" | "never" | "subject_none"),
                phrase: phrase.to_string(),
                part: *part,
                span: folded.find(phrase)?,
            })
        })
    }

    /// Where a code stands, also with a space or a hyphen in it.
    fn code(&self, code: &str) -> Option<Hit> {
        let letters = code.trim_end_matches(|c: char| c.is_ascii_digit());
        let apart = format!("{letters} {}", &code[letters.len()..]);
        let hit = [code, &apart]
            .into_iter()
            .filter_map(|written| Phrase::parse(written).ok())
            .find_map(|phrase| Self::find("codes", &phrase, &self.parts))?;
        Some(Hit {
            phrase: code.to_owned(),
            ..hit
        })
    }
}

/// A folded text that remembers where each of its bytes came from.
struct Folded {
    text: String,
    origins: Vec<Range<usize>>,
}

impl Folded {
    fn of(text: &str) -> Self {
        let mut folded = Self {
            text: String::new(),
            origins: Vec::new(),
        };
        folded.push(' ', 0..0);
        for (at, c) in text.char_indices().filter(|(_, c)| !is_invisible(*c)) {
            let origin = at..at + c.len_utf8();
            for part in std::iter::once(c).nfkd().filter(|c| !is_combining_mark(*c)) {
                if part.is_alphanumeric() {
                    part.to_lowercase().for_each(|c| folded.push(c, origin.clone()));
                } else if !folded.text.ends_with(' ') {
                    folded.push(' ', origin.clone());
                }
            }
        }
        if !folded.text.ends_with(' ') {
            folded.push(' ', text.len()..text.len());
        }
        folded
    }

    fn push(&mut self, c: char, origin: Range<usize>) {
        self.text.push(c);
        self.origins.resize(self.text.len(), origin);
    }

    /// The bytes of the text that was folded in which this phrase stands first.
    fn find(&self, phrase: &Phrase) -> Option<Range<usize>> {
        let place = phrase.place_in(&self.text)?;
        let first = self.origins.get(place.start + 1)?;
        let last = self.origins.get(place.end.checked_sub(2)?)?;
        Some(first.start..last.end)
    }
}

#[cfg(test)]
mod tests {
    use super::super::phrase::fold;
    use super::*;

    #[test]
    fn both_foldings_give_the_same_text() {
        proptest::proptest!(|(text in "\\PC{0,40}")| {
            proptest::prop_assert_eq!(Folded::of(&text).text, fold(&text));
        });
        for text in [
            "",
            "é",
            "ﬁets",
            "kop\u{AD}pel",
            "e\u{301}\u{323}",
            "한국",
            "İstanbul ½",
        ] {
            assert_eq!(Folded::of(text).text, fold(text), "{text}");
        }
    }

    #[test]
    fn words_are_found_where_they_stand_in_the_text_as_written() {
        let text = "Regel één.\nDe KOP\u{AD}PELING-en zijn gekoppeld, punt.";
        for (phrase, expected) in [
            ("een", "één"),
            ("koppeling en", "KOP\u{AD}PELING-en"),
            ("gekop*", "gekoppeld"),
            ("zijn * punt", "zijn gekoppeld, punt"),
        ] {
            let span = Folded::of(text).find(&Phrase::parse(phrase).unwrap()).unwrap();
            assert_eq!(&text[span], expected);
        }
        assert_eq!(Folded::of(text).find(&Phrase::parse("koppel").unwrap()), None);
    }
}
