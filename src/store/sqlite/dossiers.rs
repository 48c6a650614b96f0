//! Dossiers and the tasks in them.

use sqlx::Sqlite;
use sqlx::sqlite::SqliteConnection;

use super::expectations;
use super::fault::Fault;
use super::write::write_rows;
use super::{read, sql};
use crate::domain::{CaseloadId, DossierId, Filing, PersonKey, TaskId};
use crate::store::DossierFile;

/// Everything about the person whom these keys are of.
pub(super) async fn about(
    connection: &mut SqliteConnection,
    person: &[PersonKey],
) -> Result<DossierFile, Fault> {
    let keys = read::hex_array(person.iter().map(|key| key.0));
    let mut tasks: Vec<i64> = sqlx::query_scalar(sql::FILED)
        .bind(&keys)
        .fetch_all(&mut *connection)
        .await?;
    tasks.sort_unstable();
    // Both numbers of one person lead to the same dossier.
    tasks.dedup();
    let mut files = Vec::new();
    for task in tasks {
        files.extend(read::task_file(connection, TaskId(task)).await?);
    }
    Ok(DossierFile {
        tasks: files,
        expected: expectations::about(connection, keys).await?,
    })
}

/// Puts tasks in dossiers.
pub(super) async fn file(connection: &mut SqliteConnection, filings: &[Filing]) -> Result<(), Fault> {
    let head = "INSERT INTO dossier (id, caseload) ";
    let tail = " ON CONFLICT DO UPDATE SET caseload = coalesce(excluded.caseload, caseload)";
    write_rows(connection, head, filings, tail, |values, filing| {
        values
            .push_bind(filing.dossier.id.0)
            .push_bind(filing.dossier.caseload.as_ref().map(CaseloadId::as_str));
    })
    .await?;
    let keys: Vec<_> = filings
        .iter()
        .flat_map(|filing| filing.keys.iter().map(|key| (key, filing.dossier.id)))
        .collect();
    let head = "INSERT INTO person (key, dossier) ";
    let tail = " ON CONFLICT DO UPDATE SET dossier = excluded.dossier";
    write_rows(connection, head, &keys, tail, |values, (key, dossier)| {
        values.push_bind(key.0.as_slice()).push_bind(dossier.0);
    })
    .await?;
    let head = "INSERT INTO filed (dossier, task) ";
    write_rows(
        connection,
        head,
        filings,
        " ON CONFLICT DO NOTHING",
        |values, filing| {
            values.push_bind(filing.dossier.id.0).push_bind(filing.task.0);
        },
    )
    .await?;
    Ok(())
}

/// Makes dossiers one that turned out to be of one person. That seldom happens, so it is done one by one; and last, so
/// that what the same batch writes about the one that goes is in the other as well.
pub(super) async fn join_all(connection: &mut SqliteConnection, filings: &[Filing]) -> Result<(), Fault> {
    for filing in filings {
        if let Some(gone) = filing.absorbs {
            join(connection, gone, filing.dossier.id).await?;
        }
    }
    Ok(())
}

/// Two dossiers turned out to be of one person: everything in `gone` is in `kept` from now on.
async fn join(connection: &mut SqliteConnection, gone: DossierId, kept: DossierId) -> Result<(), Fault> {
    for step in [
        "UPDATE person SET dossier = ?2 WHERE dossier = ?1",
        "INSERT INTO filed (dossier, task) SELECT ?2, task FROM filed WHERE dossier = ?1 ON CONFLICT DO NOTHING",
        "UPDATE expectation SET dossier = ?2 WHERE dossier = ?1",
        "UPDATE dossier SET joined = ?2 WHERE id = ?1",
    ] {
        sqlx::query::<Sqlite>(step)
            .bind(gone.0)
            .bind(kept.0)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
