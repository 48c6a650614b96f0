//! Bounces in no format: who writes them, how they read, and whom they were about.
//!
//! Every mail server that is older than RFC 3464, or was written by people who did not read it, has words of its own
//! for "not delivered". Instead of knowing each, this looks for what they have in common:
//! - **a machine wrote it** ([`daemon`]): a mailer-daemon's address or name, an empty return path, an empty From;
//! - **it says so**: a subject or a sentence about a message that did not arrive ([`SUBJECT`], [`SENTENCE`]);
//! - **it brings our letter back**, or its head, below a line that says so ([`RETURNED`]).
//!
//! A mailer-daemon is believed on its name alone; a postmaster must say so in words; anybody else must say so in
//! subject and text and name the address that was not reached. People forward and answer bounces: those are theirs.
//!
//! The recipient is the address that looks most like one ([`Account::addressed`]): alone on its line, beside the
//! server's refusal, below "the following address"; never our own. When a bounce names nobody, the returned letter's
//! To does.
//!
//! Accepted: a bounce in a language that is not listed, from an address that is no mailer-daemon's, is read by a human.

use std::collections::HashSet;
use std::sync::LazyLock;

use mail_parser::Message;
use regex::Regex;

use super::header::Head;
use super::report::{self, ADDRESS};
use super::stamp::is_within;
use super::text::Body;
use super::{history, letter, mime, undelivered};
use crate::domain::{Address, Bounce, Source, TaskId, Trust};

/// Lines of a report that are searched.
const SEARCHED: usize = 400;
/// Lines below "the following addresses" in which an address is one of them.
const BELOW: usize = 8;
/// Bytes of a returned letter that are searched for what it is about.
const RETURNED_BYTES: usize = 64 << 10;

/// Words for "not delivered", as subjects have them.
static SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)un-?deliver|deliver(?:y|ies)[ -](?:to .{0,80} )?(?:status|fail|problem|error|report|notification|delay|has failed|unsuccess|incomplete|temporar|warning|expired|exception)",
        r"|(?:mail|message|e-?mail)s? (?:you sent |to .{0,80} )?(?:delivery|system error|error|failure|failed|returned|rejected|blocked|status|not (?:be )?deliver|not sent|delayed|undeliver|(?:could|can) ?not be)",
        r"|fail(?:ed|ure)[ -](?:notice|mail|deliver|to deliver|of delivery)|\[?bounced?\b|returned?(?:ing)? (?:e-?mail|mail|message|to sender)|delayed (?:mail|\d+)|still being retried|non[ -]?(?:deliver|remis|distribu)|(?:could|can) ?(?:no|n')t (?:be )?(?:send|sent|deliver)|unable to (?:send|deliver)|not (?:yet )?(?:been )?deliver|rejected mail|permanent deliver|processing error|error (?:in )?(?:sending|delivering|occurred)|(?:user|mailbox) (?:unknown|unavailable|full)|(?:quota|mailbox) (?:exceeded|full)|over quota|no such user|disallowed attachment",
        r"|niet te bezorgen|niet bezorgd|onbestelbaar|niet (?:worden )?(?:bezorgd|afgeleverd)|(?:bezorging|aflevering) (?:is )?(?:mislukt|vertraagd)|onbezorgbaar",
        r"|unzustellbar|nicht zu(?:ge)?stell|zustell\w* (?:fehl|nicht)|zustellungs?(?:fehler|problem|status|verz)|unzustellbarkeit",
        r"|non remis|non[ -]distribu|[ée]chec (?:de )?(?:la )?(?:remise|distribution|livraison)|non d[ée]livr|remise (?:impossible|diff)|pas (?:pu )?[êe]tre (?:remis|d[ée]livr|distribu)",
        r"|no se (?:ha )?(?:podido|puede|pudo) entregar|no entregad|error de entrega|mensaje devuelto|notificaci[óo]n de(?:l)? estado de entrega|mancato recapito|impossibile recapitare|non recapitat|notifica (?:sullo )?stato (?:della )?consegna|n[ãa]o (?:foi )?entregue|falha na entrega|mensagem devolvida|notifica[çc][ãa]o de status",
        r"|niedostarcz|nie dostarcz|niedor[ęe]cz|zwrot (?:poczty|wiadomo)|nedoru[čc]|olevererbar|kunde inte levereras|kan ikke (?:leveres|levere)|ikke leveret|toimittamatta|ei voitu toimittaa|k[ée]zbes[íi]thet|teslim edilemedi",
        r"|не ?доставлен|не может быть доставлен|ошибка доставки|не удалось доставить|недоставленн",
        r"|配信(?:不能|でき|に失敗|エラー)|送信でき|送信エラー|エラー通知|メールエラー|配送(?:不能|エラー|でき)|不達|戻りました|退信|无法(?:投递|发送|送达)|投递失败|發送失敗|发送失败|傳送失敗|無法傳(?:送|遞)|반송|전송 ?실패|배달되지|배달 ?실패",
    ))
    .expect("checked by the tests")
});

