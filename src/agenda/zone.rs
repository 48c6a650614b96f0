//! Civil times with their zones -> instants.
//!
//! A zone is found by its name (that of the tz database, of Windows, or what programs make of these), else by what
//! its VTIMEZONE says in X-LIC-LOCATION, else by the rules in that block, which are those of POSIX in other words.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::LazyLock;

use calcard::common::PartialDateTime;
use calcard::common::timezone::Tz;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarProperty, ICalendarRecurrenceRule,
    ICalendarValue,
};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Span, Timestamp};

use crate::domain::Calendar;

/// The zones that come with the program: what a file means does not depend on the machine.
static BUNDLED: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A civil time, and where.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct When {
    /// What the clock shows; midnight of a whole day.
    pub civil: DateTime,
    /// Where it hangs; none: at the municipality.
    pub zone: Option<TimeZone>,
    /// It is a whole day: of the municipality, whatever zone stood beside it.
    pub whole_day: bool,
}

impl When {
    /// This day, here.
    pub(super) fn day(day: Date) -> Self {
        Self {
            civil: day.to_datetime(Time::midnight()),
            zone: None,
            whole_day: true,
        }
    }

    /// The instant: of a whole day its first; of a time in the hour that summer time skips what the clock of before
    /// would have shown; of one in the hour that comes twice the first of the two (RFC 5545, 3.3.5).
    pub(super) fn instant(&self, calendar: &Calendar) -> Timestamp {
        if self.whole_day {
            return calendar.start_of(self.civil.date());
        }
        let zone = self.zone.as_ref().unwrap_or_else(|| calendar.zone());
        let instant = zone.to_ambiguous_timestamp(self.civil).compatible();
        // Civil days reach a little further than instants do.
        instant.unwrap_or(Timestamp::MAX)
    }

    /// What the clock at the municipality shows then.
    pub(super) fn here(&self, calendar: &Calendar) -> DateTime {
        match self.zone {
            None => self.civil,
            Some(_) => calendar.zoned(self.instant(calendar)).datetime(),
        }
    }

    /// What the clock of another time's place shows then.
    pub(super) fn beside(&self, other: &Self, calendar: &Calendar) -> DateTime {
        match &other.zone {
            None => self.here(calendar),
            Some(zone) if self.zone.as_ref() == Some(zone) => self.civil,
            Some(zone) => self.instant(calendar).to_zoned(zone.clone()).datetime(),
        }
    }

    /// The whole day that is meant when somebody wrote its midnight, there or here.
    pub(super) fn as_whole_day(&self, calendar: &Calendar) -> Option<Self> {
        [self.civil, self.here(calendar)]
            .into_iter()
            .find(|civil| civil.time() == Time::midnight())
            .map(|civil| Self::day(civil.date()))
    }
}

/// How long something takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// On the clock: from nine to five, however long that is on the night when the clocks change.
    OnTheClock(SignedDuration),
    /// Days, and time that passes.
    Passing {
        /// Whole days.
        days: i64,
        /// And this much.
        time: SignedDuration,
    },
}

impl Length {
    /// The instant at which it is over when it starts then.
    pub(super) fn after(self, start: &When, calendar: &Calendar) -> Timestamp {
        let (civil, time) = match self {
            Self::OnTheClock(length) => (start.civil.checked_add(length), SignedDuration::ZERO),
            Self::Passing { days, time } => (
                Span::new()
                    .try_days(days)
                    .and_then(|days| start.civil.checked_add(days)),
                time,
            ),
        };
        let civil = civil.unwrap_or(DateTime::MAX);
        let end = When {
            civil,
            ..start.clone()
        };
        end.instant(calendar).checked_add(time).unwrap_or(Timestamp::MAX)
    }
}

/// The zones of a calendar file.
pub(super) struct Zones<'a> {
    /// The days of the municipality.
    pub calendar: &'a Calendar,
    own: HashMap<&'a str, TimeZone>,
}

impl<'a> Zones<'a> {
    /// Those that a file brings.
    pub(super) fn of(file: &'a ICalendar, calendar: &'a Calendar) -> Self {
        let own = file.timezones().filter_map(|block| {
            let name = text(block, &ICalendarProperty::Tzid)?;
            let place = ICalendarProperty::Other("X-LIC-LOCATION".to_owned());
            let zone = by_name(name)
                .or_else(|| by_name(text(block, &place)?))
                .or_else(|| by_rules(file, block))?;
            Some((name, zone))
        });
        Self {
            calendar,
            own: own.collect(),
        }
    }

