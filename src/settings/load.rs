//! The settings file -> [`Settings`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::identity::{Read, read_identity};
use super::server::read_server;
use super::smime::read_smime;
use super::{Access, Imap, Letters, Mailbox, Mark, Places, Settings, SmimeFiles};
use super::{folders, secret};
use crate::findings::{Finding, Findings, Located, Readable, SourceFile, Spot, Table, Value, read_document};

/// The settings of the example municipality, with every key explained.
const EXAMPLE: &str = include_str!("../../systemd/koppelwacht.toml");

/// Seconds between sweeps when nobody says otherwise.
const SWEEP: u32 = 120;

impl Settings {
    /// Reads and checks a settings file. Every mistake in it becomes a finding; nothing is returned when one of them
    /// is an error.
    pub fn load(path: &Path, findings: &mut Findings) -> Option<Self> {
        let file = SourceFile::read(path, findings)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::read(&file, folder, findings)
    }

    /// The settings of the example municipality, as in `systemd/koppelwacht.toml`.
    ///
    /// # Panics
    /// Never: a test reads them.
    #[must_use]
    pub fn example() -> Self {
        let file = SourceFile::new("koppelwacht.toml", EXAMPLE);
        Self::read(&file, Path::new("/etc/koppelwacht"), &mut Findings::new())
            .expect("the embedded example is read in a test")
    }

    /// The text of the example settings, for whoever starts with a copy of them.
    #[must_use]
    pub fn example_text() -> &'static str {
        EXAMPLE
    }

    /// Reads settings of which relative paths start at `folder`.
    pub fn read(file: &SourceFile, folder: &Path, findings: &mut Findings) -> Option<Self> {
        let errors_before = findings.errors();
        let settings = read_document(file, findings, |top, findings| read_top(top, folder, findings))?;
        settings.filter(|_| findings.errors() == errors_before)
    }
}

fn read_top(top: &mut Table<'_>, folder: &Path, findings: &mut Findings) -> Option<Settings> {
    let whole = top.spot();
    let ledger = top.required::<Located<String>>("ledger", findings);
    let vault = top.table("vault", "[vault]", findings, |table, findings| {
        let spot = table.spot();
        let inline = table.forbidden(
            "key",
            "a key does not belong in this file",
            "put it in a file that only the service can read and write `key_file = \"that file\"`",
            findings,
        );
        let key = secret::read(table, secret::KEY, folder, findings).ok()?;
        if key.is_none() && !inline {
            findings.push(
                Finding::error(&spot, "the vault has no key")
                    .help("make one with `koppelwacht key new FILE` and write `key_file = \"FILE\"`"),
            );
        }
        Some((spot, key?))
    });
    let rules = existing_folder(top, "rules", folder, findings);
    let templates = existing_folder(top, "templates", folder, findings);
    let calendars = top.table("absence", "[absence]", findings, |table, findings| {
        read_calendars(table, folder, findings)
    });
    let identity = top.table("identity", "[identity]", findings, read_identity);
    let mailboxes = top.tables("mailbox", "a mailbox", findings, |table, findings| {
        (table.spot(), read_mailbox(table, folder, findings))
    });
    let letters = top.table("letters", "[letters]", findings, |table, findings| {
        Some((table.spot(), read_letters(table, folder, findings)?))
    });
    let smime = match top.table("smime", "[smime]", findings, |table, findings| {
        read_smime(table, folder, findings)
    }) {
        Some(read) => read,
        None => Some(SmimeFiles::default()),
    };
    if identity.is_none() && !top.has("identity") {
        findings.push(
            Finding::error(&whole, "there is no `[identity]`")
                .help("say who the municipality is; see the example"),
        );
    }
    if vault.is_none() && !top.has("vault") {
        findings.push(
            Finding::error(&whole, "there is no `[vault]`")
                .help("what the ledger keeps of a mail is sealed; say where the key is, see the example"),
        );
    }
    if letters.is_none() && !top.has("letters") {
        findings.push(
            Finding::error(&whole, "there is no `[letters]`").help("say how letters leave; see the example"),
        );
    }
    if mailboxes.is_empty() && !top.has("mailbox") {
        findings.push(
            Finding::error(&whole, "no mailbox is watched").help("add a `[[mailbox]]`; see the example"),
        );
    }
    check_mailboxes(&mailboxes, identity.as_ref().and_then(Option::as_ref), findings);
    let Read { identity, verify, .. } = identity??;
    let (calendars_spot, calendars) = calendars.flatten().unzip();
    let (ledger, (vault_spot, vault), (letters_spot, letters)) = (ledger?, vault??, letters??);
    Some(Settings {
        identity,
        verify,
        places: Places {
            ledger: ledger.spot,
            vault: vault_spot,
            mailboxes: mailboxes.iter().map(|(spot, _)| spot.clone()).collect(),
            letters: letters_spot,
            calendars: calendars_spot,
        },
        ledger: folder.join(ledger.value),
        vault,
        rules,
        templates,
        calendars,
        mailboxes: mailboxes
            .into_iter()
            .map(|(_, mailbox)| mailbox)
            .collect::<Option<_>>()?,
        letters,
        smime: smime?,
    })
}

