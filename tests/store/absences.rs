//! Absences, routines, and what a decision about them needs to know.

use jiff::civil::date;
use koppelwacht::domain::{
    Absence, AbsenceId, AbsenceState, Away, Batch, CaseloadId, Hole, LatestRead, LetterName, LetterOf,
    Moment, Needs, Origin, Outlook, PersonId, Routine, TaskId, Told,
};

use crate::Ledger;
use crate::samples::{batch, minute};
use crate::steps::{fatima, look, write};

fn absence(id: i64, from: i64, until: Option<i64>, origin: Origin) -> Absence {
    Absence {
        id: AbsenceId(id),
        away: Away {
            person: fatima(),
            from: minute(from),
            until: until.map(minute),
        },
        origin,
        noted: minute(1),
        state: AbsenceState::Ahead,
    }
}

fn every_origin() -> [Origin; 5] {
    [
        Origin::Rules,
        Origin::Calendar,
        Origin::Entered {
            by: PersonId::new("joost"),
        },
        Origin::Answered,
        Origin::Bounced,
    ]
}

fn absences(absences: Vec<Absence>) -> Batch {
    Batch {
        absences,
        ..Batch::default()
    }
}

pub(crate) async fn every_absence_comes_back_as_it_was_and_goes_on(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let mut all: Vec<Absence> = (1..)
        .zip(every_origin())
        .map(|(id, origin)| absence(id, 10 * id, (id % 2 == 0).then_some(10 * id + 5), origin))
        .collect();
    write(&*store, &absences(all.clone())).await.unwrap();
    assert_eq!(store.absences(false).await.unwrap(), all);
    assert_eq!(look(&*store, &Needs::default()).await.next.absence, AbsenceId(6));

    all[0] = all[0].clone().start([TaskId(3), TaskId(1)]);
    all[1] = all[1].clone().start([]).end(minute(22));
    all[3] = all[3].clone().start([TaskId(2)]).until(None);
    write(&*store, &absences(all[..4].to_vec())).await.unwrap();
    assert_eq!(store.absences(true).await.unwrap(), all);
    let open: Vec<_> = store
        .absences(false)
        .await
        .unwrap()
        .iter()
        .map(|known| known.id.0)
        .collect();
    assert_eq!(open, [1, 3, 4, 5]);
}

pub(crate) async fn moments_of_absences_come_before_those_of_tasks(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let mut written = batch(1, 1);
    written.absences = vec![
        absence(1, 70, None, Origin::Bounced),
        absence(2, 20, Some(90), Origin::Rules).start([]),
    ];
    written.routines = Routine::OWN.map(|routine| (routine, Some(minute(80)))).to_vec();
    write(&*store, &written).await.unwrap();
    let moment = |id| Moment::Absence {
        absence: AbsenceId(id),
        person: fatima(),
    };
    assert_eq!(store.next_moment().await.unwrap(), Some(minute(61)), "the task's");
    let due = store.due(minute(90), 10).await.unwrap();
    let mut expected = vec![moment(1), moment(2), Moment::Task(TaskId(1))];
    expected.extend([Routine::Drill, Routine::Overview, Routine::Partners].map(Moment::Routine));
    assert_eq!(due, expected);

    let later = Batch {
        routines: Routine::OWN.map(|routine| (routine, None)).to_vec(),
        ..absences(vec![absence(1, 70, None, Origin::Bounced).end(minute(71))])
    };
    write(&*store, &later).await.unwrap();
    assert_eq!(
        store.due(minute(90), 10).await.unwrap(),
        [moment(2), Moment::Task(TaskId(1))]
    );
}

