//! The way to the MIME parser, and what it is not shown.
//!
//! mail-parser is fast and forgiving, but three things in it cannot be had from a mailbox that anybody can write to:
//! - Messages inside messages become values inside values. Some hundred thousand of them fit into 25 MB, and dropping
//!   such a value overflows the stack, which no `catch_unwind` catches. So `message/rfc822` (and its kin) is renamed
//!   before parsing; the parser then returns such a part as bytes, and [`super::read`] opens it in its own time,
//!   [`super::MAX_DEPTH`] deep.
//! - For every multipart the rest of the message is searched for its boundary. Past a number of multiparts that
//!   depends on the size of the message they are renamed too, and their content is read as one text.
//! - It panics on some bytes (an offset below zero, for one). A panic is caught here and becomes
//!   [`Flaw::Unreadable`](crate::domain::Flaw::Unreadable).
//!
//! Renaming keeps every offset, so that raw bytes can still be looked up in the message itself.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use mail_parser::{HeaderName, Message, MessageParser, MessagePart, MimeHeaders};
use regex::bytes::Regex;

/// Bytes that boundary searches may cost in all, at worst.
const SEARCH_BUDGET: usize = 1 << 30;
/// Multiparts that are always allowed; real mail stays below ten, the deepest seen was fifty.
const MULTIPARTS: usize = 64;

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

/// Media types that make the parser nest.
static NESTING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i-u)(/\s*(?:rfc822|global|digest))(?:[^-a-z0-9]|$)|(?:multipart)\s*/")
        .expect("checked by the tests")
});

/// The message with the nesting media types renamed.
pub(super) fn shield(bytes: &[u8]) -> Cow<'_, [u8]> {
    let allowed = (SEARCH_BUDGET / bytes.len().max(1)).clamp(MULTIPARTS, 1000);
    let mut multiparts = 0;
    let mut shielded = Cow::Borrowed(bytes);
    for found in NESTING.captures_iter(bytes) {
        let last_letter = if let Some(nested) = found.get(1) {
            nested.end() - 1
        } else {
            multiparts += 1;
            if multiparts <= allowed {
                continue;
            }
            found.get_match().start() + "multipar".len()
        };
        shielded.to_mut()[last_letter] = b'x';
    }
    shielded
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
