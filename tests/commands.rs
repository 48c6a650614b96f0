//! The program as people type it: exit codes, one clear line for what went wrong, JSON that scripts can read.

mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use koppelwacht::domain::KeyId;
use koppelwacht::settings::Settings;
use koppelwacht::store::Store as _;
use koppelwacht::store::sqlite::SqliteStore;
use serde_json::Value;
use support::stage::{Stage, at, koppeling};

fn koppelwacht(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_koppelwacht"))
        .args(arguments)
        .env_remove("KOPPELWACHT_PERSON")
        .env_remove("KOPPELWACHT_CONFIG")
        .env_remove("CREDENTIALS_DIRECTORY")
        .env("LOGNAME", "nobody-here")
        .output()
        .expect("the program starts")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("it was not killed")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// An installation on a Maildir, with letters into a folder.
fn small_office() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for part in ["new", "cur", "tmp"] {
        fs::create_dir_all(dir.path().join("mailbox").join(part)).expect("a folder");
    }
    let key = dir.path().join("vault.key");
    fs::write(&key, include_str!("support/vault.key")).expect("a file");
    fs::set_permissions(&key, Permissions::from_mode(0o600)).expect("nobody else reads it");
    let settings = "ledger = \"ledger.sqlite\"\n[vault]\nkey_file = \"vault.key\"\n[identity]\nmunicipality = \"Gemeente Voorbeeld\"\n\
                    address = \"koppelwacht@gemeente-voorbeeld.nl\"\ndomains = [\"gemeente-voorbeeld.nl\"]\n\
                    authserv_id = \"mx.gemeente-voorbeeld.nl\"\nletter_domain = \"koppelwacht.gemeente-voorbeeld.nl\"\n\
                    [[mailbox]]\nname = \"post\"\nmaildir = \"mailbox\"\n[letters]\ndirectory = \"letters\"\n";
    fs::write(dir.path().join("koppelwacht.toml"), settings).expect("a file");
    dir
}

fn config(dir: &tempfile::TempDir) -> String {
    dir.path().join("koppelwacht.toml").display().to_string()
}

fn sample_mails() -> Vec<String> {
    let mut mails: Vec<String> = fs::read_dir("tests/mails")
        .expect("the sample mails")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .map(|path| path.display().to_string())
        .collect();
    mails.sort();
    mails
}

#[test]
fn explain_prints_one_json_object_a_line_for_every_sample_mail() {
    let mails = sample_mails();
    let arguments: Vec<&str> = ["explain", "--json"]
        .into_iter()
        .chain(mails.iter().map(String::as_str))
        .collect();
    let output = koppelwacht(&arguments);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let lines: Vec<Value> = out(&output)
        .lines()
        .map(|line| serde_json::from_str(line).expect("a JSON object"))
        .collect();
    assert_eq!(lines.len(), mails.len());
    for (line, mail) in lines.iter().zip(&mails) {
        assert_eq!(line["file"], mail.as_str());
        assert!(
            line["types"].as_array().is_some_and(|types| !types.is_empty()),
            "{line}"
        );
        assert!(
            line["rule"].is_string() && line["codes"].is_array() && line["why"].is_array(),
            "{line}"
        );
        assert!(
            line["sender"]["verdict"].is_string() && line["sender"]["reason"].is_string(),
            "{line}"
        );
        assert!(
            line["references"]["v_nummers"].is_array() && line["references"]["bsns"].is_array(),
            "{line}"
        );
        for task in line["tasks"].as_array().expect("tasks") {
            for key in ["type", "title", "due", "caseload"] {
                assert!(task[key].is_string(), "{task}");
            }
        }
    }
}

#[test]
fn explain_answers_readably_without_a_daemon_and_says_what_it_cannot_read() {
    let output = koppelwacht(&["explain", "tests/mails/045.eml", "tests/mails/nergens.eml"]);
    assert_eq!(code(&output), 2);
    assert!(out(&output).contains("coa.koppeling"), "{}", out(&output));
    assert!(
        err(&output).contains("nergens.eml cannot be read"),
        "{}",
        err(&output)
    );
}

