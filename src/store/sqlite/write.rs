//! What a transaction writes.
//!
//! A statement costs about as much as thirty rows (the way to the connection's thread and back), so rows go in many at
//! a time. The number of rows in a statement is part of its text: only a few sizes are used, so that each is prepared
//! once and found again in the connection's cache.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use sqlx::query_builder::Separated;
use sqlx::sqlite::SqliteConnection;
use sqlx::{QueryBuilder, Sqlite};

use super::fault::Fault;
use super::{absences, dossiers, drills, expectations, partners, read, record, routines, rules, sql, tasks};
use crate::domain::{
    About, Batch, FolderRef, HistoryLine, Kept, KeyId, LetterId, Message, MessageId, Outcome, Outdated,
    Overtaken, PersonId, Place, RulesRefused, Sealed,
};
use crate::store::{Reading, Watched};

/// Rows in a statement, largest first. The widest row has 20 values, far below SQLite's 32,766 a statement.
const ROWS_A_STATEMENT: [usize; 4] = [128, 32, 8, 1];

pub(super) type Values<'query> = Separated<'query, Sqlite, &'static str>;

/// Runs `head VALUES (row), (row), .. tail` over all rows and returns how many rows of the ledger that touched.
pub(super) async fn write_rows<T>(
    connection: &mut SqliteConnection,
    head: &'static str,
    mut rows: &[T],
    tail: &'static str,
    bind: impl Fn(&mut Values<'_>, &T),
) -> Result<u64, Fault> {
    let mut touched = 0;
    for size in ROWS_A_STATEMENT {
        while let Some((chunk, rest)) = rows.split_at_checked(size) {
            rows = rest;
            let mut query = QueryBuilder::<Sqlite>::new(head);
            query.push_values(chunk, |mut values, row| bind(&mut values, row));
            query.push(tail);
            touched += query.build().execute(&mut *connection).await?.rows_affected();
        }
    }
    Ok(touched)
}

/// Writes a batch.
pub(super) async fn batch(connection: &mut SqliteConnection, batch: &Batch) -> Result<(), Fault> {
    let folders = folders(connection, batch).await?;
    // Tasks before messages, see the migration.
    tasks::open(connection, &batch.opened).await?;
    messages(connection, &batch.messages, &folders).await?;
    contents(connection, &batch.kept).await?;
    places(connection, batch, &folders).await?;
    dossiers::file(connection, &batch.filed).await?;
    rules::write(connection, batch).await?;
    expectations::write(connection, &batch.expectations).await?;
    expectations::report(connection, &batch.reported).await?;
    dossiers::join_all(connection, &batch.filed).await?;
    absences::write(connection, &batch.absences).await?;
    routines::write(connection, &batch.routines).await?;
    if let Some(outlook) = &batch.outlook {
        absences::outlook(connection, outlook).await?;
    }
    partners::write(connection, batch).await?;
    history(connection, &batch.history).await?;
    letters(connection, &batch.letters).await?;
    overtake(connection, &batch.overtaken).await?;
    drills::write(connection, &batch.drills).await?;
    tasks::moved(connection, &batch.moved).await?;
    settled(connection, &batch.settled).await
}

/// The numbers of all folders that the batch names; new ones are entered.
async fn folders<'batch>(
    connection: &mut SqliteConnection,
    batch: &'batch Batch,
) -> Result<HashMap<&'batch FolderRef, i64>, Fault> {
    let new = batch.messages.iter().map(|message| &message.place);
    let again = batch.again.iter().map(|(place, ..)| place);
    let mut folders = HashMap::new();
    for place in new.chain(again) {
        if !folders.contains_key(&place.folder) {
            folders.insert(&place.folder, folder(connection, &place.folder).await?);
        }
    }
    Ok(folders)
}

async fn folder(connection: &mut SqliteConnection, folder: &FolderRef) -> Result<i64, Fault> {
    if let Some(id) = read::folder_id(connection, folder).await? {
        return Ok(id);
    }
    let id =
        sqlx::query_scalar("INSERT INTO folder (mailbox, folder, epoch) VALUES (?1, ?2, ?3) RETURNING id")
            .bind(&folder.mailbox)
            .bind(&folder.folder)
            .bind(folder.epoch)
            .fetch_one(connection)
            .await?;
    Ok(id)
}

async fn messages(
    connection: &mut SqliteConnection,
    messages: &[Message],
    folders: &HashMap<&FolderRef, i64>,
) -> Result<(), Fault> {
    let head = "INSERT INTO message (id, folder, item, fingerprint, message_id, sender_domain, sender_verdict, received, \
                recorded, kinds, rule, rules, first_task) ";
    write_rows(connection, head, messages, "", |values, message| {
        values
            .push_bind(message.id.0)
            .push_bind(folders.get(&message.place.folder).copied())
            .push_bind(message.place.item.as_str())
            .push_bind(message.fingerprint.0.as_slice())
            .push_bind(message.message_id.as_deref())
            .push_bind(message.sender_domain.as_str())
            .push_bind(message.sender_verdict.as_str())
            .push_bind(message.received.as_microsecond())
            .push_bind(message.recorded.as_microsecond())
            .push_bind(json(&message.kinds))
            .push_bind(message.rule.as_str())
            .push_bind(message.rules.as_str())
            .push_bind(message.task.map(|task| task.0));
    })
    .await?;
    Ok(())
}

