//! `koppelwacht explain`: what mails would become, and why.
//!
//! Whoever asks has the mail already, so what is printed quotes it: what was read of it, and where the words of the
//! rules stand. Nothing of that goes to logs.

mod automatic;
mod show;

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::app::Installation;
use crate::clock::Clock;
use crate::decide::{Plan, classify, notice_of, plan};
use crate::domain::{Classification, DayOff, Mail, SourceId};
use crate::findings::SourceFile;
use crate::mail;
use crate::rules::{Hit, Part, Trial};
use crate::settings::Verify;

use automatic::{Absence, Answer, Bounce, come_back};

use super::{AnyConfig, Exit, fail, installation, say};

#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    config: AnyConfig,

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
    matches: Vec<Match>,
    #[serde(skip)]
    reading: Reading,
}

/// Words of a rule that stand in the mail.
#[derive(Debug, Serialize)]
struct Match {
    rule: String,
    fits: bool,
    list: &'static str,
    forbids: bool,
    phrase: String,
    part: Part,
    line: usize,
    column: usize,
    found: String,
    #[serde(skip)]
    span: std::ops::Range<usize>,
}

/// What was read, for a terminal.
#[derive(Debug)]
struct Reading {
    subject: String,
    text: String,
    /// The partner whose rules were tried.
    source: Option<SourceId>,
    trials: Vec<Trial>,
    received: String,
    /// For each task: the days that did not count, and the route.
    grounds: Vec<(Vec<String>, String)>,
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
        let installation = match installation(self.config.file().as_deref()) {
            Ok(installation) => installation,
            Err(exit) => return exit,
        };
        let mut exit = Exit::Fine;
        for path in &self.mails {
            match std::fs::read(path) {
                Ok(bytes) => exit = say(&self.told(&explain(&installation, path, &bytes)), exit),
                Err(error) => exit = fail(&format!("{} cannot be read: {error}", path.display())),
            }
        }
        exit
    }

    fn told(&self, explanation: &Explanation) -> String {
        if self.json {
            serde_json::to_string(explanation).expect("it holds texts and numbers only") + "\n"
        } else {
            show::Shown(explanation).to_string()
        }
    }
}

fn explain(installation: &Installation, path: &Path, bytes: &[u8]) -> Explanation {
    let office = &installation.office;
    let mail = mail::read(bytes, &office.trust);
    let classification = classify(&office.rules, &mail);
    // A file does not say when the mail server took it in; the Date header comes nearest.
    let received = mail.sent.unwrap_or_else(|| Clock::System.now());
    let plans = plan(&office.rules, &mail, &classification, received, &|_| None);
    let source = notice_of(&office.rules, &mail);
    let trials = source.as_ref().map_or_else(Vec::new, |source| {
        office
            .rules
            .recognition
            .trials(source, &mail.subject, &mail.text, &mail.codes)
    });
    let reading = Reading {
        subject: mail.subject.clone(),
        text: mail.text.clone(),
        source,
        trials,
        received: office
            .rules
            .calendar
            .zoned(received)
            .strftime("%Y-%m-%d %H:%M")
            .to_string(),
        grounds: plans.iter().map(grounds).collect(),
    };
    explanation(installation, path, mail, &classification, &plans, reading)
}

fn grounds(plan: &Plan<'_>) -> (Vec<String>, String) {
    let day = |(day, off): &(jiff::civil::Date, DayOff)| match off {
        DayOff::Weekend => format!("{day} weekend"),
        DayOff::Holiday(name) | DayOff::LocalClosing(name) => format!("{day} {name}"),
    };
    (plan.due.skipped.iter().map(day).collect(), plan.route.why.clone())
}

impl Match {
    fn of(trial: &Trial, hit: &Hit, reading: &Reading) -> Self {
        let part = match hit.part {
            Part::Subject => &reading.subject,
            Part::Text => &reading.text,
        };
        let (line, column) = SourceFile::new("", part.as_str())
            .spot(hit.span.clone())
            .position();
        Self {
            rule: trial.rule.clone(),
            fits: trial.fits,
            list: hit.list,
            forbids: hit.forbids,
            phrase: hit.phrase.clone(),
            part: hit.part,
            line,
            column,
            found: part.get(hit.span.clone()).unwrap_or_default().to_owned(),
            span: hit.span.clone(),
        }
    }
}

fn explanation(
    installation: &Installation,
    path: &Path,
    mail: Mail,
    classification: &Classification,
    plans: &[Plan<'_>],
    reading: Reading,
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
        matches: reading
            .trials
            .iter()
            .flat_map(|trial| trial.hits.iter().map(|hit| Match::of(trial, hit, &reading)))
            .collect(),
        reading,
    }
}
