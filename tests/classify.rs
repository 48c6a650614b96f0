//! What a mail is and where it goes, told as mails made by hand under the rules that come with the program.

use std::sync::LazyLock;

use koppelwacht::decide::{Routed, classify, route};
use koppelwacht::domain::{
    Address, Answer, Bounce, Effect, Fingerprint, Flaw, Mail, Nature, References, Seal, Sender, Signal,
    SourceId, TargetGroup, Verdict,
};
use koppelwacht::rules::Rules;
use proptest::prelude::*;

/// Read once: reading the rules again for every mail would take most of the time.
static RULES: LazyLock<Rules> = LazyLock::new(Rules::shipped);

fn mail(verdict: Verdict, subject: &str, text: &str) -> Mail {
    Mail {
        fingerprint: Fingerprint([0; 32]),
        message_id: None,
        letter: None,
        sent: None,
        from: None,
        recipients: vec!["inburgering@gemeente-voorbeeld.nl".to_owned()],
        subject: subject.to_owned(),
        text: text.to_owned(),
        nature: Nature::Notice,
        sender: Sender {
            verdict,
            reason: "as the test says".to_owned(),
            deceit: None,
        },
        signature: None,
        forwarder: None,
        references: References::default(),
        codes: Vec::new(),
        about: Vec::new(),
        attachments: Vec::new(),
        flaws: Vec::new(),
    }
}

fn coa(subject: &str, text: &str) -> Mail {
    mail(Verdict::Partner(SourceId::new("coa")), subject, text)
}

fn duo(text: &str, codes: &[&str]) -> Mail {
    let mail = mail(Verdict::Partner(SourceId::new("duo")), "Bericht", text);
    Mail {
        codes: codes.iter().map(|code| (*code).to_owned()).collect(),
        ..mail
    }
}

fn types(mail: &Mail) -> Vec<String> {
    let classification = classify(&RULES, mail);
    classification
        .signals
        .iter()
        .map(|signal| signal.kind.to_string())
        .collect()
}

/// Each mail with the one type it must get.
fn expect(mails: &[(Mail, &str)]) {
    for (mail, expected) in mails {
        let classification = classify(&RULES, mail);
        let kinds: Vec<_> = classification
            .signals
            .iter()
            .map(|signal| signal.kind.as_str())
            .collect();
        assert_eq!(kinds, [*expected], "{:?}: {:?}", mail.text, classification.why);
    }
}

#[test]
fn a_koppeling_is_one_in_many_wordings() {
    for text in [
        "Er is een vergunninghouder aan uw gemeente gekoppeld. Log in op TVS om het klantprofiel te bekijken.",
        "Op 23-04-2025 is een statushouder aan u toegewezen.",
        "De koppeling van V-nummer 9900149283 aan uw gemeente is gereed. Bekijk het profiel in TVS.",
        "Hierbij melden wij dat u een nieuwe koppeling heeft ontvangen.",
        "Onderstaande gezinsleden zijn in één keer aan uw gemeente gekoppeld",
        "Bijgaand de koppeling van een statushouder aan gemeente Voorbeeld",
        "Er is een koppeling gemaakt voor uw gemeente.",
        "In TVS staat een koppeling voor u klaar (V-nummer 9900149283).",
        "Er is een nieuwe statushouder voor uw gemeente.",
        "De vergunninghouder is gekoppeld aan uw gemeente en verhuist op 1 april. Plan de warme overdracht.",
        "GEKOPPELD AAN UW GEMEENTE: 2 personen",
    ] {
        expect(&[(coa("Bericht", text), "coa.koppeling")]);
    }
    expect(&[(coa("Koppelbericht", "Zie TVS."), "coa.koppeling")]);
}

