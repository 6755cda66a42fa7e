//! The simulated fleet as a whole: time passes, orders are carried out, and what comes of it can be looked at.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::domain::declaration::Declaration;
use crate::domain::id::{CellId, EnvironmentId, FlagId, InstanceId, PlacementId, ServiceId, Version};
use crate::domain::placement::{Observation, Operation, OperationId, Task};
use crate::domain::time::{EngineTime, Period};

use super::census::{Census, Count, Question};
use super::exposition;
use super::flags::{Flags, Taken};
use super::logs::Lines;
use super::operation::{Halted, UnknownInstance};
use super::outage::Lost;
use super::pool::Pool;
use super::site::Site;
use crate::engine::spec::scenario::{Fault, Faults, HandChange, SharedFault};

/// The least time that is looked at on its own.
const STEP: Period = Period::from_millis(250);

/// Every how many steps latencies are sorted into buckets: once a second, which is as often as anybody scrapes.
const SORTED_EVERY: u64 = 4;

/// How the fleet behaves beyond what a spec declares.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// What is wrong with which version.
    pub faults: Faults,
    /// What is bad for every version alike, and when since the start.
    pub shared: Vec<SharedFault>,
    /// What somebody changes past the engine, and when since the start.
    pub by_hand: Vec<(Period, HandChange)>,
    /// Hosts that are lost for a while.
    pub outages: Vec<Lost>,
    /// Whether orders to stop are never heard.
    pub deaf_driver: bool,
    /// From an order until it begins, in which it can still be taken back.
    pub dispatch: Period,
}

/// What a version of a service did in an environment since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Requests answered.
    pub requests: u64,
    /// Of those, answered with a server error.
    pub errors: u64,
}

/// A simulated fleet. Time passes only in [`Simulation::advance`].
#[derive(Clone, Debug)]
pub struct Simulation {
    profile: Profile,
    sites: Vec<Site>,
    now: EngineTime,
    steps: u64,
    seed: u64,
    pending: VecDeque<(EngineTime, Operation)>,
    known: BTreeSet<OperationId>,
    /// Changes by hand still to come, in order of time.
    by_hand: VecDeque<(EngineTime, HandChange)>,
    /// When the first instance of a version whose metrics vanish began to serve, while any instance carries it.
    vanishing: BTreeMap<(EnvironmentId, ServiceId, Version), EngineTime>,
    misbehaves_since: Option<EngineTime>,
    census: Option<Census>,
    flags: Flags,
}

impl Simulation {
    /// The fleet as declared, everything ready on the version it runs, at the moment `start`.
    pub fn new(declaration: &Declaration, profile: Profile, start: EngineTime, seed: u64) -> Self {
        let places =
            declaration.environments.iter().flat_map(|environment| environment.cells.iter().map(move |cell| (environment, cell)));
        let sites = places.map(|place| Site::new(declaration, place, &profile, start, seed)).collect();
        let mut by_hand: Vec<_> = profile.by_hand.iter().map(|(after, change)| (start + *after, change.clone())).collect();
        by_hand.sort_by_key(|(at, _)| *at);
        Self {
            profile,
            sites,
            now: start,
            steps: 0,
            seed,
            pending: VecDeque::new(),
            known: BTreeSet::new(),
            by_hand: by_hand.into(),
            vanishing: BTreeMap::new(),
            misbehaves_since: None,
            census: None,
            flags: Flags::new(declaration, seed),
        }
    }

    /// The moment up to which everything has happened: at most a quarter of a second behind what was asked for.
    pub fn now(&self) -> EngineTime {
        self.now
    }

    /// Every cell, in the order declared.
    pub fn cells(&self) -> impl Iterator<Item = (&EnvironmentId, &CellId)> {
        self.sites.iter().map(|site| (&site.environment, &site.cell))
    }

    /// Lets time pass until `to`, in whole steps of a quarter of a second. What comes of it does not depend on how the way is cut, as
    /// long as orders are given at the same moments.
    pub fn advance(&mut self, to: EngineTime) {
        while self.now + STEP <= to {
            self.now = self.now + STEP;
            self.steps += 1;
            self.step();
        }
    }

    fn step(&mut self) {
        while self.pending.front().is_some_and(|(due, _)| *due <= self.now) {
            if let Some((_, operation)) = self.pending.pop_front() {
                self.begin(&operation);
            }
        }
        while self.by_hand.front().is_some_and(|(due, _)| *due <= self.now) {
            if let Some((_, change)) = self.by_hand.pop_front() {
                self.tamper(&change);
            }
        }
        self.lose_hosts();
        self.read_flags();
        for pool in self.sites.iter_mut().flat_map(|site| &mut site.pools) {
            pool.live(self.now);
        }
        self.note_exposure();
        let sort = self.steps.is_multiple_of(SORTED_EVERY);
        for site in &mut self.sites {
            site.serve(self.now, STEP, sort);
        }
        if let Some(census) = &mut self.census {
            census.count(&self.sites);
        }
    }

