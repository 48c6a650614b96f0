//! A partner from whom nothing comes any more: its address for us may have changed, or our own filter may swallow its mail,
//! and nobody would notice.
//!
//! # What counts
//! Whole working days without any mail, after the day of the last one and before today: weekends, holidays and days on which
//! the office is closed do not count, and Christmas alarms nobody. Mail of a day off counts for the working day before
//! it. What may lie in mailboxes that were not read is not missed: days count until the mailboxes were last known to be
//! read to the end, so that our own outage is not blamed on a partner.
//!
//! # How long is long
//! The rules say so, or it is learned from what came in the last year. Then it is the fewest days N, two at least, with
//! which nobody would have been asked more often than the rules allow, `r` times a year, by both of two measures:
//!
//! * *The model.* Mail comes on a working day with chance p, whatever came the day before. Then silences of N days or more
//!   start `250 · p · (1 − p)^N` times a year, which must be at most `r`. The true p is not known: what is used is the lower
//!   end of Wilson's interval (1927, one standard error), so that a lucky year does not make us impatient.
//! * *The history itself.* Silences of N days or more were seen at most `r` times for each year of it. That is what a partner
//!   needs who sends in bursts, or closes in August, for whom the model is wrong.
//!
//! What is learned rests on the time before the last mail: the silence that goes on must not excuse itself. So N stays as it
//! is for as long as nothing comes.
//!
//! With less than 60 working days, or with mail on less than 20 of them, nothing is learned; then the rules say what holds
//! (`until_learned`). `koppelwacht status` shows which of the three it is, and on what ground.
//!
//! # What is accepted
//! Chance alone will make a false alarm now and then, about as often as the rules allow. A partner that sends seldom is
//! missed late. A silence that somebody was asked about and that is over counts as history like any other.
//!
//! # Guarantees
//! One task for each silence, also when it is marked as done while the silence goes on; it is over by itself, with whatever
//! letters still wait, when mail comes; also when it was opened again after a later one was done.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::{
    Calendar, Cause, Change, Effect, Fingerprint, Happening, Mail, NextIds, PartnerDay, Partners, Patience,
    Signal, SilencePolicy, Snapshot, SourceId, Task, TaskState, TypeId,
};
use crate::rules::Rules;

use super::act::over;
use super::escalate::NOT_CALLED_YET;
use super::{Office, open, route};

/// The fewest working days of history from which something is learned.
const LEAST_HISTORY: u32 = 60;
/// The fewest of them with mail.
const LEAST_DAYS: u32 = 20;
/// A partner may be closed for a day without anybody being asked.
const LEAST_PATIENCE: u16 = 2;
/// Working days in a year, holidays left out: there is no year with less.
const YEAR: u32 = 250;

/// How a partner is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// Which.
    pub source: SourceId,
    /// When its last mail was received; none when none was in the last year.
    pub last: Option<Timestamp>,
    /// For how many whole working days nothing has come.
    pub silent: u16,
    /// At how many somebody is asked.
    pub limit: u16,
    /// Why at so many.
    pub ground: Ground,
}

/// Why somebody is asked after so many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// The rules say so.
    Set,
    /// It was learned.
    Learned(History),
    /// Too little is known to learn from.
    TooLittle(History),
}

/// What was learned from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct History {
    /// How many mails came ...
    pub mails: u32,
    /// ... on how many working days ...
    pub days: u32,
    /// ... out of how many.
    pub of: u32,
}

/// How each partner that is watched stands at `now`, by what the ledger knows, with mailboxes that were read until then.
#[must_use]
pub fn watched(rules: &Rules, partners: &Partners, now: Timestamp) -> Vec<Watched> {
    let patience = rules.partners.patience.iter();
    patience
        .map(|(source, patience)| one(rules, partners, source, *patience, now))
        .collect()
}

fn one(rules: &Rules, partners: &Partners, source: &SourceId, patience: Patience, now: Timestamp) -> Watched {
    let calendar = &rules.calendar;
    let today = calendar.day(now);
    let own = |day: &&PartnerDay| day.source == *source;
    let sent: Vec<&PartnerDay> = partners.days.iter().filter(own).collect();
    let last = sent.iter().map(|day| day.last).max();
    let since = last.or(partners.since).map(|at| calendar.day(at));
    let silent = since.map_or(0, |since| working_days(calendar, since, today));
    let (limit, ground) = match patience {
        Patience::Days(days) => (days, Ground::Set),
        Patience::Learned => learn(calendar, &sent, rules.partners.silence),
    };
    Watched {
        source: source.clone(),
        last,
        silent,
        limit,
        ground,
    }
}

impl Watched {
    /// Whether that is long enough to ask somebody.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.silent >= self.limit
    }
}

/// How many working days lie between two days, neither of them included.
fn working_days(calendar: &Calendar, from: Date, until: Date) -> u16 {
    let between = std::iter::successors(from.tomorrow().ok(), |day| day.tomorrow().ok());
    let off = |day: &Date| calendar.day_off(*day).is_none();
    let count = between.take_while(|day| *day < until).filter(off).count();
    u16::try_from(count).unwrap_or(u16::MAX)
}