#[test]
fn what_talks_about_koppeling_and_is_none_never_becomes_one() {
    expect(&[
        (
            coa("Weekoverzicht", "Er zijn deze week geen nieuwe koppelingen."),
            "mail.onbekend",
        ),
        (
            coa("Weekoverzicht", "Aantal nieuwe koppelingen: 0"),
            "mail.onbekend",
        ),
        (
            coa(
                "Koppelvlak TVS",
                "Vervang het certificaat van de koppeling tussen uw zaaksysteem en TVS.",
            ),
            "mail.onbekend",
        ),
        (
            coa("Ontkoppeling", "De ontkoppeling is verwerkt."),
            "coa.ontkoppeling",
        ),
        (
            coa(
                "koppeling statushouder",
                "Zoals besproken is de koppeling vandaag ingetrokken.",
            ),
            "coa.ontkoppeling",
        ),
        (
            coa(
                "Bericht",
                "De statushouder is niet meer gekoppeld aan uw gemeente.",
            ),
            "coa.ontkoppeling",
        ),
        (
            coa(
                "Klantprofiel bijgewerkt",
                "Het klantprofiel is gewijzigd. U krijgt dit bericht omdat deze persoon aan uw gemeente is gekoppeld. \
                 Nieuwe koppelingen ontvangt u apart.",
            ),
            "coa.klantprofiel",
        ),
    ]);
}

#[test]
fn the_other_notices_of_coa() {
    expect(&[
        (
            coa(
                "Driegesprek",
                "Het klantprofiel is klaar voor de warme overdracht.",
            ),
            "coa.warme_overdracht",
        ),
        (
            coa(
                "Bericht",
                "De bewoner verhuist op 1 april vanuit het azc naar een woning.",
            ),
            "coa.verhuizing",
        ),
        (coa("Vertrek uit de opvang", ""), "coa.verhuizing"),
        (
            coa("Nareisprofiel geplaatst", "Er staat een nareisprofiel in TVS."),
            "coa.nareisprofiel",
        ),
        (coa("Bericht", "Wij zijn maandag gesloten."), "mail.onbekend"),
    ]);
}

#[test]
fn a_code_decides_and_several_codes_are_an_overview() {
    expect(&[
        (
            duo("Er staat een signaal klaar (SS101).", &["SS101"]),
            "duo.ss101",
        ),
        (
            duo("Voor een BSN staat een signaal klaar (SS134).", &["SS134"]),
            "duo.signaal",
        ),
        (
            duo("signaal 102: inburgeringstermijn gestart.", &["SS102"]),
            "duo.ss102",
        ),
    ]);
    assert_eq!(
        types(&duo("Overzicht", &["SS199", "SS103", "SS134", "SS103"])),
        ["duo.ss199", "duo.ss103", "duo.signaal", "duo.ss103"]
    );
}

#[test]
fn an_overview_that_breaks_off_is_read_by_a_human_too() {
    let mut mail = duo("SS101 en SS139", &["SS101", "SS139"]);
    mail.flaws = vec![Flaw::BrokenEncoding];
    assert_eq!(types(&mail), ["duo.ss101", "duo.ss139", "mail.onbekend"]);
    mail.codes.pop();
    assert_eq!(
        types(&mail),
        ["duo.ss101"],
        "one signal that was read is no overview"
    );
}

#[test]
fn a_correction_goes_before_the_code_it_names() {
    expect(&[(
        duo(
            "Het signaal SS101 was niet juist. Wij hebben het gecorrigeerd.",
            &["SS101"],
        ),
        "duo.correctie",
    )]);
}

#[test]
fn a_code_beside_the_description_of_another_is_read_by_a_human() {
    let contradicting = duo("Signaal SS106: Persoon is overleden.", &["SS106"]);
    let classification = classify(&RULES, &contradicting);
    assert_eq!(classification.signals[0].kind.as_str(), "mail.onbekend");
    assert_eq!(
        classification.why.last().unwrap(),
        "its code and its description contradict each other: duo.ss106, duo.ss111"
    );
    expect(&[
        (duo("SS111 Persoon is overleden", &["SS111"]), "duo.ss111"),
        (
            duo(
                "SS128: Persoon is inburgeringsplichtig, maar bereikt AOW-leeftijd binnen 6 maanden.",
                &["SS128"],
            ),
            "duo.ss128",
        ),
    ]);
}

