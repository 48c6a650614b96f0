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
//! 1. `mod.rs` cuts what is too big, has the text parsed, and merges what was found.
//! 2. `event` makes an event of each VEVENT: when, how long, whose, which instance of a series it replaces.
//! 3. `words` decides whether an event says that somebody is away, by whose calendar it is.
//! 4. `series` repeats it in civil time, without any zone; `zone` makes instants of civil times. In this order a
//!    repetition cannot drift when the clocks change.
//!
//! What is ongoing keeps its start: were it cut off at today, each day would bring another absence.
//!
//! # Which crates were looked at
//!
//! `calcard` (Stalwart; maintained, Apache-2.0 or MIT, no unsafe code) reads what programs really write and knows the
//! zones of Windows. It brings `chrono` and `chrono-tz`; the first comes with `async-imap` anyway, of the second only
//! names are used. `icalendar` with `rrule` needs a second parser (nom) and the same two, and knows no zone of Windows;
//! `ical` is no longer maintained and repeats nothing; for `jiff` there is no such crate. Not used is `expand_dates` of
//! `calcard` on whole files (seen in version 0.3.14): it finds replaced instances by SEQUENCE instead of UID; takes an
//! UNTIL in UTC for local time, so that the last instance is lost; drops what falls into the hour that comes twice; and
//! has no horizon. Here it repeats one bare civil start by one rule whose UNTIL was put right.
//!
//! # Traps, all of them in a test
//!
//! - "Vakantieplanning bespreken" and "Verlof aanvragen" are work, "Vrijdag" is a day and "Leave for the airport" a trip.
//! - A birthday is a whole day, every year, and free; Outlook starts it in the year 1604.
//! - A whole day that is written as times at midnight, of another zone or in UTC, is that day here.
//! - UNTIL of a series of whole days is written in UTC by Outlook: the evening before. EXDATE and RECURRENCE-ID of one
//!   are often written as times.
//! - DTSTART is the first instance, even when it does not fit the rule.
//! - Zones have names of Windows, of nobody, or only a VTIMEZONE.
//! - The same event twice, the later one cancelled: the higher SEQUENCE counts.
//! - An export that is still being written ends anywhere: a file without its END is refused as a whole.
//!
//! # What we accept
//!
//! "Vakantie Karin" in somebody else's own calendar is held for theirs, unless it is marked as free. RANGE=THISANDFUTURE,
//! which no program of today writes, changes one instance only, and is counted. A zone that nobody knows is held for
//! that of the municipality, and counted. What repeats more than once a day is not understood.

mod event;
mod series;
mod words;
mod zone;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use calcard::icalendar::{ICalendar, ICalendarComponentType, ICalendarProperty};
use calcard::{Entry, Parser};
use jiff::civil::Date;
use jiff::{Span, Timestamp};

use crate::domain::{Away, Calendar, PersonId};
use event::{Event, Read};
use words::Kind;
use zone::{When, Zones};

/// The longest file that is read: ten years of a large team are a tenth of it.
pub const LONGEST: usize = 16 << 20;
/// The most events of a file.
const EVENTS: usize = 50_000;
/// The most series of a file that are repeated.
const SERIES: usize = 1_000;
/// The most times away that are gathered from a file.
const SPANS: usize = 200_000;
/// How far back times away are kept, so that what goes on until now keeps the start it had.
const LOOK_BACK_DAYS: i64 = 366;

/// By what a file is read.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// The days of the municipality.
    pub calendar: &'a Calendar,
    /// The first day that matters.
    pub from: Date,
    /// The day after the last one that matters.
    pub until: Date,
    /// What the file is called, without its ending.
    pub name: &'a str,
    /// Whose calendar it is by its name.
    pub owner: Option<&'a PersonId>,
    /// Who has this address, which is in lower case.
    pub known: &'a dyn Fn(&str) -> Option<PersonId>,
}

/// What a file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agenda {
    /// When somebody is away, by person and start; what touches or overlaps is one.
    pub away: Vec<Away>,
    /// How many events were not understood, or not fully, and why.
    pub doubts: BTreeMap<Doubt, usize>,
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
    /// There are more events than are read; left out.
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
            Self::TooMany => "too many",
            Self::Nobody => "of nobody in the rules",
            Self::Zone => "in an unknown time zone",
        })
    }
}

/// Why nothing was read from a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAgenda {
    /// It is longer than [`LONGEST`].
    #[error("it is longer than {} MiB; export fewer years", LONGEST >> 20)]
    TooLong,
    /// It is something else.
    #[error("it is no calendar: it does not start with BEGIN:VCALENDAR; export it as iCalendar (.ics)")]
    NoCalendar,
    /// It breaks off.
    #[error("it breaks off before END:VCALENDAR; it may still be being written, or export it anew")]
    CutOff,
}

