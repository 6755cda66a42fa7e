//! What a new version has cost its users so far.

use serde::{Deserialize, Serialize};

/// Requests that went wrong on the new version beyond what the old one would have had. Measured, and so an estimate: noise can take
/// it a little either way, and it is never shown below 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Harm {
    /// Failed requests too many, since counting began (≥ 0).
    pub failed: f64,
    /// Slow requests too many likewise.
    pub slow: f64,
    /// Failed requests too many per minute, of late (≥ 0).
    pub failed_per_min: f64,
    /// Slow requests too many per minute, of late.
    pub slow_per_min: f64,
    /// Requests the new version answered.
    pub requests: u64,
}
