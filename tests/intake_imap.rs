//! Watching a mailbox on a real IMAP server, on good days and bad ones.

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use koppelwacht::desk::{Books, Reading};
use koppelwacht::domain::{Arrival, FolderRef, Named, Place};
use koppelwacht::intake::{IntakeError, Progress, Standing};
use koppelwacht::mail;
use koppelwacht::settings::{Access, Imap, Mark};
use koppelwacht::store::sqlite::Options;
use koppelwacht::wire::WireError;

use support::dovecot::{Certificate, Dovecot, PASSWORD};
use support::meddler::{Meddle, Meddler};
use support::office::{MAILBOX, Office, mail as text};
use support::tampered::NotTaken;

fn keyword() -> Mark {
    Mark::Keyword("$Koppelwacht".to_owned())
}

fn inbox(dovecot: &Dovecot, mark: Mark) -> Access {
    Access::Imap(dovecot.account(&["INBOX"], mark))
}

fn inbox_of(epoch: u32) -> FolderRef {
    FolderRef {
        mailbox: MAILBOX.to_owned(),
        folder: "INBOX".to_owned(),
        epoch,
    }
}

async fn append(dovecot: &Dovecot, numbers: std::ops::Range<u32>) {
    let mut colleague = dovecot.colleague().await;
    for number in numbers {
        colleague.append("INBOX", &text(number)).await;
    }
}

/// A message as a run reads it that dies before it marks it.
fn arrived(office: &Office, folder: &FolderRef, item: &str, number: u32) -> Arc<Arrival> {
    Arc::new(Arrival {
        place: Place {
            folder: folder.clone(),
            item: item.to_owned(),
        },
        received: office.desk.now(),
        mail: mail::read(text(number).as_bytes(), &office.desk.trust()),
        named: Named::default(),
        kept: Arc::default(),
        earlier: None,
    })
}

/// Every flag that occurs in a folder, with the number of messages that bear it.
async fn flags(dovecot: &Dovecot, folder: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for flag in dovecot
        .colleague()
        .await
        .flags(folder)
        .await
        .into_values()
        .flatten()
    {
        *counts.entry(flag).or_default() += 1;
    }
    counts
}

async fn count(dovecot: &Dovecot, folder: &str) -> usize {
    dovecot.colleague().await.flags(folder).await.len()
}

