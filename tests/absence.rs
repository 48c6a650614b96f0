//! Illness, leave, part-time work and full mailboxes, as the office lives through them. Decisions only; every stored
//! moment on the way comes. The same over real mail servers: `tests/colleagues.rs`.

use jiff::SignedDuration;
use jiff::civil::{Weekday, date, time};
use koppelwacht::domain::{
    AbsenceId, Act, Answer, AnswerTrouble, Asked, Away, Bounce, CaseloadId, Change, Content, DaysNamed,
    Delivery, End, Event, Happening, Intent, Missed, Nature, Occasion, Origin, PersonId, Pile, Refusal, Role,
    Rota, RotaId, Shift, Skip, TaskId, TaskState, Term, Verdict, Weeks, WhyNot, WorkWeek,
};
use support::on_paper::{FATIMA, JOOST, MARLEEN, Office, at, letters, rung, with};

mod support;

const KARIM: &str = "karim";

fn each(people: &[(&str, WhyNot)]) -> Skip {
    let missed = |(id, why): &(&str, WhyNot)| Missed {
        person: PersonId::new(id),
        why: *why,
    };
    Skip::Each {
        people: people.iter().map(missed).collect(),
    }
}

fn entered(office: &mut Office, person: &str, from: &str, until: Option<&str>) -> Vec<Change> {
    office.happens(&Event::AbsenceEntered {
        by: PersonId::new(MARLEEN),
        away: Away {
            person: PersonId::new(person),
            from: at(from),
            until: until.map(at),
        },
    })
}

fn answer(office: &Office, to: &str, intent: Option<Intent>) -> Nature {
    let (task, letter) = office.letter_to(to);
    Nature::Answer(Answer {
        task: Some(task),
        letter: Some(letter),
        intent,
    })
}

/// What the writer of an answer was told.
fn told_back(changes: &[Change]) -> (Option<Asked>, Option<AnswerTrouble>) {
    let mut replies = changes.iter().filter_map(|change| match change {
        Change::Queued(letter) => match &letter.content {
            Content::Answered(answered) => Some((answered.asked, answered.trouble)),
            _ => None,
        },
        _ => None,
    });
    replies.next().expect("the writer is told")
}

fn bounce(office: &Office, to: &str) -> Nature {
    let (task, letter) = office.letter_to(to);
    Nature::Bounce(Bounce {
        recipient: Some(format!("{to}@gemeente-voorbeeld.nl")),
        permanent: true,
        task: Some(task),
        letter: Some(letter),
        ..Bounce::default()
    })
}

#[test]
fn christmas_week_with_two_of_three_away() {
    let mut office = Office::at("2026-12-22T15:00");
    entered(&mut office, FATIMA, "2026-12-21T00:00", Some("2027-01-04T00:00"));
    entered(&mut office, JOOST, "2026-12-24T00:00", Some("2026-12-29T00:00"));
    let before = office.mail_arrives();
    office.time_passes_until("2026-12-24T09:30");
    let during = office.mail_arrives();
    office.time_passes_until("2026-12-29T09:00");
    assert_eq!(
        office.told(before),
        [
            "Tue 15:00 joost",
            "Tue 17:00 marleen",
            "Wed 11:00 Functional",
            "Wed 15:00 Functional",
            "Thu 11:00 Functional",
            "Thu 15:00 Functional",
            "Mon 11:00 Functional",
            "Mon 15:00 Functional",
        ],
        "the office is closed on 25 December, and nobody waits for those who are away"
    );
    assert_eq!(
        office.told(during),
        [
            "Thu 09:30 marleen",
            "Thu 11:30 Functional",
            "Thu 15:30 Functional",
            "Mon 11:30 Functional",
            "Mon 15:30 Functional"
        ]
    );
    assert_eq!(
        office.skipped(during),
        [
            (Role::Holder, each(&[(FATIMA, WhyNot::Absent)])),
            (Role::Deputy, each(&[(JOOST, WhyNot::Absent)])),
        ]
    );
}

#[test]
fn what_somebody_has_goes_on_at_once_when_they_are_ill_taken_or_not() {
    let mut office = Office::at("2026-11-23T09:00");
    let (waiting, taken, done) = (
        office.mail_arrives(),
        office.mail_arrives(),
        office.mail_arrives(),
    );
    office.acts(FATIMA, taken, Act::Take);
    office.acts(
        FATIMA,
        done,
        Act::Done {
            remark: None,
            event: None,
        },
    );
    office.time_passes_until("2026-11-23T09:40");
    entered(&mut office, FATIMA, "2026-11-23T09:40", None);
    office.time_passes_until("2026-11-23T09:40");
    let joost = Some(JOOST.to_owned());
    assert_eq!(
        with(&office).into_values().collect::<Vec<_>>(),
        [joost.clone(), joost, None]
    );
    assert_eq!(office.last_occasion(), Some(Occasion::HandedOn));
    let from = PersonId::new(FATIMA);
    let handed_on = Happening::HandedOn {
        from,
        unreachable: false,
    };
    for task in [waiting, taken] {
        let history = &office.snapshot.history[&task];
        assert!(history.iter().any(|line| line.what == handed_on), "{history:?}");
    }
}

#[test]
fn a_deputy_who_falls_ill_is_replaced_and_the_owner_who_kept_silent_is_not_asked_again() {
    let mut office = Office::at("2026-11-23T09:00")
        .with_person(KARIM, |_| ())
        .with_caseloads(|caseload| caseload.deputies.push(PersonId::new(KARIM)));
    let task = office.mail_arrives();
    office.time_passes_until("2026-11-23T12:30");
    entered(&mut office, JOOST, "2026-11-23T12:30", None);
    office.time_passes_until("2026-11-23T15:00");
    assert_eq!(
        office.told(task),
        [
            "Mon 09:00 fatima",
            "Mon 11:00 joost",
            "Mon 12:30 karim",
            "Mon 14:30 marleen"
        ]
    );
}

#[test]
fn who_is_back_is_shown_what_was_handed_on_and_who_has_it() {
    let mut office = Office::at("2026-11-23T09:00");
    let (first, second) = (office.mail_arrives(), office.mail_arrives());
    entered(&mut office, FATIMA, "2026-11-23T09:10", None);
    office.time_passes_until("2026-11-23T09:30");
    office.acts(
        JOOST,
        first,
        Act::Done {
            remark: None,
            event: None,
        },
    );
    office.acts(JOOST, second, Act::Take);
    office.time_passes_until("2026-11-24T10:00");
    let changes = office.happens(&Event::AbsenceEnded {
        by: PersonId::new(FATIMA),
        absence: AbsenceId(1),
    });
    assert_eq!(letters(&changes), ["fatima@gemeente-voorbeeld.nl"]);
    let Some(Content::Back(back)) = office.letters.last().map(|letter| &letter.content) else {
        panic!("{:?}", office.letters.last());
    };
    let tasks: Vec<_> = back
        .tasks
        .iter()
        .map(|task| (task.task, task.done, task.holder.as_deref()))
        .collect();
    assert_eq!(tasks, [(first, true, Some(JOOST)), (second, false, Some(JOOST))]);
    assert_eq!(back.since, date(2026, 11, 23).at(9, 10, 0, 0));
}

