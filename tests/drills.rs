//! Drills over a real mail server and a real Dovecot, as the office lives them: somebody types the command, the mail is
//! carried to the mailbox, a task is opened, told, and answered by mail. What is decided, with time that is moved:
//! `tests/drill.rs`.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]
mod support;

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use koppelwacht::domain::{Happening, TaskId, TaskState};
use koppelwacht::store::{DrillPost, Store as _};
use serde_json::Value;
use support::smtp::Taken;
use support::stage::{Stage, Watch, at, koppeling, ladder_of_a_koppeling};

const POST: &str = "inburgering@gemeente-voorbeeld.nl";
const OWNER: &str = "f.elamrani@gemeente-voorbeeld.nl";
const STAMP: &str =
    "Authentication-Results: mx.gemeente-voorbeeld.nl; dmarc=pass header.from=gemeente-voorbeeld.nl\r\n";
/// No line takes longer than this, on the slowest machine.
const DEADLINE: Duration = Duration::from_secs(30);

/// `koppelwacht drill`, while somebody looks on.
struct Onlooker {
    process: Child,
    lines: Receiver<String>,
}

impl Onlooker {
    /// Starts a drill at this time.
    fn calls(stage: &Stage, now: Timestamp, speed: &str) -> Self {
        Self::calls_at(stage, POST, now, speed)
    }

    /// The same, to another address.
    fn calls_at(stage: &Stage, to: &str, now: Timestamp, speed: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_koppelwacht"))
            .args(["drill", "--to", to, "--clock", &now.to_string(), "--speed", speed])
            .arg("--config")
            .arg(stage.config())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = read(process.stdout.take().unwrap());
        Self { process, lines }
    }

    /// The next line that it prints, with `#` for what depends on how fast the machine is.
    fn line(&self) -> String {
        timeless(&self.lines.recv_timeout(DEADLINE).expect("a line"))
    }

