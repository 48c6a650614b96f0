//! `koppelwacht status`: how the watch stands.

mod clock;
mod letters;
mod partners;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::app::is_watched;
use crate::clock::Clock;
use crate::desk::{Books, Reading};
use crate::domain::{RulebookEvent, RulebookLine};
use crate::settings::Settings;

use super::{Config, Exit, fail, say, words};
use partners::Partner;

#[derive(Debug, clap::Args)]
pub(super) struct Status {
    #[command(flatten)]
    config: Config,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Report {
    rules: String,
    #[serde(flatten)]
    books: Books,
    not_yet_read: Vec<NotYetRead>,
    partners: Vec<Partner>,
    complaints: Vec<String>,
}

/// A mailbox of which nothing is read yet.
#[derive(Debug, Serialize)]
struct NotYetRead {
    /// Its name in the settings.
    mailbox: String,
    /// The first day of which anything is read.
    since: Date,
}

/// How long a folder may go without having been read to the end: many sweeps.
const UNREAD: SignedDuration = SignedDuration::from_hours(1);
/// How late the cover may be proved: longer than a proof takes, and than one that did not come off waits.
const UNPROVED: SignedDuration = SignedDuration::from_hours(1);
/// How long a task may be due before it is escalated: many looks of the ticker.
const LATE: SignedDuration = SignedDuration::from_mins(10);

impl Status {
    pub(super) async fn run(self) -> Exit {
        let (settings, desk) = match self.config.open(Clock::System).await {
            Ok(opened) => opened,
            Err(exit) => return exit,
        };
        let books = match desk.books().await {
            Ok(books) => books,
            Err(error) => return fail(&error),
        };
        let rulebook = match desk.rulebook().await {
            Ok(lines) => lines,
            Err(error) => return fail(&error),
        };
        let known = match desk.partners().await {
            Ok(known) => known,
            Err(error) => return fail(&error),
        };
        let office = desk.office();
        let rules = office.rules.version.to_string();
        let mut complaints: Vec<String> = not_watched(&settings).into_iter().collect();
        if complaints.is_empty() {
            complaints.extend(clock::complaint(&books, desk.now()));
        }
        complaints.extend(self::complaints(&books, desk.now()));
        complaints.extend(letters::complaints(&books, desk.now()));
        complaints.extend(rulebook.last().and_then(refused));
        complaints.extend(partners::complaints(&office.rules, &known, desk.now()));
        let partners = partners::watched(&office.rules, &known, &books, desk.now());
        let not_yet_read = not_yet_read(&settings, office.rules.calendar.day(desk.now()));
        let report = Report {
            rules,
            books,
            not_yet_read,
            partners,
            complaints,
        };
        let exit = if report.complaints.is_empty() {
            Exit::Fine
        } else {
            Exit::Findings
        };
        if self.json {
            match serde_json::to_string_pretty(&report) {
                Ok(text) => say(&(text + "\n"), exit),
                Err(error) => fail(&error),
            }
        } else {
            let wall = |at| {
                office
                    .rules
                    .calendar
                    .zoned(at)
                    .strftime("%a %Y-%m-%d %H:%M:%S")
                    .to_string()
            };
            say(&report.in_words(&wall), exit)
        }
    }
}

/// The mailboxes of which the first day lies ahead.
fn not_yet_read(settings: &Settings, today: Date) -> Vec<NotYetRead> {
    let ahead = settings.mailboxes.iter().filter_map(|mailbox| {
        Some(NotYetRead {
            mailbox: mailbox.name.clone(),
            since: mailbox.first_day_ahead(today)?,
        })
    });
    ahead.collect()
}

/// That no daemon runs, which is seen at once.
fn not_watched(settings: &Settings) -> Option<String> {
    let stands_still = is_watched(settings) == Some(false);
    stands_still.then(|| {
        "`koppelwacht run` does not run on this ledger: no mail is read and nobody is told; start it \
         (`systemctl start koppelwacht`)"
            .to_owned()
    })
}

/// That the last rules that were brought were refused.
fn refused(last: &RulebookLine) -> Option<String> {
    match last.what {
        RulebookEvent::InForce(_) => None,
        RulebookEvent::Refused { mistakes } => Some(format!(
            "new rules were refused, with {}, and the old ones stay in force; `koppelwacht check --config FILE` \
             shows why",
            words::mistakes(mistakes)
        )),
    }
}

/// What is not as it should be, for somebody who has to look.
fn complaints(books: &Books, now: Timestamp) -> Vec<String> {
    let long_ago = |at: Timestamp, limit: SignedDuration| now.duration_since(at) > limit;
    let mut complaints = Vec::new();
    if books.messages != books.with_task + books.without_task + books.drills {
        complaints.push("the books do not add up: please report this defect".to_owned());
    }
    if books.unguarded > 0 {
        complaints.push(format!(
            "{} critical tasks have no next moment: please report this defect",
            books.unguarded
        ));
    }
    if books.folders.is_empty() {
        complaints.push("no mailbox was ever read; does `koppelwacht run` run?".to_owned());
    }
    for folder in &books.folders {
        let name = format!("{} {}", folder.mailbox, folder.folder);
        if let Some(trouble) = &folder.trouble {
            complaints.push(format!("{name}: {trouble}"));
        }
        match folder.proven {
            None => complaints.push(format!(
                "{name} was not yet read to the end; look again in a few minutes"
            )),
            Some(at) if long_ago(at, UNREAD) => complaints.push(format!(
                "{name} was not read to the end for an hour; does `koppelwacht run` run?"
            )),
            Some(_) => {}
        }
    }
    if books.next_moment.is_some_and(|at| long_ago(at, LATE)) {
        complaints.push("tasks that are due are not escalated; does `koppelwacht run` run?".to_owned());
    }
    if books.next_proof.is_some_and(|at| long_ago(at, UNPROVED)) {
        complaints.push(
            "the cover of the coming weeks is not proved, though it is time; does `koppelwacht run` run?"
                .to_owned(),
        );
    }
    complaints
}

impl Report {
    /// For a terminal; `wall` writes down an instant as the clock on the wall shows it.
    fn in_words(&self, wall: &dyn Fn(Timestamp) -> String) -> String {
        let books = &self.books;
        let mut lines = vec![format!("rules    version {}", self.rules)];
        lines.extend(
            books
                .folders
                .iter()
                .map(|folder| format!("mailbox  {}", folder_in_words(folder, wall))),
        );
        lines.extend(self.not_yet_read.iter().map(|ahead| {
            format!(
                "mailbox  {}: nothing that comes before {} is read (`since` in the settings)",
                ahead.mailbox, ahead.since
            )
        }));
        lines.push(format!(
            "books    {} messages = {} with a task + {} about our own letters{}; found again elsewhere: {}; not yet \
             marked: {}",
            books.messages,
            books.with_task,
            books.without_task,
            drills_in_words(books),
            books.duplicates,
            books.unmarked
        ));
        lines.push(format!(
            "tasks    {} wait, {} taken, {} done",
            books.waiting, books.taken, books.done
        ));
        lines.push(format!(
            "letters  {} wait, {} sent, {} refused, {} taken back",
            books.letters_waiting, books.letters_sent, books.letters_refused, books.letters_overtaken
        ));
        let proved = books.proved.map_or_else(
            || "not yet proved".to_owned(),
            |at| format!("proved {}", wall(at)),
        );
        lines.push(format!(
            "cover    {proved}, holes in the coming weeks: {}",
            books.holes
        ));
        lines.extend(
            books
                .chores
                .iter()
                .map(|(chore, at)| format!("chore    {chore} comes {}", wall(*at))),
        );
        lines.extend(
            self.partners
                .iter()
                .map(|partner| format!("partner  {}", partner.in_words(wall))),
        );
        let next = books
            .next_moment
            .map_or_else(|| "nothing is due".to_owned(), wall);
        lines.push(format!("next     {next}"));
        lines.extend(
            self.complaints
                .iter()
                .map(|complaint| format!("!        {complaint}")),
        );
        lines.join("\n") + "\n"
    }
}

/// Drills are no work: they are named where there are any, and counted nowhere else.
fn drills_in_words(books: &Books) -> String {
    match (books.drills, books.drills_open) {
        (0, _) => String::new(),
        (all, 0) => format!(" + {all} drills"),
        (all, open) => format!(" + {all} drills, of which {open} not answered yet"),
    }
}

fn folder_in_words(folder: &Reading, wall: &dyn Fn(Timestamp) -> String) -> String {
    let proven = folder.proven.map_or_else(
        || "never yet read to the end".to_owned(),
        |at| format!("read to the end {}", wall(at)),
    );
    format!(
        "{} {}: {proven}, backlog {}",
        folder.mailbox, folder.folder, folder.backlog
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn folder(proven: Option<Timestamp>) -> Reading {
        Reading {
            mailbox: "post".to_owned(),
            folder: "INBOX".to_owned(),
            proven,
            backlog: 3,
            trouble: None,
        }
    }

    #[test]
    fn what_was_never_read_to_the_end_is_not_said_to_be_unread_for_an_hour() {
        let now: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
        let said = |proven| {
            let folders = vec![folder(proven)];
            complaints(
                &Books {
                    folders,
                    ..Books::default()
                },
                now,
            )
        };
        assert_eq!(
            said(None),
            ["post INBOX was not yet read to the end; look again in a few minutes"]
        );
        assert_eq!(said(Some(now - UNREAD)), [""; 0]);
        let late = said(Some(now - UNREAD * 2));
        assert!(late[0].contains("not read to the end for an hour"), "{late:?}");
    }
}
