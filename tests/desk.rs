//! The one door for every write, when the ledger does not take everything: one bad mail or task never keeps another
//! from being written.

mod support;

use std::borrow::Cow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use koppelwacht::app::Installation;
use koppelwacht::clock::Clock;
use koppelwacht::desk::{Desk, DeskError, Patience, StoreError};
use koppelwacht::domain::{
    Act, Arrival, Away, Batch, Delivery, EventId, Fingerprint, FolderRef, Happening, Mail, Named, Parcel,
    PersonId, Place, References, Refusal, TaskId, Told,
};
use koppelwacht::findings::Findings;
use koppelwacht::store::TaskFilter;
use koppelwacht::store::sqlite::SqliteStore;
use koppelwacht::ticker;
use koppelwacht::vault::Vault;
use support::log::Log;
use support::tampered::{NotTaken, Tamper, Tampered};
use tokio_util::sync::CancellationToken;

/// What no value can be made to do today, and some defect may do tomorrow: the ledger does not take a message with a certain
/// Message-ID, nor a new state of a certain task.
#[derive(Debug)]
struct Picky {
    refused_message: Option<&'static str>,
    refused_task: Option<TaskId>,
}

impl Tamper for Picky {
    fn write<'b>(&self, batch: &'b Batch) -> Result<Cow<'b, Batch>, StoreError> {
        let bad_message = batch.messages.iter().any(|message| {
            self.refused_message.is_some() && message.message_id.as_deref() == self.refused_message
        });
        let bad_task = batch.moved.iter().any(|task| Some(task.id) == self.refused_task);
        if bad_message || bad_task {
            return Err(StoreError::Unwritable("picky".to_owned()));
        }
        Ok(Cow::Borrowed(batch))
    }
}

struct Office {
    desk: Arc<Desk>,
    clock: Clock,
    _dir: tempfile::TempDir,
}

async fn office(refused_message: Option<&'static str>, refused_task: Option<TaskId>) -> Office {
    tampered(Picky {
        refused_message,
        refused_task,
    })
    .await
}

async fn tampered(tamper: impl Tamper + 'static) -> Office {
    let dir = tempfile::tempdir().expect("a folder");
    let ledger = SqliteStore::open(&dir.path().join("ledger.sqlite"))
        .await
        .expect("a ledger");
    let installation = Installation::load(None, &mut Findings::default()).expect("the example checks out");
    let clock = Clock::manual("2026-11-23T08:00:00Z".parse().expect("a time"));
    let store = Tampered {
        ledger,
        tamper: Arc::new(tamper),
    };
    let vault = Vault::with_key(include_str!("support/vault.key")).expect("a key");
    let desk = Desk::new(Arc::new(store), installation.office, vault, clock.clone());
    Office {
        desk: Arc::new(desk),
        clock,
        _dir: dir,
    }
}

fn arrivals(count: u8) -> Vec<Arc<Arrival>> {
    let folder = FolderRef {
        mailbox: "post".to_owned(),
        folder: "INBOX".to_owned(),
        epoch: 1,
    };
    (1..=count)
        .map(|number| {
            let mut mail = Mail::unreadable(Fingerprint([number; 32]));
            mail.message_id = Some(format!("{number}@coa.nl"));
            Arc::new(Arrival {
                place: Place {
                    folder: folder.clone(),
                    item: number.to_string(),
                },
                received: "2026-11-23T08:00:00Z".parse().expect("a time"),
                mail,
                named: Named::default(),
                kept: std::sync::Arc::default(),
                earlier: None,
            })
        })
        .collect()
}

#[tokio::test]
async fn a_mail_that_the_ledger_does_not_take_becomes_a_task_without_its_content_and_the_others_go_in() {
    let office = office(Some("7@coa.nl"), None).await;
    office.desk.receive(&arrivals(20)).await.expect("all are in");
    let books = office.desk.books().await.expect("books");
    assert_eq!((books.messages, books.with_task, books.waiting), (20, 20, 20));
    let last = office.desk.task(TaskId(20)).await.expect("a task");
    assert!(last.task.critical, "a human reads it where it lies");
    let message = last.message.expect("it came of a mail");
    assert_eq!((message.place.item.as_str(), message.message_id), ("7", None));
}

