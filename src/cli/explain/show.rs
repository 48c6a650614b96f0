//! An explanation for a terminal.

use std::fmt::{self, Display, Formatter};
use std::io::IsTerminal as _;

use super::{Explanation, Match};
use crate::cli::PAGE;
use crate::findings::{Mark, quote};
use crate::rules::{Part, Rank, Trial};

/// Of a longer text only the beginning is shown.
const LONGEST: usize = 4_000;

/// An explanation as people read it.
pub(super) struct Shown<'e>(pub(super) &'e Explanation);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(explanation) = self;
        writeln!(f, "{}", explanation.file)?;
        line(f, "type", &explanation.types.join(", "))?;
        line(f, "rule", &explanation.rule)?;
        let sender = &explanation.sender;
        line(f, "sender", &format!("{}: {}", sender.verdict, sender.reason))?;
        for (name, values) in [
            ("v-nummer", &explanation.references.v_nummers),
            ("bsn", &explanation.references.bsns),
            ("code", &explanation.codes),
        ] {
            if !values.is_empty() {
                line(f, name, &values.join(", "))?;
            }
        }
        self.come_back(f)?;
        self.tasks(f)?;
        for ground in &explanation.why {
            line(f, "because", ground)?;
        }
        self.tried(f)?;
        self.read(f)
    }
}

impl Shown<'_> {
    fn come_back(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(explanation) = self;
        if let Some(bounce) = &explanation.bounce {
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
            line(
                f,
                "bounce",
                &format!("{recipient}: {outcome}, {:?}{status}", bounce.reason),
            )?;
        }
        if let Some(until) = explanation.absence.as_ref().and_then(|absence| absence.until) {
            line(f, "absent", &format!("until and including {until}"))?;
        }
        if let Some(answer) = &explanation.answer {
            let task = answer
                .task
                .map_or_else(|| "no task".to_owned(), |task| format!("task {task}"));
            let intent = answer.intent.unwrap_or("a human must read it");
            line(f, "answer", &format!("{task}: {intent}"))?;
        }
        Ok(())
    }

    fn tasks(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(explanation) = self;
        let reading = &explanation.reading;
        line(f, "received", &reading.received)?;
        if explanation.tasks.is_empty() {
            line(f, "task", "none: it is about our own letters")?;
        }
        for (task, (skipped, route)) in explanation.tasks.iter().zip(&reading.grounds) {
            line(f, "task", &task.title)?;
            line(f, "  due", &task.due)?;
            for day in skipped {
                line(f, "", &format!("  skipped {day}"))?;
            }
            line(f, "  to", &format!("{} ({route})", task.caseload))?;
        }
        Ok(())
    }

    /// Which rules were tried; of those that do not fit the ones that came near.
    fn tried(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let reading = &self.0.reading;
        let Some(source) = &reading.source else {
            return line(f, "tried", "no rules: sender and form settle what it is");
        };
        line(f, "tried", &format!("{} rules of {source}", reading.trials.len()))?;
        for trial in reading.trials.iter().filter(|trial| trial.fits) {
            let when = match trial.rank {
                Rank::First => ", before any code",
                Rank::Ordinary => "",
                Rank::Last => ", which counts only when no other does",
            };
            line(f, "  fits", &format!("{}{when}", trial.rule))?;
        }
        for trial in reading.trials.iter().filter(|trial| comes_near(trial)) {
            line(f, "  not", &format!("{}: {}", trial.rule, why_not(trial)))?;
        }
        Ok(())
    }

    /// What was read, with the words of the rules marked.
    fn read(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let reading = &self.0.reading;
        for (part, title, text) in [
            (Part::Subject, "subject", &reading.subject),
            (Part::Text, "text", &reading.text),
        ] {
            let shown = &text[..text.floor_char_boundary(LONGEST)];
            let mut marks: Vec<Mark> = Vec::new();
            let near: Vec<&str> = reading
                .trials
                .iter()
                .filter(|trial| comes_near(trial))
                .map(|trial| trial.rule.as_str())
                .collect();
            let found = self.0.matches.iter().filter(|found| found.part == part);
            let found =
                found.filter(|found| found.fits || (found.forbids && near.contains(&found.rule.as_str())));
            for found in found.filter(|found| found.span.end <= shown.len()) {
                mark(&mut marks, found);
            }
            if marks.is_empty() {
                marks.push(Mark {
                    span: 0..0,
                    label: "no words of a rule that fits".to_owned(),
                });
            }
            writeln!(f)?;
            let colours = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            f.write_str(&quote(
                &format!("the {title}, as it was read"),
                title,
                shown,
                &marks,
                PAGE,
                colours,
            ))?;
            if shown.len() < text.len() {
                writeln!(f, "  ... and {} bytes more", text.len() - shown.len())?;
            }
        }
        writeln!(f)
    }
}

/// Adds a mark, or its label to the mark that is there already.
fn mark(marks: &mut Vec<Mark>, found: &Match) {
    let label = format!("{} of {}", found.list, found.rule);
    match marks.iter_mut().find(|mark| mark.span == found.span) {
        Some(mark) => mark.label.extend(["; ", &label]),
        None => marks.push(Mark {
            span: found.span.clone(),
            label,
        }),
    }
}

/// Whether a rule does not fit although some of what it asks for stands in the mail.
fn comes_near(trial: &Trial) -> bool {
    !trial.fits && trial.hits.iter().any(|hit| !hit.forbids)
}

fn why_not(trial: &Trial) -> String {
    let forbidden = trial.hits.iter().filter(|hit| hit.forbids);
    let forbidden = forbidden.map(|hit| format!("`{}` forbids it", hit.phrase));
    let missing = trial.missing.iter().map(|what| format!("{what} is not there"));
    forbidden.chain(missing).collect::<Vec<_>>().join(", ")
}

fn line(f: &mut Formatter<'_>, name: &str, value: &str) -> fmt::Result {
    writeln!(f, "  {name:<8}  {value}")
}
