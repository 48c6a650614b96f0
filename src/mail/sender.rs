//! Who sent a message: a partner, a colleague, somebody else, or somebody who pretends.
//!
//! The verdict is about the outermost sender. Only a domain counts, and only as far as our own server vouches for it
//! ([`super::stamp`]), or, where it is silent and the settings want it, as far as the signature of the domain does
//! ([`Attested`]). What is wrong is told as a [`Deceit`], for which the letters have a sentence.
//!
//! A colleague is whoever has an address at the municipality, or one that the rules give to somebody of another
//! organisation who works for it.
//!
//! Somebody pretends to be a partner
//! - by its domain, when our server denies that, or the domain's own signature does not fit the message;
//! - by a domain that looks like it, or by a name that is the partner's ([`super::claims`]);
//! - by an answer address: a Reply-To at the partner below somebody else's From, or one at a stranger below the
//!   partner's own, even a confirmed one: a signed message can be sent again with a Reply-To added.
//!
//! Who is not suspected: a confirmed colleague, whatever their name says, since the municipality gave them the address;
//! somebody whose own domain is confirmed and who names what they are to the partner ("contactpersoon COA"); a known
//! portal for secure mail that writes "COA via Zivver" from its own confirmed domain. An outsider with "COA" in capitals
//! in the name and none of these is suspected: the price is a warning on a task that a human gets anyway.

use super::claims;
use super::header::Head;
use super::seal;
use super::stamp::{self, Opinion, is_within};
use crate::domain::{Attested, Deceit, Sender, Source, Trust, Verdict};

/// Judges the sender.
pub(super) fn judge(head: &Head<'_>, trust: &Trust, attested: &Attested) -> Sender {
    let Some(from) = head.from.first() else {
        return sender(Verdict::Outsider, "no From address".to_owned());
    };
    let domain = from.domain();
    if let Some(verdict) = claimed_beside_others(head, trust) {
        return pretender(
            verdict,
            Deceit::SeveralSenders,
            "several From addresses".to_owned(),
        );
    }
    let evidence = Evidence {
        stamps: stamp::own(head.fields(), &trust.authserv_id),
        attested,
    };
    let is_guest = trust
        .guests
        .iter()
        .any(|guest| guest.eq_ignore_ascii_case(&from.address));
    if is_guest || is_own(domain, trust) {
        let domain_of_guest = [domain.to_owned()];
        let allies = if is_guest {
            &domain_of_guest[..]
        } else {
            &trust.own_domains
        };
        return match evidence.opinion(domain, allies) {
            Opinion::Confirmed(ground) => sender(Verdict::Colleague, format!("{ground} for {domain}")),
            Opinion::Denied(ground, deceit) => {
                pretender(Verdict::ForgedColleague, deceit, format!("{ground} for {domain}"))
            }
            Opinion::Silent(ground) => sender(Verdict::Outsider, format!("{ground} for {domain}")),
        };
    }
    if let Some((source, listed)) = owner(domain, trust) {
        return partner(head, trust, &evidence, source, listed);
    }
    if seal::is_portal(domain) && evidence.confirms(domain) {
        return sender(Verdict::Outsider, format!("portal {domain}, confirmed"));
    }
    match impostor(head, domain, trust, &evidence) {
        Some((source, deceit, ground)) => pretender(Verdict::Forged(source.id.clone()), deceit, ground),
        None => sender(Verdict::Outsider, format!("{} is nobody we know", plain(domain))),
    }
}

