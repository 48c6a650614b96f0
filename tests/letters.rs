//! The words of letters: what colleagues read, and what a municipality can and cannot change about it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use jiff::civil::{DateTime, date};
use koppelwacht::domain::{
    AnswerTrouble, Answered, Asked, AwayThen, AwayToday, Back, CameOf, Caution, Content, DaysNamed, Deceit,
    Drift, DriftWeek, Drill, DrillFailed, DrillMail, EventHeard, Facts, HandedTask, Instead, Intent, Late,
    LetterName, LetterOf, LostMail, Nature, NoticeBefore, Occasion, OpenTask, Overview, Role, RulesRefused,
    Smime, TaskId, Thin, ThinWeek, Tried, Trust, WhyNot, Words, WorkTime,
};
use koppelwacht::findings::Findings;
use koppelwacht::mail;
use koppelwacht::templates::{ReplyTo, Templates, bare};

const REPLY_TO: ReplyTo<'_> = ReplyTo {
    address: "koppelwacht@gemeente-voorbeeld.nl",
    token: "9f86d081884c7d65",
};

const SANNE: Option<&str> = Some("Sanne de Boer");

fn letter(occasion: Occasion, facts: Facts) -> Content {
    Content::Task {
        occasion,
        own: None,
        facts,
    }
}

fn at(day: i8, hour: i8, minute: i8) -> DateTime {
    date(2026, 11, day).at(hour, minute, 0, 0)
}

fn facts() -> Facts {
    Facts {
        task: TaskId(17),
        title: "Nieuwe koppeling van het COA".to_owned(),
        instruction:
            "Bekijk de koppeling in het TVS. Neem daarna contact op met het COA over de huisvesting."
                .to_owned(),
        critical: true,
        came_of: CameOf::Notice,
        origin: None,
        retyped: false,
        drill: false,
        caseload: "Huisvesting vergunninghouders".to_owned(),
        role: Role::Holder,
        received: at(24, 9, 30),
        due: at(26, 17, 0),
        overdue: false,
        next: Some(at(24, 13, 30)),
        hurried: false,
        from: None,
        gone: None,
        tried: Vec::new(),
        caution: None,
        deceit: None,
    }
}

fn told(role: Role, name: Option<&str>, hour: i8) -> Tried {
    Tried {
        role,
        name: name.map(str::to_owned),
        told: Some(at(24, hour, 31)),
        lost: false,
        skipped: None,
    }
}

fn skipped(role: Role, name: &str, why: WhyNot) -> Tried {
    Tried {
        role,
        name: Some(name.to_owned()),
        told: None,
        lost: false,
        skipped: Some(why),
    }
}

/// An escalation as it is on most days: one was told, one is away.
fn second_call() -> Facts {
    Facts {
        role: Role::Lead,
        tried: vec![
            told(Role::Holder, SANNE, 9),
            skipped(Role::Deputy, "Karim Bakker", WhyNot::Absent),
        ],
        ..facts()
    }
}

/// A letter to the last rung: everybody else was told or could not be, for every reason.
fn last_resort() -> Facts {
    let lost = Tried {
        lost: true,
        ..told(Role::OnCall, Some("Femke Visser"), 12)
    };
    let nobody = Tried {
        name: None,
        ..skipped(Role::Lead, "", WhyNot::Nobody)
    };
    let tried = vec![
        told(Role::Holder, SANNE, 9),
        skipped(Role::Deputy, "Karim Bakker", WhyNot::Absent),
        skipped(Role::Deputy, "Els Smit", WhyNot::OffDuty),
        skipped(Role::Deputy, "Bas Mulder", WhyNot::Unreachable),
        skipped(Role::Deputy, "Noor Jansen", WhyNot::Declined),
        lost,
        skipped(Role::OnCall, "Sanne de Boer", WhyNot::AlreadyTold),
        nobody,
    ];
    Facts {
        role: Role::Functional,
        overdue: true,
        hurried: true,
        next: Some(at(27, 9, 0)),
        tried,
        ..facts()
    }
}

fn render(content: &Content) -> Words {
    Templates::shipped().render(content, &REPLY_TO).unwrap()
}

/// A letter alone in its envelope.
fn message(name: Option<&str>, content: &Content) -> Words {
    let section = render(content);
    Templates::shipped().envelope(name, &[&section], true).unwrap()
}

fn snapshot_words(name: &str, words: &Words) {
    insta::assert_snapshot!(
        format!("{name}.txt"),
        format!("{}\n\n{}", words.subject, words.text)
    );
    insta::assert_snapshot!(format!("{name}.html"), words.html);
}

fn snapshot(name: &str, greets: Option<&str>, content: &Content) {
    snapshot_words(name, &message(greets, content));
}

#[test]
fn a_new_task() {
    snapshot("new_task", SANNE, &letter(Occasion::NewTask, facts()));
}

#[test]
fn a_new_task_whose_type_its_reader_gave_says_that_it_was_heard() {
    let facts = Facts {
        retyped: true,
        ..facts()
    };
    let words = render(&letter(Occasion::NewTask, facts));
    for whole in [&words.text, &words.html] {
        assert!(
            whole.contains("U hebt de soort van deze taak veranderd. De taak is voor u."),
            "{whole}"
        );
        assert!(!whole.contains("Er is een nieuwe taak"), "{whole}");
    }
}

#[test]
fn a_new_task_that_may_be_a_forgery() {
    let content = Facts {
        caution: Some(Caution::Forged),
        deceit: Some(Deceit::LookAlike),
        ..facts()
    };
    snapshot("new_task_forged", SANNE, &letter(Occasion::NewTask, content));
}

#[test]
fn a_letter_about_a_forgery_says_what_is_wrong_with_it() {
    let sentences: Vec<String> = Deceit::ALL
        .into_iter()
        .map(|deceit| {
            let content = Facts {
                caution: Some(Caution::Forged),
                deceit: Some(deceit),
                ..facts()
            };
            let words = render(&letter(Occasion::Escalation, content));
            let (_, rest) = words
                .text
                .split_once("De afzender is niet wie hij zegt te zijn. ")
                .unwrap();
            let (sentence, _) = rest.split_once(" Klik in dat bericht nergens op.").unwrap();
            assert!(words.html.contains(sentence), "{sentence} is not in the HTML");
            sentence.to_owned()
        })
        .collect();
    insta::assert_snapshot!("grounds_of_a_forgery", sentences.join("\n"));
}

