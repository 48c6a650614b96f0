//! Who sent it: what the municipality's mail server stamped, what is forged around it, who only looks like a partner, and
//! what a message's own signatures prove.
#![expect(clippy::unwrap_used, reason = "what cannot be set up has failed")]

use std::collections::HashMap;

use async_trait::async_trait;
use koppelwacht::domain::{Deceit, Mail, Source, SourceId, Trust, Verdict};
use koppelwacht::mail;
use koppelwacht::mail::attest::{Dns, Weight, Witness};
use mail_auth::common::crypto::Ed25519Key;
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::DkimSigner;

fn trust() -> Trust {
    let source = |id: &str, domains: &[&str], names: &[&str]| Source {
        id: SourceId::new(id),
        domains: domains.iter().map(ToString::to_string).collect(),
        names: names.iter().map(ToString::to_string).collect(),
    };
    Trust {
        authserv_id: "mx.gemeente.nl".to_owned(),
        own_domains: vec!["gemeente.nl".to_owned()],
        guests: Vec::new(),
        own_address: "koppelwacht@gemeente.nl".to_owned(),
        letter_domain: "koppelwacht.gemeente.nl".to_owned(),
        sources: vec![
            source(
                "coa",
                &["coa.nl", "tvs.coa.nl"],
                &["COA", "Centraal Orgaan opvang asielzoekers"],
            ),
            source("duo", &["duo.nl"], &["DUO", "Dienst Uitvoering Onderwijs"]),
        ],
        smime: koppelwacht::domain::Smime::default(),
    }
}

fn read(head: &str) -> Mail {
    mail::read(format!("{head}\n\nEr is iemand gekoppeld.").as_bytes(), &trust())
}

fn coa() -> SourceId {
    SourceId::new("coa")
}

fn stamp(results: &str) -> String {
    format!("Authentication-Results: mx.gemeente.nl; {results}")
}

/// What the head of a mail from COA leads to.
fn verdict(head: &str) -> Verdict {
    read(&format!("{head}\nFrom: plaatsing@coa.nl")).sender.verdict
}

const GOOD: &str = "dmarc=pass header.from=coa.nl";
const BAD: &str = "dmarc=fail header.from=coa.nl";

#[test]
fn the_stamp_of_our_own_server_is_read_however_it_is_written() {
    for head in [
        stamp(GOOD),
        stamp("dkim=pass header.d=coa.nl"),
        "authentication-results: MX.Gemeente.NL; DMARC=PASS header.from=COA.nl".to_owned(),
        "Authentication-Results: mx.gemeente.nl 1; dmarc=pass header.from=coa.nl".to_owned(),
        "Authentication-Results: mx.gemeente.nl:25; dmarc=pass header.from=coa.nl".to_owned(),
        "Authentication-Results: mx.gemeente.nl.; dmarc=pass header.from=coa.nl".to_owned(),
        "Authentication-Results: (ours) \"mx.gemeente.nl\" (v1) 1 ;\r\n\tdmarc\r\n = pass (p=none; \"x) ; dmarc=fail\")\r\n  \
         header.from = \"coa.nl\""
            .to_owned(),
        stamp("spf=fail smtp.mailfrom=a\"b@coa.nl; dkim=pass header.d=coa.nl; x=\"y\"; dmarc=pass header.from=coa.nl"),
        format!("{}\n{}", stamp("spf=pass"), stamp(GOOD)),
        format!("ARC-Authentication-Results: i=1; evil.example; dmarc=fail\n{}", stamp(GOOD)),
    ] {
        assert_eq!(verdict(&head), Verdict::Partner(coa()), "{head}");
    }
}

