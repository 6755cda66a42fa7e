//! Blast radius: who meets the new version now, and who would after the next step.
//!
//! A union over siblings. One request passes all of a group's hops, each balanced independently, so it meets the new version somewhere
//! with probability `1 − Π(1 − share of each hop)`. A user who makes `k` requests, each balanced anew, meets it with
//! `1 − (1 − share)^k`; a sticky user with `share`.

use std::collections::BTreeSet;

use super::environment::Cell;
use super::fleet::Fleet;
use super::id::{CellId, EnvironmentId, ServiceId};
use super::placement::Instance;
use super::push::Push;
use super::share::Share;
use super::stage::PlannedStage;
use super::time::Period;

/// The window that users are counted in.
pub const USERS_WINDOW: Period = Period::from_mins(10);

/// Where a number comes from. Numbers of different bases are never added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// Counted on the instances themselves.
    Observed,
    /// Counted by the cells' metrics.
    Measured,
    /// Written in the spec.
    Declared,
}

impl Basis {
    /// The word on screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Measured => "measured",
            Self::Declared => "declared",
        }
    }
}

/// Who is exposed.
#[derive(Clone, Debug, PartialEq)]
pub struct Exposure {
    /// In which environment.
    pub environment: EnvironmentId,
    /// Instances on the new version, summed over siblings.
    pub instances: u32,
    /// All their instances.
    pub of: u32,
    /// Requests per second that meet the new version at one hop or more.
    pub rps: f64,
    /// Those as a share of all requests to the group.
    pub share: Share,
    /// Where the requests per second come from.
    pub rps_basis: Basis,
    /// People who meet it at least once in [`USERS_WINDOW`].
    pub users: u64,
    /// All people there.
    pub of_users: u64,
    /// Cells that take part.
    pub cells: BTreeSet<CellId>,
    /// How long the rest of the error budget would last if every request that meets the new version failed; `None` where none does.
    pub budget_lasts: Option<Period>,
}

/// Who is exposed now, by what is observed.
pub fn now(fleet: &Fleet, push: &Push) -> Option<Exposure> {
    let environment = fleet.front_of(push)?;
    Some(of(fleet, push, environment, &|service, cell| observed_share(fleet, push, service, environment, cell)))
}

/// Who would be exposed after the next stage, by its grants.
pub fn after_next(fleet: &Fleet, push: &Push) -> Option<Exposure> {
    push.next_stage().map(|stage| of_stage(fleet, push, stage))
}

/// Who would be exposed in a stage, by its grants.
pub fn of_stage(fleet: &Fleet, push: &Push, stage: &PlannedStage) -> Exposure {
    of(fleet, push, &stage.environment, &|service, cell| {
        let size = fleet.placement(service, &stage.environment).map_or(0, |placement| placement.size_in(cell));
        let granted = stage.grant(service, cell);
        HopShare { instances: granted, of: size, share: if size > 0 { f64::from(granted) / f64::from(size) } else { 0.0 } }
    })
}

/// How much of one service in one cell is on the new version.
struct HopShare {
    instances: u32,
    of: u32,
    /// Of the requests there, 0 to 1.
    share: f64,
}

fn observed_share(fleet: &Fleet, push: &Push, service: &ServiceId, environment: &EnvironmentId, cell: &CellId) -> HopShare {
    let Some(placement) = fleet.placement(service, environment) else {
        return HopShare { instances: 0, of: 0, share: 0.0 };
    };
    let part = push.move_of(service).filter(|_| push.has_been_in(environment));
    let brought = |instance: &Instance| part.is_some_and(|part| part.brings(environment, &instance.version));
    let all = placement.count_where(cell, |instance| instance.serving);
    let new = placement.count_where(cell, |instance| instance.serving && brought(instance));
    HopShare {
        instances: placement.live_where(cell, brought),
        of: placement.size_in(cell),
        share: if all > 0 { f64::from(new) / f64::from(all) } else { 0.0 },
    }
}

/// One stream of requests in one cell: how many, and how likely one is to meet the new version.
struct Stream {
    rps: f64,
    met: f64,
    measured: bool,
}

