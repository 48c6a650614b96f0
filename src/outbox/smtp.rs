//! One connection to a mail server, and how a letter goes over it.
//!
//! The library's own `send` is not used: it hides at which command a server said no, and closes the connection over
//! one unknown recipient. Here each command is sent by itself (RFC 5321 section 4.1.1), so that an answer about us is
//! told from one about the recipient or the message. At MAIL it is about us; at RCPT and DATA it may be either
//! (`no.rs`). Then [`probe`] asks, over a connection of its own, whether a letter to our own address would be taken. Does
//! the server say no to that for such a reason too, it is about us and every letter waits; else the first "no" stands, so
//! that somebody who takes mail from few is a refusal, and the next rung is called. At a start no letter was refused yet, and
//! a "no" of that kind keeps nobody from watching: our address may be one that only sends.
//! Its own way to connect is not used either: without `TCP_NODELAY` every letter takes 44 ms.

use std::time::Duration;

use lettre::address::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use tokio::time::timeout;

use super::deferred;
use super::message::Sender;
use super::no::{Code, No, Whom};
use super::starttls::{self, Encrypted, NoStart};
use super::trouble::Trouble;
use crate::domain::Delivery;
use crate::settings::{Server, Tls};
use crate::wire;

/// How long a server may take for one answer. RFC 5321 section 4.5.3.2 allows ten minutes for the last one; a server
/// that needs more than this is treated as one that broke off.
const ANSWER: Duration = Duration::from_mins(1);

/// How an attempt to send one letter ended.
pub(super) enum Attempt {
    /// It is decided, and the connection can go on.
    Settled(Delivery),
    /// The connection is gone and the letter may be, too.
    Lost(Delivery),
    /// It was refused with this code, for its own sake or for ours: [`probe`] tells.
    Doubtful(String),
    /// We were turned away, whatever the letter.
    TurnedAway(Trouble),
}

/// Connects, logs in, and asks whether our address is accepted as sender: many servers say so only when they hear a
/// recipient, and ours is the one that harms nobody. What may also be said of the recipient is [`Trouble::Ourselves`].
pub(super) async fn probe(server: &Server, sender: &Sender, hello: &str) -> Result<(), Trouble> {
    let mut session = Session::open(server, hello).await?;
    session.announce(server, sender.address(), false).await?;
    let ours = session.rcpt(sender.address()).await;
    if !matches!(ours, Err(No::Silence(_))) {
        session.reset().await;
        session.leave().await;
    }
    match ours {
        Err(No::Answer(code)) if code.is_against_us() => Err(match code.whom() {
            Whom::Either => Trouble::Ourselves {
                server: place(server),
                code: code.text,
            },
            Whom::Us | Whom::UsForNow | Whom::Letter => turned_away(server, code),
        }),
        _ => Ok(()),
    }
}

/// An open connection on which we are logged in.
pub(super) struct Session {
    connection: AsyncSmtpConnection,
}

