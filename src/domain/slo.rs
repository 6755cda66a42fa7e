//! What a service owes its users: how much may fail, how much may be slow, and over which time.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::metric::{Metric, Threshold};
use super::time::Period;
use super::verdict::Bad;

/// What a service owes its users, over a window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slo {
    /// The share of requests that must succeed, 0 to 1 (0.999 = 99.9 %).
    pub availability: f64,
    /// Over how many days.
    pub window_days: u32,
    /// How much of the error budget is left, 0 to 1. Declared, not measured.
    pub budget_left: f64,
    /// How fast requests must be answered, the least quantile first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub latency: Vec<LatencyObjective>,
}

/// A quantile of latency and its limit: `p99 < 300 ms`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatencyObjective {
    /// The share of requests that may take longer, above 0 and below 1: 0.01 for p99, 0.001 for p99.9.
    pub allowed: f64,
    /// The limit, in seconds (> 0).
    pub limit: f64,
}

impl LatencyObjective {
    /// Of a quantile in percent: 99.9 for p99.9.
    pub fn of(quantile: f64, limit: f64) -> Self {
        Self { allowed: millionths(1.0 - quantile / 100.0), limit }
    }
}

/// A kind of bad event, and how many of a service's requests may be one: what evidence, burn rates and alert rules are held to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Objective {
    /// What must not happen too often. Of latency it names the limit itself; what is counted is the edge of the histogram next to it.
    pub bad: Bad,
    /// The share of requests that may be bad, above 0 and below 1: the error budget.
    pub allowed: f64,
}

impl Objective {
    /// Its short name: `availability`, `p99.9`.
    pub fn name(&self) -> String {
        match self.bad {
            Bad::Errors => "availability".to_owned(),
            Bad::SlowerThan { .. } => format!("p{}", percent(1.0 - self.allowed)),
        }
    }

    /// The metric that a threshold on the same thing limits; none where there is no such metric.
    pub fn metric(&self) -> Option<Metric> {
        let is = |allowed: f64| (self.allowed - allowed).abs() < 1e-9;
        match self.bad {
            Bad::Errors => Some(Metric::Errors),
            Bad::SlowerThan { .. } if is(0.01) => Some(Metric::P99),
            Bad::SlowerThan { .. } if is(0.001) => Some(Metric::P999),
            Bad::SlowerThan { .. } => None,
        }
    }

    /// The edge at which it is counted, in seconds, where a histogram has these edges: the one nearest to the limit, as a ratio. None
    /// where it counts no latency, or there are no edges.
    pub fn edge(&self, edges: &[f64]) -> Option<f64> {
        let Bad::SlowerThan { micros } = self.bad else { return None };
        let off = |edge: f64| (edge / (micros as f64 / 1e6)).ln().abs();
        edges.iter().copied().filter(|edge| *edge > 0.0).min_by(|a, b| off(*a).total_cmp(&off(*b)))
    }

    /// What a threshold allows, where it limits a share of requests.
    fn of_threshold(threshold: &Threshold) -> Option<Self> {
        let Threshold { metric, limit, .. } = threshold;
        let (bad, allowed) = match metric {
            Metric::Errors => (Bad::Errors, *limit),
            Metric::P99 => (Bad::slower_than(*limit), 0.01),
            Metric::P999 => (Bad::slower_than(*limit), 0.001),
            Metric::Cpu | Metric::Memory | Metric::Saturation | Metric::EndToEnd | Metric::JourneyP90 => return None,
        };
        Some(Self { bad, allowed })
    }
}

/// As it is written in a spec: `availability 99.9 %`, `p99 < 300 ms`.
impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bad {
            Bad::Errors => write!(f, "availability {} %", percent(1.0 - self.allowed)),
            Bad::SlowerThan { micros } => write!(f, "{} < {}", self.name(), Bad::edge(micros as f64 / 1e6)),
        }
    }
}

impl Slo {
    /// How long the rest of the budget would last if every request failed: `left · (1 − availability) · window`.
    pub fn full_outage_left(&self) -> Period {
        Period::from_secs_f64(self.budget_left * (1.0 - self.availability) * f64::from(self.window_days) * 86_400.0)
    }

    /// What it names, availability first. An availability of 100 % leaves no budget that could burn, and names nothing.
    pub fn objectives(&self) -> impl Iterator<Item = Objective> {
        let failed = Objective { bad: Bad::Errors, allowed: millionths(1.0 - self.availability) };
        let slow = self.latency.iter().map(|slow| Objective { bad: Bad::slower_than(slow.limit), allowed: slow.allowed });
        std::iter::once(failed).chain(slow).filter(has_budget)
    }
}

