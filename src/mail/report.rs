//! What other machines report about our letters: delivery reports (RFC 3464), read receipts (RFC 8098) and the many
//! bounces in no format at all.

use std::sync::LazyLock;

use mail_parser::{Message, MimeHeaders};
use regex::Regex;

use super::header::Head;
use super::mime;
use super::text::Body;
use crate::domain::Nature;

/// The part of a report that is searched for words.
const SEARCHED: usize = 8000;

static SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^(?:undeliver(?:able|ed)|mail delivery (?:failed|failure|status)|delivery (?:status notification|failure|has failed)|failure notice|returned mail|delayed mail|warning: could not send|niet te bezorgen|niet bezorgd|onbestelbaar|bezorging (?:mislukt|vertraagd)|unzustellbar)",
    )
    .expect("checked by the tests")
});

static DELAYED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)delayed|still being retried|will be retried|could not be delivered yet|vertraag|not yet been delivered")
        .expect("checked by the tests")
});

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)^<?([^\s<>:;,@]{1,64}@[A-Za-z0-9.-]{1,255}\.[A-Za-z]{2,24})>?:?(?:\s|$)")
        .expect("checked by the tests")
});

/// The report that a message is, if it is one.
pub(super) fn of(message: &Message<'_>, head: &Head<'_>, body: &Body<'_>) -> Option<Nature> {
    if let Some(part) = message
        .parts
        .iter()
        .find(|part| mime::is(part, "message", "delivery-status"))
    {
        return Some(delivery(&String::from_utf8_lossy(part.contents())));
    }
    let kind = message
        .parts
        .first()
        .filter(|part| mime::is(part, "multipart", "report"))
        .and_then(|part| part.content_type()?.attribute("report-type"));
    let is_receipt = kind.is_some_and(|kind| kind.eq_ignore_ascii_case("disposition-notification"))
        || message
            .parts
            .iter()
            .any(|part| mime::is(part, "message", "disposition-notification"));
    if is_receipt {
        return Some(Nature::Receipt);
    }
    let by_daemon = head.from.first().is_some_and(|from| {
        ["mailer-daemon@", "postmaster@", "mail-daemon@"]
            .iter()
            .any(|name| from.address.starts_with(name))
    }) || head.first("Return-Path").is_some_and(|path| path == b"<>");
    if !by_daemon || !SUBJECT.is_match(&head.subject) {
        return None;
    }
    let text = start(&body.text);
    let named = head
        .first("X-Failed-Recipients")
        .map(|value| String::from_utf8_lossy(value).trim().to_lowercase());
    Some(Nature::Bounce {
        recipient: named.or_else(|| Some(ADDRESS.captures(text)?.get(1)?.as_str().to_lowercase())),
        permanent: !DELAYED.is_match(&head.subject) && !DELAYED.is_match(text),
    })
}

/// Reads a delivery report: the worst that happened to any recipient (RFC 3464 section 2.3.3).
fn delivery(status: &str) -> Nature {
    let mut recipient = None;
    let mut worst: Option<(u8, Option<String>)> = None;
    for line in status.lines() {
        let Some((name, value)) = line.split_once(':') else {
            if line.trim().is_empty() {
                recipient = None;
            }
            continue;
        };
        let value = value.trim();
        if name.eq_ignore_ascii_case("Final-Recipient") {
            recipient = value
                .split_once(';')
                .map(|(_, address)| address.trim().to_lowercase());
        } else if name.eq_ignore_ascii_case("Action") {
            let rank = match value.to_ascii_lowercase().as_str() {
                "delivered" | "relayed" | "expanded" => 0,
                "delayed" => 1,
                _ => 2,
            };
            if worst.as_ref().is_none_or(|(known, _)| *known < rank) {
                worst = Some((rank, recipient.clone()));
            }
        }
    }
    match worst {
        Some((0, _)) => Nature::Receipt,
        Some((rank, recipient)) => Nature::Bounce {
            recipient,
            permanent: rank > 1,
        },
        None => Nature::Bounce {
            recipient: None,
            permanent: true,
        },
    }
}

fn start(text: &str) -> &str {
    text.char_indices()
        .nth(SEARCHED)
        .map_or(text, |(at, _)| &text[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounce(recipient: &str, permanent: bool) -> Nature {
        Nature::Bounce {
            recipient: Some(recipient.to_owned()),
            permanent,
        }
    }

    #[test]
    fn the_worst_of_several_recipients_counts() {
        let two = "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; A@x.nl\nAction: delayed\n\nFinal-Recipient: \
                   rfc822;b@x.nl\nAction: failed (spam)\n";
        assert_eq!(delivery(two), bounce("b@x.nl", true));
        assert_eq!(
            delivery("Final-Recipient: rfc822; A@x.nl\naction: Delayed"),
            bounce("a@x.nl", false)
        );
    }

    #[test]
    fn a_report_of_success_is_a_receipt() {
        assert_eq!(
            delivery("Final-Recipient: rfc822; a@x.nl\nAction: delivered"),
            Nature::Receipt
        );
    }

    #[test]
    fn a_report_that_says_nothing_is_a_failure() {
        assert_eq!(
            delivery("?"),
            Nature::Bounce {
                recipient: None,
                permanent: true
            }
        );
    }
}
