//! The rows of the Signals screen: every judged slice of the selection, the worst first.

use crate::domain::metric::{Judgement, SliceId};

/// A judged slice.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalRow {
    /// Which.
    pub slice: SliceId,
    /// How it stands, and since when.
    pub judgement: Judgement,
    /// The limit it is held to, in the metric's unit.
    pub limit: Option<f64>,
    /// Whether its version is the new one of an open push.
    pub is_new: bool,
    /// Whether an alert is up that nobody has acknowledged.
    pub alert: bool,
}