#[test]
fn an_ordinary_task_of_an_unchecked_sender_after_which_nobody_is_told() {
    let content = Facts {
        critical: false,
        next: None,
        caution: Some(Caution::Unchecked),
        ..facts()
    };
    snapshot("new_task_unchecked", SANNE, &letter(Occasion::NewTask, content));
}

#[test]
fn a_task_that_nobody_took() {
    let content = letter(Occasion::Escalation, second_call());
    snapshot("escalation", Some("Joost van Dijk"), &content);
}

#[test]
fn a_task_that_is_overdue_and_for_which_everybody_was_tried() {
    let content = letter(Occasion::Escalation, last_resort());
    snapshot("escalation_last", None, &content);
}

#[test]
fn a_task_that_was_taken_and_is_not_handled() {
    let content = Facts {
        tried: vec![told(Role::Holder, SANNE, 9)],
        ..facts()
    };
    let for_deputy = Facts {
        role: Role::Deputy,
        ..content.clone()
    };
    snapshot("hold_ended", SANNE, &letter(Occasion::HoldEnded, content));
    let words = render(&letter(Occasion::HoldEnded, for_deputy));
    for part in [words.text, words.html] {
        assert!(part.contains("Een collega heeft deze taak opgepakt"), "{part}");
    }
}

#[test]
fn a_task_that_was_handed_to_you() {
    snapshot("reassigned", SANNE, &letter(Occasion::Reassigned, facts()));
}

#[test]
fn a_task_of_somebody_who_is_away() {
    let content = Facts {
        role: Role::Deputy,
        hurried: true,
        from: Some("Karim Bakker".to_owned()),
        gone: Some(WhyNot::Absent),
        tried: vec![told(Role::Holder, Some("Karim Bakker"), 9)],
        ..facts()
    };
    snapshot("handed_on", SANNE, &letter(Occasion::HandedOn, content));
}

#[test]
fn a_task_of_somebody_whose_mail_comes_back_does_not_say_that_they_are_away() {
    let content = Facts {
        from: Some("Karim Bakker".to_owned()),
        gone: Some(WhyNot::Unreachable),
        ..facts()
    };
    let words = render(&letter(Occasion::HandedOn, content));
    for text in [&words.text, &words.html] {
        assert!(
            text.contains("Deze taak was van Karim Bakker. Mail aan die collega komt niet aan."),
            "{text}"
        );
        assert!(!text.contains("Die is er nu niet"), "{text}");
    }
}

#[test]
fn a_task_that_a_colleague_says_is_not_theirs() {
    let content = Facts {
        role: Role::OnCall,
        from: Some("Karim Bakker".to_owned()),
        gone: Some(WhyNot::Declined),
        tried: vec![skipped(Role::Holder, "Karim Bakker", WhyNot::Declined)],
        ..facts()
    };
    snapshot("declined", SANNE, &letter(Occasion::Declined, content));
}

#[test]
fn a_task_that_was_closed_by_mistake() {
    let content = Facts {
        tried: vec![told(Role::Holder, Some("Karim Bakker"), 9)],
        ..facts()
    };
    snapshot("reopened", SANNE, &letter(Occasion::Reopened, content));
}

#[test]
fn people_of_another_organisation_read_no_name_of_a_colleague() {
    for occasion in [Occasion::HandedOn, Occasion::Declined] {
        let content = Facts {
            tried: vec![told(Role::Holder, None, 9)],
            ..facts()
        };
        let words = render(&letter(occasion, content));
        assert!(
            words.text.to_lowercase().contains("een collega"),
            "{}",
            words.text
        );
        assert!(words.text.contains("- behandelaar: bericht op"), "{}", words.text);
    }
}

fn overview() -> Overview {
    let task = |number, title: &str, overdue| OpenTask {
        task: TaskId(number),
        title: title.to_owned(),
        caseload: "Asiel".to_owned(),
        received: at(20, 9, 30),
        due: at(if overdue { 23 } else { 26 }, 17, 0),
        overdue,
        taken: false,
        holder: SANNE.map(str::to_owned),
    };
    let koppeling = "Nieuwe koppeling van het COA";
    let away = |name: &str, why, until| AwayToday {
        name: name.to_owned(),
        why,
        until,
    };
    Overview {
        at: at(24, 8, 30),
        caseloads: vec!["Asiel".to_owned(), "Gezinsmigranten".to_owned()],
        open: 14,
        overdue: 1,
        tasks: vec![
            task(17, koppeling, true),
            OpenTask {
                taken: true,
                ..task(21, "Bericht dat niemand herkent", false)
            },
            OpenTask {
                holder: None,
                ..task(22, koppeling, false)
            },
            OpenTask {
                taken: true,
                holder: None,
                ..task(23, koppeling, false)
            },
        ],
        more: 10,
        read: Some(at(24, 8, 29)),
        away: vec![
            away("Karim Bakker", WhyNot::Absent, Some(date(2026, 12, 4))),
            away("Els Smit", WhyNot::OffDuty, None),
            away("Bas Mulder", WhyNot::Unreachable, None),
        ],
    }
}

#[test]
fn an_overview_of_what_is_open() {
    snapshot("overview", Some("Joost van Dijk"), &Content::Overview(overview()));
}

#[test]
fn an_overview_without_anything_open_is_a_sign_of_life() {
    let nothing = Overview {
        open: 0,
        overdue: 0,
        tasks: Vec::new(),
        more: 0,
        away: Vec::new(),
        ..overview()
    };
    snapshot(
        "overview_nothing",
        Some("Joost van Dijk"),
        &Content::Overview(nothing),
    );
}

