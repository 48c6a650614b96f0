//! Things in the order of time, in which what goes on at a minute is found at once.

use super::timeline::Minute;

/// Something that ends.
pub(super) trait Ends {
    /// The first minute after it.
    fn end(&self) -> Minute;
}

/// For how many minutes a place to start from is kept: few things end within them.
const SLOT: Minute = 12 * 60;

/// Things of which each ends after the one before it.
#[derive(Debug)]
pub(super) struct Row<T> {
    all: Vec<T>,
    /// For each slot, the first that ends after it began.
    first: Vec<u16>,
}

impl<T: Ends> Row<T> {
    /// These, in order, within a window of so many minutes.
    pub(super) fn new(all: Vec<T>, window: Minute) -> Self {
        let mut next = 0;
        let mut first = Vec::new();
        for slot in 0..=window / SLOT {
            while all.get(next).is_some_and(|one| one.end() <= slot * SLOT) {
                next += 1;
            }
            first.push(u16::try_from(next).unwrap_or(u16::MAX));
        }
        Self { all, first }
    }

    /// Which one goes on at a minute, or comes next; past the last when none does.
    pub(super) fn next(&self, at: Minute) -> usize {
        let slot = usize::try_from(at / SLOT).unwrap_or(usize::MAX);
        let mut next = self
            .first
            .get(slot)
            .map_or(self.all.len(), |first| usize::from(*first));
        while self.all.get(next).is_some_and(|one| one.end() <= at) {
            next += 1;
        }
        next
    }

    pub(super) fn get(&self, index: usize) -> Option<&T> {
        self.all.get(index)
    }

    pub(super) fn last(&self) -> Option<&T> {
        self.all.last()
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }
}
