//! A message as the office reads it: decoded, stripped of what is not new, its sender judged.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{Answer, Bounce, Kept, LetterName, Named, SourceId};

/// Where a message lies. Together with the mailbox's name this is what the ledger knows it by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The folder it was found in.
    pub folder: FolderRef,
    /// IMAP: the UID. Maildir: the unique part of the file name.
    pub item: String,
}

/// A folder of a watched mailbox, in one numbering of its messages.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FolderRef {
    /// The mailbox's name in the settings.
    pub mailbox: String,
    /// The folder's name, decoded.
    pub folder: String,
    /// IMAP: UIDVALIDITY (RFC 3501 section 2.3.1.1). Maildir: 0.
    pub epoch: u32,
}

/// Tells a second delivery of one message from a second message: a hash over what does not change in transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 32]);

/// A message that was found, with the place it lies in.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    /// Where it lies.
    pub place: Place,
    /// When the municipality's own server took it in (INTERNALDATE, or the file's time): day 0 of every term.
    pub received: Timestamp,
    /// What it says.
    pub mail: Mail,
    /// Whom it is about.
    pub named: Named,
    /// What is kept of its content.
    pub kept: Arc<Kept>,
    /// The mail of the task that it answers about, read again, where it wants that given another type.
    pub earlier: Option<Arc<Earlier>>,
}

/// The mail that a task came of, read again.
#[derive(Debug, Clone, PartialEq)]
pub struct Earlier {
    /// What it says; [`Mail::unreadable`] where it was not kept.
    pub mail: Mail,
    /// Whom it is about.
    pub named: Named,
}

impl Arrival {
    /// The same arrival with nothing left of its content, for when the content cannot be kept: a human reads it
    /// where it lies.
    #[must_use]
    pub fn unreadable(&self) -> Self {
        Self {
            mail: Mail::unreadable(self.mail.fingerprint),
            named: Named::default(),
            kept: Arc::default(),
            earlier: None,
            ..self.clone()
        }
    }
}

impl Earlier {
    /// What is left of one that was not kept.
    #[must_use]
    pub fn unreadable(fingerprint: Fingerprint) -> Self {
        Self {
            mail: Mail::unreadable(fingerprint),
            named: Named::default(),
        }
    }
}

/// One message, decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Mail {
    /// For recognising a second delivery.
    pub fingerprint: Fingerprint,
    /// The Message-ID without angle brackets. Partners reuse them, so this is no identity.
    pub message_id: Option<String>,
    /// The letter of ours that it would be by its Message-ID. Anybody can write one; only we know its token.
    pub letter: Option<LetterName>,
    /// The Date header.
    pub sent: Option<Timestamp>,
    /// The first From address.
    pub from: Option<Address>,
    /// Every address the message was sent to, lower case: To, Cc, Delivered-To, X-Original-To, Envelope-To.
    pub recipients: Vec<String>,
    /// Decoded, on one line.
    pub subject: String,
    /// The newest text: no quoted history, hidden HTML or signature; white space folded per line.
    pub text: String,
    /// What sort of message it is, apart from what it says.
    pub nature: Nature,
    /// Who sent it, as far as that can be known.
    pub sender: Sender,
    /// What its S/MIME signature is worth; none when it bears none.
    pub signature: Option<Signature>,
    /// Who forwarded it to us, when the content is a forwarded original.
    pub forwarder: Option<Address>,
    /// Numbers of persons. Never logged, never in letters.
    pub references: References,
    /// DUO signal codes in order of appearance, normalised (`SS101`), each once per mention of another person.
    pub codes: Vec<String>,
    /// Whom each of `codes` is about, in the same order; nobody where the mail does not tell one from the other.
    pub about: Vec<References>,
    /// Names of attachments.
    pub attachments: Vec<String>,
    /// What was hard to decode. A mail with a flaw that touches its text is read by a human.
    pub flaws: Vec<Flaw>,
}

impl Mail {
    /// A message of which nothing could be read.
    #[must_use]
    pub fn unreadable(fingerprint: Fingerprint) -> Self {
        Self {
            fingerprint,
            message_id: None,
            letter: None,
            sent: None,
            from: None,
            recipients: Vec::new(),
            subject: String::new(),
            text: String::new(),
            nature: Nature::Notice,
            sender: Sender {
                verdict: Verdict::Outsider,
                reason: "nothing of the message could be read".to_owned(),
                deceit: None,
            },
            signature: None,
            forwarder: None,
            references: References::default(),
            codes: Vec::new(),
            about: Vec::new(),
            attachments: Vec::new(),
            flaws: vec![Flaw::Unreadable],
        }
    }
}

/// A name and an address, as written in the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The display name, decoded; empty when there is none.
    pub name: String,
    /// The address, lower case.
    pub address: String,
}