/// Reads a calendar file.
///
/// # Errors
/// It is no whole calendar.
pub fn read(bytes: &[u8], reading: &Reading<'_>) -> Result<Agenda, NoAgenda> {
    if bytes.len() > LONGEST {
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
    let mut gathered = Gathered::new(reading);
    let mut parser = Parser::new(&text);
    loop {
        match parser.entry() {
            Entry::Eof => break,
            Entry::ICalendar(calendar) => gathered.add(&calendar),
            _ => {}
        }
    }
    Ok(gathered.merged())
}

/// What was found so far.
struct Gathered<'a> {
    reading: &'a Reading<'a>,
    /// What ended before this instant is of no interest.
    kept_from: Timestamp,
    from: Timestamp,
    until: Timestamp,
    events: usize,
    series: usize,
    spans: Vec<Away>,
    doubts: BTreeMap<Doubt, usize>,
}

impl<'a> Gathered<'a> {
    fn new(reading: &'a Reading<'a>) -> Self {
        let back = reading.from.saturating_sub(Span::new().days(LOOK_BACK_DAYS));
        Self {
            reading,
            kept_from: reading.calendar.start_of(back),
            from: reading.calendar.start_of(reading.from),
            until: reading.calendar.start_of(reading.until),
            events: 0,
            series: 0,
            spans: Vec::new(),
            doubts: BTreeMap::new(),
        }
    }

    fn doubt(&mut self, doubt: Doubt) {
        *self.doubts.entry(doubt).or_default() += 1;
    }

    fn add(&mut self, calendar: &ICalendar) {
        let zones = Zones::of(calendar, self.reading.calendar);
        let kind = self.kind(calendar);
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
            if event.is_away && versions.is_newest(event, self.reading.calendar) {
                self.occur(event, &versions);
            }
        }
    }

    /// Whose calendar it is: by the name of the file, else by the address that it bears.
    fn kind(&self, calendar: &ICalendar) -> Kind {
        let named = |property: &str| {
            let root = calendar.components.first()?;
            let named = ICalendarProperty::Other(property.to_owned());
            root.property(&named)?.values.first()?.as_text()
        };
        let title = named("X-WR-CALNAME");
        if let Some(owner) = self.reading.owner {
            return Kind::Own(owner.clone());
        }
        let bears = [title, named("X-WR-RELCALID")];
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

    /// Adds every instance of an event that is not replaced by another.
    fn occur(&mut self, event: &Event, versions: &Versions) {
        let calendar = self.reading.calendar;
        let starts = if event.replaces.is_none() && event.repeats() {
            self.series += 1;
            if self.series > SERIES {
                self.doubt(Doubt::TooMany);
                return;
            }
            let starts = series::starts(event, calendar, self.reading.until);
            if starts.is_partial {
                self.doubt(Doubt::Rule);
            }
            let replaced = |start: &When| versions.replaces(event.uid.as_deref(), start, calendar);
            let is_left = |(start, _): &(When, _)| !event.leaves_out(start, calendar) && !replaced(start);
            starts.all.into_iter().filter(is_left).collect()
        } else {
            vec![(event.start.clone(), event.length)]
        };
        for (start, length) in starts {
            let (from, until) = (start.instant(calendar), length.after(&start, calendar));
            if until <= from || until <= self.kept_from || from >= self.until {
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

    /// Everything in order, what touches or overlaps as one, without what is over.
    fn merged(mut self) -> Agenda {
        self.spans
            .sort_unstable_by(|one, other| (&one.person, one.from).cmp(&(&other.person, other.from)));
        let mut away: Vec<Away> = Vec::new();
        for span in self.spans {
            match away.last_mut() {
                Some(last) if last.person == span.person && Some(span.from) <= last.until => {
                    last.until = last.until.max(span.until);
                }
                _ => away.push(span),
            }
        }
        away.retain(|span| span.until > Some(self.from));
        Agenda {
            away,
            doubts: self.doubts,
        }
    }
}

/// Which events replace an instance of a series, and which version of an event is the newest.
struct Versions {
    newest: HashMap<(String, Option<Timestamp>), i64>,
    replaced: HashSet<(String, Timestamp)>,
}

impl Versions {
    fn of(events: &[Event], calendar: &Calendar) -> Self {
        let mut newest = HashMap::new();
        let mut replaced = HashSet::new();
        for event in events {
            let Some(key) = Self::key(event, calendar) else {
                continue;
            };
            if let (uid, Some(instance)) = &key {
                replaced.insert((uid.clone(), *instance));
            }
            let newest = newest.entry(key).or_insert(event.sequence);
            *newest = event.sequence.max(*newest);
        }
        Self { newest, replaced }
    }

    fn key(event: &Event, calendar: &Calendar) -> Option<(String, Option<Timestamp>)> {
        let instance = event.replaces.as_ref().map(|instance| instance.instant(calendar));
        Some((event.uid.clone()?, instance))
    }

    fn is_newest(&self, event: &Event, calendar: &Calendar) -> bool {
        Self::key(event, calendar)
            .and_then(|key| self.newest.get(&key).copied())
            .is_none_or(|newest| event.sequence >= newest)
    }

    /// Whether another event stands for the instance of a series that starts then, or on that day.
    fn replaces(&self, uid: Option<&str>, start: &When, calendar: &Calendar) -> bool {
        let Some(uid) = uid else { return false };
        let is_replaced = |instant| self.replaced.contains(&(uid.to_owned(), instant));
        is_replaced(start.instant(calendar)) || is_replaced(calendar.start_of(start.civil.date()))
    }
}
