//! What a colleague's answer to a letter of ours asks for: opgepakt, afgehandeld, niet van mij, overdragen aan ...,
//! soort ....
//!
//! Must guarantee: **better no intent than a wrong one.** An answer that closes a task which nobody handled loses a
//! family its house; an answer that is not understood costs one more letter. So:
//! - only the first lines of the newest text count, after a greeting; quoted letters are gone by then;
//! - a question ("is dit al opgepakt?"), a wish or a plan for others ("kan iemand dit oppakken", "wordt door Jan
//!   opgepakt") and a denial ("nog niet klaar") are no intent;
//! - a sentence that could mean two things means nothing, and the first sentence that means something counts.
//!
//! Words may be mistyped by a letter when they are long enough that no other word is meant.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use super::absence;
use crate::domain::Intent;

/// Lines that are read below the greeting.
const LINES: usize = 6;
/// Letters of a remark, a name or a type that are kept.
const KEPT: usize = 200;
/// Words of at least this many letters may have one wrong.
const LONG: usize = 7;

static GREETING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:hoi|hallo|dag|beste|geachte|hi|hey|goede(?:morgen|middag|navond)|goedemorgen|goedemiddag|ha|l\.?s\.?)\b[^.!?:]{0,40}[,.!]?$")
        .expect("checked by the tests")
});

/// A month that a full stop cuts short, and the year behind it.
static MONTH_CUT_SHORT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\d\s+(?:jan|febr?|mrt|apr|jun|jul|aug|sept?|okt|nov|dec)$")
        .expect("checked by the tests")
});
static YEAR: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^\s*20\d\d\b").expect("checked by the tests"));

/// Somebody else, some other time, or not at all.
static DOUBT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:geen|nooit|nog niet|niet|bijna|half|deels|als|zodra|wanneer|wie|iemand|door|moet|moeten|graag|kun|kunnen|kan|kunt|wil je|willen|wordt|worden|zou|misschien|mogelijk|tenzij|indien|totdat|tot|voordat|maar)\b")
        .expect("checked by the tests")
});

static NOT_MINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:niet (?:van|voor|bij) (?:mij|ons)|niet (?:mijn|onze) (?:zaak|klant|taak|dossier|caseload|wijk|gebied)|hoort niet bij (?:mij|ons))\b")
        .expect("checked by the tests")
});

static HAND_OVER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^\W*(?:graag |svp |s\.v\.p\. |aub |a\.u\.b\. |deze |dit |taak )*(?:over(?:ge)?dragen|overzetten|overgezet|doorzetten|doorgezet|draag over|zet over|toewijzen|toegewezen)(?: a\.u\.b\.| aub| svp)? (?:aan|naar|op)\s*:?\s+(?P<to>.+)$|^\W*(?:graag )?(?:aan|naar) (?P<to2>.+?) (?:overdragen|overzetten|doorzetten|toewijzen)\b")
        .expect("checked by the tests")
});

static SET_TYPE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^\W*(?:soort|type)\s*(?:is|wordt|=|:)?\s*(?P<kind>[A-Za-z0-9][^.!?;,]*(?:\.[A-Za-z0-9_]+)*)",
    )
    .expect("checked by the tests")
});

/// Words that take a task.
const TAKE: [&str; 4] = ["opgepakt", "oppakken", "opgenomen", "oppak"];
/// "Ik pak het op", "neem ik", "ik ga hiermee aan de slag".
static I_TAKE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:ik pak|pak ik|pakken wij|wij pakken|we pakken)\b[^.!?]{0,30}\bop\b|\b(?:ik neem|neem ik)\b[^.!?]{0,20}(?:op me|over|aan)?\b|\b(?:doe ik|ik doe (?:het|deze|dit|hem)|(?:ik ga|ga ik)\b[^.!?]{0,20}aan de slag|ga ermee aan de slag)\b")
        .expect("checked by the tests")
});
/// Words that say that a task is handled.
const DONE: [&str; 10] = [
    "afgehandeld",
    "afgerond",
    "klaar",
    "gereed",
    "gedaan",
    "geregeld",
    "voltooid",
    "verwerkt",
    "afgedaan",
    "done",
];

/// What the newest text of an answer asks for, that was sent on this day.
pub(super) fn intent(text: &str, sent: Option<Date>) -> Option<Intent> {
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !GREETING.is_match(line))
        .take(LINES);
    lines
        .flat_map(sentences)
        .find_map(|sentence| of_sentence(sentence, sent))
}

/// The sentences of a line, each with its end. A full stop inside a word ends nothing, nor does one within a day
/// (`8 feb. 2030`).
fn sentences(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut from = 0;
    for (at, mark) in line.match_indices(['.', '!', '?']) {
        let end = at + mark.len();
        let rest = &line[end..];
        let is_in_a_day = mark == "." && MONTH_CUT_SHORT.is_match(&line[from..at]) && YEAR.is_match(rest);
        if rest.chars().next().is_none_or(char::is_whitespace) && !is_in_a_day {
            found.push(line[from..end].trim());
            from = end;
        }
    }
    found.push(line[from..].trim());
    found.retain(|sentence| !sentence.is_empty());
    found
}

