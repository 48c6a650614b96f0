//! What may stand in a remark: the history is kept, and read by many.

use std::ops::Range;
use std::sync::LazyLock;

use jiff::civil::{Date, Time};
use regex::{Captures, Regex};

/// Digits of a BSN or V-nummer, or more.
const DIGITS: usize = 9;

/// Days and times as people write them: `3-12-2026`, `2026-12-03`, `10:00`, `10.00`.
static MOMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"\b(?:(?<day>\d{1,2})[-/.](?<month>\d{1,2})[-/.](?<year>20\d\d)|(?<y>20\d\d)-(?<m>\d\d)-(?<d>\d\d)|(?<hour>\d{1,2})[.:](?<minute>\d\d))\b",
    )
    .ok()
});

/// Whether a remark has a number as long as a BSN or V-nummer, however it is grouped: what is pasted has spaces, dashes
/// and invisible characters of all sorts. Days and times are none. Rather a remark too many refused than a number kept.
pub(super) fn names_somebody(remark: &str) -> bool {
    let remark = MOMENT.as_ref().map_or(remark.into(), |moment| {
        moment.replace_all(remark, |found: &Captures<'_>| {
            let is_alone = found
                .get(0)
                .is_some_and(|moment| !goes_on(remark, moment.range()));
            let moment = without(found).filter(|_| is_alone);
            moment.unwrap_or_else(|| found[0].to_owned())
        })
    });
    let is_digit = |c: char| c.is_numeric();
    let may_group =
        |c: char| c.is_whitespace() || matches!(c, '.' | '-') || !(c.is_ascii() || c.is_alphanumeric());
    remark
        .split(|c| !is_digit(c) && !may_group(c))
        .any(|run| run.chars().filter(|c| is_digit(*c)).count() >= DIGITS)
}

/// Whether what stands here is a part of a longer number.
fn goes_on(remark: &str, here: Range<usize>) -> bool {
    let joins = |c: char| matches!(c, '.' | '-' | ':' | '/');
    let (before, behind) = (&remark[..here.start], &remark[here.end..]);
    before.trim_end_matches(joins).ends_with(char::is_numeric)
        || behind.trim_start_matches(joins).starts_with(char::is_numeric)
}

/// What stands for a day or time that there is; nothing when there is no such day or time.
fn without(found: &Captures<'_>) -> Option<String> {
    let number = |name: &str| found.name(name)?.as_str().parse::<i16>().ok();
    let small = |name: &str| i8::try_from(number(name)?).ok();
    let year = number("year").or_else(|| number("y"));
    if let Some(year) = year {
        let month = small("month").or_else(|| small("m"))?;
        let day = small("day").or_else(|| small("d"))?;
        Date::new(year, month, day).ok()?;
    } else {
        Time::new(small("hour")?, small("minute")?, 0, 0).ok()?;
    }
    Some("|".to_owned())
}
