//! Letters leave, or say why not: the outbox against a real mail server.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "outbox/story.rs"]
mod story;
mod support;
#[path = "outbox/together.rs"]
mod together;

use std::process::Command;
use std::time::Duration;

use koppelwacht::domain::{About, Delivery, LetterId, Parcel, Sealed, TaskId, Told, Words};
use koppelwacht::outbox::{self, Round, Trouble};
use koppelwacht::settings::{Identity, Letters, Server};
use support::cert::Authority;
use support::smtp::MailServer;
use tokio_util::sync::CancellationToken;

fn identity() -> Identity {
    sending_as("koppelwacht")
}

fn sending_as(name: &str) -> Identity {
    Identity {
        municipality: "Voorbeeld".to_owned(),
        address: format!("{name}@voorbeeld.example"),
        domains: vec!["voorbeeld.example".to_owned()],
        authserv_id: "mx.voorbeeld.example".to_owned(),
        letter_domain: "koppelwacht.voorbeeld.example".to_owned(),
        admin: None,
    }
}

/// A letter alone in its message.
fn parcel(letter: Sealed) -> Parcel {
    Parcel {
        id: letter.id,
        to: letter.to.clone(),
        occasion: letter.occasion.clone(),
        queued: letter.queued,
        message_id: letter.message_id.clone(),
        words: letter.words.clone(),
        letters: vec![letter],
    }
}

fn letter(number: i64, to: &str) -> Sealed {
    Sealed {
        id: LetterId(number),
        about: About::Task {
            task: TaskId(17),
            told: Told { rung: 0, round: 0 },
        },
        to: format!("{to}@voorbeeld.example"),
        name: None,
        occasion: "new_task".to_owned(),
        queued: "2026-11-24T08:31:00Z".parse().unwrap(),
        not_before: "2026-11-24T08:31:00Z".parse().unwrap(),
        message_id: format!("task-17.{number:016x}@koppelwacht.voorbeeld.example"),
        words: Words {
            subject: "[Koppelwacht #17] Nieuwe koppeling".to_owned(),
            text: "Vóór dinsdag.\n".to_owned(),
            html: "<p>Vóór dinsdag.</p>\n".to_owned(),
        },
        attempts: 0,
        put_off: None,
    }
}

async fn send(server: Server, batch: &[Sealed]) -> Round {
    send_as(&identity(), server, batch).await
}

async fn send_as(identity: &Identity, server: Server, batch: &[Sealed]) -> Round {
    let parcels = parcels(batch);
    outbox::send(
        &Letters::Smtp(server),
        identity,
        &parcels,
        &CancellationToken::new(),
    )
    .await
}

fn parcels(letters: &[Sealed]) -> Vec<Parcel> {
    letters.iter().cloned().map(parcel).collect()
}

fn deferred(reason: &str) -> Delivery {
    Delivery::Deferred {
        reason: reason.to_owned(),
    }
}

fn refused(code: &str) -> Delivery {
    Delivery::Refused {
        code: code.to_owned(),
    }
}

/// A batch that left without trouble.
fn smooth(deliveries: impl Into<Vec<Delivery>>) -> Round {
    Round {
        deliveries: deliveries.into(),
        trouble: None,
    }
}

#[tokio::test]
async fn a_letter_leaves_over_starttls_with_a_login() {
    let authority = Authority::new();
    let mut server = MailServer::start(&authority).await;
    let round = send(server.with_starttls(), &[letter(1, "sanne")]).await;
    assert_eq!(round, smooth([Delivery::Accepted]));
    let taken = server.taken().await;
    assert!(taken.secure && taken.login);
    assert_eq!(taken.from, "koppelwacht@voorbeeld.example");
    assert_eq!(taken.to, "sanne@voorbeeld.example");
    assert_eq!(
        taken.header("From"),
        "\"Koppelwacht Voorbeeld\" <koppelwacht@voorbeeld.example>"
    );
    assert_eq!(taken.header("Date"), "Tue, 24 Nov 2026 08:31:00 +0000");
    assert_eq!(taken.header("Subject"), "[Koppelwacht #17] Nieuwe koppeling");
    assert_eq!(taken.header("Auto-Submitted"), "auto-generated");
    assert_eq!(taken.header("X-Koppelwacht"), "new_task");
    assert_eq!(
        taken.header("Message-ID"),
        "<task-17.0000000000000001@koppelwacht.voorbeeld.example>"
    );
}

