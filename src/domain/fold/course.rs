//! A push's way: asked for, from stage to stage, and how it ends. Here grants are given and taken.

use std::collections::BTreeMap;

use super::super::duty::Driver;
use super::super::fleet::Fleet;
use super::super::id::{PlacementId, PushId, ServiceId};
use super::super::placement::{Grant, Placement};
use super::super::push::{Apart, BakeClock, Course, Cursor, Push, PushPlan};
use super::super::rollback::Rollback;
use super::super::stage::PlannedStage;
use super::super::time::EngineTime;

impl Fleet {
    pub(super) fn request(&mut self, plan: &PushPlan) {
        for stage in &plan.stages {
            for part in &plan.moves {
                if let Some(placement) = self.placements.get_mut(&PlacementId::new(part.service.clone(), stage.environment.clone()))
                {
                    placement.desired = part.to.version.clone();
                }
            }
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
    }

    pub(super) fn enter(&mut self, id: PushId, index: u32, at: EngineTime) {
        let declaration = &self.declaration;
        let Some(push) = self.pushes.get_mut(&id) else { return };
        let stage = push.plan.stages.get(index as usize);
        let exempt = stage.is_some_and(|stage| declaration.schedule(&stage.environment, Some(&push.plan.group)).shut(at).is_some());
        let (entry, bake) = (push.cursor.entry + 1, BakeClock::default());
        push.cursor = Cursor { stage: Some(index), entry, entered: at, arrived: None, bake, exempt };
        push.approvals.clear();
        push.promoted = None;
        if let Some(stage) = push.plan.stages.get(index as usize) {
            grant(&mut self.placements, &push.plan, stage);
        }
    }

    /// Lets a push move again. What was taken out of its stage (a service that went back alone, a drained cell) comes into it again:
    /// that is another occurrence of its gate, and is watched from the beginning.
    pub(super) fn resume(&mut self, id: PushId, at: EngineTime) {
        let Some(push) = self.pushes.get_mut(&id) else { return };
        push.holds.clear();
        push.stop = None;
        if !push.apart.is_empty() || !push.drained.is_empty() {
            push.cursor = Cursor {
                stage: push.cursor.stage,
                entry: push.cursor.entry + 1,
                entered: at,
                arrived: None,
                bake: BakeClock::default(),
                exempt: push.cursor.exempt,
            };
            for service in std::mem::take(&mut push.apart).into_keys() {
                let Some(part) = push.move_of(&service) else { continue };
                for environment in part.from.keys() {
                    if let Some(placement) = self.placements.get_mut(&PlacementId::new(service.clone(), environment.clone())) {
                        placement.desired = part.to.version.clone();
                    }
                }
            }
            push.drained.clear();
            let entered = push.cursor.stage.map_or(0, |stage| stage as usize + 1);
            for stage in push.plan.stages.iter().take(entered) {
                grant(&mut self.placements, &push.plan, stage);
            }
        }
        // A stage's deadline does not run while the push is held.
        if push.cursor.arrived.is_none() {
            push.cursor.entered = at;
        }
    }

    pub(super) fn take_apart(&mut self, id: PushId, service: &ServiceId, apart: &Apart) {
        let Some(push) = self.pushes.get_mut(&id) else { return };
        push.apart.insert(service.clone(), apart.clone());
        for (environment, from) in push.move_of(service).into_iter().flat_map(|part| &part.from) {
            let place = PlacementId::new(service.clone(), environment.clone());
            if let Some(placement) = self.placements.get_mut(&place) {
                placement.grant = None;
                placement.desired = from.clone();
                placement.base = from.clone();
            }
        }
    }

    pub(super) fn go_back(&mut self, id: PushId, rollback: &Rollback) {
        let Some(push) = self.pushes.get_mut(&id) else { return };
        // Deciding to go back ends everything that could still take the push forward, in this one record.
        push.approvals.clear();
        push.promoted = None;
        push.holds.clear();
        push.apart.clear();
        push.drained.clear();
        // What the stop was for the rollback does itself, and shows as its first step.
        push.stop = None;
        push.course = Course::Back { rollback: Box::new(rollback.clone()) };
        for part in &push.plan.moves {
            for (environment, from) in &part.from {
                let place = PlacementId::new(part.service.clone(), environment.clone());
                if let Some(placement) = self.placements.get_mut(&place) {
                    placement.grant = None;
                    placement.desired = from.clone();
                    placement.base = from.clone();
                }
            }
        }
    }

    pub(super) fn converge(&mut self, id: PushId, at: EngineTime) {
        let Some(push) = self.pushes.get_mut(&id) else { return };
        push.course = Course::Converged { at };
        push.holds.clear();
        push.stop = None;
        for part in &push.plan.moves {
            for environment in part.from.keys() {
                let place = PlacementId::new(part.service.clone(), environment.clone());
                if let Some(placement) = self.placements.get_mut(&place) {
                    placement.base = part.to.version.clone();
                    placement.desired = part.to.version.clone();
                    placement.grant = None;
                }
            }
        }
    }
}

/// Gives every service what a stage grants it.
fn grant(placements: &mut BTreeMap<PlacementId, Placement>, plan: &PushPlan, stage: &PlannedStage) {
    for part in &plan.moves {
        let Some(instances) = stage.grants.get(&part.service) else { continue };
        let place = PlacementId::new(part.service.clone(), stage.environment.clone());
        if let Some(placement) = placements.get_mut(&place) {
            placement.grant = Some(Grant { version: part.to.version.clone(), instances: instances.clone() });
        }
    }
}
