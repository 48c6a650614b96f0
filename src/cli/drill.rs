//! `koppelwacht drill`: a koppeling that is none goes through the real mail path, and every step is timed.

use std::time::Duration;

use clap::Subcommand;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::app;
use crate::clock::Clock;
use crate::desk::{Books, Desk, DeskError, DrillFile, DrillPost};
use crate::domain::{DrillState, LetterId, LostMail, PersonId, TaskState};

use super::{Config, Exit, fail, say, tell};

/// How often to look how far it is.
const LOOK: Duration = Duration::from_millis(500);
/// How long a step may take before it is said what to look at.
const PATIENCE: SignedDuration = SignedDuration::from_secs(90);

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Drill {
    #[command(flatten)]
    config: Config,

    #[command(subcommand)]
    action: Option<Action>,

    /// The address of the watched mailbox; only needed when notices come in at several
    #[arg(long, value_name = "ADDRESS")]
    to: Option<String>,

    /// Start it and do not wait for what comes of it
    #[arg(long)]
    no_wait: bool,

    /// Pretend that it is this time at the start (for tests)
    #[arg(long, hide = true, value_name = "TIME")]
    clock: Option<Timestamp>,

    /// Let time pass this many times as fast
    #[arg(long, hide = true, requires = "clock", default_value_t = 1)]
    speed: u32,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the drills there were, and how long each step took
    List {
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
}

impl Drill {
    pub(super) async fn run(self) -> Exit {
        let clock = self
            .clock
            .map_or(Clock::System, |start| Clock::fast(start, self.speed));
        let (settings, desk) = match self.config.open(clock).await {
            Ok(opened) => opened,
            Err(exit) => return exit,
        };
        if let Some(Action::List { json }) = self.action {
            return list(&desk, json).await;
        }
        let to = match app::drill_address(&settings, &desk.office().rules, self.to.as_deref()) {
            Ok(to) => to,
            Err(reason) => return fail(&reason),
        };
        let letter = match desk.call_drill(to.clone()).await {
            Ok(letter) => letter,
            Err(error) => return fail(&error),
        };
        tell(&format_args!("drill {letter} goes to {to}"));
        if self.no_wait {
            tell(&"`koppelwacht drill list` shows how it goes");
            return Exit::Fine;
        }
        tokio::select! {
            exit = follow(&desk, letter) => exit,
            _ = tokio::signal::ctrl_c() => {
                tell(&"the drill goes on; `koppelwacht drill list` shows how it goes");
                Exit::Fine
            }
        }
    }
}

/// Prints each step as it is taken, until there is nothing more to wait for.
async fn follow(desk: &Desk, letter: LetterId) -> Exit {
    let (mut shown, mut hinted) = (Vec::new(), false);
    let mut progress = desk.now();
    loop {
        let file = match look(desk, letter).await {
            Ok(Some(file)) => file,
            Ok(None) => {
                return fail(&format!(
                    "drill {letter} is not in the ledger; please report this defect"
                ));
            }
            Err(error) if error.retry_helps() => {
                tokio::time::sleep(LOOK).await;
                continue;
            }
            Err(error) => return fail(&error),
        };
        for step in steps(&file) {
            if !shown.contains(&step) {
                tell(&format_args!("{}  {}", lasted(&file, step.at), step.what));
                shown.push(step);
                (progress, hinted) = (desk.now(), false);
            }
        }
        match outcome(&file) {
            Outcome::Underway | Outcome::Open => {}
            Outcome::Answered(_) => return summary(&file, Exit::Fine),
            Outcome::Unanswered | Outcome::Lost(_) | Outcome::Refused => {
                return summary(&file, Exit::Findings);
            }
        }
        if !hinted && desk.now().duration_since(progress) > PATIENCE {
            match hint(desk, &file).await {
                Ok(hint) => hint
                    .into_iter()
                    .for_each(|hint| tell(&format_args!("!        {hint}"))),
                Err(error) => return fail(&error),
            }
            hinted = true;
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn look(desk: &Desk, letter: LetterId) -> Result<Option<DrillFile>, DeskError> {
    Ok(desk.drills(Some(letter)).await?.into_iter().next())
}

/// A step that a drill has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    at: Timestamp,
    what: String,
}

fn steps(file: &DrillFile) -> Vec<Step> {
    let step = |at, what: String| Step { at, what };
    let mut steps = Vec::new();
    if let DrillPost::Sent { at } = file.mail {
        steps.push(step(at, "sent: a mail server took the mail".to_owned()));
    }
    if let Some(task) = &file.task {
        steps.push(step(
            task.opened,
            format!("seen: the mail is in the mailbox, and opened task {}", task.id),
        ));
    }
    if let Some(at) = file.told {
        steps.push(step(at, "told: a mail server took the first letter".to_owned()));
    }
    if let Some(TaskState::Done { by: Some(by), at }) = file.task.as_ref().map(|task| &task.state) {
        steps.push(step(*at, format!("answered by {by}")));
    }
    steps
}

/// What a drill came to.
enum Outcome<'a> {
    /// Its mail is not in the mailbox yet.
    Underway,
    /// Its mail did not come in.
    Lost(LostMail),
    /// No mail server takes its mail.
    Refused,
    /// Nobody answered yet.
    Open,
    /// Somebody answered.
    Answered(&'a PersonId),
    /// Nobody answered in time.
    Unanswered,
}

impl Outcome<'_> {
    const fn word(&self) -> &'static str {
        match self {
            Self::Underway => "underway",
            Self::Lost(LostMail::Unsent) => "unsent",
            Self::Lost(LostMail::Returned) => "returned",
            Self::Lost(LostMail::Missing) => "lost",
            Self::Refused => "refused",
            Self::Open => "open",
            Self::Answered(_) => "answered",
            Self::Unanswered => "unanswered",
        }
    }
}

fn outcome(file: &DrillFile) -> Outcome<'_> {
    if let DrillState::Lost { how, .. } = file.drill.state
        && !matches!(file.mail, DrillPost::Refused { .. })
    {
        return Outcome::Lost(how);
    }
    match (file.task.as_ref().map(|task| &task.state), &file.mail) {
        (Some(TaskState::Done { by: Some(by), .. }), _) => Outcome::Answered(by),
        (Some(TaskState::Done { by: None, .. }), _) => Outcome::Unanswered,
        (Some(_), _) => Outcome::Open,
        (None, DrillPost::Refused { .. }) => Outcome::Refused,
        (None, _) => Outcome::Underway,
    }
}

