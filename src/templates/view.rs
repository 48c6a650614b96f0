//! What templates see: the facts of a letter or an envelope, and what follows from them.
//!
//! An answer to a letter about a task is made by tapping a link (RFC 6068). Phones that write a new mail for it leave out
//! which letter it answers, so its subject says so: `[Koppelwacht #17-9f86d081884c7d65]`, with the part of the
//! Message-ID that only the reader of the letter knows. Mail programs differ in what they take unencoded; everything is
//! taken by all of them when it is encoded, spaces as `%20` (Outlook and iOS show a `+` as it is) and a line end as
//! `%0D%0A`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::one_line;
use crate::domain::{Answered, Content, TaskId, Words};

/// How an answer to a letter finds its way back.
#[derive(Debug, Clone, Copy)]
pub struct ReplyTo<'a> {
    /// Our own address.
    pub address: &'a str,
    /// The part of the letter's Message-ID that cannot be guessed.
    pub token: &'a str,
}

/// What stands in a link as it is: the unreserved characters of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// The same in an address, which every program wants to see with its `@`.
const ENCODED_ADDRESS: &AsciiSet = &ENCODED.remove(b'@');

/// A letter as its templates see it.
#[derive(Serialize)]
pub(super) struct Section<'a> {
    #[serde(flatten)]
    content: &'a Content,
    /// Letters about a task, and about an answer to one: what the subject of an answer names it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    mark: Option<String>,
    /// The same letters: a link that answers it; what the answer says goes behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<String>,
    /// Letters about an answer: whether another one is to be expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    again: Option<bool>,
    /// Overviews: whether mail may lie in the mailboxes that is not in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    behind: Option<bool>,
}

impl<'a> Section<'a> {
    pub(super) fn of(content: &'a Content, reply_to: &ReplyTo<'_>) -> Self {
        let mut section = Self {
            content,
            mark: None,
            reply: None,
            again: None,
            behind: None,
        };
        match content {
            Content::Task { facts, .. } => {
                let mark = mark(facts.task, reply_to.token);
                section.reply = Some(link(reply_to.address, &mark, &facts.title));
                section.mark = Some(mark);
            }
            Content::Answered(answered) => {
                section.again = Some(answered.expects_another());
                if let Some(mark) = mark_of(answered) {
                    let title = answered.title.as_deref().unwrap_or_default();
                    section.reply = Some(link(reply_to.address, &mark, title));
                    section.mark = Some(mark);
                }
            }
            Content::Overview(overview) => section.behind = Some(overview.is_behind()),
            _ => {}
        }
        section
    }
}

/// What the subject of an answer names a letter about a task by.
pub(super) fn mark(task: TaskId, token: &str) -> String {
    format!("[Koppelwacht #{task}-{token}]")
}

/// The same for what was made of an answer: the letter that was answered.
pub(super) fn mark_of(answered: &Answered) -> Option<String> {
    Some(mark(answered.task?, answered.letter.as_deref()?))
}

fn link(address: &str, mark: &str, title: &str) -> String {
    let subject = one_line(&format!("Re: {mark} {title}"));
    format!(
        "mailto:{}?subject={}&body=",
        utf8_percent_encode(address, ENCODED_ADDRESS),
        utf8_percent_encode(&subject, ENCODED)
    )
}

/// What an envelope sees.
#[derive(Serialize)]
pub(super) struct Envelope<'a> {
    /// Whom it greets by name.
    name: Option<&'a str>,
    /// How many letters are in it.
    count: usize,
    /// Whether these are more than one.
    several: bool,
    /// Whether one of them is about a task, and asks for an answer.
    tasks: bool,
    /// What the first is about.
    first: &'a str,
    /// The letters, what matters most first.
    sections: Vec<Enclosed<'a>>,
}

/// A letter in an envelope.
#[derive(Serialize)]
struct Enclosed<'a> {
    /// Counted from 1.
    number: usize,
    /// What it is about.
    title: &'a str,
    /// In plain text.
    text: &'a str,
    /// In HTML.
    html: &'a str,
}

impl<'a> Envelope<'a> {
    pub(super) fn of(name: Option<&'a str>, sections: &[&'a Words], tasks: bool) -> Self {
        let enclosed = |(number, words): (usize, &&'a Words)| Enclosed {
            number,
            title: without_mark(&words.subject),
            text: &words.text,
            html: &words.html,
        };
        Self {
            name,
            count: sections.len(),
            several: sections.len() > 1,
            tasks,
            first: sections.first().map_or("", |words| without_mark(&words.subject)),
            sections: (1..).zip(sections).map(enclosed).collect(),
        }
    }
}

/// A subject without the `[Koppelwacht #17]` that it starts with.
pub(super) fn without_mark(subject: &str) -> &str {
    let rest = subject.strip_prefix("[Koppelwacht");
    rest.and_then(|rest| rest.split_once("] "))
        .map_or(subject, |(_, title)| title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_encoded_so_that_every_mail_program_takes_it() {
        assert_eq!(
            link(
                "koppel+wacht@gemeente.nl",
                "[Koppelwacht #17-9f]",
                "Vóór 1 & 2?\r\nBcc: x"
            ),
            "mailto:koppel%2Bwacht@gemeente.nl?subject=Re%3A%20%5BKoppelwacht%20%2317-9f%5D%20V%C3%B3%C3%B3r%201%20%26%20\
             2%3F%20Bcc%3A%20x&body="
        );
    }

    #[test]
    fn a_subject_loses_its_mark_and_nothing_else() {
        assert_eq!(without_mark("[Koppelwacht #17] Te laat: [x] y"), "Te laat: [x] y");
        assert_eq!(without_mark("[Koppelwacht] Overzicht"), "Overzicht");
        assert_eq!(without_mark("Taak 17"), "Taak 17");
    }
}
