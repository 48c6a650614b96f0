//! What is expected, and what happened in dossiers.

use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::fault::Fault;
use super::read;
use super::record::Record;
use super::write::write_rows;
use crate::domain::{
    CaseloadId, DossierId, Expectation, ExpectationId, ExpectationState, ExpectedId, Lives, MessageId, Needs,
    Occurrence, Report, Sign, Snapshot, Subject, TaskId,
};

/// Every query whose speed depends on an index, by name: the plans of these are tested.
pub(super) mod sql {
    /// Dossiers that are one with another now are passed over: everything in them lies in that one as well.
    pub(crate) const FILED_IN: &str = "\
        SELECT dossier.id, filed.task FROM filed JOIN dossier ON dossier.id = filed.dossier \
        WHERE filed.task IN (SELECT value FROM json_each(?1)) AND dossier.joined IS NULL";
    pub(crate) const OCCURRENCES: &str = "\
        SELECT filed.dossier AS id, task.id AS task, task.kind AS sign, task.received AS at, task.received AS told \
        FROM filed JOIN task ON task.id = filed.task \
        WHERE filed.dossier IN (SELECT value FROM json_each(?1)) AND task.drill = 0 AND task.expectation IS NULL \
        UNION ALL SELECT filed.dossier, reported.task, reported.event, reported.at, reported.told \
        FROM filed JOIN reported ON reported.task = filed.task \
        WHERE filed.dossier IN (SELECT value FROM json_each(?1)) AND reported.taken_back IS NULL";
    pub(crate) const EXPECTATIONS_OF_DOSSIERS: &str = "SELECT * FROM expectation WHERE dossier IS NOT NULL AND dossier IN (SELECT value FROM json_each(?1))";
    pub(crate) const ABOUT: &str = "\
        SELECT expectation.* FROM expectation WHERE dossier IS NOT NULL AND dossier IN \
        (SELECT dossier FROM person WHERE key IN (SELECT unhex(value) FROM json_each(?1)))";
    pub(crate) const EXPECTATIONS_BY_ID: &str =
        "SELECT * FROM expectation WHERE id IN (SELECT value FROM json_each(?1))";
    pub(crate) const EXPECTATIONS_OF_TASKS: &str = "\
        SELECT * FROM expectation WHERE id IN \
        (SELECT expectation FROM task WHERE id IN (SELECT value FROM json_each(?1)))";
    pub(crate) const EXPECTATIONS_OF_WEEKS: &str = "SELECT * FROM expectation WHERE monday >= ?1";
}

/// So long a week counts: what came in it may belong to what comes later, and what comes late may belong to it.
const WEEKS: i32 = 60;

/// Writes expectations, new ones and known ones with a new state.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    expectations: &[Expectation],
) -> Result<(), Fault> {
    let head = "INSERT INTO expectation (id, rule, dossier, monday, wanted, came, excused, caseload, message, since, until, state, \
                next_at, task, settled) ";
    let tail = " ON CONFLICT (id) DO UPDATE SET wanted = excluded.wanted, came = excluded.came, excused = excluded.excused, \
                since = excluded.since, \
                until = excluded.until, state = excluded.state, next_at = excluded.next_at, task = excluded.task, \
                settled = excluded.settled";
    write_rows(connection, head, expectations, tail, |values, expectation| {
        let (dossier, week) = match &expectation.about {
            Subject::Dossier(dossier) => (Some(dossier.0), None),
            Subject::Week {
                monday,
                wanted,
                came,
                excused,
            } => (None, Some((day_number(*monday), *wanted, *came, *excused))),
        };
        let task = match &expectation.state {
            ExpectationState::Asked { task } | ExpectationState::Handled { task, .. } => Some(task),
            _ => None,
        };
        let state = match &expectation.state {
            ExpectationState::Open { .. } => "open",
            ExpectationState::Asked { .. } => "asked",
            ExpectationState::Handled { .. } => "handled",
            ExpectationState::Met { .. } => "met",
            ExpectationState::Cancelled { .. } => "cancelled",
        };
        values
            .push_bind(expectation.id.0)
            .push_bind(expectation.rule.as_str())
            .push_bind(dossier)
            .push_bind(week.map(|week| week.0))
            .push_bind(week.map(|week| week.1))
            .push_bind(week.map(|week| week.2))
            .push_bind(week.map(|week| week.3))
            .push_bind(expectation.caseload.as_str())
            .push_bind(expectation.message.map(|message| message.0))
            .push_bind(expectation.since.as_microsecond())
            .push_bind(expectation.until.as_microsecond())
            .push_bind(state)
            .push_bind(expectation.next_moment().map(Timestamp::as_microsecond))
            .push_bind(task.map(|task| task.0))
            .push_bind(expectation.settled().map(Timestamp::as_microsecond));
    })
    .await?;
    Ok(())
}

