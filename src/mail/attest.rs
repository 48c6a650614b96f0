//! Looks at the signatures of a message itself (DKIM, RFC 6376), for municipalities whose mail server does not stamp.
//!
//! Must guarantee:
//! - **No mail is lost and none is held up.** Whatever the DNS, the message or a defect does, there is an answer, and
//!   within [`PATIENCE`]. What could not be found out is [`Proof::Unknown`], which is nobody's forgery.
//! - **Only the signatures of partners and our own are asked about.** A mailbox that anybody can write to must not make
//!   us ask the whole world's name servers; and a stranger's signature decides nothing.
//!
//! Why signatures only: what SPF says needs the other server's address, which is not in a message that lies in a
//! mailbox, and it does not survive forwarding. An aligned signature is what DMARC asks for, whatever policy the domain
//! publishes; so the policy is not looked up. A missing signature is no denial: SPF may have held where the mail came in.
//!
//! What we accept: a gateway of our own that writes into messages (`[EXTERN]` in a subject, a footer) breaks their
//! signatures, and then genuine notices look forged. Such a municipality must leave this off; the settings say so. A key
//! that was taken out of the DNS since, and a signature that has expired, prove nothing and deny nothing.
//!
//! `mail-auth` verifies. It is given the keys that were looked up here ([`Dns`]) and never asks the network itself,
//! which is also what lets tests answer in the place of the DNS.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::{DomainKey, VerifySignature};
use mail_auth::hickory_resolver::config::{ResolverConfig, ResolverOpts};
use mail_auth::{
    AuthenticatedMessage, DkimResult, DnsError, Error, MessageAuthenticator, Parameters, ResolverCache, Txt,
};

use super::stamp::is_within;
use crate::domain::{Attested, DkimSignature, Proof, Trust};

/// How long the name servers have for one message.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// Signatures of one message that are looked at; what real mail has is one to four.
const MAX_SIGNATURES: usize = 8;

/// Answers for keys.
#[async_trait]
pub trait Dns: Send + Sync {
    /// The TXT records of a name; none when there is no such name.
    ///
    /// # Errors
    /// The name servers gave no answer, for a reason in a few words.
    async fn txt(&self, name: &str) -> Result<Vec<Vec<u8>>, String>;
}

/// The name servers of this machine.
pub struct SystemDns(MessageAuthenticator);

impl SystemDns {
    /// As `/etc/resolv.conf` says.
    ///
    /// # Errors
    /// It cannot be read, for this reason.
    pub fn new() -> Result<Self, String> {
        MessageAuthenticator::new_system_conf()
            .map(Self)
            .map_err(|error| error.to_string())
    }
}

