//! What makes somebody look like a partner: a domain that resembles the partner's, or a name that is the partner's.
//!
//! A name is a claim when it reads as the partner itself. The abbreviations of the partners are short, and "duo" is a
//! Dutch word, so an abbreviation claims only in capitals, or as the whole name, or beside a word of the partner's
//! trade. Somebody who says what they are *to* the partner ("contactpersoon COA") and whose own domain is confirmed is
//! who they say they are. The partner's domain or an address in it has no business in anybody else's name.

use std::sync::LazyLock;

use regex::Regex;
use unicode_security::skeleton;

use super::expression::expression;
use super::stamp::is_within;
use crate::domain::Source;

/// Words of the partners' trade; beside an abbreviation they make it the partner's.
static TRADE: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)inburg|onderwijs|asiel|opvang|plaatsing|koppel|statushouder|portaal|signaal|overheid|rijk|melding|bericht|team|service|support|helpdesk|info|secure|beveilig|veilig|login|mijn|mail|noreply|no-reply|nederland|gemeente",
    )
});

/// What somebody is to a partner without being it.
static RELATION: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)\b(?:contact ?persoon|contactpersonen|aanspreekpunt|liaison|accounthouder|relatiebeheer\w*|ketenregisseur|ketenco[öo]rdinator)\b",
    )
});

/// An abbreviation has at most this many letters.
const SHORT: usize = 4;

/// Bytes of a domain that are looked at closely: four for each letter that DNS allows (RFC 1035 section 2.3.4).
/// Decoding punycode takes quadratic time.
pub(super) const MAX_DOMAIN: usize = 4 * 253;

/// Whether a domain is made to look like another: other letters of the same shape, one letter wrong, another ending, or
/// the other domain inside it (`coa.nl.evil.example`, `coa-nl.example`, `duo-inburgering.nl`).
pub(super) fn resembles(domain: &str, real: &str) -> bool {
    if domain.len() > MAX_DOMAIN {
        return has_words(&domain.to_lowercase(), real);
    }
    let domain = spelled(&idna::domain_to_unicode(domain).0);
    let plain = spelled(real);
    let (ours, theirs) = (registrable(&plain), registrable(&domain));
    let (label, ending) = ours.split_once('.').unwrap_or((ours, ""));
    let their_label = theirs.split('.').next().unwrap_or_default();
    domain == plain
        || theirs == ours
        || !ending.is_empty() && their_label == label
        || strsim::osa_distance(theirs, ours) == 1
        || domain.split('.').any(|piece| {
            piece == plain.replace('.', "-")
                || piece == ours.replace('.', "-")
                || piece == ours.replace('.', "")
        })
        || has_words(&domain, &plain)
        || has_words(&domain, ours)
        || is_dressed_up(their_label, label)
}

/// `duo-inburgering`, `mijn-duo`: the partner's label beside a word of its trade.
fn is_dressed_up(label: &str, real: &str) -> bool {
    let pieces: Vec<&str> = label.split('-').collect();
    pieces.len() > 1
        && pieces.contains(&real)
        && pieces.iter().any(|piece| {
            *piece != real
                && (TRADE.is_match(piece)
                    || *piece == "nl"
                    || piece.bytes().all(|byte| byte.is_ascii_digit()))
        })
}

/// Whether a display name claims to be this partner, or holds its address. `is_confirmed`: our server vouches for the
/// domain that the name stands before.
pub(super) fn claims(name: &str, source: &Source, is_confirmed: impl Fn() -> bool) -> bool {
    let lower = spelled(name);
    let holds_address = source.domains.iter().any(|domain| {
        let domain = spelled(domain);
        has_words(&lower, &domain)
            || lower
                .split(|letter: char| letter.is_whitespace() || "<>()[]\"',;".contains(letter))
                .filter_map(|word| word.rsplit_once('@'))
                .any(|(_, named)| is_within(named, &domain))
    });
    if holds_address {
        return true;
    }
    let shape: String = skeleton(name).collect();
    let is_called = |known: &String| {
        let is_short = known.chars().count() <= SHORT;
        if !is_short {
            return has_words(&lower, &spelled(known))
                || lower.replace([' ', '-', '.'], "") == spelled(known).replace([' ', '-'], "");
        }
        let squeezed: String = lower.chars().filter(|letter| letter.is_alphanumeric()).collect();
        let capitals: String = skeleton(&known.to_uppercase()).collect();
        squeezed == spelled(known)
            || has_words(&shape, &capitals)
            || has_words(&lower, &spelled(known)) && TRADE.is_match(&lower)
    };
    source.names.iter().any(is_called) && !(RELATION.is_match(name) && is_confirmed())
}

/// The last two labels. Right for partners under `.nl`; a public suffix of two labels would need a list.
fn registrable(domain: &str) -> &str {
    domain
        .rmatch_indices('.')
        .nth(1)
        .map_or(domain, |(at, _)| &domain[at + 1..])
}

/// How a text looks to the eye (UTS #39 skeleton), lower case.
pub(super) fn spelled(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SourceId;

    fn duo() -> Source {
        Source {
            id: SourceId::new("duo"),
            domains: vec!["duo.nl".to_owned(), "portaal.duo.nl".to_owned()],
            names: vec!["DUO".to_owned(), "Dienst Uitvoering Onderwijs".to_owned()],
        }
    }

    #[test]
    fn look_alikes_are_seen() {
        for domain in [
            "du\u{3bf}.nl",
            "xn--du-jbc.nl",
            "duoo.nl",
            "dou.nl",
            "du0.nl",
            "duo.com",
            "duo.eu",
            "duonl.example",
            "duo-nl.com",
            "duo.nl.evil.example",
            "mail.duo-nl.example",
            "duo-inburgering.nl",
            "mijn-duo.nl",
        ] {
            assert!(resembles(domain, "duo.nl"), "{domain}");
        }
        assert!(resembles("tvs-coa-nl.example", "tvs.coa.nl"));
        assert!(resembles("portaal.dvo.nl", "portaal.duo.nl"));
        assert!(resembles("coa-nl.example", "tvs.coa.nl"));
    }

    #[test]
    fn strangers_are_not_suspected() {
        for domain in [
            "vng.example",
            "duolingo.com",
            "duo-fietsen.nl",
            "ing.nl",
            "studeo.nl",
            "example.org",
            "coach.nl",
            "nl",
            "",
        ] {
            assert!(!resembles(domain, "duo.nl"), "{domain}");
        }
    }

    #[test]
    fn a_name_that_is_the_partners_is_a_claim() {
        for name in [
            "DUO",
            "Duo",
            "D.U.O.",
            "DUO Inburgering",
            "duo inburgering",
            "Jan Jansen | DUO",
            "\u{414}UO \u{2014} Dienst Uitvoering Onderwijs",
            "dienst uitvoering onderwijs",
            "signaal@duo.nl",
            "signaal@portaal.duo.nl (beveiligd)",
            "www.duo.nl",
            "DU\u{39f}",
            "Contactpersoon DUO",
        ] {
            assert!(claims(name, &duo(), || false), "{name}");
        }
        assert!(claims("Contactpersoon info@duo.nl", &duo(), || true));
    }

    #[test]
    fn a_name_that_only_holds_the_letters_is_none() {
        for name in [
            "Duolingo",
            "Duo Penotti",
            "Muziekduo",
            "Coaching Duurzaam",
            "",
            "Jan de Boer",
        ] {
            assert!(!claims(name, &duo(), || false), "{name}");
        }
        assert!(!claims("Jan de Boer (contactpersoon DUO)", &duo(), || true));
    }
}
