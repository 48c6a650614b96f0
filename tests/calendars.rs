//! Calendar files as a source of absence, through real files, the daemon and the commands. What one file says:
//! `tests/agenda.rs`.
#![expect(clippy::unwrap_used, reason = "what cannot be set up has failed")]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::stage::{Stage, Watch, at, koppeling, ladder_of_a_koppeling};

const OWNER: &str = "f.elamrani@gemeente-voorbeeld.nl";
const FILE: &str = "f.elamrani.ics";

/// A calendar with these whole days off, each as `20261123/20261128`: the first day, and the one after the last.
fn calendar(days: &[&str]) -> String {
    let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//NL\r\n".to_owned();
    for (number, days) in days.iter().enumerate() {
        let (from, until) = days.split_once('/').expect("two days");
        let _ = write!(
            text,
            "BEGIN:VEVENT\r\nUID:{number}\r\nSUMMARY:Vakantie Ankara\r\nDTSTART;VALUE=DATE:{from}\r\n\
             DTEND;VALUE=DATE:{until}\r\nX-MICROSOFT-CDO-BUSYSTATUS:OOF\r\nEND:VEVENT\r\n"
        );
    }
    text + "END:VCALENDAR\r\n"
}

/// An installation that reads calendars from a folder.
async fn with_calendars() -> (Stage, PathBuf) {
    let stage = Stage::set().await;
    let folder = stage.config().with_file_name("agendas");
    fs::create_dir(&folder).unwrap();
    let mut settings = fs::read_to_string(stage.config()).unwrap();
    settings += "\n[absence]\ncalendars = \"agendas\"\n";
    fs::write(stage.config(), settings).unwrap();
    (stage, folder)
}

fn watch(stage: &Stage) -> Watch {
    stage.watch_from(at("2026-11-23T09:00"))
}

