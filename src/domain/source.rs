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
