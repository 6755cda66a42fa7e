//! A metric's value over the time just past.

use std::sync::Arc;

use super::super::histogram::{Histogram, Quantile};
use super::ring::Ring;
use super::{JourneyRing, Signals};
use crate::domain::id::{CellId, PlacementId, Version};
use crate::domain::metric::Metric;
use crate::domain::time::{EngineTime, Period};

/// The share of journeys that [`Metric::JourneyP90`] is not exceeded by.
pub(super) const JOURNEYS_WITHIN: f64 = 0.9;

/// Whose numbers are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The service and where it runs.
    pub placement: &'a PlacementId,
    /// In which cells, or `None` for all of the environment. Counts are added and histograms merged over them.
    pub cells: Option<&'a [CellId]>,
    /// Which version.
    pub version: &'a Version,
    /// The journey its users make, named like the service's group; what metrics of journeys are read from, whatever the version.
    pub journey: Option<&'a str>,
}

impl Scope<'_> {
    fn holds(&self, cell: &CellId) -> bool {
        self.cells.is_none_or(|cells| cells.contains(cell))
    }
}

/// Which time is asked about: ticks that ended after `now − over` and not later than `now`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The present moment.
    pub now: EngineTime,
    /// How far back.
    pub over: Period,
}

impl Span {
    fn start(self) -> EngineTime {
        self.now - self.over
    }
}

/// What a metric was, or why nobody can say.
#[derive(Clone, Debug, PartialEq)]
pub enum Measured {
    /// The value in the metric's unit.
    Value {
        /// How much.
        value: f64,
        /// From how many requests, attempts, or, for gauges, readings.
        n: u64,
    },
    /// The value lies above the last bucket edge; by how much is not known.
    AtLeast {
        /// The edge, in seconds.
        value: f64,
        /// From how many requests.
        n: u64,
    },
    /// Too few requests or attempts to say.
    TooFew {
        /// How many there were.
        n: u64,
        /// How many it takes.
        need: u64,
    },
    /// Nothing was read. Never good, never zero.
    NoData {
        /// Why, in a sentence.
        why: String,
    },
}

/// A scope's ticks in a span, added up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Window {
    /// Requests answered.
    pub requests: u64,
    /// Of those, with a server error.
    pub errors: u64,
    /// All cells' histograms merged; `None` where no tick had one.
    pub latency: Option<Histogram>,
    /// Mean processor use, cells weighted by their instances.
    pub cpu: Option<f64>,
    /// Mean memory use likewise.
    pub memory: Option<f64>,
    /// Mean saturation likewise.
    pub saturation: Option<f64>,
    /// Instances up at each cell's latest tick, added over the cells.
    pub up: u32,
    /// How many readings went in: ticks, counted for each cell.
    pub readings: u64,
}

impl Signals {
    /// What was read of a scope in a span; `None` where nothing was.
    pub fn window(&self, scope: &Scope<'_>, span: Span) -> Option<Window> {
        self.summed(scope, span, true)
    }

    /// A window, its histograms merged only where somebody asks for them.
    fn summed(&self, scope: &Scope<'_>, span: Span, latency: bool) -> Option<Window> {
        let mut window = Window::default();
        let (mut cpu, mut memory, mut saturation) = (Weighted::default(), Weighted::default(), Weighted::default());
        for ring in self.rings(scope) {
            let mut up = None;
            for entry in ring.between(span.start(), span.now) {
                up.get_or_insert(entry.up);
                window.requests += entry.requests;
                window.errors += entry.errors;
                window.readings += u64::from(entry.ticks);
                if latency {
                    merge(&mut window.latency, ring.known_edges(), &entry.latency);
                }
                cpu.add(entry.cpu, entry.weight);
                memory.add(entry.memory, entry.weight);
                saturation.add(entry.saturation, entry.weight);
            }
            window.up += up.unwrap_or(0);
        }
        (window.cpu, window.memory, window.saturation) = (cpu.mean(), memory.mean(), saturation.mean());
        (window.readings > 0).then_some(window)
    }

    /// A metric of a scope over a span.
    pub fn measure(&self, metric: Metric, scope: &Scope<'_>, span: Span) -> Measured {
        if metric.is_of_journeys() {
            return self.of_journeys(metric, scope, span);
        }
        let Some(window) = self.summed(scope, span, matches!(metric, Metric::P99 | Metric::P999)) else {
            let last = self.rings(scope).filter_map(|ring| ring.last_until(span.now)).max();
            return self.no_data(scope, span.now, last);
        };
        match metric {
            Metric::P99 => quantile(window.latency.as_ref(), 0.99),
            Metric::P999 => quantile(window.latency.as_ref(), 0.999),
            Metric::Cpu => gauge(metric, window.cpu, window.readings),
            Metric::Memory => gauge(metric, window.memory, window.readings),
            Metric::Saturation => gauge(metric, window.saturation, window.readings),
            Metric::Errors | Metric::EndToEnd | Metric::JourneyP90 => ratio(window.errors, window.requests),
        }
    }

