//! Letters and encodings: labels that lie, encodings that break off.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use koppelwacht::domain::Flaw;

use super::mime::{NOTICE, all_read, text_of};
use super::{from, read};

#[test]
fn letters_are_read_under_every_label() {
    let latin: Vec<u8> = NOTICE
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).expect("Latin-1"))
        .collect();
    let little: Vec<u8> = NOTICE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = NOTICE.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let part = |label: &str, bytes: &[u8]| {
        let label = if label.is_empty() {
            String::new()
        } else {
            format!("; charset={label}")
        };
        let encoded = STANDARD.encode(bytes);
        format!("Content-Type: text/plain{label}\nContent-Transfer-Encoding: base64\n\n{encoded}\n")
            .into_bytes()
    };
    let raw = |label: &str, bytes: &[u8]| {
        [
            format!("Content-Type: text/plain; charset={label}\n\n").as_bytes(),
            bytes,
        ]
        .concat()
    };
    let utf8 = NOTICE.as_bytes();
    let bom = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
    all_read(
        &[
            ("windows-1252", part("windows-1252", &latin)),
            ("iso-8859-15", part("iso-8859-15", &latin)),
            ("latin1 quoted", part("\"ISO-8859-1\"", &latin)),
            ("utf-16 mark", part("utf-16", &bom(b"\xff\xfe", &little))),
            ("utf-16 big mark", part("utf-16", &bom(b"\xfe\xff", &big))),
            ("utf-16 no mark", part("utf-16", &little)),
            ("utf-16 big, no mark", part("utf-16", &big)),
            ("utf-16le", part("utf-16le", &little)),
            ("utf-16be", part("utf-16be", &big)),
            ("utf-16 called utf-8", part("utf-8", &little)),
            ("utf-8 as ascii", part("us-ascii", utf8)),
            ("utf-8 as latin", part("iso-8859-1", utf8)),
            ("utf-8 as 1252", raw("windows-1252", utf8)),
            ("utf-8 unknown", part("x-unknown", utf8)),
            ("latin unknown", part("x-unknown", &latin)),
            ("latin ascii", raw("us-ascii", &latin)),
            ("latin utf-8", raw("utf-8", &latin)),
            ("latin no label", part("", &latin)),
            ("utf-8 no label", part("", utf8)),
            ("utf-8 mark", part("utf-8", &bom(b"\xef\xbb\xbf", utf8))),
            ("cp1252", part("cp1252", &latin)),
            ("unicode-1-1-utf-7 label", part("ansi_x3.110-1983", &latin)),
        ],
        NOTICE,
    );
}

#[test]
fn encodings_that_lie_or_break_off_are_read_as_far_as_they_go() {
    let encoded = STANDARD.encode(NOTICE);
    let lines = encoded
        .as_bytes()
        .chunks(20)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect::<Vec<_>>()
        .join("\n");
    let quoted = NOTICE.replace('ë', "=C3=AB");
    let part = |encoding: &str, body: &str| {
        format!("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: {encoding}\n\n{body}\n")
            .into_bytes()
    };
    all_read(
        &[
            ("base64", part("base64", &lines)),
            ("BASE64 with spaces", part(" BASE64 ", &lines)),
            ("base64 with a comment", part("base64 (mime)", &lines)),
            (
                "base64 with garbage",
                part("base64", &lines.replacen('\n', "!\n*", 1)),
            ),
            (
                "base64 without padding",
                part("base64", encoded.trim_end_matches('=')),
            ),
            (
                "base64 with a note below",
                part("base64", &format!("{encoded}\n")),
            ),
            ("quoted-printable", part("quoted-printable", &quoted)),
            (
                "soft breaks in keywords",
                part(
                    "quoted-printable",
                    &quoted.replace("koppeling", "kop=\npel=\r\ning"),
                ),
            ),
            (
                "soft breaks with spaces",
                part("quoted-printable", &quoted.replace("koppeling", "kop=  \npeling")),
            ),
            (
                "lower case",
                part("quoted-printable", &quoted.replace("=C3=AB", "=c3=ab")),
            ),
            ("qp called 7bit", part("7bit", NOTICE)),
            ("plain called base64", part("base64", NOTICE)),
            ("plain called quoted-printable", part("quoted-printable", NOTICE)),
            ("unknown encoding", part("x-unknown", NOTICE)),
            ("binary", part("binary", NOTICE)),
        ],
        NOTICE,
    );
}

#[test]
fn a_broken_quoted_printable_keeps_its_words() {
    let text = text_of(
        "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\nkorting 50=% =ZZ koppeling =E",
    );
    assert!(text.contains("koppeling"), "{text}");
}

#[test]
fn base64_that_is_cut_is_read_and_said_to_be() {
    let encoded = STANDARD.encode(NOTICE);
    let mail = read(&from(
        "a@coa.nl",
        &format!(
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n{}",
            &encoded[..61]
        ),
    ));
    assert!(
        mail.text.starts_with("De inburgeraar is beëindigd: kopp"),
        "{}",
        mail.text
    );
    assert!(mail.flaws.contains(&Flaw::BrokenEncoding));
}

#[test]
fn uuencoded_text_is_for_a_human_or_read() {
    let mail = read(&from(
        "a@coa.nl",
        "Content-Type: text/plain\nContent-Transfer-Encoding: x-uuencode\n\nbegin 644 tekst.txt\n)2V]P<&5L:6YG\n`\nend\n",
    ));
    assert_eq!(mail.text, "Koppeling");
}
