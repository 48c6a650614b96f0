//! HTML -> the text that a reader sees.
//!
//! Looked at: `scraper` (html5ever; builds a tree, several times slower, deep nesting costs memory per level),
//! `html2text` (the same tree, and a layout engine we do not want), `lol_html` (streams, but stops with an error on
//! ambiguous markup), `tl` (fast, not to the standard: comments and entities go wrong), mail-parser's own converter
//! (keeps hidden text). Taken: `html5gum`, the tokenizer of the WHATWG standard without a tree, MIT. A tree is not needed
//! to know what is visible; a small stack of open elements is enough.
//!
//! What is hidden: `display:none`, `hidden`, `visibility:hidden`, `opacity:0`, `mso-hide:all`, no height, a font of
//! less than 2 px, white on white. A child can make itself visible again only where CSS says so (visibility, font
//! size, colour). Accepted: style sheets are not read. A class may hide on telephones only, and showing too much is
//! safer than losing a koppeling.
//!
//! Cells end up separated by tabs, rows and blocks by line feeds, and quotations (`blockquote`) start with `> `.

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

/// Open elements that are remembered; deeper ones are counted only.
const MAX_DEPTH: usize = 128;

/// The visible text of a page, white space not yet folded. Stops when it has `limit` bytes.
pub(super) fn visible(html: &str, limit: usize) -> String {
    let mut page = Page {
        text: String::with_capacity((html.len() / 2).min(limit)),
        ..Page::default()
    };
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<()> {
        page.see(&event);
        (page.text.len() >= limit).then_some(())
    });
    emitter.naively_switch_states(true);
    // The first item comes when there is enough text; none comes when the page ends before.
    let _ = Tokenizer::new_with_emitter(html, emitter).next();
    page.text
}

/// How an element's text looks.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent properties of CSS, inherited one by one"
)]
struct Look {
    gone: bool,
    unseen: bool,
    tiny: bool,
    white: bool,
    tinted: bool,
    quoted: bool,
    literal: bool,
}

impl Look {
    fn is_visible(self) -> bool {
        !(self.gone || self.unseen || self.tiny || self.white && !self.tinted)
    }
}

/// An element's name, as far as it takes to tell elements apart.
type Tag = u64;

fn tag(name: &[u8]) -> Tag {
    name.iter()
        .take(16)
        .fold(0, |tag: Tag, byte| tag.rotate_left(8) ^ Tag::from(*byte))
}

#[derive(Debug, Default)]
struct Page {
    text: String,
    /// Open elements, outermost first, and how each looks. Apart, so that a name is searched for quickly.
    open: Vec<Tag>,
    looks: Vec<Look>,
    too_deep: usize,
    /// The start tag being read, with its name.
    starting: Option<(Vec<u8>, Look)>,
    attribute: Vec<u8>,
}

