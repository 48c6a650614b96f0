//! The patterns of this room. They are constants of the program: one that is wrong fails the tests of whatever uses it,
//! and no mail can make it so.

use regex::Regex;

/// A pattern that stands in the program.
pub(super) fn expression(pattern: &str) -> Regex {
    Regex::new(pattern).expect("checked by the tests")
}
