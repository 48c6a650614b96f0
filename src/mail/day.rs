//! The days that a text names, in Dutch, English or German.
//!
//! A day without a year or a name of a weekday has two readings ([`Reading`]): who will be away speaks of days to come,
//! who says what happened of days that were. Either is counted from the day on which the text was sent. "Maandag t/m
//! donderdag" are working days and no date, `10.30` is a time, `3-4 keer` a number.
//!
//! Guarantee: what may be two days is none ("op vrijdag", said on a Friday), and is told as one that cannot be read:
//! a term that starts on a wrong day is not noticed by anybody.
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

const WEEKDAY: &str = r"(?:maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag)";
const SHORT_DAY: &str = r"(?:ma|di|wo|do|vr|za|zo|mon|tue|wed|thu|fri|sat|sun)";
const MONTH: &str = r"(?:(?:jan|feb|mrt|apr|mei|may|mai|jun|jul|aug|sep|okt|oct|nov|de[ckz])[a-zä]*|m[aä]r(?:ch|z)?|maa(?:rt)?)\.?";
const PART: &str = "(?:ochtend|middag|avond|morgen)?";
const NEXT_WEEK: &str = "(?:volgende week|next week|n[äa]chste woche)";
const LAST_WEEK: &str = "(?:vorige week|afgelopen week|last week|letzte woche)";

static DAY: LazyLock<Regex> = LazyLock::new(|| {
    let weekday = format!(r"(?:(?:{WEEKDAY}|{SHORT_DAY})\.?,? )?(?:(?:the|de|den|dem) )?");
    let dated = format!(
        r"{weekday}(?:(?P<iso>\d{{4}}-\d\d-\d\d)|(?P<d>\d{{1,2}})(?:e|ste|de|st|nd|rd|th|\.)?(?: of)? (?P<m>{MONTH})(?:,? (?P<y>\d{{4}}))?|(?P<m2>{MONTH}) (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<y2>\d{{4}}))?|(?P<short>(?P<d3>\d{{1,2}})[-/.](?P<m3>\d{{1,2}})(?:[-/.](?P<y3>\d{{4}}|\d{{2}}))?))"
    );
    let near = format!(
        r"(?P<near>vandaag|today|heute|eergister(?:en)?|gister(?:en)?|yesterday|gestern|overmorgen|übermorgen|morgen|tomorrow){PART}"
    );
    let of_a_week = format!(
        r"(?:(?P<week>{NEXT_WEEK}|{LAST_WEEK}),? )?(?:(?:(?P<ahead>a\.?s\.?|aanstaande|komende|this|next|kommenden|n[äa]chsten)|(?P<past>afgelopen)|(?P<before>vorige|last|letzten)|on) )?(?P<weekday>{WEEKDAY}){PART}(?: (?P<week2>{NEXT_WEEK}|{LAST_WEEK}))?"
    );
    Regex::new(&format!(r"(?i)\b(?:{dated}|{near}|{of_a_week})(?:\b|$)")).expect("checked by the tests")
});

/// What stands in front of a last day.
static LAST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:(?:^|[\s(,])(?:t/m|t\.?e\.?m\.?|tot en met|tot|until|till|thru|through|to|bis|up to|en met|einschließlich|inclusief)(?: (?:and including|en met|einschließlich|einschl\.?|zum|including|op|uiterlijk))*:?|\d{1,2}\.?(?: \p{L}+\.?)?(?: \d{4})? ?[-–])\s*$")
        .expect("checked by the tests")
});
/// Working days, and days that come every week.
static HABIT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?i)(?:\b(?:elke|iedere|every|jeden|behalve|except|tussen)\s*|{WEEKDAY}(?: t/m| tot en met| tot| to| through| bis|,| en| and| und| -)\s*)$"
    ))
    .expect("checked by the tests")
});
/// What stands before a time, and behind a number of something.
static BEFORE_A_TIME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)(?:\b(?:om|at|um|rond)|€)\s*$").expect("checked by the tests"));
static BEHIND_A_NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^\s?(?:uur|u|keer|maal|x|dagen|weken|maanden|jaar|personen|kinderen|gesprekken|lessen|euro)\b",
    )
    .expect("checked by the tests")
});
/// A day, a week or a month that passed, of which nobody says which day it was.
static SOME_DAY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(?:geleden|januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december
        |(?:vorige|afgelopen|deze)\ (?:week|weken|weekend|maand|maanden|dagen|jaar))\b",
    )
    .expect("checked by the tests")
});

/// Whether what stands before a day makes it the last one of a time.
pub(super) fn is_last(before: &str) -> bool {
    LAST.is_match(before)
}

