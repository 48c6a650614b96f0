//! Which part of a message is its text, and that text decoded.
//!
//! Plain text is preferred; HTML is read when there is no plain text, or one that only says "use a HTML reader". What
//! no part offers may still lie in a `winmail.dat` or in a multipart whose boundary is broken.

use std::borrow::Cow;
use std::collections::HashSet;

use mail_parser::{Message, MessagePart, MimeHeaders, PartType};

use super::attached::{self, File};
use super::outlook::{self, Item};
use super::smime::Opened;
use super::{calendar, decode, fold, html, mime, pdf, pointer};
use crate::domain::Flaw;

/// The most text that is read of a message, in bytes. A notice is a page; what follows is a log or an attack.
pub(super) const MAX_TEXT: usize = 1 << 20;
/// A plain text that is shorter than this and speaks of HTML is a stand-in.
const STAND_IN: usize = 300;
/// Bytes of two texts that are compared.
const MAX_COMPARED: usize = 16 << 10;
/// Files of one kind that are opened.
const MAX_FILES: usize = 5;
/// Names of attachments that are kept.
const MAX_ATTACHMENTS: usize = 100;

/// What lies in a message.
#[derive(Debug, Default)]
pub(super) struct Body<'m> {
    /// The text, folded; history and signatures still in it.
    pub(super) text: String,
    /// The HTML, when there is any, for those who look for links.
    pub(super) html: Option<Cow<'m, str>>,
    /// The text of files, when the message itself only points to them.
    pub(super) attached: String,
    /// Messages inside this one, raw.
    pub(super) messages: Vec<&'m [u8]>,
    /// Names of attachments.
    pub(super) attachments: Vec<String>,
    /// What was hard.
    pub(super) flaws: Vec<Flaw>,
}

impl<'m> Body<'m> {
    /// Reads the body of a parsed message.
    pub(super) fn of(message: &'m Message<'_>, shielded: &'m [u8]) -> Self {
        let mut body = Self::default();
        for part in &message.parts {
            if attached::file(part) == Some(File::Message) {
                body.messages.push(part.contents());
            }
            if let Some(name) = part.attachment_name().map(super::header::one_line)
                && body.attachments.len() < MAX_ATTACHMENTS
            {
                body.attachments.push(name);
            }
        }
        let outlook = files(message, File::Tnef).find_map(|part| outlook::tnef::read(part.contents()));
        if let Some(item) = &outlook {
            let room = MAX_ATTACHMENTS - body.attachments.len();
            body.attachments
                .extend(item.attachments.iter().take(room).cloned());
        }
        let plain = body.join(message, &message.text_body, shielded);
        body.html = message
            .html_body
            .iter()
            .filter_map(|id| message.part(*id))
            .find(|part| is_html(part))
            .and_then(|part| body.decoded(part, shielded));
        let is_stand_in = plain.len() < STAND_IN && plain.to_ascii_lowercase().contains("html");
        if body.html.is_some() && !is_stand_in && body.contradicts(&plain) {
            body.flaw(Flaw::TwoTexts);
        }
        let text = if is_blank(&plain) || is_stand_in && body.html.is_some() {
            body.second_choice(message, shielded, outlook.as_ref())
                .unwrap_or(plain)
        } else {
            plain
        };
        body.keep(&text);
        if body.messages.is_empty() && pointer::only_points(&body.text) {
            body.open_files(message);
        }
        if body.text.is_empty() && body.attached.is_empty() {
            body.flaw(Flaw::NoText);
        }
        body
    }

    /// Reads the body of a message from which layers were taken off, and what stands beside them.
    pub(super) fn inside(
        outer: &'m Message<'_>,
        shielded: &'m [u8],
        inner: Option<&'m Message<'_>>,
        opened: &Opened,
        inside: Option<&'m [u8]>,
    ) -> Self {
        let (Some(inner), Some(inside)) = (inner, inside) else {
            return Self::of(outer, shielded);
        };
        let mut body = Self::of(inner, inside);
        if !opened.is_whole {
            let beside = Self::of(outer, shielded);
            if !beside.text.is_empty() && body.text.len() + beside.text.len() < MAX_TEXT {
                body.text = format!("{}\n\n{}", body.text, beside.text).trim().to_owned();
                body.flaws.retain(|flaw| *flaw != Flaw::NoText);
            }
            body.messages.extend(beside.messages);
            body.attachments.extend(beside.attachments);
        }
        body
    }

