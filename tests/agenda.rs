//! Calendar files as programs write them (`tests/agenda/`), and every trap that the essay of `src/agenda/` names.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::fmt::Write as _;
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use koppelwacht::agenda::{self, Agenda, Doubt, LONGEST, NoAgenda, Reading};
use koppelwacht::domain::{Away, PersonId};
use koppelwacht::rules::Rules;
use proptest::prelude::*;

static RULES: LazyLock<Rules> = LazyLock::new(Rules::shipped);

const FATIMA: &str = "f.elamrani";
const TODAY: Date = date(2026, 11, 24);

fn known(name: &str) -> Option<PersonId> {
    let id = name.strip_suffix("@gemeente-voorbeeld.nl").unwrap_or(name);
    [FATIMA, "j.hendriks", "l.yilmaz"]
        .contains(&id)
        .then(|| PersonId::new(id))
}

/// Reads a file of this name on a Tuesday in November, a year ahead.
fn read(name: &str, bytes: &[u8]) -> Result<Agenda, NoAgenda> {
    let reading = Reading {
        calendar: &RULES.calendar,
        from: TODAY,
        until: date(2027, 11, 25),
        name,
        known: &known,
    };
    agenda::read(bytes, &reading)
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("tests/agenda/{name}")).unwrap()
}

fn civil(at: Timestamp) -> String {
    RULES.calendar.zoned(at).strftime("%a %Y-%m-%d %H:%M").to_string()
}

/// Times away, a line each: `f.elamrani Mon 2026-12-21 00:00 - Sat 2026-12-26 00:00`.
fn lines(agenda: &Agenda) -> Vec<String> {
    let line = |away: &Away| {
        format!(
            "{} {} - {}",
            away.person,
            civil(away.from),
            civil(away.until.unwrap())
        )
    };
    agenda.away.iter().map(line).collect()
}

/// A calendar of these lines, each event after an empty line.
fn calendar(events: &str) -> String {
    let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n".to_owned();
    for event in events.split("\n\n") {
        let event = event.trim().replace('\n', "\r\n");
        let _ = write!(text, "BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n");
    }
    text + "END:VCALENDAR\r\n"
}

/// What Fatima's own calendar says with these events in it.
fn own(events: &str) -> Agenda {
    read(FATIMA, calendar(events).as_bytes()).unwrap()
}

/// When Fatima is away by these lines of an event called leave.
fn leave(when: &str) -> Vec<String> {
    let agenda = own(&format!("UID:een\nSUMMARY:Verlof\n{when}"));
    let lines = lines(&agenda);
    lines
        .iter()
        .map(|line| line.strip_prefix("f.elamrani ").unwrap().to_owned())
        .collect()
}

#[test]
fn an_export_of_outlook() {
    let agenda = read("l.yilmaz", &file("outlook-export.ics")).unwrap();
    assert_eq!(
        lines(&agenda),
        [
            "l.yilmaz Fri 2026-12-04 13:00 - Fri 2026-12-04 17:00",
            "l.yilmaz Thu 2026-12-10 12:00 - Thu 2026-12-10 17:00",
            "l.yilmaz Fri 2026-12-18 13:00 - Fri 2026-12-18 17:00",
            "l.yilmaz Mon 2026-12-21 00:00 - Mon 2027-01-04 00:00",
            "l.yilmaz Wed 2027-01-06 00:00 - Thu 2027-01-07 00:00",
            "l.yilmaz Wed 2027-01-20 00:00 - Thu 2027-01-21 00:00",
            "l.yilmaz Wed 2027-01-27 00:00 - Thu 2027-01-28 00:00",
        ],
        "without the birthday, the meeting about holidays, home office, what was cancelled and the exceptions"
    );
    assert!(
        agenda.doubts.is_empty() && agenda.has_owner,
        "{:?}",
        agenda.doubts
    );
}

#[test]
fn a_team_calendar_of_exchange_tells_who_by_whom_is_invited() {
    let agenda = read("export", &file("exchange-team.ics")).unwrap();
    assert_eq!(
        lines(&agenda),
        [
            "f.elamrani Thu 2026-12-10 09:00 - Thu 2026-12-10 17:00",
            "j.hendriks Tue 2027-01-05 00:00 - Wed 2027-01-06 00:00",
            "l.yilmaz Mon 2026-12-07 00:00 - Sat 2026-12-12 00:00",
        ]
    );
    assert_eq!(
        agenda.doubts.into_iter().collect::<Vec<_>>(),
        [(Doubt::Nobody, 1)]
    );
}

