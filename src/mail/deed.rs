//! What a sentence of an answer says that its writer does: takes the task, or has handled it.
//!
//! Must guarantee: a plan, a hope, a question, a condition, what somebody else does and what is about something else are no
//! deed. So the words before the first comma or colon must *be* the claim: `afgehandeld`, `dit is klaar`, `heb ik
//! geregeld`, `ik pak het op`; a word of them somewhere in a sentence is none. What stands behind is the remark, and takes
//! the claim back when it says that something is left (`klaar, behalve het huisbezoek`).
//!
//! # What we accept
//! Somebody who says in words of their own that a task is done is not understood. A colleague reads it.

use std::sync::LazyLock;

use regex::Regex;

use super::expression::expression;

/// What a sentence says was or is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed<'t> {
    /// They do it.
    Take,
    /// It is handled; with what they add.
    Done(&'t str),
}

/// Long words that mean something, which may have one letter wrong.
const MISTYPED: [&str; 7] = [
    "opgepakt",
    "afgehandeld",
    "afgerond",
    "geregeld",
    "voltooid",
    "verwerkt",
    "afgedaan",
];

/// Words that say that a task is handled.
const DONE: &str =
    "(?:afgehandeld|afgemeld|afgerond|klaar|gereed|gedaan|geregeld|voltooid|verwerkt|afgedaan|done)";
/// What names the task, and nothing else.
const THIS: &str = "(?:dit|het|deze|dat|alles|(?:de|deze) (?:taak|koppeling))";
/// The same as what somebody does, not as what is.
const IT: &str = "(?:dit|het|deze|die|dat|hem|m|(?:de|deze|die) (?:taak|koppeling))";
/// By when it was so.
const BY_NOW: &str = "(?:(?:al|allemaal|inmiddels|net|zojuist|reeds|ook|gisteren|vanochtend|vanmorgen|nu|helemaal|volledig) )*";

/// Who did it, when that is us.
static BY_US: LazyLock<Regex> = LazyLock::new(|| expression(r"\bdoor (?:mij|ons)\b"));

/// The whole claim that a task is handled. Whoever leaves out who did it, did it; a question names somebody (`heb je dit`), or
/// something before what was done (`is dit al`).
static HANDLED: LazyLock<Regex> = LazyLock::new(|| {
    expression(&format!(
        "^(?:{THIS} (?:is|zijn) |(?:{THIS} )?(?:heb ik|hebben wij|hebben we) |(?:heb|hebben) (?:{THIS} )?|(?:ik heb|wij hebben|we hebben) {THIS} \
         |is )?{BY_NOW}(?:opgepakt en )?{DONE}(?: (?:hoor|mee|nu))*$"
    ))
});
/// `Afgehandeld` and how, without a mark between them.
static HANDLED_SO: LazyLock<Regex> = LazyLock::new(|| {
    expression(r"(?i)^\W*(?:(?:al|inmiddels|net|zojuist) )?afgehandeld\s+(?P<remark>\w.*)$")
});
/// With one of these it is not certain that `afgehandeld` is what is the case, or what it is about.
static NOT_SO: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)\b(?:geen|nooit|niet|half|als|wanneer|wie|iemand|is|zijn|ben|heb|hebben|heeft|hebt|worden?|wordt|moet|moeten|kan|kun|kunt|kunnen|wil|willen|door|morgen|overmorgen|straks|binnenkort|(?:volgende|komende|deze) (?:week|maand)|(?:maan|dins|woens|donder|vrij|zater|zon)dag)\b",
    )
});

