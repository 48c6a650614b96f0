//! skeleton
use crate::domain::{CaseloadId, Mail, Signal};
use crate::rules::Rules;
/// Where a task goes, and why.
#[must_use]
pub fn route(rules: &Rules, mail: &Mail, signal: &Signal) -> (CaseloadId, String) {
    let _ = (rules, mail, signal);
    todo!()
}
