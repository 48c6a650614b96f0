//! Automatic mail and answers: what comes back because of a letter of ours, and what must not be taken for it.
//!
//! The reports are invented, in the shapes in which mail servers of the world write them.

use jiff::civil::{Date, date};
use koppelwacht::domain::{
    Answer, Bounce, Intent, LetterName, LetterOf, Mail, Nature, Source, SourceId, StatusCode, TaskId, Trust,
    Undelivered, Verdict,
};
use koppelwacht::mail;

const READER: &str = "m.kuipers@gemeente.nl";

fn trust() -> Trust {
    let source = |id: &str, domain: &str| Source {
        id: SourceId::new(id),
        domains: vec![domain.to_owned()],
        names: vec![id.to_uppercase()],
    };
    Trust {
        authserv_id: "mx.gemeente.nl".to_owned(),
        own_domains: vec!["gemeente.nl".to_owned()],
        guests: Vec::new(),
        own_address: "koppelwacht@gemeente.nl".to_owned(),
        letter_domain: "koppelwacht.gemeente.nl".to_owned(),
        smime: koppelwacht::domain::Smime::default(),
        sources: vec![source("coa", "coa.nl"), source("duo", "duo.nl")],
    }
}

fn read(text: &str) -> Mail {
    mail::read(text.as_bytes(), &trust())
}

/// A mail of a machine to us.
fn machine(from: &str, subject: &str, rest: &str) -> String {
    format!(
        "From: {from}\nTo: koppelwacht@gemeente.nl\nSubject: {subject}\nDate: Tue, 25 Mar 2025 10:00:00 +0100\n{rest}"
    )
}

/// A mail of a colleague that our server vouches for.
fn colleague(rest: &str) -> String {
    format!(
        "Authentication-Results: mx.gemeente.nl; dmarc=pass header.from=gemeente.nl\nFrom: Marleen Kuipers \
         <{READER}>\nTo: koppelwacht@gemeente.nl\nDate: Tue, 25 Mar 2025 10:00:00 +0100\n{rest}"
    )
}

fn bounce(text: &str) -> Bounce {
    match read(text).nature {
        Nature::Bounce(bounce) => bounce,
        other => panic!("{other:?}: {text}"),
    }
}

/// A delivery report (RFC 3464) with this status, on a letter about task 1044.
fn report(status: &str) -> String {
    machine(
        "Mail Delivery System <MAILER-DAEMON@mx.gemeente.nl>",
        "Undelivered Mail Returned to Sender",
        &format!(
            "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nSee below.\n--x\n\
             Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.gemeente.nl\n\n{status}\n\n--x\n\
             Content-Type: message/rfc822\n\nFrom: koppelwacht@gemeente.nl\nTo: {READER}\nSubject: [Koppelwacht #1044] \
             x\nMessage-ID: <task-1044.55aa@koppelwacht.gemeente.nl>\n\nx\n--x--\n"
        ),
    )
}

#[test]
fn a_delivery_report_says_who_why_and_about_which_task() {
    let bounce = bounce(&report(
        "Final-Recipient: rfc822; M.Kuipers@gemeente.nl\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 \
         5.2.2 over quota",
    ));
    assert_eq!(
        bounce,
        Bounce {
            recipient: Some(READER.to_owned()),
            permanent: true,
            reason: Undelivered::MailboxFull,
            status: StatusCode::parse("5.2.2"),
            task: Some(TaskId(1044)),
            letter: Some(LetterName {
                of: LetterOf::Task(TaskId(1044)),
                token: "55aa".to_owned(),
            }),
        }
    );
}

#[test]
fn behind_an_alias_the_address_that_we_wrote_to_counts() {
    let bounce = bounce(&report(
        "Final-Recipient: rfc822; box17@store.intern\nOriginal-Recipient: rfc822;m.kuipers@gemeente.nl\nAction: failed",
    ));
    assert_eq!(bounce.recipient.as_deref(), Some(READER));
}

