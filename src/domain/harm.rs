//! What a new version did to users beyond what the old one would have done.

use serde::{Deserialize, Serialize};

/// Measured harm of a push, since its first request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Harm {
    /// Requests failed on the new version beyond what the old one would have failed of as many. Below 0 where it did better.
    pub failed: f64,
    /// Requests slower than the p99.9 limit beyond the old version's, likewise.
    pub slow: f64,
    /// `failed` per minute over the last window.
    pub failed_per_min: f64,
    /// `slow` per minute over the last window.
    pub slow_per_min: f64,
    /// Requests the new version answered.
    pub requests: u64,
}
