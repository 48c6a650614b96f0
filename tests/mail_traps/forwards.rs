//! What a colleague forwards, in the ways of their programs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use koppelwacht::domain::{Flaw, Mail};

use super::{from, read};

fn forwarded(subject: &str, text: &str) -> Mail {
    read(&from(
        "a@gemeente.nl",
        &format!("Subject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{text}"),
    ))
}

fn is_the_original(mail: &Mail) -> bool {
    mail.text == "Er is een koppeling."
        && mail.from.as_ref().is_some_and(|from| from.address == "a@coa.nl")
        && mail
            .forwarder
            .as_ref()
            .is_some_and(|forwarder| forwarder.address == "a@gemeente.nl")
}

#[test]
fn forwards_inside_the_text_are_read_below_their_head() {
    let rows = [
        (
            "FW: K",
            "Pak jij dit op?\n\n-----Oorspronkelijk bericht-----\nVan: COA <a@coa.nl>\nVerzonden: maandag\nAan: G\nOnderwerp: K\n\nEr is een koppeling.",
        ),
        (
            "FW: K",
            "Van: COA <a@coa.nl>\nVerzonden: maandag\nAan: G\nOnderwerp: K\n\nEr is een koppeling.",
        ),
        (
            "FW: K",
            "ter info\n\nVan: COA [mailto:a@coa.nl]\nVerzonden: maandag\nAan: G\nCC: H\nOnderwerp: K\nUrgentie: Hoog\n\nEr is een koppeling.",
        ),
        (
            "Fwd: K",
            "---------- Forwarded message ---------\nVan: COA <a@coa.nl>\nDate: ma 3 mrt 2025 om 10:00\nSubject: K\nTo: G <g@gemeente.nl>\n\n\nEr is een koppeling.",
        ),
        (
            "Fwd: K",
            "---------- Doorgestuurd bericht ---------\nVan: COA <a@coa.nl>\nDatum: ma 3 mrt 2025\nOnderwerp: K\nAan: G\n\nEr is een koppeling.",
        ),
        (
            "Fwd: K",
            "Begin doorgestuurd bericht:\n\nVan: COA <a@coa.nl>\nOnderwerp: K\nDatum: 3 maart 2025 om 10:00:00 CET\nAan: G\n\nEr is een koppeling.",
        ),
        (
            "Fwd: K",
            "Begin forwarded message:\n\n> From: COA <a@coa.nl>\n> Subject: K\n> Date: 3 March 2025\n> To: G\n> \n> Er is een koppeling.",
        ),
        (
            "Fwd: K",
            "-------- Doorgestuurd bericht --------\nOnderwerp: \tK\nDatum: \tMon, 3 Mar 2025\nVan: \tCOA <a@coa.nl>\nAan: \tG\n\nEr is een koppeling.",
        ),
        (
            "Fwd: K",
            "-------- Forwarded Message --------\nSubject: \tK\nDate: \tMon, 3 Mar 2025\nFrom: \tCOA <a@coa.nl>\nTo: \tG\n\nEr is een koppeling.",
        ),
        (
            "WG: K",
            "Von: COA <a@coa.nl>\nGesendet: Montag\nAn: G\nBetreff: K\n\nEr is een koppeling.",
        ),
        (
            "WG: K",
            "Anfang der weitergeleiteten Nachricht:\n\nVon: COA <a@coa.nl>\nBetreff: K\nDatum: 3. März 2025\nAn: G\n\nEr is een koppeling.",
        ),
        (
            "Doorst: K",
            "Van: COA <a@coa.nl> Verzonden: maandag 3 maart 2025 10:00 Aan: G Onderwerp: K\n\nEr is een koppeling.",
        ),
        (
            "K",
            "-----Oorspronkelijk bericht-----\nVan: COA <a@coa.nl>\nVerzonden: maandag\nAan: G\nOnderwerp: K\n\nEr is een koppeling.",
        ),
    ];
    let wrong: Vec<_> = rows
        .iter()
        .map(|(subject, text)| (text, forwarded(subject, text)))
        .filter(|(_, mail)| !is_the_original(mail))
        .map(|(text, mail)| (text, mail.text, mail.from, mail.forwarder))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn with_message(kind: &str, name: &str, bytes: &[u8]) -> Mail {
    let encoded = STANDARD.encode(bytes);
    read(&from(
        "a@gemeente.nl",
        &format!(
            "Subject: koppelbericht\nContent-Type: multipart/mixed; boundary=grens\n\n--grens\n\nPak jij dit op?\n--grens\nContent-Type: {kind}; \
             name=\"{name}\"\nContent-Disposition: attachment; filename=\"{name}\"\nContent-Transfer-Encoding: base64\n\n{encoded}\n--grens--\n"
        ),
    ))
}

#[test]
fn forwards_as_a_file_are_read_whatever_the_label_says() {
    let message = b"From: COA <a@coa.nl>\r\nSubject: Koppeling\r\n\r\nEr is een koppeling.\r\n";
    for (kind, name) in [
        ("message/rfc822", "Koppeling.eml"),
        ("application/octet-stream", "Koppeling.eml"),
        ("application/octet-stream", "KOPPELING.EML"),
        ("text/plain", "Koppeling.eml"),
        ("application/x-message", "Koppeling.eml"),
    ] {
        let mail = with_message(kind, name, message);
        assert!(is_the_original(&mail), "{kind}: {mail:?}");
    }
}

/// An Outlook file with a message in it.
fn msg() -> Vec<u8> {
    use std::io::Write as _;
    let mut file = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).expect("in memory");
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    for (path, bytes) in [
        ("/__properties_version1.0", vec![0; 32]),
        ("/__substg1.0_0037001F", wide("Koppelbericht")),
        ("/__substg1.0_5D01001F", wide("a@coa.nl")),
        ("/__substg1.0_1000001F", wide("Er is een koppeling.")),
    ] {
        file.create_stream(path)
            .and_then(|mut stream| stream.write_all(&bytes))
            .expect("in memory");
    }
    file.flush().expect("in memory");
    file.into_inner().into_inner()
}

#[test]
fn an_outlook_file_is_read_and_a_broken_one_brings_a_human() {
    for kind in ["application/vnd.ms-outlook", "application/octet-stream"] {
        let mail = with_message(kind, "Koppelbericht.msg", &msg());
        assert!(is_the_original(&mail), "{kind}: {mail:?}");
        assert_eq!(mail.subject, "Koppelbericht");
    }
    let broken = with_message("application/vnd.ms-outlook", "Koppelbericht.msg", &msg()[..600]);
    assert!(broken.flaws.contains(&Flaw::BrokenStructure), "{broken:?}");
}
