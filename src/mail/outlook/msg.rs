//! `.msg` files: a compound file in which each property of the message is a stream of its own (MS-OXMSG section 2).

use std::io::{Cursor, Read};

use super::{ATTACH_FILENAME, ATTACH_LONG_FILENAME, INTERNET_CODEPAGE, Item, string};
use crate::mail::text::MAX_TEXT;

/// What every compound file starts with.
const SIGNATURE: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
/// Streams of a file that are looked at; each attachment takes about thirty.
const MAX_STREAMS: usize = 5000;
/// The most bytes that are read of a stream.
const MAX_STREAM: u64 = 4 * MAX_TEXT as u64;
/// Where the properties of fixed size start in the top level's stream (MS-OXMSG section 2.4.1.1).
const FIXED_AT: usize = 32;

/// Whether these bytes are such a file.
pub(in crate::mail) fn is(file: &[u8]) -> bool {
    file.starts_with(&SIGNATURE)
}

/// What the file says. None: it is no message, or broken.
pub(in crate::mail) fn read(file: &[u8]) -> Option<Item> {
    let mut compound = cfb::CompoundFile::open(Cursor::new(file)).ok()?;
    let mut item = Item::default();
    let paths: Vec<_> = compound
        .walk()
        .take(MAX_STREAMS)
        .filter(cfb::Entry::is_stream)
        .map(|entry| entry.path().to_owned())
        .collect();
    let mut stream = |path: &std::path::Path| {
        let mut bytes = Vec::new();
        let stream = compound.open_stream(path).ok()?;
        stream.take(MAX_STREAM).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    };
    // The code page first: it says how the strings are to be read.
    let fixed = stream(std::path::Path::new("/__properties_version1.0"))?;
    for entry in fixed.get(FIXED_AT..).unwrap_or_default().chunks_exact(16) {
        if entry[2..4] == INTERNET_CODEPAGE.to_le_bytes() {
            item.keep(INTERNET_CODEPAGE, 3, &entry[8..12]);
        }
    }
    let mut short_name = None;
    for path in paths {
        let depth = path.components().count();
        let Some((id, kind)) = path.file_name().and_then(|name| property(name.to_str()?)) else {
            continue;
        };
        let is_attached = path.to_string_lossy().starts_with("/__attach_version1.0_");
        match (depth, id) {
            (2, _) => item.keep(id, kind, &stream(&path)?),
            (3, ATTACH_LONG_FILENAME | ATTACH_FILENAME) if is_attached => {
                let name = string(kind, &stream(&path)?, item.codepage);
                let folder = path.parent().map(std::path::Path::to_owned);
                if id == ATTACH_LONG_FILENAME && short_name == folder {
                    item.attachments.pop();
                }
                item.attach(&name);
                short_name = folder;
            }
            _ => {}
        }
    }
    Some(item)
}

/// `__substg1.0_1000001F`: the property 0x1000 of the kind 0x001f.
fn property(name: &str) -> Option<(u16, u16)> {
    let digits = name.strip_prefix("__substg1.0_")?;
    let (id, kind) = digits.split_at_checked(4)?;
    Some((
        u16::from_str_radix(id, 16).ok()?,
        u16::from_str_radix(kind, 16).ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn file(streams: &[(&str, &[u8])]) -> Vec<u8> {
        let mut compound = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        for (path, content) in streams {
            if let Some((storage, _)) = path[1..].rsplit_once('/') {
                let _ = compound.create_storage(format!("/{storage}"));
            }
            compound.create_stream(path).unwrap().write_all(content).unwrap();
        }
        compound.flush().unwrap();
        compound.into_inner().into_inner()
    }

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn subject_sender_text_and_names_are_read() {
        let bytes = file(&[
            ("/__properties_version1.0", &[0; 32]),
            ("/__substg1.0_0037001F", &wide("Koppelbericht")),
            ("/__substg1.0_0C1A001F", &wide("COA Plaatsing")),
            ("/__substg1.0_0C1F001F", &wide("/O=EXCHANGE/CN=COA")),
            ("/__substg1.0_5D01001F", &wide("Plaatsing@coa.nl")),
            ("/__substg1.0_1000001F", &wide("Er is een koppeling.")),
            (
                "/__attach_version1.0_#00000000/__substg1.0_3704001F",
                &wide("KOPPEL~1.PDF"),
            ),
            (
                "/__attach_version1.0_#00000000/__substg1.0_3707001F",
                &wide("koppelbericht.pdf"),
            ),
        ]);
        assert!(is(&bytes));
        let item = read(&bytes).unwrap();
        assert_eq!(item.subject.as_deref(), Some("Koppelbericht"));
        assert_eq!(item.from().unwrap().address, "plaatsing@coa.nl");
        assert_eq!(item.text().as_deref(), Some("Er is een koppeling."));
        assert_eq!(item.attachments, ["koppelbericht.pdf"]);
    }

    #[test]
    fn a_file_that_is_damaged_anywhere_is_read_or_refused_and_never_panics() {
        let good = file(&[
            ("/__properties_version1.0", &[0; 32]),
            ("/__substg1.0_1000001F", &wide("koppeling")),
        ]);
        for at in (0..good.len()).step_by(7) {
            let mut bad = good.clone();
            bad[at] ^= 0xff;
            let _ = read(&bad);
            let _ = read(&good[..at]);
        }
        assert!(read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1").is_none());
    }
}
