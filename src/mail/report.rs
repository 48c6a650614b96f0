//! What other machines report about our letters: delivery reports (RFC 3464), read receipts (RFC 8098), complaints
//! (RFC 5965) and the many bounces in no format at all ([`super::bounce`]).
//!
//! Must guarantee: **a report never hides a notice.** A report opens no task, so mail from a partner's domain is not
//! even looked at here (see [`super::nature`]), and a report that brings back a message *from* a partner is not about
//! a letter of ours: it stays a notice, and its inside is read as one.
//!
//! What we make of each:
//! - *failed* and *delayed*: a bounce. A delay that lasts is no less an unread letter than a refusal.
//! - *delivered*, *relayed*, *expanded*, displayed, deleted unread: a receipt. Nothing follows from it.
//! - a mail program that rejects a letter and reports that as a read receipt (Dovecot's Sieve does): a bounce.
//! - a complaint that our letter is spam: a bounce, refused. The letter lay in the mailbox, but whoever calls our
//!   letters spam will not see the next one either. A mere note about DMARC or "this is not spam" is a receipt.
//!
//! Crates looked at: `mail-parser` gives the parts and no more; nothing on crates.io reads what is in no format.

use std::sync::LazyLock;

use mail_parser::{Message, MimeHeaders};
use regex::Regex;

use super::account::Account;
use super::bounce::Daemon;
use super::expression::expression;
use super::header::Head;
use super::text::Body;
use super::{bounce, mime, undelivered};
use crate::domain::{Bounce, Nature, Sender, StatusCode, Trust, Undelivered, Verdict};

/// An address, whatever stands around it.
pub(super) static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"[A-Za-z0-9.!#$%&*+/=?^_{|}~-][A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{0,63}@(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?|\[[0-9.]{7,15}\])",
    )
});

/// Reports of success in no format.
static SUCCESS: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)^(?:delivered|relayed|expanded|read|gelezen|bezorgd|afgeleverd|doorgestuurd|gelesen|lu)\s*:|\(success\)|\(relayed\)|successful(?:ly)? (?:mail )?deliver|deliver(?:y|ed) success|delivery (?:has been|was) success|delivery confirmation|return receipt|read receipt|leesbevestiging|ontvangstbevestiging|lesebest[äa]tigung",
    )
});

/// A receipt that says that the letter was turned away.
static TURNED_AWAY: LazyLock<Regex> = LazyLock::new(|| expression(r"(?i)\brejected\b|\brefused\b|geweigerd"));

/// The report that a message is, if it is one.
pub(super) fn of(
    message: &Message<'_>,
    head: &Head<'_>,
    body: &Body<'_>,
    sender: &Sender,
    trust: &Trust,
) -> Option<Nature> {
    let daemon = bounce::daemon(head);
    // Nearly every mail ends here, before anything is searched.
    if !has_report(message) && !daemon.is_machine() && !bounce::sounds_like_one(head) {
        return None;
    }
    let account = Account::of(message, head, body, trust);
    let nature = formal(message, head, body, &account)
        .or_else(|| informal(head, body, sender, daemon, &account))
        .filter(|_| !account.returns_mail_of(&trust.sources));
    match nature {
        Some(Nature::Bounce(mut bounce)) => {
            (bounce.task, bounce.letter) = account.about();
            Some(Nature::Bounce(bounce))
        }
        other => other,
    }
}

/// Whether a part has the form of a report.
fn has_report(message: &Message<'_>) -> bool {
    message.parts.iter().any(|part| {
        part.content_type().is_some_and(|kind| {
            let is = |known: &str| {
                kind.subtype()
                    .is_some_and(|subtype| subtype.eq_ignore_ascii_case(known))
            };
            kind.ctype().eq_ignore_ascii_case("message") && !is("rfc82x")
                || kind.ctype().eq_ignore_ascii_case("multipart") && is("report")
        })
    })
}

