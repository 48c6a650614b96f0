//! What colleagues tell in their answers to letters, and what they are told back.

use jiff::civil::date;
use koppelwacht::domain::{
    AnswerTrouble, Answered, Asked, Change, Content, DaysNamed, Intent, NoticeBefore, TaskId,
};

use super::*;

fn no_day() -> DaysNamed {
    DaysNamed::default()
}

fn some_day() -> DaysNamed {
    DaysNamed {
        unread: true,
        ..no_day()
    }
}

fn on(days: &[Date]) -> DaysNamed {
    DaysNamed {
        on: days.to_vec(),
        ..no_day()
    }
}

fn until(day: Date) -> DaysNamed {
    DaysNamed {
        until: vec![day],
        ..no_day()
    }
}

/// Fatima answers the last letter to her about a task: "afgehandeld: ...".
fn handled(office: &mut Office, remark: &str, days: DaysNamed) -> (TaskId, Answered) {
    let (task, letter) = office.letter_to(FATIMA);
    let nature = Nature::Answer(Answer {
        task: Some(task),
        letter: Some(letter),
        intent: Some(Intent::Done {
            remark: Some(remark.to_owned()),
            days,
        }),
    });
    let changes = office.writes(FATIMA, nature);
    let opened = changes
        .iter()
        .any(|change| matches!(change, Change::Opened(task) if task.kind == TypeId::unknown()));
    assert!(!opened, "no colleague has to read it");
    let Some(Content::Answered(answered)) = office.letters.last().map(|letter| &letter.content) else {
        panic!("nobody is told what was understood");
    };
    (task, answered.clone())
}

#[test]
fn a_term_that_is_longer_is_told_in_the_words_that_people_use() {
    let last_day = date(2030, 2, 8);
    for remark in [
        "termijn verlengd tot 8 februari 2030",
        "Termijn  verlengd, t/m 8-2-2030",
    ] {
        let mut office = Office::at("2026-11-23T09:00");
        let task = comes(&mut office, "duo.ss101", amina());
        done(&mut office, task, Some(("pip_vastgesteld", "2026-11-20")));
        comes(&mut office, "duo.ss103", amina());
        let (task, answered) = handled(&mut office, remark, until(last_day));
        assert!(!office.task(task).is_open());
        let event = answered.event.unwrap();
        assert_eq!((event.title.as_str(), event.on), ("Termijn verlengd", last_day));
        let end = expected(&office, "einde-inburgeringstermijn")[0];
        assert_eq!(end.until, at("2030-02-09T00:00"));
    }
}

#[test]
fn an_event_is_known_by_its_name_in_the_rules_as_well() {
    let mut office = Office::at("2026-11-23T09:00");
    comes(&mut office, "duo.ss101", amina());
    let (_, answered) = handled(&mut office, "zeshonderd uren les", no_day());
    assert_eq!(answered.event.unwrap().title, "600 uur les gevolgd");
}

#[test]
fn the_words_that_the_manual_names_are_understood() {
    let manual = std::fs::read_to_string("docs/handleiding.md").unwrap();
    let rows = manual.lines().filter_map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [id, words, _] = cells.as_slice() else {
            return None;
        };
        let id = id.strip_prefix('`')?.strip_suffix('`')?;
        Some((id, words.replace("(de dag)", "8 februari 2030")))
    });
    let rows: Vec<_> = rows.collect();
    let mut office = Office::at("2026-11-23T09:00");
    assert_eq!(rows.len(), office.rules.events.len(), "a row for each event");
    for (id, words) in rows {
        comes(&mut office, "duo.ss101", amina());
        let days = if words.contains("2030") {
            until(date(2030, 2, 8))
        } else {
            no_day()
        };
        let (_, answered) = handled(&mut office, &words, days);
        let told = answered
            .event
            .unwrap_or_else(|| panic!("nobody understands `{words}`"));
        assert_eq!(told.title, office.rules.events[&EventId::new(id)], "{words}");
    }
}

