//! Watching one folder over IMAP: one connection, a sweep now and then, and IDLE in between.

mod dial;
mod mark;
mod numbers;
mod stumbles;
mod sweep;
mod talk;
mod wording;

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use tokio::time::Instant;

use self::mark::Marker;
use self::numbers::{Numbering, Numbers};
use self::sweep::Sweeper;
use self::talk::{Stream, Talk};
use super::logbook::Logbook;
use super::persist::Watcher;
use super::{IntakeError, Trouble};
use crate::settings::{Imap, Mark};

/// How long one IDLE lasts. RFC 2177 allows 29 minutes; firewalls that forget connections are less patient.
const IDLE: Duration = Duration::from_mins(9);

/// A folder of an IMAP account.
#[derive(Debug)]
pub(super) struct Folder {
    account: Arc<Imap>,
    name: String,
    since: Option<Date>,
    numbers: Numbers,
}

impl Folder {
    /// A folder by its decoded name; what was received before `since` is left alone.
    pub(super) fn new(account: Arc<Imap>, name: &str, since: Option<Date>) -> Self {
        Self {
            account,
            name: name.to_owned(),
            since,
            numbers: Numbers::default(),
        }
    }

    async fn watch(&mut self, logbook: &mut Logbook) -> Result<std::convert::Infallible, Trouble> {
        self.numbers.stumbles.begin_anew(logbook.desk().now());
        let mut talk = dial::dial(&self.account.server).await?;
        let Numbering { epoch, next } = open(&mut talk, &self.name, &self.account.mark).await?;
        let marker = Marker::new(&self.account.mark)
            .ok_or_else(|| cannot_mark(&self.name, "its mark cannot be written in IMAP"))?;
        let folder = logbook.reference(epoch);
        self.numbers.begin(logbook.desk(), &folder, next).await?;
        let mut sweeper = Sweeper::new(logbook, folder, marker, self.since, &mut self.numbers);
        logbook.opened();
        let every = Duration::from_secs(u64::from(self.account.sweep_seconds.max(1)));
        let mut next_full = Instant::now();
        loop {
            let everything = Instant::now() >= next_full;
            sweeper.sweep(&mut talk, logbook, everything).await?;
            if everything {
                next_full = Instant::now() + every;
            }
            if !talk.take_news() {
                talk.wait_for_news(next_full.saturating_duration_since(Instant::now()).min(IDLE))
                    .await?;
            }
        }
    }
}

impl Watcher for Folder {
    async fn visit(&mut self, logbook: &mut Logbook) -> Trouble {
        match self.watch(logbook).await {
            Err(trouble) => trouble,
        }
    }
}

/// Opens the folder, makes sure that it can be marked as the settings say, and returns its numbering.
async fn open<S: Stream>(talk: &mut Talk<S>, name: &str, mark: &Mark) -> Result<Numbering, Trouble> {
    let opened = talk
        .open(&quoted(name)?, *mark != Mark::Nothing)
        .await?
        .map_err(|code| IntakeError::NoFolder {
            folder: name.to_owned(),
            code,
        })?;
    if opened.read_only && *mark != Mark::Nothing {
        return Err(cannot_mark(name, "the account may only read it").into());
    }
    match mark {
        Mark::Keyword(keyword) => {
            let keeps = opened.keeps.as_deref().is_none_or(|kept| {
                kept.iter()
                    .any(|flag| flag == "\\*" || flag.eq_ignore_ascii_case(keyword))
            });
            if !keeps {
                return Err(cannot_mark(name, "the server keeps no keywords").into());
            }
        }
        Mark::Move(target) => may_move(talk, name, target).await?,
        Mark::Seen | Mark::Nothing => {}
    }
    let epoch = opened.epoch.ok_or_else(|| {
        IntakeError::Settings(format!(
            "the server gives folder `{name}` no UIDVALIDITY, so its messages cannot be told apart for long; \
             another folder or server is needed"
        ))
    })?;
    let next = opened.next;
    Ok(Numbering { epoch, next })
}

/// Without MOVE (RFC 6851) a message would have to be copied and expunged, and that is how mail gets lost.
async fn may_move<S: Stream>(talk: &mut Talk<S>, name: &str, target: &str) -> Result<(), Trouble> {
    if target == name {
        return Err(cannot_mark(name, "it would be moved to where it is").into());
    }
    if !talk.can("MOVE") {
        return Err(cannot_mark(name, "the server cannot move (RFC 6851)").into());
    }
    match talk
        .run(&format!("STATUS {} (UIDVALIDITY)", quoted(target)?))
        .await?
    {
        talk::Answer::Ok { .. } => Ok(()),
        talk::Answer::Refused(code) => Err(IntakeError::NoFolder {
            folder: target.to_owned(),
            code,
        }
        .into()),
    }
}

fn quoted(name: &str) -> Result<String, IntakeError> {
    wording::quoted(name).ok_or_else(|| {
        IntakeError::Settings(format!(
            "{name:?} cannot be the name of a folder; it has control characters or none at all"
        ))
    })
}

fn cannot_mark(folder: &str, reason: &str) -> IntakeError {
    IntakeError::CannotMark {
        folder: folder.to_owned(),
        reason: reason.to_owned(),
    }
}
