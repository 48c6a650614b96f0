//! Structures without end.

use super::{GENUINE, Made, STRANGE, SUBJECT, filled, numbered, plain, with_body, with_head};

/// What stands around parts that are separated by `--b`.
fn around(parts: &str) -> Vec<u8> {
    format!("{GENUINE}{SUBJECT}Content-Type: multipart/mixed; boundary=b\r\n\r\n{parts}--b--\r\n")
        .into_bytes()
}

pub(super) const MONSTERS: &[Made] = &[
    ("nested multiparts", |size| {
        let parts = numbered(size, |at| {
            format!("Content-Type: multipart/mixed; boundary=b{at}\r\n\r\n--b{at}\r\n")
        });
        format!("{GENUINE}{SUBJECT}{parts}").into_bytes()
    }),
    ("nested multiparts with one boundary", |size| {
        let part = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n";
        format!("{GENUINE}{SUBJECT}{}", filled(part, size)).into_bytes()
    }),
    ("nested messages", |size| {
        let part = "Content-Type: message/rfc822\r\n\r\n";
        format!("{STRANGE}{}Subject: x\r\n\r\nkoppeling", filled(part, size)).into_bytes()
    }),
    ("parts side by side", |size| {
        around(&filled(
            "--b\r\nContent-Type: text/plain\r\n\r\nkoppeling\r\n",
            size,
        ))
    }),
    ("attachments side by side", |size| {
        around(&numbered(size, |at| {
            format!(
                "--b\r\nContent-Type: application/x\r\nContent-Disposition: attachment; filename=f{at}\r\n\r\nx\r\n"
            )
        }))
    }),
    ("messages side by side", |size| {
        around(&filled(
            "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nkoppeling\r\n",
            size,
        ))
    }),
    ("large messages side by side", |size| {
        let text = filled("Er is een koppeling. ", size / 20);
        let part = format!("--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: FW: x\r\n\r\n{text}\r\n");
        String::from_utf8(around(&filled(&part, size)))
            .unwrap_or_default()
            .replace(GENUINE, STRANGE)
            .into_bytes()
    }),
    ("alternatives side by side", |size| {
        around(&filled(
            "--b\r\nContent-Type: text/html\r\n\r\n<p>koppeling\r\n",
            size,
        ))
    }),
    ("parts of a few bytes", |size| {
        around(&filled("--b\na:\n\nx\n", size))
    }),
    ("parts without a head", |size| around(&filled("--b\n\nx\n", size))),
    ("fields of a part", |size| {
        around(&format!("--b\r\n{}\r\nx\r\n", filled("a:\n", size)))
    }),
    ("boundaries", |size| around(&filled("--b\r\n", size))),
    ("boundaries that end", |size| around(&filled("--b--\r\n", size))),
    ("nearly boundaries", |size| around(&filled("--bb\r\n--", size))),
    ("hyphens", |size| around(&filled("-", size))),
    ("a long boundary", |size| {
        let name = filled("b", size / 2);
        with_head(
            GENUINE,
            &format!("Content-Type: multipart/mixed; boundary={name}\r\n\r\n--{name}\r\n"),
        )
    }),
    ("media types in the text", |size| {
        plain(&filled("Content-Type: multipart/mixed\r\n", size))
    }),
    ("media types in one field", |size| {
        with_head(
            GENUINE,
            &format!("Content-Type: {}\r\n", filled("multipart/rfc822;", size)),
        )
    }),
    ("media types in fields of their own", |size| {
        with_head(
            GENUINE,
            &filled("Content-Type: text/plain; charset=utf-8\r\n", size),
        )
    }),
    ("continued parameters", |size| {
        let continued = numbered(size, |at| format!(";\r\n name*{at}=x"));
        with_head(
            GENUINE,
            &format!("{SUBJECT}Content-Type: text/plain{continued}\r\n"),
        )
    }),
    ("continued parameters of many parts", |size| {
        let continued = numbered(15_000, |at| format!(";\r\n filename*{at}*=x"));
        let part = format!("--b\r\nContent-Disposition: attachment{continued}\r\n\r\nx\r\n");
        around(&filled(&part, size))
    }),
    ("parameters of many parts", |size| {
        let many = numbered(15_000, |at| format!(";\r\n a{at}=x"));
        let part = format!("--b\r\nContent-Type: text/plain{many}\r\n\r\nx\r\n");
        around(&filled(&part, size))
    }),
    ("an encoded name of an attachment", |size| {
        let name = filled("=?utf-8?Q?a?= ", size);
        with_head(
            GENUINE,
            &format!("Content-Type: text/plain; name=\"{name}\"\r\nContent-Description: {name}\r\n"),
        )
    }),
    ("base64", |size| {
        let body = filled(&format!("{}\r\n", "a29w".repeat(18)), size);
        with_body("text/plain", "base64", &body)
    }),
    ("base64 of a page", |size| {
        let body = filled(&format!("{}\r\n", "PHA+".repeat(18)), size);
        with_body("text/html", "base64", &body)
    }),
    ("base64 that breaks off", |size| {
        with_body("text/plain", "base64", &filled("a29w=", size))
    }),
    ("base64 of bytes in no encoding", |size| {
        with_body("text/plain; charset=utf-8", "base64", &filled("/////v7+", size))
    }),
    ("base64 of a message", |size| {
        let body = filled(&format!("{}\r\n", "RnJvbTogYUBjb2EubmwK".repeat(3)), size);
        with_body("message/rfc822", "base64", &body)
    }),
    ("quoted-printable", |size| {
        with_body(
            "text/plain; charset=utf-8",
            "quoted-printable",
            &filled("=C3=AB", size),
        )
    }),
    ("quoted-printable line ends", |size| {
        with_body(
            "text/plain; charset=utf-8",
            "quoted-printable",
            &filled("=\r\n", size),
        )
    }),
    ("quoted-printable that is none", |size| {
        with_body(
            "text/plain; charset=utf-8",
            "quoted-printable",
            &filled("=", size),
        )
    }),
    ("an unknown encoding", |size| {
        with_body("text/plain; charset=utf-7", "8bit", &filled("+AGs-", size))
    }),
    ("a japanese encoding", |size| {
        with_body("text/plain; charset=iso-2022-jp", "8bit", &filled("\x1b$B", size))
    }),
    ("winmail.dat", |size| {
        tnef(size, |_| b"\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00".to_vec())
    }),
    ("winmail.dat of one text", |size| {
        tnef(size, |size| {
            let length = u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes();
            let text = filled("koppeling ", size).into_bytes();
            [b"\x01\x0c\x80\x02\x00", length.as_slice(), &text[..size], b"\0\0"].concat()
        })
    }),
    ("a report", |size| {
        report(&filled(
            "Final-Recipient: rfc822; a@b.nl\r\nAction: failed\r\n\r\n",
            size,
        ))
    }),
    ("a report without line ends", |size| {
        report(&filled("Action:", size))
    }),
    ("a bounce in words", |size| {
        format!(
            "From: mailer-daemon@example.org\r\nSubject: failure notice\r\n\r\n{}",
            filled("a@b.c d ", size)
        )
        .into_bytes()
    }),
];

fn tnef(size: usize, attributes: fn(usize) -> Vec<u8>) -> Vec<u8> {
    let head = format!("{GENUINE}{SUBJECT}Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\n");
    let piece = attributes(size);
    let pieces = piece.repeat(size / piece.len() + 1);
    [head.as_bytes(), b"\x78\x9f\x3e\x22\x01\x00", &pieces].concat()
}

fn report(status: &str) -> Vec<u8> {
    format!(
        "{STRANGE}Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\n\
         Content-Type: message/delivery-status\r\n\r\n{status}\r\n--b--\r\n"
    )
    .into_bytes()
}
