//! The last ticks of one version of a service in one cell.

use std::collections::VecDeque;
use std::sync::Arc;

use super::super::reading::Reading;
use super::MAX_TICKS;
use crate::domain::time::EngineTime;

/// A reading without its names, kept small because hundreds of slices keep hundreds of them.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) at: EngineTime,
    pub(super) requests: u64,
    pub(super) errors: u64,
    /// Per bucket; empty where the tick had no usable histogram.
    pub(super) latency: Box<[u32]>,
    pub(super) cpu: Option<f64>,
    pub(super) memory: Option<f64>,
    pub(super) saturation: Option<f64>,
    pub(super) up: u32,
}

/// Entries, oldest first, whose histograms all have the same edges.
#[derive(Clone, Debug, Default)]
pub(super) struct Ring {
    edges: Option<Arc<[f64]>>,
    entries: VecDeque<Entry>,
}

impl Ring {
    /// Adds the reading of a tick later than the last, dropping the oldest beyond [`MAX_TICKS`]. Where the edges changed, earlier
    /// histograms are dropped: they do not merge with the new ones.
    pub(super) fn push(&mut self, at: EngineTime, reading: &Reading, edges: &Arc<[f64]>) {
        let usable = !edges.is_empty() && reading.latency.len() == edges.len() + 1;
        if usable && self.edges.as_ref().is_none_or(|known| known != edges) {
            self.entries.iter_mut().for_each(|entry| entry.latency = Box::default());
            self.edges = Some(Arc::clone(edges));
        }
        let latency = reading.latency.iter().map(|count| u32::try_from(*count).unwrap_or(u32::MAX));
        self.entries.push_back(Entry {
            at,
            requests: reading.requests,
            errors: reading.errors,
            latency: if usable { latency.collect() } else { Box::default() },
            cpu: finite(reading.cpu),
            memory: finite(reading.memory),
            saturation: finite(reading.saturation),
            up: reading.up,
        });
        if self.entries.len() > MAX_TICKS {
            self.entries.pop_front();
        }
    }

    /// The latest entry.
    pub(super) fn last(&self) -> Option<&Entry> {
        self.entries.back()
    }

    /// Edges of the histograms kept, in seconds; none before the first.
    pub(super) fn edges(&self) -> Arc<[f64]> {
        self.edges.clone().unwrap_or_else(|| Arc::from([]))
    }

    /// Entries later than `after` and not later than `until`, latest first.
    pub(super) fn between(&self, after: EngineTime, until: EngineTime) -> impl Iterator<Item = &Entry> {
        self.entries.iter().rev().skip_while(move |entry| entry.at > until).take_while(move |entry| entry.at > after)
    }
}

fn finite(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite())
}
