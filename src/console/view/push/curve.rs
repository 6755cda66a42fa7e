//! The time that a curve shows, and a curve as text.

use crate::console::theme::{Glyph, Role, sparks};
use crate::domain::time::{EngineTime, Period};
use crate::evidence::series::{Columns, MAX_TICKS, Measured, Point, Signals};

use super::super::kit::Scale;
use super::super::line::Line;

/// The shortest time a curve shows.
const LEAST: Period = Period::from_mins(2);
/// The fewest ticks in a column. Ticks do not come at even times: a column of one alone would now and then hold none.
const LEAST_TICKS: u32 = 2;

/// So many columns of whole ticks, since a moment or as near to it as the store keeps every tick.
pub(super) fn columns(signals: &Signals, since: EngineTime, now: EngineTime, count: u32) -> Columns {
    let tick = signals.tick_length().max(Period::from_secs(1));
    let reach = now.since(since).max(LEAST).min((tick * MAX_TICKS as u32).max(LEAST));
    let ticks = reach.millis() / (tick.millis() * i64::from(count.max(1)));
    let each = tick * u32::try_from(ticks).unwrap_or(LEAST_TICKS).max(LEAST_TICKS);
    signals.columns_until(now, each, count as usize)
}

/// How much each point says.
pub(super) fn values(points: Vec<Option<Point>>) -> Vec<Option<f64>> {
    points.into_iter().map(|point| point.map(|point| point.value)).collect()
}

/// The number, where there is one.
pub(super) fn value(measured: &Measured) -> Option<f64> {
    match measured {
        Measured::Value { value, .. } | Measured::AtLeast { value, .. } => Some(*value),
        Measured::TooFew { .. } | Measured::NoData { .. } => None,
    }
}

/// A curve as text: a gap where there is no value, never a zero.
pub(super) fn drawn(values: &[Option<f64>], scale: Scale, role: Role) -> Line {
    values.iter().fold(Line::new(), |line, value| match value.and_then(|value| scale.height(value)) {
        Some(height) => line.then(role, sparks(height).to_string()),
        None => line.then(Role::Gap, Glyph::Gap.symbol()),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::evidence::reading::Batch;

    #[test]
    fn a_gap_is_not_a_zero() {
        let values = [Some(0.0), None, Some(1.0), Some(f64::NAN)];
        assert_eq!(drawn(&values, Scale::new(0.0, 1.0), Role::SparkNew).text(), "▁┄█┄");
    }

    #[test]
    fn columns_are_of_whole_ticks_and_reach_as_far_back_as_every_tick_is_kept() {
        let at = |seconds: i64| EngineTime::from_millis(seconds * 1_000);
        let shown = |tick: u32, since: i64, count: u32| {
            let mut signals = Signals::default();
            signals.ingest(&Batch {
                at: at(9_999),
                over: Period::from_secs(tick.into()),
                edges: Arc::from([]),
                ..Batch::default()
            });
            let columns = columns(&signals, at(since), at(10_000), count);
            (columns.each.secs(), columns.count, columns.now)
        };
        assert_eq!(shown(1, 9_990, 18), (6, 18, at(9_999)), "two minutes at least, up to the newest tick");
        assert_eq!(shown(1, 0, 18), (13, 18, at(9_999)), "240 ticks at most");
        assert_eq!(shown(15, 9_990, 18), (30, 18, at(9_999)), "two ticks a column at least");
    }
}
