//! Drills, with time that is moved: what is one and what is not, how one ends, and when one is held by itself. The same
//! over real mail servers: `tests/drills.rs`.
mod support;

use std::sync::Arc;

use koppelwacht::domain::{
    About, Act, Bounce, Change, Content, DaysNamed, Delivery, Drill, DrillState, Event, Happening, Intent,
    Letter, LetterId, LetterName, LetterOf, LostMail, Moment, Nature, PersonId, Recurrence, Role, Routine,
    RulesVersion, SourceId, TaskId, TaskState, Term, TypeId, Verdict,
};
use support::on_paper::{FATIMA, JOOST, MARLEEN, Office, at, letter_name, letters, refused, rung};

const POST: &str = "inburgering@gemeente-voorbeeld.nl";

/// A drill of which the mail has come in, and its task.
fn drilled(now: &str) -> (Office, TaskId) {
    let mut office = Office::at(now);
    let letter = office.calls_a_drill(POST);
    let task = office.snapshot.next.task;
    office.own_letter_comes_in(Some(letter_name(&letter)), Verdict::Colleague);
    (office, task)
}

fn kinds(changes: &[Change]) -> Vec<TypeId> {
    let recorded = changes.iter().filter_map(|change| match change {
        Change::Recorded(message) => Some(message.kinds.clone()),
        _ => None,
    });
    recorded.flatten().collect()
}

fn opened(changes: &[Change]) -> Vec<bool> {
    let opened = changes.iter().filter_map(|change| match change {
        Change::Opened(task) => Some(task.drill),
        _ => None,
    });
    opened.collect()
}

fn lost(when: &str, how: LostMail) -> DrillState {
    DrillState::Lost { at: at(when), how }
}

fn drill(office: &Office, letter: LetterId) -> &Drill {
    &office.snapshot.drills[&letter]
}

#[test]
fn the_mail_of_a_drill_opens_a_koppeling_that_says_what_it_is() {
    let (office, id) = drilled("2026-11-23T09:00");
    let task = office.task(id);
    assert!(task.drill && task.critical);
    assert_eq!(task.kind, TypeId::koppeling());
    assert!(task.title.starts_with("OEFENING: "), "{}", task.title);
    assert_eq!(office.told(id), ["Mon 09:00 fatima"]);
    let Some(Content::Task { facts, .. }) = office.letters.last().map(|letter| &letter.content) else {
        panic!("a letter about the task");
    };
    assert!(facts.drill && facts.title.starts_with("OEFENING: "));
    assert_eq!(facts.instruction, Drill::INSTRUCTION);
    assert!(office.snapshot.dossiers.is_empty());
    assert_eq!(
        drill(&office, LetterId(1)).state,
        DrillState::Arrived { task: id }
    );
}

#[test]
fn whoever_takes_it_ends_it() {
    let (mut office, id) = drilled("2026-11-23T09:00");
    office.time_passes_until("2026-11-23T09:20");
    office.acts(FATIMA, id, Act::Take);
    let by = Some(PersonId::new(FATIMA));
    assert_eq!(office.task(id).state, TaskState::Done { by, at: office.now });
    let ends: Vec<&Happening> = office.snapshot.history[&id]
        .iter()
        .rev()
        .take(2)
        .map(|line| &line.what)
        .collect();
    assert_eq!(ends, [&Happening::DrillAnswered, &Happening::Taken]);
    let before = office.letters.len();
    office.time_passes_until("2026-12-04T17:00");
    assert_eq!(office.letters.len(), before, "nothing more is heard of it");
}

