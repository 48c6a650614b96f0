//! Pieces that include each other: put in each other's place, they would never end, and the program with them.
//!
//! Handlebars refuses only a template that includes itself directly. What it renders for ever ends in a stack that
//! overflows, which no program survives: so circles are looked for before anything is rendered, and so are inclusions of
//! which only a letter could tell what they include.

use std::collections::{BTreeSet, HashMap};

use handlebars::Template;
use handlebars::template::{DecoratorTemplate, Parameter, TemplateElement};

use super::{SUFFIX, TemplateError};

/// What would make a letter that never ends, among these templates.
pub(super) fn find(templates: &HashMap<String, Template>) -> Vec<TemplateError> {
    let mut search = Search {
        templates,
        seen: BTreeSet::new(),
        path: Vec::new(),
        errors: Vec::new(),
    };
    let mut names: Vec<&str> = templates.keys().map(String::as_str).collect();
    names.sort_unstable();
    for name in names {
        search.visit(name);
    }
    search.errors
}

/// A search into the depth: whatever leads back to where it came from is a circle.
struct Search<'t> {
    templates: &'t HashMap<String, Template>,
    seen: BTreeSet<&'t str>,
    path: Vec<&'t str>,
    errors: Vec<TemplateError>,
}

impl<'t> Search<'t> {
    fn visit(&mut self, name: &'t str) {
        let Some(template) = self.templates.get(name).filter(|_| self.seen.insert(name)) else {
            return;
        };
        self.path.push(name);
        for inclusion in inclusions(template) {
            match inclusion.piece {
                None => self.complain(inclusion.line, COMPUTED.to_owned()),
                Some(piece) => match self.path.iter().position(|above| *above == piece) {
                    Some(start) => {
                        let circle = [&self.path[start..], &[piece]].concat().join("` includes `");
                        let reason =
                            format!("`{circle}`: a letter would never end; take one of these inclusions out");
                        self.complain(inclusion.line, reason);
                    }
                    None => self.visit(piece),
                },
            }
        }
        self.path.pop();
    }

    fn complain(&mut self, line: usize, reason: String) {
        let name = self.path.last().copied().unwrap_or_default();
        self.errors.push(TemplateError {
            template: format!("{name}{SUFFIX}"),
            line: Some(line),
            reason,
        });
    }
}

const COMPUTED: &str =
    "what is included here would be known only when a letter is written; write the name of the piece";

/// A place in a template at which a piece is included.
struct Inclusion<'t> {
    /// None when its name is worked out while the letter is written.
    piece: Option<&'t str>,
    /// Counted from 1.
    line: usize,
}

/// All of a template, also those within its blocks.
fn inclusions(template: &Template) -> Vec<Inclusion<'_>> {
    let mut found = Vec::new();
    let mut templates = vec![template];
    while let Some(template) = templates.pop() {
        for (element, place) in template.elements.iter().zip(&template.mapping) {
            match element {
                TemplateElement::HelperBlock(block) => {
                    templates.extend(block.template.iter().chain(&block.inverse));
                }
                TemplateElement::DecoratorBlock(block) => templates.extend(&block.template),
                TemplateElement::PartialExpression(piece) | TemplateElement::PartialBlock(piece) => {
                    templates.extend(&piece.template);
                    found.push(inclusion(piece, place.0));
                }
                _ => {}
            }
        }
    }
    found.sort_unstable_by_key(|inclusion| inclusion.line);
    found
}

fn inclusion(piece: &DecoratorTemplate, line: usize) -> Inclusion<'_> {
    let name = match &piece.name {
        Parameter::Literal(name) => name.as_str(),
        name => name.as_name(),
    };
    Inclusion { piece: name, line }
}
