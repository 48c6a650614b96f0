//! `koppelwacht explain`: what mails would become, and why.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Serialize;

use crate::app::Installation;
use crate::clock::Clock;
use crate::decide::{Plan, classify, plan};
use crate::domain::{Classification, Intent, Mail, Nature, Undelivered};
use crate::mail;
use crate::settings::Verify;

use super::{Exit, fail, installation};

#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,

    /// The settings file; without it, the example municipality's
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Mails, as files in RFC 5322 form (.eml)
    #[arg(required = true, value_name = "MAIL")]
    mails: Vec<PathBuf>,
}

/// What is printed about a mail.
#[derive(Debug, Serialize)]
struct Explanation {
    file: String,
    types: Vec<String>,
    rule: String,
    sender: Sender,
    references: References,
    codes: Vec<String>,
    tasks: Vec<Task>,
    why: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bounce: Option<Bounce>,
    #[serde(skip_serializing_if = "Option::is_none")]
    absence: Option<Absence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Answer>,
}

/// A letter of ours that was not delivered.
#[derive(Debug, Serialize)]
struct Bounce {
    recipient: Option<String>,
    permanent: bool,
    reason: Undelivered,
    status: Option<String>,
    task: Option<i64>,
}

/// Somebody's automatic answer.
#[derive(Debug, Serialize)]
struct Absence {
    until: Option<Date>,
}

/// Somebody's answer to a letter of ours.
#[derive(Debug, Serialize)]
struct Answer {
    task: Option<i64>,
    intent: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    set_type: Option<String>,
}

#[derive(Debug, Serialize)]
struct Sender {
    verdict: &'static str,
    reason: String,
}

#[derive(Debug, Serialize)]
struct References {
    v_nummers: Vec<String>,
    bsns: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Task {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    due: String,
    caseload: String,
}

impl Explain {
    pub(super) fn run(&self) -> Exit {
        let installation = match installation(self.config.as_deref()) {
            Ok(installation) => installation,
            Err(exit) => return exit,
        };
        let mut exit = Exit::Fine;
        for path in &self.mails {
            match std::fs::read(path) {
                Ok(bytes) => self.print(&explain(&installation, path, &bytes)),
                Err(error) => exit = fail(&format!("{} cannot be read: {error}", path.display())),
            }
        }
        exit
    }

