//! One tick's numbers: what changed between two scrapes of a cell, per service and version.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::logs::LogTick;
use crate::domain::id::{CellId, EnvironmentId, ServiceId, Version};
use crate::domain::time::{EngineTime, Period};
use crate::safe::Text;

/// What one version of a service did in one cell during one tick. Counts are differences of counters, never counter values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The service.
    pub service: ServiceId,
    /// Where.
    pub environment: EnvironmentId,
    /// In which cell.
    pub cell: CellId,
    /// Which version.
    pub version: Version,
    /// Requests answered.
    pub requests: u64,
    /// Of those, answered with a server error (5xx).
    pub errors: u64,
    /// Requests per latency bucket, not cumulative: one more entry than there are edges, the last for what exceeds them all.
    pub latency: Vec<u64>,
    /// Mean processor use of its instances as a share of what is granted; `None` where nothing said.
    pub cpu: Option<f64>,
    /// Mean memory use likewise.
    pub memory: Option<f64>,
    /// Mean saturation likewise.
    pub saturation: Option<f64>,
    /// Instances that answered as up.
    pub up: u32,
}

/// Users' journeys tried in a cell during one tick.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JourneyReading {
    /// Where.
    pub environment: EnvironmentId,
    /// In which cell.
    pub cell: CellId,
    /// The group whose journey it is.
    pub journey: String,
    /// Tried.
    pub attempts: u64,
    /// Of those, succeeded.
    pub succeeded: u64,
    /// Journeys that came to their end, in time or not, per latency bucket like [`Reading::latency`]; empty where nobody took their times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub latency: Vec<u64>,
    /// Of the last that failed, at which step and why, in a few words; `None` where none failed or nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Text>,
    /// Why it cannot be tried at all, where it cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untried: Option<Text>,
}

/// A cell that gave no numbers this tick, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MissingCell {
    /// Where.
    pub environment: EnvironmentId,
    /// Which cell.
    pub cell: CellId,
    /// In a sentence.
    pub why: String,
}

/// Everything read in one tick: the unit of the journal's second lane.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// The end of the tick, on the engine's clock.
    pub at: EngineTime,
    /// How long the tick was.
    pub over: Period,
    /// Upper edges of the latency buckets, in seconds, rising. Shared by all readings.
    pub edges: Arc<[f64]>,
    /// In order of service, environment, cell, version.
    pub readings: Vec<Reading>,
    /// In order of environment, cell, journey.
    pub journeys: Vec<JourneyReading>,
    /// Cells that gave nothing.
    pub missing: Vec<MissingCell>,
    /// Wanted lines that could not be read this tick.
    pub unreadable: u64,
    /// What was read of logs.
    #[serde(default, skip_serializing_if = "LogTick::is_empty")]
    pub logs: LogTick,
}
