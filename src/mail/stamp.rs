//! What the municipality's own mail server says about a sender: Authentication-Results (RFC 8601).
//!
//! The field is only as good as its place. Anybody can write one into a mail; the municipality's own server puts its
//! own on top. So these rules hold:
//! - The topmost stamp must be ours. Below another server's stamp, ours may have come with the mail.
//! - Our server's stamp stands above the Received line of the hop in which it took the mail in. A stamp below that
//!   line came with the mail, even under our name. A hop in which our server handed the mail to itself (a content
//!   filter) does not count as such.
//! - Several stamps of ours count when they stand together, as milters write them.
//! - A stamp that is endlessly long counts as another server's: what stands at its end is not read, so nothing in it
//!   can be believed.
//!
//! Accepted: a server that does not stamp and lets forged stamps above its own Received line pass cannot be told from
//! one that stamps. `mail-auth` was looked at; it writes this field but does not read it. `mail-parser` does neither.

mod field;

use std::net::IpAddr;

use field::parse;

use crate::domain::{Attested, Deceit, Proof};

/// Bytes of the longest stamp that is read; real ones have a few hundred.
const MAX_STAMP: usize = 64 << 10;

/// One stamp.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    server: String,
    results: Vec<Finding>,
}

/// One method's result.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    method: String,
    result: String,
    /// Such as `header.from` and the domain.
    properties: Vec<(String, String)>,
}

/// What the stamps say about a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Opinion {
    /// It is the domain's own mail; on what ground.
    Confirmed(&'static str),
    /// It is not; on what ground.
    Denied(&'static str, Deceit),
    /// Nothing that decides; why.
    Silent(&'static str),
}

/// The stamps of our own server.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Stamps {
    /// On top: these can be believed.
    believed: Vec<Stamp>,
    /// Below another's stamp, where they may have come with the mail. Nobody writes ill of their own mail, so of these only
    /// a denial counts.
    doubted: Vec<Stamp>,
}

/// The stamps of our own server that can be believed, or doubted.
pub(super) fn own<'a>(fields: impl Iterator<Item = (&'a str, &'a [u8])>, server: &str) -> Stamps {
    let mut stamps = Stamps::default();
    let mut is_below_another = false;
    for (name, value) in fields {
        if name.eq_ignore_ascii_case("Authentication-Results") {
            let readable = Some(value).filter(|value| value.len() <= MAX_STAMP);
            match readable.and_then(|value| parse(&String::from_utf8_lossy(value))) {
                Some(stamp) if name_of(&stamp.server).eq_ignore_ascii_case(server) => {
                    let list = if is_below_another {
                        &mut stamps.doubted
                    } else {
                        &mut stamps.believed
                    };
                    list.push(stamp);
                }
                _ if !stamps.believed.is_empty() => break,
                _ => is_below_another = true,
            }
        } else if name.eq_ignore_ascii_case("Received")
            && (!stamps.believed.is_empty()
                || !stamps.doubted.is_empty()
                || is_entry(&String::from_utf8_lossy(value), server))
        {
            break;
        }
    }
    stamps
}

/// Whether this Received line tells how our server took the mail in from elsewhere. The name behind `from` is what the
/// other side called itself, so it proves nothing beside a foreign address.
fn is_entry(received: &str, server: &str) -> bool {
    let mut words = received.split_ascii_whitespace().peekable();
    let (mut from, mut by) = ("", "");
    let mut is_foreign = false;
    while let Some(word) = words.next() {
        match word {
            "from" if from.is_empty() => from = words.next().unwrap_or_default(),
            "by" => {
                by = words.next().unwrap_or_default();
                break;
            }
            _ => is_foreign |= is_foreign_address(word),
        }
    }
    let is_itself = !is_foreign
        && [server, "localhost", "[127.0.0.1]", "[::1]"]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(from));
    name_of(by).eq_ignore_ascii_case(server) && !is_itself
}

/// Whether a word of a Received line is an address outside: neither this machine's own nor a private one.
fn is_foreign_address(word: &str) -> bool {
    let bare = word.trim_matches(['(', ')', '[', ']', ';', ',']);
    let bare = bare
        .get(..5)
        .filter(|start| start.eq_ignore_ascii_case("IPv6:"))
        .map_or(bare, |_| &bare[5..]);
    bare.parse::<IpAddr>()
        .is_ok_and(|address| match address.to_canonical() {
            IpAddr::V4(v4) => !(v4.is_loopback() || v4.is_private() || v4.is_link_local()),
            IpAddr::V6(v6) => !(v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local()),
        })
}

