//! The days that a text names, in Dutch, English or German.
//!
//! A day without a year or a name of a weekday has two readings ([`Reading`]): who will be away speaks of days to come,
//! who says what happened of days that were, unless a word before them says otherwise (`tot`, `start`). Either is counted
//! from the day on which the text was sent. "Maandag t/m donderdag" are working days and no date, `10.30` is a time,
//! `3-4 keer` a number.
//!
//! Guarantee: a term that starts on a wrong day is not noticed by anybody, so what may be two days ("op vrijdag", said on a
//! Friday), or is no certain one ("vorige week", "31 november"), is told as one that cannot be read.
//!
//! Crates looked at: `interim`, `chrono-english`, `two_timer`, `date_time_parser`: English only, and a date is the easy
//! half; which of its meanings it has is the other.

use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use regex::{Captures, Regex};

use crate::domain::DaysNamed;

/// Of which days a text speaks, where it does not say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Of those to come, or just begun: the first from two months before the text was sent.
    Ahead,
    /// Of those that were: the first from nine months before.
    Back,
}

impl Reading {
    fn earliest(self, sent: Date) -> Option<Date> {
        let months = match self {
            Self::Ahead => 2.months(),
            Self::Back => 9.months(),
        };
        sent.checked_sub(months).ok()
    }
}

/// A day that a text names.
pub(super) struct Found<'t> {
    /// What stands before it.
    pub(super) before: &'t str,
    /// The day; none when there is no such day, or when it may be one of two.
    pub(super) day: Option<Date>,
}

const WEEKDAY: &str = r"(?:maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag)(?:ochtend|middag|avond|morgen)?";
const SHORT_DAY: &str = r"(?:ma|di|wo|do|vr|za|zo|mon|tue|wed|thu|fri|sat|sun)";
const MONTH: &str = r"(?:jan(?:uar[iy]?)?|jänner|feb(?:r(?:uar[iy]?)?)?|m[aä]r(?:ch|z)?|maart|mrt|apr(?:il)?|mei|may|mai|jun[ei]?|jul[iy]?|aug(?:ust(?:us)?)?|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?)\b\.?";
const NEXT_WEEK: &str =
    "(?:(?:volgende|komende|aanstaande) week|next week|n[äa]chste[rn]? woche|kommende[rn]? woche)";
const LAST_WEEK: &str = "(?:(?:vorige|afgelopen) week|last week|letzte[rn]? woche)";

static DAY: LazyLock<Regex> = LazyLock::new(|| {
    let weekday = format!(
        r"(?:(?:(?:vorige|afgelopen|komende|volgende|aanstaande) )?(?:{WEEKDAY}|{SHORT_DAY})\.?,? )?(?:(?:the|de|den|dem) )?"
    );
    let dated = format!(
        r"{weekday}(?:(?P<iso>\d{{4}}-\d\d-\d\d)|(?P<d>\d{{1,2}})(?:e|ste|de|st|nd|rd|th|\.)?(?: of)? (?P<m>{MONTH})(?:,? (?P<y>\d{{4}}))?|(?P<m2>{MONTH}) (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<y2>\d{{4}}))?|(?P<short>(?P<d3>\d{{1,2}})[-/.](?P<m3>\d{{1,2}})(?:[-/.](?P<y3>\d{{4}}|\d{{2}}))?))"
    );
    let near = r"(?P<near>vandaag|today|heute|eergister(?:en)?|gister(?:en)?|yesterday|gestern|overmorgen|übermorgen|morgen|tomorrow)(?:ochtend|middag|avond|morgen)?";
    let of_a_week = format!(
        r"(?:(?P<week>{NEXT_WEEK}|{LAST_WEEK})(?:,| op| van| in)? )?(?:(?:(?P<ahead>a\.?s\.?|aanstaande|komende|volgende|this|next|kommenden|n[äa]chsten)|(?P<past>afgelopen)|(?P<before>vorige|last|letzten)|on) )?(?P<weekday>{WEEKDAY})(?P<ahead2> a\.?s\.?| aanstaande)?(?:,? (?:(?:van|in|of) )?(?P<week2>{NEXT_WEEK}|{LAST_WEEK}))?"
    );
    expression(&format!(r"(?i)\b(?:{dated}|{near}|{of_a_week})(?:\b|$)"))
});

