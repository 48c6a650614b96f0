//! S/MIME (RFC 8551): what is signed or encrypted is opened, and its signature judged.
//!
//! What this must guarantee:
//! - A signature in a file of its own (`multipart/signed`) or around the content (`smime.p7m`) hides nothing: the
//!   content is read in both cases, whether or not the signature is any good. What cannot be opened stays sealed, and a
//!   human reads it.
//! - `invalid` is only said when the content is not what was signed. Everything else that is amiss (a certificate that
//!   nobody knows, has expired or belongs to somebody else) is `not checked` with its reason: many honest mails are so.
//! - The same mail gives the same judgement for ever: certificates are checked for the day the mail says it was sent on,
//!   and nobody is asked about revocation.
//!
//! Design: layers are taken off one by one, [`super::MAX_DEPTH`] deep (signed, then encrypted, then signed). The head of
//! the message outside stays the head; only a subject that was protected with the content replaces it.
//!
//! Known weaknesses, accepted: a stolen key that has expired can be used with an old Date; a gateway that adds a line to
//! a signed mail makes it invalid, and a human looks; encryption without authentication (CBC) can be bent, but nothing
//! that is read here is fetched or sent anywhere.
//!
//! Crates looked at: `cms` with `x509-cert` and `der` (taken for the structures; `RustCrypto`, kept; DER only, see
//! [`ber`]), `rasn-cms` and `bcder` (other types for certificates), `rustls-webpki` (taken for chains; already here for
//! TLS), `ring` (taken for signatures and GCM; already here), `rsa` (taken for decryption, which ring does not have;
//! since 0.10 on constant-time arithmetic), `aes`, `des`, `cbc` (`RustCrypto`), `openssl` (not Rust).

mod ber;
mod envelope;
mod signature;

use std::borrow::Cow;

use base64::Engine as _;
use cms::content_info::ContentInfo;
use cms::enveloped_data::EnvelopedData;
use cms::signed_data::SignedData;
use der::Decode;
use der::asn1::OctetString;
use der::oid::ObjectIdentifier;
use der::oid::db::rfc5911;
pub use envelope::can_decrypt;
use mail_parser::{Message, MessagePart, MimeHeaders};
use signature::{Claim, judge, unchecked};

use super::header::Head;
use super::{MAX_DEPTH, mime};
use crate::domain::{Signature, Smime, Standing};

const AUTH_ENVELOPED: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.23");

/// A message whose layers were taken off.
#[derive(Debug, Default)]
pub(super) struct Opened {
    /// The content inside, with its fields, not yet shielded; none: the content is not inside of anything.
    pub(super) content: Option<Vec<u8>>,
    /// Whether that is the whole message, or something stands beside it.
    pub(super) is_whole: bool,
    /// What the signature is worth.
    pub(super) signature: Option<Signature>,
}

impl Opened {
    /// The content inside as the parser takes it.
    pub(super) fn shielded(&self) -> Option<Cow<'_, [u8]>> {
        self.content.as_deref().map(mime::shield)
    }

    /// Whether the parser is shown less than what was inside.
    pub(super) fn is_cut(&self, shown: Option<&[u8]>) -> bool {
        let whole = self.content.as_ref().map_or(0, Vec::len);
        shown.map_or(0, <[u8]>::len) < whole
    }
}

/// Takes the layers off a message. `bytes` is the message as it came, not shielded.
pub(super) fn open(message: &Message<'_>, bytes: &[u8], head: &Head<'_>, smime: &Smime) -> Opened {
    let claim = Claim {
        from: head.from.first(),
        sent: head.sent,
        trusted: &smime.trusted,
    };
    layers(message, bytes, claim, smime, 0)
}

