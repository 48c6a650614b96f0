//! Questions to the ledger.
//!
//! Lists of numbers go in as one JSON array, so that the statement's text, and with it the prepared statement, is the
//! same whatever their length.

use jiff::Timestamp;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{QueryBuilder, Row as _, Sqlite};

use super::fault::Fault;
use super::write::json;
use super::{record, routines, sql};
use crate::domain::{
    FolderRef, Happening, HistoryLine, Kept, Message, MessageId, Moment, Outlook, Resting, Sealed, Task,
    TaskId,
};
use crate::store::{Books, LetterToSeeTo, TaskFile, TaskFilter};

/// The number of a folder, when the ledger knows it.
pub(super) async fn folder_id(
    connection: &mut SqliteConnection,
    folder: &FolderRef,
) -> Result<Option<i64>, Fault> {
    let id = sqlx::query_scalar("SELECT id FROM folder WHERE mailbox = ?1 AND folder = ?2 AND epoch = ?3")
        .bind(&folder.mailbox)
        .bind(&folder.folder)
        .bind(folder.epoch)
        .fetch_optional(connection)
        .await?;
    Ok(id)
}

/// The items that `query` (one of the constants above) finds in this folder.
pub(super) async fn items<C: FromIterator<String> + Default>(
    connection: &mut SqliteConnection,
    query: &'static str,
    folder: &FolderRef,
) -> Result<C, Fault> {
    let Some(folder) = folder_id(connection, folder).await? else {
        return Ok(C::default());
    };
    let items: Vec<String> = sqlx::query_scalar(query)
        .bind(folder)
        .fetch_all(connection)
        .await?;
    Ok(items.into_iter().collect())
}

/// The next stored moment of anything that a decision alone can deal with.
pub(super) async fn next_moment(connection: &mut SqliteConnection) -> Result<Option<Timestamp>, Fault> {
    let row = sqlx::query(sql::NEXT_MOMENT).fetch_one(connection).await?;
    record::maybe_next_at("task", &row)
}

/// When the cover of the coming weeks is proved next.
pub(super) async fn next_proof(connection: &mut SqliteConnection) -> Result<Option<Timestamp>, Fault> {
    let row = sqlx::query(sql::NEXT_PROOF).fetch_optional(connection).await?;
    row.map(|row| record::next_at("routine", &row)).transpose()
}

/// What the last proof of cover found.
pub(super) async fn outlook(connection: &mut SqliteConnection) -> Result<Option<Outlook>, Fault> {
    let row = sqlx::query(sql::OUTLOOK).fetch_optional(connection).await?;
    row.map(|row| record::outlook(&row)).transpose()
}

/// The next moment at which a letter may be tried.
pub(super) async fn next_letter(connection: &mut SqliteConnection) -> Result<Option<Timestamp>, Fault> {
    let row = sqlx::query(sql::NEXT_LETTER).fetch_optional(connection).await?;
    row.map(|row| record::next_at("letter", &row)).transpose()
}

/// The letter that one of the queries above is about, when there is one.
async fn letter_to_see_to(
    connection: &mut SqliteConnection,
    query: &'static str,
) -> Result<Option<LetterToSeeTo>, Fault> {
    let row = sqlx::query(query).fetch_optional(connection).await?;
    row.map(|row| record::letter_to_see_to(&row)).transpose()
}

/// Tasks that fit, those that are due first.
pub(super) async fn tasks(
    connection: &mut SqliteConnection,
    filter: &TaskFilter,
) -> Result<Vec<Task>, Fault> {
    let mut query = QueryBuilder::<Sqlite>::new(if filter.done_too {
        "SELECT * FROM task WHERE true"
    } else {
        sql::OPEN_TASKS
    });
    if !filter.drills_too {
        query.push(" AND drill = 0");
    }
    if let Some(caseload) = &filter.caseload {
        query.push(" AND caseload = ").push_bind(caseload.as_str());
    }
    if let Some(person) = &filter.person {
        query.push(" AND (person = ").push_bind(person.as_str());
        query.push(" OR assignee = ").push_bind(person.as_str()).push(")");
    }
    query.push(" ORDER BY due, id");
    if let Some(limit) = filter.limit {
        query.push(" LIMIT ").push_bind(limit);
    }
    let rows = query.build().fetch_all(connection).await?;
    rows.iter().map(record::task).collect()
}