    fn print(&self, explanation: &Explanation) {
        if self.json {
            match serde_json::to_string(explanation) {
                Ok(line) => println!("{line}"),
                Err(error) => eprintln!("koppelwacht: {error}"),
            }
        } else {
            print!("{explanation}");
        }
    }
}

fn explain(installation: &Installation, path: &Path, bytes: &[u8]) -> Explanation {
    let office = &installation.office;
    let mail = mail::read(bytes, &office.trust);
    let classification = classify(&office.rules, &mail);
    // A file does not say when the mail server took it in; the Date header comes nearest.
    let received = mail.sent.unwrap_or_else(|| Clock::System.now());
    let plans = plan(&office.rules, &mail, &classification, received, None);
    explanation(installation, path, mail, &classification, &plans)
}

fn explanation(
    installation: &Installation,
    path: &Path,
    mail: Mail,
    classification: &Classification,
    plans: &[Plan<'_>],
) -> Explanation {
    let calendar = &installation.office.rules.calendar;
    let mut why = classification.why.clone();
    if installation.settings.verify != Verify::Stamp {
        why.push(
            "only stamps were looked at: `explain` asks no DNS, so signatures were not checked".to_owned(),
        );
    }
    for ground in plans.iter().flat_map(|plan| &plan.why) {
        // The signals of an overview share most of their grounds.
        if !why.contains(ground) {
            why.push(ground.clone());
        }
    }
    let (bounce, absence, answer) = come_back(mail.nature);
    Explanation {
        file: path.display().to_string(),
        types: classification
            .signals
            .iter()
            .map(|signal| signal.kind.to_string())
            .collect(),
        rule: classification
            .signals
            .first()
            .map(|signal| signal.rule.clone())
            .unwrap_or_default(),
        sender: Sender {
            verdict: mail.sender.verdict.word(),
            reason: mail.sender.reason,
        },
        references: References {
            v_nummers: mail.references.v_nummers,
            bsns: mail.references.bsns,
        },
        codes: mail.codes,
        tasks: plans
            .iter()
            .map(|plan| Task {
                kind: plan.kind.id.to_string(),
                title: plan.kind.title.clone(),
                due: calendar
                    .zoned(plan.due.at)
                    .strftime("%Y-%m-%dT%H:%M:%S%:z")
                    .to_string(),
                caseload: plan.route.caseload.to_string(),
            })
            .collect(),
        why,
        bounce,
        absence,
        answer,
    }
}

/// What a mail says that came back because of a letter of ours.
fn come_back(nature: Nature) -> (Option<Bounce>, Option<Absence>, Option<Answer>) {
    match nature {
        Nature::Bounce(bounce) => {
            let bounce = Bounce {
                recipient: bounce.recipient,
                permanent: bounce.permanent,
                reason: bounce.reason,
                status: bounce.status.map(|status| status.to_string()),
                task: bounce.task.map(|task| task.0),
            };
            (Some(bounce), None, None)
        }
        Nature::OutOfOffice { until } => (None, Some(Absence { until }), None),
        Nature::Answer(answer) => {
            let intent = answer.intent.as_ref().map(Intent::word);
            let (mut remark, mut to, mut set_type) = (None, None, None);
            match answer.intent {
                Some(Intent::Done { remark: said }) => remark = said,
                Some(Intent::HandOver { to: person }) => to = Some(person),
                Some(Intent::SetType { kind }) => set_type = Some(kind),
                Some(Intent::Take | Intent::NotMine) | None => {}
            }
            let answer = Answer {
                task: answer.task.map(|task| task.0),
                intent,
                remark,
                to,
                set_type,
            };
            (None, None, Some(answer))
        }
        Nature::Notice | Nature::Receipt | Nature::Own | Nature::Sealed(_) => (None, None, None),
    }
}

impl Explanation {
    fn show_come_back(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(bounce) = &self.bounce {
            let recipient = bounce.recipient.as_deref().unwrap_or("somebody");
            let outcome = if bounce.permanent {
                "not delivered"
            } else {
                "not delivered yet"
            };
            let status = bounce
                .status
                .as_deref()
                .map_or(String::new(), |code| format!(" ({code})"));
            writeln!(f, "  bounce  {recipient}: {outcome}, {:?}{status}", bounce.reason)?;
        }
        if let Some(until) = self.absence.as_ref().and_then(|absence| absence.until) {
            writeln!(f, "  absent  until and including {until}")?;
        }
        if let Some(answer) = &self.answer {
            let task = answer
                .task
                .map_or_else(|| "no task".to_owned(), |task| format!("task {task}"));
            writeln!(
                f,
                "  answer  {task}: {}",
                answer.intent.unwrap_or("a human must read it")
            )?;
        }
        Ok(())
    }
}

impl std::fmt::Display for Explanation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.file)?;
        writeln!(f, "  type    {}", self.types.join(", "))?;
        writeln!(f, "  rule    {}", self.rule)?;
        writeln!(f, "  sender  {}: {}", self.sender.verdict, self.sender.reason)?;
        for (name, values) in [
            ("v-nummer", &self.references.v_nummers),
            ("bsn", &self.references.bsns),
            ("code", &self.codes),
        ] {
            if !values.is_empty() {
                writeln!(f, "  {name:<7} {}", values.join(", "))?;
            }
        }
        self.show_come_back(f)?;
        if self.tasks.is_empty() {
            writeln!(f, "  task    none: it is about our own letters")?;
        }
        for task in &self.tasks {
            writeln!(
                f,
                "  task    {} -> caseload {}, due {}",
                task.title, task.caseload, task.due
            )?;
        }
        for ground in &self.why {
            writeln!(f, "  because {ground}")?;
        }
        Ok(())
    }
}
