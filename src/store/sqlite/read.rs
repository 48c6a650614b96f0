//! Questions to the ledger.
//!
//! Lists of numbers go in as one JSON array, so that the statement's text, and with it the prepared statement, is the
//! same whatever their length.

use jiff::Timestamp;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{QueryBuilder, Row as _, Sqlite};

use super::fault::Fault;
use super::{record, routines};
use crate::domain::{
    FolderRef, HistoryLine, Kept, Message, MessageId, Moment, Outlook, Sealed, Task, TaskId,
};
use crate::store::{Books, TaskFile, TaskFilter};

/// Every query whose speed depends on an index, by name: the plans of these are tested.
///
/// A limit is written `+?2`: of a bare parameter SQLite looks at the value when it makes a plan, and so makes another one
/// each time a value is bound.
pub(super) mod sql {
    pub(crate) const KNOWN: &str = "SELECT item FROM place WHERE folder = ?1";
    pub(crate) const UNMARKED: &str = "SELECT item FROM place WHERE folder = ?1 AND marked = 0 ORDER BY item";
    pub(crate) const NEXT_MOMENT: &str = "\
        SELECT 0 AS id, min(next_at) AS next_at FROM ( \
            SELECT (SELECT next_at FROM task WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1) AS next_at \
            UNION ALL SELECT (SELECT next_at FROM absence WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1) \
            UNION ALL SELECT (SELECT next_at FROM drill WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1) \
            UNION ALL SELECT (SELECT next_at FROM expectation WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1) \
            UNION ALL SELECT min(next_at) FROM routine WHERE name <> 'cover')";
    pub(crate) const NEXT_PROOF: &str = "SELECT 0 AS id, next_at FROM routine WHERE name = 'cover'";
    pub(crate) const NEXT_LETTER: &str = "SELECT id, next_at FROM letter WHERE state = 'waiting' AND next_at IS NOT NULL ORDER BY next_at LIMIT 1";
    /// One statement: on the way to the connection and back there is more time than in any of its parts.
    pub(crate) const DUE: &str = "\
        SELECT * FROM (SELECT 0 AS kind, next_at, id, person, NULL AS name FROM absence \
                       WHERE next_at <= ?1 ORDER BY next_at, id LIMIT +?2) \
        UNION ALL SELECT * FROM (SELECT 1, next_at, id, NULL, NULL FROM task \
                                 WHERE next_at <= ?1 ORDER BY next_at, id LIMIT +?2) \
        UNION ALL SELECT * FROM (SELECT 2, next_at, letter, NULL, NULL FROM drill \
                                 WHERE next_at <= ?1 ORDER BY next_at, letter LIMIT +?2) \
        UNION ALL SELECT * FROM (SELECT 3, next_at, id, NULL, NULL FROM expectation \
                                 WHERE next_at <= ?1 ORDER BY next_at, id LIMIT +?2) \
        UNION ALL SELECT 4, next_at, 0, NULL, name FROM routine WHERE next_at <= ?1 AND name <> 'cover'";
    pub(crate) const TASKS_WITH: &str = "\
        SELECT id FROM task WHERE state <> 'done' AND person IS NOT NULL \
        AND person IN (SELECT value FROM json_each(?1))";
    pub(crate) const TASKS_OF_CHORES: &str = "\
        SELECT id FROM task WHERE state <> 'done' AND message IS NULL AND expectation IS NULL AND silence IS NULL \
        AND kind IN (SELECT value FROM json_each(?1))";
    pub(crate) const UNSENT: &str = "\
        SELECT id, task, rung, round FROM letter \
        WHERE task IS NOT NULL AND task IN (SELECT value FROM json_each(?1)) AND state = 'waiting'";
    pub(crate) const LETTERS_OF_TASK: &str = "\
        SELECT letter.id, letter.task, letter.rung, letter.round, wording.recipient, wording.message_id \
        FROM letter JOIN wording ON wording.letter = letter.id WHERE letter.task = ?1";
    pub(crate) const LETTER: &str = "\
        SELECT letter.id, letter.task, letter.rung, letter.round, wording.recipient, wording.message_id, \
               EXISTS (SELECT 1 FROM drill WHERE drill.letter = letter.id) AS drill \
        FROM letter JOIN wording ON wording.letter = letter.id WHERE letter.id = ?1";
    pub(crate) const LETTERS_WITH: &str = "\
        SELECT id, task, rung, round FROM letter WHERE together = ?1 AND id <> ?1 AND task IS NOT NULL ORDER BY id";
    pub(crate) const DRILL: &str = "\
        SELECT letter.id, drill.state, drill.next_at, drill.task, drill.lost, drill.how, letter.queued, \
               letter.state AS post, letter.settled, letter.reason, wording.recipient \
        FROM drill JOIN letter ON letter.id = drill.letter JOIN wording ON wording.letter = letter.id \
        WHERE drill.letter = ?1";
    pub(crate) const DRILLS: &str = "\
        SELECT letter.id, drill.state, drill.next_at, drill.task, drill.lost, drill.how, letter.queued, \
               letter.state AS post, letter.settled, letter.reason, wording.recipient \
        FROM drill JOIN letter ON letter.id = drill.letter JOIN wording ON wording.letter = letter.id \
        ORDER BY drill.letter";
    pub(crate) const FIRST_SENT: &str = "\
        SELECT 0 AS id, min(settled) AS settled FROM letter WHERE task = ?1 AND state = 'sent'";
    pub(crate) const ROUTINES: &str = "SELECT 0 AS id, name, next_at FROM routine";
    pub(crate) const OUTLOOK: &str = "SELECT only AS id, at, holes FROM outlook";
    pub(crate) const PARTNER_DAYS: &str = "\
        SELECT 0 AS id, source, day, mails, unrecognised, last FROM partner_day WHERE day >= ?1";
    pub(crate) const FIRST_RULES: &str = "SELECT id, at FROM rulebook ORDER BY id LIMIT 1";
    pub(crate) const DRIFTS: &str = "SELECT 0 AS id, source, told FROM drift";
    pub(crate) const SILENT: &str = "\
        SELECT silence FROM task WHERE silence IS NOT NULL AND state <> 'done'";
    pub(crate) const LAST_SILENCES: &str = "\
        SELECT max(id) FROM task WHERE silence IS NOT NULL GROUP BY silence";
    pub(crate) const ABSENCES_SOON: &str =
        "SELECT * FROM absence WHERE state <> 'over' AND starts <= ?1 ORDER BY starts, id";
    pub(crate) const ABSENCES_BY_ID: &str =
        "SELECT * FROM absence WHERE id IN (SELECT value FROM json_each(?1))";
    pub(crate) const ABSENCES_OF: &str = "\
        SELECT * FROM absence WHERE state <> 'over' AND source IN (SELECT value FROM json_each(?1)) ORDER BY id";
    pub(crate) const PILES: &str = "\
        SELECT 0 AS id, caseload, count(*) AS open, sum(due < ?1) AS overdue FROM task \
        WHERE state <> 'done' AND critical = 1 AND drill = 0 GROUP BY caseload";
    pub(crate) const PILE: &str = "\
        SELECT * FROM task WHERE state <> 'done' AND critical = 1 AND drill = 0 AND caseload = ?1 \
        ORDER BY due, id LIMIT +?2";
    pub(crate) const WAITING_LETTERS: &str = "\
        SELECT letter.id, letter.task, letter.rung, letter.round, letter.occasion, letter.queued, letter.attempts, \
               wording.recipient, wording.name, wording.message_id, wording.subject, wording.text, \
               wording.html, letter.next_at, \
               EXISTS (SELECT 1 FROM drill WHERE drill.letter = letter.id) AS drill \
        FROM letter JOIN wording ON wording.letter = letter.id \
        WHERE letter.state = 'waiting' AND letter.next_at <= ?1 \
        ORDER BY letter.next_at, letter.id LIMIT +?2";
    /// Ten thousand letters may wait; one task has a few.
    pub(crate) const OVERTAKE: &str = "\
        UPDATE letter SET state = 'overtaken', next_at = NULL, settled = ?2 WHERE task = ?1 AND state = 'waiting' \
        AND id < ?3";
    pub(crate) const SEEN: &str = "\
        SELECT id, fingerprint, first_task FROM message \
        WHERE fingerprint IN (SELECT unhex(value) FROM json_each(?1))";
    pub(crate) const DOSSIERS: &str = "\
        SELECT dossier.id, person.key, dossier.caseload FROM person JOIN dossier ON dossier.id = person.dossier \
        WHERE person.key IN (SELECT unhex(value) FROM json_each(?1))";
    pub(crate) const FILED: &str = "\
        SELECT filed.task FROM person JOIN filed ON filed.dossier = person.dossier \
        WHERE person.key IN (SELECT unhex(value) FROM json_each(?1))";
    pub(crate) const KEPT: &str = "SELECT message AS id, people, raw FROM content WHERE message = ?1";
    pub(crate) const TASKS_BY_ID: &str = "SELECT * FROM task WHERE id IN (SELECT value FROM json_each(?1))";
    pub(crate) const HISTORY_BY_TASK: &str =
        "SELECT * FROM history WHERE task IN (SELECT value FROM json_each(?1)) ORDER BY id";
    pub(crate) const OPEN_TASKS: &str = "SELECT * FROM task WHERE state <> 'done'";
    pub(crate) const MESSAGE: &str = "\
        SELECT message.*, folder.mailbox, folder.folder AS folder_name, folder.epoch \
        FROM message JOIN folder ON folder.id = message.folder WHERE message.id = ?1";
    pub(crate) const RECORDED: &str = "\
        SELECT message.*, folder.mailbox, folder.folder AS folder_name, folder.epoch, \
               coalesce(content.people, x'') AS people, coalesce(content.raw, x'') AS raw \
        FROM message JOIN folder ON folder.id = message.folder LEFT JOIN content ON content.message = message.id \
        WHERE message.id > ?1 ORDER BY message.id LIMIT +?2";
    pub(crate) const LAST_IDS: &str = "\
        SELECT (SELECT max(id) FROM message), (SELECT max(id) FROM task), (SELECT max(id) FROM letter), \
               (SELECT max(id) FROM dossier), (SELECT max(id) FROM absence), \
               (SELECT max(id) FROM expectation)";
    pub(crate) const READINGS: &str =
        "SELECT row_number() OVER () AS id, * FROM reading ORDER BY mailbox, folder";
    /// Whole tables are counted over their narrowest index; everything else over an index of just those rows.
    /// A drill is the only task of its message, and waits until it is over, so drills are taken off afterwards.
    /// Messages with a task are counted from the tasks, those without from the messages: two books that must agree.
    pub(crate) const BOOKS: &str = "\
        SELECT (SELECT count(*) FROM message) AS messages, \
               (SELECT count(DISTINCT message) FROM task) AS opened, \
               (SELECT count(*) FROM task WHERE drill = 1) AS drills, \
               (SELECT count(*) FROM task WHERE drill = 1 AND state = 'waiting') AS drills_open, \
               (SELECT count(*) FROM message WHERE first_task IS NULL) AS without_task, \
               (SELECT count(*) FROM place WHERE again = 1) AS duplicates, \
               (SELECT count(*) FROM place WHERE marked = 0) AS unmarked, \
               (SELECT count(*) FROM task) AS tasks, \
               (SELECT count(*) FROM task WHERE state <> 'done' AND state = 'waiting') AS waiting, \
               (SELECT count(*) FROM task WHERE state <> 'done' AND state = 'taken') AS taken, \
               (SELECT count(*) FROM task WHERE critical = 1 AND next_at IS NULL AND state <> 'done') AS unguarded, \
               (SELECT count(*) FROM letter) AS letters, \
               (SELECT count(*) FROM letter WHERE state = 'waiting') AS letters_waiting, \
               (SELECT count(*) FROM letter WHERE state = 'refused') AS letters_refused, \
               (SELECT count(*) FROM letter WHERE state = 'overtaken') AS letters_overtaken";
}

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

/// Messages and what is kept of them, in the order in which they were recorded.
pub(super) async fn recorded(
    connection: &mut SqliteConnection,
    after: MessageId,
    limit: u32,
) -> Result<Vec<(Message, Kept)>, Fault> {
    let rows = sqlx::query(sql::RECORDED)
        .bind(after.0)
        .bind(limit)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| Ok((record::message(row)?, record::kept(row)?)))
        .collect()
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
        next_moment,
        proved: outlook.as_ref().map(|outlook| outlook.at),
        holes: outlook.map_or(0, |outlook| outlook.holes.len() as u64),
        next_proof,
        chores,
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
