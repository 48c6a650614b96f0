//! What holds for any answer and any history below it, and for any number and any way to write it.

use koppelwacht::domain::{Mail, Source, SourceId, Trust};
use koppelwacht::mail;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn read(subject: &str, text: &str) -> Mail {
    let trust = Trust {
        authserv_id: "mx.gemeente.nl".to_owned(),
        own_domains: vec!["gemeente.nl".to_owned()],
        guests: Vec::new(),
        own_address: "koppelwacht@gemeente.nl".to_owned(),
        letter_domain: "koppelwacht.gemeente.nl".to_owned(),
        smime: koppelwacht::domain::Smime::default(),
        sources: vec![Source {
            id: SourceId::new("duo"),
            domains: vec!["duo.nl".to_owned()],
            names: vec!["DUO".to_owned()],
        }],
    };
    let mail = format!(
        "Authentication-Results: mx.gemeente.nl; dmarc=pass header.from=duo.nl\nFrom: a@duo.nl\nSubject: {subject}\n\
         Content-Type: text/plain; charset=utf-8\n\n{text}\n"
    );
    mail::read(mail.as_bytes(), &trust)
}

fn config() -> ProptestConfig {
    ProptestConfig {
        rng_seed: RngSeed::Fixed(2026),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// A paragraph that somebody writes, a line at a time.
fn lines() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[A-Z][a-z\u{eb}]{1,9}( [a-z]{1,9}){0,6}[.!?]", 1..6)
}

/// What mail programs put between a text and the one it answers, and what they put before each line of that.
fn history() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop::sample::select(vec![
        (
            "Van: COA <a@coa.nl>\nVerzonden: maandag 3 maart 2025 10:00\nAan: Fatima\nOnderwerp: Koppeling\n\n",
            "",
        ),
        (
            "From: COA <a@coa.nl>\nSent: Monday, March 3, 2025 10:00\nTo: Fatima\nSubject: Koppeling\n\n",
            "",
        ),
        (
            "*Van:* COA\n*Datum:* 3 maart 2025\n*Aan:* Fatima\n*Onderwerp:* Koppeling\n\n",
            "",
        ),
        (
            "Von: COA\nGesendet: Montag\nAn: Fatima\nBetreff: Koppeling\n\n",
            "",
        ),
        ("-----Oorspronkelijk bericht-----\n", ""),
        ("---------- Forwarded message ---------\n", ""),
        ("Op ma 3 mrt 2025 om 10:00 schreef COA <a@coa.nl>:\n\n", "> "),
        ("Op 3 maart 2025 om 10:00 schreef COA\n<a@coa.nl>:\n", ">"),
        ("On Mon, Mar 3, 2025 at 10:00 AM COA <a@coa.nl> wrote:\n", "> > "),
    ])
}

fn quoted(old: &[String], mark: &str) -> String {
    old.iter()
        .fold(String::new(), |text, line| text + mark + line + "\n")
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_answer_is_kept_whole_and_what_it_answers_goes(
        new in lines(),
        old in lines(),
        (mark, quote) in history(),
        subject in prop::sample::select(vec!["RE: x", "Antw: x", "x"]),
    ) {
        let new = new.join("\n");
        let mail = read(subject, &format!("{new}\n\n{mark}{}", quoted(&old, quote)));
        prop_assert_eq!(mail.text, new);
    }

    #[test]
    fn answers_between_quoted_lines_are_kept_in_order(new in lines(), old in lines()) {
        let above = quoted(&old, "> ");
        let text = new.iter().fold(String::new(), |text, line| text + &above + line + "\n");
        prop_assert_eq!(read("RE: x", &text).text, new.join("\n"));
    }

    #[test]
    fn what_was_cut_once_is_not_cut_again(
        new in lines(),
        old in lines(),
        (mark, quote) in history(),
        (again, twice) in history(),
    ) {
        let older = quoted(&old, twice);
        let text = format!("{}\n\n{mark}{}{again}{older}", new.join("\n"), quoted(&old, quote));
        let once = read("RE: x", &text).text;
        prop_assert_eq!(read("RE: x", &once).text, once);
    }
}

/// A V-nummer: ten digits, no 0 in front.
fn v_nummer() -> impl Strategy<Value = String> {
    "[1-9][0-9]{9}"
}

/// A BSN: nine digits that pass the 11-proef.
fn bsn() -> impl Strategy<Value = String> {
    "[1-9][0-9]{7}".prop_filter_map("no digit makes it pass", |digits| {
        let weighed = digits.bytes().zip([9, 8, 7, 6, 5, 4, 3, 2]);
        let sum: u32 = weighed
            .map(|(digit, weight)| u32::from(digit - b'0') * weight)
            .sum();
        (sum % 11 < 10).then(|| format!("{digits}{}", sum % 11))
    })
}

