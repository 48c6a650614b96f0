//! What is expected: found by the dossier, by its task, by its week and by its moment.

use jiff::civil::date;
use koppelwacht::domain::{
    Batch, CaseloadId, Cause, Change, Dossier, DossierId, EventId, Expectation, ExpectationId,
    ExpectationState, ExpectedId, Filing, MessageId, Moment, Needs, Occurrence, PersonKey, Report, Sign,
    Subject, Task, TaskId, TaskState, TypeId,
};
use koppelwacht::store::StoreError;

use crate::Ledger;
use crate::samples::{batch, minute, task};
use crate::steps::{look, write};

const AMINA: PersonKey = PersonKey([1; 16]);
const AMINA_AT_DUO: PersonKey = PersonKey([2; 16]);

fn expectation(id: i64, about: Subject, state: ExpectationState) -> Expectation {
    Expectation {
        id: ExpectationId(id),
        rule: ExpectedId::new("duo-na-koppeling"),
        about,
        caseload: CaseloadId::new("asiel"),
        message: Some(MessageId(1)),
        since: minute(1),
        until: minute(100 + id),
        state,
    }
}

fn of(dossier: i64) -> Subject {
    Subject::Dossier(DossierId(dossier))
}

fn filing(task: i64, dossier: i64, keys: &[PersonKey], absorbs: Option<i64>) -> Filing {
    Filing {
        task: TaskId(task),
        dossier: Dossier {
            id: DossierId(dossier),
            caseload: None,
        },
        keys: keys.to_vec(),
        absorbs: absorbs.map(DossierId),
    }
}

fn people(keys: &[PersonKey]) -> Needs {
    Needs {
        people: keys.to_vec(),
        ..Needs::default()
    }
}

/// Two people, each with a notice; of the first, something is expected in every state.
fn two_people() -> Batch {
    let states = [
        ExpectationState::Open { asks: minute(90) },
        ExpectationState::Asked { task: TaskId(1) },
        ExpectationState::Handled {
            task: TaskId(1),
            at: minute(55),
        },
        ExpectationState::Met { at: minute(50) },
        ExpectationState::Cancelled { at: minute(60) },
    ];
    let of_amina = (1..).zip(states).map(|(id, state)| expectation(id, of(1), state));
    Batch {
        filed: vec![filing(1, 1, &[AMINA], None), filing(2, 2, &[AMINA_AT_DUO], None)],
        expectations: of_amina.collect(),
        ..batch(1, 2)
    }
}

pub(crate) async fn every_state_of_what_is_expected_comes_back_as_it_was(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let written = two_people();
    write(&*store, &written).await.unwrap();
    let snapshot = look(&*ledger.open().await, &people(&[AMINA])).await;
    let found: Vec<Expectation> = snapshot.lives.expectations.into_values().collect();
    assert_eq!(found, written.expectations);
    assert_eq!(snapshot.next.expectation, ExpectationId(6));
    assert!(
        snapshot.tasks.contains_key(&TaskId(1)),
        "the task by which somebody was asked"
    );
    let told = Occurrence {
        at: minute(1),
        told: minute(1),
        sign: Sign::named("coa.koppeling"),
        task: TaskId(1),
    };
    assert_eq!(snapshot.lives.occurrences[&DossierId(1)], [told]);
    let nobody = look(&*store, &people(&[AMINA_AT_DUO])).await;
    assert!(
        nobody.lives.expectations.is_empty(),
        "what is expected of somebody else"
    );

    let met = expectation(1, of(1), ExpectationState::Met { at: minute(95) });
    let later = Batch {
        expectations: vec![met.clone()],
        ..Batch::default()
    };
    write(&*store, &later).await.unwrap();
    let snapshot = look(&*store, &people(&[AMINA])).await;
    assert_eq!(snapshot.lives.expectations[&ExpectationId(1)], met);
    let dossier = store.about(&[AMINA]).await.unwrap();
    let order: Vec<i64> = dossier.expected.iter().map(|expected| expected.id.0).collect();
    assert_eq!(order, [1, 2, 3, 4, 5], "what must be there first comes first");
}