/// What can only be seen by looking at several tables.
fn check_mailboxes(mailboxes: &[(Spot, Option<Mailbox>)], identity: Option<&Read>, findings: &mut Findings) {
    let mut names: BTreeMap<&str, &Spot> = BTreeMap::new();
    for (spot, mailbox) in mailboxes {
        let Some(mailbox) = mailbox else { continue };
        if let Some(first) = names.insert(&mailbox.name, spot) {
            findings.push(
                Finding::error(spot, format!("a second mailbox is called `{}`", mailbox.name)).help(format!(
                    "the first is at {first}; the ledger keeps them apart by name"
                )),
            );
        }
        let (Access::Imap(imap), Some(identity)) = (&mailbox.access, identity) else {
            continue;
        };
        let user = imap
            .server
            .account
            .as_ref()
            .map(|account| account.user.to_lowercase());
        if let Some(spot) = &identity.admin
            && user == identity.identity.admin
        {
            findings.push(
                Finding::error(
                    spot,
                    format!(
                        "letters to the admin would go to the watched mailbox `{}`",
                        mailbox.name
                    ),
                )
                .help("name an address that somebody reads; Koppelwacht takes its own letters for known"),
            );
        }
        if user.as_deref() == Some(identity.identity.address.as_str()) {
            findings.push(
                Finding::error(
                    &identity.address,
                    format!("letters would come from the watched mailbox `{}`", mailbox.name),
                )
                .help("give Koppelwacht an address of its own, or its letters come back in as mail"),
            );
        }
    }
}

/// A folder that may be named, and then must be there.
fn existing_folder(
    table: &mut Table<'_>,
    key: &'static str,
    folder: &Path,
    findings: &mut Findings,
) -> Option<PathBuf> {
    let named: Located<String> = table.optional(key, findings)?;
    let path = folder.join(named.value);
    if !path.is_dir() {
        findings.push(
            Finding::error(&named.spot, format!("the folder {} is not there", path.display())).help(format!(
                "make it, or leave `{key}` out to use what comes with the program"
            )),
        );
    }
    Some(path)
}

/// Where calendars lie. It is not looked whether they are there: that is no reason to leave the mailboxes unwatched, and a
/// share of another server may hang, which no command and no start is to wait for.
fn read_calendars(table: &mut Table<'_>, folder: &Path, findings: &mut Findings) -> Option<(Spot, PathBuf)> {
    let named: Located<String> = table.required("calendars", findings)?;
    Some((named.spot, folder.join(named.value)))
}

fn read_mailbox(table: &mut Table<'_>, folder: &Path, findings: &mut Findings) -> Option<Mailbox> {
    let name = table.required("name", findings);
    let access = if table.has("maildir") {
        let path = table.optional::<String>("maildir", findings);
        path.map(|path| Access::Maildir {
            path: folder.join(path),
        })
    } else {
        read_imap(table, folder, findings).map(Access::Imap)
    };
    let since = table.optional("since", findings);
    Some(Mailbox {
        name: name?,
        access: access?,
        since,
    })
}

fn read_imap(table: &mut Table<'_>, folder: &Path, findings: &mut Findings) -> Option<Imap> {
    let spot = table.spot();
    let has_user = table.has("user");
    let server = read_server(table, folder, (993, 143), findings);
    if !has_user {
        findings.push(
            Finding::error(&spot, "a mailbox has no `user`")
                .help("add `user = ...` and `password_file = ...`"),
        );
    }
    let folders = table.required::<Located<Vec<String>>>("folders", findings);
    let mark = table.optional::<Located<Mark>>("mark", findings);
    folders::check(folders.as_ref(), mark.as_ref(), findings);
    let sweep = table.optional::<Located<u32>>("sweep_seconds", findings);
    if let Some(sweep) = sweep.as_ref().filter(|sweep| !(10..=3600).contains(&sweep.value)) {
        findings.push(
            Finding::error(&sweep.spot, "`sweep_seconds` is too short or too long")
                .help("write 10 to 3600; 120 is usual"),
        );
    }
    Some(Imap {
        server: server?,
        folders: folders?.value,
        mark: mark.map_or(Mark::Nothing, |mark| mark.value),
        sweep_seconds: sweep.map_or(SWEEP, |sweep| sweep.value),
    })
}

fn read_letters(table: &mut Table<'_>, folder: &Path, findings: &mut Findings) -> Option<Letters> {
    if table.has("directory") {
        let path = table.optional::<String>("directory", findings)?;
        return Some(Letters::Directory(folder.join(path)));
    }
    read_server(table, folder, (465, 587), findings).map(Letters::Smtp)
}

