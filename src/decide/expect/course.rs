//! How something expected went, read from all that happened in a dossier.
//!
//! What happened is put in the order in which it happened, and then read from the beginning. So it does not matter in
//! which order it became known: the same life always gives the same course. Only what somebody said by hand is about what
//! was known by then: what is told afterwards starts the rule again, also when it happened before.

use jiff::Timestamp;

use crate::domain::{Calendar, ExpectationState, Expected, Occurrence, Sign, TaskId};

/// How something expected by a rule went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Course {
    /// From when the time is counted.
    pub(super) since: Timestamp,
    /// When what started it was told for the first time.
    told: Timestamp,
    /// The task of what started it.
    pub(super) by: TaskId,
    /// The start of its last day, where somebody told another one.
    pub(super) moved: Option<Timestamp>,
    /// How it ended; none: it is waited for.
    pub(super) end: Option<End>,
}

/// How something expected ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// It came.
    Met(Occurrence),
    /// Somebody said so.
    Said,
    /// It is not needed any more.
    Cancelled(Occurrence),
}

impl Course {
    /// How it ended by what happened; nothing when it did not end, or somebody said so.
    pub(super) fn ended(&self) -> Option<ExpectationState> {
        match self.end.as_ref()? {
            End::Met(came) => Some(ExpectationState::Met {
                at: came.at.max(self.since),
            }),
            End::Cancelled(by) => Some(ExpectationState::Cancelled { at: by.at }),
            End::Said => None,
        }
    }

    /// Whether somebody said that it is done.
    pub(super) fn was_said(&self) -> bool {
        self.end == Some(End::Said)
    }
}

/// What a rule waits for in a life and waited for before, the oldest first: nothing when nothing in it ever started that.
/// All but the last have ended. `said` are the moments at which somebody said that it is done; `is_older` is what happened
/// before there was this rule, and so does not start it.
pub(super) fn courses(
    rule: &Expected,
    calendar: &Calendar,
    life: &[Occurrence],
    said: &[Timestamp],
    is_older: &dyn Fn(&Occurrence) -> bool,
) -> Vec<Course> {
    if !rule.is_for(life) {
        return Vec::new();
    }
    let mut lived: Vec<(Timestamp, u8, Step<'_>)> = life
        .iter()
        .filter_map(|occurrence| step(rule, occurrence))
        .filter(|(.., step)| !matches!(step, Step::Starts(start) if is_older(start)))
        .chain(said.iter().map(|at| (*at, 4, Step::Said(*at))))
        .collect();
    lived.sort_by_key(|(at, order, _)| (*at, *order));
    let mut reading = Reading {
        rule,
        calendar,
        life,
        courses: Vec::new(),
        meanwhile: Vec::new(),
    };
    for (.., step) in lived {
        reading.read(step);
    }
    reading.courses
}

/// A life that is being read, from its beginning on.
struct Reading<'l> {
    rule: &'l Expected,
    calendar: &'l Calendar,
    life: &'l [Occurrence],
    courses: Vec<Course>,
    /// What started and moved the last course, or would have if it had not been open already.
    meanwhile: Vec<Step<'l>>,
}

impl<'l> Reading<'l> {
    fn read(&mut self, step: Step<'l>) {
        let open = self.courses.last_mut().filter(|course| course.end.is_none());
        match (step, open) {
            (Step::Starts(occurrence), None) => {
                self.meanwhile = vec![step];
                self.courses
                    .push(start(self.rule, self.calendar, self.life, occurrence));
            }
            (Step::Starts(occurrence), Some(open)) => {
                self.meanwhile.push(step);
                if self.rule.restarts {
                    *open = start(self.rule, self.calendar, self.life, occurrence);
                }
            }
            (Step::Moves(occurrence), Some(open)) => {
                self.meanwhile.push(step);
                open.moved = Some(occurrence.at);
            }
            (Step::Comes(occurrence), Some(open)) => open.end = Some(End::Met(occurrence.clone())),
            (Step::Cancels(occurrence), Some(open)) if occurrence.at > open.since => {
                open.end = Some(End::Cancelled(occurrence.clone()));
            }
            (Step::Said(at), Some(open)) if open.told <= at => {
                open.end = Some(End::Said);
                self.go_on_after(at);
            }
            (Step::Cancels(_) | Step::Said(_), Some(_)) | (_, None) => {}
        }
    }

    /// Somebody said that it is done, and could not mean what was told only after that: it starts anew with it.
    fn go_on_after(&mut self, said: Timestamp) {
        let life = self.life;
        for step in std::mem::take(&mut self.meanwhile) {
            match step {
                Step::Starts(occurrence) if first_told(life, occurrence) <= said => {}
                step => self.read(step),
            }
        }
    }
}

/// When something was told for the first time, with whichever task.
pub(super) fn first_told(life: &[Occurrence], occurrence: &Occurrence) -> Timestamp {
    let is_it = |known: &&Occurrence| (&known.sign, known.at) == (&occurrence.sign, occurrence.at);
    let told = life.iter().filter(is_it).map(|known| known.told);
    told.min().unwrap_or(occurrence.told)
}

/// What an occurrence means to a rule.
#[derive(Clone, Copy)]
enum Step<'l> {
    Starts(&'l Occurrence),
    Moves(&'l Occurrence),
    Comes(&'l Occurrence),
    Cancels(&'l Occurrence),
    Said(Timestamp),
}

/// When it counts, and in which order at one instant: events of one day all happened at its start.
fn step<'l>(rule: &Expected, occurrence: &'l Occurrence) -> Option<(Timestamp, u8, Step<'l>)> {
    let sign = &occurrence.sign;
    if rule.after.contains(sign) {
        return Some((occurrence.at, 1, Step::Starts(occurrence)));
    }
    if let Sign::Event(event) = sign
        && rule.moved_by.contains(event)
    {
        // Its day lies ahead: what counts is when somebody told it.
        return Some((occurrence.told, 2, Step::Moves(occurrence)));
    }
    if rule.comes.contains(sign) {
        return Some((occurrence.at, 3, Step::Comes(occurrence)));
    }
    let cancels = rule.cancelled_by.contains(sign);
    cancels.then_some((occurrence.at, 0, Step::Cancels(occurrence)))
}

/// It is expected from now on, unless it came on that day or shortly before.
fn start(rule: &Expected, calendar: &Calendar, life: &[Occurrence], by: &Occurrence) -> Course {
    let counts = |known: &&Occurrence| {
        let same_day = calendar.day(known.at) == calendar.day(by.at);
        let is_early = |term| calendar.due(known.at, term).at >= by.at;
        rule.comes.contains(&known.sign)
            && known.at <= by.at
            && (same_day || rule.early.is_some_and(is_early))
    };
    let came = life.iter().filter(counts).max();
    Course {
        since: by.at,
        told: first_told(life, by),
        by: by.task,
        moved: None,
        end: came.map(|came| End::Met(came.clone())),
    }
}
