//! Silence, decided on paper with time that is moved.

use jiff::Timestamp;
use koppelwacht::domain::{
    Act, Cause, Change, Event, Happening, Moment, Outdated, Patience, Refusal, Routine, SourceId, Task,
    TaskState,
};

use crate::support::on_paper::{FATIMA, Office, at};
use crate::{COA, DUO, sends};

/// An office that is asked when nothing came from COA for six working days. Its mailboxes are read all the time.
fn watched(now: &str) -> Office {
    let mut office = Office::at(now);
    let six = Patience::Days(6);
    office.rules.partners.patience = [(SourceId::new("coa"), six)].into();
    office.snapshot.partners.since = Some(office.now);
    office.snapshot.read = Some(Timestamp::MAX);
    let loaded = Event::RulesLoaded(office.rules.text.clone());
    office.happens(&loaded);
    assert_eq!(office.happens(&loaded), [], "the plan stands");
    office
}

/// Every task about silence, the oldest first.
fn about_silence(office: &Office) -> Vec<&Task> {
    let is_it = |task: &&Task| matches!(task.cause, Cause::Silence(_));
    let mut tasks: Vec<&Task> = office.snapshot.tasks.values().filter(is_it).collect();
    tasks.sort_by_key(|task| task.id);
    tasks
}

/// When each of them was opened, on the clock on the wall, and how it stands.
fn asked(office: &Office) -> Vec<String> {
    let tasks = about_silence(office).into_iter();
    tasks
        .map(|task| {
            let opened = office.rules.calendar.zoned(task.opened);
            let state = if task.is_open() { "open" } else { "over" };
            format!("{} {state}", opened.strftime("%m-%d %H:%M"))
        })
        .collect()
}

#[test]
fn christmas_is_no_silence_and_six_working_days_are() {
    let mut office = watched("2026-12-21T09:00");
    office.time_passes_until("2026-12-23T10:00");
    sends(&mut office, COA);
    // Nobody works on 25 December, on 1 January and in the weekends. On 4 January five days are over.
    office.time_passes_until("2027-01-04T17:00");
    assert_eq!(asked(&office), [""; 0], "twelve days on the calendar");
    office.time_passes_until("2027-01-05T08:59");
    assert_eq!(asked(&office), [""; 0], "not before the office opens");
    office.time_passes_until("2027-01-05T09:00");
    assert_eq!(asked(&office), ["01-05 09:00 open"]);

    let task = about_silence(&office)[0];
    assert_eq!(task.title, "Al een tijd geen bericht: COA");
    assert_eq!(task.cause, Cause::Silence(SourceId::new("coa")));
    let fallback = &office.rules.routes.last().unwrap().caseload;
    assert_eq!((&task.caseload, task.critical), (fallback, false));
    let Happening::Opened { rule, why, .. } = &office.snapshot.history[&task.id][0].what else {
        panic!("it starts with its opening");
    };
    assert_eq!(rule, "mail.stilte/set");
    assert_eq!(
        why[..3],
        [
            "the last mail was received on 2026-12-23",
            "6 working days without any, with 6 somebody is asked",
            "set in the rules"
        ]
    );
    assert_eq!(office.told(task.id), ["Tue 09:00 fatima"]);

    office.time_passes_until("2027-02-05T12:00");
    assert_eq!(
        asked(&office),
        ["01-05 09:00 open"],
        "never two about one silence"
    );
}

#[test]
fn mail_that_comes_after_all_ends_it_at_once_and_a_second_silence_is_asked_about_again() {
    let mut office = watched("2026-11-02T09:00");
    sends(&mut office, COA);
    office.time_passes_until("2026-11-12T10:00");
    assert_eq!(asked(&office), ["11-11 09:00 open"]);
    let task = about_silence(&office)[0].id;
    sends(&mut office, DUO);
    assert!(office.task(task).is_open(), "that was somebody else");

    sends(&mut office, COA);
    assert!(matches!(
        office.task(task).state,
        TaskState::Done { by: None, at } if at == office.now
    ));
    let last = &office.snapshot.history[&task].last().unwrap().what;
    assert_eq!(*last, Happening::CameAfterAll { sign: None });
    let letters = office.letters.len();
    office.time_passes_until("2026-11-20T12:00");
    let about_it = |office: &Office| {
        let letters = office.letters[letters..].iter();
        letters.filter(|letter| letter.about.task() == Some(task)).count()
    };
    assert_eq!(about_it(&office), 0, "nobody is called to it any more");

    office.time_passes_until("2026-11-23T09:00");
    assert_eq!(asked(&office), ["11-11 09:00 over", "11-23 09:00 open"]);
}

#[test]
fn an_older_task_that_was_opened_again_is_over_as_well_when_mail_comes() {
    let mut office = watched("2026-11-02T09:00");
    let done = || Act::Done {
        remark: None,
        event: None,
    };
    sends(&mut office, COA);
    office.time_passes_until("2026-11-12T10:00");
    let first = about_silence(&office)[0].id;
    office.acts(FATIMA, first, done());
    sends(&mut office, COA);
    office.time_passes_until("2026-11-23T09:00");
    let second = about_silence(&office)[1].id;
    let reopen = Act::Reopen { remark: None };
    let beside = office.acts(FATIMA, first, reopen.clone());
    let refusal = Refusal::AnotherOpen {
        task: first,
        open: second,
    };
    assert_eq!(beside, [Change::Refused(refusal)]);
    office.acts(FATIMA, second, done());
    office.acts(FATIMA, first, reopen);
    assert_eq!(asked(&office), ["11-11 09:00 open", "11-23 09:00 over"]);
    sends(&mut office, COA);
    assert_eq!(asked(&office), ["11-11 09:00 over", "11-23 09:00 over"]);
}