    fn second_choice(
        &mut self,
        message: &'m Message<'_>,
        shielded: &'m [u8],
        outlook: Option<&Item>,
    ) -> Option<String> {
        if let Some(html) = self.html.as_deref().map(|page| html::visible(page, MAX_TEXT))
            && !is_blank(&html)
        {
            return Some(html);
        }
        // A text part that the parser took for an attachment because its end is missing.
        let lost: Vec<u32> = (0..)
            .zip(&message.parts)
            .filter(|(_, part)| is_text(part))
            .map(|(id, _)| id)
            .collect();
        let text = self.join(message, &lost, shielded);
        if !is_blank(&text) {
            return Some(text);
        }
        if let Some(text) = outlook.and_then(Item::text) {
            return Some(text);
        }
        let broken = message.parts.iter().find(|part| {
            !matches!(part.body, PartType::Multipart(_))
                && part
                    .content_type()
                    .is_some_and(|kind| kind.ctype() == "multipart")
        })?;
        self.flaw(Flaw::BrokenStructure);
        Some(decode::text(mime::raw(broken, shielded), None))
    }

    /// Whether the HTML says something else than the plain text that should be the same: of the shorter one not even half
    /// of the words occur in the other. A caseworker's program shows the HTML.
    fn contradicts(&self, plain: &str) -> bool {
        let Some(page) = self.html.as_deref().filter(|_| !is_blank(plain)) else {
            return false;
        };
        let html = html::visible(page, MAX_COMPARED);
        let (one, other) = (
            words(&plain[..plain.floor_char_boundary(MAX_COMPARED)]),
            words(&html),
        );
        let shorter = one.len().min(other.len());
        shorter >= 4 && one.intersection(&other).count() * 2 < shorter
    }

    /// Reads the files that a text of a few words points to. Nothing of the mail is known when they stay closed.
    fn open_files(&mut self, message: &'m Message<'_>) {
        let mut is_closed = false;
        for part in files(message, File::Pdf).take(MAX_FILES) {
            match pdf::text(part.contents()) {
                Some(text) => self.attach(&text),
                None => is_closed = true,
            }
        }
        if self.text.is_empty() && self.attached.is_empty() {
            for part in files(message, File::Calendar).take(MAX_FILES) {
                if let Some(text) = calendar::text(&decode::text(part.contents(), None)) {
                    self.attach(&text);
                }
            }
        }
        let is_more = [File::Pdf, File::Calendar]
            .iter()
            .any(|kind| files(message, *kind).nth(MAX_FILES).is_some());
        if is_closed || is_more || self.attached.is_empty() && !self.text.is_empty() {
            self.flaw(Flaw::ClosedAttachment);
        }
    }

    fn attach(&mut self, text: &str) {
        let folded = fold::fold(text, MAX_TEXT.saturating_sub(self.attached.len()));
        if folded.cut {
            self.flaw(Flaw::Truncated);
        }
        if !self.attached.is_empty() {
            self.attached.push_str("\n\n");
        }
        self.attached.push_str(&folded.text);
    }

    /// The texts of these parts, one under the other.
    fn join(&mut self, message: &'m Message<'_>, ids: &[u32], shielded: &'m [u8]) -> String {
        let mut all = String::new();
        for part in ids
            .iter()
            .filter_map(|id| message.part(*id))
            .filter(|part| is_text(part))
        {
            let Some(text) = self.decoded(part, shielded) else {
                continue;
            };
            if !all.is_empty() {
                all.push('\n');
            }
            if is_html(part) {
                all.push_str(&html::visible(&text, MAX_TEXT));
            } else if says(part, "format", "flowed") {
                all.push_str(&unflow(&text, says(part, "delsp", "yes")));
            } else {
                all.push_str(&text);
            }
            if all.len() > MAX_TEXT * 4 {
                break;
            }
        }
        all
    }

