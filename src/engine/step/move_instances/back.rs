//! Everything a push touched, on its way back.

use super::sides::Traffic;
use super::{Batch, Converge, Tasks, has_failed_to_drain, idle, is_draining, retries, stays, takes_out};
use crate::domain::fleet::Fleet;
use crate::domain::id::{CellId, EnvironmentId, InstanceId, Version};
use crate::domain::placement::{InFlight, Instance, Phase, Placement, Task};
use crate::domain::push::Push;
use crate::domain::rollback::{Manner, StepKind};
use crate::domain::time::EngineTime;
use crate::engine::guard::{self, Pace};

/// Everything a push touched, on its way back.
pub(super) fn of_push(fleet: &Fleet, push: &Push, manner: Manner, now: EngineTime) -> Tasks {
    let environments: Vec<&EnvironmentId> = fleet.declaration().environments.iter().map(|environment| &environment.id).collect();
    environments
        .into_iter()
        .flat_map(|environment| {
            // Only where users are, and only where the plan found that the cells can spare all of it at once.
            let drains_first = push.course.rollback().is_some_and(|rollback| {
                rollback.plan.environment.as_ref() == Some(environment)
                    && rollback.plan.steps.iter().any(|step| step.kind == StepKind::Drain)
            });
            Return { fleet, push, environment, manner, drains_first, now }.tasks()
        })
        .collect()
}

/// One environment on its way back.
pub(super) struct Return<'a> {
    pub(super) fleet: &'a Fleet,
    pub(super) push: &'a Push,
    pub(super) environment: &'a EnvironmentId,
    pub(super) manner: Manner,
    /// Whether the new version is taken out of the balancer before anything is put back.
    pub(super) drains_first: bool,
    pub(super) now: EngineTime,
}

impl<'a> Return<'a> {
    pub(super) fn tasks(&self) -> Tasks {
        // Where blue is warm it is put in and green taken out, of all siblings at once, and nothing is installed.
        let mut tasks: Tasks = self.siblings().flat_map(|placement| self.switch_back(placement)).collect();
        // What serves on the other side of those installed anew goes first: both would take the same room.
        if !takes_out(&tasks) && self.installed_anew().next().is_some() {
            tasks.extend(self.reinstalled());
        }
        tasks
    }

    /// Blue back into the balancer and green out of it, where blue is kept; and where it is not, what is left of green stopped.
    pub(super) fn switch_back(&self, placement: &Placement) -> Tasks {
        let mut tasks = Vec::new();
        for cell in placement.cells.keys() {
            let pace = Pace::Back(self.manner);
            let cell = Converge { fleet: self.fleet, placement, cell, now: self.now, pace, over_all: u32::MAX };
            tasks.extend(cell.on_two_sides(Traffic::AsGranted, true).unwrap_or_else(|| cell.stop_green()));
        }
        tasks
    }

    /// The same where blue is gone, or never was.
    fn reinstalled(&self) -> Tasks {
        let mut tasks = self.undo_half_way();
        match self.manner {
            Manner::Fast => {
                for placement in self.installed_anew() {
                    tasks.extend(self.reinstall(placement));
                }
            }
            Manner::Ordered => {
                if self.drains_first {
                    for placement in self.installed_anew() {
                        tasks.extend(self.drain(placement));
                    }
                }
                let draining = !tasks.is_empty()
                    || self.installed_anew().any(|placement| placement.instances().any(|(_, _, instance)| is_draining(instance)));
                let in_turn = self.installed_anew().find(|placement| !self.has_had_its_turn(placement));
                if let (false, Some(placement)) = (draining, in_turn) {
                    tasks.extend(self.reinstall(placement));
                }
            }
        }
        for placement in self.installed_anew() {
            self.again(placement, &mut tasks, |_| true);
        }
        tasks
    }

    /// Tasks of the way back that failed or were never heard of again, once more, where nothing else is asked of the instance.
    pub(super) fn again(&self, placement: &Placement, tasks: &mut Tasks, which: impl Fn(&Task) -> bool) {
        let base = &placement.base;
        for cell in placement.cells.keys() {
            let again: Tasks = retries(self.fleet, placement, cell, self.now)
                .filter(|(_, task)| matches!(task, Task::Drain) || matches!(task, Task::Install { version } if version == base))
                .filter(|(instance, task)| which(task) && tasks.iter().all(|(known, _)| known != instance))
                .collect();
            tasks.extend(again);
        }
    }