#[test]
fn an_answer_by_mail_ends_it_whatever_it_says_that_somebody_does() {
    let kind = |kind: &str| Intent::SetType {
        kind: kind.to_owned(),
    };
    let done = |remark: Option<&str>| Intent::Done {
        remark: remark.map(str::to_owned),
        days: DaysNamed::default(),
    };
    for intent in [
        Intent::Take,
        done(Some("gezien")),
        Intent::Done {
            remark: Some("PIP vastgesteld, vorige week".to_owned()),
            days: DaysNamed {
                unread: true,
                ..DaysNamed::default()
            },
        },
        done(None),
        kind("duo.ss101"),
        kind("weet ik niet"),
    ] {
        let (mut office, id) = drilled("2026-11-23T09:00");
        let (task, letter) = office.letter_to(FATIMA);
        let answer = koppelwacht::domain::Answer {
            task: Some(task),
            letter: Some(letter),
            intent: Some(intent),
        };
        office.writes(FATIMA, Nature::Answer(answer));
        assert!(!office.task(id).is_open() && office.task(id).drill);
        assert_eq!(office.task(id).kind, TypeId::koppeling());
        let last = office.snapshot.history[&id].last().map(|line| &line.what);
        assert_eq!(last, Some(&Happening::DrillAnswered));
        let Some(Content::Answered(said)) = office.letters.last().map(|letter| &letter.content) else {
            panic!("they are told");
        };
        assert!(said.drill && said.trouble.is_none(), "{said:?}");
    }
}

#[test]
fn nobody_answers_so_it_climbs_as_a_koppeling_does_and_then_the_lead_is_told() {
    let (mut office, id) = drilled("2026-11-23T09:00");
    office.time_passes_until("2026-11-25T16:59");
    assert_eq!(
        office.told(id)[..4],
        [
            "Mon 09:00 fatima",
            "Mon 11:00 joost",
            "Mon 13:00 marleen",
            "Mon 15:00 Functional"
        ]
    );
    assert!(office.task(id).is_open());
    office.time_passes_until("2026-11-25T17:00");
    assert_eq!(
        office.task(id).state,
        TaskState::Done {
            by: None,
            at: at("2026-11-25T17:00")
        }
    );
    let last = office.letters.last().expect("a letter");
    assert!(last.to.starts_with(MARLEEN), "{}", last.to);
    let Content::DrillFailed(failed) = &last.content else {
        panic!("{last:?}");
    };
    assert_eq!(failed.task, Some(id));
    assert!(failed.tried.iter().any(|tried| tried.role == Role::Functional));
    let line = office.snapshot.history[&id].last().map(|line| &line.what);
    assert_eq!(line, Some(&Happening::DrillUnanswered));

    let before = office.letters.len();
    office.time_passes_until("2026-12-04T17:00");
    assert_eq!(office.letters.len(), before);
    let refused = office.acts(FATIMA, id, Act::Take);
    assert!(
        matches!(refused[..], [Change::Refused(_)]),
        "what is over stays over: {refused:?}"
    );
}

#[test]
fn the_lead_is_told_that_the_last_call_of_a_drill_never_left() {
    let (mut office, id) = drilled("2026-11-23T09:00");
    office.time_passes_until("2026-11-25T16:00");
    office.post_is_down = true;
    let to = PersonId::new(JOOST);
    office.acts(FATIMA, id, Act::Reassign { to });
    office.time_passes_until("2026-11-25T17:00");
    let Some(Content::DrillFailed(failed)) = office.letters.last().map(|letter| &letter.content) else {
        panic!("the lead is told");
    };
    let lost: Vec<bool> = failed.tried.iter().map(|tried| tried.lost).collect();
    assert_eq!(
        (lost.first(), lost.last()),
        (Some(&false), Some(&true)),
        "{:?}",
        failed.tried
    );
}

#[test]
fn a_drill_is_over_in_time_even_when_nobody_is_there_at_all() {
    let mut office = Office::at("2026-11-23T09:00").with_caseloads(|pile| pile.functional = None);
    office.rules.drills.answered_within = Term::WorkingMinutes(60);
    for person in [FATIMA, JOOST, MARLEEN] {
        office = office.away(person);
    }
    let letter = office.calls_a_drill(POST);
    office.own_letter_comes_in(Some(letter_name(&letter)), Verdict::Colleague);
    let next = office.task(TaskId(1)).next_moment();
    assert_eq!(
        next,
        Some(at("2026-11-23T10:00")),
        "before the office opens again"
    );
    office.time_passes_until("2026-11-23T10:00");
    assert!(!office.task(TaskId(1)).is_open());
}

