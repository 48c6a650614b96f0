//! `koppelwacht rules`: which rules are in force, which were, what differs, the adopted process in words, and the schema
//! of the files it is written in.

use clap::Subcommand;
use jiff::civil::Date;
use similar::TextDiff;

use crate::app::{Approval, Form};
use crate::clock::Clock;
use crate::desk::{Desk, DeskError};
use crate::domain::{RulebookEvent, RulesText, RulesVersion};

use crate::rules::{schema, test_schema};

use super::{AnyConfig, Config, Exit, fail, installation, say, words};

#[derive(Debug, clap::Args)]
pub(super) struct Rules {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the versions that were in force, or print the files of one
    Show {
        #[command(flatten)]
        config: Config,
        /// A version, or the first characters of one
        version: Option<String>,
    },
    /// Show what differs between two versions
    ///
    /// Without the second: between that version and the files as they are now. Without both: what a reload would change.
    Diff {
        #[command(flatten)]
        config: Config,
        /// A version, or the first characters of one; without it, the one in force
        from: Option<String>,
        /// The other one; without it, the files as they are now
        to: Option<String>,
    },
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
    #[command(flatten)]
    config: AnyConfig,

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
    pub(super) async fn run(self) -> Exit {
        let done = match self.action {
            Action::Show { config, version } => show(&config, version).await,
            Action::Diff { config, from, to } => diff(&config, from, to).await,
            Action::Print(print) => return print.run(),
            Action::Schema { tests } => {
                let schema = if tests { test_schema() } else { schema() };
                return say(&format!("{schema:#}\n"), Exit::Fine);
            }
        };
        done.map_or_else(|exit| exit, |text| say(&text, Exit::Fine))
    }
}

async fn show(config: &Config, version: Option<String>) -> Result<String, Exit> {
    let desk = config.desk().await?;
    match version {
        None => list(&desk).await,
        Some(version) => kept(&desk, &version).await.map(|text| in_full(&text)),
    }
}

async fn list(desk: &Desk) -> Result<String, Exit> {
    let lines = desk.rulebook().await.map_err(|error| fail(&error))?;
    let in_force = desk.office().rules.version.clone();
    let mut text = String::new();
    for line in lines {
        let at = desk.office().rules.calendar.zoned(line.at);
        let what = match line.what {
            RulebookEvent::InForce(version) if version == in_force => format!("{version}  in force"),
            RulebookEvent::InForce(version) => version.to_string(),
            RulebookEvent::Refused { mistakes } => format!("refused: {}", words::mistakes(mistakes)),
        };
        text.extend([&at.strftime("%a %Y-%m-%d %H:%M").to_string(), "  ", &what, "\n"]);
    }
    Ok(text)
}

/// The one version that starts so.
async fn kept(desk: &Desk, start: &str) -> Result<RulesText, Exit> {
    let lines = desk.rulebook().await.map_err(|error| fail(&error))?;
    let mut versions: Vec<RulesVersion> = lines
        .into_iter()
        .filter_map(|line| match line.what {
            RulebookEvent::InForce(version) if version.as_str().starts_with(start) => Some(version),
            _ => None,
        })
        .collect();
    versions.sort();
    versions.dedup();
    let [version] = versions.as_slice() else {
        let what = if versions.is_empty() {
            "no"
        } else {
            "more than one"
        };
        return Err(fail(&format!(
            "{what} version of the rules starts with `{start}`; `koppelwacht rules show` lists them"
        )));
    };
    text(desk, version).await
}

async fn text(desk: &Desk, version: &RulesVersion) -> Result<RulesText, Exit> {
    let text: Result<Option<RulesText>, DeskError> = desk.rules(version).await;
    text.map_err(|error| fail(&error))?
        .ok_or_else(|| fail(&format!("the text of rules {version} was not kept")))
}

fn in_full(rules: &RulesText) -> String {
    let mut text = String::new();
    for (name, content) in &rules.files {
        text.extend(["# ---- ", name, "\n", content, "\n"]);
    }
    text
}

async fn diff(config: &Config, from: Option<String>, to: Option<String>) -> Result<String, Exit> {
    let desk = config.desk().await?;
    let from = match from {
        Some(start) => kept(&desk, &start).await?,
        None => desk.office().rules.text.as_ref().clone(),
    };
    let to = match to {
        Some(start) => kept(&desk, &start).await?,
        None => installation(Some(&config.config))?
            .office
            .rules
            .text
            .as_ref()
            .clone(),
    };
    let find = |text: &'_ RulesText, name: &str| {
        let file = text.files.iter().find(|(known, _)| known == name);
        file.map(|(_, content)| content.clone()).unwrap_or_default()
    };
    let mut names: Vec<&String> = from.files.iter().chain(&to.files).map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    let mut text = String::new();
    for name in names {
        let (old, new) = (find(&from, name), find(&to, name));
        if old != new {
            let headers = [&from, &to].map(|text| format!("{}/{name}", text.version));
            let diff = TextDiff::from_lines(&old, &new);
            text += &diff.unified_diff().header(&headers[0], &headers[1]).to_string();
        }
    }
    Ok(text)
}

impl Print {
    fn run(self) -> Exit {
        let installation = match installation(self.config.file().as_deref()) {
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
