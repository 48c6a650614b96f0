//! The command line: one file per command, exit codes 0 (fine), 1 (findings), 2 (usage or failure).

mod absence;
mod check;
mod cover;
mod demo;
mod dossier;
mod drill;
mod explain;
mod init;
mod key;
mod reclassify;
mod replay;
mod rules;
mod run;
mod simulate;
mod status;
mod task;
mod words;

use std::io::{ErrorKind, IsTerminal, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use tracing::level_filters::LevelFilter;

use crate::app::{self, Installation, OpenError};
use crate::clock::Clock;
use crate::desk::{Desk, DeskError};
use crate::findings::Findings;
use crate::settings::Settings;

/// Where an installed service has its settings.
const USUAL_CONFIG: &str = "/etc/koppelwacht/koppelwacht.toml";

#[derive(Debug, Parser)]
#[command(
    name = "koppelwacht",
    version,
    about = "Watches the mailbox in which COA and DUO notify a municipality, and escalates what nobody handles",
    after_help = "Exit codes: 0 all is well, 1 something was found, 2 it could not be done.\n\
                  Try `koppelwacht demo` first: it needs nothing and touches nothing outside its own folder."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// How much to log: error, warn, info or debug
    #[arg(long, global = true, env = "KOPPELWACHT_LOG", default_value = "info")]
    log: LevelFilter,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the main job on sample mails, in a folder of its own, with a clock that runs fast
    ///
    /// Delivers sample mails to a Maildir, opens tasks, writes letters into a folder, and lets a koppeling that nobody
    /// takes climb the whole ladder in under a minute.
    Demo(demo::Demo),
    /// Watch the mailboxes until stopped (this is what the service runs)
    Run(run::Run),
    /// Write the files that a municipality starts with: settings, and rules with its own people
    Init(init::Init),
    /// Check settings, rules and templates; list every mistake at once, and run the tests beside the rules
    Check(check::Check),
    /// Explain what mails would become, without mailbox, ledger or network
    ///
    /// On a machine without settings it reads mails as the example municipality would, and says so.
    Explain(explain::Explain),
    /// Show what would follow if a notice came in at some moment, to the minute; nothing is touched
    ///
    /// On a machine without settings it is the office of the example municipality, and says so.
    Simulate(simulate::Simulate),
    /// Show how the watch stands: mailboxes, books, letters, next escalation
    Status(status::Status),
    /// List tasks, look at one, see whom it is about, take it, finish it, or hand it to somebody else
    Task(task::Task),
    /// Show everything about one person: what came, what was done, what is due
    ///
    /// The history of each task shows that you asked.
    Dossier(dossier::Dossier),
    /// List who is away, say that somebody is, or that they are back
    Absence(absence::Absences),
    /// Send a test koppeling through the real mail, and show how long until somebody answers
    ///
    /// It is no koppeling, and says so wherever it is read. It is over once somebody takes its task.
    Drill(drill::Drill),
    /// Show which rules are in force, which were and what differs; print the adopted process, or the schema for editors
    Rules(rules::Rules),
    /// Show what proposed rules would have made of the mails that came; nothing is changed
    Replay(replay::Replay),
    /// Give triage tasks the type that corrected rules now see in their mails
    Reclassify(reclassify::Reclassify),
    /// Make the key with which the ledger is sealed
    Key(key::Key),
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

/// How wide findings are printed, in columns.
const PAGE: usize = 100;

/// Settings of an installation, for commands that work on its ledger.
#[derive(Debug, clap::Args)]
struct Config {
    /// The settings file
    #[arg(long, global = true, env = "KOPPELWACHT_CONFIG", default_value = USUAL_CONFIG, value_name = "FILE")]
    config: PathBuf,
}

/// Settings for commands that need no installation: on a machine without one they take the example, and say so.
#[derive(Debug, clap::Args)]
struct AnyConfig {
    /// The settings file [default: the installed one, otherwise the example municipality's]
    #[arg(long, env = "KOPPELWACHT_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// All is well.
    Fine,
    /// Something was found.
    Findings,
    /// It could not be done; the reason was printed.
    Failure,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::Findings => 1,
            Exit::Failure => 2,
        })
    }
}

/// Runs the program with the arguments of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Command::Completions { shell } = cli.command {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Cli::command(), "koppelwacht", &mut script);
        return say(&String::from_utf8_lossy(&script), Exit::Fine).into();
    }
    std::panic::set_hook(Box::new(say_where));
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("the system gives no threads: {error}")).into(),
    };
    let exit = runtime.block_on(dispatch(cli));
    // Nothing that matters goes on here. What hangs, as a read from a share that is gone, is not waited for.
    runtime.shutdown_timeout(Duration::from_secs(1));
    exit.into()
}

/// A panic is a defect, and what it says may hold the text of a mail: only its place is told.
fn say_where(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    note(&format_args!("a defect at {place}; please report this line"));
}