impl Page {
    fn see(&mut self, event: &CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => self.open_tag(name),
            CallbackEvent::AttributeName { name } => {
                self.attribute.clear();
                self.attribute.extend_from_slice(name);
                if *name == b"hidden"
                    && let Some((_, look)) = &mut self.starting
                {
                    look.gone = true;
                }
            }
            CallbackEvent::AttributeValue { value } => {
                if let Some((_, look)) = &mut self.starting {
                    apply_attribute(&self.attribute, value, look);
                }
            }
            CallbackEvent::CloseStartTag { .. } => {
                if let Some((name, look)) = self.starting.take() {
                    self.push(&name, look);
                }
            }
            CallbackEvent::EndTag { name } => self.close_tag(name),
            CallbackEvent::String { value } => self.write(value),
            _ => {}
        }
    }

    fn look(&self) -> Look {
        self.looks.last().copied().unwrap_or_default()
    }

    fn open_tag(&mut self, name: &[u8]) {
        // End tags that may be left out.
        let ended: &[&[u8]] = match name {
            b"p" => &[b"p"],
            b"li" => &[b"li"],
            b"td" | b"th" => &[b"td", b"th"],
            b"tr" => &[b"td", b"th", b"tr"],
            _ => &[],
        };
        while let Some(top) = self.open.last()
            && ended.iter().any(|name| tag(name) == *top)
        {
            self.open.pop();
            self.looks.pop();
        }
        let mut look = self.look();
        match name {
            b"script" | b"style" | b"template" | b"title" | b"noembed" | b"noframes" | b"iframe" => {
                look.gone = true;
            }
            b"blockquote" => look.quoted = true,
            b"pre" => look.literal = true,
            _ => {}
        }
        if look.is_visible() {
            if name == b"br" || is_block(name) {
                self.break_line();
            } else if matches!(name, b"td" | b"th") && !self.text.ends_with(['\n', '\t']) {
                self.text.push('\t');
            }
        }
        self.starting = Some((name.to_vec(), look));
    }

    fn push(&mut self, name: &[u8], look: Look) {
        const VOID: [&[u8]; 13] = [
            b"area", b"base", b"br", b"col", b"embed", b"hr", b"img", b"input", b"link", b"meta", b"source",
            b"track", b"wbr",
        ];
        if VOID.contains(&name) {
            return;
        }
        if self.open.len() < MAX_DEPTH {
            self.open.push(tag(name));
            self.looks.push(look);
        } else {
            self.too_deep += 1;
        }
    }

    fn close_tag(&mut self, name: &[u8]) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
        } else {
            let tag = tag(name);
            if let Some(at) = self.open.iter().rposition(|open| *open == tag) {
                self.open.truncate(at);
                self.looks.truncate(at);
            }
        }
        if is_block(name) && self.look().is_visible() {
            self.break_line();
        }
    }

    fn break_line(&mut self) {
        self.text.push('\n');
    }

    fn write(&mut self, value: &[u8]) {
        let look = self.look();
        if !look.is_visible() {
            return;
        }
        let value = String::from_utf8_lossy(value);
        if look.quoted && (self.text.is_empty() || self.text.ends_with('\n')) && !value.trim().is_empty() {
            self.text.push_str("> ");
        }
        if look.literal {
            self.text.push_str(&value);
        } else {
            self.text.extend(value.chars().map(|letter| match letter {
                '\n' | '\r' | '\t' => ' ',
                other => other,
            }));
        }
    }
}

fn is_block(name: &[u8]) -> bool {
    matches!(
        name,
        b"address"
            | b"article"
            | b"aside"
            | b"blockquote"
            | b"body"
            | b"center"
            | b"dd"
            | b"div"
            | b"dl"
            | b"dt"
            | b"fieldset"
            | b"footer"
            | b"form"
            | b"h1"
            | b"h2"
            | b"h3"
            | b"h4"
            | b"h5"
            | b"h6"
            | b"header"
            | b"hr"
            | b"html"
            | b"li"
            | b"main"
            | b"nav"
            | b"ol"
            | b"option"
            | b"p"
            | b"pre"
            | b"section"
            | b"table"
            | b"tbody"
            | b"tfoot"
            | b"thead"
            | b"tr"
            | b"ul"
    )
}

fn apply_attribute(name: &[u8], value: &[u8], look: &mut Look) {
    match name {
        b"style" => {
            let style = String::from_utf8_lossy(value).to_ascii_lowercase();
            for (property, value) in style.split(';').filter_map(|one| one.split_once(':')) {
                apply_style(
                    property.trim(),
                    value.trim().trim_end_matches("!important").trim(),
                    look,
                );
            }
        }
        b"color" => apply_style(
            "color",
            &String::from_utf8_lossy(value).to_ascii_lowercase(),
            look,
        ),
        b"bgcolor" | b"background" => {
            apply_style(
                "background",
                &String::from_utf8_lossy(value).to_ascii_lowercase(),
                look,
            );
        }
        _ => {}
    }
}

fn apply_style(property: &str, value: &str, look: &mut Look) {
    match property {
        "display" => look.gone |= value == "none",
        "mso-hide" => look.gone |= value == "all",
        "opacity" => look.gone |= value.parse() == Ok(0.0_f32),
        "max-height" | "height" => look.gone |= property == "max-height" && is_below(value, 1.0),
        "visibility" => look.unseen = matches!(value, "hidden" | "collapse"),
        "font-size" => look.tiny = is_below(value, 2.0),
        "color" => look.white = is_white(value),
        "background" | "background-color"
            if !matches!(value, "" | "transparent" | "none" | "inherit" | "initial") =>
        {
            look.tinted = !is_white(value);
        }
        _ => {}
    }
}

