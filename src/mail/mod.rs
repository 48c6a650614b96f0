//! Bytes -> [`Mail`]: what a message says, to whom it can be ascribed, and what sort of message it is.
//!
//! What this room guarantees:
//! - **It always answers.** Any bytes become a mail; what could not be decoded is a [`Flaw`], and a flaw that touches
//!   the text brings a human. It asks nobody anything, so the same bytes give the same mail for ever.
//! - **It takes its time, but not more.** Everything is linear in the size of the message, or bounded: how deep it
//!   looks into messages in messages ([`MAX_DEPTH`]), how much text it reads ([`text::MAX_TEXT`]), what the MIME parser
//!   is shown at all ([`mime`]).
//! - **It believes nobody but the municipality's own mail server** about who sent something ([`stamp`], [`sender`]).
//! - **It cuts away what is old or hidden, and never the notice.** Each rule that drops text says which mark it needs
//!   ([`history`], [`html`]).
//! - **It says what it found as values.** Which task a mail opens is not decided here.
//!
//! The way of a message: the MIME parser ([`mime`]) takes it apart, [`header`] reads its head, [`text`] picks and decodes
//! its text ([`decode`], [`html`], [`tnef`], [`fold`]), [`sender`] judges who sent it, [`nature`] says whether it is a
//! notice at all ([`seal`], [`report`], [`absence`]), [`history`] separates old from new, [`numbers`] finds who it is
//! about.
//!
//! A forwarded notice counts as the notice: its subject, text and From are the mail's, and the one who forwarded it is
//! [`Mail::forwarder`]. The verdict stays about the forwarder, because nothing vouches for the inside of a forward, not
//! even the stamps in it.
//!
//! Accepted: opaque-signed S/MIME is taken for sealed, though it could be opened; text inside PDF files and pictures is
//! not read; a colleague who forwards several messages at once gets one mail with all their texts.

mod absence;
mod bounds;
mod decode;
mod fingerprint;
mod fold;
mod header;
mod history;
mod html;
mod mime;
mod nature;
mod numbers;
mod report;
mod seal;
mod sender;
mod stamp;
mod text;
mod tnef;

use std::borrow::Cow;
use std::panic::catch_unwind;

use header::Head;
use text::Body;

use crate::domain::{Address, Flaw, Mail, Nature, References, Seal, Sender, Trust, Verdict};

/// How deep messages in messages are opened: a forward of a forward.
const MAX_DEPTH: usize = 3;
/// Forwarded messages that are read side by side; a human looks when there are more.
const MAX_SIDE_BY_SIDE: usize = 20;

/// Reads a message. Never fails and never panics: what cannot be decoded becomes a mail with flaws.
///
/// A defect of ours or of a parser must not hold up the mails behind it, so a panic becomes an unreadable mail too.
#[must_use]
pub fn read(bytes: &[u8], trust: &Trust) -> Mail {
    catch_unwind(|| read_sound(bytes, trust)).unwrap_or_else(|_| unreadable(bytes))
}

fn read_sound(bytes: &[u8], trust: &Trust) -> Mail {
    let shielded = mime::shield(bytes);
    let Some(message) = mime::parse(&shielded) else {
        return unreadable(bytes);
    };
    let head = Head::of(&message, bytes);
    let body = Body::of(&message, &shielded);
    let sender = sender::judge(&head, trust);
    let nature = nature::of(&message, &head, &body, &sender, trust);
    let recipients = head.recipients(&message);
    let fingerprint = fingerprint::of(bytes, &head);
    let mut flaws = head_flaws(&head);
    if shielded.len() < bytes.len() {
        flaws.push(Flaw::BrokenStructure);
    }
    let content = Content::of(&head, body, nature, &sender);
    flaws.extend(content.flaws);
    let numbers_from: Vec<&str> = match content.nature {
        Nature::Notice | Nature::Sealed(_) => vec![&content.subject, &content.comment, &content.text],
        // Nothing is opened for these, so nobody needs to know whom they are about.
        _ => Vec::new(),
    };
    let codes = numbers::codes(&numbers_from);
    if codes.len() >= numbers::MAX_NUMBERS {
        flaws.push(Flaw::Truncated);
    }
    Mail {
        fingerprint,
        message_id: head.message_id(),
        sent: head.sent,
        recipients,
        references: numbers::references(&numbers_from),
        codes,
        from: content.from,
        forwarder: content.forwarder,
        subject: content.subject,
        text: content.text,
        nature: content.nature,
        attachments: content.attachments,
        sender,
        flaws,
    }
}

