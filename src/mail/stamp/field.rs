//! The value of an Authentication-Results field (RFC 8601 section 2.2), taken apart.

use super::{Finding, Stamp};

/// Reads the field's value. None when there is no authserv-id in front, as in some servers' own dialects.
///
/// Servers copy what the other side wrote (`smtp.mailfrom=a"b@x`) without care. A quotation mark or bracket that is
/// never closed would swallow the results behind it, so such a value is read again with these as letters, and then
/// only what speaks against the sender counts.
pub(super) fn parse(value: &str) -> Option<Stamp> {
    let (words, is_whole) = statements(value, true);
    let words = if is_whole {
        words
    } else {
        statements(value, false).0
    };
    let mut statements = words.into_iter();
    let head = statements.next()?;
    let server = head.first().filter(|word| !word.contains('='))?.clone();
    let results = statements
        .filter_map(|words| finding(&words))
        .filter(|finding| is_whole || finding.result == "fail")
        .collect();
    Some(Stamp { server, results })
}

/// `dkim/1 = pass reason="good" header.d=coa.nl`, already cut into words around its equals signs.
fn finding(words: &[String]) -> Option<Finding> {
    let mut pairs = words.iter().filter_map(|word| word.split_once('='));
    let (method, result) = pairs.next()?;
    Some(Finding {
        method: method.split('/').next().unwrap_or_default().to_ascii_lowercase(),
        result: result.to_ascii_lowercase(),
        properties: pairs
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_ascii_lowercase()))
            .collect(),
    })
}

/// Cuts the value at its semicolons into words. Comments, which nest, are dropped; quoted strings are opened and stay
/// whole; white space around `=` goes. Also says whether everything that was opened is closed; `marks` are read as
/// such, or as letters.
fn statements(value: &str, marks: bool) -> (Vec<Vec<String>>, bool) {
    let mut all = vec![Vec::new()];
    let mut word = String::new();
    let mut depth = 0_usize;
    let mut quoted = false;
    let mut letters = value.chars().peekable();
    let finish = |word: &mut String, all: &mut Vec<Vec<String>>| {
        if !word.is_empty()
            && let Some(words) = all.last_mut()
        {
            words.push(std::mem::take(word));
        }
    };
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if quoted || depth > 0 => {
                let escaped = letters.next();
                word.extend(escaped.filter(|_| quoted));
            }
            // A quotation opens at the start of a word or value; elsewhere the mark is a letter of an address.
            '"' if marks && depth == 0 && (quoted || word.is_empty() || word.ends_with('=')) => {
                quoted = !quoted;
            }
            _ if quoted => word.push(letter),
            '(' if marks => depth += 1,
            ')' if marks => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            ';' => {
                finish(&mut word, &mut all);
                all.push(Vec::new());
            }
            '=' => {
                if word.is_empty()
                    && let Some(name) = all.last_mut().and_then(Vec::pop)
                {
                    word = name;
                }
                word.push('=');
                while letters.next_if(|next| next.is_whitespace()).is_some() {}
            }
            _ if letter.is_whitespace() => finish(&mut word, &mut all),
            _ => word.push(letter),
        }
    }
    finish(&mut word, &mut all);
    (all, depth == 0 && !quoted)
}