    /// Whether the next sibling may follow: all of this one is back, but for instances that never come up, a few in each cell.
    fn has_had_its_turn(&self, placement: &Placement) -> bool {
        let usual = self.fleet.usual_task(&placement.id.service);
        let is_done = |instance: &Instance| instance.is_back_on(&placement.base) || instance.is_given_up(usual, self.now);
        let few = |cell: &CellId| {
            guard::given_up(self.fleet, placement, cell, self.now) <= Pace::Back(Manner::Ordered).batch(placement.size_in(cell))
        };
        placement.on_blue().all(|(_, _, instance)| is_done(instance)) && placement.cells.keys().all(few)
    }

    /// The siblings that this push moves back here and that are installed anew, in the order they return.
    pub(super) fn installed_anew(&self) -> impl Iterator<Item = &'a Placement> {
        self.siblings().filter(|placement| placement.kept_green().is_none())
    }

    /// The siblings that this push moves back here, in the order they return.
    pub(super) fn siblings(&self) -> impl Iterator<Item = &'a Placement> {
        let (fleet, environment, push) = (self.fleet, self.environment, self.push);
        push.plan.moves.iter().rev().filter(move |part| part.changes(environment)).filter_map(move |part| {
            let placement = fleet.placement(&part.service, environment)?;
            let is_own = fleet.owner(&placement.id).is_some_and(|owner| owner.id() == push.id());
            is_own.then_some(placement)
        })
    }

    fn brings(&self, placement: &Placement, version: &Version) -> bool {
        self.push.brings(&placement.id.service, self.environment, version)
    }

    /// What was half way to where it should not be turns round at once: it serves nobody, so it costs nothing.
    pub(super) fn undo_half_way(&self) -> Tasks {
        self.installed_anew().flat_map(Self::undo).collect()
    }

    pub(super) fn undo(placement: &Placement) -> Tasks {
        placement
            .instances()
            .filter(|(_, _, instance)| {
                matches!(&instance.in_flight, Some(InFlight { task: Task::Install { version }, .. }) if !stays(placement, version))
            })
            .map(|(cell, index, _)| {
                let instance = InstanceId { placement: placement.id.clone(), cell: cell.clone(), index };
                (instance, Task::Install { version: placement.base.clone() })
            })
            .collect()
    }

    fn drain(&self, placement: &Placement) -> Tasks {
        let mut tasks = Vec::new();
        for cell in placement.cells.keys() {
            let mut batch = Batch::of_drains(self.fleet, placement, cell, Pace::Back(self.manner));
            let brought = |instance: &Instance| instance.serving && self.brings(placement, &instance.version);
            for (index, instance) in idle(placement, cell).filter(|(_, instance)| brought(instance)) {
                if !batch.take(index, instance, Task::Drain) {
                    break;
                }
            }
            tasks.extend(batch.tasks);
        }
        tasks
    }

    /// Puts back whatever is not on the old version, were it a third one that somebody installed by hand.
    pub(super) fn reinstall(&self, placement: &Placement) -> Tasks {
        let mut tasks = Vec::new();
        for cell in placement.cells.keys() {
            let mut batch = Batch::new(self.fleet, placement, cell, Pace::Back(self.manner), self.now);
            let mut away: Vec<(u32, &Instance)> = placement
                .blue(cell)
                .filter(|(_, instance)| !stays(placement, &instance.version) || instance.phase == Phase::Drained)
                .filter(|(_, instance)| instance.in_flight.is_none() || has_failed_to_drain(instance))
                .collect();
            away.sort_by_key(|(_, instance)| instance.serves());
            for (index, instance) in away {
                // Out of the balancer and where it should be: installing what it runs already puts it back.
                let version = if stays(placement, &instance.version) { &instance.version } else { &placement.base };
                if !batch.take(index, instance, Task::Install { version: version.clone() }) {
                    break;
                }
            }
            tasks.extend(batch.tasks);
        }
        tasks
    }
}
