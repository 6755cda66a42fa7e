//! The way: from releases that are wanted to the stages of one push.

use std::collections::BTreeMap;

use crate::domain::environment::Environment;
use crate::domain::fleet::Fleet;
use crate::domain::id::{CellId, EnvironmentId, GroupId, PushId, ServiceId, Version};
use crate::domain::person::Actor;
use crate::domain::push::{Move, PushPlan};
use crate::domain::service::Group;
use crate::domain::share::Share;
use crate::domain::stage::{Grants, PlannedStage, Scope, Stage, StagePlan};
use crate::domain::time::EngineTime;

/// Why no push can be planned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unplannable {
    /// Nothing was named.
    #[error("no release was named; name at least one as service@version")]
    Nothing,
    /// A service is not declared.
    #[error("there is no service {0}; see `pushdeck status` for those there are")]
    NoService(ServiceId),
    /// A release is not declared.
    #[error("{0} has no release {1}; declare it with its digest first")]
    NoRelease(ServiceId, Version),
    /// Services of different groups do not move in step.
    #[error("{0} and {1} are of different groups; start one push for each")]
    TwoGroups(GroupId, GroupId),
    /// A service was named twice.
    #[error("{0} is named twice; one push takes a service to one version")]
    Twice(ServiceId),
    /// The stage plan does not reach anything.
    #[error("the stage plan {0:?} reaches no environment that these services run in; declare where they run")]
    NoStages(String),
    /// It runs that version already.
    #[error("{0} runs {1} everywhere already; name another version")]
    AlreadyThere(ServiceId, Version),
}

/// Plans a push of these releases.
pub fn plan(
    fleet: &Fleet,
    id: PushId,
    releases: &[(ServiceId, Version)],
    requested_by: Actor,
    now: EngineTime,
) -> Result<PushPlan, Unplannable> {
    let declaration = fleet.declaration();
    let (first, _) = releases.first().ok_or(Unplannable::Nothing)?;
    let group = declaration.group_of(first).ok_or_else(|| Unplannable::NoService(first.clone()))?;
    let stage_plan = declaration.plans.get(&group.plan).ok_or_else(|| Unplannable::NoStages(group.plan.clone()))?;
    let moves = moves(fleet, group, releases, stage_plan)?;
    let stages: Vec<PlannedStage> = stage_plan
        .legs
        .iter()
        .filter_map(|leg| declaration.environment(&leg.environment).map(|environment| (leg, environment)))
        .flat_map(|(leg, environment)| merge(leg.stages.iter().map(|stage| planned(fleet, environment, stage, &moves)).collect()))
        .filter(|stage| stage.granted() > 0)
        .collect();
    if stages.is_empty() {
        return Err(Unplannable::NoStages(group.plan.clone()));
    }
    let name = match moves.as_slice() {
        [only] => only.service.to_string(),
        _ => group.id.to_string(),
    };
    Ok(PushPlan { id, group: group.id.clone(), name, moves, stages, requested_by, requested: now })
}

fn moves(fleet: &Fleet, group: &Group, releases: &[(ServiceId, Version)], plan: &StagePlan) -> Result<Vec<Move>, Unplannable> {
    let mut wanted = BTreeMap::new();
    for (service, version) in releases {
        let of = fleet.declaration().service(service).ok_or_else(|| Unplannable::NoService(service.clone()))?;
        if of.group != group.id {
            return Err(Unplannable::TwoGroups(group.id.clone(), of.group.clone()));
        }
        if wanted.insert(service, version).is_some() {
            return Err(Unplannable::Twice(service.clone()));
        }
    }
    let environments: Vec<&EnvironmentId> = plan.legs.iter().map(|leg| &leg.environment).collect();
    group
        .services
        .iter()
        .filter_map(|service| wanted.get(service).map(|version| (service, *version)))
        .map(|(service, version)| {
            let to = fleet
                .declaration()
                .release(service, version)
                .ok_or_else(|| Unplannable::NoRelease(service.clone(), version.clone()))?
                .clone();
            let from: BTreeMap<_, _> = environments
                .iter()
                .filter_map(|environment| {
                    fleet.placement(service, environment).map(|placement| ((*environment).clone(), placement.base.clone()))
                })
                .collect();
            if from.values().all(|running| running == version) {
                return Err(Unplannable::AlreadyThere(service.clone(), version.clone()));
            }
            Ok(Move { service: service.clone(), from, to })
        })
        .collect()
}

fn planned(fleet: &Fleet, environment: &Environment, stage: &Stage, moves: &[Move]) -> PlannedStage {
    PlannedStage {
        environment: environment.id.clone(),
        name: stage.name.clone(),
        share: match stage.scope {
            Scope::OneBox => Share::NONE,
            Scope::Share { share } => share,
        },
        grants: grants(fleet, environment, stage.scope, moves),
        merged: Vec::new(),
        bake: stage.bake,
        deadline: stage.deadline,
        advance: stage.advance,
        approval: stage.approval.clone(),
        alone: stage.alone,
        checks: stage.checks.clone(),
    }
}

/// `max(1, floor(share · n))` instances of each service in each cell in scope.
fn grants(fleet: &Fleet, environment: &Environment, scope: Scope, moves: &[Move]) -> Grants {
    let quietest = environment.quietest_cell().map(|cell| &cell.id);
    moves
        .iter()
        .filter_map(|part| fleet.placement(&part.service, &environment.id))
        .map(|placement| {
            let cells: BTreeMap<CellId, u32> = environment
                .cells
                .iter()
                .map(|cell| (&cell.id, placement.size_in(&cell.id)))
                .filter(|(_, size)| *size > 0)
                .filter_map(|(cell, size)| match scope {
                    Scope::OneBox => (Some(cell) == quietest).then(|| (cell.clone(), 1)),
                    Scope::Share { share } => Some((cell.clone(), share.floor_of(size).max(1))),
                })
                .collect();
            (placement.id.service.clone(), cells)
        })
        .collect()
}

/// Stages that grant the same are one: the first keeps its place and its enter approval, takes the longest clock and names the others.
fn merge(stages: Vec<PlannedStage>) -> Vec<PlannedStage> {
    let mut kept: Vec<PlannedStage> = Vec::new();
    for stage in stages {
        match kept.last_mut() {
            Some(last) if last.grants == stage.grants => {
                last.merged.push(stage.name);
                last.bake = last.bake.max(stage.bake);
                last.deadline = last.deadline.max(stage.deadline);
                last.advance = stage.advance;
                last.approval = last.approval.take().or(stage.approval);
                last.alone |= stage.alone;
                let more: Vec<_> = stage.checks.into_iter().filter(|name| !last.checks.contains(name)).collect();
                last.checks.extend(more);
            }
            _ => kept.push(stage),
        }
    }
    kept
}
