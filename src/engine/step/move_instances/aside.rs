//! What moves while a push stands still: a service that goes back alone, a cell that is drained, what a halted way back finishes, and
//! what somebody asks to be tried again.

use crate::domain::fleet::Fleet;
use crate::domain::placement::{Instance, Task};
use crate::domain::push::Push;
use crate::domain::requirement;
use crate::domain::rollback::Manner;
use crate::domain::time::EngineTime;
use crate::engine::guard::Pace;

use super::back::Return;
use super::sides::Traffic;
use super::{Batch, Converge, Tasks, idle, is_apart};

/// Services that went back alone, and cells that are drained. `others` is what the push does besides: a cell is drained only where
/// nothing else is taken out of it in the same step.
pub(super) fn tasks(fleet: &Fleet, push: &Push, others: &Tasks, now: EngineTime) -> Tasks {
    let mut tasks = alone(fleet, push, now);
    for drained in &push.drained {
        for part in push.plan.moves.iter().rev().filter(|part| !is_apart(push, &part.service)) {
            let Some(placement) = fleet.placement(&part.service, &drained.environment) else { continue };
            let Some((cell, _)) = placement.cells.get_key_value(&drained.cell) else { continue };
            if others.iter().any(|(instance, _)| instance.placement == placement.id && instance.cell == *cell) {
                continue;
            }
            if placement.kept_green().is_some() {
                // Blue is warm beside it: it is put in first, so that there is always something to spare.
                let pace = Pace::Back(Manner::Ordered);
                let cell = Converge { fleet, placement, cell, now, pace, over_all: u32::MAX };
                tasks.extend(cell.on_two_sides(Traffic::ToBlue, false).unwrap_or_default());
                continue;
            }
            let mut batch = Batch::of_drains(fleet, placement, cell, Pace::Back(Manner::Ordered));
            let green = placement.green(cell).filter(|(_, instance)| instance.in_flight.is_none());
            let serving = |instance: &Instance| instance.serving && fleet.is_of(push, &placement.id, instance);
            for (index, instance) in idle(placement, cell).chain(green).filter(|(_, instance)| serving(instance)) {
                if !batch.take(index, instance, Task::Drain) {
                    break;
                }
            }
            tasks.extend(batch.tasks);
        }
    }
    tasks
}

/// Services that went back alone, everywhere, at the pace of a rollback.
fn alone(fleet: &Fleet, push: &Push, now: EngineTime) -> Tasks {
    let mut tasks = Vec::new();
    for returning in everywhere(fleet, push, now) {
        for placement in returning.siblings().filter(|placement| is_apart(push, &placement.id.service)) {
            if placement.kept_green().is_some() {
                tasks.extend(returning.switch_back(placement));
                continue;
            }
            tasks.extend(Return::undo(placement));
            tasks.extend(returning.reinstall(placement));
            returning.again(placement, &mut tasks, |_| true);
        }
    }
    tasks
}

/// Of a way back that somebody halted: what is half way on an instance is finished, and nothing is begun.
pub(super) fn half_way(fleet: &Fleet, push: &Push, now: EngineTime) -> Tasks {
    let mut tasks = Vec::new();
    for returning in everywhere(fleet, push, now) {
        tasks.extend(returning.undo_half_way());
        for placement in returning.installed_anew() {
            returning.again(placement, &mut tasks, |task| matches!(task, Task::Install { .. }));
        }
    }
    tasks
}

fn everywhere<'a>(fleet: &'a Fleet, push: &'a Push, now: EngineTime) -> impl Iterator<Item = Return<'a>> {
    let environments = fleet.declaration().environments.iter();
    environments.map(move |environment| Return {
        fleet,
        push,
        environment: &environment.id,
        manner: Manner::Ordered,
        drains_first: false,
        now,
    })
}

/// Tasks of a push that failed or were given up on, as far as they may be asked for now: nothing that exposes anybody while the push is
/// held or goes back.
pub(in crate::engine::step) fn failed(fleet: &Fleet, push: &Push, now: EngineTime) -> Tasks {
    let mut tasks = Vec::new();
    let may_move = push.is_forward() && push.may_expose() && requirement::may_move_here(fleet, push, now);
    for part in &push.plan.moves {
        let exposes = may_move && !is_apart(push, &part.service);
        let here = part.from.keys().filter(|environment| part.changes(environment));
        for placement in here.filter_map(|environment| fleet.placement(&part.service, environment)) {
            let usual = fleet.usual_task(&placement.id.service);
            let stuck = placement.instances().filter_map(|(cell, index, instance)| {
                let flight = instance.in_flight.as_ref()?;
                let failed = flight.failed.is_some() || instance.is_given_up(usual, now);
                // Not only what the push goes to now: a fix may have taken the place of what was asked for.
                let is_new =
                    matches!(&flight.task, Task::Install { version } | Task::Warm { version } if *version != placement.base);
                let may = exposes || !is_new;
                let id = crate::domain::id::InstanceId { placement: placement.id.clone(), cell: cell.clone(), index };
                (failed && may).then(|| (id, flight.task.clone()))
            });
            tasks.extend(stuck);
        }
    }
    tasks
}
