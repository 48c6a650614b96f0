//! What should have come, and what must follow.
//!
//! Two kinds of silence lose people: the notice that never arrived, and the term that starts when a task is done. Both are
//! one thing here: after something happened in a dossier, something else is expected within a time. When that is a notice
//! of a partner, somebody is asked when it is late; when it is work of our own, somebody is asked at once or some time
//! before the end. What comes closes the task, also when it comes late.
//!
//! # Guarantees
//! * what is expected of a dossier depends on what happened in it, and not on the order in which that became known, nor on
//!   what was told by mistake and taken back;
//! * an expectation is open, overdue, met or cancelled, and never two of these; what is settled is waited for again only when
//!   what settled it is taken back (or, of a week, when more is counted in it), though it may turn out to have ended otherwise;
//! * each open one has a stored moment or a task, so that neither a restart nor weeks of downtime lose it;
//! * nobody is asked twice about one.
//!
//! # Design
//! Everything that happens in a dossier is an [`Occurrence`]: a notice that was filed in it, or an event that a colleague
//! told with a task. After every decision that adds one or takes one back (or joins two dossiers, or gives a task another
//! type), all rules are read anew over the whole life ([`course`]), and what is stored is brought into line ([`review`]). What
//! somebody handled by hand cannot be read from the life, so it is stored as such. A life is a dozen occurrences. Notices that name nobody can only be counted: see [`weeks`].
//!
//! # What we accept
//! * A rule that is new starts with what is told from then on, not with what lies in dossiers already, also when two of them
//!   become one or something is taken back; a mail that is recognised by now is told now. One that is away for a time is new
//!   when it comes back, but for what it started. A rule that gets another beginning is not new: when lives become others,
//!   that may start it of what lies there.
//! * COA names a V-nummer, DUO a burgerservicenummer. Until somebody says that both are one person, what is expected after
//!   the one is not met by the other, and somebody is asked to look: rather once too often than never.
//! * A task that lies in the dossiers of several people tells its event of each of them.
//! * What somebody closed by hand is closed as far as it was told by then: an event that is told afterwards, of that day or one
//!   before it, starts the rule again. So whoever puts the day of an event right after that is asked once more.
//! * When a second notice starts what was started and not settled yet, the first goes on (unless `restarts`).

mod asked;
mod course;
mod pair;
mod review;
mod weeks;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::{
    Cause, Change, DossierId, EventId, Expectation, ExpectationId, Expected, Happening, NextIds, Occurrence,
    Refusal, Report, Sign, Snapshot, Subject, Task, TaskId, TaskState, TypeId, notice,
};

use super::Office;
use super::act::over;
use super::escalate::NOT_CALLED_YET;
use super::open::open;
pub(super) use asked::waits_for_an_event;
use course::Course;

/// What follows from `changes` for what is expected: of the dossiers in which they put something, and of nobody that is
/// known.
pub(super) fn follow(office: Office<'_>, snapshot: &Snapshot, changes: &[Change]) -> Vec<Change> {
    if office.rules.expected.is_empty() {
        return Vec::new();
    }
    let tasks = Tasks { snapshot, changes };
    let touched = touched(&tasks);
    let mut next = next_expectation(snapshot, changes);
    let mut follows = Vec::new();
    if !touched.is_empty() {
        let mut lives = snapshot.lives.of(&touched);
        for change in changes {
            lives.absorb(change);
        }
        for dossier in lives.occurrences.keys().copied().collect::<BTreeSet<_>>() {
            for rule in &office.rules.expected {
                follows.extend(review::review(office, rule, &lives, dossier, &tasks, &mut next));
            }
        }
    }
    follows.extend(weeks::count(office, snapshot, changes, &mut next));
    follows
}

