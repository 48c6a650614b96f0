//! The mail that figures are about.

/// A mail of about 4 KB, as the partners send them.
pub(crate) fn mail(number: usize) -> String {
    let code = [101, 139, 120, 121, 102, 103, 106, 109, 131, 137][number % 10];
    let (from, subject, text) = if number.is_multiple_of(4) {
        (
            "COA TVS <noreply@tvs.coa.nl>",
            "Nieuwe koppeling in TVS".to_owned(),
            "Er is een statushouder aan uw gemeente gekoppeld. De gegevens staan in TVS.".to_owned(),
        )
    } else {
        (
            "DUO Inburgering <noreply@portaal.duo.nl>",
            format!("Signaal SS{code}"),
            format!("Er staat een signaal klaar in het Portaal Inburgering (SS{code})."),
        )
    };
    let domain = from
        .rsplit_once('@')
        .map_or("", |(_, domain)| domain.trim_end_matches('>'));
    let padding =
        "Raadpleeg voor de details het portaal. Op dit bericht kunt u niet antwoorden.\r\n".repeat(40);
    format!(
        "Authentication-Results: mx.gemeente-voorbeeld.nl; spf=pass smtp.mailfrom={domain}; dkim=pass \
         header.d={domain}; dmarc=pass (p=reject) header.from={domain}\r\n\
         From: {from}\r\nTo: inburgering@gemeente-voorbeeld.nl\r\nSubject: {subject}\r\n\
         Date: Tue, 24 Nov 2026 09:{:02}:{:02} +0100\r\nMessage-ID: <{number}@{domain}>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n\r\n{padding}",
        number / 60 % 60,
        number % 60,
    )
}