/// A server's name without a port, a trailing dot or what else is glued to it.
fn name_of(word: &str) -> &str {
    let word = word.split(['(', ';', ',']).next().unwrap_or_default();
    let word = match word.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => word,
    };
    word.trim_end_matches('.')
}

/// What our stamps say about mail from `domain`. A DKIM signature counts when it is by one of `allies`, the domains of
/// the same owner, and aligned: the same domain or a parent of it.
pub(super) fn opinion(stamps: &Stamps, domain: &str, allies: &[String]) -> Opinion {
    if !stamps.believed.is_empty() {
        return read(&stamps.believed, domain, allies);
    }
    match read(&stamps.doubted, domain, allies) {
        denied @ Opinion::Denied(..) => denied,
        _ => Opinion::Silent("no stamp of our own server"),
    }
}

fn read(stamps: &[Stamp], domain: &str, allies: &[String]) -> Opinion {
    let results = || stamps.iter().flat_map(|stamp| &stamp.results);
    let is_about = |finding: &&Finding| {
        finding
            .property("header.from")
            .is_none_or(|from| is_within(domain, from))
    };
    let dmarc = || results().filter(|finding| finding.method == "dmarc");
    if dmarc().filter(is_about).any(|finding| finding.result == "fail") {
        return Opinion::Denied("dmarc=fail", Deceit::Denied);
    }
    if dmarc().filter(is_about).any(|finding| finding.result == "pass") {
        return Opinion::Confirmed("dmarc=pass");
    }
    if dmarc().count() > 0 && dmarc().filter(is_about).count() == 0 {
        return Opinion::Denied("our server judged another From", Deceit::Denied);
    }
    let is_signed = results().any(|finding| {
        finding.method == "dkim"
            && finding.result == "pass"
            && finding.signer().is_some_and(|signer| {
                is_within(domain, signer) && allies.iter().any(|ally| ally.eq_ignore_ascii_case(signer))
            })
    });
    if is_signed {
        Opinion::Confirmed("dkim=pass, aligned")
    } else {
        Opinion::Silent("neither dmarc nor dkim decides")
    }
}

/// What the domain's own signatures say; nothing when none of them decides. One that fits outweighs those that do not:
/// a message may be signed for several servers.
pub(super) fn by_signature(attested: &Attested, domain: &str, allies: &[String]) -> Option<Opinion> {
    let aligned = |proof: Proof| {
        attested.signatures().iter().any(|signature| {
            signature.proof == proof
                && is_within(domain, &signature.domain)
                && allies
                    .iter()
                    .any(|ally| ally.eq_ignore_ascii_case(&signature.domain))
        })
    };
    if aligned(Proof::Fits) {
        Some(Opinion::Confirmed("its own signature fits"))
    } else if aligned(Proof::Broken) {
        Some(Opinion::Denied("its own signature does not fit", Deceit::Altered))
    } else {
        None
    }
}

impl Finding {
    fn property(&self, name: &str) -> Option<&str> {
        self.properties
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The domain that signed: `header.d`, else what follows the `@` of `header.i`.
    fn signer(&self) -> Option<&str> {
        self.property("header.d").or_else(|| {
            self.property("header.i")?
                .rsplit_once('@')
                .map(|(_, domain)| domain)
        })
    }
}

/// Whether a domain is another one or lies below it.
pub(super) fn is_within(domain: &str, parent: &str) -> bool {
    domain.len() >= parent.len()
        && domain.is_char_boundary(domain.len() - parent.len())
        && domain[domain.len() - parent.len()..].eq_ignore_ascii_case(parent)
        && (domain.len() == parent.len() || domain[..domain.len() - parent.len()].ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "mx.gemeente.nl";

    fn about(domain: &str, head: &str) -> Opinion {
        let fields = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name, value.as_bytes()));
        opinion(
            &own(fields, ID),
            domain,
            &["coa.nl".to_owned(), "tvs.coa.nl".to_owned()],
        )
    }

    fn stamp(results: &str) -> String {
        format!("Authentication-Results: {ID}; {results}")
    }

