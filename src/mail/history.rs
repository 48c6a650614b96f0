//! What is new in a message, and what was written before.
//!
//! Old text is what leads classification astray most: a withdrawn koppeling comes with the koppeling quoted below it,
//! and an answer to our letter quotes the letter. So only the newest text is kept. But cutting too much loses a notice,
//! so each cut needs a mark that a notice does not bear by chance: a block of header lines (`Van:` followed by at
//! least two of `Verzonden:`, `Aan:`, `Onderwerp:`), a separator line, an attribution in front of a quotation, `>` in
//! an answer. A message that would be empty afterwards is read whole.
//!
//! In a forwarded message it is the other way round: the first block of header lines starts what is to be read.

use crate::domain::Address;

/// Lines in which the fields of a quoted header may lie.
const BLOCK: usize = 16;
/// A signature longer than this is none.
const SIGNATURE: usize = 15;

/// A message that stands inside the text of another.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Original {
    /// Who wrote it, as far as the quoted header says.
    pub(super) from: Option<Address>,
    /// Its subject.
    pub(super) subject: Option<String>,
    /// Its newest text.
    pub(super) text: String,
}

/// Whether a subject says that this is an answer.
pub(super) fn is_reply(subject: &str) -> bool {
    has_prefix(subject, &["re", "antw", "antwoord", "aw", "sv", "betr"])
}

/// Whether a subject says that this is forwarded.
pub(super) fn is_forward(subject: &str) -> bool {
    has_prefix(
        subject,
        &["fw", "fwd", "doorst", "doorgestuurd", "doorgest", "wg", "tr"],
    )
}

fn has_prefix(subject: &str, prefixes: &[&str]) -> bool {
    subject.split_once(':').is_some_and(|(word, _)| {
        let word = word.trim().split(['[', '(']).next().unwrap_or_default();
        prefixes.iter().any(|prefix| prefix.eq_ignore_ascii_case(word))
    })
}

/// The newest text of a folded text.
pub(super) fn newest(text: &str, is_reply: bool) -> String {
    let lines = lines(text);
    let mut kept = String::with_capacity(text.len());
    let mut drops_quotations = is_reply;
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        if is_separator(line) || Block::at(&lines, at).is_some() || is_signature(&lines, at) {
            break;
        }
        let attribution = attribution(&lines, at);
        if attribution > 0 {
            let quoted = lines[at + attribution..].iter().find(|line| !line.is_empty());
            if quoted.is_some_and(|line| line.starts_with('>')) {
                drops_quotations = true;
                at += attribution;
                continue;
            }
            if is_reply {
                break;
            }
        }
        if line.starts_with('>') && drops_quotations {
            at += 1;
            continue;
        }
        kept.push_str(unquoted(line));
        kept.push('\n');
        at += 1;
    }
    trim(&mut kept);
    if kept.is_empty() && !is_reply {
        return lines
            .iter()
            .map(|line| unquoted(line))
            .collect::<Vec<_>>()
            .join("\n")
            .trim()
            .to_owned();
    }
    kept
}

/// Trims in place.
fn trim(text: &mut String) {
    text.truncate(text.trim_end().len());
    let start = text.len() - text.trim_start().len();
    text.drain(..start);
}

/// What a forwarder wrote above an original that stands in the same text, and that original.
pub(super) fn forwarded(text: &str) -> Option<(String, Original)> {
    let lines: Vec<&str> = lines(text).into_iter().map(unquoted).collect();
    let (at, block) = (0..lines.len()).find_map(|at| Some((at, Block::at(&lines, at)?)))?;
    let comment = lines[..at]
        .iter()
        .take_while(|line| !is_separator(line))
        .copied()
        .collect::<Vec<_>>()
        .join("\n");
    Some((
        newest(&comment, false),
        Original {
            from: block.from,
            subject: block.subject,
            text: newest(&lines[block.end..].join("\n"), false),
        },
    ))
}

/// Whether a quoted header comes first: nobody wrote anything above it.
pub(super) fn starts_with_original(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().take(BLOCK).map(unquoted).collect();
    let first = lines
        .iter()
        .position(|line| !line.is_empty() && !is_separator(line));
    first.is_some_and(|at| Block::at(&lines, at).is_some())
}

/// The header lines that mail programs put above what they quote.
#[derive(Debug)]
struct Block {
    from: Option<Address>,
    subject: Option<String>,
    /// The first line after it.
    end: usize,
}

