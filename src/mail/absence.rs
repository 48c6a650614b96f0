//! Until when somebody is away, in Dutch, English or German.
//!
//! The text is taken sentence by sentence. A date behind `t/m`, `tot`, `until`, `bis` is the last day; a date in a
//! sentence that speaks of coming back (`weer`, `terug`, `back`, `return`, `wieder`) is the day after it, unless it is
//! where the absence starts (`van`, `from`, `vom`). "Tot 7 april" may mean either in Dutch; the later reading is taken,
//! since work that is handed to somebody who is not there waits, and work that is handed to a deputy one day longer
//! does not. When both are named, the last day counts.
//!
//! A date without a year is the first such date from two months before the message was sent on. "Maandag" and "morgen"
//! are counted from the day it was sent. "Maandag t/m donderdag" are working days and no date,
//! and "vandaag niet" is none either: who is ill today may be tomorrow.
//!
//! Crates looked at: `interim`, `chrono-english`, `two_timer`, `date_time_parser`: English only, and a date is the easy
//! half; which of its two meanings it has is the other.

use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use regex::{Captures, Regex};

/// The part of an answer that is searched; what follows is a signature.
const SEARCHED: usize = 4000;

const WEEKDAY: &str = r"(?:maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag)";
const SHORT_DAY: &str = r"(?:ma|di|wo|do|vr|za|zo|mon|tue|wed|thu|fri|sat|sun)";
const MONTH: &str = r"(?:(?:jan|feb|mrt|apr|mei|may|mai|jun|jul|aug|sep|okt|oct|nov|de[ckz])[a-zä]*|m[aä]r(?:ch|z)?|maa(?:rt)?)\.?";

static DATE: LazyLock<Regex> = LazyLock::new(|| {
    let day = format!(r"(?:(?:{WEEKDAY}|{SHORT_DAY})\.?,? )?(?:(?:the|de|den|dem) )?");
    Regex::new(&format!(
        r"(?i)\b(?:{day}(?:(?P<iso>\d{{4}}-\d\d-\d\d)|(?P<d>\d{{1,2}})(?:e|ste|de|st|nd|rd|th|\.)?(?: of)? (?P<m>{MONTH})(?:,? (?P<y>\d{{4}}))?|(?P<m2>{MONTH}) (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<y2>\d{{4}}))?|(?P<d3>\d{{1,2}})[-/.](?P<m3>\d{{1,2}})(?:[-/.](?P<y3>\d{{4}}|\d{{2}}))?)|(?P<near>eergisteren|gisteren|yesterday|gestern|overmorgen|übermorgen|morgen|tomorrow)|(?:(?P<next>volgende week|next week|n[äa]chste woche|next) )?(?:a\.?s\.? |aanstaande |komende |this |on |kommenden |n[äa]chsten )?(?P<weekday>{WEEKDAY})(?P<after> volgende week| next week| n[äa]chster woche)?)(?:\b|$)"
    ))
    .expect("checked by the tests")
});

/// What stands in front of a last day.
static LAST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:(?:^|[\s(,])(?:t/m|t\.?e\.?m\.?|tot en met|tot|until|till|thru|through|to|bis|up to|en met|einschließlich|inclusief)(?: (?:and including|en met|einschließlich|einschl\.?|zum|including|op|uiterlijk))*:?|\d{1,2}\.?(?: \p{L}+\.?)?(?: \d{4})? ?[-–])\s*$")
        .expect("checked by the tests")
});
/// What stands in front of a first day.
static FIRST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:van|from|vom|sinds|since|seit|leaving|vertrek)(?: de)?:?\s*$")
        .expect("checked by the tests")
});
/// Working days, and days that come every week.
static HABIT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?i)(?:\b(?:elke|iedere|every|jeden|behalve|except|tussen)\s*|{WEEKDAY}(?: t/m| tot en met| tot| to| through| bis|,| en| and| und| -)\s*)$"
    ))
    .expect("checked by the tests")
});
static RETURNS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:weer|terug|back|return\w*|wieder|zurück|resume\w*|hervat\w*|again)\b")
        .expect("checked by the tests")
});
/// The last day of absence, where the text says so.
pub(super) fn until(text: &str, sent: Option<Date>) -> Option<Date> {
    let end = text.char_indices().nth(SEARCHED).map_or(text.len(), |(at, _)| at);
    let mut last = None;
    let mut back = None;
    for sentence in sentences(&text[..end]) {
        let returns = RETURNS.is_match(&sentence);
        for found in DATE.captures_iter(&sentence) {
            let Some(whole) = found.get(0) else { continue };
            let before = &sentence[..whole.start()];
            let Some(day) = date(&found, before, sent) else {
                continue;
            };
            if LAST.is_match(before) {
                last = last.max(Some(day));
            } else if returns && !FIRST.is_match(before) {
                back = back.max(Some(day));
            }
        }
    }
    last.or_else(|| back?.checked_sub(1.day()).ok())
}

/// The first day that a text names.
pub(super) fn day(text: &str, sent: Option<Date>) -> Option<Date> {
    let mut found = DATE.captures_iter(text);
    found.find_map(|found| {
        let before = &text[..found.get(0)?.start()];
        date(&found, before, sent)
    })
}

