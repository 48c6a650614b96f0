//! What the stories in `tests/` share.
#![expect(dead_code, unreachable_pub, reason = "each test program uses a part of it")]
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

pub mod cert;
pub mod dovecot;
pub mod log;
pub mod meddler;
pub mod office;
pub mod on_paper;
pub mod smtp;
pub mod stage;
pub mod tampered;
