//! Rules that are changed while the watch goes on: wrong ones, broken ones, corrected ones.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use koppelwacht::app::reload::when_told;
use koppelwacht::clock::Clock;
use koppelwacht::desk::{Desk, DeskError};
use koppelwacht::domain::{Delivery, Happening, RulebookEvent, RulesVersion, TaskState, TypeId};
use koppelwacht::store::{Store as _, StoreError};
use koppelwacht::vault::Vault;
use support::log::Log;
use support::stage::{Stage, Watch, at, diploma, koppeling};
use support::tampered::{Tamper, Tampered};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const ADMIN: &str = "functioneelbeheer@gemeente-voorbeeld.nl";
const COA: &str = "notifications/coa.toml";
/// A notice of COA holds this word; who writes it here has not thought of that.
const WRONG: (&str, &str) = ("never = [\n", "never = [\n    \"TVS\",\n");

/// An installation with an admin who is told of mistakes in its rules.
async fn office() -> Stage {
    let stage = Stage::set().await;
    let settings = fs::read_to_string(stage.config()).unwrap();
    let settings = settings.replacen("[identity]\n", &format!("[identity]\nadmin = \"{ADMIN}\"\n"), 1);
    fs::write(stage.config(), settings).unwrap();
    stage
}

fn rules(stage: &Stage) -> PathBuf {
    stage.config().parent().unwrap().join("rules")
}

/// Somebody edits a file.
fn edit(stage: &Stage, file: &str, (old, new): (&str, &str)) {
    let path = rules(stage).join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(old), "{file} has changed");
    fs::write(path, text.replacen(old, new, 1)).unwrap();
}

