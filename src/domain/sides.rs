//! Blue and green: a service whose cells have two sides of instances, of which one serves and the other is changed.
//!
//! *Blue* is the side that serves where nothing is granted. *Green* is the other one: at rest it is not running, and nothing counts it.
//! While a push goes through, green is installed and kept warm, takes its share of the traffic instance by instance, and as many of
//! blue are taken out of the balancer and kept warm. So going back installs nothing, as long as blue is kept. When blue is let go the
//! sides change places, and what was blue is stopped.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fleet::Fleet;
use super::id::{CellId, EnvironmentId, Version};
use super::placement::{Instance, Phase, Placement, Task};
use super::push::Push;
use super::stage::{Green, PlannedStage};
use super::time::{EngineTime, Period};

/// Which side of a placement is which, and what green is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sides {
    /// Whether blue is the second half of each cell's instances.
    pub swapped: bool,
    /// The version that green is kept running with; `None` where green is to be stopped.
    pub green: Option<Version>,
}

impl Placement {
    /// Whether an instance is on the side that serves where nothing is granted. All are where there is one side only.
    pub fn is_blue(&self, cell: &CellId, index: u32) -> bool {
        self.sides.as_ref().is_none_or(|sides| (index >= self.size_in(cell)) == sides.swapped)
    }

    /// The instances of a cell on the side that serves where nothing is granted, by number.
    pub fn blue(&self, cell: &CellId) -> impl Iterator<Item = (u32, &Instance)> {
        self.numbered(cell).filter(|(index, _)| self.is_blue(cell, *index))
    }

    /// The instances of a cell on the other side, by number; none where there is one side only.
    pub fn green(&self, cell: &CellId) -> impl Iterator<Item = (u32, &Instance)> {
        self.numbered(cell).filter(|(index, _)| !self.is_blue(cell, *index))
    }

    /// Every instance on the side that serves where nothing is granted, with its cell and number.
    pub fn on_blue(&self) -> impl Iterator<Item = (&CellId, u32, &Instance)> {
        self.instances().filter(|(cell, index, _)| self.is_blue(cell, *index))
    }

    fn numbered(&self, cell: &CellId) -> impl Iterator<Item = (u32, &Instance)> {
        self.cells.get(cell).into_iter().flat_map(|instances| (0..).zip(instances))
    }

    /// The version that green is kept running with, where it is.
    pub fn kept_green(&self) -> Option<&Version> {
        self.sides.as_ref().and_then(|sides| sides.green.as_ref())
    }

    /// Whether an instance is on the side that nothing is asked of, and does not run.
    pub(super) fn is_at_rest(&self, cell: &CellId, index: u32, instance: &Instance) -> bool {
        self.sides.is_some()
            && instance.phase == Phase::Stopped
            && instance.in_flight.is_none()
            && !instance.serving
            && !self.is_blue(cell, index)
    }

    /// Whether an instance counts among those that serve, or would if it were well: not one that stands by.
    pub(super) fn is_live(&self, cell: &CellId, index: u32, instance: &Instance) -> bool {
        match &self.sides {
            None => true,
            Some(sides) => {
                let stands_by = sides.green.is_some() && instance.phase == Phase::Drained;
                instance.serving || (self.is_blue(cell, index) && !stands_by)
            }
        }
    }

    /// How many instances of a cell are live and satisfy a condition.
    pub fn live_where(&self, cell: &CellId, holds: impl Fn(&Instance) -> bool) -> u32 {
        self.numbered(cell).filter(|(index, instance)| self.is_live(cell, *index, instance) && holds(instance)).count() as u32
    }

    /// Instances per version that stand by beside those that serve: up, and taking no traffic. Empty where there is one side only.
    pub fn stand_by(&self) -> BTreeMap<&Version, u32> {
        let mut counts = BTreeMap::new();
        let stand_by = self.instances().filter(|(.., instance)| self.sides.is_some() && instance.is_standing_by());
        for (.., instance) in stand_by {
            *counts.entry(&instance.version).or_insert(0) += 1;
        }
        counts
    }

    /// How many instances of a cell's green side are up on a version, taking traffic or not.
    pub fn warm_in(&self, cell: &CellId, version: &Version) -> u32 {
        self.green(cell).filter(|(_, instance)| instance.is_warm_on(version)).count() as u32
    }

    /// Whether green is as it is wanted: up on what it is kept running with, or not running.
    pub fn green_is_on_target(&self, cell: &CellId) -> bool {
        match self.kept_green() {
            Some(version) => self.warm_in(cell, version) == self.size_in(cell),
            None => self.green(cell).all(|(index, instance)| self.is_at_rest(cell, index, instance)),
        }
    }

    /// Whether something that nobody needs any more is still running on the green side.
    pub fn has_to_stop_green(&self) -> bool {
        self.kept_green().is_none() && !self.cells.keys().all(|cell| self.green_is_on_target(cell))
    }