    /// A date or time as it stands in a file, and whether its zone is known. A zone that is not known is taken for
    /// that of the municipality.
    pub(super) fn when(&self, written: &PartialDateTime, zone: Option<&str>) -> Option<(When, bool)> {
        let date = Date::new(
            i16::try_from(written.year?).ok()?,
            i8::try_from(written.month?).ok()?,
            i8::try_from(written.day?).ok()?,
        )
        .ok()?;
        let Some(hour) = written.hour else {
            return Some((When::day(date), true));
        };
        let part = |part: Option<u8>| i8::try_from(part.unwrap_or(0)).ok();
        // A leap second is the end of its minute.
        let second = part(written.second)?.min(59);
        let time = Time::new(i8::try_from(hour).ok()?, part(written.minute)?, second, 0).ok()?;
        let (zone, is_known) = match (offset(written), zone) {
            (Some(offset), _) => (Some(TimeZone::fixed(offset)), true),
            (None, None) => (None, true),
            (None, Some(name)) => {
                let zone = self.own.get(name).cloned().or_else(|| by_name(name));
                let is_known = zone.is_some();
                (zone, is_known)
            }
        };
        let when = When {
            civil: date.to_datetime(time),
            zone,
            whole_day: false,
        };
        Some((when, is_known))
    }
}

fn text<'a>(block: &'a ICalendarComponent, property: &ICalendarProperty) -> Option<&'a str> {
    let entry = block.entries.iter().find(|entry| entry.name == *property)?;
    entry.values.first()?.as_text()
}

fn by_name(name: &str) -> Option<TimeZone> {
    let zone = Tz::from_str(name.trim_matches('"')).ok()?;
    BUNDLED.get(&zone.name()?).ok()
}

fn offset(written: &PartialDateTime) -> Option<Offset> {
    let seconds = i32::from(written.tz_hour?) * 3600 + i32::from(written.tz_minute.unwrap_or(0)) * 60;
    Offset::from_seconds(if written.tz_minus { -seconds } else { seconds }).ok()
}

/// One half of a VTIMEZONE: since when, which offset, and by which rule the clocks are changed to it.
struct Half {
    since: DateTime,
    offset: Offset,
    change: Option<String>,
}

/// The zone that the rules in a VTIMEZONE describe; those in force last.
fn by_rules(file: &ICalendar, block: &ICalendarComponent) -> Option<TimeZone> {
    let last = |wanted: &ICalendarComponentType| {
        block
            .component_ids
            .iter()
            .filter_map(|id| file.component_by_id(*id))
            .filter(|half| half.component_type == *wanted)
            .filter_map(read_half)
            .max_by_key(|half| half.since)
    };
    let standard = last(&ICalendarComponentType::Standard)?;
    let summer = last(&ICalendarComponentType::Daylight);
    let change = |half: &Half| half.change.clone();
    let Some((summer, to_summer, back)) =
        summer.and_then(|half| Some((half.offset, change(&half)?, change(&standard)?)))
    else {
        return Some(TimeZone::fixed(standard.offset));
    };
    let (winter, summer) = (west(standard.offset), west(summer));
    TimeZone::posix(&format!("WIN{winter}SUM{summer},{to_summer},{back}")).ok()
}

/// An offset as POSIX writes it: what is added to local time, not to UTC.
fn west(offset: Offset) -> String {
    let seconds = -offset.seconds();
    let (sign, minutes) = (if seconds < 0 { "-" } else { "" }, seconds.abs() / 60);
    format!("{sign}{}:{:02}", minutes / 60, minutes % 60)
}

fn read_half(half: &ICalendarComponent) -> Option<Half> {
    let value = |property| half.property(&property)?.values.first();
    let ICalendarValue::PartialDateTime(to) = value(ICalendarProperty::Tzoffsetto)? else {
        return None;
    };
    let ICalendarValue::PartialDateTime(since) = value(ICalendarProperty::Dtstart)? else {
        return None;
    };
    let since = DateTime::new(
        i16::try_from(since.year?).ok()?,
        i8::try_from(since.month?).ok()?,
        i8::try_from(since.day?).ok()?,
        i8::try_from(since.hour?).ok()?,
        i8::try_from(since.minute?).ok()?,
        0,
        0,
    )
    .ok()?;
    let change = match value(ICalendarProperty::Rrule) {
        Some(ICalendarValue::RecurrenceRule(rule)) => posix_change(rule, since.time()),
        _ => None,
    };
    Some(Half {
        since,
        offset: offset(to)?,
        change,
    })
}

/// "The last Sunday of March at two", as POSIX writes it.
fn posix_change(rule: &ICalendarRecurrenceRule, at: Time) -> Option<String> {
    let ([month], [day]) = (&rule.bymonth[..], &rule.byday[..]) else {
        return None;
    };
    let week = match day.ordwk? {
        -1 => 5,
        week @ 1..=4 => week,
        _ => return None,
    };
    // Sunday is the first in both.
    let weekday = day.weekday as u8;
    Some(format!(
        "M{}.{week}.{weekday}/{}:{:02}",
        month.month(),
        at.hour(),
        at.minute()
    ))
}
