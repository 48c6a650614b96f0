//! The vault: what the ledger keeps of a person, and nobody reads who only has the ledger.
//!
//! # What it must guarantee
//! * A copied ledger tells nothing about anybody: no number of a person, no word of a mail but what a colleague answers
//!   about how a task was handled, which is a remark in its history.
//! * The same number gives the same [`PersonKey`] for as long as the key of the installation stays the same, so that
//!   messages about one person find each other; without that key no number can be tried out.
//! * What comes back out is what went in, for that message and for nothing else.
//!
//! # Design
//! One secret of 32 bytes, from which HKDF-SHA256 (RFC 5869) makes three keys, so that none of their uses weakens
//! another. Keys of persons are HMAC-SHA256 (RFC 2104) over the kind of number and its digits, cut to 16 bytes. Content
//! is compressed (zstd) and sealed by XChaCha20-Poly1305 (RFC 8439, with 24 bytes of nonce, which may be drawn at random
//! for ever), bound to the message's fingerprint and to what it is, so that rows cannot be swapped.
//!
//! # What we accept
//! * Who can read the key and the ledger can read everything: that is what the two are for. The key belongs in another
//!   backup than the ledger.
//! * The length of a mail can be seen, roughly; and which messages are about the same person.
//! * The key is never changed in place: an installation with another key is another vault, and the ledger refuses it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, Generate, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;
use zstd::bulk::Compressor;

use crate::domain::{Fingerprint, Kept, KeyId, Mail, Named, People, PersonKey, References};

/// Bytes of the secret.
const SECRET: usize = 32;
/// Bytes of a nonce, which stands in front of what it sealed.
const NONCE: usize = 24;
/// Fast, and two thirds of what the slowest level saves.
const LEVEL: i32 = 1;
/// No message is longer; what claims to be is no message.
const LONGEST: usize = 64 << 20;

/// Seals, opens, and tells people apart.
pub struct Vault {
    persons: Hmac<Sha256>,
    content: XChaCha20Poly1305,
    id: KeyId,
}

/// Why a text is no key. A human has to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no key of a vault; make one with `koppelwacht key new FILE`, and keep the one that the ledger has"
)]
pub struct NoKey;

/// Why something cannot be read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Nothing was kept.
    #[error("the content of this message was not kept; look in the mailbox")]
    NotKept,
    /// It was sealed with another key, or somebody changed it.
    #[error(
        "this was not sealed with the key of this installation, or was changed since; restore the key or the newest backup"
    )]
    NotOurs,
}

/// Seals messages one after the other: setting up the compressor takes longer than compressing a mail.
pub struct Keeper<'v> {
    vault: &'v Vault,
    press: Option<Compressor<'static>>,
}

impl Keeper<'_> {
    /// Seals what is kept of a message. What cannot be sealed is not kept: the message itself stays in the mailbox.
    #[must_use]
    pub fn keep(&mut self, message: Fingerprint, bytes: &[u8], references: &References) -> Kept {
        let numbers = if *references == References::default() {
            Vec::new()
        } else {
            let lines = [&references.v_nummers, &references.bsns].map(|list| list.join(" "));
            self.vault
                .seal(message, What::References, lines.join("\n").as_bytes())
        };
        let packed = self.press.as_mut().and_then(|press| press.compress(bytes).ok());
        Kept {
            references: numbers,
            raw: packed.map_or_else(Vec::new, |packed| self.vault.seal(message, What::Raw, &packed)),
        }
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault({:?})", self.id)
    }
}

/// What a sealed text is; part of what the seal vouches for.
#[derive(Clone, Copy)]
enum What {
    References,
    Raw,
}

impl Vault {
    /// A new key, as it is written into a file.
    #[must_use]
    pub fn new_key() -> Zeroizing<String> {
        let secret: Zeroizing<[u8; SECRET]> = Zeroizing::new(rand::random());
        Zeroizing::new(STANDARD.encode(secret))
    }