#[test]
fn a_report_that_names_nobody_is_about_whom_the_returned_letter_went_to() {
    let bounce = bounce(&report("Final-Recipient: x400; /S=kuipers\nAction: failed"));
    assert_eq!(bounce.recipient.as_deref(), Some(READER));
}

#[test]
fn success_and_receipts_are_no_bounces() {
    let success = report("Final-Recipient: rfc822; m.kuipers@gemeente.nl\nAction: delivered\nStatus: 2.0.0");
    let relayed = machine(
        "postmaster@gemeente.example",
        "Relayed: [Koppelwacht #1044] x",
        "\nDelivery to these recipients is complete.\n",
    );
    let read_receipt = machine(
        READER,
        "Gelezen: [Koppelwacht #1044] x",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=x\n\n--x\n\nGelezen\n--x\n\
         Content-Type: message/disposition-notification\n\nDisposition: manual-action/MDN-sent-manually; displayed\n--x--\n",
    );
    for text in [success, relayed, read_receipt] {
        assert_eq!(read(&text).nature, Nature::Receipt, "{text}");
    }
}

#[test]
fn a_rejection_in_the_dress_of_a_receipt_is_a_bounce() {
    let bounce = bounce(&machine(
        "Mail Delivery Subsystem <postmaster@gemeente.example>",
        "Automatically rejected mail",
        "Auto-Submitted: auto-replied (rejected)\nContent-Type: multipart/report; \
         report-type=disposition-notification; boundary=x\n\n--x\n\nYour message to <m.kuipers@gemeente.nl> was \
         automatically rejected:\nQuota exceeded\n--x\nContent-Type: message/disposition-notification\n\nDisposition: \
         automatic-action/MDN-sent-automatically; deleted\n--x--\n",
    ));
    assert_eq!(bounce.recipient.as_deref(), Some(READER));
    assert_eq!(bounce.reason, Undelivered::MailboxFull);
}

#[test]
fn a_complaint_about_our_letter_is_a_refusal_and_praise_is_not() {
    let complaint = |kind: &str| {
        machine(
            "feedback@example.net",
            "FW: koppeling",
            &format!(
                "Content-Type: multipart/report; report-type=feedback-report; boundary=x\n\n--x\n\nAbuse report.\n--x\n\
                 Content-Type: message/feedback-report\n\nFeedback-Type: {kind}\nOriginal-Rcpt-To: \
                 <m.kuipers@gemeente.nl>\n--x--\n"
            ),
        )
    };
    let refused = bounce(&complaint("abuse"));
    assert_eq!(refused.recipient.as_deref(), Some(READER));
    assert_eq!(refused.reason, Undelivered::Refused);
    assert_eq!(read(&complaint("not-spam")).nature, Nature::Receipt);
}

