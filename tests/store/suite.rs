//! The stories that every database must pass.

use std::collections::HashSet;
use std::sync::Arc;

use futures::FutureExt as _;
use koppelwacht::domain::{
    Batch, CaseloadId, Climb, Fingerprint, FolderRef, Happening, LetterId, Message, MessageId, Needs,
    Outcome, PersonId, Role, Seen, Skip, Snapshot, Task, TaskId, TaskState, TypeId,
};
use koppelwacht::store::{Books, Reading, Store, StoreError, TaskFile, TaskFilter};

use crate::Ledger;
use crate::samples::{batch, fingerprint, inbox, letter, line, message, minute, place, task};

/// Writes a batch in a transaction of its own.
async fn write(store: &dyn Store, batch: &Batch) -> Result<(), StoreError> {
    let mut transaction = store.begin().await?;
    transaction.apply(batch).await?;
    transaction.commit().await
}

/// What the ledger knows about these tasks.
async fn load(store: &dyn Store, tasks: impl IntoIterator<Item = i64>) -> Snapshot {
    let needs = Needs {
        tasks: tasks.into_iter().map(TaskId).collect(),
        ..Needs::default()
    };
    store.begin().await.unwrap().load(&needs).await.unwrap()
}

/// Takes letters and keeps that.
async fn claim(store: &dyn Store, now: i64, until: i64, limit: u32) -> Vec<(i64, u32)> {
    let mut transaction = store.begin().await.unwrap();
    let letters = transaction
        .claim(minute(now), minute(until), limit)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    letters
        .iter()
        .map(|letter| (letter.id.0, letter.attempts))
        .collect()
}

async fn settle(store: &dyn Store, letter: i64, outcome: Outcome) {
    let tried = Batch {
        settled: vec![(LetterId(letter), outcome)],
        ..Batch::default()
    };
    write(store, &tried).await.unwrap();
}

fn numbers(tasks: &[Task]) -> Vec<i64> {
    tasks.iter().map(|task| task.id.0).collect()
}

fn fatima() -> PersonId {
    PersonId::new("fatima")
}

pub(crate) async fn what_is_committed_is_read_back_by_another_process(ledger: &dyn Ledger) {
    let written = batch(1, 3);
    write(&*ledger.open().await, &written).await.unwrap();

    let other = ledger.open().await;
    let file = other.task(TaskId(2)).await.unwrap().unwrap();
    let expected = TaskFile {
        task: task(2),
        message: message(2),
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
    };
    let snapshot = transaction.load(&needs).await.unwrap();
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
        let next = transaction.load(&Needs::default()).await.unwrap().next;
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
    };
    let snapshot = store.begin().await.unwrap().load(&needs).await.unwrap();
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

/// Compiles only while it names every state.
fn every_state() -> Vec<TaskState> {
    let named = |state: &TaskState| match state {
        TaskState::Waiting(_) | TaskState::Taken { .. } | TaskState::Done { .. } => (),
    };
    let waiting = |next| {
        TaskState::Waiting(Climb {
            rung: u16::MAX,
            round: u32::MAX,
            next,
        })
    };
    let taken = |until| TaskState::Taken {
        by: fatima(),
        since: minute(5),
        until,
    };
    let states = vec![
        waiting(Some(minute(7))),
        waiting(None),
        taken(Some(minute(8))),
        taken(None),
        TaskState::Done {
            by: PersonId::new("joost"),
            at: minute(9),
        },
    ];
    states.iter().for_each(named);
    states
}

pub(crate) async fn every_state_of_a_task_comes_back_as_it_was(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let mut written = batch(1, 10);
    for (task, state) in written.opened.iter_mut().zip(every_state().into_iter().cycle()) {
        task.critical = state_allows_critical(&state);
        task.assignee = (task.id.0 > 5).then(|| PersonId::new("joost"));
        task.state = state;
    }
    write(&*store, &written).await.unwrap();
    let snapshot = load(&*store, 1..=10).await;
    for task in &written.opened {
        assert_eq!(&snapshot.tasks[&task.id], task);
    }

    // And into each state from each other one.
    for shift in 1..5 {
        let moved: Vec<Task> = written
            .opened
            .iter()
            .zip(every_state().into_iter().cycle().skip(shift))
            .map(|(task, state)| Task {
                critical: state_allows_critical(&state),
                state,
                ..task.clone()
            })
            .collect();
        let change = Batch {
            moved: moved.clone(),
            ..Batch::default()
        };
        write(&*store, &change).await.unwrap();
        let snapshot = load(&*store, 1..=10).await;
        for task in &moved {
            assert_eq!(&snapshot.tasks[&task.id], task);
        }
    }
}

