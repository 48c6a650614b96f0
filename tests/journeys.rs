//! Whole journeys: what comes, what must follow and what is asked of whom, from the first notice to the end of the term.
//!
//! Every step is a mail of the corpus, read as it is, through the real desk and a real ledger; only whom it is about is
//! changed, because the mails of the corpus are about many people. Time is moved from one stored moment to the next.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use koppelwacht::app::Installation;
use koppelwacht::clock::Clock;
use koppelwacht::desk::Desk;
use koppelwacht::domain::{
    Act, Arrival, Delivery, EventId, FolderRef, Happening, HistoryLine, PersonId, Place, References, Task,
    TypeId,
};
use koppelwacht::findings::Findings;
use koppelwacht::mail;
use koppelwacht::store::sqlite::SqliteStore;
use koppelwacht::store::{Store, TaskFilter};
use koppelwacht::vault::Vault;

/// Whoever handles tasks in these stories.
const FATIMA: &str = "f.elamrani";

/// The life of one dossier, told as it happens.
struct Journey {
    desk: Desk,
    ledger: Arc<SqliteStore>,
    clock: Clock,
    /// The numbers of the person.
    person: References,
    mails: u32,
    told: String,
    lines: usize,
    _folder: tempfile::TempDir,
}

impl Journey {
    async fn starts(on: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = SqliteStore::open(&folder.path().join("ledger.db")).await.unwrap();
        let ledger = Arc::new(ledger);
        let installation = Installation::load(None, &mut Findings::default()).unwrap();
        let vault = Vault::with_key(include_str!("support/vault.key")).unwrap();
        let clock = Clock::manual(civil(on));
        let desk = Desk::new(ledger.clone(), installation.office, vault, clock.clone());
        Self {
            desk,
            ledger,
            clock,
            person: References {
                v_nummers: vec!["9900121147".to_owned()],
                bsns: vec!["999916932".to_owned()],
            },
            mails: 0,
            told: String::new(),
            lines: 0,
            _folder: folder,
        }
    }

    /// Time passes; whatever is due on the way happens when it is due.
    async fn until(&mut self, moment: &str) {
        let moment = civil(moment);
        while let Some(next) = self.next().await.filter(|next| *next <= moment) {
            self.clock.move_to(next.max(self.clock.now()));
            self.desk.tick().await.unwrap();
            self.tell().await;
            self.post_leaves().await;
        }
        self.clock.move_to(moment);
    }

    /// The next stored moment, or the next letter.
    async fn next(&self) -> Option<Timestamp> {
        let moment = self.ledger.next_moment().await.unwrap();
        moment
            .into_iter()
            .chain(self.ledger.next_letter().await.unwrap())
            .min()
    }

    /// The mail server takes every letter.
    async fn post_leaves(&mut self) {
        let parcels = self.desk.claim_letters(100).await.unwrap();
        for parcel in &parcels {
            self.line(&format!("LETTER  to {}: {}", parcel.to, parcel.words.subject));
        }
        let tried: Vec<_> = parcels
            .into_iter()
            .map(|parcel| (parcel, Delivery::Accepted))
            .collect();
        self.desk.letters_tried(&tried).await.unwrap();
    }

    /// A mail of the corpus arrives, about this person.
    async fn gets(&mut self, file: &str, at: &str) {
        self.until(at).await;
        let bytes = fs::read(format!("tests/mails/{file}")).unwrap();
        let mut mail = mail::read(&bytes, &self.desk.trust());
        // COA names a V-nummer and nothing else, DUO a burgerservicenummer.
        if !mail.references.v_nummers.is_empty() {
            mail.references.v_nummers.clone_from(&self.person.v_nummers);
        }
        if !mail.references.bsns.is_empty() {
            mail.references.bsns.clone_from(&self.person.bsns);
        }
        mail.about.clear();
        self.mails += 1;
        let vault = self.desk.vault();
        let arrival = Arrival {
            place: Place {
                folder: FolderRef {
                    mailbox: "post".to_owned(),
                    folder: "INBOX".to_owned(),
                    epoch: 1,
                },
                item: self.mails.to_string(),
            },
            received: self.clock.now(),
            named: vault.named(&mail),
            kept: Arc::new(vault.keeper().keep(mail.fingerprint, &bytes, &mail.references)),
            earlier: None,
            mail,
        };
        self.line(&format!("MAIL    {file}"));
        self.desk.receive(&[Arc::new(arrival)]).await.unwrap();
        self.tell().await;
        self.letters_leave().await;
    }

