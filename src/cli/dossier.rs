//! `koppelwacht dossier`: everything about one person.
//!
//! Whoever asks has the number from a portal; what is shown names nobody. A number on a command line stands in the shell's
//! history and in the list of processes: `-` reads one line from standard input instead.

use std::io::{BufRead as _, IsTerminal as _, Read as _};

use jiff::civil::Date;
use serde_json::json;

use crate::desk::{Desk, DossierFile, TaskFile};
use crate::domain::{Cause, Expectation, ExpectationStanding, HistoryLine, References};
use crate::mail;

use super::task::{Who, in_json};
use super::words::{self, zone};
use super::{Config, Exit, aside, fail, fail_at, say};

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("number").required(true).multiple(true)))]
pub(super) struct Dossier {
    #[command(flatten)]
    config: Config,

    /// Whose, by their V-nummer; `-` reads a line from standard input
    #[arg(long, value_name = "NUMBER", group = "number")]
    v_nummer: Option<String>,

    /// Whose, by their burgerservicenummer; `-` reads a line from standard input
    #[arg(long, value_name = "NUMBER", group = "number")]
    bsn: Option<String>,

    /// Say that both numbers are of one person: what COA and DUO tell about them lies together from then on
    #[arg(long, requires_all = ["v_nummer", "bsn"])]
    same_person: bool,

    /// Tell what happened, as named in rules/terms.toml: a term may start
    #[arg(long)]
    event: Option<String>,

    /// On which day that was (of an event that moves a term: its new last day); without it, today
    #[arg(long, value_name = "DATE", requires = "event")]
    on: Option<Date>,

    /// Take back what was told of that event and day: it did not happen, or not then
    #[arg(long, requires_all = ["event", "on"])]
    take_back: bool,

    #[command(flatten)]
    who: Who,

    /// Print one JSON object a task, and one for each thing expected
    #[arg(long)]
    json: bool,
}

impl Dossier {
    pub(super) async fn run(self) -> Exit {
        let numbers = match typed(self.v_nummer.as_deref(), self.bsn.as_deref()) {
            Ok(numbers) => numbers,
            Err(reason) => return fail(&reason),
        };
        let desk = match self.config.desk().await {
            Ok(desk) => desk,
            Err(exit) => return exit,
        };
        let by = match self.who.id() {
            Ok(by) => by,
            Err(exit) => return exit,
        };
        if self.same_person
            && let Err(error) = desk.same_person(by.clone(), &numbers).await
        {
            return fail_at(&desk, &error);
        }
        if let Some(event) = &self.event {
            let event = words::event(event, self.on, &desk);
            let told = if self.take_back {
                desk.take_back(by.clone(), &numbers, event).await
            } else {
                desk.report(by.clone(), &numbers, event).await
            };
            if let Err(error) = told {
                return fail_at(&desk, &error);
            }
        }
        let dossier = match desk.dossier(by, &numbers).await {
            Ok(dossier) => dossier,
            Err(error) => return fail_at(&desk, &error),
        };
        let text = if self.json {
            let tasks = dossier.tasks.iter().map(as_json);
            let expected = dossier.expected.iter();
            tasks
                .chain(expected.map(|expected| expected_as_json(expected, &desk)))
                .collect()
        } else {
            in_words(&dossier, &desk)
        };
        say(&text, Exit::Fine)
    }
}

/// The numbers that were typed. What is wrong with it is told without it.
fn typed(v_nummer: Option<&str>, bsn: Option<&str>) -> Result<References, String> {
    if v_nummer == Some("-") && bsn == Some("-") {
        return Err("only one of the two numbers can be read from standard input; give the V-nummer as it is, and - for the BSN".to_owned());
    }
    let mut numbers = References::default();
    if let Some(text) = v_nummer {
        let number = mail::v_nummer(&read(text)?).ok_or("that is no V-nummer: it has ten digits")?;
        numbers.v_nummers.push(number);
    }
    if let Some(text) = bsn {
        let number = mail::bsn(&read(text)?)
            .ok_or("that is no burgerservicenummer: it has nine digits that pass the 11-proef")?;
        numbers.bsns.push(number);
    }
    Ok(numbers)
}