#[tokio::test]
async fn a_letter_leaves_over_tls_from_the_first_byte() {
    let authority = Authority::new();
    let mut server = MailServer::start(&authority).await;
    let round = send(server.with_tls(), &[letter(1, "sanne")]).await;
    assert_eq!(round, smooth([Delivery::Accepted]));
    let taken = server.taken().await;
    assert!(taken.secure && taken.login);
}

#[tokio::test]
async fn many_letters_share_a_connection_and_a_refused_one_does_not_end_it() {
    let authority = Authority::new();
    let mut server = MailServer::start(&authority).await;
    let batch = [
        letter(1, "sanne"),
        letter(2, "code550"),
        letter(3, "karim"),
        letter(4, "code450"),
        letter(5, "data451"),
        letter(6, "data554"),
        letter(7, "joost"),
    ];
    let round = send(server.with_starttls(), &batch).await;
    let expected = [
        Delivery::Accepted,
        refused("550 5.1.1"),
        Delivery::Accepted,
        Delivery::PutOff {
            code: "450 4.1.1".to_owned(),
        },
        deferred("451"),
        refused("554"),
        Delivery::Accepted,
    ];
    assert_eq!(round, smooth(expected));
    let (messages, connections) = server.so_far().await;
    let recipients: Vec<&str> = messages.iter().map(|taken| taken.to.as_str()).collect();
    let expected = ["sanne", "karim", "joost"].map(|name| format!("{name}@voorbeeld.example"));
    assert_eq!(recipients, expected);
    assert_eq!(
        connections, 3,
        "one asks whether what was said of the sixth is about us, and the one before is left first"
    );
}

#[tokio::test]
async fn a_letter_whose_connection_ended_after_it_went_out_is_sent_again_as_the_same_letter() {
    let authority = Authority::new();
    let mut server = MailServer::start(&authority).await;
    let batch = [letter(1, "drop"), letter(2, "sanne")];
    let round = send(server.with_starttls(), &batch).await;
    assert_eq!(
        round,
        smooth([deferred("the connection broke off"), Delivery::Accepted])
    );
    assert_eq!(
        send(server.with_starttls(), &batch[..1]).await,
        smooth([Delivery::Accepted])
    );
    let (messages, _) = server.so_far().await;
    assert_eq!(messages.len(), 3);
    assert_eq!(messages[0], messages[2]);
}

#[tokio::test]
async fn letters_wait_when_the_connection_breaks_off_over_and_over() {
    let authority = Authority::new();
    let mut server = MailServer::start(&authority).await;
    let batch = [1, 2, 3, 4].map(|number| letter(number, "cut"));
    let round = send(server.with_tls(), &batch).await;
    let broke_off = deferred("the connection broke off");
    let expected = [
        broke_off.clone(),
        broke_off,
        Delivery::NotTried,
        Delivery::NotTried,
    ];
    assert_eq!(
        round.deliveries, expected,
        "two may be at fault; the others are not"
    );
    assert!(matches!(&round.trouble, Some(Trouble::Busy { .. })), "{round:?}");
    assert_eq!(server.so_far().await.1, 2);
}

#[tokio::test]
async fn a_server_that_takes_few_letters_per_connection_gets_more_connections() {
    let authority = Authority::new();
    let mut server = MailServer::start(&authority).await;
    let batch = [1, 2, 3, 4, 5].map(|number| letter(number, "sanne"));
    let round = send_as(&sending_as("few"), server.with_starttls(), &batch).await;
    assert_eq!(round, smooth(vec![Delivery::Accepted; 5]));
    assert_eq!(server.so_far().await.1, 3);
}

