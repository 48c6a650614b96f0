//! The days that a text names, in Dutch, English or German.
//!
//! A day without a year or a name of a weekday has two readings ([`Reading`]): who will be away speaks of days to come, and
//! the likelier day is taken; who says what happened speaks of days that were, and a day that may be another ("op vrijdag",
//! said on a Friday) is none. Either is counted from the day on which the text was sent. "Maandag t/m donderdag" are working
//! days and no date, `10.30` is a time, `3-4 keer` a number.
//!
//! Crates looked at: `interim`, `chrono-english`, `two_timer`, `date_time_parser`: English only, and a date is the easy
//! half; which of its meanings it has is the other.

use std::borrow::Cow;
use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use regex::{Captures, Regex};

use super::expression::expression;

/// Of which days a text speaks, where it does not say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Of those to come, or just begun, by somebody who will be away: the likelier day will do.
    Ahead,
    /// Of one to come, which has to be certain.
    Coming,
    /// Of one that was, which has to be certain.
    Back,
}

impl Reading {
    /// The first day of the year in which a day without one lies.
    fn earliest(self, sent: Date) -> Option<Date> {
        let months = match self {
            Self::Ahead | Self::Coming => 2.months(),
            Self::Back => 9.months(),
        };
        sent.checked_sub(months).ok()
    }
}

/// A day that a text names.
pub(super) struct Found<'t> {
    /// What stands before it.
    pub(super) before: &'t str,
    /// What stands behind it.
    pub(super) behind: &'t str,
    /// The day; none when there is no such day, or when it is not certain and has to be.
    pub(super) day: Option<Date>,
}

const WEEKDAY: &str = r"(?:maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag)(?:ochtend|middag|avond|morgen)?";
const SHORT_DAY: &str = r"(?:ma|di|wo|do|vr|za|zo|mon|tue|wed|thu|fri|sat|sun)";
const MONTH: &str = r"(?:jan(?:uar[iy]?)?|feb(?:r(?:uar[iy]?)?)?|m[aä]r(?:ch|z)?|maart|mrt|apr(?:il)?|mei|may|mai|jun[ei]?|jul[iy]?|aug(?:ust(?:us)?)?|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?)\b\.?";
const NEXT_WEEK: &str =
    "(?:(?:volgende|komende|aanstaande) week|next week|n[äa]chste[rn]? woche|kommende[rn]? woche)";
const LAST_WEEK: &str = "(?:(?:vorige|afgelopen) week|last week|letzte[rn]? woche)";

static DAY: LazyLock<Regex> = LazyLock::new(|| {
    let weekday = format!(
        r"(?:(?:(?:vorige|afgelopen|komende|volgende|aanstaande) )?(?P<of>{WEEKDAY}|{SHORT_DAY})\.?,? )?(?:(?:the|de|den|dem) )?"
    );
    let dated = format!(
        r"{weekday}(?:(?P<iso>\d{{4}}-\d\d-\d\d)|(?P<d>\d{{1,2}})(?:e|ste|de|st|nd|rd|th|\.)?(?: of)?[ -]?(?P<m>{MONTH})(?:(?:,? |-)(?P<y>\d{{4}}))?|(?P<m2>{MONTH}) (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<y2>\d{{4}}))?|(?P<short>(?P<d3>\d{{1,2}})[-–/.](?P<m3>\d{{1,2}})(?:[-–/.](?P<y3>\d{{4}}|\d{{2}}))?))"
    );
    let near = r"(?P<near>vandaag|today|heute|eergister(?:en)?|gister(?:en)?|yesterday|gestern|overmorgen|übermorgen|morgen|tomorrow)(?:ochtend|middag|avond|morgen)?";
    let of_a_week = format!(
        r"(?:(?P<week>{NEXT_WEEK}|{LAST_WEEK})(?:,| op| van| in)? )?(?:(?:(?P<ahead>a\.?s\.?|aanstaande|komende|volgende|this|next|kommenden|n[äa]chsten)|(?P<past>afgelopen)|(?P<before>vorige|last|letzten)|on) )?(?P<weekday>{WEEKDAY})(?P<ahead2> a\.?s\.?| aanstaande)?(?P<past2> j\.?l\.?)?(?:,? (?:(?:van|in|of) )?(?P<week2>{NEXT_WEEK}|{LAST_WEEK}))?"
    );
    expression(&format!(r"(?i)\b(?:{dated}|{near}|{of_a_week})(?:\b|$)"))
});

