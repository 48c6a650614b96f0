//! Calendar files (iCalendar, RFC 5545) -> when somebody is away.
//!
//! # What it must guarantee
//!
//! Whoever is away by a calendar is known to be away at exactly those instants: local times stay what they are across
//! both edges of summer time, a whole day is a day of the municipality, and a series goes on as long as its owner said,
//! with its exceptions. No file, however broken or hostile, makes it panic, run long or take much memory. What is not
//! understood is counted by reason, and never named: a summary, a name or an address stays in the file. Where a file
//! leaves doubt, nobody is away: then letters go out as they always do and a ladder catches what nobody takes, whereas
//! somebody who is wrongly held for away is passed over without knowing.
//!
//! # How
//!
//! 1. `mod.rs` refuses what is too big or broken off, has the text parsed, and merges what was found.
//! 2. `event` makes an event of each VEVENT: when, how long, whose, which instance of a series it replaces.
//! 3. `words` decides whether an event says that somebody is away, by whose calendar it is.
//! 4. `versions` knows which of two copies of an event counts, and which instances of a series are replaced.
//! 5. `series` repeats an event in civil time, without any zone; `zone` makes instants of civil times. In this order a
//!    repetition cannot drift when the clocks change.
//!
//! A time away starts where its calendar says, however long ago: a start that moves along with today would be another
//! absence each day.
//!
//! # Which crates were looked at
//!
//! `calcard` (Stalwart; maintained, Apache-2.0 or MIT, no unsafe code) reads what programs really write and knows the
//! zones of Windows. It brings `chrono` and `chrono-tz`, which nothing here names. `icalendar` with `rrule` needs a
//! second parser (nom) and the same two, and knows no zone of Windows; `ical` is no longer maintained and repeats
//! nothing; for `jiff` there is no such crate. Not used is `expand_dates` of `calcard` on whole files (seen in version
//! 0.3.14): it finds replaced instances by SEQUENCE instead of UID; takes an UNTIL in UTC for local time, so that the
//! last instance is lost; drops what falls into the hour that comes twice; and has no horizon. Here it repeats one bare
//! civil start by one rule whose UNTIL was put right.
//!
//! # Traps, all of them in a test (`tests/agenda.rs`)
//!
//! - "Vakantieplanning bespreken" and "Verlof aanvragen" are work, "Vrijdag" is a day and "Leave for the airport" a trip.
//! - A birthday is a whole day, every year, and free; Outlook starts it in the year 1604.
//! - A whole day that is written as times at midnight, of another zone or in UTC, is that day here.
//! - UNTIL of a series of whole days is written in UTC by Outlook: the evening before. EXDATE and RECURRENCE-ID of one
//!   are often written as times.
//! - DTSTART is the first instance, even when it does not fit the rule.
//! - COUNT and UNTIL together, which RFC 5545 forbids: the series ends with the first of the two.
//! - Zones have names of Windows, of nobody, or only a VTIMEZONE.
//! - A time in the hour that summer time skips is read by the clock of before, as RFC 5545 (3.3.5) says; one in the hour
//!   that comes twice is the first.
//! - The same event twice, the later one cancelled: the higher SEQUENCE counts.
//! - An export that is still being written ends anywhere: a file without its END is refused as a whole.
//! - A rule that never matches, or once in forty years, costs more than any that does: what all rules of a file may cost
//!   together is bounded.
//!
//! # What we accept
//!
//! "Vakantie Karin" in somebody else's own calendar is held for theirs, unless it is marked as free. RANGE=THISANDFUTURE,
//! which no program of today writes, changes one instance only, and is counted. A zone that nobody knows is held for
//! that of the municipality, and counted. What repeats more than once a day is not understood.

mod event;
mod series;
mod versions;
mod words;
mod zone;

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calcard::icalendar::{ICalendar, ICalendarComponentType, ICalendarProperty};
use calcard::{Entry, Parser};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::{Away, Calendar, PersonId};
use event::{Event, Read};
use series::{Effort, Starts};
use versions::Versions;
use words::Kind;
use zone::When;

/// The longest file that is read: ten years of a large team are a tenth of it.
pub const LONGEST: usize = 16 << 20;
/// The most lines, and values on them, of a file. Each of them costs far more memory than its bytes.
const PIECES: usize = 500_000;
/// The most events of a file.
const EVENTS: usize = 50_000;
/// The most times away that are gathered from a file.
const SPANS: usize = 200_000;

