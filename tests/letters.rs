//! The words of letters: what colleagues read, and what a municipality can and cannot change about it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use jiff::civil::date;
use koppelwacht::domain::{Caution, Content, Deceit, Facts, Occasion, Role, TaskId, Tried, WhyNot, Words};
use koppelwacht::findings::Findings;
use koppelwacht::templates::{self, Templates};

fn letter(occasion: Occasion) -> Content {
    Content {
        occasion,
        facts: Facts {
            task: TaskId(17),
            title: "Nieuwe koppeling van het COA".to_owned(),
            instruction:
                "Bekijk de koppeling in het TVS. Neem daarna contact op met het COA over de huisvesting."
                    .to_owned(),
            critical: true,
            caseload: "Huisvesting vergunninghouders".to_owned(),
            name: Some("Sanne de Boer".to_owned()),
            role: Role::Holder,
            received: date(2026, 11, 24).at(9, 30, 0, 0),
            due: date(2026, 11, 26).at(17, 0, 0, 0),
            overdue: false,
            next: Some(date(2026, 11, 24).at(13, 30, 0, 0)),
            tried: Vec::new(),
            caution: None,
            deceit: None,
        },
    }
}

/// A letter to the last rung: everybody else was told or is away.
fn last_resort(occasion: Occasion) -> Content {
    let told = |role, name: &str, hour| Tried {
        role,
        name: Some(name.to_owned()),
        told: Some(date(2026, 11, 24).at(hour, 31, 0, 0)),
        skipped: None,
    };
    let skipped = |role, name: Option<&str>, why| Tried {
        role,
        name: name.map(str::to_owned),
        told: None,
        skipped: Some(why),
    };
    let mut content = letter(occasion);
    content.facts.name = None;
    content.facts.role = Role::Functional;
    content.facts.overdue = true;
    content.facts.next = Some(date(2026, 11, 27).at(9, 0, 0, 0));
    content.facts.tried = vec![
        told(Role::Holder, "Sanne de Boer", 9),
        skipped(Role::Deputy, Some("Karim Bakker, Femke Visser"), WhyNot::Absent),
        skipped(Role::Deputy, None, WhyNot::Nobody),
        told(Role::Lead, "Joost van Dijk", 13),
        skipped(Role::Lead, Some("Joost van Dijk"), WhyNot::AlreadyTold),
    ];
    content
}

fn render(content: &Content) -> Words {
    Templates::shipped().render(content).unwrap()
}

fn snapshot(name: &str, content: &Content) {
    let words = render(content);
    insta::assert_snapshot!(
        format!("{name}.txt"),
        format!("{}\n\n{}", words.subject, words.text)
    );
    insta::assert_snapshot!(format!("{name}.html"), words.html);
}

#[test]
fn a_new_task() {
    snapshot("new_task", &letter(Occasion::NewTask));
}

#[test]
fn a_new_task_that_may_be_a_forgery() {
    let mut content = letter(Occasion::NewTask);
    content.facts.caution = Some(Caution::Forged);
    content.facts.deceit = Some(Deceit::LookAlike);
    snapshot("new_task_forged", &content);
}

#[test]
fn a_letter_about_a_forgery_says_what_is_wrong_with_it() {
    let mut content = letter(Occasion::Escalation);
    content.facts.caution = Some(Caution::Forged);
    let sentences: Vec<String> = Deceit::ALL
        .into_iter()
        .map(|deceit| {
            content.facts.deceit = Some(deceit);
            let words = render(&content);
            let (_, rest) = words
                .text
                .split_once("De afzender is niet wie hij zegt te zijn. ")
                .unwrap();
            let (sentence, _) = rest.split_once(" Klik nergens op.").unwrap();
            assert!(words.html.contains(sentence), "{sentence} is not in the HTML");
            sentence.to_owned()
        })
        .collect();
    insta::assert_snapshot!("grounds_of_a_forgery", sentences.join("\n"));
}

#[test]
fn an_ordinary_task_of_an_unchecked_sender_after_which_nobody_is_told() {
    let mut content = letter(Occasion::NewTask);
    content.facts.critical = false;
    content.facts.next = None;
    content.facts.caution = Some(Caution::Unchecked);
    snapshot("new_task_unchecked", &content);
}

#[test]
fn a_task_that_nobody_took() {
    snapshot("escalation", &last_resort(Occasion::Escalation));
}

#[test]
fn a_task_that_was_taken_and_is_not_handled() {
    let mut content = last_resort(Occasion::HoldEnded);
    content.facts.role = Role::Holder;
    content.facts.name = Some("Sanne de Boer".to_owned());
    content.facts.tried.truncate(1);
    snapshot("hold_ended", &content);
}

#[test]
fn a_task_that_was_handed_to_you() {
    snapshot("reassigned", &letter(Occasion::Reassigned));
}

#[test]
fn html_in_a_title_is_shown_and_not_obeyed() {
    let mut content = letter(Occasion::NewTask);
    content.facts.title = "<script>alert(1)</script> & zo".to_owned();
    let words = render(&content);
    assert!(!words.html.contains("<script"), "{}", words.html);
    assert!(
        words
            .html
            .contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; zo")
    );
    assert!(words.text.contains("<script>alert(1)</script> & zo"));
    assert!(words.subject.ends_with("<script>alert(1)</script> & zo"));
}