/// The whole claim, or its beginning, that somebody takes a task; without words of time.
static TAKEN: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let (i, has) = ("(?:ik|wij|we)", "(?:heb|hebben)");
    [
        format!("^{BY_NOW}opgepakt\\b"),
        format!(
            "^(?:(?:{THIS} )?(?:is|heb ik|hebben wij|hebben we) |{has} (?:{IT} )?|{i} {has} (?:{IT} )?){BY_NOW}opgepakt\\b"
        ),
        "\\b(?:ik pak|pak ik|pakken wij|pakken we|wij pakken|we pakken)\\b.{0,40}\\bop\\b".to_owned(),
        format!("^{i} (?:neem|nemen) (?:(?:{IT} )?(?:op me|op mij|op ons|over)(?:$| (?:van|en)\\b)|{IT}$)"),
        format!("^(?:{IT} )?(?:neem|nemen) {i}(?: {IT})?(?: (?:op me|op mij|op ons|over))?$"),
        format!("^(?:{IT} )?(?:doe|doen) {i}$"),
        format!("^{i} (?:doe|doen) {IT}$"),
        format!("^{i} (?:ga|gaan|zal|zullen) {IT} (?:oppakken|doen|overnemen|regelen|afhandelen)$"),
        format!("^(?:{IT} )?(?:ga|gaan) {i}(?: {IT})? (?:oppakken|doen|overnemen|regelen|afhandelen)$"),
        format!(
            "\\b(?:{i} (?:ga|gaan)|(?:ga|gaan) {i}|^ga)(?: (?:ermee|hiermee|er mee|hier mee|met {IT}))? aan de slag\\b"
        ),
    ]
    .iter()
    .map(|pattern| expression(pattern))
    .collect()
});
/// Words of time and of good will, which change nothing about who does it.
static WHENEVER: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"\b(?:(?:deze|volgende|komende) (?:week|maand|ochtend|middag)|vandaag|vanmiddag|vanmorgen|vanochtend|morgen|overmorgen|straks|meteen|direct|gelijk|alvast|even|zo|zelf|wel|nu|nog|hoor|(?:maan|dins|woens|donder|vrij|zater|zon)dag(?:ochtend|middag)?)\b",
    )
});

/// Somebody else, something else, some other time, or not at all.
static DOUBT: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"\b(?:geen|nooit|nog niet|niet|bijna|half|deels|als|zodra|wanneer|wie|wat|welke|waarom|iemand|door|moet|moeten|graag|kun|kunnen|kan|kunt|wil je|willen|wordt|worden|zou|misschien|mogelijk|tenzij|indien|totdat|tot|voordat|maar|of|hoop|anders|hij|zij|ze|jij|je|jullie|heeft|pakt|gaat|doet|neemt|mijn|werk|verlof|vakantie|contact|telefoon|draad)\b",
    )
});
/// Something else comes first: `is Tom ziek dan pak ik het op`.
static CONDITION: LazyLock<Regex> =
    LazyLock::new(|| expression(r"^.+ dan (?:pak|pakken|ga|gaan|neem|nemen|doe|doen)\b"));

/// What is added to a claim that takes it back: it is a guess or a wish, or not all of it is so.
static UNSURE: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)\b(?:nog|later|uitgezonderd|uitzondering|hoop|hopelijk|denk ik|dacht ik|geloof ik|neem ik aan|lijkt|misschien|waarschijnlijk|mogelijk|bijna|deels|gedeeltelijk|zodra|tenzij|mits|indien|als het goed is|anders|maar|zal|zou|straks|of niet|of wel|of toch|dan (?:is|ben|kijk|ga|doe|heb)|ik (?:ga|moet|wil)|(?:ga|moet|wil) ik)\b|^\W*(?:toch\W*$|(?:of|als|wanneer|alleen)\b)",
    )
});
/// The same for who takes a task, who may well have plans.
static UNDECIDED: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)\b(?:tenzij|mits|indien|als (?:ik|het|jij|je|niemand)|hoop ik|denk ik|misschien|maar niet|toch niet|of (?:niet|wel|toch))\b|^\W*(?:toch\W*$|of\b)",
    )
});
/// Something is left to be done.
static LEFT: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)\b(?:nog (?:niet|te)|behalve|volgt|volgen|(?:moet|moeten) (?:\w+ ){0,3}nog|nog (?:\w+ ){0,4}(?:moet|moeten|doen))\b|\bop (?:(?:de|het|een|één|dat|die|dit) )?(?:\p{Alphabetic}+ ){1,3}na(?:\W*$|\s*[,.;:)]|\s+(?:klaar|gereed|alles|is|zijn)\b)",
    )
});

/// How people take leave.
pub(super) const FAREWELL: &str =
    r"(?:met )?(?:(?:vriendelijke|hartelijke) )?(?:groet|groeten|groetjes|gr|mvg|vr\.? ?gr)\b";

/// Only a farewell, which tells nothing.
static ENDS: LazyLock<Regex> =
    LazyLock::new(|| expression(&format!(r"(?i)(?:^|[\s,;.-]){FAREWELL}(?:\W.*)?$")));

/// What this sentence says that was or is being done; nothing when that is not certain.
pub(super) fn of(sentence: &str) -> Option<Deed<'_>> {
    let (claim, remark) = claim(sentence);
    let words = words(claim);
    if HANDLED.is_match(&words) {
        return done(remark);
    }
    if takes(&words) {
        let is_certain = !UNDECIDED.is_match(remark);
        return is_certain.then_some(Deed::Take);
    }
    let how = HANDLED_SO.captures(sentence)?.name("remark")?.as_str();
    (!NOT_SO.is_match(how)).then(|| done(how)).flatten()
}