#[test]
fn who_is_still_away_for_another_reason_is_shown_it_when_that_is_over_too() {
    let mut office = Office::at("2026-11-23T09:00");
    office.mail_arrives();
    entered(&mut office, FATIMA, "2026-11-23T09:10", Some("2026-11-25T00:00"));
    entered(&mut office, FATIMA, "2026-11-24T00:00", Some("2026-11-27T00:00"));
    let backs = |office: &Office| {
        let post = office.post();
        post.into_iter()
            .filter(|line| line.contains("back"))
            .collect::<Vec<_>>()
    };
    office.time_passes_until("2026-11-26T12:00");
    assert_eq!(backs(&office), [""; 0]);
    office.time_passes_until("2026-11-27T12:00");
    assert_eq!(backs(&office), ["Fri 00:00 fatima: back"]);
}

#[test]
fn an_illness_that_is_entered_again_where_it_was_to_end_hands_on_what_they_took_meanwhile() {
    let mut office = Office::at("2026-11-23T09:00");
    office.mail_arrives();
    entered(&mut office, FATIMA, "2026-11-23T09:10", Some("2026-11-25T00:00"));
    office.time_passes_until("2026-11-24T10:00");
    let task = office.mail_arrives();
    office.acts(FATIMA, task, Act::Take);
    entered(&mut office, FATIMA, "2026-11-25T00:00", Some("2026-11-28T00:00"));
    office.time_passes_until("2026-11-25T09:00");
    assert_eq!(office.told(task), ["Tue 10:00 joost", "Wed 00:00 joost"]);
    assert_eq!(office.absence(2).handed().collect::<Vec<_>>(), [TaskId(1), task]);
}

#[test]
fn illness_that_only_the_automatic_answer_tells_of() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    office.now = at("2026-11-23T09:02");
    let until = Some(date(2026, 11, 26));
    office.writes(FATIMA, Nature::OutOfOffice { until });
    office.time_passes_until("2026-11-23T09:02");
    assert_eq!(office.told(task), ["Mon 09:00 fatima", "Mon 09:02 joost"]);
    assert_eq!(office.absence(1).origin, Origin::Answered);
    assert_eq!(office.absence(1).away.until, Some(at("2026-11-27T00:00")));
    office.now = at("2026-11-26T14:00");
    let later = office.mail_arrives();
    assert_eq!(office.told(later), ["Thu 14:00 joost"]);
    office.now = at("2026-11-26T16:00");
    let later = office.mail_arrives();
    assert_eq!(
        office.told(later),
        ["Thu 16:00 fatima"],
        "she is back within the time she has"
    );
}

#[test]
fn an_automatic_answer_without_a_day_counts_for_a_set_time_and_a_later_one_replaces_it() {
    let mut office = Office::at("2026-11-23T09:00");
    office.mail_arrives();
    office.writes(FATIMA, Nature::OutOfOffice { until: None });
    assert_eq!(office.absence(1).away.until, Some(at("2026-11-24T17:00")));
    let until = Some(date(2026, 12, 1));
    office.writes(FATIMA, Nature::OutOfOffice { until });
    assert_eq!(office.absence(1).away.until, Some(at("2026-12-02T00:00")));
    assert_eq!(office.snapshot.absences.len(), 1);
    let past = Some(date(2026, 11, 1));
    office.writes(JOOST, Nature::OutOfOffice { until: past });
    assert_eq!(office.snapshot.absences.len(), 1, "an old answer tells nothing");
}

#[test]
fn an_automatic_answer_that_the_mail_server_does_not_vouch_for_sends_nobody_home() {
    let mut office = Office::at("2026-11-23T09:00");
    office.mail_arrives();
    for verdict in [Verdict::Outsider, Verdict::ForgedColleague] {
        let nature = Nature::OutOfOffice { until: None };
        office.mail_from("fatima@gemeente-voorbeeld.nl", nature, verdict);
    }
    assert_eq!(office.snapshot.absences, []);
}

#[test]
fn a_part_timer_s_friday() {
    let monday_to_thursday = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
    ];
    let week = WorkWeek(
        monday_to_thursday
            .map(|day| Shift {
                day,
                hours: None,
                weeks: Weeks::Every,
            })
            .to_vec(),
    );
    let mut office =
        Office::at("2026-11-27T10:00").with_person(FATIMA, |person| person.week = Some(week.clone()));
    let task = office.mail_arrives();
    assert_eq!(office.told(task), ["Fri 10:00 joost"]);
    assert_eq!(
        office.skipped(task),
        [(Role::Holder, each(&[(FATIMA, WhyNot::OffDuty)]))]
    );
    office.now = at("2026-11-27T18:00");
    let in_the_evening = office.mail_arrives();
    assert_eq!(
        office.told(in_the_evening),
        ["Fri 18:00 fatima"],
        "what comes after hours is for Monday, and then she is there"
    );
}

#[test]
fn who_starts_within_the_time_they_would_have_is_told() {
    let afternoon = WorkWeek(vec![Shift {
        day: Weekday::Friday,
        hours: Some((time(12, 30, 0, 0), time(17, 0, 0, 0))),
        weeks: Weeks::Every,
    }]);
    let office =
        |now: &str| Office::at(now).with_person(FATIMA, |person| person.week = Some(afternoon.clone()));
    let told = |mut office: Office| {
        let task = office.mail_arrives();
        office.told(task)
    };
    assert_eq!(told(office("2026-11-27T10:00")), ["Fri 10:00 joost"]);
    assert_eq!(told(office("2026-11-27T11:00")), ["Fri 11:00 fatima"]);
    assert_eq!(told(office("2026-11-27T16:30")), ["Fri 16:30 fatima"]);
}

#[test]
fn a_bounce_at_five_past_five() {
    let mut office = Office::at("2026-11-23T17:00");
    let task = office.mail_arrives();
    assert_eq!(office.told(task), ["Mon 17:00 fatima"]);
    office.now = at("2026-11-23T17:05");
    let nature = bounce(&office, FATIMA);
    office.mail_from("mailer-daemon@gemeente-voorbeeld.nl", nature, Verdict::Outsider);
    assert_eq!(
        office.told(task),
        ["Mon 17:00 fatima", "Mon 17:05 joost"],
        "not on Tuesday at eleven"
    );
    assert_eq!(office.absence(1).origin, Origin::Bounced);

    office.now = at("2026-11-24T10:00");
    let next = office.mail_arrives();
    assert_eq!(
        office.skipped(next),
        [(Role::Holder, each(&[(FATIMA, WhyNot::Unreachable)]))]
    );
    office.writes(FATIMA, Nature::Notice);
    office.time_passes_until("2026-11-24T10:00");
    let later = office.mail_arrives();
    assert_eq!(office.told(later), ["Tue 10:00 fatima"], "her mail arrives again");
}

#[test]
fn a_letter_that_was_taken_and_comes_back_a_day_later() {
    let mut office = Office::at("2026-11-23T16:00").with_ladder(
        &[
            rung(Role::Holder, Some(960)),
            rung(Role::Lead, Some(120)),
            rung(Role::Functional, Some(240)),
        ],
        Some(Term::WorkingDays(1)),
    );
    let (bounced, other) = (office.mail_arrives(), office.mail_arrives());
    let letter = office.letters[0].clone();
    office.post_says(&letter, Delivery::Accepted);
    office.now = at("2026-11-24T16:00");
    let nature = bounce(&office, FATIMA);
    office.mail_from("mailer-daemon@elders.example", nature, Verdict::Outsider);
    office.time_passes_until("2026-11-24T16:00");
    for task in [bounced, other] {
        assert_eq!(office.told(task)[1], "Tue 16:00 marleen", "{task}");
    }
}

