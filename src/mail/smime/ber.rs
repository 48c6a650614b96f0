//! BER -> DER, as far as CMS needs it.
//!
//! Programs that sign or encrypt while they stream (OpenSSL, Bouncy Castle, Outlook at times) write lengths that are
//! open to the end and strings in pieces; the parser of the crate `cms` takes DER only. `bcder` and `rasn-cms` read BER,
//! but bring types of their own beside those of `x509-cert`. So the outer form is rewritten and all types come from one
//! family of crates. What is DER already, certificates above all, comes out byte for byte as it went in.

/// Values that are looked at; a signature with five certificates has some thousand. Sets are sorted by the parser, which
/// takes time that grows with the square.
const MAX_VALUES: usize = 5000;
/// How deep values lie in values.
const MAX_DEPTH: usize = 32;

const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const CONSTRUCTED: u8 = 0x20;
const CONTEXT_0: u8 = 0xa0;
const IMPLICIT_0: u8 = 0x80;
const END: [u8; 2] = [0, 0];

/// The first value in these bytes as DER. None: it is no BER, or too much of it.
pub(super) fn to_der(ber: &[u8]) -> Option<Vec<u8>> {
    let mut left = MAX_VALUES;
    Some(value(ber, 0, &mut left)?.0.encoded())
}

/// A value: its tag and its content, in DER.
struct Value {
    tag: u8,
    content: Vec<u8>,
}

impl Value {
    fn encoded(self) -> Vec<u8> {
        let length = self.content.len();
        let mut out = Vec::with_capacity(length + 6);
        out.push(self.tag);
        match u8::try_from(length) {
            Ok(short) if short < 128 => out.push(short),
            _ => {
                let bytes = length.to_be_bytes();
                let significant = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
                #[expect(clippy::cast_possible_truncation, reason = "at most eight bytes make a usize")]
                out.push(0x80 | significant.len() as u8);
                out.extend_from_slice(significant);
            }
        }
        out.extend(self.content);
        out
    }
}

/// The first value and what follows it.
fn value<'a>(ber: &'a [u8], depth: usize, left: &mut usize) -> Option<(Value, &'a [u8])> {
    let (&tag, rest) = ber.split_first()?;
    // Tags of several bytes do not occur in CMS.
    if tag & 0x1f == 0x1f || depth > MAX_DEPTH {
        return None;
    }
    let (length, rest) = length(rest)?;
    let Some(length) = length else {
        let is_constructed = tag & CONSTRUCTED != 0;
        return is_constructed
            .then(|| constructed(tag, rest, true, depth, left))
            .flatten();
    };
    let (content, rest) = rest.split_at_checked(length)?;
    if tag & CONSTRUCTED == 0 {
        // Pieces of a string are not counted: large content comes in thousands of them.
        if tag != OCTET_STRING {
            *left = left.checked_sub(1)?;
        }
        let content = content.to_vec();
        return Some((Value { tag, content }, rest));
    }
    Some((constructed(tag, content, false, depth, left)?.0, rest))
}

/// A length; none inside means that it is open (X.690 section 8.1.3.6).
fn length(ber: &[u8]) -> Option<(Option<usize>, &[u8])> {
    let (&first, rest) = ber.split_first()?;
    match first {
        0x80 => Some((None, rest)),
        0..0x80 => Some((Some(usize::from(first)), rest)),
        _ => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let length = bytes.iter().try_fold(0_usize, |sum, byte| {
                sum.checked_mul(256)?.checked_add(usize::from(*byte))
            })?;
            Some((Some(length), rest))
        }
    }
}

fn constructed<'a>(
    tag: u8,
    mut ber: &'a [u8],
    is_open: bool,
    depth: usize,
    left: &mut usize,
) -> Option<(Value, &'a [u8])> {
    *left = left.checked_sub(1)?;
    let mut inside: Vec<Value> = Vec::new();
    loop {
        if is_open && let Some(rest) = ber.strip_prefix(&END) {
            ber = rest;
            break;
        }
        if !is_open && ber.is_empty() {
            break;
        }
        let (next, rest) = value(ber, depth + 1, left)?;
        inside.push(next);
        ber = rest;
    }
    if tag == OCTET_STRING | CONSTRUCTED {
        return Some((joined(OCTET_STRING, inside)?, ber));
    }
    if tag == SEQUENCE
        && matches!(inside.as_slice(), [kind, method, content, ..]
            if kind.tag == OBJECT_IDENTIFIER && method.tag == SEQUENCE && content.tag == CONTEXT_0)
    {
        // EncryptedContentInfo (RFC 5652 section 6.1): its content is an octet string under another tag.
        let content = &mut inside[2];
        let mut pieces = Vec::new();
        let mut rest = content.content.as_slice();
        while !rest.is_empty() {
            let (piece, after) = value(rest, depth + 1, left)?;
            pieces.push(piece);
            rest = after;
        }
        *content = joined(IMPLICIT_0, pieces)?;
    }
    let content = inside.into_iter().flat_map(Value::encoded).collect();
    Some((Value { tag, content }, ber))
}

/// A string that came in pieces.
fn joined(tag: u8, pieces: Vec<Value>) -> Option<Value> {
    let are_strings = pieces.iter().all(|piece| piece.tag == OCTET_STRING);
    let content = pieces.into_iter().flat_map(|piece| piece.content).collect();
    are_strings.then_some(Value { tag, content })
}

#[cfg(test)]
mod tests {
    use super::to_der;

    #[test]
    fn open_lengths_and_strings_in_pieces_are_closed() {
        let ber = b"\x30\x80\x24\x80\x04\x02ab\x04\x01c\0\0\0\0";
        assert_eq!(to_der(ber).unwrap(), b"\x30\x05\x04\x03abc");
    }

    #[test]
    fn encrypted_content_in_pieces_is_one_string() {
        let ber = b"\x30\x80\x06\x01\x2a\x30\x00\xa0\x80\x04\x01a\x04\x01b\0\0\0\0";
        assert_eq!(to_der(ber).unwrap(), b"\x30\x09\x06\x01\x2a\x30\x00\x80\x02ab");
    }

    #[test]
    fn der_stays_as_it_is() {
        let long = [b"\x30\x82\x01\x04\x04\x82\x01\x00".as_slice(), &[7; 256]].concat();
        assert_eq!(to_der(&long).unwrap(), long);
    }

    #[test]
    fn what_lies_about_its_length_or_never_ends_is_nothing() {
        let deep = b"\x30\x80".repeat(100_000);
        let many = [
            b"\x30\x84\x00\x0f\x42\x40".as_slice(),
            &b"\x05\x00".repeat(500_000),
        ]
        .concat();
        for ber in [
            b"".as_slice(),
            b"\x30",
            b"\x30\x80",
            b"\x04\x80",
            b"\x04\xff",
            b"\x04\x88\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x1f\x00",
            &deep,
            &many,
        ] {
            assert_eq!(to_der(ber), None);
        }
    }
}
