//! A mail becomes a message in the ledger and its tasks.

use crate::domain::{
    Arrival, CaseloadId, Caution, Change, Classification, DayOff, Due, Effect, Happening, HistoryLine, Mail,
    Message, NotificationType, Occasion, Place, Seen, Signal, Snapshot, Task, TaskId, TaskState, TypeId,
    Verdict,
};
use crate::rules::Rules;
use jiff::Timestamp;

use super::escalate::{NOT_CALLED_YET, Start, call};
use super::{Office, classify, route};

/// A task as it would be opened: what `explain` shows and the ledger writes.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan<'a> {
    /// What the mail told.
    pub signal: Signal,
    /// Its type, as the rules describe it.
    pub kind: &'a NotificationType,
    /// When it must be handled.
    pub due: Due,
    /// Where it goes.
    pub caseload: CaseloadId,
    /// The grounds: days skipped, route.
    pub why: Vec<String>,
}

/// The tasks that a classified mail opens, in order; none for a mail about our own letters.
#[must_use]
pub fn plan<'a>(
    rules: &'a Rules,
    mail: &Mail,
    classification: &Classification,
    received: Timestamp,
) -> Vec<Plan<'a>> {
    classification
        .signals
        .iter()
        .filter_map(|signal| plan_one(rules, mail, signal, received))
        .collect()
}

fn plan_one<'a>(rules: &'a Rules, mail: &Mail, signal: &Signal, received: Timestamp) -> Option<Plan<'a>> {
    let kind = rules.kind(&signal.kind);
    let Effect::Task { due, .. } = &kind.effect else {
        return None;
    };
    let due = rules.calendar.due(received, *due);
    let (caseload, routed) = route(rules, mail, signal);
    let why = vec![counted(rules, &due), routed];
    Some(Plan {
        signal: signal.clone(),
        kind,
        due,
        caseload,
        why,
    })
}

/// How a due date was counted: `due 2026-12-28 17:00, skipped 2026-12-25 (Eerste Kerstdag)`.
fn counted(rules: &Rules, due: &Due) -> String {
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

/// A mail arrived: recorded with its tasks, or known already.
pub(super) fn mail_arrived(office: Office<'_>, snapshot: &Snapshot, arrival: &Arrival) -> Vec<Change> {
    if let Some(seen) = snapshot.seen.get(&arrival.mail.fingerprint) {
        return vec![seen_again(office, &arrival.place, *seen)];
    }
    let classification = classify(office.rules, &arrival.mail);
    // A clock elsewhere that is ahead must not give anybody more time.
    let received = arrival.received.min(office.now);
    let plans = plan(office.rules, &arrival.mail, &classification, received);
    let first_task = (!plans.is_empty()).then_some(snapshot.next.task);

    let mut changes = vec![recorded(office, snapshot, arrival, &classification, first_task)];
    let mut ahead = snapshot.next;
    for plan in plans {
        let task = task(office, snapshot, arrival, &plan, ahead.task);
        let opened = HistoryLine {
            task: task.id,
            at: office.now,
            by: None,
            what: Happening::Opened {
                rule: plan.signal.rule.clone(),
                why: classification.why.iter().cloned().chain(plan.why).collect(),
                caution: caution(&arrival.mail.sender.verdict),
                deceit: arrival.mail.sender.deceit,
            },
        };
        let start = Start {
            rung: 0,
            round: 0,
            occasion: Occasion::NewTask,
        };
        let call = call(office, &task, std::slice::from_ref(&opened), start, ahead.letter);
        ahead.task = ahead.task.next();
        ahead.letter = call.next_letter(ahead.letter);
        changes.push(Change::Opened(Box::new(task.climb(call.climb))));
        changes.push(Change::Noted(opened));
        changes.extend(call.changes);
    }
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

fn task(office: Office<'_>, snapshot: &Snapshot, arrival: &Arrival, plan: &Plan<'_>, id: TaskId) -> Task {
    Task {
        id,
        message: snapshot.next.message,
        kind: plan.kind.id.clone(),
        title: plan.kind.title.clone(),
        critical: plan.kind.critical,
        caseload: plan.caseload.clone(),
        assignee: None,
        received: arrival.received,
        opened: office.now,
        due: plan.due.at,
        rules: office.rules.version.clone(),
        state: TaskState::Waiting(NOT_CALLED_YET),
    }
}

fn caution(verdict: &Verdict) -> Option<Caution> {
    match verdict {
        Verdict::Unchecked(_) => Some(Caution::Unchecked),
        Verdict::Forged(_) | Verdict::ForgedColleague => Some(Caution::Forged),
        Verdict::Partner(_) | Verdict::Colleague | Verdict::Outsider => None,
    }
}
