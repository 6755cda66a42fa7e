//! Holding what was measured to its thresholds.

use super::series::{Measured, Scope, Signals, Span};
use crate::domain::id::{CellId, PlacementId, Version};
use crate::domain::metric::{Metric, SliceId, Standing, Threshold};
use crate::domain::time::{EngineTime, Period};

/// How far back requests are gathered where the usual window holds too few to say anything.
pub const PATIENCE: Period = Period::from_mins(5);

/// How far back a metric's events are gathered where the usual window holds too few: [`PATIENCE`], and twice that for the times of
/// journeys, of which probes make few.
pub const fn patience(metric: Metric) -> Period {
    if matches!(metric, Metric::JourneyP90) { Period::from_mins(10) } else { PATIENCE }
}

/// How many times as bad as the old version beside it a version may be for its fault to count as shared: 1.25, the margin within which
/// hosts differ by themselves.
pub const SHARED_WITHIN: f64 = 1.25;

/// How many standard deviations of chance are granted on top of that, since the new version's few requests make its number uncertain.
const CHANCE: f64 = 3.0;

/// What is judged: one version of a service where it runs.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The service and its environment.
    pub placement: &'a PlacementId,
    /// The version.
    pub version: &'a Version,
    /// The version before it, where that still serves beside it in all of these cells.
    pub old: Option<&'a Version>,
    /// The cells to judge, each by itself.
    pub cells: &'a [CellId],
    /// The journey its users make: its group's name. What end-to-end thresholds are held against, whatever the version.
    pub journey: &'a str,
}

/// Where each threshold's metric stands in each cell, in the order of cells, then thresholds.
///
/// The value is that of the trailing [`window`]: a crossing must outweigh the good part of it to be seen, and an isolated bad tick
/// does not flap. Where that holds too few requests, those of up to its [`patience`] are judged; where that holds too few as well it is
/// [`Standing::TooFew`]. Nothing read is [`Standing::NoData`] with the reason. Neither is ever good. Where the old version beside it is
/// beyond the same limit over the same time, in about the same measure, it is a [`Standing::SharedFault`].
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
            let slice = SliceId {
                service: subject.placement.service.clone(),
                environment: subject.placement.environment.clone(),
                cell: cell.clone(),
                version: subject.version.clone(),
                metric: threshold.metric,
            };
            let (measured, span) = measured(signals, &scope, threshold, now);
            let mut found = standing(threshold, measured);
            if let Standing::Beyond { value, limit } = found
                && let Some(base) =
                    subject.old.and_then(|old| shared(signals, [&scope, &Scope { version: old, ..scope }], threshold, span))
            {
                found = Standing::SharedFault { value, limit, base };
            }
            standings.push((slice, found));
        }
    }
    standings
}

/// What a threshold is held against, and over which time it was measured: its [`window`], or up to its [`patience`] where that holds too few
/// requests in a cell. Whoever shows a value beside a verdict shows this one.
pub fn measured(signals: &Signals, scope: &Scope<'_>, threshold: &Threshold, now: EngineTime) -> (Measured, Span) {
    let usual = Span { now, over: window(threshold, signals.tick_length()) };
    let is_too_few = |measured: Measured| matches!(standing(threshold, measured), Standing::TooFew { .. });
    let found = signals.measure(threshold.metric, scope, usual);
    // What is enough for several cells together may be too little in one of them.
    let several = scope.cells.filter(|cells| cells.len() > 1).unwrap_or_default();
    let alone = |cell| signals.measure(threshold.metric, &Scope { cells: Some(std::slice::from_ref(cell)), ..*scope }, usual);
    if !is_too_few(found.clone()) && !several.iter().any(|cell| is_too_few(alone(cell))) {
        return (found, usual);
    }
    let span = Span { now, over: usual.over.max(patience(threshold.metric)) };
    (signals.measure(threshold.metric, scope, span), span)
}

/// The trailing time a threshold is judged over: as long as it must stay crossed, and one tick at least, or nothing would be in it.
pub fn window(threshold: &Threshold, tick: Period) -> Period {
    threshold.sustained.max(tick)
}