    #[test]
    fn dmarc_decides_whatever_comments_say() {
        assert_eq!(
            about(
                "coa.nl",
                &stamp("spf=fail (x; dmarc=fail (y)); dmarc = pass (p=none) header.from=coa.nl")
            ),
            Opinion::Confirmed("dmarc=pass")
        );
        assert_eq!(
            about(
                "coa.nl",
                &stamp("dkim=pass header.d=coa.nl; DMARC=Fail header.from=coa.nl")
            ),
            Opinion::Denied("dmarc=fail", Deceit::Denied)
        );
    }

    #[test]
    fn a_quoted_string_cannot_smuggle_a_result_in() {
        assert_eq!(
            about(
                "coa.nl",
                &stamp(r#"spf=pass smtp.mailfrom="a; dmarc=pass header.from=coa.nl"@evil.example"#)
            ),
            Opinion::Silent("neither dmarc nor dkim decides")
        );
    }

    #[test]
    fn without_dmarc_an_aligned_signature_will_do_and_another_ones_will_not() {
        let confirmed = Opinion::Confirmed("dkim=pass, aligned");
        assert_eq!(
            about(
                "tvs.coa.nl",
                &stamp("dkim=pass header.i=@coa.nl header.b=1; dmarc=none")
            ),
            confirmed
        );
        assert_eq!(about("coa.nl", &stamp("dkim/1=pass header.d=coa.nl")), confirmed);
        for other in [
            "header.d=evil.example",
            "header.d=xcoa.nl",
            "header.d=tvs.coa.nl",
            "header.d=nl",
            "",
        ] {
            let said = about("coa.nl", &stamp(&format!("dkim=pass {other}; spf=pass")));
            assert!(matches!(said, Opinion::Silent(_)), "{other}");
        }
    }

    #[test]
    fn a_judgement_about_another_from_is_a_denial() {
        assert_eq!(
            about("coa.nl", &stamp("dmarc=pass header.from=evil.example")),
            Opinion::Denied("our server judged another From", Deceit::Denied)
        );
    }

    #[test]
    fn only_the_topmost_block_of_our_own_counts() {
        let good = stamp("dmarc=pass header.from=coa.nl");
        let bad = stamp("dmarc=fail header.from=coa.nl");
        let hop = "Received: from evil.example by mx.gemeente.nl; Mon";
        let silent = Opinion::Silent("no stamp of our own server");
        assert_eq!(
            about("coa.nl", &format!("{bad}\n{hop}\n{good}")),
            Opinion::Denied("dmarc=fail", Deceit::Denied)
        );
        assert_eq!(about("coa.nl", &format!("{hop}\n{good}")), silent);
        assert_eq!(
            about(
                "coa.nl",
                &format!("Authentication-Results: evil.example; x=y\n{good}")
            ),
            silent
        );
        assert_eq!(
            about(
                "coa.nl",
                &format!("Authentication-Results: spf=pass; x=y\n{good}")
            ),
            silent
        );
        assert_eq!(about("coa.nl", ""), silent);
    }

    #[test]
    fn a_denial_counts_below_the_stamp_of_another_and_a_confirmation_does_not() {
        let other = "Authentication-Results: mx.coa.nl; dmarc=pass header.from=coa.nl";
        for (ours, said) in [
            ("fail", Opinion::Denied("dmarc=fail", Deceit::Denied)),
            ("pass", Opinion::Silent("no stamp of our own server")),
        ] {
            let ours = stamp(&format!("dmarc={ours} header.from=coa.nl"));
            assert_eq!(about("coa.nl", &format!("{other}\n{ours}")), said);
        }
    }

    #[test]
    fn an_endless_stamp_says_nothing() {
        let endless = stamp(&format!(
            "dmarc=pass header.from=coa.nl; spf={}; dmarc=fail",
            "x".repeat(MAX_STAMP)
        ));
        assert_eq!(
            about("coa.nl", &endless),
            Opinion::Silent("no stamp of our own server")
        );
    }

    #[test]
    fn hops_inside_the_house_do_not_hide_the_stamp() {
        let head = format!(
            "Received: from mx.gemeente.nl by store.gemeente.nl; Mon\nReceived: from localhost by mx.gemeente.nl; \
             Mon\n{}\n{}\nReceived: from mta.coa.nl by mx.gemeente.nl; Mon",
            stamp("dkim=pass header.d=coa.nl"),
            stamp("dmarc=pass header.from=coa.nl")
        );
        assert_eq!(about("coa.nl", &head), Opinion::Confirmed("dmarc=pass"));
    }
}
