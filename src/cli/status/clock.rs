//! What `status` says of the clock: that it was ahead, so that open tasks wait for a time that never was.

use jiff::Timestamp;

use super::letters::in_words;
use crate::decide::AHEAD;
use crate::desk::Books;

/// That something happened to an open task at a moment that is still to come. Only a daemon that runs can have missed that:
/// one that starts looks for it.
pub(super) fn complaint(books: &Books, now: Timestamp) -> Option<String> {
    let ahead = books.last_step?.duration_since(now);
    (ahead > AHEAD).then(|| {
        format!(
            "the clock was {} ahead when an open task was told last, or is behind now; correct the time of this machine \
             (`timedatectl`), then restart the service (`systemctl restart koppelwacht`), so that nothing waits for that \
             time",
            in_words(ahead)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(last_step: Option<&str>) -> Option<String> {
        let books = Books {
            last_step: last_step.map(|at| at.parse().unwrap()),
            ..Books::default()
        };
        complaint(&books, "2026-11-24T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn a_history_that_is_ahead_of_the_clock_is_said_with_what_to_do() {
        for fine in [None, Some("2026-11-24T11:00:00Z"), Some("2026-11-24T12:10:00Z")] {
            assert_eq!(said(fine), None, "{fine:?}");
        }
        let complaint = said(Some("2026-12-01T12:00:00Z")).unwrap();
        assert!(complaint.starts_with("the clock was 7 days ahead"), "{complaint}");
        assert!(complaint.contains("systemctl restart koppelwacht"), "{complaint}");
    }
}
