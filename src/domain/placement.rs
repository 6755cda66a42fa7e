//! A service in an environment, in its three states: current (observed), target (what may be applied now), desired (where it should end).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::drift::ByHand;
use super::id::{CellId, InstanceId, PlacementId, Version};
use super::sides::Sides;
use super::time::{EngineTime, Period};

/// Where one instance is in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Not running.
    #[default]
    Stopped,
    /// The process is coming up.
    Starting,
    /// Up and taking requests, a little slower than it will.
    Warming,
    /// Up and passing its readiness check.
    Ready,
    /// Out of the balancer, finishing the requests it has.
    Draining,
    /// Out of the balancer, idle, kept running.
    Drained,
    /// The process died; it will be started again.
    Crashed,
}

impl Phase {
    /// Whether requests can reach an instance in this phase.
    pub const fn takes_requests(self) -> bool {
        matches!(self, Self::Warming | Self::Ready | Self::Draining)
    }

    /// Whether its process runs and answers.
    pub const fn is_up(self) -> bool {
        self.takes_requests() || matches!(self, Self::Drained)
    }
}

/// What the driver is asked to do to one instance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum Task {
    /// Let its requests run out, stop it, start this version, warm it up, put it into the balancer. Where that version runs already,
    /// only the last.
    Install {
        /// What to run.
        version: Version,
    },
    /// Take it out of the balancer and keep it running.
    Drain,
    /// Let its requests run out, stop it, start this version and keep it out of the balancer: it serves nobody.
    Warm {
        /// What to run.
        version: Version,
    },
    /// Let its requests run out, stop it, and leave it so.
    ShutDown,
}

/// Identity of one operation, unique in an engine's life: the number of the change that issued it and its place in that change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationId(pub u64);

/// A task under way on an instance: durable before it is sent, kept until its effect is observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Its identity: sending it twice has one effect.
    pub id: OperationId,
    /// On which instance.
    pub instance: InstanceId,
    /// What.
    pub task: Task,
}

/// A task waiting to be seen to have worked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InFlight {
    /// The operation's identity.
    pub id: OperationId,
    /// What was asked.
    pub task: Task,
    /// When it was issued, the last time.
    pub issued: EngineTime,
    /// When this was first asked of the instance, over every time it was tried again.
    pub begun: EngineTime,
    /// Why the last try failed, if it did; it is then tried again.
    pub failed: Option<String>,
}

/// What was seen of one instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Which one.
    pub instance: InstanceId,
    /// The version it runs, or is being started with.
    pub version: Version,
    /// Where it is in its life.
    pub phase: Phase,
    /// Whether the balancer sends it requests.
    pub serving: bool,
    /// How often its process has died since this version was installed on it.
    pub restarts: u32,
}

/// After how many times its usual length nobody waits for a task any more.
pub const GIVEN_UP_AFTER: u32 = 4;

/// One running copy as last observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// The version it runs, or is being started with.
    pub version: Version,
    /// Where it is in its life.
    pub phase: Phase,
    /// Whether the balancer sends it requests.
    pub serving: bool,
    /// How often its process has died since this version was installed.
    pub restarts: u32,
    /// When it came into this phase.
    pub since: EngineTime,
    /// A task under way on it.
    pub in_flight: Option<InFlight>,
    /// That it was changed with no task under way on it, and how it was before.
    pub by_hand: Option<ByHand>,
}

impl Instance {
    /// Whether it runs `version`, is ready, takes requests, and nothing is being done to it.
    pub fn is_settled_on(&self, version: &Version) -> bool {
        self.version == *version && self.serves() && self.in_flight.is_none()
    }

    /// Whether nothing of a rollback is left on it: it runs `base` and nothing is being done to it. An instance that was sick before
    /// the push came is not the rollback's to mend, and holds nobody up.
    pub fn is_back_on(&self, base: &Version) -> bool {
        self.version == *base && self.in_flight.is_none() && self.phase != Phase::Drained
    }

    /// Whether it is ready and takes requests.
    pub fn serves(&self) -> bool {
        self.phase == Phase::Ready && self.serving
    }

    /// Whether it will count as serving once everything already asked for has happened as far as it lowers capacity:
    /// an instance that was told to drain or install is as good as gone, even while it is still seen ready.
    pub fn can_be_counted_on(&self) -> bool {
        self.serves() && self.in_flight.is_none()
    }

    /// Whether what was asked of it has not come about in [`GIVEN_UP_AFTER`] times its usual length. It is tried on, and nobody waits
    /// for it any more.
    pub fn is_given_up(&self, usual: Period, now: EngineTime) -> bool {
        self.in_flight.as_ref().is_some_and(|flight| now > flight.begun + usual * GIVEN_UP_AFTER)
    }

    /// The version it will end on: that of an install under way, else the one it runs.
    pub fn heading_for(&self) -> &Version {
        match &self.in_flight {
            Some(InFlight { task: Task::Install { version } | Task::Warm { version }, .. }) => version,
            _ => &self.version,
        }
    }
}

/// How far a push may have carried a placement: so many instances per cell on `version`, the rest on the base.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The new version.
    pub version: Version,
    /// Instances per cell that may run it. A cell not named may have none.
    pub instances: BTreeMap<CellId, u32>,
}

/// A service in an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// Its identity.
    pub id: PlacementId,
    /// Observed instances per cell, by number. Where there are two sides, those of one and then those of the other.
    pub cells: BTreeMap<CellId, Vec<Instance>>,
    /// What runs where nothing else is granted.
    pub base: Version,
    /// What a push may have on top. With `base`, this is the target.
    pub grant: Option<Grant>,
    /// Where it should end.
    pub desired: Version,
    /// Whether an instance has been observed at all yet.
    pub observed: bool,
    /// Blue and green, where it has two sides of instances.
    #[serde(default)]
    pub sides: Option<Sides>,
}

