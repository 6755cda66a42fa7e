//! A cell with two sides: green is warmed without taking traffic, put into the balancer before as many of blue are taken out, and taken
//! out again once blue is back in. What is wanted of each instance is worked out anew every time, so that nothing depends on the way
//! that it came.

use crate::domain::drift;
use crate::domain::id::{InstanceId, Version};
use crate::domain::placement::{Instance, Phase, Task};
use crate::engine::guard::{self, Pace};

use super::{Converge, LOST_AFTER, RETRY_AFTER, Tasks};

/// Where a cell's requests are to go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Traffic {
    /// To as many of green as are granted, and to blue for the rest.
    AsGranted,
    /// To blue alone, whatever is granted: somebody had the cell drained.
    ToBlue,
}

/// What is wanted of an instance.
enum Wanted<'a> {
    /// It serves this version.
    In(&'a Version),
    /// It runs this version and takes no traffic.
    StandsBy(&'a Version),
    /// It does not run.
    Off,
}

impl Converge<'_> {
    /// Tasks towards the target; none that exposes anybody new, or installs anything new, unless `may_expose`. `None` where green is
    /// not kept: blue is then moved as if there were no other side.
    pub(super) fn on_two_sides(&self, traffic: Traffic, may_expose: bool) -> Option<Tasks> {
        let (placement, cell) = (self.placement, self.cell);
        let new = placement.kept_green()?;
        let grant = placement.grant.as_ref().filter(|grant| grant.version == *new && traffic == Traffic::AsGranted);
        let granted = grant.map_or(0, |_| placement.granted_in(cell));
        let untouchable = self.untouchable();
        let touchable = |index: &u32| !untouchable.contains(index);
        // Those that serve already come first, so that nobody is swapped for another.
        let mut green: Vec<_> = placement.green(cell).filter(|(index, _)| touchable(index)).collect();
        green.sort_by_key(|(_, instance)| rank(instance, new));
        let mut blue: Vec<_> = placement.blue(cell).filter(|(index, _)| touchable(index)).collect();
        blue.sort_by_key(|(_, instance)| rank(instance, &placement.base));

        let settled = green.iter().filter(|(_, instance)| instance.is_settled_on(new)).count() as u32;
        let in_or_coming = green.iter().filter(|(_, instance)| rank(instance, new) < STANDS_BY).count() as u32;
        let green_in = if may_expose { granted } else { granted.min(in_or_coming) };
        let serving = blue.iter().filter(|(_, instance)| instance.can_be_counted_on()).count() as u32;
        let least = placement.size_in(cell).saturating_sub(settled.min(granted));
        // Taking blue out gives green a larger share: nothing of the kind while it is stopped.
        let blue_in = if may_expose { least } else { least.max(serving) };

        let mut tasks = Tasks::new();
        let mut room = self.room();
        // One that was lost comes up again by itself, as it would with one side.
        let is_lost = |instance: &Instance| {
            instance.phase == Phase::Stopped && instance.version == placement.base && instance.in_flight.is_none()
        };
        for (at, (index, instance)) in (0..).zip(&blue).filter(|(_, (_, instance))| !is_lost(instance)) {
            let wanted = if at < blue_in { Wanted::In(&placement.base) } else { Wanted::StandsBy(&placement.base) };
            self.towards(&mut tasks, &mut room, (*index, instance), &wanted);
        }
        for (at, (index, instance)) in (0..).zip(&green) {
            let wanted = if at < green_in { Wanted::In(new) } else { Wanted::StandsBy(new) };
            // What is new is neither installed nor put in while it is stopped; taking it out is always right.
            let is_out = !instance.serving && instance.in_flight.as_ref().is_none_or(|flight| flight.failed.is_some());
            // On the way back nothing is warmed: only what serves, or is about to, is taken out.
            let is_idle = !instance.serving && !instance.is_coming_back();
            let is_asked = match self.pace {
                Pace::Back(_) => !is_idle,
                Pace::Forward | Pace::Sparing => may_expose || !is_out,
            };
            if is_asked {
                self.towards(&mut tasks, &mut room, (*index, instance), &wanted);
            }
        }
        Some(tasks)
    }

    /// What somebody changed by hand waits for a person on the way forward; the way back puts right whatever it finds.
    fn untouchable(&self) -> Vec<u32> {
        match self.pace {
            Pace::Back(_) => Vec::new(),
            Pace::Forward | Pace::Sparing => drift::untouchable(self.fleet, self.placement, self.cell).0,
        }
    }

    /// Stops what is left running on the green side although nobody needs it.
    pub(super) fn stop_green(&self) -> Tasks {
        let mut tasks = Tasks::new();
        if self.placement.kept_green().is_none() {
            let mut room = self.room();
            let held = self.untouchable();
            for (index, instance) in self.placement.green(self.cell).filter(|(index, _)| !held.contains(index)) {
                self.towards(&mut tasks, &mut room, (index, instance), &Wanted::Off);
            }
        }
        tasks
    }

    /// How many serving instances may be taken out: whatever serves beyond the size of one side. On the way back, and to put right what
    /// blue runs by somebody's hand, also what a cell of one side could spare.
    fn room(&self) -> u32 {
        let counted_on = self.placement.count_where(self.cell, Instance::can_be_counted_on);
        let beyond = counted_on.saturating_sub(self.placement.size_in(self.cell));
        let spare = guard::may_take(self.fleet, self.placement, self.cell, self.pace, self.now).min(self.over_all);
        let strays = || self.placement.blue(self.cell).any(|(_, instance)| instance.version != self.placement.base);
        match self.pace {
            Pace::Back(_) => beyond.max(spare),
            Pace::Forward | Pace::Sparing if strays() => beyond.max(spare.min(self.pace.batch(self.placement.size_in(self.cell)))),
            Pace::Forward | Pace::Sparing => beyond,
        }
    }

    fn towards(&self, tasks: &mut Tasks, room: &mut u32, (index, instance): (u32, &Instance), wanted: &Wanted<'_>) {
        let Some(task) = next(instance, wanted) else { return };
        let asked = instance.in_flight.as_ref();
        if asked.is_some_and(|flight| flight.task == task) && !self.is_to_be_asked_again(instance) {
            return;
        }
        let takes_out = instance.can_be_counted_on();
        if takes_out && *room == 0 {
            return;
        }
        *room -= u32::from(takes_out);
        tasks.push((InstanceId { placement: self.placement.id.clone(), cell: self.cell.clone(), index }, task));
    }

    fn is_to_be_asked_again(&self, instance: &Instance) -> bool {
        instance.in_flight.as_ref().is_some_and(|flight| {
            let usual = self.fleet.usual_task(&self.placement.id.service);
            let patience = if flight.failed.is_some() { RETRY_AFTER } else { usual * LOST_AFTER };
            self.now >= flight.issued + patience
        })
    }
}

