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
    let open_in_order = format!("{} ORDER BY due, id", sql::OPEN_TASKS);
    let all_in_order = "SELECT * FROM task WHERE true ORDER BY due, id".to_owned();
    for (sql, index) in [
        (sql::KNOWN, "PRIMARY KEY (folder=?)"),
        (sql::UNMARKED, "INDEX place_unmarked (folder=?)"),
        (sql::SEEN, "INDEX sqlite_autoindex_message_1 (fingerprint=?)"),
        (sql::MESSAGE, "INTEGER PRIMARY KEY (rowid=?)"),
        (sql::DOSSIERS, "SEARCH person USING PRIMARY KEY (key=?)"),
        (sql::FILED, "SEARCH filed USING PRIMARY KEY (dossier=?)"),
        (
            expectations::sql::OCCURRENCES,
            "SEARCH filed USING PRIMARY KEY (dossier=?)",
        ),
        (
            sql::RECORDED,
            "SEARCH message USING INTEGER PRIMARY KEY (rowid>?)",
        ),
        (sql::KEPT, "INTEGER PRIMARY KEY (rowid=?)"),
        (sql::LETTER, "SEARCH letter USING INTEGER PRIMARY KEY (rowid=?)"),
        (sql::LETTERS_WITH, "INDEX letter_together (together=?)"),
        (sql::DRILL, "SEARCH drill USING INTEGER PRIMARY KEY (rowid=?)"),
        (sql::PARTNER_DAYS, "SEARCH partner_day USING PRIMARY KEY (day>?)"),
        (sql::SILENT, "INDEX task_of_silence"),
        (sql::LAST_SILENCES, "COVERING INDEX task_of_silence"),
        (sql::FIRST_SENT, "INDEX letter_by_task (task=?)"),
        (sql::LETTERS_OF_TASK, "INDEX letter_by_task (task=?)"),
        (sql::OVERTAKE, "INDEX letter_by_task (task=? AND rowid<?)"),
        (sql::OVERTAKE_OCCASION, "INDEX letter_waiting"),
        (
            sql::TASKS_OF_CHORES,
            "INDEX task_open_chore (message=? AND kind=?)",
        ),
        (sql::TASKS_BESIDE, "INDEX task_open_chore (message=? AND kind=?)"),
        (sql::TASKS_BESIDE, "INDEX task_of_silence (silence=?)"),
        (sql::PILE, "INDEX task_open_critical (caseload=?)"),
        (sql::PILES, "COVERING INDEX task_open_critical"),
        (sql::PUT_OFF, "INDEX task_by_next_moment (next_at>?)"),
        (sql::PUT_OFF, "INDEX history_of_task (task=?)"),
        (sql::LAST_STEP, "INDEX task_by_next_moment"),
        (sql::LAST_STEP, "INDEX history_of_task (task=?)"),
        (sql::RESTING, "INDEX letter_waiting (next_at>?)"),
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
            assert!(!scans && !step.contains("TEMP B-TREE"), "{sql}: {step}");
        }
    }
}

/// What is asked at every moment of every task and before every letter, with the index that each of them lives by.
const AT_EVERY_MOMENT: [(&str, &str); 16] = [
    (sql::NEXT_MOMENT, "task_by_next_moment"),
    (sql::NEXT_MOMENT, "absence_by_next_moment"),
    (sql::NEXT_MOMENT, "drill_by_next_moment"),
    (sql::NEXT_LETTER, "letter_waiting"),
    (sql::DUE, "task_by_next_moment"),
    (sql::DUE, "absence_by_next_moment"),
    (sql::DUE, "drill_by_next_moment"),
    (sql::HISTORY_BY_TASK, "history_of_task"),
    (sql::NEXT_MOMENT, "expectation_by_next_moment"),
    (sql::DUE, "expectation_by_next_moment"),
    (expectations::sql::FILED_IN, "filed_by_task"),
    (
        expectations::sql::EXPECTATIONS_OF_DOSSIERS,
        "expectation_of_dossier",
    ),
    (expectations::sql::EXPECTATIONS_OF_WEEKS, "expectation_of_week"),
    (sql::UNSENT, "letter_by_task"),
    (sql::TASKS_WITH, "task_open_by_person"),
    (sql::WAITING_LETTERS, "letter_waiting"),
];

/// Tables with a row or more for every task, letter or absence there ever was.
const GROWING: [&str; 11] = [
    "absence",
    "content",
    "drill",
    "expectation",
    "filed",
    "history",
    "letter",
    "message",
    "place",
    "task",
    "wording",
];

/// The steps of a plan that walk through a table that grows, with or without an index.
async fn walks(store: &SqliteStore, sql: &str) -> Vec<String> {
    let mut steps = plan(store, sql).await;
    steps.retain(|step| {
        let table = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
        table.is_some_and(|table| GROWING.contains(&table))
    });
    steps
}

#[tokio::test]
async fn no_moment_and_no_letter_is_found_by_walking_through_a_table() {
    let (_folder, store) = new_ledger().await;
    let others = [
        sql::TASKS_BY_ID,
        sql::LAST_IDS,
        sql::ABSENCES_SOON,
        sql::ABSENCES_BY_ID,
        sql::OVERTAKE,
        expectations::sql::OCCURRENCES,
        expectations::sql::ABOUT,
        expectations::sql::EXPECTATIONS_BY_ID,
        expectations::sql::EXPECTATIONS_OF_TASKS,
    ];
    for sql in AT_EVERY_MOMENT.into_iter().map(|(sql, _)| sql).chain(others) {
        assert_eq!(walks(&store, sql).await, [""; 0], "{sql}");
    }
    for (sql, _) in AT_EVERY_MOMENT {
        let sorts = plan(&store, sql).await;
        let sorts = sorts.iter().any(|step| step.contains("TEMP B-TREE"));
        // Histories are put in order after they were found; there are few lines to a task.
        assert!(!sorts || sql == sql::HISTORY_BY_TASK, "{sql}");
    }
}

#[test]
fn a_limit_does_not_have_the_plan_made_anew_each_time() {
    let limited = [sql::DUE, sql::WAITING_LETTERS, sql::PILE, sql::RECORDED];
    for sql in limited {
        assert!(sql.contains("LIMIT +?2") && !sql.contains("LIMIT ?"), "{sql}");
    }
}

#[tokio::test]
async fn each_of_these_would_walk_without_its_index() {
    for (sql, index) in AT_EVERY_MOMENT {
        let (_folder, store) = new_ledger().await;
        let drop = AssertSqlSafe(format!("DROP INDEX {index}"));
        sqlx::raw_sql(drop).execute(&store.writer).await.unwrap();
        assert_ne!(walks(&store, sql).await, [""; 0], "{sql} without {index}");
    }
}

#[tokio::test]
async fn the_books_are_counted_over_narrow_indexes() {
    let (_folder, store) = new_ledger().await;
    let plan = plan(&store, sql::BOOKS).await;
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
        "task_drill",
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
async fn a_letter_that_somebody_has_to_see_to_is_the_first_of_an_index() {
    let (_folder, store) = new_ledger().await;
    for (sql, step) in [
        (
            sql::LONGEST_WAITING,
            "SCAN letter USING INDEX letter_waiting_since",
        ),
        (
            sql::LAST_REFUSED,
            "SEARCH letter USING INDEX letter_refused (settled>?)",
        ),
    ] {
        assert_eq!(plan(&store, sql).await, [step], "{sql}");
        assert!(sql.ends_with("LIMIT 1"));
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
