//! A task turns out to be about something else: a person says so, or rules that were corrected.

use crate::domain::{
    Cause, Change, Classification, Content, Earlier, Happening, Mail, Occasion, PersonId, Refusal, Retyping,
    Signal, Snapshot, Task, TypeId,
};
use crate::rules::Rules;

use super::act::with_overtaken;
use super::dossier::{self, Say};
use super::escalate::{Start, call_again, next_letter};
use super::open::{CameAs, Origin};
use super::{Office, plan};

/// The task becomes the first of what the mail is now taken for, with its term and caseload, and its ladder starts
/// again; for every further signal a task is opened beside it. All lie in the dossiers of those whom the mail names.
pub(super) fn retype(
    office: Office<'_>,
    snapshot: &Snapshot,
    task: Task,
    by: &PersonId,
    retyping: &Retyping,
) -> Result<Vec<Change>, Refusal> {
    let Cause::Notice(message) = task.cause else {
        return Err(Refusal::NoNotice(task.id));
    };
    let Retyping {
        of: Earlier { mail, named },
        classification,
    } = retyping;
    classification
        .signals
        .iter()
        .try_for_each(|signal| is_a_notice(office, &signal.kind))?;
    // Whoever says what it is has looked at it: whom it is about is then as good as in a notice that nobody checked.
    let say = Say::of(&mail.sender.verdict).max(Say::Whereabouts);
    let mut dossiers = dossier::find_again(snapshot, task.id, named, say, classification.signals.len());
    let home = |index: usize| dossiers.get(index)?.home(office.rules).cloned();
    let plans = plan(office.rules, mail, classification, task.received, &home);
    let (first, others) = plans.split_first().ok_or(Refusal::OpensNoTask)?;
    let origin = Origin {
        message,
        received: task.received,
        sender: &mail.sender,
        classification,
        came_as: CameAs::Notice,
    };
    let what = Happening::Retyped {
        from: task.kind.clone(),
        to: first.kind.id.clone(),
        why: origin.grounds(first),
    };
    let other = origin.task(office, first, task.id);
    let task = task.become_another(other)?;
    let history = snapshot.history.get(&task.id).map_or(&[][..], Vec::as_slice);
    let mut ahead = snapshot.next;
    let call = call_again(
        office,
        &task,
        history,
        what,
        Some(by),
        Start::anew(history, Occasion::NewTask),
        ahead.letter,
    );
    ahead.letter = next_letter(&call.changes, ahead.letter);
    let mut changes = with_overtaken(office, &task, call);
    changes.extend(dossier::file(office.rules, &mut dossiers, first, task.id));
    for plan in others {
        let filed = ahead.task;
        changes.extend(origin.open(office, plan, &mut ahead));
        changes.extend(dossier::file(office.rules, &mut dossiers, plan, filed));
    }
    Ok(changes)
}

/// Whether the letter about what the task is now goes to whoever said so. It shows what came of that, can be answered, and
/// leaves nothing to be told besides; not so one of the municipality's own. It is taken back when somebody else takes the task
/// before it leaves, which we accept: nothing is asked of its reader then.
pub(super) fn is_told_to_who_said_so(changes: &[Change]) -> bool {
    changes.iter().any(|change| match change {
        Change::Queued(letter) => match &letter.content {
            Content::Task { facts, own: None, .. } => facts.retyped,
            _ => false,
        },
        _ => false,
    })
}

/// Only a type of the rules that mails can be of is a type to give.
fn is_a_notice(office: Office<'_>, kind: &TypeId) -> Result<(), Refusal> {
    if !office.rules.types.contains_key(kind) {
        return Err(Refusal::UnknownType(kind.clone()));
    }
    if !kind.is_of_a_notice() {
        return Err(Refusal::TypeOfNoNotice(kind.clone()));
    }
    Ok(())
}

/// What a mail is when somebody says of which type it is.
#[must_use]
pub fn by_hand(rules: &Rules, kind: &TypeId, mail: &Mail) -> Classification {
    let of_type = rules.types.get(kind).and_then(|kind| kind.target_group);
    let target_group = of_type.or_else(|| {
        let words = rules.recognition.read(&mail.subject, &mail.text);
        rules.recognition.target_group(&words)
    });
    let signal = Signal {
        rule: format!("{kind}/by-hand"),
        kind: kind.clone(),
        target_group,
    };
    Classification {
        signals: vec![signal],
        why: vec!["somebody said so".to_owned()],
    }
}