#[tokio::test]
async fn a_refused_sender_is_about_us_and_no_letter_is_given_up_for_it() {
    let authority = Authority::new();
    let mut server = MailServer::start(&authority).await;
    let batch = [letter(1, "sanne"), letter(2, "karim")];
    let round = send_as(&sending_as("refused"), server.with_starttls(), &batch).await;
    assert_eq!(round.deliveries, vec![deferred("550 5.7.1 for our address"); 2]);
    let trouble = round.trouble.unwrap();
    assert!(!trouble.retry_helps());
    assert!(
        trouble
            .to_string()
            .contains("allow our account to send as the `address`"),
        "{trouble}"
    );
    assert_eq!(server.so_far().await.0, []);
}

#[tokio::test]
async fn a_login_that_the_server_wants_at_the_recipient_is_no_fault_of_the_recipient() {
    let authority = Authority::new();
    let server = MailServer::start(&authority).await;
    let round = send(
        server.with_starttls(),
        &[letter(1, "code530"), letter(2, "sanne")],
    )
    .await;
    assert_eq!(round.deliveries, vec![deferred("530 5.1.1 for our address"); 2]);
    assert!(matches!(round.trouble, Some(Trouble::Sender { .. })));
}

#[tokio::test]
async fn a_no_about_us_that_comes_at_the_recipient_or_after_the_message_gives_up_no_letter() {
    let authority = Authority::new();
    let mut server = MailServer::start(&authority).await;
    let batch = [letter(1, "sanne"), letter(2, "karim"), letter(3, "joost")];
    for (sender, code) in [("notours", "553 5.7.1"), ("sendas", "554 5.2.252")] {
        let round = send_as(&sending_as(sender), server.with_starttls(), &batch).await;
        let waits = deferred(&format!("{code} for our address"));
        assert_eq!(round.deliveries, vec![waits; 3]);
        let trouble = round.trouble.unwrap();
        assert!(matches!(trouble, Trouble::Sender { .. }), "{trouble}");
        assert!(trouble.to_string().contains(code), "{trouble}");
    }
    let round = send_as(&sending_as("limit"), server.with_starttls(), &batch).await;
    assert_eq!(round.deliveries, vec![deferred("550 5.1.90"); 3]);
    assert!(round.trouble.unwrap().retry_helps(), "a limit ends by itself");
    assert_eq!(server.so_far().await.0, []);
}

#[tokio::test]
async fn somebody_who_takes_mail_from_few_is_refused_and_everybody_else_gets_theirs() {
    let authority = Authority::new();
    let mut server = MailServer::start(&authority).await;
    let batch = [
        letter(1, "sanne"),
        letter(2, "closed"),
        letter(3, "data554"),
        letter(4, "karim"),
    ];
    let round = send(server.with_starttls(), &batch).await;
    let expected = [
        Delivery::Accepted,
        refused("550 5.7.1"),
        refused("554"),
        Delivery::Accepted,
    ];
    assert_eq!(round, smooth(expected));
    let (messages, connections) = server.so_far().await;
    let recipients: Vec<&str> = messages.iter().map(|taken| taken.to.as_str()).collect();
    assert_eq!(recipients, ["sanne@voorbeeld.example", "karim@voorbeeld.example"]);
    assert_eq!(
        connections, 5,
        "it is asked about each of the two, over a connection of its own, and the one before is left first"
    );
}

#[tokio::test]
async fn what_is_said_of_the_message_alone_is_a_refusal() {
    let authority = Authority::new();
    let server = MailServer::start(&authority).await;
    let batch = [letter(1, "sanne"), letter(2, "karim")];
    let round = send_as(&sending_as("content"), server.with_starttls(), &batch).await;
    assert_eq!(round, smooth(vec![refused("554 5.7.1"); 2]));
}

