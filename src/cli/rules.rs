//! `koppelwacht rules`: which rules are in force, which were, and what differs.

use clap::Subcommand;
use similar::TextDiff;

use crate::desk::{Desk, DeskError};
use crate::domain::{RulebookEvent, RulesText, RulesVersion};

use super::{Config, Exit, fail, installation};

#[derive(Debug, clap::Args)]
pub(super) struct Rules {
    #[command(flatten)]
    config: Config,

    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the versions that were in force, or print the files of one
    Show {
        /// A version, or the first characters of one
        version: Option<String>,
    },
    /// Show what differs between two versions
    ///
    /// Without the second: between that version and the files as they are now. Without both: what a reload would change.
    Diff {
        /// A version, or the first characters of one; without it, the one in force
        from: Option<String>,
        /// The other one; without it, the files as they are now
        to: Option<String>,
    },
}

impl Rules {
    pub(super) async fn run(self) -> Exit {
        let desk = match self.config.desk().await {
            Ok(desk) => desk,
            Err(exit) => return exit,
        };
        let done = match self.action {
            Action::Show { version: None } => list(&desk).await,
            Action::Show {
                version: Some(version),
            } => kept(&desk, &version).await.map(|text| print(&text)),
            Action::Diff { from, to } => diff(&desk, &self.config, from, to).await,
        };
        done.map_or_else(|exit| exit, |()| Exit::Fine)
    }
}

async fn list(desk: &Desk) -> Result<(), Exit> {
    let lines = desk.rulebook().await.map_err(|error| fail(&error))?;
    let in_force = desk.office().rules.version.clone();
    for line in lines {
        let at = desk.office().rules.calendar.zoned(line.at);
        let at = at.strftime("%a %Y-%m-%d %H:%M");
        match line.what {
            RulebookEvent::InForce(version) if version == in_force => {
                println!("{at}  {version}  in force");
            }
            RulebookEvent::InForce(version) => println!("{at}  {version}"),
            RulebookEvent::Refused { mistakes } => println!("{at}  refused: {mistakes} mistakes"),
        }
    }
    Ok(())
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

fn print(text: &RulesText) {
    for (name, content) in &text.files {
        println!("# ---- {name}\n{content}");
    }
}

async fn diff(desk: &Desk, config: &Config, from: Option<String>, to: Option<String>) -> Result<(), Exit> {
    let from = match from {
        Some(start) => kept(desk, &start).await?,
        None => desk.office().rules.text.as_ref().clone(),
    };
    let to = match to {
        Some(start) => kept(desk, &start).await?,
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
    for name in names {
        let (old, new) = (find(&from, name), find(&to, name));
        if old != new {
            let headers = [&from, &to].map(|text| format!("{}/{name}", text.version));
            let diff = TextDiff::from_lines(&old, &new);
            print!("{}", diff.unified_diff().header(&headers[0], &headers[1]));
        }
    }
    Ok(())
}
