//! All phrases of all rules in one automaton; see `phrase` for what a phrase is.

use std::collections::BTreeMap;

use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, BuildError};

use super::phrase::{Phrase, fold};

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
    /// The phrase with this number.
    pub(super) fn phrase(&self, id: PhraseId) -> Option<&Phrase> {
        self.phrases.get(id)
    }

    /// Which phrases are in this text, by number.
    pub(super) fn find(&self, text: &str) -> Found {
        let folded = fold(text);
        let mut found = Hits {
            seen: vec![false; self.phrases.len()],
            ids: Vec::new(),
        };
        // From every space, because the space behind one phrase is the space before the next.
        for at in memchr::memchr_iter(b' ', folded.as_bytes()) {
            if self.starts.has(&folded.as_bytes()[at..]) {
                self.find_at(&folded, at, &mut found);
            }
        }
        found.ids.sort_unstable();
        Found(found.ids)
    }

    /// Notes which phrases start here.
    fn find_at(&self, text: &str, start: usize, found: &mut Hits) {
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
                    if !found.seen[id] && self.phrases[id].goes_on(text, end).is_some() {
                        found.seen[id] = true;
                        found.ids.push(id);
                    }
                }
            }
        }
    }
}

/// Phrases being found: each once, however often it stands there.
struct Hits {
    seen: Vec<bool>,
    ids: Vec<PhraseId>,
}

/// Which phrases were found, by number, in order. They are few, however many there are in the rules.
#[derive(Debug, Clone)]
pub(super) struct Found(Vec<PhraseId>);

impl Found {
    /// Whether this one was.
    pub(super) fn has(&self, id: PhraseId) -> bool {
        self.0.binary_search(&id).is_ok()
    }

    /// All of them.
    pub(super) fn ids(&self) -> impl Iterator<Item = PhraseId> + '_ {
        self.0.iter().copied()
    }

    /// Adds what was found elsewhere.
    pub(super) fn and(mut self, other: &Self) -> Self {
        self.0.extend(&other.0);
        self.0.sort_unstable();
        self.0.dedup();
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
    fn a_phrase_without_stars_is_found_in_itself() {
        proptest::proptest!(|(phrase in "[a-zé]{3,9}( [a-z0-9]{1,5}){0,3}", around in "[a-z .,]{0,9}")| {
            let text = format!("{around} {phrase} {around}");
            proptest::prop_assert!(finds(&phrase, &text));
        });
    }
}
