//! The way: from releases that are wanted to the stages of one push.

use std::collections::BTreeMap;

use crate::domain::environment::Environment;
use crate::domain::fleet::Fleet;
use crate::domain::id::{CellId, EnvironmentId, GroupId, PushId, ServiceId, Version};
use crate::domain::person::Actor;
use crate::domain::push::{Move, PushPlan};
use crate::domain::service::Group;
use crate::domain::stage::{Advance, Grants, Leg, PlannedStage, Scope, StagePlan};
use crate::domain::time::EngineTime;

use super::waves;

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
        .flat_map(|(leg, environment)| merge(steps(fleet, environment, leg, &moves)))
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

/// The steps of one leg. A stage in waves becomes a step for each of them.
fn steps(fleet: &Fleet, environment: &Environment, leg: &Leg, moves: &[Move]) -> Vec<PlannedStage> {
    let everywhere: Vec<CellId> = environment.cells.iter().map(|cell| cell.id.clone()).collect();
    let mut steps: Vec<PlannedStage> = Vec::new();
    for stage in &leg.stages {
        let waves = match stage.scope {
            Scope::OneBox => vec![environment.quietest_cell().map(|cell| cell.id.clone()).into_iter().collect()],
            Scope::Share { .. } => vec![everywhere.clone()],
            Scope::Waves { .. } => waves::of(environment),
        };
        let (last, in_waves) = (waves.len().saturating_sub(1), waves.len() > 1);
        for (index, cells) in waves.into_iter().enumerate() {
            let before = steps.last().map(|step| &step.grants);
            let grants = grants(&Ground { fleet, environment, moves }, stage.scope, &cells, before);
            let name = if in_waves { format!("{} in {}", stage.name, listed(&cells)) } else { stage.name.clone() };
            steps.push(PlannedStage {
                environment: environment.id.clone(),
                name,
                share: stage.scope.share(),
                grants,
                wave: in_waves.then_some(cells),
                merged: Vec::new(),
                bake: stage.bake,
                deadline: stage.deadline,
                // People agree to the stage as a whole, and let go of it as a whole.
                advance: if index == last { stage.advance } else { Advance::Auto },
                approval: stage.approval.clone().filter(|_| index == 0),
            });
        }
    }
    steps
}

fn listed(cells: &[CellId]) -> String {
    cells.iter().map(CellId::as_str).collect::<Vec<_>>().join(" + ")
}

/// What grants are counted on.
struct Ground<'a> {
    fleet: &'a Fleet,
    environment: &'a Environment,
    moves: &'a [Move],
}

/// `max(1, floor(share · n))` instances of each service in each of these cells, on top of what the step before granted.
fn grants(ground: &Ground<'_>, scope: Scope, cells: &[CellId], before: Option<&Grants>) -> Grants {
    ground
        .moves
        .iter()
        .filter_map(|part| ground.fleet.placement(&part.service, &ground.environment.id))
        .map(|placement| {
            let service = &placement.id.service;
            let mut granted = match scope {
                Scope::Waves { .. } => before.and_then(|before| before.get(service)).cloned().unwrap_or_default(),
                Scope::OneBox | Scope::Share { .. } => BTreeMap::new(),
            };
            for (cell, size) in cells.iter().map(|cell| (cell, placement.size_in(cell))).filter(|(_, size)| *size > 0) {
                let own = if scope == Scope::OneBox { 1 } else { scope.share().floor_of(size).max(1) };
                granted.entry(cell.clone()).and_modify(|known| *known = own.max(*known)).or_insert(own);
            }
            (service.clone(), granted)
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
            }
            _ => kept.push(stage),
        }
    }
    kept
}
