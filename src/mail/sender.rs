//! Who sent a message: a partner, a colleague, somebody else, or somebody who pretends.
//!
//! The verdict is about the outermost sender. Only a domain counts, and only as far as our own server vouches for it
//! ([`super::stamp`]); a name, a Reply-To or a look-alike domain that points to a partner makes an impostor of anybody
//! else. One exception: a known portal for secure mail that writes "COA via Zivver" from its own confirmed domain.

use unicode_security::skeleton;

use super::header::Head;
use super::seal;
use super::stamp::{self, Opinion, Stamp, is_within};
use crate::domain::{Sender, Source, Trust, Verdict};

/// Bytes of a domain that are looked at closely: four for each letter that DNS allows (RFC 1035 section 2.3.4).
/// Decoding punycode takes quadratic time.
const MAX_DOMAIN: usize = 4 * 253;

/// Judges the sender.
pub(super) fn judge(head: &Head<'_>, trust: &Trust) -> Sender {
    let Some(from) = head.from.first() else {
        return sender(Verdict::Outsider, "no From address".to_owned());
    };
    let domain = from.domain();
    if let Some(verdict) = claimed_beside_others(head, trust) {
        return sender(verdict, "several From addresses".to_owned());
    }
    let stamps = stamp::own(head.fields(), &trust.authserv_id);
    if trust
        .own_domains
        .iter()
        .any(|own| own.eq_ignore_ascii_case(domain))
    {
        return match stamp::opinion(&stamps, domain, &trust.own_domains) {
            Opinion::Confirmed(ground) => sender(Verdict::Colleague, format!("{ground} for {domain}")),
            Opinion::Denied(ground) => sender(Verdict::ForgedColleague, format!("{ground} for {domain}")),
            Opinion::Silent(ground) => sender(Verdict::Outsider, format!("{ground} for {domain}")),
        };
    }
    if let Some((source, listed)) = owner(domain, trust) {
        let id = source.id.clone();
        return match stamp::opinion(&stamps, domain, &source.domains) {
            Opinion::Denied(ground) => sender(Verdict::Forged(id), format!("{ground} for {domain}")),
            Opinion::Confirmed(ground) if listed => {
                sender(Verdict::Partner(id), format!("{ground} for {domain}"))
            }
            Opinion::Confirmed(_) => sender(Verdict::Unchecked(id), format!("{domain} is not in the rules")),
            Opinion::Silent(ground) => sender(Verdict::Unchecked(id), format!("{ground} for {domain}")),
        };
    }
    if seal::is_portal(domain) && is_confirmed(&stamps, domain) {
        return sender(Verdict::Outsider, format!("portal {domain}, confirmed"));
    }
    match impostor(head, domain, trust) {
        Some((source, ground)) => sender(Verdict::Forged(source.id.clone()), ground),
        None => sender(Verdict::Outsider, format!("{} is nobody we know", plain(domain))),
    }
}

fn sender(verdict: Verdict, reason: String) -> Sender {
    Sender { verdict, reason }
}

fn is_confirmed(stamps: &[Stamp], domain: &str) -> bool {
    matches!(
        stamp::opinion(stamps, domain, &[domain.to_owned()]),
        Opinion::Confirmed(_)
    )
}

/// The partner that a domain belongs to, and whether the rules list it or only a parent of it.
fn owner<'a>(domain: &str, trust: &'a Trust) -> Option<(&'a Source, bool)> {
    let listed = |source: &&Source| source.domains.iter().any(|own| own.eq_ignore_ascii_case(domain));
    let below = |source: &&Source| source.domains.iter().any(|own| is_within(domain, own));
    let sources = || trust.sources.iter();
    sources()
        .find(listed)
        .map(|source| (source, true))
        .or_else(|| sources().find(below).map(|source| (source, false)))
}

/// A partner's or our own address among several From addresses: which of them our server judged is anybody's guess.
fn claimed_beside_others(head: &Head<'_>, trust: &Trust) -> Option<Verdict> {
    let first = head.from.first()?.domain();
    if head.from_fields < 2 && head.from.iter().all(|address| address.domain() == first) {
        return None;
    }
    let domains = || head.from.iter().map(crate::domain::Address::domain);
    if let Some((source, _)) = domains().find_map(|domain| owner(domain, trust)) {
        return Some(Verdict::Forged(source.id.clone()));
    }
    domains()
        .any(|domain| {
            trust
                .own_domains
                .iter()
                .any(|own| own.eq_ignore_ascii_case(domain))
        })
        .then_some(Verdict::ForgedColleague)
}