#[test]
fn check_is_silent_about_what_ships_and_ends_with_1_for_mistakes() {
    let output = koppelwacht(&["check"]);
    assert_eq!(code(&output), 0, "{}", out(&output));

    let dir = small_office();
    let broken = fs::read_to_string(config(&dir))
        .expect("settings")
        .replace("authserv_id", "authservid");
    fs::write(config(&dir), broken).expect("settings");
    let output = koppelwacht(&["check", "--config", &config(&dir)]);
    assert_eq!(code(&output), 1);
    assert!(
        out(&output).contains("did you mean `authserv_id`?"),
        "{}",
        out(&output)
    );

    let output = koppelwacht(&["check", "--json", "--config", &config(&dir)]);
    assert_eq!(code(&output), 1);
    let first: Value = serde_json::from_str(out(&output).lines().next().expect("a finding")).expect("JSON");
    assert!(
        first["line"].is_number() && first["message"].is_string(),
        "{first}"
    );

    let output = koppelwacht(&["run", "--config", &config(&dir)]);
    assert_eq!(code(&output), 2, "nothing starts on settings with a mistake");
}

/// What `check` says about an installation, a line for each finding; with its exit code.
fn checked(dir: &tempfile::TempDir) -> (i32, String) {
    let output = koppelwacht(&["check", "--no-tests", "--json", "--config", &config(dir)]);
    let lines = out(&output);
    let finding = |line: &str| {
        let finding: Value = serde_json::from_str(line).expect("JSON");
        format!(
            "{}: {} ({})\n",
            finding["line"], finding["message"], finding["help"]
        )
    };
    (code(&output), lines.lines().map(finding).collect())
}

#[test]
fn check_looks_for_the_files_without_which_the_service_would_not_start() {
    let dir = small_office();
    let folder = dir.path();
    let allow = |mode, name: &str| {
        fs::set_permissions(folder.join(name), Permissions::from_mode(mode)).expect("a file");
    };
    let private = |name: &str| allow(0o640, name);
    allow(0o644, "vault.key");
    assert!(
        checked(&dir)
            .1
            .contains("everybody on this machine can read the key")
    );
    private("vault.key");
    assert_eq!(checked(&dir), (0, String::new()));

    let settings = fs::read_to_string(config(&dir)).expect("settings");
    let smtp = "host = \"smtp.gemeente-voorbeeld.nl\"\ntls = \"starttls\"\nuser = \"ons\"\npassword_file = \"smtp.password\"";
    let changed = settings
        .replace("directory = \"letters\"", smtp)
        .replace("\"mailbox\"", "\"post\"")
        .replace("\"ledger.sqlite\"", "\"boeken/ledger.sqlite\"")
        .replace("\"vault.key\"", "\"sleutel\"");
    fs::write(config(&dir), &changed).expect("settings");
    fs::create_dir(folder.join("boeken")).expect("a folder");
    let (code, said) = checked(&dir);
    assert_eq!(code, 1, "{said}");
    for (line, missing) in [(2, "key of the vault"), (10, "Maildir"), (13, "password file")] {
        assert!(
            said.contains(&format!("{line}: \"the {missing}")),
            "{missing}: {said}"
        );
    }
    assert_eq!(said.matches("is not there").count(), 3, "{said}");

    fs::remove_dir(folder.join("boeken")).expect("a folder");
    fs::write(folder.join("sleutel"), "").expect("a file");
    fs::write(folder.join("smtp.password"), "hunter2\nhunter3\n").expect("a file");
    fs::create_dir_all(folder.join("post/new")).expect("a folder");
    let (code, said) = checked(&dir);
    assert_eq!(code, 1);
    for wrong in [
        "1: \"the folder of the ledger",
        "sleutel is empty",
        "`cur`",
        "smtp.password is empty",
    ] {
        assert!(said.contains(wrong), "{wrong}: {said}");
    }
    assert!(!said.contains("hunter"), "{said}");
}

