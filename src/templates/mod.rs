//! The words of letters: three templates for each occasion, and the pieces that they share.
//!
//! A municipality may replace any file of `templates/` by one of the same name in a folder of its own. Whatever it
//! writes there is read once, when the rules are loaded, and rendered with a sample for every combination of facts
//! that a letter can have: a field that does not exist is found then, and not in the night on which the one letter
//! that names it is due. Handlebars looks at a condition loosely even in strict mode, so that a misspelt
//! `{{#if nmae}}` would quietly be false for ever; `dutch` brings a strict `if` and `unless` instead.
//!
//! What the check cannot see is a field behind a comparison with a value that no sample has, such as a certain task
//! number. That letter is written by [`bare`]: plain, but on time.
//!
//! A letter is written from templates laid flat (`flat`), which spares copies of its facts; the check compares every
//! sample written both ways, and templates with which they differ are used as they were written. What goes wrong is
//! always told from the templates as they were written: only they know their files and lines.
//!
//! Values are escaped in HTML, and only there. A subject is one line whatever its template and the title make of it.

mod bare;
mod document;
mod dutch;
mod flat;
mod samples;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fs, io};

use handlebars::{Context, Handlebars, RenderError};
use include_dir::{Dir, include_dir};

pub use bare::bare;
pub use document::{day_in_words, document, term_in_words};

use crate::domain::{Content, Words};
use crate::findings::{Finding, Findings, SourceFile};

/// The templates that come with the program.
static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// How the name of a template file ends.
const SUFFIX: &str = ".hbs";

/// The templates, checked.
pub struct Templates {
    /// As they were written.
    written: Registries,
    /// The same, laid flat; none when that changes what they say.
    flat: Option<Registries>,
}

/// The compiled templates.
#[derive(Clone)]
struct Registries {
    /// Subjects and plain text: values as they are.
    plain: Handlebars<'static>,
    /// HTML: values escaped.
    html: Handlebars<'static>,
}

/// Why a letter could not be put into words. The letter itself is not lost: [`bare`] words will do, and a human has
/// to look at the template.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{template}{}: {reason}", line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct TemplateError {
    /// The file, such as `new_task.txt.hbs`.
    pub template: String,
    /// The line in it, counted from 1, where that is known.
    pub line: Option<usize>,
    /// What is wrong, and what to write instead.
    pub reason: String,
}

impl Templates {
    /// The templates that come with the program.
    #[must_use]
    pub fn shipped() -> Self {
        Self::compile(&shipped_texts())
            .unwrap_or_else(|errors| unreachable!("a test compiles these very files: {errors:?}"))
    }

    /// The templates that come with the program, with those in `dir` instead where they exist. Each is rendered with
    /// samples before it is accepted; what is wrong is added to `findings`, and then there are no templates.
    pub fn load(dir: Option<&Path>, findings: &mut Findings) -> Option<Self> {
        let Some(dir) = dir else {
            return Some(Self::shipped());
        };
        let mut texts = shipped_texts();
        let complete = replace(&mut texts, dir, findings);
        let checked = Self::compile(&texts).and_then(Self::try_out);
        match checked {
            Ok(templates) => complete.then_some(templates),
            Err(errors) => {
                for error in errors {
                    findings.push(error.in_file(&texts));
                }
                None
            }
        }
    }

    /// Renders every sample; the errors are sorted, each once.
    fn try_out(mut self) -> Result<Self, Vec<TemplateError>> {
        let mut errors = BTreeSet::new();
        for sample in samples::all() {
            let written = self.written.parts(&sample);
            if self
                .flat
                .as_ref()
                .is_some_and(|flat| flat.parts(&sample) != written)
            {
                self.flat = None;
            }
            errors.extend(written.into_iter().filter_map(Result::err));
        }
        if errors.is_empty() {
            Ok(self)
        } else {
            Err(errors.into_iter().collect())
        }
    }

    /// Puts a letter into words.
    ///
    /// # Errors
    /// A template names something that does not exist, in a place that no sample reached.
    pub fn render(&self, content: &Content) -> Result<Words, TemplateError> {
        let flat = self
            .flat
            .as_ref()
            .and_then(|flat| words(flat.parts(content)).ok());
        flat.map_or_else(|| words(self.written.parts(content)), Ok)
    }

    /// Compiles all texts, whose keys are file names.
    fn compile(texts: &BTreeMap<String, SourceFile>) -> Result<Self, Vec<TemplateError>> {
        let mut written = Registries {
            plain: registry(handlebars::no_escape),
            html: registry(handlebars::html_escape),
        };
        let mut errors = Vec::new();
        for (file, text) in texts {
            let name = file.trim_end_matches(SUFFIX);
            let registry = match name.rsplit_once('.') {
                Some((_, "html")) => &mut written.html,
                _ => &mut written.plain,
            };
            if let Err(error) = registry.register_template_string(name, text.text()) {
                errors.push(TemplateError {
                    template: file.clone(),
                    line: error.pos().map(|(line, _)| line),
                    reason: dutch::syntax(error.reason()),
                });
            }
        }
        if errors.is_empty() {
            let flat = Some(written.laid_flat());
            Ok(Self { written, flat })
        } else {
            Err(errors)
        }
    }
}