/// What stands in front of a last day.
static LAST: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)(?:(?:^|[\s(,])(?:t/m|t\.?e\.?m\.?|tot en met|tot|until|till|thru|through|to|bis|up to|en met|einschließlich|inclusief)(?: (?:and including|en met|einschließlich|einschl\.?|zum|including|op|uiterlijk))*:?|\d{1,2}\.?(?: \p{L}+\.?)?(?: \d{4})? ?[-–])\s*$",
    )
});
/// What stands in front of days that come every week.
static EVERY: LazyLock<Regex> = LazyLock::new(|| {
    expression(&format!(
        r"(?i)\b(?:elke|iedere|every|jeden)(?: {WEEKDAY}(?:,| en| of| and| und)?)*\s*$"
    ))
});
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
/// Another day of the same month: `20 en 24 november`.
static SHARES: LazyLock<Regex> =
    LazyLock::new(|| expression(r"(?i)\b\d{1,2}(?:e|ste)?\s*(?:,|en|of|en/of|dan wel|à|a|\+|&)\s*(?:op )?$"));
/// A date goes on: with a year that is cut short, another day, or something else.
static GOES_ON: LazyLock<Regex> =
    LazyLock::new(|| expression(r"(?i)^(?:[-–/. ]?['’]?\d|\s*(?:of|en|en/of)\s+(?:op )?(?:de )?\d)"));
/// What stands behind the last word of a sentence.
static ENDS: LazyLock<Regex> = LazyLock::new(|| expression(r"^\s*(?:[.,;)!]|$)"));
/// What stands before two numbers that are no day.
static BEFORE_A_NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)(?:straat|laan|weg|plein|kade|singel|module|artikel|art\.?|versie|deel|hoofdstuk|niveau|nr\.?|nummer|blok|groep|met)\s*$",
    )
});
/// What stands before a time, what behind one, and what behind a number of something.
static BEFORE_A_TIME: LazyLock<Regex> = LazyLock::new(|| expression(r"(?i)(?:\b(?:om|at|um|rond)|€)\s*$"));
static BEHIND_A_TIME: LazyLock<Regex> =
    LazyLock::new(|| expression(r"(?i)^(?:\s?(?:-|–|tot|t/m|en)\s?\d{1,2}[.:]\d\d)?\s?(?:uur|u)\b"));
static BEHIND_A_NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    expression(r"(?i)^\s?(?:keer|maal|x|dagen|weken|maanden|jaar|personen|kinderen|gesprekken|lessen|euro)\b")
});
/// What stands before no number of something.
static ON: LazyLock<Regex> =
    LazyLock::new(|| expression(r"(?i)\b(?:op|t/m|tot|van|vanaf|per|dd\.?|d\.d\.)\s*$"));
/// What stands before a day that is only two numbers.
static BEFORE_A_DAY: LazyLock<Regex> = LazyLock::new(|| {
    expression(&format!(
        r"(?i)(?:\b(?:op|t/m|tot|van|vanaf|per|rond|naar|is|wordt|dd|d\.d|{WEEKDAY}|{SHORT_DAY}|\p{{L}}+(?:gesteld|gerond|wijzigd|tekend|start|volgd|daan|stuurd|maakt|voerd))\.?,?|[(:,;]|^)\s*$"
    ))
});

/// Whether what stands before a day makes it the last one of a time.
pub(super) fn is_last(before: &str) -> bool {
    LAST.is_match(before)
}