pub(crate) async fn what_is_expected_is_found_by_its_moment_its_task_and_its_week(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let mut written = two_people();
    let week = Subject::Week {
        monday: date(2026, 11, 23),
        wanted: 3,
        came: 1,
        excused: 2,
    };
    let counted = expectation(6, week, ExpectationState::Open { asks: minute(80) });
    written.expectations.push(Expectation {
        message: None,
        ..counted
    });
    // The task by which somebody was asked came of what was expected; nobody ended it.
    write(&*store, &written).await.unwrap();
    let mut asked = Batch::default();
    asked.opened.push(Task {
        cause: Cause::Expectation {
            expectation: ExpectationId(2),
            message: Some(MessageId(1)),
        },
        kind: TypeId::new("verwacht.duo-na-koppeling"),
        critical: false,
        state: TaskState::Done {
            by: None,
            at: minute(70),
        },
        ..task(3)
    });
    write(&*store, &asked).await.unwrap();

    let due = store.due(minute(85), 10).await.unwrap();
    assert!(due.contains(&Moment::Expectation(ExpectationId(6))));
    assert!(!due.contains(&Moment::Expectation(ExpectationId(1))), "not yet");
    let by_moment = Needs {
        expectations: vec![ExpectationId(1)],
        ..Needs::default()
    };
    let ids = |snapshot: koppelwacht::domain::Snapshot| -> Vec<i64> {
        snapshot.lives.expectations.keys().map(|id| id.0).collect()
    };
    let at_its_moment = look(&*store, &by_moment).await;
    assert!(
        !at_its_moment.lives.of_life(DossierId(1)).is_empty(),
        "the notice by which the person is found"
    );
    assert_eq!(ids(at_its_moment), [1]);
    let by_task = Needs {
        lives_of: vec![TaskId(3)],
        ..Needs::default()
    };
    assert_eq!(ids(look(&*store, &by_task).await), [2]);
    let by_week = Needs {
        weeks: true,
        ..Needs::default()
    };
    let snapshot = look(&*store, &by_week).await;
    let found: Vec<&Expectation> = snapshot.lives.expectations.values().collect();
    assert_eq!(found, [&written.expectations[5]]);
    let file = store.task(TaskId(3)).await.unwrap().unwrap();
    assert_eq!(file.message.map(|message| message.id), Some(MessageId(1)));
}

pub(crate) async fn what_colleagues_told_is_a_part_of_the_life_of_a_dossier(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    write(&*store, &two_people()).await.unwrap();
    let report = |day| Report {
        task: TaskId(1),
        event: EventId::new("pip_vastgesteld"),
        on: date(2026, 11, day),
        at: minute(i64::from(day)),
        told: minute(200),
        taken_back: None,
    };
    let told = Batch {
        // The same a second time, and once more of another day.
        reported: vec![report(20), report(20), report(21)],
        ..Batch::default()
    };
    write(&*store, &told).await.unwrap();
    let needs = Needs {
        lives_of: vec![TaskId(1)],
        ..Needs::default()
    };
    let snapshot = look(&*store, &needs).await;
    assert_eq!(snapshot.lives.filed[&TaskId(1)], [DossierId(1)]);
    let events: Vec<&Occurrence> = snapshot.lives.occurrences[&DossierId(1)]
        .iter()
        .filter(|occurrence| matches!(occurrence.sign, Sign::Event(_)))
        .collect();
    assert_eq!(
        events.iter().map(|event| event.at).collect::<Vec<_>>(),
        [minute(20), minute(21)]
    );
}

