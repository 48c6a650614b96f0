//! Transactions: all or nothing, one after the other, nothing forgotten.

use std::collections::HashSet;
use std::sync::Arc;

use futures::FutureExt as _;
use koppelwacht::domain::{Batch, Happening, LetterId, MessageId, Needs, Seen, Snapshot, TaskId, Told};
use koppelwacht::store::{Books, Store, StoreError, TaskFile, TaskFilter};

use crate::Ledger;
use crate::samples::{batch, fingerprint, inbox, letter, line, message, minute, place, task};
use crate::steps::{claim, load, look, sent, write};

pub(crate) async fn what_is_committed_is_read_back_by_another_process(ledger: &dyn Ledger) {
    let written = batch(1, 3);
    write(&*ledger.open().await, &written).await.unwrap();

    let other = ledger.open().await;
    let file = other.task(TaskId(2)).await.unwrap().unwrap();
    let expected = TaskFile {
        task: task(2),
        message: Some(message(2)),
        history: written.history[2..4].to_vec(),
    };
    assert_eq!(file, expected);

    let mut transaction = other.begin().await.unwrap();
    assert_eq!(
        transaction.claim(minute(60), minute(70), 10).await.unwrap(),
        [letter(1), letter(2), letter(3)]
    );
    let needs = Needs {
        fingerprints: vec![fingerprint(3), fingerprint(4)],
        tasks: vec![TaskId(1), TaskId(4)],
        ..Needs::default()
    };
    let snapshot = transaction
        .load(&needs, jiff::Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    let mut expected = Snapshot::empty();
    expected.seen.insert(
        fingerprint(3),
        Seen {
            message: MessageId(3),
            task: Some(TaskId(3)),
        },
    );
    expected.tasks.insert(TaskId(1), task(1));
    expected.history.insert(TaskId(1), written.history[..2].to_vec());
    let told = Told { rung: 0, round: 0 };
    expected.unsent.insert((TaskId(1), told));
    expected.next.message = MessageId(4);
    expected.next.task = TaskId(4);
    expected.next.letter = LetterId(4);
    assert_eq!(snapshot, expected);
}

pub(crate) async fn a_transaction_that_is_dropped_leaves_nothing(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let empty = store.books().await.unwrap();
    for _ in 0..3 {
        let mut transaction = store.begin().await.unwrap();
        transaction.apply(&batch(1, 40)).await.unwrap();
        drop(transaction);
    }
    assert_eq!(store.books().await.unwrap(), empty);
    assert_eq!(store.known(&inbox()).await.unwrap(), HashSet::new());
    write(&*store, &batch(1, 40))
        .await
        .expect("all of it is still to be written");
}

pub(crate) async fn a_call_that_is_dropped_halfway_spoils_its_transaction(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let mut transaction = store.begin().await.unwrap();
    let broken_off = transaction.apply(&batch(1, 300)).now_or_never();
    assert_eq!(
        broken_off, None,
        "the database answers on another thread, so it was under way"
    );
    assert!(matches!(
        transaction.apply(&batch(301, 301)).await,
        Err(StoreError::Later(_))
    ));
    assert!(matches!(transaction.commit().await, Err(StoreError::Later(_))));
    assert_eq!(store.books().await.unwrap(), Books::default());
    write(&*store, &batch(1, 300))
        .await
        .expect("a new transaction can write it");
}

pub(crate) async fn a_begin_or_commit_that_is_dropped_blocks_nobody(ledger: &dyn Ledger) {
    let (store, other) = (ledger.open().await, ledger.open().await);
    let theirs = other.begin().await.unwrap();
    assert!(
        store.begin().now_or_never().is_none(),
        "it waits for the other process"
    );
    drop(theirs);
    write(&*other, &batch(1, 1)).await.unwrap();
    write(&*store, &batch(2, 2)).await.unwrap();

    let mut transaction = store.begin().await.unwrap();
    transaction.apply(&batch(3, 4)).await.unwrap();
    let possible: &[_] = match transaction.commit().now_or_never() {
        None => &[3, 5], // dropped on its way: it happened or it did not
        Some(done) => {
            done.unwrap();
            &[5]
        }
    };
    let mut transaction = store.begin().await.unwrap();
    let next = transaction
        .load(&Needs::default(), jiff::Timestamp::UNIX_EPOCH)
        .await
        .unwrap()
        .next;
    assert!(possible.contains(&next.task.0), "{next:?}");
    transaction.apply(&batch(next.task.0, 9)).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(other.books().await.unwrap().messages, 9);
}

pub(crate) async fn an_empty_ledger_answers_everything(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    assert_eq!(store.known(&inbox()).await, Ok(HashSet::new()));
    assert_eq!(store.unmarked(&inbox()).await, Ok(Vec::new()));
    assert_eq!(store.next_moment().await, Ok(None));
    assert_eq!(store.next_letter().await, Ok(None));
    assert_eq!(store.tasks(&TaskFilter::default()).await, Ok(Vec::new()));
    assert_eq!(store.task(TaskId(1)).await, Ok(None));
    assert_eq!(store.books().await, Ok(Books::default()));
    assert_eq!(load(&*store, []).await, Snapshot::empty());
    assert_eq!(claim(&*store, 0, 1, 10).await, []);
}

pub(crate) async fn an_empty_batch_is_no_batch(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let mut transaction = store.begin().await.unwrap();
    transaction.apply(&Batch::default()).await.unwrap();
    transaction.mark(&inbox(), &[]).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(store.books().await, Ok(Books::default()));
}

pub(crate) async fn writers_of_two_processes_take_turns_and_never_share_a_number(ledger: &dyn Ledger) {
    const EACH: i64 = 12;
    async fn record_one(store: &Arc<dyn Store>) -> i64 {
        let mut transaction = store.begin().await.unwrap();
        let next = transaction
            .load(&Needs::default(), jiff::Timestamp::UNIX_EPOCH)
            .await
            .unwrap()
            .next;
        transaction.apply(&batch(next.task.0, next.task.0)).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!((next.message.0, next.letter.0), (next.task.0, next.task.0));
        next.task.0
    }
    let mut writers = tokio::task::JoinSet::new();
    for process in [ledger.open().await, ledger.open().await] {
        for _ in 0..EACH {
            let process = Arc::clone(&process);
            writers.spawn(async move { record_one(&process).await });
        }
    }
    let mut handed_out = writers.join_all().await;
    handed_out.sort_unstable();
    assert_eq!(handed_out, (1..=2 * EACH).collect::<Vec<_>>());
}

pub(crate) async fn who_reads_does_not_wait_for_who_writes(ledger: &dyn Ledger) {
    let (store, other) = (ledger.open().await, ledger.open().await);
    write(&*store, &batch(1, 1)).await.unwrap();
    let before = store.books().await.unwrap();

    let mut transaction = store.begin().await.unwrap();
    transaction.apply(&batch(2, 200)).await.unwrap();
    assert_eq!(
        store.books().await.unwrap(),
        before,
        "not committed, so not to be seen"
    );
    assert_eq!(other.books().await.unwrap(), before);

    transaction.commit().await.unwrap();
    assert_eq!(store.books().await.unwrap().messages, 200);
    assert_eq!(other.books().await.unwrap().messages, 200);
}

pub(crate) async fn a_thousand_messages_go_in_at_once(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let written = batch(1, 1000);
    write(&*store, &written).await.unwrap();

    let all = store.tasks(&TaskFilter::default()).await.unwrap();
    assert_eq!(all, written.opened);
    let needs = Needs {
        fingerprints: (1..=1000).map(fingerprint).collect(),
        tasks: (1..=1000).map(TaskId).collect(),
        ..Needs::default()
    };
    let snapshot = look(&*store, &needs).await;
    assert_eq!(snapshot.seen.len(), 1000);
    assert_eq!(snapshot.tasks.len(), 1000);
    for number in 1..=1000 {
        let lines = &snapshot.history[&TaskId(number)];
        let from = usize::try_from(2 * number - 2).unwrap();
        assert_eq!(lines, &written.history[from..from + 2]);
    }
    assert_eq!(store.known(&inbox()).await.unwrap().len(), 1000);
    let mut transaction = store.begin().await.unwrap();
    let letters = transaction.claim(minute(2000), minute(2001), 1000).await.unwrap();
    assert_eq!(letters, written.letters);
}

pub(crate) async fn a_batch_about_something_unknown_is_unwritable(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    write(&*store, &batch(1, 1)).await.unwrap();
    let before = store.books().await.unwrap();
    let sent = sent(minute(1));
    let unknown = [
        Batch {
            moved: vec![task(1), task(2)],
            ..Batch::default()
        },
        Batch {
            settled: vec![(LetterId(1), sent.clone()), (LetterId(2), sent)],
            ..Batch::default()
        },
        Batch {
            history: vec![line(1, Happening::Taken), line(2, Happening::Taken)],
            ..Batch::default()
        },
        Batch {
            letters: vec![letter(2)],
            ..Batch::default()
        },
        Batch {
            opened: vec![task(2)],
            ..Batch::default()
        },
        Batch {
            messages: vec![message(2)],
            ..Batch::default()
        },
        Batch {
            again: vec![(place(9), MessageId(2), minute(1))],
            ..Batch::default()
        },
    ];
    for batch in unknown {
        let refusal = write(&*store, &batch).await;
        assert!(
            matches!(refusal, Err(StoreError::Unwritable(_))),
            "{batch:?}: {refusal:?}"
        );
        assert_eq!(store.books().await.unwrap(), before, "{batch:?}");
    }
}

pub(crate) async fn a_message_is_not_recorded_twice(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    write(&*store, &batch(1, 1)).await.unwrap();
    let mut same = batch(2, 2);
    same.messages[0].fingerprint = fingerprint(1);
    assert!(matches!(
        write(&*store, &same).await,
        Err(StoreError::Unwritable(_))
    ));
    assert_eq!(store.books().await.unwrap().messages, 1);
}
