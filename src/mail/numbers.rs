//! V-nummers and burgerservicenummers in a text.
//!
//! A V-nummer is any ten digits; nothing in it can be checked. So it must be labelled, or be written as one (ten digits
//! together or grouped 4-3-3), not start with a 0 as telephone numbers do, and not stand behind a word that says it
//! is something else. A BSN passes the 11-proef, which one random number in eleven does too: the same care applies.
//! Groups are separated by one space, dot or hyphen; never by a tab, which is a column border.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::domain::References;

/// Numbers that are taken from one mail. More than a page of people is not a notice.
pub(super) const MAX_NUMBERS: usize = 500;
/// How far back a label may stand, in bytes.
const CONTEXT: usize = 32;
/// Bytes that are looked at together for a digit.
const BLOCK: usize = 64;

static V_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b(?:v[- .]?(?:nummers?|nrs?|nr\.)|vreemdeling(?:en)?s?-?(?:nummers?|nr\.?))[\s.:#=(]*$")
});
static BSN_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b(?:bsn(?:[- ]?(?:nummer|nr))?|burgerservice-?(?:nummer|nr)|sofi-?nummer)[\s.:#=(]*$")
});
static OTHER_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:\b(?:bel|belt|tel|telefoon(?:nummer)?|mobiel|gsm|fax|phone|kenmerk|referentie(?:nummer)?|ref|kvk|oin|iban|ordernummer|factuur(?:nummer)?|zaak(?:nummer)?|gezinsdossier|ticket|rsin|btw|(?:[a-z]{0,12}dossier|debiteur(?:en)?|klant|relatie|cli..?nt|aanvraag|meldings?|melding|rekening|document|bericht|contract|polis|volg|besluit|ticket|zaak|loonheffingen|vestigings|registratie)-?(?:nummer|nr\.?))(?: nr| op| via| naar| is| coa| duo)?[\s.:#=(]*|\+[0-9]{0,3} ?\(?)$",
    )
});

pub(super) fn pattern(text: &str) -> Regex {
    Regex::new(&format!("(?i-u){text}")).expect("checked by the tests")
}

/// The numbers of persons in these texts, each once.
pub(super) fn references(texts: &[&str]) -> References {
    let mut found = References::default();
    for text in texts {
        for number in numbers(text.as_bytes()) {
            let list = match number.kind {
                Kind::V => &mut found.v_nummers,
                Kind::Bsn => &mut found.bsns,
            };
            if list.len() < MAX_NUMBERS && !list.contains(&number.digits) {
                list.push(number.digits);
            }
        }
    }
    found
}

/// The V-nummer that somebody typed, digits only; nothing when it is none.
#[must_use]
pub fn v_nummer(typed: &str) -> Option<String> {
    only(references(&[&format!("V-nummer {typed}")]).v_nummers)
}

/// The burgerservicenummer that somebody typed, digits only; nothing when it is none.
#[must_use]
pub fn bsn(typed: &str) -> Option<String> {
    only(references(&[&format!("BSN {typed}")]).bsns)
}

fn only(numbers: Vec<String>) -> Option<String> {
    <[String; 1]>::try_from(numbers).ok().map(|[number]| number)
}

/// Where the first digit from here on stands.
pub(super) fn next_digit(text: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    // No early exit within a block, so that the compiler looks at many bytes at once.
    let clear = rest
        .chunks(BLOCK)
        .take_while(|block| !block.iter().fold(false, |any, byte| any | byte.is_ascii_digit()))
        .count();
    let from = from + clear * BLOCK;
    let at = text.get(from..)?.iter().position(u8::is_ascii_digit)?;
    Some(from + at)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    V,
    Bsn,
}

#[derive(Debug)]
struct Number {
    kind: Kind,
    digits: String,
}

/// Every number of a person, in order.
fn numbers(text: &[u8]) -> impl Iterator<Item = Number> {
    runs(text)
        .filter(|run| run.len() >= 9)
        .flat_map(move |run| in_run(text, run.start, &text[run]))
}

/// Groups of digits with one space, dot or hyphen between them, as long as they go on.
fn runs(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let is_digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = next_digit(text, from)?;
        let mut end = start + 1;
        loop {
            if is_digit(end) {
                end += 1;
            } else if matches!(text.get(end), Some(b' ' | b'.' | b'-')) && is_digit(end + 1) {
                end += 2;
            } else {
                break;
            }
        }
        from = end;
        Some(start..end)
    })
}

/// The numbers in one run of digit groups. A label counts for the first group; what the run is glued to, too: in
/// `SS101 999919854` the code is, and the BSN behind it is not.
fn in_run(text: &[u8], start: usize, run: &[u8]) -> Vec<Number> {
    let context = |end: usize| &text[end.saturating_sub(CONTEXT)..end];
    let before = context(start);
    let label = if V_LABEL.is_match(before) {
        Some(Kind::V)
    } else if BSN_LABEL.is_match(before) {
        Some(Kind::Bsn)
    } else if OTHER_LABEL.is_match(before) {
        return Vec::new();
    } else {
        None
    };
    let is_glued = before
        .last()
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || b"/=_#@&?.-%".contains(byte));
    let end = start + run.len();
    let runs_on = text
        .get(end)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_@%".contains(byte));
    let groups: Vec<&[u8]> = run.split(|byte| matches!(byte, b' ' | b'.' | b'-')).collect();
    let mut found = Vec::new();
    let (mut at, mut offset) = (0, start);
    while at < groups.len() {
        let label = label.filter(|_| at == 0);
        let is_free = label.is_some() || !(at == 0 && is_glued || OTHER_LABEL.is_match(context(offset)));
        let candidate = is_free.then(|| candidate(&groups[at..], label)).flatten();
        let candidate =
            candidate.filter(|(_, taken)| label.is_some() || !runs_on || at + taken < groups.len());
        let taken = candidate.as_ref().map_or(1, |(_, taken)| *taken);
        found.extend(candidate.map(|(number, _)| number));
        offset += groups[at..at + taken]
            .iter()
            .map(|group| group.len() + 1)
            .sum::<usize>();
        at += taken;
    }
    found
}

