//! What the municipality promises about notices that must be picked up.

/// The promise: a critical notice is read in time by somebody who is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// Within how many minutes in which the office is open; none: nothing is promised, and the proof only tells.
    pub within: Option<u32>,
    /// Also when so many people are away besides those who are known to be.
    pub absent: usize,
}

impl Promise {
    /// The most people who are thought away: with each more there are many times more ways.
    pub const MOST_ABSENT: usize = 3;
}

impl Default for Promise {
    fn default() -> Self {
        Self {
            within: None,
            absent: 2,
        }
    }
}
