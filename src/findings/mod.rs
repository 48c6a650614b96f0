//! Everything that is wrong with the files that people write, told all at once.
//!
//! Settings, rules and templates are written by hand, so each mistake has to say where it is, why it is one and what
//! to write instead; and a reader stops at nothing, because finding one mistake per run is how an admin loses an
//! afternoon. Whoever reads such a file takes a `&mut Findings`, adds what is wrong and goes on.
//!
//! What this must guarantee: no file, whatever its bytes, makes it panic; and no secret is ever quoted. The second
//! is why a [`SourceFile`] holds two texts of the same length: the one that is read and the one that may be shown.

mod address;
mod readable;
mod reader;
pub mod schema;
mod secrecy;
mod show;
mod source;
mod table;

pub use address::is_mail_address;
pub use reader::{Located, Readable, Value, describe, read_document};
pub use show::{Mark, quote};
pub use source::{SourceFile, Spot};
pub use table::Table;

use std::fmt;

use serde::Serialize;

use source::without_controls;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file works, though probably not as meant.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// One thing that is wrong with a file.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The file, as the user named it.
    pub file: String,
    /// The line, counted from 1; none when the whole file is meant.
    pub line: Option<usize>,
    /// The column in characters, counted from 1.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    #[serde(skip)]
    spot: Option<Spot>,
}

impl Finding {
    /// An error at a place in a file.
    #[must_use]
    pub fn error(spot: &Spot, message: impl Into<String>) -> Self {
        Self::at(Severity::Error, spot, message.into())
    }

    /// A warning about a place in a file.
    #[must_use]
    pub fn warning(spot: &Spot, message: impl Into<String>) -> Self {
        Self::at(Severity::Warning, spot, message.into())
    }

    /// An error about a whole file or folder, for when there is no text to point at.
    #[must_use]
    pub fn about(file: impl fmt::Display, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            file: file.to_string(),
            line: None,
            column: None,
            message: message.into(),
            help: None,
            spot: None,
        }
    }

    /// The same, as a warning.
    #[must_use]
    pub fn only_warn(self) -> Self {
        Self {
            severity: Severity::Warning,
            ..self
        }
    }

    /// The same, with a way out.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    /// The same, with the known name that is most like `name`, or all of them when none is.
    #[must_use]
    pub fn did_you_mean<'n>(self, name: &str, known: impl IntoIterator<Item = &'n str>) -> Self {
        self.help(instead(name, known))
    }

    fn at(severity: Severity, spot: &Spot, message: String) -> Self {
        let (line, column) = spot.position();
        Self {
            severity,
            file: spot.file().name().to_owned(),
            line: Some(line),
            column: Some(column),
            message,
            help: None,
            spot: Some(spot.clone()),
        }
    }
}

/// One line for logs and tests: `rules/people.toml:12:1: error: what is wrong; what to do`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}: {}", self.severity, self.message)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

/// All findings about some files.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    list: Vec<Finding>,
}

impl Findings {
    /// No findings yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one. It may quote names from a file, and those must not steer the terminal that shows it.
    pub fn push(&mut self, finding: Finding) {
        self.list.push(Finding {
            message: without_controls(&finding.message),
            help: finding.help.as_deref().map(without_controls),
            ..finding
        });
    }

    /// Adds those of another reader.
    pub fn append(&mut self, other: Self) {
        self.list.extend(other.list);
    }

    /// All of them, in the order in which they stand in the files.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        let mut sorted: Vec<&Finding> = self.list.iter().collect();
        sorted.sort_by_key(|finding| (&finding.file, finding.line, finding.column));
        sorted.into_iter()
    }

    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// How many of them forbid using the files.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.list
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .count()
    }
}

/// A line each.
impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|finding| writeln!(f, "{finding}"))
    }
}

/// What to write for a name that is not known: the known one that is most like it, or all of them when none is.
#[must_use]
pub fn instead<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(near) = nearest(name, &known) {
        return format!("did you mean `{near}`?");
    }
    match known.len() {
        0 => "no such name is defined yet".to_owned(),
        1..=12 => format!("known here: {}", listed(&known)),
        many => format!("it is like none of the {many} names known here; check the spelling"),
    }
}

/// The name most like `name`, when one is like it at all.
#[must_use]
pub fn nearest<'n>(name: &str, known: &[&'n str]) -> Option<&'n str> {
    let tolerable = (name.chars().count() / 2).clamp(1, 3);
    known
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), *candidate))
        .filter(|(distance, _)| *distance <= tolerable)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `a`, `b`, `c`, for messages.
#[must_use]
pub fn listed<N: fmt::Display>(names: &[N]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_one_line_with_place_reason_and_way_out() {
        let file = SourceFile::new("people.toml", "id = 1\nnaam = \"Joost\"\n");
        let finding = Finding::error(&file.spot(7..11), "`naam` is no key of a person")
            .did_you_mean("naam", ["name", "address"]);
        assert_eq!(
            finding.to_string(),
            "people.toml:2:1: error: `naam` is no key of a person; did you mean `name`?"
        );
    }

    #[test]
    fn names_that_look_like_nothing_known_get_the_list_instead() {
        let file = SourceFile::new("people.toml", "x");
        let finding = Finding::error(&file.spot(0..1), "what").did_you_mean("zebra", ["name", "address"]);
        assert_eq!(finding.help.as_deref(), Some("known here: `name`, `address`"));
    }

    #[test]
    fn nothing_in_a_file_steers_the_terminal_that_shows_it() {
        let file = SourceFile::new("people.toml", "\"a\u{1b}[2J\u{9b}\" = 1\n");
        let mut findings = Findings::new();
        findings.push(Finding::error(&file.spot(0..3), "`a\u{1b}[2J` is no key").help("not\u{7}\nthis"));
        let shown = findings.render(80, false);
        assert!(shown.chars().all(|c| !c.is_control() || c == '\n'), "{shown:?}");
        assert!(
            shown.contains("\"a.[2J..\" = 1") && shown.contains("`a.[2J` is no key"),
            "{shown}"
        );
    }

    #[test]
    fn findings_come_in_the_order_of_the_files() {
        let file = SourceFile::new("a.toml", "x\ny\nz\n");
        let mut findings = Findings::new();
        findings.push(Finding::warning(&file.spot(4..5), "third"));
        findings.push(Finding::error(&file.spot(0..1), "first"));
        let messages: Vec<&str> = findings.iter().map(|f| f.message.as_str()).collect();
        assert_eq!(messages, ["first", "third"]);
        assert_eq!(findings.errors(), 1);
    }
}
