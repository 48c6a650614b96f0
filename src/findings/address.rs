//! Mail addresses as people write them in files.

/// The longest local part, and the longest domain (RFC 5321 section 4.5.3.1), in bytes.
const LONGEST: (usize, usize) = (64, 253);

/// Whether a text can be a mail address to which a letter can leave: one as people have them, not all that RFC 5321 allows.
/// What came along when it was copied (quotes, a slash, a space that nobody sees) makes it none.
#[must_use]
pub fn is_mail_address(text: &str) -> bool {
    text.split_once('@')
        .is_some_and(|(local, domain)| is_local_part(local) && is_domain(domain))
}

/// Words with a full stop between them (`dot-atom`, RFC 5322 section 3.2.3), of which the letters need not be ASCII (RFC
/// 6531).
fn is_local_part(text: &str) -> bool {
    let atext = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let is_atom = |word: &str| !word.is_empty() && word.chars().all(atext);
    text.len() <= LONGEST.0 && text.split('.').all(is_atom)
}

/// The name of a host, as the DNS knows it; of an address in figures nobody has a mailbox.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_in_figures = |label: &str| label.bytes().all(|b| b.is_ascii_digit());
    let last = text.rsplit_once('.').map(|(_, last)| last);
    text.len() <= LONGEST.1 && text.split('.').all(is_label) && last.is_some_and(|last| !is_in_figures(last))
}

#[cfg(test)]
mod tests {
    use lettre::Address;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_have_is_an_address() {
        for address in [
            "j.hendriks@gemeente-voorbeeld.nl",
            "team+post@post.gemeente.nl",
            "j'an_de-boer@x1.gemeente.nl",
            "jan/x@gemeente.nl",
            "j\u{f6}rg@gemeente.nl",
            "jan@xn--gmeente-bya.nl",
        ] {
            assert!(is_mail_address(address), "{address}");
            assert!(address.parse::<Address>().is_ok(), "{address}");
        }
    }

    #[test]
    fn what_no_letter_can_go_to_is_none() {
        let long = format!("{}@x.nl", "a".repeat(65));
        for text in [
            "jan..jansen@x.nl",
            ".jan@x.nl",
            "jan.@x.nl",
            "jan@-x.nl",
            "jan@x-.nl",
            "jan@x_y.nl",
            "jan@x..nl",
            "jan@x.nl.",
            "jan@x",
            "jan@10.0.0.1",
            "jan@x.nl/x",
            "jan@x!y.nl",
            "jan@@x.nl",
            "jan(a@x.nl",
            "\"jan\"@x.nl",
            "<jan@x.nl>",
            "jan@x.nl\u{2026}",
            "jan@x.nl\u{200b}",
            "\u{feff}jan@x.nl",
            "jan\u{ad}sen@x.nl",
            "\u{201c}jan@x.nl\u{201d}",
            "jan @x.nl",
            "",
            "@",
            &long,
        ] {
            assert!(!is_mail_address(text), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_letter_can_leave_to_all_that_is_taken(
            local in "[a-z0-9.!#$%&'*+/=?^_`{|}~\\-\\p{L}\\p{N}]{1,20}|\\PC{1,8}",
            domain in "[a-z0-9.-]{1,20}\\.[a-z0-9-]{1,4}|\\PC{1,12}",
        ) {
            let text = format!("{local}@{domain}");
            if is_mail_address(&text) {
                prop_assert!(text.parse::<Address>().is_ok(), "{text:?}");
            }
        }
    }
}
