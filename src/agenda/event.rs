//! A VEVENT -> an event: when, how long, how often, whose, and whether somebody is away.

use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendarComponent, ICalendarDuration, ICalendarEntry, ICalendarParameterName, ICalendarPeriod,
    ICalendarProperty, ICalendarRecurrenceRule, ICalendarStatus, ICalendarTransparency, ICalendarValue,
};
use jiff::SignedDuration;

use super::Doubt;
use super::versions::Instances;
use super::words::{self, Kind, Mood, Shown};
use super::zone::{Length, When, Zones};
use crate::domain::{Calendar, PersonId};

/// An event.
pub(super) struct Event {
    /// What all instances of a series have in common.
    pub uid: Option<String>,
    /// Which version of it this is.
    pub sequence: i64,
    /// The instance of a series that it stands for.
    pub replaces: Option<When>,
    /// When it starts.
    pub start: When,
    /// How long it takes.
    pub length: Length,
    /// How it repeats.
    pub rule: Rule,
    /// When its rule ends.
    pub ends: Option<When>,
    /// Further instances.
    pub more: Vec<(When, Length)>,
    /// Instances that are left out.
    less: Vec<When>,
    /// Whose absence it would be.
    pub people: Vec<PersonId>,
    /// Whether it says that they are away.
    pub is_away: bool,
}

/// How an event repeats.
pub(super) enum Rule {
    /// Not.
    None,
    /// By a rule.
    Repeats(Box<ICalendarRecurrenceRule>),
    /// By something that is no rule.
    Unreadable,
}

/// What came of a VEVENT.
#[derive(Default)]
pub(super) struct Read {
    /// The event.
    pub event: Option<Event>,
    /// What is doubtful about it.
    pub doubts: Vec<Doubt>,
}

impl Event {
    /// Whether it has more than one instance.
    pub(super) fn repeats(&self) -> bool {
        !matches!(self.rule, Rule::None) || !self.more.is_empty()
    }

    /// The instances that are left out.
    pub(super) fn exceptions(&self, calendar: &Calendar) -> Instances {
        let mut without = Instances::default();
        for less in &self.less {
            without.add(less, self.start.whole_day, calendar);
        }
        without
    }
}

/// Reads a VEVENT.
pub(super) fn read(
    component: &ICalendarComponent,
    zones: &Zones<'_>,
    kind: &Kind,
    known: &dyn Fn(&str) -> Option<PersonId>,
) -> Read {
    let mut reader = Reader {
        component,
        zones,
        doubts: Vec::new(),
    };
    let event = reader.event(kind, known);
    Read {
        event,
        doubts: reader.doubts,
    }
}

struct Reader<'a> {
    component: &'a ICalendarComponent,
    zones: &'a Zones<'a>,
    doubts: Vec<Doubt>,
}

