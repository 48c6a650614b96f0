//! Traps that the example mails do not hold: each is a short mail, and the one thing that must be read in it.

#[path = "mail_traps/files.rs"]
mod files;
#[path = "mail_traps/forwards.rs"]
mod forwards;
#[path = "mail_traps/hidden.rs"]
mod hidden;
#[path = "mail_traps/history.rs"]
mod history;
#[path = "mail_traps/letters.rs"]
mod letters;
#[path = "mail_traps/mime.rs"]
mod mime;
#[path = "mail_traps/portals.rs"]
mod portals;
#[path = "mail_traps/smime.rs"]
mod smime;

use koppelwacht::domain::{Flaw, Mail, Nature, Seal, Smime, Source, SourceId, TaskId, Trust, Verdict};
use koppelwacht::mail;
use proptest::prelude::*;

fn trust() -> Trust {
    let source = |id: &str, domain: &str, name: &str| Source {
        id: SourceId::new(id),
        domains: vec![domain.to_owned()],
        names: vec![name.to_owned()],
    };
    Trust {
        authserv_id: "mx.gemeente.nl".to_owned(),
        own_domains: vec!["gemeente.nl".to_owned()],
        guests: Vec::new(),
        own_address: "koppelwacht@gemeente.nl".to_owned(),
        letter_domain: "koppelwacht.gemeente.nl".to_owned(),
        sources: vec![source("coa", "coa.nl", "COA"), source("duo", "duo.nl", "DUO")],
        smime: Smime::default(),
    }
}

fn read(text: &str) -> Mail {
    mail::read(text.as_bytes(), &trust())
}

fn coa() -> SourceId {
    SourceId::new("coa")
}

/// A mail that our server vouches for.
fn from(address: &str, rest: &str) -> String {
    let domain = address.rsplit_once('@').expect("an address").1;
    format!(
        "Authentication-Results: mx.gemeente.nl; dmarc=pass header.from={domain}\nFrom: {address}\nDate: Mon, 7 Apr 2025 \
         10:00:00 +0200\n{rest}"
    )
}

#[test]
fn a_second_delivery_has_the_same_fingerprint_and_a_second_message_has_not() {
    let fingerprint = |text: &str| read(text).fingerprint;
    let mail =
        "Message-ID: <1@coa.nl>\nDate: Mon, 7 Apr 2025 10:00:00 +0200\nSubject: Koppeling\n nieuw\n\nV\n";
    let through_imap = mail.replace('\n', "\r\n");
    let with_traces = format!("Received: from a by b\n{mail}\n\n");
    assert_eq!(fingerprint(mail), fingerprint(&through_imap));
    assert_eq!(fingerprint(mail), fingerprint(&with_traces));
    assert_eq!(
        fingerprint(mail),
        fingerprint(&mail.replace("\n nieuw", " nieuw"))
    );
    assert_ne!(fingerprint(mail), fingerprint(&mail.replace("\nV\n", "\nW\n")));
    assert_ne!(fingerprint(mail), fingerprint(&mail.replace("1@", "2@")));
}

#[test]
fn a_message_without_identity_is_told_apart_by_its_traces() {
    let first = "Received: from a by b id 1\nSubject: Koppeling\n\nV\n";
    let second = first.replace("id 1", "id 2");
    assert_eq!(read(first).fingerprint, read(first).fingerprint);
    assert_ne!(read(first).fingerprint, read(&second).fingerprint);
}

#[test]
fn several_senders_are_nobody() {
    for head in [
        "From: a@evil.example\nFrom: b@coa.nl",
        "From: b@coa.nl\nFrom: a@evil.example",
        "From: b@coa.nl, a@evil.example",
    ] {
        let text =
            format!("Authentication-Results: mx.gemeente.nl; dmarc=pass header.from=coa.nl\n{head}\n\nx");
        assert_eq!(read(&text).sender.verdict, Verdict::Forged(coa()), "{head}");
    }
    assert!(
        read("From: a@b.nl\nFrom: c@d.nl\n\nx")
            .flaws
            .contains(&Flaw::SeveralSenders)
    );
}

