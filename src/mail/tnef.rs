//! The text in a `winmail.dat`, Microsoft's Transport Neutral Encapsulation Format (MS-OXTNEF).
//!
//! The crate `tnef` was looked at: last touched in 2019, refuses a file for one wrong checksum and does not read message
//! properties. Only the attribute `attBody` is wanted here, which is a walk along lengths. Text that is in the
//! file as compressed RTF only is left alone: the mail then has no text and a human reads it.

const SIGNATURE: [u8; 4] = 0x223e_9f78_u32.to_le_bytes();
const MESSAGE_LEVEL: u8 = 1;
const ATT_BODY: u32 = 0x0002_800c;

/// The plain body, when the file has one.
pub(super) fn body(file: &[u8]) -> Option<String> {
    let mut rest = file.strip_prefix(&SIGNATURE)?.get(2..)?;
    while let Some((&level, after)) = rest.split_first() {
        let (id, after) = number(after)?;
        let (length, after) = number(after)?;
        let (value, after) = after.split_at_checked(usize::try_from(length).ok()?)?;
        if level == MESSAGE_LEVEL && id == ATT_BODY {
            return Some(super::decode::text(value, Some("windows-1252")));
        }
        // Two bytes of checksum; a text with one bit wrong is still worth reading.
        rest = after.get(2..)?;
    }
    None
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*number), rest))
}

#[cfg(test)]
mod tests {
    use super::body;

    fn file(length: u32, text: &[u8]) -> Vec<u8> {
        [
            b"\x78\x9f\x3e\x22\x01\x00".as_slice(),
            b"\x01\x06\x90\x08\x00\x04\x00\x00\x00\x00\x00\x01\x00\x01\x00",
            b"\x01\x0c\x80\x02\x00",
            &length.to_le_bytes(),
            text,
            b"\x00\x00",
        ]
        .concat()
    }

    #[test]
    fn the_body_is_found_behind_other_attributes() {
        assert_eq!(body(&file(9, b"koppeling")).as_deref(), Some("koppeling"));
    }

    #[test]
    fn lengths_that_lie_give_nothing() {
        assert_eq!(body(&file(u32::MAX, b"koppeling")), None);
        assert_eq!(body(&file(9, b"koppeling")[..20]), None);
        assert_eq!(body(b""), None);
    }
}
