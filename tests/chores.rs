//! Chores, with time that is moved: when one comes, what comes of it, and what does not. The last stories play in a real
//! ledger, with a real mail server.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;

use koppelwacht::decide::{by_hand, suppose};
use koppelwacht::domain::{
    Act, Answer, AnswerTrouble, CameOf, CaseloadId, Cause, Change, Chore, ChoreId, Content, DaysNamed,
    Earlier, Event, Fingerprint, Happening, Intent, Moment, Nature, Occasion, Recurrence, Refusal, Retyping,
    Role, Routine, Task, TaskId, TaskState, TypeId,
};
use support::on_paper::{FATIMA, JOOST, MARLEEN, Office, at, rung};
use support::stage::Stage;

/// The first day of each quarter.
const QUARTERS: &str = "0 9 1 1,4,7,10 *";

fn cbs() -> ChoreId {
    ChoreId::new("cbs-levering")
}

fn moment() -> Event {
    Event::MomentCame(Moment::Routine(Routine::Chore(cbs())))
}

/// The small office, which delivers to CBS at these times. Its ladder ends with the lead.
fn planned(now: &str, times: &str) -> Office {
    let rungs = [
        rung(Role::Holder, Some(120)),
        rung(Role::Deputy, Some(120)),
        rung(Role::Lead, None),
    ];
    let mut office = Office::at(now).with_ladder(&rungs, None);
    comes_at(&mut office, times);
    rules_are_loaded(&mut office);
    office
}

/// The rules have the delivery to CBS at these times.
fn comes_at(office: &mut Office, times: &str) {
    let chore = Chore {
        id: cbs(),
        at: Recurrence::parse(times).unwrap(),
        caseload: CaseloadId::new("triage"),
    };
    office.rules.chores.insert(cbs(), chore);
}

fn rules_are_loaded(office: &mut Office) {
    let text = Arc::clone(&office.rules.text);
    office.happens(&Event::RulesLoaded(text));
}

/// When each task was opened, on the clock on the wall.
fn opened(office: &Office) -> Vec<String> {
    let mut tasks: Vec<&Task> = office.snapshot.tasks.values().collect();
    tasks.sort_by_key(|task| task.id);
    let wall = |task: &Task| office.rules.calendar.zoned(task.opened);
    tasks
        .into_iter()
        .map(|task| wall(task).strftime("%a %y-%m-%d %H:%M").to_string())
        .collect()
}

/// Everything is done, and time goes on.
fn done_until(office: &mut Office, civil: &str) {
    let open: Vec<TaskId> = office
        .snapshot
        .tasks
        .values()
        .filter(|task| task.is_open())
        .map(|task| task.id)
        .collect();
    for task in open {
        office.acts(
            FATIMA,
            task,
            Act::Done {
                remark: None,
                event: None,
            },
        );
    }
    office.time_passes_until(civil);
}

/// Why there is a task.
fn grounds(office: &Office, task: TaskId) -> Vec<String> {
    let mut lines = office.snapshot.history[&task].iter();
    lines
        .find_map(|line| match &line.what {
            Happening::Opened { why, .. } => Some(why.clone()),
            _ => None,
        })
        .unwrap()
}

/// How often the time for it came again while it was open.
fn came_again(office: &Office, task: TaskId) -> usize {
    let lines = office.snapshot.history[&task].iter();
    lines
        .filter(|line| matches!(line.what, Happening::CameAgain { .. }))
        .count()
}

#[test]
fn an_old_task_of_a_chore_is_not_opened_again_beside_a_new_one() {
    let mut office = planned("2027-01-04T08:00", QUARTERS);
    done_until(&mut office, "2027-01-04T12:00");
    done_until(&mut office, "2027-04-01T12:00");
    let (first, second) = (TaskId(1), TaskId(2));
    let reopen = Act::Reopen { remark: None };
    let changes = office.acts(FATIMA, first, reopen.clone());
    assert_eq!(
        refusal(&changes),
        &Refusal::AnotherOpen {
            task: first,
            open: second
        }
    );
    done_until(&mut office, "2027-04-02T12:00");
    office.acts(FATIMA, first, reopen);
    assert!(office.task(first).is_open());
}