#[test]
fn a_subdomain_of_a_partner_that_is_not_in_the_rules_is_unchecked() {
    let mail = read(&from("x@nieuw.coa.nl", "\nx"));
    assert_eq!(mail.sender.verdict, Verdict::Unchecked(coa()));
}

#[test]
fn our_own_domain_without_a_stamp_is_no_colleague() {
    assert_eq!(
        read("From: a@gemeente.nl\n\nklaar").sender.verdict,
        Verdict::Outsider
    );
}

#[test]
fn a_name_or_a_reply_address_that_points_to_a_partner_makes_an_impostor() {
    for head in [
        "From: \"COA Plaatsing\" <a@evil.example>",
        "From: \"plaatsing@coa.nl\" <a@evil.example>",
        "From: a@evil.example\nReply-To: x@coa.nl",
        "From: a@coa-nl.example",
    ] {
        assert_eq!(
            read(&format!("{head}\n\nx")).sender.verdict,
            Verdict::Forged(coa()),
            "{head}"
        );
    }
    let honest = read("From: \"Coaching Duurzaam\" <a@evil.example>\n\nkoppeling");
    assert_eq!(honest.sender.verdict, Verdict::Outsider);
}

#[test]
fn a_partners_notice_is_never_taken_for_an_answer_of_a_machine() {
    for extra in [
        "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nPrecedence: bulk",
        "Auto-Submitted: auto-replied",
        "Subject: Automatisch antwoord: koppeling",
        "Subject: RE: [Koppelwacht #12] koppeling",
        "Subject: failure notice\nReturn-Path: <>",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nkoppeling\n--x\n\
         Content-Type: message/delivery-status\n\nAction: failed\n--x--",
    ] {
        let mail = read(&from("a@coa.nl", &format!("{extra}\n\nEr is een koppeling.")));
        assert_eq!(mail.nature, Nature::Notice, "{extra}");
    }
    let absent = read(&from(
        "a@coa.nl",
        "Auto-Submitted: auto-replied\n\nIk ben met vakantie tot en met 11 april.",
    ));
    assert_eq!(
        absent.nature,
        Nature::OutOfOffice {
            until: Some(jiff::civil::date(2025, 4, 11))
        }
    );
}

#[test]
fn an_automatic_answer_to_our_letter_is_no_answer_of_a_person() {
    for extra in [
        "Auto-Submitted: auto-replied\nSubject: RE: [Koppelwacht #12] x",
        "Subject: Automatic reply: [Koppelwacht #12] x",
        "X-Autoreply: yes\nSubject: Ontvangstbevestiging",
    ] {
        let mail = read(&from("a@gemeente.nl", &format!("{extra}\n\nBedankt.")));
        assert_eq!(mail.nature, Nature::OutOfOffice { until: None }, "{extra}");
    }
}

#[test]
fn an_answer_names_its_task_by_subject_or_by_the_letter_it_answers() {
    for (extra, task) in [
        ("Subject: FW: [koppelwacht #12] x", Some(12)),
        (
            "References: <x@y>\n <task-12.ab@koppelwacht.gemeente.nl>",
            Some(12),
        ),
        ("In-Reply-To: <digest.ab@koppelwacht.gemeente.nl>", None),
    ] {
        let mail = read(&from(
            "a@gemeente.nl",
            &format!("{extra}\n\nklaar\n\n> Van: Koppelwacht\n> gekoppeld"),
        ));
        let Nature::Answer(answer) = mail.nature else {
            panic!("{extra} is no answer")
        };
        assert_eq!(answer.task, task.map(TaskId), "{extra}");
        assert_eq!(mail.text, "klaar", "{extra}");
    }
    let stranger = read(&from(
        "a@gemeente.nl",
        "In-Reply-To: <task-12@koppelwacht.gemeente.nl.evil.example>\n\nx",
    ));
    assert_eq!(stranger.nature, Nature::Notice);
}

