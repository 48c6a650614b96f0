//! Mails that nobody sends by chance: each is made to cost a reader as much as its bytes allow.
//!
//! A monster is made for any size, so that a test reads small ones and the bench reads those of 10 MB. Most come as
//! notices of a partner that our server vouches for, because those are read furthest.

mod bodies;
mod heads;
mod pages;
mod parts;

/// A way to make a mail that is hard to read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Monster {
    /// What it is full of.
    pub(crate) name: &'static str,
    make: fn(usize) -> Vec<u8>,
}

impl Monster {
    /// This mail, of at least so many bytes and not much more.
    pub(crate) fn of(self, size: usize) -> Vec<u8> {
        (self.make)(size)
    }
}

/// Every monster we know.
pub(crate) fn all() -> Vec<Monster> {
    let lists = [
        heads::MONSTERS,
        parts::MONSTERS,
        bodies::MONSTERS,
        pages::MONSTERS,
    ];
    let named = lists.into_iter().flatten();
    named.map(|(name, make)| Monster { name, make: *make }).collect()
}

/// A monster before it has its type: what it is full of, and how it is made.
type Made = (&'static str, fn(usize) -> Vec<u8>);

/// The head of a genuine notice, up to where a line can be added.
const GENUINE: &str = "Authentication-Results: mx.gemeente-voorbeeld.nl; dmarc=pass header.from=tvs.coa.nl\r\n\
                       From: COA TVS <noreply@tvs.coa.nl>\r\nTo: inburgering@gemeente-voorbeeld.nl\r\n\
                       Date: Tue, 24 Nov 2026 09:00:00 +0100\r\nMessage-ID: <1@tvs.coa.nl>\r\nMIME-Version: 1.0\r\n";

/// The head of a mail by nobody in particular.
const STRANGE: &str = "From: Iemand <iemand@example.org>\r\nTo: inburgering@gemeente-voorbeeld.nl\r\n\
                       Date: Tue, 24 Nov 2026 09:00:00 +0100\r\nMessage-ID: <1@example.org>\r\nMIME-Version: 1.0\r\n";

const SUBJECT: &str = "Subject: Nieuwe koppeling in TVS\r\n";

/// The same piece over and over, `size` bytes long.
fn filled(piece: &str, size: usize) -> String {
    piece.repeat(size / piece.len() + 1)
}

/// Numbered pieces, so many that they have `size` bytes together.
fn numbered(size: usize, piece: impl Fn(usize) -> String) -> String {
    let mut text = String::with_capacity(size + 200);
    let mut number = 0;
    while text.len() < size {
        text.push_str(&piece(number));
        number += 1;
    }
    text
}

/// A mail with these lines added to its head, and a notice as its text.
fn with_head(head: &str, lines: &str) -> Vec<u8> {
    format!("{head}{lines}\r\nEr is een statushouder aan uw gemeente gekoppeld.\r\n").into_bytes()
}

/// A genuine notice whose body is this, of this media type and encoding.
fn with_body(kind: &str, encoding: &str, body: &str) -> Vec<u8> {
    format!(
        "{GENUINE}{SUBJECT}Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\nEr is een \
         koppeling.\r\n{body}\r\n"
    )
    .into_bytes()
}

fn plain(body: &str) -> Vec<u8> {
    with_body("text/plain; charset=utf-8", "8bit", body)
}

fn page(body: &str) -> Vec<u8> {
    with_body("text/html; charset=utf-8", "8bit", body)
}
