//! Which instances are moved now: towards the target in capacity-safe batches, or back to where they came from.

use std::collections::BTreeSet;

use crate::domain::drift;
use crate::domain::fleet::Fleet;
use crate::domain::id::{CellId, InstanceId, PushId, ServiceId, Version};
use crate::domain::placement::{InFlight, Instance, Phase, Placement, Task};
use crate::domain::push::{Course, Push};
use crate::domain::requirement;
use crate::domain::rollback::Manner;
use crate::domain::time::{EngineTime, Period};
use crate::engine::guard::{self, Pace};
use crate::engine::rollback;

use super::work::Work;
use back::Return;
use sides::Traffic;

pub(super) mod aside;
mod back;
mod sides;

/// After how long a task that failed is tried again.
const RETRY_AFTER: Period = Period::from_secs(5);
/// After how many times its usual length a task that was never heard of again is issued anew.
const LOST_AFTER: u32 = 6;

type Tasks = Vec<(InstanceId, Task)>;

/// Moves what an open push may move now.
pub(super) fn of_push(work: &mut Work<'_>, id: PushId) {
    let Some(push) = work.push(id) else { return };
    let tasks = match &push.course {
        Course::Forward => {
            let (fleet, now) = (work.fleet(), work.now);
            let mut tasks = forward(fleet, push, now);
            // What goes back alone may be part of what recedes, and a cell is drained only where nothing else is taken out of it.
            let receding = recede(fleet, push, now);
            add(&mut tasks, receding);
            let aside = aside::tasks(fleet, push, &tasks, now);
            add(&mut tasks, aside);
            tasks
        }
        Course::Back { rollback } | Course::RollbackFailed { rollback, .. } if rollback.halted.is_some() => {
            aside::half_way(work.fleet(), push, work.now)
        }
        Course::Back { rollback } | Course::RollbackFailed { rollback, .. } => {
            back::of_push(work.fleet(), push, rollback.manner, work.now)
        }
        Course::RolledBack { .. } | Course::Converged { .. } | Course::Replaced { .. } => Vec::new(),
    };
    work.issue(Some(id), tasks);
}

/// Adds tasks for instances that none is asked of yet.
fn add(tasks: &mut Tasks, more: Tasks) {
    let known: BTreeSet<InstanceId> = tasks.iter().map(|(instance, _)| instance.clone()).collect();
    tasks.extend(more.into_iter().filter(|(instance, _)| !known.contains(instance)));
}

/// Asks once more, at once, for what failed or was given up on.
pub(super) fn again(work: &mut Work<'_>, id: PushId) {
    let Some(push) = work.push(id) else { return };
    let tasks = aside::failed(work.fleet(), push, work.now);
    work.issue(Some(id), tasks);
}

/// Brings back to its target whatever strayed where no push moves anything, but for what a person has to decide about.
pub(super) fn drifted(work: &mut Work<'_>) {
    let fleet = work.fleet();
    let tasks: Tasks = fleet
        .placements()
        .filter(|placement| placement.observed && fleet.owner(&placement.id).is_none())
        .filter(|placement| !placement.is_on_target() || placement.has_to_stop_green())
        .flat_map(|placement| {
            placement
                .cells
                .keys()
                .flat_map(|cell| {
                    Converge { fleet, placement, cell, now: work.now, pace: Pace::Forward, over_all: u32::MAX }
                        .tasks(may_expose(fleet, placement, work.now))
                })
                .collect::<Tasks>()
        })
        .collect();
    work.issue(None, tasks);
}

/// Whether more of what is granted in a placement may be exposed, and nothing closes the environment to the push that it was granted to.
fn may_expose(fleet: &Fleet, placement: &Placement, now: EngineTime) -> bool {
    let group = fleet.open_push_of(&placement.id.service).map(|push| &push.plan.group);
    let closed =
        group.is_some_and(|group| fleet.declaration().schedule(&placement.id.environment, Some(group)).shut(now).is_some());
    fleet.may_expose_at(placement) && !closed
}

/// Whether a push has taken a service back alone: it returns at the pace of a rollback, wherever it is.
fn is_apart(push: &Push, service: &ServiceId) -> bool {
    push.apart.contains_key(service)
}

