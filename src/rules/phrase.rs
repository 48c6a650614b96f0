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

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Letters and digits that a phrase needs to mean anything.
const FEWEST_LETTERS: usize = 3;

/// Characters that a phrase may have, and stars in it: every phrase is looked for in every mail.
const LONGEST: usize = 200;
const MOST_STARS: usize = 8;

/// Words that stand in nearly every Dutch mail: a phrase of these alone tells nothing. Not among them is *om*: a term
/// that *is om* is over.
const COMMON: [&str; 56] = [
    "aan",
    "als",
    "bericht",
    "beste",
    "bij",
    "collega",
    "dat",
    "de",
    "deze",
    "die",
    "dit",
    "door",
    "een",
    "email",
    "en",
    "er",
    "geachte",
    "goedemiddag",
    "goedemorgen",
    "groet",
    "groeten",
    "heb",
    "hebben",
    "heeft",
    "heer",
    "het",
    "hierbij",
    "ik",
    "in",
    "is",
    "kunt",
    "mail",
    "mailbericht",
    "met",
    "mevrouw",
    "naar",
    "niet",
    "of",
    "onderwerp",
    "ons",
    "onze",
    "ook",
    "op",
    "relatie",
    "te",
    "tot",
    "u",
    "uit",
    "uw",
    "van",
    "voor",
    "vriendelijke",
    "we",
    "wij",
    "wordt",
    "zijn",
];

/// A phrase, folded. Equal phrases in different rules are looked for once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Phrase {
    /// What stands between the `*`, each with its spaces; the first is what the automaton looks for.
    pub(super) pieces: Vec<String>,
}

/// Why a text is no phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoPhrase {
    /// Nothing is left of it.
    Empty,
    /// It would be found in every mail.
    TooShort,
    /// Every mail would pay for it.
    TooLong,
    /// A `*` at the start of the phrase or inside a word.
    MisplacedStar,
}

impl Phrase {
    pub(super) fn parse(text: &str) -> Result<Self, NoPhrase> {
        if text.chars().count() > LONGEST || text.matches('*').count() > MOST_STARS {
            return Err(NoPhrase::TooLong);
        }
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

    /// Whether nearly every mail has these words.
    pub(super) fn is_general(&self) -> bool {
        let mut words = self.pieces.iter().flat_map(|piece| piece.split_whitespace());
        words.all(|word| COMMON.binary_search(&word).is_ok())
    }

    /// A text in which it is found, itself folded: each `*` that needs a word gets one that means nothing.
    pub(super) fn example(&self) -> String {
        let mut text = self.pieces[0].clone();
        for piece in &self.pieces[1..] {
            let word = if text.ends_with(' ') { "xxx" } else { "" };
            text.extend([word, piece.as_str()]);
        }
        text
    }

    /// Where it stands in a folded text for the first time, with the spaces around it.
    pub(super) fn place_in(&self, folded: &str) -> Option<std::ops::Range<usize>> {
        let first = self.pieces[0].as_str();
        let spaces = folded.match_indices(' ').map(|(at, _)| at);
        spaces
            .filter(|at| folded[*at..].starts_with(first))
            .find_map(|at| Some(at..self.goes_on(folded, at + first.len())?))
    }

    /// Where what follows the first piece, which ends at `at`, ends, when it fits as well.
    pub(super) fn goes_on(&self, text: &str, mut at: usize) -> Option<usize> {
        let mut before = self.pieces[0].as_str();
        for piece in &self.pieces[1..] {
            let rest = &text[at..];
            let ending = rest.find(' ').unwrap_or(rest.len());
            // A star on its own needs a word; one behind a stem does not need an ending.
            if (before.ends_with(' ') && ending == 0) || !rest[ending..].starts_with(piece.as_str()) {
                return None;
            }
            at += ending + piece.len();
            before = piece;
        }
        Some(at)
    }
}

/// As an admin could have written it.
impl std::fmt::Display for Phrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.pieces.join("*").trim())
    }
}

/// Folds a text: words in lower case without accents, single spaces between, before and after them.
///
/// Letters are decomposed one by one: the order of their marks, which is what makes normalising a whole text slow, does
/// not matter when the marks are dropped.
pub(super) fn fold(text: &str) -> String {
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
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_normalization::UnicodeNormalization;

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
    fn what_stands_in_every_mail_is_known() {
        assert!(COMMON.is_sorted());
        for (text, general) in [
            ("Geachte heer", true),
            ("u * een bericht", true),
            ("een koppeling", false),
        ] {
            assert_eq!(Phrase::parse(text).unwrap().is_general(), general, "{text}");
        }
    }

    #[test]
    fn what_every_mail_would_pay_for_is_no_phrase() {
        assert_eq!(Phrase::parse(&"woord ".repeat(40)), Err(NoPhrase::TooLong));
        assert_eq!(
            Phrase::parse(&format!("woord {}", "* ".repeat(9))),
            Err(NoPhrase::TooLong)
        );
    }

    #[test]
    fn a_phrase_is_found_in_its_own_example_and_written_as_it_was() {
        for written in [
            "koppeling*",
            "aan * gekoppeld",
            "nieuw* koppeling*",
            "u krijgt * * omdat",
            "wijziging * *",
        ] {
            let phrase = Phrase::parse(written).unwrap();
            assert!(phrase.place_in(&phrase.example()).is_some(), "{written}");
            assert_eq!(Phrase::parse(&phrase.to_string()).unwrap(), phrase, "{phrase}");
        }
    }
}
