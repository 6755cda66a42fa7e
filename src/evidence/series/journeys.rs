//! The last ticks of one journey in one cell.

use super::super::reading::JourneyReading;
use super::ages::{Aged, Ages, Kept};
use crate::domain::time::EngineTime;

/// Journeys of one tick, or of several.
#[derive(Clone, Copy, Debug)]
pub(super) struct Journeys {
    pub(super) at: EngineTime,
    pub(super) ticks: u32,
    pub(super) tried: u64,
    pub(super) succeeded: u64,
}

impl Aged for Journeys {
    fn at(&self) -> EngineTime {
        self.at
    }

    fn add(&mut self, later: &Self) {
        self.at = later.at;
        self.ticks = self.ticks.saturating_add(later.ticks);
        self.tried += later.tried;
        self.succeeded += later.succeeded;
    }
}

/// Journeys tried and succeeded per tick, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct JourneyRing {
    entries: Ages<Journeys>,
}

impl JourneyRing {
    pub(super) fn push(&mut self, at: EngineTime, reading: &JourneyReading, kept: Kept) {
        self.entries.push(Journeys { at, ticks: 1, tried: reading.attempts, succeeded: reading.succeeded }, kept);
    }

    /// When it was last read.
    pub(super) fn last(&self) -> Option<EngineTime> {
        self.entries.last().map(|entry| entry.at)
    }

    /// The same as of a moment.
    pub(super) fn last_until(&self, now: EngineTime) -> Option<EngineTime> {
        self.entries.last_until(now)
    }

    /// Entries later than `after` and not later than `until`, latest first.
    pub(super) fn between(&self, after: EngineTime, until: EngineTime) -> impl Iterator<Item = &Journeys> {
        self.entries.between(after, until)
    }

    /// Tried and succeeded after `after` and not later than `until`, and in how many ticks.
    pub(super) fn sum(&self, after: EngineTime, until: EngineTime) -> (u64, u64, u32) {
        self.between(after, until).fold((0, 0, 0), |sum, entry| (sum.0 + entry.tried, sum.1 + entry.succeeded, sum.2 + entry.ticks))
    }
}