    /// The decoded text of a part, put right where its label or its encoding is wrong.
    fn decoded(&mut self, part: &'m MessagePart<'_>, shielded: &'m [u8]) -> Option<Cow<'m, str>> {
        let (PartType::Text(text) | PartType::Html(text)) = &part.body else {
            return None;
        };
        let label = part.content_type().and_then(|kind| kind.attribute("charset"));
        let encoding = part.content_transfer_encoding();
        let raw = mime::raw(part, shielded);
        // What the parser does not know: a comment behind the name, UTF-16 of either kind, uuencoding.
        let is_unknown = decode::bare(encoding) != encoding
            || decode::is_uu(encoding)
            || label.is_some_and(|label| label.eq_ignore_ascii_case("utf-16"));
        let is_broken = part.is_encoding_problem
            || decode::is_damaged(text)
            || decode::breaks_off(raw, encoding)
            || decode::only_claims_base64(raw, encoding);
        if is_unknown || is_broken {
            if is_broken {
                self.flaw(Flaw::BrokenEncoding);
            }
            return Some(decode::text(&decode::untransfer(raw, encoding), label).into());
        }
        Some(decode::unmojibake(text).map_or(Cow::Borrowed(text), Cow::Owned))
    }

    fn keep(&mut self, text: &str) {
        let folded = fold::fold(text, MAX_TEXT);
        if folded.cut {
            self.flaw(Flaw::Truncated);
        }
        self.text = folded.text;
    }

    /// Notes a flaw once.
    pub(super) fn flaw(&mut self, flaw: Flaw) {
        if !self.flaws.contains(&flaw) {
            self.flaws.push(flaw);
        }
    }
}

/// The attached files of one kind.
fn files<'m>(message: &'m Message<'_>, kind: File) -> impl Iterator<Item = &'m MessagePart<'m>> {
    message
        .parts
        .iter()
        .filter(move |part| attached::file(part) == Some(kind))
}

/// The words that say something: longer ones and numbers, lower case.
fn words(text: &str) -> HashSet<String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.len() >= 4)
        .map(str::to_lowercase)
        .collect()
}

/// Whether a reader sees nothing of a text.
fn is_blank(text: &str) -> bool {
    fold::fold(text, 1).text.is_empty()
}

/// Whether a parameter of a part's type has this value.
fn says(part: &MessagePart<'_>, parameter: &str, value: &str) -> bool {
    part.content_type()
        .and_then(|kind| kind.attribute(parameter))
        .is_some_and(|found| found.eq_ignore_ascii_case(value))
}

fn is_html(part: &MessagePart<'_>) -> bool {
    mime::is(part, "text", "html")
}

/// Whether a part can be the text of a message: no type at all means plain text (RFC 2045 section 5.2).
fn is_text(part: &MessagePart<'_>) -> bool {
    matches!(part.body, PartType::Text(_) | PartType::Html(_))
        && !part
            .content_disposition()
            .is_some_and(mail_parser::ContentType::is_attachment)
        && (part.content_type().is_none() || is_html(part) || mime::is(part, "text", "plain"))
}

/// Joins the lines that a `format=flowed` writer broke (RFC 3676 section 4.4): those that end in a space, unless they
/// are the signature's mark or the next is quoted differently.
fn unflow(text: &str, drops_space: bool) -> String {
    let depth = |line: &str| line.bytes().take_while(|byte| *byte == b'>').count();
    let mut out = String::with_capacity(text.len());
    let mut open_at = None;
    for line in text.lines() {
        let quotes = depth(line);
        let mut rest = line;
        if quotes == 0 {
            // A blank in front was added so that `From` is not taken for a border of messages.
            rest = rest.strip_prefix(' ').unwrap_or(rest);
        }
        if open_at == Some(quotes) {
            rest = &rest[quotes..];
            if quotes > 0 {
                rest = rest.strip_prefix(' ').unwrap_or(rest);
            }
        } else if !out.is_empty() {
            out.push('\n');
        }
        let is_open = rest.ends_with(' ') && line != "-- ";
        out.push_str(if is_open && drops_space {
            &rest[..rest.len() - 1]
        } else {
            rest
        });
        open_at = is_open.then_some(quotes);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::unflow;

    #[test]
    fn flowed_lines_are_one_line_and_the_signature_is_not() {
        assert_eq!(
            unflow("Log in met \neHerkenning.\n-- \nDUO", false),
            "Log in met eHerkenning.\n-- \nDUO"
        );
        assert_eq!(unflow("> een \n> twee \ndrie", false), "> een twee \ndrie");
    }
}