#[test]
fn without_a_code_the_description_decides_and_the_longest_one_wins() {
    expect(&[
        (
            duo("Leerbaarheidstoets is afgenomen en resultaat is bekend.", &[]),
            "duo.ss131",
        ),
        (duo("Persoon is inburgeringsplichtig.", &[]), "duo.ss101"),
        (
            duo(
                "Persoon is inburgeringsplichtig en de termijn van 10 weken voor vaststellen leerroute is gestart.",
                &[],
            ),
            "duo.ss139",
        ),
        (
            duo(
                "De 10 weken zijn voorbij en er is nog geen leerroute doorgegeven.",
                &[],
            ),
            "duo.ss126",
        ),
        (
            duo(
                "Er is een nieuw signaal voor uw gemeente. Log in met eHerkenning.",
                &[],
            ),
            "duo.signaal",
        ),
        (
            duo("Log in voor gegevens over een inburgeraar uit uw gemeente.", &[]),
            "duo.signaal",
        ),
        (
            duo("Nieuwsbrief: tips voor elke inburgeraar in uw gemeente.", &[]),
            "mail.onbekend",
        ),
        (duo("Uw eHerkenning is geactiveerd.", &[]), "mail.onbekend"),
        (
            duo("Diploma behaald. Persoon is overleden.", &[]),
            "mail.onbekend",
        ),
    ]);
}

#[test]
fn every_literal_description_of_duo_gets_its_own_type() {
    // From DUO's public list of events; the spelling is theirs.
    for (code, description) in [
        ("ss101", "Persoon is inburgeringsplichtig."),
        (
            "ss128",
            "Persoon is inburgeringsplichtig, maar bereikt AOW-leeftijd binnen 6 maanden.",
        ),
        (
            "ss129",
            "Tijdelijke vrijstelling ingetrokken, nog geen leerroute bekend.",
        ),
        ("ss120", "Inburgeringsplichte in gemeente gevestigd zonder PIP."),
        (
            "ss121",
            "Inburgeringsplichte in gemeente gevestigd met PIP vorige gemeente",
        ),
        (
            "ss124",
            "Doelgroep van asielstatushouder naar gezinsmigrant en overige migrant gewijzigd",
        ),
        (
            "ss125",
            "Doelgroep van gezinsmigrant en overige migrant naar asielstatushouder gewijzigd",
        ),
        ("ss109", "Tijdelijke vrijstelling toegekend"),
        ("ss110", "Inburgeringsplicht ingetrokken"),
        ("ss111", "Persoon is overleden"),
        ("ss106", "Diploma behaald"),
        ("ss107", "Gehele vrijstelling toegekend"),
        ("ss108", "Gehele ontheffing toegekend"),
        ("ss137", "Persoon is aangemeld voor de leerbaarheidstoets"),
        ("ss102", "Inburgeringstermijn gestart"),
        ("ss199", "Uitslag examen bekend"),
        ("ss103", "Termijn ambtshalve verlengd"),
        ("ss104", "Termijn op verzoek verlengd"),
        ("ss130", "Tijdelijke vrijstelling ingetrokken, PIP al bekend"),
        ("ss113", "Verzoek verlenging afgewezen"),
        ("ss114", "Verzoek gehele vrijstelling afgewezen"),
        ("ss115", "Verzoek tijdelijke vrijstelling afgewezen"),
        ("ss116", "Verzoek gedeeltelijke vrijstelling afgewezen"),
        ("ss117", "Verzoek gedeeltelijke vrijstelling toegekend"),
        ("ss118", "Verzoek ontheffing afgewezen"),
        ("ss119", "Verzoek gedeeltelijke ontheffing toegekend"),
        ("ss112", "Verzoek verlenging ingediend"),
        ("ss122", "Vertrokken naar andere gemeente"),
        ("ss123", "Vertrokken uit Nederland"),
        ("ss127", "Nog geen inburgeringsaanbod ontvangen"),
        ("ss132", "Opleidingscontract ontvangen (nog geen PIP)"),
        (
            "ss133",
            "Opleidingscontract ontvangen met taalniveau niet conform de opgegeven leerroute voor inburgering",
        ),
        (
            "ss135",
            "Opleidingscontract ontvangen met te hoog taalniveau conform de PIP (Z-route)",
        ),
        (
            "ss136",
            "Opleidingscontract voor taalschakeltraject ontvangen, geen onderwijsroute",
        ),
        ("ss142", "Niet-vrijstellende opleiding beëindigd"),
    ] {
        expect(&[(duo(description, &[]), &format!("duo.{code}"))]);
    }
}