#[test]
fn an_overview_warns_when_the_mailboxes_were_not_read() {
    let behind = |read| Content::Overview(Overview { read, ..overview() });
    snapshot(
        "overview_behind",
        Some("Joost van Dijk"),
        &behind(Some(at(23, 17, 5))),
    );
    let never = render(&behind(None));
    let warning = "Een postvak is nog nooit helemaal gelezen.";
    assert!(never.text.contains(warning) && never.html.contains(warning));
    assert!(
        never.subject.starts_with("[Koppelwacht] Let op"),
        "{}",
        never.subject
    );
    let up_to_now = render(&Content::Overview(overview()));
    assert!(!up_to_now.text.contains("LET OP"), "{}", up_to_now.text);
}

/// Two weeks around Christmas: in one an illness suffices, in the other the promise is broken as well.
fn thin() -> Thin {
    let away = |name: &str, until| AwayThen {
        name: name.to_owned(),
        from: date(2026, 12, 21),
        until,
    };
    let christmas = ThinWeek {
        number: 52,
        first: date(2026, 12, 21),
        last: date(2026, 12, 27),
        caseload: "Asielstatushouders".to_owned(),
        worse: false,
        nobody: Some(1),
        late: None,
        away: vec![
            away("Karim Bakker", Some(date(2027, 1, 1))),
            away("Els Smit", None),
        ],
    };
    let new_year = ThinWeek {
        number: 53,
        first: date(2026, 12, 28),
        last: date(2027, 1, 3),
        worse: true,
        nobody: Some(0),
        late: Some(Late {
            arrives: date(2026, 12, 28).at(16, 59, 0, 0),
            away: vec!["Bas Mulder".to_owned(), "Noor Jansen".to_owned()],
            reader: SANNE.map(str::to_owned),
            reads: date(2026, 12, 30).at(13, 0, 0, 0),
            after: WorkTime::of(721),
            promised: WorkTime::of(480),
        }),
        away: Vec::new(),
        ..christmas.clone()
    };
    Thin {
        numbers: vec![52, 53],
        weeks: vec![christmas, new_year],
        more: 3,
    }
}

#[test]
fn a_lead_is_told_ahead_of_weeks_with_too_few_people() {
    snapshot("thin", Some("Joost van Dijk"), &Content::Thin(thin()));
    let only = Thin {
        numbers: vec![52],
        weeks: thin().weeks.into_iter().take(1).collect(),
        more: 0,
    };
    let words = render(&Content::Thin(only));
    assert_eq!(words.subject, "[Koppelwacht] Te weinig vervanging in week 52");
    assert!(!words.text.contains("En nog"), "{}", words.text);
}

#[test]
fn somebody_who_is_back_is_shown_what_was_handed_on() {
    let handed = |number, done, with: Option<&str>| HandedTask {
        task: TaskId(number),
        title: "Nieuwe koppeling van het COA".to_owned(),
        done,
        holder: with.map(str::to_owned),
    };
    let back = Back {
        since: at(16, 9, 0),
        tasks: vec![
            handed(12, true, Some("Karim Bakker")),
            handed(17, false, Some("Els Smit")),
            handed(19, false, None),
        ],
    };
    snapshot("back", SANNE, &Content::Back(back));
}

fn answer(asked: Option<Asked>, trouble: Option<AnswerTrouble>) -> Answered {
    let to = match asked {
        Some(Asked::HandOver) => Some("Karim Bakker"),
        Some(Asked::SetType) => Some("Verhuizing vanuit het AZC"),
        _ => None,
    };
    Answered {
        task: Some(TaskId(17)),
        title: Some("Nieuwe koppeling van het COA".to_owned()),
        letter: (trouble != Some(AnswerTrouble::NoLetter)).then(|| "55aa55aa55aa55aa".to_owned()),
        came_of: Some(CameOf::Notice),
        written: (trouble == Some(AnswerTrouble::Functional)).then(|| at(24, 9, 30)),
        asked,
        drill: false,
        due: (asked == Some(Asked::Take)).then(|| at(26, 17, 0)),
        until: (asked == Some(Asked::Take)).then(|| at(25, 9, 30)),
        to: to.map(str::to_owned),
        instead: None,
        holder: None,
        event: None,
        untold: false,
        trouble,
    }
}

/// "Afgehandeld: PIP vastgesteld op 20 november."
fn answer_that_tells(kept: bool) -> Answered {
    Answered {
        event: Some(EventHeard {
            title: "PIP vastgesteld".to_owned(),
            on: date(2026, 11, 20),
            kept,
        }),
        ..answer(Some(Asked::Done), None)
    }
}

#[test]
fn an_answer_that_was_understood() {
    let taken = Content::Answered(answer(Some(Asked::Take), None));
    snapshot("answered", SANNE, &taken);
}

#[test]
fn an_answer_without_a_reason_is_told_what_to_write() {
    let content = answer(Some(Asked::Done), Some(AnswerTrouble::NoReason));
    snapshot("answered_no_reason", SANNE, &Content::Answered(content));
}

#[test]
fn an_answer_from_where_several_people_read_is_told_by_when_it_came_in() {
    let answered = answer(Some(Asked::Take), Some(AnswerTrouble::Functional));
    let words = render(&Content::Answered(answered));
    for whole in [&words.text, &words.html] {
        let when = "Het antwoord kwam binnen op dinsdag 24 november 2026, 09:30 uur.";
        assert!(whole.contains(when), "{whole}");
    }
}

