//! Content that cannot be read here: encrypted, or only a link to a portal.

use std::sync::LazyLock;

use mail_parser::{Message, MimeHeaders};
use regex::Regex;

use super::expression::expression;
use super::stamp::is_within;
use super::text::Body;
use super::{mime, smime};
use crate::domain::Seal;

/// Services through which Dutch public bodies send secure mail, by the domains they send from and link to.
const PORTALS: [&str; 18] = [
    "zivver.com",
    "zivver.nl",
    "zivver.eu",
    "cryptshare.com",
    "cryptshare.express",
    "smartlockr.eu",
    "smartlockr.io",
    "securemail.kpn.com",
    "egress.com",
    "proton.me",
    "protonmail.com",
    "tuta.com",
    "tutanota.com",
    "virtru.com",
    "mimecast.com",
    "barracudanetworks.com",
    "filecap.nl",
    "filecap.com",
];

/// Hosts with such a service of their own, by a word in their name.
const OWN_SERVICES: [&str; 2] = ["cryptshare", "filecap"];

/// Where mail of public bodies links to as a matter of course: signing in, and reading about rights.
const PUBLIC: [&str; 8] = [
    "eherkenning.nl",
    "digid.nl",
    "rijksoverheid.nl",
    "overheid.nl",
    "coa.nl",
    "duo.nl",
    "ind.nl",
    "inburgeren.nl",
];

/// A link to something on a host; the front page of a service is no message.
static LINK: LazyLock<Regex> = LazyLock::new(|| {
    expression(r"(?i-u)https?://(?P<host>[a-z0-9.-]+)(?::[0-9]+)?/(?P<path>[!#-&(-;=?-~]+)")
});

/// Words that such a wrapper uses about itself.
static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)(?:beveiligde?|versleutelde?|vertrouwelijke?|veilige?|secure|protected|encrypted|confidential) (?:e-?mail|mail|bericht|message|bestand)",
    )
});

/// Words that only a wrapper uses: there is a message, and it is somewhere else.
static ELSEWHERE: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?ix)
        (?:beveiligde?|versleutelde?|vertrouwelijke?|veilige?)\ (?:e-?mail|mail|bericht)\ (?:ontvangen|gekregen|gestuurd|verzonden|verstuurd|(?:voor\ (?:u|je)|klaar))
        |heeft\ (?:u|je)\ een\ (?:beveiligde?|versleutelde?|vertrouwelijke?|veilige?)\ (?:e-?mail|mail|bericht)
        |(?:received|have|sent\ you)\ (?:a|an)\ (?:new\ )?(?:end-to-end\ )?(?:secure|protected|encrypted|confidential)\ (?:e-?mail|mail|message)
        |lees\ (?:het|dit|uw|je)\ (?:beveiligde\ )?bericht\ via\ (?:de\ )?(?:onderstaande|deze)\ (?:link|knop)
        |ontgrendel\ (?:het|dit|uw)\ bericht|unlock\ (?:the\ |this\ )?message",
    )
});

/// Links that are looked at.
const MAX_LINKS: usize = 200;

/// A wrapper says little; a longer text that mentions a portal is a message of its own.
const WRAPPER: usize = 3000;

/// Whether a domain is that of a portal for secure mail.
pub(super) fn is_portal(domain: &str) -> bool {
    PORTALS.iter().any(|portal| is_within(domain, portal))
}

/// Who sends a message, as far as that matters for what its links mean.
#[derive(Clone, Copy)]
pub(super) struct Origin<'f> {
    /// The domain it comes from.
    pub(super) domain: &'f str,
    /// Whether that is neither a partner nor the municipality: then a link to its own host may be where the content is.
    pub(super) is_stranger: bool,
}

/// Why the content cannot be read, if so.
pub(super) fn of(message: &Message<'_>, from: Origin<'_>, subject: &str, body: &Body<'_>) -> Option<Seal> {
    for part in &message.parts {
        if mime::is(part, "multipart", "encrypted") || mime::is(part, "application", "pgp-encrypted") {
            return Some(Seal::Pgp);
        }
        if smime::is_pkcs7(part) {
            return Some(Seal::Smime);
        }
        let is_rpmsg = mime::is(part, "application", "x-microsoft-rpmsg-message")
            || part.attachment_name().is_some_and(|name| {
                let name = name.to_ascii_lowercase();
                let kind = name.rsplit_once('.').map(|(_, kind)| kind);
                kind == Some("rpmsg") || name.starts_with("message_v") && kind == Some("html")
            });
        if is_rpmsg {
            return Some(Seal::Portal);
        }
    }
    if body.text.starts_with("-----BEGIN PGP MESSAGE-----")
        || body.text.contains("\n-----BEGIN PGP MESSAGE-----")
    {
        return Some(Seal::Pgp);
    }
    if body.text.len() >= WRAPPER {
        return None;
    }
    let is_elsewhere = ELSEWHERE.is_match(subject) || ELSEWHERE.is_match(&body.text);
    let says_so = is_elsewhere || WORDS.is_match(subject) || WORDS.is_match(&body.text);
    let is_sealed = says_so
        && (is_portal(from.domain)
            || hosts(body).any(|host| is_service(host) || is_elsewhere && is_outside(host, from)));
    is_sealed.then_some(Seal::Portal)
}

/// The hosts that a message links to something on.
fn hosts<'b>(body: &'b Body<'_>) -> impl Iterator<Item = &'b str> {
    [body.text.as_str(), body.html.as_deref().unwrap_or_default()]
        .into_iter()
        .flat_map(|text| LINK.captures_iter(text).take(MAX_LINKS))
        .filter_map(|link| {
            let (host, path) = (link.name("host")?.as_str(), link.name("path")?.as_str());
            let is_office = is_within(&host.to_ascii_lowercase(), "outlook.office365.com")
                || is_within(&host.to_ascii_lowercase(), "outlook.office.com");
            // Safe links of Microsoft lead anywhere; only this service of theirs holds messages.
            (!is_office || path.to_ascii_lowercase().starts_with("encryption/")).then_some(host)
        })
}

fn is_service(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    is_portal(&host)
        || host.starts_with("outlook.office")
        || OWN_SERVICES.iter().any(|word| host.contains(word))
}

/// Whether a host belongs to neither the sender, unless that is a stranger, nor what public bodies link to anyway.
fn is_outside(host: &str, from: Origin<'_>) -> bool {
    let host = host.to_ascii_lowercase();
    let domain = from.domain;
    let top = domain
        .rmatch_indices('.')
        .nth(1)
        .map_or(domain, |(at, _)| &domain[at + 1..]);
    !(!from.is_stranger && is_within(&host, top) || PUBLIC.iter().any(|known| is_within(&host, known)))
}
