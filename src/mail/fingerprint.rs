//! What tells a second delivery of a message from a second message.
//!
//! Hashed are the fields that no server rewrites (Message-ID, Date, From, Subject) and the body. A Message-ID alone
//! is no identity: DUO's system repeats it for different signals. Carriage returns, white space in fields and blank
//! lines at the end are left out, because a Maildir and an IMAP server return the same message with different ones.
//! A message without Message-ID may have nothing that sets it apart from an identical second notice of the same second
//! except its trace fields; then every byte counts. A task too many is better than one too few.

use memchr::memchr_iter;
use sha2::{Digest, Sha256};

use super::header::Head;
use crate::domain::Fingerprint;

/// Bytes of lines that are hashed together.
const GATHERED: usize = 4096;

/// The fingerprint of a message whose head is known.
pub(super) fn of(bytes: &[u8], head: &Head<'_>) -> Fingerprint {
    let (message_id, date) = (head.first("Message-ID"), head.first("Date"));
    if message_id.is_none() {
        return of_all(bytes);
    }
    let mut hash = Sha256::new();
    for field in [message_id, date, head.first("From"), head.first("Subject")] {
        let words = field.unwrap_or_default();
        for word in words
            .split(u8::is_ascii_whitespace)
            .filter(|word| !word.is_empty())
        {
            hash.update(word);
            hash.update(b" ");
        }
        hash.update(b"\n");
    }
    hash_lines(&mut hash, bytes.get(head.body_at..).unwrap_or_default());
    Fingerprint(hash.finalize().into())
}

/// The fingerprint of bytes that are no message, or have no identity of their own.
pub(super) fn of_all(bytes: &[u8]) -> Fingerprint {
    let mut hash = Sha256::new();
    hash.update(b"whole\n");
    hash_lines(&mut hash, bytes);
    Fingerprint(hash.finalize().into())
}

/// Feeds everything but carriage returns and the white space at the end. Lines are short: gathered first, they are
/// hashed many blocks at a time.
fn hash_lines(hash: &mut Sha256, bytes: &[u8]) {
    let bytes = bytes.trim_ascii_end();
    let mut gathered = Vec::with_capacity(bytes.len().min(2 * GATHERED));
    let mut from = 0;
    for at in memchr_iter(b'\r', bytes) {
        gathered.extend_from_slice(&bytes[from..at]);
        from = at + 1;
        if gathered.len() >= GATHERED {
            hash.update(&gathered);
            gathered.clear();
        }
    }
    hash.update(&gathered);
    hash.update(&bytes[from..]);
}
