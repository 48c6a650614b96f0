//! Blocks of header lines: what mail programs put above the message that they quote or forward.
//!
//! `Van:` with at least two of its kin, in Dutch, English, German and French; on lines of their own, in a table, or all
//! on one line. Thunderbird starts with the subject, which only counts below a separator: a notice may start so, too.

use crate::domain::Address;

/// Lines in which the fields of a quoted header may lie.
pub(super) const BLOCK: usize = 16;

/// The header lines that mail programs put above what they quote.
#[derive(Debug)]
pub(super) struct Block {
    /// Who wrote what stands below it.
    pub(super) from: Option<Address>,
    /// Its subject.
    pub(super) subject: Option<String>,
    /// The first line after it.
    pub(super) end: usize,
}

impl Block {
    /// The block that starts at a line, if one does.
    pub(super) fn at(lines: &[&str], start: usize) -> Option<Self> {
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
pub(super) fn is_separator(line: &str) -> bool {
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
