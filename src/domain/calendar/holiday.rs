//! The Dutch general public holidays on which terms do not end (Algemene termijnenwet art. 3), Goede Vrijdag included.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// When a holiday is.
#[derive(Debug, Clone, Copy)]
enum When {
    /// A month and a day.
    Fixed(i8, i8),
    /// 27 April, or the Saturday before it when that is a Sunday.
    Koningsdag,
    /// So many days after Easter Sunday.
    Easter(i32),
}

/// Two of them may fall on one day: Hemelvaartsdag came on 5 May in 2016. The first gives its name.
const HOLIDAYS: [(When, &str); 9] = [
    (When::Fixed(1, 1), "Nieuwjaarsdag"),
    (When::Koningsdag, "Koningsdag"),
    (When::Fixed(5, 5), "Bevrijdingsdag"),
    (When::Fixed(12, 25), "Eerste Kerstdag"),
    (When::Fixed(12, 26), "Tweede Kerstdag"),
    (When::Easter(-2), "Goede Vrijdag"),
    (When::Easter(1), "Tweede Paasdag"),
    (When::Easter(39), "Hemelvaartsdag"),
    (When::Easter(50), "Tweede Pinksterdag"),
];

impl When {
    fn in_year(self, year: i16) -> Option<Date> {
        match self {
            Self::Fixed(month, day) => Date::new(year, month, day).ok(),
            Self::Koningsdag => koningsdag(year),
            Self::Easter(days) => easter(year)?.checked_add(days.days()).ok(),
        }
    }

    /// Whether it ever comes in this month: most days are in none of them, and every due date asks for many days.
    fn can_be_in(self, month: i8) -> bool {
        match self {
            Self::Fixed(of_year, _) => month == of_year,
            Self::Koningsdag => month == 4,
            // Easter falls between 22 March and 25 April.
            Self::Easter(_) => (3..=6).contains(&month),
        }
    }
}

/// The holidays of a year.
pub(super) fn holidays(year: i16) -> impl Iterator<Item = Date> {
    HOLIDAYS.iter().filter_map(move |(when, _)| when.in_year(year))
}

/// The name of the holiday on this day.
pub(super) fn holiday(day: Date) -> Option<&'static str> {
    let found = HOLIDAYS
        .iter()
        .find(|(when, _)| when.can_be_in(day.month()) && when.in_year(day.year()) == Some(day));
    found.map(|(_, name)| *name)
}

fn koningsdag(year: i16) -> Option<Date> {
    let birthday = Date::new(year, 4, 27).ok()?;
    if birthday.weekday() == Weekday::Sunday {
        return birthday.yesterday().ok();
    }
    Some(birthday)
}

/// Easter Sunday in the Gregorian calendar (Meeus, Jones and Butcher; Astronomical Algorithms, chapter 8).
fn easter(year: i16) -> Option<Date> {
    let (golden, century, rest) = (i32::from(year) % 19, i32::from(year) / 100, i32::from(year) % 100);
    let moon = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - moon + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let march = epact + weekday - 7 * late + 114;
    Date::new(
        year,
        i8::try_from(march / 31).ok()?,
        i8::try_from(march % 31 + 1).ok()?,
    )
    .ok()
}
