//! The way: from releases that are wanted to the stages of one push.

use std::collections::BTreeMap;

use super::environment::Environment;
use super::fleet::Fleet;
use super::id::{CellId, EnvironmentId, GroupId, PushId, ServiceId, Version};
use super::lane::{self, Emergency};
use super::person::Actor;
use super::push::{InFlightBefore, Move, Push, PushPlan};
use super::service::{Group, Succession};
use super::share::Share;
use super::stage::{Advance, EvidenceRule, Grants, Green, Leg, PlannedStage, Scope, StagePlan};
use super::time::EngineTime;

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
    /// A push in flight moves a service that is not named.
    #[error("{0} is being moved by {1} as well; name a release of it too, the one in flight if that is to stay")]
    LeftOut(ServiceId, String),
    /// It is what is in flight.
    #[error("{0} is in flight with these releases already; u resumes it where it is stopped, r takes it back")]
    InFlight(String),
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
    let before = before(fleet, group, releases)?;
    let moves = moves(fleet, group, releases, stage_plan, &before)?;
    let stages: Vec<PlannedStage> = stage_plan
        .legs
        .iter()
        .filter_map(|leg| declaration.environment(&leg.environment).map(|environment| (leg, environment)))
        .flat_map(|(leg, environment)| merge(steps(fleet, environment, leg, &moves)))
        .filter(|stage| stage.granted() > 0 || stage.green == Some(Green::Warm))
        .collect();
    if stages.is_empty() {
        return Err(Unplannable::NoStages(group.plan.clone()));
    }
    let name = match moves.as_slice() {
        [only] => only.service.to_string(),
        _ => group.id.to_string(),
    };
    Ok(PushPlan { id, group: group.id.clone(), name, moves, stages, requested_by, requested: now, before, emergency: None })
}

/// The plan with its clocks shortened to a share. No step, limit or approval is left out.
pub fn hurried(mut plan: PushPlan, reason: &str, share: Share) -> PushPlan {
    let usual = plan.stages.iter().map(|stage| stage.bake).collect();
    for stage in &mut plan.stages {
        // How long the way back stays open at once is no clock of the way forward.
        stage.bake = lane::shortened(stage.bake, share).max(stage.keep().unwrap_or_default());
    }
    plan.emergency = Some(Emergency { reason: reason.to_owned(), bake: share, usual });
    plan
}

/// What is in flight in the group, and what the new push is to it.
fn before(fleet: &Fleet, group: &Group, releases: &[(ServiceId, Version)]) -> Result<InFlightBefore, Unplannable> {
    let open = || fleet.pushes().filter(|push| push.is_open() && push.plan.group == group.id);
    let is_same = |push: &&Push| {
        push.plan.moves.len() == releases.len()
            && push.plan.moves.iter().all(|part| releases.contains(&(part.service.clone(), part.to.version.clone())))
    };
    if let Some(same) = open().find(is_same) {
        return Err(Unplannable::InFlight(same.called()));
    }
    if group.releases != Succession::Replace {
        let ahead = open().filter(|push| push.is_forward()).max_by_key(|push| (push.plan.requested, push.id())).map(Push::id);
        return Ok(InFlightBefore { ahead, ..InFlightBefore::default() });
    }
    let is_named = |service: &ServiceId| releases.iter().any(|(named, _)| named == service);
    let mut found = InFlightBefore::default();
    for push in open().filter(|push| push.plan.moves.iter().any(|part| is_named(&part.service))) {
        if let Some(left) = push.plan.moves.iter().find(|part| !is_named(&part.service)) {
            return Err(Unplannable::LeftOut(left.service.clone(), push.called()));
        }
        found.replaces.push(push.id());
        found
            .taken_over
            .extend(push.plan.moves.iter().flat_map(|part| part.from.keys()).filter(|at| push.has_been_in(at)).cloned());
    }
    Ok(found)
}

/// What a service ran before the pushes that are replaced, and what those had brought.
fn replaced<'f>(fleet: &'f Fleet, service: &ServiceId, before: &InFlightBefore) -> Option<&'f Move> {
    before.replaces.iter().filter_map(|id| fleet.push(*id)).find_map(|push| push.move_of(service))
}

