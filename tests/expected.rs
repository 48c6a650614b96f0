//! What should have come, and what must follow: decided on paper, with time that is moved.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "expected/answers.rs"]
mod answers;
#[path = "expected/mistakes.rs"]
mod mistakes;
mod support;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use jiff::civil::Date;
use koppelwacht::app::Installation;
use koppelwacht::decide::by_hand;
use koppelwacht::domain::{
    Act, Answer, Answered, Change, Content, DaysNamed, Earlier, Event, EventId, Expectation,
    ExpectationStanding, ExpectationState, Expected, Fingerprint, Happening, Intent, Mail, Named, Nature,
    People, PersonId, PersonKey, Refusal, Retyping, Sign, Subject, Task, TaskId, Trust, TypeId,
};
use koppelwacht::findings::Findings;
use koppelwacht::mail;
use proptest::prelude::*;

use support::on_paper::{FATIMA, JOOST, Office, arrival, at};

/// What the example municipality needs to judge senders.
static TRUST: LazyLock<Arc<Trust>> = LazyLock::new(|| {
    let installation = Installation::load(None, &mut Findings::default()).unwrap();
    installation.office.trust
});

/// Notices in few words, as COA and DUO would write them.
const NOTICES: [(&str, &str, &str); 8] = [
    (
        "coa.koppeling",
        "coa",
        "Er is een statushouder aan uw gemeente gekoppeld.",
    ),
    (
        "coa.ontkoppeling",
        "coa",
        "De koppeling met uw gemeente is ingetrokken.",
    ),
    ("coa.klantprofiel", "coa", "Het klantprofiel is aangevuld."),
    ("duo.ss101", "duo", "Er staat een signaal klaar (SS101)."),
    ("duo.ss137", "duo", "Er staat een signaal klaar (SS137)."),
    ("duo.ss131", "duo", "Er staat een signaal klaar (SS131)."),
    ("duo.ss103", "duo", "Er staat een signaal klaar (SS103)."),
    ("duo.ss111", "duo", "Er staat een signaal klaar (SS111)."),
];

fn amina() -> People {
    People {
        v_nummers: vec![PersonKey([1; 16])],
        bsns: Vec::new(),
    }
}

/// As DUO knows her.
fn amina_at_duo() -> People {
    People {
        v_nummers: Vec::new(),
        bsns: vec![PersonKey([2; 16])],
    }
}

fn nobody() -> People {
    People::default()
}

/// Somebody says that this mail, which names these people, is of another type.
fn another(office: &Office, kind: &TypeId, mail: &Mail, people: People) -> Act {
    let classification = by_hand(&office.rules, kind, mail);
    let named = Named {
        all: people,
        signals: Vec::new(),
    };
    let of = Earlier {
        mail: mail.clone(),
        named,
    };
    Act::Retype(Arc::new(Retyping { of, classification }))
}

fn written(kind: &str) -> Mail {
    let (_, source, text) = NOTICES.iter().find(|notice| notice.0 == kind).unwrap();
    let domain = if *source == "coa" {
        "tvs.coa.nl"
    } else {
        "portaal.duo.nl"
    };
    let bytes = format!(
        "Authentication-Results: mx.gemeente-voorbeeld.nl; dmarc=pass header.from={domain}\r\nFrom: <noreply@{domain}>\r\n\
         To: inburgering@gemeente-voorbeeld.nl\r\nSubject: Bericht\r\n\r\n{text}\r\n"
    );
    mail::read(bytes.as_bytes(), &TRUST)
}

/// A notice comes in that was received then.
fn comes_from(office: &mut Office, kind: &str, people: People, received: Timestamp) -> TaskId {
    office.mails += 1;
    let mut arrival = arrival(office.mails, received);
    arrival.mail = written(kind);
    arrival.mail.fingerprint = Fingerprint([u8::try_from(office.mails).unwrap(); 32]);
    arrival.named.all = people;
    let task = office.snapshot.next.task;
    office.happens(&Event::MailArrived(Arc::new(arrival)));
    assert_eq!(office.task(task).kind, TypeId::new(kind));
    task
}

/// A notice comes in now.
fn comes(office: &mut Office, kind: &str, people: People) -> TaskId {
    let now = office.now;
    comes_from(office, kind, people, now)
}

/// Somebody says of which type a task is.
fn retype(office: &mut Office, task: TaskId, kind: &str) -> Vec<Change> {
    let act = another(office, &TypeId::new(kind), &written(kind), nobody());
    office.acts(FATIMA, task, act)
}

fn done(office: &mut Office, task: TaskId, event: Option<(&str, &str)>) -> Vec<Change> {
    let event = event.map(|(event, on)| (EventId::new(event), on.parse().unwrap()));
    office.acts(FATIMA, task, Act::Done { remark: None, event })
}