impl Reader<'_> {
    fn event(&mut self, kind: &Kind, known: &dyn Fn(&str) -> Option<PersonId>) -> Option<Event> {
        let replaces = self.time(&ICalendarProperty::RecurrenceId);
        let Some(mut start) = self
            .time(&ICalendarProperty::Dtstart)
            .or_else(|| replaces.clone())
        else {
            self.doubts.push(Doubt::Start);
            return None;
        };
        let mut end = self.time(&ICalendarProperty::Dtend);
        if self.other("X-MICROSOFT-CDO-ALLDAYEVENT") == Some("TRUE")
            && let Some(day) = start.as_whole_day(self.zones.calendar)
        {
            start = day;
            end = end.and_then(|end| end.as_whole_day(self.zones.calendar));
        }
        let length = self.length(&start, end.as_ref());
        let is_away = words::is_away(&self.mood(kind, start.whole_day), kind);
        let people = self.people(kind, known);
        if is_away && people.is_empty() {
            self.doubts.push(Doubt::Nobody);
        }
        if length.is_none() && is_away {
            self.doubts.push(Doubt::End);
        }
        let (rule, ends) = self.rule();
        let more = length.map_or_else(Vec::new, |length| self.more(length));
        let event = Event {
            uid: self.text(&ICalendarProperty::Uid).map(str::to_owned),
            sequence: self.sequence(),
            replaces: replaces.map(|instance| {
                if start.whole_day {
                    When::day(instance.here(self.zones.calendar).date())
                } else {
                    instance
                }
            }),
            length: length.unwrap_or(Length::OnTheClock(SignedDuration::ZERO)),
            rule,
            ends,
            more,
            less: self.times(&ICalendarProperty::Exdate),
            is_away: is_away && length.is_some() && !people.is_empty(),
            people,
            start,
        };
        Some(event)
    }

    fn text(&self, property: &ICalendarProperty) -> Option<&str> {
        self.component.property(property)?.values.first()?.as_text()
    }

    /// The value of a property that no standard knows, in the case it is usually written in.
    fn other(&self, name: &str) -> Option<&str> {
        let entry = self.component.entries.iter().find(
            |entry| matches!(&entry.name, ICalendarProperty::Other(other) if other.eq_ignore_ascii_case(name)),
        )?;
        entry.values.first()?.as_text()
    }

    fn time(&mut self, property: &ICalendarProperty) -> Option<When> {
        let entry = self.component.property(property)?;
        let has_range = entry.has_parameter(&ICalendarParameterName::Range);
        let written = entry.values.first()?.as_partial_date_time()?;
        let when = self.when(entry, written);
        if has_range {
            self.doubts.push(Doubt::Range);
        }
        when
    }

    /// All times of a property that may come many times.
    fn times(&mut self, property: &ICalendarProperty) -> Vec<When> {
        let component = self.component;
        let entries = component.entries.iter().filter(|entry| entry.name == *property);
        let mut times = Vec::new();
        for entry in entries {
            let written = entry
                .values
                .iter()
                .filter_map(ICalendarValue::as_partial_date_time);
            times.extend(written.filter_map(|written| self.when(entry, written)));
        }
        times
    }

    fn when(&mut self, entry: &ICalendarEntry, written: &PartialDateTime) -> Option<When> {
        let (when, is_known) = self.zones.when(written, entry.tz_id())?;
        if !is_known && !self.doubts.contains(&Doubt::Zone) {
            self.doubts.push(Doubt::Zone);
        }
        Some(when)
    }

    /// How long it takes; none when it ends before it starts. Whole days that end on their first day, as some programs
    /// write it, take that day.
    fn length(&self, start: &When, end: Option<&When>) -> Option<Length> {
        let calendar = self.zones.calendar;
        let length = match (end, self.component.property(&ICalendarProperty::Duration)) {
            (Some(end), _) => between(start, end, calendar),
            (None, Some(entry)) => match entry.values.first() {
                Some(ICalendarValue::Duration(length)) => passing(length)?,
                _ => return None,
            },
            (None, None) if start.whole_day => Length::Passing {
                days: 1,
                time: SignedDuration::ZERO,
            },
            (None, None) => Length::OnTheClock(SignedDuration::ZERO),
        };
        (length.after(start, calendar) >= start.instant(calendar)).then_some(length)
    }

    fn rule(&mut self) -> (Rule, Option<When>) {
        let entries = self.component.entries.iter();
        let mut rules = entries.filter(|entry| entry.name == ICalendarProperty::Rrule);
        let Some(entry) = rules.next() else {
            return (Rule::None, None);
        };
        // A rule for exceptions, of RFC 2445, and a second rule: nobody writes them any more.
        let is_more = rules.next().is_some() || self.component.property(&ICalendarProperty::Exrule).is_some();
        let Some(ICalendarValue::RecurrenceRule(rule)) = entry.values.first().filter(|_| !is_more) else {
            return (Rule::Unreadable, None);
        };
        let ends = rule.until.as_ref().map(|until| self.when(entry, until));
        match ends {
            Some(None) => (Rule::Unreadable, None),
            ends => (Rule::Repeats(rule.clone()), ends.flatten()),
        }
    }

    fn more(&mut self, usual: Length) -> Vec<(When, Length)> {
        let mut more: Vec<(When, Length)> = Vec::new();
        let component = self.component;
        let entries = component
            .entries
            .iter()
            .filter(|entry| entry.name == ICalendarProperty::Rdate);
        for entry in entries {
            for value in &entry.values {
                let written = match value {
                    ICalendarValue::PartialDateTime(written) => &**written,
                    ICalendarValue::Period(
                        ICalendarPeriod::Range { start, .. } | ICalendarPeriod::Duration { start, .. },
                    ) => start,
                    _ => continue,
                };
                let Some(start) = self.when(entry, written) else {
                    continue;
                };
                let length = match value {
                    ICalendarValue::Period(ICalendarPeriod::Range { end, .. }) => self
                        .when(entry, end)
                        .map(|end| between(&start, &end, self.zones.calendar)),
                    ICalendarValue::Period(ICalendarPeriod::Duration { duration, .. }) => passing(duration),
                    _ => Some(usual),
                };
                let Some(length) = length else { continue };
                more.push((start, length));
            }
        }
        more
    }

    fn sequence(&self) -> i64 {
        let entry = self.component.property(&ICalendarProperty::Sequence);
        entry
            .and_then(|entry| entry.values.first()?.as_integer())
            .unwrap_or(0)
    }

    fn shown(&self) -> Shown {
        if self.component.status() == Some(&ICalendarStatus::Cancelled) {
            return Shown::There;
        }
        let is_transparent = self.component.transparency() == Some(&ICalendarTransparency::Transparent);
        let busy = self
            .other("X-MICROSOFT-CDO-BUSYSTATUS")
            .or_else(|| self.other("X-MICROSOFT-CDO-INTENDEDSTATUS"))
            .map(str::to_ascii_uppercase);
        match busy.as_deref() {
            Some("OOF") => Shown::Out,
            Some("FREE" | "WORKINGELSEWHERE") => Shown::There,
            _ if is_transparent => Shown::There,
            Some("TENTATIVE") => Shown::Tentative,
            Some("BUSY") => Shown::Busy,
            _ => Shown::Unsaid,
        }
    }

    /// Everything by which it shows whether somebody is away.
    fn mood(&self, kind: &Kind, whole_day: bool) -> Mood<'_> {
        let attendees = self
            .component
            .entries
            .iter()
            .filter(|entry| entry.name == ICalendarProperty::Attendee);
        let categories = self
            .component
            .entries
            .iter()
            .filter(|entry| entry.name == ICalendarProperty::Categories);
        Mood {
            shown: self.shown(),
            whole_day,
            // Some programs name the owner too.
            is_meeting: matches!(kind, Kind::Own(_)) && attendees.count() > 1,
            summary: self.text(&ICalendarProperty::Summary).unwrap_or_default(),
            categories: categories
                .flat_map(|entry| entry.values.iter().filter_map(ICalendarValue::as_text))
                .collect(),
        }
    }

    /// Whose absence it would be: the owner's of a calendar of one person; in one of leave that of those who are invited
    /// and known, unless they declined; else that of who invites, a functional mailbox for one.
    fn people(&self, kind: &Kind, known: &dyn Fn(&str) -> Option<PersonId>) -> Vec<PersonId> {
        let named = |property: ICalendarProperty| {
            let entries = self.component.entries.iter();
            let named = entries.filter(move |entry| entry.name == property);
            named.filter_map(|entry| Some((entry, known(&address(entry)?)?)))
        };
        let mut people: Vec<(&ICalendarEntry, PersonId)> = match kind {
            Kind::Own(owner) => return vec![owner.clone()],
            Kind::Leave => named(ICalendarProperty::Attendee).collect(),
            Kind::Shared => Vec::new(),
        };
        if people.is_empty() {
            people = named(ICalendarProperty::Organizer).collect();
        }
        let there = people.into_iter().filter(|(entry, _)| !has_declined(entry));
        let mut people: Vec<PersonId> = there.map(|(_, person)| person).collect();
        people.sort_unstable();
        people.dedup();
        people
    }
}

