//! Recorded messages, read again: under other rules, to see what would change; or under those in force, to put right
//! what became of them.

use std::sync::Arc;

use jiff::Timestamp;

use crate::decide::{by_hand, classify, plan};
use crate::desk::{Desk, DeskError, TaskFilter};
use crate::domain::{
    Act, Drill, Earlier, Message, MessageId, PersonId, Refusal, Retyping, Task, TaskId, Trust, TypeId,
};
use crate::rules::Rules;
use crate::{intake, mail};

/// Messages that are read again together.
const TOGETHER: u32 = 200;

/// What a set of rules makes of one message.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Meaning {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: TypeId,
    /// When the task is due; none where no task is opened.
    pub due: Option<Timestamp>,
    /// Where the task goes; none where no task is opened.
    pub caseload: Option<String>,
}

/// A message of which other rules make something else.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// The message.
    pub message: MessageId,
    /// When it was received.
    pub received: Timestamp,
    /// The first task that it opened.
    pub task: Option<TaskId>,
    /// What the rules in force make of it.
    pub before: Vec<Meaning>,
    /// What the others do.
    pub after: Vec<Meaning>,
}

/// How far a replay has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Messages that were read again.
    pub read: u64,
    /// Of those: messages of which something else would become.
    pub different: u64,
    /// Messages that cannot be read again, because their content was not kept.
    pub not_kept: u64,
}

/// Reads the messages received since `since` again under `rules` and under those in force, and tells `each` about those
/// of which they make different things. Nothing is written. The mails of drills are left out: no rule of theirs makes a
/// drill of a mail.
///
/// # Errors
/// The ledger cannot be read.
pub async fn replay(
    desk: &Desk,
    rules: Rules,
    trust: Trust,
    since: Timestamp,
    mut each: impl FnMut(&Tally, Option<Difference>),
) -> Result<Tally, DeskError> {
    let proposed = Arc::new((rules, trust));
    let mut tally = Tally::default();
    let mut after = MessageId(0);
    loop {
        let recorded = desk.recorded(after, TOGETHER).await?;
        let Some((last, _)) = recorded.last() else {
            return Ok(tally);
        };
        after = last.id;
        let (office, vault, proposed) = (desk.office(), desk.vault(), Arc::clone(&proposed));
        let compared = tokio::task::spawn_blocking(move || {
            let wanted = recorded
                .iter()
                .filter(|(message, _)| message.received >= since && !is_drill(message));
            wanted
                .map(|(message, kept)| {
                    let raw = vault.raw(message.fingerprint, kept).ok()?;
                    let before = meanings(&office.rules, &office.trust, &raw, message.received);
                    let after = meanings(&proposed.0, &proposed.1, &raw, message.received);
                    Some((before != after).then_some(Difference {
                        message: message.id,
                        received: message.received,
                        task: message.task,
                        before,
                        after,
                    }))
                })
                .collect::<Vec<Option<Option<Difference>>>>()
        });
        // A panic here is a defect of ours: a tally that leaves out what caused it would be a lie.
        let compared = compared
            .await
            .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        for compared in compared {
            match compared {
                None => tally.not_kept += 1,
                Some(difference) => {
                    tally.read += 1;
                    tally.different += u64::from(difference.is_some());
                    each(&tally, difference);
                }
            }
        }
    }
}

fn is_drill(message: &Message) -> bool {
    let rule = message.rule.rsplit_once('/');
    rule == Some((TypeId::koppeling().as_str(), Drill::RULE))
}

fn meanings(rules: &Rules, trust: &Trust, raw: &[u8], received: Timestamp) -> Vec<Meaning> {
    let mail = mail::read(raw, trust);
    let classification = classify(rules, &mail);
    let mut plans = plan(rules, &mail, &classification, received, &|_| None)
        .into_iter()
        .peekable();
    classification
        .signals
        .iter()
        .map(|signal| {
            let plan = plans.next_if(|plan| plan.signal == *signal);
            Meaning {
                kind: signal.kind.clone(),
                due: plan.as_ref().map(|plan| plan.due.at),
                caseload: plan.map(|plan| plan.route.caseload.to_string()),
            }
        })
        .collect()
}

/// A triage task that the rules in force now know.
#[derive(Debug, Clone, PartialEq)]
pub struct Recognised {
    /// The task.
    pub task: Task,
    /// What its mail is.
    pub retyping: Arc<Retyping>,
}

/// The open triage tasks whose mails the rules in force recognise. Nothing is written.
///
/// # Errors
/// The ledger cannot be read.
pub async fn recognised(desk: &Desk) -> Result<Vec<Recognised>, DeskError> {
    let unknown = TypeId::unknown();
    let mut found = Vec::new();
    let open = desk.tasks(&TaskFilter::default()).await?;
    for task in open.into_iter().filter(|task| task.kind == unknown) {
        let Some(message) = desk.task(task.id).await?.message else {
            continue;
        };
        // Beside other tasks of an overview it stands for what could not be read of it: a human has to look.
        if message.kinds.len() > 1 {
            continue;
        }
        let Some(of) = intake::mail_of(desk, task.id).await? else {
            continue;
        };
        let rules = &desk.office().rules;
        let classification = classify(rules, &of.mail);
        let is_known = classification.signals.iter().all(|signal| signal.kind != unknown);
        if is_known && !plan(rules, &of.mail, &classification, task.received, &|_| None).is_empty() {
            let retyping = Arc::new(Retyping { of, classification });
            found.push(Recognised { task, retyping });
        }
    }
    Ok(found)
}

/// Gives a task the type that a person says it is.
///
/// # Errors
/// It cannot be, or the ledger cannot be written.
pub async fn retype(desk: &Desk, by: PersonId, task: TaskId, kind: TypeId) -> Result<(), DeskError> {
    let of = match intake::mail_of(desk, task).await? {
        Some(of) => of,
        None => match desk.task(task).await?.message {
            Some(message) => Earlier::unreadable(message.fingerprint),
            None => return Err(Refusal::NoNotice(task).into()),
        },
    };
    let classification = by_hand(&desk.office().rules, &kind, &of.mail);
    let retyping = Arc::new(Retyping { of, classification });
    desk.act(by, task, Act::Retype(retyping)).await
}