fn expression(pattern: &str) -> Regex {
    Regex::new(pattern).expect("checked by the tests")
}

/// What stands in front of a last day.
static LAST: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)(?:(?:^|[\s(,])(?:t/m|t\.?e\.?m\.?|tot en met|tot|until|till|thru|through|to|bis|up to|en met|einschließlich|inclusief)(?: (?:and including|en met|einschließlich|einschl\.?|zum|including|op|uiterlijk))*:?|\d{1,2}\.?(?: \p{L}+\.?)?(?: \d{4})? ?[-–])\s*$",
    )
});
/// The same, of a term that has another end by now.
static NEW_LAST: LazyLock<Regex> = LazyLock::new(|| {
    expression(r"(?i)\b(?:naar|(?:eind|verval)datum|laatste dag)(?: (?:is|wordt|werd|op|van))*(?: nu)?:?\s*$")
});
/// What stands in front of something that is to come.
static TO_COME: LazyLock<Regex> =
    LazyLock::new(|| expression(r"(?i)\b(?:start|starten|begint|beginnen|v[oó][oó]r|vanaf)(?: op)?\s*$"));
/// What stands in front of days that come every week.
static EVERY: LazyLock<Regex> = LazyLock::new(|| expression(r"(?i)\b(?:elke|iedere|every|jeden)\s*$"));
/// What stands in front of a weekday that is one of several: of working days.
static LISTED: LazyLock<Regex> = LazyLock::new(|| {
    expression(&format!(
        r"(?i)(?:\b(?:behalve|except|tussen)\s*|{WEEKDAY}(?: t/m| tot en met| tot| to| through| bis|,| en| and| und| -)\s*)$"
    ))
});
/// What stands behind one.
static LISTS: LazyLock<Regex> = LazyLock::new(|| {
    expression(&format!(
        r"(?i)^(?: t/m| tot en met| tot| to| through| bis|,| en| and| und| -)\s*{WEEKDAY}"
    ))
});
/// What stands before a time, what behind one, and what behind a number of something, unless this stands before it.
static BEFORE_A_TIME: LazyLock<Regex> = LazyLock::new(|| expression(r"(?i)(?:\b(?:om|at|um|rond)|€)\s*$"));
static BEHIND_A_TIME: LazyLock<Regex> =
    LazyLock::new(|| expression(r"(?i)^(?:\s?(?:-|–|tot|t/m|en)\s?\d{1,2}[.:]\d\d)?\s?(?:uur|u)\b"));
static BEHIND_A_NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    expression(r"(?i)^\s?(?:keer|maal|x|dagen|weken|maanden|jaar|personen|kinderen|gesprekken|lessen|euro)\b")
});
static BEFORE_A_DAY: LazyLock<Regex> =
    LazyLock::new(|| expression(r"(?i)\b(?:op|t/m|tot|van|vanaf|per|dd\.?|d\.d\.)\s*$"));
/// A time that passed, of which nobody says which day it was. Days that were found are this mark by then: [`FOUND`].
static SOME_DAY: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?ix)\b(?:geleden|januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december|weekend)\b
        |\b(?:vorige|vorig|afgelopen|deze|dit|van\ de)\ (?:week|weken|maand|maanden|dagen|jaar)\b
        |\b(?:week|weken|dagen|maand|maanden)\ terug\b
        |(?:¦|\bop)\ de\ \d{1,2}(?:e|ste|de)\b
        |\bop\ (?:ma|di|wo|do|vr|za|zo)\b",
    )
});
const FOUND: &str = "¦";

/// Whether what stands before a day makes it the last one of a time.
pub(super) fn is_last(before: &str) -> bool {
    LAST.is_match(before)
}

/// The days that a text names by which somebody says what happened.
pub(super) fn named(text: &str, sent: Option<Date>) -> DaysNamed {
    let is_last = |before: &str| is_last(before) || NEW_LAST.is_match(before);
    let reading = |before: &str| {
        if is_last(before) || TO_COME.is_match(before) {
            Reading::Ahead
        } else {
            Reading::Back
        }
    };
    let mut days = DaysNamed::default();
    for found in all(text, sent, reading) {
        let same = if is_last(found.before) {
            &mut days.until
        } else {
            &mut days.on
        };
        match found.day {
            Some(day) if same.contains(&day) => {}
            Some(day) => same.push(day),
            None => days.unread = true,
        }
    }
    days.unread |= SOME_DAY.is_match(&DAY.replace_all(text, FOUND));
    days
}