#[test]
fn a_line_break_in_a_title_stays_out_of_the_subject() {
    let mut content = letter(Occasion::Escalation);
    content.facts.title = "Nieuwe koppeling\r\nBcc: iemand@elders.example".to_owned();
    let expected = "[Koppelwacht #17] Nieuwe koppeling Bcc: iemand@elders.example: nog niet opgepakt";
    assert_eq!(render(&content).subject, expected);
    assert!(!templates::bare(&content).subject.contains(['\r', '\n']));
}

#[test]
fn html_letters_fetch_nothing_and_lead_nowhere() {
    for occasion in Occasion::ALL {
        let html = render(&last_resort(occasion)).html;
        for forbidden in [
            "http", "<a ", "<img", "<script", "<link", "url(", "@import", "<form", "<iframe",
        ] {
            assert!(!html.contains(forbidden), "{forbidden} in {html}");
        }
        assert!(html.contains("<html lang=\"nl\">"));
    }
}

#[test]
fn bare_words_still_say_what_to_do() {
    let words = templates::bare(&letter(Occasion::NewTask));
    insta::assert_snapshot!("bare.txt", format!("{}\n\n{}", words.subject, words.text));
    insta::assert_snapshot!("bare.html", words.html);
    let mut forged = letter(Occasion::NewTask);
    forged.facts.caution = Some(Caution::Forged);
    assert!(templates::bare(&forged).text.contains("dit bericht lijkt nep"));
}

/// What is found in a folder with these files.
fn load(files: &[(&str, &str)]) -> Result<Templates, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    load_folder(folder.path())
}

fn load_folder(folder: &Path) -> Result<Templates, String> {
    let mut findings = Findings::default();
    match Templates::load(Some(folder), &mut findings) {
        Some(templates) => {
            assert!(findings.is_empty(), "{findings}");
            Ok(templates)
        }
        None => Err(findings
            .to_string()
            .replace(&format!("{}/", folder.display()), "")),
    }
}

#[test]
fn a_municipality_can_replace_one_file_and_keep_the_rest() {
    let own = [
        ("new_task.subject.hbs", "Taak {{task}} voor {{caseload}}"),
        ("README.md", "{{not a template"),
    ];
    let words = load(&own).unwrap().render(&letter(Occasion::NewTask)).unwrap();
    assert_eq!(words.subject, "Taak 17 voor Huisvesting vergunninghouders");
    assert_eq!(words.text, render(&letter(Occasion::NewTask)).text);
}

#[test]
fn a_shared_piece_can_be_replaced_as_well() {
    let own = [("greeting.txt.hbs", "Hoi {{#if name}}{{name}}{{else}}jij{{/if}}!")];
    let words = load(&own).unwrap().render(&letter(Occasion::Reassigned)).unwrap();
    assert!(words.text.starts_with("Hoi Sanne de Boer!"), "{}", words.text);
}

/// Each mistake with the finding that it leads to.
#[test]
fn every_mistake_in_a_template_is_found_before_a_letter_needs_it() {
    let mistakes = [
        ("a field that does not exist", "Hoi\n{{titel}}"),
        ("a misspelt condition", "Hoi\n{{#if nmae}}jij{{/if}}"),
        ("a misspelt condition, negated", "{{#unless nmae}}jij{{/unless}}"),
        (
            "a misspelt field in a list",
            "{{#each tried}}\n{{naam}}\n{{/each}}",
        ),
        ("a misspelt list", "{{#each tryed}}x{{/each}}"),
        (
            "a misspelt field in a comparison",
            "{{#if (eq rol \"lead\")}}x{{/if}}",
        ),
        (
            "a field behind a condition",
            "{{#if overdue}}\n{{#if next}}{{datum next}}{{/if}}{{/if}}",
        ),
        ("a date that not every letter has", "Hoi\n{{date next}}"),
        ("a misspelt date", "{{date duw}}"),
        ("a date of what is none", "{{date title}}"),
        ("a helper without a field", "{{#if (date)}}x{{/if}}"),
        ("a role of what is none", "{{role title}}"),
        ("a missing piece", "Hoi\n{{> groet.txt}}"),
        ("a block that is not closed", "Hoi\n{{#if name}}jij"),
        ("a block closed by another", "Hoi\n{{#if name}}jij{{/each}}"),
        ("half a field", "Hoi\n{{title}"),
    ];
    let mut found = String::new();
    for (what, text) in mistakes {
        let findings = load(&[("reassigned.txt.hbs", text)]).map(drop).expect_err(what);
        found.extend([what, "\n", &findings, "\n"]);
    }
    insta::assert_snapshot!("mistakes", found);
}

#[test]
fn a_mistake_in_a_shared_piece_is_told_once_and_with_that_file() {
    let findings = load(&[("facts.html.hbs", "<p>\n{{instructie}}</p>")])
        .map(drop)
        .unwrap_err();
    assert_eq!(findings.lines().count(), 1, "{findings}");
    assert!(findings.starts_with("facts.html.hbs:2:1: error: "), "{findings}");
}

#[test]
fn a_file_that_no_letter_uses_is_not_silently_ignored() {
    let findings = load(&[("new_taks.txt.hbs", "Hoi")]).map(drop).unwrap_err();
    assert_eq!(
        findings,
        "new_taks.txt.hbs: error: no letter uses a template of this name; did you mean `new_task.txt.hbs`?\n"
    );
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let findings = load_folder(Path::new("/nowhere/templates"))
        .map(drop)
        .unwrap_err();
    assert!(findings.contains("the folder cannot be read"), "{findings}");
    assert!(
        findings.contains("correct `templates` in the settings"),
        "{findings}"
    );
}
