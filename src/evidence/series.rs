//! The last ticks of every slice: what console and engine answer "how is it now" and "how was it lately" from.
//!
//! Bounded: [`MAX_TICKS`] ticks per service, environment, cell and version, about 250 bytes each with 20 latency buckets, so some
//! 60 KB a slice; a version that was not read for that long is forgotten. Where [hours](Signals::of_hours) are kept, older ticks are
//! added up in 240 bins of five seconds, then in 480 of a minute: eight hours in 240 KB a slice.

mod ages;
mod columns;
mod journeys;
mod measure;
mod ring;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use self::ages::Kept;
pub use self::columns::{Columns, Point};
use self::journeys::JourneyRing;
pub use self::measure::{Measured, Scope, Span, Window};
use self::ring::Ring;
use super::logs::Ledger;
use super::reading::Batch;
use crate::domain::id::{CellId, EnvironmentId, PlacementId, Version};
use crate::domain::metric::Metric;
use crate::domain::time::{EngineTime, Period};
use crate::safe::Text;

/// How many ticks are kept.
pub const MAX_TICKS: usize = 240;

/// Readings of the last ticks, and which cells gave none.
#[derive(Clone, Debug, Default)]
pub struct Signals {
    /// Every tick kept, oldest first.
    ticks: VecDeque<Tick>,
    slices: BTreeMap<PlacementId, BTreeMap<(CellId, Version), Ring>>,
    journeys: BTreeMap<(EnvironmentId, String), BTreeMap<CellId, JourneyRing>>,
    /// Cells that gave nothing at their last tick, and why.
    missing: BTreeMap<(EnvironmentId, CellId), String>,
    unreadable: u64,
    logs: Ledger,
    kept: Kept,
}

#[derive(Clone, Copy, Debug)]
struct Tick {
    at: EngineTime,
    over: Period,
}

impl Signals {
    /// One that keeps hours, for people to look back on. What decisions rest on keeps the last ticks alone.
    pub fn of_hours() -> Self {
        Self { kept: Kept::Hours, ..Self::default() }
    }

    /// Takes the next tick. Whether it was taken: one that is not later than the last is a repetition or out of order, and is left
    /// aside.
    pub fn ingest(&mut self, batch: &Batch) -> bool {
        if self.ticks.back().is_some_and(|last| batch.at <= last.at) {
            return false;
        }
        self.ticks.push_back(Tick { at: batch.at, over: batch.over });
        if self.ticks.len() > MAX_TICKS {
            self.ticks.pop_front();
        }
        self.unreadable = batch.unreadable;
        for reading in &batch.readings {
            let placement = PlacementId::new(reading.service.clone(), reading.environment.clone());
            let slice = (reading.cell.clone(), reading.version.clone());
            let ring = self.slices.entry(placement).or_default().entry(slice).or_default();
            ring.push(batch.at, reading, &batch.edges, self.kept);
        }
        for reading in &batch.journeys {
            let journey = (reading.environment.clone(), reading.journey.clone());
            let ring = self.journeys.entry(journey).or_default().entry(reading.cell.clone()).or_default();
            ring.push(batch.at, reading, &batch.edges);
        }
        self.missing = batch
            .missing
            .iter()
            .map(|missing| ((missing.environment.clone(), missing.cell.clone()), missing.why.clone()))
            .collect();
        self.logs.ingest(&batch.logs, batch.at);
        self.forget();
        true
    }

    /// The end of the last tick, if there was one.
    pub fn last_tick(&self) -> Option<EngineTime> {
        self.ticks.back().map(|tick| tick.at)
    }

    /// The end of the last tick that was not later than a moment; none where it is no longer kept.
    pub fn last_tick_until(&self, now: EngineTime) -> Option<EngineTime> {
        self.ticks.iter().rev().map(|tick| tick.at).find(|at| *at <= now)
    }

    /// How long the last tick was; none before the first.
    pub fn tick_length(&self) -> Period {
        self.ticks.back().map_or(Period::ZERO, |tick| tick.over)
    }

