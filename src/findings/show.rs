//! Findings for a terminal: the line with a caret under it.

use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, Severity as Level,
    SourceCode,
};

use super::{Finding, Findings, Severity};

impl Findings {
    /// All of them as text for a terminal of `width` columns, with colours when it can show them. Ends with a line
    /// that counts them.
    #[must_use]
    pub fn render(&self, width: usize, colours: bool) -> String {
        let handler = handler(width, colours);
        let mut out = String::new();
        for finding in self.iter() {
            let shown = Shown::new(finding);
            if handler.render_report(&mut out, &shown).is_err() {
                // Writing to a string does not fail; a source that cannot be shown still leaves the plain line.
                out.push_str(&finding.to_string());
            }
            out.push('\n');
        }
        let errors = self.errors();
        let warnings = self.len() - errors;
        out + &format!("{errors} error(s), {warnings} warning(s)\n")
    }
}

/// A place in a text, with what is to be said about it.
#[derive(Debug, Clone)]
pub struct Mark {
    /// The bytes meant.
    pub span: std::ops::Range<usize>,
    /// What is said.
    pub label: String,
}

/// A whole text, its lines numbered, with marks under the places meant, as findings are shown.
#[must_use]
pub fn quote(title: &str, name: &str, text: &str, marks: &[Mark], width: usize, colours: bool) -> String {
    let all_of_it = text.lines().count();
    let quoted = Quote {
        title: title.to_owned(),
        source: NamedSource::new(name, text.to_owned()),
        marks: marks.to_vec(),
    };
    let mut out = String::new();
    let handler = handler(width, colours).with_context_lines(all_of_it);
    if handler.render_report(&mut out, &quoted).is_err() {
        for mark in marks {
            let quoted = text.get(mark.span.clone()).unwrap_or_default();
            out.extend([mark.label.as_str(), ": ", quoted, "\n"]);
        }
    }
    out
}

fn handler(width: usize, colours: bool) -> GraphicalReportHandler {
    let theme = if colours {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    GraphicalReportHandler::new_themed(theme)
        .with_width(width)
        .with_links(false)
}

/// A quote as miette wants it.
#[derive(Debug)]
struct Quote {
    title: String,
    source: NamedSource<String>,
    marks: Vec<Mark>,
}

impl fmt::Display for Quote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)
    }
}

impl std::error::Error for Quote {}

impl Diagnostic for Quote {
    fn severity(&self) -> Option<Level> {
        Some(Level::Advice)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = |mark: &Mark| LabeledSpan::new_with_span(Some(mark.label.clone()), mark.span.clone());
        Some(Box::new(self.marks.iter().map(label)))
    }
}

/// A finding as miette wants it.
#[derive(Debug)]
struct Shown<'f> {
    finding: &'f Finding,
    source: Option<NamedSource<String>>,
}

impl<'f> Shown<'f> {
    fn new(finding: &'f Finding) -> Self {
        let source = finding
            .spot
            .as_ref()
            .map(|spot| NamedSource::new(spot.file().name(), spot.file().shown().to_owned()));
        Self { finding, source }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.finding.spot.is_none() {
            write!(f, "{}: ", self.finding.file)?;
        }
        f.write_str(&self.finding.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn severity(&self) -> Option<Level> {
        Some(match self.finding.severity {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.finding.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.finding.spot.as_ref()?.span();
        Some(Box::new(std::iter::once(LabeledSpan::underline(span))))
    }
}

#[cfg(test)]
mod tests {
    use super::super::SourceFile;
    use super::*;

    #[test]
    fn a_terminal_sees_the_line_and_never_the_password_above_it() {
        let file = SourceFile::new("koppelwacht.toml", "password = \"hunter2\"\nprot = 993\n");
        let mut findings = Findings::new();
        findings
            .push(Finding::error(&file.spot(21..25), "`prot` is no key here").help("did you mean `port`?"));
        let text = findings.render(100, false);
        assert!(text.contains("koppelwacht.toml:2:1"), "{text}");
        assert!(text.contains("prot = 993"), "{text}");
        assert!(text.contains("did you mean `port`?"), "{text}");
        assert!(text.contains("1 error(s), 0 warning(s)"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let mut findings = Findings::new();
        findings.push(Finding::about("/etc/koppelwacht.toml", "cannot be read"));
        assert!(
            findings
                .render(100, false)
                .contains("/etc/koppelwacht.toml: cannot be read")
        );
    }
}