#[tokio::test]
async fn a_mail_that_the_ledger_does_not_take_even_without_its_content_is_named_and_the_others_are_in() {
    let office = tampered(NotTaken("7")).await;
    let brought = arrivals(20);
    let error = office.desk.receive(&brought).await.expect_err("one is left");
    let DeskError::Untaken { places, why } = error else {
        panic!("{error}")
    };
    assert_eq!(places, [brought[6].place.clone()]);
    assert_eq!(why, StoreError::Unwritable("picky".to_owned()));
    assert_eq!(office.desk.books().await.expect("books").messages, 19);
}

#[tokio::test]
async fn a_task_that_cannot_be_escalated_stops_no_other() {
    let office = office(None, Some(TaskId(7))).await;
    office.desk.receive(&arrivals(20)).await.expect("all are in");
    office
        .clock
        .move_to("2026-11-23T10:00:00Z".parse().expect("a time"));
    let error = office
        .desk
        .tick()
        .await
        .expect_err("one is left, and that is said");
    assert!(
        matches!(error, DeskError::Store(StoreError::Unwritable(_))),
        "{error}"
    );
    let now = office.desk.now();
    let tasks = office.desk.tasks(&TaskFilter::default()).await.expect("tasks");
    let overdue: Vec<i64> = tasks
        .iter()
        .filter(|task| task.next_moment().is_some_and(|at| at <= now))
        .map(|task| task.id.0)
        .collect();
    assert_eq!(overdue, [7]);
}

/// A ledger that does not take a new state of this task, as long as there is one.
#[derive(Debug)]
struct Averse(Arc<Mutex<Option<TaskId>>>);

impl Tamper for Averse {
    fn write<'b>(&self, batch: &'b Batch) -> Result<Cow<'b, Batch>, StoreError> {
        let refused = *self.0.lock().expect("no panic");
        if batch.moved.iter().any(|task| Some(task.id) == refused) {
            return Err(StoreError::Unwritable("picky".to_owned()));
        }
        Ok(Cow::Borrowed(batch))
    }
}

