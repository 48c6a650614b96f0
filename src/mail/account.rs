//! What a report tells: its own words, and the letter it brings back.
//!
//! The recipient is the address that looks most like one ([`Account::addressed`]): alone on its line, beside the
//! server's refusal, below "the following address"; never our own. When a report names nobody, the returned letter's
//! To does.

use std::collections::HashSet;
use std::sync::LazyLock;

use mail_parser::Message;
use regex::Regex;

use super::bounce::SENTENCE;
use super::expression::expression;
use super::header::Head;
use super::report::{self, ADDRESS};
use super::stamp::is_within;
use super::text::Body;
use super::{letter, mime, undelivered};
use crate::domain::{Address, Bounce, LetterName, Source, TaskId, Trust};

/// Lines of a report that are searched.
const SEARCHED: usize = 400;
/// Lines below "the following addresses" in which an address is one of them.
const BELOW: usize = 8;
/// Bytes of a report, and of a returned letter, that are searched for what they are about.
const SEARCHED_BYTES: usize = 64 << 10;
/// Bytes of a line that are looked at: what is wrong stands at its start.
const LINE: usize = 1000;

/// Lines above a returned letter.
static RETURNED: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)^\W*(?:original (?:message|mail|e-?mail)|(?:this is |below (?:this line )?is )?(?:a )?copy of (?:the|your) (?:message|mail|original)|below this line|(?:returned|unsent|undelivered|old|rejected|source) (?:mail|message)\b|(?:the )?(?:original |first \d+ (?:lines|bytes) of |header[s]? (?:and|of) |text of )[^\n]{0,60}(?:message|mail|e-?mail)|(?:the )?(?:message|mail) (?:headers?|text|contents?|body) follow|begin (?:returned|forwarded) |message (?:text|header)|header of the source|[^\n]{0,40}original message follows|forwarded message|beginning of (?:original|the message)|ursprüngliche nachricht|oorspronkelijk bericht|message original|元のメッセージ)|^(?:received: (?:from|by)|return-path: ?<|x-received: |received:from )",
    )
});

/// Lines that announce addresses.
static ANNOUNCES: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)(?:address|recipient|addressee|destinatair|destinat[aá]rio|destinatario|geadresseerde|empf[äa]nger|user)\S*[^\n]{0,60}:?$|failed|fatal errors|delivery (?:problems|errors)|not (?:yet )?(?:been )?(?:be )?deliver|undeliverable to|delivered to|did not reach|failure reasons|possible reasons|could not|addresses|unable to deliver|message to|deliver\w* to",
    )
});

/// Lines that name somebody else than the recipient.
static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)^\W*(?:from|reply-to|sender|return-path|message-id|in-reply-to|references|cc|van|von|de|x-[a-z-]+|received|errors-to)\s*:|mail from\b|^from \S+@|contact|help ?desk|support@|postmaster@|mailer-daemon@|abuse@|mailto:|envelope[ -](?:from|sender)|sent by|sender:|questions|\bid <|for assistance|https?://",
    )
});

/// Words of delay.
static DELAYED: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)delayed|still being retried|will (?:be retried|retry|continue to (?:try|attempt)|keep trying)|not yet (?:been )?(?:be )?deliver|could not be delivered yet|has been postponed|attempts will continue|we will continue|just a warning|warning only|advisory-only|vertraag|verzögert|temporary (?:problem|failure|delivery)|non[- ]fatal|nog niet (?:bezorgd|afgeleverd)|transient",
    )
});

/// Words of giving up, which outweigh those.
static GAVE_UP: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)permanent|given up|giving up|gave up|not going to try again|no longer|fatal error|will not be retried|has failed|undeliverable",
    )
});

/// What a report tells: its own words, and the letter it brings back.
#[derive(Debug, Default)]
pub(super) struct Account<'m> {
    subject: &'m str,
    /// The whole text, and where the returned letter starts in it.
    text: &'m str,
    end: usize,
    /// Returned letters and heads, raw.
    returned: Vec<&'m [u8]>,
    /// Whom the server names in a field of its own.
    named: Option<String>,
    /// Addresses that are not the recipient: ours, and the machine's.
    ours: HashSet<String>,
    letter_domain: &'m str,
}

impl<'m> Account<'m> {
    pub(super) fn of(
        message: &'m Message<'_>,
        head: &'m Head<'_>,
        body: &'m Body<'_>,
        trust: &'m Trust,
    ) -> Self {
        let heads = message
            .parts
            .iter()
            .filter(|part| {
                mime::is(part, "text", "rfc822-headers") || mime::is(part, "text", "rfc822-header")
            })
            .map(mail_parser::MessagePart::contents);
        let mut ours: HashSet<String> = head.recipients(message).into_iter().collect();
        ours.extend(head.from.iter().map(|from| from.address.clone()));
        ours.insert(trust.own_address.to_lowercase());
        let text = first(&body.text, SEARCHED_BYTES);
        Self {
            subject: &head.subject,
            text,
            end: own_words(text),
            returned: body.messages.iter().copied().chain(heads).collect(),
            named: head
                .first("X-Failed-Recipients")
                .and_then(|value| report::address(&String::from_utf8_lossy(value))),
            ours,
            letter_domain: &trust.letter_domain,
        }
    }

