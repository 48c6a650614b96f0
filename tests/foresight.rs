//! Weeks to come in which too few people are there: found at night, and told to whoever leads, once.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use jiff::civil::{Time, Weekday, date, time};
use koppelwacht::domain::{
    AwayThen, Content, Event, LadderId, PersonId, Promise, Shift, Term, Thin, ThinWeek, Weeks, WorkWeek,
};
use support::on_paper::{FATIMA, JOOST, MARLEEN, Office};
use support::stage::{Stage, at};

const NIGHT: Time = Time::constant(3, 30, 0, 0);

/// The small office, whose cover is proved at night, with everything planned.
fn watched(now: &str) -> Office {
    let mut office = Office::at(now);
    office.rules.foresight.nightly = Some(NIGHT);
    let loaded = Event::RulesLoaded(office.rules.text.clone());
    office.happens(&loaded);
    assert_eq!(office.happens(&loaded), [], "the plan stands");
    office
}

/// The last letter about weeks to come.
fn last(office: &Office) -> &Thin {
    let mut letters = office.letters.iter().rev();
    letters
        .find_map(|letter| match &letter.content {
            Content::Thin(thin) => Some(thin),
            _ => None,
        })
        .unwrap()
}

fn two_are_away_before_christmas(office: &mut Office) {
    for person in [FATIMA, JOOST] {
        office.leave(person, "2026-12-14T00:00", Some("2026-12-19T00:00"));
    }
}

#[test]
fn a_hole_is_told_once_and_again_when_it_becomes_worse() {
    let mut office = watched("2026-11-23T09:00");
    office.time_passes_until("2026-11-24T09:00");
    assert_eq!(office.post(), [""; 0], "three who are there every day are enough");
    assert_eq!(
        office.snapshot.outlook.as_ref().unwrap().at,
        at("2026-11-24T03:30")
    );

    two_are_away_before_christmas(&mut office);
    office.time_passes_until("2026-11-28T09:00");
    assert_eq!(
        office.post(),
        ["Wed 03:30 marleen: thin"],
        "one letter for all that she leads"
    );
    let told = last(&office);
    assert_eq!((told.numbers.as_slice(), told.more), ([51].as_slice(), 0));
    assert_eq!(
        told.weeks.len(),
        office.rules.caseloads.len(),
        "each caseload once, whatever the types"
    );
    let away = |name: &str| AwayThen {
        name: name.to_owned(),
        from: date(2026, 12, 14),
        until: Some(date(2026, 12, 18)),
    };
    assert_eq!(
        told.weeks[0],
        ThinWeek {
            number: 51,
            first: date(2026, 12, 14),
            last: date(2026, 12, 20),
            caseload: office.rules.caseloads.values().next().unwrap().title.clone(),
            worse: false,
            nobody: Some(1),
            late: None,
            away: vec![away(FATIMA), away(JOOST)],
        }
    );

    office.leave(MARLEEN, "2026-12-16T00:00", Some("2026-12-17T00:00"));
    office.time_passes_until("2026-12-05T09:00");
    assert_eq!(
        office.post()[1..],
        ["Sun 03:30 marleen: thin"],
        "nobody is there on that Wednesday"
    );
    let told = last(&office);
    assert!(told.weeks.iter().all(|week| week.worse && week.nobody == Some(0)));
}

#[test]
fn a_lead_who_is_off_that_day_and_has_nobody_standing_in_reads_it_when_back() {
    let wednesdays_off = WorkWeek(
        [
            Weekday::Monday,
            Weekday::Tuesday,
            Weekday::Thursday,
            Weekday::Friday,
        ]
        .map(|day| Shift {
            day,
            hours: None,
            weeks: Weeks::Every,
        })
        .to_vec(),
    );
    let mut office = watched("2026-11-24T09:00")
        .with_caseloads(|caseload| caseload.functional = None)
        .with_person(MARLEEN, |lead| {
            lead.week = Some(wednesdays_off.clone());
            lead.deputies.clear();
        });
    two_are_away_before_christmas(&mut office);
    office.time_passes_until("2026-11-25T09:00");
    assert_eq!(
        office.post(),
        ["Wed 03:30 marleen: thin"],
        "it is told once, so to her"
    );
}

#[test]
fn a_hole_that_closed_is_forgotten_and_told_when_it_opens_again() {
    let mut office = watched("2026-11-24T09:00");
    two_are_away_before_christmas(&mut office);
    office.time_passes_until("2026-11-25T09:00");
    assert_eq!(office.letters.len(), 1);

    office.everybody_is_back();
    office.time_passes_until("2026-11-27T09:00");
    assert_eq!(office.letters.len(), 1, "that all is well again is no news");
    assert_eq!(office.snapshot.outlook.as_ref().unwrap().holes, []);

    two_are_away_before_christmas(&mut office);
    office.time_passes_until("2026-11-30T09:00");
    assert_eq!(office.post()[1..], ["Sat 03:30 marleen: thin"]);
    assert!(last(&office).weeks.iter().all(|week| !week.worse));
}

