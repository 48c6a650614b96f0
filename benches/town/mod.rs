//! A large town: colleagues with a caseload each, and more open tasks than any office ever had. Beside them the small
//! office of the shipped rules, in which a few colleagues are told of everything.

use jiff::{SignedDuration, Timestamp};
use koppelwacht::app::Installation;
use koppelwacht::desk::Office;
use koppelwacht::domain::{
    Batch, Caseload, CaseloadId, Climb, Happening, LetterPolicy, Person, PersonId, TaskState,
};
use koppelwacht::findings::Findings;

use crate::samples;

/// How many tasks come due for the town, and then for the small office, turn and turn about.
pub(crate) const RUN: i64 = 10_000;
/// So many of these runs are for both; all tasks after them are for the town.
pub(crate) const RUNS: i64 = 3;
/// How many colleagues the town has: of a million tasks, 5,000 for each.
const COLLEAGUES: i64 = 194;
/// Between the moment of one task and that of the next.
const STEP: SignedDuration = SignedDuration::from_millis(1);

/// A Tuesday morning on which the office has just opened; all tasks came in by then.
pub(crate) fn morning() -> Timestamp {
    samples::minute(30)
}

/// When overviews are written.
pub(crate) fn overview() -> Timestamp {
    morning() + SignedDuration::from_mins(30)
}

/// When so many tasks have become due.
pub(crate) fn moment(tasks: i64) -> Timestamp {
    morning() + SignedDuration::from_hours(1) + STEP * i32::try_from(tasks).unwrap()
}

/// A colleague, by number.
pub(crate) fn colleague(number: i64) -> PersonId {
    PersonId::new(&format!("collega.{}", number.rem_euclid(COLLEAGUES)))
}

fn pile(number: i64) -> CaseloadId {
    CaseloadId::new(&format!("wijk-{}", number.rem_euclid(COLLEAGUES)))
}

/// The shipped rules and templates, with the colleagues of the town added.
pub(crate) fn office() -> Office {
    let installation = Installation::load(None, &mut Findings::default());
    let mut office = installation.expect("the example checks out").office;
    let rules = &mut office.rules;
    let at = rules.calendar.zoned(overview()).time();
    // Time stands still here: letters must not wait for each other.
    rules.letters = LetterPolicy {
        gather: 0,
        overview: Some(at),
    };
    let (person, caseload) = (rules.people.values().next(), rules.caseloads.values().next());
    let (person, caseload) = (person.unwrap().clone(), caseload.unwrap().clone());
    for number in 0..COLLEAGUES {
        let id = colleague(number);
        let person = Person {
            address: format!("{id}@gemeente-voorbeeld.nl"),
            name: format!("Collega {number}"),
            id: id.clone(),
            ..person.clone()
        };
        rules.people.insert(id.clone(), person);
        let caseload = Caseload {
            id: pile(number),
            title: format!("Wijk {number}"),
            owner: Some(id),
            deputies: vec![colleague(number + 1), colleague(number + 2)],
            ..caseload.clone()
        };
        rules.caseloads.insert(caseload.id.clone(), caseload);
    }
    office
}

/// Messages `first` to `last` of `all`, each with its task, of which the first was told this morning. Tasks that were
/// opened one after the other come due far apart: what is due lies all over the ledger.
pub(crate) fn open_tasks(first: i64, last: i64, all: i64) -> Batch {
    let mut batch = samples::batch(first, last);
    batch.letters.clear();
    for message in &mut batch.messages {
        (message.received, message.recorded) = (morning(), morning());
    }
    for task in &mut batch.opened {
        let turn = turn(task.id.0, all);
        let (owner, caseload) = owner(turn);
        (task.received, task.opened) = (morning(), morning());
        task.due = morning() + SignedDuration::from_hours(24) + STEP * i32::try_from(task.id.0).unwrap();
        task.caseload = caseload;
        task.state = TaskState::Waiting(Climb {
            rung: 0,
            told: Some(owner),
            round: 0,
            next: Some(moment(turn)),
        });
    }
    for line in &mut batch.history {
        line.at = morning();
        if let Happening::Told { person, .. } = &mut line.what {
            *person = Some(owner(turn(line.task.0, all)).0);
        }
    }
    batch
}

/// Who has the task of this turn, and in which caseload it is.
fn owner(turn: i64) -> (PersonId, CaseloadId) {
    let is_small = turn / RUN % 2 == 1 && turn < 2 * RUNS * RUN;
    if is_small {
        (PersonId::new("f.elamrani"), CaseloadId::new("asiel"))
    } else {
        (colleague(turn), pile(turn))
    }
}

/// Which task comes due after how many others.
fn turn(task: i64, all: i64) -> i64 {
    // A prime, so that every turn is taken once.
    task * 7_919 % all
}
