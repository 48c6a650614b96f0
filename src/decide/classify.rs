//! What a message is.
//!
//! Must guarantee: every mail becomes something; a mail from somebody who lies about who they are becomes a warning and
//! nothing else; and a notice is only given a type that exactly one rule set apart. Everything doubtful becomes
//! `mail.onbekend`, which is a critical task: a human who reads one mail too many costs minutes, a koppeling that was
//! taken for something else costs a family its house.
//!
//! The order is the design: first who sent it and what sort of message it is, then what it says.

use std::collections::BTreeSet;

use crate::domain::{Classification, Flaw, Mail, Nature, Signal, SourceId, Standing, TypeId, Verdict};
use crate::rules::{Rank, Recogniser, Rules, Words};

/// Says what a mail is, and on what grounds. Pure.
#[must_use]
pub fn classify(rules: &Rules, mail: &Mail) -> Classification {
    let mut case = Case {
        rules,
        why: vec![format!("sender: {}", mail.sender.reason)],
    };
    if let Some(signature) = &mail.signature {
        case.note(format!(
            "signature: {}, {}",
            signature.standing.word(),
            signature.reason
        ));
    }
    match by_sender_and_nature(rules, mail) {
        Sort::Settled { kind, name, why } => {
            case.note(why);
            case.settle(&kind, name)
        }
        Sort::Notice { source, why } => {
            case.note(why);
            case.read_notice(mail, &source)
        }
    }
}

/// The partner whose rules a mail is held against; none when sender and form settle what it is.
#[must_use]
pub fn notice_of(rules: &Rules, mail: &Mail) -> Option<SourceId> {
    match by_sender_and_nature(rules, mail) {
        Sort::Notice { source, .. } => Some(source),
        Sort::Settled { .. } => None,
    }
}

/// What the sender and the form of a message say about it.
enum Sort {
    /// The words do not matter.
    Settled {
        kind: TypeId,
        name: &'static str,
        why: &'static str,
    },
    /// A notice of this source.
    Notice { source: SourceId, why: &'static str },
}

fn by_sender_and_nature(rules: &Rules, mail: &Mail) -> Sort {
    let settled = |kind, name, why| Sort::Settled { kind, name, why };
    let notice = |source: &SourceId, why| Sort::Notice {
        source: source.clone(),
        why,
    };
    match (&mail.sender.verdict, &mail.nature) {
        // Forgeries come first: otherwise a forged header would make one of them a mail of ours, which nobody reads.
        (Verdict::Forged(_), _) => settled(
            TypeId::suspicious(),
            "forged",
            "claims to be a partner and is not",
        ),
        (Verdict::ForgedColleague, _) => settled(
            TypeId::unknown(),
            "forged-colleague",
            "claims to be a colleague, which the mail server denies",
        ),
        (verdict, _)
            if is_changed(mail) && (is_partner(verdict) || forwarded_from(rules, mail).is_some()) =>
        {
            settled(
                TypeId::suspicious(),
                "changed",
                "a partner's mail whose signature does not belong to its content",
            )
        }
        (_, Nature::Sealed(_)) => settled(TypeId::sealed(), "sealed", "its content cannot be read here"),
        // A partner's notice that looks automatic is still a notice.
        (Verdict::Partner(source), _) => notice(source, "a notice of a partner"),
        (Verdict::Unchecked(source), _) => {
            notice(source, "a notice of a partner, not checked by the mail server")
        }
        (_, Nature::Own) => settled(TypeId::own(), "own", "a letter of ours that came back"),
        (_, Nature::Receipt) => settled(TypeId::own(), "receipt", "a receipt for a letter of ours"),
        (_, Nature::Bounce(_)) => settled(
            TypeId::undeliverable(),
            "bounce",
            "a letter of ours was not delivered",
        ),
        (Verdict::Colleague, Nature::OutOfOffice { .. }) => settled(
            TypeId::absence(),
            "out-of-office",
            "an automatic answer of a colleague",
        ),
        (Verdict::Colleague, Nature::Answer(_)) => settled(
            TypeId::answer(),
            "answer",
            "a colleague's answer to a letter of ours",
        ),
        (Verdict::Colleague, Nature::Notice) => match forwarded_from(rules, mail) {
            Some(source) => notice(&source, "a partner's notice, forwarded by a colleague"),
            None => settled(
                TypeId::unknown(),
                "colleague",
                "written by a colleague, not by a partner",
            ),
        },
        (Verdict::Outsider, Nature::Notice | Nature::OutOfOffice { .. } | Nature::Answer(_)) => settled(
            TypeId::unknown(),
            "outsider",
            "from neither a partner nor a colleague",
        ),
    }
}

/// Whether something was changed after the mail was signed.
fn is_changed(mail: &Mail) -> bool {
    mail.signature
        .as_ref()
        .is_some_and(|signature| signature.standing == Standing::Invalid)
}

fn is_partner(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Partner(_) | Verdict::Unchecked(_))
}

