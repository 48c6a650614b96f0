//! The outbox at work: a real ledger, a real desk, a real mail server, and a clock that is moved.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, ToSpan};
use koppelwacht::clock::Clock;
use koppelwacht::desk::{Desk, Office};
use koppelwacht::domain::{
    Batch, CaseloadId, Cause, Climb, Fingerprint, FolderRef, Happening, LetterId, Message, MessageId, Place,
    RulesVersion, Sealed, Task, TaskId, TaskState, Told, Trust, TypeId,
};
use koppelwacht::outbox::{self, OutboxError};
use koppelwacht::rules::Rules;
use koppelwacht::settings::{Letters, Server};
use koppelwacht::store::sqlite::{Options, SqliteStore};
use koppelwacht::store::{Books, Store};
use koppelwacht::templates::Templates;
use koppelwacht::vault::Vault;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::cert::Authority;
use crate::support::log::Log;
use crate::support::smtp::MailServer;
use crate::{identity, letter};

const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(30);

/// An office in which the outbox runs.
pub(crate) struct Story {
    log: Log,
    pub(crate) clock: Clock,
    store: Arc<SqliteStore>,
    pub(crate) desk: Arc<Desk>,
    pub(crate) outbox: JoinHandle<Result<(), OutboxError>>,
    pub(crate) stop: CancellationToken,
    _ledger: TempDir,
}

impl Story {
    /// Starts with these letters in the ledger, at the moment at which the first was written.
    pub(crate) async fn begin(server: Server, letters: Vec<Sealed>) -> Self {
        let log = Log::listen();
        let ledger = tempfile::tempdir().unwrap();
        let options = Options {
            patience: Duration::from_secs(1),
            max_pages: None,
        };
        let file = ledger.path().join("ledger.sqlite");
        let store = Arc::new(SqliteStore::open_with(&file, &options).await.unwrap());
        let start = letters[0].queued;
        let mut transaction = store.begin().await.unwrap();
        transaction.apply(&written(letters)).await.unwrap();
        transaction.commit().await.unwrap();
        let office = Office {
            rules: Rules::shipped(),
            templates: Arc::new(Templates::shipped()),
            trust: Arc::new(trust()),
            admin: None,
        };
        let clock = Clock::manual(start);
        let vault = Vault::with_key(include_str!("../support/vault.key")).unwrap();
        let desk = Arc::new(Desk::new(store.clone(), office, vault, clock.clone()));
        let stop = CancellationToken::new();
        let outbox = tokio::spawn(outbox::run(
            desk.clone(),
            Letters::Smtp(server),
            identity(),
            stop.clone(),
        ));
        Self {
            log,
            clock,
            store,
            desk,
            outbox,
            stop,
            _ledger: ledger,
        }
    }

    /// Waits until the books are as wanted.
    pub(crate) async fn until(&self, wanted: impl Fn(&Books) -> bool) {
        self.observe(async || wanted(&self.desk.books().await.unwrap()))
            .await;
    }

    /// Waits until the next letter is to be tried at this moment.
    async fn until_next_letter_is_at(&self, moment: Timestamp) {
        self.observe(async || self.store.next_letter().await.unwrap() == Some(moment))
            .await;
    }

