//! The rows of the Fleet screen: only what moves, waits or failed has one; the quiet rest stands behind its group's name.

use std::collections::{HashMap, HashSet};

use crate::domain::fleet::Fleet;
use crate::domain::id::{GroupId, PushId, ServiceId};
use crate::domain::placement::Placement;
use crate::domain::push::{Course, Push};
use crate::domain::service::Group;
use crate::domain::status::{self, Status};
use crate::domain::time::EngineTime;

use crate::query::Query;

use super::Model;
use super::filter::{self, Known};
use super::order;
use super::screen::{RowKey, Screen};

/// A row of the Fleet screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FleetRow {
    /// A group's name, and what stands behind it.
    Group {
        /// Which group.
        id: GroupId,
        /// Its services without a row of their own: all converged, or all back together, and without an alert.
        quiet: u32,
        /// The worst status of all its services.
        status: Status,
        /// The push that moves the whole group, if one does or last did and is not acknowledged.
        push: Option<PushId>,
    },
    /// A service that moves, waits, failed or has an alert.
    Service {
        /// Which service.
        id: ServiceId,
        /// Its group.
        group: GroupId,
        /// Its worst status over all environments.
        status: Status,
        /// The push that moves it, or moved it last and is not acknowledged.
        push: Option<PushId>,
    },
}

impl FleetRow {
    /// The identity a cursor keeps.
    pub fn key(&self) -> RowKey {
        match self {
            Self::Group { id, .. } => RowKey::Group(id.clone()),
            Self::Service { id, .. } => RowKey::Service(id.clone()),
        }
    }

    /// The push that moves it, or moved it last and is not acknowledged.
    pub const fn push(&self) -> Option<PushId> {
        match self {
            Self::Group { push, .. } | Self::Service { push, .. } => *push,
        }
    }
}

/// The rows that the screen lists: with a filter those it means, folded or not, each behind its group.
pub(super) fn listed(model: &Model) -> Vec<FleetRow> {
    let rows = match filter::query(model, Screen::Fleet) {
        Some(query) => meant(model, query),
        None => rows(&model.fleet, model.now()),
    };
    order::fleet(rows, order::of(model, Screen::Fleet))
}

fn meant(model: &Model, query: &Query) -> Vec<FleetRow> {
    let known = filter::known(model);
    let Known { fleet, now, .. } = known;
    let is_meant = |service: &&ServiceId| {
        let mut placements = placements_of(fleet, service);
        placements.any(|placement| known.means_placement(query, placement))
    };
    let mut found = Vec::new();
    for row in rows(fleet, now) {
        let FleetRow::Group { id, status, push, .. } = row else { continue };
        let services = fleet.declaration().group(&id).map(|group| group.services.as_slice()).unwrap_or_default();
        let before = found.len();
        found.extend(services.iter().filter(is_meant).map(|service| FleetRow::Service {
            id: service.clone(),
            group: id.clone(),
            status: status::of_service(fleet, service, now),
            push: fleet.last_push_of(service).filter(|push| is_shown(push)).map(Push::id),
        }));
        if found.len() > before {
            found.insert(before, FleetRow::Group { id, quiet: 0, status, push });
        }
    }
    found
}

/// The statuses of the services that the screen does not list.
pub(super) fn unlisted(model: &Model) -> Vec<Status> {
    let listed = model.rows.fleet.iter().filter_map(|row| if let FleetRow::Service { id, .. } = row { Some(id) } else { None });
    let listed: HashSet<_> = listed.collect();
    let statuses = status::of_services(&model.fleet, model.now());
    let services = model.fleet.declaration().services.iter().map(|service| &service.id);
    let unlisted = services.filter(|service| !listed.contains(service));
    unlisted.map(|service| statuses.get(service).copied().unwrap_or(Status::Converged)).collect()
}

/// The rows, in the order declared.
fn rows(fleet: &Fleet, now: EngineTime) -> Vec<FleetRow> {
    let statuses = status::of_services(fleet, now);
    let alerted: HashSet<&ServiceId> = fleet.alerts().map(|alert| &alert.slice.service).collect();
    let declared = fleet.declaration();
    let named = statuses.keys().chain(&alerted).filter_map(|service| declared.service(service));
    let to_look_at: HashSet<&GroupId> = named.map(|service| &service.group).collect();
    let mut rows = Vec::new();
    for group in &declared.groups {
        if to_look_at.contains(&group.id) {
            of_group(fleet, group, (&statuses, &alerted), &mut rows);
        } else {
            let status = if group.services.is_empty() { Status::Unknown } else { Status::Converged };
            rows.push(FleetRow::Group { id: group.id.clone(), quiet: group.services.len() as u32, status, push: None });
        }
    }
    rows
}

/// The rows of one group. A service that has no status is converged.
fn of_group(
    fleet: &Fleet,
    group: &Group,
    (statuses, alerted): (&HashMap<&ServiceId, Status>, &HashSet<&ServiceId>),
    rows: &mut Vec<FleetRow>,
) {
    let status_of = |service: &ServiceId| statuses.get(service).copied().unwrap_or(Status::Converged);
    let services: Vec<_> = group.services.iter().map(|service| (service, status_of(service))).collect();
    let whole = fleet
        .pushes()
        .rev()
        .filter(|push| is_shown(push) && push.plan.group == group.id)
        .find(|push| push.plan.moves.len() == group.services.len());
    // Siblings that went back together have nothing more to say than their group's row does.
    let is_over = whole.is_some_and(|push| matches!(push.course, Course::RolledBack { .. }));
    let loud = |(service, status): &&(&ServiceId, Status)| {
        let quiet = status.is_good() || (is_over && *status == Status::RolledBack);
        !quiet || alerted.contains(service)
    };
    rows.push(FleetRow::Group {
        id: group.id.clone(),
        quiet: (services.len() - services.iter().filter(loud).count()) as u32,
        status: services.iter().map(|(_, status)| *status).min().unwrap_or(Status::Unknown),
        push: whole.map(Push::id),
    });
    rows.extend(services.iter().filter(loud).map(|(service, status)| FleetRow::Service {
        id: (*service).clone(),
        group: group.id.clone(),
        status: *status,
        push: fleet.last_push_of(service).filter(|push| is_shown(push)).map(Push::id),
    }));
}

/// Whether a push still says something about its services: it is under way, or it ended badly and nobody has said they saw it.
pub(super) fn is_shown(push: &Push) -> bool {
    push.is_open() || (matches!(push.course, Course::RolledBack { .. }) && push.acknowledged.is_none())
}

/// A service's placements, in promotion order.
pub(super) fn placements_of<'a>(fleet: &'a Fleet, service: &'a ServiceId) -> impl Iterator<Item = &'a Placement> {
    fleet.declaration().environments.iter().filter_map(move |environment| fleet.placement(service, &environment.id))
}
