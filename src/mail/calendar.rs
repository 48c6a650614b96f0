//! What an invitation (iCalendar, RFC 5545) says: its SUMMARY and DESCRIPTION, for mails that say nothing else.
//!
//! The crates `icalendar` and `calcard` were looked at: whole calendars with times and rules of repetition; two fields
//! of text need only the lines joined and four escapes undone.

/// The most lines that are looked at.
const MAX_LINES: usize = 20_000;

/// The texts of every event in a calendar, one under the other.
pub(super) fn text(calendar: &str) -> Option<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in calendar.lines().take(MAX_LINES) {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some(last)) => last.push_str(rest),
            _ => lines.push(line.to_owned()),
        }
    }
    let texts: Vec<String> = lines
        .iter()
        .filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            let name = name.split(';').next()?;
            ["SUMMARY", "DESCRIPTION"]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name))
                .then(|| unescaped(value))
        })
        .collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

fn unescaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn summary_and_description_are_read_over_broken_lines() {
        let calendar = "BEGIN:VEVENT\r\nSUMMARY;LANGUAGE=nl:Overleg kop\r\n peling\r\nLOCATION:x\r\nDESCRIPTION:Eerste\\, \
                        tweede\\nderde\r\nEND:VEVENT";
        assert_eq!(
            super::text(calendar).unwrap(),
            "Overleg koppeling\nEerste, tweede\nderde"
        );
        assert_eq!(super::text("BEGIN:VEVENT\nEND:VEVENT"), None);
    }
}
