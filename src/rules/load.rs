//! Finding the files, reading them as one and naming the result by a hash.

use std::collections::BTreeSet;
use std::path::Path;

use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};
use walkdir::{DirEntry, WalkDir};

use super::Rules;
use super::check::check;
use super::raw::Raw;
use crate::domain::{ExpectedId, RulesText, RulesVersion};
use crate::findings::{Finding, Findings, SourceFile, read_document};

/// The rules of the example municipality.
static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules");

/// The folder within a rules folder that holds tests of the rules. It is no part of the rules set: it decides nothing,
/// so a test that is added makes no new version of the rules, and no task will ever ask which tests there were.
pub(super) const TESTS: &str = "tests";

/// Folders deeper than this are a mistake, or a link to themselves.
const DEEPEST: usize = 8;

/// Half a SHA-256 in hexadecimal is more than enough to tell rules apart; this much people can still read out.
const VERSION_BYTES: usize = 6;

impl Rules {
    /// Reads and checks all rules files below a folder. Every mistake becomes a finding; nothing is returned when one of
    /// them is an error.
    pub fn load(dir: &Path, findings: &mut Findings) -> Option<Self> {
        let errors_before = findings.errors();
        let files = files_below(dir, &|relative| !relative.starts_with(TESTS), findings);
        if files.is_empty() && findings.errors() == errors_before {
            findings.push(
                Finding::about(dir.display(), "holds no rules files")
                    .help("put `*.toml` files there; those in `rules/` of the source are a good start"),
            );
        }
        let rules = read_files(&dir.display().to_string(), &files, findings);
        rules.filter(|_| findings.errors() == errors_before)
    }

    /// The rules that come with the program.
    ///
    /// # Panics
    /// Never: a test reads them.
    #[must_use]
    pub fn shipped() -> Self {
        let files: Vec<(String, SourceFile)> = Self::shipped_files()
            .map(|(name, text)| (name.to_owned(), SourceFile::new(format!("rules/{name}"), text)))
            .collect();
        read_files("rules", &files, &mut Findings::new()).expect("the embedded rules are read in a test")
    }

    /// The rules that this text makes. What was in force once may not be any more: what must hold grows with the program.
    pub fn of(text: &RulesText, findings: &mut Findings) -> Option<Self> {
        let errors_before = findings.errors();
        let files: Vec<(String, SourceFile)> = text
            .files
            .iter()
            .map(|(name, text)| (name.clone(), SourceFile::new(name.clone(), text)))
            .collect();
        let place = format!("rules {}", text.version);
        read_files(&place, &files, findings).filter(|_| findings.errors() == errors_before)
    }

    /// The names of what the rules of this text expect. None when it cannot be read.
    #[must_use]
    pub fn expected_in(text: &RulesText) -> Option<BTreeSet<ExpectedId>> {
        let mut raw = Raw::default();
        for (name, text) in &text.files {
            let file = SourceFile::new(name.clone(), text);
            read_document(&file, &mut Findings::new(), |top, findings| {
                raw.read(top, findings);
            })?;
        }
        let named = raw.expected.iter().filter_map(|written| written.kind.id.as_ref());
        Some(named.map(|name| ExpectedId::new(&name.value.0)).collect())
    }

    /// Names, relative to the rules folder, and texts of the rules files that come with the program.
    pub fn shipped_files() -> impl Iterator<Item = (&'static str, &'static str)> {
        let files = Self::shipped_folder().into_iter().filter_map(|(name, bytes)| {
            let path = Path::new(name);
            let is_rules = is_toml(path) && !path.starts_with(TESTS);
            is_rules.then(|| Some((name, std::str::from_utf8(bytes).ok()?)))?
        });
        files.collect::<Vec<_>>().into_iter()
    }

    /// Everything in the rules folder that comes with the program, its tests, explanation and schemas too: names
    /// relative to it, in order.
    #[must_use]
    pub fn shipped_folder() -> Vec<(&'static str, &'static [u8])> {
        let mut folders = vec![&SHIPPED];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            folders.extend(folder.dirs());
            files.extend(
                folder
                    .files()
                    .filter_map(|file| Some((file.path().to_str()?, file.contents()))),
            );
        }
        files.sort_unstable();
        files
    }
}

fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "toml")
}

/// All files below a folder whose relative names `wanted` takes, by those names.
pub(super) fn files_below(
    dir: &Path,
    wanted: &dyn Fn(&Path) -> bool,
    findings: &mut Findings,
) -> Vec<(String, SourceFile)> {
    // Editors and version control leave hidden files behind; links are followed, for folders that are mounted.
    let hidden =
        |entry: &DirEntry| entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".");
    let walk = WalkDir::new(dir)
        .follow_links(true)
        .max_depth(DEEPEST)
        .sort_by_file_name();
    let mut files = Vec::new();
    for entry in walk.into_iter().filter_entry(|entry| !hidden(entry)) {
        match entry {
            Ok(entry)
                if entry.file_type().is_file()
                    && is_toml(entry.path())
                    && wanted(entry.path().strip_prefix(dir).unwrap_or(entry.path())) =>
            {
                let relative = entry.path().strip_prefix(dir).unwrap_or(entry.path());
                let name = relative.to_string_lossy().replace('\\', "/");
                files.extend(SourceFile::read(entry.path(), findings).map(|file| (name, file)));
            }
            Ok(_) => {}
            Err(error) => findings.push(
                Finding::about(
                    dir.display(),
                    format!("cannot be searched for rules files: {error}"),
                )
                .help("check the path, and whether the user that Koppelwacht runs as may read it"),
            ),
        }
    }
    files
}

/// Reads files as one set. Whether the parts fit together is only asked once every file can be read: a name that is
/// defined in an unreadable file is not unknown.
fn read_files(place: &str, files: &[(String, SourceFile)], findings: &mut Findings) -> Option<Rules> {
    let mut raw = Raw::default();
    let mut readable = true;
    for (_, file) in files {
        readable &= read_document(file, findings, |top, findings| raw.read(top, findings)).is_some();
    }
    if !readable || files.is_empty() {
        return None;
    }
    check(&raw, text(files), place, findings)
}

/// The files as they are kept, in an order of their own.
fn text(files: &[(String, SourceFile)]) -> RulesText {
    let mut sorted: Vec<(String, String)> = files
        .iter()
        .map(|(name, file)| (name.clone(), file.text().to_owned()))
        .collect();
    sorted.sort_unstable();
    RulesText {
        version: version(&sorted),
        files: sorted,
    }
}

/// A hash over names and texts, whatever the order in which the files were found. Lengths are part of it, so that text
/// cannot move from one file to the next unnoticed.
fn version(sorted: &[(String, String)]) -> RulesVersion {
    let mut hash = Sha256::new();
    for (name, text) in sorted {
        for part in [name, text] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
    }
    let digest = hash.finalize();
    let short = digest
        .iter()
        .take(VERSION_BYTES)
        .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    RulesVersion::new(&format!("{short:0width$x}", width = 2 * VERSION_BYTES))
}
