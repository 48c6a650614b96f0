//! Until when somebody is away, in Dutch or English.
//!
//! `t/m`, `tot`, `until` name the last day; `weer aanwezig op`, `terug op`, `back on` name the day after it. "Tot 7
//! april" may mean either in Dutch; the later reading is taken, since work that is handed to somebody who is not there
//! waits, and work that is handed to a deputy one day longer does not. A date without a year is the first such date
//! from two months before the message was sent on.

use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::Date;
use regex::Regex;

/// The part of an answer that is searched; what follows is a signature.
const SEARCHED: usize = 4000;

const DAY: &str = r"(?:(?:maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|ma|di|wo|do|vr|za|zo|monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|wed|thu|fri|sat|sun),? )?(?:the )?";
const MONTH: &str = r"(?:jan|feb|m[aä]r|maa|mrt|apr|mei|may|jun|jul|aug|sep|okt|oct|nov|de[ck])[a-z]*\.?";

static DATE: LazyLock<Regex> = LazyLock::new(|| {
    let date = format!(
        r"(?P<iso>\d{{4}}-\d\d-\d\d)|(?P<d>\d{{1,2}})(?:e|ste|de|st|nd|rd|th)?(?: of)? (?P<m>{MONTH})(?:,? (?P<y>\d{{4}}))?|(?P<m2>{MONTH}) (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<y2>\d{{4}}))?|(?P<d3>\d{{1,2}})[-/.](?P<m3>\d{{1,2}})(?:[-/.](?P<y3>\d{{4}}))?"
    );
    let last = r"t/m|t\.?e\.?m\.?|tot en met|tot|until|till|through|thru|to|up to and including|en met|-|–";
    let back = r"weer (?:aanwezig|bereikbaar|terug|op kantoor|aan het werk)(?: ben)?(?: op| vanaf| per)?|terug(?: ben ik)?(?: op| vanaf| per)?|back (?:in (?:the )?office )?on|back|return(?:ing)?(?: to (?:the )?office| to work)?(?: on)?|vanaf|per|op";
    Regex::new(&format!(
        r"(?i)(?:(?P<last>{last})|(?P<back>{back})) {DAY}(?:{date})\b(?P<after>[^.\n]{{0,40}})"
    ))
    .expect("checked by the tests")
});

/// The last day of absence, where the text says so.
pub(super) fn until(text: &str, sent: Option<Date>) -> Option<Date> {
    let end = text.char_indices().nth(SEARCHED).map_or(text.len(), |(at, _)| at);
    let mut last = None;
    let mut back = None;
    let mut at = 0;
    while let Some(found) = DATE.captures_at(&text[..end], at) {
        let after = found.name("after").map_or(end, |words| words.start());
        at = after;
        let Some(day) = date(&found, sent) else {
            continue;
        };
        if found.name("last").is_some() {
            last = last.max(Some(day));
        } else if let Some(words) = found.name("back") {
            let is_bare = matches!(
                words.as_str().to_ascii_lowercase().as_str(),
                "vanaf" | "per" | "op"
            );
            let returns = found.name("after").is_some_and(|words| {
                let words = words.as_str().to_lowercase();
                ["weer", "terug", "back"].iter().any(|word| words.contains(word))
            });
            if !is_bare || returns {
                back = back.max(Some(day));
            }
        }
    }
    last.or_else(|| back?.checked_sub(1.day()).ok())
}

fn date(found: &regex::Captures<'_>, sent: Option<Date>) -> Option<Date> {
    if let Some(iso) = found.name("iso") {
        return iso.as_str().parse().ok();
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
        return Date::new(year, month, day).ok();
    }
    let earliest = sent?.checked_sub(2.months()).ok()?;
    (0..2).find_map(|later| {
        Date::new(earliest.year() + later, month, day)
            .ok()
            .filter(|date| *date >= earliest)
    })
}

fn month(name: &str) -> Option<i8> {
    let start: String = name.to_lowercase().chars().take(3).collect();
    Some(match start.as_str() {
        "jan" => 1,
        "feb" => 2,
        "mar" | "mär" | "maa" | "mrt" => 3,
        "apr" => 4,
        "mei" | "may" => 5,
        "jun" => 6,
        "jul" => 7,
        "aug" => 8,
        "sep" => 9,
        "okt" | "oct" => 10,
        "nov" => 11,
        "dec" | "dek" => 12,
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
