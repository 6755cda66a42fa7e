//! What people let pass although it does not hold. It never looks like met: it says who, why and for how long, and what is lacking.

use super::super::push::Push;
use super::super::time::EngineTime;
use super::{Requirement, RequirementKind, RequirementState};

pub(super) fn apply(push: &Push, found: Requirement, now: EngineTime) -> Requirement {
    if found.state.lets_pass() {
        return found;
    }
    // The reserve that was waived to begin a step stays waived while that step is taken.
    let carried = || {
        let taking = found.kind == RequirementKind::Capacity && push.cursor.arrived.is_none();
        taking.then(|| push.waiver_in_effect(&found.kind, now)).flatten()
    };
    if let Some(waiver) = push.waiver(&found.kind, now).or_else(carried) {
        let (who, left, reason) = (waiver.people(), now.until(waiver.until), &waiver.reason);
        return Requirement {
            state: RequirementState::Waived,
            why: format!("by {who} for {left} more: {reason}; it stands at: {}", found.why),
            due: None,
            ..found
        };
    }
    if let Some(waiver) = push.asked_waiver(&found.kind, now) {
        let (by, left, reason) = (&waiver.by, now.until(waiver.until), &waiver.reason);
        return Requirement {
            why: format!("{}; {by} wants to waive it for {left} ({reason}) and needs a second person", found.why),
            who: format!("{}, or a second person who waives it too", found.who),
            ..found
        };
    }
    match push.waiver_in_effect(&found.kind, now) {
        Some(waiver) if matches!(found.kind, RequirementKind::Threshold { .. }) => {
            let (who, left) = (waiver.people(), now.until(waiver.until));
            Requirement {
                why: format!("{}; waived by {who} at the step before: it does not go back by itself for {left} more", found.why),
                who: "whoever waives it here too, or takes it back".to_owned(),
                ..found
            }
        }
        _ => found,
    }
}
