//! A whole installation to play stories in: a mailbox on a real Dovecot, a real mail server for letters, a settings
//! file, a ledger, and the program itself as a process.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use jiff::{Timestamp, Zoned};
use koppelwacht::app::{self, Control, Installation, RunError};
use koppelwacht::clock::Clock;
use koppelwacht::domain::{CaseloadId, TaskId};
use koppelwacht::findings::Findings;
use koppelwacht::rules::Rules;
use koppelwacht::settings::{Secret, Server, Tls};
use koppelwacht::store::sqlite::SqliteStore;
use koppelwacht::store::{Books, Store, TaskFile};

use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tokio::task::JoinHandle;

use super::cert::Authority;
use super::dovecot::Dovecot;
use super::smtp::MailServer;

/// No event takes longer than this, on the slowest machine.
const DEADLINE: Duration = Duration::from_secs(30);

/// An installation.
pub struct Stage {
    /// Where mail comes in.
    pub dovecot: Dovecot,
    /// Where letters go.
    pub(crate) post: MailServer,
    _authority: Authority,
    dir: tempfile::TempDir,
}

impl Stage {
    /// An installation with an empty mailbox and the shipped rules.
    pub async fn set() -> Self {
        let authority = Authority::new();
        let stage = Self {
            dovecot: Dovecot::start(),
            post: MailServer::start(&authority).await,
            _authority: authority,
            dir: tempfile::tempdir().unwrap(),
        };
        write_rules(&stage.dir.path().join("rules"));
        std::fs::write(stage.config(), stage.settings()).unwrap();
        stage
    }

    fn settings(&self) -> String {
        format!(
            "rules = \"rules\"\n{}",
            settings(&self.dovecot, &server(&self.post.with_starttls()))
        )
    }

    /// The settings file.
    pub fn config(&self) -> PathBuf {
        self.dir.path().join("koppelwacht.toml")
    }

    /// An admin writes a rules file anew.
    pub fn rule(&self, name: &str, text: &str) {
        std::fs::write(self.dir.path().join("rules").join(name), text).unwrap();
    }

    /// The installation as the program loads it.
    pub fn installation(&self) -> Installation {
        let mut findings = Findings::default();
        let installation = Installation::load(Some(&self.config()), &mut findings);
        installation.unwrap_or_else(|| panic!("{findings}"))
    }

    /// Delivers a mail into the inbox, received at this time.
    pub async fn deliver(&self, mail: &str, received: Timestamp) {
        let mut colleague = self.dovecot.colleague().await;
        colleague
            .append_on(
                "INBOX",
                mail,
                &received.strftime("%d-%b-%Y %H:%M:%S +0000").to_string(),
            )
            .await;
    }

    /// A person types a command.
    pub fn types(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_koppelwacht"))
            .args(arguments)
            .arg("--config")
            .arg(self.config())
            .output()
            .unwrap()
    }