    fn of_journeys(&self, metric: Metric, scope: &Scope<'_>, span: Span) -> Measured {
        let Some(journey) = scope.journey else {
            return Measured::NoData { why: "no journey is known for this service".to_owned() };
        };
        let (tried, succeeded, readings) = self
            .journey_rings(scope, journey)
            .map(|ring| ring.sum(span.start(), span.now))
            .fold((0, 0, 0), |all, cell| (all.0 + cell.0, all.1 + cell.1, all.2 + cell.2));
        if readings == 0 {
            let last = self.journey_rings(scope, journey).filter_map(|ring| ring.last_until(span.now)).max();
            return self.no_data(scope, span.now, last);
        }
        // One of several that cannot be tried at all must not hide behind the others.
        if let Some(why) = self.journey_rings(scope, journey).find_map(JourneyRing::untried) {
            return Measured::NoData { why: why.as_str().to_owned() };
        }
        if metric == Metric::EndToEnd {
            return ratio(succeeded, tried);
        }
        let mut times = None;
        for ring in self.journey_rings(scope, journey) {
            ring.between(span.start(), span.now).for_each(|entry| merge(&mut times, ring.known_edges(), &entry.latency));
        }
        match times {
            Some(times) => quantile(Some(&times), JOURNEYS_WITHIN),
            None => Measured::NoData { why: "nobody says how long its journeys take".to_owned() },
        }
    }

    pub(super) fn rings(&self, scope: &Scope<'_>) -> impl Iterator<Item = &Ring> {
        let slices = self.slices.get(scope.placement).into_iter().flatten();
        slices.filter(|((cell, version), _)| version == scope.version && scope.holds(cell)).map(|(_, ring)| ring)
    }

    pub(super) fn journey_rings(&self, scope: &Scope<'_>, journey: &str) -> impl Iterator<Item = &JourneyRing> {
        let key = (scope.placement.environment.clone(), journey.to_owned());
        self.journeys.get(&key).into_iter().flatten().filter(|(cell, _)| scope.holds(cell)).map(|(_, ring)| ring)
    }

    /// Says for how long nothing was read, and what a cell in scope gave as its reason.
    fn no_data(&self, scope: &Scope<'_>, now: EngineTime, last: Option<EngineTime>) -> Measured {
        let mut why = match last {
            Some(last) => format!("nothing read for {}", now - last),
            None => "nothing read yet".to_owned(),
        };
        let reason =
            self.missing().find(|(environment, cell, _)| **environment == scope.placement.environment && scope.holds(cell));
        if let Some((_, cell, reason)) = reason {
            why = format!("{why}; {cell}: {reason}");
        }
        Measured::NoData { why }
    }
}

/// Adds an entry's histogram, where it has one and it fits.
pub(super) fn merge(into: &mut Option<Histogram>, edges: Option<&Arc<[f64]>>, counts: &[u32]) {
    let Some(edges) = edges.filter(|_| !counts.is_empty()) else { return };
    let merged = into.get_or_insert_with(|| Histogram::new(Arc::clone(edges)));
    if *merged.edges() == **edges {
        merged.add_each(counts.iter().map(|count| u64::from(*count)));
    }
}

fn quantile(latency: Option<&Histogram>, q: f64) -> Measured {
    let Some(histogram) = latency else {
        return Measured::NoData { why: "no latency histogram was read".to_owned() };
    };
    let n = histogram.total();
    match histogram.quantile(q) {
        Quantile::Value(value) => Measured::Value { value, n },
        Quantile::BeyondLastEdge(value) => Measured::AtLeast { value, n },
        Quantile::TooFew { n, need } => Measured::TooFew { n, need },
    }
}

fn gauge(metric: Metric, value: Option<f64>, n: u64) -> Measured {
    match value {
        Some(value) => Measured::Value { value, n },
        None => Measured::NoData { why: format!("no instance says its {metric}") },
    }
}

fn ratio(part: u64, n: u64) -> Measured {
    if n == 0 { Measured::TooFew { n, need: 1 } } else { Measured::Value { value: part as f64 / n as f64, n } }
}

/// A mean weighted by instances.
#[derive(Default)]
pub(super) struct Weighted {
    sum: f64,
    weight: f64,
}

impl Weighted {
    /// One cell's mean, and how many instances it is of, added over its ticks.
    pub(super) fn add(&mut self, value: Option<f64>, weight: u32) {
        if let Some(value) = value {
            let weight = f64::from(weight);
            self.sum += value * weight;
            self.weight += weight;
        }
    }

    pub(super) fn mean(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }
}