#[test]
fn a_drill_ends_when_a_koppeling_is_not_critical_and_its_ladder_has_an_end() {
    let mut office = Office::at("2026-11-23T09:00").with_ladder(&[rung(Role::Holder, None)], None);
    let koppeling = office.rules.types.get_mut(&TypeId::koppeling());
    koppeling.expect("the rules have it").critical = false;
    let letter = office.calls_a_drill(POST);
    office.own_letter_comes_in(Some(letter_name(&letter)), Verdict::Colleague);
    assert!(!office.task(TaskId(1)).critical);
    office.time_passes_until("2026-11-25T17:00");
    assert!(!office.task(TaskId(1)).is_open());
}

#[test]
fn somebody_who_hands_a_drill_on_does_not_end_it() {
    let (mut office, id) = drilled("2026-11-23T09:00");
    office.acts(FATIMA, id, Act::Decline);
    assert_eq!(office.task(id).with(), Some(&PersonId::new(JOOST)));
    let to = PersonId::new(MARLEEN);
    office.acts(JOOST, id, Act::Reassign { to });
    assert!(office.task(id).is_open() && office.task(id).drill);
}

#[test]
fn what_only_says_to_be_a_drill_is_a_mail_that_somebody_must_read() {
    let forged = |token: &str| LetterName {
        of: LetterOf::Number(LetterId(1)),
        token: token.to_owned(),
    };
    for (name, verdict) in [
        (Some(forged("9f86d081884c7d65")), Verdict::ForgedColleague),
        (None, Verdict::ForgedColleague),
    ] {
        let mut office = Office::at("2026-11-23T09:00");
        office.calls_a_drill(POST);
        let changes = office.own_letter_comes_in(name, verdict);
        assert_eq!(kinds(&changes), [TypeId::unknown()]);
        assert_eq!(opened(&changes), [false]);
        assert!(office.task(TaskId(1)).critical);
    }
}

#[test]
fn a_letter_of_ours_that_is_no_drill_is_none_whatever_it_is_called() {
    let mut office = Office::at("2026-11-23T09:00");
    office.mail_arrives();
    let letter = office.letters.last().expect("a letter").clone();
    let changes = office.own_letter_comes_in(Some(letter_name(&letter)), Verdict::Colleague);
    assert_eq!(kinds(&changes), [TypeId::own()]);
    assert_eq!(opened(&changes), [false; 0]);
}

#[test]
fn a_partners_mail_is_never_a_drill() {
    let coa = || SourceId::new("coa");
    for verdict in [
        Verdict::Partner(coa()),
        Verdict::Unchecked(coa()),
        Verdict::Forged(coa()),
    ] {
        let mut office = Office::at("2026-11-23T09:00");
        let letter = office.calls_a_drill(POST);
        let changes = office.own_letter_comes_in(Some(letter_name(&letter)), verdict);
        assert_eq!(opened(&changes), [false], "{changes:?}");
        assert!(
            drill(&office, letter.id).next_moment().is_some(),
            "it is still under way"
        );
    }
}

#[test]
fn a_drill_that_comes_twice_with_other_bytes_opens_one_task() {
    let (mut office, _) = drilled("2026-11-23T09:00");
    let letter = office.letters[0].clone();
    let changes = office.own_letter_comes_in(Some(letter_name(&letter)), Verdict::Colleague);
    assert_eq!(kinds(&changes), [TypeId::own()]);
    assert_eq!(opened(&changes), [false; 0]);
}

#[test]
fn a_drill_is_ours_by_its_token_even_when_our_own_server_calls_it_forged() {
    let mut office = Office::at("2026-11-23T09:00");
    let letter = office.calls_a_drill(POST);
    let changes = office.own_letter_comes_in(Some(letter_name(&letter)), Verdict::ForgedColleague);
    assert_eq!(opened(&changes), [true]);
    let Some(Content::Task { facts, .. }) = office.letters.last().map(|letter| &letter.content) else {
        panic!("a letter about the task");
    };
    assert_eq!(facts.caution, None, "nobody is told that it may be false");
}