#[test]
fn in_a_calendar_of_leave_who_invites_is_away_when_nobody_known_is_invited() {
    let whose = |guest: &str| {
        let organizer = "ORGANIZER:mailto:l.yilmaz@gemeente-voorbeeld.nl";
        let event = format!("SUMMARY:Verlof\nDTSTART;VALUE=DATE:20261207\n{organizer}\nATTENDEE{guest}");
        let agenda = read("teamverlof", calendar(&event).as_bytes()).unwrap();
        let people = agenda.away.into_iter().map(|away| away.person.to_string());
        people.collect::<Vec<_>>()
    };
    assert_eq!(whose(":mailto:verlof@gemeente-voorbeeld.nl"), ["l.yilmaz"]);
    assert_eq!(whose(":mailto:j.hendriks@gemeente-voorbeeld.nl"), ["j.hendriks"]);
    assert_eq!(
        whose(";PARTSTAT=DECLINED:mailto:j.hendriks@gemeente-voorbeeld.nl"),
        [""; 0],
        "he stays, and it was not about her"
    );
}

#[test]
fn a_calendar_of_google_bears_the_address_of_its_owner() {
    let agenda = read("basic", &file("google.ics")).unwrap();
    assert_eq!(
        lines(&agenda),
        [
            "f.elamrani Wed 2026-11-25 13:00 - Wed 2026-11-25 17:00",
            "f.elamrani Mon 2026-11-30 00:00 - Wed 2026-12-02 00:00",
            "f.elamrani Tue 2026-12-08 00:00 - Thu 2026-12-10 00:00",
            "f.elamrani Tue 2026-12-22 00:00 - Thu 2026-12-24 00:00",
            "f.elamrani Mon 2027-03-22 09:30 - Mon 2027-03-22 12:00",
            "f.elamrani Mon 2027-03-29 09:30 - Mon 2027-03-29 12:00",
            "f.elamrani Mon 2027-04-05 09:30 - Mon 2027-04-05 12:00",
        ],
        "half past nine stays half past nine when the clocks change"
    );
    assert_eq!(agenda.doubts.len(), 0);
}

#[test]
fn a_calendar_of_nextcloud_with_a_zone_that_only_it_knows() {
    let agenda = read(FATIMA, &file("nextcloud.ics")).unwrap();
    assert_eq!(
        lines(&agenda),
        [
            "f.elamrani Thu 2026-12-03 09:00 - Thu 2026-12-03 11:00",
            "f.elamrani Mon 2027-03-29 09:00 - Mon 2027-03-29 13:00",
            "f.elamrani Mon 2027-04-26 09:00 - Mon 2027-04-26 13:00",
            "f.elamrani Mon 2027-05-31 09:00 - Mon 2027-05-31 13:00",
            "f.elamrani Wed 2027-10-27 09:00 - Wed 2027-10-27 11:00",
        ],
        "the holiday was cancelled by a later copy, and summer time lasts until the last Sunday"
    );
    assert_eq!(
        agenda.doubts.into_iter().collect::<Vec<_>>(),
        [(Doubt::Zone, 1)],
        "Atlantis is held for here"
    );
}

#[test]
fn work_that_is_about_leave_sends_nobody_home() {
    let titles = [
        "Vakantieplanning bespreken",
        "Verlof aanvragen",
        "Vrijdag",
        "Leave for the airport",
    ];
    for title in titles {
        let agenda = own(&format!("SUMMARY:{title}\nDTSTART;VALUE=DATE:20261207"));
        assert_eq!(lines(&agenda), [""; 0], "{title}");
    }
    assert_eq!(
        leave("DTSTART;VALUE=DATE:20261207"),
        ["Mon 2026-12-07 00:00 - Tue 2026-12-08 00:00"]
    );
}

