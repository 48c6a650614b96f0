//! What a colleague's answer to a letter of ours asks for: opgepakt, afgehandeld, niet van mij, overdragen aan ...,
//! soort ....
//!
//! Must guarantee: **better no intent than a wrong one.** An answer that closes a task which nobody handled loses a
//! family its house; an answer that is not understood costs one more letter. So:
//! - only the first lines of the newest text count, after a greeting and before a farewell; quoted letters are gone by
//!   then;
//! - a question ("is dit al opgepakt?"), a wish or a plan for others ("kan iemand dit oppakken", "wordt door Jan
//!   opgepakt") and a denial ("nog niet klaar") are no intent ([`deed`]);
//! - a sentence that could mean two things means nothing, and the first sentence that means something counts;
//! - nothing is handled while another sentence says that something is left.
//!
//! Words may be mistyped by a letter when they are long enough that no other word is meant.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use super::deed::{self, Deed};
use super::expression::expression;
use super::remark;
use crate::domain::{DaysNamed, Intent};

/// Lines that are read below the greeting.
const LINES: usize = 6;
/// Letters of a remark, a name or a type that are kept.
const KEPT: usize = 200;
/// A mail program broke a line of at least so many letters, when no sentence ends there.
const FULL: usize = 56;

/// A greeting, with whoever is greeted; what is asked for may follow in the same line.
static GREETING: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?ix)^(?:hoi|hallo|dag|beste|geachte|hi|hey|ha|goede\ ?(?:morgen|middag|navond|dag)|l\.?s\.?)\b
        (?:\s+(?:koppelwacht|collega(?:['’]?s)?|allemaal|team)\b\s*[,.!]*|(?:\s+[^\s.!?:,]+){0,3}\s*(?:[,.!]+|$)|)\s*",
    )
});

/// What says nothing yet, before a comma: `ja, opgepakt`.
static LEAD_IN: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?ix)^(?:(?:ja(?:zeker)?|oké|oke|ok|okay)\b[\s,.!-]+|(?:prima|dank(?:\ ?je|\ ?u)?(?:\ ?wel)?|bedankt|top|gezien|akkoord|helder|duidelijk|fijn|sorry)\s*[,!-]+\s*)",
    )
});

/// Where somebody ends: what follows is their name and what their mail program adds.
static ENDS: LazyLock<Regex> = LazyLock::new(|| expression(&format!("(?i)^{}[.,!]?", deed::FAREWELL)));

/// A month that a full stop cuts short, and the year behind it.
static MONTH_CUT_SHORT: LazyLock<Regex> =
    LazyLock::new(|| expression(r"(?i)\d\s+(?:jan|febr?|mrt|apr|jun|jul|aug|sept?|okt|nov|dec)$"));
static YEAR: LazyLock<Regex> = LazyLock::new(|| expression(r"^\s*20\d\d\b"));

/// Where `mij` ends a sentence or what is said: `niet van mij bekend` is about something else.
static NOT_MINE: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)\b(?:(?:niet (?:van|voor)|hoort niet bij) (?:mij|ons)(?:\s*[.,;:!)]|\s+[-–]|\s+maar (?:van|voor|bij)\b|\W*$)|niet (?:mijn|onze) (?:zaak|klant|taak|dossier|caseload|wijk|gebied)\b)",
    )
});
/// A question without its mark, or what may still turn out to be.
static IS_IT: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)^\W*(?:(?:is|zijn|hoort) (?:dit|het|deze|die|dat)|waarom|of)\b|\b(?:nog niet|misschien)\b",
    )
});

static HAND_OVER: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)^\W*(?:graag |svp |s\.v\.p\. |aub |a\.u\.b\. |deze |dit |taak )*(?:over(?:ge)?dragen|overzetten|overgezet|doorzetten|doorgezet|draag over|zet over|toewijzen|toegewezen)(?: a\.u\.b\.| aub| svp)? (?:aan|naar|op)\s*:?\s+(?P<to>.+)$|^\W*(?:graag )?(?:aan|naar) (?P<to2>.+?) (?:overdragen|overzetten|doorzetten|toewijzen)\b",
    )
});

/// `Deze is voor Roos`, `mag naar Roos`: nothing but the name may follow, since any other word may be meant otherwise.
static FOR: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?x)^\W*(?i:(?:deze|dit|die|de\ taak|deze\ taak)\ (?:is|was)\ voor|(?:(?:deze|dit|die|de\ taak|deze\ taak)\ )?(?:mag|kan|moet)\ naar)\s+
        (?P<to>@?\p{Lu}[\p{L}'’.-]*(?:\ (?:\p{Lu}[\p{L}'’-]*|(?i:van|de|der|den|het|el|al|ten|ter|ben|bin))){0,4}|[^\s@]+@[^\s@]+)
        (?i:\ (?:svp|s\.v\.p\.?|aub|a\.u\.b\.?|graag))?\s*(?:[.,!(].*)?$",
    )
});