/// The dossiers in whose lives something happens.
fn touched(tasks: &Tasks<'_>) -> BTreeSet<DossierId> {
    let lives = &tasks.snapshot.lives;
    let filed = |task: TaskId| lives.filed.get(&task).into_iter().flatten().copied();
    let mut touched = BTreeSet::new();
    for change in tasks.changes {
        match change {
            // The task of something expected tells nothing new about the dossier in which it is put.
            Change::Filed(filing) if filing.absorbs.is_some() || tasks.tells(filing.task) => {
                touched.insert(filing.dossier.id);
                touched.extend(filing.absorbs);
            }
            Change::Reported(report) => touched.extend(filed(report.task)),
            Change::Moved(task) if tasks.is_retyped(task) || tasks.is_reopened(task) => {
                touched.extend(filed(task.id));
            }
            _ => {}
        }
    }
    touched
}

fn next_expectation(snapshot: &Snapshot, changes: &[Change]) -> ExpectationId {
    let noted = changes.iter().filter_map(|change| match change {
        Change::ExpectationNoted(expectation) => Some(expectation.id.next()),
        _ => None,
    });
    noted.fold(snapshot.next.expectation, std::cmp::Ord::max)
}

/// Tasks as they are after these changes.
struct Tasks<'a> {
    snapshot: &'a Snapshot,
    changes: &'a [Change],
}

impl Tasks<'_> {
    /// The task as it is now; nothing when nobody asked for it.
    fn get(&self, id: TaskId) -> Option<&Task> {
        let changed = self.changes.iter().rev().find_map(|change| match change {
            Change::Opened(task) | Change::Moved(task) if task.id == id => Some(task.as_ref()),
            _ => None,
        });
        changed.or_else(|| self.snapshot.tasks.get(&id))
    }

    /// The task from which something that begins now has its caseload and its message: of what started it, or of what made
    /// the rule one for this life. Nothing when neither is news: the rule is newer than what lies in the dossier.
    fn beginning(&self, rule: &Expected, life: &[Occurrence], course: &Course) -> Option<&Task> {
        let started = |known: &Occurrence| {
            (known.task, known.at) == (course.by, course.since) && rule.after.contains(&known.sign)
        };
        let is_why = |known: &&Occurrence| started(known) || rule.only_if.contains(&known.sign);
        let mut news = life.iter().filter(is_why).filter(|known| self.is_news(known));
        let news = news.find_map(|known| self.get(known.task));
        let started = self.get(course.by);
        if self.reshape() {
            started.or(news).or_else(|| self.any())
        } else {
            started.filter(|_| news.is_some()).or(news)
        }
    }

    /// Whether these changes are what makes it known.
    fn is_news(&self, known: &Occurrence) -> bool {
        self.changes.iter().any(|change| match change {
            Change::Opened(task) => notice(task).as_ref() == Some(known),
            Change::Moved(task) => self.is_retyped(task) && notice(task).as_ref() == Some(known),
            Change::Reported(report) => {
                (report.task, report.at) == (known.task, known.at)
                    && known.sign == Sign::Event(report.event.clone())
                    && report.taken_back.is_none()
            }
            _ => false,
        })
    }

    /// Whether it was known before there was this rule, and so does not start it.
    fn is_older(&self, rule: &Expected, life: &[Occurrence], known: &Occurrence) -> bool {
        let in_force = self.snapshot.newer.get(&rule.id);
        in_force.is_some_and(|since| course::first_told(life, known) < *since) && !self.is_news(known)
    }

    /// Whether it is of a notice that these changes bring.
    fn tells(&self, id: TaskId) -> bool {
        self.changes.iter().any(|change| match change {
            Change::Opened(task) => task.id == id && notice(task).is_some(),
            Change::Moved(task) => task.id == id && self.is_retyped(task),
            _ => false,
        })
    }

    /// Whether lives become others: two are one from now on, a notice was about something else, or something is taken back.
    fn reshape(&self) -> bool {
        self.changes.iter().any(|change| match change {
            Change::Filed(filing) => filing.absorbs.is_some(),
            Change::Moved(task) => self.is_retyped(task),
            Change::Reported(report) => report.taken_back.is_some(),
            _ => false,
        })
    }

    fn is_retyped(&self, task: &Task) -> bool {
        let before = self.snapshot.tasks.get(&task.id);
        before.is_some_and(|before| before.kind != task.kind)
    }

    fn is_reopened(&self, task: &Task) -> bool {
        let before = self.snapshot.tasks.get(&task.id);
        task.is_open() && before.is_some_and(|before| !before.is_open())
    }

    fn is_closed(&self, id: TaskId) -> bool {
        self.get(id).is_some_and(|task| !task.is_open())
    }

    /// Whether these changes open the task again by which somebody was asked.
    fn reopens(&self, expectation: &Expectation) -> bool {
        let task = expectation.task().and_then(|task| self.get(task));
        task.is_some_and(|task| self.is_reopened(task))
    }

    /// Any task that these changes are about.
    fn any(&self) -> Option<&Task> {
        self.changes.iter().find_map(|change| match change {
            Change::Opened(task) | Change::Moved(task) => Some(task.as_ref()),
            Change::Filed(filing) => self.get(filing.task),
            Change::Reported(report) => self.get(report.task),
            _ => None,
        })
    }
}

