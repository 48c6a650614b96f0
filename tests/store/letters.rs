//! Letters: claimed by one, tried until they are settled.

use std::collections::BTreeSet;

use koppelwacht::domain::{
    About, Batch, LetterId, LetterName, LetterOf, Needs, Outcome, Outdated, Overtaken, RulesRefused, TaskId,
    Told,
};

use koppelwacht::store::LetterToSeeTo;

use crate::Ledger;
use crate::samples::{batch, minute};
use crate::steps::{claim, look, look_at, sent, settle, write};

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
        put_off: None,
    };

    assert_eq!(claim(&*store, 10, 20, 10).await, [(1, 0), (2, 0), (3, 0)]);
    settle(&*store, 1, sent(minute(11))).await;
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
    settle(&*store, 2, Outcome::GivenBack { at: minute(19) }).await;
    assert_eq!(
        claim(&*store, 19, 29, 10).await,
        [(2, 2)],
        "its turn did not come, which is no attempt"
    );
    settle(&*store, 2, sent(minute(19))).await;

    // Somebody whose claim had run out reports late.
    settle(&*store, 1, again(20)).await;
    settle(&*store, 3, sent(minute(20))).await;
    assert_eq!(store.next_letter().await.unwrap(), None);
    assert_eq!(claim(&*store, 5000, 5010, 10).await, []);
    let books = store.books().await.unwrap();
    assert_eq!(
        (books.letters_waiting, books.letters_sent, books.letters_refused),
        (0, 2, 1)
    );
}

pub(crate) async fn since_when_a_letter_is_put_off_for_its_recipients_sake_is_kept(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    write(&*store, &batch(1, 1)).await.unwrap();
    for (put_off, known) in [
        (None, None),
        (Some(10), Some(10)),
        (None, Some(10)),
        (Some(11), Some(11)),
    ] {
        let again = Outcome::Again {
            at: minute(20),
            reason: "452 4.2.2".to_owned(),
            put_off: put_off.map(minute),
        };
        settle(&*store, 1, again).await;
        let mut transaction = store.begin().await.unwrap();
        let claimed = transaction.claim(minute(20), minute(20), 1).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(claimed[0].put_off, known.map(minute));
    }
}

pub(crate) async fn letters_that_rest_are_known_and_may_leave_earlier(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    write(&*store, &batch(1, 3)).await.unwrap();
    let rest = async |now| {
        let needs = Needs {
            resting: true,
            ..Needs::default()
        };
        let resting = look_at(&*store, &needs, now).await.resting.into_iter();
        let resting = resting.map(|letter| (letter.id.0, letter.leaves, letter.next));
        resting.collect::<Vec<_>>()
    };
    assert_eq!(rest(3).await, [(3, minute(4), minute(4))], "the others may leave");
    assert_eq!(claim(&*store, 3, 13, 10).await, [(1, 0), (2, 0)]);
    settle(&*store, 1, sent(minute(4))).await;
    assert_eq!(rest(5).await, [(2, minute(3), minute(13))]);
    assert_eq!(
        look_at(&*store, &Needs::default(), 5).await.resting,
        [],
        "not asked for"
    );

    settle(&*store, 2, Outcome::GivenBack { at: minute(5) }).await;
    // Written by a clock that was ahead.
    settle(&*store, 3, Outcome::GivenBack { at: minute(1) }).await;
    assert_eq!(rest(5).await, []);
    let waiting = store.books().await.unwrap().longest_waiting.unwrap();
    assert_eq!((waiting.task, waiting.at), (Some(TaskId(3)), minute(1)));
    assert_eq!(
        claim(&*store, 5, 15, 10).await,
        [(3, 0), (2, 0)],
        "which was no attempt"
    );
}

pub(crate) async fn the_letter_that_waits_longest_and_the_last_refused_one_are_known(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let to_see_to = |at, task, reason: Option<&str>| {
        Some(LetterToSeeTo {
            at: minute(at),
            task: Some(TaskId(task)),
            reason: reason.map(str::to_owned),
            put_off: None,
        })
    };
    write(&*store, &batch(1, 4)).await.unwrap();
    let books = store.books().await.unwrap();
    assert_eq!(
        (books.longest_waiting, books.last_refused),
        (to_see_to(2, 1, None), None)
    );

    let again = |at| Outcome::Again {
        at: minute(at),
        reason: "535 5.7.8 for our account".to_owned(),
        put_off: None,
    };
    settle(&*store, 1, sent(minute(11))).await;
    settle(&*store, 2, again(900)).await;
    for (letter, at) in [(3, 20), (4, 12)] {
        let refused = Outcome::Refused {
            at: minute(at),
            code: "550 5.1.1".to_owned(),
        };
        settle(&*store, letter, refused).await;
    }
    let books = store.books().await.unwrap();
    assert_eq!(
        books.longest_waiting,
        to_see_to(3, 2, Some("535 5.7.8 for our account")),
        "since it could leave, whenever it is tried again"
    );
    assert_eq!(books.last_refused, to_see_to(20, 3, Some("550 5.1.1")));
}