/// The rank of an instance that stands by; below are those that serve or are about to.
const STANDS_BY: u32 = 2;

/// How near an instance is to serving a version.
fn rank(instance: &Instance, version: &Version) -> u32 {
    let is_on = instance.version == *version;
    match &instance.in_flight {
        None if is_on && instance.serving => 0,
        Some(flight) if matches!(&flight.task, Task::Install { version: asked } if asked == version) => 1,
        None if is_on && instance.is_standing_by() => STANDS_BY,
        Some(_) if is_on => 3,
        _ => 4,
    }
}

/// The task that brings an instance nearer to what is wanted; none where it is there, or is getting there by itself.
fn next(instance: &Instance, wanted: &Wanted<'_>) -> Option<Task> {
    let free = instance.in_flight.is_none();
    match wanted {
        // One that died or starts on the right version comes up by itself.
        Wanted::In(version) if free && instance.version == **version && (instance.serving || comes_up(instance)) => None,
        Wanted::In(version) => Some(Task::Install { version: (*version).clone() }),
        Wanted::StandsBy(version) if free && instance.version == **version && instance.is_standing_by() => None,
        // Requests run out before anything else is done to it.
        Wanted::StandsBy(_) | Wanted::Off if instance.serving => Some(Task::Drain),
        Wanted::StandsBy(version) => Some(Task::Warm { version: (*version).clone() }),
        Wanted::Off if free && instance.phase == Phase::Stopped && !instance.serving => None,
        Wanted::Off => Some(Task::ShutDown),
    }
}

fn comes_up(instance: &Instance) -> bool {
    matches!(instance.phase, Phase::Starting | Phase::Crashed)
}