#[test]
fn every_answer_is_told_what_happens_now_or_what_its_writer_can_do() {
    let done = Asked::ALL.map(|asked| (answer(Some(asked), None), format!("{asked:?}")));
    let events = [true, false].map(|kept| {
        (
            answer_that_tells(kept),
            format!("Done with an event, kept: {kept}"),
        )
    });
    let untold = Answered {
        untold: true,
        ..answer(Some(Asked::Done), None)
    };
    let late = Answered {
        due: None,
        ..answer(Some(Asked::Take), None)
    };
    let of_no_mail = Answered {
        came_of: Some(CameOf::Expectation),
        ..answer(None, Some(AnswerTrouble::UnknownType))
    };
    let instead = |why, role, name: Option<&str>| Answered {
        instead: Some(Instead {
            why,
            role,
            name: name.map(str::to_owned),
            yours: name == Some("Sanne de Boer"),
        }),
        ..answer(Some(Asked::HandOver), None)
    };
    let held = Answered {
        holder: Some("Karim Bakker".to_owned()),
        ..answer(Some(Asked::Take), Some(AnswerTrouble::TakenBySomebodyElse))
    };
    let given = [
        instead(WhyNot::Absent, Some(Role::Deputy), Some("Marleen Kuipers")),
        instead(WhyNot::Unreachable, Some(Role::Functional), None),
        instead(WhyNot::OffDuty, Some(Role::Lead), None),
        instead(WhyNot::Absent, None, None),
        instead(WhyNot::Absent, Some(Role::Deputy), Some("Sanne de Boer")),
    ]
    .map(|answered| (answered, "HandOver to somebody who is not told".to_owned()));
    let more = [
        (untold, "Done without the event that was waited for".to_owned()),
        (late, "Take, and it is late".to_owned()),
        (held, "Take, and somebody else has it".to_owned()),
        (
            of_no_mail,
            "UnknownType of a task that came of no mail".to_owned(),
        ),
    ];
    let not = AnswerTrouble::ALL.map(|trouble| (answer(None, Some(trouble)), format!("{trouble:?}")));
    let told: Vec<String> = done
        .into_iter()
        .chain(events)
        .chain(given)
        .chain(more)
        .chain(not)
        .map(|(answered, what)| {
            let words = render(&Content::Answered(answered));
            let about_a_new_mail = |line: &&str| line.starts_with("Is het geen antwoord") || line.is_empty();
            let mut lines = words.text.lines().rev().skip_while(about_a_new_mail);
            let sentences = lines.next().unwrap().to_owned();
            assert!(words.html.contains(&sentences), "{sentences} is not in the HTML");
            format!("{what}: {}\n  {sentences}", words.subject)
        })
        .collect();
    insta::assert_snapshot!("answers", told.join("\n"));
}

#[test]
fn an_answer_to_what_was_made_of_an_answer_is_about_the_task_too() {
    let unclear = answer(None, Some(AnswerTrouble::Unclear));
    let [taken, done] = [Asked::Take, Asked::Done].map(|asked| answer(Some(asked), None));
    for answered in [unclear, taken, done] {
        let again = answered.expects_another();
        let content = Content::Answered(answered);
        let bare = bare::section(&content, &REPLY_TO);
        let words = message(SANNE, &content);
        assert_eq!(words.html.contains("Tik op een knop"), again);
        for subject in [&words.subject, &bare.subject] {
            let text = format!(
                "Authentication-Results: mx.gemeente-voorbeeld.nl; dmarc=pass header.from=gemeente-voorbeeld.nl\nFrom: Sanne \
                 <s.deboer@gemeente-voorbeeld.nl>\nTo: koppelwacht@gemeente-voorbeeld.nl\nSubject: RE: {subject}\n\
                 In-Reply-To: <letter-45.77bb@koppelwacht.gemeente-voorbeeld.nl>\n\nafgehandeld: gesprek gepland\n"
            );
            let read = mail::read(text.as_bytes(), &trust());
            let Nature::Answer(read) = read.nature else {
                panic!("{text}");
            };
            let letter = LetterName {
                of: LetterOf::Task(TaskId(17)),
                token: "55aa55aa55aa55aa".to_owned(),
            };
            assert_eq!((read.task, read.letter), (Some(TaskId(17)), Some(letter)));
            assert!(matches!(read.intent, Some(Intent::Done { .. })));
        }
    }
    let chore = Answered {
        came_of: Some(CameOf::Chore),
        ..answer(None, Some(AnswerTrouble::Unclear))
    };
    let words = render(&Content::Answered(chore));
    assert!(
        words.text.contains("[Koppelwacht #17-55aa55aa55aa55aa]"),
        "{}",
        words.text
    );
    assert!(words.html.contains("Opgepakt") && !words.html.contains("Andere soort"));
}

#[test]
fn new_rules_that_were_refused() {
    let refused = |mistakes, places: &[&str]| {
        Content::RulesRefused(RulesRefused {
            at: date(2026, 11, 24).at(9, 30, 0, 0),
            mistakes,
            places: places.iter().map(|place| (*place).to_owned()).collect(),
            in_force: "9f86d081884c".to_owned(),
        })
    };
    snapshot(
        "rules_refused",
        None,
        &refused(2, &["caseloads.toml:12", "people.toml:3"]),
    );
    let one = refused(1, &[]);
    assert!(render(&one).text.contains("Er zit een fout in de nieuwe regels"));
    let bare = bare::section(&one, &REPLY_TO);
    assert!(
        bare.text
            .contains("De oude regels (versie 9f86d081884c) blijven gelden"),
        "{}",
        bare.text
    );
}

#[test]
fn html_in_a_title_is_shown_and_not_obeyed() {
    let mut content = facts();
    content.title = "<script>alert(1)</script> & zo".to_owned();
    let words = message(None, &letter(Occasion::NewTask, content));
    assert!(!words.html.contains("<script"), "{}", words.html);
    assert!(
        words
            .html
            .contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; zo")
    );
    assert!(words.text.contains("<script>alert(1)</script> & zo"));
    assert!(words.subject.ends_with("<script>alert(1)</script> & zo"));
}

#[test]
fn a_line_break_in_a_title_stays_out_of_the_subject() {
    let mut content = facts();
    content.title = "Nieuwe koppeling\r\nBcc: iemand@elders.example".to_owned();
    let content = letter(Occasion::Escalation, content);
    let expected = "[Koppelwacht #17] Niet opgepakt: Nieuwe koppeling Bcc: iemand@elders.example";
    assert_eq!(render(&content).subject, expected);
    assert!(!bare::section(&content, &REPLY_TO).subject.contains(['\r', '\n']));
}

fn drill_mail() -> Content {
    Content::Drill(DrillMail { at: at(24, 9, 30) })
}

