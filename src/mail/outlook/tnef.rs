//! `winmail.dat`: attributes one after the other, one of which holds the properties (MS-OXTNEF section 2.1).

use super::{ATTACH_FILENAME, ATTACH_LONG_FILENAME, BODY, Item, STRING_8, string};
use crate::mail::decode;

const SIGNATURE: [u8; 4] = 0x223e_9f78_u32.to_le_bytes();
const MESSAGE_LEVEL: u8 = 1;
const ATT_BODY: u32 = 0x0002_800c;
const ATT_ATTACH_TITLE: u32 = 0x0001_8010;
const ATT_PROPERTIES: u32 = 0x0006_9003;
const ATT_ATTACH_PROPERTIES: u32 = 0x0006_9005;
const ATT_CODEPAGE: u32 = 0x0006_9007;

/// What the file says, as far as it can be followed.
pub(in crate::mail) fn read(file: &[u8]) -> Option<Item> {
    let mut item = Item::default();
    let mut rest = file.strip_prefix(&SIGNATURE)?.get(2..)?;
    while let Some((level, id, value, after)) = attribute(rest) {
        match (level, id) {
            (MESSAGE_LEVEL, ATT_CODEPAGE) => item.codepage = number(value).map(|(page, _)| page),
            (MESSAGE_LEVEL, ATT_BODY) => item.keep(BODY, STRING_8, value),
            (MESSAGE_LEVEL, ATT_PROPERTIES) => {
                let _ = properties(value, |id, kind, value| item.keep(id, kind, value));
            }
            (_, ATT_ATTACH_TITLE) => item.attach(&decode::text(value, Some("windows-1252"))),
            (_, ATT_ATTACH_PROPERTIES) => {
                let mut names = [None, None];
                let _ = properties(value, |id, kind, value| match id {
                    ATTACH_LONG_FILENAME => names[0] = Some(string(kind, value, None)),
                    ATTACH_FILENAME => names[1] = Some(string(kind, value, None)),
                    _ => {}
                });
                if let Some(name) = names.into_iter().flatten().next() {
                    // The title before it is the same name, cut to eight letters and three.
                    item.attachments.pop();
                    item.attach(&name);
                }
            }
            _ => {}
        }
        rest = after;
    }
    Some(item)
}

/// The first attribute: its level, its number, its value, and what follows. Two bytes of checksum are skipped: a text
/// with one bit wrong is still worth reading.
fn attribute(bytes: &[u8]) -> Option<(u8, u32, &[u8], &[u8])> {
    let (&level, after) = bytes.split_first()?;
    let (id, after) = number(after)?;
    let (length, after) = number(after)?;
    let (value, after) = after.split_at_checked(usize::try_from(length).ok()?)?;
    Some((level, id, value, after.get(2..).unwrap_or_default()))
}

/// Goes through a list of properties (MS-OXTNEF section 2.1.3.4) as far as it makes sense.
fn properties<'a>(bytes: &'a [u8], mut each: impl FnMut(u16, u16, &'a [u8])) -> Option<()> {
    let (count, mut rest) = number(bytes)?;
    for _ in 0..count {
        let (tag, after) = number(rest)?;
        let (kind, id) = ((tag & 0xffff) as u16, (tag >> 16) as u16);
        rest = if id >= 0x8000 { named(after)? } else { after };
        let is_many = kind & 0x1000 != 0;
        let kind = kind & !0x1000;
        let has_length = matches!(kind, 0x0d | 0x1e | 0x1f | 0x102);
        let mut values = 1;
        if is_many || has_length {
            (values, rest) = number(rest)?;
        }
        for _ in 0..values {
            let length;
            (length, rest) = if has_length {
                number(rest)?
            } else {
                (width(kind)?, rest)
            };
            let value;
            (value, rest) = padded(rest, length)?;
            if !is_many {
                each(id, kind, value);
            }
        }
    }
    Some(())
}

/// What follows the name of a named property.
fn named(bytes: &[u8]) -> Option<&[u8]> {
    let (kind, after) = number(bytes.get(16..)?)?;
    let (length_or_id, after) = number(after)?;
    if kind == 0 {
        return Some(after);
    }
    Some(padded(after, length_or_id)?.1)
}

/// Bytes that a value of this kind takes.
fn width(kind: u16) -> Option<u32> {
    Some(match kind {
        0x02 | 0x03 | 0x04 | 0x0a | 0x0b => 4,
        0x05 | 0x06 | 0x07 | 0x14 | 0x40 => 8,
        0x48 => 16,
        _ => return None,
    })
}