fn layers(message: &Message<'_>, bytes: &[u8], claim: Claim<'_>, smime: &Smime, depth: usize) -> Opened {
    let wrapped = message
        .parts
        .iter()
        .enumerate()
        .find(|(_, part)| is_signed(part) || is_pkcs7(part));
    let Some((at, part)) = wrapped.filter(|_| depth < MAX_DEPTH) else {
        return Opened::default();
    };
    let mut opened = if is_signed(part) {
        Opened {
            content: None,
            is_whole: at == 0,
            signature: beside(message, part, bytes, claim),
        }
    } else {
        Opened {
            is_whole: at == 0,
            ..inside(&binary(part), claim, smime).unwrap_or_default()
        }
    };
    if let Some(signature) = &mut opened.signature
        && !opened.is_whole
        && depth == 0
        && signature.standing == Standing::Valid
    {
        *signature = unchecked("only a part of the message is signed");
    }
    let deeper = match &opened.content {
        Some(content) => mime::parse(&mime::shield(content))
            .map(|message| layers(&message, content, claim, smime, depth + 1)),
        None if is_signed(part) => first_part(part, bytes).and_then(|content| {
            let content = readable(content.to_vec());
            // Only what is inside of something is of interest: the rest the parser saw already.
            let shielded = mime::shield(&content);
            let message = mime::parse(&shielded)?;
            Some(layers(&message, &content, claim, smime, depth + 1))
        }),
        None => None,
    };
    if let Some(deeper) = deeper {
        opened.content = deeper.content.or(opened.content);
        opened.signature = worse(opened.signature, deeper.signature);
    }
    opened
}

/// Of two layers' signatures the one that has to be known.
pub(super) fn worse(outer: Option<Signature>, inner: Option<Signature>) -> Option<Signature> {
    match (outer, inner) {
        (Some(outer), Some(inner)) => {
            let is_outer = outer.standing == Standing::Invalid
                || inner.standing == Standing::Unchecked && outer.standing == Standing::Valid;
            Some(if is_outer { outer } else { inner })
        }
        (outer, inner) => outer.or(inner),
    }
}

/// Whether a part is content with its signature beside it.
fn is_signed(part: &MessagePart<'_>) -> bool {
    mime::is(part, "multipart", "signed")
        && part
            .content_type()
            .and_then(|kind| kind.attribute("protocol"))
            .is_none_or(|protocol| protocol.to_ascii_lowercase().contains("pkcs7"))
}

/// Whether a part is an S/MIME container, also one whose type was lost on the way.
pub(super) fn is_pkcs7(part: &MessagePart<'_>) -> bool {
    if mime::is(part, "application", "pkcs7-mime") || mime::is(part, "application", "x-pkcs7-mime") {
        return !part
            .content_type()
            .and_then(|kind| kind.attribute("smime-type"))
            .is_some_and(|kind| kind.eq_ignore_ascii_case("certs-only"));
    }
    mime::is(part, "application", "octet-stream")
        && part
            .attachment_name()
            .is_some_and(|name| name.to_ascii_lowercase().ends_with(".p7m"))
}

/// The bytes of a part, also when it does not say that they are base64.
fn binary<'a>(part: &'a MessagePart<'_>) -> Cow<'a, [u8]> {
    let bytes = part.contents();
    match bytes.trim_ascii_start() {
        [b'M', ..] => Cow::Owned(super::decode::untransfer(bytes, Some("base64"))),
        [b'-', ..] => {
            let text = String::from_utf8_lossy(bytes);
            let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
            base64::engine::general_purpose::STANDARD
                .decode(body)
                .map_or(Cow::Borrowed(bytes), Cow::Owned)
        }
        _ => Cow::Borrowed(bytes),
    }
}