    /// Somebody handles the open task of this type.
    async fn done(&mut self, kind: &str, event: Option<(&str, &str)>) {
        let task = self.open_task(kind).await;
        let event = event.map(|(event, on)| (EventId::new(event), on.parse::<Date>().unwrap()));
        let act = Act::Done { remark: None, event };
        self.desk.act(PersonId::new(FATIMA), task.id, act).await.unwrap();
        self.tell().await;
        self.letters_leave().await;
    }

    /// What follows at once follows, and the letters leave.
    async fn letters_leave(&mut self) {
        let soon = self
            .clock
            .now()
            .checked_add(SignedDuration::from_mins(2))
            .unwrap();
        self.until(&civil_text(soon).replace(' ', "T")).await;
    }

    /// Somebody tells what happened, of which no task is open.
    async fn report(&mut self, event: &str, on: &str, at: &str) {
        self.until(at).await;
        let event = (EventId::new(event), on.parse().unwrap());
        self.desk
            .report(PersonId::new(FATIMA), &self.person, event)
            .await
            .unwrap();
        self.tell().await;
    }

    async fn open_task(&self, kind: &str) -> Task {
        let kind = TypeId::new(kind);
        let open = self.desk.tasks(&TaskFilter::default()).await.unwrap();
        let task = open.iter().find(|task| task.kind == kind);
        task.unwrap_or_else(|| {
            panic!(
                "{}no open {kind}; open are {:?}",
                self.told,
                open.iter().map(|task| &task.kind).collect::<Vec<_>>()
            )
        })
        .clone()
    }

    /// Somebody says that the two numbers are of one person.
    async fn same_person(&mut self) {
        let numbers = self.person.clone();
        self.desk
            .same_person(PersonId::new(FATIMA), &numbers)
            .await
            .unwrap();
        self.line("JOINED  the V-nummer and the BSN are of one person");
        self.tell().await;
    }

    fn line(&mut self, text: &str) {
        let at = civil_text(self.clock.now());
        writeln!(self.told, "{at}  {text}").unwrap();
    }

    /// Tells what happened to all tasks since.
    async fn tell(&mut self) {
        let filter = TaskFilter {
            done_too: true,
            ..TaskFilter::default()
        };
        let mut lines: Vec<(Task, HistoryLine)> = Vec::new();
        for task in self.desk.tasks(&filter).await.unwrap() {
            let file = self.desk.task(task.id).await.unwrap();
            lines.extend(file.history.into_iter().map(|line| (task.clone(), line)));
        }
        lines.sort_by_key(|(task, line)| (line.at, task.id));
        let news: Vec<String> = lines
            .iter()
            .skip(self.lines)
            .filter_map(|(task, line)| in_words(task, line))
            .collect();
        self.lines = lines.len();
        for line in news {
            self.told.push_str(&line);
        }
    }

    /// What is still expected at the end.
    async fn ends(mut self, at: &str) -> String {
        self.until(at).await;
        let now = self.clock.now();
        self.line("STANDING");
        let numbers = self.person.clone();
        let dossier = self.desk.dossier(PersonId::new(FATIMA), &numbers).await.unwrap();
        for expected in dossier.expected {
            let calendar = &self.desk.office().rules.calendar;
            writeln!(
                self.told,
                "    {:24} {:9} until {}",
                expected.rule,
                format!("{:?}", expected.standing(now)).to_lowercase(),
                calendar.last_day(expected.until)
            )
            .unwrap();
        }
        self.told
    }
}

