//! The ladder as the office knows it: who is told when, who is skipped, what ends it. Decisions only: no ledger, no
//! clock, no mail server; time is a value.
#![expect(clippy::unwrap_used, reason = "what cannot be set up has failed")]

use std::sync::Arc;

use koppelwacht::domain::{
    Act, Away, Bounce, Change, Content, Delivery, Event, Happening, HistoryLine, Letter, LetterName,
    LetterOf, Missed, Moment, Nature, Occasion, Outcome, Outdated, PersonId, Refusal, Role, Skip, TaskId,
    TaskState, Term, Verdict, WhyNot,
};
use proptest::prelude::*;

use support::on_paper::{FATIMA, JOOST, MARLEEN, Office, arrival, at, letter_name, letters, refused, rung};

mod support;

fn missed(id: &str, why: WhyNot) -> Skip {
    Skip::Each {
        people: vec![Missed {
            person: PersonId::new(id),
            why,
        }],
    }
}

#[test]
fn a_task_that_nobody_takes_climbs_the_whole_ladder_and_never_goes_quiet() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    for _ in 0..5 {
        office.moment_comes(task);
    }
    assert_eq!(
        office.told(task),
        [
            "Mon 09:00 fatima",
            "Mon 11:00 joost",
            "Mon 13:00 marleen",
            "Mon 15:00 Functional",
            "Tue 11:00 Functional",
            "Tue 15:00 Functional",
        ]
    );
}

#[test]
fn waiting_counts_working_hours_so_a_friday_evening_goes_on_on_monday() {
    let mut office = Office::at("2026-11-20T16:30");
    let task = office.mail_arrives();
    office.moment_comes(task);
    assert_eq!(office.told(task), ["Fri 16:30 fatima", "Mon 10:30 joost"]);
}

#[test]
fn absent_people_are_skipped_in_the_same_moment_and_the_history_says_why() {
    let mut office = Office::at("2026-11-23T09:00").away(FATIMA).away(JOOST);
    let task = office.mail_arrives();
    assert_eq!(office.told(task), ["Mon 09:00 marleen"]);
    let absent = |id| missed(id, WhyNot::Absent);
    assert_eq!(
        office.skipped(task),
        [(Role::Holder, absent(FATIMA)), (Role::Deputy, absent(JOOST))]
    );
}

#[test]
fn somebody_who_is_away_on_monday_is_not_written_to_on_saturday() {
    let mut office = Office::at("2026-11-21T12:00");
    office.leave(FATIMA, "2026-11-23T00:00", Some("2026-11-24T00:00"));
    let task = office.mail_arrives();
    assert_eq!(office.told(task), ["Sat 12:00 joost"]);
}

#[test]
fn when_nobody_at_all_is_there_the_ladder_starts_again_when_the_office_opens() {
    let mut office = Office::at("2026-11-23T09:00")
        .away(FATIMA)
        .away(JOOST)
        .away(MARLEEN);
    for caseload in office.rules.caseloads.values_mut() {
        caseload.functional = None;
    }
    let task = office.mail_arrives();
    assert_eq!(office.told(task), [""; 0]);
    assert_eq!(office.task(task).next_moment(), Some(at("2026-11-24T09:00")));
    office.everybody_is_back();
    office.moment_comes(task);
    assert_eq!(office.told(task), ["Tue 09:00 fatima"]);
}

#[test]
fn after_days_on_which_nobody_was_there_the_first_who_can_read_it_is_told_from_the_bottom_up() {
    let rungs = [rung(Role::Holder, Some(3 * 480)), rung(Role::Lead, Some(5 * 480))];
    let mut office = Office::at("2026-12-21T09:00")
        .away(JOOST)
        .with_ladder(&rungs, Some(Term::WorkingDays(1)))
        .with_caseloads(|caseload| caseload.functional = None);
    office.leave(FATIMA, "2026-12-21T00:00", Some("2027-01-04T00:00"));
    office.leave(MARLEEN, "2026-12-21T00:00", Some("2027-01-06T00:00"));
    let task = office.mail_arrives();
    assert_eq!(office.told(task), [""; 0]);
    office.time_passes_until("2027-01-05T12:00");
    // From that Wednesday on both are back within the time that they would have.
    assert_eq!(
        office.told(task),
        ["Wed 09:00 fatima, hurried", "Wed 09:15 marleen"]
    );
}

