//! What sort of file is attached, whatever its label says.

use mail_parser::{MessagePart, MimeHeaders};

use super::{mime, outlook, smime};

/// Kinds of files that are opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum File {
    /// A message: `.eml`, `.msg`, or a part that says so.
    Message,
    /// Outlook's `winmail.dat`.
    Tnef,
    /// A PDF.
    Pdf,
    /// An invitation.
    Calendar,
}

/// The kind of a part, if it is one of those.
pub(super) fn file(part: &MessagePart<'_>) -> Option<File> {
    if mime::is_message(part) {
        return Some(File::Message);
    }
    let is = |subtypes: &[&str]| {
        subtypes
            .iter()
            .any(|subtype| mime::is(part, "application", subtype))
    };
    let name = part
        .attachment_name()
        .map(str::to_ascii_lowercase)
        .unwrap_or_default();
    let ends = |ending: &str| name.trim_end().ends_with(ending);
    if part
        .content_type()
        .is_some_and(|kind| kind.ctype() == "multipart")
        || smime::is_pkcs7(part)
    {
        return None;
    }
    if is(&["ms-tnef", "vnd.ms-tnef"]) || name == "winmail.dat" {
        return Some(File::Tnef);
    }
    if is(&["vnd.ms-outlook"]) || ends(".msg") && outlook::msg::is(part.contents()) || ends(".eml") {
        return Some(File::Message);
    }
    if is(&["pdf", "x-pdf"]) || ends(".pdf") {
        return Some(File::Pdf);
    }
    (mime::is(part, "text", "calendar") || is(&["ics"]) || ends(".ics")).then_some(File::Calendar)
}