#[test]
fn a_report_without_the_letter_s_token_makes_nobody_unreachable() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    let report = |recipient: &str| {
        Nature::Bounce(Bounce {
            recipient: Some(format!("{recipient}@gemeente-voorbeeld.nl")),
            permanent: true,
            task: Some(TaskId(1)),
            ..Bounce::default()
        })
    };
    office.mail_from("mailer-daemon@elders.example", report(JOOST), Verdict::Outsider);
    assert_eq!(
        office.told(task),
        ["Mon 09:00 fatima"],
        "joost was not written to"
    );
    office.mail_from("mailer-daemon@elders.example", report(FATIMA), Verdict::Outsider);
    assert_eq!(office.told(task), ["Mon 09:00 fatima", "Mon 09:00 joost"]);
    assert_eq!(office.snapshot.absences, []);
}

#[test]
fn one_reader_of_a_functional_address_who_is_not_reached_does_not_re_open_the_call() {
    let mut office = Office::at("2026-11-23T09:00")
        .away(FATIMA)
        .away(JOOST)
        .away(MARLEEN);
    let task = office.mail_arrives();
    assert_eq!(office.told(task), ["Mon 09:00 Functional"]);
    let (_, letter) = office.letter_to("team");
    let nature = Nature::Bounce(Bounce {
        recipient: Some("oud-collega@gemeente-voorbeeld.nl".to_owned()),
        permanent: true,
        task: Some(task),
        letter: Some(letter),
        ..Bounce::default()
    });
    office.mail_from("mailer-daemon@elders.example", nature, Verdict::Outsider);
    assert!(
        !office.snapshot.history[&task]
            .iter()
            .any(|line| matches!(line.what, Happening::LetterBounced { .. }))
    );
}

#[test]
fn a_deputy_who_is_also_on_leave_is_replaced_by_their_own_deputy() {
    let mut office = Office::at("2026-11-23T09:00")
        .with_person(KARIM, |_| ())
        .with_person(JOOST, |person| {
            person.deputies = vec![PersonId::new(FATIMA), PersonId::new(KARIM)];
        })
        .away(FATIMA)
        .away(JOOST);
    let task = office.mail_arrives();
    assert_eq!(office.told(task), ["Mon 09:00 karim"]);
    let history = &office.snapshot.history[&task];
    assert!(
        history.iter().any(|line| matches!(
            line.what,
            Happening::Told {
                role: Role::Deputy,
                ..
            }
        )),
        "{history:?}"
    );
}

#[test]
fn whoever_is_on_call_this_week_is_told_at_any_hour_unless_they_are_away() {
    let rota = Rota {
        id: RotaId::new("achterwacht"),
        from: date(2026, 11, 16),
        turns: vec![PersonId::new(KARIM), PersonId::new(MARLEEN)],
        swaps: std::collections::BTreeMap::default(),
    };
    let clock = |role| koppelwacht::domain::Rung {
        wait: Some(Term::ClockMinutes(30)),
        ..rung(role, None)
    };
    let ladder = [clock(Role::OnCall), clock(Role::Functional)];
    let mut office = Office::at("2026-11-21T22:00")
        .with_person(KARIM, |_| ())
        .with_caseloads(|caseload| caseload.rota = Some(RotaId::new("achterwacht")))
        .with_ladder(&ladder, Some(Term::WorkingDays(1)));
    office.rules.rotas.insert(rota.id.clone(), rota);
    let task = office.mail_arrives();
    assert_eq!(
        office.told(task),
        ["Sat 22:00 marleen"],
        "what is read on Monday is for whoever is on call on Monday"
    );
    office.now = at("2026-11-17T20:00");
    let task = office.mail_arrives();
    assert_eq!(office.told(task), ["Tue 20:00 karim"]);
}

#[test]
fn a_lease_that_is_forgotten_over_a_long_weekend_comes_back_when_the_office_opens() {
    // Thursday before Good Friday; Easter Monday is a holiday.
    let mut office = Office::at("2026-04-02T15:00");
    let task = office.mail_arrives();
    office.acts(FATIMA, task, Act::Take);
    assert_eq!(office.task(task).next_moment(), Some(at("2026-04-07T17:00")));
    office.time_passes_until("2026-04-08T11:00");
    assert_eq!(
        office.told(task),
        [
            "Thu 15:00 fatima",
            "Tue 17:00 fatima, hurried",
            "Wed 09:15 joost, hurried",
            "Wed 09:30 marleen",
        ],
        "by then it is overdue, so each has less time"
    );
}

#[test]
fn a_week_of_outage_and_the_lead_is_reached_within_the_hour() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    office.now = at("2026-11-30T10:00");
    office.time_passes_until("2026-11-30T11:00");
    assert_eq!(
        office.told(task),
        [
            "Mon 09:00 fatima",
            "Mon 10:00 joost, hurried",
            "Mon 10:15 marleen"
        ]
    );
}

#[test]
fn a_late_mail_leaves_each_less_time_so_that_the_lead_is_reached_before_it_is_due() {
    let mut office = Office::at("2026-11-24T14:00");
    // Received yesterday at nine, found now: due today at five.
    let mut late = support::on_paper::arrival(9, at("2026-11-23T09:00"));
    late.mail.flaws.clear();
    office.happens(&Event::MailArrived(std::sync::Arc::new(late)));
    let task = TaskId(1);
    assert_eq!(office.task(task).due, at("2026-11-24T17:00"));
    office.time_passes_until("2026-11-24T17:00");
    let told = office.told(task);
    assert_eq!(
        told,
        [
            "Tue 14:00 fatima, hurried",
            "Tue 15:00 joost, hurried",
            "Tue 16:00 marleen"
        ]
    );
}

#[test]
fn both_nights_on_which_the_clock_is_moved() {
    for (friday, told) in [
        (
            "2026-03-27T16:00",
            ["Fri 16:00 fatima", "Mon 10:00 joost", "Mon 12:00 marleen"],
        ),
        (
            "2026-10-23T16:00",
            ["Fri 16:00 fatima", "Mon 10:00 joost", "Mon 12:00 marleen"],
        ),
    ] {
        let mut office = Office::at(friday);
        let task = office.mail_arrives();
        office.moment_comes(task);
        office.moment_comes(task);
        assert_eq!(office.told(task), told);
    }
    // All of Sunday, whatever its length, and not an hour of Monday.
    for (sunday, hours) in [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)] {
        let office = Office::at("2026-01-05T09:00");
        let leave = koppelwacht::domain::Leave {
            person: PersonId::new(FATIMA),
            from: sunday,
            until: Some(sunday),
        };
        let away = leave.away(&office.rules.calendar);
        let length = away.until.unwrap().duration_since(away.from);
        assert_eq!(length.as_hours(), hours);
        assert_eq!(office.rules.calendar.zoned(away.until.unwrap()).hour(), 0);
    }
}

