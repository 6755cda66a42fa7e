//! Entries in their order: the last ticks as they came, and what is older in bins that grow with age.

use std::collections::VecDeque;

use super::MAX_TICKS;
use crate::domain::time::{EngineTime, Period};

/// How long a bin is and how many of them are kept, the younger ones first.
pub(super) const BINS: [(Period, usize); 2] = [(Period::from_secs(5), 240), (Period::from_mins(1), 480)];

/// How far back bins reach that were filled without a break.
pub(super) fn reach() -> Period {
    BINS.into_iter().fold(Period::ZERO, |reach, (length, kept)| reach + length * kept as u32)
}

/// How far back is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kept {
    /// The last ticks, which is what decisions rest on.
    #[default]
    Lately,
    /// Hours, for people to look back on.
    Hours,
}

/// What is kept of one tick, or of several in one bin.
pub(super) trait Aged {
    /// The end of its last tick.
    fn at(&self) -> EngineTime;
    /// Takes in what came after it.
    fn add(&mut self, later: &Self);
}

/// Entries, oldest first.
#[derive(Clone, Debug)]
pub(super) struct Ages<E> {
    ticks: VecDeque<E>,
    bins: [VecDeque<E>; BINS.len()],
}

impl<E> Default for Ages<E> {
    fn default() -> Self {
        Self { ticks: VecDeque::new(), bins: Default::default() }
    }
}

impl<E: Aged> Ages<E> {
    /// Adds what came later than everything before.
    pub(super) fn push(&mut self, entry: E, kept: Kept) {
        self.ticks.push_back(entry);
        let mut leaves = if self.ticks.len() > MAX_TICKS { self.ticks.pop_front() } else { None };
        if kept == Kept::Lately {
            return;
        }
        for (bins, (length, most)) in self.bins.iter_mut().zip(BINS) {
            let Some(entry) = leaves else { return };
            match bins.back_mut() {
                Some(last) if bin(last.at(), length) == bin(entry.at(), length) => last.add(&entry),
                _ => bins.push_back(entry),
            }
            leaves = if bins.len() > most { bins.pop_front() } else { None };
        }
    }

    /// The latest.
    pub(super) fn last(&self) -> Option<&E> {
        self.ticks.back()
    }

    /// The end of the latest that is not later than a moment.
    pub(super) fn last_until(&self, now: EngineTime) -> Option<EngineTime> {
        self.between(EngineTime::from_millis(i64::MIN), now).next().map(Aged::at)
    }

    /// Later than `after` and not later than `until`, latest first. A bin counts as its last tick does.
    pub(super) fn between(&self, after: EngineTime, until: EngineTime) -> impl Iterator<Item = &E> {
        let bins = self.bins.iter().flat_map(|bins| bins.iter().rev());
        let all = self.ticks.iter().rev().chain(bins);
        all.skip_while(move |entry| entry.at() > until).take_while(move |entry| entry.at() > after)
    }

    /// Changes every entry.
    pub(super) fn each(&mut self, mut change: impl FnMut(&mut E)) {
        self.bins.iter_mut().chain([&mut self.ticks]).flatten().for_each(&mut change);
    }
}

/// The number of the bin that a moment lies in; one that lies between two belongs to the earlier.
fn bin(at: EngineTime, length: Period) -> i64 {
    (at.millis() - 1).div_euclid(length.millis().max(1))
}