impl Readable for Mark {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        const WANTED: &str = "\"nothing\", \"seen\", { keyword = \"...\" } or { move = \"a folder\" }";
        if let Some(word) = value.as_text() {
            return match word {
                "nothing" => Some(Self::Nothing),
                "seen" => Some(Self::Seen),
                _ => {
                    findings.push(
                        Finding::error(&value.spot(), "this is no way to mark")
                            .help(format!("write {WANTED}")),
                    );
                    None
                }
            };
        }
        value.inside("mark", WANTED, findings, |table, findings| {
            let keyword = table.optional::<Located<String>>("keyword", findings);
            let folder = table.optional::<String>("move", findings);
            match (keyword, folder) {
                (Some(keyword), None) => check_keyword(keyword, findings).map(Self::Keyword),
                (None, Some(folder)) => Some(Self::Move(folder)),
                (Some(_), Some(_)) | (None, None) => {
                    findings.push(
                        Finding::error(&table.spot(), "`mark` is not one thing")
                            .help(format!("write {WANTED}")),
                    );
                    None
                }
            }
        })?
    }
}

/// A keyword goes to the server as an atom (RFC 3501 section 9): what is not one would end the command.
fn check_keyword(keyword: Located<String>, findings: &mut Findings) -> Option<String> {
    let atom = |c: char| c.is_ascii_graphic() && !"(){%*\"\\]".contains(c);
    if keyword.value.chars().all(atom) {
        return Some(keyword.value);
    }
    findings.push(
        Finding::error(&keyword.spot, "an IMAP keyword cannot hold these characters")
            .help("use letters, digits, `$`, `-` and `_`, as in `$Koppelwacht`"),
    );
    None
}

#[cfg(test)]
mod tests {
    use super::super::{Secret, Tls};
    use super::*;

    #[test]
    fn the_example_is_accepted_without_a_word() {
        let file = SourceFile::new("koppelwacht.toml", EXAMPLE);
        let mut findings = Findings::new();
        let settings = Settings::read(&file, Path::new("/etc/koppelwacht"), &mut findings);
        assert_eq!(findings.to_string(), "");
        assert_eq!(settings.unwrap().identity, Settings::example().identity);
        assert_eq!(Settings::example().mailboxes[0].name, "inburgering");
    }

    #[test]
    fn certificates_are_read_with_the_settings_and_the_key_is_not() {
        let text = format!(
            "{EXAMPLE}\n[smime]\ntrusted = [\"ca.pem\", \"coa.pem\"]\ncertificate_file = \"ours.pem\"\nkey_file = \"ours.key\"\n"
        );
        let file = SourceFile::new("koppelwacht.toml", text);
        let folder = Path::new("tests/mail_traps/smime");
        let mut findings = Findings::new();
        let smime = Settings::read(&file, folder, &mut findings).unwrap().smime;
        assert_eq!(findings.to_string(), "");
        assert_eq!(smime.trusted.len(), 2);
        let recipient = smime.recipient.unwrap();
        assert_eq!(recipient.key, Secret::File(folder.join("ours.key")));
        assert!(recipient.key.read_key().is_ok());
    }

    #[test]
    fn relative_paths_start_at_the_folder_of_the_file_and_ports_follow_tls() {
        let folder = tempfile::tempdir().unwrap();
        // For calendars, which may be on a share that hangs, it is not looked.
        std::fs::create_dir(folder.path().join("regels")).unwrap();
        let text = EXAMPLE
            .replace("# rules = \"rules\"", "rules = \"regels\"")
            .replace("# [absence]\n", "[absence]\ncalendars = \"agendas\"\n")
            .replace("# since = ", "since = ")
            .replace("/var/lib/koppelwacht/", "")
            .replace(
                "password_credential = \"imap\"",
                "password_file = \"imap.password\"",
            );
        let path = folder.path().join("koppelwacht.toml");
        std::fs::write(&path, text).unwrap();
        let mut findings = Findings::new();
        let settings = Settings::load(&path, &mut findings).unwrap();
        assert_eq!(settings.ledger, folder.path().join("ledger.sqlite"));
        assert_eq!(settings.rules, Some(folder.path().join("regels")));
        assert_eq!(settings.calendars, Some(folder.path().join("agendas")));
        assert_eq!(findings.to_string(), "");
        let Access::Imap(imap) = &settings.mailboxes[0].access else {
            panic!("the example reads over IMAP");
        };
        assert_eq!((imap.server.port, imap.sweep_seconds), (993, 120));
        assert_eq!(imap.mark, Mark::Keyword("$Koppelwacht".to_owned()));
        let first_day = Some(jiff::civil::date(2026, 11, 30));
        assert_eq!(settings.mailboxes[0].first_day(), first_day);
        let account = imap.server.account.as_ref().unwrap();
        assert_eq!(
            account.password,
            Secret::File(folder.path().join("imap.password"))
        );
        let Letters::Smtp(smtp) = &settings.letters else {
            panic!("the example sends over SMTP");
        };
        assert_eq!((smtp.port, smtp.tls), (587, Tls::StartTls));
    }
}
