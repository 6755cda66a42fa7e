//! The stage's minimum clock has run.

use super::super::push::Push;
use super::super::stage::PlannedStage;
use super::super::time::EngineTime;
use super::{Requirement, RequirementKind, RequirementState};

pub(super) fn of(push: &Push, stage: &PlannedStage, now: EngineTime) -> Requirement {
    let elapsed = push.cursor.bake.elapsed(now);
    let left = stage.bake.less(elapsed);
    let kind = RequirementKind::Bake;
    if push.cursor.arrived.is_some() && left.is_zero() {
        let why = format!("watched for {}", stage.bake);
        return Requirement { kind, state: RequirementState::Met, why, who: "the clock".into(), due: None, usually: None };
    }
    match (&push.cursor.bake.running_since, &push.cursor.bake.stopped) {
        (Some(_), _) => Requirement {
            kind,
            state: RequirementState::Pending,
            why: format!("{} of {}", elapsed.min(stage.bake), stage.bake),
            who: "the clock".into(),
            due: Some(now + left),
            usually: None,
        },
        (None, Some(stopped)) => Requirement {
            kind,
            state: RequirementState::Broken,
            why: format!("clock stands still at {} of {}: {stopped}", elapsed.min(stage.bake), stage.bake),
            who: "whoever brings the numbers back".into(),
            due: None,
            usually: None,
        },
        (None, None) => Requirement {
            kind,
            state: RequirementState::Pending,
            why: match push.cursor.arrived {
                Some(_) => format!("{}, from when the first numbers are in", stage.bake),
                None => format!("{}, from when the last instance has arrived", stage.bake),
            },
            who: "the clock".into(),
            due: None,
            usually: None,
        },
    }
}
