//! Findings in files that people write (skeleton).

/// All findings.
#[derive(Debug, Default)]
pub struct Findings {}
