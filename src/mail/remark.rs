//! The days of a remark by which somebody says what happened: `PIP vastgesteld op 20 november`.
//!
//! Guarantee: a term that starts on a wrong day is not noticed by anybody. So a day that may be another, a time of which
//! nobody says which day it was, and whatever looks like a day without being one are told as what cannot be read: its
//! writer is asked, which costs a letter. A last day (`tot 8 februari`) is none on which something happened.
//!
//! Accepted: of several things in one remark, nobody sees to which of them the one day belongs.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use super::day::{self, Reading};
use super::expression::expression;
use crate::domain::DaysNamed;

/// What stands in front of a last day, besides what always does ([`day::is_last`]): of a term that has another end by now;
/// and what says of a last day that it is the one before.
static NEW_LAST: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)\b(?:naar|(?:eind|verval)datum|laatste dag|einde|eindigt|loopt(?: nu)? af)(?: (?:is|wordt|werd|op|van|nu))*:?\s*$",
    )
});
static OLD_LAST: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)\b(?:was|liep|eerste?|eerdere?|oude|huidige|vorige|oorspronkelijke?|plaats van|i\.?p\.?v\.?)\W*(?:einddatum|laatste dag)?\W*(?:was|is|liep)?\W*(?:t/m|tot(?: en met)?)?(?: uiterlijk)?:?\s*$",
    )
});
/// What stands in front of something that is to come.
static TO_COME: LazyLock<Regex> =
    LazyLock::new(|| expression(r"(?i)\b(?:start|starten|begint|beginnen|v[oó][oó]r)(?: op)?\s*$"));
/// A time of which nobody says which day it was, whatever day is named besides. Days are [`MARK`]s by then.
static SOME_DAY: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?ix)\bgeleden\b
        |\b(?:vorige|vorig|verleden|afgelopen|van\ de|de)\ (?:week|wk|weken|weekend|maand|maanden|dagen|jaar)\b
        |\b(?:week|weken|dagen|maand|maanden|tijdje)\ terug\b
        |¦\ (?:(?:of|en)\ (?:op\ )?)?de\ \d",
    )
});
/// What may be meant as a day where none is named besides.
static MAY_BE: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?ix)\b(?:januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december)\b
        |\b(?:jan|feb|mrt|apr|jun|jul|aug|sept?|okt|nov|dec)\b
        |\d[\ -]?(?:jan|feb|mrt|apr|jun|jul|aug|sep|okt|nov|dec)\p{L}*
        |\b(?:deze|dit|volgende|volgend|komende|komend)\ (?:week|weekend|maand|jaar)\b
        |\b(?:weekend|onlangs|laatst|week\ \d+)\b
        |\b(?:op|afgelopen|vorige)\ (?:ma|di|wo|do|vr|za|zo)\b
        |\b(?:ma|di|wo|do|vr|za|zo)\ ?j\.?l\b
        |\bde\ \d{1,2}(?:e|ste|de)\s*(?:[,.;)]|$)",
    )
});
/// Times, and numbers of something: `om 10.30`, `9.00-10.00 uur`, `600 uur`, `3-4 gesprekken`.
static NUMBERS: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)\b(?:om|rond|van)\s\d{1,2}[.:]\d\d(?:\s?(?:-|–|tot)\s?\d{1,2}[.:]\d\d)?(?:\s?uur)?|\b\d{1,2}[.:]\d\d(?:\s?(?:-|–|tot)\s?\d{1,2}[.:]\d\d)?\s?uur|\b\d+(?:-\d+)?(?:e|ste|de|x)?\s\p{L}+|\b\d+(?:e|ste|x)\b|\p{L}\d+\b",
    )
});
/// What stands in the place of a day that was found; nobody types it.
const MARK: &str = "¦";