fn read(text: &str) -> Result<String, String> {
    /// Longer than any number.
    const LONGEST: u64 = 200;
    if text != "-" {
        return Ok(text.to_owned());
    }
    let mut typed = String::new();
    let input = std::io::stdin();
    if input.is_terminal() {
        aside("number: ");
    }
    input
        .lock()
        .take(LONGEST)
        .read_line(&mut typed)
        .map_err(|error| format!("the number cannot be read: {error}"))?;
    Ok(typed.trim().to_owned())
}

/// What came, what is due, what is still expected, what was done, and everything that happened, in order.
fn in_words(dossier: &DossierFile, desk: &Desk) -> String {
    let (files, zone) = (&dossier.tasks, &zone(desk));
    if files.is_empty() {
        return "nothing is known about this person\n".to_owned();
    }
    let came = files.iter().filter(|file| came(file));
    let came = came.map(|TaskFile { task, message, .. }| {
        let at = zone(task.received);
        let from = message
            .as_ref()
            .map(|message| format!(", from {}", message.sender_domain));
        format!(
            "  {at}  #{:<5} {}: {}{}\n",
            task.id,
            task.kind,
            task.title,
            from.unwrap_or_default()
        )
    });
    let mut open: Vec<&TaskFile> = files.iter().filter(|file| file.task.is_open()).collect();
    open.sort_by_key(|file| (file.task.due, file.task.id));
    let due = open.iter().map(|TaskFile { task, .. }| {
        let (due, state) = (zone(task.due), words::state(task, zone));
        format!("  {due}  #{:<5} {}: {state}\n", task.id, task.title)
    });
    let expected = dossier.expected.iter().filter(|expected| expected.is_open());
    let expected = expected.map(|expected| format!("  {}\n", expected_in_words(expected, desk)));
    let done = files.iter().filter(|file| !file.task.is_open());
    let done = done.map(|TaskFile { task, .. }| {
        format!("  #{:<5} {}: {}\n", task.id, task.title, words::state(task, zone))
    });
    let mut lines: Vec<&HistoryLine> = files.iter().flat_map(|file| &file.history).collect();
    lines.sort_by_key(|line| line.at);
    let happened = lines
        .iter()
        .map(|line| format!("  {}\n", words::line_of(line.task, line, zone)));
    let part = |head: &str, lines: String| {
        let lines = if lines.is_empty() {
            "  nothing\n".to_owned()
        } else {
            lines
        };
        format!("{head}\n{lines}")
    };
    [
        part("came", came.collect()),
        part("due", due.collect()),
        part("still expected", expected.collect()),
        part("done", done.collect()),
        part("what happened", happened.collect()),
    ]
    .concat()
}

/// Whether a mail told of it. What was expected names the mail that it was expected after, and did not come with it.
fn came(file: &TaskFile) -> bool {
    matches!(file.task.cause, Cause::Notice(_))
}

/// What is expected, since when and until when.
fn expected_in_words(expected: &Expectation, desk: &Desk) -> String {
    let office = desk.office();
    let calendar = &office.rules.calendar;
    let late = match expected.standing(desk.now()) {
        ExpectationStanding::Overdue => " (late)",
        _ => "",
    };
    let task = expected
        .task()
        .map(|task| format!(", task #{task}"))
        .unwrap_or_default();
    let (since, until) = (calendar.day(expected.since), calendar.last_day(expected.until));
    format!("until {until}{late}  {}, since {since}{task}", expected.rule)
}

fn expected_as_json(expected: &Expectation, desk: &Desk) -> String {
    let office = desk.office();
    let calendar = &office.rules.calendar;
    let expected = json!({
        "expected": expected.rule,
        "standing": expected.standing(desk.now()),
        "since": calendar.day(expected.since),
        "until": calendar.last_day(expected.until),
        "task": expected.task(),
    });
    format!("{expected}\n")
}

fn as_json(file: &TaskFile) -> String {
    let mut task = in_json(&file.task);
    let history = file.history.iter();
    let history = history.map(|line| json!({"at": line.at, "by": line.by, "what": line.what}));
    task["history"] = history.collect();
    let message = file.message.as_ref().filter(|_| came(file));
    task["from"] = json!(message.map(|message| &message.sender_domain));
    format!("{task}\n")
}
