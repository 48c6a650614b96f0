//! Dossiers, and what is kept of messages.

use std::sync::Arc;

use koppelwacht::domain::{
    Batch, CaseloadId, Dossier, DossierId, Filing, Kept, KeyId, MessageId, Needs, PersonKey, TaskId,
};
use koppelwacht::store::{Store, StoreError};

use crate::Ledger;
use crate::samples::batch;
use crate::steps::{look, write};

fn key(number: u8) -> PersonKey {
    PersonKey([number; 16])
}

fn dossier(id: i64, caseload: Option<&str>) -> Dossier {
    Dossier {
        id: DossierId(id),
        caseload: caseload.map(CaseloadId::new),
    }
}

fn filing(task: i64, dossier: Dossier, keys: &[u8]) -> Filing {
    Filing {
        task: TaskId(task),
        dossier,
        keys: keys.iter().copied().map(key).collect(),
        absorbs: None,
    }
}

async fn found(store: &dyn Store, keys: &[u8]) -> Vec<Option<Dossier>> {
    let people: Vec<PersonKey> = keys.iter().copied().map(key).collect();
    let needs = Needs {
        people: people.clone(),
        ..Needs::default()
    };
    let snapshot = look(store, &needs).await;
    people
        .iter()
        .map(|key| snapshot.dossiers.get(key).cloned())
        .collect()
}

pub(crate) async fn a_dossier_is_found_by_every_number_of_its_person(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let written = Batch {
        filed: vec![
            filing(1, dossier(1, None), &[1, 2]),
            filing(2, dossier(2, Some("gezinsmigranten")), &[3]),
            // In the same batch: what was settled later holds.
            filing(2, dossier(1, Some("asiel")), &[]),
        ],
        ..batch(1, 2)
    };
    write(&*store, &written).await.unwrap();
    let other = ledger.open().await;
    let asiel = Some(dossier(1, Some("asiel")));
    assert_eq!(
        found(&*other, &[1, 2, 3, 4]).await,
        [
            asiel.clone(),
            asiel,
            Some(dossier(2, Some("gezinsmigranten"))),
            None
        ]
    );
    let snapshot = other
        .begin()
        .await
        .unwrap()
        .load(&Needs::default(), jiff::Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    assert_eq!(snapshot.next.dossier, DossierId(3));
}

pub(crate) async fn two_dossiers_of_one_person_become_one(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let apart = Batch {
        filed: vec![
            filing(1, dossier(1, Some("asiel")), &[1]),
            filing(2, dossier(2, None), &[2]),
        ],
        ..batch(1, 3)
    };
    write(&*store, &apart).await.unwrap();
    let joined = Batch {
        filed: vec![Filing {
            absorbs: Some(DossierId(2)),
            ..filing(3, dossier(1, Some("asiel")), &[])
        }],
        ..Batch::default()
    };
    write(&*store, &joined).await.unwrap();
    let asiel = Some(dossier(1, Some("asiel")));
    assert_eq!(found(&*store, &[1, 2]).await, [asiel.clone(), asiel]);
}

pub(crate) async fn what_is_kept_of_a_message_comes_back_as_it_was(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let kept = Kept {
        references: vec![0, 1, 255],
        raw: (0..=255).cycle().take(3_000_000).collect(),
    };
    let written = Batch {
        kept: vec![
            (MessageId(1), Arc::new(kept.clone())),
            (MessageId(2), Arc::default()),
        ],
        ..batch(1, 3)
    };
    write(&*store, &written).await.unwrap();
    let other = ledger.open().await;
    assert_eq!(other.kept(MessageId(1)).await.unwrap(), kept);
    for nothing in [2, 3, 99] {
        assert_eq!(other.kept(MessageId(nothing)).await.unwrap(), Kept::default());
    }
}

pub(crate) async fn a_ledger_is_of_one_key_for_ever(ledger: &dyn Ledger) {
    let (first, second) = (KeyId([1; 8]), KeyId([2; 8]));
    ledger.open().await.belong_to(first).await.unwrap();
    let store = ledger.open().await;
    store.belong_to(first).await.unwrap();
    let refusal = store.belong_to(second).await.unwrap_err();
    assert!(
        matches!(&refusal, StoreError::Broken(what) if what.contains("another key")),
        "{refusal}"
    );
    store.belong_to(first).await.unwrap();
}
