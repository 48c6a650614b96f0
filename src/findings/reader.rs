//! Takes values out of TOML, noting whatever does not fit, and going on.
//!
//! The parser recovers from a syntax error by guessing, and what it guesses after an unclosed bracket belongs nowhere.
//! So of a file with a syntax error only the tables that end before it are judged; the rest waits until it is mended.

use std::ops::Range;

use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Finding, Findings, SourceFile, Spot, Table};

/// A value with the place where it was written.
#[derive(Debug, Clone)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub spot: Spot,
}

/// What can be read from a TOML value.
pub trait Readable: Sized {
    /// Reads it, or notes why not.
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self>;

    /// What may stand here, as a JSON schema. It may take more than `read` does, and never less.
    #[must_use]
    fn schema() -> Json {
        Json::Bool(true)
    }
}

/// A value that has not been read yet.
#[derive(Debug, Clone, Copy)]
pub struct Value<'a> {
    pub(super) file: &'a SourceFile,
    pub(super) written: &'a Spanned<DeValue<'a>>,
    pub(super) key: &'a str,
}

impl<'a> Value<'a> {
    /// Where it stands.
    #[must_use]
    pub fn spot(&self) -> Spot {
        self.file.spot(self.written.span())
    }

    /// Where a part of a text stands, given in bytes of that text. All of it, when it is written with escapes: then it
    /// stands there in other bytes.
    #[must_use]
    pub fn spot_within(&self, part: Range<usize>) -> Spot {
        let whole = self.written.span();
        let as_written = self.file.text().get(whole.start + 1..whole.end.saturating_sub(1));
        if as_written.is_none() || as_written != self.as_text() {
            return self.spot();
        }
        let start = whole.start + 1;
        self.file.spot(start + part.start..start + part.end)
    }

    /// The key that it stands behind.
    #[must_use]
    pub fn key(&self) -> &'a str {
        self.key
    }

    /// Notes that it is not what belongs here. The value is not quoted: it may be a secret.
    pub fn refuse<T>(&self, wanted: &str, findings: &mut Findings) -> Option<T> {
        let found = match self.written.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        findings.push(
            Finding::error(&self.spot(), format!("`{}` is {found}", self.key))
                .help(format!("write {wanted}")),
        );
        None
    }

    /// The text, when it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&'a str> {
        match self.written.get_ref() {
            DeValue::String(text) => Some(text),
            _ => None,
        }
    }

    /// Hands the table inside to `read`; a finding that asks for `wanted` when it is none.
    pub fn inside<T>(
        &self,
        what: &'static str,
        wanted: &str,
        findings: &mut Findings,
        read: impl FnOnce(&mut Table<'a>, &mut Findings) -> T,
    ) -> Option<T> {
        let DeValue::Table(table) = self.written.get_ref() else {
            return self.refuse(wanted, findings);
        };
        let mut inner = Table::new(self.file, table, self.written.span(), what);
        let result = read(&mut inner, findings);
        inner.finish(findings);
        Some(result)
    }

    /// The text, when it is one; otherwise a finding that asks for `wanted`.
    pub fn text(&self, wanted: &str, findings: &mut Findings) -> Option<&'a str> {
        match self.as_text() {
            Some(text) => Some(text),
            None => self.refuse(wanted, findings),
        }
    }
}

/// Reads a file and hands its top table to `read`; what `read` does not take is noted as unknown. Returns nothing when
/// the file has syntax errors.
pub fn read_document<T>(
    file: &SourceFile,
    findings: &mut Findings,
    read: impl FnOnce(&mut Table<'_>, &mut Findings) -> T,
) -> Option<T> {
    let (document, errors) = DeTable::parse_recoverable(file.text());
    let mut noted = Findings::new();
    let mut top = Table::new(file, document.get_ref(), 0..0, "the file");
    let result = read(&mut top, &mut noted);
    top.finish(&mut noted);
    let Some(judged_until) = errors.iter().map(|error| last_header_before(file, error)).min() else {
        findings.append(noted);
        return Some(result);
    };
    for error in &errors {
        let finding = Finding::error(
            &file.spot(error.span().unwrap_or(0..0)),
            format!("not TOML: {}", error.message()),
        );
        findings.push(finding.help("texts stand in double quotes, lists in [ ], a table starts with [name]"));
    }
    for finding in noted.list {
        if finding
            .spot
            .as_ref()
            .is_some_and(|spot| spot.span().start < judged_until)
        {
            findings.push(finding);
        }
    }
    None
}

/// What `read` would take from a file, as a JSON schema: `read` is handed an empty file and its questions are written
/// down. So an editor knows exactly the keys that the reader knows.
pub fn describe<T>(read: impl FnOnce(&mut Table<'_>, &mut Findings) -> T) -> Json {
    let file = SourceFile::new("", "");
    let (nothing, _) = DeTable::parse_recoverable(file.text());
    Table::new(&file, nothing.get_ref(), 0..0, "the file").describe(read)
}

/// Where the table starts in which a syntax error is.
fn last_header_before(file: &SourceFile, error: &toml::de::Error) -> usize {
    let at = file.spot(error.span().unwrap_or(0..0)).span().start;
    let line_end = file.text()[at..]
        .find('\n')
        .map_or(file.text().len(), |end| at + end);
    let before = &file.text()[..line_end];
    before.rfind("\n[").map_or(0, |newline| newline + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Person = (Option<String>, Option<u32>);

    fn people(text: &str) -> (Option<Vec<Person>>, Vec<String>) {
        let file = SourceFile::new("f", text);
        let mut findings = Findings::new();
        let people = read_document(&file, &mut findings, |top, findings| {
            top.tables("person", "a person", findings, |table, findings| {
                (table.required("name", findings), table.optional("age", findings))
            })
        });
        (people, findings.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn every_mistake_of_a_file_is_told_at_once() {
        let (_, findings) =
            people("[[person]]\nnaam = \"x\"\nage = \"old\"\n[[person]]\nname = 3\n[[persoon]]\n");
        assert_eq!(
            findings,
            [
                "f:1:1: error: a person has no `name`; add `name = ...`",
                "f:2:1: error: `naam` is no key of a person; did you mean `name`?",
                "f:3:7: error: `age` is a text; write a whole number of 0 or more, without quotes",
                "f:5:8: error: `name` is a number; write a text in double quotes",
                "f:6:3: error: `persoon` is no key of the file; did you mean `person`?",
            ]
        );
    }

    #[test]
    fn of_a_file_with_a_syntax_error_the_tables_before_it_are_judged() {
        let (result, findings) = people("[[person]]\nnaam = \"x\"\n\n[[person]\nname = \"y\"\nage = 1\n");
        assert!(result.is_none());
        assert_eq!(findings.len(), 3, "{findings:#?}");
        assert_eq!(
            findings[0],
            "f:1:1: error: a person has no `name`; add `name = ...`"
        );
        assert!(
            findings[2].starts_with("f:4:10: error: not TOML: unclosed array table"),
            "{findings:#?}"
        );
    }

    #[test]
    fn no_text_makes_it_panic() {
        proptest::proptest!(|(text in "[\\[\\]a-z=\"'\\n{}.,#é0-9 ]{0,80}")| {
            people(&text);
        });
    }
}