impl Block {
    fn at(lines: &[&str], start: usize) -> Option<Self> {
        let (first, from) = field(lines.get(start)?)?;
        let mut block = Self {
            from: None,
            subject: None,
            end: start,
        };
        let mut senders = 0;
        if matches!(first, Field::From) {
            if let Some(block) = Self::on_one_line(from, start) {
                return Some(block);
            }
        } else if !follows_separator(lines, start) {
            // Thunderbird writes the subject first, below its separator.
            return None;
        }
        let mut others = 0;
        for (at, line) in lines.iter().enumerate().skip(start).take(BLOCK + 1) {
            match field(line) {
                Some((Field::From, _)) if senders > 0 => break,
                Some((Field::From, value)) => {
                    senders += 1;
                    block.from = address(value);
                    block.end = at + 1;
                }
                Some((kind, value)) => {
                    if matches!(kind, Field::Subject) {
                        block.subject = Some(value.to_owned());
                    }
                    others += 1;
                    block.end = at + 1;
                }
                // A long list of recipients goes on without a name; a blank line may be a paragraph's margin.
                None if line.is_empty() || others == 0 => {}
                None if lines[at..].iter().take(3).any(|line| field(line).is_some())
                    && block.subject.is_none() => {}
                None => break,
            }
        }
        (others >= 2 && senders == 1).then_some(block)
    }
}

/// Whether the last line above that is not blank is a separator.
fn follows_separator(lines: &[&str], at: usize) -> bool {
    lines[..at]
        .iter()
        .rev()
        .take(3)
        .find(|line| !line.is_empty())
        .is_some_and(|line| is_separator(line))
}

impl Block {
    /// `Van: COA <a@coa.nl> Verzonden: maandag Aan: Fatima Onderwerp: taak`, as HTML without line ends becomes.
    fn on_one_line(value: &str, start: usize) -> Option<Self> {
        let words: Vec<&str> = value.split_inclusive(' ').take(200).collect();
        let named = |word: &str| matches!(field(word.trim_end()), Some((Field::Subject | Field::Other, "")));
        let fields = words.iter().filter(|word| named(word)).count();
        (fields >= 2).then(|| {
            let first = words
                .iter()
                .take_while(|word| !named(word))
                .map(|word| word.len())
                .sum();
            let subject = words
                .iter()
                .position(|word| matches!(field(word.trim_end()), Some((Field::Subject, ""))));
            Self {
                from: address(&value[..first]),
                subject: subject.map(|at| words[at + 1..].concat()),
                end: start + 1,
            }
        })
    }
}

enum Field {
    From,
    Subject,
    Other,
}

/// A quoted header line: its kind and its value.
fn field(line: &str) -> Option<(Field, &str)> {
    let colon = memchr::memchr(b':', line.as_bytes())?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    let name = name.trim_matches(['*', ' ', '\t']);
    let is = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    let kind = if is(&["Van", "From", "Von", "De"]) {
        Field::From
    } else if is(&["Onderwerp", "Subject", "Betreft", "Betreff", "Objet"]) {
        Field::Subject
    } else if is(&[
        "Verzonden",
        "Datum",
        "Sent",
        "Date",
        "Gesendet",
        "Aan",
        "To",
        "An",
        "CC",
        "BCC",
        "Urgentie",
        "Prioriteit",
        "Importance",
        "Bijlagen",
        "Attachments",
        "Reply-To",
        "Antwoorden aan",
        "Beantwoorden aan",
    ]) {
        Field::Other
    } else {
        return None;
    };
    Some((kind, value.trim_matches(['*', ' ', '\t'])))
}

/// `COA Plaatsing <plaatsing@coa.nl>`, `COA [mailto:plaatsing@coa.nl]`, or the address alone.
fn address(value: &str) -> Option<Address> {
    let at = value.find('@')?;
    let is_outside = |letter: char| letter.is_whitespace() || "<>[]():;,\"'".contains(letter);
    let start = value[..at].rfind(is_outside).map_or(0, |before| before + 1);
    let end = value[at..]
        .find(is_outside)
        .map_or(value.len(), |after| at + after);
    let name = value[..start]
        .trim_end_matches("mailto:")
        .trim_matches([' ', '<', '[', '"', '\'', '(']);
    Some(Address {
        name: name.to_owned(),
        address: value[start..end].to_lowercase(),
    })
}

/// `-----Oorspronkelijk bericht-----` and its kin.
fn is_separator(line: &str) -> bool {
    const WORDS: [&str; 9] = [
        "oorspronkelijk bericht",
        "origineel bericht",
        "original message",
        "doorgestuurd bericht",
        "forwarded message",
        "ursprüngliche nachricht",
        "weitergeleitete nachricht",
        "original appointment",
        "oorspronkelijke afspraak",
    ];
    let is_marked = matches!(line.as_bytes(), [b'-' | b'_' | b'*' | b'>', ..] | [.., b':']);
    if !is_marked || line.len() >= 80 {
        return false;
    }
    let bare = line.trim_matches(['-', '_', '*', ' ', ':', '>']).to_lowercase();
    let bare = bare.strip_prefix("begin ").unwrap_or(&bare);
    WORDS.iter().any(|words| bare.starts_with(words))
}

