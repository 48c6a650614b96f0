//! Encoded words in a field (RFC 2047), where the parser's own decoding went wrong.
//!
//! Some programs cut an encoded word in the middle of a letter, or leave the padding of base64 out. So words that follow each
//! other with the same charset are joined as bytes first, and decoded then. The crate `rfc2047-decoder` was looked at: it
//! decodes word by word, too.

use super::decode;

/// The field as a reader should see it.
pub(super) fn decoded(field: &str) -> String {
    let mut out = String::with_capacity(field.len());
    let mut charset = String::new();
    let mut bytes = Vec::new();
    let mut rest = field;
    while let Some(start) = rest.find("=?") {
        let Some((word, after)) = Word::at(&rest[start + 2..]) else {
            flush(&mut out, &charset, &mut bytes);
            out.push_str(&rest[..start + 2]);
            rest = &rest[start + 2..];
            continue;
        };
        let between = &rest[..start];
        let goes_on = !bytes.is_empty() && between.trim().is_empty();
        if !goes_on || !word.charset.eq_ignore_ascii_case(&charset) {
            flush(&mut out, &charset, &mut bytes);
        }
        if !goes_on {
            out.push_str(between);
        }
        word.charset.clone_into(&mut charset);
        bytes.extend(word.bytes());
        rest = after;
    }
    flush(&mut out, &charset, &mut bytes);
    out.push_str(rest);
    out
}

fn flush(out: &mut String, charset: &str, bytes: &mut Vec<u8>) {
    if !bytes.is_empty() {
        out.push_str(&decode::text(bytes, Some(charset)));
        bytes.clear();
    }
}

struct Word<'a> {
    charset: &'a str,
    encoding: &'a str,
    text: &'a str,
}

impl<'a> Word<'a> {
    /// A word whose `=?` was read, and what follows it.
    fn at(text: &'a str) -> Option<(Self, &'a str)> {
        let (charset, rest) = text.split_once('?')?;
        let (encoding, rest) = rest.split_once('?')?;
        let (text, after) = rest.split_once("?=")?;
        let is_known = encoding.eq_ignore_ascii_case("b") || encoding.eq_ignore_ascii_case("q");
        // A language may follow the charset (RFC 2231 section 5).
        let charset = charset.split('*').next()?;
        let word = Self {
            charset,
            encoding,
            text,
        };
        (is_known && charset.len() < 64).then_some((word, after))
    }

    fn bytes(&self) -> Vec<u8> {
        if self.encoding.eq_ignore_ascii_case("b") {
            return decode::untransfer(self.text.as_bytes(), Some("base64"));
        }
        let spaced = self.text.replace('_', " ");
        decode::untransfer(spaced.as_bytes(), Some("quoted-printable"))
    }
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn words_are_joined_before_they_are_decoded() {
        assert_eq!(
            decoded("=?utf-8?Q?be=C3?= =?UTF-8?Q?=ABindigd?= x"),
            "beëindigd x"
        );
        assert_eq!(decoded("a =?utf-8?B?w6s?= =?iso-8859-1?Q?=EB?= b"), "a ëë b");
    }

    #[test]
    fn what_is_no_word_stays() {
        for text in ["=?", "=?utf-8?Q?", "=?utf-8?X?a?=", "a =? b =?= c", ""] {
            assert_eq!(decoded(text), text);
        }
    }

    #[test]
    fn many_starts_without_an_end_take_their_time_but_not_more() {
        let many = "=?a?q".repeat(3000);
        assert_eq!(decoded(&many), many);
    }
}