fn of_sentence(sentence: &str, sent: Option<Date>) -> Option<Intent> {
    if sentence.ends_with('?') {
        return None;
    }
    if let Some(found) = HAND_OVER.captures(sentence) {
        let to = found.name("to").or_else(|| found.name("to2"))?;
        return Some(Intent::HandOver {
            to: kept(to.as_str())?,
        });
    }
    if let Some(found) = SET_TYPE.captures(sentence) {
        return Some(Intent::SetType {
            kind: kept(&found["kind"])?,
        });
    }
    if NOT_MINE.is_match(sentence) {
        return Some(Intent::NotMine);
    }
    let (claim, remark) = claim(sentence);
    if DOUBT.is_match(claim) {
        return None;
    }
    let takes = says(claim, &TAKE) || I_TAKE.is_match(claim);
    match (takes, says(claim, &DONE)) {
        (true, false) => Some(Intent::Take),
        (false, true) => Some(done(remark, sent)),
        // "Opgepakt en afgehandeld": the later of the two is what is the case now.
        (true, true) if claim.contains(" en ") => Some(done(remark, sent)),
        _ => None,
    }
}

fn done(remark: &str, sent: Option<Date>) -> Intent {
    Intent::Done {
        remark: kept(remark),
        on: absence::day(remark, sent),
    }
}

/// What is said, and what is added to it: `afgehandeld: brief verstuurd`, `klaar, hij is verhuisd`.
fn claim(sentence: &str) -> (&str, &str) {
    sentence
        .find([':', ',', ';', '('])
        .or_else(|| sentence.find(" - "))
        .map_or((sentence, ""), |at| sentence.split_at(at))
}

/// Whether one of these words stands in a sentence, one letter of a long word right or wrong.
fn says(sentence: &str, words: &[&str]) -> bool {
    sentence
        .split(|letter: char| !letter.is_alphanumeric())
        .map(str::to_lowercase)
        .any(|said| {
            words
                .iter()
                .any(|word| said == *word || word.len() >= LONG && strsim::osa_distance(&said, word) == 1)
        })
}

/// A piece of the answer without the marks around it; nothing when nothing is left.
fn kept(text: &str) -> Option<String> {
    let text = text.trim_matches(|letter: char| letter.is_whitespace() || ".,:;!-()\"'".contains(letter));
    (!text.is_empty()).then(|| text.chars().take(KEPT).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Option<&'static str> {
        intent(text, None).map(|intent| intent.word())
    }

    #[test]
    fn the_usual_answers_are_understood() {
        for (text, meant) in [
            ("Opgepakt, groet Fatima", "take"),
            ("Hoi,\n\nIk pak deze op.\nGroet", "take"),
            ("Beste collega,\nIk pak het op\nMarleen", "take"),
            ("Opgepakt!", "take"),
            ("opgepkat", "take"),
            ("klaar", "done"),
            ("Afgehandeld: gesprek gepland", "done"),
            ("Is afgehandeld", "done"),
            ("Opgepakt en afgehandeld", "done"),
            (
                "Niet voor mij, dit is de klant van Fatima. Kun je hem omzetten?",
                "not_mine",
            ),
            ("Deze is niet van mij.", "not_mine"),
            ("Opgepakt. 1 vraag: is het adres bekend?", "take"),
            ("Ik pak het op. 2 december kan niet", "take"),
            ("Overdragen aan Joost Hendriks", "hand_over"),
            ("Graag overdragen aan j.hendriks@gemeente.nl", "hand_over"),
            ("soort coa.verhuizing", "set_type"),
            ("Soort: SS101", "set_type"),
        ] {
            assert_eq!(word(text), Some(meant), "{text}");
        }
    }

    #[test]
    fn doubt_is_no_intent() {
        for text in [
            "",
            "Bedankt",
            "Nog niet klaar",
            "Is dit al opgepakt?",
            "Kan iemand dit oppakken",
            "Wie pakt dit op?",
            "Wordt door Jan opgepakt",
            "Ik kan dit niet oppakken",
            "Zodra het afgehandeld is hoor je het",
            "Moet nog afgehandeld worden",
            "Hoi,\n1\n2\n3\n4\n5\n6\nopgepakt",
            "Ik begrijp het niet",
        ] {
            assert_eq!(word(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_added_is_kept() {
        assert_eq!(
            intent("Afgehandeld: brief verstuurd.", None),
            Some(Intent::Done {
                remark: Some("brief verstuurd".to_owned()),
                on: None,
            })
        );
        let sent = Some(jiff::civil::date(2026, 11, 24));
        for text in [
            "PIP vastgesteld op 20-11-2026",
            "PIP vastgesteld op 20 november",
            "PIP vastgesteld, 2026-11-20",
        ] {
            let Some(Intent::Done { on, .. }) = intent(&format!("Klaar: {text}"), sent) else {
                panic!("{text}");
            };
            assert_eq!(on, Some(jiff::civil::date(2026, 11, 20)), "{text}");
        }
        for text in [
            "termijn verlengd tot 8 februari 2030",
            "termijn verlengd tot en met vrijdag 8 februari 2030.",
            "termijn verlengd t/m 8 feb. 2030",
            "termijn verlengd tot 8-2-2030",
            "de termijn is verlengd, en loopt nu tot 2030-02-08",
        ] {
            let Some(Intent::Done { on, .. }) = intent(&format!("Afgehandeld: {text}"), sent) else {
                panic!("{text}");
            };
            assert_eq!(on, Some(jiff::civil::date(2030, 2, 8)), "{text}");
        }
        assert_eq!(
            intent("Klaar.", None),
            Some(Intent::Done {
                remark: None,
                on: None
            })
        );
        assert_eq!(
            intent("Overdragen aan: Joost Hendriks.", None),
            Some(Intent::HandOver {
                to: "Joost Hendriks".to_owned()
            })
        );
        assert_eq!(
            intent("Soort: coa.verhuizing, groet", None),
            Some(Intent::SetType {
                kind: "coa.verhuizing".to_owned()
            })
        );
    }
}
