//! A Dovecot of one's own: started in a temporary folder on free ports, stopped with all its processes when dropped.
//! Needs `/usr/sbin/dovecot` (Debian: dovecot-imapd); runs as root and as anybody else.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use async_imap::Session;
use async_imap::types::Flag;
use futures::TryStreamExt;
use koppelwacht::settings::{Account, Imap, Mark, Secret, Server, Tls};
use koppelwacht::wire;
use tokio_rustls::client::TlsStream;

use super::cert::{Authority, Certificate as Files};

/// How long Dovecot may take to start. It takes a twentieth of a second.
const DEADLINE: Duration = Duration::from_secs(20);
/// The one account.
pub const USER: &str = "post@gemeente.test";
/// Its password, with characters that need quoting.
pub const PASSWORD: &str = "geheim \"\\ woord";

/// A Dovecot.
pub struct Dovecot {
    folder: tempfile::TempDir,
    authority: Authority,
    imap: u16,
    imaps: u16,
    process: Option<Child>,
}

/// Its certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// Valid for `localhost`.
    Valid,
    /// Valid until 2021.
    Expired,
}

impl Dovecot {
    /// Starts one with an empty mailbox.
    pub fn start() -> Self {
        Self::with(Certificate::Valid, "")
    }

    /// Starts one with lines added to its configuration.
    pub fn with(certificate: Certificate, configuration: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        for part in ["run", "state", "mail", "home"] {
            let part = folder.path().join(part);
            fs::create_dir(&part).unwrap();
            // Dovecot reads mail as another user than the one who runs the tests.
            fs::set_permissions(&part, Permissions::from_mode(0o777)).unwrap();
        }
        let authority = Authority::new();
        let certificate = match certificate {
            Certificate::Valid => authority.valid(),
            Certificate::Expired => authority.expired(),
        };
        let (imap, imaps) = (free_port(), free_port());
        let text = configure(folder.path(), &certificate, imap, imaps) + configuration;
        fs::write(folder.path().join("dovecot.conf"), text).unwrap();
        let mut dovecot = Self {
            folder,
            authority,
            imap,
            imaps,
            process: None,
        };
        dovecot.set_password(PASSWORD);
        dovecot.note_password(PASSWORD);
        dovecot.run();
        dovecot
    }

