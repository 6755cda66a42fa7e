//! What of a service is compared in a stage.

use std::collections::BTreeSet;

use crate::domain::id::{EnvironmentId, ServiceId, Version};
use crate::domain::metric::Threshold;
use crate::domain::slo::Objective;
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
    /// The version beside it; none where all instances are to be on the new one.
    pub old: Option<Version>,
    /// What it is held to: each of these names what has to be cleared.
    pub objectives: Vec<Objective>,
    /// Its limits: those on gauges say how far these may grow.
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
    /// What the objectives name, each with the share of requests that may be bad.
    pub(in crate::evidence) fn named(&self, edges: &[f64]) -> impl Iterator<Item = (Bad, f64)> {
        self.wanted(edges).into_iter().filter_map(|wanted| Some((wanted.bad, wanted.allowed?)))
    }

    /// The least share of requests that any of its objectives allows to be bad.
    pub(super) fn least_allowed(&self) -> f64 {
        self.objectives.iter().map(|objective| objective.allowed).fold(1.0, f64::min)
    }

    /// What is compared, where the histogram has these edges, in seconds.
    pub(super) fn wanted(&self, edges: &[f64]) -> Vec<Wanted> {
        let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
        let mut found: Vec<Wanted> = Vec::new();
        for objective in &self.objectives {
            if let Bad::SlowerThan { micros } = objective.bad {
                let limit = micros as f64 / 1e6;
                (least, most) = (least.min(limit), most.max(limit));
            }
            let bad = match objective.edge(edges) {
                Some(edge) => Bad::slower_than(edge),
                None if objective.bad == Bad::Errors => Bad::Errors,
                None => continue,
            };
            found.push(Wanted { bad, allowed: Some(objective.allowed) });
        }
        let named: BTreeSet<Bad> = found.iter().map(|wanted| wanted.bad).collect();
        let around = edges.iter().filter(|edge| (least * BELOW..=most * ABOVE).contains(*edge)).map(|edge| Bad::slower_than(*edge));
        found.extend(around.filter(|bad| !named.contains(bad)).map(|bad| Wanted { bad, allowed: None }));
        // Two limits may lie next to the same edge: the stricter names it.
        found.sort_by(|a, b| a.bad.cmp(&b.bad).then(a.allowed.unwrap_or(1.0).total_cmp(&b.allowed.unwrap_or(1.0))));
        found.dedup_by_key(|wanted| wanted.bad);
        found
    }
}

/// What one reading says of a kind of bad event; none where it has no histogram for it.
pub(super) fn arm(batch: &Batch, reading: &Reading, bad: Bad) -> Option<Arm> {
    arm_of(bad, Arm::new(reading.requests, reading.errors), (&batch.edges, &reading.latency))
}

/// What requests with their errors, and a histogram's edges with its counts, say of a kind of bad event.
pub(in crate::evidence) fn arm_of(bad: Bad, errors: Arm, (edges, latency): (&[f64], &[u64])) -> Option<Arm> {
    if bad == Bad::Errors {
        return Some(Arm { bad: errors.bad.min(errors.requests), ..errors });
    }
    let edge = edges.iter().position(|edge| Bad::slower_than(*edge) == bad)?;
    Some(Arm::new(latency.iter().sum(), latency.get(edge + 1..)?.iter().sum()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ERRORS: Objective = Objective { bad: Bad::Errors, allowed: 0.001 };

    fn slow(limit: f64, allowed: f64) -> Objective {
        Objective { bad: Bad::slower_than(limit), allowed }
    }

    fn held_to(objectives: &[Objective]) -> Subject {
        Subject {
            service: ServiceId::new("blob"),
            environment: EnvironmentId::new("production"),
            new: Version::new("v42"),
            old: Some(Version::new("v41")),
            objectives: objectives.to_vec(),
            limits: Vec::new(),
        }
    }

    #[test]
    fn limits_name_the_edges_next_to_them_and_those_around_are_heard() {
        let edges = [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
        let wanted = held_to(&[slow(0.3, 0.01), slow(0.9, 0.001), ERRORS]).wanted(&edges);
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
        assert_eq!(held_to(&[]).wanted(&[0.1, 0.5]), []);
        assert_eq!(held_to(&[slow(0.3, 0.01)]).wanted(&[]), []);
        let both = held_to(&[slow(0.5, 0.01), slow(0.6, 0.001)]).wanted(&[0.5, 5.0]);
        assert_eq!(both, [Wanted { bad: Bad::slower_than(0.5), allowed: Some(0.001) }]);
    }
}