fn state_allows_critical(state: &TaskState) -> bool {
    match state {
        TaskState::Waiting(climb) => climb.next.is_some(),
        TaskState::Taken { until, .. } => until.is_some(),
        TaskState::Done { .. } => true,
    }
}

/// Compiles only while it names everything that can happen.
fn everything_that_can_happen() -> Vec<Happening> {
    let named = |what: &Happening| match what {
        Happening::Opened { .. }
        | Happening::Told { .. }
        | Happening::Skipped {
            reason: Skip::Nobody | Skip::Absent { .. } | Skip::AlreadyTold { .. },
            ..
        }
        | Happening::Taken
        | Happening::HoldEnded { .. }
        | Happening::Reassigned { .. }
        | Happening::Done { .. }
        | Happening::LetterRefused { .. }
        | Happening::DeliveredAgain => (),
    };
    let skipped = |role, reason| Happening::Skipped { role, reason };
    let happenings = vec![
        Happening::Opened {
            rule: "coa.koppeling/gekoppeld".to_owned(),
            why: vec!["één \"grond\"\n".to_owned(), String::new()],
        },
        Happening::Told {
            role: Role::Functional,
            person: None,
            round: u32::MAX,
        },
        skipped(Role::Holder, Skip::Nobody),
        skipped(
            Role::Deputy,
            Skip::Absent {
                people: vec![fatima(), PersonId::new("joost")],
            },
        ),
        skipped(Role::Lead, Skip::AlreadyTold { person: fatima() }),
        Happening::Taken,
        Happening::HoldEnded { person: fatima() },
        Happening::Reassigned {
            to: PersonId::new("joost"),
        },
        Happening::Done { remark: None },
        Happening::Done {
            remark: Some("brief verstuurd".to_owned()),
        },
        Happening::LetterRefused {
            code: "550 5.1.1".to_owned(),
        },
        Happening::DeliveredAgain,
    ];
    happenings.iter().for_each(named);
    happenings
}

pub(crate) async fn everything_that_can_happen_comes_back_in_order(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let mut written = batch(1, 2);
    written.history.clear();
    // Two histories woven together, in one moment, over two transactions: only the order of writing tells them apart.
    for (index, what) in everything_that_can_happen().into_iter().enumerate() {
        for task in [2, 1] {
            let mut line = line(task, what.clone());
            line.by = (index % 2 == 0).then(fatima);
            written.history.push(line);
        }
    }
    let later = Batch {
        history: written.history.split_off(9),
        ..Batch::default()
    };
    write(&*store, &written).await.unwrap();
    write(&*store, &later).await.unwrap();

    let snapshot = load(&*store, [1, 2]).await;
    for number in [1, 2] {
        let expected: Vec<_> = [&written.history, &later.history]
            .into_iter()
            .flatten()
            .filter(|line| line.task == TaskId(number))
            .cloned()
            .collect();
        assert_eq!(snapshot.history[&TaskId(number)], expected);
        assert_eq!(
            store.task(TaskId(number)).await.unwrap().unwrap().history,
            expected
        );
    }
}

pub(crate) async fn a_task_that_moved_keeps_nothing_of_what_it_was(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    write(&*store, &batch(1, 2)).await.unwrap();
    let moved = Task {
        id: TaskId(1),
        kind: TypeId::new("duo.signaal"),
        title: "Iets anders".to_owned(),
        caseload: CaseloadId::new("gezin"),
        assignee: Some(fatima()),
        critical: false,
        ..task(2)
    };
    let change = Batch {
        moved: vec![moved.clone()],
        ..Batch::default()
    };
    write(&*store, &change).await.unwrap();
    let snapshot = load(&*store, [1, 2]).await;
    assert_eq!(snapshot.tasks[&TaskId(1)], moved);
    assert_eq!(snapshot.tasks[&TaskId(2)], task(2), "its neighbour has not moved");
}

pub(crate) async fn a_batch_about_something_unknown_is_unwritable(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    write(&*store, &batch(1, 1)).await.unwrap();
    let before = store.books().await.unwrap();
    let sent = Outcome::Sent { at: minute(1) };
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
        store.task(TaskId(3)).await.unwrap().unwrap().message.place,
        place(1)
    );
    assert_eq!(
        store.task(TaskId(1)).await.unwrap().unwrap().message.place,
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
    written.messages[2].place.item = "1732.M1P9.host,\"S=2\"'; --".to_owned();
    write(&*store, &written).await.unwrap();
    let odd = written.messages[2].place.item.clone();
    assert_eq!(store.unmarked(&inbox()).await.unwrap(), ["1", &odd, "2"]);

    let mut transaction = store.begin().await.unwrap();
    let marked = ["1".to_owned(), odd, "not in the ledger".to_owned()];
    transaction.mark(&inbox(), &marked).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(store.unmarked(&inbox()).await.unwrap(), ["2"]);
    assert_eq!(store.known(&inbox()).await.unwrap().len(), 3);
}

