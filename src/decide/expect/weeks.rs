//! Notices that name nobody can only be counted: after so many of the one in a week, so many of the other must come.
//!
//! Which of the one belongs to which of the other is not known, so the oldest that is waited for counts as the one that
//! came. That is worked out over all weeks anew whenever something is counted, and so does not depend on the order either.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::{
    CaseloadId, Change, Expectation, ExpectationId, ExpectationState, Expected, Happening, Sign, Snapshot,
    Subject, Task, notice,
};

use super::{Office, Tasks, close, noted, review};

/// What the notices among these changes that name nobody change.
pub(super) fn count(
    office: Office<'_>,
    snapshot: &Snapshot,
    changes: &[Change],
    next: &mut ExpectationId,
) -> Vec<Change> {
    let tasks = Tasks { snapshot, changes };
    let nameless: Vec<&Task> = changes
        .iter()
        .filter_map(|change| tasks.nameless(change))
        .collect();
    let reopened = reopened(&tasks);
    if nameless.is_empty() && reopened.is_empty() {
        return Vec::new();
    }
    let mut known = snapshot.lives.expectations.clone();
    known.extend(reopened.iter().map(|week| (week.id, (*week).clone())));
    let rules = office.rules.expected.iter();
    let mut follows = Vec::new();
    for rule in rules {
        let mut weeks = Weeks::of(office, rule, &known);
        let mut is_touched = reopened.iter().any(|week| week.rule == rule.id);
        for task in &nameless {
            let before = snapshot.tasks.get(&task.id);
            is_touched |= before.is_some_and(|before| weeks.take_away(before));
            is_touched |= weeks.add(task, next);
        }
        if is_touched {
            follows.extend(weeks.settle(&tasks));
        }
    }
    follows
}

impl Tasks<'_> {
    /// The task of a notice that names nobody, when this brings one or gives it another type.
    fn nameless<'c>(&self, change: &'c Change) -> Option<&'c Task> {
        let task = match change {
            Change::Opened(task) => task,
            Change::Moved(task) if self.is_retyped(task) => task,
            _ => return None,
        };
        let is_filed = |change: &Change| matches!(change, Change::Filed(filing) if filing.task == task.id);
        let names_somebody =
            self.changes.iter().any(is_filed) || self.snapshot.lives.is_about_somebody(task.id);
        (!names_somebody && notice(task).is_some()).then_some(task)
    }
}

/// Weeks of which somebody opened the task again: what they looked into is missing again.
fn reopened<'a>(tasks: &Tasks<'a>) -> Vec<&'a Expectation> {
    let is_week = |known: &&Expectation| matches!(known.about, Subject::Week { .. });
    let noted = tasks.changes.iter().filter_map(|change| match change {
        Change::ExpectationNoted(expectation) => Some(expectation.as_ref()),
        _ => None,
    });
    noted.filter(is_week).filter(|week| tasks.reopens(week)).collect()
}

/// How many are missing of those that are waited for after what came in one week: `2 van de 3`.
pub(super) fn missing(office: Office<'_>, snapshot: &Snapshot, expectation: &Expectation) -> String {
    let (_, missing) = excused(expectation.clone(), left(office, snapshot, expectation));
    let wanted = match expectation.about {
        Subject::Week { wanted, .. } => wanted,
        Subject::Dossier(_) => 1,
    };
    format!("{missing} van de {wanted}")
}

/// So many did not come, and somebody says that nothing more is to be done about them. What comes of them later is still
/// taken for theirs, and not for what another week waits for.
pub(super) fn excuse(office: Office<'_>, snapshot: &Snapshot, week: Expectation) -> Expectation {
    let missing = left(office, snapshot, &week);
    let about = match week.about {
        Subject::Week {
            monday, wanted, came, ..
        } => Subject::Week {
            monday,
            wanted,
            came,
            excused: missing,
        },
        about @ Subject::Dossier(_) => about,
    };
    Expectation { about, ..week }
}

fn left(office: Office<'_>, snapshot: &Snapshot, expectation: &Expectation) -> u32 {
    office
        .rules
        .expected(&expectation.rule)
        .map(|rule| Weeks::of(office, rule, &snapshot.lives.expectations))
        .and_then(|weeks| weeks.missing().remove(&expectation.id))
        .unwrap_or_default()
}

/// All weeks of one rule that are known, the oldest first.
struct Weeks<'a> {
    office: Office<'a>,
    rule: &'a Expected,
    by_monday: BTreeMap<Date, Expectation>,
}

impl<'a> Weeks<'a> {
    fn of(office: Office<'a>, rule: &'a Expected, known: &BTreeMap<ExpectationId, Expectation>) -> Self {
        let known = known
            .values()
            .filter(|known| known.rule == rule.id)
            .filter_map(|known| match known.about {
                Subject::Week { monday, .. } => Some((monday, known.clone())),
                Subject::Dossier(_) => None,
            });
        Self {
            office,
            rule,
            by_monday: known.collect(),
        }
    }