/// Writes what colleagues told, and took back.
pub(super) async fn report(connection: &mut SqliteConnection, reports: &[Report]) -> Result<(), Fault> {
    let head = "INSERT INTO reported (task, event, day, at, told, taken_back) ";
    let tail = " ON CONFLICT (task, event, day) DO UPDATE SET told = excluded.told, taken_back = excluded.taken_back";
    write_rows(connection, head, reports, tail, |values, report| {
        values
            .push_bind(report.task.0)
            .push_bind(report.event.as_str())
            .push_bind(day_number(report.on))
            .push_bind(report.at.as_microsecond())
            .push_bind(report.told.as_microsecond())
            .push_bind(report.taken_back.map(Timestamp::as_microsecond));
    })
    .await?;
    Ok(())
}

/// Loads the lives that were asked for; says which tasks must be loaded with them.
pub(super) async fn lives(
    connection: &mut SqliteConnection,
    needs: &Needs,
    now: Timestamp,
    snapshot: &mut Snapshot,
) -> Result<Vec<i64>, Fault> {
    let mut lives = Lives::default();
    let mut dossiers: Vec<i64> = snapshot.dossiers.values().map(|dossier| dossier.id.0).collect();
    if !needs.lives_of.is_empty() {
        let tasks = read::json_array(needs.lives_of.iter().map(|task| task.0));
        let rows = sqlx::query(sql::FILED_IN)
            .bind(&tasks)
            .fetch_all(&mut *connection)
            .await?;
        for row in &rows {
            let (task, dossier) = filed(row)?;
            lives.filed.entry(task).or_default().push(dossier);
            dossiers.push(dossier.0);
        }
        add(connection, sql::EXPECTATIONS_OF_TASKS, &tasks, &mut lives).await?;
    }
    if !needs.expectations.is_empty() {
        let ids = read::json_array(needs.expectations.iter().map(|id| id.0));
        add(connection, sql::EXPECTATIONS_BY_ID, &ids, &mut lives).await?;
    }
    // By a notice in its dossier a letter says whom something expected is about.
    let asked = lives
        .expectations
        .values()
        .filter(|known| needs.expectations.contains(&known.id));
    let mut told_of: Vec<i64> = asked.filter_map(Expectation::dossier).map(|id| id.0).collect();
    told_of.extend(&dossiers);
    told_of.sort_unstable();
    told_of.dedup();
    if !told_of.is_empty() {
        let rows = sqlx::query(sql::OCCURRENCES)
            .bind(read::json_array(told_of))
            .fetch_all(&mut *connection)
            .await?;
        for row in &rows {
            let (dossier, occurrence) = occurrence(row)?;
            lives.occurrences.entry(dossier).or_default().push(occurrence);
        }
    }
    dossiers.sort_unstable();
    dossiers.dedup();
    if !dossiers.is_empty() {
        let dossiers = read::json_array(dossiers);
        add(connection, sql::EXPECTATIONS_OF_DOSSIERS, &dossiers, &mut lives).await?;
    }
    if needs.weeks {
        let since = day_number(now.to_zoned(jiff::tz::TimeZone::UTC).date()) - 7 * WEEKS;
        let rows = sqlx::query(sql::EXPECTATIONS_OF_WEEKS)
            .bind(since)
            .fetch_all(&mut *connection)
            .await?;
        note(&rows, &mut lives)?;
    }
    let asked = lives.expectations.values().filter_map(Expectation::task);
    let tasks = asked.map(|task| task.0).collect();
    snapshot.lives = lives;
    Ok(tasks)
}