#[test]
fn a_lead_hears_of_a_week_as_soon_as_it_is_near_enough_and_not_before() {
    let mut office = watched("2026-11-23T09:00");
    office.rules.foresight.weeks = 2;
    two_are_away_before_christmas(&mut office);
    office.time_passes_until("2026-12-07T09:00");
    assert_eq!(
        office.post(),
        ["Mon 03:30 marleen: thin"],
        "two weeks after this one: from Monday the 30th"
    );
    assert_eq!(office.letters[0].queued, at("2026-11-30T03:30"));
}

#[test]
fn nights_that_were_slept_through_are_made_up_once() {
    let mut office = watched("2026-11-23T09:00");
    two_are_away_before_christmas(&mut office);
    office.now = at("2026-11-29T14:00");
    office.time_passes_until("2026-11-29T15:00");
    assert_eq!(office.post(), ["Sun 14:00 marleen: thin"]);
    let again = office.cover_is_proved();
    assert_eq!(office.happens(&again), [], "what is proved twice is told once");
    assert_eq!(
        office.snapshot.next_moment().map(|(_, at)| at),
        Some(at("2026-11-30T03:30"))
    );
}

#[test]
fn whoever_stands_in_for_the_lead_is_told_and_else_the_team() {
    let mut office = watched("2026-11-23T09:00").away(MARLEEN);
    office.leave(JOOST, "2026-12-14T00:00", Some("2026-12-19T00:00"));
    office.time_passes_until("2026-11-24T09:00");
    assert_eq!(office.post(), ["Tue 03:30 team: thin"]);
    assert_eq!(office.letters[0].name, None);

    let mut office = watched("2026-11-23T09:00")
        .with_person(MARLEEN, |lead| lead.deputies = vec![PersonId::new(FATIMA)])
        .away(MARLEEN);
    office.leave(JOOST, "2026-12-14T00:00", Some("2026-12-19T00:00"));
    office.leave(FATIMA, "2026-12-16T00:00", Some("2026-12-17T00:00"));
    office.time_passes_until("2026-11-24T09:00");
    assert_eq!(office.post(), ["Tue 03:30 fatima: thin"]);

    let mut office = watched("2026-11-23T09:00").with_caseloads(|caseload| caseload.lead = None);
    office.leave(JOOST, "2026-12-14T00:00", Some("2026-12-19T00:00"));
    office.time_passes_until("2026-11-24T09:00");
    assert_eq!(office.post(), ["Tue 03:30 team: thin"], "nobody leads here");
}

#[test]
fn a_promise_that_leave_breaks_is_told_with_what_happens_then() {
    let mut office = watched("2026-11-24T09:00").with_person(MARLEEN, |lead| {
        let works = [Weekday::Monday, Weekday::Tuesday].map(|day| Shift {
            day,
            hours: Some((time(9, 0, 0, 0), time(12, 0, 0, 0))),
            weeks: Weeks::Every,
        });
        lead.week = Some(WorkWeek(works.to_vec()));
    });
    let ladder = office.rules.ladders.get_mut(&LadderId::new("kritiek")).unwrap();
    ladder.rungs[2].wait = Some(Term::WorkingDays(4));
    office.rules.promise = Promise {
        within: Some(5 * 60),
        absent: 1,
    };
    office.leave(JOOST, "2026-12-14T00:00", Some("2026-12-19T00:00"));
    office.time_passes_until("2026-11-25T09:00");
    let told = last(&office);
    assert!(
        told.weeks.iter().all(|week| week.nobody.is_none()),
        "she is waited for"
    );
    let late = told.weeks[0].late.as_ref().unwrap();
    assert_eq!(late.away, [FATIMA]);
    assert_eq!(late.reader.as_deref(), Some(MARLEEN));
    assert_eq!(
        late.reads,
        date(2026, 12, 21).at(9, 0, 0, 0),
        "on the Monday after"
    );
    assert_eq!((late.promised.hours, late.promised.minutes), (5, 0));
    let minutes = late.after.hours * 60 + late.after.minutes;
    assert!(minutes > 5 * 60, "{late:?}");
}

