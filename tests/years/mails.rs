//! The mails that arrive: the labelled ones, what colleagues answer, and what mail servers report.

use std::sync::{Arc, LazyLock, OnceLock};

use jiff::Timestamp;
use koppelwacht::desk::Desk;
use koppelwacht::domain::{Arrival, FolderRef, Mail, Parcel, Place};
use koppelwacht::mail;

const STAMP: &str =
    "Authentication-Results: mx.gemeente-voorbeeld.nl; dmarc=pass header.from=gemeente-voorbeeld.nl\r\n";

/// The labelled mails.
pub(crate) struct Samples {
    pub(crate) all: Vec<Sample>,
    /// Which of them tell of a koppeling.
    pub(crate) koppelingen: Vec<usize>,
}

pub(crate) struct Sample {
    file: String,
    bytes: Vec<u8>,
    /// The same in every office: it is read once.
    mail: OnceLock<Mail>,
}

impl Samples {
    pub(crate) fn name(&self, sample: usize) -> &str {
        &self.all[sample].file
    }
}

pub(crate) fn samples() -> &'static Samples {
    static SAMPLES: LazyLock<Samples> = LazyLock::new(|| {
        let labels = std::fs::read_to_string("tests/mails/labels.jsonl").unwrap();
        let labels: Vec<serde_json::Value> = labels
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let is_koppeling = |label: &serde_json::Value| label["type"] == "coa.koppeling";
        let koppelingen = (0..).zip(&labels).filter(|(_, label)| is_koppeling(label));
        Samples {
            koppelingen: koppelingen.map(|(number, _)| number).collect(),
            all: labels.iter().map(sample).collect(),
        }
    });
    &SAMPLES
}

fn sample(label: &serde_json::Value) -> Sample {
    let file = label["file"].as_str().unwrap().to_owned();
    Sample {
        bytes: std::fs::read(format!("tests/mails/{file}")).unwrap(),
        file,
        mail: OnceLock::new(),
    }
}

/// What lies in the mailbox.
#[derive(Debug, Clone)]
pub(crate) enum Letter {
    /// One of the labelled mails.
    Sample(usize),
    /// What somebody writes.
    Written(String),
}

impl Letter {
    /// The mail as intake brings it to the desk.
    pub(crate) fn arrival(&self, desk: &Desk, item: usize, received: Timestamp) -> Arc<Arrival> {
        let (bytes, mail) = match self {
            Self::Sample(number) => {
                let sample = &samples().all[*number];
                let mail = sample
                    .mail
                    .get_or_init(|| mail::read(&sample.bytes, &desk.trust()));
                (sample.bytes.as_slice(), mail.clone())
            }
            Self::Written(text) => (text.as_bytes(), mail::read(text.as_bytes(), &desk.trust())),
        };
        let vault = desk.vault();
        Arc::new(Arrival {
            place: Place {
                folder: FolderRef {
                    mailbox: "post".to_owned(),
                    folder: "INBOX".to_owned(),
                    epoch: 1,
                },
                item: item.to_string(),
            },
            received,
            named: vault.named(&mail),
            kept: Arc::new(vault.keeper().keep(mail.fingerprint, bytes, &mail.references)),
            earlier: None,
            mail,
        })
    }
}

/// A colleague answers a letter.
pub(crate) fn answer(parcel: &Parcel, number: usize, text: &str) -> Letter {
    let (to, subject, id) = (&parcel.to, &parcel.words.subject, &parcel.message_id);
    Letter::Written(format!(
        "{STAMP}From: <{to}>\r\nTo: koppelwacht@gemeente-voorbeeld.nl\r\nSubject: RE: {subject}\r\nIn-Reply-To: \
         <{id}>\r\nMessage-ID: <antwoord-{number}@gemeente-voorbeeld.nl>\r\nDate: Mon, 23 Nov 2026 09:10:00 \
         +0100\r\n\r\n{text}\r\n"
    ))
}

/// What a mailbox says by itself.
pub(crate) fn automatic(parcel: &Parcel, number: usize) -> Letter {
    let (to, subject, id) = (&parcel.to, &parcel.words.subject, &parcel.message_id);
    Letter::Written(format!(
        "{STAMP}From: <{to}>\r\nTo: koppelwacht@gemeente-voorbeeld.nl\r\nSubject: Automatisch antwoord: \
         {subject}\r\nAuto-Submitted: auto-replied\r\nIn-Reply-To: <{id}>\r\nMessage-ID: \
         <weg-{number}@gemeente-voorbeeld.nl>\r\nDate: Mon, 23 Nov 2026 09:01:00 +0100\r\n\r\nIk ben afwezig.\r\n"
    ))
}

/// A mail server elsewhere reports that a letter could not be delivered (RFC 3464).
pub(crate) fn bounce(parcel: &Parcel, number: usize) -> Letter {
    let (to, subject, id) = (&parcel.to, &parcel.words.subject, &parcel.message_id);
    Letter::Written(format!(
        "From: MAILER-DAEMON@mx.gemeente-voorbeeld.nl\r\nTo: koppelwacht@gemeente-voorbeeld.nl\r\nSubject: Undelivered \
         Mail Returned to Sender\r\nMessage-ID: <terug-{number}@mx.gemeente-voorbeeld.nl>\r\nDate: Mon, 23 Nov 2026 \
         09:05:00 +0100\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; \
         boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nThe mailbox is full.\r\n--x\r\nContent-Type: \
         message/delivery-status\r\n\r\nReporting-MTA: dns; mx.gemeente-voorbeeld.nl\r\n\r\nFinal-Recipient: rfc822; \
         {to}\r\nAction: failed\r\nStatus: 5.2.2\r\n--x\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: \
         <{id}>\r\nTo: <{to}>\r\nSubject: {subject}\r\n\r\n--x--\r\n"
    ))
}
