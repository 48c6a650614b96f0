//! From a plain connection to an encrypted one (RFC 3207), before the SMTP library sees it.
//!
//! The library could do this itself, but it keeps what it had read ahead in plain text across the handshake: whoever
//! sits in between could put answers there (CVE-2011-0411 and its kin). Here anything that comes along with the
//! answer to STARTTLS ends the connection. The library expects a greeting on every connection, and a server gives
//! none after STARTTLS, so [`Encrypted`] begins with one.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// No server says more than this in one answer.
const LONGEST_ANSWER: u64 = 16 * 1024;

/// Why there was no STARTTLS.
#[derive(Debug)]
pub(super) enum NoStart {
    /// The server answered with this code where it should have said yes.
    Code(String),
    /// The server does not offer it.
    NotOffered,
    /// Something came along unencrypted.
    Tampered,
    /// The connection broke, or the server does not speak SMTP.
    Broken(io::Error),
}

impl From<io::Error> for NoStart {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

/// Greets, asks for STARTTLS, and returns the connection on which the handshake is next.
pub(super) async fn ask<S>(stream: S, hello: &str) -> Result<S, NoStart>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut stream = BufReader::new(stream);
    expect("220", &mut stream).await?;
    stream.write_all(format!("EHLO {hello}\r\n").as_bytes()).await?;
    let offers = expect("250", &mut stream).await?;
    if !offers.iter().any(|offer| offer.eq_ignore_ascii_case("STARTTLS")) {
        return Err(NoStart::NotOffered);
    }
    stream.write_all(b"STARTTLS\r\n").await?;
    expect("220", &mut stream).await?;
    if stream.buffer().is_empty() {
        Ok(stream.into_inner())
    } else {
        Err(NoStart::Tampered)
    }
}

/// The lines of an answer that has this code, without it.
async fn expect<S>(code: &str, stream: &mut BufReader<S>) -> Result<Vec<String>, NoStart>
where
    S: AsyncRead + Unpin,
{
    let mut lines = Vec::new();
    let mut answer = stream.take(LONGEST_ANSWER);
    loop {
        let mut line = String::new();
        if answer.read_line(&mut line).await? == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        let (Some(given), rest) = (line.get(..3), line.get(3..).unwrap_or_default()) else {
            return Err(io::Error::from(io::ErrorKind::InvalidData).into());
        };
        if given != code {
            return Err(if given.bytes().all(|byte| byte.is_ascii_digit()) {
                NoStart::Code(given.to_owned())
            } else {
                io::Error::from(io::ErrorKind::InvalidData).into()
            });
        }
        let more = rest.starts_with('-');
        lines.push(rest.trim_start_matches(['-', ' ']).trim_end().to_owned());
        if !more {
            return Ok(lines);
        }
    }
}

/// An encrypted connection on which a greeting is still to be read, or was put first by us.
#[derive(Debug)]
pub(super) struct Encrypted {
    greeting: &'static [u8],
    stream: TlsStream<TcpStream>,
}

impl Encrypted {
    /// A connection on which the server greets.
    pub(super) fn greeted_by_server(stream: TlsStream<TcpStream>) -> Self {
        Self {
            greeting: b"",
            stream,
        }
    }

    /// A connection on which the server greeted already, before STARTTLS.
    pub(super) fn greeted_before(stream: TlsStream<TcpStream>) -> Self {
        Self {
            greeting: b"220 encrypted\r\n",
            stream,
        }
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.greeting.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buf);
        }
        let (now, later) = self.greeting.split_at(self.greeting.len().min(buf.remaining()));
        buf.put_slice(now);
        self.greeting = later;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl AsyncTokioStream for Encrypted {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.get_ref().0.peer_addr()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays a server that says these things whatever it is asked, each after one line of the client.
    async fn played(says: &[&'static str]) -> Result<(), NoStart> {
        let (ours, theirs) = tokio::io::duplex(4096);
        let says = says.to_vec();
        let server = tokio::spawn(async move {
            let mut theirs = BufReader::new(theirs);
            for line in says {
                theirs.write_all(line.as_bytes()).await.unwrap();
                let mut heard = String::new();
                if theirs.read_line(&mut heard).await.unwrap() == 0 {
                    break;
                }
            }
        });
        let outcome = ask(ours, "koppelwacht.example").await.map(drop);
        server.await.unwrap();
        outcome
    }

    #[tokio::test]
    async fn a_server_that_offers_starttls_gets_it() {
        let offer = "250-mx.example\r\n250-SIZE 100\r\n250 starttls\r\n";
        assert!(
            played(&["220-hello\r\n220 there\r\n", offer, "220 go ahead\r\n"])
                .await
                .is_ok()
        );
    }

    #[tokio::test]
    async fn a_server_that_does_not_offer_it_hears_nothing_more() {
        let outcome = played(&["220 hello\r\n", "250-mx.example\r\n250 XSTARTTLS\r\n"]).await;
        assert!(matches!(outcome, Err(NoStart::NotOffered)), "{outcome:?}");
    }

    #[tokio::test]
    async fn an_answer_slipped_in_before_the_encryption_ends_the_connection() {
        let outcome = played(&[
            "220 hello\r\n",
            "250 STARTTLS\r\n",
            "220 go\r\n250 AUTH PLAIN\r\n",
        ])
        .await;
        assert!(matches!(outcome, Err(NoStart::Tampered)), "{outcome:?}");
    }

    #[tokio::test]
    async fn a_refusal_and_nonsense_are_told_apart() {
        let outcome = played(&["554 go away\r\n"]).await;
        assert!(
            matches!(&outcome, Err(NoStart::Code(code)) if code == "554"),
            "{outcome:?}"
        );
        let outcome = played(&["* OK IMAP4rev1 ready\r\n"]).await;
        assert!(matches!(outcome, Err(NoStart::Broken(_))), "{outcome:?}");
    }
}
