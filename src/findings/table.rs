//! A table of a file: its keys are taken one by one, and those that nobody took are mistakes.
//!
//! The same questions can be put to a table that writes them down instead of answering: that is where the JSON schema
//! for editors comes from, so that there is no second list of keys to forget.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::Value as Json;
use toml::de::{DeTable, DeValue};

use super::schema::{self, Sketch};
use super::{Finding, Findings, Readable, SourceFile, Spot, Value};

/// A table from which values are taken.
#[derive(Debug)]
pub struct Table<'a> {
    file: &'a SourceFile,
    entries: &'a DeTable<'a>,
    span: Range<usize>,
    what: &'static str,
    taken: BTreeSet<&'static str>,
    /// What was asked for, when that is written down.
    sketch: Option<Sketch>,
}

impl<'a> Table<'a> {
    pub(super) fn new(
        file: &'a SourceFile,
        entries: &'a DeTable<'a>,
        span: Range<usize>,
        what: &'static str,
    ) -> Self {
        Self {
            file,
            entries,
            span,
            what,
            taken: BTreeSet::new(),
            sketch: None,
        }
    }

    /// Where it starts.
    #[must_use]
    pub fn spot(&self) -> Spot {
        self.file.spot(self.span.clone())
    }

    /// Whether this key is written, without taking it.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(name, _)| name.get_ref() == key)
    }

    /// Takes a value that must be there.
    pub fn required<T: Readable>(&mut self, key: &'static str, findings: &mut Findings) -> Option<T> {
        if let Some(sketch) = &mut self.sketch {
            sketch.key(key, T::schema());
            sketch.require(key);
            return None;
        }
        let Some(value) = self.take(key) else {
            self.missing(key, findings);
            return None;
        };
        T::read(value, findings)
    }

    /// Takes a value that may be left out. One that does not fit is noted and counts as left out.
    pub fn optional<T: Readable>(&mut self, key: &'static str, findings: &mut Findings) -> Option<T> {
        if let Some(sketch) = &mut self.sketch {
            sketch.key(key, T::schema());
            return None;
        }
        T::read(self.take(key)?, findings)
    }

    /// Takes a value that must be there unless `switch`, which was read as `on`, is written as false.
    pub fn required_unless_off<T: Readable>(
        &mut self,
        switch: &'static str,
        on: bool,
        key: &'static str,
        findings: &mut Findings,
    ) -> Option<T> {
        if let Some(sketch) = &mut self.sketch {
            sketch.key(key, T::schema());
            sketch.require_unless_off(switch, key);
            return None;
        }
        if on {
            self.required(key, findings)
        } else {
            self.optional(key, findings)
        }
    }

    /// Takes one of a few words that must be there.
    pub fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        words: &[(&str, T)],
        findings: &mut Findings,
    ) -> Option<T> {
        if let Some(sketch) = &mut self.sketch {
            sketch.require(key);
        } else if !self.has(key) {
            self.taken.insert(key);
            self.missing(key, findings);
            return None;
        }
        self.optional_choice(key, words, findings)
    }

    /// Takes one of a few words that may be left out.
    pub fn optional_choice<T: Copy>(
        &mut self,
        key: &'static str,
        words: &[(&str, T)],
        findings: &mut Findings,
    ) -> Option<T> {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        if let Some(sketch) = &mut self.sketch {
            sketch.key(key, schema::one_of(&known));
            return None;
        }
        let value = self.take(key)?;
        let word = value.text(&format!("one of {}", super::listed(&known)), findings)?;
        let meant = words.iter().find(|(known, _)| *known == word);
        if meant.is_none() {
            findings.push(
                Finding::error(&value.spot(), format!("`{key}` cannot be this"))
                    .help(format!("write one of {}", super::listed(&known))),
            );
        }
        meant.map(|(_, value)| *value)
    }

    /// Takes a table, `[key]`, and hands it to `read`.
    pub fn table<T>(
        &mut self,
        key: &'static str,
        what: &'static str,
        findings: &mut Findings,
        read: impl FnOnce(&mut Table<'a>, &mut Findings) -> T,
    ) -> Option<T> {
        if self.sketch.is_some() {
            let inner = self.describe(read);
            self.sketch.as_mut()?.key(key, inner);
            return None;
        }
        let value = self.take(key)?;
        value.inside(
            what,
            &format!("a table: `[{key}]` on a line of its own"),
            findings,
            read,
        )
    }

    /// Takes a list of tables, `[[key]]`, and hands each to `read`. None written: an empty list.
    pub fn tables<T>(
        &mut self,
        key: &'static str,
        what: &'static str,
        findings: &mut Findings,
        mut read: impl FnMut(&mut Table<'a>, &mut Findings) -> T,
    ) -> Vec<T> {
        if self.sketch.is_some() {
            let inner = schema::list(&self.describe(read));
            self.sketch.get_or_insert_default().key(key, inner);
            return Vec::new();
        }
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let wanted = format!("tables: `[[{key}]]` on a line of its own, once for each");
        let DeValue::Array(items) = value.written.get_ref() else {
            return value.refuse(&wanted, findings).unwrap_or_default();
        };
        items
            .iter()
            .filter_map(|item| {
                Value {
                    written: item,
                    ..value
                }
                .inside(what, &wanted, findings, &mut read)
            })
            .collect()
    }

    /// Notes that this key must not be written, and says whether it is.
    pub fn forbidden(
        &mut self,
        key: &'static str,
        message: &str,
        help: &str,
        findings: &mut Findings,
    ) -> bool {
        let written = self.entries.iter().find(|(name, _)| name.get_ref() == key);
        if let Some((name, _)) = written {
            self.taken.insert(key);
            findings.push(Finding::error(&self.file.spot(name.span()), message).help(help));
        }
        written.is_some()
    }

    /// What `read` asks of a table, as a JSON schema.
    pub(super) fn describe<T>(&self, read: impl FnOnce(&mut Self, &mut Findings) -> T) -> Json {
        let mut table = Self::new(self.file, self.entries, 0..0, self.what);
        table.sketch = Some(Sketch::default());
        read(&mut table, &mut Findings::new());
        table.sketch.unwrap_or_default().schema()
    }

    fn take(&mut self, key: &'static str) -> Option<Value<'a>> {
        self.taken.insert(key);
        let file = self.file;
        self.entries
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map(|(_, written)| Value { file, written, key })
    }

    fn missing(&self, key: &str, findings: &mut Findings) {
        findings.push(
            Finding::error(&self.spot(), format!("{} has no `{key}`", self.what))
                .help(format!("add `{key} = ...`")),
        );
    }

    /// Notes every key that nobody asked for.
    pub(super) fn finish(self, findings: &mut Findings) {
        for (key, _) in self.entries {
            let name: &str = key.get_ref();
            if !self.taken.contains(name) {
                findings.push(
                    Finding::error(
                        &self.file.spot(key.span()),
                        format!("`{name}` is no key of {}", self.what),
                    )
                    .did_you_mean(name, self.taken.iter().copied()),
                );
            }
        }
    }
}
