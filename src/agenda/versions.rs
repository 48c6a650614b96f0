//! Which copy of an event counts, and which instances of a series are not what its rule says.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use jiff::civil::Date;

use super::event::Event;
use super::zone::When;
use crate::domain::Calendar;

/// Instances of a series: by the day where a whole day is meant or written, else by the instant.
#[derive(Default)]
pub(super) struct Instances {
    days: HashSet<Date>,
    instants: HashSet<Timestamp>,
}

impl Instances {
    /// Adds one. Of a series of whole days the day counts, however it is written.
    pub(super) fn add(&mut self, instance: &When, of_days: bool, calendar: &Calendar) {
        if of_days || instance.whole_day {
            self.days.insert(instance.here(calendar).date());
        } else {
            self.instants.insert(instance.instant(calendar));
        }
    }

    /// Whether the instance that starts then is one of them.
    pub(super) fn names(&self, start: &When, calendar: &Calendar) -> bool {
        self.days.contains(&start.civil.date()) || self.instants.contains(&start.instant(calendar))
    }
}

/// The copies of the events of a calendar.
pub(super) struct Versions<'e> {
    newest: HashMap<Key<'e>, i64>,
    replaced: HashMap<&'e str, Instances>,
    none: Instances,
    calendar: &'e Calendar,
}

/// An event, or the instance of a series that it stands for.
type Key<'e> = (&'e str, Option<Timestamp>);

impl<'e> Versions<'e> {
    /// Those of these events.
    pub(super) fn of(events: &'e [Event], calendar: &'e Calendar) -> Self {
        let of_days: HashSet<&str> = events
            .iter()
            .filter(|event| event.replaces.is_none() && event.start.whole_day)
            .filter_map(|event| event.uid.as_deref())
            .collect();
        let mut newest = HashMap::new();
        let mut replaced: HashMap<&str, Instances> = HashMap::new();
        for event in events {
            let Some(key) = key(event, calendar) else { continue };
            if let Some(instance) = &event.replaces {
                let instances = replaced.entry(key.0).or_default();
                instances.add(instance, of_days.contains(key.0), calendar);
            }
            let newest = newest.entry(key).or_insert(event.sequence);
            *newest = event.sequence.max(*newest);
        }
        Self {
            newest,
            replaced,
            none: Instances::default(),
            calendar,
        }
    }

    /// Whether no copy of the same event is newer.
    pub(super) fn is_newest(&self, event: &'e Event) -> bool {
        key(event, self.calendar)
            .and_then(|key| self.newest.get(&key))
            .is_none_or(|newest| event.sequence >= *newest)
    }

    /// The instances of a series that other events stand for.
    pub(super) fn replaced(&self, series: &Event) -> &Instances {
        let uid = series.uid.as_deref();
        uid.and_then(|uid| self.replaced.get(uid)).unwrap_or(&self.none)
    }
}

fn key<'e>(event: &'e Event, calendar: &Calendar) -> Option<Key<'e>> {
    let instance = event.replaces.as_ref().map(|instance| instance.instant(calendar));
    Some((event.uid.as_deref()?, instance))
}
