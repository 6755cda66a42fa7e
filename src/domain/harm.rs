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
    /// What the old version would have failed of as many: what `failed` is beyond of.
    #[serde(default)]
    pub usual_failed: f64,
    /// What the old version would have been slow on of as many.
    #[serde(default)]
    pub usual_slow: f64,
}

impl Harm {
    /// Whether as much would be seen now and then of two versions that are the same: neither count is more than two standard
    /// deviations beyond the usual, that of a Poisson count being its root. Says nothing of what harm there may be below that.
    pub fn is_within_chance(&self) -> bool {
        let within = |beyond: f64, usual: f64| beyond <= 2.0 * usual.max(0.0).sqrt();
        within(self.failed, self.usual_failed) && within(self.slow, self.usual_slow)
    }
}