#[test]
fn a_call_whose_letter_still_waits_does_not_count() {
    let mut office = Office::at("2026-11-23T09:00");
    office.post_is_down = true;
    let task = office.mail_arrives();
    office.time_passes_until("2026-11-24T12:00");
    assert_eq!(
        office.told(task),
        [
            "Mon 09:00 fatima",
            "Mon 11:00 joost",
            "Mon 13:00 marleen",
            "Mon 15:00 Functional",
            "Tue 11:00 fatima"
        ],
        "the last address is not written to again while its letter waits"
    );
    let not_sent = office.snapshot.history[&task]
        .iter()
        .filter(|line| line.what == Happening::NotSent)
        .count();
    assert_eq!(not_sent, 4);
    assert!(office.task(task).next_moment() > Some(office.now));
}

#[test]
fn who_is_written_to_late_has_the_whole_time_from_then_on() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    let letter = office.letters[0].clone();
    office.now = at("2026-11-23T09:01");
    office.post_says(&letter, Delivery::Accepted);
    assert_eq!(office.task(task).next_moment(), Some(at("2026-11-23T11:00")));
    office.now = at("2026-11-23T10:30");
    office.post_says(&letter, Delivery::Accepted);
    assert_eq!(office.task(task).next_moment(), Some(at("2026-11-23T12:30")));
}

#[test]
fn an_answer_acts_on_its_task_and_its_writer_is_told() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    let nature = answer(&office, FATIMA, Some(Intent::Take));
    let changes = office.writes(FATIMA, nature);
    assert_eq!(told_back(&changes), (Some(Asked::Take), None));
    assert!(matches!(&office.task(task).state, TaskState::Taken { by, .. } if by.as_str() == FATIMA));

    let without_reason = answer(
        &office,
        FATIMA,
        Some(Intent::Done {
            remark: None,
            days: DaysNamed::default(),
        }),
    );
    let changes = office.writes(FATIMA, without_reason);
    assert_eq!(
        told_back(&changes),
        (Some(Asked::Done), Some(AnswerTrouble::NoReason))
    );
    assert!(office.task(task).is_open());

    let remark = Some("gebeld en intake gepland".to_owned());
    let nature = answer(
        &office,
        FATIMA,
        Some(Intent::Done {
            remark,
            days: DaysNamed::default(),
        }),
    );
    let changes = office.writes(FATIMA, nature);
    assert_eq!(told_back(&changes), (Some(Asked::Done), None));
    assert!(!office.task(task).is_open());
    assert_eq!(office.snapshot.tasks.len(), 1, "no answer became a task");
}

#[test]
fn not_mine_calls_the_next_at_once_and_the_writer_is_not_asked_again() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    let nature = answer(&office, FATIMA, Some(Intent::NotMine));
    office.writes(FATIMA, nature);
    assert_eq!(office.last_occasion(), Some(Occasion::Declined));
    office.time_passes_until("2026-11-23T11:00");
    assert_eq!(
        office.told(task),
        ["Mon 09:00 fatima", "Mon 09:00 joost", "Mon 11:00 marleen"]
    );
    assert_eq!(
        office.skipped(task),
        [(Role::Holder, each(&[(FATIMA, WhyNot::Declined)]))]
    );
}

#[test]
fn not_mine_from_somebody_who_does_not_have_it_is_noted_and_leaves_the_climb_alone() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    office.time_passes_until("2026-11-23T13:00");
    assert_eq!(office.task(task).with().map(PersonId::as_str), Some(MARLEEN));
    let nature = answer(&office, FATIMA, Some(Intent::NotMine));
    let changes = office.writes(FATIMA, nature);
    assert_eq!(
        letters(&changes),
        ["fatima@gemeente-voorbeeld.nl"],
        "she is told, and nobody else"
    );
    assert_eq!(office.task(task).with().map(PersonId::as_str), Some(MARLEEN));
    assert_eq!(
        office.snapshot.history[&task].last().unwrap().what,
        Happening::Declined
    );
}

#[test]
fn an_hour_off_hands_nothing_on_and_an_afternoon_off_does() {
    for (until, holder) in [("2026-11-23T14:00", FATIMA), ("2026-11-23T17:00", JOOST)] {
        let mut office = Office::at("2026-11-23T12:30");
        let task = office.mail_arrives();
        entered(&mut office, FATIMA, "2026-11-23T13:00", Some(until));
        office.time_passes_until("2026-11-23T13:00");
        assert_eq!(
            office.task(task).with().map(PersonId::as_str),
            Some(holder),
            "{until}"
        );
    }
}

#[test]
fn handing_over_by_mail_needs_one_colleague_of_that_name() {
    let mut office =
        Office::at("2026-11-23T09:00").with_person(KARIM, |person| person.name = "Karim de Boer".to_owned());
    let task = office.mail_arrives();
    let to = |name: &str| Some(Intent::HandOver { to: name.to_owned() });
    for (name, trouble) in [("Piet", Some(AnswerTrouble::UnknownPerson)), ("Karim", None)] {
        let nature = answer(&office, FATIMA, to(name));
        let changes = office.writes(FATIMA, nature);
        assert_eq!(told_back(&changes), (Some(Asked::HandOver), trouble), "{name}");
    }
    assert_eq!(office.told(task).last().unwrap(), "Mon 09:00 karim");
    let mut office = office.with_person("karima", |person| person.name = "Karima de Boer".to_owned());
    let nature = answer(&office, KARIM, to("de Boer"));
    let changes = office.writes(KARIM, nature);
    assert_eq!(
        told_back(&changes),
        (Some(Asked::HandOver), Some(AnswerTrouble::UnknownPerson)),
        "two of that name"
    );
}

#[test]
fn a_colleague_is_named_as_people_copy_names() {
    for (called, to) in [
        ("Marleen Kuipers <marleen@gemeente-voorbeeld.nl>", Some(MARLEEN)),
        ("Kuipers, M.<mailto:Marleen@gemeente-voorbeeld.nl>", Some(MARLEEN)),
        ("Marleen Kuipers <elders@voorbeeld.nl>", None),
        ("@Marleen Kuipers", Some(MARLEEN)),
        ("marleen@gemeente-voorbeeld.nl svp", Some(MARLEEN)),
        ("Marleen svp", Some(MARLEEN)),
        ("Kuipers a.u.b.", Some(MARLEEN)),
        ("Marleen Kuipers, zij kent de klant", Some(MARLEEN)),
        ("Marleen Kuipers zij kent de klant", Some(MARLEEN)),
        ("Marleen (klantmanager)", Some(MARLEEN)),
        ("Marleen Kuipers), groet Lisa", Some(MARLEEN)),
        ("marleen) svp", Some(MARLEEN)),
        ("Marleen Jansen", None),
        ("Marleen Kuipers of Joost", None),
        ("Marleen Kuipers kan niet", None),
        ("joost en marleen", None),
        ("Marleen Kuipers, maar ik pak hem op", None),
        ("Marleen Kuipers, of anders Joost", None),
        ("Marleen Kuipers, tenzij zij vrij is", None),
        ("Marleen Kuipers, Joost", None),
        (
            "Marleen <marleen@gemeente-voorbeeld.nl>; Joost <joost@gemeente-voorbeeld.nl>",
            None,
        ),
        ("@", None),
    ] {
        let mut office = Office::at("2026-11-23T09:00")
            .with_person(MARLEEN, |person| person.name = "Marleen Kuipers".to_owned());
        let task = office.mail_arrives();
        let to_them = Intent::HandOver {
            to: called.to_owned(),
        };
        let nature = answer(&office, FATIMA, Some(to_them));
        let changes = office.writes(FATIMA, nature);
        let trouble = to.is_none().then_some(AnswerTrouble::UnknownPerson);
        assert_eq!(told_back(&changes), (Some(Asked::HandOver), trouble), "{called}");
        let with = office.task(task).with().map(PersonId::as_str);
        assert_eq!(with, to.or(Some(FATIMA)), "{called}");
    }
}

