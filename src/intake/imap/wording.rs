//! How IMAP writes things down (RFC 3501): folder names, sets of UIDs, moments, response codes.

use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::strtime;

/// The Base64 of modified UTF-7: `,` for `/`, and no padding.
const MUTF7: GeneralPurpose = GeneralPurpose::new(&alphabet::IMAP_MUTF7, NO_PAD);

/// The response code at the head of a server's text. The parser knows only a few itself.
pub(super) fn response_code(text: &str) -> Option<&str> {
    let code = text.strip_prefix('[')?.split([']', ' ']).next()?;
    let plain = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
    plain.then_some(code)
}

/// `date-time` of RFC 3501 section 9: ` 7-Jul-2026 02:44:25 +0200`.
pub(super) fn internal_date(text: &str) -> Option<Timestamp> {
    strtime::parse("%d-%b-%Y %H:%M:%S %z", text.trim())
        .and_then(|parsed| parsed.to_timestamp())
        .ok()
}

/// The search key for what the server took in on this day or later (RFC 3501 section 6.4.4), with a space in front. The
/// server counts days by its own clock, for which it may be yesterday still: so it finds what came the day before, too.
pub(super) fn received_since(day: Date) -> String {
    let before = day.yesterday().unwrap_or(day);
    format!(" SINCE {}", before.strftime("%-d-%b-%Y"))
}

/// A sequence set (RFC 3501 section 9) of sorted UIDs.
pub(super) fn set_of(uids: &[u32]) -> String {
    use std::fmt::Write;
    let mut set = String::new();
    for run in uids.chunk_by(|one, next| one.checked_add(1) == Some(*next)) {
        let comma = if set.is_empty() { "" } else { "," };
        // Writing to a String cannot fail.
        let _ = match run {
            [one] => write!(set, "{comma}{one}"),
            [first, .., last] => write!(set, "{comma}{first}:{last}"),
            [] => Ok(()),
        };
    }
    set
}

/// Sorted UIDs in stretches whose [`set_of`] has at most `runs` parts: a long run takes as little room in a command as
/// a short one.
pub(super) fn stretches(uids: &[u32], runs: usize) -> Vec<&[u32]> {
    let mut stretches = Vec::new();
    let (mut left, mut end, mut seen) = (uids, 0, 0);
    for run in uids.chunk_by(|one, next| one.checked_add(1) == Some(*next)) {
        if seen == runs {
            let (stretch, rest) = left.split_at(end);
            stretches.push(stretch);
            (left, end, seen) = (rest, 0, 0);
        }
        end += run.len();
        seen += 1;
    }
    if !left.is_empty() {
        stretches.push(left);
    }
    stretches
}

/// A folder's name as an IMAP string, in modified UTF-7 (RFC 3501 section 5.1.3); nothing if it has control characters.
pub(super) fn quoted(name: &str) -> Option<String> {
    if name.is_empty() || name.chars().any(char::is_control) {
        return None;
    }
    let encoded = modified_utf7(name);
    Some(format!(
        "\"{}\"",
        encoded.replace('\\', "\\\\").replace('"', "\\\"")
    ))
}

/// ASCII stands for itself, `&` is `&-`, and a run of anything else is `&`, its UTF-16 in a Base64 of its own, `-`.
fn modified_utf7(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for run in name
        .as_bytes()
        .chunk_by(|one, next| one.is_ascii() == next.is_ascii())
    {
        // A run begins and ends at ASCII, which is never inside a character.
        let run = String::from_utf8_lossy(run);
        if run.is_ascii() {
            encoded.push_str(&run.replace('&', "&-"));
        } else {
            let units: Vec<u8> = run.encode_utf16().flat_map(u16::to_be_bytes).collect();
            encoded.push('&');
            encoded.push_str(&MUTF7.encode(units));
            encoded.push('-');
        }
    }
    encoded
}

/// Whether this can be a keyword (`atom` of RFC 3501 section 9).
pub(super) fn is_atom(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"(){%*\"\\]".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_needs_no_more_commands_than_a_short_one() {
        let run: Vec<u32> = (1..=5000).collect();
        assert_eq!(stretches(&run, 500), [&run[..]]);
        let gaps: Vec<u32> = (1..=5).map(|uid| uid * 2).collect();
        assert_eq!(stretches(&gaps, 2), [&gaps[..2], &gaps[2..4], &gaps[4..]]);
        assert_eq!(stretches(&[], 2), [&[0_u32; 0]; 0]);
    }

    #[test]
    fn folder_names_are_encoded_as_rfc_3501_says() {
        let names = [
            ("INBOX", "\"INBOX\""),
            ("Taal & werk", "\"Taal &- werk\""),
            // The example of RFC 3501 section 5.1.3.
            ("~peter/mail/台北/日本語", "\"~peter/mail/&U,BTFw-/&ZeVnLIqe-\""),
            ("Coördinatie", "\"Co&APY-rdinatie\""),
            ("Post 📬", "\"Post &2D3c7A-\""),
            ("a\"b\\c", "\"a\\\"b\\\\c\""),
        ];
        for (name, encoded) in names {
            assert_eq!(quoted(name).as_deref(), Some(encoded));
        }
    }

    #[test]
    fn a_folder_name_cannot_smuggle_in_a_command() {
        for name in ["INBOX\r\nA1 DELETE INBOX", "a\nb", "a\0b", ""] {
            assert_eq!(quoted(name), None, "{name:?}");
        }
    }

    #[test]
    fn a_keyword_cannot_smuggle_in_a_command() {
        assert!(is_atom("$Koppelwacht"));
        for keyword in ["", "a b", "a)", "a\r\nb", "\\Seen", "caf\u{e9}", "a{3}"] {
            assert!(!is_atom(keyword), "{keyword:?}");
        }
    }

    #[test]
    fn response_codes_are_read_and_nothing_else_of_what_a_server_says() {
        assert_eq!(
            response_code("[AUTHENTICATIONFAILED] no"),
            Some("AUTHENTICATIONFAILED")
        );
        assert_eq!(response_code("[BADCHARSET (UTF-8)] no"), Some("BADCHARSET"));
        assert_eq!(response_code("[jan@example.nl] no"), None);
        assert_eq!(response_code("no such thing"), None);
    }

    #[test]
    fn moments_with_one_digit_days_and_odd_zones_are_read() {
        let read = |text| internal_date(text).map(|at| at.to_string());
        assert_eq!(
            read(" 7-Jul-2026 02:44:25 +0200").as_deref(),
            Some("2026-07-07T00:44:25Z")
        );
        assert_eq!(
            read("17-Jul-1996 02:44:25 -0730").as_deref(),
            Some("1996-07-17T10:14:25Z")
        );
        assert_eq!(read("yesterday"), None);
    }

    #[test]
    fn uids_that_follow_each_other_are_written_as_a_range() {
        assert_eq!(set_of(&[7]), "7");
        assert_eq!(set_of(&[1, 2, 3, 7, 9, 10, u32::MAX]), "1:3,7,9:10,4294967295");
    }
}
