//! Watching a Maildir on this machine.
#![expect(
    clippy::unwrap_used,
    reason = "what fails in a test's own tools fails the test"
)]

mod support;

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use koppelwacht::intake::{IntakeError, Progress, Standing};
use koppelwacht::settings::Access;
use koppelwacht::store::{StoreError, TaskFilter};

use support::log::Log;
use support::office::{Office, mail};
use support::tampered::{NotTaken, Tamper};

/// A Maildir in a temporary folder.
struct Maildir(tempfile::TempDir);

impl Maildir {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for part in ["new", "cur", "tmp"] {
            fs::create_dir(folder.path().join(part)).unwrap();
        }
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn access(&self) -> Access {
        Access::Maildir {
            path: self.path().to_owned(),
        }
    }

    /// Delivers as a mail server does: written elsewhere, then moved.
    fn deliver(&self, name: impl Into<OsString>, mail: &str) {
        let name = name.into();
        let tmp = self.path().join("tmp").join(&name);
        fs::write(&tmp, mail).unwrap();
        fs::rename(tmp, self.path().join("new").join(name)).unwrap();
    }

    fn names(&self, part: &str) -> Vec<OsString> {
        let mut names: Vec<OsString> = fs::read_dir(self.path().join(part))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    }
}

#[tokio::test]
async fn what_was_received_before_the_first_day_is_left_alone() {
    let (maildir, office) = (Maildir::new(), Office::open().await);
    maildir.deliver("1", &mail(1));
    maildir.deliver("2", &mail(2));
    let old = fs::File::options()
        .write(true)
        .open(maildir.path().join("new/1"))
        .unwrap();
    old.set_modified(SystemTime::UNIX_EPOCH + Duration::from_hours(24))
        .unwrap();
    let first = Some(jiff::civil::date(2025, 1, 1));
    let mut watch = office.watch_since(first, maildir.access());
    watch.until_entered(1).await;
    watch.until("all is in", Progress::is_caught_up).await;
    assert_eq!(maildir.names("new"), ["1"]);
    assert_eq!(office.desk.books().await.unwrap().messages, 1);
}

/// A ledger that was damaged, once there is a file of this name.
#[derive(Debug)]
struct Damaged(PathBuf);