static SET_TYPE: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)^\W*(?:soort|type)\s*(?:is|wordt|=|:)?\s*(?P<kind>[A-Za-z0-9][^.!?;,]*(?:\.[A-Za-z0-9_]+)*)",
    )
});

/// They do not know the type themselves.
static NO_TYPE: LazyLock<Regex> = LazyLock::new(|| {
    expression(r"(?i)^(?:(?:mij |ons )?(?:nog )?(?:niet|on)\s?(?:duidelijk|bekend|zeker)|welke?\b|wat\b)")
});

/// What the newest text of an answer asks for, that was sent on this day.
pub(super) fn intent(text: &str, sent: Option<Date>) -> Option<Intent> {
    let lines = lines(text);
    let all: Vec<&str> = lines.iter().flat_map(|line| sentences(line)).collect();
    let mut found = all.iter().find_map(|sentence| of_sentence(sentence, sent))?;
    if let Intent::Done { days, .. } = &mut found
        && *days == DaysNamed::default()
    {
        // What stands elsewhere may be the day of it: `Dat was op 20 november`.
        days.unread = remark::named(&all.join(" "), sent) != DaysNamed::default();
    }
    let leaves_something = || all.iter().any(|sentence| deed::leaves_something(sentence));
    let is_over = matches!(found, Intent::Done { .. });
    (!is_over || !leaves_something()).then_some(found)
}

/// The lines that are read, whole where a mail program broke them, without greetings.
fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut is_broken = false;
    let said = text.lines().map(str::trim);
    for line in said.take_while(|line| !ENDS.is_match(line)) {
        let goes_on = is_broken && line.starts_with(|letter: char| !letter.is_uppercase());
        match lines.last_mut().filter(|_| goes_on) {
            _ if line.is_empty() => {}
            Some(last) => last.extend([" ", line]),
            None => lines.push(line.to_owned()),
        }
        if lines.len() > LINES {
            break;
        }
        is_broken = line.chars().count() >= FULL && !line.ends_with(['.', '!', '?', ':']);
    }
    let without_greeting = lines.iter().map(|line| GREETING.replace(line, "").into_owned());
    without_greeting
        .filter(|line| !line.is_empty())
        .take(LINES)
        .collect()
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
    let sentence = without_lead_in(sentence);
    if let Some(found) = HAND_OVER.captures(sentence).or_else(|| FOR.captures(sentence)) {
        // With what stands behind the name, which may take it back.
        let to = found.name("to").map(|to| &sentence[to.start()..]);
        let to = to.or_else(|| found.name("to2").map(|to| to.as_str()))?;
        return Some(Intent::HandOver {
            to: kept(deed::without_farewell(to))?,
        });
    }
    if let Some(found) = SET_TYPE.captures(sentence) {
        let kind = kept(&found["kind"]).filter(|kind| !NO_TYPE.is_match(kind))?;
        return Some(Intent::SetType { kind });
    }
    if NOT_MINE.is_match(sentence) && !IS_IT.is_match(sentence) {
        return Some(Intent::NotMine);
    }
    Some(match deed::of(sentence)? {
        Deed::Take => Intent::Take,
        Deed::Done(said) => Intent::Done {
            remark: kept(said),
            days: remark::named(said, sent),
        },
    })
}

fn without_lead_in(sentence: &str) -> &str {
    let mut rest = sentence;
    while let Some(lead_in) = LEAD_IN.find(rest).filter(|found| !found.is_empty()) {
        rest = &rest[lead_in.end()..];
    }
    rest
}