#[test]
fn a_last_address_that_takes_no_letters_is_not_the_only_one_that_is_told() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    office.time_passes_until("2026-11-23T14:00");
    // The mail server of the functional address says "try again later", for days.
    office.post_is_down = true;
    office.time_passes_until("2026-11-23T15:30");
    office.post_is_down = false;
    assert_eq!(office.told(task).last().unwrap(), "Mon 15:00 Functional");
    let unsent = office.snapshot.unsent.clone();
    let changes = loop {
        office.snapshot.unsent.clone_from(&unsent);
        let changes = office.moment_comes(task);
        if !changes.is_empty() {
            break changes;
        }
    };
    assert_eq!(letters(&changes), ["fatima@gemeente-voorbeeld.nl"]);
    assert!(
        changes
            .iter()
            .any(|change| matches!(change, Change::Overtaken { what, .. } if *what == Outdated::Task(task))),
        "the letter that waits would only say it twice"
    );
}

#[test]
fn a_last_letter_that_is_lost_is_not_the_end_of_a_task_that_may_rest() {
    let mut office = Office::at("2026-11-23T09:00").with_ladder(&[rung(Role::Holder, None)], None);
    let task = office.mail_arrives();
    let mut rests = office.task(task).clone();
    rests.critical = false;
    if let TaskState::Waiting(climb) = &mut rests.state {
        climb.next = None;
    }
    office.snapshot.tasks.insert(task, rests);
    assert_eq!(office.last_letter_is_refused(), [""; 0]);
    assert_eq!(office.task(task).next_moment(), Some(at("2026-11-24T09:00")));
    assert_eq!(
        letters(&office.moment_comes(task)),
        ["fatima@gemeente-voorbeeld.nl"]
    );
}

#[test]
fn a_lead_who_is_also_the_deputy_is_told_once_a_round() {
    let mut office = Office::at("2026-11-23T09:00");
    for caseload in office.rules.caseloads.values_mut() {
        caseload.deputies = vec![PersonId::new(MARLEEN)];
    }
    let task = office.mail_arrives();
    office.moment_comes(task);
    office.moment_comes(task);
    assert_eq!(
        office.told(task),
        ["Mon 09:00 fatima", "Mon 11:00 marleen", "Mon 13:00 Functional"]
    );
    assert_eq!(
        office.skipped(task),
        [(Role::Lead, missed(MARLEEN, WhyNot::AlreadyTold))]
    );
}

#[test]
fn after_a_week_of_downtime_an_overdue_task_fires_once() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    office.now = at("2026-11-30T10:00");
    assert_eq!(
        letters(&office.happens(&Event::MomentCame(Moment::Task(task)))),
        ["joost@gemeente-voorbeeld.nl"]
    );
    assert_eq!(
        office.happens(&Event::MomentCame(Moment::Task(task))),
        [],
        "the same moment comes twice"
    );
    assert_eq!(
        office.task(task).next_moment(),
        Some(at("2026-11-30T10:15")),
        "it is overdue: the lead is told soon"
    );
}

#[test]
fn a_task_that_is_taken_is_quiet_until_the_hold_ends_and_then_comes_back_to_who_took_it() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    office.acts(JOOST, task, Act::Take);
    assert_eq!(office.task(task).next_moment(), Some(at("2026-11-24T17:00")));
    assert_eq!(
        letters(&office.moment_comes(task)),
        ["joost@gemeente-voorbeeld.nl"]
    );
    office.moment_comes(task);
    assert_eq!(
        office.told(task),
        [
            "Mon 09:00 fatima",
            "Tue 17:00 joost, hurried",
            "Wed 09:15 marleen"
        ]
    );
}

#[test]
fn a_task_that_is_done_is_silent_for_ever() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    office.acts(
        FATIMA,
        task,
        Act::Done {
            remark: None,
            event: None,
        },
    );
    assert_eq!(office.task(task).next_moment(), None);
    office.now = at("2027-11-23T09:00");
    assert_eq!(office.happens(&Event::MomentCame(Moment::Task(task))), []);
}