#[tokio::test]
async fn a_task_that_cannot_be_escalated_is_told_once_and_when_it_can_be_again() {
    let refused = Arc::new(Mutex::new(Some(TaskId(7))));
    let Office { desk, clock, .. } = &tampered(Averse(Arc::clone(&refused))).await;
    desk.receive(&arrivals(20)).await.expect("all are in");
    clock.move_to("2026-11-23T10:00:00Z".parse().expect("a time"));
    let log = Log::listen();
    for _ in 0..3 {
        desk.tick().await.expect_err("one is left");
    }
    let told = || {
        let text = log.text();
        let lines = text.lines().filter(|line| line.contains("waits for the ledger"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let first = told();
    assert_eq!(first.len(), 1, "{first:?}");
    assert!(
        first[0].contains("to escalate task 7") && first[0].contains("picky"),
        "{first:?}"
    );

    *refused.lock().expect("no panic") = None;
    desk.tick().await.expect("it is taken now");
    let both = told();
    assert!(
        both.len() == 2 && both[1].contains("no more: to escalate task 7"),
        "{both:?}"
    );
    *refused.lock().expect("no panic") = Some(TaskId(7));
    clock.move_to("2026-11-24T10:00:00Z".parse().expect("a time"));
    desk.tick().await.expect_err("it is left again");
    assert_eq!(told().len(), 3, "{:?}", told());
}

/// A ledger that answers nothing but this, once there is something to answer.
#[derive(Debug, Default)]
struct Ill(Arc<Mutex<Option<StoreError>>>);

impl Tamper for Ill {
    fn begin(&self) -> Result<(), StoreError> {
        self.0.lock().expect("no panic").clone().map_or(Ok(()), Err)
    }
}

#[tokio::test]
async fn a_ledger_that_is_broken_ends_the_escalation_and_one_that_does_not_take_a_task_does_not() {
    let ill = Arc::default();
    let Office { desk, clock, .. } = &tampered(Ill(Arc::clone(&ill))).await;
    desk.receive(&arrivals(1)).await.expect("it is in");
    clock.move_to("2026-11-23T10:00:00Z".parse().expect("a time"));
    let broken = StoreError::Broken("torn".to_owned());
    *ill.lock().expect("no panic") = Some(broken.clone());
    let escalating = ticker::run(Arc::clone(desk), CancellationToken::new());
    let ended = tokio::time::timeout(Duration::from_secs(20), escalating).await;
    assert_eq!(ended.expect("it ends"), Err(broken.into()));

    *ill.lock().expect("no panic") = Some(StoreError::Unwritable("picky".to_owned()));
    let stop = CancellationToken::new();
    let log = Log::listen();
    let escalating = tokio::spawn(ticker::run(Arc::clone(desk), stop.clone()));
    let told = async {
        while !log.text().contains("this waits for the ledger") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), told)
        .await
        .expect("it says so");
    assert!(!escalating.is_finished());
    stop.cancel();
    assert_eq!(escalating.await.expect("no panic"), Ok(()));
}

#[test]
fn whoever_waits_for_the_ledger_says_so_once_and_when_it_is_over() {
    let log = Log::listen();
    let mut patience = Patience::about("to write it down");
    let busy = || DeskError::from(StoreError::Later("somebody else is writing".to_owned()));
    for tried in [Err(busy()), Err(busy()), Ok(()), Ok(()), Err(busy())] {
        patience.hear(tried).expect("nothing is broken");
    }
    let text = log.text();
    let said: Vec<bool> = text
        .lines()
        .map(|line| line.contains("no more: to write it down"))
        .collect();
    assert_eq!(said, [false, true, false], "{text}");
    assert_eq!(text.matches("somebody else is writing").count(), 2, "{text}");
}

#[tokio::test]
async fn a_daemon_that_starts_sends_at_once_what_the_one_before_it_had_claimed() {
    let office = office(None, None).await;
    office.desk.receive(&arrivals(3)).await.expect("all are in");
    office
        .clock
        .move_to("2026-11-23T08:01:00Z".parse().expect("a time"));
    let claimed = office.desk.claim_letters(50).await.expect("letters");
    assert_eq!(claimed.len(), 1, "they share a message");
    assert_eq!(
        office.desk.claim_letters(50).await,
        Ok(Vec::new()),
        "nobody else has them"
    );
    // Killed before it told what became of them.
    office.desk.take_up().await.expect("the watch goes on");
    assert_eq!(office.desk.claim_letters(50).await, Ok(claimed));
}

#[tokio::test]
async fn what_a_clock_that_was_ahead_put_off_is_due_when_the_watch_is_taken_up() {
    let office = office(None, None).await;
    let at = |text: &str| format!("2026-{text}:00Z").parse::<Timestamp>().expect("a time");
    office.desk.receive(&arrivals(2)).await.expect("all are in");
    office.clock.set_to(at("11-30T08:00"));
    assert_eq!(office.desk.tick().await, Ok(2));
    let next = async || office.desk.books().await.expect("books").next_moment;
    assert_eq!(
        next().await,
        Some(at("11-30T08:15")),
        "long overdue by that clock"
    );

    office.clock.set_to(at("11-23T08:05"));
    assert_eq!(
        office.desk.claim_letters(50).await.map(|parcels| parcels.len()),
        Ok(1)
    );
    office.desk.take_up().await.expect("the watch goes on");
    assert_eq!(
        office.desk.claim_letters(50).await.map(|parcels| parcels.len()),
        Ok(2)
    );
    assert_eq!(office.desk.tick().await, Ok(2), "nobody waits a week");
    assert_eq!(next().await, Some(at("11-23T10:05")));
    office.desk.take_up().await.expect("the watch goes on");
    assert_eq!(office.desk.tick().await, Ok(0), "once is enough");
}

#[tokio::test]
async fn letters_of_one_minute_wait_for_its_end_and_leave_as_one_message() {
    let office = office(None, None).await;
    let mut gathering = Installation::load(None, &mut Findings::default()).expect("the example checks out");
    gathering.office.rules.letters.gather = 1;
    office
        .desk
        .enforce(Arc::new(gathering.office))
        .await
        .expect("in force");
    office
        .clock
        .move_to("2026-11-23T08:00:10Z".parse().expect("a time"));
    let (first, second) = (arrivals(2).remove(0), arrivals(2).remove(1));
    office.desk.receive(&[first]).await.expect("it is in");
    office
        .clock
        .move_to("2026-11-23T08:00:59Z".parse().expect("a time"));
    office.desk.receive(&[second]).await.expect("it is in");
    let claimed = office.desk.claim_letters(50).await.expect("letters");
    assert_eq!(claimed, [], "they wait for each other");

    office
        .clock
        .move_to("2026-11-23T08:01:00Z".parse().expect("a time"));
    let claimed = office.desk.claim_letters(50).await.expect("letters");
    let [parcel] = claimed.as_slice() else {
        panic!("not one message: {claimed:?}")
    };
    let tasks: Vec<_> = parcel.letters.iter().map(|letter| letter.about.task()).collect();
    assert_eq!(tasks, [Some(TaskId(1)), Some(TaskId(2))]);
    assert!(
        parcel.words.subject.starts_with("[Koppelwacht] 2 onderwerpen: "),
        "{}",
        parcel.words.subject
    );
    for letter in &parcel.letters {
        let (name, _) = letter.message_id.split_once('@').expect("a name");
        let (_, token) = name.split_once('.').expect("a token");
        assert!(
            parcel.words.html.contains(token),
            "each task brings its own way to answer"
        );
    }
}

/// A mail as it lies in the mailbox.
fn brought(office: &Office, item: &str, head: &str, text: &str) -> Arc<Arrival> {
    let bytes = format!(
        "{head}To: inburgering@gemeente-voorbeeld.nl\r\nDate: Mon, 23 Nov 2026 09:00:00 +0100\r\n\r\n{text}\r\n"
    );
    let mut arrival = arrivals(1)[0].as_ref().clone();
    item.clone_into(&mut arrival.place.item);
    arrival.mail = koppelwacht::mail::read(bytes.as_bytes(), &office.desk.trust());
    Arc::new(arrival)
}

#[tokio::test]
async fn a_letter_that_is_overtaken_in_the_batch_in_which_it_was_queued_never_leaves() {
    let office = office(None, None).await;
    let notice = "Authentication-Results: mx.gemeente-voorbeeld.nl; dmarc=pass header.from=tvs.coa.nl\r\n\
                  From: <noreply@tvs.coa.nl>\r\nSubject: Koppeling\r\n";
    let koppeling = brought(
        &office,
        "1",
        notice,
        "Er is een statushouder aan uw gemeente gekoppeld.",
    );
    office.desk.receive(&[koppeling]).await.expect("it is in");
    office
        .clock
        .move_to("2026-11-23T08:02:00Z".parse().expect("a time"));
    let parcels = office.desk.claim_letters(10).await.expect("letters");
    let name = &parcels[0].message_id;
    let answer = |item: &str, text: &str| {
        let head = format!(
            "Authentication-Results: mx.gemeente-voorbeeld.nl; dmarc=pass header.from=gemeente-voorbeeld.nl\r\n\
             From: <f.elamrani@gemeente-voorbeeld.nl>\r\nSubject: Re: [Koppelwacht #1] Koppeling\r\n\
             Message-ID: <{item}@gemeente-voorbeeld.nl>\r\nIn-Reply-To: <{name}>\r\n"
        );
        brought(&office, item, &head, text)
    };
    // Whoever has it passes it on, so that the next one is written to; then they handled it after all.
    let answers = [
        answer("2", "Niet van mij."),
        answer("3", "Afgehandeld: toch zelf gebeld."),
    ];
    office.desk.receive(&answers).await.expect("they are in");
    let file = office.desk.task(TaskId(1)).await.expect("a task");
    assert!(!file.task.is_open());
    office
        .clock
        .move_to("2026-11-23T08:05:00Z".parse().expect("a time"));
    let parcels = office.desk.claim_letters(10).await.expect("letters");
    let about_it = parcels.iter().flat_map(|parcel| &parcel.letters);
    assert_eq!(about_it.filter(|letter| letter.about.task().is_some()).count(), 0);
    let books = office.desk.books().await.expect("books");
    assert_eq!(
        books.letters_overtaken, 2,
        "the first, of which nobody reported that it left, and the next"
    );
}

/// The number in the mails about somebody.
fn amina() -> References {
    References {
        v_nummers: vec!["9900121147".to_owned()],
        bsns: Vec::new(),
    }
}

/// A koppeling that names somebody.
async fn with_a_koppeling(office: &Office) {
    let notice = "Authentication-Results: mx.gemeente-voorbeeld.nl; dmarc=pass header.from=tvs.coa.nl\r\n\
                  From: <noreply@tvs.coa.nl>\r\nSubject: Koppeling\r\n";
    let text = "Er is een statushouder aan uw gemeente gekoppeld.";
    let mut koppeling = brought(office, "1", notice, text).as_ref().clone();
    koppeling.named.all = office.desk.vault().people(&amina());
    office
        .desk
        .receive(&[Arc::new(koppeling)])
        .await
        .expect("it is in");
}

/// The occasions of the letters that leave now, each with its recipient.
async fn leave(office: &Office) -> Vec<(String, String)> {
    let parcels = office.desk.claim_letters(50).await.expect("letters");
    let sent: Vec<_> = parcels
        .into_iter()
        .map(|parcel| (parcel, Delivery::Accepted))
        .collect();
    office
        .desk
        .letters_tried(&sent)
        .await
        .expect("it is written down");
    let letters = sent.into_iter().flat_map(|(parcel, _)| parcel.letters);
    letters.map(|letter| (letter.occasion, letter.to)).collect()
}

fn moves_to(office: &Office, at: &str) {
    office.clock.move_to(at.parse().expect("a time"));
}

#[tokio::test]
async fn a_task_that_was_closed_by_mistake_is_guarded_again_in_the_ledger() {
    let office = office(None, None).await;
    with_a_koppeling(&office).await;
    moves_to(&office, "2026-11-23T08:02:00Z");
    leave(&office).await;
    let (lead, task) = (PersonId::new("s.deboer"), TaskId(1));
    let done = Act::Done {
        remark: None,
        event: Some((EventId::new("pip_vastgesteld"), date(2026, 11, 20))),
    };
    office.desk.act(lead.clone(), task, done).await.expect("done");
    office.desk.tick().await.expect("what was told begins a term");
    let register = office.desk.task(TaskId(2)).await.expect("a task").task;
    assert!(register.is_open());
    let before = office.desk.task(task).await.expect("a task").task;

    moves_to(&office, "2026-11-23T08:30:00Z");
    leave(&office).await;
    let reopen = Act::Reopen { remark: None };
    office
        .desk
        .act(lead.clone(), task, reopen)
        .await
        .expect("open again");
    let again = office.desk.task(task).await.expect("a task").task;
    assert!(again.critical && again.is_open());
    assert_eq!(again.due, before.due);
    let two_hours = "2026-11-23T10:30:00Z".parse().expect("a time");
    assert_eq!(again.next_moment(), Some(two_hours));
    let register = office.desk.task(TaskId(2)).await.expect("a task").task;
    assert!(!register.is_open(), "nobody registers what did not happen");
    let dossier = office
        .desk
        .dossier(lead.clone(), &amina())
        .await
        .expect("a dossier");
    let waits_for = |rule: &str| {
        let expected = dossier.expected.iter().filter(|known| known.is_open());
        expected.filter(|known| known.rule.as_str() == rule).count()
    };
    assert_eq!(
        (
            waits_for("einde-inburgeringstermijn"),
            waits_for("duo-na-koppeling")
        ),
        (0, 1)
    );
    moves_to(&office, "2026-11-23T08:32:00Z");
    let owner = "f.elamrani@gemeente-voorbeeld.nl".to_owned();
    assert_eq!(leave(&office).await, [("reopened".to_owned(), owner)]);
    moves_to(&office, "2026-11-23T10:30:00Z");
    office.desk.tick().await.expect("the next rung");
    moves_to(&office, "2026-11-23T10:32:00Z");
    let occasions = leave(&office).await.into_iter().map(|(occasion, _)| occasion);
    assert_eq!(
        occasions.collect::<Vec<_>>(),
        ["escalation"],
        "it climbs like a new one"
    );
    let books = office.desk.books().await.expect("books");
    assert_eq!((books.unguarded, books.waiting), (0, 1));
}

#[tokio::test]
async fn what_was_told_with_an_older_task_is_taken_back_by_the_dossier() {
    let office = office(None, None).await;
    with_a_koppeling(&office).await;
    let lead = PersonId::new("s.deboer");
    let pip = |day| (EventId::new("pip_vastgesteld"), date(2026, 11, day));
    let desk = &office.desk;
    desk.report(lead.clone(), &amina(), pip(20)).await.expect("told");
    // The register task is the newest in the dossier from now on.
    desk.tick().await.expect("what was told begins a term");
    let last_days = async || {
        let dossier = desk.dossier(lead.clone(), &amina()).await.expect("a dossier");
        let expected = dossier.expected.into_iter();
        let ends =
            expected.filter(|known| known.is_open() && known.rule.as_str() == "einde-inburgeringstermijn");
        let calendar = &desk.office().rules.calendar;
        ends.map(|known| calendar.last_day(known.until))
            .collect::<Vec<_>>()
    };
    assert_eq!(last_days().await, [date(2029, 11, 19)]);
    let not_told = desk.take_back(lead.clone(), &amina(), pip(19)).await;
    assert_eq!(
        not_told,
        Err(DeskError::Refused(Refusal::NotTold(EventId::new(
            "pip_vastgesteld"
        ))))
    );
    desk.take_back(lead.clone(), &amina(), pip(20))
        .await
        .expect("taken back");
    assert_eq!(last_days().await, []);
    desk.report(lead.clone(), &amina(), pip(13))
        .await
        .expect("told right");
    assert_eq!(last_days().await, [date(2029, 11, 12)]);
    let nobody = References {
        v_nummers: vec!["9900121148".to_owned()],
        bsns: Vec::new(),
    };
    let nobody = desk.take_back(lead.clone(), &nobody, pip(13)).await;
    assert_eq!(nobody, Err(DeskError::Refused(Refusal::NobodyKnown)));
}

/// A message comes back from where it went.
fn returned(office: &Office, parcel: &Parcel) -> Arc<Arrival> {
    let head = "From: Mail Delivery System <MAILER-DAEMON@mx.gemeente-voorbeeld.nl>\r\n\
                Subject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n\
                Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n";
    let report = format!(
        "--x\r\n\r\nSee below.\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; \
         mx.gemeente-voorbeeld.nl\r\n\r\nFinal-Recipient: rfc822; {to}\r\nAction: failed\r\nStatus: 5.2.2\r\n\r\n\
         --x\r\nContent-Type: text/rfc822-headers\r\n\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: \
         <{id}>\r\n\r\n--x--",
        to = parcel.to,
        subject = parcel.words.subject,
        id = parcel.message_id,
    );
    brought(office, "returned", head, &report)
}

#[tokio::test]
async fn a_message_that_comes_back_from_a_functional_address_is_about_each_task_in_it() {
    let office = office(None, None).await;
    let at = |time: &str| -> Timestamp { format!("2026-11-23T{time}Z").parse().expect("a time") };
    let mut rules = Installation::load(None, &mut Findings::default()).expect("the example checks out");
    for caseload in rules.office.rules.caseloads.values_mut() {
        (caseload.owner, caseload.rota) = (None, None);
        caseload.deputies.clear();
        caseload.lead = Some(PersonId::new("m.kuipers"));
        caseload.functional = Some("team@gemeente-voorbeeld.nl".to_owned());
    }
    office
        .desk
        .enforce(Arc::new(rules.office))
        .await
        .expect("in force");
    // Until noon only the functional address is left.
    let lead = PersonId::new("m.kuipers");
    let away = Away {
        person: lead.clone(),
        from: at("07:00:00"),
        until: Some(at("11:00:00")),
    };
    office.desk.enter_absence(lead, away).await.expect("noted");
    office.desk.receive(&arrivals(2)).await.expect("they are in");
    office.clock.move_to(at("08:01:00"));
    let claimed = office.desk.claim_letters(50).await.expect("letters");
    let [parcel] = claimed.as_slice() else {
        panic!("not one message: {claimed:?}")
    };
    assert_eq!(parcel.letters.len(), 2);
    let tried = [(parcel.clone(), Delivery::Accepted)];
    office.desk.letters_tried(&tried).await.expect("noted");

    office.clock.move_to(at("08:02:00"));
    let bounce = returned(&office, parcel);
    office.desk.receive(&[bounce]).await.expect("it is in");
    let bounced = Happening::LetterBounced {
        code: Some("5.2.2".to_owned()),
        call: Some(Told { rung: 3, round: 0 }),
    };
    for task in [TaskId(1), TaskId(2)] {
        let history = office.desk.task(task).await.expect("a task").history;
        assert!(history.iter().any(|line| line.what == bounced), "{history:?}");
    }

    // The dead address is not asked again: the ladder starts anew, with the lead, who is back.
    let next = office
        .desk
        .task(TaskId(2))
        .await
        .expect("a task")
        .task
        .next_moment();
    let next = next.expect("a next moment");
    office.clock.move_to(next);
    office.desk.tick().await.expect("nothing is left");
    office.clock.move_to(next + SignedDuration::from_mins(1));
    let claimed = office.desk.claim_letters(50).await.expect("letters");
    let readers: Vec<_> = claimed
        .iter()
        .map(|parcel| (parcel.to.as_str(), parcel.letters.len()))
        .collect();
    assert_eq!(readers, [("m.kuipers@gemeente-voorbeeld.nl", 2)]);
}
