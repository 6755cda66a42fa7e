//! The way back from exactly here: what would be undone, in which order, in how many batches, in about what time.

use super::door;
use super::environment::Environment;
use super::fleet::Fleet;
use super::id::EnvironmentId;
use super::placement::{InFlight, Instance, Task};
use super::push::{Move, Push};
use super::rollback::{Manner, RollbackPlan, RollbackStep, StepKind};
use super::time::Period;

use super::guard::{self, Pace};

/// The plan back of a push, as of now. It has no steps where nothing is on the new version anywhere.
pub fn plan(fleet: &Fleet, push: &Push, manner: Manner) -> RollbackPlan {
    let environment = fleet.front_of(push).cloned();
    let none = RollbackPlan {
        manner,
        environment: environment.clone(),
        steps: Vec::new(),
        users_safe: Period::ZERO,
        all_old: Period::ZERO,
        shortfall: 0,
        barred: door::barred(fleet, push),
        next_door: door::ahead(fleet, push),
        kept: None,
    };
    let Some(environment) = environment.filter(|environment| fleet.is_touched(push, environment)) else { return none };
    let stop = RollbackStep { kind: StepKind::Stop, instances: 0, batches: 0, takes: Period::ZERO };
    let flags = flag_steps(fleet, push);
    let kept = fleet.keeps_blue(push, &environment);
    if !none.barred.is_empty() {
        // Siblings return together: where one cannot, the way ends before its door.
        return RollbackPlan { steps: [vec![stop], flags].concat(), kept, ..none };
    }
    if kept.is_some() {
        let steps = [vec![stop], flags, switch_steps(fleet, push, &environment)].concat();
        return at_once(fleet, push, RollbackPlan { steps, kept, ..none });
    }
    let back: Vec<Part> =
        push.plan.moves.iter().rev().filter_map(|part| Part::of(fleet, push, part, &environment, manner)).collect();
    let drain = drain_step(fleet, push, &back);
    let mut steps = [vec![stop], flags].concat();
    let drains_at_once = back.iter().all(|part| part.drains_at_once);
    let drained = manner == Manner::Ordered && drains_at_once;
    steps.extend(drained.then(|| drain.clone()));
    steps.extend(back.iter().map(|part| part.step(drained)));
    let elsewhere = elsewhere(fleet, push, &environment, manner);
    let here = in_all(&back, manner, drained) + if drained { drain.takes } else { Period::ZERO };
    let has_users = fleet.declaration().environment(&environment).is_some_and(Environment::has_users);
    RollbackPlan {
        steps,
        users_safe: match (has_users, drained) {
            (false, _) => Period::ZERO,
            (true, true) => drain.takes,
            (true, false) => here,
        },
        all_old: here.max(elsewhere),
        shortfall: back.iter().map(|part| part.shortfall).sum(),
        ..none
    }
}

/// How long the other environments take. They return at the same time, without a drain; nobody may wait there, yet it is not over
/// before they are back.
fn elsewhere(fleet: &Fleet, push: &Push, environment: &EnvironmentId, manner: Manner) -> Period {
    let others = push.plan.moves.iter().flat_map(|part| part.from.keys()).filter(|other| *other != environment);
    let lengths = others.map(|other| {
        let parts = push.plan.moves.iter().rev().filter_map(|part| Part::of(fleet, push, part, other, manner));
        in_all(&parts.collect::<Vec<_>>(), manner, false)
    });
    lengths.max().unwrap_or_default()
}

/// The way back where blue is warm: all siblings at once, and it lasts until green's requests have run out.
fn at_once(fleet: &Fleet, push: &Push, plan: RollbackPlan) -> RollbackPlan {
    let Some(environment) = plan.environment.clone() else { return plan };
    let here = plan.steps.iter().filter(|step| matches!(step.kind, StepKind::SwitchBack { .. })).map(|step| step.takes).max();
    let here = here.unwrap_or_default();
    let users_safe = if fleet.has_users(&environment) { here } else { Period::ZERO };
    let all_old = here.max(elsewhere(fleet, push, &environment, plan.manner));
    RollbackPlan { users_safe, all_old, ..plan }
}

