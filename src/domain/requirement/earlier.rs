//! The environments before the next one are converged on what is to be exposed there.

use super::super::fleet::Fleet;
use super::super::push::Push;
use super::super::stage::PlannedStage;
use super::{Requirement, RequirementKind, RequirementState};

pub(super) fn of(fleet: &Fleet, push: &Push, next: &PlannedStage) -> Option<Requirement> {
    let before = &fleet.declaration.environment(&next.environment)?.after;
    if before.is_empty() || push.stage().is_some_and(|stage| stage.environment == next.environment) {
        return None;
    }
    let missing: Vec<String> = before
        .iter()
        .flat_map(|environment| push.plan.moves.iter().map(move |part| (environment, part)))
        .filter(|(environment, part)| {
            fleet
                .placement(&part.service, environment)
                .is_some_and(|placement| !placement.is_on_target() || placement.count(&part.to.version) < placement.size())
        })
        .map(|(environment, part)| format!("{} in {environment}", part.service))
        .collect();
    let (state, why) = if missing.is_empty() {
        (RequirementState::Met, "converged on the new version".to_owned())
    } else {
        (RequirementState::Pending, format!("not yet on the new version: {}", missing.join(", ")))
    };
    Some(Requirement {
        kind: RequirementKind::EarlierConverged,
        state,
        why,
        who: "the engine, by itself".into(),
        due: None,
        usually: None,
    })
}