fn drill_failed() -> Content {
    Content::DrillFailed(DrillFailed {
        at: at(24, 9, 30),
        task: Some(TaskId(17)),
        lost: None,
        caseload: "Huisvesting vergunninghouders".to_owned(),
        to: None,
        tried: second_call().tried,
    })
}

fn drill_lost(how: LostMail) -> Content {
    Content::DrillFailed(DrillFailed {
        at: at(24, 9, 30),
        task: None,
        lost: Some(how),
        caseload: "Huisvesting vergunninghouders".to_owned(),
        to: Some("inburgering@gemeente-voorbeeld.nl".to_owned()),
        tried: Vec::new(),
    })
}

/// DUO writes in other words since Monday.
fn drift() -> Drift {
    let week = |number, day, mails, unrecognised| DriftWeek {
        number,
        first: date(2026, 10, 19).saturating_add(jiff::Span::new().days(day)),
        mails,
        unrecognised,
    };
    Drift {
        partner: "DUO".to_owned(),
        unrecognised: 48,
        mails: 61,
        days: 5,
        weeks: vec![
            week(43, 0, 14, 0),
            week(44, 7, 0, 0),
            week(45, 14, 17, 1),
            week(46, 21, 12, 0),
            week(47, 28, 15, 1),
            week(48, 35, 49, 47),
        ],
    }
}

#[test]
fn the_admin_is_told_once_that_a_partner_writes_in_other_words() {
    snapshot("drift", None, &Content::Drift(drift()));
}

fn everything() -> Vec<Content> {
    let calls = Occasion::ALL.map(|occasion| letter(occasion, last_resort()));
    let answered = answer(None, Some(AnswerTrouble::Unclear));
    let back = Back {
        since: at(16, 9, 0),
        tasks: Vec::new(),
    };
    let others = [
        Content::Overview(overview()),
        Content::Thin(thin()),
        Content::Answered(answered),
        Content::Drift(drift()),
        Content::Back(back),
        drill_mail(),
        drill_failed(),
        drill_lost(LostMail::Unsent),
        drill_lost(LostMail::Returned),
        drill_lost(LostMail::Missing),
    ];
    calls.into_iter().chain(others).collect()
}

#[test]
fn html_letters_fetch_nothing_and_lead_nowhere_but_to_us() {
    for content in everything() {
        let html = message(SANNE, &content).html;
        for forbidden in [
            "http", "<img", "<script", "<link", "url(", "@import", "<form", "<iframe",
        ] {
            assert!(!html.contains(forbidden), "{forbidden} in {html}");
        }
        let ours = html
            .matches("href=\"mailto:koppelwacht@gemeente-voorbeeld.nl?")
            .count();
        assert_eq!(html.matches("href").count(), ours, "{html}");
        assert!(html.contains("<html lang=\"nl\">"));
    }
}

#[test]
fn letters_can_be_read_on_a_small_phone() {
    let size = regex::Regex::new(r#"font(?:-size)?:[^;"]*?([0-9]+)px"#).unwrap();
    for content in everything() {
        let html = message(SANNE, &content).html;
        for found in size.captures_iter(&html) {
            assert!(found[1].parse::<u8>().unwrap() >= 16, "{}", &found[0]);
        }
        assert!(html.contains("width=device-width"));
    }
}

fn trust() -> Trust {
    Trust {
        authserv_id: "mx.gemeente-voorbeeld.nl".to_owned(),
        own_domains: vec!["gemeente-voorbeeld.nl".to_owned()],
        guests: Vec::new(),
        own_address: REPLY_TO.address.to_owned(),
        letter_domain: "koppelwacht.gemeente-voorbeeld.nl".to_owned(),
        sources: Vec::new(),
        smime: Smime::default(),
    }
}

/// What a mail program makes of a link that is tapped: recipient, subject and text (RFC 6068).
fn tapped(link: &str) -> (String, String, String) {
    let decoded = |text: &str| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8()
            .unwrap()
            .into_owned()
    };
    let link = link.replace("&#x3D;", "=");
    let (to, fields) = link.strip_prefix("mailto:").unwrap().split_once('?').unwrap();
    let (subject, body) = fields.split_once('&').unwrap();
    (
        decoded(to),
        decoded(subject.strip_prefix("subject=").unwrap()),
        decoded(body.strip_prefix("body=").unwrap()),
    )
}

