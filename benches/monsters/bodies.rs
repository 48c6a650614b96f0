//! Texts without end.

use super::{GENUINE, Made, STRANGE, SUBJECT, filled, numbered, plain, with_body};

/// An answer or a forward with this text.
fn under(subject: &str, text: &str) -> Vec<u8> {
    format!("{STRANGE}Subject: {subject}\r\n\r\n{text}").into_bytes()
}

pub(super) const MONSTERS: &[Made] = &[
    ("one line", |size| plain(&filled("koppeling", size))),
    ("words", |size| {
        plain(&filled("koppeling statushouder gekoppeld ", size))
    }),
    ("beginnings of phrases", |size| {
        plain(&filled("geen enkele u krijgt die wijziging ", size))
    }),
    ("words with accents", |size| {
        plain(&filled("co\u{f6}rdinator ge\u{ef}ntegreerd ", size))
    }),
    ("lines of a letter", |size| plain(&filled("a\n", size))),
    ("line feeds", |size| plain(&filled("\n", size))),
    ("carriage returns", |size| plain(&filled("\r", size))),
    ("spaces", |size| plain(&filled(" ", size))),
    ("tabs", |size| plain(&filled("a\t", size))),
    ("nuls", |size| plain(&filled("\0", size))),
    ("digits", |size| plain(&filled("1234567890", size))),
    ("groups of digits", |size| plain(&filled("9900 149 732 ", size))),
    ("groups of one digit", |size| plain(&filled("9 ", size))),
    ("numbers of people", |size| {
        plain(&numbered(size, |at| {
            format!("V-nummer {}\n", 9_900_000_000_u64 + at as u64)
        }))
    }),
    ("fragments of numbers", |size| {
        plain(&filled("V-nummer 9900 ", size))
    }),
    ("labels", |size| plain(&filled("V-nummer: ", size))),
    ("labels behind labels", |size| {
        plain(&filled("telefoonnummer kenmerk ref 1 ", size))
    }),
    ("codes on one line", |size| plain(&filled("ss101 ", size))),
    ("codes on lines", |size| plain(&filled("ss101\n", size))),
    ("codes and people", |size| {
        plain(&numbered(size, |at| {
            format!("ss{:03} {}\n", at % 1000, 9_900_000_000_u64 + at as u64)
        }))
    }),
    ("codes and the same people on one line", |size| {
        plain(&filled("ss101 9900149732 ", size))
    }),
    ("quotation marks", |size| plain(&filled(">", size))),
    ("quoted lines", |size| plain(&filled("> > > koppeling\n", size))),
    ("quoted lines in an answer", |size| {
        under("RE: x", &filled("> koppeling\n", size))
    }),
    ("From lines", |size| plain(&filled("From: a@b.nl\n", size))),
    ("Van lines in a forward", |size| {
        under("FW: x", &filled("Van: a@b.nl\n", size))
    }),
    ("Aan lines in a forward", |size| {
        under(
            "FW: x",
            &format!("Van: a@b.nl\n{}", filled("Aan: a@b.nl\n", size)),
        )
    }),
    ("quoted heads", |size| {
        plain(&filled("Van: a\nAan: b\nOnderwerp: c\n\nx\n", size))
    }),
    ("quoted heads in a forward", |size| {
        under("FW: x", &filled("Van: a\nAan: b\nOnderwerp: c\n\nx\n", size))
    }),
    ("half a quoted head", |size| {
        under("FW: x", &filled("Van: a\nVerzonden: b\n\n", size))
    }),
    ("separators", |size| {
        plain(&filled("-----Oorspronkelijk bericht-----\n", size))
    }),
    ("colons", |size| plain(&filled(":\n", size))),
    ("attributions", |size| {
        plain(&filled("Op 3 maart 2025 om 10:00 heeft iemand\n", size))
    }),
    ("attributions of quotations", |size| {
        under("RE: x", &filled("Op 3 maart schreef A:\n", size))
    }),
    ("attributions before blank lines", |size| {
        plain(&filled("Op 3 maart schreef A:\n\nx\n", size))
    }),
    ("signature marks", |size| plain(&filled("-- \n", size))),
    ("flowed lines", |size| {
        with_body("text/plain; format=flowed", "8bit", &filled("koppeling \n", size))
    }),
    ("flowed quotation marks", |size| {
        with_body("text/plain; format=flowed", "8bit", &filled("> > ", size))
    }),
    ("zero-width spaces", |size| plain(&filled("\u{200b}", size))),
    ("words split by zero-width spaces", |size| {
        plain(&filled("kop\u{200b}peling ", size))
    }),
    ("combining marks", |size| {
        plain(&format!("e{}", filled("\u{301}", size)))
    }),
    ("combining marks in disorder", |size| {
        plain(&format!("e{}", filled("\u{301}\u{327}", size)))
    }),
    ("letters that decompose", |size| {
        plain(&filled("\u{1ea5}\u{1e69}", size))
    }),
    ("ligatures that grow", |size| plain(&filled("\u{fdfa}", size))),
    ("hangul", |size| plain(&filled("\u{1100}\u{1161}\u{11a8}", size))),
    ("right to left", |size| {
        plain(&filled("\u{202e}\u{5d0}\u{627}", size))
    }),
    ("mojibake", |size| plain(&filled("co\u{c3}\u{b6}rdinator ", size))),
    ("bytes in no encoding", |size| {
        let mut mail = plain(&filled("~", size));
        for byte in mail.iter_mut().filter(|byte| **byte == b'~') {
            *byte = 0xff;
        }
        mail
    }),
    ("utf-16", |size| {
        let text: Vec<u8> = filled("koppeling ", size / 2)
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let head = format!("{GENUINE}{SUBJECT}Content-Type: text/plain; charset=utf-16\r\n\r\n");
        [head.as_bytes(), &text].concat()
    }),
    ("uuencode", |size| {
        plain(&format!(
            "begin 644 x\n{}",
            filled(&format!("M{}\n", "#".repeat(60)), size)
        ))
    }),
    ("pgp armour", |size| {
        plain(&format!(
            "-----BEGIN PGP MESSAGE-----\n\n{}",
            filled(&format!("{}\n", "hQEM".repeat(16)), size)
        ))
    }),
    ("beginnings of pgp armour", |size| {
        plain(&filled("-----BEGIN PGP MESSAGE----", size))
    }),
    ("links", |size| {
        under("Beveiligd bericht", &filled("https://zivver.comx ", size))
    }),
    ("words of an absence", |size| {
        let text = filled("tot 3 tot en met maandag 3 ", size);
        format!("{STRANGE}Auto-Submitted: auto-replied\r\nSubject: x\r\n\r\n{text}").into_bytes()
    }),
    ("no message", |size| filled("\u{1}", size).into_bytes()),
    ("nothing but line feeds", |size| filled("\n", size).into_bytes()),
];
