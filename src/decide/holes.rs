//! Weeks to come in which too few people are there: each lead is told once, and again when one becomes worse.
//!
//! Guarantees: one letter a night to each lead, whatever was found; a hole that stays as it was is not told again, and one
//! that closed is forgotten, so that it is told when it opens again.

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use crate::domain::{
    AwayThen, CaseloadId, Change, Content, Hole, Late, LatestRead, Outlook, Routine, Snapshot, Thin,
    ThinWeek, WorkTime,
};

use super::leads::Keeps;
use super::{Office, routine};

/// How many weeks of caseloads a letter shows.
const SHOWN: usize = 12;

/// The cover was proved: whoever leads is told of what is new or became worse. Nothing when it was not time for that: then
/// it was proved twice.
pub(super) fn found(office: Office<'_>, snapshot: &Snapshot, holes: &[Hole]) -> Vec<Change> {
    let Some(next) = routine::come(office, snapshot, Routine::Cover) else {
        return Vec::new();
    };
    let known = snapshot
        .outlook
        .as_ref()
        .map_or(&[][..], |outlook| &outlook.holes);
    let mut changes = vec![
        next,
        Change::OutlookNoted(Outlook {
            at: office.now,
            holes: holes.to_vec(),
        }),
    ];
    changes.extend(
        office.tell_leads(Keeps::UntilRead, snapshot.next.letter, |caseloads| {
            let news = news(holes, known, caseloads);
            (!news.is_empty()).then(|| Content::Thin(office.thin(&news)))
        }),
    );
    changes
}

/// A hole that is to be told.
struct News<'h> {
    hole: &'h Hole,
    /// Whether it was told before, and became worse.
    is_worse: bool,
}

/// What a lead of these caseloads does not know yet, what comes first first.
fn news<'h>(holes: &'h [Hole], known: &[Hole], caseloads: &[&CaseloadId]) -> Vec<News<'h>> {
    let own = holes.iter().filter(|hole| caseloads.contains(&&hole.caseload));
    let mut news: Vec<News<'_>> = own
        .filter_map(|hole| {
            let before = known.iter().find(|known| known.is_same_as(hole));
            let is_news = before.is_none_or(|before| hole.is_worse_than(before));
            is_news.then_some(News {
                hole,
                is_worse: before.is_some(),
            })
        })
        .collect();
    news.sort_by_key(|news| news.hole.week);
    news
}

impl Office<'_> {
    fn thin(self, news: &[News<'_>]) -> Thin {
        let mut numbers: Vec<i8> = news.iter().map(|news| number(news.hole.week)).collect();
        numbers.dedup();
        let shown = news.iter().take(SHOWN);
        Thin {
            numbers,
            weeks: shown.map(|news| self.thin_week(news)).collect(),
            more: news.len().saturating_sub(SHOWN),
        }
    }

    fn thin_week(self, news: &News<'_>) -> ThinWeek {
        let hole = news.hole;
        ThinWeek {
            number: number(hole.week),
            first: hole.week,
            last: hole.week.saturating_add(Span::new().days(6)),
            caseload: self.rules.caseload(&hole.caseload).title.clone(),
            worse: news.is_worse,
            nobody: hole.nobody.as_ref().map(|read| read.away.len()),
            late: hole.late.as_ref().and_then(|read| self.late(read)),
            away: self.away_in(hole.week, &hole.caseload),
        }
    }

    /// How a notice is read too late; nothing when the rules, changed since, promise nothing any more.
    fn late(self, read: &LatestRead) -> Option<Late> {
        Some(Late {
            arrives: self.civil(read.arrives),
            away: read.away.iter().map(|(person, _)| self.name(person)).collect(),
            reader: read.reader.as_ref().map(|person| self.name(person)),
            reads: self.civil(read.reads),
            after: WorkTime::of(read.after),
            promised: WorkTime::of(self.rules.promise.within?),
        })
    }

    /// Who of the people behind a caseload is known to be away at some time of a week.
    fn away_in(self, monday: Date, caseload: &CaseloadId) -> Vec<AwayThen> {
        let calendar = &self.rules.calendar;
        let (start, end) = (
            calendar.start_of(monday),
            calendar.start_of(monday.saturating_add(Span::new().weeks(1))),
        );
        let people = self.people_behind(&[caseload]).into_iter();
        let absences = people.flat_map(|person| {
            let own = self.absences_of(&person.id).map(|absence| &absence.away);
            let then =
                own.filter(move |away| away.from < end && away.until.is_none_or(|until| until > start));
            then.map(|away| AwayThen {
                name: person.name.clone(),
                from: calendar.day(away.from),
                until: away
                    .until
                    .map(|until: Timestamp| self.rules.calendar.last_day(until)),
            })
        });
        absences.collect()
    }
}

/// The number of a week.
fn number(monday: Date) -> i8 {
    monday.iso_week_date().week()
}
