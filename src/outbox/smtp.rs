//! One connection to a mail server, and how a letter goes over it.
//!
//! The library's own `send` is not used: it hides at which command a server said no, and closes the connection over
//! one unknown recipient. Here each command is sent by itself (RFC 5321 section 4.1.1), so that an answer about us
//! (MAIL) is told from one about the recipient (RCPT) or the message (DATA). Its own way to connect is not used
//! either: without `TCP_NODELAY` every letter takes 44 ms.

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
    /// We were turned away before the letter was looked at.
    TurnedAway(Trouble),
}

/// An answer that is no "yes".
enum No {
    /// A 4xx or 5xx answer.
    Answer(Code),
    /// No answer that can be understood; why.
    Silence(&'static str),
}

/// A status code, with the enhanced one (RFC 3463) where the server gives it. Nothing else of the answer is kept: its
/// text may name a person.
struct Code {
    text: String,
    permanent: bool,
}

/// Connects, logs in, and asks whether our address is accepted as sender.
pub(super) async fn probe(server: &Server, sender: &Sender, hello: &str) -> Result<(), Trouble> {
    let mut session = Session::open(server, hello).await?;
    session.announce(server, sender.address(), false).await?;
    session.leave().await;
    Ok(())
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
                code: code.text,
            }),
            Err(No::Answer(code)) => Err(busy(server, code.text)),
            Err(No::Silence(why)) => Err(busy(server, why.to_owned())),
        }
    }

    /// MAIL: says who we are. A "no" is about us, not about the letter.
    async fn announce(&mut self, server: &Server, from: &Address, utf8: bool) -> Result<(), Trouble> {
        let options = if utf8 {
            vec![MailParameter::SmtpUtfEight]
        } else {
            Vec::new()
        };
        match answer(self.connection.command(Mail::new(Some(from.clone()), options))).await {
            Ok(_) => Ok(()),
            Err(No::Answer(code)) if code.permanent => Err(Trouble::Sender {
                server: place(server),
                code: code.text,
            }),
            Err(No::Answer(code)) => Err(busy(server, code.text)),
            Err(No::Silence(why)) => Err(busy(server, why.to_owned())),
        }
    }

    /// Sends one letter.
    pub(super) async fn send(
        &mut self,
        server: &Server,
        from: &Address,
        to: &Address,
        message: &[u8],
    ) -> Attempt {
        // Addresses outside ASCII need the server's consent (RFC 6531).
        let utf8 = [from, to]
            .iter()
            .any(|address| !AsRef::<str>::as_ref(address).is_ascii());
        if utf8
            && !self
                .connection
                .server_info()
                .supports_feature(Extension::SmtpUtfEight)
        {
            return Attempt::Settled(Delivery::Refused {
                code: "553 5.6.7".to_owned(),
            });
        }
        if let Err(trouble) = self.announce(server, from, utf8).await {
            return Attempt::TurnedAway(trouble);
        }
        if let Err(no) = answer(self.connection.command(Rcpt::new(to.clone(), Vec::new()))).await {
            return match no {
                No::Answer(code) if code.is_about_us() => Attempt::TurnedAway(Trouble::Sender {
                    server: place(server),
                    code: code.text,
                }),
                no => self.give_up(no).await,
            };
        }
        if let Err(no) = answer(self.connection.command(Data)).await {
            return self.give_up(no).await;
        }
        match answer(self.connection.message(message)).await {
            Ok(_) => Attempt::Settled(Delivery::Accepted),
            Err(no) => self.give_up(no).await,
        }
    }

    /// Makes the connection ready for the next letter after a "no" about this one.
    async fn give_up(&mut self, no: No) -> Attempt {
        let code = match no {
            No::Answer(code) => code,
            No::Silence(why) => return Attempt::Lost(deferred(why.to_owned())),
        };
        let delivery = if code.permanent {
            Delivery::Refused { code: code.text }
        } else {
            deferred(code.text)
        };
        // Where this fails, the next letter finds out and opens a new connection.
        let _ = answer(self.connection.command(Rset)).await;
        Attempt::Settled(delivery)
    }

    /// Says goodbye; a server that does not answer is left all the same.
    pub(super) async fn leave(mut self) {
        let _ = timeout(Duration::from_secs(5), self.connection.quit()).await;
    }
}

const SLOW: &str = "no answer in time";

/// Waits for an answer, but not for ever.
async fn answer<T>(asked: impl Future<Output = Result<T, Error>>) -> Result<T, No> {
    match timeout(ANSWER, asked).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(No::from(&error)),
        Err(_) => Err(No::Silence(SLOW)),
    }
}

impl From<&Error> for No {
    fn from(error: &Error) -> Self {
        let Some(code) = error.status() else {
            return Self::Silence("the connection broke off");
        };
        let detail = std::error::Error::source(error).map(ToString::to_string);
        let enhanced = detail.as_deref().and_then(enhanced_code);
        Self::Answer(Code {
            text: enhanced.map_or_else(|| code.to_string(), |enhanced| format!("{code} {enhanced}")),
            permanent: error.is_permanent(),
        })
    }
}

impl Code {
    /// Whether a "no" to a recipient is really about us: commands out of order, or a login that is missing or ended
    /// (RFC 4954 section 6).
    fn is_about_us(&self) -> bool {
        ["503", "530", "534", "535", "538"]
            .iter()
            .any(|code| self.text.starts_with(code))
    }
}

/// The enhanced status code (RFC 3463 section 2) that an answer begins with.
fn enhanced_code(detail: &str) -> Option<&str> {
    let word = detail.split_whitespace().next()?;
    let numbers: Vec<&str> = word.split('.').collect();
    let fits = |number: &&str| (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    (numbers.len() == 3 && numbers.iter().all(fits)).then_some(word)
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

    #[test]
    fn only_the_status_is_kept_of_an_answer() {
        assert_eq!(
            enhanced_code("5.1.1 <s.deboer@gemeente.nl>: unknown"),
            Some("5.1.1")
        );
        assert_eq!(enhanced_code("s.deboer@gemeente.nl unknown"), None);
        assert_eq!(enhanced_code("5.1 unknown"), None);
        assert_eq!(enhanced_code("10.0.0.1234 unknown"), None);
        assert_eq!(enhanced_code(""), None);
    }
}
