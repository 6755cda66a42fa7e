//! A threshold crossed for its duration.

use serde::{Deserialize, Serialize};

use super::id::PersonId;
use super::metric::SliceId;
use super::time::{EngineTime, Period};

/// How long an acknowledgement silences an alert: after that it asks again.
pub const ACKNOWLEDGED_FOR: Period = Period::from_mins(30);

/// One raised alert: kept until its metric is back within the limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// On which service, cell, version and metric.
    pub slice: SliceId,
    /// The value when it was raised, in the metric's unit.
    pub value: f64,
    /// The limit it crossed.
    pub limit: f64,
    /// Since when the limit has been crossed.
    pub since: EngineTime,
    /// Who has seen it, and when.
    pub acknowledged: Option<Acknowledgement>,
}

impl Alert {
    /// Whether somebody has seen it and that still counts.
    pub fn is_acknowledged(&self, now: EngineTime) -> bool {
        self.acknowledged.as_ref().is_some_and(|seen| now < seen.at + ACKNOWLEDGED_FOR)
    }
}

/// Somebody has seen it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: EngineTime,
}
