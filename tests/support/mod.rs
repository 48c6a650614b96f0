//! What the stories in `tests/` share.

#![allow(dead_code, unreachable_pub, reason = "each file of stories uses a part")]

pub(crate) mod cert;
pub(crate) mod dovecot;
pub(crate) mod smtp;
