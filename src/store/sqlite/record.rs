//! Rows back into the office's nouns. Nothing is guessed: a value that cannot be is reported with its table and row.

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::fault::Fault;
use crate::domain::{
    About, Absence, AbsenceId, AbsenceState, Away, CaseloadId, Cause, Climb, Dossier, DossierId,
    ExpectationId, Fingerprint, FolderRef, HistoryLine, Kept, KeyId, LetterId, LetterRef, Message, MessageId,
    Moment, Outlook, PersonId, PersonKey, Place, Resting, Routine, RulebookEvent, RulebookLine, RulesVersion,
    Sealed, SourceId, Task, TaskId, TaskState, Told, TypeId, Words,
};
use crate::store::{LetterToSeeTo, Reading};

/// A row with the names that a complaint about it needs.
pub(super) struct Record<'row> {
    row: &'row SqliteRow,
    table: &'static str,
    pub(super) id: i64,
}

impl<'row> Record<'row> {
    /// A row of this table; its number is in the column `id`.
    pub(super) fn of(table: &'static str, row: &'row SqliteRow) -> Result<Self, Fault> {
        let id = row.try_get("id")?;
        Ok(Self { row, table, id })
    }

    pub(super) fn unknown(&self, column: &'static str) -> Fault {
        Fault::Row {
            table: self.table,
            row: self.id,
            column,
        }
    }

