//! Content that cannot be read here: encrypted, or only a link to a portal.

use std::sync::LazyLock;

use mail_parser::{Message, MimeHeaders};
use regex::Regex;

use super::stamp::is_within;
use super::text::Body;
use super::{mime, smime};
use crate::domain::Seal;

/// Services through which Dutch public bodies send secure mail, by the domains they send from and link to.
const PORTALS: [&str; 8] = [
    "zivver.com",
    "zivver.nl",
    "zivver.eu",
    "cryptshare.com",
    "smartlockr.eu",
    "smartlockr.io",
    "securemail.kpn.com",
    "egress.com",
];

/// Pages on which sealed messages are read.
static LINK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)https?://(?:[a-z0-9.-]+\.)?(?:zivver\.(?:com|nl|eu)|smartlockr\.(?:eu|io)|egress\.com|cryptshare\.[a-z.]+|outlook\.office(?:365)?\.com/encryption)/|https?://[a-z0-9.-]*cryptshare[a-z0-9.-]*/",
    )
    .expect("checked by the tests")
});

/// Words that such a wrapper uses about itself.
static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:beveiligde?|versleutelde?|vertrouwelijk|secure|protected|encrypted) (?:e-?mail|mail|bericht|message|bestand)",
    )
    .expect("checked by the tests")
});

/// A wrapper says little; a longer text that mentions a portal is a message of its own.
const WRAPPER: usize = 3000;

/// Whether a domain is that of a portal for secure mail.
pub(super) fn is_portal(domain: &str) -> bool {
    PORTALS.iter().any(|portal| is_within(domain, portal))
}

/// Why the content cannot be read, if so.
pub(super) fn of(message: &Message<'_>, from: &str, subject: &str, body: &Body<'_>) -> Option<Seal> {
    for part in &message.parts {
        if mime::is(part, "multipart", "encrypted") || mime::is(part, "application", "pgp-encrypted") {
            return Some(Seal::Pgp);
        }
        if smime::is_pkcs7(part) {
            return Some(Seal::Smime);
        }
        let is_rpmsg = mime::is(part, "application", "x-microsoft-rpmsg-message")
            || part
                .attachment_name()
                .is_some_and(|name| name.to_ascii_lowercase().ends_with(".rpmsg"));
        if is_rpmsg {
            return Some(Seal::Portal);
        }
    }
    if body.text.starts_with("-----BEGIN PGP MESSAGE-----")
        || body.text.contains("\n-----BEGIN PGP MESSAGE-----")
    {
        return Some(Seal::Pgp);
    }
    let says_so = || WORDS.is_match(subject) || WORDS.is_match(&body.text);
    let is_short = body.text.len() < WRAPPER;
    let links = || LINK.is_match(&body.text) || body.html.as_deref().is_some_and(|html| LINK.is_match(html));
    (is_short && (is_portal(from) || links()) && says_so()).then_some(Seal::Portal)
}
