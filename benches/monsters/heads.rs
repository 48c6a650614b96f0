//! Heads without end.

use super::{GENUINE, Made, STRANGE, SUBJECT, filled, numbered, with_head};

pub(super) const MONSTERS: &[Made] = &[
    ("fields", |size| {
        with_head(GENUINE, &numbered(size, |at| format!("X-Field-{at}: {at}\r\n")))
    }),
    ("fields of two bytes", |size| {
        with_head(GENUINE, &filled("a:\n", size))
    }),
    ("one field", |size| {
        with_head(GENUINE, &format!("X-Long: {}\r\n", filled("a", size)))
    }),
    ("one folded field", |size| {
        with_head(GENUINE, &format!("X-Long: {}\r\n", filled("a\r\n ", size)))
    }),
    ("a subject", |size| {
        with_head(GENUINE, &format!("Subject: {}\r\n", filled("koppeling ", size)))
    }),
    ("a subject in encoded words", |size| {
        with_head(
            GENUINE,
            &format!(
                "Subject: {}\r\n",
                filled("=?utf-8?Q?koppeling_=C3=AB?=\r\n ", size)
            ),
        )
    }),
    ("a subject in base64 words", |size| {
        with_head(
            GENUINE,
            &format!("Subject: {}\r\n", filled("=?utf-8?B?a29wcGVsaW5n?=\r\n ", size)),
        )
    }),
    ("a subject of started words", |size| {
        with_head(GENUINE, &format!("Subject: {}\r\n", filled("=?utf-8?Q?", size)))
    }),
    ("a subject of raw bytes", |size| {
        let mut mail = with_head(GENUINE, &format!("Subject: {}\r\n", filled("~", size)));
        for byte in mail.iter_mut().filter(|byte| **byte == b'~') {
            *byte = 0xeb;
        }
        mail
    }),
    ("a subject of task numbers", |size| {
        with_head(
            STRANGE,
            &format!("Subject: {}\r\n", filled("[koppelwacht #99999", size)),
        )
    }),
    ("recipients", |size| {
        let list = numbered(size, |at| format!("a{at}@gemeente-voorbeeld.nl,\r\n "));
        with_head(GENUINE, &format!("{SUBJECT}Cc: {list}b@example.org\r\n"))
    }),
    ("recipients in fields of their own", |size| {
        with_head(
            GENUINE,
            &numbered(size, |at| format!("Cc: a{at}@example.org\r\n")),
        )
    }),
    ("delivered-to", |size| {
        with_head(
            GENUINE,
            &numbered(size, |at| format!("Delivered-To: a{at}@example.org\r\n")),
        )
    }),
    ("groups of recipients", |size| {
        with_head(
            GENUINE,
            &format!("{SUBJECT}Cc: {}\r\n", filled("a:b@c.nl,d;", size)),
        )
    }),
    ("groups of one letter", |size| {
        with_head(GENUINE, &format!("{SUBJECT}Cc: {}\r\n", filled("a:b;", size)))
    }),
    ("recipients of one letter", |size| {
        with_head(GENUINE, &format!("{SUBJECT}Cc: {}\r\n", filled("a,", size)))
    }),
    ("comments in recipients", |size| {
        with_head(GENUINE, &format!("{SUBJECT}Cc: {}\r\n", filled("(", size)))
    }),
    ("brackets in recipients", |size| {
        with_head(GENUINE, &format!("{SUBJECT}Cc: {}\r\n", filled("<\"", size)))
    }),
    ("senders", |size| {
        with_head("", &numbered(size, |at| format!("From: a{at}@coa.nl\r\n")))
    }),
    ("a sender of many addresses", |size| {
        let list = numbered(size, |at| format!("a{at}@coa{at}.nl, "));
        with_head("", &format!("From: {list}b@example.org\r\n"))
    }),
    ("a sender of a long name", |size| {
        with_head(
            "",
            &format!("From: \"{}\" <a@example.org>\r\n", filled("co\u{430} ", size)),
        )
    }),
    ("a sender of a long domain", |size| {
        with_head("", &format!("From: a@{}nl\r\n", filled("coa.", size)))
    }),
    ("a sender of a punycode domain", |size| {
        with_head("", &format!("From: a@xn--{}.nl\r\n", filled("0a", size)))
    }),
    ("a sender of a domain without dots", |size| {
        with_head("", &format!("From: a@{}.nl\r\n", filled("\u{e9}c", size)))
    }),
    ("reply-to", |size| {
        with_head(
            STRANGE,
            &numbered(size, |at| format!("Reply-To: a{at}@coa.example\r\n")),
        )
    }),
    ("received", |size| {
        with_head(
            STRANGE,
            &filled("Received: from a.example by b.example with ESMTP; Mon\r\n", size),
        )
    }),
    ("received below the stamp", |size| {
        with_head(
            GENUINE,
            &filled("Received: from a.example by b.example with ESMTP; Mon\r\n", size),
        )
    }),
    ("stamps of our server", |size| {
        let stamp = "Authentication-Results: mx.gemeente-voorbeeld.nl; dkim=pass header.d=example.org\r\n";
        with_head("", &format!("{}{GENUINE}", filled(stamp, size)))
    }),
    ("stamps of another server", |size| {
        with_head(
            GENUINE,
            &filled("Authentication-Results: mx.example; dkim=pass\r\n", size),
        )
    }),
    ("results in one stamp", |size| {
        let results = filled("; dkim=pass header.d=example.org", size);
        with_head(
            "",
            &format!("Authentication-Results: mx.gemeente-voorbeeld.nl{results}\r\n{GENUINE}"),
        )
    }),
    ("properties in one stamp", |size| {
        let results = filled(" a=b", size);
        with_head(
            "",
            &format!("Authentication-Results: mx.gemeente-voorbeeld.nl; dkim=pass{results}\r\n{GENUINE}"),
        )
    }),
    ("comments in one stamp", |size| {
        let comment = filled("(", size);
        with_head(
            "",
            &format!("Authentication-Results: mx.gemeente-voorbeeld.nl; {comment}\r\n{GENUINE}"),
        )
    }),
    ("references", |size| {
        with_head(
            STRANGE,
            &format!(
                "References: {}\r\n",
                filled("<task-x@koppelwacht.example> ", size)
            ),
        )
    }),
    ("references in fields of their own", |size| {
        with_head(STRANGE, &filled("In-Reply-To: <task-1@example.org>\r\n", size))
    }),
    ("a message-id", |size| {
        with_head(
            "From: a@b.nl\r\n",
            &format!("Message-ID: <{}>\r\n", filled("<a", size)),
        )
    }),
    ("dates", |size| {
        with_head(GENUINE, &filled("Date: Mon, 7 Apr 2025 10:00:00 +0200\r\n", size))
    }),
    ("a date", |size| {
        with_head(
            "From: a@b.nl\r\n",
            &format!("Date: {}\r\n", filled("1 Jan (", size)),
        )
    }),
    ("a head alone", |size| {
        filled("From: a@coa.nl\r\n", size).into_bytes()
    }),
];
