//! Templates laid flat: the pieces that a template includes are put in its place.
//!
//! Handlebars copies all facts of a letter for every piece that is included, and looks up each field in that copy; with
//! the pieces in place, all fields are read where they lie. Only inclusions that mean the same either way are replaced:
//! those at the top of a template, without a context, fields or an indentation of their own. All others stay.

use std::collections::HashMap;

use handlebars::Template;
use handlebars::template::{DecoratorTemplate, TemplateElement};

/// Pieces in pieces; what lies deeper stays an inclusion.
const DEPTH: usize = 8;

/// The name under which a piece is given what its block holds.
const BLOCK: &str = "@partial-block";

/// The template with its pieces in place.
pub(super) fn lay(template: &Template, pieces: &HashMap<String, Template>) -> Template {
    let mut flat = Template::new();
    flat.name.clone_from(&template.name);
    place(&template.elements, None, pieces, DEPTH, &mut flat.elements);
    flat
}

/// Adds the elements to `flat`; `block` is what stands in the place of [`BLOCK`] in a piece that was given one.
fn place(
    elements: &[TemplateElement],
    block: Option<&[TemplateElement]>,
    pieces: &HashMap<String, Template>,
    depth: usize,
    flat: &mut Vec<TemplateElement>,
) {
    for element in elements {
        match (element, block) {
            (TemplateElement::PartialExpression(piece), Some(block)) if is_plain(piece, BLOCK) => {
                place(block, None, pieces, depth, flat);
            }
            (TemplateElement::PartialExpression(piece) | TemplateElement::PartialBlock(piece), _) => {
                match included(piece, pieces).filter(|_| depth > 0) {
                    Some(found) => {
                        let inner = piece.template.as_ref().map(|inner| &inner.elements[..]);
                        place(&found.elements, inner, pieces, depth - 1, flat);
                    }
                    None => flat.push(element.clone()),
                }
            }
            (TemplateElement::RawString(text), _) => push_text(flat, text),
            _ => flat.push(element.clone()),
        }
    }
}

/// The piece, when including it is no more than putting it there.
fn included<'a>(piece: &DecoratorTemplate, pieces: &'a HashMap<String, Template>) -> Option<&'a Template> {
    let name = piece.name.as_name()?;
    pieces.get(name).filter(|_| is_plain(piece, name))
}

fn is_plain(piece: &DecoratorTemplate, name: &str) -> bool {
    piece.name.as_name() == Some(name)
        && piece.params.is_empty()
        && piece.hash.is_empty()
        && piece.indent.is_none()
}

fn push_text(flat: &mut Vec<TemplateElement>, text: &str) {
    if let Some(TemplateElement::RawString(before)) = flat.last_mut() {
        before.push_str(text);
    } else {
        flat.push(TemplateElement::RawString(text.to_owned()));
    }
}