#[async_trait]
impl Dns for SystemDns {
    async fn txt(&self, name: &str) -> Result<Vec<Vec<u8>>, String> {
        match self.0.txt_raw_lookup(name).await {
            Ok(record) => Ok(vec![record]),
            Err(Error::Dns(DnsError::RecordNotFound(_))) => Ok(Vec::new()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// What signatures are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// They count where the mail server is silent.
    WhereSilent,
    /// They count, and the mail server's word does not.
    Instead,
}

/// Looks at signatures.
pub struct Witness {
    dns: Box<dyn Dns>,
    weight: Weight,
    verifier: MessageAuthenticator,
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Witness({:?})", self.weight)
    }
}

impl Witness {
    /// One that asks `dns`.
    ///
    /// # Errors
    /// The verifier cannot be set up, for this reason.
    pub fn new(dns: Box<dyn Dns>, weight: Weight) -> Result<Self, String> {
        // Without a single name server: it has the keys from us.
        let verifier = MessageAuthenticator::new(ResolverConfig::default(), ResolverOpts::default())
            .map_err(|error| error.to_string())?;
        Ok(Self {
            dns,
            weight,
            verifier,
        })
    }

    /// What the signatures of a message are worth.
    pub async fn attest(&self, bytes: &[u8], trust: &Trust) -> Attested {
        let looked = AssertUnwindSafe(self.signatures(bytes, trust))
            .catch_unwind()
            .await;
        self.weigh(looked.unwrap_or_default())
    }

    /// What is known about a message at which nobody could look.
    #[must_use]
    pub fn nothing(&self) -> Attested {
        self.weigh(Vec::new())
    }

    fn weigh(&self, signatures: Vec<DkimSignature>) -> Attested {
        match self.weight {
            Weight::WhereSilent => Attested::WhereSilent(signatures),
            Weight::Instead => Attested::Instead(signatures),
        }
    }

    async fn signatures(&self, bytes: &[u8], trust: &Trust) -> Vec<DkimSignature> {
        if !speaks_of_us(bytes, trust) {
            return Vec::new();
        }
        let Some(mut message) = AuthenticatedMessage::parse(bytes) else {
            return Vec::new();
        };
        message
            .dkim_headers
            .retain(|field| is_known(&field.header.d, trust) && covers_sender(&field.header.h));
        message.dkim_headers.truncate(MAX_SIGNATURES);
        let keys = tokio::time::timeout(PATIENCE, self.keys(&message))
            .await
            .unwrap_or_default();
        let parameters = Parameters::new(&message).with_txt_cache(&keys);
        let outcomes = self.verifier.verify_dkim(parameters).await;
        outcomes
            .iter()
            .filter_map(|outcome| {
                let signature = outcome.signature()?;
                Some(DkimSignature {
                    domain: signature.d.to_ascii_lowercase(),
                    proof: proof(outcome.result()),
                })
            })
            .collect()
    }

    /// The keys of these signatures, as far as the DNS has them.
    async fn keys(&self, message: &AuthenticatedMessage<'_>) -> Keys {
        let names = message.dkim_headers.iter().map(|field| field.header.domain_key());
        let asked = names.map(|name| async move {
            let records = self.dns.txt(&name).await;
            (name.into_boxed_str(), key(records))
        });
        Keys(futures::future::join_all(asked).await.into_iter().collect())
    }
}

/// Whether the head may hold a signature of somebody whom the rules name. Most mail has none and costs nothing more.
fn speaks_of_us(bytes: &[u8], trust: &Trust) -> bool {
    let end = memchr::memmem::find(bytes, b"\r\n\r\n")
        .or_else(|| memchr::memmem::find(bytes, b"\n\n"))
        .unwrap_or(bytes.len());
    let head = bytes[..end].to_ascii_lowercase();
    let holds = |text: &str| memchr::memmem::find(&head, text.as_bytes()).is_some();
    holds("dkim-signature") && known_domains(trust).any(|domain| holds(&domain.to_ascii_lowercase()))
}

fn known_domains(trust: &Trust) -> impl Iterator<Item = &String> {
    trust
        .sources
        .iter()
        .flat_map(|source| &source.domains)
        .chain(&trust.own_domains)
}

fn is_known(domain: &str, trust: &Trust) -> bool {
    known_domains(trust).any(|known| is_within(known, domain) || is_within(domain, known))
}

/// A signature that does not cover From says nothing about it (RFC 6376 section 5.4).
fn covers_sender(fields: &[String]) -> bool {
    fields.iter().any(|field| field.eq_ignore_ascii_case("from"))
}

/// The first record that is a key.
fn key(records: Result<Vec<Vec<u8>>, String>) -> Txt {
    match records {
        Ok(records) => records
            .iter()
            .map(|record| DomainKey::parse(record))
            .find(Result::is_ok)
            .unwrap_or(Err(Error::Dns(DnsError::InvalidRecordType)))
            .into(),
        Err(reason) => Txt::Error(Error::Dns(DnsError::Resolver(reason))),
    }
}

/// Only a key that was found can contradict a message.
fn proof(result: &DkimResult) -> Proof {
    use mail_auth::common::crypto::CryptoError;
    use mail_auth::dkim::DkimError;
    match result {
        DkimResult::Pass => Proof::Fits,
        DkimResult::Fail(error) | DkimResult::Neutral(error) | DkimResult::PermError(error) => match error {
            Error::Dkim(DkimError::FailedBodyHashMatch | DkimError::FailedAuidMatch)
            | Error::Crypto(CryptoError::FailedVerification | CryptoError::Library(_)) => Proof::Broken,
            _ => Proof::Unknown,
        },
        DkimResult::TempError(_) | DkimResult::None => Proof::Unknown,
    }
}

/// The keys that were looked up. Answers every question, so that the verifier never asks the network.
#[derive(Default)]
struct Keys(HashMap<Box<str>, Txt>);

impl ResolverCache<Box<str>, Txt> for Keys {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let unknown = || Txt::Error(Error::Dns(DnsError::Resolver("not asked".to_owned())));
        Some(self.0.get(name).cloned().unwrap_or_else(unknown))
    }

    fn remove<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: std::time::Instant) {}
}
