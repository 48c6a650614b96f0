//! What comes again and again: when each is due next. There are few of these.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;

use super::fault::Fault;
use super::record;
use super::sql;
use crate::domain::{ChoreId, Routine};

/// Each that is due some time, and when.
pub(super) async fn all(connection: &mut SqliteConnection) -> Result<Vec<(Routine, Timestamp)>, Fault> {
    let rows = sqlx::query(sql::ROUTINES).fetch_all(connection).await?;
    rows.iter()
        .map(|row| Ok((record::routine(row)?, record::next_at("routine", row)?)))
        .collect()
}

/// The chores among them.
pub(super) async fn chores(connection: &mut SqliteConnection) -> Result<BTreeMap<ChoreId, Timestamp>, Fault> {
    let all = all(connection).await?.into_iter();
    let chores = all.filter_map(|(routine, at)| {
        let Routine::Chore(chore) = routine else {
            return None;
        };
        Some((chore, at))
    });
    Ok(chores.collect())
}

/// Writes when they are due next.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    routines: &[(Routine, Option<Timestamp>)],
) -> Result<(), Fault> {
    for (routine, next) in routines {
        let query = match next {
            Some(next) => sqlx::query(
                "INSERT INTO routine (name, next_at) VALUES (?1, ?2) \
                 ON CONFLICT DO UPDATE SET next_at = excluded.next_at",
            )
            .bind(routine.name())
            .bind(next.as_microsecond()),
            None => sqlx::query("DELETE FROM routine WHERE name = ?1").bind(routine.name()),
        };
        query.execute(&mut *connection).await?;
    }
    Ok(())
}
