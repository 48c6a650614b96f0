//! The words of letters: three templates for each occasion, and the pieces that they share.
//!
//! A letter is put into words in two steps. When it is decided, [`Templates::render`] makes a *section* of it: what it
//! says, in plain text and as a piece of HTML. When it leaves, [`Templates::envelope`] puts the sections that go to one
//! reader into one message, with one greeting. A letter alone keeps its own subject.
//!
//! A municipality may replace any file of `templates/` by one of the same name in a folder of its own, and add letters
//! of its own there, which its ladders can name. Whatever it writes there is read once, when the rules are loaded, and
//! rendered with a sample for every combination of facts that a letter can have: a field that does not exist is found
//! then, and not in the night on which the one letter that names it is due. Handlebars looks at a condition loosely
//! even in strict mode, so that a misspelt `{{#if nmae}}` would quietly be false for ever; `dutch` brings a strict `if`
//! and `unless` instead. And an envelope that leaves out what is in it, or shows HTML as text, is refused.
//!
//! What the check cannot see is a field behind a comparison with a value that no sample has, such as a certain task
//! number. That letter is written by [`bare`]: plain, but on time.
//!
//! A letter is written from templates laid flat (`flat`), which spares copies of its facts; the check compares every
//! sample written both ways, and templates with which they differ are used as they were written. What goes wrong is
//! always told from the templates as they were written: only they know their files and lines.
//!
//! Values are escaped in HTML, and only there; the HTML of sections alone goes into an envelope as it is. A subject is
//! one line whatever its template and the title make of it. A file whose name tells no kind, such as `said.hbs`, is a
//! piece for plain text and HTML alike.

pub mod bare;
mod circle;
mod document;
mod dutch;
mod files;
mod flat;
mod marked;
mod samples;
mod trial;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use handlebars::{Context, Handlebars, RenderError};
use include_dir::{Dir, include_dir};
use serde::Serialize;

pub use document::{
    day_in_words, document, recurrence_in_words, shift_in_words, short_day_in_words, term_in_words,
};
pub use view::ReplyTo;

use crate::domain::{Content, Occasion, Words};
use crate::findings::{Finding, Findings, SourceFile};
use files::{KINDS, Texts};

/// The templates that come with the program.
static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// How the name of a template file ends.
const SUFFIX: &str = ".hbs";

/// The templates of the envelope.
const ENVELOPE: &str = "envelope";

/// The templates, checked.
pub struct Templates {
    /// As they were written.
    written: Registries,
    /// The same, laid flat; none when that changes what they say.
    flat: Option<Registries>,
    /// The municipality's own letters.
    own: BTreeSet<String>,
}

/// The compiled templates.
#[derive(Clone)]
struct Registries {
    /// Subjects and plain text: values as they are.
    plain: Handlebars<'static>,
    /// HTML: values escaped.
    html: Handlebars<'static>,
}

