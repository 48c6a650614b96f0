//! Tasks are written, new ones and those that have moved on.

use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;

use super::fault::Fault;
use super::write::{Values, count, write_rows};
use crate::domain::{Cause, PersonId, SourceId, Task, TaskState};

/// Writes new tasks.
pub(super) async fn open(connection: &mut SqliteConnection, tasks: &[Task]) -> Result<(), Fault> {
    let head = "INSERT INTO task (id, message, expectation, silence, kind, title, critical, drill, caseload, assignee, received, opened, due, rules, \
                state, next_at, rung, round, person, since) ";
    write_rows(connection, head, tasks, "", bind_task).await?;
    Ok(())
}

/// Writes everything that a task is made of, so that no transition can change something that is then lost. Mostly a task
/// is called again and nothing else; so what a call changes is written by itself, because whatever is named in an UPDATE
/// has all its indexes written, even where it stays the same.
pub(super) async fn moved(connection: &mut SqliteConnection, tasks: &[Task]) -> Result<(), Fault> {
    let head = "WITH new (id, message, expectation, silence, kind, title, critical, drill, caseload, assignee, received, opened, due, rules, \
                state, next_at, rung, round, person, since) AS (";
    let tail = ") UPDATE task SET message = new.message, expectation = new.expectation, silence = new.silence, kind = new.kind, title = new.title, critical = new.critical, drill = new.drill, \
                caseload = new.caseload, assignee = new.assignee, received = new.received, opened = new.opened, \
                due = new.due, rules = new.rules, state = new.state, next_at = new.next_at, rung = new.rung, \
                round = new.round, person = new.person, since = new.since FROM new WHERE task.id = new.id \
                AND (task.message, task.expectation, task.silence, task.kind, task.title, task.critical, task.drill, task.caseload, task.assignee, \
                     task.received, task.opened, task.due, task.rules, task.state, task.since) \
                IS NOT (new.message, new.expectation, new.silence, new.kind, new.title, new.critical, new.drill, new.caseload, new.assignee, \
                        new.received, new.opened, new.due, new.rules, new.state, new.since)";
    write_rows(connection, head, tasks, tail, bind_task).await?;
    let head = "WITH new (id, next_at, rung, round, person) AS (";
    let tail = ") UPDATE task SET next_at = new.next_at, rung = new.rung, round = new.round, person = new.person \
                FROM new WHERE task.id = new.id";
    let touched = write_rows(connection, head, tasks, tail, |values, task| {
        values.push_bind(task.id.0);
        bind_call(values, task);
    })
    .await?;
    if touched == count(tasks) {
        Ok(())
    } else {
        Err(Fault::Missing { table: "task" })
    }
}

fn bind_task(values: &mut Values<'_>, task: &Task) {
    let (state, since) = match &task.state {
        TaskState::Waiting(_) => ("waiting", None),
        TaskState::Taken { since, .. } => ("taken", Some(since)),
        TaskState::Done { at, .. } => ("done", Some(at)),
    };
    let (expectation, silence) = match &task.cause {
        Cause::Notice(_) | Cause::Chore => (None, None),
        Cause::Expectation { expectation, .. } => (Some(expectation), None),
        Cause::Silence(source) => (None, Some(source)),
    };
    values
        .push_bind(task.id.0)
        .push_bind(task.message().map(|message| message.0))
        .push_bind(expectation.map(|id| id.0))
        .push_bind(silence.map(SourceId::as_str))
        .push_bind(task.kind.as_str())
        .push_bind(task.title.as_str())
        .push_bind(task.critical)
        .push_bind(task.drill)
        .push_bind(task.caseload.as_str())
        .push_bind(task.assignee.as_ref().map(PersonId::as_str))
        .push_bind(task.received.as_microsecond())
        .push_bind(task.opened.as_microsecond())
        .push_bind(task.due.as_microsecond())
        .push_bind(task.rules.as_str())
        .push_bind(state);
    bind_call(values, task);
    values.push_bind(since.map(|at| at.as_microsecond()));
}

/// When a task wants attention again, where it stands on its ladder, and who has it.
fn bind_call(values: &mut Values<'_>, task: &Task) {
    let (rung, round, person) = match &task.state {
        TaskState::Waiting(climb) => (Some(climb.rung), Some(climb.round), climb.told.as_ref()),
        TaskState::Taken { by, .. } => (None, None, Some(by)),
        TaskState::Done { by, .. } => (None, None, by.as_ref()),
    };
    values
        .push_bind(task.next_moment().map(Timestamp::as_microsecond))
        .push_bind(rung)
        .push_bind(round)
        .push_bind(person.map(PersonId::as_str));
}