pub(crate) async fn a_proof_of_cover_has_its_own_moment_and_the_last_one_is_kept(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    assert_eq!(store.next_proof().await.unwrap(), None);
    let read = LatestRead {
        arrives: minute(1),
        away: vec![(fatima(), true), (PersonId::new("joost"), false)],
        reader: Some(PersonId::new("marleen")),
        reads: minute(90),
        after: 89,
    };
    let hole = Hole {
        caseload: CaseloadId::new("asiel"),
        week: date(2026, 12, 21),
        nobody: None,
        late: Some(read),
    };
    // Half a year ahead: a proof wants to know of it.
    let far = absence(1, 250_000, None, Origin::Rules);
    let needs = Needs {
        look_at: vec![Routine::Cover],
        ..Needs::default()
    };
    for (number, holes) in [(1, vec![hole.clone(), hole]), (2, Vec::new())] {
        let outlook = Outlook {
            at: minute(number),
            holes,
        };
        let written = Batch {
            routines: vec![(Routine::Cover, Some(minute(80)))],
            outlook: Some(outlook.clone()),
            ..absences(vec![far.clone()])
        };
        write(&*store, &written).await.unwrap();
        let known = look(&*store, &needs).await;
        assert_eq!(
            (known.outlook.as_ref(), known.absences.len()),
            (Some(&outlook), 1)
        );
        let books = store.books().await.unwrap();
        let holes = outlook.holes.len() as u64;
        assert_eq!((books.proved, books.holes), (Some(minute(number)), holes));
    }
    let known = look(&*store, &Needs::default()).await;
    assert_eq!((known.outlook, known.absences.len()), (None, 0), "nobody asked");
    assert_eq!(store.next_proof().await.unwrap(), Some(minute(80)));
    assert_eq!(store.next_moment().await.unwrap(), far.next_moment());
    assert_eq!(
        store.due(minute(90), 10).await.unwrap(),
        [],
        "no decision is made on that moment alone"
    );
}

pub(crate) async fn what_somebody_has_is_found_with_its_history(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let mut written = batch(1, 4);
    written.opened[1] = written.opened[1]
        .clone()
        .take(PersonId::new("joost"), minute(2), Some(minute(9)))
        .unwrap();
    written.opened[2] = written.opened[2].clone().finish(fatima(), minute(2)).unwrap();
    written.absences = vec![absence(1, 20, Some(90), Origin::Rules).start([TaskId(2)])];
    write(&*store, &written).await.unwrap();
    let numbers = |mut tasks: Vec<i64>| {
        tasks.sort_unstable();
        tasks
    };
    let with = Needs {
        with: vec![fatima()],
        ..Needs::default()
    };
    let snapshot = look(&*store, &with).await;
    assert_eq!(
        numbers(snapshot.tasks.keys().map(|task| task.0).collect()),
        [1, 4]
    );
    assert!(snapshot.history[&TaskId(4)].len() == 2);
    let told = Told { rung: 0, round: 0 };
    assert!(
        snapshot.unsent.contains(&(TaskId(1), told)),
        "its letter still waits"
    );

    let handed = Needs {
        absences: vec![AbsenceId(1)],
        ..Needs::default()
    };
    let snapshot = look(&*store, &handed).await;
    assert_eq!(snapshot.tasks.keys().collect::<Vec<_>>(), [&TaskId(2)]);
}

pub(crate) async fn a_letter_is_found_by_its_name_and_only_with_its_token(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    write(&*store, &batch(1, 2)).await.unwrap();
    let name = |of, token: &str| LetterName {
        of,
        token: token.to_owned(),
    };
    for (letter, found) in [
        (name(LetterOf::Task(TaskId(2)), "new_task"), 1),
        (
            name(LetterOf::Number(koppelwacht::domain::LetterId(2)), "new_task"),
            1,
        ),
        (name(LetterOf::Task(TaskId(2)), "guessed"), 0),
        (name(LetterOf::Task(TaskId(9)), "new_task"), 0),
    ] {
        let needs = Needs {
            letters: vec![letter.clone()],
            ..Needs::default()
        };
        assert_eq!(look(&*store, &needs).await.letters.len(), found, "{letter:?}");
    }
}

pub(crate) async fn open_critical_tasks_are_counted_and_listed_by_caseload(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let mut written = batch(1, 60);
    written.opened[0] = written.opened[0].clone().finish(fatima(), minute(2)).unwrap();
    write(&*store, &written).await.unwrap();
    let needs = Needs {
        look_at: vec![Routine::Overview],
        ..Needs::default()
    };
    let mut transaction = store.begin().await.unwrap();
    let snapshot = transaction.load(&needs, minute(1450)).await.unwrap();
    let pile = &snapshot.piles["asiel"];
    assert_eq!((pile.open, pile.overdue, pile.first.len()), (59, 8, 40));
    assert_eq!(pile.first[0].id, TaskId(2), "what is due first");
    assert_eq!(snapshot.read, None, "no folder was ever read");
}
