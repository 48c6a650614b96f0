//! RTF as Outlook stores it: compressed (MS-OXRTFCP), and often HTML in disguise (MS-OXRTFEX).
//!
//! Not a reader of RTF: what is wanted is the text that a person sees. Groups and a small state per group are enough.

use crate::mail::html;
use crate::mail::text::MAX_TEXT;

const COMPRESSED: u32 = 0x7546_5a4c;
const UNCOMPRESSED: u32 = 0x414c_454d;
/// The most RTF that is made of a compressed one; markup takes several times the text.
const MAX_RTF: usize = 8 * MAX_TEXT;
/// Groups in groups that are remembered; deeper ones share a state.
const MAX_GROUPS: usize = 256;
/// What the window holds at the start (MS-OXRTFCP section 2.1.2.1).
const PRELOADED: &[u8] =
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \
\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \
\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
const WINDOW: usize = 4096;

/// Undoes the compression; what breaks off gives what came before.
pub(super) fn decompress(file: &[u8]) -> Option<Vec<u8>> {
    let word = |at: usize| Some(u32::from_le_bytes(*file.get(at..)?.first_chunk::<4>()?));
    let data = file.get(16..)?;
    if word(8)? == UNCOMPRESSED {
        return Some(data[..data.len().min(MAX_RTF)].to_vec());
    }
    if word(8)? != COMPRESSED {
        return None;
    }
    let mut window = [b' '; WINDOW];
    window[..PRELOADED.len()].copy_from_slice(PRELOADED);
    let mut at = PRELOADED.len();
    let mut out = Vec::new();
    let mut rest = data.iter().copied();
    while let Some(control) = rest.next() {
        for bit in 0..8 {
            let Some(first) = rest.next() else {
                return Some(out);
            };
            let (from, length) = if control & (1 << bit) == 0 {
                window[at] = first;
                (at, 1)
            } else {
                let Some(second) = rest.next() else {
                    return Some(out);
                };
                let from = usize::from(first) << 4 | usize::from(second >> 4);
                if from == at {
                    return Some(out);
                }
                (from, usize::from(second & 0x0f) + 2)
            };
            for step in 0..length {
                let byte = window[(from + step) % WINDOW];
                out.push(byte);
                window[at] = byte;
                at = (at + 1) % WINDOW;
            }
            if out.len() >= MAX_RTF {
                return Some(out);
            }
        }
    }
    Some(out)
}

/// The text that a reader of this RTF sees, white space not yet folded.
pub(super) fn text(rtf: &[u8]) -> Option<String> {
    if !rtf.starts_with(b"{\\rtf") {
        return None;
    }
    let mut reader = Reader::default();
    let mut at = 0;
    while at < rtf.len() && reader.out.len() < MAX_RTF {
        at = reader.step(rtf, at);
    }
    reader.flush();
    Some(if reader.is_html {
        html::visible(&reader.out, MAX_TEXT)
    } else {
        reader.out
    })
}

/// What applies inside a group.
#[derive(Debug, Clone, Copy, Default)]
struct Group {
    /// Not text: fonts, colours, pictures.
    aside: bool,
    /// Text that is not shown (`\v`).
    hidden: bool,
    /// RTF that stands in for the HTML beside it.
    stands_in: bool,
    /// Markup of the HTML inside.
    markup: bool,
    /// Letters that follow a `\u` for readers that do not know it; one where nothing is said.
    spare: Option<u8>,
}

#[derive(Debug, Default)]
struct Reader {
    out: String,
    /// Bytes not yet decoded: letters of several bytes come one byte at a time.
    pending: Vec<u8>,
    codepage: Option<u32>,
    is_html: bool,
    now: Group,
    outer: Vec<Group>,
    too_deep: usize,
    /// `\*` was read: what is not known is to be skipped.
    may_skip: bool,
    /// Letters still to be skipped after a `\u`.
    skip: usize,
}