/// A report in one of the standard formats.
fn formal(message: &Message<'_>, head: &Head<'_>, body: &Body<'_>, account: &Account<'_>) -> Option<Nature> {
    let part = |suffix: &str| {
        message.parts.iter().find(|part| {
            part.content_type().is_some_and(|kind| {
                kind.ctype().eq_ignore_ascii_case("message")
                    && kind
                        .subtype()
                        .is_some_and(|subtype| subtype.to_ascii_lowercase().ends_with(suffix))
            })
        })
    };
    if let Some(part) = part("delivery-status") {
        let status = String::from_utf8_lossy(part.contents());
        return Some(delivery(&status, account));
    }
    if let Some(part) = part("feedback-report") {
        return Some(complaint(&String::from_utf8_lossy(part.contents()), account));
    }
    let kind = message
        .parts
        .first()
        .filter(|part| mime::is(part, "multipart", "report"))
        .and_then(|part| part.content_type()?.attribute("report-type"));
    let is = |wanted: &str| kind.is_some_and(|kind| kind.eq_ignore_ascii_case(wanted));
    if part("disposition-notification").is_some() || is("disposition-notification") {
        let is_rejected = TURNED_AWAY.is_match(&head.subject)
            || head
                .first("Auto-Submitted")
                .is_some_and(|value| TURNED_AWAY.is_match(&String::from_utf8_lossy(value)));
        return Some(if is_rejected {
            Nature::Bounce(account.bounce())
        } else {
            Nature::Receipt
        });
    }
    if is("delivery-status") {
        return Some(if body.text.contains("Final-Recipient:") {
            delivery(&body.text, account)
        } else if SUCCESS.is_match(&head.subject) {
            Nature::Receipt
        } else {
            Nature::Bounce(account.bounce())
        });
    }
    None
}

/// A report in no format: by who writes it, and how.
fn informal(
    head: &Head<'_>,
    body: &Body<'_>,
    sender: &Sender,
    daemon: Daemon,
    account: &Account<'_>,
) -> Option<Nature> {
    // A confirmed colleague is a person unless the address is a machine's.
    if sender.verdict == Verdict::Colleague && !daemon.is_named() {
        return None;
    }
    if daemon.is_machine() && SUCCESS.is_match(&head.subject) {
        return Some(Nature::Receipt);
    }
    bounce::is_one(head, body, daemon, account).then(|| Nature::Bounce(account.bounce()))
}

/// What happened to one recipient (RFC 3464 section 2.3).
#[derive(Debug, Default, Clone)]
struct Fate {
    recipient: Option<String>,
    original: Option<String>,
    rank: Option<u8>,
    status: Option<StatusCode>,
    diagnostic: String,
}

impl Fate {
    /// 0: delivered, 1: delayed, 2: failed. Without an action the status tells, and without one it failed.
    fn rank(&self) -> u8 {
        self.rank.unwrap_or(match self.status.map(|status| status.class) {
            Some(2) => 0,
            Some(4) => 1,
            _ => 2,
        })
    }
}

/// Reads a delivery report: the worst that happened to any recipient.
fn delivery(status: &str, account: &Account<'_>) -> Nature {
    let mut worst: Option<Fate> = None;
    for fate in fates(status) {
        if worst.as_ref().is_none_or(|known| known.rank() < fate.rank()) {
            worst = Some(fate);
        }
    }
    let fate = worst.unwrap_or_default();
    let rank = fate.rank();
    if rank == 0 {
        return Nature::Receipt;
    }
    let told = account.bounce();
    let by_code = undelivered::status_in(&fate.diagnostic);
    let status = fate
        .status
        .filter(|status| !status.is_vague())
        .or(by_code.filter(|code| !code.is_vague()))
        .or(fate.status)
        .or(by_code)
        .or(told.status);
    let reason = match undelivered::reason(status, &fate.diagnostic) {
        Undelivered::Other => undelivered::reason(None, account.words()),
        known => known,
    };
    Nature::Bounce(Bounce {
        // What we wrote to comes first: behind an alias the other one is somebody we never heard of.
        recipient: fate.original.or(fate.recipient).or(told.recipient),
        permanent: rank > 1,
        reason,
        status,
        ..Bounce::default()
    })
}

/// The recipients of a delivery report. Blank lines stand between them, and some programs forget those.
fn fates(status: &str) -> Vec<Fate> {
    let mut all: Vec<Fate> = Vec::new();
    let mut open = false;
    for (name, value) in fields(status) {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let starts = is("Final-Recipient") && all.last().is_none_or(|fate| fate.recipient.is_some())
            || is("Original-Recipient") && all.last().is_none_or(|fate| fate.original.is_some());
        let is_fate = starts
            || is("Final-Recipient")
            || is("Original-Recipient")
            || is("Action")
            || is("Status")
            || is("Diagnostic-Code");
        if name.is_empty() {
            open = false;
            continue;
        }
        if !is_fate {
            continue;
        }
        if !open || starts {
            all.push(Fate::default());
            open = true;
        }
        let Some(fate) = all.last_mut() else { continue };
        if is("Final-Recipient") {
            fate.recipient = address(&value);
        } else if is("Original-Recipient") {
            fate.original = address(&value);
        } else if is("Action") {
            let word = value.to_ascii_lowercase();
            fate.rank = Some(match word.split([' ', '(', ';']).next().unwrap_or_default() {
                "delivered" | "relayed" | "expanded" | "delivered-to-mailbox" => 0,
                "delayed" => 1,
                _ => 2,
            });
        } else if is("Status") {
            fate.status = undelivered::status_in(&value);
        } else {
            fate.diagnostic = value;
        }
    }
    all
}