/// All that is or was expected by a rule, the oldest first.
fn expected<'o>(office: &'o Office, rule: &str) -> Vec<&'o Expectation> {
    let all = office.snapshot.lives.expectations.values();
    all.filter(|expected| expected.rule.as_str() == rule).collect()
}

/// How it stands with each that is or was expected by a rule, the oldest first.
fn standing(office: &Office, rule: &str) -> Vec<ExpectationStanding> {
    let all = expected(office, rule).into_iter();
    all.map(|expected| expected.standing(office.now)).collect()
}

/// The tasks of a type, the oldest first.
fn tasks<'o>(office: &'o Office, kind: &str) -> Vec<&'o Task> {
    let mut tasks: Vec<&Task> = office.snapshot.tasks.values().collect();
    tasks.retain(|task| task.kind.as_str() == kind);
    tasks.sort_by_key(|task| task.id);
    tasks
}

fn last_line(office: &Office, task: TaskId) -> &Happening {
    &office.snapshot.history[&task].last().unwrap().what
}

use ExpectationStanding::{Cancelled, Met, Open, Overdue};

const DUO: &str = "duo-na-koppeling";

#[test]
fn what_does_not_come_is_asked_about_once_and_what_comes_late_closes_that() {
    let mut office = Office::at("2026-03-02T09:00");
    comes(&mut office, "coa.koppeling", amina());
    assert_eq!(standing(&office, DUO), [Open]);
    office.time_passes_until("2026-04-15T16:59");
    assert_eq!(tasks(&office, "verwacht.duo-na-koppeling"), Vec::<&Task>::new());
    // Whether somebody looked or was down for weeks: one task, about the moment at which it was late.
    office.time_passes_until("2026-04-16T09:00");
    assert_eq!(standing(&office, DUO), [Overdue]);
    let asked = tasks(&office, "verwacht.duo-na-koppeling");
    assert_eq!(asked.len(), 1);
    let asked = asked[0].id;
    assert_eq!(office.told(asked), ["Thu 09:00 fatima"]);
    assert_eq!(
        office.task(asked).due,
        at("2026-04-21T17:00"),
        "three working days"
    );
    office.time_passes_until("2026-04-20T10:00");
    comes(&mut office, "duo.ss101", amina());
    assert_eq!(standing(&office, DUO), [Met]);
    assert!(!office.task(asked).is_open());
    assert!(
        matches!(last_line(&office, asked), Happening::CameAfterAll { sign: Some(sign) } if sign.as_str() == "duo.ss101")
    );
    let refused = office.acts(FATIMA, asked, Act::Take);
    assert_eq!(refused, [Change::Refused(Refusal::CameAfterAll(asked))]);
    // It comes once more: nothing was waited for.
    comes(&mut office, "duo.ss101", amina());
    assert_eq!(standing(&office, DUO), [Met]);
}

#[test]
fn weeks_of_downtime_lose_nothing_and_ask_once() {
    let mut office = Office::at("2026-03-02T09:00");
    comes(&mut office, "coa.koppeling", amina());
    let expectation = expected(&office, DUO)[0].id;
    office.now = at("2026-07-06T10:00");
    let moment = Event::MomentCame(koppelwacht::domain::Moment::Expectation(expectation));
    assert!(!office.happens(&moment).is_empty());
    assert_eq!(office.happens(&moment), [], "the same moment a second time");
    assert_eq!(tasks(&office, "verwacht.duo-na-koppeling").len(), 1);
}

#[test]
fn what_came_shortly_before_counts_and_what_came_long_before_does_not() {
    let mut office = Office::at("2026-03-02T09:00");
    comes(&mut office, "duo.ss101", amina());
    office.time_passes_until("2026-03-20T09:00");
    comes(&mut office, "coa.koppeling", amina());
    assert_eq!(standing(&office, DUO), [Met]);

    let mut office = Office::at("2026-03-02T09:00");
    comes(&mut office, "duo.ss101", amina());
    office.time_passes_until("2026-09-01T09:00");
    comes(&mut office, "coa.koppeling", amina());
    assert_eq!(standing(&office, DUO), [Open]);
}

#[test]
fn what_is_not_needed_any_more_is_taken_back() {
    let mut office = Office::at("2026-03-02T09:00");
    comes(&mut office, "coa.koppeling", amina());
    office.time_passes_until("2026-04-16T09:00");
    let asked = tasks(&office, "verwacht.duo-na-koppeling")[0].id;
    comes(&mut office, "coa.ontkoppeling", amina());
    assert_eq!(standing(&office, DUO), [Cancelled]);
    assert!(matches!(
        last_line(&office, asked),
        Happening::NotNeeded { sign: Some(_) }
    ));
    // Assigned once more: it is expected once more.
    office.time_passes_until("2026-06-01T09:00");
    comes(&mut office, "coa.koppeling", amina());
    assert_eq!(standing(&office, DUO), [Cancelled, Open]);
}