#[test]
fn who_sent_it_and_what_sort_it_is_comes_before_what_it_says() {
    let linked = "Er is een statushouder aan uw gemeente gekoppeld.";
    let with = |verdict, nature| Mail {
        nature,
        ..mail(verdict, "Nieuwe koppeling", linked)
    };
    let coa = || SourceId::new("coa");
    let out_of_office = || Nature::OutOfOffice { until: None };
    let bounce = || Nature::Bounce(Bounce::default());
    expect(&[
        (with(Verdict::Forged(coa()), Nature::Notice), "mail.verdacht"),
        (with(Verdict::Forged(coa()), Nature::Own), "mail.verdacht"),
        (
            with(Verdict::ForgedColleague, Nature::Answer(Answer::default())),
            "mail.onbekend",
        ),
        (with(Verdict::Colleague, Nature::Own), "mail.eigen"),
        (with(Verdict::Colleague, Nature::Receipt), "mail.eigen"),
        (with(Verdict::Outsider, bounce()), "mail.onbestelbaar"),
        (with(Verdict::Colleague, out_of_office()), "mail.afwezigheid"),
        (with(Verdict::Outsider, out_of_office()), "mail.onbekend"),
        (
            with(Verdict::Colleague, Nature::Answer(Answer::default())),
            "mail.antwoord",
        ),
        (
            with(Verdict::Outsider, Nature::Answer(Answer::default())),
            "mail.onbekend",
        ),
        (
            with(Verdict::Outsider, Nature::Sealed(Seal::Portal)),
            "mail.beveiligd",
        ),
        (
            with(Verdict::Partner(coa()), Nature::Sealed(Seal::Smime)),
            "mail.beveiligd",
        ),
        (with(Verdict::Partner(coa()), out_of_office()), "coa.koppeling"),
        (with(Verdict::Partner(coa()), bounce()), "coa.koppeling"),
        (with(Verdict::Unchecked(coa()), Nature::Notice), "coa.koppeling"),
        (with(Verdict::Outsider, Nature::Notice), "mail.onbekend"),
        (with(Verdict::Colleague, Nature::Notice), "mail.onbekend"),
    ]);
}

#[test]
fn a_partners_notice_that_a_colleague_forwarded_is_read_as_the_partners() {
    let address = |address: &str| Address {
        name: String::new(),
        address: address.to_owned(),
    };
    let forwarded = |from| Mail {
        from: Some(address(from)),
        forwarder: Some(address("f.elamrani@gemeente-voorbeeld.nl")),
        ..mail(
            Verdict::Colleague,
            "FW: Koppelbericht",
            "Aan uw gemeente is een statushouder gekoppeld.",
        )
    };
    expect(&[
        (forwarded("plaatsing@coa.nl"), "coa.koppeling"),
        (forwarded("plaatsing@coa.nl.example"), "mail.onbekend"),
    ]);
}

#[test]
fn a_notice_of_which_words_may_be_missing_is_read_by_a_human() {
    let damaged = |flaw| Mail {
        flaws: vec![flaw],
        ..coa("Nieuwe koppeling", "Er is een statushouder gekoppeld.")
    };
    expect(&[
        (damaged(Flaw::BrokenStructure), "mail.onbekend"),
        (damaged(Flaw::BrokenEncoding), "coa.koppeling"),
    ]);
}

