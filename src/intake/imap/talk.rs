//! Talking IMAP (RFC 3501) in one selected folder.
//!
//! The library below cuts the byte stream into responses and parses them; the commands are driven here, because the
//! library's own ones hide what must be known:
//! * its fetch stream just ends when the server answers NO, says BYE or dies: an incomplete folder would look complete.
//!   Here only the tagged answer ends a command, and everything else is [`Lost`];
//! * its IDLE reports a dead server as an interrupt by the caller, and a keep-alive line starts its timeout afresh;
//! * it waits for ever. Here every answer has a deadline, so that a half-open connection is noticed;
//! * it drops untagged responses beyond the hundredth. Here the one that matters, EXISTS, sets a flag when it passes.
//!
//! Names and keywords reach a command only through [`quoted`](super::wording::quoted) and [`is_atom`](super::wording::is_atom), UIDs only as numbers: nothing from the
//! settings can smuggle in a command. What the server says beyond response codes is never repeated in an error: a
//! parse error of the library quotes the message it failed on.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::time::Duration;

use async_imap::Session;
use async_imap::imap_proto::Capability;
use async_imap::imap_proto::{
    AttributeValue, MailboxDatum, Outcome, RequestId, Response, ResponseCode, Status,
};
use jiff::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout, timeout_at};

use super::super::{LONGEST, Trouble};
use super::wording::{internal_date, response_code, set_of};

/// How long a server may take for one answer: it may have to sort a large folder first, and 32 MiB take a while.
pub(super) const PATIENCE: Duration = Duration::from_mins(2);
/// UIDs in one command. Keeps a command line under the 8,000 octets that RFC 2683 section 3.2.1.5 asks servers to take.
pub(super) const SET: usize = 500;

/// A connection of any kind.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + fmt::Debug + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + fmt::Debug + Send> Stream for S {}

/// Why the connection is of no more use. Never contains what the server said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Lost {
    /// The server said BYE.
    #[error("the server said goodbye")]
    Goodbye,
    /// The connection was closed.
    #[error("the server closed the connection")]
    Closed,
    /// The connection broke.
    #[error("the connection broke ({0})")]
    Broken(io::ErrorKind),
    /// Nothing was heard in time.
    #[error("the server did not answer in time")]
    Silent,
    /// The server said something that is not IMAP.
    #[error("the server sent something that cannot be understood")]
    Garbled,
}

impl From<io::Error> for Lost {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::Other | io::ErrorKind::InvalidData => Self::Garbled,
            io::ErrorKind::UnexpectedEof => Self::Closed,
            kind => Self::Broken(kind),
        }
    }
}

impl From<async_imap::error::Error> for Lost {
    fn from(error: async_imap::error::Error) -> Self {
        match error {
            async_imap::error::Error::Io(error) => error.into(),
            async_imap::error::Error::ConnectionLost => Self::Closed,
            _ => Self::Garbled,
        }
    }
}

impl From<Lost> for Trouble {
    fn from(lost: Lost) -> Self {
        Self::Passing(lost.to_string())
    }
}

/// The tagged end of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// Done.
    Ok {
        /// The folder was opened without the right to change it.
        read_only: bool,
    },
    /// Refused: NO or BAD, with the response code (RFC 5530) if there is one.
    Refused(String),
}

/// What a command's next response is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step<R> {
    /// Something on the way, as the caller saw it.
    Data(R),
    /// The end.
    Done(Answer),
}

/// What opening a folder told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Opened {
    /// UIDVALIDITY.
    pub(super) epoch: Option<u32>,
    /// UIDNEXT.
    pub(super) next: Option<u32>,
    /// PERMANENTFLAGS; a server that sends none keeps every flag (RFC 3501 section 6.3.1).
    pub(super) keeps: Option<Vec<String>>,
    /// No flag can be set and nothing moved.
    pub(super) read_only: bool,
}

/// A message as the server handed it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fetched {
    pub(super) uid: u32,
    pub(super) received: Option<Timestamp>,
    pub(super) bytes: Vec<u8>,
}