fn in_words(task: &Task, line: &HistoryLine) -> Option<String> {
    let what = match &line.what {
        Happening::Opened { .. } => format!(
            "TASK    {} \"{}\", due {}",
            task.kind,
            task.title,
            last_moment(task.due)
        ),
        Happening::Done { event: None, .. } => "DONE".to_owned(),
        Happening::Done {
            event: Some((event, on)),
            ..
        } => format!("DONE    {event} on {on}"),
        Happening::CameAfterAll { sign } => {
            let sign = sign.as_ref().map_or("what was counted", |sign| sign.as_str());
            format!("CLOSED  {sign} came after all")
        }
        Happening::NotNeeded { sign } => format!(
            "CLOSED  not needed: {}",
            sign.as_ref().map_or("", |sign| sign.as_str())
        ),
        Happening::TermMoved { last_day } => format!("CLOSED  the term now ends on {last_day}"),
        Happening::Told { .. } | Happening::Skipped { .. } | Happening::SamePerson | Happening::LookedUp => {
            return None;
        }
        Happening::Reported { event: (event, on) } => format!("TOLD    {event} on {on}"),
        Happening::TakenBack { event: (event, on) } => format!("BACK    {event} on {on}"),
        other => format!("{other:?}"),
    };
    Some(format!("{}  #{:<2} {what}\n", civil_text(line.at), task.id))
}

fn civil(text: &str) -> Timestamp {
    let zone = TimeZone::get("Europe/Amsterdam").unwrap();
    let at: jiff::civil::DateTime = text.parse().unwrap();
    at.to_zoned(zone).unwrap().timestamp()
}

fn civil_text(at: Timestamp) -> String {
    let zone = TimeZone::get("Europe/Amsterdam").unwrap();
    at.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string()
}

/// A term of the law is over when its last day is.
fn last_moment(at: Timestamp) -> String {
    let zone = TimeZone::get("Europe/Amsterdam").unwrap();
    let local = at.to_zoned(zone);
    if local.time() == jiff::civil::Time::midnight() {
        return format!("{} 24:00", local.date().yesterday().unwrap());
    }
    civil_text(at)
}

#[tokio::test]
async fn an_asylum_status_holder_from_koppeling_to_the_end_of_the_term() {
    let mut journey = Journey::starts("2026-03-02T09:00").await;
    journey.gets("001.eml", "2026-03-02T10:15").await;
    journey.done("coa.koppeling", None).await;
    // DUO's notice is there, but names a burgerservicenummer: nobody knows yet that this is the same person.
    journey.gets("061.eml", "2026-03-20T09:30").await;
    journey.done("duo.ss101", None).await;
    journey.until("2026-04-17T11:00").await;
    journey.same_person().await;
    journey.gets("227.eml", "2026-05-11T14:00").await;
    journey.done("coa.warme_overdracht", None).await;
    journey.gets("232.eml", "2026-06-15T09:00").await;
    journey
        .done("coa.verhuizing", Some(("gevestigd_met_uitkering", "2026-06-12")))
        .await;
    journey.gets("062.eml", "2026-06-16T16:45").await;
    journey.done("duo.ss139", None).await;
    journey.until("2026-08-10T10:00").await;
    journey
        .done(
            "verwacht.leerroute-in-pip",
            Some(("pip_vastgesteld", "2026-08-10")),
        )
        .await;
    journey.until("2026-08-12T10:00").await;
    journey.done("verwacht.registreren-bij-duo", None).await;
    journey.until("2026-10-20T10:00").await;
    journey
        .done(
            "verwacht.inburgeringsaanbod",
            Some(("aanbod_gedaan", "2026-10-19")),
        )
        .await;
    journey.until("2026-11-30T10:00").await;
    journey.done("verwacht.ontzorgen", None).await;
    journey.until("2027-12-20T10:00").await;
    journey.done("verwacht.leerroute-wisselen", None).await;
    // The term is longer by half a year; the new last day stands in the portal only.
    journey.gets("079.eml", "2028-05-01T09:00").await;
    journey
        .done("duo.ss103", Some(("termijn_verlengd", "2030-02-08")))
        .await;
    journey.until("2029-08-20T10:00").await;
    journey.gets("072.eml", "2029-09-20T09:00").await;
    journey.done("duo.ss106", None).await;
    insta::assert_snapshot!(journey.ends("2030-06-01T12:00").await);
}

