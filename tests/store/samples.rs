//! Messages, tasks and letters to write: numbered, so that any two differ.

use jiff::{SignedDuration, Timestamp};
use koppelwacht::domain::{
    About, Batch, CaseloadId, Cause, Caution, Climb, Fingerprint, FolderRef, Happening, HistoryLine,
    LetterId, Message, MessageId, PersonId, Place, Role, RulesVersion, Sealed, Task, TaskId, TaskState, Told,
    TypeId, Words,
};

/// A morning in November, and some minutes.
pub(crate) fn minute(minutes: i64) -> Timestamp {
    let nine: Timestamp = "2026-11-24T08:00:00.000001Z".parse().unwrap();
    nine + SignedDuration::from_mins(minutes)
}

pub(crate) fn inbox() -> FolderRef {
    FolderRef {
        mailbox: "inburgering".to_owned(),
        folder: "INBOX".to_owned(),
        epoch: u32::MAX,
    }
}

pub(crate) fn place(item: i64) -> Place {
    Place {
        folder: inbox(),
        item: item.to_string(),
    }
}

pub(crate) fn fingerprint(number: i64) -> Fingerprint {
    let mut bytes = [0x5a; 32];
    // As a hash would, neighbours lie far apart.
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x2545_f491_4f6c_dd1d).to_be_bytes());
    bytes[8..16].copy_from_slice(&number.to_be_bytes());
    Fingerprint(bytes)
}

/// A message that opened the task of the same number.
pub(crate) fn message(number: i64) -> Message {
    Message {
        id: MessageId(number),
        place: place(number),
        fingerprint: fingerprint(number),
        message_id: Some(format!("{number}.koppeling@coa.example")),
        sender_domain: "coa.example".to_owned(),
        sender_verdict: "genuine".to_owned(),
        received: minute(number),
        recorded: minute(number + 1),
        kinds: vec![TypeId::new("coa.koppeling"), TypeId::unknown()],
        rule: "coa.koppeling/gekoppeld".to_owned(),
        rules: RulesVersion::new("9f86d081884c7d65"),
        task: Some(TaskId(number)),
    }
}

/// A critical task that waits, and of which the next is told 60 minutes after it was received.
pub(crate) fn task(number: i64) -> Task {
    Task {
        id: TaskId(number),
        cause: Cause::Notice(MessageId(number)),
        kind: TypeId::new("coa.koppeling"),
        title: "Nieuwe koppeling: één gezin, zoë's \"dossier\"".to_owned(),
        critical: true,
        drill: false,
        caseload: CaseloadId::new("asiel"),
        assignee: None,
        received: minute(number),
        opened: minute(number + 1),
        due: minute(number + 1440),
        rules: RulesVersion::new("9f86d081884c7d65"),
        state: TaskState::Waiting(Climb {
            rung: 0,
            told: Some(PersonId::new("fatima")),
            round: 0,
            next: Some(minute(number + 60)),
        }),
    }
}

pub(crate) fn line(task: i64, what: Happening) -> HistoryLine {
    HistoryLine {
        task: TaskId(task),
        at: minute(task + 1),
        by: None,
        what,
    }
}

/// A letter about the task of the same number: 2 KB of text, 3 KB of HTML.
pub(crate) fn letter(number: i64) -> Sealed {
    let words = format!("Er is een nieuwe koppeling (taak {number}). Neem hem vandaag op. ");
    Sealed {
        id: LetterId(number),
        about: About::Task {
            task: TaskId(number),
            told: Told { rung: 0, round: 0 },
        },
        to: "consulent@gemeente.example".to_owned(),
        name: Some("Fatima el Amrani".to_owned()),
        occasion: "new_task".to_owned(),
        queued: minute(number + 1),
        not_before: minute(number + 1),
        message_id: format!("{number}.new_task@koppelwacht.example"),
        words: Words {
            subject: format!("Taak {number}: nieuwe koppeling"),
            text: words.repeat(2_000 / words.len()),
            html: format!("<p>{}</p>", words.repeat(3_000 / words.len())),
        },
        attempts: 0,
        put_off: None,
    }
}

/// Messages `first` to `last`, each with its task, two lines of history and a letter.
pub(crate) fn batch(first: i64, last: i64) -> Batch {
    let numbers = first..=last;
    let lines = |number| {
        let opened = Happening::Opened {
            rule: "coa.koppeling/gekoppeld".to_owned(),
            why: vec![
                "sender is coa (dmarc=pass)".to_owned(),
                "due in 1 working day".to_owned(),
            ],
            caution: Some(Caution::Unchecked),
            deceit: None,
            origin: None,
        };
        let told = Happening::Told {
            role: Role::Holder,
            person: Some(PersonId::new("fatima")),
            rung: Some(0),
            round: 0,
            hurried: false,
        };
        [line(number, opened), line(number, told)]
    };
    Batch {
        messages: numbers.clone().map(message).collect(),
        opened: numbers.clone().map(task).collect(),
        history: numbers.clone().flat_map(lines).collect(),
        letters: numbers.map(letter).collect(),
        ..Batch::default()
    }
}