    /// The machine's own words.
    pub(super) fn words(&self) -> &'m str {
        &self.text[..self.end]
    }

    /// The bounce, as far as it can be read without a format.
    pub(super) fn bounce(&self) -> Bounce {
        let words = self.words();
        let said = |pattern: &Regex| pattern.is_match(self.subject) || pattern.is_match(words);
        let status = undelivered::status_in(words);
        Bounce {
            recipient: self.recipient(),
            permanent: !said(&DELAYED) || said(&GAVE_UP),
            reason: undelivered::reason(status, &format!("{}\n{words}", self.subject)),
            status,
            ..Bounce::default()
        }
    }

    fn recipient(&self) -> Option<String> {
        self.named
            .clone()
            .or_else(|| self.addressed(self.words()))
            .or_else(|| self.reported_inside())
            .or_else(|| self.returned_to())
            .or_else(|| self.addressed(self.text))
    }

    /// Whether its own words name an address that was not reached.
    pub(super) fn names_somebody(&self) -> bool {
        self.named.is_some() || self.addressed(self.words()).is_some()
    }

    /// The address that looks most like the one that was not reached.
    fn addressed(&self, text: &str) -> Option<String> {
        let mut best: Option<(i32, String)> = None;
        let mut announced = usize::MAX;
        for line in text.lines().take(SEARCHED).map(|line| first(line, LINE)) {
            let is_announcement = ANNOUNCES.is_match(line);
            let of_line = score_of_line(line, is_announcement || announced < BELOW);
            for found in ADDRESS.find_iter(line) {
                let address = found.as_str().trim_matches(['.', '\'', '=', '*']).to_lowercase();
                // X.400 writes `DDA:SMTP=` in front.
                let address = address
                    .strip_prefix("smtp=")
                    .map(str::to_owned)
                    .unwrap_or(address);
                let Some((local, domain)) = address.rsplit_once('@') else {
                    continue;
                };
                let before = line[..found.start()].trim_matches(|letter: char| !letter.is_alphanumeric());
                let mut score = of_line;
                score += if before.is_empty() { 4 } else { 0 };
                score -= if domain.contains('.') { 0 } else { 3 };
                score -= if self.ours.contains(&address) { 6 } else { 0 };
                score -= if local.starts_with("postmaster") || local.starts_with("mailer-daemon") {
                    6
                } else {
                    0
                };
                if score > 0 && best.as_ref().is_none_or(|(known, _)| *known < score) {
                    best = Some((score, address));
                }
            }
            announced = if is_announcement {
                0
            } else {
                announced.saturating_add(1)
            };
        }
        best.map(|(_, address)| address)
    }

    /// The recipient in a report that was reported in turn.
    fn reported_inside(&self) -> Option<String> {
        self.returned.iter().find_map(|bytes| {
            let text = String::from_utf8_lossy(start(bytes));
            text.lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("Final-Recipient"))
                .and_then(|(_, value)| report::address(value))
        })
    }

    /// Whom the returned letter was sent to.
    pub(super) fn returned_to(&self) -> Option<String> {
        let below = &self.text[self.end..];
        self.returned
            .iter()
            .map(|bytes| String::from_utf8_lossy(start(bytes)).into_owned())
            .chain([below.to_owned()])
            .find_map(|text| {
                let lines: Vec<&str> = text.lines().collect();
                let at = lines.iter().position(|line| {
                    line.split_once(':')
                        .is_some_and(|(name, _)| name.trim().eq_ignore_ascii_case("To"))
                })?;
                lines[at..].iter().take(2).find_map(|line| report::address(line))
            })
    }

    /// Whether it returns a message from one of these sources, which cannot be a letter of ours.
    pub(super) fn returns_mail_of(&self, sources: &[Source]) -> bool {
        let is_theirs = |address: &Address| {
            sources
                .iter()
                .flat_map(|source| &source.domains)
                .any(|domain| is_within(address.domain(), domain))
        };
        self.returned.iter().any(|bytes| {
            let shielded = mime::shield(start(bytes));
            mime::parse(&shielded)
                .is_some_and(|message| Head::of(&message, &shielded).from.iter().any(is_theirs))
        }) || self.text[self.end..]
            .lines()
            .filter_map(|line| line.trim_start().split_once(':'))
            .filter(|(name, _)| name.eq_ignore_ascii_case("From") || name.eq_ignore_ascii_case("Van"))
            .filter_map(|(_, value)| report::address(value))
            .any(|address| {
                is_theirs(&Address {
                    name: String::new(),
                    address,
                })
            })
    }

    /// The task that the letter was about, as a subject or its Message-ID tells, and the letter itself, where its
    /// Message-ID came back.
    pub(super) fn about(&self) -> (Option<TaskId>, Option<LetterName>) {
        let texts = self
            .returned
            .iter()
            .map(|bytes| String::from_utf8_lossy(start(bytes)))
            .chain([self.text.into()]);
        let by_subject = |text: &str| letter::by_subject(text).map(|seen| seen.task);
        let mut task = by_subject(self.subject);
        for text in texts {
            let named = letter::by_message_id([&*text].into_iter(), self.letter_domain).unwrap_or_default();
            task = task.or(named.task).or_else(|| by_subject(&text));
            if named.letter.is_some() {
                return (task, named.letter);
            }
        }
        (task, None)
    }
}

/// How much a line looks like one that names who was not reached.
fn score_of_line(line: &str, is_announced: bool) -> i32 {
    let is_command = line.to_ascii_lowercase().contains("rcpt to:");
    1 + if is_announced { 3 } else { 0 }
        + if is_command { 6 } else { 0 }
        + if SENTENCE.is_match(line) { 2 } else { 0 }
        - if OTHERS.is_match(line) { 6 } else { 0 }
}

fn start(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(SEARCHED_BYTES)]
}

/// The beginning of a text, at most so many bytes.
fn first(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// Where the machine's own words end and the returned letter starts.
fn own_words(text: &str) -> usize {
    let mut at = 0;
    let mut said_something = false;
    for line in text.split_inclusive('\n').take(SEARCHED) {
        if said_something && RETURNED.is_match(first(line, LINE).trim_end()) {
            return at;
        }
        said_something |= !line.trim().is_empty();
        at += line.len();
    }
    at
}