#[test]
fn a_denial_outweighs_everything_beside_it() {
    for head in [
        stamp(BAD),
        stamp(&format!("dkim=pass header.d=coa.nl; spf=pass; {BAD}")),
        format!("{}\n{}", stamp(GOOD), stamp(BAD)),
        format!("{}\n{}", stamp(BAD), stamp(GOOD)),
        stamp("dmarc=pass header.from=evil.example"),
        // What the other side wrote opens a quotation or a comment and never closes it.
        stamp(&format!("spf=none smtp.mailfrom=\"a@evil.example; {BAD}")),
        stamp(&format!("spf=none smtp.mailfrom=a(b@evil.example; {BAD}")),
        stamp(&format!("spf=none smtp.mailfrom=a\"b@evil.example; {BAD}")),
    ] {
        let mail = read(&format!("{head}\nFrom: plaatsing@coa.nl"));
        assert_eq!(mail.sender.verdict, Verdict::Forged(coa()), "{head}");
        assert_eq!(mail.sender.deceit, Some(Deceit::Denied), "{head}");
    }
}

#[test]
fn a_stamp_that_came_with_the_mail_does_not_count() {
    let hop = "Received: from evil.example (evil.example [192.0.2.9]) by mx.gemeente.nl; Mon";
    let named_as_us = "Received: from mx.gemeente.nl (evil.example [192.0.2.9]) by mx.gemeente.nl; Mon";
    let local =
        "Received: from localhost (HELO [192.0.2.9])\n ([192.0.2.9]) by mx.gemeente.nl (Postfix); Mon";
    let ported = "Received: from evil.example ([192.0.2.9]) by mx.gemeente.nl:25; Mon";
    for head in [
        "X-Mailer: x".to_owned(),
        format!("{hop}\n{}", stamp(GOOD)),
        format!("{named_as_us}\n{}", stamp(GOOD)),
        format!("{local}\n{}", stamp(GOOD)),
        format!("{ported}\n{}", stamp(GOOD)),
        format!("Authentication-Results: evil.example; x=y\n{}", stamp(GOOD)),
        format!("ARC-Authentication-Results: i=1; mx.gemeente.nl; {GOOD}"),
        format!("X-Authentication-Results: mx.gemeente.nl; {GOOD}"),
        format!("Authentication-Results: sub.mx.gemeente.nl; {GOOD}"),
        format!("Authentication-Results: mx.gemeente.nl.evil.example; {GOOD}"),
        format!("Authentication-Results: evil.example (mx.gemeente.nl); {GOOD}"),
        stamp(&format!("spf=none smtp.mailfrom=\"x; {GOOD}\"@evil.example")),
        stamp(&format!("spf=none smtp.mailfrom=\"x; {GOOD}")),
        stamp(&format!("spf=none reason=x({GOOD}")),
        stamp(&format!("none ({GOOD})")),
        stamp("dmarc=none; dkim=none; spf=none"),
        stamp("dmarc=temperror header.from=coa.nl"),
        stamp("dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=evil.example"),
        stamp("dkim=pass header.d=nl"),
    ] {
        let mail = read(&format!("{head}\nFrom: plaatsing@coa.nl"));
        assert_eq!(mail.sender.verdict, Verdict::Unchecked(coa()), "{head}");
        assert_eq!(mail.sender.deceit, None, "{head}");
    }
}

#[test]
fn a_hop_inside_the_house_does_not_hide_the_stamp() {
    for hop in [
        "Received: from localhost (localhost [127.0.0.1]) by mx.gemeente.nl; Mon",
        "Received: from mx.gemeente.nl (mx.gemeente.nl [10.1.2.3]) by mx.gemeente.nl; Mon",
        "Received: from mx.gemeente.nl by store.gemeente.nl; Mon",
    ] {
        assert_eq!(
            verdict(&format!("{hop}\n{}", stamp(GOOD))),
            Verdict::Partner(coa()),
            "{hop}"
        );
    }
}

