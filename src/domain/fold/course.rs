//! A push's way: asked for, from stage to stage, and how it ends. Here grants are given and taken.

use super::super::duty::Driver;
use super::super::fleet::Fleet;
use super::super::id::{EnvironmentId, GateId, PlacementId, PushId, ServiceId, Version};
use super::super::person::Actor;
use super::super::placement::{Grant, Placement};
use super::super::push::{BakeClock, Course, Cursor, Fix, Push, PushPlan};
use super::super::requirement::RequirementKind;
use super::super::rollback::Rollback;
use super::super::service::{Release, Succession};
use super::super::stage::Green;
use super::super::time::EngineTime;
use super::super::waiver::Waiver;
use super::sign;

impl Fleet {
    pub(super) fn request(&mut self, plan: &PushPlan) {
        for replaced in &plan.before.replaces {
            self.replace(*replaced, plan);
        }
        let mut push = Push::requested(plan.clone());
        let owners = self.declaration.group(&plan.group).map(|group| &group.owners);
        // Whoever asks for a push of their own group drives it until somebody takes over.
        push.driver = plan
            .requested_by
            .person()
            .filter(|person| owners.is_some_and(|role| self.declaration.has_role(person, std::slice::from_ref(role))))
            .map(|person| Driver { by: person.clone(), since: plan.requested });
        self.pushes.insert(plan.id, push);
        self.index_push(plan);
        for part in &plan.moves {
            for stage in &plan.stages {
                self.settle_desired(&part.service, &stage.environment);
            }
        }
    }

    /// A newer push takes a push's place. Where the old one was through, the newer one starts from what it brought; where both carry
    /// the very same release, that stays; everything else is to go back.
    fn replace(&mut self, id: PushId, newer: &PushPlan) {
        let Some(push) = self.pushes.get_mut(&id) else { return };
        push.course = Course::Replaced { by: newer.id, at: newer.requested };
        push.approvals.clear();
        push.promoted = None;
        push.holds.clear();
        push.stop = None;
        let moves = push.plan.moves.clone();
        for part in &moves {
            let stays = newer.moves.iter().any(|other| other.service == part.service && other.to == part.to);
            for environment in part.from.keys() {
                let place = PlacementId::new(part.service.clone(), environment.clone());
                let Some(placement) = self.placements.get_mut(&place) else { continue };
                if stays && placement.grant.as_ref().is_some_and(|grant| grant.version == part.to.version) {
                    continue;
                }
                if is_all(placement, &part.to.version) {
                    placement.base = part.to.version.clone();
                    placement.let_blue_go();
                }
                placement.grant = None;
            }
        }
    }

    pub(super) fn enter(&mut self, id: PushId, index: u32, at: EngineTime) {
        let Some(push) = self.pushes.get(&id) else { return };
        let Some(stage) = push.plan.stages.get(index as usize).cloned() else { return };
        let left = push.stage().map(|before| before.environment.clone()).filter(|before| *before != stage.environment);
        if let Some(left) = &left {
            self.let_blue_go(id, left);
        }
        let Some(push) = self.pushes.get(&id) else { return };
        let exempt = self.declaration.schedule(&stage.environment, Some(&push.plan.group)).shut(at).is_some();
        let is_new_there = !push.has_been_in(&stage.environment);
        let is_train = self.declaration.group(&push.plan.group).is_some_and(|group| group.releases != Succession::Replace);
        let moves: Vec<(ServiceId, Version)> =
            push.plan.moves.iter().map(|part| (part.service.clone(), part.to.version.clone())).collect();
        for (service, to) in &moves {
            let Some(instances) = stage.grants.get(service) else { continue };
            let Some(placement) = self.placements.get_mut(&PlacementId::new(service.clone(), stage.environment.clone())) else {
                continue;
            };
            let mut instances = instances.clone();
            // The very same release may be there already, left by the push that this one replaced: it is not taken away.
            if let Some(there) = placement.grant.as_ref().filter(|there| there.version == *to) {
                for (cell, granted) in &there.instances {
                    let least = instances.entry(cell.clone()).or_insert(0);
                    *least = (*least).max(*granted);
                }
            }
            placement.grant = Some(Grant { version: to.clone(), instances });
            // Where blue was let go there is nothing beside which a fix could be warmed: it is installed in place.
            if stage.green == Some(Green::Warm) || placement.kept_green().is_some() {
                placement.want_green(to);
            }
            // What it goes back to is what it met: in a train that is what the push ahead has left there.
            let met = placement.base.clone();
            if is_new_there && is_train {
                self.with(id, |push| {
                    if let Some(part) = push.plan.moves.iter_mut().find(|part| part.service == *service) {
                        part.from.insert(stage.environment.clone(), met);
                    }
                });
            }
        }
        for ((service, to), left) in moves.iter().zip(std::iter::repeat(left)).filter(|_| is_train) {
            let Some(left) = left else { continue };
            if let Some(placement) = self.placements.get_mut(&PlacementId::new(service.clone(), left))
                && is_all(placement, to)
            {
                placement.base = to.clone();
                placement.grant = None;
            }
        }
        self.with(id, |push| {
            push.checks.clear();
            push.pass_into(&stage, at);
            push.inside.entry(stage.environment.clone()).or_insert(at);
            let gate = push.gate();
            push.waivers.retain(|waiver| outlives(waiver, gate));
            push.cursor = Cursor {
                stage: Some(index),
                furthest: push.cursor.furthest.max(Some(index)),
                entry: push.cursor.entry + 1,
                entered: at,
                arrived: None,
                bake: BakeClock::default(),
                exempt,
            };
            push.evidence = None;
            push.approvals.clear();
            push.voided = None;
            push.promoted = None;
            if let Some(fix) = push.fix.as_mut().filter(|fix| fix.resume_at == index) {
                fix.resumed = true;
            }
        });
    }

