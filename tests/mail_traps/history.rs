//! What is new, and what stands below it.

use super::{from, read};

fn newest(text: &str) -> String {
    read(&from(
        "a@coa.nl",
        &format!("Subject: RE: Koppeling\nContent-Type: text/plain; charset=utf-8\n\n{text}"),
    ))
    .text
}

/// In each the new text is `Ingetrokken.`, and the old one speaks of a koppeling.
#[test]
fn quoted_history_of_every_program_goes() {
    let mails = [
        // Outlook
        "Ingetrokken.\n\nVan: COA\nVerzonden: maandag 3 maart 2025 10:00\nAan: Gemeente\nOnderwerp: Koppeling\n\nkoppeling",
        "Ingetrokken.\n\n________________________________\nVan: COA\nVerzonden: maandag\nAan: Gemeente\nOnderwerp: Koppeling\n\nkoppeling",
        "Ingetrokken.\n\nFrom: COA\nSent: Monday\nTo: G\nSubject: Koppeling\n\nkoppeling",
        "Ingetrokken.\n\nVon: COA\nGesendet: Montag\nAn: G\nBetreff: Koppeling\n\nkoppeling",
        "Ingetrokken.\n\n*Van:* COA\n*Verzonden:* maandag\n*Aan:* G\n*Onderwerp:* Koppeling\n\nkoppeling",
        "Ingetrokken.\n\nVan : COA\nVerzonden : maandag\nAan : G\nOnderwerp : Koppeling\n\nkoppeling",
        "Ingetrokken.\n\nVan: COA <a@coa.nl> Verzonden: maandag 3 maart 2025 10:00 Aan: Gemeente Onderwerp: Koppeling\n\nkoppeling",
        "Ingetrokken.\n\n-----Oorspronkelijk bericht-----\nVan: COA\n\nkoppeling",
        "Ingetrokken.\n\n-----Original Message-----\nFrom: COA\n\nkoppeling",
        "Ingetrokken.\n\n-----Original Appointment-----\nFrom: COA\n\nkoppeling",
        "Ingetrokken.\n\n-----Ursprüngliche Nachricht-----\nVon: COA\n\nkoppeling",
        "Ingetrokken.\n\nOutlook voor iOS downloaden\n________________________________\nVan: COA\nVerzonden: maandag\nAan: G\nOnderwerp: K\n\nkoppeling",
        // Gmail, Apple, Thunderbird
        "Ingetrokken.\n\nOp ma 3 mrt 2025 om 10:00 schreef COA <a@coa.nl>:\n\n> koppeling",
        "Ingetrokken.\n\nOp 3 mrt. 2025, om 10:00 heeft COA <a@coa.nl> het volgende geschreven:\n\n> koppeling",
        "Ingetrokken.\n\nOp 3 mrt 2025 om 10:00 heeft COA <a@coa.nl> het volgende geschreven:\n\nkoppeling",
        "Ingetrokken.\n\nOp 03-03-2025 om 10:00 schreef COA:\n> koppeling",
        "Ingetrokken.\n\nOn Mon, Mar 3, 2025 at 10:00 AM COA <a@coa.nl> wrote:\n\n> koppeling",
        "Ingetrokken.\n\nOn 3 Mar 2025, at 10:00, COA\n<a@coa.nl>\nwrote:\n\n> koppeling",
        "Ingetrokken.\n\nAm Mo., 3. März 2025 um 10:00 Uhr schrieb COA <a@coa.nl>:\n> koppeling",
        "Ingetrokken.\n\nAm 03.03.25 um 10:00 schrieb COA:\n> koppeling",
        "Ingetrokken.\n\n2025-03-03 10:00 GMT+01:00 COA <a@coa.nl>:\n> koppeling",
        "Ingetrokken.\n\nCOA <a@coa.nl> schreef op 3 maart 2025 om 10:00:\n> koppeling",
        "Ingetrokken.\n\nCOA schreef op 03-03-2025 10:00:\n> koppeling",
        "Ingetrokken.\n\nmaandag 3 maart 2025 schreef COA <a@coa.nl>:\n> koppeling",
        // Lotus Notes
        "Ingetrokken.\n\n-----COA/NL schreef: -----\nAan: Gemeente\nVan: COA\nDatum: 03-03-2025\nOnderwerp: Koppeling\n\nkoppeling",
        "Ingetrokken.\n\nVan:\tCOA/NL\nAan:\tGemeente\nDatum:\t03-03-2025 10:00\nOnderwerp:\tkoppeling\n\nkoppeling",
        // Telephones
        "Ingetrokken.\n\nVerzonden vanaf mijn iPhone\n\n> Op 3 mrt. 2025 om 10:00 heeft COA <a@coa.nl> het volgende geschreven:\n> \n> koppeling",
        "Ingetrokken.\n\nVerstuurd vanaf mijn Galaxy\n\n-------- Oorspronkelijk bericht --------\nVan: COA\nDatum: 03-03-2025\nAan: G\nOnderwerp: K\n\nkoppeling",
        "Ingetrokken.\n\n-- \nCOA\nkoppelingsdesk",
    ];
    let wrong: Vec<_> = mails
        .iter()
        .map(|mail| (mail, newest(mail)))
        .filter(|(_, text)| !text.starts_with("Ingetrokken.") || text.contains("koppeling"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn quoted_history_in_html_goes() {
    let pages = [
        "<div>Ingetrokken.</div><div class='gmail_quote'><div dir=ltr class='gmail_attr'>Op ma 3 mrt 2025 om 10:00 schreef COA &lt;<a href='mailto:a@coa.nl'>a@coa.nl</a>&gt;:<br></div><blockquote class='gmail_quote'>koppeling</blockquote></div>",
        "<div>Ingetrokken.</div><hr><div id='divRplyFwdMsg'><font><b>Van:</b> COA<br><b>Verzonden:</b> maandag<br><b>Aan:</b> G<br><b>Onderwerp:</b> K</font></div><div>koppeling</div>",
        "<p>Ingetrokken.</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p><b>Van:</b> COA <br><b>Verzonden:</b> maandag<br><b>Aan:</b> G<br><b>Onderwerp:</b> K</p></div><p>koppeling</p>",
        "<p>Ingetrokken.</p><div class='moz-cite-prefix'>Op 03-03-2025 om 10:00 schreef COA:<br></div><blockquote type=cite>koppeling</blockquote>",
        "<p>Ingetrokken.</p><div><blockquote type=cite><div>Op 3 mrt 2025, om 10:00 heeft COA &lt;a@coa.nl&gt; het volgende geschreven:</div><br><div>koppeling</div></blockquote></div>",
        "<p>Ingetrokken.</p><table><tr><td>Van:</td><td>COA</td></tr><tr><td>Aan:</td><td>G</td></tr><tr><td>Datum:</td><td>3-3-2025</td></tr><tr><td>Onderwerp:</td><td>K</td></tr></table>koppeling",
    ];
    for page in pages {
        let mail = read(&from(
            "a@coa.nl",
            &format!("Subject: RE: K\nContent-Type: text/html\n\n{page}"),
        ));
        assert_eq!(mail.text, "Ingetrokken.", "{page}");
    }
}

/// A cut too much loses a notice.
#[test]
fn a_notice_that_looks_like_history_is_read() {
    for text in [
        "Van: COA\nBetreft: koppeling\n\nEr is een koppeling.",
        "Op 3 maart 2025 schreef u ons:\nwaar blijft de koppeling?\nEr is nu een koppeling.",
        "________________________________\nEr is een koppeling.",
        "COA\n--\nEr is een koppeling.\n".repeat(20).as_str(),
        "Datum: 3 maart\nAan: gemeente\nOnderwerp: koppeling\n\nEr is een koppeling.",
    ] {
        let mail = read(&from("a@coa.nl", &format!("Subject: Bericht\n\n{text}")));
        assert!(mail.text.contains("koppeling"), "{text}: {}", mail.text);
    }
}