#[test]
fn subdomains_are_aligned_as_dmarc_says_and_known_as_the_rules_say() {
    let from = |domain: &str, results: &str| {
        read(&format!("{}\nFrom: a@{domain}", stamp(results)))
            .sender
            .verdict
    };
    assert_eq!(
        from("tvs.coa.nl", "dmarc=pass header.from=coa.nl"),
        Verdict::Partner(coa())
    );
    assert_eq!(
        from("tvs.coa.nl", "dkim=pass header.i=@coa.nl"),
        Verdict::Partner(coa())
    );
    assert_eq!(
        from("nieuw.coa.nl", "dmarc=pass header.from=nieuw.coa.nl"),
        Verdict::Unchecked(coa())
    );
    assert_eq!(
        from("coa.nl", "dmarc=pass header.from=tvs.coa.nl"),
        Verdict::Forged(coa())
    );
    assert_eq!(
        from("coa.nl", "dkim=pass header.d=tvs.coa.nl"),
        Verdict::Unchecked(coa())
    );
}

#[test]
fn look_alikes_false_names_and_false_answer_addresses_are_forgeries() {
    for (head, deceit) in [
        ("From: a@coa-nl.example", Deceit::LookAlike),
        ("From: a@coa.nl.evil.example", Deceit::LookAlike),
        ("From: a@coaa.nl", Deceit::LookAlike),
        ("From: a@c0a.nl", Deceit::LookAlike),
        ("From: a@co\u{430}.nl", Deceit::LookAlike),
        ("From: a@coa.com", Deceit::LookAlike),
        ("From: a@coa-plaatsing.nl", Deceit::LookAlike),
        ("From: \"COA\" <a@evil.example>", Deceit::Name),
        (
            "From: \"C O A Plaatsing\" <plaatsing@evil.example>\nReply-To: b@tvs.coa.nl",
            Deceit::ReplyTo,
        ),
        (
            "From: Centraal Orgaan Opvang Asielzoekers <a@evil.example>",
            Deceit::Name,
        ),
        ("From: \"plaatsing@coa.nl\" <a@evil.example>", Deceit::Name),
        (
            "From: \"Plaatsing via tvs.coa.nl\" <a@evil.example>",
            Deceit::Name,
        ),
        ("From: =?utf-8?B?0KHQntCQ?= <a@evil.example>", Deceit::Name),
        ("From: Contactpersoon COA <a@evil.example>", Deceit::Name),
        (
            "From: a@evil.example\nReply-To: plaatsing@coa.nl",
            Deceit::ReplyTo,
        ),
        (
            "From: plaatsing@coa.nl\nReply-To: a@evil.example",
            Deceit::ReplyTo,
        ),
        ("From: plaatsing@coa.nl, a@evil.example", Deceit::SeveralSenders),
    ] {
        let sender = read(head).sender;
        assert_eq!(
            sender.verdict,
            Verdict::Forged(coa()),
            "{head}: {}",
            sender.reason
        );
        assert_eq!(sender.deceit, Some(deceit), "{head}: {}", sender.reason);
        assert!(!sender.reason.contains('@'), "{}", sender.reason);
    }
}

#[test]
fn an_answer_address_at_a_stranger_spoils_even_a_confirmed_partner_and_one_at_home_does_not() {
    let answers = |to: &str| {
        read(&format!(
            "{}\nFrom: plaatsing@coa.nl\nReply-To: {to}",
            stamp(GOOD)
        ))
        .sender
        .verdict
    };
    assert_eq!(answers("a@evil.example"), Verdict::Forged(coa()));
    assert_eq!(answers("b@tvs.coa.nl, a@evil.example"), Verdict::Forged(coa()));
    for home in [
        "b@coa.nl",
        "b@tvs.coa.nl",
        "b@nieuw.coa.nl",
        "inburgering@gemeente.nl",
    ] {
        assert_eq!(answers(home), Verdict::Partner(coa()), "{home}");
    }
}

