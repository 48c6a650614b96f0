//! What a message says, once old text is gone and forwards are opened.

use std::borrow::Cow;

use super::header::Head;
use super::outlook::{self, Item};
use super::text::{self, Body};
use super::{MAX_DEPTH, MAX_SIDE_BY_SIDE, answer, fold, history, mime, pointer, seal, smime};
use crate::domain::{Address, Flaw, Nature, Seal, Sender, Signature, Smime, Verdict};

/// What a message says, once old text is gone and forwards are opened.
pub(super) struct Content {
    pub(super) from: Option<Address>,
    pub(super) forwarder: Option<Address>,
    pub(super) subject: String,
    /// What a forwarder wrote above the original; only numbers are looked for in it.
    pub(super) comment: String,
    pub(super) text: String,
    pub(super) nature: Nature,
    pub(super) attachments: Vec<String>,
    pub(super) signature: Option<Signature>,
    pub(super) flaws: Vec<Flaw>,
}

impl Content {
    /// Reads what the message says. `keys` open what was forwarded.
    pub(super) fn of(head: &Head<'_>, body: Body<'_>, nature: Nature, sender: &Sender, keys: &Smime) -> Self {
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
            signature: None,
            flaws: body.flaws,
        };
        let may_forward = content.nature == Nature::Notice;
        let from_partner = matches!(
            sender.verdict,
            Verdict::Partner(_) | Verdict::Unchecked(_) | Verdict::Forged(_)
        );
        let attached =
            !body.messages.is_empty() && (is_forward || !from_partner || pointer::only_points(&body.text));
        let inner = (may_forward && attached).then(|| Inner::open_all(&body.messages, keys, 1));
        if let Some(None) = inner {
            // A forward that cannot be opened: what stands around it is not what it says.
            content.flaws.push(Flaw::BrokenStructure);
        }
        if let Some(inner) = inner.flatten() {
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
            append(&mut content.text, &body.attached);
            if let Nature::Answer(answer) = &mut content.nature {
                answer.intent = answer::intent(&content.text, head.day_sent());
            }
        }
        content
    }

    fn is_answer(&self) -> bool {
        matches!(self.nature, Nature::Answer(_))
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
        self.signature = inner.signature;
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
    signature: Option<Signature>,
    attachments: Vec<String>,
    flaws: Vec<Flaw>,
}

impl Inner {
    /// Opens attached messages. Of several the first gives subject and From, and all of them the text.
    fn open_all(messages: &[&[u8]], keys: &Smime, depth: usize) -> Option<Self> {
        let read: Vec<Self> = messages
            .iter()
            .take(MAX_SIDE_BY_SIDE)
            .filter_map(|bytes| Self::open(bytes, keys, depth))
            .collect();
        let is_whole = read.len() == messages.len();
        let mut read = read.into_iter();
        let mut first = read.next()?;
        if !is_whole {
            first.flaws.push(Flaw::BrokenStructure);
        }
        for next in read {
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
            first.signature = smime::worse(first.signature, next.signature);
        }
        Some(first)
    }

    fn open(bytes: &[u8], keys: &Smime, depth: usize) -> Option<Self> {
        if outlook::msg::is(bytes) {
            return outlook::msg::read(bytes).map(Self::of_outlook);
        }
        // A part that was encoded for transport has not been shielded yet; one that has is not changed again.
        let shielded: Cow<'_, [u8]> = mime::shield(bytes);
        let outer = mime::parse(&shielded)?;
        let mut head = Head::of(&outer, &shielded);
        let opened = smime::open(&outer, bytes, &head, keys);
        let inside = opened.shielded();
        let inner = inside.as_deref().and_then(mime::parse);
        let body = Body::inside(&outer, &shielded, inner.as_ref(), &opened, inside.as_deref());
        let message = inner.as_ref().unwrap_or(&outer);
        head.protect(message, &outer);
        let from = head.from.first().cloned();
        let origin = seal::Origin {
            domain: from.as_ref().map_or("", Address::domain),
            is_stranger: false,
        };
        let seal = seal::of(message, origin, &head.subject, &body);
        if depth < MAX_DEPTH
            && seal.is_none()
            && (history::is_forward(&head.subject) || body.text.is_empty())
            && let Some(inner) = Self::open_all(&body.messages, keys, depth + 1)
        {
            return Some(inner);
        }
        let is_reply = history::is_reply(&head.subject);
        let mut flaws = body.flaws;
        if head.from.is_empty() {
            flaws.push(Flaw::NoSender);
        }
        if shielded.len() < bytes.len() || opened.is_cut(inside.as_deref()) {
            flaws.push(Flaw::BrokenStructure);
        }
        let mut text = history::newest(&body.text, is_reply);
        append(&mut text, &body.attached);
        Some(Self {
            from,
            subject: head.subject,
            text,
            seal,
            signature: opened.signature.clone(),
            attachments: body.attachments,
            flaws,
        })
    }

    /// What an Outlook file says. Seals are not looked for in it: one that is sealed has no text.
    fn of_outlook(item: Item) -> Self {
        let text = fold::fold(&item.text().unwrap_or_default(), text::MAX_TEXT);
        let subject = super::header::one_line(item.subject.as_deref().unwrap_or_default());
        let mut flaws = Vec::new();
        if text.text.is_empty() {
            flaws.push(Flaw::NoText);
        } else if pointer::only_points(&text.text) {
            flaws.push(Flaw::ClosedAttachment);
        }
        if text.cut {
            flaws.push(Flaw::Truncated);
        }
        let from = item.from();
        if from.is_none() {
            flaws.push(Flaw::NoSender);
        }
        Self {
            text: history::newest(&text.text, history::is_reply(&subject)),
            from,
            subject,
            attachments: item.attachments,
            flaws,
            ..Self::default()
        }
    }
}

/// Adds the text of attached files below a text.
fn append(text: &mut String, attached: &str) {
    if !text.is_empty() && !attached.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(attached);
}
