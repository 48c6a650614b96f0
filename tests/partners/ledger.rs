//! The same through the real desk and a real ledger, opened anew between any two steps; and once with real mail servers.

use std::path::Path;
use std::sync::Arc;

use koppelwacht::app::Installation;
use koppelwacht::clock::Clock;
use koppelwacht::desk::{Desk, Reading, Watched};
use koppelwacht::domain::{Cause, Delivery, Happening, Patience, SourceId, Task, TaskState};
use koppelwacht::findings::Findings;
use koppelwacht::store::sqlite::SqliteStore;
use koppelwacht::store::{Store as _, TaskFilter};
use koppelwacht::vault::Vault;

use crate::support::stage::{Stage, at, koppeling};
use crate::{ADMIN, COA, DUO, NEW_WORDS, notice};

/// An office with a ledger in a folder.
struct House {
    desk: Desk,
    clock: Clock,
    dir: tempfile::TempDir,
    mails: u32,
}

async fn desk(dir: &Path, clock: Clock) -> Desk {
    let store = SqliteStore::open(&dir.join("ledger.sqlite")).await.unwrap();
    let vault = Vault::with_key(include_str!("../support/vault.key")).unwrap();
    let installation = Installation::load(None, &mut Findings::default()).expect("the example checks out");
    let mut office = installation.office;
    let six = Patience::Days(6);
    office.rules.partners.patience = [(SourceId::new("coa"), six)].into();
    office.rules.letters.gather = 0;
    office.admin = Some(ADMIN.to_owned());
    let office = Arc::new(office);
    let another = Installation::load(None, &mut Findings::default()).unwrap();
    let desk = Desk::new(Arc::new(store), another.office, vault, clock);
    desk.enforce(office).await.unwrap();
    desk
}

impl House {
    async fn opens(now: &str) -> Self {
        let (dir, clock) = (tempfile::tempdir().unwrap(), Clock::manual(at(now)));
        Self {
            desk: desk(dir.path(), clock.clone()).await,
            clock,
            dir,
            mails: 0,
        }
    }

    /// The program is killed and starts again.
    async fn starts_again(&mut self) {
        self.desk = desk(self.dir.path(), self.clock.clone()).await;
    }

    /// Time goes on; the mailbox is read, and what is due is done.
    async fn is_at(&mut self, now: &str) {
        self.clock.move_to(at(now));
        self.mailbox_is_read().await;
        self.desk.tick().await.unwrap();
    }

    async fn mailbox_is_read(&self) {
        let reading = Reading {
            mailbox: "inburgering".to_owned(),
            folder: "INBOX".to_owned(),
            proven: Some(self.desk.now()),
            backlog: 0,
            trouble: None,
        };
        self.desk.note_reading(reading).await.unwrap();
    }

    /// Mails of a partner are read together.
    async fn receives(&mut self, count: u32, mail: (&str, &str)) {
        let now = self.desk.now();
        let mails = (self.mails + 1..=self.mails + count).map(|number| Arc::new(notice(number, now, mail)));
        let mails: Vec<_> = mails.collect();
        self.mails += count;
        self.desk.receive(&mails).await.unwrap();
        self.desk.tick().await.unwrap();
    }

    async fn about_silence(&self) -> Vec<Task> {
        let all = TaskFilter {
            done_too: true,
            ..TaskFilter::default()
        };
        let mut tasks = self.desk.tasks(&all).await.unwrap();
        tasks.retain(|task| matches!(task.cause, Cause::Silence(_)));
        tasks.sort_by_key(|task| task.id);
        tasks
    }

    /// All letters that wait are sent; those to the admin, by their subjects.
    async fn to_the_admin(&self) -> Vec<String> {
        let parcels = self.desk.claim_letters(500).await.unwrap();
        let tried: Vec<_> = parcels
            .into_iter()
            .map(|parcel| (parcel, Delivery::Accepted))
            .collect();
        self.desk.letters_tried(&tried).await.unwrap();
        let to_admin = tried.into_iter().filter(|(parcel, _)| parcel.to == ADMIN);
        to_admin.map(|(parcel, _)| parcel.words.subject).collect()
    }
}