/// By what a file is read.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// The days of the municipality.
    pub calendar: &'a Calendar,
    /// The first day that matters.
    pub from: Date,
    /// The day after the last one that matters.
    pub until: Date,
    /// What the file is called, without its ending: it may name its owner, or say that it holds leave.
    pub name: &'a str,
    /// Who has this id, address or name, in lower case; nobody when several have.
    pub known: &'a dyn Fn(&str) -> Option<PersonId>,
}

/// What a file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agenda {
    /// When somebody is away, merged.
    pub away: Vec<Away>,
    /// How many events were not understood, or not fully, and why.
    pub doubts: BTreeMap<Doubt, usize>,
    /// Whether it is known whose it is: of one person, or that in which a team writes its leave.
    pub has_owner: bool,
}

/// Why an event was not understood, or not fully.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// It has no start that can be read; left out.
    Start,
    /// It ends before it starts; left out.
    End,
    /// It repeats in a way that is not understood: only its start is taken.
    Rule,
    /// It changes all later instances of a series: only one is taken.
    Range,
    /// There are more events or instances than are read; left out.
    TooMany,
    /// Nobody that it is about is known; left out.
    Nobody,
    /// It names a zone that nobody knows; taken for local time.
    Zone,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start => "without a start",
            Self::End => "that end before they start",
            Self::Rule => "that repeat in a way that is not understood",
            Self::Range => "that change all later instances of a series",
            Self::TooMany => "more than are read",
            Self::Nobody => "of nobody in the rules",
            Self::Zone => "in an unknown time zone",
        })
    }
}

/// Why nothing was read from a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAgenda {
    /// It is longer than [`LONGEST`], or has more lines and values than are read.
    #[error("it is too long (at most {} MiB are read); export fewer years", LONGEST >> 20)]
    TooLong,
    /// It is something else.
    #[error("it is no calendar: it does not start with BEGIN:VCALENDAR; export it as iCalendar (.ics)")]
    NoCalendar,
    /// It breaks off.
    #[error("it breaks off before END:VCALENDAR; if it is not being written now, export it anew")]
    CutOff,
    /// Reading it failed.
    #[error("reading it fails; please report this defect")]
    Defect,
}

/// Reads a calendar file.
///
/// # Errors
/// It is no whole calendar.
pub fn read(bytes: &[u8], reading: &Reading<'_>) -> Result<Agenda, NoAgenda> {
    let is_between = |byte: &&u8| matches!(byte, b',' | b';' | b'\n');
    if bytes.len() > LONGEST || bytes.iter().filter(is_between).count() > PIECES {
        return Err(NoAgenda::TooLong);
    }
    // A byte order mark tells of UTF-16; bytes of an older code page spoil a letter of a summary at most.
    let (text, ..) = encoding_rs::UTF_8.decode(bytes);
    let (start, end) = (text.trim_start().as_bytes(), text.trim_end().as_bytes());
    let begins = start.get(..15).unwrap_or(start);
    if !begins.eq_ignore_ascii_case(b"BEGIN:VCALENDAR") {
        return Err(NoAgenda::NoCalendar);
    }
    let last = end.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    if !last.trim_ascii().eq_ignore_ascii_case(b"END:VCALENDAR") {
        return Err(NoAgenda::CutOff);
    }
    // What the crate makes of all files in the world is more than tests can know.
    let gathered = catch_unwind(AssertUnwindSafe(|| gather(&text, reading)));
    let gathered = gathered.map_err(|_| NoAgenda::Defect)?;
    let mut away = merged(gathered.spans);
    let from = reading.calendar.start_of(reading.from);
    away.retain(|span| span.until.is_none_or(|until| until > from));
    Ok(Agenda {
        away,
        doubts: gathered.doubts,
        has_owner: gathered.has_owner,
    })
}

/// Times away by person and start, of which what touches or overlaps is one: also when several files tell of it.
#[must_use]
pub fn merged(mut spans: Vec<Away>) -> Vec<Away> {
    spans.sort_unstable_by(|one, other| (&one.person, one.from).cmp(&(&other.person, other.from)));
    let mut merged: Vec<Away> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if last.person == span.person && last.until.is_none_or(|until| span.from <= until) => {
                last.until = last.until.zip(span.until).map(|(one, other)| one.max(other));
            }
            _ => merged.push(span),
        }
    }
    merged
}