/// The days that a text names by which somebody says what happened; a last day of something is still to come.
pub(super) fn named(text: &str, sent: Option<Date>) -> DaysNamed {
    let reading = |before: &str| {
        if is_last(before) {
            Reading::Ahead
        } else {
            Reading::Back
        }
    };
    let mut days = DaysNamed::default();
    for found in all(text, sent, reading) {
        match found.day {
            Some(day) if days.read.contains(&day) => {}
            Some(day) => days.read.push(day),
            None => days.unread = true,
        }
    }
    days.unread |= SOME_DAY.is_match(&DAY.replace_all(text, " "));
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
        let is_a_day = if let Some(near) = found.name("near") {
            // Who is not there today says nothing about tomorrow.
            reading == Reading::Back || days_from_now(near.as_str()) != Some(0)
        } else if found.name("weekday").is_some() {
            !HABIT.is_match(before)
        } else {
            found.name("short").is_none() || is_date(&found, before, behind)
        };
        let day = day_of(&found, sent, reading);
        is_a_day.then_some(Found { before, day })
    })
}

/// Whether numbers with a mark between them are a day, and no time or number: `10.30`, `3-4 keer`.
fn is_date(found: &Captures<'_>, before: &str, behind: &str) -> bool {
    let month = number(found, &["m3"]);
    found.name("y3").is_some()
        || month.is_some_and(|month| (1..=12).contains(&month))
            && !BEFORE_A_TIME.is_match(before)
            && !BEHIND_A_NUMBER.is_match(behind)
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
        static NEXT: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(&format!("(?i)^{NEXT_WEEK}$")).expect("checked by the tests"));
        return in_week(if NEXT.is_match(week.as_str()) { 1 } else { -1 });
    }
    let coming = || sent.nth_weekday(1, weekday).ok();
    let passed = || sent.nth_weekday(-1, weekday).ok();
    if found.name("past").is_some() {
        passed()
    } else if found.name("before").is_some() {
        passed().filter(|day| *day < monday)
    } else if found.name("ahead").is_some() || reading == Reading::Ahead {
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

    /// What a text names that was sent on Tuesday 25 March 2025.
    fn named(text: &str) -> DaysNamed {
        super::named(text, Some(date(2025, 3, 25)))
    }

    #[test]
    fn what_happened_lies_behind_and_a_last_day_ahead() {
        for (text, day) in [
            ("op 6 maart", date(2025, 3, 6)),
            ("op 20 augustus", date(2024, 8, 20)),
            ("op 30 april", date(2025, 4, 30)),
            ("op 6-3", date(2025, 3, 6)),
            ("op 6.3.25", date(2025, 3, 6)),
            ("maandag 24 maart", date(2025, 3, 24)),
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
            ("komende vrijdag", date(2025, 3, 28)),
            ("tot vrijdag", date(2025, 3, 28)),
            ("verlengd met 9 maanden tot 8 januari", date(2026, 1, 8)),
            ("verlengd tot 8 februari 2030", date(2030, 2, 8)),
        ] {
            let read = vec![day];
            assert_eq!(named(text), DaysNamed { read, unread: false }, "{text}");
        }
    }

    #[test]
    fn a_day_that_may_be_two_or_is_none_cannot_be_read() {
        for text in [
            "op 31 november",
            "op 31-11",
            "op dinsdag",
            "vorige maandag",
            "2 weken geleden",
            "vorige week",
            "in februari",
            "deze maand",
        ] {
            let unread = true;
            assert_eq!(
                named(text),
                DaysNamed {
                    unread,
                    ..DaysNamed::default()
                },
                "{text}"
            );
        }
        let without_a_date = super::named("op vrijdag", None);
        assert!(without_a_date.unread, "nobody knows when it was sent");
    }

    #[test]
    fn what_is_no_day_is_none() {
        for text in [
            "na 2 maanden",
            "3 marokkaanse gezinnen",
            "gesprek om 10.30",
            "gesprek om 10.12",
            "na 3-4 gesprekken",
            "3-4 keer gebeld",
            "lessen zijn elke maandag",
            "de vorige gemeente",
        ] {
            assert_eq!(named(text), DaysNamed::default(), "{text}");
        }
    }

    #[test]
    fn several_days_are_several() {
        let read = vec![date(2025, 3, 20), date(2030, 2, 8)];
        for text in [
            "op 20 maart verlengd tot 8 februari 2030",
            "20-3, en van 20 maart tot 8-2-2030",
        ] {
            assert_eq!(named(text).read, read, "{text}");
        }
    }
}
