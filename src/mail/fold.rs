//! Text as rules can match it: one kind of line end, one kind of space, nothing invisible.
//!
//! A space stands for any run of blanks, a tab for a column border, a line feed for a new line; never more than one
//! blank line. Invisible characters (zero-width spaces inside `gekop-peld`, soft hyphens, NULs, direction marks) are
//! dropped, hyphens that only look different become `-`, composed letters are composed (NFC).
//!
//! Most lines of most mails are ASCII with single spaces and come out as they went in; those are copied whole.

use memchr::memchr2;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Folded text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Folded {
    /// The text.
    pub(super) text: String,
    /// Whether more was there than the limit allowed.
    pub(super) cut: bool,
}

/// Folds a text; `limit` is in bytes of the result.
pub(super) fn fold(text: &str, limit: usize) -> Folded {
    let mut folded = Folded {
        text: String::with_capacity(text.len().min(limit)),
        cut: false,
    };
    let mut gap = Gap::default();
    let mut rest = text;
    while !rest.is_empty() && !folded.cut {
        let (line, end) = rest.split_at(memchr2(b'\r', b'\n', rest.as_bytes()).unwrap_or(rest.len()));
        // The two bytes are for the gap before the line.
        if is_clean(line.as_bytes()) && folded.text.len() + line.len() + 2 <= limit {
            gap.close(&mut folded.text);
            folded.text.push_str(line);
        } else {
            folded.fold_letters(line, &mut gap, limit);
        }
        let (ends, next) = end.split_at(usize::from(!end.is_empty()));
        folded.fold_letters(ends, &mut gap, limit);
        rest = next;
    }
    if !folded.text.is_ascii() && is_nfc_quick(folded.text.chars()) != IsNormalized::Yes {
        folded.text = folded.text.nfc().collect();
    }
    folded
}

/// Whether a line is folded already: printable ASCII that neither starts nor ends with a space nor has two together.
fn is_clean(line: &[u8]) -> bool {
    let [first, .., last] = line else { return false };
    // No early exits, so that the compiler looks at many bytes at once.
    let is_printable = line
        .iter()
        .fold(true, |all, byte| all & matches!(byte, b' '..=b'~'));
    let gaps = line
        .iter()
        .zip(&line[1..])
        .filter(|(one, next)| **one == b' ' && **next == b' ')
        .count();
    is_printable && gaps == 0 && *first != b' ' && *last != b' '
}

impl Folded {
    /// Adds letters one by one; `gap` is what lies between them and the text so far.
    fn fold_letters(&mut self, letters: &str, gap: &mut Gap, limit: usize) {
        for letter in letters.chars() {
            match class(letter) {
                Class::Plain(letter) => {
                    if self.text.len() >= limit {
                        self.cut = true;
                        return;
                    }
                    gap.close(&mut self.text);
                    self.text.push(letter);
                }
                Class::Blank => gap.blank = true,
                Class::Border => gap.border = true,
                Class::Return => {
                    gap.lines += 1;
                    gap.after_return = true;
                    continue;
                }
                Class::Feed => gap.lines += u32::from(!gap.after_return),
                Class::Nothing => continue,
            }
            gap.after_return = false;
        }
    }
}

/// White space seen since the last letter.
#[derive(Debug, Default)]
struct Gap {
    blank: bool,
    border: bool,
    lines: u32,
    after_return: bool,
}

impl Gap {
    fn close(&mut self, text: &mut String) {
        if !text.is_empty() {
            match self {
                Self {
                    lines: 0,
                    border: true,
                    ..
                } => text.push('\t'),
                Self {
                    lines: 0,
                    blank: true,
                    ..
                } => text.push(' '),
                Self { lines: 0, .. } => {}
                Self { lines: 1, .. } => text.push('\n'),
                Self { .. } => text.push_str("\n\n"),
            }
        }
        *self = Self::default();
    }
}

enum Class {
    Plain(char),
    Blank,
    Border,
    Return,
    Feed,
    Nothing,
}

fn class(letter: char) -> Class {
    match letter {
        '!'..='~' => Class::Plain(letter),
        ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            Class::Blank
        }
        '\t' => Class::Border,
        '\r' => Class::Return,
        '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Class::Feed,
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => Class::Nothing,
        '\u{2010}' | '\u{2011}' | '\u{2212}' => Class::Plain('-'),
        other if other.is_control() => Class::Nothing,
        other => Class::Plain(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        fold(text, usize::MAX).text
    }

    #[test]
    fn a_zero_width_space_or_a_soft_hyphen_does_not_split_a_keyword() {
        assert_eq!(folded("gekop\u{200b}peld kop\u{ad}peling"), "gekoppeld koppeling");
    }

    #[test]
    fn the_hyphen_that_word_processors_write_is_a_hyphen() {
        assert_eq!(folded("V\u{2011}nummer SS\u{2010}101"), "V-nummer SS-101");
    }

    #[test]
    fn line_ends_of_every_kind_are_one_line_end() {
        assert_eq!(folded("a\r\nb\nc\rd\u{2028}e\r\r\nf"), "a\nb\nc\nd\ne\n\nf");
    }

    #[test]
    fn blanks_fold_and_borders_stay() {
        assert_eq!(
            folded("  V-nr\u{a0} 9900\u{202f}186 \t 562  \n\n\n\n x "),
            "V-nr 9900 186\t562\n\nx"
        );
    }

    #[test]
    fn an_accent_written_as_two_characters_is_one() {
        assert_eq!(folded("be\u{65}\u{308}indigd\0"), "be\u{eb}indigd");
    }

    #[test]
    fn a_line_that_is_copied_whole_is_what_its_letters_give() {
        proptest::proptest!(|(text in "[a-c \\t\\r\\n\u{e9}\u{200b}]{0,40}", limit in 0_usize..50)| {
            let mut letters = Folded { text: String::new(), cut: false };
            letters.fold_letters(&text, &mut Gap::default(), limit);
            proptest::prop_assert_eq!(fold(&text, limit), letters);
        });
    }

    #[test]
    fn the_limit_is_told() {
        assert_eq!(
            fold("abc def", 3),
            Folded {
                text: "abc".into(),
                cut: true
            }
        );
        assert!(!fold("abc  \n", 3).cut);
    }
}