/// A task with its message and history.
pub(super) async fn task_file(
    connection: &mut SqliteConnection,
    id: TaskId,
) -> Result<Option<TaskFile>, Fault> {
    let just_this = format!("[{id}]");
    let Some(row) = sqlx::query(sql::TASKS_BY_ID)
        .bind(&just_this)
        .fetch_optional(&mut *connection)
        .await?
    else {
        return Ok(None);
    };
    let task = record::task(&row)?;
    let message = match task.message() {
        Some(message) => {
            let query = sqlx::query(sql::MESSAGE).bind(message.0);
            Some(record::message(&query.fetch_one(&mut *connection).await?)?)
        }
        None => None,
    };
    Ok(Some(TaskFile {
        message,
        history: history(connection, &just_this).await?,
        task,
    }))
}

pub(super) async fn history(
    connection: &mut SqliteConnection,
    tasks: &str,
) -> Result<Vec<HistoryLine>, Fault> {
    let rows = sqlx::query(sql::HISTORY_BY_TASK)
        .bind(tasks)
        .fetch_all(connection)
        .await?;
    rows.iter().map(record::history_line).collect()
}

/// What is kept of a message.
pub(super) async fn kept(connection: &mut SqliteConnection, message: MessageId) -> Result<Kept, Fault> {
    let row = sqlx::query(sql::KEPT)
        .bind(message.0)
        .fetch_optional(connection)
        .await?;
    row.map_or_else(|| Ok(Kept::default()), |row| record::kept(&row))
}

/// Messages in the order in which they were recorded.
pub(super) async fn recorded(
    connection: &mut SqliteConnection,
    after: MessageId,
    limit: u32,
) -> Result<Vec<Message>, Fault> {
    let rows = sqlx::query(sql::RECORDED)
        .bind(after.0)
        .bind(limit)
        .fetch_all(connection)
        .await?;
    rows.iter().map(record::message).collect()
}