#[test]
fn who_plainly_is_somebody_else_is_no_forgery() {
    let confirmed = |domain: &str, from: &str| {
        read(&format!(
            "{}\nFrom: {from}@{domain}>",
            stamp(&format!("dmarc=pass header.from={domain}"))
        ))
        .sender
        .verdict
    };
    assert_eq!(
        confirmed("gemeente.nl", "Jan de Boer (contactpersoon COA) <j.deboer"),
        Verdict::Colleague
    );
    assert_eq!(confirmed("gemeente.nl", "Team COA <team"), Verdict::Colleague);
    for from in [
        "\"Jan de Boer (contactpersoon COA)\" <j.deboer",
        "\"Muziekduo de Boer\" <j",
        "\"Duo Penotti\" <j",
        "\"Coaching Duurzaam\" <j",
    ] {
        assert_eq!(
            confirmed("buurgemeente.example", from),
            Verdict::Outsider,
            "{from}"
        );
    }
}

#[test]
fn a_forged_stamp_of_our_own_domain_makes_no_colleague() {
    for head in [
        "X-Mailer: x",
        "Authentication-Results: evil.example; dmarc=pass header.from=gemeente.nl",
    ] {
        let mail = read(&format!("{head}\nFrom: a@gemeente.nl"));
        assert_eq!(mail.sender.verdict, Verdict::Outsider, "{head}");
    }
    let denied = read(&format!(
        "{}\nFrom: a@gemeente.nl",
        stamp("dmarc=fail header.from=gemeente.nl")
    ));
    assert_eq!(denied.sender.verdict, Verdict::ForgedColleague);
}

/// The DNS of a test: what it knows by name, or nothing because it is down.
struct Answers(Option<HashMap<String, String>>);

#[async_trait]
impl Dns for Answers {
    async fn txt(&self, name: &str) -> Result<Vec<Vec<u8>>, String> {
        let known = self.0.as_ref().ok_or("no name server answers")?;
        let name = name.trim_end_matches('.');
        Ok(known
            .get(name)
            .map(|record| record.clone().into_bytes())
            .into_iter()
            .collect())
    }
}

/// A DNS that takes the question and never answers.
struct Silence;

#[async_trait]
impl Dns for Silence {
    async fn txt(&self, _: &str) -> Result<Vec<Vec<u8>>, String> {
        std::future::pending().await
    }
}

const LETTER: &str = "From: plaatsing@coa.nl\r\nTo: inburgering@gemeente.nl\r\nSubject: Koppeling\r\nDate: Tue, 25 Mar 2025 \
                      10:00:00 +0100\r\n\r\nEr is iemand gekoppeld.\r\n";

/// A mail signed by a domain, and the DNS that knows its key.
fn signed_by(domain: &str, text: &str) -> (String, Answers) {
    use base64::Engine as _;
    let key = Ed25519Key::from_pkcs8_der(&Ed25519Key::generate_pkcs8().unwrap()).unwrap();
    let public = base64::engine::general_purpose::STANDARD.encode(key.public_key());
    let signature = DkimSigner::from_key(key)
        .domain(domain)
        .selector("s1")
        .headers(["From", "To", "Subject", "Date"])
        .sign(text.as_bytes())
        .unwrap()
        .to_header();
    let record = format!("v=DKIM1; k=ed25519; p={public}");
    let known = HashMap::from([(format!("s1._domainkey.{domain}"), record)]);
    (format!("{signature}{text}"), Answers(Some(known)))
}

async fn judged(text: &str, dns: impl Dns + 'static, weight: Weight) -> koppelwacht::domain::Sender {
    let witness = Witness::new(Box::new(dns), weight).unwrap();
    let attested = witness.attest(text.as_bytes(), &trust()).await;
    mail::read_attested(text.as_bytes(), &trust(), &attested).sender
}

#[tokio::test]
async fn a_message_that_the_partner_signed_is_genuine_although_nobody_stamped_it() {
    let (text, dns) = signed_by("coa.nl", LETTER);
    let sender = judged(&text, dns, Weight::WhereSilent).await;
    assert_eq!(sender.verdict, Verdict::Partner(coa()), "{}", sender.reason);
    let unread = read(LETTER).sender;
    assert_eq!(unread.verdict, Verdict::Unchecked(coa()));
}