#[test]
fn a_drill_whose_mail_does_not_come_in_is_told_to_the_lead_and_still_counts_when_it_does() {
    let mut office = Office::at("2026-11-23T09:00");
    let letter = office.calls_a_drill(POST);
    office.post_says(&letter, Delivery::Accepted);
    office.time_passes_until("2026-11-23T09:29");
    assert_eq!(office.letters.len(), 1);
    office.time_passes_until("2026-11-23T09:30");
    let last = office.letters.last().expect("a letter");
    assert!(last.to.starts_with(MARLEEN), "{}", last.to);
    assert!(matches!(&last.content, Content::DrillFailed(failed) if failed.task.is_none()));
    assert_eq!(
        drill(&office, letter.id).state,
        lost("2026-11-23T09:30", LostMail::Missing)
    );
    office.happens(&Event::MomentCame(Moment::Drill(letter.id)));
    assert_eq!(office.letters.len(), 2, "it is told once");

    office.time_passes_until("2026-11-23T10:00");
    let changes = office.own_letter_comes_in(Some(letter_name(&letter)), Verdict::Colleague);
    assert_eq!(opened(&changes), [true]);
    assert!(matches!(
        drill(&office, letter.id).state,
        DrillState::Arrived { .. }
    ));
}

#[test]
fn a_mail_of_a_drill_that_leaves_late_has_its_whole_time_from_then_on() {
    let mut office = Office::at("2026-11-23T09:00");
    let letter = office.calls_a_drill(POST);
    office.time_passes_until("2026-11-23T09:20");
    let busy = Delivery::Deferred {
        reason: "451 4.7.1".to_owned(),
    };
    office.post_says(&letter, busy);
    office.time_passes_until("2026-11-23T09:25");
    office.post_says(&letter, Delivery::Accepted);
    office.time_passes_until("2026-11-23T09:54");
    assert_eq!(office.letters.len(), 1);
    office.time_passes_until("2026-11-23T09:55");
    assert_eq!(
        drill(&office, letter.id).state,
        lost("2026-11-23T09:55", LostMail::Missing)
    );
}

#[test]
fn a_mail_of_a_drill_that_never_left_is_told_as_that() {
    let mut office = Office::at("2026-11-23T09:00");
    let letter = office.calls_a_drill(POST);
    office.time_passes_until("2026-11-23T09:30");
    assert_eq!(
        drill(&office, letter.id).state,
        lost("2026-11-23T09:30", LostMail::Unsent)
    );
    let last = office.letters.last().map(|letter| &letter.content);
    assert!(
        matches!(last, Some(Content::DrillFailed(failed)) if failed.lost == Some(LostMail::Unsent)),
        "{last:?}"
    );
    // It leaves after all, and what was told is not told again.
    office.post_says(&letter, Delivery::Accepted);
    office.time_passes_until("2026-11-23T12:00");
    assert_eq!(office.letters.len(), 2);
}

#[test]
fn a_drill_that_was_slept_through_is_given_time_to_be_read_before_it_is_called_lost() {
    let mut office = Office::at("2026-11-23T09:00");
    let letter = office.calls_a_drill(POST);
    office.post_says(&letter, Delivery::Accepted);
    // Down for an hour: the mail may well lie in the mailbox.
    office.now = at("2026-11-23T10:00");
    office.happens(&Event::MomentCame(Moment::Drill(letter.id)));
    assert_eq!(office.letters.len(), 1, "nobody is told");
    assert_eq!(
        drill(&office, letter.id).next_moment(),
        Some(at("2026-11-23T10:30"))
    );
    office.time_passes_until("2026-11-23T10:30");
    assert_eq!(
        drill(&office, letter.id).state,
        lost("2026-11-23T10:30", LostMail::Missing)
    );
    assert_eq!(office.letters.len(), 2);
}

#[test]
fn a_drill_whose_end_was_slept_through_waits_for_answers_that_were_not_read_yet() {
    let (mut office, id) = drilled("2026-11-23T09:00");
    office.time_passes_until("2026-11-25T16:00");
    let before = office.letters.len();
    // Up again on the evening of the day on which it ended.
    office.now = at("2026-11-25T19:00");
    office.happens(&Event::MomentCame(Moment::Task(id)));
    assert_eq!(office.letters.len(), before, "nobody is told");
    assert!(office.task(id).is_open());
    assert_eq!(office.task(id).next_moment(), Some(at("2026-11-25T19:30")));

    office.time_passes_until("2026-11-25T19:30");
    assert!(!office.task(id).is_open());
    assert_eq!(office.letters.len(), before + 1, "now the lead is");
}