#[test]
fn every_link_of_a_letter_is_an_answer_that_is_understood() {
    let content = Facts {
        title: "Koppeling \"één\" & meer: 100% <nieuw>".to_owned(),
        ..facts()
    };
    let html = message(SANNE, &letter(Occasion::NewTask, content)).html;
    let links: Vec<&str> = html
        .split("href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    let to = "Joost Hendriks".to_owned();
    let wanted = [
        ("", Intent::Take),
        (
            "gesprek gepland",
            Intent::Done {
                remark: Some("gesprek gepland".to_owned()),
                days: DaysNamed::default(),
            },
        ),
        ("", Intent::NotMine),
        ("Joost Hendriks", Intent::HandOver { to }),
        (
            "SS101",
            Intent::SetType {
                kind: "SS101".to_owned(),
            },
        ),
    ];
    assert_eq!(links.len(), wanted.len());
    for (link, (written, intent)) in links.into_iter().zip(wanted) {
        let (to, subject, body) = tapped(link);
        assert_eq!(to, REPLY_TO.address);
        assert_eq!(
            subject,
            "Re: [Koppelwacht #17-9f86d081884c7d65] Koppeling \"één\" & meer: 100% <nieuw>"
        );
        let mail = format!(
            "Authentication-Results: mx.gemeente-voorbeeld.nl; dmarc=pass header.from=gemeente-voorbeeld.nl\n\
             From: s.deboer@gemeente-voorbeeld.nl\nTo: {to}\nSubject: {subject}\n\n{body}{written}\n\n\
             Verstuurd vanaf mijn telefoon"
        );
        let Nature::Answer(answer) = mail::read(mail.as_bytes(), &trust()).nature else {
            panic!("{mail}")
        };
        assert_eq!(answer.task, Some(TaskId(17)));
        let name = LetterName {
            of: LetterOf::Task(TaskId(17)),
            token: REPLY_TO.token.to_owned(),
        };
        assert_eq!(answer.letter, Some(name));
        assert_eq!(answer.intent, Some(intent), "{body}");
    }
}

#[test]
fn letters_that_leave_together_share_a_greeting() {
    let late = letter(Occasion::Escalation, last_resort());
    let new = Facts {
        task: TaskId(21),
        title: "Diploma behaald".to_owned(),
        critical: false,
        ..facts()
    };
    let sections = [
        render(&late),
        render(&letter(Occasion::NewTask, new)),
        render(&Content::Answered(answer(Some(Asked::Take), None))),
    ];
    let words = Templates::shipped()
        .envelope(SANNE, &sections.each_ref(), true)
        .unwrap();
    assert_eq!(
        words.subject,
        "[Koppelwacht] 3 onderwerpen: Te laat: Nieuwe koppeling van het COA"
    );
    for whole in [&words.text, &words.html] {
        assert_eq!(whole.matches("Beste Sanne de Boer").count(), 1);
        assert_eq!(whole.matches("Deze mail bevat geen gegevens van").count(), 1);
    }
    for section in &sections {
        assert!(words.text.contains(&section.text) && words.html.contains(&section.html));
    }
    snapshot_words("several", &words);
}

#[test]
fn letters_about_no_task_that_leave_together_say_nothing_of_tasks() {
    let sections = [render(&Content::Thin(thin())), render(&Content::Drift(drift()))];
    let words = Templates::shipped()
        .envelope(SANNE, &sections.each_ref(), false)
        .unwrap();
    for whole in [&words.text, &words.html] {
        assert!(whole.contains("2 onderwerpen"), "{whole}");
        assert!(
            !whole.to_lowercase().contains("beantwoord deze mail niet"),
            "{whole}"
        );
    }
    assert!(!words.text.contains("kenmerk"), "{}", words.text);
}

#[test]
fn a_letter_alone_keeps_its_subject_whatever_the_envelope_says() {
    let own = [("envelope.subject.hbs", "Post voor {{#if name}}{{name}}{{/if}}")];
    let templates = load(&own).unwrap();
    let section = render(&letter(Occasion::NewTask, facts()));
    let alone = templates.envelope(SANNE, &[&section], true).unwrap();
    assert_eq!(alone.subject, section.subject);
    let several = templates.envelope(SANNE, &[&section, &section], true).unwrap();
    assert_eq!(several.subject, "Post voor Sanne de Boer");
}

#[test]
fn bare_words_still_say_what_to_do() {
    let section = bare::section(&letter(Occasion::NewTask, facts()), &REPLY_TO);
    snapshot_words("bare", &bare::envelope(SANNE, &[&section]));
    let forged = Facts {
        caution: Some(Caution::Forged),
        ..facts()
    };
    assert!(
        bare::section(&letter(Occasion::NewTask, forged), &REPLY_TO)
            .text
            .contains("dit bericht lijkt nep")
    );
}

#[test]
fn bare_words_exist_for_every_letter_and_for_several_at_once() {
    let sections: Vec<Words> = everything()
        .iter()
        .map(|content| bare::section(content, &REPLY_TO))
        .collect();
    let borrowed: Vec<&Words> = sections.iter().collect();
    let words = bare::envelope(None, &borrowed);
    assert_eq!(
        words.subject,
        "[Koppelwacht] 17 onderwerpen: Nieuwe koppeling van het COA"
    );
    for section in &sections {
        assert!(words.text.contains(section.text.trim_end()));
        assert!(words.html.contains(section.html.trim_end()));
    }
    assert!(words.html.starts_with("<!DOCTYPE html>"));
    let behind = Content::Overview(Overview {
        read: None,
        ..overview()
    });
    assert!(bare::section(&behind, &REPLY_TO).text.contains("LET OP"));
}

/// What is found in a folder with these files.
fn load(files: &[(&str, &str)]) -> Result<Templates, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    load_folder(folder.path())
}

fn load_folder(folder: &Path) -> Result<Templates, String> {
    let mut findings = Findings::default();
    match Templates::load(Some(folder), &mut findings) {
        Some(templates) => {
            assert!(findings.is_empty(), "{findings}");
            Ok(templates)
        }
        None => Err(findings
            .to_string()
            .replace(&format!("{}/", folder.display()), "")),
    }
}

#[test]
fn a_municipality_can_replace_one_file_and_keep_the_rest() {
    let own = [
        ("new_task.subject.hbs", "Taak {{task}} voor {{caseload}}"),
        ("README.md", "{{not a template"),
    ];
    let content = letter(Occasion::NewTask, facts());
    let words = load(&own).unwrap().render(&content, &REPLY_TO).unwrap();
    assert_eq!(words.subject, "Taak 17 voor Huisvesting vergunninghouders");
    assert_eq!(words.text, render(&content).text);
}

#[test]
fn pieces_that_include_each_other_are_found_before_they_end_the_program() {
    let own = [
        ("said.hbs", "Gelezen.\n{{#if task}}{{> told}}{{/if}}\n"),
        ("told.hbs", "{{> task.txt}}\n"),
        ("drill.txt.hbs", "{{> drill.txt}}"),
        ("back.txt.hbs", "{{> (lookup this 'name')}}"),
    ];
    insta::assert_snapshot!(load(&own).unwrap_err());
}

#[test]
fn a_shared_piece_can_be_replaced_as_well() {
    let templates = load(&[("told.hbs", "Voor {{caseload}}, <b>{{title}}</b>")]).unwrap();
    let content = Facts {
        title: "A & B".to_owned(),
        ..facts()
    };
    let words = templates
        .render(&letter(Occasion::Reassigned, content), &REPLY_TO)
        .unwrap();
    let ends_in = |text: &str, end: &str| assert!(text.trim_end().ends_with(end), "{text}");
    ends_in(&words.text, "Voor Huisvesting vergunninghouders, <b>A & B</b>");
    ends_in(
        &words.html,
        "Voor Huisvesting vergunninghouders, <b>A &amp; B</b><br>\nTaak 17.</p>",
    );
}