/// A conversation with a server that let us in.
#[derive(Debug)]
pub(super) struct Talk<S: Stream> {
    session: Session<S>,
    capabilities: BTreeSet<String>,
    news: bool,
}

impl<S: Stream> Talk<S> {
    /// Begins by asking what the server can do.
    pub(super) async fn begin(session: Session<S>) -> Result<Self, Lost> {
        let mut talk = Self {
            session,
            capabilities: BTreeSet::new(),
            news: false,
        };
        let mut capabilities = BTreeSet::new();
        talk.command("CAPABILITY", |response| {
            if let Response::Capabilities(list) = response {
                capabilities.extend(list.iter().filter_map(|one| match one {
                    Capability::Atom(name) => Some(name.to_ascii_uppercase()),
                    _ => None,
                }));
            }
        })
        .await?;
        talk.capabilities = capabilities;
        Ok(talk)
    }

    /// Whether the server says that it can do this.
    pub(super) fn can(&self, capability: &str) -> bool {
        self.capabilities.contains(capability)
    }

    /// Whether the server told of new messages since this was asked last.
    pub(super) fn take_news(&mut self) -> bool {
        std::mem::take(&mut self.news)
    }

    /// Opens a folder; `name` is quoted already.
    pub(super) async fn open(&mut self, name: &str, to_change: bool) -> Result<Result<Opened, String>, Lost> {
        let verb = if to_change { "SELECT" } else { "EXAMINE" };
        let mut opened = Opened::default();
        let answer = self
            .command(&format!("{verb} {name}"), |response| {
                let Response::Data { outcome, .. } = response else {
                    return;
                };
                match &outcome.code {
                    Some(ResponseCode::UidValidity(epoch)) => opened.epoch = Some(*epoch),
                    Some(ResponseCode::UidNext(next)) => opened.next = Some(*next),
                    Some(ResponseCode::PermanentFlags(flags)) => {
                        opened.keeps = Some(flags.iter().map(|flag| flag.to_ascii_lowercase()).collect());
                    }
                    _ => {}
                }
            })
            .await?;
        self.news = false;
        Ok(match answer {
            Answer::Ok { read_only } => {
                opened.read_only = read_only;
                Ok(opened)
            }
            Answer::Refused(code) => Err(code),
        })
    }

    /// The UIDs in the folder that fit a sequence set such as `1:*`, and further keys behind it.
    pub(super) async fn search(&mut self, set: &str) -> Result<Result<BTreeSet<u32>, String>, Lost> {
        let mut found = BTreeSet::new();
        let answer = self
            .command(&format!("UID SEARCH UID {set}"), |response| {
                if let Response::MailboxData(MailboxDatum::Search(uids)) = response {
                    found.extend(uids);
                }
            })
            .await?;
        Ok(match answer {
            Answer::Ok { .. } => Ok(found),
            Answer::Refused(code) => Err(code),
        })
    }

    /// Asks for messages; they come with [`Talk::next_fetched`]. No flag is touched. Of each no more than the first
    /// 32 MiB are asked for, and never its structure.
    pub(super) async fn ask_for(&mut self, uids: &[u32]) -> Result<RequestId, Lost> {
        let set = set_of(uids);
        self.send(&format!(
            "UID FETCH {set} (UID INTERNALDATE BODY.PEEK[]<0.{LONGEST}>)"
        ))
        .await
    }

    /// The next message that was asked for; `Data(None)` is a response about something else.
    pub(super) async fn next_fetched(&mut self, request: &RequestId) -> Result<Step<Option<Fetched>>, Lost> {
        self.step(request, fetched).await
    }

    /// Runs a command of which only the answer counts.
    pub(super) async fn run(&mut self, command: &str) -> Result<Answer, Lost> {
        self.command(command, |_| ()).await
    }