#[test]
fn a_forged_letter_of_ours_is_not_our_own() {
    let text = "Authentication-Results: mx.gemeente.nl; dmarc=fail header.from=gemeente.nl\nFrom: \
                koppelwacht@gemeente.nl\nX-Koppelwacht: task\n\nx";
    assert_eq!(read(text).nature, Nature::Notice);
    assert_eq!(read(text).sender.verdict, Verdict::ForgedColleague);
    assert_eq!(read("From: koppelwacht@gemeente.nl\n\nx").nature, Nature::Own);
}

#[test]
fn sealed_content_is_seen_in_its_many_forms() {
    let wrapper = "Content-Type: text/html\n\n<p>U heeft een beveiligd bericht</p><a \
                   href='https://app.zivver.com/m/1'>Lees</a>";
    let sealed = [
        (wrapper, Seal::Portal),
        (
            "Content-Type: multipart/encrypted; boundary=x\n\n--x\n\nx\n--x--",
            Seal::Pgp,
        ),
        ("\nHallo\n-----BEGIN PGP MESSAGE-----\nabc", Seal::Pgp),
        (
            "Content-Type: application/x-pkcs7-mime; name=smime.p7m\n\nabc",
            Seal::Smime,
        ),
        (
            "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: application/octet-stream; \
             name=message_v2.rpmsg\n\nx\n--x--",
            Seal::Portal,
        ),
    ];
    for (rest, seal) in sealed {
        assert_eq!(
            read(&from("a@coa.nl", rest)).nature,
            Nature::Sealed(seal),
            "{rest}"
        );
    }
    let footer = "\nEr is een koppeling.\n\nWij mailen veilig: https://www.zivver.com/";
    assert_eq!(read(&from("a@coa.nl", footer)).nature, Nature::Notice);
}

#[test]
fn notices_forwarded_together_are_all_read() {
    let inner = |number: &str| {
        format!(
            "--x\nContent-Type: message/rfc822\n\nFrom: COA <a@coa.nl>\nSubject: Koppeling\n\nV-nummer {number}\n"
        )
    };
    let parts = format!("{}{}--x--", inner("9900149732"), inner("9900158138"));
    let mail = read(&from(
        "a@gemeente.nl",
        &format!("Subject: FW\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nHierbij\n{parts}"),
    ));
    assert_eq!(mail.references.v_nummers, ["9900149732", "9900158138"]);
    assert_eq!(mail.from.expect("the original's").address, "a@coa.nl");
    assert_eq!(mail.forwarder.expect("the colleague").address, "a@gemeente.nl");
}

#[test]
fn more_forwarded_notices_than_are_read_bring_a_human() {
    let parts = "--x\nContent-Type: message/rfc822\n\nFrom: a@coa.nl\n\nkoppeling\n".repeat(21);
    let head = "Subject: FW\nContent-Type: multipart/mixed; boundary=x\n\n";
    let mail = read(&from("a@gemeente.nl", &format!("{head}{parts}--x--")));
    assert!(mail.flaws.contains(&Flaw::BrokenStructure));
}

#[test]
fn nothing_that_is_kept_is_endless() {
    let long = "a".repeat(100_000);
    let mail = read(&format!(
        "From: {long} <a@{long}.nl>\nSubject: {long}\nMessage-ID: <{long}>\n\nx"
    ));
    assert!(mail.subject.len() <= 4096 && mail.sender.reason.len() < 300);
    assert!(mail.message_id.is_some_and(|id| id.len() <= 4096));
}

