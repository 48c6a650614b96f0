//! The folders of an IMAP mailbox: which are watched, and that nothing is moved back into them.

use super::Mark;
use crate::findings::{Finding, Findings, Located};

/// Whether these are one folder. INBOX is, in capitals or not (RFC 3501 section 5.1); of any other name the server decides.
fn is_same(one: &str, other: &str) -> bool {
    let is_inbox = |name: &str| name.eq_ignore_ascii_case("INBOX");
    one == other || is_inbox(one) && is_inbox(other)
}

/// Notes what is wrong with the folders that are watched, and with where messages go from there.
pub(super) fn check(
    folders: Option<&Located<Vec<String>>>,
    mark: Option<&Located<Mark>>,
    findings: &mut Findings,
) {
    let Some(folders) = folders else { return };
    if folders.value.is_empty() {
        findings
            .push(Finding::error(&folders.spot, "`folders` is empty").help("write `folders = [\"INBOX\"]`"));
    }
    for (index, folder) in folders.value.iter().enumerate() {
        if folders
            .value
            .iter()
            .take(index)
            .any(|before| is_same(before, folder))
        {
            findings.push(
                Finding::error(&folders.spot, format!("`{folder}` is in `folders` twice"))
                    .help("name each folder once; INBOX is one folder, in capitals or not"),
            );
        }
    }
    if let Some(mark) = mark
        && let Mark::Move(to) = &mark.value
        && folders.value.iter().any(|watched| is_same(watched, to))
    {
        findings.push(
            Finding::error(
                &mark.spot,
                format!("messages would move to `{to}`, which is watched too"),
            )
            .help("move them to a folder that is not in `folders`"),
        );
    }
}