fn gather<'a>(text: &str, reading: &'a Reading<'a>) -> Gathered<'a> {
    let mut gathered = Gathered::new(reading);
    let mut parser = Parser::new(text);
    loop {
        match parser.entry() {
            Entry::Eof => return gathered,
            Entry::ICalendar(calendar) => gathered.add(&calendar),
            _ => {}
        }
    }
}

/// What was found so far.
struct Gathered<'a> {
    reading: &'a Reading<'a>,
    until: Timestamp,
    events: usize,
    effort: Effort,
    spans: Vec<Away>,
    doubts: BTreeMap<Doubt, usize>,
    has_owner: bool,
}

impl<'a> Gathered<'a> {
    fn new(reading: &'a Reading<'a>) -> Self {
        Self {
            reading,
            until: reading.calendar.start_of(reading.until),
            events: 0,
            effort: Effort::default(),
            spans: Vec::new(),
            doubts: BTreeMap::new(),
            has_owner: false,
        }
    }

    fn doubt(&mut self, doubt: Doubt) {
        *self.doubts.entry(doubt).or_default() += 1;
    }

    fn add(&mut self, calendar: &ICalendar) {
        let zones = zone::Zones::of(calendar, self.reading.calendar);
        let kind = self.kind(calendar);
        self.has_owner |= kind != Kind::Shared;
        let mut events = Vec::new();
        for component in &calendar.components {
            if component.component_type != ICalendarComponentType::VEvent {
                continue;
            }
            self.events += 1;
            if self.events > EVENTS {
                self.doubt(Doubt::TooMany);
                continue;
            }
            let Read { event, doubts } = event::read(component, &zones, &kind, self.reading.known);
            for doubt in doubts {
                self.doubt(doubt);
            }
            events.extend(event);
        }
        let versions = Versions::of(&events, self.reading.calendar);
        for event in &events {
            if event.is_away && versions.is_newest(event) {
                self.occur(event, &versions);
            }
        }
    }

    /// Whose calendar it is: by the name of the file, else by the name or address that it bears.
    fn kind(&self, calendar: &ICalendar) -> Kind {
        let named = |property: &str| {
            let root = calendar.components.first()?;
            let named = ICalendarProperty::Other(property.to_owned());
            root.property(&named)?.values.first()?.as_text()
        };
        let title = named("X-WR-CALNAME");
        let bears = [Some(self.reading.name), title, named("X-WR-RELCALID")];
        let owner = bears.into_iter().flatten().find_map(|name| {
            let name = name.trim().to_lowercase();
            (self.reading.known)(name.strip_prefix("mailto:").unwrap_or(&name))
        });
        match owner {
            Some(owner) => Kind::Own(owner),
            None if words::names_leave(self.reading.name) || title.is_some_and(words::names_leave) => {
                Kind::Leave
            }
            None => Kind::Shared,
        }
    }

    /// Adds every instance of an event that is not left out or replaced by another.
    fn occur(&mut self, event: &Event, versions: &Versions<'_>) {
        let calendar = self.reading.calendar;
        let starts = if event.replaces.is_none() && event.repeats() {
            let Starts { all, doubt } = series::starts(event, calendar, self.reading.until, &mut self.effort);
            if let Some(doubt) = doubt {
                self.doubt(doubt);
            }
            let (without, replaced) = (event.exceptions(calendar), versions.replaced(event));
            let is_left = |start: &When| !without.names(start, calendar) && !replaced.names(start, calendar);
            all.into_iter().filter(|(start, _)| is_left(start)).collect()
        } else {
            vec![(event.start.clone(), event.length)]
        };
        for (start, length) in starts {
            let (from, until) = (start.instant(calendar), length.after(&start, calendar));
            if until <= from || from >= self.until {
                continue;
            }
            if self.spans.len() + event.people.len() > SPANS {
                self.doubt(Doubt::TooMany);
                return;
            }
            self.spans.extend(event.people.iter().map(|person| Away {
                person: person.clone(),
                from,
                until: Some(until),
            }));
        }
    }
}