fn summary(file: &DrillFile, exit: Exit) -> Exit {
    say(&format!("{}\n", over(file)), exit)
}

/// What a drill that is over came to, and what to look at.
fn over(file: &DrillFile) -> String {
    match (outcome(file), &file.mail) {
        (Outcome::Answered(by), _) => format!(
            "the drill is over: {by} answered {} after it was started",
            lasted(file, done_at(file).unwrap_or(file.drill.started))
        ),
        (Outcome::Unanswered, _) => "the drill is over: nobody answered".to_owned(),
        (Outcome::Refused, DrillPost::Refused { code }) => format!(
            "the mail server refuses mail to {} for good ({code}); a notice would not come in either, if it took the \
             same way",
            file.drill.to
        ),
        (Outcome::Lost(LostMail::Unsent), _) => "the mail did not leave in time; `koppelwacht status` shows whether other \
                                                 letters wait as well"
            .to_owned(),
        (Outcome::Lost(LostMail::Returned), _) => format!(
            "the mail came back; is {} an address that takes mail? A notice would not come in there either",
            file.drill.to
        ),
        _ => "the mail did not come in in time. Look whether it lies in another folder, was taken for spam, or was given \
              another Message-ID on its way"
            .to_owned(),
    }
}

/// What to look at, when nothing has happened for a while.
async fn hint(desk: &Desk, file: &DrillFile) -> Result<Option<String>, DeskError> {
    Ok(match (&file.task, &file.mail) {
        (None, DrillPost::Waiting { reason: None }) => {
            let read = last_read(desk, &desk.books().await?);
            Some(format!(
                "nobody tried to send the mail yet; does `koppelwacht run` run? {read}"
            ))
        }
        (None, DrillPost::Waiting { reason: Some(reason) }) => {
            Some(format!("the mail waits for the mail server ({reason})"))
        }
        (None, _) => {
            let read = last_read(desk, &desk.books().await?);
            Some(format!(
                "the mail was sent, and is not in a watched folder yet; is {} an address of that mailbox? {read}",
                file.drill.to
            ))
        }
        (Some(_), _) if file.told.is_none() => Some(
            "the first letter about the task did not leave yet; `koppelwacht status` shows more".to_owned(),
        ),
        // From here on it is up to people.
        (Some(_), _) => None,
    })
}

fn last_read(desk: &Desk, books: &Books) -> String {
    let proven = books.folders.iter().filter_map(|folder| folder.proven).max();
    let office = desk.office();
    proven.map_or_else(
        || "No mailbox was ever read to the end.".to_owned(),
        |at| {
            let at = office.rules.calendar.zoned(at);
            format!(
                "A mailbox was last read to the end {}.",
                at.strftime("%a %Y-%m-%d %H:%M:%S")
            )
        },
    )
}