/// Letters whose moment has come, with their words.
pub(super) async fn waiting_letters(
    connection: &mut SqliteConnection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Sealed>, Fault> {
    let rows = sqlx::query(sql::WAITING_LETTERS)
        .bind(now.as_microsecond())
        .bind(limit)
        .fetch_all(connection)
        .await?;
    rows.iter().map(record::letter).collect()
}

/// Letters that wait and whose moment is still to come.
pub(super) async fn resting(
    connection: &mut SqliteConnection,
    now: Timestamp,
) -> Result<Vec<Resting>, Fault> {
    let rows = sqlx::query(sql::RESTING)
        .bind(now.as_microsecond())
        .fetch_all(connection)
        .await?;
    rows.iter().map(record::resting).collect()
}

/// Tasks that rest until a moment that is still to come, and whose course ends in something that is, too.
pub(super) async fn put_off(connection: &mut SqliteConnection, now: Timestamp) -> Result<Vec<i64>, Fault> {
    let tasks = sqlx::query_scalar(sql::PUT_OFF)
        .bind(now.as_microsecond())
        .bind(json(&Happening::ASIDE))
        .fetch_all(connection)
        .await?;
    Ok(tasks)
}

/// What has a moment that has come.
pub(super) async fn due(
    connection: &mut SqliteConnection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Moment>, Fault> {
    let rows = sqlx::query(sql::DUE)
        .bind(now.as_microsecond())
        .bind(limit)
        .fetch_all(connection)
        .await?;
    let mut due = rows.iter().map(record::due).collect::<Result<Vec<_>, _>>()?;
    // A union has no order of its own.
    due.sort_by_key(|(kind, at, _)| (*kind, *at));
    Ok(due.into_iter().map(|(.., moment)| moment).collect())
}

/// The state of the books. Several statements: the caller sees to it that nothing is written between them.
pub(super) async fn books(connection: &mut SqliteConnection) -> Result<Books, Fault> {
    let folders = sqlx::query(sql::READINGS)
        .fetch_all(&mut *connection)
        .await?
        .iter()
        .map(record::reading)
        .collect::<Result<_, Fault>>()?;
    let next_moment = next_moment(connection).await?;
    let next_proof = next_proof(connection).await?;
    let outlook = outlook(connection).await?;
    let chores = routines::chores(connection).await?;
    let longest_waiting = letter_to_see_to(connection, sql::LONGEST_WAITING).await?;
    let last_refused = letter_to_see_to(connection, sql::LAST_REFUSED).await?;
    let last_step = sqlx::query(sql::LAST_STEP)
        .bind(json(&Happening::ASIDE))
        .fetch_one(&mut *connection)
        .await?;
    let row = sqlx::query(sql::BOOKS).fetch_one(connection).await?;
    let (drills, drills_open) = (count(&row, "drills")?, count(&row, "drills_open")?);
    let waiting = count(&row, "waiting")?.saturating_sub(drills_open);
    let taken = count(&row, "taken")?;
    let letters_waiting = count(&row, "letters_waiting")?;
    let letters_refused = count(&row, "letters_refused")?;
    let letters_overtaken = count(&row, "letters_overtaken")?;
    let not_sent = letters_waiting + letters_refused + letters_overtaken;
    Ok(Books {
        folders,
        messages: count(&row, "messages")?,
        with_task: count(&row, "opened")?.saturating_sub(drills),
        without_task: count(&row, "without_task")?,
        drills,
        drills_open,
        duplicates: count(&row, "duplicates")?,
        unmarked: count(&row, "unmarked")?,
        waiting,
        taken,
        // Exact, because the tables know no other states.
        done: count(&row, "tasks")?.saturating_sub(waiting + taken + drills),
        unguarded: count(&row, "unguarded")?,
        letters_waiting,
        letters_sent: count(&row, "letters")?.saturating_sub(not_sent),
        letters_refused,
        letters_overtaken,
        longest_waiting,
        last_refused,
        next_moment,
        proved: outlook.as_ref().map(|outlook| outlook.at),
        holes: outlook.map_or(0, |outlook| outlook.holes.len() as u64),
        next_proof,
        chores,
        last_step: record::last_step(&last_step)?,
    })
}

fn count(row: &SqliteRow, column: &str) -> Result<u64, sqlx::Error> {
    // A count is never negative.
    Ok(row.try_get::<i64, _>(column)?.unsigned_abs())
}

/// Numbers as a JSON array.
pub(super) fn json_array(numbers: impl IntoIterator<Item = i64>) -> String {
    use std::fmt::Write as _;
    let mut json = String::from("[");
    for number in numbers {
        let comma = if json.len() > 1 { "," } else { "" };
        // Writing to a String does not fail.
        let _ = write!(json, "{comma}{number}");
    }
    json.push(']');
    json
}

/// Hashes as a JSON array of hexadecimal text.
pub(super) fn hex_array<const LENGTH: usize>(hashes: impl ExactSizeIterator<Item = [u8; LENGTH]>) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut json = String::with_capacity(hashes.len() * (2 * LENGTH + 3) + 2);
    json.push('[');
    for (index, bytes) in hashes.enumerate() {
        json.push_str(if index == 0 { "\"" } else { ",\"" });
        for byte in bytes {
            json.push(char::from(DIGITS[usize::from(byte >> 4)]));
            json.push(char::from(DIGITS[usize::from(byte & 0x0f)]));
        }
        json.push('"');
    }
    json.push(']');
    json
}