impl Reader {
    /// Reads one thing; returns where the next starts.
    fn step(&mut self, rtf: &[u8], at: usize) -> usize {
        match rtf[at] {
            b'{' => {
                self.skip = 0;
                if self.outer.len() < MAX_GROUPS {
                    self.outer.push(self.now);
                } else {
                    self.too_deep += 1;
                }
                at + 1
            }
            b'}' => {
                self.skip = 0;
                if self.too_deep > 0 {
                    self.too_deep -= 1;
                } else {
                    self.now = self.outer.pop().unwrap_or_default();
                }
                at + 1
            }
            b'\r' | b'\n' => at + 1,
            b'\\' => self.control(rtf, at + 1),
            byte => {
                self.byte(byte);
                at + 1
            }
        }
    }

    fn control(&mut self, rtf: &[u8], at: usize) -> usize {
        let Some(&first) = rtf.get(at) else { return at };
        if !first.is_ascii_alphabetic() {
            match first {
                b'\'' => {
                    let digits = rtf
                        .get(at + 1..at + 3)
                        .and_then(|hex| std::str::from_utf8(hex).ok());
                    if let Some(byte) = digits.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
                        self.byte(byte);
                        return at + 3;
                    }
                }
                b'*' => self.may_skip = true,
                b'~' => self.letter('\u{a0}'),
                b'_' => self.letter('-'),
                b'\\' | b'{' | b'}' => self.byte(first),
                b'\r' | b'\n' => self.letter('\n'),
                _ => {}
            }
            return at + 1;
        }
        let letters = rtf[at..]
            .iter()
            .take(32)
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        let word = &rtf[at..at + letters];
        let mut end = at + letters;
        let is_negative = rtf.get(end) == Some(&b'-');
        end += usize::from(is_negative);
        let digits = rtf[end..]
            .iter()
            .take(9)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let number = rtf[end..end + digits]
            .iter()
            .fold(0_i64, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        let number = (digits > 0).then_some(if is_negative { -number } else { number });
        end += digits;
        end += usize::from(rtf.get(end) == Some(&b' '));
        if word == b"bin" {
            let length = number
                .and_then(|length| usize::try_from(length).ok())
                .unwrap_or(0);
            return end.saturating_add(length).min(rtf.len());
        }
        self.word(word, number);
        self.may_skip = false;
        end
    }

    fn word(&mut self, word: &[u8], number: Option<i64>) {
        let is_on = number != Some(0);
        match word {
            b"par" | b"line" | b"row" | b"sect" | b"page" => self.letter('\n'),
            b"tab" | b"cell" => self.letter('\t'),
            b"lquote" => self.letter('\u{2018}'),
            b"rquote" => self.letter('\u{2019}'),
            b"ldblquote" => self.letter('\u{201c}'),
            b"rdblquote" => self.letter('\u{201d}'),
            b"endash" => self.letter('\u{2013}'),
            b"emdash" => self.letter('\u{2014}'),
            b"bullet" => self.letter('\u{2022}'),
            b"u" => self.unicode(number.unwrap_or(0)),
            b"uc" => self.now.spare = number.and_then(|spare| u8::try_from(spare).ok()),
            b"ansicpg" => self.codepage = number.and_then(|page| u32::try_from(page).ok()),
            b"fromhtml" => self.is_html = is_on,
            b"htmlrtf" => self.now.stands_in = is_on,
            b"v" => self.now.hidden = is_on,
            b"plain" => self.now.hidden = false,
            b"htmltag" => self.now.markup = true,
            b"fonttbl" | b"colortbl" | b"stylesheet" | b"info" | b"pict" | b"object" | b"header"
            | b"headerl" | b"headerr" | b"headerf" | b"footer" | b"footerl" | b"footerr" | b"footerf"
            | b"fldinst" | b"mhtmltag" | b"listtext" => self.now.aside = true,
            _ => self.now.aside |= self.may_skip,
        }
    }