#[test]
fn nobody_but_the_person_meets_what_is_expected_of_them() {
    let mut office = Office::at("2026-03-02T09:00");
    comes(&mut office, "coa.koppeling", amina());
    comes(&mut office, "duo.ss101", amina_at_duo());
    assert_eq!(standing(&office, DUO), [Open], "nobody knows that these are one");
    let both = People {
        v_nummers: amina().v_nummers,
        bsns: amina_at_duo().bsns,
    };
    let same = |by: &str| Event::SamePerson {
        by: PersonId::new(by),
        people: both.clone(),
        tasks: vec![TaskId(1), TaskId(2)],
    };
    let stranger = office.happens(&same("anybody"));
    assert!(matches!(
        &stranger[..],
        [Change::Refused(Refusal::UnknownPerson(_))]
    ));
    office.happens(&same(FATIMA));
    assert_eq!(standing(&office, DUO), [Met]);
    assert_eq!(office.happens(&same(JOOST)), [], "said already");
}

#[test]
fn somebody_who_looked_settles_it_and_what_comes_then_changes_nothing() {
    let mut office = Office::at("2026-03-02T09:00");
    comes(&mut office, "coa.koppeling", amina());
    office.time_passes_until("2026-04-16T09:00");
    let asked = tasks(&office, "verwacht.duo-na-koppeling")[0].id;
    done(&mut office, asked, None);
    assert_eq!(standing(&office, DUO), [Met]);
    office.time_passes_until("2026-04-17T09:00");
    comes(&mut office, "duo.ss101", amina());
    assert_eq!(standing(&office, DUO), [Met]);
    office.time_passes_until("2027-04-17T09:00");
    comes(&mut office, "coa.koppeling", amina());
    assert_eq!(standing(&office, DUO), [Met, Open]);
}

#[test]
fn a_type_that_was_wrong_started_nothing_and_a_type_that_is_right_does() {
    let mut office = Office::at("2026-03-02T09:00");
    let task = comes(&mut office, "coa.koppeling", amina());
    retype(&mut office, task, "coa.klantprofiel");
    assert_eq!(standing(&office, DUO), [Cancelled]);
    retype(&mut office, task, "coa.koppeling");
    assert_eq!(standing(&office, DUO).last(), Some(&Open));
}

/// A mail that nobody recognises, from somebody whom nobody knows: its task is for a colleague to read.
fn unrecognised(office: &mut Office, people: People) -> (TaskId, Mail) {
    let mut arrival = arrival(0, office.now);
    arrival.mail = Mail::unreadable(Fingerprint([77; 32]));
    arrival.named.all = people;
    let mail = arrival.mail.clone();
    office.happens(&Event::MailArrived(Arc::new(arrival)));
    (TaskId(office.snapshot.next.task.0 - 1), mail)
}

#[test]
fn a_mail_that_somebody_recognises_lies_in_the_dossier_of_whom_it_names_and_starts_what_it_starts() {
    let mut office = Office::at("2026-03-02T09:00");
    let (task, mail) = unrecognised(&mut office, amina());
    assert_eq!(expected(&office, DUO), Vec::<&Expectation>::new());
    let act = another(&office, &TypeId::new("coa.koppeling"), &mail, amina());
    office.acts(FATIMA, task, act);
    assert_eq!(standing(&office, DUO), [Open]);
    assert!(matches!(expected(&office, DUO)[0].about, Subject::Dossier(_)));
    comes(&mut office, "duo.ss101", amina());
    assert_eq!(standing(&office, DUO), [Met]);
}

#[test]
fn a_mail_that_names_nobody_is_counted_as_what_somebody_says_that_it_is() {
    let mut office = Office::at("2026-03-02T09:00");
    let (task, mail) = unrecognised(&mut office, nobody());
    let is = |office: &mut Office, kind: &str| {
        let act = another(office, &TypeId::new(kind), &mail, nobody());
        office.acts(FATIMA, task, act);
    };
    is(&mut office, "coa.koppeling");
    assert_eq!(standing(&office, DUO), [Open]);
    is(&mut office, "coa.klantprofiel");
    assert_eq!(standing(&office, DUO), [Met], "nothing is wanted any more");
    is(&mut office, "coa.koppeling");
    assert_eq!(standing(&office, DUO), [Open]);
}

