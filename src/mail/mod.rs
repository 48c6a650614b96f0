//! Bytes -> [`Mail`]: what a message says, to whom it can be ascribed, and what sort of message it is.
//!
//! What this room guarantees:
//! - **It always answers.** Any bytes become a mail; what could not be decoded is a [`Flaw`], and a flaw that touches
//!   the text brings a human. Reading asks nobody anything, so the same bytes give the same mail for ever; what has
//!   to be asked about signatures is asked before ([`attest`]).
//! - **It takes its time, but not more.** Everything is linear in the size of the message, or bounded: how deep it
//!   looks into messages in messages ([`MAX_DEPTH`]), how much text it reads ([`text::MAX_TEXT`]), what the MIME parser
//!   is shown at all ([`mime`]).
//! - **It believes nobody but the municipality's own mail server** about who sent something ([`stamp`], [`sender`]).
//! - **It cuts away what is old or hidden, and never the notice.** Each rule that drops text says which mark it needs
//!   ([`history`], [`html`]).
//! - **It says what it found as values.** Which task a mail opens is not decided here.
//!
//! The way of a message: the MIME parser ([`mime`]) takes it apart, [`header`] reads its head, [`smime`] takes its layers
//! off, [`text`] picks and decodes its text ([`decode`], [`html`], [`fold`]; files too, [`attached`], where it only points
//! to them, [`mod@pointer`]), [`sender`] judges who sent it, [`nature`] says whether it is a notice at all ([`report`],
//! [`seal`]; [`absence`] and [`answer`] by the days that they name: [`day`], [`remark`]), [`history`] separates old from new, [`numbers`] finds who it is
//! about.
//!
//! A forwarded notice counts as the notice: its subject, text and From are the mail's, and the one who forwarded it is
//! [`Mail::forwarder`]. The verdict stays about the forwarder, because nothing vouches for the inside of a forward, not
//! even the stamps in it.
//!
//! Accepted: text in pictures, and in files other than PDF, is not read, so a mail that only points to one is for a
//! human; a colleague who forwards several messages at once gets one mail with all their texts.

mod absence;
mod account;
mod answer;
mod attached;
pub mod attest;
mod bounce;
mod bounds;
mod calendar;
mod claims;
mod codes;
mod content;
mod day;
mod decode;
mod deed;
mod expression;
mod fingerprint;
mod fold;
mod header;
mod history;
mod html;
mod letter;
mod mime;
mod nature;
mod numbers;
mod outlook;
mod pdf;
mod pointer;
mod remark;
mod report;
mod seal;
mod sender;
mod smime;
mod stamp;
mod text;
mod undelivered;
mod words;

use std::panic::catch_unwind;

pub use numbers::{bsn, v_nummer};
pub use smime::can_decrypt;

use content::Content;
use header::Head;
use text::Body;

use crate::domain::{Attested, Flaw, Mail, Nature, References, Sender, Trust, Verdict};

/// How deep messages in messages are opened: a forward of a forward.
const MAX_DEPTH: usize = 3;
/// Forwarded messages that are read side by side; a human looks when there are more.
const MAX_SIDE_BY_SIDE: usize = 20;

/// Reads a message. Never fails and never panics: what cannot be decoded becomes a mail with flaws.
///
/// A defect of ours or of a parser must not hold up the mails behind it, so a panic becomes an unreadable mail too.
#[must_use]
pub fn read(bytes: &[u8], trust: &Trust) -> Mail {
    read_attested(bytes, trust, &Attested::No)
}

/// Reads a message of which the signatures were looked at before.
#[must_use]
pub fn read_attested(bytes: &[u8], trust: &Trust, attested: &Attested) -> Mail {
    catch_unwind(|| read_sound(bytes, trust, attested)).unwrap_or_else(|_| unreadable(bytes))
}

fn read_sound(bytes: &[u8], trust: &Trust, attested: &Attested) -> Mail {
    let tidied = mime::tidy(bytes);
    let bytes = tidied.as_ref();
    let shielded = mime::shield(bytes);
    let Some(outer) = mime::parse(&shielded) else {
        return unreadable(bytes);
    };
    let mut head = Head::of(&outer, bytes);
    let opened = smime::open(&outer, bytes, &head, &trust.smime);
    let inside = opened.shielded();
    let inner = inside.as_deref().and_then(mime::parse);
    let message = inner.as_ref().unwrap_or(&outer);
    let body = Body::inside(&outer, &shielded, inner.as_ref(), &opened, inside.as_deref());
    let fingerprint = fingerprint::of(bytes, &head);
    let sender = sender::judge(&head, trust, attested);
    head.protect(message, &outer);
    let nature = nature::of(message, &head, &body, &sender, trust);
    let recipients = head.recipients(&outer);
    let mut flaws = head_flaws(&head);
    if shielded.len() < bytes.len() || opened.is_cut(inside.as_deref()) {
        flaws.push(Flaw::BrokenStructure);
    }
    let content = Content::of(&head, body, nature, &sender, &trust.smime);
    flaws.extend(content.flaws);
    let numbers_from: Vec<&str> = match content.nature {
        Nature::Notice | Nature::Sealed(_) => vec![&content.subject, &content.comment, &content.text],
        // Nothing is opened for these, so nobody needs to know whom they are about.
        _ => Vec::new(),
    };
    let codes = codes::codes(&numbers_from);
    if codes.len() >= numbers::MAX_NUMBERS {
        flaws.push(Flaw::Truncated);
    }
    Mail {
        fingerprint,
        letter: head
            .message_id()
            .and_then(|id| letter::by_message_id(std::iter::once(id.as_str()), &trust.letter_domain)?.letter),
        message_id: head.message_id(),
        sent: head.sent,
        recipients,
        references: numbers::references(&numbers_from),
        codes: codes.iter().map(|(code, _)| code.clone()).collect(),
        about: codes.into_iter().map(|(_, people)| people).collect(),
        from: content.from,
        forwarder: content.forwarder,
        subject: content.subject,
        text: content.text,
        nature: content.nature,
        attachments: content.attachments,
        sender,
        signature: smime::worse(opened.signature.clone(), content.signature),
        flaws,
    }
}

/// Bytes that are no message. What is legible in them is kept for the one who has to look.
fn unreadable(bytes: &[u8]) -> Mail {
    let start = &bytes[..bytes.len().min(text::MAX_TEXT)];
    Mail {
        fingerprint: fingerprint::of_all(bytes),
        message_id: None,
        letter: None,
        sent: None,
        from: None,
        recipients: Vec::new(),
        subject: String::new(),
        text: fold::fold(&String::from_utf8_lossy(start), text::MAX_TEXT).text,
        nature: Nature::Notice,
        sender: Sender {
            verdict: Verdict::Outsider,
            reason: "no From address".to_owned(),
            deceit: None,
        },
        signature: None,
        forwarder: None,
        references: References::default(),
        codes: Vec::new(),
        about: Vec::new(),
        attachments: Vec::new(),
        flaws: vec![Flaw::Unreadable, Flaw::NoSender, Flaw::NoDate],
    }
}

fn head_flaws(head: &Head<'_>) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    if head.from.is_empty() {
        flaws.push(Flaw::NoSender);
    }
    if head.from_fields > 1 {
        flaws.push(Flaw::SeveralSenders);
    }
    if head.sent.is_none() {
        flaws.push(Flaw::NoDate);
    }
    flaws
}
