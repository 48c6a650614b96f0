//! The folder in which the demo plays: a Maildir, settings, rules, and sample mails.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use include_dir::{Dir, include_dir};
use jiff::{Timestamp, ToSpan};

use crate::app::Installation;
use crate::cli::key;
use crate::clock::Clock;
use crate::domain::Term;
use crate::findings::Findings;
use crate::rules::Rules;

static MAILS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/cli/demo/mails");

/// Tells our own folder from somebody's work: only a folder that holds this file is emptied.
const OURS: &str = ".koppelwacht-demo";

/// The folder in which the demo plays.
pub(super) struct Stage {
    dir: PathBuf,
}

impl Stage {
    /// Makes the folder anew.
    pub(super) fn build(dir: &Path) -> Result<Self, String> {
        let stage = Self { dir: dir.to_owned() };
        if dir.join(OURS).exists() {
            fs::remove_dir_all(dir).map_err(|error| in_words(dir, &error))?;
        } else if dir.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(format!(
                "{} exists and is not a folder of the demo; choose another with --dir",
                dir.display()
            ));
        }
        for part in ["new", "cur", "tmp"] {
            make_dir(&stage.mailbox().join(part))?;
        }
        make_dir(&stage.letters())?;
        write(&dir.join(OURS), b"")?;
        write(&stage.config(), SETTINGS.as_bytes())?;
        let key = dir.join("vault.key");
        key::write_new(&key).map_err(|error| in_words(&key, &error))?;
        for (name, text) in Rules::shipped_files() {
            let file = stage.rules().join(name);
            make_dir(file.parent().unwrap_or(&file))?;
            write(&file, text.as_bytes())?;
        }
        let day = Rules::shipped().calendar.day(Self::first_morning()?);
        write(&stage.rules().join("afwezig.toml"), absence(day).as_bytes())?;
        Ok(stage)
    }

    pub(super) fn mailbox(&self) -> PathBuf {
        self.dir.join("mailbox")
    }

    pub(super) fn letters(&self) -> PathBuf {
        self.dir.join("letters")
    }

    pub(super) fn rules(&self) -> PathBuf {
        self.dir.join("rules")
    }

    pub(super) fn config(&self) -> PathBuf {
        self.dir.join("koppelwacht.toml")
    }

    pub(super) fn installation(&self) -> Result<Installation, String> {
        let mut findings = Findings::default();
        Installation::load(Some(&self.config()), &mut findings).ok_or_else(|| findings.to_string())
    }

    /// When the office opens on the next working day after today: the story needs a whole day.
    pub(super) fn first_morning() -> Result<Timestamp, String> {
        let calendar = Rules::shipped().calendar;
        let tonight = calendar.due(Clock::System.now(), Term::WorkingDays(0)).at;
        let morning = calendar.next_open(tonight);
        morning.checked_add(1.minute()).map_err(|error| error.to_string())
    }

    /// Delivers the sample mails as a mail server does: into `tmp`, then renamed into `new`, stamped with the time.
    pub(super) fn deliver(&self, at: Timestamp) -> Result<(), String> {
        for mail in MAILS.files() {
            let name = mail.path();
            let (written, delivered) = (
                self.mailbox().join("tmp").join(name),
                self.mailbox().join("new").join(name),
            );
            write(&written, mail.contents())?;
            fs::File::options()
                .write(true)
                .open(&written)
                .and_then(|file| file.set_modified(SystemTime::from(at)))
                .and_then(|()| fs::rename(&written, &delivered))
                .map_err(|error| in_words(&delivered, &error))?;
        }
        Ok(())
    }
}

fn make_dir(path: &Path) -> Result<(), String> {
    fs::create_dir_all(path).map_err(|error| in_words(path, &error))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).map_err(|error| in_words(path, &error))
}

fn in_words(path: &Path, error: &std::io::Error) -> String {
    format!("{} cannot be written: {error}", path.display())
}

/// The first deputy is away on the day of the story.
fn absence(day: jiff::civil::Date) -> String {
    let deputy = "j.hendriks";
    format!(
        "# Voor de demo: een collega is er die dag niet.\n[[absence]]\nperson = \"{deputy}\"\nfrom = {day}\nuntil = {day}\n"
    )
}

/// Where everything is, relative to the folder.
const SETTINGS: &str = r#"# Settings of the demo. See systemd/koppelwacht.toml for those of a real installation.
ledger = "ledger.sqlite"
rules = "rules"

[vault]
key_file = "vault.key"

[identity]
municipality = "Gemeente Voorbeeld"
address = "koppelwacht@gemeente-voorbeeld.nl"
domains = ["gemeente-voorbeeld.nl"]
authserv_id = "mx.gemeente-voorbeeld.nl"
letter_domain = "koppelwacht.gemeente-voorbeeld.nl"

[[mailbox]]
name = "inburgering"
maildir = "mailbox"

[letters]
directory = "letters"
"#;