/// The old version's value where it is beyond the limit as well, over the same time and from enough requests, and the new one's bad events
/// are no more than [`SHARED_WITHIN`] times its share and chance explain. Journeys are not told apart by version, so of them nobody can
/// say; nor of what lies above the last bucket edge.
fn shared(signals: &Signals, [new, old]: [&Scope<'_>; 2], threshold: &Threshold, span: Span) -> Option<f64> {
    let metric = threshold.metric;
    let Measured::Value { value: base, n } = signals.measure(metric, old, span) else { return None };
    if !metric.is_beyond(base, threshold.limit) || (is_counted(metric) && n < threshold.least) {
        return None;
    }
    let window = signals.window(new, span)?;
    let by_chance = |expected: f64| expected + CHANCE * expected.sqrt();
    let exceeding = |share: f64| {
        let latency = window.latency.as_ref()?;
        Some(latency.about_above(SHARED_WITHIN * base) <= by_chance(share * latency.total() as f64))
    };
    let gauge = |value: Option<f64>| Some(value? < SHARED_WITHIN * base);
    let as_bad = match metric {
        Metric::Errors => Some(window.errors as f64 <= by_chance(SHARED_WITHIN * base * window.requests as f64)),
        Metric::P99 => exceeding(0.01),
        Metric::P999 => exceeding(0.001),
        Metric::Cpu => gauge(window.cpu),
        Metric::Memory => gauge(window.memory),
        Metric::Saturation => gauge(window.saturation),
        Metric::EndToEnd | Metric::JourneyP90 => None,
    };
    as_bad?.then_some(base)
}

fn standing(threshold: &Threshold, measured: Measured) -> Standing {
    let (metric, limit) = (threshold.metric, threshold.limit);
    match measured {
        Measured::NoData { why } => Standing::NoData { why },
        Measured::TooFew { n, need } => Standing::TooFew { n, need: need.max(threshold.least) },
        Measured::Value { n, .. } | Measured::AtLeast { n, .. } if is_counted(metric) && n < threshold.least => {
            Standing::TooFew { n, need: threshold.least }
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

/// Whether a metric is a share or quantile of counted events, so that few of them make it uncertain.
fn is_counted(metric: Metric) -> bool {
    match metric {
        Metric::Errors | Metric::P99 | Metric::P999 | Metric::EndToEnd | Metric::JourneyP90 => true,
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
            latency: Vec::new(),
            failure: None,
            untried: None,
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
        let subject = Subject { placement: &placement, version: &version, old: None, cells: &[cell], journey: "login" };
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
    fn too_few_requests_are_never_good() {
        assert_eq!(
            judged(
                40,
                40,
                [40, 0, 0],
                &[threshold(Metric::Errors, 0.01), threshold(Metric::P999, 0.5), threshold(Metric::Memory, 0.9)]
            ),
            [
                Standing::TooFew { n: 40, need: 200 },
                Standing::TooFew { n: 40, need: 2_995 },
                Standing::NoData { why: "no instance says its memory".to_owned() },
            ]
        );
    }

    #[test]
    fn beyond_the_last_edge_is_beyond_a_limit_at_it_and_unknown_for_one_above() {
        let standings = judged(1_000, 0, [900, 0, 100], &[threshold(Metric::P99, 0.5), threshold(Metric::P99, 0.8)]);
        assert_eq!(standings[0], Standing::Beyond { value: 0.5, limit: 0.5 });
        assert!(matches!(&standings[1], Standing::NoData { why } if why.contains("last bucket edge, 500 ms")), "{standings:?}");
    }

    /// How the new version stands on a metric where it and the old one had such counts.
    fn beside(metric: Metric, limit: f64, new: (u64, u64), old: (u64, u64)) -> Standing {
        let placement: PlacementId = "auth@production".parse().unwrap();
        let (cell, version, before) = (CellId::new("eu"), Version::new("v42"), Version::new("v41"));
        let reading = |version: &Version, (requests, bad): (u64, u64)| Reading {
            service: placement.service.clone(),
            environment: placement.environment.clone(),
            cell: cell.clone(),
            version: version.clone(),
            requests,
            errors: if metric == Metric::Errors { bad } else { 0 },
            latency: vec![requests - bad, bad, 0],
            cpu: None,
            memory: None,
            saturation: None,
            up: 1,
        };
        let mut signals = Signals::default();
        signals.ingest(&Batch {
            at: EngineTime::from_millis(60_000),
            over: Period::from_secs(5),
            edges: Arc::from([0.1, 0.5]),
            readings: vec![reading(&version, new), reading(&before, old)],
            ..Batch::default()
        });
        let cells = [cell.clone()];
        let subject = Subject { placement: &placement, version: &version, old: Some(&before), cells: &cells, journey: "login" };
        judge(&signals, &subject, &[threshold(metric, limit)], EngineTime::from_millis(62_000)).remove(0).1
    }

    #[test]
    fn a_version_is_not_blamed_for_what_the_old_one_beside_it_suffers_as_much() {
        let errors = |new, old| beside(Metric::Errors, 0.01, new, old);
        let is_shared = |standing: &Standing| matches!(standing, Standing::SharedFault { .. });
        assert_eq!(errors((1_000, 30), (1_000, 28)), Standing::SharedFault { value: 0.03, limit: 0.01, base: 0.028 });
        assert!(is_shared(&errors((1_000, 20), (1_000, 40))), "better than the old one, and still beyond");
        assert!(is_shared(&errors((400, 14), (10_000, 250))), "1.4 times as bad, of so few requests, is chance");
        let blamed = Standing::Beyond { value: 0.03, limit: 0.01 };
        assert_eq!(errors((10_000, 300), (10_000, 200)), blamed, "1.5 times as bad, of so many, is its own doing");
        assert_eq!(errors((1_000, 30), (1_000, 9)), blamed, "the old one is within the limit");
        assert_eq!(errors((1_000, 30), (199, 6)), blamed, "too few requests on the old one to clear the new");
        assert_eq!(errors((1_000, 9), (1_000, 30)), Standing::Within { value: 0.009 });
    }

    #[test]
    fn latencies_are_compared_by_how_many_requests_exceed_the_old_ones() {
        let p99 = |new, old| beside(Metric::P99, 0.2, new, old);
        let is_shared = |standing: &Standing| matches!(standing, Standing::SharedFault { .. });
        assert!(is_shared(&p99((10_000, 200), (100_000, 2_000))));
        assert!(is_shared(&p99((1_000, 24), (100_000, 2_000))), "of so few, chance");
        assert!(!is_shared(&p99((10_000, 2_000), (100_000, 2_000))), "ten times as many are slow");
        assert!(!is_shared(&p99((10_000, 200), (100_000, 500))), "the old one is well");
    }
}
