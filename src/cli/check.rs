//! `koppelwacht check`: every mistake in settings, rules and templates at once; then the tests beside the rules.

use std::path::PathBuf;

use crate::app::Installation;
use crate::clock::Clock;
use crate::findings::Findings;

use super::{Exit, in_colour, say};

#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// The settings file; without it, the example and the rules that come with the program are checked
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Print one JSON object a finding
    #[arg(long)]
    json: bool,

    /// Do not run the tests beside the rules (`tests/` in the rules folder)
    #[arg(long)]
    no_tests: bool,
}

impl Check {
    pub(super) fn run(&self) -> Exit {
        let mut findings = Findings::default();
        let installation = Installation::load(self.config.as_deref(), &mut findings);
        let tests = installation
            .as_ref()
            .map_or(0, |installation| self.look_closer(installation, &mut findings));
        let sound = findings.errors() == 0 && installation.is_some();
        let mut told = String::new();
        if self.json {
            for finding in findings.iter() {
                told += &serde_json::json!(finding).to_string();
                told.push('\n');
            }
        } else {
            if !findings.is_empty() {
                told += &in_colour(&findings, &std::io::stdout());
            }
            if let Some(installation) = installation.filter(|_| sound) {
                told += &summary(&installation, tests);
            }
        }
        say(&told, if sound { Exit::Fine } else { Exit::Findings })
    }
}

impl Check {
    /// What can be asked of rules that are sound: whether they are of this year, and whether the tests pass. Says how
    /// many tests were run.
    fn look_closer(&self, installation: &Installation, findings: &mut Findings) -> usize {
        let rules = &installation.office.rules;
        rules.check_dates(rules.calendar.day(Clock::System.now()), findings);
        if self.no_tests || findings.errors() > 0 {
            return 0;
        }
        installation.rehearse(findings)
    }
}

fn summary(installation: &Installation, tests: usize) -> String {
    let rules = &installation.office.rules;
    format!(
        "rules {}: {} notification types, {} caseloads, {} people, {tests} tests run\n",
        rules.version,
        rules.types.len(),
        rules.caseloads.len(),
        rules.people.len()
    )
}
