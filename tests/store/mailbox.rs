//! What the ledger knows of the mailboxes, and whether the books add up.

use koppelwacht::domain::{
    Batch, Cause, Fingerprint, FolderRef, LetterId, Message, MessageId, Needs, Outcome, Seen, Task, TaskId,
    TypeId,
};
use koppelwacht::store::{Books, LetterToSeeTo, Reading, Watched};
use std::collections::{BTreeMap, HashSet};

use crate::Ledger;
use crate::samples::{batch, fingerprint, inbox, message, minute, place, task};
use crate::steps::{fatima, look, sent, write};

pub(crate) async fn a_place_that_is_entered_again_changes_nothing(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    write(&*store, &batch(1, 2)).await.unwrap();
    let seen_again = |item, message| Batch {
        again: vec![(place(item), MessageId(message), minute(30))],
        ..Batch::default()
    };
    write(&*store, &seen_again(7, 1)).await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    transaction
        .mark(&inbox(), &["1".to_owned(), "7".to_owned()])
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    let before = store.books().await.unwrap();
    assert_eq!((before.messages, before.duplicates, before.unmarked), (2, 1, 1));

    write(&*store, &seen_again(1, 1)).await.unwrap();
    write(&*store, &seen_again(7, 2)).await.unwrap();
    assert_eq!(
        store.books().await.unwrap(),
        before,
        "they stay marked, and none is counted twice"
    );
    let items = ["1", "2", "7"].map(str::to_owned);
    assert_eq!(store.known(&inbox()).await.unwrap(), HashSet::from(items));

    // A server that hands out a number twice: the message is new all the same.
    let mut reused = batch(3, 3);
    reused.messages[0].place = place(1);
    write(&*store, &reused).await.unwrap();
    assert_eq!(store.books().await.unwrap().messages, 3);
    assert_eq!(
        store
            .task(TaskId(3))
            .await
            .unwrap()
            .unwrap()
            .message
            .unwrap()
            .place,
        place(1)
    );
    assert_eq!(
        store
            .task(TaskId(1))
            .await
            .unwrap()
            .unwrap()
            .message
            .unwrap()
            .place,
        place(1)
    );
}

pub(crate) async fn a_folder_that_was_renumbered_is_another_folder(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    write(&*store, &batch(1, 2)).await.unwrap();
    let renumbered = FolderRef { epoch: 0, ..inbox() };
    assert_eq!(store.known(&renumbered).await.unwrap(), HashSet::new());
    assert_eq!(store.unmarked(&renumbered).await.unwrap(), Vec::<String>::new());
    let mut transaction = store.begin().await.unwrap();
    transaction.mark(&renumbered, &["1".to_owned()]).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(store.unmarked(&inbox()).await.unwrap(), ["1", "2"]);
}

pub(crate) async fn items_stay_unmarked_until_they_are_marked(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let mut written = batch(1, 3);
    // A Maildir's items are no numbers, and a clever name stays a name.
    let odd = "1732.M1P9.host,\"S=2\"'; --".to_owned();
    written.messages[2].place.item.clone_from(&odd);
    write(&*store, &written).await.unwrap();
    assert_eq!(store.unmarked(&inbox()).await.unwrap(), ["1", &odd, "2"]);

    let mut transaction = store.begin().await.unwrap();
    let marked = ["1".to_owned(), odd, "not in the ledger".to_owned()];
    transaction.mark(&inbox(), &marked).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(store.unmarked(&inbox()).await.unwrap(), ["2"]);
    assert_eq!(store.known(&inbox()).await.unwrap().len(), 3);
}