/// The digits in groups of these lengths.
fn grouped(digits: &str, lengths: &[usize], between: &str) -> String {
    let mut rest = digits;
    let groups = lengths.iter().map(|length| {
        let (group, after) = rest.split_at(*length);
        rest = after;
        group
    });
    groups.collect::<Vec<_>>().join(between)
}

fn between() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![" ", ".", "-", "\u{a0}"])
}

/// What may stand around a number of a person.
fn around() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop::sample::select(vec![
        ("Het gaat om ", "."),
        ("Statushouder (", ") is gekoppeld"),
        ("Naam: A. Tester\n", "\nGeboren in 1990"),
        ("", ""),
    ])
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_v_nummer_is_found_in_every_spelling(
        v in v_nummer(),
        label in prop::sample::select(vec!["V-nummer ", "v-nr: ", "vnr. ", "V nummer: ", "Vreemdelingennummer ", ""]),
        lengths in prop::sample::select(vec![vec![10], vec![4, 3, 3], vec![2, 2, 2, 2, 2], vec![5, 5]]),
        between in between(),
        (before, after) in around(),
    ) {
        // Without a label only the usual grouping counts.
        prop_assume!(!label.is_empty() || lengths.len() != 2 && lengths.len() != 5);
        let text = format!("{before}{label}{}{after}", grouped(&v, &lengths, between));
        prop_assert_eq!(read("x", &text).references.v_nummers, [v], "{}", text);
    }

    #[test]
    fn a_bsn_is_found_in_every_spelling(
        bsn in bsn(),
        label in prop::sample::select(vec!["BSN ", "bsn: ", "Burgerservicenummer ", "BSN-nummer: ", ""]),
        lengths in prop::sample::select(vec![vec![9], vec![3, 3, 3], vec![4, 2, 3], vec![4, 3, 2]]),
        between in between(),
        (before, after) in around(),
    ) {
        let text = format!("{before}{label}{}{after}", grouped(&bsn, &lengths, between));
        prop_assert_eq!(read("x", &text).references.bsns, [bsn], "{}", text);
    }

    #[test]
    fn numbers_of_other_things_are_no_people(
        digits in "[0-9]{8}",
        form in prop::sample::select(vec![
            "Bel 088 D4 D4", "tel. 06-D8", "telefoon: 010-D7", "fax 0D8", "+31 88 D7", "0031 6 D8", "KvK D8",
            "KvK-nummer: D8", "NL69 INGB 00D2 D4 D2", "NL69INGB00D8", "kenmerk 20D8", "ons kenmerk: 20D8",
            "zaaknummer 20D8", "03-12-2025 en D4", "2025-03-12", "12.03.2025 om 10.30", "https://duo.nl/x/99D8",
        ]),
    ) {
        let text = (2..9).fold(form.to_owned(), |text, length| text.replace(&format!("D{length}"), &digits[..length]));
        let mail = read("x", &text);
        prop_assert_eq!(mail.references, koppelwacht::domain::References::default(), "{}", text);
        prop_assert_eq!(mail.codes, Vec::<String>::new(), "{}", text);
    }

    #[test]
    fn people_keep_their_order_and_count_once(people in prop::collection::vec(v_nummer(), 1..20), again in any::<bool>()) {
        let mut once: Vec<String> = Vec::new();
        for person in &people {
            if !once.contains(person) {
                once.push(person.clone());
            }
        }
        let listed = quoted(&people, "- V-nummer ");
        let text = listed.repeat(1 + usize::from(again));
        prop_assert_eq!(read("x", &text).references.v_nummers, once);
    }

    #[test]
    fn codes_keep_their_order_and_count_once(
        codes in prop::collection::vec((100_u32..1000, 0_usize..6), 1..20),
        again in any::<bool>(),
    ) {
        let forms = ["SSD", "ss-D", "SS D", "[SSD]", "signaal D:", "Signaalcode D"];
        let mut once: Vec<String> = Vec::new();
        for (code, _) in &codes {
            if !once.contains(&format!("SS{code}")) {
                once.push(format!("SS{code}"));
            }
        }
        let listed = codes.iter().map(|(code, form)| forms[*form].replace('D', &code.to_string()) + "\n");
        let text = listed.collect::<String>().repeat(1 + usize::from(again));
        prop_assert_eq!(read("x", &text).codes, once);
    }
}