#[test]
fn tasks_go_where_the_first_fitting_route_says() {
    let rules = Rules::shipped();
    let to = |mail: &Mail| {
        let signal: &Signal = &classify(&rules, mail).signals[0];
        let Routed { caseload, why, .. } = route(&rules, mail, signal);
        (caseload.to_string(), why)
    };
    let expected = |caseload: &str, why: &str| (caseload.to_owned(), why.to_owned());
    assert_eq!(
        to(&coa("Nieuwe koppeling", "")),
        expected("asiel", "route 3 of 4: target group asiel")
    );
    assert_eq!(
        to(&coa("Bericht", "")),
        expected("triage", "route 1 of 4: type mail.onbekend")
    );
    assert_eq!(
        to(&duo("Nieuwe inburgeringsplichtige: gezinsmigrant", &["SS101"])),
        expected("gezinsmigranten", "route 2 of 4: target group gezin")
    );
    assert_eq!(
        to(&duo("SS101", &["SS101"])),
        expected("triage", "route 4 of 4: fits everything")
    );
}

#[test]
fn the_recipient_address_can_decide_and_is_not_repeated_in_the_grounds() {
    let mut rules = Rules::shipped();
    rules.routes[0].types.clear();
    rules.routes[0].recipients = vec!["Asiel@gemeente-voorbeeld.nl".to_owned()];
    rules.routes[0].target_group = Some(TargetGroup::Asiel);
    let mut mail = coa("Nieuwe koppeling", "");
    let signal = classify(&rules, &mail).signals[0].clone();
    assert_eq!(route(&rules, &mail, &signal).caseload.as_str(), "asiel");
    mail.recipients.push("asiel@gemeente-voorbeeld.nl".to_owned());
    let Routed { caseload, why, .. } = route(&rules, &mail, &signal);
    assert_eq!(caseload.as_str(), "triage");
    assert_eq!(
        why,
        "route 1 of 4: sent to one of its addresses, target group asiel"
    );
}

fn any_verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        Just(Verdict::Partner(SourceId::new("coa"))),
        Just(Verdict::Partner(SourceId::new("duo"))),
        Just(Verdict::Unchecked(SourceId::new("duo"))),
        Just(Verdict::Forged(SourceId::new("coa"))),
        Just(Verdict::Colleague),
        Just(Verdict::ForgedColleague),
        Just(Verdict::Outsider),
    ]
}

fn any_nature() -> impl Strategy<Value = Nature> {
    prop_oneof![
        Just(Nature::Notice),
        Just(Nature::OutOfOffice { until: None }),
        Just(Nature::Bounce(Bounce::default())),
        Just(Nature::Receipt),
        Just(Nature::Own),
        Just(Nature::Answer(Answer::default())),
        Just(Nature::Sealed(Seal::Pgp)),
    ]
}

proptest! {
    /// Whatever comes in: it becomes something that the rules know, it lands on a caseload that exists, and no lie about
    /// the sender and no notice of a partner disappears without a task.
    #[test]
    fn every_mail_becomes_something_and_lands_somewhere(
        verdict in any_verdict(),
        nature in any_nature(),
        words in proptest::collection::vec(
            prop_oneof![
                Just("gekoppeld"), Just("ontkoppeld"), Just("koppeling"), Just("uw gemeente"), Just("klantprofiel gewijzigd"),
                Just("nieuw signaal"), Just("correctie"), Just("persoon is overleden"), Just("gezinsmigrant"), Just("\u{0}é"),
            ],
            0..6,
        ),
        codes in proptest::collection::vec(prop_oneof![Just("SS101"), Just("SS111"), Just("SS000")], 0..4),
    ) {
        let mail = Mail {
            nature,
            codes: codes.iter().map(|code| (*code).to_owned()).collect(),
            ..mail(verdict.clone(), "", &words.join(" "))
        };
        let classification = classify(&RULES, &mail);
        prop_assert!(!classification.signals.is_empty());
        for signal in &classification.signals {
            let kind = RULES.types.get(&signal.kind);
            prop_assert!(kind.is_some(), "{}", signal.kind);
            let Routed { caseload, .. } = route(&RULES, &mail, signal);
            prop_assert!(RULES.caseloads.contains_key(&caseload));
            let opens_a_task = matches!(kind.map(|kind| &kind.effect), Some(Effect::Task { .. }));
            let from_us = matches!(verdict, Verdict::Colleague | Verdict::Outsider);
            prop_assert!(opens_a_task || from_us, "{verdict:?} became {}", signal.kind);
            let is_lie = matches!(verdict, Verdict::Forged(_));
            prop_assert_eq!(is_lie, signal.kind.as_str() == "mail.verdacht");
        }
    }
}

