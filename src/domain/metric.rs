//! What is measured, its unit, and the limits it is held to.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::id::{CellId, EnvironmentId, PlacementId, ServiceId, Version};
use super::time::Period;

/// A measured property of a service. All of them are worse when higher, except [`Metric::EndToEnd`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Failed requests as a share of all, 0 to 1.
    Errors,
    /// The latency that 1 request in 100 exceeds, in seconds.
    P99,
    /// The latency that 1 request in 1,000 exceeds, in seconds.
    P999,
    /// Processor use as a share of what is granted, 0 to 1.
    Cpu,
    /// Memory use as a share of what is granted, 0 to 1.
    Memory,
    /// Work in hand as a share of capacity, 0 to 1 and beyond.
    Saturation,
    /// Users' journeys that succeeded, as a share of those tried, 0 to 1. Worse when lower.
    EndToEnd,
    /// The time that 1 journey in 10 takes longer than, from its first step to the answer to its last, in seconds. Probes are few: for a
    /// p99 one would be tried for an hour.
    JourneyP90,
}

/// What a metric's number counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A share of 1, shown in percent.
    Share,
    /// Seconds, shown as ms below one.
    Seconds,
}

impl Metric {
    /// Every metric, in the order they are shown.
    pub const ALL: [Self; 8] =
        [Self::P999, Self::P99, Self::Errors, Self::EndToEnd, Self::JourneyP90, Self::Cpu, Self::Memory, Self::Saturation];

    /// The word on screens and in specs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Errors => "errors",
            Self::P99 => "p99",
            Self::P999 => "p99.9",
            Self::Cpu => "CPU",
            Self::Memory => "memory",
            Self::Saturation => "saturation",
            Self::EndToEnd => "end to end",
            Self::JourneyP90 => "journey p90",
        }
    }

    /// What its number counts in.
    pub const fn unit(self) -> Unit {
        match self {
            Self::P99 | Self::P999 | Self::JourneyP90 => Unit::Seconds,
            Self::Errors | Self::Cpu | Self::Memory | Self::Saturation | Self::EndToEnd => Unit::Share,
        }
    }

    /// Whether it is of users' journeys: of a group, and not told apart by version.
    pub const fn is_of_journeys(self) -> bool {
        matches!(self, Self::EndToEnd | Self::JourneyP90)
    }

    /// What its number is drawn from, as a word.
    pub const fn counts(self) -> &'static str {
        if self.is_of_journeys() { "journeys" } else { "requests" }
    }

    /// Whether `value` is on the bad side of `limit`.
    pub fn is_beyond(self, value: f64, limit: f64) -> bool {
        match self {
            Self::EndToEnd => value < limit,
            _ => value > limit,
        }
    }

    /// A value with its unit: `0.31 %`, `212 ms`, `1.12 s`. What is not a finite number is said to be no data.
    pub fn show(self, value: f64) -> String {
        self.shown(value, 0)
    }

    /// A value beside its limit, with as many digits as it takes to see on which side of it it is: `99.896 %` of `99.90 %`.
    pub fn show_beside(self, value: f64, limit: f64) -> String {
        let told_apart = |more: &usize| self.shown(value, *more) != self.shown(limit, *more);
        let more =
            if self.is_beyond(value, limit) == self.is_beyond(limit, value) { 0 } else { (0..=3).find(told_apart).unwrap_or(0) };
        self.shown(value, more)
    }

    /// Both: `0.31 %, limit 0.10 %`.
    pub fn against(self, value: f64, limit: f64) -> String {
        format!("{}, limit {}", self.show_beside(value, limit), self.show(limit))
    }

    /// A value, with so many digits more than usual.
    fn shown(self, value: f64, more: usize) -> String {
        if !value.is_finite() {
            return "no data".to_owned();
        }
        match self.unit() {
            Unit::Seconds if value < 0.9995 => format!("{:.more$} ms", value * 1_000.0),
            Unit::Seconds => format!("{value:.0$} s", 2 + more),
            Unit::Share if self == Self::EndToEnd || (self == Self::Errors && value * 100.0 < 9.995) => {
                format!("{:.1$} %", value * 100.0, 2 + more)
            }
            Unit::Share => format!("{:.more$} %", value * 100.0),
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A limit on a metric, and for how long it must be crossed before anything is done about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// What is limited.
    pub metric: Metric,
    /// The limit, in the metric's unit.
    pub limit: f64,
    /// How long it must stay crossed without a break.
    pub sustained: Period,
    /// How few requests make the number too uncertain to judge at all. Irrelevant to gauges.
    pub least: u64,
}

/// The smallest thing that is judged: one metric of one version of a service in one cell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SliceId {
    /// The service.
    pub service: ServiceId,
    /// Where.
    pub environment: EnvironmentId,
    /// In which cell.
    pub cell: CellId,
    /// Which version's instances.
    pub version: Version,
    /// Which metric.
    pub metric: Metric,
}

impl SliceId {
    /// The placement it belongs to.
    pub fn placement(&self) -> PlacementId {
        PlacementId::new(self.service.clone(), self.environment.clone())
    }
}

/// What the last judgement of a slice said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Standing {
    /// On the good side of its limit.
    Within {
        /// The value when it came to be so, in the metric's unit.
        value: f64,
    },
    /// On the bad side.
    Beyond {
        /// The value when it came to be so, in the metric's unit.
        value: f64,
        /// The limit it crossed.
        limit: f64,
    },
    /// On the bad side, and the old version there is too, in about the same measure: not this version's doing. Never good.
    SharedFault {
        /// The value when it came to be so, in the metric's unit.
        value: f64,
        /// The limit that both crossed.
        limit: f64,
        /// The old version's value then.
        base: f64,
    },
    /// Not enough requests yet to say. Never good, but nothing is wrong with the numbers.
    TooFew {
        /// Requests seen.
        n: u64,
        /// Requests needed.
        need: u64,
    },
    /// Not known. Never good.
    NoData {
        /// Why it is not known.
        why: String,
    },
}

impl Standing {
    /// Whether two standings are of one kind, so that going from one to the other is no news.
    pub fn same_kind(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// A slice's standing and since when it has stood so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// What was said.
    pub standing: Standing,
    /// Since when, on the engine's clock.
    pub since: super::time::EngineTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_beside_its_limit_never_reads_as_being_on_the_other_side() {
        let end = Metric::EndToEnd;
        assert_eq!(end.against(0.9988, 0.999), "99.88 %, limit 99.90 %");
        assert_eq!(end.against(0.99896, 0.999), "99.896 %, limit 99.90 %");
        assert_eq!(end.against(0.999_996, 0.999), "100.00 %, limit 99.90 %");
        assert_eq!(end.against(0.999, 0.999), "99.90 %, limit 99.90 %");
        assert_eq!(Metric::Errors.against(0.001_04, 0.001), "0.104 %, limit 0.10 %");
        assert_eq!(Metric::P99.against(0.3004, 0.3), "300.4 ms, limit 300 ms");
        assert_eq!(Metric::P999.against(1.504, 1.5), "1.504 s, limit 1.50 s");
        assert_eq!(Metric::Cpu.against(0.7996, 0.8), "79.96 %, limit 80 %");
        assert_eq!(Metric::Cpu.against(f64::NAN, 0.8), "no data, limit 80 %");
    }
}