#[test]
fn a_whole_day_that_is_written_as_midnight_elsewhere_is_that_day_here() {
    for when in [
        "DTSTART;VALUE=DATE:20261207\nDTEND;VALUE=DATE:20261208",
        "DTSTART:20261206T230000Z\nDTEND:20261207T230000Z",
        "DTSTART;TZID=Romance Standard Time:20261207T000000\nDTEND;TZID=Romance Standard Time:20261208T000000",
        "DTSTART;TZID=GMT Standard Time:20261207T000000\nDTEND;TZID=GMT Standard Time:20261208T000000\n\
         X-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
        "DTSTART;VALUE=DATE:20261207\nDTEND;VALUE=DATE:20261207",
        "DTSTART;VALUE=DATE:20261207\nDURATION:P1D",
    ] {
        assert_eq!(
            leave(when),
            ["Mon 2026-12-07 00:00 - Tue 2026-12-08 00:00"],
            "{when}"
        );
    }
}

#[test]
fn a_series_of_whole_days_ends_on_the_evening_before_in_utc() {
    let expected = [
        "Wed 2026-12-02 00:00 - Thu 2026-12-03 00:00",
        "Wed 2026-12-09 00:00 - Thu 2026-12-10 00:00",
    ];
    for until in ["20261208T230000Z", "20261209", "20261209T000000"] {
        let series = format!("DTSTART;VALUE=DATE:20261202\nRRULE:FREQ=WEEKLY;UNTIL={until}");
        assert_eq!(leave(&series), expected, "{until}");
    }
}

#[test]
fn a_series_of_hours_that_ends_on_a_day_has_that_day_too() {
    assert_eq!(
        leave("DTSTART:20261202T130000\nDTEND:20261202T170000\nRRULE:FREQ=WEEKLY;UNTIL=20261209"),
        [
            "Wed 2026-12-02 13:00 - Wed 2026-12-02 17:00",
            "Wed 2026-12-09 13:00 - Wed 2026-12-09 17:00",
        ]
    );
}

#[test]
fn exceptions_and_replaced_instances_of_whole_days_may_be_written_as_times() {
    for (zone, written) in [
        ("", "20261208T230000Z"),
        (";VALUE=DATE", "20261209"),
        ("", "20261209T000000"),
        ("", "20261209T000000Z"),
        (";TZID=Romance Standard Time", "20261209T090000"),
    ] {
        let series = "SUMMARY:Verlof\nUID:een\nDTSTART;VALUE=DATE:20261202\nRRULE:FREQ=WEEKLY;COUNT=3";
        let expected = [
            "f.elamrani Wed 2026-12-02 00:00 - Thu 2026-12-03 00:00",
            "f.elamrani Wed 2026-12-16 00:00 - Thu 2026-12-17 00:00",
        ];
        let without = own(&format!("{series}\nEXDATE{zone}:{written}"));
        assert_eq!(lines(&without), expected, "{written}");
        let replaced = own(&format!(
            "{series}\n\nSUMMARY:Toch werken\nUID:een\nRECURRENCE-ID{zone}:{written}\nDTSTART;VALUE=DATE:20261209"
        ));
        assert_eq!(lines(&replaced), expected, "{written}");
    }
}

#[test]
fn the_start_is_the_first_instance_even_when_it_does_not_fit_the_rule() {
    assert_eq!(
        leave("DTSTART;VALUE=DATE:20261203\nRRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20261214"),
        [
            "Thu 2026-12-03 00:00 - Fri 2026-12-04 00:00",
            "Mon 2026-12-07 00:00 - Tue 2026-12-08 00:00",
            "Mon 2026-12-14 00:00 - Tue 2026-12-15 00:00",
        ]
    );
}

#[test]
fn a_series_that_ends_twice_ends_the_first_time() {
    let expected = [
        "Wed 2026-12-02 00:00 - Thu 2026-12-03 00:00",
        "Wed 2026-12-09 00:00 - Thu 2026-12-10 00:00",
    ];
    for ends in [
        "COUNT=2;UNTIL=20270101",
        "COUNT=50;UNTIL=20261212",
        "UNTIL=20261212;COUNT=50",
    ] {
        let series = format!("DTSTART;VALUE=DATE:20261202\nRRULE:FREQ=WEEKLY;{ends}");
        assert_eq!(leave(&series), expected, "{ends}");
    }
}