/// Sentences about a message that did not arrive.
static SENTENCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b(?:not|n't|cannot|unable to|failed to|trouble|problems?|error)\b[^\n]{0,60}\b(?:deliver\w*|reached?|sending|accept(?:ed|ing)? (?:your )?(?:e-?mail|mail|message)s?)|deliver\w*[^\n]{0,80}\b(?:fail\w*|abort\w*|problems?|errors?|reject\w*|impossible|postponed|delayed|not possible|unsuccessful)|undeliver|(?:fatal|permanent|delivery) (?:delivery )?(?:errors?|failures?)",
        r"|(?:message|mail|e-mail)[^\n]{0,60}\b(?:was|has been|is|been) (?:automatically )?(?:rejected|blocked|returned|bounced|postponed|refused)|(?:user|recipient|mailbox|account|address)\b[^\n]{0,60}(?:unknown|not found|(?:does not|doesn't|not) exist|disabled|\bfull\b|unavailable|invalid|not (?:a )?(?:valid|recognized)|inactive)|unknown (?:user|recipient)|no such (?:user|recipient|mailbox)|not a valid user|could not be (?:sent|delivered)|rcpt to:|failed (?:recipients?|addresses)|has been postponed|\b[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}\b|following (?:address|recipient)[^\n]{0,40}(?:fail|reject|error|problem)|may not exist, or you may not have permission|(?:send|sent) to identified host|failure reasons",
        r"|(?:niet|kon|kan)\b[^\n]{0,60}(?:bezorgd|afgeleverd|bezorgen|afleveren)|onbestelbaar|nicht zu(?:ge)?stell|unzustellbar|konnte[^\n]{0,60}nicht|pas (?:pu )?[êe]tre|non (?:remis|d[ée]livr|distribu)|no se (?:ha )?(?:podido|puede|pudo)|impossibile|non [èe] stato|n[ãa]o (?:foi|p[ôo]de)|nie (?:zosta|mo[żz]|uda)|не может быть|не ?доставлен|не удалось|できません|できなかった|エラー|失敗|無法|无法|失败|退信|없습니다|실패",
    ))
    .expect("checked by the tests")
});

/// Lines above a returned letter.
static RETURNED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^\W*(?:original (?:message|mail|e-?mail)|(?:this is |below (?:this line )?is )?(?:a )?copy of (?:the|your) (?:message|mail|original)|below this line|(?:returned|unsent|undelivered|old|rejected|source) (?:mail|message)\b|(?:the )?(?:original |first \d+ (?:lines|bytes) of |header[s]? (?:and|of) |text of )[^\n]{0,60}(?:message|mail|e-?mail)|(?:the )?(?:message|mail) (?:headers?|text|contents?|body) follow|begin (?:returned|forwarded) |message (?:text|header)|header of the source|[^\n]{0,40}original message follows|forwarded message|beginning of (?:original|the message)|ursprüngliche nachricht|oorspronkelijk bericht|message original|元のメッセージ)|^(?:received: (?:from|by)|return-path: ?<|x-received: |received:from )",
    )
    .expect("checked by the tests")
});