fn moves(
    fleet: &Fleet,
    group: &Group,
    releases: &[(ServiceId, Version)],
    plan: &StagePlan,
    before: &InFlightBefore,
) -> Result<Vec<Move>, Unplannable> {
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
            let earlier = replaced(fleet, service, before);
            let ran = |environment: &EnvironmentId| {
                let placement = fleet.placement(service, environment)?;
                Some(earlier.and_then(|part| part.from.get(environment)).unwrap_or(&placement.base).clone())
            };
            let from: BTreeMap<_, _> =
                environments.iter().filter_map(|environment| Some(((*environment).clone(), ran(environment)?))).collect();
            if earlier.is_none() && from.values().all(|running| running == version) {
                return Err(Unplannable::AlreadyThere(service.clone(), version.clone()));
            }
            let brought = earlier.into_iter().flat_map(|part| part.replaced.iter().chain([&part.to.version]));
            let replaced = brought.filter(|brought| *brought != version).cloned().collect();
            Ok(Move { service: service.clone(), from, to, replaced })
        })
        .collect()
}

/// The steps of one leg. A stage in waves becomes a step for each of them.
fn steps(fleet: &Fleet, environment: &Environment, leg: &Leg, moves: &[Move]) -> Vec<PlannedStage> {
    let everywhere: Vec<CellId> = environment.cells.iter().map(|cell| cell.id.clone()).collect();
    let mut steps: Vec<PlannedStage> = Vec::new();
    for (number, stage) in leg.stages.iter().enumerate() {
        let is_last = number + 1 == leg.stages.len();
        let waves = match stage.scope {
            Scope::OneBox => vec![environment.quietest_cell().map(|cell| cell.id.clone()).into_iter().collect()],
            Scope::Share { .. } | Scope::Warm => vec![everywhere.clone()],
            Scope::Waves { .. } => waves::of(environment),
        };
        let (last, in_waves) = (waves.len().saturating_sub(1), waves.len() > 1);
        for (index, cells) in waves.into_iter().enumerate() {
            let before = steps.last().map(|step| &step.grants);
            let grants = grants(&Ground { fleet, environment, moves }, stage.scope, &cells, before);
            let green = leg.keep.map(|keep| match stage.scope {
                Scope::Warm => Green::Warm,
                _ if is_last && index == last => Green::All { keep },
                _ => Green::Weight,
            });
            let name = if in_waves { format!("{} in {}", stage.name, listed(&cells)) } else { stage.name.clone() };
            steps.push(PlannedStage {
                environment: environment.id.clone(),
                name,
                share: stage.scope.share(),
                grants,
                wave: in_waves.then_some(cells),
                merged: Vec::new(),
                bake: stage.bake.max(leg.keep.filter(|_| is_last && index == last).unwrap_or_default()),
                deadline: stage.deadline,
                // People agree to the stage as a whole, and let go of it as a whole.
                advance: if index == last { stage.advance } else { Advance::Auto },
                approval: stage.approval.clone().filter(|_| index == 0),
                alone: stage.alone,
                checks: stage.checks.clone(),
                // Where nobody is served there is nothing that evidence could be gathered of.
                evidence: stage.evidence.filter(|_| environment.has_users() && green != Some(Green::Warm)),
                green,
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
                Scope::OneBox | Scope::Share { .. } | Scope::Warm => BTreeMap::new(),
            };
            for (cell, size) in cells.iter().map(|cell| (cell, placement.size_in(cell))).filter(|(_, size)| *size > 0) {
                let own = match scope {
                    Scope::Warm => 0,
                    Scope::OneBox => 1,
                    Scope::Share { share } | Scope::Waves { share } => share.floor_of(size).max(1),
                };
                granted.entry(cell.clone()).and_modify(|known| *known = own.max(*known)).or_insert(own);
            }
            (service.clone(), granted)
        })
        .collect()
}

/// Stages that grant the same are one: the first keeps its place and its enter approval, takes the longest clock and the stricter evidence, and names the others.
fn merge(stages: Vec<PlannedStage>) -> Vec<PlannedStage> {
    let mut kept: Vec<PlannedStage> = Vec::new();
    for stage in stages {
        match kept.last_mut() {
            Some(last) if last.grants == stage.grants => {
                last.merged.push(stage.name);
                last.bake = last.bake.max(stage.bake);
                last.deadline = last.deadline.max(stage.deadline);
                last.advance = stage.advance;
                last.green = stage.green;
                last.evidence = EvidenceRule::stricter(last.evidence, stage.evidence);
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