#[test]
fn a_time_that_summer_time_skips_is_read_by_the_clock_of_before() {
    for zone in ["", ";TZID=Europe/Amsterdam", ";TZID=W. Europe Standard Time"] {
        assert_eq!(
            leave(&format!(
                "DTSTART{zone}:20270328T023000\nDTEND{zone}:20270328T120000"
            )),
            ["Sun 2027-03-28 03:30 - Sun 2027-03-28 12:00"],
            "{zone}"
        );
    }
}

#[test]
fn of_an_hour_that_comes_twice_the_first_is_meant() {
    for zone in ["", ";TZID=Europe/Amsterdam"] {
        let agenda = own(&format!(
            "SUMMARY:Ziek\nDTSTART{zone}:20271031T023000\nDTEND{zone}:20271031T033000"
        ));
        let away = &agenda.away[0];
        let hours = away.until.unwrap().duration_since(away.from).as_hours();
        assert_eq!(
            (away.from.to_string().as_str(), hours),
            ("2027-10-31T00:30:00Z", 2)
        );
    }
    let nights =
        leave("DTSTART;TZID=Europe/Amsterdam:20271030T023000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3");
    assert_eq!(
        nights.len(),
        3,
        "the night with two of them has one instance: {nights:?}"
    );
}

#[test]
fn a_series_over_the_night_of_summer_time_ends_when_its_clock_says() {
    let zone = "TZID=Europe/Amsterdam";
    let night = format!("DTSTART;{zone}:20270326T220000\nDTEND;{zone}:20270327T060000");
    assert_eq!(
        leave(&format!("{night}\nRRULE:FREQ=DAILY;COUNT=2")),
        [
            "Fri 2027-03-26 22:00 - Sat 2027-03-27 06:00",
            "Sat 2027-03-27 22:00 - Sun 2027-03-28 06:00",
        ]
    );
}

#[test]
fn the_same_event_twice_counts_as_its_newest_copy() {
    let copy = |sequence: u8, day: u8| {
        format!("UID:een\nSUMMARY:Verlof\nSEQUENCE:{sequence}\nDTSTART;VALUE=DATE:202612{day:02}")
    };
    for events in [[copy(1, 7), copy(2, 9)], [copy(2, 9), copy(1, 7)]] {
        assert_eq!(
            lines(&own(&events.join("\n\n"))),
            ["f.elamrani Wed 2026-12-09 00:00 - Thu 2026-12-10 00:00"]
        );
    }
}

#[test]
fn further_instances_may_have_a_length_of_their_own() {
    let day = "DTSTART:20261201T090000\nDTEND:20261201T100000\nRDATE;VALUE=PERIOD:20261202T090000/20261202T120000,\
               20261203T090000/PT8H";
    assert_eq!(
        leave(day),
        [
            "Tue 2026-12-01 09:00 - Tue 2026-12-01 10:00",
            "Wed 2026-12-02 09:00 - Wed 2026-12-02 12:00",
            "Thu 2026-12-03 09:00 - Thu 2026-12-03 17:00",
        ]
    );
}

#[test]
fn who_is_away_now_has_been_since_their_calendar_says_so() {
    assert_eq!(
        leave("DTSTART;VALUE=DATE:20240101\nRRULE:FREQ=DAILY;UNTIL=20261130"),
        ["Mon 2024-01-01 00:00 - Tue 2026-12-01 00:00"],
        "tomorrow it must be the same absence"
    );
    assert_eq!(leave("DTSTART;VALUE=DATE:20261123"), [""; 0], "yesterday is over");
}

#[test]
fn times_away_that_touch_or_overlap_are_one_also_over_several_files() {
    let away = |person: &str, from: i64, until: Option<i64>| Away {
        person: PersonId::new(person),
        from: Timestamp::from_second(from).unwrap(),
        until: until.map(|until| Timestamp::from_second(until).unwrap()),
    };
    let merged = agenda::merged(vec![
        away("b", 5, Some(9)),
        away("a", 10, Some(20)),
        away("a", 0, Some(10)),
        away("a", 5, Some(7)),
        away("b", 8, None),
        away("b", 30, Some(40)),
    ]);
    assert_eq!(merged, [away("a", 0, Some(20)), away("b", 5, None)]);
}

