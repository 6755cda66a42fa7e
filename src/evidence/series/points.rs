//! A metric tick by tick, for drawing.

use super::Signals;
use super::measure::{Measured, Scope, Span};
use crate::domain::metric::Metric;
use crate::domain::time::{EngineTime, Period};

/// How many ticks back a latency point may reach for enough requests to have a quantile at all. A chart of a small service would
/// otherwise have no points, though its quantile over half a minute is known.
const REACH: usize = 30;

/// One column of a chart: the tick that ended then, or the place of one that never came.
#[derive(Clone, Copy, Debug)]
struct Slot {
    at: EngineTime,
    over: Period,
    came: bool,
}

impl Signals {
    /// The last `count` values of a metric up to `now`, oldest first, one a tick. A tick that is missing, or has nothing to say, is
    /// `None`: a gap, never a zero. Ticks that should have come since the last one are gaps too.
    ///
    /// Latency points cover as many ticks as they need for enough requests, at most 30; every other point covers its own tick.
    /// What lies beyond the last bucket edge is drawn at that edge.
    pub fn points(&self, metric: Metric, scope: &Scope<'_>, count: usize, now: EngineTime) -> Vec<Option<f64>> {
        let slots = self.slots(count + REACH, now);
        let first = slots.len().saturating_sub(count);
        let mut points: Vec<_> = vec![None; count.saturating_sub(slots.len())];
        points.extend((first..slots.len()).map(|index| self.point(metric, scope, slots.get(..=index)?)));
        points
    }

    /// The value at the last of the slots.
    fn point(&self, metric: Metric, scope: &Scope<'_>, slots: &[Slot]) -> Option<f64> {
        let end = slots.last().filter(|slot| slot.came)?;
        let own = Span { now: end.at, over: end.over };
        let value = |measured| match measured {
            Measured::Value { value, .. } | Measured::AtLeast { value, .. } => Some(value),
            Measured::TooFew { .. } | Measured::NoData { .. } => None,
        };
        if !matches!(metric, Metric::P99 | Metric::P999) {
            return value(self.measure(metric, scope, own));
        }
        self.window(scope, own)?;
        // Doubling keeps a long chart cheap; an older tick more or less in the window does not change what is seen.
        [1, 2, 4, 8, 16, REACH].into_iter().find_map(|reach| {
            let from = slots.get(slots.len().saturating_sub(reach))?;
            value(self.measure(metric, scope, Span { now: end.at, over: (end.at - from.at) + from.over }))
        })
    }

    /// The last `count` slots up to `now`, oldest first; fewer where fewer ticks are kept.
    fn slots(&self, count: usize, now: EngineTime) -> Vec<Slot> {
        let mut slots = Vec::with_capacity(count);
        let mut later: Option<(EngineTime, Period)> = None;
        for tick in self.ticks.iter().rev().skip_while(|tick| tick.at > now) {
            // The ticks' own lengths say how many fit between two of them; after the last, how many are overdue.
            let (until, length, overdue) = match later {
                Some((at, over)) => (at - over, over, 0),
                None => (now, tick.over, 1),
            };
            let lost = gaps(tick.at, until, length).saturating_sub(overdue);
            let room = count.saturating_sub(slots.len());
            slots.extend((0..lost.min(room)).map(|_| Slot { at: until, over: length, came: false }));
            if slots.len() >= count {
                break;
            }
            slots.push(Slot { at: tick.at, over: tick.over, came: true });
            later = Some((tick.at, tick.over));
        }
        slots.reverse();
        slots
    }
}

/// How many ticks of a length fit between two moments, half of one being none.
fn gaps(from: EngineTime, until: EngineTime, length: Period) -> usize {
    if length.is_zero() { 0 } else { usize::try_from((until - from).millis() / length.millis()).unwrap_or(0) }
}
