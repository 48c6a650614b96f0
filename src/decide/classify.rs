//! skeleton
use crate::domain::{Classification, Mail};
use crate::rules::Rules;
/// What a mail tells.
#[must_use]
pub fn classify(rules: &Rules, mail: &Mail) -> Classification {
    let _ = (rules, mail);
    todo!()
}
