//! Why a letter was not delivered: from the status code where it says something, else from the words around it.
//!
//! The codes come first, since they were made for it; but many servers answer everything with `5.1.1`, `5.0.0` or a
//! bare 550, so a full mailbox and an unknown user are believed when words say so beside a code that says little.

use std::sync::LazyLock;

use regex::{Regex, RegexSet, RegexSetBuilder};

use super::expression::expression;
use crate::domain::{StatusCode, Undelivered};

/// A status code that is no version number and no part of an IP address.
static STATUS: LazyLock<Regex> =
    LazyLock::new(|| expression(r"(?:^|[\s#(\[:;,<-])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:$|[\s)\]:;,>-])"));

/// What words say, in the order in which they are believed.
const WORDS: [(Undelivered, &str); 6] = [
    (
        Undelivered::TooBig,
        r"message (?:size )?(?:exceeds|exceeded|too (?:large|big))|size (?:limit|exceed)|exceeds? (?:the )?(?:fixed )?(?:maximum |max )?(?:message )?size|(?:message|mail) (?:is )?too (?:large|big)|message length exceeds|(?:bericht|mail) is te groot|zu gro(?:ss|ß)",
    ),
    (
        Undelivered::MailboxFull,
        r"quota|(?:mailbox|postvak|inbox|mail ?box)[^\n]{0,30}\b(?:full|vol)\b|insufficient (?:system |disk )?(?:storage|space)|(?:storage|box|disk) space|(?:exceed|over)[^\n]{0,30}(?:storage|mailbox)|postfach[^\n]{0,20}voll|容量|一杯",
    ),
    (
        Undelivered::HostUnknown,
        r"unknown (?:mail )?(?:host|domain)|host (?:name )?(?:unknown|not found|lookup|could not be found|or domain name not found)|domain[^\n]{0,40}(?:not found|does(?:n't| not) exist|unknown|could not be found|not exist)|no such (?:domain|host)|nxdomain|unrouteable (?:address|mail)|name or service not known|couldn't find any host|illegal host",
    ),
    (
        Undelivered::UnknownUser,
        r"unknown[ -](?:or illegal |local )?(?:user|recipient|account|address|mailbox|alias|local)|no such (?:user|recipient|mailbox|address|person|account|local)|(?:user|recipient|mailbox|account|address|adress|addressee|person|name|alias)\b[^\n]{0,50}(?:unknown|not (?:be )?found|does(?:n't| not) exist|not exist|not recogni[sz]ed|not listed|inactive|disabled|suspended|invalid|isn't|not local|not (?:a )?valid|deactivated|terminated|not a member|discontinued|no longer)|(?:invalid|bad|wrong) (?:recipient|mailbox|address|user|destination)|no (?:mailbox|valid recipients)|(?:mailbox|account|user|address)[^\n]{0,20}unavailable|not a valid|onbekend|bestaat niet|unbekannt|(?:wasn't|not be) found|niet gevonden|nicht (?:vorhanden|gefunden)|doesn't have a|見つかり",
    ),
    (
        Undelivered::Refused,
        r"spam|junk|block(?:ed|list)|black ?list|\brbl\b|dnsbl|policy|prohibited|not (?:allowed|permitted|authori[sz]ed|accepting)|denied|dmarc|dkim|\bspf\b|virus|relay|reputation|rejected|refused (?:by|to|your)|banned|content|geweigerd|abgelehnt|bulk email",
    ),
    (
        Undelivered::Expired,
        r"tim(?:ed?|ing)[ -]?out|expired|in (?:the )?queue too long|retry time|delivery attempts|connection (?:refused|failed|reset|lost|dropped|to mail exchanger failed)|(?:could|can|unable) ?n[o']t? ?(?:to )?(?:establish|connect)|unable to connect|no route|unreachable|not respond|not yet been delivered|delayed|postponed|unavailable or busy|vertraagd",
    ),
];

static SAID: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSetBuilder::new(WORDS.map(|(_, words)| words))
        .case_insensitive(true)
        .build()
        .expect("checked by the tests")
});

