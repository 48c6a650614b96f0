//! `koppelwacht rules`: the adopted process in words, and the schema of the files it is written in.

use std::path::PathBuf;

use clap::Subcommand;
use jiff::civil::Date;

use crate::app::{Approval, Form};
use crate::clock::Clock;
use crate::rules::{schema, test_schema};

use super::{Exit, fail, installation, say};

#[derive(Debug, clap::Args)]
pub(super) struct Rules {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print the adopted process as one Dutch document
    Print(Print),
    /// Print the JSON schema of rules files, for editors
    Schema {
        /// That of the files in `tests/` instead
        #[arg(long)]
        tests: bool,
    },
}

#[derive(Debug, clap::Args)]
struct Print {
    /// The settings file; without it, the example municipality's rules are printed
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// As a page for a browser instead of Markdown
    #[arg(long)]
    html: bool,

    /// Who adopted these rules, for the record
    #[arg(long, value_name = "NAME")]
    approved_by: Option<String>,

    /// When they were adopted, as 2026-11-25
    #[arg(long, value_name = "DATE", requires = "approved_by")]
    approved_on: Option<Date>,
}

impl Rules {
    pub(super) fn run(self) -> Exit {
        match self.action {
            Action::Print(print) => print.run(),
            Action::Schema { tests } => {
                let schema = if tests { test_schema() } else { schema() };
                say(&format!("{schema:#}\n"), Exit::Fine)
            }
        }
    }
}

impl Print {
    fn run(self) -> Exit {
        let installation = match installation(self.config.as_deref()) {
            Ok(installation) => installation,
            Err(exit) => return exit,
        };
        let approval = Approval {
            by: self.approved_by,
            on: self.approved_on,
        };
        let form = if self.html { Form::Html } else { Form::Markdown };
        let today = installation.office.rules.calendar.day(Clock::System.now());
        match installation.process(&approval, today, form) {
            Ok(text) => say(&text, Exit::Fine),
            Err(error) => fail(&error),
        }
    }
}