#[test]
fn a_forward_of_a_forward_and_an_encoded_one_are_opened() {
    use base64::Engine as _;
    let notice = "From: a@coa.nl\nSubject: Koppeling\n\nEr is een koppeling.";
    let encoded = base64::engine::general_purpose::STANDARD.encode(notice);
    let wrap = |head: &str, content: &str| {
        format!(
            "Subject: FW: x\nContent-Type: multipart/mixed; boundary={head}\n\n--{head}\n{content}\n--{head}--\n"
        )
    };
    let innermost = format!("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{encoded}");
    let middle = format!(
        "Content-Type: message/rfc822\n\nFrom: b@gemeente.nl\n{}",
        wrap("y", &innermost)
    );
    let mail = read(&from("a@gemeente.nl", &wrap("x", &middle)));
    assert_eq!(
        (mail.text.as_str(), mail.subject.as_str()),
        ("Er is een koppeling.", "Koppeling")
    );
}

#[test]
fn a_plain_part_that_only_asks_for_html_is_not_the_text() {
    let mail = read(&from(
        "a@coa.nl",
        "Content-Type: multipart/alternative; boundary=x\n\n--x\n\nUw programma toont geen HTML.\n--x\nContent-Type: \
         text/html\n\n<p>Er is een koppeling</p>\n--x--",
    ));
    assert_eq!(mail.text, "Er is een koppeling");
}

#[test]
fn an_answer_of_a_partner_that_only_quotes_is_read_whole() {
    let mail = read(&from("a@coa.nl", "Subject: RE: x\n\n> Er is een koppeling."));
    assert!(mail.text.contains("Er is een koppeling."), "{}", mail.text);
}

#[test]
fn bytes_that_are_no_message_are_kept_for_a_human() {
    for bytes in [b"".as_slice(), b"koppeling", b"\n\nkoppeling", b"\xff\xfe\0\0"] {
        let mail = mail::read(bytes, &trust());
        assert!(
            mail.flaws.iter().any(|flaw| flaw.touches_text()) || mail.text == "koppeling",
            "{mail:?}"
        );
        assert!(mail.flaws.contains(&Flaw::NoSender));
    }
}

#[test]
fn recipients_are_each_named_once() {
    let mail = read("To: A <a@x.nl>, B@x.nl\nCc: a@X.nl\nDelivered-To: inburgering@x.nl\n\nx");
    assert_eq!(mail.recipients, ["a@x.nl", "b@x.nl", "inburgering@x.nl"]);
}

/// Pieces that mails are made of, in any order.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        any::<Vec<u8>>(),
        "[ -~]{0,20}".prop_map(String::into_bytes),
        proptest::sample::select(vec![
            "\r\n",
            "\n",
            "\n\n",
            "--x\n",
            "--x--\n",
            "Content-Type: multipart/mixed; boundary=x\n",
            "Content-Type: multipart/alternative; boundary=\"x\"\n",
            "Content-Type: message/rfc822\n\n",
            "Content-Type: text/html; charset=utf-16\n\n",
            "Content-Transfer-Encoding: base64\n",
            "Content-Transfer-Encoding: quoted-printable\n",
            "From: COA <a@coa.nl>\n",
            "From: é@\u{3bf}.nl,\n <\n",
            "Subject: =?utf-8?Q?=C3=AB?= =?x\n",
            "Date: Mon, 32 Foo\n",
            "Van: a\nAan: b\nOnderwerp: c\n",
            "Op 3 maart schreef x:\n",
            "> ",
            "SS101 999919854 ",
            "V-nummer ",
            "9900 149 732",
            "<div style='color:#fff'>é",
            "</p><table><tr><td>",
            "&nbsp;&#0;",
            "Authentication-Results: mx.gemeente.nl; dmarc=pass (",
            "=3D=\n",
            "\u{feff}",
            "tot 31 februari 2025",
            "[Koppelwacht #99999999999999999999]",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_are_read_and_twice_the_same(bytes in pieces()) {
        prop_assert_eq!(mail::read(&bytes, &trust()), mail::read(&bytes, &trust()));
    }
}
