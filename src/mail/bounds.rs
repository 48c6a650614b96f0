//! How much of a large message the MIME parser is shown.
//!
//! For each field and each part the parser keeps a value that is far larger than the three bytes that can make one, and
//! addresses are worse. So a message that has more of them than any real one ends there for the parser, and a human
//! looks at it; and past so many bytes of addresses there are none.
//!
//! What is a field and what is a line of text with a colon in it cannot be told apart before parsing, so both count.
//! The numbers are so large that a text which reaches them has long passed [`super::text::MAX_TEXT`].

use std::ops::Range;

use super::mime::field_end;

/// Lines with a colon in them. The parser keeps some hundred bytes for each that is a field.
const MAX_FIELDS: usize = 200_000;
/// Lines that start like a boundary. A part costs some five hundred bytes.
const MAX_PARTS: usize = 50_000;
/// Bytes of all fields of addresses together. Each may cost sixty.
const MAX_ADDRESSES: usize = 1 << 20;
/// A message cannot reach any of these numbers with fewer bytes: a part has five at least, `--b` and two line feeds.
const LARGE: usize = 5 * MAX_PARTS;

/// The fields that are parsed as addresses.
const ADDRESSES: [&str; 4] = ["from", "reply-to", "to", "cc"];

/// What the parser may see of a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    /// Where it ends.
    pub(super) end: usize,
    /// What is to be blanked.
    pub(super) blank: Vec<Range<usize>>,
}

/// The bounds of a message.
pub(super) fn of(bytes: &[u8]) -> Bounds {
    let mut bounds = Bounds {
        end: bytes.len(),
        blank: Vec::new(),
    };
    if bytes.len() < LARGE {
        return bounds;
    }
    let (mut fields, mut parts, mut addresses) = (0, 0, 0);
    let mut start = 0;
    while start < bytes.len() {
        let end = field_end(bytes, start);
        let field = &bytes[start..end];
        let colon = memchr::memchr(b':', field);
        parts += usize::from(field.starts_with(b"--"));
        fields += usize::from(colon.is_some());
        if fields > MAX_FIELDS || parts > MAX_PARTS {
            bounds.end = start;
            break;
        }
        if let Some(colon) = colon.filter(|colon| is_addresses(&field[..*colon])) {
            let left = MAX_ADDRESSES.saturating_sub(addresses);
            let value = start + colon + 1..end.saturating_sub(1).max(start + colon + 1);
            addresses += value.len();
            if value.len() > left {
                bounds.blank.push(value.start + left..value.end);
            }
        }
        start = end;
    }
    bounds
}

fn is_addresses(name: &[u8]) -> bool {
    let name = name.trim_ascii();
    ADDRESSES
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_mail_of_the_usual_kind_is_shown_whole() {
        let text =
            "Content-Type: text/plain\n\n".to_owned() + &"Een regel: met een dubbele punt.\n".repeat(30_000);
        let bounds = of(text.as_bytes());
        assert_eq!((bounds.end, bounds.blank), (text.len(), Vec::new()));
    }

    #[test]
    fn a_message_ends_at_its_last_allowed_field_or_part() {
        assert_eq!(of("a:\n".repeat(MAX_FIELDS + 9).as_bytes()).end, 3 * MAX_FIELDS);
        assert_eq!(of("--b\n\n".repeat(MAX_PARTS + 9).as_bytes()).end, 5 * MAX_PARTS);
    }

    #[test]
    fn addresses_end_where_their_bytes_are_used_up() {
        let field = format!("To : {}\n", "a@b,".repeat(100_000));
        let three = field.repeat(3) + "To:";
        let value = field.len() - "To :\n".len();
        assert_eq!(
            of(three.as_bytes()).blank,
            vec![2 * field.len() + 4 + MAX_ADDRESSES - 2 * value..3 * field.len() - 1]
        );
    }
}