/// From, subject, text, and what must be read: whether the server gave up, and why.
const SHAPES: [(&str, &str, &str, bool, Undelivered); 24] = [
    (
        "MAILER-DAEMON@qmail.example",
        "failure notice",
        "Hi. This is the qmail-send program.\n\n<m.kuipers@gemeente.nl>:\nSorry, no mailbox here by that name. (#5.1.1)\n",
        true,
        Undelivered::UnknownUser,
    ),
    (
        "Mail Delivery System <Mailer-Daemon@exim.example>",
        "Warning: message 1abc delayed 24 hours",
        "A message that you sent has not yet been delivered to all its recipients.\n\nThe address to which it has not \
         yet been delivered is:\n\n  m.kuipers@gemeente.nl\n",
        false,
        Undelivered::Expired,
    ),
    (
        "MAILER-DAEMON@sendmail.example (Mail Delivery Subsystem)",
        "Returned mail: User unknown",
        "   ----- Transcript of session follows -----\n>>> RCPT To:<m.kuipers@gemeente.nl>\n<<< 550 User unknown\n\n   \
         ----- Unsent message follows -----\nTo: x@y.nl\n",
        true,
        Undelivered::UnknownUser,
    ),
    (
        "postmaster@domino.example",
        "DELIVERY FAILURE: User not listed in Domino Directory",
        "Your message\n\n  Subject: x\n\nwas not delivered to:\n\n  m.kuipers@gemeente.nl\n\nbecause:\n\n  User not \
         listed in Domino Directory\n",
        true,
        Undelivered::UnknownUser,
    ),
    (
        "Mailer-Daemon@groupwise.example",
        "Message status - undeliverable",
        "The message that you sent was undeliverable to the following:\n\tm.kuipers@gemeente.nl (mailbox full)\n",
        true,
        Undelivered::MailboxFull,
    ),
    (
        "Systeembeheerder <beheer@gemeente.example>",
        "Niet bezorgd: koppeling",
        "Uw bericht is niet bezorgd bij bepaalde geadresseerden.\n\nDe volgende ontvanger(s) kon(den) niet worden \
         bereikt:\n\n      m.kuipers@gemeente.nl op 25-3-2025\n            Het e-mailaccount bestaat niet\n",
        true,
        Undelivered::UnknownUser,
    ),
    (
        "Microsoft Outlook <postmaster@gemeente.onmicrosoft.com>",
        "Niet te bezorgen: koppeling",
        "Uw bericht naar m.kuipers@gemeente.nl kan niet worden bezorgd. Het postvak is vol.\n",
        true,
        Undelivered::MailboxFull,
    ),
    (
        "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
        "Delivery Status Notification (Failure)",
        "Je bericht is niet bezorgd aan m.kuipers@gemeente.nl, omdat het adres niet kan worden gevonden.\n",
        true,
        Undelivered::Other,
    ),
    (
        "MAILER-DAEMON@yahoo.com",
        "Failure Notice",
        "Sorry, we were unable to deliver your message to the following address.\n\n<m.kuipers@gemeente.nl>:\n552: \
         5.3.4 Message size exceeds limit\n",
        true,
        Undelivered::TooBig,
    ),
    (
        "postmaster@james.example",
        "[BOUNCE]",
        "Failed recipient(s):\nm.kuipers@gemeente.nl\n\nError message:\nConnection timed out\n",
        true,
        Undelivered::Expired,
    ),
    (
        "Barracuda <noreply@filter.example>",
        "**Message you sent blocked by our bulk email filter**",
        "Your message to: m.kuipers@gemeente.nl\nwas blocked by our Spam Firewall. It has NOT BEEN DELIVERED.\n",
        true,
        Undelivered::Refused,
    ),
    (
        "MailMarshal <MAILER-DAEMON@marshal.example>",
        "Undeliverable Mail: koppeling",
        "Your message:\n   From:    koppelwacht@gemeente.nl\nCould not be delivered because of\n\n550 5.7.1 Message \
         contains spam\n\nThe following recipients were affected:\n    m.kuipers@gemeente.nl\n",
        true,
        Undelivered::Refused,
    ),
    (
        "MAILER-DAEMON@foundry.example",
        "Message delivery has failed",
        "Unable to deliver message to: <m.kuipers@gemeente.nl>\nServer mx[192.0.2.2] failed with: 550 No such user here\n",
        true,
        Undelivered::UnknownUser,
    ),
    (
        "postmaster <postmaster@mimecast.example>",
        "[Postmaster] Email Delivery Failure",
        "an email you addressed to email address :\n--  m.kuipers@gemeente.nl\ncould not be delivered. The problem \
         appears to be :\n-- Recipient server unavailable or busy\n",
        true,
        Undelivered::Expired,
    ),
    (
        "Symantec_AntiVirus_for_SMTP_Gateways@symantec.example",
        "Delivery failure notification",
        "Your message could not be delivered to the following recipients:\n\nm.kuipers@gemeente.nl\n\nDelivery attempts \
         will continue to be made for 5 day(s).\n",
        false,
        Undelivered::Expired,
    ),
    (
        "MAILER-DAEMON@amazonses.com",
        "Delivery Status Notification (Failure)",
        "An error occurred while trying to deliver the mail to the following recipients:\nm.kuipers@gemeente.nl\n",
        true,
        Undelivered::Other,
    ),
    (
        "mailer-daemon@yandex.ru",
        "=?utf-8?B?0J3QtdC00L7RgdGC0LDQstC70LXQvdC90L7QtSDRgdC+0L7QsdGJ0LXQvdC40LU=?=",
        "<m.kuipers@gemeente.nl>: host mx.gemeente.nl said: 550 5.1.1 Mailbox does not exist\n",
        true,
        Undelivered::UnknownUser,
    ),
    (
        "postmaster@example.de",
        "Unzustellbar: koppeling",
        "Ihre Nachricht hat einige Empfaenger nicht erreicht.\n\n      m.kuipers@gemeente.nl\n            Das Postfach \
         ist voll\n",
        true,
        Undelivered::MailboxFull,
    ),
    (
        "Service <service@example.fr>",
        "RE: koppeling : non remis (delivery failed)",
        "Votre message n'a pas pu etre delivre a\nm.kuipers@gemeente.nl\n",
        true,
        Undelivered::Other,
    ),
    (
        "InterScan MSS <postmaster@example.jp>",
        "=?utf-8?B?44Oh44OD44K744O844K444KS6YWN5L+h44Gn44GN44G+44Gb44KT?=",
        "Sent <<< RCPT TO:<m.kuipers@gemeente.nl>\nReceived >>> 550 5.1.1 unknown user\n",
        true,
        Undelivered::UnknownUser,
    ),
    (
        "MMSC NDR Administrator <sysadmin@mms.example>",
        "Undeliverable Message",
        "Message could not be delivered to mobile.\n\nOriginal Message:\nFrom: koppelwacht@gemeente.nl\nTo: \
         m.kuipers@gemeente.nl\n",
        true,
        Undelivered::Other,
    ),
    (
        "Mail Delivery <nobody@x6.example>",
        "There was an error sending your mail",
        "1 error(s):\n\nSMTP Server <mx.gemeente.nl> rejected recipient <m.kuipers@gemeente.nl>. It responded: [554 Host \
         not found]\n",
        true,
        Undelivered::HostUnknown,
    ),
    (
        "Postmaster <>",
        "Mail Error",
        "Your mail cannot be delivered to the following address(es):\n\n m.kuipers@gemeente.nl, mail box space not enough\n",
        true,
        Undelivered::MailboxFull,
    ),
    (
        "MDaemon@mdaemon.example",
        "Warning: m.kuipers@gemeente.nl - User unknown!",
        "m.kuipers@gemeente.nl - no such user here.\n",
        true,
        Undelivered::UnknownUser,
    ),
];

