//! What was told or closed by mistake, and is taken back.

use koppelwacht::domain::{
    Act, Change, Event, EventId, ExpectationState, Expected, Happening, HistoryLine, Occasion, People,
    PersonId, Refusal, Sign, TaskId, TypeId,
};

use crate::support::on_paper::{FATIMA, JOOST, Office, at};
use crate::{
    Cancelled, DUO, Met, Open, Overdue, amina, comes, done, expected, last_line, nobody, standing, tasks,
};

const END: &str = "einde-inburgeringstermijn";
const REGISTER: &str = "registreren-bij-duo";

/// Somebody tells that this happened to Amina, with her newest task.
fn tells(office: &mut Office, event: &str, on: &str) -> Vec<Change> {
    office.happens(&Event::DossierReported {
        by: PersonId::new(FATIMA),
        task: hers(office).pop().unwrap(),
        event: (EventId::new(event), on.parse().unwrap()),
    })
}

/// Somebody takes that back, as the dossier has it done.
fn takes_back(office: &mut Office, by: &str, event: &str, on: &str) -> Vec<Change> {
    office.happens(&Event::ReportTakenBack {
        by: PersonId::new(by),
        tasks: hers(office),
        event: (EventId::new(event), on.parse().unwrap()),
    })
}

/// All tasks in a dossier, the oldest first.
fn hers(office: &Office) -> Vec<TaskId> {
    let mut tasks: Vec<TaskId> = office.snapshot.lives.filed.keys().copied().collect();
    tasks.sort_unstable();
    tasks
}

fn reopens(office: &mut Office, by: &str, task: TaskId) -> Vec<Change> {
    office.acts(by, task, Act::Reopen { remark: None })
}

