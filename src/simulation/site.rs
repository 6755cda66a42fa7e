//! One cell of the simulated fleet: its pools, and the requests that pass through them.

use crate::domain::declaration::Declaration;
use crate::domain::environment::{Cell, Environment};
use crate::domain::id::{CellId, EnvironmentId, ServiceId};
use crate::domain::service::Service;
use crate::domain::time::{EngineTime, Period};

use super::instance::{Instance, Pace};
use super::logs::Lines;
use super::pool::Pool;
use super::random::stream;
use super::traffic::{Journey, Route};
use super::world::Profile;

/// One cell.
#[derive(Clone, Debug)]
pub struct Site {
    /// Of which environment.
    pub environment: EnvironmentId,
    /// Its name there.
    pub cell: CellId,
    /// People served here in any ten minutes.
    pub users: u64,
    /// One per service deployed here, in the order declared.
    pub pools: Vec<Pool>,
    /// The ways requests take.
    pub routes: Vec<Route>,
    /// What users get out of it, one per group present.
    pub journeys: Vec<Journey>,
    /// What instances wrote to their logs.
    pub lines: Lines,
}

impl Site {
    /// A cell as declared: everything runs and is ready.
    pub fn new(declaration: &Declaration, place: (&Environment, &Cell), profile: &Profile, start: EngineTime, seed: u64) -> Self {
        let (environment, cell) = place;
        let pools: Vec<_> =
            declaration.services.iter().filter_map(|service| pool((declaration, service), place, profile, start, seed)).collect();
        let services: Vec<_> = pools.iter().map(|pool| pool.service.clone()).collect();
        let (routes, journeys) = Route::all(declaration, place, &services, seed);
        Self {
            environment: environment.id.clone(),
            cell: cell.id.clone(),
            users: cell.users,
            pools,
            routes,
            journeys,
            lines: Lines::default(),
        }
    }

    /// The pool of a service.
    pub fn pool(&self, service: &ServiceId) -> Option<&Pool> {
        self.pools.iter().find(|pool| pool.service == *service)
    }

    /// Serves the requests of the time `over` until `now`; `sort` says whether latencies are sorted into buckets as well.
    pub fn serve(&mut self, now: EngineTime, over: Period, sort: bool) {
        for pool in &mut self.pools {
            pool.begin(now);
        }
        for route in &mut self.routes {
            route.flow(&mut self.pools, &mut self.journeys, now, over);
        }
        for pool in &mut self.pools {
            pool.end(sort);
            pool.write(now, &mut self.lines);
        }
    }
}

fn pool(
    (declaration, service): (&Declaration, &Service),
    (environment, cell): (&Environment, &Cell),
    profile: &Profile,
    start: EngineTime,
    seed: u64,
) -> Option<Pool> {
    let deployment = service.deployment(&environment.id)?;
    let number = environment.cells.iter().position(|known| known.id == cell.id)?;
    let count = deployment.instances.get(number).copied().filter(|count| *count > 0)?;
    let mut instances = vec![Instance::ready(deployment.running.clone(), start); count as usize];
    if declaration.has_two_sides(service, &environment.id) {
        instances.extend(vec![Instance::idle(deployment.running.clone(), start); count as usize]);
    }
    let random = |what| stream(seed, &[what, environment.id.as_str(), cell.id.as_str(), service.id.as_str()]);
    let pace = Pace { drain: service.drain, install: service.install };
    let mut pool = Pool::new(
        service.id.clone(),
        instances,
        deployment.rps_per_instance,
        pace,
        [random("life"), random("luck"), random("pen")],
    );
    pool.faults = profile.faults.of(&service.id, &environment.id, Some(&cell.id));
    let shared = profile.shared.iter().filter(|shared| shared.reaches(&service.id, &environment.id, &cell.id));
    pool.shared = shared.map(|shared| (start + shared.from..start + shared.from + shared.lasts, shared.fault.clone())).collect();
    pool.live(start);
    Some(pool)
}