async fn contents(connection: &mut SqliteConnection, kept: &[(MessageId, Arc<Kept>)]) -> Result<(), Fault> {
    let head = "INSERT INTO content (message, people, raw) ";
    let kept: Vec<_> = kept
        .iter()
        .filter(|(_, kept)| **kept != Kept::default())
        .collect();
    write_rows(connection, head, &kept, "", |values, (message, kept)| {
        values
            .push_bind(message.0)
            .push_bind(kept.references.as_slice())
            .push_bind(kept.raw.as_slice());
    })
    .await?;
    Ok(())
}

/// A message found in a place.
struct Found<'batch> {
    place: &'batch Place,
    message: MessageId,
    at: Timestamp,
    again: bool,
}

async fn places(
    connection: &mut SqliteConnection,
    batch: &Batch,
    folders: &HashMap<&FolderRef, i64>,
) -> Result<(), Fault> {
    let new = batch.messages.iter().map(|message| Found {
        place: &message.place,
        message: message.id,
        at: message.recorded,
        again: false,
    });
    let again = batch.again.iter().map(|(place, message, at)| Found {
        place,
        message: *message,
        at: *at,
        again: true,
    });
    let found: Vec<_> = new.chain(again).collect();
    write_rows(
        connection,
        "INSERT INTO place (folder, item, message, entered, again, marked) ",
        &found,
        " ON CONFLICT DO NOTHING",
        |values, found| {
            values
                .push_bind(folders.get(&found.place.folder).copied())
                .push_bind(found.place.item.as_str())
                .push_bind(found.message.0)
                .push_bind(found.at.as_microsecond())
                .push_bind(found.again)
                .push_bind(false);
        },
    )
    .await?;
    Ok(())
}

async fn history(connection: &mut SqliteConnection, lines: &[HistoryLine]) -> Result<(), Fault> {
    let head = "INSERT INTO history (task, at, person, what) ";
    write_rows(connection, head, lines, "", |values, line| {
        values
            .push_bind(line.task.0)
            .push_bind(line.at.as_microsecond())
            .push_bind(line.by.as_ref().map(PersonId::as_str))
            .push_bind(json(&line.what));
    })
    .await?;
    Ok(())
}

async fn letters(connection: &mut SqliteConnection, letters: &[Sealed]) -> Result<(), Fault> {
    let head =
        "INSERT INTO letter (id, task, rung, round, occasion, queued, leaves, state, attempts, next_at) ";
    write_rows(connection, head, letters, "", |values, letter| {
        let (task, told) = match letter.about {
            About::Task { task, told } => (Some(task.0), Some(told)),
            About::Office | About::Drill => (None, None),
        };
        values
            .push_bind(letter.id.0)
            .push_bind(task)
            .push_bind(told.map(|told| told.rung))
            .push_bind(told.map(|told| told.round))
            .push_bind(letter.occasion.as_str())
            .push_bind(letter.queued.as_microsecond())
            .push_bind(letter.not_before.as_microsecond())
            .push_bind("waiting")
            .push_bind(letter.attempts)
            .push_bind(letter.not_before.as_microsecond());
    })
    .await?;
    let head = "INSERT INTO wording (letter, recipient, name, message_id, subject, text, html) ";
    write_rows(connection, head, letters, "", |values, letter| {
        values
            .push_bind(letter.id.0)
            .push_bind(letter.to.as_str())
            .push_bind(letter.name.as_deref())
            .push_bind(letter.message_id.as_str())
            .push_bind(letter.words.subject.as_str())
            .push_bind(letter.words.text.as_str())
            .push_bind(letter.words.html.as_str());
    })
    .await?;
    Ok(())
}

