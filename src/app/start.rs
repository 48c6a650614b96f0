//! The files that a municipality starts with: the shipped rules with its own people, and settings to fill in.
//!
//! What is written passes `check`, tests included, or nothing is left behind.

use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Serialize;

use super::Installation;
use crate::findings::{Findings, is_mail_address};
use crate::rules::Rules;
use crate::settings::Settings;
use crate::templates::{TemplateError, document};

/// The settings file within the folder.
pub const SETTINGS: &str = "koppelwacht.toml";

/// Who the example municipality is; these words are replaced in its settings, and where drills go.
const EXAMPLE: [&str; 2] = ["Gemeente Voorbeeld", "gemeente-voorbeeld.nl"];

/// The answers of a municipality.
#[derive(Debug, Clone)]
pub struct Beginning {
    /// The first day whose mail is watched.
    pub today: Date,
    /// How letters name it.
    pub municipality: String,
    /// Its mail domain.
    pub domain: String,
    /// Its people.
    pub people: Vec<Newcomer>,
    /// Its caseloads, at least one.
    pub caseloads: Vec<Pile>,
    /// The team lead of all caseloads: the name of a person.
    pub lead: Option<String>,
    /// An address that several people read.
    pub functional: String,
    /// Who is told what is wrong with the rules.
    pub admin: Option<String>,
    /// The caseloads for asielstatushouders, for gezinsmigranten and overige migranten, and for everything else.
    pub asylum: String,
    /// See `asylum`.
    pub family: String,
    /// See `asylum`.
    pub triage: String,
}

/// Somebody who handles tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newcomer {
    /// The name in rules.
    pub id: String,
    /// The name in letters.
    pub name: String,
    /// Where letters go; the name in rules at the municipality's domain, when nobody says otherwise.
    pub address: Option<String>,
}

/// A caseload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pile {
    /// The name in rules.
    pub id: String,
    /// Who handles it first.
    pub owner: String,
    /// Who stands in.
    pub deputies: Vec<String>,
}

/// Why there are no such files now.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The folder holds something.
    #[error("{0} is not empty; name a new folder, so that nothing of yours is written over")]
    NotEmpty(PathBuf),
    /// It is no mail address.
    #[error("`{0}` is no mail address; write it alone, as team@gemeente-voorbeeld.nl")]
    NoAddress(String),
    /// A file cannot be written.
    #[error("{0} cannot be written: {1}; check the path, and whether you may write there")]
    Unwritable(PathBuf, io::Error),
    /// A defect.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// What would be written has mistakes.
    #[error("with these answers the rules would not be sound; nothing is left in the folder")]
    Unsound(Findings),
}

fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> StartError + use<> {
    let path = path.to_owned();
    move |error| StartError::Unwritable(path, error)
}

/// Writes files into an empty folder, and sees whether they are sound.
fn fill(dir: &Path, files: &[(PathBuf, Vec<u8>)]) -> Result<(), StartError> {
    for (name, content) in files {
        let path = dir.join(name);
        let folder = path.parent().unwrap_or(dir);
        std::fs::create_dir_all(folder).map_err(unwritable(folder))?;
        std::fs::write(&path, content).map_err(unwritable(&path))?;
    }
    let mut findings = Findings::new();
    if let Some(installation) = Installation::load(Some(&dir.join(SETTINGS)), &mut findings) {
        installation.rehearse(&mut findings);
    }
    if findings.errors() == 0 {
        Ok(())
    } else {
        Err(StartError::Unsound(findings))
    }
}

/// Empties the folder again: it was empty, so all that is in it is ours.
fn clear(dir: &Path) -> Result<(), StartError> {
    let gone = |path: PathBuf, removed: io::Result<()>| match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritable(&path)(error)),
        _ => Ok(()),
    };
    let (rules, settings) = (dir.join("rules"), dir.join(SETTINGS));
    let removed = std::fs::remove_dir_all(&rules);
    gone(rules, removed)?;
    let removed = std::fs::remove_file(&settings);
    gone(settings, removed)
}