#[test]
fn a_task_about_one_of_several_stays_about_that_one() {
    let mut office = Office::at("2026-03-02T09:00");
    let bilal = People {
        v_nummers: Vec::new(),
        bsns: vec![PersonKey([3; 16])],
    };
    comes(&mut office, "coa.koppeling", amina());
    let task = comes(&mut office, "coa.klantprofiel", bilal.clone());
    // The overview that it came of names her as well.
    let both = People {
        v_nummers: amina().v_nummers,
        ..bilal
    };
    let act = another(&office, &TypeId::new("duo.ss101"), &written("duo.ss101"), both);
    office.acts(FATIMA, task, act);
    assert_eq!(standing(&office, DUO), [Open], "hers has not come");
}

#[test]
fn everything_about_one_person_goes_to_one_caseload_also_what_somebody_recognised() {
    let mut office = Office::at("2026-03-02T09:00");
    let first = comes(&mut office, "coa.koppeling", amina());
    let home = office.task(first).caseload.clone();
    for (people, is_home) in [(amina(), true), (nobody(), false)] {
        let (task, mail) = unrecognised(&mut office, people.clone());
        let act = another(&office, &TypeId::new("duo.ss101"), &mail, people);
        office.acts(FATIMA, task, act);
        assert_eq!(office.task(task).caseload == home, is_home);
        office.snapshot.seen.clear();
    }
}

#[test]
fn a_task_of_what_was_expected_is_not_given_another_type() {
    let mut office = Office::at("2026-03-02T09:00");
    comes(&mut office, "coa.koppeling", amina());
    office.time_passes_until("2026-04-16T09:00");
    let asked = tasks(&office, "verwacht.duo-na-koppeling")[0].id;
    let changes = retype(&mut office, asked, "coa.klantprofiel");
    assert_eq!(changes, [Change::Refused(Refusal::NoNotice(asked))]);
}

#[test]
fn rules_that_no_longer_expect_it_let_it_go() {
    let mut office = Office::at("2026-03-02T09:00");
    comes(&mut office, "coa.koppeling", amina());
    office.rules.expected.retain(|rule| rule.id.as_str() != DUO);
    office.time_passes_until("2026-05-01T09:00");
    assert_eq!(standing(&office, DUO), [Cancelled]);
    assert_eq!(tasks(&office, "verwacht.duo-na-koppeling"), Vec::<&Task>::new());
}

#[test]
fn mails_that_name_nobody_are_counted_by_the_week_and_that_is_said() {
    let mut office = Office::at("2026-03-02T09:00");
    for _ in 0..3 {
        comes(&mut office, "coa.koppeling", nobody());
    }
    comes(&mut office, "duo.ss101", nobody());
    assert_eq!(standing(&office, DUO), [Open]);
    // Another person's is not counted.
    comes(&mut office, "duo.ss101", amina());
    office.time_passes_until("2026-04-23T09:00");
    let asked = tasks(&office, "verwacht.duo-na-koppeling");
    assert_eq!(asked.len(), 1);
    let asked = asked[0].id;
    assert_eq!(
        office.task(asked).title,
        "Na een koppeling kwam er geen bericht van DUO (2 van de 3, week van 2-3-2026)"
    );
    let Happening::Opened { why, .. } = &office.snapshot.history[&asked][0].what else {
        panic!("it was opened");
    };
    assert_eq!(
        why[1],
        "the mails name nobody: they can only be counted, week by week"
    );
    comes(&mut office, "duo.ss101", nobody());
    assert_eq!(standing(&office, DUO)[0], Overdue);
    comes(&mut office, "duo.ss101", nobody());
    assert_eq!(standing(&office, DUO)[0], Met);
    assert_eq!(last_line(&office, asked), &Happening::CameAfterAll { sign: None });
}

#[test]
fn what_somebody_looked_into_comes_late_and_is_not_taken_for_that_of_another_week() {
    let mut office = Office::at("2026-03-02T09:00");
    comes(&mut office, "coa.koppeling", nobody());
    office.time_passes_until("2026-04-23T09:00");
    let asked = tasks(&office, "verwacht.duo-na-koppeling")[0].id;
    done(&mut office, asked, None);
    assert_eq!(standing(&office, DUO), [Met]);
    comes(&mut office, "coa.koppeling", nobody());
    office.time_passes_until("2026-05-04T09:00");
    // The one that was looked into.
    comes(&mut office, "duo.ss101", nobody());
    assert_eq!(standing(&office, DUO), [Met, Open, Met]);
    office.time_passes_until("2026-07-01T09:00");
    assert_eq!(
        tasks(&office, "verwacht.duo-na-koppeling").len(),
        2,
        "that of the second never came"
    );
    // More of the first week are found: these are missing, beside the one that came.
    let mut late = arrival(9, at("2026-03-03T09:00"));
    late.mail = written("coa.koppeling");
    late.mail.fingerprint = Fingerprint([99; 32]);
    office.happens(&Event::MailArrived(Arc::new(late)));
    assert_eq!(standing(&office, DUO)[0], Overdue);
}

