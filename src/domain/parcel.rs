//! Letters in words, the messages in which they leave, and what became of those.

use jiff::Timestamp;

use super::{About, LetterId};

/// A letter put into words, ready to be sent as often as it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Its number.
    pub id: LetterId,
    /// Why there is one.
    pub about: About,
    /// Where it goes.
    pub to: String,
    /// Whom it greets by name; nobody when several people read it.
    pub name: Option<String>,
    /// The occasion's name, for the `X-Koppelwacht` header and counts.
    pub occasion: String,
    /// When it was decided; its Date header.
    pub queued: Timestamp,
    /// The Message-ID without angle brackets. Stable, so that a second attempt is seen to be the same letter.
    pub message_id: String,
    /// Before this it does not leave: letters to one person are gathered for a while.
    pub not_before: Timestamp,
    /// What it says; not yet in an envelope.
    pub words: Words,
    /// How often sending was tried already.
    pub attempts: u32,
    /// Since when it is put off for its own sake, see [`Delivery::PutOff`].
    pub put_off: Option<Timestamp>,
}

/// A message as it leaves: the letters to one recipient that leave together, in one envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// The letters in it, what matters most first; never empty.
    pub letters: Vec<Sealed>,
    /// The number of the first of them, for file names and the like.
    pub id: LetterId,
    /// Where it goes.
    pub to: String,
    /// The occasion's name, or [`Parcel::SEVERAL`], for the `X-Koppelwacht` header.
    pub occasion: String,
    /// When the last of them was decided; its Date header.
    pub queued: Timestamp,
    /// The Message-ID without angle brackets: that of its letter when it has one.
    pub message_id: String,
    /// The words, in their envelope.
    pub words: Words,
}

impl Parcel {
    /// The occasion of a parcel with more than one letter.
    pub const SEVERAL: &str = "several";

    /// After which letter a message with several is named; none when it holds one.
    #[must_use]
    pub fn together(&self) -> Option<LetterId> {
        (self.letters.len() > 1).then_some(self.id)
    }
}

/// Rendered words: of a letter, or of a message in its envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML: of a letter a piece of it, of a message all of it.
    pub html: String,
}

/// What became of an attempt to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// A server took it.
    Accepted,
    /// Not now, for a reason that may hold for any letter: a 4xx answer, no connection, or an end that leaves the outcome
    /// open. Try again, for as long as it takes.
    Deferred {
        /// The status code or a short English reason without personal data.
        reason: String,
    },
    /// Not now, for the sake of its recipient: a full mailbox, a domain that is not found. Try again, but not for ever.
    PutOff {
        /// The status code.
        code: String,
    },
    /// Its turn did not come: nobody looked at it, and nothing speaks against it.
    NotTried,
    /// Never: a 5xx answer for this recipient.
    Refused {
        /// The status code.
        code: String,
    },
}
