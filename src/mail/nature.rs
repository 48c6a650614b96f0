//! What sort of message this is, apart from what it says.
//!
//! The order matters: a read receipt and an out-of-office answer bear our subject as an answer does, a bounce carries a
//! whole letter of ours. And since all of these open no task, a partner's notice must never end up among them: mail
//! from a partner's domain is a notice unless it is sealed, or an automatic answer that says so in words.

use std::sync::LazyLock;

use mail_parser::Message;
use regex::Regex;

use super::expression::expression;
use super::header::Head;
use super::text::Body;
use super::{absence, letter, report, seal};
use crate::domain::{Answer, Nature, Sender, Trust, Verdict};

static AUTOMATIC_SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)^\W*(?:automatisch antwoord|automatic reply|auto(?:matic)?[- ]?reply|autoreply|out of (?:the )?office|afwezigheidsassistent|afwezigheidsbericht|automatische antwort|abwesenheitsnotiz|automatyczna odpowied\p{L}*|r[ée]ponse automatique|auto:)(?:\W|$)|^(?:niet aanwezig|afwezig|abwesend|absent)\s*[:(]|\(automati(?:c|sch)\w* (?:response|reply|antwoord)\)",
    )
});

static ABSENT: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)\b(?:afwezig\w*|niet aanwezig|niet op kantoor|met verlof|vakantie|out of (?:the )?office|on leave|away|vacation|holiday)\b|ben ik (?:er )?(?:vandaag )?niet",
    )
});

/// The nature of a message.
pub(super) fn of(
    message: &Message<'_>,
    head: &Head<'_>,
    body: &Body<'_>,
    sender: &Sender,
    trust: &Trust,
) -> Nature {
    let from = head.from.first();
    let is_partner = matches!(
        sender.verdict,
        Verdict::Partner(_) | Verdict::Unchecked(_) | Verdict::Forged(_)
    );
    // Before the seal: a report on a sealed letter is a report.
    if !is_partner && let Some(report) = report::of(message, head, body, sender, trust) {
        return report;
    }
    let origin = seal::Origin {
        domain: from.map_or("", |from| from.domain()),
        is_stranger: sender.verdict == Verdict::Outsider,
    };
    if let Some(kind) = seal::of(message, origin, &head.subject, body) {
        return Nature::Sealed(kind);
    }
    if is_automatic_answer(head, body, is_partner) {
        return Nature::OutOfOffice {
            until: absence::until(&body.text, head.day_sent()),
        };
    }
    if is_partner {
        return Nature::Notice;
    }
    let is_our_address = from.is_some_and(|from| from.address.eq_ignore_ascii_case(&trust.own_address));
    if is_our_address && sender.verdict != Verdict::ForgedColleague {
        return Nature::Own;
    }
    answer(head, trust).unwrap_or(Nature::Notice)
}

/// RFC 3834 section 5, or what Exchange and older programs do instead. `auto-generated` is what notices are, too.
fn is_automatic_answer(head: &Head<'_>, body: &Body<'_>, is_partner: bool) -> bool {
    let says_so = AUTOMATIC_SUBJECT.is_match(&head.subject);
    let is_marked = head
        .word("Auto-Submitted")
        .is_some_and(|word| word == "auto-replied")
        || head.word("Precedence").is_some_and(|word| word == "auto_reply")
        || [
            "X-Autoreply",
            "X-Autorespond",
            "X-Autoreply-From",
            "X-Autoresponder",
        ]
        .iter()
        .any(|name| head.first(name).is_some());
    if is_partner {
        return is_marked && (says_so || ABSENT.is_match(&head.subject) || is_absence(&body.text));
    }
    is_marked || says_so
}

/// A partner's automatic answer is short; a notice may mention a holiday further down.
fn is_absence(text: &str) -> bool {
    text.len() < 1500 && ABSENT.is_match(text)
}

/// Whether a message speaks of somebody's absence: in its subject, or in a short text.
pub(super) fn speaks_of_absence(head: &Head<'_>, text: &str) -> bool {
    AUTOMATIC_SUBJECT.is_match(&head.subject) || ABSENT.is_match(&head.subject) || is_absence(text)
}

/// An answer to a letter of ours, and the letter: by the Message-ID that it answers, else by the subject, which people
/// see. What it asks for is read later, when the quoted letter is cut away ([`super::answer`]).
fn answer(head: &Head<'_>, trust: &Trust) -> Option<Nature> {
    let fields: Vec<_> = head.answers().map(String::from_utf8_lossy).collect();
    let named = letter::by_message_id(fields.iter().map(AsRef::as_ref), &trust.letter_domain);
    let seen = letter::by_subject(&head.subject);
    if named.is_none() && seen.is_none() {
        return None;
    }
    let named = named.unwrap_or_default();
    let (task, seen) = seen.map_or((None, None), |seen| (Some(seen.task), seen.letter));
    // A letter vouches for the task that its own Message-ID names, and for no other.
    let crossed = task.is_some() && named.task.is_some() && task != named.task;
    Some(Nature::Answer(Answer {
        task: task.or(named.task),
        // A link tells the task's own letter; the message that it was tapped in may hold several.
        letter: seen.or(named.letter).filter(|_| !crossed),
        intent: None,
    }))
}
