//! People, teams, caseloads and routes: who does the work, when, and who does it instead.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Time, Weekday};

use super::{CaseloadId, PersonId, RotaId, TargetGroup, TeamId, TypeId};

/// Somebody who handles tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The name used in rules and commands.
    pub id: PersonId,
    /// What letters call them.
    pub name: String,
    /// Where letters go.
    pub address: String,
    /// What they do, in Dutch: "klantmanager".
    pub function: Option<String>,
    /// When they work; none: whenever the office is open.
    pub week: Option<WorkWeek>,
    /// Who stands in for them, in this order.
    pub deputies: Vec<PersonId>,
    /// Works for another organisation under a mandate: letters to them name nobody, and they cannot ask for the
    /// numbers of persons.
    pub external: bool,
}

/// These people, then who stands in for them, then who stands in for those, as far as it goes; each once, so never round
/// in a circle. Names that nobody has are left out, and so is `except`.
pub fn standing_in<'a>(
    first: impl IntoIterator<Item = &'a PersonId>,
    except: Option<&'a PersonId>,
    people: &'a BTreeMap<PersonId, Person>,
) -> Vec<&'a Person> {
    let mut seen: BTreeSet<&PersonId> = except.into_iter().collect();
    let mut all: Vec<&Person> = first
        .into_iter()
        .filter(|id| seen.insert(id))
        .filter_map(|id| people.get(id))
        .collect();
    let mut next = 0;
    while let Some(person) = all.get(next).copied() {
        let more = person.deputies.iter().filter(|id| seen.insert(id));
        all.extend(more.filter_map(|id| people.get(id)));
        next += 1;
    }
    all
}

/// When somebody works.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkWeek(pub Vec<Shift>);

/// A part of a day on which somebody works every week, or every other week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// On which day of the week.
    pub day: Weekday,
    /// From and until when; none: as long as the office is open.
    pub hours: Option<(Time, Time)>,
    /// In which weeks.
    pub weeks: Weeks,
}

/// Which weeks of the year (ISO 8601).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Weeks {
    /// All of them.
    #[default]
    Every,
    /// Those with an even number.
    Even,
    /// Those with an odd number.
    Odd,
}

impl WorkWeek {
    /// The parts of this day on which they work, when the office is open at these hours.
    pub fn on(&self, day: Date, office: (Time, Time)) -> impl Iterator<Item = (Time, Time)> + '_ {
        let is_even = day.iso_week_date().week() % 2 == 0;
        self.0
            .iter()
            .filter(move |shift| {
                let in_week = match shift.weeks {
                    Weeks::Every => true,
                    Weeks::Even => is_even,
                    Weeks::Odd => !is_even,
                };
                in_week && shift.day == day.weekday()
            })
            .map(move |shift| shift.hours.unwrap_or(office))
    }
}

/// People who work together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Its name in the rules.
    pub id: TeamId,
    /// What letters call it, in Dutch.
    pub title: String,
    /// Who leads it.
    pub lead: Option<PersonId>,
    /// An address that several of them read.
    pub functional: Option<String>,
    /// Who is on call for it.
    pub rota: Option<RotaId>,
}

/// Who is on call (the *achterwacht*), week after week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rota {
    /// Its name in the rules.
    pub id: RotaId,
    /// The Monday on which the first turn starts.
    pub from: Date,
    /// Who has which week; after the last comes the first again. Never empty.
    pub turns: Vec<PersonId>,
    /// Weeks, by their Monday, that somebody else has.
    pub swaps: BTreeMap<Date, PersonId>,
}

impl Rota {
    /// Who is on call on this day; nobody before the first turn.
    #[must_use]
    pub fn on_call(&self, day: Date) -> Option<&PersonId> {
        let since_monday = i64::from(day.weekday().to_monday_zero_offset());
        let monday = day.checked_sub(jiff::Span::new().days(since_monday)).ok()?;
        if let Some(person) = self.swaps.get(&monday) {
            return Some(person);
        }
        let days = self.from.until(monday).ok()?.get_days();
        let week = usize::try_from(days / 7).ok().filter(|_| days >= 0)?;
        self.turns.get(week.checked_rem(self.turns.len())?)
    }
}

/// A pile of work with the people behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caseload {
    /// Its name in the rules.
    pub id: CaseloadId,
    /// What letters call it, in Dutch.
    pub title: String,
    /// Who handles it first.
    pub owner: Option<PersonId>,
    /// Who stands in, in this order, before the owner's own deputies.
    pub deputies: Vec<PersonId>,
    /// The team lead: its own, or that of its team.
    pub lead: Option<PersonId>,
    /// A functional address that several people read, its own or that of its team; the last rung.
    pub functional: Option<String>,
    /// Who is on call for it: its own rota, or that of its team.
    pub rota: Option<RotaId>,
}

/// Which caseload a task goes to. The first route that fits wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Fits when the mail was sent to one of these addresses; empty fits all.
    pub recipients: Vec<String>,
    /// Fits these types; empty fits all.
    pub types: Vec<TypeId>,
    /// Fits this group only.
    pub target_group: Option<TargetGroup>,
    /// Where the task goes.
    pub caseload: CaseloadId,
}

/// How letters are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LetterPolicy {
    /// For how many minutes letters are gathered, so that those to one person become one.
    pub gather: u32,
    /// When on a working day each lead is sent an overview; none: never.
    pub overview: Option<Time>,
}

impl Default for LetterPolicy {
    fn default() -> Self {
        Self {
            gather: 1,
            overview: Some(Time::constant(8, 30, 0, 0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const OFFICE: (Time, Time) = (Time::constant(9, 0, 0, 0), Time::constant(17, 0, 0, 0));

    #[test]
    fn a_week_off_and_a_week_on_go_by_the_number_of_the_week() {
        let shift = |weeks| Shift {
            day: Weekday::Friday,
            hours: None,
            weeks,
        };
        let even = WorkWeek(vec![shift(Weeks::Even)]);
        let odd = WorkWeek(vec![shift(Weeks::Odd)]);
        // Friday of ISO week 48 of 2026.
        let friday = date(2026, 11, 27);
        assert_eq!(even.on(friday, OFFICE).collect::<Vec<_>>(), [OFFICE]);
        assert_eq!(odd.on(friday, OFFICE).count(), 0);
        assert_eq!(even.on(date(2026, 11, 26), OFFICE).count(), 0);
    }

    #[test]
    fn turns_go_round_and_a_swap_holds_for_its_week() {
        let (fatima, joost) = (PersonId::new("fatima"), PersonId::new("joost"));
        let rota = Rota {
            id: RotaId::new("achterwacht"),
            from: date(2026, 11, 23),
            turns: vec![fatima.clone(), joost.clone()],
            swaps: BTreeMap::from([(date(2026, 12, 7), joost.clone())]),
        };
        assert_eq!(rota.on_call(date(2026, 11, 22)), None);
        assert_eq!(rota.on_call(date(2026, 11, 29)), Some(&fatima));
        assert_eq!(rota.on_call(date(2026, 11, 30)), Some(&joost));
        assert_eq!(rota.on_call(date(2026, 12, 9)), Some(&joost));
        assert_eq!(rota.on_call(date(2026, 12, 21)), Some(&fatima));
    }
}