/// All days of a text that was sent on this day, each read by what stands before it.
pub(super) fn all(
    text: &str,
    sent: Option<Date>,
    reading: impl Fn(&str) -> Reading,
) -> impl Iterator<Item = Found<'_>> {
    DAY.captures_iter(text).filter_map(move |found| {
        let whole = found.get(0)?;
        let (before, behind) = (&text[..whole.start()], &text[whole.end()..]);
        let reading = reading(before);
        let day = day_of(&found, sent, reading);
        if let Some(near) = found.name("near") {
            // Who is not there today says nothing about tomorrow.
            let is_today = days_from_now(near.as_str()) == Some(0);
            return (reading == Reading::Back || !is_today).then_some(Found { before, day });
        }
        if found.name("weekday").is_some() {
            let listed = LISTED.is_match(before);
            let day = day.filter(|_| reading == Reading::Ahead || !(listed || LISTS.is_match(behind)));
            let is_habit = EVERY.is_match(before) || (reading == Reading::Ahead && listed);
            return (!is_habit).then_some(Found { before, day });
        }
        let short = found.name("short");
        let is_date = short.is_none_or(|short| is_date(short.as_str(), before, behind));
        is_date.then_some(Found { before, day })
    })
}

/// Whether numbers with a mark between them are a day, and no time or number: `10.30`, `9.00-10`, `3-4 keer`.
fn is_date(numbers: &str, before: &str, behind: &str) -> bool {
    let mut marks = numbers.matches(['-', '/', '.']);
    let mark = marks.next().unwrap_or_default();
    if marks.any(|other| other != mark) {
        return false;
    }
    let parts: Vec<&str> = numbers.split(mark).collect();
    if let [_, _, year] = parts.as_slice()
        && year.len() == 4
    {
        return true;
    }
    let is_a_month = parts.get(1).and_then(|month| month.parse::<u8>().ok());
    let is_a_time = mark == "." && (BEFORE_A_TIME.is_match(before) || BEHIND_A_TIME.is_match(behind));
    let is_a_number = BEHIND_A_NUMBER.is_match(behind) && !BEFORE_A_DAY.is_match(before);
    is_a_month.is_some_and(|month| (1..=12).contains(&month)) && !is_a_time && !is_a_number
}

fn day_of(found: &Captures<'_>, sent: Option<Date>, reading: Reading) -> Option<Date> {
    if let Some(iso) = found.name("iso") {
        return iso.as_str().parse().ok();
    }
    if let Some(word) = found.name("near") {
        return sent?.checked_add(days_from_now(word.as_str())?.days()).ok();
    }
    if let Some(name) = found.name("weekday") {
        return of_a_week(weekday(name.as_str())?, found, sent?, reading);
    }
    let day = i8::try_from(number(found, &["d", "d2", "d3"])?).ok()?;
    let month = match found.name("m").or_else(|| found.name("m2")) {
        Some(name) => month(name.as_str())?,
        None => i8::try_from(number(found, &["m3"])?).ok()?,
    };
    if let Some(year) = number(found, &["y", "y2", "y3"]) {
        let year = if year < 100 { year + 2000 } else { year };
        return Date::new(year, month, day).ok();
    }
    let earliest = reading.earliest(sent?)?;
    (0..2).find_map(|later| {
        Date::new(earliest.year() + later, month, day)
            .ok()
            .filter(|date| *date >= earliest)
    })
}

/// The number in the first of these groups that is there.
fn number(found: &Captures<'_>, groups: &[&str]) -> Option<i16> {
    let digits = groups.iter().find_map(|group| found.name(group))?;
    digits.as_str().parse().ok()
}

fn days_from_now(word: &str) -> Option<i64> {
    Some(match word.to_lowercase().as_str() {
        "eergister" | "eergisteren" => -2,
        "gister" | "gisteren" | "yesterday" | "gestern" => -1,
        "vandaag" | "today" | "heute" => 0,
        "morgen" | "tomorrow" => 1,
        "overmorgen" | "übermorgen" => 2,
        _ => return None,
    })
}