fn refused(changes: &[Change]) -> &Refusal {
    match changes {
        [Change::Refused(refusal)] => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

/// The last days of what is open by a rule.
fn last_days(office: &Office, rule: &str) -> Vec<String> {
    let open = expected(office, rule).into_iter().filter(|known| known.is_open());
    let day = |until| office.rules.calendar.last_day(until).to_string();
    open.map(|known| day(known.until)).collect()
}

#[test]
fn a_term_that_began_on_the_wrong_day_is_taken_back_and_told_right() {
    let mut office = Office::at("2026-11-23T09:00");
    comes(&mut office, "duo.ss101", amina());
    tells(&mut office, "pip_vastgesteld", "2026-11-20");
    office.time_passes_until("2026-11-23T09:05");
    let register = tasks(&office, "verwacht.registreren-bij-duo")[0].id;
    takes_back(&mut office, JOOST, "pip_vastgesteld", "2026-11-20");
    assert_eq!(last_days(&office, END), [""; 0]);
    assert_eq!(
        last_line(&office, register),
        &Happening::NotNeeded { sign: None },
        "nobody has to register what did not happen"
    );
    let history = &office.snapshot.history[&TaskId(1)];
    let event = (EventId::new("pip_vastgesteld"), "2026-11-20".parse().unwrap());
    let line = history.last().unwrap();
    assert_eq!(
        (&line.what, line.by.as_ref()),
        (&Happening::TakenBack { event }, Some(&PersonId::new(JOOST)))
    );

    tells(&mut office, "pip_vastgesteld", "2026-11-13");
    assert_eq!(last_days(&office, END), ["2029-11-12"]);
    office.time_passes_until("2026-11-23T09:10");
    let asked = tasks(&office, "verwacht.registreren-bij-duo");
    assert_eq!(asked.iter().filter(|task| task.is_open()).count(), 1);
    assert_eq!(
        asked.last().unwrap().due,
        at("2026-11-27T17:00"),
        "from the right day"
    );
    // It was the first day after all.
    takes_back(&mut office, JOOST, "pip_vastgesteld", "2026-11-13");
    tells(&mut office, "pip_vastgesteld", "2026-11-20");
    assert_eq!(last_days(&office, END), ["2029-11-19"]);
}

#[test]
fn what_was_met_by_mistake_is_waited_for_again_until_the_same_day() {
    let mut office = Office::at("2026-11-23T09:00");
    comes(&mut office, "duo.ss101", amina());
    tells(&mut office, "pip_vastgesteld", "2026-11-20");
    office.time_passes_until("2026-11-23T09:05");
    let first = tasks(&office, "verwacht.registreren-bij-duo")[0].clone();
    tells(&mut office, "geregistreerd_bij_duo", "2026-11-23");
    assert_eq!(standing(&office, REGISTER), [Met]);
    takes_back(&mut office, FATIMA, "geregistreerd_bij_duo", "2026-11-23");
    assert_eq!(standing(&office, REGISTER), [Open]);
    office.time_passes_until("2026-11-23T10:00");
    let asked = tasks(&office, "verwacht.registreren-bij-duo");
    let open: Vec<_> = asked.iter().filter(|task| task.is_open()).collect();
    assert_eq!(open.len(), 1, "somebody is asked again, once");
    assert_eq!(open[0].due, first.due);
    tells(&mut office, "geregistreerd_bij_duo", "2026-11-23");
    assert_eq!(standing(&office, REGISTER), [Met], "told again, it counts again");
}

#[test]
fn what_was_cancelled_by_mistake_is_open_again_and_what_began_meanwhile_is_one_with_it() {
    let mut office = Office::at("2026-11-23T09:00");
    comes(&mut office, "duo.ss101", amina());
    tells(&mut office, "pip_vastgesteld", "2026-11-02");
    tells(&mut office, "inburgering_klaar", "2026-11-10");
    tells(&mut office, "pip_vastgesteld", "2026-11-16");
    assert_eq!(standing(&office, END), [Met, Open]);
    assert_eq!(last_days(&office, END), ["2029-11-15"]);
    takes_back(&mut office, FATIMA, "inburgering_klaar", "2026-11-10");
    assert_eq!(last_days(&office, END), ["2029-11-01"], "the first goes on");
    assert_eq!(last_days(&office, "leerroute-wisselen"), ["2028-05-02"]);
}

#[test]
fn what_a_mistake_kept_from_beginning_begins() {
    let mut office = Office::at("2026-03-02T09:00");
    crate::rule(&mut office, DUO).unless = vec![Sign::named("inburgering_klaar")];
    comes(&mut office, "coa.klantprofiel", amina());
    tells(&mut office, "inburgering_klaar", "2026-03-01");
    let koppeling = comes(&mut office, "coa.koppeling", amina());
    assert_eq!(standing(&office, DUO), []);
    takes_back(&mut office, FATIMA, "inburgering_klaar", "2026-03-01");
    assert_eq!(standing(&office, DUO), [Open]);
    assert_eq!(
        expected(&office, DUO)[0].message,
        office.task(koppeling).message()
    );
    // Told again and taken back again: it is the same.
    tells(&mut office, "inburgering_klaar", "2026-03-01");
    assert_eq!(standing(&office, DUO), [Cancelled]);
    takes_back(&mut office, FATIMA, "inburgering_klaar", "2026-03-01");
    assert_eq!(standing(&office, DUO), [Open]);
}

#[test]
fn a_last_day_that_was_told_by_mistake_gives_way_to_the_one_before() {
    let mut office = Office::at("2026-11-23T09:00");
    comes(&mut office, "duo.ss101", amina());
    tells(&mut office, "pip_vastgesteld", "2026-11-20");
    tells(&mut office, "termijn_verlengd", "2031-02-14");
    office.now = at("2026-11-24T09:00");
    tells(&mut office, "termijn_verlengd", "2031-04-12");
    assert_eq!(last_days(&office, END), ["2031-04-12"]);
    takes_back(&mut office, FATIMA, "termijn_verlengd", "2031-04-12");
    assert_eq!(last_days(&office, END), ["2031-02-14"]);
    takes_back(&mut office, FATIMA, "termijn_verlengd", "2031-02-14");
    assert_eq!(last_days(&office, END), ["2029-11-19"]);
}

#[test]
fn only_what_was_told_of_this_person_is_taken_back_and_only_by_the_office() {
    let mut office = Office::at("2026-11-23T09:00").with_person(JOOST, |joost| joost.external = true);
    comes(&mut office, "duo.ss101", amina());
    tells(&mut office, "pip_vastgesteld", "2026-11-20");
    let not_told = Refusal::NotTold(EventId::new("pip_vastgesteld"));
    let other_day = takes_back(&mut office, FATIMA, "pip_vastgesteld", "2026-11-19");
    assert_eq!(refused(&other_day), &not_told);
    let other = takes_back(&mut office, JOOST, "pip_vastgesteld", "2026-11-20");
    assert_eq!(refused(&other), &Refusal::External(PersonId::new(JOOST)));
    let stranger = takes_back(&mut office, "anybody", "pip_vastgesteld", "2026-11-20");
    assert_eq!(
        refused(&stranger),
        &Refusal::UnknownPerson(PersonId::new("anybody"))
    );
    assert_eq!(last_days(&office, END), ["2029-11-19"]);
    takes_back(&mut office, FATIMA, "pip_vastgesteld", "2026-11-20");
    let twice = takes_back(&mut office, FATIMA, "pip_vastgesteld", "2026-11-20");
    assert_eq!(refused(&twice), &not_told);
}

#[test]
fn a_notice_that_was_something_else_did_not_meet_what_is_expected() {
    let mut office = Office::at("2026-03-02T09:00");
    comes(&mut office, "coa.koppeling", amina());
    let came = comes(&mut office, "duo.ss101", amina());
    assert_eq!(standing(&office, DUO), [Met]);
    crate::retype(&mut office, came, "duo.ss111");
    assert_eq!(standing(&office, DUO), [Open]);
    crate::retype(&mut office, came, "duo.ss101");
    assert_eq!(standing(&office, DUO), [Met]);
}

#[test]
fn a_task_that_was_closed_by_mistake_asks_again_about_what_is_expected() {
    let mut office = Office::at("2026-03-02T09:00");
    comes(&mut office, "coa.koppeling", amina());
    office.time_passes_until("2026-04-16T09:00");
    let asked = tasks(&office, "verwacht.duo-na-koppeling")[0].id;
    done(&mut office, asked, None);
    assert_eq!(standing(&office, DUO), [Met]);
    reopens(&mut office, JOOST, asked);
    assert_eq!(standing(&office, DUO), [Overdue]);
    assert_eq!(expected(&office, DUO)[0].task(), Some(asked), "by the same task");
    assert_eq!(office.last_occasion(), Some(Occasion::Reopened));
    office.time_passes_until("2026-06-16T09:00");
    assert_eq!(
        tasks(&office, "verwacht.duo-na-koppeling").len(),
        1,
        "and by no other"
    );
    comes(&mut office, "duo.ss101", amina());
    assert_eq!(standing(&office, DUO), [Met]);
    assert!(matches!(
        last_line(&office, asked),
        Happening::CameAfterAll { sign: Some(_) }
    ));
    assert_eq!(
        refused(&reopens(&mut office, JOOST, asked)),
        &Refusal::NotNeeded(asked)
    );
}

/// She registered at DUO what was told until then, and says so by closing the task.
fn registered_by_hand(office: &mut Office) -> TaskId {
    comes(office, "duo.ss101", amina());
    tells(office, "pip_vastgesteld", "2026-11-20");
    office.time_passes_until("2026-11-23T10:00");
    let asked = tasks(office, "verwacht.registreren-bij-duo")[0].id;
    done(office, asked, None);
    assert_eq!(standing(office, REGISTER), [Met]);
    office.time_passes_until("2026-11-23T11:00");
    asked
}

#[test]
fn what_is_told_after_a_task_was_closed_by_hand_starts_the_rule_again() {
    for on in ["2026-11-20", "2026-11-19", "2026-11-23"] {
        let mut office = Office::at("2026-11-23T09:00");
        let first = registered_by_hand(&mut office);
        tells(&mut office, "map_afgerond", on);
        assert_eq!(standing(&office, REGISTER), [Met, Open], "on {on}");
        office.time_passes_until("2026-11-23T12:00");
        let asked = tasks(&office, "verwacht.registreren-bij-duo");
        assert_eq!(
            asked.len(),
            2,
            "somebody is asked about what was not known before"
        );
        let again = asked[1].id;
        done(&mut office, again, None);
        assert_eq!(standing(&office, REGISTER), [Met, Met]);
        comes(&mut office, "coa.klantprofiel", amina());
        office.time_passes_until("2026-12-23T12:00");
        assert_eq!(
            tasks(&office, "verwacht.registreren-bij-duo").len(),
            2,
            "and once"
        );
        // What was closed first may be opened again: one of the two is asked about.
        reopens(&mut office, JOOST, first);
        assert!(
            tasks(&office, "verwacht.registreren-bij-duo")
                .iter()
                .filter(|task| task.is_open())
                .count()
                <= 1
        );
    }
}

#[test]
fn what_was_told_before_a_task_was_closed_by_hand_is_covered_by_it_also_when_it_is_told_again() {
    let mut office = Office::at("2026-11-23T09:00");
    comes(&mut office, "duo.ss101", amina());
    tells(&mut office, "pip_vastgesteld", "2026-11-20");
    office.time_passes_until("2026-11-23T10:00");
    let asked = tasks(&office, "verwacht.registreren-bij-duo")[0].id;
    tells(&mut office, "map_afgerond", "2026-11-21");
    done(&mut office, asked, None);
    office.time_passes_until("2026-11-23T11:00");
    tells(&mut office, "pip_vastgesteld", "2026-11-20");
    tells(&mut office, "map_afgerond", "2026-11-21");
    let notice = comes(&mut office, "coa.klantprofiel", amina());
    done(&mut office, notice, Some(("pip_vastgesteld", "2026-11-20")));
    assert_eq!(standing(&office, REGISTER), [Met], "with whichever task");
}

#[test]
fn what_starts_again_after_it_was_closed_by_hand_has_the_last_day_that_was_told_for_it() {
    let mut office = Office::at("2026-11-23T09:00");
    crate::rule(&mut office, REGISTER).moved_by = vec![EventId::new("termijn_verlengd")];
    comes(&mut office, "duo.ss101", amina());
    tells(&mut office, "pip_vastgesteld", "2026-11-20");
    tells(&mut office, "termijn_verlengd", "2026-12-31");
    office.time_passes_until("2026-11-23T10:00");
    let asked = tasks(&office, "verwacht.registreren-bij-duo")[0].id;
    done(&mut office, asked, None);
    assert_eq!(standing(&office, REGISTER), [Met]);
    office.time_passes_until("2026-11-23T11:00");
    tells(&mut office, "map_afgerond", "2026-11-19");
    assert_eq!(last_days(&office, REGISTER), ["2026-12-31"]);
}

#[test]
fn what_came_while_its_task_was_closed_is_not_asked_about_again() {
    let mut office = Office::at("2026-03-02T09:00");
    comes(&mut office, "coa.koppeling", amina());
    office.time_passes_until("2026-04-16T09:00");
    let asked = tasks(&office, "verwacht.duo-na-koppeling")[0].id;
    done(&mut office, asked, None);
    comes(&mut office, "duo.ss101", amina());
    let letters = office.letters.len();
    assert_eq!(
        refused(&reopens(&mut office, JOOST, asked)),
        &Refusal::NotNeeded(asked)
    );
    assert_eq!(
        (office.task(asked).is_open(), office.letters.len()),
        (false, letters)
    );
}

#[test]
fn what_was_told_with_a_closing_is_taken_back_with_it() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = comes(&mut office, "coa.koppeling", amina());
    done(&mut office, task, Some(("pip_vastgesteld", "2026-11-20")));
    office.time_passes_until("2026-11-23T09:05");
    reopens(&mut office, FATIMA, task);
    assert!(office.task(task).is_open());
    assert_eq!(last_days(&office, END), [""; 0]);
    assert!(!tasks(&office, "verwacht.registreren-bij-duo")[0].is_open());
    let history = office.snapshot.history[&task].iter().rev();
    let took_back = |line: &&HistoryLine| matches!(line.what, Happening::TakenBack { .. });
    assert_eq!(history.filter(took_back).count(), 1);

    // Closed and opened once more: nothing was told this time.
    done(&mut office, task, None);
    tells(&mut office, "pip_vastgesteld", "2026-11-20");
    reopens(&mut office, FATIMA, task);
    assert_eq!(
        last_days(&office, END),
        ["2029-11-19"],
        "that was told apart from it"
    );
}

#[test]
fn a_closing_that_moved_the_term_is_undone_with_the_term() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = comes(&mut office, "duo.ss101", amina());
    done(&mut office, task, Some(("pip_vastgesteld", "2026-11-20")));
    office.time_passes_until("2029-06-01T10:00");
    let asked = tasks(&office, "verwacht.einde-inburgeringstermijn")[0].id;
    done(&mut office, asked, Some(("termijn_verlengd", "2031-02-14")));
    assert_eq!(
        expected(&office, END)[0].next_moment(),
        Some(at("2030-08-14T09:00"))
    );
    reopens(&mut office, FATIMA, asked);
    assert_eq!(
        expected(&office, END)[0].state,
        ExpectationState::Asked { task: asked }
    );
    assert_eq!(last_days(&office, END), ["2029-11-19"]);
    done(&mut office, asked, Some(("termijn_verlengd", "2031-02-14")));
    office.time_passes_until("2030-08-14T09:00");
    let again = tasks(&office, "verwacht.einde-inburgeringstermijn")[1].id;
    let refusal = Refusal::AnotherOpen {
        task: asked,
        open: again,
    };
    assert_eq!(refused(&reopens(&mut office, FATIMA, asked)), &refusal);
}

