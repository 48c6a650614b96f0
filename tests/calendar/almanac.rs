//! What every day from 2020 up to 2041 is, written down without the calendar of the program: months of known length, weeks
//! counted from a known Monday, and Easter Sundays copied from the almanac.

use koppelwacht::domain::DayOff;

/// Easter Sundays, as month and day.
const EASTER: [(i16, usize, usize); 22] = [
    (2020, 4, 12),
    (2021, 4, 4),
    (2022, 4, 17),
    (2023, 4, 9),
    (2024, 3, 31),
    (2025, 4, 20),
    (2026, 4, 5),
    (2027, 3, 28),
    (2028, 4, 16),
    (2029, 4, 1),
    (2030, 4, 21),
    (2031, 4, 13),
    (2032, 3, 28),
    (2033, 4, 17),
    (2034, 4, 9),
    (2035, 3, 25),
    (2036, 4, 13),
    (2037, 4, 5),
    (2038, 4, 25),
    (2039, 4, 10),
    (2040, 4, 1),
    (2041, 4, 21),
];
/// In these years the king's birthday is a Sunday.
const KINGS_SUNDAYS: [i16; 3] = [2025, 2031, 2036];
/// Days equated with holidays, as the decisions name them.
pub(crate) const EQUATED: [(i16, usize, usize); 5] = [
    (2026, 1, 2),
    (2026, 5, 15),
    (2027, 5, 7),
    (2028, 4, 28),
    (2028, 5, 26),
];
/// Days on which only this office is closed.
pub(crate) const CLOSED: [(i16, usize, usize); 3] = [(2026, 12, 24), (2030, 6, 3), (2033, 1, 3)];
/// The first day of 2020 came this many days after the first of 1970.
const EPOCH: i64 = 18_262;

/// A day.
pub(crate) struct Day {
    /// Year, month and day of the month.
    pub(crate) date: (i16, usize, usize),
    /// 0 is Monday.
    pub(crate) weekday: usize,
    /// Why it does not count for anybody.
    pub(crate) by_law: Option<DayOff>,
    /// Why it does not count for this office.
    pub(crate) off: Option<DayOff>,
    /// Whether it is summer time at midnight, and whether it is when offices open.
    summer: (bool, bool),
}

/// Every day from 1 January 2020 on, by its number.
pub(crate) struct Almanac {
    pub(crate) days: Vec<Day>,
}

pub(crate) fn length_of(year: i16, month: usize) -> usize {
    match month {
        2 if year % 4 == 0 => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Almanac {
    pub(crate) fn new() -> Self {
        let mut days = Vec::new();
        for year in 2020..=2044 {
            for month in 1..=12 {
                for day in 1..=length_of(year, month) {
                    // 30 December 2019 was a Monday: the first of 2020 a Wednesday.
                    let weekday = (days.len() + 2) % 7;
                    let weekend = (weekday >= 5).then_some(DayOff::Weekend);
                    days.push(Day {
                        date: (year, month, day),
                        weekday,
                        by_law: weekend.clone(),
                        off: weekend,
                        summer: (false, false),
                    });
                }
            }
        }
        let mut almanac = Self { days };
        for (year, month, day) in EASTER {
            almanac.holidays_of(year, almanac.number(year, month, day));
        }
        for year in 2020..=2044 {
            let (begins, ends) = (almanac.last_sunday(year, 3), almanac.last_sunday(year, 10));
            for day in &mut almanac.days[begins..=ends] {
                day.summer = (true, true);
            }
            // The clock changes between midnight and the opening of offices.
            almanac.days[begins].summer.0 = false;
            almanac.days[ends].summer.1 = false;
        }
        for (year, month, day) in EQUATED {
            almanac.mark(almanac.number(year, month, day), "Gelijkgesteld");
        }
        for (year, month, day) in CLOSED {
            let number = almanac.number(year, month, day);
            almanac.days[number].off = Some(DayOff::LocalClosing("Gesloten".to_owned()));
        }
        almanac
    }

    fn holidays_of(&mut self, year: i16, easter: usize) {
        let king = if KINGS_SUNDAYS.contains(&year) { 26 } else { 27 };
        for (number, name) in [
            (self.number(year, 1, 1), "Nieuwjaarsdag"),
            (easter - 2, "Goede Vrijdag"),
            (easter + 1, "Tweede Paasdag"),
            (self.number(year, 4, king), "Koningsdag"),
            (self.number(year, 5, 5), "Bevrijdingsdag"),
            (easter + 39, "Hemelvaartsdag"),
            (easter + 50, "Tweede Pinksterdag"),
            (self.number(year, 12, 25), "Eerste Kerstdag"),
            (self.number(year, 12, 26), "Tweede Kerstdag"),
        ] {
            self.mark(number, name);
        }
    }

    /// A day in the weekend is off already.
    fn mark(&mut self, number: usize, name: &str) {
        let day = &mut self.days[number];
        if day.by_law.is_none() {
            day.by_law = Some(DayOff::Holiday(name.to_owned()));
            day.off.clone_from(&day.by_law);
        }
    }

    /// The number of a date.
    pub(crate) fn number(&self, year: i16, month: usize, day: usize) -> usize {
        let years: usize = (2020..year)
            .map(|year| if year % 4 == 0 { 366 } else { 365 })
            .sum();
        let months: usize = (1..month).map(|month| length_of(year, month)).sum();
        let number = years + months + day - 1;
        assert_eq!(self.days[number].date, (year, month, day));
        number
    }

    /// How many there are up to and including 2040.
    pub(crate) fn count(&self) -> usize {
        self.number(2041, 1, 1)
    }

    /// The last Sunday of a month: summer time begins in March and ends in October, in the night.
    pub(crate) fn last_sunday(&self, year: i16, month: usize) -> usize {
        let last = self.number(year, month, length_of(year, month));
        (0..=last)
            .rev()
            .find(|number| self.days[*number].weekday == 6)
            .unwrap()
    }

    /// The second since 1970 at which it is this hour of the day in Amsterdam: midnight, or an hour of the day.
    pub(crate) fn second(&self, number: usize, hour: i64) -> i64 {
        let (at_midnight, by_day) = self.days[number].summer;
        let offset = if hour == 0 { at_midnight } else { by_day };
        let days = EPOCH + i64::try_from(number).unwrap();
        days * 86_400 + (hour - 1 - i64::from(offset)) * 3_600
    }

    /// The first working day after this one.
    pub(crate) fn next_working(&self, number: usize) -> usize {
        (number + 1..self.days.len())
            .find(|number| self.days[*number].off.is_none())
            .unwrap()
    }
}