    /// Waits for new messages, no longer than this. Needs IDLE (RFC 2177) to return early.
    pub(super) async fn wait_for_news(&mut self, longest: Duration) -> Result<(), Lost> {
        let deadline = Instant::now() + longest;
        if !self.can("IDLE") {
            tokio::time::sleep_until(deadline).await;
            return Ok(());
        }
        let request = self.send("IDLE").await?;
        loop {
            match self
                .step(&request, |response| matches!(response, Response::Continue(_)))
                .await?
            {
                Step::Data(true) => break,
                Step::Data(false) => {}
                Step::Done(_) => {
                    // It offers IDLE and refuses it: from now on only the sweeps look.
                    self.capabilities.remove("IDLE");
                    return Ok(());
                }
            }
        }
        while !self.news {
            match timeout_at(deadline, self.read(&request, |_| ())).await {
                Err(_) => break,
                Ok(step) => {
                    if let Step::Done(_) = step? {
                        return Ok(());
                    }
                }
            }
        }
        timeout(PATIENCE, self.session.run_command_untagged("DONE"))
            .await
            .map_err(|_| Lost::Silent)??;
        while let Step::Data(()) = self.step(&request, |_| ()).await? {}
        Ok(())
    }

    async fn command(&mut self, command: &str, mut each: impl FnMut(&Response<'_>)) -> Result<Answer, Lost> {
        let request = self.send(command).await?;
        loop {
            if let Step::Done(answer) = self.step(&request, &mut each).await? {
                return Ok(answer);
            }
        }
    }

    async fn send(&mut self, command: &str) -> Result<RequestId, Lost> {
        Ok(timeout(PATIENCE, self.session.run_command(command))
            .await
            .map_err(|_| Lost::Silent)??)
    }

    async fn step<R>(
        &mut self,
        request: &RequestId,
        look: impl FnOnce(&Response<'_>) -> R,
    ) -> Result<Step<R>, Lost> {
        timeout(PATIENCE, self.read(request, look))
            .await
            .map_err(|_| Lost::Silent)?
    }

    /// Reads one response. May be given up at any time without losing anything.
    async fn read<R>(
        &mut self,
        request: &RequestId,
        look: impl FnOnce(&Response<'_>) -> R,
    ) -> Result<Step<R>, Lost> {
        let response = self.session.read_response().await?.ok_or(Lost::Closed)?;
        match response.parsed() {
            Response::Done { tag, status, outcome } if tag == request => {
                Ok(Step::Done(answer(status, outcome)))
            }
            Response::Data {
                status: Status::Bye, ..
            } => Err(Lost::Goodbye),
            other => {
                self.news |= matches!(other, Response::MailboxData(MailboxDatum::Exists(_)));
                Ok(Step::Data(look(other)))
            }
        }
    }
}

fn answer(status: &Status, outcome: &Outcome<'_>) -> Answer {
    if *status == Status::Ok {
        return Answer::Ok {
            read_only: matches!(outcome.code, Some(ResponseCode::ReadOnly)),
        };
    }
    let code = match (&outcome.code, outcome.information.as_deref()) {
        (Some(ResponseCode::TryCreate), _) => Some("TRYCREATE"),
        (_, Some(text)) => response_code(text),
        _ => None,
    };
    let word = if *status == Status::No { "NO" } else { "BAD" };
    Answer::Refused(code.unwrap_or(word).to_owned())
}

/// A message, if that is what the response is. NIL instead of bytes is an empty message: a human shall see that it is.
fn fetched(response: &Response<'_>) -> Option<Fetched> {
    let Response::Fetch(_, attributes) = response else {
        return None;
    };
    let (mut uid, mut received, mut bytes) = (None, None, None);
    for attribute in attributes {
        match attribute {
            AttributeValue::Uid(number) => uid = Some(*number),
            AttributeValue::InternalDate(date) => received = internal_date(date),
            AttributeValue::BodySection {
                section: None, data, ..
            } => {
                bytes = Some(data.as_deref().unwrap_or_default().to_vec());
            }
            _ => {}
        }
    }
    Some(Fetched {
        uid: uid?,
        received,
        bytes: bytes?,
    })
}

#[cfg(test)]
mod tests;