#[tokio::test]
async fn an_address_of_ours_that_nobody_has_is_nothing_against_us() {
    let authority = Authority::new();
    let server = MailServer::start(&authority).await;
    let letters = Letters::Smtp(server.with_starttls());
    outbox::probe(&letters, &sending_as("nobody")).await.unwrap();
    let batch = [letter(1, "closed"), letter(2, "sanne")];
    let round = send_as(&sending_as("nobody"), server.with_starttls(), &batch).await;
    assert_eq!(round, smooth([refused("550 5.7.1"), Delivery::Accepted]));
}

#[tokio::test]
async fn a_folder_on_a_share_that_hangs_holds_up_neither_a_start_nor_a_stop() {
    let dir = tempfile::tempdir().unwrap();
    let hanging = [".probe.tmp", ".000001-new_task.eml.tmp"].map(|name| dir.path().join(name));
    for file in &hanging {
        assert!(Command::new("mkfifo").arg(file).status().unwrap().success());
    }
    let letters = Letters::Directory(dir.path().to_owned());
    let me = identity();
    let probed = tokio::time::timeout(Duration::from_millis(50), outbox::probe(&letters, &me)).await;
    assert!(probed.is_err(), "whoever asks can stop waiting");

    let stop = CancellationToken::new();
    let batch = parcels(&[letter(1, "sanne"), letter(2, "karim")]);
    // The folder by a way that is made just before its first file is opened: once that is there, whoever writes hangs.
    let way = dir.path().join("way");
    let letters = Letters::Directory(way.join(".."));
    let sending = outbox::send(&letters, &me, &batch, &stop);
    let told_to_stop = async {
        let hangs = async {
            while !way.exists() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let hangs = tokio::time::timeout(Duration::from_secs(10), hangs).await;
        hangs.expect("it is written to");
        stop.cancel();
    };
    let (round, ()) = tokio::join!(sending, told_to_stop);
    assert_eq!(round, smooth(vec![Delivery::NotTried; 2]));
    for file in hanging {
        drop(std::fs::File::open(file));
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_looks_whether_letters_can_be_written_is_told_of_a_share_that_hangs() {
    let dir = tempfile::tempdir().unwrap();
    let hanging = dir.path().join(".probe.tmp");
    assert!(Command::new("mkfifo").arg(&hanging).status().unwrap().success());
    let looks = outbox::probe_folder(dir.path());
    let (looked, ()) = tokio::join!(looks, tokio::time::advance(Duration::from_secs(11)));
    let trouble = Trouble::FolderHangs(dir.path().to_owned());
    assert!(trouble.retry_helps(), "a start warns of it and goes on");
    assert_eq!(looked, Err(trouble));
    drop(std::fs::File::open(hanging));
}

#[tokio::test]
async fn where_our_address_only_sends_somebody_who_takes_mail_from_few_holds_up_no_other() {
    let authority = Authority::new();
    let server = MailServer::start(&authority).await;
    let letters = ["closed", "sanne", "karim"];
    let batch: Vec<Sealed> = (1..)
        .zip(letters)
        .map(|(number, to)| letter(number, to))
        .collect();
    let identity = sending_as("unrouteable");
    let round = send_as(&identity, server.with_starttls(), &batch).await;
    assert_eq!(
        round,
        smooth([refused("550 5.7.1"), Delivery::Accepted, Delivery::Accepted]),
        "that others were taken tells whom it is about"
    );
    let waits = deferred("550 for our address");
    let alone = send_as(&identity, server.with_starttls(), &batch[..1]).await;
    assert_eq!(alone.deliveries, std::slice::from_ref(&waits), "nothing tells");
    assert!(matches!(alone.trouble, Some(Trouble::Ourselves { .. })));
    let batch = [letter(1, "sanne"), letter(2, "closed")];
    let last = send_as(&identity, server.with_starttls(), &batch).await;
    assert_eq!(
        last.deliveries,
        [Delivery::Accepted, waits.clone()],
        "we may be blocked since the first was taken"
    );
    assert!(matches!(last.trouble, Some(Trouble::Ourselves { .. })));
    let batch = [
        letter(1, "sanne"),
        letter(2, "closed"),
        letter(3, "closed"),
        letter(4, "karim"),
    ];
    let round = send_as(&identity, server.with_starttls(), &batch).await;
    assert_eq!(
        round.deliveries,
        [Delivery::Accepted, waits.clone(), waits.clone(), waits],
        "two in a row may be about us"
    );
    assert!(matches!(round.trouble, Some(Trouble::Sender { .. })));
}

#[tokio::test]
async fn a_letter_that_nothing_can_be_asked_about_now_waits_and_holds_up_no_other() {
    let authority = Authority::new();
    let server = MailServer::start(&authority).await;
    let batch = [letter(1, "closed"), letter(2, "sanne")];
    let round = send_as(&sending_as("daily"), server.with_starttls(), &batch).await;
    assert_eq!(round, smooth([deferred("550 5.1.90"), Delivery::Accepted]));
}

#[tokio::test]
async fn a_start_finds_out_that_our_address_is_not_ours_to_send_as() {
    let authority = Authority::new();
    let mut server = MailServer::start(&authority).await;
    for (sender, code) in [("refused", "550 5.7.1"), ("undeliverable", "550 5.1.7")] {
        let letters = Letters::Smtp(server.with_starttls());
        let trouble = outbox::probe(&letters, &sending_as(sender)).await.unwrap_err();
        assert!(!trouble.retry_helps());
        let message = trouble.to_string();
        assert!(
            message.contains(&format!("refuses us as sender ({code})")),
            "{message}"
        );
    }
    // A "no" that may as well be about the recipient keeps nobody from watching.
    for (sender, code) in [("notours", "553 5.7.1"), ("unrouteable", "550")] {
        for settings in [server.with_starttls(), server.with_tls()] {
            let probed = outbox::probe(&Letters::Smtp(settings), &sending_as(sender)).await;
            let trouble = probed.unwrap_err();
            assert!(trouble.retry_helps());
            let message = trouble.to_string();
            assert!(
                message.contains(&format!("takes no letter from our `address` to itself ({code})")),
                "{message}"
            );
        }
    }
    assert_eq!(server.so_far().await.0, []);
}

#[tokio::test]
async fn a_recipient_that_is_no_address_or_needs_more_than_the_server_can_is_refused() {
    let authority = Authority::new();
    let server = MailServer::start(&authority).await;
    let batch = [
        letter(1, "sanne@de"),
        letter(2, "sjoerd\r\nRCPT TO:<x@y>"),
        letter(3, "jan"),
    ];
    let round = send(server.with_starttls(), &batch).await;
    assert_eq!(
        round,
        smooth([refused("553 5.1.3"), refused("553 5.1.3"), Delivery::Accepted])
    );
}

/// What `probe` says about this server, and that a letter waits for the same reason.
async fn trouble(server: Server) -> Trouble {
    let letters = Letters::Smtp(server.clone());
    let probed = outbox::probe(&letters, &identity()).await.unwrap_err();
    let round = send(server, &[letter(1, "sanne"), letter(2, "karim")]).await;
    let met = round.trouble.clone().unwrap();
    assert_eq!(
        std::mem::discriminant(&met),
        std::mem::discriminant(&probed),
        "{met} {probed}"
    );
    assert!(
        round
            .deliveries
            .iter()
            .all(|delivery| matches!(delivery, Delivery::Deferred { .. })),
        "{round:?}"
    );
    probed
}

#[tokio::test]
async fn a_wrong_password_says_what_to_check() {
    let authority = Authority::new();
    let server = MailServer::start(&authority).await;
    let trouble = trouble(server.with_wrong_password()).await;
    assert!(!trouble.retry_helps());
    let message = trouble.to_string();
    assert!(message.contains("refuses our account (535 5.7.8)"), "{message}");
    assert!(message.contains("check its user name and password"), "{message}");
    assert!(!message.contains("geraden"), "{message}");
}

#[tokio::test]
async fn a_password_that_cannot_be_read_names_the_file() {
    let authority = Authority::new();
    let server = MailServer::start(&authority).await;
    let mut settings = server.with_starttls();
    if let Some(account) = &mut settings.account {
        account.password = koppelwacht::settings::Secret::File("/nowhere/smtp.password".into());
    }
    let message = trouble(settings).await.to_string();
    assert!(message.contains("/nowhere/smtp.password"), "{message}");
}

#[tokio::test]
async fn an_expired_certificate_says_what_to_renew() {
    let authority = Authority::new();
    let server = MailServer::start_with(&authority, authority.expired()).await;
    for settings in [server.with_starttls(), server.with_tls()] {
        let trouble = trouble(settings).await;
        assert!(!trouble.retry_helps());
        let message = trouble.to_string();
        assert!(message.contains("certificate that is not trusted"), "{message}");
        assert!(message.contains("renew it on the server"), "{message}");
    }
}

#[tokio::test]
async fn a_server_without_encryption_gets_neither_password_nor_letter() {
    let authority = Authority::new();
    let mut server = MailServer::start(&authority).await;
    let trouble = trouble(server.without_encryption()).await;
    assert!(matches!(trouble, Trouble::NotEncrypted { .. }), "{trouble}");
    assert_eq!(server.so_far().await.0, []);
}

#[tokio::test]
async fn a_server_that_is_away_is_worth_another_try() {
    let authority = Authority::new();
    let settings = MailServer::start(&authority).await.with_starttls();
    let trouble = trouble(settings).await;
    assert!(trouble.retry_helps());
    assert!(trouble.to_string().contains("cannot be reached"), "{trouble}");
}

#[tokio::test]
async fn a_server_that_works_passes_the_probe_and_gets_no_letter() {
    let authority = Authority::new();
    let mut server = MailServer::start(&authority).await;
    for settings in [server.with_starttls(), server.with_tls()] {
        outbox::probe(&Letters::Smtp(settings), &identity())
            .await
            .unwrap();
    }
    assert_eq!(server.so_far().await, (Vec::new(), 2));
}

#[tokio::test]
async fn letters_that_were_not_begun_when_it_stops_wait() {
    let authority = Authority::new();
    let mut server = MailServer::start(&authority).await;
    let stop = CancellationToken::new();
    stop.cancel();
    let letters = Letters::Smtp(server.with_starttls());
    let round = outbox::send(&letters, &identity(), &parcels(&[letter(1, "sanne")]), &stop).await;
    assert_eq!(round, smooth([Delivery::NotTried]));
    assert_eq!(server.so_far().await, (Vec::new(), 0));
}

#[tokio::test]
async fn letters_in_a_folder_are_whole_files_that_name_nobody() {
    let base = tempfile::tempdir().unwrap();
    let folder = base.path().join("uit");
    let letters = Letters::Directory(folder.clone());
    outbox::probe(&letters, &identity()).await.unwrap();
    let batch = parcels(&[letter(17, "sanne"), letter(18, "geen adres")]);
    for _ in 0..2 {
        let round = outbox::send(&letters, &identity(), &batch, &CancellationToken::new()).await;
        assert_eq!(round, smooth([Delivery::Accepted, refused("553 5.1.3")]));
        let names: Vec<_> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, ["000017-new_task.eml"]);
    }
    let text = std::fs::read_to_string(folder.join("000017-new_task.eml")).unwrap();
    assert!(text.contains("\r\nTo: sanne@voorbeeld.example\r\n"), "{text}");
    assert!(text.ends_with("--=_koppelwacht_17--\r\n"), "{text}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_keeps_letters_waiting() {
    let base = tempfile::tempdir().unwrap();
    let file = base.path().join("uit");
    std::fs::write(&file, "a file where a folder should be").unwrap();
    let letters = Letters::Directory(file);
    let probed = outbox::probe(&letters, &identity()).await.unwrap_err();
    let batch = parcels(&[letter(1, "sanne")]);
    let round = outbox::send(&letters, &identity(), &batch, &CancellationToken::new()).await;
    assert_eq!(round.deliveries, [deferred("folder not writable")]);
    assert_eq!(round.trouble, Some(probed));
}
