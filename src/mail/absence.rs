//! Until when somebody is away, in Dutch, English or German.
//!
//! The text is taken sentence by sentence. A day behind `t/m`, `tot`, `until`, `bis` is the last day; a day in a
//! sentence that speaks of coming back (`weer`, `terug`, `back`, `return`, `wieder`) is the day after it, unless it is
//! where the absence starts (`van`, `from`, `vom`). "Tot 7 april" may mean either in Dutch; the later reading is taken,
//! since work that is handed to somebody who is not there waits, and work that is handed to a deputy one day longer
//! does not. When both are named, the last day counts.

use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::Date;
use regex::Regex;

use super::day::{self, Reading};
use super::expression::expression;

/// The part of an answer that is searched; what follows is a signature.
const SEARCHED: usize = 4000;

/// What stands in front of a first day.
static FIRST: LazyLock<Regex> =
    LazyLock::new(|| expression(r"(?i)\b(?:van|from|vom|sinds|since|seit|leaving|vertrek)(?: de)?:?\s*$"));
static RETURNS: LazyLock<Regex> = LazyLock::new(|| {
    expression(r"(?i)\b(?:weer|terug|back|return\w*|wieder|zurück|resume\w*|hervat\w*|again)\b")
});

/// The last day of absence, where the text says so.
pub(super) fn until(text: &str, sent: Option<Date>) -> Option<Date> {
    let text = day::spelled(text);
    let end = text.char_indices().nth(SEARCHED).map_or(text.len(), |(at, _)| at);
    let mut last = None;
    let mut back = None;
    for sentence in sentences(&text[..end]) {
        let returns = RETURNS.is_match(&sentence);
        for found in day::all(&sentence, sent, |_| Reading::Ahead) {
            let Some(day) = found.day else { continue };
            if day::is_last(found.before) {
                last = last.max(Some(day));
            } else if returns && !FIRST.is_match(found.before) {
                back = back.max(Some(day));
            }
        }
    }
    last.or_else(|| back?.checked_sub(1.day()).ok())
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
            "Ik ben rond 26/4 weer terug",
            "Ik ben t/m 25 april afwezig, en t/m 3 febrari was ik dat ook",
            "I am back at 26/4.",
            "Ich bin bis Freitag, 25. April nicht da",
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
            "Ik werk van maandagochtend tot donderdagmiddag",
            "Bereikbaar maandag t/m donderdag",
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
