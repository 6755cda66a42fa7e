//! The four ways news arrives. Each has an age of its own; none speaks for another.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::time::EngineTime;

/// A source of news.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feed {
    /// The engine's own changes and heartbeat.
    Engine,
    /// What instances report of themselves: version, readiness.
    Targets,
    /// What the cells measure.
    Metrics,
    /// What users' journeys, tried end to end, say.
    Probes,
}

impl Feed {
    /// All four, in the order shown.
    pub const ALL: [Self; 4] = [Self::Engine, Self::Targets, Self::Metrics, Self::Probes];

    /// The word on screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Targets => "targets",
            Self::Metrics => "metrics",
            Self::Probes => "probes",
        }
    }
}

/// Whether news arrives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum FeedState {
    /// It arrives as often as it should.
    Live,
    /// It has stopped, in part or whole.
    Lost {
        /// Since when nothing came.
        since: EngineTime,
        /// What is missing, in a sentence.
        why: String,
    },
}

/// The state of each feed. A feed never heard from is absent, which is not live.
pub type Feeds = BTreeMap<Feed, FeedState>;