/// The day of this name that is meant. "Vorige vrijdag" said on a Saturday may be two days, and so may "vrijdag" about what
/// happened, said on a Friday.
fn of_a_week(weekday: Weekday, found: &Captures<'_>, sent: Date, reading: Reading) -> Option<Date> {
    let monday = sent
        .checked_sub(i64::from(sent.weekday().to_monday_zero_offset()).days())
        .ok()?;
    let in_week = |weeks: i64| {
        let days = weeks * 7 + i64::from(weekday.to_monday_zero_offset());
        monday.checked_add(days.days()).ok()
    };
    if let Some(week) = found.name("week").or_else(|| found.name("week2")) {
        static NEXT: LazyLock<Regex> = LazyLock::new(|| expression(&format!("(?i)^{NEXT_WEEK}$")));
        return in_week(if NEXT.is_match(week.as_str()) { 1 } else { -1 });
    }
    let coming = || sent.nth_weekday(1, weekday).ok();
    let passed = || sent.nth_weekday(-1, weekday).ok();
    if found.name("past").is_some() {
        passed()
    } else if found.name("before").is_some() {
        passed().filter(|day| *day < monday)
    } else if found.name("ahead").or(found.name("ahead2")).is_some() || reading == Reading::Ahead {
        coming()
    } else {
        passed().filter(|_| sent.weekday() != weekday)
    }
}

/// A weekday by its first letters.
fn weekday(name: &str) -> Option<Weekday> {
    let start: String = name.to_lowercase().chars().take(3).collect();
    Some(match start.as_str() {
        "maa" | "mon" => Weekday::Monday,
        "din" | "tue" | "die" => Weekday::Tuesday,
        "woe" | "wed" | "mit" => Weekday::Wednesday,
        "don" | "thu" => Weekday::Thursday,
        "vri" | "fri" | "fre" => Weekday::Friday,
        "zat" | "sat" | "sam" | "son" if !name.to_lowercase().starts_with("sonnt") => Weekday::Saturday,
        "zon" | "sun" | "son" => Weekday::Sunday,
        _ => return None,
    })
}

/// A month by its first letters.
fn month(name: &str) -> Option<i8> {
    let start: String = name.to_lowercase().chars().take(3).collect();
    Some(match start.as_str() {
        "jan" => 1,
        "feb" => 2,
        "mar" | "mär" | "maa" | "mrt" => 3,
        "apr" => 4,
        "mei" | "may" | "mai" => 5,
        "jun" => 6,
        "jul" => 7,
        "aug" => 8,
        "sep" => 9,
        "okt" | "oct" => 10,
        "nov" => 11,
        "dec" | "dek" | "dez" => 12,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// What a text names that was sent on this day.
    fn named_on(sent: Date, text: &str) -> DaysNamed {
        named(text, Some(sent))
    }

    /// A Tuesday.
    const TODAY: Date = date(2025, 3, 25);

    #[test]
    fn what_happened_lies_behind() {
        for (text, day) in [
            ("op 6 maart", date(2025, 3, 6)),
            ("op 20 augustus", date(2024, 8, 20)),
            ("op 30 april", date(2025, 4, 30)),
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
            let on = vec![day];
            assert_eq!(
                named_on(TODAY, text),
                DaysNamed {
                    on,
                    ..DaysNamed::default()
                },
                "{text}"
            );
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
            assert_eq!(named_on(TODAY, text).on, [day], "{text}");
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
                "van 1 april naar 1 november",
                date(2025, 11, 1),
                Some(date(2025, 4, 1)),
            ),
            (
                "op 20 maart verlengd t/m 8-2-2030",
                date(2030, 2, 8),
                Some(date(2025, 3, 20)),
            ),
        ] {
            let days = named_on(TODAY, text);
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
            assert!(named_on(TODAY, text).unread, "{text}");
        }
        assert!(
            named_on(TODAY, "vorige week vastgesteld, brief gisteren").unread,
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
            "2 meisjes, Julianalaan 12",
            "gesprek om 10.30",
            "gesprek om 10.12",
            "gesprek van 9.00-10.00 uur",
            "gesprek van 9.10 tot 10.10 uur",
            "na 3-4 gesprekken",
            "3-4 keer gebeld",
            "lessen zijn elke maandag",
            "de vorige gemeente",
        ] {
            assert_eq!(named_on(TODAY, text), DaysNamed::default(), "{text}");
        }
    }
}
