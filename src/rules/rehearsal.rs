//! Tests that admins write: this mail, received then, must become that.
//!
//! They lie in `tests/` within the rules folder, beside the mails that they name. Here they are only read; running
//! them needs the rooms that read mail and decide.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use jiff::civil::DateTime;

use super::Rules;
use super::load::{TESTS, files_below};
use super::value::{Moment, Name, OneOrMore};
use crate::domain::{CaseloadId, TypeId};
use crate::findings::{Finding, Findings, Located, SourceFile, Spot, Table, read_document};

/// No mail of a test is larger.
const LARGEST_MAIL: usize = 8 * 1024 * 1024;

/// How the name of a mail ends.
const MAIL: &str = "eml";

/// A test: a mail, and what it must become.
#[derive(Debug, Clone)]
pub struct Rehearsal {
    /// The mail's name, as the test gives it.
    pub mail: Located<String>,
    /// The mail.
    pub bytes: Vec<u8>,
    /// When it is received, in the zone of the calendar.
    pub received: DateTime,
    /// The types that it must become, in order.
    pub types: Located<Vec<TypeId>>,
    /// The caseload that every task of it must go to.
    pub caseload: Option<Located<CaseloadId>>,
    /// When every task of it must be due, in the zone of the calendar.
    pub due: Option<Located<DateTime>>,
}

/// A test as it is written.
struct Written {
    spot: Spot,
    mail: Option<Located<String>>,
    received: Option<Located<Moment>>,
    types: Option<Located<OneOrMore<Located<Name>>>>,
    caseload: Option<Located<Name>>,
    due: Option<Located<Moment>>,
}

/// Where tests and their mails lie.
enum Folder<'p> {
    OnDisk(&'p Path),
    /// Names relative to the tests folder.
    Shipped(Vec<(&'static str, &'static [u8])>),
}

impl Rules {
    /// The tests beside these rules; those that come with the program when `dir`, the rules folder, is none. What is
    /// wrong with them becomes a finding.
    #[must_use]
    pub fn tests(&self, dir: Option<&Path>, findings: &mut Findings) -> Vec<Rehearsal> {
        let dir = dir.map(|dir| dir.join(TESTS));
        let folder = match &dir {
            Some(dir) if !dir.is_dir() => return Vec::new(),
            Some(dir) => Folder::OnDisk(dir),
            None => Folder::shipped(),
        };
        let mut written = Vec::new();
        for (_, file) in folder.files(findings) {
            let read = read_document(&file, findings, read);
            written.extend(read.unwrap_or_default());
        }
        note_unused(&folder, &written, findings);
        note_repeated(&written, findings);
        let tests = written.into_iter();
        tests
            .filter_map(|test| self.rehearsal(test, &folder, findings))
            .collect()
    }

    fn rehearsal(&self, test: Written, folder: &Folder<'_>, findings: &mut Findings) -> Option<Rehearsal> {
        let before = findings.errors();
        for name in test.types.as_ref().map_or(&[][..], |types| &types.value.0) {
            expect(
                "notification",
                name,
                self.types
                    .keys()
                    .filter(|kind| kind.is_of_a_notice())
                    .map(TypeId::as_str),
                findings,
            );
        }
        if let Some(name) = &test.caseload {
            expect(
                "caseload",
                name,
                self.caseloads.keys().map(CaseloadId::as_str),
                findings,
            );
        }
        let (mail, types) = (test.mail?, test.types?);
        let bytes = folder.mail(&mail, findings)?;
        // What expects something that does not exist cannot pass; saying so once is enough.
        if findings.errors() > before {
            return None;
        }
        Some(Rehearsal {
            mail,
            bytes,
            received: test.received?.value.0,
            types: Located {
                value: types
                    .value
                    .0
                    .iter()
                    .map(|name| TypeId::new(&name.value.0))
                    .collect(),
                spot: types.spot,
            },
            caseload: test.caseload.map(|name| Located {
                value: CaseloadId::new(&name.value.0),
                spot: name.spot,
            }),
            due: test.due.map(|due| Located {
                value: due.value.0,
                spot: due.spot,
            }),
        })
    }
}

/// Notes a name that the rules do not define.
fn expect<'n>(
    what: &str,
    name: &Located<Name>,
    known: impl Iterator<Item = &'n str> + Clone,
    findings: &mut Findings,
) {
    let id = name.value.0.as_str();
    if !known.clone().any(|known| known == id) {
        findings
            .push(Finding::error(&name.spot, format!("there is no {what} `{id}`")).did_you_mean(id, known));
    }
}

