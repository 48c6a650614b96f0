//! The rulebook, and the texts of the rules in it.

use sqlx::sqlite::SqliteConnection;

use super::fault::Fault;
use super::record;
use crate::domain::{Batch, RulebookEvent, RulebookLine, RulesText, RulesVersion};

/// Writes texts, then the lines that refer to them. There are few of either.
pub(super) async fn write(connection: &mut SqliteConnection, batch: &Batch) -> Result<(), Fault> {
    for text in &batch.rules {
        sqlx::query("INSERT INTO rules (version, files) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
            .bind(text.version.as_str())
            .bind(serde_json::to_string(&text.files).unwrap_or_default())
            .execute(&mut *connection)
            .await?;
    }
    for line in &batch.rulebook {
        let (version, mistakes) = match &line.what {
            RulebookEvent::InForce(version) => (Some(version.as_str()), None),
            RulebookEvent::Refused { mistakes } => (None, Some(*mistakes)),
        };
        sqlx::query("INSERT INTO rulebook (at, version, mistakes) VALUES (?1, ?2, ?3)")
            .bind(line.at.as_microsecond())
            .bind(version)
            .bind(mistakes)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Everything that happened to the rules, oldest line first.
pub(super) async fn rulebook(connection: &mut SqliteConnection) -> Result<Vec<RulebookLine>, Fault> {
    let rows = sqlx::query("SELECT * FROM rulebook ORDER BY id")
        .fetch_all(connection)
        .await?;
    rows.iter().map(record::rulebook_line).collect()
}

/// The text of rules that were once in force.
pub(super) async fn text(
    connection: &mut SqliteConnection,
    version: &RulesVersion,
) -> Result<Option<RulesText>, Fault> {
    let row = sqlx::query("SELECT 0 AS id, files FROM rules WHERE version = ?1")
        .bind(version.as_str())
        .fetch_optional(connection)
        .await?;
    row.map(|row| {
        Ok(RulesText {
            version: version.clone(),
            files: record::rules_files(&row)?,
        })
    })
    .transpose()
}
