//! A "no" of a mail server, and whom it is about: us, or the one letter that was asked about.
//!
//! The command that it answers does not tell. Postfix keeps what it has against a client or a sender until it hears a
//! recipient (`smtpd_delay_reject`, on by default; postconf(5)): `553 5.7.1 Sender address rejected: not owned by user`
//! and `554 5.7.1 Relay access denied` come at RCPT. Exchange looks at the sender when it has the whole message: `554
//! 5.2.252 SendAsDenied`, `550 5.7.60 Client does not have permissions to send as this sender` come after DATA. Taken for
//! answers about the recipient, these would give up every letter for good within minutes.
//! What Postfix has against a sender begins with 5.1.0, 5.1.7 or 5.1.8, also where its table says 5.1.1
//! (`smtpd_dsn_fix.c`); but others say 5.1.0 of a recipient.
//!
//! Some codes say it by themselves. The others are either, `5.7.1` first of all: we may not send, or they take mail from
//! few. Then the server is asked about a letter to our own address ([`Whom::Either`], `smtp.rs`). More than its code, or
//! a letter to ourselves, shows is not known: the text of an answer is no promise.

use lettre::transport::smtp::Error;

/// An answer that is no "yes".
pub(super) enum No {
    /// A 4xx or 5xx answer.
    Answer(Code),
    /// No answer that can be understood; why.
    Silence(&'static str),
}

/// A status code, with the enhanced one (RFC 3463) where the server gives it. Nothing else of the answer is kept: its
/// text may name a person.
pub(super) struct Code {
    /// As it is told and written down.
    pub(super) text: String,
    /// 5xx.
    pub(super) permanent: bool,
    basic: u16,
    enhanced: Option<[u16; 3]>,
    /// Whether its text is about the right to send as somebody.
    send_as: bool,
}

/// Whom a permanent "no" is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whom {
    /// Us, until a human mends something.
    Us,
    /// Us, until time has passed: we sent too much.
    UsForNow,
    /// The recipient, or the message.
    Letter,
    /// The one or the other.
    Either,
}

impl Code {
    /// Whom a permanent answer to RCPT or DATA is about. The codes of Exchange are those of Microsoft's list, "Email
    /// non-delivery reports and SMTP errors in Exchange Online", and of its "Continuous error throttling for SMTP AUTH
    /// submissions", by which 550 5.2.251 to 5.2.255 end by themselves, and 554 5.2.252 does not.
    pub(super) fn whom(&self) -> Whom {
        match (self.basic, self.enhanced) {
            // Commands out of order, or a login that is missing or ended (RFC 4954 section 6).
            (503 | 530 | 534 | 535 | 538, _) => Whom::Us,
            // A limit to how much we send.
            (_, Some([5, 1, 90])) | (550, Some([5, 2, 251..=255])) => Whom::UsForNow,
            // May not send as our address; not logged in; banned; blocked. 5.7.703 is about a blocked recipient.
            (_, Some([5, 1, 7 | 8] | [5, 2, 252] | [5, 7, 57 | 60 | 501..=503 | 700..=702 | 704..=799])) => {
                Whom::Us
            }
            _ if self.send_as => Whom::Us,
            (_, None | Some([_, 0 | 7, _] | [5, 1, 0])) => Whom::Either,
            (_, Some(_)) => Whom::Letter,
        }
    }

    /// Whether this says that the recipient cannot be reached now (RFC 3463 sections 3.2 and 3.3; RFC 5321 section 4.2.3 on
    /// 450). Any other "not now" may be about the server or us, and would be said of every letter.
    pub(super) fn is_of_recipient_now(&self) -> bool {
        let of_recipient = match self.enhanced {
            // 4.1.7 and 4.1.8 are about the sender's address.
            Some([4, 1, detail]) => !matches!(detail, 7 | 8),
            Some([4, 2, _]) => true,
            Some(_) => false,
            None => self.basic == 450,
        };
        !self.permanent && of_recipient
    }

    /// Whether this answer, when asked about a letter to our own address, is about us. That our own address is unknown,
    /// or that the server cannot say now, is nothing against us.
    pub(super) fn is_against_us(&self) -> bool {
        self.permanent && self.whom() != Whom::Letter
    }
}

impl From<&Error> for No {
    fn from(error: &Error) -> Self {
        let Some(code) = error.status() else {
            return Self::Silence("the connection broke off");
        };
        let detail = std::error::Error::source(error).map(ToString::to_string);
        Self::Answer(Code::read(
            u16::from(code),
            error.is_permanent(),
            detail.as_deref().unwrap_or_default(),
        ))
    }
}

impl Code {
    fn read(basic: u16, permanent: bool, detail: &str) -> Self {
        let (word, enhanced) = enhanced_code(detail).unzip();
        let detail = detail.to_ascii_lowercase();
        Self {
            text: word.map_or_else(|| basic.to_string(), |word| format!("{basic} {word}")),
            permanent,
            basic,
            enhanced,
            send_as: ["send as ", "sendas"].iter().any(|words| detail.contains(words)),
        }
    }
}