/// Lines that announce addresses.
static ANNOUNCES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:address|recipient|addressee|destinatair|destinat[aá]rio|destinatario|geadresseerde|empf[äa]nger|user)\S*[^\n]{0,60}:?$|failed|fatal errors|delivery (?:problems|errors)|not (?:yet )?(?:been )?(?:be )?deliver|undeliverable to|delivered to|did not reach|failure reasons|possible reasons|could not|addresses|unable to deliver|message to|deliver\w* to",
    )
    .expect("checked by the tests")
});

/// Lines that name somebody else than the recipient.
static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^\W*(?:from|reply-to|sender|return-path|message-id|in-reply-to|references|cc|van|von|de|x-[a-z-]+|received|errors-to)\s*:|mail from\b|^from \S+@|contact|help ?desk|support@|postmaster@|mailer-daemon@|abuse@|mailto:|envelope[ -](?:from|sender)|sent by|sender:|questions|\bid <|for assistance|https?://",
    )
    .expect("checked by the tests")
});

/// Words of delay.
static DELAYED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)delayed|still being retried|will (?:be retried|retry|continue to (?:try|attempt)|keep trying)|not yet (?:been )?(?:be )?deliver|could not be delivered yet|has been postponed|attempts will continue|we will continue|just a warning|warning only|advisory-only|vertraag|verzögert|temporary (?:problem|failure|delivery)|non[- ]fatal|nog niet (?:bezorgd|afgeleverd)|transient")
        .expect("checked by the tests")
});

/// Words of giving up, which outweigh those.
static GAVE_UP: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)permanent|given up|giving up|gave up|not going to try again|no longer|fatal error|will not be retried|has failed|undeliverable")
        .expect("checked by the tests")
});

static DAEMON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)^"?(?:mailer-?daemon|mail(?:er)?[._-]?daemon|mdaemon|mail[._-]delivery|maildelivery|mail-?system|bounces?|mail\.delivery\.system|double-bounce|nobody|uucp|ndr|mmsc|mailsystem|maildeliverysystem)(?:[+=._-].*)?"?$"#)
        .expect("checked by the tests")
});

static MASTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)^"?(?:post_?master|sys(?:tem)?[ ._-]?admin(?:istrator)?|administrator|root|admin|smtp|imss|interscan|symantec_\w+|noreply-?bounce|e500_smtp\w*|microsoftexchange[0-9a-f]*|mailgateway|mailadmin|gateway)(?:[+=._-].*)?"?$"#)
        .expect("checked by the tests")
});

static DAEMON_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)mail(?:er)?[ -]?daemon|mail deliver|delivery (?:sub)?system|delivery subsystem|mail system|mail router|mail administrator|postmaster|system administrator|mail server|mailserver|interscan|ndr administrator|jetmail|mta |onbezorgbaar|e-?mail system")
        .expect("checked by the tests")
});

/// How far the head of a message says that a machine wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Daemon {
    /// It does not.
    No,
    /// The return path is empty: an automatic message of some sort.
    NoReturn,
    /// A postmaster, an administrator, or a name like that.
    Postmaster,
    /// A mailer-daemon.
    Mailer,
}

impl Daemon {
    /// Whether address or name are a machine's.
    pub(super) fn is_named(self) -> bool {
        self >= Self::Postmaster
    }

    /// Whether anything is.
    pub(super) fn is_machine(self) -> bool {
        self > Self::No
    }
}

