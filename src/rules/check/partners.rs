//! How partners are watched.

use std::ops::RangeInclusive;

use super::super::raw::{Raw, RawType};
use super::letters::only_once;
use crate::domain::{DriftPolicy, PartnerWatch, SilencePolicy, SourceId, TypeId};
use crate::findings::{Finding, Findings, Located};

/// How long each may be silent, and when it is told that what it sends is not recognised.
pub(super) fn watch(raw: &Raw, findings: &mut Findings) -> PartnerWatch {
    let watched = raw.sources.iter().filter_map(|source| {
        let patience = source.silence.as_ref()?.value.0;
        Some((SourceId::new(&source.id.as_ref()?.value.0), patience))
    });
    note_silence_of_which_nobody_hears(raw, findings);
    PartnerWatch {
        patience: watched.collect(),
        silence: silence(raw, findings),
        drift: drift(raw, findings),
    }
}

/// A partner is watched, and nothing is opened when it becomes silent.
fn note_silence_of_which_nobody_hears(raw: &Raw, findings: &mut Findings) {
    let wanted = TypeId::silence();
    let opens =
        |kind: &RawType| kind.id.as_ref().is_some_and(|id| id.value.0 == wanted.as_str()) && kind.task;
    if raw.types.iter().any(opens) {
        return;
    }
    let mut silences = raw.sources.iter().filter_map(|source| source.silence.as_ref());
    if let Some(first) = silences.next() {
        findings.push(
            Finding::error(
                &first.spot,
                format!("nobody would hear of a silence: the rules open no task for `{wanted}`"),
            )
            .help(format!(
                "write a `[[notification]]` for `{wanted}`, without `task = false`; or leave out `silence`"
            )),
        );
    }
}

fn silence(raw: &Raw, findings: &mut Findings) -> SilencePolicy {
    let spots = raw.silences.iter().map(|silence| &silence.spot);
    only_once("[silence]", spots, findings);
    let mut policy = SilencePolicy::default();
    let Some(written) = raw.silences.first() else {
        return policy;
    };
    if let Some(days) = written.until_learned {
        policy.until_learned = days.0;
    }
    let range = 1..=SilencePolicy::MOST_FALSE_ALARMS;
    let rate = written.false_alarms_a_year.as_ref();
    if let Some(rate) = within(rate, range, "false alarms a year", "write 1", findings) {
        policy.false_alarms = rate;
    }
    policy
}

fn drift(raw: &Raw, findings: &mut Findings) -> DriftPolicy {
    only_once("[drift]", raw.drifts.iter().map(|drift| &drift.spot), findings);
    let usual = DriftPolicy::default();
    let Some(written) = raw.drifts.first() else {
        return usual;
    };
    let most = u32::from(DriftPolicy::MOST_DAYS);
    let days = written.within.as_ref().map(|days| Located {
        value: u32::from(days.value.0),
        spot: days.spot.clone(),
    });
    let days = within(
        days.as_ref(),
        1..=most,
        "working days",
        "write \"5 wd\"",
        findings,
    );
    let mails = within(written.mails.as_ref(), 1..=1000, "mails", "write 3", findings);
    let percent = within(
        written.percent.as_ref(),
        1..=100,
        "of a hundred",
        "write 20",
        findings,
    );
    let range = 1..=DriftPolicy::MOST_TIMES;
    let times = within(written.times.as_ref(), range, "times", "write 2", findings);
    DriftPolicy {
        mails: mails.unwrap_or(usual.mails),
        within: days
            .and_then(|days| u16::try_from(days).ok())
            .unwrap_or(usual.within),
        percent: percent.unwrap_or(usual.percent),
        times: times.unwrap_or(usual.times),
    }
}

/// A number that makes sense; none when nothing is written, or something else.
fn within(
    written: Option<&Located<u32>>,
    range: RangeInclusive<u32>,
    what: &str,
    help: &str,
    findings: &mut Findings,
) -> Option<u32> {
    let written = written?;
    if range.contains(&written.value) {
        return Some(written.value);
    }
    let (least, most) = (range.start(), range.end());
    findings.push(
        Finding::error(
            &written.spot,
            format!("{} {what}: it can be {least} to {most}", written.value),
        )
        .help(help),
    );
    None
}
