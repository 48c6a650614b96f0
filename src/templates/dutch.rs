//! What templates can call: `date`, `moment`, `on_day`, `role`, `why`, `wrong` and `asked`, and strict forms of `if` and
//! `unless`.

use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, JsonTruthy, Output, RenderContext, RenderError,
    RenderErrorReason, Renderable, TemplateErrorReason,
};
use jiff::civil::{Date, DateTime, Time, Weekday};

use super::samples;
use crate::domain::{Period, Term};
use crate::findings::listed;

/// Puts a value into words, or says what it should have been.
type PutIntoWords = fn(&str) -> Result<String, String>;

/// What templates can call with one field.
const PHRASES: [(&str, PutIntoWords); 7] = [
    ("date", date),
    ("moment", moment),
    ("on_day", day),
    ("role", role),
    ("why", why),
    ("wrong", wrong),
    ("asked", asked),
];

/// Makes the helpers known.
pub(super) fn register(registry: &mut Handlebars<'_>) {
    for (name, words) in PHRASES {
        registry.register_helper(name, Box::new(Phrase(words)));
    }
    registry.register_helper("if", Box::new(Condition { wanted: true }));
    registry.register_helper("unless", Box::new(Condition { wanted: false }));
}

/// A helper that turns one value into Dutch words of our own, which need no escaping.
struct Phrase(PutIntoWords);

impl HelperDef for Phrase {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let name = helper.name();
        let value = helper.param(0).ok_or_else(|| {
            RenderErrorReason::Other(format!("`{name}` needs a field, as in `{{{{{name} …}}}}`"))
        })?;
        if value.is_value_missing() {
            return Err(RenderError::strict_error(value.relative_path()));
        }
        let field = value.relative_path().map_or("this value", String::as_str);
        let words = match value.value().as_str() {
            Some(text) => (self.0)(text).map_err(|expected| format!("`{field}` is not {expected}")),
            None if value.value().is_null() => Err(format!(
                "`{field}` is not in every letter; write it between `{{{{#if {field}}}}}` and `{{{{/if}}}}`"
            )),
            None => Err(format!("`{name}` cannot put `{field}` into words")),
        };
        out.write(&words.map_err(RenderErrorReason::Other)?)?;
        Ok(())
    }
}

/// `if` and `unless`, which in Handlebars take a field that does not exist for one that is empty.
struct Condition {
    wanted: bool,
}

impl HelperDef for Condition {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        registry: &'reg Handlebars<'reg>,
        context: &'rc Context,
        render: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let value = helper
            .param(0)
            .ok_or(RenderErrorReason::ParamNotFoundForIndex("if", 0))?;
        if value.is_value_missing() {
            return Err(RenderError::strict_error(value.relative_path()));
        }
        let branch = if value.value().is_truthy(false) == self.wanted {
            helper.template()
        } else {
            helper.inverse()
        };
        branch.map_or(Ok(()), |template| template.render(registry, context, render, out))
    }
}

/// `2026-11-24T17:00:00` -> `dinsdag 24 november 2026, 17:00 uur`.
pub(super) fn date(civil: &str) -> Result<String, String> {
    civil
        .parse()
        .map(long_date)
        .map_err(|_| "a date and time".to_owned())
}

/// `2026-11-24T17:00:00` -> `24 november, 17:00 uur`, for where the year and the day of the week do not matter.
fn moment(civil: &str) -> Result<String, String> {
    let at = civil.parse().map_err(|_| "a date and time".to_owned())?;
    let (on, hour) = day_and_hour(at);
    Ok(format!("{} {}, {hour}", on.day(), month(on)))
}

/// `2026-11-24` -> `dinsdag 24 november 2026`.
fn day(civil: &str) -> Result<String, String> {
    civil.parse().map(long_day).map_err(|_| "a day".to_owned())
}

/// A moment as a Dutch letter writes it.
pub(super) fn long_date(at: DateTime) -> String {
    let (on, hour) = day_and_hour(at);
    format!("{}, {hour}", long_day(on))
}

/// Midnight is the end of a day, as in `vóór zondag 27 december 2026, 24:00 uur`: terms end there, and whoever reads the
/// next day's date would think that there is a day more.
fn day_and_hour(at: DateTime) -> (Date, String) {
    if at.time() == Time::midnight()
        && let Ok(ending) = at.date().yesterday()
    {
        return (ending, "24:00 uur".to_owned());
    }
    (at.date(), format!("{:02}:{:02} uur", at.hour(), at.minute()))
}

