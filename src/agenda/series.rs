//! The instances of a series, in civil time.
//!
//! The rule is that of the file with two changes: its UNTIL becomes a time on the clock of the start, and never lies
//! behind the horizon. Rules that repeat more than once a day, which no leave does, are not followed.
//!
//! What a rule costs does not show in what comes of it: the crate walks day by day to the next match, and looks for one
//! up to the year 10000 (`MAX_ITER_LOOP` and `YEAR_RANGE` in version 0.3.14), which for a thirtieth of February takes a
//! tenth of a second. So two things are counted over the whole file: the days that were walked, and the rules that led
//! nowhere. When either is used up, no further rule is followed.

use calcard::common::PartialDateTime;
use calcard::common::timezone::Tz;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarFrequency,
    ICalendarProperty, ICalendarRecurrenceRule, ICalendarValue,
};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use super::Doubt;
use super::event::{Event, Rule};
use super::zone::{Length, When};
use crate::domain::Calendar;

/// The most instances of a series, those in the past included: fifty years, day by day.
const INSTANCES: usize = 20_000;
/// The most days that all series of a file walk: a thousand of them for ten years.
const DAYS: i64 = 4_000_000;
/// The most rules of a file without a match.
const BARREN: u32 = 20;

/// What following the rules of a file may still cost.
pub(super) struct Effort {
    days: i64,
    barren: u32,
}

impl Default for Effort {
    fn default() -> Self {
        Self {
            days: DAYS,
            barren: BARREN,
        }
    }
}

/// When a series starts again and again.
pub(super) struct Starts {
    /// All instances up to the horizon.
    pub all: Vec<(When, Length)>,
    /// Why there may be more.
    pub doubt: Option<Doubt>,
}

/// The starts of a series up to this day. The first is the start of the event itself, whatever its rule says.
pub(super) fn starts(event: &Event, calendar: &Calendar, until: Date, effort: &mut Effort) -> Starts {
    let mut all = vec![(event.start.clone(), event.length)];
    all.extend(event.more.iter().cloned());
    let repeated = match &event.rule {
        Rule::None => Ok(Vec::new()),
        Rule::Unreadable => Err(Doubt::Rule),
        Rule::Repeats(rule) => repeated(event, rule, calendar, until, effort),
    };
    let doubt = match &repeated {
        Ok(civils) if civils.len() >= INSTANCES => Some(Doubt::TooMany),
        Ok(_) => None,
        Err(doubt) => Some(*doubt),
    };
    all.extend(repeated.unwrap_or_default().into_iter().map(|civil| {
        let start = When {
            civil,
            ..event.start.clone()
        };
        (start, event.length)
    }));
    Starts { all, doubt }
}

fn repeated(
    event: &Event,
    rule: &ICalendarRecurrenceRule,
    calendar: &Calendar,
    until: Date,
    effort: &mut Effort,
) -> Result<Vec<DateTime>, Doubt> {
    let is_too_often = rule.freq > ICalendarFrequency::Daily
        || !(rule.byhour.is_empty() && rule.byminute.is_empty() && rule.bysecond.is_empty());
    if is_too_often {
        return Err(Doubt::Rule);
    }
    let start = event.start.civil;
    let last = last(event, calendar).unwrap_or(DateTime::MAX);
    let last = last.min(until.to_datetime(Time::midnight()));
    if last <= start {
        return Ok(Vec::new());
    }
    effort.days -= i64::from(start.date().until(last.date()).map_or(0, |span| span.get_days())) + 1;
    if effort.days < 0 || effort.barren == 0 {
        return Err(Doubt::TooMany);
    }
    let bounded = partial(last).map(|last| ICalendarRecurrenceRule {
        until: Some(last),
        ..rule.clone()
    });
    let bare = bounded.and_then(|rule| Some(bare_event(partial(start)?, rule)));
    let expanded = bare.ok_or(Doubt::Rule)?.expand_dates(Tz::Floating, INSTANCES);
    if !expanded.errors.is_empty() {
        return Err(Doubt::Rule);
    }
    if expanded.events.is_empty() {
        effort.barren -= 1;
    }
    // A floating time is counted in seconds as if it were UTC.
    let civil = |seconds| {
        Some(
            Timestamp::from_second(seconds)
                .ok()?
                .to_zoned(TimeZone::UTC)
                .datetime(),
        )
    };
    let seconds = expanded.events.iter().map(|event| event.start.timestamp());
    Ok(seconds.filter_map(civil).collect())
}

/// The last moment at which an instance may start, on the clock of the start.
fn last(event: &Event, calendar: &Calendar) -> Option<DateTime> {
    let end = event.ends.as_ref()?;
    Some(if end.whole_day {
        // The last day is part of it, also when the instances have a time.
        end.civil.date().to_datetime(Time::constant(23, 59, 59, 0))
    } else if event.start.whole_day {
        end.here(calendar)
    } else {
        end.beside(&event.start, calendar)
    })
}

/// A calendar with one event that has nothing but a start and a rule.
fn bare_event(start: PartialDateTime, rule: ICalendarRecurrenceRule) -> ICalendar {
    let entry = |name, value| ICalendarEntry {
        name,
        params: Vec::new(),
        values: vec![value],
    };
    let start = ICalendarValue::PartialDateTime(Box::new(start));
    let rule = ICalendarValue::RecurrenceRule(Box::new(rule));
    ICalendar {
        components: vec![ICalendarComponent {
            component_type: ICalendarComponentType::VEvent,
            entries: vec![
                entry(ICalendarProperty::Dtstart, start),
                entry(ICalendarProperty::Rrule, rule),
            ],
            component_ids: Vec::new(),
        }],
    }
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
