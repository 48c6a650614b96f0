//! Drills: how they went, and that they are counted with nothing else.

use koppelwacht::domain::{
    About, Batch, CaseloadId, Drill, DrillState, LetterId, LetterName, LetterOf, LostMail, Moment, Needs,
    Outcome, Routine, Sealed, Task, TaskId,
};
use koppelwacht::store::{DrillFile, DrillPost, StoreError, TaskFilter};

use crate::Ledger;
use crate::samples::{batch, letter, minute, task};
use crate::steps::{claim, fatima, look, sent, settle, write};

fn drill(number: i64, state: DrillState) -> Drill {
    Drill {
        letter: LetterId(number),
        to: letter(number).to,
        started: letter(number).queued,
        state,
    }
}

/// A drill of which the mail is letter `number`, and that mail.
fn started(number: i64) -> Batch {
    let mut mail = letter(number);
    mail.about = About::Drill;
    mail.message_id = format!("letter-{number}.55aa@koppelwacht.example");
    let until = minute(30);
    Batch {
        letters: vec![mail],
        drills: vec![drill(number, DrillState::Waiting { until })],
        ..Batch::default()
    }
}

fn noted(number: i64, state: DrillState) -> Batch {
    Batch {
        drills: vec![drill(number, state)],
        ..Batch::default()
    }
}

/// Message `number` was a drill, and its task is told by a letter of the same number.
fn came_in(number: i64) -> Batch {
    let mut batch = batch(number, number);
    batch.opened[0].drill = true;
    batch
}

pub(crate) async fn a_drill_comes_back_as_it_was_and_tells_how_it_went(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    write(&*store, &batch(1, 1)).await.unwrap();
    write(&*store, &started(2)).await.unwrap();
    let waiting = drill(2, DrillState::Waiting { until: minute(30) });
    let file = async || store.drills(Some(LetterId(2))).await.unwrap().remove(0);
    assert_eq!(
        file().await,
        DrillFile {
            drill: waiting,
            mail: DrillPost::Waiting { reason: None },
            task: None,
            told: None
        }
    );
    assert_eq!(store.next_moment().await.unwrap(), Some(minute(30)));
    let due = store.due(minute(30), 10).await.unwrap();
    assert_eq!(due, [Moment::Drill(LetterId(2))]);

    let busy = "451 4.7.1".to_owned();
    let again = Outcome::Again {
        at: minute(4),
        reason: busy.clone(),
        put_off: None,
    };
    settle(&*store, 2, again).await;
    assert_eq!(file().await.mail, DrillPost::Waiting { reason: Some(busy) });
    settle(&*store, 2, sent(minute(5))).await;
    assert_eq!(file().await.mail, DrillPost::Sent { at: minute(5) });

    let underway = DrillState::Underway { until: minute(35) };
    write(&*store, &noted(2, underway.clone())).await.unwrap();
    assert_eq!(file().await.drill.state, underway);
    assert_eq!(store.next_moment().await.unwrap(), Some(minute(35)));

    for how in LostMail::ALL {
        let lost = DrillState::Lost { at: minute(36), how };
        write(&*store, &noted(2, lost.clone())).await.unwrap();
        assert_eq!(file().await.drill.state, lost);
    }
    assert_eq!(
        store.next_moment().await.unwrap(),
        Some(minute(61)),
        "that of the task"
    );

    // It comes in late. Two letters about its task leave; the first is what counts.
    write(&*store, &came_in(3)).await.unwrap();
    let mut second = batch(4, 4).letters;
    second[0].about = About::Task {
        task: TaskId(3),
        told: koppelwacht::domain::Told { rung: 1, round: 0 },
    };
    let second = Batch {
        letters: second,
        ..noted(2, DrillState::Arrived { task: TaskId(3) })
    };
    write(&*store, &second).await.unwrap();
    settle(&*store, 4, sent(minute(42))).await;
    settle(&*store, 3, sent(minute(40))).await;
    let end = file().await;
    assert_eq!(end.told, Some(minute(40)));
    assert_eq!(end.task.map(|task| task.id), Some(TaskId(3)));

    write(&*store, &started(5)).await.unwrap();
    let refused = Outcome::Refused {
        at: minute(6),
        code: "550 5.1.1".to_owned(),
    };
    settle(&*store, 5, refused).await;
    let all = store.drills(None).await.unwrap();
    assert_eq!(
        all.iter().map(|file| file.drill.letter.0).collect::<Vec<_>>(),
        [2, 5]
    );
    let code = "550 5.1.1".to_owned();
    assert_eq!(all[1].mail, DrillPost::Refused { code });
}

