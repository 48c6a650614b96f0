//! What a decision knows of the ledger, loaded in few statements.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::fault::Fault;
use super::record::{self, Record};
use super::{absences, drills, expectations, partners, routines, rules};
use super::{read, sql};
use crate::domain::{
    About, Absence, AbsenceId, Dossier, DossierId, ExpectationId, Fingerprint, Happening, LetterId,
    LetterName, LetterOf, LetterRef, MessageId, Needs, NextIds, PersonId, PersonKey, Pile, Routine, Rulebook,
    Seen, Snapshot, TaskId, Told, TypeId,
};

/// Absences that start within this time are known to every decision: longer than anybody has on a rung of a ladder.
const SOON: SignedDuration = SignedDuration::from_hours(24 * 35);

/// How many tasks of a caseload an overview can list.
const LISTED: i64 = 40;

/// What the ledger knows of this, who is away soon, and the next free numbers.
pub(super) async fn load(
    connection: &mut SqliteConnection,
    needs: &Needs,
    now: Timestamp,
) -> Result<Snapshot, Fault> {
    let soon = if needs.looks_at(&Routine::Cover) {
        Timestamp::MAX
    } else {
        now.checked_add(SOON).unwrap_or(Timestamp::MAX)
    };
    let mut snapshot = Snapshot {
        next: next_ids(connection).await?,
        absences: absences::soon(connection, soon).await?,
        ..Snapshot::empty()
    };
    if !needs.fingerprints.is_empty() {
        snapshot.seen = seen(connection, &needs.fingerprints).await?;
    }
    if !needs.people.is_empty() {
        snapshot.dossiers = dossiers(connection, &needs.people).await?;
    }
    let mut wanted = needs.drills.clone();
    for letter in &needs.letters {
        let found = find_letter(connection, letter).await?;
        let is_drill = found.iter().filter(|(_, letter)| letter.about == About::Drill);
        wanted.extend(is_drill.map(|(_, letter)| letter.id));
        snapshot.letters.extend(found);
    }
    for letter in wanted {
        let drill = drills::find(connection, letter).await?;
        snapshot.drills.extend(drill.map(|drill| (letter, drill)));
    }
    absences::asked_for(connection, needs, &mut snapshot).await?;
    if needs.rulebook {
        snapshot.rulebook = Rulebook::of(&rules::rulebook(connection).await?);
    }
    if needs.routines {
        snapshot.routines.extend(routines::all(connection).await?);
    }
    if needs.resting {
        snapshot.resting = read::resting(connection, now).await?;
    }
    if needs.looks_at(&Routine::Cover) {
        snapshot.outlook = read::outlook(connection).await?;
    }
    if needs.looks_at(&Routine::Overview) {
        piles(connection, now, &mut snapshot).await?;
    }
    if needs.looks_at(&Routine::Partners) {
        snapshot.partners = partners::known(connection, now).await?;
    } else if needs.silent {
        snapshot.partners.silent = partners::silent(connection).await?;
    }
    if needs.looks_at(&Routine::Overview) || needs.looks_at(&Routine::Partners) {
        snapshot.read = read_until(connection).await?;
    }
    let mut asked = expectations::lives(connection, needs, now, &mut snapshot).await?;
    if needs.resting {
        asked.extend(read::put_off(connection, now).await?);
    }
    let letters = snapshot.letters.values();
    asked.extend(letters.flat_map(|letter| letter.calls.iter().map(|(task, _)| task.0)));
    load_tasks(connection, needs, asked, &mut snapshot).await?;
    Ok(snapshot)
}

/// The tasks that were asked for: these, by number, because a message speaks of letters about them, by who has them,
/// because they were handed on in an absence, by the chore that they came of, or because they came of the same as another.
async fn load_tasks(
    connection: &mut SqliteConnection,
    needs: &Needs,
    mut wanted: Vec<i64>,
    snapshot: &mut Snapshot,
) -> Result<(), Fault> {
    wanted.extend(needs.tasks.iter().map(|task| task.0));
    let asked = |id| needs.absences.contains(&id);
    let handed = snapshot.absences.iter().filter(|absence| asked(absence.id));
    wanted.extend(handed.flat_map(Absence::handed).map(|task| task.0));
    if !needs.with.is_empty() {
        let people: Vec<&str> = needs.with.iter().map(PersonId::as_str).collect();
        let ids: Vec<i64> = sqlx::query_scalar(sql::TASKS_WITH)
            .bind(serde_json::to_string(&people).unwrap_or_default())
            .fetch_all(&mut *connection)
            .await?;
        wanted.extend(ids);
    }
    if !needs.chores.is_empty() {
        let kinds: Vec<TypeId> = needs.chores.iter().map(TypeId::chore).collect();
        let ids: Vec<i64> = sqlx::query_scalar(sql::TASKS_OF_CHORES)
            .bind(serde_json::to_string(&kinds).unwrap_or_default())
            .fetch_all(&mut *connection)
            .await?;
        wanted.extend(ids);
    }
    if !needs.beside.is_empty() {
        let ids: Vec<i64> = sqlx::query_scalar(sql::TASKS_BESIDE)
            .bind(read::json_array(needs.beside.iter().map(|task| task.0)))
            .fetch_all(&mut *connection)
            .await?;
        wanted.extend(ids);
    }
    if needs.looks_at(&Routine::Partners) {
        let asked: Vec<i64> = sqlx::query_scalar(sql::LAST_SILENCES)
            .fetch_all(&mut *connection)
            .await?;
        wanted.extend(asked);
    }
    load_these(connection, wanted, snapshot).await?;
    load_these(connection, answers_to_read(snapshot), snapshot).await
}

