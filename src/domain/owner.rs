//! Which push answers for a placement. In a train, and while one push takes another's place, several move the same service.
//!
//! One rule, in this order, among the pushes under way that move the service:
//! 1. The one whose cursor is there; one that goes back before one that goes forward.
//! 2. Of those that go back and have something to answer for there, the one asked for first.
//! 3. The one that replaced a push whose instances there are still to go back.
//!
//! The owner alone moves instances. Where there is none, the engine keeps what the target says.

use super::environment::Environment;
use super::fleet::Fleet;
use super::id::{EnvironmentId, PlacementId, PushId, ServiceId, Version};
use super::placement::{Instance, Placement};
use super::push::{Course, Push};
use super::service::Succession;

impl Fleet {
    /// The push that alone may move a placement's instances now; `None` where the engine only keeps the target.
    pub fn owner(&self, place: &PlacementId) -> Option<&Push> {
        let environment = &place.environment;
        let is_at = |push: &&Push| push.stage().is_some_and(|stage| stage.environment == *environment);
        let back = || self.open_pushes_of(&place.service).filter(|push| !push.is_forward() && self.answers_for(push, place));
        let forward = || self.open_pushes_of(&place.service).filter(|push| push.is_forward());
        let first = |pushes: &mut dyn Iterator<Item = &'_ Push>| pushes.map(|push| (push.plan.requested, push.id())).min();
        let found = first(&mut back().filter(is_at))
            .or_else(|| first(&mut forward().filter(is_at)))
            .or_else(|| first(&mut back()))
            .or_else(|| {
                let placement = self.placement_by_id(place)?;
                first(&mut forward().filter(|push| self.receding(push, placement) > 0))
            });
        found.and_then(|(_, id)| self.push(id))
    }

    /// Whether a push on its way back has to see a placement restored: it has been there, or nobody else has.
    pub fn answers_for(&self, push: &Push, place: &PlacementId) -> bool {
        let others = || self.open_pushes_of(&place.service).filter(|other| other.id() != push.id());
        push.has_been_in(&place.environment) || !others().any(|other| other.has_been_in(&place.environment))
    }

    /// The push that a placement's status and sentences are about: its owner, else of those under way the newest that has been there,
    /// else the first that will come there, else the last that was there.
    pub fn push_at(&self, place: &PlacementId) -> Option<&Push> {
        let environment = &place.environment;
        let comes = |push: &&Push| push.plan.stages.iter().any(|stage| stage.environment == *environment);
        let order = |push: &&Push| (push.plan.requested, push.id());
        self.owner(place)
            .or_else(|| self.open_pushes_of(&place.service).filter(|push| push.has_been_in(environment)).max_by_key(order))
            .or_else(|| self.open_pushes_of(&place.service).filter(comes).min_by_key(order))
            .or_else(|| self.last_push_of(&place.service))
    }

    /// Whether more of what is granted in a placement may be exposed: nobody stopped the push that it was granted to, and that push is
    /// not away on a detour.
    pub fn may_expose_at(&self, placement: &Placement) -> bool {
        let Some(grant) = &placement.grant else { return true };
        let environment = &placement.id.environment;
        self.open_pushes_of(&placement.id.service)
            .filter(|push| push.brings(&placement.id.service, environment, &grant.version))
            .all(|push| push.may_expose() && push.resumes().is_none_or(|stage| stage.environment != *environment))
    }

    /// Instances of a placement that a replaced push has left where the push that replaced it has not come yet, and that are to go
    /// back.
    pub fn receding(&self, push: &Push, placement: &Placement) -> u32 {
        let environment = &placement.id.environment;
        if !push.plan.before.taken_over.contains(environment) || push.has_entered(environment) {
            return 0;
        }
        let stays = |version: &Version| {
            *version == placement.base || placement.grant.as_ref().is_some_and(|grant| grant.version == *version)
        };
        let recedes = |version: &Version| push.brings(&placement.id.service, environment, version) && !stays(version);
        // What only stands by has gone back as far as anybody meets it.
        let live = placement.instances().filter(|(cell, index, instance)| placement.is_live(cell, *index, instance));
        live.filter(|(_, _, instance)| recedes(&instance.version) || recedes(instance.heading_for())).count() as u32
    }

