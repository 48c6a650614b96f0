//! Who the partners are and what the municipality's own mail server vouches for.

use super::SourceId;

/// A partner that sends notices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name in the rules.
    pub id: SourceId,
    /// The domains it sends from, lower case ASCII. Subdomains are not implied.
    pub domains: Vec<String>,
    /// What it calls itself in display names; used to notice impostors.
    pub names: Vec<String>,
}

/// What was found out about a message's signatures (DKIM, RFC 6376) before it was read, and what it is worth.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Attested {
    /// Nobody looked: only the mail server's word counts.
    #[default]
    No,
    /// Counts where the mail server is silent.
    WhereSilent(Vec<Signature>),
    /// Counts, and the mail server's word does not.
    Instead(Vec<Signature>),
}

impl Attested {
    /// The signatures.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        match self {
            Self::No => &[],
            Self::WhereSilent(signatures) | Self::Instead(signatures) => signatures,
        }
    }
}

/// A domain's signature below a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The domain that signed, lower case.
    pub domain: String,
    /// Whether it did.
    pub proof: Proof,
}

/// Whether a signature is what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The domain signed this very message.
    Fits,
    /// It did not sign this message as it is now.
    Broken,
    /// That could not be found out: no answer from the DNS, or a way of signing that we do not know.
    Unknown,
}

/// Everything that judging a sender needs to know about the municipality.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// The authserv-id (RFC 8601) that the municipality's own server stamps.
    pub authserv_id: String,
    /// The municipality's own mail domains.
    pub own_domains: Vec<String>,
    /// The address that Koppelwacht's letters come from.
    pub own_address: String,
    /// The domain in the Message-IDs of Koppelwacht's letters.
    pub letter_domain: String,
    /// The partners.
    pub sources: Vec<Source>,
}