    /// Releases take the place of what is in flight. The push sets out anew through the earlier environments; where it was, it keeps
    /// what it has, and not one instance more.
    pub(super) fn fix(&mut self, id: PushId, releases: &[Release], by: &Actor, at: EngineTime) {
        let Some(push) = self.pushes.get_mut(&id) else { return };
        let Some(resume_at) = push.detour().map(|fix| fix.resume_at).or(push.cursor.stage) else { return };
        for release in releases {
            let Some(part) = push.plan.moves.iter_mut().find(|part| part.service == release.service) else { continue };
            let before = std::mem::replace(&mut part.to, release.clone());
            part.replaced.push(before.version);
        }
        // What was let pass was let pass of the release before.
        push.waivers.clear();
        push.checks.clear();
        push.fix = Some(Fix { by: by.clone(), at, resume_at, resumed: false });
        push.cursor = Cursor { furthest: push.cursor.furthest, entry: push.cursor.entry + 1, entered: at, ..Cursor::default() };
        push.evidence = None;
        push.approvals.clear();
        push.promoted = None;
        let Some(environment) = push.plan.stages.get(resume_at as usize).map(|stage| stage.environment.clone()) else { return };
        let services: Vec<ServiceId> = push.plan.moves.iter().map(|part| part.service.clone()).collect();
        for service in services {
            let Some(placement) = self.placements.get_mut(&PlacementId::new(service.clone(), environment.clone())) else {
                continue;
            };
            keep_what_is_there(placement);
            self.settle_desired(&service, &environment);
        }
        for release in releases {
            for environment in self.declaration.environments.iter().map(|found| found.id.clone()).collect::<Vec<_>>() {
                self.settle_desired(&release.service, &environment);
            }
        }
    }

    pub(super) fn go_back(&mut self, id: PushId, rollback: &Rollback) {
        let Some(push) = self.pushes.get_mut(&id) else { return };
        // Deciding to go back ends everything that could still take the push forward, in this one record.
        push.approvals.clear();
        push.waivers.clear();
        push.promoted = None;
        push.checks.clear();
        push.holds.clear();
        push.apart.clear();
        push.drained.clear();
        // What somebody said they saw was another thing.
        push.acknowledged = None;
        // What the stop was for the rollback does itself, and shows as its first step.
        push.stop = None;
        push.sign = push.sign.take().or_else(|| sign::of_rollback(rollback));
        push.course = Course::Back { rollback: Box::new(rollback.clone()) };
        let moves = push.plan.moves.clone();
        for part in &moves {
            for (environment, from) in &part.from {
                let Some(push) = self.pushes.get(&id) else { return };
                let was_there = push.has_been_in(environment);
                let place = PlacementId::new(part.service.clone(), environment.clone());
                let is_own = |version: &Version| push.brings(&part.service, environment, version);
                if let Some(placement) = self.placements.get_mut(&place).filter(|_| was_there) {
                    // Blue runs another version than it goes back to: it is not switched back to, but installed anew.
                    if placement.base != *from {
                        placement.stop_green();
                    }
                    placement.base = from.clone();
                    if placement.grant.as_ref().is_some_and(|grant| is_own(&grant.version) || grant.version == part.to.version) {
                        placement.grant = None;
                    }
                    placement.accept_strays();
                }
                if was_there {
                    self.met_before(id, &part.service, environment, from);
                }
                self.settle_desired(&part.service, environment);
            }
        }
    }

    /// Pushes behind one that goes back met what it had brought; what they go back to is now what ran before that.
    fn met_before(&mut self, id: PushId, service: &ServiceId, environment: &EnvironmentId, from: &Version) {
        let Some(gone) = self.pushes.get(&id).and_then(|push| push.move_of(service)).cloned() else { return };
        for (_, behind) in self.pushes.iter_mut().filter(|(other, push)| **other != id && push.is_open()) {
            let part = behind.plan.moves.iter_mut().find(|part| part.service == *service);
            if let Some(met) = part.and_then(|part| part.from.get_mut(environment))
                && gone.brings(environment, met)
            {
                *met = from.clone();
            }
        }
    }

