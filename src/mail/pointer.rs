//! Whether a text only points to what is attached: `zie bijlage`, with or without a greeting, a name and a disclaimer.
//!
//! The text of such a mail is in the attachment. When that cannot be read, the few words around it must not decide what
//! the mail is: a human looks.

use std::sync::LazyLock;

use regex::Regex;

use super::expression::expression;

/// A longer text says something itself.
const MAX_POINTER: usize = 1500;

static POINTS: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)\b(?:bijlagen?|bijgevoegde?|bijgaande?|bijgesloten|aangehecht|attachments?|attached|enclosed|pdf|anhang|anbei)\b",
    )
});

/// Lines that say nothing about the matter.
static COURTESY: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)^(?:(?:geachte|beste|hallo|hoi|dag|goede\s?(?:morgen|middag|avond|dag)|dear|hello|hi|l\.?\s?s\.?)\b[^.:!?]{0,80}[,.!]?|(?:ter (?:info|informatie|kennisname)|fyi|f\.y\.i\.)[.!]?|(?:alvast )?(?:bedankt|dank u wel)[.!]?|(?:wij|we) vertrouwen erop u .*)$",
    )
});

/// Where the courtesies at the end start; what follows is a name, a telephone number, a disclaimer.
static ENDS: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"(?i)^(?:met (?:vriendelijke|hartelijke) groet(?:en)?|vriendelijke groet(?:en)?|hartelijke groet(?:en)?|groet(?:en|jes)?|hoogachtend|mvg|m\.v\.g\.|(?:kind |best )?regards|disclaimer|de informatie (?:in|verzonden met) dit)\b",
    )
});

/// Whether there is nothing in a text but a pointer to its attachment. An empty text points, too.
pub(super) fn only_points(text: &str) -> bool {
    if text.len() > MAX_POINTER {
        return false;
    }
    let mut points = text.is_empty();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if ENDS.is_match(line) {
            break;
        }
        for sentence in line
            .split_inclusive(['.', '!', '?'])
            .map(str::trim)
            .filter(|sentence| sentence.len() > 2)
        {
            if POINTS.is_match(sentence) {
                points = true;
            } else if !COURTESY.is_match(sentence) && !COURTESY.is_match(line) {
                return false;
            }
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::only_points;

    #[test]
    fn texts_that_only_point_are_known() {
        for text in [
            "",
            "zie bijlage",
            "Zie de bijlage.",
            "Geachte heer/mevrouw,\n\nBijgaand ontvangt u een bericht over een vergunninghouder.\n\nMet vriendelijke groet,\nCOA\n088 715 70 00",
            "Beste collega,\nIn de bijlage vindt u de brief. Ter informatie.\nHoogachtend,\nDUO",
            "Hi,\n\nPlease find attached.\n\nRegards\nX",
        ] {
            assert!(only_points(text), "{text}");
        }
    }

    #[test]
    fn texts_that_say_something_are_not() {
        for text in [
            "Er is een vergunninghouder aan uw gemeente gekoppeld.",
            "Er is een vergunninghouder aan uw gemeente gekoppeld. Zie de bijlage.",
            "Geachte heer/mevrouw,\n\nDe inburgeraar is verhuisd.\nZie bijlage.",
            "Met vriendelijke groet,\nCOA",
        ] {
            assert!(!only_points(text), "{text}");
        }
    }
}