#[test]
fn a_koppeling_is_nothing_less_whatever_else_the_mail_says() {
    for text in [
        "V-nummer 9900149283 is gekoppeld aan uw gemeente. Het klantprofiel wordt aangevuld en hij verhuist in juni.",
        "Een statushouder is aan uw gemeente gekoppeld. Graag plan ik meteen een driegesprek.",
        "Wij hebben de vergunninghouder aan u gekoppeld. Vertrek uit het azc volgt later.",
    ] {
        expect(&[(coa("Bericht", text), "coa.koppeling")]);
    }
}

#[test]
fn what_speaks_against_a_koppeling_brings_a_human_and_nothing_less() {
    for text in [
        "De statushouder is aan uw gemeente gekoppeld. De eerdere koppeling aan Elders is ingetrokken.",
        "De ontkoppeling is teruggedraaid: de statushouder is weer aan uw gemeente gekoppeld.",
        "Nieuw gekoppeld: een. Ontkoppeld: een.",
        // The reception ends, not the koppeling; and the profile must not make it something less.
        "Koppeling V-nummer 9900149283. De opvang wordt beëindigd. Het klantprofiel is aangevuld.",
        "Hierbij bevestigen wij de koppeling; de koppeling is niet doorgegaan bij Elders. Verhuizing volgt.",
    ] {
        expect(&[(coa("Bericht", text), "mail.onbekend")]);
    }
}

#[test]
fn a_code_does_not_hide_a_critical_signal() {
    let overdue = "De 10 weken zijn verstreken en een leerroute ontbreekt.";
    let literal = "10 weken voorbij en nog geen leerroute";
    expect(&[
        (
            duo(&format!("Vervolg op SS101. {overdue}"), &["SS101"]),
            "mail.onbekend",
        ),
        (duo(&format!("SS101 {literal}"), &["SS101"]), "mail.onbekend"),
        (duo(&format!("SS198 {literal}"), &["SS198"]), "mail.onbekend"),
        (duo(&format!("SS126 {literal}"), &["SS126"]), "duo.ss126"),
        (duo("Signaal SS198", &["SS198"]), "duo.signaal"),
    ]);
    let overview = duo(&format!("SS101\nSS102\n{literal}"), &["SS101", "SS102"]);
    assert_eq!(types(&overview), ["duo.ss101", "duo.ss102", "mail.onbekend"]);
}

#[test]
fn a_footer_about_errors_is_no_correction() {
    for footer in [
        "Heeft u deze e-mail ten onrechte ontvangen, verwijder hem dan.",
        "U hebt recht op inzage, correctie en verwijdering.",
        "Zijn deze gegevens niet correct? Neem contact op.",
    ] {
        expect(&[(duo(&format!("SS101\n{footer}"), &["SS101"]), "duo.ss101")]);
    }
    for text in [
        "Signaal SS110 is onterecht verstuurd.",
        "Correctie op SS110",
        "De datum klopt niet.",
    ] {
        expect(&[(duo(text, &["SS110"]), "duo.correctie")]);
    }
}

#[test]
fn an_account_that_is_linked_is_nobody() {
    expect(&[
        (
            coa("TVS", "Uw account is gekoppeld aan uw nieuwe e-mailadres."),
            "mail.onbekend",
        ),
        (
            coa("TVS", "Uw gemeente is gekoppeld aan de nieuwe omgeving."),
            "mail.onbekend",
        ),
    ]);
}