#[test]
fn a_folder_in_which_no_letter_can_be_written_is_found_by_check_as_it_would_be_by_a_start() {
    let dir = small_office();
    let letters = dir.path().join("letters");
    let things = |folder: &Path| fs::read_dir(folder).expect("a folder").count();
    let before = things(dir.path());
    assert_eq!(
        checked(&dir),
        (0, String::new()),
        "it is made with the first letter"
    );
    assert_eq!(things(dir.path()), before, "and not by whoever looks");
    fs::create_dir(&letters).expect("a folder");
    assert_eq!((checked(&dir), things(&letters)), ((0, String::new()), 0));
    fs::remove_dir(&letters).expect("a folder");

    fs::write(&letters, "").expect("a file in its place");
    let (code_of_check, found) = checked(&dir);
    let told = format!("letters cannot leave: the folder {} cannot", letters.display());
    assert_eq!(code_of_check, 1, "{found}");
    assert!(found.contains(&format!("13: \"{told}")), "{found}");
    let output = koppelwacht(&["run", "--config", &config(&dir)]);
    let said = err(&output);
    assert_eq!(code(&output), 2, "{said}");
    assert!(said.contains(&format!("koppelwacht: {told}")), "{said}");
}

#[test]
fn settings_that_are_written_where_no_service_runs_are_no_mistake() {
    let dir = small_office();
    let elsewhere = fs::read_to_string(config(&dir))
        .expect("settings")
        .replace("\"ledger.sqlite\"", "\"/nergens/boeken/ledger.sqlite\"")
        .replace("\"vault.key\"", "\"/nergens/vault.key\"")
        .replace("\"mailbox\"", "\"/nergens/post\"");
    fs::write(config(&dir), elsewhere).expect("settings");
    let output = koppelwacht(&["check", "--no-tests", "--config", &config(&dir)]);
    assert_eq!(code(&output), 0, "{}", out(&output));
    let said = "files: not here yet, and needed where the service is to run: /nergens/boeken, /nergens/vault.key, /nergens/post\n";
    assert!(out(&output).contains(said), "{}", out(&output));

    // The ledger may lie beside the settings, whose folder is there wherever they are.
    let beside = fs::read_to_string(config(&dir))
        .expect("settings")
        .replace("\"/nergens/boeken/ledger.sqlite\"", "\"ledger.sqlite\"");
    fs::write(config(&dir), beside).expect("settings");
    let output = koppelwacht(&["check", "--no-tests", "--config", &config(&dir)]);
    assert_eq!(code(&output), 0, "{}", out(&output));
    let said = "run: /nergens/vault.key, /nergens/post\n";
    assert!(out(&output).contains(said), "{}", out(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_of_which_the_first_day_lies_ahead_is_named_by_check_and_by_status() {
    let dir = small_office();
    let config = config(&dir);
    let settings = fs::read_to_string(&config).expect("settings");
    let output = koppelwacht(&["check", "--no-tests", "--config", &config]);
    assert!(!out(&output).contains("is read"), "{}", out(&output));

    let ahead = settings.replace("name = \"post\"\n", "name = \"post\"\nsince = 2999-01-01\n");
    fs::write(&config, ahead).expect("settings");
    let output = koppelwacht(&["check", "--no-tests", "--config", &config]);
    assert_eq!(code(&output), 0, "it is not forbidden");
    for said in [
        "nothing that comes before 2999-01-01 is read",
        "koppelwacht.toml:12:9",
        "12 │ since = 2999-01-01",
        "0 error(s), 1 warning(s)",
    ] {
        assert!(out(&output).contains(said), "{said}: {}", out(&output));
    }

    SqliteStore::open(&dir.path().join("ledger.sqlite"))
        .await
        .expect("a ledger");
    let output = koppelwacht(&["status", "--config", &config]);
    let said = "mailbox  post: nothing that comes before 2999-01-01 is read";
    assert!(out(&output).contains(said), "{}", out(&output));
    let output = koppelwacht(&["status", "--json", "--config", &config]);
    let told: Value = serde_json::from_str(&out(&output)).expect("JSON");
    assert_eq!(
        told["not_yet_read"],
        serde_json::json!([{ "mailbox": "post", "since": "2999-01-01" }])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn acting_on_tasks_that_are_not_there_or_as_nobody_is_refused_in_one_line() {
    let dir = small_office();
    let config = config(&dir);
    let output = koppelwacht(&["task", "list", "--config", &config]);
    assert_eq!(
        code(&output),
        2,
        "a command makes no ledger that the daemon could not write"
    );
    assert!(err(&output).contains("there is no ledger at"), "{}", err(&output));

    SqliteStore::open(&dir.path().join("ledger.sqlite"))
        .await
        .expect("a ledger");
    let output = koppelwacht(&["task", "list", "--config", &config]);
    assert_eq!((code(&output), out(&output).as_str()), (0, "no tasks\n"));
    for (arguments, said) in [
        (
            vec!["task", "list", "--caseload", "triaeg"],
            "there is no caseload `triaeg` in the rules; did you mean `triage`?",
        ),
        (
            vec!["task", "list", "--person", "m.kuipres"],
            "did you mean `m.kuipers`?",
        ),
        (
            vec!["task", "take", "7", "--as", "m.kuipres"],
            "did you mean `m.kuipers`?",
        ),
        (
            vec!["absence", "add", "m.kuipres", "--as", "m.kuipers"],
            "did you mean `m.kuipers`?",
        ),
        (
            vec!["task", "take", "7", "--as", "m.kuipers"],
            "there is no task 7",
        ),
        (
            vec!["task", "take", "7"],
            "`nobody-here` is not a person in the rules",
        ),
        (vec!["task", "show", "7"], "there is no task 7"),
        (
            vec!["task", "reopen", "7", "--as", "m.kuipers"],
            "there is no task 7",
        ),
        (
            vec![
                "dossier",
                "--bsn",
                "999916932",
                "--event",
                "pip_vastgesteld",
                "--on",
                "2026-11-20",
                "--take-back",
                "--as",
                "m.kuipers",
            ],
            "nothing is known about either number",
        ),
    ] {
        let output = koppelwacht(&[arguments, vec!["--config", &config]].concat());
        assert_eq!(code(&output), 2, "{}", err(&output));
        assert!(err(&output).contains(said), "{}", err(&output));
    }
    let output = koppelwacht(&["status", "--config", "/nergens.toml"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("/nergens.toml"), "{}", err(&output));
    let output = koppelwacht(&["status", "--config", &config]);
    assert_eq!(code(&output), 1, "a watch that never ran is not all well");
    assert!(
        out(&output).contains("no mailbox was ever read")
            && out(&output).contains("`koppelwacht run` does not run on this ledger"),
        "{}",
        out(&output)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absence_that_is_entered_twice_is_known_and_one_that_goes_on_is_kept_beside_it() {
    let dir = small_office();
    SqliteStore::open(&dir.path().join("ledger.sqlite"))
        .await
        .expect("a ledger");
    let config = config(&dir);
    let add = |days: [&str; 2]| {
        let [from, until] = days;
        koppelwacht(&[
            "absence",
            "add",
            "f.elamrani",
            "--from",
            from,
            "--until",
            until,
            "--as",
            "m.kuipers",
            "--config",
            &config,
        ])
    };
    let open = [
        "absence",
        "add",
        "m.kuipers",
        "--as",
        "m.kuipers",
        "--config",
        &config,
    ];
    let open = koppelwacht(&open);
    assert_eq!(code(&open), 0, "{}", err(&open));
    assert!(!out(&open).contains("already"), "{}", out(&open));
    // Further away than what every decision looks at.
    let first = add(["2986-11-30", "2986-12-04"]);
    assert_eq!(code(&first), 0, "{}", err(&first));
    assert!(out(&first).contains("until Mon 2986-12-04 ("), "{}", out(&first));
    let twin = add(["2986-11-30", "2986-12-04"]);
    assert_eq!(code(&twin), 2, "{}", out(&twin));
    let known = "`f.elamrani` is away already, until Mon 2986-12-04 (absence 2)";
    assert!(err(&twin).contains(known), "{}", err(&twin));

    let longer = add(["2986-12-03", "2986-12-11T12:30"]);
    assert_eq!(code(&longer), 0, "{}", err(&longer));
    let beside = "`f.elamrani` is away already, until Mon 2986-12-04 (absence 2); both hold";
    for said in [beside, "until Mon 2986-12-11 12:30 ("] {
        assert!(out(&longer).contains(said), "{said}: {}", out(&longer));
    }
    assert!(!out(&longer).contains("absence 3"), "{}", out(&longer));
}

#[test]
fn a_ledger_that_is_no_ledger_is_said_in_one_line() {
    let dir = small_office();
    fs::write(
        dir.path().join("ledger.sqlite"),
        "geen grootboek, maar een brief\n".repeat(100),
    )
    .expect("a file");
    for arguments in [["status", "--config"], ["run", "--config"]] {
        let output = koppelwacht(&[&arguments[..], &[config(&dir).as_str()]].concat());
        assert_eq!(code(&output), 2);
        assert!(err(&output).contains("ledger.sqlite"), "{}", err(&output));
    }
    // A restore that failed is not taken for a new beginning.
    fs::write(dir.path().join("ledger.sqlite"), "").expect("a file");
    for arguments in [["status", "--config"], ["run", "--config"]] {
        let output = koppelwacht(&[&arguments[..], &[config(&dir).as_str()]].concat());
        assert_eq!(code(&output), 2);
        let said = err(&output);
        let last = said.lines().last().expect("a line");
        assert!(
            last.contains("ledger.sqlite is empty") && last.contains("put the backup"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn whoever_reads_the_output_may_stop_before_its_end() {
    let dir = small_office();
    SqliteStore::open(&dir.path().join("ledger.sqlite"))
        .await
        .expect("a ledger");
    let config = config(&dir);
    let key = dir.path().join("nieuw.key").display().to_string();
    for (arguments, ends) in [
        (&["completions", "bash"][..], 0),
        (&["task", "list", "--config", &config], 0),
        (&["status", "--config", &config], 1),
        (&["status", "--json", "--config", &config], 1),
        (&["reclassify", "--as", "m.kuipers", "--config", &config], 0),
        (&["replay", "--rules", "rules", "--config", &config], 0),
        (&["key", "new", &key], 0),
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = Command::new(env!("CARGO_BIN_EXE_koppelwacht"))
            .args(arguments)
            .stdout(writer)
            .output()
            .expect("the program starts");
        assert_eq!(
            (code(&output), err(&output)),
            (ends, String::new()),
            "{arguments:?}"
        );
    }
    for arguments in [
        &["status", "--config", "/nergens.toml"][..],
        &["key", "new", &key],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let status = Command::new(env!("CARGO_BIN_EXE_koppelwacht"))
            .args(arguments)
            .stderr(writer)
            .stdout(std::process::Stdio::null())
            .status()
            .expect("the program starts");
        assert_eq!(status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn completions_are_printed_for_the_usual_shells() {
    for shell in ["bash", "zsh", "fish"] {
        let output = koppelwacht(&["completions", shell]);
        assert_eq!(code(&output), 0);
        assert!(out(&output).contains("koppelwacht"));
    }
}

#[test]
fn the_demo_tells_the_whole_story_and_leaves_something_to_look_at() {
    let dir = tempfile::tempdir().expect("a folder");
    let stage = dir.path().join("demo");
    let output = koppelwacht(&["demo", "--dir", &stage.display().to_string()]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let story = out(&output);
    for said in [
        "told f.elamrani as holder",
        "skipped deputy: j.hendriks is away",
        "told s.deboer as team lead",
    ] {
        assert!(story.contains(said), "not said: {said}\n{story}");
    }
    assert!(
        story.contains("told everybody behind the functional address") && story.contains("s.deboer: done")
    );
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri"];
    let moments = story.lines().filter_map(|line| {
        let day = days.iter().position(|day| line.starts_with(&format!("{day} ")))?;
        Some((day, line.get(4..9)?))
    });
    assert!(moments.is_sorted(), "what happened later is told later:\n{story}");
    assert!(letters(&stage.join("letters")) >= 4);

    let config = stage.join("koppelwacht.toml").display().to_string();
    let status = koppelwacht(&["status", "--json", "--config", &config]);
    assert_eq!(code(&status), 1, "the demo is over: {}", out(&status));
    let books: Value = serde_json::from_str(&out(&status)).expect("JSON");
    assert_eq!(
        (&books["messages"], &books["with_task"], &books["done"]),
        (&4.into(), &4.into(), &1.into())
    );
    let complaints = books["complaints"].as_array().expect("complaints");
    assert!(
        complaints.len() == 1 && complaints[0].as_str().expect("words").contains("does not run"),
        "{complaints:?}"
    );
}

#[test]
fn the_demo_never_empties_a_folder_of_somebody_else() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("werk.txt"), "van mij").expect("a file");
    let output = koppelwacht(&["demo", "--dir", &dir.path().display().to_string()]);
    assert_eq!(code(&output), 2);
    assert!(
        err(&output).contains("is not a folder of the demo"),
        "{}",
        err(&output)
    );
    assert!(dir.path().join("werk.txt").exists());
}

fn letters(dir: &Path) -> usize {
    fs::read_dir(dir).expect("letters").count()
}

#[test]
fn the_daemon_finds_its_settings_as_every_other_command_does() {
    let named = Command::new(env!("CARGO_BIN_EXE_koppelwacht"))
        .arg("run")
        .env("KOPPELWACHT_CONFIG", "nergens/koppelwacht.toml")
        .output()
        .expect("the program starts");
    assert_eq!(code(&named), 2);
    assert!(
        err(&named).contains("nergens/koppelwacht.toml"),
        "{}",
        err(&named)
    );
    let help = out(&koppelwacht(&["run", "--help"]));
    let on_one_line = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        on_one_line.contains("[default: /etc/koppelwacht/koppelwacht.toml]"),
        "{help}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_a_human_can_mend_ends_the_daemon_with_2_and_one_line_that_says_what_to_do() {
    let stage = Stage::set().await;
    let settings = fs::read_to_string(stage.config()).expect("settings");

    stage.dovecot.note_password("geraden");
    let output = stage.types(&["run"]);
    assert_eq!(code(&output), 2);
    let line = err(&output);
    assert!(
        line.contains("refuses the login") && line.contains("password file"),
        "{line}"
    );
    assert!(!line.contains("geraden"), "{line}");
    stage.dovecot.note_password(support::dovecot::PASSWORD);

    fs::write(
        stage.config(),
        settings.replace("[\"INBOX\"]", "[\"Bestaat niet\"]"),
    )
    .expect("settings");
    let output = stage.types(&["run"]);
    assert_eq!(code(&output), 2);
    assert!(
        err(&output).contains("does not open folder `Bestaat niet`"),
        "{}",
        err(&output)
    );

    let untrusted = settings
        .lines()
        .filter(|line| !line.starts_with("ca_file"))
        .collect::<Vec<_>>()
        .join("\n");
    fs::write(stage.config(), untrusted).expect("settings");
    let output = stage.types(&["run"]);
    assert_eq!(code(&output), 2);
    assert!(
        err(&output).contains("certificate that is not trusted"),
        "{}",
        err(&output)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_in_a_credential_asks_for_a_restart_too() {
    let stage = Stage::set().await;
    let settings = fs::read_to_string(stage.config()).expect("settings");
    let credentials = tempfile::tempdir().expect("a folder");
    fs::write(credentials.path().join("wrong"), "geraden").expect("a credential");
    let run_with = |place: usize| {
        let mut passwords = 0;
        let lines = settings.lines().map(|line| {
            passwords += usize::from(line.starts_with("password_file"));
            if line.starts_with("password_file") && passwords == place {
                "password_credential = \"wrong\""
            } else {
                line
            }
        });
        fs::write(stage.config(), lines.collect::<Vec<_>>().join("\n")).expect("settings");
        Command::new(env!("CARGO_BIN_EXE_koppelwacht"))
            .env("CREDENTIALS_DIRECTORY", credentials.path())
            .args(["run", "--config"])
            .arg(stage.config())
            .output()
            .expect("the program")
    };
    for (place, refusal) in [(1, "refuses the login"), (2, "refuses our account")] {
        let output = run_with(place);
        assert_eq!(code(&output), 2);
        let line = err(&output);
        assert!(
            line.contains(refusal) && line.contains("then restart the service"),
            "{line}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_daemon_on_the_same_ledger_is_refused_while_commands_go_on() {
    let stage = Stage::set().await;
    stage.deliver(&koppeling(1), at("2026-11-23T09:00")).await;
    let daemon = stage.daemon(at("2026-11-23T09:00"));
    stage
        .until("the mail is in the ledger", |books| {
            books.messages == 1 && books.unmarked == 0
        })
        .await;
    let output = stage.types(&["run"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("another daemon"), "{}", err(&output));
    let output = stage.types(&["task", "take", "1", "--as", "m.kuipers"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let stands_still = "`koppelwacht run` does not run on this ledger";
    let status = out(&stage.types(&["status"]));
    assert!(!status.contains(stands_still), "{status}");
    daemon.kill();
    let output = stage.types(&["status"]);
    assert_eq!(code(&output), 1);
    assert!(out(&output).contains(stands_still), "{}", out(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_the_daemon_logs_names_a_person() {
    let stage = Stage::set().await;
    let mail = koppeling(1).replace(
        "aan uw gemeente gekoppeld",
        "Yonas Kassab aan uw gemeente gekoppeld",
    );
    stage.deliver(&mail, at("2026-11-23T09:00")).await;
    let log = stage
        .logged_until(at("2026-11-23T09:00"), |books| {
            books.letters_sent == 1 && books.unmarked == 0
        })
        .await;
    assert!(log.contains("watching"), "{log}");
    for personal in ["9900121147", "Yonas", "Kassab", "Nieuwe koppeling", "noreply@"] {
        assert!(!log.contains(personal), "{personal} in the log:\n{log}");
    }
}

#[test]
fn a_key_is_made_once_and_is_its_owners_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("vault.key");
    let name = file.display().to_string();
    let made = koppelwacht(&["key", "new", &name]);
    assert_eq!(code(&made), 0, "{}", err(&made));
    let key = fs::read_to_string(&file).expect("a key");
    assert!(!out(&made).contains(key.trim()), "the key itself is not printed");
    let permissions = fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(permissions & 0o777, 0o600);
    let again = koppelwacht(&["key", "new", &name]);
    assert_eq!(code(&again), 2);
    assert!(err(&again).contains("never overwritten"), "{}", err(&again));
    assert_eq!(fs::read_to_string(&file).expect("a key"), key);
}

#[tokio::test]
async fn commands_open_the_ledger_with_the_settings_that_come_with_the_program() {
    let dir = tempfile::tempdir().expect("a folder");
    let [ledger, key] = ["ledger.sqlite", "vault.key"].map(|name| dir.path().join(name));
    let settings = Settings::example_text()
        .replace(
            "/var/lib/koppelwacht/ledger.sqlite",
            &ledger.display().to_string(),
        )
        .replace("/etc/koppelwacht/vault.key", &key.display().to_string());
    fs::write(dir.path().join("koppelwacht.toml"), settings).expect("a file");
    fs::write(&key, include_str!("support/vault.key")).expect("a file");
    SqliteStore::open(&ledger).await.expect("a ledger");
    let config = config(&dir);
    for command in [
        &["task", "list"][..],
        &["absence", "list"],
        &["drill", "list"],
        &["rules", "show"],
    ] {
        let output = koppelwacht(&[command, &["--config", &config]].concat());
        assert!(code(&output) != 2, "{command:?}: {}", err(&output));
        assert!(!err(&output).contains("credential"), "{}", err(&output));
    }
}

#[tokio::test]
async fn a_credential_that_only_the_service_sees_is_told_to_whoever_types_a_command() {
    let office = small_office();
    SqliteStore::open(&office.path().join("ledger.sqlite"))
        .await
        .expect("a ledger");
    let settings = fs::read_to_string(config(&office)).expect("the settings");
    let settings = settings.replace("key_file = \"vault.key\"", "key_credential = \"vault\"");
    fs::write(config(&office), settings).expect("a file");
    let output = koppelwacht(&["task", "list", "--config", &config(&office)]);
    assert_eq!(code(&output), 2);
    assert!(
        err(&output).contains("only seen by the service itself") && err(&output).contains("`key_file`"),
        "{}",
        err(&output)
    );
}

#[tokio::test]
async fn a_ledger_is_not_opened_with_another_key_or_none() {
    let office = small_office();
    let ledger = SqliteStore::open(&office.path().join("ledger.sqlite"))
        .await
        .expect("a ledger");
    ledger.belong_to(KeyId([9; 8])).await.expect("its first key");
    for (text, complaint) in [
        (include_str!("support/vault.key"), "sealed with another key"),
        ("hunter2\n", "no key of a vault"),
        ("", "has to stand alone on the first line"),
    ] {
        fs::write(office.path().join("vault.key"), text).expect("a file");
        let run = koppelwacht(&["run", "--log", "error", "--config", &config(&office)]);
        assert_eq!(code(&run), 2, "{}", err(&run));
        assert!(err(&run).contains(complaint), "{}", err(&run));
        assert!(!err(&run).contains("hunter2"), "{}", err(&run));
    }
}