/// Reads one file.
fn read(top: &mut Table<'_>, findings: &mut Findings) -> Vec<Written> {
    top.tables("test", "a test", findings, |table, findings| Written {
        spot: table.spot(),
        mail: table.required("mail", findings),
        received: table.required("received", findings),
        types: table.required("type", findings),
        caseload: table.optional("caseload", findings),
        due: table.optional("due", findings),
    })
}

/// The keys of a test file, as a JSON schema.
pub(super) fn describe() -> serde_json::Value {
    crate::findings::describe(read)
}

impl Folder<'_> {
    fn shipped() -> Self {
        let files = Rules::shipped_folder().into_iter();
        let below = |name: &'static str| name.strip_prefix(TESTS)?.strip_prefix('/');
        Self::Shipped(
            files
                .filter_map(|(name, bytes)| Some((below(name)?, bytes)))
                .collect(),
        )
    }

    fn files(&self, findings: &mut Findings) -> Vec<(String, SourceFile)> {
        match self {
            Self::OnDisk(dir) => files_below(dir, &|_| true, findings),
            Self::Shipped(files) => files
                .iter()
                .filter(|(name, _)| Path::new(name).extension().is_some_and(|end| end == "toml"))
                .map(|(name, bytes)| {
                    let text = String::from_utf8_lossy(bytes);
                    (
                        (*name).to_owned(),
                        SourceFile::new(format!("rules/{TESTS}/{name}"), text),
                    )
                })
                .collect(),
        }
    }

    /// The names of all mails.
    fn mails(&self) -> Vec<String> {
        let is_mail = |path: &Path| path.extension().is_some_and(|end| end == MAIL);
        match self {
            Self::OnDisk(dir) => walkdir::WalkDir::new(dir)
                .sort_by_file_name()
                .into_iter()
                .filter_map(Result::ok)
                .filter(|entry| entry.file_type().is_file() && is_mail(entry.path()))
                .filter_map(|entry| Some(entry.path().strip_prefix(dir).ok()?.to_str()?.replace('\\', "/")))
                .collect(),
            Self::Shipped(files) => {
                let names = files.iter().map(|(name, _)| (*name).to_owned());
                names.filter(|name| is_mail(Path::new(name))).collect()
            }
        }
    }

    /// The mail of this name; what prevents reading it becomes a finding.
    fn mail(&self, name: &Located<String>, findings: &mut Findings) -> Option<Vec<u8>> {
        let path = Path::new(&name.value);
        if !path.components().all(|part| matches!(part, Component::Normal(_))) {
            findings.push(
                Finding::error(&name.spot, "the mail of a test lies beside the test").help(
                    "put it into `tests/mails` of the rules folder and write `mail = \"mails/NAME.eml\"`",
                ),
            );
            return None;
        }
        let bytes = match self {
            Self::OnDisk(dir) => std::fs::read(dir.join(path)).ok(),
            Self::Shipped(files) => {
                let found = files.iter().find(|(file, _)| *file == name.value);
                found.map(|(_, bytes)| bytes.to_vec())
            }
        };
        let known = self.mails();
        match bytes {
            Some(bytes) if bytes.len() <= LARGEST_MAIL => return Some(bytes),
            Some(_) => findings.push(
                Finding::error(&name.spot, "this mail is larger than 8 MiB")
                    .help("take its attachments out: a test only needs its words"),
            ),
            None => findings.push(
                Finding::error(&name.spot, "there is no such mail, or it cannot be read")
                    .did_you_mean(&name.value, known.iter().map(String::as_str)),
            ),
        }
        None
    }
}

/// Mails that no test names: somebody wanted to test something and did not.
fn note_unused(folder: &Folder<'_>, tests: &[Written], findings: &mut Findings) {
    let named: BTreeSet<&str> = tests
        .iter()
        .filter_map(|test| test.mail.as_ref())
        .map(|mail| mail.value.as_str())
        .collect();
    let place = match folder {
        Folder::OnDisk(dir) => dir.display().to_string(),
        Folder::Shipped(_) => format!("rules/{TESTS}"),
    };
    for mail in folder
        .mails()
        .iter()
        .filter(|mail| !named.contains(mail.as_str()))
    {
        findings.push(
            Finding::about(
                format!("{place}/{mail}"),
                "no test says what this mail must become",
            )
            .only_warn()
            .help("add a `[[test]]` for it, or take it away"),
        );
    }
}

/// The same mail at the same moment twice.
fn note_repeated(tests: &[Written], findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for test in tests {
        let (Some(mail), Some(received)) = (&test.mail, &test.received) else {
            continue;
        };
        if !seen.insert((mail.value.as_str(), received.value.0)) {
            findings.push(
                Finding::warning(&test.spot, "this mail is tested twice at the same moment")
                    .help("take one of the two away, or test another moment, as after closing time"),
            );
        }
    }
}
