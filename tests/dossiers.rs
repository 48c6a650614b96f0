//! Messages about one person find each other, and nobody reads who they are in a copied ledger.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::sync::Arc;

use koppelwacht::app::Installation;
use koppelwacht::clock::Clock;
use koppelwacht::desk::{Desk, DeskError};
use koppelwacht::domain::{
    Arrival, FolderRef, Happening, PersonId, Place, References, Refusal, RulesVersion, TaskId,
};
use koppelwacht::findings::Findings;
use koppelwacht::mail;
use koppelwacht::rules::Rules;
use koppelwacht::store::sqlite::SqliteStore;
use koppelwacht::store::{Store as _, TaskFilter};
use koppelwacht::vault::Vault;

struct Office {
    desk: Desk,
    ledger: Arc<SqliteStore>,
    clock: Clock,
    dir: tempfile::TempDir,
}

/// An office with the shipped rules, on a Monday morning.
async fn office() -> Office {
    let dir = tempfile::tempdir().unwrap();
    let ledger = SqliteStore::open(&dir.path().join("ledger.sqlite"))
        .await
        .unwrap();
    let ledger = Arc::new(ledger);
    let installation = Installation::load(None, &mut Findings::default()).unwrap();
    let vault = Vault::with_key(include_str!("support/vault.key")).unwrap();
    let clock = Clock::manual("2026-11-23T08:00:00Z".parse().unwrap());
    let desk = Desk::new(ledger.clone(), installation.office, vault, clock.clone());
    Office {
        desk,
        ledger,
        clock,
        dir,
    }
}

/// Who says it: a partner's domain, and what our own mail server says about that.
struct Sender {
    domain: &'static str,
    stamp: &'static str,
}

const COA: Sender = Sender {
    domain: "tvs.coa.nl",
    stamp: "dmarc=pass header.from=tvs.coa.nl",
};
const DUO: Sender = Sender {
    domain: "portaal.duo.nl",
    stamp: "dmarc=pass header.from=portaal.duo.nl",
};
const DUO_UNCHECKED: Sender = Sender {
    domain: "portaal.duo.nl",
    stamp: "none",
};
const FORGER: Sender = Sender {
    domain: "portaal.duo.nl",
    stamp: "dmarc=fail header.from=portaal.duo.nl",
};
const OUTSIDER: Sender = Sender {
    domain: "advocaat.example",
    stamp: "dmarc=pass header.from=advocaat.example",
};

/// A V-nummer and a BSN of Amina, and those of Bilal.
const AMINA: &str = "V-nummer 9900121147";
const AMINA_BSN: &str = "BSN 999916932";
const BILAL: &str = "V-nummer 9900110975";
const BILAL_BSN: &str = "BSN 999913578";

const KOPPELING: &str = "Er is een statushouder aan uw gemeente gekoppeld.";
/// Signals of which the target group is not told.
const NEWS: &str = "Er staat een signaal klaar (SS106).";

impl Office {
    /// The shipped rules come in force, written otherwise.
    async fn enforces(&self, written: &dyn Fn(&str) -> String) {
        let before = self.desk.office();
        let mut text = before.rules.text.as_ref().clone();
        let shipped = Rules::shipped_files();
        text.files = shipped
            .map(|(name, text)| (name.to_owned(), written(text)))
            .collect();
        let rules = Rules::of(&text, &mut Findings::default()).unwrap();
        let office = koppelwacht::desk::Office {
            rules,
            templates: before.templates.clone(),
            trust: before.trust.clone(),
            admin: None,
        };
        self.desk.enforce(Arc::new(office)).await.unwrap();
    }

    /// The rules by which something is expected of somebody.
    async fn expects(&self, v_nummer: &str) -> Vec<String> {
        let person = References {
            v_nummers: vec![v_nummer.to_owned()],
            bsns: Vec::new(),
        };
        let file = self
            .desk
            .dossier(PersonId::new("f.elamrani"), &person)
            .await
            .unwrap();
        file.expected
            .iter()
            .map(|expected| expected.rule.to_string())
            .collect()
    }