/// Opens one container. None: it cannot be opened here.
fn inside(bytes: &[u8], claim: Claim<'_>, smime: &Smime) -> Option<Opened> {
    let der = ber::to_der(bytes)?;
    let container = ContentInfo::from_der(&der).ok()?;
    let content = match container.content_type {
        rfc5911::ID_SIGNED_DATA => {
            let signed: SignedData = container.content.decode_as().ok()?;
            let content: OctetString = signed.encap_content_info.econtent.as_ref()?.decode_as().ok()?;
            let content = content.into_bytes();
            return Some(Opened {
                signature: Some(judge(&signed, &content, claim)),
                content: Some(readable(content)),
                is_whole: true,
            });
        }
        rfc5911::ID_ENVELOPED_DATA => {
            let enveloped: EnvelopedData = container.content.decode_as().ok()?;
            envelope::open(&enveloped, smime.decryption.as_ref()?)?
        }
        AUTH_ENVELOPED => {
            let enveloped: envelope::AuthEnvelopedData = container.content.decode_as().ok()?;
            envelope::open_authenticated(&enveloped, smime.decryption.as_ref()?)?
        }
        _ => return None,
    };
    Some(Opened {
        content: Some(readable(content)),
        ..Opened::default()
    })
}

/// Judges a signature that lies beside what it signs (RFC 1847 section 2.1).
fn beside(
    message: &Message<'_>,
    multipart: &MessagePart<'_>,
    bytes: &[u8],
    claim: Claim<'_>,
) -> Option<Signature> {
    let file = message.parts.iter().find(|part| {
        mime::is(part, "application", "pkcs7-signature") || mime::is(part, "application", "x-pkcs7-signature")
    })?;
    let signed = ber::to_der(&binary(file))
        .and_then(|der| ContentInfo::from_der(&der).ok())
        .filter(|container| container.content_type == rfc5911::ID_SIGNED_DATA)
        .and_then(|container| container.content.decode_as::<SignedData>().ok());
    let (Some(signed), Some(content)) = (signed, first_part(multipart, bytes)) else {
        return Some(unchecked("it cannot be read"));
    };
    let signature = judge(&signed, &in_network_form(content), claim);
    if signature.standing == Standing::Invalid {
        // Some sign their own line ends.
        let as_it_lies = judge(&signed, content, claim);
        return Some(if as_it_lies.standing == Standing::Invalid {
            signature
        } else {
            as_it_lies
        });
    }
    Some(signature)
}

/// The first part of a multipart, with its fields, byte for byte.
fn first_part<'a>(multipart: &MessagePart<'_>, bytes: &'a [u8]) -> Option<&'a [u8]> {
    let boundary = multipart.content_type()?.attribute("boundary")?.trim_end();
    let all = mime::raw(multipart, bytes);
    let mut ends = boundary_lines(all, boundary.as_bytes());
    let (_, start) = ends.next()?;
    let (end, _) = ends.next()?;
    let part = all.get(start..end)?;
    let part = part.strip_suffix(b"\n").unwrap_or(part);
    Some(part.strip_suffix(b"\r").unwrap_or(part))
}

/// Where the lines that bear a boundary start and end.
fn boundary_lines<'a>(bytes: &'a [u8], boundary: &'a [u8]) -> impl Iterator<Item = (usize, usize)> + 'a {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let start = at;
            let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |end| start + end + 1);
            at = end;
            let line = bytes[start..end].trim_ascii_end();
            if let Some(rest) = line
                .strip_prefix(b"--")
                .and_then(|rest| rest.strip_prefix(boundary))
                && (rest.is_empty() || rest == b"--")
            {
                return Some((start, end));
            }
        }
        None
    })
}

/// Every line end as CR LF, as content is signed (RFC 8551 section 3.1.1).
fn in_network_form(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 32);
    for (at, byte) in bytes.iter().enumerate() {
        if *byte == b'\n' && (at == 0 || bytes[at - 1] != b'\r') {
            out.push(b'\r');
        }
        out.push(*byte);
    }
    out
}

/// Content as the parser takes it: content without any field is text.
fn readable(content: Vec<u8>) -> Vec<u8> {
    let first = content
        .split(|byte| matches!(byte, b':' | b'\n'))
        .next()
        .unwrap_or_default();
    let has_fields = content.get(first.len()) == Some(&b':')
        && !first.is_empty()
        && first
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    if has_fields {
        return content;
    }
    [b"Content-Type: text/plain\r\n\r\n".as_slice(), &content].concat()
}