/// Whether this sentence, wherever it stands in an answer, says that something is left to be done.
pub(super) fn leaves_something(sentence: &str) -> bool {
    LEFT.is_match(sentence)
}

/// What is said before somebody takes leave.
pub(super) fn without_farewell(text: &str) -> &str {
    ENDS.find(text)
        .map_or(text, |farewell| &text[..farewell.start()])
        .trim_end_matches([',', ';', '.', ' '])
}

fn done(remark: &str) -> Option<Deed<'_>> {
    let remark = without_farewell(remark);
    let is_certain = !UNSURE.is_match(remark) && !LEFT.is_match(remark);
    is_certain.then_some(Deed::Done(remark))
}

fn takes(words: &str) -> bool {
    if DOUBT.is_match(words) || CONDITION.is_match(words) || names_a_deed_done(words) {
        return false;
    }
    let words = joined(WHENEVER.replace_all(words, " ").split_whitespace());
    TAKEN.iter().any(|frame| frame.is_match(&words))
}

/// `Opgepakt en klaargezet` is not `opgepakt en klaar`, and means neither.
fn names_a_deed_done(words: &str) -> bool {
    static ANY: LazyLock<Regex> = LazyLock::new(|| expression(&format!(r"\b{DONE}\b")));
    ANY.is_match(words)
}

/// What is said, and what is added to it: `afgehandeld: brief verstuurd`, `klaar, hij is verhuisd`.
fn claim(sentence: &str) -> (&str, &str) {
    let marks = [":", ",", ";", "(", " - ", " – "];
    let first = marks.iter().filter_map(|mark| sentence.find(mark)).min();
    first.map_or((sentence, ""), |at| sentence.split_at(at))
}

/// The words of a claim in small letters, one letter of a long one right or wrong. What is done by us is done.
fn words(claim: &str) -> String {
    let said = claim
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let meant = said.map(|word| {
        let word = word.to_lowercase();
        let meant = MISTYPED
            .iter()
            .find(|meant| word != "opgepast" && strsim::osa_distance(&word, meant) == 1);
        meant.map_or(word, |meant| (*meant).to_owned())
    });
    let all = joined(meant);
    joined(BY_US.replace_all(&all, " ").split_whitespace())
}