#[test]
fn what_cannot_be_is_refused_with_a_way_out_and_writes_nothing() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    let stranger = PersonId::new("vreemde");
    assert_eq!(
        refusal(&office.acts("vreemde", task, Act::Take)),
        Refusal::UnknownPerson(stranger.clone())
    );
    let to = Act::Reassign { to: stranger.clone() };
    assert_eq!(
        refusal(&office.acts(FATIMA, task, to)),
        Refusal::UnknownPerson(stranger)
    );
    assert_eq!(
        refusal(&office.acts(FATIMA, TaskId(99), Act::Take)),
        Refusal::NoSuchTask(TaskId(99))
    );

    office.acts(FATIMA, task, Act::Take);
    let taken = Refusal::TakenBySomebodyElse {
        task,
        by: PersonId::new(FATIMA),
    };
    assert_eq!(refusal(&office.acts(JOOST, task, Act::Take)), taken);

    office.acts(
        JOOST,
        task,
        Act::Done {
            remark: None,
            event: None,
        },
    );
    let done = Refusal::AlreadyDone {
        task,
        by: PersonId::new(JOOST),
        at: office.now,
    };
    assert_eq!(
        refusal(&office.acts(
            FATIMA,
            task,
            Act::Done {
                remark: None,
                event: None
            }
        )),
        done
    );
    assert_eq!(refusal(&office.acts(FATIMA, task, Act::Take)), done);
    assert_eq!(
        refusal(&office.acts(
            FATIMA,
            task,
            Act::Reassign {
                to: PersonId::new(JOOST)
            }
        )),
        done
    );
}

#[test]
fn a_task_that_was_closed_by_mistake_is_told_from_the_first_rung_again() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    let due = office.task(task).due;
    office.moment_comes(task);
    finish(&mut office, JOOST, task);
    office.now = at("2026-11-24T10:00");
    let remark = Some("verkeerde taak afgemeld".to_owned());
    office.acts(
        MARLEEN,
        task,
        Act::Reopen {
            remark: remark.clone(),
        },
    );
    assert_eq!(
        office.told(task),
        ["Mon 09:00 fatima", "Mon 11:00 joost", "Tue 10:00 fatima"]
    );
    assert_eq!(office.last_occasion(), Some(Occasion::Reopened));
    assert_eq!(office.task(task).due, due, "it has no more time than it had");
    assert_eq!(
        office.task(task).next_moment(),
        Some(at("2026-11-24T12:00")),
        "the guarantee holds again"
    );
    let line = |line: &&HistoryLine| matches!(line.what, Happening::Reopened { .. });
    let line = office.snapshot.history[&task].iter().find(line).unwrap();
    assert_eq!(
        (line.by.as_ref().map(PersonId::as_str), &line.what),
        (Some(MARLEEN), &Happening::Reopened { remark })
    );
    // It climbs like any other, and can be handled once more.
    office.moment_comes(task);
    assert_eq!(
        office.told(task).last().map(String::as_str),
        Some("Tue 12:00 joost")
    );
    finish(&mut office, JOOST, task);
    assert!(!office.task(task).is_open());
}

#[test]
fn whoever_had_taken_it_is_told_first_that_it_is_open_again_unless_they_are_away() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    office.acts(JOOST, task, Act::Take);
    finish(&mut office, JOOST, task);
    office.acts(MARLEEN, task, Act::Reopen { remark: None });
    assert_eq!(
        office.told(task).last().map(String::as_str),
        Some("Mon 09:00 joost")
    );
    finish(&mut office, JOOST, task);
    let mut office = office.away(JOOST);
    office.acts(MARLEEN, task, Act::Reopen { remark: None });
    assert_eq!(
        office.told(task).last().map(String::as_str),
        Some("Mon 09:00 marleen")
    );
}

#[test]
fn what_cannot_be_opened_again_says_why() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    let reopen = |office: &mut Office, task, remark: Option<&str>| {
        let remark = remark.map(str::to_owned);
        refusal(&office.acts(FATIMA, task, Act::Reopen { remark }))
    };
    assert_eq!(reopen(&mut office, task, None), Refusal::StillOpen(task));
    finish(&mut office, FATIMA, task);
    let remark = Some("het ging om 999916932");
    assert_eq!(reopen(&mut office, task, remark), Refusal::PersonalData);
    let nobody = office.acts("anybody", task, Act::Reopen { remark: None });
    assert_eq!(refusal(&nobody), Refusal::UnknownPerson(PersonId::new("anybody")));
    let letter = office.calls_a_drill("inburgering@gemeente-voorbeeld.nl");
    let drill = office.snapshot.next.task;
    office.own_letter_comes_in(Some(letter_name(&letter)), Verdict::Colleague);
    office.acts(FATIMA, drill, Act::Take);
    assert_eq!(reopen(&mut office, drill, None), Refusal::DrillAgain(drill));
}

