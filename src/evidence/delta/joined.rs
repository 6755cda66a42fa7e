//! Ticks of one cell that follow one another, as one tick.

use std::sync::Arc;

use super::CellTick;
use crate::evidence::reading::{JourneyReading, Reading};

impl CellTick {
    /// This tick and the one after it as one: counts are added; means, and what is up, are those of the later one. Latency is kept where
    /// both have the same edges, else only the later one's: to lose a tick's latency beats giving it to the wrong buckets.
    #[must_use]
    pub fn then(self, mut later: Self) -> Self {
        let same_edges = later.edges.is_empty() || self.edges == later.edges;
        for mut early in self.readings {
            let is_same = |reading: &&mut Reading| (&reading.service, &reading.version) == (&early.service, &early.version);
            if let Some(reading) = later.readings.iter_mut().find(is_same) {
                add(reading, &early, same_edges);
                continue;
            }
            if !same_edges {
                early.latency.clear();
            }
            // What it said of its state is no longer so: it is gone.
            later.readings.push(Reading { cpu: None, memory: None, saturation: None, up: 0, ..early });
        }
        for early in self.journeys {
            let is_same = |journey: &&mut JourneyReading| journey.journey == early.journey;
            match later.journeys.iter_mut().find(is_same) {
                Some(journey) => {
                    journey.attempts += early.attempts;
                    journey.succeeded += early.succeeded;
                }
                None => later.journeys.push(early),
            }
        }
        later.readings.sort_by(|one, other| (&one.service, &one.version).cmp(&(&other.service, &other.version)));
        later.journeys.sort_by(|one, other| one.journey.cmp(&other.journey));
        let edges = if later.edges.is_empty() { self.edges } else { Arc::clone(&later.edges) };
        Self { over: self.over + later.over, unreadable: self.unreadable + later.unreadable, edges, ..later }
    }
}

fn add(reading: &mut Reading, early: &Reading, same_edges: bool) {
    reading.requests += early.requests;
    reading.errors += early.errors;
    if !same_edges {
        return;
    }
    if reading.latency.is_empty() {
        reading.latency.clone_from(&early.latency);
    } else if reading.latency.len() == early.latency.len() {
        reading.latency.iter_mut().zip(&early.latency).for_each(|(count, more)| *count += more);
    }
}
