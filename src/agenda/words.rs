//! Whether an event says that somebody is away.
//!
//! A status that somebody chose weighs more than words: out of office is away in every calendar, free and working
//! elsewhere never. In a calendar that exists for leave everything else is leave. In the calendar of one person only the
//! words are left, and a title with "vakantie" in it is more often a meeting about it than a holiday: a title says leave
//! when it begins with it, and nothing in it sounds like work. Words that also mean something else ("vrij", "leave")
//! must be all of it, or be followed by a reason.

use crate::domain::PersonId;

/// Whose calendar it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// That of one person.
    Own(PersonId),
    /// That in which a team writes its leave.
    Leave,
    /// Of whom is not known: judged like that of one person, for whoever made an event.
    Shared,
}

/// What an event shows of somebody to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// They are out of office.
    Out,
    /// They are there: it is free, they work elsewhere, or it does not take place.
    There,
    /// They are busy.
    Busy,
    /// They may be busy.
    Tentative,
    /// Nothing.
    Unsaid,
}

/// Everything by which an event shows whether somebody is away.
pub(super) struct Mood<'a> {
    /// What others see of it.
    pub shown: Shown,
    /// It is about whole days.
    pub whole_day: bool,
    /// Others are invited.
    pub is_meeting: bool,
    /// Its title.
    pub summary: &'a str,
    /// Its categories.
    pub categories: Vec<&'a str>,
}

/// Whether it says that somebody is away.
pub(super) fn is_away(mood: &Mood<'_>, kind: &Kind) -> bool {
    let may_be_leave = match mood.shown {
        Shown::Out => return true,
        Shown::There => return false,
        _ if *kind == Kind::Leave => return true,
        Shown::Tentative => false,
        // Who is busy for whole days with something called leave forgot to say that they are out.
        Shown::Busy => mood.whole_day,
        Shown::Unsaid => true,
    };
    let in_a_category = || mood.categories.iter().any(|category| says_leave(category));
    may_be_leave && !mood.is_meeting && (says_leave(mood.summary) || in_a_category())
}

/// What leave is called. Each must stand at the beginning of a title.
const LEAVE: &[&str] = &[
    "afwezig",
    "afwezigheid",
    "annual leave",
    "atv",
    "adv",
    "buitenlandverlof",
    "day off",
    "maternity leave",
    "niet aanwezig",
    "niet op kantoor",
    "ooo",
    "out of office",
    "out of the office",
    "parental leave",
    "paternity leave",
    "roostervrij",
    "sick leave",
    "vacation",
    "vakantie",
    "vakantiedag",
    "vakantiedagen",
    "verlofdag",
    "verlofdagen",
    "vrije dag",
    "vrije middag",
    "vrije ochtend",
    "ziekteverlof",
    "ziekmelding",
];

/// What leave is called by words that often mean something else.
const AMBIGUOUS: &[&str] = &[
    "away",
    "holiday",
    "holidays",
    "leave",
    "sick",
    "snipperdag",
    "vrij",
    "ziek",
];

/// What may stand before leave, or after an ambiguous word, without changing what it says.
const FILLERS: &[&str] = &[
    "2e",
    "a",
    "af",
    "afternoon",
    "all",
    "am",
    "annual",
    "avond",
    "ben",
    "dag",
    "dagen",
    "day",
    "days",
    "de",
    "hele",
    "half",
    "halve",
    "het",
    "i",
    "ik",
    "in",
    "is",
    "m",
    "middag",
    "middags",
    "met",
    "morning",
    "ochtend",
    "ochtends",
    "off",
    "on",
    "onbetaald",
    "betaald",
    "op",
    "s",
    "the",
    "today",
    "vandaag",
    "week",
    "weken",
];

/// What a reason or an end begins with.
const REASONS: &[&str] = &[
    "ivm", "i.v.m", "door", "due", "from", "t", "till", "tot", "until", "van", "vanaf", "vanwege", "wegens",
];

/// Words of work. With one of them a title is about leave, and none.
const WORK: &[&str] = &[
    "aanvraag",
    "aanvragen",
    "aanvullen",
    "afspraken",
    "approve",
    "beleid",
    "bespreken",
    "bespreking",
    "bijwerken",
    "borrel",
    "canceled",
    "cancelled",
    "check",
    "checken",
    "controleren",
    "deadline",
    "discuss",
    "doorgeven",
    "doornemen",
    "einde",
    "form",
    "formulier",
    "geannuleerd",
    "gesprek",
    "goedkeuren",
    "indienen",
    "ingetrokken",
    "inleveren",
    "inplannen",
    "invullen",
    "meeting",
    "melden",
    "opvang",
    "overdracht",
    "overleg",
    "overzicht",
    "plan",
    "plannen",
    "planning",
    "policy",
    "regelen",
    "request",
    "review",
    "rooster",
    "uitbetalen",
    "uitzoeken",
    "vergadering",
    "vervallen",
    "vervalt",
    "verwerken",
    "vragen",
    "werkgroep",
];