fn printed(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

async fn lines(stage: &Stage) -> Vec<RulebookEvent> {
    let lines = stage.ledger().await.rulebook().await.unwrap();
    lines.into_iter().map(|line| line.what).collect()
}

/// The admin has the daemon load the rules anew; returns once the rulebook tells what came of it.
async fn reload(stage: &Stage, watch: &Watch) -> RulebookEvent {
    let before = lines(stage).await.len();
    watch.reload();
    let told = async || lines(stage).await.get(before).cloned();
    stage.soon("the rulebook tells of the reload", told).await
}

async fn arrives(stage: &Stage, number: u32, mail: &str) {
    stage.deliver(mail, at("2026-11-23T09:00")).await;
    stage
        .until("the mail is in the ledger", |books| {
            books.messages == u64::from(number)
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_rule_is_corrected_while_mail_keeps_flowing() {
    let mut stage = office().await;
    edit(&stage, COA, WRONG);
    let watch = stage.watch_from(at("2026-11-23T09:00"));
    arrives(&stage, 1, &koppeling(1)).await;
    arrives(&stage, 2, &koppeling(2)).await;
    for task in [1, 2] {
        assert_eq!(
            stage.task(task).await.task.kind,
            TypeId::unknown(),
            "a koppeling is in triage"
        );
        stage.post.taken().await;
    }

    // A broken edit in the middle of the day: refused, and nothing waits for it.
    edit(&stage, "ladders.toml", ("[[ladder]]", "[[ladder]"));
    assert!(matches!(
        reload(&stage, &watch).await,
        RulebookEvent::Refused { .. }
    ));
    let letter = stage.post.taken().await;
    assert_eq!(letter.to, ADMIN);
    assert!(
        letter
            .header("Subject")
            .contains("De nieuwe regels zijn niet in gebruik genomen")
    );
    assert!(letter.content.contains("ladders.toml:"), "{}", letter.content);
    let status = stage.types(&["status"]);
    assert!(
        printed(&status).contains("new rules were refused"),
        "{}",
        printed(&status)
    );
    arrives(&stage, 3, &diploma(3)).await;
    assert_eq!(stage.task(3).await.task.kind.as_str(), "duo.ss106");
    stage.post.taken().await;
    let listed = stage.types(&["task", "list"]);
    assert!(
        listed.status.success(),
        "commands work by the rules in force: {}",
        printed(&listed)
    );
    edit(&stage, "ladders.toml", ("[[ladder]", "[[ladder]]"));

    // The correction, tried out before anything is done with it.
    edit(&stage, COA, (WRONG.1, WRONG.0));
    let check = stage.types(&["check"]);
    assert!(check.status.success(), "{}", printed(&check));
    let changes = stage.types(&["rules", "diff"]);
    assert!(
        printed(&changes).contains("-    \"TVS\","),
        "{}",
        printed(&changes)
    );
    let replay = stage.types(&["replay", "--rules", &rules(&stage).display().to_string()]);
    assert_eq!(replay.status.code(), Some(1), "{}", printed(&replay));
    let told = printed(&replay);
    assert!(told.contains("now   mail.onbekend -> triage"), "{told}");
    assert!(
        told.contains("then  coa.koppeling -> asiel, due 2026-11-25 17:00"),
        "{told}"
    );
    assert!(
        told.contains("3 mails read again, 2 would become something else"),
        "{told}"
    );
    assert!(!told.contains("9900121147"), "{told}");

    let RulebookEvent::InForce(version) = reload(&stage, &watch).await else {
        panic!("the corrected rules are taken")
    };
    arrives(&stage, 4, &koppeling(4)).await;
    let fourth = stage.task(4).await.task;
    assert_eq!((fourth.kind.as_str(), &fourth.rules), ("coa.koppeling", &version));
    stage.post.taken().await;

    triage_is_put_right(&stage, &version).await;
    let again = stage.types(&["reclassify", "--as", "m.kuipers"]);
    assert!(printed(&again).contains("0 triage tasks"), "{}", printed(&again));
    let status = stage.types(&["status"]);
    assert!(
        !printed(&status).contains("refused, with"),
        "{}",
        printed(&status)
    );
    watch.stop().await;
    let books = stage.ledger().await.books().await.unwrap();
    assert_eq!((books.messages, books.with_task, books.unguarded), (4, 4, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_cannot_keep_their_promise_are_refused_and_the_old_ones_stay() {
    let mut stage = office().await;
    let watch = stage.watch_from(at("2026-11-23T09:00"));
    arrives(&stage, 1, &koppeling(1)).await;
    stage.post.taken().await;
    edit(&stage, "cover.toml", ("within = \"8 wu\"", "within = \"1 wu\""));
    let check = stage.types(&["check"]);
    assert_eq!(check.status.code(), Some(1), "{}", printed(&check));
    assert!(
        printed(&check).contains("may lie unread for 2:00 office hours, and 1:00 are promised"),
        "{}",
        printed(&check)
    );
    assert!(matches!(
        reload(&stage, &watch).await,
        RulebookEvent::Refused { .. }
    ));
    let letter = stage.post.taken().await;
    assert_eq!(letter.to, ADMIN);
    assert!(letter.content.contains("cover.toml:"), "{}", letter.content);
    watch.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_in_the_middle_of_an_edit_does_not_end_the_watch() {
    let mut stage = office().await;
    let monday = at("2026-11-23T09:00");
    edit(&stage, "ladders.toml", ("[[ladder]]", "[[ladder]"));
    let first = stage.types(&["run"]);
    assert_eq!(first.status.code(), Some(2), "no rules were ever in force");
    assert!(printed(&first).contains("ladders.toml:"), "{}", printed(&first));
    edit(&stage, "ladders.toml", ("[[ladder]", "[[ladder]]"));

    let daemon = stage.daemon(monday);
    arrives(&stage, 1, &koppeling(1)).await;
    stage.post.taken().await;
    counts(&stage).await;
    daemon.kill();
    let [RulebookEvent::InForce(version)] = &lines(&stage).await[..] else {
        panic!("one set of rules is in force");
    };

    for (number, file, mistake) in [
        (2, "ladders.toml", ("[[ladder]]", "[[ladder]")),
        (3, "cover.toml", ("within = \"8 wu\"", "within = \"1 wu\"")),
    ] {
        edit(&stage, file, mistake);
        let daemon = stage.daemon(monday);
        let letter = stage.post.taken().await;
        assert_eq!(letter.to, ADMIN);
        assert!(letter.content.contains(&format!("{file}:")), "{}", letter.content);
        counts(&stage).await;
        daemon.kill();
        // Started once more: the admin knows.
        let daemon = stage.daemon(monday);
        arrives(&stage, number, &koppeling(number)).await;
        let task = stage.task(number.into()).await.task;
        assert_eq!((task.kind.as_str(), &task.rules), ("coa.koppeling", version));
        assert_ne!(stage.post.taken().await.to, ADMIN);
        counts(&stage).await;
        daemon.kill();
        edit(&stage, file, (mistake.1, mistake.0));
        let before = lines(&stage).await.len();
        let daemon = stage.daemon(monday);
        let accepted = async || lines(&stage).await.get(before).cloned();
        let accepted = stage.soon("the rules are in force again", accepted).await;
        assert_eq!(accepted, RulebookEvent::InForce(version.clone()));
        daemon.kill();
    }
}

/// A letter whose fate is not written down when the daemon is killed is sent once more.
async fn counts(stage: &Stage) {
    stage
        .until("it is known that the letter left", |books| {
            books.letters_waiting == 0
        })
        .await;
}

/// What wrong rules sent to triage is what it should have been, once somebody has it reclassified.
async fn triage_is_put_right(stage: &Stage, version: &RulesVersion) {
    let only_said = stage.types(&["reclassify", "--dry-run", "--as", "m.kuipers"]);
    assert!(
        printed(&only_said).contains("#1 mail.onbekend -> coa.koppeling"),
        "{}",
        printed(&only_said)
    );
    assert_eq!(stage.task(1).await.task.kind, TypeId::unknown());
    let done = stage.types(&["reclassify", "--as", "m.kuipers"]);
    assert!(
        printed(&done).contains("2 triage tasks were recognised"),
        "{}",
        printed(&done)
    );
    for number in [1, 2] {
        let file = stage.task(number).await;
        assert_eq!(file.task.kind.as_str(), "coa.koppeling");
        assert_eq!(
            (file.task.caseload.as_str(), &file.task.rules),
            ("asiel", version)
        );
        assert_eq!(file.task.due, at("2026-11-25T17:00"), "counted from its receipt");
        assert!(file.task.next_moment().is_some());
        let retyped = file.history.iter().find_map(|line| match &line.what {
            Happening::Retyped { from, to, .. } => Some((line.by.clone(), from.clone(), to.clone())),
            _ => None,
        });
        let (by, from, to) = retyped.unwrap();
        assert_eq!(by.unwrap().as_str(), "m.kuipers");
        assert_eq!((from.as_str(), to.as_str()), ("mail.onbekend", "coa.koppeling"));
    }
}

/// A ledger in which somebody else is writing, so many times more.
#[derive(Debug, Default)]
struct Busy(AtomicU32);

impl Tamper for Busy {
    fn begin(&self) -> Result<(), StoreError> {
        let once_less = |times: u32| times.checked_sub(1);
        match self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, once_less) {
            Ok(_) => Err(StoreError::Later("somebody else is writing".to_owned())),
            Err(_) => Ok(()),
        }
    }
}

/// A desk at the stage's ledger, where reloads are asked for without the rest of a daemon.
struct Reloading {
    desk: Arc<Desk>,
    told: Arc<Notify>,
    stop: CancellationToken,
    task: JoinHandle<Result<(), DeskError>>,
}

impl Reloading {
    async fn at(stage: &Stage, tamper: Arc<impl Tamper + 'static>) -> Self {
        let store = Tampered {
            ledger: stage.ledger().await,
            tamper,
        };
        let vault = Vault::with_key(include_str!("support/vault.key")).unwrap();
        let clock = Clock::manual(at("2026-11-23T09:00"));
        let office = stage.installation().office;
        let desk = Arc::new(Desk::new(Arc::new(store), office, vault, clock));
        desk.enforce(desk.office()).await.unwrap();
        let (told, stop) = (Arc::new(Notify::new()), CancellationToken::new());
        let task = tokio::spawn({
            let (desk, told, stop, config) = (desk.clone(), told.clone(), stop.clone(), stage.config());
            async move { when_told(&desk, Some(&config), &told, &stop).await }
        });
        Self {
            desk,
            told,
            stop,
            task,
        }
    }

    async fn end(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
    }
}

const BROKEN: (&str, &str) = ("[[ladder]]", "[[ladder]");

#[tokio::test]
async fn new_rules_and_their_refusal_wait_for_a_ledger_that_is_busy_and_are_told_once() {
    let stage = office().await;
    let log = Log::listen();
    let busy = Arc::new(Busy::default());
    let office = Reloading::at(&stage, busy.clone()).await;
    for (file, (old, new)) in [
        (COA, WRONG),
        ("ladders.toml", BROKEN),
        ("ladders.toml", (BROKEN.1, BROKEN.0)),
    ] {
        edit(&stage, file, (old, new));
        let before = lines(&stage).await.len();
        busy.0.store(2, Ordering::SeqCst);
        office.told.notify_one();
        let noted = async || lines(&stage).await.get(before).cloned();
        let noted = stage.soon("it is written down all the same", noted).await;
        match noted {
            RulebookEvent::Refused { .. } => assert_eq!(new, BROKEN.1),
            RulebookEvent::InForce(version) => {
                let works_by_it = async || (office.desk.office().rules.version == version).then_some(());
                stage.soon("the office works by them", works_by_it).await;
            }
        }
    }
    office.end().await;
    let told = log.text();
    assert_eq!(told.matches("the new rules are refused").count(), 1, "{told}");
    assert_eq!(told.matches("somebody else is writing").count(), 3, "{told}");
}

/// A ledger that turns out to be damaged at some moment.
#[derive(Debug, Default)]
struct Damaged(AtomicBool);

impl Tamper for Damaged {
    fn begin(&self) -> Result<(), StoreError> {
        if self.0.load(Ordering::SeqCst) {
            return Err(StoreError::Broken("torn".to_owned()));
        }
        Ok(())
    }
}

#[tokio::test]
async fn new_rules_that_meet_a_damaged_ledger_end_the_service_as_a_mail_would() {
    let stage = office().await;
    for (old, new) in [WRONG, (WRONG.1, "never = [[\n")] {
        let damaged = Arc::new(Damaged::default());
        let office = Reloading::at(&stage, Arc::clone(&damaged)).await;
        edit(&stage, COA, (old, new));
        damaged.0.store(true, Ordering::SeqCst);
        office.told.notify_one();
        let ended = tokio::time::timeout(Duration::from_secs(20), office.task).await;
        let ended = ended.expect("it ends").unwrap();
        assert_eq!(ended, Err(StoreError::Broken("torn".to_owned()).into()));
    }
}

#[tokio::test]
async fn the_admin_is_told_of_what_is_wrong_now_and_of_nothing_when_it_is_mended_before_the_letter_leaves() {
    let stage = office().await;
    let office = Reloading::at(&stage, Arc::<Busy>::default()).await;
    let told_of = async |changes: &[(&str, (&str, &str))]| {
        for (file, change) in changes {
            edit(&stage, file, *change);
        }
        let before = lines(&stage).await.len();
        office.told.notify_one();
        let noted = async || lines(&stage).await.get(before).cloned();
        stage.soon("the rulebook tells of it", noted).await;
    };
    let cover = ("within = \"8 wu\"", "within = \"1 wu\"");
    told_of(&[("ladders.toml", BROKEN)]).await;
    told_of(&[("ladders.toml", (BROKEN.1, BROKEN.0)), ("cover.toml", cover)]).await;
    let [letter] = &office.desk.claim_letters(10).await.unwrap()[..] else {
        panic!("what was wrong before is told anew or gone");
    };
    assert!(letter.words.text.contains("cover.toml:"), "{}", letter.words.text);
    office
        .desk
        .letters_tried(&[(letter.clone(), Delivery::Accepted)])
        .await
        .unwrap();

    told_of(&[("ladders.toml", BROKEN)]).await;
    told_of(&[
        ("ladders.toml", (BROKEN.1, BROKEN.0)),
        ("cover.toml", (cover.1, cover.0)),
    ])
    .await;
    assert_eq!(office.desk.claim_letters(10).await.unwrap(), []);
    let books = office.desk.books().await.unwrap();
    assert_eq!(
        (books.letters_waiting, books.letters_sent, books.letters_overtaken),
        (0, 1, 2)
    );
    office.end().await;
}

#[tokio::test]
async fn a_reload_takes_over_whom_to_tell_and_not_by_which_address_we_are_known() {
    let stage = office().await;
    let office = Reloading::at(&stage, Arc::<Busy>::default()).await;
    let known = |desk: &Desk| {
        let trust = desk.trust();
        (trust.own_address.clone(), trust.letter_domain.clone())
    };
    let before = known(&office.desk);
    let mut settings = fs::read_to_string(stage.config()).unwrap();
    for (old, new) in [
        (ADMIN, "beheer@gemeente-voorbeeld.nl"),
        (
            "\"koppelwacht@gemeente-voorbeeld.nl",
            "\"meldingen@gemeente-voorbeeld.nl",
        ),
        (
            "\"koppelwacht.gemeente-voorbeeld.nl",
            "\"meldingen.gemeente-voorbeeld.nl",
        ),
    ] {
        assert!(settings.contains(old), "{old} is not in {settings}");
        settings = settings.replace(old, new);
    }
    fs::write(stage.config(), settings).unwrap();
    office.told.notify_one();
    let admin = Some("beheer@gemeente-voorbeeld.nl".to_owned());
    let taken_over = async || (office.desk.office().admin == admin).then_some(());
    stage.soon("the settings were read", taken_over).await;
    assert_eq!(known(&office.desk), before, "letters that left bear it");

    edit(&stage, "ladders.toml", BROKEN);
    office.told.notify_one();
    let waits = async || {
        let letters = office.desk.claim_letters(1).await.unwrap();
        letters.into_iter().next()
    };
    let letter = stage.soon("the refusal is told", waits).await;
    assert_eq!(Some(letter.to), admin, "where mail arrives");
    office.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_hangs_under_a_reload_keeps_nobody_from_stopping() {
    let stage = office().await;
    let vault = Vault::with_key(include_str!("support/vault.key")).unwrap();
    let desk = Desk::new(
        Arc::new(stage.ledger().await),
        stage.installation().office,
        vault,
        Clock::manual(at("2026-11-23T09:00")),
    );
    let hangs = stage.config().with_file_name("hangs.toml");
    assert!(Command::new("mkfifo").arg(&hangs).status().unwrap().success());
    let (told, stop) = (Notify::new(), CancellationToken::new());
    told.notify_one();
    let reloading = tokio::spawn({
        let (stop, hangs) = (stop.clone(), hangs.clone());
        async move { when_told(&desk, Some(&hangs), &told, &stop).await }
    });
    // Opened as soon as somebody reads it, and nothing is ever written.
    let open = move || fs::OpenOptions::new().write(true).open(hangs).unwrap();
    let held = tokio::task::spawn_blocking(open).await.unwrap();
    stop.cancel();
    let stopped = tokio::time::timeout(Duration::from_secs(10), reloading).await;
    drop(held);
    stopped.expect("it does not wait for the file").unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn on_what_ground_something_was_decided_can_be_answered_later() {
    let stage = office().await;
    let watch = stage.watch_from(at("2026-11-23T09:00"));
    arrives(&stage, 1, &koppeling(1)).await;
    let first = stage.task(1).await.task.rules;
    edit(&stage, COA, WRONG);
    let RulebookEvent::InForce(second) = reload(&stage, &watch).await else {
        panic!("wrong, and yet sound")
    };
    watch.stop().await;

    let list = printed(&stage.types(&["rules", "show"]));
    assert!(list.contains(first.as_str()), "{list}");
    assert!(list.contains(&format!("{second}  in force")), "{list}");
    let then = printed(&stage.types(&["rules", "show", &first.as_str()[..6]]));
    assert!(
        then.contains("id = \"coa.koppeling\"") && !then.contains("\"TVS\",\n"),
        "{then}"
    );
    let diff = printed(&stage.types(&["rules", "diff", first.as_str(), second.as_str()]));
    assert!(diff.contains("+    \"TVS\","), "{diff}");
    let unknown = stage.types(&["rules", "show", "zzz"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(printed(&unknown).contains("no version of the rules starts with `zzz`"));

    // A start with the same files adds nothing to the rulebook.
    let before = lines(&stage).await;
    let watch = stage.watch_from(at("2026-11-23T10:00"));
    arrives(&stage, 2, &diploma(2)).await;
    watch.stop().await;
    assert_eq!(lines(&stage).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_says_what_a_mail_is() {
    let mut stage = office().await;
    edit(&stage, COA, WRONG);
    let watch = stage.watch_from(at("2026-11-23T09:00"));
    arrives(&stage, 1, &koppeling(1)).await;
    stage.post.taken().await;
    let retyped = stage.types(&["task", "retype", "1", "--to", "coa.koppeling", "--as", "s.deboer"]);
    assert!(retyped.status.success(), "{}", printed(&retyped));
    let file = stage.task(1).await;
    assert_eq!(
        (file.task.kind.as_str(), file.task.caseload.as_str()),
        ("coa.koppeling", "asiel")
    );
    assert!(matches!(file.task.state, TaskState::Waiting(_)));
    // Who types is in the present; the letter leaves when the daemon is there too.
    watch.clock.move_to(Clock::System.now());
    let letter = stage.post.taken().await;
    assert!(
        letter.header("Subject").contains("Asielstatushouder gekoppeld"),
        "{}",
        letter.header("Subject")
    );

    for (kind, complaint) in [
        ("coa.kopeling", "not a type in the rules"),
        ("mail.eigen", "no task is opened"),
    ] {
        let refused = stage.types(&["task", "retype", "1", "--to", kind, "--as", "s.deboer"]);
        assert_eq!(refused.status.code(), Some(2));
        assert!(printed(&refused).contains(complaint), "{}", printed(&refused));
    }
    watch.stop().await;
}