#[tokio::test]
async fn a_silence_is_asked_about_once_and_over_when_mail_comes() {
    let mut house = House::opens("2026-11-02T09:00").await;
    house.receives(2, COA).await;
    for day in ["03", "04", "05", "06", "09", "10"] {
        house.is_at(&format!("2026-11-{day}T09:00")).await;
        house.starts_again().await;
    }
    assert_eq!(house.about_silence().await, []);
    house.is_at("2026-11-11T09:00").await;
    house.starts_again().await;
    house.is_at("2026-11-12T09:00").await;
    let asked = house.about_silence().await;
    let [task] = asked.as_slice() else {
        panic!("not one task: {asked:?}")
    };
    assert_eq!(task.opened, at("2026-11-11T09:00"));
    let shown = house.desk.task(task.id).await.unwrap();
    assert_eq!(shown.message, None);
    assert!(matches!(shown.history[0].what, Happening::Opened { .. }));
    let known = house.desk.partners().await.unwrap();
    assert!(known.silent.contains("coa"));

    house.clock.move_to(at("2026-11-12T14:00"));
    house.receives(1, DUO).await;
    assert!(house.about_silence().await[0].is_open(), "that was somebody else");
    house.receives(1, COA).await;
    let over = house.about_silence().await.remove(0);
    assert_eq!(
        over.state,
        TaskState::Done {
            by: None,
            at: at("2026-11-12T14:00")
        }
    );
    let history = house.desk.task(over.id).await.unwrap().history;
    assert_eq!(
        history.last().unwrap().what,
        Happening::CameAfterAll { sign: None }
    );
    assert!(house.desk.partners().await.unwrap().silent.is_empty());

    house.is_at("2026-11-20T09:00").await;
    assert_eq!(house.about_silence().await.len(), 1);
    house.is_at("2026-11-23T09:00").await;
    assert_eq!(house.about_silence().await.len(), 2, "the second silence");
}

#[tokio::test]
async fn a_folder_that_is_watched_no_more_hides_no_silence() {
    let mut house = House::opens("2026-11-02T09:00").await;
    let old = Reading {
        mailbox: "inburgering".to_owned(),
        folder: "INBOX/DUO".to_owned(),
        proven: Some(house.desk.now()),
        backlog: 0,
        trouble: None,
    };
    house.desk.note_reading(old).await.unwrap();
    house.receives(2, COA).await;
    let folder = Watched {
        mailbox: "inburgering".to_owned(),
        folder: "INBOX".to_owned(),
    };
    house.desk.watches(&[folder]).await.unwrap();
    house.is_at("2026-11-30T09:00").await;
    assert_eq!(house.about_silence().await.len(), 1);
}

#[tokio::test]
async fn what_we_did_not_read_is_not_their_silence() {
    let mut house = House::opens("2026-11-02T09:00").await;
    house.receives(1, COA).await;
    house.mailbox_is_read().await;
    // The mailboxes cannot be read for two weeks; the program itself runs.
    house.clock.move_to(at("2026-11-16T09:00"));
    house.desk.tick().await.unwrap();
    assert_eq!(house.about_silence().await, []);
    house.is_at("2026-11-17T09:00").await;
    assert_eq!(
        house.about_silence().await.len(),
        1,
        "now it is known that nothing came"
    );
}

#[tokio::test]
async fn fifty_mails_read_together_are_one_letter_to_the_admin() {
    let mut house = House::opens("2026-11-02T09:00").await;
    for day in ["02", "03", "04", "05", "06", "09", "10", "11", "12", "13"] {
        house.is_at(&format!("2026-11-{day}T10:00")).await;
        house.receives(3, DUO).await;
    }
    assert_eq!(house.to_the_admin().await, [""; 0]);
    house.is_at("2026-11-16T09:10").await;
    house.receives(50, NEW_WORDS).await;
    house.starts_again().await;
    house.receives(50, NEW_WORDS).await;
    assert_eq!(
        house.to_the_admin().await,
        ["[Koppelwacht] Berichten van DUO worden vaak niet herkend"]
    );
    let known = house.desk.partners().await.unwrap();
    let monday = known
        .days
        .iter()
        .find(|day| day.day == jiff::civil::date(2026, 11, 16));
    assert_eq!(monday.map(|day| (day.mails, day.unrecognised)), Some((100, 100)));
    assert_eq!(known.told.get("duo"), Some(&at("2026-11-16T09:10")));
    house.is_at("2026-11-20T09:00").await;
    house.receives(3, NEW_WORDS).await;
    assert_eq!(
        house.to_the_admin().await,
        [""; 0],
        "it goes on, and that was told"
    );
}