/// Bytes that are no message. What is legible in them is kept for the one who has to look.
fn unreadable(bytes: &[u8]) -> Mail {
    let start = &bytes[..bytes.len().min(text::MAX_TEXT)];
    Mail {
        fingerprint: fingerprint::of_all(bytes),
        message_id: None,
        sent: None,
        from: None,
        recipients: Vec::new(),
        subject: String::new(),
        text: fold::fold(&String::from_utf8_lossy(start), text::MAX_TEXT).text,
        nature: Nature::Notice,
        sender: Sender {
            verdict: Verdict::Outsider,
            reason: "no From address".to_owned(),
        },
        forwarder: None,
        references: References::default(),
        codes: Vec::new(),
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

/// What a message says, once old text is gone and forwards are opened.
struct Content {
    from: Option<Address>,
    forwarder: Option<Address>,
    subject: String,
    /// What a forwarder wrote above the original; only numbers are looked for in it.
    comment: String,
    text: String,
    nature: Nature,
    attachments: Vec<String>,
    flaws: Vec<Flaw>,
}

impl Content {
    fn of(head: &Head<'_>, body: Body<'_>, nature: Nature, sender: &Sender) -> Self {
        let is_reply = history::is_reply(&head.subject) || head.answers().next().is_some();
        let is_forward = history::is_forward(&head.subject);
        let mut content = Self {
            from: head.from.first().cloned(),
            forwarder: None,
            subject: head.subject.clone(),
            comment: String::new(),
            text: String::new(),
            nature,
            attachments: body.attachments,
            flaws: body.flaws,
        };
        let may_forward = content.nature == Nature::Notice;
        let from_partner = matches!(
            sender.verdict,
            Verdict::Partner(_) | Verdict::Unchecked(_) | Verdict::Forged(_)
        );
        let attached = !body.messages.is_empty() && (is_forward || !from_partner || body.text.is_empty());
        if may_forward
            && attached
            && let Some(inner) = Inner::open_all(&body.messages, 1)
        {
            content.comment = history::newest(&body.text, is_reply);
            content.take(inner);
        } else if may_forward
            && (is_forward || history::starts_with_original(&body.text))
            && let Some((comment, original)) = history::forwarded(&body.text)
        {
            content.comment = comment;
            content.take(Inner {
                from: original.from,
                subject: original.subject.unwrap_or_else(|| head.subject.clone()),
                text: original.text,
                ..Inner::default()
            });
        } else {
            content.text = history::newest(&body.text, is_reply || content.is_answer());
            if content.text.is_empty() && may_forward {
                content.text = body.text;
            }
        }
        content
    }

    fn is_answer(&self) -> bool {
        matches!(self.nature, Nature::Answer { .. })
    }

    /// Lets a forwarded original take the place of the message around it.
    fn take(&mut self, inner: Inner) {
        self.forwarder = std::mem::replace(&mut self.from, inner.from);
        self.subject = inner.subject;
        self.text = inner.text;
        self.attachments.extend(inner.attachments);
        // The text around it may be missing when the text inside is there.
        self.flaws.retain(|flaw| *flaw != Flaw::NoText);
        for flaw in inner.flaws {
            if !self.flaws.contains(&flaw) {
                self.flaws.push(flaw);
            }
        }
        if let Some(seal) = inner.seal {
            self.nature = Nature::Sealed(seal);
        }
    }
}

/// A message that was forwarded as an attachment.
#[derive(Debug, Default)]
struct Inner {
    from: Option<Address>,
    subject: String,
    text: String,
    seal: Option<Seal>,
    attachments: Vec<String>,
    flaws: Vec<Flaw>,
}

impl Inner {
    /// Opens attached messages. Of several the first gives subject and From, and all of them the text.
    fn open_all(messages: &[&[u8]], depth: usize) -> Option<Self> {
        let mut opened = messages
            .iter()
            .take(MAX_SIDE_BY_SIDE)
            .filter_map(|bytes| Self::open(bytes, depth));
        let mut first = opened.next()?;
        for next in opened {
            for piece in [next.subject, next.text] {
                if first.text.len() + piece.len() > text::MAX_TEXT {
                    first.flaws.push(Flaw::Truncated);
                    return Some(first);
                }
                first.text.push_str("\n\n");
                first.text.push_str(&piece);
            }
            first.flaws.extend(next.flaws);
            first.attachments.extend(next.attachments);
            first.seal = first.seal.or(next.seal);
        }
        if messages.len() > MAX_SIDE_BY_SIDE {
            first.flaws.push(Flaw::BrokenStructure);
        }
        Some(first)
    }

    fn open(bytes: &[u8], depth: usize) -> Option<Self> {
        // A part that was encoded for transport has not been shielded yet; one that has is not changed again.
        let shielded: Cow<'_, [u8]> = mime::shield(bytes);
        let message = mime::parse(&shielded)?;
        let head = Head::of(&message, &shielded);
        let body = Body::of(&message, &shielded);
        let from = head.from.first().cloned();
        let domain = from.as_ref().map_or("", Address::domain);
        let seal = seal::of(&message, domain, &head.subject, &body);
        if depth < MAX_DEPTH
            && seal.is_none()
            && (history::is_forward(&head.subject) || body.text.is_empty())
            && let Some(inner) = Self::open_all(&body.messages, depth + 1)
        {
            return Some(inner);
        }
        let is_reply = history::is_reply(&head.subject);
        let mut flaws = body.flaws;
        if head.from.is_empty() {
            flaws.push(Flaw::NoSender);
        }
        if shielded.len() < bytes.len() {
            flaws.push(Flaw::BrokenStructure);
        }
        Some(Self {
            from,
            subject: head.subject,
            text: history::newest(&body.text, is_reply),
            seal,
            attachments: body.attachments,
            flaws,
        })
    }
}