#[test]
fn what_is_counted_may_come_before_what_it_belongs_to() {
    let mut office = Office::at("2026-03-05T09:00");
    comes(&mut office, "duo.ss101", nobody());
    office.time_passes_until("2026-03-10T09:00");
    comes(&mut office, "coa.koppeling", nobody());
    let weeks: BTreeMap<Date, ExpectationStanding> = expected(&office, DUO)
        .into_iter()
        .map(|week| match week.about {
            Subject::Week { monday, .. } => (monday, week.standing(office.now)),
            Subject::Dossier(_) => panic!("it names nobody"),
        })
        .collect();
    assert_eq!(weeks.into_values().collect::<Vec<_>>(), [Met, Met]);
    office.time_passes_until("2026-08-01T09:00");
    assert_eq!(tasks(&office, "verwacht.duo-na-koppeling"), Vec::<&Task>::new());
}

#[test]
fn a_term_starts_with_what_somebody_tells() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = comes(&mut office, "coa.koppeling", amina());
    done(&mut office, task, Some(("pip_vastgesteld", "2026-11-20")));
    let end = expected(&office, "einde-inburgeringstermijn")[0];
    // The day itself is the first of three years.
    assert_eq!(
        office.rules.calendar.last_day(end.until).to_string(),
        "2029-11-19"
    );
    assert_eq!(
        end.state,
        ExpectationState::Open {
            asks: at("2029-05-18T09:00")
        }
    );
    office.time_passes_until("2026-11-23T09:05");
    let register = tasks(&office, "verwacht.registreren-bij-duo")[0].id;
    assert_eq!(
        office.task(register).due,
        at("2026-12-04T17:00"),
        "ten working days from the day told"
    );
    done(&mut office, register, None);
    assert_eq!(standing(&office, "registreren-bij-duo"), [Met]);
}

#[test]
fn a_new_last_day_moves_the_term_and_the_moment_at_which_somebody_is_asked() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = comes(&mut office, "duo.ss101", amina());
    done(&mut office, task, Some(("pip_vastgesteld", "2026-11-20")));
    office.time_passes_until("2029-06-01T10:00");
    let asked = tasks(&office, "verwacht.einde-inburgeringstermijn")[0].id;
    // Whoever is asked finds that DUO gave more time: that is no end, but another day.
    done(&mut office, asked, Some(("termijn_verlengd", "2031-02-14")));
    let end = expected(&office, "einde-inburgeringstermijn")[0];
    assert_eq!(
        end.state,
        ExpectationState::Open {
            asks: at("2030-08-14T09:00")
        }
    );
    assert_eq!(
        office.rules.calendar.last_day(end.until).to_string(),
        "2031-02-14"
    );
    office.time_passes_until("2030-08-14T09:00");
    assert_eq!(tasks(&office, "verwacht.einde-inburgeringstermijn").len(), 2);
}

#[test]
fn a_last_day_that_it_has_already_settles_what_was_asked() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = comes(&mut office, "duo.ss101", amina());
    done(&mut office, task, Some(("pip_vastgesteld", "2026-11-20")));
    office.time_passes_until("2029-06-01T10:00");
    let asked = tasks(&office, "verwacht.einde-inburgeringstermijn")[0].id;
    done(&mut office, asked, Some(("termijn_verlengd", "2029-11-19")));
    assert_eq!(standing(&office, "einde-inburgeringstermijn"), [Met]);
}

#[test]
fn two_dossiers_that_become_one_wait_once() {
    let mut office = Office::at("2026-11-23T09:00");
    let coa = comes(&mut office, "coa.koppeling", amina());
    let duo = comes(&mut office, "duo.ss101", amina_at_duo());
    done(&mut office, coa, Some(("pip_vastgesteld", "2026-11-20")));
    done(&mut office, duo, Some(("pip_vastgesteld", "2026-11-19")));
    assert_eq!(standing(&office, "einde-inburgeringstermijn"), [Open, Open]);
    office.time_passes_until("2026-11-23T10:00");
    let at_work = [tasks(&office, "verwacht.registreren-bij-duo")[1].id];
    office.happens(&Event::SamePerson {
        by: PersonId::new(FATIMA),
        people: People {
            v_nummers: amina().v_nummers,
            bsns: amina_at_duo().bsns,
        },
        tasks: vec![coa, duo],
    });
    let open = expected(&office, "einde-inburgeringstermijn");
    let open: Vec<_> = open.into_iter().filter(|one| one.is_open()).collect();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].since, at("2026-11-19T00:00"), "from the first day on");
    office.time_passes_until("2026-11-24T09:00");
    let asked = tasks(&office, "verwacht.registreren-bij-duo");
    let open: Vec<TaskId> = asked
        .iter()
        .filter(|task| task.is_open())
        .map(|task| task.id)
        .collect();
    assert_eq!(
        (asked.len(), open.as_slice()),
        (2, &at_work[..]),
        "nobody is asked anew"
    );
}

