//! How letters are sent, what is made of automatic answers to them, and what is promised.

use super::super::raw::Raw;
use crate::domain::{Foresight, LetterPolicy, Promise, Term};
use crate::findings::{Finding, Findings, Located, Spot};

/// For longer than this letters are not kept back: whoever is told late is told too late.
const LONGEST_GATHER: u32 = 15;

pub(super) fn policy(raw: &Raw, findings: &mut Findings) -> LetterPolicy {
    only_once(
        "[letters]",
        raw.letters.iter().map(|letters| &letters.spot),
        findings,
    );
    let mut policy = LetterPolicy::default();
    let Some(written) = raw.letters.first() else {
        return policy;
    };
    if let Some(overview) = written.overview {
        policy.overview = overview.0;
    }
    if let Some(minutes) = &written.gather_minutes {
        policy.gather = minutes.value;
        if minutes.value > LONGEST_GATHER {
            findings.push(
                Finding::error(
                    &minutes.spot,
                    format!("no letter may be kept back for more than {LONGEST_GATHER} minutes"),
                )
                .help("write 1, or 0 to send every letter at once"),
            );
        }
    }
    for rung in raw.ladders.iter().flat_map(|ladder| &ladder.rungs) {
        if let Some(Term::ClockMinutes(wait)) = rung.wait
            && wait <= policy.gather
        {
            findings.push(
                Finding::error(
                    &rung.spot,
                    "this wait is over before the letter leaves: letters are gathered for longer",
                )
                .help("give it more time, or lower `gather_minutes` in `[letters]`"),
            );
        }
    }
    policy
}

/// How long somebody counts as away whose mailbox says so, but not until when.
pub(super) fn assumed_absence(raw: &Raw, findings: &mut Findings) -> Term {
    let spots = raw.out_of_office.iter().map(|written| &written.spot);
    only_once("[out_of_office]", spots, findings);
    let written = raw.out_of_office.first().and_then(|written| written.counts_for);
    written.unwrap_or(Term::WorkingDays(1))
}

/// What is promised about critical notices, and where.
pub(super) fn promise(raw: &Raw, findings: &mut Findings) -> (Promise, Option<Spot>) {
    only_once("[cover]", raw.covers.iter().map(|cover| &cover.spot), findings);
    let mut promise = Promise::default();
    let Some(written) = raw.covers.first() else {
        return (promise, None);
    };
    match &written.within {
        Some(Located {
            value: Term::WorkingMinutes(minutes),
            ..
        }) => promise.within = Some(*minutes),
        Some(other) => findings.push(
            Finding::error(
                &other.spot,
                "a promise is counted in hours in which the office is open",
            )
            .help("write working hours, as \"8 wu\""),
        ),
        None => {}
    }
    if let Some(absent) = &written.absent {
        promise.absent = usize::try_from(absent.value).unwrap_or(usize::MAX);
        if promise.absent > Promise::MOST_ABSENT {
            findings.push(
                Finding::error(
                    &absent.spot,
                    format!("no more than {} people can be thought away", Promise::MOST_ABSENT),
                )
                .help("write 2: that is how many fall ill at the same time in most teams"),
            );
        }
    }
    (promise, Some(written.spot.clone()))
}

/// When the promise is proved again, and how far ahead.
pub(super) fn foresight(raw: &Raw, findings: &mut Findings) -> Foresight {
    let mut foresight = Foresight::default();
    let Some(written) = raw.covers.first() else {
        return foresight;
    };
    if let Some(nightly) = written.nightly {
        foresight.nightly = nightly.0;
    }
    if let Some(weeks) = &written.ahead_weeks {
        foresight.weeks = weeks.value;
        if !(1..=Foresight::MOST_WEEKS).contains(&weeks.value) {
            let most = Foresight::MOST_WEEKS;
            findings.push(
                Finding::error(
                    &weeks.spot,
                    format!("holes in the cover are told 1 to {most} weeks ahead"),
                )
                .help("write 4, or `nightly = \"never\"` when nobody is to be told ahead"),
            );
        }
    }
    foresight
}

/// The letters of its own that a rung names, and where.
pub(super) fn own(raw: &Raw) -> Vec<(String, Spot)> {
    let rungs = raw.ladders.iter().flat_map(|ladder| &ladder.rungs);
    rungs
        .filter_map(|rung| rung.letter.as_ref())
        .map(|name| (name.value.0.clone(), name.spot.clone()))
        .collect()
}

/// Notes a table that stands in the files a second time.
pub(super) fn only_once<'r>(table: &str, mut spots: impl Iterator<Item = &'r Spot>, findings: &mut Findings) {
    let Some(first) = spots.next() else { return };
    for second in spots {
        findings.push(
            Finding::error(second, format!("there is a second `{table}`"))
                .help(format!("the first is at {first}; keep one")),
        );
    }
}