#[test]
fn bounces_in_no_format_are_seen_with_recipient_and_reason() {
    for (from, subject, text, permanent, reason) in SHAPES {
        let bounce = bounce(&machine(from, subject, &format!("\n{text}")));
        let read = (bounce.recipient.as_deref(), bounce.permanent, bounce.reason);
        assert_eq!(read, (Some(READER), permanent, reason), "{from}: {subject}");
    }
}

#[test]
fn a_machine_without_an_address_is_a_machine() {
    for from in [
        "MAILER-DAEMON",
        "MAILER-DAEMON (Mail Delivery Subsystem)",
        "Mail Delivery Subsystem <MAILER-DAEMON>",
        "<>",
        "<Postmaster\\@a@b.example>",
    ] {
        let text = "\nYour message to <m.kuipers@gemeente.nl> was not delivered: no such user\n";
        let bounce = bounce(&machine(from, "x", text));
        assert_eq!(bounce.recipient.as_deref(), Some(READER), "{from}");
    }
}

#[test]
fn people_who_write_about_delivery_are_no_machines() {
    let outsider =
        |subject: &str, text: &str| machine("Jan <jan@bewoner.example>", subject, &format!("\n{text}"));
    for text in [
        outsider(
            "Bezorging mislukt",
            "Uw pakket kon niet worden bezorgd. Klik hier.",
        ),
        outsider(
            "FW: Undeliverable: koppeling",
            "Your message could not be delivered to m.kuipers@gemeente.nl",
        ),
        outsider(
            "RE: Undelivered mail",
            "I could not deliver your message to m.kuipers@gemeente.nl, sorry.",
        ),
        outsider(
            "Vraag",
            "Mijn mail aan m.kuipers@gemeente.nl is niet bezorgd, klopt het adres?",
        ),
        colleague("Subject: Niet bezorgd: brief\n\nDe brief kon niet worden bezorgd bij x@example.nl.\n"),
    ] {
        assert_eq!(read(&text).nature, Nature::Notice, "{text}");
    }
}

