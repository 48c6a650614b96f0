//! Getting in: dial, encrypt, log in.
//!
//! STARTTLS (RFC 3501 section 6.2.1) is spoken on a connection that is thrown away but for its socket: what a
//! man in the middle may have slipped in before the handshake (CVE-2011-0411 and its kin) goes with it, and what the
//! server says it can do is asked again inside. A server that greets with PREAUTH before there is encryption would
//! have us skip the login on its word alone; it is refused.

use async_imap::imap_proto::{Response, Status};
use async_imap::{Authenticator, Client, Session};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::super::{IntakeError, Trouble};
use super::talk::{Lost, PATIENCE, Stream, Talk};
use super::wording::response_code;
use crate::settings::{Account, Server, Tls};
use crate::wire;

/// Response codes (RFC 5530 and RFC 9051 section 7.1) of a refused login that time may mend.
const NOT_NOW: [&str; 5] = ["UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "CONTACTADMIN"];

/// An encrypted conversation with the server, logged in.
pub(super) async fn dial(server: &Server) -> Result<Talk<TlsStream<TcpStream>>, Trouble> {
    let Some(account) = &server.account else {
        return Err(IntakeError::Settings(
            "an IMAP server needs an account; set `user` and a password file".to_owned(),
        )
        .into());
    };
    let password = account
        .password
        .read()
        .map_err(|error| IntakeError::Settings(error.to_string()))?;
    let tcp = wire::dial(server).await?;
    let client = match server.tls {
        Tls::Implicit => greeted(wire::encrypt(server, tcp).await?).await?,
        Tls::StartTls => {
            let tcp = starttls(server, tcp).await?;
            Client::new(wire::encrypt(server, tcp).await?)
        }
    };
    let session = log_in(client, &server.host, account, &password).await?;
    Ok(Talk::begin(session).await?)
}

/// Hears the greeting.
async fn greeted<S: Stream>(stream: S) -> Result<Client<S>, Trouble> {
    let mut client = Client::new(stream);
    let greeting = timeout(PATIENCE, client.read_response())
        .await
        .map_err(|_| Lost::Silent)?
        .map_err(Lost::from)?
        .ok_or(Lost::Closed)?;
    match greeting.parsed() {
        Response::Data {
            status: Status::Ok, ..
        } => {}
        Response::Data {
            status: Status::Bye, ..
        } => return Err(Lost::Goodbye.into()),
        Response::Data {
            status: Status::PreAuth,
            ..
        } => {
            return Err(Trouble::Passing(
                "the server claims that we are logged in before we are; that is not to be trusted".to_owned(),
            ));
        }
        _ => return Err(Lost::Garbled.into()),
    }
    Ok(client)
}

/// Asks for encryption and hands back the bare socket.
async fn starttls<S: Stream>(server: &Server, tcp: S) -> Result<S, Trouble> {
    let mut client = greeted(tcp).await?;
    match timeout(PATIENCE, client.run_command_and_check_ok("STARTTLS", None)).await {
        Err(_) => Err(Lost::Silent.into()),
        Ok(Ok(())) => Ok(client.into_inner()),
        Ok(Err(async_imap::error::Error::No(_) | async_imap::error::Error::Bad(_))) => {
            Err(IntakeError::NotEncrypted {
                host: server.host.clone(),
                port: server.port,
            }
            .into())
        }
        Ok(Err(error)) => Err(Lost::from(error).into()),
    }
}

/// LOGIN for what fits its seven bits, AUTHENTICATE PLAIN (RFC 4616) for everything else.
async fn log_in<S: Stream>(
    client: Client<S>,
    host: &str,
    account: &Account,
    password: &str,
) -> Result<Session<S>, Trouble> {
    let seven_bits = |text: &str| text.bytes().all(|byte| (b' '..0x7f).contains(&byte));
    let plain = Plain {
        user: &account.user,
        password,
    };
    let outcome = if seven_bits(&account.user) && seven_bits(password) {
        timeout(PATIENCE, client.login(&account.user, password)).await
    } else {
        timeout(PATIENCE, client.authenticate("PLAIN", plain)).await
    };
    match outcome.map_err(|_| Lost::Silent)? {
        Ok(session) => Ok(session),
        Err((async_imap::error::Error::No(text) | async_imap::error::Error::Bad(text), _)) => {
            Err(refused(host, account, &text))
        }
        Err((error, _)) => Err(Lost::from(error).into()),
    }
}

/// `text` is the library's: `code: None, info: Some("[AUTHENTICATIONFAILED] ...")`.
fn refused(host: &str, account: &Account, text: &str) -> Trouble {
    let code = text
        .find('[')
        .and_then(|at| response_code(&text[at..]))
        .unwrap_or("NO");
    if NOT_NOW.contains(&code) {
        return Trouble::Passing(format!("{host} does not take logins now ({code})"));
    }
    IntakeError::LoginRefused {
        host: host.to_owned(),
        password: account.password.clone(),
        code: code.to_owned(),
    }
    .into()
}

struct Plain<'a> {
    user: &'a str,
    password: &'a str,
}

impl Authenticator for Plain<'_> {
    type Response = String;

    fn process(&mut self, _challenge: &[u8]) -> String {
        format!("\0{}\0{}", self.user, self.password)
    }
}
