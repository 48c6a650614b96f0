//! Mails that are only a link to a portal where the message lies, and notices that mention their own.

use koppelwacht::domain::{Mail, Nature, Seal};

use super::{from, read};

fn page(sender: &str, subject: &str, html: &str) -> Mail {
    read(&from(
        sender,
        &format!("Subject: {subject}\nContent-Type: text/html; charset=utf-8\n\n{html}"),
    ))
}

#[test]
fn wrappers_of_every_service_are_sealed() {
    let rows = [
        (
            "noreply@zivver.com",
            "COA heeft je een veilig bericht gestuurd",
            "Je hebt een veilige e-mail ontvangen. <a href='https://app.zivver.com/m/1'>Lees bericht</a>",
        ),
        (
            "a@coa.nl",
            "Bericht",
            "Dit is een beveiligd bericht. <a href='https://coa.cryptshare.nl/Download1.php?id=1'>Download de bestanden</a>",
        ),
        (
            "a@coa.nl",
            "Beveiligde e-mail",
            "U heeft een beveiligd bericht ontvangen. <a href='https://app.smartlockr.eu/x'>Open bericht</a>",
        ),
        (
            "a@coa.nl",
            "Veilige e-mail",
            "U heeft een veilige e-mail ontvangen via KPN Secure Mail. <a href='https://securemail.kpn.com/x'>Lees de mail</a>",
        ),
        (
            "a@coa.nl",
            "Bericht",
            "a@coa.nl heeft u een beveiligd bericht gestuurd. <a href='https://outlook.office365.com/Encryption/retrieve.ashx?x=1'>Het bericht lezen</a>",
        ),
        (
            "a@coa.nl",
            "Bericht",
            "a@coa.nl has sent you a protected message. <a href='https://outlook.office365.com/Encryption/store.ashx'>Read the message</a>",
        ),
        (
            "a@coa.nl",
            "Secure",
            "You have received a secure message. <a href='https://switch.egress.com/ui/x'>Open secure message</a>",
        ),
        (
            "a@coa.nl",
            "Encrypted message",
            "You received an encrypted message from a@coa.nl. <a href='https://mail.proton.me/eo/x'>Unlock message</a>",
        ),
        (
            "a@coa.nl",
            "Encrypted",
            "a@coa.nl has sent you an end-to-end encrypted email. <a href='https://app.tuta.com/mail/x'>Show encrypted email</a>",
        ),
        (
            "a@coa.nl",
            "Bericht",
            "You have a protected message. <a href='https://secure.virtru.com/start/x'>Unlock Message</a>",
        ),
        (
            "a@coa.nl",
            "Bericht",
            "You have received a secure message. <a href='https://eu-api.mimecast.com/s/x'>Open Secure Message</a>",
        ),
        (
            "a@coa.nl",
            "Bericht",
            "Er staat een beveiligd bericht voor u klaar. <a href='https://filecap.gemeente.example/x'>Bekijk bericht</a>",
        ),
        (
            "a@coa.nl",
            "Bericht",
            "You have received an encrypted email message. <a href='https://encrypt.barracudanetworks.com/login?x'>Click here to read</a>",
        ),
        // Of their own brand, known by their shape.
        (
            "a@coa.nl",
            "U heeft een bericht",
            "U heeft een beveiligd bericht ontvangen. Lees het bericht via onderstaande link. <a href='https://veilig.post.example/x'>Ontgrendel</a>",
        ),
        (
            "a@coa.nl",
            "Bericht",
            "Beste lezer,<br>Er is een versleuteld bericht voor u over een vergunninghouder.<br><a href='https://berichten.example.com/lees/1'>Bericht openen</a>",
        ),
    ];
    let wrong: Vec<_> = rows
        .iter()
        .map(|(sender, subject, html)| (html, page(sender, subject, html).nature))
        .filter(|(_, nature)| *nature != Nature::Sealed(Seal::Portal))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_files_of_microsofts_encryption_are_seals() {
    for name in [
        "message.rpmsg",
        "message_v2.rpmsg",
        "message_v4.html",
        "message_v3.html",
    ] {
        let kind = if name.ends_with("html") {
            "text/html"
        } else {
            "application/octet-stream"
        };
        let mail = read(&from(
            "a@coa.nl",
            &format!(
                "Subject: Bericht\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\nU heeft een bericht ontvangen. Open de bijlage.\n--a\nContent-Type: {kind}; name={name}\nContent-Disposition: attachment; filename={name}\n\nx\n--a--\n"
            ),
        ));
        assert_eq!(mail.nature, Nature::Sealed(Seal::Portal), "{name}");
    }
}

#[test]
fn a_notice_that_points_to_its_partners_own_portal_is_a_notice() {
    for (sender, html) in [
        (
            "a@coa.nl",
            "Er is een vergunninghouder gekoppeld. Log in op <a href='https://tvs.coa.nl/x'>TVS</a> om de details te zien.",
        ),
        (
            "a@duo.nl",
            "Er staat een nieuw bericht voor u klaar. Log in op het <a href='https://portaal.duo.nl/inburgering'>DUO-portaal</a> om de details te zien.",
        ),
        (
            "a@duo.nl",
            "Er staat een beveiligd bericht voor u klaar in het portaal. Lees het bericht via <a href='https://portaal.duo.nl/x'>het portaal</a>.",
        ),
        (
            "a@duo.nl",
            "Signaal SS101. Inloggen met eHerkenning op <a href='https://www.eherkenning.nl/'>Mijn DUO</a>.",
        ),
        (
            "a@coa.nl",
            "Er is een koppeling. Wij mailen veilig, zie <a href='https://www.coa.nl/veilig-mailen'>onze uitleg</a>. Volg ons op <a href='https://www.linkedin.com/company/coa'>LinkedIn</a>.",
        ),
        (
            "a@coa.nl",
            "Er is een koppeling.<br>Dit is een beveiligde e-mail, verstuurd met <a href='https://www.zivver.com/'>Zivver</a>.",
        ),
        (
            "a@coa.nl",
            "Er is een koppeling: V-nummer 9900149732. Het bericht is vertrouwelijk. <a href='https://www.rijksoverheid.nl/privacy'>Privacy</a>",
        ),
    ] {
        assert_eq!(page(sender, "Bericht", html).nature, Nature::Notice, "{html}");
    }
}
