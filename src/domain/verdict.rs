//! What the numbers of a stage say of its release, and how sure they are.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::id::ServiceId;
use super::time::Period;

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

    /// Its edge in words, `250 ms`; nothing of errors.
    pub(super) fn edge_words(&self) -> String {
        match self {
            Self::Errors => String::new(),
            Self::SlowerThan { micros } if *micros < 1_000_000 => format!("{} ms", *micros as f64 / 1_000.0),
            Self::SlowerThan { micros } => format!("{} s", *micros as f64 / 1e6),
        }
    }
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Errors => f.write_str("errors"),
            Self::SlowerThan { .. } => write!(f, "slower than {}", self.edge_words()),
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

/// What the new version showed, beside what was due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// Its requests.
    pub requests: u64,
    /// Of those, the bad ones.
    pub bad: u64,
    /// How many bad ones there would be if it were as good as the old version beside it.
    pub expected: f64,
}

impl Seen {
    /// How many times as bad as the old version it looks; none where no bad event was due.
    pub fn ratio(&self) -> Option<f64> {
        (self.expected > 0.0).then(|| self.bad as f64 / self.expected)
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
        /// So many times as bad as the old version.
        ruled_out: f64,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_events_are_named_in_the_unit_people_use() {
        let named =
            [Bad::Errors, Bad::slower_than(0.25), Bad::slower_than(0.0025), Bad::slower_than(1.5)].map(|bad| bad.to_string());
        assert_eq!(named, ["errors", "slower than 250 ms", "slower than 2.5 ms", "slower than 1.5 s"]);
    }

    #[test]
    fn nothing_due_has_no_ratio() {
        assert_eq!(Seen { requests: 10, bad: 3, expected: 0.0 }.ratio(), None);
        assert_eq!(Seen { requests: 10, bad: 3, expected: 1.5 }.ratio(), Some(2.0));
    }
}