    /// The vault that this key opens.
    ///
    /// # Errors
    /// The text is no key.
    pub fn with_key(text: &str) -> Result<Self, NoKey> {
        let decoded = STANDARD.decode(text.trim()).map(Zeroizing::new);
        let secret: Zeroizing<[u8; SECRET]> = decoded
            .ok()
            .and_then(|bytes| bytes.as_slice().try_into().ok())
            .map(Zeroizing::new)
            .ok_or(NoKey)?;
        let hkdf = Hkdf::<Sha256>::new(Some(b"koppelwacht"), secret.as_slice());
        let id: Zeroizing<[u8; 8]> = derive(&hkdf, b"key id")?;
        Ok(Self {
            persons: Hmac::new_from_slice(derive::<32>(&hkdf, b"persons")?.as_slice()).map_err(|_| NoKey)?,
            content: XChaCha20Poly1305::new_from_slice(derive::<32>(&hkdf, b"content")?.as_slice())
                .map_err(|_| NoKey)?,
            id: KeyId(*id),
        })
    }

    /// Which key this is.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.id
    }

    /// Whom a mail names.
    #[must_use]
    pub fn named(&self, mail: &Mail) -> Named {
        Named {
            all: self.people(&mail.references),
            signals: mail.about.iter().map(|people| self.people(people)).collect(),
        }
    }

    /// The people that numbers are of.
    #[must_use]
    pub fn people(&self, references: &References) -> People {
        People {
            v_nummers: self.keys(b"v", &references.v_nummers),
            bsns: self.keys(b"bsn", &references.bsns),
        }
    }

    fn keys(&self, kind: &[u8], numbers: &[String]) -> Vec<PersonKey> {
        numbers
            .iter()
            .map(|number| {
                let mut mac = self.persons.clone();
                mac.update(kind);
                mac.update(b":");
                mac.update(number.as_bytes());
                let hash = mac.finalize().into_bytes();
                let mut key = [0; 16];
                key.copy_from_slice(&hash[..16]);
                PersonKey(key)
            })
            .collect()
    }

    /// What seals messages one after the other.
    #[must_use]
    pub fn keeper(&self) -> Keeper<'_> {
        Keeper {
            vault: self,
            press: Compressor::new(LEVEL).ok(),
        }
    }

    /// The message as it arrived.
    ///
    /// # Errors
    /// It was not kept, or not by us.
    pub fn raw(&self, message: Fingerprint, kept: &Kept) -> Result<Vec<u8>, OpenError> {
        let packed = self.open(message, What::Raw, &kept.raw)?;
        let length = zstd::zstd_safe::get_frame_content_size(&packed)
            .ok()
            .flatten()
            .and_then(|length| usize::try_from(length).ok())
            .filter(|length| *length <= LONGEST)
            .ok_or(OpenError::NotOurs)?;
        zstd::bulk::decompress(&packed, length).map_err(|_| OpenError::NotOurs)
    }

    /// The numbers of the people that a message is about.
    ///
    /// # Errors
    /// They were not kept by us.
    pub fn references(&self, message: Fingerprint, kept: &Kept) -> Result<References, OpenError> {
        if kept.references.is_empty() {
            return Ok(References::default());
        }
        let plain = self.open(message, What::References, &kept.references)?;
        let text = String::from_utf8(plain).map_err(|_| OpenError::NotOurs)?;
        let (v_nummers, bsns) = text.split_once('\n').ok_or(OpenError::NotOurs)?;
        let list = |line: &str| line.split_terminator(' ').map(str::to_owned).collect();
        Ok(References {
            v_nummers: list(v_nummers),
            bsns: list(bsns),
        })
    }

    fn seal(&self, message: Fingerprint, what: What, plain: &[u8]) -> Vec<u8> {
        let nonce = XNonce::generate();
        let payload = Payload {
            msg: plain,
            aad: &label(message, what),
        };
        let sealed = self.content.encrypt(&nonce, payload).unwrap_or_default();
        if sealed.is_empty() {
            return sealed;
        }
        [nonce.as_slice(), &sealed].concat()
    }

    fn open(&self, message: Fingerprint, what: What, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        if sealed.is_empty() {
            return Err(OpenError::NotKept);
        }
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or(OpenError::NotOurs)?;
        let payload = Payload {
            msg: sealed,
            aad: &label(message, what),
        };
        self.content
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| OpenError::NotOurs)
    }
}

