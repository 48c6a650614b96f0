//! Encrypted content (CMS `EnvelopedData` and `AuthEnvelopedData`) -> what was put into it.

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, KeyInit, KeyIvInit};
use cms::cert::IssuerAndSerialNumber;
use cms::enveloped_data::{
    EncryptedContentInfo, EnvelopedData, KeyTransRecipientInfo, RecipientIdentifier, RecipientInfo,
    RecipientInfos,
};
use cms::signed_data::UnsignedAttributes as Attributes;
use der::asn1::{Int, OctetString};
use der::oid::ObjectIdentifier;
use der::oid::db::{rfc5911, rfc5912};
use der::{Any, Decode, Encode, Sequence};
use des::TdesEde3;
use ring::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use rsa::pkcs8::{DecodePrivateKey, EncodePublicKey};
use rsa::{Oaep, Pkcs1v15Encrypt, PrivateKey};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectKeyIdentifier;

use crate::domain::Decryption;

const OAEP: ObjectIdentifier = rfc5912::ID_RSAES_OAEP;
const TRIPLE_DES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.3.7");
const AES_128_CBC: ObjectIdentifier = rfc5911::ID_AES_128_CBC;
const AES_192_CBC: ObjectIdentifier = rfc5911::ID_AES_192_CBC;
const AES_256_CBC: ObjectIdentifier = rfc5911::ID_AES_256_CBC;
const AES_128_GCM_ID: ObjectIdentifier = rfc5911::ID_AES_128_GCM;
const AES_256_GCM_ID: ObjectIdentifier = rfc5911::ID_AES_256_GCM;
/// Recipients of one message for whom the key is tried: each costs an RSA operation.
const MAX_TRIES: usize = 4;

/// RFC 5083 section 2.1, which the crate `cms` does not have.
#[derive(Debug, Sequence)]
pub(super) struct AuthEnvelopedData {
    version: Int,
    recipients: RecipientInfos,
    content: EncryptedContentInfo,
    #[asn1(
        context_specific = "1",
        tag_mode = "IMPLICIT",
        constructed = "true",
        optional = "true"
    )]
    authenticated: Option<Attributes>,
    mac: OctetString,
    #[asn1(
        context_specific = "2",
        tag_mode = "IMPLICIT",
        constructed = "true",
        optional = "true"
    )]
    unauthenticated: Option<Attributes>,
}

/// RSAES-OAEP-params (RFC 4055 section 4.1), as far as they are looked at.
#[derive(Debug, Sequence)]
struct OaepParameters {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    digest: Option<x509_cert::spki::AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    mask: Option<x509_cert::spki::AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    label: Option<Any>,
}

/// GCMParameters (RFC 5084 section 3.2).
#[derive(Debug, Sequence)]
struct GcmParameters {
    nonce: OctetString,
    #[asn1(optional = "true")]
    tag_length: Option<u8>,
}

/// Whether this is an RSA key, and that of its certificate.
#[must_use]
pub fn can_decrypt(ours: &Decryption) -> bool {
    let key = PrivateKey::from_pkcs8_der(ours.key.expose()).ok();
    let public = key.and_then(|key| key.to_public_key().to_public_key_der().ok());
    let certified = Certificate::from_der(&ours.certificate)
        .and_then(|certificate| certificate.tbs_certificate.subject_public_key_info.to_der());
    public.is_some_and(|public| certified.is_ok_and(|certified| certified == public.as_bytes()))
}

/// Opens what `EnvelopedData` holds. None: it is not for our key, or does not open with it.
pub(super) fn open(enveloped: &EnvelopedData, ours: &Decryption) -> Option<Vec<u8>> {
    let content = &enveloped.encrypted_content;
    let bytes = content.encrypted_content.as_ref()?.as_bytes();
    let parameters = content.content_enc_alg.parameters.as_ref()?;
    let start = parameters.decode_as::<OctetString>().ok()?;
    content_keys(&enveloped.recip_infos, ours).find_map(|key| {
        let start = start.as_bytes();
        match content.content_enc_alg.oid {
            AES_128_CBC => unchain::<Aes128>(&key, start, bytes),
            AES_192_CBC => unchain::<Aes192>(&key, start, bytes),
            AES_256_CBC => unchain::<Aes256>(&key, start, bytes),
            TRIPLE_DES => unchain::<TdesEde3>(&key, start, bytes),
            _ => None,
        }
    })
}