pub(crate) async fn what_is_taken_back_does_not_count_until_it_is_told_again(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    write(&*store, &two_people()).await.unwrap();
    let needs = Needs {
        lives_of: vec![TaskId(1)],
        ..Needs::default()
    };
    // What a decision thinks that is written must be what is read.
    let mut thought = look(&*store, &needs).await;
    let report = |day, told, taken_back: Option<i64>| Report {
        task: TaskId(1),
        event: EventId::new("pip_vastgesteld"),
        on: date(2026, 11, day),
        at: minute(i64::from(day)),
        told: minute(told),
        taken_back: taken_back.map(minute),
    };
    for (reported, counts) in [
        (report(20, 200, None), vec![20]),
        (report(21, 201, None), vec![20, 21]),
        (report(20, 200, Some(202)), vec![21]),
        (report(21, 203, None), vec![21]),
        (report(20, 204, None), vec![20, 21]),
    ] {
        thought.absorb(&[Change::Reported(reported.clone())]);
        let told = Batch {
            reported: vec![reported],
            ..Batch::default()
        };
        write(&*store, &told).await.unwrap();
        let known = look(&*ledger.open().await, &needs).await;
        let life = sorted(known.lives.of_life(DossierId(1)));
        assert_eq!(life, sorted(thought.lives.of_life(DossierId(1))));
        let events = life.iter().filter(|known| matches!(known.sign, Sign::Event(_)));
        let days: Vec<i64> = events
            .map(|event| event.at.as_second() - minute(0).as_second())
            .collect();
        assert_eq!(days, counts.iter().map(|day| day * 60).collect::<Vec<_>>());
    }
}

fn sorted(life: &[Occurrence]) -> Vec<Occurrence> {
    let mut life = life.to_vec();
    life.sort();
    life
}

pub(crate) async fn two_lives_of_one_person_become_one(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    write(&*store, &two_people()).await.unwrap();
    let one = Batch {
        filed: vec![filing(1, 2, &[], Some(1))],
        ..Batch::default()
    };
    write(&*store, &one).await.unwrap();
    let snapshot = look(&*store, &people(&[AMINA, AMINA_AT_DUO])).await;
    assert_eq!(snapshot.lives.of_dossier(DossierId(2)).count(), 5);
    assert_eq!(snapshot.lives.occurrences[&DossierId(2)].len(), 2);
    let needs = Needs {
        lives_of: vec![TaskId(1)],
        ..Needs::default()
    };
    let snapshot = look(&*store, &needs).await;
    assert_eq!(
        snapshot.lives.filed[&TaskId(1)],
        [DossierId(2)],
        "not in the one that is gone"
    );
}

pub(crate) async fn what_cannot_be_expected_is_refused(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    write(&*store, &two_people()).await.unwrap();
    // Nobody but whoever took it can have ended a task of a notice.
    let by_nobody = Batch {
        opened: vec![Task {
            state: TaskState::Done {
                by: None,
                at: minute(9),
            },
            ..task(3)
        }],
        ..Batch::default()
    };
    let refused = write(&*store, &by_nobody).await;
    assert!(matches!(refused, Err(StoreError::Unwritable(_))), "{refused:?}");
    let of_nothing = Batch {
        expectations: vec![expectation(9, of(77), ExpectationState::Open { asks: minute(1) })],
        ..Batch::default()
    };
    let refused = write(&*store, &of_nothing).await;
    assert!(matches!(refused, Err(StoreError::Unwritable(_))), "{refused:?}");
}

pub(crate) async fn what_begins_in_a_dossier_is_in_the_one_that_it_becomes_part_of_in_the_same_batch(
    ledger: &dyn Ledger,
) {
    let store = ledger.open().await;
    let known = Batch {
        filed: vec![filing(1, 1, &[AMINA], None)],
        ..batch(1, 1)
    };
    write(&*store, &known).await.unwrap();
    // Her notice of DUO starts something; the next one of the batch says that both numbers are hers.
    let begun = expectation(1, of(2), ExpectationState::Open { asks: minute(90) });
    let later = Batch {
        filed: vec![filing(2, 2, &[AMINA_AT_DUO], None), filing(3, 1, &[], Some(2))],
        expectations: vec![begun.clone()],
        ..batch(2, 3)
    };
    write(&*store, &later).await.unwrap();
    let dossier = store.about(&[AMINA]).await.unwrap();
    let expected = Expectation {
        about: of(1),
        ..begun
    };
    assert_eq!(dossier.expected, [expected]);
    assert_eq!(dossier.tasks.len(), 3);
}