    /// Begins the outages that are due.
    fn lose_hosts(&mut self) {
        let now = self.now;
        let (due, later): (Vec<Lost>, Vec<Lost>) =
            std::mem::take(&mut self.profile.outages).into_iter().partition(|lost| lost.from <= now);
        self.profile.outages = later;
        for lost in due {
            for site in self.sites.iter_mut().filter(|site| site.environment == lost.environment && site.cell == lost.cell) {
                for pool in &mut site.pools {
                    let size = pool.instances.len() as u32;
                    for index in size - lost.share.floor_of(size)..size {
                        pool.tell(index, |instance, _, _| instance.lose(now, lost.until), now);
                    }
                }
            }
        }
    }

    /// What is wrong shows only where the flag it stands behind is on.
    fn read_flags(&mut self) {
        if !self.flags.is_touched() || self.profile.faults.0.iter().all(|fault| fault.flag.is_none()) {
            return;
        }
        for site in &mut self.sites {
            let (environment, cell) = (&site.environment, &site.cell);
            for pool in &mut site.pools {
                let on = |flag: &FlagId| self.flags.share_on(flag, environment, cell, self.now);
                pool.faults = self.profile.faults.behind(&pool.service, environment, cell, on);
            }
        }
    }

    /// Switches a flag. The same again changes nothing.
    pub fn switch(&mut self, flag: &FlagId, on: bool) {
        self.flags.switch(flag, on, &self.sites, self.now);
    }

    /// How far the switches of flags have come, where that is another count than when this was last asked.
    pub fn flags_seen(&mut self) -> Vec<Taken> {
        self.flags.seen(self.now)
    }

    /// Gives an order. The same id again changes nothing: the order was given already.
    ///
    /// # Errors
    /// If there is no such instance. The id is then still free.
    pub fn order(&mut self, operation: Operation) -> Result<(), UnknownInstance> {
        let pool = self.pool_mut(&operation.instance.placement, &operation.instance.cell);
        if pool.is_none_or(|pool| pool.instances.get(operation.instance.index as usize).is_none()) {
            return Err(UnknownInstance(operation.instance));
        }
        if self.known.insert(operation.id) {
            self.pending.push_back((self.now + self.profile.dispatch, operation));
        }
        Ok(())
    }

    /// Takes back the orders that match and have not begun. `None` where the driver is deaf: nothing is taken back, and nobody says so.
    pub fn halt(&mut self, matches: impl Fn(&Operation) -> bool) -> Option<Halted> {
        if self.profile.deaf_driver {
            return None;
        }
        let cancelled = self
            .pending
            .iter()
            .filter(|(_, operation)| matches(operation))
            .map(|(_, operation)| (operation.id, operation.instance.clone()))
            .collect();
        self.pending.retain(|(_, operation)| !matches(operation));
        Some(Halted { cancelled })
    }

    /// Orders given and not begun, in the order they were given.
    pub fn pending(&self) -> impl Iterator<Item = &Operation> {
        self.pending.iter().map(|(_, operation)| operation)
    }

    /// The instances whose state changed since this was last asked; at first all. By cell, service and number.
    pub fn observe(&mut self) -> Vec<Observation> {
        let mut seen = Vec::new();
        for site in &mut self.sites {
            for pool in &mut site.pools {
                let placement = PlacementId::new(pool.service.clone(), site.environment.clone());
                for (index, instance) in pool.instances.iter_mut().enumerate().filter(|(_, instance)| instance.changed) {
                    instance.changed = false;
                    seen.push(Observation {
                        instance: InstanceId { placement: placement.clone(), cell: site.cell.clone(), index: index as u32 },
                        version: instance.version.clone(),
                        phase: instance.phase,
                        serving: instance.phase.takes_requests(),
                        restarts: instance.restarts,
                    });
                }
            }
        }
        seen
    }

    /// A cell's metrics as Prometheus text. `None` where there is no such cell, or its metrics have vanished.
    pub fn scrape(&self, environment: &EnvironmentId, cell: &CellId) -> Option<String> {
        let site = self.sites.iter().find(|site| site.environment == *environment && site.cell == *cell)?;
        (!self.is_blind(environment)).then(|| exposition::text(site, self.now))
    }

    /// What the instances of a cell wrote to their logs. `None` where there is no such cell, or it answers nothing.
    pub fn lines(&self, environment: &EnvironmentId, cell: &CellId) -> Option<&Lines> {
        let site = self.sites.iter().find(|site| site.environment == *environment && site.cell == *cell)?;
        (!self.is_blind(environment)).then_some(&site.lines)
    }

    /// When a faulty version first served while its fault showed: the moment from which it could be detected.
    pub fn misbehaves_since(&self) -> Option<EngineTime> {
        self.misbehaves_since
    }