    /// As it would be with all of green warm on a version and so many of each cell's instances in service, for whoever looks ahead.
    pub(super) fn think_switched(&mut self, version: &Version, granted: impl Fn(&CellId) -> u32) {
        let swapped = self.sides.as_ref().is_some_and(|sides| sides.swapped);
        for (cell, instances) in &mut self.cells {
            let (half, granted) = (instances.len() / 2, granted(cell) as usize);
            let (first, second) = instances.split_at_mut(half);
            let (blue, green) = if swapped { (second, first) } else { (first, second) };
            let stand_by = |instance: &mut Instance| (instance.phase, instance.serving) = (Phase::Drained, false);
            blue.iter_mut().take(granted).for_each(stand_by);
            for instance in green.iter_mut() {
                instance.version = version.clone();
            }
            green.iter_mut().skip(granted).for_each(stand_by);
            green.iter_mut().take(granted).for_each(|instance| (instance.phase, instance.serving) = (Phase::Ready, true));
        }
    }

    /// Green is wanted on a version from now on.
    pub(super) fn want_green(&mut self, version: &Version) {
        let is_other = *version != self.base;
        if let Some(sides) = &mut self.sides {
            // What blue runs already needs no other side.
            sides.green = is_other.then(|| version.clone());
        }
    }

    /// Green is wanted no longer.
    pub(super) fn stop_green(&mut self) {
        if let Some(sides) = &mut self.sides {
            sides.green = None;
        }
    }

    /// Blue is wanted no longer: green is the one that serves now.
    pub(super) fn let_blue_go(&mut self) {
        if let Some(sides) = self.sides.as_mut().filter(|sides| sides.green.is_some()) {
            sides.swapped = !sides.swapped;
            sides.green = None;
        }
    }
}

impl Instance {
    /// Whether something is under way on it after which it serves, or serves on.
    pub fn is_coming_back(&self) -> bool {
        self.in_flight.as_ref().is_some_and(|flight| !matches!(flight.task, Task::Warm { .. } | Task::ShutDown))
    }

    /// Whether it is up and takes no traffic, with nothing being done to it.
    pub fn is_standing_by(&self) -> bool {
        self.phase == Phase::Drained && !self.serving && self.in_flight.is_none()
    }

    /// Whether it runs a version and could serve at once, or does.
    pub fn is_warm_on(&self, version: &Version) -> bool {
        self.version == *version && (self.is_standing_by() || (self.serves() && self.in_flight.is_none()))
    }
}

/// How long blue is still kept beside a push's green.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// How long blue stays warm after green has taken all the traffic.
    pub keep: Period,
    /// Until when, once that clock runs.
    pub until: Option<EngineTime>,
}

impl Fleet {
    /// The placements of a push in an environment beside whose green blue is kept.
    pub fn blue_kept<'a>(&'a self, push: &'a Push, environment: &'a EnvironmentId) -> impl Iterator<Item = &'a Placement> {
        let places = push.plan.moves.iter().filter_map(|part| Some((part, self.placement(&part.service, environment)?)));
        let is_own = |version: &Version, part: &super::push::Move| part.brings(environment, version);
        places
            .filter(move |(part, placement)| placement.kept_green().is_some_and(|version| is_own(version, part)))
            .map(|(_, placement)| placement)
    }

    /// How long blue is still kept in an environment; `None` where it is not, or where for one of the siblings it is no longer what the
    /// push goes back to, as after it took the place of another that was through.
    pub fn keeps_blue(&self, push: &Push, environment: &EnvironmentId) -> Option<Kept> {
        let is_there = |placement: &&Placement| {
            push.move_of(&placement.id.service).and_then(|part| part.from.get(environment)) == Some(&placement.base)
        };
        let touched = push.plan.moves.iter().filter(|part| part.changes(environment)).count();
        if touched == 0 || self.blue_kept(push, environment).filter(is_there).count() < touched {
            return None;
        }
        let keep = push.plan.stages.iter().filter(|stage| stage.environment == *environment).find_map(PlannedStage::keep)?;
        let here = push.stage().filter(|stage| stage.environment == *environment && stage.keep().is_some());
        let clock = &push.cursor.bake;
        let until = here.and(clock.running_since).map(|since| since + keep.less(clock.ran));
        Some(Kept { keep, until })
    }

    /// How many instances of a stage are where it wants them, and of how many: warm ones of a stage that exposes nobody, serving ones
    /// of any other.
    pub fn arrived(&self, push: &Push, stage: &PlannedStage) -> (u32, u32) {
        if stage.green != Some(Green::Warm) {
            return (self.settled_on_new(push, stage), stage.granted());
        }
        let (mut there, mut of) = (0, 0);
        for part in &push.plan.moves {
            let Some(placement) = self.placement(&part.service, &stage.environment) else { continue };
            for cell in stage.grants.get(&part.service).into_iter().flat_map(BTreeMap::keys) {
                of += placement.size_in(cell);
                there += match placement.kept_green() {
                    Some(version) if *version == part.to.version => placement.warm_in(cell, version),
                    // It runs that version already: there is nothing to warm.
                    _ if placement.base == part.to.version => placement.size_in(cell),
                    _ => 0,
                };
            }
        }
        (there, of)
    }
}