/// The first status code in a text.
pub(super) fn status_in(text: &str) -> Option<StatusCode> {
    STATUS
        .captures_iter(text)
        .find_map(|found| StatusCode::parse(found.get(1)?.as_str()))
}

/// Why, by code and words.
pub(super) fn reason(status: Option<StatusCode>, words: &str) -> Undelivered {
    let by_code = status.map_or(Undelivered::Other, by_code);
    let said = SAID.matches(words);
    let by_words = said
        .iter()
        .next()
        .and_then(|index| WORDS.get(index))
        .map_or(Undelivered::Other, |(reason, _)| *reason);
    match (by_code, by_words) {
        (Undelivered::Other, words) => words,
        // `5.1.1` and `5.7.1` are what servers say who have one code for everything.
        (Undelivered::UnknownUser, full @ Undelivered::MailboxFull)
        | (Undelivered::Refused, full @ (Undelivered::MailboxFull | Undelivered::UnknownUser)) => full,
        // Exchange Online says "no answer" (5.4.1) where it means "no such user".
        (
            Undelivered::Expired,
            known @ (Undelivered::MailboxFull | Undelivered::UnknownUser | Undelivered::Refused),
        ) if status.is_some_and(|status| status.class == 5) => known,
        (code, _) => code,
    }
}

/// RFC 3463 section 3, and what servers use beyond it.
fn by_code(status: StatusCode) -> Undelivered {
    match (status.subject, status.detail) {
        (1, 2 | 8..=9) | (4, 3 | 4) => Undelivered::HostUnknown,
        (1, 0..=6 | 10) | (2, 1) => Undelivered::UnknownUser,
        (2, 2) | (3, 1) => Undelivered::MailboxFull,
        (2, 3) | (3, 4) => Undelivered::TooBig,
        (4, 1 | 2 | 5 | 7 | 0) => Undelivered::Expired,
        (6 | 7, _) | (1, 7) => Undelivered::Refused,
        _ => Undelivered::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_from_versions_and_addresses() {
        for (text, code) in [
            ("550 5.1.1 User unknown", Some("5.1.1")),
            ("Sorry. (#4.4.1)", Some("4.4.1")),
            ("smtp;550-5.7.26 blocked", Some("5.7.26")),
            ("host 5.1.1.1 said", None),
            ("Exchange 5.5.2653.13", None),
            ("5.1", None),
        ] {
            assert_eq!(
                status_in(text).map(|code| code.to_string()).as_deref(),
                code,
                "{text}"
            );
        }
    }

    #[test]
    fn a_code_that_says_something_decides_and_words_do_else() {
        for (code, words, reason) in [
            ("5.1.1", "", Undelivered::UnknownUser),
            ("5.2.2", "", Undelivered::MailboxFull),
            ("5.3.4", "", Undelivered::TooBig),
            ("5.1.2", "", Undelivered::HostUnknown),
            ("5.4.4", "", Undelivered::HostUnknown),
            ("4.4.7", "", Undelivered::Expired),
            ("5.7.1", "", Undelivered::Refused),
            ("5.1.1", "mailbox is full", Undelivered::MailboxFull),
            ("5.7.1", "no such user here", Undelivered::UnknownUser),
            ("5.0.0", "552 message size exceeds limit", Undelivered::TooBig),
            (
                "5.4.1",
                "Recipient address rejected: Access denied",
                Undelivered::Refused,
            ),
            ("4.4.1", "rejected before, no answer now", Undelivered::Expired),
            ("", "Het postvak is vol", Undelivered::MailboxFull),
            ("", "Host or domain name not found", Undelivered::HostUnknown),
            ("", "Mailbox unavailable", Undelivered::UnknownUser),
            ("", "Message looks like spam", Undelivered::Refused),
            ("", "retry time not reached for any host", Undelivered::Expired),
            ("", "het is niet gelukt", Undelivered::Other),
        ] {
            assert_eq!(
                super::reason(StatusCode::parse(code), words),
                reason,
                "{code} {words}"
            );
        }
    }
}