fn refusal(changes: &[Change]) -> &Refusal {
    match changes {
        [Change::Refused(refusal)] => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn the_delivery_to_cbs_comes_on_the_first_working_day_of_each_quarter() {
    let mut office = planned("2026-12-20T12:00", QUARTERS);
    for day in [
        "2027-01-05T12:00",
        "2027-04-05T12:00",
        "2027-07-05T12:00",
        "2027-10-05T12:00",
    ] {
        done_until(&mut office, day);
    }
    assert_eq!(
        opened(&office),
        [
            "Mon 27-01-04 09:00",
            "Thu 27-04-01 09:00",
            "Thu 27-07-01 09:00",
            "Fri 27-10-01 09:00"
        ],
        "the first of January is a holiday, and a Friday"
    );
    let task = office.task(TaskId(1));
    assert_eq!((&task.cause, &task.kind), (&Cause::Chore, &TypeId::chore(&cbs())));
    assert_eq!(task.title, "Kwartaalcijfers leveren aan het CBS");
    assert!(!task.critical && !task.drill);
    assert_eq!(task.caseload, CaseloadId::new("triage"));
    assert_eq!(task.received, at("2027-01-04T09:00"));
    assert_eq!(task.due, at("2027-01-18T17:00"), "ten working days");
    assert_eq!(
        grounds(&office, TaskId(1)),
        [
            "it comes at `0 9 1 1,4,7,10 *`: 2027-01-04 09:00",
            "due 2027-01-18 17:00, skipped 2027-01-09 (weekend), 2027-01-10 (weekend), 2027-01-16 (weekend), 2027-01-17 \
             (weekend)",
            "caseload `triage`, as the rules say",
        ]
    );
}

#[test]
fn its_letter_says_what_to_do_and_that_nothing_came_in() {
    let mut office = planned("2026-12-20T12:00", QUARTERS);
    office.time_passes_until("2027-01-04T09:00");
    assert_eq!(office.post(), ["Mon 09:00 fatima: new_task #1"]);
    let Content::Task { facts, .. } = &office.letters[0].content else {
        panic!("a letter about the task");
    };
    assert_eq!(facts.came_of, CameOf::Chore);
    assert!(
        facts.instruction.starts_with("Maak het bestand"),
        "{}",
        facts.instruction
    );
    assert!(!facts.overdue && facts.caution.is_none());
}

#[test]
fn it_climbs_its_ladder_like_any_other_task_and_is_handed_on_past_whoever_is_away() {
    let mut office = planned("2026-12-20T12:00", QUARTERS).away(FATIMA);
    office.time_passes_until("2027-01-04T12:00");
    assert_eq!(office.told(TaskId(1)), ["Mon 09:00 joost", "Mon 11:00 marleen"]);
}

#[test]
fn at_night_it_comes_once_at_both_edges_of_summer_time() {
    let mut spring = planned("2027-03-27T12:00", "30 2 * * Sun");
    spring.time_passes_until("2027-03-28T12:00");
    assert_eq!(opened(&spring), ["Sun 27-03-28 03:00"]);
    let mut autumn = planned("2026-10-24T12:00", "30 2 * * Sun");
    autumn.time_passes_until("2026-10-25T12:00");
    assert_eq!(opened(&autumn), ["Sun 26-10-25 02:30"]);
    let again = autumn.task(TaskId(1)).clone();
    assert_eq!(
        came_again(&autumn, again.id),
        0,
        "the hour comes twice, the chore once"
    );
}

#[test]
fn three_quarters_that_were_slept_through_are_made_up_for_once() {
    let mut office = planned("2026-12-20T12:00", QUARTERS);
    office.now = at("2027-08-02T11:00");
    // The daemon starts, with the rules that were in force.
    rules_are_loaded(&mut office);
    office.time_passes_until("2027-08-02T11:00");
    assert_eq!(opened(&office), ["Mon 27-08-02 11:00"]);
    let task = office.task(TaskId(1));
    assert_eq!(task.received, at("2027-07-01T09:00"), "for the last of them");
    assert_eq!(
        grounds(&office, TaskId(1))[..2],
        [
            "it comes at `0 9 1 1,4,7,10 *`: 2027-07-01 09:00",
            "the last of 3 that were missed since 2027-01-04 09:00"
        ]
    );
    let Content::Task { facts, .. } = &office.letters[0].content else {
        panic!("a letter about the task");
    };
    assert!(facts.overdue, "CBS does not wait for a server that was down");
    assert_eq!(office.happens(&moment()), [], "a second time changes nothing");
    done_until(&mut office, "2027-10-02T12:00");
    assert_eq!(opened(&office)[1..], ["Fri 27-10-01 09:00"]);
}

#[test]
fn one_that_is_late_says_so_and_one_that_is_not_due_changes_nothing() {
    let mut office = planned("2026-12-20T12:00", QUARTERS);
    assert_eq!(office.happens(&moment()), []);
    office.now = at("2027-01-04T13:00");
    office.happens(&moment());
    assert_eq!(
        grounds(&office, TaskId(1))[1],
        "made up for, because nothing ran then"
    );
    assert_eq!(
        office.task(TaskId(1)).due,
        at("2027-01-18T17:00"),
        "its time runs from nine"
    );
}

#[test]
fn while_the_last_one_is_open_there_is_no_second_and_whoever_leads_hears_of_it() {
    let mut office = planned("2026-12-20T12:00", "0 9 * * Mon");
    office.time_passes_until("2026-12-21T17:00");
    let ladder = ["Mon 09:00 fatima", "Mon 11:00 joost", "Mon 13:00 marleen"];
    assert_eq!(office.told(TaskId(1)), ladder, "and there it ends");
    office.time_passes_until("2026-12-28T17:00");
    assert_eq!(office.snapshot.tasks.len(), 1);
    assert_eq!(came_again(&office, TaskId(1)), 1);
    assert_eq!(
        office.told(TaskId(1))[3..],
        ladder,
        "it does not go on in silence"
    );
    assert_eq!(office.last_occasion(), Some(Occasion::Escalation));
    assert_eq!(
        office.task(TaskId(1)).due,
        at("2027-01-06T17:00"),
        "and nobody was given more time"
    );

    office.acts(JOOST, TaskId(1), Act::Take);
    office.time_passes_until("2027-01-04T17:00");
    assert_eq!(came_again(&office, TaskId(1)), 2);
    let is_taken = matches!(office.task(TaskId(1)).state, TaskState::Taken { .. });
    assert!(is_taken, "whoever has it is not disturbed");

    done_until(&mut office, "2027-01-11T17:00");
    assert_eq!(opened(&office), ["Mon 26-12-21 09:00", "Mon 27-01-11 09:00"]);
}

#[test]
fn the_open_task_of_another_chore_is_no_reason_to_be_silent() {
    let mut office = planned("2026-12-20T12:00", "0 9 * * Mon");
    let access = Chore {
        id: ChoreId::new("toegang-nalopen"),
        ..office.rules.chores[&cbs()].clone()
    };
    office.rules.chores.insert(access.id.clone(), access);
    rules_are_loaded(&mut office);
    office.time_passes_until("2026-12-21T17:00");
    let kinds: Vec<&str> = [1, 2].map(|id| office.task(TaskId(id)).kind.as_str()).to_vec();
    assert_eq!(kinds, ["terugkerend.cbs-levering", "terugkerend.toegang-nalopen"]);
}

#[test]
fn other_rules_move_a_chore_and_those_without_it_take_it_away() {
    let mut office = planned("2026-12-20T12:00", QUARTERS);
    comes_at(&mut office, "0 9 10 * *");
    rules_are_loaded(&mut office);
    office.time_passes_until("2027-01-12T12:00");
    assert_eq!(opened(&office), ["Mon 27-01-11 09:00"], "the tenth is a Sunday");

    office.rules.chores.clear();
    rules_are_loaded(&mut office);
    assert!(!office.snapshot.routines.contains_key(&Routine::Chore(cbs())));
    done_until(&mut office, "2027-06-01T12:00");
    assert_eq!(opened(&office).len(), 1);
}

#[test]
fn one_that_is_late_still_comes_once_by_rules_that_have_it_at_another_time() {
    let mut office = planned("2026-12-20T12:00", QUARTERS);
    office.now = at("2027-01-06T12:00");
    comes_at(&mut office, "0 9 10 * *");
    rules_are_loaded(&mut office);
    office.time_passes_until("2027-01-06T12:00");
    assert_eq!(opened(&office), ["Wed 27-01-06 12:00"]);
    done_until(&mut office, "2027-01-12T12:00");
    assert_eq!(opened(&office)[1..], ["Mon 27-01-11 09:00"]);
}

#[test]
fn a_moment_of_a_chore_that_the_rules_do_not_have_any_more_is_forgotten() {
    let mut office = planned("2026-12-20T12:00", QUARTERS);
    office.rules.chores.clear();
    office.time_passes_until("2027-01-05T12:00");
    assert_eq!(office.snapshot.tasks.len(), 0);
    assert!(office.snapshot.routines.is_empty());
}

#[test]
fn one_that_moved_past_a_closing_day_is_not_forgotten_by_rules_that_are_loaded_meanwhile() {
    let mut office = planned("2026-12-20T12:00", QUARTERS);
    office.time_passes_until("2027-01-02T12:00");
    rules_are_loaded(&mut office);
    office.time_passes_until("2027-01-05T12:00");
    assert_eq!(opened(&office), ["Mon 27-01-04 09:00"]);
}

/// What a colleague answers to the last letter that they got.
fn answers(office: &mut Office, person: &str, intent: Intent) -> Vec<Change> {
    let (task, letter) = office.letter_to(person);
    let answer = Answer {
        task: Some(task),
        letter: Some(letter),
        intent: Some(intent),
    };
    office.writes(person, Nature::Answer(answer))
}

#[test]
fn an_answer_by_mail_ends_it_and_one_that_names_a_type_is_told_that_it_has_no_other() {
    let mut office = planned("2026-12-20T12:00", QUARTERS);
    office.time_passes_until("2027-01-04T10:00");
    let kind = "coa.koppeling".to_owned();
    let changes = answers(&mut office, FATIMA, Intent::SetType { kind });
    let trouble = changes.iter().find_map(|change| match change {
        Change::Queued(letter) => match &letter.content {
            Content::Answered(answered) => Some(answered.trouble),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(trouble, Some(Some(AnswerTrouble::UnknownType)));
    assert!(office.task(TaskId(1)).is_open());

    let remark = Some("aangeleverd".to_owned());
    answers(
        &mut office,
        FATIMA,
        Intent::Done {
            remark,
            days: DaysNamed::default(),
        },
    );
    assert!(!office.task(TaskId(1)).is_open());
}

#[test]
fn a_notice_is_never_a_chore_and_a_chore_never_a_notice() {
    let mut office = planned("2026-12-20T12:00", QUARTERS);
    let notice = office.mail_arrives();
    let retyped = |office: &Office, kind: &TypeId| {
        let of = Earlier::unreadable(Fingerprint([1; 32]));
        let classification = by_hand(&office.rules, kind, &of.mail);
        Act::Retype(Arc::new(Retyping { of, classification }))
    };
    let chore = TypeId::chore(&cbs());
    let act = retyped(&office, &chore);
    assert_eq!(
        refusal(&office.acts(MARLEEN, notice, act)),
        &Refusal::TypeOfNoNotice(chore.clone())
    );
    let supposed = suppose(&office.rules, &office.snapshot, &chore, None, office.now);
    assert_eq!(supposed, Err(Refusal::TypeOfNoNotice(chore)));

    done_until(&mut office, "2027-01-04T10:00");
    let act = retyped(&office, &TypeId::koppeling());
    assert_eq!(
        refusal(&office.acts(MARLEEN, TaskId(2), act)),
        &Refusal::NoNotice(TaskId(2))
    );
}

const IN_THE_RULES: &str = "\
[[chore]]
id = \"cbs-levering\"
title = \"Kwartaalcijfers leveren aan het CBS\"
do = \"Lever het bestand aan\"
at = \"0 9 1 1,4,7,10 *\"
due = \"10 wd\"
ladder = \"gewoon\"
caseload = \"triage\"
";

#[tokio::test(flavor = "multi_thread")]
async fn an_office_that_slept_through_new_year_makes_it_up_and_somebody_says_that_it_is_done() {
    let mut stage = Stage::set().await;
    stage.rule("chores.toml", IN_THE_RULES);
    let watch = stage.watch_from(at("2026-12-20T12:00"));
    let planned = at("2027-01-04T09:00");
    stage
        .until("the chore is planned", |books| {
            books.chores.values().eq([&planned]) && !books.folders.is_empty()
        })
        .await;
    let status = stage.types(&["status"]);
    let status = String::from_utf8_lossy(&status.stdout).into_owned();
    assert!(
        status.contains("chore    cbs-levering comes Mon 2027-01-04 09:00:00"),
        "{status}"
    );
    watch.stop().await;

    let watch = stage.watch_from(at("2027-01-05T10:00"));
    let letter = stage.post.taken().await;
    assert_eq!(letter.to, "m.kuipers@gemeente-voorbeeld.nl");
    let words = &letter.content;
    assert!(
        words.contains("Terugkerende taak van 4 januari, 09:00 uur"),
        "{words}"
    );
    let shown = stage.said(&["task", "show", "1"]);
    assert!(
        shown.contains(
            "opened by rule terugkerend.cbs-levering/at: it comes at `0 9 1 1,4,7,10 *`: 2027-01-04 09:00"
        ),
        "{shown}"
    );
    let refused = stage.types(&[
        "task",
        "retype",
        "1",
        "--to",
        "coa.koppeling",
        "--as",
        "m.kuipers",
    ]);
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("did not come of a mail"),
        "{refused:?}"
    );
    stage.said(&[
        "task",
        "done",
        "1",
        "--as",
        "m.kuipers",
        "--remark",
        "aangeleverd",
    ]);
    let books = stage.ledger_books().await;
    assert_eq!((books.messages, books.with_task, books.done), (0, 0, 1));
    assert_eq!(books.chores[&cbs()], at("2027-04-01T09:00"));

    stage.rule("chores.toml", "");
    watch.reload();
    stage
        .until("the chore is planned no more", |books| books.chores.is_empty())
        .await;
    watch.stop().await;
}
