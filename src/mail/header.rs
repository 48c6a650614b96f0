//! The head of a message: its fields in the order they stand in, and the few that everybody asks for.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use mail_parser::{HeaderName, Message};

use crate::domain::Address;

/// Fields beyond this number are not looked at: the genuine stamp stands on top, and three thousand is the most
/// that a real gateway was seen to add.
const MAX_FIELDS: usize = 20_000;

/// From fields that are looked at; more than one is wrong already.
const MAX_SENDERS: usize = 20;

/// Bytes that are kept of a subject, a name or a Message-ID; what real programs write is a tenth of it.
const MAX_LINE: usize = 4096;
/// Recipients that are kept.
const MAX_RECIPIENTS: usize = 1000;

/// Fields in which servers note whom a message was delivered to.
const DELIVERED: [&str; 3] = ["Delivered-To", "X-Original-To", "Envelope-To"];

/// The head of a message.
#[derive(Debug)]
pub(super) struct Head<'a> {
    /// Every field, raw, in order: name and value.
    fields: Vec<(&'a str, &'a [u8])>,
    /// Where the body starts.
    pub(super) body_at: usize,
    /// The addresses of every From field.
    pub(super) from: Vec<Address>,
    /// The number of From fields.
    pub(super) from_fields: usize,
    /// Reply-To.
    pub(super) reply_to: Vec<Address>,
    /// The decoded subject on one line.
    pub(super) subject: String,
    /// Date.
    pub(super) sent: Option<Timestamp>,
}

impl<'a> Head<'a> {
    /// Looks through the head of a parsed message.
    pub(super) fn of(message: &Message<'_>, bytes: &'a [u8]) -> Self {
        let root = message.parts.first();
        let body_at = root.map_or(bytes.len(), |part| part.offset_body as usize);
        let mut head = Self {
            fields: fields(bytes.get(..body_at).unwrap_or(bytes)),
            body_at,
            from: Vec::new(),
            from_fields: 0,
            reply_to: Vec::new(),
            subject: String::new(),
            sent: message
                .date()
                .filter(|date| date.is_valid())
                .and_then(|date| Timestamp::from_second(date.to_timestamp()).ok()),
        };
        head.subject = head.decoded_subject(message);
        for header in root.map(|part| part.headers.as_slice()).unwrap_or_default() {
            match header.name {
                HeaderName::From if head.from_fields < MAX_SENDERS => {
                    head.from_fields += 1;
                    head.from.extend(addresses(header.value.as_address()));
                }
                HeaderName::ReplyTo => head.reply_to.extend(addresses(header.value.as_address())),
                _ => {}
            }
        }
        head
    }

    /// The day on which it says to have been sent.
    pub(super) fn day_sent(&self) -> Option<Date> {
        Some(self.sent?.to_zoned(TimeZone::UTC).date())
    }

    /// The subject; raw letters beyond ASCII, which no standard allows, are guessed at as in a body without a label.
    fn decoded_subject(&self, message: &Message<'_>) -> String {
        let subject = message.subject().unwrap_or_default();
        let Some(raw) = self.first("Subject") else {
            return one_line(subject);
        };
        let has_words = memchr::memmem::find(raw, b"=?").is_some();
        let has_base64 = has_words
            && subject.len() < raw.len()
            && raw.windows(3).any(|at| at.eq_ignore_ascii_case(b"?b?"));
        if has_base64 || has_words && subject.contains('\u{fffd}') {
            // Longer than any real one: the rest is not decoded.
            let raw = &raw[..raw.len().min(4 * MAX_LINE)];
            return one_line(&super::words::decoded(&super::decode::text(raw, None)));
        }
        if subject.contains('\u{fffd}') {
            return one_line(&super::decode::text(raw, None));
        }
        one_line(subject)
    }

    /// Takes over the subject that lies with protected content (RFC 9788); the one outside may be `[...]`.
    pub(super) fn protect(&mut self, inner: &Message<'_>, outer: &Message<'_>) {
        if !std::ptr::eq(inner, outer)
            && let Some(subject) = inner.subject()
        {
            self.subject = one_line(subject);
        }
    }

