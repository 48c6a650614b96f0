//! What `status` says of letters: that one does not leave, or was refused for good.

use jiff::{SignedDuration, Timestamp};

use crate::desk::{Books, LetterToSeeTo};
use crate::domain::TaskId;

/// How long a letter may wait after it could have left: twice the longest wait between two attempts.
const LATE: SignedDuration = SignedDuration::from_mins(30);
/// For how long a refusal is told.
const TOLD: SignedDuration = SignedDuration::from_hours(24);

/// What somebody has to see to. While letters are gathered, or a drill waits for its moment, none is late.
pub(super) fn complaints(books: &Books, now: Timestamp) -> Vec<String> {
    let age = |letter: &LetterToSeeTo| now.duration_since(letter.at);
    let waiting = books.longest_waiting.as_ref().filter(|letter| age(letter) > LATE);
    let refused = books.last_refused.as_ref().filter(|letter| age(letter) < TOLD);
    let waiting = waiting.map(|letter| waits(letter, age(letter)));
    waiting
        .into_iter()
        .chain(refused.map(|letter| was_refused(letter, age(letter))))
        .collect()
}

fn waits(letter: &LetterToSeeTo, age: SignedDuration) -> String {
    let about = about(letter.task);
    let age = in_words(age);
    match &letter.reason {
        Some(reason) if letter.put_off.is_some() => format!(
            "a letter {about} has waited for {age} ({reason}), because its recipient cannot be reached; {}",
            match letter.task {
                Some(task) => format!("`koppelwacht task show {task}` shows who that is"),
                None => "that is a lead, the admin, the address of a drill, or a colleague who wrote to us"
                    .to_owned(),
            }
        ),
        Some(reason) => format!(
            "a letter {about} has waited for {age} ({reason}), and others may too; the log of `koppelwacht run` says \
             what to do"
        ),
        None => format!(
            "a letter {about} has waited for {age}, and nobody tried to send it; does `koppelwacht run` run?"
        ),
    }
}

fn was_refused(letter: &LetterToSeeTo, age: SignedDuration) -> String {
    let code = letter.reason.as_deref().unwrap_or("no code");
    let to_whom = match letter.task {
        Some(task) => format!("`koppelwacht task show {task}` shows whose; correct the address in the rules"),
        None => "correct the addresses of leads and admin, or that of the drill".to_owned(),
    };
    format!(
        "a letter {} was refused for good {} ago ({code}); {to_whom}",
        about(letter.task),
        in_words(age)
    )
}

fn about(task: Option<TaskId>) -> String {
    task.map_or_else(|| "about no task".to_owned(), |task| format!("about task {task}"))
}

/// In the largest unit that says enough.
pub(super) fn in_words(age: SignedDuration) -> String {
    match age.as_hours() {
        hours if hours >= 48 => format!("{} days", hours / 24),
        hours if hours >= 2 => format!("{hours} hours"),
        _ => format!("{} minutes", age.as_mins()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(at: &str, task: Option<i64>, reason: Option<&str>) -> LetterToSeeTo {
        LetterToSeeTo {
            at: at.parse().unwrap(),
            task: task.map(TaskId),
            reason: reason.map(str::to_owned),
            put_off: None,
        }
    }

    fn said(books: &Books) -> Vec<String> {
        complaints(books, "2026-11-24T12:00:00Z".parse().unwrap())
    }

    fn of_waiting(at: &str, task: Option<i64>, reason: Option<&str>) -> Vec<String> {
        said(&Books {
            longest_waiting: Some(letter(at, task, reason)),
            ..Books::default()
        })
    }

    fn of_refused(at: &str, task: Option<i64>, reason: Option<&str>) -> Vec<String> {
        said(&Books {
            last_refused: Some(letter(at, task, reason)),
            ..Books::default()
        })
    }

    #[test]
    fn a_letter_that_waits_longer_than_a_letter_waits_is_said_with_its_reason() {
        let account = Some("535 5.7.8 for our account");
        assert_eq!(said(&Books::default()), [""; 0]);
        assert_eq!(of_waiting("2026-11-24T11:30:00Z", Some(17), account), [""; 0]);
        assert_eq!(
            of_waiting("2026-11-24T12:01:00Z", None, None),
            [""; 0],
            "it is gathered"
        );
        assert_eq!(
            of_waiting("2026-11-24T11:29:00Z", Some(17), account),
            [
                "a letter about task 17 has waited for 31 minutes (535 5.7.8 for our account), and others may too; the log \
              of `koppelwacht run` says what to do"
            ]
        );
        let full = Books {
            longest_waiting: Some(LetterToSeeTo {
                put_off: Some("2026-11-24T11:29:30Z".parse().unwrap()),
                ..letter("2026-11-24T11:29:00Z", Some(17), Some("452 4.2.2"))
            }),
            ..Books::default()
        };
        assert_eq!(
            said(&full),
            [
                "a letter about task 17 has waited for 31 minutes (452 4.2.2), because its recipient cannot be reached; \
              `koppelwacht task show 17` shows who that is"
            ]
        );
        assert_eq!(
            of_waiting("2026-11-17T12:00:00Z", None, None),
            [
                "a letter about no task has waited for 7 days, and nobody tried to send it; does `koppelwacht run` run?"
            ]
        );
    }

    #[test]
    fn a_letter_that_was_refused_is_said_for_a_day() {
        let code = Some("550 5.1.1");
        assert_eq!(
            of_refused("2026-11-23T13:00:00Z", Some(17), code),
            [
                "a letter about task 17 was refused for good 23 hours ago (550 5.1.1); `koppelwacht task show 17` shows \
              whose; correct the address in the rules"
            ]
        );
        assert_eq!(
            of_refused("2026-11-24T11:58:00Z", None, code),
            [
                "a letter about no task was refused for good 2 minutes ago (550 5.1.1); correct the addresses of leads and \
              admin, or that of the drill"
            ]
        );
        assert_eq!(of_refused("2026-11-23T12:00:00Z", Some(17), code), [""; 0]);
    }
}