    /// A letter by its number, UTF-16 in pieces where it takes two.
    fn unicode(&mut self, number: i64) {
        self.flush();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "written as a signed 16-bit number"
        )]
        let unit = number as u16;
        if self.is_shown() {
            match char::from_u32(u32::from(unit)) {
                Some(letter) => self.out.push(letter),
                // Half of a letter outside of the first plane: an emoji, which no rule asks for.
                None if unit < 0xdc00 => self.out.push('\u{fffd}'),
                None => {}
            }
        }
        self.skip = usize::from(self.now.spare.unwrap_or(1));
    }

    fn letter(&mut self, letter: char) {
        self.flush();
        if self.is_shown() {
            self.out.push(letter);
        }
    }

    fn byte(&mut self, byte: u8) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.is_shown() {
            self.pending.push(byte);
        }
    }

    fn is_shown(&self) -> bool {
        !(self.now.aside || self.now.hidden || self.is_html && self.now.stands_in && !self.now.markup)
    }

    fn flush(&mut self) {
        if !self.pending.is_empty() {
            let page = super::label(self.codepage.unwrap_or(1252));
            let encoding = page
                .and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes()))
                .unwrap_or(encoding_rs::WINDOWS_1252);
            self.out
                .push_str(&encoding.decode_without_bom_handling(&self.pending).0);
            self.pending.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specifications_own_example_is_decompressed() {
        // MS-OXRTFCP section 3.1.1.
        let file = b"\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0rcpg125B2\x0a\xf3 hel\x09\0 bw\x05\xb0ld}\x0a\x80\x0f\xa0";
        assert_eq!(
            decompress(file).unwrap(),
            b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
        );
        for cut in 0..file.len() {
            let _ = decompress(&file[..cut]);
        }
    }

    #[test]
    fn a_bomb_has_an_end() {
        let head = b"\0\0\0\0\xff\xff\xff\xffLZFu\0\0\0\0".to_vec();
        let bomb = [
            head,
            b"\xff\x00\x0f\x01\x0f\x02\x0f\x03\x0f\x04\x0f\x05\x0f\x06\x0f\x07\x0f".repeat(200_000),
        ]
        .concat();
        assert!(decompress(&bomb).unwrap().len() < MAX_RTF + 32);
    }

    #[test]
    fn text_is_read_and_tables_of_fonts_are_not() {
        let rtf = b"{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}{\\*\\generator Riched20;}\\pard be\\'ebindigd \\u8211?\\par\r\n\
                    {\\v verborgen}9900\\~149732\\tab x\\{y\\}{\\pict\\bin3 }}}}\\par klaar}";
        assert_eq!(text(rtf).unwrap(), "beëindigd –\n9900\u{a0}149732\tx{y}\nklaar");
    }

    #[test]
    fn html_inside_is_read_as_html() {
        let rtf = b"{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{\\fonttbl{\\f0 Arial;}}{\\*\\htmltag19 <html>}\
                    {\\*\\htmltag64 <p style='display:none'>}\\htmlrtf {\\htmlrtf0 oud\\htmlrtf }\\htmlrtf0{\\*\\htmltag72 </p>}\
                    {\\*\\htmltag64 <p>}\\htmlrtf \\par \\htmlrtf0 Er is een koppeling.{\\*\\htmltag72 </p>}}";
        assert_eq!(text(rtf).unwrap().trim(), "Er is een koppeling.");
    }

    #[test]
    fn depth_and_nonsense_have_an_end() {
        let deep = [
            b"{\\rtf1 ".as_slice(),
            &b"{".repeat(100_000),
            b"x",
            &b"}".repeat(200_000),
            b"y",
        ]
        .concat();
        assert_eq!(text(&deep).unwrap(), "xy");
        assert_eq!(text(b"{\\rtf1 \\bin999999999 x"), Some(String::new()));
        assert_eq!(text(b"{\\rtf1 a\\"), Some("a".to_owned()));
        assert_eq!(text(b"plain"), None);
    }
}