#[tokio::test]
async fn a_message_that_was_changed_after_signing_is_a_forgery() {
    let (text, dns) = signed_by("coa.nl", LETTER);
    let changed = text.replace("iemand gekoppeld", "niemand gekoppeld");
    let sender = judged(&changed, dns, Weight::WhereSilent).await;
    assert_eq!(sender.verdict, Verdict::Forged(coa()), "{}", sender.reason);
    assert_eq!(sender.deceit, Some(Deceit::Altered));
    let (text, dns) = signed_by("coa.nl", LETTER);
    let renamed = text.replace("Subject: Koppeling", "Subject: Ontkoppeling");
    assert_eq!(
        judged(&renamed, dns, Weight::Instead).await.verdict,
        Verdict::Forged(coa())
    );
}

#[tokio::test]
async fn a_signature_of_somebody_else_confirms_nothing_and_denies_nothing() {
    for signer in ["evil.example", "nl", "plaatsing.coa.nl"] {
        let (text, dns) = signed_by(signer, LETTER);
        let sender = judged(&text, dns, Weight::WhereSilent).await;
        assert_eq!(
            sender.verdict,
            Verdict::Unchecked(coa()),
            "{signer}: {}",
            sender.reason
        );
    }
}

#[tokio::test]
async fn without_an_answer_of_the_dns_the_sender_is_unchecked() {
    let (text, _) = signed_by("coa.nl", LETTER);
    for dns in [Answers(None), Answers(Some(HashMap::new()))] {
        let sender = judged(&text, dns, Weight::WhereSilent).await;
        assert_eq!(sender.verdict, Verdict::Unchecked(coa()), "{}", sender.reason);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dns_that_never_answers_holds_nothing_up() {
    let (text, _) = signed_by("coa.nl", LETTER);
    let sender = judged(&text, Silence, Weight::WhereSilent).await;
    assert_eq!(sender.verdict, Verdict::Unchecked(coa()), "{}", sender.reason);
}

#[tokio::test]
async fn the_stamp_goes_first_unless_the_settings_say_otherwise() {
    let (text, dns) = signed_by("coa.nl", LETTER);
    let text = format!("{}\r\n{text}", stamp(BAD));
    assert_eq!(
        judged(&text, dns, Weight::WhereSilent).await.verdict,
        Verdict::Forged(coa())
    );
    let (text, dns) = signed_by("coa.nl", LETTER);
    let text = format!("{}\r\n{text}", stamp(BAD));
    assert_eq!(
        judged(&text, dns, Weight::Instead).await.verdict,
        Verdict::Partner(coa())
    );
    let unsigned = format!("{}\r\n{LETTER}", stamp(GOOD));
    let sender = judged(&unsigned, Answers(None), Weight::Instead).await;
    assert_eq!(sender.verdict, Verdict::Unchecked(coa()));
}

#[tokio::test]
async fn broken_signatures_and_broken_messages_are_read_all_the_same() {
    for text in [
        "",
        "DKIM-Signature: \r\nFrom: a@coa.nl\r\n\r\nx",
        "DKIM-Signature: v=1; a=rsa-sha256; d=coa.nl; s=x; h=from; bh=x; b=y\r\nFrom: a@coa.nl\r\n\r\nx",
        "DKIM-Signature: v=1; a=rsa-sha256; d=coa.nl; s=x; h=from; l=99999999999999999999; bh=AA==; b=AA==\nFrom: \
         a@coa.nl",
        "From: a@coa.nl\r\nDKIM-Signature: d=coa.nl\0\u{ffff}\r\n",
    ] {
        let sender = judged(text, Answers(Some(HashMap::new())), Weight::WhereSilent).await;
        assert!(
            matches!(sender.verdict, Verdict::Unchecked(_) | Verdict::Outsider),
            "{text}: {}",
            sender.reason
        );
    }
}
