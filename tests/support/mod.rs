//! What the stories in `tests/` share.
#![expect(dead_code, unreachable_pub, reason = "each test program uses a part of it")]

pub mod cert;
pub mod dovecot;
pub mod office;
pub mod smtp;
