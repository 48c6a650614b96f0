//! `koppelwacht check`: every mistake in settings, rules and templates at once; then the tests beside the rules, the
//! proof that critical notices are read in time, and whether the files are there that the service needs.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::app::{Files, Installation};
use crate::clock::Clock;
use crate::cover::Proof;
use crate::domain::SourceId;
use crate::findings::Findings;
use crate::rules::Rules;

use super::{AnyConfig, Exit, cover, fail, in_colour, say};

#[derive(Debug, clap::Args)]
pub(super) struct Check {
    #[command(flatten)]
    config: AnyConfig,

    /// Print one JSON object a finding
    #[arg(long)]
    json: bool,

    /// Do not run the tests beside the rules (`tests/` in the rules folder)
    #[arg(long)]
    no_tests: bool,

    /// Write the cover of each caseload week by week as a picture to print (SVG)
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

impl Check {
    pub(super) async fn run(&self) -> Exit {
        let mut findings = Findings::default();
        let installation = Installation::load(self.config.file().as_deref(), &mut findings);
        let now = Clock::System.now();
        let seen = match &installation {
            Some(installation) => Some(self.look_closer(installation, now, &mut findings).await),
            None => None,
        };
        let drawn = self.draw(installation.as_ref().zip(seen.as_ref()), now);
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
            if let Some((installation, seen)) = installation.zip(seen).filter(|_| sound) {
                told += &summary(&installation, &seen);
            }
        }
        let exit = say(&told, if sound { Exit::Fine } else { Exit::Findings });
        drawn.map_or_else(|reason| fail(&reason), |()| exit)
    }

    /// Writes what was proved as a picture, where that is wanted. Rules with mistakes prove nothing: the findings say so.
    fn draw(&self, looked: Option<(&Installation, &Seen)>, now: Timestamp) -> Result<(), String> {
        let proved = looked.and_then(|(installation, seen)| Some((installation, seen.proof.as_ref()?)));
        let (Some(path), Some((installation, proof))) = (&self.svg, proved) else {
            return Ok(());
        };
        let written = std::fs::write(path, installation.chart(proof, now));
        written.map_err(|error| format!("the picture cannot be written to {}: {error}", path.display()))
    }
}

/// What was looked at more closely.
struct Seen {
    tests: usize,
    files: Files,
    calendars: usize,
    absences: usize,
    proof: Option<Proof>,
}

impl Check {
    /// What can be asked of settings and rules that are sound: whether they are of this year, whether the tests pass, what
    /// the calendars say, and whether the files are there that the service needs.
    async fn look_closer(
        &self,
        installation: &Installation,
        now: Timestamp,
        findings: &mut Findings,
    ) -> Seen {
        let rules = &installation.office.rules;
        let today = rules.calendar.day(now);
        rules.check_dates(today, findings);
        installation.settings.check_dates(today, findings);
        let (calendars, away) = installation.look_at_calendars(now, findings);
        let absences = away.len();
        let proof = installation.prove(now, away, findings);
        let tests = if self.no_tests || findings.errors() > 0 {
            0
        } else {
            installation.rehearse(findings)
        };
        // Last: rules are looked at also where no service runs.
        let files = installation.look_for_files(findings).await;
        Seen {
            tests,
            files,
            calendars,
            absences,
            proof,
        }
    }
}

fn summary(installation: &Installation, seen: &Seen) -> String {
    let rules = &installation.office.rules;
    let told = format!(
        "rules {}: {} notification types, {} caseloads, {} people, {} tests run\n",
        rules.version,
        rules.types.keys().filter(|kind| kind.is_of_a_notice()).count(),
        rules.caseloads.len(),
        rules.people.len(),
        seen.tests
    );
    let calendars = installation
        .settings
        .calendars
        .as_ref()
        .map_or_else(String::new, |_| {
            format!(
                "calendars: {} files, {} times away within a year\n",
                seen.calendars, seen.absences
            )
        });
    let cover = seen.proof.as_ref().map(|proof| cover::table(proof, rules));
    told + &absent(&seen.files) + &unwatched(rules) + &calendars + &cover.unwrap_or_default()
}

/// That nothing is installed here, which is fine where rules are only written.
fn absent(files: &Files) -> String {
    let Files::NotInstalled(files) = files else {
        return String::new();
    };
    let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    format!(
        "files: not here yet, and needed where the service is to run: {}\n",
        files.join(", ")
    )
}

/// The partners that may be silent for ever. It is no mistake: who gets few mails would be asked in vain.
fn unwatched(rules: &Rules) -> String {
    let watched = &rules.partners.patience;
    let ids = rules.sources.iter().map(|source| &source.id);
    let others: Vec<&str> = ids
        .filter(|id| !watched.contains_key(*id))
        .map(SourceId::as_str)
        .collect();
    if others.is_empty() {
        return String::new();
    }
    format!(
        "silence: nobody is asked when nothing comes from {}; to be, write `silence = \"learn\"` at that `[[source]]`\n",
        others.join(" or ")
    )
}