async fn dispatch(cli: Cli) -> Exit {
    match cli.command {
        Command::Demo(demo) => demo.run().await,
        Command::Run(run) => run.run(cli.log).await,
        Command::Init(init) => init.run(),
        Command::Check(check) => check.run().await,
        Command::Explain(explain) => explain.run(),
        Command::Simulate(simulate) => simulate.run(),
        Command::Status(status) => status.run().await,
        Command::Task(task) => task.run().await,
        Command::Dossier(dossier) => dossier.run().await,
        Command::Absence(absence) => absence.run().await,
        Command::Drill(drill) => drill.run().await,
        Command::Rules(rules) => rules.run().await,
        Command::Replay(replay) => replay.run().await,
        Command::Reclassify(reclassify) => reclassify.run().await,
        Command::Key(key) => key.run(),
        Command::Completions { .. } => Exit::Fine,
    }
}

/// Prints a text and says how the command ended. Whoever reads it may stop before its end, as `head` does.
fn say(text: &str, exit: Exit) -> Exit {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            fail(&format!("the output cannot be written: {error}"))
        }
        _ => exit,
    }
}

/// Prints a line of what is going on. What cannot be printed is missed, and the work goes on.
fn tell(line: &dyn std::fmt::Display) {
    say(&format!("{line}\n"), Exit::Fine);
}

/// Prints what went wrong, in one line, and says that the command failed.
fn fail(reason: &dyn std::fmt::Display) -> Exit {
    note(reason);
    Exit::Failure
}

/// The same of what the desk did not do, with the name that may be meant when the rules do not know one.
fn fail_at(desk: &Desk, error: &DeskError) -> Exit {
    fail(&words::why_not_done(error, &desk.office().rules))
}

/// Prints a line beside the output.
fn note(what: &dyn std::fmt::Display) {
    aside(&format!("koppelwacht: {what}\n"));
}

/// Prints beside the output. Who does not listen misses it.
fn aside(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// Loads an installation; prints every finding when it cannot be used.
fn installation(config: Option<&Path>) -> Result<Installation, Exit> {
    let mut findings = Findings::default();
    let installation = Installation::load(config, &mut findings);
    if let Some(installation) = installation.filter(|_| findings.errors() == 0) {
        return Ok(installation);
    }
    Err(refuse(&findings))
}

/// Prints every finding, and says that the command failed.
fn refuse(findings: &Findings) -> Exit {
    aside(&in_colour(findings, &std::io::stderr()));
    Exit::Failure
}

/// Findings for this terminal, or for whatever reads us instead.
fn in_colour(findings: &Findings, output: &impl IsTerminal) -> String {
    findings.render(
        PAGE,
        output.is_terminal() && std::env::var_os("NO_COLOR").is_none(),
    )
}

impl Config {
    /// The desk of the installation, for one command.
    async fn desk(&self) -> Result<Arc<Desk>, Exit> {
        Ok(self.open(Clock::System).await?.1)
    }

    /// The same with the settings, at a clock.
    async fn open(&self, clock: Clock) -> Result<(Settings, Arc<Desk>), Exit> {
        app::open_in_force(&self.config, clock)
            .await
            .map_err(|error| match error {
                OpenError::Mistakes(findings) => refuse(&findings),
                other => fail(&other),
            })
    }
}

impl AnyConfig {
    /// The settings file; none: the example is taken, and whoever typed the command is told.
    fn file(&self) -> Option<PathBuf> {
        let file = named_or(self.config.as_deref(), Path::new(USUAL_CONFIG));
        if file.is_none() {
            note(&format!(
                "there are no settings at {USUAL_CONFIG}, so this is about the example municipality; name yours with \
                 --config FILE"
            ));
        }
        file
    }
}

/// The file that is named, or else the usual one where it is. One that may not be looked for is there: reading it says why
/// it cannot be read.
fn named_or(named: Option<&Path>, usual: &Path) -> Option<PathBuf> {
    let usual = || Some(usual).filter(|usual| !matches!(usual.try_exists(), Ok(false)));
    named.or_else(usual).map(Path::to_owned)
}

/// Starts logging for a command that runs long.
fn start_logging(level: LevelFilter) {
    app::start_logging(level);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_those_that_are_named_or_else_the_installed_ones_where_there_are_any() {
        let folder = tempfile::tempdir().unwrap();
        let (usual, named) = (folder.path().join("koppelwacht.toml"), Path::new("other.toml"));
        assert_eq!(named_or(None, &usual), None);
        assert_eq!(named_or(Some(named), &usual).as_deref(), Some(named));
        std::fs::write(&usual, "").unwrap();
        assert_eq!(named_or(None, &usual), Some(usual.clone()));
        assert_eq!(named_or(Some(named), &usual).as_deref(), Some(named));
    }
}
