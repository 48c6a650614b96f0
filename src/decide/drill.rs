//! Drills: a koppeling that is none goes through the real mail path, to a real task on the real ladder, until somebody
//! answers.
//!
//! Must guarantee: a mail is a drill only when its Message-ID is that of a drill's letter in the ledger, token and all,
//! and that drill has no task yet; a partner's mail never is. Whatever else says to be a drill is a mail like any other,
//! and so a critical task. A drill always ends: somebody answers it, or the time for it is over, and then the lead knows.
//!
//! When one is held by itself: at the times of the rules. On a day that does not count it moves to the next working day,
//! at the same time, unless the rules name that day of the week; holidays always move. One that was slept through is made
//! up for once, and not while the office is closed.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{
    About, Arrival, CaseloadId, Change, Classification, Climb, Content, Drill, DrillFailed, DrillMail,
    DrillState, Fingerprint, Happening, HistoryLine, Letter, LetterId, LostMail, Mail, NotificationType,
    Routine, Signal, Snapshot, Task, TaskState, TypeId, Verdict,
};

use super::act::overtaken;
use super::leads::Keeps;
use super::tell::tried;
use super::{Office, route, routine};

/// A drill that is later than this was slept through.
const LATE: SignedDuration = SignedDuration::from_hours(1);
/// A stored moment that comes later than this came while nothing ran.
const SLEPT: SignedDuration = SignedDuration::from_mins(5);
/// After that, mailboxes are read within this time.
const CATCHING_UP: SignedDuration = SignedDuration::from_mins(30);
/// A moment that is over already comes after this.
const SOON: SignedDuration = SignedDuration::from_secs(1);

/// Whether the drill that is planned stays so when rules are loaded that have the next one later: one that was slept
/// through is made up for when the office opens. One that rules had for that very moment and these do not is held once
/// more: the ledger does not tell the two apart.
pub(super) fn stays_planned(office: Office<'_>, planned: Timestamp, next: Timestamp) -> bool {
    let opens = office.rules.calendar.next_open(office.now);
    office.now < planned && planned < next && planned == opens
}

/// It is time for a drill.
pub(super) fn routine_came(office: Office<'_>, snapshot: &Snapshot) -> Vec<Change> {
    let Some(at) = routine::due(office, snapshot, &Routine::Drill) else {
        return Vec::new();
    };
    let calendar = &office.rules.calendar;
    let set = |next| Change::RoutineSet {
        routine: Routine::Drill,
        next,
    };
    if office.now.duration_since(at) > LATE && !calendar.is_open(office.now) {
        return vec![set(Some(calendar.next_open(office.now)))];
    }
    let mut changes = vec![set(office.next_drill())];
    // Rules that have a time for drills have an address for them: their check sees to that.
    if let Some(to) = &office.rules.drills.to {
        changes.extend(called(office, snapshot, to));
    }
    changes
}

/// A drill is started: its mail goes out.
pub(super) fn called(office: Office<'_>, snapshot: &Snapshot, to: &str) -> Vec<Change> {
    let letter = snapshot.next.letter;
    let drill = Drill {
        letter,
        to: to.to_owned(),
        started: office.now,
        state: DrillState::Waiting {
            until: office.drill_arrives(),
        },
    };
    vec![
        Change::Queued(Box::new(Letter {
            id: letter,
            about: About::Drill,
            to: to.to_owned(),
            name: None,
            queued: office.now,
            content: Content::Drill(DrillMail {
                at: office.civil(office.now),
            }),
        })),
        Change::DrillNoted(Box::new(drill)),
    ]
}

/// The drill whose mail this is.
pub(super) fn of<'s>(snapshot: &'s Snapshot, arrival: &Arrival) -> Option<&'s Drill> {
    let mail = &arrival.mail;
    let is_partner = matches!(
        mail.sender.verdict,
        Verdict::Partner(_) | Verdict::Unchecked(_) | Verdict::Forged(_)
    );
    let letter = snapshot.letters.get(&mail.letter.as_ref()?.token)?;
    let drill = snapshot.drills.get(&letter.id)?;
    let is_over = matches!(drill.state, DrillState::Arrived { .. });
    (!is_partner && !is_over).then_some(drill)
}

/// What the mail of a drill is taken for.
pub(super) fn classification(office: Office<'_>, drill: &Drill) -> Classification {
    Classification {
        signals: vec![signal(office)],
        why: vec![format!("the mail of drill {}", drill.letter)],
    }
}

fn signal(office: Office<'_>) -> Signal {
    let kind = TypeId::koppeling();
    Signal {
        rule: format!("{kind}/{}", Drill::RULE),
        target_group: office.rules.kind(&kind).target_group,
        kind,
    }
}

/// The title of a drill's task: it says what it is wherever it is read.
pub(super) fn title(kind: &NotificationType) -> String {
    format!("{}: {}", Drill::MARK, kind.title)
}

/// A mail server took the mail of a drill: the time in which it must come in starts now.
pub(super) fn left(office: Office<'_>, snapshot: &Snapshot, letter: LetterId) -> Option<Change> {
    let drill = snapshot.drills.get(&letter)?;
    let has_waited = matches!(drill.state, DrillState::Waiting { .. });
    has_waited.then(|| Change::DrillNoted(Box::new(drill.clone().leave(office.drill_arrives()))))
}

