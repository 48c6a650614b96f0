//! `koppelwacht check`: every mistake in settings, rules and templates at once.

use std::path::PathBuf;

use crate::app::Installation;
use crate::findings::Findings;

use super::{Exit, in_colour};

#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// The settings file; without it, the example and the rules that come with the program are checked
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Print one JSON object a finding
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) fn run(&self) -> Exit {
        let mut findings = Findings::default();
        let installation = Installation::load(self.config.as_deref(), &mut findings);
        let sound = findings.errors() == 0 && installation.is_some();
        if self.json {
            for finding in findings.iter() {
                println!("{}", serde_json::json!(finding));
            }
        } else {
            if !findings.is_empty() {
                print!("{}", in_colour(&findings, &std::io::stdout()));
            }
            if let Some(installation) = installation.filter(|_| sound) {
                println!("{}", summary(&installation));
            }
        }
        if sound { Exit::Fine } else { Exit::Findings }
    }
}

fn summary(installation: &Installation) -> String {
    let rules = &installation.office.rules;
    format!(
        "rules {}: {} notification types, {} caseloads, {} people",
        rules.version,
        rules.types.len(),
        rules.caseloads.len(),
        rules.people.len()
    )
}