#[test]
fn whoever_wants_to_know_nothing_is_told_nothing() {
    let mut office = watched("2026-11-23T09:00");
    office.rules.foresight.nightly = None;
    let loaded = Event::RulesLoaded(office.rules.text.clone());
    office.happens(&loaded);
    two_are_away_before_christmas(&mut office);
    office.time_passes_until("2026-12-14T09:00");
    assert_eq!(office.post(), [""; 0]);
    let proved = office.cover_is_proved();
    assert_eq!(office.happens(&proved), [], "nobody asked for it");
}

/// Somebody types that a colleague is on leave in the week before Christmas.
fn enters_leave(stage: &Stage, person: &str, from: &str, until: &str) {
    let typed = stage.types(&[
        "absence", "add", person, "--from", from, "--until", until, "--as", "s.deboer",
    ]);
    assert!(
        typed.status.success(),
        "{}",
        String::from_utf8_lossy(&typed.stderr)
    );
}

async fn proved(stage: &Stage, moment: &str) {
    let at = at(moment);
    stage
        .until(&format!("the proof of {moment} is made"), |books| {
            books.proved.is_some_and(|proved| proved >= at)
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leave_that_is_entered_by_hand_opens_a_hole_and_the_lead_hears_of_it_that_night() {
    let mut stage = Stage::set().await;
    stage.rule(
        "cover.toml",
        "[cover]\nwithin = \"8 wu\"\nabsent = 2\nnightly = \"03:30\"\nahead_weeks = 4\n",
    );
    let watch = stage.watch_from(at("2026-11-23T09:00"));
    stage
        .until("the first night is planned", |books| {
            books.next_proof == Some(at("2026-11-24T03:30"))
        })
        .await;
    watch.clock.move_to(at("2026-11-24T03:30"));
    proved(&stage, "2026-11-24T03:30").await;
    assert_eq!(stage.ledger_books().await.holes, 0);

    for person in ["f.elamrani", "j.hendriks"] {
        enters_leave(&stage, person, "2026-12-14", "2026-12-18");
    }
    watch.clock.move_to(at("2026-11-25T03:30"));
    let letter = stage.post.taken().await;
    assert_eq!(letter.to, "s.deboer@gemeente-voorbeeld.nl");
    assert_eq!(
        letter.header("Subject"),
        "[Koppelwacht] Te weinig vervanging in week 51"
    );
    for told in ["Asielstatushouders", "Joost Hendriks", "Fatima el Amrani"] {
        assert!(letter.content.contains(told), "{}", letter.content);
    }
    proved(&stage, "2026-11-25T03:30").await;
    let status = stage.types(&["status"]);
    let status = String::from_utf8_lossy(&status.stdout).into_owned();
    assert!(
        status.contains("cover    proved Wed 2026-11-25 03:30:00, holes in the coming weeks: 1\n"),
        "{status}"
    );

    watch.clock.move_to(at("2026-11-26T03:30"));
    proved(&stage, "2026-11-26T03:30").await;
    assert_eq!(stage.post.so_far().await.0, [], "it is known");
    assert_eq!(stage.ledger_books().await.letters_waiting, 0);

    // The daemon is down for some nights. Meanwhile the lead takes a day off in that week.
    watch.stop().await;
    enters_leave(&stage, "s.deboer", "2026-12-16", "2026-12-16");
    let watch = stage.watch_from(at("2026-11-30T10:00"));
    let letter = stage.post.taken().await;
    assert_eq!(letter.to, "s.deboer@gemeente-voorbeeld.nl");
    assert!(letter.content.contains("erger geworden"), "{}", letter.content);
    stage
        .until("the next night is planned", |books| {
            books.proved == Some(at("2026-11-30T10:00")) && books.next_proof == Some(at("2026-12-01T03:30"))
        })
        .await;
    assert_eq!(stage.post.so_far().await.0, [], "four nights are made up once");
    watch.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_that_was_never_written_down_stays_due_and_status_says_so() {
    let mut stage = Stage::set().await;
    stage.rule("cover.toml", "[cover]\nnightly = \"03:30\"\n");
    // Long ago: what a command takes for now is the time of this machine.
    let daemon = stage.daemon(at("2025-01-06T09:00"));
    stage
        .until("the first night is planned", |books| books.next_proof.is_some())
        .await;
    daemon.kill();

    let status = stage.types(&["status"]);
    let status = String::from_utf8_lossy(&status.stdout).into_owned();
    assert!(status.contains("cover    not yet proved"), "{status}");
    assert!(
        status.contains("the cover of the coming weeks is not proved, though it is time"),
        "{status}"
    );
    for person in ["f.elamrani", "j.hendriks"] {
        enters_leave(&stage, person, "2026-12-14", "2026-12-18");
    }
    let _daemon = stage.daemon(at("2026-11-29T09:00"));
    let letter = stage.post.taken().await;
    assert!(letter.header("Subject").contains("week 51"));
}