/// Opens what `AuthEnvelopedData` holds.
pub(super) fn open_authenticated(enveloped: &AuthEnvelopedData, ours: &Decryption) -> Option<Vec<u8>> {
    let content = &enveloped.content;
    let method = match content.content_enc_alg.oid {
        AES_128_GCM_ID => &AES_128_GCM,
        AES_256_GCM_ID => &AES_256_GCM,
        _ => return None,
    };
    let parameters: GcmParameters = content.content_enc_alg.parameters.as_ref()?.decode_as().ok()?;
    let authenticated = match &enveloped.authenticated {
        Some(attributes) => attributes.to_der().ok()?,
        None => Vec::new(),
    };
    let sealed = [
        content.encrypted_content.as_ref()?.as_bytes(),
        enveloped.mac.as_bytes(),
    ]
    .concat();
    content_keys(&enveloped.recipients, ours).find_map(|key| {
        let key = LessSafeKey::new(UnboundKey::new(method, &key).ok()?);
        let nonce = Nonce::try_assume_unique_for_key(parameters.nonce.as_bytes()).ok()?;
        let mut opened = sealed.clone();
        let length = key
            .open_in_place(nonce, Aad::from(&authenticated), &mut opened)
            .ok()?
            .len();
        opened.truncate(length);
        Some(opened)
    })
}

fn unchain<C>(key: &[u8], start: &[u8], bytes: &[u8]) -> Option<Vec<u8>>
where
    C: BlockCipherDecrypt + KeyInit,
{
    let mut opened = bytes.to_vec();
    let length = cbc::Decryptor::<C>::new_from_slices(key, start)
        .ok()?
        .decrypt_padded::<Pkcs7>(&mut opened)
        .ok()?
        .len();
    opened.truncate(length);
    Some(opened)
}

/// The keys that the content may be encrypted with: what the RSA key makes of what is meant for it.
fn content_keys(recipients: &RecipientInfos, ours: &Decryption) -> impl Iterator<Item = Vec<u8>> {
    let certificate = Certificate::from_der(&ours.certificate).ok();
    let key = PrivateKey::from_pkcs8_der(ours.key.expose()).ok();
    recipients
        .0
        .iter()
        .filter_map(|recipient| match recipient {
            RecipientInfo::Ktri(transport) => Some(transport),
            _ => None,
        })
        .filter(move |transport| {
            certificate
                .as_ref()
                .is_some_and(|ours| is_for(&transport.rid, ours))
        })
        .take(MAX_TRIES)
        .filter_map(move |transport| transported(transport, key.as_ref()?))
}

fn is_for(recipient: &RecipientIdentifier, ours: &Certificate) -> bool {
    match recipient {
        RecipientIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
            issuer,
            serial_number,
        }) => *issuer == ours.tbs_certificate.issuer && *serial_number == ours.tbs_certificate.serial_number,
        RecipientIdentifier::SubjectKeyIdentifier(id) => ours
            .tbs_certificate
            .get::<SubjectKeyIdentifier>()
            .is_ok_and(|own| own.is_some_and(|(_, own)| own == *id)),
    }
}

fn transported(transport: &KeyTransRecipientInfo, key: &PrivateKey) -> Option<Vec<u8>> {
    let sealed = transport.enc_key.as_bytes();
    if transport.key_enc_alg.oid == rfc5912::RSA_ENCRYPTION {
        return key.decrypt(Pkcs1v15Encrypt, sealed).ok();
    }
    if transport.key_enc_alg.oid != OAEP {
        return None;
    }
    let parameters = match &transport.key_enc_alg.parameters {
        Some(parameters) => parameters.decode_as::<OaepParameters>().ok()?,
        None => OaepParameters {
            digest: None,
            mask: None,
            label: None,
        },
    };
    // The mask's digest stands in the parameters of its method; without one it is SHA-1.
    let mask = match &parameters.mask {
        Some(mask) => {
            mask.parameters
                .as_ref()?
                .decode_as::<x509_cert::spki::AlgorithmIdentifierOwned>()
                .ok()?
                .oid
        }
        None => rfc5912::ID_SHA_1,
    };
    let digest = parameters.digest.map_or(rfc5912::ID_SHA_1, |digest| digest.oid);
    match (digest, mask) {
        (rfc5912::ID_SHA_1, rfc5912::ID_SHA_1) => key.decrypt(Oaep::<Sha1>::new(), sealed),
        (rfc5912::ID_SHA_256, rfc5912::ID_SHA_256) => key.decrypt(Oaep::<Sha256>::new(), sealed),
        (rfc5912::ID_SHA_256, rfc5912::ID_SHA_1) => {
            key.decrypt(Oaep::<Sha256, Sha1>::new_with_mgf_hash(), sealed)
        }
        (rfc5912::ID_SHA_384, rfc5912::ID_SHA_384) => key.decrypt(Oaep::<Sha384>::new(), sealed),
        (rfc5912::ID_SHA_512, rfc5912::ID_SHA_512) => key.decrypt(Oaep::<Sha512>::new(), sealed),
        _ => return None,
    }
    .ok()
}