fn absences(stage: &Stage) -> String {
    let output = stage.types(&["absence", "list"]);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Waits until the list of absences holds all of these.
async fn listed(stage: &Stage, wanted: &[&str]) -> String {
    stage
        .soon(&format!("absences are listed: {wanted:?}"), async || {
            let list = absences(stage);
            wanted.iter().all(|wanted| list.contains(wanted)).then_some(list)
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_in_the_folder_hands_a_task_on_and_its_removal_brings_its_owner_back() {
    let (mut stage, folder) = with_calendars().await;
    let watch = watch(&stage);
    stage.deliver(&koppeling(1), at("2026-11-23T09:00")).await;
    assert_eq!(stage.post.taken().await.to, OWNER);

    fs::write(
        folder.join(FILE),
        calendar(&["20261123/20261128", "20261221/20270104"]),
    )
    .unwrap();
    let handed_on = stage.post.taken().await;
    assert_eq!(
        (handed_on.to.as_str(), handed_on.header("X-Koppelwacht")),
        (ladder_of_a_koppeling()[1].as_str(), "handed_on")
    );
    let list = listed(
        &stage,
        &[
            "until Fri 2026-11-27, 1 task handed on (",
            "2026-12-21 00:00 until Sun 2027-01-03 (",
        ],
    )
    .await;
    assert!(
        list.contains("f.elamrani") && list.contains("stands in a calendar"),
        "{list}"
    );

    fs::write(folder.join("nieuw.tmp"), calendar(&["20261221/20270104"])).unwrap();
    fs::rename(folder.join("nieuw.tmp"), folder.join(FILE)).unwrap();
    let back = stage.post.taken().await;
    assert_eq!((back.to.as_str(), back.header("X-Koppelwacht")), (OWNER, "back"));
    assert!(!absences(&stage).contains("2026-11-27"));

    fs::remove_file(folder.join(FILE)).unwrap();
    listed(&stage, &["nobody is away"]).await;
    watch.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_file_brings_nobody_back_to_work_not_even_after_a_restart() {
    let (stage, folder) = with_calendars().await;
    let whole = calendar(&["20261123/20261128"]);
    fs::write(folder.join(FILE), &whole).unwrap();
    let first = watch(&stage);
    listed(&stage, &["f.elamrani"]).await;

    fs::write(folder.join(FILE), &whole[..whole.len() / 2]).unwrap();
    fs::write(folder.join("j.hendriks.ics"), calendar(&["20261130/20261201"])).unwrap();
    listed(&stage, &["j.hendriks", "f.elamrani"]).await;
    first.stop().await;

    fs::write(folder.join("s.deboer.ics"), calendar(&["20261202/20261203"])).unwrap();
    fs::remove_file(folder.join("j.hendriks.ics")).unwrap();
    let second = watch(&stage);
    let list = listed(&stage, &["s.deboer", "f.elamrani"]).await;
    assert!(!list.contains("j.hendriks"), "his calendar is gone: {list}");

    fs::write(folder.join(FILE), calendar(&[])).unwrap();
    stage
        .soon("a whole file counts again", async || {
            let list = absences(&stage);
            (list.contains("s.deboer") && !list.contains("f.elamrani")).then_some(())
        })
        .await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_further_on_the_calendars_are_read_again_and_without_them_nobody_is_away_by_one() {
    let (stage, folder) = with_calendars().await;
    fs::write(folder.join(FILE), calendar(&["20271124/20271125"])).unwrap();
    fs::write(folder.join("j.hendriks.ics"), calendar(&["20261130/20261201"])).unwrap();
    let first = watch(&stage);
    listed(&stage, &["j.hendriks"]).await;
    assert!(
        !absences(&stage).contains("f.elamrani"),
        "that is more than a year ahead"
    );
    first.clock.move_to(at("2026-11-24T00:00"));
    listed(&stage, &["f.elamrani"]).await;
    first.stop().await;

    let settings = fs::read_to_string(stage.config()).unwrap();
    fs::write(
        stage.config(),
        settings.replace("[absence]\ncalendars = \"agendas\"\n", ""),
    )
    .unwrap();
    let second = watch(&stage);
    listed(&stage, &["nobody is away"]).await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_hangs_holds_up_neither_the_mail_nor_the_end() {
    let (mut stage, folder) = with_calendars().await;
    fs::remove_dir(&folder).unwrap();
    // Whoever opens this waits until somebody writes, which nobody does.
    let made = Command::new("mkfifo").arg(&folder).status();
    assert!(made.unwrap().success());
    let daemon = stage.daemon(at("2026-11-23T09:00"));
    stage.deliver(&koppeling(1), at("2026-11-23T09:00")).await;
    assert_eq!(stage.post.taken().await.to, OWNER);
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_names_a_calendar_or_what_stands_in_it() {
    let (stage, folder) = with_calendars().await;
    let whole = calendar(&["20261123/20261128"]);
    fs::write(folder.join(FILE), &whole).unwrap();
    fs::write(folder.join("j.hendriks.ics"), &whole[..whole.len() - 9]).unwrap();
    fs::write(
        folder.join("verlof.ics"),
        whole.replace("DTSTART", "ORGANIZER:mailto:vreemd@elders.example\r\nDTSTART"),
    )
    .unwrap();
    let log = stage.config().with_file_name("daemon.log");
    let has_read = || {
        fs::read_to_string(&log)
            .unwrap_or_default()
            .contains("calendars were read")
    };
    let log = stage.logged_until(at("2026-11-23T09:00"), |_| has_read()).await;
    for told in [
        "it breaks off before END:VCALENDAR",
        "files=3",
        "1 of nobody in the rules",
    ] {
        assert!(log.contains(told), "{told} is missing:\n{log}");
    }
    for personal in ["elamrani", "hendriks", "Ankara", "elders.example", "verlof.ics"] {
        assert!(!log.contains(personal), "{personal} in the log:\n{log}");
    }
}

/// What `check` says of these calendar files, and how it ended.
fn check(files: &[(&str, &str)]) -> (String, Option<i32>) {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("agendas");
    if !files.is_empty() {
        fs::create_dir(&folder).unwrap();
    }
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
    let example = fs::read_to_string("systemd/koppelwacht.toml").unwrap();
    let config = dir.path().join("koppelwacht.toml");
    let settings = example.replace(
        "# [absence]\n# calendars = \"/srv/koppelwacht/agendas\"",
        "[absence]\ncalendars = \"agendas\"",
    );
    assert_ne!(settings, example);
    fs::write(&config, settings).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_koppelwacht"))
        .args(["check", "--no-tests", "--json", "--config"])
        .arg(&config)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).replace(&*shown(dir.path()), "");
    (told, output.status.code())
}

fn shown(path: &Path) -> String {
    format!("{}/", path.display())
}

#[test]
fn check_shows_which_calendar_is_wrong_and_what_to_do() {
    let whole = calendar(&["20261123/20261128"]);
    let strange = whole.replace("VALUE=DATE:20261123", "TZID=Nergens:20261123T090000");
    let (told, code) = check(&[
        ("f.elamrani.ics", &strange),
        ("j.hendriks.ics", &whole[..whole.len() - 9]),
        ("m.kuiper.ics", &calendar(&[])),
        ("Sanne de Boer.ics", &whole),
        ("leesmij.txt", "geen agenda"),
        (".s.deboer.ics.x7Gh", "half"),
    ]);
    assert_eq!(code, Some(0), "{told}");
    for wanted in [
        "agendas/f.elamrani.ics",
        "1 in an unknown time zone",
        "agendas/j.hendriks.ics",
        "it breaks off before END:VCALENDAR",
        "nobody in the rules is called `m.kuiper`",
        "did you mean `m.kuipers`?",
    ] {
        assert!(told.contains(wanted), "{wanted} is missing:\n{told}");
    }
    assert_eq!(
        told.matches("agendas/").count(),
        3,
        "of the others nothing is said:\n{told}"
    );
    assert!(!told.contains("Ankara"), "{told}");
}

#[test]
fn check_warns_when_the_calendars_are_not_there() {
    let (told, code) = check(&[]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("the calendars agendas are not there"), "{told}");
}