pub(crate) async fn a_proof_of_reading_stands_until_there_is_a_newer_one(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let reading = |folder: &str, proven: Option<i64>, backlog, trouble: Option<&str>| Reading {
        mailbox: "inburgering".to_owned(),
        folder: folder.to_owned(),
        proven: proven.map(minute),
        backlog,
        trouble: trouble.map(str::to_owned),
    };
    let note = async |reading: Reading| {
        let mut transaction = store.begin().await.unwrap();
        transaction.note_reading(&reading).await.unwrap();
        transaction.commit().await.unwrap();
        store.books().await.unwrap().folders
    };
    let never = reading("Ongewenst", None, 3, None);
    assert_eq!(note(never.clone()).await, std::slice::from_ref(&never));
    let proven = reading("INBOX", Some(1), 0, None);
    assert_eq!(
        note(proven.clone()).await,
        [proven, never.clone()],
        "in order of their names"
    );
    assert_eq!(
        note(reading("INBOX", None, 5, Some("the server is away"))).await,
        [
            reading("INBOX", Some(1), 5, Some("the server is away")),
            never.clone()
        ]
    );
    let well_again = reading("INBOX", Some(9), 0, None);
    assert_eq!(note(well_again.clone()).await, [well_again.clone(), never]);

    // From now on another folder is watched instead of one of them.
    let folders = ["INBOX", "Post"].map(|folder| Watched {
        mailbox: "inburgering".to_owned(),
        folder: folder.to_owned(),
    });
    let mut transaction = store.begin().await.unwrap();
    transaction.watch(&folders).await.unwrap();
    transaction.commit().await.unwrap();
    let known = store.books().await.unwrap().folders;
    assert_eq!(known, [well_again, reading("Post", None, 0, None)]);
}

pub(crate) async fn the_books_add_up(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let mut written = batch(1, 10);
    // Two messages about our own letters open nothing, one opens two tasks, one is an old acquaintance.
    for number in [11, 12] {
        written.messages.push(Message {
            task: None,
            kinds: vec![TypeId::own()],
            message_id: None,
            ..message(number)
        });
    }
    written.opened.push(Task {
        cause: Cause::Notice(MessageId(10)),
        ..task(11)
    });
    written.again.push((place(99), MessageId(1), minute(1)));
    write(&*store, &written).await.unwrap();
    let change = Batch {
        moved: vec![
            task(1).finish(fatima(), minute(1)).unwrap(),
            task(2).finish(fatima(), minute(1)).unwrap(),
            task(3).take(fatima(), minute(1), Some(minute(2))).unwrap(),
        ],
        settled: vec![
            (LetterId(1), sent(minute(1))),
            (
                LetterId(2),
                Outcome::Refused {
                    at: minute(1),
                    code: "550".to_owned(),
                },
            ),
        ],
        ..Batch::default()
    };
    write(&*store, &change).await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    transaction
        .mark(&inbox(), &["1".to_owned(), "2".to_owned()])
        .await
        .unwrap();
    transaction.commit().await.unwrap();

    let books = store.books().await.unwrap();
    let expected = Books {
        folders: Vec::new(),
        messages: 12,
        with_task: 10,
        without_task: 2,
        drills: 0,
        drills_open: 0,
        duplicates: 1,
        unmarked: 11,
        waiting: 8,
        taken: 1,
        done: 2,
        unguarded: 0,
        letters_waiting: 8,
        letters_sent: 1,
        letters_refused: 1,
        letters_overtaken: 0,
        longest_waiting: Some(LetterToSeeTo {
            at: minute(4),
            task: Some(TaskId(3)),
            reason: None,
            put_off: None,
        }),
        last_refused: Some(LetterToSeeTo {
            at: minute(1),
            task: Some(TaskId(2)),
            reason: Some("550".to_owned()),
            put_off: None,
        }),
        next_moment: Some(minute(2)),
        proved: None,
        holes: 0,
        next_proof: None,
        chores: BTreeMap::new(),
        last_step: Some(minute(11)),
    };
    assert_eq!(books, expected);

    let needs = Needs {
        fingerprints: vec![fingerprint(12), Fingerprint([0; 32])],
        ..Needs::default()
    };
    let snapshot = look(&*store, &needs).await;
    let own = Seen {
        message: MessageId(12),
        task: None,
    };
    assert_eq!(
        snapshot.seen.into_iter().collect::<Vec<_>>(),
        [(fingerprint(12), own)]
    );
}
