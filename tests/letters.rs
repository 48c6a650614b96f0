//! The words of letters: what colleagues read, and what a municipality can and cannot change about it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use jiff::civil::date;
use koppelwacht::domain::{
    Caution, Content, Deceit, Facts, Occasion, Role, RulesRefused, TaskId, Tried, WhyNot, Words,
};
use koppelwacht::findings::Findings;
use koppelwacht::templates::{self, Templates};

fn letter(occasion: Occasion, facts: Facts) -> Content {
    Content::Task { occasion, facts }
}

fn facts() -> Facts {
    Facts {
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
    }
}

/// A letter to the last rung: everybody else was told or is away.
fn last_resort() -> Facts {
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
    let tried = vec![
        told(Role::Holder, "Sanne de Boer", 9),
        skipped(Role::Deputy, Some("Karim Bakker, Femke Visser"), WhyNot::Absent),
        skipped(Role::Deputy, None, WhyNot::Nobody),
        told(Role::Lead, "Joost van Dijk", 13),
        skipped(Role::Lead, Some("Joost van Dijk"), WhyNot::AlreadyTold),
    ];
    Facts {
        name: None,
        role: Role::Functional,
        overdue: true,
        next: Some(date(2026, 11, 27).at(9, 0, 0, 0)),
        tried,
        ..facts()
    }
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
    snapshot("new_task", &letter(Occasion::NewTask, facts()));
}

#[test]
fn a_new_task_that_may_be_a_forgery() {
    let content = Facts {
        caution: Some(Caution::Forged),
        deceit: Some(Deceit::LookAlike),
        ..facts()
    };
    snapshot("new_task_forged", &letter(Occasion::NewTask, content));
}

#[test]
fn a_letter_about_a_forgery_says_what_is_wrong_with_it() {
    let sentences: Vec<String> = Deceit::ALL
        .into_iter()
        .map(|deceit| {
            let content = Facts {
                caution: Some(Caution::Forged),
                deceit: Some(deceit),
                ..facts()
            };
            let words = render(&letter(Occasion::Escalation, content));
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
    let mut content = facts();
    content.critical = false;
    content.next = None;
    content.caution = Some(Caution::Unchecked);
    snapshot("new_task_unchecked", &letter(Occasion::NewTask, content));
}

#[test]
fn a_task_that_nobody_took() {
    snapshot("escalation", &letter(Occasion::Escalation, last_resort()));
}

#[test]
fn a_task_that_was_taken_and_is_not_handled() {
    let mut content = last_resort();
    content.role = Role::Holder;
    content.name = Some("Sanne de Boer".to_owned());
    content.tried.truncate(1);
    snapshot("hold_ended", &letter(Occasion::HoldEnded, content));
}

#[test]
fn a_task_that_was_handed_to_you() {
    snapshot("reassigned", &letter(Occasion::Reassigned, facts()));
}

#[test]
fn new_rules_that_were_refused() {
    let refused = |mistakes, places: &[&str]| {
        Content::RulesRefused(RulesRefused {
            at: date(2026, 11, 24).at(9, 30, 0, 0),
            mistakes,
            places: places.iter().map(|place| (*place).to_owned()).collect(),
            in_force: "9f86d081884c".to_owned(),
        })
    };
    snapshot(
        "rules_refused",
        &refused(2, &["caseloads.toml:12", "people.toml:3"]),
    );
    let one = refused(1, &[]);
    assert!(render(&one).text.contains("Er zit een fout in."));
    let bare = templates::bare(&one);
    assert!(
        bare.text
            .contains("De oude regels (versie 9f86d081884c) blijven gelden"),
        "{}",
        bare.text
    );
}

#[test]
fn html_in_a_title_is_shown_and_not_obeyed() {
    let mut content = facts();
    content.title = "<script>alert(1)</script> & zo".to_owned();
    let words = render(&letter(Occasion::NewTask, content));
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
    let mut content = facts();
    content.title = "Nieuwe koppeling\r\nBcc: iemand@elders.example".to_owned();
    let content = letter(Occasion::Escalation, content);
    let expected = "[Koppelwacht #17] Nieuwe koppeling Bcc: iemand@elders.example: nog niet opgepakt";
    assert_eq!(render(&content).subject, expected);
    assert!(!templates::bare(&content).subject.contains(['\r', '\n']));
}

#[test]
fn html_letters_fetch_nothing_and_lead_nowhere() {
    for occasion in Occasion::ALL {
        let html = render(&letter(occasion, last_resort())).html;
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
    let words = templates::bare(&letter(Occasion::NewTask, facts()));
    insta::assert_snapshot!("bare.txt", format!("{}\n\n{}", words.subject, words.text));
    insta::assert_snapshot!("bare.html", words.html);
    let mut forged = facts();
    forged.caution = Some(Caution::Forged);
    assert!(
        templates::bare(&letter(Occasion::NewTask, forged))
            .text
            .contains("dit bericht lijkt nep")
    );
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
    let words = load(&own)
        .unwrap()
        .render(&letter(Occasion::NewTask, facts()))
        .unwrap();
    assert_eq!(words.subject, "Taak 17 voor Huisvesting vergunninghouders");
    assert_eq!(words.text, render(&letter(Occasion::NewTask, facts())).text);
}

#[test]
fn a_shared_piece_can_be_replaced_as_well() {
    let own = [("greeting.txt.hbs", "Hoi {{#if name}}{{name}}{{else}}jij{{/if}}!")];
    let words = load(&own)
        .unwrap()
        .render(&letter(Occasion::Reassigned, facts()))
        .unwrap();
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
