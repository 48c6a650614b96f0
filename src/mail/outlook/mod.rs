//! Messages in Microsoft's own forms: `winmail.dat` (MS-OXTNEF) and `.msg` files (MS-OXMSG).
//!
//! Both hold MAPI properties (MS-OXPROPS); an [`Item`] is what those of one message say. Its text may lie in three forms:
//! plain, HTML, or compressed RTF, which itself may have HTML inside. They are asked in that order, because the first
//! that is there is the one the sender's program would show.
//!
//! Must guarantee: lengths are never believed, whatever is read is bounded, and what cannot be read leaves the item
//! without text, so that a human reads the mail.
//!
//! Crates looked at: `tnef` (last touched in 2019, refuses a file for one wrong checksum, reads no properties),
//! `msg_parser` (reads a file by its path first of all, and gives no RTF), `cfb` (taken for the container of `.msg`;
//! kept, checks its chains for loops), `compressed-rtf` (believes the size in the file: four gigabytes are allocated for
//! sixteen bytes), `rtf-parser` (no HTML inside RTF, no code pages).

pub(super) mod msg;
mod rtf;
pub(super) mod tnef;

use super::{decode, html, text};
use crate::domain::Address;

const SUBJECT: u16 = 0x0037;
const REPRESENTED_NAME: u16 = 0x0042;
const REPRESENTED_ADDRESS: u16 = 0x0065;
const SENDER_NAME: u16 = 0x0c1a;
const SENDER_ADDRESS: u16 = 0x0c1f;
const BODY: u16 = 0x1000;
const RTF_COMPRESSED: u16 = 0x1009;
const HTML: u16 = 0x1013;
const ATTACH_FILENAME: u16 = 0x3704;
const ATTACH_LONG_FILENAME: u16 = 0x3707;
const INTERNET_CODEPAGE: u16 = 0x3fde;
const MESSAGE_CODEPAGE: u16 = 0x3ffd;
const SENDER_SMTP: u16 = 0x5d01;
const REPRESENTED_SMTP: u16 = 0x5d02;

const STRING_8: u16 = 0x001e;
const UNICODE: u16 = 0x001f;

/// Attachments of one item whose names are kept.
const MAX_ATTACHMENTS: usize = 100;

/// What the properties of one message say.
#[derive(Debug, Default)]
pub(super) struct Item {
    /// Its subject.
    pub(super) subject: Option<String>,
    /// The names of its attachments.
    pub(super) attachments: Vec<String>,
    names: [Option<String>; 2],
    /// SMTP addresses first, then those that may be Exchange's own.
    addresses: [Option<String>; 4],
    plain: Option<String>,
    html: Option<String>,
    rtf: Option<Vec<u8>>,
    codepage: Option<u32>,
}

impl Item {
    /// Takes a property, if it is one of those that matter here.
    fn keep(&mut self, id: u16, kind: u16, value: &[u8]) {
        match id {
            RTF_COMPRESSED => self.rtf = Some(value.to_vec()),
            INTERNET_CODEPAGE | MESSAGE_CODEPAGE => {
                let number = value.first_chunk::<4>().map(|bytes| u32::from_le_bytes(*bytes));
                self.codepage = self.codepage.or(number);
            }
            _ => {
                let Some(slot) = self.slot(id) else { return };
                if slot.is_none() {
                    let text = string(kind, value, self.codepage);
                    if let Some(slot) = self.slot(id) {
                        *slot = Some(text);
                    }
                }
            }
        }
    }

    fn slot(&mut self, id: u16) -> Option<&mut Option<String>> {
        let [smtp, represented_smtp, address, represented_address] = &mut self.addresses;
        let [name, represented_name] = &mut self.names;
        Some(match id {
            SUBJECT => &mut self.subject,
            BODY => &mut self.plain,
            HTML => &mut self.html,
            SENDER_NAME => name,
            REPRESENTED_NAME => represented_name,
            SENDER_SMTP => smtp,
            REPRESENTED_SMTP => represented_smtp,
            SENDER_ADDRESS => address,
            REPRESENTED_ADDRESS => represented_address,
            _ => return None,
        })
    }

    fn attach(&mut self, name: &str) {
        let name = super::header::one_line(name.trim_end_matches('\0'));
        if !name.is_empty() && self.attachments.len() < MAX_ATTACHMENTS {
            self.attachments.push(name);
        }
    }

    /// Who wrote it. The one it was written for counts before a secretary.
    pub(super) fn from(&self) -> Option<Address> {
        let [smtp, represented_smtp, address, represented_address] = &self.addresses;
        let found = [represented_smtp, smtp, represented_address, address]
            .into_iter()
            .flatten()
            .find(|address| address.contains('@'))?;
        let [name, represented_name] = &self.names;
        let name = represented_name.as_ref().or(name.as_ref());
        Some(Address {
            name: super::header::one_line(name.map_or("", String::as_str)),
            address: found.trim().to_lowercase(),
        })
    }

    /// Its text, not yet folded, if there is any in a form that can be read.
    pub(super) fn text(&self) -> Option<String> {
        let has_words = |text: &String| !text.trim().is_empty();
        if let Some(plain) = self.plain.clone().filter(has_words) {
            return Some(plain);
        }
        if let Some(page) = &self.html {
            let visible = html::visible(page, text::MAX_TEXT);
            if has_words(&visible) {
                return Some(visible);
            }
        }
        rtf::decompress(self.rtf.as_deref()?)
            .and_then(|rtf| rtf::text(&rtf))
            .filter(has_words)
    }
}

/// A text; strings of bytes are in the message's code page.
fn string(kind: u16, value: &[u8], codepage: Option<u32>) -> String {
    let label = codepage.and_then(label);
    let text = match kind {
        UNICODE => encoding_rs::UTF_16LE
            .decode_without_bom_handling(value)
            .0
            .into_owned(),
        STRING_8 => decode::text(value, Some(label.as_deref().unwrap_or("windows-1252"))),
        // HTML, which is UTF-8 where nobody says anything else.
        _ => decode::text(value, label.as_deref()),
    };
    text.trim_end_matches('\0').to_owned()
}

/// The name of a Windows code page as the encoding standard knows it.
fn label(codepage: u32) -> Option<String> {
    match codepage {
        65001 => Some("utf-8".to_owned()),
        1250..=1258 | 874 => Some(format!("windows-{codepage}")),
        28591..=28605 => Some(format!("iso-8859-{}", codepage - 28590)),
        932 => Some("shift_jis".to_owned()),
        936 => Some("gbk".to_owned()),
        949 => Some("euc-kr".to_owned()),
        950 => Some("big5".to_owned()),
        _ => None,
    }
}
