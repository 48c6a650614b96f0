//! What came from partners, and what was asked and told about them.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{SignedDuration, Span, Timestamp};
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::fault::Fault;
use super::record::Record;
use super::sql;
use super::write::write_rows;
use crate::domain::{Batch, PartnerDay, Partners, SourceId};

/// How far back it is looked: a year, and a little more.
const YEAR: SignedDuration = SignedDuration::from_hours(24 * 370);

/// Days since 1970-01-01.
fn number(day: Date) -> i64 {
    day.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24
}

/// The day with this number.
fn day(number: i64) -> Option<Date> {
    let span = Span::new().try_days(number).ok()?;
    Date::constant(1970, 1, 1).checked_add(span).ok()
}

/// Adds what came, and keeps what was told.
pub(super) async fn write(connection: &mut SqliteConnection, batch: &Batch) -> Result<(), Fault> {
    let head = "INSERT INTO partner_day (day, source, mails, unrecognised, last) ";
    let tail = " ON CONFLICT DO UPDATE SET mails = mails + excluded.mails, \
                unrecognised = unrecognised + excluded.unrecognised, last = max(last, excluded.last)";
    write_rows(connection, head, &batch.partner_days, tail, |values, day| {
        values
            .push_bind(number(day.day))
            .push_bind(day.source.as_str())
            .push_bind(day.mails)
            .push_bind(day.unrecognised)
            .push_bind(day.last.as_microsecond());
    })
    .await?;
    let head = "INSERT INTO drift (source, told) ";
    let tail = " ON CONFLICT DO UPDATE SET told = excluded.told";
    write_rows(connection, head, &batch.drifts, tail, |values, (source, at)| {
        values.push_bind(source.as_str()).push_bind(at.as_microsecond());
    })
    .await?;
    Ok(())
}

/// All that is known of partners: a few hundred rows.
pub(super) async fn known(connection: &mut SqliteConnection, now: Timestamp) -> Result<Partners, Fault> {
    let from = now.checked_sub(YEAR).unwrap_or(Timestamp::MIN);
    let days = sqlx::query(sql::PARTNER_DAYS)
        .bind(from.as_second().div_euclid(24 * 60 * 60))
        .fetch_all(&mut *connection)
        .await?;
    let first = sqlx::query(sql::FIRST_RULES)
        .fetch_optional(&mut *connection)
        .await?;
    let told = sqlx::query(sql::DRIFTS).fetch_all(&mut *connection).await?;
    Ok(Partners {
        since: first.as_ref().map(rulebook_at).transpose()?,
        days: days.iter().map(partner_day).collect::<Result<_, _>>()?,
        told: told.iter().map(drift_told).collect::<Result<_, _>>()?,
        silent: silent(connection).await?,
    })
}

/// About whose silence a task is open.
pub(super) async fn silent(connection: &mut SqliteConnection) -> Result<BTreeSet<SourceId>, Fault> {
    let names: Vec<String> = sqlx::query_scalar(sql::SILENT).fetch_all(connection).await?;
    Ok(names.iter().map(|name| SourceId::new(name)).collect())
}

/// What came from a partner on one day.
fn partner_day(row: &SqliteRow) -> Result<PartnerDay, Fault> {
    let record = Record::of("partner_day", row)?;
    Ok(PartnerDay {
        source: SourceId::new(record.get("source")?),
        day: day(record.number("day")?).ok_or_else(|| record.unknown("day"))?,
        mails: record.number("mails")?,
        unrecognised: record.number("unrecognised")?,
        last: record.moment("last")?,
    })
}

/// When it was told of a partner that what it sends is not recognised.
fn drift_told(row: &SqliteRow) -> Result<(SourceId, Timestamp), Fault> {
    let record = Record::of("drift", row)?;
    Ok((SourceId::new(record.get("source")?), record.moment("told")?))
}

/// When a line of the rulebook was written.
fn rulebook_at(row: &SqliteRow) -> Result<Timestamp, Fault> {
    Record::of("rulebook", row)?.moment("at")
}