    /// How many are wanted because of a notice, and how many of those that are waited for it is; nothing when it has nothing
    /// to say to this rule.
    fn says(&self, task: &Task) -> Option<(u32, u32)> {
        let sign = Sign::Notice(task.kind.clone());
        // Whether it is for somebody whose life is not known cannot be told.
        if !self.rule.only_if.is_empty() || !self.rule.unless.is_empty() {
            return None;
        }
        let (starts, comes) = (self.rule.after.contains(&sign), self.rule.comes.contains(&sign));
        (starts || comes).then_some((u32::from(starts), u32::from(comes)))
    }

    /// Counts a notice.
    fn add(&mut self, task: &Task, next: &mut ExpectationId) -> bool {
        let Some((starts, comes)) = self.says(task) else {
            return false;
        };
        let monday = monday(self.office, task.received);
        let week = self.by_monday.entry(monday).or_insert_with(|| {
            let id = *next;
            *next = next.next();
            empty(self.office, self.rule, id, monday, &task.caseload)
        });
        if let Subject::Week { wanted, came, .. } = &mut week.about {
            *wanted += starts;
            *came += comes;
        }
        true
    }

    /// A notice turned out to be something else than what it was counted as.
    fn take_away(&mut self, task: &Task) -> bool {
        let Some((starts, comes)) = self.says(task) else {
            return false;
        };
        let week = self.by_monday.get_mut(&monday(self.office, task.received));
        let Some(Subject::Week { wanted, came, .. }) = week.map(|week| &mut week.about) else {
            return false;
        };
        *wanted = wanted.saturating_sub(starts);
        *came = came.saturating_sub(comes);
        true
    }

    /// How many are missing of each week.
    fn missing(&self) -> BTreeMap<ExpectationId, u32> {
        let mut came: BTreeMap<Date, u32> = BTreeMap::new();
        let mut missing = BTreeMap::new();
        for (monday, week) in &self.by_monday {
            if let Subject::Week { came: count, .. } = week.about {
                came.insert(*monday, count);
            }
        }
        for (monday, week) in &self.by_monday {
            let Subject::Week { wanted, .. } = week.about else {
                continue;
            };
            let mut left = wanted;
            for (_, count) in came.iter_mut().filter(|(other, _)| self.counts(**other, *monday)) {
                let taken = left.min(*count);
                *count -= taken;
                left -= taken;
            }
            missing.insert(week.id, left);
        }
        missing
    }

    /// Whether what came in one week can be what is waited for after another.
    fn counts(&self, came: Date, after: Date) -> bool {
        let calendar = &self.office.rules.calendar;
        let last = came.saturating_add(jiff::Span::new().days(6));
        let is_early = |term| calendar.due(calendar.start_of(last), term).at >= calendar.start_of(after);
        came >= after || self.rule.early.is_some_and(is_early)
    }

    /// Brings the state of every week into line with what is missing of it.
    fn settle(self, tasks: &Tasks<'_>) -> Vec<Change> {
        let missing = self.missing();
        let mut changes = Vec::new();
        for (_, week) in self.by_monday {
            let left = missing.get(&week.id).copied().unwrap_or_default();
            let (week, left) = excused(week, left);
            let before = tasks.snapshot.lives.expectations.get(&week.id);
            let now = match (&week.state, left) {
                (ExpectationState::Open { .. } | ExpectationState::Asked { .. }, 0) => {
                    changes.extend(close(
                        self.office,
                        tasks,
                        &week,
                        Happening::CameAfterAll { sign: None },
                    ));
                    week.meet(self.office.now)
                }
                (_, 1..) if week.settled().is_some() => {
                    let asks = review::asks(self.office, self.rule, week.until);
                    Expectation {
                        state: ExpectationState::Open { asks },
                        ..week
                    }
                }
                _ => week,
            };
            if before != Some(&now) {
                changes.push(noted(now));
            }
        }
        changes
    }
}

/// How many of those that are missing somebody still has to look into. What came after all needs no excuse any more.
fn excused(mut week: Expectation, missing: u32) -> (Expectation, u32) {
    let Subject::Week { excused, .. } = &mut week.about else {
        return (week, missing);
    };
    *excused = missing.min(*excused);
    let left = missing - *excused;
    (week, left)
}

/// A week in which nothing was counted yet.
fn empty(
    office: Office<'_>,
    rule: &Expected,
    id: ExpectationId,
    monday: Date,
    caseload: &CaseloadId,
) -> Expectation {
    let last = monday.saturating_add(jiff::Span::new().days(6));
    let since = office.rules.calendar.start_of(last);
    let until = review::until(office, rule, since);
    Expectation {
        id,
        rule: rule.id.clone(),
        about: Subject::Week {
            monday,
            wanted: 0,
            came: 0,
            excused: 0,
        },
        caseload: caseload.clone(),
        message: None,
        since,
        until,
        state: ExpectationState::Open {
            asks: review::asks(office, rule, until),
        },
    }
}

/// The Monday of the week in which it came.
fn monday(office: Office<'_>, at: Timestamp) -> Date {
    let day = office.rules.calendar.day(at);
    day.saturating_sub(jiff::Span::new().days(day.weekday().to_monday_zero_offset()))
}
