//! All instances of the stage have arrived and serve.

use super::super::capacity::{self, Spare};
use super::super::fleet::Fleet;
use super::super::push::Push;
use super::super::stage::{Green, PlannedStage};
use super::{Requirement, RequirementKind, RequirementState};

pub(super) fn of(fleet: &Fleet, push: &Push, stage: &PlannedStage) -> Requirement {
    let (there, granted) = fleet.arrived(push, stage);
    let is_warm = stage.green == Some(Green::Warm);
    let kind = RequirementKind::Arrived;
    if push.cursor.arrived.is_some() && there >= granted {
        let why = if is_warm {
            format!("all {granted} of green are warm and take no traffic")
        } else {
            format!("all {granted} since they arrived")
        };
        return Requirement { kind, state: RequirementState::Met, why, who: "the engine".into(), due: None, usually: None };
    }
    let mut why = if is_warm {
        format!("{there} of {granted} of green are warm; nobody is exposed")
    } else {
        format!("{there} of {granted} instances are on the new version and serve")
    };
    if let Some(short) = no_room(fleet, push, stage) {
        why = format!("{why}; {short}");
    }
    Requirement { kind, state: RequirementState::Pending, why, who: "the engine, by itself".into(), due: None, usually: None }
}

/// Where the next instance cannot be taken because the cell would fall below what its peak needs.
fn no_room(fleet: &Fleet, push: &Push, stage: &PlannedStage) -> Option<String> {
    let parts = push.plan.moves.iter().filter_map(|part| Some((part, fleet.placement(&part.service, &stage.environment)?)));
    let (part, placement) = parts.into_iter().find(|(_, placement)| fleet.unrest(&placement.id).off_target)?;
    let cells = stage.grants.get(&part.service)?;
    cells.iter().find_map(|(cell, granted)| {
        let on_its_way = placement.count_where(cell, |instance| instance.in_flight.is_some());
        let heading = placement.count_where(cell, |instance| *instance.heading_for() == part.to.version);
        let spare = Spare::of(fleet, placement, cell, capacity::reserve(placement.size_in(cell)));
        (on_its_way == 0 && heading < *granted && spare.allowance() == 0).then(|| {
            let Spare { counted_on, needed, reserve } = spare;
            format!(
                "{} in {cell} has no room: {counted_on} serve, {needed} are needed at the peak and {reserve} kept in reserve",
                part.service
            )
        })
    })
}