#[test]
fn a_status_that_somebody_chose_weighs_more_than_a_title() {
    let away = |lines_of_it: &str| {
        own(&format!("DTSTART;VALUE=DATE:20261207\n{lines_of_it}"))
            .away
            .len()
    };
    assert_eq!(away("SUMMARY:Cursus\nX-MICROSOFT-CDO-BUSYSTATUS:OOF"), 1);
    assert_eq!(away("SUMMARY:Cursus"), 0);
    for free in [
        "TRANSP:TRANSPARENT",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
        "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE",
        "STATUS:CANCELLED",
    ] {
        assert_eq!(away(&format!("SUMMARY:Vakantie\n{free}")), 0, "{free}");
    }
}

#[test]
fn a_file_that_breaks_off_anywhere_is_refused_as_a_whole() {
    let whole = file("outlook-export.ics");
    for end in 15..whole.len() - "END:VCALENDAR\r\n".len() {
        assert_eq!(read("l.yilmaz", &whole[..end]), Err(NoAgenda::CutOff), "{end}");
    }
    for other in [
        &b""[..],
        b"BEGIN:VCARD\r\nEND:VCARD\r\n",
        b"<html></html>",
        b"BEGIN:VCAL",
    ] {
        assert_eq!(read(FATIMA, other), Err(NoAgenda::NoCalendar));
    }
}

#[test]
fn a_file_in_utf_16_or_an_older_code_page_is_read_too() {
    let text = calendar("SUMMARY:Vakantie Málaga\nDTSTART;VALUE=DATE:20261207");
    let wide: Vec<u8> = "\u{feff}"
        .chars()
        .chain(text.chars())
        .collect::<String>()
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let latin: Vec<u8> = text
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap())
        .collect();
    for bytes in [wide, latin, format!("\u{feff}{text}").into_bytes()] {
        assert_eq!(read(FATIMA, &bytes).unwrap().away.len(), 1);
    }
}

#[test]
fn what_is_not_understood_is_counted() {
    let agenda = own("SUMMARY:Verlof\n\n\
         SUMMARY:Verlof\nDTSTART:20261207T120000\nDTEND:20261207T090000\n\n\
         SUMMARY:Verlof\nDTSTART:20261208T090000\nDTEND:20261208T100000\nRRULE:FREQ=HOURLY\n\n\
         SUMMARY:Verlof\nDTSTART:20261209T090000\nDTEND:20261209T100000\nRRULE:elke week\n\n\
         SUMMARY:Verlof\nDTSTART:20261214T090000\nDTEND:20261214T100000\nRRULE:FREQ=DAILY\nEXRULE:FREQ=WEEKLY\n\n\
         UID:een\nSUMMARY:Verlof\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261210T090000\nDTSTART:20261210T090000\nDTEND:20261210T100000");
    assert_eq!(
        agenda.doubts.clone().into_iter().collect::<Vec<_>>(),
        [
            (Doubt::Start, 1),
            (Doubt::End, 1),
            (Doubt::Rule, 3),
            (Doubt::Range, 1)
        ]
    );
    assert_eq!(
        agenda.away.len(),
        4,
        "of each rule its start, and the one instance: {agenda:?}"
    );
}

#[test]
fn a_file_that_is_too_long_or_has_too_many_parts_is_not_read() {
    let mut long = calendar("SUMMARY:Verlof\nDTSTART;VALUE=DATE:20261207").into_bytes();
    long.resize(LONGEST, b' ');
    assert_eq!(
        read(FATIMA, &long).unwrap().away.len(),
        1,
        "the longest that is read"
    );
    long.push(b' ');
    assert_eq!(read(FATIMA, &long), Err(NoAgenda::TooLong));
    let parts = calendar(&format!("CATEGORIES:{}", "a,".repeat(500_001)));
    assert_eq!(read(FATIMA, parts.as_bytes()), Err(NoAgenda::TooLong));
}

