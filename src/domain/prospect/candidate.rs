//! What could be pushed: each group's newest complete set of releases.

use super::super::fleet::Fleet;
use super::super::id::{GroupId, ServiceId, Version};
use super::super::push::Push;
use super::super::service::{Group, Release};

/// Releases of one group that could be pushed together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Whose.
    pub group: GroupId,
    /// In the group's order.
    pub releases: Vec<(ServiceId, Version)>,
    /// Services of the group of which there is no such release: they stay as they are.
    pub left_out: Vec<ServiceId>,
}

/// What could be pushed among these services (all, where none is named): of each group the newest tag that all its services have a
/// release of; where there is none, the newest tag. What is wanted already, or is on its way, is not offered. What is in flight of
/// siblings, and would be replaced, goes along.
pub fn candidates(fleet: &Fleet, services: &[ServiceId]) -> Vec<Candidate> {
    let is_meant = |group: &&Group| services.is_empty() || group.services.iter().any(|service| services.contains(service));
    fleet.declaration.groups.iter().filter(is_meant).filter_map(|group| newest(fleet, group)).collect()
}

fn newest(fleet: &Fleet, group: &Group) -> Option<Candidate> {
    let of_group = || fleet.declaration.releases.iter().filter(|release| group.services.contains(&release.service));
    let mut tags: Vec<&Version> = Vec::new();
    for release in of_group() {
        tags.retain(|tag| **tag != release.version);
        tags.push(&release.version);
    }
    let mut partial = Vec::new();
    for tag in tags.into_iter().rev() {
        let found = set(fleet, group, tag);
        let is_complete = group.services.iter().all(|service| fleet.declaration.release(service, tag).is_some());
        let has_any = !found.releases.is_empty();
        match (is_complete, has_any) {
            (true, true) => return Some(found),
            // What is older than a complete set that is wanted already is no news.
            (true, false) => break,
            (false, true) => partial.push(found),
            (false, false) => {}
        }
    }
    partial.into_iter().next()
}

/// The releases of one tag that are not wanted yet.
fn set(fleet: &Fleet, group: &Group, tag: &Version) -> Candidate {
    let (mut releases, mut left_out) = (Vec::new(), Vec::new());
    for service in &group.services {
        match fleet.declaration.release(service, tag) {
            None => left_out.push(service.clone()),
            Some(release) if is_new(fleet, release) => releases.push((service.clone(), tag.clone())),
            Some(_) => {}
        }
    }
    let in_flight = fleet.pushes().filter(|open| open.is_open() && fleet.train_of(open).is_none());
    let siblings = in_flight.filter(|open| releases.iter().any(|(service, _)| open.move_of(service).is_some()));
    let stay: Vec<_> = siblings
        .flat_map(|open| &open.plan.moves)
        .filter(|part| releases.iter().all(|(service, _)| *service != part.service))
        .map(|part| (part.service.clone(), part.to.version.clone()))
        .collect();
    left_out.retain(|service| stay.iter().all(|(stays, _)| stays != service));
    releases.extend(stay);
    Candidate { group: group.id.clone(), releases, left_out }
}

/// Whether a release is declared after what runs, is neither wanted anywhere nor on its way, and nothing of its service goes back.
fn is_new(fleet: &Fleet, release: &Release) -> bool {
    let is_met = |push: &Push| !push.is_forward() || push.move_of(&release.service).is_some_and(|part| part.to == *release);
    let place = |version: &Version| {
        fleet.declaration.releases.iter().position(|known| known.service == release.service && known.version == *version)
    };
    let mut own = fleet.placements().filter(|placement| placement.id.service == release.service);
    own.all(|placement| placement.desired != release.version && place(&placement.base) < place(&release.version))
        && !fleet.open_pushes_of(&release.service).any(is_met)
}