fn joined<T: AsRef<str>>(words: impl Iterator<Item = T>) -> String {
    words.fold(String::new(), |mut all, word| {
        if !all.is_empty() {
            all.push(' ');
        }
        all.push_str(word.as_ref());
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_a_question_or_something_else_is_not_done() {
        for text in [
            "Het is vrijdag klaar, dan heb ik het gesprek",
            "Ik zorg dat het morgen geregeld is, groet Lisa",
            "Ik hoop het vrijdag gereed te hebben, anders maandag",
            "Klantprofiel staat klaar, ik ga lezen",
            "Het huis is gereed, nu de intake nog",
            "Vrijdag is het klaar: sleuteloverdracht om 10 uur",
            "Is dit al afgehandeld, Lisa",
            "Heb je dit al afgehandeld, of zal ik",
            "Heb jij dit al afgehandeld",
            "Hebben jullie dit afgehandeld",
            "Is de taak al afgehandeld",
            "Wordt dit al afgehandeld",
            "Klaar, behalve het huisbezoek",
            "Klaar, op het huisbezoek na",
            "Op een ding na klaar: het huisbezoek",
            "Klaar: nog niet alles gedaan, intake volgt",
            "Klaar, maar de intake moet ik plannen",
            "Klaar, hoop ik",
            "Afgehandeld, als het goed is",
            "Afgehandeld, of niet",
            "Ik ben morgen klaar met mijn vakantie, dan kijk ik",
            "Klaar met mijn vakantie, ik kijk zo",
            "Koffie staat klaar, tot zo",
            "Dan is het klaar, hoop ik.",
            "Tom heeft het afgehandeld, zei hij",
            "Afgehandeld is het vrijdag",
            "Afgehandeld wordt het morgen",
            "Goed gedaan, Fatima",
            "Morgen afgehandeld: gesprek om 10 uur",
            "Over een week geregeld: gesprek met de klant",
            "Opgepakt en klaargezet, klaar voor Tom",
            "Afgehandeld, als de klant vrijdag tekent",
            "Klaar, wanneer DUO akkoord is",
            "Klaar, alleen het huisbezoek niet",
            "Klaar, met uitzondering van de intake",
            "Afgehandeld, de intake komt later",
            "Afgebeld: klant is ziek",
            "Afgemeld voor de cursus",
        ] {
            assert!(!matches!(of(text), Some(Deed::Done(_))), "{text}: {:?}", of(text));
        }
    }

    #[test]
    fn what_is_done_is_done_whatever_words_stand_around_it() {
        for (text, remark) in [
            ("klaar", ""),
            ("Dit is klaar", ""),
            ("Is gedaan!", ""),
            ("Is al afgehandeld", ""),
            ("Afgemeld", ""),
            ("Heb dit gisteren al afgehandeld, groet Lisa", ""),
            ("Heb ik geregeld", ""),
            ("Dit heb ik al afgehandeld: gebeld", ": gebeld"),
            ("Ik heb deze taak inmiddels afgerond (gebeld)", "(gebeld)"),
            ("Al afgehandeld: gesprek gepland", ": gesprek gepland"),
            ("Afgehandeld gesprek gepland", "gesprek gepland"),
            ("Afgehandeld - gesprek gepland", " - gesprek gepland"),
            (
                "afgehandled: gesprek morgen om half 10",
                ": gesprek morgen om half 10",
            ),
            ("Afgehandeld door mij, brief verstuurd", ", brief verstuurd"),
            ("Klaar: derde keer niet gekomen", ": derde keer niet gekomen"),
            (
                "Klaar: PIP vastgesteld op 20 november na overleg",
                ": PIP vastgesteld op 20 november na overleg",
            ),
            (
                "Afgehandeld: termijn verlengd tot 8 februari 2030",
                ": termijn verlengd tot 8 februari 2030",
            ),
            ("Klaar, groet Lisa", ""),
            ("Afgehandeld: gebeld. Mvg, Lisa", ": gebeld"),
        ] {
            assert_eq!(of(text), Some(Deed::Done(remark)), "{text}");
        }
    }

    #[test]
    fn what_is_taken_is_taken() {
        for text in [
            "Opgepakt",
            "opgepkat",
            "Opgepakt, groet Fatima",
            "Is opgepakt door mij",
            "Heb ik opgepakt",
            "Heb dit opgepakt",
            "Is al opgepakt",
            "Ik heb dit opgepakt",
            "Ik pak dit op",
            "Ik pak deze week de koppeling op",
            "Deze pak ik maandag op",
            "Deze neem ik",
            "Ik neem deze taak",
            "Ik neem dit op me",
            "Ik neem het over van Tom",
            "Doe ik",
            "Ik doe dit vandaag nog",
            "Ga ik doen",
            "Ik ga het doen",
            "Dit ga ik meteen oppakken",
            "Ik ga hiermee aan de slag",
            "ik ga ermee aan de slag",
        ] {
            assert_eq!(of(text), Some(Deed::Take), "{text}");
        }
    }

    #[test]
    fn what_somebody_else_does_or_is_about_something_else_is_not_taken() {
        for text in [
            "Ik neem deze week verlof",
            "Ik neem aan dat Tom dit doet.",
            "Dat neem ik aan",
            "Tom heeft dit opgepakt.",
            "Tom pakt dit op",
            "Tom gaat ermee aan de slag",
            "De klant is opgenomen in een kliniek",
            "Gisteren opgenomen in het ziekenhuis, Lisa is ziek",
            "Hij is opgepakt door de politie",
            "Is dit al opgepakt, of niet",
            "Is dit al opgepakt",
            "Heb je dit opgepakt",
            "Opgepakt, of niet",
            "Opgepakt door mijn collega Tom",
            "Is opgepakt door mijn teamleider",
            "Opgepast: deze klant is al verhuisd",
            "Ik pak het op, tenzij Tom het doet",
            "Ik neem contact op met het COA",
            "Ik neem vrijdag contact op",
            "Ik neem over een week contact op",
            "Ik neem over twee weken vrij",
            "Ik pak maandag mijn werk weer op",
            "Ik pak de draad morgen weer op",
            "Ik doe deze week de intakes",
            "Wat doe ik hiermee",
            "Is Tom ziek dan pak ik het op",
            "Is dit akkoord dan ga ik aan de slag",
            "Ik pak het niet op",
            "Iemand moet dit oppakken",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn something_is_left_when_it_says_so() {
        for text in [
            "Behalve het huisbezoek.",
            "De intake volgt.",
            "De intake moet nog.",
            "Ik moet alleen de intake nog doen",
        ] {
            assert!(leaves_something(text), "{text}");
        }
        for text in ["Heb je nog vragen?", "Vastgesteld op 20 november na overleg"] {
            assert!(!leaves_something(text), "{text}");
        }
    }
}
