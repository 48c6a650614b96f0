//! Calendars that are made to cost a reader as much as their bytes allow: each is read, or refused, within the memory that
//! the service has besides its other work. What grows faster than the file shows in a test that never ends.

use jiff::civil::date;
use koppelwacht::agenda::{self, LONGEST, NoAgenda, Reading};
use koppelwacht::domain::PersonId;
use koppelwacht::rules::Rules;
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Bytes that are held at most, the file itself not counted. The service has 512 MB (`systemd/koppelwacht.service`), and
/// the worst mail takes as much as this.
const MOST: usize = 200 << 20;
/// A little less than the parts of a file that are read.
const PARTS: usize = 490_000;

/// An event with this in it as often as is read, between a head and a foot.
fn monster(head: &str, part: &str, foot: &str) -> Vec<u8> {
    let separators = part.matches([',', ';', '\n']).count().max(1);
    let times = ((LONGEST - 1_000) / part.len()).min(PARTS / separators);
    let event = "BEGIN:VEVENT\nSUMMARY:Verlof\nDTSTART;VALUE=DATE:20261207\n";
    let times = part.repeat(times);
    format!("BEGIN:VCALENDAR\n{event}{head}{times}{foot}\nEND:VEVENT\nEND:VCALENDAR\n").into_bytes()
}

// One test, because the allocator counts for all threads together.
#[test]
fn a_calendar_that_is_meant_to_fill_the_memory_does_not() {
    let monsters = [
        ("values", monster("CATEGORIES:", "a,", "")),
        (
            "exceptions",
            monster("EXDATE:", "20261207T000000Z,", "20261207T000000Z"),
        ),
        ("instances", monster("RDATE:", "20261207,", "20261207")),
        (
            "periods",
            monster("RDATE;VALUE=PERIOD:", "20261207T000000Z/PT1H,", ""),
        ),
        ("lines", monster("", "A:b\n", "")),
        ("components", monster("", "BEGIN:VEVENT\n", "")),
        ("events", monster("", "END:VEVENT\nBEGIN:VEVENT\n", "")),
        ("parameters", monster("ATTENDEE", ";A=b", ":mailto:a@b.example")),
        ("guests", monster("", "ATTENDEE:mailto:a@b.example\n", "")),
        ("days of a rule", monster("RRULE:FREQ=DAILY;BYDAY=", "MO,", "MO")),
        ("rules", monster("", "RRULE:FREQ=DAILY;BYMONTHDAY=1,2,3\n", "")),
        ("a name", monster("UID:", "a", "\nRRULE:FREQ=DAILY")),
        ("folds", monster("SUMMARY:", "a\n ", "")),
        ("zones", monster("", "END:VEVENT\nBEGIN:VTIMEZONE\nTZID:a\n", "")),
    ];
    let rules = Rules::shipped();
    let reading = Reading {
        calendar: &rules.calendar,
        from: date(2026, 11, 24),
        until: date(2027, 11, 25),
        name: "f.elamrani",
        known: &|name| (name == "f.elamrani").then(|| PersonId::new(name)),
    };
    let mut wrong = Vec::new();
    for (name, bytes) in monsters {
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let read = agenda::read(&bytes, &reading);
        let most = MEMORY.peak_usage() - before;
        if most > MOST || matches!(read, Err(NoAgenda::Defect | NoAgenda::TooLong)) {
            wrong.push(format!("{name}: {} MB, {:?}", most >> 20, read.err()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
