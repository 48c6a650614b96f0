//! The office as a proof asks it: people by number, when each is there, and who has which rung of each ladder.

use std::collections::BTreeMap;
use std::rc::Rc;

use jiff::Timestamp;
use jiff::civil::ISOWeekDate;

use crate::decide::candidates;
use crate::domain::{Away, Caseload, Ladder, PersonId, Role, RotaId, Rung, Term};
use crate::rules::Rules;

use super::row::Row;
use super::timeline::{Minute, Span, Timeline};

/// The number of a person within a proof.
pub(super) type Number = usize;

/// People, and when they are there.
#[derive(Debug)]
pub(super) struct Staff {
    ids: Vec<PersonId>,
    /// When each works and is not away.
    at_work: Vec<Row<Span>>,
    /// When each is not away: whoever is on call reads at all hours.
    not_away: Vec<Row<Span>>,
    /// Who is on call by each rota, on each working day.
    on_call: BTreeMap<RotaId, OnCall>,
}

/// Who is on call on each working day, and their deputies.
type OnCall = Rc<[Rc<[Number]>]>;

impl Staff {
    pub(super) fn new(rules: &Rules, away: &[Away], line: &Timeline) -> Self {
        let mut staff = Self {
            ids: Vec::new(),
            at_work: Vec::new(),
            not_away: Vec::new(),
            on_call: BTreeMap::new(),
        };
        for person in rules.people.values() {
            let own: Vec<&Away> = away.iter().filter(|away| away.person == person.id).collect();
            staff.ids.push(person.id.clone());
            let at_work = line.presence(&rules.calendar, person, &own);
            staff.at_work.push(Row::new(at_work, line.end));
            staff.not_away.push(Row::new(line.not_away(&own), line.end));
        }
        for caseload in rules.caseloads.values() {
            if let Some(rota) = caseload
                .rota
                .as_ref()
                .filter(|rota| !staff.on_call.contains_key(*rota))
            {
                let on_call = staff.turns(rules, caseload, line);
                staff.on_call.insert(rota.clone(), on_call);
            }
        }
        staff
    }

    /// Who is on call for a caseload: the same for each that has its rota.
    fn turns(&self, rules: &Rules, caseload: &Caseload, line: &Timeline) -> OnCall {
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
                _ => self.numbers(rules, caseload, Role::OnCall, opens),
            };
            days.push(Rc::clone(&today));
            known = Some((monday, today));
        }
        days.into()
    }

    /// Everybody who has a role for a caseload at an instant, the first choice first.
    fn numbers(&self, rules: &Rules, caseload: &Caseload, role: Role, at: Timestamp) -> Rc<[Number]> {
        candidates(rules, caseload, None, role, at)
            .into_iter()
            .filter_map(|person| self.number(&person.id))
            .collect()
    }

    pub(super) fn id(&self, number: Number) -> Option<&PersonId> {
        self.ids.get(number)
    }

    /// When somebody is there for a role: the span that goes on at a minute, or comes next.
    pub(super) fn next(&self, number: Number, is_on_call: bool, at: Minute) -> Option<Span> {
        let all = if is_on_call { &self.not_away } else { &self.at_work };
        let own = all.get(number)?;
        own.get(own.next(at)).copied()
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
    counts_by_clock: bool,
}

#[derive(Debug)]
pub(super) struct Step {
    pub(super) wait: Option<Term>,
    pub(super) who: Who,
    /// The waits from here to the lead, with those in working hours that follow each other added up; none: it is the lead's
    /// rung, or above it.
    pub(super) to_lead: Vec<Term>,
}

/// Who has a rung.
#[derive(Debug)]
pub(super) enum Who {
    /// These, the first choice first.
    Named(Rc<[Number]>),
    /// Who is on call on each working day, and their deputies.
    OnCall(OnCall),
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
        let rungs = &ladder.rungs;
        let top = rungs.len().saturating_sub(1);
        let lead = rungs.iter().position(|rung| rung.role == Role::Lead);
        let lead = lead.unwrap_or(top);
        let named = |role| staff.numbers(rules, caseload, role, line.instant(0));
        let mut known: Vec<(Role, Rc<[Number]>)> = Vec::new();
        let mut who = |role| match role {
            Role::Functional => Who::Functional,
            Role::OnCall => {
                let turns = caseload.rota.as_ref().and_then(|rota| staff.on_call.get(rota));
                Who::OnCall(turns.map_or_else(|| Rc::new([]) as OnCall, Rc::clone))
            }
            Role::Holder | Role::Deputy | Role::Lead => {
                if let Some((_, people)) = known.iter().find(|(other, _)| *other == role) {
                    return Who::Named(Rc::clone(people));
                }
                let people = named(role);
                known.push((role, Rc::clone(&people)));
                Who::Named(people)
            }
        };
        let steps = rungs.iter().enumerate().map(|(index, rung)| Step {
            wait: rung.wait,
            who: who(rung.role),
            to_lead: added_up(rungs.get(index..lead).unwrap_or(&[])),
        });
        Self {
            rungs: steps.collect(),
            counts_by_clock: rungs
                .iter()
                .any(|rung| matches!(rung.wait, Some(Term::ClockMinutes(_)))),
            lead,
        }
    }

    /// Whether a time runs while the office is closed: that of somebody on the ladder, or that of the notice itself.
    pub(super) fn by_clock(&self, due: Term) -> bool {
        self.counts_by_clock || matches!(due, Term::ClockMinutes(_))
    }
}

/// The waits of rungs, with those in working hours that follow each other as one: they end at the same moment.
fn added_up(rungs: &[Rung]) -> Vec<Term> {
    let mut all: Vec<Term> = Vec::new();
    for wait in rungs.iter().filter_map(|rung| rung.wait) {
        match (all.last_mut(), wait) {
            (Some(Term::WorkingMinutes(sum)), Term::WorkingMinutes(more)) => *sum = sum.saturating_add(more),
            _ => all.push(wait),
        }
    }
    all
}
