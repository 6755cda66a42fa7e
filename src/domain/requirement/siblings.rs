//! Every service of the group is where it should be where the next step takes place: those that move, and those that do not.

use super::super::drift;
use super::super::fleet::Fleet;
use super::super::placement::Placement;
use super::super::push::Push;
use super::super::skew;
use super::super::stage::PlannedStage;
use super::super::status;
use super::super::time::{EngineTime, Period};
use super::{Requirement, RequirementKind, RequirementState};

/// `None` where a service has a group of its own.
pub(super) fn of(fleet: &Fleet, push: &Push, next: &PlannedStage, now: EngineTime) -> Option<Requirement> {
    let group = fleet.declaration.group(&push.plan.group)?;
    if group.services.len() < 2 {
        return None;
    }
    let there: Vec<&Placement> = group.services.iter().filter_map(|service| fleet.placement(service, &next.environment)).collect();
    let dying = there.iter().filter(|placement| fleet.unrest(&placement.id).looping).find_map(|placement| {
        let dying = placement.instances().filter(|(_, _, instance)| status::is_crash_looping(instance)).count();
        (dying > 0).then(|| format!("{dying} of {} instances of {} keep dying", placement.size(), placement.id.service))
    });
    let kind = RequirementKind::Siblings;
    if let Some(why) = dying {
        return Some(Requirement::new(kind, RequirementState::Unmet, why, group.owners.to_string()));
    }
    let strays = there
        .iter()
        .filter(|placement| fleet.unrest(&placement.id).by_hand)
        .map(|placement| (placement, drift::held(fleet, placement, now)))
        .find(|(_, held)| !held.is_empty());
    if let Some((placement, held)) = strays {
        let why = format!("changed by hand: {}; retry brings it back", drift::told(placement, &held));
        return Some(Requirement::new(kind, RequirementState::Unmet, why, group.owners.to_string()));
    }
    if let Some(found) = skew::ruled_out_next(fleet, &push.plan, &next.environment) {
        return Some(Requirement::new(kind, RequirementState::Unmet, found.words(), group.owners.to_string()));
    }
    let away: Vec<String> = there
        .iter()
        .filter(|placement| fleet.unrest(&placement.id).off_target)
        .map(|placement| away(fleet, push, placement))
        .collect();
    let (state, why) = if away.is_empty() {
        (RequirementState::Met, in_step(push, &there, next, now))
    } else {
        (RequirementState::Pending, away.join(", "))
    };
    Some(Requirement::new(kind, state, why, "the engine, by itself".to_owned()))
}

/// `blob: 11 of 12 where they should be`, and which other push moves it, if one does.
fn away(fleet: &Fleet, push: &Push, placement: &Placement) -> String {
    let service = &placement.id.service;
    if !placement.observed {
        return format!("nothing heard of {service} yet");
    }
    let settled: u32 = placement.cells.keys().map(|cell| settled_in(placement, cell)).sum();
    let mover = fleet.open_push_of(service).filter(|other| other.id() != push.id());
    let mover = mover.map(|other| format!(", moved by {}", other.plan.name)).unwrap_or_default();
    format!("{service}: {settled} of {} where they should be{mover}", placement.size())
}

fn settled_in(placement: &Placement, cell: &super::super::id::CellId) -> u32 {
    let settled = |version| placement.count_where(cell, |instance| instance.is_settled_on(version));
    match placement.grant.as_ref().filter(|grant| grant.version != placement.base) {
        Some(grant) => {
            let granted = placement.granted_in(cell);
            settled(&grant.version).min(granted) + settled(&placement.base).min(placement.size_in(cell).saturating_sub(granted))
        }
        None => settled(&placement.base),
    }
}

/// `index, blob and gateway all at 10 %, for 6 min`.
fn in_step(push: &Push, there: &[&Placement], next: &PlannedStage, now: EngineTime) -> String {
    let all: Vec<&str> = there.iter().map(|placement| placement.id.service.as_str()).collect();
    let here = push.stage().filter(|stage| stage.environment == next.environment);
    let Some((stage, arrived)) = here.zip(push.cursor.arrived) else { return format!("{} in step", listed(&all)) };
    let (moving, still): (Vec<&str>, Vec<&str>) =
        all.into_iter().partition(|service| push.plan.moves.iter().any(|part| part.service.as_str() == *service));
    let still = if still.is_empty() { String::new() } else { format!("; {} as before", listed(&still)) };
    let together = if moving.len() > 1 { " all" } else { "" };
    format!("{}{together} at {}{}{still}", listed(&moving), stage.name, lasting(now.since(arrived)))
}

/// `, for 6 min`: by the minute, so that what is shown does not change with every second; nothing below one.
pub(super) fn lasting(period: Period) -> String {
    let whole = period.secs() / 60;
    if whole == 0 { String::new() } else { format!(", for {}", Period::from_mins(whole)) }
}

/// `a, b and c`.
pub(super) fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
