//! Bounces in no format: who writes them, how they read, and whom they were about.
//!
//! Every mail server that is older than RFC 3464, or was written by people who did not read it, has words of its own
//! for "not delivered". Instead of knowing each, this looks for what they have in common:
//! - **a machine wrote it** ([`daemon`]): a mailer-daemon's address or name, an empty return path, an empty From;
//! - **it says so**: a subject or a sentence about a message that did not arrive ([`SUBJECT`], [`SENTENCE`]);
//! - **it brings our letter back**, or its head, below a line that says so ([`super::account`]).
//!
//! A mailer-daemon is believed on its name alone; a postmaster must say so in words; anybody else must say so in
//! subject and text and name the address that was not reached. People forward and answer bounces: those are theirs.
//!
//! Whom it is about is for [`super::account`].
//!
//! Accepted: a bounce in a language that is not listed, from an address that is no mailer-daemon's, is read by a human.

use std::sync::LazyLock;

use regex::Regex;

use super::account::Account;
use super::expression::expression;
use super::header::Head;
use super::history;
use super::stamp::is_within;
use super::text::Body;

/// Words for "not delivered", as subjects have them.
static SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    expression(concat!(
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
});

/// Sentences about a message that did not arrive.
pub(super) static SENTENCE: LazyLock<Regex> = LazyLock::new(|| {
    expression(concat!(
        r"(?i)\b(?:not|n't|cannot|unable to|failed to|trouble|problems?|error)\b[^\n]{0,60}\b(?:deliver\w*|reached?|sending|accept(?:ed|ing)? (?:your )?(?:e-?mail|mail|message)s?)|deliver\w*[^\n]{0,80}\b(?:fail\w*|abort\w*|problems?|errors?|reject\w*|impossible|postponed|delayed|not possible|unsuccessful)|undeliver|(?:fatal|permanent|delivery) (?:delivery )?(?:errors?|failures?)",
        r"|(?:message|mail|e-mail)[^\n]{0,60}\b(?:was|has been|is|been) (?:automatically )?(?:rejected|blocked|returned|bounced|postponed|refused)|(?:user|recipient|mailbox|account|address)\b[^\n]{0,60}(?:unknown|not found|(?:does not|doesn't|not) exist|disabled|\bfull\b|unavailable|invalid|not (?:a )?(?:valid|recognized)|inactive)|unknown (?:user|recipient)|no such (?:user|recipient|mailbox)|not a valid user|could not be (?:sent|delivered)|rcpt to:|failed (?:recipients?|addresses)|has been postponed|\b[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}\b|following (?:address|recipient)[^\n]{0,40}(?:fail|reject|error|problem)|may not exist, or you may not have permission|(?:send|sent) to identified host|failure reasons",
        r"|(?:niet|kon|kan)\b[^\n]{0,60}(?:bezorgd|afgeleverd|bezorgen|afleveren)|onbestelbaar|nicht zu(?:ge)?stell|unzustellbar|konnte[^\n]{0,60}nicht|pas (?:pu )?[êe]tre|non (?:remis|d[ée]livr|distribu)|no se (?:ha )?(?:podido|puede|pudo)|impossibile|non [èe] stato|n[ãa]o (?:foi|p[ôo]de)|nie (?:zosta|mo[żz]|uda)|не может быть|не ?доставлен|не удалось|できません|できなかった|エラー|失敗|無法|无法|失败|退信|없습니다|실패",
    ))
});

static DAEMON: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r#"(?i)^"?(?:mailer-?daemon|mail(?:er)?[._-]?daemon|mdaemon|mail[._-]delivery|maildelivery|mail-?system|bounces?|mail\.delivery\.system|double-bounce|nobody|uucp|ndr|mmsc|mailsystem|maildeliverysystem)(?:[+=._-].*)?"?$"#,
    )
});

static MASTER: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r#"(?i)^"?(?:post_?master|sys(?:tem)?[ ._-]?admin(?:istrator)?|administrator|root|admin|smtp|imss|interscan|symantec_\w+|noreply-?bounce|e500_smtp\w*|microsoftexchange[0-9a-f]*|mailgateway|mailadmin|gateway)(?:[+=._-].*)?"?$"#,
    )
});

static DAEMON_NAME: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)mail(?:er)?[ -]?daemon|mail deliver|delivery (?:sub)?system|delivery subsystem|mail system|mail router|mail administrator|postmaster|system administrator|mail server|mailserver|interscan|ndr administrator|jetmail|mta |onbezorgbaar|e-?mail system",
    )
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
    if head.first("X-Failed-Recipients").is_some() {
        return Daemon::Mailer;
    }
    if head.from.is_empty() {
        // `<>`, a bare `MAILER-DAEMON`, or an address that is none.
        let from = head
            .first("From")
            .map(<[u8]>::to_ascii_lowercase)
            .unwrap_or_default();
        let holds = |text: &[u8]| memchr::memmem::find(&from, text).is_some();
        if holds(b"<>") || holds(b"mailer-daemon") {
            return Daemon::Mailer;
        }
        if holds(b"postmaster") {
            return Daemon::Postmaster;
        }
    }
    if let Some(from) = head.from.first() {
        let local = from.address.split(['@', '\\']).next().unwrap_or_default();
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

/// Whether a subject is a bounce's, or the sender reports in a way of its own.
pub(super) fn sounds_like_one(head: &Head<'_>) -> bool {
    SUBJECT.is_match(&head.subject) || is_from_ses(head)
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

fn is_from_ses(head: &Head<'_>) -> bool {
    head.from
        .first()
        .is_some_and(|from| is_within(from.domain(), "amazonaws.com"))
}

/// Whether a subject quotes another and ends in words of its own: `RE: Koppeling : non remis`.
fn ends_as_bounce(subject: &str) -> bool {
    let pieces: Vec<&str> = subject.split([':', '(']).collect();
    pieces.len() > 2 && pieces.last().is_some_and(|last| SUBJECT.is_match(last))
}

/// Amazon's mail service reports by way of its notification service, in JSON.
fn is_notification_of_ses(head: &Head<'_>, body: &Body<'_>) -> bool {
    is_from_ses(head)
        && (body.text.contains("\"bouncedRecipients\"") || body.text.contains("\"complainedRecipients\""))
}