/// A day as a Dutch letter writes it.
pub(super) fn long_day(at: Date) -> String {
    format!(
        "{} {} {} {}",
        weekday(at.weekday()),
        at.day(),
        month(at),
        at.year()
    )
}

/// A day where there is little room: `15 mei`.
pub(super) fn short_day(at: Date) -> String {
    let short = match month(at) {
        "maart" => "mrt",
        month => month.get(..3).unwrap_or(month),
    };
    format!("{} {short}", at.day())
}

/// A day of the week.
pub(super) fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "maandag",
        Weekday::Tuesday => "dinsdag",
        Weekday::Wednesday => "woensdag",
        Weekday::Thursday => "donderdag",
        Weekday::Friday => "vrijdag",
        Weekday::Saturday => "zaterdag",
        Weekday::Sunday => "zondag",
    }
}

fn month(at: Date) -> &'static str {
    month_of(u32::from(at.month().unsigned_abs()))
}

/// A month of the year, counted from 1.
pub(super) fn month_of(number: u32) -> &'static str {
    const MONTHS: [&str; 12] = [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ];
    let index = usize::try_from(number)
        .ok()
        .and_then(|number| number.checked_sub(1));
    index.and_then(|index| MONTHS.get(index)).unwrap_or(&"")
}

/// A term: `2 werkdagen`, `4 werkuren`, `30 minuten`, `10 weken`.
pub(super) fn term(term: Term) -> String {
    let (number, one, more) = match term {
        Term::WorkingDays(days) => (u32::from(days), "werkdag", "werkdagen"),
        Term::WorkingMinutes(minutes) if minutes % 60 == 0 => (minutes / 60, "werkuur", "werkuren"),
        Term::WorkingMinutes(minutes) => (minutes, "minuut in werktijd", "minuten in werktijd"),
        Term::ClockMinutes(minutes) => (minutes, "minuut", "minuten"),
        Term::Statutory(Period::Days(days)) => (u32::from(days), "dag", "dagen"),
        Term::Statutory(Period::Weeks(weeks)) => (u32::from(weeks), "week", "weken"),
        Term::Statutory(Period::Months(months)) => (u32::from(months), "maand", "maanden"),
        Term::Statutory(Period::Years(years)) => (u32::from(years), "jaar", "jaar"),
    };
    format!("{number} {}", if number == 1 { one } else { more })
}

/// A role of the ladder.
fn role(role: &str) -> Result<String, String> {
    Ok(match role {
        "holder" => "behandelaar",
        "deputy" => "vervanger",
        "on_call" => "achterwacht",
        "lead" => "teamleider",
        "functional" => "algemeen postvak",
        _ => return Err("a role".to_owned()),
    }
    .to_owned())
}

/// Why somebody was not told, or is not there today; behind a name or a role and a colon.
fn why(skip: &str) -> Result<String, String> {
    Ok(match skip {
        "nobody" => "er is niemand met deze rol",
        "absent" => "is afwezig",
        "off_duty" => "werkt nu niet",
        "unreachable" => "is niet bereikbaar, want mail komt niet aan",
        "declined" => "zegt dat een ander dit moet doen",
        "already_told" => "kreeg al eerder bericht",
        _ => return Err("a reason why somebody was not told".to_owned()),
    }
    .to_owned())
}

/// What an answer asks for, as its writer says it.
fn asked(asked: &str) -> Result<String, String> {
    Ok(match asked {
        "take" => "opgepakt",
        "done" => "afgehandeld",
        "not_mine" => "niet van mij",
        "hand_over" => "overdragen aan een collega",
        "set_type" => "een andere soort",
        _ => return Err("what an answer asks for".to_owned()),
    }
    .to_owned())
}

/// What gives a false sender away.
fn wrong(deceit: &str) -> Result<String, String> {
    Ok(match deceit {
        "denied" => "De mailserver van de gemeente zegt: dit bericht komt niet van deze afzender.",
        "altered" => "De digitale handtekening klopt niet. Het bericht is veranderd of nagemaakt.",
        "look_alike" => "Het mailadres lijkt op het echte adres, maar het is een ander adres.",
        "name" => "De naam van de afzender is bekend, maar het mailadres is van iemand anders.",
        "reply_to" => "Een antwoord op dit bericht gaat naar een vreemd mailadres.",
        "several_senders" => "Het bericht heeft meer dan één afzender. Dat hoort niet.",
        _ => return Err("a ground why a sender is false".to_owned()),
    }
    .to_owned())
}

