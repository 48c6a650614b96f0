//! What people will read in letters, and the words of target groups.

use std::collections::BTreeMap;

use super::super::phrase::Phrase;
use super::super::raw::{Raw, RawType};
use crate::domain::TargetGroup;
use crate::findings::{Finding, Findings, Located, Spot};

/// A title is the subject of a letter; mail programs show about this much of one.
const LONGEST_TITLE: usize = 120;

/// A number of persons has this many digits at least.
const PERSONAL_DIGITS: usize = 8;

pub(super) fn words(raw: &Raw, findings: &mut Findings) {
    let chores = raw.chores.iter().map(|chore| &chore.kind);
    let all: Vec<&RawType> = raw.types.iter().chain(chores).collect();
    for title in all.iter().filter_map(|kind| kind.title.as_ref()) {
        if title.value.chars().count() > LONGEST_TITLE {
            findings.push(
                Finding::warning(&title.spot, "this title is too long for the subject of a letter").help(
                    format!("keep it within {LONGEST_TITLE} characters; what to do belongs in `do`"),
                ),
            );
        }
        check(title, findings);
    }
    for instruction in all.iter().filter_map(|kind| kind.instruction.as_ref()) {
        check(instruction, findings);
    }
}

fn check(text: &Located<String>, findings: &mut Findings) {
    let mut numbers = text
        .value
        .split(|c: char| !c.is_ascii_digit() && !".- ".contains(c));
    let digits = |part: &str| part.chars().filter(char::is_ascii_digit).count();
    if numbers.any(|part| digits(part) >= PERSONAL_DIGITS) {
        findings.push(
            Finding::error(
                &text.spot,
                "this looks like the number of a person, and letters would carry it",
            )
            .help("write what to do without numbers; a telephone number belongs in your own list"),
        );
    }
    if text.value.contains("{{") {
        findings.push(
            Finding::warning(
                &text.spot,
                "letters show `{{` as it stands here: nothing is filled in",
            )
            .help("write plain words; what is filled in belongs in the templates"),
        );
    }
}

/// A group that is described twice, and words that would mean both groups.
pub(super) fn groups(raw: &Raw, findings: &mut Findings) {
    let mut described: BTreeMap<TargetGroup, &Spot> = BTreeMap::new();
    let mut meant: BTreeMap<Phrase, (TargetGroup, &Spot)> = BTreeMap::new();
    for group in &raw.groups {
        let Some(id) = group.group else { continue };
        if let Some(first) = described.insert(id, &group.spot) {
            findings.push(
                Finding::error(&group.spot, "this target group is described twice")
                    .help(format!("see {first}; put all words into one block")),
            );
        }
        for word in &group.words {
            let Ok(phrase) = Phrase::parse(&word.value) else {
                continue;
            };
            if let Some((other, first)) = meant.insert(phrase, (id, &word.spot))
                && other != id
            {
                findings.push(
                    Finding::error(
                        &word.spot,
                        "this word means both target groups, so it tells neither",
                    )
                    .help(format!("see {first}; take one of the two away")),
                );
            }
        }
    }
}
