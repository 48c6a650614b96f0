//! A file as it was read, and places in it.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::secrecy::mask;
use super::{Finding, Findings};

/// No file of ours is longer; a longer one is something else that was named by mistake.
const LONGEST: u64 = 4 * 1024 * 1024;

/// The text of a file with the name that the user knows it by. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SourceFile(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: String,
    text: String,
    shown: String,
}

impl SourceFile {
    /// A text that was read already.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        Self(Arc::new(Inner {
            name: name.into(),
            shown: without_controls(&mask(&text)),
            text,
        }))
    }

    /// Reads a file; what prevents that becomes a finding.
    pub fn read(path: &Path, findings: &mut Findings) -> Option<Self> {
        let mut refuse = |message: String, help: &str| {
            findings.push(Finding::about(path.display(), message).help(help));
            None
        };
        match std::fs::metadata(path) {
            Ok(about) if about.len() > LONGEST => {
                return refuse(
                    format!("holds {} bytes, more than the 4 MiB that are read", about.len()),
                    "is this the file you meant?",
                );
            }
            Ok(_) => {}
            Err(error) => {
                return refuse(
                    format!("cannot be read: {error}"),
                    "check the path, and whether the user that Koppelwacht runs as may read it",
                );
            }
        }
        let name = path.display().to_string();
        match std::fs::read(path).map(String::from_utf8) {
            Ok(Ok(text)) => Some(Self::new(name, text)),
            Ok(Err(error)) => {
                // Up to the first byte that is wrong, what can be shown of it is as long as the file.
                let at = error.utf8_error().valid_up_to();
                let shown = Self::new(name, String::from_utf8_lossy(error.as_bytes()));
                let wrong = shown.spot(at..at + char::REPLACEMENT_CHARACTER.len_utf8());
                findings.push(
                    Finding::error(&wrong, format!("this is not UTF-8 from byte {at} on"))
                        .help("save the file as UTF-8 in your editor"),
                );
                None
            }
            Err(error) => refuse(
                format!("cannot be read: {error}"),
                "check the path, and whether the user that Koppelwacht runs as may read it",
            ),
        }
    }

    /// The name that the user knows it by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The text as it stands in the file.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The text as it may be shown: of the same length, secrets masked, and nothing in it that steers a terminal.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.0.shown
    }

    /// A place in it; a range that is no place in it is moved to the nearest one.
    #[must_use]
    pub fn spot(&self, span: Range<usize>) -> Spot {
        let start = self.boundary_before(span.start);
        let end = self.boundary_before(span.end.max(start));
        Spot {
            file: self.clone(),
            span: start..end,
        }
    }

    fn boundary_before(&self, at: usize) -> usize {
        self.text().floor_char_boundary(at)
    }
}

/// The same text, of the same length, with a dot for each byte that could steer a terminal.
pub(super) fn without_controls(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && !"\n\r\t".contains(c) {
            shown.extend(std::iter::repeat_n('.', c.len_utf8()));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// A place in a file.
#[derive(Debug, Clone)]
pub struct Spot {
    file: SourceFile,
    span: Range<usize>,
}

impl Spot {
    /// The file.
    #[must_use]
    pub fn file(&self) -> &SourceFile {
        &self.file
    }

    /// The bytes meant.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Line and column, in characters, both counted from 1.
    #[must_use]
    pub fn position(&self) -> (usize, usize) {
        let before = self.file.text().get(..self.span.start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        (line, before[line_start..].chars().count() + 1)
    }
}

/// `rules/people.toml:12`, for referring to a place from another finding.
impl std::fmt::Display for Spot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file.name(), self.position().0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_in_characters() {
        let file = SourceFile::new("x", "één\nééntje = 1");
        assert_eq!(file.spot(12..13).position(), (2, 5));
    }

    #[test]
    fn places_outside_the_text_or_inside_a_character_are_moved() {
        let file = SourceFile::new("x", "é");
        assert_eq!(file.spot(1..90).span(), 0..2);
        assert_eq!(file.spot(90..91).span(), 2..2);
    }
}