/// Why it was refused, and that nothing else was written.
fn refusal(changes: &[Change]) -> Refusal {
    match changes {
        [Change::Refused(refusal)] => refusal.clone(),
        other => panic!("not refused alone: {other:?}"),
    }
}

fn finish(office: &mut Office, by: &str, task: TaskId) {
    let act = Act::Done {
        remark: None,
        event: None,
    };
    office.acts(by, task, act);
}

#[test]
fn a_task_that_is_handed_on_starts_its_ladder_with_the_new_person() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    office.now = at("2026-11-23T10:00");
    let changes = office.acts(
        FATIMA,
        task,
        Act::Reassign {
            to: PersonId::new(JOOST),
        },
    );
    assert_eq!(letters(&changes), ["joost@gemeente-voorbeeld.nl"]);
    office.moment_comes(task);
    assert_eq!(
        office.told(task),
        ["Mon 09:00 fatima", "Mon 10:00 joost", "Mon 12:00 marleen"]
    );
}

#[test]
fn a_letter_that_is_refused_calls_the_next_rung_at_once_and_after_the_last_the_ladder_starts_anew() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    assert_eq!(office.last_letter_is_refused(), ["joost@gemeente-voorbeeld.nl"]);
    assert_eq!(office.last_letter_is_refused(), ["marleen@gemeente-voorbeeld.nl"]);
    assert_eq!(office.last_letter_is_refused(), ["team@gemeente-voorbeeld.nl"]);
    let next = office.task(task).next_moment();
    assert_eq!(
        office.last_letter_is_refused(),
        [""; 0],
        "the last rung waits for its moment"
    );
    assert_eq!(office.task(task).next_moment(), next);
    assert_eq!(
        letters(&office.moment_comes(task)),
        ["fatima@gemeente-voorbeeld.nl"],
        "an address that takes nothing is not the only one that is told from then on"
    );
}

#[test]
fn a_letter_to_a_mailbox_that_is_full_is_given_up_after_five_days_and_not_for_what_went_before() {
    let mut office = Office::at("2026-11-23T09:00").with_ladder(&[rung(Role::Holder, None)], None);
    let task = office.mail_arrives();
    let letter = office.letters[0].clone();
    let settled = |changes: &[Change]| match changes {
        [Change::Settled { outcome, .. }, rest @ ..] => (outcome.clone(), rest.len()),
        other => panic!("not settled: {other:?}"),
    };
    let down = Delivery::Deferred {
        reason: "server not reachable".to_owned(),
    };
    let full = Delivery::PutOff {
        code: "452 4.2.2".to_owned(),
    };
    office.now = at("2026-11-30T09:00");
    let again = |now: &str, put_off: Option<&str>, reason: &str| Outcome::Again {
        at: at(now),
        reason: reason.to_owned(),
        put_off: put_off.map(at),
    };
    assert_eq!(
        settled(&office.post_says(&letter, down.clone())),
        (again("2026-11-30T09:01", None, "server not reachable"), 0),
        "a server that is down loses no letter, however long"
    );
    assert_eq!(
        settled(&office.post_says(&letter, full.clone())),
        (
            again("2026-11-30T09:01", Some("2026-11-30T09:00"), "452 4.2.2"),
            0
        )
    );
    office.now = at("2026-12-05T08:59");
    assert_eq!(
        settled(&office.post_says(&letter, full.clone())),
        (
            again("2026-12-05T09:00", Some("2026-11-30T09:00"), "452 4.2.2"),
            0
        )
    );
    office.now = at("2026-12-05T09:00");
    assert_eq!(
        settled(&office.post_says(&letter, down)).0,
        again("2026-12-05T09:01", None, "server not reachable")
    );
    let refused = Outcome::Refused {
        at: office.now,
        code: "452 4.2.2".to_owned(),
    };
    assert_eq!(settled(&office.post_says(&letter, full)).0, refused);
    let what = office.snapshot.history[&task]
        .last()
        .map(|line| line.what.clone());
    assert_eq!(
        what,
        Some(Happening::LetterRefused {
            code: "452 4.2.2".to_owned(),
            call: letter.about.call().map(|(_, told)| told),
        })
    );
}

