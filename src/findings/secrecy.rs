//! Hides secrets before a line is shown.
//!
//! Passwords do not belong in settings, and somebody will put one there all the same; then the finding that says so
//! must not print it, nor may a finding on a neighbouring line show it as context. The text may not even be TOML, so
//! this looks at lines, not at values: whatever follows a key that sounds like a secret is masked to the end of the
//! line, or to the closing quotes where a value spans lines. Rather a mask too many than one too few.

use std::sync::LazyLock;

use regex::Regex;

/// A word that names a secret, with whatever is attached to it; `key` only when it stands alone.
static SECRET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i-u)[a-z0-9_-]*(?:password|passwd|passphrase|wachtwoord|secret|geheim|token)[a-z0-9_-]*|\bkey\b",
    )
    .expect("a constant pattern, tried by the tests below")
});

/// Endings of keys that name a place where a secret is, not the secret.
const PLACES: [&str; 2] = ["_file", "_credential"];

/// The text, byte for byte as long, with secrets replaced by `*`.
pub(super) fn mask(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut open: Option<&str> = None;
    for line in text.split_inclusive('\n') {
        let from = match open {
            Some(closing) => {
                if line.contains(closing) {
                    open = None;
                }
                0
            }
            None => match secret_in(line) {
                Some(from) => {
                    open = unclosed(&line[from..]);
                    from
                }
                None => line.len(),
            },
        };
        shown.push_str(&line[..from]);
        shown.extend(line[from..].chars().flat_map(|character| {
            let stars = if matches!(character, '\n' | '\r') {
                0
            } else {
                character.len_utf8()
            };
            std::iter::repeat_n('*', stars).chain((stars == 0).then_some(character))
        }));
    }
    shown
}

/// Where in the line a secret starts.
fn secret_in(line: &str) -> Option<usize> {
    let quotes = ['"', '\'', ' ', '\t'];
    SECRET.find_iter(line).find_map(|word| {
        let key = word.as_str().to_ascii_lowercase();
        let is_place = PLACES.iter().any(|ending| key.ends_with(ending));
        let assigns = line[word.end()..]
            .trim_start_matches(quotes)
            .starts_with(['=', ':']);
        let before = line[..word.start()].trim_end_matches(quotes);
        let begins = before.is_empty() || before.ends_with(['{', ',', '.']);
        (!is_place && (assigns || begins)).then_some(word.end())
    })
}

/// What ends a value that this line begins and does not end.
fn unclosed(value: &str) -> Option<&'static str> {
    ["\"\"\"", "'''", "]"]
        .into_iter()
        .zip(["\"\"\"", "'''", "["])
        .find(|(_, opening)| value.contains(opening))
        .filter(|(closing, opening)| {
            let after = value.find(opening).map_or(0, |at| at + opening.len());
            !value[after..].contains(closing)
        })
        .map(|(closing, _)| closing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hides(text: &str) {
        let shown = mask(text);
        assert_eq!(shown.len(), text.len());
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn a_secret_is_hidden_however_it_is_written() {
        for text in [
            "password = \"hunter2\"\nport = 1",
            "account = { user = \"x\", Password = \"hunter2\" }",
            "imap_password=hunter2",
            "wachtwoord: hunter2",
            "\"password\" = 'hunter2'",
            "# password = \"hunter2\"",
            "password = \"\"\"\nhunter2\n\"\"\"",
            "password = [\n \"hunter2\",\n]",
            "password hunter2",
            "account = { password_file = \"f\", password 'hunter2' }",
            "passwörd_token = 'é hunter2'",
        ] {
            hides(text);
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "password_file = \"/run/secrets/imap\"\n",
            "password_credential = \"imap\"\n",
            "# The password lies in a file.\n",
            "user = \"x\"\r\n",
        ] {
            assert_eq!(mask(text), text);
        }
        assert_eq!(
            mask("password = \"a\"\r\nport = 1\n"),
            "password******\r\nport = 1\n"
        );
    }
}
