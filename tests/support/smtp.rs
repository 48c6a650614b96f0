//! A mail server that runs beside a test: `smtp_server.py` under Debian's `python3-aiosmtpd`.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use koppelwacht::settings::{Account, Secret, Server, Tls};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::cert::{Authority, Certificate};

const USER: &str = "koppelwacht";
const PASSWORD: &str = "niet te raden";
/// No event takes longer than this, on the slowest machine.
const DEADLINE: Duration = Duration::from_secs(20);

/// A mail server.
pub(crate) struct MailServer {
    running: Running,
    certificate: Certificate,
    ca_file: PathBuf,
    folder: TempDir,
}

/// Its process, which ends when this is dropped.
struct Running {
    process: Child,
    events: UnboundedReceiver<Value>,
    ports: [u16; 3],
}

/// A message that the server took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) secure: bool,
    pub(crate) login: bool,
    pub(crate) content: String,
}

impl Taken {
    /// The value of a header that stands on one line.
    pub(crate) fn header(&self, name: &str) -> &str {
        let start = format!("{name}: ");
        self.content
            .lines()
            .find_map(|line| line.strip_prefix(&start))
            .unwrap_or_else(|| panic!("no {name} in {}", self.content))
    }
}

impl MailServer {
    /// A server with a certificate that this authority signed.
    pub(crate) async fn start(authority: &Authority) -> Self {
        Self::start_with(authority, authority.valid()).await
    }

    /// A server with this certificate.
    pub(crate) async fn start_with(authority: &Authority, certificate: Certificate) -> Self {
        let running = Running::launch(&certificate, &[]).await;
        Self {
            running,
            certificate,
            ca_file: authority.file(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Ends the process, and with it every connection.
    pub(crate) fn stop(&mut self) {
        self.running.stop();
    }

    /// Starts it anew, at the same place.
    pub(crate) async fn start_again(&mut self) {
        self.stop();
        self.running = Running::launch(&self.certificate, &self.running.ports).await;
    }

    /// Starts it anew, at the same place, with another certificate.
    pub(crate) async fn renew(&mut self, certificate: Certificate) {
        self.certificate = certificate;
        self.start_again().await;
    }

    pub(crate) fn with_starttls(&self) -> Server {
        self.server(self.running.ports[0], Tls::StartTls, PASSWORD)
    }

    pub(crate) fn with_tls(&self) -> Server {
        self.server(self.running.ports[1], Tls::Implicit, PASSWORD)
    }

    /// Where the server offers no encryption.
    pub(crate) fn without_encryption(&self) -> Server {
        self.server(self.running.ports[2], Tls::StartTls, PASSWORD)
    }

    pub(crate) fn with_wrong_password(&self) -> Server {
        self.server(self.running.ports[0], Tls::StartTls, "geraden")
    }

    fn server(&self, port: u16, tls: Tls, password: &str) -> Server {
        let file = self.folder.path().join(format!("{port}.password"));
        std::fs::write(&file, password).unwrap();
        Server {
            host: "localhost".to_owned(),
            port,
            tls,
            ca_file: Some(self.ca_file.clone()),
            account: Some(Account {
                user: USER.to_owned(),
                password: Secret::File(file),
            }),
        }
    }

    /// Waits for the next message that it takes.
    pub(crate) async fn taken(&mut self) -> Taken {
        loop {
            if let Some(message) = self.running.event().await.get("message") {
                return read(message);
            }
        }
    }

    /// Everything that happened until now and was not waited for: messages, and how often somebody connected.
    pub(crate) async fn so_far(&mut self) -> (Vec<Taken>, usize) {
        self.running.say("mark");
        let (mut messages, mut connections) = (Vec::new(), 0);
        loop {
            let event = self.running.event().await;
            messages.extend(event.get("message").map(read));
            connections += usize::from(event.get("connection").is_some());
            if event.get("mark").is_some() {
                return (messages, connections);
            }
        }
    }

    /// Lets it say from now on that our address is not ours to send as, or that it is.
    pub(crate) async fn disown(&mut self, disowned: bool) {
        self.running.say(if disowned { "disown" } else { "own" });
        self.so_far().await;
    }

    /// Lets it answer to a message that it holds, one for `hold@`.
    pub(crate) fn release(&mut self) {
        self.running.say("release");
    }
}

fn read(message: &Value) -> Taken {
    let text = |name: &str| message[name].as_str().unwrap().to_owned();
    Taken {
        from: text("from"),
        to: message["to"][0].as_str().unwrap().to_owned(),
        secure: message["secure"].as_bool().unwrap(),
        login: message["login"].as_bool().unwrap(),
        content: text("content"),
    }
}

impl Running {
    async fn launch(certificate: &Certificate, ports: &[u16]) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/smtp_server.py");
        let mut process = Command::new("/usr/bin/python3")
            .arg(script)
            .args([&certificate.chain, &certificate.key])
            .args([USER, PASSWORD])
            .args(ports.iter().map(ToString::to_string))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .expect("apt-get install python3-aiosmtpd");
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let (sender, mut events) = unbounded_channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if sender.send(serde_json::from_str(&line).unwrap()).is_err() {
                    break;
                }
            }
        });
        let ready: Value = tokio::time::timeout(DEADLINE, events.recv())
            .await
            .unwrap()
            .expect("the mail server ended at once; apt-get install python3-aiosmtpd");
        Self {
            process,
            events,
            ports: serde_json::from_value(ready["ports"].clone()).unwrap(),
        }
    }

    fn say(&mut self, word: &str) {
        let input = self.process.stdin.as_mut().unwrap();
        writeln!(input, "{word}").unwrap();
    }

    async fn event(&mut self) -> Value {
        tokio::time::timeout(DEADLINE, self.events.recv())
            .await
            .expect("nothing happened at the mail server")
            .expect("the mail server ended")
    }

    fn stop(&mut self) {
        if let Ok(None) = self.process.try_wait() {
            let group = format!("-{}", self.process.id());
            let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
            let _ = self.process.wait();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}
