//! Partners: what came from them by day, and what was asked and told about them.

use jiff::Span;
use jiff::civil::{Date, date};
use koppelwacht::domain::{
    Batch, Cause, Needs, PartnerDay, Partners, Routine, RulebookEvent, RulebookLine, RulesText, RulesVersion,
    SourceId, Task, TaskId,
};
use koppelwacht::store::Reading;

use crate::Ledger;
use crate::samples::{batch, minute, task};
use crate::steps::{fatima, look, write};

const TODAY: Date = Date::constant(2026, 11, 24);

fn day(source: &str, day: Date, mails: u32, unrecognised: u32, last: i64) -> PartnerDay {
    PartnerDay {
        source: SourceId::new(source),
        day,
        mails,
        unrecognised,
        last: minute(last),
    }
}

fn sorted(mut partners: Partners) -> Vec<PartnerDay> {
    partners
        .days
        .sort_by_key(|known| (known.day, known.source.clone()));
    partners.days
}

fn needs() -> Needs {
    Needs {
        look_at: vec![Routine::Partners],
        ..Needs::default()
    }
}

pub(crate) async fn what_comes_from_partners_adds_up_by_day(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    assert_eq!(store.partners(minute(0)).await.unwrap(), Partners::default());
    let yesterday = date(2026, 11, 23);
    let old = TODAY.saturating_sub(Span::new().days(369));
    let older = TODAY.saturating_sub(Span::new().days(372));
    let before_the_epoch = date(1969, 12, 31);
    let sent = |partner_days| Batch {
        partner_days,
        ..Batch::default()
    };
    let first = vec![
        day("coa", TODAY, 2, 1, 5),
        day("duo", TODAY, 1, 0, 1),
        day("coa", yesterday, 7, 0, 2),
        day("coa", old, 4, 4, 3),
        day("coa", older, 9, 9, 3),
        day("coa", before_the_epoch, 1, 0, 3),
    ];
    write(&*store, &sent(first)).await.unwrap();
    let second = vec![day("coa", TODAY, 3, 2, 4), day("duo", TODAY, 1, 1, 9)];
    write(&*store, &sent(second)).await.unwrap();
    let known = vec![
        day("coa", old, 4, 4, 3),
        day("coa", yesterday, 7, 0, 2),
        day("coa", TODAY, 5, 3, 5),
        day("duo", TODAY, 2, 1, 9),
    ];
    assert_eq!(sorted(store.partners(minute(0)).await.unwrap()), known);
    let snapshot = look(&*store, &needs()).await;
    assert_eq!(sorted(snapshot.partners), known, "and no older ones");
    let other = look(&*store, &Needs::default()).await;
    assert_eq!(other.partners, Partners::default(), "nobody asked");

    for moment in [minute(1), minute(7)] {
        let told = Batch {
            drifts: vec![(SourceId::new("duo"), moment)],
            ..Batch::default()
        };
        write(&*store, &told).await.unwrap();
        let partners = store.partners(minute(0)).await.unwrap();
        assert_eq!(partners.told, [(SourceId::new("duo"), moment)].into());
    }
    let wrong = sent(vec![day("coa", TODAY, 1, 2, 4)]);
    write(&*store, &wrong).await.unwrap_err();
}

/// A task about the silence of a partner.
fn silence(number: i64, source: &str) -> Task {
    Task {
        cause: Cause::Silence(SourceId::new(source)),
        critical: false,
        ..task(number)
    }
}

pub(crate) async fn the_last_task_about_each_silence_is_found_and_whether_it_is_open(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    write(&*store, &batch(1, 1)).await.unwrap();
    let over = silence(2, "coa").lapse(minute(9));
    let opened = Batch {
        opened: vec![over.clone(), silence(3, "coa"), silence(4, "duo")],
        ..Batch::default()
    };
    write(&*store, &opened).await.unwrap();
    let asked = look(&*store, &needs()).await;
    let mut tasks: Vec<_> = asked.tasks.values().cloned().collect();
    tasks.sort_by_key(|task| task.id);
    assert_eq!(tasks, [silence(3, "coa"), silence(4, "duo")]);
    let both = [SourceId::new("coa"), SourceId::new("duo")].into();
    assert_eq!(asked.partners.silent, both);
    let by_mail = Needs {
        silent: true,
        ..Needs::default()
    };
    let seen = look(&*store, &by_mail).await;
    assert_eq!((seen.partners.silent, seen.tasks.len()), (both, 0));

    let ended = Batch {
        moved: vec![
            silence(3, "coa").lapse(minute(20)),
            silence(4, "duo").finish(fatima(), minute(21)).unwrap(),
        ],
        ..Batch::default()
    };
    write(&*store, &ended).await.unwrap();
    let asked = look(&*store, &needs()).await;
    assert!(asked.partners.silent.is_empty());
    assert_eq!(asked.tasks[&TaskId(3)], silence(3, "coa").lapse(minute(20)));
    assert!(asked.tasks.contains_key(&TaskId(4)) && !asked.tasks.contains_key(&TaskId(2)));
}

pub(crate) async fn a_look_at_partners_knows_how_far_the_mailboxes_were_read(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let note = async |folder: &str, proven| {
        let mut transaction = store.begin().await.unwrap();
        let reading = Reading {
            mailbox: "inburgering".to_owned(),
            folder: folder.to_owned(),
            proven,
            backlog: 0,
            trouble: None,
        };
        transaction.note_reading(&reading).await.unwrap();
        transaction.commit().await.unwrap();
    };
    assert_eq!(look(&*store, &needs()).await.read, None);
    note("INBOX", Some(minute(5))).await;
    note("Archief", Some(minute(3))).await;
    assert_eq!(look(&*store, &needs()).await.read, Some(minute(3)));
    note("Nieuw", None).await;
    assert_eq!(look(&*store, &needs()).await.read, None, "one was never read");

    let version = RulesVersion::new("9f86d081884c");
    let in_force = |at| Batch {
        rules: vec![std::sync::Arc::new(RulesText {
            version: version.clone(),
            files: Vec::new(),
        })],
        rulebook: vec![RulebookLine {
            at,
            what: RulebookEvent::InForce(version.clone()),
        }],
        ..Batch::default()
    };
    for at in [minute(2), minute(8)] {
        write(&*store, &in_force(at)).await.unwrap();
        let since = look(&*store, &needs()).await.partners.since;
        assert_eq!(since, Some(minute(2)), "when mail was first taken in");
    }
}