/// What is or was expected of the person of these keys, what must be there first first.
pub(super) async fn about(
    connection: &mut SqliteConnection,
    keys: String,
) -> Result<Vec<Expectation>, Fault> {
    let rows = sqlx::query(sql::ABOUT).bind(keys).fetch_all(connection).await?;
    let mut found = rows.iter().map(expectation).collect::<Result<Vec<_>, _>>()?;
    found.sort_by_key(|expected| (expected.until, expected.id));
    Ok(found)
}

/// Adds the expectations that `query` finds with this list.
async fn add(
    connection: &mut SqliteConnection,
    query: &'static str,
    list: &str,
    lives: &mut Lives,
) -> Result<(), Fault> {
    let rows = sqlx::query(query)
        .bind(list.to_owned())
        .fetch_all(connection)
        .await?;
    note(&rows, lives)
}

fn note(rows: &[SqliteRow], lives: &mut Lives) -> Result<(), Fault> {
    for row in rows {
        let expectation = expectation(row)?;
        lives.expectations.insert(expectation.id, expectation);
    }
    Ok(())
}

/// In which dossier a task lies.
fn filed(row: &SqliteRow) -> Result<(TaskId, DossierId), Fault> {
    let record = Record::of("filed", row)?;
    Ok((TaskId(record.get("task")?), DossierId(record.id)))
}

/// Something that happened in a dossier.
fn occurrence(row: &SqliteRow) -> Result<(DossierId, Occurrence), Fault> {
    let record = Record::of("filed", row)?;
    let occurrence = Occurrence {
        at: record.moment("at")?,
        told: record.moment("told")?,
        sign: Sign::named(record.get("sign")?),
        task: TaskId(record.get("task")?),
    };
    Ok((DossierId(record.id), occurrence))
}

/// Something expected.
fn expectation(row: &SqliteRow) -> Result<Expectation, Fault> {
    let record = Record::of("expectation", row)?;
    let about = match record.get::<Option<i64>>("dossier")? {
        Some(dossier) => Subject::Dossier(DossierId(dossier)),
        None => Subject::Week {
            monday: day(&record, "monday")?,
            wanted: record.number("wanted")?,
            came: record.number("came")?,
            excused: record.number("excused")?,
        },
    };
    let state = match record.get("state")? {
        "open" => ExpectationState::Open {
            asks: record.moment("next_at")?,
        },
        "asked" => ExpectationState::Asked {
            task: TaskId(record.get("task")?),
        },
        "handled" => ExpectationState::Handled {
            task: TaskId(record.get("task")?),
            at: record.moment("settled")?,
        },
        "met" => ExpectationState::Met {
            at: record.moment("settled")?,
        },
        "cancelled" => ExpectationState::Cancelled {
            at: record.moment("settled")?,
        },
        _ => return Err(record.unknown("state")),
    };
    Ok(Expectation {
        id: ExpectationId(record.id),
        rule: ExpectedId::new(record.get("rule")?),
        about,
        caseload: CaseloadId::new(record.get("caseload")?),
        message: record.get::<Option<i64>>("message")?.map(MessageId),
        since: record.moment("since")?,
        until: record.moment("until")?,
        state,
    })
}

/// A day, counted from 1970-01-01.
fn day(record: &Record<'_>, column: &'static str) -> Result<Date, Fault> {
    let days: i32 = record.number(column)?;
    jiff::Span::new()
        .try_days(days)
        .and_then(|days| jiff::civil::date(1970, 1, 1).checked_add(days))
        .map_err(|_| record.unknown(column))
}

/// A day as the ledger keeps it.
fn day_number(day: Date) -> i32 {
    (day - jiff::civil::date(1970, 1, 1)).get_days()
}
