//! What only shows from the inside: query plans, the list of steps, and connections that SQLite left in the lurch.

use sqlx::{AssertSqlSafe, Row as _};

use super::*;

async fn new_ledger() -> (tempfile::TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("ledger.db")).await.unwrap();
    (folder, store)
}

async fn plan(store: &SqliteStore, sql: &str) -> Vec<String> {
    let mut reader = store.reader().await.unwrap();
    sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")))
        .fetch_all(&mut *reader)
        .await
        .unwrap()
        .iter()
        .map(|row| row.get("detail"))
        .collect()
}

#[tokio::test]
async fn whatever_grows_is_searched_by_an_index_and_never_sorted() {
    let (_folder, store) = new_ledger().await;
    let open_in_order = format!("{} ORDER BY due, id", read::sql::OPEN_TASKS);
    let all_in_order = "SELECT * FROM task WHERE true ORDER BY due, id".to_owned();
    for (sql, index) in [
        (read::sql::KNOWN, "PRIMARY KEY (folder=?)"),
        (read::sql::UNMARKED, "INDEX place_unmarked (folder=?)"),
        (read::sql::NEXT_MOMENT, "INDEX task_by_next_moment"),
        (read::sql::NEXT_LETTER, "INDEX letter_waiting"),
        (read::sql::DUE, "INDEX task_by_next_moment (next_at<?)"),
        (read::sql::WAITING_LETTERS, "INDEX letter_waiting (next_at<?)"),
        (
            read::sql::SEEN,
            "INDEX sqlite_autoindex_message_1 (fingerprint=?)",
        ),
        (read::sql::TASKS_BY_ID, "INTEGER PRIMARY KEY (rowid=?)"),
        (read::sql::HISTORY_BY_TASK, "INDEX history_of_task (task=?)"),
        (read::sql::MESSAGE, "INTEGER PRIMARY KEY (rowid=?)"),
        (read::sql::LAST_IDS, "SEARCH letter"),
        (read::sql::DOSSIERS, "SEARCH person USING PRIMARY KEY (key=?)"),
        (
            read::sql::RECORDED,
            "SEARCH message USING INTEGER PRIMARY KEY (rowid>?)",
        ),
        (read::sql::KEPT, "INTEGER PRIMARY KEY (rowid=?)"),
        (&open_in_order, "INDEX task_open_by_due"),
        (&all_in_order, "INDEX task_by_due"),
    ] {
        let plan = plan(&store, sql).await;
        assert!(plan.iter().any(|step| step.contains(index)), "{sql}: {plan:#?}");
        for step in &plan {
            let scans = step.starts_with("SCAN")
                && !step.contains("json_each")
                && !step.contains("CONSTANT ROW")
                && !step.contains("INDEX task_")
                && !step.contains("INDEX letter_waiting");
            // Histories are put in order after they were found; there are few lines to a task.
            let sorts = step.contains("TEMP B-TREE") && sql != read::sql::HISTORY_BY_TASK;
            assert!(!scans && !sorts, "{sql}: {step}");
        }
    }
}

#[tokio::test]
async fn the_books_are_counted_over_narrow_indexes() {
    let (_folder, store) = new_ledger().await;
    let plan = plan(&store, read::sql::BOOKS).await;
    for step in plan
        .iter()
        .filter(|step| step.starts_with("SCAN") || step.starts_with("SEARCH"))
    {
        let narrow =
            step.contains("USING COVERING INDEX") || *step == "SCAN letter" || step.contains("CONSTANT ROW");
        assert!(narrow, "{step} in {plan:#?}");
    }
    for index in [
        "task_by_message",
        "message_without_task",
        "place_again",
        "place_unmarked",
        "task_open_by_due",
        "task_unguarded",
        "letter_waiting",
        "letter_refused",
    ] {
        assert!(
            plan.iter().any(|step| step.contains(index)),
            "{index} in {plan:#?}"
        );
    }
}

#[tokio::test]
async fn tasks_that_move_are_found_by_their_numbers() {
    let (_folder, store) = new_ledger().await;
    let plan = plan(
        &store,
        "WITH new (id, state) AS (VALUES (1, 'done'), (2, 'done')) UPDATE task SET state = new.state FROM new \
         WHERE task.id = new.id",
    )
    .await;
    assert!(
        plan.iter()
            .any(|step| step == "SEARCH task USING INTEGER PRIMARY KEY (rowid=?)"),
        "{plan:#?}"
    );
}

#[tokio::test]
async fn a_connection_whose_transaction_sqlite_undid_is_replaced() {
    let (_folder, store) = new_ledger().await;
    for _ in 0..3 {
        let mut transaction = store.writer.begin_with("BEGIN IMMEDIATE").await.unwrap();
        // What SQLite does by itself when a disk fails.
        sqlx::raw_sql("ROLLBACK")
            .execute(&mut *transaction)
            .await
            .unwrap();
        drop(transaction);
    }
    store.begin().await.expect("a sound connection took its place");
}

#[tokio::test]
async fn readers_cannot_write() {
    let (_folder, store) = new_ledger().await;
    let mut reader = store.reader().await.unwrap();
    let refusal = sqlx::raw_sql("DELETE FROM reading")
        .execute(&mut *reader)
        .await
        .unwrap_err();
    assert!(matches!(store.file.judge(refusal), StoreError::Broken(_)));
}

#[tokio::test]
async fn a_commit_is_on_the_disk_before_it_is_reported() {
    let (_folder, store) = new_ledger().await;
    let mut writer = store.writer.acquire().await.unwrap();
    let full: i64 = sqlx::query_scalar("PRAGMA synchronous")
        .fetch_one(&mut *writer)
        .await
        .unwrap();
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(&mut *writer)
        .await
        .unwrap();
    assert_eq!((full, journal.as_str()), (2, "wal"));
}

#[test]
fn every_step_in_the_folder_is_taken() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let steps = STEPS.map(|(number, name, _)| format!("{number:04}_{name}.sql"));
    assert_eq!(files, steps);
}
