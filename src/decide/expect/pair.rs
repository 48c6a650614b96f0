//! Which stored expectation stands for which course.

use jiff::Timestamp;

use crate::domain::{Expectation, ExpectationState};

use super::course::Course;

/// Courses, and what is stored of them.
pub(super) struct Pairs<'e> {
    /// What stands for each course, in their order.
    pub(super) of: Vec<Option<&'e Expectation>>,
    /// What stands for none.
    pub(super) rest: Vec<&'e Expectation>,
}

/// Finds what stands for each course among expectations that nobody said anything about: what is as it should be already
/// first, then what comes closest, the last course before those that are over.
pub(super) fn pair<'e>(courses: &[Course], stored: Vec<&'e Expectation>) -> Pairs<'e> {
    let mut pairs = Pairs {
        of: vec![None; courses.len()],
        rest: stored,
    };
    for least in [Likeness::Same, Likeness::Retracted] {
        for (index, course) in courses.iter().enumerate().rev() {
            let next = courses.get(index + 1).map(|next| next.since);
            let Some(of) = pairs.of.get_mut(index).filter(|of| of.is_none()) else {
                continue;
            };
            let rest = pairs.rest.iter().enumerate();
            let alike = rest.filter_map(|(place, known)| Some((likeness(course, next, known)?, place)));
            // Of several that are open the first: somebody may be at work on it.
            let first = |(alike, place): &(Likeness, usize)| match alike {
                Likeness::Open | Likeness::OpenSince => (*alike, usize::MAX - place),
                _ => (*alike, *place),
            };
            if let Some((_, place)) = alike.filter(|(alike, _)| *alike >= least).max_by_key(first) {
                *of = Some(pairs.rest.remove(place));
            }
        }
    }
    pairs
}

/// How well a stored expectation fits a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    /// It began with it, and was thought to be never expected.
    Retracted,
    /// It ended within its time.
    Within,
    /// It began with it, and ended otherwise.
    Since,
    /// It is waited for, and so must be the last.
    Open,
    /// The same, and it began with it.
    OpenSince,
    /// It is all the same.
    Same,
}

/// How well it fits; not at all when what somebody said stands for the course. `next` is when the next one begins.
fn likeness(course: &Course, next: Option<Timestamp>, known: &Expectation) -> Option<Likeness> {
    if course.was_said() {
        return None;
    }
    let begins = known.since == course.since;
    if known.is_open() {
        let open = if begins {
            Likeness::OpenSince
        } else {
            Likeness::Open
        };
        return next.is_none().then_some(open);
    }
    if known.never_was() {
        return begins.then_some(Likeness::Retracted);
    }
    if begins && course.ended().as_ref() == Some(&known.state) {
        return Some(Likeness::Same);
    }
    let next = next.unwrap_or(Timestamp::MAX);
    let is_within = match known.state {
        // What makes it needless comes before what starts it anew at the same moment.
        ExpectationState::Cancelled { at } => at > course.since && at <= next,
        _ => known.settled().is_some_and(|at| at >= course.since && at < next),
    };
    match (begins, is_within) {
        (true, _) => Some(Likeness::Since),
        (false, true) => Some(Likeness::Within),
        (false, false) => None,
    }
}