#[test]
fn a_mail_server_that_refuses_everything_is_asked_once_a_rung_and_not_without_end() {
    let short = [rung(Role::Holder, Some(120)), rung(Role::Lead, Some(120))];
    let mut office = Office::at("2026-11-23T09:00").with_ladder(&short, Some(Term::WorkingDays(1)));
    for caseload in office.rules.caseloads.values_mut() {
        caseload.lead.clone_from(&caseload.owner);
    }
    let task = office.mail_arrives();
    assert_eq!(office.last_letter_is_refused(), [""; 0]);
    assert_eq!(
        office.task(task).next_moment(),
        Some(at("2026-11-23T11:00")),
        "the stored moment stands"
    );
}

#[test]
fn a_late_refusal_of_an_old_letter_moves_nothing() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    let first = office.letters[0].clone();
    office.moment_comes(task);
    let before = office.task(task).clone();
    assert_eq!(letters(&office.post_says(&first, refused())), [""; 0]);
    assert_eq!(office.task(task), &before);
}

#[test]
fn a_letter_that_comes_back_late_counts_against_its_own_reader_and_not_the_last_one_told() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    let first = office.letters[0].clone();
    office.time_passes_until("2026-11-23T15:30");
    assert_eq!(office.told(task).last().unwrap(), "Mon 15:00 Functional");
    office.post_says(&first, refused());
    assert_eq!(
        letters(&office.moment_comes(task)),
        ["team@gemeente-voorbeeld.nl"],
        "whoever was told last got their letter, and has it for the whole time"
    );
    let Content::Task { facts, .. } = &office.letters.last().unwrap().content else {
        panic!("no letter about a task");
    };
    let lost: Vec<_> = facts.tried.iter().map(|tried| tried.lost).collect();
    assert_eq!(lost, [true, false, false, false]);
}

#[test]
fn a_lost_letter_of_an_older_ledger_counts_against_the_last_one_told() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    office.time_passes_until("2026-11-23T15:30");
    // Lines from before they said which call they are about.
    let old = r#"{"what":"letter_refused","code":"550"}"#;
    let refused = serde_json::from_str(old).unwrap();
    let history = office.snapshot.history.get_mut(&task).unwrap();
    let last = history.last().unwrap().clone();
    history.push(HistoryLine {
        what: refused,
        ..last
    });
    assert_eq!(
        letters(&office.moment_comes(task)),
        ["fatima@gemeente-voorbeeld.nl"]
    );
}

#[test]
fn a_critical_task_keeps_its_next_moment_when_the_rules_take_it_away() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    let mut office = office.with_ladder(&[rung(Role::Holder, None)], None);
    office.moment_comes(task);
    assert_eq!(office.task(task).next_moment(), Some(at("2026-11-24T09:00")));
    office.acts(FATIMA, task, Act::Take);
    assert_eq!(office.task(task).next_moment(), Some(at("2026-11-24T17:00")));
}

#[test]
fn when_nobody_is_there_on_saturday_it_is_tried_again_on_monday() {
    let mut office = Office::at("2026-11-21T12:00")
        .away(FATIMA)
        .away(JOOST)
        .away(MARLEEN);
    for caseload in office.rules.caseloads.values_mut() {
        caseload.functional = None;
    }
    let task = office.mail_arrives();
    assert_eq!(office.task(task).next_moment(), Some(at("2026-11-23T09:00")));
}

#[test]
fn a_task_of_somebody_who_left_the_office_goes_to_the_owner_again() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    office.acts(JOOST, task, Act::Take);
    office.rules.people.remove(&PersonId::new(JOOST));
    assert_eq!(
        letters(&office.moment_comes(task)),
        ["fatima@gemeente-voorbeeld.nl"]
    );
}

#[test]
fn a_mail_that_claims_to_come_from_the_future_gives_nobody_more_time() {
    let mut office = Office::at("2026-11-23T09:00");
    let event = Event::MailArrived(Arc::new(arrival(1, at("2036-01-01T09:00"))));
    office.happens(&event);
    assert_eq!(office.task(TaskId(1)).due, at("2026-11-24T17:00"));
}

#[test]
fn whoever_takes_or_finishes_a_task_takes_back_the_letters_that_still_wait() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    let taken_back = Change::Overtaken {
        what: Outdated::Task(task),
        at: office.now,
    };
    for act in [
        Act::Take,
        Act::Reassign {
            to: PersonId::new(JOOST),
        },
        Act::Done {
            remark: None,
            event: None,
        },
    ] {
        assert!(office.acts(FATIMA, task, act).contains(&taken_back));
    }
}

