//! Blocks held against each other: words that can never count, and words that would mean two types.
//!
//! Every block is given examples of itself: mails of no more than the words that it asks for. A block that does not fit
//! its own example forbids what it asks for. An example that also fits a block of another type is a notice that always
//! ends with a human, because the rules contradict each other about it. Recognition itself is asked, so what is said
//! here is what would happen.
//!
//! What we accept: an example is made with one phrase of `any` at a time, so contradictions that need two are not
//! seen. The tests beside the rules are for those.

use std::collections::BTreeSet;

use super::super::phrase::Phrase;
use super::super::raw::{Draft, Raw};
use super::super::recognition::{Recogniser, Recognition};
use crate::findings::{Finding, Findings, Located, Spot, listed};

/// The least that a block asks for.
struct Example<'r> {
    /// The phrase that sets it apart from the block's other examples.
    spot: &'r Spot,
    subject: String,
    text: String,
    literal: bool,
}

/// Only for rules without errors: there a block is known by its rule's name.
pub(super) fn overlaps(raw: &Raw, recognition: &Recognition, findings: &mut Findings) {
    let drafts = raw.types.iter().flat_map(|kind| kind.recognise.iter());
    for (draft, block) in drafts.zip(&recognition.recognisers) {
        let examples = examples(draft);
        let mut dead = Vec::new();
        for example in &examples {
            let words = recognition.read(&example.subject, &example.text);
            if !(block.fits(&words) || block.fits_literally(&words)) {
                dead.push(example);
                continue;
            }
            let fitting = if example.literal {
                recognition.literally(&block.source, &words)
            } else {
                recognition.by_words(&block.source, block.rank, &words)
            };
            note_others(block, example, &fitting, findings);
        }
        note_dead(draft, &dead, examples.len(), findings);
    }
}

fn note_others(block: &Recogniser, example: &Example<'_>, fitting: &[&Recogniser], findings: &mut Findings) {
    let others: BTreeSet<&str> = fitting
        .iter()
        .filter(|other| other.kind != block.kind)
        .map(|other| other.rule.as_str())
        .collect();
    if !others.is_empty() {
        let others: Vec<&str> = others.into_iter().collect();
        findings.push(
            Finding::warning(
                example.spot,
                format!(
                    "a mail with these words also fits {}: a human will read it",
                    listed(&others)
                ),
            )
            .help("add words to `none` of one of the two, or words that set them apart to `all`"),
        );
    }
}

fn note_dead(draft: &Draft, dead: &[&Example<'_>], all: usize, findings: &mut Findings) {
    if !dead.is_empty() && dead.len() == all && draft.codes.is_empty() {
        findings.push(
            Finding::error(
                &draft.spot,
                "this block can never fit: it forbids the words that it asks for",
            )
            .help(
                "compare `any`, `all` and `subject_any` with `none`, `subject_none`, and `never` of the type",
            ),
        );
        return;
    }
    for example in dead {
        findings.push(
            Finding::warning(
                example.spot,
                "these words never count: the block forbids them itself",
            )
            .help("take them away here, or from `none` or `never`"),
        );
    }
}

/// One for each literal, each phrase of `any` and each of `subject_any`; the first of the others goes with it.
fn examples(draft: &Draft) -> Vec<Example<'_>> {
    let words = |text: &Located<String>| Phrase::parse(&text.value).map(|phrase| phrase.example()).ok();
    let first = |list: &[Located<String>]| list.first().and_then(words).unwrap_or_default();
    let common: String = draft.all.iter().filter_map(words).collect();
    let literal = draft.literal.iter().map(|text| Example {
        spot: &text.spot,
        subject: String::new(),
        text: words(text).unwrap_or_default(),
        literal: true,
    });
    let any = draft.any.iter().map(|text| Example {
        spot: &text.spot,
        subject: first(&draft.subject_any),
        text: format!("{common}{}", words(text).unwrap_or_default()),
        literal: false,
    });
    let subject = draft.subject_any.iter().map(|text| Example {
        spot: &text.spot,
        subject: words(text).unwrap_or_default(),
        text: format!("{common}{}", first(&draft.any)),
        literal: false,
    });
    let only_all = draft
        .all
        .first()
        .filter(|_| draft.any.is_empty() && draft.subject_any.is_empty());
    let all = only_all.map(|text| Example {
        spot: &text.spot,
        subject: String::new(),
        text: common.clone(),
        literal: false,
    });
    literal.chain(any).chain(subject).chain(all).collect()
}
