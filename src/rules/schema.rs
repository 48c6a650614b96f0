//! JSON schemas of rules files and of test files, for editors: they know the keys, say what each means and underline what
//! cannot be.
//!
//! The keys come from the readers themselves (see [`describe`]); their meanings are in `meaning`, and a test sees to it
//! that every key has one. A schema cannot know whether names are defined or whether rules make sense: that is what
//! `check` is for.

use serde_json::{Value as Json, json};

use super::meaning;
use super::raw::Raw;
use super::rehearsal;
use crate::findings::describe;

/// The draft that editors of TOML know.
const DRAFT: &str = "http://json-schema.org/draft-07/schema#";

/// The schema of rules files.
#[must_use]
pub fn schema() -> Json {
    let keys = describe(|top, findings| Raw::default().read(top, findings));
    explained("Regels van Koppelwacht", keys, &meaning::RULES)
}

/// The schema of the files in `tests/`.
#[must_use]
pub fn test_schema() -> Json {
    explained(
        "Proeven bij de regels van Koppelwacht",
        rehearsal::describe(),
        &meaning::TESTS,
    )
}

fn explained(title: &str, mut schema: Json, meanings: &[&[(&str, &str)]]) -> Json {
    for (path, meaning) in meanings.iter().copied().flatten() {
        if let Some(key) = schema.pointer_mut(&pointer(path)) {
            key["description"] = json!(meaning);
        }
    }
    schema["$schema"] = json!(DRAFT);
    schema["title"] = json!(title);
    schema
}

/// Tables that come once: in the schema they have no items.
const ONCE: [&str; 7] = [
    "calendar.",
    "cover.",
    "drift.",
    "drill.",
    "letters.",
    "out_of_office.",
    "silence.",
];

/// `ladder.rung.wait` -> where that key stands in the schema.
fn pointer(path: &str) -> String {
    let mut pointer = String::new();
    for (index, key) in path.split('.').enumerate() {
        if index > 0 && !ONCE.iter().any(|table| path.starts_with(table)) {
            pointer.push_str("/items");
        }
        pointer.extend(["/properties/", key]);
    }
    pointer
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn paths(schema: &Json, prefix: &str, into: &mut BTreeSet<String>) {
        let table = if schema["type"] == "array" {
            &schema["items"]
        } else {
            schema
        };
        let Some(keys) = table["properties"].as_object() else {
            return;
        };
        for (key, inner) in keys {
            let path = format!("{prefix}{key}");
            paths(inner, &format!("{path}."), into);
            into.insert(path);
        }
    }

    #[test]
    fn every_key_has_a_meaning_and_every_meaning_a_key() {
        for (schema, meanings) in [
            (schema(), &meaning::RULES[..]),
            (test_schema(), &meaning::TESTS[..]),
        ] {
            let mut keys = BTreeSet::new();
            paths(&schema, "", &mut keys);
            let explained: BTreeSet<String> = meanings
                .iter()
                .copied()
                .flatten()
                .map(|(path, _)| (*path).to_owned())
                .collect();
            assert_eq!(keys, explained);
            for (path, meaning) in meanings.iter().copied().flatten() {
                assert_eq!(schema.pointer(&pointer(path)).unwrap()["description"], *meaning);
            }
        }
    }

    #[test]
    fn no_key_takes_just_anything() {
        fn check(schema: &Json, at: &str) {
            assert!(*schema != Json::Bool(true), "{at} takes anything");
            for (key, inner) in schema["properties"].as_object().into_iter().flatten() {
                check(inner, &format!("{at}.{key}"));
            }
            if schema.get("items").is_some() {
                check(&schema["items"], at);
            }
        }
        check(&schema(), "rules");
        check(&test_schema(), "tests");
    }
}