#[tokio::test]
async fn a_new_mail_is_in_the_ledger_as_soon_as_the_server_tells() {
    let (dovecot, office) = (Dovecot::start(), Office::open().await);
    let mut watch = office.watch(inbox(&dovecot, keyword()));
    watch.until_entered(0).await;
    // The next sweep comes in five minutes; only IDLE can be this fast.
    append(&dovecot, 0..1).await;
    watch.until_entered(1).await;
    append(&dovecot, 1..3).await;
    watch.until_entered(3).await;
    watch.stop().await;
    assert_eq!(office.desk.books().await.unwrap().messages, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_is_entered_and_marked_and_nobody_sees_it_as_read() {
    let (dovecot, office) = (Dovecot::start(), Office::open().await);
    append(&dovecot, 0..650).await;
    let mut watch = office.watch(inbox(&dovecot, keyword()));
    watch.until_entered(650).await;
    watch.stop().await;
    let books = office.desk.books().await.unwrap();
    assert_eq!((books.messages, books.unmarked), (650, 0));
    assert_eq!(
        flags(&dovecot, "INBOX").await,
        BTreeMap::from([("$Koppelwacht".to_owned(), 650)])
    );
    let reading = Reading {
        mailbox: MAILBOX.to_owned(),
        folder: "INBOX".to_owned(),
        proven: Some(office.desk.now()),
        backlog: 0,
        trouble: None,
    };
    assert_eq!(books.folders, [reading]);
}

#[tokio::test]
async fn what_was_received_before_the_first_day_is_left_alone() {
    let (dovecot, office) = (Dovecot::start(), Office::open().await);
    let mut colleague = dovecot.colleague().await;
    // For a server that counts in UTC the second came on the day before.
    for (number, received) in [
        (1, "29-Nov-2026 23:59:00 +0100"),
        (2, "30-Nov-2026 00:20:00 +0100"),
        (5, "28-Nov-2026 12:00:00 +0100"),
    ] {
        colleague.append_on("INBOX", &text(number), received).await;
    }
    let first = Some(jiff::civil::date(2026, 11, 30));
    let mut watch = office.watch_since(first, inbox(&dovecot, keyword()));
    watch.until_entered(1).await;
    watch.until("all is in", Progress::is_caught_up).await;
    // Whoever moves an old message here does not make it news.
    colleague
        .append_on("INBOX", &text(3), "02-Jan-2024 09:00:00 +0100")
        .await;
    append(&dovecot, 4..5).await;
    watch.until_entered(2).await;
    watch.until("all is in", Progress::is_caught_up).await;
    assert_eq!(office.desk.books().await.unwrap().messages, 2);
    assert_eq!(flags(&dovecot, "INBOX").await.get("$Koppelwacht"), Some(&2));
}

#[tokio::test]
async fn each_mark_does_what_it_says() {
    let marks = [
        (Mark::Nothing, BTreeMap::new()),
        (keyword(), BTreeMap::from([("$Koppelwacht".to_owned(), 3)])),
        (Mark::Seen, BTreeMap::from([("\\Seen".to_owned(), 3)])),
    ];
    for (mark, expected) in marks {
        let (dovecot, office) = (Dovecot::start(), Office::open().await);
        append(&dovecot, 0..3).await;
        let mut watch = office.watch(inbox(&dovecot, mark.clone()));
        watch.until_entered(3).await;
        watch.stop().await;
        assert_eq!(flags(&dovecot, "INBOX").await, expected, "{mark:?}");
        assert_eq!(office.desk.books().await.unwrap().unmarked, 0, "{mark:?}");
    }
}

#[tokio::test]
async fn a_mark_can_be_a_move_to_another_folder() {
    let (dovecot, office) = (Dovecot::start(), Office::open().await);
    append(&dovecot, 0..3).await;
    let mut watch = office.watch(inbox(&dovecot, Mark::Move("Verwerkt".to_owned())));
    watch.until_entered(3).await;
    append(&dovecot, 3..5).await;
    watch.until_entered(5).await;
    watch.stop().await;
    assert_eq!(
        (count(&dovecot, "INBOX").await, count(&dovecot, "Verwerkt").await),
        (0, 5)
    );
    assert_eq!(office.desk.books().await.unwrap().unmarked, 0);
}

#[tokio::test]
async fn several_folders_are_watched_and_names_need_not_be_ascii() {
    let (dovecot, office) = (Dovecot::start(), Office::open().await);
    let mut colleague = dovecot.colleague().await;
    colleague.create("Co&APY-rdinatie &- meer").await;
    colleague.append("Co&APY-rdinatie &- meer", &text(1)).await;
    append(&dovecot, 2..4).await;
    let account = dovecot.account(&["INBOX", "Coördinatie & meer"], keyword());
    let mut watch = office.watch(Access::Imap(account));
    watch.until_entered(3).await;
    watch.stop().await;
    let books = office.desk.books().await.unwrap();
    let folders: Vec<_> = books
        .folders
        .iter()
        .map(|reading| reading.folder.as_str())
        .collect();
    assert_eq!(folders, ["Coördinatie & meer", "INBOX"]);
}

#[tokio::test]
async fn what_came_while_the_server_was_away_is_found_when_it_is_back() {
    let (mut dovecot, office) = (Dovecot::start(), Office::open().await);
    append(&dovecot, 0..2).await;
    let mut watch = office.watch(inbox(&dovecot, keyword()));
    watch.until_entered(2).await;
    dovecot.kill();
    watch.until_trouble().await;
    let trouble = office.desk.books().await.unwrap().folders[0].trouble.clone();
    // Which of the two depends on what it was doing when it was killed.
    let broken = [
        "the server closed the connection",
        "the connection broke (connection reset)",
    ];
    assert!(
        trouble
            .as_deref()
            .is_some_and(|trouble| broken.contains(&trouble)),
        "{trouble:?}"
    );
    dovecot.run();
    append(&dovecot, 2..4).await;
    watch.until_entered(4).await;
    watch.stop().await;
    let books = office.desk.books().await.unwrap();
    assert_eq!((books.messages, books.duplicates, books.unmarked), (4, 0, 0));
    assert_eq!(books.folders[0].trouble, None);
}

#[tokio::test]
async fn a_server_that_is_down_at_the_start_is_waited_for() {
    let (mut dovecot, office) = (Dovecot::start(), Office::open().await);
    dovecot.kill();
    let mut watch = office.watch(inbox(&dovecot, keyword()));
    watch.until_trouble().await;
    dovecot.run();
    watch.until_entered(0).await;
    watch.stop().await;
}

#[tokio::test]
async fn what_only_a_human_can_mend_ends_the_watch_with_one_line_that_says_how() {
    let dovecot = Dovecot::start();
    let good = dovecot.account(&["INBOX"], keyword());
    let unknown = Imap {
        folders: vec!["INBOX".to_owned(), "Inkomend".to_owned()],
        ..good.clone()
    };
    let no_target = Imap {
        mark: Mark::Move("Weg".to_owned()),
        ..good.clone()
    };
    let onto_itself = Imap {
        mark: Mark::Move("INBOX".to_owned()),
        ..good.clone()
    };
    let mut distrusted = good.clone();
    distrusted.server.ca_file = None;
    let mut nobody = good.clone();
    nobody.server.account = None;
    let cases = [
        (unknown, "the server does not open folder `Inkomend`"),
        (no_target, "the server does not open folder `Weg`"),
        (
            onto_itself,
            "messages in folder `INBOX` cannot be marked: it would be moved to where it is",
        ),
        (distrusted, "shows a certificate that is not trusted"),
        (nobody, "an IMAP server needs an account"),
    ];
    for (account, expected) in cases {
        let error = Office::open().await.watch(Access::Imap(account)).gives_up().await;
        let line = error.to_string();
        assert!(line.contains(expected) && !line.contains('\n'), "{line}");
    }
}

#[tokio::test]
async fn a_wrong_password_ends_the_watch_and_is_not_repeated() {
    let (dovecot, office) = (Dovecot::start(), Office::open().await);
    dovecot.note_password("verkeerd");
    let error = office.watch(inbox(&dovecot, keyword())).gives_up().await;
    let expected = IntakeError::LoginRefused {
        host: "localhost".to_owned(),
        password: dovecot.server().account.unwrap().password,
        code: "AUTHENTICATIONFAILED".to_owned(),
    };
    assert_eq!(error, expected);
    let line = error.to_string();
    assert!(!line.contains("verkeerd") && !line.contains("restart"), "{line}");
}

#[tokio::test]
async fn a_password_that_is_wrong_later_is_waited_for() {
    let (mut dovecot, office) = (Dovecot::start(), Office::open().await);
    let mut watch = office.watch(inbox(&dovecot, keyword()));
    watch.until_entered(0).await;
    dovecot.set_password("nieuw");
    dovecot.kill();
    dovecot.run();
    watch.until_trouble().await;
    dovecot.set_password(PASSWORD);
    append(&dovecot, 0..1).await;
    watch.until_entered(1).await;
    watch.stop().await;
}

#[tokio::test]
async fn a_folder_that_was_read_before_a_restart_and_cannot_be_opened_after_it_holds_up_no_other() {
    let (dovecot, office) = (Dovecot::start(), Office::open().await);
    let mut colleague = dovecot.colleague().await;
    colleague.create("Signalen").await;
    let account = dovecot.account(&["INBOX", "Signalen"], keyword());
    let mut watch = office.watch(Access::Imap(account.clone()));
    watch
        .until("both are read", |progress| {
            progress.is_caught_up() && progress.folders.len() == 2
        })
        .await;
    watch.stop().await;

    colleague.rename("Signalen", "Signalen DUO").await;
    append(&dovecot, 0..1).await;
    let mut watch = office.watch(Access::Imap(account));
    watch
        .until("the other is read", |progress| {
            let stands = |folder| progress.folders.get(folder).map(|folder| folder.standing);
            progress.entered() == 1
                && stands("INBOX") == Some(Standing::CaughtUp)
                && stands("Signalen") == Some(Standing::Troubled)
        })
        .await;
    office
        .until_told("the server does not open folder `Signalen`")
        .await;
    colleague.rename("Signalen DUO", "Signalen").await;
    watch.until_entered(1).await;
    watch.stop().await;
}

#[tokio::test]
async fn a_password_beyond_ascii_works() {
    let (dovecot, office) = (Dovecot::start(), Office::open().await);
    dovecot.set_password("wachtwóórd");
    dovecot.note_password("wachtwóórd");
    let mut watch = office.watch(inbox(&dovecot, keyword()));
    watch.until_entered(0).await;
    watch.stop().await;
}

#[tokio::test]
async fn an_expired_certificate_ends_the_watch() {
    let (dovecot, office) = (Dovecot::with(Certificate::Expired, ""), Office::open().await);
    let error = office.watch(inbox(&dovecot, keyword())).gives_up().await;
    assert!(
        matches!(error, IntakeError::Wire(WireError::Untrusted { .. })),
        "{error:?}"
    );
    assert!(error.to_string().contains("expired"), "{error}");
}

#[tokio::test]
async fn starttls_works_and_is_never_done_without() {
    let (dovecot, office) = (Dovecot::start(), Office::open().await);
    append(&dovecot, 0..1).await;
    let account = |dovecot: &Dovecot| Imap {
        server: dovecot.starttls(),
        ..dovecot.account(&["INBOX"], keyword())
    };
    let mut watch = office.watch(Access::Imap(account(&dovecot)));
    watch.until_entered(1).await;
    watch.stop().await;

    let open = Dovecot::with(Certificate::Valid, "ssl = no\ndisable_plaintext_auth = no\n");
    // Of an office that never read it: one that did would wait for better days.
    let office = Office::open().await;
    let error = office.watch(Access::Imap(account(&open))).gives_up().await;
    assert!(matches!(error, IntakeError::NotEncrypted { .. }), "{error:?}");
    assert!(
        !open.logs().contains("Login"),
        "the password went over the open line: {}",
        open.logs()
    );
}

#[tokio::test]
async fn a_mailbox_that_was_renumbered_opens_nothing_twice() {
    let (dovecot, office) = (Dovecot::start(), Office::open().await);
    append(&dovecot, 0..5).await;
    let mut watch = office.watch(inbox(&dovecot, Mark::Nothing));
    watch.until_entered(5).await;
    watch.stop().await;
    let before = office.desk.books().await.unwrap();

    dovecot.renumber();
    let mut watch = office.watch(inbox(&dovecot, Mark::Nothing));
    watch.until_entered(5).await;
    watch.stop().await;
    let after = office.desk.books().await.unwrap();
    assert_eq!((after.messages, after.duplicates), (5, 5));
    assert_eq!((after.waiting, after.taken), (before.waiting, before.taken));
}

#[tokio::test]
async fn a_server_that_is_restored_and_hands_out_numbers_anew_keeps_no_message_from_its_task() {
    let (mut dovecot, office) = (Dovecot::start(), Office::open().await);
    append(&dovecot, 0..2).await;
    dovecot.kill();
    let backup = dovecot.back_up();
    dovecot.run();
    append(&dovecot, 2..6).await;
    let epoch = dovecot.colleague().await.epoch("INBOX").await;
    let mut watch = office.watch(inbox(&dovecot, keyword()));
    watch.until_entered(6).await;
    watch.stop().await;

    dovecot.kill();
    dovecot.restore(&backup);
    dovecot.run();
    // They get numbers that the ledger has of messages which are gone.
    append(&dovecot, 6..8).await;
    assert_eq!(
        dovecot.colleague().await.epoch("INBOX").await,
        epoch,
        "nothing else shows it"
    );
    let mut watch = office.watch(inbox(&dovecot, keyword()));
    watch.until_entered(4).await;
    let books = office.desk.books().await.unwrap();
    assert_eq!((books.messages, books.duplicates, books.unmarked), (8, 0, 0));

    // The next visit reads what is new, and nothing for a third time; then the old top is passed.
    for (numbers, entered) in [(8..9, 5), (9..11, 7)] {
        dovecot.kill();
        dovecot.run();
        append(&dovecot, numbers).await;
        watch.until_entered(entered).await;
    }
    watch.stop().await;
    let books = office.desk.books().await.unwrap();
    assert_eq!((books.messages, books.duplicates, books.unmarked), (11, 0, 0));
    assert_eq!(
        flags(&dovecot, "INBOX").await,
        BTreeMap::from([("$Koppelwacht".to_owned(), 7)])
    );
}

#[tokio::test]
async fn what_has_an_old_number_is_not_moved_away_before_it_is_entered() {
    static REFUSING: AtomicBool = AtomicBool::new(false);
    static TIMES: AtomicUsize = AtomicUsize::new(usize::MAX);
    let (dovecot, office) = (Dovecot::start(), Office::open().await);
    append(&dovecot, 0..3).await;
    let folder = inbox_of(dovecot.colleague().await.epoch("INBOX").await);
    // A run entered four others and died before it moved them; then the server was restored.
    let before = [("1", 11), ("2", 12), ("3", 13), ("4", 14)];
    let before = before.map(|(item, number)| arrived(&office, &folder, item, number));
    office.desk.receive(&before).await.unwrap();
    let meddler = Meddler::before(dovecot.server(), |line| {
        Some(refuse_the_third(line, &REFUSING, &TIMES))
    })
    .await;
    let account = Imap {
        server: meddler.instead_of(dovecot.server()),
        ..dovecot.account(&["INBOX"], Mark::Move("Verwerkt".to_owned()))
    };
    let mut watch = office.watch(Access::Imap(account));
    watch.until_trouble().await;
    watch.stop().await;
    assert_eq!(
        (count(&dovecot, "INBOX").await, count(&dovecot, "Verwerkt").await),
        (1, 2)
    );
    let books = office.desk.books().await.unwrap();
    assert_eq!((books.messages, books.folders[0].backlog), (6, 1));
    assert_eq!(books.unmarked, 0);
}

#[tokio::test]
async fn what_a_crash_left_unmarked_is_marked_by_the_next_run_and_entered_once() {
    let (dovecot, office) = (Dovecot::start(), Office::open().await);
    append(&dovecot, 0..3).await;
    dovecot.remove(2);
    let folder = inbox_of(dovecot.colleague().await.epoch("INBOX").await);
    // A run entered both, and a third that somebody deleted since, and died before it marked them.
    office
        .desk
        .receive(
            &[("1", 0), ("2", 1), ("3", 2)].map(|(item, number)| arrived(&office, &folder, item, number)),
        )
        .await
        .unwrap();
    let before = office.desk.books().await.unwrap();
    assert_eq!((before.messages, before.unmarked), (3, 3));

    let mut watch = office.watch(inbox(&dovecot, keyword()));
    watch.until_entered(0).await;
    watch.stop().await;
    let after = office.desk.books().await.unwrap();
    assert_eq!((after.messages, after.duplicates, after.unmarked), (3, 0, 0));
    assert_eq!((after.waiting, after.taken), (before.waiting, before.taken));
    assert_eq!(
        flags(&dovecot, "INBOX").await,
        BTreeMap::from([("$Koppelwacht".to_owned(), 2)])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_huge_message_is_cut_and_holds_nobody_up() {
    let (dovecot, office) = (Dovecot::start(), Office::open().await);
    let line = "x".repeat(998) + "\r\n";
    let mut colleague = dovecot.colleague().await;
    colleague.append("INBOX", &(text(0) + &line.repeat(40_000))).await;
    colleague.append("INBOX", &text(1)).await;
    let mut watch = office.watch(inbox(&dovecot, keyword()));
    watch.until_entered(2).await;
    watch.stop().await;
    assert_eq!(office.desk.books().await.unwrap().messages, 2);
}

#[tokio::test]
async fn a_message_that_the_server_will_not_hand_out_holds_nobody_up() {
    let (dovecot, office) = (Dovecot::start(), Office::open().await);
    append(&dovecot, 0..7).await;
    dovecot.lock_away(3);
    let mut watch = office.watch(inbox(&dovecot, keyword()));
    watch
        .until("all others are entered and it goes on", |progress| {
            progress.entered() == 6 && progress.folders["INBOX"].standing == Standing::Troubled
        })
        .await;
    assert_eq!(
        flags(&dovecot, "INBOX").await,
        BTreeMap::from([("$Koppelwacht".to_owned(), 6)])
    );
    assert_eq!(office.desk.books().await.unwrap().folders[0].backlog, 1);
    append(&dovecot, 7..8).await;
    watch
        .until("the next one is entered", |progress| progress.entered() == 7)
        .await;
    watch.stop().await;

    dovecot.give_back(3);
    let mut watch = office.watch(inbox(&dovecot, keyword()));
    watch.until_entered(1).await;
    watch.stop().await;
    assert_eq!(office.desk.books().await.unwrap().folders[0].trouble, None);
}

#[tokio::test]
async fn one_mail_that_the_ledger_does_not_take_keeps_no_other_from_being_marked() {
    let (dovecot, office) = (Dovecot::start(), Office::tampered(NotTaken("7")).await);
    append(&dovecot, 0..20).await;
    let mut watch = office.watch(inbox(&dovecot, keyword()));
    watch.until_trouble().await;
    watch.stop().await;
    let books = office.desk.books().await.unwrap();
    assert_eq!((books.messages, books.folders[0].backlog), (19, 1));
    assert_eq!(
        flags(&dovecot, "INBOX").await,
        BTreeMap::from([("$Koppelwacht".to_owned(), 19)])
    );
    let trouble = books.folders[0].trouble.clone().unwrap_or_default();
    assert!(trouble.starts_with("message 7 cannot be entered"), "{trouble}");
}

#[tokio::test]
async fn a_sweep_comes_though_the_server_never_tells() {
    let (dovecot, office) = (Dovecot::start(), Office::open().await);
    // Takes the news of new messages out of everything the server says.
    let meddler = Meddler::before(dovecot.server(), |line| {
        Some(if line.ends_with(" EXISTS\r\n") {
            String::new()
        } else {
            line.to_owned()
        })
    })
    .await;
    let account = Imap {
        server: meddler.instead_of(dovecot.server()),
        sweep_seconds: 1,
        ..dovecot.account(&["INBOX"], keyword())
    };
    let mut watch = office.watch(Access::Imap(account));
    watch.until_entered(0).await;
    append(&dovecot, 0..1).await;
    watch.until_entered(1).await;
    watch.stop().await;
}

/// Watches five messages of which the third is spoiled on its way each time; all others must be entered and marked.
async fn entered_but_for_the_third(meddle: Meddle) {
    let (dovecot, office) = (Dovecot::start(), Office::open().await);
    append(&dovecot, 0..5).await;
    let meddler = Meddler::before(dovecot.server(), meddle).await;
    let account = Imap {
        server: meddler.instead_of(dovecot.server()),
        ..dovecot.account(&["INBOX"], keyword())
    };
    let mut watch = office.watch(Access::Imap(account));
    watch
        .until("all others are entered and it goes on", |progress| {
            progress.entered() == 4 && progress.folders["INBOX"].standing == Standing::Troubled
        })
        .await;
    watch.stop().await;
    let flags = dovecot.colleague().await.flags("INBOX").await;
    let unmarked: Vec<u32> = flags
        .iter()
        .filter(|(_, flags)| flags.is_empty())
        .map(|(uid, _)| *uid)
        .collect();
    assert_eq!(unmarked, [3]);
}

#[tokio::test]
async fn a_message_that_connections_break_at_holds_nobody_up() {
    entered_but_for_the_third(|line| (!line.contains("FETCH (UID 3 INTERNALDATE")).then(|| line.to_owned()))
        .await;
}

#[tokio::test]
async fn a_message_that_was_given_up_while_the_server_was_ill_is_asked_for_again() {
    static IS_ILL: AtomicBool = AtomicBool::new(true);
    let (dovecot, office) = (Dovecot::start(), Office::open().await);
    append(&dovecot, 0..5).await;
    let meddler = Meddler::before(dovecot.server(), |line| {
        let breaks = IS_ILL.load(Ordering::Relaxed) && line.contains("FETCH (UID 3 INTERNALDATE");
        (!breaks).then(|| line.to_owned())
    })
    .await;
    let account = Imap {
        server: meddler.instead_of(dovecot.server()),
        sweep_seconds: 1,
        ..dovecot.account(&["INBOX"], keyword())
    };
    let mut watch = office.watch(Access::Imap(account));
    office
        .until_told("broke 4 times at the message with UID 3, which is asked for once an hour now")
        .await;
    IS_ILL.store(false, Ordering::Relaxed);
    office
        .clock
        .move_to(office.clock.now() + jiff::SignedDuration::from_hours(1));
    watch.until_entered(5).await;
    watch.stop().await;
    assert_eq!(office.desk.books().await.unwrap().folders[0].trouble, None);
}

#[tokio::test]
async fn an_answer_that_the_parser_panics_at_holds_nobody_up() {
    entered_but_for_the_third(|line| {
        let (before, after) = match line.split_once("FETCH (UID 3 INTERNALDATE \"") {
            Some((before, rest)) => (before, rest.split_once('"').unwrap_or_default().1),
            None => return Some(line.to_owned()),
        };
        Some(format!("{before}FETCH (UID 3 INTERNALDATE NIL{after}"))
    })
    .await;
}

/// Ends a fetch with NO where the third message's turn would be, as often as is left in `times`.
fn refuse_the_third(line: &str, refusing: &AtomicBool, times: &AtomicUsize) -> String {
    if line.contains("FETCH (UID 3 INTERNALDATE") && times.load(Ordering::Relaxed) > 0 {
        times.fetch_sub(1, Ordering::Relaxed);
        refusing.store(true, Ordering::Relaxed);
    }
    if line.contains(" OK Fetch completed") && refusing.swap(false, Ordering::Relaxed) {
        return line.replace(" OK ", " NO [SERVERBUG] ");
    }
    if refusing.load(Ordering::Relaxed) {
        String::new()
    } else {
        line.to_owned()
    }
}

/// The books after a watch over so many messages, of which the server withholds some.
async fn left_behind(messages: u32, meddle: Meddle) -> Books {
    let (dovecot, office) = (Dovecot::start(), Office::open().await);
    append(&dovecot, 0..messages).await;
    let meddler = Meddler::before(dovecot.server(), meddle).await;
    let account = Imap {
        server: meddler.instead_of(dovecot.server()),
        ..dovecot.account(&["INBOX"], keyword())
    };
    let mut watch = office.watch(Access::Imap(account));
    watch.until_trouble().await;
    watch.stop().await;
    office.desk.books().await.expect("books")
}

#[tokio::test]
async fn a_fetch_that_is_refused_half_way_is_halved_until_the_culprit_stands_alone() {
    static REFUSING: AtomicBool = AtomicBool::new(false);
    static TIMES: AtomicUsize = AtomicUsize::new(usize::MAX);
    let books = left_behind(9, |line| Some(refuse_the_third(line, &REFUSING, &TIMES))).await;
    assert_eq!((books.messages, books.folders[0].backlog), (8, 1));
    let trouble = books.folders[0].trouble.as_deref();
    let expected = "the server will not hand out the message with UID 3 (SERVERBUG); look at it with a mail program and \
                    move it elsewhere";
    assert_eq!(trouble, Some(expected));
}

#[tokio::test]
async fn what_the_server_says_nothing_about_is_named_too() {
    static REFUSING: AtomicBool = AtomicBool::new(false);
    static TIMES: AtomicUsize = AtomicUsize::new(usize::MAX);
    let books = left_behind(5, |line| {
        Some(refuse_the_third(line, &REFUSING, &TIMES).replace(" NO [SERVERBUG] ", " OK "))
    })
    .await;
    assert_eq!((books.messages, books.folders[0].backlog), (2, 3));
    let expected = "the server lists the message with UID 3 and does not hand it out; look at it with a mail program and \
                    move it elsewhere";
    assert_eq!(books.folders[0].trouble.as_deref(), Some(expected));
}

#[tokio::test]
async fn what_was_left_behind_is_tried_again_at_the_next_sweep() {
    static REFUSING: AtomicBool = AtomicBool::new(false);
    static TIMES: AtomicUsize = AtomicUsize::new(3);
    let (dovecot, office) = (Dovecot::start(), Office::open().await);
    append(&dovecot, 0..5).await;
    let meddler = Meddler::before(dovecot.server(), |line| {
        Some(refuse_the_third(line, &REFUSING, &TIMES))
    })
    .await;
    let account = Imap {
        server: meddler.instead_of(dovecot.server()),
        sweep_seconds: 1,
        ..dovecot.account(&["INBOX"], keyword())
    };
    let mut watch = office.watch(Access::Imap(account));
    watch.until_entered(5).await;
    watch.stop().await;
    assert_eq!(TIMES.load(Ordering::Relaxed), 0, "it was refused at first");
    assert_eq!(office.desk.books().await.unwrap().folders[0].trouble, None);
}

#[tokio::test]
async fn a_folder_is_not_proven_while_an_older_message_in_it_is_unread() {
    static REFUSING: AtomicBool = AtomicBool::new(false);
    static TIMES: AtomicUsize = AtomicUsize::new(usize::MAX);
    let (dovecot, office) = (Dovecot::start(), Office::open().await);
    append(&dovecot, 0..5).await;
    let meddler = Meddler::before(dovecot.server(), |line| {
        Some(refuse_the_third(line, &REFUSING, &TIMES))
    })
    .await;
    let account = Imap {
        server: meddler.instead_of(dovecot.server()),
        ..dovecot.account(&["INBOX"], keyword())
    };
    let mut watch = office.watch(Access::Imap(account));
    watch.until_trouble().await;
    let before = office.desk.books().await.unwrap().folders.remove(0);
    assert_eq!((before.backlog, before.proven), (1, None));

    // Only what is new is looked at for the next one.
    append(&dovecot, 5..6).await;
    watch
        .until("the next one is entered and it goes on", |progress| {
            progress.entered() == 5 && progress.folders["INBOX"].standing != Standing::Behind
        })
        .await;
    assert_eq!(office.desk.books().await.unwrap().folders, [before]);

    // Somebody else took care of it; the server notices that in its own time.
    dovecot.remove(2);
    let mut is_caught_up = false;
    let deadline = Instant::now() + Duration::from_secs(30);
    for number in 6.. {
        append(&dovecot, number..number + 1).await;
        watch
            .until("the next one is entered", |progress| {
                let standing = progress.folders["INBOX"].standing;
                is_caught_up = standing == Standing::CaughtUp;
                progress.entered() == u64::from(number) && standing != Standing::Behind
            })
            .await;
        if is_caught_up || Instant::now() > deadline {
            break;
        }
    }
    watch.stop().await;
    let after = office.desk.books().await.unwrap().folders.remove(0);
    let proven = Some(office.desk.now());
    assert_eq!((after.backlog, after.proven, after.trouble), (0, proven, None));
}

#[tokio::test]
async fn an_answer_that_the_parser_does_not_know_breaks_one_connection_and_no_more() {
    static SPOILED: AtomicBool = AtomicBool::new(false);
    let (dovecot, office) = (Dovecot::start(), Office::open().await);
    append(&dovecot, 0..5).await;
    let meddler = Meddler::before(dovecot.server(), |line| {
        let first = line.contains("FETCH (UID 3 INTERNALDATE") && !SPOILED.swap(true, Ordering::Relaxed);
        Some(if first {
            format!("* XFOO 123456782\r\n{line}")
        } else {
            line.to_owned()
        })
    })
    .await;
    let account = Imap {
        server: meddler.instead_of(dovecot.server()),
        ..dovecot.account(&["INBOX"], keyword())
    };
    let mut watch = office.watch(Access::Imap(account));
    watch.until_trouble().await;
    let trouble = office.desk.books().await.unwrap().folders[0].trouble.clone();
    assert_eq!(
        trouble.as_deref(),
        Some("the server sent something that cannot be understood")
    );
    watch.until_entered(5).await;
    watch.stop().await;
}

#[tokio::test]
async fn while_the_ledger_cannot_be_written_nothing_is_marked_and_nothing_lost() {
    let impatient = Options {
        patience: Duration::from_millis(300),
        ..Options::default()
    };
    let (dovecot, office) = (Dovecot::start(), Office::open_with(&impatient).await);
    let mut watch = office.watch(inbox(&dovecot, keyword()));
    watch.until_entered(0).await;
    let other = office.somebody_writes().await;
    append(&dovecot, 0..3).await;
    watch
        .until("they are found", |progress| progress.backlog() > 0)
        .await;
    assert_eq!(flags(&dovecot, "INBOX").await, BTreeMap::new());
    drop(other);
    watch.until_entered(3).await;
    watch.stop().await;
    assert_eq!(
        flags(&dovecot, "INBOX").await,
        BTreeMap::from([("$Koppelwacht".to_owned(), 3)])
    );
}