#[test]
fn letters_that_still_wait_are_taken_back_when_mail_comes() {
    let mut office = watched("2026-11-02T09:00");
    sends(&mut office, COA);
    office.time_passes_until("2026-11-12T10:00");
    let task = about_silence(&office)[0].id;
    office.now = at("2026-11-12T10:30");
    office.mails += 1;
    let arrival = crate::notice(office.mails, office.now, COA);
    office.happens(&Event::MailArrived(std::sync::Arc::new(arrival)));
    let due = office.partners_are_due();
    let changes = office.happens(&due);
    let overtaken = Change::Overtaken {
        what: Outdated::Task(task),
        at: office.now,
    };
    assert!(changes.contains(&overtaken), "{changes:?}");
    assert_eq!(office.happens(&due), [], "a second look finds nothing to do");
}

#[test]
fn whoever_looked_into_a_silence_is_not_asked_again_while_it_goes_on() {
    let mut office = watched("2026-11-02T09:00");
    sends(&mut office, COA);
    office.time_passes_until("2026-11-11T10:00");
    let task = about_silence(&office)[0].id;
    office.acts(
        FATIMA,
        task,
        Act::Done {
            remark: None,
            event: None,
        },
    );
    office.time_passes_until("2026-12-31T12:00");
    assert_eq!(asked(&office), ["11-11 09:00 over"]);
    sends(&mut office, COA);
    office.time_passes_until("2027-01-31T12:00");
    assert_eq!(asked(&office).len(), 2, "this is another one");
}

#[test]
fn what_may_lie_in_mailboxes_that_were_not_read_is_not_missed() {
    let mut office = watched("2026-11-02T09:00");
    sends(&mut office, COA);
    office.snapshot.read = Some(at("2026-11-04T12:00"));
    office.time_passes_until("2026-11-20T12:00");
    assert_eq!(asked(&office), [""; 0], "it is we who did not read");

    // They are read again, and mail of the time between lies there.
    office.snapshot.read = Some(Timestamp::MAX);
    office.mails += 1;
    let late = crate::notice(office.mails, at("2026-11-19T15:00"), COA);
    office.happens(&Event::MailArrived(std::sync::Arc::new(late)));
    office.time_passes_until("2026-11-27T12:00");
    assert_eq!(asked(&office), [""; 0]);
    office.time_passes_until("2026-11-30T12:00");
    assert_eq!(asked(&office), ["11-30 09:00 open"], "six days after that mail");

    let mut office = watched("2026-11-02T09:00");
    office.snapshot.read = None;
    office.time_passes_until("2026-12-02T09:00");
    assert_eq!(asked(&office), [""; 0], "one was never read");
}

#[test]
fn a_partner_from_whom_nothing_ever_came_is_missed_as_well() {
    let mut office = watched("2026-11-02T09:00");
    office.time_passes_until("2026-12-31T12:00");
    assert_eq!(asked(&office), ["11-11 09:00 open"], "and once");
}

#[test]
fn what_anybody_could_have_sent_is_no_sign_of_a_partner() {
    use koppelwacht::domain::{Nature, Verdict};
    let mut office = watched("2026-11-02T09:00");
    sends(&mut office, COA);
    office.time_passes_until("2026-11-09T12:00");
    let coa = SourceId::new("coa");
    for verdict in [
        Verdict::Unchecked(coa.clone()),
        Verdict::Forged(coa),
        Verdict::Outsider,
    ] {
        let changes = office.mail_from("noreply@coa.nl", Nature::Notice, verdict);
        let is_counted = changes.iter().any(|change| matches!(change, Change::Counted(_)));
        assert!(!is_counted);
    }
    office.time_passes_until("2026-11-11T09:00");
    assert_eq!(asked(&office), ["11-11 09:00 open"]);
}

#[test]
fn downtime_is_made_up_for_once() {
    let mut office = watched("2026-11-02T09:00");
    sends(&mut office, COA);
    // Nothing ran for two weeks.
    office.now = at("2026-11-16T14:00");
    let loaded = Event::RulesLoaded(office.rules.text.clone());
    assert_eq!(office.happens(&loaded), [], "what was slept through still comes");
    office.time_passes_until("2026-11-16T14:00");
    assert_eq!(asked(&office), ["11-16 14:00 open"]);
    let next = office.snapshot.routines[&Routine::Partners];
    assert_eq!(next, at("2026-11-17T09:00"));
}

#[test]
fn a_moment_that_comes_alone_or_too_early_decides_nothing() {
    let mut office = watched("2026-11-02T09:30");
    let moment = Event::MomentCame(Moment::Routine(Routine::Partners));
    assert_eq!(office.happens(&moment), []);
    let due = office.partners_are_due();
    assert_eq!(office.happens(&due), []);
}

#[test]
fn nobody_looks_every_day_when_no_silence_is_watched() {
    let mut office = watched("2026-11-02T09:30");
    office.rules.partners.patience.clear();
    let loaded = Event::RulesLoaded(office.rules.text.clone());
    office.happens(&loaded);
    assert!(!office.snapshot.routines.contains_key(&Routine::Partners));
    assert_eq!(about_silence(&office), [] as [&Task; 0]);
}