impl Address {
    /// The part behind the last `@`, or nothing.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.address.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

/// What sort of message it is, apart from what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Nature {
    /// Written or generated to tell us something.
    Notice,
    /// An automatic out-of-office answer (RFC 3834 and Exchange's habits).
    OutOfOffice {
        /// The last day of absence, where the text says so.
        until: Option<Date>,
    },
    /// A letter of ours could not be delivered, or not yet (RFC 3464 and the many that are not).
    Bounce(Bounce),
    /// A read receipt or a success report of a letter of ours.
    Receipt,
    /// A letter of ours that came back.
    Own,
    /// A person's answer to a letter of ours.
    Answer(Answer),
    /// The content cannot be read here.
    Sealed(Seal),
}

/// Why the content cannot be read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Seal {
    /// A link to an outside portal.
    Portal,
    /// S/MIME enveloped data.
    Smime,
    /// PGP.
    Pgp,
}

/// Who sent a message, and on what ground we say so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The judgement.
    pub verdict: Verdict,
    /// The ground in a few English words, without personal data: `dmarc=fail for tvs.coa.nl`.
    pub reason: String,
    /// What is wrong, when somebody pretends: for the letter about it.
    pub deceit: Option<Deceit>,
}

/// What gives a false sender away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deceit {
    /// The municipality's mail server denies that it comes from that domain.
    Denied,
    /// The signature of the domain does not fit the message.
    Altered,
    /// A domain that only looks like the partner's.
    LookAlike,
    /// The partner's name or address stands in the display name of somebody else.
    Name,
    /// Answers would go to somebody else than the sender.
    ReplyTo,
    /// Several senders, one of them the partner.
    SeveralSenders,
}

impl Deceit {
    /// Every one, for tests and samples that must not forget one.
    pub const ALL: [Self; 6] = [
        Self::Denied,
        Self::Altered,
        Self::LookAlike,
        Self::Name,
        Self::ReplyTo,
        Self::SeveralSenders,
    ];
}

/// The judgement about a sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The partner's own domain, confirmed by the municipality's mail server.
    Partner(SourceId),
    /// The partner's domain, but the mail server said nothing about it.
    Unchecked(SourceId),
    /// Claims to be this partner and is not.
    Forged(SourceId),
    /// The municipality's own domain, confirmed.
    Colleague,
    /// The municipality's own domain, but the mail server denies it.
    ForgedColleague,
    /// Anybody else.
    Outsider,
}

impl Verdict {
    /// The word used in `explain --json`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Partner(_) => "genuine",
            Self::Unchecked(_) => "unchecked",
            Self::Forged(_) | Self::ForgedColleague => "forged",
            Self::Colleague => "colleague",
            Self::Outsider => "outsider",
        }
    }
}

/// An S/MIME signature, judged, and on what ground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The judgement.
    pub standing: Standing,
    /// The ground in a few English words, without personal data.
    pub reason: &'static str,
}

/// What a signature is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The sender signed exactly this, with a certificate that we trust.
    Valid,
    /// It does not belong to this content: something was changed after signing.
    Invalid,
    /// Nothing can be said about it: no certificates are configured, or not the ones it needs.
    Unchecked,
}

impl Standing {
    /// The word used in grounds.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Unchecked => "not checked",
        }
    }
}

/// Numbers of persons found in the newest text, each once, in order of appearance, digits only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct References {
    /// V-nummers of the immigration service: ten digits.
    pub v_nummers: Vec<String>,
    /// Burgerservicenummers: nine digits that pass the 11-proef.
    pub bsns: Vec<String>,
}

/// Something that was hard to decode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    /// No From, or one without an address.
    NoSender,
    /// More than one From header.
    SeveralSenders,
    /// No Date, or one that no reader understands.
    NoDate,
    /// The parts of the message do not fit together.
    BrokenStructure,
    /// A body whose encoding breaks off or is not what it says.
    BrokenEncoding,
    /// No text could be found at all.
    NoText,
    /// The plain text and the HTML, which should say the same, do not.
    TwoTexts,
    /// The text only points to an attachment, and that cannot be read here: scanned, encrypted, or no PDF.
    ClosedAttachment,
    /// The text is longer than what is read of it.
    Truncated,
    /// The parser gave up on these bytes.
    Unreadable,
}

impl Flaw {
    /// Whether the end of the text may be missing: what was read of it is right, and there may have been more.
    #[must_use]
    pub fn cuts_off(self) -> bool {
        matches!(self, Self::BrokenEncoding | Self::Truncated)
    }

    /// Whether words that matter may be missing, so that a human has to look.
    #[must_use]
    pub fn touches_text(self) -> bool {
        matches!(
            self,
            Self::BrokenStructure
                | Self::NoText
                | Self::TwoTexts
                | Self::ClosedAttachment
                | Self::Unreadable
                | Self::SeveralSenders
        )
    }
}
