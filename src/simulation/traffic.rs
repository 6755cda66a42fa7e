//! How much users ask for over a day, and the way a request takes through a cell's services.

use rand::RngExt as _;

use crate::domain::declaration::Declaration;
use crate::domain::environment::{Cell, Environment};
use crate::domain::id::{GroupId, ServiceId};
use crate::domain::service::Group;
use crate::domain::time::{EngineTime, Period};

use super::latency::Histogram;
use super::pool::{Flow, Pool};
use super::random::{Stream, poisson, stream};

/// The share of the daily peak that users ask for at a moment: a sine between 45 % at 08:00 and 100 % at 20:00 UTC.
pub fn daily(at: EngineTime) -> f64 {
    let day = 86_400_000;
    let since_peak = (at.millis() - 20 * 3_600_000).rem_euclid(day) as f64 / day as f64;
    0.725 + 0.275 * (std::f64::consts::TAU * since_peak).cos()
}

/// Journeys of a group's users: requests on their way through all hops.
#[derive(Clone, Debug)]
pub struct Journey {
    /// Whose.
    pub group: GroupId,
    /// Begun.
    pub attempts: u64,
    /// Of those, answered without an error and, at every hop, within [`PATIENCE`].
    pub successes: u64,
    /// How long those took that came to their end, in time or not: a sample of them.
    pub times: Histogram,
}

/// How many journeys are timed in each sub-step, of those that come to their end: probes are few.
const TIMED: u64 = 5;

/// How long users wait at one hop before a journey has failed them, in seconds.
pub const PATIENCE: f64 = 2.0;

/// The way requests of one kind take through the services of a cell.
#[derive(Clone, Debug)]
pub struct Route {
    /// The pools passed, one after another, by their place in the cell.
    pub hops: Vec<usize>,
    /// The group it belongs to.
    pub group: GroupId,
    /// Whether a user stays with the instances they first met.
    pub sticky: bool,
    /// Whether a request keeps to one version over all hops.
    pub pinned: bool,
    /// Requests that entered in the last sub-step.
    pub entered: u64,
    peak_rps: f64,
    follows_the_day: bool,
    journey: Option<usize>,
    rng: Stream,
    /// For how long single journeys take.
    timer: Stream,
}

impl Route {
    /// The routes of a cell and the journeys they make, given the services that have pools there, in order.
    pub fn all(
        declaration: &Declaration,
        place: (&Environment, &Cell),
        pools: &[ServiceId],
        seed: u64,
    ) -> (Vec<Self>, Vec<Journey>) {
        let (mut routes, mut journeys) = (Vec::new(), Vec::new());
        for group in &declaration.groups {
            let hops: Vec<usize> = group.hops.iter().filter_map(|hop| pools.iter().position(|pool| pool == hop)).collect();
            let alone = group.services.iter().filter_map(|service| pools.iter().position(|pool| pool == service));
            let alone: Vec<Vec<usize>> = alone.filter(|pool| !hops.contains(pool)).map(|pool| vec![pool]).collect();
            let (users_go_through_hops, first) = (!hops.is_empty(), routes.len());
            let ways = users_go_through_hops.then_some(hops).into_iter().chain(alone);
            for (number, way) in ways.enumerate() {
                let journey = (!users_go_through_hops || number == 0).then_some(journeys.len());
                routes.extend(Self::new(declaration, group, place, (pools, way, journey), seed));
            }
            if routes.len() > first {
                journeys.push(Journey { group: group.id.clone(), attempts: 0, successes: 0, times: Histogram::default() });
            }
        }
        (routes, journeys)
    }

    fn new(
        declaration: &Declaration,
        group: &Group,
        (environment, cell): (&Environment, &Cell),
        (pools, hops, journey): (&[ServiceId], Vec<usize>, Option<usize>),
        seed: u64,
    ) -> Option<Self> {
        let entry = hops.first().and_then(|hop| pools.get(*hop))?;
        let peak_rps = declaration.service(entry)?.deployment(&environment.id)?.peak_rps;
        Some(Self {
            group: group.id.clone(),
            sticky: group.sticky,
            pinned: group.pinned,
            entered: 0,
            peak_rps: peak_rps * environment.traffic_share(&cell.id),
            follows_the_day: environment.has_users(),
            journey,
            timer: stream(seed, &["timer", environment.id.as_str(), cell.id.as_str(), entry.as_str()]),
            rng: stream(seed, &["route", environment.id.as_str(), cell.id.as_str(), entry.as_str()]),
            hops,
        })
    }

    /// The requests of the time `over` until `now` pass through the pools.
    pub fn flow(&mut self, pools: &mut [Pool], journeys: &mut [Journey], now: EngineTime, over: Period) {
        let rate = self.peak_rps * if self.follows_the_day { daily(now) } else { 1.0 };
        self.entered = poisson(&mut self.rng, rate * over.secs_f64());
        if self.pinned {
            self.settle(pools);
        }
        let mut flows = vec![Flow { requests: self.entered, rate, new: None }];
        let mut late = 0;
        for hop in &self.hops {
            let Some(pool) = pools.get_mut(*hop) else { continue };
            let passed: Vec<_> = flows.drain(..).map(|flow| pool.serve(&flow)).collect();
            late += passed.iter().map(|passed| passed.late).sum::<u64>();
            flows = Flow::onwards(&passed, self.pinned);
        }
        if let Some(journey) = self.journey.and_then(|journey| journeys.get_mut(journey)) {
            let passed: u64 = flows.iter().map(|flow| flow.requests).sum();
            journey.attempts += self.entered;
            journey.successes += passed.saturating_sub(late);
            for _ in 0..passed.min(TIMED) {
                if let Some(seconds) = time(&self.hops, self.pinned, pools, &mut self.timer) {
                    journey.times.add(seconds);
                }
            }
        }
    }

    /// Once every hop is on one version, those are the old versions that the next new ones are told apart from.
    fn settle(&self, pools: &mut [Pool]) {
        if self.hops.iter().all(|hop| pools.get(*hop).is_some_and(|pool| pool.uniform().is_some())) {
            for hop in &self.hops {
                if let Some(pool) = pools.get_mut(*hop) {
                    pool.settle();
                }
            }
        }
    }
}

/// How long one journey takes over all hops, in seconds; nothing where one of them has nobody to serve it.
fn time(hops: &[usize], pinned: bool, pools: &[Pool], timer: &mut Stream) -> Option<f64> {
    let mut turn: f64 = timer.random();
    hops.iter().filter_map(|hop| pools.get(*hop)).try_fold(0.0, |sum, pool| {
        let own = sum + pool.time(turn, timer)?;
        // Where a request keeps to one version it has the same turn everywhere.
        turn = if pinned { turn } else { timer.random() };
        Some(own)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_has_its_peak_in_the_evening_and_its_low_in_the_morning() {
        let at = |hour: i64| daily(EngineTime::from_millis(1_800_000_000_000 / 86_400_000 * 86_400_000 + hour * 3_600_000));
        assert!((at(20) - 1.0).abs() < 1e-9 && (at(8) - 0.45).abs() < 1e-9);
        assert!(at(12) > at(8) && at(18) > at(12) && at(23) < at(20));
    }
}