#[test]
fn counts_that_are_meant_to_hurt_are_bounded_and_counted() {
    let many = |event: &str, count: usize| own(&vec![event; count].join("\n\n"));
    let doubts = |agenda: &Agenda| agenda.doubts.clone().into_iter().collect::<Vec<_>>();
    let events = many("SUMMARY:Verlof\nDTSTART;VALUE=DATE:20261207", 50_001);
    assert_eq!(
        (events.away.len(), doubts(&events)),
        (1, vec![(Doubt::TooMany, 1)])
    );
    let never = "SUMMARY:Verlof\nDTSTART;VALUE=DATE:20261207\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30";
    assert_eq!(doubts(&many(never, 30)), [(Doubt::TooMany, 10)]);
    let old =
        "SUMMARY:Verlof\nDTSTART;VALUE=DATE:00010101\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO";
    assert!(doubts(&many(old, 40))[0].1 > 30, "{:?}", doubts(&many(old, 40)));
    let endless = own("SUMMARY:Verlof\nDTSTART;VALUE=DATE:19000101\nRRULE:FREQ=DAILY;COUNT=4294967295");
    assert_eq!(doubts(&endless), [(Doubt::TooMany, 1)]);
}

/// Lines that the grammar of calendars is made of, with numbers that somebody made up.
fn property() -> impl Strategy<Value = String> {
    let number = prop_oneof![0..40_u32, Just(0), Just(65_535), Just(u32::MAX)];
    let time = (0..10_000_u32, 0..14_u32, 0..33_u32, 0..25_u32, 0..61_u32).prop_map(
        |(year, month, day, hour, minute)| format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}00"),
    );
    let frequency = prop::sample::select(vec!["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "NEVER"]);
    let by = prop::sample::select(vec![
        "BYMONTH",
        "BYMONTHDAY",
        "BYYEARDAY",
        "BYWEEKNO",
        "BYDAY",
        "BYSETPOS",
        "COUNT",
        "INTERVAL",
        "UNTIL",
        "WKST",
    ]);
    let value = prop_oneof![
        number.clone().prop_map(|number| number.to_string()),
        (-400..400_i32).prop_map(|number| number.to_string()),
        (-60..60_i32, prop::sample::select(vec!["MO", "SU", "FR"]))
            .prop_map(|(nth, day)| format!("{nth}{day}")),
        time.clone(),
    ];
    let rule = (frequency, prop::collection::vec((by, value), 0..4)).prop_map(|(frequency, parts)| {
        let parts = parts.iter().map(|(by, value)| format!(";{by}={value}"));
        format!("RRULE:FREQ={frequency}{}", parts.collect::<String>())
    });
    let zone = prop::sample::select(vec![
        "",
        ";TZID=Europe/Amsterdam",
        ";TZID=Nergens",
        ";VALUE=DATE",
        ";RANGE=X",
    ]);
    let moment = prop::sample::select(vec!["DTSTART", "DTEND", "EXDATE", "RDATE", "RECURRENCE-ID"]);
    prop_oneof![
        rule,
        (moment, zone, time, prop::bool::ANY).prop_map(|(name, zone, time, utc)| {
            format!("{name}{zone}:{time}{}", if utc { "Z" } else { "" })
        }),
        number.prop_map(|days| format!("DURATION:P{days}DT{days}H")),
        Just("SUMMARY:Verlof".to_owned()),
        Just("X-MICROSOFT-CDO-ALLDAYEVENT:TRUE".to_owned()),
        "[A-Z;:=,\\-+0-9\"é]{0,20}",
    ]
}

proptest! {
    #[test]
    fn no_event_hurts_and_none_is_away_backwards(lines in prop::collection::vec(property(), 1..8)) {
        let text = calendar(&format!("SUMMARY:Verlof\n{}", lines.join("\n")));
        let agenda = read(FATIMA, text.as_bytes()).unwrap();
        for away in &agenda.away {
            prop_assert!(Some(away.from) < away.until);
        }
    }

    #[test]
    fn no_bytes_hurt(noise in prop::collection::vec(any::<u8>(), 0..200), at in 0..3_000_usize) {
        let mut bytes = file("outlook-export.ics");
        bytes.splice(at..at, noise.iter().copied());
        prop_assert_ne!(read("l.yilmaz", &bytes), Err(NoAgenda::Defect));
        prop_assert_ne!(read("l.yilmaz", &noise), Err(NoAgenda::Defect));
    }
}