    /// Whether an instance runs, or is being moved to, what a push brought.
    pub fn is_of(&self, push: &Push, place: &PlacementId, instance: &Instance) -> bool {
        let brings = |version: &Version| push.brings(&place.service, &place.environment, version);
        brings(&instance.version) || brings(instance.heading_for())
    }

    /// Whether anything that a push brought runs in an environment, or is on its way there.
    pub fn is_touched(&self, push: &Push, environment: &EnvironmentId) -> bool {
        push.plan
            .moves
            .iter()
            .filter_map(|part| self.placement(&part.service, environment))
            .any(|placement| placement.instances().any(|(_, _, instance)| self.is_of(push, &placement.id, instance)))
    }

    /// The environment where a push exposes most: the furthest in which something it brought runs, and at least the one its cursor is
    /// in. On a detour that is where it set out from.
    pub fn front_of<'a>(&'a self, push: &'a Push) -> Option<&'a EnvironmentId> {
        let at = push.environment();
        let beyond =
            push.plan.stages.iter().rev().map(|stage| &stage.environment).take_while(|environment| Some(*environment) != at);
        beyond.into_iter().find(|environment| self.is_touched(push, environment)).or(at)
    }

    /// The push under way right ahead of one in a train: what is over has moved on.
    pub fn ahead_of(&self, push: &Push) -> Option<&Push> {
        let mut ahead = push.plan.before.ahead;
        while let Some(found) = ahead.and_then(|id| self.push(id)) {
            if found.is_open() {
                return Some(found);
            }
            ahead = found.plan.before.ahead.filter(|next| *next != found.id());
        }
        None
    }

    /// Pushes of the same train, asked for after one, that go forward and contain what it brought; with a service of it and the
    /// version contained.
    pub fn containing(&self, push: &Push) -> Vec<(PushId, ServiceId, Version)> {
        let later = |other: &&Push| {
            other.plan.group == push.plan.group
                && other.is_forward()
                && other.id() != push.id()
                && (other.plan.requested, other.id()) > (push.plan.requested, push.id())
        };
        let contained = |other: &Push| {
            other.plan.moves.iter().find_map(|part| {
                let gone = push.move_of(&part.service)?;
                let is_gone = |version: &Version| gone.to.version == *version || gone.replaced.contains(version);
                let version = self.line_of(&part.service, &part.to.version).into_iter().find(|version| is_gone(version))?;
                Some((other.id(), part.service.clone(), version.clone()))
            })
        };
        self.pushes().filter(later).filter_map(contained).collect()
    }

    /// A version and those it was made from, newest first.
    fn line_of<'a>(&'a self, service: &ServiceId, version: &'a Version) -> Vec<&'a Version> {
        let mut line = vec![version];
        while let Some(before) = line
            .last()
            .and_then(|version| self.declaration.release(service, version))
            .and_then(|release| release.based_on.as_ref())
            .filter(|before| !line.contains(before))
        {
            line.push(before);
        }
        line
    }

    /// Whether the releases of a push's group follow each other, and how many may be in flight.
    pub fn train_of(&self, push: &Push) -> Option<u32> {
        match self.declaration.group(&push.plan.group)?.releases {
            Succession::Train { most } => Some(most),
            Succession::Replace => None,
        }
    }

    /// Whether a push has left an environment for the next one, with everything converged there; or is over.
    pub fn has_left(&self, push: &Push, environment: &EnvironmentId) -> bool {
        let moved_on = push.has_entered(environment) && push.stage().is_some_and(|stage| stage.environment != *environment);
        let is_base = || {
            push.plan
                .moves
                .iter()
                .filter_map(|part| Some((part, self.placement(&part.service, environment)?)))
                .all(|(part, placement)| placement.base == part.to.version && placement.is_on_target())
        };
        matches!(push.course, Course::Converged { .. }) || (push.is_forward() && moved_on && is_base())
    }

    /// Whether users are in an environment.
    pub fn has_users(&self, environment: &EnvironmentId) -> bool {
        self.declaration.environment(environment).is_some_and(Environment::has_users)
    }
}