    /// Blue is kept no longer beside what a push has brought to an environment.
    pub(super) fn let_blue_go(&mut self, id: PushId, environment: &EnvironmentId) {
        for place in self.beside_green(id, Some(environment)) {
            if let Some(placement) = self.placements.get_mut(&place) {
                placement.let_blue_go();
            }
        }
    }

    /// Nothing of a push is kept running on a green side any more.
    pub(super) fn stop_green(&mut self, id: PushId) {
        for place in self.beside_green(id, None) {
            if let Some(placement) = self.placements.get_mut(&place) {
                placement.stop_green();
            }
        }
    }

    fn beside_green(&self, id: PushId, environment: Option<&EnvironmentId>) -> Vec<PlacementId> {
        let Some(push) = self.pushes.get(&id) else { return Vec::new() };
        let environments: Vec<&EnvironmentId> = match environment {
            Some(environment) => vec![environment],
            None => self.declaration.environments.iter().map(|environment| &environment.id).collect(),
        };
        environments.into_iter().flat_map(|place| self.blue_kept(push, place)).map(|placement| placement.id.clone()).collect()
    }

    pub(super) fn converge(&mut self, id: PushId, at: EngineTime) {
        for environment in self.declaration.environments.iter().map(|found| found.id.clone()).collect::<Vec<_>>() {
            self.let_blue_go(id, &environment);
        }
        let Some(push) = self.pushes.get_mut(&id) else { return };
        push.pass_on(at);
        push.course = Course::Converged { at };
        push.holds.clear();
        push.waivers.clear();
        push.stop = None;
        let moves = push.plan.moves.clone();
        for part in &moves {
            for environment in part.from.keys() {
                let place = PlacementId::new(part.service.clone(), environment.clone());
                // The push behind it in a train has taken over there.
                let is_anothers = self.pushes.values().any(|other| {
                    other.id() != id && other.is_open() && other.has_been_in(environment) && other.move_of(&part.service).is_some()
                });
                if let Some(placement) = self.placements.get_mut(&place).filter(|_| !is_anothers) {
                    placement.base = part.to.version.clone();
                    placement.grant = None;
                    placement.accept_strays();
                }
                self.settle_desired(&part.service, environment);
            }
        }
    }

    /// Where a placement should end: on what the newest push that goes forward there brings, else on what it goes back to.
    pub(super) fn settle_desired(&mut self, service: &ServiceId, environment: &EnvironmentId) {
        let goes_there = |push: &&Push| push.is_forward() && push.plan.stages.iter().any(|stage| stage.environment == *environment);
        let newest = self.pushes.values().filter(goes_there).filter_map(|push| Some((push.plan.requested, push.move_of(service)?)));
        let newest = newest.max_by_key(|(requested, _)| *requested).map(|(_, part)| part.to.version.clone());
        if let Some(placement) = self.placements.get_mut(&PlacementId::new(service.clone(), environment.clone())) {
            placement.desired = newest.unwrap_or_else(|| placement.base.clone());
        }
    }
}

/// Whether a placement may be, and is, on one granted version everywhere.
fn is_all(placement: &Placement, version: &Version) -> bool {
    let all_granted = placement.cells.keys().all(|cell| placement.granted_in(cell) >= placement.size_in(cell));
    placement.grant.as_ref().is_some_and(|grant| grant.version == *version)
        && all_granted
        && placement.count(version) == placement.size()
}

/// Takes back what was granted and has not been taken up.
fn keep_what_is_there(placement: &mut Placement) {
    let Some(version) = placement.grant.as_ref().map(|grant| grant.version.clone()) else { return };
    let there: Vec<_> = placement
        .cells
        .keys()
        .map(|cell| (cell.clone(), placement.count_where(cell, |instance| *instance.heading_for() == version)))
        .collect();
    if let Some(grant) = &mut placement.grant {
        for (cell, there) in there {
            if let Some(granted) = grant.instances.get_mut(&cell) {
                *granted = (*granted).min(there);
            }
        }
    }
}

/// Whether a waiver has an effect beyond the gate that was left. A limit that was waived must not send the push back as soon as it has
/// moved on; a reserve that was waived is what the step it let begin is carried out with. Neither lets the next gate be passed.
fn outlives(waiver: &Waiver, left: GateId) -> bool {
    waiver.is_agreed()
        && match waiver.requirement {
            RequirementKind::Threshold { .. } => true,
            RequirementKind::Capacity => waiver.gate == left,
            _ => false,
        }
}
