//! No other push is in these cells. The cells are held like a lease: whoever enters them first has them until it is through or back.
//!
//! A push is *inside* an environment while its stage is there, and wherever it has been once it goes back. A stage declared alone is
//! entered only while nobody else is inside its cells; while somebody is in such a stage, nobody else enters its cells at all. Of
//! several that wait for cells to be free, the one that has waited longest goes first.

use super::super::fleet::Fleet;
use super::super::id::{EnvironmentId, PushId};
use super::super::push::{Course, Push};
use super::super::stage::PlannedStage;
use super::super::time::EngineTime;
use super::siblings::lasting;
use super::{Requirement, RequirementKind, RequirementState, enter, leave};

/// `None` where the next stage does not ask for it, and nobody else does.
pub(super) fn of(fleet: &Fleet, push: &Push, next: &PlannedStage, now: EngineTime) -> Option<Requirement> {
    let kind = RequirementKind::Alone;
    let others = || fleet.pushes.values().filter(|other| other.id() != push.id() && other.is_open());
    let holder = others().filter(|other| keeps_out(push, next, other)).min_by_key(|other| came(other, &next.environment));
    if let Some(holder) = holder {
        let (state, why) = held_by(holder, &next.environment, now);
        let due = forecast(fleet, holder, &next.environment, now);
        return Some(Requirement { due, ..Requirement::new(kind, state, why, owners(fleet, holder)) });
    }
    if !next.alone {
        return None;
    }
    let is_inside = inside(push, &next.environment).any(|stage| overlap(stage, next));
    let first = others().filter(|other| !is_inside && goes_before(fleet, push, next, other, now)).min_by_key(|other| place(other));
    let Some(first) = first else {
        let why = "no other push in these cells".to_owned();
        return Some(Requirement::new(kind, RequirementState::Met, why, "the engine".to_owned()));
    };
    let (since, _) = place(first);
    let why = format!("{} waits for these cells too{}, and goes first", first.plan.name, lasting(now.since(since)));
    Some(Requirement::new(kind, RequirementState::Pending, why, owners(fleet, first)))
}

/// The stages of an environment that a push has entered, while it is inside.
fn inside<'a>(push: &'a Push, environment: &'a EnvironmentId) -> impl Iterator<Item = &'a PlannedStage> {
    let entered = push.cursor.stage.map_or(0, |stage| stage as usize + 1);
    let is_there = push.is_open() && (!push.is_forward() || push.stage().is_some_and(|stage| stage.environment == *environment));
    push.plan.stages.iter().take(entered).filter(move |stage| is_there && stage.environment == *environment)
}

/// Whether two stages are in the same cell anywhere.
fn overlap(one: &PlannedStage, other: &PlannedStage) -> bool {
    let cells = |stage: &'_ PlannedStage| {
        stage.grants.values().flatten().filter(|(_, granted)| **granted > 0).map(|(cell, _)| cell.clone()).collect::<Vec<_>>()
    };
    let there = cells(other);
    one.environment == other.environment && cells(one).iter().any(|cell| there.contains(cell))
}

/// Since when a push has been inside; ties by identity, so that of two there is always one that came first.
fn came(push: &Push, environment: &EnvironmentId) -> (Option<EngineTime>, PushId) {
    (push.inside.get(environment).copied(), push.id())
}

/// Whether another push that is inside keeps this one from entering.
fn keeps_out(push: &Push, next: &PlannedStage, other: &Push) -> bool {
    let environment = &next.environment;
    let mut there = inside(other, environment).filter(|stage| overlap(stage, next)).peekable();
    if there.peek().is_none() {
        return false;
    }
    let came_first =
        came(push, environment) < came(other, environment) && inside(push, environment).any(|stage| overlap(stage, next));
    let holds = inside(push, environment).any(|stage| stage.alone && overlap(stage, next));
    if there.any(|stage| stage.alone) {
        // Both can hold only where somebody was let in past this requirement; then the first goes on.
        return !(holds && came_first);
    }
    if holds || !next.alone {
        return false;
    }
    // Two that are inside and would both be alone wait for one another: the one that came first goes on.
    let wants_too = other.is_forward()
        && other.cursor.arrived.is_some()
        && other.next_stage().is_some_and(|stage| stage.alone && overlap(stage, next));
    !(came_first && wants_too)
}

/// Whether another push that is outside has waited longer for the same cells and could enter them, but for people to agree.
fn goes_before(fleet: &Fleet, push: &Push, next: &PlannedStage, other: &Push, now: EngineTime) -> bool {
    let wants = other.next_stage().filter(|stage| stage.alone && overlap(stage, next));
    let Some(wants) = wants.filter(|_| other.is_forward() && other.holds.is_empty() && other.rejection.is_none()) else {
        return false;
    };
    let is_ready = |push: &Push, wants: &PlannedStage| {
        leave(fleet, push, now).iter().chain(&enter(fleet, push, wants, now)).all(|found| found.state.lets_pass())
    };
    is_ready(other, wants) && (place(other) < place(push) || !is_ready(push, next))
}

/// A push's place among those that wait: since when its clock has let it go, then its identity. Nothing that comes and goes moves it.
fn place(push: &Push) -> (EngineTime, PushId) {
    let since = match (push.stage(), push.cursor.arrived) {
        (Some(stage), Some(arrived)) => arrived + stage.bake,
        _ => push.cursor.entered,
    };
    (since, push.id())
}

/// How a push holds the cells, and whether that passes by itself.
fn held_by(holder: &Push, environment: &EnvironmentId, now: EngineTime) -> (RequirementState, String) {
    let name = &holder.plan.name;
    let since = holder.inside.get(environment).map(|since| lasting(now.since(*since))).unwrap_or_default();
    let stage = inside(holder, environment).last().map_or("", |stage| stage.name.as_str());
    match &holder.course {
        Course::RollbackFailed { .. } => (RequirementState::Unmet, format!("{name} is here and did not get back{since}")),
        course if course.rollback().is_some() => (RequirementState::Pending, format!("{name} is here and goes back{since}")),
        _ => match (holder.holds.last(), &holder.rejection) {
            (Some(hold), _) => (RequirementState::Unmet, format!("{name} is here, stopped by {} at {stage}{since}", hold.by)),
            (None, Some(rejection)) => {
                (RequirementState::Unmet, format!("{name} is here, rejected by {} at {stage}{since}", rejection.by))
            }
            (None, None) => (RequirementState::Pending, format!("{name} is here, at {stage}{since}")),
        },
    }
}

/// When the holder will be out, where only clocks are left before that.
fn forecast(fleet: &Fleet, holder: &Push, environment: &EnvironmentId, now: EngineTime) -> Option<EngineTime> {
    let leaves = holder.next_stage().is_none_or(|next| next.environment != *environment);
    let is_last = holder.is_forward() && holder.holds.is_empty() && holder.rejection.is_none() && leaves;
    let open: Vec<_> = leave(fleet, holder, now).into_iter().filter(|found| is_last && !found.state.lets_pass()).collect();
    // Before the next environment other things may still be asked for.
    if holder.next_stage().is_some() || open.iter().any(|found| found.state > RequirementState::Pending) {
        return None;
    }
    open.iter().map(|found| found.due).collect::<Option<Vec<_>>>()?.into_iter().max()
}

fn owners(fleet: &Fleet, push: &Push) -> String {
    fleet.declaration.group(&push.plan.group).map_or_else(|| push.plan.name.clone(), |group| group.owners.to_string())
}