pub(crate) async fn a_drill_is_found_by_the_message_id_of_its_mail_and_by_no_other(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let mut written = started(2);
    let ordinary = Sealed {
        about: About::Office,
        message_id: "letter-1.55aa@koppelwacht.example".to_owned(),
        ..letter(1)
    };
    written.letters.insert(0, ordinary);
    write(&*store, &written).await.unwrap();
    let drills = async |number, token: &str| {
        let needs = Needs {
            letters: vec![LetterName {
                of: LetterOf::Number(LetterId(number)),
                token: token.to_owned(),
            }],
            ..Needs::default()
        };
        look(&*store, &needs).await.drills
    };
    assert_eq!(drills(2, "55aa").await.len(), 1);
    assert_eq!(drills(2, "55ab").await.len(), 0, "the token is guessed");
    assert_eq!(drills(1, "55aa").await.len(), 0, "a letter that is no drill");
    let by_number = Needs {
        drills: vec![LetterId(2), LetterId(1)],
        ..Needs::default()
    };
    let found = look(&*store, &by_number).await.drills;
    assert_eq!(found.keys().collect::<Vec<_>>(), [&LetterId(2)]);
    let claimed = store
        .begin()
        .await
        .unwrap()
        .claim(minute(60), minute(70), 9)
        .await;
    let about: Vec<About> = claimed.unwrap().iter().map(|letter| letter.about).collect();
    assert_eq!(about, [About::Office, About::Drill]);
    assert_eq!(claim(&*store, 60, 70, 9).await.len(), 2);
}

pub(crate) async fn drills_are_counted_and_listed_apart(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    write(&*store, &batch(1, 3)).await.unwrap();
    write(&*store, &came_in(4)).await.unwrap();
    write(&*store, &came_in(5)).await.unwrap();
    let over = Batch {
        moved: vec![
            came_in(5).opened.remove(0).lapse(minute(9)),
            task(3).finish(fatima(), minute(9)).unwrap(),
        ],
        ..Batch::default()
    };
    write(&*store, &over).await.unwrap();

    let books = store.books().await.unwrap();
    assert_eq!(
        (books.messages, books.with_task, books.drills, books.drills_open),
        (5, 3, 2, 1)
    );
    assert_eq!((books.waiting, books.taken, books.done), (2, 0, 1));

    let list = async |filter: &TaskFilter| {
        let tasks: Vec<Task> = store.tasks(filter).await.unwrap();
        tasks.iter().map(|task| task.id.0).collect::<Vec<_>>()
    };
    let mut filter = TaskFilter::default();
    assert_eq!(list(&filter).await, [1, 2]);
    filter.drills_too = true;
    assert_eq!(list(&filter).await, [1, 2, 4]);
    filter.done_too = true;
    assert_eq!(list(&filter).await, [1, 2, 3, 4, 5]);
    filter.drills_too = false;
    assert_eq!(list(&filter).await, [1, 2, 3]);

    let piles = Needs {
        look_at: vec![Routine::Overview],
        ..Needs::default()
    };
    let piles = look(&*store, &piles).await.piles;
    let pile = &piles[&CaseloadId::new("asiel")];
    assert_eq!(pile.open, 2);
    let first: Vec<i64> = pile.first.iter().map(|task| task.id.0).collect();
    assert_eq!(first, [1, 2], "a lead is not shown drills");
}

pub(crate) async fn only_a_drill_ends_without_anybody(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    write(&*store, &batch(1, 1)).await.unwrap();
    let forgotten = Batch {
        moved: vec![task(1).lapse(minute(2))],
        ..Batch::default()
    };
    let refused = write(&*store, &forgotten).await.unwrap_err();
    assert!(matches!(refused, StoreError::Unwritable(_)), "{refused}");
}
