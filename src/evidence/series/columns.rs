//! A metric over the time just past in columns of equal length, for drawing.

use std::cell::LazyCell;

use super::super::histogram::{Histogram, Quantile};
use super::Signals;
use super::measure::{JOURNEYS_WITHIN, Scope, Weighted, merge};
use crate::domain::metric::Metric;
use crate::domain::time::{EngineTime, Period};

/// How far back a latency column may reach for enough requests to have a quantile at all. A chart of a small service would otherwise
/// have no points, though its quantile over some minutes is known.
const REACH: Period = Period::from_mins(5);

/// The same for journeys, which are fewer: as long as they are gathered to be judged.
const REACH_OF_JOURNEYS: Period = super::super::judge::patience(Metric::JourneyP90);

/// Columns of equal length up to a moment. Their edges are multiples of their length, so that a picture does not tremble as time goes
/// on: the newest one fills until the next begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// The moment they lead up to. What was read later is left out.
    pub now: EngineTime,
    /// How long each is (> 0).
    pub each: Period,
    /// How many.
    pub count: usize,
}

impl Columns {
    /// The end of the newest column: `now`, or soon after.
    pub fn end(&self) -> EngineTime {
        let each = self.each.millis().max(1);
        EngineTime::from_millis((self.now.millis() + each - 1).div_euclid(each) * each)
    }

    /// How long they are together.
    pub fn span(&self) -> Period {
        self.each * u32::try_from(self.count).unwrap_or(u32::MAX)
    }

    /// The beginning of the oldest column.
    pub fn start(&self) -> EngineTime {
        self.end() - self.span()
    }

    /// The column that a moment lies in, from 0 for the oldest; a moment between two belongs to the earlier.
    pub fn holding(&self, at: EngineTime) -> Option<usize> {
        let past = at.millis() - self.start().millis();
        let index = usize::try_from((past - 1).div_euclid(self.each.millis().max(1))).ok()?;
        (index < self.count).then_some(index)
    }

    /// The beginning of a column.
    pub fn start_of(&self, index: usize) -> EngineTime {
        self.start() + self.each * u32::try_from(index).unwrap_or(u32::MAX)
    }

    /// The end of a column, or the present moment where it is not over yet.
    pub fn end_of(&self, index: usize) -> EngineTime {
        (self.start() + self.each * u32::try_from(index + 1).unwrap_or(u32::MAX)).min(self.now)
    }
}

/// What a metric was in a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// How much, in the metric's unit.
    pub value: f64,
    /// Whether it is more than that by nobody knows how much: it lies above the last bucket edge.
    pub at_least: bool,
    /// From how many requests, journeys, or, for gauges, readings.
    pub n: u64,
    /// Since when the requests count: the column's beginning, or earlier where it had too few by itself.
    pub since: EngineTime,
}

impl Signals {
    /// A metric in each column, oldest first. One of which less than half was read, or of which nothing can be said, is `None`: a gap,
    /// never a zero.
    ///
    /// Latency reaches back over earlier columns for enough requests, five minutes at most, and ten for enough journeys.
    pub fn columns(&self, metric: Metric, scope: &Scope<'_>, columns: Columns) -> Vec<Option<Point>> {
        self.columns_of_all(metric, std::slice::from_ref(scope), columns)
    }

