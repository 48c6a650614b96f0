//! The words that rules look for in a mail.
//!
//! A phrase is what an admin would write down: a few words, in any case, with any punctuation and white space between
//! them. It matches whole words only, so that `koppeling` is not found in *ontkoppeling*; a `*` at the end of a word
//! stands for any ending, a `*` on its own for any one word.
//!
//! Text and phrases are folded the same way (NFKD without marks, lower case, every run of other characters one
//! space), with a space at both ends. In folded text a word boundary *is* a space, so a phrase becomes a string with
//! spaces around it and all phrases of all rules go into one Aho-Corasick automaton: one pass a mail, however many
//! rules there are. Regular expressions with Unicode boundaries do two hundred mails a second where this does
//! a hundred thousand.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, BuildError};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Letters and digits that a phrase needs to mean anything.
const FEWEST_LETTERS: usize = 3;

/// A phrase, folded. Equal phrases in different rules are looked for once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Phrase {
    /// What stands between the `*`, each with its spaces; the first is what the automaton looks for.
    pieces: Vec<String>,
}

/// Why a text is no phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoPhrase {
    /// Nothing is left of it.
    Empty,
    /// It would be found in every mail.
    TooShort,
    /// A `*` at the start of the phrase or inside a word.
    MisplacedStar,
}

impl Phrase {
    pub(super) fn parse(text: &str) -> Result<Self, NoPhrase> {
        let mut pieces = vec![String::from(" ")];
        for word in text.split_whitespace() {
            let stem = word.strip_suffix('*');
            let words = fold(stem.unwrap_or(word));
            let first_is_star = pieces.len() == 1 && pieces[0] == " " && words == " ";
            if stem.is_some_and(|stem| stem.contains('*')) || (stem.is_none() && word.contains('*')) {
                return Err(NoPhrase::MisplacedStar);
            }
            if stem.is_some() && first_is_star {
                return Err(NoPhrase::MisplacedStar);
            }
            let last = pieces.last_mut().ok_or(NoPhrase::Empty)?;
            last.push_str(words[1..].trim_end_matches(' '));
            if stem.is_some() {
                pieces.push(String::from(" "));
            } else if !last.ends_with(' ') {
                last.push(' ');
            }
        }
        match pieces[0].chars().filter(|c| *c != ' ').count() {
            0 => Err(NoPhrase::Empty),
            1..FEWEST_LETTERS
                if pieces.iter().map(|piece| piece.trim().len()).sum::<usize>() < FEWEST_LETTERS =>
            {
                Err(NoPhrase::TooShort)
            }
            _ => Ok(Self { pieces }),
        }
    }

    /// Whether whoever finds `longer` finds this one in it as well.
    pub(super) fn is_part_of(&self, longer: &Self) -> bool {
        self.pieces.len() == 1 && longer.pieces.iter().any(|piece| piece.contains(&self.pieces[0]))
    }

    /// Whether what follows the first piece, which ends at `at`, fits as well.
    fn goes_on(&self, text: &str, mut at: usize) -> bool {
        let mut before = self.pieces[0].as_str();
        for piece in &self.pieces[1..] {
            let rest = &text[at..];
            let ending = rest.find(' ').unwrap_or(rest.len());
            // A star on its own needs a word; one behind a stem does not need an ending.
            if (before.ends_with(' ') && ending == 0) || !rest[ending..].starts_with(piece.as_str()) {
                return false;
            }
            at += ending + piece.len();
            before = piece;
        }
        true
    }
}

/// Folds a text: words in lower case without accents, single spaces between, before and after them.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len() + 2);
    folded.push(' ');
    let mut push = |c: char| {
        if c.is_alphanumeric() {
            folded.extend(c.to_lowercase());
        } else if !folded.ends_with(' ') {
            folded.push(' ');
        }
    };
    if text.is_ascii() {
        text.chars().for_each(&mut push);
    } else {
        let seen = text.chars().filter(|c| !is_invisible(*c)).nfkd();
        seen.filter(|c| !is_combining_mark(*c)).for_each(&mut push);
    }
    if !folded.ends_with(' ') {
        folded.push(' ');
    }
    folded
}

/// Characters that are not seen and must not split a word: soft hyphen, zero-width ones, direction marks, BOM.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}

/// The number of a phrase in a [`PhraseBook`].
pub(super) type PhraseId = usize;

/// Phrases being collected.
#[derive(Debug, Default)]
pub(super) struct PhraseList {
    ids: BTreeMap<Phrase, PhraseId>,
}

impl PhraseList {
    /// The number of this phrase.
    pub(super) fn add(&mut self, phrase: Phrase) -> PhraseId {
        let next = self.ids.len();
        *self.ids.entry(phrase).or_insert(next)
    }

    /// Makes them ready to look for.
    ///
    /// # Errors
    /// There are so many that the automaton does not fit.
    pub(super) fn compile(self) -> Result<PhraseBook, BuildError> {
        let mut phrases: Vec<(Phrase, PhraseId)> = self.ids.into_iter().collect();
        phrases.sort_by_key(|(_, id)| *id);
        let phrases: Vec<Phrase> = phrases.into_iter().map(|(phrase, _)| phrase).collect();
        let automaton = AhoCorasick::new(phrases.iter().map(|phrase| phrase.pieces[0].as_str()))?;
        Ok(PhraseBook { automaton, phrases })
    }
}

