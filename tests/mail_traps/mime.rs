//! MIME as it is in the world: parts in odd orders, labels that lie, encodings that break off.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use koppelwacht::domain::{Flaw, Mail};
use koppelwacht::mail;

use super::{from, read, trust};

fn read_bytes(rest: &[u8]) -> Mail {
    let head = from("a@coa.nl", "");
    mail::read(&[head.as_bytes(), rest].concat(), &trust())
}

fn text_of(rest: &str) -> String {
    read(&from("a@coa.nl", rest)).text
}

const NOTICE: &str = "De inburgeraar is beëindigd: koppeling V-nummer 9900149732";

/// Asserts over a table at once, so that every row that is wrong is seen.
fn all_read(rows: &[(&str, Vec<u8>)], expected: &str) {
    let wrong: Vec<_> = rows
        .iter()
        .map(|(name, bytes)| (name, read_bytes(bytes).text))
        .filter(|(_, text)| text != expected)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_text_is_found_wherever_it_lies() {
    let plain = format!("Content-Type: text/plain; charset=utf-8\n\n{NOTICE}\n");
    let html = format!("Content-Type: text/html; charset=utf-8\n\n<p>{NOTICE}</p>\n");
    let multi = |kind: &str, mark: &str, parts: &[&str]| {
        let parts: String = parts.iter().map(|part| format!("--{mark}\n{part}\n")).collect();
        format!("Content-Type: multipart/{kind}; boundary={mark}\n\n{parts}--{mark}--\n")
    };
    let image = "Content-Type: image/png; name=logo.png\nContent-ID: <a>\nContent-Transfer-Encoding: base64\n\nAAAA\n";
    let rows: Vec<(&str, Vec<u8>)> = [
        ("html first", multi("alternative", "a", &[&html, &plain])),
        (
            "related in alternative",
            multi(
                "alternative",
                "a",
                &[&plain, &multi("related", "b", &[&html, image])],
            ),
        ),
        (
            "alternative in related in mixed",
            multi(
                "mixed",
                "a",
                &[&multi(
                    "related",
                    "b",
                    &[&multi("alternative", "c", &[&plain, &html]), image],
                )],
            ),
        ),
        ("text last", multi("mixed", "a", &[image, &plain])),
        ("html only, last", multi("mixed", "a", &[image, &html])),
        (
            "html in related, image first",
            multi("related", "a", &[image, &html]),
        ),
        (
            "empty plain",
            multi("alternative", "a", &["Content-Type: text/plain\n\n \n", &html]),
        ),
        (
            "nbsp plain",
            multi(
                "alternative",
                "a",
                &[
                    "Content-Type: text/plain; charset=utf-8\n\n\u{a0}\u{200b}\n",
                    &html,
                ],
            ),
        ),
        ("unknown multipart", multi("x-unknown", "a", &[&plain])),
        (
            "no closing boundary",
            multi("mixed", "a", &[&plain]).replace("--a--\n", ""),
        ),
        (
            "boundary in quotes with spaces",
            multi("mixed", "a", &[&plain]).replace("boundary=a", "boundary=\"a\" "),
        ),
        (
            "text in a part without a type",
            multi("mixed", "a", &[&format!("\n{NOTICE}")]),
        ),
        (
            "inline disposition",
            multi(
                "mixed",
                "a",
                &[&plain.replacen('\n', "\nContent-Disposition: inline\n", 1)],
            ),
        ),
        (
            "signed",
            multi(
                "signed",
                "a",
                &[&plain, "Content-Type: application/pgp-signature\n\nx"],
            ),
        ),
        ("report", multi("report", "a", &[&plain])),
        (
            "one alternative empty html",
            multi(
                "alternative",
                "a",
                &[&plain, "Content-Type: text/html\n\n<p></p>\n"],
            ),
        ),
        (
            "upper case",
            multi("MIXED", "a", &[&plain]).replace("Content-Type: multipart", "CONTENT-TYPE: MultiPart"),
        ),
        (
            "space before the colon",
            multi("mixed", "a", &[&plain]).replace("Content-Type: text/plain", "Content-Type : text/plain"),
        ),
    ]
    .into_iter()
    .map(|(name, text)| (name, text.into_bytes()))
    .collect();
    all_read(&rows, NOTICE);
}

#[test]
fn alternatives_that_say_different_things_are_for_a_human() {
    let mail = read(&from(
        "a@coa.nl",
        "Content-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: text/plain\n\nDe afspraak voor de intake is verzet naar dinsdag.\n--a\nContent-Type: \
         text/html\n\n<p>Er is een vergunninghouder gekoppeld aan uw gemeente met V-nummer 9900149732</p>\n--a--\n",
    ));
    assert!(mail.flaws.iter().any(|flaw| flaw.touches_text()), "{mail:?}");
    let same = read(&from(
        "a@coa.nl",
        "Content-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: text/plain\n\nEr is een koppeling. [1]\n\n[1] https://www.coa.nl/\n--a\nContent-Type: \
         text/html\n\n<style>p{color:red}</style><table><tr><td>Er is een <b>koppeling</b>. <a href='https://www.coa.nl/'>Lees meer</a></td></tr></table>\n--a--\n",
    ));
    assert!(!same.flaws.iter().any(|flaw| flaw.touches_text()), "{same:?}");
}

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

#[test]
fn subjects_are_read_however_they_are_written() {
    let rows = [
        ("=?utf-8?Q?be=C3=ABindigd?= koppeling", "beëindigd koppeling"),
        (
            "=?utf-8?B?YmXDq2luZGlnZA==?=\n =?utf-8?Q?_koppeling?=",
            "beëindigd koppeling",
        ),
        (
            "=?utf-8?Q?be=C3?=\n =?utf-8?Q?=ABindigd_koppeling?=",
            "beëindigd koppeling",
        ),
        (
            "=?utf-8?B?YmXD?= =?utf-8?B?q2luZGlnZCBrb3BwZWxpbmc=?=",
            "beëindigd koppeling",
        ),
        ("=?UTF-8?q?be=c3=abindigd koppeling?=", "beëindigd koppeling"),
        (
            "=?iso-8859-1?Q?be=EBindigd?= =?utf-8?Q?_koppeling?=",
            "beëindigd koppeling",
        ),
        (
            "=?windows-1252*nl?Q?be=EBindigd_koppeling?=",
            "beëindigd koppeling",
        ),
        ("beëindigd koppeling", "beëindigd koppeling"),
        (
            "=?utf-8?Q?be=C3=ABindigd=20kop=C2=ADpeling?=",
            "beëindigd koppeling",
        ),
        (
            "=?utf-8?Q?be=C3=ABindigd_kop?==?utf-8?Q?peling?=",
            "beëindigd koppeling",
        ),
        ("\n =?utf-8?Q?be=C3=ABindigd_koppeling?=", "beëindigd koppeling"),
        ("beëindigd\n\tkoppeling", "beëindigd koppeling"),
        ("=?utf-8?B?YmXDq2luZGlnZCBrb3BwZWxpbmc?=", "beëindigd koppeling"),
    ];
    let wrong: Vec<_> = rows
        .iter()
        .map(|(raw, expected)| {
            (
                raw,
                read(&from("a@coa.nl", &format!("Subject: {raw}\n\nx"))).subject,
                expected,
            )
        })
        .filter(|(_, subject, expected)| subject != *expected)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn names_of_attachments_are_read_however_they_are_written() {
    let rows = [
        "filename=\"koppeling ë.pdf\"",
        "filename*=utf-8''koppeling%20%C3%AB.pdf",
        "filename*0=\"koppeling \";\n filename*1=\"ë.pdf\"",
        "filename*0*=utf-8''koppeling%20;\n filename*1*=%C3%AB.pdf",
        "filename=\"=?utf-8?Q?koppeling_=C3=AB.pdf?=\"",
        "filename*=iso-8859-1''koppeling%20%EB.pdf",
    ];
    let wrong: Vec<_> = rows
        .iter()
        .map(|row| (row, read(&from("a@coa.nl", &format!("Content-Type: multipart/mixed; boundary=a\n\n--a\n\nEr is een koppeling.\n--a\nContent-Type: application/pdf\nContent-Disposition: attachment; {row}\n\nx\n--a--\n"))).attachments))
        .filter(|(_, names)| names.len() != 1 || names[0] != "koppeling ë.pdf")
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn flowed_text_is_joined_as_its_writer_says() {
    let flowed = |extra: &str, text: &str| {
        text_of(&format!(
            "Content-Type: text/plain; format=flowed{extra}\n\n{text}"
        ))
    };
    assert_eq!(flowed("", "Er is een \nkoppeling.\n"), "Er is een koppeling.");
    assert_eq!(
        flowed("; delsp=yes", "Er is een kop \npeling.\n"),
        "Er is een koppeling."
    );
    assert_eq!(
        flowed("; DelSp=\"Yes\"", "Er is een kop \npeling.\n"),
        "Er is een koppeling."
    );
    assert_eq!(flowed("", "Er is\n From: x \ny"), "Er is\nFrom: x y");
}

#[test]
fn what_cannot_be_seen_does_not_split_a_keyword() {
    for text in [
        "kop\u{ad}peling",
        "kop\u{200b}peling",
        "kop\u{2060}peling",
        "kop\u{feff}peling",
        "kop\0peling",
        "kop\u{200d}peling",
    ] {
        assert_eq!(
            text_of(&format!("Content-Type: text/plain; charset=utf-8\n\n{text}")),
            "koppeling"
        );
        assert_eq!(
            text_of(&format!("Content-Type: text/html; charset=utf-8\n\n<p>{text}")),
            "koppeling",
            "{text:?} in HTML"
        );
    }
    assert_eq!(
        text_of("Content-Type: text/html\n\nkop&shy;pe&#8203;ling&zwnj; kop<wbr>peling"),
        "koppeling koppeling"
    );
}

#[test]
fn heads_in_disorder_are_read() {
    let text = from(
        "a@coa.nl",
        "Subject: Koppeling\nContent-Type: text/plain\n\nEr is een koppeling.",
    );
    for (name, bytes) in [
        ("mark", format!("\u{feff}{text}")),
        ("mbox", format!("From a@coa.nl Mon Apr  7 10:00:00 2025\n{text}")),
        (
            "mbox in CR LF",
            format!(
                "From a@coa.nl Mon Apr  7 10:00:00 2025\r\n{}",
                text.replace('\n', "\r\n")
            ),
        ),
        (
            ">From",
            format!(">From a@coa.nl Mon Apr  7 10:00:00 2025\n{text}"),
        ),
        ("blank line first", format!("\r\n{text}")),
        ("bare CR", text.replace('\n', "\r")),
        ("CR CR LF", text.replace('\n', "\r\r\n")),
        ("NUL", text.replace("Subject", "X-Y: a\0b\nSubject")),
        ("no colon", text.replace("Subject", "Onzin zonder teken\nSubject")),
        (
            "two subjects",
            text.replace("Subject: Koppeling", "Subject: Koppeling\nSubject: Koppeling"),
        ),
        (
            "two dates",
            text.replace("Subject", "Date: Mon, 7 Apr 2025 10:00:00 +0200\nSubject"),
        ),
    ] {
        let mail = mail::read(bytes.as_bytes(), &trust());
        assert_eq!(
            (mail.subject.as_str(), mail.text.as_str()),
            ("Koppeling", "Er is een koppeling."),
            "{name}: {mail:?}"
        );
        assert_eq!(
            mail.from.map(|from| from.address).as_deref(),
            Some("a@coa.nl"),
            "{name}"
        );
    }
}

#[test]
fn a_head_without_a_body_and_missing_fields_are_told() {
    let mail = read("From: a@coa.nl\nSubject: Koppeling");
    assert!(mail.flaws.contains(&Flaw::NoText) && mail.flaws.contains(&Flaw::NoDate));
    assert_eq!(mail.subject, "Koppeling");
    assert_eq!(mail.message_id, None);
}

#[test]
fn a_boundary_that_is_not_there_brings_a_human_with_the_words() {
    for rest in [
        "Content-Type: multipart/mixed; boundary=a\n\nEr is een koppeling.\n",
        "Content-Type: multipart/mixed; boundary=a\n\n--b\nContent-Type: text/plain\n\nEr is een koppeling.\n--b--\n",
        "Content-Type: multipart/mixed\n\n--b\n\nEr is een koppeling.\n--b--\n",
        "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\nEr is een koppeling.\n----\n",
    ] {
        let mail = read(&from("a@coa.nl", rest));
        assert!(mail.text.contains("Er is een koppeling."), "{rest}: {mail:?}");
    }
}
