//! What the numbers of a stage say of its release, and how sure they are.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::gauge::{GaugeStanding, GaugeVerdict};
use super::id::{CellId, ServiceId};
use super::metric::Metric;
use super::push::Push;
use super::slo::Objective;
use super::time::{EngineTime, Period};

/// A kind of bad event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Bad {
    /// A request that failed.
    Errors,
    /// A request that took longer than an edge of the latency histogram: counts at edges are exact, a quantile is an estimate.
    SlowerThan {
        /// The edge.
        micros: u64,
    },
}

impl Bad {
    /// Slower than an edge in seconds.
    pub fn slower_than(edge: f64) -> Self {
        Self::SlowerThan { micros: (edge * 1e6).round() as u64 }
    }

    /// The metric in whose curve it shows best: that of the objective on latency that lies nearest to the edge.
    pub fn metric(self, objectives: impl Iterator<Item = Objective>) -> Metric {
        let Self::SlowerThan { micros } = self else { return Metric::Errors };
        let off = |objective: &Objective| match objective.bad {
            Self::SlowerThan { micros: limit } => Some((limit as f64 / micros as f64).ln().abs()),
            Self::Errors => None,
        };
        let of_latency = objectives.filter_map(|objective| Some((off(&objective)?, objective.metric())));
        of_latency.min_by(|(a, _), (b, _)| a.total_cmp(b)).and_then(|(_, metric)| metric).unwrap_or(Metric::P99)
    }

    /// An edge in seconds, in the unit people use: `250 ms`, `1.5 s`.
    pub fn edge(seconds: f64) -> String {
        if seconds < 1.0 { format!("{} ms", (seconds * 1e6).round() / 1_000.0) } else { format!("{seconds} s") }
    }
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Errors => f.pad("errors"),
            Self::SlowerThan { micros } => f.pad(&format!("slower than {}", Self::edge(*micros as f64 / 1e6))),
        }
    }
}

/// What is compared: one kind of bad event of one service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Compared {
    /// Which service.
    pub service: ServiceId,
    /// Which events.
    pub bad: Bad,
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.bad, self.service)
    }
}

/// What the new version showed, beside what was due.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// Its requests.
    pub requests: u64,
    /// Of those, the bad ones.
    pub bad: u64,
    /// How many bad ones there would be if it were as good as the old version beside it; where none is, how many its limit allows.
    pub expected: f64,
    /// The cell in which more than half of what is too much was seen, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mostly_in: Option<CellId>,
}

impl Seen {
    /// How many times as bad as the old version it looks; none where no bad event was due.
    pub fn ratio(&self) -> Option<f64> {
        (self.expected > 0.0).then(|| self.bad as f64 / self.expected)
    }

    /// Between which bounds the ratio lies, 19 times in 20, for the chance of the new version's own events: the exact interval of a Poisson
    /// count by Byar's approximation (Breslow and Day 1987, section 2.3), over what was due.
    pub fn ratio_interval(&self) -> Option<(f64, f64)> {
        const Z: f64 = 1.96;
        let bound = |events: f64, side: f64| events * (1.0 - 1.0 / (9.0 * events) + side * Z / (3.0 * events.sqrt())).powi(3);
        let low = if self.bad == 0 { 0.0 } else { bound(self.bad as f64, -1.0) };
        (self.expected > 0.0).then(|| (low.max(0.0) / self.expected, bound(self.bad as f64 + 1.0, 1.0) / self.expected))
    }
}

/// After how long half and nine in ten of all futures have decided, either way; `None` where that is more than a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct When {
    /// Half of them.
    pub p50: Option<Period>,
    /// Nine in ten.
    pub p90: Option<Period>,
}

/// What the numbers of a stage say. Only [`Verdict::Cleared`] is good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Verdict {
    /// The release is worse than the version beside it.
    Regressed {
        /// Where it shows most.
        slice: Compared,
        /// What it showed there.
        seen: Seen,
        /// Whether it became so late in the stage, after it had looked well.
        late: bool,
    },
    /// It is not: in every slice that the limits name, so much worse is ruled out.
    Cleared {
        /// So many times as bad as the old version; `None` where no old version was left beside it, and it was held to its limits alone.
        ruled_out: Option<f64>,
    },
    /// Nobody can say yet.
    Undecided {
        /// −1 all the way to regressed, 0 nothing either way, 1 all the way to cleared.
        lean: f64,
        /// The slice that speaks most against it.
        worst: Compared,
        /// What it showed there.
        seen: Seen,
        /// When it will be decided, from now.
        when: When,
    },
    /// There is nothing to judge by. Never good.
    NoData {
        /// Why, in a clause.
        why: String,
    },
    /// Both versions are beyond what the limit allows: not this release's doing, and no time to go on.
    SharedFault {
        /// Where.
        slice: Compared,
        /// The new version's bad events as a share of its requests, 0 to 1.
        new: f64,
        /// The old one's.
        old: f64,
        /// The share that the limit allows.
        allowed: f64,
    },
}

impl Verdict {
    /// Whether two verdicts say the same kind of thing.
    pub fn same_kind(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// How one slice of a stage stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SliceEvidence {
    /// What is compared.
    pub slice: Compared,
    /// Whether a limit names it, so that the release is cleared only with it.
    pub named: bool,
    /// What the new version showed.
    pub seen: Seen,
    /// The evidence that it is worse, as a share of what is needed to say so, 0 to 1.
    pub worse: f64,
    /// The evidence that it is not so much worse, likewise. Never 1 where it is not named.
    pub fine: f64,
    /// Whether an old version serves beside it; without one it is held to its limit alone.
    pub beside: bool,
}

impl SliceEvidence {
    /// How far it leans, from −1, all the way to worse, to 1, all the way to cleared.
    pub fn lean(&self) -> f64 {
        self.fine - self.worse
    }
}

/// What the numbers of a stage said when that was last written down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// All of it taken together.
    pub verdict: Verdict,
    /// The slices that the limits name and those that speak against the release, the worst first.
    pub slices: Vec<SliceEvidence>,
    /// How many more are looked at and say nothing.
    pub others: u32,
    /// What processor, memory and saturation say; none where no old version is left to compare them with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gauges: Option<GaugeEvidence>,
}

