//! Chores: when each comes next, and the tasks that came of no mail.

use koppelwacht::domain::{
    Batch, Cause, ChoreId, Happening, Moment, Needs, PersonId, Routine, SourceId, Task, TaskId, TaskState,
    TypeId,
};

use crate::Ledger;
use crate::samples::{batch, line, minute, task};
use crate::steps::{look, write};

fn chore(name: &str) -> ChoreId {
    ChoreId::new(name)
}

/// A task of a chore.
fn of_chore(number: i64, name: &str) -> Task {
    Task {
        cause: Cause::Chore,
        kind: TypeId::chore(&chore(name)),
        critical: false,
        ..task(number)
    }
}

pub(crate) async fn when_a_chore_comes_next_is_kept_under_its_name(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let next = |name: &str, at| (Routine::Chore(chore(name)), at);
    let planned = Batch {
        routines: vec![
            next("cbs-levering", Some(minute(30))),
            next("toegang", Some(minute(20))),
            next("overview", Some(minute(40))),
            (Routine::Overview, Some(minute(50))),
        ],
        ..Batch::default()
    };
    write(&*store, &planned).await.unwrap();
    assert_eq!(store.next_moment().await.unwrap(), Some(minute(20)));
    let due = [chore("toegang"), chore("cbs-levering")].map(|name| Moment::Routine(Routine::Chore(name)));
    assert_eq!(store.due(minute(30), 10).await.unwrap(), due);

    let moved = Batch {
        routines: vec![next("toegang", None), next("cbs-levering", Some(minute(35)))],
        ..Batch::default()
    };
    write(&*store, &moved).await.unwrap();
    let books = ledger.open().await.books().await.unwrap();
    assert_eq!(
        books.chores.into_iter().collect::<Vec<_>>(),
        [
            (chore("cbs-levering"), minute(35)),
            (chore("overview"), minute(40))
        ],
        "a chore of the name of something else is not taken for that"
    );
    let needs = Needs {
        routines: true,
        ..Needs::default()
    };
    let known = look(&*store, &needs).await.routines;
    assert_eq!(known[&Routine::Chore(chore("cbs-levering"))], minute(35));
    assert_eq!((known.len(), known[&Routine::Overview]), (3, minute(50)));
}

pub(crate) async fn the_open_task_of_a_chore_is_found_by_the_chore_and_counted_with_the_others(
    ledger: &dyn Ledger,
) {
    let store = ledger.open().await;
    let mut written = batch(1, 1);
    let done = of_chore(2, "cbs-levering");
    let silent = Task {
        cause: Cause::Silence(SourceId::new("duo")),
        ..of_chore(5, "cbs-levering")
    };
    written.opened.extend([
        done.clone(),
        of_chore(3, "cbs-levering"),
        of_chore(4, "toegang"),
        silent,
    ]);
    written.history.push(line(3, Happening::Taken));
    write(&*store, &written).await.unwrap();
    let finished = Batch {
        moved: vec![done.finish(PersonId::new("fatima"), minute(9)).unwrap()],
        ..Batch::default()
    };
    write(&*store, &finished).await.unwrap();

    let needs = Needs {
        chores: vec![chore("cbs-levering")],
        ..Needs::default()
    };
    let found = look(&*store, &needs).await;
    let [task] = found.tasks.values().collect::<Vec<_>>()[..] else {
        panic!("{:?}", found.tasks)
    };
    assert_eq!(*task, of_chore(3, "cbs-levering"));
    assert_eq!(found.history[&task.id], [line(3, Happening::Taken)]);

    let books = store.books().await.unwrap();
    assert_eq!(
        (books.messages, books.with_task, books.without_task, books.drills),
        (1, 1, 0, 0)
    );
    assert_eq!((books.waiting, books.taken, books.done), (4, 0, 1));
}

pub(crate) async fn what_is_open_beside_a_task_of_the_same_chore_or_silence_is_found(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let done = |task: Task| Task {
        state: TaskState::Done {
            by: Some(PersonId::new("fatima")),
            at: minute(9),
        },
        ..task
    };
    let of_silence = |number, source: &str| Task {
        cause: Cause::Silence(SourceId::new(source)),
        kind: TypeId::silence(),
        critical: false,
        ..task(number)
    };
    let written = Batch {
        opened: vec![
            done(of_chore(1, "cbs-levering")),
            of_chore(2, "cbs-levering"),
            of_chore(3, "toegang"),
            done(of_silence(4, "coa")),
            of_silence(5, "coa"),
            of_silence(6, "duo"),
        ],
        ..Batch::default()
    };
    write(&*store, &written).await.unwrap();
    for (number, wanted) in [(1, vec![2]), (4, vec![5])] {
        let needs = Needs {
            beside: vec![TaskId(number)],
            ..Needs::default()
        };
        let found = look(&*store, &needs).await.tasks;
        assert_eq!(found.keys().map(|task| task.0).collect::<Vec<_>>(), wanted);
    }
}
