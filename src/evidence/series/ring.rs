//! The last ticks of one version of a service in one cell.

use std::sync::Arc;

use super::super::reading::Reading;
use super::ages::{Aged, Ages, Kept};
use crate::domain::time::EngineTime;

/// A reading without its names, kept small because hundreds of slices keep hundreds of them.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) at: EngineTime,
    /// How many ticks it is from.
    pub(super) ticks: u32,
    pub(super) requests: u64,
    pub(super) errors: u64,
    /// Per bucket; empty where no tick had a usable histogram.
    pub(super) latency: Box<[u32]>,
    pub(super) cpu: Option<f64>,
    pub(super) memory: Option<f64>,
    pub(super) saturation: Option<f64>,
    /// Instances up at its last tick.
    pub(super) up: u32,
    /// Instances up, added over its ticks: what its means weigh. Where none said it was up, a mean still came from one at least.
    pub(super) weight: u32,
}

impl Aged for Entry {
    fn at(&self) -> EngineTime {
        self.at
    }

    fn add(&mut self, later: &Self) {
        let weights = [self.weight, later.weight];
        self.cpu = mean([self.cpu, later.cpu], weights);
        self.memory = mean([self.memory, later.memory], weights);
        self.saturation = mean([self.saturation, later.saturation], weights);
        if self.latency.is_empty() {
            self.latency.clone_from(&later.latency);
        } else {
            self.latency.iter_mut().zip(&later.latency).for_each(|(sum, count)| *sum = sum.saturating_add(*count));
        }
        self.requests += later.requests;
        self.errors += later.errors;
        self.ticks = self.ticks.saturating_add(later.ticks);
        self.weight = self.weight.saturating_add(later.weight);
        (self.at, self.up) = (later.at, later.up);
    }
}

fn mean(values: [Option<f64>; 2], weights: [u32; 2]) -> Option<f64> {
    match values {
        [Some(one), Some(other)] => {
            let [first, second] = weights.map(f64::from);
            Some((one * first + other * second) / (first + second).max(1.0))
        }
        [one, other] => one.or(other),
    }
}

/// Entries whose histograms all have the same edges.
#[derive(Clone, Debug, Default)]
pub(super) struct Ring {
    edges: Option<Arc<[f64]>>,
    entries: Ages<Entry>,
}

impl Ring {
    /// Adds the reading of a tick later than the last. Where the edges changed, earlier histograms are dropped: they do not merge with
    /// the new ones.
    pub(super) fn push(&mut self, at: EngineTime, reading: &Reading, edges: &Arc<[f64]>, kept: Kept) {
        let usable = !edges.is_empty() && reading.latency.len() == edges.len() + 1;
        if usable && self.edges.as_ref().is_none_or(|known| known != edges) {
            self.entries.each(|entry| entry.latency = Box::default());
            self.edges = Some(Arc::clone(edges));
        }
        let latency = reading.latency.iter().map(|count| u32::try_from(*count).unwrap_or(u32::MAX));
        let entry = Entry {
            at,
            ticks: 1,
            requests: reading.requests,
            errors: reading.errors,
            latency: if usable { latency.collect() } else { Box::default() },
            cpu: finite(reading.cpu),
            memory: finite(reading.memory),
            saturation: finite(reading.saturation),
            up: reading.up,
            weight: reading.up.max(1),
        };
        self.entries.push(entry, kept);
    }

    /// The latest entry.
    pub(super) fn last(&self) -> Option<&Entry> {
        self.entries.last()
    }

    /// When it was last read, as of a moment.
    pub(super) fn last_until(&self, now: EngineTime) -> Option<EngineTime> {
        self.entries.last_until(now)
    }

    /// Edges of the histograms kept, in seconds; none before the first.
    pub(super) fn edges(&self) -> Arc<[f64]> {
        self.edges.clone().unwrap_or_else(|| Arc::from([]))
    }

    /// The same, to be looked at; none before the first.
    pub(super) fn known_edges(&self) -> Option<&Arc<[f64]>> {
        self.edges.as_ref()
    }

    /// Entries later than `after` and not later than `until`, latest first.
    pub(super) fn between(&self, after: EngineTime, until: EngineTime) -> impl Iterator<Item = &Entry> {
        self.entries.between(after, until)
    }
}

fn finite(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite())
}