const OWN: [(&str, &str); 3] = [
    ("spoed.subject.hbs", "[Koppelwacht #{{task}}] Spoed: {{title}}"),
    ("spoed.txt.hbs", "{{#> task.txt}}\nBel mij.\n{{/task.txt}}\n"),
    (
        "spoed.html.hbs",
        "<p>{{title}}{{#if from}} ({{from}}){{/if}}</p>\n",
    ),
];

#[test]
fn a_municipality_can_add_a_letter_of_its_own() {
    let templates = load(&OWN).unwrap();
    assert!(templates.has("spoed") && templates.has("escalation"));
    assert!(!templates.has("spoedig") && !templates.has("envelope"));
    assert!(!Templates::shipped().has("spoed"));
    let content = Content::Task {
        occasion: Occasion::Escalation,
        own: Some("spoed".to_owned()),
        facts: facts(),
    };
    let words = templates.render(&content, &REPLY_TO).unwrap();
    assert_eq!(
        words.subject,
        "[Koppelwacht #17] Spoed: Nieuwe koppeling van het COA"
    );
    assert!(
        words
            .text
            .contains("Bel mij.\nDit is een taak met spoed: laat hem niet liggen."),
        "{}",
        words.text
    );
    assert_eq!(words.html, "<p>Nieuwe koppeling van het COA</p>\n");
}

#[test]
fn a_letter_of_ones_own_is_tried_as_all_others_and_must_be_complete() {
    let mut wrong = OWN;
    wrong[1].1 = "Hoi\n{{#if overdue}}{{#if next}}{{titel}}{{/if}}{{/if}}";
    let findings = load(&wrong).map(drop).unwrap_err();
    assert!(
        findings.starts_with("spoed.txt.hbs:2:1: error: this letter has no field `titel`; it has"),
        "{findings}"
    );
    let findings = load(&OWN[..2]).map(drop).unwrap_err();
    let expected = ["spoed.subject.hbs", "spoed.txt.hbs"].map(|file| {
        format!(
            "{file}: error: no letter uses a template of this name; a letter of your own also needs \
             `spoed.html.hbs`\n"
        )
    });
    assert_eq!(findings, expected.concat());
}

#[test]
fn an_envelope_that_leaves_out_its_letters_is_refused() {
    let findings = load(&[
        ("envelope.txt.hbs", "Hoi {{#each sections}}{{title}}{{/each}}"),
        ("envelope.html.hbs", "{{#each sections}}{{html}}{{/each}}"),
    ])
    .map(drop)
    .unwrap_err();
    insta::assert_snapshot!("envelope_without_letters", findings);
}

/// Each mistake with the finding that it leads to.
#[test]
fn every_mistake_in_a_template_is_found_before_a_letter_needs_it() {
    let mistakes = [
        ("a field that does not exist", "Hoi\n{{titel}}"),
        ("a misspelt condition", "Hoi\n{{#if nmae}}jij{{/if}}"),
        ("a misspelt condition, negated", "{{#unless nmae}}jij{{/unless}}"),
        (
            "a misspelt field in a list",
            "{{#each tried}}\n{{naam}}\n{{/each}}",
        ),
        ("a misspelt list", "{{#each tryed}}x{{/each}}"),
        (
            "a misspelt field in a comparison",
            "{{#if (eq rol \"lead\")}}x{{/if}}",
        ),
        (
            "a field behind a condition",
            "{{#if overdue}}\n{{#if next}}{{datum next}}{{/if}}{{/if}}",
        ),
        ("a date that not every letter has", "Hoi\n{{date next}}"),
        ("a misspelt date", "{{date duw}}"),
        ("a date of what is none", "{{date title}}"),
        ("a helper without a field", "{{#if (date)}}x{{/if}}"),
        ("a role of what is none", "{{role title}}"),
        ("a missing piece", "Hoi\n{{> groet.txt}}"),
        ("a block that is not closed", "Hoi\n{{#if from}}jij"),
        ("a block closed by another", "Hoi\n{{#if from}}jij{{/each}}"),
        ("half a field", "Hoi\n{{title}"),
    ];
    let mut found = String::new();
    for (what, text) in mistakes {
        let findings = load(&[("reassigned.txt.hbs", text)]).map(drop).expect_err(what);
        found.extend([what, "\n", &findings, "\n"]);
    }
    insta::assert_snapshot!("mistakes", found);
}

#[test]
fn a_mistake_in_a_shared_piece_is_told_once_and_with_that_file() {
    let findings = load(&[("task.html.hbs", "<p>\n{{instructie}}</p>")])
        .map(drop)
        .unwrap_err();
    assert_eq!(findings.lines().count(), 1, "{findings}");
    assert!(findings.starts_with("task.html.hbs:2:1: error: "), "{findings}");
}

#[test]
fn a_file_that_no_letter_uses_is_not_silently_ignored() {
    let findings = load(&[("new_taks.txt.hbs", "Hoi")]).map(drop).unwrap_err();
    assert_eq!(
        findings,
        "new_taks.txt.hbs: error: no letter uses a template of this name; did you mean `new_task.txt.hbs`?\n"
    );
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let findings = load_folder(Path::new("/nowhere/templates"))
        .map(drop)
        .unwrap_err();
    assert!(findings.contains("the folder cannot be read"), "{findings}");
    assert!(
        findings.contains("correct `templates` in the settings"),
        "{findings}"
    );
}

#[test]
fn a_task_that_is_a_drill_says_so_first_and_asks_for_nothing_but_to_be_taken() {
    let drill = Facts {
        title: "OEFENING: Nieuwe koppeling van het COA".to_owned(),
        instruction: Drill::INSTRUCTION.to_owned(),
        drill: true,
        ..facts()
    };
    snapshot("drill_task", SANNE, &letter(Occasion::NewTask, drill));
}

