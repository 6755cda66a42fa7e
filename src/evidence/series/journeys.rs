//! The last ticks of one journey in one cell.

use std::collections::VecDeque;

use super::super::reading::JourneyReading;
use super::MAX_TICKS;
use crate::domain::time::EngineTime;

/// Journeys tried and succeeded per tick, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct JourneyRing {
    entries: VecDeque<(EngineTime, u64, u64)>,
}

impl JourneyRing {
    pub(super) fn push(&mut self, at: EngineTime, reading: &JourneyReading) {
        self.entries.push_back((at, reading.attempts, reading.succeeded));
        if self.entries.len() > MAX_TICKS {
            self.entries.pop_front();
        }
    }

    /// When it was last read.
    pub(super) fn last(&self) -> Option<EngineTime> {
        self.entries.back().map(|entry| entry.0)
    }

    /// Tried and succeeded after `after` and not later than `until`, and in how many ticks.
    pub(super) fn sum(&self, after: EngineTime, until: EngineTime) -> (u64, u64, u32) {
        let within = self.entries.iter().rev().skip_while(|entry| entry.0 > until).take_while(|entry| entry.0 > after);
        within.fold((0, 0, 0), |sum, entry| (sum.0 + entry.1, sum.1 + entry.2, sum.2 + 1))
    }
}