/// The admin has the daemon load the rules anew; returns once they are in force.
async fn reload(stage: &Stage, watch: &crate::support::stage::Watch) {
    let lines = async || stage.ledger().await.rulebook().await.unwrap().len();
    let before = lines().await;
    watch.reload();
    stage
        .soon("the rules are loaded", async || {
            (lines().await > before).then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_changes_its_words_and_the_admin_hears_of_it_once() {
    let mut stage = Stage::set().await;
    let settings = std::fs::read_to_string(stage.config()).unwrap();
    let settings = settings.replacen("[identity]\n", &format!("[identity]\nadmin = \"{ADMIN}\"\n"), 1);
    std::fs::write(stage.config(), settings).unwrap();
    let file = "notifications/coa.toml";
    let folder = stage.config().parent().unwrap().join("rules");
    let right = std::fs::read_to_string(folder.join(file)).unwrap();
    // A notice of COA holds this word now; the rules say that it is none then.
    stage.rule(
        file,
        &right.replacen("never = [\n", "never = [\n    \"TVS\",\n", 1),
    );
    let sources = std::fs::read_to_string(folder.join("sources.toml")).unwrap();
    let sources = sources.replacen("id = \"coa\"\n", "id = \"coa\"\nsilence = \"learn\"\n", 1);
    stage.rule("sources.toml", &sources);

    let watch = stage.watch_from(at("2026-11-23T09:00"));
    for number in 1..=3 {
        stage.deliver(&koppeling(number), at("2026-11-23T09:00")).await;
    }
    let letter = loop {
        let letter = stage.post.taken().await;
        if letter.to == ADMIN {
            break letter;
        }
    };
    assert_eq!(
        letter.header("Subject"),
        "[Koppelwacht] Berichten van COA worden vaak niet herkend"
    );

    stage.rule(file, &right);
    reload(&stage, &watch).await;
    let put_right = stage.said(&["reclassify", "--as", "f.elamrani"]);
    assert!(
        put_right.contains("#3 mail.onbekend -> coa.koppeling"),
        "{put_right}"
    );
    watch.clock.move_to(at("2026-11-23T09:30"));
    stage.deliver(&koppeling(4), at("2026-11-23T09:30")).await;
    stage
        .until("it is recognised", |books| {
            books.messages == 4 && books.unmarked == 0
        })
        .await;
    assert_eq!(stage.task(4).await.task.kind.as_str(), "coa.koppeling");
    let known = stage
        .ledger()
        .await
        .partners(at("2026-11-23T09:30"))
        .await
        .unwrap();
    assert_eq!(
        known.told,
        [(SourceId::new("coa"), at("2026-11-23T09:00"))].into()
    );

    let status = String::from_utf8_lossy(&stage.types(&["status"]).stdout).into_owned();
    let line = status.lines().find(|line| line.starts_with("partner  ")).unwrap();
    assert_eq!(
        line,
        "partner  coa: last mail Mon 2026-11-23 09:30:00, working days without: 0, somebody is asked at 10 (not \
         learned, because too little is known: 4 mails, on 0 of 0 working days)"
    );
    let json = String::from_utf8_lossy(&stage.types(&["status", "--json"]).stdout).into_owned();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let partner = &json["partners"][0];
    assert_eq!(
        (&partner["source"], &partner["limit"]),
        (&"coa".into(), &10.into())
    );
    assert_eq!(partner["ground"], "too_little_history");
    watch.stop().await;
}