#[test]
fn what_follows_by_itself_says_so_and_where_to_find_whom_it_is_about() {
    let expected = Facts {
        came_of: CameOf::Expectation,
        origin: Some(NoticeBefore {
            task: TaskId(12),
            title: "Persoon is inburgeringsplichtig".to_owned(),
            received: at(3, 9, 30),
        }),
        critical: false,
        title: "Registreren in het DUO-portaal".to_owned(),
        instruction: "Leg in het DUO-portaal vast wat er gebeurd is, met de datum.".to_owned(),
        ..facts()
    };
    snapshot(
        "new_task_expected",
        SANNE,
        &letter(Occasion::NewTask, expected.clone()),
    );
    let bare = bare::section(&letter(Occasion::NewTask, expected.clone()), &REPLY_TO);
    assert!(bare.text.contains("Dit hoort bij taak 12"), "{}", bare.text);
    let of_nobody = Facts {
        origin: None,
        ..expected.clone()
    };
    let words = render(&letter(Occasion::NewTask, of_nobody));
    assert!(
        words.text.contains("Dit volgt op wat eerder is gebeurd."),
        "{}",
        words.text
    );
    let words = render(&letter(Occasion::NewTask, expected));
    for part in [&words.text, &words.html] {
        assert!(
            part.contains("Dit hoort bij taak 12: Persoon is inburgeringsplichtig"),
            "{part}"
        );
        assert!(
            !part.contains("Ontvangen") && !part.contains("koppelwacht task"),
            "{part}"
        );
    }
}

#[test]
fn a_chore_says_when_it_came_and_offers_no_other_type() {
    let chore = Facts {
        title: "Kwartaalcijfers leveren aan het CBS".to_owned(),
        instruction: "Maak het bestand over het vorige kwartaal. Lever het aan bij het CBS".to_owned(),
        came_of: CameOf::Chore,
        critical: false,
        caseload: "Triage: eerst lezen, dan verdelen".to_owned(),
        ..facts()
    };
    snapshot("new_task_chore", SANNE, &letter(Occasion::NewTask, chore.clone()));
    let words = render(&letter(Occasion::NewTask, chore));
    for text in [&words.text, &words.html] {
        assert!(text.contains("Terugkerende taak van"), "{text}");
        assert!(
            !text.to_lowercase().contains("ontvangen"),
            "nothing was received: {text}"
        );
        assert!(!text.contains("soort"), "{text}");
    }
}

#[test]
fn the_mail_of_a_drill() {
    snapshot("drill", None, &drill_mail());
}

#[test]
fn a_drill_that_nobody_answered() {
    snapshot("drill_failed", SANNE, &drill_failed());
}

#[test]
fn a_drill_whose_mail_never_came_in() {
    snapshot("drill_lost", SANNE, &drill_lost(LostMail::Missing));
}

#[test]
fn a_drill_whose_mail_did_not_leave_is_not_said_to_be_sent() {
    snapshot("drill_unsent", SANNE, &drill_lost(LostMail::Unsent));
}

#[test]
fn a_drill_whose_mail_came_back() {
    snapshot("drill_returned", SANNE, &drill_lost(LostMail::Returned));
}

#[test]
fn an_answer_to_a_drill_is_the_end_of_it() {
    for asked in [Asked::Take, Asked::Done, Asked::SetType] {
        let answered = Answered {
            drill: true,
            ..answer(Some(asked), None)
        };
        let words = render(&Content::Answered(answered));
        assert!(words.text.contains("De oefening is klaar."), "{}", words.text);
    }
}

#[test]
fn a_drill_says_so_in_the_words_of_a_municipality_that_never_heard_of_drills() {
    let templates = load(&[
        (
            "new_task.subject.hbs",
            "[Koppelwacht #{{task}}] Werk aan de winkel",
        ),
        ("new_task.txt.hbs", "Er is werk: {{instruction}}\n"),
        ("new_task.html.hbs", "<p>Er is werk: {{instruction}}</p>\n"),
    ]);
    let templates = templates.unwrap();
    let render = |drill| {
        let facts = Facts { drill, ..facts() };
        templates
            .render(&letter(Occasion::NewTask, facts), &REPLY_TO)
            .unwrap()
    };
    let drill = render(true);
    assert_eq!(drill.subject, "[Koppelwacht #17] OEFENING: Werk aan de winkel");
    assert!(drill.text.starts_with("OEFENING\n\nEr is werk"), "{}", drill.text);
    assert!(
        drill.html.starts_with("<p><strong>OEFENING</strong></p>"),
        "{}",
        drill.html
    );
    let real = render(false);
    for part in [real.subject, real.text, real.html] {
        assert!(!part.contains("OEFENING"), "{part}");
    }
}

#[test]
fn a_municipality_cannot_leave_out_that_the_mail_of_a_drill_and_its_failure_are_no_koppeling() {
    let templates = load(&[
        ("drill.subject.hbs", "[Koppelwacht] Nieuwe koppeling"),
        ("drill.txt.hbs", "Er is iemand gekoppeld.\n"),
        ("drill.html.hbs", "<p>Er is iemand gekoppeld.</p>\n"),
        ("drill_failed.subject.hbs", "[Koppelwacht] Mislukt"),
        ("drill_failed.txt.hbs", "Het ging mis op {{moment at}}.\n"),
        ("drill_failed.html.hbs", "<p>Het ging mis.</p>\n"),
    ]);
    let templates = templates.unwrap();
    for content in [drill_mail(), drill_failed(), drill_lost(LostMail::Unsent)] {
        let words = templates.render(&content, &REPLY_TO).unwrap();
        for part in [words.subject, words.text, words.html] {
            assert!(part.contains("OEFENING"), "{part}");
        }
    }
}

#[test]
fn where_to_look_somebody_up_is_left_out_when_there_is_nobody() {
    let looks = |content: &Content| {
        let words = render(content);
        [words.text, words.html].map(|part| part.contains("Over wie het gaat, leest u in het bericht"))
    };
    let exercise = Facts {
        drill: true,
        ..facts()
    };
    assert_eq!(looks(&letter(Occasion::NewTask, facts())), [true, true]);
    assert_eq!(looks(&letter(Occasion::NewTask, exercise)), [false, false]);
    assert_eq!(looks(&drill_mail()), [false, false]);
}