/// One service after the other, in the group's order: the next begins when the one before has settled.
fn forward(fleet: &Fleet, push: &Push, now: EngineTime) -> Tasks {
    let Some(stage) = push.stage() else { return Vec::new() };
    let mut may_expose = push.may_expose() && requirement::may_move_here(fleet, push, now);
    let mut tasks = Vec::new();
    for part in push.plan.moves.iter().filter(|part| !is_apart(push, &part.service)) {
        let Some(placement) = fleet.placement(&part.service, &stage.environment).filter(|placement| placement.observed) else {
            continue;
        };
        let (pace, mut over_all) = guard::over_all(fleet, push, placement, now);
        for cell in placement.cells.keys() {
            let moved = Converge { fleet, placement, cell, now, pace, over_all }.tasks(may_expose);
            over_all = over_all.saturating_sub(costs(fleet, &moved));
            tasks.extend(moved);
        }
        may_expose &= placement.is_on_target();
    }
    tasks
}

/// What a replaced push had brought where this one has not come yet goes back as on a way back: drained first, in reverse order.
fn recede(fleet: &Fleet, push: &Push, now: EngineTime) -> Tasks {
    let manner = Manner::Ordered;
    let environments = push.plan.before.taken_over.iter().filter(|environment| {
        let places = push.plan.moves.iter().filter_map(|part| fleet.placement(&part.service, environment));
        places.into_iter().any(|placement| fleet.receding(push, placement) > 0)
    });
    environments
        .flat_map(|environment| {
            let drains_first = fleet.has_users(environment) && rollback::drains_at_once(fleet, push, environment, manner);
            Return { fleet, push, environment, manner, drains_first, now }.tasks()
        })
        .collect()
}

/// Whether anything is taken out of the balancer.
fn takes_out(tasks: &Tasks) -> bool {
    tasks.iter().any(|(_, task)| *task == Task::Drain)
}

/// How many instances that serve are taken by tasks.
fn costs(fleet: &Fleet, tasks: &Tasks) -> u32 {
    tasks.iter().filter(|(id, _)| fleet.instance(id).is_some_and(Instance::can_be_counted_on)).count() as u32
}

/// One cell of one placement on its way to its target.
struct Converge<'a> {
    fleet: &'a Fleet,
    placement: &'a Placement,
    cell: &'a CellId,
    now: EngineTime,
    pace: Pace,
    /// How many serving instances may be taken in this environment as a whole.
    over_all: u32,
}

impl Converge<'_> {
    /// Tasks towards the target; none that exposes anybody new unless `may_expose`.
    fn tasks(&self, may_expose: bool) -> Tasks {
        self.on_two_sides(Traffic::AsGranted, may_expose).unwrap_or_else(|| {
            // What serves on the other side goes first: both would take the same room.
            let stopped = self.stop_green();
            if takes_out(&stopped) { stopped } else { [self.on_one_side(may_expose), stopped].concat() }
        })
    }

    /// The same where there is one side, or blue alone is wanted.
    fn on_one_side(&self, may_expose: bool) -> Tasks {
        let base = &self.placement.base;
        let (new, granted) = match &self.placement.grant {
            Some(grant) => (&grant.version, self.placement.granted_in(self.cell)),
            None => (base, 0),
        };
        let (untouchable, placed) = drift::untouchable(self.fleet, self.placement, self.cell);
        let touchable = |index: u32| !untouchable.contains(&index);
        let heading =
            self.placement.blue(self.cell).filter(|(index, instance)| touchable(*index) && instance.heading_for() == new).count()
                as u32;
        // A place that a hand has emptied is still its own: nobody else moves up in its stead.
        let heading = heading + placed;
        let (mut missing, mut surplus) =
            if new == base { (0, 0) } else { (granted.saturating_sub(heading), heading.saturating_sub(granted)) };
        let mut batch = Batch::new(self.fleet, self.placement, self.cell, self.pace, self.now);
        batch.serving_room = batch.serving_room.min(self.over_all);
        let mut idle: Vec<(u32, &Instance)> = idle(self.placement, self.cell).filter(|(index, _)| touchable(*index)).collect();
        // What is neither may be what the new version takes the place of: it goes first, so that both together never are more than
        // granted. Whoever strayed is put right before anybody else is moved in its stead.
        idle.sort_by_key(|(_, instance)| (instance.version == *base, instance.serves(), instance.by_hand.is_none()));
        let away = self.placement.count_where(self.cell, |instance| instance.version != *base || instance.heading_for() != base);
        let mut from_base = granted.saturating_sub(away);
        for (index, instance) in idle {
            let on_new = instance.version == *new && new != base;
            let is_base = instance.version == *base;
            let wanted = if on_new && surplus > 0 {
                surplus -= 1;
                Some(base)
            } else if !on_new && missing > 0 && may_expose && (!is_base || from_base > 0) {
                missing -= 1;
                from_base = from_base.saturating_sub(u32::from(is_base));
                Some(new)
            } else if !on_new && instance.version != *base {
                Some(base)
            } else if instance.phase == Phase::Drained && (may_expose || !on_new) {
                // Somebody took it out of the balancer; installing what it runs already puts it back.
                Some(&instance.version)
            } else {
                None
            };
            if let Some(version) = wanted
                && !batch.take(index, instance, Task::Install { version: version.clone() })
            {
                break;
            }
        }
        let mut tasks = batch.tasks;
        // A drain that did not work and that nobody wants any more: the instance is put where it belongs instead.
        let put_back = |(instance, task)| match (&task, self.fleet.instance(&instance)) {
            (Task::Drain, Some(found)) if may_expose => {
                let version = found.version.clone();
                (instance, Task::Install { version })
            }
            _ => (instance, task),
        };
        tasks.extend(
            retries(self.fleet, self.placement, self.cell, self.now)
                .map(|(instance, task)| match task {
                    // What is no longer wanted is not tried again.
                    Task::Install { version } if version != *new && version != *base => {
                        (instance, Task::Install { version: base.clone() })
                    }
                    task => (instance, task),
                })
                .filter(|(_, task)| may_expose || !matches!(task, Task::Install { version } if version == new && new != base))
                .map(put_back),
        );
        tasks
    }
}