fn of(fleet: &Fleet, push: &Push, environment: &EnvironmentId, share: &dyn Fn(&ServiceId, &CellId) -> HopShare) -> Exposure {
    let mut found = Exposure {
        environment: environment.clone(),
        instances: 0,
        of: 0,
        rps: 0.0,
        share: Share::NONE,
        rps_basis: Basis::Measured,
        users: 0,
        of_users: 0,
        cells: BTreeSet::new(),
        budget_lasts: None,
    };
    let (mut all_rps, mut users) = (0.0, 0.0);
    for cell in fleet.declaration.environment(environment).map_or(&[][..], |declared| &declared.cells) {
        for part in &push.plan.moves {
            let hop = share(&part.service, &cell.id);
            found.instances += hop.instances;
            found.of += hop.of;
            if hop.instances > 0 {
                found.cells.insert(cell.id.clone());
            }
        }
        let streams = streams(fleet, push, environment, cell, share);
        for stream in &streams {
            all_rps += stream.rps;
            found.rps += stream.rps * stream.met;
            if !stream.measured {
                found.rps_basis = Basis::Declared;
            }
        }
        users += users_met(fleet, push, cell, &streams);
        found.of_users += cell.users;
    }
    found.users = users.round() as u64;
    found.share = if all_rps > 0.0 { Share::new(found.rps / all_rps) } else { Share::NONE };
    found.budget_lasts = budget_lasts(fleet, push, found.share);
    found
}

/// The independent streams of requests that a push's services take in a cell: one for the group's hops together, one for each other service.
fn streams(
    fleet: &Fleet,
    push: &Push,
    environment: &EnvironmentId,
    cell: &Cell,
    share: &dyn Fn(&ServiceId, &CellId) -> HopShare,
) -> Vec<Stream> {
    let group = fleet.declaration.group(&push.plan.group);
    let hops: &[ServiceId] = group.map_or(&[], |group| &group.hops);
    let pinned = group.is_some_and(|group| group.pinned);
    let rps = |service: &ServiceId| {
        let place = super::id::PlacementId::new(service.clone(), environment.clone());
        fleet.measured_rps(&place, &cell.id).map_or_else(|| (fleet.declared_rps(&place, &cell.id), false), |rps| (rps, true))
    };
    let moved = |service: &&ServiceId| push.move_of(service).is_some();
    let mut found = Vec::new();
    if let Some(entry) = hops.first()
        && hops.iter().any(|hop| moved(&hop))
    {
        let shares = hops.iter().filter(moved).map(|hop| share(hop, &cell.id).share);
        let met = if pinned { shares.fold(0.0, f64::max) } else { 1.0 - shares.map(|share| 1.0 - share).product::<f64>() };
        let (rps, measured) = rps(entry);
        found.push(Stream { rps, met, measured });
    }
    for part in push.plan.moves.iter().filter(|part| !hops.contains(&part.service)) {
        let (rps, measured) = rps(&part.service);
        found.push(Stream { rps, met: share(&part.service, &cell.id).share, measured });
    }
    found
}

fn users_met(fleet: &Fleet, push: &Push, cell: &Cell, streams: &[Stream]) -> f64 {
    let sticky = fleet.declaration.group(&push.plan.group).is_some_and(|group| group.sticky);
    let users = cell.users as f64;
    if users <= 0.0 {
        return 0.0;
    }
    let spared: f64 = streams
        .iter()
        .map(|stream| {
            let per_user = stream.rps * USERS_WINDOW.secs_f64() / users;
            let times = if sticky { per_user.min(1.0) } else { per_user };
            (1.0 - stream.met).powf(times)
        })
        .product();
    users * (1.0 - spared)
}

fn budget_lasts(fleet: &Fleet, push: &Push, share: Share) -> Option<Period> {
    let part = share.as_f64();
    let left = push
        .plan
        .moves
        .iter()
        .filter_map(|part| fleet.declaration.service(&part.service))
        .map(|service| service.slo.full_outage_left())
        .min()?;
    (part > 0.0).then(|| Period::from_secs_f64(left.secs_f64() / part))
}
