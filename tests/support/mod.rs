//! What the stories in `tests/` share.

pub mod dovecot;