/// The mail of a drill should have come in by now: the lead is told that the way is not open. After a time in which
/// nothing ran it has its whole time again, since it may lie in a mailbox that was not read yet.
pub(super) fn moment_came(office: Office<'_>, snapshot: &Snapshot, letter: LetterId) -> Vec<Change> {
    let Some(drill) = snapshot.drills.get(&letter) else {
        return Vec::new();
    };
    let Some(moment) = drill.next_moment().filter(|moment| *moment <= office.now) else {
        return Vec::new();
    };
    if office.slept_through(moment) {
        let again = drill.clone().postpone(office.drill_arrives());
        return vec![Change::DrillNoted(Box::new(again))];
    }
    let how = match drill.state {
        DrillState::Waiting { .. } => LostMail::Unsent,
        _ => LostMail::Missing,
    };
    lost(office, snapshot, letter, how)
}

/// The mail of a drill will not come in any more; nothing when it did, or when that is known.
pub(super) fn lost(office: Office<'_>, snapshot: &Snapshot, letter: LetterId, how: LostMail) -> Vec<Change> {
    let is_waited_for = |drill: &&Drill| drill.next_moment().is_some();
    let Some(drill) = snapshot.drills.get(&letter).filter(is_waited_for) else {
        return Vec::new();
    };
    let noted = Change::DrillNoted(Box::new(drill.clone().lose(office.now, how)));
    let caseload = office.caseload_of(&drill.to);
    let failed = DrillFailed {
        at: office.civil(drill.started),
        task: None,
        lost: Some(how),
        caseload: office.rules.caseload(&caseload).title.clone(),
        to: Some(drill.to.clone()),
        tried: Vec::new(),
    };
    let letter = failure(office, &caseload, failed, snapshot.next.letter);
    std::iter::once(noted).chain(letter).collect()
}

/// The time of a drill is over, and nobody answered: the lead is told.
pub(super) fn unanswered(
    office: Office<'_>,
    snapshot: &Snapshot,
    task: &Task,
    history: &[HistoryLine],
) -> Vec<Change> {
    let last_call = match &task.state {
        TaskState::Waiting(climb) => Some((task.id, climb.call())),
        TaskState::Taken { .. } | TaskState::Done { .. } => None,
    };
    let is_unsent = last_call.is_some_and(|call| snapshot.unsent.contains(&call));
    let not_sent = is_unsent.then(|| line(office, task, Happening::NotSent));
    let history: Vec<HistoryLine> = history.iter().chain(&not_sent).cloned().collect();
    let failed = DrillFailed {
        at: office.civil(task.received),
        task: Some(task.id),
        lost: None,
        caseload: office.rules.caseload(&task.caseload).title.clone(),
        to: None,
        tried: tried(office, &history, true),
    };
    let mut changes = vec![
        overtaken(office, task),
        Change::Moved(Box::new(task.clone().lapse(office.now))),
    ];
    changes.extend(not_sent.map(Change::Noted));
    changes.push(note(office, task, Happening::DrillUnanswered));
    changes.extend(failure(office, &task.caseload, failed, snapshot.next.letter));
    changes
}

/// A letter to whoever leads a caseload today.
fn failure(
    office: Office<'_>,
    caseload: &CaseloadId,
    failed: DrillFailed,
    letter: LetterId,
) -> Option<Change> {
    let lead = office.rules.caseload(caseload).lead.as_ref();
    office.tell_lead(
        lead,
        &[caseload],
        Keeps::UntilRead,
        Content::DrillFailed(failed),
        letter,
    )
}

/// A line of the history of a drill that nobody in particular wrote.
pub(super) fn note(office: Office<'_>, task: &Task, what: Happening) -> Change {
    Change::Noted(line(office, task, what))
}

fn line(office: Office<'_>, task: &Task, what: Happening) -> HistoryLine {
    HistoryLine {
        task: task.id,
        at: office.now,
        by: None,
        what,
    }
}

/// The time for a drill ended while nothing ran, so that answers may lie in a mailbox that was not read yet: it ends a
/// little later. Nothing when that is not so.
pub(super) fn end_put_off(office: Office<'_>, task: &Task) -> Option<Change> {
    let TaskState::Waiting(climb) = &task.state else {
        return None;
    };
    let is_late = climb.next.is_some_and(|moment| office.slept_through(moment));
    is_late.then(|| {
        let climb = Climb {
            next: office.now.checked_add(CATCHING_UP).ok(),
            ..climb.clone()
        };
        Change::Moved(Box::new(task.clone().climb(climb)))
    })
}

impl Office<'_> {
    /// When the mail of a drill must come in that leaves now.
    fn drill_arrives(self) -> Timestamp {
        let within = self.rules.drills.arrives_within;
        self.rules.calendar.due(self.now, within).at
    }

    /// Whether nothing ran when a stored moment came that has come now.
    pub(super) fn slept_through(self, moment: Timestamp) -> bool {
        self.now.duration_since(moment) > SLEPT
    }

    /// When a task that is a drill is over, whether somebody answers or not.
    pub(super) fn drill_ends(self, task: &Task) -> Option<Timestamp> {
        let within = self.rules.drills.answered_within;
        task.drill
            .then(|| self.rules.calendar.due(task.opened, within).at)
    }

    /// The same moment, or the end of a drill when that comes first.
    pub(super) fn within_drill(self, task: &Task, next: Timestamp) -> Timestamp {
        let soon = self.now.checked_add(SOON).unwrap_or(Timestamp::MAX);
        self.drill_ends(task)
            .map_or(next, |ends| next.min(ends).max(soon))
    }

    /// When the next drill is held by itself.
    pub(super) fn next_drill(self) -> Option<Timestamp> {
        let at = self.rules.drills.at.as_ref()?;
        at.next_held_after(self.now, &self.rules.calendar)
    }

    /// The caseload that a drill to this address comes to.
    fn caseload_of(self, to: &str) -> CaseloadId {
        let mail = Mail {
            recipients: vec![to.to_lowercase()],
            ..Mail::unreadable(Fingerprint([0; 32]))
        };
        route(self.rules, &mail, &signal(self)).caseload
    }
}
