//! Where the texts of templates come from: the program, and a folder of the municipality.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::{SHIPPED, SUFFIX};
use crate::findings::{Finding, Findings, SourceFile, listed, nearest};

/// The three templates of a letter.
pub(super) const KINDS: [&str; 3] = ["subject", "txt", "html"];

/// The texts of templates.
pub(super) struct Texts {
    /// By file name.
    pub(super) files: BTreeMap<String, SourceFile>,
    /// The municipality's own letters: those that do not come with the program.
    pub(super) own: BTreeSet<String>,
}

impl Texts {
    /// Those that come with the program.
    pub(super) fn shipped() -> Self {
        let files = SHIPPED.files().filter_map(|file| {
            let name = file.path().to_str()?.to_owned();
            let text = file.contents_utf8()?;
            Some((name.clone(), SourceFile::new(name, text)))
        });
        Self {
            files: files.collect(),
            own: BTreeSet::new(),
        }
    }

    /// Puts the files of a folder in the place of those that come with the program, and adds letters of its own; says
    /// whether all could be used.
    pub(super) fn replace(&mut self, dir: &Path, findings: &mut Findings) -> bool {
        let before = findings.len();
        let entries: Vec<_> = match fs::read_dir(dir).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
            Ok(entries) => entries,
            Err(error) => {
                let message = format!("the folder cannot be read: {error}");
                findings
                    .push(Finding::about(dir.display(), message).help("correct `templates` in the settings"));
                return false;
            }
        };
        let mut unknown = BTreeMap::new();
        for path in entries.into_iter().map(|entry| entry.path()) {
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            if !file.ends_with(SUFFIX) {
                continue;
            }
            if let Some(text) = self.files.get_mut(&*file) {
                if let Some(own) = SourceFile::read(&path, findings) {
                    *text = own;
                }
            } else {
                unknown.insert(file.into_owned(), path);
            }
        }
        for (file, path) in &unknown {
            let letter = letter_of(file);
            let missing = letter.as_ref().map(|letter| missing(letter, &unknown));
            match (letter, missing) {
                (Some(letter), Some(missing)) if missing.is_empty() => {
                    let text = SourceFile::read(path, findings);
                    self.files.extend(text.map(|text| (file.clone(), text)));
                    self.own.insert(letter);
                }
                (_, missing) => findings.push(self.unused(file, path, missing)),
            }
        }
        findings.len() == before
    }

    /// A file that no letter uses, and what to do about it.
    fn unused(&self, file: &str, path: &Path, missing: Option<Vec<String>>) -> Finding {
        let known: Vec<&str> = self.files.keys().map(String::as_str).collect();
        let finding = Finding::about(path.display(), "no letter uses a template of this name");
        match missing {
            Some(missing) if nearest(file, &known).is_none() => {
                finding.help(format!("a letter of your own also needs {}", listed(&missing)))
            }
            _ => finding.did_you_mean(file, known),
        }
    }
}

/// The letter that a file belongs to: `herinnering` of `herinnering.txt.hbs`.
fn letter_of(file: &str) -> Option<String> {
    let (letter, kind) = file.strip_suffix(SUFFIX)?.split_once('.')?;
    (!letter.is_empty() && KINDS.contains(&kind)).then(|| letter.to_owned())
}

/// The files that a letter of one's own lacks.
fn missing(letter: &str, given: &BTreeMap<String, PathBuf>) -> Vec<String> {
    KINDS
        .map(|kind| format!("{letter}.{kind}{SUFFIX}"))
        .into_iter()
        .filter(|file| !given.contains_key(file))
        .collect()
}
