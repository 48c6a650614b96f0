//! `koppelwacht status`: how the watch stands.

use jiff::Timestamp;
use serde::Serialize;

use crate::desk::{Books, Reading};

use super::{Config, Exit, fail};

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
    sound: bool,
}

impl Status {
    pub(super) async fn run(self) -> Exit {
        let desk = match self.config.desk().await {
            Ok(desk) => desk,
            Err(exit) => return exit,
        };
        let books = match desk.books().await {
            Ok(books) => books,
            Err(error) => return fail(&error),
        };
        let rules = desk.office().rules.version.to_string();
        let report = Report {
            rules,
            sound: sound(&books),
            books,
        };
        if self.json {
            match serde_json::to_string_pretty(&report) {
                Ok(text) => println!("{text}"),
                Err(error) => return fail(&error),
            }
        } else {
            let office = desk.office();
            let wall = |at| {
                office
                    .rules
                    .calendar
                    .zoned(at)
                    .strftime("%a %Y-%m-%d %H:%M:%S")
                    .to_string()
            };
            print!("{}", report.in_words(&wall));
        }
        if report.sound { Exit::Fine } else { Exit::Findings }
    }
}

/// Whether the books add up and every mailbox is read.
fn sound(books: &Books) -> bool {
    books.messages == books.with_task + books.without_task
        && books.unguarded == 0
        && books.folders.iter().all(|folder| folder.trouble.is_none())
}

impl Report {
    /// For a terminal; `wall` writes down an instant as the clock on the wall shows it.
    fn in_words(&self, wall: &dyn Fn(Timestamp) -> String) -> String {
        let books = &self.books;
        let mut lines = vec![format!("rules    version {}", self.rules)];
        if books.folders.is_empty() {
            lines.push("mailbox  none was read yet; does `koppelwacht run` run?".to_owned());
        }
        lines.extend(
            books
                .folders
                .iter()
                .map(|folder| format!("mailbox  {}", folder_in_words(folder, wall))),
        );
        lines.push(format!(
            "books    {} messages = {} with a task + {} about our own letters; found again elsewhere: {}; not yet \
             marked: {}",
            books.messages, books.with_task, books.without_task, books.duplicates, books.unmarked
        ));
        lines.push(format!(
            "tasks    {} wait, {} taken, {} done",
            books.waiting, books.taken, books.done
        ));
        if books.unguarded > 0 {
            lines.push(format!(
                "         {} critical tasks have no next moment: please report this defect",
                books.unguarded
            ));
        }
        lines.push(format!(
            "letters  {} wait, {} sent, {} refused",
            books.letters_waiting, books.letters_sent, books.letters_refused
        ));
        let next = books
            .next_moment
            .map_or_else(|| "nothing is due".to_owned(), wall);
        lines.push(format!("next     {next}\n"));
        lines.join("\n")
    }
}

fn folder_in_words(folder: &Reading, wall: &dyn Fn(Timestamp) -> String) -> String {
    let proven = folder.proven.map_or_else(
        || "never yet read to the end".to_owned(),
        |at| format!("read to the end {}", wall(at)),
    );
    let trouble = folder
        .trouble
        .as_ref()
        .map(|trouble| format!("; {trouble}"))
        .unwrap_or_default();
    format!(
        "{} {}: {proven}, backlog {}{trouble}",
        folder.mailbox, folder.folder, folder.backlog
    )
}
