//! Which letter of ours a message speaks of: `[Koppelwacht #1042]` in a subject, with the letter's token where the answer
//! was made by tapping a link in it (`[Koppelwacht #1042-9f86d081884c7d65]`), or a letter's Message-ID,
//! `task-1042.55aa@` our domain for letters, `letter-45.55aa@` for a letter about no task or several.

use std::sync::LazyLock;

use regex::Regex;

use super::expression::expression;
use crate::domain::{LetterId, LetterName, LetterOf, TaskId};

static SUBJECT: LazyLock<Regex> =
    LazyLock::new(|| expression(r"(?i)\[koppelwacht #([0-9]{1,18})(?:-([0-9a-f]{1,32}))?\]"));

/// The task that a subject names, which people see, and the letter where its token stands there too.
pub(super) fn by_subject(subject: &str) -> Option<Seen> {
    let found = SUBJECT.captures(subject)?;
    let task = found[1].parse().ok().map(TaskId)?;
    let letter = found.get(2).map(|token| LetterName {
        of: LetterOf::Task(task),
        token: token.as_str().to_ascii_lowercase(),
    });
    Some(Seen { task, letter })
}

/// What a subject tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    /// The task that it names.
    pub(super) task: TaskId,
    /// The letter about it.
    pub(super) letter: Option<LetterName>,
}

/// What Message-IDs of ours in these texts name: the first one about a task, if there is one, else the first at all;
/// nothing inside when it has no token. Nothing at all where none is ours.
pub(super) fn by_message_id<'t>(texts: impl Iterator<Item = &'t str>, domain: &str) -> Option<Named> {
    let ours = format!("@{}", domain.to_ascii_lowercase());
    let texts: Vec<String> = texts.map(str::to_ascii_lowercase).collect();
    let letters: Vec<Named> = texts
        .iter()
        .flat_map(|text| text.split([' ', '\t', '\r', '\n', '<', '>', ',', ';']))
        .filter_map(|id| id.strip_suffix(&ours))
        .map(named)
        .collect();
    let of_a_task = letters.iter().find(|named| named.task.is_some());
    of_a_task.or_else(|| letters.first()).cloned()
}

/// What a Message-ID of ours tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Named {
    /// The task it is about; none when it is about none or several.
    pub(super) task: Option<TaskId>,
    /// The letter.
    pub(super) letter: Option<LetterName>,
}

/// `task-1042.55aa`, `letter-45.55aa`
fn named(local: &str) -> Named {
    let read = |prefix: &str| {
        let rest = local.strip_prefix(prefix)?;
        let (number, token) = rest.split_once(['.', '-']).unwrap_or((rest, ""));
        Some((number.parse::<i64>().ok()?, token))
    };
    let name = |of, token: &str| {
        (!token.is_empty()).then(|| LetterName {
            of,
            token: token.to_owned(),
        })
    };
    if let Some((task, token)) = read("task-") {
        let task = TaskId(task);
        return Named {
            task: Some(task),
            letter: name(LetterOf::Task(task), token),
        };
    }
    let letter = read("letter-").and_then(|(number, token)| name(LetterOf::Number(LetterId(number)), token));
    Named { task: None, letter }
}
