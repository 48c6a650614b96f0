//! A drill says that it is one, whatever templates a municipality writes: nobody may take it for the real thing.

use crate::domain::{Drill, Words};

/// The same words, with the mark of a drill wherever they lack it.
pub(super) fn marked(words: Words) -> Words {
    let mark = Drill::MARK;
    let has = |text: &str| text.contains(mark);
    let Words { subject, text, html } = words;
    Words {
        subject: if has(&subject) {
            subject
        } else {
            match subject.split_once("] ") {
                Some((task, rest)) => format!("{task}] {mark}: {rest}"),
                None => format!("{mark}: {subject}"),
            }
        },
        text: if has(&text) {
            text
        } else {
            format!("{mark}\n\n{text}")
        },
        html: if has(&html) {
            html
        } else {
            format!("<p><strong>{mark}</strong></p>\n{html}")
        },
    }
}
