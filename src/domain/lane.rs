//! How much of a hurry a push is in.

use serde::{Deserialize, Serialize};

use super::share::Share;
use super::time::Period;

/// The lane asked for when a push begins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "lane")]
pub enum Lane {
    /// Clocks as declared.
    #[default]
    Standard,
    /// Clocks shortened to the plan's share; every step, limit and approval as ever.
    Emergency {
        /// Why. Never empty.
        reason: String,
    },
}

/// What the emergency lane does to one push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emergency {
    /// Why.
    pub reason: String,
    /// The part of each clock that is left.
    pub bake: Share,
    /// What each stage's clock would have been, in the plan's order.
    pub usual: Vec<Period>,
}

/// The least that is left of a clock which was longer.
pub const LEAST_BAKE: Period = Period::from_mins(1);

/// A clock in the emergency lane: its share, and never less than a minute of what it was.
pub fn shortened(usual: Period, share: Share) -> Period {
    Period::from_secs_f64(usual.secs_f64() * share.as_f64()).max(LEAST_BAKE.min(usual))
}