#[test]
fn a_last_day_that_was_known_is_no_new_one() {
    let mut office = Office::at("2026-11-23T09:00");
    comes(&mut office, "duo.ss101", amina());
    tells(&mut office, "pip_vastgesteld", "2026-11-20");
    tells(&mut office, "termijn_verlengd", "2030-02-14");
    office.time_passes_until("2029-09-03T10:00");
    let asked = tasks(&office, "verwacht.einde-inburgeringstermijn")[0].id;
    done(&mut office, asked, Some(("termijn_verlengd", "2030-02-14")));
    assert_eq!(
        standing(&office, END),
        [Met],
        "it is not open without a moment or a task"
    );
}

#[test]
fn what_somebody_found_who_was_asked_about_a_week_is_missing_again() {
    let mut office = Office::at("2026-03-02T09:00");
    for _ in 0..3 {
        comes(&mut office, "coa.koppeling", nobody());
    }
    comes(&mut office, "duo.ss101", nobody());
    office.time_passes_until("2026-04-23T09:00");
    let asked = tasks(&office, "verwacht.duo-na-koppeling")[0].id;
    done(&mut office, asked, None);
    assert_eq!(standing(&office, DUO)[0], Met);
    reopens(&mut office, FATIMA, asked);
    assert_eq!(standing(&office, DUO)[0], Overdue);
    comes(&mut office, "duo.ss101", nobody());
    assert_eq!(standing(&office, DUO)[0], Overdue, "one of them is still missing");
    comes(&mut office, "duo.ss101", nobody());
    assert_eq!(standing(&office, DUO)[0], Met);
    assert!(!office.task(asked).is_open());
}