/// The days that a text names by which somebody says what happened.
pub(super) fn named(text: &str, sent: Option<Date>) -> DaysNamed {
    let is_new_last =
        |before: &str| (day::is_last(before) || NEW_LAST.is_match(before)) && !OLD_LAST.is_match(before);
    let reading = |before: &str| {
        if is_new_last(before) || TO_COME.is_match(before) {
            Reading::Coming
        } else {
            Reading::Back
        }
    };
    let text = day::spelled(text);
    let mut days = DaysNamed::default();
    let mut rest = String::new();
    let mut from = 0;
    for found in day::all(&text, sent, reading) {
        let same = if is_new_last(found.before) {
            &mut days.until
        } else {
            &mut days.on
        };
        match found.day {
            Some(day) if same.contains(&day) => {}
            Some(day) => same.push(day),
            None => days.unread = true,
        }
        rest.extend([&text[from..found.before.len()], MARK]);
        from = text.len() - found.behind.len();
    }
    rest.push_str(&text[from..]);
    let names_none = days.on.is_empty() && days.until.is_empty();
    days.unread |= SOME_DAY.is_match(&rest) || (names_none && may_name_a_day(&rest));
    days
}

/// Whether a text in which no day was found may name one, in a way that we do not know. A number that counts nothing may
/// be one.
fn may_name_a_day(text: &str) -> bool {
    let others = NUMBERS.replace_all(text, " ");
    MAY_BE.is_match(text) || others.contains(|letter: char| letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// A Tuesday.
    const TODAY: Date = date(2025, 3, 25);

    /// What a text names that was sent today.
    fn named_today(text: &str) -> DaysNamed {
        named(text, Some(TODAY))
    }

    fn only(day: Date) -> DaysNamed {
        DaysNamed {
            on: vec![day],
            ..DaysNamed::default()
        }
    }

    #[test]
    fn what_happened_lies_behind() {
        for (text, day) in [
            ("op 6 maart", date(2025, 3, 6)),
            ("op 20 augustus", date(2024, 8, 20)),
            ("op 30 maart 2025", date(2025, 3, 30)),
            ("vanaf 1 september", date(2024, 9, 1)),
            ("PIP vastgesteld 20-3", date(2025, 3, 20)),
            ("op donderdag 20 maart", date(2025, 3, 20)),
            ("op 20 maart, les elke dinsdag en donderdag", date(2025, 3, 20)),
            ("op 20 maart, klant verhuist deze week", date(2025, 3, 20)),
            ("op 20 maart, lessen beginnen in mei", date(2025, 3, 20)),
            ("op 20 febuari", date(2025, 2, 20)),
            ("op 20maart", date(2025, 3, 20)),
            ("dinsdag jl.", date(2025, 3, 18)),
            ("op 20-mrt-2025", date(2025, 3, 20)),
            ("20–03–2025", date(2025, 3, 20)),
            ("in het DUO-portaal 20-3", date(2025, 3, 20)),
            ("met klant do 20-3", date(2025, 3, 20)),
            ("op 6-3", date(2025, 3, 6)),
            ("op 20-3 gesprekken gevoerd", date(2025, 3, 20)),
            ("rond 20-3", date(2025, 3, 20)),
            ("op 6.3.25", date(2025, 3, 6)),
            ("maandag 24 maart", date(2025, 3, 24)),
            ("vorige maandag 17 maart", date(2025, 3, 17)),
            ("met mw. Jansen 20-3-2025", date(2025, 3, 20)),
            ("door mw. Dekker 20 maart", date(2025, 3, 20)),
            ("op 20 maart voor deze 3 kinderen", date(2025, 3, 20)),
            ("20 mrt. 2025", date(2025, 3, 20)),
            ("gisteren", date(2025, 3, 24)),
            ("gistermiddag", date(2025, 3, 24)),
            ("eergisteren gewijzigd", date(2025, 3, 23)),
            ("vandaag", date(2025, 3, 25)),
            ("op maandag", date(2025, 3, 24)),
            ("vrijdagmiddag", date(2025, 3, 21)),
            ("afgelopen vrijdag", date(2025, 3, 21)),
            ("vorige vrijdag", date(2025, 3, 21)),
            ("vrijdag vorige week", date(2025, 3, 21)),
            ("vorige week maandag", date(2025, 3, 17)),
            ("maandag van vorige week", date(2025, 3, 17)),
            ("vorige week op maandag", date(2025, 3, 17)),
            ("op vrijdag 14 maart", date(2025, 3, 14)),
        ] {
            assert_eq!(named_today(text), only(day), "{text}");
        }
    }

    #[test]
    fn what_is_said_to_come_lies_ahead() {
        for (text, day) in [
            ("komende vrijdag", date(2025, 3, 28)),
            ("volgende maandag", date(2025, 3, 31)),
            ("gesprek maandag a.s. gepland", date(2025, 3, 31)),
            ("vrijdag aanstaande", date(2025, 3, 28)),
            ("komende week vrijdag", date(2025, 4, 4)),
            ("de les start maandag", date(2025, 3, 31)),
        ] {
            assert_eq!(named_today(text), only(day), "{text}");
        }
    }

    #[test]
    fn a_last_day_is_none_on_which_something_happened() {
        for (text, until, on) in [
            ("tot vrijdag", date(2025, 3, 28), None),
            ("verlengd met 9 maanden tot 8 januari", date(2026, 1, 8), None),
            ("verlengd tot 8 februari 2030", date(2030, 2, 8), None),
            ("verlengd naar 30 september", date(2025, 9, 30), None),
            ("nieuwe einddatum is 30 juli", date(2025, 7, 30), None),
            (
                "van 1 april 2025 naar 1 november",
                date(2025, 11, 1),
                Some(date(2025, 4, 1)),
            ),
            (
                "op 20 maart verlengd t/m 8-2-2030",
                date(2030, 2, 8),
                Some(date(2025, 3, 20)),
            ),
            (
                "tot 8-2-2030 in plaats van tot 1-3-2027",
                date(2030, 2, 8),
                Some(date(2027, 3, 1)),
            ),
            ("eindigt nu op 8 februari 2030", date(2030, 2, 8), None),
            (
                "tot 8-2-2030, oude einddatum 1-3-2027",
                date(2030, 2, 8),
                Some(date(2027, 3, 1)),
            ),
        ] {
            let days = named_today(text);
            assert_eq!(days.until, [until], "{text}");
            assert_eq!(days.on.first().copied(), on, "{text}");
            assert!(!days.unread, "{text}");
        }
    }

    #[test]
    fn a_day_that_may_be_two_or_is_none_cannot_be_read() {
        for text in [
            "op 31 november",
            "op 31-11",
            "op 20-13-2025",
            "op 30 april",
            "op 20 en 24 maart",
            "20 of 21 maart",
            "op vrijdag 20 maart",
            "op 25",
            "op 25 - 3 - 2025",
            "in week 12",
            "volgende week",
            "onlangs",
            "module 2-3",
            "met 2/3 van de gezinsleden",
            "volgens artikel 3.5",
            "Dorpsstraat 12-3",
            "Julianalaan 12",
            "door Jan 20 februari",
            "met Jan 2 gesprekken gevoerd",
            "geboren 12-05-1990",
            "op 20-13",
            "op 11/20",
            "op 20 11",
            "20112025",
            "eind okt",
            "afgelopen vr",
            "de 20e",
            "wk 12",
            "een tijdje terug",
            "24 of op 25 maart",
            "24 maart of de 25e",
            "in de week van 17 maart",
            "tot 8 februari '30",
            "tot 8-2-203",
            "tot donderdag 8 februari 2030",
            "op dinsdag",
            "vorige maandag",
            "vrijdag de 14e",
            "op de 14e",
            "op vr",
            "gesprek op donderdag, vrijdag PIP vastgesteld",
            "lessen maandag t/m donderdag",
            "tussen maandag en woensdag",
            "2 weken geleden",
            "twee weken terug",
            "vorige week",
            "vorig jaar",
            "van de week",
            "in het weekend",
            "in februari",
            "deze maand",
        ] {
            assert!(named_today(text).unread, "{text}");
        }
        assert!(
            named_today("vorige week vastgesteld, brief gisteren").unread,
            "nor does another day say which it was"
        );
        assert!(named("op vrijdag", None).unread, "nobody knows when it was sent");
    }

    #[test]
    fn what_is_no_day_is_none() {
        for text in [
            "na 2 maanden",
            "3 marokkaanse gezinnen",
            "voor deze 2 kinderen",
            "na de 3e keer",
            "les 3 x per week",
            "600 uur les gevolgd",
            "taalniveau B1",
            "2 meisjes",
            "op 2 adressen",
            "gesprek om 10.30",
            "gesprek om 10.12",
            "gesprek van 9.00-10.00 uur",
            "gesprek van 9.10 tot 10.10 uur",
            "na 3-4 gesprekken",
            "3-4 keer gebeld",
            "lessen zijn elke maandag",
            "de vorige gemeente",
        ] {
            assert_eq!(named_today(text), DaysNamed::default(), "{text}");
        }
    }
}