    /// What a command that succeeds prints.
    pub fn said(&self, arguments: &[&str]) -> String {
        let output = self.types(arguments);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs the daemon in this process, with time that stands still until it is moved.
    pub fn watch_from(&self, start: Timestamp) -> Watch {
        let (clock, control) = (Clock::manual(start), Control::default());
        let daemon = tokio::spawn(app::run(
            self.installation(),
            clock.clone(),
            control.clone(),
            |_, _| {},
        ));
        Watch {
            clock,
            control,
            daemon,
        }
    }

    /// Starts the daemon as a process, at this time.
    pub fn daemon(&self, at: Timestamp) -> Daemon {
        let process = Command::new(env!("CARGO_BIN_EXE_koppelwacht"))
            .args(["run", "--log", "warn", "--clock", &at.to_string(), "--config"])
            .arg(self.config())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Daemon { process }
    }

    /// What the daemon logs at its most talkative, from this time until the books are as described.
    pub async fn logged_until(&self, at: Timestamp, is_so: impl Fn(&Books) -> bool) -> String {
        let log = self.dir.path().join("daemon.log");
        let mut process = Command::new(env!("CARGO_BIN_EXE_koppelwacht"))
            .args(["run", "--log", "trace", "--clock", &at.to_string(), "--config"])
            .arg(self.config())
            .stdin(Stdio::null())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        self.until("the daemon has logged it", is_so).await;
        process.kill().unwrap();
        process.wait().unwrap();
        std::fs::read_to_string(log).unwrap()
    }

    /// The ledger, seen by another process.
    pub async fn ledger(&self) -> SqliteStore {
        SqliteStore::open(&self.dir.path().join("ledger.sqlite"))
            .await
            .unwrap()
    }

    /// The disk fails: from now on nothing can be found in the ledger any more.
    pub async fn damage_the_ledger(&self) {
        let file = SqliteConnectOptions::new().filename(self.dir.path().join("ledger.sqlite"));
        let mut disk = SqliteConnection::connect_with(&file).await.unwrap();
        let damage = "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 1000000 WHERE name = 'task'; \
                      PRAGMA schema_version = 1000";
        sqlx::raw_sql(damage).execute(&mut disk).await.unwrap();
    }

    /// Waits until the books are as described.
    pub async fn until(&self, what: &str, is_so: impl Fn(&Books) -> bool) {
        let ledger = self.ledger().await;
        self.soon(what, async || is_so(&ledger.books().await.unwrap()).then_some(()))
            .await;
    }

    /// Waits until there is an answer.
    pub async fn soon<T>(&self, what: &str, answer: impl AsyncFn() -> Option<T>) -> T {
        let until = Instant::now() + DEADLINE;
        loop {
            if let Some(answer) = answer().await {
                return answer;
            }
            assert!(
                Instant::now() < until,
                "it did not come so far that {what}: {:?}",
                self.ledger().await.books().await
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The books as they are.
    pub async fn ledger_books(&self) -> Books {
        self.ledger().await.books().await.unwrap()
    }

    /// A task with its history.
    pub async fn task(&self, id: i64) -> TaskFile {
        self.ledger().await.task(TaskId(id)).await.unwrap().unwrap()
    }
}

/// The daemon in this process.
pub struct Watch {
    /// What it takes for the time.
    pub clock: Clock,
    control: Control,
    daemon: JoinHandle<Result<(), RunError>>,
}

impl Watch {
    /// Has it load the rules anew, as `systemctl reload` does.
    pub fn reload(&self) {
        self.control.reload.notify_one();
    }

    /// Asks it to stop and waits until it has.
    pub async fn stop(self) {
        self.control.stop.cancel();
        self.daemon.await.unwrap().unwrap();
    }

    /// Waits until it ends by itself.
    pub async fn gives_up(self) -> RunError {
        let ended = tokio::time::timeout(DEADLINE, self.daemon).await;
        let ended = ended.expect("it should give up and goes on");
        ended.unwrap().expect_err("it was not asked to stop")
    }
}

/// The daemon as a process.
pub struct Daemon {
    process: Child,
}

impl Daemon {
    /// Kills it without a word of warning, as a power cut does.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Daemon {
    /// Asks it to stop, as systemd does, and waits until it has.
    pub async fn stop(mut self) {
        let asked = Command::new("kill").arg(self.process.id().to_string()).status();
        assert!(asked.unwrap().success());
        let until = Instant::now() + DEADLINE;
        let ended = loop {
            if let Some(ended) = self.process.try_wait().unwrap() {
                break ended;
            }
            assert!(Instant::now() < until, "it does not stop");
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        assert!(ended.success(), "{ended}");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Settings with this mailbox, and letters as described.
pub fn settings(dovecot: &Dovecot, letters: &str) -> String {
    let key = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/vault.key");
    format!(
        "ledger = \"ledger.sqlite\"\n\n[vault]\nkey_file = {}\n\n[identity]\nmunicipality = \"Gemeente Voorbeeld\"\n\
         address = \"koppelwacht@gemeente-voorbeeld.nl\"\ndomains = [\"gemeente-voorbeeld.nl\"]\n\
         authserv_id = \"mx.gemeente-voorbeeld.nl\"\nletter_domain = \"koppelwacht.gemeente-voorbeeld.nl\"\n\n\
         [[mailbox]]\nname = \"inburgering\"\nfolders = [\"INBOX\"]\nmark = {{ keyword = \"$Koppelwacht\" }}\n\
         sweep_seconds = 60\n{}\n[letters]\n{letters}",
        quoted(&key),
        server(&dovecot.server()),
    )
}

/// The shipped rules, with letters that leave at once: time stands still here unless a story moves it. And no overview,
/// no chores and no proof at night: stories move the clock by days, and what they bring would stand between the letters
/// they wait for.
fn write_rules(folder: &Path) {
    for (name, text) in Rules::shipped_files().filter(|(name, _)| *name != "chores.toml") {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text = text
            .replace("gather_minutes = 1", "gather_minutes = 0")
            .replace("overview = \"08:30\"", "overview = \"never\"")
            .replace("nightly = \"03:30\"", "nightly = \"never\"");
        std::fs::write(path, text).unwrap();
    }
}

fn server(server: &Server) -> String {
    let tls = match server.tls {
        Tls::Implicit => "implicit",
        Tls::StartTls => "starttls",
    };
    let account = server.account.as_ref().unwrap();
    let Secret::File(password) = &account.password else {
        panic!("tests keep passwords in files")
    };
    format!(
        "host = \"{}\"\nport = {}\ntls = \"{tls}\"\nuser = \"{}\"\npassword_file = {}\nca_file = {}\n",
        server.host,
        server.port,
        account.user,
        quoted(password),
        quoted(server.ca_file.as_ref().unwrap()),
    )
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.display())
}

/// A moment on the clock of the town hall.
pub fn at(text: &str) -> Timestamp {
    format!("{text}[Europe/Amsterdam]")
        .parse::<Zoned>()
        .unwrap()
        .timestamp()
}

/// The addresses that a koppeling's ladder tells under the shipped rules, in order.
pub fn ladder_of_a_koppeling() -> Vec<String> {
    let rules = Rules::shipped();
    let caseload = &rules.caseloads[&CaseloadId::new("asiel")];
    let address = |id| rules.people[id].address.clone();
    vec![
        address(caseload.owner.as_ref().unwrap()),
        address(&caseload.deputies[0]),
        address(caseload.lead.as_ref().unwrap()),
        caseload.functional.clone().unwrap(),
    ]
}

/// A notice by COA: somebody was gekoppeld.
pub fn koppeling(number: u32) -> String {
    notice(
        "tvs.coa.nl",
        "COA TVS <noreply@tvs.coa.nl>",
        number,
        "Nieuwe koppeling in TVS",
        "Er is een statushouder aan uw gemeente gekoppeld.\r\nDe gegevens staan in TVS. V-nummer: 9900121147",
    )
}

/// A notice by DUO: a diploma.
pub fn diploma(number: u32) -> String {
    notice(
        "portaal.duo.nl",
        "DUO Inburgering <noreply@portaal.duo.nl>",
        number,
        "Signaal SS106 beschikbaar",
        "Er staat een signaal klaar in het Portaal Inburgering (SS106).",
    )
}

fn notice(domain: &str, from: &str, number: u32, subject: &str, text: &str) -> String {
    format!(
        "Authentication-Results: mx.gemeente-voorbeeld.nl; spf=pass smtp.mailfrom={domain};\r\n \
         dkim=pass header.d={domain}; dmarc=pass (p=reject) header.from={domain}\r\n\
         From: {from}\r\nTo: inburgering@gemeente-voorbeeld.nl\r\nSubject: {subject}\r\n\
         Date: Mon, 23 Nov 2026 09:00:00 +0100\r\nMessage-ID: <{number}@{domain}>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
}
