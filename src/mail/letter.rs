//! Which letter of ours a message speaks of: `[Koppelwacht #1042]` in a subject, or a letter's Message-ID,
//! `task-1042.55aa@` our domain for letters.

use std::sync::LazyLock;

use regex::Regex;

use crate::domain::TaskId;

static SUBJECT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\[koppelwacht #([0-9]{1,18})\]").expect("checked by the tests"));

/// A letter, as its Message-ID names it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    /// The task it is about; none for an overview.
    pub(super) task: Option<TaskId>,
    /// What only its reader knows.
    pub(super) token: Option<String>,
}

/// The task that a subject names, which people see.
pub(super) fn by_subject(subject: &str) -> Option<TaskId> {
    let number = SUBJECT.captures(subject)?.get(1)?;
    number.as_str().parse().ok().map(TaskId)
}

/// The letter whose Message-ID stands in one of these texts; the first one about a task, if there is one.
pub(super) fn by_message_id<'t>(texts: impl Iterator<Item = &'t str>, domain: &str) -> Option<Named> {
    let ours = format!("@{}", domain.to_ascii_lowercase());
    let texts: Vec<String> = texts.map(str::to_ascii_lowercase).collect();
    let mut letters = texts
        .iter()
        .flat_map(|text| text.split([' ', '\t', '\r', '\n', '<', '>', ',', ';']))
        .filter_map(|id| id.strip_suffix(&ours))
        .peekable();
    letters.peek()?;
    Some(letters.find_map(named).unwrap_or_default())
}

/// `task-1042.55aa`
fn named(local: &str) -> Option<Named> {
    let rest = local.strip_prefix("task-")?;
    let (number, token) = rest.split_once(['.', '-']).unwrap_or((rest, ""));
    Some(Named {
        task: Some(TaskId(number.parse().ok()?)),
        token: Some(token.to_owned()).filter(|token| !token.is_empty()),
    })
}