#[test]
fn handing_over_to_somebody_who_is_away_tells_nobody_that_they_have_it() {
    for (external, name) in [(false, Some("marleen")), (true, None)] {
        let mut office = Office::at("2026-11-23T09:00")
            .away(JOOST)
            .with_person(FATIMA, |person| person.external = external);
        let task = office.mail_arrives();
        let to = Intent::HandOver {
            to: "joost".to_owned(),
        };
        let nature = answer(&office, FATIMA, Some(to));
        office.writes(FATIMA, nature);
        let Some(Content::Answered(answered)) = office.letters.last().map(|letter| &letter.content) else {
            panic!("she is told");
        };
        let instead = answered.instead.as_ref().expect("he is not there");
        assert_eq!((instead.why, instead.yours), (WhyNot::Absent, false));
        assert_eq!(answered.to.is_some(), !external, "names stay in the municipality");
        assert_eq!(
            instead.name.as_deref().is_some(),
            name.is_some(),
            "names stay in the municipality"
        );
        let told: Vec<&Content> = office
            .letters
            .iter()
            .rev()
            .skip(1)
            .map(|letter| &letter.content)
            .collect();
        let Content::Task { occasion, facts, .. } = told[0] else {
            panic!("somebody else is told");
        };
        assert_eq!(*occasion, Occasion::HandedOn);
        assert_eq!(
            (facts.from.as_deref(), facts.gone),
            (Some(JOOST), Some(WhyNot::Absent))
        );
        let what: Vec<&Happening> = office.snapshot.history[&task]
            .iter()
            .map(|line| &line.what)
            .collect();
        let given = Happening::Reassigned {
            to: PersonId::new(JOOST),
        };
        assert!(what.contains(&&given), "{what:?}");
    }
    let mut office = Office::at("2026-11-23T09:00");
    office.mail_arrives();
    let to = Intent::HandOver {
        to: "joost".to_owned(),
    };
    let nature = answer(&office, FATIMA, Some(to));
    office.writes(FATIMA, nature);
    assert_eq!(office.last_occasion(), Some(Occasion::Reassigned), "he is there");
}

#[test]
fn who_hands_a_task_to_somebody_away_for_whom_they_stand_in_hears_that_it_is_theirs_again() {
    let mut office = Office::at("2026-11-23T09:00").away(FATIMA);
    office.mail_arrives();
    let to = Intent::HandOver {
        to: "fatima".to_owned(),
    };
    let nature = answer(&office, JOOST, Some(to));
    let changes = office.writes(JOOST, nature);
    let told = changes.iter().find_map(|change| match change {
        Change::Queued(letter) => match &letter.content {
            Content::Answered(answered) => answered.instead.clone(),
            _ => None,
        },
        _ => None,
    });
    let told = told.expect("she is not there");
    assert_eq!((told.role, told.yours), (Some(Role::Deputy), true));
}

#[test]
fn what_an_answer_lacks_does_not_matter_once_the_task_is_done() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    let nature = answer(
        &office,
        FATIMA,
        Some(Intent::Done {
            remark: None,
            days: DaysNamed::default(),
        }),
    );
    let done = Act::Done {
        remark: None,
        event: None,
    };
    office.acts(MARLEEN, task, done);
    let changes = office.writes(FATIMA, nature);
    assert_eq!(
        told_back(&changes),
        (Some(Asked::Done), Some(AnswerTrouble::AlreadyDone))
    );
}

#[test]
fn an_answer_can_give_the_task_its_type() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    let unknown = (Some(Asked::SetType), Some(AnswerTrouble::UnknownType));
    for kind in ["onzin", "persoon: SS101"] {
        let changes = gives_the_type(&mut office, FATIMA, kind);
        assert_eq!(told_back(&changes), unknown);
    }
    for (kind, id) in [
        ("SS101: Persoon is inburgeringsplichtig", "duo.ss101"),
        ("coa.koppeling", "coa.koppeling"),
    ] {
        gives_the_type(&mut office, FATIMA, kind);
        assert_eq!(office.task(task).kind.as_str(), id);
    }
}

fn gives_the_type(office: &mut Office, person: &str, kind: &str) -> Vec<Change> {
    let kind = kind.to_owned();
    let nature = answer(office, person, Some(Intent::SetType { kind }));
    office.writes(person, nature)
}

#[test]
fn who_says_what_a_mail_is_and_keeps_the_task_is_told_once_and_can_answer_that() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    let changes = gives_the_type(&mut office, FATIMA, "duo.ss101");
    assert_eq!(letters(&changes), ["fatima@gemeente-voorbeeld.nl"], "one letter");
    let Some(Content::Task { occasion, facts, .. }) = office.letters.last().map(|letter| &letter.content)
    else {
        panic!("it is about the task");
    };
    assert_eq!((*occasion, facts.retyped), (Occasion::NewTask, true));
    assert_eq!(facts.title, office.task(task).title, "as it is now");
    let nature = answer(&office, FATIMA, Some(Intent::Take));
    let changes = office.writes(FATIMA, nature);
    assert_eq!(told_back(&changes), (Some(Asked::Take), None));

    // Who says it of a task that goes to somebody else is told what was understood.
    let mut office = Office::at("2026-11-23T09:00");
    office.mail_arrives();
    office.time_passes_until("2026-11-23T11:00");
    let changes = gives_the_type(&mut office, JOOST, "duo.ss101");
    assert_eq!(told_back(&changes), (Some(Asked::SetType), None));
    assert_eq!(
        letters(&changes),
        ["fatima@gemeente-voorbeeld.nl", "joost@gemeente-voorbeeld.nl"]
    );
    let new = changes.iter().find_map(|change| match change {
        Change::Queued(letter) => match &letter.content {
            Content::Task { facts, .. } => Some(facts.retyped),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(new, Some(false), "she did not say it");
}

#[test]
fn who_passed_on_what_nobody_knew_is_asked_when_it_turns_out_to_be_theirs() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    let nature = answer(&office, FATIMA, Some(Intent::NotMine));
    office.writes(FATIMA, nature);
    let kind = "coa.koppeling".to_owned();
    let nature = answer(&office, JOOST, Some(Intent::SetType { kind }));
    office.writes(JOOST, nature);
    assert_eq!(
        office.told(task),
        ["Mon 09:00 fatima", "Mon 09:00 joost", "Mon 09:00 fatima"]
    );
}

#[test]
fn who_answers_again_and_is_understood_need_not_be_read_any_more() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    let (_, letter) = office.letter_to(FATIMA);
    let answers = |office: &mut Office, who: &str, intent: Option<Intent>| {
        let answer = Answer {
            task: Some(task),
            letter: Some(letter.clone()),
            intent,
        };
        office.writes(who, Nature::Answer(answer));
        TaskId(office.snapshot.next.task.0 - 1)
    };
    let hers = [FATIMA, FATIMA].map(|fatima| answers(&mut office, fatima, None));
    let of_joost = answers(&mut office, JOOST, None);
    let says_so = office.snapshot.history[&task].iter().any(|line| {
        let is_hers = line.by.as_ref().is_some_and(|by| by.as_str() == FATIMA);
        is_hers && line.what == Happening::AnswerUnclear { triage: hers[0] }
    });
    assert!(says_so, "the history of the task says where her answer is read");

    let kind = "verzonnen".to_owned();
    answers(&mut office, FATIMA, Some(Intent::SetType { kind }));
    assert!(office.task(hers[0]).is_open(), "nothing came of that one");
    answers(&mut office, FATIMA, Some(Intent::NotMine));
    assert!(
        office.task(hers[0]).is_open(),
        "whoever does it now has to know what she wrote"
    );
    office.now = at("2026-11-23T08:59");
    answers(&mut office, FATIMA, Some(Intent::Take));
    assert!(office.task(hers[0]).is_open(), "that one was underway for longer");
    office.now = at("2026-11-23T09:05");
    answers(&mut office, FATIMA, Some(Intent::Take));
    for triage in hers {
        assert!(!office.task(triage).is_open());
        let last = &office.snapshot.history[&triage].last().unwrap().what;
        assert_eq!(*last, Happening::AnsweredAgain { task });
    }
    assert!(office.task(of_joost).is_open(), "nobody knows what he wants");
}