/// The tasks by which answers are read that are about the tasks loaded so far.
fn answers_to_read(snapshot: &Snapshot) -> Vec<i64> {
    let lines = snapshot.history.values().flatten();
    let triages = lines.filter_map(|line| match line.what {
        Happening::AnswerUnclear { triage } => Some(triage),
        _ => None,
    });
    triages
        .filter(|triage| !snapshot.tasks.contains_key(triage))
        .map(|triage| triage.0)
        .collect()
}

/// These tasks, with their histories and the calls whose letters wait.
async fn load_these(
    connection: &mut SqliteConnection,
    ids: Vec<i64>,
    snapshot: &mut Snapshot,
) -> Result<(), Fault> {
    if ids.is_empty() {
        return Ok(());
    }
    let ids = read::json_array(ids);
    let rows = sqlx::query(sql::TASKS_BY_ID)
        .bind(&ids)
        .fetch_all(&mut *connection)
        .await?;
    for row in &rows {
        let task = record::task(row)?;
        snapshot.tasks.insert(task.id, task);
    }
    for line in read::history(connection, &ids).await? {
        snapshot.history.entry(line.task).or_default().push(line);
    }
    let rows = sqlx::query(sql::UNSENT).bind(&ids).fetch_all(connection).await?;
    for row in &rows {
        snapshot.unsent.extend(record::call(row)?);
    }
    Ok(())
}

/// The letter with this name, when there is one: its token must be right too.
async fn find_letter(
    connection: &mut SqliteConnection,
    name: &LetterName,
) -> Result<Option<(String, LetterRef)>, Fault> {
    let (query, number) = match name.of {
        LetterOf::Task(task) => (sql::LETTERS_OF_TASK, task.0),
        LetterOf::Number(letter) => (sql::LETTER, letter.0),
    };
    let rows = sqlx::query(query)
        .bind(number)
        .fetch_all(&mut *connection)
        .await?;
    for row in &rows {
        let (token, mut letter) = record::letter_ref(row)?;
        if token == name.token {
            if let LetterOf::Number(first) = name.of {
                letter.calls.extend(others_with(connection, first).await?);
            }
            return Ok(Some((token, letter)));
        }
    }
    Ok(None)
}

/// The calls of the other letters in the message that is named after this one.
async fn others_with(
    connection: &mut SqliteConnection,
    first: LetterId,
) -> Result<Vec<(TaskId, Told)>, Fault> {
    let rows = sqlx::query(sql::LETTERS_WITH)
        .bind(first.0)
        .fetch_all(connection)
        .await?;
    let calls: Vec<_> = rows.iter().map(record::call).collect::<Result<_, _>>()?;
    Ok(calls.into_iter().flatten().collect())
}

/// The open critical tasks of each caseload.
async fn piles(
    connection: &mut SqliteConnection,
    now: Timestamp,
    snapshot: &mut Snapshot,
) -> Result<(), Fault> {
    let counts = sqlx::query(sql::PILES)
        .bind(now.as_microsecond())
        .fetch_all(&mut *connection)
        .await?;
    for row in &counts {
        let (caseload, open, overdue) = record::pile(row)?;
        let rows = sqlx::query(sql::PILE)
            .bind(caseload.as_str())
            .bind(LISTED)
            .fetch_all(&mut *connection)
            .await?;
        let first = rows.iter().map(record::task).collect::<Result<_, _>>()?;
        snapshot.piles.insert(caseload, Pile { open, overdue, first });
    }
    Ok(())
}

/// Until when every watched folder is known to have been read.
async fn read_until(connection: &mut SqliteConnection) -> Result<Option<Timestamp>, Fault> {
    let rows = sqlx::query(sql::READINGS).fetch_all(connection).await?;
    let readings = rows.iter().map(record::reading).collect::<Result<Vec<_>, _>>()?;
    // No proof at all sorts before any: then nothing can be said.
    Ok(readings.into_iter().map(|reading| reading.proven).min().flatten())
}

/// Nothing is ever deleted, and whoever asks holds the only writing transaction: these numbers are free, and stay it
/// until that transaction ends.
async fn next_ids(connection: &mut SqliteConnection) -> Result<NextIds, Fault> {
    let row = sqlx::query(sql::LAST_IDS).fetch_one(connection).await?;
    let last = |column: usize| -> Result<i64, sqlx::Error> {
        Ok(row.try_get::<Option<i64>, _>(column)?.unwrap_or(0))
    };
    Ok(NextIds {
        message: MessageId(last(0)?).next(),
        task: TaskId(last(1)?).next(),
        letter: LetterId(last(2)?).next(),
        dossier: DossierId(last(3)?).next(),
        absence: AbsenceId(last(4)?).next(),
        expectation: ExpectationId(last(5)?).next(),
    })
}

async fn seen(
    connection: &mut SqliteConnection,
    fingerprints: &[Fingerprint],
) -> Result<HashMap<Fingerprint, Seen>, Fault> {
    let rows = sqlx::query(sql::SEEN)
        .bind(read::hex_array(
            fingerprints.iter().map(|fingerprint| fingerprint.0),
        ))
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            let seen = Seen {
                message: MessageId(row.try_get("id")?),
                task: row.try_get::<Option<i64>, _>("first_task")?.map(TaskId),
            };
            Ok((record::fingerprint(&Record::of("message", row)?)?, seen))
        })
        .collect()
}

/// The dossiers that these keys lead to.
async fn dossiers(
    connection: &mut SqliteConnection,
    people: &[PersonKey],
) -> Result<HashMap<PersonKey, Dossier>, Fault> {
    let rows = sqlx::query(sql::DOSSIERS)
        .bind(read::hex_array(people.iter().map(|key| key.0)))
        .fetch_all(connection)
        .await?;
    rows.iter().map(record::dossier).collect()
}