#[test]
fn a_bounce_that_returns_a_partners_notice_is_read_as_a_notice() {
    let returned = "From: COA <plaatsing@coa.nl>\nSubject: Koppeling\n\nEr is iemand gekoppeld.\n";
    let attached = machine(
        "MAILER-DAEMON@mx.gemeente.nl",
        "Undelivered Mail Returned to Sender",
        &format!(
            "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nNot delivered.\n--x\n\
             Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; m.kuipers@gemeente.nl\nAction: failed\n\n\
             --x\nContent-Type: message/rfc822\n\n{returned}\n--x--\n"
        ),
    );
    let inline = machine(
        "MAILER-DAEMON@mx.gemeente.nl",
        "failure notice",
        &format!(
            "\n<m.kuipers@gemeente.nl>:\nno mailbox\n\n--- Below this line is a copy of the message.\n\n{returned}"
        ),
    );
    for text in [attached, inline] {
        let mail = read(&text);
        assert_eq!(mail.nature, Nature::Notice, "{text}");
        assert!(mail.text.contains("gekoppeld"), "{}", mail.text);
    }
}

#[test]
fn a_partners_own_mail_is_never_a_bounce() {
    for (from, subject, text, ..) in SHAPES {
        let local = from.split('<').next_back().unwrap_or(from);
        let local = local.split('@').next().unwrap_or_default();
        let text = format!(
            "Authentication-Results: mx.gemeente.nl; dmarc=pass header.from=coa.nl\nFrom: {local}@coa.nl\nSubject: \
             {subject}\nReturn-Path: <>\n\n{text}"
        );
        assert!(!matches!(read(&text).nature, Nature::Bounce(_)), "{text}");
    }
}

#[test]
fn an_absence_with_an_empty_return_path_is_an_absence() {
    let text = "Return-Path: <>\nAuto-Submitted: auto-replied\nSubject: Ik ben afwezig\n\nIk ben afwezig. Uw mail aan \
                m.kuipers@gemeente.nl is niet bezorgd bij een collega.\n";
    assert_eq!(read(&colleague(text)).nature, Nature::OutOfOffice { until: None });
}