/// The tasks of one cell that capacity and batch size leave room for.
struct Batch<'a> {
    placement: &'a Placement,
    cell: &'a CellId,
    room: u32,
    serving_room: u32,
    tasks: Tasks,
}

impl<'a> Batch<'a> {
    fn new(fleet: &Fleet, placement: &'a Placement, cell: &'a CellId, pace: Pace, now: EngineTime) -> Self {
        // On the way back an instance that never comes up does not keep the rest of its cell waiting.
        let usual = fleet.usual_task(&placement.id.service);
        let waited_for = |instance: &Instance| pace == Pace::Forward || !instance.is_given_up(usual, now);
        let moving = placement.count_where(cell, |instance| {
            matches!(&instance.in_flight, Some(flight) if matches!(flight.task, Task::Install { .. })) && waited_for(instance)
        });
        Self {
            placement,
            cell,
            room: pace.batch(placement.size_in(cell)).saturating_sub(moving),
            serving_room: guard::may_take(fleet, placement, cell, pace, now),
            tasks: Vec::new(),
        }
    }

    /// For draining, which costs capacity only: as many at once as can be spared, and never one more, since what was drained first can
    /// be put back on the old version before the rest is taken.
    fn of_drains(fleet: &Fleet, placement: &'a Placement, cell: &'a CellId, pace: Pace) -> Self {
        let serving_room = guard::spare(fleet, placement, cell, pace).allowance();
        Self { placement, cell, room: u32::MAX, serving_room, tasks: Vec::new() }
    }

    /// Adds a task if there is room; says whether there was.
    fn take(&mut self, index: u32, instance: &Instance, task: Task) -> bool {
        let costs = u32::from(instance.can_be_counted_on());
        if self.room == 0 || self.serving_room < costs {
            return false;
        }
        self.room -= 1;
        self.serving_room -= costs;
        self.tasks.push((InstanceId { placement: self.placement.id.clone(), cell: self.cell.clone(), index }, task));
        true
    }
}

fn idle<'a>(placement: &'a Placement, cell: &CellId) -> impl Iterator<Item = (u32, &'a Instance)> {
    placement.blue(cell).filter(|(_, instance)| instance.in_flight.is_none())
}

/// Tasks that failed, or were never heard of again, once more.
fn retries<'a>(
    fleet: &'a Fleet,
    placement: &'a Placement,
    cell: &'a CellId,
    now: EngineTime,
) -> impl Iterator<Item = (InstanceId, Task)> + 'a {
    let usual = fleet.usual_task(&placement.id.service);
    placement.blue(cell).filter_map(move |(index, instance)| {
        let flight = instance.in_flight.as_ref()?;
        let patience = if flight.failed.is_some() { RETRY_AFTER } else { usual * LOST_AFTER };
        (now >= flight.issued + patience)
            .then(|| (InstanceId { placement: placement.id.clone(), cell: cell.clone(), index }, flight.task.clone()))
    })
}

/// Whether a version is where it should be on the way back: the base, or what another push has been granted there meanwhile.
fn stays(placement: &Placement, version: &Version) -> bool {
    *version == placement.base || placement.grant.as_ref().is_some_and(|grant| grant.version == *version)
}

fn is_draining(instance: &Instance) -> bool {
    matches!(&instance.in_flight, Some(InFlight { task: Task::Drain, failed: None, .. }))
}

fn has_failed_to_drain(instance: &Instance) -> bool {
    matches!(&instance.in_flight, Some(InFlight { task: Task::Drain, failed: Some(_), .. }))
}