/// Looks at From and Return-Path.
pub(super) fn daemon(head: &Head<'_>) -> Daemon {
    let is_empty_from = head.from.is_empty()
        && head
            .first("From")
            .is_some_and(|from| memchr::memmem::find(from, b"<>").is_some() || from.is_empty());
    let raw_from = || {
        head.first("From")
            .map(<[u8]>::to_ascii_lowercase)
            .unwrap_or_default()
    };
    if head.from.is_empty() && memchr::memmem::find(&raw_from(), b"postmaster").is_some() {
        return Daemon::Postmaster;
    }
    if is_empty_from || head.first("X-Failed-Recipients").is_some() {
        return Daemon::Mailer;
    }
    if let Some(from) = head.from.first() {
        let local = from
            .address
            .rsplit_once('@')
            .map_or(&*from.address, |(local, _)| local);
        if DAEMON.is_match(local) {
            return Daemon::Mailer;
        }
        if MASTER.is_match(local) || DAEMON_NAME.is_match(&from.name) {
            return Daemon::Postmaster;
        }
    }
    let is_null = head
        .first("Return-Path")
        .is_some_and(|path| path == b"<>" || path.to_ascii_lowercase().starts_with(b"<mailer-daemon"));
    if is_null { Daemon::NoReturn } else { Daemon::No }
}

/// Whether a message in no format is a bounce.
pub(super) fn is_one(head: &Head<'_>, body: &Body<'_>, daemon: Daemon, account: &Account<'_>) -> bool {
    if history::is_forward(&head.subject) {
        return false;
    }
    let subject = || SUBJECT.is_match(&head.subject);
    let sentence = || SENTENCE.is_match(account.words());
    let is_absence = || super::nature::speaks_of_absence(head, &body.text);
    match daemon {
        Daemon::Mailer => subject() || !is_absence(),
        Daemon::Postmaster => subject() || sentence() && !is_absence(),
        Daemon::NoReturn => !is_absence() && (subject() || sentence() && account.names_somebody()),
        Daemon::No => {
            let is_answer = history::is_reply(&head.subject) && !ends_as_bounce(&head.subject);
            let report = subject() && sentence() || is_notification_of_ses(head, body);
            report && !is_answer && !is_absence() && (account.names_somebody() || !body.messages.is_empty())
        }
    }
}

/// Whether a subject quotes another and ends in words of its own: `RE: Koppeling : non remis`.
fn ends_as_bounce(subject: &str) -> bool {
    let pieces: Vec<&str> = subject.split([':', '(']).collect();
    pieces.len() > 2 && pieces.last().is_some_and(|last| SUBJECT.is_match(last))
}

/// Amazon's mail service reports by way of its notification service, in JSON.
fn is_notification_of_ses(head: &Head<'_>, body: &Body<'_>) -> bool {
    head.from
        .first()
        .is_some_and(|from| is_within(from.domain(), "amazonaws.com"))
        && (body.text.contains("\"bouncedRecipients\"") || body.text.contains("\"complainedRecipients\""))
}

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
        Self {
            subject: &head.subject,
            text: &body.text,
            end: own_words(&body.text),
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
            task: None,
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
        for line in text.lines().take(SEARCHED) {
            let is_announcement = ANNOUNCES.is_match(line);
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
                let mut score = 1;
                score += if before.is_empty() { 4 } else { 0 };
                score += if is_announcement || announced < BELOW {
                    3
                } else {
                    0
                };
                score += if line.to_ascii_lowercase().contains("rcpt to:") {
                    6
                } else {
                    0
                };
                score += if SENTENCE.is_match(line) { 2 } else { 0 };
                score -= if OTHERS.is_match(line) { 6 } else { 0 };
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

    /// The task that the returned letter was about.
    pub(super) fn task(&self) -> Option<TaskId> {
        letter::by_subject(self.subject).or_else(|| {
            self.returned
                .iter()
                .map(|bytes| String::from_utf8_lossy(start(bytes)))
                .chain([self.text.into()])
                .find_map(|text| {
                    letter::by_message_id([&*text].into_iter(), self.letter_domain)
                        .and_then(|letter| letter.task)
                        .or_else(|| letter::by_subject(&text))
                })
        })
    }
}

fn start(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(RETURNED_BYTES)]
}

/// Where the machine's own words end and the returned letter starts.
fn own_words(text: &str) -> usize {
    let mut at = 0;
    let mut said_something = false;
    for line in text.split_inclusive('\n').take(SEARCHED) {
        if said_something && RETURNED.is_match(line.trim_end()) {
            return at;
        }
        said_something |= !line.trim().is_empty();
        at += line.len();
    }
    at
}