pub(crate) async fn due_tasks_come_in_order_and_not_more_than_asked_for(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let mut written = batch(1, 6);
    for (task, next) in
        written
            .opened
            .iter_mut()
            .zip([Some(30), Some(10), None, Some(20), Some(10), Some(31)])
    {
        task.critical = next.is_some();
        task.state = TaskState::Waiting(Climb {
            rung: 1,
            round: 0,
            next: next.map(minute),
        });
    }
    write(&*store, &written).await.unwrap();

    let mut transaction = store.begin().await.unwrap();
    assert_eq!(transaction.due(minute(9), 10).await.unwrap(), []);
    assert_eq!(
        transaction.due(minute(30), 10).await.unwrap(),
        [2, 5, 4, 1].map(TaskId)
    );
    assert_eq!(
        transaction.due(minute(30), 3).await.unwrap(),
        [2, 5, 4].map(TaskId)
    );
    drop(transaction);
    assert_eq!(store.next_moment().await.unwrap(), Some(minute(10)));

    // Somebody takes two of them, one for ever; one is done.
    let taken = |number: usize, until| {
        let open = Task {
            critical: false,
            ..written.opened[number].clone()
        };
        open.take(fatima(), minute(11), until).unwrap()
    };
    let change = Batch {
        moved: vec![
            taken(1, Some(minute(25))),
            taken(4, None),
            written.opened[3].clone().finish(fatima(), minute(11)).unwrap(),
        ],
        ..Batch::default()
    };
    write(&*store, &change).await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    assert_eq!(transaction.due(minute(30), 10).await.unwrap(), [2, 1].map(TaskId));
    drop(transaction);
    assert_eq!(store.next_moment().await.unwrap(), Some(minute(25)));
}

pub(crate) async fn an_open_critical_task_without_a_next_moment_is_refused(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    write(&*store, &batch(1, 1)).await.unwrap();
    let forgotten = |number| Task {
        state: TaskState::Waiting(Climb {
            rung: 0,
            round: 0,
            next: None,
        }),
        ..task(number)
    };
    let held_for_ever = task(1).take(fatima(), minute(1), None).unwrap();

    let mut opened = batch(2, 200);
    opened.opened[150] = forgotten(152);
    let moved = |task| Batch {
        moved: vec![task],
        ..Batch::default()
    };
    for refused in [opened, moved(forgotten(1)), moved(held_for_ever)] {
        let mut transaction = store.begin().await.unwrap();
        let refusal = transaction.apply(&refused).await.unwrap_err();
        assert!(matches!(refusal, StoreError::Unwritable(_)), "{refusal}");
        assert_eq!(
            transaction.commit().await,
            Err(refusal),
            "what went in before the refusal must not be kept either"
        );
    }
    let books = store.books().await.unwrap();
    assert_eq!((books.messages, books.waiting, books.unguarded), (1, 1, 0));
    write(&*store, &batch(2, 200))
        .await
        .expect("the ledger is as usable as before");
}

pub(crate) async fn a_claimed_letter_is_nobody_elses_until_the_claim_runs_out(ledger: &dyn Ledger) {
    let (store, other) = (ledger.open().await, ledger.open().await);
    write(&*store, &batch(1, 3)).await.unwrap();
    assert_eq!(store.next_letter().await.unwrap(), Some(minute(2)));

    assert_eq!(claim(&*store, 1, 11, 10).await, [], "none is due yet");
    assert_eq!(claim(&*store, 10, 20, 2).await, [(1, 0), (2, 0)]);
    assert_eq!(claim(&*other, 10, 20, 10).await, [(3, 0)]);
    assert_eq!(claim(&*store, 19, 29, 10).await, []);
    assert_eq!(store.next_letter().await.unwrap(), Some(minute(20)));

    let undone = other
        .begin()
        .await
        .unwrap()
        .claim(minute(20), minute(30), 1)
        .await
        .unwrap();
    assert_eq!(undone[0].id, LetterId(1));
    assert_eq!(
        claim(&*store, 20, 30, 10).await,
        [(1, 0), (2, 0), (3, 0)],
        "nobody reported, so they are due again"
    );
}

