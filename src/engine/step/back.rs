//! A push on its way back: decided, followed step by step, over or failed; and the plan of it, published whenever it changes.

use crate::domain::change::Fact;
use crate::domain::environment::Environment;
use crate::domain::fleet::Fleet;
use crate::domain::id::{EnvironmentId, InstanceId, PushId};
use crate::domain::person::Actor;
use crate::domain::placement::{InFlight, Phase, Task};
use crate::domain::push::{Course, Push};
use crate::domain::rollback::{Manner, Rollback, StepKind, Trigger};
use crate::domain::time::Period;
use crate::engine::rollback;

use super::flag;
use super::work::Work;

/// A rollback has failed when it takes this many times its estimate, and never before [`LEAST_PATIENCE`].
const PATIENCE: u32 = 3;
/// The least time a rollback is given.
const LEAST_PATIENCE: Period = Period::from_mins(2);

/// Decides that a push goes back. Approvals, promotions and holds end in the same record.
pub(super) fn decide(work: &mut Work<'_>, id: PushId, manner: Manner, trigger: Trigger) {
    let Some(push) = work.push(id) else { return };
    let plan = rollback::plan(work.fleet(), push, manner);
    let before = push.course.rollback();
    let rollback = Rollback {
        manner,
        decided: before.map_or(work.now, |before| before.decided),
        since: work.now,
        trigger: before.map_or(trigger, |before| before.trigger.clone()),
        finished: vec![None; plan.steps.len()],
        users_safe: before.and_then(|before| before.users_safe),
        deadline: work.now + (plan.all_old * PATIENCE).max(LEAST_PATIENCE),
        halted: None,
        plan,
    };
    let by = match &rollback.trigger {
        Trigger::Person { by, .. } => by.clone(),
        _ => Actor::Rule { rule: "rollback".to_owned() },
    };
    work.record(Fact::RollbackDecided { push: id, rollback: Box::new(rollback) });
    flag::off(work, id, &by);
    behind(work, id);
}

/// Pushes behind it in a train that contain what goes back go back with it.
fn behind(work: &mut Work<'_>, id: PushId) {
    let Some(push) = work.push(id).filter(|push| work.fleet().train_of(push).is_some()) else { return };
    for (other, service, version) in work.fleet().containing(push) {
        // One of them may have been sent back by another of them.
        if work.push(other).is_some_and(Push::is_forward) {
            decide(work, other, Manner::Ordered, Trigger::Ahead { push: id, service, version });
        }
    }
}

/// Records how far a rollback has got.
pub(super) fn follow(work: &mut Work<'_>, id: PushId) {
    let Some((push, rollback)) = work.push(id).and_then(|push| push.course.rollback().map(|rollback| (push, rollback.clone())))
    else {
        return;
    };
    let fleet = work.fleet();
    let has_users = |place: &EnvironmentId| fleet.declaration().environment(place).is_some_and(Environment::has_users);
    let exposed = serving_new(fleet, push, has_users);
    let left = not_back(fleet, push);
    let done: Vec<u32> = (0..)
        .zip(rollback.plan.steps.iter().zip(&rollback.finished))
        .filter(|(_, (step, finished))| finished.is_none() && is_done(fleet, push, &step.kind, rollback.plan.environment.as_ref()))
        .map(|(index, _)| index)
        .collect();
    let failed_before = matches!(push.course, Course::RollbackFailed { .. });
    for step in done {
        work.record(Fact::RollbackStepDone { push: id, step });
    }
    if rollback.users_safe.is_none() && !exposed {
        work.record(Fact::UsersSafe { push: id });
    }
    if left.is_empty() {
        work.record(Fact::RolledBack { push: id });
    } else if !failed_before && rollback.halted.is_none() && work.now > rollback.deadline {
        work.record(Fact::RollbackFailed { push: id, stuck: left });
    }
}

