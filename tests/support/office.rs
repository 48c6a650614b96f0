//! An office of one's own: the shipped rules and a ledger in a temporary folder.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use koppelwacht::app::Installation;
use koppelwacht::clock::Clock;
use koppelwacht::desk::Desk;
use koppelwacht::findings::{Findings, Located, SourceFile};
use koppelwacht::intake::{self, IntakeError, Progress, Standing};
use koppelwacht::settings::{Access, Mailbox};
use koppelwacht::store::sqlite::{Options, SqliteStore};
use koppelwacht::store::{Store, Transaction};
use koppelwacht::vault::Vault;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::tampered::{Tamper, Tampered};

/// How long something may take that takes a moment.
const DEADLINE: Duration = Duration::from_secs(20);
/// The name of the mailbox in the ledger.
pub const MAILBOX: &str = "post";

/// An office.
pub struct Office {
    /// Its desk.
    pub desk: Arc<Desk>,
    /// What it takes for the time.
    pub clock: Clock,
    ledger: PathBuf,
    _folder: tempfile::TempDir,
}

impl Office {
    /// Opens with an empty ledger, on a Tuesday morning that does not pass.
    pub async fn open() -> Self {
        Self::open_with(&Options::default()).await
    }

    /// Opens one whose ledger is opened in another way than usual.
    pub async fn open_with(options: &Options) -> Self {
        Self::open_on(options, |ledger| Arc::new(ledger)).await
    }

    /// Opens one whose ledger somebody tampers with.
    pub async fn tampered(tamper: impl Tamper + 'static) -> Self {
        let tamper = Arc::new(tamper);
        let tampered = |ledger| -> Arc<dyn Store> { Arc::new(Tampered { ledger, tamper }) };
        Self::open_on(&Options::default(), tampered).await
    }

    async fn open_on(options: &Options, store: impl FnOnce(SqliteStore) -> Arc<dyn Store>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("ledger.db");
        let installation =
            Installation::load(None, &mut Findings::default()).expect("the example checks out");
        let store = store(SqliteStore::open_with(&ledger, options).await.unwrap());
        let clock = Clock::manual("2026-11-24T09:00:00Z".parse().unwrap());
        let vault = Vault::with_key(include_str!("vault.key")).unwrap();
        let desk = Arc::new(Desk::new(store, installation.office, vault, clock.clone()));
        Self {
            desk,
            clock,
            ledger,
            _folder: folder,
        }
    }

    /// Somebody else writes to the ledger until this is dropped.
    pub async fn somebody_writes(&self) -> Box<dyn Transaction> {
        SqliteStore::open(&self.ledger)
            .await
            .unwrap()
            .begin()
            .await
            .unwrap()
    }

    /// Waits until the books say that this is wrong with the one folder.
    pub async fn until_told(&self, trouble: &str) {
        let told = async {
            loop {
                let folders = self.desk.books().await.unwrap().folders;
                let said = folders.into_iter().find_map(|folder| folder.trouble);
                if said.is_some_and(|said| said.contains(trouble)) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let told = tokio::time::timeout(DEADLINE, told).await;
        assert!(told.is_ok(), "the books do not say so: {trouble}");
    }

    /// Starts to watch a mailbox.
    pub fn watch(&self, access: Access) -> Watch {
        self.watch_since(None, access)
    }

    /// The same, where what was received before a day is left alone.
    pub fn watch_since(&self, since: Option<Date>, access: Access) -> Watch {
        let (sender, progress) = watch::channel(Progress::default());
        let stop = CancellationToken::new();
        let nowhere = SourceFile::new("koppelwacht.toml", "").spot(0..0);
        let mailbox = Mailbox {
            name: MAILBOX.to_owned(),
            access,
            since: since.map(|value| Located { value, spot: nowhere }),
        };
        let task = tokio::spawn(intake::watch(
            mailbox,
            Arc::clone(&self.desk),
            None,
            stop.clone(),
            sender,
        ));
        Watch { progress, stop, task }
    }
}

/// A mailbox that is being watched.
pub struct Watch {
    progress: watch::Receiver<Progress>,
    stop: CancellationToken,
    task: JoinHandle<Result<(), IntakeError>>,
}

impl Watch {
    /// Waits until the progress is as described.
    pub async fn until(&mut self, what: &str, is_so: impl FnMut(&Progress) -> bool) {
        let waited = tokio::time::timeout(DEADLINE, self.progress.wait_for(is_so)).await;
        let waited = waited.map(|ended| ended.is_ok());
        assert_ne!(waited, Ok(false), "the watch ended before it was so that {what}");
        assert_eq!(
            waited,
            Ok(true),
            "it should be so that {what}, but: {:?}",
            *self.progress.borrow()
        );
    }

    /// Waits until so many messages were entered since the start, and nothing is left to do.
    pub async fn until_entered(&mut self, messages: u64) {
        self.until(&format!("{messages} messages are entered"), |progress| {
            progress.is_caught_up() && progress.entered() == messages
        })
        .await;
    }

    /// Waits until something is wrong with a folder.
    pub async fn until_trouble(&mut self) {
        self.until("there is trouble", |progress| {
            progress
                .folders
                .values()
                .any(|folder| folder.standing == Standing::Troubled)
        })
        .await;
    }

    /// Asks it to stop and waits until it has.
    pub async fn stop(self) {
        self.stop.cancel();
        assert_eq!(self.task.await.unwrap(), Ok(()));
    }

    /// Waits until it gives up.
    pub async fn gives_up(self) -> IntakeError {
        let ended = tokio::time::timeout(DEADLINE, self.task).await;
        ended
            .expect("it should give up and goes on")
            .unwrap()
            .expect_err("it was not asked to stop")
    }
}

/// A mail that is like no other with another number.
pub fn mail(number: u32) -> String {
    format!(
        "From: COA <tvs@coa.nl>\r\nTo: post@gemeente.test\r\nSubject: Koppeling {number}\r\nMessage-ID: \
         <{number}@coa.nl>\r\nDate: Tue, 24 Nov 2026 09:{:02}:00 +0100\r\n\r\nEr is een koppeling, nummer {number}.\r\n",
        number % 60
    )
}