#[test]
fn who_asks_for_what_a_colleague_has_is_told_whom_to_ask_unless_they_work_elsewhere() {
    for (external, name) in [(false, Some("fatima")), (true, None)] {
        let mut office =
            Office::at("2026-11-23T09:00").with_person(JOOST, |person| person.external = external);
        let task = office.mail_arrives();
        office.time_passes_until("2026-11-23T11:00");
        office.acts(FATIMA, task, Act::Take);
        let nature = answer(&office, JOOST, Some(Intent::Take));
        let changes = office.writes(JOOST, nature);
        let taken = Some(AnswerTrouble::TakenBySomebodyElse);
        assert_eq!(told_back(&changes), (Some(Asked::Take), taken));
        let Some(Content::Answered(answered)) = office.letters.last().map(|letter| &letter.content) else {
            panic!("he is told");
        };
        assert_eq!(answered.holder.as_deref(), name);
    }
}

#[test]
fn an_answer_that_is_not_clear_becomes_triage_and_its_writer_is_told() {
    let mut office = Office::at("2026-11-23T09:00");
    office.mail_arrives();
    let (_, answered) = office.letter_to(FATIMA);
    let nature = answer(&office, FATIMA, None);
    let changes = office.writes(FATIMA, nature);
    assert_eq!(told_back(&changes), (None, Some(AnswerTrouble::Unclear)));
    let names_it = |change: &Change| match change {
        Change::Queued(letter) => {
            matches!(&letter.content, Content::Answered(reply) if reply.letter.as_ref() == Some(&answered.token))
        }
        _ => false,
    };
    assert!(changes.iter().any(names_it), "she can answer what she is told");
    let task = office.task(TaskId(2));
    assert_eq!(task.kind.as_str(), "mail.onbekend");
    assert_eq!(
        task.title, "Antwoord van een medewerker op een bericht van Koppelwacht (taak 1)",
        "whoever reads it knows what it is, and about what"
    );
    let Happening::Opened { why, .. } = &office.snapshot.history[&TaskId(2)][0].what else {
        panic!("it was opened");
    };
    for ground in [
        "an answer to a letter that does not say what is wanted",
        "about task 1",
        "written by fatima",
    ] {
        assert!(why.iter().any(|line| line == ground), "{ground}: {why:?}");
    }
    let nature = Nature::Answer(Answer {
        task: Some(TaskId(99)),
        letter: None,
        intent: None,
    });
    office.writes(FATIMA, nature);
    assert_eq!(
        office.task(TaskId(3)).title,
        "Antwoord van een medewerker op een bericht van Koppelwacht",
        "there is no task of that number"
    );
}

#[test]
fn without_the_token_of_a_letter_about_that_task_nothing_is_done() {
    let mut office = Office::at("2026-11-23T09:00");
    let (one, other) = (office.mail_arrives(), office.mail_arrives());
    let (_, of_other) = office.letter_to(FATIMA);
    let guess = koppelwacht::domain::LetterName {
        token: "geraden".to_owned(),
        ..of_other.clone()
    };
    for letter in [None, Some(guess), Some(of_other)] {
        let nature = Nature::Answer(Answer {
            task: Some(one),
            letter,
            intent: Some(Intent::Done {
                remark: Some("klaar".to_owned()),
                days: DaysNamed::default(),
            }),
        });
        let changes = office.writes(FATIMA, nature);
        assert_eq!(
            told_back(&changes),
            (Some(Asked::Done), Some(AnswerTrouble::NoLetter))
        );
    }
    assert!(office.task(one).is_open() && office.task(other).is_open());
}

#[test]
fn an_answer_from_the_functional_address_is_told_to_come_from_somebody() {
    let mut office = Office::at("2026-11-23T09:00")
        .away(FATIMA)
        .away(JOOST)
        .away(MARLEEN);
    let task = office.mail_arrives();
    let team = "team@gemeente-voorbeeld.nl";
    let nature = answer(&office, team, Some(Intent::Take));
    let changes = office.mail_from(team, nature.clone(), Verdict::Colleague);
    assert_eq!(
        told_back(&changes),
        (Some(Asked::Take), Some(AnswerTrouble::Functional))
    );
    assert_eq!(letters(&changes), [team]);
    let written = |office: &Office| match office.letters.last().map(|letter| &letter.content) {
        Some(Content::Answered(answered)) => answered.written,
        _ => panic!("an answer is told back"),
    };
    let answered = office.rules.calendar.zoned(office.now).datetime();
    assert_eq!(written(&office), Some(answered), "several read it, and one wrote");
    assert!(matches!(office.task(task).state, TaskState::Waiting(_)));
    assert_eq!(office.snapshot.tasks.len(), 1, "nobody has to read it");

    let colleague = "k.jansen@gemeente-voorbeeld.nl";
    let changes = office.mail_from(colleague, nature.clone(), Verdict::Colleague);
    assert_eq!(
        told_back(&changes),
        (Some(Asked::Take), Some(AnswerTrouble::NotInRules)),
        "she read it there, and must not think that she has it"
    );
    assert_eq!(letters(&changes), [colleague]);
    assert_eq!(written(&office), None, "she knows what she wrote");
    assert!(matches!(office.task(task).state, TaskState::Waiting(_)));
    assert_eq!(office.snapshot.tasks.len(), 1, "nobody has to read it");

    for (from, verdict, because) in [
        (team, Verdict::Outsider, "it may be anybody's"),
        (colleague, Verdict::Outsider, "it may be anybody's"),
        (
            "k.jansen@elders.example",
            Verdict::Colleague,
            "another organisation reads no letters there",
        ),
    ] {
        let read_by_a_human = office.snapshot.next.task;
        let changes = office.mail_from(from, nature.clone(), verdict);
        assert_eq!(
            office.task(read_by_a_human).kind.as_str(),
            "mail.onbekend",
            "{because}"
        );
        let tells_back = |change: &Change| match change {
            Change::Queued(letter) => matches!(letter.content, Content::Answered(_)),
            _ => false,
        };
        assert!(!changes.iter().any(tells_back), "{because}");
    }
}