    async fn observe(&self, so: impl AsyncFn() -> bool) {
        let watching = async {
            while !so().await {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let seen = tokio::time::timeout(Duration::from_secs(20), watching).await;
        assert!(
            seen.is_ok(),
            "it did not come to this: {:?}",
            self.desk.books().await
        );
    }

    pub(crate) async fn end(self) {
        self.stop.cancel();
        self.outbox.await.unwrap().unwrap();
    }
}

fn trust() -> Trust {
    let identity = identity();
    Trust {
        authserv_id: identity.authserv_id,
        own_domains: identity.domains,
        guests: Vec::new(),
        own_address: identity.address,
        letter_domain: identity.letter_domain,
        sources: Vec::new(),
        smime: koppelwacht::domain::Smime::default(),
    }
}

/// Letters about one task, as the desk would have written them.
fn written(letters: Vec<Sealed>) -> Batch {
    let at = letters[0].queued;
    let task = letters[0].about.task().unwrap();
    let rules = RulesVersion::new("0");
    let message = Message {
        id: MessageId(1),
        place: Place {
            folder: FolderRef {
                mailbox: "inburgering".to_owned(),
                folder: "INBOX".to_owned(),
                epoch: 1,
            },
            item: "1".to_owned(),
        },
        fingerprint: Fingerprint([1; 32]),
        message_id: None,
        sender_domain: "coa.example".to_owned(),
        sender_verdict: "genuine".to_owned(),
        received: at,
        recorded: at,
        kinds: vec![TypeId::unknown()],
        rule: "mail.onbekend".to_owned(),
        rules: rules.clone(),
        task: Some(task),
    };
    let task = Task {
        id: task,
        cause: Cause::Notice(MessageId(1)),
        kind: TypeId::unknown(),
        title: "Nieuwe koppeling".to_owned(),
        critical: true,
        drill: false,
        caseload: CaseloadId::new("asiel"),
        assignee: None,
        received: at,
        opened: at,
        due: at + 48.hours(),
        rules,
        state: TaskState::Waiting(Climb {
            rung: 0,
            told: None,
            round: 0,
            next: Some(at + 1.hour()),
        }),
    };
    Batch {
        messages: vec![message],
        opened: vec![task],
        letters,
        ..Batch::default()
    }
}

/// A letter that is to be sent so much later than the others.
pub(crate) fn later(number: i64, to: &str, by: SignedDuration) -> Sealed {
    let mut sealed = letter(number, to);
    sealed.queued += by;
    sealed.not_before += by;
    sealed
}

#[tokio::test]
async fn letters_written_while_the_mail_server_is_down_leave_once_when_it_is_back() {
    let authority = Authority::new();
    let mut server = MailServer::start(&authority).await;
    let settings = server.with_starttls();
    let letters = vec![
        letter(1, "sanne"),
        later(2, "karim", SignedDuration::from_hours(2)),
    ];
    let start = letters[0].queued;
    server.stop();

    let story = Story::begin(settings, letters).await;
    story.until_next_letter_is_at(start + FIRST_WAIT).await;

    server.start_again().await;
    story.clock.move_to(start + FIRST_WAIT);
    assert_eq!(server.taken().await.to, "sanne@voorbeeld.example");
    story.until(|books| books.letters_sent == 1).await;

    story.clock.move_to(start + 3.hours());
    assert_eq!(server.taken().await.to, "karim@voorbeeld.example");
    story
        .until(|books| books.letters_sent == 2 && books.letters_waiting == 0)
        .await;
    story.end().await;
    assert_eq!(server.so_far().await.0, [], "each letter left once");
}

#[tokio::test]
async fn a_letter_whose_fate_is_unknown_is_sent_again_and_can_be_recognised() {
    let authority = Authority::new();
    let mut server = MailServer::start(&authority).await;
    let sealed = letter(1, "drop");
    let start = sealed.queued;
    let story = Story::begin(server.with_tls(), vec![sealed]).await;
    let first = server.taken().await;
    story.until_next_letter_is_at(start + FIRST_WAIT).await;
    story.clock.move_to(start + FIRST_WAIT);
    let second = server.taken().await;
    assert_eq!(first.header("Message-ID"), second.header("Message-ID"));
    story
        .until(|books| books.letters_sent == 1 && books.letters_waiting == 0)
        .await;
    story.end().await;
}

#[tokio::test]
async fn a_recipient_who_does_not_exist_stands_in_the_history_and_is_not_tried_again() {
    let authority = Authority::new();
    let server = MailServer::start(&authority).await;
    let story = Story::begin(server.with_starttls(), vec![letter(1, "code550")]).await;
    story.until(|books| books.letters_refused == 1).await;
    let history = story.desk.task(TaskId(17)).await.unwrap().history;
    let refused = Happening::LetterRefused {
        code: "550 5.1.1".to_owned(),
        call: Some(Told { rung: 0, round: 0 }),
    };
    assert!(history.iter().any(|line| line.what == refused), "{history:?}");
    story.end().await;
}

/// Lets the first letter be tried `times` times, each at the moment at which the desk wants it.
async fn try_again(story: &Story, start: Timestamp, times: usize) {
    let mut moment = start;
    for wait in [30, 60, 120, 240, 480, 900, 900].into_iter().take(times) {
        moment += SignedDuration::from_secs(wait);
        story.until_next_letter_is_at(moment).await;
        story.clock.move_to(moment);
    }
}

#[tokio::test]
async fn a_wrong_password_keeps_letters_waiting_and_is_told_once() {
    let authority = Authority::new();
    let server = MailServer::start(&authority).await;
    let sealed = letter(1, "sanne");
    let start = sealed.queued;
    let story = Story::begin(server.with_wrong_password(), vec![sealed]).await;
    try_again(&story, start, 7).await;
    let books = story.desk.books().await.unwrap();
    assert_eq!((books.letters_waiting, books.letters_refused), (1, 0));
    let log = story.log.text();
    assert_eq!(
        log.matches("check its user name and password").count(),
        1,
        "{log}"
    );
    story.end().await;
}

#[tokio::test]
async fn half_an_hour_in_which_we_may_not_send_as_ourselves_costs_no_letter() {
    let authority = Authority::new();
    let mut server = MailServer::start(&authority).await;
    server.disown(true).await;
    let letters = vec![letter(1, "sanne"), letter(2, "karim")];
    let start = letters[0].queued;
    let story = Story::begin(server.with_starttls(), letters).await;
    try_again(&story, start, 6).await;
    story
        .until_next_letter_is_at(start + SignedDuration::from_secs(30 + 60 + 120 + 240 + 480 + 900 + 900))
        .await;
    let books = story.desk.books().await.unwrap();
    assert_eq!((books.letters_waiting, books.letters_refused), (2, 0));
    server.disown(false).await;
    story.clock.move_to(start + 1.hour());
    story.until(|books| books.letters_sent == 2).await;
    let log = story.log.text();
    assert_eq!(log.matches("refuses us as sender").count(), 1, "{log}");
    assert_eq!(log.matches("letters leave again").count(), 1, "{log}");
    story.end().await;
}

#[tokio::test]
async fn an_expired_certificate_is_told_once_and_so_is_its_end() {
    let authority = Authority::new();
    let mut server = MailServer::start_with(&authority, authority.expired()).await;
    let settings = server.with_tls();
    let sealed = letter(1, "sanne");
    let start = sealed.queued;
    let story = Story::begin(settings, vec![sealed]).await;
    try_again(&story, start, 2).await;
    story
        .until_next_letter_is_at(start + SignedDuration::from_secs(30 + 60 + 120))
        .await;
    server.renew(authority.valid()).await;
    story.clock.move_to(start + 1.hour());
    story.until(|books| books.letters_sent == 1).await;
    let log = story.log.text();
    assert_eq!(log.matches("renew it on the server").count(), 1, "{log}");
    assert_eq!(log.matches("letters leave again").count(), 1, "{log}");
    story.end().await;
}

#[tokio::test]
async fn a_claim_is_more_than_one_connection_takes_and_all_of_it_leaves() {
    let authority = Authority::new();
    let mut server = MailServer::start(&authority).await;
    let letters: Vec<Sealed> = (1..=120)
        .map(|number| letter(number, &format!("lezer{number}")))
        .collect();
    let expected: Vec<LetterId> = letters.iter().map(|letter| letter.id).collect();
    let story = Story::begin(server.with_starttls(), letters).await;
    story.until(|books| books.letters_sent == 120).await;
    story.end().await;
    let (taken, connections) = server.so_far().await;
    let ids: Vec<&str> = taken.iter().map(|taken| taken.header("Message-ID")).collect();
    let expected: Vec<String> = expected
        .iter()
        .map(|id| format!("<task-17.{:016x}@koppelwacht.voorbeeld.example>", id.0))
        .collect();
    assert_eq!(ids, expected);
    assert_eq!(connections, 3);
}

#[tokio::test]
async fn letters_that_break_the_connection_hold_up_no_other() {
    let authority = Authority::new();
    let mut server = MailServer::start(&authority).await;
    let readers = ["cut1", "cut2", "cut3", "sanne", "karim"];
    let letters: Vec<Sealed> = (1..)
        .zip(readers)
        .map(|(number, to)| letter(number, to))
        .collect();
    let start = letters[0].queued;
    let story = Story::begin(server.with_starttls(), letters).await;
    let recipients = [server.taken().await.to, server.taken().await.to];
    assert_eq!(
        recipients,
        ["sanne", "karim"].map(|name| format!("{name}@voorbeeld.example")),
        "though time stands still"
    );
    story.until(|books| books.letters_sent == 2).await;
    story.until_next_letter_is_at(start + FIRST_WAIT).await;
    story.end().await;
}

#[tokio::test]
async fn a_letter_that_left_while_the_ledger_was_busy_is_noted_later_and_not_sent_again() {
    let authority = Authority::new();
    let mut server = MailServer::start(&authority).await;
    let story = Story::begin(server.with_tls(), vec![letter(1, "hold")]).await;
    assert_eq!(server.taken().await.to, "hold@voorbeeld.example");

    let somebody_else = story.store.begin().await.unwrap();
    server.release();
    story
        .observe(async || {
            story
                .log
                .text()
                .contains("this waits for the ledger: what became of letters")
        })
        .await;
    drop(somebody_else);

    story.until(|books| books.letters_sent == 1).await;
    story.end().await;
    assert_eq!(server.so_far().await.0, []);
}

#[tokio::test]
async fn the_log_tells_what_happened_to_letters_and_names_nobody() {
    let authority = Authority::new();
    let server = MailServer::start(&authority).await;
    let letters = ["sanne", "code550", "code450", "drop"];
    let letters = (1..)
        .zip(letters)
        .map(|(number, to)| letter(number, to))
        .collect();
    let story = Story::begin(server.with_starttls(), letters).await;
    story
        .until(|books| (books.letters_sent, books.letters_refused) == (1, 1))
        .await;
    let log = story.log.text();
    for told in [
        "letter taken",
        "550 5.1.1",
        "450 4.1.1",
        "the connection broke off",
    ] {
        assert!(log.contains(told), "{told} is not in {log}");
    }
    for name in [
        "sanne",
        "code550",
        "voorbeeld.example",
        "Nieuwe koppeling",
        "0000000000000001",
        "dinsdag",
    ] {
        assert!(!log.contains(name), "{name} is in {log}");
    }
    story.end().await;
}

#[tokio::test]
async fn an_outbox_with_nothing_to_do_stops_at_once() {
    let authority = Authority::new();
    let server = MailServer::start(&authority).await;
    let letters = vec![letter(1, "sanne")];
    let story = Story::begin(server.with_starttls(), letters).await;
    story.until(|books| books.letters_sent == 1).await;
    let ended = tokio::time::timeout(Duration::from_secs(1), story.end()).await;
    ended.expect("it looks for letters no more");
}
