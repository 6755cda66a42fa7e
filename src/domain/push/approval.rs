//! One person's yes, and how long and for what it stands.

use serde::{Deserialize, Serialize};

use super::Push;
use crate::domain::binding::Binding;
use crate::domain::id::{GateId, PersonId};
use crate::domain::time::{ConsoleTime, EngineTime, Period};

/// One person's yes, bound to what it was given for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// For which occurrence of which gate.
    pub gate: GateId,
    /// To which step, with what.
    pub bound: Binding,
    /// Whose.
    pub by: PersonId,
    /// When, on the engine's clock.
    pub at: EngineTime,
    /// When, by the wall: it expires by this one.
    pub wall: ConsoleTime,
}

/// What was agreed to and does not count any more, until the push enters its next step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voided {
    /// Whose approvals, oldest first.
    pub by: Vec<PersonId>,
    /// What ended them.
    pub why: String,
}

/// How long an approval stands, in wall minutes.
pub const APPROVAL_LIFE: Period = Period::from_mins(10);

/// How far the wall's clock may be put back without anybody's yes being void.
const WALL_SLACK: Period = Period::from_secs(2);

impl Approval {
    /// Somebody's yes to what a push stands before.
    pub fn of(push: &Push, by: PersonId, at: EngineTime, wall: ConsoleTime) -> Self {
        Self { gate: push.gate(), bound: Binding::of(push), by, at, wall }
    }

    /// Whether what it was given for is what the push stands before now: the same gate, step, artifacts and stage plan.
    pub fn is_for(&self, push: &Push) -> bool {
        self.gate == push.gate() && self.bound.is_of(push)
    }

    /// Whether it no longer stands. A wall clock that was put back ends it early: never late.
    pub fn is_expired(&self, wall: ConsoleTime) -> bool {
        wall.since(self.wall) >= APPROVAL_LIFE || wall + WALL_SLACK < self.wall
    }
}