/// A piece of the answer without the marks around it; nothing when nothing is left.
fn kept(text: &str) -> Option<String> {
    let text = text.trim_matches(|letter: char| letter.is_whitespace() || ".,:;!-()\"'".contains(letter));
    (!text.is_empty()).then(|| text.chars().take(KEPT).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

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
            ("Overdragen aan (Joost Hendriks).", "hand_over"),
            ("Overdragen aan Joost Hendriks, groet Lisa", "hand_over"),
            ("Graag overdragen aan j.hendriks@gemeente.nl", "hand_over"),
            ("soort coa.verhuizing", "set_type"),
            ("Soort: SS101", "set_type"),
            ("Hoi, ik pak dit op", "take"),
            ("Hoi ik pak dit op, groet Fatima", "take"),
            ("Goedemorgen, niet van mij", "not_mine"),
            ("Dag Koppelwacht, opgepakt", "take"),
            ("Hallo Koppelwacht opgepakt", "take"),
            ("Beste mevrouw van der Meer,\nOpgepakt", "take"),
            ("Hallo, afgehandeld: gesprek gepland", "done"),
            ("Ja, ik pak het op", "take"),
            ("Ja ik pak het op", "take"),
            ("Ok, opgepakt", "take"),
            ("Oké, ik ga ermee aan de slag", "take"),
            ("Gezien, pak ik op", "take"),
            ("Dank je wel, prima, opgepakt", "take"),
            ("Dank, is gedaan!", "done"),
            ("Ga ik doen", "take"),
            ("Ik ga het doen", "take"),
            ("Deze is voor Roos", "hand_over"),
            ("Mag naar Roos", "hand_over"),
            ("Mag naar Roos van Dam svp, zij kent de klant", "hand_over"),
            ("Doorzetten naar Roos svp", "hand_over"),
            ("Niet van mij, maar van Tom", "not_mine"),
            ("Niet van mij maar van Tom", "not_mine"),
            ("Hoort niet bij ons.", "not_mine"),
            ("soort SS101: Persoon is inburgeringsplichtig", "set_type"),
            ("Soort: Nog geen inburgeringsaanbod ontvangen", "set_type"),
            (
                "Vanochtend uitgebreid met het COA gebeld over de overdracht van de klant\n\nafgehandeld: gesprek gepland",
                "done",
            ),
            (
                "Vanochtend uitgebreid met het COA gebeld over de overdracht van de klant\nAfgehandeld: gesprek gepland",
                "done",
            ),
            (
                "Afgehandeld: ik heb met de klantmanager gesproken over de brede intake en\nvrijdag is het gesprek",
                "done",
            ),
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
            "Huis is nog bezet. Vrijdag is het klaar: sleuteloverdracht om 10 uur",
            "Ik heb Leyla gevraagd om het gesprek te doen. Dan is het klaar, hoop ik.",
            "Klaar: gesprek gepland. De intake volgt.",
            "Op het huisbezoek na is alles gedaan. Klaar: gesprek gepland",
            "Ik weet niet of de intake die wij vorige week hadden gepland al is\nafgehandeld, dat zoek ik uit",
            "Beste, Tom heeft dit opgepakt",
            "Hoi Tom is klaar, denk ik",
            "Goed gedaan, Fatima",
            "Bedankt voor het oppakken",
            "Ik zoek het uit.\nMet vriendelijke groet,\nOpgepakt",
            "Het profiel is nog niet bij ons binnengekomen.",
            "Deze klant is niet bij ons bekend, ik zoek het uit",
            "Deze klant is niet voor ons bekend",
            "Is dit niet van mij, Fatima",
            "Soort is nog niet duidelijk, ik bel COA",
            "Soort: onbekend",
            "Deze is voor vrijdag",
            "Deze is voor Roos geen probleem",
            "Dit kan naar het archief",
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
                days: DaysNamed::default(),
            })
        );
        let sent = Some(date(2026, 11, 24));
        let (told, until) = (date(2026, 11, 20), date(2030, 2, 8));
        for (text, day) in [
            ("Klaar: PIP vastgesteld op 20-11-2026", told),
            ("Klaar: PIP vastgesteld op 20 november", told),
            ("Klaar: PIP vastgesteld, 2026-11-20", told),
            ("Afgehandeld: PIP vastgesteld op vrijdag", told),
            ("Afgehandeld: termijn verlengd tot 8 februari 2030", until),
            (
                "Afgehandeld: termijn verlengd tot en met vrijdag 8 februari 2030.",
                until,
            ),
            ("Afgehandeld: termijn verlengd t/m 8 feb. 2030", until),
            ("Afgehandeld: termijn verlengd tot 8-2-2030", until),
            (
                "Afgehandeld: de termijn is verlengd, en loopt nu tot 2030-02-08",
                until,
            ),
        ] {
            let Some(Intent::Done { days, .. }) = intent(text, sent) else {
                panic!("{text}");
            };
            let (on, until) = if day == told {
                (vec![day], vec![])
            } else {
                (vec![], vec![day])
            };
            let unread = false;
            assert_eq!(days, DaysNamed { on, until, unread }, "{text}");
        }
        for elsewhere in [
            "Afgehandeld: PIP vastgesteld. Dat was op 20 november.",
            "Gisteren afgehandeld: PIP vastgesteld",
            "Afgehandeld: PIP vastgesteld d.d. 20 november",
        ] {
            let Some(Intent::Done { days, .. }) = intent(elsewhere, sent) else {
                panic!("{elsewhere}");
            };
            assert!(days.unread, "{elsewhere}");
        }
        assert_eq!(
            intent("Klaar.", None),
            Some(Intent::Done {
                remark: None,
                days: DaysNamed::default(),
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