/// What somebody on leave is not. Whatever else a title denies, it denies the leave: *gaat niet door*, *niet vergeten*.
const NOT: &[&str] = &[
    "aanwezig",
    "available",
    "beschikbaar",
    "bereikbaar",
    "in",
    "mailen",
    "online",
    "op",
    "reachable",
    "storen",
    "telefonisch",
    "werken",
    "werkzaam",
    "working",
];

/// Whether these words make something else of leave than being away.
fn sound_like_work(words: &[&str]) -> bool {
    let mut pairs = words.windows(2);
    let ends_with_not = words.last().is_some_and(|word| is_not(word));
    ends_with_not
        || words.iter().any(|word| WORK.contains(word))
        || pairs.any(|pair| is_not(pair[0]) && !NOT.contains(&pair[1]))
}

fn is_not(word: &str) -> bool {
    ["niet", "not"].contains(&word)
}

/// Whether a title, or a category, says that somebody is on leave.
fn says_leave(title: &str) -> bool {
    let title = title.to_lowercase();
    if title.contains('?') {
        return false;
    }
    let words: Vec<&str> = title
        .split(|letter: char| !letter.is_alphanumeric() && letter != '.')
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty())
        .collect();
    let is_filler =
        |word: &str| FILLERS.contains(&word) || word.starts_with(|first: char| first.is_ascii_digit());
    (0..words.len())
        .take_while(|at| words[..*at].iter().all(|word| is_filler(word)))
        .any(|at| {
            let rest = &words[at..];
            if let Some(after) = LEAVE.iter().find_map(|leave| after(rest, leave)) {
                return !sound_like_work(after);
            }
            if rest[0].ends_with("verlof") {
                return !sound_like_work(rest);
            }
            AMBIGUOUS.contains(&rest[0]) && {
                let first = rest[1..].iter().position(|word| !is_filler(word));
                first.is_none_or(|first| {
                    let after = &rest[1 + first..];
                    REASONS.contains(&after[0]) || (is_not(after[0]) && !sound_like_work(after))
                })
            }
        })
}

/// The words after this phrase, when they begin with it.
fn after<'w, 't>(words: &'w [&'t str], phrase: &str) -> Option<&'w [&'t str]> {
    let length = phrase.split(' ').count();
    let begins = words.len() >= length && phrase.split(' ').eq(words[..length].iter().copied());
    begins.then(|| &words[length..])
}

/// Whether a calendar of this name is one in which a team writes its leave.
pub(super) fn names_leave(name: &str) -> bool {
    let name = name.to_lowercase();
    let mut words = name.split(|letter: char| !letter.is_alphanumeric());
    words.any(|word| {
        ["verlof", "afwezig", "vakantie", "absence", "vacation"]
            .iter()
            .any(|leave| word.starts_with(leave))
            || ["leave", "ooo", "verlofkalender", "teamverlof"].contains(&word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_of_leave_say_leave() {
        for title in [
            "Vakantie",
            "VAKANTIE Spanje",
            "Op vakantie",
            "Verlof",
            "verlof (hele dag)",
            "Ouderschapsverlof",
            "Ik ben met verlof",
            "Vrij",
            "Vrij!",
            "Vrije dag",
            "Vrij i.v.m. verhuizing",
            "'s Middags vrij",
            "Ziek",
            "Afwezig: cursus",
            "Out of office",
            "OUT OF THE OFFICE",
            "Annual leave",
            "On leave",
            "2 weken vakantie",
            "Holiday",
            "Sick",
            "Vakantie (terug 17 augustus)",
            "Verlof, terug op maandag",
            "Verlof - niet bereikbaar",
            "Afwezig, niet storen",
            "Vakantie, geen laptop mee",
            "Ziek, niet bereikbaar",
            "Annual leave, not available",
            "Niet aanwezig",
        ] {
            assert!(says_leave(title), "{title}");
        }
    }

    #[test]
    fn titles_that_only_mention_leave_do_not() {
        for title in [
            "",
            "Vakantieplanning bespreken",
            "Vakantie bespreken",
            "Vakantie plannen met Joost",
            "Overleg verlof",
            "Verlof aanvragen",
            "Ouderschapsverlof: beleid",
            "Geen verlof",
            "Vrijdag",
            "Vrijdagmiddagborrel",
            "Vrij parkeren regelen",
            "Ziektewet",
            "Zieke collega bezoeken",
            "Vakantie?",
            "Leave for the airport",
            "Away team",
            "Holiday party",
            "Terug van vakantie",
            "Vakantie gaat niet door",
            "Verlof niet vergeten",
            "Verlof ingetrokken",
            "Ziek? Niet komen",
            "Vrij: niet vergeten",
            "Ziek melden niet",
            "Vrijwilligers",
        ] {
            assert!(!says_leave(title), "{title}");
        }
    }

    #[test]
    fn a_calendar_of_leave_is_known_by_its_name() {
        for name in [
            "Verlof team asiel",
            "verlofkalender",
            "Afwezigheid",
            "Team leave",
            "vakantie-2026",
        ] {
            assert!(names_leave(name), "{name}");
        }
        for name in ["Agenda", "export", "Team asiel", "Sleave", "f.elamrani"] {
            assert!(!names_leave(name), "{name}");
        }
    }
}
