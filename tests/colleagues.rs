//! What colleagues and their mailboxes write back, over a real Dovecot and a real mail server: answers, automatic answers
//! and letters that come back. The decisions behind them, with time that is moved: `tests/absence.rs`.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]
mod support;

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use koppelwacht::domain::{Happening, PersonId, TaskId, TaskState};
use koppelwacht::store::Store as _;
use support::smtp::Taken;
use support::stage::{Stage, Watch, at, koppeling, ladder_of_a_koppeling};

const OWNER: &str = "f.elamrani@gemeente-voorbeeld.nl";
const STAMP: &str =
    "Authentication-Results: mx.gemeente-voorbeeld.nl; dmarc=pass header.from=gemeente-voorbeeld.nl\r\n";

/// An office with one koppeling, and the letter about it to the owner of the caseload.
async fn with_a_koppeling() -> (Stage, Watch, Taken) {
    with_a_koppeling_at("2026-11-23T09:00").await
}

async fn with_a_koppeling_at(moment: &str) -> (Stage, Watch, Taken) {
    let mut stage = Stage::set().await;
    let watch = stage.watch_from(at(moment));
    stage.deliver(&koppeling(1), at(moment)).await;
    let letter = stage.post.taken().await;
    assert_eq!(letter.to, OWNER);
    stage
        .until("it is known that the letter left", |books| {
            books.letters_sent == 1
        })
        .await;
    (stage, watch, letter)
}

/// The owner answers a letter.
fn answer(letter: &Taken, number: u32, text: &str) -> String {
    format!(
        "{STAMP}From: Fatima el Amrani <{OWNER}>\r\nTo: koppelwacht@gemeente-voorbeeld.nl\r\nSubject: RE: {}\r\n\
         In-Reply-To: {}\r\nMessage-ID: <antwoord-{number}@gemeente-voorbeeld.nl>\r\nDate: Mon, 23 Nov 2026 09:10:00 \
         +0100\r\n\r\n{text}\r\n",
        letter.header("Subject"),
        letter.header("Message-ID"),
    )
}

/// What the owner's mailbox says by itself.
fn automatic_answer(letter: &Taken) -> String {
    format!(
        "{STAMP}From: {OWNER}\r\nTo: koppelwacht@gemeente-voorbeeld.nl\r\nSubject: Automatisch antwoord: {}\r\n\
         Auto-Submitted: auto-replied\r\nIn-Reply-To: {}\r\nMessage-ID: <weg@gemeente-voorbeeld.nl>\r\nDate: Mon, 23 Nov \
         2026 09:01:00 +0100\r\n\r\nIk ben ziek en afwezig t/m 27 november 2026.\r\n",
        letter.header("Subject"),
        letter.header("Message-ID"),
    )
}

/// A mail server elsewhere reports that a letter could not be delivered (RFC 3464).
fn bounce(letter: &Taken) -> String {
    format!(
        "From: MAILER-DAEMON@mx.gemeente-voorbeeld.nl\r\nTo: koppelwacht@gemeente-voorbeeld.nl\r\nSubject: Undelivered \
         Mail Returned to Sender\r\nMessage-ID: <bounce@mx.gemeente-voorbeeld.nl>\r\nDate: Mon, 23 Nov 2026 09:05:00 \
         +0100\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n\
         --x\r\nContent-Type: text/plain\r\n\r\nThe mailbox is full.\r\n--x\r\nContent-Type: \
         message/delivery-status\r\n\r\nReporting-MTA: dns; mx.gemeente-voorbeeld.nl\r\n\r\nFinal-Recipient: \
         rfc822; {OWNER}\r\nAction: failed\r\nStatus: 5.2.2\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n{}\r\n--x--\r\n",
        letter.content,
    )
}

