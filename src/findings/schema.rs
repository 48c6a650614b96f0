//! JSON schemas (draft 7, which editors of TOML know) of what a reader takes.
//!
//! `schemars` makes such schemas of serde types; our files are read by hand, for the sake of findings, so the reader
//! itself is asked.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

/// The questions that were put to a table.
#[derive(Debug, Default)]
pub(super) struct Sketch {
    properties: Map<String, Json>,
    required: Vec<&'static str>,
    /// Keys that are required unless a switch is off, by switch.
    unless_off: BTreeMap<&'static str, Vec<&'static str>>,
}

impl Sketch {
    pub(super) fn key(&mut self, key: &str, schema: Json) {
        self.properties.insert(key.to_owned(), schema);
    }

    pub(super) fn require(&mut self, key: &'static str) {
        self.required.push(key);
    }

    pub(super) fn require_unless_off(&mut self, switch: &'static str, key: &'static str) {
        self.unless_off.entry(switch).or_default().push(key);
    }

    /// A table with these keys and no others.
    pub(super) fn schema(self) -> Json {
        let mut schema = json!({
            "type": "object",
            "additionalProperties": false,
            "properties": self.properties,
        });
        if !self.required.is_empty() {
            schema["required"] = json!(self.required);
        }
        let switches: Vec<Json> = self
            .unless_off
            .iter()
            .map(|(switch, keys)| {
                json!({
                    "if": { "properties": { *switch: { "const": false } }, "required": [switch] },
                    "else": { "required": keys },
                })
            })
            .collect();
        if !switches.is_empty() {
            schema["allOf"] = json!(switches);
        }
        schema
    }
}

/// A text that matches this regular expression.
#[must_use]
pub fn text(pattern: &str) -> Json {
    json!({ "type": "string", "pattern": pattern })
}

/// One of these words.
pub(super) fn one_of(words: &[&str]) -> Json {
    json!({ "enum": words })
}

/// A list of such things.
#[must_use]
pub fn list(items: &Json) -> Json {
    json!({ "type": "array", "items": items })
}
