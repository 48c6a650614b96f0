//! Drills, and how they went.

use jiff::Timestamp;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::fault::Fault;
use super::record::{self, Record};
use super::sql;
use super::write::write_rows;
use crate::domain::{Drill, DrillState, LetterId, LostMail, Task, TaskId};
use crate::store::{DrillFile, DrillPost};

/// Writes drills, new ones and known ones with a new state.
pub(super) async fn write(connection: &mut SqliteConnection, drills: &[Drill]) -> Result<(), Fault> {
    let head = "INSERT INTO drill (letter, state, next_at, task, lost, how) ";
    let tail = " ON CONFLICT (letter) DO UPDATE SET state = excluded.state, next_at = excluded.next_at, \
                task = excluded.task, lost = excluded.lost, how = excluded.how";
    write_rows(connection, head, drills, tail, |values, drill| {
        let (state, task, lost) = match &drill.state {
            DrillState::Waiting { .. } => ("waiting", None, None),
            DrillState::Underway { .. } => ("underway", None, None),
            DrillState::Arrived { task } => ("arrived", Some(task), None),
            DrillState::Lost { at, how } => ("lost", None, Some((at, how))),
        };
        values
            .push_bind(drill.letter.0)
            .push_bind(state)
            .push_bind(drill.next_moment().map(Timestamp::as_microsecond))
            .push_bind(task.map(|task| task.0))
            .push_bind(lost.map(|(at, _)| at.as_microsecond()))
            .push_bind(lost.map(|(_, how)| how.word()));
    })
    .await?;
    Ok(())
}

/// The drill with this letter, when there is one.
pub(super) async fn find(
    connection: &mut SqliteConnection,
    letter: LetterId,
) -> Result<Option<Drill>, Fault> {
    let row = sqlx::query(sql::DRILL)
        .bind(letter.0)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(drill).transpose()
}

/// How drills went, the oldest first: all of them, or one.
pub(super) async fn files(
    connection: &mut SqliteConnection,
    only: Option<LetterId>,
) -> Result<Vec<DrillFile>, Fault> {
    let query = match only {
        Some(letter) => sqlx::query(sql::DRILL).bind(letter.0),
        None => sqlx::query(sql::DRILLS),
    };
    let rows = query.fetch_all(&mut *connection).await?;
    let mut files = Vec::new();
    for row in &rows {
        let drill = drill(row)?;
        let (task, told) = match drill.state {
            DrillState::Arrived { task } => course(connection, task).await?,
            DrillState::Waiting { .. } | DrillState::Underway { .. } | DrillState::Lost { .. } => {
                (None, None)
            }
        };
        files.push(DrillFile {
            mail: drill_post(row)?,
            drill,
            task,
            told,
        });
    }
    Ok(files)
}

/// The task of a drill, and when the first letter about it was taken.
async fn course(
    connection: &mut SqliteConnection,
    task: TaskId,
) -> Result<(Option<Task>, Option<Timestamp>), Fault> {
    let row = sqlx::query(sql::TASKS_BY_ID)
        .bind(format!("[{task}]"))
        .fetch_optional(&mut *connection)
        .await?;
    let told = sqlx::query(sql::FIRST_SENT)
        .bind(task.0)
        .fetch_one(connection)
        .await?;
    let task = row.as_ref().map(record::task).transpose()?;
    Ok((task, record::settled(&told)?))
}

/// A drill joined with its letter.
fn drill(row: &SqliteRow) -> Result<Drill, Fault> {
    let record = Record::of("drill", row)?;
    Ok(Drill {
        letter: LetterId(record.id),
        to: record.get("recipient")?,
        started: record.moment("queued")?,
        state: match record.get("state")? {
            "waiting" => DrillState::Waiting {
                until: record.moment("next_at")?,
            },
            "underway" => DrillState::Underway {
                until: record.moment("next_at")?,
            },
            "arrived" => DrillState::Arrived {
                task: TaskId(record.get("task")?),
            },
            "lost" => DrillState::Lost {
                at: record.moment("lost")?,
                how: lost_mail(&record)?,
            },
            _ => return Err(record.unknown("state")),
        },
    })
}

fn lost_mail(record: &Record<'_>) -> Result<LostMail, Fault> {
    let word: &str = record.get("how")?;
    let how = LostMail::ALL.into_iter().find(|how| how.word() == word);
    how.ok_or_else(|| record.unknown("how"))
}

/// What became of the mail of a drill.
fn drill_post(row: &SqliteRow) -> Result<DrillPost, Fault> {
    let record = Record::of("letter", row)?;
    Ok(match record.get("post")? {
        "waiting" => DrillPost::Waiting {
            reason: record.get("reason")?,
        },
        "sent" => DrillPost::Sent {
            at: record.moment("settled")?,
        },
        "refused" => DrillPost::Refused {
            code: record.get("reason")?,
        },
        _ => return Err(record.unknown("state")),
    })
}