#[test]
fn a_week_of_which_all_came_while_its_task_was_closed_is_not_asked_about_again() {
    let mut office = Office::at("2026-03-02T09:00");
    comes(&mut office, "coa.koppeling", nobody());
    office.time_passes_until("2026-04-23T09:00");
    let asked = tasks(&office, "verwacht.duo-na-koppeling")[0].id;
    done(&mut office, asked, None);
    comes(&mut office, "duo.ss101", nobody());
    assert_eq!(
        refused(&reopens(&mut office, FATIMA, asked)),
        &Refusal::NotNeeded(asked)
    );
    assert_eq!(standing(&office, DUO)[0], Met);
}

/// The rules come in force again without this one; it is returned.
fn taken_away(office: &mut Office, rule: &str) -> Expected {
    let all = &mut office.rules.expected;
    let place = all.iter().position(|known| known.id.as_str() == rule).unwrap();
    all.remove(place)
}

/// It is in force from now on.
fn comes_in_force(office: &mut Office, rule: Expected) {
    office.snapshot.newer.insert(rule.id.clone(), office.now);
    office.rules.expected.push(rule);
}

/// Amina is known by both of her numbers from now on.
fn is_one_person(office: &mut Office, tasks: Vec<TaskId>) -> Vec<Change> {
    let people = People {
        v_nummers: amina().v_nummers,
        bsns: crate::amina_at_duo().bsns,
    };
    office.happens(&Event::SamePerson {
        by: PersonId::new(FATIMA),
        people,
        tasks,
    })
}

