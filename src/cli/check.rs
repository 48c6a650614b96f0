//! `koppelwacht check`: every mistake in settings, rules and templates at once.

use std::path::PathBuf;

use crate::app::Installation;
use crate::findings::Findings;

use super::Exit;

#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// The settings file; without it, the example and the rules that come with the program are checked
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Check {
    pub(super) fn run(&self) -> Exit {
        let mut findings = Findings::default();
        let installation = Installation::load(self.config.as_deref(), &mut findings);
        print!("{findings}");
        let Some(installation) = installation else {
            return Exit::Findings;
        };
        let rules = &installation.office.rules;
        println!(
            "rules {}: {} notification types, {} caseloads, {} people",
            rules.version,
            rules.types.len(),
            rules.caseloads.len(),
            rules.people.len()
        );
        if findings.has_errors() { Exit::Findings } else { Exit::Fine }
    }
}