impl Tamper for Damaged {
    fn begin(&self) -> Result<(), StoreError> {
        if self.0.exists() {
            return Err(StoreError::Broken("it is damaged".to_owned()));
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_ledger_that_is_damaged_ends_the_watch_of_a_folder_that_was_open() {
    let maildir = Maildir::new();
    let damage = maildir.path().join("damage");
    let office = Office::tampered(Damaged(damage.clone())).await;
    let mut watch = office.watch(maildir.access());
    watch.until_entered(0).await;
    fs::write(damage, "").unwrap();
    maildir.deliver("1.a", &mail(1));
    let IntakeError::Ledger(error) = watch.gives_up().await else {
        panic!("it is about the ledger")
    };
    assert!(error.is_broken(), "{error}");
}

#[tokio::test]
async fn a_mail_is_in_the_ledger_as_soon_as_it_is_delivered_and_moves_to_cur_unread() {
    let (maildir, office) = (Maildir::new(), Office::open().await);
    let mut watch = office.watch(maildir.access());
    watch.until_entered(0).await;
    // The next look comes in a minute; only inotify can be this fast.
    maildir.deliver("1795.M1P2.host", &mail(1));
    watch.until_entered(1).await;
    watch.stop().await;
    assert_eq!(maildir.names("cur"), ["1795.M1P2.host:2,"]);
    assert!(maildir.names("new").is_empty());
    let books = office.desk.books().await.unwrap();
    assert_eq!((books.messages, books.unmarked), (1, 0));
}

#[tokio::test]
async fn what_a_colleague_has_read_before_us_is_found_all_the_same_and_stays_as_it_is() {
    let (maildir, office) = (Maildir::new(), Office::open().await);
    fs::write(maildir.path().join("cur/1.a:2,RS"), mail(1)).unwrap();
    maildir.deliver("2.a", &mail(2));
    let mut watch = office.watch(maildir.access());
    watch.until_entered(2).await;
    watch.stop().await;
    assert_eq!(maildir.names("cur"), ["1.a:2,RS", "2.a:2,"]);
}

#[tokio::test]
async fn a_second_run_enters_nothing_twice_though_names_have_changed() {
    let (maildir, office) = (Maildir::new(), Office::open().await);
    for number in 0..450 {
        maildir.deliver(format!("{number}.a"), &mail(number));
    }
    let mut watch = office.watch(maildir.access());
    watch.until_entered(450).await;
    watch.stop().await;

    fs::rename(
        maildir.path().join("cur/7.a:2,"),
        maildir.path().join("cur/7.a:2,S"),
    )
    .unwrap();
    let mut watch = office.watch(maildir.access());
    watch.until_entered(0).await;
    watch.stop().await;
    let books = office.desk.books().await.unwrap();
    assert_eq!((books.messages, books.duplicates, books.unmarked), (450, 0, 0));
}

#[tokio::test]
async fn the_day_of_receipt_is_that_of_the_file() {
    let (maildir, office) = (Maildir::new(), Office::open().await);
    let delivered = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
    let file = maildir.path().join("cur/1.a:2,");
    fs::write(&file, mail(1)).unwrap();
    fs::File::options()
        .write(true)
        .open(&file)
        .unwrap()
        .set_modified(delivered)
        .unwrap();
    let mut watch = office.watch(maildir.access());
    watch.until_entered(1).await;
    watch.stop().await;
    let tasks = office.desk.tasks(&TaskFilter::default()).await.unwrap();
    let received: Vec<_> = tasks.iter().map(|task| SystemTime::from(task.received)).collect();
    assert_eq!(received, [delivered]);
}

#[tokio::test]
async fn file_names_need_not_be_utf8() {
    let (maildir, office) = (Maildir::new(), Office::open().await);
    maildir.deliver(OsString::from_vec(b"1.caf\xe9".to_vec()), &mail(1));
    maildir.deliver(OsString::from_vec(b"1.caf\xe8".to_vec()), &mail(2));
    let mut watch = office.watch(maildir.access());
    watch.until_entered(2).await;
    watch.stop().await;
    let moved = [b"1.caf\xe8:2,", b"1.caf\xe9:2,"].map(|name| OsString::from_vec(name.to_vec()));
    assert_eq!(maildir.names("cur"), moved);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_holds_nobody_up_and_is_told() {
    let (maildir, office) = (Maildir::new(), Office::open().await);
    // A link to itself cannot be opened by anybody, root included.
    let broken = maildir.path().join("new/1.a");
    std::os::unix::fs::symlink(&broken, &broken).unwrap();
    maildir.deliver("2.a", &mail(2));
    let mut watch = office.watch(maildir.access());
    watch.until_trouble().await;
    let books = office.desk.books().await.unwrap();
    assert_eq!((books.messages, books.folders[0].backlog), (1, 1));
    let trouble = books.folders[0].trouble.clone().unwrap();
    assert!(
        trouble.starts_with("the file of message 1.a cannot be read"),
        "{trouble}"
    );

    fs::remove_file(broken).unwrap();
    maildir.deliver("3.a", &mail(3));
    watch.until_entered(2).await;
    watch.stop().await;
    assert_eq!(office.desk.books().await.unwrap().folders[0].trouble, None);
}

#[tokio::test]
async fn a_link_that_leads_nowhere_holds_nobody_up_and_is_told_once() {
    let (maildir, office, log) = (Maildir::new(), Office::open().await, Log::listen());
    let link = maildir.path().join("new/1.a");
    std::os::unix::fs::symlink("nowhere", &link).unwrap();
    maildir.deliver("2.a", &mail(2));
    let mut watch = office.watch(maildir.access());
    watch.until_trouble().await;
    let folder = office.desk.books().await.unwrap().folders.remove(0);
    assert_eq!((folder.backlog, folder.proven), (1, None));
    let trouble = folder.trouble.unwrap();
    assert!(
        trouble.starts_with("the file of message 1.a cannot be read: it is a link that leads nowhere"),
        "{trouble}"
    );

    maildir.deliver("3.a", &mail(3));
    watch
        .until("the next one is entered and it goes on", |progress| {
            progress.entered() == 2 && progress.folders["INBOX"].standing == Standing::Troubled
        })
        .await;
    assert_eq!(
        log.text().matches("messages stay behind").count(),
        1,
        "{}",
        log.text()
    );

    fs::remove_file(link).unwrap();
    maildir.deliver("4.a", &mail(4));
    watch.until_entered(3).await;
    watch.stop().await;
    let folder = office.desk.books().await.unwrap().folders.remove(0);
    assert_eq!((folder.proven, folder.trouble), (Some(office.desk.now()), None));
}

#[tokio::test]
async fn one_mail_that_the_ledger_does_not_take_keeps_no_other_from_being_marked() {
    let (maildir, office) = (Maildir::new(), Office::tampered(NotTaken("7.a")).await);
    for number in 0..20 {
        maildir.deliver(format!("{number}.a"), &mail(number));
    }
    let mut watch = office.watch(maildir.access());
    watch.until_trouble().await;
    watch.stop().await;
    let books = office.desk.books().await.unwrap();
    assert_eq!((books.messages, books.folders[0].backlog), (19, 1));
    assert_eq!(maildir.names("new"), ["7.a"], "all others are marked");
    let trouble = books.folders[0].trouble.clone().unwrap();
    assert!(trouble.starts_with("message 7.a cannot be entered"), "{trouble}");
}

#[tokio::test]
async fn a_folder_that_is_no_maildir_ends_the_watch_with_its_path() {
    let (folder, office) = (tempfile::tempdir().unwrap(), Office::open().await);
    let access = |path: PathBuf| Access::Maildir { path };
    let error = office.watch(access(folder.path().to_owned())).gives_up().await;
    assert!(
        matches!(&error, IntakeError::NotAMaildir { path, .. } if path == folder.path()),
        "{error:?}"
    );
    assert!(error.to_string().contains("`new`, `cur` and `tmp`"), "{error}");
}