#[test]
fn a_rule_that_is_new_does_not_start_with_what_lay_there_when_lives_become_others() {
    let mut office = Office::at("2026-03-02T09:00");
    let rule = taken_away(&mut office, DUO);
    let coa = comes(&mut office, "coa.koppeling", amina());
    let duo = comes(&mut office, "duo.ss137", crate::amina_at_duo());
    office.now = at("2026-03-03T09:00");
    comes_in_force(&mut office, rule);
    is_one_person(&mut office, vec![coa, duo]);
    assert_eq!(standing(&office, DUO), [], "two dossiers are one");
    tells(&mut office, "tweede_overtreding", "2026-03-02");
    takes_back(&mut office, FATIMA, "tweede_overtreding", "2026-03-02");
    assert_eq!(standing(&office, DUO), [], "something is taken back");
    office.now = at("2026-03-04T09:00");
    comes(&mut office, "coa.koppeling", amina());
    assert_eq!(
        standing(&office, DUO),
        [Open],
        "it starts with what comes from then on"
    );
    assert_eq!(expected(&office, DUO)[0].since, office.now);
}

#[test]
fn a_rule_that_was_away_for_a_time_goes_on_with_what_it_started() {
    let mut office = Office::at("2026-03-02T09:00");
    let coa = comes(&mut office, "coa.koppeling", amina());
    let rule = taken_away(&mut office, DUO);
    office.now = at("2026-03-03T09:00");
    comes_in_force(&mut office, rule);
    let duo = comes(&mut office, "duo.ss137", crate::amina_at_duo());
    is_one_person(&mut office, vec![coa, duo]);
    assert_eq!(standing(&office, DUO), [Open]);
    comes(&mut office, "duo.ss101", crate::amina_at_duo());
    assert_eq!(standing(&office, DUO), [Met]);
}

