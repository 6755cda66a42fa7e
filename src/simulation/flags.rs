//! Flags in the simulated fleet: each instance takes a switch after a while of its own.

use std::collections::BTreeMap;

use crate::domain::declaration::Declaration;
use crate::domain::id::{CellId, EnvironmentId, FlagId, ServiceId};
use crate::domain::time::{EngineTime, Period};

use super::random::stream;
use super::site::Site;
use rand::RngExt as _;

/// Every declared flag; all are on at first.
#[derive(Clone, Debug)]
pub struct Flags {
    known: BTreeMap<FlagId, Switch>,
    seed: u64,
}

/// A flag, and when each instance takes, or took, the last switch.
#[derive(Clone, Debug)]
struct Switch {
    service: ServiceId,
    propagates: Period,
    on: bool,
    switches: u64,
    due: BTreeMap<(EnvironmentId, CellId), Vec<EngineTime>>,
    told: Option<u32>,
}

impl Switch {
    fn counted(&self, now: EngineTime) -> (u32, u32) {
        let all = self.due.values().flatten();
        (all.clone().filter(|due| **due <= now).count() as u32, all.count() as u32)
    }
}

/// How many instances have taken a switch, and of how many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Which flag.
    pub flag: FlagId,
    /// Which way it was switched.
    pub on: bool,
    /// How many have.
    pub taken: u32,
    /// Of how many.
    pub of: u32,
}

impl Flags {
    /// The flags of a declaration.
    pub fn new(declaration: &Declaration, seed: u64) -> Self {
        let fresh = |service: &ServiceId, propagates| Switch {
            service: service.clone(),
            propagates,
            on: true,
            switches: 0,
            due: BTreeMap::new(),
            told: None,
        };
        let known = declaration.flags.iter().map(|flag| (flag.id.clone(), fresh(&flag.service, flag.propagates)));
        Self { known: known.collect(), seed }
    }

    /// Switches a flag; the same again changes nothing.
    pub fn switch(&mut self, flag: &FlagId, on: bool, sites: &[Site], now: EngineTime) {
        let Some(known) = self.known.get_mut(flag).filter(|known| known.on != on) else { return };
        (known.on, known.told) = (on, None);
        known.switches += 1;
        let mut random = stream(self.seed ^ known.switches, &["flag", flag.as_str()]);
        for site in sites {
            let count = site.pool(&known.service).map_or(0, |pool| pool.instances.len());
            let longest = known.propagates.secs_f64();
            let due = (0..count).map(|_| now + Period::from_secs_f64(longest * random.random::<f64>())).collect();
            known.due.insert((site.environment.clone(), site.cell.clone()), due);
        }
    }

    /// What has come of switches since this was last asked.
    pub fn seen(&mut self, now: EngineTime) -> Vec<Taken> {
        let mut found = Vec::new();
        for (flag, known) in self.known.iter_mut().filter(|(_, known)| known.switches > 0) {
            let (taken, of) = known.counted(now);
            if known.told != Some(taken) {
                known.told = Some(taken);
                found.push(Taken { flag: flag.clone(), on: known.on, taken, of });
            }
        }
        found
    }

    /// Whether any flag was ever switched.
    pub fn is_touched(&self) -> bool {
        self.known.values().any(|known| known.switches > 0)
    }

    /// The share of a cell's instances on which a flag is on, 0 to 1.
    pub fn share_on(&self, flag: &FlagId, environment: &EnvironmentId, cell: &CellId, now: EngineTime) -> f64 {
        let Some(known) = self.known.get(flag) else { return 1.0 };
        let Some(due) = known.due.get(&(environment.clone(), cell.clone())).filter(|due| !due.is_empty()) else { return 1.0 };
        let taken = due.iter().filter(|due| **due <= now).count() as f64 / due.len() as f64;
        if known.on { taken } else { 1.0 - taken }
    }
}
