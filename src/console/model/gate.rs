//! The requirements of a gate in the order in which they are listed and gone through.

use std::cmp::Reverse;

use crate::domain::fleet::Fleet;
use crate::domain::push::Push;
use crate::domain::requirement::{self, Requirement, RequirementState};
use crate::domain::time::EngineTime;

/// What does not hold, the worst first: what was waived never stands after what is merely awaited. Then what holds.
pub fn gate_rows(fleet: &Fleet, push: &Push, now: EngineTime) -> Vec<Requirement> {
    let mut all = requirement::of_gate(fleet, push, now);
    all.sort_by_key(|found| {
        let state = found.state;
        (state == RequirementState::Met, Reverse((state != RequirementState::Pending, state)))
    });
    all
}