impl Registries {
    /// Subject, text and HTML, each on its own, so that a check finds what is wrong with all three.
    fn parts(&self, content: &Content) -> [Result<String, TemplateError>; 3] {
        let name = content.name();
        let facts = Context::wraps(content);
        [
            (&self.plain, "subject"),
            (&self.plain, "txt"),
            (&self.html, "html"),
        ]
        .map(|(registry, kind)| {
            let template = format!("{name}.{kind}");
            let facts = facts.as_ref().map_err(|error| explain(&template, error))?;
            registry
                .render_with_context(&template, facts)
                .map_err(|error| explain(&template, &error))
        })
    }

    /// The same templates with their pieces in place.
    fn laid_flat(&self) -> Self {
        let mut flat = self.clone();
        for registry in [&mut flat.plain, &mut flat.html] {
            let pieces = registry.get_templates().clone();
            for (name, template) in &pieces {
                registry.register_template(name, flat::lay(template, &pieces));
            }
        }
        flat
    }
}

/// The parts as a letter. Handlebars writes each into 8 KiB, of which a letter that waits for its transaction keeps
/// only what it fills.
fn words([subject, text, html]: [Result<String, TemplateError>; 3]) -> Result<Words, TemplateError> {
    let [subject, mut text, mut html] = [subject?, text?, html?];
    text.shrink_to_fit();
    html.shrink_to_fit();
    Ok(Words {
        subject: one_line(&subject),
        text,
        html,
    })
}

impl TemplateError {
    /// The same, pointing into the file as it was read.
    fn in_file(self, texts: &BTreeMap<String, SourceFile>) -> Finding {
        let Some(file) = texts.get(&self.template) else {
            return Finding::about(self.template, self.reason);
        };
        let line = self.line.unwrap_or(1).max(1);
        let lines: Vec<&str> = file.text().split_inclusive('\n').take(line).collect();
        let end: usize = lines.iter().map(|line| line.len()).sum();
        let start = end - lines.last().map_or(0, |line| line.len());
        let shown = file.text()[start..end].trim_end().len();
        Finding::error(&file.spot(start..start + shown), self.reason)
    }
}

impl std::fmt::Debug for Templates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count = self.written.plain.get_templates().len() + self.written.html.get_templates().len();
        write!(f, "Templates({count})")
    }
}

fn registry(escape: fn(&str) -> String) -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.register_escape_fn(escape);
    dutch::register(&mut registry);
    registry
}

/// The text of each template that comes with the program, by file name.
fn shipped_texts() -> BTreeMap<String, SourceFile> {
    SHIPPED
        .files()
        .filter_map(|file| {
            let name = file.path().to_str()?.to_owned();
            let text = file.contents_utf8()?;
            Some((name.clone(), SourceFile::new(name, text)))
        })
        .collect()
}

/// Puts the files of a folder in the place of those that come with the program; says whether all could be.
fn replace(texts: &mut BTreeMap<String, SourceFile>, dir: &Path, findings: &mut Findings) -> bool {
    let before = findings.len();
    let entries: Vec<_> = match fs::read_dir(dir).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
        Ok(entries) => entries,
        Err(error) => {
            let message = format!("the folder cannot be read: {error}");
            findings.push(Finding::about(dir.display(), message).help("correct `templates` in the settings"));
            return false;
        }
    };
    for path in entries.into_iter().map(|entry| entry.path()) {
        let file = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !file.ends_with(SUFFIX) {
            continue;
        }
        if let Some(text) = texts.get_mut(&file) {
            if let Some(own) = SourceFile::read(&path, findings) {
                *text = own;
            }
        } else {
            findings.push(
                Finding::about(path.display(), "no letter uses a template of this name")
                    .did_you_mean(&file, texts.keys().map(String::as_str)),
            );
        }
    }
    findings.len() == before
}

/// A rendering error in the words of somebody who edits templates.
fn explain(template: &str, error: &RenderError) -> TemplateError {
    TemplateError {
        template: format!("{}{SUFFIX}", error.template_name.as_deref().unwrap_or(template)),
        line: error.line_no,
        reason: dutch::reason(template, error.reason()),
    }
}

/// The text on one line: a line break in a subject would start a header of its own.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use handlebars::template::TemplateElement;

    use super::*;

    #[test]
    fn every_letter_has_a_subject_a_text_and_html() {
        let texts = shipped_texts();
        for sample in samples::all() {
            for kind in ["subject", "txt", "html"] {
                let file = format!("{}.{kind}{SUFFIX}", sample.name());
                assert!(texts.contains_key(&file), "{file} is missing");
            }
        }
    }

    #[test]
    fn every_sample_can_be_rendered_with_the_templates_that_come_with_the_program() {
        let templates = Templates::shipped();
        for sample in samples::all() {
            let words = templates.render(&sample).unwrap();
            assert!(!words.text.is_empty() && !words.html.is_empty());
        }
    }

    #[test]
    fn what_comes_with_the_program_reads_the_same_laid_flat() {
        let templates = Templates::shipped().try_out().unwrap();
        let flat = templates.flat.expect("no sample differs");
        let pieces = flat.html.get_templates()["escalation.html"].elements.iter();
        let included = pieces.filter(|piece| matches!(piece, TemplateElement::PartialExpression(_)));
        assert_eq!(included.count(), 0, "every piece is in its place");
    }

    #[test]
    fn a_subject_is_one_line() {
        assert_eq!(one_line("a\r\nBcc: x@y.nl\u{2028}\u{85}b\0 "), "a Bcc: x@y.nl b");
    }
}