/// It is over without anybody: the task by which somebody was asked, when there is one that is open.
fn close(office: Office<'_>, tasks: &Tasks<'_>, expectation: &Expectation, what: Happening) -> Vec<Change> {
    let task = expectation.task().and_then(|task| tasks.get(task));
    task.filter(|task| task.is_open())
        .map_or_else(Vec::new, |task| over(office, task, what).into())
}

/// The moment came at which somebody must be asked.
pub(super) fn moment_came(office: Office<'_>, snapshot: &Snapshot, id: ExpectationId) -> Vec<Change> {
    let Some(expectation) = snapshot.lives.expectations.get(&id) else {
        return Vec::new();
    };
    if expectation.next_moment().is_none_or(|asks| asks > office.now) {
        return Vec::new();
    }
    // The rules lost it since: nobody can be told what to do.
    let Some(rule) = office.rules.expected(&expectation.rule) else {
        return vec![noted(expectation.clone().cancel(office.now))];
    };
    let mut ahead = snapshot.next;
    let task = task(office, snapshot, rule, expectation, ahead);
    let id = task.id;
    let grounds = grounds(office, snapshot, rule, expectation);
    let mut changes = open(office, task, grounds, &mut ahead);
    if let Subject::Dossier(dossier) = expectation.about {
        changes.push(super::dossier::put(id, dossier));
    }
    changes.push(noted(expectation.clone().ask(id)));
    changes
}

fn noted(expectation: Expectation) -> Change {
    Change::ExpectationNoted(Box::new(expectation))
}

fn task(
    office: Office<'_>,
    snapshot: &Snapshot,
    rule: &Expected,
    expectation: &Expectation,
    ahead: NextIds,
) -> Task {
    let kind = office.rules.kind(&TypeId::expected(&rule.id));
    let title = match &expectation.about {
        Subject::Dossier(_) => kind.title.clone(),
        Subject::Week { monday, .. } => {
            let missing = weeks::missing(office, snapshot, expectation);
            format!(
                "{} ({missing}, week van {})",
                kind.title,
                monday.strftime("%-d-%-m-%Y")
            )
        }
    };
    Task {
        id: ahead.task,
        cause: Cause::Expectation {
            expectation: expectation.id,
            message: expectation.message,
        },
        kind: kind.id.clone(),
        title,
        critical: false,
        drill: false,
        caseload: expectation.caseload.clone(),
        assignee: None,
        received: office.now,
        opened: office.now,
        due: review::due(office, rule, expectation.until),
        rules: office.rules.version.clone(),
        state: TaskState::Waiting(NOT_CALLED_YET),
    }
}

