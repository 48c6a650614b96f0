//! Recorded messages, read again: under other rules, to see what would change; or under those in force, to put right
//! what became of them.

use std::sync::Arc;

use jiff::Timestamp;

use crate::decide::{by_hand, classify, plan};
use crate::desk::{Desk, DeskError, TaskFilter};
use crate::domain::{
    Act, Drill, Earlier, Kept, Message, MessageId, PersonId, Refusal, Retyping, Task, TaskId, Trust, TypeId,
};
use crate::rules::Rules;
use crate::{intake, mail};

/// Messages that are looked up together.
const TOGETHER: u32 = 200;
/// Bytes of them that are in memory together, unless one message alone has more.
const PARCEL: usize = 8 << 20;

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
        let Some(last) = recorded.last() else {
            return Ok(tally);
        };
        after = last.id;
        let wanted = recorded
            .into_iter()
            .filter(|message| message.received >= since && !is_drill(message));
        let mut wanted = wanted.peekable();
        while wanted.peek().is_some() {
            let parcel = parcel(desk, &mut wanted).await?;
            for compared in compare(desk, parcel, Arc::clone(&proposed)).await {
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
}

/// The next messages with what is kept of them: one, and more as long as they are not many bytes together.
async fn parcel(
    desk: &Desk,
    messages: &mut impl Iterator<Item = Message>,
) -> Result<Vec<(Message, Kept)>, DeskError> {
    let (mut parcel, mut bytes) = (Vec::new(), 0);
    while bytes < PARCEL
        && let Some(message) = messages.next()
    {
        let kept = desk.kept(message.id).await?;
        bytes += kept.raw.len();
        parcel.push((message, kept));
    }
    Ok(parcel)
}

/// What the rules in force and the proposed ones make of each message; nothing of one that was not kept.
async fn compare(
    desk: &Desk,
    parcel: Vec<(Message, Kept)>,
    proposed: Arc<(Rules, Trust)>,
) -> Vec<Option<Option<Difference>>> {
    let (office, vault) = (desk.office(), desk.vault());
    let compared = tokio::task::spawn_blocking(move || {
        let each = parcel.iter().map(|(message, kept)| {
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
        });
        each.collect()
    });
    // A panic here is a defect of ours: a tally that leaves out what caused it would be a lie.
    compared
        .await
        .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Installation;
    use crate::clock::Clock;
    use crate::domain::{Batch, Fingerprint, FolderRef, Place, RulesVersion};
    use crate::findings::Findings;
    use crate::store::Store as _;
    use crate::store::sqlite::SqliteStore;
    use crate::vault::Vault;

    fn message(number: u8) -> Message {
        let folder = FolderRef {
            mailbox: "inburgering".to_owned(),
            folder: "INBOX".to_owned(),
            epoch: 1,
        };
        Message {
            id: MessageId(number.into()),
            place: Place {
                folder,
                item: number.to_string(),
            },
            fingerprint: Fingerprint([number; 32]),
            message_id: None,
            sender_domain: "coa.nl".to_owned(),
            sender_verdict: "genuine".to_owned(),
            received: Timestamp::UNIX_EPOCH,
            recorded: Timestamp::UNIX_EPOCH,
            kinds: vec![TypeId::own()],
            rule: "mail.eigen".to_owned(),
            rules: RulesVersion::new("0"),
            task: None,
        }
    }

    #[tokio::test]
    async fn no_more_of_what_was_kept_is_in_memory_than_a_parcel() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("ledger")).await.unwrap();
        let sizes = [1, 1, PARCEL, 1, PARCEL - 1, 2, 1];
        let messages: Vec<Message> = (1..).zip(sizes).map(|(number, _)| message(number)).collect();
        let kept = messages.iter().zip(sizes).map(|(message, bytes)| {
            let raw = vec![0; bytes];
            let references = Vec::new();
            (message.id, Arc::new(Kept { references, raw }))
        });
        let batch = Batch {
            kept: kept.collect(),
            messages: messages.clone(),
            ..Batch::default()
        };
        let mut transaction = store.begin().await.unwrap();
        transaction.apply(&batch).await.unwrap();
        transaction.commit().await.unwrap();
        let office = Installation::load(None, &mut Findings::new()).unwrap().office;
        let vault = Vault::with_key(&Vault::new_key()).unwrap();
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        let desk = Desk::new(Arc::new(store), office, vault, clock);

        let mut messages = messages.into_iter();
        let mut parcels = Vec::new();
        loop {
            let parcel = parcel(&desk, &mut messages).await.unwrap();
            if parcel.is_empty() {
                break;
            }
            parcels.push(parcel.len());
        }
        assert_eq!(parcels, [3, 2, 2]);
    }
}
