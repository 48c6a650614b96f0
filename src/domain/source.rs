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
    WhereSilent(Vec<DkimSignature>),
    /// Counts, and the mail server's word does not.
    Instead(Vec<DkimSignature>),
}

impl Attested {
    /// The signatures.
    #[must_use]
    pub fn signatures(&self) -> &[DkimSignature] {
        match self {
            Self::No => &[],
            Self::WhereSilent(signatures) | Self::Instead(signatures) => signatures,
        }
    }
}

/// A domain's signature below a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DkimSignature {
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
    /// Addresses of people of other organisations who work for the municipality.
    pub guests: Vec<String>,
    /// The address that Koppelwacht's letters come from.
    pub own_address: String,
    /// The domain in the Message-IDs of Koppelwacht's letters.
    pub letter_domain: String,
    /// The partners.
    pub sources: Vec<Source>,
    /// Certificates and the key for S/MIME.
    pub smime: Smime,
}

/// What opening and checking S/MIME needs. Empty: signed mail is read unchecked, encrypted mail is for a human.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Smime {
    /// Certificates (DER) that are believed: of issuers, or of single senders.
    pub trusted: Vec<Vec<u8>>,
    /// What mail to the municipality is decrypted with.
    pub decryption: Option<Decryption>,
}

/// The municipality's own key for encrypted mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decryption {
    /// Its certificate (DER), by which an encrypted mail says whom it is for.
    pub certificate: Vec<u8>,
    /// The private key.
    pub key: PrivateKey,
}

/// A private RSA key (PKCS#8, DER). Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey(Vec<u8>);

impl PrivateKey {
    /// Takes the key's bytes.
    #[must_use]
    pub fn new(der: Vec<u8>) -> Self {
        Self(der)
    }

    /// The key's bytes, for whoever decrypts.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PrivateKey(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_key_is_never_shown() {
        let smime = Smime {
            trusted: Vec::new(),
            decryption: Some(Decryption {
                certificate: Vec::new(),
                key: PrivateKey::new(vec![222; 4]),
            }),
        };
        let shown = format!("{smime:?}");
        assert!(shown.contains("hidden") && !shown.contains("222"), "{shown}");
    }
}
