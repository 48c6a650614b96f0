//! The office as a proof asks it: people by number, when each is there, and who has which rung of each ladder.

use std::rc::Rc;

use jiff::civil::ISOWeekDate;

use crate::decide::candidates;
use crate::domain::{Away, Caseload, Ladder, PersonId, Role, Term};
use crate::rules::Rules;

use super::timeline::{Span, Timeline};

/// The number of a person within a proof.
pub(super) type Number = usize;

/// People, and when they are there.
#[derive(Debug)]
pub(super) struct Staff {
    ids: Vec<PersonId>,
    /// When each works and is not away.
    at_work: Vec<Vec<Span>>,
    /// When each is not away: whoever is on call reads at all hours.
    not_away: Vec<Vec<Span>>,
}

impl Staff {
    pub(super) fn new(rules: &Rules, away: &[Away], line: &Timeline) -> Self {
        let mut staff = Self {
            ids: Vec::new(),
            at_work: Vec::new(),
            not_away: Vec::new(),
        };
        for person in rules.people.values() {
            let own: Vec<&Away> = away.iter().filter(|away| away.person == person.id).collect();
            staff.ids.push(person.id.clone());
            staff.at_work.push(line.presence(&rules.calendar, person, &own));
            staff.not_away.push(line.not_away(&own));
        }
        staff
    }

    pub(super) fn id(&self, number: Number) -> Option<&PersonId> {
        self.ids.get(number)
    }

    /// When somebody is there for a role.
    pub(super) fn spans(&self, number: Number, is_on_call: bool) -> &[Span] {
        let all = if is_on_call { &self.not_away } else { &self.at_work };
        all.get(number).map_or(&[], Vec::as_slice)
    }

    fn number(&self, id: &PersonId) -> Option<Number> {
        self.ids.binary_search(id).ok()
    }
}

/// A ladder as it stands for a caseload.
#[derive(Debug)]
pub(super) struct Stairs {
    pub(super) rungs: Vec<Step>,
    /// The rung that must be reached before a task is due.
    pub(super) lead: usize,
    /// Whether somebody has minutes on the clock, which run while the office is closed.
    pub(super) counts_by_clock: bool,
}

#[derive(Debug)]
pub(super) struct Step {
    pub(super) wait: Option<Term>,
    pub(super) who: Who,
}

/// Who has a rung.
#[derive(Debug)]
pub(super) enum Who {
    /// These, the first choice first.
    Named(Vec<Number>),
    /// Who is on call on each working day, and their deputies.
    OnCall(Vec<Rc<[Number]>>),
    /// An address that several people read.
    Functional,
}

impl Stairs {
    pub(super) fn new(
        rules: &Rules,
        caseload: &Caseload,
        ladder: &Ladder,
        staff: &Staff,
        line: &Timeline,
    ) -> Self {
        let step = |(role, wait)| Step {
            wait,
            who: who(rules, caseload, role, staff, line),
        };
        let top = ladder.rungs.len().saturating_sub(1);
        let lead = ladder.rungs.iter().position(|rung| rung.role == Role::Lead);
        Self {
            rungs: ladder
                .rungs
                .iter()
                .map(|rung| step((rung.role, rung.wait)))
                .collect(),
            lead: lead.unwrap_or(top),
            counts_by_clock: ladder
                .rungs
                .iter()
                .any(|rung| matches!(rung.wait, Some(Term::ClockMinutes(_)))),
        }
    }
}

fn who(rules: &Rules, caseload: &Caseload, role: Role, staff: &Staff, line: &Timeline) -> Who {
    let numbers = |at| -> Vec<Number> {
        candidates(rules, caseload, None, role, at)
            .into_iter()
            .filter_map(|person| staff.number(&person.id))
            .collect()
    };
    match role {
        Role::Functional => Who::Functional,
        Role::Holder | Role::Deputy | Role::Lead => Who::Named(numbers(line.instant(0))),
        Role::OnCall => {
            let mut days: Vec<Rc<[Number]>> = Vec::with_capacity(line.days());
            let mut known: Option<(ISOWeekDate, Rc<[Number]>)> = None;
            for day in 0..line.days() {
                let opens = line.instant(line.opening(day));
                // Turns last from Monday to Monday.
                let monday = rules
                    .calendar
                    .day(opens)
                    .iso_week_date()
                    .first_of_week()
                    .unwrap_or(ISOWeekDate::MAX);
                let today = match known.take() {
                    Some((week, people)) if week == monday => people,
                    _ => numbers(opens).into(),
                };
                days.push(Rc::clone(&today));
                known = Some((monday, today));
            }
            Who::OnCall(days)
        }
    }
}