/// The partner whose notice a colleague forwarded.
fn forwarded_from(rules: &Rules, mail: &Mail) -> Option<SourceId> {
    mail.forwarder.as_ref()?;
    let original = mail.from.as_ref()?;
    rules.source_of(original.domain()).map(|source| source.id.clone())
}

/// A decision being made, with the grounds so far.
struct Case<'r> {
    rules: &'r Rules,
    why: Vec<String>,
}

impl Case<'_> {
    fn note(&mut self, ground: impl Into<String>) {
        self.why.push(ground.into());
    }

    fn read_notice(mut self, mail: &Mail, source: &SourceId) -> Classification {
        let flaws: Vec<&Flaw> = mail.flaws.iter().filter(|flaw| flaw.touches_text()).collect();
        if !flaws.is_empty() {
            self.note(format!("words may be missing from it: {flaws:?}"));
            return self.settle(&TypeId::unknown(), "flawed");
        }
        let words = self.rules.recognition.read(&mail.subject, &mail.text);
        let first = self.rules.recognition.by_words(source, Rank::First, &words);
        if !first.is_empty() {
            self.note("says that it goes before any code");
            return self.only_one(&first, &words);
        }
        let mut doubtful = self.rules.recognition.doubtful(source, &words);
        if let Some(block) = doubtful.find(|block| self.is_critical(&block.kind)) {
            self.note(format!(
                "says what {} looks for, and something against it",
                block.rule
            ));
            return self.settle(&TypeId::unknown(), "doubtful");
        }
        if self.rules.recognition.uses_codes(source) && !mail.codes.is_empty() {
            return self.read_codes(mail, source, &words);
        }
        let literal = self.rules.recognition.literally(source, &words);
        if !literal.is_empty() {
            self.note("holds the partner's own description");
            return self.only_one(&literal, &words);
        }
        let ordinary = self.rules.recognition.by_words(source, Rank::Ordinary, &words);
        if !ordinary.is_empty() {
            self.note("recognised by its words");
            return self.only_one(&ordinary, &words);
        }
        let last = self.rules.recognition.by_words(source, Rank::Last, &words);
        if !last.is_empty() {
            self.note("no other rule fits");
        }
        self.only_one(&last, &words)
    }

    /// A signal for each code. One code on its own must not stand beside the description of another.
    fn read_codes(mut self, mail: &Mail, source: &SourceId, words: &Words) -> Classification {
        let recognition = &self.rules.recognition;
        let claimed: Vec<Option<&Recogniser>> = mail
            .codes
            .iter()
            .map(|code| recognition.by_code(source, code))
            .collect();
        if let [only] = claimed.as_slice()
            && let Some(others) = self.contradiction(source, *only, words)
        {
            let candidates = kinds(only.iter().copied().chain(others));
            self.note(format!(
                "its code and its description contradict each other: {candidates}"
            ));
            return self.settle(&TypeId::unknown(), "contradiction");
        }
        let mut signals = Vec::new();
        for (code, recogniser) in mail.codes.iter().zip(&claimed) {
            if let Some(recogniser) = recogniser {
                self.note(format!("code {code}"));
                signals.push(self.signal(&recogniser.kind, recogniser.rule.clone()));
            } else {
                self.note(format!("code {code}, which no rule knows"));
                let kind = TypeId::bare_signal();
                signals.push(self.signal(&kind, format!("{kind}/unknown-code")));
            }
        }
        if signals.len() > 1 && mail.flaws.iter().any(|flaw| flaw.cuts_off()) {
            self.note("the overview breaks off: there may have been more signals");
            let kind = TypeId::unknown();
            signals.push(self.signal(&kind, format!("{kind}/breaks-off")));
        }
        if signals.len() > 1
            && let Some(besides) = recognition.literally(source, words).into_iter().find(|block| {
                self.is_critical(&block.kind) && signals.iter().all(|signal| signal.kind != block.kind)
            })
        {
            self.note(format!(
                "describes a critical signal without its code: {}",
                besides.kind
            ));
            let kind = TypeId::unknown();
            signals.push(self.signal(&kind, format!("{kind}/described-besides")));
        }
        if let [only] = signals.as_mut_slice()
            && only.target_group.is_none()
        {
            only.target_group = recognition.target_group(words);
        }
        Classification {
            signals,
            why: self.why,
        }
    }

    /// What the words of a mail with one code say it is, when that is something else. The partner's own description
    /// counts; loose words only when they speak of something critical, which a code must not hide.
    fn contradiction(
        &self,
        source: &SourceId,
        code: Option<&Recogniser>,
        words: &Words,
    ) -> Option<Vec<&Recogniser>> {
        let recognition = &self.rules.recognition;
        let is_other = |block: &&Recogniser| code.is_none_or(|code| code.kind != block.kind);
        let described = recognition.literally(source, words);
        if !described.is_empty() {
            return described.iter().all(is_other).then_some(described);
        }
        let mut worse = recognition.by_words(source, Rank::Ordinary, words);
        worse.retain(|block| is_other(block) && self.is_critical(&block.kind));
        (!worse.is_empty()).then_some(worse)
    }

    fn is_critical(&self, kind: &TypeId) -> bool {
        self.rules.kind(kind).critical
    }

    /// The type of these blocks, when they agree on one.
    fn only_one(mut self, fitting: &[&Recogniser], words: &Words) -> Classification {
        let Some(recogniser) = fitting.first() else {
            self.note("no rule fits");
            return self.settle(&TypeId::unknown(), "nothing-fits");
        };
        if fitting.iter().any(|other| other.kind != recogniser.kind) {
            let candidates = kinds(fitting.iter().copied());
            self.note(format!("rules of several types fit: {candidates}"));
            return self.settle(&TypeId::unknown(), "several-fit");
        }
        self.note(format!("rule {}", recogniser.rule));
        let mut signal = self.signal(&recogniser.kind, recogniser.rule.clone());
        if signal.target_group.is_none() {
            signal.target_group = self.rules.recognition.target_group(words);
        }
        Classification {
            signals: vec![signal],
            why: self.why,
        }
    }

    fn settle(self, kind: &TypeId, name: &str) -> Classification {
        let signal = self.signal(kind, format!("{kind}/{name}"));
        Classification {
            signals: vec![signal],
            why: self.why,
        }
    }

    fn signal(&self, kind: &TypeId, rule: String) -> Signal {
        let target_group = self.rules.types.get(kind).and_then(|kind| kind.target_group);
        Signal {
            kind: kind.clone(),
            rule,
            target_group,
        }
    }
}

/// The different types of these blocks, for the grounds.
fn kinds<'r>(recognisers: impl Iterator<Item = &'r Recogniser>) -> String {
    let kinds: BTreeSet<&str> = recognisers.map(|recogniser| recogniser.kind.as_str()).collect();
    kinds.into_iter().collect::<Vec<_>>().join(", ")
}
