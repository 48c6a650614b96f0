//! Bytes of a part -> text, where the parser's own decoding went wrong.
//!
//! The parser believes the label. This is for the mails whose label lies, or whose encoding breaks off: base64 cut in
//! the middle, Latin-1 labelled UTF-8 (a replacement character gives it away), UTF-8 labelled Latin-1 (`Ã«`), UTF-16
//! without a label. Guessing is allowed: a human would read `be�indigd` too, but a rule would not.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use memchr::memchr;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The name of a transfer encoding without comments: `base64` of `base64 (mime)`.
pub(super) fn bare(encoding: Option<&str>) -> Option<&str> {
    encoding?
        .split(['(', ' ', ';', '\t'])
        .find(|word| !word.is_empty())
}

/// Whether a part says that it is base64 and is not: too many letters that base64 does not have.
pub(super) fn only_claims_base64(raw: &[u8], encoding: Option<&str>) -> bool {
    bare(encoding).is_some_and(|name| name.eq_ignore_ascii_case("base64")) && {
        let strange = |byte: &&u8| {
            !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\r' | b'\n'))
        };
        let sample = &raw[..raw.len().min(4096)];
        sample.iter().filter(strange).count() * 16 > sample.len()
    }
}

/// Undoes uuencoding, line by line, between `begin` and `end`.
fn undo_uu(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let lines = raw
        .split(|byte| *byte == b'\n')
        .skip_while(|line| !line.starts_with(b"begin "));
    for line in lines.skip(1).take_while(|line| !line.starts_with(b"end")) {
        let Some((length, letters)) = line.split_first() else {
            continue;
        };
        let six = |letter: u8| letter.wrapping_sub(b' ') & 0x3f;
        let bytes = letters.trim_ascii_end().chunks(4).flat_map(|group| {
            let bits = (0..4).fold(0_u32, |bits, at| {
                bits << 6 | u32::from(six(group.get(at).copied().unwrap_or(b' ')))
            });
            let [_, first, second, third] = bits.to_be_bytes();
            [first, second, third]
        });
        out.extend(bytes.take(usize::from(six(*length))));
    }
    out
}

/// Whether this is one of the names that uuencoding goes by.
pub(super) fn is_uu(encoding: Option<&str>) -> bool {
    bare(encoding).is_some_and(|name| {
        ["x-uuencode", "uuencode", "x-uue", "uue"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    })
}

/// Undoes a transfer encoding (RFC 2045 section 6) as far as it goes.
pub(super) fn untransfer(raw: &[u8], encoding: Option<&str>) -> Vec<u8> {
    if only_claims_base64(raw, encoding) {
        return raw.to_vec();
    }
    if is_uu(encoding) {
        return undo_uu(raw);
    }
    match bare(encoding) {
        Some(name) if name.eq_ignore_ascii_case("base64") => {
            let mut letters: Vec<u8> = raw
                .iter()
                .copied()
                .take_while(|byte| *byte != b'=')
                .filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
                .collect();
            if letters.len() % 4 == 1 {
                letters.pop();
            }
            LENIENT.decode(letters).unwrap_or_default()
        }
        Some(name) if name.eq_ignore_ascii_case("quoted-printable") => {
            quoted_printable_decode(raw).unwrap_or_else(|| raw.to_vec())
        }
        _ => raw.to_vec(),
    }
}

/// Whether a base64 body ends in the middle of a group (RFC 4648 section 4).
pub(super) fn breaks_off(raw: &[u8], encoding: Option<&str>) -> bool {
    encoding.is_some_and(|name| name.eq_ignore_ascii_case("base64"))
        && raw.iter().filter(|byte| !byte.is_ascii_whitespace()).count() % 4 != 0
}

/// Decodes bytes by their byte order mark, else by their label where that works out, else by looking at them.
pub(super) fn text(bytes: &[u8], label: Option<&str>) -> String {
    let encoding = Encoding::for_bom(bytes)
        .map(|(encoding, _)| encoding)
        .or_else(|| looks_like_utf_16(bytes))
        .or_else(|| Encoding::for_label(label?.as_bytes()))
        .unwrap_or(UTF_8);
    if encoding == UTF_8 {
        // Gives up at the first wrong byte, where replacing each of millions takes its time.
        let unmarked = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        return str::from_utf8(unmarked)
            .map_or_else(|_| WINDOWS_1252.decode(bytes).0.into_owned(), ToOwned::to_owned);
    }
    encoding.decode(bytes).0.into_owned()
}

/// UTF-16 without a mark: western text in it has a NUL in every other byte.
fn looks_like_utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(64)];
    let nuls = |from: usize| {
        sample
            .iter()
            .skip(from)
            .step_by(2)
            .filter(|byte| **byte == 0)
            .count()
    };
    let half = sample.len() / 2;
    match (nuls(0), nuls(1)) {
        (even, odd) if half >= 4 && odd * 4 >= half * 3 && even == 0 => Some(UTF_16LE),
        (even, odd) if half >= 4 && even * 4 >= half * 3 && odd == 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// Whether a decoded text shows that its decoding went wrong: letters were replaced, or NULs are left.
pub(super) fn is_damaged(text: &str) -> bool {
    memchr(0, text.as_bytes()).is_some() || !text.is_ascii() && text.contains('\u{fffd}')
}

/// Puts right UTF-8 that was read as Windows-1252 or Latin-1. None: it was not.
pub(super) fn unmojibake(text: &str) -> Option<String> {
    if text.is_ascii() || !text.contains(['Ã', 'Â', 'â']) {
        return None;
    }
    let (bytes, _, unmappable) = WINDOWS_1252.encode(text);
    if unmappable {
        return None;
    }
    String::from_utf8(bytes.into_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_that_breaks_off_gives_what_is_there() {
        assert_eq!(untransfer(b"a29wcGVs\r\naW5nI", Some("BASE64")), b"koppeling");
        assert!(
            breaks_off(b"a29wcGVs\r\naW5nI", Some("base64")) && !breaks_off(b"a29wcGVs\r\n", Some("base64"))
        );
        assert_eq!(untransfer(b"a29w!cGVsaW5n==junk", Some("base64")), b"koppeling");
    }

    #[test]
    fn latin_1_under_the_label_utf_8_is_read() {
        assert_eq!(text(b"be\xebindigd", Some("utf-8")), "beëindigd");
        assert_eq!(text(b"be\xebindigd", None), "beëindigd");
    }

    #[test]
    fn utf_16_is_read_with_any_label_or_none() {
        let little: Vec<u8> = "Koppeling".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(text(&little, None), "Koppeling");
        assert_eq!(
            text(&[b"\xff\xfe", little.as_slice()].concat(), Some("us-ascii")),
            "Koppeling"
        );
        let big: Vec<u8> = "Koppeling".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(text(&big, Some("utf-8")), "Koppeling");
    }

    #[test]
    fn utf_8_under_the_label_latin_1_is_put_right_and_real_letters_stay() {
        assert_eq!(unmojibake("beÃ«indigd").as_deref(), Some("beëindigd"));
        assert_eq!(unmojibake("Âge et âme"), None);
    }
}
