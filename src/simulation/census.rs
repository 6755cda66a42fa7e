//! The simulation's own count of who met a version: every single request is sent through the cell's hops, one draw at a time. It
//! shares no formula with the blast radius that is checked against it.

use std::collections::{BTreeMap, BTreeSet};

use rand::RngExt as _;

use crate::domain::id::{EnvironmentId, GroupId, ServiceId, Version};

use super::pool::Pool;
use super::random::{Stream, stream};
use super::site::Site;
use super::traffic::Route;

/// Whose requests and users are counted, and what is to be met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Where.
    pub environment: EnvironmentId,
    /// Whose requests.
    pub group: GroupId,
    /// A request meets these if it is answered by any of them.
    pub versions: BTreeMap<ServiceId, Version>,
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Requests that came in.
    pub requests: u64,
    /// Of those, how many met one of the versions. Whether they failed on the way does not matter.
    pub requests_met: u64,
    /// People who sent them.
    pub users: u64,
    /// Of those, how many met one of the versions at least once.
    pub users_met: u64,
}

/// A count under way.
#[derive(Clone, Debug)]
pub struct Census {
    question: Question,
    rolls: Vec<Roll>,
    count: Count,
    rng: Stream,
}

/// The users of one cell. They come in turn, each at even intervals, as often as the traffic makes it.
#[derive(Clone, Debug)]
struct Roll {
    site: usize,
    seen: Vec<bool>,
    met: Vec<bool>,
    /// Whose turn it is, per route.
    turns: Vec<usize>,
    /// The instance a user stays with, by (route, hop) and user; `None` before the first.
    homes: BTreeMap<(usize, usize), Vec<Option<u32>>>,
}

/// A pool as the balancer sees it in one sub-step.
struct Hop {
    /// Serving instances: number, weight of all up to and with it, new or not, met or not.
    serving: Vec<Candidate>,
    by_number: Vec<Option<Candidate>>,
}

#[derive(Clone, Copy)]
struct Candidate {
    number: u32,
    upto: f64,
    new: bool,
    met: bool,
}

impl Census {
    /// A count that begins now.
    pub fn new(question: Question, sites: &[Site], seed: u64) -> Self {
        let counted = sites.iter().enumerate().filter(|(_, site)| site.environment == question.environment);
        let rolls = counted.map(|(number, site)| Roll {
            site: number,
            seen: vec![false; site.users as usize],
            met: vec![false; site.users as usize],
            turns: vec![0; site.routes.len()],
            homes: BTreeMap::new(),
        });
        Self { rolls: rolls.collect(), count: Count::default(), rng: stream(seed, &["census"]), question }
    }

    /// What has been counted so far.
    pub fn so_far(&self) -> Count {
        let whole = |of: fn(&Roll) -> &Vec<bool>| self.rolls.iter().flat_map(of).filter(|one| **one).count() as u64;
        Count { users: whole(|roll| &roll.seen), users_met: whole(|roll| &roll.met), ..self.count }
    }

    /// Counts the requests of the last sub-step.
    pub fn count(&mut self, sites: &[Site]) {
        for roll in &mut self.rolls {
            let Some(site) = sites.get(roll.site) else { continue };
            for (number, route) in site.routes.iter().enumerate().filter(|(_, route)| route.group == self.question.group) {
                let hops: Vec<_> = route
                    .hops
                    .iter()
                    .filter_map(|hop| site.pools.get(*hop))
                    .map(|pool| Hop::new(pool, self.question.versions.get(&pool.service)))
                    .collect();
                for _ in 0..route.entered {
                    let met = roll.send(number, route, &hops, &mut self.rng);
                    self.count.requests += 1;
                    self.count.requests_met += u64::from(met);
                }
            }
        }
    }
}

impl Roll {
    /// Sends one request through the hops; whether it met one of the versions.
    fn send(&mut self, number: usize, route: &Route, hops: &[Hop], rng: &mut Stream) -> bool {
        let users = self.seen.len();
        let user = self.turns.get_mut(number).filter(|_| users > 0).map(|turn| {
            *turn = (*turn + 1) % users;
            *turn
        });
        let (mut met, mut pinned_to) = (false, None);
        for (place, hop) in hops.iter().enumerate() {
            let home = user
                .filter(|_| route.sticky)
                .and_then(|user| self.homes.entry((number, place)).or_insert_with(|| vec![None; users]).get_mut(user));
            let stays = home.as_ref().and_then(|home| hop.by_number.get((**home)? as usize).copied().flatten());
            let Some(chosen) = stays.or_else(|| hop.choose(pinned_to, rng)) else { break };
            if let Some(home) = home {
                *home = Some(chosen.number);
            }
            met |= chosen.met;
            pinned_to = pinned_to.or(route.pinned.then_some(chosen.new));
        }
        if let Some((seen, known)) = user.and_then(|user| self.seen.get_mut(user).zip(self.met.get_mut(user))) {
            *seen = true;
            *known |= met;
        }
        met
    }
}

impl Hop {
    fn new(pool: &Pool, wanted: Option<&Version>) -> Self {
        let versions: BTreeSet<_> = pool.arms.iter().map(|arm| &arm.version).filter(|version| pool.is_new(version)).collect();
        let (mut serving, mut by_number, mut upto) = (Vec::new(), vec![None; pool.instances.len()], 0.0);
        for ((number, instance), slot) in
            pool.instances.iter().enumerate().zip(&mut by_number).filter(|((_, one), _)| one.weight > 0.0)
        {
            upto += instance.weight;
            let (new, met) = (versions.contains(&instance.version), wanted == Some(&instance.version));
            let candidate = Candidate { number: number as u32, upto, new, met };
            serving.push(candidate);
            *slot = Some(candidate);
        }
        Self { serving, by_number }
    }

    /// One serving instance at random, by weight; where the request is pinned, one of its kind as long as there are any.
    fn choose(&self, pinned_to: Option<bool>, rng: &mut Stream) -> Option<Candidate> {
        let whole = self.serving.last()?.upto;
        let kind = pinned_to.filter(|new| self.serving.iter().any(|one| one.new == *new));
        loop {
            let at = rng.random::<f64>() * whole;
            let chosen = self.serving.get(self.serving.partition_point(|one| one.upto <= at))?;
            if kind.is_none_or(|new| chosen.new == new) {
                return Some(*chosen);
            }
        }
    }
}
