//! The house stays as it is drawn: who may import whom, who may ask the time, and that everything shipped checks out.
#![expect(clippy::unwrap_used, reason = "what cannot be set up has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use koppelwacht::findings::Findings;
use koppelwacht::rules::Rules;
use koppelwacht::settings::Settings;
use koppelwacht::templates::Templates;
use regex::Regex;

/// The import table in the head of `src/lib.rs`: a room, and the rooms it may import, in floor order.
fn table() -> Vec<(String, Vec<String>)> {
    let row = Regex::new(r"(?m)^//! \| \[`([a-z]+)`\] \|[^|]*\| ([a-z, ]+) \|$").unwrap();
    let text = fs::read_to_string("src/lib.rs").unwrap();
    let rows: Vec<(String, Vec<String>)> = row
        .captures_iter(&text)
        .map(|row| {
            let imports = row[2].split(", ").filter(|name| *name != "nothing");
            (row[1].to_owned(), imports.map(str::to_owned).collect())
        })
        .collect();
    let declared = text.matches("\npub mod ").count();
    assert_eq!(
        rows.len(),
        declared,
        "every room of src/lib.rs has a row in its table"
    );
    rows
}

/// Crates that have no business in the pure rooms.
const IMPURE: &[&str] = &[
    "tokio",
    "sqlx",
    "tracing",
    "lettre",
    "async_imap",
    "notify",
    "rand",
];

fn sources() -> Vec<(PathBuf, String)> {
    fn collect(dir: &Path, into: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, into);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                into.push((path, text));
            }
        }
    }
    let mut files = Vec::new();
    collect(Path::new("src"), &mut files);
    assert!(
        files.len() > 30,
        "the walk over src/ found too little: {}",
        files.len()
    );
    files
}

fn room(path: &Path) -> String {
    let inside = path.strip_prefix("src").unwrap();
    inside
        .iter()
        .next()
        .unwrap()
        .to_str()
        .unwrap()
        .trim_end_matches(".rs")
        .to_owned()
}

/// The text without comments, so that a link in a doc comment is no import.
fn code(text: &str) -> String {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Every room that a text names through `crate::`, also inside `use crate::{..}` groups.
fn imports(text: &str) -> Vec<String> {
    let single = Regex::new(r"\bcrate::([a-z_]+)").unwrap();
    let group = Regex::new(r"(?s)\bcrate::\{(.*?)\};").unwrap();
    let head = Regex::new(r"(?:^|[,{\s])([a-z_]+)(?:::|\s*[,}]|\s*$)").unwrap();
    let mut found: Vec<String> = single.captures_iter(text).map(|hit| hit[1].to_owned()).collect();
    for group in group.captures_iter(text) {
        found.extend(head.captures_iter(&group[1]).map(|hit| hit[1].to_owned()));
    }
    found
}

#[test]
fn rooms_import_only_what_the_table_allows() {
    let table: BTreeMap<String, Vec<String>> = table().into_iter().collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let room = room(&path);
        if matches!(room.as_str(), "lib" | "main") {
            continue;
        }
        let allowed = table
            .get(room.as_str())
            .unwrap_or_else(|| panic!("{room} is not in the table"));
        for import in imports(&code(&text)) {
            let is_room = table.contains_key(&import);
            if is_room && import != room && !allowed.contains(&import) {
                wrong.push(format!("{} imports {import}", path.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "arrows that the house does not have:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_table_itself_has_no_arrow_upwards() {
    let table = table();
    for (index, (room, allowed)) in table.iter().enumerate() {
        for import in allowed {
            let stands = table.iter().position(|(other, _)| other == import);
            assert!(
                stands.is_some_and(|stands| stands < index),
                "{room} -> {import} goes upwards or nowhere"
            );
        }
    }
}

#[test]
fn the_import_scan_sees_every_way_to_name_a_room() {
    let text = "use crate::store::Store;\nuse crate::{desk::Desk, mail};\nfn f(x: crate::web::Page) {}";
    assert_eq!(imports(text), ["store", "web", "desk", "mail"]);
    assert_eq!(
        imports(&code("/// See [`crate::store`].\n//! crate::mail")),
        [""; 0]
    );
}

#[test]
fn pure_rooms_stay_pure() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if matches!(room(&path).as_str(), "domain" | "rules" | "decide" | "agenda") {
            let code = code(&text);
            for name in IMPURE {
                if Regex::new(&format!(r"\b{name}::")).unwrap().is_match(&code) {
                    wrong.push(format!("{} uses {name}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_clock_asks_the_time() {
    let now = Regex::new(r"\b(Timestamp|Zoned|SystemTime|OffsetDateTime|Utc|Local)::now\(").unwrap();
    let asking: Vec<String> = sources()
        .into_iter()
        .filter(|(_, text)| now.is_match(&code(text)))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert_eq!(asking, ["src/clock.rs"]);
}

#[test]
fn files_stay_readable() {
    let long: Vec<String> = sources()
        .into_iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > 420)
        .map(|(path, lines)| format!("{} has {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn everything_shipped_checks_out() {
    let mut findings = Findings::default();
    let rules = Rules::load(Path::new("rules"), &mut findings);
    let templates = Templates::load(Some(Path::new("templates")), &mut findings);
    let settings = Settings::load(Path::new("systemd/koppelwacht.toml"), &mut findings);
    assert_eq!(findings.to_string(), "");
    assert!(rules.is_some() && templates.is_some() && settings.is_some());
    assert_eq!(
        rules.unwrap().version,
        Rules::shipped().version,
        "the embedded rules are those in rules/"
    );
}
