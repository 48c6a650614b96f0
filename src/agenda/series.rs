//! The instances of a series, in civil time.
//!
//! The rule is that of the file with two changes: its UNTIL becomes a time on the clock of the start, and never lies
//! behind the horizon. Rules that repeat more than once a day, which no leave does, are not followed: that also bounds
//! what an instance can cost.

use calcard::common::PartialDateTime;
use calcard::common::timezone::Tz;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarFrequency,
    ICalendarProperty, ICalendarRecurrenceRule, ICalendarValue,
};
use chrono::{Datelike, Timelike};
use jiff::civil::{Date, DateTime, Time};

use super::event::{Event, Rule};
use super::zone::{Length, When};
use crate::domain::Calendar;

/// The most instances of a series, those in the past included: fifty years, day by day.
const INSTANCES: usize = 20_000;

/// When a series starts again and again.
pub(super) struct Starts {
    /// All instances up to the horizon.
    pub all: Vec<(When, Length)>,
    /// There may be more: the rule was not understood, or has too many.
    pub is_partial: bool,
}

/// The starts of a series up to this day. The first is the start of the event itself, whatever its rule says.
pub(super) fn starts(event: &Event, calendar: &Calendar, until: Date) -> Starts {
    let mut all = vec![(event.start.clone(), event.length)];
    all.extend(event.more.iter().cloned());
    let mut is_partial = false;
    match &event.rule {
        Rule::None => {}
        Rule::Unreadable => is_partial = true,
        Rule::Repeats(rule) => match repeated(event, rule, calendar, until) {
            Some(civils) => {
                is_partial = civils.len() >= INSTANCES;
                all.extend(civils.into_iter().map(|civil| {
                    let start = When {
                        civil,
                        ..event.start.clone()
                    };
                    (start, event.length)
                }));
            }
            None => is_partial = true,
        },
    }
    Starts { all, is_partial }
}

fn repeated(
    event: &Event,
    rule: &ICalendarRecurrenceRule,
    calendar: &Calendar,
    until: Date,
) -> Option<Vec<DateTime>> {
    let is_too_often = rule.freq > ICalendarFrequency::Daily
        || !(rule.byhour.is_empty() && rule.byminute.is_empty() && rule.bysecond.is_empty());
    if is_too_often {
        return None;
    }
    let start = event.start.civil;
    let horizon = until.to_datetime(Time::midnight());
    let last = match &event.ends {
        None => horizon,
        // The last day is part of it, also when the instances have a time.
        Some(end) if end.whole_day => end.civil.date().to_datetime(Time::constant(23, 59, 59, 0)),
        Some(end) if event.start.whole_day => end.here(calendar),
        Some(end) => end.beside(&event.start, calendar),
    };
    let last = last.min(horizon);
    if last <= start {
        return Some(Vec::new());
    }
    let rule = ICalendarRecurrenceRule {
        until: Some(partial(last)?),
        ..rule.clone()
    };
    let entry = |name, value| ICalendarEntry {
        name,
        params: Vec::new(),
        values: vec![value],
    };
    let bare = ICalendar {
        components: vec![ICalendarComponent {
            component_type: ICalendarComponentType::VEvent,
            entries: vec![
                entry(
                    ICalendarProperty::Dtstart,
                    ICalendarValue::PartialDateTime(Box::new(partial(start)?)),
                ),
                entry(
                    ICalendarProperty::Rrule,
                    ICalendarValue::RecurrenceRule(Box::new(rule)),
                ),
            ],
            component_ids: Vec::new(),
        }],
    };
    let expanded = bare.expand_dates(Tz::Floating, INSTANCES);
    if !expanded.errors.is_empty() {
        return None;
    }
    let civil = |at: chrono::NaiveDateTime| {
        DateTime::new(
            i16::try_from(at.year()).ok()?,
            i8::try_from(at.month()).ok()?,
            i8::try_from(at.day()).ok()?,
            i8::try_from(at.hour()).ok()?,
            i8::try_from(at.minute()).ok()?,
            i8::try_from(at.second()).ok()?,
            0,
        )
        .ok()
    };
    Some(
        expanded
            .events
            .iter()
            .filter_map(|event| civil(event.start.naive_local()))
            .collect(),
    )
}

fn partial(civil: DateTime) -> Option<PartialDateTime> {
    let part = |part: i8| u8::try_from(part).ok();
    Some(PartialDateTime {
        year: Some(u16::try_from(civil.year()).ok()?),
        month: Some(part(civil.month())?),
        day: Some(part(civil.day())?),
        hour: Some(part(civil.hour())?),
        minute: Some(part(civil.minute())?),
        second: Some(part(civil.second())?),
        ..PartialDateTime::default()
    })
}