/// A sender with a partner's domain; `listed`, when the rules name that very domain.
fn partner(head: &Head<'_>, trust: &Trust, evidence: &Evidence<'_>, source: &Source, listed: bool) -> Sender {
    let domain = head.from.first().map_or("", |from| from.domain());
    let id = source.id.clone();
    let opinion = evidence.opinion(domain, &source.domains);
    if let Opinion::Denied(ground, deceit) = opinion {
        return pretender(Verdict::Forged(id), deceit, format!("{ground} for {domain}"));
    }
    let leads_away = head.reply_to.iter().any(|address| {
        let to = address.domain();
        !is_own(to, trust) && !source.domains.iter().any(|own| is_within(to, own))
    });
    if leads_away {
        let ground = format!("answers to {domain} go elsewhere");
        return pretender(Verdict::Forged(id), Deceit::ReplyTo, ground);
    }
    match opinion {
        Opinion::Confirmed(ground) if listed => {
            sender(Verdict::Partner(id), format!("{ground} for {domain}"))
        }
        Opinion::Confirmed(_) => sender(Verdict::Unchecked(id), format!("{domain} is not in the rules")),
        Opinion::Silent(ground) | Opinion::Denied(ground, _) => {
            sender(Verdict::Unchecked(id), format!("{ground} for {domain}"))
        }
    }
}

/// All that is known about who sent it.
struct Evidence<'a> {
    stamps: stamp::Stamps,
    attested: &'a Attested,
}

impl Evidence<'_> {
    /// Our server's word, and the signatures where it is silent; or only the signatures, if the settings say so.
    fn opinion(&self, domain: &str, allies: &[String]) -> Opinion {
        let stamped = stamp::opinion(&self.stamps, domain, allies);
        let signed = || stamp::by_signature(self.attested, domain, allies);
        match (self.attested, stamped) {
            (Attested::Instead(_), _) => {
                signed().unwrap_or(Opinion::Silent("no signature that could be checked"))
            }
            (Attested::WhereSilent(_), Opinion::Silent(ground)) => {
                signed().unwrap_or(Opinion::Silent(ground))
            }
            (_, stamped) => stamped,
        }
    }

    fn confirms(&self, domain: &str) -> bool {
        matches!(self.opinion(domain, &[domain.to_owned()]), Opinion::Confirmed(_))
    }
}

fn is_own(domain: &str, trust: &Trust) -> bool {
    trust
        .own_domains
        .iter()
        .any(|own| own.eq_ignore_ascii_case(domain))
}

fn pretender(verdict: Verdict, deceit: Deceit, reason: String) -> Sender {
    Sender {
        verdict,
        reason,
        deceit: Some(deceit),
    }
}

fn sender(verdict: Verdict, reason: String) -> Sender {
    Sender {
        verdict,
        reason,
        deceit: None,
    }
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
        .any(|domain| is_own(domain, trust))
        .then_some(Verdict::ForgedColleague)
}

/// The partner that somebody else pretends to be, and how.
fn impostor<'a>(
    head: &Head<'_>,
    domain: &str,
    trust: &'a Trust,
    evidence: &Evidence<'_>,
) -> Option<(&'a Source, Deceit, String)> {
    let shown = plain(domain);
    for source in &trust.sources {
        if let Some(real) = source.domains.iter().find(|real| claims::resembles(domain, real)) {
            return Some((source, Deceit::LookAlike, format!("{shown} looks like {real}")));
        }
    }
    let name = head.from.first().map_or("", |from| from.name.as_str());
    for source in &trust.sources {
        if claims::claims(name, source, || evidence.confirms(domain)) {
            let ground = format!("the name says {}, the domain is {shown}", source.id);
            return Some((source, Deceit::Name, ground));
        }
        let leads_there = |address: &crate::domain::Address| {
            source.domains.iter().any(|own| is_within(address.domain(), own))
        };
        if head.reply_to.iter().any(leads_there) {
            let ground = format!("answers go to {}, the domain is {shown}", source.id);
            return Some((source, Deceit::ReplyTo, ground));
        }
    }
    None
}

/// A domain as it may be written in a reason: in ASCII, so that nobody is fooled twice.
fn plain(domain: &str) -> String {
    Some(domain)
        .filter(|domain| domain.len() <= claims::MAX_DOMAIN)
        .and_then(|domain| idna::domain_to_ascii(domain).ok())
        .filter(|ascii| (1..=253).contains(&ascii.len()))
        .unwrap_or_else(|| "an unreadable domain".to_owned())
}