#[tokio::test]
async fn a_family_migrant_whose_term_begins_with_the_notice_of_duo() {
    let mut journey = Journey::starts("2026-03-02T09:00").await;
    journey.gets("061.eml", "2026-03-02T10:15").await;
    journey.done("duo.ss101", None).await;
    // The learnability test: its result does not come, and somebody is asked to look.
    journey.gets("075.eml", "2026-03-16T09:00").await;
    journey.done("duo.ss137", None).await;
    journey.until("2026-05-13T09:30").await;
    journey.gets("076.eml", "2026-05-13T10:00").await;
    journey.done("duo.ss131", None).await;
    // Nobody handles it: the ladder is climbed.
    journey.until("2026-05-29T09:30").await;
    journey
        .done(
            "verwacht.leerroute-in-pip-gezin",
            Some(("pip_vastgesteld", "2026-05-29")),
        )
        .await;
    journey.done("verwacht.registreren-bij-duo", None).await;
    journey
        .report("pip_gewijzigd", "2026-09-01", "2026-09-03T11:00")
        .await;
    journey.until("2026-09-04T10:00").await;
    journey
        .done(
            "verwacht.registreren-bij-duo",
            Some(("geregistreerd_bij_duo", "2026-09-04")),
        )
        .await;
    insta::assert_snapshot!(journey.ends("2026-10-01T12:00").await);
}

#[tokio::test]
async fn somebody_who_moves_from_one_municipality_to_the_next() {
    let mut journey = Journey::starts("2026-03-02T09:00").await;
    journey.gets("066.eml", "2026-03-02T10:15").await;
    journey.done("duo.ss121", None).await;
    journey.until("2026-03-05T10:00").await;
    journey
        .done(
            "verwacht.overdracht-na-vestiging",
            Some(("overdracht_gedaan", "2026-03-05")),
        )
        .await;
    journey
        .report("pip_vastgesteld", "2025-06-02", "2026-03-06T10:00")
        .await;
    journey.until("2026-03-09T10:00").await;
    journey.done("verwacht.registreren-bij-duo", None).await;
    // They leave before the term is over: it is the business of another municipality now.
    journey.gets("090.eml", "2026-11-16T10:00").await;
    journey.done("duo.ss122", None).await;
    journey.until("2026-11-20T10:00").await;
    journey.done("verwacht.overdracht-na-vertrek", None).await;
    insta::assert_snapshot!(journey.ends("2028-07-01T12:00").await);
}

#[tokio::test]
async fn a_temporary_exemption_that_is_withdrawn() {
    let mut journey = Journey::starts("2026-03-02T09:00").await;
    journey.gets("062.eml", "2026-03-02T10:15").await;
    journey.done("duo.ss139", None).await;
    journey.gets("069.eml", "2026-04-20T10:00").await;
    journey.done("duo.ss109", None).await;
    journey.gets("064.eml", "2026-09-07T10:00").await;
    journey.done("duo.ss129", None).await;
    journey.until("2026-10-20T10:00").await;
    journey
        .done(
            "verwacht.leerroute-in-pip",
            Some(("pip_vastgesteld", "2026-10-19")),
        )
        .await;
    journey.done("verwacht.registreren-bij-duo", None).await;
    journey.until("2027-01-04T10:00").await;
    journey
        .done(
            "verwacht.inburgeringsaanbod",
            Some(("aanbod_gedaan", "2027-01-04")),
        )
        .await;
    // Exempted once more, and withdrawn once more: there is a PIP now, and the last day stands in the portal only.
    journey.gets("404.eml", "2027-02-01T10:00").await;
    journey.done("duo.ss109", None).await;
    journey.gets("081.eml", "2027-05-10T10:00").await;
    journey.done("duo.ss130", None).await;
    journey.until("2027-05-27T10:00").await;
    journey
        .done(
            "verwacht.nieuwe-einddatum",
            Some(("termijn_verlengd", "2030-01-31")),
        )
        .await;
    insta::assert_snapshot!(journey.ends("2027-06-01T12:00").await);
}
