//! What was seen in all the years, and what must never be seen.

use std::fmt;

use jiff::SignedDuration;

/// Something that must never be so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) what: String,
    /// What happened to the task it is about.
    pub(crate) history: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.what)?;
        self.history.iter().try_for_each(|line| writeln!(f, "    {line}"))
    }
}

/// What was seen in all the years.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    /// How much time passed.
    pub(crate) lived: SignedDuration,
    pub(crate) mails: u64,
    pub(crate) tasks: u64,
    pub(crate) calls: u64,
    /// Tasks that were handled by mistake, and opened again.
    pub(crate) reopened: u64,
    /// Notices whose time was held against the proof.
    pub(crate) bounded: u64,
    /// Of those, the ones that lay exactly as long as the proof says they may.
    pub(crate) exact: u64,
    /// The longest of those, in office minutes.
    pub(crate) longest: u32,
}

impl Tally {
    pub(crate) fn years(&self) -> f64 {
        self.lived.as_secs_f64() / (365.25 * 24.0 * 3600.0)
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.lived += other.lived;
        self.mails += other.mails;
        self.tasks += other.tasks;
        self.calls += other.calls;
        self.reopened += other.reopened;
        self.bounded += other.bounded;
        self.exact += other.exact;
        self.longest = self.longest.max(other.longest);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.1} office-years: {} mails, {} tasks, {} calls, {} tasks opened again; {} notices held against the proof, {} of them read at the last \
             minute it allows, the longest after {} office minutes; no violation",
            self.years(),
            self.mails,
            self.tasks,
            self.calls,
            self.reopened,
            self.bounded,
            self.exact,
            self.longest
        )
    }
}
