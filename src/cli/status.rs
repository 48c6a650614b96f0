//! `koppelwacht status`: how the watch stands.

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
            print!("{report}");
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

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let books = &self.books;
        writeln!(f, "rules    version {}", self.rules)?;
        if books.folders.is_empty() {
            writeln!(f, "mailbox  none was read yet; does `koppelwacht run` run?")?;
        }
        for folder in &books.folders {
            writeln!(f, "mailbox  {}", line(folder))?;
        }
        writeln!(
            f,
            "books    {} messages = {} with a task + {} about our own letters; found again elsewhere: {}; \
             not yet marked: {}",
            books.messages, books.with_task, books.without_task, books.duplicates, books.unmarked
        )?;
        writeln!(
            f,
            "tasks    {} wait, {} taken, {} done",
            books.waiting, books.taken, books.done
        )?;
        if books.unguarded > 0 {
            writeln!(
                f,
                "         {} critical tasks have no next moment: please report this defect",
                books.unguarded
            )?;
        }
        writeln!(
            f,
            "letters  {} wait, {} sent, {} refused",
            books.letters_waiting, books.letters_sent, books.letters_refused
        )?;
        match books.next_moment {
            Some(at) => writeln!(f, "next     {at}"),
            None => writeln!(f, "next     nothing is due"),
        }
    }
}

fn line(folder: &Reading) -> String {
    let proven = folder.proven.map_or_else(
        || "never yet read to the end".to_owned(),
        |at| format!("read {at}"),
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