    /// A mail arrives; returns the caseload that its only task went to.
    async fn gets(&self, from: &Sender, text: &str) -> String {
        let number = self.desk.books().await.unwrap().messages + 1;
        let bytes = format!(
            "Authentication-Results: mx.gemeente-voorbeeld.nl; {}\r\nFrom: <noreply@{}>\r\n\
             To: inburgering@gemeente-voorbeeld.nl\r\nSubject: Bericht\r\nDate: Mon, 23 Nov 2026 09:00:00 +0100\r\n\
             Message-ID: <{number}@{}>\r\n\r\n{text}\r\n",
            from.stamp, from.domain, from.domain
        );
        let mail = mail::read(bytes.as_bytes(), &self.desk.trust());
        let vault = self.desk.vault();
        let arrival = Arrival {
            place: Place {
                folder: FolderRef {
                    mailbox: "post".to_owned(),
                    folder: "INBOX".to_owned(),
                    epoch: 1,
                },
                item: number.to_string(),
            },
            received: self.desk.now(),
            named: vault.named(&mail),
            kept: Arc::new(
                vault
                    .keeper()
                    .keep(mail.fingerprint, bytes.as_bytes(), &mail.references),
            ),
            earlier: None,
            mail,
        };
        self.desk.receive(&[Arc::new(arrival)]).await.unwrap();
        let tasks = self.desk.tasks(&TaskFilter::default()).await.unwrap();
        let newest = tasks.iter().max_by_key(|task| task.id).unwrap();
        assert_eq!(newest.message().unwrap().0, i64::try_from(number).unwrap());
        newest.caseload.to_string()
    }
}

#[tokio::test]
async fn what_comes_later_about_somebody_goes_where_the_first_notice_went() {
    let office = office().await;
    assert_eq!(office.gets(&DUO, &format!("{NEWS} {AMINA}")).await, "triage");
    assert_eq!(office.gets(&COA, &format!("{KOPPELING} {AMINA}")).await, "asiel");
    assert_eq!(office.gets(&DUO, &format!("{NEWS} {AMINA}")).await, "asiel");
    assert_eq!(office.gets(&DUO, &format!("{NEWS} {BILAL}")).await, "triage");
    let file = office.desk.task(TaskId(3)).await.unwrap();
    let Happening::Opened { why, .. } = &file.history[0].what else {
        panic!("{:?}", file.history)
    };
    assert!(
        why.contains(&"where the dossier of this person is".to_owned()),
        "{why:?}"
    );
}

#[tokio::test]
async fn a_dossier_whose_caseload_is_gone_gets_a_new_home_with_the_next_notice_that_tells_one() {
    let office = office().await;
    assert_eq!(office.gets(&COA, &format!("{KOPPELING} {AMINA}")).await, "asiel");
    let mut renamed = Installation::load(None, &mut Findings::default()).unwrap().office;
    let mut text = renamed.rules.text.as_ref().clone();
    for (_, file) in text.files.iter_mut().filter(|(name, _)| name == "caseloads.toml") {
        let id = |name| format!("id = \"{name}\"\ntitle");
        let route = |name| format!("caseload = \"{name}\"");
        *file = file
            .replace(&id("asiel"), &id("statushouders"))
            .replace(&route("asiel"), &route("statushouders"));
    }
    text.version = RulesVersion::new("0123456789ab");
    renamed.rules = Rules::of(&text, &mut Findings::default()).unwrap();
    office.desk.enforce(Arc::new(renamed)).await.unwrap();
    let koppeling = format!("{KOPPELING} Nogmaals. {AMINA}");
    assert_eq!(office.gets(&COA, &koppeling).await, "statushouders");
    assert_eq!(
        office.gets(&DUO, &format!("{NEWS} {AMINA}")).await,
        "statushouders"
    );
}

#[tokio::test]
async fn a_notice_with_both_numbers_makes_them_one_person() {
    let office = office().await;
    office.gets(&COA, &format!("{KOPPELING} {AMINA}")).await;
    assert_eq!(office.gets(&DUO, &format!("{NEWS} {AMINA_BSN}")).await, "triage");
    assert_eq!(
        office.gets(&DUO, &format!("{NEWS} {AMINA}, {AMINA_BSN}")).await,
        "asiel"
    );
    assert_eq!(office.gets(&DUO, &format!("{NEWS} {AMINA_BSN}")).await, "asiel");
}

#[tokio::test]
async fn a_rule_that_is_new_starts_nothing_of_what_lay_in_two_dossiers_that_become_one() {
    const NEW: &str = "duo-na-koppeling";
    let office = office().await;
    office.enforces(&|text| text.replace(NEW, "wat-anders")).await;
    office.gets(&COA, &format!("{KOPPELING} {AMINA}")).await;
    office.gets(&DUO, &format!("{NEWS} {AMINA_BSN}")).await;
    office.clock.move_to("2026-11-23T09:00:00Z".parse().unwrap());
    office.enforces(&str::to_owned).await;
    office.gets(&DUO, &format!("{NEWS} {AMINA}, {AMINA_BSN}")).await;
    let expected = office.expects("9900121147").await;
    assert!(
        !expected.is_empty() && expected.iter().all(|rule| rule != NEW),
        "{expected:?}"
    );
    office.gets(&COA, &format!("{KOPPELING} {BILAL}")).await;
    let expected = office.expects("9900110975").await;
    assert!(expected.iter().any(|rule| rule == NEW), "{expected:?}");
}