#[test]
fn who_takes_a_task_is_told_by_when_and_when_they_are_asked_again_before_that() {
    for (hold, until) in [
        (Term::WorkingMinutes(120), Some("2026-11-23T11:00")),
        (Term::WorkingDays(5), None),
    ] {
        let mut office = Office::at("2026-11-23T09:00");
        office = office.with_ladder(
            &[rung(Role::Holder, Some(120)), rung(Role::Functional, Some(240))],
            Some(hold),
        );
        let task = office.mail_arrives();
        let due = office.rules.calendar.zoned(office.task(task).due).datetime();
        let nature = answer(&office, FATIMA, Some(Intent::Take));
        office.writes(FATIMA, nature);
        let Some(Content::Answered(answered)) = office.letters.last().map(|letter| &letter.content) else {
            panic!("she is told");
        };
        assert_eq!(answered.due, Some(due));
        assert_eq!(answered.until, until.map(|until| until.parse().unwrap()));
    }
}

#[test]
fn who_takes_a_task_that_is_late_is_not_told_a_day_that_is_over() {
    let mut office = Office::at("2026-11-23T09:00");
    office.mail_arrives();
    office.time_passes_until("2026-11-30T12:00");
    let nature = answer(&office, FATIMA, Some(Intent::Take));
    office.writes(FATIMA, nature);
    let Some(Content::Answered(answered)) = office.letters.last().map(|letter| &letter.content) else {
        panic!("she is told");
    };
    assert_eq!((answered.due, answered.until.is_some()), (None, true));
}

#[test]
fn a_stranger_s_answer_is_read_by_a_human_and_answered_by_nobody() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = office.mail_arrives();
    let nature = answer(&office, FATIMA, Some(Intent::Take));
    let changes = office.mail_from("stranger@gemeente-voorbeeld.nl", nature, Verdict::Colleague);
    assert!(matches!(office.task(task).state, TaskState::Waiting(_)));
    assert_eq!(office.task(TaskId(2)).kind.as_str(), "mail.onbekend");
    assert_eq!(
        letters(&changes),
        ["fatima@gemeente-voorbeeld.nl"],
        "about the triage task"
    );
}

#[test]
fn an_hour_off_that_turns_out_to_be_a_week_hands_on_what_they_had() {
    let mut office = Office::at("2026-11-23T12:30");
    let task = office.mail_arrives();
    let calendar = |until: &str| Event::AbsencesRead {
        origin: Origin::Calendar,
        away: vec![Away {
            person: PersonId::new(FATIMA),
            from: at("2026-11-23T13:00"),
            until: Some(at(until)),
        }],
    };
    let with = |office: &Office| office.task(task).with().unwrap().to_string();
    office.happens(&calendar("2026-11-23T14:00"));
    office.time_passes_until("2026-11-23T13:15");
    assert_eq!(with(&office), FATIMA, "she is back in time");
    office.happens(&calendar("2026-11-28T00:00"));
    office.time_passes_until("2026-11-23T13:15");
    assert_eq!(office.told(task), ["Mon 12:30 fatima", "Mon 13:15 joost"]);
    let handed: Vec<TaskId> = office.absence(1).handed().collect();
    assert_eq!(handed, [task], "and she is shown it when she is back");
    office.happens(&calendar("2026-11-27T00:00"));
    office.happens(&calendar("2026-11-29T00:00"));
    office.time_passes_until("2026-11-23T13:15");
    let handed: Vec<TaskId> = office.absence(1).handed().collect();
    assert_eq!(handed, [task], "once, however often the calendar changes");
}

#[test]
fn what_rules_and_calendars_say_is_followed_as_they_change() {
    let mut office = Office::at("2026-11-23T09:00");
    let read = |office: &mut Office, all: &[(&str, &str, Option<&str>)]| {
        let away = all
            .iter()
            .map(|(person, from, until)| Away {
                person: PersonId::new(person),
                from: at(from),
                until: until.map(at),
            })
            .collect();
        office.happens(&Event::AbsencesRead {
            origin: Origin::Calendar,
            away,
        })
    };
    let leave = (FATIMA, "2026-11-23T00:00", Some("2026-11-28T00:00"));
    assert_eq!(
        read(
            &mut office,
            &[leave, (JOOST, "2026-11-02T00:00", Some("2026-11-04T00:00"))]
        )
        .len(),
        1
    );
    assert_eq!(read(&mut office, &[leave]), [], "the same again");
    office.time_passes_until("2026-11-23T09:00");
    let task = office.mail_arrives();
    assert_eq!(office.told(task), ["Mon 09:00 joost"]);

    let longer = (FATIMA, "2026-11-23T00:00", Some("2026-12-05T00:00"));
    read(&mut office, &[longer]);
    assert_eq!(office.absence(1).away.until, Some(at("2026-12-05T00:00")));
    read(&mut office, &[("vreemde", "2026-11-23T00:00", None)]);
    office.time_passes_until("2026-11-23T09:00");
    let task = office.mail_arrives();
    assert_eq!(
        office.told(task),
        ["Mon 09:00 fatima"],
        "the leave was taken back"
    );
    assert_eq!(office.snapshot.absences.len(), 1, "nobody knows that stranger");
}

#[test]
fn many_thousands_of_spans_are_read_in_no_time() {
    // What grows faster than their number shows in a test that never ends.
    const SPANS: i64 = 30_000;
    let mut office = Office::at("2026-11-23T09:00");
    let start = at("2026-11-24T00:00");
    let spans = (0..SPANS).map(|number| Away {
        person: PersonId::new(FATIMA),
        from: start + SignedDuration::from_hours(2 * number),
        until: Some(start + SignedDuration::from_hours(2 * number + 1)),
    });
    let spans: Vec<Away> = spans.collect();
    let read = |away: &[Away]| Event::AbsencesRead {
        origin: Origin::Calendar,
        away: away.to_vec(),
    };
    assert_eq!(office.happens(&read(&spans)).len(), spans.len());
    assert_eq!(office.happens(&read(&spans)), [], "the same again");
    let gone = office.happens(&read(&spans[1..]));
    assert_eq!(gone.len(), 1, "the first was taken back");
}

#[test]
fn what_stands_in_a_calendar_cannot_be_ended_by_hand() {
    let mut office = Office::at("2026-11-23T09:00");
    office.happens(&Event::AbsencesRead {
        origin: Origin::Rules,
        away: vec![Away {
            person: PersonId::new(FATIMA),
            from: at("2026-11-23T00:00"),
            until: None,
        }],
    });
    let end = |office: &mut Office, id| {
        office.happens(&Event::AbsenceEnded {
            by: PersonId::new(MARLEEN),
            absence: AbsenceId(id),
        })
    };
    let elsewhere = Refusal::AbsenceElsewhere {
        absence: AbsenceId(1),
        written: "rules",
    };
    assert_eq!(end(&mut office, 1), [Change::Refused(elsewhere)]);
    assert_eq!(
        end(&mut office, 7),
        [Change::Refused(Refusal::NoSuchAbsence(AbsenceId(7)))]
    );
    let over = entered(&mut office, FATIMA, "2026-11-20T00:00", Some("2026-11-21T00:00"));
    assert_eq!(over, [Change::Refused(Refusal::AbsenceOver)]);
}

