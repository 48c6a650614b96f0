//! A mail becomes a message in the ledger and its tasks.

use crate::domain::{
    Arrival, CaseloadId, Cause, Caution, Change, Classification, DayOff, Due, Effect, Happening, HistoryLine,
    Mail, Message, MessageId, Nature, NextIds, NotificationType, Occasion, Place, Seen, Sender, Signal,
    Snapshot, Task, TaskId, TaskState, TypeId, Verdict,
};
use crate::rules::Rules;
use jiff::Timestamp;
use std::sync::Arc;

use super::answer::{Heard, hear};
use super::escalate::{NOT_CALLED_YET, Start, call, next_letter};
use super::{Office, Routed, absence, classify, dossier, drill, partners, post, route};

/// A task as it would be opened: what `explain` shows and the ledger writes.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan<'a> {
    /// Which of the mail's signals it is for.
    pub index: usize,
    /// What the mail told.
    pub signal: Signal,
    /// Its type, as the rules describe it.
    pub kind: &'a NotificationType,
    /// When it must be handled.
    pub due: Due,
    /// Where it goes, and why.
    pub route: Routed,
    /// The grounds: days skipped, route.
    pub why: Vec<String>,
}

/// The tasks that a classified mail opens, in order; none for a mail about our own letters. `home` tells for each signal
/// the caseload to which everything about its person goes, where that is known.
#[must_use]
pub fn plan<'a>(
    rules: &'a Rules,
    mail: &Mail,
    classification: &Classification,
    received: Timestamp,
    home: &dyn Fn(usize) -> Option<CaseloadId>,
) -> Vec<Plan<'a>> {
    let signals = classification.signals.iter().enumerate();
    signals
        .filter_map(|signal| plan_one(rules, mail, signal, received, home))
        .collect()
}

fn plan_one<'a>(
    rules: &'a Rules,
    mail: &Mail,
    (index, signal): (usize, &Signal),
    received: Timestamp,
    home: &dyn Fn(usize) -> Option<CaseloadId>,
) -> Option<Plan<'a>> {
    let kind = rules.kind(&signal.kind);
    let Effect::Task { due, .. } = &kind.effect else {
        return None;
    };
    let due = rules.calendar.due(received, *due);
    let mut route = route(rules, mail, signal);
    if let Some(caseload) = home(index).filter(|_| signal.kind.is_about_a_person()) {
        route = Routed {
            caseload,
            why: "where the dossier of this person is".to_owned(),
            is_certain: true,
        };
    }
    let why = vec![counted(rules, &due), route.why.clone()];
    Some(Plan {
        index,
        signal: signal.clone(),
        kind,
        due,
        route,
        why,
    })
}

/// How a due date was counted: `due 2026-12-28 17:00, skipped 2026-12-25 (Eerste Kerstdag)`.
pub(super) fn counted(rules: &Rules, due: &Due) -> String {
    let mut text = format!("due {}", rules.calendar.zoned(due.at).strftime("%Y-%m-%d %H:%M"));
    for (index, (day, off)) in due.skipped.iter().enumerate() {
        let reason = match off {
            DayOff::Weekend => "weekend",
            DayOff::Holiday(name) | DayOff::LocalClosing(name) => name,
        };
        let lead = if index == 0 { ", skipped" } else { "," };
        text.extend([lead, " ", &day.to_string(), " (", reason, ")"]);
    }
    text
}