/// A value and what follows it on the next border of four bytes.
fn padded(bytes: &[u8], length: u32) -> Option<(&[u8], &[u8])> {
    let length = usize::try_from(length).ok()?;
    let (value, _) = bytes.split_at_checked(length)?;
    Some((value, bytes.get(length.next_multiple_of(4)..).unwrap_or_default()))
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*number), rest))
}

#[cfg(test)]
mod tests {
    use super::super::{HTML, RTF_COMPRESSED, SUBJECT};
    use super::*;

    fn attribute(level: u8, id: u32, value: &[u8]) -> Vec<u8> {
        let length = u32::try_from(value.len()).unwrap();
        [
            &[level],
            id.to_le_bytes().as_slice(),
            &length.to_le_bytes(),
            value,
            b"\0\0",
        ]
        .concat()
    }

    fn file(attributes: &[Vec<u8>]) -> Vec<u8> {
        let version = attribute(1, 0x0008_9006, b"\0\0\x01\0");
        [
            b"\x78\x9f\x3e\x22\x01\x00".as_slice(),
            &version,
            &attributes.concat(),
        ]
        .concat()
    }

    fn list(properties: &[(u16, u16, &[u8])]) -> Vec<u8> {
        let mut bytes = u32::try_from(properties.len()).unwrap().to_le_bytes().to_vec();
        for (id, kind, value) in properties {
            bytes.extend(kind.to_le_bytes());
            bytes.extend(id.to_le_bytes());
            if matches!(kind, 0x1e | 0x1f | 0x102) {
                bytes.extend(1_u32.to_le_bytes());
                bytes.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
            }
            bytes.extend_from_slice(value);
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        }
        bytes
    }

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16()
            .chain([0])
            .flat_map(u16::to_le_bytes)
            .collect()
    }

    #[test]
    fn the_body_is_found_behind_other_attributes() {
        let item = read(&file(&[attribute(1, ATT_BODY, b"koppeling\0")])).unwrap();
        assert_eq!(item.text().as_deref(), Some("koppeling"));
    }

    #[test]
    fn the_body_is_found_among_the_properties_in_each_of_its_forms() {
        let html = b"<html><body>be\xc3\xabindigd<p>koppeling</p></body></html>";
        let rtf = b"\x16\0\0\0\x0a\0\0\0MELA\0\0\0\0{\\rtf1 ja}";
        for (id, kind, value, expected) in [
            (BODY, 0x1f, wide("koppeling"), "koppeling"),
            (BODY, 0x1e, b"be\xebindigd\0".to_vec(), "beëindigd"),
            (HTML, 0x102, html.to_vec(), "beëindigd"),
            (RTF_COMPRESSED, 0x102, rtf.to_vec(), "ja"),
        ] {
            let list = list(&[
                (0x0e06, 0x40, &[0; 8]),
                (SUBJECT, 0x1f, &wide("Onderwerp")),
                (id, kind, &value),
            ]);
            let item = read(&file(&[attribute(1, ATT_PROPERTIES, &list)])).unwrap();
            assert!(
                item.text().unwrap().contains(expected),
                "{id:x} {:?}",
                item.text()
            );
            assert_eq!(item.subject.as_deref(), Some("Onderwerp"));
        }
    }

    #[test]
    fn attachments_bear_their_long_names() {
        let long = list(&[(ATTACH_LONG_FILENAME, 0x1f, &wide("koppelbericht januari.pdf"))]);
        let item = read(&file(&[
            attribute(2, ATT_ATTACH_TITLE, b"KOPPEL~1.PDF\0"),
            attribute(2, ATT_ATTACH_PROPERTIES, &long),
            attribute(2, ATT_ATTACH_TITLE, b"tweede.pdf\0"),
        ]));
        assert_eq!(
            item.unwrap().attachments,
            ["koppelbericht januari.pdf", "tweede.pdf"]
        );
    }

    #[test]
    fn lengths_that_lie_give_what_came_before() {
        let good = attribute(1, ATT_BODY, b"koppeling");
        let lie = [b"\x01\x03\x90\x06\x00\xff\xff\xff\xff".as_slice(), b"x"].concat();
        assert_eq!(
            read(&file(&[good, lie])).unwrap().text().as_deref(),
            Some("koppeling")
        );
        let mut many = list(&[(BODY, 0x1f, &wide("koppeling"))]);
        many[..4].fill(0xff);
        assert!(
            read(&file(&[attribute(1, ATT_PROPERTIES, &many)]))
                .unwrap()
                .text()
                .is_some()
        );
        assert!(read(b"").is_none());
        assert_eq!(read(&file(&[])).unwrap().text(), None);
    }
}