#[test]
fn a_drill_whose_mail_is_refused_or_comes_back_is_lost_at_once() {
    let refusals: [fn(&mut Office, &Letter) -> Vec<Change>; 2] = [
        |office, letter| office.post_says(letter, refused()),
        |office, letter| {
            let bounce = Bounce {
                permanent: true,
                letter: Some(letter_name(letter)),
                ..Bounce::default()
            };
            office.mail_from(
                "mailer-daemon@elders.example",
                Nature::Bounce(bounce),
                Verdict::Outsider,
            )
        },
    ];
    for refuse in refusals {
        let mut office = Office::at("2026-11-23T09:00");
        let letter = office.calls_a_drill(POST);
        let changes = refuse(&mut office, &letter);
        assert_eq!(letters(&changes), ["marleen@gemeente-voorbeeld.nl"]);
        assert_eq!(
            drill(&office, letter.id).state,
            lost("2026-11-23T09:00", LostMail::Returned)
        );
        office.time_passes_until("2026-11-23T12:00");
        assert_eq!(office.letters.len(), 2, "and told once");
    }
}

/// An office that holds a drill at these times, and knows its rules.
fn planned(now: &str, times: &str) -> Office {
    let mut office = Office::at(now);
    office.rules.drills.to = Some(POST.to_owned());
    office.rules.drills.at = Recurrence::parse(times).ok();
    let text = Arc::clone(&office.rules.text);
    office.happens(&Event::RulesLoaded(text));
    office
}

/// When drills were held, in a long stretch of time.
fn held(mut office: Office, until: &str) -> Vec<String> {
    office.time_passes_until(until);
    let drills = office
        .letters
        .iter()
        .filter(|letter| letter.about == About::Drill);
    drills
        .map(|letter| {
            let at = office.rules.calendar.zoned(letter.queued);
            at.strftime("%a %m-%d %H:%M").to_string()
        })
        .collect()
}

#[test]
fn drills_are_held_by_themselves_at_the_times_of_the_rules() {
    assert_eq!(
        held(planned("2026-11-23T12:00", "0 10 * * Mon"), "2026-12-08T12:00"),
        ["Mon 11-30 10:00", "Mon 12-07 10:00"]
    );
}

#[test]
fn a_drill_on_a_day_that_does_not_count_moves_unless_the_rules_name_that_day() {
    // Good Friday counts; Easter Monday, 29 March 2027, does not.
    assert_eq!(
        held(planned("2027-03-25T12:00", "0 10 * * Mon"), "2027-04-05T12:00"),
        ["Tue 03-30 10:00", "Mon 04-05 10:00"]
    );
    // The first of May 2027 is a Saturday.
    assert_eq!(
        held(planned("2027-04-25T12:00", "0 10 1 * *"), "2027-05-10T12:00"),
        ["Mon 05-03 10:00"]
    );
    assert_eq!(
        held(planned("2027-04-25T12:00", "0 22 * * Sat"), "2027-05-02T12:00"),
        ["Sat 05-01 22:00"],
        "an evening at the weekend, asked for by name"
    );
}

#[test]
fn a_holiday_in_a_weekend_moves_a_drill_that_the_rules_have_on_that_day() {
    // The second day of Christmas 2026 is a Saturday.
    assert_eq!(
        held(planned("2026-12-21T12:00", "0 22 * * Sat"), "2027-01-03T12:00"),
        ["Mon 12-28 22:00", "Sat 01-02 22:00"]
    );
}

#[test]
fn a_drill_at_night_is_held_once_at_both_edges_of_summer_time() {
    assert_eq!(
        held(planned("2027-03-27T12:00", "30 2 * * Sun"), "2027-03-28T12:00"),
        ["Sun 03-28 03:00"]
    );
    assert_eq!(
        held(planned("2026-10-24T12:00", "30 2 * * Sun"), "2026-10-25T12:00"),
        ["Sun 10-25 02:30"]
    );
}

