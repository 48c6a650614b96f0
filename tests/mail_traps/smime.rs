//! Signed and encrypted mail. The mails are made by `tests/mail_traps/smime/make.sh`.

use std::fs;

use koppelwacht::decide::classify;
use koppelwacht::domain::{Decryption, Mail, Nature, PrivateKey, Seal, Smime, Standing, Trust};
use koppelwacht::mail;
use koppelwacht::rules::Rules;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

fn file(name: &str) -> String {
    fs::read_to_string(format!("tests/mail_traps/smime/{name}")).expect("made by make.sh")
}

fn certificate(name: &str) -> Vec<u8> {
    CertificateDer::from_pem_slice(file(name).as_bytes())
        .expect("a certificate")
        .to_vec()
}

fn decryption(certificate_file: &str) -> Decryption {
    let key = PrivatePkcs8KeyDer::from_pem_slice(file("ours.key").as_bytes()).expect("a key");
    Decryption {
        certificate: certificate(certificate_file),
        key: PrivateKey::new(key.secret_pkcs8_der().to_vec()),
    }
}

/// A municipality that trusts these certificates and has its key.
fn trust(trusted: &[&str]) -> Trust {
    Trust {
        smime: Smime {
            trusted: trusted.iter().map(|name| certificate(name)).collect(),
            decryption: Some(decryption("ours.pem")),
        },
        ..super::trust()
    }
}

fn read(text: &str, trusted: &[&str]) -> Mail {
    mail::read(text.as_bytes(), &trust(trusted))
}

fn standing(mail: &Mail) -> (Standing, &'static str) {
    let signature = mail.signature.as_ref().expect("a signature");
    (signature.standing, signature.reason)
}

const TEXT: &str = "Er is een koppeling. V-nummer 9900149732.";

#[test]
fn a_signature_beside_or_around_the_content_is_checked_and_the_content_read() {
    for name in [
        "beside",
        "beside-curve",
        "beside-pss",
        "around",
        "around-streamed",
    ] {
        let text = file(&format!("{name}.eml"));
        for text in [text.clone(), text.replace('\n', "\r\n")] {
            let mail = read(&text, &["ca.pem"]);
            assert_eq!(mail.text, TEXT, "{name}");
            assert_eq!(mail.references.v_nummers, ["9900149732"], "{name}");
            assert_eq!(standing(&mail).0, Standing::Valid, "{name}: {:?}", mail.signature);
            assert_eq!(mail.nature, Nature::Notice, "{name}");
        }
    }
}

#[test]
fn a_senders_own_certificate_is_enough() {
    assert_eq!(
        standing(&read(&file("beside.eml"), &["coa.pem"])).0,
        Standing::Valid
    );
    assert_eq!(
        standing(&read(&file("around.eml"), &["coa.pem"])).0,
        Standing::Valid
    );
}

#[test]
fn what_cannot_be_checked_is_read_and_says_why() {
    let beside = file("beside.eml");
    let old = beside.replace("2027", "2019");
    for (text, trusted, reason) in [
        (beside.as_str(), &[][..], "no certificates are configured"),
        (
            &beside,
            &["stranger.pem"],
            "its certificate is from nobody we trust, or was not valid on that day",
        ),
        (
            &old,
            &["ca.pem"],
            "its certificate is from nobody we trust, or was not valid on that day",
        ),
        (
            &file("beside-stranger.eml"),
            &["ca.pem"],
            "its certificate is not the sender's",
        ),
        (
            &file("beside-pss-long.eml"),
            &["ca.pem"],
            "it uses a method that is not known here",
        ),
        (
            &file("beside-sha1.eml"),
            &["ca.pem"],
            "it uses SHA-1, which can be forged",
        ),
        (&beside.replace("MII", "AII"), &["ca.pem"], "it cannot be read"),
    ] {
        let mail = read(text, trusted);
        assert_eq!(standing(&mail), (Standing::Unchecked, reason));
        assert_eq!(mail.text, TEXT, "{reason}");
    }
}

#[test]
fn a_notice_that_was_changed_after_signing_is_suspicious() {
    let rules = Rules::shipped();
    let beside = file("beside.eml").replace("9900149732", "9900158138");
    for domain in ["dmarc=pass", "dmarc=none"] {
        let mail = read(&beside.replace("dmarc=pass", domain), &["ca.pem"]);
        assert_eq!(
            standing(&mail),
            (Standing::Invalid, "the content was changed after it was signed")
        );
        let classification = classify(&rules, &mail);
        assert_eq!(classification.signals[0].kind.as_str(), "mail.verdacht");
        assert!(
            classification
                .why
                .iter()
                .any(|why| why.contains("signature: invalid"))
        );
    }
    let genuine = classify(&rules, &read(&file("beside.eml"), &["ca.pem"]));
    assert_ne!(genuine.signals[0].kind.as_str(), "mail.verdacht");
}