impl Placement {
    /// Every instance with its cell and number, but for those of an idle side.
    pub fn instances(&self) -> impl Iterator<Item = (&CellId, u32, &Instance)> {
        self.cells
            .iter()
            .flat_map(|(cell, instances)| instances.iter().zip(0..).map(move |(instance, index)| (cell, index, instance)))
            .filter(|(cell, index, instance)| !self.is_at_rest(cell, *index, instance))
    }

    /// How many instances are to serve.
    pub fn size(&self) -> u32 {
        self.cells.keys().map(|cell| self.size_in(cell)).sum()
    }

    /// How many instances of a cell are to serve: those of one side.
    pub fn size_in(&self, cell: &CellId) -> u32 {
        let all = self.cells.get(cell).map_or(0, |instances| instances.len() as u32);
        if self.sides.is_some() { all / 2 } else { all }
    }

    /// Current: instances per version, as observed. What stands by is not counted.
    pub fn current(&self) -> BTreeMap<&Version, u32> {
        let mut counts = BTreeMap::new();
        for (_, _, instance) in self.instances().filter(|(cell, index, instance)| self.is_live(cell, *index, instance)) {
            *counts.entry(&instance.version).or_insert(0) += 1;
        }
        counts
    }

    /// Target: instances per version that may run now.
    pub fn target(&self) -> BTreeMap<&Version, u32> {
        let granted = self.grant.as_ref().map_or(0, |grant| grant.instances.values().sum());
        let mut counts = BTreeMap::new();
        if let Some(grant) = &self.grant {
            counts.insert(&grant.version, granted);
        }
        *counts.entry(&self.base).or_insert(0) += self.size().saturating_sub(granted);
        counts.retain(|_, count| *count > 0);
        counts
    }

    /// How many instances of a cell may run the granted version.
    pub fn granted_in(&self, cell: &CellId) -> u32 {
        self.grant.as_ref().and_then(|grant| grant.instances.get(cell)).copied().unwrap_or(0)
    }

    /// The version it is ordered to: the granted one as soon as an instance may run it, else the base.
    pub fn ordered(&self) -> &Version {
        match &self.grant {
            Some(grant) if grant.instances.values().any(|granted| *granted > 0) => &grant.version,
            _ => &self.base,
        }
    }

    /// How many instances of a cell run `version`. What stands by is not counted.
    pub fn count_in(&self, cell: &CellId, version: &Version) -> u32 {
        self.live_where(cell, |instance| instance.version == *version)
    }

    /// How many instances run `version`. What stands by is not counted.
    pub fn count(&self, version: &Version) -> u32 {
        self.cells.keys().map(|cell| self.count_in(cell, version)).sum()
    }

    /// How many instances of a cell are ready and take requests.
    pub fn serving_in(&self, cell: &CellId) -> u32 {
        self.count_where(cell, Instance::serves)
    }

    /// How many instances are ready and take requests.
    pub fn serving(&self) -> u32 {
        self.cells.keys().map(|cell| self.serving_in(cell)).sum()
    }

    /// How many instances of a cell take requests on `version`.
    pub fn serving_version_in(&self, cell: &CellId, version: &Version) -> u32 {
        self.count_where(cell, |instance| instance.version == *version && instance.serving)
    }

    /// How many instances of a cell satisfy a condition, but for those of an idle side.
    pub fn count_where(&self, cell: &CellId, holds: impl Fn(&Instance) -> bool) -> u32 {
        let instances = self.cells.get(cell).into_iter().flat_map(|instances| (0..).zip(instances));
        instances.filter(|(index, instance)| holds(instance) && !self.is_at_rest(cell, *index, instance)).count() as u32
    }

    /// Whether a cell's instances are on what the target allows and serve, with nothing under way.
    pub fn cell_is_on_target(&self, cell: &CellId) -> bool {
        let granted = self.granted_in(cell);
        let new = self.grant.as_ref().map(|grant| &grant.version).filter(|version| **version != self.base);
        let settled_new = new.map_or(0, |version| self.count_where(cell, |instance| instance.is_settled_on(version)));
        let settled_base = self.count_where(cell, |instance| instance.is_settled_on(&self.base));
        // Before any of green serves all of it is to be warm; later a spare that is lost keeps nobody.
        let warms = granted == 0 && self.kept_green().is_some_and(|green| Some(green) == new);
        if warms && !self.green_is_on_target(cell) {
            return false;
        }
        // The other side has left the balancer, or the shares are not what they should be.
        if self.sides.is_some() && self.count_where(cell, |instance| instance.serving) > self.size_in(cell) {
            return false;
        }
        match new {
            Some(_) => settled_new == granted && settled_new + settled_base == self.size_in(cell),
            None => settled_base == self.size_in(cell),
        }
    }

    /// Whether current is target, everywhere.
    pub fn is_on_target(&self) -> bool {
        self.observed && self.cells.keys().all(|cell| self.cell_is_on_target(cell))
    }

    /// Whether the target is what is desired.
    pub(super) fn is_granted_all(&self) -> bool {
        match &self.grant {
            None => self.base == self.desired,
            Some(grant) => {
                grant.version == self.desired && self.cells.keys().all(|cell| self.granted_in(cell) >= self.size_in(cell))
            }
        }
    }

    /// Whether current is target is desired.
    pub fn is_converged(&self) -> bool {
        self.is_on_target() && self.is_granted_all()
    }
}