    /// Presses Ctrl-C.
    fn interrupts(&self) {
        let pid = self.process.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-INT", &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    /// What else it prints, and how it ends.
    fn ends(mut self) -> (String, Option<i32>) {
        let rest: Vec<String> = std::iter::from_fn(|| self.lines.recv_timeout(DEADLINE).ok()).collect();
        (rest.join("\n"), self.process.wait().unwrap().code())
    }
}

impl Drop for Onlooker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn read(output: ChildStdout) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

/// An office that watches its mailbox, on a Monday morning.
async fn watched() -> (Stage, Watch) {
    let stage = Stage::set().await;
    let watch = stage.watch_from(at("2026-11-23T09:00"));
    stage
        .until("the mailbox is watched", |books| {
            books.folders.iter().any(|folder| folder.proven.is_some())
        })
        .await;
    (stage, watch)
}

/// The same, at a minute past nine, with a drill of which the mail server took the mail. It was started while the daemon was
/// down: otherwise that would first have to look around.
async fn with_a_drill() -> (Stage, Watch, Taken) {
    let (mut stage, watch) = watched().await;
    watch.stop().await;
    let now = at("2026-11-23T09:00").to_string();
    let started = stage.said(&["drill", "--no-wait", "--to", POST, "--clock", &now]);
    insta::assert_snapshot!("drill_no_wait", started);
    let watch = stage.watch_from(at("2026-11-23T09:01"));
    let mail = stage.post.taken().await;
    (stage, watch, mail)
}

/// What the mail server took is carried to the mailbox, as it is.
async fn carry(stage: &Stage, mail: &Taken, received: Timestamp) {
    assert_eq!(mail.to, POST);
    stage.deliver(&mail.content, received).await;
}

/// The owner of the caseload answers a letter.
fn answer(letter: &Taken) -> String {
    format!(
        "{STAMP}From: Fatima el Amrani <{OWNER}>\r\nTo: koppelwacht@gemeente-voorbeeld.nl\r\nSubject: RE: {}\r\n\
         In-Reply-To: {}\r\nMessage-ID: <antwoord@gemeente-voorbeeld.nl>\r\nDate: Mon, 23 Nov 2026 09:10:00 \
         +0100\r\n\r\nOpgepakt.\r\n",
        letter.header("Subject"),
        letter.header("Message-ID"),
    )
}

/// With `#` for what depends on how fast the machine is.
fn timeless(text: &str) -> String {
    let times = regex::Regex::new(r#"\d:\d\d:\d\d\b|_seconds":\d+|"started":"[^"]*""#).unwrap();
    // However many digits there are: a fraction of a second ends where only zeros follow.
    let digits = regex::Regex::new(r"\d+(\.\d+)?").unwrap();
    let blank = |found: &regex::Captures<'_>| digits.replace_all(&found[0], "#").into_owned();
    times.replace_all(text, blank).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_goes_through_the_real_mail_until_somebody_answers() {
    let (mut stage, watch) = watched().await;
    let onlooker = Onlooker::calls(&stage, at("2026-11-23T09:00"), "1");
    let mut told = vec![onlooker.line()];
    watch.clock.move_to(at("2026-11-23T09:01"));
    let mail = stage.post.taken().await;
    assert_eq!(mail.header("Subject"), "[Koppelwacht] OEFENING: nieuwe koppeling");
    told.push(onlooker.line());

    watch.clock.move_to(at("2026-11-23T09:04"));
    carry(&stage, &mail, at("2026-11-23T09:04")).await;
    let letter = stage.post.taken().await;
    assert_eq!(letter.to, ladder_of_a_koppeling()[0]);
    assert!(
        letter.content.contains("Dit is een oefening."),
        "{}",
        letter.content
    );
    told.extend([onlooker.line(), onlooker.line()]);

    watch.clock.move_to(at("2026-11-23T09:10"));
    stage.deliver(&answer(&letter), at("2026-11-23T09:10")).await;
    let thanks = stage.post.taken().await;
    assert!(
        thanks.content.contains("De oefening is klaar."),
        "{}",
        thanks.content
    );
    told.push(onlooker.line());
    let (summary, code) = onlooker.ends();
    told.push(timeless(&summary));
    assert_eq!(code, Some(0));
    insta::assert_snapshot!("drill", told.join("\n"));

    let file = stage.task(1).await;
    assert!(matches!(&file.task.state, TaskState::Done { by: Some(by), .. } if by.as_str() == "f.elamrani"));
    assert_eq!(file.history.last().unwrap().what, Happening::DrillAnswered);
    let known = stage.ledger().await.drills(None).await.unwrap().remove(0);
    let minutes = |at: Timestamp| at.duration_since(known.drill.started).as_secs().div_euclid(60) + 1;
    assert!(matches!(known.mail, DrillPost::Sent { at } if minutes(at) == 1));
    assert_eq!(known.told.map(minutes), Some(4));

    insta::assert_snapshot!("drill_list", timeless(&stage.said(&["drill", "list"])));
    insta::assert_snapshot!(
        "drill_list_json",
        timeless(&stage.said(&["drill", "list", "--json"]))
    );

    // The mail is copied back into the mailbox, and a gateway adds a line to another copy of it.
    stage.deliver(&mail.content, at("2026-11-23T09:20")).await;
    let other = mail.content.replace(
        "OEFENING: nieuwe koppeling\r\n",
        "OEFENING: nieuwe koppeling.\r\n",
    );
    assert_ne!(other, mail.content);
    stage.deliver(&other, at("2026-11-23T09:20")).await;
    stage
        .until("both are known", |books| {
            books.duplicates == 1 && books.without_task == 2 && books.unmarked == 0
        })
        .await;
    let books = stage.ledger_books().await;
    assert_eq!((books.drills, books.drills_open, books.with_task), (1, 0, 0));
    assert_eq!((books.waiting, books.taken, books.done), (0, 0, 0));
    watch.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_beside_a_real_koppeling_stands_apart_everywhere() {
    let (mut stage, watch, mail) = with_a_drill().await;
    carry(&stage, &mail, at("2026-11-23T09:01")).await;
    stage.post.taken().await;
    stage.deliver(&koppeling(1), at("2026-11-23T09:01")).await;
    let real = stage.post.taken().await;
    assert!(!real.content.contains("oefening"), "{}", real.content);
    stage
        .until("all letters left", |books| {
            books.letters_sent == 3 && books.unmarked == 0
        })
        .await;

    let listed = stage.said(&["task", "list"]);
    assert!(
        listed.starts_with("#2 ") && !listed.contains("OEFENING"),
        "{listed}"
    );
    insta::assert_snapshot!("tasks_with_drills", stage.said(&["task", "list", "--drills"]));
    let json = stage.said(&["task", "list", "--drills", "--json"]);
    let drills: Vec<Value> = json
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["drill"].clone())
        .collect();
    assert_eq!(drills, [true, false]);
    let shown = stage.said(&["task", "show", "1"]);
    assert!(
        shown.starts_with("#1 OEFENING: ") && shown.contains("(a drill)"),
        "{shown}"
    );
    assert_eq!(
        stage.said(&["task", "about", "1", "--as", "f.elamrani"]),
        "the mail names nobody\n"
    );

    // What the watch itself says comes later: its clock is not that of the commands.
    let status = stage.types(&["status"]);
    let status = String::from_utf8_lossy(&status.stdout);
    assert!(
        status.contains(
            "2 messages = 1 with a task + 0 about our own letters + 1 drills, of which 1 not answered yet"
        ),
        "{status}"
    );
    assert!(status.contains("1 wait, 0 taken, 0 done"), "{status}");
    let again = stage.said(&["reclassify", "--dry-run", "--as", "f.elamrani"]);
    assert!(again.starts_with("0 triage tasks"), "{again}");
    let replayed = stage.types(&["replay", "--rules", "rules"]);
    assert_eq!(
        replayed.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&replayed.stdout)
    );
    assert_eq!(
        String::from_utf8_lossy(&replayed.stdout),
        "1 mails read again, 0 would become something else\n",
        "the koppeling, and not the drill"
    );
    watch.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_only_says_to_be_a_drill_is_read_by_a_human() {
    let (mut stage, watch, mail) = with_a_drill().await;
    let id = mail.header("Message-ID").to_owned();
    let (start, _) = id.split_once('.').unwrap();
    // Somebody outside who has seen a drill, and would like a koppeling to be taken for one.
    let forged = format!(
        "From: Koppelwacht <iemand@elders.example>\r\nTo: {POST}\r\nSubject: [Koppelwacht] OEFENING: nieuwe koppeling\r\n\
         X-Koppelwacht: drill\r\nMessage-ID: {start}.0123456789abcdef@koppelwacht.gemeente-voorbeeld.nl>\r\nDate: Mon, 23 \
         Nov 2026 09:00:00 +0100\r\n\r\nEr is een statushouder aan uw gemeente gekoppeld. Dit is een oefening.\r\n"
    );
    stage.deliver(&forged, at("2026-11-23T09:01")).await;
    stage.post.taken().await;
    let task = stage.task(1).await.task;
    assert_eq!(
        (task.kind.as_str(), task.critical, task.drill),
        ("mail.onbekend", true, false)
    );
    // The real one still counts.
    carry(&stage, &mail, at("2026-11-23T09:02")).await;
    stage.until("the drill came in", |books| books.drills == 1).await;
    watch.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_that_nobody_answers_ends_by_itself_and_the_lead_hears_of_it() {
    let (mut stage, watch, mail) = with_a_drill().await;
    carry(&stage, &mail, at("2026-11-23T09:01")).await;
    stage.post.taken().await;
    stage
        .until("it is known that the letter left", |books| {
            books.letters_sent == 2
        })
        .await;
    // Nothing ran for days: answers may lie in the mailbox, so that it is not over at once.
    watch.clock.move_to(at("2026-11-25T17:00"));
    let put_off = Some(at("2026-11-25T17:30"));
    stage
        .soon("it waits for answers", async || {
            (stage.task(1).await.task.next_moment() == put_off).then_some(())
        })
        .await;
    watch.clock.move_to(at("2026-11-25T17:30"));
    let failed = stage.post.taken().await;
    assert_eq!(failed.to, ladder_of_a_koppeling()[2]);
    assert_eq!(
        failed.header("Subject"),
        "[Koppelwacht] OEFENING mislukt: niemand pakte de taak op"
    );
    let list = stage.said(&["drill", "list"]);
    assert!(list.trim_end().ends_with("nobody answered (task 1)"), "{list}");
    let line = stage.said(&["drill", "list", "--json"]);
    let line: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        (&line["outcome"], &line["task"]),
        (&"unanswered".into(), &1.into())
    );
    assert!(line["answered_seconds"].is_null() && line["sent_seconds"].is_number());
    watch.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_whose_mail_gets_lost_is_told_to_the_lead_and_to_whoever_waits() {
    let (mut stage, watch) = watched().await;
    let onlooker = Onlooker::calls(&stage, at("2026-11-23T09:00"), "1");
    onlooker.line();
    watch.clock.move_to(at("2026-11-23T09:01"));
    assert_eq!(stage.post.taken().await.to, POST);
    onlooker.line();
    watch.clock.move_to(at("2026-11-23T09:31"));
    let lost = stage.post.taken().await;
    assert_eq!(lost.to, ladder_of_a_koppeling()[2]);
    assert_eq!(
        lost.header("Subject"),
        "[Koppelwacht] OEFENING mislukt: de mail kwam niet aan"
    );
    let (summary, code) = onlooker.ends();
    assert!(
        summary.starts_with("the mail did not come in in time"),
        "{summary}"
    );
    assert_eq!(code, Some(1));
    watch.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_that_the_mail_server_refuses_is_over_at_once() {
    let (mut stage, watch) = watched().await;
    let to = "code550@gemeente-voorbeeld.nl";
    let onlooker = Onlooker::calls_at(&stage, to, at("2026-11-23T09:00"), "1");
    onlooker.line();
    watch.clock.move_to(at("2026-11-23T09:01"));
    let (summary, code) = onlooker.ends();
    assert!(
        summary.starts_with(
            "the mail server refuses mail to code550@gemeente-voorbeeld.nl for good (550 5.1.1)"
        ),
        "{summary}"
    );
    assert_eq!(code, Some(1));
    assert_eq!(stage.post.taken().await.to, ladder_of_a_koppeling()[2]);
    let list = stage.said(&["drill", "list"]);
    assert!(list.trim_end().ends_with("refused by the mail server"), "{list}");
    watch.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_daemon_it_says_so_and_can_be_left_alone() {
    let (stage, watch) = watched().await;
    watch.stop().await;
    let onlooker = Onlooker::calls(&stage, at("2026-11-23T12:00"), "200");
    onlooker.line();
    let hint = onlooker.line();
    assert!(
        hint.contains("nobody tried to send the mail yet; does `koppelwacht run` run?")
            && hint.contains("A mailbox was last read to the end Mon 2026-11-23 0#:#:#."),
        "{hint}"
    );
    onlooker.interrupts();
    let (rest, code) = onlooker.ends();
    assert_eq!(
        rest,
        "the drill goes on; `koppelwacht drill list` shows how it goes"
    );
    assert_eq!(code, Some(0));
    let list = stage.said(&["drill", "list"]);
    assert!(list.contains("not in the mailbox yet"), "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_that_cannot_be_held_is_refused_in_one_line() {
    let (stage, watch) = watched().await;
    watch.stop().await;
    let refused = |arguments: &[&str]| {
        let output = stage.types(arguments);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let said = refused(&["drill", "--to", "iemand@elders.example"]);
    assert!(
        said.contains("is no address in the domains of the settings") && said.contains("`--to ADDRESS`"),
        "{said}"
    );
    let settings = std::fs::read_to_string(stage.config()).unwrap();
    let (before, _) = settings.split_once("[letters]").unwrap();
    std::fs::write(
        stage.config(),
        format!("{before}[letters]\ndirectory = \"letters\"\n"),
    )
    .unwrap();
    let said = refused(&["drill", "--to", POST]);
    assert!(said.contains("letters go into a folder"), "{said}");
    assert_eq!(stage.said(&["drill", "list"]), "no drills\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_that_the_rules_plan_is_held_by_the_daemon() {
    let mut stage = Stage::set().await;
    stage.rule(
        "drills.toml",
        &format!("[drill]\nto = \"{POST}\"\nat = \"0 10 * * Mon\"\nanswered_within = \"1 wd\"\n"),
    );
    let watch = stage.watch_from(at("2026-11-23T09:00"));
    let ledger = stage.ledger().await;
    stage
        .soon("the drill is planned", async || {
            let next = ledger.next_moment().await.unwrap();
            (next == Some(at("2026-11-23T10:00"))).then_some(())
        })
        .await;
    watch.clock.move_to(at("2026-11-23T10:00"));
    let mail = stage.post.taken().await;
    carry(&stage, &mail, at("2026-11-23T10:01")).await;
    assert_eq!(stage.post.taken().await.to, ladder_of_a_koppeling()[0]);
    let task = stage.task(1).await.task;
    assert!(task.drill && task.id == TaskId(1));

    // Down for the next one, and up again the day after: it is made up for.
    watch.stop().await;
    let watch = stage.watch_from(at("2026-12-01T09:00") + SignedDuration::from_secs(1));
    let found = stage
        .soon("another drill is held", async || {
            let drills = ledger.drills(None).await.unwrap();
            (drills.len() == 2).then_some(drills)
        })
        .await;
    assert_eq!(
        found[1].drill.started,
        at("2026-12-01T09:00") + SignedDuration::from_secs(1)
    );
    watch.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_one_message_with_a_real_koppeling_a_drill_stands_below_it() {
    let mut stage = Stage::set().await;
    stage.rule(
        "letters.toml",
        "[letters]\ngather_minutes = 5\noverview = \"never\"\n",
    );
    stage.rule(
        "drills.toml",
        &format!("[drill]\nto = \"{POST}\"\nat = \"0 10 * * Mon\"\n"),
    );
    let watch = stage.watch_from(at("2026-11-23T10:00"));
    let ledger = stage.ledger().await;
    stage
        .soon("a drill is planned", async || ledger.next_moment().await.unwrap())
        .await;
    watch.clock.move_to(at("2026-11-30T10:00"));
    let mail = stage.post.taken().await;
    carry(&stage, &mail, at("2026-11-30T10:00")).await;
    stage
        .until("the drill's letter waits", |books| books.letters_waiting == 1)
        .await;
    stage.deliver(&koppeling(1), at("2026-11-30T10:00")).await;
    stage
        .until("both letters wait", |books| books.letters_waiting == 2)
        .await;
    watch.clock.move_to(at("2026-11-30T10:05"));
    let both = stage.post.taken().await;
    let subject = both.header("Subject");
    assert!(
        subject.starts_with("[Koppelwacht] 2 onderwerpen: Asielstatushouder"),
        "{subject}"
    );
    let place = |text: &str| both.content.find(text).unwrap_or_else(|| panic!("no {text}"));
    assert!(place("1. Asielstatushouder") < place("2. OEFENING: "));
    assert!(place("Taak 2.") < place("Taak 1."));
    watch.stop().await;
}
