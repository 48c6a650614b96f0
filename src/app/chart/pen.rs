//! What a page is drawn with.

use svg::node::element::path::Data;
use svg::node::element::{Group, Line, Path, Rectangle, Style, Text};

use super::Length;

const INK: &str = "#1f3b57";
const GREY: &str = "#c8c8c8";
const RED: &str = "#b00020";

/// How far stripes are apart.
const STRIPE: usize = 11;

/// How a piece of a bar looks, by how many people are away: these differ without colour too, also on a copy of a copy.
/// They are drawn, not filled with a pattern: browsers print patterns as large pictures.
const LOOKS: [Look; 4] = [
    Look::Filled(INK),
    Look::Striped,
    Look::Filled("white"),
    Look::Filled(GREY),
];

#[derive(Clone, Copy)]
enum Look {
    Filled(&'static str),
    Striped,
}

/// On which side of its place a text stands.
#[derive(Clone, Copy)]
pub(super) enum Side {
    Left,
    Middle,
    Right,
}

/// How large a text is.
#[derive(Clone, Copy)]
pub(super) enum Size {
    Title,
    LongTitle,
    Text,
    Small,
    Tiny,
}

/// Draws one thing after the other.
#[derive(Default)]
pub(super) struct Pen {
    drawn: Group,
}

impl Pen {
    pub(super) fn done(self) -> Group {
        self.drawn
    }

    fn add(&mut self, node: impl svg::Node) {
        svg::Node::append(&mut self.drawn, node);
    }

    pub(super) fn text(&mut self, x: Length, y: Length, at: Side, size: Size, words: &str) {
        self.add(text(x, y, at, size, words));
    }

    pub(super) fn bold(&mut self, x: Length, y: Length, at: Side, size: Size, words: &str) {
        self.add(text(x, y, at, size, words).set("font-weight", "bold"));
    }

    /// A number of the table: which week and how many people it is about is told to programs too.
    pub(super) fn number(
        &mut self,
        (x, y): (Length, Length),
        (week, row): (&str, &str),
        words: &str,
        strong: bool,
    ) {
        let mut number = text(x, y, Side::Middle, Size::Small, words)
            .set("data-week", week)
            .set("data-row", row);
        if strong {
            number = number.set("font-weight", "bold");
            self.add(
                rectangle(x - 41, y - 31, 82, 42)
                    .set("fill", "none")
                    .set("stroke", "black")
                    .set("stroke-width", 4),
            );
        }
        self.add(number);
    }

    /// The number of a week; white on black when something is wrong with it.
    pub(super) fn week(&mut self, x: Length, y: Length, number: &str, is_thin: bool) {
        let mut words = text(x, y, Side::Middle, Size::Text, number).set("font-weight", "bold");
        if is_thin {
            self.add(rectangle(x - 36, y - 34, 72, 44).set("fill", "black"));
            words = words.set("fill", "white");
        }
        self.add(words);
    }

    /// A piece of a bar.
    pub(super) fn bar(&mut self, x: Length, y: Length, width: Length, height: Length, absent: usize) {
        let look = LOOKS.get(absent).copied().unwrap_or(Look::Striped);
        let fill = match look {
            Look::Filled(colour) => colour,
            Look::Striped => "white",
        };
        let bar = rectangle(x, y, width, height).set("fill", fill);
        self.add(bar.set("stroke", INK).set("stroke-width", 3));
        if let Look::Striped = look {
            let stripes = (y..y + height).step_by(STRIPE).skip(1);
            let stripes = stripes.fold(Data::new(), |drawn, y| {
                drawn.move_to((x, y)).horizontal_line_by(width)
            });
            let stripes = Path::new().set("d", stripes).set("stroke", INK);
            self.add(stripes.set("stroke-width", 4));
        }
    }

    /// A line across that helps to read how high something is.
    pub(super) fn rule(&mut self, from: Length, to: Length, y: Length) {
        self.add(
            line((from, y), (to, y))
                .set("stroke", GREY)
                .set("stroke-width", 2),
        );
    }

    /// The ground that bars stand on.
    pub(super) fn ground(&mut self, from: Length, to: Length, y: Length) {
        self.add(
            line((from, y), (to, y))
                .set("stroke", "black")
                .set("stroke-width", 4),
        );
    }

    /// How long a notice may lie.
    pub(super) fn promise(&mut self, from: Length, to: Length, y: Length) {
        let line = line((from, y), (to, y)).set("stroke", RED);
        self.add(line.set("stroke-width", 6).set("stroke-dasharray", "22 12"));
    }
}

fn text(x: Length, y: Length, at: Side, size: Size, words: &str) -> Text {
    let anchor = match at {
        Side::Left => "start",
        Side::Middle => "middle",
        Side::Right => "end",
    };
    let size = match size {
        Size::Title => 64,
        Size::Text => 32,
        Size::LongTitle => 40,
        Size::Small => 28,
        Size::Tiny => 24,
    };
    let text = Text::new(words).set("x", x).set("y", y);
    text.set("text-anchor", anchor).set("font-size", size)
}

fn rectangle(x: Length, y: Length, width: Length, height: Length) -> Rectangle {
    let rectangle = Rectangle::new().set("x", x).set("y", y);
    rectangle.set("width", width).set("height", height)
}

fn line(from: (Length, Length), to: (Length, Length)) -> Line {
    let line = Line::new().set("x1", from.0).set("y1", from.1);
    line.set("x2", to.0).set("y2", to.1)
}

/// On paper each page is one sheet.
pub(super) fn page_size() -> Style {
    Style::new("@page { size: A4 landscape; margin: 0 }")
}