#[test]
fn a_changed_notice_that_a_colleague_forwards_is_suspicious_too() {
    let forward = |inner: &str| {
        let inner = inner.split_once('\n').expect("the stamp").1;
        super::from(
            "a@gemeente.nl",
            &format!(
                "Subject: FW: x\nContent-Type: multipart/mixed; boundary=outer\n\n--outer\nContent-Type: message/rfc822\n\n{inner}\n--outer--\n"
            ),
        )
    };
    let rules = Rules::shipped();
    let mail = read(&forward(&file("beside.eml")), &["ca.pem"]);
    assert_eq!((mail.text.as_str(), standing(&mail).0), (TEXT, Standing::Valid));
    let changed = read(
        &forward(&file("beside.eml").replace("koppeling.", "wijziging.")),
        &["ca.pem"],
    );
    assert_eq!(
        classify(&rules, &changed).signals[0].kind.as_str(),
        "mail.verdacht"
    );
}

#[test]
fn a_signature_over_a_part_vouches_for_that_part_only() {
    let (head, rest) = file("beside.eml")
        .split_once("Content-Type")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .expect("fields");
    let text = format!(
        "{head}Content-Type: multipart/mixed; boundary=list\n\n--list\nContent-Type{rest}\n--list\n\nEn nog wat.\n--list--\n"
    );
    let mail = read(&text, &["ca.pem"]);
    assert_eq!(
        standing(&mail),
        (Standing::Unchecked, "only a part of the message is signed")
    );
    assert!(
        mail.text.contains(TEXT) && mail.text.contains("En nog wat."),
        "{}",
        mail.text
    );
}

#[test]
fn a_container_whose_type_was_lost_or_that_stands_beside_a_disclaimer_is_opened() {
    let around = file("around.eml");
    let lost = around.replace(
        "application/pkcs7-mime; smime-type=signed-data;",
        "application/octet-stream;",
    );
    assert_ne!(lost, around);
    assert_eq!(read(&lost, &["ca.pem"]).text, TEXT);
    let (head, rest) = around.split_once("Content-Disposition").expect("fields");
    let beside = format!(
        "{head}Content-Type: multipart/mixed; boundary=list\n\n--list\nContent-Disposition{rest}\n--list\n\nDit bericht is vertrouwelijk.\n--list--\n"
    );
    let mail = read(&beside, &["ca.pem"]);
    assert!(
        mail.text.starts_with(TEXT) && mail.text.ends_with("vertrouwelijk."),
        "{}",
        mail.text
    );
    assert_eq!(standing(&mail).0, Standing::Unchecked);
}

#[test]
fn encrypted_mail_is_opened_with_the_municipalitys_key_and_the_signature_inside_checked() {
    for name in [
        "sealed-aes256",
        "sealed-aes128-streamed",
        "sealed-3des",
        "sealed-gcm",
        "sealed-oaep",
        "sealed-oaep-sha1",
    ] {
        let mail = read(&file(&format!("{name}.eml")), &["ca.pem"]);
        assert_eq!(mail.text, TEXT, "{name}");
        assert_eq!(mail.nature, Nature::Notice, "{name}");
        assert_eq!(standing(&mail).0, Standing::Valid, "{name}: {:?}", mail.signature);
    }
}

#[test]
fn encrypted_mail_without_its_key_is_sealed_and_a_human_reads_it() {
    let sealed = file("sealed-aes256.eml");
    let broken = sealed.replace("\nMII", "\nMIA");
    for (text, trust) in [
        (sealed.as_str(), super::trust()),
        (&file("sealed-for-another.eml"), trust(&[])),
        (&broken, trust(&[])),
    ] {
        let mail = mail::read(text.as_bytes(), &trust);
        assert_eq!(mail.nature, Nature::Sealed(Seal::Smime));
        assert_eq!(
            classify(&Rules::shipped(), &mail).signals[0].kind.as_str(),
            "mail.beveiligd"
        );
    }
}

#[test]
fn the_subject_inside_protected_content_counts() {
    let around = file("around-protected.eml").replace("Subject: Koppelbericht", "Subject: [...]");
    assert_eq!(read(&around, &["ca.pem"]).subject, "Koppelbericht binnenin");
}

#[test]
fn a_key_is_only_taken_with_its_own_certificate() {
    assert!(mail::can_decrypt(&decryption("ours.pem")));
    assert!(!mail::can_decrypt(&decryption("coa.pem")));
    let no_key = Decryption {
        key: PrivateKey::new(b"x".to_vec()),
        ..decryption("ours.pem")
    };
    assert!(!mail::can_decrypt(&no_key));
}

#[test]
fn damaged_containers_are_sealed_or_read_and_never_hold_anything_up() {
    for name in ["around", "sealed-aes256", "sealed-gcm", "beside"] {
        let text = file(&format!("{name}.eml"));
        let start = text.rfind("MII").expect("base64");
        for at in (start..text.len()).step_by(97) {
            let mut damaged = text.clone().into_bytes();
            damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
            let mail = mail::read(&damaged, &trust(&["ca.pem"]));
            let is_told = mail
                .signature
                .as_ref()
                .is_some_and(|signature| signature.standing != Standing::Valid)
                || matches!(mail.nature, Nature::Sealed(_))
                || mail.text == TEXT;
            assert!(is_told, "{name} {at}: {mail:?}");
            let cut = mail::read(&text.as_bytes()[..at], &trust(&["ca.pem"]));
            assert!(
                cut.text == TEXT || matches!(cut.nature, Nature::Sealed(_)),
                "{name} cut at {at}"
            );
        }
    }
}