/// A mail arrived: recorded with what follows from it, or known already.
pub(super) fn mail_arrived(office: Office<'_>, snapshot: &Snapshot, arrival: &Arrival) -> Vec<Change> {
    if let Some(seen) = snapshot.seen.get(&arrival.mail.fingerprint) {
        return vec![seen_again(office, &arrival.place, *seen)];
    }
    let drill = drill::of(snapshot, arrival);
    let mut classification = match drill {
        Some(drill) => drill::classification(office, drill),
        None => classify(office.rules, &arrival.mail),
    };
    let heard = heard(office, snapshot, arrival, &classification);
    let mut came_as = drill.map_or(CameAs::Notice, |_| CameAs::Drill);
    if let Some(unread) = heard.as_ref().and_then(|heard| heard.unread.as_ref()) {
        classification = unread.classify(classification);
        came_as = CameAs::Answer(unread.task);
    }
    // A clock elsewhere that is ahead must not give anybody more time.
    let received = arrival.received.min(office.now);
    let say = dossier::Say::of(&arrival.mail.sender.verdict);
    let mut dossiers = dossier::find(snapshot, &arrival.named, say, classification.signals.len());
    let home = |index: usize| dossiers.get(index)?.home(office.rules).cloned();
    let plans = plan(office.rules, &arrival.mail, &classification, received, &home);
    let first_task = (!plans.is_empty()).then_some(snapshot.next.task);

    let mut changes = vec![
        recorded(office, snapshot, arrival, &classification, first_task),
        Change::Kept(snapshot.next.message, Arc::clone(&arrival.kept)),
    ];
    changes.extend(staff(office, snapshot, arrival, &classification));
    changes.extend(partners::mail_came(
        office,
        snapshot,
        arrival,
        &classification,
        received,
    ));
    let origin = Origin {
        message: snapshot.next.message,
        received: arrival.received,
        sender: &arrival.mail.sender,
        classification: &classification,
        came_as,
    };
    let mut ahead = snapshot.next;
    for plan in &plans {
        let filed = ahead.task;
        changes.extend(origin.open(office, plan, &mut ahead));
        changes.extend(dossier::file(office.rules, &mut dossiers, plan, filed));
    }
    if let (Some(drill), Some(task)) = (drill, first_task) {
        changes.push(Change::DrillNoted(Box::new(drill.clone().arrive(task))));
    }
    if let Some(mut heard) = heard {
        let unread = heard.unread.as_ref().zip(first_task);
        changes.extend(unread.and_then(|(unread, triage)| unread.noted(office, triage)));
        changes.append(&mut heard.changes);
        let letter = next_letter(&changes, snapshot.next.letter);
        changes.extend(heard.reply(office, letter));
    }
    changes
}

/// What is done because a colleague answered a letter; nothing when the mail is no answer.
fn heard(
    office: Office<'_>,
    snapshot: &Snapshot,
    arrival: &Arrival,
    classification: &Classification,
) -> Option<Heard> {
    let is_answer = classification
        .signals
        .iter()
        .any(|signal| signal.kind == TypeId::answer());
    match &arrival.mail.nature {
        Nature::Answer(answer) if is_answer => Some(hear(office, snapshot, arrival, answer)),
        _ => None,
    }
}

