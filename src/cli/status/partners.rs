//! What `status` says of partners: since when nothing came of each, and what is not recognised.

use jiff::Timestamp;
use serde::Serialize;

use crate::decide::{self, Ground, drifting};
use crate::desk::Books;
use crate::domain::{Partners, SilencePolicy, SourceId};
use crate::rules::Rules;

/// How a partner is watched for silence.
#[derive(Debug, Serialize)]
pub(super) struct Partner {
    /// Its name in the rules.
    source: SourceId,
    /// When its last mail was received; none when none was in the last year.
    last_mail: Option<Timestamp>,
    /// For how many whole working days nothing has come, as far as the mailboxes were read; none while one of them was
    /// never read to the end.
    silent_for: Option<u16>,
    /// At how many somebody is asked.
    limit: u16,
    /// Where that comes from: `set`, `learned` or `too_little_history`.
    ground: &'static str,
    /// Why.
    why: String,
}

/// What is wrong with what comes from partners.
pub(super) fn complaints(rules: &Rules, known: &Partners, now: Timestamp) -> Vec<String> {
    let silent = known.silent.iter().map(silent);
    silent.chain(not_recognised(rules, known, now)).collect()
}

/// That nothing comes from a partner.
fn silent(source: &SourceId) -> String {
    format!("nothing comes from {source}; `koppelwacht task list` shows the task about it")
}

/// That what partners send is not recognised.
fn not_recognised(rules: &Rules, known: &Partners, now: Timestamp) -> Vec<String> {
    let days = rules.partners.drift.within;
    let drifting = drifting(rules, known, rules.calendar.day(now));
    drifting
        .into_iter()
        .map(|(source, share)| {
            format!(
                "{} of {} mails from {source} were not recognised in {days} working days; add phrases to the rules, and \
                 `koppelwacht reclassify`",
                share.unrecognised, share.mails
            )
        })
        .collect()
}

/// How each partner stands that is watched for silence. What may lie in mailboxes that were not read is not missed.
pub(super) fn watched(rules: &Rules, known: &Partners, books: &Books, now: Timestamp) -> Vec<Partner> {
    // `None` comes first: one folder that was never read is enough to say nothing.
    let read = books.folders.iter().map(|folder| folder.proven).min().flatten();
    let watched = decide::watched(rules, known, read.unwrap_or(now).min(now));
    watched
        .into_iter()
        .map(|watched| Partner {
            why: why(&watched.ground, rules.partners.silence),
            source: watched.source,
            last_mail: watched.last,
            silent_for: read.map(|_| watched.silent),
            limit: watched.limit,
            ground: watched.ground.word(),
        })
        .collect()
}

fn why(ground: &Ground, policy: SilencePolicy) -> String {
    match (ground, policy.false_alarms) {
        (Ground::Learned(_), 1) => format!("{ground}; so long a silence is chance about once a year"),
        (Ground::Learned(_), times) => {
            format!("{ground}; so long a silence is chance about {times} times a year")
        }
        (Ground::Set | Ground::TooLittle(_), _) => ground.to_string(),
    }
}

impl Partner {
    /// How it stands, in a line.
    pub(super) fn in_words(&self, wall: &dyn Fn(Timestamp) -> String) -> String {
        let last = self.last_mail.map_or_else(
            || "no mail in the last year".to_owned(),
            |at| format!("last mail {}", wall(at)),
        );
        let silent = self
            .silent_for
            .map_or_else(|| "not yet known".to_owned(), |days| days.to_string());
        format!(
            "{}: {last}, working days without: {silent}, somebody is asked at {} ({})",
            self.source, self.limit, self.why
        )
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::super::tests::folder;
    use super::*;
    use crate::app::Installation;
    use crate::domain::Patience;
    use crate::findings::Findings;

    #[test]
    fn how_long_a_partner_is_silent_is_not_known_while_a_folder_was_never_read() {
        let mut rules = Installation::load(None, &mut Findings::new())
            .unwrap()
            .office
            .rules;
        rules.partners.patience = [(SourceId::new("coa"), Patience::Days(10))].into();
        let now: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
        let known = Partners {
            since: Some(now - SignedDuration::from_hours(24 * 7)),
            ..Partners::default()
        };
        let silent_for = |proven: &[Option<Timestamp>]| {
            let folders = proven.iter().map(|proven| folder(*proven)).collect();
            let books = Books {
                folders,
                ..Books::default()
            };
            watched(&rules, &known, &books, now)[0].silent_for
        };
        assert_eq!(silent_for(&[Some(now)]), Some(4));
        assert_eq!(silent_for(&[Some(now), None]), None);
        assert_eq!(silent_for(&[]), None);
    }
}
