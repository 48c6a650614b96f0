//! Documents that are no letters: the adopted process, and the files that a municipality starts with. Their templates lie
//! in folders of `templates/`, so that no letter is looked for in them.

use jiff::civil::{Date, Time};
use serde::Serialize;

use super::{SHIPPED, SUFFIX, TemplateError, dutch, explain, registry};
use crate::domain::{Recurrence, Shift, Term, Weeks};

/// A document from the template of this name, such as `process/process.html`, which escapes what it is given only when
/// its name ends in `html`.
///
/// # Errors
/// There is no such template, or it names what `facts` do not have.
pub fn document(name: &str, facts: &impl Serialize) -> Result<String, TemplateError> {
    let escape = if std::path::Path::new(name)
        .extension()
        .is_some_and(|end| end == "html")
    {
        handlebars::html_escape
    } else {
        handlebars::no_escape
    };
    let file = format!("{name}{SUFFIX}");
    let text = SHIPPED.get_file(&file).and_then(include_dir::File::contents_utf8);
    let text = text.ok_or_else(|| TemplateError {
        template: file.clone(),
        line: None,
        reason: "there is no such template".to_owned(),
    })?;
    let mut registry = registry(escape);
    registry
        .register_template_string(name, text)
        .map_err(|error| TemplateError {
            template: file,
            line: error.pos().map(|(line, _)| line),
            reason: dutch::syntax(error.reason()),
        })?;
    registry
        .render(name, facts)
        .map_err(|error| explain(name, &error))
}

/// A term as people say it: `2 werkdagen`.
#[must_use]
pub fn term_in_words(term: Term) -> String {
    dutch::term(term)
}

/// How many days of a year are written out.
const WRITTEN_OUT: usize = 6;

/// When something comes, as people say it: `elke maandag om 10:00 uur`. None: that takes more words than it is worth.
#[must_use]
pub fn recurrence_in_words(at: &Recurrence) -> Option<String> {
    let times: Vec<Time> = at.times().take(2).collect();
    let [time] = times.as_slice() else { return None };
    let days = match (at.months(), at.days_of_month(), at.weekdays()) {
        (None, None, None) => "elke dag".to_owned(),
        (None, None, Some(weekdays)) => format!("elke {}", and(weekdays.into_iter().map(dutch::weekday))),
        (None, Some(days), None) => format!("elke maand op dag {}", and(days)),
        (None, Some(days), Some(weekdays)) => match (days.as_slice(), weekdays.as_slice()) {
            ([1, 2, 3, 4, 5, 6, 7], [weekday]) => {
                format!("elke eerste {} van de maand", dutch::weekday(*weekday))
            }
            _ => return None,
        },
        (Some(months), Some(days), None) if months.len() * days.len() <= WRITTEN_OUT => {
            let days = months.iter().flat_map(|month| {
                days.iter()
                    .map(|day| format!("{day} {}", dutch::month_of(*month)))
            });
            format!("elk jaar op {}", and(days))
        }
        (Some(_), ..) => return None,
    };
    Some(format!("{days} om {} uur", time.strftime("%H:%M")))
}

/// A list as people say it: `1, 15 en 28`.
fn and(words: impl IntoIterator<Item = impl ToString>) -> String {
    let mut words: Vec<String> = words.into_iter().map(|word| word.to_string()).collect();
    let last = words.pop().unwrap_or_default();
    if words.is_empty() {
        last
    } else {
        format!("{} en {last}", words.join(", "))
    }
}

/// When somebody works, as a roster would say it: `vrijdag van 09:00 tot 12:30 uur in even weken`.
#[must_use]
pub fn shift_in_words(shift: &Shift) -> String {
    let hours = shift.hours.map_or_else(String::new, |(from, until)| {
        format!(
            " van {} tot {} uur",
            from.strftime("%H:%M"),
            until.strftime("%H:%M")
        )
    });
    let weeks = match shift.weeks {
        Weeks::Every => "",
        Weeks::Even => " in even weken",
        Weeks::Odd => " in oneven weken",
    };
    format!("{}{hours}{weeks}", dutch::weekday(shift.day))
}

/// A day as people write it: `vrijdag 15 mei 2026`.
#[must_use]
pub fn day_in_words(day: Date) -> String {
    dutch::long_day(day)
}

/// A day where there is little room: `15 mei`.
#[must_use]
pub fn short_day_in_words(day: Date) -> String {
    dutch::short_day(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_again_and_again_is_said_as_people_say_it_where_that_is_short() {
        for (written, words) in [
            ("30 8 * * *", Some("elke dag om 08:30 uur")),
            ("0 10 * * Mon", Some("elke maandag om 10:00 uur")),
            ("0 10 * * Sun,Mon", Some("elke maandag en zondag om 10:00 uur")),
            ("0 10 1,15 * *", Some("elke maand op dag 1 en 15 om 10:00 uur")),
            (
                "0 10 1-7 * Tue",
                Some("elke eerste dinsdag van de maand om 10:00 uur"),
            ),
            (
                "0 9 15 1,7 *",
                Some("elk jaar op 15 januari en 15 juli om 09:00 uur"),
            ),
            (
                "0 9 1 1,4,7,10 *",
                Some("elk jaar op 1 januari, 1 april, 1 juli en 1 oktober om 09:00 uur"),
            ),
            ("0 9,16 * * *", None),
            ("0 9 8-14 * Tue", None),
            ("0 9 1-7 * Mon,Tue", None),
            ("0 9 * 1 *", None),
            ("0 9 1,2,3,4,5,6,7 1 *", None),
            ("0 9 1 1 Mon", None),
        ] {
            let at = Recurrence::parse(written).unwrap();
            assert_eq!(recurrence_in_words(&at).as_deref(), words, "{written}");
        }
    }
}
