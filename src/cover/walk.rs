//! One arrival: everybody whom the ladder may call, whoever else is away.
//!
//! At each person who would read, the walk branches: they are there and read; or they are away and nobody knows, and their
//! time passes; or they are away and it is known, and they are passed over. So only the few people whom the ladder meets
//! are thought of, and every absence that makes a difference among all people is one of these.
//!
//! Beside what it finds, a walk says for how many minutes the same would be found: until the next moment at which
//! somebody comes or leaves, the office opens or closes, or a time that somebody has would end differently.

use crate::domain::{Promise, Term};

use super::office::{Number, Staff, Stairs, Step, Who};
use super::timeline::{Minute, Timeline};

/// Who is away besides those who are known to be, and whether that is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Missing {
    all: [(Number, bool); Promise::MOST_ABSENT],
    len: usize,
}

impl Missing {
    fn with(mut self, person: Number, is_known: bool) -> Self {
        if let Some(place) = self.all.get_mut(self.len) {
            *place = (person, is_known);
            self.len += 1;
        }
        self
    }

    fn has(&self, person: Number) -> bool {
        self.iter().any(|(missing, _)| missing == person)
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Number, bool)> + '_ {
        self.all.iter().take(self.len).copied()
    }
}

/// Who reads a notice, when, and who is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Read {
    /// When it arrived.
    pub(super) arrived: Minute,
    /// When somebody reads it.
    pub(super) at: Minute,
    /// For how many minutes the office was open meanwhile.
    pub(super) after: Minute,
    /// Who reads it; nobody by name: whoever reads the functional address.
    pub(super) by: Option<Number>,
    /// Who is away besides those who are known to be.
    pub(super) missing: Missing,
}

impl Read {
    /// Later in office hours, then on the clock.
    pub(super) fn is_worse_than(&self, other: &Self) -> bool {
        (self.after, self.at - self.arrived) > (other.after, other.at - other.arrived)
    }
}

/// The time that somebody has.
#[derive(Clone, Copy)]
struct Time {
    /// When it ends; never, when nobody is told after them.
    usual: Option<Minute>,
    /// Until when they must be there to be called.
    until: Minute,
}

/// A notice on its way up the ladder.
pub(super) struct Walk<'a, F: FnMut(Read)> {
    pub(super) line: &'a Timeline,
    pub(super) staff: &'a Staff,
    pub(super) stairs: &'a Stairs,
    /// When the notice arrives.
    pub(super) arrived: Minute,
    /// When it must be handled.
    pub(super) due: Minute,
    /// Whether a time runs while the office is closed.
    pub(super) by_clock: bool,
    /// How many people may be away besides those who are known to be.
    pub(super) absent: usize,
    /// Told of each way in which it can be read.
    pub(super) found: F,
    /// For how many minutes the same is found, at least.
    pub(super) same_for: Minute,
}