#[test]
fn an_answer_by_mail_tells_it_as_well() {
    let mut office = Office::at("2026-11-23T09:00");
    comes(&mut office, "duo.ss101", amina());
    let (task, letter) = office.letter_to(FATIMA);
    office.writes(
        FATIMA,
        Nature::Answer(Answer {
            task: Some(task),
            letter: Some(letter),
            intent: Some(Intent::Done {
                remark: Some("PIP vastgesteld op 20 november".to_owned()),
                days: DaysNamed {
                    on: vec!["2026-11-20".parse().unwrap()],
                    ..DaysNamed::default()
                },
            }),
        }),
    );
    assert!(!office.task(task).is_open());
    let end = expected(&office, "einde-inburgeringstermijn")[0];
    assert_eq!(end.since, at("2026-11-20T00:00"));
    assert_eq!(
        heard(&office),
        ("PIP vastgesteld".to_owned(), "2026-11-20".parse().unwrap(), true)
    );
}

#[test]
fn an_answer_about_nobody_closes_the_task_and_says_that_no_term_starts() {
    let mut office = Office::at("2026-11-23T09:00");
    comes(&mut office, "duo.ss101", nobody());
    let (task, letter) = office.letter_to(FATIMA);
    let changes = office.writes(
        FATIMA,
        Nature::Answer(Answer {
            task: Some(task),
            letter: Some(letter),
            intent: Some(Intent::Done {
                remark: Some("pip vastgesteld".to_owned()),
                days: DaysNamed::default(),
            }),
        }),
    );
    assert!(!office.task(task).is_open());
    assert!(
        !changes.iter().any(|change| matches!(change, Change::Opened(_))),
        "no colleague has to read it"
    );
    assert_eq!(
        heard(&office),
        ("PIP vastgesteld".to_owned(), "2026-11-23".parse().unwrap(), false)
    );
}

/// The event of which the last letter says that it was understood, its day, and whether it is kept.
fn heard(office: &Office) -> (String, Date, bool) {
    let last = office.letters.last().map(|letter| &letter.content);
    let Some(Content::Answered(Answered {
        event: Some(event), ..
    })) = last
    else {
        panic!("{last:?} names no event");
    };
    (event.title.clone(), event.on, event.kept)
}

#[test]
fn what_cannot_be_told_is_refused() {
    let mut office = Office::at("2026-11-23T09:00");
    let task = comes(&mut office, "duo.ss101", amina());
    let nameless = comes(&mut office, "duo.ss101", nobody());
    let refused = |changes: Vec<Change>| match &changes[..] {
        [Change::Refused(refusal)] => refusal.clone(),
        other => panic!("{other:?}"),
    };
    let event = EventId::new;
    assert_eq!(
        refused(done(&mut office, task, Some(("pip_vastgestelt", "2026-11-20")))),
        Refusal::UnknownEvent(event("pip_vastgestelt"))
    );
    assert_eq!(
        refused(done(&mut office, task, Some(("pip_vastgesteld", "2026-11-24")))),
        Refusal::NotYet(event("pip_vastgesteld"))
    );
    assert_eq!(
        refused(done(
            &mut office,
            nameless,
            Some(("pip_vastgesteld", "2026-11-20"))
        )),
        Refusal::NoDossier(nameless)
    );
    assert_eq!(
        refused(done(&mut office, task, Some(("termijn_verlengd", "2026-11-23")))),
        Refusal::NoLastDay(event("termijn_verlengd")),
        "today, because they said no day"
    );
    assert!(office.task(task).is_open(), "nothing of it was written");
}

/// One thing that happens in a life: what, and on which day after the first.
#[derive(Debug, Clone, Copy)]
enum Step {
    Notice(&'static str, i64),
    Event(&'static str, i64),
}

/// What colleagues tell. Of an event that moves a term, the last that was told counts: it is none of these.
const EVENTS: [&str; 5] = [
    "pip_vastgesteld",
    "geregistreerd_bij_duo",
    "aanbod_gedaan",
    "inburgering_klaar",
    "tweede_overtreding",
];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let notice = (
        prop::sample::select(vec![
            "coa.koppeling",
            "coa.ontkoppeling",
            "duo.ss101",
            "duo.ss137",
            "duo.ss131",
            "duo.ss103",
            "duo.ss111",
        ]),
        0..150_i64,
    );
    let event = (prop::sample::select(EVENTS.to_vec()), 0..150_i64);
    let step = prop_oneof![
        3 => notice.prop_map(|(kind, day)| Step::Notice(kind, day)),
        1 => event.prop_map(|(event, day)| Step::Event(event, day)),
    ];
    prop::collection::vec(step, 1..9)
}

/// When all of a life has happened. Two rules are for certain lives only, also by what colleagues tell.
static SEPTEMBER: LazyLock<Office> = LazyLock::new(|| {
    let mut office = Office::at("2026-09-01T09:00");
    rule(&mut office, DUO).unless = vec![Sign::named("inburgering_klaar")];
    rule(&mut office, "registreren-bij-duo").only_if = vec![Sign::named("tweede_overtreding")];
    office
});

fn rule<'o>(office: &'o mut Office, id: &str) -> &'o mut Expected {
    let mut rules = office.rules.expected.iter_mut();
    rules.find(|rule| rule.id.as_str() == id).unwrap()
}

