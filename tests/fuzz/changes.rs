//! What happens to a mail on its way, and what is done to it.

use proptest::sample::Index;
use proptest::strategy::{BoxedStrategy, Union};

/// One change. Where it happens is a part of the length, so that it fits any mail.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// A bit is the other one.
    Flip(Index, u8),
    /// The end is missing.
    Cut(Index),
    /// These bytes stand there as well.
    Insert(Index, Vec<u8>),
    /// This line comes twice.
    Double(Index),
    /// This line is missing.
    Drop(Index),
    /// These two lines stand in each other's place.
    Swap(Index, Index),
    /// This line is joined to the next.
    Join(Index),
    /// Everything lies in a part of this media type.
    Nest(&'static str),
    /// No line that starts like a boundary is one.
    BreakBoundaries,
    /// Line ends are of the other kind.
    OtherLineEnds,
}

/// Pieces that mean something to a reader of mail.
const PIECES: [&str; 18] = [
    "\r\n",
    "\n\n",
    "\n--",
    "=\n",
    "=C3",
    "=?utf-8?B?",
    "?=",
    "<!--",
    "<div style='display:none'>",
    "</",
    "&#0;",
    ">",
    "\u{200b}",
    "\nVan: a@b.nl\nAan: c\nOnderwerp: d\n",
    "\nContent-Type: text/html\n\n",
    "\nContent-Transfer-Encoding: base64\n",
    "9900149732",
    "SS101",
];

impl proptest::arbitrary::Arbitrary for Change {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> BoxedStrategy<Self> {
        use proptest::prelude::*;
        let place = any::<Index>;
        let kinds = prop::sample::select(vec!["message/rfc822", "multipart/mixed; boundary=b", "text/html"]);
        let piece = prop::sample::select(PIECES.to_vec()).prop_map(|piece| piece.as_bytes().to_vec());
        let noise = prop::collection::vec(any::<u8>(), 1..20);
        Union::new([
            (place(), 0_u8..8)
                .prop_map(|(at, bit)| Self::Flip(at, bit))
                .boxed(),
            place().prop_map(Self::Cut).boxed(),
            (place(), prop_oneof![piece, noise])
                .prop_map(|(at, bytes)| Self::Insert(at, bytes))
                .boxed(),
            place().prop_map(Self::Double).boxed(),
            place().prop_map(Self::Drop).boxed(),
            (place(), place())
                .prop_map(|(one, other)| Self::Swap(one, other))
                .boxed(),
            place().prop_map(Self::Join).boxed(),
            kinds.prop_map(Self::Nest).boxed(),
            Just(Self::BreakBoundaries).boxed(),
            Just(Self::OtherLineEnds).boxed(),
        ])
        .boxed()
    }
}

/// The bytes with these changes made to them, one after the other.
pub(crate) fn apply(bytes: &[u8], changes: &[Change]) -> Vec<u8> {
    changes
        .iter()
        .fold(bytes.to_vec(), |bytes, change| change.made(bytes))
}

impl Change {
    fn made(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        if bytes.is_empty() {
            return bytes;
        }
        let mut lines: Vec<Vec<u8>> = bytes
            .split_inclusive(|byte| *byte == b'\n')
            .map(<[u8]>::to_vec)
            .collect();
        match self {
            Self::Flip(at, bit) => {
                let at = at.index(bytes.len());
                bytes[at] ^= 1 << bit;
                return bytes;
            }
            Self::Cut(at) => {
                bytes.truncate(at.index(bytes.len()));
                return bytes;
            }
            Self::Insert(at, piece) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, piece.iter().copied());
                return bytes;
            }
            Self::Nest(kind) => {
                let head = format!("Content-Type: {kind}\r\n\r\n--b\r\n");
                return [head.as_bytes(), &bytes, b"\r\n--b--\r\n"].concat();
            }
            Self::Double(at) => {
                let line = at.get(&lines).clone();
                lines.insert(at.index(lines.len()), line);
            }
            Self::Drop(at) => {
                lines.remove(at.index(lines.len()));
            }
            Self::Swap(one, other) => {
                let (one, other) = (one.index(lines.len()), other.index(lines.len()));
                lines.swap(one, other);
            }
            Self::Join(at) => {
                let line = at.index(lines.len());
                let end = lines[line].trim_ascii_end().len();
                lines[line].truncate(end);
            }
            Self::BreakBoundaries => {
                for line in lines.iter_mut().filter(|line| line.starts_with(b"--")) {
                    line.insert(0, b'-');
                }
            }
            Self::OtherLineEnds => {
                for line in lines.iter_mut().filter(|line| line.ends_with(b"\n")) {
                    let end = line.len() - 1;
                    if line[..end].ends_with(b"\r") {
                        line.remove(end - 1);
                    } else {
                        line.insert(end, b'\r');
                    }
                }
            }
        }
        lines.concat()
    }
}