    /// What each version of each service did in each environment since the start.
    pub fn truth(&self) -> BTreeMap<(EnvironmentId, ServiceId, Version), Tally> {
        let mut truth = BTreeMap::<_, Tally>::new();
        for site in &self.sites {
            for (pool, arm) in site.pools.iter().flat_map(|pool| pool.arms.iter().map(move |arm| (pool, arm))) {
                let tally = truth.entry((site.environment.clone(), pool.service.clone(), arm.version.clone())).or_default();
                tally.requests += arm.requests;
                tally.errors += arm.errors;
            }
        }
        truth
    }

    /// From now on counts, request by request, who meets given versions. Replaces a count that was under way.
    pub fn begin_census(&mut self, question: Question) {
        self.census = Some(Census::new(question, &self.sites, self.seed));
    }

    /// What the census has counted so far; `None` where none was begun.
    pub fn census(&self) -> Option<Count> {
        self.census.as_ref().map(Census::so_far)
    }

    fn begin(&mut self, operation: &Operation) {
        let now = self.now;
        if let Some(pool) = self.pool_mut(&operation.instance.placement, &operation.instance.cell) {
            pool.tell(
                operation.instance.index,
                |instance, pace, rng| match &operation.task {
                    Task::Install { version } => instance.install(version, now, pace, rng),
                    Task::Drain => instance.drain(now, pace, rng),
                    Task::Warm { version } => instance.warm(version, now, pace, rng),
                    Task::ShutDown => instance.shut_down(now, pace, rng),
                },
                now,
            );
        }
    }

    /// Somebody changes instances, those with the highest numbers, and tells nobody.
    fn tamper(&mut self, change: &HandChange) {
        let now = self.now;
        let Some(pool) = self.pool_mut(&change.placement, &change.cell) else { return };
        let size = pool.instances.len() as u32;
        for index in size.saturating_sub(change.instances)..size {
            pool.tell(
                index,
                |instance, pace, rng| match &change.version {
                    Some(version) => instance.install(version, now, pace, rng),
                    None => instance.drain(now, pace, rng),
                },
                now,
            );
        }
    }

    fn pool_mut(&mut self, placement: &PlacementId, cell: &CellId) -> Option<&mut Pool> {
        let PlacementId { service, environment } = placement;
        let site = self.sites.iter_mut().find(|site| site.environment == *environment && site.cell == *cell)?;
        site.pools.iter_mut().find(|pool| pool.service == *service)
    }

    /// Tells each arm of a faulty service how far its version has got in the environment, and notes whose metrics are to vanish.
    fn note_exposure(&mut self) {
        let mut reach = BTreeMap::<_, (f64, u32)>::new();
        let mut serving = BTreeMap::<_, f64>::new();
        for site in &self.sites {
            for pool in site.pools.iter().filter(|pool| !pool.faults.is_empty()) {
                for arm in &pool.arms {
                    let part = reach.entry((site.environment.clone(), pool.service.clone(), arm.version.clone())).or_default();
                    *part = (part.0 + arm.weight, part.1 + arm.carriers);
                    *serving.entry((site.environment.clone(), pool.service.clone())).or_default() += arm.weight;
                }
            }
        }
        for site in &mut self.sites {
            for pool in site.pools.iter_mut().filter(|pool| !pool.faults.is_empty()) {
                for arm in &mut pool.arms {
                    let key = (site.environment.clone(), pool.service.clone(), arm.version.clone());
                    let (weight, carriers) = reach.get(&key).copied().unwrap_or_default();
                    let whole = serving.get(&(key.0.clone(), key.1.clone())).copied().unwrap_or_default();
                    arm.exposure = if whole > 0.0 { weight / whole } else { 0.0 };
                    if self.misbehaves_since.is_none() && arm.shows(&pool.faults) {
                        self.misbehaves_since = Some(self.now);
                    }
                    if carriers == 0 {
                        self.vanishing.remove(&key);
                    } else if weight > 0.0 && vanishes(&pool.faults, &key.2).is_some() {
                        self.vanishing.entry(key).or_insert(self.now);
                    }
                }
            }
        }
    }

    /// Whether an environment's cells do not answer scrapes.
    fn is_blind(&self, environment: &EnvironmentId) -> bool {
        self.vanishing.iter().filter(|((place, ..), _)| place == environment).any(|((_, service, version), since)| {
            let faults = self.profile.faults.of(service, environment, None);
            vanishes(&faults, version).is_some_and(|after| *since + after <= self.now)
        })
    }
}

/// How long after it first serves a version's metrics vanish, if they do.
fn vanishes(faults: &[(Version, Fault)], version: &Version) -> Option<Period> {
    faults.iter().filter(|(of, _)| of == version).find_map(|(_, fault)| match fault {
        Fault::MetricsVanish { after } => Some(*after),
        _ => None,
    })
}