/// A text with the names of months as they are spelled: one letter of a long one may be wrong.
pub(super) fn spelled(text: &str) -> Cow<'_, str> {
    const LONG: [&str; 7] = [
        "januari",
        "februari",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ];
    static WORD: LazyLock<Regex> = LazyLock::new(|| expression(r"\b\p{L}{6,10}\b"));
    WORD.replace_all(text, |word: &Captures<'_>| {
        let written = word[0].to_lowercase();
        let meant = LONG
            .iter()
            .find(|month| strsim::osa_distance(&written, month) == 1);
        meant.map_or_else(|| word[0].to_owned(), |month| (*month).to_owned())
    })
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
        let will_do = reading == Reading::Ahead;
        let day = day_of(&found, sent, reading);
        let (is_a_day, is_certain) = if let Some(near) = found.name("near") {
            // Who is not there today says nothing about tomorrow.
            (!will_do || days_from_now(near.as_str()) != Some(0), true)
        } else if found.name("weekday").is_some() {
            let listed = LISTED.is_match(before);
            let is_habit = EVERY.is_match(before) || (will_do && listed);
            (!is_habit, !listed && !LISTS.is_match(behind))
        } else {
            let short = found.name("short");
            let is_a_day = short.is_none_or(|short| is_date(short.as_str(), before, behind));
            let is_whole = !SHARES.is_match(before) && !GOES_ON.is_match(behind);
            (is_a_day, is_whole && is_unmistakable(&found, before, behind))
        };
        let day = day.filter(|day| will_do || (is_certain && fits(&found, *day, sent, reading)));
        is_a_day.then_some(Found { before, behind, day })
    })
}

/// Whether what stands there is a date and no number or name: `module 2-3`, `Jan 2 keer`.
fn is_unmistakable(found: &Captures<'_>, before: &str, behind: &str) -> bool {
    let is_two_numbers = found.name("short").is_some() && found.name("y3").is_none();
    let is_led = || found.name("of").is_some() || BEFORE_A_DAY.is_match(before);
    let is_last_word = || ENDS.is_match(behind) && !BEFORE_A_NUMBER.is_match(before);
    found.name("m2").is_none() && (!is_two_numbers || is_led() || is_last_word())
}

/// Whether a date is on the weekday that stands with it, not taken for one to come for want of a year, and not of years ago:
/// that is a day of birth.
fn fits(found: &Captures<'_>, day: Date, sent: Option<Date>, reading: Reading) -> bool {
    let of = found.name("of").and_then(|name| weekday(name.as_str()));
    let is_long_ago = || {
        sent.and_then(|sent| sent.checked_sub(2.years()).ok())
            .is_some_and(|then| day < then)
    };
    let has_year = ["iso", "y", "y2", "y3"]
        .iter()
        .any(|group| found.name(group).is_some());
    let is_by_word = found.name("near").is_some() || found.name("weekday").is_some();
    let is_guessed = reading == Reading::Back && !has_year && !is_by_word && Some(day) > sent;
    of.is_none_or(|of| of == day.weekday()) && !is_long_ago() && !is_guessed
}

/// Whether numbers with a mark between them are a day, and no time or number: `10.30`, `9.00-10`, `3-4 keer`.
fn is_date(numbers: &str, before: &str, behind: &str) -> bool {
    let mut marks = numbers.matches(['-', '–', '/', '.']);
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
    let month = parts.get(1).and_then(|month| month.parse::<u8>().ok());
    let is_a_time = mark == "." && (BEFORE_A_TIME.is_match(before) || BEHIND_A_TIME.is_match(behind));
    let is_a_number = BEHIND_A_NUMBER.is_match(behind) && !ON.is_match(before);
    month.is_some_and(|month| (1..=12).contains(&month)) && !is_a_time && !is_a_number
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
    } else if found.name("past2").is_some() {
        passed()
    } else if found.name("ahead").or(found.name("ahead2")).is_some() || reading != Reading::Back {
        coming()
    } else {
        passed().filter(|_| sent.weekday() != weekday)
    }
}

/// A weekday by its first letters.
fn weekday(name: &str) -> Option<Weekday> {
    let start: String = name.to_lowercase().chars().take(3).collect();
    Some(match start.as_str() {
        "ma" | "maa" | "mon" => Weekday::Monday,
        "di" | "din" | "tue" | "die" => Weekday::Tuesday,
        "wo" | "woe" | "wed" | "mit" => Weekday::Wednesday,
        "do" | "don" | "thu" => Weekday::Thursday,
        "vr" | "vri" | "fri" | "fre" => Weekday::Friday,
        "za" | "zat" | "sat" | "sam" | "son" if !name.to_lowercase().starts_with("sonnt") => {
            Weekday::Saturday
        }
        "zo" | "zon" | "sun" | "son" => Weekday::Sunday,
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
