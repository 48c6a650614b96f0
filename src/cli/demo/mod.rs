//! `koppelwacht demo`: the main job on sample mails, in a folder of its own, with a clock that runs fast.

mod stage;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use tracing::level_filters::LevelFilter;

use crate::app::{self, Control};
use crate::clock::Clock;
use crate::desk::{Desk, TaskFilter};
use crate::domain::{Act, Happening, HistoryLine, PersonId, Role, Task, TaskId};

use super::{Exit, fail, start_logging, tell, words};
use stage::Stage;

/// How many seconds pass in one: two working hours in eight seconds.
const SPEED: u32 = 900;
/// How often to look for something new to tell.
const GLANCE: Duration = Duration::from_millis(100);
/// When to give up: several times what the story takes.
const PATIENCE: Duration = Duration::from_mins(3);

#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    /// The folder to play in; made anew each time
    #[arg(long, value_name = "DIR", default_value = "koppelwacht-demo")]
    dir: PathBuf,
}

impl Demo {
    pub(super) async fn run(self) -> Exit {
        start_logging(LevelFilter::ERROR);
        match self.play().await {
            Ok(()) => Exit::Fine,
            Err(reason) => fail(&reason),
        }
    }

    async fn play(self) -> Result<(), String> {
        let stage = Stage::build(&self.dir)?;
        let start = Stage::first_morning()?;
        let clock = Clock::fast(start, SPEED);
        let stop = CancellationToken::new();
        tell(&introduction(&stage));
        stage.deliver(start)?;

        let daemon = tokio::spawn(app::run(
            stage.installation()?,
            clock.clone(),
            Control {
                stop: stop.clone(),
                ..Control::default()
            },
            |_, _| {},
        ));
        let (_, desk) = stage
            .installation()?
            .desk(clock)
            .await
            .map_err(|error| error.to_string())?;
        let told = Narrator::new(&stage, desk).tell(&daemon).await;
        stop.cancel();
        daemon
            .await
            .map_err(|error| error.to_string())?
            .map_err(|error| error.to_string())?;
        told?;
        tell(&farewell(&stage));
        Ok(())
    }
}

fn introduction(stage: &Stage) -> String {
    format!(
        "Koppelwacht now watches the mailbox of a made-up municipality, gemeente-voorbeeld.nl.\n\
         Four mails are delivered to it: one by COA, one by DUO, a newsletter, and one that only says that\n\
         it comes from COA. A quarter of an hour passes each second, and nobody in the office looks.\n\n\
         mailbox   {}   (a Maildir)\n\
         letters   {}   (in a real installation these go out by SMTP)\n",
        stage.mailbox().display(),
        stage.letters().display(),
    )
}

fn farewell(stage: &Stage) -> String {
    let config = stage.config();
    let (program, config) = (program(), config.display());
    format!(
        "\nThat was the main job: a notice came in, a task was opened with a due date in working days, people were\n\
         told, silence went up the ladder past an absent colleague, and a person ended it.\n\n\
         Look further:\n  \
         {program} task list --config {config}\n  \
         {program} task show 1 --config {config}\n  \
         {program} status --config {config}\n  \
         the letters in {}, the rules in {}",
        stage.letters().display(),
        stage.rules().display(),
    )
}

/// How this program was called.
fn program() -> String {
    std::env::args()
        .next()
        .unwrap_or_else(|| "koppelwacht".to_owned())
}

/// Tells what happens to the tasks, as it happens.
struct Narrator<'a> {
    stage: &'a Stage,
    desk: Arc<Desk>,
    told: std::collections::HashMap<TaskId, usize>,
    acted: bool,
}

impl<'a> Narrator<'a> {
    fn new(stage: &'a Stage, desk: Arc<Desk>) -> Self {
        Self {
            stage,
            desk,
            told: std::collections::HashMap::new(),
            acted: false,
        }
    }

    /// Until the koppeling that nobody took has reached the last rung and somebody has handled it.
    async fn tell<T>(mut self, daemon: &tokio::task::JoinHandle<T>) -> Result<(), String> {
        let began = Instant::now();
        while !self.acted && !daemon.is_finished() {
            if began.elapsed() > PATIENCE {
                return Err(format!(
                    "nothing came to an end within {} seconds",
                    PATIENCE.as_secs()
                ));
            }
            let mut ended = None;
            for (task, line) in self.news().await? {
                self.say(&task, &line);
                let last = matches!(
                    line.what,
                    Happening::Told {
                        role: Role::Functional,
                        ..
                    }
                );
                if last && task.kind.as_str() == "coa.koppeling" {
                    ended = Some(task);
                }
            }
            if let Some(task) = ended {
                self.act(&task).await?;
            }
            tokio::time::sleep(GLANCE).await;
        }
        Ok(())
    }

    /// What happened to all tasks and is not told yet, in its order. What happens while they are read is told the next time.
    async fn news(&mut self) -> Result<Vec<(Task, HistoryLine)>, String> {
        let now = self.desk.now();
        let all = TaskFilter {
            done_too: true,
            ..TaskFilter::default()
        };
        let mut tasks = self.desk.tasks(&all).await.map_err(|error| error.to_string())?;
        tasks.sort_by_key(|task| task.id);
        let mut news = Vec::new();
        for task in tasks {
            let file = self.desk.task(task.id).await.map_err(|error| error.to_string())?;
            let told = self.told.entry(task.id).or_default();
            let lines = file.history.into_iter().skip(*told);
            for line in lines.take_while(|line| line.at <= now) {
                *told += 1;
                news.push((file.task.clone(), line));
            }
        }
        news.sort_by_key(|(_, line)| line.at);
        Ok(news)
    }

    fn say(&self, task: &Task, line: &HistoryLine) {
        let office = self.desk.office();
        let wall = |at| office.rules.calendar.zoned(at).strftime("%a %H:%M").to_string();
        match &line.what {
            Happening::Opened { .. } => tell(&format_args!(
                "{}  #{}  new: {}{}; caseload {}, due {}",
                wall(line.at),
                task.id,
                task.title,
                if task.critical { " (critical)" } else { "" },
                task.caseload,
                wall(task.due)
            )),
            _ => tell(&words::line_of(task.id, line, &wall)),
        }
    }

    /// A person ends it, through the same door as `koppelwacht task`.
    async fn act(&mut self, task: &Task) -> Result<(), String> {
        let who = self.lead(task)?;
        let config = self.stage.config().display().to_string();
        let program = program();
        tell(&format_args!(
            "\nThe whole ladder was told of #{}. Now {who} acts, as you could in another terminal:",
            task.id
        ));
        for (word, act) in [
            ("take", Act::Take),
            (
                "done",
                Act::Done {
                    remark: None,
                    event: None,
                },
            ),
        ] {
            tell(&format_args!(
                "  {program} task {word} {} --as {who} --config {config}",
                task.id
            ));
            self.desk
                .act(who.clone(), task.id, act)
                .await
                .map_err(|error| error.to_string())?;
        }
        for (task, line) in self.news().await? {
            self.say(&task, &line);
        }
        self.acted = true;
        Ok(())
    }

    fn lead(&self, task: &Task) -> Result<PersonId, String> {
        let office = self.desk.office();
        let caseload = office.rules.caseload(&task.caseload);
        caseload
            .lead
            .clone()
            .ok_or_else(|| format!("caseload {} has no lead", caseload.id))
    }
}
