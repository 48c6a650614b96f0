//! What sort of message this is, apart from what it says.
//!
//! The order matters: a read receipt and an out-of-office answer bear our subject as an answer does, a bounce carries a
//! whole letter of ours. And since all of these open no task, a partner's notice must never end up among them: mail
//! from a partner's domain is a notice unless it is sealed, or an automatic answer that says so in words.

use std::sync::LazyLock;

use jiff::tz::TimeZone;
use mail_parser::Message;
use regex::Regex;

use super::header::Head;
use super::text::Body;
use super::{absence, report, seal};
use crate::domain::{Nature, Sender, TaskId, Trust, Verdict};

static AUTOMATIC_SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^(?:automatisch antwoord|automatic reply|auto(?:matic)?[- ]?reply|autoreply|out of (?:the )?office|afwezigheidsassistent|afwezigheidsbericht|automatische antwort|abwesenheitsnotiz)\b",
    )
    .expect("checked by the tests")
});

static ABSENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:afwezig\w*|niet aanwezig|niet op kantoor|met verlof|vakantie|out of (?:the )?office|on leave|away|vacation|holiday)\b|ben ik (?:er )?(?:vandaag )?niet",
    )
    .expect("checked by the tests")
});

static SUBJECT_TASK: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\[koppelwacht #([0-9]{1,18})\]").expect("checked by the tests"));

/// The nature of a message.
pub(super) fn of(
    message: &Message<'_>,
    head: &Head<'_>,
    body: &Body<'_>,
    sender: &Sender,
    trust: &Trust,
) -> Nature {
    let from = head.from.first();
    if let Some(kind) = seal::of(
        message,
        from.map_or("", |from| from.domain()),
        &head.subject,
        body,
    ) {
        return Nature::Sealed(kind);
    }
    let is_partner = matches!(
        sender.verdict,
        Verdict::Partner(_) | Verdict::Unchecked(_) | Verdict::Forged(_)
    );
    if !is_partner && let Some(report) = report::of(message, head, body) {
        return report;
    }
    if is_automatic_answer(head, body, is_partner) {
        let sent = head.sent.map(|sent| sent.to_zoned(TimeZone::UTC).date());
        return Nature::OutOfOffice {
            until: absence::until(&body.text, sent),
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
        || head.first("X-Autoreply").is_some()
        || head.first("X-Autorespond").is_some();
    if is_partner {
        return is_marked && (says_so || ABSENT.is_match(&head.subject) || is_absence(&body.text));
    }
    is_marked || says_so
}

/// A partner's automatic answer is short; a notice may mention a holiday further down.
fn is_absence(text: &str) -> bool {
    text.len() < 1500 && ABSENT.is_match(text)
}

/// An answer to a letter of ours, and the task it is about: by the subject, which people see, else by the Message-ID
/// of the letter, `task-1042.55aa@` our domain for letters.
fn answer(head: &Head<'_>, trust: &Trust) -> Option<Nature> {
    if let Some(number) = SUBJECT_TASK.captures(&head.subject).and_then(|hit| hit.get(1)) {
        let task = number.as_str().parse().ok().map(TaskId);
        return Some(Nature::Answer { task });
    }
    let ours = format!("@{}", trust.letter_domain.to_ascii_lowercase());
    let fields: Vec<String> = head
        .answers()
        .map(|value| String::from_utf8_lossy(value).to_ascii_lowercase())
        .collect();
    let mut letters = fields
        .iter()
        .flat_map(|value| value.split([' ', '\t', '\r', '\n', '<', '>']))
        .filter_map(|id| id.strip_suffix(&ours))
        .peekable();
    letters.peek()?;
    let task = letters.find_map(|letter| {
        let number = letter.strip_prefix("task-")?.split(['.', '-']).next()?;
        number.parse().ok().map(TaskId)
    });
    Some(Nature::Answer { task })
}
