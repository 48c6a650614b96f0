//! The words that rules look for in a mail.
//!
//! A phrase is what an admin would write down: a few words, in any case, with any punctuation and white space between
//! them. It matches whole words only, so that `koppeling` is not found in *ontkoppeling*; a `*` at the end of a word
//! stands for any ending, a `*` on its own for any one word.
//!
//! Text and phrases are folded the same way (NFKD without marks, lower case, every run of other characters one
//! space), with a space at both ends. In folded text a word boundary *is* a space, so a phrase becomes a string with
//! spaces around it and all phrases of all rules go into one automaton, which is asked at the words that any of them
//! starts with: one pass a mail, however many rules there are. Regular expressions with Unicode boundaries do two
//! hundred mails a second where this does a hundred thousand.

use std::collections::BTreeMap;

use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, BuildError};
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

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
///
/// Letters are decomposed one by one: the order of their marks, which is what makes normalising a whole text slow, does
/// not matter when the marks are dropped.
fn fold(text: &str) -> String {
    if text.is_ascii() {
        return fold_ascii(text);
    }
    let mut folded = String::with_capacity(text.len() + 2);
    folded.push(' ');
    let mut after_space = true;
    let mut push = |c: char| {
        if c != ' ' || !after_space {
            folded.push(c);
        }
        after_space = c == ' ';
    };
    for c in text.chars() {
        if c.is_ascii() {
            push(char::from(ASCII[c as usize]));
        } else if !is_invisible(c) {
            decompose_compatible(c, |part| {
                if is_combining_mark(part) {
                    return;
                }
                if part.is_alphanumeric() {
                    part.to_lowercase().for_each(&mut push);
                } else {
                    push(' ');
                }
            });
        }
    }
    push(' ');
    folded
}

/// What each ASCII character is folded to: nearly all mails hold little else, and a table is fastest.
const ASCII: [u8; 128] = {
    let mut table = [b' '; 128];
    let mut byte = 0_u8;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() {
            table[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

/// Folds a text that is ASCII.
fn fold_ascii(text: &str) -> String {
    let mut folded = vec![b' '; text.len() + 2];
    let (mut end, mut last) = (1, b' ');
    for byte in text.bytes() {
        let letter = ASCII[usize::from(byte & 0x7f)];
        // Written over by the next when it is a second space.
        folded[end] = letter;
        end += usize::from(letter != b' ' || last != b' ');
        last = letter;
    }
    end += usize::from(last != b' ');
    folded.truncate(end);
    String::from_utf8(folded).expect("the table holds ASCII only")
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
        let pieces = || phrases.iter().map(|phrase| phrase.pieces[0].as_str());
        Ok(PhraseBook {
            starts: Starts::of(pieces()),
            automaton: NFA::builder().prefilter(false).build(pieces())?,
            phrases,
        })
    }
}

/// All phrases of all rules, ready to look for.
#[derive(Debug, Clone)]
pub(super) struct PhraseBook {
    starts: Starts,
    automaton: NFA,
    phrases: Vec<Phrase>,
}

/// How the words begin that phrases begin with: most words of a mail begin otherwise, and cost one look here. Their
/// first three bytes share a small table, so it may say yes for nothing, but never no.
#[derive(Debug, Clone)]
struct Starts(Vec<bool>);

impl Starts {
    /// The logarithm of the table's size.
    const BITS: u32 = 13;

    fn of<'p>(pieces: impl Iterator<Item = &'p str>) -> Self {
        let mut starts = Self(vec![false; 1 << Self::BITS]);
        for piece in pieces {
            match *piece.as_bytes() {
                [_, first, second, third, ..] => starts.add([first, second, third]),
                // Anything may follow it.
                [_, first, second] => (0..=u8::MAX).for_each(|third| starts.add([first, second, third])),
                _ => starts.0.fill(true),
            }
        }
        starts
    }

    fn add(&mut self, start: [u8; 3]) {
        self.0[Self::index(start)] = true;
    }

    /// Multiplicative hashing (Knuth, volume 3, section 6.4).
    fn index([first, second, third]: [u8; 3]) -> usize {
        let hash = u32::from_be_bytes([0, first, second, third]).wrapping_mul(0x9e37_79b1);
        (hash >> (u32::BITS - Self::BITS)) as usize
    }

    /// Whether a phrase may start with this space and what follows it.
    fn has(&self, text: &[u8]) -> bool {
        match *text {
            [_, first, second, third, ..] => self.0[Self::index([first, second, third])],
            _ => true,
        }
    }
}

impl PhraseBook {
    /// Which phrases are in this text, by number.
    pub(super) fn find(&self, text: &str) -> Found {
        let folded = fold(text);
        let mut found = vec![false; self.phrases.len()];
        // From every space, because the space behind one phrase is the space before the next.
        for at in memchr::memchr_iter(b' ', folded.as_bytes()) {
            if self.starts.has(&folded.as_bytes()[at..]) {
                self.find_at(&folded, at, &mut found);
            }
        }
        Found(found)
    }

    /// Notes which phrases start here.
    fn find_at(&self, text: &str, start: usize, found: &mut [bool]) {
        let Ok(mut state) = self.automaton.start_state(Anchored::Yes) else {
            return;
        };
        for (end, byte) in (start + 1..).zip(&text.as_bytes()[start..]) {
            state = self.automaton.next_state(Anchored::Yes, state, *byte);
            if self.automaton.is_dead(state) {
                return;
            }
            if self.automaton.is_match(state) {
                for hit in 0..self.automaton.match_len(state) {
                    let id = self.automaton.match_pattern(state, hit).as_usize();
                    found[id] = found[id] || self.phrases[id].goes_on(text, end);
                }
            }
        }
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
    use unicode_normalization::UnicodeNormalization;

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
    fn short_words_are_found_wherever_they_stand() {
        assert!(finds("u krijgt", "Dit is wat u krijgt") && finds("in u", "in u") && !finds("in u", "in ut"));
        assert!(finds("ww* uit", "de WWB uit") && finds("ww* uit", "de ww uit"));
        assert!(finds("a * bc", "a c bc") && finds("a* bcd", "an bcd") && !finds("a* bcd", "in bcd"));
    }

    #[test]
    fn letter_by_letter_is_as_the_whole_text_normalised() {
        let slow = |text: &str| {
            let letters = text.chars().filter(|c| !is_invisible(*c)).nfkd();
            let letters = letters.filter(|c| !is_combining_mark(*c));
            let words: String = letters
                .map(|c| if c.is_alphanumeric() { c } else { ' ' })
                .collect();
            let words = words.chars().flat_map(char::to_lowercase).collect::<String>();
            words
                .split_whitespace()
                .fold(" ".to_owned(), |text, word| text + word + " ")
        };
        proptest::proptest!(|(text in "\\PC{0,40}", accents in "[a-e\u{300}\u{301}\u{327}\u{fb01}\u{ad} ]{0,20}")| {
            let text = text + &accents;
            proptest::prop_assert_eq!(fold(&text), slow(&text));
        });
    }

    #[test]
    fn ascii_is_folded_as_everything_else_is() {
        proptest::proptest!(|(text in "[ -~\\t\\r\\n]{0,40}")| {
            proptest::prop_assert_eq!(fold(&format!("{text} é")), fold(&text) + "e ");
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