#[test]
fn a_remark_with_a_number_of_a_person_is_refused() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    for remark in [
        "BSN 999911636 gebeld",
        "V-nummer 9900 121 147",
        "V-nummer 9900\u{a0}121\u{a0}147",
        "V-nummer 9900\u{2009}121\u{202f}147",
        "V-nummer 9900\u{2011}121\u{2011}147",
        "V-nummer 9900\u{2013}121\u{2212}147",
        "V-nummer 9900\t121\n147",
        "BSN 9999\u{200b}11\u{ad}636",
        "BSN 99-99-2011 636",
        "BSN 12.30.2011 636",
        "BSN 12.34.56.789",
        "BSN 11.12.20.263",
        "V-nummer 12.34.56.78.90",
        "BSN \u{ff19}\u{ff19}\u{ff19}\u{ff19}\u{ff11}\u{ff11}\u{ff16}\u{ff13}\u{ff16}",
    ] {
        let act = Act::Done {
            remark: Some(remark.to_owned()),
            event: None,
        };
        assert_eq!(
            office.acts(FATIMA, task, act),
            [Change::Refused(Refusal::PersonalData)]
        );
    }
    for remark in [
        "intake op 24-11-2026, kamer 12",
        "Gesprek gepland op 03-12-2026 10:00",
        "gesprek op 2026-12-03 10.00 uur, 3e verdieping",
    ] {
        let mut office = office.clone();
        let act = Act::Done {
            remark: Some(remark.to_owned()),
            event: None,
        };
        office.acts(FATIMA, task, act);
        assert!(!office.task(task).is_open(), "{remark}");
    }
}

#[test]
fn a_message_that_is_delivered_twice_makes_one_task() {
    let mut office = Office::at("2026-11-23T09:00");
    office.mail_arrives();
    let mut again = arrival(1, office.now);
    again.place.item = "77".to_owned();
    let changes = office.happens(&Event::MailArrived(Arc::new(again)));
    assert!(
        matches!(&changes[..], [Change::SeenAgain { place, .. }] if place.item == "77"),
        "{changes:?}"
    );
}

#[test]
fn a_task_whose_type_the_rules_no_longer_know_is_escalated_all_the_same() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    let mut stale = office.task(task).clone();
    stale.kind = koppelwacht::domain::TypeId::new("duo.ss999");
    stale.caseload = koppelwacht::domain::CaseloadId::new("opgeheven");
    office.snapshot.tasks.insert(task, stale);
    assert_eq!(
        letters(&office.moment_comes(task)),
        ["joost@gemeente-voorbeeld.nl"]
    );
}

/// Anything that can happen in an office.
#[derive(Debug, Clone)]
enum Step {
    Mail,
    Moment(u8),
    Drill,
    Act(u8, u8, Act),
    Letter(u8, Delivery),
    OutOfOffice(u8),
    CameBack(u8),
    Ill(u8, u8),
    AbsenceMoments,
    Away(u8),
    Back,
    Hours(u8),
}

fn any_step() -> impl Strategy<Value = Step> {
    let act = prop_oneof![
        Just(Act::Take),
        Just(Act::Done {
            remark: None,
            event: None
        }),
        Just(Act::Decline),
        Just(Act::Reopen { remark: None }),
        Just(Act::Reassign {
            to: PersonId::new(JOOST)
        })
    ];
    let delivery = prop_oneof![
        Just(Delivery::Accepted),
        Just(Delivery::Deferred {
            reason: "450".to_owned()
        }),
        Just(Delivery::PutOff {
            code: "452 4.2.2".to_owned()
        }),
        Just(Delivery::NotTried),
        Just(Delivery::Refused {
            code: "550".to_owned()
        })
    ];
    prop_oneof![
        Just(Step::Mail),
        Just(Step::Drill),
        any::<u8>().prop_map(Step::Moment),
        (any::<u8>(), 0..3_u8, act).prop_map(|(task, who, act)| Step::Act(task, who, act)),
        (any::<u8>(), delivery).prop_map(|(task, delivery)| Step::Letter(task, delivery)),
        (0..3_u8).prop_map(Step::OutOfOffice),
        any::<u8>().prop_map(Step::CameBack),
        (0..3_u8, any::<u8>()).prop_map(|(who, hours)| Step::Ill(who, hours)),
        Just(Step::AbsenceMoments),
        (0..3_u8).prop_map(Step::Away),
        Just(Step::Back),
        any::<u8>().prop_map(Step::Hours),
    ]
}