/// What a mail tells about the people of the office, whatever else it says.
fn staff(
    office: Office<'_>,
    snapshot: &Snapshot,
    arrival: &Arrival,
    classification: &Classification,
) -> Vec<Change> {
    let is = |kind: TypeId| classification.signals.iter().any(|signal| signal.kind == kind);
    match (&arrival.mail.nature, office.writer(&arrival.mail)) {
        (Nature::Bounce(bounce), _) if is(TypeId::undeliverable()) => {
            post::came_back(office, snapshot, bounce)
        }
        (Nature::OutOfOffice { until }, Some(writer)) if is(TypeId::absence()) => {
            let away = absence::answered(office, snapshot, &writer.id, *until);
            absence::reachable(office, &writer.id)
                .into_iter()
                .chain(away)
                .collect()
        }
        (Nature::Notice | Nature::Answer(_), Some(writer)) => {
            absence::reachable(office, &writer.id).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The message that tasks are opened for.
pub(super) struct Origin<'a> {
    pub(super) message: MessageId,
    pub(super) received: Timestamp,
    pub(super) sender: &'a Sender,
    pub(super) classification: &'a Classification,
    pub(super) came_as: CameAs,
}

/// What the program takes a message for that somebody has to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CameAs {
    /// A notice, or what may be one.
    Notice,
    /// The mail of a drill.
    Drill,
    /// An answer of a colleague with which nothing could be done; with the task that it names.
    Answer(Option<TaskId>),
}

impl Origin<'_> {
    /// Opens a task and tells the first who can be told.
    pub(super) fn open(&self, office: Office<'_>, plan: &Plan<'_>, ahead: &mut NextIds) -> Vec<Change> {
        let task = self.task(office, plan, ahead.task);
        let opened = Happening::Opened {
            rule: plan.signal.rule.clone(),
            why: self.grounds(plan),
            caution: caution(&self.sender.verdict).filter(|_| !self.is_drill()),
            deceit: self.sender.deceit.filter(|_| !self.is_drill()),
            origin: None,
        };
        open(office, task, opened, ahead)
    }

    /// A task as it is in the instant before anybody is told.
    pub(super) fn task(&self, office: Office<'_>, plan: &Plan<'_>, id: TaskId) -> Task {
        Task {
            id,
            cause: Cause::Notice(self.message),
            kind: plan.kind.id.clone(),
            title: match self.came_as {
                CameAs::Notice => plan.kind.title.clone(),
                CameAs::Drill => drill::title(plan.kind),
                CameAs::Answer(about) => {
                    let about = about.map(|task| format!(" (taak {task})")).unwrap_or_default();
                    format!("{}{about}", office.rules.kind(&TypeId::answer()).title)
                }
            },
            drill: self.is_drill(),
            critical: plan.kind.critical,
            caseload: plan.route.caseload.clone(),
            assignee: None,
            received: self.received,
            opened: office.now,
            due: plan.due.at,
            rules: office.rules.version.clone(),
            state: TaskState::Waiting(NOT_CALLED_YET),
        }
    }

    fn is_drill(&self) -> bool {
        self.came_as == CameAs::Drill
    }

    /// Why there is this task: recognition, due date, route.
    pub(super) fn grounds(&self, plan: &Plan<'_>) -> Vec<String> {
        self.classification.why.iter().chain(&plan.why).cloned().collect()
    }
}

/// Opens a task, on these grounds, and tells the first who can be told.
pub(super) fn open(office: Office<'_>, task: Task, grounds: Happening, ahead: &mut NextIds) -> Vec<Change> {
    let opened = HistoryLine {
        task: task.id,
        at: office.now,
        by: None,
        what: grounds,
    };
    let start = Start {
        rung: 0,
        round: 0,
        occasion: Occasion::NewTask,
    };
    let call = call(office, &task, std::slice::from_ref(&opened), start, ahead.letter);
    ahead.task = ahead.task.next();
    ahead.letter = next_letter(&call.changes, ahead.letter);
    let mut changes = vec![
        Change::Opened(Box::new(task.climb(call.climb))),
        Change::Noted(opened),
    ];
    changes.extend(call.changes);
    changes
}

fn seen_again(office: Office<'_>, place: &Place, seen: Seen) -> Change {
    Change::SeenAgain {
        place: place.clone(),
        message: seen.message,
        at: office.now,
    }
}

fn recorded(
    office: Office<'_>,
    snapshot: &Snapshot,
    arrival: &Arrival,
    classification: &Classification,
    task: Option<TaskId>,
) -> Change {
    let mail = &arrival.mail;
    Change::Recorded(Box::new(Message {
        id: snapshot.next.message,
        place: arrival.place.clone(),
        fingerprint: mail.fingerprint,
        message_id: mail.message_id.clone(),
        sender_domain: mail
            .from
            .as_ref()
            .map(|from| from.domain().to_owned())
            .unwrap_or_default(),
        sender_verdict: mail.sender.verdict.word().to_owned(),
        received: arrival.received,
        recorded: office.now,
        kinds: classification
            .signals
            .iter()
            .map(|signal| signal.kind.clone())
            .collect::<Vec<TypeId>>(),
        rule: classification
            .signals
            .first()
            .map(|signal| signal.rule.clone())
            .unwrap_or_default(),
        rules: office.rules.version.clone(),
        task,
    }))
}

fn caution(verdict: &Verdict) -> Option<Caution> {
    match verdict {
        Verdict::Unchecked(_) => Some(Caution::Unchecked),
        Verdict::Forged(_) | Verdict::ForgedColleague => Some(Caution::Forged),
        Verdict::Partner(_) | Verdict::Colleague | Verdict::Outsider => None,
    }
}