/// Days and time that pass; none when they go backwards.
fn passing(length: &ICalendarDuration) -> Option<Length> {
    let (hours, minutes) = (i64::from(length.hours), i64::from(length.minutes));
    (!length.neg).then_some(Length::Passing {
        days: i64::from(length.days) + 7 * i64::from(length.weeks),
        time: SignedDuration::from_secs(i64::from(length.seconds) + 60 * (minutes + 60 * hours)),
    })
}

/// From one time to another: on the clock where both hang on the same one.
fn between(start: &When, end: &When, calendar: &Calendar) -> Length {
    if start.whole_day {
        let last = end.here(calendar).date();
        let days = start.civil.date().until(last).map_or(0, |span| span.get_days());
        return Length::Passing {
            days: i64::from(if days == 0 { 1 } else { days }),
            time: SignedDuration::ZERO,
        };
    }
    if start.zone == end.zone {
        return Length::OnTheClock(end.civil.duration_since(start.civil));
    }
    Length::Passing {
        days: 0,
        time: end.instant(calendar).duration_since(start.instant(calendar)),
    }
}

fn has_declined(entry: &ICalendarEntry) -> bool {
    entry
        .parameter(&ICalendarParameterName::Partstat)
        .and_then(|status| status.as_text())
        .is_some_and(|status| status.eq_ignore_ascii_case("DECLINED"))
}

/// The address in `mailto:` or, where Exchange writes a name of its directory instead, in `EMAIL=`.
fn address(entry: &ICalendarEntry) -> Option<String> {
    let written = entry.calendar_address().filter(|address| address.contains('@'));
    let beside = || entry.parameter(&ICalendarParameterName::Email)?.as_text();
    Some(written.or_else(beside)?.trim().to_lowercase())
}
