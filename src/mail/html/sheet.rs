//! Style sheets, as far as they hide text.
//!
//! Mails hide their preheaders by a class in the head. Read are rules for one element name, class or id; rules inside of
//! `@media` and its kin may hold on telephones only, and rules for an element inside another would need a tree, so both
//! are left out: showing too much is safer than losing a koppeling. Looked at: `lightningcss` and `cssparser` with
//! `selectors` (whole engines; what is wanted is a list of names).

use std::collections::HashMap;

/// Bytes of style sheets that are read in all.
const MAX_SHEET: usize = 512 << 10;
/// Declarations that are kept for a selector; every element with its name costs as much.
const MAX_DECLARATIONS: usize = 32;
/// Classes of one element that are looked up.
const MAX_CLASSES: usize = 16;

/// Declarations by selector: `p`, `.weg`, `p.weg` or `#kop`.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    rules: HashMap<String, Vec<(String, String)>>,
    read: usize,
}

impl Sheet {
    /// Whether no rule is known.
    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Adds the rules of a `<style>`.
    pub(super) fn add(&mut self, css: &str) {
        self.read = self.read.saturating_add(css.len());
        if self.read > MAX_SHEET {
            return;
        }
        let css = without_comments(css).to_ascii_lowercase();
        let mut rest = css.as_str();
        while let Some(open) = rest.find('{') {
            let (selectors, block) = (&rest[..open], &rest[open + 1..]);
            let selectors = selectors.rsplit(['}', ';']).next().unwrap_or_default();
            if selectors.trim_start().starts_with('@') {
                rest = behind_block(block);
                continue;
            }
            let end = block.find('}').unwrap_or(block.len());
            for selector in selectors
                .split(',')
                .map(str::trim)
                .filter(|selector| is_simple(selector))
            {
                let known = self.rules.entry(selector.to_owned()).or_default();
                for (property, value) in declarations(&block[..end]) {
                    if known.len() < MAX_DECLARATIONS {
                        known.push((property.to_owned(), value.to_owned()));
                    }
                }
            }
            rest = &block[end..];
        }
    }

    /// The declarations for an element, in the order in which they count.
    pub(super) fn declarations(&self, name: &str, classes: &str, id: &str) -> Vec<(&str, &str)> {
        let classes: Vec<&str> = classes.split_ascii_whitespace().take(MAX_CLASSES).collect();
        let mut selectors = vec![name.to_owned()];
        selectors.extend(classes.iter().map(|class| format!(".{class}")));
        selectors.extend(classes.iter().map(|class| format!("{name}.{class}")));
        selectors.push(format!("#{id}"));
        selectors
            .iter()
            .filter_map(|selector| self.rules.get(selector))
            .flatten()
            .map(|(property, value)| (property.as_str(), value.as_str()))
            .collect()
    }
}

/// The declarations in a `style` attribute or a rule, lower case already.
pub(super) fn declarations(css: &str) -> impl Iterator<Item = (&str, &str)> {
    css.split(';').filter_map(|one| {
        let (property, value) = one.split_once(':')?;
        Some((
            property.trim(),
            value.split('!').next().unwrap_or_default().trim(),
        ))
    })
}

/// CSS without comments, and without the marks of HTML comments around it.
pub(super) fn without_comments(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(start) = rest.find("/*") {
        out.push_str(&rest[..start]);
        rest = rest[start + 2..].split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    if out.contains("--") {
        out = out.replace("<!--", "").replace("-->", "");
    }
    out
}

/// `p`, `.weg`, `p.weg`, `#kop`: one name, class or id, and nothing about where the element stands.
fn is_simple(selector: &str) -> bool {
    let names = selector.strip_prefix(['.', '#']).unwrap_or(selector);
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    match names.split_once('.') {
        Some((name, class)) => names.len() == selector.len() && is_name(name) && is_name(class),
        None => is_name(names),
    }
}

/// What follows the block that was just opened, with the blocks in it.
fn behind_block(css: &str) -> &str {
    let mut depth = 1;
    for (at, byte) in css.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &css[at + 1..];
        }
    }
    ""
}
