//! A push's way: asked for, from stage to stage, and how it ends. Here grants are given and taken.

use super::super::duty::Driver;
use super::super::fleet::Fleet;
use super::super::id::{PlacementId, PushId};
use super::super::placement::Grant;
use super::super::push::{BakeClock, Course, Cursor, Push, PushPlan};
use super::super::rollback::Rollback;
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
        let Some(stage) = push.plan.stages.get(index as usize) else { return };
        for part in &push.plan.moves {
            let Some(instances) = stage.grants.get(&part.service) else { continue };
            let place = PlacementId::new(part.service.clone(), stage.environment.clone());
            if let Some(placement) = self.placements.get_mut(&place) {
                placement.grant = Some(Grant { version: part.to.version.clone(), instances: instances.clone() });
            }
        }
    }

    pub(super) fn go_back(&mut self, id: PushId, rollback: &Rollback) {
        let Some(push) = self.pushes.get_mut(&id) else { return };
        // Deciding to go back ends everything that could still take the push forward, in this one record.
        push.approvals.clear();
        push.promoted = None;
        push.holds.clear();
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
