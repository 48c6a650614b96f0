//! What a signature (CMS `SignedData`, RFC 5652 section 5) is worth.

use cms::cert::CertificateChoices;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use der::asn1::OctetString;
use der::oid::ObjectIdentifier;
use der::oid::db::{rfc5911, rfc5912};
use der::{Any, Decode, Encode, Sequence};
use jiff::Timestamp;
use ring::signature::{self as method, UnparsedPublicKey, VerificationAlgorithm};
use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use x509_cert::Certificate;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{SubjectAltName, SubjectKeyIdentifier};

use crate::domain::{Address, Signature, Standing};

/// Id-kp-emailProtection (RFC 5280 section 4.2.1.12), its content octets.
const EMAIL_PROTECTION: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 4];
const PSS: ObjectIdentifier = rfc5912::ID_RSASSA_PSS;
/// The attribute `emailAddress` of a subject, where older certificates have the address.
const EMAIL_ADDRESS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.1");
/// Signers of one message that are looked at.
const MAX_SIGNERS: usize = 4;

/// RSASSA-PSS-params (RFC 4055 section 3.1), as far as they are looked at.
#[derive(Debug, Sequence)]
struct PssParameters {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    digest: Option<Any>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    mask: Option<Any>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    salt_length: Option<u16>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    trailer: Option<Any>,
}

/// For whom and when a signature has to be right.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim<'a> {
    /// Who the message says it is from.
    pub(super) from: Option<&'a Address>,
    /// When the message says it was sent.
    pub(super) sent: Option<Timestamp>,
    /// Certificates that are believed.
    pub(super) trusted: &'a [Vec<u8>],
}

pub(super) fn unchecked(reason: &'static str) -> Signature {
    Signature {
        standing: Standing::Unchecked,
        reason,
    }
}

fn invalid(reason: &'static str) -> Signature {
    Signature {
        standing: Standing::Invalid,
        reason,
    }
}

/// Judges the signature over this content. One signature that does not belong to the content spoils the message; one
/// that is valid is enough otherwise.
pub(super) fn judge(signed: &SignedData, content: &[u8], claim: Claim<'_>) -> Signature {
    if claim.trusted.is_empty() {
        return unchecked("no certificates are configured");
    }
    let certificates: Vec<&Certificate> = signed
        .certificates
        .iter()
        .flat_map(|set| set.0.iter())
        .filter_map(|choice| match choice {
            CertificateChoices::Certificate(certificate) => Some(certificate),
            CertificateChoices::Other(_) => None,
        })
        .collect();
    let mut best = unchecked("nobody signed it");
    for signer in signed.signer_infos.0.iter().take(MAX_SIGNERS) {
        let signature = judge_signer(signer, &certificates, content, claim);
        match signature.standing {
            Standing::Invalid => return signature,
            Standing::Valid => best = signature,
            Standing::Unchecked if best.standing == Standing::Unchecked => best = signature,
            Standing::Unchecked => {}
        }
    }
    best
}

fn judge_signer(
    signer: &SignerInfo,
    certificates: &[&Certificate],
    content: &[u8],
    claim: Claim<'_>,
) -> Signature {
    let Some(digest) = digest_method(signer.digest_alg.oid) else {
        return unchecked("it uses a digest that is not known here");
    };
    // What is signed: the attributes, one of which holds the digest of the content; or the content itself.
    let attributes = match &signer.signed_attrs {
        Some(attributes) => {
            let stated = attributes
                .iter()
                .find(|attribute| attribute.oid == rfc5911::ID_MESSAGE_DIGEST)
                .and_then(|attribute| attribute.values.get(0)?.decode_as::<OctetString>().ok());
            if stated.is_none_or(|stated| stated.as_bytes() != ring::digest::digest(digest, content).as_ref())
            {
                return invalid("the content was changed after it was signed");
            }
            attributes.to_der().ok()
        }
        None => None,
    };
    let signed = attributes.as_deref().unwrap_or(content);
    let trusted: Vec<Certificate> = claim
        .trusted
        .iter()
        .filter_map(|der| Certificate::from_der(der).ok())
        .collect();
    let Some(certificate) = certificates
        .iter()
        .copied()
        .chain(&trusted)
        .find(|certificate| is_of(&signer.sid, certificate))
    else {
        return unchecked("the signer's certificate is not in it");
    };
    match is_genuine(signer, certificate, signed) {
        None => return unchecked("it uses a method that is not known here"),
        Some(false) => return invalid("it is not the signature of its certificate"),
        Some(true) => {}
    }
    judge_certificate(certificate, certificates, digest, claim)
}