#[test]
fn what_was_said_by_hand_is_not_said_twice_and_what_says_more_is_kept() {
    let mut office = Office::at("2026-11-23T09:00");
    let calendar = office.rules.calendar.clone();
    office.happens(&Event::AbsencesRead {
        origin: Origin::Calendar,
        away: vec![Away {
            person: PersonId::new(FATIMA),
            from: at("2026-11-23T00:00"),
            until: None,
        }],
    });
    let kept = entered(&mut office, FATIMA, "2026-11-24T00:00", Some("2026-11-28T00:00"));
    assert_eq!(kept.len(), 1, "what a calendar says may be gone tomorrow");
    assert_eq!(
        office.absence(2).away.end(&calendar),
        End::Day(date(2026, 11, 27))
    );
    for (from, until) in [
        ("2026-11-24T00:00", "2026-11-28T00:00"),
        ("2026-11-24T10:00", "2026-11-27T12:00"),
    ] {
        let again = entered(&mut office, FATIMA, from, Some(until));
        let known = Refusal::AbsenceKnown {
            person: PersonId::new(FATIMA),
            absence: AbsenceId(2),
            end: End::Day(date(2026, 11, 27)),
        };
        assert_eq!(again, [Change::Refused(known)]);
    }
    let of_another = entered(&mut office, JOOST, "2026-11-24T00:00", Some("2026-11-28T00:00"));
    let longer = entered(&mut office, FATIMA, "2026-11-24T00:00", Some("2026-11-28T10:30"));
    let earlier = entered(&mut office, FATIMA, "2026-11-23T12:00", Some("2026-11-25T00:00"));
    let open = entered(&mut office, FATIMA, "2026-11-24T00:00", None);
    for kept in [of_another, longer, earlier, open] {
        assert!(matches!(kept.as_slice(), [Change::AbsenceNoted(_)]), "{kept:?}");
    }
    let ends = [4, 6].map(|id| office.absence(id).away.end(&calendar).to_string());
    assert_eq!(ends, ["until Sat 2026-11-28 10:30", "until somebody ends it"]);
}

#[test]
fn the_last_day_of_an_absence_is_said_as_a_day_also_where_summer_time_begins_or_ends() {
    let office = Office::at("2026-11-23T09:00");
    for (until, said) in [
        ("2026-03-30T00:00", "until Sun 2026-03-29"),
        ("2026-10-26T00:00", "until Sun 2026-10-25"),
        ("2026-10-25T23:59", "until Sun 2026-10-25 23:59"),
    ] {
        let away = Away {
            person: PersonId::new(FATIMA),
            from: at("2026-01-01T00:00"),
            until: Some(at(until)),
        };
        assert_eq!(away.end(&office.rules.calendar).to_string(), said);
    }
}

#[test]
fn tasks_that_are_not_critical_are_handed_on_when_their_ladder_says_so() {
    for hand_on in [false, true] {
        let mut office = Office::at("2026-11-23T09:00");
        for ladder in office.rules.ladders.values_mut() {
            ladder.hand_on = hand_on;
        }
        let task = office.mail_arrives();
        let mut ordinary = office.task(task).clone();
        ordinary.critical = false;
        office.snapshot.tasks.insert(task, ordinary);
        entered(&mut office, FATIMA, "2026-11-23T09:00", None);
        office.time_passes_until("2026-11-23T09:00");
        let holder = if hand_on { JOOST } else { FATIMA };
        assert_eq!(office.task(task).with().map(PersonId::as_str), Some(holder));
    }
}

#[test]
fn people_of_other_organisations_read_no_names_and_ask_for_no_numbers() {
    let mut office = Office::at("2026-11-23T09:00")
        .with_person(JOOST, |person| person.external = true)
        .away(FATIMA);
    let task = office.mail_arrives();
    let Some(Content::Task { facts, .. }) = office.letters.last().map(|letter| &letter.content) else {
        panic!("{:?}", office.letters);
    };
    let names: Vec<_> = facts.tried.iter().map(|tried| tried.name.as_deref()).collect();
    assert_eq!(names, [None]);
    assert_eq!(
        office.acts(JOOST, task, Act::LookUp),
        [Change::Refused(Refusal::External(PersonId::new(JOOST)))]
    );
}

#[test]
fn every_working_day_each_lead_is_shown_what_is_open_also_when_that_is_nothing() {
    let mut office = Office::at("2026-11-20T12:00");
    office.rules.letters.overview = Some(time(8, 30, 0, 0));
    let loaded = Event::RulesLoaded(office.rules.text.clone());
    office.happens(&loaded);
    office.time_passes_until("2026-11-24T12:00");
    assert_eq!(
        office.post(),
        ["Mon 08:30 marleen: overview", "Tue 08:30 marleen: overview"]
    );
    assert_eq!(office.happens(&loaded), [], "the plan stands");

    let mut office = office.away(MARLEEN);
    office.now = at("2026-12-03T10:00");
    office.letters.clear();
    office.time_passes_until("2026-12-03T12:00");
    assert_eq!(
        office.post(),
        ["Thu 10:00 team: overview"],
        "the lead is away, and a week of downtime is made up once"
    );
}

/// The overviews of one morning: to whom, of which caseloads, and how many tasks are open in them.
fn overviews(mut office: Office, piles: &[(&str, u64)]) -> Vec<(String, Vec<String>, u64)> {
    office.rules.letters.overview = Some(time(8, 30, 0, 0));
    let loaded = Event::RulesLoaded(office.rules.text.clone());
    office.happens(&loaded);
    let pile = |(caseload, open): &(&str, u64)| {
        let (overdue, first) = (0, Vec::new());
        let open = *open;
        (CaseloadId::new(caseload), Pile { open, overdue, first })
    };
    office.snapshot.piles.extend(piles.iter().map(pile));
    office.time_passes_until("2026-11-23T12:00");
    let letters = office.letters.iter();
    let overviews = letters.filter_map(|letter| match &letter.content {
        Content::Overview(overview) => Some((letter.to.clone(), overview.caseloads.clone(), overview.open)),
        _ => None,
    });
    overviews.collect()
}

#[test]
fn what_lies_in_a_caseload_that_is_gone_is_in_the_overview_of_whoever_is_told_of_it() {
    let office = Office::at("2026-11-20T12:00");
    let told = overviews(office, &[("asiel", 2), ("opgeheven", 1)]);
    let open: Vec<u64> = told.iter().map(|(_, _, open)| *open).collect();
    assert_eq!(open, [3]);
}

#[test]
fn where_nobody_leads_each_address_gets_the_overview_of_its_own_caseloads() {
    let mut office = Office::at("2026-11-20T12:00");
    for (id, caseload) in &mut office.rules.caseloads {
        caseload.lead = None;
        caseload.owner = None;
        caseload.deputies.clear();
        if id.as_str() == "asiel" {
            caseload.functional = Some("asiel@gemeente-voorbeeld.nl".to_owned());
        }
    }
    let title = |id: &str| office.rules.caseload(&CaseloadId::new(id)).title.clone();
    let (asylum, family, triage) = (title("asiel"), title("gezinsmigranten"), title("triage"));
    assert_eq!(
        overviews(office, &[("asiel", 2), ("triage", 1)]),
        [
            ("asiel@gemeente-voorbeeld.nl".to_owned(), vec![asylum], 2),
            ("team@gemeente-voorbeeld.nl".to_owned(), vec![family, triage], 1),
        ]
    );
}