#[test]
fn a_rule_that_is_new_does_not_start_because_a_task_is_closed_or_opened_again() {
    let mut office = Office::at("2026-03-02T09:00");
    let rule = taken_away(&mut office, DUO);
    let task = comes(&mut office, "coa.koppeling", amina());
    // Also where nothing tells since when it is in force.
    office.rules.expected.push(rule);
    done(&mut office, task, None);
    assert_eq!(standing(&office, DUO), []);
    reopens(&mut office, FATIMA, task);
    assert!(office.task(task).is_open());
    assert_eq!(standing(&office, DUO), []);
    done(&mut office, task, Some(("pip_vastgesteld", "2026-03-02")));
    assert_eq!(
        standing(&office, DUO),
        [],
        "what is told with a task makes no news of its notice"
    );
}

#[test]
fn a_rule_that_is_new_starts_with_a_mail_that_is_recognised_by_now() {
    let mut office = Office::at("2026-03-02T09:00");
    let rule = taken_away(&mut office, DUO);
    let (task, mail) = crate::unrecognised(&mut office, amina());
    office.now = at("2026-03-03T09:00");
    comes_in_force(&mut office, rule);
    let kind = TypeId::new("coa.koppeling");
    let act = crate::another(&office, &kind, &mail, amina());
    office.acts(FATIMA, task, act);
    assert_eq!(standing(&office, DUO), [Open]);
    comes(&mut office, "coa.klantprofiel", amina());
    assert_eq!(standing(&office, DUO), [Open]);
}

