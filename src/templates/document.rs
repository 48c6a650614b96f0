//! Documents that are no letters: the adopted process, and the files that a municipality starts with. Their templates lie
//! in folders of `templates/`, so that no letter is looked for in them.

use jiff::civil::Date;
use serde::Serialize;

use super::{SHIPPED, SUFFIX, TemplateError, dutch, explain, registry};
use crate::domain::{Shift, Term, Weeks};

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
