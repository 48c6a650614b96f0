//! The words of letters (skeleton).

use crate::domain::{Content, Words};
use crate::findings::Findings;

/// The templates, checked.
#[derive(Debug)]
pub struct Templates {}

impl Templates {
    /// Puts a letter into words.
    ///
    /// # Errors
    /// A template names a field that does not exist; cannot happen to templates that passed the check.
    pub fn render(&self, content: &Content) -> Result<Words, TemplateError> {
        let _ = content;
        todo!()
    }
    /// The templates that come with the program, with those in `dir` instead where they exist; every one is rendered
    /// with samples before it is accepted.
    pub fn load(dir: Option<&std::path::Path>, findings: &mut Findings) -> Option<Self> {
        let _ = (dir, findings);
        todo!()
    }
}

/// Why a letter could not be put into words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template `{template}` cannot be rendered: {reason}")]
pub struct TemplateError {
    /// Which.
    pub template: String,
    /// Why.
    pub reason: String,
}

/// Hard-coded minimal words.
#[must_use]
pub fn bare(content: &Content) -> Words {
    let _ = content;
    todo!()
}
