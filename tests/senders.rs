//! Who sent it: what the municipality's mail server stamped, what is forged around it, and who only looks like a partner.

use koppelwacht::domain::{Deceit, Mail, Source, SourceId, Trust, Verdict};
use koppelwacht::mail;

fn trust() -> Trust {
    let source = |id: &str, domains: &[&str], names: &[&str]| Source {
        id: SourceId::new(id),
        domains: domains.iter().map(ToString::to_string).collect(),
        names: names.iter().map(ToString::to_string).collect(),
    };
    Trust {
        authserv_id: "mx.gemeente.nl".to_owned(),
        own_domains: vec!["gemeente.nl".to_owned()],
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
