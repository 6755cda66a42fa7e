//! Whatever waits for a person: yours first, then by the time left.

use crate::domain::id::{GateId, PushId};
use crate::domain::time::EngineTime;

/// In which way a push waits for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WaitingFor {
    /// It is not all back, and does not get there by itself.
    RollbackFailed,
    /// An approval of its gate is asked for.
    Approval,
    /// Everything is met; it is left by hand.
    Go,
    /// Somebody stopped it, and somebody must let it go on or take it back.
    Resume,
    /// It was rejected and is still exposed.
    WayBack,
    /// It went back, and nobody has said that they saw it.
    Seen,
}

/// The identity of something that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WaitingKey {
    /// Which push.
    pub push: PushId,
    /// For what.
    pub what: WaitingFor,
}

/// Something that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingRow {
    /// Its identity.
    pub key: WaitingKey,
    /// Which occurrence of its gate it stands before.
    pub gate: GateId,
    /// Whether whoever sits here can do something about it.
    pub yours: bool,
    /// `cart v9→v10`.
    pub name: String,
    /// What it waits for, in a few words: `enter production, one box`.
    pub words: String,
    /// Who can do it, and how far that is: `1 of 2, raj`.
    pub who: String,
    /// Since when it has waited.
    pub since: EngineTime,
    /// When something else decides, where a clock does. Approvals are not asked for with an end.
    pub until: Option<EngineTime>,
}
