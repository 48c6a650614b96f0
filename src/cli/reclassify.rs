//! `koppelwacht reclassify`: triage tasks that corrected rules now recognise.

use std::sync::Arc;

use crate::app::reading::{Recognised, recognised};
use crate::domain::Act;

use super::task::Who;
use super::{Config, Exit, fail, say, tell, words};

#[derive(Debug, clap::Args)]
pub(super) struct Reclassify {
    #[command(flatten)]
    config: Config,

    #[command(flatten)]
    who: Who,

    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
}

impl Reclassify {
    pub(super) async fn run(self) -> Exit {
        let desk = match self.config.desk().await {
            Ok(desk) => desk,
            Err(exit) => return exit,
        };
        let by = match self.who.id() {
            Ok(by) => by,
            Err(exit) => return exit,
        };
        let found = match recognised(&desk).await {
            Ok(found) => found,
            Err(error) => return fail(&error),
        };
        let (mut exit, mut done) = (Exit::Fine, 0);
        for Recognised { task, retyping } in &found {
            let kinds: Vec<&str> = retyping
                .classification
                .signals
                .iter()
                .map(|signal| signal.kind.as_str())
                .collect();
            if !self.dry_run
                && let Err(error) = desk
                    .act(by.clone(), task.id, Act::Retype(Arc::clone(retyping)))
                    .await
            {
                let why = words::why_not_done(&error, &desk.office().rules);
                exit = fail(&format!("task {}: {why}", task.id));
                continue;
            }
            done += 1;
            tell(&format_args!(
                "#{} {} -> {}",
                task.id,
                task.kind,
                kinds.join(", ")
            ));
        }
        let would = if self.dry_run { "would be" } else { "were" };
        say(
            &format!("{done} triage tasks {would} recognised by the rules in force\n"),
            exit,
        )
    }
}