fn judge_certificate(
    certificate: &Certificate,
    others: &[&Certificate],
    digest: &'static ring::digest::Algorithm,
    claim: Claim<'_>,
) -> Signature {
    if digest == &ring::digest::SHA1_FOR_LEGACY_USE_ONLY {
        return unchecked("it uses SHA-1, which can be forged");
    }
    if !is_trusted(certificate, others, claim) {
        return unchecked("its certificate is from nobody we trust, or was not valid on that day");
    }
    let is_the_senders = claim.from.is_some_and(|from| {
        addresses(certificate).any(|address| address.eq_ignore_ascii_case(&from.address))
    });
    if !is_the_senders {
        return unchecked("its certificate is not the sender's");
    }
    Signature {
        standing: Standing::Valid,
        reason: "signed by the sender, with a trusted certificate",
    }
}

fn is_of(signer: &SignerIdentifier, certificate: &Certificate) -> bool {
    match signer {
        SignerIdentifier::IssuerAndSerialNumber(id) => {
            id.issuer == certificate.tbs_certificate.issuer
                && id.serial_number == certificate.tbs_certificate.serial_number
        }
        SignerIdentifier::SubjectKeyIdentifier(id) => certificate
            .tbs_certificate
            .get::<SubjectKeyIdentifier>()
            .is_ok_and(|own| own.is_some_and(|(_, own)| own == *id)),
    }
}

fn digest_method(oid: ObjectIdentifier) -> Option<&'static ring::digest::Algorithm> {
    Some(match oid {
        rfc5912::ID_SHA_1 => &ring::digest::SHA1_FOR_LEGACY_USE_ONLY,
        rfc5912::ID_SHA_256 => &ring::digest::SHA256,
        rfc5912::ID_SHA_384 => &ring::digest::SHA384,
        rfc5912::ID_SHA_512 => &ring::digest::SHA512,
        _ => return None,
    })
}

/// Whether this is the signature of the certificate's key. None: its method is not known here.
fn is_genuine(signer: &SignerInfo, certificate: &Certificate, signed: &[u8]) -> Option<bool> {
    let info = &certificate.tbs_certificate.subject_public_key_info;
    let key = info.subject_public_key.as_bytes()?;
    let curve = info
        .algorithm
        .parameters
        .as_ref()
        .and_then(|parameters| parameters.decode_as::<ObjectIdentifier>().ok());
    let is_pss = signer.signature_algorithm.oid == PSS;
    if is_pss && !has_usual_salt(signer) {
        return None;
    }
    let digest = match signer.signature_algorithm.oid {
        rfc5912::ECDSA_WITH_SHA_256 => rfc5912::ID_SHA_256,
        rfc5912::ECDSA_WITH_SHA_384 => rfc5912::ID_SHA_384,
        _ => signer.digest_alg.oid,
    };
    let method: &dyn VerificationAlgorithm = match (info.algorithm.oid, curve, digest) {
        (rfc5912::RSA_ENCRYPTION, _, rfc5912::ID_SHA_256) if is_pss => &method::RSA_PSS_2048_8192_SHA256,
        (rfc5912::RSA_ENCRYPTION, _, rfc5912::ID_SHA_384) if is_pss => &method::RSA_PSS_2048_8192_SHA384,
        (rfc5912::RSA_ENCRYPTION, _, rfc5912::ID_SHA_512) if is_pss => &method::RSA_PSS_2048_8192_SHA512,
        (rfc5912::RSA_ENCRYPTION, _, rfc5912::ID_SHA_1) if !is_pss => {
            &method::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY
        }
        (rfc5912::RSA_ENCRYPTION, _, rfc5912::ID_SHA_256) => &method::RSA_PKCS1_2048_8192_SHA256,
        (rfc5912::RSA_ENCRYPTION, _, rfc5912::ID_SHA_384) => &method::RSA_PKCS1_2048_8192_SHA384,
        (rfc5912::RSA_ENCRYPTION, _, rfc5912::ID_SHA_512) => &method::RSA_PKCS1_2048_8192_SHA512,
        (_, Some(rfc5912::SECP_256_R_1), rfc5912::ID_SHA_256) => &method::ECDSA_P256_SHA256_ASN1,
        (_, Some(rfc5912::SECP_256_R_1), rfc5912::ID_SHA_384) => &method::ECDSA_P256_SHA384_ASN1,
        (_, Some(rfc5912::SECP_384_R_1), rfc5912::ID_SHA_256) => &method::ECDSA_P384_SHA256_ASN1,
        (_, Some(rfc5912::SECP_384_R_1), rfc5912::ID_SHA_384) => &method::ECDSA_P384_SHA384_ASN1,
        _ => return None,
    };
    let verified = UnparsedPublicKey::new(method, key).verify(signed, signer.signature.as_bytes());
    Some(verified.is_ok())
}