fn done_at(file: &DrillFile) -> Option<Timestamp> {
    match file.task.as_ref()?.state {
        TaskState::Done { at, .. } => Some(at),
        TaskState::Waiting(_) | TaskState::Taken { .. } => None,
    }
}

/// How long after the start something was, in seconds. Clocks of two processes may differ a little.
fn seconds(file: &DrillFile, at: Timestamp) -> i64 {
    at.duration_since(file.drill.started).as_secs().max(0)
}

/// The same as people read it: `0:04:12`.
fn lasted(file: &DrillFile, at: Timestamp) -> String {
    let seconds = seconds(file, at);
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

async fn list(desk: &Desk, json: bool) -> Exit {
    let files = match desk.drills(None).await {
        Ok(files) => files,
        Err(error) => return fail(&error),
    };
    let lines: Vec<String> = match files.as_slice() {
        [] if !json => vec!["no drills\n".to_owned()],
        files if json => files.iter().map(|file| format!("{}\n", in_json(file))).collect(),
        files => files.iter().map(|file| line(desk, file)).collect(),
    };
    say(&lines.concat(), Exit::Fine)
}

fn line(desk: &Desk, file: &DrillFile) -> String {
    let office = desk.office();
    let started = office.rules.calendar.zoned(file.drill.started);
    let mut steps: Vec<String> = [
        ("sent", sent_at(file)),
        ("seen", seen_at(file)),
        ("told", file.told),
    ]
    .into_iter()
    .filter_map(|(word, at)| Some(format!("{word} {}", lasted(file, at?))))
    .collect();
    steps.push(match outcome(file) {
        Outcome::Answered(by) => {
            let at = done_at(file).unwrap_or(file.drill.started);
            format!("answered {} by {by}", lasted(file, at))
        }
        Outcome::Unanswered => "nobody answered".to_owned(),
        Outcome::Open => "nobody answered yet".to_owned(),
        Outcome::Underway => "not in the mailbox yet".to_owned(),
        Outcome::Lost(LostMail::Unsent) => "not sent in time".to_owned(),
        Outcome::Lost(LostMail::Returned) => "came back".to_owned(),
        Outcome::Lost(LostMail::Missing) => "never in the mailbox".to_owned(),
        Outcome::Refused => "refused by the mail server".to_owned(),
    });
    let task = file
        .task
        .as_ref()
        .map_or_else(String::new, |task| format!(" (task {})", task.id));
    format!(
        "{:<5} {} {}: {}{task}\n",
        file.drill.letter,
        started.strftime("%a %Y-%m-%d %H:%M"),
        file.drill.to,
        steps.join(", ")
    )
}

fn sent_at(file: &DrillFile) -> Option<Timestamp> {
    match file.mail {
        DrillPost::Sent { at } => Some(at),
        DrillPost::Waiting { .. } | DrillPost::Refused { .. } => None,
    }
}

fn seen_at(file: &DrillFile) -> Option<Timestamp> {
    file.task.as_ref().map(|task| task.opened)
}

fn in_json(file: &DrillFile) -> serde_json::Value {
    let outcome = outcome(file);
    let (by, answered) = match outcome {
        Outcome::Answered(by) => (Some(by), done_at(file)),
        _ => (None, None),
    };
    let after = |at: Option<Timestamp>| at.map(|at| seconds(file, at));
    json!({
        "drill": file.drill.letter, "to": file.drill.to, "started": file.drill.started,
        "sent_seconds": after(sent_at(file)), "seen_seconds": after(seen_at(file)),
        "told_seconds": after(file.told), "answered_seconds": after(answered),
        "task": file.task.as_ref().map(|task| task.id), "by": by, "outcome": outcome.word(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Drill;

    #[test]
    fn a_mail_that_did_not_come_in_is_looked_for_where_it_can_be() {
        let over = |how| {
            let drill = Drill {
                letter: LetterId(12),
                to: "inburgering@gemeente-voorbeeld.nl".to_owned(),
                started: Timestamp::UNIX_EPOCH,
                state: DrillState::Lost {
                    at: Timestamp::UNIX_EPOCH,
                    how,
                },
            };
            super::over(&DrillFile {
                drill,
                mail: DrillPost::Waiting { reason: None },
                task: None,
                told: None,
            })
        };
        assert!(over(LostMail::Unsent).starts_with("the mail did not leave in time"));
        assert!(over(LostMail::Returned).starts_with("the mail came back"));
        assert!(over(LostMail::Missing).contains("was taken for spam"));
    }
}