#[test]
fn two_lives_that_are_joined_before_the_second_was_asked_about_leave_the_one_task() {
    let mut office = Office::at("2026-03-02T09:00");
    let first = comes(&mut office, "coa.koppeling", amina());
    office.time_passes_until("2026-03-23T09:00");
    let second = comes(&mut office, "coa.koppeling", crate::amina_at_duo());
    office.time_passes_until("2026-04-16T09:00");
    let asked = tasks(&office, "verwacht.duo-na-koppeling")[0].id;
    assert_eq!(standing(&office, DUO), [Overdue, Open]);
    is_one_person(&mut office, vec![first, second]);
    let mut both = standing(&office, DUO);
    both.sort_by_key(|standing| *standing == Cancelled);
    assert_eq!(both, [Overdue, Cancelled]);
    office.time_passes_until("2026-06-16T09:00");
    let all = tasks(&office, "verwacht.duo-na-koppeling");
    assert_eq!(all.len(), 1, "nobody is asked about the second");
    assert!(
        all[0].id == asked && all[0].is_open(),
        "whoever is at work goes on"
    );
}

#[test]
fn a_week_that_is_asked_about_again_names_only_what_is_missing_since() {
    let mut office = Office::at("2026-03-02T09:00");
    for _ in 0..3 {
        comes(&mut office, "coa.koppeling", nobody());
    }
    office.time_passes_until("2026-04-23T09:00");
    let asked = tasks(&office, "verwacht.duo-na-koppeling");
    assert!(
        asked[0].title.ends_with("(3 van de 3, week van 2-3-2026)"),
        "{}",
        asked[0].title
    );
    let asked = asked[0].id;
    done(&mut office, asked, None);
    assert_eq!(standing(&office, DUO), [Met]);
    // One more of that week turns up.
    crate::comes_from(&mut office, "coa.koppeling", nobody(), at("2026-03-04T09:00"));
    office.time_passes_until("2026-04-24T12:00");
    let again = tasks(&office, "verwacht.duo-na-koppeling");
    assert_eq!(again.len(), 2);
    assert!(
        again[1].title.ends_with("(1 van de 4, week van 2-3-2026)"),
        "{}",
        again[1].title
    );
}

#[test]
fn two_lives_that_are_joined_leave_one_thing_open_for_one_rule() {
    let mut office = Office::at("2026-03-02T09:00");
    comes(&mut office, "coa.koppeling", amina());
    office.time_passes_until("2026-03-09T09:00");
    comes(&mut office, "coa.koppeling", crate::amina_at_duo());
    assert_eq!(standing(&office, DUO), [Open, Open]);
    is_one_person(&mut office, vec![TaskId(1), TaskId(2)]);
    let mut both = standing(&office, DUO);
    both.sort_by_key(|standing| *standing == Cancelled);
    assert_eq!(both, [Open, Cancelled]);
    assert_eq!(last_days(&office, DUO).len(), 1);
}
