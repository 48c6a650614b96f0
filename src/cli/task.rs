//! `koppelwacht task`: people act.

use clap::Subcommand;
use jiff::civil::Date;
use serde_json::json;

use crate::app::reading;
use crate::desk::{Desk, DeskError, TaskFile, TaskFilter};
use crate::domain::{
    Act, CaseloadId, Drill, Message, PersonId, References, Refusal, TaskId, TaskState, TypeId,
};
use crate::rules::Rules;

use super::words::{self, zone};
use super::{Config, Exit, fail, fail_at, say};

#[derive(Debug, clap::Args)]
pub(super) struct Task {
    #[command(flatten)]
    config: Config,

    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List tasks, those that are due first
    List {
        /// Those that are done as well
        #[arg(long)]
        all: bool,
        /// Drills as well
        #[arg(long)]
        drills: bool,
        /// Of one caseload
        #[arg(long)]
        caseload: Option<String>,
        /// Of one person
        #[arg(long)]
        person: Option<String>,
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Show a task with its history
    Show {
        /// The task's number
        task: i64,
    },
    /// Print the V-nummers and burgerservicenummers that a task is about, for looking them up in a portal
    ///
    /// The history shows that you asked.
    About {
        /// The task's number
        task: i64,
        #[command(flatten)]
        who: Who,
    },
    /// Take a task: "I do this"
    Take {
        /// The task's number
        task: i64,
        #[command(flatten)]
        who: Who,
    },
    /// Finish a task: "this is handled"
    Done {
        /// The task's number
        task: i64,
        #[command(flatten)]
        who: Who,
        /// A remark for the history; no names or numbers of persons
        #[arg(long)]
        remark: Option<String>,
        /// What happened with it, as named in rules/terms.toml: a term may start
        #[arg(long)]
        event: Option<String>,
        /// On which day that was (of an event that moves a term: its new last day); without it, today
        #[arg(long, value_name = "DATE", requires = "event")]
        on: Option<Date>,
    },
    /// Open a task again that was finished by mistake; what was told with it is taken back
    Reopen {
        /// The task's number
        task: i64,
        #[command(flatten)]
        who: Who,
        /// A remark for the history; no names or numbers of persons
        #[arg(long)]
        remark: Option<String>,
    },
    /// Give a task the type that it should have had
    Retype {
        /// The task's number
        task: i64,
        /// The type, such as coa.koppeling
        #[arg(long, value_name = "TYPE")]
        to: String,
        #[command(flatten)]
        who: Who,
    },
    /// Hand a task to somebody else
    Reassign {
        /// The task's number
        task: i64,
        /// To whom, as named in rules/people.toml
        #[arg(long)]
        to: String,
        #[command(flatten)]
        who: Who,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Who {
    /// Who you are, as named in rules/people.toml; without it, your login name
    #[arg(long = "as", env = "KOPPELWACHT_PERSON", value_name = "PERSON")]
    person: Option<String>,
}

impl Who {
    pub(super) fn id(self) -> Result<PersonId, Exit> {
        let login = || std::env::var("LOGNAME").or_else(|_| std::env::var("USER")).ok();
        let name = self.person.or_else(login).filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| fail(&"say who you are: `--as PERSON`, or set KOPPELWACHT_PERSON"))?;
        Ok(PersonId::new(&name))
    }
}

impl Task {
    pub(super) async fn run(self) -> Exit {
        let desk = match self.config.desk().await {
            Ok(desk) => desk,
            Err(exit) => return exit,
        };
        match self.action {
            Action::List {
                all,
                drills,
                caseload,
                person,
                json,
            } => {
                let filter = TaskFilter {
                    done_too: all,
                    drills_too: drills,
                    caseload: caseload.map(|name| CaseloadId::new(&name)),
                    person: person.map(|name| PersonId::new(&name)),
                    limit: None,
                };
                list(&desk, &filter, json).await
            }
            Action::Show { task } => show(&desk, TaskId(task)).await,
            Action::About { task, who } => look_up(&desk, who, TaskId(task)).await,
            Action::Retype { task, to, who } => {
                let kind = TypeId::new(&to);
                let retype = async |by, task| reading::retype(&desk, by, task, kind).await;
                change(&desk, who, task, retype).await
            }
            Action::Take { task, who } => act(&desk, who, task, Act::Take).await,
            Action::Done {
                task,
                who,
                remark,
                event,
                on,
            } => {
                let event = event.map(|event| words::event(&event, on, &desk));
                act(&desk, who, task, Act::Done { remark, event }).await
            }
            Action::Reopen { task, who, remark } => act(&desk, who, task, Act::Reopen { remark }).await,
            Action::Reassign { task, to, who } => {
                act(
                    &desk,
                    who,
                    task,
                    Act::Reassign {
                        to: PersonId::new(&to),
                    },
                )
                .await
            }
        }
    }
}

async fn act(desk: &Desk, who: Who, task: i64, act: Act) -> Exit {
    change(desk, who, task, async |by, task| desk.act(by, task, act).await).await
}

/// Has a person do something to a task, and shows how it stands then.
async fn change(
    desk: &Desk,
    who: Who,
    task: i64,
    act: impl AsyncFnOnce(PersonId, TaskId) -> Result<(), DeskError>,
) -> Exit {
    let by = match who.id() {
        Ok(by) => by,
        Err(exit) => return exit,
    };
    let task = TaskId(task);
    if let Err(error) = act(by, task).await {
        return fail_at(desk, &error);
    }
    match desk.task(task).await {
        Ok(file) => {
            let state = words::state(&file.task, &zone(desk));
            say(&format!("#{task} {}: {state}\n", file.task.title), Exit::Fine)
        }
        Err(error) => fail(&error),
    }
}

async fn look_up(desk: &Desk, who: Who, task: TaskId) -> Exit {
    let by = match who.id() {
        Ok(by) => by,
        Err(exit) => return exit,
    };
    match desk.look_up(by, task).await {
        Ok(References { v_nummers, bsns }) => {
            let lines = [("V-nummer", &v_nummers), ("BSN", &bsns)];
            let each = lines
                .iter()
                .flat_map(|(kind, list)| list.iter().map(move |one| format!("{kind} {one}\n")));
            let mut told: String = each.collect();
            if told.is_empty() {
                told.push_str("the mail names nobody\n");
            }
            say(&told, Exit::Fine)
        }
        Err(error) => fail_at(desk, &error),
    }
}

async fn list(desk: &Desk, filter: &TaskFilter, json: bool) -> Exit {
    let tasks = match desk.tasks(filter).await {
        Ok(tasks) => tasks,
        Err(error) => return fail(&error),
    };
    let zone = zone(desk);
    let line = |task: &crate::domain::Task| {
        if json {
            return format!("{}\n", in_json(task));
        }
        format!(
            "#{:<6} {} {} {:<12} {}: {}\n",
            task.id,
            zone(task.due),
            if task.critical { "!" } else { " " },
            task.caseload,
            task.title,
            words::state(task, &zone)
        )
    };
    if tasks.is_empty()
        && let Some(reason) = misspelt(filter, &desk.office().rules)
    {
        return fail(&reason);
    }
    let mut told: String = tasks.iter().map(line).collect();
    if tasks.is_empty() && !json {
        told.push_str("no tasks\n");
    }
    say(&told, Exit::Fine)
}

/// What is wrong with a filter that finds nothing: a name that the rules do not know. Tasks may bear one that they knew once.
fn misspelt(filter: &TaskFilter, rules: &Rules) -> Option<String> {
    let caseload = filter
        .caseload
        .as_ref()
        .filter(|id| !rules.caseloads.contains_key(*id));
    let person = filter
        .person
        .as_ref()
        .filter(|id| !rules.people.contains_key(*id));
    let caseload = caseload.map(|id| words::no_caseload(id, rules));
    caseload.or_else(|| person.map(|id| words::refused(&Refusal::UnknownPerson(id.clone()), rules)))
}

pub(super) fn in_json(task: &crate::domain::Task) -> serde_json::Value {
    let (state, person) = match &task.state {
        TaskState::Waiting(_) => ("waiting", task.assignee.as_ref()),
        TaskState::Taken { by, .. } => ("taken", Some(by)),
        TaskState::Done { by, .. } => ("done", by.as_ref()),
    };
    json!({
        "task": task.id, "type": task.kind, "title": task.title, "critical": task.critical, "drill": task.drill,
        "caseload": task.caseload, "received": task.received, "due": task.due, "state": state,
        "person": person, "next": task.next_moment(),
    })
}

async fn show(desk: &Desk, id: TaskId) -> Exit {
    match desk.task(id).await {
        Ok(file) => say(&in_words(desk, &file), Exit::Fine),
        Err(error) => fail(&error),
    }
}

fn message_in_words(message: &Message) -> String {
    let id = message.message_id.as_deref().unwrap_or("none");
    format!(
        "  mail      in {} {}, from the domain {} ({}), Message-ID {id}, recognised by {}\n",
        message.place.folder.mailbox,
        message.place.folder.folder,
        message.sender_domain,
        message.sender_verdict,
        message.rule
    )
}

fn in_words(desk: &Desk, file: &TaskFile) -> String {
    let zone = zone(desk);
    let TaskFile {
        task,
        message,
        history,
    } = file;
    let what = match (task.drill, task.critical) {
        (true, _) => " (a drill)",
        (false, true) => " (critical)",
        (false, false) => "",
    };
    let office = desk.office();
    let instruction = if task.drill {
        Drill::INSTRUCTION
    } else {
        office.rules.kind(&task.kind).instruction.as_str()
    };
    let task_in_words = format!(
        "#{} {}{what}\n  do        {instruction}\n  type      {}\n  caseload  {}\n  received  {}\n  due       {}\n  state     \
         {}\n",
        task.id,
        task.title,
        task.kind,
        task.caseload,
        zone(task.received),
        zone(task.due),
        words::state(task, &zone)
    );
    let mail = message.as_ref().map_or_else(String::new, message_in_words);
    let rules = format!("  rules     version {}\nhistory\n", task.rules);
    let history = history
        .iter()
        .map(|line| format!("  {}\n", words::line(line, &zone)));
    task_in_words + &mail + &rules + &history.collect::<String>()
}