/// The number that starts with the first of these groups, and how many of them it takes.
fn candidate(groups: &[&[u8]], label: Option<Kind>) -> Option<(Number, usize)> {
    [Kind::V, Kind::Bsn]
        .into_iter()
        .filter(|kind| label.is_none_or(|label| label == *kind))
        .find_map(|kind| {
            let taken = shape(groups, kind, label.is_some())?;
            let digits = String::from_utf8(groups[..taken].concat()).ok()?;
            let is_plausible = label.is_some() || !digits.starts_with('0');
            let is_valid = kind == Kind::V || passes_11_proef(&digits);
            (is_plausible && is_valid).then_some((Number { kind, digits }, taken))
        })
}

/// How many groups from here on make up such a number; with a label in front any grouping will do.
fn shape(groups: &[&[u8]], kind: Kind, labelled: bool) -> Option<usize> {
    let (length, shapes): (usize, &[&[usize]]) = match kind {
        Kind::V => (10, &[&[10], &[4, 3, 3]]),
        Kind::Bsn => (9, &[&[9], &[3, 3, 3], &[4, 2, 3], &[4, 3, 2]]),
    };
    if labelled {
        let mut total = 0;
        for (at, group) in groups.iter().enumerate().take(length) {
            total += group.len();
            if total == length {
                return Some(at + 1);
            }
        }
        return None;
    }
    shapes
        .iter()
        .find(|shape| {
            groups.len() >= shape.len()
                && shape
                    .iter()
                    .zip(groups)
                    .all(|(length, group)| *length == group.len())
        })
        .map(|shape| shape.len())
}

/// The check that every burgerservicenummer passes: weights 9 to 2 and -1 add up to a multiple of 11 (Regeling
/// algemene bepalingen burgerservicenummer, bijlage).
fn passes_11_proef(digits: &str) -> bool {
    let sum: i32 = digits
        .bytes()
        .map(|digit| i32::from(digit - b'0'))
        .zip([9, 8, 7, 6, 5, 4, 3, 2, -1])
        .map(|(digit, weight)| digit * weight)
        .sum();
    digits.len() == 9 && sum % 11 == 0 && digits != "000000000"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(text: &str) -> Vec<String> {
        references(&[text]).v_nummers
    }

    fn bsn(text: &str) -> Vec<String> {
        references(&[text]).bsns
    }

    #[test]
    fn a_v_nummer_is_found_however_it_is_written() {
        for text in [
            "V-nummer 9900149732",
            "V-nummer\t9900.149.732",
            "v-nr: 99 00 14 97 32",
            "vnr 9900-149-732",
            "Vreemdelingennummer: 9900149732.",
            "vreemdelingnummer 99 00149732",
            "Het klantprofiel van Farid (9900149732) is klaar",
            "koppeling van 9900 149 732 vandaag",
            "voor referent 9900149732 staat",
            "9900149732",
        ] {
            assert_eq!(v(text), ["9900149732"], "{text}");
        }
    }

    #[test]
    fn other_numbers_of_ten_digits_are_no_v_nummers() {
        for text in [
            "bel uw regievoerder op 0880001722",
            "06 000 01122",
            "+3188 0001 722",
            "+31 8800017222",
            "telefoon: 8800017221",
            "ons kenmerk 2025001234",
            "https://tvs.coa.nl/dossier/9900149732",
            "NL69INGB9900149732",
            "NL69 INGB 9900 1497 32",
            "kenmerk 2025 9900149732",
            "12-03-2025 10.30",
            "99001497321",
            "Gezinsdossier 9900149732",
            "klantnummer: 9900149732",
            "relatienr. 9900149732",
            "9900149732abc",
            "9900\t149\t732",
        ] {
            assert_eq!(v(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_bsn_passes_the_11_proef() {
        assert_eq!(
            bsn("BSN 999919854, 999 918 679 en burgerservicenummer 9999.16.932"),
            ["999919854", "999918679", "999916932"]
        );
        assert_eq!(bsn("BSN 999919855"), [""; 0]);
        assert_eq!(bsn("V-nummer 999919854"), [""; 0]);
        assert_eq!(bsn("kenmerk 999919854, RSIN 999918679"), [""; 0]);
    }

    #[test]
    fn numbers_next_to_each_other_stay_apart() {
        let found = references(&["9900149732 999919854", "1. 9900149732"]);
        assert_eq!((found.v_nummers.len(), found.bsns.len()), (1, 1));
        assert_eq!(
            v("V-nummers 9900149732, 9900158138"),
            ["9900149732", "9900158138"]
        );
    }

    #[test]
    fn every_run_of_digits_is_looked_at() {
        let groups = pattern(r"[0-9]+(?:[ .-][0-9]+)*");
        proptest::proptest!(|(text in "[0-9 .\\n-]{0,40}[a-z\\n]{0,200}[0-9x .\\n-]{0,40}")| {
            let found: Vec<_> = groups.find_iter(text.as_bytes()).map(|run| run.range()).collect();
            proptest::prop_assert_eq!(runs(text.as_bytes()).collect::<Vec<_>>(), found);
        });
    }
}
