//! Templates are tried out before any letter is written with them: each is rendered with every sample of its facts.

use std::collections::BTreeSet;

use handlebars::Context;
use serde::Serialize;

use super::{ENVELOPE, TemplateError, Templates, explain, samples, view};

/// What came of rendering a sample.
struct Trial {
    /// Subject, text and HTML, as far as they could be rendered.
    parts: Vec<String>,
    /// What is wrong.
    errors: Vec<TemplateError>,
    /// Whether the templates laid flat say the same.
    reads_the_same: bool,
}

impl Templates {
    /// Renders every sample; the errors are sorted, each once.
    pub(super) fn try_out(mut self) -> Result<Self, Vec<TemplateError>> {
        let mut errors = BTreeSet::new();
        let mut reads_the_same = true;
        let mut note = |trial: &mut Trial| {
            reads_the_same &= trial.reads_the_same;
            errors.extend(trial.errors.drain(..));
        };
        for content in samples::letters(&self.own) {
            let section = view::Section::of(&content, &samples::REPLY_TO);
            note(&mut self.try_one(content.name(), &section));
        }
        for sample in samples::envelopes() {
            let envelope = view::Envelope::of(sample.name, &sample.sections(), sample.tasks);
            let mut trial = self.try_one(ENVELOPE, &envelope);
            trial.errors.extend(sample.left_out(&trial.parts));
            note(&mut trial);
        }
        if !errors.is_empty() {
            return Err(errors.into_iter().collect());
        }
        if !reads_the_same {
            self.flat = None;
        }
        Ok(self)
    }

    /// Renders a sample both ways.
    fn try_one(&self, name: &str, facts: &impl Serialize) -> Trial {
        let mut trial = Trial {
            parts: Vec::new(),
            errors: Vec::new(),
            reads_the_same: true,
        };
        let facts = match Context::wraps(facts) {
            Ok(facts) => facts,
            Err(error) => {
                trial.errors.push(explain(name, &error));
                return trial;
            }
        };
        let written = self.written.parts(name, &facts);
        trial.reads_the_same = self
            .flat
            .as_ref()
            .is_none_or(|flat| flat.parts(name, &facts) == written);
        for part in written {
            match part {
                Ok(part) => trial.parts.push(part),
                Err(error) => trial.errors.push(error),
            }
        }
        trial
    }
}
