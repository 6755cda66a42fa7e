//! A metric over the time just past in so many columns, and a curve as text.

use crate::console::theme::{Glyph, Role, sparks};
use crate::domain::id::{CellId, PlacementId, Version};
use crate::domain::metric::Metric;
use crate::domain::time::{EngineTime, Period};
use crate::evidence::histogram::{Histogram, Quantile};
use crate::evidence::series::{MAX_TICKS, Measured, Scope, Signals, Span, Window};

use super::super::kit::Scale;
use super::super::line::Line;

/// The shortest time a curve shows.
const LEAST: Period = Period::from_mins(2);

/// How far back a curve reaches: since a moment, within what the store keeps.
pub(super) fn reach(signals: &Signals, since: EngineTime, now: EngineTime) -> Period {
    let kept = signals.tick_length() * MAX_TICKS as u32;
    now.since(since).max(LEAST).min(kept.max(LEAST))
}

/// Whose curve, and in how many columns of what time.
#[derive(Clone, Copy)]
pub(super) struct Axis {
    /// The present moment.
    pub(super) now: EngineTime,
    /// How far back.
    pub(super) over: Period,
    /// In how many columns.
    pub(super) columns: u32,
}

impl Axis {
    /// The same, with columns of whole ticks: one that is shorter than a tick would be a gap where nothing is missing.
    #[must_use]
    pub(super) fn in_ticks(self, tick: Period) -> Self {
        if tick.is_zero() {
            return self;
        }
        let columns = i64::from(self.columns.max(1));
        let ticks = self.over.millis() / (tick.millis() * columns);
        Self { over: Period::from_millis(tick.millis() * ticks.max(1) * columns), ..self }
    }

    fn spans(self) -> impl Iterator<Item = Span> {
        let each = Period::from_millis(self.over.millis() / i64::from(self.columns.max(1)));
        let Self { now, columns, .. } = self;
        (0..columns).rev().map(move |ago| Span { now: now - each * ago, over: each })
    }
}

/// Whether so little of a column was read that it is a gap: less than half of its ticks.
fn is_gap(readings: u64, span: Span, tick: Period) -> bool {
    let ticks = if tick.is_zero() { 1 } else { (span.over.millis() / tick.millis()).unsigned_abs() };
    readings * 2 < ticks
}

/// The metric in each column, oldest first; `None` where nothing was read, or nothing can be said.
pub(super) fn series(signals: &Signals, metric: Metric, scope: &Scope<'_>, axis: Axis) -> Vec<Option<f64>> {
    let tick = signals.tick_length();
    axis.in_ticks(tick)
        .spans()
        .map(|span| {
            // Journeys have readings of their own, which no window counts.
            let readings = signals.readings(scope, span);
            if metric != Metric::EndToEnd && is_gap(readings, span, tick) {
                return None;
            }
            value(&signals.measure(metric, scope, span)).or_else(|| reaching(signals, metric, scope, span))
        })
        .collect()
}

/// A quantile needs so many requests that a quiet slice has none in one column. Where the column was read at all, it may look back
/// further.
fn reaching(signals: &Signals, metric: Metric, scope: &Scope<'_>, span: Span) -> Option<f64> {
    if !matches!(metric, Metric::P99 | Metric::P999) {
        return None;
    }
    [2, 4, 8].into_iter().find_map(|times| value(&signals.measure(metric, scope, Span { over: span.over * times, ..span })))
}

/// The number, where there is one.
pub(super) fn value(measured: &Measured) -> Option<f64> {
    match measured {
        Measured::Value { value, .. } | Measured::AtLeast { value, .. } => Some(*value),
        Measured::TooFew { .. } | Measured::NoData { .. } => None,
    }
}

/// A metric of one service in one cell, both versions together: what users get, whoever serves them.
pub(super) fn of_everybody(
    signals: &Signals,
    metric: Metric,
    (placement, cell): (&PlacementId, &CellId),
    versions: [&Version; 2],
    axis: Axis,
) -> Vec<Option<f64>> {
    let cells = std::slice::from_ref(cell);
    let tick = signals.tick_length();
    axis.in_ticks(tick)
        .spans()
        .map(|span| {
            let windows: Vec<Window> = versions
                .into_iter()
                .filter_map(|version| signals.window(&Scope { placement, cells: Some(cells), version, journey: None }, span))
                .collect();
            // Both versions are read in the same tick while both run: the more often read one says how much is missing.
            let readings = windows.iter().map(|window| window.readings).max().unwrap_or(0);
            if is_gap(readings, span, tick) { None } else { of_windows(metric, &windows) }
        })
        .collect()
}

fn of_windows(metric: Metric, windows: &[Window]) -> Option<f64> {
    let requests: u64 = windows.iter().map(|window| window.requests).sum();
    let quantile = |q| {
        let mut all: Option<Histogram> = None;
        for histogram in windows.iter().filter_map(|window| window.latency.as_ref()) {
            match &mut all {
                Some(all) => _ = all.add(histogram.counts()),
                None => all = Some(histogram.clone()),
            }
        }
        match all?.quantile(q) {
            Quantile::Value(value) | Quantile::BeyondLastEdge(value) => Some(value),
            Quantile::TooFew { .. } => None,
        }
    };
    let mean = |of: fn(&Window) -> Option<f64>| {
        let (sum, weight) = windows
            .iter()
            .filter_map(|window| of(window).map(|value| (value, f64::from(window.up.max(1)))))
            .fold((0.0, 0.0), |(sum, weight), (value, up)| (sum + value * up, weight + up));
        (weight > 0.0).then(|| sum / weight)
    };
    match metric {
        Metric::P99 => quantile(0.99),
        Metric::P999 => quantile(0.999),
        Metric::Errors => (requests > 0).then(|| windows.iter().map(|window| window.errors).sum::<u64>() as f64 / requests as f64),
        Metric::Cpu => mean(|window| window.cpu),
        Metric::Memory => mean(|window| window.memory),
        Metric::Saturation => mean(|window| window.saturation),
        Metric::EndToEnd => None,
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
    use super::*;

    #[test]
    fn a_gap_is_not_a_zero() {
        let values = [Some(0.0), None, Some(1.0), Some(f64::NAN)];
        assert_eq!(drawn(&values, Scale::new(0.0, 1.0), Role::SparkNew).text(), "▁┄█┄");
    }

    #[test]
    fn columns_share_the_time_between_them() {
        let now = EngineTime::from_millis(100_000);
        let axis = Axis { now, over: Period::from_secs(40), columns: 4 };
        let ends: Vec<_> = axis.spans().map(|span| (span.now.millis(), span.over.secs())).collect();
        assert_eq!(ends, [(70_000, 10), (80_000, 10), (90_000, 10), (100_000, 10)]);
        assert_eq!(Axis { columns: 0, ..axis }.spans().count(), 0);
        assert_eq!(axis.in_ticks(Period::from_secs(15)).over, Period::from_secs(60), "four columns of a tick each");
        assert_eq!(axis.in_ticks(Period::from_secs(3)).over, Period::from_secs(36), "four columns of three ticks each");
    }

    #[test]
    fn a_column_mostly_unread_is_a_gap() {
        let span = Span { now: EngineTime::from_millis(0), over: Period::from_secs(60) };
        assert!(is_gap(1, span, Period::from_secs(15)) && !is_gap(2, span, Period::from_secs(15)));
        assert!(is_gap(0, span, Period::ZERO));
    }
}
