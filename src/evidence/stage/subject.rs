//! What of a service is compared in a stage.

use std::collections::BTreeSet;

use crate::domain::id::{EnvironmentId, ServiceId, Version};
use crate::domain::metric::{Metric, Threshold};
use crate::domain::verdict::Bad;

use super::super::reading::{Batch, Reading};
use super::super::sequential::Arm;

/// How far around the limits other edges are looked at, too: from a quarter of the least limit on…
const BELOW: f64 = 0.25;
/// … to two and a half times the greatest. Slower requests are counted at every edge in between; what they say is heard, but need not be
/// cleared.
const ABOVE: f64 = 2.5;

/// One service of a stage: its two arms, and what it is held to.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// Which service.
    pub service: ServiceId,
    /// Where.
    pub environment: EnvironmentId,
    /// The version that goes back if it is worse.
    pub new: Version,
    /// The version beside it.
    pub old: Version,
    /// Its limits. Those on errors and latency name what has to be cleared.
    pub limits: Vec<Threshold>,
}

/// A slice to be looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wanted {
    pub bad: Bad,
    /// The share of requests that the limit that names it allows to be bad; none where no limit names it.
    pub allowed: Option<f64>,
}

impl Subject {
    /// What the limits name, each with the share of requests that its limit allows to be bad.
    pub(in crate::evidence) fn named(&self, edges: &[f64]) -> impl Iterator<Item = (Bad, f64)> {
        self.wanted(edges).into_iter().filter_map(|wanted| Some((wanted.bad, wanted.allowed?)))
    }

    /// What is compared, where the histogram has these edges, in seconds: what the limits name first.
    pub(super) fn wanted(&self, edges: &[f64]) -> Vec<Wanted> {
        let mut found: Vec<Wanted> = Vec::new();
        let mut limits = Vec::new();
        for limit in &self.limits {
            let allowed = match limit.metric {
                Metric::Errors => {
                    found.push(Wanted { bad: Bad::Errors, allowed: Some(limit.limit) });
                    continue;
                }
                Metric::P99 => 0.01,
                Metric::P999 => 0.001,
                Metric::Cpu | Metric::Memory | Metric::Saturation | Metric::EndToEnd | Metric::JourneyP90 => continue,
            };
            limits.push(limit.limit);
            if let Some(edge) = nearest(edges, limit.limit) {
                found.push(Wanted { bad: Bad::slower_than(edge), allowed: Some(allowed) });
            }
        }
        let (least, most) =
            limits.iter().fold((f64::INFINITY, 0.0_f64), |(least, most), limit| (least.min(*limit), most.max(*limit)));
        let named: BTreeSet<Bad> = found.iter().map(|wanted| wanted.bad).collect();
        let around = edges.iter().filter(|edge| (least * BELOW..=most * ABOVE).contains(*edge)).map(|edge| Bad::slower_than(*edge));
        found.extend(around.filter(|bad| !named.contains(bad)).map(|bad| Wanted { bad, allowed: None }));
        // Two limits may lie next to the same edge: the stricter names it.
        found.sort_by(|a, b| a.bad.cmp(&b.bad).then(a.allowed.unwrap_or(1.0).total_cmp(&b.allowed.unwrap_or(1.0))));
        found.dedup_by_key(|wanted| wanted.bad);
        found
    }
}

/// The edge that lies nearest to a limit, as a ratio.
fn nearest(edges: &[f64], limit: f64) -> Option<f64> {
    let off = |edge: f64| (edge / limit).ln().abs();
    edges.iter().copied().filter(|edge| *edge > 0.0).min_by(|a, b| off(*a).total_cmp(&off(*b)))
}

/// What one reading says of a kind of bad event; none where it has no histogram for it.
pub(super) fn arm(batch: &Batch, reading: &Reading, bad: Bad) -> Option<Arm> {
    if bad == Bad::Errors {
        return Some(Arm::new(reading.requests, reading.errors.min(reading.requests)));
    }
    let edge = batch.edges.iter().position(|edge| Bad::slower_than(*edge) == bad)?;
    let slow: u64 = reading.latency.get(edge + 1..)?.iter().sum();
    let all: u64 = reading.latency.iter().sum();
    Some(Arm::new(all, slow))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Period;

    fn limited(limits: &[(Metric, f64)]) -> Subject {
        let limit =
            |(metric, limit): &(Metric, f64)| Threshold { metric: *metric, limit: *limit, sustained: Period::ZERO, least: 0 };
        Subject {
            service: ServiceId::new("blob"),
            environment: EnvironmentId::new("production"),
            new: Version::new("v42"),
            old: Version::new("v41"),
            limits: limits.iter().map(limit).collect(),
        }
    }

    #[test]
    fn limits_name_the_edges_next_to_them_and_those_around_are_heard() {
        let edges = [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
        let wanted =
            limited(&[(Metric::P99, 0.3), (Metric::P999, 0.9), (Metric::Errors, 0.001), (Metric::Cpu, 0.8)]).wanted(&edges);
        let told: Vec<_> = wanted.iter().map(|wanted| (wanted.bad.to_string(), wanted.allowed)).collect();
        let edge = |ms: &str, allowed| (format!("slower than {ms}"), allowed);
        assert_eq!(
            told,
            [
                ("errors".to_owned(), Some(0.001)),
                edge("100 ms", None),
                edge("250 ms", Some(0.01)),
                edge("500 ms", None),
                edge("1 s", Some(0.001)),
            ]
        );
    }

    #[test]
    fn without_limits_nothing_is_compared_and_an_edge_named_twice_is_held_to_the_stricter() {
        assert_eq!(limited(&[(Metric::Cpu, 0.8)]).wanted(&[0.1, 0.5]), []);
        assert_eq!(limited(&[(Metric::P99, 0.3)]).wanted(&[]), []);
        let both = limited(&[(Metric::P99, 0.5), (Metric::P999, 0.6)]).wanted(&[0.5, 5.0]);
        assert_eq!(both, [Wanted { bad: Bad::slower_than(0.5), allowed: Some(0.001) }]);
    }
}