pub(crate) async fn a_letter_is_tried_until_it_is_settled_and_then_never_again(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    write(&*store, &batch(1, 3)).await.unwrap();
    let again = |at| Outcome::Again {
        at: minute(at),
        reason: "451 4.7.1".to_owned(),
    };

    assert_eq!(claim(&*store, 10, 20, 10).await, [(1, 0), (2, 0), (3, 0)]);
    settle(&*store, 1, Outcome::Sent { at: minute(11) }).await;
    settle(&*store, 2, again(15)).await;
    let refused = Outcome::Refused {
        at: minute(11),
        code: "550 5.1.1".to_owned(),
    };
    settle(&*store, 3, refused).await;

    assert_eq!(store.next_letter().await.unwrap(), Some(minute(15)));
    assert_eq!(claim(&*store, 14, 24, 10).await, []);
    assert_eq!(
        claim(&*store, 15, 25, 10).await,
        [(2, 1)],
        "before the first claim would have run out"
    );
    settle(&*store, 2, again(18)).await;
    assert_eq!(claim(&*store, 18, 28, 10).await, [(2, 2)]);
    settle(&*store, 2, Outcome::Sent { at: minute(19) }).await;

    // Somebody whose claim had run out reports late.
    settle(&*store, 1, again(20)).await;
    settle(&*store, 3, Outcome::Sent { at: minute(20) }).await;
    assert_eq!(store.next_letter().await.unwrap(), None);
    assert_eq!(claim(&*store, 5000, 5010, 10).await, []);
    let books = store.books().await.unwrap();
    assert_eq!(
        (books.letters_waiting, books.letters_sent, books.letters_refused),
        (0, 2, 1)
    );
}

pub(crate) async fn tasks_are_listed_by_caseload_person_and_due_date(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let mut written = batch(1, 5);
    let [first, second, third, fourth, fifth] = written.opened.as_mut_slice() else {
        panic!("there are five");
    };
    first.due = minute(9000);
    second.caseload = CaseloadId::new("gezin");
    *third = third.clone().take(fatima(), minute(5), Some(minute(50))).unwrap();
    *fourth = fourth.clone().finish(fatima(), minute(5)).unwrap();
    fifth.assignee = Some(fatima());
    fifth.due = second.due;
    write(&*store, &written).await.unwrap();

    let list = async |filter: TaskFilter| numbers(&store.tasks(&filter).await.unwrap());
    let done_too = TaskFilter {
        done_too: true,
        ..TaskFilter::default()
    };
    let asiel = Some(CaseloadId::new("asiel"));
    assert_eq!(list(TaskFilter::default()).await, [2, 5, 3, 1]);
    assert_eq!(list(done_too.clone()).await, [2, 5, 3, 4, 1]);
    let limited = TaskFilter {
        limit: Some(2),
        ..TaskFilter::default()
    };
    assert_eq!(list(limited).await, [2, 5]);
    let of_asiel = TaskFilter {
        caseload: asiel.clone(),
        ..TaskFilter::default()
    };
    assert_eq!(list(of_asiel).await, [5, 3, 1]);
    let of_fatima = TaskFilter {
        person: Some(fatima()),
        ..TaskFilter::default()
    };
    assert_eq!(list(of_fatima).await, [5, 3]);
    let all_at_once = TaskFilter {
        caseload: asiel,
        person: Some(fatima()),
        limit: Some(9),
        ..done_too
    };
    assert_eq!(list(all_at_once).await, [5, 3, 4]);
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
    assert_eq!(note(never.clone()).await, [never.clone()]);
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
    assert_eq!(note(well_again.clone()).await, [well_again, never]);
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
        message: MessageId(10),
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
            (LetterId(1), Outcome::Sent { at: minute(1) }),
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
        duplicates: 1,
        unmarked: 11,
        waiting: 8,
        taken: 1,
        done: 2,
        unguarded: 0,
        letters_waiting: 8,
        letters_sent: 1,
        letters_refused: 1,
        next_moment: Some(minute(2)),
    };
    assert_eq!(books, expected);
    assert_eq!(books.messages, books.with_task + books.without_task);

    let needs = Needs {
        fingerprints: vec![fingerprint(12), Fingerprint([0; 32])],
        tasks: Vec::new(),
    };
    let snapshot = store.begin().await.unwrap().load(&needs).await.unwrap();
    let own = Seen {
        message: MessageId(12),
        task: None,
    };
    assert_eq!(
        snapshot.seen.into_iter().collect::<Vec<_>>(),
        [(fingerprint(12), own)]
    );
}