/// An instant so many days after the first.
fn day(days: i64) -> Timestamp {
    at("2026-03-02T09:00") + jiff::SignedDuration::from_hours(24 * days)
}

/// When all of a life has happened, nothing of it is known but its first notice.
fn nothing_known() -> Office {
    let mut office = SEPTEMBER.clone();
    comes_from(&mut office, "coa.klantprofiel", amina(), day(0));
    office
}

/// One thing becomes known.
fn becomes_known(office: &mut Office, step: Step) {
    match step {
        Step::Notice(kind, days) => drop(comes_from(office, kind, amina(), day(days))),
        Step::Event(event, days) => {
            let event = (EventId::new(event), office.rules.calendar.day(day(days)));
            office.happens(&Event::DossierReported {
                by: PersonId::new(FATIMA),
                task: TaskId(1),
                event,
            });
        }
    }
}

/// A life becomes known in this order, all of it afterwards.
fn lived(steps: &[Step]) -> Office {
    let mut office = nothing_known();
    for step in steps {
        becomes_known(&mut office, *step);
    }
    office.time_passes_until("2026-10-15T12:00");
    office
}

/// A mistake: made before one step of a life, and undone before a later one or the same. Steps are counted from 0.
#[derive(Debug, Clone, Copy)]
struct Mistake {
    what: What,
    made: u8,
    undone: u8,
}

