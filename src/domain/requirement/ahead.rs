//! What was in flight before this push has left the environment it is about to enter.

use super::super::fleet::Fleet;
use super::super::push::{Course, Push};
use super::super::stage::PlannedStage;
use super::{Requirement, RequirementKind, RequirementState};

pub(super) fn of(fleet: &Fleet, push: &Push, next: &PlannedStage) -> Option<Requirement> {
    if push.stage().is_some_and(|stage| stage.environment == next.environment) {
        return None;
    }
    let (state, why, who) = replaced(fleet, push, next).or_else(|| train(fleet, push, next))?;
    Some(Requirement { kind: RequirementKind::Ahead, state, why, who, due: None, usually: None })
}

type Found = (RequirementState, String, String);

/// What a replaced push had brought to the next environment goes back first.
fn replaced(fleet: &Fleet, push: &Push, next: &PlannedStage) -> Option<Found> {
    push.plan.before.taken_over.contains(&next.environment).then_some(())?;
    let places = push.plan.moves.iter().filter_map(|part| fleet.placement(&part.service, &next.environment));
    let left: u32 = places.map(|placement| fleet.receding(push, placement)).sum();
    Some(if left == 0 {
        (RequirementState::Met, "nothing is left there that does not stay".to_owned(), "the engine".to_owned())
    } else {
        let why = format!("{left} instances of what it replaces still go back in {}", next.environment);
        (RequirementState::Pending, why, "the engine, by itself".to_owned())
    })
}

/// In a train, the release ahead has converged there and moved on.
fn train(fleet: &Fleet, push: &Push, next: &PlannedStage) -> Option<Found> {
    push.plan.before.ahead?;
    let Some(ahead) = fleet.ahead_of(push) else {
        return Some((RequirementState::Met, "no release is ahead of it any more".to_owned(), "the engine".to_owned()));
    };
    let (called, environment) = (ahead.called(), &next.environment);
    if fleet.has_left(ahead, environment) {
        let why = format!("{called} has converged in {environment} and moved on");
        return Some((RequirementState::Met, why, "the engine".to_owned()));
    }
    let why = match (&ahead.course, ahead.resumes().or(ahead.stage())) {
        (Course::Forward, Some(stage)) if stage.name == stage.environment.as_str() => format!("{called} is still in {environment}"),
        (Course::Forward, Some(stage)) => format!("{called} is still at {} in {}", stage.name, stage.environment),
        (Course::Forward, None) => format!("{called} has not entered {environment} yet"),
        _ => format!("{called} is going back"),
    };
    Some((RequirementState::Pending, why, format!("whoever moves {called} on")))
}