/// All phrases of all rules, ready to look for.
#[derive(Debug, Clone)]
pub(super) struct PhraseBook {
    automaton: AhoCorasick,
    phrases: Vec<Phrase>,
}

impl PhraseBook {
    /// Which phrases are in this text, by number.
    pub(super) fn find(&self, text: &str) -> Found {
        let folded = fold(text);
        let mut found = vec![false; self.phrases.len()];
        // Overlapping: the space behind one phrase is the space before the next.
        for hit in self.automaton.find_overlapping_iter(&folded) {
            let id = hit.pattern().as_usize();
            found[id] = found[id] || self.phrases[id].goes_on(&folded, hit.end());
        }
        Found(found)
    }
}

/// Which phrases were found.
#[derive(Debug, Clone)]
pub(super) struct Found(Vec<bool>);

impl Found {
    /// Whether this one was.
    pub(super) fn has(&self, id: PhraseId) -> bool {
        self.0.get(id).copied().unwrap_or(false)
    }

    /// Adds what was found elsewhere.
    pub(super) fn and(mut self, other: &Self) -> Self {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine |= theirs;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(phrase: &str, text: &str) -> bool {
        let mut list = PhraseList::default();
        let id = list.add(Phrase::parse(phrase).unwrap());
        list.compile().unwrap().find(text).has(id)
    }

    #[test]
    fn whole_words_only() {
        assert!(finds("koppeling", "Nieuwe KOPPELING."));
        assert!(!finds("koppeling", "De ontkoppeling is verwerkt"));
        assert!(!finds("koppeling", "koppelingen"));
        assert!(!finds("gekoppeld aan", "losgekoppeld aan"));
    }

    #[test]
    fn a_star_is_any_ending_and_alone_any_word() {
        assert!(finds("koppeling*", "koppelingen"));
        assert!(finds("koppeling*", "koppeling"));
        assert!(finds("nieuw* koppeling*", "twee nieuwe koppelingen in TVS"));
        assert!(finds("aan * gekoppeld", "is aan Voorbeeld gekoppeld"));
        assert!(!finds("aan * gekoppeld", "is aan gekoppeld"));
        assert!(!finds("aan gemeente *", "aan gemeente"));
        assert!(finds("u krijgt * * omdat", "U krijgt dit bericht, omdat"));
    }

    #[test]
    fn case_accents_punctuation_line_ends_and_invisible_characters_do_not_matter() {
        assert!(finds(
            "niet-vrijstellende opleiding beëindigd",
            "Niet vrijstellende\nopleiding  BEEINDIGD!"
        ));
        assert!(finds("beeindigd", "bee\u{308}indigd"));
        assert!(finds("gekoppeld", "gekop\u{200B}peld"));
        assert!(finds("gekoppeld", "gekop\u{AD}peld"));
        assert!(finds("in één keer", "In een\u{A0}keer"));
    }

    #[test]
    fn two_phrases_may_share_a_space() {
        let mut list = PhraseList::default();
        let first = list.add(Phrase::parse("statushouder").unwrap());
        let second = list.add(Phrase::parse("gekoppeld").unwrap());
        assert_eq!(list.add(Phrase::parse("Gekoppeld").unwrap()), second);
        let found = list.compile().unwrap().find("statushouder gekoppeld");
        assert!(found.has(first) && found.has(second));
    }

    #[test]
    fn what_would_match_everything_or_nothing_is_no_phrase() {
        assert_eq!(Phrase::parse(" - "), Err(NoPhrase::Empty));
        assert_eq!(Phrase::parse("*"), Err(NoPhrase::MisplacedStar));
        assert_eq!(Phrase::parse("*koppeling"), Err(NoPhrase::MisplacedStar));
        assert_eq!(Phrase::parse("kop*ling"), Err(NoPhrase::MisplacedStar));
        assert_eq!(Phrase::parse("* koppeling"), Err(NoPhrase::MisplacedStar));
        assert_eq!(Phrase::parse("de"), Err(NoPhrase::TooShort));
        assert_eq!(Phrase::parse("a*"), Err(NoPhrase::TooShort));
    }

    #[test]
    fn no_text_and_no_phrase_makes_it_panic() {
        proptest::proptest!(|(phrase in "\\PC{0,12}", text in "\\PC{0,40}")| {
            if let Ok(phrase) = Phrase::parse(&phrase) {
                let mut list = PhraseList::default();
                list.add(phrase);
                list.compile().unwrap().find(&text);
            }
        });
    }

    #[test]
    fn a_phrase_without_stars_is_found_in_itself() {
        proptest::proptest!(|(phrase in "[a-zé]{3,9}( [a-z0-9]{1,5}){0,3}", around in "[a-z .,]{0,9}")| {
            let text = format!("{around} {phrase} {around}");
            proptest::prop_assert!(finds(&phrase, &text));
        });
    }
}