    /// The same over several scopes together, such as every version of a service. Journeys know no versions: they are the first one's.
    pub fn columns_of_all(&self, metric: Metric, scopes: &[Scope<'_>], columns: Columns) -> Vec<Option<Point>> {
        let mut points = self.points(metric, scopes, columns);
        let due = |index: usize| columns.end_of(index).since(columns.start_of(index)).millis() / self.tick_length().millis().max(1);
        for ((index, point), read) in points.iter_mut().enumerate().zip(self.read(metric, scopes, columns)) {
            if i64::from(read) * 2 < due(index) {
                *point = None;
            }
        }
        points
    }

    /// How many ticks of each column were read of what was read most often: cells and versions are read in the same ticks.
    fn read(&self, metric: Metric, scopes: &[Scope<'_>], columns: Columns) -> Vec<u32> {
        let mut most = vec![0; columns.count];
        let mut count = |ticks: &mut dyn Iterator<Item = (EngineTime, u32)>| {
            let mut own = vec![0_u32; columns.count];
            for (at, ticks) in ticks {
                if let Some(sum) = columns.holding(at).and_then(|index| own.get_mut(index)) {
                    *sum = sum.saturating_add(ticks);
                }
            }
            most.iter_mut().zip(own).for_each(|(most, own)| *most = own.max(*most));
        };
        let (start, now) = (columns.start(), columns.now);
        for scope in scopes {
            if metric.is_of_journeys() {
                let rings = scope.journey.into_iter().flat_map(|journey| self.journey_rings(scope, journey));
                rings.for_each(|ring| count(&mut ring.between(start, now).map(|entry| (entry.at, entry.ticks))));
            } else {
                self.rings(scope).for_each(|ring| count(&mut ring.between(start, now).map(|entry| (entry.at, entry.ticks))));
            }
        }
        most
    }

    fn points(&self, metric: Metric, scopes: &[Scope<'_>], columns: Columns) -> Vec<Option<Point>> {
        match metric {
            Metric::EndToEnd => scopes.first().map_or_else(Vec::new, |scope| self.journeys_in(scope, columns)),
            Metric::JourneyP90 => self.quantiles((metric, JOURNEYS_WITHIN), scopes, columns),
            Metric::P99 => self.quantiles((metric, 0.99), scopes, columns),
            Metric::P999 => self.quantiles((metric, 0.999), scopes, columns),
            Metric::Errors => self.shares(scopes, columns),
            Metric::Cpu | Metric::Memory | Metric::Saturation => self.gauges(metric, scopes, columns),
        }
    }

    /// So many columns up to a moment, or to the newest tick where the next is not due yet: that one is no gap.
    pub fn columns_until(&self, now: EngineTime, each: Period, count: usize) -> Columns {
        let due = self.tick_length() * 2;
        Columns { now: self.last_tick_until(now).filter(|last| now.since(*last) <= due).unwrap_or(now), each, count }
    }

    /// How long the longest bin is that holds numbers of a moment: columns that reach back to it must not be shorter.
    pub fn grain(&self, back_to: EngineTime) -> Period {
        let tick = self.tick_length();
        let Some(mut kept_since) = self.ticks.front().map(|tick| tick.at) else { return tick };
        let mut grain = tick;
        for (length, kept) in super::ages::BINS {
            if back_to >= kept_since {
                return grain;
            }
            grain = length.max(tick);
            kept_since = kept_since - length * kept as u32;
        }
        grain
    }

    fn journeys_in(&self, scope: &Scope<'_>, columns: Columns) -> Vec<Option<Point>> {
        let mut sums = vec![(0, 0, 0_u32); columns.count];
        for ring in scope.journey.into_iter().flat_map(|journey| self.journey_rings(scope, journey)) {
            for entry in ring.between(columns.start(), columns.now) {
                if let Some((tried, succeeded, ticks)) = columns.holding(entry.at).and_then(|index| sums.get_mut(index)) {
                    (*tried, *succeeded, *ticks) = (*tried + entry.tried, *succeeded + entry.succeeded, *ticks + entry.ticks);
                }
            }
        }
        points(columns, sums, |(tried, succeeded, _)| (tried > 0).then(|| (succeeded as f64 / tried as f64, tried)))
    }

    fn shares(&self, scopes: &[Scope<'_>], columns: Columns) -> Vec<Option<Point>> {
        let mut sums = vec![(0_u64, 0_u64); columns.count];
        for ring in scopes.iter().flat_map(|scope| self.rings(scope)) {
            for entry in ring.between(columns.start(), columns.now) {
                if let Some((requests, errors)) = columns.holding(entry.at).and_then(|index| sums.get_mut(index)) {
                    (*requests, *errors) = (*requests + entry.requests, *errors + entry.errors);
                }
            }
        }
        points(columns, sums, |(requests, errors)| (requests > 0).then(|| (errors as f64 / requests as f64, requests)))
    }

    fn gauges(&self, metric: Metric, scopes: &[Scope<'_>], columns: Columns) -> Vec<Option<Point>> {
        let mut means: Vec<(Weighted, u64)> = Vec::new();
        means.resize_with(columns.count, Default::default);
        for ring in scopes.iter().flat_map(|scope| self.rings(scope)) {
            for entry in ring.between(columns.start(), columns.now) {
                let value = match metric {
                    Metric::Cpu => entry.cpu,
                    Metric::Memory => entry.memory,
                    _ => entry.saturation,
                };
                if let Some((mean, ticks)) = columns.holding(entry.at).and_then(|index| means.get_mut(index)) {
                    mean.add(value, entry.weight);
                    *ticks += u64::from(entry.ticks);
                }
            }
        }
        points(columns, means, |(mean, ticks)| mean.mean().map(|value| (value, ticks)))
    }

    fn quantiles(&self, (metric, q): (Metric, f64), scopes: &[Scope<'_>], columns: Columns) -> Vec<Option<Point>> {
        let histograms = if metric.is_of_journeys() { Self::journey_histograms } else { Self::histograms };
        let own = histograms(self, scopes, columns, columns.now);
        let reach = if metric.is_of_journeys() { REACH_OF_JOURNEYS } else { REACH };
        let more = usize::try_from(reach.millis() / columns.each.millis().max(1)).unwrap_or(0);
        let reaching = Columns { count: columns.count + more, ..columns };
        // Only a small service has to reach back: what came before is not read for any other.
        let before = LazyCell::new(|| histograms(self, scopes, reaching, columns.start()));
        let earlier = |index: usize| match index.checked_sub(more) {
            Some(index) => own.get(index),
            None => before.get(index),
        };
        let found = own.iter().zip(more..).map(|(histogram, index)| {
            let mut gathered = histogram.clone()?;
            let mut first = index;
            loop {
                let (value, at_least) = match gathered.quantile(q) {
                    Quantile::Value(value) => (value, false),
                    Quantile::BeyondLastEdge(value) => (value, true),
                    Quantile::TooFew { .. } if first > index.saturating_sub(more) => {
                        first -= 1;
                        if let Some(earlier) = earlier(first).and_then(Option::as_ref) {
                            gathered.add(earlier.counts());
                        }
                        continue;
                    }
                    Quantile::TooFew { .. } => return None,
                };
                return Some(Point { value, at_least, n: gathered.total(), since: reaching.start_of(first) });
            }
        });
        found.collect()
    }

    /// What was read in each column up to a moment.
    fn histograms(&self, scopes: &[Scope<'_>], columns: Columns, until: EngineTime) -> Vec<Option<Histogram>> {
        let mut sums: Vec<Option<Histogram>> = vec![None; columns.count];
        for ring in scopes.iter().flat_map(|scope| self.rings(scope)) {
            for entry in ring.between(columns.start(), until) {
                if let Some(sum) = columns.holding(entry.at).and_then(|index| sums.get_mut(index)) {
                    merge(sum, ring.known_edges(), &entry.latency);
                }
            }
        }
        sums
    }

    /// The same of journeys, which are those of the first scope.
    fn journey_histograms(&self, scopes: &[Scope<'_>], columns: Columns, until: EngineTime) -> Vec<Option<Histogram>> {
        let mut sums: Vec<Option<Histogram>> = vec![None; columns.count];
        let of_first = scopes.first().and_then(|scope| Some((scope, scope.journey?)));
        for ring in of_first.into_iter().flat_map(|(scope, journey)| self.journey_rings(scope, journey)) {
            for entry in ring.between(columns.start(), until) {
                if let Some(sum) = columns.holding(entry.at).and_then(|index| sums.get_mut(index)) {
                    merge(sum, ring.known_edges(), &entry.latency);
                }
            }
        }
        sums
    }
}

/// A point for each column that has something to say.
fn points<T>(columns: Columns, sums: Vec<T>, say: impl Fn(T) -> Option<(f64, u64)>) -> Vec<Option<Point>> {
    let point = |(index, sum)| {
        let (value, n) = say(sum)?;
        Some(Point { value, at_least: false, n, since: columns.start_of(index) })
    };
    sums.into_iter().enumerate().map(point).collect()
}