/// Whether a length is below so many pixels; other units count only when they are zero.
fn is_below(length: &str, pixels: f32) -> bool {
    let digits = length
        .bytes()
        .take_while(|byte| byte.is_ascii_digit() || *byte == b'.')
        .count();
    let (number, unit) = length.split_at(digits);
    number.parse::<f32>().is_ok_and(|number| {
        number <= f32::EPSILON || matches!(unit.trim(), "" | "px" | "pt") && number < pixels
    })
}

/// Whether a colour is white, or cannot be told from it.
fn is_white(colour: &str) -> bool {
    if let Some(hex) = colour.strip_prefix('#') {
        return matches!(hex.len(), 3 | 4 | 6 | 8) && {
            let step = if hex.len() < 6 { 1 } else { 2 };
            hex.bytes().step_by(step).take(3).all(|high| high == b'f')
        };
    }
    if let Some(list) = colour
        .strip_prefix("rgb(")
        .or_else(|| colour.strip_prefix("rgba("))
    {
        return list
            .split([',', ' ', ')', '/'])
            .filter_map(|part| part.trim().parse::<f32>().ok())
            .take(3)
            .all(|channel| channel >= 240.0);
    }
    matches!(
        colour,
        "white" | "snow" | "ivory" | "ghostwhite" | "floralwhite" | "whitesmoke"
    )
}

#[cfg(test)]
mod tests {
    use super::super::fold::fold;

    fn visible(html: &str) -> String {
        fold(&super::visible(html, usize::MAX), usize::MAX).text
    }

    #[test]
    fn cells_are_separated_and_rows_are_lines() {
        assert_eq!(
            visible(
                "<table><tr><th>Code<th>BSN<tr><td>SS111</td>\n<td>999916932</td></tr></table><p>DUO</p>"
            ),
            "Code\tBSN\nSS111\t999916932\n\nDUO"
        );
    }

    #[test]
    fn hidden_text_is_dropped_and_what_follows_is_kept() {
        for style in [
            "display:none",
            "DISPLAY : NONE !important",
            "visibility:hidden",
            "font-size:0",
            "font-size:1px;line-height:1px",
            "max-height:0px;overflow:hidden",
            "opacity:0",
            "mso-hide:all",
            "color:#fff",
            "color:rgb(255, 255, 255)",
            "background:#ffffff;color:white",
        ] {
            let html = format!("<div style='{style}'>koppeling<br><b>nieuw</b></div>Profiel");
            assert_eq!(visible(&html), "Profiel", "{style}");
        }
        assert_eq!(visible("<p hidden>koppeling<p>Profiel"), "Profiel");
        assert_eq!(
            visible("<title>koppeling</title><style>p{}</style><script>'<p>'</script>x"),
            "x"
        );
        assert_eq!(visible("<!-- koppeling --><![if !mso]>x<![endif]>"), "x");
    }

    #[test]
    fn white_on_a_dark_ground_is_read() {
        assert_eq!(
            visible("<td bgcolor='#154273'><font color='#ffffff'>Koppeling</font></td>"),
            "Koppeling"
        );
        assert_eq!(
            visible("<td style='background:#154273;color:#fff'>Koppeling</td>"),
            "Koppeling"
        );
    }

    #[test]
    fn a_child_with_a_size_of_its_own_is_read_as_newsletter_layouts_need_it() {
        assert_eq!(
            visible("<td style='font-size:0px'><div style='font-size:14px'>Koppeling</div></td>"),
            "Koppeling"
        );
        assert_eq!(
            visible("<div style='display:none'><b style='font-size:14px'>x</b></div>y"),
            "y"
        );
    }

    #[test]
    fn entities_and_broken_markup_are_read_as_a_browser_would() {
        assert_eq!(
            visible("be&euml;indigd &amp; klaar<br/>9900&nbsp;186"),
            "beëindigd & klaar\n9900 186"
        );
        assert_eq!(visible("</div></p>a<b>b</i>c <p"), "ab\u{63}");
    }

    #[test]
    fn quotations_are_marked() {
        assert_eq!(
            visible("klaar<blockquote>oud<br>ouder</blockquote>na"),
            "klaar\n> oud\n> ouder\nna"
        );
    }

    #[test]
    fn depth_and_size_have_an_end() {
        let deep = "<div>".repeat(100_000) + "x" + &"</div>".repeat(100_000) + "y";
        assert_eq!(visible(&deep), "x\n\ny");
        assert!(super::visible(&"<p>abc".repeat(100_000), 1000).len() < 1100);
    }
}