/// What is done by mistake.
#[derive(Debug, Clone, Copy)]
enum What {
    /// An event is told, of so many days after the first.
    Told(&'static str, i64),
    /// One of the tasks is closed by which somebody was asked, and opened again so many hours later.
    Closed(u8, u8),
}

fn mistakes() -> impl Strategy<Value = Vec<Mistake>> {
    let events = [&EVENTS[..], &["termijn_verlengd"]].concat();
    let told = (prop::sample::select(events), 0..150_i64);
    let what = prop_oneof![
        3 => told.prop_map(|(event, day)| What::Told(event, day)),
        1 => (any::<u8>(), 0..30_u8).prop_map(|(task, hours)| What::Closed(task, hours)),
    ];
    let mistake = (what, 0..9_u8, 0..9_u8).prop_map(|(what, one, other)| Mistake {
        what,
        made: one.min(other),
        undone: one.max(other),
    });
    prop::collection::vec(mistake, 1..6)
}

/// The same life, with mistakes that are all undone. An hour passes with every step, so that somebody is asked meanwhile.
fn lived_with(steps: &[Step], mistakes: &[Mistake]) -> Office {
    let mut office = nothing_known();
    for place in 0..=8_u8 {
        for mistake in mistakes.iter().filter(|mistake| mistake.made == place) {
            make(&mut office, steps, mistake.what);
        }
        pass(&mut office, 1);
        for mistake in mistakes.iter().filter(|mistake| mistake.undone == place) {
            undo(&mut office, steps, mistake.what);
        }
        if let Some(step) = steps.get(usize::from(place)) {
            becomes_known(&mut office, *step);
        }
    }
    office.time_passes_until("2026-10-15T12:00");
    office
}

/// A life of which one part is known when somebody closes all tasks by hand, and the rest becomes known after that.
fn closed_between(before: &[Step], after: &[Step]) -> Office {
    let mut office = lived(before);
    let asked = office.snapshot.lives.expectations.values();
    for task in asked.filter_map(Expectation::task).collect::<Vec<_>>() {
        done(&mut office, task, None);
    }
    pass(&mut office, 1);
    for step in after {
        becomes_known(&mut office, *step);
    }
    pass(&mut office, 24);
    office
}

fn pass(office: &mut Office, hours: u8) {
    office.now += jiff::SignedDuration::from_hours(i64::from(hours));
    let until = office.zoned();
    office.time_passes_until(&until);
}

/// What really happened is no mistake.
fn is_true(steps: &[Step], event: &str, days: i64) -> bool {
    let is_it = |step: &Step| matches!(step, Step::Event(other, on) if (*other, *on) == (event, days));
    steps.iter().any(is_it)
}

fn make(office: &mut Office, steps: &[Step], what: What) {
    match what {
        What::Told(event, days) if is_true(steps, event, days) => {}
        What::Told(event, days) => becomes_known(office, Step::Event(event, days)),
        What::Closed(number, hours) => {
            let asked = office.snapshot.lives.expectations.values();
            let asked: Vec<TaskId> = asked.filter_map(Expectation::task).collect();
            if let Some(task) = asked.get(usize::from(number) % asked.len().max(1)).copied() {
                done(office, task, None);
                pass(office, hours);
                office.acts(FATIMA, task, Act::Reopen { remark: None });
                assert!(office.task(task).is_open());
            }
        }
    }
}

fn undo(office: &mut Office, steps: &[Step], what: What) {
    if let What::Told(event, days) = what
        && !is_true(steps, event, days)
    {
        let event = (EventId::new(event), office.rules.calendar.day(day(days)));
        office.happens(&Event::ReportTakenBack {
            by: PersonId::new(FATIMA),
            tasks: vec![TaskId(1)],
            event,
        });
    }
}

/// How it stands with the last of what each rule expects and its last day, but for what is not expected any more.
fn end_state(office: &Office) -> BTreeMap<String, (ExpectationStanding, Date)> {
    let mut last: BTreeMap<String, &Expectation> = BTreeMap::new();
    let all = office.snapshot.lives.expectations.values();
    for expected in all.filter(|expected| !expected.never_was()) {
        let known = last.entry(expected.rule.to_string()).or_insert(expected);
        if expected.since >= known.since {
            *known = expected;
        }
    }
    let last_day = |expected: &Expectation| office.rules.calendar.last_day(expected.until);
    let standing = last.into_iter();
    standing
        .map(|(rule, expected)| (rule, (expected.standing(office.now), last_day(expected))))
        .filter(|(_, (standing, _))| *standing != Cancelled)
        .collect()
}

/// For each rule how many are open: never more than one.
fn open_by_rule(office: &Office) -> BTreeMap<String, usize> {
    let mut open = BTreeMap::new();
    let all = office.snapshot.lives.expectations.values();
    for expected in all.filter(|expected| expected.is_open()) {
        *open.entry(expected.rule.to_string()).or_default() += 1;
    }
    open
}

/// Until when what is open is waited for.
fn open_until(office: &Office) -> BTreeMap<String, Date> {
    let all = office.snapshot.lives.expectations.values();
    let open = all.filter(|expected| expected.is_open());
    open.map(|expected| {
        (
            expected.rule.to_string(),
            office.rules.calendar.last_day(expected.until),
        )
    })
    .collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").map_or(96, |cases| cases.parse().unwrap()),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_order_in_which_it_becomes_known_does_not_matter(
        (steps, shuffled) in steps().prop_flat_map(|steps| (Just(steps.clone()), Just(steps).prop_shuffle()))
    ) {
        prop_assert_eq!(end_state(&lived(&steps)), end_state(&lived(&shuffled)));
    }

    #[test]
    fn what_was_done_by_mistake_and_undone_leaves_no_trace(steps in steps(), mistakes in mistakes()) {
        let office = lived_with(&steps, &mistakes);
        prop_assert_eq!(end_state(&office), end_state(&lived(&steps)));
        prop_assert!(open_by_rule(&office).values().all(|open| *open == 1), "{:?}", open_by_rule(&office));
    }

    #[test]
    fn what_is_waited_for_after_everything_was_closed_by_hand_is_the_same_in_any_order(
        before in steps(),
        (after, shuffled) in steps().prop_flat_map(|steps| (Just(steps.clone()), Just(steps).prop_shuffle()))
    ) {
        let (one, other) = (closed_between(&before, &after), closed_between(&before, &shuffled));
        prop_assert_eq!(open_until(&one), open_until(&other));
        prop_assert!(open_by_rule(&one).values().all(|open| *open == 1), "{:?}", open_by_rule(&one));
    }

    #[test]
    fn nobody_is_asked_twice_and_nothing_open_is_forgotten(steps in steps()) {
        let mut office = lived(&steps);
        for expected in office.snapshot.lives.expectations.values() {
            match &expected.state {
                ExpectationState::Open { asks } => prop_assert!(*asks > office.now, "{expected:?}"),
                ExpectationState::Asked { task } => prop_assert!(office.task(*task).is_open()),
                ExpectationState::Handled { .. }
                | ExpectationState::Met { .. }
                | ExpectationState::Cancelled { .. } => {}
            }
        }
        // Everything is told once more: that changes nothing in the end.
        let before = end_state(&office);
        for step in &steps {
            if let Step::Notice(kind, days) = *step {
                comes_from(&mut office, kind, amina(), day(days));
            }
        }
        prop_assert_eq!(end_state(&office), before);
    }
}