    /// Wanted lines that could not be read at the last tick.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }

    /// Cells that gave nothing at the last tick, and why.
    pub fn missing(&self) -> impl Iterator<Item = (&EnvironmentId, &CellId, &str)> {
        self.missing.iter().map(|((environment, cell), why)| (environment, cell, why.as_str()))
    }

    /// What was read of logs since the first tick.
    pub fn logs(&self) -> &Ledger {
        &self.logs
    }

    /// The versions of a placement that were read lately, in any cell, in order.
    pub fn versions(&self, placement: &PlacementId) -> Vec<Version> {
        let oldest = self.ticks.front().map(|tick| tick.at);
        let slices = self.slices.get(placement).into_iter().flatten();
        let lately = slices.filter(|(_, ring)| ring.last().map(|entry| entry.at) >= oldest);
        let mut versions: Vec<Version> = lately.map(|((_, version), _)| version.clone()).collect();
        versions.sort();
        versions.dedup();
        versions
    }

    /// Whether a placement said a metric when any of its slices was last read; of journeys, whether any was, with its times where those
    /// are asked for.
    pub fn says(&self, metric: Metric, placement: &PlacementId, journey: &str) -> bool {
        if metric.is_of_journeys() {
            let mut rings = self.journeys.get(&(placement.environment.clone(), journey.to_owned())).into_iter().flatten();
            return rings.any(|(_, ring)| metric == Metric::EndToEnd || ring.known_edges().is_some());
        }
        let rings = self.slices.get(placement).into_iter().flat_map(BTreeMap::values);
        rings.filter_map(Ring::last).any(|entry| match metric {
            Metric::Errors | Metric::EndToEnd | Metric::JourneyP90 => true,
            Metric::P99 | Metric::P999 => !entry.latency.is_empty(),
            Metric::Cpu => entry.cpu.is_some(),
            Metric::Memory => entry.memory.is_some(),
            Metric::Saturation => entry.saturation.is_some(),
        })
    }

    /// The last journey of a group that failed in an environment: when, in which cell, at which step and why. As far as anybody said so,
    /// and in these cells alone.
    pub fn last_failure(&self, scope: &Scope<'_>) -> Option<(EngineTime, &CellId, &Text)> {
        let key = (scope.placement.environment.clone(), scope.journey?.to_owned());
        let rings = self.journeys.get(&key)?.iter().filter(|(cell, _)| scope.cells.is_none_or(|cells| cells.contains(cell)));
        let failures = rings.filter_map(|(cell, ring)| ring.failure().map(|(at, why)| (*at, cell, why)));
        failures.max_by_key(|(at, ..)| *at)
    }

    /// Whether anything is kept of a version of a placement.
    pub fn remembers(&self, placement: &PlacementId, version: &Version) -> bool {
        self.slices.get(placement).is_some_and(|slices| slices.keys().any(|(_, known)| known == version))
    }

    /// Upper edges of the latency buckets of a placement, in seconds; empty where nothing was read.
    pub fn edges(&self, placement: &PlacementId) -> Arc<[f64]> {
        let rings = self.slices.get(placement).into_iter().flat_map(BTreeMap::values);
        rings.max_by_key(|ring| ring.last().map(|entry| entry.at)).map_or_else(|| Arc::from([]), Ring::edges)
    }

    /// Drops what was last read before the oldest tick kept, or the oldest bin.
    fn forget(&mut self) {
        let Some(mut oldest) = self.ticks.front().map(|tick| tick.at) else { return };
        if self.kept == Kept::Hours {
            oldest = oldest - ages::reach();
        }
        self.slices.retain(|_, rings| {
            rings.retain(|_, ring| ring.last().is_some_and(|entry| entry.at >= oldest));
            !rings.is_empty()
        });
        self.journeys.retain(|_, rings| {
            rings.retain(|_, ring| ring.last().is_some_and(|at| at >= oldest));
            !rings.is_empty()
        });
    }
}

#[cfg(test)]
mod tests;