#[test]
fn what_cannot_be_told_yet_leaves_the_task_open_and_says_so_without_a_colleague_who_reads_it() {
    let mut office = Office::at("2026-11-23T09:00");
    comes(&mut office, "duo.ss101", amina());
    let (long_ago, before, after) = (date(2026, 11, 3), date(2026, 11, 20), date(2026, 11, 30));
    for (remark, days, trouble) in [
        (
            "PIP vastgesteld op 30 november",
            on(&[after]),
            AnswerTrouble::NotYet,
        ),
        (
            "PIP vastgesteld op 31 november",
            some_day(),
            AnswerTrouble::WhichDay,
        ),
        (
            "gesprek op 3 november, PIP vastgesteld op 20 november",
            on(&[long_ago, before]),
            AnswerTrouble::WhichDay,
        ),
        (
            "vorige week PIP vastgesteld, brief van 20 november",
            DaysNamed {
                unread: true,
                ..on(&[before])
            },
            AnswerTrouble::WhichDay,
        ),
        (
            "PIP vastgesteld t/m 20 november",
            until(before),
            AnswerTrouble::WhichDay,
        ),
        ("termijn verlengd", no_day(), AnswerTrouble::NoLastDay),
        (
            "termijn verlengd, brief volgt op 30 november",
            on(&[after]),
            AnswerTrouble::NoLastDay,
        ),
        (
            "termijn verlengd, vorige week",
            some_day(),
            AnswerTrouble::NoLastDay,
        ),
        (
            "termijn verlengd op 20 november",
            on(&[before]),
            AnswerTrouble::NoLastDay,
        ),
    ] {
        let (task, answered) = handled(&mut office, remark, days);
        assert_eq!(
            (answered.asked, answered.trouble),
            (Some(Asked::Done), Some(trouble)),
            "{remark}"
        );
        assert!(office.task(task).is_open(), "{remark}");
    }
}

#[test]
fn of_two_days_the_one_is_meant_that_fits_the_event() {
    let mut office = Office::at("2026-11-23T09:00");
    let (told, last) = (date(2026, 11, 20), date(2030, 2, 8));
    for (remark, meant) in [
        (
            "PIP vastgesteld op 20 november, termijn tot 8 februari 2030",
            told,
        ),
        ("termijn verlengd op 20 november, tot 8 februari 2030", last),
    ] {
        comes(&mut office, "duo.ss101", amina());
        let days = DaysNamed {
            on: vec![told],
            ..until(last)
        };
        let (_, answered) = handled(&mut office, remark, days);
        assert_eq!(answered.event.map(|event| event.on), Some(meant), "{remark}");
    }
    comes(&mut office, "duo.ss101", amina());
    let today = "PIP vastgesteld, inburgeringsplicht loopt tot 8 februari 2030";
    let (_, answered) = handled(&mut office, today, until(last));
    assert_eq!(answered.event.map(|event| event.on), Some(date(2026, 11, 23)));
}

#[test]
fn what_somebody_says_did_not_happen_is_not_written_down_as_what_did() {
    let mut office = Office::at("2026-11-23T09:00");
    comes(&mut office, "duo.ss101", amina());
    for remark in [
        "geen MAP afgerond",
        "klant kwam niet, nog geen PIP gewijzigd",
        "zonder PIP vastgesteld",
    ] {
        let (_, answered) = handled(&mut office, remark, no_day());
        assert_eq!(answered.event, None, "{remark}");
    }
}

#[test]
fn an_answer_that_names_two_events_keeps_neither_and_says_so() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = comes(&mut office, "duo.ss101", amina());
    let both = "PIP vastgesteld op 20 november en MAP afgerond";
    let (_, answered) = handled(&mut office, both, on(&[date(2026, 11, 20)]));
    assert_eq!(
        (answered.asked, answered.event, answered.trouble),
        (Some(Asked::Done), None, Some(AnswerTrouble::TwoEvents))
    );
    assert!(office.task(task).is_open(), "its reader can name one of them");

    let (_, answered) = handled(
        &mut office,
        "PIP vastgesteld op 20 november",
        on(&[date(2026, 11, 20)]),
    );
    assert!(answered.trouble.is_none() && answered.event.unwrap().kept);
    assert!(!office.task(task).is_open());
    let (_, answered) = handled(&mut office, both, on(&[date(2026, 11, 20)]));
    assert_eq!(
        answered.trouble,
        Some(AnswerTrouble::AlreadyDone),
        "it is not open any more"
    );
}

