//! Which parts of a fleet have anything to say for themselves, kept up by the fold, so that reading a large and mostly quiet fleet costs no
//! more than what goes on in it.

use std::collections::BTreeSet;

use super::change::{Change, Fact};
use super::fleet::Fleet;
use super::id::{GroupId, PlacementId, PushId, ServiceId};
use super::placement::Placement;
use super::status;

/// What need be looked at. Follows from the facts alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Index {
    /// Placements that are not [quiet](Placement::is_quiet).
    unquiet: BTreeSet<PlacementId>,
    /// Groups with a release that belongs beside some releases of its siblings only.
    paired: BTreeSet<GroupId>,
    /// Services that run nowhere, of which nothing is known.
    nowhere: BTreeSet<ServiceId>,
}

impl Placement {
    /// Whether there is nothing to be said of it by itself, now or later, as long as nothing happens to it: every instance was seen to run
    /// what it should in the end and to be well, nothing is under way, and nobody did anything by hand.
    pub fn is_quiet(&self) -> bool {
        let rests = |instance: &super::placement::Instance| {
            instance.by_hand.is_none() && instance.in_flight.is_none() && !status::is_crash_looping(instance)
        };
        self.sides.is_none() && self.cells.values().flatten().all(rests) && self.is_converged()
    }
}

impl Fleet {
    /// Placements that are not [quiet](Placement::is_quiet), in the order of their identities.
    pub fn unquiet(&self) -> impl Iterator<Item = &Placement> {
        self.index.unquiet.iter().filter_map(|id| self.placements.get(id))
    }

    /// Services of which something may have to be said: with a placement that is not quiet, moved by a push now or before, with a sibling
    /// that they may not belong beside, or running nowhere. Of all others every placement is converged.
    pub fn stirring(&self) -> BTreeSet<&ServiceId> {
        let pushed = self.pushes.values().flat_map(|push| push.plan.moves.iter().map(|part| &part.service));
        let unquiet = self.index.unquiet.iter().map(|id| &id.service);
        let paired = self.index.paired.iter().filter_map(|group| self.declaration.group(group)).flat_map(|group| &group.services);
        let nowhere = self.index.nowhere.iter();
        pushed.chain(unquiet).chain(paired).chain(nowhere).collect()
    }

    /// Whether a group has a release that belongs beside some releases of its siblings only.
    pub(super) fn is_paired(&self, group: &GroupId) -> bool {
        self.index.paired.contains(group)
    }

    /// Brings the index up to what a change has just done.
    pub(super) fn reindex(&mut self, change: &Change) {
        match &change.fact {
            Fact::Declared { .. } => self.reindex_all(),
            Fact::Observed { observations } => {
                let mut last = None;
                for seen in observations {
                    // Observations of one placement mostly follow one another.
                    if last != Some(&seen.instance.placement) {
                        last = Some(&seen.instance.placement);
                        self.look_at(&seen.instance.placement);
                    }
                }
            }
            Fact::Issued { operations, .. } => operations.iter().for_each(|operation| self.look_at(&operation.instance.placement)),
            Fact::OperationFailed { instance, .. } | Fact::Withdrawn { instance, .. } => self.look_at(&instance.placement),
            Fact::Drifted { placement, .. } | Fact::DriftReleased { placement, .. } => self.look_at(placement),
            fact => {
                if let Some(push) = fact.push() {
                    self.look_at_push(push);
                }
            }
        }
    }

    fn reindex_all(&mut self) {
        let paired = |service: &ServiceId| {
            self.declaration.releases.iter().any(|release| release.service == *service && !release.works_with.is_empty())
        };
        let any = self.declaration.releases.iter().any(|release| !release.works_with.is_empty());
        let groups = self.declaration.groups.iter().filter(|group| any && group.services.iter().any(paired));
        self.index.paired = groups.map(|group| group.id.clone()).collect();
        let nowhere = self.declaration.services.iter().filter(|service| service.deployments.is_empty());
        self.index.nowhere = nowhere.map(|service| service.id.clone()).collect();
        let unquiet = self.placements.values().filter(|placement| !placement.is_quiet());
        self.index.unquiet = unquiet.map(|placement| placement.id.clone()).collect();
    }

    fn look_at_push(&mut self, push: PushId) {
        let Some(push) = self.pushes.get(&push) else { return };
        let places: Vec<PlacementId> = push
            .plan
            .moves
            .iter()
            .flat_map(|part| part.from.keys().map(|environment| PlacementId::new(part.service.clone(), environment.clone())))
            .collect();
        for place in &places {
            self.look_at(place);
        }
    }

    fn look_at(&mut self, place: &PlacementId) {
        match self.placements.get(place) {
            Some(placement) if !placement.is_quiet() => {
                if !self.index.unquiet.contains(place) {
                    self.index.unquiet.insert(place.clone());
                }
            }
            _ => {
                self.index.unquiet.remove(place);
            }
        }
    }
}
