//! How an element's text looks, and whether anybody can see it.

use csscolorparser::Color;

/// Colours that differ less than this in every channel cannot be told apart.
const TELLABLE: f32 = 16.5 / 255.0;
/// Pixels to the left or above from which something is off every screen.
const OFF_SCREEN: f32 = -900.0;

/// The red, green and blue of a colour, each between 0 and 1.
type Rgb = [f32; 3];

/// How an element's text looks, as far as its children inherit it.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent properties of CSS, inherited one by one"
)]
pub(super) struct Look {
    /// Not shown at all, and nothing inside can change that.
    pub(super) gone: bool,
    unseen: bool,
    tiny: bool,
    /// The letters cannot be seen on any ground.
    clear: bool,
    ink: Option<Rgb>,
    ground: Ground,
    /// Inside a quotation.
    pub(super) quoted: bool,
    /// Line ends and blanks count.
    pub(super) literal: bool,
}

#[derive(Debug, Clone, Copy)]
enum Ground {
    Known(Rgb),
    /// A picture: letters of any colour may be seen on it.
    Picture,
}

impl Default for Ground {
    fn default() -> Self {
        Self::Known([1.0; 3])
    }
}

impl Look {
    /// Whether a reader sees the text.
    pub(super) fn is_visible(self) -> bool {
        let is_drowned = match (self.ink, self.ground) {
            (Some(ink), Ground::Known(ground)) => ink
                .iter()
                .zip(ground)
                .all(|(ink, ground)| (ink - ground).abs() < TELLABLE),
            _ => false,
        };
        !(self.gone || self.unseen || self.tiny || self.clear || is_drowned)
    }

    /// Takes over what an element's declarations say, in the order in which they count.
    pub(super) fn apply<'a>(&mut self, declarations: impl Iterator<Item = (&'a str, &'a str)>) {
        let mut frame = Frame::default();
        for (property, value) in declarations {
            if !frame.declare(property, value) {
                self.declare(property, value);
            }
        }
        self.gone |= frame.hides();
    }

    fn declare(&mut self, property: &str, value: &str) {
        match property {
            "visibility" => self.unseen = matches!(value, "hidden" | "collapse"),
            "font-size" => self.tiny = is_tiny(value),
            "font" => {
                // The size is the first number that is no weight.
                let size = value.split_ascii_whitespace().find(|word| {
                    word.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.')
                        && word.parse::<u32>().is_ok_and(|number| number == 0) | word.parse::<u32>().is_err()
                });
                if let Some(size) = size.and_then(|size| size.split('/').next()) {
                    self.tiny = is_tiny(size);
                }
            }
            "color" => {
                if let Some(colour) = colour(value) {
                    self.clear = colour.a < 0.1;
                    self.ink = Some([colour.r, colour.g, colour.b]);
                }
            }
            "background" | "background-color" | "background-image" => self.lay_ground(value),
            _ => {}
        }
    }

    fn lay_ground(&mut self, value: &str) {
        if value.contains("url(") || value.contains("gradient(") {
            self.ground = Ground::Picture;
            return;
        }
        let found = colour(value).or_else(|| value.split_ascii_whitespace().find_map(colour));
        if let Some(colour) = found.filter(|colour| colour.a > 0.5) {
            self.ground = Ground::Known([colour.r, colour.g, colour.b]);
        }
    }
}

/// What holds for the box of one element and decides about everything in it.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent properties of CSS")]
struct Frame {
    none: bool,
    mso_hide: bool,
    faint: bool,
    flat: bool,
    no_height: bool,
    no_width: bool,
    cuts: bool,
    placed: bool,
    away: bool,
    shifted: bool,
    clipped: bool,
    filtered: bool,
}

impl Frame {
    /// Takes a declaration; false: it is not about the box.
    fn declare(&mut self, property: &str, value: &str) -> bool {
        match property {
            "display" => self.none = value == "none",
            "mso-hide" => self.mso_hide = value == "all",
            "opacity" => {
                self.faint = value
                    .trim_end_matches('%')
                    .parse()
                    .is_ok_and(|opacity: f32| opacity < 0.1)
            }
            "max-height" => self.flat = is_below(value, 1.0),
            "height" => self.no_height = is_below(value, 1.0),
            "width" | "max-width" => self.no_width = is_below(value, 1.0),
            "overflow" | "overflow-x" | "overflow-y" => self.cuts = matches!(value, "hidden" | "clip"),
            "position" => self.placed = matches!(value, "absolute" | "fixed" | "relative"),
            "left" | "top" => self.away |= is_far(value),
            "text-indent" | "margin-left" | "margin-top" => self.shifted |= is_far(value),
            "clip" => {
                self.clipped = value.strip_prefix("rect(").is_some_and(|edges| {
                    edges
                        .trim_end_matches(')')
                        .split([',', ' '])
                        .filter(|edge| !edge.is_empty())
                        .all(|edge| is_below(edge, 1.5))
                });
            }
            "clip-path" => self.clipped = value.starts_with("inset(50%") || value.starts_with("inset(100%"),
            "transform" => self.filtered = value.contains("scale(0)"),
            "filter" => self.filtered = value.contains("opacity=0)") || value.contains("opacity(0)"),
            _ => return false,
        }
        true
    }

    fn hides(&self) -> bool {
        self.none
            || self.mso_hide
            || self.faint
            || self.flat
            || self.cuts && (self.no_height || self.no_width)
            || self.placed && (self.away || self.clipped)
            || self.shifted
            || self.filtered
    }
}

/// A colour; none for words such as `inherit`, which change nothing.
fn colour(value: &str) -> Option<Color> {
    csscolorparser::parse(value.trim()).ok()
}

/// Whether letters of this size are too small to be seen.
fn is_tiny(size: &str) -> bool {
    is_below(size, 2.0)
}

/// A length as a number and its unit.
fn length(text: &str) -> Option<(f32, &str)> {
    let digits = text
        .bytes()
        .take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'))
        .count();
    let (number, unit) = text.split_at(digits);
    Some((number.parse().ok()?, unit.trim()))
}

/// Whether a length is below so many pixels. What depends on the letters around counts as sixteen pixels.
fn is_below(text: &str, pixels: f32) -> bool {
    length(text).is_some_and(|(number, unit)| {
        number <= f32::EPSILON
            || match unit {
                "" | "px" | "pt" => number < pixels,
                "em" | "rem" => number * 16.0 < pixels,
                "%" => number * 0.16 < pixels,
                _ => false,
            }
    })
}

/// Whether a distance leads off the screen.
fn is_far(text: &str) -> bool {
    length(text).is_some_and(|(number, unit)| match unit {
        "" | "px" | "pt" => number < OFF_SCREEN,
        "em" | "rem" => number * 16.0 < OFF_SCREEN,
        "%" | "vw" | "vh" => number <= -100.0,
        _ => false,
    })
}