#[test]
fn the_last_day_of_an_absence_is_read_in_three_languages() {
    let until = |text: &str| match read(&colleague(&format!(
        "Auto-Submitted: auto-replied\nSubject: Automatisch antwoord: x\n\n{text}\n"
    )))
    .nature
    {
        Nature::OutOfOffice { until } => until,
        other => panic!("{other:?}"),
    };
    // The mail is of Tuesday 25 March 2025.
    let day = |month, day| Some(date(2025, month, day));
    let cases: [(&str, Option<Date>); 24] = [
        ("Ik ben afwezig tot en met 3 augustus.", day(8, 3)),
        ("Ik ben er weer op maandag 4 aug.", day(8, 3)),
        ("Vanaf 4-8 ben ik weer bereikbaar.", day(8, 3)),
        ("Ik ben er vanaf 4 augustus weer.", day(8, 3)),
        ("Afwezig van 28-7-2025 t/m 3-8-2025", day(8, 3)),
        ("I am back on August 4th.", day(8, 3)),
        ("I am out of the office until 3 August 2025.", day(8, 3)),
        ("I will be returning on Monday 4 August.", day(8, 3)),
        ("Ich bin bis 3. August nicht im Büro.", day(8, 3)),
        ("Ich bin bis einschließlich 03.08.2025 abwesend.", day(8, 3)),
        ("Ab dem 4. August bin ich wieder erreichbar.", day(8, 3)),
        ("Ich bin am 4. August wieder im Büro.", day(8, 3)),
        ("Morgen ben ik er weer.", day(3, 25)),
        ("Ik ben er vandaag niet.", None),
        ("Volgende week maandag ben ik er weer.", day(3, 30)),
        ("Ik ben maandag weer aanwezig.", day(3, 30)),
        ("Ik ben afwezig tot en met vrijdag.", day(3, 28)),
        ("I am back tomorrow.", day(3, 25)),
        ("I will be back next Monday.", day(3, 30)),
        ("Ich bin morgen wieder da.", day(3, 25)),
        ("Ich bin ab Montag wieder da.", day(3, 30)),
        ("Wegens ziekte ben ik er niet.", None),
        ("Ik werk niet op woensdag.", None),
        ("Op 4 augustus is er een vergadering.", None),
    ];
    for (text, last) in cases {
        assert_eq!(until(text), last, "{text}");
    }
}

#[test]
fn an_automatic_answer_is_known_by_every_mark() {
    for mark in [
        "Auto-Submitted: auto-replied\nSubject: x",
        "Auto-Submitted: auto-replied (vacation)\nSubject: x",
        "X-Autoreply: yes\nSubject: x",
        "X-Autorespond: x\nSubject: x",
        "Precedence: auto_reply\nSubject: x",
        "X-Autoreply-From: a@gemeente.nl\nSubject: x",
        "Subject: Automatisch antwoord: x",
        "Subject: Afwezig: x",
        "Subject: Automatic reply: x",
        "Subject: Out of Office: x",
        "Subject: Automatische Antwort: x",
        "Subject: Abwesenheitsnotiz: x",
        "Subject: AUTO: Kuipers, M. is out of the office (returning 05/04/2025)",
        "Subject: Niet aanwezig: x",
    ] {
        let mail = read(&colleague(&format!("{mark}\n\nBedankt voor uw bericht.")));
        assert!(
            matches!(mail.nature, Nature::OutOfOffice { .. }),
            "{mark}: {:?}",
            mail.nature
        );
    }
    let person = read(&colleague(
        "Subject: Afwezigheid volgende week bespreken\n\nZullen we?",
    ));
    assert_eq!(person.nature, Nature::Notice);
}

#[test]
fn a_notice_that_is_marked_as_generated_or_bulk_stays_one() {
    for mark in [
        "Auto-Submitted: auto-generated",
        "Precedence: bulk",
        "X-Auto-Response-Suppress: All",
        "Precedence: list",
    ] {
        let text = format!(
            "Authentication-Results: mx.gemeente.nl; dmarc=pass header.from=coa.nl\nFrom: a@coa.nl\n{mark}\nSubject: \
             Koppeling\n\nEr is iemand gekoppeld."
        );
        let mail = read(&text);
        assert_eq!(mail.nature, Nature::Notice, "{mark}");
        assert_eq!(mail.sender.verdict, Verdict::Partner(SourceId::new("coa")));
    }
}

