//! The last ticks of one group's journeys in one cell.

use std::sync::Arc;

use super::super::reading::JourneyReading;
use super::ages::{Aged, Ages, Kept};
use crate::domain::time::EngineTime;
use crate::safe::Text;

/// Journeys of one tick, or of several.
#[derive(Clone, Debug)]
pub(super) struct Journeys {
    pub(super) at: EngineTime,
    pub(super) ticks: u32,
    pub(super) tried: u64,
    pub(super) succeeded: u64,
    /// Those that came to their end, per bucket; empty where nobody took their times.
    pub(super) latency: Box<[u32]>,
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
        if self.latency.is_empty() {
            self.latency.clone_from(&later.latency);
        } else {
            self.latency.iter_mut().zip(&later.latency).for_each(|(sum, count)| *sum = sum.saturating_add(*count));
        }
    }
}

/// Journeys tried and succeeded per tick, and how long they took, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct JourneyRing {
    edges: Option<Arc<[f64]>>,
    entries: Ages<Journeys>,
    /// When one failed last, at which step and why.
    failure: Option<(EngineTime, Text)>,
    /// Why none could be tried, at its newest reading.
    untried: Option<Text>,
}

impl JourneyRing {
    /// Adds the reading of a tick later than the last. Hours are kept whoever asks: probes are few, and the last ticks may hold too few of
    /// them to judge. Where the edges changed, earlier times are dropped: they do not merge with the new ones.
    pub(super) fn push(&mut self, at: EngineTime, reading: &JourneyReading, edges: &Arc<[f64]>) {
        let usable = !edges.is_empty() && reading.latency.len() == edges.len() + 1;
        if usable && self.edges.as_ref().is_none_or(|known| known != edges) {
            self.entries.each(|entry| entry.latency = Box::default());
            self.edges = Some(Arc::clone(edges));
        }
        let latency = reading.latency.iter().map(|count| u32::try_from(*count).unwrap_or(u32::MAX));
        let latency = if usable { latency.collect() } else { Box::default() };
        if let Some(why) = &reading.failure {
            self.failure = Some((at, why.clone()));
        }
        self.untried.clone_from(&reading.untried);
        let (tried, succeeded) = (reading.attempts, reading.succeeded);
        self.entries.push(Journeys { at, ticks: 1, tried, succeeded, latency }, Kept::Hours);
    }

    /// When it was last read.
    pub(super) fn last(&self) -> Option<EngineTime> {
        self.entries.last().map(|entry| entry.at)
    }

    /// The same as of a moment.
    pub(super) fn last_until(&self, now: EngineTime) -> Option<EngineTime> {
        self.entries.last_until(now)
    }

    /// Edges of the histograms kept, in seconds; none before the first.
    pub(super) fn known_edges(&self) -> Option<&Arc<[f64]>> {
        self.edges.as_ref()
    }

    /// When one failed last, at which step and why.
    pub(super) fn failure(&self) -> Option<&(EngineTime, Text)> {
        self.failure.as_ref()
    }

    /// Why none could be tried, at its newest reading.
    pub(super) fn untried(&self) -> Option<&Text> {
        self.untried.as_ref()
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