    /// Starts it again, on the same ports and mail.
    pub fn run(&mut self) {
        let log = fs::File::create(self.path("console.log")).unwrap();
        let child = Command::new("/usr/sbin/dovecot")
            .arg("-F")
            .arg("-c")
            .arg(self.path("dovecot.conf"))
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("Dovecot is needed: apt-get install dovecot-imapd");
        self.process = Some(child);
        let until = Instant::now() + DEADLINE;
        while !greets(self.imap) {
            assert!(Instant::now() < until, "Dovecot does not start: {}", self.logs());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Kills it, with every connection it has.
    pub fn kill(&mut self) {
        let Some(mut child) = self.process.take() else {
            return;
        };
        // Children of Dovecot outlive their master when only that is asked to go.
        let group = format!("-{}", child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = child.wait();
    }

    /// The account over TLS from the first byte, watching these folders.
    pub fn account(&self, folders: &[&str], mark: Mark) -> Imap {
        Imap {
            server: self.server(),
            folders: folders.iter().map(|folder| (*folder).to_owned()).collect(),
            mark,
            sweep_seconds: 300,
        }
    }

    /// The server over TLS from the first byte.
    pub fn server(&self) -> Server {
        Server {
            host: "localhost".to_owned(),
            port: self.imaps,
            tls: Tls::Implicit,
            ca_file: Some(self.authority.file()),
            account: Some(Account {
                user: USER.to_owned(),
                password: Secret::File(self.path("password")),
            }),
        }
    }

    /// The server over STARTTLS.
    pub fn starttls(&self) -> Server {
        Server {
            port: self.imap,
            tls: Tls::StartTls,
            ..self.server()
        }
    }

    /// Puts many mails into the inbox at once, as a delivery agent on the machine would.
    pub fn fill(&self, count: usize, mail: impl Fn(usize) -> String) {
        let inbox = self.path("mail").join(USER);
        for part in ["new", "cur", "tmp"] {
            fs::create_dir_all(inbox.join(part)).unwrap();
            fs::set_permissions(inbox.join(part), Permissions::from_mode(0o777)).unwrap();
        }
        fs::set_permissions(&inbox, Permissions::from_mode(0o777)).unwrap();
        for number in 0..count {
            fs::write(
                inbox.join("new").join(format!("{number:08}.filled.test")),
                mail(number),
            )
            .unwrap();
        }
    }

    /// Changes the password on the server, from the next login on.
    pub fn set_password(&self, password: &str) {
        fs::write(self.path("users"), format!("{USER}:{{PLAIN}}{password}\n")).unwrap();
    }

    /// Changes the password in the file that the settings name.
    pub fn note_password(&self, password: &str) {
        fs::write(self.path("password"), format!("{password}\n")).unwrap();
    }

    /// Gives the inbox a new UIDVALIDITY, as a restored backup does. Not while somebody is logged in.
    pub fn renumber(&self) {
        for entry in fs::read_dir(self.path("mail").join(USER)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            // That file says which number was given last, so that the next one is another.
            if name.starts_with("dovecot") && !name.starts_with("dovecot-uidvalidity") {
                fs::remove_file(path).unwrap();
            }
        }
    }

    /// A copy of the mail as it is now.
    pub fn back_up(&self) -> tempfile::TempDir {
        let backup = tempfile::tempdir().unwrap();
        copy(&self.path("mail"), backup.path());
        backup
    }

    /// Puts a copy of the mail back, with the numbering that it had. Not while it runs.
    pub fn restore(&self, backup: &tempfile::TempDir) {
        fs::remove_dir_all(self.path("mail")).unwrap();
        copy(backup.path(), &self.path("mail"));
        fs::set_permissions(self.path("mail"), Permissions::from_mode(0o777)).unwrap();
    }

    /// Makes a message of the inbox unreadable for the server, by its place in the order of arrival.
    pub fn lock_away(&self, place: usize) {
        self.set_mode(place, 0o000);
    }

    /// Makes it readable again.
    pub fn give_back(&self, place: usize) {
        self.set_mode(place, 0o600);
    }

    /// Takes a message out of the inbox, by its place in the order of arrival.
    pub fn remove(&self, place: usize) {
        fs::remove_file(self.file(place)).unwrap();
    }

    fn set_mode(&self, place: usize, mode: u32) {
        fs::set_permissions(self.file(place), Permissions::from_mode(mode)).unwrap();
    }

    fn file(&self, place: usize) -> PathBuf {
        let inbox = self.path("mail").join(USER);
        let mut files: Vec<PathBuf> = ["new", "cur"]
            .iter()
            .flat_map(|part| fs::read_dir(inbox.join(part)).unwrap())
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort_by_key(|file| delivered(file));
        files.swap_remove(place)
    }

    /// What it wrote to its logs.
    pub fn logs(&self) -> String {
        ["console.log", "dovecot.log"]
            .map(|file| fs::read_to_string(self.path(file)).unwrap_or_default())
            .concat()
    }

    /// Logs in as somebody else who reads the mailbox.
    pub async fn colleague(&self) -> Colleague {
        Colleague {
            session: self.session().await,
        }
    }

    /// A bare session over TLS.
    pub async fn session(&self) -> Session<TlsStream<tokio::net::TcpStream>> {
        let server = self.server();
        let tcp = wire::dial(&server).await.unwrap();
        let mut client = async_imap::Client::new(wire::encrypt(&server, tcp).await.unwrap());
        client.read_response().await.unwrap();
        let session = client.login(USER, PASSWORD).await;
        session.map_err(|(error, _)| error).unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Somebody else who reads the mailbox, with a mail program. Folder names are given encoded.
pub struct Colleague {
    session: Session<TlsStream<tokio::net::TcpStream>>,
}

impl Colleague {
    /// Puts a mail into a folder.
    pub async fn append(&mut self, folder: &str, mail: &str) {
        self.session
            .append(folder, None, None, mail.as_bytes())
            .await
            .unwrap();
    }

    /// The same, received at this moment, such as `24-Nov-2026 09:00:00 +0100`.
    pub async fn append_on(&mut self, folder: &str, mail: &str, received: &str) {
        let received = format!("\"{received}\"");
        self.session
            .append(folder, None, Some(&received), mail.as_bytes())
            .await
            .unwrap();
    }

    /// Takes a keyword off every message in a folder.
    pub async fn unmark(&mut self, folder: &str, keyword: &str) {
        self.store(folder, &format!("-FLAGS.SILENT ({keyword})")).await;
    }

    /// Puts a keyword on all messages.
    pub async fn mark(&mut self, folder: &str, keyword: &str) {
        self.store(folder, &format!("+FLAGS.SILENT ({keyword})")).await;
    }

    async fn store(&mut self, folder: &str, flags: &str) {
        self.session.select(folder).await.unwrap();
        let changed = self.session.uid_store("1:*", flags).await.unwrap();
        changed.try_collect::<Vec<_>>().await.unwrap();
    }

    /// Reads every message in a folder, so many a request, and throws it away. Says how many there were.
    pub async fn read_everything(&mut self, folder: &str, stride: usize) -> usize {
        let there = self.session.examine(folder).await.unwrap().exists as usize;
        let mut read = 0;
        for first in (1..=there).step_by(stride) {
            let set = format!("{first}:{}", (first + stride - 1).min(there));
            let mut messages = self
                .session
                .fetch(set, "(UID INTERNALDATE BODY.PEEK[])")
                .await
                .unwrap();
            while let Some(message) = messages.try_next().await.unwrap() {
                read += usize::from(message.body().is_some());
            }
        }
        read
    }

    /// Makes a folder.
    pub async fn create(&mut self, folder: &str) {
        self.session.create(folder).await.unwrap();
    }

    /// Gives a folder another name.
    pub async fn rename(&mut self, folder: &str, name: &str) {
        self.session.rename(folder, name).await.unwrap();
    }

    /// The UIDVALIDITY of a folder.
    pub async fn epoch(&mut self, folder: &str) -> u32 {
        self.session.examine(folder).await.unwrap().uid_validity.unwrap()
    }

    /// The flags of every message in a folder, by UID.
    pub async fn flags(&mut self, folder: &str) -> BTreeMap<u32, Vec<String>> {
        self.session.examine(folder).await.unwrap();
        let messages = self.session.uid_fetch("1:*", "(UID FLAGS)").await.unwrap();
        let messages: Vec<_> = messages.try_collect().await.unwrap();
        messages
            .iter()
            .map(|message| {
                (
                    message.uid.unwrap(),
                    message.flags().filter_map(lasting).collect(),
                )
            })
            .collect()
    }
}

/// A flag as it is written; not `\Recent`, which depends on who looks.
fn lasting(flag: Flag<'_>) -> Option<String> {
    match flag {
        Flag::Recent => None,
        Flag::Custom(name) => Some(name.into_owned()),
        other => Some(format!("\\{other:?}")),
    }
}

/// Copies what is in a folder, with its owners.
fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-aT").args([from, to]).status();
    assert!(copied.unwrap().success());
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

fn greets(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else {
        return false;
    };
    let mut greeting = [0; 4];
    stream.set_read_timeout(Some(DEADLINE)).is_ok()
        && stream.read_exact(&mut greeting).is_ok()
        && &greeting == b"* OK"
}

fn configure(folder: &Path, certificate: &Files, imap: u16, imaps: u16) -> String {
    let (base, chain, key) = (
        folder.display(),
        certificate.chain.display(),
        certificate.key.display(),
    );
    // Root may not own mail and login processes; others can only be themselves.
    let (mail, login, internal) = if fs::metadata("/proc/self").unwrap().uid() == 0 {
        ("mail".to_owned(), "dovenull".to_owned(), "dovecot".to_owned())
    } else {
        let name = Command::new("id").arg("-un").output().unwrap().stdout;
        let name = String::from_utf8(name).unwrap().trim().to_owned();
        (name.clone(), name.clone(), name)
    };
    format!(
        "base_dir = {base}/run
state_dir = {base}/state
instance_name = test-{imap}
log_path = {base}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{chain}
ssl_key = <{key}
disable_plaintext_auth = yes
auth_mechanisms = plain login
auth_cache_size = 0
auth_failure_delay = 0
default_internal_user = {internal}
default_internal_group = {internal}
default_login_user = {login}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{base}/mail/%u
mail_uid = {mail}
mail_gid = {mail}
mail_fsync = never
mail_max_userip_connections = 100
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {imaps}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {base}/users
}}
userdb {{
  driver = static
  args = uid={mail} gid={mail} home={base}/home/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Verwerkt {{
    auto = create
  }}
}}
"
    )
}

/// When a file was delivered, from its name (`1795000000.M95123P77.host`): seconds and microseconds, without leading zeros.
fn delivered(file: &Path) -> (u64, u64) {
    let name = file.file_name().unwrap().to_str().unwrap();
    let (seconds, rest) = name.split_once(".M").unwrap();
    let (micros, _) = rest.split_once('P').unwrap();
    (seconds.parse().unwrap(), micros.parse().unwrap())
}
