//! Holding what was measured to its thresholds.

use super::series::{Measured, Scope, Signals, Span};
use crate::domain::id::{CellId, PlacementId, Version};
use crate::domain::metric::{Metric, SliceId, Standing, Threshold};
use crate::domain::time::{EngineTime, Period};

/// What is judged: one version of a service where it runs.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The service and its environment.
    pub placement: &'a PlacementId,
    /// The version.
    pub version: &'a Version,
    /// The cells to judge, each by itself.
    pub cells: &'a [CellId],
    /// The journey its users make: its group's name. What end-to-end thresholds are held against, whatever the version.
    pub journey: &'a str,
}

/// Where each threshold's metric stands in each cell, in the order of cells, then thresholds.
///
/// The value is that of the trailing [`window`]: a crossing must outweigh the good part of it to be seen, and an isolated bad tick
/// does not flap. Too few requests, or nothing read, is [`Standing::NoData`] with the reason: never good.
pub fn judge(signals: &Signals, subject: &Subject<'_>, thresholds: &[Threshold], now: EngineTime) -> Vec<(SliceId, Standing)> {
    let mut standings = Vec::with_capacity(subject.cells.len() * thresholds.len());
    for cell in subject.cells {
        let scope = Scope {
            placement: subject.placement,
            cells: Some(std::slice::from_ref(cell)),
            version: subject.version,
            journey: Some(subject.journey),
        };
        for threshold in thresholds {
            let span = Span { now, over: window(threshold, signals.tick_length()) };
            let slice = SliceId {
                service: subject.placement.service.clone(),
                environment: subject.placement.environment.clone(),
                cell: cell.clone(),
                version: subject.version.clone(),
                metric: threshold.metric,
            };
            standings.push((slice, standing(threshold, signals.measure(threshold.metric, &scope, span), span.over)));
        }
    }
    standings
}

/// The trailing time a threshold is judged over: as long as it must stay crossed, and one tick at least, or nothing would be in it.
pub fn window(threshold: &Threshold, tick: Period) -> Period {
    threshold.sustained.max(tick)
}

fn standing(threshold: &Threshold, measured: Measured, over: Period) -> Standing {
    let (metric, limit) = (threshold.metric, threshold.limit);
    match measured {
        Measured::NoData { why } => Standing::NoData { why },
        Measured::TooFew { n, need } => too_few(metric, n, need.max(threshold.least), over),
        Measured::Value { n, .. } | Measured::AtLeast { n, .. } if is_counted(metric) && n < threshold.least => {
            too_few(metric, n, threshold.least, over)
        }
        Measured::Value { value, .. } if metric.is_beyond(value, limit) => Standing::Beyond { value, limit },
        Measured::Value { value, .. } => Standing::Within { value },
        Measured::AtLeast { value, .. } if value >= limit => Standing::Beyond { value, limit },
        Measured::AtLeast { value, .. } => Standing::NoData {
            why: format!(
                "{metric} is above the last bucket edge, {}, and the limit is {}: how far above cannot be told",
                metric.show(value),
                metric.show(limit)
            ),
        },
    }
}

fn too_few(metric: Metric, n: u64, need: u64, over: Period) -> Standing {
    let what = if metric == Metric::EndToEnd { "journeys" } else { "requests" };
    Standing::NoData { why: format!("only {n} {what} in {over}, {need} needed") }
}

/// Whether a metric is a share or quantile of counted events, so that few of them make it uncertain.
fn is_counted(metric: Metric) -> bool {
    match metric {
        Metric::Errors | Metric::P99 | Metric::P999 | Metric::EndToEnd => true,
        Metric::Cpu | Metric::Memory | Metric::Saturation => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::reading::{Batch, JourneyReading, Reading};
    use super::*;

    fn threshold(metric: Metric, limit: f64) -> Threshold {
        Threshold { metric, limit, sustained: Period::from_secs(15), least: 200 }
    }

    fn judged(requests: u64, errors: u64, latency: [u64; 3], thresholds: &[Threshold]) -> Vec<Standing> {
        let placement: PlacementId = "auth@production".parse().unwrap();
        let (cell, version) = (CellId::new("eu"), Version::new("v42"));
        let reading = Reading {
            service: placement.service.clone(),
            environment: placement.environment.clone(),
            cell: cell.clone(),
            version: version.clone(),
            requests,
            errors,
            latency: latency.to_vec(),
            cpu: Some(0.95),
            memory: None,
            saturation: None,
            up: 1,
        };
        let journey = JourneyReading {
            environment: placement.environment.clone(),
            cell: cell.clone(),
            journey: "login".to_owned(),
            attempts: 300,
            succeeded: 297,
        };
        let mut signals = Signals::default();
        signals.ingest(&Batch {
            at: EngineTime::from_millis(60_000),
            over: Period::from_secs(5),
            edges: Arc::from([0.1, 0.5]),
            readings: vec![reading],
            journeys: vec![journey],
            ..Batch::default()
        });
        let subject = Subject { placement: &placement, version: &version, cells: &[cell], journey: "login" };
        judge(&signals, &subject, thresholds, EngineTime::from_millis(62_000)).into_iter().map(|(_, standing)| standing).collect()
    }

    #[test]
    fn each_metric_is_held_to_its_limit() {
        let thresholds = [
            threshold(Metric::Errors, 0.01),
            threshold(Metric::Errors, 0.05),
            threshold(Metric::Cpu, 0.9),
            threshold(Metric::EndToEnd, 0.995),
        ];
        assert_eq!(
            judged(1_000, 20, [1_000, 0, 0], &thresholds),
            [
                Standing::Beyond { value: 0.02, limit: 0.01 },
                Standing::Within { value: 0.02 },
                Standing::Beyond { value: 0.95, limit: 0.9 },
                Standing::Beyond { value: 0.99, limit: 0.995 },
            ]
        );
    }

    #[test]
    fn too_few_requests_are_no_data() {
        let no_data = |why: &str| Standing::NoData { why: why.to_owned() };
        assert_eq!(
            judged(
                40,
                40,
                [40, 0, 0],
                &[threshold(Metric::Errors, 0.01), threshold(Metric::P999, 0.5), threshold(Metric::Memory, 0.9)]
            ),
            [
                no_data("only 40 requests in 15 s, 200 needed"),
                no_data("only 40 requests in 15 s, 2995 needed"),
                no_data("no instance says its memory"),
            ]
        );
    }

    #[test]
    fn beyond_the_last_edge_is_beyond_a_limit_at_it_and_unknown_for_one_above() {
        let standings = judged(1_000, 0, [900, 0, 100], &[threshold(Metric::P99, 0.5), threshold(Metric::P99, 0.8)]);
        assert_eq!(standings[0], Standing::Beyond { value: 0.5, limit: 0.5 });
        assert!(matches!(&standings[1], Standing::NoData { why } if why.contains("last bucket edge, 500 ms")), "{standings:?}");
    }
}
