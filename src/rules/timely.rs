//! What in rules files grows old: days that were known when somebody wrote them down.
//!
//! Rules know no clock, so whoever checks them says what day it is.

use jiff::ToSpan;
use jiff::civil::Date;

use super::Rules;
use super::raw::Raw;
use crate::findings::{Finding, Findings, Spot};

/// From this month on the next year must be known: the Staatscourant publishes in autumn.
const AUTUMN: i8 = 10;

/// For so many days after its end an absence or a swap may stay written down.
const GRACE_DAYS: i64 = 31;

/// Days that stand in the files, and where.
#[derive(Debug, Clone)]
pub(super) struct Dates {
    /// The last day that is equated with a holiday; where the calendar stands, when there is none.
    equated: Option<(Option<Date>, Spot)>,
    /// The last days of absences and swaps, and what ends then.
    ends: Vec<(Date, &'static str, Spot)>,
}

impl Dates {
    pub(super) fn of(raw: &Raw) -> Self {
        let days = raw.equated.iter().filter_map(|entry| entry.day.as_ref());
        let last = days.max_by_key(|day| day.value);
        let calendar = raw
            .calendars
            .first()
            .map(|calendar| (None, calendar.spot.clone()));
        let absences = raw.absences.iter().filter_map(|absence| absence.until.as_ref());
        let absences = absences.map(|until| (until.value, "absence", until.spot.clone()));
        let swaps = raw.rotas.iter().flat_map(|rota| &rota.swaps);
        let swaps = swaps
            .filter_map(|swap| swap.week.as_ref())
            .map(|week| (week.value.saturating_add(6.days()), "swap", week.spot.clone()));
        Self {
            equated: last.map(|day| (Some(day.value), day.spot.clone())).or(calendar),
            ends: absences.chain(swaps).collect(),
        }
    }
}

impl Rules {
    /// Notes what is too old on this day: a calendar that ends soon, absences and swaps that are over.
    pub fn check_dates(&self, today: Date, findings: &mut Findings) {
        let wanted = if today.month() >= AUTUMN {
            today.year() + 1
        } else {
            today.year()
        };
        if let Some((last, spot)) = &self.dates.equated
            && last.is_none_or(|day| day.year() < wanted)
        {
            findings.push(
                Finding::warning(spot, format!("no day of {wanted} is equated with a holiday yet"))
                    .help("look in the Staatscourant which days the minister equates, and add an `[[equated]]` for each"),
            );
        }
        let old = today.saturating_sub(GRACE_DAYS.days());
        for (_, what, spot) in self.dates.ends.iter().filter(|(until, ..)| *until < old) {
            findings.push(Finding::warning(spot, format!("this {what} is over")).help("take it away"));
        }
    }
}