#[test]
fn about_nobody_that_is_known_it_does_not_matter_which_event_it_was_or_when() {
    for (remark, days) in [
        ("PIP vastgesteld en MAP afgerond", no_day()),
        ("PIP vastgesteld, vorige week", some_day()),
        ("termijn verlengd", no_day()),
    ] {
        let mut office = Office::at("2026-11-23T09:00");
        comes(&mut office, "duo.ss101", nobody());
        let (task, answered) = handled(&mut office, remark, days);
        assert_eq!(answered.trouble, None, "{remark}");
        assert!(answered.event.is_none_or(|event| !event.kept), "{remark}");
        assert!(!office.task(task).is_open(), "{remark}");
    }
}

#[test]
fn an_event_whose_name_is_part_of_the_name_of_another_is_not_a_second_one() {
    let mut office = Office::at("2026-11-23T09:00");
    let longer = "PIP vastgesteld zonder handtekening";
    let event = EventId::new("pip_zonder_handtekening");
    office.rules.events.insert(event, longer.to_owned());
    comes(&mut office, "duo.ss101", amina());
    let (_, answered) = handled(&mut office, longer, no_day());
    assert_eq!(answered.event.unwrap().title, longer);
}

#[test]
fn who_closes_what_waits_for_an_event_and_names_none_is_told_that_no_term_runs() {
    let mut office = Office::at("2026-11-23T09:00");
    let notice = comes(&mut office, "duo.ss101", amina());
    let (_, answered) = handled(&mut office, "intake gepland", no_day());
    assert!(!answered.untold, "nothing was to be told with the notice itself");
    assert!(!office.task(notice).is_open());

    office.time_passes_until("2027-01-08T09:00");
    assert_eq!(
        office.letters.last().unwrap().about.task(),
        Some(asked(&office, "leerroute-in-pip-gezin"))
    );
    let (task, answered) = handled(&mut office, "gesproken met de school", no_day());
    assert!(answered.untold && answered.event.is_none());
    assert!(!office.task(task).is_open());
}

#[test]
fn who_registers_at_duo_has_nothing_to_tell_with_which_a_term_runs() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = comes(&mut office, "duo.ss101", amina());
    done(&mut office, task, Some(("pip_vastgesteld", "2026-11-20")));
    office.time_passes_until("2026-11-23T10:00");
    assert_eq!(
        office.letters.last().unwrap().about.task(),
        Some(asked(&office, "registreren-bij-duo"))
    );
    let (_, answered) = handled(&mut office, "staat in het portaal", no_day());
    assert!(!answered.untold);
}

/// The task by which somebody is asked.
fn asked(office: &Office, rule: &str) -> TaskId {
    let asked = expected(office, rule).into_iter().find_map(Expectation::task);
    asked.expect("somebody is asked")
}

#[test]
fn a_letter_about_what_is_expected_names_the_notice_by_which_the_person_is_found() {
    let mut office = Office::at("2026-11-23T09:00");
    let notice = comes(&mut office, "duo.ss101", amina());
    done(&mut office, notice, Some(("pip_vastgesteld", "2026-11-20")));
    office.time_passes_until("2026-11-23T10:00");
    let Some(Content::Task { facts, .. }) = office.letters.last().map(|letter| &letter.content) else {
        panic!("no letter about a task");
    };
    assert_eq!(facts.title, "Registreren in het DUO-portaal");
    assert_eq!(
        facts.origin,
        Some(NoticeBefore {
            task: notice,
            title: "Persoon is inburgeringsplichtig".to_owned(),
            received: date(2026, 11, 23).at(9, 0, 0, 0),
        })
    );
}

#[test]
fn what_is_counted_by_the_week_names_no_notice() {
    let mut office = Office::at("2026-11-23T09:00");
    comes(&mut office, "coa.koppeling", nobody());
    office.time_passes_until("2027-02-01T09:00");
    let origins = office.letters.iter().filter_map(|letter| match &letter.content {
        Content::Task { facts, .. } if facts.title.contains("week van") => Some(&facts.origin),
        _ => None,
    });
    let origins: Vec<_> = origins.collect();
    assert!(
        !origins.is_empty() && origins.iter().all(|origin| origin.is_none()),
        "{origins:?}"
    );
}