impl<F: FnMut(Read)> Walk<'_, F> {
    /// Follows the notice along every way.
    pub(super) fn run(&mut self) {
        self.same_for = self
            .same_for
            .min(self.line.next_edge(self.arrived) - self.arrived);
        self.rung(0, self.arrived, Missing::default());
    }

    /// From a rung on, at this moment. Whoever of those who have it is known to be away is passed over at once; when somebody
    /// is away whom nobody knows to be, the next rung is told at the same moment, whoever it is.
    fn rung(&mut self, index: usize, now: Minute, mut missing: Missing) {
        let Some(step) = self.stairs.rungs.get(index) else {
            // Above the last rung there is nobody: for a critical task the rules do not let that be.
            return self.read(self.line.end, None, now, missing);
        };
        let (who, is_on_call) = match &step.who {
            Who::Functional => return self.read(self.line.next_open(now), None, now, missing),
            Who::Named(people) => (&**people, false),
            Who::OnCall(days) => {
                let today = days.get(self.line.day(now));
                (today.map_or(&[][..], |today| &**today), true)
            }
        };
        let time = self.time_of(step, now);
        let mut next = None;
        for person in who {
            let Some(reads) = self.is_there(*person, is_on_call, now, time.until) else {
                continue;
            };
            if missing.has(*person) {
                continue;
            }
            self.read(reads, Some(*person), now, missing);
            if missing.len() == self.absent {
                return;
            }
            let next = *next.get_or_insert_with(|| self.next_call(index, now, time.usual));
            self.rung(index + 1, next, missing.with(*person, false));
            missing = missing.with(*person, true);
        }
        self.rung(index + 1, now, missing);
    }

    /// The time of somebody who is called now.
    fn time_of(&mut self, step: &Step, now: Minute) -> Time {
        let usual = step.wait.map(|wait| self.due(now, wait));
        let until = usual.unwrap_or_else(|| self.due(now, Term::WorkingDays(1)));
        Time {
            usual,
            until: until.max(self.line.next_open(now) + 1),
        }
    }

    /// When somebody who is called reads it; nothing when they are not there within their time.
    fn is_there(&mut self, person: Number, is_on_call: bool, now: Minute, until: Minute) -> Option<Minute> {
        let (start, end) = self.staff.next(person, is_on_call, now)?;
        if now == self.arrived {
            self.same_for = self.same_for.min(end - now);
        }
        self.same_until(end - now);
        if start < until {
            return Some(start.max(now));
        }
        self.same_until(start + 1 - until);
        None
    }

    fn read(&mut self, at: Minute, by: Option<Number>, now: Minute, missing: Missing) {
        self.until_edge(now);
        (self.found)(Read {
            arrived: self.arrived,
            at,
            after: self.line.open_between(self.arrived, at),
            by,
            missing,
        });
    }

    /// When the next rung is told; see `timing` in the decisions, of which this is the same in minutes.
    fn next_call(&mut self, index: usize, now: Minute, usual: Option<Minute>) -> Minute {
        let next = match usual {
            None if self.line.next_open(now) == now => self.line.next_open(self.line.next_edge(now)),
            None => self.line.next_open(now),
            Some(usual) => self
                .sooner(index, now, usual)
                .map_or(usual, |sooner| sooner.min(usual)),
        };
        self.until_edge(next);
        next
    }

    /// When the next rung must be told so that the lead is reached before the notice is due, if that is sooner.
    fn sooner(&mut self, index: usize, now: Minute, usual: Minute) -> Option<Minute> {
        const OVERDUE_WAIT: Minute = 15;
        let stairs = self.stairs;
        let below = stairs
            .rungs
            .get(index..stairs.lead)
            .filter(|below| !below.is_empty())?;
        let waits = below.first()?.to_lead.iter();
        let reached = waits.fold(now, |at, wait| self.due(at, *wait));
        if reached < self.due {
            self.same_until(self.due - reached);
            return None;
        }
        // What is left is shared out: a minute later the next rung is told at the same minute or one later, so that
        // nothing changes before an edge. With other terms than working hours the shares change too.
        if below
            .iter()
            .any(|step| !matches!(step.wait, Some(Term::WorkingMinutes(_))))
        {
            self.same_until(1);
        }
        if now < self.due {
            self.same_until(self.due - now);
        }
        let minutes = |to| self.line.open_between(now, to);
        let (left, all, own) = (minutes(self.due), minutes(reached), minutes(usual));
        let rungs = Minute::try_from(below.len()).unwrap_or(Minute::MAX);
        let share = if left == 0 {
            OVERDUE_WAIT
        } else {
            let shared = u64::from(left) * u64::from(rungs) / (u64::from(rungs) + 1);
            let share = (u64::from(own) * shared).checked_div(u64::from(all)).unwrap_or(0);
            Minute::try_from(share.max(1)).unwrap_or(Minute::MAX)
        };
        Some(self.due(now, Term::WorkingMinutes(share)))
    }

    /// When a term ends, and for how long it goes on to end in the same way.
    fn due(&mut self, from: Minute, term: Term) -> Minute {
        let end = self.line.due(from, term);
        // While the office is closed, and within a day, working hours and days end at the same moment.
        let moves = match term {
            Term::WorkingMinutes(_) => self.line.next_open(from) == from,
            Term::ClockMinutes(_) => true,
            Term::WorkingDays(_) | Term::Statutory(_) => false,
        };
        if moves {
            if self.line.is_close(end) {
                self.same_until(1);
            }
            self.until_edge(end);
        }
        self.until_edge(from);
        end
    }

    /// The same is found until the office opens or closes.
    fn until_edge(&mut self, at: Minute) {
        self.same_until(self.line.next_edge(at) - at);
    }

    /// The same is found for so many minutes; or for longer, when a notice that arrives a minute later finds everything at
    /// the same moments: all times begin when the office opens.
    fn same_until(&mut self, minutes: Minute) {
        if self.by_clock || self.line.next_open(self.arrived) == self.arrived {
            self.same_for = self.same_for.min(minutes.max(1));
        }
    }
}
