//! How near an alert is to a push: what is its doing first, then what could be, then the rest.

use super::alert::Alert;
use super::fleet::Fleet;
use super::id::{PushId, ServiceId, Version};
use super::metric::SliceId;
use super::push::Push;

/// What an alert's slice has to do with a push, the nearest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// It is of a version that this push brings.
    OnNew {
        /// Which.
        version: Version,
    },
    /// It is of a service that this push moves, on the version before.
    OnMoved {
        /// The version before.
        version: Version,
    },
    /// It is of a service that calls one this push moves, in a cell that the new version runs in.
    Calls {
        /// The one that is called.
        service: ServiceId,
    },
    /// It is of a service that one this push moves calls, in a cell that the new version runs in.
    CalledBy {
        /// The one that calls.
        service: ServiceId,
    },
    /// It calls, or is called by, a service that this push moves, but nothing of the new version runs in that cell.
    Elsewhere {
        /// The service that this push moves.
        service: ServiceId,
    },
    /// Nothing declared connects the two.
    None,
}

impl Relation {
    /// In words, as a clause: `on v42 of this push`.
    pub fn words(&self) -> String {
        match self {
            Self::OnNew { version } => format!("on {version} of this push"),
            Self::OnMoved { version } => format!("on {version}, which this push replaces"),
            Self::Calls { service } => format!("calls {service}, which this push moves"),
            Self::CalledBy { service } => format!("called by {service}, which this push moves"),
            Self::Elsewhere { service } => format!("next to {service}, but nothing of this push runs in that cell"),
            Self::None => "no relation known to this push".to_owned(),
        }
    }
}

/// What a slice has to do with a push.
pub fn relation(fleet: &Fleet, push: &Push, slice: &SliceId) -> Relation {
    let version = slice.version.clone();
    if push.brings(&slice.service, &slice.environment, &slice.version) {
        return Relation::OnNew { version };
    }
    if push.move_of(&slice.service).is_some() {
        return Relation::OnMoved { version };
    }
    let calls =
        |one: &ServiceId, other: &ServiceId| fleet.declaration().service(one).is_some_and(|service| service.calls.contains(other));
    let moved = || push.plan.moves.iter().map(|part| &part.service);
    let runs_here = |service: &&ServiceId| {
        fleet.placement(service, &slice.environment).is_some_and(|placement| {
            placement.count_where(&slice.cell, |instance| push.brings(service, &slice.environment, &instance.version)) > 0
        })
    };
    let near = |connected: &dyn Fn(&ServiceId) -> bool| {
        let all: Vec<_> = moved().filter(|service| connected(service)).collect();
        (all.iter().copied().find(runs_here).cloned(), all.first().map(|service| (*service).clone()))
    };
    let (calls_here, calls_any) = near(&|service| calls(&slice.service, service));
    let (called_here, called_any) = near(&|service| calls(service, &slice.service));
    let here = calls_here.map(|service| Relation::Calls { service });
    here.or_else(|| called_here.map(|service| Relation::CalledBy { service }))
        .or_else(|| calls_any.or(called_any).map(|service| Relation::Elsewhere { service }))
        .unwrap_or(Relation::None)
}

/// Every alert, the nearest to a push first; of equals those that nobody has seen, then the oldest.
pub fn alerts<'a>(fleet: &'a Fleet, push: Option<PushId>, now: super::time::EngineTime) -> Vec<(&'a Alert, Option<Relation>)> {
    let push = push.and_then(|push| fleet.push(push));
    let related = |alert: &'a Alert| (alert, push.map(|push| relation(fleet, push, &alert.slice)));
    let mut found: Vec<_> = fleet.alerts().map(related).collect();
    found.sort_by(|(a, near), (b, far)| (near, a.is_acknowledged(now), a.since).cmp(&(far, b.is_acknowledged(now), b.since)));
    found
}