impl Session {
    /// Connects, encrypts, greets and logs in.
    pub(super) async fn open(server: &Server, hello: &str) -> Result<Self, Trouble> {
        let tcp = wire::dial(server).await?;
        let stream = match server.tls {
            Tls::Implicit => Encrypted::greeted_by_server(wire::encrypt(server, tcp).await?),
            Tls::StartTls => {
                let tcp = timeout(ANSWER, starttls::ask(tcp, hello))
                    .await
                    .map_err(|_| busy(server, SLOW.to_owned()))?
                    .map_err(|no| no_start(server, no))?;
                Encrypted::greeted_before(wire::encrypt(server, tcp).await?)
            }
        };
        let hello = ClientId::Domain(hello.to_owned());
        let connecting = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello);
        let connection = answer(connecting).await.map_err(|no| match no {
            No::Answer(code) if code.permanent => Trouble::Unwelcome {
                server: place(server),
                code: code.text,
            },
            No::Answer(code) => busy(server, code.text),
            No::Silence(why) => busy(server, why.to_owned()),
        })?;
        let mut session = Self { connection };
        session.log_in(server).await?;
        Ok(session)
    }

    async fn log_in(&mut self, server: &Server) -> Result<(), Trouble> {
        let Some(account) = &server.account else {
            return Ok(());
        };
        let offered = self
            .connection
            .server_info()
            .get_auth_mechanism(DEFAULT_MECHANISMS);
        if offered.is_none() {
            return Err(Trouble::NoLogin {
                server: place(server),
            });
        }
        let password = account.password.read()?;
        let credentials = Credentials::new(account.user.clone(), password);
        match answer(self.connection.auth(DEFAULT_MECHANISMS, &credentials)).await {
            Ok(_) => Ok(()),
            Err(No::Answer(code)) if code.permanent => Err(Trouble::Account {
                server: place(server),
                password: account.password.clone(),
                code: code.text,
            }),
            Err(No::Answer(code)) => Err(busy(server, code.text)),
            Err(No::Silence(why)) => Err(busy(server, why.to_owned())),
        }
    }

    fn takes_utf8(&self) -> bool {
        self.connection
            .server_info()
            .supports_feature(Extension::SmtpUtfEight)
    }

    /// MAIL: says who we are, and whether the recipient is outside ASCII. A "no" is about us, not about the letter.
    async fn announce(&mut self, server: &Server, from: &Address, utf8: bool) -> Result<(), Trouble> {
        if needs_utf8(from) && !self.takes_utf8() {
            return Err(Trouble::Sender {
                server: place(server),
                code: NO_UTF8.to_owned(),
            });
        }
        self.mail(from, utf8 || needs_utf8(from))
            .await
            .map_err(|no| match no {
                No::Answer(code) if code.permanent => turned_away(server, code),
                No::Answer(code) => busy(server, code.text),
                No::Silence(why) => busy(server, why.to_owned()),
            })
    }

    async fn mail(&mut self, from: &Address, utf8: bool) -> Result<(), No> {
        let options = if utf8 {
            vec![MailParameter::SmtpUtfEight]
        } else {
            Vec::new()
        };
        answer(self.connection.command(Mail::new(Some(from.clone()), options))).await?;
        Ok(())
    }

    async fn rcpt(&mut self, to: &Address) -> Result<(), No> {
        answer(self.connection.command(Rcpt::new(to.clone(), Vec::new()))).await?;
        Ok(())
    }

    /// Sends one letter.
    pub(super) async fn send(
        &mut self,
        server: &Server,
        from: &Address,
        to: &Address,
        message: &[u8],
    ) -> Attempt {
        if needs_utf8(to) && !self.takes_utf8() {
            return Attempt::Settled(Delivery::Refused {
                code: NO_UTF8.to_owned(),
            });
        }
        if let Err(trouble) = self.announce(server, from, needs_utf8(to)).await {
            return Attempt::TurnedAway(trouble);
        }
        if let Err(no) = self.rcpt(to).await {
            return self.judge(server, no).await;
        }
        if let Err(no) = answer(self.connection.command(Data)).await {
            return self.judge(server, no).await;
        }
        match answer(self.connection.message(message)).await {
            Ok(_) => Attempt::Settled(Delivery::Accepted),
            Err(no) => self.judge(server, no).await,
        }
    }

    /// What a "no" at RCPT or later means. Afterwards the connection is ready for the next letter.
    async fn judge(&mut self, server: &Server, no: No) -> Attempt {
        let code = match no {
            No::Answer(code) => code,
            No::Silence(why) => return Attempt::Lost(deferred(why.to_owned())),
        };
        self.reset().await;
        match code.whom() {
            _ if code.is_of_recipient_now() => Attempt::Settled(Delivery::PutOff { code: code.text }),
            _ if !code.permanent => Attempt::Settled(deferred(code.text)),
            Whom::Letter => Attempt::Settled(Delivery::Refused { code: code.text }),
            Whom::Either => Attempt::Doubtful(code.text),
            Whom::Us | Whom::UsForNow => Attempt::TurnedAway(turned_away(server, code)),
        }
    }

    /// Makes the connection ready for the next letter. Where this fails, that one finds out and opens a new connection.
    async fn reset(&mut self) {
        let _ = answer(self.connection.command(Rset)).await;
    }

    /// Says goodbye; a server that does not answer is left all the same.
    pub(super) async fn leave(mut self) {
        let _ = timeout(Duration::from_secs(5), self.connection.quit()).await;
    }
}

/// An address outside ASCII needs the server's consent (RFC 6531).
fn needs_utf8(address: &Address) -> bool {
    !AsRef::<str>::as_ref(address).is_ascii()
}

/// What is said of an address where that consent is missing (RFC 6531 section 3.5).
const NO_UTF8: &str = "553 5.6.7";
const SLOW: &str = "no answer in time";

/// Waits for an answer, but not for ever.
async fn answer<T>(asked: impl Future<Output = Result<T, Error>>) -> Result<T, No> {
    match timeout(ANSWER, asked).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(No::from(&error)),
        Err(_) => Err(No::Silence(SLOW)),
    }
}

fn no_start(server: &Server, no: NoStart) -> Trouble {
    let server_place = place(server);
    match no {
        NoStart::NotOffered => Trouble::NotEncrypted { server: server_place },
        NoStart::Tampered => Trouble::Tampered { server: server_place },
        NoStart::Code(code) if code.starts_with('5') => Trouble::Unwelcome {
            server: server_place,
            code,
        },
        NoStart::Code(code) => busy(server, code),
        NoStart::Broken(error) => busy(server, format!("the connection broke off: {}", error.kind())),
    }
}

/// The server takes no letters of ours, and says so with this code.
fn turned_away(server: &Server, code: Code) -> Trouble {
    match code.whom() {
        Whom::UsForNow => busy(server, code.text),
        Whom::Us | Whom::Letter | Whom::Either => Trouble::Sender {
            server: place(server),
            code: code.text,
        },
    }
}

/// The server takes no letters now.
pub(super) fn busy(server: &Server, reason: String) -> Trouble {
    Trouble::Busy {
        server: place(server),
        reason,
    }
}

fn place(server: &Server) -> String {
    format!("{}:{}", server.host, server.port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_server_that_says_nothing_is_not_waited_for_longer_than_a_minute() {
        let before = tokio::time::Instant::now();
        let silence = answer(std::future::pending::<Result<(), Error>>()).await;
        assert!(matches!(silence, Err(No::Silence(SLOW))));
        assert_eq!(before.elapsed(), ANSWER);
    }
}