#[tokio::test]
async fn a_notice_about_a_family_makes_nobody_the_same_person() {
    let office = office().await;
    office.gets(&COA, &format!("{KOPPELING} {AMINA}")).await;
    office
        .gets(
            &DUO,
            &format!("{NEWS} {AMINA}, {BILAL}, {AMINA_BSN}, {BILAL_BSN}"),
        )
        .await;
    let vault = office.desk.vault();
    let mut transaction = office.ledger.begin().await.unwrap();
    let references = koppelwacht::domain::References {
        v_nummers: vec!["9900121147".to_owned(), "9900110975".to_owned()],
        bsns: vec!["999916932".to_owned(), "999913578".to_owned()],
    };
    let needs = koppelwacht::domain::Needs {
        people: vault.people(&references).keys().collect(),
        ..Default::default()
    };
    let snapshot = transaction
        .load(&needs, jiff::Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    let mut dossiers: Vec<i64> = snapshot.dossiers.values().map(|dossier| dossier.id.0).collect();
    dossiers.sort_unstable();
    assert_eq!(dossiers, [1, 2, 3, 4]);
}

#[tokio::test]
async fn each_signal_of_an_overview_goes_where_its_own_person_is() {
    let office = office().await;
    office.gets(&COA, &format!("{KOPPELING} {AMINA}")).await;
    office.gets(&DUO, &format!("{NEWS} {AMINA}, {AMINA_BSN}")).await;
    let overview =
        format!("Overzicht van signalen:\r\nSS106 {AMINA_BSN}\r\nSS106 {BILAL_BSN}\r\nSS107 {AMINA_BSN}");
    office.gets(&DUO, &overview).await;
    let mut tasks = office.desk.tasks(&TaskFilter::default()).await.unwrap();
    tasks.sort_by_key(|task| task.id);
    let went: Vec<(&str, &str)> = tasks[2..]
        .iter()
        .map(|task| (task.kind.as_str(), task.caseload.as_str()))
        .collect();
    assert_eq!(
        went,
        [
            ("duo.ss106", "asiel"),
            ("duo.ss106", "triage"),
            ("duo.ss107", "asiel")
        ]
    );
    // Both are known now, each by their own number.
    assert_eq!(office.gets(&DUO, &format!("{NEWS} {AMINA_BSN}")).await, "asiel");
    assert_eq!(office.gets(&DUO, &format!("{NEWS} {BILAL_BSN}")).await, "triage");
}

#[tokio::test]
async fn nobody_but_a_partner_leads_notices_astray() {
    let office = office().await;
    office.gets(&COA, &format!("{KOPPELING} {AMINA}")).await;
    for liar in [&FORGER, &OUTSIDER, &DUO_UNCHECKED] {
        office.gets(liar, &format!("{NEWS} {AMINA}, {BILAL_BSN}")).await;
    }
    assert_eq!(
        office.gets(&DUO, &format!("{NEWS} {BILAL_BSN}")).await,
        "asiel",
        "a notice that nobody could check may say where somebody's dossier is"
    );
    let apart = self::office().await;
    apart.gets(&COA, &format!("{KOPPELING} {AMINA}")).await;
    for liar in [&FORGER, &OUTSIDER] {
        let went = apart.gets(liar, &format!("{NEWS} {AMINA}, {BILAL_BSN}")).await;
        assert_eq!(went, "triage", "what an outsider writes goes nowhere by itself");
    }
    assert_eq!(apart.gets(&DUO, &format!("{NEWS} {BILAL_BSN}")).await, "triage");
}

#[tokio::test]
async fn a_copied_ledger_tells_nothing_about_anybody() {
    let office = office().await;
    let secret = "Mevrouw Zonneschijn woont aan de Lindelaan";
    for from in [&COA, &DUO, &FORGER, &OUTSIDER] {
        office
            .gets(from, &format!("{KOPPELING} {AMINA} {AMINA_BSN} {secret}"))
            .await;
    }
    let mut read = 0;
    for file in fs::read_dir(office.dir.path()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        read += bytes.len();
        let text = String::from_utf8_lossy(&bytes);
        for word in ["9900121147", "999916932", "Zonneschijn", "Lindelaan", "noreply@"] {
            assert!(!text.contains(word), "{word}");
        }
    }
    assert!(read > 100_000, "the ledger was read");
    // With the key it is all there.
    let file = office.desk.task(TaskId(1)).await.unwrap();
    let message = file.message.unwrap();
    let kept = office.ledger.kept(message.id).await.unwrap();
    let raw = office.desk.vault().raw(message.fingerprint, &kept).unwrap();
    assert!(String::from_utf8(raw).unwrap().contains(secret));
}

#[tokio::test]
async fn who_asks_whom_a_task_is_about_is_told_and_written_down() {
    let office = office().await;
    office
        .gets(&COA, &format!("{KOPPELING} {AMINA}, {AMINA_BSN}"))
        .await;
    let lead = office.desk.office().rules.people.keys().next().unwrap().clone();
    let found = office.desk.look_up(lead.clone(), TaskId(1)).await.unwrap();
    assert_eq!(
        (found.v_nummers, found.bsns),
        (vec!["9900121147".to_owned()], vec!["999916932".to_owned()])
    );
    let last = office.desk.task(TaskId(1)).await.unwrap().history.pop().unwrap();
    assert_eq!((last.by, last.what), (Some(lead), Happening::LookedUp));

    let stranger = PersonId::new("niemand");
    let refusal = office
        .desk
        .look_up(stranger.clone(), TaskId(1))
        .await
        .unwrap_err();
    assert_eq!(refusal, DeskError::Refused(Refusal::UnknownPerson(stranger)));
}

#[tokio::test]
async fn everything_about_one_person_is_found_by_either_number_and_who_asked_is_written_down() {
    let office = office().await;
    office
        .gets(&COA, &format!("{KOPPELING} {AMINA}, {AMINA_BSN}"))
        .await;
    office.gets(&COA, &format!("{KOPPELING} {BILAL}")).await;
    office.gets(&DUO, &format!("{NEWS} {AMINA_BSN}")).await;
    let lead = office.desk.office().rules.people.keys().next().unwrap().clone();
    let by_v_nummer = References {
        v_nummers: vec![mail::v_nummer("9900.121.147").unwrap()],
        ..References::default()
    };
    let by_bsn = References {
        bsns: vec![mail::bsn(" 999 916 932").unwrap()],
        ..References::default()
    };
    for numbers in [by_v_nummer, by_bsn.clone()] {
        let files = office.desk.dossier(lead.clone(), &numbers).await.unwrap().tasks;
        let tasks: Vec<TaskId> = files.iter().map(|file| file.task.id).collect();
        assert_eq!(tasks, [TaskId(1), TaskId(3)]);
    }
    for (task, asked) in [(1, 2), (2, 0), (3, 2)] {
        let history = office.desk.task(TaskId(task)).await.unwrap().history;
        let lines = history.iter().filter(|line| line.what == Happening::LookedUp);
        let by: Vec<_> = lines.map(|line| line.by.clone()).collect();
        assert_eq!(by, vec![Some(lead.clone()); asked], "task {task}");
    }

    let nobody = References {
        v_nummers: vec!["9999999999".to_owned()],
        ..References::default()
    };
    assert_eq!(office.desk.dossier(lead, &nobody).await.unwrap().tasks, []);
    let external = PersonId::new("n.bakker");
    let stranger = PersonId::new("niemand");
    for numbers in [&by_bsn, &nobody] {
        assert_eq!(
            office.desk.dossier(external.clone(), numbers).await.unwrap_err(),
            DeskError::Refused(Refusal::External(external.clone()))
        );
        assert_eq!(
            office.desk.dossier(stranger.clone(), numbers).await.unwrap_err(),
            DeskError::Refused(Refusal::UnknownPerson(stranger.clone()))
        );
    }
}

#[test]
fn a_number_that_somebody_typed_is_one_or_it_is_not() {
    assert_eq!(mail::v_nummer("9900121147").as_deref(), Some("9900121147"));
    assert_eq!(mail::v_nummer("9900.121.147").as_deref(), Some("9900121147"));
    assert_eq!(mail::bsn("999916932").as_deref(), Some("999916932"));
    for typed in [
        "",
        "990012114",
        "99001211470",
        "9900121147 9900110975",
        "Amina",
        "9900121147'; --",
    ] {
        let number = mail::v_nummer(typed);
        assert!(number.is_none() || typed.starts_with(&number.unwrap()), "{typed}");
    }
    assert_eq!(mail::v_nummer("9900121147 9900110975"), None);
    assert_eq!(mail::v_nummer("990012114"), None);
    assert_eq!(mail::bsn("999916933"), None, "the 11-proef");
}