/// What a command prints that is given a line, and whose input stays open.
fn given(stage: &Stage, arguments: &[&str], line: &str) -> String {
    let mut process = Command::new(env!("CARGO_BIN_EXE_koppelwacht"))
        .args(arguments)
        .arg("--config")
        .arg(stage.config())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = process.stdin.take().unwrap();
    input.write_all(line.as_bytes()).unwrap();
    let (sender, receiver) = channel();
    std::thread::spawn(move || sender.send(process.wait_with_output()));
    let output = receiver.recv_timeout(Duration::from_secs(30));
    let output = output.expect("a line is enough").unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "{complaints}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_came_while_nothing_ran_is_read_before_anybody_else_is_called() {
    let (mut stage, watch, letter) = with_a_koppeling().await;
    watch.stop().await;
    stage
        .deliver(&answer(&letter, 1, "Opgepakt!"), at("2026-11-23T09:10"))
        .await;
    let watch = stage.watch_from(at("2026-11-23T15:00"));
    let reply = stage.post.taken().await;
    assert_eq!(
        (reply.to.as_str(), reply.header("X-Koppelwacht")),
        (OWNER, "answered"),
        "hours after the deputy would have been called"
    );
    let history = stage.task(1).await.history;
    let told = history
        .iter()
        .filter(|line| matches!(line.what, Happening::Told { .. }));
    assert_eq!(told.count(), 1);
    watch.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_taken_and_finished_by_answering_its_letter() {
    let (mut stage, watch, letter) = with_a_koppeling().await;
    stage
        .deliver(&answer(&letter, 1, "Opgepakt!"), at("2026-11-23T09:10"))
        .await;
    let reply = stage.post.taken().await;
    assert_eq!(
        (reply.to.as_str(), reply.header("X-Koppelwacht")),
        (OWNER, "answered")
    );
    let taken_by = |state: &TaskState| match state {
        TaskState::Taken { by, .. } => Some(by.clone()),
        _ => None,
    };
    assert_eq!(
        taken_by(&stage.task(1).await.task.state),
        Some(PersonId::new("f.elamrani"))
    );

    stage
        .deliver(
            // The letter about her answer is one about the task as well.
            &answer(&reply, 2, "Hoi, ja, afgehandeld: brede intake gepland"),
            at("2026-11-23T09:20"),
        )
        .await;
    assert_eq!(stage.post.taken().await.header("X-Koppelwacht"), "answered");
    assert!(!stage.task(1).await.task.is_open());
    let books = stage.ledger_books().await;
    assert_eq!((books.messages, books.with_task, books.without_task), (3, 1, 2));
    watch.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_the_own_server_does_not_vouch_for_is_read_by_a_human() {
    let (mut stage, watch, letter) = with_a_koppeling().await;
    let unstamped = answer(&letter, 1, "Afgehandeld: klaar").replacen(STAMP, "", 1);
    stage.deliver(&unstamped, at("2026-11-23T09:10")).await;
    let triage = stage.post.taken().await;
    assert!(
        triage.header("Subject").starts_with("[Koppelwacht #2]"),
        "{}",
        triage.header("Subject")
    );
    assert!(stage.task(1).await.task.is_open());
    watch.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn illness_that_only_the_automatic_answer_tells_of_hands_the_task_on_and_back_tells_of_it() {
    let (mut stage, watch, letter) = with_a_koppeling().await;
    stage
        .deliver(&automatic_answer(&letter), at("2026-11-23T09:01"))
        .await;
    let handed_on = stage.post.taken().await;
    assert_eq!(
        (handed_on.to.as_str(), handed_on.header("X-Koppelwacht")),
        (ladder_of_a_koppeling()[1].as_str(), "handed_on")
    );
    let list = stage.said(&["absence", "list"]);
    assert!(
        list.contains("f.elamrani")
            && list.contains("until Fri 2026-11-27, ")
            && list.contains("their mailbox answered by itself"),
        "{list}"
    );
    watch.clock.move_to(at("2026-11-28T08:00"));
    // The ladder goes on as well; which of the two letters leaves first does not matter.
    let both = [stage.post.taken().await, stage.post.taken().await];
    let told = both
        .iter()
        .map(|letter| (letter.header("X-Koppelwacht"), letter.to.as_str()))
        .collect::<Vec<_>>();
    assert!(told.contains(&("back", OWNER)), "{told:?}");
    watch.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_comes_back_calls_the_deputy_at_once_until_the_owner_s_mail_arrives_again() {
    let (mut stage, watch, letter) = with_a_koppeling().await;
    stage.deliver(&bounce(&letter), at("2026-11-23T09:05")).await;
    let next = stage.post.taken().await;
    assert_eq!(
        (next.to.as_str(), next.header("X-Koppelwacht")),
        (ladder_of_a_koppeling()[1].as_str(), "escalation")
    );
    let list = stage.said(&["absence", "list"]);
    assert!(
        list.contains("f.elamrani") && list.contains("until mail of theirs arrives"),
        "{list}"
    );

    stage
        .deliver(&answer(&letter, 1, "Opgepakt"), at("2026-11-23T09:30"))
        .await;
    assert_eq!(stage.post.taken().await.header("X-Koppelwacht"), "answered");
    stage
        .soon("she can be reached again", async || {
            stage
                .said(&["absence", "list"])
                .contains("nobody is away")
                .then_some(())
        })
        .await;
    watch.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_comes_back_at_five_past_five_is_not_left_until_the_next_day() {
    let (mut stage, watch, letter) = with_a_koppeling_at("2026-11-23T16:50").await;
    watch.clock.move_to(at("2026-11-23T17:05"));
    stage.deliver(&bounce(&letter), at("2026-11-23T17:05")).await;
    let next = stage.post.taken().await;
    assert_eq!(
        (next.to.as_str(), next.header("X-Koppelwacht")),
        (ladder_of_a_koppeling()[1].as_str(), "escalation")
    );
    let task = stage.task(1).await.task;
    let tomorrow = at("2026-11-24T11:00");
    assert_eq!(
        task.next_moment(),
        Some(tomorrow),
        "the deputy has two working hours"
    );
    watch.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_lead_says_that_somebody_is_ill_and_the_task_goes_on() {
    let (mut stage, watch, _) = with_a_koppeling().await;
    let list = stage.said(&[
        "absence",
        "add",
        "f.elamrani",
        "--from",
        "2026-11-23",
        "--as",
        "s.deboer",
    ]);
    assert!(
        list.contains("s.deboer said so") && list.contains("until somebody ends it"),
        "{list}"
    );
    let handed_on = stage.post.taken().await;
    assert_eq!(handed_on.to, ladder_of_a_koppeling()[1]);
    let wrong = stage.types(&["absence", "add", "niemand", "--as", "s.deboer"]);
    assert_eq!(wrong.status.code(), Some(2));
    let wrong = String::from_utf8_lossy(&wrong.stderr);
    assert!(
        wrong.contains("`niemand` is not a person in the rules"),
        "{wrong}"
    );
    watch.stop().await;
}

/// What commands say. What they have the daemon do, with time that is moved: `tests/desk.rs`.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_closed_and_told_by_mistake_is_undone_by_command() {
    let (stage, watch, letter) = with_a_koppeling().await;
    let closed = answer(&letter, 1, "Afgehandeld: PIP vastgesteld op 20 november");
    stage.deliver(&closed, at("2026-11-23T09:10")).await;
    // What was told begins a term, which is work of today.
    stage
        .soon("somebody is to register it", async || {
            let ledger = stage.ledger().await;
            ledger.task(TaskId(2)).await.unwrap().map(drop)
        })
        .await;

    let whose = ["dossier", "--v-nummer", "9900121147", "--as", "s.deboer"];
    let with_term = "until 2029-11-19  einde-inburgeringstermijn";
    assert!(stage.said(&whose).contains(with_term));
    let reopen = [
        "task",
        "reopen",
        "1",
        "--as",
        "s.deboer",
        "--remark",
        "verkeerde taak",
    ];
    let said = stage.said(&reopen);
    assert!(said.contains("waits for somebody, next escalation"), "{said}");
    let dossier = stage.said(&whose);
    for line in [
        "#1  s.deboer: opened it again: verkeerde taak",
        "#1  s.deboer: took back: pip_vastgesteld on 2026-11-20",
        "#2  over: what started it turned out to be something else, or was taken back",
    ] {
        assert!(dossier.contains(line), "{line}: {dossier}");
    }
    let came = dossier.split("due\n").next().unwrap();
    assert!(
        came.contains("#1 ") && !came.contains("#2 "),
        "what must follow did not come: {came}"
    );
    let tasks = stage.said(&[&whose[..], &["--json"]].concat());
    let from = |task: &str| task.contains("\"from\":null");
    assert_eq!(tasks.lines().take(2).map(from).collect::<Vec<_>>(), [false, true]);
    // Nothing came: what was told was taken back, and so it is over.
    let closed = stage.said(&["task", "show", "2"]);
    assert!(
        closed.contains("  state     over by itself since ") && !closed.contains("came after all"),
        "{closed}"
    );
    assert!(!dossier.contains(with_term), "{dossier}");
    let take_back = ["--event", "pip_vastgesteld", "--on", "2026-11-20", "--take-back"];
    for (arguments, reason) in [
        (&reopen[..], "task 1 is still open"),
        (
            &[&whose[..], &take_back].concat(),
            "`pip_vastgesteld` was not told of this person on that day",
        ),
        (
            &[&whose[..], &["--event", "pip_vastgesteld", "--take-back"]].concat(),
            "--on <DATE>",
        ),
    ] {
        let wrong = stage.types(arguments);
        assert_eq!(wrong.status.code(), Some(2));
        let wrong = String::from_utf8_lossy(&wrong.stderr);
        assert!(wrong.contains(reason), "{wrong}");
    }

    // It is closed once more by its letter, with the same; now that alone is taken back.
    let closed = answer(&letter, 3, "Afgehandeld: PIP vastgesteld op 20 november");
    stage.deliver(&closed, at("2026-11-23T09:30")).await;
    stage
        .soon("it is closed", async || {
            (!stage.task(1).await.task.is_open()).then_some(())
        })
        .await;
    assert!(stage.said(&whose).contains(with_term));
    let dossier = stage.said(&[&whose[..], &take_back].concat());
    assert!(!dossier.contains(with_term), "{dossier}");
    assert!(!stage.task(1).await.task.is_open(), "the task stays done");
    watch.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_about_one_person_is_shown_to_whoever_asks_for_it() {
    let (mut stage, watch, letter) = with_a_koppeling().await;
    stage
        .deliver(
            &answer(&letter, 1, "Afgehandeld: brede intake gepland"),
            at("2026-11-23T09:10"),
        )
        .await;
    assert_eq!(stage.post.taken().await.header("X-Koppelwacht"), "answered");
    stage.deliver(&koppeling(2), at("2026-11-23T09:20")).await;
    assert_eq!(stage.post.taken().await.to, OWNER);
    let asked = ["dossier", "--v-nummer", "9900.121.147", "--as", "s.deboer"];
    insta::assert_snapshot!("dossier", stage.said(&asked));
    let again = stage.said(&[&asked[..], &["--json"]].concat());
    let tasks: Vec<serde_json::Value> = again
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(tasks.len(), 5, "two tasks, and three notices that should come");
    assert_eq!(
        (&tasks[2]["expected"], &tasks[2]["standing"]),
        (&"duo-na-koppeling".into(), &"open".into())
    );
    assert_eq!(
        (&tasks[0]["state"], &tasks[1]["state"]),
        (&"done".into(), &"waiting".into())
    );
    let piped = given(
        &stage,
        &["dossier", "--v-nummer", "-", "--as", "s.deboer"],
        "9900121147\n",
    );
    assert!(piped.starts_with("came\n  ") && piped.contains("#2"), "{piped}");
    let last = tasks[1]["history"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["what"]["what"], &last["by"]),
        (&"looked_up".into(), &"s.deboer".into())
    );
    assert_eq!(
        stage.said(&["dossier", "--bsn", "999916932", "--as", "s.deboer"]),
        "nothing is known about this person\n"
    );
    for (arguments, reason) in [
        (
            ["--v-nummer", "99001"],
            "koppelwacht: that is no V-nummer: it has ten digits\n",
        ),
        (
            ["--bsn", "999916933"],
            "koppelwacht: that is no burgerservicenummer: it has nine digits that pass the 11-proef\n",
        ),
    ] {
        let wrong = stage.types(&[&["dossier", "--as", "s.deboer"], &arguments[..]].concat());
        assert_eq!(wrong.status.code(), Some(2));
        assert_eq!(String::from_utf8_lossy(&wrong.stderr), reason);
    }
    watch.stop().await;
}
