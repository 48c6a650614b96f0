//! What a partner sends is not recognised as often as before: it has changed how it writes. Each such mail is a critical task
//! already, and nothing is lost; but fifty of them say less than one letter to whoever can change the rules.
//!
//! Guarantees: one letter for each time that it becomes so, at once and not on the next morning, with the share week by week.
//! It is told again only when it was over meanwhile: on some day since the letter the share was below what the rules
//! say, and the letter is longer ago than the days that are looked at together, so that a share that wavers around the
//! limit is told once. As long as it goes on, nothing more is said: the triage tasks do that, and `koppelwacht status`.
//!
//! What is accepted: mails stay counted as what they were when they came in. Once new rules recognise them, the days
//! before are over after `within`. What is usual is the middle one of the twelve weeks before: what goes on for six of them
//! becomes the usual, and is then no news any more.

use jiff::Span;
use jiff::civil::{Date, Weekday};

use crate::domain::{
    About, Calendar, Change, Content, Drift, DriftPolicy, DriftWeek, Letter, NextIds, PartnerDay, Partners,
    Snapshot, SourceId,
};
use crate::rules::Rules;

use super::Office;

/// How many weeks a letter shows, this one among them.
const SHOWN: i32 = 6;
/// How many weeks before tell what is usual.
const USUAL: i32 = 12;

/// How much of what a partner sent was not recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// How many mails.
    pub mails: u32,
    /// How many of them were not recognised.
    pub unrecognised: u32,
}

impl Share {
    fn of<'d>(days: impl Iterator<Item = &'d PartnerDay>) -> Self {
        days.fold(Self::default(), |share, day| Self {
            mails: share.mails.saturating_add(day.mails),
            unrecognised: share.unrecognised.saturating_add(day.unrecognised),
        })
    }

    /// Whether it is so many times another share, which is none when nothing came then.
    fn is_times(self, times: u32, other: Self) -> bool {
        let own = product(self.unrecognised, other.mails);
        own >= product(other.unrecognised, self.mails).saturating_mul(u64::from(times))
    }
}

/// Of two numbers of mails: shares are compared without dividing.
fn product(one: u32, two: u32) -> u64 {
    u64::from(one) * u64::from(two)
}

/// Each partner of whose mail too much is not recognised on a day, and how much.
#[must_use]
pub fn drifting(rules: &Rules, partners: &Partners, today: Date) -> Vec<(SourceId, Share)> {
    let sources = rules.sources.iter();
    sources
        .filter_map(|source| {
            let own = |day: &&PartnerDay| day.source == source.id;
            let days: Vec<&PartnerDay> = partners.days.iter().filter(own).collect();
            let share = too_much(&rules.calendar, rules.partners.drift, &days, today)?;
            Some((source.id.clone(), share))
        })
        .collect()
}

/// How much was not recognised in the days before the end of this one; nothing when it is not too much.
fn too_much(calendar: &Calendar, policy: DriftPolicy, days: &[&PartnerDay], today: Date) -> Option<Share> {
    let first = first_of(calendar, policy, today);
    let within = |from: Date, before: Date| {
        let days = days.iter().copied();
        Share::of(days.filter(move |day| from <= day.day && day.day < before))
    };
    let recent = within(first, today.tomorrow().unwrap_or(Date::MAX));
    let is_much = recent.unrecognised >= policy.mails
        && recent.is_times(
            1,
            Share {
                mails: 100,
                unrecognised: policy.percent,
            },
        );
    let back = |weeks: i32| first.saturating_sub(Span::new().weeks(weeks));
    let before = (1..=USUAL).map(|ago| within(back(ago), back(ago - 1)));
    (is_much && recent.is_times(policy.times, usual(before))).then_some(recent)
}

/// The share of the week in the middle, by share, of those in which something came: one bad week does not change what is
/// usual.
fn usual(weeks: impl Iterator<Item = Share>) -> Share {
    let mut weeks: Vec<Share> = weeks.filter(|share| share.mails > 0).collect();
    weeks.sort_by(|one, other| {
        product(one.unrecognised, other.mails).cmp(&product(other.unrecognised, one.mails))
    });
    let middle = weeks.len().saturating_sub(1) / 2;
    weeks.get(middle).copied().unwrap_or_default()
}

/// The first of the days that are looked at together with this one as the last.
fn first_of(calendar: &Calendar, policy: DriftPolicy, today: Date) -> Date {
    let back = std::iter::successors(Some(today), |day| day.yesterday().ok());
    let mut counted = back.filter(|day| calendar.day_off(*day).is_none());
    counted
        .nth(usize::from(policy.within).saturating_sub(1))
        .unwrap_or(Date::MIN)
}

/// The admin is told of each partner of which that was not told yet. Nothing when there is none to tell.
pub(super) fn look(
    office: Office<'_>,
    snapshot: &Snapshot,
    admin: Option<&str>,
    ahead: &mut NextIds,
) -> Vec<Change> {
    let Some(admin) = admin else {
        return Vec::new();
    };
    let today = office.rules.calendar.day(office.now);
    let mut changes = Vec::new();
    for (source, share) in drifting(office.rules, &snapshot.partners, today) {
        let own = |day: &&PartnerDay| day.source == source;
        let days: Vec<&PartnerDay> = snapshot.partners.days.iter().filter(own).collect();
        if office.is_told(&snapshot.partners, &source, &days, today) {
            continue;
        }
        changes.push(Change::Queued(Box::new(Letter {
            id: ahead.letter,
            about: About::Office,
            to: admin.to_owned(),
            name: None,
            queued: office.now,
            content: Content::Drift(Drift {
                partner: office.partner(&source),
                unrecognised: share.unrecognised,
                mails: share.mails,
                days: office.rules.partners.drift.within,
                weeks: weeks(&days, today),
            }),
        })));
        changes.push(Change::DriftTold {
            source,
            at: office.now,
        });
        ahead.letter = ahead.letter.next();
    }
    changes
}

impl Office<'_> {
    /// Whether what goes on today was told already.
    fn is_told(self, partners: &Partners, source: &SourceId, days: &[&PartnerDay], today: Date) -> bool {
        let (calendar, policy) = (&self.rules.calendar, self.rules.partners.drift);
        let Some(told) = partners.told.get(source).map(|at| calendar.day(*at)) else {
            return false;
        };
        if told >= first_of(calendar, policy, today) {
            return true;
        }
        let since = std::iter::successors(told.tomorrow().ok(), |day| day.tomorrow().ok());
        let mut since = since.take_while(|day| *day < today);
        since.all(|day| too_much(calendar, policy, days, day).is_some())
    }
}

/// What was not recognised, week by week, the oldest first.
fn weeks(days: &[&PartnerDay], today: Date) -> Vec<DriftWeek> {
    let monday = monday(today);
    (0..SHOWN)
        .rev()
        .map(|ago| {
            let first = monday.saturating_sub(Span::new().weeks(ago));
            let next = first.saturating_add(Span::new().weeks(1));
            let share = Share::of(
                days.iter()
                    .copied()
                    .filter(|day| first <= day.day && day.day < next),
            );
            DriftWeek {
                number: first.iso_week_date().week(),
                first,
                mails: share.mails,
                unrecognised: share.unrecognised,
            }
        })
        .collect()
}

fn monday(day: Date) -> Date {
    let back = i32::from(day.weekday().since(Weekday::Monday));
    day.saturating_sub(Span::new().days(back))
}