/// Why somebody is asked.
fn grounds(office: Office<'_>, snapshot: &Snapshot, rule: &Expected, expectation: &Expectation) -> Happening {
    let day = |at| office.rules.calendar.day(at);
    let mut why = vec![format!(
        "expected since {} until {}, by the rule `{}`",
        day(expectation.since),
        office.rules.calendar.last_day(expectation.until),
        rule.id
    )];
    if matches!(expectation.about, Subject::Week { .. }) {
        why.push("the mails name nobody: they can only be counted, week by week".to_owned());
    }
    Happening::Opened {
        rule: format!("expected/{}", rule.id),
        why,
        caution: None,
        deceit: None,
        origin: asked::origin(office, snapshot, expectation),
    }
}

/// What somebody tells with a task that they handled.
pub(super) fn report(
    office: Office<'_>,
    snapshot: &Snapshot,
    task: &Task,
    (event, on): (EventId, Date),
) -> Result<Report, Refusal> {
    if !office.rules.events.contains_key(&event) {
        return Err(Refusal::UnknownEvent(event));
    }
    let moves = office.moves(&event);
    let today = office.rules.calendar.day(office.now);
    if moves && on <= today {
        return Err(Refusal::NoLastDay(event));
    }
    if !moves && on > today {
        return Err(Refusal::NotYet(event));
    }
    if !snapshot.lives.is_about_somebody(task.id) {
        return Err(Refusal::NoDossier(task.id));
    }
    let at = office.rules.calendar.start_of(on);
    // Told twice it starts nothing anew; but of two last days the one counts that was told last.
    let first = snapshot.lives.told(task.id, &event, at);
    Ok(Report {
        task: task.id,
        event,
        on,
        at,
        told: first.filter(|_| !moves).unwrap_or(office.now),
        taken_back: None,
    })
}

/// What was told of this with these tasks, as it stands once it is taken back.
pub(super) fn taken_back(
    office: Office<'_>,
    snapshot: &Snapshot,
    tasks: &[TaskId],
    (event, on): &(EventId, Date),
) -> Vec<Report> {
    let at = office.rules.calendar.start_of(*on);
    let sign = Sign::Event(event.clone());
    let lived = snapshot.lives.occurrences.values().flatten();
    let told: BTreeMap<TaskId, Timestamp> = lived
        .filter(|known| known.at == at && known.sign == sign && tasks.contains(&known.task))
        .map(|known| (known.task, known.told))
        .collect();
    let report = |(task, told)| Report {
        task,
        event: event.clone(),
        on: *on,
        at,
        told,
        taken_back: Some(office.now),
    };
    told.into_iter().map(report).collect()
}

/// Somebody handled the task by which they were asked: what was expected is settled, unless they told a new last day.
pub(super) fn handled(
    office: Office<'_>,
    snapshot: &Snapshot,
    task: &Task,
    report: Option<&Report>,
) -> Option<Change> {
    let Cause::Expectation { expectation, .. } = task.cause else {
        return None;
    };
    let expectation = snapshot.lives.expectations.get(&expectation)?;
    let rule = office.rules.expected(&expectation.rule);
    let moves = rule
        .zip(report)
        .is_some_and(|(rule, report)| rule.moved_by.contains(&report.event));
    if moves || !expectation.is_open() {
        return None;
    }
    let handled = expectation.clone().handle(task.id, office.now);
    Some(noted(weeks::excuse(office, snapshot, handled)))
}

/// The task by which somebody was asked is open again: so is what it is about.
///
/// # Errors
/// Somebody is asked about it by another task, or it came or was cancelled since.
pub(super) fn asked_again(snapshot: &Snapshot, task: &Task) -> Result<Option<Change>, Refusal> {
    let Cause::Expectation { expectation, .. } = task.cause else {
        return Ok(None);
    };
    let Some(expectation) = snapshot.lives.expectations.get(&expectation) else {
        return Ok(None);
    };
    if let Some(open) = expectation.task() {
        return Err(Refusal::AnotherOpen { task: task.id, open });
    }
    let again = expectation.clone().ask_again(task.id);
    if again.is_open() {
        Ok(Some(noted(again)))
    } else {
        Err(Refusal::NotNeeded(task.id))
    }
}
