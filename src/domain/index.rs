//! Which parts of a fleet have anything to say for themselves, kept up by the fold, so that reading a large and mostly quiet fleet costs no
//! more than what goes on in it.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Change, Fact};
use super::fleet::Fleet;
use super::id::{GroupId, PlacementId, PushId, ServiceId};
use super::placement::Placement;
use super::push::{Push, PushPlan};
use super::service::Group;
use super::status;

/// What need be looked at. Follows from the facts alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Index {
    /// Placements that are not [quiet](Placement::is_quiet), and what there is about them.
    unquiet: BTreeMap<PlacementId, Unrest>,
    /// Groups with a release that belongs beside some releases of its siblings only.
    paired: BTreeSet<GroupId>,
    /// Services that went back alone, now or before.
    parted: BTreeSet<ServiceId>,
    /// Services of which more may have to be said than each placement says by itself: moved by a push now or before, with a sibling that
    /// they may not belong beside, or running nowhere.
    entangled: BTreeSet<ServiceId>,
    /// The pushes that ever moved a service, oldest first.
    moved_by: BTreeMap<ServiceId, Vec<PushId>>,
}

/// What is to be said of a placement by itself, as far as no clock is needed for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Unrest {
    /// An instance keeps dying.
    pub looping: bool,
    /// An instance was changed by hand.
    pub by_hand: bool,
    /// Current is not target.
    pub off_target: bool,
}

impl Placement {
    /// What is to be said of it by itself; `None` where that is nothing, now or later, as long as nothing happens to it: every instance
    /// was seen to run what it should in the end and to be well, nothing is under way, and nobody did anything by hand.
    fn unrest(&self) -> Option<Unrest> {
        let mut found = Unrest { off_target: !self.is_on_target(), ..Unrest::default() };
        // What rests on an idle side may have died there before it was stopped: that is over.
        found.looping = self.instances().any(|(_, _, instance)| status::is_crash_looping(instance));
        let mut moves = false;
        for instance in self.cells.values().flatten() {
            found.by_hand |= instance.by_hand.is_some();
            moves |= instance.in_flight.is_some();
        }
        let is_quiet = found == Unrest::default() && !moves && self.sides.is_none() && self.is_granted_all();
        (!is_quiet).then_some(found)
    }

    /// Whether there is nothing to be said of it by itself, now or later, as long as nothing happens to it.
    pub fn is_quiet(&self) -> bool {
        self.unrest().is_none()
    }
}

impl Fleet {
    /// Placements that are not [quiet](Placement::is_quiet), in the order of their identities.
    pub fn unquiet(&self) -> impl Iterator<Item = &Placement> {
        self.index.unquiet.keys().filter_map(|id| self.placements.get(id))
    }

    /// Services of which something may have to be said: with a placement that is not quiet, or [entangled](Self::entangled). Of all others
    /// every placement is converged.
    pub fn stirring(&self) -> BTreeSet<&ServiceId> {
        self.index.unquiet.keys().map(|id| &id.service).chain(self.entangled()).collect()
    }

    /// Services of which more may have to be said than each placement says by itself: moved by a push now or before, with a sibling that
    /// they may not belong beside, or running nowhere.
    pub(super) const fn entangled(&self) -> &BTreeSet<ServiceId> {
        &self.index.entangled
    }

    /// Placements in which a hand changed an instance.
    pub fn touched(&self) -> impl Iterator<Item = &Placement> {
        self.unquiet_where(|unrest| unrest.by_hand)
    }

    /// Placements in which an instance keeps dying.
    pub fn dying(&self) -> impl Iterator<Item = &Placement> {
        self.unquiet_where(|unrest| unrest.looping)
    }

    fn unquiet_where(&self, holds: impl Fn(Unrest) -> bool) -> impl Iterator<Item = &Placement> {
        let found = self.index.unquiet.iter().filter(move |(_, unrest)| holds(**unrest));
        found.filter_map(|(id, _)| self.placements.get(id))
    }

    /// What is to be said of a placement by itself.
    pub(super) fn unrest(&self, place: &PlacementId) -> Unrest {
        self.index.unquiet.get(place).copied().unwrap_or_default()
    }

    /// Whether nothing is to be said of a placement, by itself or for what others do.
    pub(super) fn rests(&self, place: &PlacementId) -> bool {
        !self.index.unquiet.contains_key(place) && !self.index.entangled.contains(&place.service)
    }

    /// Groups whose siblings may be on versions that do not belong together, in the order of their names. All others are in step.
    pub(super) fn may_be_out_of_step(&self) -> impl Iterator<Item = &Group> {
        let parted = self.index.parted.iter().filter_map(|service| Some(&self.declaration.group_of(service)?.id));
        let groups: BTreeSet<&GroupId> = self.index.paired.iter().chain(parted).collect();
        groups.into_iter().filter_map(|group| self.declaration.group(group))
    }

    /// Takes in that a service goes back alone.
    pub(super) fn index_apart(&mut self, service: &ServiceId) {
        self.index.parted.insert(service.clone());
    }

    /// The pushes that ever moved a service, oldest first.
    pub(super) fn pushes_of(&self, service: &ServiceId) -> impl DoubleEndedIterator<Item = &Push> {
        self.index.moved_by.get(service).into_iter().flatten().filter_map(|push| self.pushes.get(push))
    }

    /// Takes in a push that has just been asked for. Not left to what follows a change: the fold itself asks who moves what.
    pub(super) fn index_push(&mut self, plan: &PushPlan) {
        for part in &plan.moves {
            let known = self.index.moved_by.entry(part.service.clone()).or_default();
            if let Err(place) = known.binary_search(&plan.id) {
                known.insert(place, plan.id);
            }
            self.index.entangled.insert(part.service.clone());
        }
    }

    /// Brings the index up to what a change has just done.
    pub(super) fn reindex(&mut self, change: &Change) {
        match &change.fact {
            Fact::Declared { .. } => self.reindex_all(),
            Fact::Observed { observations } => self.look_at_each(observations.iter().map(|seen| &seen.instance.placement)),
            Fact::Issued { operations, .. } => {
                self.look_at_each(operations.iter().map(|operation| &operation.instance.placement));
            }
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
        let nowhere = self.declaration.services.iter().filter(|service| service.deployments.is_empty()).map(|service| &service.id);
        let pushed = self.index.moved_by.keys();
        let paired = self.index.paired.iter().filter_map(|group| self.declaration.group(group)).flat_map(|group| &group.services);
        self.index.entangled = pushed.chain(paired).chain(nowhere).cloned().collect();
        let unquiet = self.placements.values().filter_map(|placement| Some((placement.id.clone(), placement.unrest()?)));
        self.index.unquiet = unquiet.collect();
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

    /// Looks at places of which those that are alike mostly follow one another.
    fn look_at_each<'a>(&mut self, places: impl Iterator<Item = &'a PlacementId>) {
        let mut last = None;
        for place in places {
            if last != Some(place) {
                last = Some(place);
                self.look_at(place);
            }
        }
    }

    fn look_at(&mut self, place: &PlacementId) {
        match (self.placements.get(place).and_then(Placement::unrest), self.index.unquiet.get_mut(place)) {
            (Some(found), Some(known)) => *known = found,
            (Some(found), None) => drop(self.index.unquiet.insert(place.clone(), found)),
            (None, Some(_)) => drop(self.index.unquiet.remove(place)),
            (None, None) => {}
        }
    }
}