proptest! {
    #[test]
    fn from_any_state_and_after_any_event_an_open_critical_task_has_a_next_moment_ahead(
        steps in prop::collection::vec(any_step(), 1..60)
    ) {
        let mut office = Office::at("2026-11-23T09:00");
        office.mail_arrives();
        for step in steps {
            take_step(&mut office, step);
            for task in office.snapshot.tasks.values().filter(|task| task.is_open()) {
                prop_assert!(task.critical);
                let next = task.next_moment();
                prop_assert!(next.is_some(), "{task:?}");
                if let TaskState::Waiting(climb) = &task.state {
                    prop_assert!(usize::from(climb.rung) < 4);
                }
            }
        }
        // Once everything that is due has come, every next moment lies ahead.
        let open: Vec<TaskId> = office.snapshot.tasks.keys().copied().collect();
        for task in open {
            office.happens(&Event::MomentCame(Moment::Task(task)));
            prop_assert!(office.task(task).next_moment().is_none_or(|next| next > office.now));
            if office.task(task).drill {
                let ends = office.rules.calendar.due(office.task(task).opened, Term::WorkingDays(2)).at;
                // One whose end was slept through is put off for half an hour, once.
                let put_off = office.now + jiff::SignedDuration::from_mins(30);
                prop_assert!(office.task(task).next_moment().is_none_or(|next| next <= ends.max(put_off)));
                if office.task(task).is_open() && ends <= office.now {
                    office.moment_comes(task);
                    prop_assert!(!office.task(task).is_open());
                }
            }
        }
    }
}

fn take_step(office: &mut Office, step: Step) {
    let pick = |office: &Office, number: u8| {
        let tasks = i64::try_from(office.snapshot.tasks.len()).unwrap();
        TaskId(i64::from(number) % tasks + 1)
    };
    let who = |number: u8| [FATIMA, JOOST, MARLEEN][usize::from(number)];
    match step {
        Step::Mail => drop(office.mail_arrives()),
        Step::Drill => {
            let letter = office.calls_a_drill("inburgering@gemeente-voorbeeld.nl");
            office.own_letter_comes_in(Some(letter_name(&letter)), Verdict::Colleague);
        }
        Step::Moment(number) => {
            let task = pick(office, number);
            if office.task(task).is_open() {
                office.now = office.now.max(office.task(task).next_moment().unwrap());
            }
            office.happens(&Event::MomentCame(Moment::Task(task)));
        }
        Step::Act(number, person, act) => {
            let task = pick(office, number);
            office.acts(who(person), task, act);
        }
        Step::Letter(number, delivery) => {
            let task = pick(office, number);
            let of_task = |letter: &&Letter| letter.about.task() == Some(task);
            let letter = office.letters.iter().rev().find(of_task).cloned();
            if let Some(letter) = letter {
                office.post_says(&letter, delivery);
            }
        }
        Step::OutOfOffice(person) => {
            office.writes(who(person), Nature::OutOfOffice { until: None });
        }
        Step::CameBack(number) => {
            let letter = office.letters[usize::from(number) % office.letters.len()].clone();
            let bounce = Bounce {
                recipient: Some(letter.to.clone()),
                permanent: true,
                task: letter.about.task(),
                letter: Some(LetterName {
                    of: LetterOf::Number(letter.id),
                    token: letter.id.to_string(),
                }),
                ..Bounce::default()
            };
            office.mail_from(
                "mailer-daemon@elders.example",
                Nature::Bounce(bounce),
                Verdict::Outsider,
            );
        }
        Step::Ill(person, hours) => {
            let away = Away {
                person: PersonId::new(who(person)),
                from: office.now,
                until: Some(office.now + jiff::SignedDuration::from_hours(i64::from(hours) + 1)),
            };
            let by = PersonId::new(MARLEEN);
            office.happens(&Event::AbsenceEntered { by, away });
        }
        Step::AbsenceMoments => {
            let absences = office.snapshot.absences.clone();
            for absence in absences {
                office.happens(&Event::MomentCame(Moment::Absence {
                    absence: absence.id,
                    person: absence.away.person,
                }));
            }
        }
        Step::Away(person) => {
            let now = office.zoned();
            office.leave(who(person), &now, None);
        }
        Step::Back => office.everybody_is_back(),
        Step::Hours(hours) => office.now += jiff::SignedDuration::from_hours(i64::from(hours)),
    }
}
