//! Tasks and their histories: they come back as they were, in order, and never without a next moment.

use std::collections::BTreeSet;

use jiff::civil::date;
use koppelwacht::domain::{
    Batch, CaseloadId, Caution, Climb, Deceit, EarlierNotice, EventId, Happening, HistoryLine, Missed,
    Moment, Needs, PersonId, Role, Sign, Skip, Task, TaskId, TaskState, Told, TypeId, WhyNot,
};
use koppelwacht::store::{StoreError, TaskFilter};

use crate::Ledger;
use crate::samples::{batch, line, minute, task};
use crate::steps::{fatima, load, look_at, write};

fn numbers(tasks: &[Task]) -> Vec<i64> {
    tasks.iter().map(|task| task.id.0).collect()
}

/// Compiles only while it names every state.
fn every_state() -> Vec<TaskState> {
    let named = |state: &TaskState| match state {
        TaskState::Waiting(_) | TaskState::Taken { .. } | TaskState::Done { .. } => (),
    };
    let waiting = |next| {
        TaskState::Waiting(Climb {
            rung: u16::MAX,
            told: None,
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
            by: Some(PersonId::new("joost")),
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

/// How tasks end, and what happens with what is expected.
fn endings() -> Vec<Happening> {
    vec![
        Happening::Done {
            remark: None,
            event: None,
        },
        Happening::Done {
            remark: Some("brief verstuurd".to_owned()),
            event: Some((EventId::new("pip_vastgesteld"), date(2026, 11, 20))),
        },
        Happening::CameAfterAll { sign: None },
        Happening::CameAfterAll {
            sign: Some(Sign::named("duo.ss101")),
        },
        Happening::NotNeeded { sign: None },
        Happening::NotNeeded {
            sign: Some(Sign::named("inburgering_klaar")),
        },
        Happening::TermMoved {
            last_day: date(2029, 11, 19),
        },
        Happening::SamePerson,
        Happening::Reopened { remark: None },
        Happening::Reopened {
            remark: Some("verkeerde taak".to_owned()),
        },
        Happening::TakenBack {
            event: (EventId::new("pip_vastgesteld"), date(2026, 11, 20)),
        },
        Happening::Reported {
            event: (EventId::new("pip_vastgesteld"), date(2026, 11, 20)),
        },
    ]
}

/// With all that may be known when a task is opened, and with none of it.
fn openings() -> [Happening; 2] {
    [
        Happening::Opened {
            rule: "coa.koppeling/gekoppeld".to_owned(),
            why: vec!["één \"grond\"\n".to_owned(), String::new()],
            caution: Some(Caution::Forged),
            deceit: Some(Deceit::LookAlike),
            origin: None,
        },
        Happening::Opened {
            rule: String::new(),
            why: Vec::new(),
            caution: None,
            deceit: None,
            origin: Some(EarlierNotice {
                task: TaskId(3),
                title: "Persoon is inburgeringsplichtig".to_owned(),
                received: minute(7),
            }),
        },
    ]
}

/// Compiles only while it names everything that can happen.
fn everything_that_can_happen() -> Vec<Happening> {
    let named = |what: &Happening| match what {
        Happening::Opened { .. }
        | Happening::Told { .. }
        | Happening::Skipped {
            reason: Skip::Nobody | Skip::Each { .. },
            ..
        }
        | Happening::Taken
        | Happening::LookedUp
        | Happening::AnswerUnclear { .. }
        | Happening::AnsweredAgain { .. }
        | Happening::Retyped { .. }
        | Happening::HoldEnded { .. }
        | Happening::DrillAnswered
        | Happening::DrillUnanswered
        | Happening::CameAfterAll { .. }
        | Happening::NotNeeded { .. }
        | Happening::TermMoved { .. }
        | Happening::SamePerson
        | Happening::Reported { .. }
        | Happening::TakenBack { .. }
        | Happening::Reopened { .. }
        | Happening::Reassigned { .. }
        | Happening::Done { .. }
        | Happening::LetterRefused { .. }
        | Happening::HandedOn { .. }
        | Happening::Declined
        | Happening::CameAgain { .. }
        | Happening::NotSent
        | Happening::LetterBounced { .. }
        | Happening::NobodyThere => (),
    };
    let skipped = |role, reason| Happening::Skipped { role, reason };
    let mut happenings = vec![
        Happening::Told {
            role: Role::Functional,
            person: None,
            rung: None,
            round: u32::MAX,
            hurried: true,
        },
        skipped(Role::Holder, Skip::Nobody),
        skipped(
            Role::Deputy,
            Skip::Each {
                people: WhyNot::ALL
                    .map(|why| Missed {
                        person: fatima(),
                        why,
                    })
                    .to_vec(),
            },
        ),
        Happening::CameAgain {
            why: vec!["it comes at `0 9 1 * *`: 2027-01-04 09:00".to_owned()],
        },
        Happening::HandedOn {
            from: fatima(),
            unreachable: false,
        },
        Happening::HandedOn {
            from: fatima(),
            unreachable: true,
        },
        Happening::Declined,
        Happening::NotSent,
        Happening::LetterBounced {
            code: None,
            call: None,
        },
        Happening::LetterBounced {
            code: Some("5.1.1".to_owned()),
            call: Some(Told { rung: 2, round: 1 }),
        },
        Happening::Taken,
        Happening::LookedUp,
        Happening::AnswerUnclear { triage: TaskId(2) },
        Happening::AnsweredAgain { task: TaskId(1) },
        Happening::Retyped {
            from: TypeId::unknown(),
            to: TypeId::new("coa.koppeling"),
            why: vec!["iemand zei het".to_owned()],
        },
        Happening::HoldEnded { person: fatima() },
        Happening::DrillAnswered,
        Happening::DrillUnanswered,
        Happening::Reassigned {
            to: PersonId::new("joost"),
        },
        Happening::LetterRefused {
            code: "550 5.1.1".to_owned(),
            call: None,
        },
        Happening::NobodyThere,
    ];
    happenings.extend(openings());
    happenings.extend(endings());
    happenings.iter().for_each(named);
    happenings
}

pub(crate) async fn everything_that_can_happen_comes_back_in_order(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let mut written = batch(1, 2);
    written.history.clear();
    // Two histories woven together, in one moment, over two transactions: only the order of writing tells them apart.
    for (index, what) in everything_that_can_happen().into_iter().enumerate() {
        let name = serde_json::to_value(&what).unwrap()["what"].clone();
        let is_aside = Happening::ASIDE.iter().any(|aside| name == *aside);
        assert_eq!(is_aside, what.is_aside(), "{name}");
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

pub(crate) async fn with_a_task_comes_the_one_by_which_an_answer_about_it_is_read(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let mut written = batch(1, 4);
    let unclear = Happening::AnswerUnclear { triage: TaskId(3) };
    written.history.push(line(1, unclear));
    write(&*store, &written).await.unwrap();

    let snapshot = load(&*store, [1]).await;
    let loaded: BTreeSet<_> = snapshot.tasks.keys().map(|task| task.0).collect();
    assert_eq!(loaded, BTreeSet::from([1, 3]));
    let history = store.task(TaskId(3)).await.unwrap().unwrap().history;
    assert_eq!(snapshot.history[&TaskId(3)], history);
    assert_eq!(load(&*store, [1, 3]).await, snapshot, "nor is it there twice");
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

fn tasks_due<const COUNT: usize>(numbers: [i64; COUNT]) -> [Moment; COUNT] {
    numbers.map(|number| Moment::Task(TaskId(number)))
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
            told: None,
            round: 0,
            next: next.map(minute),
        });
    }
    write(&*store, &written).await.unwrap();

    assert_eq!(store.due(minute(9), 10).await.unwrap(), []);
    assert_eq!(store.due(minute(30), 10).await.unwrap(), tasks_due([2, 5, 4, 1]));
    assert_eq!(store.due(minute(30), 3).await.unwrap(), tasks_due([2, 5, 4]));
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
    assert_eq!(store.due(minute(30), 10).await.unwrap(), tasks_due([2, 1]));
    assert_eq!(store.next_moment().await.unwrap(), Some(minute(25)));
}

pub(crate) async fn what_a_clock_that_was_ahead_put_off_is_found(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    assert_eq!(store.books().await.unwrap().last_step, None);
    write(&*store, &batch(1, 5)).await.unwrap();
    // The third is done; the fourth was taken after the clock was set right, and somebody only looked at the fifth.
    let change = Batch {
        moved: vec![task(3).finish(fatima(), minute(1)).unwrap()],
        history: [
            (4, Happening::Taken),
            (5, Happening::LookedUp),
            (5, Happening::SamePerson),
        ]
        .map(|(number, what)| HistoryLine {
            at: minute(1),
            ..line(number, what)
        })
        .into(),
        ..Batch::default()
    };
    write(&*store, &change).await.unwrap();
    let needs = Needs {
        resting: true,
        ..Needs::default()
    };
    let put_off = async |now| {
        let known = look_at(&*store, &needs, now).await;
        let tasks: BTreeSet<i64> = known.tasks.keys().map(|task| task.0).collect();
        assert!(
            tasks
                .iter()
                .all(|task| known.history.contains_key(&TaskId(*task)))
        );
        tasks
    };
    assert_eq!(put_off(2).await, BTreeSet::from([2, 5]));
    assert_eq!(put_off(3).await, BTreeSet::from([5]));
    assert_eq!(
        put_off(6).await,
        BTreeSet::new(),
        "its moment is to come, and what happened is not"
    );
    assert_eq!(store.books().await.unwrap().last_step, Some(minute(6)));
}

pub(crate) async fn an_open_critical_task_without_a_next_moment_is_refused(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    write(&*store, &batch(1, 1)).await.unwrap();
    let forgotten = |number| Task {
        state: TaskState::Waiting(Climb {
            rung: 0,
            told: None,
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
    assert_eq!(
        list(of_fatima).await,
        [2, 5, 3, 1],
        "whoever was told of it has it"
    );
    let all_at_once = TaskFilter {
        caseload: asiel,
        person: Some(fatima()),
        limit: Some(9),
        ..done_too
    };
    assert_eq!(list(all_at_once).await, [5, 3, 4, 1]);
}