/// The partner that somebody else pretends to be, and how.
fn impostor<'a>(head: &Head<'_>, domain: &str, trust: &'a Trust) -> Option<(&'a Source, String)> {
    let shown = plain(domain);
    for source in &trust.sources {
        if let Some(real) = source.domains.iter().find(|real| resembles(domain, real)) {
            return Some((source, format!("{shown} looks like {real}")));
        }
    }
    let name = head
        .from
        .first()
        .map(|from| spelled(&from.name))
        .unwrap_or_default();
    for source in &trust.sources {
        let claims = source
            .names
            .iter()
            .chain(&source.domains)
            .any(|known| has_words(&name, &spelled(known)));
        if claims {
            return Some((
                source,
                format!("the name says {}, the domain is {shown}", source.id),
            ));
        }
        if head
            .reply_to
            .iter()
            .any(|address| source.domains.iter().any(|own| is_within(address.domain(), own)))
        {
            return Some((
                source,
                format!("answers go to {}, the domain is {shown}", source.id),
            ));
        }
    }
    None
}

/// Whether a domain is made to look like another: other letters of the same shape, one letter wrong, or the other
/// domain inside it (`coa.nl.evil.example`, `coa-nl.example`).
fn resembles(domain: &str, real: &str) -> bool {
    if domain.len() > MAX_DOMAIN {
        return has_words(&domain.to_lowercase(), real);
    }
    let domain = spelled(&idna::domain_to_unicode(domain).0);
    let plain = spelled(real);
    let (ours, theirs) = (registrable(&plain), registrable(&domain));
    domain == plain
        || theirs == ours
        || strsim::osa_distance(theirs, ours) == 1
        || domain.split('.').any(|label| label == plain.replace('.', "-"))
        || has_words(&domain, &plain)
}

/// The last two labels. Right for partners under `.nl`; a public suffix of two labels would need a list.
fn registrable(domain: &str) -> &str {
    domain
        .rmatch_indices('.')
        .nth(1)
        .map_or(domain, |(at, _)| &domain[at + 1..])
}

/// How a text looks to the eye (UTS #39 skeleton), lower case.
fn spelled(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    skeleton(&text.to_lowercase()).collect::<String>().to_lowercase()
}

/// Whether `words` stand in `text` with no letter or digit on either side.
fn has_words(text: &str, words: &str) -> bool {
    !words.is_empty()
        && text.match_indices(words).any(|(at, _)| {
            let edge = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric());
            edge(text[..at].chars().next_back()) && edge(text[at + words.len()..].chars().next())
        })
}

/// A domain as it may be written in a reason: in ASCII, so that nobody is fooled twice.
fn plain(domain: &str) -> String {
    Some(domain)
        .filter(|domain| domain.len() <= MAX_DOMAIN)
        .and_then(|domain| idna::domain_to_ascii(domain).ok())
        .filter(|ascii| (1..=253).contains(&ascii.len()))
        .unwrap_or_else(|| "an unreadable domain".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_are_seen() {
        for domain in [
            "du\u{3bf}.nl",
            "xn--du-jbc.nl",
            "duoo.nl",
            "dou.nl",
            "du0.nl",
            "duo.nl.evil.example",
            "mail.duo-nl.example",
        ] {
            assert!(resembles(domain, "duo.nl"), "{domain}");
        }
        assert!(resembles("tvs-coa-nl.example", "tvs.coa.nl"));
        assert!(resembles("portaal.dvo.nl", "portaal.duo.nl"));
    }

    #[test]
    fn strangers_are_not_suspected() {
        for domain in [
            "vng.example",
            "duolingo.com",
            "ing.nl",
            "studeo.nl",
            "example.org",
            "nl",
            "",
        ] {
            assert!(!resembles(domain, "duo.nl"), "{domain}");
        }
    }

    #[test]
    fn an_endless_domain_is_searched_for_ours_and_never_written_out() {
        let endless = "a.".repeat(MAX_DOMAIN);
        assert!(resembles(&format!("duo.nl.{endless}nl"), "duo.nl"));
        assert!(!resembles(&format!("{endless}nl"), "duo.nl"));
        assert_eq!(plain(&endless), "an unreadable domain");
    }

    #[test]
    fn names_are_words() {
        assert!(has_words("coa plaatsing", "coa"));
        assert!(has_words(&spelled("С\u{41e}\u{410}"), "coa"));
        assert!(!has_words("coaching", "coa"));
    }
}