    pub(super) fn get<T>(&self, column: &'static str) -> Result<T, Fault>
    where
        T: sqlx::Decode<'row, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
    {
        self.row.try_get(column).map_err(|_| self.unknown(column))
    }

    pub(super) fn number<T: TryFrom<i64>>(&self, column: &'static str) -> Result<T, Fault> {
        T::try_from(self.get(column)?).map_err(|_| self.unknown(column))
    }

    pub(super) fn moment(&self, column: &'static str) -> Result<Timestamp, Fault> {
        self.maybe_moment(column)?.ok_or_else(|| self.unknown(column))
    }

    pub(super) fn maybe_moment(&self, column: &'static str) -> Result<Option<Timestamp>, Fault> {
        self.get::<Option<i64>>(column)?
            .map(|micros| Timestamp::from_microsecond(micros).map_err(|_| self.unknown(column)))
            .transpose()
    }

    fn person(&self, column: &'static str) -> Result<PersonId, Fault> {
        self.get::<&str>(column).map(PersonId::new)
    }

    fn maybe_person(&self, column: &'static str) -> Result<Option<PersonId>, Fault> {
        Ok(self.get::<Option<&str>>(column)?.map(PersonId::new))
    }

    fn hash<const LENGTH: usize>(&self, column: &'static str) -> Result<[u8; LENGTH], Fault> {
        let bytes: &[u8] = self.get(column)?;
        bytes.try_into().map_err(|_| self.unknown(column))
    }

    fn json<T: serde::de::DeserializeOwned>(&self, column: &'static str) -> Result<T, Fault> {
        serde_json::from_str(self.get(column)?).map_err(|_| self.unknown(column))
    }
}

pub(super) fn task(row: &SqliteRow) -> Result<Task, Fault> {
    let record = Record::of("task", row)?;
    Ok(Task {
        id: TaskId(record.id),
        cause: cause(&record)?,
        kind: TypeId::new(record.get("kind")?),
        title: record.get("title")?,
        critical: record.get("critical")?,
        drill: record.get("drill")?,
        caseload: CaseloadId::new(record.get("caseload")?),
        assignee: record.maybe_person("assignee")?,
        received: record.moment("received")?,
        opened: record.moment("opened")?,
        due: record.moment("due")?,
        rules: RulesVersion::new(record.get("rules")?),
        state: state(&record)?,
    })
}

fn cause(record: &Record<'_>) -> Result<Cause, Fault> {
    let message = record.get::<Option<i64>>("message")?.map(MessageId);
    let expectation = record.get::<Option<i64>>("expectation")?.map(ExpectationId);
    let silence = record.get::<Option<&str>>("silence")?.map(SourceId::new);
    match (message, expectation, silence) {
        (message, Some(expectation), None) => Ok(Cause::Expectation { expectation, message }),
        (Some(message), None, None) => Ok(Cause::Notice(message)),
        (None, None, Some(source)) => Ok(Cause::Silence(source)),
        (None, None, None) => Ok(Cause::Chore),
        _ => Err(record.unknown("silence")),
    }
}

fn state(record: &Record<'_>) -> Result<TaskState, Fault> {
    match record.get("state")? {
        "waiting" => Ok(TaskState::Waiting(Climb {
            rung: record.number("rung")?,
            told: record.maybe_person("person")?,
            round: record.number("round")?,
            next: record.maybe_moment("next_at")?,
        })),
        "taken" => Ok(TaskState::Taken {
            by: record.person("person")?,
            since: record.moment("since")?,
            until: record.maybe_moment("next_at")?,
        }),
        "done" => Ok(TaskState::Done {
            by: record.maybe_person("person")?,
            at: record.moment("since")?,
        }),
        _ => Err(record.unknown("state")),
    }
}

/// A message joined with the folder it was found in first.
pub(super) fn message(row: &SqliteRow) -> Result<Message, Fault> {
    let record = Record::of("message", row)?;
    Ok(Message {
        id: MessageId(record.id),
        place: Place {
            folder: FolderRef {
                mailbox: record.get("mailbox")?,
                folder: record.get("folder_name")?,
                epoch: record.number("epoch")?,
            },
            item: record.get("item")?,
        },
        fingerprint: fingerprint(&record)?,
        message_id: record.get("message_id")?,
        sender_domain: record.get("sender_domain")?,
        sender_verdict: record.get("sender_verdict")?,
        received: record.moment("received")?,
        recorded: record.moment("recorded")?,
        kinds: record.json("kinds")?,
        rule: record.get("rule")?,
        rules: RulesVersion::new(record.get("rules")?),
        task: record.get::<Option<i64>>("first_task")?.map(TaskId),
    })
}

/// The fingerprint of a message's row.
pub(super) fn fingerprint(record: &Record<'_>) -> Result<Fingerprint, Fault> {
    record.hash("fingerprint").map(Fingerprint)
}

/// A dossier, with the key that leads to it.
pub(super) fn dossier(row: &SqliteRow) -> Result<(PersonKey, Dossier), Fault> {
    let record = Record::of("dossier", row)?;
    let dossier = Dossier {
        id: DossierId(record.id),
        caseload: record.get::<Option<&str>>("caseload")?.map(CaseloadId::new),
    };
    Ok((PersonKey(record.hash("key")?), dossier))
}

/// The key that a ledger's content is sealed with.
pub(super) fn key_id(row: &SqliteRow) -> Result<KeyId, Fault> {
    Record::of("sealed_by", row)?.hash("key").map(KeyId)
}

/// What is kept of a message.
pub(super) fn kept(row: &SqliteRow) -> Result<Kept, Fault> {
    let record = Record::of("content", row)?;
    Ok(Kept {
        references: record.get("people")?,
        raw: record.get("raw")?,
    })
}

/// The next moment of a row, when it has one.
pub(super) fn maybe_next_at(table: &'static str, row: &SqliteRow) -> Result<Option<Timestamp>, Fault> {
    Record::of(table, row)?.maybe_moment("next_at")
}

/// The next moment of a row of a table that has one.
pub(super) fn next_at(table: &'static str, row: &SqliteRow) -> Result<Timestamp, Fault> {
    Record::of(table, row)?.moment("next_at")
}

pub(super) fn history_line(row: &SqliteRow) -> Result<HistoryLine, Fault> {
    let record = Record::of("history", row)?;
    Ok(HistoryLine {
        task: TaskId(record.get("task")?),
        at: record.moment("at")?,
        by: record.maybe_person("person")?,
        what: record.json("what")?,
    })
}

/// A letter, without its words, and the token in its Message-ID.
pub(super) fn letter_ref(row: &SqliteRow) -> Result<(String, LetterRef), Fault> {
    let record = Record::of("letter", row)?;
    let message_id: &str = record.get("message_id")?;
    let token = message_id
        .split_once('.')
        .and_then(|(_, rest)| rest.split_once('@'))
        .ok_or_else(|| record.unknown("message_id"))?
        .0;
    let about = about(&record)?;
    let letter = LetterRef {
        id: LetterId(record.id),
        about,
        calls: about.call().into_iter().collect(),
        to: record.get("recipient")?,
    };
    Ok((token.to_owned(), letter))
}

/// A call of a ladder whose letter waits.
pub(super) fn call(row: &SqliteRow) -> Result<Option<(TaskId, Told)>, Fault> {
    Ok(about(&Record::of("letter", row)?)?.call())
}

fn about(record: &Record<'_>) -> Result<About, Fault> {
    let Some(task) = record.get::<Option<i64>>("task")? else {
        let is_drill = record.get("drill")?;
        return Ok(if is_drill { About::Drill } else { About::Office });
    };
    Ok(About::Task {
        task: TaskId(task),
        told: Told {
            rung: record.number("rung")?,
            round: record.number("round")?,
        },
    })
}

/// A letter joined with its words.
pub(super) fn letter(row: &SqliteRow) -> Result<Sealed, Fault> {
    let record = Record::of("letter", row)?;
    Ok(Sealed {
        id: LetterId(record.id),
        about: about(&record)?,
        to: record.get("recipient")?,
        name: record.get("name")?,
        occasion: record.get("occasion")?,
        queued: record.moment("queued")?,
        message_id: record.get("message_id")?,
        not_before: record.moment("next_at")?,
        words: Words {
            subject: record.get("subject")?,
            text: record.get("text")?,
            html: record.get("html")?,
        },
        attempts: record.number("attempts")?,
        put_off: record.maybe_moment("put_off")?,
    })
}

/// An absence.
pub(super) fn absence(row: &SqliteRow) -> Result<Absence, Fault> {
    let record = Record::of("absence", row)?;
    Ok(Absence {
        id: AbsenceId(record.id),
        away: Away {
            person: record.person("person")?,
            from: record.moment("starts")?,
            until: record.maybe_moment("ends")?,
        },
        origin: record.json("origin")?,
        noted: record.moment("noted")?,
        state: match record.get("state")? {
            "ahead" => AbsenceState::Ahead,
            "running" => AbsenceState::Running {
                handed: record.json("handed")?,
            },
            "longer" => AbsenceState::Longer {
                handed: record.json("handed")?,
            },
            "over" => AbsenceState::Over,
            _ => return Err(record.unknown("state")),
        },
    })
}

/// What has a moment that has come, after what decides about its turn: what it is, and the moment.
pub(super) fn due(row: &SqliteRow) -> Result<(i64, i64, Moment), Fault> {
    let kind = row.try_get("kind")?;
    let moment = match kind {
        0 => {
            let record = Record::of("absence", row)?;
            Moment::Absence {
                absence: AbsenceId(record.id),
                person: record.person("person")?,
            }
        }
        1 => Moment::Task(TaskId(row.try_get("id")?)),
        2 => Moment::Drill(LetterId(row.try_get("id")?)),
        3 => Moment::Expectation(ExpectationId(row.try_get("id")?)),
        _ => Moment::Routine(routine(row)?),
    };
    Ok((kind, row.try_get("next_at")?, moment))
}

/// When letters were settled, if any was.
pub(super) fn settled(row: &SqliteRow) -> Result<Option<Timestamp>, Fault> {
    Record::of("letter", row)?.maybe_moment("settled")
}

/// Which routine a row is about.
pub(super) fn routine(row: &SqliteRow) -> Result<Routine, Fault> {
    let record = Record::of("routine", row)?;
    let name: &str = record.get("name")?;
    Routine::named(name).ok_or_else(|| record.unknown("name"))
}

/// What the last proof of cover found.
pub(super) fn outlook(row: &SqliteRow) -> Result<Outlook, Fault> {
    let record = Record::of("outlook", row)?;
    Ok(Outlook {
        at: record.moment("at")?,
        holes: record.json("holes")?,
    })
}

/// How many critical tasks of a caseload are open, and how many of them overdue.
pub(super) fn pile(row: &SqliteRow) -> Result<(CaseloadId, u64, u64), Fault> {
    let record = Record::of("task", row)?;
    Ok((
        CaseloadId::new(record.get("caseload")?),
        record.number("open")?,
        record.number("overdue")?,
    ))
}

/// The files of a set of rules.
pub(super) fn rules_files(row: &SqliteRow) -> Result<Vec<(String, String)>, Fault> {
    Record::of("rules", row)?.json("files")
}

/// A line of the rulebook.
pub(super) fn rulebook_line(row: &SqliteRow) -> Result<RulebookLine, Fault> {
    let record = Record::of("rulebook", row)?;
    let version = record.get::<Option<&str>>("version")?;
    let what = match version {
        Some(version) => RulebookEvent::InForce(RulesVersion::new(version)),
        None => RulebookEvent::Refused {
            mistakes: record.number("mistakes")?,
        },
    };
    Ok(RulebookLine {
        at: record.moment("at")?,
        what,
    })
}

/// A letter that somebody may have to see to.
pub(super) fn letter_to_see_to(row: &SqliteRow) -> Result<LetterToSeeTo, Fault> {
    let record = Record::of("letter", row)?;
    Ok(LetterToSeeTo {
        at: record.moment("at")?,
        task: record.get::<Option<i64>>("task")?.map(TaskId),
        reason: record.get("reason")?,
        put_off: record.maybe_moment("put_off")?,
    })
}

/// A letter that waits.
pub(super) fn resting(row: &SqliteRow) -> Result<Resting, Fault> {
    let record = Record::of("letter", row)?;
    Ok(Resting {
        id: LetterId(record.get("id")?),
        leaves: record.moment("leaves")?,
        next: record.moment("next_at")?,
    })
}

/// When any open task took the last step in its course.
pub(super) fn last_step(row: &SqliteRow) -> Result<Option<Timestamp>, Fault> {
    Record::of("history", row)?.maybe_moment("at")
}

/// How reading a folder went; the row's number is its place in the list.
pub(super) fn reading(row: &SqliteRow) -> Result<Reading, Fault> {
    let record = Record::of("reading", row)?;
    Ok(Reading {
        mailbox: record.get("mailbox")?,
        folder: record.get("folder")?,
        proven: record.maybe_moment("proven")?,
        backlog: record.number("backlog")?,
        trouble: record.get("trouble")?,
    })
}
