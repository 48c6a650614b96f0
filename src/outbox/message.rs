//! A parcel as an Internet message (RFC 5322).
//!
//! The same letters give the same bytes, however often it is tried: Date, Message-ID and boundary come from the
//! ledger. Automatic, and says so (RFC 3834), but without `X-Auto-Response-Suppress`: an out-of-office answer to a
//! letter is news, since it tells that somebody is not there.

use std::time::{Duration, SystemTime};

use lettre::Message;
use lettre::address::Address;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};

use super::trouble::Trouble;
use crate::domain::Parcel;
use crate::settings::Identity;

/// Our own side of every letter.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    mailbox: Mailbox,
}

/// Why there is no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unwritable {
    /// The recipient is no mail address: this letter can never be sent.
    Recipient,
    /// The letter does not fit into a message.
    Letter,
}

impl Unwritable {
    /// What a server would have answered (RFC 3463 section 3.2 and 3.7).
    pub(super) fn code(self) -> String {
        match self {
            Self::Recipient => "553 5.1.3",
            Self::Letter => "554 5.6.0",
        }
        .to_owned()
    }
}

impl Sender {
    /// The address in the settings, under a name that tells which municipality writes.
    pub(super) fn new(identity: &Identity) -> Result<Self, Trouble> {
        let address: Address = identity
            .address
            .parse()
            .map_err(|_| Trouble::Address(identity.address.clone()))?;
        let name = format!("Koppelwacht {}", identity.municipality);
        Ok(Self {
            mailbox: Mailbox::new(Some(name), address),
        })
    }

    /// The address that takes bounces.
    pub(super) fn address(&self) -> &Address {
        &self.mailbox.email
    }

    /// The letter with its recipient's address.
    pub(super) fn write(&self, letter: &Parcel) -> Result<(Address, Vec<u8>), Unwritable> {
        let to: Address = letter.to.parse().map_err(|_| Unwritable::Recipient)?;
        let body = MultiPart::alternative()
            // `=_` never stands in quoted-printable text (RFC 2045 section 6.7).
            .boundary(format!("=_koppelwacht_{}", letter.id))
            .singlepart(part(ContentType::TEXT_PLAIN, &letter.words.text)?)
            .singlepart(part(ContentType::TEXT_HTML, &letter.words.html)?);
        let message = Message::builder()
            .from(self.mailbox.clone())
            .to(Mailbox::new(None, to.clone()))
            // The Date header cannot name a year before 1970.
            .date(SystemTime::from(letter.queued).max(SystemTime::UNIX_EPOCH + Duration::ZERO))
            .message_id(Some(format!("<{}>", letter.message_id)))
            .subject(&*letter.words.subject)
            .raw_header(HeaderValue::new(AUTO_SUBMITTED, "auto-generated".to_owned()))
            .raw_header(HeaderValue::new(OCCASION, occasion(letter)))
            .multipart(body)
            .map_err(|_| Unwritable::Letter)?;
        Ok((to, message.formatted()))
    }
}

const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");
const OCCASION: HeaderName = HeaderName::new_from_ascii_str("X-Koppelwacht");

/// The occasion's name, fit for a header and a file name whatever the ledger says.
pub(super) fn occasion(letter: &Parcel) -> String {
    letter
        .occasion
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect()
}

/// Quoted-printable keeps lines short and the text readable, and needs no 8BITMIME of the server.
fn part(kind: ContentType, text: &str) -> Result<SinglePart, Unwritable> {
    let body = Body::new_with_encoding(text.to_owned(), ContentTransferEncoding::QuotedPrintable)
        .map_err(|_| Unwritable::Letter)?;
    Ok(SinglePart::builder().header(kind).body(body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{LetterId, Words};

    fn letter() -> Parcel {
        Parcel {
            letters: Vec::new(),
            id: LetterId(17),
            to: "s.deboer@gemeente.example".to_owned(),
            occasion: "new_task".to_owned(),
            queued: "2026-11-24T08:31:00Z".parse().unwrap(),
            message_id: "17.3@koppelwacht.gemeente.example".to_owned(),
            words: Words {
                subject: "[Koppelwacht #3] Nieuwe koppeling: één".to_owned(),
                text: "Vóór dinsdag.\n.\nFrom hier.\n".to_owned(),
                html: "<p>Vóór dinsdag.</p>\n".to_owned(),
            },
        }
    }

    fn sender() -> Sender {
        Sender::new(&Identity {
            municipality: "Súdwest-Fryslân".to_owned(),
            address: "koppelwacht@gemeente.example".to_owned(),
            domains: vec!["gemeente.example".to_owned()],
            authserv_id: "mx.gemeente.example".to_owned(),
            letter_domain: "koppelwacht.gemeente.example".to_owned(),
            admin: None,
        })
        .unwrap()
    }

    #[test]
    fn a_letter_is_a_complete_message_and_the_same_each_time() {
        let (_, first) = sender().write(&letter()).unwrap();
        let (_, second) = sender().write(&letter()).unwrap();
        assert_eq!(first, second);
        insta::assert_snapshot!(String::from_utf8(first).unwrap());
    }

    #[test]
    fn out_of_office_answers_to_a_letter_are_welcome() {
        let (_, bytes) = sender().write(&letter()).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("Auto-Submitted: auto-generated\r\n"));
        assert!(!text.contains("X-Auto-Response-Suppress"));
        assert!(!text.contains("Precedence"));
    }

    #[test]
    fn nothing_in_a_letter_can_add_a_header() {
        let mut sealed = letter();
        sealed.words.subject = "Hallo\r\nBcc: x@evil.example".to_owned();
        sealed.occasion = "new_task\r\nBcc: x@evil.example".to_owned();
        let (_, bytes) = sender().write(&sealed).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (headers, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(!headers.contains("\r\nBcc:"), "{headers}");
    }

    #[test]
    fn a_recipient_that_is_no_address_is_refused_as_a_server_would() {
        let mut sealed = letter();
        sealed.to = "s.deboer@@gemeente".to_owned();
        assert_eq!(sender().write(&sealed).unwrap_err().code(), "553 5.1.3");
    }
}
