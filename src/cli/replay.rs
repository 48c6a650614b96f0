//! `koppelwacht replay`: what proposed rules would have made of the mails that came.

use std::path::PathBuf;

use indicatif::ProgressBar;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::app::reading::{Difference, Meaning, Tally, replay};
use crate::desk::Desk;
use crate::domain::Trust;
use crate::findings::Findings;
use crate::rules::Rules;

use super::{Config, Exit, fail, refuse, say, tell};

#[derive(Debug, clap::Args)]
pub(super) struct Replay {
    #[command(flatten)]
    config: Config,

    /// The folder with the proposed rules
    #[arg(long, value_name = "DIR")]
    rules: PathBuf,

    /// Only mails received on this day or later
    #[arg(long, value_name = "DATE")]
    since: Option<Date>,

    /// Print one JSON object for each mail of which something else would become
    #[arg(long)]
    json: bool,
}

impl Replay {
    pub(super) async fn run(self) -> Exit {
        let mut findings = Findings::new();
        let Some(rules) = Rules::load(&self.rules, &mut findings) else {
            return refuse(&findings);
        };
        let desk = match self.config.desk().await {
            Ok(desk) => desk,
            Err(exit) => return exit,
        };
        let calendar = &desk.office().rules.calendar;
        let since = self.since.map_or(Timestamp::MIN, |day| calendar.start_of(day));
        match self.compare(&desk, rules, since).await {
            Ok(tally) => {
                let exit = if tally.different > 0 {
                    Exit::Findings
                } else {
                    Exit::Fine
                };
                if self.json {
                    exit
                } else {
                    say(&format!("{}\n", summary(&tally)), exit)
                }
            }
            Err(error) => fail(&error),
        }
    }

    async fn compare(
        &self,
        desk: &Desk,
        rules: Rules,
        since: Timestamp,
    ) -> Result<Tally, crate::desk::DeskError> {
        let messages = desk.books().await?.messages;
        let bar = ProgressBar::new(messages);
        let trust = Trust {
            sources: rules.sources.clone(),
            ..desk.trust().as_ref().clone()
        };
        let tally = replay(desk, rules, trust, since, |tally, difference| {
            bar.set_position(tally.read);
            let Some(difference) = difference else { return };
            let line = if self.json {
                serde_json::to_string(&difference).unwrap_or_default()
            } else {
                in_words(desk, &difference)
            };
            bar.suspend(|| tell(&line));
        })
        .await;
        bar.finish_and_clear();
        tally
    }
}

fn in_words(desk: &Desk, difference: &Difference) -> String {
    let calendar = &desk.office().rules.calendar;
    let wall = |at| calendar.zoned(at).strftime("%Y-%m-%d %H:%M").to_string();
    let one = |meaning: &Meaning| match (&meaning.due, &meaning.caseload) {
        (Some(due), Some(caseload)) => format!("{} -> {caseload}, due {}", meaning.kind, wall(*due)),
        _ => format!("{}, no task", meaning.kind),
    };
    let all = |meanings: &[Meaning]| meanings.iter().map(one).collect::<Vec<_>>().join("; ");
    let task = difference
        .task
        .map_or_else(|| "no task".to_owned(), |task| format!("task #{task}"));
    format!(
        "message {} of {} ({task})\n  now   {}\n  then  {}",
        difference.message,
        wall(difference.received),
        all(&difference.before),
        all(&difference.after)
    )
}

fn summary(tally: &Tally) -> String {
    let not_kept = match tally.not_kept {
        0 => String::new(),
        count => format!("; {count} were not kept and cannot be read again"),
    };
    format!(
        "{} mails read again, {} would become something else{not_kept}",
        tally.read, tally.different
    )
}
