//! Signal codes in a text, and whom they are about.
//!
//! A code counts once a person: an overview may list SS101 for three people, but the code in the subject and again
//! in the text is one signal.

use std::rc::Rc;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::numbers::{MAX_NUMBERS, next_digit, pattern, references};
use crate::domain::References;

/// Mentions of codes that are looked at; an overview names each code once a person and may name some of them twice.
const MAX_MENTIONS: usize = 4 * MAX_NUMBERS;

static CODES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\bss[ -]?([0-9]{3})\b|\bsignaal(?:code|nummer)?(?: nr\.?| nummer)?[ :-]{1,2}([0-9]{3})\b")
});

/// The people that a code is about, where its line names any. Shared, because one line may hold many codes.
type People = Option<Rc<References>>;

/// The signal codes in these texts, in order, each once for a person.
pub(super) fn codes(texts: &[&str]) -> Vec<(String, References)> {
    let mut listed: Vec<(String, People)> = Vec::new();
    for text in texts {
        for mention in mentions(text) {
            // A code without a person is the same signal as any other mention of it; the first person claims it.
            let known = listed.iter().position(|(code, people)| {
                *code == mention.0 && (mention.1.is_none() || people.is_none() || *people == mention.1)
            });
            match known {
                Some(at) if listed[at].1.is_none() => listed[at].1 = mention.1,
                None if listed.len() < MAX_NUMBERS => listed.push(mention),
                _ => {}
            }
        }
    }
    let whom = |people: People| people.map_or_else(References::default, |people| people.as_ref().clone());
    listed
        .into_iter()
        .map(|(code, people)| (code, whom(people)))
        .collect()
}

/// Codes with the people of their line, or else of the lines up to the next code.
fn mentions(text: &str) -> Vec<(String, People)> {
    let mut found: Vec<(String, People)> = Vec::new();
    for line in lines_with_digits(text) {
        let people = || {
            let people = references(&[line]);
            (people != References::default()).then(|| Rc::new(people))
        };
        let codes: Vec<String> = CODES
            .captures_iter(line.as_bytes())
            .filter_map(|hit| code(line, &hit))
            .take(MAX_MENTIONS - found.len())
            .collect();
        if codes.is_empty() {
            if let Some((_, owner @ None)) = found.last_mut() {
                *owner = people();
            }
            continue;
        }
        let people = people();
        found.extend(codes.into_iter().map(|code| (code, people.clone())));
        if found.len() == MAX_MENTIONS {
            break;
        }
    }
    found
}

/// The lines that may hold a code or a number of a person; there are few in most mails.
fn lines_with_digits(text: &str) -> impl Iterator<Item = &str> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let bytes = text.as_bytes();
        let digit = next_digit(bytes, from)?;
        let start = memchr::memrchr(b'\n', &bytes[from..digit]).map_or(from, |at| from + at + 1);
        let end = memchr::memchr(b'\n', &bytes[digit..]).map_or(text.len(), |at| digit + at);
        from = end;
        Some(&text[start..end])
    })
}

fn code(line: &str, hit: &regex::bytes::Captures<'_>) -> Option<String> {
    let digits = hit.get(1).or_else(|| hit.get(2))?;
    // "signaal 999 917 420" is about a number, not a code.
    let after = line.as_bytes().get(digits.end()..)?;
    if matches!(after, [b' ' | b'.' | b'-', b'0'..=b'9', ..]) && hit.get(2).is_some() {
        return None;
    }
    Some(format!("SS{}", str::from_utf8(digits.as_bytes()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(texts: &[&str]) -> Vec<String> {
        codes(texts).into_iter().map(|(code, _)| code).collect()
    }

    #[test]
    fn a_code_is_found_however_it_is_written() {
        for text in [
            "SS101",
            "ss101",
            "SS-101",
            "SS 101",
            "[SS-101]",
            "(ss-101).",
            "signaal 101:",
            "Signaalcode 101",
            "signaalcode: 101",
            "signaal nr. 101",
        ] {
            assert_eq!(named(&[text]), ["SS101"], "{text}");
        }
        for text in [
            "SS1012",
            "Strass101",
            "signaal 999 917 420",
            "signaal 2025",
            "10 signalen",
            "bess 101",
        ] {
            assert_eq!(named(&[text]), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_code_counts_once_for_each_person() {
        let two = "SS101 999919854\nSS101 999918679\nSS101 999919854";
        assert_eq!(named(&["Signaal SS101", two]), ["SS101", "SS101"]);
        let below = "SS101\nBSN 999919854\n\nSS101\nBSN 999918679\n\nSS102";
        assert_eq!(named(&[below]), ["SS101", "SS101", "SS102"]);
    }

    #[test]
    fn a_code_that_is_repeated_without_a_person_is_one_signal() {
        assert_eq!(
            named(&[
                "Correctie: SS101",
                "Het signaal SS101 voor BSN 999919854. SS101 vervalt."
            ]),
            ["SS101"]
        );
    }

    #[test]
    fn every_line_with_a_digit_is_looked_at() {
        proptest::proptest!(|(text in "[0-9 .\\n-]{0,40}[a-z\\n]{0,200}[0-9x .\\n-]{0,40}")| {
            let lines: Vec<_> = text.lines().filter(|line| line.contains(|c: char| c.is_ascii_digit())).collect();
            proptest::prop_assert_eq!(lines_with_digits(&text).collect::<Vec<_>>(), lines);
        });
    }
}