#[test]
fn a_drill_that_was_slept_through_is_made_up_for_once_and_not_at_night() {
    let mut office = planned("2026-11-23T12:00", "0 10 * * Mon-Fri");
    // Down for days, and up again on a Friday evening.
    office.now = at("2026-11-27T19:00");
    office.happens(&Event::MomentCame(Moment::Routine(Routine::Drill)));
    assert_eq!(office.letters.len(), 0);
    assert_eq!(
        held(office, "2026-11-30T12:00"),
        ["Mon 11-30 09:00", "Mon 11-30 10:00"],
        "one for all that were missed, and the one of that day"
    );
}

#[test]
fn a_drill_that_moved_is_not_forgotten_by_rules_that_are_loaded_meanwhile() {
    // The first of May 2027 is a Saturday: the drill of that day is held on Monday.
    assert_eq!(
        held(planned("2027-05-02T12:00", "0 10 1 * *"), "2027-05-10T12:00"),
        ["Mon 05-03 10:00"]
    );
    // One that is made up for after a quarter waits for Monday; the daemon starts anew on Sunday, with the rules that are in
    // force already or with others.
    for version in [None, Some("andere regels")] {
        let mut office = planned("2026-11-23T12:00", "0 10 2 1,4,7,10 *");
        office.now = at("2027-01-08T19:00");
        office.happens(&Event::MomentCame(Moment::Routine(Routine::Drill)));
        office.now = at("2027-01-10T12:00");
        let mut text = office.rules.text.as_ref().clone();
        if let Some(version) = version {
            text.version = RulesVersion::new(version);
            office.rules.version = text.version.clone();
        }
        office.happens(&Event::RulesLoaded(Arc::new(text)));
        assert_eq!(held(office, "2027-02-01T12:00"), ["Mon 01-11 09:00"]);
    }
}

#[test]
fn a_drill_at_another_time_is_held_at_that_time_alone() {
    let mut office = planned("2026-11-27T19:00", "0 10 * * Mon");
    office.rules.drills.at = Recurrence::parse("0 10 * * Wed").ok();
    let text = Arc::clone(&office.rules.text);
    office.happens(&Event::RulesLoaded(text));
    assert_eq!(held(office, "2026-12-04T12:00"), ["Wed 12-02 10:00"]);
}

#[test]
fn of_drills_that_move_to_one_day_the_earliest_comes_first() {
    // Saturday's at eleven and Sunday's at nine would both move to Monday.
    let office = planned("2026-11-27T12:00", "0 9,11 * * *");
    assert_eq!(
        held(office, "2026-12-01T08:00"),
        ["Mon 11-30 09:00", "Mon 11-30 11:00"]
    );
}

#[test]
fn rules_without_times_hold_no_drill_any_more() {
    let mut office = planned("2026-11-23T12:00", "0 10 * * Mon");
    assert!(office.snapshot.routines.contains_key(&Routine::Drill));
    office.rules.drills.at = None;
    let text = Arc::clone(&office.rules.text);
    office.happens(&Event::RulesLoaded(text));
    assert!(!office.snapshot.routines.contains_key(&Routine::Drill));
}

#[test]
fn a_moment_that_comes_too_early_or_twice_changes_nothing() {
    let mut office = planned("2026-11-23T12:00", "0 10 * * Mon");
    assert_eq!(
        office.happens(&Event::MomentCame(Moment::Routine(Routine::Drill))),
        []
    );
    let letter = office.calls_a_drill(POST);
    assert_eq!(office.happens(&Event::MomentCame(Moment::Drill(letter.id))), []);
    assert_eq!(
        office.happens(&Event::MomentCame(Moment::Drill(LetterId(99)))),
        []
    );
    office.own_letter_comes_in(Some(letter_name(&letter)), Verdict::Colleague);
    let early = office.happens(&Event::MomentCame(Moment::Task(TaskId(1))));
    assert_eq!(letters(&early), [""; 0]);
}