/// Publishes the way back from here if it is another than the one last published.
pub(super) fn publish(work: &mut Work<'_>, id: PushId) {
    let Some(push) = work.push(id).filter(|push| push.is_forward()) else { return };
    let plan = rollback::plan(work.fleet(), push, Manner::Ordered);
    if push.way_back.as_ref() != Some(&plan) {
        work.record(Fact::WayBack { push: id, plan });
    }
}

fn is_done(fleet: &Fleet, push: &Push, step: &StepKind, environment: Option<&EnvironmentId>) -> bool {
    match step {
        StepKind::Stop => !push.plan.moves.iter().any(|part| {
            places(fleet, push).any(|(placement, _)| {
                placement.id.service == part.service && placement.instances().any(|(_, _, instance)| {
                    matches!(&instance.in_flight, Some(InFlight { task: Task::Install { version } | Task::Warm { version }, .. })
                            if push.brings(&part.service, &placement.id.environment, version))
                })
            })
        }),
        StepKind::FlagOff { flag } => fleet.flag(flag).is_none_or(|(_, state)| !state.on && state.all.is_some()),
        StepKind::Drain => !serving_new(fleet, push, |place| Some(place) == environment),
        StepKind::Reinstall { service, to } => environment
            .and_then(|environment| fleet.placement(service, environment))
            .is_some_and(|placement| placement.on_blue().all(|(_, _, instance)| instance.is_settled_on(to))),
        StepKind::SwitchBack { service, to } => {
            environment.and_then(|environment| fleet.placement(service, environment)).is_some_and(|placement| {
                let serving_green = || placement.instances().any(|(_, _, instance)| instance.serving && instance.version != *to);
                placement.on_blue().all(|(_, _, instance)| instance.is_settled_on(to)) && !serving_green()
            })
        }
    }
}

/// The placements a push has to see restored, with its part there.
pub(super) fn places<'a>(
    fleet: &'a Fleet,
    push: &'a Push,
) -> impl Iterator<Item = (&'a crate::domain::placement::Placement, &'a crate::domain::push::Move)> {
    push.plan.moves.iter().flat_map(move |part| {
        part.from
            .keys()
            .filter(move |environment| part.changes(environment))
            .filter_map(move |environment| fleet.placement(&part.service, environment).map(|placement| (placement, part)))
            .filter(move |(placement, _)| fleet.answers_for(push, &placement.id))
    })
}

/// Whether the balancer still sends requests to the new version in any of these environments.
fn serving_new(fleet: &Fleet, push: &Push, counts: impl Fn(&EnvironmentId) -> bool) -> bool {
    places(fleet, push).filter(|(placement, _)| counts(&placement.id.environment)).any(|(placement, part)| {
        // An instance that died, or starts, with nothing asked of it comes up again and serves.
        placement.instances().any(|(cell, index, instance)| {
            let is_blue = placement.is_blue(cell, index);
            let comes_back = instance.in_flight.is_none() && instance.phase != Phase::Drained && is_blue;
            let brought = push.brings(&part.service, &placement.id.environment, &instance.version);
            // What is about to be put into the balancer serves unless it is taken out first.
            let comes_in = matches!(&instance.in_flight, Some(InFlight { task: Task::Install { version }, failed: None, .. })
                if !is_blue && push.brings(&part.service, &placement.id.environment, version));
            brought && (instance.serving || comes_back) || comes_in
        })
    })
}

/// Instances that the push has moved, or was moving, and that are not settled on the old version.
fn not_back(fleet: &Fleet, push: &Push) -> Vec<InstanceId> {
    places(fleet, push)
        .flat_map(|(placement, _)| {
            placement
                .instances()
                .filter(|(cell, index, instance)| match fleet.owner(&placement.id) {
                    // Another push moves this place by now, and answers for whatever else is there.
                    Some(owner) if owner.id() != push.id() => fleet.is_of(push, &placement.id, instance),
                    _ if placement.is_blue(cell, *index) => !instance.is_back_on(&placement.base),
                    _ => instance.serving,
                })
                .map(|(cell, index, _)| InstanceId { placement: placement.id.clone(), cell: cell.clone(), index })
        })
        .collect()
}