/// Subject, text and HTML, each on its own, so that a check finds what is wrong with all three.
type Parts = [Result<String, TemplateError>; 3];

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
        Self::compile(Texts::shipped())
            .map_err(|(errors, _)| errors)
            .unwrap_or_else(|errors| unreachable!("a test compiles these very files: {errors:?}"))
            .0
    }

    /// The templates that come with the program, with those in `dir` instead where they exist, and the letters that it
    /// adds. Each is rendered with samples before it is accepted; what is wrong is added to `findings`, and then there
    /// are no templates.
    pub fn load(dir: Option<&Path>, findings: &mut Findings) -> Option<Self> {
        let Some(dir) = dir else {
            return Some(Self::shipped());
        };
        let mut texts = Texts::shipped();
        let complete = texts.replace(dir, findings);
        let checked = Self::compile(texts).and_then(|(templates, files)| {
            let tried = templates.try_out();
            tried.map_err(|errors| (errors, files))
        });
        match checked {
            Ok(templates) => complete.then_some(templates),
            Err((errors, files)) => {
                for error in errors {
                    findings.push(error.in_file(&files));
                }
                None
            }
        }
    }

    /// Whether there are templates of this name for a letter about a task.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.own.contains(name) || Occasion::ALL.iter().any(|occasion| occasion.name() == name)
    }

    /// Puts a letter into words: a section of the message it leaves in.
    ///
    /// # Errors
    /// A template names something that does not exist, in a place that no sample reached.
    pub fn render(&self, content: &Content, reply_to: &ReplyTo<'_>) -> Result<Words, TemplateError> {
        let words = self.words(content.name(), &view::Section::of(content, reply_to))?;
        Ok(if content.is_drill() {
            marked::marked(words)
        } else {
            words
        })
    }

    /// Puts sections into one message, in this order. Greets by name, or a colleague. Tells how to answer when there are
    /// `tasks` among them.
    ///
    /// # Errors
    /// A template names something that does not exist, in a place that no sample reached.
    pub fn envelope(
        &self,
        name: Option<&str>,
        sections: &[&Words],
        tasks: bool,
    ) -> Result<Words, TemplateError> {
        let mut words = self.words(ENVELOPE, &view::Envelope::of(name, sections, tasks))?;
        if let [alone] = sections {
            words.subject.clone_from(&alone.subject);
        }
        Ok(words)
    }

    fn words(&self, name: &str, facts: &impl Serialize) -> Result<Words, TemplateError> {
        let facts = Context::wraps(facts).map_err(|error| explain(name, &error))?;
        let flat = self
            .flat
            .as_ref()
            .and_then(|flat| words(flat.parts(name, &facts)).ok());
        flat.map_or_else(|| words(self.written.parts(name, &facts)), Ok)
    }

    /// Compiles all texts; gives them back for whoever has to show what is wrong in them.
    fn compile(texts: Texts) -> Result<(Self, Files), (Vec<TemplateError>, Files)> {
        let mut written = Registries {
            plain: registry(handlebars::no_escape),
            html: registry(handlebars::html_escape),
        };
        let mut errors = Vec::new();
        for (file, text) in &texts.files {
            let name = file.strip_suffix(SUFFIX).unwrap_or(file);
            let kind = name.rsplit_once('.').map(|(_, kind)| kind);
            let plain = (kind != Some("html")).then_some(&mut written.plain);
            let html = (kind.is_none() || kind == Some("html")).then_some(&mut written.html);
            for registry in plain.into_iter().chain(html) {
                if let Err(error) = registry.register_template_string(name, text.text()) {
                    errors.push(TemplateError {
                        template: file.clone(),
                        line: error.pos().map(|(line, _)| line),
                        reason: dutch::syntax(error.reason()),
                    });
                }
            }
        }
        errors.extend(written.circles());
        errors.dedup();
        if !errors.is_empty() {
            return Err((errors, texts.files));
        }
        let flat = Some(written.laid_flat());
        let own = texts.own;
        Ok((Self { written, flat, own }, texts.files))
    }
}

/// The text of each template, by file name.
type Files = BTreeMap<String, SourceFile>;

impl Registries {
    fn parts(&self, name: &str, facts: &Context) -> Parts {
        KINDS.map(|kind| {
            let registry = if kind == "html" { &self.html } else { &self.plain };
            let template = format!("{name}.{kind}");
            registry
                .render_with_context(&template, facts)
                .map_err(|error| explain(&template, &error))
        })
    }

    /// What would make a letter that never ends.
    fn circles(&self) -> BTreeSet<TemplateError> {
        let registries = [&self.plain, &self.html];
        let found = registries.map(|registry| circle::find(registry.get_templates()));
        found.into_iter().flatten().collect()
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
fn words([subject, text, html]: Parts) -> Result<Words, TemplateError> {
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
    fn in_file(self, files: &Files) -> Finding {
        let Some(file) = files.get(&self.template) else {
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
        let files = Texts::shipped().files;
        let none = BTreeSet::new();
        let letters = samples::letters(&none).map(|sample| sample.name().to_owned());
        for name in letters.chain([ENVELOPE.to_owned()]) {
            for kind in KINDS {
                let file = format!("{name}.{kind}{SUFFIX}");
                assert!(files.contains_key(&file), "{file} is missing");
            }
        }
    }

    #[test]
    fn every_sample_can_be_rendered_with_the_templates_that_come_with_the_program() {
        let templates = Templates::shipped();
        for sample in samples::letters(&BTreeSet::new()) {
            let words = templates.render(&sample, &samples::REPLY_TO).unwrap();
            assert!(!words.text.is_empty() && !words.html.is_empty());
            templates.envelope(None, &[&words, &words], true).unwrap();
        }
    }

    #[test]
    fn what_comes_with_the_program_reads_the_same_laid_flat() {
        let templates = Templates::shipped().try_out().unwrap();
        let flat = templates.flat.expect("no sample differs");
        let is_piece = |element: &&TemplateElement| {
            matches!(
                element,
                TemplateElement::PartialExpression(_) | TemplateElement::PartialBlock(_)
            )
        };
        for name in ["escalation.html", "answered.html", "envelope.html"] {
            let elements = flat.html.get_templates()[name].elements.iter();
            assert_eq!(
                elements.filter(is_piece).count(),
                0,
                "every piece is in its place"
            );
        }
    }

    #[test]
    fn a_subject_is_one_line() {
        assert_eq!(one_line("a\r\nBcc: x@y.nl\u{2028}\u{85}b\0 "), "a Bcc: x@y.nl b");
    }
}
