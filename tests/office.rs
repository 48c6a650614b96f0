//! The main job, as the office lives it: real mail on a real Dovecot, letters to a real mail server, time that is
//! moved, people who type commands, and a power cut between any two steps.
mod support;

use std::collections::{BTreeMap, BTreeSet};

use koppelwacht::app::desk_in_force;
use koppelwacht::clock::Clock;
use koppelwacht::domain::{Act, Happening, PersonId, TaskId, TaskState};
use koppelwacht::store::Store;
use support::smtp::Taken;
use support::stage::{Stage, at, diploma, koppeling, ladder_of_a_koppeling};

/// The number in `[Koppelwacht #17] ...`.
fn about(letter: &Taken) -> i64 {
    let subject = letter.header("Subject");
    let number = subject
        .strip_prefix("[Koppelwacht #")
        .and_then(|rest| rest.split(']').next());
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or_else(|| panic!("no task in {subject}"))
}

/// The numbers of all tasks that a letter is about.
fn all_about(letter: &Taken) -> Vec<u64> {
    let sections = letter.content.split("Taak ").skip(1);
    let numbers = sections.filter_map(|section| section.split_once('.')?.0.parse().ok());
    numbers.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_koppeling_that_nobody_takes_climbs_the_ladder_until_somebody_says_done() {
    let mut stage = Stage::set().await;
    let watch = stage.watch_from(at("2026-11-23T09:00"));
    stage
        .until("the mailbox is watched", |books| {
            books.folders.iter().any(|f| f.proven.is_some())
        })
        .await;

    stage.deliver(&koppeling(1), at("2026-11-23T09:00")).await;
    let mut told = vec![stage.post.taken().await];
    assert_eq!(told[0].header("Auto-Submitted"), "auto-generated");
    assert!(
        !told[0].content.contains("9900121147"),
        "a V-nummer never leaves the house"
    );

    for moment in [
        "2026-11-23T11:00",
        "2026-11-23T13:00",
        "2026-11-23T15:00",
        "2026-11-24T11:00",
    ] {
        // A call counts once it is written down that its letter left; only then does its time run.
        let sent = told.len() as u64;
        stage
            .until("the last call counts", |books| books.letters_sent == sent)
            .await;
        watch.clock.move_to(at(moment));
        told.push(stage.post.taken().await);
    }
    let mut ladder = ladder_of_a_koppeling();
    ladder.push(ladder[3].clone());
    assert_eq!(
        told.iter().map(|letter| letter.to.clone()).collect::<Vec<_>>(),
        ladder
    );
    assert!(told.iter().all(|letter| about(letter) == 1));

    let done = stage.types(&["task", "done", "1", "--as", "m.kuipers", "--remark", "opgepakt"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    watch.clock.move_to(at("2026-12-01T12:00"));
    stage.deliver(&diploma(2), at("2026-12-01T12:00")).await;
    let next = stage.post.taken().await;
    assert_eq!(about(&next), 2, "nothing more is heard of a task that is done");
    assert_eq!(stage.post.so_far().await.0, []);

    let file = stage.task(1).await;
    assert!(matches!(&file.task.state, TaskState::Done { by: Some(by), .. } if by.as_str() == "m.kuipers"));
    let last = file.history.last().unwrap();
    assert_eq!(last.by.as_ref().map(PersonId::as_str), Some("m.kuipers"));
    assert_eq!(
        last.what,
        Happening::Done {
            remark: Some("opgepakt".to_owned()),
            event: None,
        }
    );
    assert_eq!(file.task.due, at("2026-11-25T17:00"), "two working days");

    watch.stop().await;
    let books = stage.ledger().await.books().await.unwrap();
    assert_eq!(
        (books.messages, books.with_task, books.unmarked, books.unguarded),
        (2, 2, 0, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_between_any_two_steps_loses_nothing_and_doubles_nothing() {
    let mut stage = Stage::set().await;
    let mut letters: BTreeMap<String, Taken> = BTreeMap::new();
    let mut keep = |letter: Taken| drop(letters.insert(letter.header("Message-ID").to_owned(), letter));

    stage.deliver(&koppeling(1), at("2026-11-23T09:00")).await;
    let daemon = stage.daemon(at("2026-11-23T09:00"));
    stage
        .until("the mail is in the ledger", |books| books.messages == 1)
        .await;
    daemon.kill();

    let daemon = stage.daemon(at("2026-11-23T09:15"));
    stage
        .until("it is marked and its letter is sent", |b| {
            b.unmarked == 0 && b.letters_sent == 1
        })
        .await;
    daemon.kill();

    // A second delivery of the same message: a restored backup, a colleague who copies it back.
    stage.deliver(&koppeling(1), at("2026-11-23T09:00")).await;
    let daemon = stage.daemon(at("2026-11-23T11:01"));
    stage
        .until("the deputy is told", |books| {
            books.letters_sent == 2 && books.duplicates == 1
        })
        .await;
    daemon.kill();

    // Who types a command does so in the present, which lies ahead of this story.
    let clock = Clock::manual(at("2026-11-23T11:05"));
    let desk = desk_in_force(&stage.config(), clock).await.unwrap();
    desk.act(PersonId::new("m.kuipers"), TaskId(1), Act::Take)
        .await
        .unwrap();
    let daemon = stage.daemon(at("2026-11-23T15:00"));
    stage
        .until("it is taken", |books| books.taken == 1 && books.unmarked == 0)
        .await;
    daemon.kill();
    assert!(
        stage
            .types(&["task", "done", "1", "--as", "m.kuipers"])
            .status
            .success()
    );

    stage.deliver(&diploma(2), at("2026-12-01T09:00")).await;
    let daemon = stage.daemon(at("2026-12-01T09:00"));
    stage
        .until("the next notice is told", |books| {
            books.letters_sent == 3 && books.unmarked == 0
        })
        .await;
    daemon.kill();

    stage.post.so_far().await.0.into_iter().for_each(&mut keep);
    let mut told: Vec<(i64, &str)> = letters
        .values()
        .map(|letter| (about(letter), letter.to.as_str()))
        .collect();
    told.sort_unstable();
    let ladder = ladder_of_a_koppeling();
    let of_the_koppeling: BTreeSet<&str> = told
        .iter()
        .filter(|(task, _)| *task == 1)
        .map(|(_, to)| *to)
        .collect();
    assert_eq!(
        of_the_koppeling,
        BTreeSet::from([ladder[0].as_str(), ladder[1].as_str()])
    );
    assert_eq!(told.len(), 3, "{told:?}");
    let books = stage.ledger().await.books().await.unwrap();
    assert_eq!(
        (books.messages, books.done, books.waiting, books.duplicates),
        (2, 1, 1, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_is_killed_again_and_again_reads_a_backlog_once() {
    const MAILS: u64 = 400;
    let mut stage = Stage::set().await;
    for number in 0..MAILS {
        stage
            .deliver(&diploma(u32::try_from(number).unwrap()), at("2026-11-23T09:00"))
            .await;
    }
    let now = at("2026-11-23T09:00");
    for step in 0..8 {
        let daemon = stage.daemon(now);
        let (entered, sent) = (MAILS.min(step * 100), MAILS.min(step * 40));
        stage
            .until("it got further", |b| {
                b.messages >= entered && b.letters_sent >= sent
            })
            .await;
        // What it had claimed is sent at once by the next.
        daemon.kill();
    }
    let daemon = stage.daemon(now);
    stage
        .until("everything is done", |b| {
            b.unmarked == 0 && b.letters_sent == MAILS
        })
        .await;
    daemon.kill();

    let books = stage.ledger().await.books().await.unwrap();
    assert_eq!(
        (books.messages, books.waiting, books.duplicates),
        (MAILS, MAILS, 0)
    );
    let letters = stage.post.so_far().await.0;
    let told: BTreeSet<u64> = letters.iter().flat_map(all_about).collect();
    assert!(told.into_iter().eq(1..=MAILS), "each task was told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_ran_ahead_for_a_moment_silences_nobody() {
    let mut stage = Stage::set().await;
    let watch = stage.watch_from(at("2026-11-23T09:00"));
    stage.deliver(&koppeling(1), at("2026-11-23T09:00")).await;
    let mut told = vec![stage.post.taken().await];
    stage
        .until("the call counts", |books| books.letters_sent == 1)
        .await;

    // The machine wakes up in the wrong week, and is put right a minute later.
    for (moment, sent) in [
        ("2026-11-30T09:00", 2),
        ("2026-11-23T09:01", 3),
        ("2026-11-23T11:01", 4),
    ] {
        watch.clock.set_to(at(moment));
        told.push(stage.post.taken().await);
        stage
            .until("the call counts", |books| books.letters_sent == sent)
            .await;
    }
    let told: Vec<String> = told.into_iter().map(|letter| letter.to).collect();
    assert_eq!(told, ladder_of_a_koppeling());
    watch.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_is_damaged_ends_the_watch_which_says_what_to_do() {
    let stage = Stage::set().await;
    let watch = stage.watch_from(at("2026-11-23T09:00"));
    stage
        .until("the mailbox is watched", |books| {
            books.folders.iter().any(|f| f.proven.is_some())
        })
        .await;
    stage.damage_the_ledger().await;
    let said = watch.gives_up().await.to_string();
    assert!(
        said.contains("is damaged") && said.contains("restore the newest backup"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overview_after_a_night_without_power_is_about_mail_that_was_read() {
    let mut stage = Stage::set().await;
    stage.rule(
        "letters.toml",
        "[letters]\ngather_minutes = 0\noverview = \"08:30\"\n",
    );
    let watch = stage.watch_from(at("2026-11-23T14:00"));
    stage
        .until("the mailbox was read", |books| {
            books.folders.iter().any(|f| f.proven.is_some())
        })
        .await;
    watch.stop().await;

    let watch = stage.watch_from(at("2026-11-24T08:31"));
    let overview = stage.post.taken().await;
    assert_eq!(overview.header("X-Koppelwacht"), "overview");
    let subject = overview.header("Subject");
    assert!(subject.contains("Geen taken met spoed"), "{subject}");
    assert!(!subject.contains("niet alles gelezen"), "{subject}");
    watch.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_wait_while_the_mail_server_is_down() {
    let mut stage = Stage::set().await;
    stage.post.stop();
    let watch = stage.watch_from(at("2026-11-23T09:00"));
    stage.deliver(&koppeling(1), at("2026-11-23T09:00")).await;
    stage
        .until("the letter was tried", |b| {
            b.letters_waiting == 1 && b.unmarked == 0
        })
        .await;

    stage.post.start_again().await;
    for minute in 1..30 {
        watch.clock.move_to(at(&format!("2026-11-23T09:{minute:02}")));
    }
    let letter = stage.post.taken().await;
    assert_eq!(letter.to, ladder_of_a_koppeling()[0]);
    stage
        .until("it counts as sent", |books| {
            books.letters_waiting == 0 && books.letters_sent == 1
        })
        .await;
    watch.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_minute_brings_one_colleague_is_one_mail() {
    let mut stage = Stage::set().await;
    stage.rule(
        "letters.toml",
        "[letters]\ngather_minutes = 1\noverview = \"never\"\n",
    );
    let watch = stage.watch_from(at("2026-11-23T09:00"));
    stage
        .until("the mailbox is watched", |books| {
            books.folders.iter().any(|f| f.proven.is_some())
        })
        .await;
    stage.deliver(&koppeling(1), at("2026-11-23T09:00")).await;
    stage
        .until("the first letter waits", |books| books.letters_waiting == 1)
        .await;
    watch.clock.move_to(at("2026-11-23T09:00:40"));
    stage.deliver(&koppeling(2), at("2026-11-23T09:00")).await;
    stage
        .until("both letters wait", |books| books.letters_waiting == 2)
        .await;
    assert_eq!(
        stage.post.so_far().await.0,
        [],
        "for a minute letters wait for each other"
    );

    watch.clock.move_to(at("2026-11-23T09:01"));
    let letter = stage.post.taken().await;
    assert_eq!(letter.to, ladder_of_a_koppeling()[0]);
    for task in ["Taak 1.", "Taak 2."] {
        assert!(letter.content.contains(task), "{}", letter.content);
    }
    stage
        .until("both are sent", |books| books.letters_sent == 2)
        .await;
    assert_eq!(stage.post.so_far().await.0, [], "and there is no second mail");
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_that_do_not_leave_are_said_by_status_until_they_have_left() {
    let mut stage = Stage::set().await;
    let watch = stage.watch_from(at("2024-11-25T09:00"));
    stage.post.stop();
    stage.deliver(&koppeling(1), at("2024-11-25T09:00")).await;
    stage
        .until("the letter was tried", |books| {
            books
                .longest_waiting
                .as_ref()
                .is_some_and(|letter| letter.reason.is_some())
        })
        .await;
    let waits = "a letter about task 1 has waited for ";
    let said = |arguments: &[&str]| {
        let status = stage.types(arguments);
        assert_eq!(status.status.code(), Some(1));
        String::from_utf8_lossy(&status.stdout).into_owned()
    };
    let status = said(&["status"]);
    assert!(status.contains(&format!("\n!        {waits}")), "{status}");
    assert!(status.contains("days (server not reachable)"), "{status}");
    let json: serde_json::Value = serde_json::from_str(&said(&["status", "--json"])).unwrap();
    assert_eq!(json["longest_waiting"]["task"], 1);
    assert_eq!(json["longest_waiting"]["reason"], "server not reachable");
    assert!(json["complaints"].to_string().contains(waits), "{json}");

    stage.post.start_again().await;
    watch.clock.move_to(at("2024-11-25T09:20"));
    stage
        .until("the letter left", |books| books.letters_waiting == 0)
        .await;
    let status = String::from_utf8_lossy(&stage.types(&["status"]).stdout).into_owned();
    assert!(!status.contains("has waited for"), "{status}");
    watch.stop().await;
}