/// The fields of a report, unfolded; a blank line becomes a field without a name.
fn fields(text: &str) -> Vec<(&str, String)> {
    let mut fields: Vec<(&str, String)> = Vec::new();
    for line in text.lines().take(MAX_LINES) {
        if line.trim().is_empty() {
            fields.push(("", String::new()));
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim(), value.trim().to_owned()));
        }
    }
    fields
}

/// Lines of a report that are read; a letter of ours has one recipient.
const MAX_LINES: usize = 2000;

/// The address in a field such as `rfc822; <A@x.nl>`.
pub(super) fn address(value: &str) -> Option<String> {
    ADDRESS
        .find(value)
        .map(|found| found.as_str().trim_end_matches('.').to_lowercase())
}

/// Reads a complaint (RFC 5965).
fn complaint(report: &str, account: &Account<'_>) -> Nature {
    let fields = fields(report);
    let value = |wanted: &str| {
        fields
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.as_str())
    };
    let kind = value("Feedback-Type").unwrap_or_default().to_ascii_lowercase();
    let is_rejected = value("Delivery-Result").is_some_and(|result| result.eq_ignore_ascii_case("reject"));
    if (kind.starts_with("auth-failure") || kind.starts_with("not-spam")) && !is_rejected {
        return Nature::Receipt;
    }
    let named = ["Original-Rcpt-To", "Removal-Recipient", "Original-Recipient"]
        .into_iter()
        .find_map(|name| address(value(name)?));
    Nature::Bounce(Bounce {
        recipient: named.or_else(|| account.returned_to()),
        permanent: true,
        reason: Undelivered::Refused,
        status: None,
        ..Bounce::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(status: &str) -> Nature {
        super::delivery(status, &Account::default())
    }

    fn bounce(recipient: &str, permanent: bool) -> Nature {
        Nature::Bounce(Bounce {
            recipient: Some(recipient.to_owned()),
            permanent,
            ..Bounce::default()
        })
    }

    #[test]
    fn the_worst_of_several_recipients_counts() {
        let two = "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; A@x.nl\nAction: delayed\n\nFinal-Recipient: \
                   rfc822;b@x.nl\nAction: failed\n";
        assert_eq!(delivery(two), bounce("b@x.nl", true));
        assert_eq!(
            delivery("Final-Recipient: rfc822; A@x.nl\naction: Delayed"),
            bounce("a@x.nl", false)
        );
    }

    #[test]
    fn recipients_without_a_blank_line_between_them_are_told_apart() {
        let glued = "Final-Recipient: rfc822;a@x.nl\nAction: delivered\nFinal-Recipient: rfc822;b@x.nl\nAction: failed";
        assert_eq!(delivery(glued), bounce("b@x.nl", true));
    }

    #[test]
    fn a_report_of_success_is_a_receipt() {
        for text in [
            "Final-Recipient: rfc822; a@x.nl\nAction: delivered",
            "Final-Recipient: rfc822; a@x.nl\nAction: relayed (to a server without reports)",
            "Final-Recipient: rfc822; a@x.nl\nStatus: 2.0.0",
        ] {
            assert_eq!(delivery(text), Nature::Receipt, "{text}");
        }
    }

    #[test]
    fn a_report_that_says_nothing_is_a_failure() {
        let nothing = Nature::Bounce(Bounce {
            permanent: true,
            ..Bounce::default()
        });
        assert_eq!(delivery("?"), nothing);
    }

    #[test]
    fn the_more_exact_of_two_codes_counts() {
        let text = "Final-Recipient: rfc822;a@x.nl\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp;\n 552 5.2.2 \
                    over quota";
        let Nature::Bounce(bounce) = delivery(text) else {
            panic!("no bounce")
        };
        assert_eq!(bounce.status, StatusCode::parse("5.2.2"));
        assert_eq!(bounce.reason, Undelivered::MailboxFull);
    }

    #[test]
    fn addresses_are_found_in_every_dress() {
        for text in [
            "rfc822; A@x.nl",
            "RFC822;<a@x.nl>",
            "a@x.nl",
            "rfc822;a@x.nl (gone)",
            "\"a@x.nl\"",
        ] {
            assert_eq!(address(text).as_deref(), Some("a@x.nl"), "{text}");
        }
        assert_eq!(address("local; root"), None);
    }
}
