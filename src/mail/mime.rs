//! The way to the MIME parser, and what it is not shown.
//!
//! mail-parser is fast and forgiving, but five things in it cannot be had from a mailbox that anybody can write to:
//! - Messages inside messages become values inside values. Some hundred thousand of them fit into 25 MB, and dropping
//!   such a value overflows the stack, which no `catch_unwind` catches. So `message/rfc822` (and its kin) is renamed
//!   before parsing; the parser then returns such a part as bytes, and [`super::read`] opens it in its own time,
//!   [`super::MAX_DEPTH`] deep.
//! - For every multipart the rest of the message is searched for its boundary. Past a number of multiparts that
//!   depends on the size of the message they are renamed too, and their content is read as one text.
//! - Parameters that are continued over and over (RFC 2231) take quadratic time, so a field that is too long is
//!   blanked at its end.
//! - It keeps every field, part and address of a message, at many times the bytes they have in it, so there is an end
//!   to them ([`bounds`]).
//! - It panics on some bytes (an offset below zero, for one). A panic is caught here and becomes
//!   [`Flaw::Unreadable`](crate::domain::Flaw::Unreadable).
//!
//! A panic message may hold a piece of the mail. The hook that reports panics must print their place only.
//!
//! Renaming keeps every offset, so that raw bytes can still be looked up in the message itself.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use mail_parser::{HeaderName, Message, MessageParser, MessagePart, MimeHeaders};

use super::bounds;

/// Bytes that boundary searches may cost in all, at worst.
const SEARCH_BUDGET: usize = 1 << 30;
/// Multiparts that are always allowed; real mail stays below ten, the deepest seen was fifty.
const MULTIPARTS: usize = 64;

/// Bytes of such a field that are parsed; thousands of continued parameters (RFC 2231) take quadratic time.
const MAX_FIELD: usize = 16 << 10;

static PARSER: LazyLock<MessageParser> = LazyLock::new(|| {
    MessageParser::new()
        .with_mime_headers()
        .with_date_headers()
        .with_message_ids()
        .header_address(HeaderName::From)
        .header_address(HeaderName::ReplyTo)
        .header_address(HeaderName::To)
        .header_address(HeaderName::Cc)
        .header_text(HeaderName::Subject)
        .default_header_ignore()
});

/// Fields with parameters. Only in the first of them does the parser look for a media type.
static FIELD: LazyLock<AhoCorasick> = LazyLock::new(|| words(&["content-type", "content-disposition"]));

/// Media types that make the parser nest or search.
static KINDS: LazyLock<AhoCorasick> = LazyLock::new(|| words(&["rfc822", "global", "digest", "multipart"]));

fn words(list: &[&str]) -> AhoCorasick {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(list)
        .expect("a handful of words")
}

/// The message without what stands before its head or takes its lines apart: blank lines first, line ends that are CR
/// alone (or twice), a head that ends with the file.
pub(super) fn tidy(bytes: &[u8]) -> Cow<'_, [u8]> {
    let start = bytes
        .iter()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'))
        .count();
    let name = bytes[start..]
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-')
        .count();
    let is_head = name > 0 && bytes.get(start + name) == Some(&b':');
    let bytes = if is_head { &bytes[start..] } else { bytes };
    let first_end = memchr::memchr2(b'\r', b'\n', bytes);
    if is_head && let Some(at) = first_end {
        if bytes[at..].starts_with(b"\r\r\n") {
            return Cow::Owned(without_pairs(bytes));
        }
        if bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n') && memchr::memchr(b'\n', bytes).is_none() {
            return Cow::Owned(
                bytes
                    .iter()
                    .map(|byte| if *byte == b'\r' { b'\n' } else { *byte })
                    .collect(),
            );
        }
    }
    let ends = |mark: &[u8]| memchr::memmem::find(bytes, mark).is_some();
    if is_head && !ends(b"\n\n") && !ends(b"\n\r\n") {
        return Cow::Owned([bytes, b"\n\n"].concat());
    }
    Cow::Borrowed(bytes)
}

/// Line ends of CR CR LF, which some gateways make, as CR LF.
fn without_pairs(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        if !bytes[at..].starts_with(b"\r\r\n") {
            out.push(*byte);
        }
    }
    out
}