/// What waits about this task does not hold any more, but for letters from this one on.
fn overtaken(task: i64, before: Option<i64>) -> Overtaken {
    Overtaken {
        what: Outdated::Task(TaskId(task)),
        at: minute(12),
        before: before.map(LetterId),
    }
}

pub(crate) async fn letters_about_a_task_that_somebody_acted_on_are_taken_back(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    write(&*store, &batch(1, 3)).await.unwrap();
    assert_eq!(claim(&*store, 10, 20, 1).await, [(1, 0)]);
    settle(&*store, 1, sent(minute(11))).await;

    let mut acted = Batch {
        overtaken: vec![overtaken(1, None), overtaken(2, Some(5))],
        ..Batch::default()
    };
    // Handing on takes back the old letter and writes a new one, in one batch: also when the old one is of that batch,
    // because two colleagues answered within one.
    let mut anew = batch(4, 5).letters;
    for letter in &mut anew {
        letter.about = About::Task {
            task: TaskId(2),
            told: Told { rung: 0, round: 0 },
        };
    }
    acted.letters = anew;
    write(&*store, &acted).await.unwrap();

    assert_eq!(claim(&*store, 12, 22, 10).await, [(3, 0), (5, 0)]);
    settle(&*store, 2, sent(minute(13))).await;
    let books = store.books().await.unwrap();
    assert_eq!(
        (books.letters_waiting, books.letters_sent, books.letters_overtaken),
        (2, 1, 2),
        "a late report changes nothing"
    );
}

pub(crate) async fn what_is_told_of_refused_rules_is_taken_back_and_no_other_letter(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let mut written = batch(1, 4);
    for letter in [0, 1, 3] {
        written.letters[letter].about = About::Office;
        RulesRefused::NAME.clone_into(&mut written.letters[letter].occasion);
    }
    write(&*store, &written).await.unwrap();
    assert_eq!(claim(&*store, 10, 20, 1).await, [(1, 0)]);
    settle(&*store, 1, sent(minute(11))).await;
    let mended = Overtaken {
        what: Outdated::RefusedRules,
        at: minute(12),
        before: Some(LetterId(4)),
    };
    let mended = Batch {
        overtaken: vec![mended],
        ..Batch::default()
    };
    write(&*store, &mended).await.unwrap();
    assert_eq!(claim(&*store, 12, 22, 10).await, [(3, 0), (4, 0)]);
    let books = store.books().await.unwrap();
    assert_eq!((books.letters_sent, books.letters_overtaken), (1, 1));
}

pub(crate) async fn a_message_with_several_letters_is_found_with_each_task_in_it(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    write(&*store, &batch(1, 4)).await.unwrap();
    let together = |at| Outcome::Sent {
        at: minute(at),
        together: Some(LetterId(2)),
    };
    settle(&*store, 1, together(11)).await;
    settle(&*store, 2, together(11)).await;
    settle(&*store, 3, sent(minute(11))).await;
    for (letter, expected) in [(1, vec![1]), (2, vec![2, 1]), (3, vec![3]), (4, vec![4])] {
        let name = LetterName {
            of: LetterOf::Number(LetterId(letter)),
            token: "new_task".to_owned(),
        };
        let needs = Needs {
            letters: vec![name],
            ..Needs::default()
        };
        let snapshot = look(&*store, &needs).await;
        let told = Told { rung: 0, round: 0 };
        let calls: Vec<_> = expected.iter().map(|task| (TaskId(*task), told)).collect();
        assert_eq!(snapshot.letters["new_task"].calls, calls, "letter {letter}");
        let tasks: BTreeSet<i64> = snapshot.tasks.keys().map(|task| task.0).collect();
        assert_eq!(tasks, expected.into_iter().collect(), "letter {letter}");
    }
}

pub(crate) async fn a_letter_about_the_office_is_sent_as_any_other(ledger: &dyn Ledger) {
    let store = ledger.open().await;
    let mut written = batch(1, 2);
    written.letters[1].about = About::Office;
    write(&*store, &written).await.unwrap();
    let claimed = store
        .begin()
        .await
        .unwrap()
        .claim(minute(60), minute(70), 10)
        .await
        .unwrap();
    assert_eq!(claimed, written.letters);
}