/// What is wrong with the template of a letter, in words for whoever edits it.
pub(super) fn reason(template: &str, error: &RenderErrorReason) -> String {
    let letter = template.split('.').next().unwrap_or(template);
    match error {
        RenderErrorReason::MissingVariable(Some(field)) => {
            format!(
                "this letter has no field `{field}`; it has {}",
                listed(&samples::fields(letter))
            )
        }
        RenderErrorReason::HelperNotFound(name) => {
            format!(
                "there is no helper `{name}`; there are {}, `eq` and those of Handlebars",
                listed(&PHRASES.map(|(name, _)| name))
            )
        }
        RenderErrorReason::ParamNotFoundForIndex(name, _) => {
            format!(
                "`{name}` is given a field that this letter does not have; it has {}",
                listed(&samples::fields(letter))
            )
        }
        RenderErrorReason::PartialNotFound(name) => {
            format!("there is no template `{name}` to include; its file would be `{name}.hbs`")
        }
        other => other.to_string(),
    }
}

/// What is wrong with the form of a template, in a few words; the line is told apart.
pub(super) fn syntax(error: &TemplateErrorReason) -> String {
    match error {
        TemplateErrorReason::MismatchingClosedHelper(open, closed) => {
            format!("`{{{{#{open}}}}}` is closed by `{{{{/{closed}}}}}`; close it by `{{{{/{open}}}}}`")
        }
        TemplateErrorReason::InvalidSyntax(_) => {
            "the template breaks off here: a `{{` without `}}`, or a block such as \
             `{{#if …}}` that is not closed by `{{/if}}`"
                .to_owned()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Asked, Deceit, Role, WhyNot};

    #[test]
    fn a_moment_is_written_as_in_a_dutch_letter() {
        assert_eq!(
            date("2026-11-24T17:00:00").unwrap(),
            "dinsdag 24 november 2026, 17:00 uur"
        );
        assert_eq!(
            date("2027-01-03T09:05:00").unwrap(),
            "zondag 3 januari 2027, 09:05 uur"
        );
        assert!(date("tomorrow").is_err());
    }

    #[test]
    fn midnight_is_the_end_of_a_day_and_not_the_start_of_one() {
        assert_eq!(
            date("2027-01-01T00:00:00").unwrap(),
            "donderdag 31 december 2026, 24:00 uur"
        );
        assert_eq!(
            date("2027-01-01T00:00:01").unwrap(),
            "vrijdag 1 januari 2027, 00:00 uur"
        );
    }

    #[test]
    fn terms_are_said_in_words() {
        for (written, words) in [
            (Term::WorkingDays(1), "1 werkdag"),
            (Term::WorkingDays(10), "10 werkdagen"),
            (Term::WorkingMinutes(60), "1 werkuur"),
            (Term::WorkingMinutes(240), "4 werkuren"),
            (Term::WorkingMinutes(90), "90 minuten in werktijd"),
            (Term::ClockMinutes(30), "30 minuten"),
            (Term::Statutory(Period::Days(1)), "1 dag"),
            (Term::Statutory(Period::Days(14)), "14 dagen"),
            (Term::Statutory(Period::Weeks(1)), "1 week"),
            (Term::Statutory(Period::Weeks(10)), "10 weken"),
            (Term::Statutory(Period::Months(1)), "1 maand"),
            (Term::Statutory(Period::Months(3)), "3 maanden"),
            (Term::Statutory(Period::Years(1)), "1 jaar"),
            (Term::Statutory(Period::Years(3)), "3 jaar"),
        ] {
            assert_eq!(term(written), words);
        }
    }

    #[test]
    fn a_moment_of_these_days_is_written_short() {
        assert_eq!(moment("2026-11-24T09:05:00").unwrap(), "24 november, 09:05 uur");
        assert_eq!(moment("2026-12-01T00:00:00").unwrap(), "30 november, 24:00 uur");
        assert_eq!(day("2026-12-04").unwrap(), "vrijdag 4 december 2026");
        assert!(moment("2026-11").is_err() && day("tomorrow").is_err());
    }

    #[test]
    fn every_value_has_words() {
        fn said<V: serde::Serialize>(values: &[V], words: PutIntoWords) -> bool {
            let words = |value: &V| words(serde_json::to_value(value).unwrap().as_str().unwrap());
            values.iter().all(|value| words(value).is_ok())
        }
        use Role::{Deputy, Functional, Holder, Lead, OnCall};
        assert!(said(&[Holder, Deputy, OnCall, Lead, Functional], role));
        assert!(said(&WhyNot::ALL, why));
        assert!(said(&Deceit::ALL, wrong));
        assert!(said(&Asked::ALL, asked));
    }
}