/// The enhanced status code (RFC 3463 section 2) that an answer begins with, as text and as numbers. Cisco writes a `#`
/// before it.
fn enhanced_code(detail: &str) -> Option<(&str, [u16; 3])> {
    let word = detail.split_whitespace().next()?;
    let word = word.strip_prefix('#').unwrap_or(word);
    let number = |text: &str| {
        let fits = (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| text.parse().ok()).flatten()
    };
    let numbers: Option<Vec<u16>> = word.split('.').map(number).collect();
    Some((word, numbers?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_status_is_kept_of_an_answer() {
        let kept = |detail: &str| enhanced_code(detail).map(|(word, _)| word.to_owned());
        assert_eq!(
            kept("5.1.1 <s.deboer@gemeente.nl>: unknown").as_deref(),
            Some("5.1.1")
        );
        assert_eq!(kept("#5.1.0 Address rejected").as_deref(), Some("5.1.0"));
        assert_eq!(kept("s.deboer@gemeente.nl unknown"), None);
        assert_eq!(kept("5.1 unknown"), None);
        assert_eq!(kept("10.0.0.1234 unknown"), None);
        assert_eq!(kept("+5.1.1 unknown"), None);
        assert_eq!(kept(""), None);
        let code = Code::read(
            553,
            true,
            "5.7.1 <s.deboer@gemeente.nl>: not owned by user s.deboer",
        );
        assert_eq!(code.text, "553 5.7.1");
    }

    #[test]
    fn what_is_said_of_the_recipient_now_is_told_from_what_may_be_said_of_every_letter() {
        for (basic, detail, of_recipient) in [
            (452, "4.2.2 Mailbox full", true),
            (450, "4.2.0 Recipient address rejected: Greylisted", true),
            (450, "4.1.2 Recipient address rejected: Domain not found", true),
            (450, "Requested mail action not taken: mailbox unavailable", true),
            (450, "4.1.8 Sender address rejected: Domain not found", false),
            (
                450,
                "4.7.1 Client host rejected: cannot find your hostname",
                false,
            ),
            (452, "4.3.1 Insufficient system storage", false),
            (451, "local error in processing", false),
        ] {
            let code = Code::read(basic, false, detail);
            assert_eq!(code.is_of_recipient_now(), of_recipient, "{basic} {detail}");
        }
        assert!(!Code::read(550, true, "4.2.2 Mailbox full").is_of_recipient_now());
    }

    #[test]
    fn what_servers_say_is_about_us_or_the_letter_or_wants_a_question() {
        use Whom::{Either, Letter, Us, UsForNow};
        for (basic, detail, whom) in [
            (530, "5.7.57 Client not authenticated to send mail", Us),
            (503, "bad sequence", Us),
            (
                553,
                "5.7.1 <k@v.example>: Sender address rejected: not owned by user k",
                Either,
            ),
            (554, "5.7.1 <s@v.example>: Relay access denied", Either),
            (554, "Service unavailable; Client host blocked", Either),
            (550, "relay not permitted", Either),
            (550, "5.0.0 rejected", Either),
            (
                550,
                "5.1.1 <s@v.example>: Recipient address rejected: User unknown",
                Letter,
            ),
            (550, "5.4.1 Recipient address rejected: Access denied", Letter),
            (552, "5.2.2 mailbox full", Letter),
            (552, "5.3.4 message too big", Letter),
            (550, "5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup", Either),
            (
                554,
                "5.2.252 SendAsDenied; k@v.example not allowed to send as k2@v.example",
                Us,
            ),
            (
                550,
                "5.2.252 Sender throttled due to continuous send as denied errors",
                UsForNow,
            ),
            (
                554,
                "5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException",
                Us,
            ),
            (
                550,
                "5.7.1 Client does not have permissions to send as this sender",
                Us,
            ),
            (
                550,
                "5.7.60 SMTP; Client does not have permissions to send as this sender",
                Us,
            ),
            (550, "5.1.8 Access denied, bad outbound sender", Us),
            (
                550,
                "5.1.7 <k@v.example>: Sender address rejected: undeliverable",
                Us,
            ),
            (
                550,
                "5.1.0 <k@v.example>: Sender address rejected: User unknown",
                Either,
            ),
            (550, "#5.1.0 Address rejected", Either),
            (
                550,
                "5.1.90 you've reached your daily limit for message recipients",
                UsForNow,
            ),
            (550, "5.7.502 Access denied, banned sender", Us),
            (550, "5.7.703 one or more recipients are blocked", Either),
            (550, "5.7.705 Access denied, tenant has exceeded threshold", Us),
        ] {
            assert_eq!(Code::read(basic, true, detail).whom(), whom, "{basic} {detail}");
        }
    }
}