/// Takes back what waits to be sent about these.
async fn overtake(connection: &mut SqliteConnection, overtaken: &[Overtaken]) -> Result<(), Fault> {
    for Overtaken { what, at, before } in overtaken {
        let waiting = match what {
            Outdated::Task(task) => sqlx::query(sql::OVERTAKE).bind(task.0),
            Outdated::RefusedRules => sqlx::query(sql::OVERTAKE_OCCASION).bind(RulesRefused::NAME),
        };
        waiting
            .bind(at.as_microsecond())
            .bind(before.map_or(i64::MAX, |letter| letter.0))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// A letter that is settled stays so: a sender whose claim had run out may report after the one that came next. One that
/// may be tried earlier than it was to leave, since that was a moment of a wrong clock, has waited since then.
async fn settled(connection: &mut SqliteConnection, tried: &[(LetterId, Outcome)]) -> Result<(), Fault> {
    let head = "WITH new (id, state, tried, next_at, settled, reason, put_off, together) AS (";
    let tail = ") UPDATE letter SET state = new.state, attempts = attempts + new.tried, next_at = new.next_at, \
                settled = new.settled, reason = coalesce(new.reason, letter.reason), \
                put_off = coalesce(new.put_off, letter.put_off), together = new.together, \
                leaves = min(letter.leaves, coalesce(new.next_at, letter.leaves)) \
                FROM new WHERE letter.id = new.id AND letter.state = 'waiting'";
    let touched = write_rows(connection, head, tried, tail, |values, (letter, outcome)| {
        let (state, tried, next, settled, reason) = match outcome {
            Outcome::Sent { at, .. } => ("sent", 1, None, Some(at), None),
            Outcome::Again { at, reason, .. } => ("waiting", 1, Some(at), None, Some(reason)),
            Outcome::GivenBack { at } => ("waiting", 0, Some(at), None, None),
            Outcome::Refused { at, code } => ("refused", 1, None, Some(at), Some(code)),
        };
        let together = match outcome {
            Outcome::Sent { together, .. } => together.map(|first| first.0),
            Outcome::Again { .. } | Outcome::GivenBack { .. } | Outcome::Refused { .. } => None,
        };
        let put_off = match outcome {
            Outcome::Again { put_off, .. } => *put_off,
            Outcome::Sent { .. } | Outcome::GivenBack { .. } | Outcome::Refused { .. } => None,
        };
        values
            .push_bind(letter.0)
            .push_bind(state)
            .push_bind(tried)
            .push_bind(next.map(|at| at.as_microsecond()))
            .push_bind(settled.map(|at| at.as_microsecond()))
            .push_bind(reason.map(String::as_str))
            .push_bind(put_off.map(Timestamp::as_microsecond))
            .push_bind(together);
    })
    .await?;
    if touched == count(tried) {
        return Ok(());
    }
    let known: i64 =
        sqlx::query_scalar("SELECT count(*) FROM json_each(?1) WHERE value IN (SELECT id FROM letter)")
            .bind(read::json_array(tried.iter().map(|(letter, _)| letter.0)))
            .fetch_one(connection)
            .await?;
    if known.unsigned_abs() == count(tried) {
        Ok(())
    } else {
        Err(Fault::Missing { table: "letter" })
    }
}

/// Moves these letters on to `until`, so that nobody takes them before.
pub(super) async fn claim(
    connection: &mut SqliteConnection,
    letters: &[Sealed],
    until: Timestamp,
) -> Result<(), Fault> {
    sqlx::query("UPDATE letter SET next_at = ?1 WHERE id IN (SELECT value FROM json_each(?2))")
        .bind(until.as_microsecond())
        .bind(read::json_array(letters.iter().map(|letter| letter.id.0)))
        .execute(connection)
        .await?;
    Ok(())
}

/// Remembers that these items are marked in the mailbox.
pub(super) async fn mark(
    connection: &mut SqliteConnection,
    folder: &FolderRef,
    items: &[String],
) -> Result<(), Fault> {
    let Some(folder) = read::folder_id(connection, folder).await? else {
        return Ok(());
    };
    sqlx::query(
        "UPDATE place SET marked = 1 WHERE folder = ?1 AND item IN (SELECT value FROM json_each(?2))",
    )
    .bind(folder)
    .bind(json(items))
    .execute(connection)
    .await?;
    Ok(())
}

/// The key of the ledger: this one, when it has none yet.
pub(super) async fn owner(connection: &mut SqliteConnection, key: KeyId) -> Result<KeyId, Fault> {
    sqlx::query("INSERT INTO sealed_by (id, key) VALUES (1, ?1) ON CONFLICT DO NOTHING")
        .bind(key.0.as_slice())
        .execute(&mut *connection)
        .await?;
    let row = sqlx::query("SELECT id, key FROM sealed_by")
        .fetch_one(connection)
        .await?;
    record::key_id(&row)
}

/// Forgets how reading went of folders that are not among these, and notes those that are new.
pub(super) async fn watched(connection: &mut SqliteConnection, folders: &[Watched]) -> Result<(), Fault> {
    for step in [
        "DELETE FROM reading WHERE NOT EXISTS (SELECT 1 FROM json_each(?1) \
         WHERE value ->> 'mailbox' = mailbox AND value ->> 'folder' = folder)",
        "INSERT INTO reading (mailbox, folder, backlog) \
         SELECT value ->> 'mailbox', value ->> 'folder', 0 FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING",
    ] {
        sqlx::query::<Sqlite>(step)
            .bind(json(folders))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Remembers how reading a folder went. A proof once given is kept until there is a newer one.
pub(super) async fn reading(connection: &mut SqliteConnection, reading: &Reading) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO reading (mailbox, folder, proven, backlog, trouble) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT DO UPDATE SET proven = coalesce(excluded.proven, proven), backlog = excluded.backlog, \
         trouble = excluded.trouble",
    )
    .bind(&reading.mailbox)
    .bind(&reading.folder)
    .bind(reading.proven.map(Timestamp::as_microsecond))
    .bind(i64::try_from(reading.backlog).unwrap_or(i64::MAX))
    .bind(&reading.trouble)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) fn count<T>(rows: &[T]) -> u64 {
    rows.len() as u64
}

/// Texts and numbers always have a JSON form; if one had not, the ledger would refuse the empty text.
pub(super) fn json<T: serde::Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