/// Whether the salt is as long as the digest, which is all that ring takes (and what RFC 8551's kin write).
fn has_usual_salt(signer: &SignerInfo) -> bool {
    let parameters = signer.signature_algorithm.parameters.as_ref();
    let parameters = parameters.and_then(|parameters| parameters.decode_as::<PssParameters>().ok());
    let salt = parameters
        .and_then(|parameters| parameters.salt_length)
        .unwrap_or(20);
    digest_method(signer.digest_alg.oid).is_some_and(|digest| digest.output_len() == usize::from(salt))
}

/// Whether the certificate is one that we were given, or comes from one by a chain that was valid when the mail was sent.
fn is_trusted(certificate: &Certificate, others: &[&Certificate], claim: Claim<'_>) -> bool {
    let Ok(der) = certificate.to_der() else {
        return false;
    };
    if claim.trusted.contains(&der) {
        return true;
    }
    let seconds = claim.sent.and_then(|sent| u64::try_from(sent.as_second()).ok());
    let Some(seconds) = seconds else { return false };
    let der = CertificateDer::from(der);
    let roots: Vec<CertificateDer<'_>> = claim
        .trusted
        .iter()
        .map(|der| CertificateDer::from(der.as_slice()))
        .collect();
    let anchors: Vec<_> = roots
        .iter()
        .filter_map(|root| anchor_from_trusted_cert(root).ok())
        .collect();
    let between: Vec<CertificateDer<'_>> = others
        .iter()
        .filter_map(|other| other.to_der().ok().map(CertificateDer::from))
        .collect();
    EndEntityCert::try_from(&der).is_ok_and(|leaf| {
        leaf.verify_for_usage(
            webpki::ALL_VERIFICATION_ALGS,
            &anchors,
            &between,
            UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds)),
            KeyUsage::required_if_present(EMAIL_PROTECTION),
            None,
            None,
        )
        .is_ok()
    })
}

/// The mail addresses of a certificate (RFC 8550 section 3).
fn addresses(certificate: &Certificate) -> impl Iterator<Item = String> {
    let alternatives = certificate
        .tbs_certificate
        .get::<SubjectAltName>()
        .ok()
        .flatten()
        .map(|(_, names)| names.0)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|name| match name {
            GeneralName::Rfc822Name(address) => Some(address.as_str().to_owned()),
            _ => None,
        });
    let subject = certificate
        .tbs_certificate
        .subject
        .0
        .iter()
        .flat_map(|set| set.0.iter());
    let older = subject
        .filter(|part| part.oid == EMAIL_ADDRESS)
        .filter_map(|part| std::str::from_utf8(part.value.value()).ok().map(str::to_owned));
    alternatives.chain(older)
}