impl Beginning {
    /// Writes the files into a folder that is empty or does not exist yet.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn write(&self, dir: &Path) -> Result<(), StartError> {
        let addresses = self.people.iter().filter_map(|person| person.address.as_ref());
        if let Some(wrong) = addresses
            .chain([&self.functional])
            .chain(&self.admin)
            .find(|address| !is_mail_address(address))
        {
            return Err(StartError::NoAddress(wrong.clone()));
        }
        let files = self.files()?;
        std::fs::create_dir_all(dir).map_err(unwritable(dir))?;
        if std::fs::read_dir(dir).map_err(unwritable(dir))?.next().is_some() {
            return Err(StartError::NotEmpty(dir.to_owned()));
        }
        fill(dir, &files).or_else(|error| {
            clear(dir)?;
            Err(error)
        })
    }

    /// All files: names relative to the folder, and contents.
    fn files(&self) -> Result<Vec<(PathBuf, Vec<u8>)>, StartError> {
        let mut files = vec![(PathBuf::from(SETTINGS), self.settings().into_bytes())];
        for (name, bytes) in Rules::shipped_folder() {
            let content = match name {
                "people.toml" => document("start/people.toml", &self.facts())?.into_bytes(),
                "caseloads.toml" => document("start/caseloads.toml", &self.facts())?.into_bytes(),
                "drills.toml" => String::from_utf8_lossy(bytes)
                    .replace(EXAMPLE[1], &self.domain)
                    .into_bytes(),
                _ if name == "chores.toml" || name.starts_with("tests/") => self.own_caseloads(bytes),
                _ => bytes.to_vec(),
            };
            files.push((Path::new("rules").join(name), content));
        }
        Ok(files)
    }

    /// The settings of the example municipality, with this one's name and domain.
    fn settings(&self) -> String {
        let example = "\nadmin = \"functioneelbeheer@gemeente-voorbeeld.nl\"";
        let admin = match &self.admin {
            Some(address) => format!("\nadmin = {}", quoted(address)),
            None => example.replacen("\nadmin", "\n# admin", 1),
        };
        Settings::example_text()
            .replace(example, &admin)
            .replace("# rules = \"rules\"", "rules = \"rules\"")
            .replace("# since = 2026-11-30", &format!("since = {}", self.today))
            .replace(&quoted(EXAMPLE[0]), &quoted(&self.municipality))
            .replace(EXAMPLE[1], &self.domain)
    }

    /// A file of the example municipality, such as a test, with the caseloads of this one.
    fn own_caseloads(&self, bytes: &[u8]) -> Vec<u8> {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return bytes.to_vec();
        };
        let own = [
            ("asiel", &self.asylum),
            ("gezinsmigranten", &self.family),
            ("triage", &self.triage),
        ];
        let line = |line: &str| {
            let renamed = own
                .iter()
                .find(|(example, _)| line.trim_end() == format!("caseload = \"{example}\""));
            renamed.map_or_else(
                || line.to_owned(),
                |(_, id)| format!("caseload = {}\n", quoted(id)),
            )
        };
        text.split_inclusive('\n')
            .map(line)
            .collect::<String>()
            .into_bytes()
    }

    fn facts(&self) -> Facts {
        Facts {
            people: self
                .people
                .iter()
                .map(|person| FactsOfPerson {
                    id: quoted(&person.id),
                    name: quoted(&person.name),
                    address: quoted(
                        person
                            .address
                            .as_ref()
                            .unwrap_or(&format!("{}@{}", person.id, self.domain)),
                    ),
                })
                .collect(),
            caseloads: self
                .caseloads
                .iter()
                .map(|pile| FactsOfPile {
                    id: quoted(&pile.id),
                    title: quoted(&title(&pile.id)),
                    owner: quoted(&pile.owner),
                    deputies: pile.deputies.iter().map(|id| quoted(id)).collect(),
                    lead: self.lead.as_deref().map(quoted),
                })
                .collect(),
            functional: quoted(&self.functional),
            asylum: quoted(&self.asylum),
            family: quoted(&self.family),
            triage: quoted(&self.triage),
        }
    }
}

/// What the templates are given: every text as TOML writes it.
#[derive(Debug, Serialize)]
struct Facts {
    people: Vec<FactsOfPerson>,
    caseloads: Vec<FactsOfPile>,
    functional: String,
    asylum: String,
    family: String,
    triage: String,
}

#[derive(Debug, Serialize)]
struct FactsOfPerson {
    id: String,
    name: String,
    address: String,
}

#[derive(Debug, Serialize)]
struct FactsOfPile {
    id: String,
    title: String,
    owner: String,
    deputies: Vec<String>,
    lead: Option<String>,
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A first title: `gezin-en-overig` -> `Gezin en overig`.
fn title(id: &str) -> String {
    let words = id.replace(['-', '_', '.'], " ");
    let mut letters = words.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