/// One step for each sibling that has traffic on its green side.
fn switch_steps(fleet: &Fleet, push: &Push, environment: &EnvironmentId) -> Vec<RollbackStep> {
    let kept: Vec<_> = fleet.blue_kept(push, environment).collect();
    let moves = push.plan.moves.iter().rev();
    let found = moves.filter_map(|part| {
        let placement = kept.iter().find(|placement| placement.id.service == part.service)?;
        let is_new = |instance: &Instance| push.brings(&part.service, environment, &instance.version);
        let comes_in = |instance: &Instance| {
            matches!(&instance.in_flight, Some(InFlight { task: Task::Install { version }, .. })
                if !instance.serving && push.brings(&part.service, environment, version))
        };
        let in_cell = |cell| {
            let coming = placement.green(cell).filter(|(_, instance)| comes_in(instance)).count() as u32;
            placement.live_where(cell, |instance| is_new(instance) && !comes_in(instance)) + coming
        };
        let on_green: u32 = placement.cells.keys().map(in_cell).sum();
        let drain = fleet.declaration().service(&part.service)?.drain;
        (on_green > 0).then(|| RollbackStep {
            kind: StepKind::SwitchBack { service: part.service.clone(), to: placement.base.clone() },
            instances: on_green,
            batches: 1,
            takes: drain,
        })
    });
    found.collect()
}

/// Whether all that a push brought to an environment can be taken out of the balancer at once.
pub fn drains_at_once(fleet: &Fleet, push: &Push, environment: &EnvironmentId, manner: Manner) -> bool {
    push.plan.moves.iter().filter_map(|part| Part::of(fleet, push, part, environment, manner)).all(|part| part.drains_at_once)
}

/// How long siblings take: one after another, or, where it is fast, all at once.
fn in_all(back: &[Part], manner: Manner, drained: bool) -> Period {
    let each = back.iter().map(|part| part.step(drained).takes);
    match manner {
        Manner::Ordered => each.fold(Period::ZERO, |sum, takes| sum + takes),
        Manner::Fast => each.max().unwrap_or_default(),
    }
}

/// One sibling's return.
struct Part {
    step: RollbackStep,
    /// How long one instance takes to let its requests run out, before each batch unless all were drained first.
    drain: Period,
    drains_at_once: bool,
    shortfall: u32,
}

impl Part {
    fn step(&self, drained: bool) -> RollbackStep {
        let before = if drained { Period::ZERO } else { self.drain * self.step.batches };
        RollbackStep { takes: self.step.takes + before, ..self.step.clone() }
    }

    fn of(fleet: &Fleet, push: &Push, part: &Move, environment: &EnvironmentId, manner: Manner) -> Option<Self> {
        let (placement, from) =
            (fleet.placement(&part.service, environment)?, part.from.get(environment).filter(|_| part.changes(environment))?);
        let is_new = |instance: &Instance| fleet.is_of(push, &placement.id, instance);
        let is_served = |instance: &Instance| instance.serving && push.brings(&part.service, environment, &instance.version);
        let service = fleet.declaration().service(&part.service)?;
        let pace = Pace::Back(manner);
        let (mut batches, mut drains_at_once, mut shortfall) = (0, true, 0);
        for cell in placement.cells.keys() {
            let new = placement.count_where(cell, is_new);
            if new == 0 {
                continue;
            }
            let serving = placement.count_where(cell, is_served);
            let spare = guard::spare(fleet, placement, cell, pace).allowance();
            let at_once = if serving > spare { spare } else { new }.clamp(1, pace.batch(placement.size_in(cell)));
            batches = batches.max(new.div_ceil(at_once));
            drains_at_once &= serving <= spare;
            if serving > 0 && spare == 0 {
                shortfall += 1;
            }
        }
        Some(Self {
            step: RollbackStep {
                kind: StepKind::Reinstall { service: part.service.clone(), to: from.clone() },
                instances: placement.instances().filter(|(_, _, instance)| is_new(instance)).count() as u32,
                batches,
                takes: service.install * batches,
            },
            drain: service.drain,
            drains_at_once,
            shortfall,
        })
    }
}

/// One step for each flag that is on, or not yet off everywhere, and that a release of the push stands behind. Neither the drain nor the estimates count on it.
fn flag_steps(fleet: &Fleet, push: &Push) -> Vec<RollbackStep> {
    let on = fleet.flags_of(push).into_iter().filter(|(_, state)| state.on || state.is_switching());
    on.map(|(flag, _)| RollbackStep {
        kind: StepKind::FlagOff { flag: flag.id.clone() },
        instances: fleet.readers(flag),
        batches: 1,
        takes: flag.propagates,
    })
    .collect()
}

fn drain_step(fleet: &Fleet, push: &Push, back: &[Part]) -> RollbackStep {
    let takes =
        push.plan.moves.iter().filter_map(|part| fleet.declaration().service(&part.service)).map(|service| service.drain).max();
    RollbackStep {
        kind: StepKind::Drain,
        instances: back.iter().map(|part| part.step.instances).sum(),
        batches: 1,
        takes: takes.unwrap_or_default(),
    }
}