/// What the gauges of a stage say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GaugeEvidence {
    /// All of them together.
    pub verdict: GaugeVerdict,
    /// Each by itself, the one that speaks most against the release first.
    pub standings: Vec<GaugeStanding>,
}

impl GaugeEvidence {
    fn is_news_after(&self, before: &Self) -> bool {
        let moved = |a: f64, b: f64| (a - b).abs() >= PART;
        let differs = |now: &GaugeStanding, was: &GaugeStanding| {
            now.gauge != was.gauge
                || moved(now.worse, was.worse)
                || moved(now.leaking, was.leaking)
                || moved(now.cleared, was.cleared)
        };
        !self.verdict.same_kind(&before.verdict)
            || self.standings.len() != before.standings.len()
            || self.standings.iter().zip(&before.standings).any(|(now, was)| differs(now, was))
    }
}

/// Evidence, and since when its verdict has been of this kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gathered {
    /// What it says.
    pub evidence: Evidence,
    /// When it was written down.
    pub at: EngineTime,
    /// Since when the verdict has been of this kind.
    pub since: EngineTime,
}

/// From which lean on numbers are said to lean.
pub const LEANS: f64 = 0.1;
/// How far a slice must lean otherwise than before to be worth a record.
const MOVES: f64 = 0.05;
/// By which part a count or a time must have changed.
const PART: f64 = 0.1;

impl Evidence {
    /// Whether it is worth writing down after what was written down before. Numbers grow all the time; what is told of them need not be
    /// newer than a tenth.
    pub fn is_news_after(&self, before: &Self) -> bool {
        let leans = |a: &SliceEvidence, b: &SliceEvidence| (a.lean() - b.lean()).abs() >= MOVES;
        let grown = |a: u64, b: u64| a.abs_diff(b) as f64 >= PART * b.max(1) as f64;
        !self.verdict.same_kind(&before.verdict)
            || self.slices.len() != before.slices.len()
            || self
                .slices
                .iter()
                .zip(&before.slices)
                .any(|(now, was)| now.slice != was.slice || leans(now, was) || grown(now.seen.requests, was.seen.requests))
            || match (&self.gauges, &before.gauges) {
                (Some(now), Some(was)) => now.is_news_after(was),
                (now, was) => now.is_some() != was.is_some(),
            }
            || self.when().map(|when| when.p90.is_some()) != before.when().map(|when| when.p90.is_some())
    }

    /// When it will be decided, while it is not.
    pub const fn when(&self) -> Option<When> {
        match &self.verdict {
            Verdict::Undecided { when, .. } => Some(*when),
            _ => None,
        }
    }

    /// What leaks, in a clause. A release that uses more than the one before may be meant to; one that grows without end is not.
    pub fn leak(&self) -> Option<String> {
        let verdict = &self.gauges.as_ref()?.verdict;
        verdict.against().filter(|_| matches!(verdict, GaugeVerdict::Leaking { .. }))
    }

    /// The slice that leads: the one that speaks most against the release.
    pub fn worst(&self) -> Option<&SliceEvidence> {
        self.slices.first()
    }
}

impl Push {
    /// Takes in what the numbers of a stage say; that of another one than it is in says nothing any more.
    pub(in crate::domain) fn gather(&mut self, entry: u32, evidence: &Evidence, at: EngineTime) {
        if self.cursor.entry != entry {
            return;
        }
        let before = self.evidence.as_ref().filter(|before| before.evidence.verdict.same_kind(&evidence.verdict));
        let since = before.map_or(at, |before| before.since);
        self.evidence = Some(Gathered { evidence: evidence.clone(), at, since });
    }
}

impl Gathered {
    /// Between which clock times it will be decided: half and nine in ten of the futures that could be foreseen. `None` while nobody can say.
    pub fn decides(&self) -> Option<(EngineTime, Option<EngineTime>)> {
        let When { p50, p90 } = self.evidence.when()?;
        Some((self.at + p50?, p90.map(|p90| self.at + p90)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(requests: u64, bad: u64, expected: f64) -> Seen {
        Seen { requests, bad, expected, mostly_in: None }
    }

    #[test]
    fn bad_events_are_named_in_the_unit_people_use() {
        let named =
            [Bad::Errors, Bad::slower_than(0.25), Bad::slower_than(0.0025), Bad::slower_than(1.5)].map(|bad| bad.to_string());
        assert_eq!(named, ["errors", "slower than 250 ms", "slower than 2.5 ms", "slower than 1.5 s"]);
    }

    #[test]
    fn nothing_due_has_no_ratio() {
        assert_eq!(seen(10, 3, 0.0).ratio(), None);
        assert_eq!(seen(10, 3, 1.5).ratio(), Some(2.0));
    }

    #[test]
    fn the_interval_is_that_of_a_poisson_count() {
        // Of 35 events the exact interval is 24.4 to 48.7, of none 0 to 3.69.
        let (low, high) = seen(20_170, 35, 1.0).ratio_interval().unwrap();
        assert!((low - 24.4).abs() < 0.1 && (high - 48.7).abs() < 0.1, "{low} {high}");
        let (low, high) = seen(20_170, 0, 1.0).ratio_interval().unwrap();
        assert!(low.abs() < 1e-12 && (high - 3.69).abs() < 0.1, "{low} {high}");
    }
}