/// What an SLO names, then what thresholds limit of which it says nothing.
pub(super) fn objectives(slo: &Slo, thresholds: &[Threshold]) -> impl Iterator<Item = Objective> {
    let said: Vec<Option<Metric>> = slo.objectives().map(|objective| objective.metric()).collect();
    let limits = thresholds.iter().filter(move |threshold| !said.contains(&Some(threshold.metric)));
    slo.objectives().chain(limits.filter_map(Objective::of_threshold).filter(has_budget))
}

fn has_budget(objective: &Objective) -> bool {
    objective.allowed > 0.0 && objective.allowed < 1.0
}

/// To the millionth: 1 − 0.999 is then exactly the number that is written 0.001.
fn millionths(share: f64) -> f64 {
    (share * 1e6).round() / 1e6
}

/// In percent, with the digits it needs: `99.9`, `99`.
fn percent(share: f64) -> f64 {
    (share * 1e6).round() / 1e4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slo() -> Slo {
        let latency = vec![LatencyObjective::of(99.0, 0.3), LatencyObjective::of(99.9, 1.0)];
        Slo { availability: 0.999, window_days: 30, budget_left: 0.5, latency }
    }

    fn threshold(metric: Metric, limit: f64) -> Threshold {
        Threshold { metric, limit, sustained: Period::ZERO, least: 0 }
    }

    fn told(objectives: impl Iterator<Item = Objective>) -> Vec<(String, f64)> {
        objectives.map(|objective| (objective.to_string(), objective.allowed)).collect()
    }

    #[test]
    fn an_slo_names_what_may_be_bad_and_how_much_of_it() {
        let named = [("availability 99.9 %", 0.001), ("p99 < 300 ms", 0.01), ("p99.9 < 1 s", 0.001)];
        assert_eq!(told(slo().objectives()), named.map(|(name, allowed)| (name.to_owned(), allowed)));
        assert_eq!(slo().objectives().map(|objective| objective.name()).collect::<Vec<_>>(), ["availability", "p99", "p99.9"]);
        assert!((LatencyObjective::of(50.0, 0.1).allowed - 0.5).abs() < 1e-12);
    }

    #[test]
    fn thresholds_count_where_the_slo_says_nothing_of_their_metric() {
        let limits = [
            threshold(Metric::Errors, 0.003),
            threshold(Metric::P99, 0.5),
            threshold(Metric::P999, 2.0),
            threshold(Metric::Cpu, 0.9),
        ];
        let only_p99 = Slo { latency: vec![LatencyObjective::of(99.0, 0.3)], ..slo() };
        let named = [("availability 99.9 %", 0.001), ("p99 < 300 ms", 0.01), ("p99.9 < 2 s", 0.001)];
        assert_eq!(told(objectives(&only_p99, &limits)), named.map(|(name, allowed)| (name.to_owned(), allowed)));
        let no_budget = Slo { availability: 1.0, latency: Vec::new(), ..slo() };
        assert_eq!(told(objectives(&no_budget, &limits[..1])), [("availability 99.7 %".to_owned(), 0.003)]);
        assert_eq!(told(objectives(&no_budget, &[threshold(Metric::Errors, 0.0)])), []);
    }

    #[test]
    fn latency_is_counted_at_the_edge_next_to_its_limit() {
        let [errors, p99, p999] = slo().objectives().collect::<Vec<_>>().try_into().unwrap();
        let edges = [0.1, 0.25, 0.5, 1.0, 2.5];
        assert_eq!([errors, p99, p999].map(|objective: Objective| objective.edge(&edges)), [None, Some(0.25), Some(1.0)]);
        assert_eq!(p99.edge(&[]), None);
    }

    #[test]
    fn what_was_written_before_latency_was_known_is_still_read() {
        let old: Slo = serde_json::from_str(r#"{"availability":0.995,"window_days":30,"budget_left":0.7}"#).unwrap();
        assert_eq!(old, Slo { availability: 0.995, window_days: 30, budget_left: 0.7, latency: Vec::new() });
        assert_eq!(serde_json::to_string(&old).unwrap(), r#"{"availability":0.995,"window_days":30,"budget_left":0.7}"#);
        let whole = serde_json::to_string(&slo()).unwrap();
        assert_eq!(serde_json::from_str::<Slo>(&whole).unwrap(), slo());
    }
}