#[test]
fn an_answer_tells_its_task_its_letter_and_what_is_wanted() {
    let answer = |rest: &str| match read(&colleague(rest)).nature {
        Nature::Answer(answer) => answer,
        other => panic!("{other:?}: {rest}"),
    };
    let quoted = "\n\nVan: Koppelwacht\nVerzonden: maandag\nAan: Marleen\nOnderwerp: taak\n\nAfgehandeld of niet van mij?";
    assert_eq!(
        answer(&format!(
            "Subject: RE: [Koppelwacht #12] x\nIn-Reply-To: <task-12.55aa@koppelwacht.gemeente.nl>\n\nHoi,\nIk pak het \
             op.{quoted}"
        )),
        Answer {
            task: Some(TaskId(12)),
            letter: Some(LetterName {
                of: LetterOf::Task(TaskId(12)),
                token: "55aa".to_owned(),
            }),
            intent: Some(Intent::Take),
        }
    );
    assert_eq!(
        answer(&format!("Subject: RE: [Koppelwacht #12] x\n\nBedankt{quoted}")),
        Answer {
            task: Some(TaskId(12)),
            ..Answer::default()
        }
    );
    let crossed = answer(
        "Subject: RE: [Koppelwacht #12] x\nIn-Reply-To: <task-13.55aa@koppelwacht.gemeente.nl>\n\nklaar",
    );
    assert_eq!((crossed.task, crossed.letter), (Some(TaskId(12)), None));
}

#[test]
fn every_event_can_be_told_with_an_answer_in_the_words_of_the_manual() {
    let rules = koppelwacht::rules::Rules::shipped();
    assert!(!rules.events.is_empty());
    for title in rules.events.values() {
        for text in [
            format!("afgehandeld: {title} op 20 maart"),
            format!("Klaar, {title} op 20 maart."),
        ] {
            let mail = read(&colleague(&format!("Subject: RE: [Koppelwacht #12] x\n\n{text}")));
            let Nature::Answer(Answer {
                intent: Some(Intent::Done { remark, days }),
                ..
            }) = mail.nature
            else {
                panic!("{text}: {:?}", mail.nature);
            };
            assert!(remark.is_some_and(|remark| remark.contains(title)), "{text}");
            assert_eq!(days.on, [date(2025, 3, 20)], "{text}");
        }
    }
}

#[test]
fn an_answer_made_by_a_link_names_its_letter_in_the_subject() {
    let answer = |rest: &str| match read(&colleague(&format!("{rest}\n\nopgepakt"))).nature {
        Nature::Answer(answer) => (answer.task, answer.letter.map(|letter| (letter.of, letter.token))),
        other => panic!("{other:?}: {rest}"),
    };
    let task = Some(TaskId(12));
    let letter = |token: &str| Some((LetterOf::Task(TaskId(12)), token.to_owned()));
    let subject = "Subject: Re: [Koppelwacht #12-9F86d081884c7d65] x";
    assert_eq!(answer(subject), (task, letter("9f86d081884c7d65")));
    let answers = |id: &str| answer(&format!("{subject}\nIn-Reply-To: <{id}@koppelwacht.gemeente.nl>"));
    assert_eq!(
        answers("letter-45.55aa"),
        (task, letter("9f86d081884c7d65")),
        "the link stood in a message with several letters"
    );
    assert_eq!(
        answers("task-13.55aa"),
        (task, None),
        "they contradict each other"
    );
    for no_token in [
        "[Koppelwacht #12-]",
        "[Koppelwacht #12-geheim]",
        "Koppelwacht #12-9f",
    ] {
        let mail = read(&colleague(&format!("Subject: Re: {no_token} x\n\nopgepakt")));
        assert_eq!(mail.nature, Nature::Notice, "{no_token}");
    }
}

#[test]
fn our_own_letter_that_comes_back_is_our_own() {
    let looped = read(
        "Authentication-Results: mx.gemeente.nl; dmarc=pass header.from=gemeente.nl\nFrom: Koppelwacht \
                       <koppelwacht@gemeente.nl>\nSubject: [Koppelwacht #12] x\nAuto-Submitted: auto-generated\n\nx",
    );
    assert_eq!(looped.nature, Nature::Own);
}
