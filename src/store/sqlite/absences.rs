//! Absences, and what else is planned.

use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;

use super::fault::Fault;
use super::record;
use super::write::{json, write_rows};
use super::{read, sql};
use crate::domain::{Absence, AbsenceState, Needs, Origin, Outlook, Snapshot, TaskId};

/// Those that are not over and start before `soon`.
pub(super) async fn soon(connection: &mut SqliteConnection, soon: Timestamp) -> Result<Vec<Absence>, Fault> {
    let rows = sqlx::query(sql::ABSENCES_SOON)
        .bind(soon.as_microsecond())
        .fetch_all(connection)
        .await?;
    rows.iter().map(record::absence).collect()
}

/// Adds those that are asked for, whenever they are.
pub(super) async fn asked_for(
    connection: &mut SqliteConnection,
    needs: &Needs,
    snapshot: &mut Snapshot,
) -> Result<(), Fault> {
    let mut rows = Vec::new();
    if !needs.absences.is_empty() {
        let query = sqlx::query(sql::ABSENCES_BY_ID)
            .bind(read::json_array(needs.absences.iter().map(|absence| absence.0)));
        rows.extend(query.fetch_all(&mut *connection).await?);
    }
    if !needs.absences_of.is_empty() {
        let sources: Vec<&str> = needs.absences_of.iter().map(Origin::word).collect();
        let query = sqlx::query(sql::ABSENCES_OF).bind(json(&sources));
        rows.extend(query.fetch_all(connection).await?);
    }
    for row in &rows {
        let absence = record::absence(row)?;
        if snapshot.absences.iter().all(|known| known.id != absence.id) {
            snapshot.absences.push(absence);
        }
    }
    Ok(())
}

/// All of them, those that start first first.
pub(super) async fn all(connection: &mut SqliteConnection, over_too: bool) -> Result<Vec<Absence>, Fault> {
    let rows = sqlx::query(if over_too {
        "SELECT * FROM absence ORDER BY starts, id"
    } else {
        "SELECT * FROM absence WHERE state <> 'over' ORDER BY starts, id"
    })
    .fetch_all(connection)
    .await?;
    rows.iter().map(record::absence).collect()
}

/// Writes absences, new ones and known ones with a new state.
pub(super) async fn write(connection: &mut SqliteConnection, absences: &[Absence]) -> Result<(), Fault> {
    let head =
        "INSERT INTO absence (id, person, starts, ends, source, origin, noted, state, handed, next_at) ";
    let tail = " ON CONFLICT (id) DO UPDATE SET ends = excluded.ends, state = excluded.state, \
                handed = excluded.handed, next_at = excluded.next_at";
    write_rows(connection, head, absences, tail, |values, absence| {
        let state = match absence.state {
            AbsenceState::Ahead => "ahead",
            AbsenceState::Running { .. } => "running",
            AbsenceState::Longer { .. } => "longer",
            AbsenceState::Over => "over",
        };
        let handed: Vec<TaskId> = absence.handed().collect();
        values
            .push_bind(absence.id.0)
            .push_bind(absence.away.person.as_str())
            .push_bind(absence.away.from.as_microsecond())
            .push_bind(absence.away.until.map(Timestamp::as_microsecond))
            .push_bind(absence.origin.word())
            .push_bind(json(&absence.origin))
            .push_bind(absence.noted.as_microsecond())
            .push_bind(state)
            .push_bind(json(&handed))
            .push_bind(absence.next_moment().map(Timestamp::as_microsecond));
    })
    .await?;
    Ok(())
}

/// Writes what the last proof of cover found, instead of what the one before it did.
pub(super) async fn outlook(connection: &mut SqliteConnection, outlook: &Outlook) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO outlook (only, at, holes) VALUES (1, ?1, ?2) \
         ON CONFLICT DO UPDATE SET at = excluded.at, holes = excluded.holes",
    )
    .bind(outlook.at.as_microsecond())
    .bind(json(&outlook.holes))
    .execute(connection)
    .await?;
    Ok(())
}