/// How long a partner may be silent, by what it sent before.
fn learn(calendar: &Calendar, sent: &[&PartnerDay], policy: SilencePolicy) -> (u16, Ground) {
    let days: BTreeSet<Date> = sent.iter().map(|day| counted_on(calendar, day.day)).collect();
    let gaps: Vec<u16> = days
        .iter()
        .zip(days.iter().skip(1))
        .map(|(before, after)| working_days(calendar, *before, *after))
        .collect();
    // The first day is where the history starts: it tells nothing by itself.
    let with_mail = u32::try_from(gaps.len()).unwrap_or(u32::MAX);
    let history = History {
        mails: sent.iter().map(|day| day.mails).sum(),
        days: with_mail,
        of: with_mail + gaps.iter().map(|gap| u32::from(*gap)).sum::<u32>(),
    };
    if history.of < LEAST_HISTORY || history.days < LEAST_DAYS {
        return (policy.until_learned, Ground::TooLittle(history));
    }
    let chance = wilson(history);
    let allowed = policy.false_alarms * history.of / YEAR;
    let fits = |days: &u16| {
        let seen = gaps.iter().filter(|gap| *gap >= days).count();
        alarms(chance, *days) <= f64::from(policy.false_alarms)
            && u32::try_from(seen).is_ok_and(|seen| seen <= allowed)
    };
    let limit = (LEAST_PATIENCE..u16::MAX).find(fits).unwrap_or(u16::MAX);
    (limit, Ground::Learned(history))
}

/// How many silences of so many days or more start in a year, when mail comes on a working day with this chance.
fn alarms(chance: f64, days: u16) -> f64 {
    f64::from(YEAR) * chance * (1.0 - chance).powi(i32::from(days))
}

/// The lower end of Wilson's interval for the chance that a working day has mail, at one standard error.
fn wilson(history: History) -> f64 {
    let of = f64::from(history.of);
    let share = f64::from(history.days) / of;
    let spread = (share * (1.0 - share) / of + 0.25 / (of * of)).sqrt();
    (share + 0.5 / of - spread) / (1.0 + 1.0 / of)
}

/// The working day for which mail of this day counts: itself, or the one before.
fn counted_on(calendar: &Calendar, day: Date) -> Date {
    let mut back = std::iter::successors(Some(day), |day| day.yesterday().ok());
    back.find(|day| calendar.day_off(*day).is_none()).unwrap_or(day)
}

/// What a partner calls itself.
pub(super) fn name(rules: &Rules, id: &SourceId) -> String {
    let source = rules.sources.iter().find(|source| source.id == *id);
    let name = source.and_then(|source| source.names.first().cloned());
    name.unwrap_or_else(|| id.to_string())
}

/// Tasks are opened about partners that have become silent, and those about partners that are heard again are over.
/// Nothing while it is not known whether the mailboxes were read.
pub(super) fn look(office: Office<'_>, snapshot: &Snapshot, ahead: &mut NextIds) -> Vec<Change> {
    let Some(read) = snapshot.read else {
        return Vec::new();
    };
    let read = read.min(office.now);
    let mut changes = Vec::new();
    for watched in watched(office.rules, &snapshot.partners, read) {
        let about = |task: &&Task| task.cause == Cause::Silence(watched.source.clone());
        let asked = snapshot
            .tasks
            .values()
            .filter(about)
            .max_by_key(|task| (task.is_open(), task.id));
        match asked {
            Some(task) if task.is_open() => {
                if !watched.is_silent() {
                    changes.extend(over(office, task, Happening::CameAfterAll { sign: None }));
                }
            }
            _ if !watched.is_silent() => {}
            // Whoever handled it knows of this silence.
            Some(task) if watched.last.is_none_or(|last| task.opened > last) => {}
            _ => changes.extend(ask(office, &watched, ahead)),
        }
    }
    changes
}

/// Somebody is asked to find out why nothing comes. Nothing when the rules have no such task: their check sees to that.
fn ask(office: Office<'_>, watched: &Watched, ahead: &mut NextIds) -> Vec<Change> {
    let kind = office.rules.kind(&TypeId::silence());
    let Effect::Task { due, .. } = &kind.effect else {
        return Vec::new();
    };
    let signal = Signal {
        rule: format!("{}/{}", TypeId::silence(), watched.ground.word()),
        kind: kind.id.clone(),
        target_group: kind.target_group,
    };
    let routed = route(office.rules, &Mail::unreadable(Fingerprint([0; 32])), &signal);
    let task = Task {
        id: ahead.task,
        cause: Cause::Silence(watched.source.clone()),
        kind: kind.id.clone(),
        title: format!("{}: {}", kind.title, office.partner(&watched.source)),
        critical: kind.critical,
        drill: false,
        caseload: routed.caseload,
        assignee: None,
        received: office.now,
        opened: office.now,
        due: office.rules.calendar.due(office.now, *due).at,
        rules: office.rules.version.clone(),
        state: TaskState::Waiting(NOT_CALLED_YET),
    };
    let last = watched.last.map_or_else(
        || "no mail was ever received".to_owned(),
        |at| format!("the last mail was received on {}", office.rules.calendar.day(at)),
    );
    let grounds = Happening::Opened {
        rule: signal.rule,
        why: vec![
            last,
            format!(
                "{} working days without any, with {} somebody is asked",
                watched.silent, watched.limit
            ),
            watched.ground.to_string(),
            routed.why,
        ],
        caution: None,
        deceit: None,
        origin: None,
    };
    open::open(office, task, grounds, ahead)
}

impl Ground {
    /// Its name in rules that a decision rests on.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Learned(_) => "learned",
            Self::TooLittle(_) => "too_little_history",
        }
    }
}

impl std::fmt::Display for Ground {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Set => f.write_str("set in the rules"),
            Self::Learned(history) => write!(f, "learned: {history}"),
            Self::TooLittle(history) => write!(f, "not learned, because too little is known: {history}"),
        }
    }
}

impl std::fmt::Display for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} mails, on {} of {} working days",
            self.mails, self.days, self.of
        )
    }
}