/// The sentences of a text. A line end is a space, as mail programs wrap; an empty line ends a sentence, a full stop
/// does unless it belongs to a number (`3. August`).
fn sentences(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    for paragraph in text.split("\n\n") {
        let line = paragraph.replace('\n', " ");
        let mut from = 0;
        for (at, mark) in line.match_indices(['.', '!', '?']) {
            let end = at + mark.len();
            let mut after = line[end..].chars();
            let ends = after.next() == Some(' ')
                && after.next().is_some_and(char::is_uppercase)
                && !line[..at].ends_with(|letter: char| letter.is_ascii_digit());
            if ends {
                all.push(line[from..end].to_owned());
                from = end;
            }
        }
        all.push(line[from..].to_owned());
    }
    all
}

fn date(found: &Captures<'_>, before: &str, sent: Option<Date>) -> Option<Date> {
    if let Some(iso) = found.name("iso") {
        return iso.as_str().parse().ok();
    }
    if let Some(word) = found.name("near") {
        let days = match word.as_str().to_lowercase().as_str() {
            "eergisteren" => -2,
            "gisteren" | "yesterday" | "gestern" => -1,
            "morgen" | "tomorrow" => 1,
            "overmorgen" | "übermorgen" => 2,
            _ => return None,
        };
        return sent?.checked_add(days.days()).ok();
    }
    if let Some(name) = found.name("weekday") {
        if HABIT.is_match(before) {
            return None;
        }
        let is_next_week = found.name("after").is_some()
            || found
                .name("next")
                .is_some_and(|word| !word.as_str().eq_ignore_ascii_case("next"));
        return coming(weekday(name.as_str())?, sent?, is_next_week);
    }
    let number = |names: [&str; 3]| {
        names
            .iter()
            .find_map(|name| found.name(name))
            .and_then(|digits| digits.as_str().parse::<i16>().ok())
    };
    let day = i8::try_from(number(["d", "d2", "d3"])?).ok()?;
    let month = match found.name("m").or_else(|| found.name("m2")) {
        Some(name) => month(name.as_str())?,
        None => i8::try_from(number(["m3", "m3", "m3"])?).ok()?,
    };
    if let Some(year) = number(["y", "y2", "y3"]) {
        let year = if year < 100 { year + 2000 } else { year };
        return Date::new(year, month, day).ok();
    }
    let earliest = sent?.checked_sub(2.months()).ok()?;
    (0..2).find_map(|later| {
        Date::new(earliest.year() + later, month, day)
            .ok()
            .filter(|date| *date >= earliest)
    })
}

/// The next such day after the message was sent, or that of the week after.
fn coming(weekday: Weekday, sent: Date, is_next_week: bool) -> Option<Date> {
    let from = if is_next_week {
        let since_monday = sent.weekday().to_monday_zero_offset();
        sent.checked_add((6 - i64::from(since_monday)).days()).ok()?
    } else {
        sent
    };
    from.nth_weekday(1, weekday).ok()
}

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

    fn until(text: &str) -> Option<Date> {
        super::until(text, Some(date(2025, 3, 25)))
    }

    #[test]
    fn the_last_day_is_read_in_both_languages() {
        for text in [
            "Ik ben afwezig van 14 t/m 25 april.",
            "Tot en met vrijdag 25 april 2025 ben ik er niet.",
            "I am out of the office until 25 April.",
            "Away from April 14 to April 25th, 2025",
            "Afwezig tot 25-04-2025",
            "Vanaf 14 april ben ik er niet. Op maandag 26 april ben ik weer bereikbaar.",
            "Op 26 april ben ik er weer.",
            "Ik ben terug op 26 apr.",
            "I will be back on Saturday, 26 April",
            "I return to the office on 2025-04-26.",
        ] {
            assert_eq!(until(text), Some(date(2025, 4, 25)), "{text}");
        }
    }

    #[test]
    fn months_that_pass_are_no_month_and_days_that_passed_are_days() {
        let day = |text: &str| day(text, Some(date(2025, 3, 25)));
        assert_eq!(
            day("termijn verlengd met 9 maanden tot 8 februari 2030"),
            Some(date(2030, 2, 8))
        );
        assert_eq!(day("na 2 maanden"), None);
        assert_eq!(day("3 marokkaanse gezinnen"), None);
        assert_eq!(day("op 6 maart"), Some(date(2025, 3, 6)));
        assert_eq!(day("gisteren"), Some(date(2025, 3, 24)));
        assert_eq!(day("eergisteren gewijzigd"), Some(date(2025, 3, 23)));
    }

    #[test]
    fn no_date_is_no_date() {
        for text in [
            "Wegens ziekte ben ik er niet.",
            "Vergadering op 3 april",
            "tot 31 februari",
            "Tot ziens",
        ] {
            assert_eq!(until(text), None, "{text}");
        }
        assert_eq!(super::until("tot 7 april", None), None);
    }

    #[test]
    fn a_date_without_a_year_lies_ahead() {
        assert_eq!(
            super::until("t/m 4 januari", Some(date(2025, 12, 19))),
            Some(date(2026, 1, 4))
        );
        assert_eq!(
            super::until("t/m 18 december", Some(date(2025, 12, 19))),
            Some(date(2025, 12, 18))
        );
    }
}