fn derive<const LENGTH: usize>(
    hkdf: &Hkdf<Sha256>,
    use_of_it: &[u8],
) -> Result<Zeroizing<[u8; LENGTH]>, NoKey> {
    let mut key = Zeroizing::new([0; LENGTH]);
    hkdf.expand(use_of_it, key.as_mut_slice()).map_err(|_| NoKey)?;
    Ok(key)
}

fn label(message: Fingerprint, what: What) -> [u8; 33] {
    let mut label = [0; 33];
    label[..32].copy_from_slice(&message.0);
    label[32] = match what {
        What::References => b'n',
        What::Raw => b'r',
    };
    label
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const MESSAGE: Fingerprint = Fingerprint([7; 32]);

    fn vault() -> Vault {
        Vault::with_key(KEY).unwrap()
    }

    fn references() -> References {
        References {
            v_nummers: vec!["9900121147".to_owned(), "9900110975".to_owned()],
            bsns: vec!["999916932".to_owned()],
        }
    }

    #[test]
    fn what_went_in_comes_out_and_cannot_be_seen_meanwhile() {
        let mail = "Subject: koppeling\r\n\r\nV-nummer 9900121147\r\n".repeat(50);
        let kept = vault().keeper().keep(MESSAGE, mail.as_bytes(), &references());
        assert_eq!(vault().raw(MESSAGE, &kept).unwrap(), mail.as_bytes());
        assert_eq!(vault().references(MESSAGE, &kept), Ok(references()));
        assert!(kept.raw.len() < mail.len() / 4, "it is compressed");
        for sealed in [&kept.raw, &kept.references] {
            let seen = String::from_utf8_lossy(sealed);
            assert!(!seen.contains("9900121147") && !seen.contains("koppeling"));
        }
    }

    #[test]
    fn nobody_who_lacks_the_key_can_read_or_swap_anything() {
        let kept = vault().keeper().keep(MESSAGE, b"mail", &references());
        let other = Vault::with_key(&Vault::new_key()).unwrap();
        assert_eq!(other.raw(MESSAGE, &kept), Err(OpenError::NotOurs));
        assert_ne!(other.people(&references()), vault().people(&references()));
        assert_eq!(vault().raw(Fingerprint([8; 32]), &kept), Err(OpenError::NotOurs));
        let swapped = Kept {
            raw: kept.references.clone(),
            references: kept.raw.clone(),
        };
        assert_eq!(vault().raw(MESSAGE, &swapped), Err(OpenError::NotOurs));
        assert_eq!(vault().references(MESSAGE, &swapped), Err(OpenError::NotOurs));
        for length in 0..kept.raw.len() {
            let cut = Kept {
                raw: kept.raw[..length].to_vec(),
                ..Kept::default()
            };
            assert!(vault().raw(MESSAGE, &cut).is_err(), "{length}");
        }
    }

    #[test]
    fn a_person_is_known_by_each_kind_of_number_for_ever() {
        let people = vault().people(&references());
        assert_eq!(people, vault().people(&references()));
        let as_bsn = References {
            bsns: vec!["9900121147".to_owned()],
            ..References::default()
        };
        assert_ne!(people.v_nummers[0], vault().people(&as_bsn).bsns[0]);
        // Pinned: another hash would lose the dossiers of every ledger there is.
        assert_eq!(people.v_nummers[0].0[..4], [162, 21, 14, 210]);
        assert_eq!(vault().key_id().0, [180, 134, 233, 21, 208, 19, 79, 126]);
    }

    #[test]
    fn a_text_that_is_no_key_is_refused_without_repeating_it() {
        for text in ["", "hunter2", "AAECAwQFBgcICQoLDA0ODw==", &format!("{KEY}{KEY}")] {
            let error = Vault::with_key(text).unwrap_err().to_string();
            assert!(error.contains("key new"), "{error}");
        }
        assert!(Vault::with_key(&format!("{KEY}\n")).is_ok());
        assert_ne!(*Vault::new_key(), *Vault::new_key());
    }
}