/// Lines that `Op 3 maart 2025 om 10:00 schreef X:` takes here, 0 when it is none. Some programs break it in two.
fn attribution(lines: &[&str], at: usize) -> usize {
    let line = lines[at];
    let is_start = matches!(
        line.as_bytes(),
        [b'O', b'p' | b'n', b' ', ..] | [b'A', b'm', b' ', ..] | [b'L', b'e', b' ', ..]
    );
    if !is_start || line.len() > 300 {
        return 0;
    }
    let ends = |line: &str| {
        line.ends_with(':')
            && ["schreef", "geschreven", "wrote", "schrieb", "a écrit"]
                .iter()
                .any(|verb| line.contains(verb))
    };
    let dated = line.bytes().any(|byte| byte.is_ascii_digit());
    match lines.get(at + 1) {
        _ if dated && ends(line) => 1,
        Some(next) if dated && next.len() < 200 && ends(&format!("{line} {next}")) => 2,
        _ => 0,
    }
}

/// RFC 3676 section 4.3; folding took the space off. Something long below it is not a signature.
fn is_signature(lines: &[&str], at: usize) -> bool {
    lines[at] == "--" && lines.len() - at <= SIGNATURE
}

/// The lines of a folded text, which knows one kind of line end.
fn lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::with_capacity(text.len() / 32);
    let mut from = 0;
    for end in memchr::memchr_iter(b'\n', text.as_bytes()) {
        lines.push(&text[from..end]);
        from = end + 1;
    }
    if from < text.len() {
        lines.push(&text[from..]);
    }
    lines
}

fn unquoted(line: &str) -> &str {
    line.trim_start_matches(['>', ' '])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outlook_answer_ends_at_the_quoted_header() {
        let text =
            "Opgepakt\n\nVan: Koppelwacht\nVerzonden: maandag\nAan: Fatima\nOnderwerp: taak\n\nGekoppeld.";
        assert_eq!(newest(text, true), "Opgepakt");
    }

    #[test]
    fn a_quotation_goes_and_what_is_written_below_it_stays() {
        let text =
            "Op 3 maart 2025 om 10:00 schreef J. Jansen\n<j@example.nl>:\n> gekoppeld\n\nNee, ingetrokken.";
        assert_eq!(newest(text, false), "Nee, ingetrokken.");
    }

    #[test]
    fn a_notice_that_names_its_recipient_is_no_history() {
        let text = "Aan: gemeente Voorbeeld\nBetreft: koppeling\n\nOp 3 maart schreef u ons het volgende:\nKoppel hem.";
        assert_eq!(newest(text, false), text);
    }

    #[test]
    fn a_notice_set_as_a_quotation_is_read() {
        assert_eq!(
            newest("> Er is een koppeling.\n> V-nummer 9900", false),
            "Er is een koppeling.\nV-nummer 9900"
        );
    }

    #[test]
    fn a_signature_goes_and_a_long_text_below_a_line_does_not() {
        assert_eq!(newest("klaar\n--\nFatima", true), "klaar");
        let long = format!("kop\n--\n{}", "regel\n".repeat(20));
        assert_eq!(newest(&long, false), long.trim());
    }

    #[test]
    fn a_forward_is_read_below_its_header_and_above_the_next() {
        let text = "Pakken jullie op?\n\n-----Oorspronkelijk bericht-----\nVan: COA <Plaatsing@coa.nl>\nVerzonden: \
                    dinsdag\nAan: Fatima\nOnderwerp: Koppelbericht\n\nNieuwe koppeling.\n\nVan: Jan\nAan: COA\nDatum: \
                    maandag\n\nOud.";
        let (comment, original) = forwarded(text).unwrap();
        assert_eq!(comment, "Pakken jullie op?");
        assert_eq!(
            original,
            Original {
                from: Some(Address {
                    name: "COA".into(),
                    address: "plaatsing@coa.nl".into()
                }),
                subject: Some("Koppelbericht".into()),
                text: "Nieuwe koppeling.".into(),
            }
        );
        assert!(!starts_with_original(text));
    }

    #[test]
    fn a_forward_without_a_word_starts_with_the_original() {
        let text = "---------- Forwarded message ---------\nVan: COA\nDate: di\nSubject: Koppeling\n\nNieuw.";
        assert!(starts_with_original(text));
        assert_eq!(forwarded(text).unwrap().1.text, "Nieuw.");
    }

    #[test]
    fn prefixes_are_known_in_the_languages_of_the_office() {
        assert!(is_reply("Antw: x") && is_reply("RE[2]: x") && !is_reply("Regio: x"));
        assert!(is_forward("FW: x") && is_forward("Doorgestuurd: x") && !is_forward("Afwijking: x"));
    }
}