    /// The fields in the order they stand in.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.fields.iter().copied()
    }

    /// The first field of this name, raw.
    pub(super) fn first(&self, name: &str) -> Option<&'a [u8]> {
        self.fields()
            .find_map(|(known, value)| known.eq_ignore_ascii_case(name).then_some(value))
    }

    /// The first word of a field, lower case: `auto-replied` of `Auto-Replied (vacation)`.
    pub(super) fn word(&self, name: &str) -> Option<String> {
        let value = self.first(name)?;
        let word = value
            .trim_ascii_start()
            .split(|byte| byte.is_ascii_whitespace() || matches!(byte, b';' | b'('))
            .next()?;
        Some(String::from_utf8_lossy(word).to_ascii_lowercase())
    }

    /// The Message-ID without angle brackets.
    pub(super) fn message_id(&self) -> Option<String> {
        let value = String::from_utf8_lossy(self.first("Message-ID")?);
        let id = value.trim().trim_start_matches('<').trim_end_matches('>').trim();
        (!id.is_empty()).then(|| id.chars().take(MAX_LINE).collect())
    }

    /// Everything that the message says it answers: In-Reply-To and References, raw.
    pub(super) fn answers(&self) -> impl Iterator<Item = &'a [u8]> {
        self.fields().filter_map(|(name, value)| {
            (name.eq_ignore_ascii_case("In-Reply-To") || name.eq_ignore_ascii_case("References"))
                .then_some(value)
        })
    }

    /// Every address the message was sent to, lower case, each once.
    pub(super) fn recipients(&self, message: &Message<'_>) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        let listed = message
            .all_to()
            .chain(message.all_cc())
            .flat_map(|field| addresses(Some(field)));
        let delivered = self
            .fields()
            .filter(|(name, _)| DELIVERED.iter().any(|known| known.eq_ignore_ascii_case(name)))
            .map(|(_, value)| {
                String::from_utf8_lossy(value)
                    .trim()
                    .trim_matches(['<', '>'])
                    .to_lowercase()
            });
        let mut seen = HashSet::new();
        for address in listed.map(|found| found.address).chain(delivered) {
            if all.len() < MAX_RECIPIENTS && address.contains('@') && seen.insert(address.clone()) {
                all.push(address);
            }
        }
        all
    }
}

/// Splits a head into its fields. A line that starts with white space goes on with the field before it; a line
/// without a colon is no field.
fn fields(head: &[u8]) -> Vec<(&str, &[u8])> {
    let mut found: Vec<(&str, &[u8])> = Vec::new();
    let mut start = 0;
    while start < head.len() && found.len() < MAX_FIELDS {
        let mut end = start;
        loop {
            end = memchr::memchr(b'\n', &head[end..]).map_or(head.len(), |at| end + at + 1);
            if !matches!(head.get(end), Some(b' ' | b'\t')) {
                break;
            }
        }
        let field = &head[start..end];
        if let Some(colon) = memchr::memchr(b':', field)
            && let Ok(name) = str::from_utf8(&field[..colon])
            && name.trim_end().bytes().all(|byte| byte.is_ascii_graphic())
        {
            found.push((name.trim_end(), field[colon + 1..].trim_ascii()));
        }
        start = end;
    }
    found
}

/// Addresses as we write them.
fn addresses<'a>(field: Option<&'a mail_parser::Address<'_>>) -> impl Iterator<Item = Address> + 'a {
    field
        .into_iter()
        .flat_map(mail_parser::Address::iter)
        .filter_map(|found| {
            let address = found
                .address
                .as_deref()?
                .trim()
                .trim_end_matches('.')
                .to_lowercase();
            Some(Address {
                name: one_line(found.name.as_deref().unwrap_or_default()),
                address,
            })
        })
}

/// Folds a decoded header to one clean line, not endlessly long.
pub(super) fn one_line(text: &str) -> String {
    let mut line = super::fold::fold(text, MAX_LINE).text;
    if line.contains(['\n', '\t']) {
        line = line.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    }
    line
}