/// The message with the media types renamed that must not be parsed. Shorter than the message when that has more
/// parts or fields than the parser may be shown.
pub(super) fn shield(bytes: &[u8]) -> Cow<'_, [u8]> {
    let bounds = bounds::of(bytes);
    let bytes = &bytes[..bounds.end];
    let allowed = (SEARCH_BUDGET / bytes.len().max(1)).clamp(MULTIPARTS, 1000);
    let mut multiparts = 0;
    let mut shielded = Cow::Borrowed(bytes);
    for blank in bounds.blank {
        shielded.to_mut()[blank].fill(b' ');
    }
    let mut from = 0;
    while let Some(name) = bytes.get(from..).and_then(|rest| FIELD.find(rest)) {
        let start = from + name.end();
        let end = field_end(bytes, start);
        if end - start > MAX_FIELD {
            shielded.to_mut()[start + MAX_FIELD..end - 1].fill(b' ');
        }
        for kind in KINDS.find_iter(&bytes[start..end]) {
            let is_multipart = kind.pattern().as_usize() == 3;
            multiparts += usize::from(is_multipart);
            let is_longer = matches!(
                bytes.get(start + kind.end()),
                Some(b'-' | b'_' | b'a'..=b'z' | b'A'..=b'Z')
            );
            if is_multipart && multiparts > allowed || !is_multipart && !is_longer {
                shielded.to_mut()[start + kind.end() - 1] = b'x';
            }
        }
        from = end;
    }
    shielded
}

/// Where the field that is being read ends: at the first line that does not start with white space.
pub(super) fn field_end(bytes: &[u8], start: usize) -> usize {
    memchr::memchr_iter(b'\n', &bytes[start..])
        .map(|at| start + at + 1)
        .find(|next| !matches!(bytes.get(*next), Some(b' ' | b'\t')))
        .unwrap_or(bytes.len())
}

/// Parses what [`shield`] returned. None: there is no header at all, or the parser panicked.
pub(super) fn parse(shielded: &[u8]) -> Option<Message<'_>> {
    catch_unwind(AssertUnwindSafe(|| PARSER.parse(shielded)))
        .ok()
        .flatten()
}

/// Whether this part is a message of its own.
pub(super) fn is_message(part: &MessagePart<'_>) -> bool {
    part.content_type()
        .is_some_and(|kind| kind.ctype() == "message" && matches!(kind.subtype(), Some("rfc82x" | "globax")))
}

/// Whether this part is of the given media type.
pub(super) fn is(part: &MessagePart<'_>, kind: &str, subtype: &str) -> bool {
    part.is_content_type(kind, subtype)
}

/// The bytes of a part as they lie in the message, its transfer encoding not undone.
pub(super) fn raw<'a>(part: &MessagePart<'_>, shielded: &'a [u8]) -> &'a [u8] {
    shielded
        .get(part.offset_body as usize..part.offset_end as usize)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        String::from_utf8(shield(text.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn nesting_types_are_renamed_in_their_field_only() {
        assert_eq!(
            shown("content-TYPE: Message/\r\n RFC822\r\n\r\nrfc822"),
            "content-TYPE: Message/\r\n RFC82x\r\n\r\nrfc822"
        );
        assert_eq!(
            shown("Content-Type: message/(a)rfc822"),
            "Content-Type: message/(a)rfc82x"
        );
        assert_eq!(
            shown("Content-Type: multipart/digest; x"),
            "Content-Type: multipart/digesx; x"
        );
        for kept in [
            "Content-Type: text/rfc822-headers",
            "Final-Recipient: rfc822; x",
            "Content-Type: multipart/mixed",
        ] {
            assert!(matches!(shield(kept.as_bytes()), Cow::Borrowed(_)), "{kept}");
        }
    }

    #[test]
    fn messages_nested_a_hundred_thousand_deep_do_not_overflow_the_stack() {
        for kind in [
            "message/rfc822",
            "message/(a)rfc822",
            "message / GLOBAL",
            "\"message\"/\"rfc822\"",
        ] {
            let deep = format!("Content-Type: {kind}\r\n\r\n").repeat(100_000);
            assert!(parse(&shield(deep.as_bytes())).is_some(), "{kind}");
        }
        let digests = (0..100_000).fold(String::new(), |text, at| {
            text + &format!("Content-Type: multipart/digest; boundary=b{at}\n\n--b{at}\n\n")
        });
        assert!(parse(&shield(digests.as_bytes())).is_some());
    }

    #[test]
    fn only_so_many_multiparts_are_searched() {
        let many = "Content-Type: multipart/mixed; boundary=a\n\n".repeat(2000);
        assert_eq!(shown(&many).matches("multiparx").count(), 1000);
    }
}
